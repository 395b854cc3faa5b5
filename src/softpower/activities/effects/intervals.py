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
from math import floor, inf
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from softpower.activities.effects.checks import check_share
from softpower.activities.effects.defaults import LEVEL, RESAMPLES, SEED
from softpower.activities.effects.estimate import Estimate, Method, averaged, estimate
from softpower.activities.effects.fit import fitted
from softpower.activities.effects.panel import Panel, cohorts
from softpower.activities.effects.placebo import Placebos
from softpower.errors import NotEnoughData

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Kind = Literal["placebo", "rank", "bootstrap", "jackknife"]

# Treated units below which resampling them says too little of how they differ: with two, 90% intervals of bootstrap and
# jackknife hold the effect in 65 to 80% of simulated panels (`benchmarks.effects`).
FEW_TREATED = 6
_ATTEMPTS = 20  # draws thrown away for each one kept, at most


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval of an estimate.

    Attributes
    ----------
    kind : "placebo" (as wide as estimates vary that mean nothing), "rank" (effects that the test by rank does not
        refuse), "bootstrap", "jackknife"
    level : share of such intervals that hold the effect if assumptions hold
    low, high : ends in the outcome's unit; infinite where no interval of that level can be told
    caveat : what is known to be wrong with it, a sentence; empty if nothing
    """

    kind: Kind
    level: float
    low: float
    high: float
    caveat: str = ""


def intervals(
    panel: Panel, placebos: Placebos, *, level: float = LEVEL, draws: int = RESAMPLES, seed: int = SEED
) -> list[Interval]:
    """All intervals that the design allows, those from placebos first.

    Parameters
    ----------
    panel : the one that ``placebos`` are of
    placebos : of `softpower.activities.effects.placebo.in_space`
    level : between 0 and 1
    draws : of the bootstrap

    Returns
    -------
    list of Interval
        "placebo" and "rank"; with several treated units also those of `resampled`.

    >>> from softpower.activities.effects.placebo import in_space
    >>> outcome = np.random.default_rng(1).normal(size=(12, 6))
    >>> panel = Panel(outcome, np.array([4, 4] + [6] * 10), tuple("ABCDEFGHIJKL"), tuple(range(6)))
    >>> [interval.kind for interval in intervals(panel, in_space(panel, "did"), draws=20)]
    ['placebo', 'rank', 'bootstrap', 'jackknife']
    """
    of_placebos = [by_spread(placebos, level), by_rank(placebos, level)]
    return of_placebos + resampled(panel, placebos.estimate, level=level, draws=draws, seed=seed)


def resampled(
    panel: Panel, found: Estimate, *, level: float = LEVEL, draws: int = RESAMPLES, seed: int = SEED
) -> list[Interval]:
    """Intervals that need no placebos: none with one treated unit.

    Returns
    -------
    list of Interval
        "bootstrap" and, but for synthetic control, for which nothing speaks for it, "jackknife", unless a start has one
        unit only.
    """
    kept = []
    with suppress(NotEnoughData):
        kept.append(bootstrap(panel, found.method, level=level, draws=draws, seed=seed))
    if found.method != "sc":
        with suppress(NotEnoughData):
            kept.append(jackknife(panel, found, level=level))
    return kept


def by_spread(placebos: Placebos, level: float = LEVEL) -> Interval:
    """As wide as the spread of placebos says, by Student's distribution.

    Its degrees of freedom are those of the units: the paper takes the normal one, which with a dozen donors is too
    narrow. Of one placebo there is no spread, and the interval is unbounded.
    """
    from scipy.stats import t

    check_share("level", level)
    half = float(t.ppf((1 + level) / 2, placebos.freedom)) * placebos.spread
    return Interval("placebo", level, placebos.att - half, placebos.att + half)


def by_rank(placebos: Placebos, level: float = LEVEL) -> Interval:
    """All constant effects that the test by rank does not refuse: it holds 0 just where ``p_value`` is above 1 - level.

    An effect that is tried is taken off the estimate, and off those under other assignments as far as it is in them.
    With too few assignments for the level the interval is unbounded: 20 are needed for 0.95, 10 for 0.9.

    >>> from softpower.activities.effects.placebo import in_space
    >>> outcome = np.column_stack([np.zeros(10), [9.0, 0, 1, 2, 3, 4, 5, 6, 7, 8]])
    >>> panel = Panel(outcome, np.array([1] + [2] * 9), tuple("ABCDEFGHIJ"), (1, 2))
    >>> found = by_rank(in_space(panel, "did"))  # from the mean of all, 9 is as far as the 0, and -1 as far as the 8
    >>> round(found.low, 3) + 0.0, round(found.high, 3)
    (0.0, 10.0)
    """
    check_share("level", level)
    att, others, share, slack = placebos.att, placebos.null.att, placebos.null_share, placebos.slack
    # Each other assignment is as far from zero as the true one for all effects between two ends; a share of 1 or -1
    # leaves one of them open.
    up = np.maximum(_least(att + others + slack, 1 + share, inf), _least(att - others + slack, 1 - share, inf))
    down = np.minimum(_least(att - others - slack, 1 - share, -inf), _least(att + others - slack, 1 + share, -inf))
    needed = floor(round((1 - level) * (1 + len(others)), 9))  # as far from zero, for an effect not to be refused
    if needed < 1:
        return Interval("rank", level, -inf, inf)
    return Interval("rank", level, float(np.sort(down)[needed - 1]), float(np.sort(up)[len(up) - needed]))


def _least(value: Array, over: Array, beyond: float) -> Array:
    """A quotient; where the divisor is nothing, ``beyond`` if any effect would do, and its opposite if none."""
    open_ended = over < 1e-12
    anything = value >= 0 if beyond > 0 else value <= 0
    found = np.divide(value, over, out=np.zeros(len(value)), where=~open_ended)
    return np.where(open_ended, np.where(anything, beyond, -beyond), found)


def bootstrap(
    panel: Panel, method: Method = "sdid", *, level: float = LEVEL, draws: int = RESAMPLES, seed: int = SEED
) -> Interval:
    """From units drawn with replacement, treated and donors together, weights found anew each time (algorithm 2).

    Raises
    ------
    NotEnoughData
        One treated unit: drawn again and again it never differs.

    >>> outcome = np.array([[0.0, 5.0], [0.0, 5.0], [1.0, 1.0], [2.0, 2.0]])
    >>> panel = Panel(outcome, np.array([1, 1, 2, 2]), ("A", "B", "C", "D"), (1, 2))
    >>> found = bootstrap(panel, "did", draws=10)
    >>> found.low, found.high
    (5.0, 5.0)
    """
    from scipy.stats import norm

    check_share("level", level)
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
    return Interval("bootstrap", level, att - half, att + half, _caveat(panel))


def jackknife(panel: Panel, found: Estimate, *, level: float = LEVEL) -> Interval:
    """From leaving out one unit at a time, weights kept as they are (algorithm 3).

    Raises
    ------
    NotEnoughData
        A start with one treated unit, or one donor that bears all weight: nothing is left without it.

    >>> outcome = np.array([[0.0, 5.0], [0.0, 5.0], [1.0, 1.0], [2.0, 2.0]])
    >>> panel = Panel(outcome, np.array([1, 1, 2, 2]), ("A", "B", "C", "D"), (1, 2))
    >>> found = jackknife(panel, estimate(panel, "did"))
    >>> found.low, found.high
    (5.0, 5.0)
    """
    from scipy.stats import norm

    check_share("level", level)
    counts = np.unique(panel.start[panel.treated], return_counts=True)[1]
    if counts.min() < 2 or max(float(fit.unit_weights.max()) for fit in found.fits) >= 1 - 1e-9:
        raise NotEnoughData(
            "the jackknife needs two treated units for each start and two donors with weights.  Take placebo intervals."
        )
    units = len(panel.units)
    att = np.array([_without(panel, found, unit) for unit in range(units)])
    error = float(np.sqrt((units - 1) / units * ((att - found.att) ** 2).sum()))
    half = float(norm.ppf((1 + level) / 2)) * error
    return Interval("jackknife", level, found.att - half, found.att + half, _caveat(panel))


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


def _caveat(panel: Panel) -> str:
    """What to say of resampling so few treated units."""
    count = len(panel.treated)
    if count >= FEW_TREATED:
        return ""
    return (
        f"{count} treated units are few: drawing from so few says too little of how they differ, and the interval is "
        "too narrow."
    )
