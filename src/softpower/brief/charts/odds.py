"""Ties observed over ties predicted: one interval for each partner on a log axis, with "as predicted" at 1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from softpower.drawing.marks import Chart
from softpower.drawing.plot import Plot
from softpower.drawing.render import Drawing, Size, render
from softpower.drawing.rows import columns, shortened, wrapped
from softpower.drawing.theme import TONES, text_width
from softpower.vectors.wording import times


@dataclass(frozen=True, slots=True, kw_only=True)
class OddsRow:
    """One partner: how many times the prediction its tie is, with the 90 % interval.

    ``text`` and ``interval`` say it in words ("11x", "6-13"). A tie of zero is a hollow dot at the left end of the
    axis, one where none was predicted at the right. Without a ``central`` value ``text`` stands in italics in place of
    the mark.
    """

    name: str
    text: str
    interval: str = ""
    central: float | None = None
    low: float = 0.0
    high: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class OddsGroup:
    """Partners in one kind of tie ("People born in Kazakhstan"); ``none`` stands in place of rows where none are."""

    heading: str
    rows: Sequence[OddsRow]
    none: str = "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """What the chart shows: one or two groups side by side on paper, one above the other on a phone, on one axis.

    Blue where an interval lies above 1, orange below, grey where it spans 1, which ``reference_label`` names.
    """

    title: str
    groups: Sequence[OddsGroup]
    reference_label: str = "as predicted"


def odds_chart(data: Odds) -> Chart:
    """Draw ``data`` at the page's width and at a phone's."""
    return render(partial(_draw, data), data=data, title=data.title)


_LINE = 1.16  # distance of lines, in type sizes
_DOT = 3.8


@dataclass(frozen=True, slots=True)
class _Frame:
    """What all groups share: ends of the axis as powers of ten, px of its left edge and width, the columns of figures,
    and type sizes."""

    ends: tuple[float, float]
    left: float
    width: float
    text: float
    sheet: float
    letters: float
    small: float

    def x(self, ratio: float) -> float:
        """Px from the left edge of the group; ratios beyond an end of the axis stand at it."""
        low, high = self.ends
        power = math.log10(ratio) if ratio > 0 else -math.inf if ratio == 0 else math.nan  # which no plot places
        return self.left + self.width * (min(max(power, low), high) - low) / (high - low)


def _draw(data: Odds, size: Size) -> Drawing:
    wide = size == "wide"
    letters, small = (10.2, 9.6) if wide else (12.0, 11.0)
    places = columns(len(data.groups), wide=wide)
    frame = _frame(data, places[0][1], letters=letters, small=small)
    ticks, two = _ticks(frame, data.reference_label)
    head = letters * (1.7 if any(group.heading for group in data.groups) else 0.3) + small * (2.7 if two else 1.5)
    told = [[wrapped(row.name, size=letters, width=frame.left - 12) for row in group.rows] for group in data.groups]
    heights = [[letters * (_LINE * len(lines) + (0.5 if wide else 0.9)) for lines in names] for names in told]
    bodies = [sum(each) or letters * 2 for each in heights]
    tops, y = [], 0.0
    for body in bodies:
        tops.append(y)
        y += 0 if wide else head + body + letters * 1.2
    height = max(top + head + body for top, body in zip(tops, bodies, strict=True)) + 3
    sheet = places[-1][0] + places[-1][1]
    plot = Plot(width=sheet, height=height, x=(0, sheet), y=(height, 0))
    for (left, width), top, group, names, tall in zip(places, tops, data.groups, told, heights, strict=True):
        if group.heading:
            heading = shortened(group.heading, letters * 1.06, width, strong=True)
            plot.text(left, top + letters * 0.6, heading, size=letters * 1.06, fill="ink", strong=True)
        y = top + head
        if not group.rows:
            plot.text(left, y, shortened(group.none, letters, width * 0.86), size=letters, italic=True)
            continue
        _axis(plot, data, frame, ticks, left, y, y + sum(tall), two=two)
        for row, lines, high in zip(group.rows, names, tall, strict=True):
            _row(plot, frame, row, lines, left, y + high / 2)
            y += high
    return Drawing(width=sheet, height=height, plots=[(0.0, 0.0, plot)])


def _frame(data: Odds, width: float, *, letters: float, small: float) -> _Frame:
    """Names take what they need, figures too, each up to a share of the width; the axis has the rest."""
    rows = [row for group in data.groups for row in group.rows]
    known = [row for row in rows if row.central is not None]
    names = min(max((text_width(row.name, letters) for row in rows), default=0.0) + 14, width * 0.34)
    text = min(max((text_width(row.text, letters, strong=True) for row in known), default=0.0), width * 0.14)
    interval = min(max((text_width(row.interval, small) for row in known), default=0.0), width * 0.22)
    right = text + interval + 12 + (10 if interval else 0)
    return _Frame(
        ends=_ends(known),
        left=names + 4,
        width=width - names - 8 - right,
        text=width - interval - (10 if interval else 0),
        sheet=width,
        letters=letters,
        small=small,
    )


def _ends(rows: Sequence[OddsRow]) -> tuple[float, float]:
    """Ends of the axis as powers of ten: all intervals with some room, and never less than half to twice."""
    ratios = [ratio for row in rows for ratio in (row.low, row.central or 0.0, row.high)]
    powers = [math.log10(ratio) for ratio in ratios if 0 < ratio < math.inf]
    low, high = min([*powers, math.log10(0.5)]), max([*powers, math.log10(2)])
    room = 0.06 * (high - low)
    return low - room, high + room


def _ticks(frame: _Frame, reference: str) -> tuple[list[tuple[float, str]], bool]:
    """(ratio, label) of the grid, and whether the name of 1 needs a line of its own.

    Powers of ten, or on a side where the axis reaches none five times or twice; as many as stand clear of one another,
    the outermost first.
    """
    low, high = frame.ends
    size = frame.small
    named = _span(frame, 1.0, reference, size)
    powers = [10.0**power for power in range(math.ceil(low), math.floor(high) + 1) if power]
    two = any(_meets(_span(frame, ratio, _tick(ratio), size), named) for ratio in powers)
    taken = [_span(frame, 1.0, "1\u00d7", size) if two else named]
    for near in ((0.2, 0.5), (5.0, 2.0)):
        if not any((ratio > 1) == (near[0] > 1) for ratio in powers):
            powers += [ratio for ratio in near if low < math.log10(ratio) < high][:1]
    kept = []
    for ratio in sorted(powers, key=lambda ratio: abs(math.log10(ratio)), reverse=True):
        box = _span(frame, ratio, _tick(ratio), size)
        if not any(_meets(box, other) for other in taken):
            taken.append(box)
            kept.append((ratio, _tick(ratio)))
    return sorted(kept), two


def _tick(ratio: float) -> str:
    """A tick in words, as its figures are but without a needless decimal: "0.01\u00d7", "5\u00d7", "1,000\u00d7"."""
    return times(ratio).removesuffix(".0") + "\u00d7"


def _span(frame: _Frame, ratio: float, words: str, size: float) -> tuple[float, float]:
    """Left and right end of a label above the axis, moved inside the group."""
    half = text_width(words, size) / 2
    middle = min(max(frame.x(ratio), half), frame.sheet - half)
    return middle - half, middle + half


def _meets(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] < other[1] + 5 and other[0] < one[1] + 5


def _axis(
    plot: Plot,
    data: Odds,
    frame: _Frame,
    ticks: Sequence[tuple[float, str]],
    left: float,
    top: float,
    bottom: float,
    *,
    two: bool,
) -> None:
    """Grid lines with their numbers, and the dark line at 1 with its name."""
    size = frame.small
    for ratio, words in ticks:
        x = left + frame.x(ratio)
        plot.segment(x, top, x, bottom, stroke="grid")
        plot.text(left + _span(frame, ratio, words, size)[0], top - size * 0.75, words, size=size)
    x = left + frame.x(1.0)
    plot.segment(x, top, x, bottom, stroke="ink-2")
    words = shortened(data.reference_label, size, frame.sheet)
    y = top - size * (1.95 if two else 0.75)
    plot.text(left + _span(frame, 1.0, words, size)[0], y, words, size=size, fill="expect-ink")


def _row(plot: Plot, frame: _Frame, row: OddsRow, names: Sequence[str], left: float, y: float) -> None:
    """Name, mark and figures of one partner around the height ``y``."""
    letters = frame.letters
    for number, words in enumerate(names):
        at = y + letters * _LINE * (number - (len(names) - 1) / 2)
        plot.text(left, at, words, size=letters, fill="ink")
    if row.central is None:
        words = shortened(row.text, letters, (frame.sheet - frame.left) * 0.86)
        plot.text(left + frame.left, y, words, size=letters * 0.94, italic=True, halo=True)
        return
    tone = "above" if row.low > 1 else "below" if row.high < 1 else "peer"
    dark = TONES[tone][0]
    plot.segment(left + frame.x(row.low), y, left + frame.x(row.high), y, stroke=dark, width=2)
    if 0 < row.central < math.inf:
        plot.dot(left + frame.x(row.central), y, radius=_DOT, fill=dark, width=1.2)
    else:
        plot.dot(left + frame.x(row.central), y, radius=_DOT - 0.8, fill="paper", stroke=dark, width=1.4)
    told = tone != "peer"
    figure = shortened(row.text, letters, frame.sheet * 0.14, strong=told)
    fill = "ink" if told else "ink-2"
    plot.text(left + frame.text, y, figure, size=letters, fill=fill, strong=told, align="right")
    if row.interval:
        words = shortened(row.interval, frame.small, frame.sheet * 0.22)
        plot.text(left + frame.sheet, y, words, size=frame.small, align="right")
