"""The linear programmes of data envelopment analysis, written so that all of them can be solved at once.

A unit k is compared with the technology that its reference units span. Measured in its own inputs and outputs, so that
all x_k and y_k are one, each model is the packing of `softpower.index.packing` in prices v of inputs and u of outputs;
j runs through the reference units:

constant returns     max ∑u   where   u'y_j               ≤ v'x_j   for all j,   ∑v = 1
variable, input      max w    where   w + u'(y_j - 1)     ≤ v'x_j   for all j,   ∑v = 1
variable, output     max ∑u   where   u'y_j + v'(1 - x_j) ≤ 1       for all j

∑v = 1 takes out v_1. Each maximum is an efficiency: θ for inputs, 1/φ for outputs (with constant returns they are the
same). It grows without end exactly where the reference units cannot produce as much (input), or cannot get along with
as little (output), as unit k. The multipliers of the rows say how much of each reference unit the comparison takes.

References
----------
Charnes, Cooper, Rhodes (1978), Measuring the efficiency of decision making units, EJOR 2.
Banker, Charnes, Cooper (1984), Some models for estimating technical and scale inefficiencies in data envelopment
analysis, Management Science 30.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.index.packing import maximise

Array = NDArray[np.float64]

RETURNS = ("constant", "variable")
ORIENTATIONS = ("input", "output")

# A smaller share of the spread of the outputs is no distance from the frontier.
NO_STEP = 1e-10
# Cells of programmes held at a time: 32 MB.
HELD = 4_000_000


@dataclass(frozen=True, slots=True)
class Envelope:
    """How units stand to the technology of reference units.

    Attributes
    ----------
    efficiency : share of the inputs that would do, or share of the possible outputs that is reached, shape (draw,
        unit); infinite where the reference units allow no comparison
    intensity : how much of each reference unit goes into the point that the unit is measured by, shape (draw, unit,
        reference); NaN where there is no comparison
    """

    efficiency: Array
    intensity: Array


def envelop(
    x: Array,
    y: Array,
    x_reference: Array,
    y_reference: Array,
    *,
    returns: str,
    orientation: str,
    compared: str = "with all",
) -> Envelope:
    """Efficiency of each unit, and the reference units that show it.

    Parameters
    ----------
    x : inputs, shape (unit, input), or (draw, unit, input) where they too are other ones in each draw; above zero
    y : outputs, shape (unit, output) or (draw, unit, output), above zero
    x_reference, y_reference : the same of reference units, shape (draw, reference, input) and (draw, reference,
        output); each draw is another set of reference units
    returns : "constant" or "variable" returns to scale
    orientation : "input" or "output"
    compared : "with others" where unit k is not to be compared with reference unit k, else "with all"

    >>> x, y = np.array([[2.0], [4.0]]), np.array([[1.0], [1.0]])
    >>> envelop(x, y, x[None], y[None], returns="constant", orientation="input").efficiency.tolist()
    [[1.0, 0.5]]
    """
    draws, references = x_reference.shape[:2]
    x, y = (np.broadcast_to(each, (draws, *each.shape[-2:])) for each in (x, y))
    units = x.shape[1]
    efficiency = np.empty((draws, units))
    intensity = np.empty((draws, units, references))
    size = references * (x.shape[2] + y.shape[2])
    units_held = max(1, min(units, HELD // size))
    draws_held = max(1, HELD // (size * units_held))
    for first in range(0, units, units_held):
        some = slice(first, first + units_held)
        for begin in range(0, draws, draws_held):
            block = slice(begin, begin + draws_held)
            x_ratio = x_reference[block, None] / x[block, some, None]
            y_ratio = y_reference[block, None] / y[block, some, None]
            a, c = _programmes(x_ratio, y_ratio, returns, orientation)
            if compared == "with others":
                own = np.arange(a.shape[1])
                a[:, own, first + own] = 0.0  # the row stays, and says 0 ≤ 1
            solution = maximise(a.reshape(-1, *a.shape[2:]), np.ones((a.shape[0] * a.shape[1], a.shape[2])), c)
            value = solution.value.reshape(a.shape[:2])
            multiplier = solution.multiplier.reshape(a.shape[:3])[:, :, :references]
            efficiency[block, some] = value
            if (returns, orientation) != ("variable", "output"):
                multiplier = multiplier / x_ratio[..., 0]  # rows were divided by x_1
            intensity[block, some] = multiplier / value[:, :, None] if orientation == "output" else multiplier
    return Envelope(efficiency, intensity)


def efficiencies(
    x: Array, y: Array, x_reference: Array, y_reference: Array, *, returns: str, orientation: str
) -> Array:
    """Like `envelop`, the efficiency alone: with one input and one output by closed forms, without any programme.

    Returns
    -------
    array, shape (draw, unit); infinite where the reference units allow no comparison

    >>> x, y = np.array([[2.0], [4.0]]), np.array([[1.0], [1.0]])
    >>> efficiencies(x, y, x[None], y[None], returns="variable", orientation="input").tolist()
    [[1.0, 0.5]]
    """
    if x.shape[-1] > 1 or y.shape[-1] > 1:
        return envelop(x, y, x_reference, y_reference, returns=returns, orientation=orientation).efficiency
    x, y, x_reference, y_reference = (each[..., 0] for each in (x, y, x_reference, y_reference))
    if returns == "constant":
        return np.asarray((y / x) / (y_reference / x_reference).max(axis=-1, keepdims=True))
    if orientation == "output":
        reached = highest(x_reference, y_reference, x)
        return np.where(np.isfinite(reached), y / reached, np.inf)
    # The least input for an output is the highest that mirrored units reach.
    return np.asarray(-highest(-y_reference, -x_reference, -y) / x)


def highest(x: Array, y: Array, at: Array) -> Array:
    """How high mixtures of points reach that lie no further right than a place: their concave hull, y over x.

    Parameters
    ----------
    x, y : points, shape (draw, point), finite
    at : places, shape (place,) or (draw, place)

    Returns
    -------
    array, shape (draw, place); -inf left of all points

    >>> highest(np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 1.2, 3.0]]), np.array([0.5, 2.0, 9.0])).tolist()
    [[-inf, 2.0, 3.0]]
    """
    x, y = np.broadcast_arrays(x, y)
    at = np.broadcast_to(at, (len(x), at.shape[-1]))
    order = np.lexsort((-y, x), axis=-1)
    xs, ys = (np.take_along_axis(each, order, axis=-1).tolist() for each in (x, y))
    reached = np.empty(at.shape)
    for draw, (right, up) in enumerate(zip(xs, ys, strict=True)):
        corners = _corners(right, up)
        reached[draw] = np.interp(at[draw], *corners, left=-np.inf)
    return reached


def _corners(right: list[float], up: list[float]) -> tuple[list[float], list[float]]:
    """Corners of the hull of points in order from left to right, the highest first where several are one above another.

    References
    ----------
    Andrew (1979), Another efficient algorithm for convex hulls in two dimensions, Information Processing Letters 9.
    """
    a, b = right[:1], up[:1]
    for x, y in zip(right, up, strict=True):
        if y <= b[-1]:
            continue
        while len(a) > 1 and (b[-1] - b[-2]) * (x - a[-1]) <= (y - b[-1]) * (a[-1] - a[-2]):
            a.pop()
            b.pop()
        a.append(x)
        b.append(y)
    return a, b


def shortfalls(x: Array, y: Array, x_reference: Array, y_reference: Array, *, direction: Array) -> Array:
    """How far each unit could go in a direction of outputs, with no more inputs, under variable returns.

    Parameters
    ----------
    x, y, x_reference, y_reference : as in `envelop`, but of any sign: only differences count
    direction : what one step adds to each output, shape (output,), above zero

    Returns
    -------
    array, shape (draw, unit), in steps; 0 on the frontier, below 0 beyond that of the reference units, -inf where the
    reference units cannot get along with as little

    References
    ----------
    Chambers, Chung, Färe (1998), Profit, directional distance functions, and Nerlovian efficiency, Journal of
    Optimization Theory and Applications 98.

    >>> x, y = np.array([[2.0], [4.0]]), np.array([[-1.0], [-3.0]])
    >>> shortfalls(x, y, x[None], y[None], direction=np.array([1.0])).tolist()
    [[0.0, 2.0]]
    """
    if x.shape[-1] == 1 and y.shape[-1] == 1:
        return np.asarray((highest(x_reference[..., 0], y_reference[..., 0], x[..., 0]) - y[..., 0]) / direction[0])
    return directed(x, y, x_reference, y_reference, direction=direction)[0]


def directed(x: Array, y: Array, x_reference: Array, y_reference: Array, *, direction: Array) -> tuple[Array, Array]:
    """Like `shortfalls`, always by programmes, with the intensities of the reference units.

    Returns
    -------
    distance, shape (draw, unit), and intensity, shape (draw, unit, reference)

    A unit that is first set back by some steps is exactly as many steps further from the frontier: set back by as much
    as outputs differ, its programme is that of the radial measure and always has an end.
    """
    draws, references = x_reference.shape[:2]
    x, y = (np.broadcast_to(each, (draws, *each.shape[-2:])) for each in (x, y))
    units = x.shape[1]
    spread = (np.ptp(np.concatenate([y_reference, y], axis=1), axis=1) / direction).max(axis=-1)
    back = np.where(spread > 0, spread, 1.0)[:, None, None, None]
    wide = np.ptp(x_reference, axis=1)[:, None, None, :]
    wide = np.where(wide > 0, wide, 1.0)
    distance = np.empty((draws, units))
    intensity = np.empty((draws, units, references))
    held = max(1, HELD // (references * units * (x.shape[2] + y.shape[2])))
    for begin in range(0, draws, held):
        block = slice(begin, begin + held)
        y_ratio = (y_reference[block, None] - y[block, :, None]) / (direction * back[block]) + 1.0
        x_ratio = (x_reference[block, None] - x[block, :, None]) / wide[block] + 1.0
        a, c = _programmes(x_ratio, y_ratio, "variable", "output")
        solution = maximise(a.reshape(-1, *a.shape[2:]), np.ones((a.shape[0] * a.shape[1], a.shape[2])), c)
        value = solution.value.reshape(a.shape[:2])
        steps = np.where(np.isinf(value), -np.inf, (1.0 / value - 1.0) * back[block, :, 0, 0])
        # What rounding errors leave of a step that is none.
        distance[block] = np.where(np.abs(steps) < NO_STEP * back[block, :, 0, 0], 0.0, steps)
        intensity[block] = solution.multiplier.reshape(a.shape[:3]) / value[:, :, None]
    return distance, intensity


def _programmes(x: Array, y: Array, returns: str, orientation: str) -> tuple[Array, Array]:
    """Rows, shape (draw, unit, row, column), and objectives, shape (draw x unit, column); every right side is one.

    ``x`` and ``y`` are inputs and outputs of reference units as multiples of those of the unit, shape (draw, unit,
    reference, column).
    """
    draws, units, references, inputs = x.shape
    outputs = y.shape[3]
    if returns == "variable" and orientation == "output":
        a = np.concatenate([y, 1.0 - x], axis=3)
        gaining = outputs
    else:
        first = x[..., :1]
        parts = [y] if returns == "constant" else [np.ones_like(first), y - 1.0]
        free = np.concatenate([*parts, first - x[..., 1:]], axis=3)
        # The last row says that v_1, which is left out, is zero or more.
        a = np.zeros((draws, units, references + 1, free.shape[3]))
        np.divide(free, first, out=a[:, :, :references])
        a[:, :, references, a.shape[3] - inputs + 1 :] = 1.0
        gaining = outputs if returns == "constant" else 1
    c = np.zeros((draws * units, a.shape[3]))
    c[:, :gaining] = 1.0
    return a, c
