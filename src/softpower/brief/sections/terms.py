"""Wordings that several sections share: they import this, never one another."""

from __future__ import annotations

from collections.abc import Sequence

from softpower.brief import words
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


def head_name(home: Country) -> str:
    """The country in the head of a narrow column: its label, or "It" where that is long."""
    return home.label if len(home.label) <= _HEAD else "It is"
