"""Wordings that several sections share: they import this, never one another."""

from __future__ import annotations

import re
from collections.abc import Sequence

from softpower.brief import words
from softpower.brief.context import Context, value
from softpower.brief.section import Quiet, Record, Text
from softpower.world import Country

_SMALL = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# Letters of a name that fit in the head of a narrow column.
_HEAD = 14


def listed(title: str) -> str:
    """A title as it stands in a list, where a comma of its own would read as the start of the next entry.

    >>> listed("Foreign direct investment, five years"), listed("Exports")
    ('foreign direct investment (five years)', 'exports')
    """
    head, comma, rest = title.partition(", ")
    return f"{words.mid(head)} ({rest})" if comma else words.mid(title)


def listing(titles: Sequence[str]) -> str:
    """Titles as a list in a sentence.

    >>> listing(["Exports", "Environmental agreements, party"])
    'exports and environmental agreements (party)'
    """
    return words.listing([listed(title) for title in titles])


def spelt(number: int) -> str:
    """A number as running text has it: in letters up to ten.

    >>> spelt(5), spelt(26), spelt(0)
    ('five', '26', 'none')
    """
    return _SMALL[number] if number < len(_SMALL) else f"{number:,}"


def published(context: Context, name: str) -> Text:
    """The latest published value of an indicator with its year, or that there is none."""
    record = context.published(name)
    if record is None or record.value is None:
        return ["—"] if context.cell(name).status == "zero" else [Quiet("not measured")]
    return [value(record, f"{words.quantity(record.value, record.unit)}, {record.year}")]


def in_index(context: Context, name: str) -> Text:
    """What the index counts in its place: the same value, a mean of years, a zero, or draws."""
    cell, record = context.cell(name), context.published(name)
    if cell.value is None:
        return [Quiet("too old" if record is not None else "drawn" if context.is_ranked else "—")]
    if cell.status == "zero":
        return [value(cell, "none")]
    if record is cell:
        return [value(cell, "the same")]
    return [value(cell, words.amount(cell.value)), f", {_span(cell)}"]


def _span(cell: Record) -> str:
    """The years behind a value, in few words."""
    note = cell.note.removesuffix(", carried forward")
    return re.sub(r" \(\d+ years\)$", "", note) or str(cell.year)


def observed_place(cell: Record) -> Text:
    """The place in the series, or a dash."""
    if cell.observed_rank is None:
        return ["—"]
    return [value(cell, f"{words.ordinal(cell.observed_rank)} of {cell.ranked}")]


def head_name(home: Country) -> str:
    """The country in the head of a narrow column: its label, or "It" where that is long."""
    return home.label if len(home.label) <= _HEAD else "It is"
