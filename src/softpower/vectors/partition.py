"""Groups between which a state may be a bridge: each state in one, although vectors overlap."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from softpower.errors import BadRequest
from softpower.world import country, vector_members, vectors_of

By = Literal["regions", "vectors"]


def partition(
    states: Sequence[str],
    *,
    by: By = "regions",
    home: str = "",
    year: int | None = None,
    file: Path | str | None = None,
) -> tuple[str, ...]:
    """The group of each state, each in one only, although vectors overlap.

    ``"regions"`` is the smallest region of UN M49. ``"vectors"`` takes the default vectors of ``home``, in this order:
    a vector that is one state (Russia, China) is a group of its own; then ``home`` and the states of its own smallest
    region are one; then each other vector in the order of the file, and M49 for whom none holds. A home group comes
    before the larger vectors because without one nobody could be gatekeeper or representative: in the order of the
    file all neighbours of Kazakhstan would belong to the Islamic world, and Kazakhstan would be alone.

    Parameters
    ----------
    states : ISO3 codes
    home, year, file : whose vectors, the year of memberships, and a file to use instead of those at hand; for
        ``"vectors"``

    Raises
    ------
    UnknownCountry
        A code is no country's.
    BadRequest
        ``"vectors"`` without home or year.

    >>> partition(["KAZ", "UZB", "RUS", "TUR", "DEU", "BRA"], by="vectors", home="KAZ", year=2022)
    ('Central Asia', 'Central Asia', 'Russia', 'Islamic world', 'West', 'South America')
    """
    regions = {iso3: _smallest_region(iso3) for iso3 in states}
    if by == "regions":
        return tuple(regions[iso3] for iso3 in states)
    if not home or year is None:
        raise BadRequest("groups by vectors need home, whose vectors they are, and the year of memberships")
    own = _smallest_region(home)
    vectors = [vector for vector in vectors_of(home, file=file) if vector.default]
    found: dict[str, str] = {}
    for vector in vectors:
        if len(vector.countries) == 1 and not vector.blocs:
            found.setdefault(vector.countries[0], vector.name)
    for iso3, region in regions.items():
        if region == own:
            found.setdefault(iso3, own)
    for vector in vectors:
        for iso3 in vector_members(vector, year=year):
            found.setdefault(iso3, vector.name)
    return tuple(found.get(iso3, regions[iso3]) for iso3 in states)


def _smallest_region(iso3: str) -> str:
    found = country(iso3)
    return found.intermediate_region or found.subregion or found.region or found.name
