"""What is written and read again is what it was, in every form that goes both ways."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softpower.activities.activity import Activity
from softpower.activities.exchange import read_file, write_file
from softpower.activities.exchange.cells import guarded, joined, listed, parted, table, unguarded
from softpower.activities.exchange.csvfile import csv_bytes, csv_rows
from softpower.activities.exchange.iati import iati_bytes
from softpower.activities.exchange.iatifile import read_iati
from softpower.activities.exchange.rows import entries
from softpower.activities.exchange.sheets import xlsx_bytes
from softpower.activities.exchange.workbook import workbook_rows
from tests.activities.exchange.made import activity, filled, registers, text

FORMS: dict[str, tuple[Callable[[list[Activity]], bytes], Callable[[bytes], list[Activity]]]] = {
    "csv": (csv_bytes, lambda content: entries("a.csv", csv_rows("a.csv", content))),
    "xlsx": (xlsx_bytes, lambda content: entries("a.xlsx", workbook_rows("a.xlsx", content))),
    "iati": (iati_bytes, lambda content: read_iati("a.xml", io.BytesIO(content))),
}


@given(registers())
@settings(max_examples=50, deadline=None)
def test_entries_come_back_from_csv_as_they_were(made):
    write, read = FORMS["csv"]
    assert read(write(made)) == made


@given(registers())
@settings(max_examples=25, deadline=None)
def test_entries_come_back_from_a_workbook_as_they_were(made):
    write, read = FORMS["xlsx"]
    assert read(write(made)) == made


@given(registers())
@settings(max_examples=50, deadline=None)
def test_entries_come_back_from_iati_as_they_were(made):
    write, read = FORMS["iati"]
    assert read(write(made)) == made


@given(registers(most=2))
@settings(max_examples=6, deadline=None)
def test_every_order_of_forms_leaves_entries_as_they_were(made):
    found = made
    for name, other in pairwise(["csv", "iati", "xlsx", "csv"]):
        found = FORMS[other][1](FORMS[other][0](FORMS[name][1](FORMS[name][0](found))))
    assert found == made


@pytest.mark.parametrize("name", FORMS)
def test_equal_entries_give_equal_bytes(name):
    made = [activity(host=["TUR", "KAZ"], extra={"b": "1", "a": "2"}), activity(id="KAZ-2")]
    assert FORMS[name][0](made) == FORMS[name][0](list(made))


@pytest.mark.parametrize("ending", ["csv", "xlsx", "xml"])
def test_files_are_written_and_read_by_their_ending(tmp_path, ending):
    made = [activity(title={"en": "Nauryz", "kk": "Наурыз"}, budget=[{"amount": 1.5, "currency": "USD"}])]
    write_file(tmp_path / f"a.{ending}", made)
    assert read_file(tmp_path / f"a.{ending}") == made
    assert [path.name for path in tmp_path.iterdir()] == [f"a.{ending}"]


@given(st.lists(filled().map(str.strip), max_size=4))
def test_lists_come_back_from_a_cell(items):
    assert listed(joined(items)) == items


@given(st.lists(st.lists(text().map(str.strip), min_size=1, max_size=4).filter(any), max_size=4))
def test_items_with_parts_come_back_from_a_cell(items):
    def full(item: list[str]) -> list[str]:
        while len(item) > 1 and not item[-1]:
            item = item[:-1]
        return item

    assert parted(table(items)) == [full(item) for item in items]


@given(text())
def test_guarded_text_comes_back_and_begins_like_no_formula(given_text):
    assert unguarded(guarded(given_text)) == given_text
    assert guarded(given_text)[:1] not in set("=+-@\t\r\n＝")  # noqa: RUF001 - a sign that some programs run
    assert guarded(given_text)


@given(registers(most=2))
@settings(max_examples=8, deadline=None)
def test_another_reader_finds_text_and_no_formula_in_a_workbook(made):
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(made)))
    cells = [cell for row in book["activities"].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell.value for cell in cells if cell.value[:1] in set("=+-@")]


def test_a_description_that_is_there_and_empty_is_not_one_that_is_missing(tmp_path: Path):
    made = [activity(description={"en": ""}, extra={"a": ""}), activity(id="KAZ-2")]
    for write, read in FORMS.values():
        assert [each.description for each in read(write(made))] == [{"en": ""}, {}]
