"""How sure an efficiency is: the smoothed bootstrap of the frontier.

The hull of the units seen lies inside the true frontier, so that every unit looks more efficient than it is. Drawing
units anew tells by how much only if the inefficiencies are smoothed first: most hulls of plain resamples touch the same
few units. Efficiencies are treated as drawn from one distribution whatever the size and mix of a unit (homogeneous).

All is done on distances 1/θ ≥ 1 (Shephard's for inputs, Farrell's for outputs), so that no bound can turn negative.

References
----------
Simar, Wilson (1998), Sensitivity analysis of efficiency scores: how to bootstrap in nonparametric frontier models,
Management Science 44.
Simar, Wilson (2000), Statistical inference in nonparametric frontier models: the state of the art, Journal of
Productivity Analysis 13 (intervals from differences).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.index.decision_units import Names, checked, few_units, one_of
from softpower.index.envelope import ORIENTATIONS, RETURNS, envelop

Array = NDArray[np.float64]

VARIANCES = ("widened", "kept")

# Distances this near to one are those of units on the frontier.
ON_FRONTIER = 1e-9
# Draws solved at a time.
BLOCK = 100


@dataclass(frozen=True, slots=True)
class FrontierBootstrap:
    """Efficiencies, what they overstate, and how sure they are; arrays of shape (unit,).

    Attributes
    ----------
    efficiency : as `softpower.index.frontier.dea` gives it, share between 0 and 1
    bias : by how much it overstates, in shares
    corrected : efficiency less bias. It has a larger variance: where ``worth_correcting`` is False, the uncorrected
        efficiency is the better estimate
    low, high : interval of the true efficiency
    standard_error : of the distance 1/efficiency, across draws
    worth_correcting : whether the squared bias of the distance is more than three times its variance
    bandwidth : width of the kernel on distances
    level : share of cases in which the interval is meant to hold the true efficiency. With tens of units it does so
        less often; the benchmarks print how often
    draws, seed : the draws can be made again
    returns, orientation, names, cautions : as in `softpower.index.frontier.Frontier`
    """

    efficiency: Array
    bias: Array
    corrected: Array
    low: Array
    high: Array
    standard_error: Array
    worth_correcting: NDArray[np.bool_]
    bandwidth: float
    level: float
    draws: int
    seed: int
    returns: str
    orientation: str
    names: Names
    cautions: tuple[str, ...]


def bootstrap(
    inputs: ArrayLike,
    outputs: ArrayLike,
    *,
    returns: str = "variable",
    orientation: str = "output",
    draws: int = 2000,
    level: float = 0.9,
    bandwidth: float | None = None,
    variance: str = "widened",
    seed: int = 0,
    names: Names | None = None,
) -> FrontierBootstrap:
    """Bias and interval of each efficiency.

    Parameters
    ----------
    inputs, outputs, returns, orientation, names : as in `softpower.index.frontier.dea`
    draws : number of frontiers drawn
    level : wanted probability that an interval holds the true efficiency
    bandwidth : width of the normal kernel on distances, above zero; by default that of `reference_bandwidth`
    variance : "widened" leaves the smoothed distances with the variance that the kernel adds. "kept" shrinks them
        towards their mean, as Simar and Wilson (1998) have it, which also pulls the most efficient ones inside the
        frontier: the more units, the more bias it sees that is not there, and the less often intervals hold the truth
        (see the benchmarks)
    seed : the same seed gives the same draws

    Raises
    ------
    BadRequest
        A cell is missing, infinite or not above zero; or an argument is out of range.
    NotEnoughData
        All units lie on the frontier: there is no inefficiency to draw from.
    """
    one_of(returns, RETURNS, "returns")
    one_of(orientation, ORIENTATIONS, "orientation")
    one_of(variance, VARIANCES, "variance")
    if not 0 < level < 1:
        raise BadRequest(f"level must lie between 0 and 1, not {level}")
    if draws < 1:
        raise BadRequest(f"draws must be 1 or more, not {draws}")
    if bandwidth is not None and not 0 < bandwidth < np.inf:
        raise BadRequest(f"bandwidth must be above zero and finite, not {bandwidth}")
    x, y, names = checked(inputs, outputs, names)
    distance = 1.0 / envelop(x, y, x[None], y[None], returns=returns, orientation=orientation).efficiency[0]
    reference = reference_bandwidth(distance)
    width = reference if bandwidth is None else bandwidth
    rng = np.random.default_rng(seed)
    drawn = smoothed(distance, bandwidth=width, draws=draws, variance=variance, rng=rng)
    again = np.empty((draws, len(x)))
    for begin in range(0, draws, BLOCK):
        block = slice(begin, begin + BLOCK)
        # Every unit is moved to the frontier, and from there as far inside as was drawn.
        move = (drawn[block] / distance)[:, :, None]
        if orientation == "input":
            units = x * move, np.broadcast_to(y, (len(move), *y.shape))
        else:
            units = np.broadcast_to(x, (len(move), *x.shape)), y / move
        again[block] = envelop(x, y, *units, returns=returns, orientation=orientation).efficiency
    again = 1.0 / again
    bias = again.mean(axis=0) - distance
    spread = again.std(axis=0, ddof=1) if draws > 1 else np.zeros(len(x))
    least, most = np.quantile(again, [(1 - level) / 2, (1 + level) / 2], axis=0)
    efficiency = 1.0 / distance
    corrected = 1.0 / (distance - bias)
    return FrontierBootstrap(
        efficiency=efficiency,
        bias=efficiency - corrected,
        corrected=corrected,
        low=1.0 / (2.0 * distance - least),
        high=1.0 / (2.0 * distance - most),
        standard_error=spread,
        worth_correcting=bias**2 > 3.0 * spread**2,
        bandwidth=float(width),
        level=level,
        draws=draws,
        seed=seed,
        returns=returns,
        orientation=orientation,
        names=names,
        cautions=few_units(len(x), x.shape[1], y.shape[1]),
    )


def reference_bandwidth(distance: Array) -> float:
    """Width of the kernel that would suit normally distributed distances, robust against some that are far out.

    Units on the frontier are left aside, as there are more of them than the true distribution has; the others are
    mirrored at one, and the width for them is brought to the scale and number of all.

    Parameters
    ----------
    distance : array, shape (unit,), 1 or more

    References
    ----------
    Daraio, Simar (2007), Advanced Robust and Nonparametric Methods in Efficiency Analysis (after Silverman 1986).

    >>> round(reference_bandwidth(np.array([1.0, 1.0, 1.1, 1.2, 1.4])), 3)
    0.116
    """
    inside = distance[distance > 1.0 + ON_FRONTIER]
    if not inside.size:
        raise NotEnoughData(
            "all units lie on the frontier: with no inefficient one there is nothing to draw from.  "
            "Take fewer inputs and outputs, or constant returns, or add units."
        )
    mirrored = np.concatenate([inside, 2.0 - inside])
    spread = float(mirrored.std(ddof=1))
    between = float(np.subtract(*np.quantile(mirrored, [0.75, 0.25]))) / 1.34
    robust = min(spread, between) if between > 0 else spread
    width = 1.06 * robust * mirrored.size**-0.2
    return float(width * (mirrored.size / distance.size) ** 0.2 * distance.std(ddof=1) / spread)


def smoothed(
    distance: Array, *, bandwidth: float, draws: int, rng: np.random.Generator, variance: str = "widened"
) -> Array:
    """Draws from the smoothed distribution of distances, none below one.

    Returns
    -------
    array, shape (draw, unit)

    >>> drawn = smoothed(np.array([1.0, 1.5]), bandwidth=0.1, draws=1000, rng=np.random.default_rng(1))
    >>> drawn.min() >= 1, round(float(drawn.mean()), 2)
    (np.True_, 1.29)
    """
    chosen = rng.choice(distance, size=(draws, distance.size))
    moved = chosen + bandwidth * rng.standard_normal(chosen.shape)
    moved = np.where(moved < 1.0, 2.0 - moved, moved)
    if variance == "kept":
        centre = chosen.mean(axis=1, keepdims=True)
        moved = centre + (moved - centre) / np.sqrt(1.0 + bandwidth**2 / distance.var())
    result: Array = moved
    return result
