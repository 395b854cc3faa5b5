"""A figure with its bounds and its interval, and the draws behind the interval.

**What an interval says.** A full count has no sampling error. The interval is that of the Bayesian bootstrap over
partners (Rubin 1981): it says how far a figure would move if the partners were another draw of the same kind, and so
how much it rests on a few of them. It is no error of measurement.

Percentiles of few draws are too narrow, and a country's ties mostly sit with few partners however many there are.
Intervals are therefore expanded as Hesterberg (2015) does, with the effective number of partners (Kish
1965) in place of their number. Where one partner has most of what there is even that is too narrow, since nothing in
the data shows how large the largest could have been: docs/methods.md has how often intervals hold the truth of
simulated worlds.

References
----------
Hesterberg (2015), What teachers should know about the bootstrap, The American Statistician 69(4).
Kish (1965), Survey Sampling.
Rubin (1981), The Bayesian bootstrap, Annals of Statistics 9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEVEL: Final = 0.9


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, or the bounds of one where partners are not named, with its interval.

    Attributes
    ----------
    least, most : between them it lies for certain; equal where every partner is named
    low, high : interval, from the low end under ``least`` to the high end under ``most``; it always reaches to both.
        NaN where there is none: it needs two partners that could have been others
    behind : how many partners of equal size would make the figure as unsure as it is (`effective_number`); NaN
        where there is no interval
    """

    least: Array
    most: Array
    low: Array
    high: Array
    behind: Array


def draw_weights(partners: int, draws: int, seed: int, *, fixed: Flags | None = None) -> Array:
    """Weights of the Bayesian bootstrap: exponential, with mean 1 in each draw.

    Parameters
    ----------
    fixed : array, shape (partner,): weight 1 in every draw; the mean of the others is then 1

    Returns
    -------
    array, shape (draw, partner), positive; the same seed gives the same draws whoever is fixed
    """
    weight = np.random.default_rng(seed).exponential(size=(draws, partners))
    free = np.ones(partners, dtype=bool) if fixed is None else ~fixed
    if free.any():
        weight /= weight[:, free].mean(axis=1, keepdims=True)
    weight[:, ~free] = 1.0
    return weight


def effective_number(value: Array) -> Array:
    """How many partners of equal size would make a sum as unsure as these do: (sum of v) ** 2 / sum of v ** 2.

    Parameters
    ----------
    value : array, shape (..., partner), NaN unknown

    Returns
    -------
    array, shape (...); NaN where there is nothing

    >>> effective_number(np.array([[1.0, 1.0, 1.0], [98.0, 1.0, 1.0]])).round(2).tolist()
    [3.0, 1.04]
    """
    known = np.nan_to_num(value)
    squares = (known**2).sum(axis=-1)
    return np.asarray(known.sum(axis=-1) ** 2 / np.where(squares > 0, squares, np.nan))


def figure(bounds: tuple[Array, Array], draws: tuple[Array, Array], behind: Array, *, level: float = LEVEL) -> Figure:
    """A figure from its bounds, shape (...), and draws of them, shape (draw, ...).

    Parameters
    ----------
    behind : array, shape (...): effective number of the partners drawn; NaN where there can be no interval
    """
    least, most = (np.asarray(bound) for bound in bounds)
    tail = expanded_tail(behind, level)
    low = np.minimum(_quantile(draws[0], tail), least)
    high = np.where(np.isposinf(most), np.inf, np.maximum(_quantile(draws[1], 1 - tail), most))
    some = ~np.isnan(behind)
    return Figure(
        least=least,
        most=most,
        low=np.where(some, low, np.nan),
        high=np.where(some, high, np.nan),
        behind=np.asarray(behind),
    )


def turned(found: Figure, by: Callable[[Array], Array]) -> Figure:
    """A figure put through a falling function."""
    return Figure(
        least=np.asarray(by(found.most)),
        most=np.asarray(by(found.least)),
        low=np.asarray(by(found.high)),
        high=np.asarray(by(found.low)),
        behind=found.behind,
    )


def expanded_tail(behind: Array, level: float) -> Array:
    """Share of draws to leave out below and above, so that the interval has the width that so few partners call for.

    With n of them the normal deviate z of the level becomes sqrt(n / (n - 1)) times Student's of n - 1 degrees of
    freedom; fewer than two are taken for two.

    >>> expanded_tail(np.array([4.0, 30.0, 1e9]), 0.9).round(3).tolist()
    [0.003, 0.042, 0.05]
    """
    from scipy.special import ndtr, stdtrit

    n = np.maximum(np.nan_to_num(behind, nan=2.0), 2.0)
    return np.asarray(ndtr(-np.sqrt(n / (n - 1)) * stdtrit(n - 1, (1 + level) / 2)))


def check_draws(draws: int, level: float) -> None:
    """Refuse a number of draws or a level that no interval can have."""
    if draws < 1:
        raise BadRequest(f"draws must be 1 or more, not {draws}")
    if not 0 < level < 1:
        raise BadRequest(f"level must lie between 0 and 1, not {level:g}")


def tails(level: float) -> tuple[float, float]:
    """Shares of draws below the two ends of an interval."""
    return (1 - level) / 2, (1 + level) / 2


def _quantile(draws: Array, share: Array) -> Array:
    """The quantile of each column of draws at a share of its own, linear between draws."""
    rising = np.sort(draws, axis=0)
    place = np.broadcast_to(share * (len(draws) - 1), draws.shape[1:])
    below = np.floor(place).astype(np.int64)[None]
    lower = np.take_along_axis(rising, below, axis=0)[0]
    upper = np.take_along_axis(rising, np.minimum(below + 1, len(draws) - 1), axis=0)[0]
    part = place - below[0]
    with np.errstate(invalid="ignore"):  # between infinite draws
        return np.asarray(lower + part * (upper - lower))
