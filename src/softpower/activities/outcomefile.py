"""Outcomes from a table of one's own: one row for each unit and period."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from softpower.activities.outcomes import As, Outcome, around, taken_as
from softpower.errors import BadRequest, BadTable
from softpower.evidence.tablefile import one_line, only_text, printable, read_text_table, shown

# Faults of a table that a message lists.
_LISTED: Final = 5


def of_file(
    path: Path,
    *,
    unit: str,
    time: str,
    outcome: str,
    treated: Sequence[str],
    start: str,
    end: str | None = None,
    without: Collection[str] = (),
    donors: Collection[str] = (),
    scale: As = "level",
) -> Outcome:
    """A CSV or Parquet file with one row for each unit and period.

    Parameters
    ----------
    unit, time, outcome : its columns; a time is a whole number, a year and month (2024-05) or a date (2024-05-01)
    treated : names of units as the file writes them
    start : the first period after the activity began, as the file writes it
    end : the last period looked at
    without, donors : as for `softpower.activities.outcomes.of_series`, as the file writes them

    Raises
    ------
    BadTable
        The file cannot be read, lacks a column, or holds a value that is none; rows are named.
    BadRequest
        The start or the end is of another kind than the periods of the file, or a donor is not in it.
    NotEnoughData
        A treated unit has no value, or none right before and after the start.
    """
    frame = read_text_table(path, what="outcomes")
    columns = {"unit": unit, "time": time, "outcome": outcome}
    for role, name in columns.items():
        if name not in frame.columns:
            raise BadTable(
                f"{path.name}: no column {shown(name)} ({role}); it has {', '.join(map(shown, frame.columns))}"
            )
    if len(set(columns.values())) < len(columns):
        raise BadRequest("unit, time and outcome are three columns; two of them are named alike")
    only_text(frame, columns.values(), where=path.name)
    frame = printable(frame, (unit,))
    treated, without, donors = ([one_line(each) for each in names] for names in (treated, without, donors))
    known = set(frame[unit].unique().drop_nulls())
    if unknown := [each for each in (*without, *donors) if each not in known]:
        raise BadRequest(f"{path.name} has no unit {', '.join(map(shown, unknown[:_LISTED]))}")
    rows = frame.select(unit=unit, time=time, value=outcome).with_row_index("row", offset=2)
    rows = rows.filter(pl.col("unit").is_not_null() | pl.col("time").is_not_null() | pl.col("value").is_not_null())
    when = _periods(rows, path.name, time)
    number = rows["value"].replace(["NA", "N/A", "."], None)
    value = number.cast(pl.Float64, strict=False)
    _refuse(
        rows, number.is_not_null() & ~value.is_finite().fill_null(False), path.name, outcome, "is no number", "value"
    )
    _refuse(rows, rows["unit"].is_null(), path.name, unit, "is empty", "unit")
    table = rows.select("row", "unit").with_columns(time=when, value=value)
    _refuse(
        rows, table.select("unit", "time").is_duplicated(), path.name, unit, "has the same period in two rows", "unit"
    )
    example = rows["time"][0] if rows.height else "2024"
    kind = _kind_of(rows["time"])
    first, last = _given(start, example, kind), None if end is None else _given(end, example, kind)
    if last is not None and last < first:
        raise BadRequest(f"the end {end} comes before the start {start}")
    told = table.drop_nulls("value").select("unit", "time", "value")
    found = around(told, treated, first, end=last, without=without, donors=donors, what=path.name)
    names = dict(zip(when.to_list(), rows["time"].to_list(), strict=True))
    if any("-" in text.lstrip("-") for text in names.values()):  # months and the like; numbers are written out alike
        found = replace(found, labels=tuple(names[each] for each in found.times))
    return taken_as(found, scale, title=outcome, unit="", sources=())


def _kind_of(times: pl.Series) -> str:
    """The kind of the periods of a column, all of which are of one kind."""
    found = next((known for text in times.drop_nulls() if (known := period(text)) is not None), None)
    return found[0] if found else ""


def _given(text: str, example: str, kind: str) -> float:
    found = period(text)
    if found is None or found[0] != kind:
        raise BadRequest(f"{shown(text)} is no period; give it as the file does, such as {shown(example)}")
    return found[1]


def _periods(rows: pl.DataFrame, file: str, column: str) -> pl.Series:
    """Times as numbers, of one kind and evenly spaced; days may have gaps, such as weekends."""
    known = {text: period(text) for text in rows["time"].drop_nulls().unique()}
    numbers = {text: None if found is None else found[1] for text, found in known.items()}
    told = rows["time"].replace_strict(numbers, default=None, return_dtype=pl.Float64)
    _refuse(rows, told.is_null(), file, column, f"is no period; {_KINDS}", "time")
    kinds = {found[0]: text for text, found in known.items() if found is not None}
    if len(kinds) > 1:
        raise BadTable(
            f"{file}, column {shown(column)}: {' and '.join(map(shown, kinds.values()))} are periods of two kinds"
        )
    when = told.unique().sort()
    steps = when.diff().drop_nulls()
    if "day" not in kinds and steps.len() and not np.allclose(steps.to_numpy(), steps.min(), rtol=0.05):  # type: ignore[arg-type]
        at = int((steps > float(steps.min()) * 1.5).arg_max() or 0)  # type: ignore[arg-type]
        texts = {number: text for text, number in numbers.items()}
        raise BadTable(
            f"{file}, column {shown(column)}: no rows between {shown(texts[when[at]])} and "
            f"{shown(texts[when[at + 1]])}, where the other periods are closer; add them, with an "
            "empty outcome if it is unknown"
        )
    return told


_KINDS: Final = "give whole numbers or years, quarters (2024-Q1), months (2024-05) or days (2024-05-01)"
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,9})?")
_PARTS = re.compile(r"(\d{4})-(?:Q([1-4])|(\d{2})(?:-(\d{2}))?)")


def period(text: str) -> tuple[str, float] | None:
    """The kind of a period and its number, which rises by one from each to the next; None if the text is none.

    >>> period("2017"), period("1996-Q1"), period("2024-05"), period("the tenth")
    (('number', 2017.0), ('quarter', 7984.0), ('month', 24292.0), None)
    """
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return "number", float(text)
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return None
    year, quarter, month, day = (None if each is None else int(each) for each in parts.groups())
    assert year is not None  # the pattern has it
    if quarter is not None:
        return "quarter", 4.0 * year + quarter - 1
    try:
        found = date(year, month or 1, day or 1)
    except ValueError:
        return None
    return ("month", 12.0 * year + found.month - 1) if day is None else ("day", float(found.toordinal()))


def _refuse(rows: pl.DataFrame, bad: pl.Series, file: str, column: str, what: str, key: str) -> None:
    if not bad.any():
        return
    first = rows.filter(bad).head(_LISTED)
    told = "; ".join(
        f"row {row}, column {shown(column)}: {'the cell' if text is None else shown(text)} {what}"
        for row, text in first.select("row", key).iter_rows()
    )
    raise BadTable(f"{file}: {told}" + (f" ({bad.sum()} such)" if bad.sum() > _LISTED else ""))
