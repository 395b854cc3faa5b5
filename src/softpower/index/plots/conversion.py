"""What units reach with what they have: output against input, and the frontier of the best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from softpower.drawing import frame
from softpower.drawing.frame import Chart
from softpower.drawing.labels import Placed, Wanted, place
from softpower.drawing.letters import visible
from softpower.drawing.look import LABEL, Mode
from softpower.drawing.plot import Box
from softpower.drawing.theme import palette
from softpower.errors import BadRequest
from softpower.index.conversion import Conversion
from softpower.index.plots import about
from softpower.index.result import Index

Array = NDArray[np.float64]
HEIGHT = 400.0
MOST_NAMED = 10


def conversion(found: Conversion, index: Index, *, units: Sequence[str] = (), theme: Mode = "light") -> Chart:
    """Each unit by its score in the input and the output, and the frontier that the best of them span.

    Parameters
    ----------
    found : of ``index``, with one input and one output
    units : to name in blue; those on the frontier are named in any case, where there is room

    Raises
    ------
    BadRequest
        There is more than one input or output, or returns to scale are taken as constant.
    """
    if len(found.inputs) != 1 or len(found.outputs) != 1 or found.returns != "variable":
        raise BadRequest("a plot of conversion needs one input, one output and variable returns to scale")
    (source,), (target,) = found.inputs, found.outputs
    places = [index.unit(unit) for unit in found.units]
    across, up = index.scores(source), index.scores(target)
    x, y = across.value[places], up.value[places]
    best = np.flatnonzero(found.uncorrected >= 1 - 1e-9)
    wanted = {index.unit(unit) for unit in units}
    names = about.called(index, places)
    dea = next((each for each in found.results if each.model == "dea"), None)
    table = [
        {
            "unit": name, "x": x[at], "y": y[at], "efficiency": dea.value[at] if dea else None,
            "tone": "focus" if places[at] in wanted else "peer", "frontier": bool(at in best),
            "x_low": across.low[places[at]], "x_high": across.high[places[at]],
            "y_low": up.low[places[at]], "y_high": up.high[places[at]],
        }
        for at, name in enumerate(names)
    ]  # fmt: skip
    line = _frontier(x[best], y[best], float(x.max()))
    told = [
        f"{len(table)} units; dashed: the hull of the best, variable returns",
        "Each dot is the central score" + ("; lines: 90% of replications, of the units named" if wanted else ""),
        *([f"moved to 1\u2013100 for the ratios behind it: {', '.join(found.moved)}"] if found.moved else []),
    ]
    inside = "is" if len(best) == 1 else "are"
    return frame.sheet(
        _drawn(index, table, line, source, target, theme),
        title=f"{len(best)} of {len(table)} units {inside} on the frontier from {_title(index, source)} to "
        f"{_title(index, target)}",
        sub=frame.sentences(*told),
        source=_sources(index, source, target),
        theme=theme,
    )


def _title(index: Index, node: str) -> str:
    title = visible(index.model.title_of(node))
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _sources(index: Index, source: str, target: str) -> str:
    both = [about.source_line(index, node) for node in (source, target)]
    return both[0] if both[0] == both[1] else about.source_line(index)


def _frontier(x: Array, y: Array, end: float) -> list[dict[str, Any]]:
    """The corners of the hull, from the least input to the most: more input never gives less."""
    order = np.lexsort((-y, x))
    corners = [(float(x[at]), float(y[at])) for at in order]
    top: list[tuple[float, float]] = []
    for corner in corners:
        if not top or corner[1] > top[-1][1]:
            top.append(corner)
    line = [(top[0][0], None), *top, (end, top[-1][1])]
    return [{"x": a, "y": b, "order": number} for number, (a, b) in enumerate(line)]


def _drawn(
    index: Index, table: Sequence[dict[str, Any]], line: list[dict[str, Any]], source: str, target: str, theme: Mode
) -> Any:
    colours, width = palette(theme), frame.WIDTH - 40
    named = [row for row in table if row["tone"] == "focus"]
    spans = [
        frame.padded([*(row[key] for row in table), *(row[f"{key}_{end}"] for row in named for end in ("low", "high"))])
        for key in ("x", "y")
    ]
    line[0]["y"] = spans[1][0]
    titles = [
        f"{visible(index.model.title_of(node))}, score in {about.points(index.model)}" for node in (source, target)
    ]

    def x(field: str) -> alt.X:
        scale = alt.Scale(domain=list(spans[0]), nice=False, zero=False)
        return alt.X(f"{field}:Q", scale=scale, axis=alt.Axis(title=titles[0], tickCount=7))

    def y(field: str) -> alt.Y:
        scale = alt.Scale(domain=list(spans[1]), nice=False, zero=False)
        axis = alt.Axis(title=titles[1], tickCount=7, titleAngle=0, titleAlign="left", titleX=-24, titleY=-12)
        return alt.Y(f"{field}:Q", scale=scale, axis=axis)

    hull = alt.Chart(frame.rows_of(line)).mark_line(color=colours["ink-2"], strokeWidth=1.3, strokeDash=[5, 3])
    base = alt.Chart(frame.rows_of(sorted(table, key=lambda row: row["tone"], reverse=True)))
    dots = base.mark_point(filled=True, size=42, opacity=0.85, stroke=colours["paper"], strokeWidth=0.8)
    tips = ["unit:N", "x:Q", "y:Q", "efficiency:Q"]
    layers: list[Any] = [hull.encode(x("x"), y("y"), order="order:Q")]
    if named:
        rule = alt.Chart(frame.rows_of(named)).mark_rule(color=colours["focus-2"], strokeWidth=2)
        layers += [rule.encode(x("x_low"), y("y"), x2="x_high"), rule.encode(x("x"), y("y_low"), y2="y_high")]
    layers.append(dots.encode(x("x"), y("y"), fill=frame.toned(alt.Fill, 0, colours), tooltip=tips))
    layers += _names(table, spans, width, theme)
    return alt.layer(*layers).properties(width=width, height=HEIGHT)


def _names(
    table: Sequence[dict[str, Any]], spans: Sequence[tuple[float, float]], width: float, theme: Mode
) -> list[Any]:
    """Names beside dots, so that none touches another: those asked for, then those on the frontier."""
    colours = palette(theme)

    def px(row: dict[str, Any]) -> tuple[float, float]:
        (x0, x1), (y0, y1) = spans
        return (row["x"] - x0) / (x1 - x0) * width, (y1 - row["y"]) / (y1 - y0) * HEIGHT

    named = [row for row in table if row["tone"] == "focus"]
    best = [row for row in table if row["frontier"] and row["tone"] != "focus"][:MOST_NAMED]
    wanted = [
        Wanted([row["unit"]], [px(row)], LABEL, fill="focus" if row in named else "ink-2", strong=row in named,
               required=True)
        for row in [*named, *best]
    ]  # fmt: skip
    taken = [Box(x - 5, y - 5, x + 5, y + 5) for x, y in (px(row) for row in [*named, *best])]
    found = place(wanted, width=width, height=HEIGHT, taken=taken, dots=[px(row) for row in table])
    layers: list[Any] = []
    for label in found:
        layers += _label(label, colours)
    return layers


def _label(label: Placed, colours: Any) -> list[Any]:
    one = alt.Chart(frame.rows_of([{"unit": label.wanted.lines[0]}]))
    text: dict[str, Any] = {
        "align": label.align,
        "fontWeight": 700 if label.wanted.strong else "normal",
        "baseline": "middle",
    }
    at = {"x": alt.value(label.x), "y": alt.value(label.y), "text": "unit:N"}
    layers: list[Any] = []
    if label.leader:
        x, y, x2, y2 = label.leader
        rule = one.mark_rule(color=colours["ink-2"], strokeWidth=0.7)
        layers.append(rule.encode(x=alt.value(x), y=alt.value(y), x2=alt.value(x2), y2=alt.value(y2)))
    halo = one.mark_text(**text, stroke=colours["paper"], strokeWidth=3, color=colours["paper"])
    return [*layers, halo.encode(**at), one.mark_text(**text, color=colours[label.wanted.fill]).encode(**at)]
