"""What is registered of a country and what was found of it: all that its brief says about activities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from softpower.activities.activity import Activity
from softpower.activities.bundled import bundled_activities
from softpower.activities.cases import Worked, about, cases, worked
from softpower.activities.delivery import Delivery, delivery
from softpower.activities.timeline import Timeline, timeline


@dataclass(frozen=True)
class Dossier:
    """Of the bundled register, up to a day.

    Attributes
    ----------
    iso3 : who acts
    as_of : the day
    entries : what it sent, begun by that day
    timeline : by component
    delivery : planned and realised figures
    worked : activities whose effect was looked for
    """

    iso3: str
    as_of: date
    entries: tuple[Activity, ...]
    timeline: Timeline
    delivery: Delivery
    worked: tuple[Worked, ...]


def dossier(iso3: str, *, as_of: date, tell: Callable[[str], None] = lambda _: None) -> Dossier | None:
    """None for a country that the bundled register is not about.

    Parameters
    ----------
    iso3 : of the country
    as_of : what begins later is left out
    tell : hears what is being worked out

    >>> dossier("FRA", as_of=date(2025, 12, 31)) is None
    True
    """
    if iso3 not in about():
        return None
    entries = tuple(each for each in bundled_activities() if iso3 in each.sender and each.start <= as_of)
    tell("Looking for effects of activities")
    return Dossier(
        iso3=iso3,
        as_of=as_of,
        entries=entries,
        timeline=timeline(entries, as_of=as_of, by="component"),
        delivery=delivery(entries),
        worked=tuple(worked(each) for each in cases() if each.country == iso3),
    )
