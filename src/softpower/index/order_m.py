"""Partial frontiers: the best of m units drawn at random, instead of the best of all.

The question is no longer how far a unit is from the best there is, but how it would fare among m units, drawn at
random, that have no more than it has. One odd unit then counts only as often as it is drawn, the error does not grow
with the number of inputs and outputs, and a unit can be better than expected (efficiency above 1). With growing m the
free disposal hull comes back.

References
----------
Cazals, Florens, Simar (2002), Nonparametric frontier estimation: a robust approach, Journal of Econometrics 106.
Daraio, Simar (2005), Introducing environmental variables in nonparametric frontier models, Journal of Productivity
Analysis 24.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.errors import BadRequest
from softpower.index.decision_units import Names, checked, one_of
from softpower.index.envelope import ORIENTATIONS
from softpower.index.frontier import reach, rivals

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

# Cells of resamples held at a time: 16 MB.
HELD = 2_000_000


@dataclass(frozen=True, slots=True)
class OrderM:
    """How units fare against the expected best of m.

    Attributes
    ----------
    efficiency : share of the expected best that is reached, shape (unit,); above 1 better than the expected best
    factor : by which outputs could be multiplied (or inputs have to be) to match the expected best, shape (unit,)
    low, high : interval of the efficiency over resamples of the units, shape (unit,); NaN where no draws were asked for
    rivals : number of units, itself included, that the m are drawn from, shape (unit,); where it is 1, nothing has been
        compared
    m : number of units drawn
    level, draws, seed : of the interval
    orientation, names, cautions : as in `softpower.index.frontier.Frontier`
    """

    efficiency: Array
    factor: Array
    low: Array
    high: Array
    rivals: Ints
    m: int
    level: float
    draws: int
    seed: int
    orientation: str
    names: Names
    cautions: tuple[str, ...]


def order_m(
    inputs: ArrayLike,
    outputs: ArrayLike,
    *,
    m: int,
    orientation: str = "output",
    draws: int = 0,
    level: float = 0.9,
    seed: int = 0,
    names: Names | None = None,
) -> OrderM:
    """Efficiency against the expected best of m units that have no more (output) or achieve no less (input).

    The expectation is exact, not simulated: what counts of a drawn unit is one number, its `reach`, and the expected
    largest of m numbers drawn with replacement has a closed form.

    Parameters
    ----------
    inputs, outputs, orientation, names : as in `softpower.index.frontier.dea`
    m : how many units are drawn, 1 or more; a third of the units is a common first try
    draws : resamples of the units for the interval (order m estimates converge at the usual rate, so that the plain
        bootstrap holds); 0 for none
    level : of the interval
    seed : the same seed gives the same resamples

    >>> order_m([1.0, 1.0, 1.0], [1.0, 2.0, 4.0], m=1).factor.round(3).tolist()
    [2.333, 1.167, 0.583]
    >>> order_m([1.0, 1.0, 1.0], [1.0, 2.0, 4.0], m=1000).factor.round(3).tolist()
    [4.0, 2.0, 1.0]
    """
    one_of(orientation, ORIENTATIONS, "orientation")
    if m < 1:
        raise BadRequest(f"m must be 1 or more, not {m}")
    if not 0 < level < 1:
        raise BadRequest(f"level must lie between 0 and 1, not {level}")
    x, y, names = checked(inputs, outputs, names)
    among = rivals(x, y, orientation)
    # What counts of unit j is one number: by how much the outputs of unit k could grow to match it, or, with the sign
    # turned so that more is better, to what share its inputs could shrink.
    possible = reach(x, y, orientation)
    possible = possible if orientation == "output" else -1.0 / possible
    count = among.sum(axis=1)
    expected = np.abs(expected_largest(possible, among.astype(np.float64), m=m))
    low, high = _interval(possible, among, m, draws, level, seed)
    alone = [name for name, number in zip(names.units, count, strict=True) if number == 1]
    cautions = (f"nobody to be compared with but themselves: {', '.join(alone)}",) if alone else ()
    by_output = orientation == "output"
    return OrderM(
        efficiency=1.0 / expected if by_output else expected,
        factor=expected,
        low=1.0 / high if by_output else low,
        high=1.0 / low if by_output else high,
        rivals=count.astype(np.int64),
        m=m,
        level=level,
        draws=draws,
        seed=seed,
        orientation=orientation,
        names=names,
        cautions=cautions,
    )


def expected_largest(values: Array, weights: Array, *, m: int) -> Array:
    """Expected largest of m values drawn with replacement: ∑ v_i (F_i^m - F_i-1^m) over the values in order.

    Parameters
    ----------
    values : array, shape (unit, candidate)
    weights : how often each candidate is in the urn, shape (..., unit, candidate), zero or more
    m : number of draws, 1 or more

    Returns
    -------
    array, shape (..., unit); NaN where the urn is empty

    >>> expected_largest(np.array([[1.0, 3.0]]), np.array([[1.0, 1.0]]), m=2).tolist()
    [2.5]
    """
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    below = np.cumsum(np.take_along_axis(weights, np.broadcast_to(order, weights.shape), axis=-1), axis=-1)
    total = below[..., -1:]
    share = np.divide(below, total, out=np.full_like(below, np.nan), where=total > 0) ** m
    expected: Array = (ordered * np.diff(share, axis=-1, prepend=0.0)).sum(axis=-1)
    return expected


def output_factors(x: Array, y: Array, *, m: int, times: Array | None = None) -> Array:
    """Factors by which outputs could be multiplied to match the expected best of m, each draw among its own units.

    Parameters
    ----------
    x, y : shape (draw, unit, input) and (draw, unit, output), above zero
    times : how often each unit is in the urn, shape (draw, unit); by default once

    Returns
    -------
    array, shape (draw, unit); NaN where the urn holds nobody that has no more

    >>> output_factors(np.ones((1, 2, 1)), np.array([[[1.0], [3.0]]]), m=2).round(3).tolist()
    [[2.5, 0.833]]
    """
    factors = np.empty(x.shape[:2])
    for draw, (has, gets) in enumerate(zip(x, y, strict=True)):
        urn = np.ones(len(has)) if times is None else times[draw]
        if gets.shape[1] > 1:
            among = rivals(has, gets, "output") * urn
            factors[draw] = expected_largest(reach(has, gets, "output"), among, m=m)
            continue
        # Sorted by the output there is, all units see their rivals in the same order.
        order = np.argsort(gets[:, 0], kind="stable")
        among = (has[order][None, :, :] <= has[:, None, :]).all(axis=2) * urn[order]
        below = among.cumsum(axis=1)
        total = below[:, -1:]
        share = _power(np.divide(below, total, out=np.full_like(below, np.nan), where=total > 0), m)
        # The expectation by parts: less of the best output the fewer rivals come near it.
        best = gets[order[-1], 0] - share[:, :-1] @ np.diff(gets[order, 0])
        factors[draw] = np.where(total[:, 0] > 0, best, np.nan) / gets[:, 0]
    return factors


def _power(base: Array, exponent: int) -> Array:
    """A power by repeated squaring, several times faster than one for any exponent."""
    found = np.ones_like(base)
    while exponent:
        if exponent % 2:
            found *= base
        exponent //= 2
        if exponent:
            base = base * base
    return found


def _interval(
    possible: Array, among: NDArray[np.bool_], m: int, draws: int, level: float, seed: int
) -> tuple[Array, Array]:
    """Quantiles of the factor over resamples of the units; those that hold no rival of a unit are left aside for it."""
    units = len(possible)
    if draws < 1:
        return np.full(units, np.nan), np.full(units, np.nan)
    rng = np.random.default_rng(seed)
    again = np.empty((draws, units))
    size = max(1, HELD // units**2)
    for begin in range(0, draws, size):
        block = slice(begin, min(begin + size, draws))
        times = rng.multinomial(units, np.full(units, 1.0 / units), size=block.stop - begin)
        again[block] = np.abs(expected_largest(possible, times[:, None, :].astype(np.float64) * among, m=m))
    # A unit is drawn into some resample with certainty for all purposes; should it not be, its interval is NaN.
    held = np.isfinite(again).any(axis=0)
    low, high = np.full(units, np.nan), np.full(units, np.nan)
    tails = [(1 - level) / 2, (1 + level) / 2]
    low[held], high[held] = np.nanquantile(again[:, held], tails, axis=0)
    return low, high
