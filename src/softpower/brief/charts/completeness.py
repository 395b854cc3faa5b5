"""What is measured: one square per indicator, by pillar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from softpower.drawing.marks import Chart
from softpower.drawing.plot import Plot
from softpower.drawing.render import Drawing, Size, render
from softpower.drawing.rows import columns, wrapped
from softpower.drawing.theme import text_width

State = Literal["observed", "old", "imputed", "zero", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletenessRow:
    """One pillar: the state of each indicator in the model's order, and words printed at the right
    ("12 of 14 observed, 2015-2024")."""

    label: str
    states: Sequence[State]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """What the chart shows. Dark squares are observed, lighter ones older than their window, pale ones imputed, a dash
    marks a structural zero, an outline is missing; ``words`` names the states that occur, in the page's own language.
    """

    title: str
    rows: Sequence[CompletenessRow]
    words: Sequence[tuple[State, str]] = (
        ("observed", "observed"),
        ("old", "older than the window"),
        ("imputed", "imputed"),
        ("zero", "zero by definition"),
        ("missing", "not measured"),
    )


def completeness_chart(data: Completeness) -> Chart:
    """Draw ``data`` at the page's width and at a phone's."""
    return render(partial(_draw, data), data=data, title=data.title)


_FILLS: dict[State, str] = {
    "observed": "focus",
    "old": "focus-2",
    "imputed": "focus-3",
    "zero": "paper",
    "missing": "paper",
}
_SIDE = 4.4  # half a square, px
_STEP = 2 * _SIDE + 2.6  # from one square to the next
_FEW = 7  # rows that stay in one column


def _draw(data: Completeness, size: Size) -> Drawing:
    """On paper two columns of rows where they fit; the words stand beside the squares or, on a phone, under them."""
    wide = size == "wide"
    letters = 10.2 if wide else 12.0
    label = max(text_width(row.label, letters) for row in data.rows) + 14
    words = max(text_width(row.text, letters) for row in data.rows) + 14
    needed = label + max(len(row.states) for row in data.rows) * _STEP + words
    two = wide and len(data.rows) > _FEW and needed <= columns(2, wide=True)[0][1]
    places = columns(2 if two else 1, wide=wide)
    width = places[0][1]
    beside = wide or needed <= width
    left = label if needed <= width else min(label, width * 0.36)
    frame = _Frame(width=width, left=left, room=width - left - (words if beside else 0), letters=letters, beside=beside)
    key = _key_lines(data, places[-1][0] + width, letters=letters, gap=20 if wide else 12)
    half = -(-len(data.rows) // len(places))
    groups = [[frame.lay(row) for row in data.rows[i * half : (i + 1) * half]] for i in range(len(places))]
    rows_height = max(sum(one.height for one in group) for group in groups)
    sheet, height = places[-1][0] + width, rows_height + letters * (0.6 + 1.6 * len(key))
    plot = Plot(width=sheet, height=height, x=(0, sheet), y=(height, 0))
    for (start, _), group in zip(places, groups, strict=True):
        top = 0.0
        for one in group:
            frame.draw(plot, one, start, top)
            top += one.height
    for number, line in enumerate(key):
        for x, state, word in line:
            y = rows_height + letters * (1.4 + 1.6 * number)
            _square(plot, x + _SIDE, y, state)
            plot.text(x + 2 * _SIDE + 5, y, word, size=letters)
    return Drawing(width=sheet, height=height, plots=[(0.0, 0.0, plot)])


@dataclass(frozen=True, slots=True)
class _Laid:
    """A row with the lines of its label and the height it takes."""

    row: CompletenessRow
    lines: list[str]
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """What all rows share: width of a row and of its label, room for squares, type size, where the words stand."""

    width: float
    left: float
    room: float
    letters: float
    beside: bool

    @property
    def across(self) -> int:
        """Squares in one line."""
        return max(int(self.room // _STEP), 1)

    def lay(self, row: CompletenessRow) -> _Laid:
        """The row with its measures."""
        lines = wrapped(row.label, size=self.letters, width=self.left - 10)
        squares = max(-(-len(row.states) // self.across), 1) * _STEP + 6 + (0 if self.beside else self.letters * 1.5)
        return _Laid(row, lines, max(squares, 6 + _STEP + self.letters * 1.1 * (len(lines) - 1)))

    def draw(self, plot: Plot, one: _Laid, start: float, top: float) -> None:
        """The row with its upper left corner at (start, top)."""
        middle, bottom = top + _STEP / 2 + 3, top + one.height
        for number, line in enumerate(one.lines):
            plot.text(start, middle + number * self.letters * 1.1, line, size=self.letters, fill="ink")
        for number, state in enumerate(one.row.states):
            down, along = divmod(number, self.across)
            _square(plot, start + self.left + along * _STEP + _SIDE, middle + down * _STEP, state)
        if self.beside:
            plot.text(start + self.width, middle, one.row.text, size=self.letters, align="right")
        else:
            plot.text(start + self.left, bottom - self.letters * 0.9, one.row.text, size=self.letters)
        plot.segment(start, bottom, start + self.width, bottom, stroke="grid")


def _key_lines(data: Completeness, width: float, *, letters: float, gap: float) -> list[list[tuple[float, State, str]]]:
    """The states that occur with their names and where each begins, in as many lines as the width asks for."""
    lines: list[list[tuple[float, State, str]]] = [[]]
    x = 0.0
    present = {state for row in data.rows for state in row.states}
    for state, word in data.words:
        if state not in present:
            continue
        needed = 2 * _SIDE + 5 + text_width(word, letters)
        if lines[-1] and x + needed > width:
            lines.append([])
            x = 0.0
        lines[-1].append((x, state, word))
        x += needed + gap
    return lines


def _square(plot: Plot, x: float, y: float, state: State) -> None:
    hollow = state in ("imputed", "zero", "missing")  # what is pale needs an outline to be seen
    plot.dot(
        x,
        y,
        radius=_SIDE - (0.5 if hollow else 0),
        fill=_FILLS[state],
        stroke="peer",
        width=1.0 if hollow else 0,
        shape="square",
    )
    if state == "zero":
        plot.segment(x - 2, y, x + 2, y, stroke="peer", width=1.5)
