"""`softpower index build` through the command line: the JSON others rely on, the table people read, what it refuses."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from softpower.cli import main
from softpower.world import members
from tests.cli.runs import refused

ROOT = Path(__file__).parents[2]
DRAWS = ("--draws", "100")
FIELDS = {"node", "unit", "score", "rank", "rank_low", "rank_high"}


def build(*arguments: str) -> Result:
    """Run `softpower index build ARGUMENTS` in this process."""
    return CliRunner().invoke(main, ["index", "build", *DRAWS, *arguments])


def process(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `softpower index build ARGUMENTS` in a process of its own."""
    command = [sys.executable, "-m", "softpower", "index", "build", *DRAWS, *arguments]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def printed() -> str:
    """What a process prints for the default model as JSON, having said nothing else."""
    done = process("--json")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def scores(printed: str) -> list[dict[str, Any]]:
    """The scores in it."""
    found: list[dict[str, Any]] = json.loads(printed)["scores"]
    return found


# JSON.


def test_standard_output_is_one_json_document(printed: str) -> None:
    document = json.loads(printed, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert printed.count("\n") == 1
    assert document["model"] == "soft-power"
    assert (document["draws"], document["seed"], document["level"]) == (100, 7, 0.9)


def test_each_score_names_node_and_unit_and_has_its_rank_with_interval(scores: list[dict[str, Any]]) -> None:
    known = {each.iso3 for each in members()}
    for score in scores:
        assert score.keys() >= FIELDS
        assert score["unit"] in known
        assert math.isfinite(score["score"])
        assert all(type(score[name]) is int for name in ("rank", "rank_low", "rank_high"))
        assert 1 <= score["rank_low"] <= score["rank"] <= score["rank_high"]
    assert len({(score["node"], score["unit"]) for score in scores}) == len(scores)


def test_both_top_nodes_rank_at_least_150_states_and_all_nodes_the_same(scores: list[dict[str, Any]]) -> None:
    units = defaultdict(set)
    for score in scores:
        units[score["node"]].add(score["unit"])
    assert len(units["potential"]) >= 150
    assert all(found == units["potential"] for found in units.values())
    assert {"potential", "performance"} < units.keys()


def test_ranks_follow_scores_and_leave_no_place_out(scores: list[dict[str, Any]]) -> None:
    by_node = defaultdict(list)
    for score in scores:
        by_node[score["node"]].append(score)
    for found in by_node.values():
        # The rank of a state is one more than the number of states with a higher score; rounding makes none higher.
        for score in found:
            assert score["rank"] == 1 + sum(other["score"] - score["score"] > 1e-9 for other in found)
            assert score["rank_high"] <= len(found)


def test_without_a_model_the_default_is_built(printed: str) -> None:
    assert build("soft-power", "--json").stdout == printed


def test_another_seed_moves_intervals_but_no_central_value(printed: str) -> None:
    other = json.loads(build("--json", "--seed", "8").stdout)["scores"]
    usual = json.loads(printed)["scores"]
    assert [each["rank"] for each in other] == [each["rank"] for each in usual]
    assert [each["rank_low"] for each in other] != [each["rank_low"] for each in usual]


# The table.


def rows(text: str) -> Iterator[re.Match[str]]:
    """Lines of countries."""
    for line in text.splitlines():
        if found := re.fullmatch(r"\s*(\d+)\u2013(\d+)\s+(\d+)\s+(-?[\d.]+)\u2013(-?[\d.]+)\s+(\S.*)", line):
            yield found


def test_every_line_of_the_table_gives_the_interval_of_rank_and_score(scores: list[dict[str, Any]]) -> None:
    done = build("--top", "5")
    assert (done.exit_code, done.stderr) == (0, "")
    found = list(rows(done.stdout))
    assert len(found) == 10
    for line in found:
        low, high, central = map(int, line.group(1, 2, 3))
        assert low <= central <= high
        assert float(line[4]) <= float(line[5])
    heads = [line for line in done.stdout.splitlines() if "90% intervals" in line]
    assert [head.split(",")[0] for head in heads] == ["Potential", "Performance"]
    best = min((each for each in scores if each["node"] == "potential"), key=lambda each: each["rank"])
    assert found[0].group(1, 2, 3) == tuple(str(best[name]) for name in ("rank_low", "rank_high", "rank"))


def test_all_countries_are_printed_unless_told_otherwise(scores: list[dict[str, Any]]) -> None:
    names = [line[6] for line in rows(build("--node", "culture").stdout)]
    assert len(names) == len(set(names)) == len({score["unit"] for score in scores})
    assert "Kazakhstan" in names


# What is refused.


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.toml"], "none.toml: 1 fault"),
        (["--variant", "noregime"], "no variant 'noregime'; it has: no-regime"),
        (["--node", "cultur"], "unknown node 'cultur'; nearest: "),
        (["--year", "1800"], "in 1800; try a year near 2025"),
        (["--year", "99999999999999999999"], "is not in the range"),
        (["--draws", "20001"], "draws must lie between 100 and 20,000, not 20,001"),
        (["--seed", "-1"], "-1 is not in the range x>=0"),
        (["--top", "-1"], "-1 is not in the range x>=1"),
        (["soft-power", "another"], "unexpected extra argument"),
    ],
)
def test_a_mistake_is_one_message(arguments: list[str], said: str) -> None:
    assert said in refused(build(*arguments))


# Seven faults, each on the line that its comment numbers.
FAULTY = """\
id = "mine"
title = "Mine"
description = "A model with faults"
year = "2020"                      # 4: text, not a number
[expectation]
size = "wdi_gdp_constnt"           # 6: no such series
wealth = "wdi_gdp_pc_const"
[nodes.potential]
title = "Potential"
[nodes.education]
title = "Education"
parent = "potental"                # 12: no such node
[nodes.science]
title = "Science"
parent = "potential"
[indicators.students]
title = "Students"
node = "science"
series = "uis_tertiary_gr"         # 19: no such series
reason = "They study."
wieght = 2                         # 21: no such key
direction = 3                      # 22: neither 1 nor -1
window = 0                         # 23: no years
[indicators.graduates]
title = "Graduates"
node = "education"
series = "uis_tertiary_ger"
reason = "They have studied."
"""
LINES = {
    4: "year",
    6: "wdi_gdp_constnt",
    12: "potental",
    19: "uis_tertiary_gr",
    21: "wieght",
    22: "direction",
    23: "window",
}


def test_a_model_with_seven_faults_lists_all_seven_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(FAULTY, encoding="utf-8")
    message = refused(process(str(path)))
    assert f"{path}: 7 faults" in message
    told = dict(re.findall(r"^ +line (\d+), (.*)$", message, re.M))
    assert {int(line) for line in told} == LINES.keys()
    for line, name in LINES.items():
        assert name in told[str(line)]
    assert "nearest: uis_tertiary_ger" in told["19"]
    assert "nearest: potential" in told["12"]


def test_a_model_whose_weights_sum_to_zero_is_refused_with_the_node(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(weightless(), encoding="utf-8")
    message = refused(build(str(path)))
    assert "sum to zero" in message
    assert "education" in message


def weightless() -> str:
    """The bundled model, in which nothing of education counts."""
    text = (ROOT / "src" / "softpower" / "data" / "models" / "soft-power.toml").read_text(encoding="utf-8")
    spoilt, count = re.subn(r'^node = "education"$', 'node = "education"\nweight = 0', text, flags=re.M)
    assert count
    return spoilt


# dev.py.

THROUGH_DEV = """
import sys
from pathlib import Path
import dev
dev.PYTHON, dev.prepare = Path(sys.executable), lambda kind: None  # this very environment, made already
sys.exit(dev.main(["run", *sys.argv[1:]]))
"""


@pytest.mark.skipif(os.name == "nt", reason="processes are not replaced there")
@pytest.mark.parametrize(("arguments", "code"), [(["--version"], 0), (["index", "build", "none.toml"], 2)])
def test_dev_py_run_passes_output_and_exit_code_on(arguments: list[str], code: int) -> None:
    through, direct = (
        subprocess.run([sys.executable, *start, *arguments], cwd=ROOT, capture_output=True, text=True)
        for start in (["-c", THROUGH_DEV], ["-m", "softpower"])
    )
    assert through.returncode == direct.returncode == code
    assert (through.stdout, through.stderr) == (direct.stdout, direct.stderr)
