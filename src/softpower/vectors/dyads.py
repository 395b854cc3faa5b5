"""Influence capacity of the pairs in a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from softpower.errors import BadTable
from softpower.vectors.capacity import BANDWIDTH, DEPENDENCE, capacity

KEYS = ("iso3a", "iso3b", "year")


def influence_table(path: Path) -> pl.DataFrame:
    """Bandwidth, dependence and capacity of each pair and year of a file.

    Returns
    -------
    DataFrame
        Columns ``iso3a, iso3b, year, bandwidth, dependence, fbic``, in the order of the file; null where an input is
        missing.

    Raises
    ------
    BadTable
        The file cannot be read, lacks a column, holds text where a number belongs, a pair twice or a state with itself.
    BadRequest
        A value is negative or infinite.
    """
    frame = _read(path)
    inputs = (*BANDWIDTH, *DEPENDENCE)
    missing = [name for name in (*KEYS, *inputs) if name not in frame.columns]
    if missing:
        raise BadTable(f"{path.name}: lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}")
    for column in ("year", *inputs):
        number = frame[column].cast(pl.Float64, strict=False)
        bad = frame.filter(number.is_null() & frame[column].is_not_null())
        if bad.height:
            raise BadTable(f"{path.name}, column {column}: {bad[column][0]!r} is no number ({bad.height} such rows)")
        frame = frame.with_columns(number.alias(column))
    itself = frame.filter(pl.col("iso3a") == pl.col("iso3b"))
    if itself.height:
        raise BadTable(f"{path.name}: {itself['iso3a'][0]} is paired with itself ({itself.height} such rows)")
    twice = frame.filter(pl.struct(KEYS).is_duplicated())
    if twice.height:
        first = " ".join(str(each) for each in twice.select(KEYS).row(0))
        raise BadTable(f"{path.name}: {twice.height} rows share pair and year, such as {first}; keep one of each")
    found = capacity({name: frame[name].fill_null(np.nan).to_numpy() for name in inputs})
    return frame.select(*KEYS).with_columns(
        pl.col("year").cast(pl.Int16),
        bandwidth=pl.Series(found.bandwidth).fill_nan(None),
        dependence=pl.Series(found.dependence).fill_nan(None),
        fbic=pl.Series(found.capacity).fill_nan(None),
    )


def _read(path: Path) -> pl.DataFrame:
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path).with_columns(pl.all().cast(pl.String))
        return pl.read_csv(path, infer_schema=False, null_values=["", "NA"])
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BadTable(f"{path}: cannot be read as a table: {str(error).splitlines()[0]}") from error
