"""Where labels go: the first free place around each point, so that no two labels touch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from softpower.drawing.plot import Align, Box
from softpower.drawing.theme import text_width

_ANGLES = ((1, 0), (-1, 0), (0.8, -0.9), (-0.8, -0.9), (0.8, 0.9), (-0.8, 0.9), (0, -1), (0, 1))
LINE = 1.2  # distance between the lines of a label, in type sizes
NEAR = 14.0  # px; a label further off needs a line to its mark
_CROWDED = 30  # cost of a label that would read on from another
BESIDE = 4.0  # px; a word's space, and more, between two labels in one line
RINGS = (7.0, 13.0, 20.0, 30.0, 42.0, 56.0, 72.0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label for one mark.

    Attributes
    ----------
    lines : its words, one line each
    anchors : places on the mark, px, that it may stand beside or point at
    size, fill, strong : of its letters; ``fill`` is a token
    required : whether it may cover dots and moves until it fits; others are left out where there is no room
    rings : distances from an anchor at which places are tried, px
    toward : direction (right, down) that is tried first
    """

    lines: Sequence[str]
    anchors: Sequence[tuple[float, float]]
    size: float
    fill: str = "ink-2"
    strong: bool = False
    required: bool = True
    rings: Sequence[float] = RINGS
    toward: tuple[float, float] = (1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a label goes: the side at which its lines are set and the middle of the first one, px; ``leader`` is a line
    from the mark to a label that lies far from it."""

    wanted: Wanted
    x: float
    y: float
    align: Align
    box: Box
    leader: tuple[float, float, float, float] | None


def place(
    wanted: Iterable[Wanted], *, width: float, height: float, taken: Sequence[Box], dots: Sequence[tuple[float, float]]
) -> list[Placed]:
    """Place labels one after another, the most important first.

    Of all free places around a point the cheapest is taken: near, to the right, over few dots. A label that is not
    required and finds no place near its point, clear of dots, is left out; a required one is moved on until it is free.

    Parameters
    ----------
    width, height : of the plot, px; labels stay inside
    taken : boxes no label may touch
    dots : points that labels should not cover
    """
    placed: list[Placed] = []
    boxes = list(taken)  # and, wider by what sets two labels in one line apart, those of the labels placed
    for label in wanted:
        best = min(
            (choice for choice in _choices(label) if _fits(choice[1].box, width, height, boxes)),
            key=lambda choice: choice[0] + 4 * _covered(choice[1].box, dots) + _CROWDED * _alike(choice[1], placed),
            default=None,
        )
        if best is None or (not label.required and (_covered(best[1].box, dots) > 1 or best[1].leader)):
            continue
        placed.append(best[1])
        one = best[1].box
        boxes.append(Box(one.left - BESIDE, one.top, one.right + BESIDE, one.bottom))
    return placed


def _choices(label: Wanted) -> Iterable[tuple[float, Placed]]:
    """Every place tried for a label, with its cost."""
    width = max(text_width(line, label.size, strong=label.strong) for line in label.lines)
    height = label.size * (LINE * len(label.lines) - 0.2)
    for (x0, y0), (ring, distance), (dx, dy) in product(label.anchors, enumerate(label.rings), _ANGLES):
        align: Align = "left" if dx > 0 else "right" if dx < 0 else "center"
        x = x0 + dx * distance
        middle = y0 + dy * (distance + (height / 2 - 2 if dx == 0 else 0))
        left = x - {"left": 0.0, "right": width, "center": width / 2}[align]
        box = Box(left, middle - height / 2, left + width, middle + height / 2)
        leader = None
        if distance > NEAR:
            end_x = x - dx * 2 if dy == 0 else min(max(x0, left), left + width)
            end_y = middle if dy == 0 else box.bottom if dy < 0 else box.top
            leader = (x0, y0, end_x, end_y)
        turn = 1 - (dx * label.toward[0] + dy * label.toward[1]) / math.hypot(dx, dy) / math.hypot(*label.toward)
        cost = ring * 9 + turn * 4
        yield cost, Placed(label, x, middle - height / 2 + label.size / 2, align, box, leader)


def _fits(box: Box, width: float, height: float, taken: Iterable[Box]) -> bool:
    inside = box.left >= 2 and box.right <= width - 2 and box.top >= 1 and box.bottom <= height - 1
    return inside and not any(box.meets(other, gap=2.0) for other in taken)


def _alike(one: Placed, placed: Iterable[Placed]) -> int:
    """How many labels of its own colour and weight it stands so close to that they would read as one text."""
    look = (one.wanted.fill, one.wanted.strong)
    return sum(
        one.wanted.strong and (other.wanted.fill, other.wanted.strong) == look and one.box.meets(other.box, gap=9.0)
        for other in placed
    )


def _covered(box: Box, dots: Iterable[tuple[float, float]]) -> int:
    return sum(box.left - 2 < x < box.right + 2 and box.top - 1 < y < box.bottom + 1 for x, y in dots)
