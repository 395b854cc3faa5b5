"""From raw files to trade in goods: one row per measure, origin, partner and year, as the goods flow.

Exports stand from the country that records them to its partner. Imports are turned round: their origin is the country
they came from and their partner the importer, who recorded them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import polars as pl

from softpower.evidence.build import pairs
from softpower.evidence.build.checks import (
    cast,
    fail,
    require_columns,
    require_not_negative,
    require_two_ends,
    require_unique,
)
from softpower.evidence.build.raw import RawFile

_NAMES = {"export_usd": "exports_usd", "import_usd": "imports_usd", "import_eur": "imports_eur"}

# Armenia's imports of 2023 are 679 million EUR in the raw file, against 8,346 of 2022: a few weeks, not a year.
INCOMPLETE = (("ARM", 2023),)

_MONTHS = 12
_MATRIX_YEAR = 2006
# The code under which the matrix has Serbia and Montenegro, one state until June 2006.
_YUGOSLAVIA, _SERBIA, _BOTH = "YUG", "SRB", "Serbia and Montenegro"


def recorded(raw: RawFile, *, source_id: str, vintage: str, without: Collection[str] = ()) -> pl.DataFrame:
    """Yearly trade as ``origin`` of the raw file recorded it; years in `INCOMPLETE` and countries in ``without`` are
    left out.

    Raises
    ------
    BadTable
        As for `softpower.evidence.build.pairs.ties`.
    """
    frame = cast(raw.frame, "year", pl.Int16, where=raw.name)
    partial_years = pl.lit(False)
    for country, year in INCOMPLETE:
        partial_years |= (pl.col("origin") == country) & (pl.col("year") == year)
    frame = frame.filter(~pl.col("origin").is_in(list(without)) & ~partial_years)
    imports = pl.col("measure").str.starts_with("import_")
    turned = frame.with_columns(
        origin=pl.when(imports).then("partner").otherwise("origin"),
        partner=pl.when(imports).then("origin").otherwise("partner"),
        measure=pl.col("measure").replace(_NAMES),
    )
    return pairs.ties(replace(raw, frame=turned), source_id=source_id, vintage=vintage)


def by_month(raw: RawFile, *, source_id: str, vintage: str) -> pl.DataFrame:
    """Exports summed over the months of complete years.

    A year is complete where the file reaches from its January to its December and the exporter had not stopped
    reporting before. A month without a row is one without exports: small states have several.

    Raises
    ------
    BadTable
        A month is none, occurs twice or has negative exports; else as for `softpower.evidence.build.pairs.ties`.
    """
    frame = raw.frame
    require_columns(frame, ("origin", "partner", "year", "month", "measure", "value"), where=raw.name)
    for column, dtype in (("year", pl.Int16), ("month", pl.Int16), ("value", pl.Float64)):
        frame = cast(frame, column, dtype, where=raw.name)
    odd = frame.filter(~pl.col("month").is_between(1, _MONTHS) | (pl.col("measure") != "export_eur_month"))
    if odd.height:
        raise fail("no month from 1 to 12, or no monthly exports in EUR", odd, where=raw.name)
    require_unique(frame, ("origin", "partner", "year", "month"), where=raw.name)
    require_two_ends(frame, where=raw.name)
    require_not_negative(frame, "value", where=raw.name)
    month = pl.col("year").cast(pl.Int32) * _MONTHS + pl.col("month")
    january, december = pl.col("year").cast(pl.Int32) * _MONTHS + 1, (pl.col("year").cast(pl.Int32) + 1) * _MONTHS
    whole = (month.min() <= january) & (month.max().over("origin") >= december)
    sums = (
        frame.filter(whole)
        .group_by("origin", "partner", "year")
        .agg(pl.col("value").sum())
        .with_columns(measure=pl.lit("exports_eur"))
    )
    return pairs.ties(replace(raw, frame=sums), source_id=source_id, vintage=vintage)


def matrix(raw: RawFile, *, source_id: str, vintage: str) -> pl.DataFrame:
    """Trade between all countries in one year, in which zeros were observed; Serbia's is that of Serbia and Montenegro,
    and its flag says so.

    Raises
    ------
    BadTable
        As for `softpower.evidence.build.pairs.ties`.
    """
    require_columns(raw.frame, ("origin", "partner", "flow"), where=raw.name)
    ends = pl.col("origin", "partner").cast(pl.String)
    frame = raw.frame.select(ends, value="flow").with_columns(
        pl.col("origin", "partner").replace({_YUGOSLAVIA: _SERBIA}),
        flag=pl.when(pl.any_horizontal(pl.col("origin", "partner") == _YUGOSLAVIA)).then(pl.lit(_BOTH)),
        year=pl.lit(_MATRIX_YEAR),
        measure=pl.lit("trade_musd"),
    )
    return pairs.ties(replace(raw, frame=frame), source_id=source_id, vintage=vintage, flag="flag")
