"""From raw files to roll calls of the General Assembly and the ballots cast on them."""

from __future__ import annotations

import polars as pl

from softpower.evidence.build.checks import cast, fail, iso3
from softpower.evidence.build.raw import RawFile


def roll_calls(raw: RawFile) -> pl.DataFrame:
    """One row for each roll call: ``rcid``, ``session``, ``date``, ``resolution``, ``is_part`` (a paragraph or an
    amendment; null where the source does not say), ``important``, ``issues``, ``short``, ``descr``."""
    frame = raw.frame
    for column in ("rcid", "session"):
        frame = cast(frame, column, pl.Int32, where=raw.name)
    part = pl.any_horizontal(pl.col("amend") == "1", pl.col("para") == "1")
    unsaid = pl.col("amend").is_null() & pl.col("para").is_null()
    return frame.select(
        "rcid",
        pl.col("session").cast(pl.Int16),
        pl.col("date").str.to_date(strict=True),
        resolution="unres",
        is_part=pl.when(unsaid).then(None).otherwise(part.fill_null(False)),
        important=pl.col("importantvote") == "1",
        **{text: pl.col(text).str.strip_chars().replace("", None) for text in ("issues", "short", "descr")},
    )


def ballots(raw: RawFile) -> pl.DataFrame:
    """One row for each ballot: ``rcid``, ``iso3``, ``vote`` (1 yes, 2 abstain, 3 no); an absence is no row."""
    frame = raw.frame.select(
        pl.col("rcid").cast(pl.Int32),
        iso3("iso3").cast(pl.String),
        pl.col("vote").cast(pl.Int8),
    )
    odd = frame.filter(~pl.col("vote").is_in([1, 2, 3]))
    if odd.height:
        raise fail("a ballot that is neither yes, abstention nor no", odd, where=raw.name)
    return frame
