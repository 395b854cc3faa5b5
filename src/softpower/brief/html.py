"""The brief as one HTML file: nothing is fetched, nothing runs, every number leads to its row of evidence.

Text from anywhere reaches the page through the template's escaping only; drawings pass ``svg.safe_svg`` first.
"""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from typing import TYPE_CHECKING

from markupsafe import Markup

from softpower.brief.annex import evidence_rows
from softpower.brief.checks import captions, check
from softpower.brief.section import Brief, Results, Table, plain
from softpower.drawing.letters import visible
from softpower.drawing.marks import Axis, Interval
from softpower.drawing.svg import axis_svg, mark_svg, safe_svg
from softpower.drawing.theme import SERIF, faces, font_face, palette, tokens_css

if TYPE_CHECKING:
    from jinja2 import Environment

MARK_WIDTH = 84.0  # px of an interval mark in a table
PANEL_WIDTH = 150.0  # and in a phone's panel


def write_html(brief: Brief) -> bytes:
    """The page, UTF-8. The same brief gives the same bytes.

    Raises
    ------
    ValueError
        The brief holds a number that is not finite, a value without record, or a drawing that does more than draw.
    """
    check(brief)
    numbers = {record.id: number for number, record in enumerate(brief.ledger, start=1)}
    body = (
        _environment()
        .get_template("brief.html.j2")
        .render(
            brief=brief,
            captions=captions(brief),
            number=numbers.__getitem__,
            evidence=evidence_rows(brief),
            look=Markup(_look(brief.name)),  # our own style sheets; the one name in them is escaped
        )
    )
    # No text of a brief can hold this mark, since none keeps an angle bracket.
    return body.replace("/*<fonts>*/", _font_faces(body, _serif_text(brief))).encode()


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("softpower.brief", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"plain": plain, "kind": lambda thing: type(thing).__name__, "drawn": _drawn}
    environment.globals |= {"mark": _mark, "axis": _axis, "panels": _panels, "rest": _rest, "numeric": _numeric}
    return environment


def _visible(thing: object) -> object:
    return visible(thing) if type(thing) is str else thing


# Drawings.


def _drawn(svg: str) -> Markup:
    """A drawing that may enter the page as it stands."""
    return Markup(safe_svg(svg))  # checked element by element


def _mark(mark: Interval | None, axis: Axis, *, focus: bool = False, panel: bool = False) -> Markup:
    width = PANEL_WIDTH if panel else MARK_WIDTH
    return _drawn(mark_svg(mark, axis, width=width, halo="focus-3" if focus else "paper"))


def _axis(axis: Axis, *, panel: bool = False) -> Markup:
    return _drawn(axis_svg(axis, width=PANEL_WIDTH if panel else MARK_WIDTH, size=10.5 if panel else 9.6))


# A table with marks becomes, on a phone, one panel per column with an axis, and one for the other columns.


def _panels(table: Table) -> list[int]:
    """Places of the columns with an axis."""
    return [place for place, column in enumerate(table.columns) if column.axis is not None]


def _rest(table: Table) -> list[int]:
    """Places of the columns without one, but for the first, which names the row."""
    return [place for place, column in enumerate(table.columns) if column.axis is None and place]


def _numeric(table: Table) -> bool:
    """Whether those others are all numbers, which stand in columns; words are stacked."""
    return all(table.columns[place].align == "right" for place in _rest(table))


# Style.


@cache
def _style_sheets() -> str:
    environment = _environment()
    assert environment.loader is not None
    return tokens_css() + environment.loader.get_source(environment, "brief.css")[0] + _themed_drawings()


def _look(name: str) -> str:
    footer = css_string(visible(f"{name} \u00b7 softpower brief"))
    return f"{_style_sheets()}\n@page{{@bottom-left{{content:{footer}}}}}"


def _themed_drawings() -> str:
    """Drawings carry the colours of paper; on screen each of them stands for its token, light or dark."""
    colours: dict[str, str] = {}
    for token, colour in palette().items():
        colours.setdefault(colour, token)
    return "\n".join(
        f'svg [{role}="{colour}" i]{{{role}:var(--{token})}}'
        for colour, token in colours.items()
        if not token.startswith("seq")
        for role in ("fill", "stroke")
    )


def css_string(text: str) -> str:
    """``text`` as a CSS string in which nothing but letters, digits and spaces stands for itself.

    >>> css_string('a"}</style>')
    '"a\\\\22 \\\\7d \\\\3c \\\\2f style\\\\3e "'
    """
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text) + '"'


# Fonts: the first half of each face always, the second where a character of it occurs.


def _serif_text(brief: Brief) -> str:
    big = [
        item.big.text
        for section in brief.sections
        for block in section.blocks
        if isinstance(block, Results)
        for item in block.items
    ]
    return "".join([brief.name, plain(brief.finding), *(section.headline for section in brief.sections), *big])


def _font_faces(page: str, serif_text: str) -> str:
    every = set(unescape(re.sub(r"<style>.*?</style>", "", page, flags=re.S)))
    rules = []
    for face in faces():
        needed = set(serif_text) if face.family == SERIF else every
        rules += [font_face(face, half) for half in "ab" if half == "a" or needed & face.halves[half]]
    return "\n".join(rules)
