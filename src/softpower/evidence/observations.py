"""Observations: one value per series, country and year, with unit, error, status and source."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import reduce

import polars as pl

from softpower import storage
from softpower.evidence.indicators import indicator, indicators


def observations(ids: Sequence[str] | None = None) -> pl.DataFrame:
    """Observations of the series ``ids``, or of all.

    Returns
    -------
    DataFrame
        Columns ``indicator``, ``iso3``, ``year`` (int16), ``value`` (float64, finite), ``unit``, ``se`` (standard error
        in the same unit, null where none is published), ``status`` ("observed" or "estimated"), ``source_id``,
        ``vintage``; each indicator, country and year once, in this order. A missing value has no row; a structural
        zero (`Indicator.structural_zero`) has none either.

    Raises
    ------
    UnknownIndicator
        One of ``ids`` is not a series of the snapshot.
    DamagedSnapshot
        A file that had to be read is not the recorded one.
    """
    wanted = indicators() if ids is None else [indicator(id) for id in dict.fromkeys(ids)]
    parts = []
    for file in sorted({series.file for series in wanted}):
        content = io.BytesIO(storage.bundled_bytes(f"{file}.parquet"))
        rows = pl.scan_parquet(content)
        if ids is not None:
            rows = rows.filter(pl.col("indicator").is_in([series.id for series in wanted if series.file == file]))
        parts.append(rows.collect())
    if not parts:
        return storage.bundled("observations").clear()
    # Each part is sorted and no series lies in two of them, so merging keeps the whole order.
    return reduce(lambda left, right: left.merge_sorted(right, key="indicator"), parts)
