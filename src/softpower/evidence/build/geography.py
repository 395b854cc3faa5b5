"""From the raw file to what lies between two countries: distance, borders, languages, a colonial past."""

from __future__ import annotations

import polars as pl

from softpower.evidence.build.checks import fail, iso3, require_columns, require_finite, require_unique
from softpower.evidence.build.raw import RawFile

_KEYS = ("origin", "partner")
_FLAGS = {
    "contiguous": "contig",
    "common_language": "comlang_off",
    "common_ethnic_language": "comlang_ethno",
    "colony": "colony",
    "common_colonizer": "comcol",
    "same_country": "smctry",
}
_DISTANCES = ("dist", "distw")
_NOT_USED = ("distcap", "distwces", "curcol", "col45")
# Serbia stands with the figures of Serbia and Montenegro, whose capital and main city were its own; the Netherlands
# Antilles are no more and have no successor.
_SUCCESSORS = {"SCG": "SRB"}
_GONE = ("ANT",)


def geography(raw: RawFile) -> pl.DataFrame:
    """One row per ordered pair of two countries: ``distance_km`` and a boolean for each of the other relations.

    The distance is the one between the main cities of either country weighted by their people (``distw``), or where
    there is none the one between the largest (``dist``); in whole km, from either side the same. A relation that is not
    in the file is false; one that the file has from one side only is taken for both.

    Raises
    ------
    BadTable
        A pair has no distance, one of zero or below, or twice the same measure; or there is a measure of unknown name.
    """
    require_columns(raw.frame, (*_KEYS, "measure", "value"), where=raw.name)
    frame = raw.frame.with_columns(pl.col(*_KEYS, "measure").cast(pl.String)).with_columns(
        iso3("origin"), iso3("partner")
    )
    frame = frame.filter(
        (pl.col("origin") != pl.col("partner")) & ~pl.any_horizontal(pl.col(*_KEYS).is_in(_GONE))
    ).with_columns(pl.col(*_KEYS).replace(_SUCCESSORS))
    require_unique(frame, (*_KEYS, "measure"), where=raw.name)
    used = (*_DISTANCES, *_FLAGS.values())
    odd = frame.filter(~pl.col("measure").is_in([*used, *_NOT_USED]))
    if odd.height:
        raise fail("a measure that nobody has judged", odd, where=raw.name)
    wide = frame.group_by(_KEYS).agg(
        pl.col("value").filter(pl.col("measure") == name).first().alias(name) for name in used
    )
    back = wide.rename({"origin": "partner", "partner": "origin"})
    both = wide.join(back, on=_KEYS, how="left", suffix="_back")
    found = both.select(
        *_KEYS,
        # From either side distances differ by metres, which rounding would make kilometres of.
        distance_km=((_distance("") + pl.coalesce(_distance("_back"), _distance(""))) / 2).round(0),
        **{name: (_holds(column) | _holds(f"{column}_back")) for name, column in _FLAGS.items()},
    )
    require_finite(found, "distance_km", where=raw.name)
    nowhere = found.filter(pl.col("distance_km") <= 0)
    if nowhere.height:
        raise fail("two countries with no distance between them", nowhere, where=raw.name)
    return found


def _distance(side: str) -> pl.Expr:
    return pl.coalesce(f"distw{side}", f"dist{side}")


def _holds(column: str) -> pl.Expr:
    return (pl.col(column) == 1).fill_null(False)
