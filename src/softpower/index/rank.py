"""Ranks and what can be said about them.

Scores that are equal on paper come out of sums taken in another order a few units of the last digit apart. They tie:
sorted neighbours that differ by no more than `NEAR` of the largest score in size share a rank, and so do all units that
a chain of such neighbours joins. A chain of a thousand spans a ten-thousand-millionth of the scores at most. Pair by
pair, where no third unit counts, scores tie that are as near to each other.

Ranks are taken of scores in double precision, those of replications as well as the central ones: in single precision
neighbours would tie that differ by less than a ten-millionth of the largest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest

Array = NDArray[np.float64]
Ranks = NDArray[np.int64]

# Scores tie that differ by no more than this share of the largest in size, 450 units of its last digit. The error of a
# sum of n shares times scores is at most n/2 such units and mostly a few, that of putting a cell on its scale a few,
# and that of a cell written as a binary number as many as its column's range is smaller than itself. A larger share
# would tie what is apart where one unit is far above all others: 1, 2 and 3 beside a million million lie a
# million-millionth of the scale apart.
NEAR = 1e-13


def rank(scores: NDArray[np.floating[Any]]) -> Ranks:
    """Place of each unit along the last axis; 1 is best, ties share the better rank.

    Parameters
    ----------
    scores : array, shape (..., unit), no NaN

    >>> rank(np.array([3.0, 5.0, 3.0, 1.0])).tolist()
    [2, 1, 2, 4]
    >>> rank(np.array([0.1 + 0.2, 0.3, 0.5])).tolist()
    [2, 2, 1]
    """
    order, ordered = _sorted(scores)
    if np.isnan(ordered[:, -1:]).any():  # where NaN is put by a sort
        raise BadRequest("scores with gaps cannot be ranked: leave the unit out by name")
    ranks = np.empty(scores.size, dtype=np.int64)
    ranks[order] = _first(ordered) + 1
    return ranks.reshape(scores.shape)


def settled(scores: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Scores of which those that tie along the last axis are exactly equal, to the largest of them; NaN stays NaN.

    For what compares scores one by one.

    >>> settled(np.array([0.3, 0.1 + 0.2, np.nan, 0.5])).tolist()
    [0.30000000000000004, 0.30000000000000004, nan, 0.5]
    """
    order, ordered = _sorted(scores)
    found = np.empty(scores.size, dtype=scores.dtype)
    found[order] = np.take_along_axis(ordered, _first(ordered), axis=-1)
    return found.reshape(scores.shape)


def _sorted(scores: NDArray[np.floating[Any]]) -> tuple[Ranks, NDArray[np.floating[Any]]]:
    """Where the scores of each row stand among all, the best first and NaN last, and these; shape (row, unit).

    In what order equal scores come plays no role.
    """
    units = scores.shape[-1]
    rows = scores.reshape(-1, units) if units else scores.reshape(0, 0)
    order = np.argsort(-rows, axis=-1)
    order += np.arange(len(rows))[:, None] * units
    return order, scores.ravel()[order]


def _first(ordered: NDArray[np.floating[Any]]) -> Ranks:
    """For each place in the order the first of those that it ties with, from 0; shape (row, unit)."""
    if ordered.shape[1] < 2:
        return np.zeros(ordered.shape, dtype=np.int64)
    fresh = np.ones(ordered.shape, dtype=bool)
    ends = ordered[:, [0, -1]]  # the largest in size is one of them
    if np.isfinite(ends).all():
        np.greater(ordered[:, :-1] - ordered[:, 1:], nearness(ends), out=fresh[:, 1:])
    else:
        with np.errstate(invalid="ignore"):  # infinite scores tie with each other, NaN does not
            fresh[:, 1:] = ordered[:, :-1] - ordered[:, 1:] > nearness(ordered)
        fresh |= np.isnan(ordered)
    first: Ranks = np.where(fresh, np.arange(ordered.shape[1]), 0)
    return np.maximum.accumulate(first, axis=-1, out=first)


def nearness(scores: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Difference up to which scores along the last axis tie, shape (..., 1)."""
    size = np.abs(scores)
    near: NDArray[np.floating[Any]] = NEAR * np.where(np.isfinite(size), size, 0.0).max(axis=-1, keepdims=True)
    return near


@dataclass(frozen=True, slots=True)
class RankIntervals:
    """Places each unit takes across draws: int arrays, shape (unit,); 1 is best."""

    low: Ranks
    q25: Ranks
    median: Ranks
    q75: Ranks
    high: Ranks
    level: float


def rank_intervals(scores: Array, *, level: float = 0.9) -> RankIntervals:
    """Range of ranks each unit takes across draws.

    Parameters
    ----------
    scores : array, shape (draw, unit), no NaN
    level : share of draws inside the interval, between 0 and 1

    Returns
    -------
    RankIntervals
        Ends are ranks that occurred: the inverse of the empirical distribution, rounded outwards.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 7 (robustness and sensitivity).

    >>> rank_intervals(np.array([[3.0, 1.0], [2.0, 5.0], [4.0, 0.0]])).median.tolist()
    [1, 2]
    """
    return intervals_of_ranks(rank(scores), level=level)


def intervals_of_ranks(ranks: Ranks, *, level: float = 0.9) -> RankIntervals:
    """Like `rank_intervals`, from ranks of shape (draw, ...) already at hand."""
    if not 0 < level < 1:
        raise BadRequest(f"level must lie between 0 and 1, not {level}")
    tail = (1 - level) / 2
    low, q25 = (np.quantile(ranks, q, axis=0, method="lower").astype(np.int64) for q in (tail, 0.25))
    median = np.quantile(ranks, 0.5, axis=0, method="inverted_cdf").astype(np.int64)
    q75, high = (np.quantile(ranks, q, axis=0, method="higher").astype(np.int64) for q in (0.75, 1 - tail))
    return RankIntervals(low=low, q25=q25, median=median, q75=q75, high=high, level=level)


def share_ahead(scores: Array, first: int, second: int) -> float:
    """Share of draws in which unit ``first`` scores above unit ``second``; ties count half.

    >>> share_ahead(np.array([[3.0, 1.0], [2.0, 5.0], [4.0, 0.0], [1.0, 1.0]]), 0, 1)
    0.625
    """
    apart, near = scores[:, first] - scores[:, second], nearness(scores)[:, 0]
    return float(np.mean(apart > near) + np.mean(np.abs(apart) <= near) / 2)


def acceptability(ranks: Ranks) -> Array:
    """Share of draws in which each unit takes each rank: P(rank = k).

    Parameters
    ----------
    ranks : array, shape (draw, unit); 1 is best

    Returns
    -------
    array, shape (unit, unit)
        Row unit, column rank less 1; rows sum to 1. Tied units share the better rank, so a column may sum to another
        number than 1.

    References
    ----------
    Lahdelma, Hokkanen, Salminen (1998), EJOR 106: rank acceptability indices.

    >>> acceptability(np.array([[1, 2], [1, 2], [2, 1], [1, 1]])).tolist()
    [[0.75, 0.25], [0.5, 0.5]]
    """
    draws, units = ranks.shape
    cells = ranks - 1 + np.arange(units) * units
    counts = np.bincount(cells.ravel(), minlength=units * units)
    shares: Array = counts.reshape(units, units) / draws
    return shares


def dominance(scores: Array) -> Array:
    """Share of draws in which the unit of the row scores above that of the column; ties count half.

    Parameters
    ----------
    scores : array, shape (draw, unit), no NaN

    >>> dominance(np.array([[3.0, 1.0], [2.0, 5.0], [4.0, 0.0], [1.0, 1.0]]))[0, 1].item()
    0.625
    """
    units, near = scores.shape[1], nearness(scores)
    ahead = np.empty((units, units))
    for unit in range(units):
        apart = scores[:, unit, None] - scores
        ahead[unit] = (apart > near).mean(axis=0) + (np.abs(apart) <= near).mean(axis=0) / 2
    return ahead
