"""With whom a country's ties are: all layers, likenesses and roles in one profile, never in one number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.chinadiplomacy import Total, towards
from softpower.vectors.excesses import Excesses, excesses
from softpower.vectors.facets import DRAWS, Facet, facet
from softpower.vectors.flows import flows_of
from softpower.vectors.hardpower import Strength, hard_power
from softpower.vectors.layers import LAYERS
from softpower.vectors.likeness import Likeness, likenesses
from softpower.vectors.roles import Roles, roles
from softpower.vectors.splits import Split, splits
from softpower.vectors.tiefile import layers_in
from softpower.world import Vector, country, vector_members, vectors_of

Progress = Callable[[str], None]

SEED = 7


@dataclass(frozen=True, eq=False)
class Profile:
    """What is known of a country's ties.

    Attributes
    ----------
    iso3, name : the country
    year : the latest that was asked for, None for the latest there is
    vectors : directions, which overlap
    facets : layers with ties
    likenesses : how alike it votes, to whom it is open, which organisations it shares
    excesses : by id of the layer, what exceeds gravity
    split : with whom it votes where two poles that are single states oppose each other
    roles : None for a country that is no member of the United Nations, of one's own ties, and for years of which too
        few capabilities are known
    hard_power : context, combined with nothing
    china : what China did towards it, as far as that was counted; context for the vector China
    """

    iso3: str
    name: str
    year: int | None
    vectors: tuple[Vector, ...]
    facets: tuple[Facet, ...]
    likenesses: tuple[Likeness, ...]
    excesses: Mapping[str, Excesses]
    split: tuple[Split, ...]
    roles: Roles | None
    hard_power: tuple[Strength, ...]
    china: tuple[Total, ...]


def profile(
    home: str,
    *,
    year: int | None = None,
    vectors: Sequence[Vector] | None = None,
    own: pl.DataFrame | None = None,
    memberships: pl.DataFrame | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    tell: Progress = lambda _: None,
) -> Profile:
    """The profile of a country.

    Parameters
    ----------
    home : ISO3 code
    year : nothing later is used; by default the latest of each layer in which enough was reported
    vectors : by default those of the country that are shown by default
    memberships : a table that `softpower.vectors.membershipfiles.read_memberships` read, in place of the bundled lists
    draws, seed : of the intervals of shares
    own : a table that `softpower.vectors.tiefile.read_ties` read, whose measures are then the layers

    Raises
    ------
    UnknownCountry
        No country has this code.
    BadRequest
        There is no vector, or one that was given has no members in any of the years shown.
    NotEnoughData
        Nothing is known of its ties up to the year.
    """
    here = country(home)
    shown = tuple(each for each in vectors_of(here.iso3) if each.default) if vectors is None else tuple(vectors)
    if not shown:
        raise BadRequest(f"no vector of {here.name} has members; name some in a file of vectors (docs/vectors.md)")
    tell("Adding up ties")
    layers = LAYERS if own is None else layers_in(own)
    found = [
        facet(each, shown, year=year, draws=draws, seed=seed) for each in flows_of(here.iso3, own=own, layers=layers)
    ]
    facets = tuple(each for each in found if each is not None)
    tell("Comparing votes, visas and memberships")
    alike = likenesses(here.iso3, shown, year=year, seed=seed, memberships=memberships) if own is None else ()
    if not facets and not alike:
        raise NotEnoughData(f"no ties of {here.name} are known{f' up to {year}' if year else ''}")
    if vectors is not None:
        _all_have_members(shown, sorted({each.year for each in facets} | {each.last for each in alike}))
    return Profile(
        iso3=here.iso3,
        name=here.name,
        year=year,
        vectors=shown,
        facets=facets,
        likenesses=alike,
        excesses={} if own is not None else _excesses(here.iso3, shown, year, tell),
        split=() if own is not None else splits(here.iso3, shown, year=year),
        roles=_roles(here.iso3, shown, year, seed, tell) if own is None and here.un_member else None,
        hard_power=hard_power(here.iso3, year) if own is None else (),
        china=towards(here.iso3, year=year) if own is None else (),
    )


def _all_have_members(vectors: Sequence[Vector], years: Sequence[int]) -> None:
    """Refuse vectors that are empty in all of the years shown."""
    empty = [each for each in vectors if not any(vector_members(each, year=year) for year in years)]
    if empty:
        span = f"{years[0]}-{years[-1]}" if years[0] < years[-1] else f"{years[0]}"
        raise BadRequest(
            f"no members of {', '.join(each.quoted for each in empty)} in {span}, the years shown.  Change its blocs, "
            "countries or without, take it out of the file, or ask for other years"
        )


def _excesses(home: str, vectors: Sequence[Vector], year: int | None, tell: Progress) -> dict[str, Excesses]:
    """Of the layers with a world-wide matrix, unless it is later than asked for."""
    found = {}
    for layer in LAYERS:
        if layer.model is None or (year is not None and layer.model[1] > year):
            continue
        if (here := excesses(home, layer, vectors, tell=tell)) is not None:
            found[layer.id] = here
    return found


def _roles(home: str, vectors: Sequence[Vector], year: int | None, seed: int, tell: Progress) -> Roles | None:
    try:
        return roles(home, vectors, year=year, seed=seed, tell=tell)
    except NotEnoughData:  # too few capabilities are known of early years
        return None
