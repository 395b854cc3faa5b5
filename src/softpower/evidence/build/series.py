"""From raw files to observations: one row per indicator, country and year."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from softpower.errors import BadTable
from softpower.evidence.build.checks import cast, fail, iso3, require_columns, require_finite, require_unique
from softpower.evidence.build.newstates import unreported
from softpower.evidence.build.raw import RawFile
from softpower.storage import bundled_text
from softpower.world.statehood import beginnings

KEYS = ("indicator", "iso3", "year")
COLUMNS = (*KEYS, "value", "unit", "se", "status", "source_id", "vintage")

_ERROR_SUFFIX = "_se"
_UIS_IDS = {"26637": "uis_inbound_students", "MENF.5T8": "uis_net_flow_students"}
_LPI_EDITION = 2022
HERITAGE = ("cia_world_heritage_sites", "cia_whs_cultural", "cia_whs_mixed", "cia_whs_natural")
AREA_VINTAGE = "UN Demographic Yearbook, surface area: without what the UN lists apart"


@dataclass(frozen=True, slots=True)
class Derived:
    """A series computed from others of the same country and year.

    ``formula`` is what is computed: an SQL expression over the ids of its inputs. ``inputs[0]`` is the main one,
    whose source the result cites.
    """

    id: str
    name: str
    unit: str
    inputs: tuple[str, ...]
    formula: str
    note: str = ""


def series(raw: RawFile, *, source_id: str, vintage: str) -> pl.DataFrame:
    """Observations of a file with columns iso3, year, indicator, value, unit."""
    require_columns(raw.frame, ["iso3", "year", "indicator", "value", "unit"], where=raw.name)
    frame = raw.frame.with_columns(iso3("iso3"))
    frame = cast(cast(frame, "year", pl.Int16, where=raw.name), "value", pl.Float64, where=raw.name)
    require_finite(frame, "year", where=raw.name)
    require_finite(frame, "value", where=raw.name)
    return frame.select(
        "indicator",
        "iso3",
        "year",
        "value",
        "unit",
        se=pl.lit(None, pl.Float64),
        status=pl.lit("observed"),
        source_id=pl.lit(source_id),
        vintage=pl.lit(vintage),
    )


def with_errors(raw: RawFile, *, source_id: str, vintage: str) -> pl.DataFrame:
    """Observations of a file that gives standard errors as further series, named like the estimate plus ``_se``."""
    frame = series(raw, source_id=source_id, vintage=vintage)
    is_error = pl.col("indicator").str.ends_with(_ERROR_SUFFIX)
    errors = frame.filter(is_error).select(
        pl.col("indicator").str.strip_suffix(_ERROR_SUFFIX), "iso3", "year", se="value"
    )
    return frame.filter(~is_error).drop("se").join(errors, on=KEYS, how="left").select(COLUMNS)


def factbook(raw: RawFile, *, source_id: str, vintage: str) -> pl.DataFrame:
    """The Factbook's series, less zeros nobody published, and with areas that count what the UN counts.

    The file has zeros for members that the Factbook's list of World Heritage leaves out; that they have none is said
    once, in `softpower.evidence.build.traps`. Areas follow the border policy of the country table.
    """
    frame = series(raw, source_id=source_id, vintage=vintage)
    unlisted = frame.filter((pl.col("indicator") == HERITAGE[0]) & (pl.col("value") == 0))["iso3"].to_list()
    frame = frame.filter(~(pl.col("indicator").is_in(HERITAGE) & pl.col("iso3").is_in(unlisted)))
    areas = tomllib.loads(bundled_text("world/countries.toml"))["area_km2"]
    corrected = (pl.col("indicator") == "cia_area_total_km2") & pl.col("iso3").is_in(list(areas))
    return frame.with_columns(
        value=pl.when(corrected)
        .then(pl.col("iso3").replace_strict(areas, default=None, return_dtype=pl.Float64))
        .otherwise("value"),
        vintage=pl.when(corrected).then(pl.lit(AREA_VINTAGE)).otherwise("vintage"),
    )


def lpi(raw: RawFile, *, source_id: str, vintage: str) -> pl.DataFrame:
    """The logistics index: the file holds each country's latest edition, so the vintage tells them apart."""
    frame = series(raw, source_id=source_id, vintage=vintage)
    older = pl.format("edition of {}, older than {}", "year", pl.lit(vintage))
    return frame.with_columns(vintage=pl.when(pl.col("year") == _LPI_EDITION).then("vintage").otherwise(older))


def uis_mobility(raw: RawFile, qualifiers: RawFile, *, source_id: str, vintage: str) -> pl.DataFrame:
    """Student mobility, with the values that UNESCO or the country estimated marked so.

    Outbound students are inbound minus net flow: estimated where either is.
    """
    frame = series(raw, source_id=source_id, vintage=vintage)
    marks = qualifiers.frame.select(
        pl.col("indicatorId").replace(_UIS_IDS).alias("indicator"), iso3("geoUnit").alias("iso3"), "year"
    )
    marks = cast(marks, "year", pl.Int16, where=qualifiers.name)
    outbound = marks.with_columns(indicator=pl.lit("uis_outbound_students_derived"))
    estimated = pl.concat([marks, outbound]).unique().with_columns(mark=pl.lit("estimated"))
    return frame.join(estimated, on=KEYS, how="left").with_columns(status=pl.coalesce("mark", "status")).select(COLUMNS)


def routes(raw: RawFile, *, source_id: str, vintage: str) -> pl.DataFrame:
    """International routes per country: airline routes out of it, so that a route and its return count once."""
    pairs = cast(cast(raw.frame, "year", pl.Int16, where=raw.name), "value", pl.Float64, where=raw.name)
    abroad = pairs.filter((pl.col("measure") == "airline_routes") & (pl.col("origin") != pl.col("partner")))
    totals = abroad.group_by(iso3("origin").alias("iso3"), "year").agg(pl.col("value").sum())
    return totals.select(
        indicator=pl.lit("flight_routes"),
        iso3="iso3",
        year="year",
        value="value",
        unit=pl.lit("routes"),
        se=pl.lit(None, pl.Float64),
        status=pl.lit("observed"),
        source_id=pl.lit(source_id),
        vintage=pl.lit(vintage),
    )


def derive(observations: pl.DataFrame, recipe: Derived) -> pl.DataFrame:
    """Observations of a derived series: a value wherever all inputs have one; estimated if any input is."""
    inputs = observations.filter(pl.col("indicator").is_in(recipe.inputs))
    absent = sorted(set(recipe.inputs) - set(inputs["indicator"]))
    if absent:
        raise BadTable(f"derived series {recipe.id}: no observations of {', '.join(absent)}")
    main = inputs.filter(pl.col("indicator") == recipe.inputs[0])
    values = inputs.pivot(on="indicator", index=["iso3", "year"], values="value").drop_nulls()
    doubt = inputs.group_by("iso3", "year").agg(estimated=(pl.col("status") == "estimated").any())
    frame = values.select("iso3", "year", pl.sql_expr(recipe.formula).alias("value"))
    return (
        frame.join(doubt, on=["iso3", "year"])
        .join(main.select("iso3", "year", "source_id", "vintage"), on=["iso3", "year"])
        .select(
            "iso3",
            "year",
            "value",
            "source_id",
            "vintage",
            indicator=pl.lit(recipe.id),
            unit=pl.lit(recipe.unit),
            se=pl.lit(None, pl.Float64),
            status=pl.when("estimated").then(pl.lit("estimated")).otherwise(pl.lit("observed")),
        )
        .select(COLUMNS)
    )


def combine(frames: Sequence[pl.DataFrame], recipes: Sequence[Derived], *, where: str) -> pl.DataFrame:
    """All observations of one table, those read and those derived from them, checked and sorted.

    Zeros of new states that stand for "not reported" (`softpower.evidence.build.newstates`) are left out.
    """
    read = _checked(pl.concat(frames), where=where)
    read = read.join(unreported(read, beginnings()), on=KEYS, how="anti", maintain_order="left")
    return _checked(pl.concat([read, *(derive(read, recipe) for recipe in recipes)]), where=where)


def _checked(frame: pl.DataFrame, *, where: str) -> pl.DataFrame:
    """Sorted observations, each key once, each value finite, one unit per indicator."""
    require_unique(frame, KEYS, where=where)
    require_finite(frame, "value", where=where)
    mixed = frame.select("indicator", "unit").unique().filter(pl.col("indicator").is_duplicated())
    if mixed.height:
        raise fail("one indicator in several units", mixed.sort("indicator", "unit"), where=where)
    return frame.select(COLUMNS).sort(KEYS)
