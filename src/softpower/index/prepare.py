"""From a user's table to the panel an index is built on: denominators, directions, screening."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadTable
from softpower.index import screen
from softpower.index.model import Model
from softpower.index.panel import CellStatus, Panel
from softpower.index.series import log_offset, slope, transform
from softpower.index.table import LARGEST, Sheet, Table

Array = NDArray[np.float64]


def named_columns(model: Model) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns that a model reads as numbers, and as labels."""
    each = model.indicators.values()
    numbers = [
        *(one.series for one in each),
        *(one.denominator for one in each if one.denominator),
        *(one.error for one in each if one.error),
    ]
    if model.expectation:
        numbers += [model.expectation.size, model.expectation.wealth]
    groups = [step.group for step in (model.impute, *model.uncertainty.impute) if step.group]
    return tuple(dict.fromkeys(numbers)), tuple(dict.fromkeys(groups))


def read_columns(sheet: Sheet, model: Model) -> Table:
    """The cells of a table that a model asks for."""
    numbers, labels = named_columns(model)
    return sheet.read(numbers=numbers, labels=labels)


def prepare(model: Model, table: Table) -> Panel:
    """The panel of a table: denominated and directed, units with too little data out of it where the model says so.

    Raises
    ------
    BadTable
        A denominator is zero or negative, a standard error is negative, or a value is whose logarithm is asked for.
    UnknownName
        [screening] names a unit that the table does not have.
    """
    shape = (*table.present.shape, len(model.indicators))
    raw, value, se = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape)
    for k, indicator in enumerate(model.indicators.values()):
        size: Array | float = 1.0
        if indicator.denominator:
            size = _denominator(table, indicator.denominator) / indicator.per
        raw[:, :, k] = _quotient(table, indicator.series, size)
        if indicator.transform == "log" and indicator.below_zero == "refuse":
            _refuse_below_zero(table, indicator.series, raw[:, :, k])
        offset = log_offset(raw[:, :, k])
        value[:, :, k] = transform(raw[:, :, k], indicator, offset)
        if indicator.error:
            error = table.numbers[indicator.error]
            if (error < 0).any():
                raise BadTable(
                    f"{table.file}, column {indicator.error}: standard errors are not negative: {np.nanmin(error):g}"
                )
            se[:, :, k] = np.nan_to_num(error / size) * slope(raw[:, :, k], indicator, offset)
    panel = Panel.of(
        raw,
        value,
        units=table.units,
        years=table.years,
        indicators=tuple(model.indicators),
        se=se,
        context=_context(model, table),
        alive=table.present,
        names=table.names,
        labels=table.labels,
    )
    return screened(model, panel, panel.known) if model.screening.counts == "known" else panel


def passing(model: Model, panel: Panel, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Units with enough data in every top node, by year; shape (year, unit).

    Parameters
    ----------
    known : cells that count, shape (year, unit, indicator)
    """
    rule = model.screening
    kept = panel.alive.copy()
    for top in model.tops:
        columns = [panel.indicators.index(leaf) for leaf in model.leaves(top)]
        for t in range(len(panel.years)):
            cells = np.where(known[t][:, columns], np.nan_to_num(panel.raw[t][:, columns], nan=1.0), np.nan)
            found = screen.screen(
                cells,
                by="either" if rule.nonzero else "missing",
                least_available=max(rule.share - 1e-9, 0.0),
                least_nonzero=rule.nonzero,
                units=panel.units,
                keep=rule.keep,
                drop=rule.drop,
            )
            kept[t] &= found.kept
    return kept


def screened(model: Model, panel: Panel, known: NDArray[np.bool_]) -> Panel:
    """The panel less the data of units that fail, where the model's screening removes data."""
    if model.screening.removes != "data":
        return panel
    alive = passing(model.variant(), panel, known)
    gone = ~alive[:, :, None]
    return replace(
        panel,
        alive=alive,
        value=np.where(gone, np.nan, panel.value),
        se=np.where(gone, 0.0, panel.se),
        status=np.where(gone, CellStatus.MISSING, panel.status),
    )


def _denominator(table: Table, column: str) -> Array:
    size = table.numbers[column]
    if (bad := size <= 0).any():
        raise BadTable(
            f"{table.file}, column {column}: a denominator must be above zero; it is not for "
            f"{_cases(table, size, bad)}; correct it, or leave the cell empty"
        )
    return size


def _refuse_below_zero(table: Table, column: str, values: Array) -> None:
    """Refuse values that have no logarithm and would count as zero; shape (year, unit)."""
    if (bad := values < 0).any():
        raise BadTable(
            f"{table.file}, column {column}: there is no logarithm of what is below zero: "
            f'{_cases(table, values, bad)}; take transform = "level" and the treatment log_coin or log_signed, which '
            "measure from the smallest or largest value, or give the column as asinh of the values; "
            'below_zero = "zero" takes them for zero'
        )


def _cases(table: Table, values: Array, bad: NDArray[np.bool_]) -> str:
    """The first cells at fault with their units, years and values, and how many more there are."""
    found = np.argwhere(bad)
    cases = [
        f"{table.units[u]}{f' {table.years[t]}' if table.years[t] else ''} ({values[t, u]:g})" for t, u in found[:5]
    ]
    return ", ".join(cases) + (f" and {len(found) - 5} more" if len(found) > 5 else "")


def _quotient(table: Table, column: str, size: Array | float) -> Array:
    with np.errstate(over="ignore"):
        found: Array = table.numbers[column] / size
    if (beyond := np.abs(found) > LARGEST).any():
        t, u = np.argwhere(beyond)[0]
        raise BadTable(
            f"{table.file}, column {column}: divided by its denominator {table.units[u]} would be {found[t, u]:.3g}: "
            "look at the denominator, or give per"
        )
    return found


def _context(model: Model, table: Table) -> Array:
    """Logarithms of size and wealth, shape (year, unit, 2); (year, unit, 0) where the model names neither."""
    if model.expectation is None:
        return np.empty((*table.present.shape, 0))
    columns = [table.numbers[name] for name in (model.expectation.size, model.expectation.wealth)]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack([np.log(np.where(each > 0, each, np.nan)) for each in columns], axis=-1)
