"""The model files that the guide to one's own index shows are built as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from softpower.errors import BadRequest
from softpower.index import build
from softpower.index.faults import parse_model
from softpower.index.table import sheet

GUIDE = (Path(__file__).parents[2] / "docs" / "own-index.md").read_text(encoding="utf-8")
MODEL, ALTERNATIVES, WAYS, UNKNOWN = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
TABLE = sheet(re.findall(r"```\n(unit,.*?)```", GUIDE, re.DOTALL)[0].encode(), name="cities.csv")


def joined(*more: str) -> str:
    """The model of the guide with other tables; keys without a table come before the first."""
    keys, _, tables = WAYS.partition("\n[")
    head, _, tree = MODEL.partition("\n[nodes.appeal]")
    bare = "" if WAYS not in more else keys
    return "\n".join([head, bare, "[nodes.appeal]" + tree, *(f"[{tables}" if each == WAYS else each for each in more)])


@pytest.mark.parametrize("more", [(), (ALTERNATIVES,), (UNKNOWN,), (WAYS,), (WAYS, UNKNOWN)])
def test_the_models_of_the_guide_are_built(more: tuple[str, ...]) -> None:
    found = build(parse_model(joined(*more), name="cities.toml", series=TABLE.columns), TABLE, draws=100)
    assert len(found.units) == 6
    assert (
        found.name_of(found.units[int(np.argmin(found.central["appeal"]))]) == "Corby"
    )  # the last in all it is known for


def test_an_alternative_on_another_scale_is_refused_for_weights_that_need_one_above_zero() -> None:
    model = parse_model(joined(WAYS, ALTERNATIVES), name="cities.toml", series=TABLE.columns)
    with pytest.raises(BadRequest, match="in alternatives too"):
        build(model, TABLE, draws=100)
