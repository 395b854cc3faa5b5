"""Weights that say how little is known about weights.

Nobody can say what share a pillar of soft power deserves. The index therefore draws weights around the declared
ones, at every level of the tree, and reports what survives.
"""

from __future__ import annotations

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


def concentration(share: Array, *, cv: float) -> float:
    """Sum of the Dirichlet parameters whose weights vary by ``cv`` on average.

    The squared coefficient of variation of weight i is (1 - p_i) / (p_i (A + 1)); its mean over i is set to
    ``cv`` squared. For K equal shares that is A = (K - 1) / cv^2 - 1.

    Parameters
    ----------
    share : array, shape (child,), positive, sum 1
    cv : wanted coefficient of variation, above 0

    >>> round(concentration(np.full(5, 0.2), cv=0.4), 6)
    24.0
    """
    return float(np.mean((1 - share) / share) / cv**2 - 1)


def dirichlet(weights: Array, *, cv: float, draws: int, rng: np.random.Generator) -> Array:
    """Draws of weights around the given ones.

    Parameters
    ----------
    weights : array, shape (child,), zero or more; a zero stays zero in every draw
    cv : coefficient of variation of the drawn weights, 0 for none
    draws : number of draws
    rng : generator; the same state gives the same draws

    Returns
    -------
    array, shape (draw, child), rows sum to 1

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, section 7 (uncertainty of weights).
    """
    share = shares(weights)
    drawn = np.zeros((draws, share.size))
    alive = share > 0
    if cv == 0 or alive.sum() == 1:
        drawn[:] = share
        return drawn
    total = concentration(share[alive], cv=cv)
    if total <= 0:
        raise BadRequest(f"weights cannot vary by {cv}: the largest possible value for {alive.sum()} parts is lower")
    drawn[:, alive] = rng.dirichlet(total * share[alive], size=draws)
    return drawn
