"""One of the two plots of a path: lines over the periods with their names at the ends, a band, a fan behind them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from softpower.drawing.letters import visible
from softpower.drawing.look import Mode
from softpower.drawing.plot import Plot
from softpower.drawing.rows import shortened, wrapped
from softpower.drawing.theme import text_width

Array = NDArray[np.float64]

LETTERS, HEIGHT, FOOT = 10.6, 236.0, 20.0
_NAME = 96.0


@dataclass(frozen=True, slots=True)
class Line:
    """Values by period, NaN unknown, drawn in one way."""

    value: Array
    name: str
    stroke: str
    width: float = 2.2
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two plots: its heading, its lines, a band, and lines that stand behind."""

    heading: str
    lines: Sequence[Line]
    say: Callable[[float], str]
    limits: tuple[float, float]
    band: tuple[Array, Array] | None = None
    band_fill: str = "focus-3"
    fan: Array | None = None
    zero: bool = False


@dataclass(frozen=True, slots=True)
class Periods:
    """What the axis of time shows: labels of all periods, and the place of the first after the start."""

    labels: Sequence[str]
    start: int


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where lines may run, px, and what its edges stand for."""

    left: float
    right: float
    top: float
    bottom: float
    periods: int
    limits: tuple[float, float]
    letters: float

    def x(self, at: float) -> float:
        return self.left + at / (self.periods - 1) * (self.right - self.left)

    def y(self, value: float) -> float:
        low, high = self.limits
        return self.bottom - (value - low) / (high - low) * (self.bottom - self.top)

    def points(self, run: Sequence[tuple[int, float]]) -> list[tuple[float, float]]:
        return [(self.x(at), self.y(value)) for at, value in run]


def heading_lines(sides: Sequence[Side], width: float, letters: float = LETTERS) -> int:
    """Lines that the longest heading takes: panes side by side leave the same room for theirs."""
    return max(len(wrapped(visible(each.heading), size=letters, width=width, strong=True, most=2)) for each in sides)


def pane(
    side: Side,
    periods: Periods,
    *,
    width: float,
    letters: float = LETTERS,
    height: float = HEIGHT,
    lines: int = 2,
    theme: Mode = "light",
) -> Plot:
    """Everything in px: heading, grid, lines with their names behind their ends, periods below.

    Parameters
    ----------
    width, height, letters : of the plot and its type, px
    lines : room for the heading
    """
    plot = Plot(width=width, height=height, x=(0, width), y=(height, 0), theme=theme)
    names = [shortened(each.name, letters, _NAME, strong=True) for each in side.lines]
    frame = _Frame(
        left=6 + max(text_width(side.say(each), letters) for each in ticks(*side.limits)),
        right=width - 8 - max(text_width(each, letters, strong=True) for each in names),
        top=10 + lines * letters * 1.2,
        bottom=height - FOOT,
        periods=len(periods.labels),
        limits=side.limits,
        letters=letters,
    )
    for at, text in enumerate(wrapped(visible(side.heading), size=letters, width=width, strong=True, most=2)):
        plot.text(0, 6 + at * letters * 1.2, text, size=letters, fill="ink", strong=True)
    _ground(plot, side, frame, frame.x(periods.start - 0.5))
    _behind(plot, side, frame)
    for line in side.lines:
        for run in _inside(line.value, side.limits):
            points = frame.points(run)
            plot.line(points, stroke=line.stroke, width=line.width, dash=line.dash)
            if len(points) == 1:
                plot.dot(*points[0], radius=3, fill=line.stroke)
    _named(plot, side, names, frame)
    _dated(plot, periods, frame)
    return plot


def _ground(plot: Plot, side: Side, frame: _Frame, start: float) -> None:
    """Grid with its numbers, and the start."""
    for tick in ticks(*side.limits):
        y = frame.y(tick)
        plot.segment(frame.left, y, frame.right, y, stroke="grid")
        plot.text(frame.left - 5, y, side.say(tick), size=frame.letters, align="right")
    plot.segment(start, frame.top, start, frame.bottom, stroke="ink-2", dash=(2, 2))


def _behind(plot: Plot, side: Side, frame: _Frame) -> None:
    """Band and fan, and over them the line of no gap."""
    if side.band is not None:
        rows = [
            (frame.x(at), frame.y(low), frame.y(high))
            for at, (low, high) in enumerate(zip(*side.band, strict=True))
            if math.isfinite(low + high)
        ]
        if len(rows) > 1:
            plot.band(rows, fill=side.band_fill)
        elif rows:  # a single period after the start
            (x, low, high) = rows[0]
            plot.segment(x, low, x, high, stroke=side.band_fill, width=6)
    for values in side.fan if side.fan is not None else ():
        for run in _inside(values, side.limits):
            plot.line(frame.points(run), stroke="peer-3", width=0.8)
    if side.zero:
        plot.segment(frame.left, frame.y(0), frame.right, frame.y(0), stroke="ink-2", width=1.1)


def _inside(values: Array, limits: tuple[float, float]) -> Iterator[list[tuple[int, float]]]:
    """Stretches of a line within the frame."""
    run: list[tuple[int, float]] = []
    for at, value in enumerate(values.tolist()):
        if math.isfinite(value) and limits[0] <= value <= limits[1]:
            run.append((at, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _named(plot: Plot, side: Side, names: Sequence[str], frame: _Frame) -> None:
    """Names behind the last points, moved apart where they would touch."""
    last = [line.value[np.isfinite(line.value)] for line in side.lines]
    heights = [frame.y(float(known[-1])) if len(known) else frame.top for known in last]
    order = sorted(range(len(names)), key=heights.__getitem__)
    step = frame.letters * 1.25
    for upper, lower in pairwise(order):
        if heights[lower] - heights[upper] < step:
            middle = (heights[lower] + heights[upper]) / 2
            heights[upper], heights[lower] = middle - step / 2, middle + step / 2
    for at in order:
        y = min(max(heights[at], frame.top + 4), frame.bottom - 4)
        plot.text(frame.right + 5, y, names[at], size=frame.letters, fill=side.lines[at].stroke, strong=True)


def _dated(plot: Plot, periods: Periods, frame: _Frame) -> None:
    """First and last period, and where the activity starts; the others give way to the start where there is no room."""
    said = f"start: {shortened(visible(periods.labels[periods.start]), frame.letters, 80)}"
    half = text_width(said, frame.letters, strong=True) / 2
    middle = min(max(frame.x(periods.start - 0.5), frame.left + half), frame.right - half)
    y = frame.bottom + 12
    plot.text(middle, y, said, size=frame.letters, align="center", fill="ink", strong=True)
    first, last = (visible(periods.labels[at]) for at in (0, -1))
    if middle + half + 6 < frame.right - text_width(last, frame.letters):
        plot.text(frame.right, y, last, size=frame.letters, align="right")
    if frame.left + text_width(first, frame.letters) + 6 < middle - half:
        plot.text(frame.left, y, first, size=frame.letters)


def ticks(low: float, high: float) -> Iterator[float]:
    """Three to six round numbers."""
    rough = (high - low) / 5
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(scale * factor for factor in (1, 2, 2.5, 5, 10) if scale * factor >= rough * 0.999)
    for place in range(math.ceil(low / step), math.floor(high / step) + 1):
        yield place * step + 0.0


def compact(value: float) -> str:
    """A number of an axis.

    >>> [compact(each) for each in (2_500_000, 12_000, -0.5, 150, 0)]
    ['2.5m', '12k', '\u22120.5', '150', '0']
    """
    size = abs(value)
    for bound, letter in ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if size >= bound:
            unit = 1e3 if letter == "k" else bound
            return f"{value / unit:.4g}{letter}".replace("-", "\u2212")
    return f"{value:,.4g}".replace("-", "\u2212")
