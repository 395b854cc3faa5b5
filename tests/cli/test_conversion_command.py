"""What `softpower index conversion` prints: no bare place, peers by name, plain words, and all of it as JSON."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from softpower.cli.main import main
from tests.cli.runs import refused

REFERENCE = Path(__file__).parents[1] / "reference"
ASEM = (str(REFERENCE / "asem.toml"), "--data", str(REFERENCE / "coinr-asem" / "inputs" / "asem_idata.csv"))
NODES = ("--inputs", "Conn", "--outputs", "Sust", "--draws", "100")

MODEL = """
id = "small"
title = "Small"

[normalise]
method = "minmax"
scale = [0, 100]

[nodes.all]
title = "All"

[nodes.potential]
title = "Potential"
parent = "all"

[nodes.performance]
title = "Performance"
parent = "all"

[indicators.a]
title = "A"
node = "potential"

[indicators.b]
title = "B"
node = "performance"

[uncertainty]
weights_cv = 0.0
"""


@cache
def printed(*asked: str) -> str:
    done = CliRunner().invoke(main, ["index", "conversion", *asked])
    assert done.exit_code == 0, done.output
    return done.stdout


def document(*asked: str) -> dict[str, Any]:
    return dict(json.loads(printed(*asked, "--json")))


def small(folder: Path, units: int = 8, **columns: list[float]) -> tuple[str, ...]:
    """Arguments for a model of one potential and one performance on a table of two years."""
    rng = np.random.default_rng(1)
    given = {name: columns.get(name, rng.uniform(1, 9, units).round(2).tolist()) for name in "ab"}
    rows = {"unit": [f"U{k}" for k in range(units)] * 2, "year": [2020] * units + [2021] * units}
    rows |= {name: each + [value + 1 for value in reversed(each)] for name, each in given.items()}
    pl.DataFrame(rows).write_csv(folder / "data.csv")
    (folder / "model.toml").write_text(MODEL, encoding="utf-8")
    return str(folder / "model.toml"), "--data", str(folder / "data.csv"), "--draws", "100"


def test_every_line_of_the_table_has_intervals_a_range_of_places_and_peers() -> None:
    lines = printed(*ASEM, *NODES).splitlines()
    assert re.fullmatch(r"Sust\w* reached with Conn\w*(, 2018)?: 51 units, 90% intervals, 100 draws", lines[0])
    head = next(place for place, line in enumerate(lines) if line.endswith("unit"))
    columns = lines[head].split("  ")
    assert [each.strip() for each in columns if each.strip()] == [
        "dea", "order_m", "sfa_half_normal", "sfa_exponential", "points short", "places", "unit",
    ]  # fmt: skip
    rows = lines[head + 1 : head + 52]
    for row in rows:
        assert len(re.findall(r"\d+ \(\d+–\d+\)", row)) == 4
        assert len(re.findall(r"\d+\.\d \(\d+\.\d–\d+\.\d\)", row)) == 1
        assert re.search(r"  \d+–\d+  \S", row)
        assert "(measured by " in row or row.endswith("(on the frontier of dea)")
    said = " ".join(lines)
    assert "which is no ranking" in said
    assert "the others are not distinguishable" in said
    assert re.search(r"Of 1,275 pairs, \d+ can be told apart", said)
    assert "zero of a score is a convention" in said


def test_one_unit_is_told_apart_in_words_with_its_intervals_and_peers() -> None:
    text = printed(*ASEM, *NODES, "--unit", "KAZ")
    found = document(*ASEM, *NODES, "--unit", "KAZ")
    better, worse = found["better_than"]["KAZ"], found["less_well_than"]["KAZ"]
    assert f"not distinguishable from the other {50 - len(better) - len(worse)}." in text
    for word, names in (("better", better), ("less well", worse)):
        line = next(line for line in text.splitlines() if line.startswith(f"  {word} than "))
        count = "no other unit" if not names else f"{len(names)} unit"
        assert line.startswith(f"  {word} than {count}")
    assert "Kazakhstan turns " in text
    peers = [peer["unit"] for peer in found["peers"]["KAZ"]]
    assert text.count("a peer in ") == len([peer for peer in peers if peer != "KAZ"]) > 0
    for row in found["ranks"]:
        assert f"{row['rank_low']}–{row['rank_high']}" in text
    # Two kinds of interval, each by its name.
    assert "scores alone" in text
    assert "frontier alone" in text


def test_the_document_holds_every_interval_for_every_unit_and_model() -> None:
    found = document(*ASEM, *NODES)
    units = set(found["peers"])
    assert len(units) == 51
    assert found["models"] == ["dea", "order_m", "sfa_half_normal", "sfa_exponential"]
    assert found["models_in_points"] == ["directional"]
    for rows, value, models in (
        (found["efficiencies"], "efficiency", 4),
        (found["points_short"], "points", 1),
        (found["ranks"], "rank", 5),
    ):
        assert len(rows) == 51 * models
        low, high = ("rank_low", "rank_high") if value == "rank" else ("low", "high")
        assert all(row[low] <= row[value] <= row[high] for row in rows)
    assert len(found["intervals_apart"]) == 51 * 5
    for row in found["intervals_apart"]:
        assert row["scores_low"] <= row["scores_high"]
        assert row["frontier_low"] <= row["frontier_high"]
    for unit, others in found["better_than"].items():
        assert all(unit in found["less_well_than"][other] for other in others)
    assert set(found["replications"]) == {*found["models"], "directional"}
    # One unit is a part of the whole.
    alone = document(*ASEM, *NODES, "--unit", "KAZ")
    assert alone["efficiencies"] == [row for row in found["efficiencies"] if row["unit"] == "KAZ"]
    assert alone["peers"]["KAZ"] == found["peers"]["KAZ"]


def test_only_so_many_are_printed_and_the_seed_is_the_callers(tmp_path: Path) -> None:
    asked = small(tmp_path)
    text = printed(*asked, "--top", "3")
    assert len(re.findall(r"^ .*\d+–\d+  U\d", text, flags=re.MULTILINE)) == 3
    assert document(*asked, "--seed", "1")["ranks"] == document(*asked, "--seed", "1")["ranks"]
    assert document(*asked, "--seed", "1")["efficiencies"] != document(*asked, "--seed", "2")["efficiencies"]


def test_the_last_year_is_compared_unless_another_is_asked_for(tmp_path: Path) -> None:
    asked = small(tmp_path)
    last, first = document(*asked), document(*asked, "--year", "2020")
    assert (last["year"], first["year"]) == (2021, 2020)
    assert last["uncorrected"] != first["uncorrected"]
    assert document(*asked, "--year", "2021")["uncorrected"] == last["uncorrected"]


def test_constant_returns_are_cautioned_against(tmp_path: Path) -> None:
    asked = small(tmp_path)
    assert "natural zero" in printed(*asked, "--returns", "constant")
    assert "natural zero" not in printed(*asked)


def test_moved_scores_and_few_units_are_said(tmp_path: Path) -> None:
    text = printed(*small(tmp_path, units=4), "--year", "2020")  # which has the lowest of both, zero
    assert "Scores moved to 1-100: Potential, Performance" in text
    assert "4 units are few for 1 input and 1 output" in text
    assert "sfa_half_normal is left out" in text


@pytest.mark.parametrize("units", [1, 2])
def test_one_unit_or_two_are_refused(tmp_path: Path, units: int) -> None:
    message = refused(CliRunner().invoke(main, ["index", "conversion", *small(tmp_path, units=units)]))
    assert "give 3 or more" in message


def test_an_unknown_unit_and_another_kind_of_returns_are_refused(tmp_path: Path) -> None:
    asked = small(tmp_path)
    assert "U77" in refused(CliRunner().invoke(main, ["index", "conversion", *asked, "--unit", "U77"]))
    assert "'crs'" in refused(CliRunner().invoke(main, ["index", "conversion", *asked, "--returns", "crs"]))
