"""The table of countries: 193 members of the United Nations, and the territories that data sources report apart.

Two sources are laid over each other: the snapshot's country table (UN M49, ISO 3166-1, CIA World Factbook), and
``data/world/countries.toml`` with what that table lacks or has otherwise than the UN. Nothing is decided here.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from softpower.storage import bundled, bundled_text

UN_LANGUAGES = ("en", "fr", "es", "ru", "zh", "ar")


@dataclass(frozen=True, slots=True)
class Country:
    """One row of the table: a member of the UN, or a territory.

    Attributes
    ----------
    iso3, iso2, numeric : ISO 3166-1 codes; ``numeric`` is three-digit text; "" for Kosovo, which has none
    m49 : UN M49 code, three-digit text, "" where there is none
    name : the UN's English short name (M49); ISO's or CLDR's where the UN lists none (Taiwan, Kosovo)
    label : the same, short enough for a figure (at most 26 characters)
    official_name : formal name (UNTERM, English)
    names : short name by language, for the six UN languages
    region, subregion, intermediate_region : UN M49; "" where there is none
    capital : name, "" where there is none
    capital_note : where the snapshot's table has it otherwise, why; "" for all others
    seat : where the government sits, if there is no capital; else ""
    latitude, longitude : degrees, a point near the middle
    capital_latitude, capital_longitude : degrees; of the seat where there is no capital
    area_km2 : land and inland water, square kilometres, what is kept apart not counted (CIA World Factbook)
    borders : ISO3 codes of those with a common land border, sorted; mutual
    landlocked, ldc, lldc, sids : UN classes; False also where the UN does not classify a territory
    note : one sentence for a page that shows a contested place; "" for all others
    """

    iso3: str
    iso2: str
    numeric: str
    m49: str
    name: str
    label: str
    official_name: str
    names: Mapping[str, str] = field(hash=False)
    region: str
    subregion: str
    intermediate_region: str
    capital: str
    capital_note: str
    seat: str
    latitude: float | None
    longitude: float | None
    capital_latitude: float | None
    capital_longitude: float | None
    area_km2: float | None
    borders: tuple[str, ...]
    landlocked: bool
    un_member: bool
    ldc: bool
    lldc: bool
    sids: bool
    note: str


def countries() -> tuple[Country, ...]:
    """All 250 countries and territories, ordered by ISO3 code.

    >>> len(countries())
    250
    """
    return tuple(by_iso3().values())


@cache
def members() -> tuple[Country, ...]:
    """The 193 members of the United Nations, ordered by ISO3 code.

    >>> len(members())
    193
    """
    return tuple(each for each in countries() if each.un_member)


@cache
def by_iso3() -> Mapping[str, Country]:
    """All countries and territories by ISO3 code, in its order."""
    corrections = tomllib.loads(bundled_text("world/countries.toml"))
    rows = bundled("countries").sort("iso3").to_dicts()
    borders = _mutual({row["iso3"]: row["borders"] for row in rows}, **corrections["borders"])
    return MappingProxyType({row["iso3"]: _country(row, borders[row["iso3"]], corrections) for row in rows})


def _mutual(
    listed: Mapping[str, Sequence[str] | None],
    *,
    added: Iterable[Iterable[str]],
    removed: Iterable[Iterable[str]],
) -> Mapping[str, tuple[str, ...]]:
    """Borders of each, from lists that may name a border on one of its two sides only."""
    pairs = {frozenset((one, other)) for one, others in listed.items() for other in others or ()}
    pairs |= {frozenset(pair) for pair in added}
    pairs -= {frozenset(pair) for pair in removed}
    found = defaultdict(list)
    for one, other in map(sorted, pairs):
        found[one].append(other)
        found[other].append(one)
    return defaultdict(tuple, {iso3: tuple(sorted(others)) for iso3, others in found.items()})


def _country(row: Mapping[str, Any], borders: tuple[str, ...], corrections: Mapping[str, Any]) -> Country:
    iso3 = row["iso3"]
    name = corrections["name"].get(iso3) or row["un_name_en"] or row["name_en"]
    names = {language: row[f"un_name_{language}"] or "" for language in UN_LANGUAGES}
    capital = {
        "name": row["capital"],
        "latitude": row["capital_lat"],
        "longitude": row["capital_lon"],
    }
    capital |= corrections["capital"].get(iso3, {})
    seat = capital.get("seat", "")
    return Country(
        iso3=iso3,
        iso2=row["iso2"],
        numeric=row["iso_num"] or "",
        m49=row["m49"] or "",
        name=name,
        label=corrections["label"].get(iso3, name),
        official_name=corrections["official"].get(iso3, name),
        names=names | corrections["names"].get(iso3, {}) | {"en": name},
        region=row["un_region"] or "",
        subregion=row["un_subregion"] or "",
        intermediate_region=row["un_intermediate_region"] or "",
        capital=capital["name"] or "",
        capital_note=capital.get("why", ""),
        seat=seat,
        latitude=row["lat"],
        longitude=row["lon"],
        capital_latitude=capital["latitude"] if capital["name"] or seat else None,
        capital_longitude=capital["longitude"] if capital["name"] or seat else None,
        area_km2=corrections["area_km2"].get(iso3, row["area_km2"]),
        borders=borders,
        landlocked=bool(row["landlocked"]),
        un_member=row["un_member"],
        ldc=corrections["ldc"].get(iso3, bool(row["ldc"])),
        lldc=bool(row["lldc"]),
        sids=bool(row["sids"]),
        note=corrections["note"].get(iso3, ""),
    )
