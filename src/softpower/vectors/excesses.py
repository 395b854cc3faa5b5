"""What exceeds gravity in each layer of a country: by partner, by vector, and between each two poles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

from softpower.errors import NotEnoughData
from softpower.vectors.gravity import GroupExcess, world_model
from softpower.vectors.layers import Layer
from softpower.vectors.shares import PoleGap, pole_gap
from softpower.world import Vector, vector_members

Progress = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Gap:
    """How much stronger the tie to one pole is than that to another, in excess over gravity."""

    one: Vector
    other: Vector
    gap: PoleGap


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
    gaps : between each two poles of which both ties are known
    """

    layer: Layer
    year: int
    measure: str
    partners: pl.DataFrame
    total: float
    vectors: tuple[Vector, ...]
    groups: tuple[GroupExcess, ...]
    gaps: tuple[Gap, ...]

    def notable(self, count: int, *, least: float = 0.005) -> pl.DataFrame:
        """The partners with the largest observed or expected ties, largest first.

        Parameters
        ----------
        count : how many at most
        least : share of all ties, observed or expected, that a partner must have
        """
        size = pl.max_horizontal("observed", "expected")
        known = self.partners.filter(pl.col("excess").is_not_null())
        return known.filter(size >= least * self.total).sort(size, descending=True).head(count)


def excesses(home: str, layer: Layer, vectors: Sequence[Vector], *, tell: Progress = lambda _: None) -> Excesses | None:
    """The excess ties of a country in a layer; None where the layer has no world-wide matrix, or the country is not in
    it."""
    if layer.model is None:
        return None
    measure, year, end = layer.model
    tell(f"Fitting gravity to {measure} {year}")
    world = world_model(measure, year, tell=tell)
    try:
        partners = world.row(home, end)
    except NotEnoughData:
        return None
    groups = tuple(world.group(home, end, vector_members(vector, year=year)) for vector in vectors)
    gaps = []
    for (one, mine), (other, theirs) in combinations(zip(vectors, groups, strict=True), 2):
        if one.pole and other.pole and mine.excess > 0 and theirs.excess > 0:
            gap = pole_gap(np.array(mine.excess), np.array(theirs.excess), mine.draws, theirs.draws)
            gaps.append(Gap(one, other, gap))
    return Excesses(
        layer=layer,
        year=year,
        measure=measure,
        partners=partners,
        total=float(partners["observed"].fill_null(0).sum()),
        vectors=tuple(vectors),
        groups=groups,
        gaps=tuple(gaps),
    )
