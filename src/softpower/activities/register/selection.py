"""Which entries are wanted: the same question to a register and to entries at hand."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypedDict, Unpack

from softpower.activities.activity import Activity
from softpower.activities.audience import reach
from softpower.activities.spans import ran_within
from softpower.activities.vocabulary import List, word
from softpower.errors import BadRequest
from softpower.world import find
from softpower.world.names import shown

SEVERAL: Final = ("sender", "host", "audience")
WORDS: Final[tuple[List, ...]] = ("instrument", "component", "status", "nature")
_PARTIAL: Final = re.compile(r"(\d{4})(?:-(\d{2}))?")


@dataclass(frozen=True, slots=True)
class Selection:
    """What entries have to be; None does not matter. Make it with `selection`, which takes names.

    Attributes
    ----------
    sender, host : ISO3
    audience : as `softpower.activities.audience` has it; a country is not found in a vector that holds it
    instrument, component, status, nature : of the vocabularies of these names, by id
    start, end : first and last day of a window in which some of the activity has to fall
    """

    sender: str | None = None
    host: str | None = None
    audience: str | None = None
    instrument: str | None = None
    component: str | None = None
    status: str | None = None
    nature: str | None = None
    start: date | None = None
    end: date | None = None

    def holds(self, activity: Activity) -> bool:
        """Whether an entry is wanted."""
        return (
            all(getattr(self, name) in (None, getattr(activity, name)) for name in WORDS)
            and all((wanted := getattr(self, name)) is None or wanted in getattr(activity, name) for name in SEVERAL)
            and ran_within(activity, self.start, self.end)
        )


class Names(TypedDict, total=False):
    """The arguments of `selection`."""

    sender: str | None
    host: str | None
    audience: str | None
    instrument: str | None
    component: str | None
    status: str | None
    nature: str | None
    start: date | str | None
    end: date | str | None


def selection(**names: Unpack[Names]) -> Selection:
    """What entries have to be, by names in any spelling; a start or end may be a year or a month.

    Parameters
    ----------
    names : those of the attributes of `Selection`

    Raises
    ------
    UnknownCountry, UnknownAudience, UnknownWord
        A name stands for nothing.
    BadRequest
        The window is no window.

    >>> wanted = selection(host="Türkiye", instrument="mega_event_expo", end="2017")
    >>> wanted.host, wanted.instrument, wanted.end
    ('TUR', 'mega_event_expo', datetime.date(2017, 12, 31))
    """
    sender, host, audience = names.get("sender"), names.get("host"), names.get("audience")
    start, end = _day("start", names.get("start")), _day("end", names.get("end"))
    if start is not None and end is not None and end < start:
        raise BadRequest(f"the window ends on {end}, before it starts on {start}")
    return Selection(
        sender=None if sender is None else find(sender).iso3,
        host=None if host is None else find(host).iso3,
        audience=None if audience is None else reach(audience),
        instrument=_word("instrument", names.get("instrument")),
        component=_word("component", names.get("component")),
        status=_word("status", names.get("status")),
        nature=_word("nature", names.get("nature")),
        start=start,
        end=end,
    )


def _word(of: List, name: str | None) -> str | None:
    return None if name is None else word(of, name).id


def _day(name: str, given: date | str | None) -> date | None:
    if given is None or isinstance(given, date):
        return given.date() if isinstance(given, datetime) else given
    text = given.strip()
    try:
        if part := _PARTIAL.fullmatch(text):
            month = int(part[2] or (1 if name == "start" else 12))
            year = int(part[1])
            return date(year, month, 1 if name == "start" else monthrange(year, month)[1])
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(
            f"{name} {shown(given)!r} is no date; give a day, a month or a year, such as 2024-09-08, 2024-09 or 2024"
        ) from None
