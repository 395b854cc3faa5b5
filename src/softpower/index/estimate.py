"""Central values with their intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.index.expectation import departures, predict
from softpower.index.rank import Ranks, intervals_of_ranks

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Central value and interval of one number for each unit; arrays, shape (unit,).

    ``level`` is that of (low, high). ``up`` and ``down`` are the shares of replications above and below zero, which is
    what a difference is judged by: see `beyond`.
    """

    value: Array
    low: Array
    q25: Array
    q75: Array
    high: Array
    up: Array
    down: Array
    level: float

    def stacked(self) -> Array:
        """The seven numbers as rows, in the order of the fields."""
        return np.stack([self.value, self.low, self.q25, self.q75, self.high, self.up, self.down])

    @classmethod
    def unstacked(cls, rows: Array) -> Estimate:
        """What `stacked` gave, at the 90 % level."""
        value, low, q25, q75, high, up, down = rows
        return cls(value, low, q25, q75, high, up, down, level=0.9)


@dataclass(frozen=True, slots=True)
class Standing:
    """Central rank and interval of each unit; int arrays, shape (unit,); 1 is best.

    ``level`` is that of (low, high).
    """

    central: Ranks
    low: Ranks
    q25: Ranks
    q75: Ranks
    high: Ranks
    level: float

    def stacked(self) -> Ranks:
        """The five numbers as rows, in the order of the fields."""
        return np.stack([self.central, self.low, self.q25, self.q75, self.high])

    @classmethod
    def unstacked(cls, rows: Ranks) -> Standing:
        """What `stacked` gave, at the 90 % level."""
        return cls(rows[0], rows[1], rows[2], rows[3], rows[4], level=0.9)


def estimate(central: Array, draws: Array, *, level: float = 0.9) -> Estimate:
    """Central values with the interval of the draws, which always reaches to the central value.

    Parameters
    ----------
    central : array, shape (unit,)
    draws : array, shape (draw, unit)
    """
    tail = (1 - level) / 2
    low, q25, q75, high = np.quantile(draws, (tail, 0.25, 0.75, 1 - tail), axis=0)
    up, down = (draws > 0).mean(axis=0), (draws < 0).mean(axis=0)
    return Estimate(central, np.minimum(low, central), q25, q75, np.maximum(high, central), up, down, level)


def beyond(draws: int, *, share: float = 0.95) -> float:
    """Share of replications on one side of zero from which on a difference may be called clear.

    Where the true share is ``share``, that among so many replications is larger in one case of two, by the luck of the
    draw: another seed would then say otherwise. The bound leaves one case of twenty.

    >>> [round(beyond(draws), 3) for draws in (100, 1000, 10000)]
    [0.986, 0.961, 0.954]
    """
    return min(1.0, share + 1.645 * float(np.sqrt(share * (1 - share) / draws)))


def standing(central: Ranks, draws: Ranks, *, level: float = 0.9) -> Standing:
    """Central ranks with the interval of the drawn ones, which always reaches to the central rank.

    Parameters
    ----------
    central : array, shape (..., unit)
    draws : array, shape (draw, ..., unit)
    """
    found = intervals_of_ranks(draws, level=level)
    return Standing(
        central=central,
        low=np.minimum(found.low, central),
        q25=found.q25,
        q75=found.q75,
        high=np.maximum(found.high, central),
        level=level,
    )


def gap(potential: Array, performance: Array, rng: np.random.Generator) -> Array:
    """Performance minus what potential predicts from all other countries; arrays, shape (draw, unit)."""
    return departures(performance, predict(performance, potential[:, :, None]), rng)
