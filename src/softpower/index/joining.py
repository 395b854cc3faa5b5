"""The aggregation that a model's step asks for, from the plain functions of `softpower.index.aggregate`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest
from softpower.index import aggregate, outrank
from softpower.index.model import Aggregate

Array = NDArray[np.float64]

# A score of zero may come out of sums this far below it.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Mean:
    """A quasi-arithmetic mean f^-1(sum of w f(x)): ``forward`` is f, applied to each part, ``back`` its inverse.

    It can be summed up part by part, without holding all parts of all replications at once.
    """

    forward: Callable[[Array], Array]
    back: Callable[[Array], Array]


def mean_of(step: Aggregate) -> Mean | None:
    """The quasi-arithmetic mean of a step, which can be summed up part by part; None where it is another function."""
    if step.method == "arithmetic":
        return Mean(lambda x: x, lambda x: x)
    if step.method == "geometric":
        return Mean(partial(_log, floor=step.floor), partial(_exp, floor=step.floor))
    power = {"harmonic": -1.0, "power": step.power}.get(step.method)
    if power is None:
        return None
    return _power(power)


def join(step: Aggregate, x: Array, shares: Array, *, years: int) -> Array:
    """Scores of a node by a function that needs all parts at once.

    Parameters
    ----------
    x : array, shape (draw, row, part), NaN where missing
    shares : array, shape (draw, part)
    years : number of years that the rows run through, unit by unit: units are compared within their year

    Returns
    -------
    array, shape (draw, row)
    """
    if step.method == "mazziotta_pareto":
        return aggregate.mazziotta_pareto(x, shares, penalty=step.penalty, min_known=step.known)
    if step.method == "owa":
        if len(step.order) != x.shape[2]:
            raise BadRequest(f"owa needs one weight for each of {x.shape[2]} places in order, not {len(step.order)}")
        return aggregate.owa(x, np.array(step.order), min_known=step.known)
    if step.method == "copeland":
        return _copeland(x, shares, years)
    raise BadRequest(f"no aggregation is called {step.method!r}")


def _copeland(x: Array, shares: Array, years: int) -> Array:
    """Share of the other units of the year that a unit beats by most of the weights, ties counting half, on 0-100."""
    scores = np.full(x.shape[:2], np.nan)
    units = x.shape[1] // years
    for year in range(years):
        rows = year * units + np.flatnonzero(np.isfinite(x[:, year * units : (year + 1) * units]).any(axis=(0, 2)))
        if rows.size == 1:
            scores[:, rows] = 50.0
        elif rows.size:
            same = bool((x[:, rows] == x[:1, rows]).all())
            table = x[0, rows] if same else x[:, rows]
            points = outrank.copeland(outrank.outranking(table, shares))
            scores[:, rows] = 50 * (1 + points / (rows.size - 1))
    return scores


def _log(x: Array, *, floor: float) -> Array:
    lowest = np.nanmin(x, initial=np.inf)
    if lowest < -ROUNDING or (lowest <= 0 and not floor):
        raise BadRequest(
            f"a geometric mean needs scores above zero, and the lowest is {lowest:.3g}: normalise to a scale that "
            "begins above zero, such as scale = [1, 100], or give the aggregation a floor"
        )
    return np.log(floor + (100.0 - floor) / 100.0 * np.maximum(x, 0.0) if floor else x)


def _exp(x: Array, *, floor: float) -> Array:
    back = np.exp(x)
    return (back - floor) * 100.0 / (100.0 - floor) if floor else back


def _power(power: float) -> Mean:
    if power == 0:
        return Mean(partial(_log, floor=0.0), partial(_exp, floor=0.0))
    return Mean(partial(_raise, power=power), lambda x: x ** (1 / power))


def _raise(x: Array, *, power: float) -> Array:
    lowest = np.nanmin(x, initial=np.inf)
    if lowest < -ROUNDING or (lowest <= 0 and power < 0):
        raise BadRequest(
            f"a power mean with power {power:g} needs scores {'of zero or more' if power > 0 else 'above zero'}, and "
            f"the lowest is {lowest:.3g}: normalise to a scale that begins above zero, such as scale = [1, 100]"
        )
    return np.maximum(x, 0.0) ** power
