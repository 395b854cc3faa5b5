"""Make of the renderer's SVG a small one that does not change from run to run.

Only leaves are kept, each with its place worked into it: nested groups, empty backgrounds, counters in ids and
class names go. Numbers are cut to a hundredth of a pixel. What is left are ``line``, ``circle``, ``path``, ``text``.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

_NS = "{http://www.w3.org/2000/svg}"
_STYLE = (
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linejoin",
    "opacity",
    "font-family",
    "font-size",
    "font-weight",
    "font-style",
    "text-anchor",
)
_NEUTRAL = {("opacity", "1"), ("text-anchor", "start"), ("fill-opacity", "1")}
_TRANSLATE = re.compile(r"^translate\((-?[\d.e-]+),\s*(-?[\d.e-]+)\)$")
_CIRCLE = re.compile(r"^M([\d.]+),0A\1,\1,0,1,1,-\1,0A\1,\1,0,1,1,\1,0$")
_PAIR = re.compile(r"([MLC])?(-?[\d.]+(?:e-?\d+)?),(-?[\d.]+(?:e-?\d+)?)|Z")


def tidy(svg: str, *, title: str, width: float, height: float, origin: tuple[float, float]) -> str:
    """The drawing at exactly ``width`` x ``height``, the first plot's corner at ``origin``, named ``title``.

    >>> line = '<line transform="translate(1.23456,2)" x2="3" y2="0" stroke="#000"/>'
    >>> frame = '<g transform="translate(7,9)"><g class="c"><g transform="translate(0,0)">'
    >>> raw = f'<svg xmlns="http://www.w3.org/2000/svg">{frame}{line}</g></g></g></svg>'
    >>> tidy(raw, title="One line", width=10, height=5, origin=(1, 0)).split("</title>")[1]
    '<line x1="2.23" y1="2" x2="5.23" y2="2" stroke="#000"/></svg>'
    """
    root = ElementTree.fromstring(svg)
    frame = root.find(f"{_NS}g")
    if frame is None:
        raise ValueError("the renderer gave an SVG without content")
    x, y = _shift(frame)
    out = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_cut(width)} {_cut(height)}",
            "width": _cut(width),
            "height": _cut(height),
            "role": "img",
            "aria-label": title,
            "fill": "none",
        },
    )
    ElementTree.SubElement(out, "title").text = title
    _walk(frame, out, origin[0] - x, origin[1] - y)
    return ElementTree.tostring(out, encoding="unicode", short_empty_elements=True).replace(" />", "/>")


def _walk(node: ElementTree.Element, out: ElementTree.Element, x: float, y: float) -> None:
    dx, dy = _shift(node)
    x, y = x + dx, y + dy
    kind = node.tag.removeprefix(_NS)
    if kind == "g":
        for child in node:
            _walk(child, out, x, y)
        return
    if node.get("display") == "none" or node.get("class") == "background":
        return
    style = {name: value for name in _STYLE if (value := node.get(name)) and (name, value) not in _NEUTRAL}
    if "stroke" not in style:
        style = {name: value for name, value in style.items() if not name.startswith("stroke")}
    match kind:
        case "line":
            x2, y2 = float(node.get("x2", 0)), float(node.get("y2", 0))
            place = {"x1": x, "y1": y, "x2": x + x2, "y2": y + y2}
        case "path":
            drawn = node.get("d", "")
            circle = _CIRCLE.match(drawn)
            if circle:
                kind, place = "circle", {"cx": x, "cy": y, "r": float(circle[1])}
            else:
                ElementTree.SubElement(out, "path", {"d": _moved(drawn, x, y), **style})
                return
        case "text":
            place = {"x": x, "y": y}
            style["font-size"] = style["font-size"].removesuffix("px")
            if "stroke" in style:
                style |= {"paint-order": "stroke", "stroke-linejoin": "round"}
        case _:
            return
    leaf = ElementTree.SubElement(out, kind, {name: _cut(value) for name, value in place.items()} | style)
    leaf.text = node.text if kind == "text" else None


def _shift(node: ElementTree.Element) -> tuple[float, float]:
    found = _TRANSLATE.match(node.get("transform", ""))
    return (float(found[1]), float(found[2])) if found else (0.0, 0.0)


def _moved(path: str, x: float, y: float) -> str:
    """A path of absolute moves and lines, shifted."""

    def place(found: re.Match[str]) -> str:
        if found[0] == "Z":
            return "Z"
        return f"{found[1] or ' '}{_cut(float(found[2]) + x)},{_cut(float(found[3]) + y)}"

    return _PAIR.sub(place, path)


def _cut(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
