"""What the designs ask of their input: shares, spans, numbers, and noise to judge by.

A value that is not finite counts as missing. What is out of range is refused with what to give instead, and so is what
is no number at all.
"""

from __future__ import annotations

from math import ceil
from numbers import Real
from operator import index
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.activities.effects.ranking import SIZE
from softpower.errors import BadRequest, NotEnoughData

Array = NDArray[np.float64]

# Doubles hold 16 digits, so that the second differences of a straight line are off by some 1e-16 of its size, and by
# some times that where its values were reckoned. Bends below this share of the size are rounding, not noise.
_ROUNDING: Final = 1e-12
# Sizes whose fourth powers, as degrees of freedom need them, are still numbers.
_LARGEST: Final = 1e60
_SMALLEST: Final = 1e-60


def check_share(name: str, value: object) -> None:
    """Raise where a value is no share strictly between 0 and 1.

    >>> check_share("level", 0.95)
    """
    if not isinstance(value, Real) or not 0 < float(value) < 1:
        raise BadRequest(f"{name} {value!r}: give a share between 0 and 1, such as 0.95 or 0.05")


def whole(name: str, value: Any) -> int:
    """A value as the whole number that it is; raise where it is none.

    >>> whole("start", np.int64(3))
    3
    """
    try:
        return index(value)
    except TypeError:
        remedy = f"give {value:.0f}" if isinstance(value, Real) and float(value).is_integer() else "give one"
        raise BadRequest(f"{name} {value!r} is no whole number: {remedy}") from None


def check_span(before: int, after: int) -> None:
    """Raise where a window has no period before its event, or none from it on.

    >>> check_span(3, 1)
    """
    if min(whole("periods before", before), whole("periods after", after)) < 1:
        raise BadRequest(f"a window of {before} periods before and {after} from the event on: give 1 or more of each")


def numbers(values: ArrayLike) -> Array:
    """Values as floats, of a size that can be reckoned with; what is missing stays so.

    >>> numbers([1, None])
    array([ 1., nan])
    """
    try:
        y = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as fault:
        raise BadRequest(
            f"the outcome cannot be read as numbers ({fault}): give numbers with a decimal point, in rows of equal "
            "length, and NaN where one is missing"
        ) from None
    largest = float(np.abs(y[np.isfinite(y)]).max(initial=0.0))
    if largest > _LARGEST or 0 < largest < _SMALLEST:
        raise BadRequest(f"values of a size up to {largest:.3g}: give the outcome in another unit")
    return y


def finite_series(values: ArrayLike) -> Array:
    """One series as floats, shape (time,); raise where a period is missing.

    Raises
    ------
    NotEnoughData
        A value is NaN or infinite.
    BadRequest
        Not numbers, not one series, or in a unit so large or small that sums of powers are no numbers.

    >>> finite_series([1, 2])
    array([1., 2.])
    """
    y = numbers(values)
    if y.ndim != 1:
        raise BadRequest(f"values of shape {y.shape}: give one series, shape (time,)")
    missing = np.flatnonzero(~np.isfinite(y))
    if missing.size:
        raise NotEnoughData(
            f"period {missing[0]} of 0 to {len(y) - 1} is missing, {missing.size} in all: give a series without holes "
            "(a longer period for each value, or a later beginning)"
        )
    return y


def finite_table(values: ArrayLike) -> Array:
    """A table as floats, shape (unit, time), with NaN for whatever is not finite; errors as `finite_series`.

    >>> finite_table([[1, np.inf], [2, 3]])
    array([[ 1., nan],
           [ 2.,  3.]])
    """
    y = numbers(values)
    if y.ndim != 2:
        raise BadRequest(f"outcome of shape {y.shape}: give one row for each unit, shape (unit, time)")
    return np.where(np.isfinite(y), y, np.nan)


def check_noise(y: Array, season: int | None = None) -> None:
    """Raise where a series, shape (time,), is a straight line and a season, so that nothing could be judged by it.

    >>> check_noise(np.array([1.0, 3.0, 2.0]))
    """
    if straight(y, season) == len(y):
        beside = "" if season is None else ", but for its season"
        raise NotEnoughData(
            f"the outcome before the activity is constant or a straight line{beside}: there is no noise against which "
            "to judge what followed"
        )


def straight(y: Array, season: int | None = None) -> int:
    """How many periods from the first on a line, and a mean for each place in the season, fit but for rounding.

    >>> straight(np.array([0.0, 1.0, 2.0, 3.0, 5.0, 7.0]))
    4
    >>> straight(np.array([0.0, 5.0, 1.0, 6.0, 2.0, 9.0]), 2)
    5
    """
    lag = season or 1
    if len(y) <= lag:
        return len(y)
    bends = np.abs(np.diff(y[lag:] - y[:-lag])) > _ROUNDING * np.abs(y).max(initial=0.0)
    return int(bends.argmax()) + lag + 1 if bends.any() else len(y)


def split(outcome: ArrayLike, start: int, window: int | None) -> tuple[Array, Array]:
    """Periods before an activity, and those of the window; errors as `gap` says.

    >>> split([1.0, 2.0, 3.0, np.nan], 1, 2)
    (array([1.]), array([2., 3.]))
    """
    y = numbers(outcome)
    if y.ndim != 1:
        raise BadRequest(f"outcome of shape {y.shape}: give one series, shape (time,)")
    begin = whole("start", start)
    if not 0 < begin < len(y):
        raise BadRequest(f"start {start}: the series has periods 0 to {len(y) - 1}, and one at least must come before")
    k = len(y) - begin if window is None else whole("window", window)
    if not 1 <= k <= len(y) - begin:
        raise BadRequest(f"window of {k} periods from {start}: the series has {len(y) - begin} from there on")
    known = finite_series(y[: begin + k])
    return known[:begin], known[begin:]


def check_window(n_pre: int, window: int, level: float, *, fewest: int) -> None:
    """Raise where a window is empty, a level no share, or fewer periods than ``fewest`` come before.

    >>> check_window(30, 3, 0.95, fewest=20)
    """
    check_share("level", level)
    if whole("window", window) < 1:
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

    >>> check_placebos(29, 3, 0.95, fewest=8)
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
