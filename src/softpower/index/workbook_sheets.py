"""What the sheets of a workbook share: the index they show, and ways to lay out a header, a column, a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.index.exported import Export
from softpower.index.result import Index
from softpower.index.spreadsheet import HEAD, Book, number_format

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

SHEETS = {
    "Cover": "what this is",
    "Framework": "nodes and indicators, their weights, directions and reasons",
    "Data": "values as published (divided by their denominator, if any)",
    "Status": "what each value is: observed, estimated, bridged, carried forward, zero by declaration, or missing",
    "Treated": "values as they enter: gaps filled, logarithms taken, outliers treated",
    "Normalised": "the same on the common scale, more being stronger",
    "Statistics": "each indicator before and after treatment, over the ranked units",
    "Correlations": "Pearson correlations of indicators and nodes, over the ranked units",
    "Scores": "score of each node, with its 90% interval",
    "Ranks": "rank in each node, with its 90% interval",
    "Rank distribution": "what ranks each unit takes across the replications, top node by top node",
    "Sensitivity": "who moves, and how far, if a part is left out or a variant is taken",
    "Sources": "who published the data, under which licence, and the words to print with them",
}
# Status is said in words in a sheet of its own: nothing rests on colour alone.
FILLS = {
    "imputed": "#FCE4B8",
    "carried": "#DCE9F5",
    "bridged": "#DCE9F5",
    "estimated": "#E9E9E9",
    "zero": "#ECE3F4",
}
LEGEND = "Shaded: imputed (amber), carried or bridged (blue), estimated (grey), zero by declaration (violet)"
TITLE = {"bold": True, "font_size": 16}
NOTE = {"italic": True, "font_color": "#555555"}
WRAP = {"text_wrap": True, "valign": "top"}


@dataclass(frozen=True)
class Sheets:
    """An index and the workbook it is written to."""

    export: Export
    index: Index
    book: Book

    @property
    def leaves(self) -> list[str]:
        """Indicators, in the order of the model."""
        return list(self.export.built.indicators)

    def sheet(self, name: str, note: str = "") -> Worksheet:
        """A sheet whose first row says what it holds."""
        sheet = self.book.sheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        self.book.put(sheet, 0, 0, f"{name}: {SHEETS[name]}{f'. {note}' if note else ''}", **NOTE)
        return sheet

    def head(self, sheet: Worksheet, row: int, titles: Sequence[object], start: int = 0, **more: Any) -> None:
        """Cells of a header."""
        for column, title in enumerate(titles, start=start):
            self.book.put(sheet, row, column, title, **HEAD, **more)

    def column(self, sheet: Worksheet, row: int, column: int, values: Iterable[object], **style: Any) -> None:
        """Values below one another."""
        for place, value in enumerate(values, start=row):
            self.book.put(sheet, place, column, value, **style)

    def table(self, sheet: Worksheet, row: int, columns: dict[str, Sequence[object]], widths: Sequence[float]) -> None:
        """Columns below a header; numbers in a format that suits their size."""
        self.head(sheet, row, list(columns))
        for place, values in enumerate(columns.values()):
            numbers = pl.Series(
                [each for each in values if isinstance(each, int | float) and not isinstance(each, bool)], strict=False
            )
            style = {"num_format": number_format(numbers)} if numbers.len() else WRAP
            self.column(sheet, row + 1, place, values, **style)
            sheet.set_column(place, place, widths[min(place, len(widths) - 1)])
        count = max(map(len, columns.values()), default=0)
        if count:
            sheet.autofilter(row, 0, row + count, len(columns) - 1)

    def ranked(self) -> NDArray[np.int64]:
        """Places of the ranked units in the panel."""
        return self.export.rows(self.index) % len(self.export.experiment.panel.units)
