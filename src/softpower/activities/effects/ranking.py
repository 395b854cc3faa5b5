"""Placebo in time: how a statistic ranks among the same statistic at earlier dates, and what that could have shown."""

from __future__ import annotations

from math import ceil, floor
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEVEL: Final = 0.95
# The smallest detectable effect: seen with this power by a test of this size.
POWER: Final = 0.8
SIZE: Final = 0.05
# Statistics that differ by less than this share of their spread are equal: rounding must not break a tie.
TIES: Final = 1e-6


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

    Placebos that fall short of it by less than `TIES` of their median size count as equal.

    >>> rank_p(-3.0, np.array([1.0, -2.0, 3.0]))
    0.5
    """
    sizes = np.abs(placebos)
    slack = TIES * float(np.median(sizes)) if sizes.size else 0.0
    return float((1 + np.sum(sizes >= abs(score) - slack)) / (1 + sizes.size))


def critical_value(placebos: Array, level: float) -> float:
    """Size beyond which a statistic has a `rank_p` of at most 1 - level; infinite where no size would do.

    >>> critical_value(np.arange(1.0, 20.0), 0.95)
    19.0
    """
    place = ceil(round(level * (len(placebos) + 1), 9))
    return float(np.sort(np.abs(placebos))[place - 1]) if place <= len(placebos) else np.inf
