"""One layer of ties seen from one country: who holds which share, how concentrated it is, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.errors import NotEnoughData
from softpower.vectors.flows import Flows
from softpower.vectors.shares import Balance, balance, shares
from softpower.vectors.trends import Change, change
from softpower.world import Vector, vector_members

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

DRAWS = 500


@dataclass(frozen=True, eq=False)
class Facet:
    """A layer in one year, and the way to it.

    Attributes
    ----------
    flows : what it rests on
    year : the year shown
    vectors : in whose directions
    partners : ISO3 codes on the partner axis of ``value`` and ``member``: those named, and all members of the vectors
    value : ties with each, shape (partner,), NaN unknown
    member : who belongs to which vector in that year, shape (vector, partner)
    balance : shares, overlaps and concentration
    years, path : shares by vector in all years with ties, lower bounds where some partners are not named; shape
        (year,) and (year, vector)
    change : between the first and the last of them, None where there is but one year
    """

    flows: Flows
    year: int
    vectors: tuple[Vector, ...]
    partners: tuple[str, ...]
    value: Array
    member: Flags
    balance: Balance
    years: tuple[int, ...]
    path: Array
    change: Change | None

    @property
    def id(self) -> str:
        """Of the layer."""
        return self.flows.layer.id

    @property
    def title(self) -> str:
        """Of the layer."""
        return self.flows.layer.title

    def largest(self, count: int) -> list[tuple[str, float]]:
        """The partners with the largest shares of the whole, largest first."""
        known = np.nan_to_num(self.value)
        order = sorted(range(len(known)), key=lambda at: (-known[at], self.partners[at]))[:count]
        return [(self.partners[at], float(known[at] / self.balance.total)) for at in order if known[at] > 0]


def facet(
    flows: Flows, vectors: Sequence[Vector], *, year: int | None = None, draws: int = DRAWS, seed: int = 7
) -> Facet | None:
    """A layer in its latest year, or the latest up to ``year``; None where nothing passes in it.

    Parameters
    ----------
    vectors : at least one
    year : up to which; by default the layer's own last year
    draws, seed : of the intervals
    """
    at = flows.latest(year)
    if at is None:
        return None
    partners = _axis(flows, vectors)
    value = np.stack([_placed(flows, partners, each) for each in flows.years])
    member = np.stack([_members(vectors, partners, each) for each in flows.years])
    here = flows.years.index(at)
    rest = float(flows.rest[here])
    # A vector is whole where all its members are named; `balance` sees to those that are not.
    whole = np.ones(len(vectors), dtype=bool)
    try:
        spread = balance(
            value[here],
            member[here],
            rest=rest,
            whole=whole,
            draws=draws,
            seed=seed,
            largest=_smallest(value[here], rest),
        )
    except NotEnoughData:
        return None
    until = [k for k, each in enumerate(flows.years) if each <= at and np.nansum(value[k]) > 0]
    years = tuple(flows.years[k] for k in until)
    moved = None
    if len(until) > 1:
        try:
            moved = change(
                value[until],
                member[until],
                np.array(years),
                rest=flows.rest[until],
                whole=whole,
                draws=draws,
                seed=seed,
            )
        except NotEnoughData:  # nobody is known in both years
            moved = None
    return Facet(
        flows=flows,
        year=at,
        vectors=tuple(vectors),
        partners=partners,
        value=value[here],
        member=member[here],
        balance=spread,
        years=years,
        path=np.stack([shares(value[k], member[k], rest=flows.rest[k]) for k in until]),
        change=moved,
    )


def _axis(flows: Flows, vectors: Sequence[Vector]) -> tuple[str, ...]:
    """Whoever could be a partner."""
    members = (vector_members(vector, year=year) for vector in vectors for year in flows.years)
    found = set(flows.partners).union(*members)
    return tuple(sorted(found - {flows.home}))


def _placed(flows: Flows, partners: Sequence[str], year: int) -> Array:
    value, _ = flows.of(year)
    by_name = dict(zip(flows.partners, value, strict=True))
    absent = 0.0 if flows.layer.absent == "zero" else np.nan
    return np.array([by_name.get(partner, absent) for partner in partners])


def _members(vectors: Sequence[Vector], partners: Sequence[str], year: int) -> Flags:
    sets = [set(vector_members(vector, year=year)) for vector in vectors]
    return np.array([[partner in each for partner in partners] for each in sets], dtype=bool)


def _smallest(value: Array, rest: float) -> float:
    """In a list of the largest partners nobody who is not named has more than the smallest who is."""
    known = value[value > 0]
    return float(known.min()) if rest > 0 and known.size else np.inf
