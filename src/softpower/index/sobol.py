"""Which of the uncertain choices makes the results uncertain: Sobol indices, for many results at once.

The first-order index of a factor is the share of a result's variance that would vanish if this factor were known; its
total index is the share that would be left if all others were. Factors are numbers in [0, 1) that stand for choices;
a run of the index with one set of choices is a replication.

The design has n replications A, n replications B, and for each factor i another n, AB_i, which is A with the choices of
factor i taken from B. Results come in this order, replications first: shape (n * (factor + 2), target).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest
from softpower.index.sobol_estimators import ESTIMATORS, moments
from softpower.index.sobol_points import check_size, design, discrete

__all__ = ["ESTIMATORS", "Sobol", "check_size", "convergence", "design", "discrete", "indices"]

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

# A result whose values differ by less than this share of their size is constant but for rounding.
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Sobol:
    """Sobol indices, shape (factor, target), or (factor,) where the results were one number per replication.

    Attributes
    ----------
    first, total : indices; NaN for a result that is ``flat``. Estimates of an index near 0 or 1 may lie just outside
    first_low, first_high, total_low, total_high : ends of the bootstrap intervals, NaN without resamples
    variance : of each result over the choices, shape (target,)
    flat : results that no choice changes, shape (target,): nothing to share out, which is not an index of 0
    n : size of the base sample
    level : of the intervals
    estimator : name of the first-order estimator
    """

    first: Array
    total: Array
    first_low: Array
    first_high: Array
    total_low: Array
    total_high: Array
    variance: Array
    flat: Bools
    n: int
    level: float
    estimator: str

    @property
    def widest(self) -> float:
        """Half the width of the widest interval: how far some index may still be off; NaN without intervals."""
        widths = np.stack([self.first_high - self.first_low, self.total_high - self.total_low])
        known = widths[np.isfinite(widths)]
        return float(known.max() / 2) if known.size else np.nan


def indices(
    y: NDArray[Any],
    factors: int,
    *,
    estimator: str = "saltelli",
    resamples: int = 500,
    level: float = 0.9,
    seed: int = 0,
    names: Sequence[str] = (),
) -> Sobol:
    """First-order and total Sobol indices of every result, with bootstrap intervals.

    Parameters
    ----------
    y : array, shape (n * (factors + 2),) or (n * (factors + 2), target), no NaN, in the order of `design`
    factors : number of uncertain choices
    estimator : of the first-order index. "saltelli": mean of (B - mean) (AB_i - A), the default; "jansen": variance
        less half the mean of (B - AB_i)^2; "coinr-uncentred": the first without taking off the mean and with the
        variance over 2n - 1, as COINr 1.1 has it: of high variance, for comparison only. The total index
        is Jansen's throughout: half the mean of (A - AB_i)^2.
    resamples : bootstrap resamples of the base sample; 0 for no intervals
    level : share of resamples inside an interval
    seed : of the resamples
    names : of the factors, for messages

    Returns
    -------
    Sobol
        Intervals treat the base sample as random. One from `design` is more even than that, so that they are wider
        than need be.

    Raises
    ------
    BadRequest
        A length that is no multiple of ``factors + 2``, fewer than two replications in the base sample, NaN or
        infinite results: the replication is named.

    References
    ----------
    Saltelli et al. (2010), Computer Physics Communications 181, table 2: estimators (b) and (f).
    Jansen (1999), Analysis of variance designs for model output, Computer Physics Communications 117.
    Archer, Saltelli, Sobol' (1997), Sensitivity measures, ANOVA-like techniques and the use of bootstrap.

    >>> points = design(1024, 2, seed=1)
    >>> found = indices(2 * points[:, 0] + points[:, 1], 2)  # variances 4/12 and 1/12
    >>> found.first.round(2).tolist(), found.total.round(2).tolist()
    ([0.8, 0.2], [0.8, 0.2])
    """
    runs = _runs(y, factors, names)
    if estimator not in ESTIMATORS:
        raise BadRequest(f"no estimator is called {estimator!r}: give one of {', '.join(ESTIMATORS)}")
    if resamples < 0 or resamples == 1:
        raise BadRequest(f"resamples must be 0 or at least 2, not {resamples}")
    if not 0 < level < 1:
        raise BadRequest(f"level must lie between 0 and 1, not {level}")
    found = _indices(runs, estimator, resamples, level, seed)
    return found if np.ndim(y) > 1 else _alone(found)


def convergence(
    y: NDArray[Any],
    factors: int,
    *,
    estimator: str = "saltelli",
    resamples: int = 500,
    level: float = 0.9,
    seed: int = 0,
    names: Sequence[str] = (),
) -> list[Sobol]:
    """The indices from an eighth, a quarter, a half and all of the base sample.

    They have converged where they have stopped to move by more than matters and the intervals, which shrink with the
    root of n, are narrow enough to tell the factors apart. Arguments, errors and references as for `indices`; the base
    sample must have at least 16 replications. The last one returned is what `indices` gives.

    >>> points = design(64, 1, seed=1)
    >>> [found.n for found in convergence(points[:, 0], 1)]
    [8, 16, 32, 64]
    """
    runs = _runs(y, factors, names)
    n = runs.shape[1]
    if n < 16:
        raise BadRequest(f"a base sample of {n} is too small to be divided by eight: give at least 16")
    flat = np.ndim(y) == 1
    parts = [runs[:, : n // share].reshape(-1, runs.shape[2]) for share in (8, 4, 2, 1)]
    every = [
        indices(part, factors, estimator=estimator, resamples=resamples, level=level, seed=seed, names=names)
        for part in parts
    ]
    return [_alone(found) for found in every] if flat else every


def _runs(y: NDArray[Any], factors: int, names: Sequence[str]) -> NDArray[Any]:
    """Results by block of the design, shape (factor + 2, n, target), all finite."""
    if factors < 1:
        raise BadRequest(f"there must be at least one factor, not {factors}")
    results = np.asarray(y)
    if results.ndim not in (1, 2) or results.dtype.kind not in "biuf":
        raise BadRequest(
            "results must be numbers of shape (replication,) or (replication, target), "
            f"not {results.dtype} of shape {results.shape}"
        )
    n, left_over = divmod(len(results), factors + 2)
    if left_over or n < 2:
        raise BadRequest(
            f"{len(results)} replications do not fit {factors} factors: there must be n * {factors + 2} of them, "
            "n at least 2, in the order of `design`"
        )
    results = results.reshape(len(results), -1)
    if not np.isfinite(results).all():
        gaps = ~np.isfinite(results)
        row, target = (int(where) for where in np.argwhere(gaps)[0])
        raise BadRequest(
            f"result {target} of replication {row} ({_block(row // n, names)}, row {row % n}) "
            f"is {results[row, target]}; {int(gaps.any(axis=1).sum())} of {len(results)} replications hold such: "
            "mend or leave out what made it, indices of the rest would be wrong"
        )
    return results.reshape(factors + 2, n, -1)


def _block(number: int, names: Sequence[str]) -> str:
    if number < 2:
        return "AB"[number]
    factor = number - 2
    return f"A with the {names[factor] if factor < len(names) else f'factor {factor}'} of B"


def _indices(runs: NDArray[Any], estimator: str, resamples: int, level: float, seed: int) -> Sobol:
    n = runs.shape[1]
    base = runs[:2].reshape(2 * n, -1)
    low, high = base.min(axis=0).astype(np.float64), base.max(axis=0).astype(np.float64)
    flat = high - low <= ROUNDING * np.maximum(np.abs(low), np.abs(high))
    scale = np.where(flat, 1.0, high - low)
    centre = base.mean(axis=0, dtype=np.float64)
    weights = np.ones((resamples + 1, n))
    if resamples:
        weights[1:] = _counts(resamples, n, seed)
    way = ESTIMATORS[estimator]
    means = moments(runs, weights / n, centre, scale, (*way.needs, "moved"))
    variance = way.variance(means)
    # A resample in which a rare result never occurs has nothing to share out either.
    shared = variance > ROUNDING**2
    variance_or_one = np.where(shared, variance, 1.0)
    first, total = (
        np.where(shared & ~flat, part / variance_or_one, np.nan)
        for part in (way.covariance(means), means.of["moved"] / 2)
    )
    (first_low, first_high), (total_low, total_high) = (_ends(draws[1:], level) for draws in (first, total))
    return Sobol(
        first=first[0],
        total=total[0],
        first_low=first_low,
        first_high=first_high,
        total_low=total_low,
        total_high=total_high,
        variance=np.where(flat, 0.0, variance[0, 0] * scale**2),
        flat=flat,
        n=n,
        level=level,
        estimator=estimator,
    )


def _counts(resamples: int, n: int, seed: int) -> Array:
    """How often each resample holds each replication of the base sample, shape (resample, n)."""
    rng = np.random.default_rng(seed)
    counts = np.empty((resamples, n))
    for row in counts:
        row[:] = np.bincount(rng.integers(0, n, n), minlength=n)
    return counts


def _ends(draws: Array, level: float) -> tuple[Array, Array]:
    """Ends of the interval that holds ``level`` of the draws; NaN where there are none."""
    ends = np.full((2, *draws.shape[1:]), np.nan)
    if len(draws):
        tails = [(1 - level) / 2, (1 + level) / 2]
        gaps = np.isnan(draws)
        whole, some = ~gaps.any(axis=0), gaps.any(axis=0) & ~gaps.all(axis=0)
        ends[:, whole] = np.quantile(draws[:, whole], tails, axis=0)
        if some.any():
            ends[:, some] = np.nanquantile(draws[:, some], tails, axis=0)
    return ends[0], ends[1]


def _alone(found: Sobol) -> Sobol:
    """The indices of the only result, without an axis for results."""
    columns = {name: getattr(found, name)[:, 0] for name in _BY_FACTOR}
    return replace(found, **columns)


_BY_FACTOR = ("first", "total", "first_low", "first_high", "total_low", "total_high")
