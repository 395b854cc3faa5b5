"""Entries as a calendar (iCalendar, RFC 5545): one all-day event each, the same bytes each time.

A start that is known by its month or year, without an end, takes all of it, and the description says so: nobody is told
a day that nobody knows.

References
----------
Desruisseaux (2009), Internet Calendaring and Scheduling Core Object Specification, RFC 5545.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from softpower.activities.activity import Activity
from softpower.activities.vocabulary import words
from softpower.world import country

LONGEST_LINE: Final = 75  # octets, without the line end
_STATUS: Final = {
    "planned": "TENTATIVE", "postponed": "TENTATIVE", "cancelled": "CANCELLED", "held": "CONFIRMED",
    "ongoing": "CONFIRMED",
}  # fmt: skip


def ics_bytes(activities: Sequence[Activity]) -> bytes:
    """Entries as an iCalendar file."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//softpower//activities//EN", "CALSCALE:GREGORIAN"]
    for activity in activities:
        lines += ["BEGIN:VEVENT", *_event(activity), "END:VEVENT"]
    return "".join(folded(line) for line in [*lines, "END:VCALENDAR"]).encode()


def folded(line: str) -> str:
    """A content line with its line ends: parts of 75 octets at most, no letter torn apart.

    >>> [len(part.encode()) for part in folded("SUMMARY:" + "ә" * 60).splitlines()]
    [74, 55]
    """
    parts, size = [""], 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > LONGEST_LINE:
            parts.append(" ")
            size = 1
        parts[-1] += letter
        size += octets
    return "\r\n".join(parts) + "\r\n"


def escaped(text: str) -> str:
    r"""Text as the value of a property.

    >>> escaped("Astana; a, b\nc")
    'Astana\\; a\\, b\\nc'
    """
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def _event(activity: Activity) -> Iterator[str]:
    start, end = activity.start, _last(activity)
    yield f"UID:{_uid(activity.id)}"
    yield f"DTSTAMP:{_basic(start)}T000000Z"
    yield f"DTSTART;VALUE=DATE:{_basic(start)}"
    if end < date.max:
        yield f"DTEND;VALUE=DATE:{_basic(end + timedelta(days=1))}"
    else:  # the day after it is none
        yield f"DURATION:P{(end - start).days + 1}D"
    yield f"SUMMARY{_language(activity)}:{escaped(activity.name)}"
    if text := _described(activity):
        yield f"DESCRIPTION:{escaped(text)}"
    if where := ", ".join(filter(None, (activity.place, *(country(iso3).name for iso3 in activity.host)))):
        yield f"LOCATION:{escaped(where)}"
    categories = [words("instrument")[activity.instrument].title]
    if activity.component:
        categories.append(words("component")[activity.component].title)
    yield f"CATEGORIES:{','.join(escaped(each) for each in dict.fromkeys(categories))}"
    yield f"STATUS:{_STATUS[activity.status]}"
    if activity.parent:
        yield f"RELATED-TO;RELTYPE=PARENT:{_uid(activity.parent)}"
    if address := next((source.url for source in activity.sources if source.url.isascii()), ""):
        yield f"URL:{address}"
    yield "TRANSP:TRANSPARENT"


def _uid(id: str) -> str:
    return f"{id}@softpower"


def _basic(day: date) -> str:
    return day.isoformat().replace("-", "")


def _last(activity: Activity) -> date:
    start = activity.start
    if activity.end or activity.date_precision == "day":
        return activity.end or start
    month = start.month if activity.date_precision == "month" else 12
    return date(start.year, month, monthrange(start.year, month)[1])


def _language(activity: Activity) -> str:
    code = "en" if "en" in activity.title else next(iter(activity.title))
    return f";LANGUAGE={code}"


def _described(activity: Activity) -> str:
    description = activity.description.get("en") or next(iter(activity.description.values()), "")
    lines = [description, activity.reported]
    if activity.date_precision != "day":
        lines.append(f"The {activity.date_precision} is known, not the day.")
    if activity.status == "postponed":
        lines.append("Postponed.")
    lines += [
        ", ".join(filter(None, (source.publisher, source.title, source.year, source.url)))
        for source in activity.sources
    ]
    return "\n".join(filter(None, lines))
