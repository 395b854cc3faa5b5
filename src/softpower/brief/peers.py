"""Whom a country is compared with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from softpower.errors import BadRequest, NotEnoughData
from softpower.index import Index
from softpower.world import country, find

HOW_MANY = 5
# How far another region sets two countries apart, in standard deviations of size and wealth.
OTHER_SUBREGION, OTHER_REGION = 0.5, 1.0


def similar(index: Index, iso3: str, *, count: int = HOW_MANY) -> tuple[str, ...]:
    """The ranked countries most like ``iso3`` in size, wealth and region, nearest first.

    Distance is Euclidean in the logarithms of size and wealth, each in standard deviations over the ranked
    countries, plus half a deviation for another subregion and a whole one for another region (UN M49).

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
        raise NotEnoughData(f"size or wealth of {country(iso3).name} is not known, so that no peers can be chosen; name some")
    home = country(iso3)
    distances: list[tuple[float, str]] = []
    for place, unit in zip(places, index.units, strict=True):
        other = country(unit)
        if unit == iso3 or not np.isfinite(context[place]).all():
            continue
        apart = float(np.sqrt((((context[place] - own) / spread) ** 2).sum()))
        if other.subregion != home.subregion:
            apart += OTHER_SUBREGION if other.region == home.region else OTHER_REGION
        distances.append((apart, unit))
    return tuple(unit for _, unit in sorted(distances)[:count])


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
