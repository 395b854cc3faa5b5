"""A panel: one outcome for several units over the same periods, some of them treated from some period on.

Units are countries, partners or whatever else the outcome is known of; treated ones had the activity, donors never had
it and serve as comparison. Estimators (`softpower.activities.effects.estimate`) see a panel cohort by cohort: the
treated that start in the same period, beside all donors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.errors import BadRequest, NotEnoughData

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

_SHOWN = 3  # places listed in a message
_SMALLEST, _LARGEST = 1e-100, 1e100  # squares of what lies between can be told from nothing and are finite


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """Treated units that start in the same period, beside the donors.

    Attributes
    ----------
    donors : outcome, shape (donor, time)
    treated : outcome, shape (treated, time)
    pre : periods before the start, 1 or more
    """

    donors: Array
    treated: Array
    pre: int

    @property
    def cells(self) -> int:
        """Treated units times periods after their start."""
        return len(self.treated) * (int(self.treated.shape[1]) - self.pre)


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Outcome of units over periods, complete, with the period from which each is treated.

    Attributes
    ----------
    outcome : shape (unit, time), finite
    start : index of each unit's first treated period, shape (unit,); the number of periods for donors
    units, times : labels of both axes, each once

    Raises
    ------
    BadRequest
        Shapes that do not fit, labels that repeat, a unit treated from the first period on, no unit treated, an outcome
        too large or too small to be squared.
    NotEnoughData
        Missing cells, no donor, an outcome that is the same everywhere.

    >>> panel = Panel(np.array([[1.0, 2.0, 5.0], [1.0, 2.0, 3.0]]), np.array([2, 3]), ("KAZ", "UZB"), (1, 2, 3))
    >>> panel.treated.tolist(), panel.donors.tolist()
    ([0], [1])
    """

    outcome: Array
    start: Ints
    units: tuple[str, ...]
    times: tuple[Any, ...]

    def __post_init__(self) -> None:
        shape = (len(self.units), len(self.times))
        if self.outcome.shape != shape or self.start.shape != shape[:1]:
            raise BadRequest(
                f"a panel of {shape[0]} units and {shape[1]} periods has an outcome of that shape and a start for each "
                f"unit; these have the shapes {self.outcome.shape} and {self.start.shape}"
            )
        for axis, labels in (("unit", self.units), ("period", self.times)):
            if len(set(labels)) < len(labels):
                twice = next(label for label in labels if labels.count(label) > 1)
                raise BadRequest(f"{axis} {twice!r} stands twice in the panel: give each once")
        self._check_cells()
        self._check_design()

    def _check_cells(self) -> None:
        lacking = np.argwhere(~np.isfinite(self.outcome))
        if len(lacking):
            raise NotEnoughData(
                _places([(self.units[unit], self.times[time]) for unit, time in lacking], "without an outcome")
                + ": a missing cell is not zero.  Leave out these units, or narrow the periods."
            )
        if self.outcome.min() == self.outcome.max():
            raise NotEnoughData(
                f"the outcome is {self.outcome.flat[0]:g} for every unit in every period: nothing ever changes.  "
                "Take another outcome."
            )
        largest, spread = float(np.abs(self.outcome).max()), self.reach
        if largest > _LARGEST or spread < _SMALLEST:
            raise BadRequest(
                f"the outcome reaches {largest:.3g} and differs by {spread:.3g} at most: squares of such are lost. "
                f"Give it in a unit in which it reaches {_LARGEST:g} at most and differs by {_SMALLEST:g} or more."
            )

    def _check_design(self) -> None:
        periods = len(self.times)
        early = np.flatnonzero(self.start < 1)
        if len(early):
            raise BadRequest(
                f"{self.units[early[0]]} is treated from the first period, {self.times[0]}, on: nothing before it to "
                "compare with.  Give a later start, or earlier periods."
            )
        if not (self.start < periods).any():
            raise BadRequest(
                f"no unit is treated between {self.times[0]} and {self.times[-1]}.  Give a unit and a start within."
            )
        if not (self.start >= periods).any():
            raise NotEnoughData(
                "every unit is treated: there is no donor to compare with.  Add units that never had the activity, or "
                "use a design for single series."
            )

    @property
    def reach(self) -> float:
        """Largest less smallest outcome of all."""
        return float(self.outcome.max() - self.outcome.min())

    @property
    def treated(self) -> Ints:
        """Positions of the treated units."""
        return np.flatnonzero(self.start < len(self.times))

    @property
    def donors(self) -> Ints:
        """Positions of the units never treated."""
        return np.flatnonzero(self.start >= len(self.times))

    def cohorts(self) -> list[Cohort]:
        """The treated by their start, earliest first, each beside all donors."""
        return cohorts(self.outcome, self.start)

    def subset(self, units: Ints) -> Panel:
        """The panel of some units only, in the order given.

        >>> Panel(np.eye(3), np.array([2, 3, 3]), ("A", "B", "C"), (1, 2, 3)).subset(np.array([2, 0])).units
        ('C', 'A')
        """
        names = tuple(self.units[unit] for unit in units)
        return Panel(self.outcome[units], self.start[units], names, self.times)

    def within(self, first: int, stop: int) -> Panel:
        """The panel of some periods only: from place ``first`` to before ``stop``, without units treated later.

        Raises
        ------
        BadRequest
            No period before some start is left, or no treated unit.

        >>> Panel(np.eye(3, 4), np.array([2, 3, 4]), ("A", "B", "C"), (1, 2, 3, 4)).within(1, 3).units
        ('A', 'C')
        """
        donors = self.start >= len(self.times)
        kept = np.flatnonzero(donors | (self.start < stop))
        names = tuple(self.units[unit] for unit in kept)
        start = np.where(donors, stop, self.start)[kept] - first
        return Panel(self.outcome[kept, first:stop], start, names, self.times[first:stop])


def cohorts(outcome: Array, start: Ints) -> list[Cohort]:
    """Treated units by their start, earliest first, each beside all units that never start.

    Parameters
    ----------
    outcome : shape (unit, time)
    start : index of each unit's first treated period, shape (unit,); the number of periods for donors

    >>> [cohort.pre for cohort in cohorts(np.eye(4), np.array([3, 1, 4, 3]))]
    [1, 3]
    """
    periods = outcome.shape[1]
    donors = outcome[start >= periods]
    return [Cohort(donors, outcome[start == pre], pre) for pre in sorted(set(start.tolist())) if pre < periods]


def panel(
    unit: Sequence[str],
    time: Sequence[Any],
    outcome: ArrayLike,
    *,
    treated: Sequence[str],
    start: Any,
    end: Any = None,
    donors: Sequence[str] | None = None,
) -> Panel:
    """A panel from rows, one for each unit and period.

    Parameters
    ----------
    unit, time, outcome : columns of equal length; times of one type that sorts, outcomes NaN where missing
    treated : units that had the activity, 1 or more
    start : first period that counts as treated, or for each treated unit its own; the next period there is, if it falls
        between two
    end : last period to take; by default all
    donors : units to compare with; by default all others

    Raises
    ------
    BadRequest
        Columns of unequal length, two rows for a cell, an unknown unit, a treated unit among the donors, a start before
        the second period or after the last.
    NotEnoughData
        A unit without a row for some period; or as for `Panel`.

    >>> rows = [("KAZ", 1, 3.0), ("KAZ", 2, 8.0), ("UZB", 1, 2.0), ("UZB", 2, 4.0)]
    >>> built = panel(*zip(*rows), treated=["KAZ"], start=2)
    >>> built.units, built.outcome.tolist(), built.start.tolist()
    (('KAZ', 'UZB'), [[3.0, 8.0], [2.0, 4.0]], [1, 2])
    """
    value = np.asarray(outcome, dtype=np.float64)
    if not len(unit) == len(time) == len(value):
        raise BadRequest(
            f"columns of {len(unit)} units, {len(time)} times and {len(value)} outcomes: give as many of each"
        )
    chosen = _chosen(tuple(dict.fromkeys(unit)), tuple(dict.fromkeys(treated)), donors)
    try:
        times = tuple(sorted({when for who, when in zip(unit, time, strict=True) if end is None or when <= end}))
        starts = _starts(tuple(dict.fromkeys(treated)), start, times)
    except TypeError as error:
        raise BadRequest(f"times, start and end must be of one type that sorts: {error}") from error
    cells = _cells(unit, time, value, chosen, times)
    return Panel(cells, np.array([starts.get(who, len(times)) for who in chosen]), chosen, times)


def _chosen(known: tuple[str, ...], treated: tuple[str, ...], donors: Sequence[str] | None) -> tuple[str, ...]:
    """Units of the panel, in the order of the rows."""
    both = set(treated) & set(donors or ())
    if both:
        raise BadRequest(
            f"{', '.join(sorted(both))} cannot be treated and a donor at once: take it from one of the lists"
        )
    unknown = [who for who in (*treated, *(donors or ())) if who not in known]
    if unknown:
        raise BadRequest(f"no row for {', '.join(map(repr, unknown))}; there are rows for {', '.join(known[:10])}, ...")
    wanted = set(treated) | set(known if donors is None else donors)
    return tuple(who for who in known if who in wanted)


def _starts(treated: Sequence[str], start: Any, times: Sequence[Any]) -> dict[str, int]:
    """Index of the first period at or after each treated unit's start."""
    if isinstance(start, Mapping) and set(start) != set(treated):
        odd = ", ".join(sorted(set(start) ^ set(treated)))
        raise BadRequest(f"a start is needed for each treated unit and for no other: see {odd}")
    found = {}
    for who in treated:
        begun = start[who] if isinstance(start, Mapping) else start
        index = sum(when < begun for when in times)
        if not 1 <= index < len(times):
            span = f"{times[0]} to {times[-1]}" if times else "none at all"
            raise BadRequest(
                f"start {begun} of {who} is outside: it needs a period before it, and the periods are {span}"
            )
        found[who] = index
    return found


def _cells(unit: Sequence[str], time: Sequence[Any], value: Array, units: Sequence[str], times: Sequence[Any]) -> Array:
    """Outcome by unit and time."""
    row, column = {who: i for i, who in enumerate(units)}, {when: i for i, when in enumerate(times)}
    cells = np.full((len(units), len(times)), np.nan)
    seen = np.zeros(cells.shape, dtype=bool)
    for who, when, number in zip(unit, time, value, strict=True):
        if who in row and when in column:
            place = row[who], column[when]
            if seen[place]:
                raise BadRequest(f"two rows for {who} in {when}: a panel has one.  Add them up, or take one out.")
            seen[place], cells[place] = True, number
    lacking = [(units[i], times[j]) for i, j in np.argwhere(~seen)]
    if lacking:
        raise NotEnoughData(
            _places(lacking, "without a row")
            + ": a panel needs every unit in every period.  Leave out these units, or narrow the periods."
        )
    return cells


def _places(places: Sequence[tuple[str, Any]], what: str) -> str:
    """The first few cells, and how many there are."""
    listed = ", ".join(f"{unit} in {time}" for unit, time in places[:_SHOWN])
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return f"{what}: {listed}{more}"
