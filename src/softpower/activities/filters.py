"""Which entries of a register are wanted: by sender, host, audience, instrument, public, status and years."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from softpower.activities.activity import Activity
from softpower.activities.audience import reach
from softpower.activities.spans import ran_within, years_between
from softpower.activities.towards import HOW, How, towards
from softpower.activities.vocabulary import List, word
from softpower.world import find


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are wanted; None wants all. Make it with `wanted`, which knows names.

    Attributes
    ----------
    sender, host : ISO3 codes of which an entry has one
    audience : in the notation of `softpower.activities.audience`; `hows` says how close it must be
    hows : ways of `softpower.activities.towards.towards` that count
    instrument, component, category, public, status, nature : ids of the vocabularies; public is of ``audience``
    series : id
    first, last : days between which some of the activity falls, or may fall
    """

    sender: tuple[str, ...] | None = None
    host: tuple[str, ...] | None = None
    audience: str | None = None
    hows: tuple[How, ...] = ("named", "member", "wider")
    instrument: str | None = None
    component: str | None = None
    category: str | None = None
    public: str | None = None
    status: str | None = None
    nature: str | None = None
    series: str | None = None
    first: date | None = None
    last: date | None = None

    def keeps(self, entry: Activity) -> bool:
        """Whether an entry is wanted."""
        words = ("instrument", "component", "category", "status", "nature", "series")
        return (
            all(getattr(self, name) in (None, getattr(entry, name)) for name in words)
            and (self.sender is None or bool({*self.sender} & {*entry.sender}))
            and (self.host is None or bool({*self.host} & {*entry.host}))
            and (self.public is None or self.public in entry.audience_groups)
            and ran_within(entry, self.first, self.last)
            and (self.audience is None or towards(entry, self.audience) in self.hows)
        )


def wanted(
    *,
    sender: str | Iterable[str] | None = None,
    host: str | Iterable[str] | None = None,
    audience: str | None = None,
    everybody: Literal["count", "apart"] = "apart",
    instrument: str | None = None,
    component: str | None = None,
    category: str | None = None,
    public: str | None = None,
    status: str | None = None,
    nature: str | None = None,
    series: str | None = None,
    first: int | None = None,
    last: int | None = None,
) -> Filter:
    """A filter from names as people write them.

    Parameters
    ----------
    sender, host : countries, by code or name; one of several is enough
    audience : a country, vector or region; an activity towards Türkiye is found under the Turkic world, and one towards
        the Turkic world under Türkiye
    everybody : "count" also takes what is towards the whole world
    instrument, component, category, public, status, nature : words of the vocabularies
    series : id
    first, last : years between which some of the activity falls

    Raises
    ------
    UnknownCountry, UnknownWord, UnknownAudience
        A name is none.
    BadRequest
        The years are out of order.

    >>> wanted(host="Türkiye", instrument="cultural centre").instrument
    'cultural_institute'
    """
    since, until = years_between(first, last)
    return Filter(
        sender=_countries(sender),
        host=_countries(host),
        audience=None if audience is None else reach(audience),
        hows=HOW if everybody == "count" or audience == "world" else HOW[:3],
        instrument=_word("instrument", instrument),
        component=_word("component", component),
        category=_word("category", category),
        public=_word("audience", public),
        status=_word("status", status),
        nature=_word("nature", nature),
        series=series,
        first=since,
        last=until,
    )


def select(entries: Iterable[Activity], which: Filter) -> tuple[Activity, ...]:
    """The entries that a filter keeps, by their start, then id."""
    return tuple(sorted((each for each in entries if which.keeps(each)), key=lambda each: (each.start, each.id)))


def _countries(names: str | Iterable[str] | None) -> tuple[str, ...] | None:
    if names is None:
        return None
    return tuple(dict.fromkeys(find(each).iso3 for each in ([names] if isinstance(names, str) else names)))


def _word(of: List, name: str | None) -> str | None:
    return None if name is None else word(of, name).id
