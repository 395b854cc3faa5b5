"""Who belonged to which bloc, and when.

The snapshot's table of blocs is read with the amendments of ``data/world/blocs.toml`` laid over it. Membership is
known by year, so one rule turns dates into years: a member counts in year y if joined <= y < left. The United
Kingdom, which left the European Union on 31 January 2020, is not counted in 2020.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from softpower.errors import UnknownGroup
from softpower.storage import bundled, bundled_text


@dataclass(frozen=True, slots=True)
class Membership:
    """One spell of one country in one bloc.

    Attributes
    ----------
    bloc, bloc_name : short id and full name
    iso3 : the member
    role : "member", "observer", "partner" or "associate"
    joined : first year that counts
    left : first year that no longer counts, None where it lasts
    source : whose record says so
    note : what a reader should know; may be empty
    """

    bloc: str
    bloc_name: str
    iso3: str
    role: str
    joined: int
    left: int | None
    source: str
    note: str

    def covers(self, year: int) -> bool:
        """Whether the spell counts in ``year``."""
        return self.joined <= year and (self.left is None or year < self.left)


@cache
def memberships() -> tuple[Membership, ...]:
    """All spells, ordered by bloc, country, role and year."""
    recorded = [Membership(**row | {"note": row["note"] or ""}) for row in bundled("blocs").to_dicts()]
    amendments = tomllib.loads(bundled_text("world/blocs.toml"))["amend"]
    names = {each.bloc: each.bloc_name for each in recorded}
    replaced = {place for amendment in amendments for place in _places(amendment)}
    kept = [each for each in recorded if (each.bloc, each.iso3, each.role) not in replaced]
    return tuple(
        sorted(
            (*kept, *_amended(amendments, names)),
            key=lambda each: (each.bloc, each.iso3, each.role, each.joined),
        )
    )


@cache
def blocs() -> tuple[str, ...]:
    """Ids of all blocs, in alphabetical order.

    >>> "OTS" in blocs()
    True
    """
    return tuple(sorted({each.bloc for each in memberships()}))


@cache
def bloc_members(bloc: str, *, year: int, role: str = "member") -> tuple[str, ...]:
    """ISO3 codes of those who had this role in the bloc in ``year``; none before it existed.

    Raises
    ------
    UnknownGroup
        There is no such bloc.

    >>> bloc_members("EAEU", year=2016)
    ('ARM', 'BLR', 'KAZ', 'KGZ', 'RUS')
    >>> bloc_members("OTS", year=2020, role="observer")
    ('HUN',)
    """
    if bloc not in blocs():
        raise UnknownGroup(bloc[:60], nearest=resembling(bloc, blocs()))
    return tuple(each.iso3 for each in memberships() if (each.bloc, each.role) == (bloc, role) and each.covers(year))


def resembling(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Up to three of ``known`` that look like ``name``, best first."""
    from rapidfuzz import fuzz, process

    close = process.extract(
        name[:60].casefold(),
        sorted(known),
        scorer=fuzz.WRatio,
        processor=str.casefold,
        score_cutoff=60,
        limit=3,
    )
    return tuple(found for found, _, _ in close)


def _places(amendment: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Bloc, country and role of the rows that an amendment replaces."""
    for iso3 in amendment["countries"]:
        yield amendment["bloc"], iso3, amendment.get("role", "member")


def _amended(amendments: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> Iterator[Membership]:
    for amendment in amendments:
        for bloc, iso3, role in _places(amendment):
            for joined, *left in amendment["spells"]:
                yield Membership(
                    bloc=bloc,
                    bloc_name=names[bloc],
                    iso3=iso3,
                    role=role,
                    joined=joined,
                    left=left[0] if left else None,
                    source=amendment["source"],
                    note=amendment["why"],
                )
