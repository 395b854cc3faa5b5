"""What every table must satisfy before it enters the snapshot; each fault shows its first rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from softpower.errors import BadTable

SHOWN = 5

# Codes that publishers use where ISO 3166 has another; Kosovo has no ISO code, XKX is the one in common use.
OTHER_CODES = {"ADO": "AND", "KSV": "XKX", "ROM": "ROU", "TMP": "TLS", "WBG": "PSE", "ZAR": "COD"}


def fail(what: str, rows: pl.DataFrame, *, where: str) -> BadTable:
    """The error for ``rows`` that are wrong in the way ``what`` says."""
    shown = "\n".join(f"  {row}" for row in rows.head(SHOWN).iter_rows())
    more = f"\n  ... and {rows.height - SHOWN} more" if rows.height > SHOWN else ""
    return BadTable(f"{where}: {what} ({rows.height} rows)\n  {tuple(rows.columns)}\n{shown}{more}")


def require_columns(frame: pl.DataFrame, columns: Sequence[str], *, where: str) -> None:
    """All of ``columns`` are there."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise BadTable(f"{where}: no column {', '.join(missing)}; it has {', '.join(frame.columns)}")


def require_unique(frame: pl.DataFrame, keys: Sequence[str], *, where: str) -> None:
    """No two rows share ``keys``."""
    twice = frame.filter(pl.struct(keys).is_duplicated())
    if twice.height:
        raise fail(f"several rows with the same {', '.join(keys)}", twice.sort(keys), where=where)


def require_finite(frame: pl.DataFrame, column: str, *, where: str) -> None:
    """``column`` has a finite number in every row."""
    wrong = frame.filter(~pl.col(column).is_finite().fill_null(False))
    if wrong.height:
        raise fail(f"{column} is missing or not a finite number", wrong, where=where)


def require_known(frame: pl.DataFrame, column: str, known: Collection[str], *, where: str) -> None:
    """Every code in ``column`` is in the country table."""
    wrong = frame.filter(~pl.col(column).is_in(list(known)).fill_null(False))
    if wrong.height:
        codes = ", ".join(str(code) for code in wrong[column].unique().sort().head(SHOWN))
        raise fail(f"{column} holds codes that are not in the country table: {codes}", wrong, where=where)


def require_two_ends(frame: pl.DataFrame, *, where: str) -> None:
    """No row ties a country to itself."""
    wrong = frame.filter(pl.col("origin") == pl.col("partner"))
    if wrong.height:
        raise fail("a tie of a country with itself", wrong, where=where)


def require_not_negative(frame: pl.DataFrame, column: str, *, where: str) -> None:
    """``column`` is nowhere below zero."""
    wrong = frame.filter(pl.col(column) < 0)
    if wrong.height:
        raise fail(f"{column} is negative", wrong, where=where)


def iso3(column: str) -> pl.Expr:
    """``column`` with publishers' own codes replaced by ISO 3166-1 alpha-3 ones."""
    return pl.col(column).replace(OTHER_CODES)


def cast(frame: pl.DataFrame, column: str, dtype: type[pl.DataType], *, where: str) -> pl.DataFrame:
    """Turn the text in ``column`` into numbers; "2023.0" is read as the whole number 2023, "2023.5" is a fault.

    Empty cells stay null.
    """
    number = pl.col(column).cast(pl.Float64, strict=False)
    integer = dtype.is_integer()
    wrong_rows = pl.col(column).is_not_null() & number.is_null()
    if integer:
        wrong_rows = wrong_rows | (number != number.round())
    wrong = frame.filter(wrong_rows)
    if wrong.height:
        raise fail(f"{column} is not a {'whole ' if integer else ''}number", wrong, where=where)
    return frame.with_columns(number.cast(dtype))
