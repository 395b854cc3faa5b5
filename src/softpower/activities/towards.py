"""Whether an activity is towards a country, vector or region, and how.

Audiences are of different grain: an activity may be towards Türkiye, the Turkic world, Asia or the whole world. Which
countries a vector holds depends on who acts, and when: membership is of the year of the activity, of its last where it
ran for several, and the latest where it goes on.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

from softpower.activities.activity import Activity
from softpower.activities.spans import last_day
from softpower.world import Vector, countries, vector_members, vectors_of

How = Literal["named", "member", "wider", "world"]
# From the closest: named itself; a country or group that belongs to what is asked for; a group to which that belongs;
# everybody.
HOW: Final[tuple[How, ...]] = ("named", "member", "wider", "world")
# Vectors that follow from who acts. One drawn up for another country would hold its neighbours.
_OWN: Final = frozenset({"own_region", "neighbours"})
# A year that every spell of membership covers which has not ended.
_LATEST: Final = 9999
# Files of vectors in which one is looked for that the sender's own does not have.
_FILES: Final = ("KAZ", "FRA", "TUR")


def towards(entry: Activity, wanted: str, *, sender: str | None = None) -> How | None:
    """The closest way in which an activity is towards an audience; None where it is not.

    Parameters
    ----------
    entry : whose senders and year say which countries a vector holds
    wanted : an audience in the notation of `softpower.activities.audience`
    sender : from whose side, where several act together; default from any of theirs

    Returns
    -------
    str or None
        "named" : the audience is named itself
        "member" : all of an audience named belongs to it: Türkiye to the Turkic world
        "wider" : it belongs to an audience named: the Turkic world to Asia
        "world" : the activity is towards everybody, at home or the diaspora apart

    >>> from softpower.activities.bundled import bundled_activities
    >>> days = next(each for each in bundled_activities() if each.id == "TUR-KOR-2011")
    >>> towards(days, "TUR"), towards(days, "vector:islamic_world"), towards(days, "vector:west")
    ('named', 'member', None)
    """
    year = _LATEST if (last := last_day(entry)) is None else last.year
    return _closest(entry.audience, entry.sender if sender is None else (sender,), year, wanted)


# Registers repeat themselves: few audiences, and each asked for several vectors.
@lru_cache(maxsize=65_536)
def _closest(audience: tuple[str, ...], senders: tuple[str, ...], year: int, wanted: str) -> How | None:
    found = {how for iso3 in senders for how in _ways(audience, iso3, year, wanted)}
    return next((how for how in HOW if how in found), None)


def _ways(audience: tuple[str, ...], sender: str, year: int, wanted: str) -> set[How]:
    found: set[How] = {"named"} if wanted in audience else set()
    asked = members_of(wanted, sender, year)
    for each in audience:
        if each == "world" and asked:
            found.add("world")
        held = members_of(each, sender, year)
        if held and held <= asked:
            found.add("member")
        if asked and asked <= held:
            found.add("wider")
    return found


@lru_cache(maxsize=65_536)
def members_of(audience: str, sender: str, year: int) -> frozenset[str]:
    """ISO3 codes of an audience as one sender has it in one year.

    Empty for the world, the public at home and the diaspora, which are no lists of countries, and for a vector that
    only another country has. None holds the sender.

    >>> sorted(members_of("vector:central_asia", "KAZ", 2020))
    ['KGZ', 'TJK', 'TKM', 'UZB']
    """
    kind, _, name = audience.partition(":")
    if kind == "region":
        return frozenset(each.iso3 for each in countries() if name in {each.region, each.subregion}) - {sender}
    if kind == "vector":
        vector = _vector(name, sender)
        return frozenset() if vector is None else frozenset(vector_members(vector, year=year)) - {sender}
    return frozenset({audience}) - {sender} if len(audience) == 3 else frozenset()


def vector_notation(vector: Vector) -> str:
    """How an audience names a vector: one that is a single country by that country."""
    alone = len(vector.countries) == 1 and not vector.blocs
    return vector.countries[0] if alone else f"vector:{vector.id}"


@lru_cache(maxsize=4096)
def _vector(id: str, sender: str) -> Vector | None:
    files = (sender,) if id in _OWN else (sender, *_FILES)
    return next((each for iso3 in files for each in vectors_of(iso3) if each.id == id), None)
