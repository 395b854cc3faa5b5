"""Placebo in time: how a statistic ranks among the same statistic at earlier dates, and what that could have shown.

Also what all tests of a single series ask of it: periods before and a window, without holes.
"""

from __future__ import annotations

from math import ceil, floor
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.errors import BadRequest, NotEnoughData

Array = NDArray[np.float64]

LEVEL: Final = 0.95
# The smallest detectable effect: seen with this power by a test of this size.
POWER: Final = 0.8
SIZE: Final = 0.05
# Departures from a straight line below this share of the size of a series are rounding, not noise.
_ROUNDING: Final = 1e-9


def least_seen(placebos: Array, critical: float, *, power: float = POWER) -> float:
    """The least effect that a test would have seen in a given share of placebos, whichever its sign.

    Parameters
    ----------
    placebos : array, shape (placebo,), statistics where there was no effect
    critical : size from which a statistic is significant
    power : share of the placebos, the effect added to which would have been significant, between 0 and 1

    Returns
    -------
    float
        In units of the statistic.

    >>> least_seen(np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), 2.5)
    3.5
    """
    ordered = np.sort(placebos)
    lowest = ordered[floor(round((1 - power) * len(ordered), 9))]
    highest = ordered[ceil(round(power * len(ordered), 9)) - 1]
    return float(critical + max(-lowest, highest, 0.0))


def rank_p(score: float, placebos: Array) -> float:
    """Share of a statistic and its placebos that are at least as large in size as the statistic.

    >>> rank_p(-3.0, np.array([1.0, -2.0, 3.0]))
    0.5
    """
    return float((1 + np.sum(np.abs(placebos) >= abs(score))) / (1 + len(placebos)))


def critical_value(placebos: Array, level: float) -> float:
    """Size beyond which a statistic has a `rank_p` of at most 1 - level; infinite where no size would do.

    >>> critical_value(np.arange(1.0, 20.0), 0.95)
    19.0
    """
    place = ceil(round(level * (len(placebos) + 1), 9))
    return float(np.sort(np.abs(placebos))[place - 1]) if place <= len(placebos) else np.inf


def split(outcome: ArrayLike, start: int, window: int | None) -> tuple[Array, Array]:
    """Periods before an activity, and those of the window; errors as `gap` says.

    >>> split([1.0, 2.0, 3.0, np.nan], 1, 2)
    (array([1.]), array([2., 3.]))
    """
    y = np.asarray(outcome, dtype=float)
    if y.ndim != 1:
        raise BadRequest(f"outcome of shape {y.shape}: give one series, shape (time,)")
    if not 0 < start < len(y):
        raise BadRequest(f"start {start}: the series has periods 0 to {len(y) - 1}, and one at least must come before")
    k = len(y) - start if window is None else window
    if not 1 <= k <= len(y) - start:
        raise BadRequest(f"window of {k} periods from {start}: the series has {len(y) - start} from there on")
    return series(y[: start + k])[:start], y[start : start + k]


def check_window(n_pre: int, window: int, level: float, *, fewest: int) -> None:
    """Raise where a window is empty, a level no share, or fewer periods than ``fewest`` come before."""
    if not 0 < level < 1:
        raise BadRequest(f"level {level}: give a share between 0 and 1, such as 0.95")
    if window < 1:
        raise BadRequest(f"a window or horizon of {window} periods: give 1 or more")
    if n_pre < fewest:
        raise NotEnoughData(
            f"{n_pre} periods before the activity: this design needs {fewest}. Take monthly or quarterly values, "
            "or compare with countries that had no such activity."
        )


def check_placebos(n_pre: int, window: int, level: float, *, fewest: int) -> None:
    """Raise where too few earlier windows fit for a test at this level.

    Parameters
    ----------
    n_pre, window : periods before, and in the window
    level : 1 less the size of the test
    fewest : periods that must precede an earlier window
    """
    size = min(1 - level, SIZE)
    needed = ceil(round(1 / size, 6)) - 1
    found = max(n_pre - window - fewest + 1, 0)
    if found < needed:
        raise NotEnoughData(
            f"{n_pre} periods before the activity leave {found} earlier windows of {window} for comparison; a test at "
            f"{size:.2g} needs {needed}, so {needed + window + fewest - 1} periods before. Take a shorter window or "
            "more frequent values, or compare with countries that had no such activity."
        )


def series(values: ArrayLike) -> Array:
    """One series as floats; refuses one with holes."""
    y = np.asarray(values, dtype=float)
    if y.ndim != 1:
        raise BadRequest(f"values of shape {y.shape}: give one series, shape (time,)")
    missing = np.flatnonzero(~np.isfinite(y))
    if missing.size:
        raise NotEnoughData(
            f"period {missing[0]} of 0 to {len(y) - 1} is missing, {missing.size} in all: give a series without holes "
            "(a longer period for each value, or a later beginning)"
        )
    return y


def refuse_straight(y: Array) -> None:
    """Raise where a series, shape (time,), is constant or a straight line, so that nothing could be judged by it."""
    time = np.arange(len(y)) - (len(y) - 1) / 2
    left = y - y.mean() - (y @ time) / max(time @ time, 1) * time
    if np.abs(left).max() <= _ROUNDING * np.abs(y).max():
        raise NotEnoughData(
            "the outcome before the activity is constant or a straight line: there is no noise against which to judge "
            "what followed"
        )
