"""When an activity ran, as far as it is known: days may be known only to the month or the year."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from softpower.activities.activity import Activity
from softpower.errors import BadRequest

# What took place, or goes on; the others are plans that did not come about, or have not yet.
DONE = frozenset({"held", "ongoing"})


def latest_start(entry: Activity) -> date:
    """The last day on which it may have begun: its start, or the end of the month or year that is known.

    >>> from softpower.activities.bundled import bundled_activities
    >>> latest_start(next(each for each in bundled_activities() if each.id == "KAZ-SCO-2017")).isoformat()
    '2017-12-31'
    """
    match entry.date_precision:
        case "year":
            last = date(entry.start.year, 12, 31)
        case "month":
            last = entry.start.replace(day=monthrange(entry.start.year, entry.start.month)[1])
        case _:
            return entry.start
    return last if entry.end is None else max(entry.start, min(last, entry.end))


def last_day(entry: Activity) -> date | None:
    """The last day on which it ran; None where it goes on."""
    if entry.end is not None:
        return entry.end
    return None if entry.status == "ongoing" else latest_start(entry)


def ran_within(entry: Activity, first: date | None, last: date | None) -> bool:
    """Whether some of it falls, or may fall, between two days; None is no limit."""
    ended = last_day(entry)
    return (last is None or entry.start <= last) and (first is None or ended is None or ended >= first)


def years_between(first: int | None, last: int | None) -> tuple[date | None, date | None]:
    """The first day of one year and the last of another; None is no limit.

    Raises
    ------
    BadRequest
        The years are out of order, or none of the calendar's.
    """
    for year in (first, last):
        if year is not None and not 1 <= year <= 9999:
            raise BadRequest(f"{year} is no year of the calendar; give one such as 2017")
    if first is not None and last is not None and last < first:
        raise BadRequest(f"from {first} to {last}: the last year lies before the first; swap them")
    return (None if first is None else date(first, 1, 1), None if last is None else date(last, 12, 31))


def done(entries: Sequence[Activity]) -> tuple[Activity, ...]:
    """Those that took place or go on."""
    return tuple(each for each in entries if each.status in DONE)
