"""Pooled inference over events: means of comparisons that share units, with errors robust to what is alike in these.

Each event is a unit against the mean of its controls. A unit takes part by its own events, and as a control of others;
its parts are added up before they are squared, so that any dependence within units is in the error. With few units the
distribution is Student's, with as many degrees of freedom as there are units with events less one, corrected for the
controls.

References
----------
Cameron & Miller (2015), A practitioner's guide to cluster-robust inference, Journal of Human Resources 50(2).
Welch (1947), The generalization of Student's problem, Biometrika 34.
Hotelling (1931), The generalization of Student's ratio, Annals of Mathematical Statistics 2(3) (the joint test).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from softpower.activities.effects.ranking import POWER

Array = NDArray[np.float64]

# A covariance whose parts differ by more than this share holds nothing but rounding in the least of them.
_ROUNDING: Final = 1e-12


def contrasts(before: int, after: int) -> Array:
    """Each period less the last before; in the last row the mean after less that before; (period + 1, period).

    >>> contrasts(1, 1).tolist()
    [[0.0, 0.0], [-1.0, 1.0], [-1.0, 1.0]]
    """
    paths = np.eye(before + after)
    paths[:, before - 1] -= 1
    average = np.concatenate([np.full(before, -1 / before), np.full(after, 1 / after)])
    return np.vstack([paths, average])


def leads(before: int, after: int, most: int) -> Array:
    """Periods before the last one before an event, less that one, joined to ``most`` means at most; (mean, period).

    >>> leads(4, 1, 2).tolist()
    [[0.5, 0.5, 0.0, -1.0, 0.0], [0.0, 0.0, 1.0, -1.0, 0.0]]
    """
    count = min(before - 1, most)
    rows = np.zeros((count, before + after))
    for row, part in enumerate(np.array_split(np.arange(before - 1), count) if count else []):
        rows[row, part] = 1 / len(part)
        rows[row, before - 1] = -1
    return rows


@dataclass(frozen=True, eq=False)
class Pooled:
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


def pool(values: Array, controls: NDArray[np.bool_], units: Sequence[int]) -> Pooled:
    """Mean over events of the difference between a unit and its controls.

    Parameters
    ----------
    values : array, shape (event, unit, contrast)
    controls : shape (event, unit), which units are controls of which event
    units : of each event
    """
    of = _parts(values, controls, units)
    by_own, by_others = np.sum(of.own**2, axis=0), np.sum(of.others**2, axis=0)
    # A unit can have an event, and be a control of earlier ones: its two parts then move against each other.
    variance = np.maximum(np.sum((of.own - of.others) ** 2, axis=0), by_own)
    return Pooled(of.mean, np.sqrt(variance), of.df(by_own, by_others))


def joint_p(values: Array, controls: NDArray[np.bool_], units: Sequence[int]) -> float:
    """Of no difference in any contrast, by Hotelling's T-squared with the degrees of freedom of `pool`.

    Parameters
    ----------
    values, controls, units : as `pool` takes them; fewer contrasts than units with events

    Returns
    -------
    float
        NaN where there is no contrast, or where some of them have no noise of their own.
    """
    from scipy.special import fdtrc

    count = values.shape[-1]
    if not count:
        return np.nan
    of = _parts(values, controls, units)
    both, own = of.own - of.others, of.own.T @ of.own
    covariance = both.T @ both
    if np.any(np.diag(covariance) < np.diag(own)):
        covariance = own
    if np.linalg.cond(covariance) > 1 / _ROUNDING:
        return np.nan
    df = float(of.df(np.trace(own), np.sum(of.others**2)))
    squared = float(of.mean @ np.linalg.solve(covariance, of.mean))
    left = df - count + 1
    return float(fdtrc(count, left, squared * left / (df * count))) if left > 0 else np.nan


@dataclass(frozen=True, eq=False)
class _Parts:
    """Means, and what units add to their errors by their own events and as controls; shape (unit, contrast)."""

    mean: Array
    own: Array
    others: Array
    groups: int
    shared: int

    def df(self, by_own: Any, by_others: Any) -> Array:
        """Welch's degrees of freedom of a sum of two variances."""
        with np.errstate(invalid="ignore", divide="ignore"):
            df = (by_own + by_others) ** 2 / (by_own**2 / (self.groups - 1) + by_others**2 / self.shared)
        return np.where(np.isfinite(df), df, self.groups - 1)


def _parts(values: Array, controls: NDArray[np.bool_], units: Sequence[int]) -> _Parts:
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
    shared = max(int((others != 0).any(axis=1).sum()) - 1, 1)
    return _Parts(mean, own, others, groups, shared)
