"""With whom an activity is: countries, vectors and regions of the world, in one notation.

A country is its ISO3 code. A vector is ``vector:`` and its id as in ``data/vectors`` ("vector:turkic_world"); which
countries that are depends on who acts, and when. A region is ``region:`` and a name of UN M49 ("region:Asia").
``world`` is everybody, ``home`` the public at home, ``diaspora`` those who left or descend from them.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

from softpower.errors import AmbiguousName, UnknownName
from softpower.world import countries, find, vectors_of
from softpower.world.names import shown

EVERYWHERE: Final = {"world": "world", "global": "world", "home": "home", "domestic": "home", "diaspora": "diaspora"}


class UnknownAudience(UnknownName):
    """No country, vector or region is so called."""

    kind = "audience"
    hint = "Give a country, a vector (West, Turkic world), a region of UN M49 (Asia), world, home or diaspora."


@lru_cache(maxsize=4096)
def reach(name: str) -> str:
    """What an audience is called in a register.

    Raises
    ------
    UnknownAudience
        It is none.

    >>> reach("Türkiye"), reach("Turkic world"), reach("Asia"), reach("global")
    ('TUR', 'vector:turkic_world', 'region:Asia', 'world')
    """
    text = " ".join(name.split())
    if text.casefold() in EVERYWHERE:
        return EVERYWHERE[text.casefold()]
    prefix, _, rest = text.partition(":")
    for kind, known in (("vector", vectors()), ("region", regions())):
        wanted = rest if prefix == kind and rest else text if ":" not in text else ""
        if wanted.casefold() in known and (kind == "region" or known[wanted.casefold()] not in _COUNTRIES):
            return f"{kind}:{known[wanted.casefold()]}"
    try:
        return find(text).iso3
    except AmbiguousName:
        raise
    except LookupError:
        raise UnknownAudience(shown(name)) from None


# Vectors that are one country are called by it.
_COUNTRIES: Final = frozenset({"russia", "china", "turkiye", "usa", "india", "japan"})


@cache
def vectors() -> dict[str, str]:
    """Ids of all vectors at hand, by id and by name, case folded."""
    found: dict[str, str] = {}
    for iso3 in ("KAZ", "FRA", "TUR"):
        for each in vectors_of(iso3):
            if len(each.countries) != 1 or each.blocs:
                found |= {each.id.casefold(): each.id, each.name.partition(":")[0].casefold(): each.id}
    return found


@cache
def regions() -> dict[str, str]:
    """Names of the regions and subregions of UN M49, by name case folded."""
    names = {name for each in countries() for name in (each.region, each.subregion) if name}
    return {name.casefold(): name for name in names}
