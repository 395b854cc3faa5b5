"""Everything about one series around one activity, in one call: estimate, intervals, tests, choices and a verdict.

The forecast gap is the estimate; the short-window test is a second witness; the specification table shows what other
choices give. What a design refuses to say is said as a reason, and the forecast, which needs fewer periods than a test,
is shown all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from math import ceil, isfinite
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.activities.effects.checks import check_share, numbers, whole
from softpower.activities.effects.conformal import PROXIES, ConformalTest, conformal_test
from softpower.activities.effects.forecast import ASSUMPTIONS, Forecast, ForecastGap, forecast, gap
from softpower.activities.effects.past import Past, look
from softpower.activities.effects.projection import MODELS
from softpower.activities.effects.ranking import LEVEL, POWER, SIZE
from softpower.activities.effects.season import check_season
from softpower.activities.effects.seriesverdict import judge_series, series_sentence
from softpower.activities.effects.specifications import SpecificationCurve, series_curve
from softpower.activities.effects.verdict import Finding, Verdict
from softpower.errors import BadRequest, NotEnoughData

Array = NDArray[np.float64]

SEED = 7


@dataclass(frozen=True, slots=True)
class SeriesInterval:
    """Around an estimate: ``kind`` is "forecast_gap", "forecast" (by the model alone, untested) or "conformal"."""

    kind: str
    level: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Answers:
    """What each design says of one window, None where it refused; why it did, by design; and the verdict."""

    forecast: Forecast | None
    gap: ForecastGap | None
    conformal: ConformalTest | None
    past: Past | None
    refused: Mapping[str, str]
    finding: Finding


@dataclass(frozen=True, eq=False)
class SeriesReport:
    """What can be said of one series around one activity.

    Attributes
    ----------
    values : array, shape (time,), as given
    start, end : places of the first period the activity could have moved, and after the last that is judged
    season : as given, or None
    seed : as given; none of these designs draws at random
    size : of the test
    level : of the intervals
    estimate : mean over the window of what was observed less what was expected, in units of the outcome; NaN where
        there is no forecast
    share : the same as a share of what was expected; NaN where that is not above 0
    p : of the forecast gap, the larger of those by the model and by earlier dates; NaN where it was refused
    placebo_p : share of dates, this one and all earlier, with a gap as large in standard errors
    intervals : of the forecast gap, or by the model alone where it was refused; and of the short-window test
    smallest_detectable : effect that a test at 5% would have seen in four of five cases; NaN where the gap was refused
    expected, expected_low, expected_high : arrays, shape (end - start,), the forecast and its interval by the model
    forecast, gap, conformal, past : results of the designs; None where refused
    curve : the specification table
    refused : by design, why it was refused
    finding : the verdict with its reasons
    """

    values: Array
    start: int
    end: int
    season: int | None
    seed: int
    size: float
    level: float
    estimate: float
    share: float
    p: float
    placebo_p: float
    intervals: tuple[SeriesInterval, ...]
    smallest_detectable: float
    expected: Array
    expected_low: Array
    expected_high: Array
    forecast: Forecast | None
    gap: ForecastGap | None
    conformal: ConformalTest | None
    past: Past | None
    curve: SpecificationCurve
    refused: Mapping[str, str]
    finding: Finding

    @property
    def verdict(self) -> Verdict:
        """What may be said."""
        return self.finding.verdict

    def sentence(self, *, outcome: str, unit: str) -> str:
        """The verdict in words: see `softpower.activities.effects.seriesverdict.series_sentence`."""
        return series_sentence(
            self.finding, outcome=outcome, unit=unit, estimate=self.estimate, detectable=self.smallest_detectable
        )

    def document(self) -> dict[str, Any]:
        """All of it as numbers, texts, lists and mappings that JSON can hold; what is not finite is None."""
        document: dict[str, Any] = _plain(
            {
                "verdict": self.verdict.value,
                "reasons": self.finding.reasons,
                "estimate": self.estimate,
                "share": self.share,
                "p": self.p,
                "p_placebo": self.placebo_p,
                "estimates": self._estimates(),
                "intervals": self.intervals,
                "smallest_detectable": self.smallest_detectable,
                "forecast": self._path(),
                "placebos": {
                    "start": self.gap.placebo_starts if self.gap else (),
                    "gap": self.gap.placebo_gaps if self.gap else (),
                    "t": self.gap.placebo_ts if self.gap else (),
                },
                "past": self.past,
                "specifications": self.curve.document(),
                "refused": self.refused,
                "assumptions": ASSUMPTIONS,
                "observed": self.values,
                "start": self.start,
                "end": self.end,
                "n_pre": self.start,
                "n_post": self.end - self.start,
                "season": self.season,
                "seed": self.seed,
                "size": self.size,
                "power": POWER,
                "level": self.level,
            }
        )
        return document

    def _estimates(self) -> list[dict[str, Any]]:
        """One for each design that gives any."""
        found: list[dict[str, Any]] = []
        if self.gap:
            tests = {"p": self.gap.p, "p_model": self.gap.model_p, "p_placebo": self.gap.placebo_p}
            found.append({"method": "forecast_gap", "estimate": self.gap.estimate} | tests)
        elif self.forecast:
            found.append({"method": "forecast", "estimate": self.estimate, "p": None})
        if self.conformal:
            found.append({"method": "conformal", "estimate": self.conformal.estimate, "p": self.conformal.p})
        for each in found:
            each["intervals"] = [held for held in self.intervals if held.kind == each["method"]]
        return found

    def _path(self) -> dict[str, Any]:
        """What to plot of the window."""
        return {
            "model": self.forecast.model if self.forecast else None,
            "period": range(self.start, self.end),
            "observed": self.values[self.start : self.end],
            "expected": self.expected,
            "low": self.expected_low,
            "high": self.expected_high,
        }


def series_report(
    values: ArrayLike,
    start: int,
    *,
    end: int | None = None,
    season: int | None = None,
    seed: int = SEED,
    size: float = SIZE,
    level: float = LEVEL,
) -> SeriesReport:
    """What one series did from an activity on, against its own past.

    Parameters
    ----------
    values : array, shape (time,), evenly spaced; periods before ``end`` without NaN
    start : place of the first period the activity could have moved, from 0
    end : place after the last period that is judged; by default all that follow are
    season : periods after which the same mean comes back, 12 for months; None where there is no season
    seed : kept with the result; none of these designs draws at random
    size : of the test, between 0 and 1
    level : of the intervals, between 0 and 1

    Returns
    -------
    SeriesReport
        Where a design refused, its figures are NaN, and where the forecast gap did, the verdict is that nothing can be
        told, for its reason.

    Raises
    ------
    BadRequest
        No numbers, a start or end outside the series, a size or level outside 0 to 1, or a season outside 2 to 24.

    >>> arrivals = np.random.default_rng(7).normal(100, 2, size=63)
    >>> arrivals[60:] += 12
    >>> series_report(arrivals, 60).sentence(outcome="arrivals", unit="thousand")
    'Arrivals rose beyond what their own past predicts, by 11.4 thousand on average; why is not known.'
    """
    y, begin, season = numbers(values), whole("start", start), check_season(season)
    check_share("size", size)
    check_share("level", level)
    if y.ndim != 1:
        raise BadRequest(f"values of shape {y.shape}: give one series, shape (time,)")
    stop = len(y) if end is None else whole("end", end)
    if not 0 < begin < stop <= len(y):
        raise BadRequest(
            f"start {start} and end {end}: the series has periods 0 to {len(y) - 1}; give a start from 1 on, and an "
            f"end after it, {len(y)} at most"
        )
    window = stop - begin
    asked = ask(y, begin, window, season=season, size=size, level=level)
    expected, found, post = asked.forecast, asked.gap, y[begin:stop]
    average = expected.average if expected else np.nan
    nothing = np.full(window, np.nan)
    return SeriesReport(
        values=y,
        start=begin,
        end=stop,
        season=season,
        seed=whole("seed", seed),
        size=size,
        level=level,
        estimate=float(post.mean()) - average,
        share=(float(post.mean()) - average) / average if average > 0 else np.nan,
        p=found.p if found else np.nan,
        placebo_p=found.placebo_p if found else np.nan,
        intervals=_intervals(float(post.mean()), expected, found, asked.conformal, level),
        smallest_detectable=found.smallest_detectable if found else np.nan,
        expected=expected.mean if expected else nothing,
        expected_low=expected.low if expected else nothing,
        expected_high=expected.high if expected else nothing,
        forecast=expected,
        gap=found,
        conformal=asked.conformal,
        past=asked.past,
        curve=series_curve(
            y,
            begin,
            windows=sorted({ceil(window / 2), window}),
            models=("chosen", *MODELS, *(f"conformal_{each}" for each in PROXIES)),
            scales=("level",),
            level=level,
            season=season,
            shares=False,
        ),
        refused=asked.refused,
        finding=asked.finding,
    )


def ask(
    y: Array, start: int, window: int, *, season: int | None = None, size: float = SIZE, level: float = LEVEL
) -> Answers:
    """What each design says of one window, and the verdict; parameters and errors as `series_report`."""
    refused: dict[str, str] = {}

    def made(name: str, design: Callable[[], Any]) -> Any:
        try:
            return design()
        except NotEnoughData as refusal:
            refused[name] = str(refusal)
            return None

    options: dict[str, Any] = {"level": level, "season": season}
    found: ForecastGap | None = made("forecast_gap", lambda: gap(y, start, window=window, **options))
    expected: Forecast | None = (
        found.forecast if found else made("forecast", lambda: forecast(y[:start], window, **options))
    )
    test: ConformalTest | None = made("conformal", lambda: conformal_test(y, start, window=window, **options))
    if found is None:
        finding = Finding(Verdict.CANNOT_TELL, (refused["forecast_gap"].rstrip("."),))
        return Answers(expected, None, test, None, refused, finding)
    past = look(y[:start], found)
    return Answers(expected, found, test, past, refused, judge_series(found, past, test, size=size))


def _intervals(
    observed: float, expected: Forecast | None, found: ForecastGap | None, test: ConformalTest | None, level: float
) -> tuple[SeriesInterval, ...]:
    """Intervals that there are, the tested one instead of that by the model alone where there is one."""
    intervals = []
    if found:
        intervals.append(SeriesInterval("forecast_gap", level, found.low, found.high))
    elif expected and isfinite(observed):
        low, high = observed - expected.average_high, observed - expected.average_low
        intervals.append(SeriesInterval("forecast", level, low, high))
    if test:
        intervals.append(SeriesInterval("conformal", level, test.low, test.high))
    return tuple(intervals)


def _plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, np.ndarray | list | tuple | range):
        return [_plain(each) for each in (value.tolist() if isinstance(value, np.ndarray) else value)]
    if isinstance(value, float):
        return float(value) if isfinite(value) else None
    return value
