"""From potential to performance: who gets most out of what they have.

The frontier is spanned by the units themselves; nobody has to say how much of an input an output should take. In return
every unit is seen in the best light there is, one odd unit can move the frontier, and with few units nearly all lie on
it: read the result beside `softpower.index.frontier_bootstrap`, `softpower.index.order_m` and
`softpower.index.stochastic_frontier`, and with the peers each unit was measured by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.errors import BadRequest
from softpower.index.decision_units import Names, checked, few_units, one_of
from softpower.index.envelope import ORIENTATIONS, RETURNS, directed, envelop

Array = NDArray[np.float64]

# A smaller part of the point that a unit is measured by is a rounding error.
LEAST_PART = 1e-9


@dataclass(frozen=True, slots=True)
class Peer:
    """A unit on the frontier that another one is measured by, and how much of it (λ) goes into the comparison."""

    unit: str
    intensity: float


@dataclass(frozen=True, slots=True)
class Frontier:
    """How far each unit is from the frontier, and who shows it.

    Attributes
    ----------
    efficiency : share of the inputs that would do for the outputs (input orientation), or share of the possible outputs
        that is reached (output orientation), shape (unit,); 1 is on the frontier, more than 1 (super-efficiency only)
        beyond that of the others, NaN where there is no comparison
    factor : Farrell's measure, by which inputs have to be multiplied (θ, the efficiency itself) or outputs could be
        (φ, its inverse) to reach the frontier, shape (unit,)
    intensity : row k holds the λ by which the units make up the point of the frontier that unit k is measured by, shape
        (unit, unit). Where several points would do, one of them
    feasible : False where no technology of the others allows a comparison (super-efficiency with variable returns)
    technology : "constant" or "variable" returns to scale, or "free disposal"
    orientation : "input" or "output"
    names : of units, inputs and outputs
    cautions : what to keep in mind when reading the result
    """

    efficiency: Array
    factor: Array
    intensity: Array
    feasible: NDArray[np.bool_]
    technology: str
    orientation: str
    names: Names
    cautions: tuple[str, ...]

    @property
    def peers(self) -> tuple[tuple[Peer, ...], ...]:
        """Of each unit, those it is measured by, the largest part first; itself where it is on the frontier."""
        return _peers(self.intensity, self.names)


def _peers(intensity: Array, names: Names) -> tuple[tuple[Peer, ...], ...]:
    found = []
    for row in np.nan_to_num(intensity):
        order = np.argsort(-row, kind="stable")
        found.append(tuple(Peer(names.units[j], float(row[j])) for j in order if row[j] > LEAST_PART * row.max()))
    return tuple(found)


def dea(
    inputs: ArrayLike,
    outputs: ArrayLike,
    *,
    returns: str = "variable",
    orientation: str = "output",
    names: Names | None = None,
) -> Frontier:
    """Data envelopment analysis: distance to the hull of all units.

    Parameters
    ----------
    inputs : array, shape (unit, input) or (unit,), any units of measurement, above zero
    outputs : array, shape (unit, output) or (unit,), above zero
    returns : "constant" (twice the inputs should give twice the outputs, which makes sense only where all columns have
        a natural zero, as money and people do, and scores do not) or "variable" (units are compared with
        mixtures of others of their own size)
    orientation : "output" (how much more could be achieved with the same inputs) or "input" (with how much less could
        the same be achieved)
    names : what units and columns are called

    Returns
    -------
    Frontier
        Efficiencies between 0 and 1, each proven to 1e-10.

    Raises
    ------
    BadRequest
        A cell is missing, infinite or not above zero.

    References
    ----------
    Farrell (1957), The measurement of productive efficiency, JRSS A 120.
    Charnes, Cooper, Rhodes (1978), EJOR 2 (constant returns); Banker, Charnes, Cooper (1984), Management Science 30
    (variable returns).

    >>> staff, sales = [2, 3, 3, 4, 5, 5, 6, 8], [1, 3, 2, 3, 4, 2, 3, 5]
    >>> shops = dea(staff, sales, returns="constant", names=Names(units="ABCDEFGH"))
    >>> shops.efficiency.round(3).tolist()
    [0.5, 1.0, 0.667, 0.75, 0.8, 0.4, 0.5, 0.625]
    >>> shops.peers[0][0].unit
    'B'
    """
    return _enveloped(inputs, outputs, returns, orientation, names, "with all")


def super_efficiency(
    inputs: ArrayLike,
    outputs: ArrayLike,
    *,
    returns: str = "constant",
    orientation: str = "output",
    names: Names | None = None,
) -> Frontier:
    """Distance of each unit to the hull of the others, which tells apart those that are on the frontier.

    Parameters as in `dea`. With variable returns, units at the edge (the smallest, those that achieve most of
    something) may have nobody to be compared with: they are not feasible, their efficiency is NaN, and a caution names
    them.

    References
    ----------
    Andersen, Petersen (1993), A procedure for ranking efficient units in data envelopment analysis, Management Science
    39. Seiford, Zhu (1999), Infeasibility of super-efficiency data envelopment analysis models, INFOR 37.

    >>> super_efficiency([1.0, 2.0, 4.0], [2.0, 2.0, 2.0]).efficiency.tolist()
    [2.0, 0.5, 0.25]
    """
    return _enveloped(inputs, outputs, returns, orientation, names, "with others")


def _enveloped(
    inputs: ArrayLike, outputs: ArrayLike, returns: str, orientation: str, names: Names | None, compared: str
) -> Frontier:
    one_of(returns, RETURNS, "returns")
    one_of(orientation, ORIENTATIONS, "orientation")
    x, y, names = checked(inputs, outputs, names)
    envelope = envelop(x, y, x[None], y[None], returns=returns, orientation=orientation, compared=compared)
    efficiency = envelope.efficiency[0]
    return _frontier(efficiency, envelope.intensity[0], np.isfinite(efficiency), returns, orientation, names)


def _frontier(
    efficiency: Array,
    intensity: Array,
    feasible: NDArray[np.bool_],
    technology: str,
    orientation: str,
    names: Names,
) -> Frontier:
    efficiency = np.where(feasible, efficiency, np.nan)
    cautions = few_units(len(efficiency), len(names.inputs), len(names.outputs))
    if not feasible.all():
        alone = ", ".join(name for name, fits in zip(names.units, feasible, strict=True) if not fits)
        cautions += (f"nobody to be compared with: {alone}",)
    return Frontier(
        efficiency=efficiency,
        factor=efficiency if orientation == "input" else 1.0 / efficiency,
        intensity=intensity,
        feasible=feasible,
        technology=technology,
        orientation=orientation,
        names=names,
        cautions=cautions,
    )


def fdh(inputs: ArrayLike, outputs: ArrayLike, *, orientation: str = "output", names: Names | None = None) -> Frontier:
    """Free disposal hull: each unit is compared with single others that have no more and achieve no less, not mixtures.

    Parameters as in `dea`. A unit without anyone who has no more of all inputs (output orientation), or achieves no
    less of all outputs (input orientation), counts as efficient.

    References
    ----------
    Deprins, Simar, Tulkens (1984), Measuring labor-efficiency in post offices, in Marchand, Pestieau, Tulkens (eds.),
    The Performance of Public Enterprises.

    >>> fdh([1.0, 2.0, 3.0], [2.0, 1.0, 3.0]).efficiency.tolist()
    [1.0, 0.5, 1.0]
    """
    one_of(orientation, ORIENTATIONS, "orientation")
    x, y, names = checked(inputs, outputs, names)
    rows = np.arange(len(x))
    ratio = np.where(rivals(x, y, orientation), reach(x, y, orientation), 0.0)
    best = ratio.argmax(axis=1)
    intensity = np.zeros((len(x), len(x)))
    intensity[rows, best] = 1.0
    efficiency = 1.0 / ratio[rows, best]
    return _frontier(efficiency, intensity, np.ones(len(x), dtype=bool), "free disposal", orientation, names)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """How much more of the outputs the frontier allows, in units of the outputs themselves.

    Attributes
    ----------
    distance : steps in the direction to the frontier, shape (unit,); 0 is on it
    direction : what a step adds to each output, shape (output,)
    intensity, names, cautions : as in `Frontier`
    """

    distance: Array
    direction: Array
    intensity: Array
    names: Names
    cautions: tuple[str, ...]

    @property
    def peers(self) -> tuple[tuple[Peer, ...], ...]:
        """Of each unit, those it is measured by, as in `Frontier`."""
        return _peers(self.intensity, self.names)


def directional_distance(
    inputs: ArrayLike, outputs: ArrayLike, *, direction: ArrayLike = 1.0, names: Names | None = None
) -> Shortfall:
    """How many steps each unit is short of the hull of all units, with no more inputs; variable returns.

    Nothing is divided by the outputs of the unit, so that the zero of a scale is of no consequence: inputs and outputs
    may be moved by any constant, and may be negative.

    Parameters
    ----------
    inputs : array, shape (unit, input) or (unit,), finite
    outputs : array, shape (unit, output) or (unit,), finite
    direction : what a step adds to each output, above zero: a number, or shape (output,)
    names : what units and columns are called

    Raises
    ------
    BadRequest
        A cell is missing or infinite; or the direction does not fit.

    References
    ----------
    Chambers, Chung, Färe (1998), Profit, directional distance functions, and Nerlovian efficiency, Journal of
    Optimization Theory and Applications 98. That variable returns make such models indifferent to a move of the data:
    Ali, Seiford (1990), Translation invariance in data envelopment analysis, Operations Research Letters 9; Lovell,
    Pastor (1995), Units invariant and translation invariant DEA models, Operations Research Letters 18.

    >>> directional_distance([1.0, 2.0, 3.0], [-1.0, -0.5, 1.0]).distance.tolist()
    [0.0, 0.5, 0.0]
    """
    x, y, names = checked(inputs, outputs, names, scale="interval")
    step = np.asarray(direction, dtype=np.float64)
    if step.ndim > 1 or step.size not in (1, y.shape[1]):
        raise BadRequest(f"direction must be a number or one for each of {y.shape[1]} outputs, not {step.tolist()}")
    if not (np.isfinite(step) & (step > 0)).all():
        raise BadRequest(f"direction must be above zero and finite, not {step.tolist()}")
    step = np.broadcast_to(step, y.shape[1:])
    distance, intensity = directed(x, y, x[None], y[None], direction=step)
    return Shortfall(distance[0], step, intensity[0], names, few_units(len(x), x.shape[1], y.shape[1]))


def rivals(x: Array, y: Array, orientation: str) -> NDArray[np.bool_]:
    """Whether unit j has no more than unit k (output orientation) or achieves no less (input), shape (k, j).

    >>> rivals(np.array([[1.0], [2.0]]), np.array([[1.0], [1.0]]), "output").tolist()
    [[True, False], [True, True]]
    """
    if orientation == "output":
        return np.asarray((x[None, :, :] <= x[:, None, :]).all(axis=2))
    return np.asarray((y[None, :, :] >= y[:, None, :]).all(axis=2))


def reach(x: Array, y: Array, orientation: str) -> Array:
    """How often the outputs of unit k go into those of unit j, or the inputs of j into those of k, shape (k, j).

    The least over outputs, or inputs: so many times more (or less) of all of them j shows to be possible.

    >>> reach(np.array([[1.0], [2.0]]), np.array([[1.0], [3.0]]), "output").tolist()
    [[1.0, 3.0], [0.3333333333333333, 1.0]]
    """
    if orientation == "output":
        return np.asarray((y[None, :, :] / y[:, None, :]).min(axis=2))
    return np.asarray((x[:, None, :] / x[None, :, :]).min(axis=2))


@dataclass(frozen=True, slots=True)
class Slacks:
    """What remains to be gained at the frontier: its parts that run straight along an axis are not the best there is.

    Attributes
    ----------
    inputs : what could still be saved, in the units of the inputs, shape (unit, input)
    outputs : what could still be added, in the units of the outputs, shape (unit, output)
    intensity : λ of the units that make up the point without slacks, shape (unit, unit)
    strongly_efficient : on the frontier, and without slacks
    """

    inputs: Array
    outputs: Array
    intensity: Array
    strongly_efficient: NDArray[np.bool_]


def slacks(inputs: ArrayLike, outputs: ArrayLike, frontier: Frontier) -> Slacks:
    """The largest slacks once a unit has been moved to the frontier by its factor.

    Slacks are added up as shares of the unit's own inputs and outputs, so that no unit of measurement matters.

    Parameters
    ----------
    inputs, outputs : as given to `dea`
    frontier : its result

    Raises
    ------
    BadRequest
        The frontier is not one of `dea`.

    References
    ----------
    Cooper, Seiford, Tone (2007), Data Envelopment Analysis, 2nd edition, chapter 3 (two phases).

    >>> x = [[4, 3], [7, 3], [8, 1], [4, 2], [2, 4], [10, 1]]
    >>> hotels = dea(x, np.ones(6), returns="constant", orientation="input")
    >>> slacks(x, np.ones(6), hotels).inputs[5].round(9).tolist(), hotels.efficiency[5].round(9).item()
    ([2.0, 0.0], 1.0)
    """
    from scipy.optimize import linprog

    one_of(frontier.technology, RETURNS, "the technology of the frontier")
    x, y, _ = checked(inputs, outputs, frontier.names)
    units, inputs_count = x.shape
    columns = inputs_count + y.shape[1]
    found = np.full((units, columns), np.nan)
    intensity = np.full((units, units), np.nan)
    objective = np.concatenate([np.zeros(units), -np.ones(columns)])
    for k in np.flatnonzero(frontier.feasible):
        own = np.concatenate([x[k], y[k]])
        rows = np.concatenate([x / x[k], -y / y[k]], axis=1).T
        moved = np.ones(columns)
        moved[inputs_count:] = -1.0
        if frontier.orientation == "input":
            moved[:inputs_count] = frontier.factor[k]
        else:
            moved[inputs_count:] = -frontier.factor[k]
        equal, side = np.concatenate([rows, np.eye(columns)], axis=1), moved
        if frontier.technology == "variable":
            equal = np.concatenate([equal, np.concatenate([np.ones(units), np.zeros(columns)])[None]])
            side = np.append(moved, 1.0)
        answer = linprog(objective, A_eq=equal, b_eq=side, bounds=(0, None), method="highs")
        if answer.status != 0:
            unit = frontier.names.units[int(k)]
            raise BadRequest(f"no slacks for {unit}: the frontier is not one of these inputs and outputs")
        intensity[k], share = answer.x[:units], answer.x[units:]
        found[k] = np.where(share > LEAST_PART, share, 0.0) * own
    strongly = (frontier.efficiency >= 1.0 - LEAST_PART) & (found == 0.0).all(axis=1)
    return Slacks(found[:, :inputs_count], found[:, inputs_count:], intensity, strongly)
