"""How much stronger the tie to one pole is than that to another, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest
from softpower.vectors.figures import LEVEL, tails

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PoleGap:
    """How much stronger the tie to one pole is than that to another, in logarithms: 0.69 is twice as strong.

    Attributes
    ----------
    value, low, high : ln A - ln B and its interval; above zero the tie to A is the stronger
    above : share of draws above zero; one in which it may be so or not counts half
    size, size_low, size_high : how far apart they are, whichever is ahead; its interval is what the first one maps to,
        so that it begins at zero where the sign is open
    draws : how many draws knew both ties
    """

    value: Array
    low: Array
    high: Array
    above: Array
    size: Array
    size_low: Array
    size_high: Array
    draws: Ints


def pole_gap(
    a: Array,
    b: Array,
    draws_a: Array,
    draws_b: Array,
    *,
    most_a: Array | None = None,
    most_b: Array | None = None,
    level: float = LEVEL,
) -> PoleGap:
    """How much stronger the tie to pole A is than that to pole B, and how sure that is.

    Parameters
    ----------
    a, b : excess ties, how many times what would be expected; shape (...), for instance one for each layer or year
    draws_a, draws_b : the same in draws, shape (draw, ...); the same draw of both poles must be of the same world
    most_a, most_b : where a tie is but bounded, the most that it can be in each draw, the draws above being the least
    level : of the intervals

    Returns
    -------
    PoleGap
        Arrays of shape (...). NaN where a tie is unknown, or is zero and has no logarithm; draws in which one is so
        are left out. Where ties are but bounded, the value may be unknown and its interval known.

    Raises
    ------
    BadRequest
        The poles have not the same draws, or none.

    References
    ----------
    The gap between two poles in units of excess ties is a proposal of ours; no accepted index of it was found.

    Two ties that may be anything within the same bounds cannot be told apart, however sure the bounds are:

    >>> even = np.full(3, 2.0)
    >>> gap = pole_gap(np.array(3.0), np.array(3.0), even, even, most_a=2 * even, most_b=2 * even)
    >>> gap.low.round(3).item(), gap.high.round(3).item(), gap.above.item()
    (-0.693, 0.693, 0.5)
    >>> gap = pole_gap(np.array(4.0), np.array(2.0), np.array([3.0, 4.0, 8.0]), np.array([4.0, 2.0, 2.0]))
    >>> gap.value.round(3).item(), gap.above.round(3).item(), gap.size_low.item()
    (0.693, 0.667, 0.0)
    """
    exact = most_a is None and most_b is None
    most_a, most_b = draws_a if most_a is None else most_a, draws_b if most_b is None else most_b
    drawn = {each.shape for each in (draws_a, draws_b, most_a, most_b)}
    if not len(draws_a) or len(drawn) > 1 or draws_a.shape[1:] != np.shape(a) or np.shape(a) != np.shape(b):
        raise BadRequest(
            f"poles of shapes {np.shape(a)} and {np.shape(b)} with draws {draws_a.shape} and {draws_b.shape}: "
            "give both the same shape, and draws, one at least, with one more axis in front"
        )
    value = _log_ratio(np.asarray(a), np.asarray(b))
    least, most = _log_ratio(draws_a, most_b), _log_ratio(most_a, draws_b)
    used = (~np.isnan(least)).sum(axis=0)
    used = used * ~np.isnan(value) if exact else used
    enough = used > 0
    least, most = np.where(enough, least, 0.0), np.where(enough, most, 0.0)
    tail = tails(level)
    low, high = np.nanquantile(least, tail[0], axis=0), np.nanquantile(most, tail[1], axis=0)
    above = np.nansum((least > 0).astype(float) + (most > 0), axis=0) / 2 / np.maximum(used, 1)
    low, high = np.fmin(low, value), np.fmax(high, value)
    low, high, above = (np.where(enough, each, np.nan) for each in (low, high, above))
    size_low, size_high = np.minimum(np.abs(low), np.abs(high)), np.maximum(np.abs(low), np.abs(high))
    return PoleGap(
        value=value,
        low=low,
        high=high,
        above=above,
        size=np.abs(value),
        size_low=np.where((low < 0) & (high > 0), 0.0, size_low),
        size_high=size_high,
        draws=used,
    )


def _log_ratio(a: Array, b: Array) -> Array:
    """ln a - ln b, NaN where either is unknown or not above zero."""
    known = (a > 0) & (b > 0)
    return np.where(known, np.log(np.where(known, a, 1.0)) - np.log(np.where(known, b, 1.0)), np.nan)
