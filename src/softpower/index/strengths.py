"""What a unit is best and worst at: the indicators in which it stands furthest up and furthest down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from softpower.errors import BadRequest, UnknownNode
from softpower.index.result import Index

# Quotients of the same two numbers, each times some factor, differ by less than this share.
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit stands in an indicator.

    Attributes
    ----------
    indicator, title, node : id and title of the indicator, and the node above it
    rank : among the ranked units for which the indicator is known, 1 for the best: the largest value, or the smallest
        where the direction is -1; equals share the better rank
    of : number of these units
    equals : number of them with the same value, the unit itself included: to share the first place with forty others
        is no great strength
    value : as published, divided by the denominator if the model names one
    unit_of_measure : what the model says the indicator is counted in; may be empty
    """

    indicator: str
    title: str
    node: str
    rank: int
    of: int
    equals: int
    value: float
    unit_of_measure: str


@dataclass(frozen=True, slots=True)
class Strengths:
    """What a unit is best and worst at.

    Attributes
    ----------
    unit : its code
    strengths : best place first; weaknesses : worst place first; no indicator is both
    """

    unit: str
    strengths: tuple[Place, ...]
    weaknesses: tuple[Place, ...]

    def to_polars(self) -> pl.DataFrame:
        """One row per strength and weakness, in their order."""
        kinds = [("strength", self.strengths), ("weakness", self.weaknesses)]
        names = tuple(Place.__dataclass_fields__)
        rows = [(kind, *(getattr(each, name) for name in names)) for kind, places in kinds for each in places]
        return pl.DataFrame(rows, schema=["kind", *names], orient="row")


def strengths(index: Index, unit: str, *, top: int = 5, node: str = "") -> Strengths:
    """The indicators in which a ranked unit stands highest and lowest among the ranked units.

    Places are those of values as published, before gaps are filled and outliers treated. An indicator that is missing
    for the unit, or the same for all, is neither. Of equal places those count first that fewer units share; then, among
    strengths, what stands earlier in the model file, and among weaknesses what stands later. Where fewer than twice
    ``top`` indicators are known, the better half of them are strengths and the others weaknesses. To have nobody behind
    is no strength, though, and to have nobody ahead no weakness.

    Parameters
    ----------
    top : how many of each at most, 1 or more
    node : only of indicators below this node; by default of all

    Raises
    ------
    BadRequest
        ``top`` is below 1.
    UnknownName
        The unit is not ranked.
    UnknownNode
        The index has no such node.

    References
    ----------
    Becker and others (2022), COINr: An R package for developing composite indicators, Journal of Open Source Software
    7(78), 4567: the tables of strengths and weaknesses in unit reports.
    """
    if top < 1:
        raise BadRequest(f"top must be 1 or more, not {top}")
    index.unit(unit)
    if node and node not in index.nodes:
        raise UnknownNode(node, nearest=index.nodes)
    built = index.model.variant(index.variant)
    below = set(built.leaves(node)) if node else set(built.indicators)
    found = [place for leaf in built.indicators if leaf in below and (place := _place(index, unit, leaf))]
    later = tuple(reversed(found))
    first = sorted(found, key=lambda each: (each.rank, each.equals))
    last = sorted(later, key=lambda each: (-each.rank, each.equals))
    half = (len(found) + 1) // 2
    best = [each for each in first[: min(top, half)] if each.rank + each.equals - 1 < each.of]
    worst = [each for each in last if each not in best and each.rank > 1]
    return Strengths(unit, tuple(best), tuple(worst[:top]))


def _place(index: Index, unit: str, leaf: str) -> Place | None:
    """Where a unit stands in an indicator; None where that is not known, or all stand together."""
    built, panel = index.model.variant(index.variant), index.panel
    k = panel.indicators.index(leaf)
    rows = np.array([panel.units.index(each) for each in index.units])
    values = panel.raw[0, :, k]
    rows = rows[panel.known[0, rows, k] & np.isfinite(values[rows])]
    own = panel.units.index(unit)
    if own not in rows:
        return None
    indicator = built.indicators[leaf]
    ahead = indicator.direction * (values[rows] - values[own])
    near = ROUNDING * abs(values[own])
    if (np.abs(ahead) <= near).all():
        return None
    return Place(
        indicator=leaf,
        title=indicator.title,
        node=indicator.node,
        rank=1 + int((ahead > near).sum()),
        of=rows.size,
        equals=int((np.abs(ahead) <= near).sum()),
        value=float(values[own]),
        unit_of_measure=indicator.unit,
    )
