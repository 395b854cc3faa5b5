"""Compare units pair by pair: what counts is in which parts one is ahead of another, not by how much.

No surplus makes up for a deficit here, and the scale of a part does not matter, only its order. Ranks follow from
Copeland's score, or from the ranking that agrees with most comparisons (`softpower.index.kemeny`).

Where cells are missing, two units are compared on the parts known of both, whose weights are shared out anew: unlike a
comparison that takes a gap for a tie or for a defeat, this depends neither on the order of the units nor on what a
third unit has. Scores that differ by rounding only tie, as in `softpower.index.rank`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest
from softpower.index import aggregate
from softpower.index.rank import settled

Array = NDArray[np.float64]

# Shares of weights are sums of fractions: what is nearer than this to one half, or to one, is that.
NEAR = 1e-9


def outranking(x: Array, weights: Array | None = None) -> Array:
    """Share of the weights by which each unit is ahead of each other.

    Parameters
    ----------
    x : array, shape (..., unit, part), directed, NaN where missing
    weights : array, shape (part,) or (..., part), whose leading axes are replications; by default equal

    Returns
    -------
    array, shape (..., unit, unit)
        Row ahead of column; a tie counts half, so does a pair of units without a part known of both. The diagonal is
        zero, and each pair of cells across it sums to 1.

    References
    ----------
    Munda, Nardo (2009), Noncompensatory/nonlinear composite indicators for ranking countries: a defensible setting,
    Applied Economics 41, 1513-1523 (outranking matrix).

    >>> outranking(np.array([[3.0, 1.0, 5.0], [2.0, 2.0, 5.0]]), np.array([2.0, 1.0, 1.0])).tolist()
    [[0.0, 0.625], [0.375, 0.0]]
    """
    x = np.asarray(x, dtype=np.float64)
    if x.ndim > 2:
        given = None if weights is None else np.asarray(weights, dtype=np.float64)
        lead = np.broadcast_shapes(x.shape[:-2], () if given is None else given.shape[:-1])
        tables = np.broadcast_to(x, (*lead, *x.shape[-2:])).reshape(-1, *x.shape[-2:])
        rows = [None] * len(tables)
        if given is not None:
            rows = list(np.broadcast_to(given, (*lead, given.shape[-1])).reshape(-1, given.shape[-1]))
        found = [outranking(table, row) for table, row in zip(tables, rows, strict=True)]
        return np.reshape(found, (*lead, x.shape[-2], x.shape[-2]))
    if x.ndim < 2 or 0 in x.shape:
        raise BadRequest(f"scores need the axes (..., unit, part), not the shape {x.shape}")
    if np.isinf(x).any():
        unit, part = (int(axis) for axis in np.argwhere(np.isinf(x))[0])
        raise BadRequest(f"scores must be finite: unit {unit} has {x[unit, part]} in part {part}; make it missing")
    units, x = len(x), level(x)
    first, second = np.triu_indices(units, k=1)
    # -1, 0 or 1 for each pair and part, NaN where one of both is missing: a mean as of any other scores.
    ahead = aggregate.arithmetic((np.sign(x[first] - x[second]) + 1) / 2, weights)
    # A mean of ones may come out a rounding error above one.
    ahead = np.where(np.isnan(ahead), 0.5, np.clip(ahead, 0.0, 1.0))
    matrix = np.zeros((*ahead.shape[:-1], units, units))
    matrix[..., first, second] = ahead
    matrix[..., second, first] = 1 - ahead
    return matrix


def level(x: Array) -> Array:
    """Scores of which those that tie in a part (see `softpower.index.rank`) are exactly equal.

    Parameters
    ----------
    x : array, shape (unit, part), NaN where missing
    """
    return np.asarray(settled(x.T).T, dtype=np.float64)


def copeland(matrix: Array) -> Array:
    """Units each unit is ahead of by more than half of the weights, less those that are so ahead of it.

    Parameters
    ----------
    matrix : array, shape (..., unit, unit), of `outranking`, or numbers of votes

    Returns
    -------
    array, shape (..., unit)
        From 1 - units to units - 1.

    References
    ----------
    Copeland (1951), A reasonable social welfare function, University of Michigan seminar on applications of mathematics
    to social sciences.

    >>> copeland(outranking(np.array([[3.0, 1.0, 5.0], [2.0, 2.0, 5.0], [1.0, 0.0, 4.0]]))).tolist()
    [1.0, 1.0, -2.0]
    """
    margin = margins(matrix)
    return np.asarray(np.sign(margin).sum(axis=-1))


def margins(matrix: Array) -> Array:
    """How much more weight each unit has for it than against it, pair by pair; exactly zero where they are equal.

    >>> margins(np.array([[0.0, 0.75], [0.25, 0.0]])).tolist()
    [[0.0, 0.5], [-0.5, 0.0]]
    """
    matrix = np.asarray(matrix, dtype=np.float64)
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
        raise BadRequest(f"comparisons of pairs need a row and a column for each unit, not the shape {matrix.shape}")
    if not np.isfinite(matrix).all() or (matrix < 0).any():
        raise BadRequest("comparisons of pairs must be known, finite and zero or more")
    margin = matrix - np.swapaxes(matrix, -1, -2)
    return np.where(np.abs(margin) <= NEAR * matrix.max(initial=0.0), 0.0, margin)


@dataclass(frozen=True, slots=True)
class Dominance:
    """Which units are ahead of which in every part.

    Attributes
    ----------
    pairs : array, shape (..., unit, unit), row ahead of column in all parts known of both
    count : how many such pairs there are, shape (...)
    share : of all pairs of units, shape (...). The more, the less weights and means can change of the ranks.
    """

    pairs: NDArray[np.bool_]
    count: NDArray[np.int64]
    share: Array


def dominance(matrix: Array) -> Dominance:
    """Pairs in which one unit is ahead of the other in every part that has a weight.

    Parameters
    ----------
    matrix : array, shape (..., unit, unit), of `outranking`

    >>> found = dominance(outranking(np.array([[3.0, 1.0], [2.0, 2.0], [1.0, 0.0]])))
    >>> int(found.count), round(float(found.share), 3)
    (2, 0.667)
    """
    matrix = np.asarray(matrix, dtype=np.float64)
    pairs = matrix >= 1 - NEAR
    count = pairs.sum(axis=(-2, -1))
    units = matrix.shape[-1]
    return Dominance(pairs, count, count / max(units * (units - 1) / 2, 1))
