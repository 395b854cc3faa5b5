r"""What a cell of a table can hold: text, yes or no, a number, a list, a list of things with several parts.

Items of a list are parted by ``;`` and parts of an item by ``|``; where one of the two belongs to a text, a backslash
stands before it. Text that a spreadsheet would run as a formula gets an apostrophe, which reading takes off again; an
apostrophe alone is a text that is there and empty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

# Also the wide forms, which some keyboards give and some programs take for the same.
FORMULA_SIGNS: Final = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
# Stands before what a formula of a spreadsheet shows; no text of an entry holds this sign.
FORMULA: Final = "\x00"
# How text begins that is guarded: like a formula, like a guard, or not at all.
_HARMFUL: Final = re.compile("'*([" + FORMULA_SIGNS.replace("-", r"\-") + r"]|\Z)")
_ESCAPED: Final = re.compile(r"[\\;|]")
_SIGN: Final = re.compile(r"\\[\\;|]|[;|]")

_YES: Final = frozenset({"yes", "y", "true", "1", "x"})
_NO: Final = frozenset({"no", "n", "false", "0"})


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula, and that can be told from an empty cell.

    >>> [guarded(each) for each in ("=1+1", "a-b", "'=1", "")]
    ["'=1+1", 'a-b', "''=1", "'"]
    """
    return f"'{text}" if _HARMFUL.match(text) else text


def unguarded(text: str) -> str:
    """What `guarded` was given.

    >>> [unguarded(each) for each in ("'=1+1", "''=1", "'a", "'")]
    ['=1+1', "'=1", "'a", '']
    """
    return text[1:] if text[:1] == "'" and _HARMFUL.match(text) else text


def escaped(text: str) -> str:
    """Text with a backslash before what would part it."""
    return _ESCAPED.sub(lambda found: "\\" + found[0], text)


def joined(items: Sequence[str]) -> str:
    r"""A list as one cell.

    >>> joined(["UN", "a;b"])
    'UN; a\\;b'
    """
    return "; ".join(escaped(item) for item in items)


def table(items: Sequence[Sequence[str]]) -> str:
    """A list of things with parts as one cell; parts that are empty at the end of an item are left out.

    >>> table([("Ministry", "state", ""), ("UN", "", "partner")])
    'Ministry | state; UN |  | partner'
    """
    rows = []
    for item in items:
        parts = [escaped(part) for part in item]
        while len(parts) > 1 and not parts[-1]:
            parts.pop()
        rows.append(" | ".join(parts))
    return "; ".join(rows)


def listed(text: str) -> list[str]:
    """The items of a cell, none of them empty."""
    return [" | ".join(item) for item in parted(text)]


def parted(text: str) -> list[list[str]]:
    r"""The items of a cell, each as its parts.

    >>> parted("Ministry | state; a\\;b")
    [['Ministry', 'state'], ['a;b']]
    """
    items, part, start = [[""]], 0, 0
    for found in _SIGN.finditer(text):
        items[-1][part] += text[start : found.start()]
        start = found.end()
        if found[0] == ";":
            items.append([""])
            part = 0
        elif found[0] == "|":
            items[-1].append("")
            part += 1
        else:
            items[-1][part] += found[0][1]
    items[-1][part] += text[start:]
    stripped = [[each.strip() for each in item] for item in items]
    return [item for item in stripped if any(item)]


def truth(text: str) -> Any:
    """Yes or no; anything else stays as it is, for the entry to refuse."""
    folded = text.casefold()
    return True if folded in _YES else False if folded in _NO else text


def said(value: bool | None) -> str:
    """How `truth` is written."""
    return "" if value is None else "yes" if value else "no"


def number(value: float | None) -> str:
    """A number with all its digits, without those it has not.

    >>> [number(each) for each in (1500000.0, 0.1, 1e22, None)]
    ['1500000', '0.1', '1e+22', '']
    """
    text = "" if value is None else repr(float(value)).removesuffix(".0")
    return "0" if text == "-0" else text


def day(value: date | None) -> str:
    """A day as ISO 8601 has it."""
    return "" if value is None else value.isoformat()
