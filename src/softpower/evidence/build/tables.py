"""From raw files to the tables that describe countries and groups: one function per table."""

from __future__ import annotations

import polars as pl

from softpower.evidence.build.checks import cast, iso3, require_columns
from softpower.evidence.build.raw import RawFile

# Gambia among Kazakhstan's five largest import partners is most likely Germany: its GEC code GM is Gambia's ISO code.
_DOUBTFUL_IMPORTER, _DOUBTFUL_PARTNER = "KAZ", "GMB"

_STATUS_SPELLINGS = {
    "candidate country": "candidate",
    "candidates": "candidate",
    "nonregional members": "nonregional member",
    "partners": "partner",
}


def countries(raw: RawFile) -> pl.DataFrame:
    """The reference table: 250 countries and territories by ISO3, codes as text, flags as booleans."""
    where, frame = raw.name, raw.frame
    require_columns(frame, ["iso3", "iso2", "iso_num", "m49", "name_en", "borders", "un_member"], where=where)
    # str.strip_chars also takes the no-break space that stands for "no code" in the IOC, FIFA and GEC columns.
    text = pl.col(pl.String).str.strip_chars()
    frame = frame.with_columns(pl.when(text != "").then(text))
    for column in ("iso_num", "m49", "geoname_id"):
        frame = cast(frame, column, pl.Int64, where=where)
    for column in ("lat", "lon", "capital_lat", "capital_lon", "area_km2"):
        frame = cast(frame, column, pl.Float64, where=where)
    for column in ("ldc", "lldc", "sids", "landlocked", "un_member"):
        frame = cast(frame, column, pl.Int64, where=where).with_columns(pl.col(column).cast(pl.Boolean))
    return frame.with_columns(
        pl.col("iso_num", "m49").cast(pl.String).str.zfill(3),
        pl.col("geoname_id").cast(pl.String),
        pl.col("borders").fill_null("").str.split("|").list.eval(pl.element().filter(pl.element() != "")).list.sort(),
        # The list the raw table was made from read Namibia's "NA" as missing and lost its row.
        wikidata=pl.when(pl.col("iso3") == "NAM").then(pl.col("wikidata").fill_null("Q1030")).otherwise("wikidata"),
    )


def blocs(raw: RawFile) -> pl.DataFrame:
    """Who belonged to which group in which role; years as integers, ``left`` null while the membership lasts."""
    frame = raw.frame.with_columns(iso3("iso3"))
    for column in ("joined", "left"):
        frame = cast(frame, column, pl.Int16, where=raw.name)
    return frame.select("bloc", "bloc_name", "iso3", "role", "joined", "left", "source", "note")


def borders(raw: RawFile) -> pl.DataFrame:
    """Length of each land border in km, once from either side; a border in several stretches is summed."""
    frame = cast(raw.frame.select(iso3("iso3"), iso3("neighbour"), "km"), "km", pl.Float64, where=raw.name)
    return frame.group_by("iso3", "neighbour").agg(pl.col("km").sum())


def composition(raw: RawFile) -> pl.DataFrame:
    """Ethnic, religious and language groups and their shares in percent; language shares may sum to over 100.

    ``place`` counts the groups of a country as printed: a few names occur twice.
    """
    place = pl.int_range(1, pl.len() + 1, dtype=pl.Int16).over("iso3", "dimension")
    frame = raw.frame.select(iso3("iso3"), "dimension", pl.col("group").fill_null(""), "share_pct", "year", place=place)
    return cast(cast(frame, "share_pct", pl.Float64, where=raw.name), "year", pl.Int16, where=raw.name)


def igo_membership(raw: RawFile) -> pl.DataFrame:
    """Organisations each country takes part in and its status there, in one spelling."""
    return raw.frame.select(iso3("iso3"), "organisation", pl.col("status").replace(_STATUS_SPELLINGS))


def trade_partners(raw: RawFile) -> pl.DataFrame:
    """The five largest trade partners with their share in percent; ``doubtful`` marks a likely slip of codes."""
    frame = raw.frame.select(
        iso3("iso3"), iso3("partner_iso3").alias("partner"), "partner_text", "flow", "year", "share_pct"
    )
    frame = cast(cast(frame, "year", pl.Int16, where=raw.name), "share_pct", pl.Float64, where=raw.name)
    slip = (
        (pl.col("iso3") == _DOUBTFUL_IMPORTER) & (pl.col("partner") == _DOUBTFUL_PARTNER) & (pl.col("flow") == "import")
    )
    note = "kept as printed; most likely Germany, whose GEC code GM is the ISO code of The Gambia"
    return frame.with_columns(doubtful=slip, note=pl.when(slip).then(pl.lit(note)))
