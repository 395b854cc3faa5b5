"""The imputation that a model's step asks for, from the plain functions of `softpower.index.fill`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softpower.index import fill
from softpower.index.model import Impute, Model
from softpower.index.panel import Panel
from softpower.index.series import yearly_variance

Array = NDArray[np.float64]


def over_time(panel: Panel, step: Impute) -> tuple[Array, Array]:
    """Cells of a panel with gaps filled from the unit's other years, and the error that adds; shapes (row, indicator).

    What a unit was in another year is known, what it is now is not: a carried value errs by the drift of its series
    times its age, a value on a line by that of a random walk tied down at both ends.
    """
    years = np.array(panel.years, dtype=np.float64)
    rows = len(years) * len(panel.units)
    if step.over_time == "none":
        return panel.value.reshape(rows, -1), panel.se.reshape(rows, -1)
    value, variance = panel.value.copy(), panel.se**2
    for k in range(len(panel.indicators)):
        series = panel.value[:, :, k].T
        if step.over_time == "latest":
            filled = fill.latest(series, years, max_age=step.max_age).values
        else:
            filled = getattr(fill, step.over_time)(series, years).values
        gaps = np.isnan(series) & np.isfinite(filled) & panel.alive.T
        drift = yearly_variance(series)
        value[:, :, k] = np.where(gaps, filled, series).T
        if np.isfinite(drift):
            variance[:, :, k] += np.where(gaps, drift * _slack(np.isfinite(series), years), 0.0).T
    return value.reshape(rows, -1), np.sqrt(variance).reshape(rows, -1)


def _slack(known: NDArray[np.bool_], years: Array) -> Array:
    """Years of drift in each cell, shape (unit, year): its distance to the known ones d1 years before and d2 after."""
    before = np.maximum.accumulate(np.where(known, years, -np.inf), axis=1)
    after = np.minimum.accumulate(np.where(known, years, np.inf)[:, ::-1], axis=1)[:, ::-1]
    past, future = years - before, after - years
    both = np.isfinite(past) & np.isfinite(future)
    total = np.where(both & (past + future > 0), past + future, 1.0)
    between = np.where(both, past, 0.0) * np.where(both, future, 0.0) / total
    alone = np.where(np.isfinite(past), past, np.where(np.isfinite(future), future, 0.0))
    slack: Array = np.where(both, between, alone)
    return slack


def across_units(model: Model, panel: Panel, step: Impute, base: Array) -> Array:
    """Cells with gaps filled from the other cells of the same year; ``base`` and result of shape (row, indicator)."""
    filled, units = base.copy(), len(panel.units)
    for t in range(len(panel.years)):
        rows = t * units + np.flatnonzero(panel.alive[t])
        cells = base[rows]
        if step.method in ("mean", "median"):
            found = getattr(fill, step.method)(cells)
        elif step.method in ("group_mean", "group_median"):
            labels = panel.labels[step.group][t, panel.alive[t]]
            found = getattr(fill, step.method)(cells, [label or None for label in labels.tolist()])
        else:
            pillars = [model.indicators[name].node for name in panel.indicators]
            found = fill.row_mean(cells, pillars)
        filled[rows] = found.values
    return filled
