"""Where a country's ties are stronger or weaker than gravity predicts, on a map."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from softpower.drawing import frame
from softpower.drawing.frame import Chart
from softpower.drawing.look import LABEL, Mode
from softpower.drawing.theme import palette, text_width
from softpower.vectors import wording
from softpower.world import country, shapes, topology

HEIGHT = 330.0
# Steps of the scale: times what is predicted. Inside each side the colour says how far, the side itself how surely.
STEPS = (2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Tie:
    """An excess tie with one partner, times what is predicted, with its 90% interval."""

    partner: str
    value: float
    low: float
    high: float


def world_map(home: str, ties: Sequence[Tie], *, title: str, sub: str, source: str, theme: Mode = "light") -> Chart:
    """A world map: blue where the interval lies above what is predicted, orange below, grey where it spans it.

    Parameters
    ----------
    home : ISO3 code of the country, drawn in black
    ties : by partner; countries without one are left white
    """
    colours = palette(theme)
    found = {tie.partner: tie for tie in ties}
    rows = []
    for shape in shapes():
        tie = found.get(shape.iso3)
        kind = "home" if shape.iso3 == home else _kind(tie)
        rows.append(
            {
                "position": shape.position,
                "kind": "disputed" if shape.disputed else kind,
                "name": shape.name,
                "text": ""
                if tie is None or shape.disputed
                else f"{times(tie.value)} ({times(tie.low)} to {times(tie.high)})",
            }
        )
    world = json.loads(topology())
    outlines = world["objects"]["countries"]["geometries"]
    for position, geometry in enumerate(outlines):
        geometry["id"] = position
        geometry.pop("properties", None)
    # Antarctica has no ties, and would take a fifth of the height.
    world["objects"]["countries"]["geometries"] = [outlines[each.position] for each in shapes() if each.iso3 != "ATA"]
    base = alt.Chart(
        alt.InlineData(values=world, format=alt.TopoDataFormat(type="topojson", feature="countries"))
    ).transform_lookup(
        lookup="id", from_=alt.LookupData(data=frame.rows_of(rows), key="position", fields=["kind", "name", "text"])
    )
    fills = {
        "home": colours["ink"],
        "far above": colours["focus"],
        "above": colours["focus-2"],
        "slightly above": colours["focus-3"],
        "neither": colours["peer-3"],
        "slightly below": _mixed(colours["low-2"], colours["paper"], 0.5),
        "below": colours["low-2"],
        "far below": colours["low"],
        "unknown": colours["paper"],
        "disputed": colours["paper"],
    }
    body = base.mark_geoshape(strokeWidth=0.4).encode(
        fill=alt.Fill("kind:N", scale=alt.Scale(domain=list(fills), range=list(fills.values())), legend=None),
        stroke=alt.value(colours["peer-2"]),
        strokeDash=alt.condition("datum.kind == 'disputed'", alt.value([1.5, 1.5]), alt.value([1, 0])),
        tooltip=[alt.Tooltip("name:N"), alt.Tooltip("text:N")],
    )
    drawn = body.project("equalEarth").properties(width=frame.WIDTH, height=HEIGHT)
    key = _key(fills, country(home).label, theme)
    return frame.sheet(
        alt.vconcat(drawn, key, spacing=6).resolve_scale(fill="independent"),
        title=title,
        sub=sub,
        source=source,
        theme=theme,
    )


def times(value: float) -> str:
    """How many times as much as predicted, to two figures.

    >>> times(13.24), times(0.138), times(1.0)
    ('13×', '0.14×', '1.0×')
    """
    return f"{wording.times(value)}×"


def _kind(tie: Tie | None) -> str:
    if tie is None:
        return "unknown"
    if tie.low <= 1 <= tie.high:
        return "neither"
    size = tie.value if tie.value > 1 else 1 / max(tie.value, 1e-12)
    degree = "slightly " if size < STEPS[0] else "" if size < STEPS[1] else "far "
    return degree + ("above" if tie.value > 1 else "below")


def _key(fills: dict[str, str], home: str, theme: Mode) -> Any:
    """Squares with words below the map."""
    words = {
        "far below": f"under 1/{STEPS[1]:g}",
        "below": f"1/{STEPS[1]:g} to 1/{STEPS[0]:g}",
        "slightly below": "below 1",
        "neither": "not distinguishable from 1",
        "slightly above": "above 1",
        "above": f"{STEPS[0]:g} to {STEPS[1]:g}",
        "far above": f"over {STEPS[1]:g} times",
        "unknown": "not measured",
        "home": home,
    }
    size = LABEL - 1
    x, rows = 0.0, list[dict[str, str | float]]()
    for kind, text in words.items():
        rows.append({"x": x, "kind": kind, "text": text})
        x += 16 + text_width(text, size) + 11
    scale = alt.Scale(domain=[0, frame.WIDTH], nice=False)
    base = alt.Chart(frame.rows_of(rows)).encode(alt.X("x:Q", scale=scale, axis=None))
    squares = base.mark_square(size=80, opacity=1, stroke=palette(theme)["peer-2"], strokeWidth=0.6, xOffset=5).encode(
        fill=alt.Fill("kind:N", scale=alt.Scale(domain=list(fills), range=list(fills.values())), legend=None)
    )
    texts = base.mark_text(align="left", dx=13, fontSize=size).encode(text="text:N")
    return alt.layer(squares, texts).properties(width=frame.WIDTH, height=14)


def _mixed(one: str, other: str, share: float) -> str:
    """A colour between two.

    >>> _mixed("#000000", "#FFFFFF", 0.5)
    '#808080'
    """
    parts = [round(int(one[at : at + 2], 16) * (1 - share) + int(other[at : at + 2], 16) * share) for at in (1, 3, 5)]
    return "#" + "".join(f"{part:02X}" for part in parts)
