"""Which letters a page prints: codes without a picture go, letters the bundled fonts lack are replaced on paper."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from softpower.drawing.theme import printable

REPLACEMENT = "?"
_LONGEST_WORD = 36  # letters after which a word may break anywhere
_PIECE = 12

# Control codes (a NUL ends the chart renderer's process), halves of pairs, codes that are no characters, and marks that
# turn the direction of all text after them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def visible(text: str) -> str:
    """``text`` without codes that have no picture and may harm what reads them.

    >>> visible("a\\x00b\\u202ec")
    'abc'
    """
    return _INVISIBLE.sub("", text)


class Letters:
    """Texts made printable with the bundled fonts; what had to be replaced is remembered."""

    def __init__(self) -> None:
        self.missing: set[str] = set()

    def all(self, thing: Any) -> Any:
        """``thing`` with every string in it made printable, drawings included."""
        match thing:
            case str():
                return self.text(thing)
            case dict():
                return {key: self.all(value) for key, value in thing.items()}
            case list() | tuple():
                return [self.all(value) for value in thing]
            case _:
                return thing

    def text(self, text: str) -> str:
        """One text: known letters stay; accents none of the fonts has go; other letters become "?"; marks without a
        picture (directions, joiners, control codes) go; very long words may break."""
        if text.isascii() and text.isprintable() and len(text) <= _LONGEST_WORD:
            return text
        known = printable()
        out = "".join(c if c in known or c == "\n" else self._instead(c, known) for c in text)
        return out if out.startswith("<svg") else " ".join(map(_breakable, out.split(" ")))

    def _instead(self, character: str, known: frozenset[str]) -> str:
        if unicodedata.category(character) in ("Cc", "Cf", "Mn", "Zl", "Zp"):
            return ""
        if unicodedata.category(character) == "Zs":
            return " "
        self.missing.add(character)
        base = "".join(c for c in unicodedata.normalize("NFKD", character) if c in known)
        return base or REPLACEMENT


def _breakable(word: str) -> str:
    if len(word) <= _LONGEST_WORD:
        return word
    return "\u200b".join(word[i : i + 12] for i in range(0, len(word), 12))
