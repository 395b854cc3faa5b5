"""From a user's table to the panel an index is built on: denominators, directions, screening."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest, BadTable, UnknownName
from softpower.index import screen
from softpower.index.model import Indicator, Model
from softpower.index.names import nearest
from softpower.index.panel import CellStatus, Panel
from softpower.index.series import log_offset, slope, transform
from softpower.index.table import LARGEST, Sheet, Table

Array = NDArray[np.float64]

# Digits a quotient is rounded to: 0.1 x / x is then one number whatever x, and equal shares are equal.
DIGITS = 14


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
        A denominator is zero or negative, a standard error is negative or missing, or a value is negative whose
        logarithm is asked for.
    UnknownName
        [screening] names a unit that the table does not have.
    """
    _check_named(model, table)
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
            error = _errors(table, indicator, np.isfinite(raw[:, :, k]), size)
            se[:, :, k] = error * slope(raw[:, :, k], indicator, offset)
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


def _check_named(model: Model, table: Table) -> None:
    """Refuse units that [screening] names and the table does not have, or names twice."""
    rule = model.screening
    for key, named in (("keep", rule.keep), ("drop", rule.drop)):
        for unit in named:
            if unit not in table.units:
                where = f"{key} of [screening] in {model.file}, which are units of {table.file}"
                raise UnknownName(unit, nearest=nearest(unit, table.units), where=where)
    if both := sorted({*rule.keep} & {*rule.drop}):
        raise BadRequest(
            f"{model.file}, [screening]: {', '.join(both)} cannot both be kept and dropped: name each in one list"
        )


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


def _errors(table: Table, indicator: Indicator, known: NDArray[np.bool_], size: Array | float) -> Array:
    """Standard errors of the quotients, zero where there is no value; ``known`` and result of shape (year, unit)."""
    error = table.numbers[indicator.error]
    if (bad := error < 0).any():
        raise BadTable(
            f"{table.file}, column {indicator.error}: standard errors are not negative: {_cases(table, error, bad)}"
        )
    found: Array = np.where(known, error / size, np.nan)
    gaps, given = known & np.isnan(found), found[np.isfinite(found)]
    if gaps.any():
        # No error said is not an error of zero: such a value would look surer than all others.
        if indicator.missing_error == "refuse" or (indicator.missing_error != "exact" and not given.size):
            raise BadTable(
                f"{table.file}, column {indicator.error}: no standard error is given for values of {indicator.series}: "
                f"{_cases(table, table.numbers[indicator.series], gaps)}; write one, or say in the indicator's table "
                'missing_error = "largest" or "median" for that of the column, or "exact" if they have none'
            )
        fills = {"largest": 1.0, "median": 0.5}
        at = fills.get(indicator.missing_error)
        found = np.where(gaps, 0.0 if at is None else np.quantile(given, at), found)
    return np.nan_to_num(found)


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
    return found if isinstance(size, float) else _rounded(found)


def _rounded(x: Array) -> Array:
    """Cells to so many significant digits that a product divided by one of its factors is the other, in every row.

    >>> size = np.array([3.0, 5.0, 7.0])
    >>> np.unique(0.1 * size / size).size, np.unique(_rounded(0.1 * size / size)).size
    (2, 1)
    """
    with np.errstate(divide="ignore"):
        order = np.floor(np.log10(np.abs(x)))
    # Nothing to round in zeros, gaps, and what is so small that its digits are not all there.
    plain = np.isfinite(order) & (order > DIGITS - 300)
    unit = 10.0 ** (DIGITS - 1 - np.where(plain, order, 0.0))
    return np.where(plain, np.round(np.where(plain, x, 0.0) * unit) / unit, x)


def _context(model: Model, table: Table) -> Array:
    """Logarithms of size and wealth, shape (year, unit, 2); (year, unit, 0) where the model names neither."""
    if model.expectation is None:
        return np.empty((*table.present.shape, 0))
    columns = [table.numbers[name] for name in (model.expectation.size, model.expectation.wealth)]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack([np.log(np.where(each > 0, each, np.nan)) for each in columns], axis=-1)
