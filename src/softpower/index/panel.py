"""From observations to the array an index is built on: one value for each year, unit and indicator.

A value is the mean of a short window of years. Where the window is empty it is bridged between observations, carried
forward from the last one, or zero by declaration, in this order; else it is missing and left to
`softpower.index.impute`. Nothing is ever carried back. What each cell is stays written beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.index.model import Indicator, Model

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

# Observations further apart than this are not joined by a straight line.
WIDEST_BRIDGE = 10
# A one-off snapshot stands for years from just before it (the edition of a year is about the year before) to this
# many after.
VINTAGE_LEAD, VINTAGE_REACH = 1, 15
# Variance of a yearly change is estimated on changes over up to this many years.
LONGEST_CHANGE = 5
# Years in which fewer units were seen to change say nothing about the common change, nor fewer changes about drift.
FEWEST_UNITS, FEWEST_CHANGES = 3, 20


class Status(IntEnum):
    """What a cell is."""

    MISSING = 0
    OBSERVED = 1
    ESTIMATED = 2
    BRIDGED = 3
    CARRIED = 4
    ZERO = 5


@dataclass(frozen=True, slots=True)
class Panel:
    """Cells of a model, before normalisation.

    Attributes
    ----------
    units : ISO3 codes; years, indicators : the other two axes
    raw : array, shape (year, unit, indicator), in the published unit; NaN where missing
    value : same shape, transformed and directed: more is stronger
    se : standard error in the scale of ``value``: published error and drift since the last observation; zero where none
    latest : last observed year that entered a cell, 0 where none
    status : `Status` of each cell
    context : array, shape (year, unit, 2): logarithms of size and wealth, NaN where unknown
    """

    units: tuple[str, ...]
    years: tuple[int, ...]
    indicators: tuple[str, ...]
    raw: Array
    value: Array
    se: Array
    latest: Ints
    status: Ints
    context: Array

    @property
    def known(self) -> NDArray[np.bool_]:
        """Cells that hold something other than a guess; shape (year, unit, indicator)."""
        known: NDArray[np.bool_] = self.status != Status.MISSING
        return known

    def during(self, years: Sequence[int]) -> Panel:
        """The panel in some of its years."""
        rows = [self.years.index(year) for year in years]
        cut = {name: getattr(self, name)[rows] for name in ("raw", "value", "se", "latest", "status", "context")}
        return replace(self, years=tuple(years), **cut)

    def without(self, *indicators: str) -> Panel:
        """The panel less some indicators."""
        kept = [k for k, name in enumerate(self.indicators) if name not in indicators]
        cut = {name: getattr(self, name)[:, :, kept] for name in ("raw", "value", "se", "latest", "status")}
        return replace(self, indicators=tuple(self.indicators[k] for k in kept), **cut)


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


def _slope(value: Array, indicator: Indicator, offset: float) -> Array | float:
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


@dataclass(frozen=True, slots=True)
class _Cells:
    """One indicator in one year: arrays of shape (unit,). ``spread`` is error variance in years of drift."""

    raw: Array
    spread: Array
    se: Array
    latest: Ints
    status: Ints


def _cells(
    series: Series, bridged: Array, slack: Array, indicator: Indicator, year: int, zero: NDArray[np.bool_]
) -> _Cells:
    calendar = series.first + np.arange(series.value.shape[1])
    last = min(year, indicator.until)
    if indicator.vintage:
        inside = (calendar <= year + VINTAGE_LEAD) & (calendar >= year - VINTAGE_REACH)
        only_last = np.cumsum(np.isfinite(series.value[:, ::-1]) & inside[::-1], axis=1)[:, ::-1] == 1
        window = np.isfinite(series.value) & inside & only_last
    else:
        window = np.isfinite(series.value) & (calendar > last - indicator.window) & (calendar <= last)
    latest = np.where(window, calendar, 0).max(axis=1)
    status = np.where(latest > 0, Status.OBSERVED, Status.MISSING)
    status[(window & series.estimated).any(axis=1)] = Status.ESTIMATED
    raw = _mean(series.value, window)
    se = np.sqrt(_mean(series.se**2, window))
    spread = np.where(latest > 0, np.maximum(year - latest, 0), 0).astype(np.float64)
    se = np.nan_to_num(se)
    if not indicator.vintage:
        raw, spread, se, latest, status = _filled(
            _Cells(raw, spread, se, latest, status), series, bridged, slack, indicator, year
        )
    # Absence means none only in a year for which the source lists anyone at all.
    nothing = (status == Status.MISSING) & zero & (status != Status.MISSING).any()
    raw[nothing] = 0.0
    status[nothing] = Status.ZERO
    return _Cells(raw, spread, se, latest, status)


def _filled(
    cells: _Cells, series: Series, bridged: Array, slack: Array, indicator: Indicator, year: int
) -> tuple[Array, Array, Array, Ints, Ints]:
    """The cells with empty windows bridged between observations, or else carried forward from the last one."""
    raw, spread, se, latest, status = cells.raw, cells.spread, cells.se, cells.latest, cells.status
    calendar = series.first + np.arange(series.value.shape[1])
    last = min(year, indicator.until)
    # A bridged year inside the window smooths the entry of the next observation; alone, it stands in for one.
    lined = np.isfinite(bridged) & (calendar > last - indicator.window) & (calendar <= last)
    raw = np.where(lined.any(axis=1), _mean(bridged, lined), raw)
    only = (status == Status.MISSING) & lined.any(axis=1)
    status[only] = Status.BRIDGED
    latest = np.where(only, np.where(np.isfinite(series.value) & (calendar <= last), calendar, 0).max(axis=1), latest)
    spread = np.where(only, np.where(lined, slack, 0.0).max(axis=1), spread)

    past = np.isfinite(series.value) & (calendar <= last) & (calendar > last - indicator.max_age)
    final = np.where(past, calendar, 0).max(axis=1)
    carried = (status == Status.MISSING) & (final > 0)
    rows = np.flatnonzero(carried)
    raw[rows] = series.value[rows, final[rows] - series.first]
    se[rows] = series.se[rows, final[rows] - series.first]
    spread[rows] = year - final[rows]
    latest[rows] = final[rows]
    status[rows] = Status.CARRIED
    return raw, spread, se, latest, status


def _mean(value: Array, use: NDArray[np.bool_]) -> Array:
    """Mean over the used cells of each row; NaN where there is none."""
    count = use.sum(axis=1)
    total = np.where(use, np.nan_to_num(value), 0.0).sum(axis=1)
    mean: Array = np.divide(total, count, out=np.full(len(value), np.nan), where=count > 0)
    return mean


def assemble(
    model: Model,
    observations: pl.DataFrame,
    *,
    units: Sequence[str],
    years: Sequence[int],
    zeros: Mapping[str, Collection[str]],
) -> Panel:
    """The panel of a model.

    Parameters
    ----------
    observations : columns ``indicator, iso3, year, value, se, status``; one row per key
    units : ISO3 codes, in the order of the result
    years : years of the result
    zeros : series in which absence means zero, each with the units of which that is not known
    """
    shape = (len(years), len(units), len(model.indicators))
    raw, value, se = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape)
    latest, status = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    spread, drift, variance = np.zeros(shape), np.full(shape[2], np.nan), np.full(shape[2], np.nan)
    tables = {key: frame for (key,), frame in observations.partition_by("indicator", as_dict=True).items()}
    for k, indicator in enumerate(model.indicators.values()):
        series = read_series(tables.get(indicator.series, observations.clear()), units)
        offset = log_offset(series.value)
        series = series.until(indicator.until)
        annual = transform(series.value, indicator, offset)
        drift[k], variance[k] = yearly_variance(annual), np.nanvar(annual) if np.isfinite(annual).any() else np.nan
        bridged, slack = bridge(series.value)
        doubtful = zeros.get(indicator.series)
        zero = np.array([doubtful is not None and unit not in doubtful for unit in units])
        for t, year in enumerate(years):
            cells = _cells(series, bridged, slack, indicator, year, zero)
            raw[t, :, k], latest[t, :, k], status[t, :, k] = cells.raw, cells.latest, cells.status
            value[t, :, k] = transform(cells.raw, indicator, offset)
            se[t, :, k], spread[t, :, k] = cells.se * _slope(cells.raw, indicator, offset), cells.spread
    # A series seen once cannot show its drift: it is given the median drift of the others, in units of their variance.
    share = drift / variance
    typical = np.nanmedian(share) if np.isfinite(share).any() else 0.0
    drift = np.where(np.isfinite(drift), drift, typical * variance)
    se = np.where(status == Status.MISSING, 0.0, np.sqrt(se**2 + np.nan_to_num(drift * spread)))
    return Panel(
        units=tuple(units),
        years=tuple(years),
        indicators=tuple(model.indicators),
        raw=raw,
        value=value,
        se=np.where(status == Status.ZERO, 0.0, se),
        latest=latest,
        status=status,
        context=_context(model, tables, observations, units, years),
    )


def _context(
    model: Model,
    tables: Mapping[object, pl.DataFrame],
    observations: pl.DataFrame,
    units: Sequence[str],
    years: Sequence[int],
) -> Array:
    """Logarithms of size and wealth: three-year means, carried forward for up to fifteen years."""
    plain = Indicator(title="context", node="", series="", reason="context", max_age=15)
    context = np.full((len(years), len(units), 2), np.nan)
    for k, name in enumerate((model.expectation.size, model.expectation.wealth)):
        series = read_series(tables.get(name, observations.clear()), units)
        bridged, slack = bridge(series.value)
        for t, year in enumerate(years):
            cells = _cells(series, bridged, slack, plain, year, zero=np.zeros(len(units), dtype=bool))
            context[t, :, k] = np.log(np.where(cells.raw > 0, cells.raw, np.nan))
    return context
