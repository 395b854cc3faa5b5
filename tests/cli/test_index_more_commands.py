"""`softpower index conversion` through the command line."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from softpower.cli import main
from tests.cli.runs import refused

REFERENCE = Path(__file__).parents[1] / "reference"
ASEM = (str(REFERENCE / "asem.toml"), "--data", str(REFERENCE / "coinr-asem" / "inputs" / "asem_idata.csv"))


def test_a_model_without_potential_says_to_give_nodes() -> None:
    assert "--inputs" in refused(CliRunner().invoke(main, ["index", "conversion", *ASEM]))


def test_named_nodes_are_compared_with_efficiency_and_interval_by_unit_and_model() -> None:
    asked = ["index", "conversion", *ASEM, "--inputs", "Conn", "--outputs", "Sust", "--json"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert len(document["models"]) >= 2
    rows = document["efficiencies"]
    assert len(rows) == len(document["models"]) * len(document["peers"])
    assert all(row.keys() == {"unit", "model", "efficiency", "low", "high"} for row in rows)
    assert document["cautions"]
