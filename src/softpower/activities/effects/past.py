"""Whether the past of a series can be carried on: four looks at the periods before an activity.

A forecast is no better than the past is steady. Where level or slope changed shortly before, where the trend bends,
where noise grows, or where earlier forecasts missed too often, a gap after the activity shows no more than that the
series was on its way elsewhere. Each look asks the periods before only, so that an effect cannot hide or cause what it
sees.

Some steady series are refused too: of simulated autoregressions (persistence 0, 0.4, 0.7), the looks and that for a
season left 4 to 9% without a verdict with 29 periods before and a window of 3, 6 to 11% with 60 and 3, 10 to 16% with
48 and 12, and 19 to 22% with 92 and 12 (150 each, the last 100).

References
----------
Chow (1960), Tests of equality between sets of coefficients in two linear regressions, Econometrica 28(3) (predictions).
Breusch & Pagan (1979), A simple test for heteroscedasticity and random coefficient variation, Econometrica 47(5); here
by ranks (Spearman 1904), which a few odd periods do not move.
Ramsey (1969), Tests for specification errors in classical linear least-squares regression analysis, Journal of the
Royal Statistical Society B 31(2) (adding a power to a regression).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from softpower.activities.effects.checks import straight
from softpower.activities.effects.forecast import ForecastGap
from softpower.activities.effects.projection import Model, fewest, paths
from softpower.activities.effects.ranking import SIZE
from softpower.activities.effects.season import squares_left, terms

Array = NDArray[np.float64]

# Stretches right before the activity that are compared with what led up to them, and periods needed before these.
STRETCHES: Final = (3, 6, 12)
_SPARE: Final = 4
# From these on, the past is not steady: by the last stretches, a bend, growing noise, the share of windows missed.
LEFT: Final = 0.05
BENT: Final = 0.05
GROWN: Final = 0.02
MISSED: Final = 0.25
# A window longer than this share of the periods before is so far ahead that a bend matters.
_FAR: Final = 0.12


@dataclass(frozen=True, slots=True)
class Past:
    """What speaks against carrying the past on.

    Attributes
    ----------
    left_p : smallest p of the last 3, 6 and 12 periods, each against its forecast, times their number; NaN where too
        few come before them
    bend_p : of a straight line, against a curved one; NaN where the window is short against the periods before
    noise_p : of noise that is as large as ever, against noise that grows
    missed : share of earlier windows outside their 95% intervals by the model
    doubts : sentences; empty where nothing speaks against it
    """

    left_p: float
    bend_p: float
    noise_p: float
    missed: float
    doubts: tuple[str, ...]


def look(pre: Array, found: ForecastGap) -> Past:
    """Four looks at the periods before an activity.

    Parameters
    ----------
    pre : array, shape (time,), the periods that ``found`` rests on
    found : of `softpower.activities.effects.forecast.gap`

    >>> from softpower.activities.effects.forecast import gap
    >>> noise = np.random.default_rng(7).normal(size=63)
    >>> look(noise[:60], gap(noise, 60)).doubts
    ()
    >>> noise[50:] += 5
    >>> len(look(noise[:60], gap(noise, 60)).doubts) > 0
    True
    """
    season = found.forecast.season
    left, noise, missed = left_p(pre, found.forecast.model, season), noise_p(pre, season), missed_share(found)
    bend = bend_p(pre, season) if found.n_post > _FAR * len(pre) else np.nan
    doubts = []
    if left <= LEFT:
        doubts.append(
            f"shortly before the activity the outcome had already left its own past (p {left:.3f} in the last "
            f"{STRETCHES[0]} to {STRETCHES[-1]} periods)"
        )
    if bend <= BENT:
        doubts.append(
            f"before the activity the trend bends (p {bend:.3f}), and the window is too long to carry it on: take "
            "fewer periods after, or logarithms where growth is steady"
        )
    if noise <= GROWN:
        doubts.append(
            f"before the activity the outcome varies more and more (p {noise:.3f}): take logarithms where changes grow "
            "with the level, or a later beginning"
        )
    if missed > MISSED:
        doubts.append(
            f"earlier windows lay outside their 95% intervals in {100 * missed:.0f}%: the models do not describe the "
            "series; take logarithms where it grows by a steady rate"
        )
    return Past(left, bend, noise, missed, tuple(doubts))


def left_p(pre: Array, model: Model, season: int | None = None) -> float:
    """Whether the last stretches before an activity lie where what led up to them says; p, corrected for their number.

    >>> steady = np.array([0.0, 1.0, 0.0, -1.0] * 10) + np.linspace(0, 0.3, 40) ** 2
    >>> left_p(steady, "ar1_trend") > 0.05, left_p(np.append(steady, [9.0, 9.0, 9.0]), "ar1_trend") < 0.05
    (True, True)
    """
    from scipy.special import stdtr

    ps = []
    for stretch in STRETCHES:
        origin = len(pre) - stretch
        if origin >= fewest(season) + _SPARE and straight(pre[:origin], season) < origin:
            at = paths(pre[:origin], stretch, model, season)
            t = (pre[origin:].mean() - at.mean[-1, -1]) / at.se[-1, -1]
            ps.append(float(2 * stdtr(at.df[-1], -abs(t))))
    return min(1.0, len(ps) * min(ps)) if ps else np.nan


def bend_p(pre: Array, season: int | None = None) -> float:
    """Whether a series follows a straight line: p of the square of time in a regression on line, season and its past.

    >>> time = np.arange(60.0)
    >>> noise = np.random.default_rng(1).normal(size=60)
    >>> bend_p(noise) > 0.05, bend_p(noise + 0.01 * time**2) < 0.05
    (True, True)
    """
    from scipy.special import fdtrc

    plain, y = _own_past(pre, season)
    free = len(y) - plain.shape[1] - 1
    if free < 1:
        return np.nan
    square = np.linspace(-1, 1, len(y)) ** 2
    without, left = squares_left(plain, y), squares_left(np.column_stack([plain, square]), y)
    return float(fdtrc(1, free, max(without - left, 0.0) / max(left / free, np.finfo(float).tiny)))


def noise_p(pre: Array, season: int | None = None) -> float:
    """Whether noise grows: p of the rank correlation of its size with time, one-sided.

    >>> time = np.arange(60.0)
    >>> noise = np.random.default_rng(1).normal(size=60)
    >>> noise_p(noise) > 0.02, noise_p(noise * (1 + time / 10)) < 0.02
    (True, True)
    """
    from scipy.special import ndtr

    plain, y = _own_past(pre, season)
    sizes = np.abs(y - plain @ np.linalg.lstsq(plain, y, rcond=None)[0])
    ranks = np.argsort(np.argsort(sizes))
    correlation = float(np.corrcoef(ranks, np.arange(len(y)))[0, 1])
    return float(ndtr(-correlation * np.sqrt(len(y) - 1)))


def _own_past(pre: Array, season: int | None) -> tuple[Array, Array]:
    """Regressors (a line, the two periods before, the season) and what they are to explain, from the third on."""
    n = len(pre) - 2
    past = (pre - pre.mean()) / pre.std()
    return np.column_stack([np.ones(n), np.linspace(-1, 1, n), past[1:-1], past[:-2], terms(n, season)]), past[2:]


def missed_share(found: ForecastGap) -> float:
    """Share of earlier windows outside their prediction intervals by the model.

    >>> from softpower.activities.effects.forecast import gap
    >>> missed_share(gap(np.random.default_rng(7).normal(size=63), 60)) < 0.25
    True
    """
    from scipy.special import stdtrit

    return float(np.mean(np.abs(found.placebo_ts) > stdtrit(found.placebo_dfs, 1 - SIZE / 2)))
