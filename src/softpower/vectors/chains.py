"""Random walks over sessions, many states at once: the precision is a band, so that a pass there and back solves them.

In every function ``data`` is the precision that ballots add, shape (session, state); a walk's steps have the variance
``step``, and the first session has the variance ``first`` around zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def smooth(data: Array, pulled: Array, *, step: float, first: float) -> tuple[Array, Array]:
    """Mean and variance of each position.

    Parameters
    ----------
    data : precision from the ballots, zero where none were cast
    pulled : precision times the position that the ballots alone would give

    >>> mean, variance = smooth(np.array([[1.0], [0.0]]), np.array([[2.0], [0.0]]), step=1.0, first=1.0)
    >>> mean.ravel().round(12).tolist(), variance.ravel().round(12).tolist()
    ([1.0, 1.0], [0.5, 1.5])
    """
    pivots, x = _forward(data, pulled, step, first)
    link = 1 / step
    whole = _precision(data, step, first)
    back = np.empty_like(whole)
    back[-1] = whole[-1]
    x[-1] /= pivots[-1]
    for k in range(len(x) - 2, -1, -1):
        x[k] = (x[k] + link * x[k + 1]) / pivots[k]
        back[k] = whole[k] - link**2 / back[k + 1]
    return x, 1 / (pivots + back - whole)


def draw(data: Array, pulled: Array, random: np.random.Generator, *, step: float, first: float) -> Array:
    """One draw of all positions from their joint distribution."""
    pivots, x = _forward(data, pulled, step, first)
    noise = random.standard_normal(x.shape) / np.sqrt(pivots)
    link = 1 / step
    x[-1] = x[-1] / pivots[-1] + noise[-1]
    for k in range(len(x) - 2, -1, -1):
        x[k] = (x[k] + link * x[k + 1]) / pivots[k] + noise[k]
    return x


def _precision(data: Array, step: float, first: float) -> Array:
    """Diagonal of the precision."""
    sessions = len(data)
    steps = np.full(sessions, 2.0)
    steps[[0, -1]] = 1.0 if sessions > 1 else 0.0
    whole: Array = data + (steps / step)[:, None]
    whole[0] += 1 / first
    return whole


def _forward(data: Array, pulled: Array, step: float, first: float) -> tuple[Array, Array]:
    pivots, x = _precision(data, step, first), np.array(pulled, dtype=float)
    link = 1 / step
    for k in range(1, len(x)):
        share = link / pivots[k - 1]
        pivots[k] -= share * link
        x[k] += share * x[k - 1]
    return pivots, x
