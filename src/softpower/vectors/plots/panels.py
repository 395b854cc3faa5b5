"""Paths over the years as small panels with common axes: the subject in blue with its band, the others in grey."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from softpower.drawing import frame
from softpower.drawing.frame import Chart
from softpower.drawing.letters import visible
from softpower.drawing.look import LABEL, Mode
from softpower.drawing.rows import wrapped
from softpower.drawing.theme import palette, text_width

HEIGHT = 92.0
BETWEEN = 16.0
MOST_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Path:
    """Values by year, ascending; NaN where unknown. ``low`` and ``high`` are empty where there is no interval."""

    years: Sequence[int]
    value: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: its subject, and what stands in grey behind it."""

    title: str
    subject: Path
    context: Sequence[Path] = ()


def panels(
    shown: Sequence[Panel],
    *,
    title: str,
    sub: str,
    source: str,
    say: Callable[[float], str],
    ticks: Sequence[float] = (),
    domain: tuple[float, float] | None = None,
    columns: int = MOST_COLUMNS,
    theme: Mode = "light",
) -> Chart:
    """Panels side by side, in as many rows as they need.

    Parameters
    ----------
    say : a value in words, printed at the first and the last point of each subject
    ticks : values with a grid line
    domain : of the values; by default as far as they reach
    """
    every = [path for panel in shown for path in (panel.subject, *panel.context)]
    known = [value for path in every for value in (*path.value, *path.low, *path.high) if math.isfinite(value)]
    ends = domain or frame.padded([*known, *ticks], 0.06)
    years = [year for path in every for year in path.years]
    span = (min(years), max(max(years), min(years) + 1))
    columns = min(columns, len(shown))
    right = 8 + max(text_width(say(value), LABEL, strong=True) for value in known)
    step = (frame.WIDTH + BETWEEN) / columns
    layout = _Layout(step - BETWEEN, right, span, ends, tuple(ticks))
    rows = [
        alt.hconcat(*(_panel(panel, layout, say, theme) for panel in shown[start : start + columns]), spacing=BETWEEN)
        for start in range(0, len(shown), columns)
    ]
    return frame.sheet(alt.vconcat(*rows, spacing=22), title=title, sub=sub, source=source, theme=theme)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Common to all panels: width with the text at the right, ends of the axes, grid."""

    width: float
    right: float
    years: tuple[int, int]
    values: tuple[float, float]
    ticks: tuple[float, ...]

    def x(self, field: str = "year") -> alt.X:
        first, last = self.years
        end = first + (last - first) * self.width / (self.width - self.right)
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=[first, end], nice=False, zero=False), axis=None)

    def y(self, field: str = "value") -> alt.Y:
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=list(self.values), nice=False, zero=False), axis=None)


def _panel(panel: Panel, layout: _Layout, say: Callable[[float], str], theme: Mode) -> Any:
    colours = palette(theme)
    layers = [*_ground(layout, theme)]
    if panel.context:
        grey = [{**row, "path": str(at)} for at, path in enumerate(panel.context) for row in _rows(path)]
        line = alt.Chart(frame.rows_of(grey)).mark_line(color=colours["peer-3"], strokeWidth=1.2)
        layers.append(line.encode(layout.x(), layout.y(), detail="path:N"))
    rows = _rows(panel.subject)
    if rows and panel.subject.low:
        band = alt.Chart(frame.rows_of(rows)).mark_area(color=colours["focus-3"], opacity=1)
        layers.append(band.encode(layout.x(), layout.y("low"), alt.Y2("high")))
    if rows:
        line = alt.Chart(frame.rows_of(rows)).mark_line(color=colours["focus"], strokeWidth=2)
        layers.append(line.encode(layout.x(), layout.y()))
        layers += _labels(rows, layout, say, theme)
    else:
        quiet = alt.Chart(frame.rows_of([{"text": "not measured"}])).mark_text(align="left", fontStyle="italic")
        layers.append(quiet.encode(x=alt.value(0), y=alt.value(HEIGHT / 2), text="text:N"))
    layers += _head(panel, layout, theme)
    return alt.layer(*layers).properties(width=layout.width, height=HEIGHT)


def _head(panel: Panel, layout: _Layout, theme: Mode) -> Iterator[Any]:
    """Its name in a line or two. A title would stand higher or lower with what is drawn below it."""
    told = wrapped(visible(panel.title), size=LABEL * 1.06, width=layout.width, strong=True, most=2)
    for at, text in enumerate(reversed(told)):
        word = alt.Chart(frame.rows_of([{"text": text}])).mark_text(
            align="left", fontWeight=700, color=palette(theme)["ink"]
        )
        yield word.encode(x=alt.value(0), y=alt.value(-12 - 14 * at), text="text:N")


def _ground(layout: _Layout, theme: Mode) -> Iterator[Any]:
    """Grid, base line and the ends of the years."""
    colours, (first, last) = palette(theme), layout.years
    lines = [{"value": tick, "year": first, "end": last} for tick in layout.ticks]
    if lines:
        grid = alt.Chart(frame.rows_of(lines)).mark_rule(color=colours["grid"])
        yield grid.encode(layout.x(), layout.y(), alt.X2("end"))
    base = alt.Chart(frame.rows_of([{"value": layout.values[0], "year": first, "end": last}]))
    yield base.mark_rule(color=colours["peer-2"]).encode(layout.x(), layout.y(), alt.X2("end"))
    for align, year in (("left", first), ("right", last)):
        text = alt.Chart(frame.rows_of([{"year": year, "text": str(year)}])).mark_text(
            align=align,  # type: ignore[arg-type]  # one of the two sides
            fontSize=LABEL - 1,
        )
        yield text.encode(layout.x(), y=alt.value(HEIGHT + 10), text="text:N")


def _labels(rows: Sequence[Mapping[str, Any]], layout: _Layout, say: Callable[[float], str], theme: Mode) -> list[Any]:
    """First and last value beside their points."""
    colours, last = palette(theme), rows[-1]
    dot = alt.Chart(frame.rows_of([last])).mark_point(
        filled=True, size=40, opacity=1, color=colours["focus"], stroke=colours["paper"], strokeWidth=1
    )
    end = alt.Chart(frame.rows_of([{**last, "text": say(last["value"])}])).mark_text(
        align="left", dx=7, fontWeight=700, color=colours["focus"]
    )
    layers = [dot.encode(layout.x(), layout.y()), end.encode(layout.x(), layout.y(), text="text:N")]
    if len(rows) > 1:
        first = rows[0]
        low, high = layout.values
        above = (first["value"] - low) / (high - low) < 0.75
        start = alt.Chart(frame.rows_of([{**first, "text": say(first["value"])}])).mark_text(
            align="left", dy=-10 if above else 11, fontSize=LABEL - 1, stroke=colours["paper"], strokeWidth=2.5
        )
        plain = alt.Chart(frame.rows_of([{**first, "text": say(first["value"])}])).mark_text(
            align="left", dy=-10 if above else 11, fontSize=LABEL - 1
        )
        layers += [each.encode(layout.x(), layout.y(), text="text:N") for each in (start, plain)]
    return layers


def _rows(path: Path) -> list[dict[str, float]]:
    """The known points of a path."""
    rows = []
    for at, (year, value) in enumerate(zip(path.years, path.value, strict=True)):
        if math.isfinite(value):
            bounds = {"low": path.low[at], "high": path.high[at]} if path.low else {}
            rows.append({"year": float(year), "value": float(value), **bounds})
    return rows
