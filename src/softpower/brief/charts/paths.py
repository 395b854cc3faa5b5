"""Paths over the years: one small panel for each vector, on common axes, the other vectors in grey behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from statistics import median
from typing import TypeVar

from softpower.drawing.marks import Chart
from softpower.drawing.plot import Align, Plot
from softpower.drawing.render import Drawing, Size, render
from softpower.drawing.rows import NARROW_WIDTH, WIDE_WIDTH, shortened, wrapped
from softpower.drawing.theme import text_width

Row = TypeVar("Row", tuple[int, float], tuple[int, float, float])


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One vector over the years.

    Attributes
    ----------
    heading : its name
    points : (year, value), years ascending; a year missing from an even series leaves a gap. Without points ``none``
        stands in italics in their place
    band : (year, low, high) of the 90 % interval; may be empty
    first, last : the first and the last value in words ("20", "19%")
    """

    heading: str
    points: Sequence[tuple[int, float]]
    first: str
    last: str
    band: Sequence[tuple[int, float, float]] = ()
    none: str = "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """What the chart shows: small multiples, in the order of ``paths``.

    Attributes
    ----------
    title : the finding in one sentence, read in place of the drawing
    bottom, top : values at the ends of the vertical axis
    ticks : values with a grid line; the words above the chart name them
    behind : whether the other paths are drawn in grey behind each
    """

    title: str
    paths: Sequence[Path]
    bottom: float
    top: float
    ticks: Sequence[float] = ()
    behind: bool = True


def paths_chart(data: Paths) -> Chart:
    """Draw ``data`` in one row at the page's width, or as many as it needs, and in two columns at a phone's."""
    return render(partial(_draw, data), data=data, title=data.title)


_MOST = 7  # panels in one row
_LINE = 1.16  # distance of lines, in type sizes
_DOT = 3.2


@dataclass(frozen=True, slots=True)
class _Frame:
    """What all panels share: the years and values at the ends of the axes, px of the plot and of the last value beside
    it, type sizes."""

    years: tuple[int, int]
    values: tuple[float, float]
    width: float
    height: float
    room: float
    letters: float
    small: float

    def x(self, year: float) -> float:
        """Px from the left edge; a single year stands at the right, where the last one always stands."""
        first, last = self.years
        return self.width * (year - first) / (last - first) if last > first else self.width

    def y(self, value: float) -> float:
        """Px from the top; values beyond an end of the axis stand at it."""
        bottom, top = self.values
        share = (value - bottom) / (top - bottom)
        return self.height * (1 - min(max(share, 0.0), 1.0))


def _draw(data: Paths, size: Size) -> Drawing:
    wide = size == "wide"
    sheet, gap = (WIDE_WIDTH, 15.0) if wide else (NARROW_WIDTH, 18.0)
    letters, small, height = (10.2, 9.4, 48.0) if wide else (12.0, 11.0, 66.0)
    years = sorted({year for path in data.paths for year, _ in path.points})
    said = [path.last for path in data.paths if path.points] or [""]
    room = min(max(text_width(words, letters, strong=True) for words in said), sheet * (0.12 if wide else 0.2))
    right = room + _DOT + 5
    both = 2 * text_width("2000", small) + 6
    columns = _columns(len(data.paths), most=int((sheet + gap) // (both + right + gap))) if wide else 2
    step = (sheet + gap) / columns
    frame = _Frame(
        years=(years[0], years[-1]) if years else (0, 0),
        values=(data.bottom, data.top),
        width=step - gap - right,
        height=height,
        room=room,
        letters=letters,
        small=small,
    )
    heads = [
        wrapped(path.heading, size=letters * 1.06, width=step - gap, strong=True, most=4 if wide else 3)
        for path in data.paths
    ]
    places: list[tuple[float, float]] = []
    y = 0.0
    for start in range(0, len(data.paths), columns):
        head = letters * 1.06 * _LINE * max(map(len, heads[start : start + columns])) + 7
        places += [(step * number, y + head) for number in range(len(data.paths[start : start + columns]))]
        y += head + height + small * 1.6 + letters
    total = y - letters + 2
    plot = Plot(width=sheet, height=total, x=(0, sheet), y=(total, 0))
    for number, (path, lines, (left, top)) in enumerate(zip(data.paths, heads, places, strict=True)):
        for line, words in enumerate(reversed(lines)):
            middle = top - 7 - letters * 1.06 * _LINE * (line + 0.5)
            plot.text(left, middle, words, size=letters * 1.06, fill="ink", strong=True)
        others = [other for at, other in enumerate(data.paths) if at != number] if data.behind else []
        _ground(plot, data, frame, path, others, left, top)
    for path, (left, top) in zip(data.paths, places, strict=True):  # above the ground of whichever panel
        _subject(plot, frame, path, left, top)
    return Drawing(width=sheet, height=total, plots=[(0.0, 0.0, plot)])


def _columns(count: int, *, most: int) -> int:
    """Panels in one row: no more than leave both years room under the axis, evenly spread over the rows."""
    rows = -(-count // min(max(most, 1), _MOST))
    return -(-count // rows)


def _ground(
    plot: Plot, data: Paths, frame: _Frame, path: Path, others: Sequence[Path], left: float, top: float
) -> None:
    """Grid, years, the other paths and the band of one panel, the upper left corner of its plot at (left, top)."""
    right, bottom = left + frame.width, top + frame.height
    for value in data.ticks:
        y = top + frame.y(value)
        plot.segment(left, y, right, y, stroke="grid")
    plot.segment(left, bottom, right, bottom, stroke="ink-2")
    _years(plot, frame, left, bottom)
    for other in others:
        _line(plot, frame, other.points, left, top, stroke="peer-3", width=1.2)
    for area in _runs(path.band):
        edges = [(left + frame.x(year), top + frame.y(low), top + frame.y(high)) for year, low, high in area]
        if len(edges) > 1:
            plot.band(edges, fill="focus-3")
        else:
            (x, low, high) = edges[0]
            plot.segment(x, low, x, high, stroke="focus-3", width=4)


def _subject(plot: Plot, frame: _Frame, path: Path, left: float, top: float) -> None:
    """The line of one panel with its first and last value."""
    if not path.points:
        words = shortened(path.none, frame.letters * 0.86, frame.width + frame.room)
        plot.text(left, top + frame.height / 2, words, size=frame.letters * 0.94, italic=True, halo=True)
        return
    _line(plot, frame, path.points, left, top, stroke="focus", width=2)
    _ends(plot, frame, path, left, top)


def _years(plot: Plot, frame: _Frame, left: float, bottom: float) -> None:
    """The years at the two ends of the axis."""
    first, last = frame.years
    if not last:
        return
    y = bottom + 3 + frame.small * 0.7
    plot.text(left + frame.width, y, str(last), size=frame.small, align="right")
    if first < last:
        plot.text(left, y, str(first), size=frame.small)


def _line(
    plot: Plot,
    frame: _Frame,
    points: Sequence[tuple[int, float]],
    left: float,
    top: float,
    *,
    stroke: str,
    width: float,
) -> None:
    """A line through each run of years; a year alone is a small dot."""
    for run in _runs(points):
        places = [(left + frame.x(year), top + frame.y(value)) for year, value in run]
        if len(places) > 1:
            plot.line(places, stroke=stroke, width=width)
        else:
            plot.dot(*places[0], radius=width, fill=stroke)


def _ends(plot: Plot, frame: _Frame, path: Path, left: float, top: float) -> None:
    """The last value beside its dot; the first one above or below its place, wherever the line leaves it free."""
    letters = frame.letters
    year, value = path.points[-1]
    x, y = frame.x(year), frame.y(value)
    plot.dot(left + x, top + y, radius=_DOT, fill="focus", width=1.2)
    half = letters * 0.5
    last = plot.text(
        left + x + _DOT + 4,
        top + min(max(y, half), frame.height - half),
        shortened(path.last, letters, frame.room, strong=True),
        size=letters,
        fill="focus",
        strong=True,
        halo=True,
    )
    if len(path.points) > 1 and path.first:
        start = left + frame.x(path.points[0][0])
        words = shortened(path.first, frame.small, frame.width - 4)
        for x, y, align in _first_places(frame, path, text_width(words, frame.small)):
            box = plot.box(left + x, top + y, words, size=frame.small, align=align)
            inside = top - 1 <= box.top and box.bottom <= top + frame.height - 1 and box.left >= left - 0.1
            if inside and not box.meets(last, gap=2) and (box.right <= left + frame.width or box.right <= start):
                plot.text(left + x, top + y, words, size=frame.small, align=align, halo=True)
                return


def _first_places(frame: _Frame, path: Path, width: float) -> Iterator[tuple[float, float, Align]]:
    """Places for the first value, the best first: clear of the line above or below it, left of it, at the edges."""
    x = frame.x(path.points[0][0])
    near = [frame.y(value) for year, value in path.points if frame.x(year) <= x + width + 2]
    begin, half = near[0], frame.small * 0.5
    above, below = min(near) - half - 3, max(near) + half + 3
    beside = sorted((above, below), key=lambda y: abs(y - begin))
    for y in beside:
        yield x, y, "left"
    yield x - 4, min(max(begin, half), frame.height - half), "right"
    for y in (half, frame.height - half - 1):
        yield x, y, "left"


def _runs(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows in runs without a gap: a step is one where it is far longer than usual, for some series come every five
    years."""
    usual = median([later[0] - earlier[0] for earlier, later in pairwise(rows)] or [1])
    runs: list[list[Row]] = []
    for row in rows:
        if runs and row[0] - runs[-1][-1][0] <= 1.5 * usual:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs
