"""Gaps between treated and comparison under many assignments, and what is read from them: before and after the start.

A gap that was there before the start, grew toward it, or jumped shortly before it, is no effect. All figures here are
worked out alike for the true assignment and for those in which nothing was done, to be ranked among each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.activities.effects.estimate import Estimate

Array = NDArray[np.float64]

# A gap before the start of this share of what comes after is none: weights are not found more exactly.
NOTHING = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """Gaps of some assignments, all with the same starts.

    Attributes
    ----------
    gap : treated less comparison, shape (assignment, start, time)
    pre : periods before each start
    shares : of each start in all treated cells, shape (start,), sum 1
    centred : whether gaps before the start are taken about their mean, as all methods do but synthetic control
    """

    gap: Array
    pre: tuple[int, ...]
    shares: Array
    centred: bool

    @property
    def att(self) -> Array:
        """Mean gap from the start on, shape (assignment,)."""
        return self._averaged([self._after(place).mean(axis=1) for place in range(len(self.pre))])

    @property
    def pre_rmspe(self) -> Array:
        """Root mean square gap before the start, shape (assignment,)."""
        squares = []
        for place in range(len(self.pre)):
            before = self._before(place)
            about = before.mean(axis=1, keepdims=True) if self.centred else 0.0
            squares.append(((before - about) ** 2).mean(axis=1))
        return np.sqrt(self._averaged(squares))

    @property
    def post_rmspe(self) -> Array:
        """Root mean square gap from the start on, shape (assignment,)."""
        return np.sqrt(self._averaged([(self._after(place) ** 2).mean(axis=1) for place in range(len(self.pre))]))

    @property
    def ratio(self) -> Array:
        """Gap from the start on over that before it, shape (assignment,)."""
        after = self.post_rmspe
        least = np.maximum(self.pre_rmspe, NOTHING * after)
        return np.divide(after, least, out=np.zeros(len(after)), where=least > 0)

    def steadiness(self, nothing: float) -> Array:
        """Estimate over the gap before the start, which counts as ``nothing`` at least, shape (assignment,)."""
        return self.att / np.maximum(self.pre_rmspe, nothing)

    @property
    def step(self) -> Array:
        """Largest step of the gap before the start, shape (assignment,), 0 or more: see `largest_step`."""
        return np.sqrt(self._averaged([largest_step(self._before(place)) ** 2 for place in range(len(self.pre))]))

    def since(self, periods: int) -> Array:
        """Mean gap from the start on less that of the last so many periods before it, shape (assignment,)."""
        return self._averaged(
            [
                self._after(place).mean(axis=1) - self._before(place)[:, -periods:].mean(axis=1)
                for place in range(len(self.pre))
            ]
        )

    def _before(self, place: int) -> Array:
        return self.gap[:, place, : self.pre[place]]

    def _after(self, place: int) -> Array:
        return self.gap[:, place, self.pre[place] :]

    def _averaged(self, by_start: Sequence[Array]) -> Array:
        return np.asarray(self.shares @ np.array(by_start))


def gaps(estimates: Sequence[Estimate]) -> Gaps:
    """Gaps of estimates by one method for the same starts, 1 or more.

    >>> from softpower.activities.effects.estimate import estimate
    >>> from softpower.activities.effects.panel import Panel
    >>> panel = Panel(np.array([[1.0, 3.0, 9.0], [1.0, 1.0, 1.0]]), np.array([2, 3]), ("A", "B"), (1, 2, 3))
    >>> found = gaps([estimate(panel, "did")])
    >>> found.att.tolist(), found.since(1).tolist(), found.pre_rmspe.tolist()
    ([7.0], [6.0], [1.0])
    """
    first = estimates[0]
    return Gaps(
        np.array([[fit.gap for fit in each.fits] for each in estimates]),
        tuple(fit.pre for fit in first.fits),
        first.shares,
        first.method != "sc",
    )


def largest_step(before: Array) -> Array:
    """How far a series moves from one level to another at the place where it does so most.

    Each place is tried: the mean from it on, less the mean before it, over the standard error that independent noise of
    variance 1 would give the difference. A trend has such a step in its middle.

    Parameters
    ----------
    before : shape (series, time)

    Returns
    -------
    array, shape (series,), 0 or more; 0 of a single period

    >>> largest_step(np.array([[0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 1.0, 1.0]])).tolist()
    [2.0, 0.0]
    """
    periods = before.shape[1]
    if periods < 2:
        return np.zeros(len(before))
    length = np.arange(1, periods)
    sums = np.cumsum(before, axis=1)
    early, late = sums[:, :-1] / length, (sums[:, -1:] - sums[:, :-1]) / (periods - length)
    return np.asarray((abs(late - early) * np.sqrt(length * (periods - length) / periods)).max(axis=1))
