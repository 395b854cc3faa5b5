"""Put indicators of different units on one scale.

Each method is a function of an array and of ``reference``, the cells its parameters are taken from: the observed
cells of the whole panel, so that a draw for one country never moves the score of another, and so that years
can be compared. All return the same scale, ``scale[0]`` the worst and ``scale[1]`` the best, and keep the shape
of ``x``. Missing cells are NaN and stay NaN. Directions are applied before, by ``softpower.index.panel``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest

Array = NDArray[np.float64]
Scale = tuple[float, float]


class Normaliser(Protocol):
    """A family of maps onto a common scale."""

    def __call__(self, x: Array, *, reference: Array | None = None, scale: Scale = (0.0, 100.0)) -> Array:
        """Return ``x`` on ``scale``, the parameters taken from ``reference`` (by default from ``x``)."""
        ...


def _known(x: Array, reference: Array | None) -> Array:
    cells = np.asarray(x if reference is None else reference, dtype=np.float64)
    known = cells[np.isfinite(cells)]
    if known.size == 0:
        raise BadRequest("nothing to normalise: no finite cell in the reference")
    return known


def _stretch(unit: Array, scale: Scale) -> Array:
    low, high = scale
    return low + (high - low) * unit


def minmax(x: Array, *, reference: Array | None = None, scale: Scale = (0.0, 100.0)) -> Array:
    """Linear between the smallest and the largest cell of the reference; beyond them clipped.

    A constant reference says nothing about order: every cell gets the middle of the scale.

    >>> minmax(np.array([2.0, 3.0, 6.0])).tolist()
    [0.0, 25.0, 100.0]
    """
    known = _known(x, reference)
    low, high = known.min(), known.max()
    if high == low:
        return np.where(np.isnan(x), np.nan, _stretch(np.full_like(x, 0.5), scale))
    return _stretch(np.clip((x - low) / (high - low), 0.0, 1.0), scale)


def zscore(x: Array, *, reference: Array | None = None, scale: Scale = (0.0, 100.0), clip: float = 2.5) -> Array:
    """Standard deviations from the mean of the reference (ddof 1), clipped at ``clip`` on either side.

    The mean takes the middle of the scale and ``clip`` standard deviations its ends, which keeps one extreme
    country from pressing all others together.

    >>> zscore(np.array([1.0, 2.0, 3.0])).tolist()
    [30.0, 50.0, 70.0]
    """
    known = _known(x, reference)
    spread = known.std(ddof=1) if known.size > 1 else 0.0
    if known.min() == known.max():  # the spread of equal cells need not be exactly zero
        return np.where(np.isnan(x), np.nan, _stretch(np.full_like(x, 0.5), scale))
    z = np.clip((x - known.mean()) / spread, -clip, clip)
    return _stretch((z + clip) / (2 * clip), scale)


def percentile(x: Array, *, reference: Array | None = None, scale: Scale = (0.0, 100.0)) -> Array:
    """Share of the reference below each cell, ties counted half, linear between neighbouring cells.

    The smallest cell gets the bottom of the scale and the largest its top.

    >>> percentile(np.array([10.0, 30.0, 20.0])).tolist()
    [0.0, 100.0, 50.0]
    """
    known = np.sort(_known(x, reference))
    values, first, count = np.unique(known, return_index=True, return_counts=True)
    middle = first + (count - 1) / 2
    span = middle[-1] - middle[0]
    if span == 0.0:
        return np.where(np.isnan(x), np.nan, _stretch(np.full_like(x, 0.5), scale))
    return _stretch(np.interp(x, values, (middle - middle[0]) / span), scale)


METHODS: dict[str, Callable[..., Array]] = {"zscore": zscore, "minmax": minmax, "percentile": percentile}
