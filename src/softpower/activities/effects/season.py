"""Seasons: what comes back every year, quarter or week, as coefficients to be fitted beside a trend.

A season is a number of periods after which the same mean comes back: 12 for months, 4 for quarters, 7 for days. It is
never taken off beforehand, which would leave less noise in the periods it was estimated from than in those that follow:
each design fits its means together with everything else, from what was known by then.

References
----------
Hylleberg (1992), Modelling Seasonality, Oxford University Press, chapter 2: deterministic seasons by dummies.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from softpower.activities.effects.checks import whole
from softpower.errors import BadRequest, NotEnoughData

Array = NDArray[np.float64]

# Longer seasons have so many means that a few of them say nothing yet, and forecasts from every origin take minutes.
LONGEST: Final = 24
# Seasons that are looked for where none is given: quarters, days of a week, months.
USUAL: Final = (4, 7, 12)
# Share of series without a season in which one is seen, for each of the usual ones.
_SEEN: Final = 0.01
# Degrees of freedom that a look for a season takes.
_FREE: Final = 6


def terms(n: int, season: int | None) -> Array:
    """Which place in the season each of n periods has, against the last place; columns add up to 0 over a season.

    Parameters
    ----------
    n : periods
    season : periods after which the same mean comes back, or None

    Returns
    -------
    array, shape (n, season - 1), or (n, 0) where there is none

    >>> terms(3, 3).tolist()
    [[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]
    """
    if season is None:
        return np.zeros((n, 0))
    one = np.vstack([np.eye(season - 1), -np.ones(season - 1)])
    return one[np.arange(n) % season]


def check_season(season: int | None) -> int | None:
    """A season as a whole number; raise where it is none, or out of range.

    >>> check_season(12)
    12
    """
    if season is None:
        return None
    periods = whole("season", season)
    if not 2 <= periods <= LONGEST:
        raise BadRequest(
            f"season {periods}: give the number of periods after which it comes back, 2 to {LONGEST}, such as 12 for "
            "months, 4 for quarters, 7 for days; add weekly values up to months"
        )
    return periods


def seen(y: Array) -> int | None:
    """The usual season that stands out most, or None.

    Means by place in the season are added to a regression on a line and the two periods before, which takes persistence
    out; what they explain is judged by F at 1% for each season that leaves 6 degrees of freedom.

    Parameters
    ----------
    y : array, shape (time,), no NaN

    >>> months = np.arange(60)
    >>> noise = np.random.default_rng(7).normal(size=60)
    >>> seen(noise), seen(noise + 5 * (months % 12 == 6))
    (None, 12)
    """
    from scipy.special import fdtrc

    n = len(y) - 2
    if n < _FREE + 4 + min(USUAL) - 1:
        return None
    time = np.arange(n) - (n - 1) / 2
    past = (y - y.mean()) / max(float(y.std()), np.finfo(float).tiny)
    plain = np.column_stack([np.ones(n), time, past[1:-1], past[:-2]])
    without, found = squares_left(plain, past[2:]), {}
    for season in USUAL:
        free = n - 4 - (season - 1)
        if free >= _FREE:
            left = squares_left(np.column_stack([plain, terms(n, season)]), past[2:])
            f = (without - left) / (season - 1) / max(left / free, np.finfo(float).tiny)
            found[season] = float(fdtrc(season - 1, free, max(f, 0.0)))
    best = min(found, key=lambda season: found[season])
    return best if found[best] <= _SEEN else None


def refuse_season(y: Array, season: int | None) -> None:
    """Raise where no season is given and the periods before have one.

    Parameters
    ----------
    y : array, shape (time,), periods before
    season : as given
    """
    found = seen(y) if season is None else None
    if found:
        raise NotEnoughData(
            f"before the activity the outcome seems to have a season of {found} periods, and none was given: what "
            f"comes back in the window would be taken for a change. Give season={found}, or values freed of it."
        )


def squares_left(x: Array, y: Array) -> float:
    """What a regression leaves of y, as a sum of squares.

    >>> squares_left(np.ones((3, 1)), np.array([1.0, 2.0, 3.0]))
    2.0
    """
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(left @ left)
