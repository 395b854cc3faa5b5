"""One interval for each line, against a reference: excess ties on a log scale, roles in standard deviations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt

from softpower.drawing import frame
from softpower.drawing.frame import Chart
from softpower.drawing.letters import visible
from softpower.drawing.look import LABEL, Mode
from softpower.drawing.rows import shortened
from softpower.drawing.theme import palette, text_width

Scale = Literal["linear", "log"]
Tone = Literal["focus", "low", "peer"]


@dataclass(frozen=True, slots=True)
class Line:
    """A figure with its interval; ``group`` is a heading under which lines stand together, may be empty.

    ``tone`` is what may be said of it where the interval alone does not decide that.
    """

    name: str
    value: float
    low: float
    high: float
    text: str
    group: str = ""
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """What figures are measured against: a value, or a band of values that chance gives."""

    low: float
    high: float
    words: str


def lines(
    shown: Sequence[Line],
    reference: Reference,
    *,
    title: str,
    sub: str,
    source: str,
    scale: Scale = "linear",
    head: str = "90% interval",
    theme: Mode = "light",
) -> Chart:
    """Blue where an interval lies above the reference, orange below, grey where it meets it, unless a line says so."""
    colours = palette(theme)
    names = [shortened(visible(line.name), LABEL, frame.NAME_WIDTH) for line in shown]
    order, places = _ordered(shown)
    right = 16 + max(text_width(line.text, LABEL) for line in shown)
    headings = [group for group in dict.fromkeys(line.group for line in shown) if group]
    left = 14 + max(text_width(name, LABEL, strong=name in headings) for name in (*names, *headings))
    width = frame.WIDTH - left - right
    rows = [
        {
            "y": place, "name": name, "low": line.low, "high": line.high, "central": line.value, "text": line.text,
            "tone": line.tone or _tone(line, reference),
        }
        for line, name, place in zip(shown, names, places, strict=True)
    ]  # fmt: skip
    known = [value for line in shown for value in (line.low, line.high) if math.isfinite(value)]
    domain = _domain([*known, reference.low, reference.high], scale)
    height = frame.ROW * 1.25 * order

    def x(field: str) -> alt.X:
        kind = alt.Scale(type=scale, domain=list(domain), nice=False, zero=False)
        axis = alt.Axis(title=None, orient="top", labelFlush=False, **_ticks(domain, scale))
        return alt.X(f"{field}:Q", scale=kind, axis=axis)

    y = alt.Y("y:Q", scale=alt.Scale(domain=[-0.5, order - 0.5], reverse=True, nice=False), axis=None)
    base = alt.Chart(frame.rows_of(rows))
    span = alt.Chart(frame.rows_of([{"low": reference.low, "high": reference.high}]))
    ground: list[Any] = (
        [span.mark_rule(color=colours["ink-2"]).encode(x("low"))]
        if reference.low == reference.high
        else [span.mark_rect(color=colours["expect"], opacity=1).encode(x("low"), alt.X2("high"))]
    )
    word = alt.Chart(
        frame.rows_of(
            [
                {
                    "low": math.sqrt(reference.low * reference.high)
                    if scale == "log"
                    else (reference.low + reference.high) / 2,
                    "text": reference.words,
                }
            ]
        )
    )
    ground.append(
        word.mark_text(color=colours["expect-ink"], fontSize=LABEL - 0.5).encode(
            x("low"), y=alt.value(height + 10), text="text:N"
        )
    )
    labels = [
        base.mark_text(align="left", color=colours["ink"]).encode(x=alt.value(-left), y=y, text="name:N"),
        base.mark_text(align="right", color=colours["ink"]).encode(x=alt.value(width + right), y=y, text="text:N"),
        alt.Chart(frame.rows_of([{"head": head}]))
        .mark_text(align="right")
        .encode(x=alt.value(width + right), y=alt.value(-9), text="head:N"),
    ]
    if headings:
        tops = [{"y": _top(shown, places, group), "name": visible(group)} for group in headings]
        labels.append(
            alt.Chart(frame.rows_of(tops))
            .mark_text(align="left", fontWeight=700, color=colours["ink"])
            .encode(x=alt.value(-left), y=y, text="name:N")
        )
    body = alt.layer(*ground, *frame.interval_marks(rows, x, y, theme), *labels)
    return frame.sheet(body.properties(width=width, height=height), title=title, sub=sub, source=source, theme=theme)


def _tone(line: Line, reference: Reference) -> Tone:
    """On which side of the reference the interval lies."""
    return "focus" if line.low > reference.high else "low" if line.high < reference.low else "peer"


def _ordered(shown: Sequence[Line]) -> tuple[int, list[int]]:
    """Rows that are needed, and the row of each line: a group begins with a row for its heading."""
    places, row, group = [], 0, ""
    for line in shown:
        if line.group != group:
            group, row = line.group, row + (1 if line.group else 0)
        places.append(row)
        row += 1
    return row, places


def _top(shown: Sequence[Line], places: Sequence[int], group: str) -> int:
    """The row of a heading."""
    return min(place for line, place in zip(shown, places, strict=True) if line.group == group) - 1


def _domain(values: Sequence[float], scale: Scale) -> tuple[float, float]:
    if scale == "linear":
        return frame.padded(values, 0.05)
    known = [math.log10(value) for value in values if value > 0]
    low, high = frame.padded(known, 0.05)
    return 10**low, 10**high


def _ticks(domain: tuple[float, float], scale: Scale) -> dict[str, Any]:
    """Powers of ten, with what lies between where the axis is short."""
    if scale == "linear":
        return {"tickCount": 7}
    first, last = (math.log10(end) for end in domain)
    powers = [10.0**k for k in range(math.ceil(first), math.floor(last) + 1)]
    if len(powers) < 3:
        powers = [m * 10.0**k for k in range(math.floor(first), math.ceil(last) + 1) for m in (1, 2, 5)]
    return {"values": [each for each in powers if domain[0] <= each <= domain[1]], "format": "~g"}
