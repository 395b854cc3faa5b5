"""`softpower index build --replay`: one replication shows what it drew, and nothing that goes without saying."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from softpower.cli import main

MODEL = """\
id = "mine"
title = "Mine"
[nodes.top]
title = "Top"
[indicators.a]
title = "A"
node = "top"
direction = -1
[indicators.b]
title = "B"
node = "top"
error = "sd"
[screening]
share = 0.5
[normalise]
method = "scaled"
low = 0
high = 100
[uncertainty]
weights_cv = 0.0
[[uncertainty.aggregate]]
method = "arithmetic"
[[uncertainty.aggregate]]
method = "geometric"
floor = 5
"""
TABLE = "unit,name,a,b,sd\nA,Aston,10,40,2\nB,Bexley,,50,0\nC,Corby,30,60,0\nD,Dale,45,71,3\n"


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """Builds the model, or a replication of it."""
    (tmp_path / "m.toml").write_text(MODEL, encoding="utf-8")
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    files = [str(tmp_path / "m.toml"), "--data", str(tmp_path / "t.csv"), "--draws", "100"]

    def built(*arguments: str) -> str:
        done = CliRunner().invoke(main, ["index", "build", *files, *arguments])
        assert done.exit_code == 0, done.output
        return str(done.stdout)

    return built


def test_a_replication_names_every_cell_it_drew(run: Any) -> None:
    cells = json.loads(run("--replay", "3", "--json"))["cells"]
    assert [(each["indicator"], each["unit"], each["kind"], each["published"]) for each in cells] == [
        ("a", "B", "imputed", None),
        ("b", "A", "error", 40.0),
        ("b", "D", "error", 71.0),
    ]


def test_scores_are_those_of_the_cells_that_were_drawn(run: Any) -> None:
    # As the first of the replications that join by an arithmetic mean: the goalposts leave the cells as they are.
    for number in range(100):
        found = json.loads(run("--replay", str(number), "--json"))
        if found["methods"]["aggregation"]["method"] == "arithmetic":
            break
    scores = {row["unit"]: row["score"] for row in found["scores"]}
    a, b = {"A": 10.0, "C": 30.0, "D": 45.0}, {"B": 50.0, "C": 60.0}
    for each in found["cells"]:
        (a if each["indicator"] == "a" else b)[each["unit"]] = each["value"]
    for unit in "ABCD":
        assert scores[unit] == pytest.approx((100 - a[unit] + b[unit]) / 2)


def test_methods_are_shown_with_the_parameters_that_were_given(run: Any) -> None:
    shown = {
        json.dumps(json.loads(run("--replay", str(number), "--json"))["methods"]["aggregation"]) for number in range(12)
    }
    assert shown == {'{"method": "arithmetic"}', '{"method": "geometric", "floor": 5.0}'}


def test_the_drawn_cells_are_printed_with_names(run: Any) -> None:
    told = run("--replay", "3")
    assert "a of Bexley" in told
    assert "(imputed)" in told
    assert "b of Dale" in told
    assert "(published 71)" in told
    assert "order" not in told
    assert "shares" not in told


def test_no_number_is_of_single_precision_written_with_sixteen_digits(run: Any) -> None:
    rows = json.loads(run("--json"))["scores"]
    ends = [row[key] for row in rows for key in ("score", "score_low", "score_high")]
    assert not [end for end in ends if end == float(np.float32(end)) and len(repr(end)) > 10]
