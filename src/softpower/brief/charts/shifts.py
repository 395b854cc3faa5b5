"""What would change the result: one row per choice, the shift it makes with its interval, zero drawn and named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from softpower.drawing.marks import Axis, Chart, Interval
from softpower.drawing.plot import Plot
from softpower.drawing.render import Drawing, Size, render
from softpower.drawing.rows import columns, draw_axis, draw_interval, wrapped
from softpower.drawing.theme import text_width


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One choice. ``mark.tone`` is "above", "below" or "peer" (not distinguishable); without a mark ``text``
    ("not measured") stands in italics in its place. ``label`` may hold one line break."""

    label: str
    text: str
    mark: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftGroup:
    """Choices under one heading: "Potential", "Performance". An empty heading prints none; ``none`` stands in the place
    of rows where there are none."""

    heading: str
    rows: Sequence[Shift]
    none: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shifts:
    """What the chart shows: groups side by side on paper, one above the other on a phone.

    ``left`` and ``right`` are the words at the ends of the axis ("lower", "higher"); ``reference_label`` names the
    line at ``axis.reference`` ("default model").
    """

    title: str
    groups: Sequence[ShiftGroup]
    axis: Axis
    left: str
    right: str
    reference_label: str


def shifts_chart(data: Shifts) -> Chart:
    """Draw ``data`` at the page's width and at a phone's."""
    return render(partial(_draw, data), data=data, title=data.title)


def _draw(data: Shifts, size: Size) -> Drawing:
    wide = size == "wide"
    letters = 10.2 if wide else 12.0
    places = columns(len(data.groups), wide=wide)
    rows = [row for group in data.groups for row in group.rows]
    widest = max((text_width(part, letters) for row in rows for part in row.label.split("\n")), default=0.0)
    room_left = min(widest + 12, places[0][1] * 0.46)
    room_right = max((text_width(row.text, letters, strong=True) for row in rows if row.mark), default=0.0) + 10
    plots: list[tuple[float, float, Plot]] = []
    head = letters * (4.4 if any(group.heading for group in data.groups) else 3.0)
    top = head
    for (left, width), group in zip(places, data.groups, strict=True):
        plot = _group(data, group, width=width - room_left - room_right, letters=letters, left=room_left)
        plots.append((left + room_left, top, plot))
        if not wide:
            top += plot.height + head + letters * 2
    bottom = max(top + plot.height for _, top, plot in plots)
    return Drawing(width=places[-1][0] + places[-1][1], height=bottom + letters * 1.8, plots=plots)


def _group(data: Shifts, group: ShiftGroup, *, width: float, letters: float, left: float) -> Plot:
    labels = [wrapped(row.label, size=letters, width=left - 10) for row in group.rows]
    heights = [letters * (1.16 * len(lines) + 0.75) for lines in labels]
    total = sum(heights) or letters * 2
    plot = Plot(width=width, height=total, x=(data.axis.low, data.axis.high), y=(total, 0))
    start = plot.x[0] - plot.right(left)
    if group.heading:
        plot.text(start, -letters * 3.7, group.heading, size=letters * 1.06, fill="ink", strong=True)
    if not group.rows:
        plot.text(start, -letters * 0.9, group.none, size=letters, italic=True)
        return plot
    draw_axis(plot, data.axis, letters=letters * 0.94, reference_label=data.reference_label)
    middle = 0.0
    for row, lines, height in zip(group.rows, labels, heights, strict=True):
        middle += height / 2
        for number, line in enumerate(lines):
            y = middle + letters * 1.16 * (number - (len(lines) - 1) / 2)
            plot.text(start, y, line, size=letters, fill="ink")
        if row.mark is None:
            plot.text(plot.x[0] + plot.right(4), middle, row.text, size=letters, italic=True, halo=True)
        else:
            draw_interval(plot, middle, row.mark)
            told = row.mark.tone in ("above", "below")
            plot.text(
                plot.x[1] + plot.right(10),
                middle,
                row.text,
                size=letters,
                fill="ink" if told else "ink-2",
                strong=told,
            )
        middle += height / 2
    below = plot.height + letters
    plot.text(plot.x[0], below, data.left, size=letters * 0.94)
    plot.text(plot.x[1], below, data.right, size=letters * 0.94, align="right")
    return plot
