"""Tables of ties that a user brings: newer years, other measures, or files that may not be passed on."""

from __future__ import annotations

from pathlib import Path
from typing import Final

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
    printable,
    read_text_table,
    whole_numbers,
)
from softpower.vectors.layers import Layer

NEEDED = ("origin", "partner", "year", "value")
KEYS = ("measure", "origin", "partner", "year")
# Fourth powers of sums must stay finite, and above zero.
MOST: Final = 1e60
LEAST: Final = 1e-60


def read_ties(path: Path) -> pl.DataFrame:
    """The ties in a CSV or Parquet file.

    It needs the columns ``origin``, ``partner`` (codes or names), ``year`` and ``value``, in letters of any case;
    ``measure`` and ``unit`` may be left out. Empty values are left out.

    Returns
    -------
    DataFrame
        Columns ``measure, origin, partner, year, value, unit, source_id, vintage``; the first four are unique.

    Raises
    ------
    BadTable
        The file is missing or lacks a column; a country is unknown, tied to itself or in two rows of one year; a value
        is negative, infinite, text, above 1e60 or, but for 0, below 1e-60; a year is no whole number; a measure has no
        name. All such faults are named, each with its first row.
    """
    where = one_line(path.name)
    frame = by_lower_case(read_text_table(path, what="ties"), (*NEEDED, "measure", "unit"), where=where)
    missing = [name for name in NEEDED if name not in frame.columns]
    if missing:
        raise BadTable(
            f"{where}: lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}; a table of ties has "
            f"{', '.join(NEEDED)} and, if it holds several kinds, measure.  It has: {', '.join(frame.columns[:12])}"
        )
    for name, default in (("measure", path.stem), ("unit", "")):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(default).alias(name))
    frame = printable(frame, ("measure", "unit"))
    rows = frame.with_row_index("row", offset=FIRST_ROW).filter(pl.col("value").is_not_null())
    codes, faults = known_states(rows, ("origin", "partner"))
    rows = rows.with_columns(pl.col("origin", "partner").replace_strict(codes, default=None))
    number = numbers(rows["value"])
    checks = {
        "is no number": number.is_null(),
        "is infinite or not a number": ~number.is_finite(),
        "is negative; give sizes of flows": number.is_finite() & (number < 0),
        f"is above {MOST:g}; give it in a larger unit": number.is_finite() & (number > MOST),
        f"is above 0 and below {LEAST:g}; give it in a smaller unit": (number > 0) & (number < LEAST),
    }
    for what, wrong in checks.items():
        faults += first_fault(rows.filter(wrong.fill_null(False)), "value", what)
    year, more = whole_numbers(rows, "year", least=1000, most=3000, kind="year")
    faults += more
    faults += first_fault(rows.filter(pl.col("measure").is_null()), "measure", "")
    same = rows.filter((pl.col("origin") == pl.col("partner")).fill_null(False))
    faults += first_fault(same, "origin", "is tied to itself; leave such rows out")
    twice = rows.filter(pl.struct(KEYS).is_duplicated() & pl.all_horizontal(pl.col(KEYS).is_not_null()))
    faults += first_fault(twice, "partner", "stands twice in the same year; keep one row of each pair")
    all_well(faults, where=where)
    if rows.is_empty():
        raise BadTable(f"{where}: no row has a value")
    rows = rows.with_columns(when=year, number=number)
    return rows.select(
        "measure",
        "origin",
        "partner",
        pl.col("when").cast(pl.Int16).alias("year"),
        pl.col("number").alias("value"),
        pl.col("unit").fill_null(""),
        source_id=pl.lit(f"file:{where}"),
        vintage=pl.lit(""),
    ).sort(KEYS)


def layers_in(ties: pl.DataFrame) -> tuple[Layer, ...]:
    """Two layers for each measure of a user's table: from the country, and to it."""
    found = []
    for measure in ties["measure"].unique().sort().to_list():
        for end, towards in (("origin", "from here"), ("partner", "to here")):
            found.append(
                Layer(
                    id=f"{measure}_{'out' if end == 'origin' else 'in'}",
                    title=f"{measure}, {towards}",
                    measures=((measure, end),),  # type: ignore[arg-type]  # one of the two ends
                    absent="unknown",
                    caution="From a table of your own; pairs without a row are left out.",
                )
            )
    return tuple(found)
