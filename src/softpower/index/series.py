"""One published series: a matrix of units and years, its scale, its drift, and the lines between its observations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.index.model import Indicator

Array = NDArray[np.float64]

# Observations further apart than this are not joined by a straight line.
WIDEST_BRIDGE = 10
# Years for which the last size of a country, such as its population, stands in for one not yet published.
OLDEST_SIZE = 5
# Variance of a yearly change is estimated on changes over up to this many years.
LONGEST_CHANGE = 5
# Years in which fewer units were seen to change say nothing about the common change, nor fewer changes about drift.
FEWEST_UNITS, FEWEST_CHANGES = 3, 20


@dataclass(frozen=True, slots=True)
class Series:
    """One series as a matrix, shape (unit, year): ``value`` and ``se``, NaN where absent; from year ``first``."""

    first: int
    value: Array
    se: Array
    estimated: NDArray[np.bool_]

    def until(self, last: int) -> Series:
        """The series as if nothing had been published after year ``last``."""
        late = self.first + np.arange(self.value.shape[1]) > last
        return replace(self, value=np.where(late, np.nan, self.value))

    def over(self, size: Series, per: float) -> Series:
        """The series per so many units of ``size``, year by year.

        A size lies on the line between two observations or is the last one for up to `OLDEST_SIZE` years; where there
        is none, or none above zero, the quotient is missing.
        """
        line, _ = bridge(size.value)
        years = self.first + np.arange(self.value.shape[1])
        known = np.full(self.value.shape, np.nan)
        for age in range(OLDEST_SIZE, -1, -1):  # the latest wins
            place = years - size.first - age
            inside = (place >= 0) & (place < line.shape[1])
            found = line[:, place[inside]]
            known[:, inside] = np.where(found > 0, found, known[:, inside])
        return replace(self, value=self.value * per / known, se=np.nan_to_num(self.se * per / known))


def read_series(frame: pl.DataFrame, units: Sequence[str]) -> Series:
    """The rows of one indicator, columns ``iso3, year, value, se, status``, as a matrix; other units are left out."""
    place = {iso3: number for number, iso3 in enumerate(units)}
    rows = frame.filter(pl.col("iso3").is_in(list(units)))
    if rows.is_empty():
        empty = np.full((len(units), 1), np.nan)
        return Series(0, empty, np.zeros_like(empty), np.zeros(empty.shape, dtype=bool))
    years = rows["year"].to_numpy().astype(np.int64)
    at = np.array([place[iso3] for iso3 in rows["iso3"]])
    first = int(years.min())
    shape = (len(units), int(years.max()) - first + 1)
    value, se, estimated = np.full(shape, np.nan), np.zeros(shape), np.zeros(shape, dtype=bool)
    value[at, years - first] = rows["value"].to_numpy()
    se[at, years - first] = rows["se"].fill_null(0.0).to_numpy()
    estimated[at, years - first] = (rows["status"] == "estimated").to_numpy()
    return Series(first, value, se, estimated)


def log_offset(value: Array) -> float:
    """The c of log(x + c): 10th percentile of all positive cells.

    Plain log1p of dollars makes the step from nothing to the first reported thousand as large as the one from there
    to a billion; an offset of the size of a small but real amount does not.
    """
    positive = value[np.isfinite(value) & (value > 0)]
    return float(np.quantile(positive, 0.1)) if positive.size else 1.0


def transform(value: Array, indicator: Indicator, offset: float) -> Array:
    """Logarithm where the model says so, then direction. Net totals below zero count as zero in a logarithm."""
    if indicator.transform == "log":
        value = np.log(np.maximum(value, 0.0) + offset)
    return indicator.direction * value


def slope(value: Array, indicator: Indicator, offset: float) -> Array | float:
    """What a small error is multiplied by when its value is transformed."""
    return 1 / (np.maximum(value, 0.0) + offset) if indicator.transform == "log" else 1.0


def yearly_variance(value: Array) -> float:
    """Variance that one year adds to where a unit stands relative to the others.

    Parameters
    ----------
    value : array, shape (unit, year), transformed, NaN where absent

    Returns
    -------
    float
        Mean over h = 1..5 of the variance of changes over h years, the mean change of each year taken out, divided by
        h. NaN where too few units were seen twice. The middle 96 % of the changes are used: breaks in a series are not
        drift.
    """
    found = []
    for step in range(1, min(LONGEST_CHANGE, value.shape[1] - 1) + 1):
        change = value[:, step:] - value[:, :-step]
        change = change[:, np.isfinite(change).sum(axis=0) >= FEWEST_UNITS]
        if np.isfinite(change).sum() < FEWEST_CHANGES:
            continue
        change = (change - np.nanmean(change, axis=0))[np.isfinite(change)]
        low, high = np.quantile(change, (0.02, 0.98))
        found.append(change[(change >= low) & (change <= high)].var() / step)
    return float(np.mean(found)) if found else float("nan")


def bridge(value: Array) -> tuple[Array, Array]:
    """Straight lines between the observations of each unit, at most ten years apart.

    Parameters
    ----------
    value : array, shape (unit, year), NaN where absent

    Returns
    -------
    array, array, both shape (unit, year)
        The values with the gaps bridged, and for bridged cells d1 * d2 / (d1 + d2), the variance in years of drift of a
        random walk tied down d1 years before and d2 years after; zero elsewhere.
    """
    full, slack = value.copy(), np.zeros_like(value)
    for unit in range(len(value)):
        seen = np.flatnonzero(np.isfinite(value[unit]))
        for before, after in pairwise(seen):
            gap = after - before
            if 1 < gap <= WIDEST_BRIDGE:
                inside = np.arange(before + 1, after)
                share = (inside - before) / gap
                full[unit, inside] = (1 - share) * value[unit, before] + share * value[unit, after]
                slack[unit, inside] = (inside - before) * (after - inside) / gap
    return full, slack
