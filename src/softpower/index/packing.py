"""Many small linear programmes of one shape, solved together.

Each is a packing: the largest c'x with Ax ≤ b and x ≥ 0, where b ≥ 0, so that x = 0 is a place to start from. Frontier
programmes can all be written so, with a column for each input and output and a row for each unit. A solver that takes
them one by one spends its time on getting started; here one step of the simplex method is one array operation for a
whole block of programmes.

No answer rests on rounding errors piled up over the steps. The vertex at which they end is computed afresh from the
data and taken only if it satisfies every row and has no negative multiplier, which together prove that it is best.
What fails that proof goes to HiGHS.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

# A smaller coefficient is a rounding error of zero, and so is a smaller slope of the objective: columns are scaled so
# that their largest entry is one. Where too much is taken for zero, the proof fails, which costs time only.
TINY = 1e-11
FLAT = 1e-9
# A vertex is best when it oversteps no row, and no multiplier is negative, by more than this share.
PROOF = 1e-10
# What HiGHS may overstep, its least.
STRICT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
# Cells of the tables of one block: together they should fit into a processor's cache.
BLOCK = 120_000


@dataclass(frozen=True, slots=True)
class Solution:
    """What the programmes come to.

    Attributes
    ----------
    value : the largest c'x, shape (programme,); infinite where there is no bound
    x : where it is reached, shape (programme, column); NaN where there is no bound
    multiplier : what one more unit of b adds, shape (programme, row), zero or more; NaN where there is no bound
    unproven : how many programmes HiGHS had to solve
    """

    value: Array
    x: Array
    multiplier: Array
    unproven: int


def maximise(a: Array, b: Array, c: Array) -> Solution:
    """Largest c'x with Ax ≤ b and x ≥ 0, for each programme.

    Parameters
    ----------
    a : array, shape (programme, row, column), finite
    b : array, shape (programme, row), zero or more
    c : array, shape (programme, column), finite

    Raises
    ------
    BadRequest
        A programme that neither the common steps nor HiGHS could solve: its numbers lie too many orders of magnitude
        apart.

    References
    ----------
    Chvátal (1983), Linear Programming, chapters 2 (dictionaries) and 5 (proof by complementary multipliers).

    >>> best = maximise(np.array([[[1.0, 2.0], [3.0, 1.0]]]), np.array([[4.0, 6.0]]), np.array([[1.0, 1.0]]))
    >>> best.value.round(9).tolist(), best.x.round(9).tolist(), best.multiplier.round(9).tolist()
    ([2.8], [[1.6, 1.2]], [[0.4, 0.2]])
    """
    programmes, rows, columns = a.shape
    value = np.empty(programmes)
    x = np.empty((programmes, columns))
    multiplier = np.empty((programmes, rows))
    size = max(1, BLOCK // ((rows + 1) * (columns + 1)))
    unproven = 0
    for begin in range(0, programmes, size):
        block = slice(begin, begin + size)
        binding = _steps(a[block], b[block], c[block])
        proven, x[block], multiplier[block] = _vertex(a[block], b[block], c[block], binding)
        value[block] = (c[block] * x[block]).sum(axis=1)
        for each in begin + np.flatnonzero(~proven):
            value[each], x[each], multiplier[each] = _alone(a[each], b[each], c[each])
            unproven += 1
    return Solution(value, x, multiplier, unproven)


def _steps(a: Array, b: Array, c: Array) -> Ints:
    """Simplex steps for all programmes at once, until each has found its best vertex.

    Returns
    -------
    The constraints that hold with equality there, shape (programme, column): numbers below the count of columns stand
    for x ≥ 0 of that column, higher ones for rows. -1 where no end was found, or there is none.
    """
    programmes, rows, columns = a.shape
    largest = np.abs(a).max(axis=1)
    largest[largest == 0] = 1.0
    # Dictionaries, transposed so that the long axis comes last: a column of A is a row here, followed by its entry in
    # the objective; b is the last row.
    table = np.zeros((programmes, columns + 1, rows + 1))
    table[:, :-1, :-1] = a.transpose(0, 2, 1) / largest[:, :, None]
    table[:, :-1, -1] = c / largest
    table[:, -1, :-1] = b
    binding = np.tile(np.arange(columns), (programmes, 1))
    slack = np.tile(np.arange(columns, columns + rows), (programmes, 1))
    ended = np.full((programmes, columns), -1, dtype=np.int64)
    own = np.arange(programmes)
    # Cycles are possible and never seen; what has not ended by then goes to HiGHS.
    for _ in range(10 * (rows + columns)):
        gain, row = _gains(table)
        column = gain.argmax(axis=1)
        most = gain.max(axis=1)
        ended[own[most == 0]] = binding[most == 0]
        on = (most > 0) & np.isfinite(most)
        if not on.all():
            table, binding, slack, own = table[on], binding[on], slack[on], own[on]
            row, column = row[on], column[on]
        if not own.size:
            break
        at = np.arange(own.size)
        leaving = row[at, column]
        _pivot(table, at, column, leaving)
        binding[at, column], slack[at, leaving] = slack[at, leaving], binding[at, column]
    return ended


def _gains(table: Array) -> tuple[Array, Ints]:
    """By how much the objective grows when a column enters, and the row that stops it; shape (programme, column).

    The column that gains most enters, whatever the units of the columns. A gain of zero means that the column had
    better stay out; it is infinite where nothing stops the column.
    """
    cells = table[:, :-1, :-1]
    stops = cells > TINY
    room = np.where(stops, table[:, -1:, :-1] / np.where(stops, cells, 1.0), np.inf)
    row = room.argmin(axis=2)
    step = np.take_along_axis(room, row[:, :, None], axis=2)[:, :, 0]
    slope = table[:, :-1, -1]
    rises = slope > FLAT
    # The added crumb lets a column enter whose first step has no length, where rows with b = 0 meet.
    return np.where(rises, slope, 0.0) * np.where(rises, np.maximum(step, 0.0) + TINY, 0.0), row


def _pivot(table: Array, at: Ints, column: Ints, row: Ints) -> None:
    """Let a column enter and a row leave, in place."""
    line = table[at, column]
    pivot = line[at, row][:, None]
    across = table[at, :, row] / pivot
    table -= across[:, :, None] * line[:, None, :]
    table[at, column] = -line / pivot
    table[at, :, row] = across
    table[at, column, row] = 1.0 / pivot[:, 0]


def _vertex(a: Array, b: Array, c: Array, binding: Ints) -> tuple[Mask, Array, Array]:
    """Where the binding constraints meet, their multipliers, and whether that is proven to be best."""
    programmes, rows, columns = a.shape
    ended = binding[:, 0] >= 0
    # Where no end was found, the constraints x ≥ 0 stand in, which can always be solved.
    binding = np.where(ended[:, None], binding, np.arange(columns))
    is_row = binding >= columns
    number = np.where(is_row, binding - columns, 0)
    at = np.arange(programmes)[:, None]
    sign = -np.eye(columns)[np.where(is_row, 0, binding)]
    matrix = np.where(is_row[:, :, None], a[at, number], sign)
    side = np.where(is_row, b[at, number], 0.0)
    inverse = _inverse(matrix)
    x = _times(inverse, side)
    price = _times(inverse.transpose(0, 2, 1), c)
    # One step of refinement: a residual from the data takes out what the inverse put in.
    x += _times(inverse, side - _times(matrix, x))
    price += _times(inverse.transpose(0, 2, 1), c - _times(matrix.transpose(0, 2, 1), price))
    over = _times(a, x) - b
    feasible = (over <= PROOF * (_times(np.abs(a), np.abs(x)) + b)).all(axis=1) & _positive(x)
    multiplier = np.zeros((programmes, rows + columns))
    np.put_along_axis(multiplier, binding, np.maximum(price, 0.0), axis=1)
    return ended & feasible & _positive(price), np.maximum(x, 0.0), multiplier[:, columns:]


def _inverse(matrix: Array) -> Array:
    """Inverse of each matrix, NaN where there is none."""
    try:
        return np.asarray(np.linalg.inv(matrix), dtype=np.float64)
    except np.linalg.LinAlgError:
        # One singular matrix spoils the batch; a batch of one spoils itself only.
        if len(matrix) == 1:
            return np.full_like(matrix, np.nan)
        half = len(matrix) // 2
        return np.concatenate([_inverse(matrix[:half]), _inverse(matrix[half:])])


def _times(matrix: Array, vector: Array) -> Array:
    product: Array = np.matmul(matrix, vector[:, :, None])[:, :, 0]
    return product


def _positive(x: Array) -> Mask:
    """Whether no entry is negative, but for rounding errors."""
    least: Mask = x.min(axis=1) >= -PROOF * np.abs(x).max(axis=1)
    return least


def _alone(a: Array, b: Array, c: Array) -> tuple[float, Array, Array]:
    """One programme by HiGHS."""
    from scipy.optimize import linprog

    answer = linprog(-c, A_ub=a, b_ub=b, bounds=(0, None), method="highs", options=STRICT)
    if answer.status == 0:
        return -float(answer.fun), answer.x, np.maximum(-answer.ineqlin.marginals, 0.0)
    # HiGHS may leave open whether there is no bound or no solution; x = 0 is one.
    if answer.status in (3, 4):
        return np.inf, np.full(c.size, np.nan), np.full(b.size, np.nan)
    raise BadRequest(
        f"a frontier programme has no answer ({answer.message}): do the units differ by many powers of ten?"
    )
