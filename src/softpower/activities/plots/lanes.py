"""Activities in lanes over the years: where each mark and each label goes, on wide paper and on a phone."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, takewhile
from typing import Literal

from softpower.activities.timeline import Bar, Timeline
from softpower.drawing.letters import visible
from softpower.drawing.look import Mode
from softpower.drawing.plot import Plot
from softpower.drawing.rows import shortened, wrapped
from softpower.drawing.theme import text_width

Kind = Literal["done", "planned", "cancelled", "outcome"]
# How marks are told apart, for the line below a title.
KEY = (
    "dot: some days; bar: months or years, with an arrow where it goes on; pale: the start is known only to the month "
    "or year; line: editions of one series; diamond: decided by others; hollow: planned or postponed; cross: cancelled"
)
_DAYS = 365.25
_SHORT = 8.0  # px below which a bar is a dot
_GAP = 7.0  # px between a mark and a label, and between neighbours in a row
_LEAST = 5  # letters of a common name
_WORD = re.compile(r"[\s,:;(\u2013\-]+$")


@dataclass(frozen=True, slots=True)
class Span:
    """When one activity ran, in years: ``latest`` is the last moment at which it may have begun."""

    start: float
    latest: float
    end: float
    open: bool
    kind: Kind


@dataclass(frozen=True, slots=True)
class Item:
    """One activity, or the editions of a series, under one label."""

    label: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Lanes:
    """What is drawn: lanes with their titles, between two years."""

    lanes: tuple[tuple[str, tuple[Item, ...]], ...]
    first: int
    last: int


def lanes_of(found: Timeline, *, as_of: date) -> Lanes:
    """The bars of a timeline, editions of a series joined; the axis ends with ``as_of``, or with what is planned later.

    >>> from softpower.activities.bundled import bundled_activities
    >>> from softpower.activities.timeline import timeline
    >>> day = date(2025, 12, 31)
    >>> games = [each for each in bundled_activities() if each.series == "KAZ-CONG"]
    >>> lanes_of(timeline(games, as_of=day), as_of=day).lanes[0][1][0].label
    '8\u00d7 Congress of Leaders of World and Traditional Religions'
    """
    end = max([years(as_of), *(years(each.latest_start) for each in found.bars)])
    made = []
    for lane, title in found.lanes:
        mine = [each for each in found.bars if each.lane == lane]
        ordered = sorted(mine, key=lambda each: (each.series or each.id, each.start, each.id))
        items = [_item(list(bars), end) for _, bars in groupby(ordered, key=lambda each: each.series or each.id)]
        made.append((visible(title), tuple(sorted(items, key=lambda each: (each.spans[0].start, each.label)))))
    first = found.first.year if found.first else 2000
    return Lanes(tuple(made), first, max(math.ceil(end), first + 1))


def _item(bars: Sequence[Bar], end: float) -> Item:
    spans = tuple(_span(each, end) for each in bars)
    if len(bars) == 1:
        return Item(visible(bars[0].name), spans)
    name = common_name([each.name for each in bars], bars[0].series or "")
    return Item(f"{len(bars)}\u00d7 {visible(name)}", spans)


def _span(bar: Bar, end: float) -> Span:
    ended = years(bar.end)
    return Span(years(bar.start), years(bar.latest_start), min(ended, end), bar.open or ended > end, _kind(bar))


def _kind(bar: Bar) -> Kind:
    if bar.status == "cancelled":
        return "cancelled"
    if bar.status in ("planned", "postponed"):
        return "planned"
    return "outcome" if bar.nature == "outcome" else "done"


def common_name(names: Sequence[str], series: str) -> str:
    """What the titles of editions have in common at their beginning, or else the id of the series.

    >>> common_name(["CICA first summit", "CICA sixth summit"], "CICA-SUMMIT")
    'CICA summit'
    >>> common_name(["Astana Forum, edition 1", "Astana Forum, edition 2"], "KAZ-AF")
    'Astana Forum'
    """
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    shared = "".join(letters[0] for letters in same)
    if any(name[len(shared) :][:1].isalnum() for name in names):
        shared = shared[: max(shared.rfind(" "), 0)]  # whole words only
    shared = re.sub(r"[\s,]*\b(edition|round|no\.?|number)\s*$", "", _WORD.sub("", shared), flags=re.IGNORECASE)
    shared = _WORD.sub("", shared)
    if len(shared) >= _LEAST:
        return shared
    return " ".join(part if len(part) <= _LEAST - 1 else part.lower() for part in series.split("-"))


def years(day: date) -> float:
    """A day as a point on an axis of years.

    >>> years(date(2017, 1, 1))
    2017.0
    """
    return day.year + (day.timetuple().tm_yday - 1) / _DAYS


# Layout.


@dataclass(frozen=True, slots=True)
class _Look:
    """Sizes of one of the two drawings, px."""

    width: float
    left: float
    letters: float
    row: float
    label: float


WIDE = _Look(width=673.0, left=104.0, letters=9.8, row=14.0, label=236.0)
NARROW = _Look(width=358.0, left=0.0, letters=11.6, row=17.0, label=200.0)


@dataclass(frozen=True, slots=True)
class _Placed:
    """An item with its label and the stretch of its row that both take."""

    item: Item
    label: str
    x: float
    align: Literal["left", "right"]
    low: float
    high: float


def lanes_plot(data: Lanes, look: _Look, *, theme: Mode = "light") -> Plot:
    """The drawing: lanes from top to bottom, in each as many rows as its labels need.

    Lane titles stand at the left, or above each lane where there is no room for them.
    """
    scale = _Scale(data, look)
    rows = [_packed([_placed(item, scale, look) for item in items]) for _, items in data.lanes]
    titles = [
        wrapped(title, size=look.letters, width=(look.left or look.width) - 8, strong=True, most=3)
        for title, _ in data.lanes
    ]
    head, above = look.letters * 1.9, 0.0 if look.left else look.letters * 1.5
    deep = [
        max(len(packed) * look.row, (len(lines) * look.letters * 1.2 if look.left else 0)) + above + 7
        for packed, lines in zip(rows, titles, strict=True)
    ]
    height = head + sum(deep) + 2
    plot = Plot(width=look.width, height=height, x=(0, look.width), y=(height, 0), theme=theme)
    _grid(plot, scale, look, head, height)
    placed: list[tuple[_Placed, float]] = []
    top = head
    for packed, lines, size in zip(rows, titles, deep, strict=True):
        plot.segment(0, top, look.width, top, stroke="hair")
        for at, line in enumerate(lines if look.left else lines[:1]):
            y = top + 4 + look.row / 2 + at * look.letters * 1.2
            plot.text(0, y, line, size=look.letters, fill="ink", strong=True)
        first = top + 4 + above
        placed += [(each, first + look.row * (at + 0.5)) for at, row in enumerate(packed) for each in row]
        top += size
    # Marks of all lanes before any label: what is drawn first lies below all of its kind that follows.
    for each, y in placed:
        _draw(plot, each, scale, y)
    for each, y in placed:
        _label(plot, each, y, look)
    return plot


class _Scale:
    """From years to px, and what may be written where."""

    def __init__(self, data: Lanes, look: _Look) -> None:
        self.first, self.last = data.first, data.last
        self.low, self.high = look.left + 6.0, look.width - 9.0

    def __call__(self, year: float) -> float:
        inside = min(max(year, self.first), self.last)
        return self.low + (inside - self.first) / (self.last - self.first) * (self.high - self.low)


def _grid(plot: Plot, scale: _Scale, look: _Look, head: float, height: float) -> None:
    """A line for every fifth or tenth year, or every one where there are few."""
    years_shown = scale.last - scale.first
    room = (scale.high - scale.low) / (text_width("2000", look.letters) + 12)
    step = next(each for each in (1, 2, 5, 10, 20, 50, 100, 1000) if years_shown / each <= room)
    for year in range(math.ceil(scale.first / step) * step, scale.last + 1, step):
        x = scale(year)
        half = text_width(str(year), look.letters) / 2
        plot.segment(x, head, x, height - 2, stroke="grid")
        plot.text(min(max(x, half), look.width - half), head / 2, str(year), size=look.letters, align="center")


def _placed(item: Item, scale: _Scale, look: _Look) -> _Placed:
    """Where its label goes: behind the last mark, before the first, or on a bar that is long."""
    low = min(scale(span.start) for span in item.spans) - 4
    high = max(scale(span.end) + (5 if span.open else 4) for span in item.spans)
    label = shortened(item.label, look.letters, look.label)
    width = text_width(label, look.letters)
    if high + _GAP + width <= look.width:
        return _Placed(item, label, high + _GAP - 3, "left", low, high + _GAP + width)
    single = item.spans[0] if len(item.spans) == 1 else None
    if single is not None and high - scale(single.latest) > width + 28:
        return _Placed(item, label, scale(single.latest) + 8, "left", low, high)
    if low - _GAP - width >= scale.low:
        return _Placed(item, label, low - _GAP + 3, "right", low - _GAP - width, high)
    before, behind = low - _GAP - scale.low, look.width - high - _GAP
    label = shortened(item.label, look.letters, max(before, behind))
    width = text_width(label, look.letters)
    if before >= behind:
        return _Placed(item, label, low - _GAP + 3, "right", low - _GAP - width, high)
    return _Placed(item, label, high + _GAP - 3, "left", low, high + _GAP + width)


def _packed(placed: Sequence[_Placed]) -> list[list[_Placed]]:
    """In as few rows as keep them apart, the earliest first."""
    rows: list[list[_Placed]] = []
    for each in placed:
        for row in rows:
            if all(each.low > other.high + _GAP or each.high < other.low - _GAP for other in row):
                row.append(each)
                break
        else:
            rows.append([each])
    return rows


def _draw(plot: Plot, placed: _Placed, scale: _Scale, y: float) -> None:
    """The marks of an item, those of a series joined by a line."""
    spans = placed.item.spans
    if len(spans) > 1:
        plot.segment(scale(spans[0].start), y, scale(spans[-1].end), y, stroke="focus-2", width=1.2)
    for span in spans:
        tone = {"outcome": "peer", "cancelled": "low"}.get(span.kind, "focus")
        start, latest, end = scale(span.start), scale(span.latest), scale(span.end)
        if latest - start >= 1.5:
            pale = "peer-2" if span.kind == "outcome" else "focus-2"
            plot.segment(start, y, max(latest, start + 4), y, stroke=pale, width=3)
        if span.open or end - latest >= _SHORT:
            plot.segment(latest, y, end, y, stroke=tone, width=3)
            if span.open:
                plot.dot(end + 1, y, radius=3.4, fill=tone, shape="triangle-right")
            else:
                plot.dot(end, y, radius=2.2, fill=tone)
            plot.dot(latest, y, radius=2.2, fill=tone)
            continue
        _moment(plot, span.kind, (latest + start) / 2 if latest > start else (start + end) / 2, y)


def _label(plot: Plot, placed: _Placed, y: float, look: _Look) -> None:
    """Its words, lifted off bar and grid by paper below them."""
    box = plot.box(placed.x, y, placed.label, size=look.letters, align=placed.align)
    half = look.letters * 0.55
    plot.band([(box.left - 2, y - half, y + half), (box.right + 2, y - half, y + half)], fill="paper")
    plot.text(placed.x, y, placed.label, size=look.letters, align=placed.align, fill="ink")


def _moment(plot: Plot, kind: Kind, x: float, y: float) -> None:
    match kind:
        case "cancelled":
            for up in (1, -1):
                plot.segment(x - 3, y - 3 * up, x + 3, y + 3 * up, stroke="low", width=1.6)
        case "planned":
            plot.dot(x, y, radius=2.9, fill="paper", stroke="focus", width=1.3)
        case "outcome":
            plot.dot(x, y, radius=3.3, fill="peer", width=0.8, shape="diamond")
        case _:
            plot.dot(x, y, radius=3.4, fill="focus", width=0.8)
