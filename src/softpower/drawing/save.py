"""A Vega-Lite chart as a file: SVG, PNG, PDF, a page, or its specification. The same chart gives the same bytes.

The renderer reaches neither network nor files. What it draws is rebuilt from a short list of elements and attributes
before it is written, so that no text in a chart can become anything but text. In PNG and PDF a letter that the bundled
fonts lack is replaced, so that the picture does not depend on the machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from softpower import storage
from softpower.drawing.letters import Letters, visible
from softpower.drawing.render import converted
from softpower.drawing.svg import ATTRIBUTES, ELEMENTS, safe_svg
from softpower.drawing.theme import NARROW, SANS, faces, font_face

FORMATS = ("svg", "png", "pdf", "html", "json")
SCALE = 2.0  # px of a PNG for each px of the drawing
PT = 0.75  # points of a px
TEMPLATE = Path(str(resources.files("softpower.drawing") / "picture.typ"))
_NS = "{http://www.w3.org/2000/svg}"


def picture(spec: Mapping[str, Any], kind: str, *, title: str) -> bytes:
    """The file of a chart.

    Parameters
    ----------
    spec : a Vega-Lite specification with its data inside and its ``config``
    kind : one of `FORMATS`
    title : the name of the drawing for those who do not see it

    Raises
    ------
    ValueError
        There is no such format, or the drawing holds more than marks and text.
    """
    if kind == "json":
        return (json.dumps(spec, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
    if kind not in FORMATS:
        raise ValueError(f"formats are {', '.join(FORMATS)}, not {kind!r}")
    drawing = cleaned(converted(dict(spec)), title=title)
    paper = str(spec.get("config", {}).get("background", "#FFFFFF"))
    if kind == "png":
        return _png(Letters().text(drawing))
    if kind == "pdf":
        letters = Letters()
        return _pdf(letters.text(drawing), letters.text(visible(title)), paper)
    style = f"<style>{_fonts(drawing)}</style>"
    if kind == "html":
        return _page(drawing, style, title, paper).encode()
    return drawing.replace("</title>", f"</title>{style}", 1).encode()


def cleaned(svg: str, *, title: str) -> str:
    """The renderer's drawing without what changes from run to run or could do more than draw, named ``title``."""
    root = ElementTree.fromstring(svg)
    out = ElementTree.Element(
        "svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-label": visible(title)}
    )
    out.attrib |= {name: value for name, value in root.attrib.items() if name in ("viewBox", "width", "height")}
    ElementTree.SubElement(out, "title").text = visible(title)
    for child in root:
        _copy(child, out)
    return safe_svg(ElementTree.tostring(out, encoding="unicode").replace(" />", "/>"))


def _copy(node: ElementTree.Element, into: ElementTree.Element) -> None:
    kind = node.tag.removeprefix(_NS)
    if kind not in ELEMENTS or node.get("display") == "none":
        return
    kept = {
        name: value
        for name, value in node.attrib.items()
        if name in ATTRIBUTES and not name.startswith(("aria", "role")) and "url(" not in value.lower()
    }
    mine = ElementTree.SubElement(into, kind, kept)
    mine.text, mine.tail = node.text, None
    for child in node:
        _copy(child, mine)
    if kind == "g" and not len(mine):
        into.remove(mine)


def _png(drawing: str) -> bytes:
    import vl_convert

    made = vl_convert.svg_to_png(drawing, scale=SCALE)
    assert isinstance(made, bytes)
    return made


def _pdf(drawing: str, title: str, paper: str) -> bytes:
    """Set by Typst: the renderer's own PDF names its fonts in another order each time, and is not tagged."""
    import typst

    root = ElementTree.fromstring(drawing)
    size = {side: f"{float(root.get(side, 0)) * PT}" for side in ("width", "height")}
    made = typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        font_paths=[str(storage.bundled_folder("fonts"))],
        ignore_system_fonts=True,
        sys_inputs={"drawing": drawing, "title": title, "paper": paper, **size},
        pdf_standards=["ua-1"],
        format="pdf",
    )
    assert isinstance(made, bytes)
    return made


def _fonts(drawing: str) -> str:
    """The faces that charts use, each half where some character of it occurs."""
    used = set("".join(ElementTree.fromstring(drawing).itertext()))
    return "".join(
        font_face(face, half)
        for face in faces()
        if (face.family in (NARROW, SANS) and face.style == "normal")
        for half in "ab"
        if used & face.halves[half]
    )


def _page(drawing: str, style: str, title: str, paper: str) -> str:
    rules = f"body{{margin:0;background:{paper}}}svg{{display:block;max-width:100%;height:auto;margin:0 auto}}"
    policy = "default-src 'none'; style-src 'unsafe-inline'; font-src data:"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(visible(title))}</title>\n{style}\n<style>{rules}</style>\n</head>\n"
        f"<body>\n{drawing}\n</body>\n</html>\n"
    )
