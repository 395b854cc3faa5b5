"""Small drawings inside tables, and the guard that every drawing passes before it enters a page."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.sax.saxutils import escape

from softpower.drawing.letters import visible
from softpower.drawing.marks import Axis, Interval
from softpower.drawing.theme import NARROW, TONES, palette, text_width

HEIGHT = 16.0
_EDGE = 5.0  # room for a dot or half a label at either end of the axis


def mark_svg(mark: Interval | None, axis: Axis, *, width: float, halo: str = "paper") -> str:
    """An interval mark on its axis, for a table cell; without ``mark`` the empty axis.

    Thin bar 90 %, thick bar 50 %, dot central value. What lies beyond the axis is cut at its end. ``halo`` is the
    colour around the dot: that of the row.
    """
    colours = palette()
    middle = HEIGHT / 2
    parts = [_line(_EDGE, middle, width - _EDGE, middle, colours["grid"], 1)]
    if axis.reference is not None:
        x = _x(axis.reference, axis, width)
        parts.append(_line(x, 0, x, HEIGHT, colours["ink-2"], 1))
    if mark is not None:
        dark, pale = (colours[tone] for tone in TONES[mark.tone])
        low, q25, central, q75, high = (
            _x(value, axis, width) for value in (mark.low, mark.q25, mark.central, mark.q75, mark.high)
        )
        parts.append(_line(low, middle, high, middle, dark, 2))
        parts.append(_line(q25, middle, q75, middle, pale, 6))
        parts.append(
            f'<circle cx="{_cut(central)}" cy="{_cut(middle)}" r="3.2" fill="{dark}" stroke="{colours[halo]}"'
            ' stroke-width="0.9"/>'
        )
    return _sheet(width, parts)


def axis_svg(axis: Axis, *, width: float, size: float = 9.6) -> str:
    """The numbers of an axis, for the head of a column; labels that would touch their neighbour are left out."""
    parts: list[str] = []
    end = -3.0
    for value, label in sorted(axis.ticks, key=lambda tick: _x(tick[0], axis, width)):
        half = text_width(label, size) / 2
        middle = min(max(_x(value, axis, width), half), width - half)
        if middle - half < end + 3:
            continue
        end = middle + half
        parts.append(
            f'<text x="{_cut(middle)}" y="12" text-anchor="middle" font-family="{NARROW}" font-size="{_cut(size)}"'
            ' font-weight="400"'
            f' fill="{palette()["ink-2"]}">{escape(visible(label))}</text>'
        )
    return _sheet(width, parts)


def _x(value: float, axis: Axis, width: float) -> float:
    share = (value - axis.low) / (axis.high - axis.low)
    return _EDGE + min(max(share, 0.0), 1.0) * (width - 2 * _EDGE)


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str, width: float) -> str:
    return (
        f'<line x1="{_cut(x1)}" y1="{_cut(y1)}" x2="{_cut(x2)}" y2="{_cut(y2)}" stroke="{stroke}"'
        f' stroke-width="{_cut(width)}"/>'
    )


def _sheet(width: float, parts: list[str]) -> str:
    size = f'width="{_cut(width)}" height="{_cut(HEIGHT)}"'
    view = f'viewBox="0 0 {_cut(width)} {_cut(HEIGHT)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view} fill="none">{"".join(parts)}</svg>'


def _cut(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


# The guard.

_NS = "{http://www.w3.org/2000/svg}"
ELEMENTS = frozenset({"svg", "g", "title", "desc", "line", "circle", "rect", "path", "text", "tspan"})
ATTRIBUTES = frozenset(
    {
        "viewBox",
        "width",
        "height",
        "role",
        "aria-label",
        "aria-hidden",
        "fill",
        "fill-opacity",
        "stroke",
        "stroke-width",
        "stroke-dasharray",
        "stroke-linejoin",
        "stroke-linecap",
        "opacity",
        "paint-order",
        "transform",
        "d",
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "dx",
        "dy",
        "points",
        "text-anchor",
        "font-family",
        "font-size",
        "font-weight",
        "font-style",
    }
)


def safe_svg(text: str) -> str:
    """``text`` again if it draws and does nothing else.

    Raises
    ------
    ValueError
        It is not an SVG, or holds an element or attribute outside a short list: no script, no link, no style,
        no reference to anything outside or inside the drawing.
    """
    if "<!" in text or "<?" in text:
        raise ValueError("a drawing may hold no declarations, comments or processing instructions")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(f"a drawing is not well-formed: {error}") from error
    for node in root.iter():
        kind = str(node.tag).removeprefix(_NS)
        if kind not in ELEMENTS or (node is root) != (kind == "svg"):
            raise ValueError(f"a drawing may not hold <{kind}>")
        for name, value in node.attrib.items():
            if name not in ATTRIBUTES or "url(" in value.lower():
                raise ValueError(f"a drawing may not hold {name}={value[:40]!r}")
    return text
