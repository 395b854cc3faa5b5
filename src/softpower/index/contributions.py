"""What each indicator gives the units of a build, on the scale on which the build joins them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from softpower.index.experiment import Experiment
from softpower.index.result import Index

Array = NDArray[np.float64]

# Scores built again may differ in the last digits of float sums, and by no more.
SAME = 1e-8


@dataclass(frozen=True, slots=True)
class Contributions:
    """How the standing of units in a node comes about, in standard deviations of scores over these units.

    Attributes
    ----------
    leaves : indicators below the node
    given : array, shape (unit, indicator): what each adds to the weighted arithmetic mean of normalised cells, beyond
        the mean unit. A gap gives what it does to have the weight go to siblings. Rows sum to the standardised mean
    joining : array, shape (unit,): the standardised score less the row of ``given``: what another way of joining makes
        of the parts, such as a geometric mean of those that are not balanced; zero where all means are arithmetic
    """

    leaves: tuple[str, ...]
    given: Array
    joining: Array


def contributions(index: Index, node: str, units: Sequence[str]) -> Contributions | None:
    """What each indicator gives some ranked units in a node, from the central build done again.

    None where that comes to other scores: those of an index whose scale or gaps rest on other years than its own.
    """
    place = {unit: number for number, unit in enumerate(index.panel.units)}
    rows = np.array([place[unit] for unit in units])
    own = standardised(index.central[node][[index.unit(unit) for unit in units]])
    with threadpool_limits(1):
        ready = Experiment.of(index.model, index.panel, variant=index.variant)
        again = standardised(ready.central.node(node, without=ready.without)[0, rows])
        if not np.allclose(own, again, rtol=0.0, atol=SAME):
            return None
        shares = _shares(ready, node, rows)
        cells = np.stack([ready.central.indicator(leaf)[0, rows] for leaf in shares], axis=1)
    weights = np.stack(list(shares.values()), axis=1)
    # A weight that moves from a gap to siblings gives nothing by itself: cells count from the mean over all parts.
    middle = float((weights * np.nan_to_num(cells)).sum(axis=1).mean())
    given = weights * np.nan_to_num(cells - middle)
    given -= given.mean(axis=0)
    spread = float(given.sum(axis=1).std())
    given = given / spread if spread > 0 else np.zeros_like(given)
    return Contributions(tuple(shares), given, own - given.sum(axis=1))


def standardised(scores: Array) -> Array:
    """Scores in standard deviations from their mean; zeros where all are equal but for rounding.

    >>> standardised(np.array([1.0, 3.0])).tolist()
    [-1.0, 1.0]
    """
    spread = float(scores.std())
    if not spread > SAME * float(np.abs(scores).max()):
        return np.zeros_like(scores)
    return np.asarray((scores - scores.mean()) / spread)


def _shares(ready: Experiment, node: str, rows: NDArray[np.int64]) -> dict[str, Array]:
    """Weight of each indicator below a node in the score of each unit, shape (unit,): that of gaps goes to siblings."""
    central, found = ready.central, {}

    def visit(part: str, share: Array) -> None:
        if part in central.model.indicators:
            found[part] = share
            return
        children = [each for each in central.model.children(part) if central.model.counts(each, without=ready.without)]
        scores = [
            central.indicator(each)[0, rows]
            if each in central.model.indicators
            else central.node(each, without=ready.without)[0, rows]
            for each in children
        ]
        own = np.array([[central.model.weight(each)] for each in children]) * np.isfinite(scores)
        total = own.sum(axis=0)
        for child, weight in zip(children, own, strict=True):
            visit(child, share * np.divide(weight, total, out=np.zeros_like(total), where=total > 0))

    visit(node, np.ones(rows.size))
    return found
