"""The framework of an index: nodes and indicators as rings, each as wide as its weight."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import altair as alt

from softpower.drawing import frame
from softpower.drawing.frame import Chart
from softpower.drawing.letters import visible
from softpower.drawing.look import LABEL, Mode
from softpower.drawing.rows import shortened, wrapped
from softpower.drawing.theme import palette, text_width
from softpower.index.model import Model

OUTER, HOLE, LEAF = 200.0, 18.0, 26.0  # px: radius of the rings, of the hole in them, and width of the outermost ring
LINE = 12.5  # px between the lines of names outside
# px: of names inside the rings; the smaller ones where there is no room for the usual one
SIZES = (LABEL, LABEL - 1, LABEL - 2)
RINGS = ("seq-5", "seq-4", "seq-3", "seq-2")


def framework(model: Model, *, variant: str = "", theme: Mode = "light") -> Chart:
    """A sunburst of the weights of a model: from the top nodes inside to the indicators outside.

    Top nodes are never added up, so each takes as much of the circle as the others. Indicators are named beside the
    rings, nodes inside theirs where the name fits.
    """
    built = model.variant(variant)
    arcs = _arcs(built)
    leaves, nodes = sum(arc["indicator"] for arc in arcs), sum(not arc["indicator"] for arc in arcs)
    tops = len(built.tops)
    apart = f" The {tops} top nodes are never added up: each is a whole of its own." if tops > 1 else ""
    title = f"{visible(built.title)}: {frame.many(leaves, 'indicator')} in {frame.many(nodes, 'node')}"
    return frame.sheet(
        _drawn(arcs, theme),
        title=title,
        sub=f"An arc is as wide as its weight; from the top node inside to the indicators outside.{apart}",
        source=f"Source: softpower model {built.id}{f', variant {variant}' if variant else ''}; weights as declared"
        f"{'' if built.weights == 'given' else f' (found in the data by {built.weights} when it is built)'}.",
        theme=theme,
    )


def _arcs(model: Model) -> list[dict[str, Any]]:
    """Each part that counts, with its angles (radians, clockwise from the top), depth and share of its top node."""
    arcs: list[dict[str, Any]] = []

    def visit(id: str, start: float, end: float, depth: int, share: float) -> None:
        leaf = id in model.indicators
        arcs.append(
            {
                "id": id, "title": visible(model.title_of(id)), "depth": depth, "indicator": leaf,
                "theta": start, "theta2": end, "share": share,
            }
        )  # fmt: skip
        parts = [] if leaf else [part for part in model.children(id) if model.counts(part)]
        total = sum(model.weight(part) for part in parts)
        reached, wide = start, end - start
        for part in parts:
            mine = model.weight(part) / total
            visit(part, reached, reached + wide * mine, depth + 1, share * mine)
            reached += wide * mine

    tops = [top for top in model.tops if model.counts(top)]
    for number, top in enumerate(tops):
        visit(top, 2 * math.pi * number / len(tops), 2 * math.pi * (number + 1) / len(tops), 0, 1.0)
    return arcs


def _drawn(arcs: Sequence[dict[str, Any]], theme: Mode) -> Any:
    colours = palette(theme)
    # The ring of the indicators is narrow, since their names stand outside: that leaves room for those of the nodes.
    ring = (OUTER - HOLE - LEAF) / (1 + max(arc["depth"] for arc in arcs if not arc["indicator"]))
    for arc in arcs:
        arc["radius"], arc["radius2"] = HOLE + (arc["depth"] + 1) * ring, HOLE + arc["depth"] * ring
        if arc["indicator"]:  # an indicator reaches to the edge, wherever its node stands
            arc["radius"] = OUTER
    outside = _outside([arc for arc in arcs if arc["indicator"]])
    half = max(OUTER + 14, *(abs(row["y"]) + 8 for row in outside))
    ends = [abs(row["x"]) + text_width(row["label"], LABEL) for row in outside]
    width, height = max(frame.WIDTH, 2 * max(ends)), 2 * half
    tint = {arc["depth"]: RINGS[min(arc["depth"], len(RINGS) - 1)] for arc in arcs}
    base = alt.Chart(
        frame.rows_of([{**arc, "ring": "leaf" if arc["indicator"] else str(arc["depth"])} for arc in arcs])
    )
    rings = sorted({"leaf", *(str(number) for number in tint)})
    shades = [colours["seq-2"] if name == "leaf" else colours[tint[int(name)]] for name in rings]
    arc_marks = base.mark_arc(stroke=colours["paper"]).encode(
        strokeWidth=alt.condition("datum.theta2 - datum.theta < 6.283", alt.value(1.4), alt.value(0)),  # no seam
        theta=alt.Theta("theta:Q", scale=None, stack=None),
        theta2="theta2:Q",
        radius=alt.Radius("radius:Q", scale=None, stack=None),
        radius2="radius2:Q",
        color=alt.Color("ring:N", scale=alt.Scale(domain=rings, range=shades), legend=None),
        tooltip=["title:N", alt.Tooltip("share:Q", format=".1%")],
    )
    names = _inside([arc for arc in arcs if not arc["indicator"]], tint)
    layers: list[Any] = [arc_marks]
    across = alt.Scale(domain=[-width / 2, width / 2], nice=False)
    down = alt.Scale(domain=[half, -half], nice=False)
    x, y = alt.X("x:Q", axis=None, scale=across), alt.Y("y:Q", axis=None, scale=down)
    for dark, size in product((True, False), SIZES):
        rows = [row for row in names if row["dark"] is dark and row["size"] == size]
        if rows:
            ink = colours["paper" if dark else "ink"]
            text = alt.Chart(frame.rows_of(rows)).mark_text(fontSize=size, color=ink, baseline="middle")
            layers.append(text.encode(x, y, text="label:N"))
    if outside:
        lines = alt.Chart(frame.rows_of(outside)).mark_rule(color=colours["ink-2"], strokeWidth=0.7)
        layers.append(lines.encode(alt.X("x1:Q", axis=None, scale=across), alt.Y("y1:Q", axis=None, scale=down),
                                   x2="x2", y2="y"))  # fmt: skip
    for align in ("left", "right"):
        rows = [row for row in outside if row["align"] == align]
        if rows:
            text = alt.Chart(frame.rows_of(rows)).mark_text(
                fontSize=LABEL, color=colours["ink"], align=align, baseline="middle"
            )
            layers.append(text.encode(x, y, text="label:N"))
    return alt.layer(*layers).properties(width=width, height=height)


def _outside(leaves: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Names of indicators left and right of the rings, moved apart until none touches another.

    Names for which there is no room are left out, those of the narrowest arcs first.
    """
    rows: list[dict[str, Any]] = []
    for side in (1, -1):
        mine = []
        for arc in leaves:
            angle = (arc["theta"] + arc["theta2"]) / 2
            if (math.sin(angle) >= 0) == (side > 0):
                mine.append((-math.cos(angle), angle, arc))
        most = int(2 * (OUTER + 60) / LINE)
        kept = sorted(mine, key=lambda each: -each[2]["share"])[:most]
        kept.sort(key=lambda each: each[0])
        places = _apart([height * (OUTER + 12) for height, _, _ in kept])
        for (_, angle, arc), place in zip(kept, places, strict=True):
            reach = max((OUTER + 22) ** 2 - min(abs(place), OUTER + 21) ** 2, 0) ** 0.5
            end = side * max(reach, 34.0 if abs(place) > OUTER else 0.0)
            rows.append(
                {
                    "label": shortened(arc["title"], LABEL, frame.NAME_WIDTH),
                    "align": "left" if side > 0 else "right", "x": end + side * 4, "y": place,
                    "x1": math.sin(angle) * (OUTER + 2), "y1": -math.cos(angle) * (OUTER + 2), "x2": end,
                }
            )  # fmt: skip
    return rows


def _apart(wanted: Sequence[float]) -> list[float]:
    """Heights in the same order, at least a line apart, as near to the wanted ones as that allows.

    >>> _apart([0.0, 1.0, 40.0])
    [-5.75, 6.75, 40.0]
    """
    blocks: list[list[float]] = []  # each: sum of wanted tops, number of lines
    for height in wanted:
        blocks.append([height, 1])
        while len(blocks) > 1 and _top(blocks[-2]) + LINE * blocks[-2][1] > _top(blocks[-1]):
            total, count = blocks.pop()
            # The lines of the lower block stand below those of the upper one.
            blocks[-1][0] += total - LINE * blocks[-1][1] * count
            blocks[-1][1] += count
    return [_top(block) + LINE * line for block in blocks for line in range(int(block[1]))]


def _top(block: Sequence[float]) -> float:
    """Height of the first line of a block whose lines are as near to their places as they can be."""
    total, count = block
    return total / count - LINE * (count - 1) / 2 if count == 1 else total / count


def _inside(nodes: Sequence[dict[str, Any]], tint: dict[int, str]) -> list[dict[str, Any]]:
    """Names of nodes inside their arcs, in one to three lines, where all lines lie inside the arc.

    Names are level, so they fit best above and below the middle: of several places along the arc the first is taken
    that has room, from its middle outwards.
    """
    rows = []
    for arc in nodes:
        thick, wide = arc["radius"] - arc["radius2"], arc["theta2"] - arc["theta"]
        places = sorted((step / 40 for step in range(2, 39)), key=lambda share: abs(share - 0.5))
        tries = product(SIZES, (0.5, 0.65, 0.75, 0.85), places, _broken(arc["title"]))
        for size, across, along, lines in tries:
            radius, angle = arc["radius2"] + thick * across, arc["theta"] + wide * along
            x, y = math.sin(angle) * radius, -math.cos(angle) * radius
            step = LINE * size / LABEL
            heights = [y + step * (number - (len(lines) - 1) / 2) for number in range(len(lines))]
            pairs = list(zip(lines, heights, strict=True))
            # Line by line: above and below the middle an arc is wider at one end than at the other.
            if all(_fits(arc, x, height, text_width(line, size), step) for line, height in pairs):
                dark = tint[arc["depth"]] in RINGS[:2]
                rows += [{"label": line, "x": x, "y": height, "dark": dark, "size": size} for line, height in pairs]
                break
    return rows


def _broken(title: str) -> list[list[str]]:
    """A title in one line, and broken between words into two and three."""
    found = [[title]]
    word = max(text_width(each, LABEL) for each in title.split() or [title])
    for most in (2, 3):
        width = max(text_width(title, LABEL) / most * 1.25, word + 1)
        lines = wrapped(title, size=LABEL, width=width, most=most)
        if not any("\u2026" in line for line in lines):
            found.append(lines)
    return found


def _fits(arc: dict[str, Any], x: float, y: float, width: float, height: float) -> bool:
    """Whether a box lies inside an arc, with a pixel to spare."""
    edge = [(-0.5, -0.5), (0, -0.5), (0.5, -0.5), (-0.5, 0), (0.5, 0), (-0.5, 0.5), (0, 0.5), (0.5, 0.5)]
    for dx, dy in edge:
        px, py = x + dx * (width + 2), y + dy * (height - 2)
        radius, angle = math.hypot(px, py), math.atan2(px, -py) % (2 * math.pi)
        if not arc["radius2"] + 1 <= radius <= arc["radius"] - 1:
            return False
        if not arc["theta"] - 1e-9 <= angle <= arc["theta2"] + 1e-9:
            return False
    return True
