"""Looks for ranks without interval in what a brief has become: HTML, PDF or JSON.

It knows nothing of how a brief is made. A page, whatever its format, has been taken apart into running text, tables and
drawings (`pages_read`); then three rules hold:

- in text an ordinal, "rank 49" or "49 of 181" is allowed only within a phrase that gives the interval
  ("43rd-65th of 181 (90% interval; central 49th)") or calls the place observed ("observed 9th of 193"); the central
  rank must lie inside its interval;
- in a table every cell under a heading that says "rank" is an interval, unless the heading or the cell says "observed";
- in a drawing a whole number that could be a rank is part of an axis: it stands in one line with others, and their
  distances are those of their values. Each drawing of a PDF is one of those on the page, number by number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tests.brief.pages_read import Label, PageRead, TableRead

MEMBERS = 193  # no rank is larger


# Text.

_ORDINAL = r"\d+(?:st|nd|rd|th)\b"
_NUMBER = re.compile(r"\d+")
_BOTH = rf"({_ORDINAL})\u2013\s*({_ORDINAL})"  # a line may end after the dash
# What states a rank with its interval, and what is called observed or is no rank at all.
_STATED = (
    re.compile(rf"{_BOTH}(?:\s+of\s+\d+(?:\s+states)?)?\s+\((?:90%\s+interval;\s+)?central\s+({_ORDINAL})\)"),
    re.compile(_BOTH),
    re.compile(r"\brank\s+(\d+)\u2013\s*(\d+),\s+central\s+(\d+)(?:\s+of\s+\d+)?"),
)
_OTHER = (
    re.compile(rf"\bobserved\s+{_ORDINAL}\s+of\s+\d+"),
    re.compile(r"\bobserved\s+rank\s+\d+(?:\s+of\s+\d+)?"),
    re.compile(r"\bobserved\s+\d+\b"),
    re.compile(r"\bObserved\s+ranks:[^.]*\."),
    re.compile(rf"\b{_ORDINAL}\s+percentile"),
    # Addresses, which a line may break after a hyphen or stroke.
    re.compile(r"https?://\S+"),
    re.compile(rf"[-/]\s?{_ORDINAL}-"),
)
_BARE = (
    re.compile(_ORDINAL),
    # "ranks 49", "rank of 49", "ranked no. 49"; "ranks 43-65" gives an interval.
    re.compile(
        r"\b(?:rank(?:s|ed|ing)?|position|place)(?:\s+(?:is|was|of|at|number|no\.|#))?[\s:#]+\d+\b"
        r"(?!\u2013\s*\d|[.,]\d|%|\s+to\s+\d)",
        re.I,
    ),
    re.compile(r"\bcentral\s+\d+\b(?!\.\d)"),
    re.compile(r"#\s?\d+\b"),
)


def in_text(text: str, ranked: int | None = None) -> list[str]:
    """Bare ranks in running text, each with its surroundings.

    Parameters
    ----------
    ranked : number of states that are ranked, so that "49 of 181" is known for a rank
    """
    rest = text
    for pattern in _STATED:
        rest = pattern.sub(lambda found: _blank(found) if _is_sound(found) else found[0], rest)
    for pattern in _OTHER:
        rest = pattern.sub(_blank, rest)
    among = [re.compile(rf"\b\d+\s+(?:out\s+)?of\s+{ranked}\b")] if ranked else []
    found = sorted({match.span() for pattern in (*_BARE, *among) for match in pattern.finditer(rest)})
    return [" ".join(text[max(0, start - 40) : end + 20].split()) for start, end in found]


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _is_sound(found: re.Match[str]) -> bool:
    """Whether the interval is one, and the central rank lies inside it."""
    low, high, *central = (int(_NUMBER.findall(group)[0]) for group in found.groups())
    return low <= high and all(low <= rank <= high for rank in central)


# Tables.

_INTERVAL = re.compile(rf"\d+\u2013\s*\d+|{_BOTH}|observed \d+")
_NO_RANK = re.compile(r"(?:No\.|Value|Year|Known\b.*)")
_COULD_BE_A_RANK = re.compile(rf"#?[1-9]\d{{0,2}}|{_ORDINAL}(?:\s+of\s+\d+)?")


def in_table(table: TableRead, ranked: int | None = None) -> list[str]:
    """Bare ranks in a table."""
    speaks_of_ranks = any(map(_says_rank, (table.about, *table.headings)))
    found = []
    for row in table.rows:
        for place, cell in enumerate(row):
            heading = table.headings[place] if place < len(table.headings) else ""
            if _says_observed(heading):
                continue
            bare = bool(_COULD_BE_A_RANK.fullmatch(cell)) and not _NO_RANK.fullmatch(heading)
            if _says_rank(heading):
                bare = bool(_NUMBER.search(cell)) and not _INTERVAL.fullmatch(cell)
            if (bare and speaks_of_ranks) or in_text(cell, ranked):
                found.append(f"{heading or table.about}: {' | '.join(row)}")
    return found


def _says_rank(words: str) -> bool:
    return bool(re.search(r"\brank", re.sub(r"observed\s+ranks?", "", words, flags=re.I), re.I))


def _says_observed(words: str) -> bool:
    return bool(re.search(r"observed\s+rank", words, re.I))


# Drawings.

_WHOLE = re.compile(r"\d+")
# An interval, a signed or broken number, a share, a multiple, a count of votes or countries, days, a kind of visa, a
# tick of thousands or millions: none of them is a rank.
_HARMLESS = re.compile(
    r"observed \d+|[+\u2212]?[\d.,]+(?:\u2013\s*|\s+to\s+)[+\u2212]?[\d.,]+|[+\u2212]\d+|\d+\.\d+|\d+%|[\d.,]+\u00d7"
    r"|\d+ votes?|\d+ countr\w*|\d+-day\b|\([A-Z]\d+(?:-\d+)?\)|\d+(?:k|m|bn|tn)\b"
)


def in_drawing(labels: Sequence[Label], ranked: int | None = None) -> list[str]:
    """Bare ranks in a drawing: whole numbers that could be ranks and belong to no axis."""
    wholes = [label for label in labels if _WHOLE.fullmatch(label.text)]
    found = []
    for label in labels:
        if label in wholes:
            bare = 0 < int(label.text) <= MEMBERS and not _is_tick(label, wholes)
        else:
            bare = any(0 < int(number) <= MEMBERS for number in _WHOLE.findall(_HARMLESS.sub("", label.text)))
        if bare or in_text(label.text, ranked):
            found.append(f"{label.text!r} in a drawing of {_words(labels)[:60]}")
    return found


def _is_tick(label: Label, wholes: Sequence[Label]) -> bool:
    """Whether it stands in a row or column with at least two others, at distances like those of their values."""
    row = [(each.x, int(each.text)) for each in wholes if each.y == label.y]
    column = [(each.y, int(each.text)) for each in wholes if (each.x, each.anchor) == (label.x, label.anchor)]
    value = int(label.text)
    return any(
        own in part and _is_scale(part)
        for own, line in (((label.x, value), row), ((label.y, value), column))
        for part in _parts(sorted(line))
    )


def _parts(line: list[tuple[float, int]]) -> Iterator[list[tuple[float, int]]]:
    """The line cut where values turn: two panels side by side have an axis each."""
    part: list[tuple[float, int]] = []
    for here in line:
        if len(part) > 1 and (here[1] - part[-1][1]) * (part[1][1] - part[0][1]) <= 0:
            yield part
            part = []
        part.append(here)
    yield part


def _is_scale(part: list[tuple[float, int]]) -> bool:
    if len(part) < 3:  # a short axis has two numbers; these are round
        return len(part) == 2 and all(value % 5 == 0 for _, value in part)
    places, values = np.array(part, dtype=float).T
    slope, intercept = np.polyfit(values, places, 1)
    return bool(np.abs(intercept + slope * values - places).max() < 1.0)


# A page as a whole.


def in_html(page: PageRead, ranked: int | None = None) -> list[str]:
    """Bare ranks anywhere on a page of HTML."""
    return [
        *_in_words(page, ranked),
        *(fault for drawing in page.drawings for fault in in_drawing(drawing, ranked)),
    ]


def in_pdf(page: PageRead, html: PageRead, ranked: int | None = None) -> list[str]:
    """Bare ranks anywhere in a PDF. Its labels have no place, so its drawings are held against those of the page."""
    known = [_digits(drawing) for drawing in html.drawings]
    return [
        *_in_words(page, ranked),
        *(f"not on the page: {_words(drawing)}" for drawing in page.drawings if _digits(drawing) not in known),
    ]


def _in_words(page: PageRead, ranked: int | None) -> list[str]:
    return [
        *in_text(page.text, ranked),
        *(fault for name in page.names for fault in in_text(name, ranked)),
        *(fault for table in page.tables for fault in in_table(table, ranked)),
    ]


def _words(drawing: Sequence[Label]) -> str:
    return " ".join(label.text for label in drawing)


def _digits(drawing: Sequence[Label]) -> Counter[str]:
    """Digit by digit: a reader of PDF runs labels together where one ends in the line in which the next begins."""
    return Counter(digit for label in drawing for digit in label.text if digit.isdigit())


# JSON.

_KNOWN = {"rank_low", "rank_high", "ranked", "ranked_states"}


def in_json(thing: Any, ranked: int | None = None) -> list[str]:
    """Bare ranks in a document: in its fields and in its texts."""
    if isinstance(thing, str):
        return in_text(thing, ranked)
    if isinstance(thing, list):
        return [fault for each in thing for fault in in_json(each, ranked)]
    if not isinstance(thing, dict):
        return []
    found = [fault for each in thing.values() for fault in in_json(each, ranked)]
    fields = [name for name in thing if re.search("rank|place|position", name) and name not in _KNOWN]
    return found + [f"{name} of {thing}" for name in fields if not _has_interval(name, thing)] + _value_alone(thing)


def _has_interval(name: str, record: Mapping[str, Any]) -> bool:
    match name:
        case "rank":
            place: list[Any] = [record.get(each) for each in ("rank_low", "rank", "rank_high")]
            return all(isinstance(each, int) for each in place) and place == sorted(place)
        case "observed_rank":
            is_series = not str(record.get("source_id", "model:")).startswith("model:")
            return isinstance(record.get("ranked"), int) and (is_series or _is_one_series(record))
    return False


def _is_one_series(record: Mapping[str, Any]) -> bool:
    """Whether it is a pillar of a single series; test_all_states holds that against the model and its replications."""
    return str(record.get("note", "")).startswith("one series;")


def _value_alone(record: Mapping[str, Any]) -> list[str]:
    """A rank or a shift of one that hides in a value."""
    hidden = re.match(r"(?:rank|place)s?\b", str(record.get("unit", "")))
    return [f"value of {record}"] if hidden and (record.get("low") is None or record.get("high") is None) else []
