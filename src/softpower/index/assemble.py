"""From observations to a panel: what value stands for a year.

A value is the mean of a short window of observed years, which ends with the last one that a unit has. Where that lies
before the year's own window the value is carried forward, with an error that grows with its age; between two
observations it is bridged, where the source lists only those that have something it is zero by declaration, in this
order; else it is missing and left to `softpower.index.impute`. Nothing is ever carried back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.index.model import Indicator, Model
from softpower.index.panel import CellStatus, Panel
from softpower.index.series import Series, bridge, log_offset, read_series, slope, transform, yearly_variance

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

# A one-off snapshot stands for years from just before it (the edition of a year is about the year before) to this
# many after.
VINTAGE_LEAD, VINTAGE_REACH = 1, 15


@dataclass(frozen=True, slots=True)
class _Cells:
    """One indicator in one year: arrays of shape (unit,). ``spread`` is error variance in years of drift."""

    raw: Array
    spread: Array
    se: Array
    latest: Ints
    first: Ints
    count: Ints
    status: Ints


def _cells(series: Series, indicator: Indicator, year: int, *, smooth: bool) -> _Cells:
    """The cells of a year; ``smooth`` takes windows of the lines between observations, as a back-cast needs them."""
    calendar = series.first + np.arange(series.value.shape[1])
    observed = np.isfinite(series.value)
    if indicator.vintage:
        inside = observed & (calendar <= year + VINTAGE_LEAD) & (calendar >= year - VINTAGE_REACH)
        end = np.where(inside, calendar, 0).max(axis=1)
        window = inside & (calendar == end[:, None])
        status = np.where(end > 0, CellStatus.OBSERVED, CellStatus.MISSING)
        return _aged(_averaged(series, window, status, np.maximum(year - end, 0)), year, indicator.window)
    last = min(year, indicator.until)
    past = observed & (calendar <= last)
    end = np.where(past, calendar, 0).max(axis=1)
    # The age of the last value decides; the window before it may reach further back.
    end[end <= last - indicator.max_age] = 0
    window = past & (end[:, None] > 0) & (calendar > end[:, None] - indicator.window)
    fresh = end > last - indicator.window
    status = np.where(end == 0, CellStatus.MISSING, np.where(fresh, CellStatus.OBSERVED, CellStatus.CARRIED))
    status[fresh & (window & series.estimated).any(axis=1)] = CellStatus.ESTIMATED
    found = _averaged(series, window, status, year - end)
    return _aged(_bridged(found, series, indicator, last, smooth=smooth), year, indicator.window)


def _aged(cells: _Cells, year: int, window: int) -> _Cells:
    """The cells, those whose last value lies before the window of the year itself being carried forward to it: a series
    that ends early, or an edition that is old, is no news."""
    fresh = np.isin(cells.status, (CellStatus.OBSERVED, CellStatus.ESTIMATED))
    return replace(cells, status=np.where(fresh & (cells.latest <= year - window), CellStatus.CARRIED, cells.status))


def _averaged(series: Series, window: NDArray[np.bool_], status: Ints, age: Ints) -> _Cells:
    calendar = series.first + np.arange(series.value.shape[1])
    return _Cells(
        raw=_mean(series.value, window),
        spread=np.where(status == CellStatus.MISSING, 0, age).astype(np.float64),
        # Errors of one source persist: the mean of several years is hardly better known than one of them.
        se=np.nan_to_num(np.sqrt(_mean(series.se**2, window))),
        latest=np.where(window, calendar, 0).max(axis=1),
        first=np.where(window.any(axis=1), np.where(window, calendar, calendar[-1]).min(axis=1), 0),
        count=window.sum(axis=1),
        status=status,
    )


def _bridged(cells: _Cells, series: Series, indicator: Indicator, last: int, *, smooth: bool) -> _Cells:
    """The cells, those between two observations on the line that joins them."""
    calendar = series.first + np.arange(series.value.shape[1])
    line, slack = bridge(series.value)
    inside = np.isfinite(line) & (calendar > last - indicator.window) & (calendar <= last)
    only = inside.any(axis=1) & np.isin(cells.status, (CellStatus.MISSING, CellStatus.CARRIED))
    mixed = inside.sum(axis=1) > (inside & np.isfinite(series.value)).sum(axis=1)
    lined = only | (mixed if smooth else False)
    status = np.where(lined, CellStatus.BRIDGED, cells.status)
    before = np.where(np.isfinite(series.value) & (calendar <= last), calendar, 0).max(axis=1)
    return _Cells(
        raw=np.where(lined, _mean(line, inside), cells.raw),
        spread=np.where(only, np.where(inside, slack, 0.0).max(axis=1), cells.spread),
        se=np.where(only, 0.0, cells.se),
        latest=np.where(only, before, cells.latest),
        first=np.where(only, before, cells.first),
        count=cells.count,
        status=status,
    )


def _none(cells: _Cells, zero: NDArray[np.bool_]) -> _Cells:
    """The cells, absence being none where that is declared, in a year for which the source lists anyone at all."""
    nothing = (cells.status == CellStatus.MISSING) & zero & (cells.status != CellStatus.MISSING).any()
    return replace(
        cells, raw=np.where(nothing, 0.0, cells.raw), status=np.where(nothing, CellStatus.ZERO, cells.status)
    )


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
    latest, first, count, status = (np.zeros(shape, dtype=np.int64) for _ in range(4))
    spread, drift, variance = np.zeros(shape), np.full(shape[2], np.nan), np.full(shape[2], np.nan)
    tables = {key: frame for (key,), frame in observations.partition_by("indicator", as_dict=True).items()}
    for k, indicator in enumerate(model.indicators.values()):
        series = read_series(tables.get(indicator.series, observations.clear()), units)
        if indicator.denominator:
            size = read_series(tables.get(indicator.denominator, observations.clear()), units)
            series = series.over(size, indicator.per)
        offset = log_offset(series.value)
        series = series.until(indicator.until)
        annual = transform(series.value, indicator, offset)
        drift[k], variance[k] = yearly_variance(annual), np.nanvar(annual) if np.isfinite(annual).any() else np.nan
        doubtful = zeros.get(indicator.series)
        zero = np.array([doubtful is not None and unit not in doubtful for unit in units])
        for t, year in enumerate(years):
            cells = _none(_cells(series, indicator, year, smooth=model.trend is not None), zero)
            raw[t, :, k], latest[t, :, k], status[t, :, k] = cells.raw, cells.latest, cells.status
            first[t, :, k], count[t, :, k] = cells.first, cells.count
            value[t, :, k] = transform(cells.raw, indicator, offset)
            se[t, :, k], spread[t, :, k] = cells.se * slope(cells.raw, indicator, offset), cells.spread
    # A series seen once cannot show its drift: it is given the median drift of the others, in units of their variance.
    share = drift / variance
    typical = np.nanmedian(share) if np.isfinite(share).any() else 0.0
    drift = np.where(np.isfinite(drift), drift, typical * variance)
    se = np.where(status == CellStatus.MISSING, 0.0, np.sqrt(se**2 + np.nan_to_num(drift * spread)))
    return Panel(
        units=tuple(units),
        years=tuple(years),
        indicators=tuple(model.indicators),
        raw=raw,
        value=value,
        se=np.where(status == CellStatus.ZERO, 0.0, se),
        latest=latest,
        first=first,
        count=count,
        status=status,
        context=_context(model, tables, observations, units, years),
        alive=np.ones(shape[:2], dtype=bool),
    )


def _context(
    model: Model,
    tables: Mapping[object, pl.DataFrame],
    observations: pl.DataFrame,
    units: Sequence[str],
    years: Sequence[int],
) -> Array:
    """Logarithms of size and wealth: three-year means, carried forward for up to fifteen years."""
    if model.expectation is None:
        return np.empty((len(years), len(units), 0))
    plain = Indicator(title="context", node="", reason="context", max_age=15)
    context = np.full((len(years), len(units), 2), np.nan)
    for k, name in enumerate((model.expectation.size, model.expectation.wealth)):
        series = read_series(tables.get(name, observations.clear()), units)
        for t, year in enumerate(years):
            cells = _cells(series, plain, year, smooth=False)
            context[t, :, k] = np.log(np.where(cells.raw > 0, cells.raw, np.nan))
    return context
