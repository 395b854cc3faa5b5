"""From a cell to its place on the common scale: treatment, direction and normalisation of one indicator.

All parameters are taken once, from the cells of the central build. What is drawn anew is only moved through the fitted
map, so that a draw for one unit never moves the score of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest, SoftPowerError, UnknownName
from softpower.index import normalise, transform, treat
from softpower.index.model import Indicator, Model, Normalise, Treat
from softpower.index.names import nearest
from softpower.index.panel import Panel
from softpower.index.rank import NEAR

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
# Share of the range of an indicator within which ties are no loss to speak of.
BLUR = 1e-4
Map = Callable[[Array], Array]


class OffScale(BadRequest):
    """Cells left as they are lie outside the ``scale`` that they are said to be on: those of these ``rows``."""

    def __init__(self, title: str, scale: Sequence[float], rows: Ints) -> None:
        self.scale, self.rows = (scale[0], scale[1]), rows
        super().__init__(f"cells of {title} lie outside the scale from {scale[0]:g} to {scale[1]:g}")


@dataclass(frozen=True, slots=True)
class Scaler:
    """The map of one indicator under one treatment and one normalisation.

    Attributes
    ----------
    central : the central cells on the common scale, shape (row,), NaN where missing
    block : which of ``maps`` holds for each row, shape (row,): one for the whole panel, or one for each year
    maps : from directed cells to the common scale
    treated : treated central cells, directed, shape (row,)
    """

    central: Array
    block: Ints
    maps: tuple[Map, ...]
    treated: Array

    def of(self, values: Array, rows: Ints) -> Array:
        """Cells on the common scale; ``values`` of shape (draw, cell), ``rows`` (cell,) are their rows."""
        if len(self.maps) == 1:
            return self.maps[0](values)
        found = np.empty_like(values)
        for number in np.unique(self.block[rows]):
            here = self.block[rows] == number
            found[:, here] = self.maps[number](values[:, here])
        return found


@dataclass(frozen=True, slots=True)
class Treated:
    """An indicator after its treatment: ``maps`` of directed cells, as those of `Scaler`, and the ``cells``."""

    maps: tuple[Map, ...]
    cells: Array


def fit_treatment(
    indicator: Indicator, cells: Array, known: NDArray[np.bool_], year: Ints, treatment: Treat
) -> Treated:
    """Fit the treatment of an indicator, which is the same whatever its normalisation.

    Parameters
    ----------
    cells : directed central cells, shape (row,), NaN where missing
    known : cells that are more than a guess, shape (row,)
    year : place of each row's year, shape (row,)
    treatment : the model's step; an indicator's own goes before it
    """
    treatment = indicator.treat or treatment
    sign = indicator.direction
    cells = cells.copy()
    treated = np.full_like(cells, np.nan)
    first: list[Map] = []
    for rows in _blocks(year, treatment.pool):
        use = rows & np.isfinite(cells) & (known | (treatment.reference == "all"))
        if use.any() and normalise.is_constant(cells[use]):
            cells[use] = cells[use].min()  # a logarithm that starts at the smallest cell would blow up rounding errors
        first.append(_directed(_treatment(indicator, treatment, sign * cells[use]), sign))
        treated[rows] = first[-1](cells[rows])
    return Treated(tuple(first), treated)


def fit_scaler(
    indicator: Indicator,
    before: Treated,
    known: NDArray[np.bool_],
    year: Ints,
    scale: Normalise,
    units: Sequence[str],
) -> Scaler:
    """Fit the map of an indicator.

    Parameters
    ----------
    before : the indicator after its treatment, directed cells, NaN where missing
    known : cells that are more than a guess, shape (row,)
    year : place of each row's year, shape (row,)
    scale : the model's step; an indicator's own goes before it
    units : codes of the units of one year, in the order of the rows

    Raises
    ------
    OffScale
        Known cells that are left as they are lie outside the scale they are said to be on. Guesses and draws, which
        know nothing of its ends, are held at them.
    """
    scale = indicator.normalise or scale
    first, treated = before.maps, before.cells
    if scale.method == "none" and scale.scale is not None:
        outside = known & ((treated < scale.scale[0]) | (treated > scale.scale[1]))
        if outside.any():
            raise OffScale(indicator.title, scale.scale, np.flatnonzero(outside))
    second: list[Map] = []
    central = np.full_like(treated, np.nan)
    ruler = _ruler(scale, treated, units)
    # A unit is compared with another in its own year.
    pool = "year" if scale.method == "distance_to_reference" else scale.pool
    for rows in _blocks(year, pool):
        use = rows & np.isfinite(treated) & (known | (scale.reference == "all"))
        if not use.any():
            use = rows & np.isfinite(treated)
        second.append(_normaliser(indicator, scale, treated, use, ruler) if use.any() else _unknown)
        try:
            central[rows] = second[-1](treated[rows])
        except SoftPowerError as error:
            raise BadRequest(f"{indicator.title} cannot be normalised by {scale.method}: {error}") from error
    if len(first) == len(second) == 1:
        return Scaler(central, np.zeros_like(year), (_chain(first[0], second[0]),), treated)
    pairs = [(a, b) for a, b in zip(_all(first, year), _all(second, year), strict=True)]
    return Scaler(central, year, tuple(_chain(a, b) for a, b in pairs), treated)


def _blocks(year: Ints, pool: str) -> Iterator[NDArray[np.bool_]]:
    if pool == "panel":
        yield np.ones(len(year), dtype=bool)
        return
    for each in range(int(year.max()) + 1):
        yield year == each


def _all(maps: Sequence[Map], year: Ints) -> Sequence[Map]:
    return [*maps] * (int(year.max()) + 1) if len(maps) == 1 else maps


def _chain(first: Map, second: Map) -> Map:
    return lambda x: second(first(x))


def _treatment(indicator: Indicator, step: Treat, reference: Array) -> transform.Map:
    """The treatment of an indicator, fitted to its cells as published, shape (cell,)."""
    if step.method == "none" or not reference.size:
        return transform.Same()
    if step.method == "winsorise" and step.when == "always":
        raise BadRequest(f'{indicator.title}: winsorise asks the rule before each cell; leave out when = "always"')
    rule = transform.Rule(skew=step.skew, kurtosis=step.kurtosis)
    try:
        if step.method == "winsorise":
            second = partial(transform.fit, step.then, **_options(step.then, indicator, step))
            then = "none" if step.then == "none" else second
            return treat.fit_treatment(reference, most=step.most, second=then, rule=rule).map
        if step.when == "fails" and rule.check(reference).passes is not False:
            return transform.Same()
        return transform.fit(step.method, reference, **_options(step.method, indicator, step))
    except SoftPowerError as error:
        raise BadRequest(f"{indicator.title} cannot be treated by {step.method}: {error}") from error


def _options(method: str, indicator: Indicator, step: Treat) -> dict[str, Any]:
    """What a treatment is told besides the cells."""
    if method == "box_cox" and step.power is not None:
        return {"power": step.power}
    return {"direction": indicator.direction} if method == "log_gii" else {}


def _directed(fitted: transform.Map, sign: int) -> Map:
    """A treatment of cells as published, as one of directed cells."""
    if isinstance(fitted, transform.Same):
        return lambda x: x
    return lambda x: sign * fitted(sign * x)


def _ruler(step: Normalise, treated: Array, units: Sequence[str]) -> Array:
    """For each row the cell of the reference unit in its year; the cells themselves where none is asked for."""
    if step.method != "distance_to_reference":
        return treated
    if step.unit is None:
        raise BadRequest(
            "distance_to_reference needs the unit that others are compared with: write its code, such as "
            f'unit = "{units[0]}", one that has a value in every year and is never the weakest'
        )
    if step.unit not in units:
        raise UnknownName(step.unit, nearest=nearest(step.unit, units), where=f"the {len(units)} units of the data")
    own = treated[list(units).index(step.unit) :: len(units)]
    return np.repeat(own, len(units))


def _unknown(x: Array) -> Array:
    return np.full_like(x, np.nan)


def _normaliser(indicator: Indicator, step: Normalise, treated: Array, use: NDArray[np.bool_], ruler: Array) -> Map:
    """The normalisation of directed, treated cells; ``ruler`` are those of the unit that others are compared with."""
    reference = treated[use]
    given: dict[str, object] = {
        name: getattr(step, name)
        for name in ("clip", "mean", "sd", "ddof", "beyond")
        if getattr(step, name) is not None
    }
    if step.scale is not None:
        given["scale"] = (step.scale[0], step.scale[1])
    if step.method == "none":
        return partial(np.clip, a_min=step.scale[0], a_max=step.scale[1]) if step.scale else np.copy
    sign = indicator.direction
    if step.method in ("goalposts", "scaled"):
        given["low"], given["high"] = sorted(
            (sign * _given(indicator, step, "low"), sign * _given(indicator, step, "high"))
        )
    if step.method == "distance_to_target":
        given["target"] = sign * _given(indicator, step, "target")
        if step.low is not None:
            given["low"] = sign * step.low
    if step.method == "distance_to_reference":
        given["value"] = float(ruler[use][0]) if np.isfinite(ruler[use][:1]).any() else np.nan
    method = getattr(normalise, step.method)
    return lambda x: method(x, reference=reference, **given)


def _given(indicator: Indicator, step: Normalise, name: str) -> float:
    value = getattr(step, name)
    if value is None:
        raise BadRequest(f"{indicator.title}: {step.method} needs {name}; write it in the indicator's table normalise")
    return float(value)


def all_equal(model: Model, panel: Panel, *, file: str = "") -> Iterator[str]:
    """A line for each indicator whose known cells are all equal, so that it tells no unit from another.

    Parameters
    ----------
    file : the table that the columns are of; by default they are series of the bundled data
    """
    for name, indicator in model.indicators.items():
        k = panel.indicators.index(name)
        by_year = (indicator.normalise or model.normalise).pool == "year"
        for rows in [[t] for t in range(len(panel.years))] if by_year else [list(range(len(panel.years)))]:
            known = panel.known[rows, :, k]
            # Of one unit nothing can be told, whatever its cells.
            if (
                not known.any()
                or panel.alive[rows].sum() < 2
                or not normalise.is_constant(panel.value[rows, :, k][known])
            ):
                continue
            cells, count = panel.raw[rows, :, k][known], int(known.sum())
            of = f"column {indicator.series} of {file}" if file else f"series {indicator.series}"
            what = f"is {cells[0]:g}"
            if normalise.is_constant(cells) and np.ptp(cells) > 0:
                what += f" but for rounding (range {np.ptp(cells):.1g})"
            elif not normalise.is_constant(cells):
                what = f"is made one by transform {indicator.transform}, of {cells.min():g} to {cells.max():g},"
            where = "the one row that has a value" if count == 1 else f"all {count} rows that have a value"
            when = f" in {panel.years[rows[0]]}" if by_year and panel.years[rows[0]] else ""
            yield (
                f"{name} ({of}) {what} in {where}{when}: it tells no unit from another; leave it out of the model, or "
                "correct the column"
            )


def mixed_scales(model: Model) -> Iterator[str]:
    """A line where normalisations that are drawn put scores on different scales, and nothing puts them on one."""
    choices = [each for each in model.uncertainty.normalise if each.chance > 0]
    if model.scale is not None or not choices or all(each.normalise for each in model.indicators.values()):
        return
    scales = dict.fromkeys(_scale_of(each) for each in (model.normalise, *choices))
    if len(scales) > 1:
        yield (
            f"score intervals mix scales ({'; '.join(scales)}): read the ranks, which need no common one; for scores "
            "give normalise and all its alternatives one, such as scale = [0, 100], or the model a table [scale]"
        )


def blurred(scores: Mapping[str, Array], model: Model) -> Iterator[str]:
    """A line for each indicator whose cells on their scale differ in their last digits alone.

    Parameters
    ----------
    scores : central cells of indicators on their scale, shape (row,), NaN where missing
    """
    for name, cells in scores.items():
        known = cells[np.isfinite(cells)]
        if not known.size or np.ptp(known) == 0:
            continue
        size, apart = float(np.abs(known).max()), float(np.ptp(known))
        if NEAR * size > BLUR * apart:
            table = f"[indicators.{name}.normalise]" if model.indicators[name].normalise else "[normalise]"
            yield (
                f"{name}, {table}: scores of the size {size:.3g} that lie within {apart:.3g} of each other differ in "
                "their last digits alone, and units tie that are not equal: give a smaller mean, or another scale"
            )


def _scale_of(step: Normalise) -> str:
    """The scale of a normalisation, in words."""
    if step.scale is not None:
        return f"from {step.scale[0]:g} to {step.scale[1]:g}"
    if step.method == "zscore":
        mean, sd = (default if given is None else given for given, default in ((step.mean, 0.0), (step.sd, 1.0)))
        return f"mean {mean:g} and sd {sd:g}"
    own = {"rank": "places", "borda": "points of places", "none": "the cells' own"}
    return own.get(step.method, "from 0 to 100")
