"""The sheets of a workbook that show the data: at every stage, described, and correlated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from softpower.index.correlation import correlate
from softpower.index.exported import stages, status_words, unit_of_measure
from softpower.index.spreadsheet import HEAD, number_format
from softpower.index.statistics import describe
from softpower.index.workbook_sheets import FILLS, LEGEND, Sheets

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]


def data(made: Sheets) -> None:
    """Four sheets of one layout: values as published, what each is, as treated, and on the common scale."""
    panel, built = made.export.experiment.panel, made.export.built
    place = panel.years.index(made.index.year)
    at = np.flatnonzero(panel.alive[place])
    at = at[np.argsort([made.export.names[panel.units[u]] for u in at], kind="stable")]
    parts = {id: [each[at] for each in stages(made.export, made.index, id)] for id in made.leaves}
    known = {id: panel.status[place, at, panel.indicators.index(id)] for id in made.leaves}
    words = {id: status_words(known[id], parts[id][0]) for id in made.leaves}
    raw = {id: panel.raw[place, at, panel.indicators.index(id)] for id in made.leaves}
    units = [panel.units[u] for u in at]
    for name, values in (
        ("Data", raw),
        ("Status", None),
        ("Treated", {id: parts[id][1] for id in made.leaves}),
        ("Normalised", {id: parts[id][2] for id in made.leaves}),
    ):
        sheet = made.sheet(name, LEGEND)
        _wide_head(made, sheet, name)
        keys: tuple[list[object], ...] = (
            list(units),
            [made.export.names[unit] for unit in units],
            [made.index.is_ranked(unit) for unit in units],
        )
        for column, cells in enumerate(keys):
            made.column(sheet, 6, column, cells)
        for column, id in enumerate(built.indicators, start=3):
            form = {} if values is None else {"num_format": number_format(pl.Series(values[id]))}
            shown: Sequence[object] = words[id] if values is None else values[id].tolist()
            for row, (value, word) in enumerate(zip(shown, words[id], strict=True), start=6):
                fill = {"bg_color": FILLS[word]} if word in FILLS and not _unknown(value) else {}
                made.book.put(sheet, row, column, value, **form, **fill)


def _wide_head(made: Sheets, sheet: Worksheet, name: str) -> None:
    """Five rows above the data: indicator, id, node, unit, direction; names and ids of units stay in sight."""
    built, units = made.export.built, unit_of_measure(made.export)
    for row, title in enumerate(("indicator", "id", "node", "unit of measure", "direction"), start=1):
        made.head(sheet, row, ["unit", "name", "ranked"] if row == 5 else ["", title, ""])
    for column, (id, each) in enumerate(built.indicators.items(), start=3):
        logs = "logarithm of " if each.transform == "log" and name == "Treated" else ""
        counted = "common scale" if name == "Normalised" else f"{logs}{units[id] or 'own unit'}"
        arrow = "more is stronger" if each.direction > 0 else "less is stronger"
        for row, text in enumerate((each.title, id, built.title_of(each.node), counted, arrow), start=1):
            made.book.put(sheet, row, column, text, **HEAD)
    sheet.set_column(0, 0, 9)
    sheet.set_column(1, 1, 30)
    sheet.set_column(2, 2, 8)
    sheet.set_column(3, 2 + len(built.indicators), 17)
    sheet.set_row(1, 60)
    sheet.freeze_panes(6, 3)


def statistics(made: Sheets) -> None:
    """Each indicator over the ranked units, before and after treatment."""
    panel, at = made.export.experiment.panel, made.ranked()
    place = panel.years.index(made.index.year)
    columns = np.array([panel.indicators.index(id) for id in made.leaves])
    raw = np.where(panel.known[place], panel.raw[place], np.nan)[np.ix_(at, columns)]
    treated = np.column_stack([stages(made.export, made.index, id)[1][at] for id in made.leaves])
    before, after = describe(raw), describe(treated)
    units = unit_of_measure(made.export)
    cells: dict[str, Sequence[object]] = {
        "id": made.leaves,
        "indicator": [made.export.built.title_of(id) for id in made.leaves],
        "unit": [units[id] for id in made.leaves],
        "known": before.available.tolist(),
        "missing": (len(at) - before.available).tolist(),
        "share known": before.share_available.tolist(),
    }
    cells |= {
        title: getattr(before, name).tolist()
        for title, name in (
            ("mean", "mean"),
            ("median", "median"),
            ("standard deviation", "std"),
            ("minimum", "minimum"),
            ("maximum", "maximum"),
        )
    }
    cells |= {
        "skewness": before.skew.tolist(),
        "excess kurtosis": before.kurtosis.tolist(),
        "outliers": before.outliers.tolist(),
        "skewness, treated": after.skew.tolist(),
        "excess kurtosis, treated": after.kurtosis.tolist(),
        "outliers, treated": after.outliers.tolist(),
    }
    sheet = made.sheet("Statistics", "Outliers: skewness of 2 or more in size, and excess kurtosis of 3.5 or more")
    made.table(sheet, 1, cells, [22, 40, 18, 10])
    for column, title in enumerate(cells):
        if title in ("mean", "median", "standard deviation", "minimum", "maximum"):
            for row, value in enumerate(cells[title], start=2):  # each row has another unit, and so another format
                made.book.put(sheet, row, column, value, num_format=number_format(pl.Series([value])))
            sheet.set_column(column, column, 14)
    sheet.freeze_panes(2, 2)


def correlations(made: Sheets) -> None:
    """Indicators and nodes with one another."""
    at, ready = made.ranked(), made.export.experiment
    normalised = [stages(made.export, made.index, id)[2][at] for id in made.leaves]
    scores = [made.index.central[node] for node in made.export.nodes]
    found = correlate(np.column_stack([*scores, *normalised])).r
    parts = [*made.export.nodes, *made.leaves]
    sheet = made.sheet("Correlations", "Normalised, so that more is stronger; a node holds its own parts")
    made.head(sheet, 1, ["part", *[ready.built.title_of(part) for part in parts]])
    for row, part in enumerate(parts):
        made.book.put(sheet, row + 2, 0, ready.built.title_of(part), bold=part in made.export.nodes)
        for column, r in enumerate(found[row].tolist(), start=1):
            made.book.put(sheet, row + 2, column, r, num_format="0.00")
    sheet.conditional_format(
        2,
        1,
        1 + len(parts),
        len(parts),
        {
            "type": "3_color_scale", "min_type": "num", "mid_type": "num", "max_type": "num",
            "min_value": -1, "mid_value": 0, "max_value": 1,
            "min_color": "#E8A87C", "mid_color": "#FFFFFF", "max_color": "#8DB4D9",
        },
    )  # fmt: skip
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, len(parts), 13)
    sheet.set_row(1, 75)
    sheet.freeze_panes(2, 1)


def _unknown(value: object) -> bool:
    return isinstance(value, float) and not np.isfinite(value)
