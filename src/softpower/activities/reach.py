"""Who is active where: a register seen from a host, and from a sender.

An activity of two senders or hosts counts for each, and the whole is given beside them. Two entries of one activity
(``extra.same_as``) count once, and are named. Outcomes, which others decide, and what did not take
place are kept apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from softpower.activities.activity import Activity
from softpower.activities.distinct import distinct
from softpower.activities.filters import select, wanted
from softpower.activities.plain import plain
from softpower.activities.spans import DONE, done, last_day
from softpower.activities.towards import towards, vector_notation
from softpower.world import Vector, find, vectors_of


@dataclass(frozen=True, slots=True)
class Presence:
    """One country's activity, as a host or towards a host sees it.

    Attributes
    ----------
    iso3 : of the sender, or of the host where the view is a sender's
    count : activities
    instruments, publics : how many of them with each, most first
    first, last : years between which they began
    ongoing : how many go on
    ids : in order of their start
    """

    iso3: str
    count: int
    instruments: dict[str, int]
    publics: dict[str, int]
    first: int
    last: int
    ongoing: int
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HostView:
    """Who is active in a country.

    Attributes
    ----------
    host : ISO3
    presences : of each sender from abroad, most activities first
    own : ids of activities in the country that it carries out alone
    outcomes : ids of those that others decided there; counted nowhere else
    not_done : ids of those planned, postponed or cancelled; counted nowhere else
    same : ids of entries left out, each with that of the entry which is counted
    total : activities from abroad
    """

    host: str
    presences: tuple[Presence, ...]
    own: tuple[str, ...]
    outcomes: tuple[str, ...]
    not_done: tuple[str, ...]
    same: tuple[tuple[str, str], ...]
    total: int

    def document(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        found: dict[str, Any] = plain(self) | {"same": dict(self.same)}
        return found


def active_in(entries: Sequence[Activity], host: str, *, first: int | None = None, last: int | None = None) -> HostView:
    """Who is active in a country, with which instruments, at which publics.

    Parameters
    ----------
    entries : the register
    host : a country, by code or name
    first, last : years between which some of an activity falls

    Raises
    ------
    UnknownCountry
        ``host`` is none.
    BadRequest
        The years are out of order.

    >>> from softpower.activities.bundled import bundled_activities
    >>> view = active_in(bundled_activities(), "Türkiye")
    >>> [(each.iso3, each.count) for each in view.presences][:3]
    [('KAZ', 7), ('GBR', 4), ('DEU', 2)]
    """
    which = wanted(host=host, first=first, last=last)
    found = distinct(select(entries, which))
    iso3 = find(host).iso3
    took_place = done(found.entries)
    activities = [each for each in took_place if each.nature != "outcome"]
    abroad = [each for each in activities if {*each.sender} - {iso3}]
    return HostView(
        iso3,
        _presences(abroad, lambda each: {*each.sender} - {iso3}),
        tuple(each.id for each in activities if not {*each.sender} - {iso3}),
        tuple(each.id for each in took_place if each.nature == "outcome"),
        tuple(each.id for each in found.entries if each.status not in DONE),
        found.left_out,
        len(abroad),
    )


@dataclass(frozen=True, slots=True)
class VectorCount:
    """What is done towards one vector.

    Attributes
    ----------
    vector : its notation: "vector:west", or a country's code where it is one
    name : of it
    named : activities that name it
    member : others, that name a country or group which belongs to it
    wider : others, that name a group to which it belongs, such as Asia
    instruments : of the named and the members, most first
    last : year in which the latest of these began; None where there is none
    """

    vector: str
    name: str
    named: int
    member: int
    wider: int
    instruments: dict[str, int]
    last: int | None


@dataclass(frozen=True, slots=True)
class SenderView:
    """What a country does, where and towards whom.

    Attributes
    ----------
    sender : ISO3
    presences : by host, its own included, most activities first
    vectors : what is done towards each; vectors overlap, so that the counts do not add up
    world : activities that name no more than the whole world, the public at home or the diaspora
    outcomes, not_done, same : as for `HostView`
    nowhere : activities without a host
    total : activities
    """

    sender: str
    presences: tuple[Presence, ...]
    vectors: tuple[VectorCount, ...]
    world: int
    outcomes: tuple[str, ...]
    not_done: tuple[str, ...]
    same: tuple[tuple[str, str], ...]
    nowhere: int
    total: int

    def document(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        found: dict[str, Any] = plain(self) | {"same": dict(self.same)}
        return found


def active_abroad(
    entries: Sequence[Activity],
    sender: str,
    *,
    vectors: Sequence[Vector] | None = None,
    first: int | None = None,
    last: int | None = None,
) -> SenderView:
    """What a country does, by host and by vector.

    Parameters
    ----------
    entries : the register
    sender : a country, by code or name
    vectors : default those of the sender that are shown by default
    first, last : years between which some of an activity falls

    Raises
    ------
    UnknownCountry, BadRequest
        As for `active_in`.
    """
    iso3 = find(sender).iso3
    found = distinct(select(entries, wanted(sender=sender, first=first, last=last)))
    took_place = done(found.entries)
    activities = [each for each in took_place if each.nature != "outcome"]
    return SenderView(
        iso3,
        _presences(activities, lambda each: each.host),
        tuple(
            towards_vector(activities, each, sender=iso3)
            for each in (default_vectors(iso3) if vectors is None else vectors)
        ),
        sum(bool(each.audience) and not {*each.audience} - {"world", "home", "diaspora"} for each in activities),
        tuple(each.id for each in took_place if each.nature == "outcome"),
        tuple(each.id for each in found.entries if each.status not in DONE),
        found.left_out,
        sum(not each.host for each in activities),
        len(activities),
    )


def default_vectors(iso3: str) -> tuple[Vector, ...]:
    """The vectors of a country that are shown without being asked for."""
    return tuple(each for each in vectors_of(iso3) if each.default)


def towards_vector(entries: Sequence[Activity], vector: Vector, *, sender: str) -> VectorCount:
    """How many of a sender's entries are towards a vector, and how."""
    notation = vector_notation(vector)
    ways = [(each, towards(each, notation, sender=sender)) for each in entries]
    close = [each for each, how in ways if how in ("named", "member")]
    count = Counter(how for _, how in ways)
    return VectorCount(
        notation,
        vector.name,
        count["named"],
        count["member"],
        count["wider"],
        _most(each.instrument for each in close),
        max((each.start.year for each in close), default=None),
    )


def _presences(entries: Sequence[Activity], whose: Callable[[Activity], Iterable[str]]) -> tuple[Presence, ...]:
    of: dict[str, list[Activity]] = {}
    for each in entries:
        for iso3 in whose(each):
            of.setdefault(iso3, []).append(each)
    return tuple(_presence(iso3, of[iso3]) for iso3 in sorted(of, key=lambda iso3: (-len(of[iso3]), iso3)))


def _presence(iso3: str, entries: Sequence[Activity]) -> Presence:
    return Presence(
        iso3,
        len(entries),
        _most(each.instrument for each in entries),
        _most(group for each in entries for group in each.audience_groups),
        min(each.start.year for each in entries),
        max(each.start.year for each in entries),
        sum(last_day(each) is None for each in entries),
        tuple(each.id for each in entries),
    )


def _most(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items(), key=lambda each: (-each[1], each[0])))
