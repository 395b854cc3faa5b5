"""Rank or score over the years: the country with its band, the peers in grey behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TypeVar

from softpower.drawing.marks import Chart
from softpower.drawing.plot import Plot
from softpower.drawing.render import Drawing, Size, render
from softpower.drawing.rows import columns
from softpower.drawing.theme import text_width

Row = TypeVar("Row", tuple[int, float], tuple[int, float, float])


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One country over the years; a year without value is simply absent and leaves a gap.

    ``points`` are (year, central); ``band`` (year, low, high), empty for countries drawn without one.
    """

    name: str
    points: Sequence[tuple[int, float]]
    band: Sequence[tuple[int, float, float]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One measure: ``focus`` in blue with its band, ``others`` as grey context, named at their right end."""

    heading: str
    focus: Line
    others: Sequence[Line]
    end_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """What the trend shows: small multiples on the same two axes.

    Attributes
    ----------
    title : the finding in one sentence, read in place of the drawing
    panels : one to four, side by side on paper, one above the other on a phone
    top, bottom : values at the upper and lower end of the vertical axis; for ranks ``top`` < ``bottom``
    ticks : (value, label) of the vertical axis
    """

    title: str
    panels: Sequence[Panel]
    top: float
    bottom: float
    ticks: Sequence[tuple[float, str]]


def trend_chart(data: Trend) -> Chart:
    """Draw ``data`` at the page's width and at a phone's."""
    return render(partial(_draw, data), data=data, title=data.title)


def _draw(data: Trend, size: Size) -> Drawing:
    wide = size == "wide"
    letters, height = (10.2, 128.0) if wide else (12.0, 150.0)
    places = columns(len(data.panels), wide=wide)
    years = [year for panel in data.panels for year, _ in panel.focus.points]
    room_left = max(text_width(label, letters) for _, label in data.ticks) + 7
    ends = [(panel.end_text, True) for panel in data.panels]
    ends += [(line.name, False) for panel in data.panels for line in panel.others]
    room_right = max(text_width(words, letters, strong=strong) for words, strong in ends) + 10
    head, foot = letters * 2.2, letters * 2.6
    plots: list[tuple[float, float, Plot]] = []
    top = head
    for (left, width), panel in zip(places, data.panels, strict=True):
        plot = Plot(
            width=width - room_left - room_right, height=height, x=(min(years), max(years)), y=(data.bottom, data.top)
        )
        _panel(plot, data, panel, letters=letters, left=room_left)
        plots.append((left + room_left, top, plot))
        if not wide:
            top += height + head + foot
    bottom = max(top for _, top, _ in plots) + height + foot - letters * 0.6
    return Drawing(width=places[-1][0] + places[-1][1], height=bottom, plots=plots)


def _panel(plot: Plot, data: Trend, panel: Panel, *, letters: float, left: float) -> None:
    first, last = plot.x
    plot.text(*plot.at(-left, -letters * 1.5), panel.heading, size=letters * 1.06, fill="ink", strong=True)
    for value, label in data.ticks:
        plot.segment(first, value, last, value, stroke="grid")
        plot.text(first - plot.right(5), value, label, size=letters, align="right")
    for year in _years(int(first), int(last), room=plot.width, letters=letters):
        x, y = plot.px(year, data.bottom)
        plot.segment(year, data.bottom, *plot.at(x, y + 3), stroke="ink-2")
        plot.text(*plot.at(x, y + 4 + letters * 0.8), str(year), size=letters, align="center")
    plot.segment(first, data.bottom, last, data.bottom, stroke="ink-2")
    for area in _runs(panel.focus.band):
        plot.band([(x, _inside(data, low), _inside(data, high)) for x, low, high in area], fill="focus-3")
    for line in panel.others:
        for run in _runs(line.points):
            plot.line([(x, _inside(data, y)) for x, y in run], stroke="peer-2", width=1)
    for run in _runs(panel.focus.points):
        plot.line([(x, _inside(data, y)) for x, y in run], stroke="focus", width=2)
    _ends(plot, data, panel, letters=letters)


def _ends(plot: Plot, data: Trend, panel: Panel, *, letters: float) -> None:
    """Names at the right ends of the lines, moved apart until none touches another; the focus keeps its place."""
    year, value = panel.focus.points[-1]
    plot.dot(year, _inside(data, value), radius=3.6, fill="focus", width=1.2)
    ends = [(plot.px(*line.points[-1])[1], line.name, False) for line in panel.others if line.points]
    ends.append((plot.px(year, _inside(data, value))[1], panel.end_text, True))
    last = max(line.points[-1][0] for line in [panel.focus, *panel.others] if line.points)
    x = plot.px(last, data.bottom)[0] + 8
    for (_, words, strong), y in zip(
        ends,
        spread(
            [y for y, _, _ in ends], gap=letters * 1.08, low=0, high=plot.height - letters * 0.7, fixed=len(ends) - 1
        ),
        strict=True,
    ):
        plot.text(*plot.at(x, y), words, size=letters, fill="focus" if strong else "ink-2", strong=strong, halo=True)


def spread(places: Sequence[float], *, gap: float, low: float, high: float, fixed: int) -> list[float]:
    """Places at least ``gap`` apart, in the same order, as near to the wanted ones as a simple push allows.

    The one numbered ``fixed`` stays and those above it are pushed up, those below down; where that would lead past
    ``low`` or ``high``, where other labels stand, all are pushed back, ``fixed`` too.

    >>> spread([10, 12, 30], gap=5, low=0, high=40, fixed=1)
    [7.0, 12.0, 30.0]
    >>> spread([38, 39, 40], gap=5, low=0.0, high=40.0, fixed=0)
    [30.0, 35.0, 40.0]
    """
    order = sorted(range(len(places)), key=lambda i: (places[i], i))
    moved = [float(min(max(place, low), high)) for place in places]
    middle = order.index(fixed)
    for step, after in ((1, order[middle:]), (-1, order[middle::-1])):
        _push(moved, after, step * gap)
    moved[order[-1]] = min(moved[order[-1]], high)
    _push(moved, order[::-1], -gap)
    moved[order[0]] = max(moved[order[0]], low)
    _push(moved, order, gap)
    return moved


def _push(places: list[float], order: Sequence[int], gap: float) -> None:
    """Move each place on until it is ``gap`` from the one before it; a negative gap leads to smaller numbers."""
    for near, far in pairwise(order):
        if (places[far] - places[near]) / gap < 1:
            places[far] = places[near] + gap


def _inside(data: Trend, value: float) -> float:
    return min(max(value, min(data.top, data.bottom)), max(data.top, data.bottom))


def _runs(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows in runs of consecutive years, so that a missing year leaves a gap."""
    runs: list[list[Row]] = []
    for row in sorted(rows, key=lambda row: row[0]):
        if runs and row[0] - runs[-1][-1][0] <= 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _years(first: int, last: int, *, room: float, letters: float) -> list[int]:
    """Labelled years: both ends, and every fifth between them that keeps clear of the ends and of the next."""
    if first == last:
        return [first]
    year = room / (last - first)
    clear = text_width("2000", letters) * 1.5
    between = [y for y in range(first + 1, last) if y % 5 == 0 and min(y - first, last - y) * year >= clear]
    if 5 * year < clear:
        between = [y for y in between if y % 10 == 0]
    return [first, *between, last]
