"""What is measured: one square per indicator, by pillar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from softpower.brief.charts.plot import Plot
from softpower.brief.charts.render import Drawing, Size, render
from softpower.brief.charts.rows import NARROW_WIDTH, WIDE_WIDTH, wrapped
from softpower.brief.section import Chart
from softpower.brief.theme import text_width

State = Literal["observed", "imputed", "zero", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletenessRow:
    """One pillar: the state of each indicator in the model's order, and words printed at the right
    ("12 of 14 observed, 2015-2024")."""

    label: str
    states: Sequence[State]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """What the chart shows. Dark squares are observed, pale ones imputed, a 0 marks a structural zero, an outline
    is missing; ``words`` names the states that occur, in the page's own language."""

    title: str
    rows: Sequence[CompletenessRow]
    words: Sequence[tuple[State, str]] = (
        ("observed", "observed"),
        ("imputed", "imputed"),
        ("zero", "zero by definition"),
        ("missing", "not measured"),
    )


def completeness_chart(data: Completeness) -> Chart:
    """Draw ``data`` at the page's width and at a phone's."""
    return render(partial(_draw, data), data=data, title=data.title)


_FILLS: dict[State, str] = {"observed": "focus", "imputed": "focus-2", "zero": "paper", "missing": "paper"}
_SIDE = 4.4  # half a square, px


def _draw(data: Completeness, size: Size) -> Drawing:
    """One column of rows; on a phone the words stand under the squares."""
    wide = size == "wide"
    sheet, letters = (WIDE_WIDTH, 10.2) if wide else (NARROW_WIDTH, 12.0)
    step = 2 * _SIDE + 2.6
    left = min(max(text_width(row.label, letters) for row in data.rows) + 14, sheet * 0.36)
    words = max(text_width(row.text, letters) for row in data.rows) + 14 if wide else 0.0
    across = max(int((sheet - left - words) // step), 1)
    labels = [wrapped(row.label, size=letters, width=left - 10) for row in data.rows]
    heights = [
        max(_height(row, across, step, letters, wide=wide), 6 + step + letters * 1.1 * (len(lines) - 1))
        for row, lines in zip(data.rows, labels, strict=True)
    ]
    height = sum(heights) + letters * 2.2
    plot = Plot(width=sheet, height=height, x=(0, sheet), y=(height, 0))
    top = 0.0
    for row, lines, room in zip(data.rows, labels, heights, strict=True):
        middle = top + step / 2 + 3
        for number, line in enumerate(lines):
            plot.text(0, middle + number * letters * 1.1, line, size=letters, fill="ink")
        for number, state in enumerate(row.states):
            _square(plot, left + number % across * step + _SIDE, middle + number // across * step, state)
        if wide:
            plot.text(sheet, middle, row.text, size=letters, align="right")
        else:
            plot.text(left, top + room - letters * 0.9, row.text, size=letters)
        top += room
        plot.segment(0, top, sheet, top, stroke="grid")
    x = 0.0
    for state, word in data.words:
        _square(plot, x + _SIDE, top + letters * 1.4, state)
        plot.text(x + 2 * _SIDE + 5, top + letters * 1.4, word, size=letters)
        x += 2 * _SIDE + 5 + text_width(word, letters) + (20 if wide else 12)
    return Drawing(width=sheet, height=height, plots=[(0.0, 0.0, plot)])


def _height(row: CompletenessRow, across: int, step: float, letters: float, *, wide: bool) -> float:
    lines = max(-(-len(row.states) // across), 1)
    return lines * step + 6 + (0 if wide else letters * 1.5)


def _square(plot: Plot, x: float, y: float, state: State) -> None:
    hollow = state in ("zero", "missing")
    plot.dot(x, y, radius=_SIDE - (0.5 if hollow else 0), fill=_FILLS[state], stroke="peer", width=1.0 if hollow else 0,
             shape="square")  # fmt: skip
    if state == "zero":
        plot.segment(x - 2, y, x + 2, y, stroke="peer", width=1.5)
