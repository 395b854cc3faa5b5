"""How often a series has been held, as of a day, by what a register holds.

An edition counts once it has begun. Those planned, postponed or cancelled do not, nor does one whose day is not known
and may still lie ahead; each is named apart. A number is evidence of those before it: where round 22 is registered
there were 22 at least, however few are registered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median
from typing import Any, Final

from softpower.activities.activity import Activity
from softpower.activities.distinct import distinct
from softpower.activities.plain import plain
from softpower.activities.spans import DONE, latest_start
from softpower.errors import UnknownName

_DAYS: Final = 365.2425
# An interval between two editions is a gap if it is longer than so many usual ones.
LONG: Final = 1.5


class UnknownSeries(UnknownName):
    """No entry is an edition of such a series."""

    kind = "series"
    hint = "An entry says of what it is an edition in its field series."


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition that has begun; ``number`` is None where it is not known."""

    id: str
    name: str
    number: int | None
    start: date
    date_precision: str


@dataclass(frozen=True, slots=True)
class Interval:
    """Time between two editions that follow each other in the register.

    Attributes
    ----------
    since, until : ids of the two
    years : between their starts, for each edition that lies between them by number: twelve years from the second to the
        sixth are three each
    long : whether it is longer than 1.5 times the usual
    """

    since: str
    until: str
    years: float
    long: bool


@dataclass(frozen=True, slots=True)
class Editions:
    """A series as of a day.

    Attributes
    ----------
    series : id
    as_of : the day
    count : how many have been held: the highest number less those cancelled, or as many as are registered if more
    exact : whether every number up to the highest is registered, and every day known well enough; otherwise there were
        ``count`` at least
    registered : editions in the register that have begun
    held : these, by start
    numbers, missing : numbers registered, and those below the highest that are not
    years : in which they began
    first, last : days on which the first and the last registered began; None where there is none
    intervals : between those that follow each other, where both numbers are known or both are not
    usual_years : median of the intervals; None for fewer than two
    next_years : years between which the next would begin after an interval as short or as long as any before; None for
        fewer than two
    planned, postponed, cancelled : ids
    unsure : ids of those whose day is not known, and may lie after ``as_of``
    later : ids of those that began after it
    same : ids of entries left out, each with that of the entry which is counted
    """

    series: str
    as_of: date
    count: int
    exact: bool
    registered: int
    held: tuple[Edition, ...]
    numbers: tuple[int, ...]
    missing: tuple[int, ...]
    years: tuple[int, ...]
    first: date | None
    last: date | None
    intervals: tuple[Interval, ...]
    usual_years: float | None
    next_years: tuple[int, int] | None
    planned: tuple[str, ...]
    postponed: tuple[str, ...]
    cancelled: tuple[str, ...]
    unsure: tuple[str, ...]
    later: tuple[str, ...]
    same: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The count as a sentence says it: "7", or "at least 22 (5 registered)"."""
        if self.exact:
            return str(self.count)
        if not self.count:
            return "none registered"
        return f"at least {self.count}" + (f" ({self.registered} registered)" if self.registered != self.count else "")

    def document(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        found: dict[str, Any] = plain(self) | {"same": dict(self.same), "text": self.text}
        return found


def editions(entries: Sequence[Activity], series: str, *, as_of: date) -> Editions:
    """How often a series has been held as of a day.

    Parameters
    ----------
    entries : the register
    series : id of the series
    as_of : editions that begin after it do not count

    Raises
    ------
    UnknownSeries
        No entry is an edition of it.

    >>> from softpower.activities.bundled import bundled_activities
    >>> editions(bundled_activities(), "KAZ-CONG", as_of=date(2025, 6, 30)).text
    '7'
    >>> editions(bundled_activities(), "ASTANA-PROCESS", as_of=date(2025, 6, 30)).text
    'at least 22 (5 registered)'
    """
    once = distinct([each for each in entries if each.series == series])
    if not once.entries:
        raise UnknownSeries(series, nearest=_nearest(series, entries))
    place = {each.id: _place(each, as_of) for each in once.entries}
    begun = sorted((each for each in once.entries if place[each.id] == "held"), key=_in_order)
    held = _each_number_once(begun)
    numbers = tuple(sorted({each.edition for each in held if each.edition is not None}))
    highest = max(numbers, default=0)
    unheld = {each.edition for each in once.entries if each.status == "cancelled"} - {*numbers}
    missing = tuple(each for each in range(1, highest + 1) if each not in {*numbers, *unheld})
    count = max(len(numbers) + len(missing), len(held))
    unsure = any(each == "unsure" for each in place.values())
    steps = _intervals(held)
    lengths = [each.years for each in steps]
    usual = median(lengths) if len(lengths) > 1 else None

    def apart(what: str) -> tuple[str, ...]:
        return tuple(each.id for each in sorted(once.entries, key=_in_order) if place[each.id] == what)

    return Editions(
        series=series,
        as_of=as_of,
        count=count,
        exact=bool(numbers) and len(numbers) == len(held) == count and not unsure,
        registered=len(held),
        held=tuple(Edition(each.id, each.name, each.edition, each.start, each.date_precision) for each in held),
        numbers=numbers,
        missing=missing,
        years=tuple(each.start.year for each in held),
        first=held[0].start if held else None,
        last=held[-1].start if held else None,
        intervals=tuple(
            Interval(each.since, each.until, each.years, usual is not None and each.years > LONG * usual)
            for each in steps
        ),
        usual_years=usual,
        next_years=_next(held[-1].start, lengths) if usual is not None else None,
        planned=apart("planned"),
        postponed=apart("postponed"),
        cancelled=apart("cancelled"),
        unsure=apart("unsure"),
        later=apart("later"),
        same=once.left_out,
    )


def series_in(entries: Sequence[Activity]) -> dict[str, int]:
    """Ids of all series, each with its number of entries, largest first.

    >>> from softpower.activities.bundled import bundled_activities
    >>> next(iter(series_in(bundled_activities()).items()))
    ('KAZ-CONG', 8)
    """
    found: dict[str, int] = {}
    for each in distinct(entries).entries:
        if each.series is not None:
            found[each.series] = found.get(each.series, 0) + 1
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def _place(entry: Activity, as_of: date) -> str:
    if entry.status not in DONE:
        return entry.status
    if entry.start > as_of:
        return "later"
    return "held" if latest_start(entry) <= as_of else "unsure"


def _in_order(entry: Activity) -> tuple[date, int, str]:
    return entry.start, entry.edition or 0, entry.id


def _each_number_once(held: list[Activity]) -> list[Activity]:
    """Two entries of one number are of one edition; the first stands for both."""
    seen: set[int] = set()
    kept = []
    for each in held:
        if each.edition is None or each.edition not in seen:
            kept.append(each)
        if each.edition is not None:
            seen.add(each.edition)
    return kept


def _intervals(held: Sequence[Activity]) -> list[Interval]:
    found = []
    for one, next in pairwise(held):
        if one.edition is not None and next.edition is not None and next.edition > one.edition:
            steps = next.edition - one.edition
        elif one.edition is None and next.edition is None:
            steps = 1
        else:
            continue
        found.append(Interval(one.id, next.id, round((next.start - one.start).days / _DAYS / steps, 3), False))
    return found


def _next(last: date, lengths: Sequence[float]) -> tuple[int, int]:
    days = (date.fromordinal(last.toordinal() + round(years * _DAYS)) for years in (min(lengths), max(lengths)))
    low, high = days
    return low.year, high.year


def _nearest(series: str, entries: Sequence[Activity]) -> list[str]:
    from rapidfuzz import process

    known = list(series_in(entries))
    return [name for name, *_ in process.extract(series, known, limit=3, score_cutoff=50)]
