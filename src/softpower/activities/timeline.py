"""Activities on an axis of time: what a picture of a register draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from softpower.activities.activity import Activity
from softpower.activities.distinct import distinct
from softpower.activities.plain import plain
from softpower.activities.spans import last_day, latest_start, ran_within, years_between
from softpower.activities.vocabulary import word, words

Lane = Literal["instrument", "component"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One activity.

    Attributes
    ----------
    id, name, place : of it
    lane : id of the row it lies in
    start : first day on which it may have begun
    latest_start : last day on which it may have: a later one where only the month or year is known
    end : last day; the day asked for, or the last of any, where it goes on
    open : whether it goes on
    status, nature, date_precision, series, edition : of it
    sender, host, audience : of it
    """

    id: str
    name: str
    place: str
    lane: str
    start: date
    latest_start: date
    end: date
    open: bool
    status: str
    nature: str
    date_precision: str
    series: str | None
    edition: int | None
    sender: tuple[str, ...]
    host: tuple[str, ...]
    audience: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Activities by lane and start.

    Attributes
    ----------
    by : what the lanes are
    lanes : ids and titles, in the order of the first activity of each
    bars : by lane, then start
    first, last : days from the first start to the last end; None where there is nothing
    same : ids of entries left out, each with that of the entry which is drawn
    """

    by: Lane
    lanes: tuple[tuple[str, str], ...]
    bars: tuple[Bar, ...]
    first: date | None
    last: date | None
    same: tuple[tuple[str, str], ...]

    def document(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        found: dict[str, Any] = plain(self) | {"lanes": dict(self.lanes), "same": dict(self.same)}
        return found


def timeline(
    entries: Sequence[Activity],
    *,
    as_of: date,
    by: Lane = "instrument",
    first: int | None = None,
    last: int | None = None,
) -> Timeline:
    """Activities on an axis of time, cancelled and planned ones too: their status says so.

    Parameters
    ----------
    entries : the register
    as_of : day to which what goes on is drawn
    by : what the lanes are
    first, last : years between which some of an activity falls

    Raises
    ------
    BadRequest
        The years are out of order.

    >>> from softpower.activities.bundled import bundled_activities
    >>> timeline(bundled_activities(), as_of=date(2026, 6, 30), by="component").lanes[-1]
    ('listening', 'Listening')
    """
    since, until = years_between(first, last)
    once = distinct([each for each in entries if ran_within(each, since, until)])
    ordered = sorted(once.entries, key=lambda each: (each.start, each.id))
    lanes = list(dict.fromkeys(_lane(each, by) for each in ordered))
    bars = sorted(
        (_bar(each, by, as_of) for each in ordered), key=lambda bar: (lanes.index(bar.lane), bar.start, bar.id)
    )
    return Timeline(
        by,
        tuple((each, word(by, each).title if each in words(by) else each) for each in lanes),
        tuple(bars),
        min((bar.start for bar in bars), default=None),
        max((bar.end for bar in bars), default=None),
        once.left_out,
    )


def _lane(entry: Activity, by: Lane) -> str:
    return entry.instrument if by == "instrument" else entry.component or ""


def _bar(entry: Activity, by: Lane, as_of: date) -> Bar:
    ended = last_day(entry)
    return Bar(
        id=entry.id,
        name=entry.name,
        place=entry.place,
        lane=_lane(entry, by),
        start=entry.start,
        latest_start=latest_start(entry),
        end=max(entry.start, as_of) if ended is None else ended,
        open=ended is None,
        status=entry.status,
        nature=entry.nature or "",
        date_precision=entry.date_precision,
        series=entry.series,
        edition=entry.edition,
        sender=entry.sender,
        host=entry.host,
        audience=entry.audience,
    )
