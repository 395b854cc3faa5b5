"""Short-window conformal test: whether a few periods stand out of a series as no other few do.

The test of Chernozhukov, Wüthrich & Zhu for one series. A proxy for what would have happened (the mean of the series,
or a straight line) is fitted to all periods, with the supposed effect taken off those of the window. If the supposition
holds, residuals in the window are like any others, and so is their mean size, among those of all runs of as many
consecutive periods (moving blocks, of which the last joins the first). Its rank is the p-value, and the interval holds
all constant effects that are not rejected.

One thing is added. The window stands at the end, where a line fitted to persistent noise is furthest off, so that too
many windows without effect would stand out. Residuals are therefore measured in the standard deviation they have at
their place if noise has a persistence of 0.7; with less persistence the test then rejects less often than its level.

Meant for pulses in few periods. Since the proxy is fitted to the window too, an effect that fills much of the series is
taken for trend: where no effect of any size could be told apart, the test is refused, as it is with fewer than 20
periods before, since a block can only be among the largest 5% of 20. A series that wanders far from its mean or line
often ends far from it: where the periods before show a persistence of 0.8 or more, corrected for bias, the test is
refused too, and the forecast gap, which knows such series, is the design to take. A season that is given is part of the
proxy, a mean for each place in it.

**By itself the test is no verdict.** It takes for granted that one line holds for the whole series, and that noise is
as large as ever. It is refused where over 15% of the windows before stand out too, and still, with 60 periods before
and a window of 3, it rejected where there was no effect in 41% of series whose slope had changed 15 periods before (37%
against the mean), in 13 (28)% whose level had, 6 periods before, in 18 (0)% with a curved trend, 14 (15)% with growing
noise and 11 (0)% with exponential growth (300 each). `softpower.activities.effects.seriesverdict` therefore asks the
forecast gap, and this test only whether it agrees.

In 20,000 simulated autoregressions each (persistence 0, 0.4 and 0.7; 20, 30, 39, 60 and 100 periods before; windows of
1, 2, 3 and 5), a test at 5% without refusals rejected where there was no effect in 1.6 to 6.1%. With that of persistent
series, false findings were at most 7.0% of all series at persistences from 0.8 to 0.95, and of random walks (10,000
each). A pulse of 4 standard deviations over 3 periods was seen in 44 to 57% with 20 periods before, 76 to 80% with 30
and 97 to 100% with 60 (against the mean, in 96 to 100%); one of 2 standard deviations in 11 to 27%, 21 to 36% and 53 to
61%. Skewed and heavy-tailed noise changed little: 2.1 to 5.4%.

References
----------
Chernozhukov, Wüthrich & Zhu (2021), An exact and robust conformal inference method for counterfactual and synthetic
controls, Journal of the American Statistical Association 116(536): equations 1 and 2, algorithm 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.activities.effects.checks import check_noise, check_window, split
from softpower.activities.effects.ranking import LEVEL, POWER, SIZE, TIES
from softpower.activities.effects.season import check_season, refuse_season, terms
from softpower.errors import BadRequest, NotEnoughData

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Proxy = Literal["mean", "trend"]

PROXIES: Final[tuple[Proxy, ...]] = get_args(Proxy)
# Periods before from which the test is made.
FEWEST: Final = 20
# Shares that differ by less than this are equal.
_EQUAL: Final = 1e-9
# Halvings of the bracket around an end of the interval.
_HALVINGS: Final = 40
# Windows before that are tried for the smallest detectable effect at most, evenly spaced.
_SHIFTS: Final = 400
# Persistence supposed where residuals at the ends are made comparable; in longer series the ends hardly differ.
_PERSISTENCE: Final = 0.7
_PERSISTENCES: Final = np.array([-1.0, -0.8, -0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.99])
_LONG: Final = 400
# Persistence of the periods before from which the test is refused.
_WANDERS: Final = 0.8
# Share of the windows before that may stand out; where more do, the series is not of the kind the test is made for.
_STAND_OUT: Final = 0.15

ASSUMPTIONS: Final = (
    "Without the activity, the periods of the window would have varied about the mean or line like all others.",
    "Nothing else that moves the series happened in the window.",
    "The series has no season but the one given, which is the same every time in the unit of the outcome.",
    "The activity had no effect outside the window, neither before nor after.",
    "The interval supposes an effect of the same size in each period of the window.",
)


@dataclass(frozen=True, eq=False)
class ConformalTest:
    """Whether the window stands out.

    Attributes
    ----------
    estimate : constant effect that fits best, in units of the outcome
    low, high : least and largest constant effect that is not rejected; some between may be, and so may 0 in an
        interval that holds it: ``p`` decides. NaN where every constant effect is rejected.
    level : share of windows without effect in which 0 is not rejected, at least
    p : share of blocks whose residuals are as large on average
    n_pre, n_post : periods before, and in the window
    persistence : of the periods before, from one to the next, corrected for bias
    residuals : array, shape (time,), what the proxy leaves if there was no effect, in units of the outcome
    placebo_starts : ints, shape (placebo,), where each earlier window starts
    placebo_ps : array, shape (placebo,), p-values of these, each from the series up to the end of its window
    smallest_detectable : effect that a test at 5% would have seen in 80% of the windows before, if it had been there
    assumptions : sentences
    """

    estimate: float
    low: float
    high: float
    level: float
    p: float
    n_pre: int
    n_post: int
    persistence: float
    residuals: Array
    placebo_starts: Ints
    placebo_ps: Array
    smallest_detectable: float
    assumptions: tuple[str, ...] = ASSUMPTIONS


def conformal_test(
    outcome: ArrayLike,
    start: int,
    *,
    window: int | None = None,
    level: float = LEVEL,
    proxy: Proxy = "trend",
    season: int | None = None,
) -> ConformalTest:
    """Whether the periods from an activity on stand out, with the constant effects that could be behind it.

    Parameters
    ----------
    outcome : array, shape (time,), evenly spaced; periods before ``start + window`` without NaN
    start : place of the first period the activity could have moved, from 0
    window : periods tested, from ``start``; by default all that follow. Later ones are left out.
    level : of the interval, between 0 and 1
    proxy : what the series would have done, one of `PROXIES`; "mean" only where it has no trend
    season : periods after which the same mean comes back, 12 for months; None where there is no season

    Returns
    -------
    ConformalTest

    Raises
    ------
    NotEnoughData
        Fewer than 20 periods before (or 1 / (1 - level), or two seasons, if more); a window so long that no effect
        could be told from the proxy; departures from the proxy that last too long; over 15% of earlier windows that
        stand out too; a period is missing, there is no noise, or a season before and none given.
    BadRequest
        No numbers, a start or window outside the series, an unknown proxy, a level outside 0 to 1, or a season outside
        2 to 24.

    >>> noise = np.random.default_rng(7).normal(size=43)
    >>> noise[40:] += 6
    >>> found = conformal_test(noise, 40)
    >>> bool(found.low < 6 < found.high), found.p < 0.05
    (True, True)
    """
    pre, post = split(outcome, start, window)
    season = check_season(season)
    k = len(post)
    _check(len(pre), k, level, proxy, season)
    check_noise(pre, season)
    refuse_season(pre, season)
    lasting = persistence(pre, proxy, season)
    if lasting >= _WANDERS:
        raise NotEnoughData(
            f"before the activity, departures from the {'line' if proxy == 'trend' else 'mean'} last (persistence "
            f"{lasting:.2f} from one period to the next; from {_WANDERS} on, too many windows without effect stand "
            "out). Take the forecast gap, or compare with countries that had no such activity."
        )
    starts = np.arange(_fewest(season), len(pre) - k + 1)
    earlier = np.array([block_p(_residuals(pre[: each + k], proxy, season), k) for each in starts])
    odd = int(np.sum(earlier <= SIZE + _EQUAL))
    # One odd period is in as many windows as these are long; two are no more than chance.
    if odd > max(2 * k, _STAND_OUT * earlier.size):
        raise NotEnoughData(
            f"of {earlier.size} windows before the activity, {odd} stand out at {SIZE:g} as well: the series does not "
            f"vary about one {'line' if proxy == 'trend' else 'mean'}. Take the forecast gap, or compare with "
            "countries that had no such activity."
        )
    y = np.concatenate([pre, post])
    left, moved = _left(y, proxy, season), _left(_mark(len(y), k), proxy, season)
    estimate, spread = float(moved @ left / (moved @ moved)), _spread(len(y), proxy, season)
    residuals, shape = left / spread, moved / spread
    low, high = _interval(residuals, shape, k, estimate, 1 - level)
    return ConformalTest(
        estimate=estimate,
        low=low,
        high=high,
        level=level,
        p=block_p(residuals, k),
        n_pre=len(pre),
        n_post=k,
        persistence=lasting,
        residuals=left,
        placebo_starts=starts,
        placebo_ps=earlier,
        smallest_detectable=_detectable(pre, k, proxy, season),
    )


def block_p(residuals: Array, k: int) -> float:
    """Share of runs of k consecutive residuals, the last joined to the first, that are as large as the last k.

    Parameters
    ----------
    residuals : array, shape (time,)
    k : length of a run, between 1 and the number of residuals; size is the mean of absolute values

    >>> block_p(np.array([1.0, -2.0, 1.0, 0.0, 3.0]), 1)
    0.2
    """
    return float(_ps(residuals, k))


def persistence(y: Array, proxy: Proxy, season: int | None = None) -> float:
    """How much of a departure from the proxy is left a period later, corrected for the bias of short series.

    Parameters
    ----------
    y : array, shape (time,)
    proxy : one of `PROXIES`
    season : periods after which the same mean comes back

    References
    ----------
    Marriott & Pope (1954), Bias in the estimation of autocorrelations, Biometrika 41; Kendall (1954), Note on bias in
    the estimation of autocorrelation, same volume. Of their bias for the mean, 1 + 3 r over the number of periods, 2 r
    is that of a ratio, and the rest what the proxy takes away, which is reckoned for the proxy at hand.

    >>> round(persistence(np.array([1.0, -1.0] * 50), "mean"), 2)
    -1.02
    """
    left = _left(y, proxy, season)
    raw = float(left[1:] @ left[:-1] / (left @ left))
    if len(y) > _LONG:
        return raw
    return raw + (raw - float(np.interp(raw, _PERSISTENCES, _remains(len(y), proxy, season)))) + 2 * raw / len(y)


def _ps(residuals: Array, k: int) -> Array:
    """`block_p` along the last axis."""
    size = np.abs(residuals)
    joined = np.concatenate([np.zeros((*size.shape[:-1], 1)), size, size[..., : k - 1]], axis=-1)
    sums = np.cumsum(joined, axis=-1)
    blocks = sums[..., k:] - sums[..., :-k]
    last = blocks[..., [-k]]
    ps: Array = np.mean(blocks >= last - TIES * blocks.mean(axis=-1, keepdims=True), axis=-1)
    return ps


def _check(n_pre: int, k: int, level: float, proxy: Proxy, season: int | None) -> None:
    if proxy not in PROXIES:
        raise BadRequest(f"proxy {proxy!r}: give one of {', '.join(PROXIES)}")
    check_window(n_pre, k, level, fewest=_fewest(season))
    size = min(1 - level, SIZE)
    least = block_p(_residuals(_mark(n_pre + k, k), proxy, season), k)
    if max(least, 1 / n_pre) > size + _EQUAL:
        raise NotEnoughData(
            f"{n_pre} periods before and {k} in the window: with these, no effect, however large, would be significant "
            f"at {size:.2g} ({'a trend' if proxy == 'trend' else 'another mean'} would explain it, or too few blocks "
            "remain to compare). Take a shorter window, more frequent values, or the forecast gap."
        )


def _fewest(season: int | None) -> int:
    """Periods before from which the test is made: with a season, each place in it twice."""
    return max(FEWEST, 2 * (season or 1))


def _mark(n: int, k: int) -> Array:
    """1 in the last k of n periods, else 0."""
    mark = np.zeros(n)
    mark[n - k :] = 1
    return mark


def _residuals(y: Array, proxy: Proxy, season: int | None = None) -> Array:
    """What the proxy leaves of series along the last axis, in standard deviations at each place."""
    return _left(y, proxy, season) / _spread(y.shape[-1], proxy, season)


def _left(y: Array, proxy: Proxy, season: int | None = None) -> Array:
    """What the proxy leaves of series along the last axis."""
    basis = _basis(y.shape[-1], proxy, season)
    centred: Array = y - y.mean(axis=-1, keepdims=True)
    left: Array = centred - (centred @ basis) @ basis.T
    return left


@lru_cache(maxsize=1024)
def _basis(n: int, proxy: Proxy, season: int | None) -> Array:
    """Orthonormal columns that span the proxies of n periods; shape (n, coefficient)."""
    time = np.arange(n) - (n - 1) / 2
    columns = [np.ones((n, 1)), *([time[:, None]] if proxy == "trend" else []), terms(n, season)]
    basis: Array = np.linalg.qr(np.hstack(columns))[0]
    return basis


@lru_cache(maxsize=1024)
def _spread(n: int, proxy: Proxy, season: int | None) -> Array:
    """Standard deviation of residuals at each of n places, of noise with variance 1 that is persistent."""
    if n > _LONG:
        return np.ones(n)
    spread: Array = np.sqrt(np.diag(_covariance(n, _PERSISTENCE, proxy, season)))
    return spread


@lru_cache(maxsize=256)
def _remains(n: int, proxy: Proxy, season: int | None) -> Array:
    """Covariance of residuals with the next, over their variance, in noise of each of `_PERSISTENCES`."""
    found = [_covariance(n, each, proxy, season) for each in _PERSISTENCES]
    return np.array([each.trace(offset=1) / each.trace() for each in found])


def _covariance(n: int, persistence: float, proxy: Proxy, season: int | None) -> Array:
    """Of residuals, shape (n, n), in noise with variance 1."""
    time = np.arange(n)
    covariance = persistence ** np.abs(time[:, None] - time)
    return _left(_left(covariance, proxy, season).T, proxy, season)


def _interval(residuals: Array, shape: Array, k: int, centre: float, size: float) -> tuple[float, float]:
    """Least and largest effect whose residuals are not rejected; NaN where every constant effect is."""

    def rejected(effects: Array) -> NDArray[np.bool_]:
        return _ps(residuals - np.atleast_1d(effects)[:, None] * shape, k) <= size + _EQUAL

    reach = float(np.std(residuals))
    while not rejected(centre + reach * np.array([-4, -2, -1, 1, 2, 4])).all():
        reach *= 2
    grid = centre + np.linspace(-reach, reach, 401)
    kept = np.flatnonzero(~rejected(grid))
    if not kept.size:
        return np.nan, np.nan
    ends = []
    for inside, outside in ((kept[0], kept[0] - 1), (kept[-1], kept[-1] + 1)):
        held, gone = grid[inside], grid[outside]
        for _ in range(_HALVINGS):
            middle = (held + gone) / 2
            held, gone = (held, middle) if rejected(middle)[0] else (middle, gone)
        ends.append(float(held))
    return ends[0], ends[1]


def _detectable(pre: Array, k: int, proxy: Proxy, season: int | None) -> float:
    """Least effect, of either sign, seen in `POWER` of the windows before.

    Residuals are moved round until each run of k periods before in turn stands in the window, and the effect is added.
    """
    n = len(pre)
    shape, left = _residuals(_mark(n + k, k), proxy, season), _left(pre, proxy, season)
    shifts = np.unique(np.linspace(0, n - 1, min(n, _SHIFTS)).astype(int))
    moved = _residuals(np.stack([np.resize(np.roll(left, each), n + k) for each in shifts]), proxy, season)

    def power(effect: float) -> float:
        return min(float(np.mean(_ps(moved + sign * effect * shape, k) <= SIZE + _EQUAL)) for sign in (1, -1))

    high = float(moved.std())
    while power(high) < POWER:
        high *= 2
    low = 0.0
    for _ in range(_HALVINGS // 2):
        middle = (low + high) / 2
        low, high = (low, middle) if power(middle) >= POWER else (middle, high)
    return high
