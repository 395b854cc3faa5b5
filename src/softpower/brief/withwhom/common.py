"""What the figures of ties share: which vectors and layers are shown, and numbers in words."""

from __future__ import annotations

from collections.abc import Sequence

from softpower.brief import words
from softpower.brief.context import value
from softpower.brief.section import Cell, Quiet, Record, Row, Text
from softpower.vectors import wording
from softpower.vectors.facets import Facet
from softpower.vectors.profile import Profile
from softpower.world import Vector

# Layers of the matrix, in its order; of each pair the first that the country has.
LAYERS = (
    ("trade", "exports_top"),
    ("imports_eur", "imports_top"),
    ("emigrants",),
    ("students_abroad",),
    ("students_hosted",),
    ("investment_received",),
    ("flights",),
)
VECTORS = 6


def shown_vectors(found: Profile) -> Sequence[Vector]:
    """The vectors that have room on a page."""
    return found.vectors[:VECTORS]


def shown_layers(found: Profile) -> list[Facet]:
    """The layers that have room on a page."""
    by_id = {facet.id: facet for facet in found.facets}
    return [by_id[each[0] if each[0] in by_id else each[-1]] for each in LAYERS if set(each) & set(by_id)]


def percent_range(least: float, most: float) -> str:
    """Two shares in per cent, as one where both are the same.

    >>> percent_range(0.06, 0.11), percent_range(0.5, 0.5)
    ('6–11%', '50%')
    """
    return wording.percent_range(least, most, dash=words.DASH, sign="%")


def row(name: str, cells: Sequence[Text]) -> Row:
    """A row of a table of numbers."""
    return Row(cells=[Cell(text=[name]), *(Cell(text=cell) for cell in cells)])


def plain_value(record: Record | None) -> Text:
    """A value in per cent, or that it is not measured."""
    if record is None or record.value is None:
        return [Quiet("not measured")]
    return [value(record, words.number(record.value, 0 if record.value >= 0.95 or not record.value else 1))]
