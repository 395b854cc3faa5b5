"""From raw files to ties between people and governments: refugees, visas, what China does abroad."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from softpower.evidence.build import pairs
from softpower.evidence.build.checks import cast, fail, require_unique
from softpower.evidence.build.raw import RawFile

# Refugees whose country of origin is none or not one: of unknown origin, without a nationality, Tibetans.
_UNKNOWN = "_UNKNOWN"
_POOLS = {"XXA": "_STATELESS", "TIB": "_OTHER_TIB"}
# The copy has no 2019, and under 2020 what UNHCR counted for 2019: in 97 % of all countries the refugees hosted are to
# a man those of that year in the series unhcr_refugees_hosted, in 4 % those of 2020.
_SAID, _MEANT = 2020, 2019

# In 2020 the words were others: those for e-visas and for visas on arrival do not part them as later ones do, and the
# raw file has -1 for "required", "free" and "on arrival" alike.
_VISAS_SINCE = 2021
_OPENNESS = {
    "visa free": 3,
    "visa on arrival": 2,
    "eta": 2,
    "EVW": 2,  # an electronic visa waiver, asked for before the journey as an electronic travel authority is
    "e-visa": 1,
    "visa required": 0,
    "no admission": -1,
    "covid ban": -1,
}
_DAYS = r"^\d+$"  # days for which no visa is needed

_ELITE, _ELITE_PARTS = "total_elite_visits", ("government_visits", "military_visits")
_TO_CHINA = "inbound_students_to_china"


def refugees(raw: RawFile, *, source_id: str, vintage: str) -> pl.DataFrame:
    """Refugees and asylum seekers from their country of origin to that of asylum; origins that are no country are
    pooled, and rows without either end left out.

    A file without a year 2019 has it under 2020.

    Raises
    ------
    BadTable
        As for `softpower.evidence.build.pairs.ties`.
    """
    ends = pl.col("origin", "partner").cast(pl.String)
    frame = raw.frame.with_columns(ends).filter(pl.any_horizontal(pl.col("origin", "partner").is_not_null()))
    frame = cast(frame, "year", pl.Int16, where=raw.name)
    if _MEANT not in frame["year"]:
        frame = frame.with_columns(pl.col("year").replace({_SAID: _MEANT}))
    frame = frame.with_columns(origin=pl.col("origin").replace(_POOLS).fill_null(_UNKNOWN))
    return pairs.ties(replace(raw, frame=frame), source_id=source_id, vintage=vintage)


def visas(raw: RawFile, *, source_id: str, vintage: str) -> pl.DataFrame:
    """How open each destination (partner) is to each passport (origin), by what the source says in words: 3 no visa, 2
    on arrival or by electronic travel authority, 1 an e-visa, 0 a visa, -1 not admitted.

    The flag of the last is "covid ban" or "no admission". Years before 2021 are left out.

    Raises
    ------
    BadTable
        The source says something else; else as for `softpower.evidence.build.pairs.ties`.
    """
    frame = raw.frame.with_columns(pl.col("origin", "partner", "raw").cast(pl.String))
    frame = frame.filter(pl.col("year").cast(pl.Int16) >= _VISAS_SINCE)
    free = pl.col("raw").str.contains(_DAYS)
    frame = frame.with_columns(
        value=pl.when(free).then(3).otherwise(pl.col("raw").replace_strict(_OPENNESS, default=None))
    )
    odd = frame.filter(pl.col("value").is_null())
    if odd.height:
        raise fail("words on visas that nobody has judged", odd, where=raw.name)
    frame = frame.with_columns(flag=pl.when(pl.col("value") == -1).then("raw"))
    return pairs.ties(replace(raw, frame=frame), source_id=source_id, vintage=vintage, flag="flag")


def public_diplomacy(raw: RawFile, *, source_id: str, vintage: str) -> pl.DataFrame:
    """China's public diplomacy, from China to its partner, less the sum of visits by governments and by the military.

    Students in China are turned round: they come from the partner.

    Raises
    ------
    BadTable
        The sum left out is not the sum of its parts; else as for `softpower.evidence.build.pairs.ties`.
    """
    frame = cast(raw.frame, "value", pl.Float64, where=raw.name)
    frame = cast(frame, "year", pl.Int16, where=raw.name)
    require_unique(frame, pairs.KEYS, where=raw.name)
    keys = ("origin", "partner", "year")
    parts = frame.filter(pl.col("measure").is_in(_ELITE_PARTS)).group_by(keys).agg(parts=pl.col("value").sum())
    sums = frame.filter(pl.col("measure") == _ELITE).join(parts, on=keys, how="left")
    odd = sums.filter(pl.col("value") != pl.col("parts").fill_null(0))
    if odd.height:
        raise fail(f"{_ELITE} is not the sum of {' and '.join(_ELITE_PARTS)}", odd, where=raw.name)
    to_china = pl.col("measure") == _TO_CHINA
    frame = frame.filter(pl.col("measure") != _ELITE).with_columns(
        origin=pl.when(to_china).then("partner").otherwise("origin"),
        partner=pl.when(to_china).then("origin").otherwise("partner"),
        measure="china_" + pl.col("measure"),
    )
    return pairs.ties(replace(raw, frame=frame), source_id=source_id, vintage=vintage)


def finance(raw: RawFile, *, source_id: str, vintage: str) -> pl.DataFrame:
    """China's official finance by class (development aid, other official flows, vague), and the projects counted.

    A sum of zero for projects that were counted is the sum of amounts nobody knows: such rows are left out.

    Raises
    ------
    BadTable
        As for `softpower.evidence.build.pairs.ties`.
    """
    frame = cast(raw.frame, "value", pl.Float64, where=raw.name)
    unknown = pl.col("measure").str.starts_with("finance_") & (pl.col("value") == 0)
    frame = cast(frame, "year", pl.Int16, where=raw.name).filter(~unknown)
    frame = frame.with_columns(measure="china_" + pl.col("measure"))
    return pairs.ties(replace(raw, frame=frame), source_id=source_id, vintage=vintage)
