"""What exceeds gravity in each layer of a country: by partner, by vector, and between each two poles."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from softpower.errors import NotEnoughData
from softpower.vectors.gravity import COUNTS, shared_model
from softpower.vectors.kept import kept
from softpower.vectors.layers import End, Layer
from softpower.vectors.polegap import pole_gap
from softpower.world import Vector, vector_members

Progress = Callable[[str], None]


COLUMNS = {
    "partner": pl.String,
    "observed": pl.Float64,
    "expected": pl.Float64,
    "excess": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}


@dataclass(frozen=True, slots=True)
class Gap:
    """How much stronger the tie to one pole is than that to another, in excess over gravity.

    Attributes
    ----------
    log_ratio, low, high : ln of one excess over the other, with its 90% interval, which reaches from none to all of
        what is pooled or not listed; the ratio is NaN where that is too much for one number
    above : share of draws in which it is above zero; one in which it may be so or not counts half
    """

    one: Vector
    other: Vector
    log_ratio: float
    low: float
    high: float
    above: float


@dataclass(frozen=True, slots=True)
class Group:
    """The ties with a vector as a whole, as `softpower.vectors.gravity.GroupExcess` has them, without the draws."""

    observed: float
    expected: float
    excess: float
    low: float
    high: float
    members: tuple[str, ...]
    pooled: tuple[str, ...]
    unlisted: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Excesses:
    """The excess ties of a country in one layer.

    Attributes
    ----------
    layer, year : the layer, and the year of the world-wide matrix that the model is fitted to
    measure : of that matrix
    partners : columns ``partner, observed, expected, excess, low, high``, one row for each other country, null unknown
    total : what was observed with all partners that the model knows
    vectors, groups : the vectors and the excess of each
    gaps : between each two poles with each of which some tie is known by itself
    """

    layer: Layer
    year: int
    measure: str
    partners: pl.DataFrame
    total: float
    vectors: tuple[Vector, ...]
    groups: tuple[Group, ...]
    gaps: tuple[Gap, ...]

    def predicted(self) -> list[float]:
        """The share of all its ties that gravity gives each vector; NaN where it gives none."""
        whole = float(self.partners["expected"].fill_null(0).sum())
        return [each.expected / whole if each.expected > 0 else math.nan for each in self.groups]

    def notable(self, count: int, *, least: float = 0.005) -> pl.DataFrame:
        """The partners with the largest observed or expected ties, largest first.

        Where something is counted, one of whom less than one is expected is left out: some or none of it says little.

        Parameters
        ----------
        count : how many at most
        least : share of all ties, observed or expected, that a partner must have
        """
        size = pl.max_horizontal("observed", "expected")
        known = self.partners.filter(pl.col("excess").is_not_null())
        if self.measure in COUNTS:
            known = known.filter(pl.col("expected") >= 1)
        return known.filter(size >= least * self.total).sort(size, descending=True).head(count)


def excesses(home: str, layer: Layer, vectors: Sequence[Vector], *, tell: Progress = lambda _: None) -> Excesses | None:
    """The excess ties of a country in a layer, kept in the cache; None where the layer has no world-wide matrix, or the
    country is not in it."""
    if layer.model is None:
        return None
    measure, year, end = layer.model
    who = [(vector.id, vector.blocs, vector.countries, vector.without, vector.pole) for vector in vectors]
    stored = kept(("excesses", home, measure, year, end, who), lambda: _made(home, measure, year, end, vectors, tell))
    if stored is None:
        return None
    partners = pl.DataFrame(stored["partners"], schema=COLUMNS)
    by_id = {vector.id: vector for vector in vectors}
    return Excesses(
        layer=layer,
        year=year,
        measure=measure,
        partners=partners,
        total=float(partners["observed"].fill_null(0).sum()),
        vectors=tuple(vectors),
        groups=tuple(_group(each) for each in stored["groups"]),
        gaps=tuple(Gap(by_id[each.pop("one")], by_id[each.pop("other")], **each) for each in stored["gaps"]),
    )


def _group(stored: dict[str, Any]) -> Group:
    """JSON knows lists only."""
    listed = ("members", "pooled", "unlisted", "unknown")
    return Group(**(stored | {name: tuple(stored[name]) for name in listed}))


def _made(
    home: str, measure: str, year: int, end: End, vectors: Sequence[Vector], tell: Progress
) -> dict[str, Any] | None:
    tell(f"Fitting gravity to {measure} {year}")
    world = shared_model(measure, year)
    try:
        partners = world.row(home, end)
    except NotEnoughData:
        return None
    found = [world.group(home, end, vector_members(vector, year=year)) for vector in vectors]
    gaps = []
    for (one, mine), (other, theirs) in combinations(zip(vectors, found, strict=True), 2):
        # What is only known as part of a pool is the model's own word: no gap can rest on it.
        if one.pole and other.pole and mine.named > 0 and theirs.named > 0:
            gap = pole_gap(
                np.array(mine.excess), np.array(theirs.excess), mine.least, theirs.least,
                most_a=mine.most, most_b=theirs.most,
            )  # fmt: skip
            figures = {"log_ratio": gap.value, "low": gap.low, "high": gap.high, "above": gap.above}
            gaps.append({"one": one.id, "other": other.id} | {name: float(each) for name, each in figures.items()})
    names = [field.name for field in fields(Group)]
    return {
        "partners": partners.to_dict(as_series=False),
        "groups": [{name: getattr(each, name) for name in names} for each in found],
        "gaps": gaps,
    }
