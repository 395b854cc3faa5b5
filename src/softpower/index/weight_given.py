"""Weights that people give: declared, equal, or asked of experts; all are shares that sum to 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest

Array = NDArray[np.float64]


def shares(weights: Array) -> Array:
    """Weights as shares of their sum.

    >>> shares(np.array([1.0, 3.0])).tolist()
    [0.25, 0.75]
    """
    weights = np.asarray(weights, dtype=np.float64)
    total = float(weights.sum())
    if not np.all(np.isfinite(weights)) or np.any(weights < 0) or total <= 0:
        raise BadRequest(f"weights must be zero or more and not all zero, not {weights.tolist()}")
    share: Array = weights / total
    return share


def equal(parts: int) -> Array:
    """The same weight for each part.

    >>> equal(4).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    return shares(np.ones(parts))


@dataclass(frozen=True, slots=True)
class Budget:
    """What experts gave to each part: the mean of their shares, and the standard deviation among them (ddof 1)."""

    weights: Array
    spread: Array


def budget_allocation(points: Array) -> Budget:
    """Weights from experts, each of whom shares out points among the parts.

    Parameters
    ----------
    points : array, shape (expert, part), zero or more; each expert counts the same, however many points were given

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 6 (budget allocation process).

    >>> found = budget_allocation(np.array([[50.0, 50.0], [30.0, 10.0]]))
    >>> found.weights.tolist(), found.spread.round(4).tolist()
    ([0.625, 0.375], [0.1768, 0.1768])
    """
    points = np.asarray(points, dtype=np.float64)
    if points.ndim != 2 or 0 in points.shape:
        raise BadRequest(f"points of experts need the axes (expert, part), not the shape {points.shape}")
    for expert, given in enumerate(points):
        if not np.isfinite(given).all() or (given < 0).any() or given.sum() <= 0:
            raise BadRequest(
                f"expert {expert} gave {given.tolist()}: points must be known, zero or more and not all zero; "
                "ask again, or leave the expert out"
            )
    share = points / points.sum(axis=1, keepdims=True)
    spread = share.std(axis=0, ddof=1) if len(share) > 1 else np.full(share.shape[1], np.nan)
    return Budget(share.mean(axis=0), spread)
