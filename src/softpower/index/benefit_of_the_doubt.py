"""Weights that nobody chose: each unit is weighted as suits it best.

A unit's score is its weighted sum of indicators as a share of the best one that any unit reaches with the same weights;
among all weights the unit may have those that are kindest to it. Who is low even so cannot blame the weights. This is
data envelopment analysis with the indicators as outputs and one unit of input for everybody. Left free, weights may
leave out all a unit is bad at, and many units come out at 1: bounds on the shares, a preferred direction or panels of m
units put that right.

References
----------
Melyn, Moesen (1991), Towards a synthetic indicator of macroeconomic performance, KU Leuven.
Cherchye, Moesen, Rogge, Van Puyenbroeck (2007), An introduction to benefit of the doubt composite indicators, Social
Indicators Research 82.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.errors import BadRequest
from softpower.index.decision_units import Names, checked, few_units
from softpower.index.packing import Solution, maximise

Array = NDArray[np.float64]

# Bounds that leave less than this to choose leave nothing.
NOTHING = 1e-12
# Cells of programmes held at a time: 32 MB.
HELD = 4_000_000


@dataclass(frozen=True, slots=True)
class Doubt:
    """Scores, and the weights that are kindest to each unit.

    Attributes
    ----------
    score : share of the best that is reached, shape (unit,), above 0 and at most 1
    share : what part of the unit's weighted sum each indicator makes up, shape (unit, indicator), rows sum to 1. Where
        several weights are equally kind, one of them
    intensity : row k holds the part that each unit has in the point of the frontier that unit k is measured by, shape
        (unit, unit), rows sum to 1; its largest entries are the peers
    names : of units and indicators (``outputs``)
    cautions : what to keep in mind when reading the result
    """

    score: Array
    share: Array
    intensity: Array
    names: Names
    cautions: tuple[str, ...]


def benefit_of_the_doubt(indicators: ArrayLike, *, names: Names | None = None) -> Doubt:
    """Scores with free weights.

    Parameters
    ----------
    indicators : array, shape (unit, indicator), above zero, more is better; units of measurement do not matter
    names : of units, and of indicators as ``outputs``

    Raises
    ------
    BadRequest
        A cell is missing, infinite or not above zero.

    >>> benefit_of_the_doubt([[1.0, 4.0], [4.0, 1.0], [2.0, 2.0]]).score.round(9).tolist()
    [1.0, 1.0, 0.8]
    """
    y, names = _indicators(indicators, names)
    ratio = y[None] / y[:, None]
    solution = maximise(ratio, np.ones(ratio.shape[:2]), np.ones_like(y))
    return _doubt(solution, solution.x, names)


def share_bounded(indicators: ArrayLike, *, low: ArrayLike, high: ArrayLike, names: Names | None = None) -> Doubt:
    """Scores with weights under which no indicator makes up less or more of the unit's weighted sum than allowed.

    Parameters
    ----------
    indicators, names : as in `benefit_of_the_doubt`
    low, high : bounds of the shares, one for all indicators or one for each, shape (indicator,), between 0 and 1

    Raises
    ------
    BadRequest
        No shares keep the bounds and sum to 1; or a cell is missing, infinite or not above zero.

    References
    ----------
    Wong, Beasley (1990), Restricting weight flexibility in data envelopment analysis, JORS 41; Cherchye and others
    (2007) (pie shares).

    >>> share_bounded([[1.0, 4.0], [4.0, 1.0], [2.0, 2.0]], low=0.5, high=0.5).score.round(9).tolist()
    [0.470588235, 0.470588235, 0.8]
    """
    y, names = _indicators(indicators, names)
    floor, ceiling = _bounds(low, high, names)
    ratio = y[None] / y[:, None]
    rest = 1.0 - floor.sum()
    at_floor = ratio @ floor
    if rest < NOTHING:
        return _fixed(at_floor, floor / floor.sum(), names)
    # Prices are the floor plus what comes on top (q): the score is ∑q / rest, and p_r = q_r + floor_r ∑q / rest.
    units, indicators_count = y.shape
    top = (ceiling - floor) / rest
    capped = np.flatnonzero(top < 1.0)
    a = np.empty((units, units + capped.size, indicators_count))
    a[:, :units] = ratio + (at_floor / rest)[:, :, None]
    a[:, units:] = np.eye(indicators_count)[capped] - top[capped, None]
    b = np.zeros(a.shape[:2])
    b[:, :units] = 1.0
    solution = maximise(a, b, np.full_like(y, 1.0 / rest))
    return _doubt(solution, solution.x + floor * solution.value[:, None], names)


def _bounds(low: ArrayLike, high: ArrayLike, names: Names) -> tuple[Array, Array]:
    count = len(names.outputs)
    try:
        floor, ceiling = (np.broadcast_to(np.asarray(each, dtype=np.float64), (count,)) for each in (low, high))
    except ValueError as error:
        raise BadRequest(f"low and high must be one number or one for each of {count} indicators") from error
    for name, least, most in zip(names.outputs, floor, ceiling, strict=True):
        if not 0 <= least <= most <= 1:
            raise BadRequest(f"shares of {name} must lie between 0 and 1, low at most high, not {least:g} to {most:g}")
    if floor.sum() > 1 + NOTHING or ceiling.sum() < 1 - NOTHING:
        raise BadRequest(
            f"no shares keep the bounds: those of {count} indicator{'' if count == 1 else 's'} sum to "
            f"{floor.sum():g} at least and {ceiling.sum():g} at most, and must sum to 1"
        )
    return floor, ceiling


def _fixed(weighted: Array, share: Array, names: Names) -> Doubt:
    """The score where bounds leave no choice: one over the largest weighted ratio to another unit."""
    best = weighted.argmax(axis=1)
    intensity = np.zeros_like(weighted)
    intensity[np.arange(len(weighted)), best] = 1.0
    score = 1.0 / weighted.max(axis=1)
    cautions = few_units(len(weighted), 1, share.size)
    return Doubt(score, np.tile(share, (len(weighted), 1)), intensity, names, cautions)


def directional(indicators: ArrayLike, *, direction: ArrayLike, names: Names | None = None) -> Doubt:
    """Scores by how far a unit could move in a preferred direction.

    With β the largest step for which ``indicators + β direction`` is still possible, the score is 1 / (1 + β). A
    direction that asks more of one indicator than of others makes its shortfall harder to offset.

    Parameters
    ----------
    indicators, names : as in `benefit_of_the_doubt`
    direction : what one step adds, in the units of the indicators, shape (indicator,) or (unit, indicator), zero or
        more and not all zero. The unit's own values give the score of `benefit_of_the_doubt`; see `preferred_direction`

    Raises
    ------
    BadRequest
        The direction is negative, all zero or of another shape; or a cell is missing, infinite or not above zero.

    References
    ----------
    Fusco (2015), Enhancing non-compensatory composite indicators: a directional proposal, EJOR 242.

    >>> y = np.array([[1.0, 4.0], [4.0, 1.0], [2.0, 2.0]])
    >>> directional(y, direction=y).score.round(9).tolist()
    [1.0, 1.0, 0.8]
    >>> directional(y, direction=[1.0, 0.0]).score.round(9).tolist()
    [1.0, 1.0, 0.5]
    """
    y, names = _indicators(indicators, names)
    step = np.asarray(direction, dtype=np.float64)
    if step.shape not in (y.shape, y.shape[1:]):
        raise BadRequest(f"direction must have the shape {y.shape[1:]} or {y.shape}, not {step.shape}")
    step = np.broadcast_to(step, y.shape)
    if not np.isfinite(step).all() or (step < 0).any() or (step.max(axis=1) == 0).any():
        raise BadRequest("direction must be zero or more for every indicator, and above zero for one of them")
    step = step / y
    ratio = y[None] / y[:, None]
    solution = maximise(ratio - 1.0 + step[:, None], np.ones(ratio.shape[:2]), step)
    return _doubt(solution, solution.x, names)


def preferred_direction(indicators: ArrayLike, preference: ArrayLike) -> Array:
    """A direction for `directional`: growth of each indicator, relative to the unit's own value, as preferred.

    Parameters
    ----------
    indicators : array, shape (unit, indicator)
    preference : how much growth of each indicator is asked for beside that of the others, shape (indicator,), zero or
        more; equal preferences lead to `benefit_of_the_doubt`

    Returns
    -------
    array, shape (unit, indicator)

    >>> preferred_direction([[10.0, 20.0]], [3.0, 1.0]).tolist()
    [[15.0, 10.0]]
    """
    y = np.asarray(indicators, dtype=np.float64)
    wanted = np.asarray(preference, dtype=np.float64)
    if wanted.shape != y.shape[1:] or not np.isfinite(wanted).all() or (wanted < 0).any() or not wanted.any():
        raise BadRequest(f"preference must be {y.shape[1]} numbers, zero or more and not all zero, not {preference!r}")
    direction: Array = y * wanted / wanted.mean()
    return direction


def with_gaps(
    indicators: ArrayLike,
    *,
    low: ArrayLike = 0.0,
    high: ArrayLike = 1.0,
    prefer: ArrayLike | None = None,
) -> Array:
    """Scores of units some of whose cells are missing, each on the indicators it has.

    A unit is compared with those that have all indicators that it has. The share of a missing indicator goes to the
    others, and so bounds widen: those that remain may make up whatever share they could have made up of their own sum.

    Parameters
    ----------
    indicators : array, shape (unit, indicator), above zero, NaN where missing
    low, high : as in `share_bounded`; by default shares are free, as in `benefit_of_the_doubt`
    prefer : preference as in `preferred_direction`, for scores as in `directional`, which know no bounds

    Returns
    -------
    array, shape (unit,)
        Above 0 and at most 1; NaN for a unit without any indicator.

    >>> with_gaps([[1.0, 4.0], [4.0, 1.0], [2.0, np.nan]]).tolist()
    [1.0, 1.0, 0.5]
    """
    y = np.asarray(indicators, dtype=np.float64)
    floor, ceiling = (np.broadcast_to(np.asarray(each, dtype=np.float64), y.shape[1:]) for each in (low, high))
    known = ~np.isnan(y)
    score = np.full(len(y), np.nan)
    patterns, of = np.unique(known, axis=0, return_inverse=True)
    for number, has in enumerate(patterns):
        if not has.any():
            continue
        peers = np.flatnonzero(known[:, has].all(axis=1))
        table = y[np.ix_(peers, np.flatnonzero(has))]
        own = of.reshape(-1)[peers] == number
        if prefer is not None:
            wanted = np.asarray(prefer, dtype=np.float64)[has]
            wanted = wanted if wanted.any() else np.ones_like(wanted)  # nothing that is left is preferred
            found = directional(table, direction=preferred_direction(table, wanted))
        elif (floor == 0).all() and (ceiling == 1).all():
            found = benefit_of_the_doubt(table)
        else:
            least, most = floor[has] / (1 - floor[~has].sum()), np.ones(int(has.sum()))
            if ceiling[~has].sum() < 1 - NOTHING:
                most = np.minimum(ceiling[has] / (1 - ceiling[~has].sum()), 1.0)
            found = share_bounded(table, low=np.minimum(least, most), high=most)
        score[peers[own]] = found.score[own]
    return score


@dataclass(frozen=True, slots=True)
class RobustDoubt:
    """Scores against panels of m units drawn at random, shape (unit,).

    Attributes
    ----------
    score : mean over the panels; above 1 where a unit beats most panels whatever the weights
    low, high : between these lie the scores against the middle ``level`` of the panels
    simulation_error : standard error of the score that more draws would make smaller
    m, draws, level, seed : the panels can be drawn again
    names, cautions : as in `Doubt`
    """

    score: Array
    low: Array
    high: Array
    simulation_error: Array
    m: int
    draws: int
    level: float
    seed: int
    names: Names
    cautions: tuple[str, ...]


def against_m(
    indicators: ArrayLike,
    *,
    m: int,
    draws: int = 200,
    level: float = 0.9,
    seed: int = 0,
    names: Names | None = None,
) -> RobustDoubt:
    """Scores with free weights against m units drawn at random: one odd unit no longer sets the standard for all.

    Parameters
    ----------
    indicators, names : as in `benefit_of_the_doubt`
    m : units of a panel, drawn with replacement
    draws : number of panels, the same for all units
    level : share of panels between low and high
    seed : the same seed gives the same panels

    References
    ----------
    Vidoli, Mazziotta (2013), Robust weighted composite indicators by means of frontier methods with an application to
    European infrastructure endowment, Statistica Applicata 23; after Cazals, Florens, Simar (2002).

    >>> against_m([[1.0, 4.0], [4.0, 1.0], [2.0, 2.0]], m=60, draws=20).score.round(6).tolist()
    [1.0, 1.0, 0.8]
    """
    if m < 1 or draws < 1:
        raise BadRequest(f"m and draws must be 1 or more, not {m} and {draws}")
    if not 0 < level < 1:
        raise BadRequest(f"level must lie between 0 and 1, not {level}")
    y, names = _indicators(indicators, names)
    units, count = y.shape
    panels = np.random.default_rng(seed).integers(units, size=(draws, m))
    score = np.empty((draws, units))
    size = max(1, HELD // (units * m * count))
    for begin in range(0, draws, size):
        block = slice(begin, min(begin + size, draws))
        ratio = (y[panels[block]][:, None] / y[None, :, None]).reshape(-1, m, count)
        solution = maximise(ratio, np.ones(ratio.shape[:2]), np.ones((len(ratio), count)))
        score[block] = solution.value.reshape(-1, units)
    low, high = np.quantile(score, [(1 - level) / 2, (1 + level) / 2], axis=0)
    spread = score.std(axis=0, ddof=1) if draws > 1 else np.full(units, np.nan)
    return RobustDoubt(
        score=score.mean(axis=0),
        low=low,
        high=high,
        simulation_error=spread / np.sqrt(draws),
        m=m,
        draws=draws,
        level=level,
        seed=seed,
        names=names,
        cautions=few_units(units, 1, count),
    )


def _indicators(indicators: ArrayLike, names: Names | None) -> tuple[Array, Names]:
    y = np.asarray(indicators, dtype=np.float64)
    _, table, filled = checked(np.ones(len(y)) if y.ndim else y, y, names)
    if not names or not names.outputs:
        # Here columns are indicators, not outputs.
        numbered = tuple(f"indicator {number}" for number in range(1, table.shape[1] + 1))
        filled = Names(filled.units, filled.inputs, numbered)
    return table, filled


def _doubt(solution: Solution, weighted: Array, names: Names) -> Doubt:
    units, indicators = weighted.shape
    part = solution.multiplier[:, :units]
    return Doubt(
        score=solution.value,
        share=weighted / weighted.sum(axis=1, keepdims=True),
        intensity=part / part.sum(axis=1, keepdims=True),
        names=names,
        cautions=few_units(units, 1, indicators),
    )
