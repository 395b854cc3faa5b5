"""How the parts of an index correlate, within their pillar and across pillars."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from softpower.drawing import frame
from softpower.drawing.frame import Chart
from softpower.drawing.letters import visible
from softpower.drawing.look import LABEL, Mode
from softpower.drawing.theme import palette, text_width
from softpower.errors import NotEnoughData
from softpower.index.correlation import HIGH, WEAK, Correlation, correlate, judge
from softpower.index.plots import about
from softpower.index.plots.components import central_scores
from softpower.index.result import Index

Array = NDArray[np.float64]
LARGEST_CELL, SMALLEST_CELL = 44.0, 9.0  # px
READABLE = 25.0  # px of a cell that holds its number
SHAPES = {"weak": "circle", "negative": "cross", "high": "diamond"}


def correlation(index: Index, node: str = "", *, method: str = "pearson", theme: Mode = "light") -> Chart:
    """Correlations of the indicators below a node, those of one pillar framed.

    Indicators are as the index takes them: treated, directed, on the common scale, gaps filled. Only pairs within a
    pillar are judged: a mark in the cell says what is wrong with them.

    Parameters
    ----------
    node : by default all top nodes together
    method : "pearson", "spearman" or "kendall"

    Raises
    ------
    NotEnoughData
        Fewer than two indicators count, so that there is no pair.
    """
    parts, pillars, x = _parts(index, node)
    if len(parts) < 2:
        raise NotEnoughData(f"{node or index.model.id} has {len(parts)} indicator that counts: no pair to correlate")
    found = correlate(x, method=method)
    flags = judge(found.r, found.p)
    cells = _cells(index, parts, pillars, found, flags)
    within = [cell for cell in cells if cell["within"]]
    count = {flag: sum(cell["flag"] == flag for cell in within) for flag in SHAPES}
    return frame.sheet(
        _drawn(index, parts, pillars, cells, theme),
        title=f"{_scope(index, node)}: {_finding(count, len(within))}",
        sub=_sub(method, x.shape[0], numbered=_cell(index, parts)[0] >= READABLE),
        source=about.source_line(index, node),
        theme=theme,
    )


def _scope(index: Index, node: str) -> str:
    title = about.heading(index, node) if node else index.model.title + (f" {index.year}" if index.year else "")
    return visible(title)


def _finding(count: dict[str, int], pairs: int) -> str:
    pair = frame.many(pairs, "pair")
    words = {"high": "nearly a repeat", "negative": "against each other", "weak": "weak"}
    found = [
        f"{count[flag]} {'is' if count[flag] == 1 else 'are'} {told}" for flag, told in words.items() if count[flag]
    ]
    if not found:
        if not pairs:
            return "no pillar has two parts"
        return f"{'all ' if pairs > 1 else ''}{pair} within a pillar agree{'' if pairs > 1 else 's'} as they should"
    return f"of {pair} within a pillar {', '.join(found)}"


def _sub(method: str, units: int, *, numbered: bool) -> str:
    numbers = "; numbers: r times 100" if numbered else ""
    return (
        f"{method.capitalize()} correlation r over {frame.many(units, 'unit')}, from \u22121 (orange) to 1 (blue)"
        f"{numbers}. Framed: parts of one pillar, where a ring marks r below {WEAK:g}, a cross r surely below 0, "
        f"a diamond r of {HIGH:g} and more"
    )


def _parts(index: Index, node: str) -> tuple[list[str], list[str], Array]:
    """Indicators that count, in the order of the tree, the node of each, and their scores, shape (unit, part)."""
    experiment, rows = central_scores(index)
    built = experiment.built
    tops = [node] if node else list(built.tops)
    leaves: list[str] = []
    for top in tops:
        index.scores(top)  # names the nearest ones where there is no such node
        for each in built.depth_first(top):
            leaves += [leaf for leaf in built.children(each) if leaf in built.indicators and built.counts(leaf)]
    x = (
        np.column_stack([experiment.central.indicator(leaf)[0, rows] for leaf in leaves])
        if leaves
        else np.empty((0, 0))
    )
    return leaves, [built.indicators[leaf].node for leaf in leaves], x


def _cells(
    index: Index, parts: Sequence[str], pillars: Sequence[str], found: Correlation, flags: NDArray[np.str_]
) -> list[dict[str, Any]]:
    """The lower triangle, one row for each pair."""
    titles = [index.model.title_of(part) for part in parts]
    return [
        {
            "row": i, "column": j, "part": titles[i], "other": titles[j], "r": found.r[i, j], "p": found.p[i, j],
            "n": found.n[i, j], "within": pillars[i] == pillars[j],
            "flag": str(flags[i, j]) if pillars[i] == pillars[j] else "",
            "text": "?" if np.isnan(found.r[i, j]) else frame.number(100 * found.r[i, j], 0),
        }
        for i in range(len(parts))
        for j in range(i)
    ]  # fmt: skip


def _drawn(
    index: Index, parts: Sequence[str], pillars: Sequence[str], cells: Sequence[dict[str, Any]], theme: Mode
) -> Any:
    """A triangle: rows numbered and named at the left, the same numbers along the diagonal."""
    colours, count = palette(theme), len(parts)
    cell, labels = _cell(index, parts)
    side = cell * count

    def at(field: str, channel: Any, size: float) -> Any:
        return channel(f"{field}:Q", axis=None, scale=alt.Scale(domain=[0, size], range=[0, size], nice=False))

    def square(row: dict[str, Any]) -> dict[str, Any]:
        left, top = row["column"] * cell, row["row"] * cell
        return {**row, "left": left, "right": left + cell, "top": top, "bottom": top + cell,
                "x": left + cell / 2, "y": top + cell / 2}  # fmt: skip

    table = [square(row) for row in cells]
    x, y = at("x", alt.X, side), at("y", alt.Y, side)
    shade = _shade(colours)
    box = alt.Chart(frame.rows_of(table)).mark_rect(stroke=colours["grid"], strokeWidth=0.5)
    tips = ["part:N", "other:N", alt.Tooltip("r:Q", format=".2f"), alt.Tooltip("p:Q", format=".3f"), "n:Q"]
    layers: list[Any] = [
        box.encode(at("left", alt.X, side), at("top", alt.Y, side), x2="right", y2="bottom", color=shade, tooltip=tips)
    ]
    if cell >= READABLE:
        strong = "abs(datum.r) > 0.6"
        ink = alt.condition(strong, alt.value(colours["paper"]), alt.value(colours["ink"]))
        text = alt.Chart(frame.rows_of(table)).mark_text(fontSize=LABEL - 1.5, dy=1)
        layers.append(text.encode(x, y, text="text:N", color=ink))
    layers += _flags(table, x, y, cell, colours)
    edges = [
        {"left": first * cell, "right": last * cell, "top": first * cell, "bottom": last * cell}
        for first, last in _runs(pillars)
        if last - first > 1
    ]
    if edges:
        outline = alt.Chart(frame.rows_of([line for edge in edges for line in _stairs(edge, cell)]))
        line = outline.mark_rule(color=colours["ink"], strokeWidth=1.4)
        layers.append(line.encode(at("left", alt.X, side), at("top", alt.Y, side), x2="right", y2="bottom"))
    marks = [{"x": (i + 0.5) * cell, "y": (i + 0.5) * cell, "label": f"{i + 1}"} for i in range(count)]
    if cell >= SMALLEST_CELL + 2:
        diagonal = alt.Chart(frame.rows_of(marks)).mark_text(fontSize=min(LABEL, cell * 0.72), color=colours["ink-2"])
        layers.append(diagonal.encode(x, y, text="label:N"))
    left = [{"y": (i + 0.5) * cell, "label": label} for i, label in enumerate(labels)]
    name = alt.Chart(frame.rows_of(left)).mark_text(
        align="right", fontSize=min(LABEL, cell * 0.95), color=colours["ink"]
    )
    layers.append(name.encode(y, x=alt.value(-8), text="label:N"))
    layers += _key(side, colours)
    return alt.layer(*layers).properties(width=side, height=side)


def _cell(index: Index, parts: Sequence[str]) -> tuple[float, list[str]]:
    """Side of a cell, px, and the numbered names that leave this room."""
    names = frame.unique((index.model.title_of(part) for part in parts), width=frame.NAME_WIDTH + 20)
    labels = [f"{name}  {number}" for number, name in enumerate(names, start=1)]
    room = frame.WIDTH - max(text_width(label, LABEL) for label in labels) - 24
    return min(max(room / len(parts), SMALLEST_CELL), LARGEST_CELL), labels


def _shade(colours: Any) -> alt.Color:
    # Mixed in rgb: other spaces lead from orange to blue through green.
    ends = [colours["low"], colours["paper"], colours["focus"]]
    scale = alt.Scale(domain=[-1, 0, 1], range=ends, interpolate="rgb")
    return alt.Color("r:Q", scale=scale, legend=None)


def _flags(table: Sequence[dict[str, Any]], x: Any, y: Any, cell: float, colours: Any) -> list[Any]:
    """A mark in each cell that is flagged; in a cell with a number it stands in the corner."""
    corner = 0.3 * cell if cell >= READABLE else 0.0
    size = (0.24 * cell) ** 2 if corner else (0.5 * cell) ** 2
    layers = []
    for flag, shape in SHAPES.items():
        rows = [{**row, "x": row["x"] + corner, "y": row["y"] - corner} for row in table if row["flag"] == flag]
        if not rows:
            continue
        solid = flag != "weak"
        mark = alt.Chart(frame.rows_of(rows)).mark_point(
            shape=shape, size=size, filled=solid, opacity=1, strokeWidth=1.2 if not solid else 0.8,
            color=colours["ink"], stroke=colours["ink"] if not solid else colours["paper"],
        )  # fmt: skip
        layers.append(mark.encode(x, y))
    return layers


def _runs(pillars: Sequence[str]) -> list[tuple[int, int]]:
    """Where each pillar's run of parts starts and ends."""
    starts = [i for i, pillar in enumerate(pillars) if i == 0 or pillar != pillars[i - 1]]
    return list(pairwise([*starts, len(pillars)]))


def _stairs(edge: dict[str, float], cell: float) -> list[dict[str, float]]:
    """The frame of a pillar's own pairs: down its left side, along its bottom, and up the steps of the diagonal."""
    first, last = edge["top"], edge["bottom"]
    lines = [
        {"left": first, "right": first, "top": first + cell, "bottom": last},
        {"left": first, "right": last - cell, "top": last, "bottom": last},
    ]
    step = first
    while step < last - cell * 1.5:
        lines.append({"left": step, "right": step + cell, "top": step + cell, "bottom": step + cell})
        lines.append({"left": step + cell, "right": step + cell, "top": step + cell, "bottom": step + 2 * cell})
        step += cell
    return lines


def _key(side: float, colours: Any) -> list[Any]:
    """The colours in the empty corner, where the triangle leaves room."""
    if side < 220:
        return []
    long, left, top = 120.0, side - 120, 14.0
    stops = 24
    bar = [
        {"x": left + i * long / stops, "x2": left + (i + 1) * long / stops, "r": -1 + 2 * (i + 0.5) / stops}
        for i in range(stops)
    ]
    scale = alt.Scale(domain=[0, side], range=[0, side], nice=False)
    shade = _shade(colours)
    ends = [{"x": left + long * (value + 1) / 2, "label": frame.number(value, 0)} for value in (-1, 0, 1)]
    boxes = alt.Chart(frame.rows_of(bar)).mark_rect(strokeWidth=0)
    numbers = alt.Chart(frame.rows_of(ends)).mark_text(fontSize=LABEL, color=colours["ink-2"])
    return [
        boxes.encode(
            alt.X("x:Q", scale=scale, axis=None), x2="x2", y=alt.value(top), y2=alt.value(top + 8), color=shade
        ),
        numbers.encode(alt.X("x:Q", scale=scale, axis=None), y=alt.value(top + 18), text="label:N"),
    ]
