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
    x : inputs, shape (unit, input), above zero
    y : outputs, shape (unit, output), above zero
    x_reference, y_reference : the same of reference units, shape (draw, reference, input) and (draw, reference,
        output); each draw is another set of reference units for the same units
    returns : "constant" or "variable" returns to scale
    orientation : "input" or "output"
    compared : "with others" where unit k is not to be compared with reference unit k, else "with all"

    >>> x, y = np.array([[2.0], [4.0]]), np.array([[1.0], [1.0]])
    >>> envelop(x, y, x[None], y[None], returns="constant", orientation="input").efficiency.tolist()
    [[1.0, 0.5]]
    """
    draws, references = x_reference.shape[:2]
    units = len(x)
    efficiency = np.empty((draws, units))
    intensity = np.empty((draws, units, references))
    size = references * (x.shape[1] + y.shape[1])
    units_held = max(1, min(units, HELD // size))
    draws_held = max(1, HELD // (size * units_held))
    for first in range(0, units, units_held):
        some = slice(first, first + units_held)
        for begin in range(0, draws, draws_held):
            block = slice(begin, begin + draws_held)
            x_ratio = x_reference[block, None] / x[None, some, None]
            y_ratio = y_reference[block, None] / y[None, some, None]
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
