"""Pillar profile: one row per pillar, with the peers' median and what size and wealth predict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from softpower.drawing.marks import Axis, Chart, Interval
from softpower.drawing.plot import Plot
from softpower.drawing.render import Drawing, Size, render
from softpower.drawing.rows import columns, draw_axis, draw_interval, wrapped
from softpower.drawing.theme import TONES, text_width

Tone = Literal["focus", "peer", "above", "below"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRow:
    """One pillar. ``mark`` is None where the pillar has no score; ``text`` ("not measured") then takes its place.

    ``text`` is printed at the right of the row ("46-61"), ``peers`` is drawn as a grey ring, ``expected`` as
    a sand tick; both may be None. ``strong`` is for the total of a group.
    """

    label: str
    text: str
    mark: Interval | None
    peers: float | None = None
    expected: float | None = None
    strong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileGroup:
    """The pillars of potential, or of performance, under one heading."""

    heading: str
    rows: Sequence[ProfileRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the profile shows: groups side by side on paper, one above the other on a phone, all on one axis.

    ``marks`` are the tones of the intervals with their names, ``peers_label`` and ``expected_label`` the names of ring
    and tick: each stands once, under the rows. ``text_title`` stands above the words at the right ("Rank").
    """

    title: str
    groups: Sequence[ProfileGroup]
    axis: Axis
    axis_title: str
    marks: Sequence[tuple[Tone, str]]
    peers_label: str
    expected_label: str
    text_title: str = ""


def profile_chart(data: Profile) -> Chart:
    """Draw ``data`` at the page's width and at a phone's."""
    return render(partial(_draw, data), data=data, title=data.title)


def _draw(data: Profile, size: Size) -> Drawing:
    wide = size == "wide"
    letters, row = (10.2, 20.0) if wide else (12.0, 26.0)
    head = letters * 3.2  # heading and numbers of the axis
    places = columns(len(data.groups), wide=wide)
    room_left = min(max(_label_width(g, letters) for g in data.groups) + 10, places[0][1] * 0.42)
    told = [data.text_title, *(row.text for group in data.groups for row in group.rows if row.mark)]
    room_right = max(text_width(words, letters, strong=True) for words in told) + 10
    plots: list[tuple[float, float, Plot]] = []
    top = head
    for (left, width), group in zip(places, data.groups, strict=True):
        plot = _group(data, group, width=width - room_left - room_right, row=row, letters=letters, left=room_left)
        plots.append((left + room_left, top, plot))
        if not wide:
            top += plot.height + head + letters
    first = plots[0][2]
    bottom = max(top + plot.height for _, top, plot in plots)
    sheet = places[-1][0] + places[-1][1]
    key = _key(
        data,
        first if wide else plots[-1][2],
        letters=letters,
        width=sheet,
        left=room_left,
        below=bottom - plots[0 if wide else -1][1],
    )
    return Drawing(width=sheet, height=bottom + key, plots=plots)


def _label_width(group: ProfileGroup, letters: float) -> float:
    return max(text_width(row.label, letters, strong=row.strong) for row in group.rows)


def _group(data: Profile, group: ProfileGroup, *, width: float, row: float, letters: float, left: float) -> Plot:
    labels = [wrapped(line.label, size=letters, width=left - 8, strong=line.strong) for line in group.rows]
    heights = [row + letters * 1.16 * (len(lines) - 1) for lines in labels]
    plot = Plot(width=width, height=sum(heights), x=(data.axis.low, data.axis.high), y=(sum(heights), 0))
    draw_axis(plot, data.axis, letters=letters * 0.94)
    start = plot.x[0] - plot.right(left)
    for x, title in ((start, data.axis_title), (plot.x[1] + plot.right(10), data.text_title)):
        if title:
            plot.text(x, -letters * 0.85, title, size=letters * 0.94)
    plot.text(start, -letters * 2.4, group.heading, size=letters * 1.06, fill="ink", strong=True)
    middle = 0.0
    for line, lines, height in zip(group.rows, labels, heights, strict=True):
        middle += height / 2
        for number, words in enumerate(lines):
            y = middle + letters * 1.16 * (number - (len(lines) - 1) / 2)
            plot.text(start, y, words, size=letters, fill="ink", strong=line.strong)
        _marks(plot, line, middle, letters)
        middle += height / 2
    return plot


def _marks(plot: Plot, line: ProfileRow, y: float, letters: float) -> None:
    """Expectation, peers and interval of one row, and its words at the right."""
    if line.mark is None:
        plot.text(plot.x[0] + plot.right(4), y, line.text, size=letters, italic=True, halo=True)
        return
    if line.expected is not None:
        plot.segment(line.expected, y - 7.5, line.expected, y + 7.5, stroke="expect-ink", width=2)
    if line.peers is not None:  # below the bars, so that neither hides the other
        plot.dot(line.peers, y + 6.5, radius=2.4, fill="paper", stroke="peer", width=1.3)
    draw_interval(plot, y, line.mark)
    plot.text(plot.x[1] + plot.right(10), y, line.text, size=letters, fill="ink", strong=line.strong)


def _key(data: Profile, plot: Plot, *, letters: float, width: float, left: float, below: float) -> float:
    """The names of the marks, each beside its mark, in a line under the rows; gives the height it takes."""
    x, y, start = 0.0, below + letters * 1.4, -left
    # Only the tones that occur, so that nobody looks for a mark that is not there.
    drawn = {row.mark.tone for group in data.groups for row in group.rows if row.mark}
    entries: list[tuple[str, str]] = [(tone, words) for tone, words in data.marks if tone in drawn]
    for kind, words in (*entries, ("peers", data.peers_label), ("expected", data.expected_label)):
        if not words:
            continue
        needed = 24 + text_width(words, letters)
        if x and x + needed > width:
            x, y = 0.0, y + letters * 1.5
        at = plot.at(start + x + 9, y)
        if kind in TONES:
            one, (dark, pale) = plot.right(1), TONES[kind]
            plot.segment(at[0] - 9 * one, at[1], at[0] + 9 * one, at[1], stroke=dark, width=2)
            plot.segment(at[0] - 5 * one, at[1], at[0] + 5 * one, at[1], stroke=pale, width=6)
            plot.dot(*at, radius=3.6, fill=dark, width=1.2)
        elif kind == "peers":
            plot.dot(*at, radius=2.4, fill="paper", stroke="peer", width=1.3)
        else:
            half = plot.down(letters * 0.6)
            plot.segment(at[0], at[1] - half, at[0], at[1] + half, stroke="expect-ink", width=2)
        plot.text(*plot.at(start + x + 24, y), words, size=letters)
        x += needed + 22
    return y - below + letters
