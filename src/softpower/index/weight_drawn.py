"""Weights that are drawn: around given ones, among those of experts, or from all that are possible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.errors import BadRequest
from softpower.index.weight_given import shares

Array = NDArray[np.float64]
Experts = Literal["draw", "bootstrap"]

# Sums of bounds may miss 1 by rounding.
EDGE = 1e-12
# Draws looked at for one that is kept.
MOST_TRIES = 10_000


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
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 7 (uncertainty of weights).
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


def unknown(
    parts: int,
    *,
    draws: int,
    rng: np.random.Generator,
    low: ArrayLike = 0.0,
    high: ArrayLike = 1.0,
    names: Sequence[str] | None = None,
) -> Array:
    """Draws of weights of which nothing is known but their bounds: all shares within them are equally likely.

    Without bounds this is the Dirichlet distribution with parameters of 1. Floors leave a smaller simplex of the same
    shape; of the draws from it those above a ceiling are drawn again.

    Parameters
    ----------
    parts : how many
    draws : number of draws
    rng : generator; the same state gives the same draws
    low, high : least and most share, one for all parts or one for each, shape (part,)
    names : of the parts, for messages

    Returns
    -------
    array, shape (draw, part), rows sum to 1

    Raises
    ------
    BadRequest
        No shares keep the bounds, or so few of those above the floors do that they cannot be found by drawing.

    References
    ----------
    Lahdelma, Hokkanen, Salminen (1998), SMAA - Stochastic multiobjective acceptability analysis, EJOR 106, 137-143.

    >>> drawn = unknown(3, draws=1000, rng=np.random.default_rng(1), high=[0.2, 1.0, 1.0])
    >>> bool(drawn[:, 0].max() <= 0.2), drawn.sum(axis=1).round(12).min().item()
    (True, 1.0)
    """
    floor, ceiling = (np.broadcast_to(np.asarray(each, dtype=np.float64), (parts,)) for each in (low, high))
    called = [f"part {part}" for part in range(parts)] if names is None else list(names)
    if not (floor.sum() <= 1 + EDGE and ceiling.sum() >= 1 - EDGE and (floor >= 0).all() and (floor <= ceiling).all()):
        raise BadRequest(
            f"no weights of {', '.join(called)} keep the bounds {floor.tolist()} to {ceiling.tolist()}: each must "
            "be at least 0 and at most its upper one, and shares that sum to 1 must fit in"
        )
    rest = max(1.0 - float(floor.sum()), 0.0)
    found = np.empty((draws, parts))
    done = tried = 0
    while done < draws:
        if tried >= MOST_TRIES * max(draws, 1000):
            raise BadRequest(
                f"the upper bounds of {', '.join(called)} leave fewer than 1 in {MOST_TRIES:,} of the weights above "
                "the lower ones: raise the lower bounds too, or widen the upper ones"
            )
        block = floor + rest * rng.dirichlet(np.ones(parts), size=max(draws, 1000))
        tried += len(block)
        within = block[(block <= ceiling + EDGE).all(axis=1)][: draws - done]
        found[done : done + len(within)] = within
        done += len(within)
    return found


def of_experts(shares: Array, *, draws: int, rng: np.random.Generator, method: Experts = "draw") -> Array:
    """Draws of weights from what experts gave.

    Parameters
    ----------
    shares : array, shape (expert, part), rows sum to 1; NaN in all parts where an expert gave none
    draws : number of draws
    rng : generator; draws for other parts from the same state take the same experts
    method : ``draw`` takes one expert: how far they disagree. ``bootstrap`` takes the mean of all, each counted by a
        random weight, uniform on the simplex (Bayesian bootstrap): how sure the mean is

    Returns
    -------
    array, shape (draw, part), rows sum to 1

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 7: the expert whose weights are taken is an
    input factor of the uncertainty analysis. Saisana, Saltelli, Tarantola (2005), JRSS A 168, 307-323.
    Rubin (1981), The Bayesian bootstrap, Annals of Statistics 9, 130-134.

    >>> drawn = of_experts(np.array([[0.5, 0.5], [0.9, 0.1]]), draws=200, rng=np.random.default_rng(1))
    >>> np.unique(drawn, axis=0).tolist()
    [[0.5, 0.5], [0.9, 0.1]]
    """
    has = np.asarray(np.isfinite(shares).all(axis=1), dtype=np.bool_)
    if not has.any():
        raise BadRequest("no expert gave points to these parts")
    own = np.flatnonzero(has)
    if method == "bootstrap":
        counts = rng.standard_exponential((draws, len(shares)))[:, own]
        return np.asarray(counts @ shares[own] / counts.sum(axis=1, keepdims=True))
    point = rng.random(draws)
    taken = np.minimum((point * len(shares)).astype(np.int64), len(shares) - 1)
    # One who passed over these parts is stood in for by another.
    stand_in = own[np.minimum((point * len(shares) % 1 * len(own)).astype(np.int64), len(own) - 1)]
    return shares[np.where(has[taken], taken, stand_in)]


def noisy(weights: Array, *, factor: float, draws: int, rng: np.random.Generator) -> Array:
    """Draws of weights, each uniform between 1 - ``factor`` and 1 + ``factor`` times the given one.

    Parameters
    ----------
    weights : array, shape (part,), zero or more
    factor : largest relative change, from 0 to 1
    draws : number of draws
    rng : generator; the same state gives the same draws

    Returns
    -------
    array, shape (draw, part), not shared out: a part's weight does not change with what others were drawn

    References
    ----------
    Becker et al. (2022), COINr: An R package for developing composite indicators, JOSS 7(78), 4567 (noisy weights).
    """
    weights = np.asarray(weights, dtype=np.float64)
    shares(weights)
    if not 0 <= factor <= 1:
        raise BadRequest(f"weights change by a factor from 0 to 1, not by {factor}")
    drawn: Array = weights * rng.uniform(1 - factor, 1 + factor, (draws, weights.size))
    return drawn
