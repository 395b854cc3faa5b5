"""One layer of ties seen from one country: who holds which share, how concentrated it is, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from softpower.errors import NotEnoughData
from softpower.vectors.flows import Flows
from softpower.vectors.kept import kept
from softpower.vectors.shares import Balance, balance, share_bounds, shares
from softpower.vectors.trends import Change, change
from softpower.world import Vector, vector_members

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

DRAWS = 500


@dataclass(frozen=True, eq=False)
class Facet:
    """A layer in one year, and the way to it. What needs draws is computed when it is first asked for.

    Attributes
    ----------
    flows : what it rests on
    years : in which something passes, up to the year shown, ascending
    vectors : in whose directions
    partners : ISO3 codes on the partner axis: those named, and all members of the vectors
    values : ties with each, shape (year, partner), NaN unknown
    members : who belonged to which vector, shape (year, vector, partner)
    rest : what went to partners that are not named, shape (year,)
    draws, seed : of the intervals
    """

    flows: Flows
    years: tuple[int, ...]
    vectors: tuple[Vector, ...]
    partners: tuple[str, ...]
    values: Array
    members: Flags
    rest: Array
    draws: int
    seed: int

    @property
    def id(self) -> str:
        """Of the layer."""
        return self.flows.layer.id

    @property
    def title(self) -> str:
        """Of the layer."""
        return self.flows.layer.title

    @property
    def year(self) -> int:
        """The year shown."""
        return self.years[-1]

    @cached_property
    def bounds(self) -> tuple[Array, Array]:
        """Least and most that the share of each vector can be, shape (vector,); equal where all partners are named."""
        found = share_bounds(
            self.values[-1], self.members[-1], rest=float(self.rest[-1]), whole=self._whole, largest=self._most_unnamed
        )
        some = self.members[-1].any(axis=-1)
        return np.where(some, found[0], np.nan), np.where(some, found[1], np.nan)

    @cached_property
    def path(self) -> Array:
        """Shares by vector in all years, lower bounds where some partners are not named, shape (year, vector)."""
        every = zip(self.values, self.members, self.rest, strict=True)
        found = np.stack([shares(value, member, rest=rest) for value, member, rest in every])
        return np.where(self.members.any(axis=-1), found, np.nan)

    @cached_property
    def balance(self) -> Balance:
        """Shares, overlaps and concentration with their intervals."""
        value, rest = self.values[-1], float(self.rest[-1])
        return balance(
            value, self.members[-1], rest=rest, whole=self._whole, draws=self.draws, seed=self.seed,
            largest=self._most_unnamed,
        )  # fmt: skip

    @cached_property
    def change(self) -> Change | None:
        """Between the first and the last year; None where there is but one, nobody is known in both, or others reported
        in the first than in the last."""
        if len(self.years) < 2 or not self._comparable:
            return None
        try:
            return change(
                self.values, self.members, np.array(self.years), rest=self.rest, whole=self._whole, draws=self.draws,
                seed=self.seed,
            )  # fmt: skip
        except NotEnoughData:
            return None

    @property
    def moves(self) -> list[tuple[float, str]]:
        """The change of each vector's share and what may be said of it, kept in the cache; empty without a change."""

        def make() -> list[tuple[float, str]]:
            found = self.change
            return [] if found is None else list(zip(found.change.least.tolist(), found.verdict, strict=True))

        who = [(vector.id, vector.blocs, vector.countries, vector.without) for vector in self.vectors]
        parts = ("moves", self.flows.home, self.id, self.years, who, self.draws, self.seed)
        return [(by, said) for by, said in (make() if self._own else kept(parts, make))]

    @property
    def total(self) -> float:
        """Sum of what is known in the year shown, with the rest."""
        return float(np.nansum(self.values[-1]) + self.rest[-1])

    def largest(self, count: int) -> list[tuple[str, float]]:
        """The partners with the largest shares of the whole, largest first."""
        known = np.nan_to_num(self.values[-1])
        order = sorted(range(len(known)), key=lambda at: (-known[at], self.partners[at]))[:count]
        return [(self.partners[at], float(known[at] / self.total)) for at in order if known[at] > 0]

    @property
    def _comparable(self) -> bool:
        """Whether members of the vectors that reported in the last year did so in the first."""
        if self.flows.reporting is None:
            return True
        reported = [self.flows.reporting[self.flows.years.index(year)] for year in (self.years[0], self.years[-1])]
        concerned = {self.partners[at] for at in np.flatnonzero(np.nan_to_num(self.values[[0, -1]]).sum(axis=0) > 0)}
        return concerned <= reported[0] and concerned <= reported[1]

    @property
    def _own(self) -> bool:
        return any(each.startswith("file:") for each in self.flows.sources)

    @property
    def _most_unnamed(self) -> float:
        return float(self.flows.most_unnamed[self.flows.years.index(self.year)])

    @property
    def _whole(self) -> Flags:
        """All members are on the partner axis; of those that are not named, the value is unknown."""
        return np.ones(len(self.vectors), dtype=bool)


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
    if at is None or not np.nansum(flows.value[flows.years.index(at)]) > 0:
        return None
    used = [k for k, each in enumerate(flows.years) if each <= at and np.nansum(flows.value[k]) > 0]
    years = tuple(flows.years[k] for k in used)
    partners = _axis(flows, vectors)
    return Facet(
        flows=flows,
        years=years,
        vectors=tuple(vectors),
        partners=partners,
        values=np.stack([_placed(flows, partners, each) for each in years]),
        members=np.stack([_members(vectors, partners, each, flows) for each in years]),
        rest=flows.rest[used],
        draws=draws,
        seed=seed,
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


def _members(vectors: Sequence[Vector], partners: Sequence[str], year: int, flows: Flows) -> Flags:
    """Who belongs to what, of those that could be partners in that year."""
    sets = [set(vector_members(vector, year=year)) for vector in vectors]
    if flows.reporting is not None:
        reporting = flows.reporting[flows.years.index(year)]
        sets = [each & reporting for each in sets]
    return np.array([[partner in each for partner in partners] for each in sets], dtype=bool)
