"""What each indicator gives the units of a build, on the scale on which the build joins them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.index.result import Index

Array = NDArray[np.float64]

# Scores that differ by less than this share of them differ by rounding.
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


def contributions(index: Index, node: str, units: Sequence[str]) -> Contributions:
    """What each indicator gives some ranked units in a node, from the central cells and weights of the build."""
    places = [index.unit(unit) for unit in units]
    own = standardised(index.central[node][places])
    shares = {leaf: share[places] for leaf, share in _shares(index, node).items()}
    cells = np.stack([index.cells[leaf][places] for leaf in shares], axis=1)
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


def _shares(index: Index, node: str) -> dict[str, Array]:
    """Weight of each indicator below a node in the score of each unit, shape (unit,): that of gaps goes to siblings."""
    built, weights, found = index.model.variant(index.variant), index.weights, {}

    def counts(part: str) -> bool:
        return weights[part] > 0 and (part in built.indicators or any(map(counts, built.children(part))))

    def visit(part: str, share: Array) -> None:
        if part in built.indicators:
            found[part] = share
            return
        children = [each for each in built.children(part) if counts(each)]
        scores = np.array([(index.cells if each in built.indicators else index.central)[each] for each in children])
        own = np.array([[weights[each]] for each in children]) * np.isfinite(scores)
        total = own.sum(axis=0)
        for child, weight in zip(children, own, strict=True):
            visit(child, share * np.divide(weight, total, out=np.zeros_like(total), where=total > 0))

    visit(node, np.ones(len(index.units)))
    return found
