"""Ties by layer and vector: the share of each vector in each layer, beside the share that was to be expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from softpower.drawing.marks import Chart
from softpower.drawing.plot import Plot
from softpower.drawing.render import Drawing, Size, render
from softpower.drawing.rows import NARROW_WIDTH, WIDE_WIDTH, shortened, wrapped
from softpower.drawing.theme import text_width

Kind = Literal["predicted", "median", "bounds", "interval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixCell:
    """One vector in one layer; shares are 0 to 1.

    Attributes
    ----------
    text : printed beside the mark ("19%", "0-22%"), or in italics in its place ("not measured")
    least : the share; None where it is not measured
    most : where not all partners are named, the most it can be; a bar then runs from ``least`` to ``most``
    tick : the share predicted; in a row of levels that of the median state
    low, high : interval of a share that was sampled
    """

    text: str
    least: float | None = None
    most: float | None = None
    tick: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """A layer with its cells in the order of the vectors; ``below`` says unit and year ("turnover, 2023").

    ``level`` is for layers that are no parts of a whole, such as votes in common: the tick is the median state's then,
    grey and broken, for a median is no expectation.
    """

    title: str
    below: str
    cells: Sequence[MatrixCell]
    level: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """What the chart shows: a row for each layer and a column for each vector, up to seven.

    ``ticks`` are (share, label) of the axis that all columns have; ``words`` name the marks, of which those that occur
    stand once under the rows.
    """

    title: str
    vectors: Sequence[str]
    rows: Sequence[MatrixRow]
    ticks: Sequence[tuple[float, str]] = ((0.0, "0"), (0.5, "50"), (1.0, "100%"))
    words: Sequence[tuple[Kind, str]] = (
        ("predicted", "predicted"),
        ("median", "median state"),
        ("bounds", "not all partners are named"),
        ("interval", "90% interval"),
    )


def matrix_chart(data: Matrix) -> Chart:
    """Draw ``data`` as one matrix at the page's width, and as one panel for each layer at a phone's."""
    return render(partial(_draw, data), data=data, title=data.title)


@dataclass(frozen=True, slots=True)
class _Laid:
    """A cell with the px of its zero and of its middle line."""

    cell: MatrixCell
    left: float
    y: float
    level: bool

    @property
    def least(self) -> float:
        """The share, or the least it can be."""
        return _inside(self.cell.least or 0.0)

    @property
    def most(self) -> float:
        """The most it can be."""
        return self.least if self.cell.most is None else max(_inside(self.cell.most), self.least)

    @property
    def span(self) -> tuple[float, float, str, float] | None:
        """Ends, colour and width of the bar between bounds, or of the interval; None for a share without either."""
        if self.most > self.least:
            return self.least, self.most, "focus-2", 6.0
        if self.cell.low is not None and self.cell.high is not None:
            return self.cell.low, self.cell.high, "focus", 2.0
        return None

    def x(self, share: float, inner: float) -> float:
        """Px of a share on an axis of ``inner`` px."""
        return self.left + inner * _inside(share)


_DOT = 3.8  # radius; smaller where an interval must show on both sides of it
_SMALL_DOT = 2.6
_CLEAR = 3.5  # px between a mark and its figure
_NARROWEST = 34.0  # px for 0 to 100 %; where less is left, figures stand above the marks instead of beside them
_AXIS = 24.0  # px by which an axis is shorter than its column, so that the numbers at the ends of two stay apart
_MANY = 7  # columns that leave less room for the names of layers
_LINE = 1.16  # distance of lines, in type sizes
_KEY: dict[Kind, float] = {"predicted": 9, "median": 9, "bounds": 24, "interval": 24}  # px from a mark to its name


def _draw(data: Matrix, size: Size) -> Drawing:
    return _wide(data) if size == "wide" else _narrow(data)


def _wide(data: Matrix) -> Drawing:
    letters, small = 10.2, 9.6
    names = _names(data.rows, letters, small, most=WIDE_WIDTH * (0.21 if len(data.vectors) < _MANY else 0.18))
    step = (WIDE_WIDTH - names) / len(data.vectors)
    lefts = [names + step * number for number in range(len(data.vectors))]
    cells = [cell for row in data.rows for cell in row.cells]
    inner = _inner(cells, step=step, size=letters)
    above = inner < _NARROWEST
    if above:
        inner = step - _AXIS
    heads = [wrapped(name, size=letters, width=step - 5, strong=True, most=4) for name in data.vectors]
    told = [
        (
            wrapped(row.title, size=letters, width=names - 10, strong=True),
            wrapped(row.below, size=small, width=names - 10) if row.below else [],
        )
        for row in data.rows
    ]
    heights = [
        max(_LINE * (letters * len(title) + small * len(below)) + 6, 32 if above else 26) for title, below in told
    ]
    top = letters * _LINE * max(map(len, heads)) + 7
    bottom = top + sum(heights)
    height = bottom + small * 1.7
    key = _key_lines(data, WIDE_WIDTH, size=letters)
    plot = Plot(
        width=WIDE_WIDTH,
        height=height + letters * 1.6 * len(key),
        x=(0, WIDE_WIDTH),
        y=(height + letters * 1.6 * len(key), 0),
    )
    for left, lines in zip(lefts, heads, strict=True):
        _grid(plot, data.ticks, left=left, inner=inner, top=top - 2, bottom=bottom, label=bottom + small, size=small)
        _lines(plot, left, top - 7 - letters * _LINE * (len(lines) - 0.5), lines, letters, strong=True)
    laid: list[_Laid] = []
    y = top
    for row, (title, below), tall in zip(data.rows, told, heights, strict=True):
        if y > top:
            plot.segment(0, y, WIDE_WIDTH, y, stroke="hair", width=0.75)
        begin = y + (tall - _LINE * (letters * len(title) + small * len(below))) / 2
        _lines(plot, 0, begin + _LINE * letters / 2, title, letters, fill="ink", strong=True)
        _lines(plot, 0, begin + _LINE * (letters * len(title) + small / 2), below, small)
        laid += [_Laid(cell, left, y + tall / 2, row.level) for left, cell in zip(lefts, row.cells, strict=True)]
        y += tall
    _cells(plot, laid, inner=inner, room=step - 6, size=letters, above=above)
    _key(plot, key, height, size=letters)
    return Drawing(width=WIDE_WIDTH, height=plot.height, plots=[(0.0, 0.0, plot)])


def _narrow(data: Matrix) -> Drawing:
    letters, small = 12.0, 11.0
    names = min(max(text_width(name, letters) for name in data.vectors) + 12, NARROW_WIDTH * 0.36)
    told = [wrapped(name, size=letters, width=names - 10, most=3) for name in data.vectors]
    step = NARROW_WIDTH - names
    texts = [[_fitted(cell, letters, step * 0.4) for cell in row.cells] for row in data.rows]
    inner = max(_inner([cell for cells in texts for cell in cells], step=step, size=letters), _NARROWEST)
    heights = [letters * (_LINE * len(lines) + 0.6) for lines in told]
    heads = [_heading(row, letters, small) for row in data.rows]
    tops, y = [], 0.0
    for lines in heads:
        tops.append(y + letters * 1.1 + small * _LINE * (len(lines) - 1) + small * 1.9)
        y = tops[-1] + sum(heights) + letters * 0.9
    key = _key_lines(data, NARROW_WIDTH, size=letters)
    height = y + letters * 1.6 * len(key)
    plot = Plot(width=NARROW_WIDTH, height=height, x=(0, NARROW_WIDTH), y=(height, 0))
    laid: list[_Laid] = []
    for row, cells, lines, top in zip(data.rows, texts, heads, tops, strict=True):
        start = top - small * 1.9 - small * _LINE * (len(lines) - 1) - letters * 0.5
        title = shortened(row.title, letters * 1.06, NARROW_WIDTH, strong=True)
        box = plot.text(0, start, title, size=letters * 1.06, fill="ink", strong=True)
        if lines and lines[0]:
            plot.text(box.right + 5, start, lines[0], size=small)
        _lines(plot, 0, start + small * _LINE, lines[1:], small)
        bottom = top + sum(heights)
        _grid(plot, data.ticks, left=names, inner=inner, top=top, bottom=bottom, label=top - small * 0.7, size=small)
        y = top
        for name, cell, tall in zip(told, cells, heights, strict=True):
            middle = y + tall / 2
            _lines(plot, 0, middle - letters * _LINE * (len(name) - 1) / 2, name, letters, fill="ink")
            laid.append(_Laid(cell, names, middle, row.level))
            y += tall
    _cells(plot, laid, inner=inner, room=step - 2, size=letters)
    _key(plot, key, height - letters * 1.6 * len(key), size=letters)
    return Drawing(width=NARROW_WIDTH, height=height, plots=[(0.0, 0.0, plot)])


def _names(rows: Sequence[MatrixRow], letters: float, small: float, *, most: float) -> float:
    """Width of the column of layers: as wide as its words, up to ``most``."""
    widths = [text_width(row.title, letters, strong=True) for row in rows]
    return min(max(widths + [text_width(row.below, small) for row in rows]) + 16, most)


def _heading(row: MatrixRow, letters: float, small: float) -> list[str]:
    """What stands beside a layer's title, and in lines under it where there is no room."""
    room = NARROW_WIDTH - text_width(row.title, letters * 1.06, strong=True) - 5
    if not row.below or text_width(row.below, small) <= room:
        return [row.below]
    return ["", *wrapped(row.below, size=small, width=NARROW_WIDTH)]


def _fitted(cell: MatrixCell, size: float, width: float) -> MatrixCell:
    """The cell with a text no wider than ``width``."""
    if cell.least is None:
        return cell
    return replace(cell, text=shortened(cell.text, size, width, strong=True))


def _inner(cells: Sequence[MatrixCell], *, step: float, size: float) -> float:
    """The most px that 0 to 100 % can take so that every figure has its place in a column of ``step``; 0 if none."""
    room = step - 10
    for inner in range(int(step - _AXIS), 0, -1):
        known = (cell for cell in cells if cell.least is not None)
        ends = (_beside(cell, inner, size) + text_width(cell.text, size, strong=True) for cell in known)
        if all(end <= room for end in ends):
            return float(inner)
    return 0.0


def _beside(cell: MatrixCell, inner: float, size: float) -> float:
    """Where the figure of a cell begins, px from zero: right of the mark, and of the tick unless it fits between."""
    laid = _Laid(cell, 0.0, 0.0, level=False)
    reach = inner * laid.most + (_CLEAR if laid.most > laid.least else _radius(cell) + _CLEAR)
    if cell.high is not None:
        reach = max(reach, inner * _inside(cell.high) + _CLEAR)
    if cell.tick is None:
        return reach
    tick = inner * _inside(cell.tick)
    if reach + text_width(cell.text, size, strong=True) + _CLEAR <= tick:
        return reach
    return max(reach, tick + _CLEAR + 1)


def _cells(plot: Plot, cells: Sequence[_Laid], *, inner: float, room: float, size: float, above: bool = False) -> None:
    """Marks and figures of all cells; ``above`` puts figures above the marks.

    One kind of mark after the other, so that no tick hides a dot.
    """
    for one in cells:
        if one.cell.least is None:
            _quiet(plot, one, room=room, size=size * 0.94)
    known = [one for one in cells if one.cell.least is not None]
    down, half = (6.5, 5.5) if above else (0.0, 7.5)
    for one in known:
        plot.segment(one.left, one.y + down, one.x(one.least, inner), one.y + down, stroke="focus-2", width=1.5)
    for one in known:
        if one.span:
            low, high, stroke, width = one.span
            y = one.y + down
            plot.segment(one.x(low, inner), y, one.x(high, inner), y, stroke=stroke, width=width)
    for one in known:
        if one.cell.tick is not None:
            _tick(plot, one.x(one.cell.tick, inner), one.y + down, level=one.level, half=half)
    for one in known:
        if one.most == one.least:
            plot.dot(one.x(one.least, inner), one.y + down, radius=_radius(one.cell), fill="focus", width=1.3)
        start = 0.0 if above else _beside(one.cell, inner, size)
        text = shortened(one.cell.text, size, room, strong=True) if above else one.cell.text
        plot.text(one.left + start, one.y - down, text, size=size, fill="ink", strong=True, halo=True)


def _quiet(plot: Plot, one: _Laid, *, room: float, size: float) -> None:
    """The words in place of a mark, which stand in italics at full width where ``wrapped`` measures narrow letters."""
    lines = wrapped(one.cell.text, size=size, width=room * 0.86)
    _lines(plot, one.left, one.y - size * _LINE * (len(lines) - 1) / 2, lines, size, italic=True)


def _radius(cell: MatrixCell) -> float:
    return _DOT if cell.low is None else _SMALL_DOT


def _tick(plot: Plot, x: float, y: float, *, level: bool, half: float) -> None:
    """What was to be expected, in sand; the median, which is no expectation, in grey."""
    if level:
        plot.segment(x, y - half, x, y + half, stroke="peer", width=2, dash=(2.5, 1.5))
    else:
        plot.segment(x, y - half, x, y + half, stroke="expect-ink", width=2)


def _grid(
    plot: Plot,
    ticks: Sequence[tuple[float, str]],
    *,
    left: float,
    inner: float,
    top: float,
    bottom: float,
    label: float,
    size: float,
) -> None:
    """Grid lines of one column, their numbers at the height ``label``; those between the ends only where they fit."""
    for value, _ in ticks:
        x = left + inner * value
        plot.segment(x, top, x, bottom, stroke="grid")
    ends = [tick for tick in ticks if tick[0] in (0, 1)]
    taken: list[tuple[float, float]] = []
    for value, words in [*ends, *(tick for tick in ticks if tick not in ends)]:
        x, half = left + inner * value, text_width(words, size) / 2
        if all(x + half + 4 <= start or x - half - 4 >= end for start, end in taken):
            plot.text(x, label, words, size=size, align="center")
            taken.append((x - half, x + half))


def _lines(
    plot: Plot,
    x: float,
    y: float,
    lines: Sequence[str],
    size: float,
    *,
    fill: str = "ink-2",
    strong: bool = False,
    italic: bool = False,
) -> None:
    """Lines of text, the middle of the first at ``y``."""
    for number, words in enumerate(lines):
        plot.text(
            x,
            y + number * size * _LINE,
            words,
            size=size,
            fill="ink" if strong else fill,
            strong=strong,
            italic=italic,
            halo=italic,
        )


def _key_lines(data: Matrix, width: float, *, size: float) -> list[list[tuple[float, Kind, str]]]:
    """The marks that occur with their names and where each begins, in as many lines as the width asks for."""
    drawn = {kind for row in data.rows for cell in row.cells for kind in _kinds(row, cell)}
    lines: list[list[tuple[float, Kind, str]]] = []
    x = 0.0
    for kind, words in data.words:
        if kind not in drawn:
            continue
        said = shortened(words, size, width - _KEY[kind])
        needed = _KEY[kind] + text_width(said, size)
        if not lines or x + needed > width:
            lines.append([])
            x = 0.0
        lines[-1].append((x, kind, said))
        x += needed + 20
    return lines


def _kinds(row: MatrixRow, cell: MatrixCell) -> list[Kind]:
    """The marks of a cell that need a name."""
    if cell.least is None:
        return []
    kinds: list[Kind] = []
    if cell.tick is not None:
        kinds.append("median" if row.level else "predicted")
    if cell.most is not None and cell.most > cell.least:
        kinds.append("bounds")
    elif cell.low is not None and cell.high is not None:
        kinds.append("interval")
    return kinds


def _key(plot: Plot, lines: Sequence[Sequence[tuple[float, Kind, str]]], top: float, *, size: float) -> None:
    """The names of the marks, each beside its mark."""
    for number, line in enumerate(lines):
        y = top + size * (0.8 + 1.6 * number)
        for x, kind, words in line:
            if kind == "bounds":
                plot.segment(x, y, x + 18, y, stroke="focus-2", width=6)
            elif kind == "interval":
                plot.segment(x, y, x + 18, y, stroke="focus", width=2)
                plot.dot(x + 9, y, radius=_SMALL_DOT, fill="focus", width=1.3)
            else:
                _tick(plot, x + 2, y, level=kind == "median", half=size * 0.6)
            plot.text(x + _KEY[kind], y, words, size=size)


def _inside(share: float) -> float:
    return min(max(share, 0.0), 1.0)
