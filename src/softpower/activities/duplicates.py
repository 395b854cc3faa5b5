"""Entries that may be of one activity: suggested with a score and the reasons, never merged in silence.

Two entries are compared where they may have begun within a few weeks of each other, and share a sender or a host.
Titles are compared by their words in any order (Levenshtein's distance without substitutions, as a share of both
lengths). Two editions of one series, by number or else by day, are never the same.

References
----------
Christen (2012), Data Matching, chapters 4 (blocking) and 5 (comparing fields).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from softpower.activities.activity import Activity
from softpower.activities.plain import plain
from softpower.activities.spans import latest_start
from softpower.errors import BadRequest

Days = NDArray[np.int64]

# Of 100: what the titles count for, and what the other fields do together.
_TITLE: Final = 60
_FIELDS: Final = {"start": 16, "sender": 8, "host": 8, "instrument": 8}
# Below it, and with all else the same, two entries may still be of one activity; a person decides.
LEAST: Final = 80.0
WINDOW_DAYS: Final = 31
_ROUNDING: Final = 1e-6
# Rows compared at once: a block of titles fits into a cache of the processor.
_BLOCK: Final = 512
_WORD: Final = re.compile(r"\w+")
_DIGITS: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two entries that may be of one activity.

    Attributes
    ----------
    one, other : their ids
    score : 0-100, of titles and the fields that both have
    title : likeness of the titles, 0-100
    reasons : what is the same, and what is not
    marked : whether one of them already says that it is the same (``extra.same_as``)
    """

    one: str
    other: str
    score: float
    title: float
    reasons: tuple[str, ...]
    marked: bool

    def document(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        found: dict[str, Any] = plain(self)
        return found


def suggestions(
    entries: Sequence[Activity], *, window_days: int = WINDOW_DAYS, least: float = LEAST
) -> tuple[Suggestion, ...]:
    """Pairs that may be of one activity, likeliest first.

    Parameters
    ----------
    entries : with ids of their own
    window_days : so many days may lie between the days on which two may have begun
    least : score from which a pair is suggested, 60-100

    Raises
    ------
    BadRequest
        ``window_days`` is below 0, or ``least`` outside its range.

    >>> from softpower.activities.bundled import bundled_activities
    >>> [(each.one, each.other) for each in suggestions(bundled_activities())][0]
    ('KAZ-ANK-2019N', 'TUR-KAZ-2019N')
    """
    _possible(window_days, least)
    ordered = sorted(entries, key=lambda each: (each.start, each.id))
    titles = [_sorted_words(each.name) for each in ordered]
    start = np.array([each.start.toordinal() for each in ordered], dtype=np.int64)
    until = np.array([latest_start(each).toordinal() for each in ordered], dtype=np.int64)
    found = [
        suggestion
        for i, j, title in _alike(titles, start, until, window_days, _enough(least))
        if (suggestion := _compared(ordered[i], ordered[j], title, least)) is not None
    ]
    return tuple(sorted(found, key=lambda each: (-each.score, each.one, each.other)))


def suggestions_for(
    entry: Activity, entries: Sequence[Activity], *, window_days: int = WINDOW_DAYS, least: float = LEAST
) -> tuple[Suggestion, ...]:
    """Which of the entries may be of the same activity as a new one, likeliest first; errors as for `suggestions`."""
    from rapidfuzz import fuzz

    _possible(window_days, least)
    title, enough, window = _sorted_words(entry.name), _enough(least), timedelta(window_days)
    found: list[Suggestion] = []
    for other in entries:
        early, late = sorted((entry, other), key=lambda each: each.start)
        if other.id == entry.id or late.start - latest_start(early) > window:
            continue
        alike = fuzz.ratio(title, _sorted_words(other.name), score_cutoff=enough)
        if alike >= enough and (suggestion := _compared(entry, other, alike, least)) is not None:
            found.append(suggestion)
    return tuple(sorted(found, key=lambda each: (-each.score, each.one, each.other)))


def _possible(window_days: int, least: float) -> None:
    if window_days < 0:
        raise BadRequest(f"a window of {window_days} days; give 0 or more")
    if not _TITLE <= least <= 100:
        raise BadRequest(f"a least score of {least:g}; give {_TITLE} to 100: below, anything like would be a pair")


def _enough(least: float) -> float:
    """Likeness of titles below which no pair can reach the least score."""
    return (least - sum(_FIELDS.values())) / _TITLE * 100 - _ROUNDING


@lru_cache(maxsize=200_000)
def _sorted_words(title: str) -> str:
    return " ".join(sorted(_WORD.findall(title.casefold())))


def _alike(titles: list[str], start: Days, until: Days, window: int, enough: float) -> Iterator[tuple[int, int, float]]:
    """Pairs i < j in order of their start whose titles are alike and whose starts lie within reach.

    Blocks of neighbours are compared at once, each with what begins before the last of them is out of reach. Entries
    whose day is not known reach over a year, and are compared apart so as not to widen the blocks of the others.
    """
    vague = until > start
    for group in (np.flatnonzero(~vague), np.flatnonzero(vague)):
        for at in range(0, len(group), _BLOCK):
            yield from _block(group[at : at + _BLOCK], titles, start, until + window, enough)


def _block(rows: Days, titles: list[str], start: Days, reach: Days, enough: float) -> Iterator[tuple[int, int, float]]:
    from rapidfuzz import fuzz
    from rapidfuzz.process import cdist

    first = int(rows[0]) + 1
    stop = int(np.searchsorted(start, reach[rows].max(), side="right"))
    ours = [titles[each] for each in rows]
    for at in range(first, stop, 4 * _BLOCK):
        others = np.arange(at, min(at + 4 * _BLOCK, stop))
        # The score is 0 below the cut-off, which lets most comparisons end early.
        score = cdist(ours, [titles[each] for each in others], scorer=fuzz.ratio, score_cutoff=enough, dtype=np.float64)
        near = (start[others][None, :] <= reach[rows][:, None]) & (others[None, :] > rows[:, None])
        for i, j in zip(*np.nonzero((score >= enough) & near & (score > 0)), strict=True):
            yield int(rows[i]), int(others[j]), float(score[i, j])


def _compared(one: Activity, other: Activity, title: float, least: float) -> Suggestion | None:
    shared = {*one.sender} & {*other.sender} or {*one.host} & {*other.host}
    if not shared or _told_apart(one, other):
        return None
    shares, reasons = _fields(one, other)
    total = sum(_FIELDS[name] for name in shares)
    score = _TITLE / 100 * title + (100 - _TITLE) * sum(_FIELDS[name] * each for name, each in shares.items()) / total
    if score < least - _ROUNDING:
        return None
    first, second = sorted((one.id, other.id))
    marked = other.id == one.extra.get("same_as") or one.id == other.extra.get("same_as")
    return Suggestion(
        first, second, round(score, 1), round(title, 1), (f"titles {title:.0f} % alike", *reasons), marked
    )


def _told_apart(one: Activity, other: Activity) -> bool:
    """Whether they are two editions of one series, or their titles have other numbers: round 21, round 22."""
    if one.series is not None and one.series == other.series:
        numbered = None not in (one.edition, other.edition)
        exact = one.date_precision == other.date_precision == "day"
        return one.edition != other.edition if numbered else exact and one.start != other.start
    a, b = (set(_DIGITS.findall(each.name)) for each in (one, other))
    return bool(a and b and a != b)


def _fields(one: Activity, other: Activity) -> tuple[dict[str, float], list[str]]:
    """How much of each field is the same, of those that both have; and in words."""
    shares: dict[str, float] = {}
    reasons: list[str] = []
    early, late = sorted((one, other), key=lambda each: each.start)
    apart = max((late.start - latest_start(early)).days, 0)
    exact = one.date_precision == other.date_precision == "day"
    # A year that fits says little; so does each further week.
    shares["start"] = max(1 - apart / (2 * WINDOW_DAYS), 0.0) if exact else 0.5
    reasons.append(_apart(early.start, late.start) if exact else "the days may be the same")
    for name, a, b in (("sender", one.sender, other.sender), ("host", one.host, other.host)):
        if a and b:
            shares[name] = len({*a} & {*b}) / len({*a} | {*b})
            reasons.append(_sameness(name, shares[name]))
    shares["instrument"] = float(one.instrument == other.instrument)
    reasons.append(_sameness("instrument", shares["instrument"]))
    return shares, reasons


def _apart(one: date, other: date) -> str:
    days = abs((other - one).days)
    return "same start" if days == 0 else f"{days} day{'s' if days > 1 else ''} apart"


def _sameness(name: str, share: float) -> str:
    return f"same {name}" if share == 1 else f"{name} in part the same" if share else f"other {name}"
