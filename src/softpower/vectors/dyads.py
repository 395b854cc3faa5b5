"""Influence capacity of the pairs in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from softpower.errors import BadTable
from softpower.evidence.tablefile import (
    FIRST_ROW,
    all_well,
    by_lower_case,
    first_fault,
    known_states,
    numbers,
    one_line,
    read_text_table,
    whole_numbers,
    without_na,
)
from softpower.vectors.capacity import BANDWIDTH, DEPENDENCE, capacity

KEYS = ("iso3a", "iso3b", "year")
# Years that a pair of states may have.
YEARS: Final = (1800, 2200)
# Shares, stocks and levels lie far below; from here on sums overflow.
MOST: Final = 1e150


def influence_table(path: Path) -> pl.DataFrame:
    """Bandwidth, dependence and capacity of each pair and year of a file.

    States are given by code or name, those that are no more included (`softpower.evidence.rollcalls.FORMER_STATES`).

    Returns
    -------
    DataFrame
        Columns ``iso3a, iso3b`` (ISO3 codes), ``year, bandwidth, dependence, fbic``, in the order of the file; null
        where an input is missing.

    Raises
    ------
    BadTable
        The file cannot be read or lacks a column; a state is unknown, missing or paired with itself; a year is no whole
        number of 1800-2200; a value is text, negative, infinite or too large; a pair stands twice in a year. All such
        faults are named, each with its first row, counted as a spreadsheet does.
    """
    inputs = (*BANDWIDTH, *DEPENDENCE)
    where = one_line(path.name)
    frame = read_text_table(path, what="pairs")
    frame = by_lower_case(frame, (*KEYS, *inputs), where=where)
    missing = [name for name in (*KEYS, *inputs) if name not in frame.columns]
    if missing:
        raise BadTable(f"{where}: lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}")
    rows = without_na(frame.select(*KEYS, *inputs).with_row_index("row", offset=FIRST_ROW), inputs)
    if rows.is_empty():
        raise BadTable(f"{where}: no row below its header")
    codes, faults = known_states(rows, KEYS[:2])
    year, more = whole_numbers(rows, "year", least=YEARS[0], most=YEARS[1], kind="year")
    faults += more
    values = {}
    for column in inputs:
        number = values[column] = numbers(rows[column])
        given = rows[column].is_not_null()
        faults += first_fault(rows.filter(number.is_null() & given), column, "is no number; leave unknown ones empty")
        faults += first_fault(rows.filter(number < 0), column, "is negative; give shares and stocks that are not")
        faults += first_fault(rows.filter(number.is_nan() | (number > MOST)), column, f"is above {MOST:g} or no number")
    rows = rows.with_columns(pl.col(*KEYS[:2]).replace_strict(codes, default=None))
    itself = (pl.col("iso3a") == pl.col("iso3b")).fill_null(False)
    faults += first_fault(rows.filter(itself), "iso3b", "is paired with itself")
    twice = rows.filter(pl.struct(KEYS).is_duplicated() & pl.all_horizontal(pl.col(KEYS).is_not_null()))
    faults += first_fault(twice, "iso3b", "stands twice with the same state and year; keep one of each")
    all_well(faults, where=where)
    found = capacity({name: number.fill_null(np.nan).to_numpy() for name, number in values.items()})
    return rows.select(
        "iso3a",
        "iso3b",
        year=year.cast(pl.Int16),
        bandwidth=pl.Series(found.bandwidth).fill_nan(None),
        dependence=pl.Series(found.dependence).fill_nan(None),
        fbic=pl.Series(found.capacity).fill_nan(None),
    )
