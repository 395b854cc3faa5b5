"""Ranks and what can be said about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest

Array = NDArray[np.float64]
Ranks = NDArray[np.int64]


def rank(scores: NDArray[np.floating[Any]]) -> Ranks:
    """Place of each unit along the last axis; 1 is best, ties share the better rank.

    Parameters
    ----------
    scores : array, shape (..., unit), no NaN

    >>> rank(np.array([3.0, 5.0, 3.0, 1.0])).tolist()
    [2, 1, 2, 4]
    """
    if np.isnan(scores).any():
        raise BadRequest("scores with gaps cannot be ranked: leave the unit out by name")
    order = np.argsort(-scores, axis=-1, kind="stable")
    ordered = np.take_along_axis(scores, order, axis=-1)
    place = np.broadcast_to(np.arange(scores.shape[-1]), scores.shape)
    fresh = np.ones(scores.shape, dtype=bool)
    fresh[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    first = np.maximum.accumulate(np.where(fresh, place, 0), axis=-1)
    ranks = np.empty(scores.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, first + 1, axis=-1)
    return ranks


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
    a, b = scores[:, first], scores[:, second]
    return float(np.mean(a > b) + np.mean(a == b) / 2)


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
    units = scores.shape[1]
    ahead = np.empty((units, units))
    for unit in range(units):
        own = scores[:, unit, None]
        ahead[unit] = (own > scores).mean(axis=0) + (own == scores).mean(axis=0) / 2
    return ahead
