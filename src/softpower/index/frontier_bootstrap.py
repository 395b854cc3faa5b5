"""How sure an efficiency is: units drawn anew, and the frontier with them.

The hull of the units seen lies inside the true frontier, so that every unit looks more efficient than it is. Drawing as
many units anew does not tell by how much: most hulls of plain resamples touch the same few units. Two ways out:

smoothed     draws inefficiencies from a smoothed distribution. They are treated as drawn from one distribution whatever
             the size and mix of a unit (homogeneous), and drawn hulls are flat between the corners of the one seen, so
             that what a curved frontier hides between them is missed.
subsample    draws fewer units than there are, and scales the difference to the size of the sample by the rate at which
             hulls are known to approach the frontier. It needs no such assumption, but units with few others that have
             no more get no interval, or one that rests on few draws.

Neither holds the truth as often as it says with tens or a few hundred units: see `benchmarks/conversion.py`.

All is done on distances 1/θ ≥ 1 (Shephard's for inputs, Farrell's for outputs), so that no bound can turn negative.

References
----------
Simar, Wilson (1998), Sensitivity analysis of efficiency scores: how to bootstrap in nonparametric frontier models,
Management Science 44.
Simar, Wilson (2000), Statistical inference in nonparametric frontier models: the state of the art, Journal of
Productivity Analysis 13 (intervals from differences).
Kneip, Simar, Wilson (2008), Asymptotics and consistent bootstraps for DEA estimators in nonparametric frontier models,
Econometric Theory 24 (rate of convergence, subsamples). Simar, Wilson (2011), Inference by the m out of n bootstrap in
nonparametric frontier models, Journal of Productivity Analysis 36.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.index.decision_units import Names, checked, few_units, one_of
from softpower.index.envelope import ORIENTATIONS, RETURNS, efficiencies

Array = NDArray[np.float64]

METHODS = ("smoothed", "subsample")
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
    method : "smoothed" or "subsample"
    bandwidth : width of the kernel on distances; NaN for subsamples
    size : units in a subsample; all of them for the smoothed bootstrap
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
    method: str
    bandwidth: float
    size: int
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
    method: str = "smoothed",
    bandwidth: float | None = None,
    variance: str = "widened",
    size: int | None = None,
    seed: int = 0,
    names: Names | None = None,
) -> FrontierBootstrap:
    """Bias and interval of each efficiency.

    Parameters
    ----------
    inputs, outputs, returns, orientation, names : as in `softpower.index.frontier.dea`
    draws : number of frontiers drawn
    level : wanted probability that an interval holds the true efficiency
    method : "smoothed" or "subsample"
    bandwidth : width of the normal kernel on distances, above zero; by default that of `reference_bandwidth`
    variance : "widened" leaves the smoothed distances with the variance that the kernel adds. "kept" shrinks them
        towards their mean, as Simar and Wilson (1998) have it, which also pulls the most efficient ones inside the
        frontier: the more units, the more bias it sees that is not there, and the less often intervals hold the truth
        (see the benchmarks)
    size : units in a subsample; by default the root of their number
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
    one_of(method, METHODS, "method")
    one_of(variance, VARIANCES, "variance")
    if not 0 < level < 1:
        raise BadRequest(f"level must lie between 0 and 1, not {level}")
    if draws < 1:
        raise BadRequest(f"draws must be 1 or more, not {draws}")
    if bandwidth is not None and not 0 < bandwidth < np.inf:
        raise BadRequest(f"bandwidth must be above zero and finite, not {bandwidth}")
    x, y, names = checked(inputs, outputs, names)
    units = len(x)
    if size is not None and not 1 <= size < units:
        raise BadRequest(f"size must lie between 1 and {units - 1}, one less than there are units, not {size}")
    distance = 1.0 / efficiencies(x, y, x[None], y[None], returns=returns, orientation=orientation)[0]
    width = reference_bandwidth(distance)  # refuses what has no inefficiency
    rng = np.random.default_rng(seed)
    cautions = few_units(units, x.shape[1], y.shape[1])
    if method == "smoothed":
        width, number = width if bandwidth is None else bandwidth, units
        drawn = smoothed(distance, bandwidth=width, draws=draws, variance=variance, rng=rng)
        off = np.empty((draws, units))
        for begin in range(0, draws, BLOCK):
            block = slice(begin, begin + BLOCK)
            off[block] = distance - redrawn(x, y, distance, drawn[block], returns=returns, orientation=orientation)
    else:
        width, number = np.nan, size or max(1, round(units**0.5))
        off = _subsampled(x, y, distance, number, draws, returns, orientation, rng)
        if alone := [name for name, each in zip(names.units, np.isfinite(off).mean(axis=0), strict=True) if each < 0.5]:
            cautions += (f"most subsamples hold nobody to compare with: {', '.join(alone)}",)
    known = np.isfinite(off).sum(axis=0) >= min(2, draws)
    bias, spread, least, most = np.full((4, units), np.nan)
    bias[known] = -np.nanmean(off[:, known], axis=0)
    spread[known] = np.nanstd(off[:, known], axis=0, ddof=1) if draws > 1 else 0.0
    least[known], most[known] = np.nanquantile(off[:, known], [(1 - level) / 2, (1 + level) / 2], axis=0)
    efficiency = 1.0 / distance
    corrected = 1.0 / (distance - bias)
    return FrontierBootstrap(
        efficiency=efficiency,
        bias=efficiency - corrected,
        corrected=corrected,
        low=1.0 / (distance + most),
        high=1.0 / (distance + least),
        standard_error=spread,
        worth_correcting=bias**2 > 3.0 * spread**2,
        method=method,
        bandwidth=float(width),
        size=number,
        level=level,
        draws=draws,
        seed=seed,
        returns=returns,
        orientation=orientation,
        names=names,
        cautions=cautions,
    )


def redrawn(x: Array, y: Array, distance: Array, drawn: Array, *, returns: str, orientation: str) -> Array:
    """Distances of units to the hull of units that have other inefficiencies.

    Every unit is moved to the frontier, and from there as far inside as was drawn.

    Parameters
    ----------
    x, y : shape (unit, column), or (draw, unit, column) where they too are other ones in each draw
    distance : to their own hull, 1 or more, shape (unit,) or (draw, unit)
    drawn : the other ones, shape (draw, unit)

    Returns
    -------
    array, shape (draw, unit); ``distance`` or less, below 1 where a unit lies beyond the hull of the others

    >>> x, y = np.array([[1.0], [1.0]]), np.array([[1.0], [2.0]])
    >>> redrawn(x, y, np.array([2.0, 1.0]), np.array([[1.5, 1.25]]), returns="variable", orientation="output").tolist()
    [[1.6, 0.8]]
    """
    move = (drawn / distance)[:, :, None]
    if orientation == "input":
        moved = x * move, np.broadcast_to(y, (len(move), *y.shape[-2:]))
    else:
        moved = np.broadcast_to(x, (len(move), *x.shape[-2:])), y / move
    return 1.0 / efficiencies(x, y, *moved, returns=returns, orientation=orientation)


def rate(inputs: int, outputs: int, returns: str) -> float:
    """Exponent at which the error of a hull falls with the number of units.

    References
    ----------
    Kneip, Simar, Wilson (2008), Econometric Theory 24 (variable returns); Park, Jeong, Simar (2010), Asymptotic
    distribution of conical-hull estimators of directional edges, Annals of Statistics 38 (constant returns).

    >>> rate(1, 1, "variable"), rate(2, 1, "constant")
    (0.6666666666666666, 0.6666666666666666)
    """
    return 2.0 / (inputs + outputs + (returns == "variable"))


def _subsampled(
    x: Array,
    y: Array,
    distance: Array,
    size: int,
    draws: int,
    returns: str,
    orientation: str,
    rng: np.random.Generator,
) -> Array:
    """What true distances exceed those seen by, as subsamples have it, shape (draw, unit); NaN without comparison."""
    off = np.empty((draws, len(x)))
    chosen = rng.permuted(np.tile(np.arange(len(x)), (draws, 1)), axis=1)[:, :size]
    for begin in range(0, draws, BLOCK):
        block = chosen[begin : begin + BLOCK]
        share = efficiencies(x, y, x[block], y[block], returns=returns, orientation=orientation)
        off[begin : begin + BLOCK] = distance - np.where(np.isfinite(share), 1.0 / share, np.nan)
    return np.asarray(off * (size / len(x)) ** rate(x.shape[1], y.shape[1], returns))


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
