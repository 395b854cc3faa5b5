"""Ties by layer and vector: one row for each layer, one column for each vector, the share as a dot on 0 to 100 %."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from softpower.drawing import frame
from softpower.drawing.frame import Chart
from softpower.drawing.letters import visible
from softpower.drawing.look import LABEL, Mode
from softpower.drawing.rows import shortened, wrapped
from softpower.drawing.theme import SANS, palette, text_width
from softpower.vectors import wording

ROW = 31.0
NAMES = 176.0
HEAD = 3  # lines that the name of a vector may take


@dataclass(frozen=True, slots=True)
class Cell:
    """The share of one vector in one layer, 0 to 1; NaN where it is not measured.

    Attributes
    ----------
    least, most : the same where all partners are named, else the bounds of the share
    predicted : the share that gravity predicts, NaN where there is none
    """

    least: float
    most: float
    predicted: float = math.nan


@dataclass(frozen=True, slots=True)
class Row:
    """A layer with its cells in the order of the vectors; ``below`` says year and unit."""

    title: str
    below: str
    cells: Sequence[Cell]


def matrix(
    rows: Sequence[Row], vectors: Sequence[str], *, title: str, sub: str, source: str, theme: Mode = "light"
) -> Chart:
    """Dots of shares, or bars between the bounds of one; a sand tick stands where gravity predicts it.

    Parameters
    ----------
    vectors : names, in the order of the cells of each row
    """
    step = (frame.WIDTH - NAMES) / len(vectors)
    figures = [_figure(cell) for row in rows for cell in row.cells if math.isfinite(cell.least)]
    # Beside a share of 100 % its figure must end before the dots of the next column.
    inner = step - 14 - max(text_width(figure, LABEL) for figure in (*figures, "100%"))
    height = ROW * len(rows)
    layers = [
        *_columns(vectors, step, inner, height, theme),
        *_names(rows, theme),
        *_marks(rows, step, inner, theme),
    ]
    body = alt.layer(*layers).properties(width=frame.WIDTH, height=height)
    return frame.sheet(body, title=title, sub=sub, source=source, theme=theme)


def _x(field: str = "x") -> alt.X:
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, frame.WIDTH], nice=False), axis=None)


def _y(count: int) -> alt.Y:
    return alt.Y("y:Q", scale=alt.Scale(domain=[-0.5, count - 0.5], reverse=True, nice=False), axis=None)


def _at(table: Sequence[Mapping[str, Any]]) -> alt.Chart:
    made: alt.Chart = alt.Chart(frame.rows_of(table)).encode(_x())
    return made


def _columns(vectors: Sequence[str], step: float, inner: float, height: float, theme: Mode) -> Iterator[Any]:
    """Names of the columns, the grid below them and the ends of their scales."""
    colours, starts = palette(theme), [NAMES + at * step for at in range(len(vectors))]
    yield _at([{"x": left + inner * part} for left in starts for part in (0.0, 0.5, 1.0)]).mark_rule(
        color=colours["grid"]
    )
    for line in range(HEAD):
        heads = [
            {"x": left, "text": text}
            for left, name in zip(starts, vectors, strict=True)
            for place, text in enumerate(
                reversed(wrapped(visible(name), size=LABEL * 1.06, width=step - 6, strong=True, most=HEAD))
            )
            if place == line
        ]
        if heads:
            words = _at(heads).mark_text(align="left", fontWeight=700, color=colours["ink"])
            yield words.encode(y=alt.value(-10 - 14 * line), text="text:N")
    ends = [{"x": left + inner * part, "text": text} for left in starts for part, text in ((0.0, "0"), (1.0, "100%"))]
    small = _at(ends).mark_text(align="left", dx=-4, fontSize=LABEL - 1)
    yield small.encode(y=alt.value(height + 10), text="text:N")


def _names(rows: Sequence[Row], theme: Mode) -> Iterator[Any]:
    """Layers down the left side, hairlines between them."""
    colours, y = palette(theme), _y(len(rows))
    if len(rows) > 1:
        lines = [{"x": 0.0, "x2": frame.WIDTH, "y": at + 0.5} for at in range(len(rows) - 1)]
        yield _at(lines).mark_rule(color=colours["hair"], strokeWidth=0.7).encode(y, alt.X2("x2"))
    told = [
        {"x": 0.0, "y": at, "text": shortened(visible(row.title), LABEL, NAMES - 8), "below": visible(row.below)}
        for at, row in enumerate(rows)
    ]
    title = _at(told).mark_text(align="left", dy=-6, fontWeight=700, color=colours["ink"])
    yield title.encode(y, text="text:N")
    yield _at(told).mark_text(align="left", dy=7, fontSize=LABEL - 1.5).encode(y, text="below:N")


def _marks(rows: Sequence[Row], step: float, inner: float, theme: Mode) -> Iterator[Any]:
    """Shares, predictions and figures."""
    colours, y = palette(theme), _y(len(rows))
    marks, ticks, figures, unknown = [], [], [], []
    for row, each in enumerate(rows):
        for column, cell in enumerate(each.cells):
            left = NAMES + column * step
            if not math.isfinite(cell.least):
                unknown.append({"x": left, "y": row, "text": "not measured"})
                continue
            marks.append({"start": left, "x": left + inner * cell.least, "x2": left + inner * cell.most, "y": row})
            end = cell.most
            if math.isfinite(cell.predicted):
                end = max(end, cell.predicted)
                ticks.append({"x": left + inner * min(cell.predicted, 1.0), "y": row})
            figures.append({"x": left + inner * min(end, 1.0) + 6, "y": row, "text": _figure(cell)})
    if marks:
        stem = _at(marks).mark_rule(color=colours["focus-2"], strokeWidth=2).encode(y, _x("start"), alt.X2("x"))
        bar = _at(marks).mark_rule(color=colours["focus-2"], strokeWidth=6).encode(y, alt.X2("x2"))
        yield from (stem, bar)
    if ticks:
        tick = _at(ticks).mark_tick(orient="vertical", thickness=2.5, size=17, opacity=1, color=colours["expect-ink"])
        yield tick.encode(y)
    if marks:
        dot = _at(marks).mark_point(filled=True, size=46, opacity=1, color=colours["focus"], stroke=colours["paper"])
        yield dot.encode(y)
        yield _at(figures).mark_text(align="left", color=colours["ink"]).encode(y, text="text:N")
    if unknown:
        quiet = _at(unknown).mark_text(align="left", font=SANS, fontStyle="italic", fontSize=LABEL - 1.5)
        yield quiet.encode(y, text="text:N")


def percent(share: float) -> str:
    """A share in whole per cent; small ones keep a digit.

    >>> percent(0.194), percent(0.004), percent(0.0)
    ('19%', '0.4%', '0%')
    """
    return f"{wording.percent(share)}%"


def _figure(cell: Cell) -> str:
    """The share in words, or its bounds."""
    least, most = percent(cell.least), percent(cell.most)
    return least if least == most else f"{least.removesuffix('%')}\u2013{most}"
