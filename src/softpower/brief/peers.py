"""Whom a country is compared with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from softpower.errors import BadRequest, NotEnoughData
from softpower.index import Index
from softpower.world import Country, country, find

HOW_MANY = 5
# So many kilometres set two countries as far apart as one standard deviation of size or of wealth.
KM_PER_DEVIATION = 3000.0
EARTH_RADIUS_KM = 6371.0


def similar(index: Index, iso3: str, *, count: int = HOW_MANY) -> tuple[str, ...]:
    """The ranked countries most like ``iso3`` in size, wealth and region, nearest first.

    Distance is Euclidean in three measures: the logarithms of size and wealth, each in standard deviations over the
    ranked countries, and the great-circle distance between the two countries, 3,000 km counting as one.

    Parameters
    ----------
    iso3 : any UN member; it need not be ranked itself, but its size and wealth must be known

    Raises
    ------
    NotEnoughData
        Its size or wealth is unknown.
    """
    context = index.panel.context[0]
    places = np.array([index.panel.units.index(unit) for unit in index.units])
    spread = np.nanstd(context[places], axis=0)
    own = context[index.panel.units.index(iso3)]
    if not np.isfinite(own).all():
        raise NotEnoughData(
            f"size or wealth of {country(iso3).name} is not known, so that no peers can be chosen; name some"
        )
    home = country(iso3)
    distances: list[tuple[float, str]] = []
    for place, unit in zip(places, index.units, strict=True):
        if unit == iso3 or not np.isfinite(context[place]).all():
            continue
        far = kilometres(home, country(unit)) / KM_PER_DEVIATION
        distances.append((float(np.hypot(far, np.linalg.norm((context[place] - own) / spread))), unit))
    return tuple(unit for _, unit in sorted(distances)[:count])


def kilometres(first: Country, second: Country) -> float:
    """Great-circle distance between two countries' middles; 0 where either has none, by the haversine formula."""
    ends = (first.latitude, first.longitude, second.latitude, second.longitude)
    if None in ends:
        return 0.0
    a, b, c, d = np.radians(np.array(ends, dtype=np.float64))
    half = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    return float(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half)))


def chosen(names: Sequence[str], iso3: str) -> tuple[str, ...]:
    """ISO3 codes of peers that somebody named.

    Raises
    ------
    UnknownCountry
        A name fits no country.
    BadRequest
        A name is no UN member, is the country itself, comes twice, or there are more than eight.
    """
    found = [find(name) for name in names if name.strip()]
    for each in found:
        if not each.un_member:
            raise BadRequest(f"{each.name} cannot be a peer: only UN members are in the index")
    codes = [each.iso3 for each in found]
    if iso3 in codes:
        raise BadRequest(f"{country(iso3).name} cannot be a peer of itself")
    if len(set(codes)) < len(codes):
        raise BadRequest(f"a peer is named twice: {', '.join(codes)}")
    if not 1 <= len(codes) <= 8:
        raise BadRequest(f"name one to eight peers, not {len(codes)}")
    return tuple(codes)
