"""Forecast gap: what followed an activity, against what the periods before it led one to expect.

For one series without comparison group. A model of the periods before is carried on, and the gap is what was observed
minus what was forecast. That is a before and after, never a cause: whatever else happened then is in the gap too.

**Models**, each fitted by least squares to one-step errors: `level_drift` (a level that wanders, with a lasting
slope), `damped_trend` (level and slope both wander, the slope fades), `ar1_trend` (a straight line; departures from it
fade). Of what is not linear in them (how fast levels are adapted, or departures fade) no single value is taken for
known: forecasts are averaged over a grid, each value weighed by how likely it makes the series once the linear
coefficients are integrated out. That is how intervals take errors in the parameters into account, and it keeps
persistence from being underrated in short series. Between the models, the errors of earlier forecasts over as many
periods decide.

**The test asks twice**, and p is the larger of the two answers. By the model: whether the gap lies outside its
prediction interval, which is too narrow where the model is wrong. By a placebo in time: how the gap ranks among those
at all earlier dates, each forecast from what was known by then with the model then chosen, and measured in its own
standard errors; which is lenient where windows overlap, so that few of them are different. A gap can only be among the
largest 5% of 20, so that at least 19 earlier dates are needed: shorter series get a forecast, but no verdict.

A season that is given is fitted with the model, as a mean of its own for each place in it, at every date from what was
known by then. Where none is given and the periods before have one of 4, 7 or 12 periods, `gap` is refused.

In 1,000 simulated autoregressions each (persistence 0, 0.4, 0.7, and random walks), a test at 5% rejected where there
was no effect in 2.3 to 4.6% with 30 periods before (windows of 1 and 3) and in 2.2 to 3.0% with 60 (windows of 1, 3 and
6), with skewed or heavy-tailed noise in 2.2 to 4.5% (400 each). Two standard deviations of the series over 3 periods
were seen in 63, 44 and 43% with 30 periods before (persistence 0, 0.4, 0.7) and in 77, 54 and 50% with 60; three of
them in 92, 75, 74 and in 99, 89, 85%. With a season of 12 given (150 each), it rejected in 2.0 to 4.7% with 60 periods
before and a window of 3 and in 3.3 to 5.3% with 48 and 12, and saw three standard deviations in 99, 86, 83 and in 100,
87, 67%. Prediction intervals of 95% for means over 1, 3 and 6 periods missed them in 0.3
to 8.8% where there were 8 or 15 periods before, and in up to 14% of random walks.

References
----------
Hyndman, Koehler, Ord & Snyder (2008), Forecasting with Exponential Smoothing, chapters 3, 5 and 6.
Gardner & McKenzie (1985), Forecasting trends in time series, Management Science 31(10) (the damped trend).
Harville (1974), Bayesian inference for variance components using only error contrasts, Biometrika 61(2) (the weights).
Abadie, Diamond & Hainmueller (2015), Comparative politics and the synthetic control method, American Journal of
Political Science 59(2) (placebos in time).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.activities.effects.checks import check_noise, check_placebos, check_window, finite_series, split
from softpower.activities.effects.projection import MODELS, Model, Paths, fewest, moving_mean, paths
from softpower.activities.effects.ranking import LEVEL, SIZE, critical_value, least_seen, rank_p
from softpower.activities.effects.season import check_season, refuse_season

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

ASSUMPTIONS: Final = (
    "Without the activity, the series would have gone on as it did before.",
    "Nothing else that moves the series happened in the window or shortly before.",
    "The activity was not anticipated: the periods before it are free of its effect.",
    "The series has no season but the one given, which is the same every time in the unit of the outcome.",
    "Errors of forecasts at earlier dates were of the same kind as the error in the window.",
)


@dataclass(frozen=True, eq=False)
class Forecast:
    """What is expected of the next periods.

    Attributes
    ----------
    model : the model used
    mean, low, high : arrays, shape (horizon,), the forecast and its prediction interval by the model
    average, average_low, average_high : the same of the mean over all the periods
    level : of the intervals
    errors : root mean squared error of earlier forecasts of such an average, by model in the order of `MODELS`; NaN
        where there were too few dates to compare
    n_pre : periods it rests on
    season : periods after which the same mean comes back, or None
    """

    model: Model
    mean: Array
    low: Array
    high: Array
    average: float
    average_low: float
    average_high: float
    level: float
    errors: tuple[float, ...]
    n_pre: int
    season: int | None


@dataclass(frozen=True, eq=False)
class ForecastGap:
    """What followed, minus what was expected.

    Attributes
    ----------
    estimate : mean gap over the window, in units of the outcome
    low, high : the wider of the intervals by the model and from the gaps at earlier dates; without 0 where ``p`` is at
        most 1 - level
    level : share of windows without effect whose interval holds 0, at least
    p : the larger of the two that follow
    model_p : chance of a gap as large by the model, two-sided
    placebo_p : share of dates, this one and all earlier, with a gap as large in standard errors
    n_pre, n_post : periods before, and in the window
    gaps, gaps_low, gaps_high : arrays, shape (window,), the gap of each period and its prediction interval by the model
    forecast : what was expected, with its prediction intervals
    placebo_starts : ints, shape (placebo,), where in the series each earlier window starts
    placebo_gaps : array, shape (placebo,), mean gaps in these
    placebo_ts : array, shape (placebo,), the same in standard errors of each
    placebo_dfs : array, shape (placebo,), degrees of freedom of these
    t : the estimate in standard errors
    smallest_detectable : effect that a test at 5% would have seen with 80% power, from the gaps at earlier dates
    assumptions : sentences
    """

    estimate: float
    low: float
    high: float
    level: float
    p: float
    model_p: float
    placebo_p: float
    n_pre: int
    n_post: int
    gaps: Array
    gaps_low: Array
    gaps_high: Array
    forecast: Forecast
    placebo_starts: Ints
    placebo_gaps: Array
    placebo_ts: Array
    placebo_dfs: Array
    t: float
    smallest_detectable: float
    assumptions: tuple[str, ...] = ASSUMPTIONS


def forecast(
    pre: ArrayLike, horizon: int, *, level: float = LEVEL, model: Model | None = None, season: int | None = None
) -> Forecast:
    """What to expect of the periods that follow, with prediction intervals by the model.

    Parameters
    ----------
    pre : array, shape (time,), the outcome before, evenly spaced, no NaN
    horizon : periods ahead, at least 1
    level : of the intervals, between 0 and 1
    model : one of `MODELS`; by default the one whose earlier forecasts of a mean over ``horizon`` erred least
    season : periods after which the same mean comes back, 12 for months; None where there is no season

    Returns
    -------
    Forecast

    Raises
    ------
    NotEnoughData
        Fewer than 8 periods, or than the season and 6; a period is missing, or the series has no noise.
    BadRequest
        No numbers, an unknown model, a horizon below 1, a level outside 0 to 1, or a season outside 2 to 24.

    >>> expected = forecast([1.0, 3.0, 2.0, 4.0, 3.0, 5.0, 4.0, 6.0, 5.0, 7.0], 2)
    >>> expected.average_low < 6.5 < expected.average_high
    True
    """
    y, season = finite_series(pre), check_season(season)
    check_window(len(y), horizon, level, fewest=fewest(season))
    return _forecast(paths(y, horizon, model, season), level, len(y), season)


def gap(
    outcome: ArrayLike,
    start: int,
    *,
    window: int | None = None,
    level: float = LEVEL,
    model: Model | None = None,
    season: int | None = None,
) -> ForecastGap:
    """What followed an activity, minus what the periods before it led one to expect.

    Parameters
    ----------
    outcome : array, shape (time,), evenly spaced; periods before ``start + window`` without NaN
    start : place of the first period the activity could have moved, from 0
    window : periods to average over, from ``start``; by default all that follow
    level : of the intervals, between 0 and 1
    model : one of `MODELS`; by default chosen at each date by the errors of forecasts before it
    season : periods after which the same mean comes back, 12 for months; None where there is no season

    Returns
    -------
    ForecastGap

    Raises
    ------
    NotEnoughData
        Fewer earlier dates than a test needs: at 95%, the periods before must number 26 and the window, or with a
        season 24, that and the window. Dates before which all lies on a straight line do not count. Also where a
        period is missing, the series has no noise, or the periods before have a season and none is given.
    BadRequest
        No numbers, a start or window outside the series, an unknown model, a level outside 0 to 1, or a season outside
        2 to 24.

    >>> noise = np.random.default_rng(7).normal(size=43)
    >>> noise[40:] += 6
    >>> found = gap(noise, 40)
    >>> bool(found.low < 6 < found.high), found.p < 0.05
    (True, True)
    """
    from scipy.special import stdtr, stdtrit

    pre, post = split(outcome, start, window)
    season = check_season(season)
    k, least = len(post), fewest(season)
    check_window(len(pre), k, level, fewest=least)
    check_noise(pre, season)
    check_placebos(len(pre), k, level, fewest=least)
    refuse_season(pre, season)
    at = paths(pre, k, model, season)
    check_placebos(len(pre), k, level, fewest=least + at.straight)
    starts = np.arange(least + at.straight, len(pre) - k + 1)
    placebo_gaps = moving_mean(pre, k)[starts] - at.mean[starts - least, -1]
    placebo_ts = placebo_gaps / at.se[starts - least, -1]
    estimate, se, df = float(post.mean() - at.mean[-1, -1]), float(at.se[-1, -1]), at.df[-1]
    by_model, by_placebo = float(2 * stdtr(df, -abs(estimate / se))), rank_p(estimate / se, placebo_ts)
    reach = se * max(float(stdtrit(df, (1 + level) / 2)), critical_value(placebo_ts, level))
    critical = max(float(stdtrit(df, 1 - SIZE / 2)), critical_value(placebo_ts, 1 - SIZE))
    expected = _forecast(at, level, len(pre), season)
    return ForecastGap(
        estimate=estimate,
        low=estimate - reach,
        high=estimate + reach,
        level=level,
        p=max(by_model, by_placebo),
        model_p=by_model,
        placebo_p=by_placebo,
        n_pre=len(pre),
        n_post=k,
        gaps=post - expected.mean,
        gaps_low=post - expected.high,
        gaps_high=post - expected.low,
        forecast=expected,
        placebo_starts=starts,
        placebo_gaps=placebo_gaps,
        placebo_ts=placebo_ts,
        placebo_dfs=at.df[starts - least],
        t=estimate / se,
        smallest_detectable=se * least_seen(placebo_ts, critical),
    )


def _forecast(at: Paths, level: float, n_pre: int, season: int | None) -> Forecast:
    """What is expected from the last origin on."""
    from scipy.special import stdtrit

    mean, reach = at.mean[-1], stdtrit(at.df[-1], (1 + level) / 2) * at.se[-1]
    return Forecast(
        model=at.model,
        mean=mean[:-1],
        low=(mean - reach)[:-1],
        high=(mean + reach)[:-1],
        average=float(mean[-1]),
        average_low=float(mean[-1] - reach[-1]),
        average_high=float(mean[-1] + reach[-1]),
        level=level,
        errors=tuple(at.errors.get(each, np.nan) for each in MODELS),
        n_pre=n_pre,
        season=season,
    )
