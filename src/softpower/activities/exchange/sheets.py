"""Tables of entries as Excel workbooks, with the words allowed at hand, and templates to fill in."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, get_args

from softpower.activities.activity import Activity
from softpower.activities.exchange import cells
from softpower.activities.exchange.columns import BY_NAME, COLUMNS, Column, header, row
from softpower.activities.exchange.csvfile import table_bytes
from softpower.activities.exchange.workbook import SHEET
from softpower.activities.vocabulary import List, words
from softpower.errors import BadRequest
from softpower.world import countries

if TYPE_CHECKING:
    from xlsxwriter import Workbook  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

MOST_ROWS: Final = 1_048_575
LONGEST: Final = 32_767  # a cell of Excel, in units of UTF-16
# Rows of a template that have a list to choose from.
_LISTED_ROWS: Final = 5_000
# Of no day in particular: a workbook made twice has the same bytes.
_MADE: Final = datetime(1980, 1, 1)  # noqa: DTZ001 - the format knows no zones
_HEAD: Final = {"bold": True, "bg_color": "#E8ECF1", "bottom": 1, "valign": "top", "num_format": "@"}
_WIDE: Final = frozenset(
    {"title", "description", "actors", "figures", "source_title", "source_url", "reported", "note"}
)


def xlsx_bytes(activities: Sequence[Activity]) -> bytes:
    """Entries as a workbook; its further sheets say what each column and each word means."""
    return _book(header(activities), [(each.id, row(each)) for each in activities])


def template_csv() -> bytes:
    """A table to fill in, as CSV."""
    return table_bytes([column.name for column in COLUMNS], [("the example", _example())])


def template_xlsx() -> bytes:
    """A table to fill in, as a workbook."""
    return _book([column.name for column in COLUMNS], [("the example", _example())])


def _example() -> dict[str, str]:
    return {column.name: column.example for column in COLUMNS if column.example}


def _book(names: Sequence[str], rows: Sequence[tuple[str, dict[str, str]]]) -> bytes:
    from xlsxwriter import Workbook

    if len(rows) > MOST_ROWS or len(names) > 16_384:
        raise BadRequest(f"{len(rows):,} entries with {len(names):,} columns: a sheet holds fewer; write .csv or .xml")
    buffer = io.BytesIO()
    book = Workbook(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"title": "Register of activities", "created": _MADE})
    sheet = book.add_worksheet(SHEET)
    ranges = _words(book)
    _columns(book)
    _fill(book, sheet, names, rows)
    for place, name in enumerate(names):
        if (column := BY_NAME.get(name)) and (source := _choices(column, ranges)):
            sheet.data_validation(1, place, max(_LISTED_ROWS, len(rows)), place, _validation(column, source))
    book.close()
    return buffer.getvalue()


def _fill(book: Workbook, sheet: Worksheet, names: Sequence[str], rows: Sequence[tuple[str, dict[str, str]]]) -> None:
    # All cells are text, so that Excel makes no date of 2025-03, and no number of an id.
    text = book.add_format({"num_format": "@", "valign": "top"})
    quoted = book.add_format({"num_format": "@", "valign": "top", "quote_prefix": True})
    head = book.add_format(_HEAD)
    for place, name in enumerate(names):
        sheet.set_column(place, place, 40 if name in _WIDE else 18, text)
        sheet.write_string(0, place, cells.guarded(name), head)
        if column := BY_NAME.get(name):
            sheet.write_comment(0, place, column.help or name, {"author": ""})
    sheet.freeze_panes(1, 2)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    places = {name: place for place, name in enumerate(names)}
    for number, (id, found) in enumerate(rows, start=1):
        for name, cell in found.items():
            if sheet.write_string(number, places[name], cell, quoted if cell[:1] == "'" else text) < 0:
                raise BadRequest(
                    f"{id}: {name} is too long for a cell of Excel ({len(cell):,} signs); write .csv or .xml"
                )


def _choices(column: Column, ranges: dict[str, str]) -> str | list[str]:
    if column.yes_no:
        return ["yes", "no"]
    return ranges[column.words] if column.words else ""


def _validation(column: Column, source: str | list[str]) -> dict[str, object]:
    """A list to choose from; where several words may stand in a cell it only advises."""
    return {
        "validate": "list",
        "source": source,
        "error_type": "information" if column.several else "stop",
        "show_error": not column.several,
        "error_title": column.name,
        "error_message": "Choose a word of the list; the sheet words says what each means.",
    }


def _words(book: Workbook) -> dict[str, str]:
    """The sheet of the words allowed, one column each; where each list lies."""
    sheet = book.add_worksheet("words")
    head, note = book.add_format(_HEAD), book.add_format({"font_color": "#666666"})
    ranges = {}
    for place, name in enumerate(get_args(List)):
        column = 2 * place
        sheet.write_string(0, column, name, head)
        sheet.write_string(0, column + 1, "means", head)
        sheet.set_column(column, column + 1, 26)
        found = list(words(name).values())
        for number, word in enumerate(found, start=1):
            sheet.write_string(number, column, word.id)
            sheet.write_string(number, column + 1, word.title, note)
        letter = _letter(column)
        ranges[name] = f"=words!${letter}$2:${letter}${len(found) + 1}"
    column = 2 * len(ranges)
    sheet.write_string(0, column, "country", head)
    sheet.write_string(0, column + 1, "means", head)
    sheet.set_column(column + 1, column + 1, 40)
    for number, country in enumerate(countries(), start=1):
        sheet.write_string(number, column, country.iso3)
        sheet.write_string(number, column + 1, country.name, note)
    sheet.freeze_panes(1, 0)
    return ranges


def _letter(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name  # type: ignore[import-untyped]

    return str(xl_col_to_name(column))


def _columns(book: Workbook) -> None:
    """The sheet that says what each column holds."""
    sheet = book.add_worksheet("columns")
    head, wrapped = book.add_format(_HEAD), book.add_format({"text_wrap": True, "valign": "top"})
    for place, (name, width) in enumerate((("column", 20), ("what to write", 80), ("example", 60))):
        sheet.write_string(0, place, name, head)
        sheet.set_column(place, place, width)
    for number, column in enumerate(COLUMNS, start=1):
        for place, text in enumerate((column.name, column.help, column.example)):
            sheet.write_string(number, place, text, wrapped)
    sheet.write_string(len(COLUMNS) + 1, 0, "x_...", wrapped)
    sheet.write_string(len(COLUMNS) + 1, 1, "A field of your own; give the column a name that begins with x_", wrapped)
    sheet.freeze_panes(1, 0)
