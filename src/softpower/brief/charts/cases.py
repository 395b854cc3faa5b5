"""One dot for each case: roll calls on which two poles were opposed, by how the country voted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, product
from typing import Literal

from softpower.drawing.marks import Chart
from softpower.drawing.plot import Plot
from softpower.drawing.render import Drawing, Size, render
from softpower.drawing.rows import NARROW_WIDTH, wrapped
from softpower.drawing.theme import text_width

Tone = Literal["focus", "hollow", "peer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseGroup:
    """How many cases there are of one kind, and its words ("with China"); dots are blue, hollow or grey."""

    count: int
    words: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """What the chart shows: up to three groups side by side, the count in large type under the dots of each."""

    title: str
    groups: Sequence[CaseGroup]


def cases_chart(data: Cases, *, width: float = 432.0) -> Chart:
    """Draw ``data`` ``width`` px wide, by default two thirds of the page, and at a phone's width."""
    return render(partial(_draw, data, width), data=(data, width), title=data.title)


_RADII = (4.4, 4.0, 3.6, 3.2, 2.8, 2.4, 2.0, 1.7, 1.4, 1.1, 0.9)
_ROWS = (5, 10, 15, 20, 30, 50)  # columns of fives can be counted
_GAP, _WIDEST_GAP = 18.0, 44.0  # px between groups
_BETWEEN = 0.36  # of a radius, between two dots
_LINE = 1.16  # distance of lines, in type sizes


@dataclass(frozen=True, slots=True)
class _Layout:
    """Size of the dots, how many stand in one column, and the width of each group."""

    radius: float
    rows: int
    widths: tuple[float, ...]

    @property
    def step(self) -> float:
        """Px from one dot to the next."""
        return self.radius * (2 + _BETWEEN)


def _draw(data: Cases, width: float, size: Size) -> Drawing:
    wide = size == "wide"
    sheet, room, letters, large = (width, 76.0, 10.2, 13.5) if wide else (NARROW_WIDTH, 104.0, 12.0, 17.0)
    share = (sheet - _GAP * (len(data.groups) - 1)) / len(data.groups)
    told = [wrapped(group.words, size=letters, width=share, most=3) for group in data.groups]
    needed = [
        max(text_width(_votes(group.count), large, strong=True), *(text_width(line, letters) for line in lines))
        for group, lines in zip(data.groups, told, strict=True)
    ]
    layout = _layout(data, needed, width=sheet, room=room)
    gaps = max(len(layout.widths) - 1, 1)
    gap = min(max((sheet - sum(layout.widths)) / gaps, _GAP), _WIDEST_GAP)
    deep = min(layout.rows, max(group.count for group in data.groups)) * layout.step
    height = deep + 8 + large + 4 + letters * _LINE * max(map(len, told)) + 2
    plot = Plot(width=sheet, height=height, x=(0, sheet), y=(height, 0))
    left = 0.0
    for group, lines, taken in zip(data.groups, told, layout.widths, strict=True):
        for number in range(group.count):
            column, row = divmod(number, layout.rows)
            x, y = left + layout.step * (column + 0.5), layout.step * (row + 0.5) + 1
            _dot(plot, x, y, layout.radius, group.tone)
        y = deep + 8 + large / 2
        plot.text(left, y, _votes(group.count), size=large, fill="ink", strong=True)
        for number, words in enumerate(lines):
            plot.text(left, y + large / 2 + 4 + letters * (0.5 + _LINE * number), words, size=letters)
        left += taken + gap
    return Drawing(width=sheet, height=height, plots=[(0.0, 0.0, plot)])


def _layout(data: Cases, needed: Sequence[float], *, width: float, room: float) -> _Layout:
    """The largest dots with which all groups fit side by side."""
    for radius, rows in _sizes(room):
        columns = [-(-group.count // rows) for group in data.groups]
        step = _Layout(radius, rows, ()).step
        widths = tuple(max(words, step * count) for words, count in zip(needed, columns, strict=True))
        if sum(widths) + _GAP * (len(widths) - 1) <= width + 0.01:
            break
    return _Layout(radius, rows, widths)


def _sizes(room: float) -> Iterator[tuple[float, int]]:
    """Radius and dots in one column, none higher than ``room``; in the end the smallest dots, as high as they need."""
    for radius, rows in product(_RADII, _ROWS):
        if _Layout(radius, rows, ()).step * rows <= room:
            yield radius, rows
    yield from ((_RADII[-1], rows) for rows in count(_ROWS[0], step=5))


def _dot(plot: Plot, x: float, y: float, radius: float, tone: Tone) -> None:
    if tone == "hollow":
        line = min(1.3, radius * 0.4)
        plot.dot(x, y, radius=radius - line / 2, fill="paper", stroke="peer", width=line)
    else:
        plot.dot(x, y, radius=radius, fill=tone)


def _votes(number: int) -> str:
    """A count that nobody can take for a rank.

    >>> _votes(1), _votes(32)
    ('1 vote', '32 votes')
    """
    return f"{number} vote{'' if number == 1 else 's'}"
