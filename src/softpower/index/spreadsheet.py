"""Writing Excel workbooks that hold text as text and numbers as numbers, the same bytes each time.

Nothing that a table says becomes a formula, a link or a date: each cell is written by its own type, and text that a
program could take for a formula is marked as text, so that it stays text when somebody edits the cell.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from softpower.errors import BadRequest

if TYPE_CHECKING:
    from xlsxwriter.format import Format  # type: ignore[import-untyped]
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

# What Excel holds.
MOST_ROWS, MOST_COLUMNS, LONGEST = 1_048_576, 16_384, 32_767
WIDEST = 48
# Also their wide forms, which some keyboards give and some programs take for the same.
FORMULA_SIGNS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
# Of no day in particular: a workbook made twice has the same bytes.
MADE = datetime(1980, 1, 1)  # noqa: DTZ001 - the format knows no zones

HEAD = {"bold": True, "bg_color": "#E8ECF1", "bottom": 1, "text_wrap": True, "valign": "top"}


class Book:
    """A workbook in memory."""

    def __init__(self, title: str) -> None:
        from xlsxwriter import Workbook  # type: ignore[import-untyped]

        self._buffer = io.BytesIO()
        self._book = Workbook(
            self._buffer,
            {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
        )
        self._book.set_properties({"title": title[:255], "created": MADE})
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def style(self, **properties: Any) -> Format | None:
        """The format of these properties, made once; None for no properties."""
        if not properties:
            return None
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]

    def sheet(self, name: str) -> Worksheet:
        """A new sheet."""
        return self._book.add_worksheet(name)

    def put(self, sheet: Worksheet, row: int, column: int, value: object, **properties: Any) -> None:
        """One cell: a number, text, yes or no, or nothing where the value is None or NaN."""
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            sheet.write_blank(row, column, None, self.style(**properties))
        elif isinstance(value, bool):
            sheet.write_string(row, column, "yes" if value else "no", self.style(**properties))
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, self.style(**properties))
        else:
            text = str(value)
            if text[:1] in FORMULA_SIGNS and text:
                properties = {**properties, "quote_prefix": True}
            sheet.write_string(row, column, cut(text), self.style(**properties))

    def table(self, name: str, frame: pl.DataFrame, *, frozen: int = 1) -> Worksheet:
        """A sheet with one row per row of a frame below a header; ``frozen`` columns stay in sight."""
        if frame.height >= MOST_ROWS or frame.width > MOST_COLUMNS:
            raise BadRequest(
                f"the table {name} has {frame.height:,} rows and {frame.width:,} columns, and a sheet of Excel holds "
                f"{MOST_ROWS - 1:,} and {MOST_COLUMNS:,}; write a folder, .csv or .parquet"
            )
        sheet = self.sheet(name)
        sheet.freeze_panes(1, frozen)
        if frame.height:
            sheet.autofilter(0, 0, frame.height, frame.width - 1)
        for column, series in enumerate(frame):
            self.put(sheet, 0, column, series.name, **HEAD)
            values = series.to_list()
            sheet.set_column(column, column, width(series.name, values))
            if series.dtype.is_numeric():
                form = self.style(num_format=number_format(series))
                for row, value in enumerate(values, start=1):
                    if value is not None and math.isfinite(value):
                        sheet.write_number(row, column, value, form)
            else:
                for row, value in enumerate(values, start=1):
                    if value is not None:
                        self.put(sheet, row, column, value)
        return sheet

    def content(self) -> bytes:
        """The finished workbook."""
        self._book.close()
        return self._buffer.getvalue()


def cut(text: str) -> str:
    """Text as long as a cell can hold, without what no XML can."""
    if text.isascii() and len(text) <= LONGEST:
        return text
    clean = "".join(
        sign if sign not in "\ufffe\uffff" and not "\ud800" <= sign <= "\udfff" else "\ufffd" for sign in text
    )
    return clean if len(clean.encode("utf-16-le")) // 2 <= LONGEST else clean[: LONGEST // 2 - 1] + "…"


def number_format(values: pl.Series) -> str:
    """How numbers of this size are read best; the cells hold all their digits.

    >>> [number_format(pl.Series(each)) for each in ([1.0, 2.0], [0.125], [0.0, 7e9, 1.5e6 + 0.1])]
    ['#,##0', '0.000', '#,##0']
    """
    known = values.cast(pl.Float64).drop_nulls().drop_nans()
    if (known == known.round()).all():
        return "#,##0"
    # By a typical value that is not zero: one very large country must not hide the digits of all others.
    typical = float(np.median(known.filter(known != 0).abs().to_numpy()))
    if typical >= 1000:
        return "#,##0"
    return "#,##0.0" if typical >= 100 else "0.00" if typical >= 1 else "0.000" if typical >= 0.01 else "0.00000"


def width(head: str, values: Sequence[object]) -> float:
    """Width of a column in characters: room for most of what it holds."""
    longest = max((len(v) if isinstance(v, str) else 9 for v in values[:500] if v is not None), default=0)
    return min(max(longest, len(head)) + 2, WIDEST)
