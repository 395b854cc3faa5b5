"""What each part of a node gives to its scores, in the unit in which these are shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.index.experiment import Experiment
from softpower.index.result import Index

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Components:
    """Parts of a score: ``base`` and the contributions of a unit add up to its central score.

    Attributes
    ----------
    parts : ids of the nodes and indicators directly below the node
    given : array, shape (part, unit), in points; 0 where a part is missing and its siblings take its weight
    base : what a unit gets without any: the mean of the scale, or zero
    """

    parts: tuple[str, ...]
    given: Array
    base: float


def central_scores(index: Index) -> tuple[Experiment, NDArray[np.int64]]:
    """The index's central build once more, with the scores of its indicators, and the rows of its ranked units."""
    rows = np.array([index.panel.units.index(unit) for unit in index.units], dtype=np.int64)
    return Experiment.of(index.model, index.panel, variant=index.variant), rows


def components(index: Index, node: str) -> Components | None:
    """The contributions of the parts of a node, or None where its score is no weighted sum of them.

    A weighted mean has such parts: weight times score. On a scale with a mean of its own (50, say) a contribution is
    how far it lifts a unit above the average one. A geometric mean and its like have none, nor does a year of a table
    whose scale rests on other years too.
    """
    experiment, rows = central_scores(index)
    built, without = experiment.built, experiment.without
    parts = tuple(part for part in built.children(node) if built.counts(part))
    x = np.stack(
        [
            (
                experiment.central.node(part, without=without)
                if part in built.nodes
                else experiment.central.indicator(part)
            )[0, rows]
            for part in parts
        ]
    )
    weights = np.array([built.weight(part) for part in parts])[:, None] * np.isfinite(x)
    total = weights.sum(axis=0)
    given = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0) * np.nan_to_num(x)
    base = 0.0
    if index.model.scale is not None:
        raw = given.sum(axis=0)
        spread = raw.std()
        stretch = index.model.scale.sd / spread if spread > 0 else 0.0
        given, base = (given - given.mean(axis=1, keepdims=True)) * stretch, index.model.scale.mean
    scored = index.scored(node)
    if not np.allclose(base + given.sum(axis=0)[scored], index.central[node][scored], rtol=1e-6, atol=1e-6):
        return None
    return Components(parts, given, base)
