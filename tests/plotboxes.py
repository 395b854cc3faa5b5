"""Where the labels of a drawing lie, by the widths of the bundled fonts."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

from softpower.drawing.plot import Box
from softpower.drawing.theme import text_width

SVG = "{http://www.w3.org/2000/svg}"


def labels(svg: bytes) -> set[tuple[str, Box]]:
    """Every line of text of a drawing with the box it takes."""
    found: set[tuple[str, Box]] = set()

    def visit(node: ElementTree.Element, x: float, y: float) -> None:
        moved = re.match(r"translate\((-?[\d.e-]+),\s*(-?[\d.e-]+)\)", node.get("transform", ""))
        x, y = (x + float(moved[1]), y + float(moved[2])) if moved else (x, y)
        if node.tag == f"{SVG}text":
            size = float(node.get("font-size", "0").removesuffix("px"))
            for line in [node, *node]:
                y += float(line.get("dy", 0))
                text = line.text or ""
                width = text_width(text, size, strong=node.get("font-weight") not in (None, "normal", "400"))
                left = x - {"end": width, "middle": width / 2}.get(node.get("text-anchor", ""), 0.0)
                if text.strip():
                    found.add((text, Box(left, y - 0.74 * size, left + width, y + 0.2 * size)))
        else:
            for child in node:
                visit(child, x, y)

    visit(ElementTree.fromstring(svg), 0.0, 0.0)
    return found


def touching(svg: bytes) -> list[tuple[str, str]]:
    """Pairs of labels that overlap."""
    every = sorted(labels(svg), key=lambda each: (each[0], each[1].left, each[1].top))
    return [(a, b) for (a, first), (b, other) in combinations(every, 2) if first.meets(other, gap=-1.0)]
