"""What frontier methods compare: units that turn inputs into outputs, their names, and what makes them unfit.

For countries, inputs are what they have (wealth, people) and outputs what they achieve with it. All frontier methods
take two plain arrays and, for messages and peers, the names of rows and columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.errors import BadRequest

Array = NDArray[np.float64]

# Messages list no more offending cells than this.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Names:
    """What rows and columns are called; whatever is left empty is numbered from 1."""

    units: Sequence[str] = ()
    inputs: Sequence[str] = ()
    outputs: Sequence[str] = ()

    def filled(self, units: int, inputs: int, outputs: int) -> Names:
        """The same names with numbers where there are none; as many as there are rows and columns."""
        return Names(
            _named(self.units, "unit", units),
            _named(self.inputs, "input", inputs),
            _named(self.outputs, "output", outputs),
        )


def _named(names: Sequence[str], kind: str, count: int) -> tuple[str, ...]:
    if names and len(names) != count:
        raise BadRequest(f"{len(names)} names for {count} {kind}s: {', '.join(map(str, names[:SHOWN]))} ...")
    return tuple(map(str, names)) or tuple(f"{kind} {number}" for number in range(1, count + 1))


SCALES = ("ratio", "interval")


def checked(
    inputs: ArrayLike, outputs: ArrayLike, names: Names | None = None, *, scale: str = "ratio"
) -> tuple[Array, Array, Names]:
    """Both tables as arrays with one row for each unit, and the names of all.

    Parameters
    ----------
    inputs : array, shape (unit, input), or (unit,) where there is one
    outputs : array, shape (unit, output), or (unit,) where there is one
    names : what units and columns are called
    scale : "ratio" where cells are to be divided by each other and so have to lie above zero, "interval" where only
        their differences count

    Raises
    ------
    BadRequest
        A cell is missing or infinite, or, on a ratio scale, zero or negative; the units and columns are named. Or the
        tables have no rows, no columns, or different numbers of rows.

    >>> checked([1.0, 2.0], [3.0, np.nan], Names(units=("KAZ", "UZB"), outputs=("aid",)))
    Traceback (most recent call last):
    softpower.errors.BadRequest: 1 cell is missing: UZB, aid.  Leave the unit out by name, or impute the cell first.
    """
    one_of(scale, SCALES, "scale")
    x, y = _table(inputs, "inputs"), _table(outputs, "outputs")
    if len(x) != len(y):
        raise BadRequest(f"inputs have {len(x)} units and outputs {len(y)}: give one row of each for every unit")
    names = (names or Names()).filled(len(x), x.shape[1], y.shape[1])
    cells = np.concatenate([x, y], axis=1)
    _refuse(np.isnan(cells), cells, names, "missing", "Leave the unit out by name, or impute the cell first.")
    _refuse(np.isinf(cells), cells, names, "infinite", "Give a finite number.")
    if scale == "interval":
        return x, y, names
    why = (
        "A frontier compares ratios: leave the unit or the column out, or move the scale above zero (for scores 1-100)."
    )
    _refuse(cells <= 0, cells, names, "not above zero", why)
    return x, y, names


def _table(cells: ArrayLike, kind: str) -> Array:
    table = np.asarray(cells, dtype=np.float64)
    if table.ndim == 1:
        table = table[:, None]
    if table.ndim != 2 or table.size == 0:
        raise BadRequest(f"{kind} must have one row for each unit and one column or more, not the shape {table.shape}")
    return table


def _refuse(bad: NDArray[np.bool_], cells: Array, names: Names, what: str, remedy: str) -> None:
    rows, columns = np.nonzero(bad)
    if not rows.size:
        return
    heads = (*names.inputs, *names.outputs)
    shown = [
        f"{names.units[row]}, {heads[column]}" + ("" if np.isnan(cells[row, column]) else f" ({cells[row, column]:g})")
        for row, column in zip(rows[:SHOWN], columns[:SHOWN], strict=True)
    ]
    more = f"; and {rows.size - SHOWN} more" if rows.size > SHOWN else ""
    count = "1 cell is" if rows.size == 1 else f"{rows.size} cells are"
    raise BadRequest(f"{count} {what}: {'; '.join(shown)}{more}.  {remedy}")


def few_units(units: int, inputs: int, outputs: int) -> tuple[str, ...]:
    """A caution where there are fewer than three units for each input and output; empty where there are enough.

    With few units most have nobody to be compared with, and come out as best in something.

    References
    ----------
    Cooper, Seiford, Tone (2007), Data Envelopment Analysis, 2nd edition (rule of thumb).

    >>> few_units(10, 2, 2)
    ('10 units are few for 2 inputs and 2 outputs: with fewer than 12, most have no equal and count as efficient',)
    """
    least = 3 * (inputs + outputs)
    if units >= least:
        return ()
    sizes = f"{_count(inputs, 'input')} and {_count(outputs, 'output')}"
    few = f"{_count(units, 'unit')} {'is' if units == 1 else 'are'} few"
    return (f"{few} for {sizes}: with fewer than {least}, most have no equal and count as efficient",)


def _count(number: int, kind: str) -> str:
    return f"{number} {kind}" if number == 1 else f"{number} {kind}s"


def one_of(value: str, choices: Sequence[str], what: str) -> None:
    """Refuse a choice that does not exist.

    >>> one_of("crs", ("constant", "variable"), "returns")
    Traceback (most recent call last):
    softpower.errors.BadRequest: returns must be one of constant, variable, not 'crs'
    """
    if value not in choices:
        raise BadRequest(f"{what} must be one of {', '.join(choices)}, not {value!r}")
