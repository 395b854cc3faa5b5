"""Tables that are broken, cut or hostile: a right answer, or one message that says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softpower.errors import BadTable, SoftPowerError
from softpower.index.table import sheet
from tests.cli.runs import refused
from tests.index.test_corners import GOOD, HEAD, METHODS, UNSURE, Desk, in_cell, numbers, rows


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path).model()


SOUND = b'unit,year,a,b\nU01,2020,1.5,2\nU02,2020,NA,3e5\n"x,""y",2021,-4,\n'
SIGNS = [b",", b";", b"\t", b'"', b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b"inf", b"1e999", b"=", b"PK", b"PAR1"]


@given(st.lists(st.tuples(st.integers(0, len(SOUND)), st.integers(0, 8), st.sampled_from([b"", *SIGNS])), max_size=5))
@settings(max_examples=200)
def test_any_bytes_are_a_table_or_refused(edits: list[tuple[int, int, bytes]]) -> None:
    content = SOUND
    for start, cut, sign in edits:
        content = content[:start] + sign + content[start + cut :]
    try:
        found = sheet(content, name="t.csv")
        table = found.read(numbers=found.columns[:2])
    except SoftPowerError:  # anything else is a fault, as are warnings
        return
    assert all(not np.isinf(cells).any() for cells in table.numbers.values())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (GOOD.replace("U05,", "U05,1,"), "t.csv: not as many cells as the header, which has 5: row 7 (U05) has 6"),
        ("\n".join(line if "U05" not in line else "U05,1" for line in GOOD.splitlines()), "row 7 (U05) has 2"),
        (in_cell("1,5")(), "row 5 (U03) has 6; decimals are written with a point"),
        (GOOD.replace("U05", '"U05', 1), "t.csv, row 7: a quotation mark is not closed"),
        (in_cell("1e300")(), "numbers beyond 1e+100 or below 1e-100 cannot be reckoned with"),
        (in_cell("-1e-320")(), "row 5 (U03): '-1e-320'; numbers beyond"),
        (in_cell('"1,234"')(), "1234 if the comma separates thousands, and 1.234 if it stands before decimals"),
        (in_cell("45%")(), "row 5 (U03): '45%'; write the bare number"),
        (in_cell("\u22124.5")(), "a minus as the hyphen"),
    ],
)
def test_a_row_or_cell_that_is_wrong_is_named_with_what_to_do(desk: Desk, content: str, why: str) -> None:
    (message,) = desk.bytes(content).refusals()
    assert why in message


def test_lines_may_end_as_old_spreadsheets_end_them(desk: Desk) -> None:
    usual = desk.bytes(GOOD).scores()
    assert desk.bytes(GOOD.replace("\n", "\r")).scores() == usual


def test_a_quotient_beyond_all_numbers_is_refused(desk: Desk, tmp_path: Path) -> None:
    text = (tmp_path / "m.toml").read_text(encoding="utf-8").replace('node = "p"', 'node = "p"\ndenominator = "b"', 1)
    table = rows(numbers())
    table[3][2] = "1e-99"
    table[3][1] = "1e50"
    desk.text(text).table(HEAD, table)
    (message,) = desk.refusals()
    assert "t.csv, column a: divided by its denominator U03 would be 1e+149: look at the denominator" in message


def test_a_replication_is_shown_where_a_unit_lacks_a_pillar(desk: Desk) -> None:
    cells = numbers()
    cells[3, :2] = np.nan
    desk.model(steps='[impute]\nmethod = "none"\n[screening]\nshare = 0.4').table(HEAD, rows(cells))
    done = desk.index("build", "--draws", "100", "--replay", "3", "--json")
    assert done.exit_code == 0, done.stderr
    found = {(row["node"], row["unit"]) for row in json.loads(done.stdout)["scores"]}
    assert ("top", "U03") in found
    assert ("p", "U03") not in found


def test_a_replication_without_ranked_units_is_refused(desk: Desk) -> None:
    desk.model(steps="[screening]\nnonzero = 0.9").table(HEAD, rows(numbers() * [0, 1, 1, 1]))
    assert "no unit of mine can be ranked" in refused(desk.index("build", "--draws", "100", "--replay", "3"))


def test_a_pillar_may_be_left_without_parts_in_some_draws_of_a_harmonic_mean(desk: Desk) -> None:
    steps = '[normalise]\nscale = [1, 100]\n[aggregate]\nmethod = "harmonic"'
    desk.model(steps=steps, tail=UNSURE + "leave_out = { indicator = 0.9 }", pillars={"p": ("a",), "q": ("b", "c")})
    desk.table(HEAD, rows(numbers()))
    assert len(desk.scores()) == 12


def test_weights_of_places_that_sum_to_nothing_are_a_fault_of_the_model(desk: Desk) -> None:
    desk.model(steps='[aggregate]\nmethod = "owa"\norder = [0, 0]', tail=METHODS).table(HEAD, rows(numbers()))
    (message,) = desk.refusals()
    assert "aggregate.order: the weights of the places sum to zero" in message


def test_only_names_like_the_one_given_are_proposed(desk: Desk) -> None:
    desk.table(HEAD, rows(numbers()))
    assert "--weight tpo=1: unknown part 'tpo', nearest: top.  " in refused(desk.index("build", "--weight", "tpo=1"))


def test_a_short_row_is_not_a_row_of_gaps() -> None:
    with pytest.raises(BadTable, match=r"row 3 \(B\) has 2"):
        sheet(b"unit,a,b\nA,1,2\nB,1\n", name="t.csv")
