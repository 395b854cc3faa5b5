"""From raw files to ties: one row per measure, origin, partner and year."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from softpower.evidence.build.checks import (
    cast,
    fail,
    iso3,
    require_finite,
    require_not_negative,
    require_two_ends,
)
from softpower.evidence.build.raw import RawFile

KEYS = ("measure", "origin", "partner", "year")
COLUMNS = (*KEYS, "value", "unit", "flag", "source_id", "vintage")

UNITS = {
    "airline_routes": "routes",
    "airport_pairs": "airport pairs",
    "asylum_seekers": "persons",
    "china_ambassador_op_eds": "articles in a year",
    "china_confucius_institutes": "institutes founded in a year",
    "china_finance_usd2014_oda": "constant 2014 US$",
    "china_finance_usd2014_oof": "constant 2014 US$",
    "china_finance_usd2014_vague": "constant 2014 US$",
    "china_government_visits": "visits in a year",
    "china_inbound_students_to_china": "persons",
    "china_journalist_visits": "visits in a year",
    "china_media_partnerships": "partnerships made in a year",
    "china_military_visits": "visits in a year",
    "china_outbound_chinese_students": "persons",
    "china_projects_oda": "projects begun in a year",
    "china_projects_oof": "projects begun in a year",
    "china_projects_vague": "projects begun in a year",
    "china_sister_cities_established": "city pairs made in a year",
    "exports_eur": "EUR",
    "exports_usd": "US$",
    "fdi_inward_stock_musd": "million US$",
    "fdi_outward_stock_musd": "million US$",
    "imports_eur": "EUR",
    "imports_usd": "US$",
    "migrant_stock": "persons",
    "missions_consulate": "missions",
    "missions_consulate_general": "missions",
    "missions_de_facto_mission": "missions",
    "missions_embassy": "missions",
    "missions_honorary_consulate": "missions",
    "missions_other_mission": "missions",
    "refugees": "persons",
    "sister_city_pairs": "city pairs",
    "students_inbound": "persons",
    "trade_musd": "million US$",
    "visa_openness": "scale, -1 not admitted to 3 without a visa",
}

# Measures with values below zero: positions of investment may be negative, and so may a scale.
_SIGNED = ("fdi_inward_stock_musd", "fdi_outward_stock_musd", "visa_openness")

# States that no longer exist, by the codes the publisher gives them: Netherlands Antilles, Sudan before 2011.
_FORMER = {"ANT": "_FORMER_ANT", "XDN": "_FORMER_SDN"}


def ties(raw: RawFile, *, source_id: str, vintage: str, flag: str = "") -> pl.DataFrame:
    """Ties of a file with columns origin, partner, year, measure, value; ``flag`` names the column of remarks.

    Raises
    ------
    BadTable
        A measure is not in `UNITS`, a value is no finite number or negative where it cannot be, or a country is tied
        to itself.
    """
    frame = _typed(raw, source_id=source_id, vintage=vintage, flag=flag)
    require_two_ends(frame, where=raw.name)
    require_not_negative(frame.filter(~pl.col("measure").is_in(_SIGNED)), "value", where=raw.name)
    return frame


def _typed(raw: RawFile, *, source_id: str, vintage: str, flag: str, further: Sequence[str] = ()) -> pl.DataFrame:
    """The columns of ties, typed, and ``further`` columns as they are."""
    text = [name for name in ("origin", "partner", "measure") if raw.frame.schema[name] != pl.String]
    frame = raw.frame.with_columns(pl.col(text).cast(pl.String)).with_columns(iso3("origin"), iso3("partner"))
    if frame.schema["value"] == pl.String:
        frame = cast(cast(frame, "year", pl.Int16, where=raw.name), "value", pl.Float64, where=raw.name)
    remark = pl.col(flag).str.strip_chars() if flag else pl.lit(None, pl.String)
    unknown = frame.filter(~pl.col("measure").is_in(list(UNITS)))
    if unknown.height:
        raise fail("a measure without a declared unit", unknown, where=raw.name)
    frame = frame.with_columns(
        pl.col("year").cast(pl.Int16),
        pl.col("value").cast(pl.Float64),
        unit=pl.col("measure").replace_strict(UNITS),
        flag=pl.when(remark != "").then(remark),
        source_id=pl.lit(source_id),
        vintage=pl.lit(vintage),
    )
    require_finite(frame, "value", where=raw.name)
    return frame.select(*COLUMNS, *further)


def investment(raw: RawFile, *, source_id: str, vintage: str) -> pl.DataFrame:
    """Direct investment positions: what the origin reports (flag O), and only where it is silent what its counterpart
    does (flag SCC); never both."""
    frame = ties(raw, source_id=source_id, vintage=vintage, flag="flag")
    return frame.sort("flag").unique(KEYS, keep="first", maintain_order=True)


def students(raw: RawFile, *, source_id: str, vintage: str) -> pl.DataFrame:
    """Students by origin and host with the view each row belongs to; see `softpower.evidence.student_view`."""
    frame = _typed(raw, source_id=source_id, vintage=vintage, flag="flag", further=["view"])
    return frame.with_columns(pl.col("origin", "partner").replace(_FORMER))
