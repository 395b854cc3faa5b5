"""Do the published intervals hold the ranks that other defensible designs give? About 165 designs for each top node.

Every design is a full index of its own, computed here in plain numpy from the cells that the default model starts from:

- imputation: from size and wealth by least squares; the mean of the world; the mean of the five nearest neighbours in
  the indicators that both have;
- normalisation: clipped z-score, percentile, min-max;
- weights: pillars equal, indicators equal, squared loadings on the first principal component;
- aggregation of pillars: arithmetic, geometric on 1-100, Copeland's pairwise majorities;

all 81 combinations, and each pillar and each indicator left out in turn under four of them, others for each part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from benchmarks import plain
from benchmarks.figures import Figure
from softpower.index.building import build

Array = NDArray[np.float64]

TITLE = "Other defensible designs"


def by_regression(x: Array, context: Array) -> Array:
    """Gaps filled with what size and wealth predict."""
    design = np.column_stack([np.ones(len(x)), context])
    filled = x.copy()
    for column in filled.T:
        gap = np.isnan(column)
        beta = np.linalg.lstsq(design[~gap], column[~gap], rcond=None)[0]
        column[gap] = design[gap] @ beta
    return filled


def by_world_mean(x: Array, context: Array) -> Array:
    """Gaps filled with the mean of all countries: the commonest choice, and the hardest on small states."""
    del context
    return np.where(np.isnan(x), np.nanmean(x, axis=0), x)


def by_neighbours(x: Array, context: Array, *, neighbours: int = 5) -> Array:
    """Gaps filled with the mean of the nearest countries, by the indicators, size and wealth that both have."""
    both = np.column_stack([x, context])
    z = (both - np.nanmean(both, axis=0)) / np.nanstd(both, axis=0)
    filled = x.copy()
    for row, column in zip(*np.nonzero(np.isnan(x)), strict=True):
        distance = np.nanmean((z - z[row]) ** 2, axis=1)
        distance[np.isnan(x[:, column])] = np.inf
        filled[row, column] = x[np.argsort(distance)[:neighbours], column].mean()
    return filled


IMPUTATIONS: dict[str, Callable[[Array, Array], Array]] = {
    "size and wealth": by_regression,
    "world mean": by_world_mean,
    "nearest neighbours": by_neighbours,
}
WEIGHTS = ("equal pillars", "equal indicators", "first component")
AGGREGATIONS: dict[str, Callable[[Array, Array], Array]] = {
    "arithmetic": plain.arithmetic,
    "geometric": partial(plain.geometric, floor=1.0),
    "copeland": plain.copeland,
}
OPTIONS: dict[str, Iterable[str]] = {
    "imputation": IMPUTATIONS,
    "normalisation": plain.NORMALISATIONS,
    "weights": WEIGHTS,
    "aggregation": AGGREGATIONS,
}


@dataclass(frozen=True, slots=True)
class Design:
    """One way to build the index. ``without`` are left-out indicators."""

    imputation: str = "size and wealth"
    normalisation: str = "zscore"
    weights: str = "equal pillars"
    aggregation: str = "arithmetic"
    without: tuple[str, ...] = ()


# Steps through the 81 combinations that share no factor with 81 reach all of them.
DROPPED_UNDER, STEP = 4, 20


def declared(pillars: dict[str, tuple[str, ...]]) -> list[Design]:
    """All designs for a top node with these pillars and their indicators."""
    whole = [Design(*each) for each in product(IMPUTATIONS, plain.NORMALISATIONS, WEIGHTS, AGGREGATIONS)]
    droppable = [*pillars.values(), *((leaf,) for leaves in pillars.values() if len(leaves) > 1 for leaf in leaves)]
    turns = product(droppable, range(DROPPED_UNDER))
    return whole + [replace(whole[turn * STEP % len(whole)], without=parts) for turn, (parts, _) in enumerate(turns)]


def places(design: Design, pillars: dict[str, tuple[str, ...]], names: Sequence[str], x: Array) -> NDArray[np.int64]:
    """Ranks of all units; ``x`` are the imputed cells, shape (unit, indicator), columns as ``names``."""
    kept = {pillar: [leaf for leaf in leaves if leaf not in design.without] for pillar, leaves in pillars.items()}
    kept = {pillar: leaves for pillar, leaves in kept.items() if leaves}
    order = [leaf for leaves in kept.values() for leaf in leaves]
    on_scale = plain.NORMALISATIONS[design.normalisation](x[:, [names.index(leaf) for leaf in order]])
    if design.weights == "equal pillars":
        weights = np.array([1 / len(leaves) for leaves in kept.values() for _ in leaves])
    elif design.weights == "equal indicators":
        weights = np.ones(len(order))
    else:
        weights = plain.first_component(on_scale)
    edges = np.cumsum([0, *(len(leaves) for leaves in kept.values())])
    spans = [slice(begin, end) for begin, end in pairwise(edges)]
    scores = np.stack([plain.arithmetic(on_scale[:, span], weights[span]) for span in spans], axis=1)
    join = AGGREGATIONS[design.aggregation]
    return plain.ranks(join(scores, np.array([weights[span].sum() for span in spans])))


def run() -> Iterator[Figure]:
    """Coverage and width for each top node of the default model."""
    index = build()
    model = index.model.variant()
    rows = [index.panel.units.index(unit) for unit in index.units]
    names = list(index.panel.indicators)
    known = np.where(index.panel.known, index.panel.value, np.nan)[0, rows]
    context = by_regression(index.panel.context[0, rows], np.zeros((len(rows), 0)))
    for top in model.tops:
        pillars = {pillar: model.leaves(pillar) for pillar in model.children(top)}
        columns = [names.index(leaf) for leaves in pillars.values() for leaf in leaves]
        used = [names[column] for column in columns]
        filled = {name: fill(known[:, columns], context) for name, fill in IMPUTATIONS.items()}
        designs = declared(pillars)
        ranks = np.stack([places(design, pillars, used, filled[design.imputation]) for design in designs])
        place = index.ranks(top)
        inside = (ranks >= place.low) & (ranks <= place.high)
        words = f"{len(designs)} designs x {len(rows)} countries"
        yield Figure(
            f"{top}: ranks of other designs inside the 90% interval", inside.mean(), "share", 0.85, 0.97, note=words
        )
        for field, options in OPTIONS.items():
            for option in options:
                chosen = [getattr(design, field) == option and not design.without for design in designs]
                yield Figure(f"{top}: the same, {option}", inside[chosen].mean(), "share")
        dropped = [bool(design.without) for design in designs]
        yield Figure(f"{top}: the same, one pillar or indicator left out", inside[dropped].mean(), "share")
        width = np.median(place.high - place.low) / len(rows)
        yield Figure(
            f"{top}: median width of the 90% interval", width, "share", 0.08, 0.18, note="of the number of countries"
        )
