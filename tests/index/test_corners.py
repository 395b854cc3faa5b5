"""Tables and models at the edge, through the command line: a right answer, or one message that says what to do."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from softpower.cli import main
from softpower.index import sensitivities
from tests.cli.runs import refused

PILLARS = {"p": ("a", "b"), "q": ("c", "d")}
UNSURE = "[uncertainty]\nweights_cv = 0.3\n"
METHODS = UNSURE + '[[uncertainty.normalise]]\nmethod = "minmax"\n[[uncertainty.normalise]]\nmethod = "rank"\n'
COMMANDS = (("build", "--draws", "100"), ("sensitivity", "-n", "64"), ("audit",))


@dataclass
class Desk:
    """A folder with a model and a table of one's own."""

    folder: Path

    def index(self, command: str, *options: str, name: str = "t.csv") -> Result:
        files = (str(self.folder / "m.toml"), "--data", str(self.folder / name))
        return CliRunner().invoke(main, ["index", command, *files, *options])

    def model(self, steps: str = "", tail: str = UNSURE, pillars: Mapping[str, Iterable[str]] = PILLARS) -> Desk:
        return self.text(self.lines(steps, tail, pillars))

    @staticmethod
    def lines(steps: str = "", tail: str = UNSURE, pillars: Mapping[str, Iterable[str]] = PILLARS) -> str:
        """The text of a model of pillars below one top node."""
        lines = ['id = "mine"', 'title = "Mine"', steps, "[nodes.top]", 'title = "Top"']
        for node, leaves in pillars.items():
            lines += [f"[nodes.{node}]", f'title = "{node}"', 'parent = "top"']
            for leaf in leaves:
                lines += [f"[indicators.{leaf}]", f'title = "{leaf}"', f'node = "{node}"']
        return "\n".join([*lines, tail])

    def text(self, model: str) -> Desk:
        (self.folder / "m.toml").write_text(model, encoding="utf-8")
        return self

    def table(self, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Desk:
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([head, *rows])
        return self.bytes(out.getvalue())

    def bytes(self, content: str | bytes) -> Desk:
        (self.folder / "t.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def scores(self, node: str = "top", *options: str) -> dict[str, dict[str, Any]]:
        """What is said of each unit in a node."""
        done = self.index("build", "--draws", "100", "--json", *options)
        assert done.exit_code == 0, done.stderr
        rows = json.loads(done.stdout, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))["scores"]
        return {row["unit"]: row for row in rows if row["node"] == node}

    def refusals(self) -> set[str]:
        """The messages of the commands, all of which must refuse."""
        return {refused(self.index(*command)) for command in COMMANDS}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path).model()


def numbers(units: int = 12, columns: int = 4, *, seed: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).uniform(1, 9, (units, columns))


def rows(cells: np.ndarray, units: Sequence[str] = ()) -> list[list[object]]:
    """Rows of a table, NaN as an empty cell."""
    names = units or [f"U{number:02d}" for number in range(len(cells))]
    return [
        [name, *("" if np.isnan(cell) else repr(float(cell)) for cell in row)]
        for name, row in zip(names, cells, strict=True)
    ]


HEAD = ("unit", "a", "b", "c", "d")


def minmax(cells: np.ndarray) -> np.ndarray:
    low, high = np.nanmin(cells, axis=0), np.nanmax(cells, axis=0)
    return np.asarray(100 * (cells - low) / (high - low))


# Right answers


def test_a_unit_without_a_pillar_is_scored_by_the_other_and_has_no_place_in_its_own(desk: Desk) -> None:
    cells = numbers()
    cells[3, :2] = np.nan
    desk.model(steps='[impute]\nmethod = "none"\n[screening]\nshare = 0.4').table(HEAD, rows(cells))
    expected = np.nanmean(np.stack([minmax(cells)[:, :2].mean(axis=1), minmax(cells)[:, 2:].mean(axis=1)]), axis=0)
    found = desk.scores()
    assert [row["score"] for row in found.values()] == pytest.approx(expected.tolist())
    assert "U03" not in desk.scores("p")
    assert "U03" in desk.scores("q")


def test_an_indicator_without_any_value_is_named_and_changes_nothing(desk: Desk) -> None:
    cells = numbers()
    cells[:, 0] = np.nan
    done = desk.table(HEAD, rows(cells)).index("build", "--draws", "100")
    assert done.stdout.startswith("Left out, with too little data: a\n")
    found = desk.scores()
    assert found == desk.model(pillars={"p": ("b",), "q": ("c", "d")}).scores()


def test_a_table_without_any_value_is_refused(desk: Desk) -> None:
    desk.table(HEAD, rows(np.full((12, 4), np.nan)))
    assert desk.refusals() == {"Error: no indicator of top has a value; look at the columns of the table\n"}


@pytest.mark.parametrize("method", ["minmax", "zscore", "rank", "percentile_rank", "borda", "distance_to_maximum"])
def test_an_indicator_that_is_the_same_everywhere_moves_no_rank(desk: Desk, method: str) -> None:
    cells = numbers()
    cells[:, 0] = 5
    steps = f'[normalise]\nmethod = "{method}"'
    desk.model(steps=steps).table(HEAD, rows(cells))
    found = {unit: row["rank"] for unit, row in desk.scores("p").items()}
    less = desk.model(steps=steps, pillars={"p": ("b",), "q": ("c", "d")}).scores("p")
    assert found == {unit: row["rank"] for unit, row in less.items()}
    assert "a: no two of 12 units differ" in desk.model(steps=steps).index("audit").stdout


@pytest.mark.parametrize("method", ["minmax", "zscore", "rank", "percentile_rank", "borda", "distance_to_maximum"])
def test_a_single_unit_is_first_of_one_and_told_so(desk: Desk, method: str) -> None:
    desk.model(steps=f'[normalise]\nmethod = "{method}"').table(HEAD, rows(numbers(1)))
    for node in ("top", "p", "q"):
        (row,) = desk.scores(node).values()
        assert (row["rank_low"], row["rank"], row["rank_high"]) == (1, 1, 1)
    assert "1 ranked unit of 1" in desk.index("audit").stdout
    assert "as before" in desk.index("compare", "--draws", "100", "--weight", "a=3").stdout
    assert "1 unit of mine can be ranked in top: no choice can move a rank" in refused(desk.index("sensitivity"))


def test_two_units_are_ranked_by_who_is_ahead(desk: Desk) -> None:
    desk.table(HEAD, [["X", 1, 1, 1, 1], ["Y", 2, 2, 2, 2]])
    assert {unit: (row["rank"], row["score"]) for unit, row in desk.scores().items()} == {"X": (2, 0), "Y": (1, 100)}
    for command in ("build", "audit"):
        assert desk.index(command).exit_code == 0
    # All parts place the two alike: weights move nothing, which is no mistake of the model.
    done = desk.index("sensitivity", "-n", "64")
    assert re.search(r"weights +– +– +0%", done.stdout), done.output
    assert "whatever is chosen, the ranks stay" in done.stdout


def test_one_indicator_makes_an_index(desk: Desk) -> None:
    cells = numbers(columns=1)
    desk.model(pillars={"p": ("a",)}).table(("unit", "a"), rows(cells))
    found = [row["score"] for row in desk.scores().values()]
    assert found == pytest.approx(minmax(cells)[:, 0].tolist())
    assert all(row["rank_low"] == row["rank"] == row["rank_high"] for row in desk.scores().values())
    assert "p, Top: one part: nothing to compare." in desk.index("audit").stdout.replace("Top, p", "p, Top")


def test_a_tree_of_five_levels_is_a_mean_of_means(desk: Desk) -> None:
    lines = ['id = "mine"', 'title = "Mine"', "[nodes.top]", 'title = "Top"']
    for level in range(1, 5):
        lines += [f"[nodes.l{level}]", f'title = "L{level}"', f'parent = "{f"l{level - 1}" if level > 1 else "top"}"']
    for leaf, node in (("a", "l4"), ("b", "l4"), ("c", "l3"), ("d", "top")):
        lines += [f"[indicators.{leaf}]", f'title = "{leaf}"', f'node = "{node}"']
    cells = numbers()
    desk.text("\n".join([*lines, METHODS])).table(HEAD, rows(cells))
    a, b, c, d = minmax(cells).T
    expected = (((a + b) / 2 + c) / 2 + d) / 2
    assert [row["score"] for row in desk.scores().values()] == pytest.approx(expected.tolist())
    for command in (*COMMANDS, ("build", "--draws", "100", "--replay", "3")):
        assert desk.index(*command).exit_code == 0


WIDE = {"p": [f"i{k}" for k in range(20)], "q": [f"i{k}" for k in range(20, 40)]}


@pytest.mark.parametrize("method", ["given", "equal", "entropy", "critic"])
def test_fewer_units_than_indicators_are_built_and_audited_with_what_is_too_few(desk: Desk, method: str) -> None:
    desk.model(steps=f'weights = "{method}"', pillars=WIDE)
    desk.table(("unit", *WIDE["p"], *WIDE["q"]), rows(numbers(3, 40)))
    assert sorted(row["rank"] for row in desk.scores().values()) == [1, 2, 3]
    printed = desk.index("audit").stdout
    assert "p, q: too few units for KMO and Bartlett: 3 for 20 parts." in printed
    assert "p: 3 units for 20 parts" in printed


def test_components_that_point_both_ways_give_no_weights(desk: Desk) -> None:
    desk.model(steps='weights = "pca"', pillars=WIDE)
    desk.table(("unit", *WIDE["p"], *WIDE["q"]), rows(numbers(3, 40)))
    (message,) = desk.refusals()
    assert "cannot be weighed by pca" in message
    assert "check their directions" in message


@pytest.mark.parametrize("size", [1e90, 1e-90])
@pytest.mark.parametrize("method", ["minmax", "rank", "percentile"])
def test_huge_and_tiny_units_of_measurement_change_nothing(desk: Desk, size: float, method: str) -> None:
    cells = numbers()
    desk.model(steps=f'[normalise]\nmethod = "{method}"').table(HEAD, rows(cells))
    usual = desk.scores()
    cells[:, 0] *= size
    desk.table(HEAD, rows(cells))
    for unit, row in desk.scores().items():
        assert row["score"] == pytest.approx(usual[unit]["score"])
        assert (row["rank_low"], row["rank_high"]) == (usual[unit]["rank_low"], usual[unit]["rank_high"])
    for command in ("audit", "sensitivity"):
        assert desk.index(command).exit_code == 0
    done = desk.index("compare", "--draws", "100", "--weight", "a=3")
    assert done.exit_code == 0
    assert re.search(r"\ba [+-]\d\.\d\d", done.stdout)
    assert "standard deviations of the score" in done.stdout


def test_negative_values_are_values(desk: Desk) -> None:
    cells = numbers()
    usual = desk.table(HEAD, rows(cells)).scores()
    moved = desk.table(HEAD, rows(cells - 100)).scores()
    assert [row["score"] for row in moved.values()] == pytest.approx([row["score"] for row in usual.values()])


def test_a_unit_is_ranked_in_the_years_it_has(desk: Desk) -> None:
    table = [
        [row[0], year, *row[1:]]
        for year in (2019, 2020, 2021)
        for row in rows(numbers(seed=year))
        if (row[0], year) not in {("U03", 2019), ("U04", 2021), ("U05", 2019), ("U05", 2020)}
    ]
    desk.table(("unit", "year", *HEAD[1:]), table)
    done = desk.index("build", "--draws", "100", "--json")
    ranked = {(row["unit"], row["year"]) for row in json.loads(done.stdout)["scores"]}
    assert {unit for unit, year in ranked if year == 2019}.isdisjoint({"U03", "U05"})
    assert ("U03", 2020) in ranked
    assert ("U04", 2021) not in ranked
    assert ("U05", 2021) in ranked
    for command in ("audit", "sensitivity", "compare"):
        extra = ("--other-year", "2019", "--draws", "100") if command == "compare" else ()
        assert desk.index(command, "--year", "2020", *extra).exit_code == 0


def test_two_years_are_compared_and_who_is_in_one_alone_is_named(desk: Desk) -> None:
    table = [[row[0], year, *row[1:]] for year in (2019, 2020) for row in rows(numbers(seed=year))]
    del table[3]
    desk.table(("unit", "year", *HEAD[1:]), table)
    done = desk.index("compare", "--year", "2020", "--other-year", "2019", "--draws", "100")
    assert done.exit_code == 0, done.stderr
    assert "ranked in the first build alone: U03" in done.stdout
    document = json.loads(
        desk.index("compare", "--year", "2020", "--other-year", "2019", "--draws", "100", "--json").stdout
    )
    assert (document["only_first"], document["only_second"]) == (["U03"], [])


HOSTILE = ['Côte d\'Ivoire, "the"', "</script><b>", "a,b", "مصر", "🇰🇿", "=cmd|1", "two\nlines", "NaN", "-", "x" * 300]


def test_names_of_all_kinds_come_back_as_they_were(desk: Desk) -> None:
    desk.model(tail=METHODS).table(HEAD, rows(numbers(len(HOSTILE)), HOSTILE))
    assert set(desk.scores()) == set(HOSTILE)
    found = json.loads(desk.index("sensitivity", "-n", "64", "--json").stdout)
    assert {row["unit"] for row in found["indices"]} == {"", *HOSTILE}
    shifts = json.loads(desk.index("compare", "--draws", "100", "--weight", "a=3", "--json").stdout)["shifts"]
    assert {row["unit"] for row in shifts} == set(HOSTILE)
    for command in (*COMMANDS, ("build", "--draws", "100", "--replay", "3")):
        assert desk.index(*command).exit_code == 0


def test_hostile_titles_stay_text_on_the_page_of_an_audit(desk: Desk, tmp_path: Path) -> None:
    text = (tmp_path / "m.toml").read_text(encoding="utf-8").replace('title = "a"', 'title = "</td><script>مصر*"')
    desk.text(text).table(HEAD, rows(numbers()))
    assert desk.index("audit", "--out", str(tmp_path / "a.html")).exit_code == 0
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;/td&gt;&lt;script&gt;مصر*" in page


def test_a_gap_may_be_filled_from_the_group_of_the_unit(desk: Desk) -> None:
    cells = numbers()
    cells[3, 0] = np.nan
    groups = ["xyz"[k % 3] for k in range(12)]
    table = [[*row, group] for row, group in zip(rows(cells), groups, strict=True)]
    desk.model(steps='[impute]\nmethod = "group_mean"\ngroup = "g"').table((*HEAD, "g"), table)
    filled = cells.copy()
    filled[3, 0] = np.nanmean(cells[[0, 6, 9], 0])
    low, high = np.nanmin(cells[:, 0]), np.nanmax(cells[:, 0])
    expected = (100 * (filled[3, 0] - low) / (high - low) + minmax(cells)[3, 1]) / 2
    assert desk.scores("p")["U03"]["score"] == pytest.approx(expected)


def test_five_thousand_units_are_ranked_and_compared(desk: Desk) -> None:
    cells = numbers(5000, 2)
    desk.model(pillars={"p": ("a", "b")}).table(("unit", "a", "b"), rows(cells, [f"U{k}" for k in range(5000)]))
    done = desk.index("compare", "--draws", "100", "--weight", "a=2", "--top", "5", "--json")
    assert done.exit_code == 0, done.stderr
    scaled = minmax(cells)
    before, after = ((-scaled @ weights).argsort().argsort() for weights in ([1 / 2, 1 / 2], [2 / 3, 1 / 3]))
    furthest = np.abs(before - after).max()
    assert abs(json.loads(done.stdout)["shifts"][0]["shift"]) == furthest


# What a choice can do


def test_a_factor_that_cannot_act_is_left_out_and_named(desk: Desk) -> None:
    cells = numbers()
    cells[3, :3] = np.nan  # not ranked, so that its gaps move nobody
    desk.model(tail=METHODS, pillars={"p": ("a",), "q": ("b",), "r": ("c", "d")}).table(HEAD, rows(cells))
    document = json.loads(desk.index("sensitivity", "-n", "64", "--json").stdout)
    assert {row["factor"] for row in document["indices"]} == {"weights", "normalisation"}
    assert document["left_out"] == {"missing cells": "no cell behind the ranked units is missing"}
    below = desk.index("sensitivity", "-n", "64", "--node", "p").stdout
    assert "cannot act here: weights (no node that counts joins two parts whose weights are drawn)" in below
    assert "\nnormalisation " in below


def test_a_model_whose_weights_cannot_vary_is_told_so(desk: Desk) -> None:
    desk.model(pillars={"p": ("a",)}).table(HEAD, rows(numbers()))
    message = refused(desk.index("sensitivity", "-n", "64"))
    assert "nothing that mine declares as uncertain can act on top: weights" in message
    assert "give [uncertainty] alternatives of a step" in message
    desk.model(tail="[uncertainty]\nweights_cv = 0.0").table(HEAD, rows(numbers()))
    assert "mine declares nothing uncertain" in refused(desk.index("sensitivity", "-n", "64"))


def test_an_aggregation_that_reads_no_weights_makes_them_no_factor(desk: Desk) -> None:
    desk.model(steps='[aggregate]\nmethod = "owa"\norder = [2, 1]', tail=METHODS).table(HEAD, rows(numbers()))
    done = desk.index("sensitivity", "-n", "64")
    assert "Left out, as it cannot act here: weights (no node that counts joins two parts" in done.stdout


def test_an_aggregation_of_nodes_alone_is_no_factor_in_a_pillar_of_indicators(desk: Desk) -> None:
    ways = UNSURE + '[[uncertainty.aggregate]]\nmethod = "arithmetic"\n'
    ways += '[[uncertainty.aggregate]]\nmethod = "geometric"\nof = "nodes"\nfloor = 10\n'
    desk.model(tail=ways).table(HEAD, rows(numbers()))
    assert "\naggregation " in desk.index("sensitivity", "-n", "64").stdout
    below = desk.index("sensitivity", "-n", "64", "--node", "p").stdout
    assert "Left out, as it cannot act here: aggregation (" in below
    assert "\naggregation " not in below


def test_alternatives_that_come_to_the_same_are_an_error(desk: Desk) -> None:
    desk.model(tail=METHODS.replace("rank", "minmax")).table(HEAD, rows(numbers()))
    assert "switching normalisation changed nothing in 64 replications" in refused(
        desk.index("sensitivity", "-n", "64")
    )


def test_units_of_which_none_is_ranked_or_no_two_differ_are_said(desk: Desk) -> None:
    desk.model(tail=METHODS).table(HEAD, rows(np.full((12, 4), 5.0)))
    assert "no two of the 12 units ranked in top differ" in refused(desk.index("sensitivity", "-n", "64"))
    desk.model(steps="[screening]\nnonzero = 0.9").table(HEAD, rows(numbers() * [0, 1, 1, 1]))
    assert "no units of mine can be ranked in top" in refused(desk.index("sensitivity", "-n", "64"))


def test_an_unknown_unit_or_node_of_a_sensitivity_is_refused(desk: Desk) -> None:
    desk.table(HEAD, rows(numbers()))
    message = refused(desk.index("sensitivity", "-n", "64", "--unit", "U1"))
    assert message.startswith("Error: unknown name 'U1' in the units ranked in top; nearest: U1")
    assert "unknown node 'r'" in refused(desk.index("sensitivity", "-n", "64", "--node", "r"))


@pytest.mark.parametrize(
    ("size", "why"),
    [
        ("-4", "a power of two, not -4: give 16 or 32"),
        ("0", "not 0: give 16 or 32"),
        ("8", "not 8: give 16 or 32"),
        ("100", "not 100: give 64 or 128"),
        ("67108864", "give at most 131,072"),
        ("99999999999", "give at most 131,072"),
        ("100000", "not 100,000: give 65,536 or 131,072"),
    ],
)
def test_a_base_sample_of_no_use_is_refused(desk: Desk, size: str, why: str) -> None:
    desk.table(HEAD, rows(numbers()))
    assert why in refused(desk.index("sensitivity", "-n", size))


def test_more_results_than_fit_are_refused_with_what_would(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensitivities, "MOST_RESULTS", 128 * 4 * 13)  # two factors, twelve units and their mean
    desk.model(tail=METHODS).table(HEAD, rows(numbers()))
    message = refused(desk.index("sensitivity", "-n", "256"))
    assert "a base sample of 256 with 2 factors and 12 units is too large to hold: give at most 128" in message
    assert desk.index("sensitivity", "-n", "128").exit_code == 0


@pytest.mark.parametrize("asked", ["100", "200", "300", "1000"])
def test_a_size_that_is_proposed_is_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    monkeypatch.setattr(sensitivities, "MOST_RESULTS", 128 * 12 * 13)
    desk.model(tail=METHODS).table(HEAD, rows(numbers()))
    _, _, proposed = refused(desk.index("sensitivity", "-n", asked)).partition("give ")
    sizes = re.findall(r"\d+", proposed.replace(",", ""))
    assert sizes
    for size in sizes:
        assert desk.index("sensitivity", "-n", size).exit_code == 0


# Messages

GOOD = "\n".join(",".join(map(str, row)) for row in [HEAD, *rows(numbers())]) + "\n"


def line_of(words: str) -> int:
    """Line of the model file on which these words stand first."""
    lines = Desk.lines().split("\n")
    return next(number for number, line in enumerate(lines, start=1) if words in line)


def changed(old: str, new: str) -> Callable[[], str]:
    def make() -> str:
        assert old in GOOD
        return GOOD.replace(old, new, 1)

    return make


def in_cell(text: str) -> Callable[[], str]:
    """The table with another text in the cell of unit U03 and column a, row 5 of the file."""

    def make() -> str:
        lines = GOOD.splitlines()
        cells = lines[4].split(",")
        lines[4] = ",".join([cells[0], text, *cells[2:]])
        return "\n".join(lines) + "\n"

    return make


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (in_cell("n.k."), ["t.csv, column a", "row 5 (U03): 'n.k.'", "leave a missing cell empty"]),
        (in_cell('"1,5"'), ["t.csv, column a", "row 5 (U03): '1,5'", "write decimals with a point"]),
        (in_cell("1 234 567"), ["row 5 (U03): '1 234 567'", "without separators of thousands"]),
        (in_cell("inf"), ["t.csv, column a", "row 5 (U03): 'inf'", "infinite values cannot be ranked"]),
        (in_cell("1e400"), ["row 5 (U03): '1e400'"]),
        (
            lambda: GOOD.replace(".", "*").replace(",", ";").replace("*", ","),
            ["column a", "row 2 (U00)", "with a point"],
        ),
        (lambda: GOOD + GOOD.splitlines()[1] + "\n", ["the same unit stands twice: U00 in rows 2 and 14"]),
        (changed("unit,", "land,"), ["no column says which unit a row is about", "It has: land"]),
        (lambda: "", ["t.csv: the file is empty"]),
        (lambda: GOOD.splitlines()[0] + "\n", ["t.csv: no rows below the header"]),
        (lambda: GOOD.replace("U05", "Côte").encode("latin-1"), ["t.csv, row 7: not UTF-8 text", "encoding UTF-8"]),
        (lambda: GOOD.encode("utf-16"), ["t.csv, row 1: not UTF-8 text"]),
        (changed("a,b", "a,a"), ["columns without a name of their own: a"]),
        (
            changed(",d\n", ",e\n"),
            ["m.toml: 1 fault", f"line {line_of('[indicators.d]')}, indicators.d.series: t.csv has no column 'd'"],
        ),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_by_all_commands_alike(
    desk: Desk, content: Callable[[], str | bytes], parts: list[str]
) -> None:
    (message,) = desk.bytes(content()).refusals()
    for part in parts:
        assert part in message


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_files_as_spreadsheets_save_them_say_the_same(desk: Desk, mark: str, end: str, separator: str) -> None:
    usual = desk.bytes(GOOD).scores()
    assert desk.bytes(mark + GOOD.replace(",", separator).replace("\n", end)).scores() == usual


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        (
            'title = "p"\nparent = "top"',
            'title = "p"\nparent = "q"',
            ["nodes.q.parent: a circle: q lies below itself", "nodes.p.parent: a circle"],
        ),
        (
            'node = "p"',
            'node = "p"\nnormalise = { method = "goalposts", low = 9, high = 1 }',
            [f"line {line_of('node = ') + 1}, indicators.a.normalise.low: low 9 is not below high 1"],
        ),
        ("[nodes.top]", '[aggregate]\nmethod = "geometric"\n[nodes.top]', ["scores above zero, and the lowest is 0"]),
        ("[nodes.top]", '[aggregate]\nmethod = "harmonic"\n[nodes.top]', ["scores above zero, and the lowest is 0"]),
        (
            "[nodes.top]",
            '[normalise]\nmethod = "fraction_of_maximum"\n[nodes.top]',
            ["a cannot be normalised by fraction_of_maximum", "not -"],
        ),
        ("[nodes.top]", '[treat]\nmethod = "log"\nwhen = "always"\n[nodes.top]', ["a cannot be treated by log", "-"]),
    ],
)
def test_a_model_that_cannot_be_built_is_refused_with_line_value_and_remedy(
    desk: Desk, old: str, new: str, parts: list[str], tmp_path: Path
) -> None:
    text = (tmp_path / "m.toml").read_text(encoding="utf-8")
    if "circle" in parts[0]:
        text = text.replace('title = "q"\nparent = "top"', 'title = "q"\nparent = "p"')
    desk.text(text.replace(old, new, 1)).table(HEAD, rows(-numbers()))
    (message,) = desk.refusals()
    for part in parts:
        assert part in message


def test_a_weight_of_a_part_that_does_not_exist_or_of_no_size_is_refused(desk: Desk) -> None:
    desk.table(HEAD, rows(numbers()))
    assert "unknown part 'z'" in refused(desk.index("build", "--weight", "z=1"))
    assert "the weight of a must be zero or more, not -1" in refused(desk.index("build", "--weight", "a=-1"))
    assert "not nan" in refused(desk.index("build", "--weight", "a=nan"))
    both = ("--weight", "a=0", "--weight", "b=0")
    assert "the weights of all parts of p would be zero" in refused(desk.index("build", *both))


def test_a_weight_of_zero_leaves_a_part_out(desk: Desk) -> None:
    cells = numbers()
    found = desk.table(HEAD, rows(cells)).scores("p", "--weight", "a=0")
    assert [row["score"] for row in found.values()] == pytest.approx(minmax(cells)[:, 1].tolist())
