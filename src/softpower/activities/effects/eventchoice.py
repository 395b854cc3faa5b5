"""Which events can be studied, and against which units.

An event is usable where its window lies inside the series, is complete and holds no other event of its unit, and where
units enough are clean controls: without an event up to the end of the window, and complete in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from softpower.activities.effects.checks import whole
from softpower.errors import BadRequest, NotEnoughData

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Event = tuple[int, int]

# Units with a usable event, and clean controls of each event, at least.
FEWEST_UNITS: Final = 5
FEWEST_CONTROLS: Final = 2


@dataclass(frozen=True, slots=True)
class Dropped:
    """An event that could not be used, and why."""

    unit: int
    time: int
    why: str

    def __str__(self) -> str:
        return f"event of unit {self.unit} in period {self.time}: {self.why}"


@dataclass(frozen=True, eq=False)
class Chosen:
    """Events to be studied.

    Attributes
    ----------
    events : (unit, time) of those used
    controls : bools, shape (event, unit), which units are controls of which
    first : array, shape (unit,), period of the first event of each unit, infinite where it has none
    dropped : events not used, with the reason
    """

    events: tuple[Event, ...]
    controls: Bools
    first: Array
    dropped: tuple[Dropped, ...]

    @property
    def units(self) -> list[int]:
        """Unit of each event."""
        return [unit for unit, _ in self.events]


def choose(y: Array, events: Iterable[tuple[int, int]], before: int, after: int) -> Chosen:
    """Events with a clean window and enough controls.

    Parameters
    ----------
    y : array, shape (unit, time), NaN where unknown
    events : (unit, time) places, from 0; one given twice counts once
    before, after : periods of the window before the event, and from it on

    Raises
    ------
    NotEnoughData
        Usable events in fewer than 5 units.
    BadRequest
        An event that is no pair of whole numbers, or outside the table.

    >>> choose(np.zeros((8, 9)), [(unit, 4) for unit in range(6)], 2, 2).controls.sum(axis=1).tolist()
    [2, 2, 2, 2, 2, 2]
    """
    dates = _dates(y, events)
    first = np.full(len(y), np.inf)
    for unit, time in reversed(dates):
        first[unit] = time
    used, clean, dropped = [], [], []
    for unit, time in dates:
        of_it = controls(y, first, time, before, after)
        why = _fault(y, [each for who, each in dates if who == unit], unit, time, before, after)
        if not why and of_it.sum() < FEWEST_CONTROLS:
            why = (
                f"fewer than {FEWEST_CONTROLS} other units are free of events up to the end of its window, and complete"
            )
        if why:
            dropped.append(Dropped(unit, time, why))
        else:
            used.append((unit, time))
            clean.append(of_it)
    with_event = len({unit for unit, _ in used})
    if with_event < FEWEST_UNITS:
        reasons = "".join(f"\n  {each}" for each in dropped[:5])
        raise NotEnoughData(
            f"usable events in {with_event} units of {len({unit for unit, _ in dates})}: an event study needs "
            f"{FEWEST_UNITS}. Take a shorter window, or more units without events.{reasons}"
        )
    return Chosen(tuple(used), np.array(clean, dtype=bool), first, tuple(dropped))


def controls(y: Array, first: Array, time: int, before: int, after: int) -> Bools:
    """Units without an event up to the end of a window, and without missing values in it; shape (unit,)."""
    window = y[:, max(time - before, 0) : time + after]
    clean: Bools = (first >= time + after) & np.isfinite(window).all(axis=1)
    return clean


def windows(y: Array, dates: Sequence[Event], before: int, after: int) -> Array:
    """Outcomes of all units in the window of each event, shape (event, unit, period)."""
    return np.stack([y[:, time - before : time + after] for _, time in dates])


def _dates(y: Array, events: Iterable[tuple[int, int]]) -> list[Event]:
    """Events in order, each once."""
    try:
        pairs = [(unit, time) for unit, time in events]
    except (TypeError, ValueError):
        raise BadRequest("events: give each as a pair of its unit and its period, (3, 12) for example") from None
    dates = sorted({(whole("unit of an event", unit), whole("period of an event", time)) for unit, time in pairs})
    outside = [each for each in dates if not (0 <= each[0] < y.shape[0] and 0 <= each[1] < y.shape[1])]
    if outside:
        raise BadRequest(
            f"event of unit {outside[0][0]} in period {outside[0][1]}, {len(outside)} such in all: the table has units "
            f"0 to {y.shape[0] - 1} and periods 0 to {y.shape[1] - 1}"
        )
    return dates


def _fault(y: Array, own: Sequence[int], unit: int, time: int, before: int, after: int) -> str:
    """Why the window of an event cannot be used; empty where it can."""
    if time < before or time + after > y.shape[1]:
        return "its window reaches beyond the series"
    others = [each for each in own if each != time and time - before <= each < time + after]
    if others:
        return f"its unit had another in period {others[0]}, inside the window"
    if np.isnan(y[unit, time - before : time + after]).any():
        return "values are missing in its window"
    return ""
