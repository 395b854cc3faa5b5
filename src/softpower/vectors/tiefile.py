"""Tables of ties that a user brings: newer years, other measures, or files that may not be passed on."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from softpower.errors import AmbiguousName, BadTable, UnknownCountry
from softpower.evidence.rollcalls import FORMER_STATES
from softpower.vectors.layers import Layer
from softpower.world import find

NEEDED = ("origin", "partner", "year", "value")
KEYS = ("measure", "origin", "partner", "year")


def read_ties(path: Path) -> pl.DataFrame:
    """The ties in a CSV or Parquet file.

    It needs the columns ``origin``, ``partner`` (codes or names), ``year`` and ``value``; ``measure`` and ``unit`` may
    be left out. Empty values are left out.

    Returns
    -------
    DataFrame
        Columns ``measure, origin, partner, year, value, unit, source_id, vintage``; the first four are unique.

    Raises
    ------
    BadTable
        The file is missing or lacks a column; a country is unknown, tied to itself or in two rows of one year; a value
        is negative, infinite or text; a year is no whole number. All such faults are named, each with its first row.
    """
    frame = _text(path)
    missing = [name for name in NEEDED if name not in frame.columns]
    if missing:
        raise BadTable(
            f"{path.name}: lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}; a table of ties has "
            f"{', '.join(NEEDED)} and, if it holds several kinds, measure.  It has: {', '.join(frame.columns[:12])}"
        )
    for name, default in (("measure", path.stem), ("unit", "")):
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(default).alias(name))
    rows = frame.with_row_index("row", offset=2).filter(pl.col("value").is_not_null())
    faults = []
    codes = {}
    for name in sorted(set(rows["origin"].to_list() + rows["partner"].to_list()), key=str):
        try:
            codes[name] = name if name in FORMER_STATES else find(name or "").iso3
        except (UnknownCountry, AmbiguousName) as error:
            first = rows.filter((pl.col("origin") == name) | (pl.col("partner") == name))
            faults.append(f"row {first['row'][0] if first.height else '?'}: {error}")
    rows = rows.with_columns(
        pl.col("origin", "partner").replace_strict(codes, default=None),
        number=pl.col("value").cast(pl.Float64, strict=False),
        when=pl.col("year").cast(pl.Float64, strict=False),
    )
    checks = {
        "is no number": pl.col("number").is_null(),
        "is infinite or not a number": ~pl.col("number").is_finite(),
        "is negative; give sizes of flows": pl.col("number") < 0,
    }
    for what, wrong in checks.items():
        faults += _first(rows.filter(wrong), "value", what)
    odd = pl.col("when").is_null() | (pl.col("when") != pl.col("when").round()) | ~pl.col("when").is_between(1000, 3000)
    faults += _first(rows.filter(odd), "year", "is no year")
    same = rows.filter(pl.col("origin") == pl.col("partner"))
    faults += _first(same, "origin", "is tied to itself; leave such rows out")
    twice = rows.filter(pl.struct(KEYS).is_duplicated() & pl.col("origin").is_not_null())
    faults += _first(twice, "partner", "stands twice in the same year; keep one row of each pair")
    if faults:
        raise BadTable("\n  ".join([f"{path.name}: {len(faults)} kind{'s' * (len(faults) > 1)} of fault", *faults]))
    if rows.is_empty():
        raise BadTable(f"{path.name}: no row has a value")
    return rows.select(
        "measure",
        "origin",
        "partner",
        pl.col("when").cast(pl.Int16).alias("year"),
        pl.col("number").alias("value"),
        pl.col("unit").fill_null(""),
        source_id=pl.lit(f"file:{path.name}"),
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


def _first(rows: pl.DataFrame, column: str, what: str) -> list[str]:
    """The fault with its first row, or nothing."""
    if rows.is_empty():
        return []
    more = f" ({rows.height} such rows)" if rows.height > 1 else ""
    return [f"row {rows['row'][0]}: {column} {rows[column][0]!r} {what}{more}"]


def _text(path: Path) -> pl.DataFrame:
    """The file with every column as text."""
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path).with_columns(pl.all().cast(pl.String))
        # Nothing is read as missing but an empty cell: NA is Namibia.
        return pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BadTable(f"{path}: cannot be read as a table of ties: {str(error).splitlines()[0]}") from error
