"""Stacked event study: what followed many activities of one kind, against units that had none.

Around each event, the path of its unit is set against the mean path of clean controls: units that had no event up to
the end of the window. Neither effects that linger nor comparisons between units with events get in, which is the fault
of regressions with effects of units and periods where dates differ. An event in whose window its own unit had another
is dropped, and said. Events then count alike.

Intervals are robust to any dependence within units: of the outcome over time, between the events of a unit, and between
all comparisons that use the same control. With few units they use Student's distribution, with as many degrees of
freedom as there are units less one, corrected for the controls (Welch). A placebo in time draws as many dates of the
same units from before their first event, and pools them in the same way.

In 2,000 simulated panels each (persistent noise of 0, 0.4 and 0.7, a walk that all units share; 10 to 40 units, 5 to 20
of them with one or two events, windows of 3 and 3 periods), a test at 5% rejected where there was no effect in 3.4 to
5.7%; with skewed or heavy-tailed noise in 3.6 to 4.8%. One standard deviation of the outcome within units was seen in
38 to 54% where 5 units had an event, in 68 to 92% where 10 had; two in 90 to 100%.

References
----------
Cengiz, Dube, Lindner & Zipperer (2019), The effect of minimum wages on low-wage jobs, Quarterly Journal of Economics
134(3), online appendix D (stacking by event).
Goodman-Bacon (2021), Difference-in-differences with variation in treatment timing, Journal of Econometrics 225(2).
Cameron & Miller (2015), A practitioner's guide to cluster-robust inference, Journal of Human Resources 50(2).
Welch (1947), The generalization of Student's problem, Biometrika 34.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.activities.ranking import LEVEL, POWER, SIZE, least_seen, rank_p
from softpower.errors import BadRequest, NotEnoughData

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

# Units with a usable event, and clean controls of each event, at least.
FEWEST_UNITS: Final = 5
FEWEST_CONTROLS: Final = 2
DRAWS: Final = 199
SEED: Final = 7

ASSUMPTIONS: Final = (
    "Without the event, its unit would have moved like the mean of the controls.",
    "An event moves neither the controls nor anything before its date.",
    "What earlier events of the same unit changed is over, or steady, when the window opens.",
    "Nothing else that moves the outcome tends to happen in units with an event when it happens.",
)


@dataclass(frozen=True, slots=True)
class Dropped:
    """An event that could not be used, and why."""

    unit: int
    time: int
    why: str

    def __str__(self) -> str:
        return f"event of unit {self.unit} in period {self.time}: {self.why}"


@dataclass(frozen=True, eq=False)
class EventStudy:
    """What followed events of one kind, on average.

    Attributes
    ----------
    estimate : mean of the periods from the event on, less that of the periods before, less the same of the controls
    low, high : cluster-robust interval
    level : of the intervals
    p : of no effect, two-sided, from the same distribution
    n_pre, n_post : periods of a window before the event, and from the event on
    relative : ints, shape (n_pre + n_post,), periods since the event; -1 is the last before
    path, path_low, path_high : arrays, shape (n_pre + n_post,), difference to the controls, relative to that in -1
    events : (unit, time) of those used
    controls : ints, shape (event,), clean controls of each
    n_units : units with events
    dropped : events not used, with the reason
    placebo_p : share of draws of earlier dates, and these, with a difference as large in standard errors: a check, not
        the test, since dates are few and shared by draws; NaN where there are too few earlier dates
    smallest_detectable : effect that a test at 5% would have seen with 80% power, from the same draws, or from the
        standard error where there are too few
    assumptions : sentences
    """

    estimate: float
    low: float
    high: float
    level: float
    p: float
    n_pre: int
    n_post: int
    relative: Ints
    path: Array
    path_low: Array
    path_high: Array
    events: tuple[tuple[int, int], ...]
    controls: Ints
    n_units: int
    dropped: tuple[Dropped, ...]
    placebo_p: float
    smallest_detectable: float
    assumptions: tuple[str, ...] = ASSUMPTIONS


def event_study(
    outcome: ArrayLike,
    events: Iterable[tuple[int, int]],
    *,
    before: int,
    after: int,
    level: float = LEVEL,
    draws: int = DRAWS,
    seed: int = SEED,
) -> EventStudy:
    """What followed events of one kind, by periods since, and on average.

    Parameters
    ----------
    outcome : array, shape (unit, time), evenly spaced; NaN where unknown
    events : (unit, time) places of each event in ``outcome``, from 0; one given twice counts once
    before : periods of the window before the event, at least 1
    after : periods of the window from the event's own on, at least 1
    level : of the intervals, between 0 and 1
    draws : placebo draws; 0 for none
    seed : of these

    Returns
    -------
    EventStudy

    Raises
    ------
    NotEnoughData
        Usable events in fewer than 5 units. A usable one has a window inside the series without a missing value or
        another event of its unit, and at least 2 clean controls.
    BadRequest
        An event outside the table, an empty window, or a level outside 0 to 1.

    >>> panel = np.random.default_rng(7).normal(size=(20, 30))
    >>> dates = [(unit, 10 + unit) for unit in range(8)]
    >>> for unit, time in dates:
    ...     panel[unit, time : time + 3] += 4
    >>> found = event_study(panel, dates, before=3, after=3)
    >>> bool(found.low < 4 < found.high), found.p < 0.05, len(found.events)
    (True, True, 8)
    """
    y = np.asarray(outcome, dtype=float)
    dates = sorted({(int(unit), int(time)) for unit, time in events})
    _check(y, dates, before, after, level, draws)
    first = np.full(len(y), np.inf)
    for unit, time in reversed(dates):
        first[unit] = time
    used, controls, dropped = _usable(y, dates, first, before, after)
    if len({unit for unit, _ in used}) < FEWEST_UNITS:
        reasons = "".join(f"\n  {each}" for each in dropped[:5])
        raise NotEnoughData(
            f"usable events in {len({unit for unit, _ in used})} units of {len({unit for unit, _ in dates})}: an event "
            f"study needs {FEWEST_UNITS}. Take a shorter window, or more units without events.{reasons}"
        )
    contrasts = _contrasts(before, after)
    pooled = _pool(_windows(y, used, before, after) @ contrasts.T, controls, [unit for unit, _ in used])
    reach = pooled.reach(level)
    low, high = pooled.mean - reach, pooled.mean + reach
    placebos = _placebos(y, used, first, before, after, draws=draws, seed=seed)
    t, se = pooled.mean[-1] / pooled.se[-1], float(pooled.se[-1])
    critical = float(pooled.reach(1 - SIZE)[-1]) / se
    return EventStudy(
        estimate=float(pooled.mean[-1]),
        low=float(low[-1]),
        high=float(high[-1]),
        level=level,
        p=pooled.p(),
        n_pre=before,
        n_post=after,
        relative=np.arange(-before, after),
        path=pooled.mean[:-1],
        path_low=low[:-1],
        path_high=high[:-1],
        events=tuple(used),
        controls=controls.sum(axis=1),
        n_units=len({unit for unit, _ in used}),
        dropped=tuple(dropped),
        placebo_p=rank_p(float(t), placebos) if len(placebos) else np.nan,
        smallest_detectable=se * (least_seen(placebos, critical) if len(placebos) else pooled.seen(critical)),
    )


def _check(y: Array, dates: Sequence[tuple[int, int]], before: int, after: int, level: float, draws: int) -> None:
    if y.ndim != 2:
        raise BadRequest(f"outcome of shape {y.shape}: give one row for each unit, shape (unit, time)")
    if min(before, after) < 1:
        raise BadRequest(f"a window of {before} periods before and {after} from the event on: give 1 or more of each")
    if not 0 < level < 1:
        raise BadRequest(f"level {level}: give a share between 0 and 1, such as 0.95")
    if draws < 0:
        raise BadRequest(f"{draws} draws: give 0 or more")
    outside = [each for each in dates if not (0 <= each[0] < y.shape[0] and 0 <= each[1] < y.shape[1])]
    if outside:
        raise BadRequest(
            f"event of unit {outside[0][0]} in period {outside[0][1]}, {len(outside)} such in all: the table has units "
            f"0 to {y.shape[0] - 1} and periods 0 to {y.shape[1] - 1}"
        )


def _usable(
    y: Array, dates: Sequence[tuple[int, int]], first: Array, before: int, after: int
) -> tuple[list[tuple[int, int]], NDArray[np.bool_], list[Dropped]]:
    """Events with a clean window and enough controls; these, shape (event, unit); and the others, with reasons."""
    used, controls, dropped = [], [], []
    for unit, time in dates:
        clean = _controls(y, first, time, before, after)
        why = _fault(y, [each for who, each in dates if who == unit], unit, time, before, after)
        if not why and clean.sum() < FEWEST_CONTROLS:
            why = (
                f"fewer than {FEWEST_CONTROLS} other units are free of events up to the end of its window, and complete"
            )
        if why:
            dropped.append(Dropped(unit, time, why))
        else:
            used.append((unit, time))
            controls.append(clean)
    return used, np.array(controls, dtype=bool).reshape(-1, len(y)), dropped


def _fault(y: Array, own: Sequence[int], unit: int, time: int, before: int, after: int) -> str:
    """Why the window of an event cannot be used; empty where it can."""
    if time < before or time + after > y.shape[1]:
        return "its window reaches beyond the series"
    others = [each for each in own if each != time and time - before <= each < time + after]
    if others:
        return f"its unit had another in period {others[0]}, inside the window"
    if np.isnan(y[unit, time - before : time + after]).any():
        return "values are missing in its window"
    return ""


def _controls(y: Array, first: Array, time: int, before: int, after: int) -> NDArray[np.bool_]:
    """Units without an event up to the end of a window, and without missing values in it; shape (unit,)."""
    window = y[:, max(time - before, 0) : time + after]
    clean: NDArray[np.bool_] = (first >= time + after) & np.isfinite(window).all(axis=1)
    return clean


def _contrasts(before: int, after: int) -> Array:
    """Each period less the last before; in the last row the mean after less that before; (period + 1, period)."""
    paths = np.eye(before + after)
    paths[:, before - 1] -= 1
    average = np.concatenate([np.full(before, -1 / before), np.full(after, 1 / after)])
    return np.vstack([paths, average])


def _windows(y: Array, dates: Sequence[tuple[int, int]], before: int, after: int) -> Array:
    """Outcomes of all units in the window of each event, shape (event, unit, period)."""
    return np.stack([y[:, time - before : time + after] for _, time in dates])


@dataclass(frozen=True, eq=False)
class _Pooled:
    """Means over events, with standard errors and degrees of freedom, shape (contrast,)."""

    mean: Array
    se: Array
    df: Array

    def reach(self, level: float) -> Array:
        """Half the length of the intervals."""
        from scipy.special import stdtrit

        half: Array = stdtrit(self.df, (1 + level) / 2) * self.se
        return half

    def p(self) -> float:
        """Of no effect, of the last contrast, two-sided."""
        from scipy.special import stdtr

        return float(2 * stdtr(self.df[-1], -abs(self.mean[-1] / self.se[-1])))

    def seen(self, critical: float) -> float:
        """Standard errors of the last contrast at which the share `POWER` is beyond a critical value."""
        from scipy.special import stdtrit

        return critical + float(stdtrit(self.df[-1], POWER))


def _pool(values: Array, controls: NDArray[np.bool_], units: Sequence[int]) -> _Pooled:
    """Mean over events of the difference between a unit and its controls.

    Parameters
    ----------
    values : array, shape (event, unit, contrast)
    controls : shape (event, unit), which units are controls of which event
    units : of each event
    """
    count, n = len(values), controls.sum(axis=1)[:, None]
    held = np.where(controls[..., None], values, 0.0)
    means = held.sum(axis=1) / n
    gaps = values[np.arange(count), units] - means
    mean = gaps.mean(axis=0)
    own = np.zeros(values.shape[1:])
    np.add.at(own, np.asarray(units), (gaps - mean) / count)
    groups = len(set(units))
    own *= np.sqrt(groups / (groups - 1))
    apart = np.where(controls[..., None], values - means[:, None], 0.0)
    others = (apart / (count * np.sqrt(n * (n - 1)))[..., None]).sum(axis=0)
    by_own, by_others = np.sum(own**2, axis=0), np.sum(others**2, axis=0)
    # A unit can have an event, and be a control of earlier ones: its two parts then move against each other.
    variance = np.maximum(np.sum((own - others) ** 2, axis=0), by_own)
    shared = np.maximum((others != 0).any(axis=1).sum() - 1, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        df = (by_own + by_others) ** 2 / (by_own**2 / (groups - 1) + by_others**2 / shared)
    return _Pooled(mean, np.sqrt(variance), np.where(np.isfinite(df), df, groups - 1))


def _placebos(
    y: Array, used: Sequence[tuple[int, int]], first: Array, before: int, after: int, *, draws: int, seed: int
) -> Array:
    """Differences in standard errors where dates are drawn from before the first event of each unit; shape (draw,).

    Empty where fewer than `FEWEST_UNITS` units have such dates, or these allow fewer draws than a test at 5% needs.
    """
    dates: dict[int, list[int]] = {}
    for unit in sorted({unit for unit, _ in used}):
        last = int(min(first[unit], y.shape[1])) - after
        dates[unit] = [
            time
            for time in range(before, last + 1)
            if np.isfinite(y[unit, time - before : time + after]).all()
            and _controls(y, first, time, before, after).sum() - 1 >= FEWEST_CONTROLS
        ]
    drawn = [unit for unit, _ in used if dates[unit]]
    chances = np.prod([float(len(dates[unit])) for unit in set(drawn)])
    if not draws or len(set(drawn)) < FEWEST_UNITS or chances < 1 / SIZE:
        return np.empty(0)
    rng = np.random.default_rng(seed)
    average = _contrasts(before, after)[-1:]
    found = np.empty(draws)
    for draw in range(draws):
        chosen = [(unit, int(rng.choice(dates[unit]))) for unit in drawn]
        controls = np.stack([_controls(y, first, time, before, after) for _, time in chosen])
        controls[np.arange(len(chosen)), drawn] = False
        pooled = _pool(_windows(y, chosen, before, after) @ average.T, controls, drawn)
        found[draw] = pooled.mean[0] / pooled.se[0]
    return found
