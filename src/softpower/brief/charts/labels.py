"""Where labels go: the first free place around each point, so that no two labels touch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from softpower.brief.charts.plot import Align, Box
from softpower.brief.theme import text_width

_ANGLES = ((1, 0), (-1, 0), (0.8, -0.9), (-0.8, -0.9), (0.8, 0.9), (-0.8, 0.9), (0, -1), (0, 1))
LINE = 1.2  # distance between the lines of a label, in type sizes
RINGS = (7.0, 13.0, 20.0, 30.0, 42.0, 56.0, 72.0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label for the point at (x, y) px.

    ``required`` ones may cover dots and are moved until they fit, others are left out where there is no room.
    ``fill`` is the token of its colour; ``rings`` are the distances at which places are tried, px.
    """

    lines: Sequence[str]
    x: float
    y: float
    size: float
    fill: str = "ink-2"
    strong: bool = False
    required: bool = True
    rings: Sequence[float] = RINGS


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a label goes: the side at which its lines are set and the middle of the first one, px; ``leader`` is the
    end of a line from the point to a label that lies far from it."""

    wanted: Wanted
    x: float
    y: float
    align: Align
    box: Box
    leader: tuple[float, float] | None


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
    boxes = list(taken)
    for label in wanted:
        best = min(
            (choice for choice in _choices(label) if _fits(choice[1].box, width, height, boxes)),
            key=lambda choice: choice[0] + 6 * _covered(choice[1].box, dots),
            default=None,
        )
        if best is None or (not label.required and (_covered(best[1].box, dots) > 1 or best[1].leader)):
            continue
        placed.append(best[1])
        boxes.append(best[1].box)
    return placed


def _choices(label: Wanted) -> Iterable[tuple[float, Placed]]:
    width = max(text_width(line, label.size, strong=label.strong) for line in label.lines)
    height = label.size * (LINE * len(label.lines) - 0.2)
    for ring, distance in enumerate(label.rings):
        for turn, (dx, dy) in enumerate(_ANGLES):
            align: Align = "left" if dx > 0 else "right" if dx < 0 else "center"
            x = label.x + dx * distance
            middle = label.y + dy * (distance + (height / 2 - 2 if dx == 0 else 0))
            left = x - {"left": 0.0, "right": width, "center": width / 2}[align]
            box = Box(left, middle - height / 2, left + width, middle + height / 2)
            leader = None
            if distance > 14:
                leader = (min(max(label.x, left), left + width), box.bottom if dy < 0 else box.top if dy > 0 else middle)
                if dy == 0:
                    leader = (x - dx * 2, middle)
            yield ring * 9 + turn * 1.0, Placed(label, x, middle - height / 2 + label.size / 2, align, box, leader)


def _fits(box: Box, width: float, height: float, taken: Iterable[Box]) -> bool:
    inside = box.left >= 2 and box.right <= width - 2 and box.top >= 1 and box.bottom <= height - 1
    return inside and not any(box.meets(other, gap=2.0) for other in taken)


def _covered(box: Box, dots: Iterable[tuple[float, float]]) -> int:
    return sum(box.left - 2 < x < box.right + 2 and box.top - 1 < y < box.bottom + 1 for x, y in dots)
