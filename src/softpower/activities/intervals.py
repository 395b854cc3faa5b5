"""Intervals of an estimate: from placebos, and, where several units are treated, from resampling them.

The two kinds answer different questions. Placebo intervals say how far from zero estimates lie where nothing was done,
which takes in that the treated may be hit by something of their own, as donors are; bootstrap and jackknife say how
far the estimate would move with other treated units and donors of the same kind, and with few treated units are too
narrow: both are shown.

References
----------
Arkhangelsky, Athey, Hirshberg, Imbens, Wager (2021), Synthetic difference-in-differences, American Economic Review
111(12), 4088-4118: algorithms 2 (bootstrap), 3 (jackknife) and 4 (placebo).
Firpo, Possebom (2018), Synthetic control method: inference, sensitivity analysis and confidence sets, Journal of Causal
Inference 6(2): intervals from turning the rank test round.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from math import ceil, inf
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from softpower.activities.estimate import Estimate, Method, averaged, estimate
from softpower.activities.fit import fitted
from softpower.activities.panel import Panel, cohorts
from softpower.activities.placebo import DRAWS, Placebos
from softpower.errors import BadRequest, NotEnoughData

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Kind = Literal["placebo", "placebo_rank", "bootstrap", "jackknife"]

LEVEL = 0.9
_ATTEMPTS = 20  # draws thrown away for each one kept, at most


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval of an estimate.

    Attributes
    ----------
    kind : "placebo" (as wide as estimates vary that mean nothing), "placebo_rank" (effects after which the estimate
        ranks among placebos), "bootstrap", "jackknife"
    level : share of such intervals that hold the effect if assumptions hold
    low, high : ends in the outcome's unit; infinite where no interval of that level can be told
    """

    kind: Kind
    level: float
    low: float
    high: float


def intervals(
    panel: Panel, placebos: Placebos, *, level: float = LEVEL, draws: int = DRAWS, seed: int = 0
) -> list[Interval]:
    """All intervals that the design allows, those from placebos first.

    Parameters
    ----------
    panel : the one that ``placebos`` are of
    placebos : of `softpower.activities.placebo.in_space`
    level : between 0 and 1
    draws : of the bootstrap

    Returns
    -------
    list of Interval
        One treated unit: "placebo" and "placebo_rank". Several: "placebo", "bootstrap" and, but for synthetic control,
        for which nothing speaks for it, "jackknife", unless a start has one unit only.

    >>> from softpower.activities.placebo import in_space
    >>> outcome = np.random.default_rng(1).normal(size=(12, 6))
    >>> panel = Panel(outcome, np.array([4, 4] + [6] * 10), tuple("ABCDEFGHIJKL"), tuple(range(6)))
    >>> [interval.kind for interval in intervals(panel, in_space(panel, "did"), draws=20)]
    ['placebo', 'bootstrap', 'jackknife']
    """
    found = [by_spread(placebos, level)]
    if placebos.treated == 1:
        return [*found, by_rank(placebos, level)]
    method = placebos.estimate.method
    found.append(bootstrap(panel, method, level=level, draws=draws, seed=seed))
    if method != "sc":
        with suppress(NotEnoughData):
            found.append(jackknife(panel, placebos.estimate, level=level))
    return found


def by_spread(placebos: Placebos, level: float = LEVEL) -> Interval:
    """As wide as the spread of placebos says, by Student's distribution.

    Its degrees of freedom are those of the donors: the paper takes the normal one, which with a dozen donors is too
    narrow. Of one placebo there is no spread, and the interval is unbounded.
    """
    from scipy.stats import t

    _check_level(level)
    att = placebos.estimate.att
    half = float(t.ppf((1 + level) / 2, placebos.donors - 1)) * placebos.spread
    return Interval("placebo", level, att - half, att + half)


def by_rank(placebos: Placebos, level: float = LEVEL) -> Interval:
    """All constant effects after taking off which the estimate would rank among those of donors.

    With too few placebos for the level the interval is unbounded: 19 are needed for 0.95, 9 for 0.9.

    >>> from softpower.activities.placebo import in_space
    >>> outcome = np.column_stack([np.zeros(10), [9.0, 0, 1, 2, 3, 4, 5, 6, 7, 8]])
    >>> panel = Panel(outcome, np.array([1] + [2] * 9), tuple("ABCDEFGHIJ"), (1, 2))
    >>> by_rank(in_space(panel, "did"))  # the largest of placebos is 8 less the mean of 0 to 7
    Interval(kind='placebo_rank', level=0.9, low=0.5, high=9.5)
    """
    _check_level(level)
    half = critical(placebos.att, 1 - level)
    return Interval("placebo_rank", level, placebos.estimate.att - half, placebos.estimate.att + half)


def critical(noise: Array, size: float) -> float:
    """The smallest distance from zero at which a rank test refuses "no effect"; infinite if it never does.

    Parameters
    ----------
    noise : estimates that mean nothing, shape (draw,)
    size : largest share of refusals where there is no effect, between 0 and 1

    >>> critical(np.arange(-9.0, 11.0), 0.05), critical(np.arange(-9.0, 9.0), 0.05)
    (10.0, inf)
    """
    passing = ceil((1 - size) * (1 + len(noise)) - 1e-9)  # this many smaller ones, or all and one more
    return float(np.sort(abs(noise))[passing - 1]) if passing <= len(noise) else inf


def bootstrap(
    panel: Panel, method: Method = "sdid", *, level: float = LEVEL, draws: int = DRAWS, seed: int = 0
) -> Interval:
    """From units drawn with replacement, treated and donors together, weights found anew each time (algorithm 2).

    Raises
    ------
    NotEnoughData
        One treated unit: drawn again and again it never differs.

    >>> outcome = np.array([[0.0, 5.0], [0.0, 5.0], [1.0, 1.0], [2.0, 2.0]])
    >>> bootstrap(Panel(outcome, np.array([1, 1, 2, 2]), ("A", "B", "C", "D"), (1, 2)), "did", draws=10)
    Interval(kind='bootstrap', level=0.9, low=5.0, high=5.0)
    """
    from scipy.stats import norm

    _check_level(level)
    if len(panel.treated) < 2:
        raise NotEnoughData("one treated unit: the bootstrap needs several.  Take placebo intervals.")
    rng = np.random.default_rng(seed)
    found: list[float] = []
    for _ in range(_ATTEMPTS * draws):
        drawn = np.sort(rng.integers(len(panel.units), size=len(panel.units)))
        if len(set(panel.start[drawn] < len(panel.times))) == 2:  # both treated units and donors
            found.append(averaged(cohorts(panel.outcome[drawn], panel.start[drawn]), method).att)
        if len(found) == draws:
            break
    half = float(norm.ppf((1 + level) / 2)) * float(np.std(found))
    att = estimate(panel, method).att
    return Interval("bootstrap", level, att - half, att + half)


def jackknife(panel: Panel, found: Estimate, *, level: float = LEVEL) -> Interval:
    """From leaving out one unit at a time, weights kept as they are (algorithm 3).

    Raises
    ------
    NotEnoughData
        A start with one treated unit, or one donor that bears all weight: nothing is left without it.

    >>> outcome = np.array([[0.0, 5.0], [0.0, 5.0], [1.0, 1.0], [2.0, 2.0]])
    >>> panel = Panel(outcome, np.array([1, 1, 2, 2]), ("A", "B", "C", "D"), (1, 2))
    >>> jackknife(panel, estimate(panel, "did"))
    Interval(kind='jackknife', level=0.9, low=5.0, high=5.0)
    """
    from scipy.stats import norm

    _check_level(level)
    counts = np.unique(panel.start[panel.treated], return_counts=True)[1]
    if counts.min() < 2 or max(float(fit.unit_weights.max()) for fit in found.fits) >= 1 - 1e-9:
        raise NotEnoughData(
            "the jackknife needs two treated units for each start and two donors with weights.  Take placebo intervals."
        )
    units = len(panel.units)
    att = np.array([_without(panel, found, unit) for unit in range(units)])
    error = float(np.sqrt((units - 1) / units * ((att - found.att) ** 2).sum()))
    half = float(norm.ppf((1 + level) / 2)) * error
    return Interval("jackknife", level, found.att - half, found.att + half)


def _without(panel: Panel, found: Estimate, unit: int) -> float:
    """The estimate without a unit, with the weights of the others."""
    rest = cohorts(np.delete(panel.outcome, unit, axis=0), np.delete(panel.start, unit))
    place = np.flatnonzero(panel.donors == unit)
    att, cells = [], []
    for cohort, fit in zip(rest, found.fits, strict=True):
        weights = np.delete(fit.unit_weights, place)
        path = cohort.treated.mean(axis=0)
        att.append(fitted(cohort.donors, path, cohort.pre, weights / weights.sum(), fit.time_weights).att)
        cells.append(cohort.cells)
    return float(np.average(att, weights=cells))


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise BadRequest(f"level {level:g} is no share between 0 and 1: give 0.9, for example")
