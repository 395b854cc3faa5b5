"""The look of pages and pictures as numbers: colours from ``tokens.css``, letters from ``data/fonts``.

``tokens.css`` is the single source. Pages include it as it stands; charts and the PDF read their colours from it here.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from softpower import storage

TOKENS = resources.files("softpower.drawing") / "tokens.css"

SERIF = "Literata"
SANS = "Noto Sans"
NARROW = "Noto Sans Narrow90"  # Noto Sans at 90 % of its width: tables and charts
STRONG = 650

# Colours of the thin and the thick bar of an interval mark, by its tone.
TONES = {
    "focus": ("focus", "focus-2"),
    "above": ("focus", "focus-2"),
    "below": ("low", "low-2"),
    "peer": ("peer", "peer-2"),
}

_SIZE = re.compile(r"--s-([a-z0-9]+):\s*([\d.]+)pt")
_COLOUR = re.compile(r"--([a-z0-9-]+):\s*(#[0-9A-Fa-f]{6})")


@cache
def tokens_css() -> str:
    """The style sheet of tokens, as pages include it."""
    return TOKENS.read_text(encoding="utf-8")


@cache
def palette(mode: Literal["light", "dark"] = "light") -> Mapping[str, str]:
    """Colour of each token, ``#RRGGBB`` in capitals.

    >>> palette()["focus"]
    '#124E8C'
    """
    start = {"light": ":root {", "dark": ':root[data-theme="dark"] {'}[mode]
    block = tokens_css().split(start, 1)[1].split("}", 1)[0]
    return {name: colour.upper() for name, colour in _COLOUR.findall(block)}


@cache
def paper_sizes() -> Mapping[str, float]:
    """Type sizes on paper in points by token ("display", "finding", "h2", "fig", "body", "table", "note").

    >>> paper_sizes()["body"]
    9.0
    """
    block = tokens_css().split("@media print", 1)[1]
    return {name: float(size) for name, size in _SIZE.findall(block)}


@dataclass(frozen=True, slots=True)
class Face:
    """One font of the bundle.

    Attributes
    ----------
    file : stem of its files: ``.ttf`` whole, ``-a.woff2`` and ``-b.woff2`` in two halves
    weight, style : as in CSS
    ranges : of each half, its characters as CSS ``unicode-range``
    halves : of each half, its characters
    advances : width of each character in thousandths of the type size; empty for faces that charts do not use
    """

    file: str
    family: str
    weight: int
    style: str
    ranges: Mapping[str, str]
    halves: Mapping[str, frozenset[str]]
    advances: Mapping[str, int]

    @property
    def characters(self) -> frozenset[str]:
        """All characters the font has."""
        return self.halves["a"] | self.halves["b"]


@cache
def faces() -> tuple[Face, ...]:
    """The fonts of the bundle."""
    described = json.loads(storage.bundled_text("fonts/fonts.json"))["faces"]
    return tuple(
        Face(
            file=face["file"],
            family=face["family"],
            weight=face["weight"],
            style=face["style"],
            ranges={half: face[half] for half in "ab"},
            halves={half: _characters(face[half]) for half in "ab"},
            advances={chr(int(code, 16)): width for code, width in face["advances"].items()},
        )
        for face in described
    )


def font_face(face: Face, half: str) -> str:
    """One half of a face ("a" or "b") as a CSS rule that carries the font in itself."""
    content = base64.b64encode(storage.bundled_bytes(f"fonts/{face.file}-{half}.woff2")).decode()
    # The bold cut answers to every weight from 600 on: charts ask for 700, headlines for 620.
    weight = "600 700" if face.weight >= 600 else str(face.weight)
    return (
        f'@font-face{{font-family:"{face.family}";font-weight:{weight};font-style:{face.style};'
        f"unicode-range:{face.ranges[half]};src:url(data:font/woff2;base64,{content}) format('woff2')}}"
    )


@cache
def printable() -> frozenset[str]:
    """Characters that every face of the bundle has."""
    return frozenset.intersection(*(face.characters for face in faces()))


def text_width(text: str, size: float, *, strong: bool = False, italic: bool = False) -> float:
    """Width of one line of chart text in the unit of ``size``; a character without glyph counts as wide as an M."""
    advances = _advances(strong, italic)
    unknown = advances["M"]
    return sum(advances.get(character, unknown) for character in text) * size / 1000


@cache
def _advances(strong: bool, italic: bool) -> Mapping[str, int]:
    family, weight, style = (SANS, 400, "italic") if italic else (NARROW, STRONG if strong else 400, "normal")
    return next(f.advances for f in faces() if (f.family, f.weight, f.style) == (family, weight, style))


def _characters(ranges: str) -> frozenset[str]:
    """The characters of a CSS ``unicode-range``."""
    found: set[str] = set()
    for span in ranges.split(","):
        first, _, last = span.removeprefix("U+").partition("-")
        found.update(chr(code) for code in range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(found)
