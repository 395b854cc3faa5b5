"""Benefit of the doubt as a step of a model file against Compind 3.4: see test_conversion_gold for the plain functions.

Fusco, Vidoli, Sahoo (2018), Spatial heterogeneity in composite indicator: a methodological proposal, Omega 77.
Data: the five connectivity pillars of the ASEM index, European Commission, Joint Research Centre.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from softpower.index import build
from softpower.index.faults import parse_model

HERE = Path(__file__).parent / "coinr-asem"
PILLARS = ("Physical", "ConEcFin", "Political", "Instit", "P2P")


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ("", "24_bod_conn"),
        ("share = [0.1, 0.4]", "24_bod_constr_conn"),
        ("share = [0, 0.4]\nshares = { " + ", ".join(f"{each} = [0.1, 0.4]" for each in PILLARS) + " }",
         "24_bod_constr_conn"),
        ("prefer = { Physical = 1, P2P = 1.0 }", "24_bod_conn"),  # growth asked alike of all is no preference
    ],
)  # fmt: skip
def test_a_model_file_gives_the_published_scores(options: str, name: str) -> None:
    indicators = "\n".join(f'[indicators.{each}]\ntitle = "{each}"\nnode = "Conn"' for each in PILLARS)
    text = f"""
id = "conn"
title = "Connectivity"
[normalise]
method = "none"
[nodes.Conn]
title = "Connectivity"
[nodes.Conn.aggregate]
method = "benefit_of_the_doubt"
{options}
{indicators}
"""
    model = parse_model(text, name="conn.toml", series=PILLARS)
    found = build(model, HERE / "inputs" / "bod_pillars_conn.csv", draws=100)
    published = pl.read_csv(HERE / "gold" / f"{name}.csv")
    rows = [found.unit(unit) for unit in published["uCode"]]
    np.testing.assert_allclose(found.central["Conn"][rows], 100 * published["bod"].to_numpy(), rtol=1e-9)
    # Weights that are drawn change nothing: each unit has its own.
    np.testing.assert_allclose(found.sampled["Conn"], found.central["Conn"][None].repeat(100, 0), rtol=1e-6)
