"""The imputation that a model's step asks for, from the plain functions of `softpower.index.fill`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softpower.index import fill
from softpower.index.model import Impute, Model
from softpower.index.panel import Panel
from softpower.index.series import yearly_variance

Array = NDArray[np.float64]


# Variance of the middle 96 % of normal changes, those that `yearly_variance` looks at, as a share of that of all.
MIDDLE = 0.79284


def over_time(panel: Panel, step: Impute) -> tuple[Array, Array]:
    """Cells of a panel with gaps filled from the unit's other years, and the errors of all; shapes (row, indicator).

    What a unit was in another year is known, what it is now is not: see `fill.errors` for what that adds to the errors
    of the cells that a filled one is taken from.
    """
    years = np.array(panel.years, dtype=np.float64)
    rows = len(years) * len(panel.units)
    if step.over_time == "none":
        return panel.value.reshape(rows, -1), panel.se.reshape(rows, -1)
    value, se = panel.value.copy(), panel.se.copy()
    drift = _drift(panel.value)
    for k in range(len(panel.indicators)):
        series = panel.value[:, :, k].T
        if step.over_time == "latest":
            filled = fill.latest(series, years, max_age=step.max_age)
        else:
            filled = getattr(fill, step.over_time)(series, years)
        gaps = np.isnan(series) & np.isfinite(filled.values) & panel.alive.T
        errors = fill.errors(filled, years, se=panel.se[:, :, k].T, drift=drift[k])
        value[:, :, k] = np.where(gaps, filled.values, series).T
        se[:, :, k] = np.where(gaps.T, errors.T, se[:, :, k])
    return value.reshape(rows, -1), se.reshape(rows, -1)


def _drift(value: Array) -> Array:
    """Variance that one year adds to each indicator, shape (indicator,); ``value`` of shape (year, unit, indicator).

    An indicator seen too seldom to show its drift is given the median drift of the others, in units of their variance,
    and none where no other shows any.
    """
    each = np.array([yearly_variance(value[:, :, k].T) for k in range(value.shape[2])]) / MIDDLE
    spread = np.array(
        [float(np.var(cells[np.isfinite(cells)])) if np.isfinite(cells).any() else 0.0 for cells in value.T]
    )
    shown = np.isfinite(each)
    told = shown & (spread > 0)
    typical = float(np.median(each[told] / spread[told])) if told.any() else 0.0
    drift: Array = np.where(shown, each, typical * spread)
    return drift


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
