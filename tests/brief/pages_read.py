"""What people find on a page, running text, tables and drawings: of HTML by its elements, of PDF by its tags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from typing import Any, cast

from pypdf import PdfReader


@dataclass(frozen=True, slots=True)
class Label:
    """A text in a drawing and where it stands."""

    text: str
    x: float = 0.0
    y: float = 0.0
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class TableRead:
    """``about`` is what stands above the table; a column may have no heading."""

    about: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(slots=True)
class PageRead:
    """A page taken apart. ``names`` are texts that are heard, not seen."""

    text: str = ""
    names: list[str] = field(default_factory=list)
    tables: list[TableRead] = field(default_factory=list)
    drawings: list[list[Label]] = field(default_factory=list)


# Reading HTML.

_VOID = {"meta", "br", "link", "img", "input"}
_INLINE = {"a", "b", "i", "span", "sup", "sub", "em", "strong", "u", "small"}


@dataclass(slots=True)
class _Node:
    tag: str
    attributes: Mapping[str, str]
    children: list[_Node | str] = field(default_factory=list)


class _Parser(HTMLParser):
    def __init__(self, content: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("", {})
        self._open = [self.root]
        self.feed(content)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(_Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while len(self._open) > 1 and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def read_html(content: bytes) -> PageRead:
    """The page as people see and hear it, on a wide screen and on a phone."""
    page = PageRead()
    _walk(_Parser(content.decode()).root, page, [])
    return page


def _walk(node: _Node, page: PageRead, about: list[str]) -> None:
    """Add a node to the page; ``about`` holds the last headline and what follows it up to a table."""
    if node.tag in {"style", "script"}:
        return
    page.names += [
        node.attributes[name] for name in ("aria-label", "alt", "title", "content") if name in node.attributes
    ]
    if node.tag == "svg":
        page.drawings.append([_label(each) for each in _all(node, "text")])
        page.names += [_text(each) for each in _all(node, "title")]
        return
    if node.tag == "table":
        page.tables.append(_table(node, " ".join(about)))
        for drawing in _all(node, "svg"):
            _walk(drawing, page, about)
        return
    if node.tag in {"h1", "h2", "h3", "h4"}:
        about.clear()
    if node.tag in {"h3", "h4"} or node.attributes.get("class") == "sub":
        about.append(_text(node))
    gap = "" if node.tag in _INLINE else "\n"
    page.text += gap
    for child in node.children:
        if isinstance(child, str):
            page.text += re.sub(r"\s+", " ", child)
        elif not _is_citation(child, node):
            _walk(child, page, about)
    page.text += gap


def _is_citation(node: _Node, inside: _Node) -> bool:
    """The small number behind a value that names the row of evidence to which the value leads."""
    return node.tag == "sup" and inside.attributes.get("href") == f"#e-{_text(node)}"


def _all(node: _Node, tag: str) -> Iterator[_Node]:
    for child in node.children:
        if isinstance(child, _Node):
            if child.tag == tag:
                yield child
            yield from _all(child, tag)


def _text(node: _Node) -> str:
    """Words of a node in one line, without drawings and citations."""
    parts = [
        child if isinstance(child, str) else " " if child.tag == "br" else _text(child)
        for child in node.children
        if isinstance(child, str) or not (child.tag == "svg" or _is_citation(child, node))
    ]
    return " ".join("".join(parts).split())


def _label(node: _Node) -> Label:
    place = {name: float(node.attributes.get(name, 0)) for name in "xy"}
    return Label(_text(node), **place, anchor=node.attributes.get("text-anchor", "start"))


def _table(node: _Node, about: str) -> TableRead:
    caption = " ".join(map(_text, _all(node, "caption")))
    head = [_cells(row) for part in _all(node, "thead") for row in _all(part, "tr")]
    rows = [_cells(row) for part in _all(node, "tbody") for row in _all(part, "tr")]
    headings = next(iter(head), [])
    if not any(headings):  # a panel for phones: its caption names the one column it shows
        headings = [caption] * max(map(len, rows), default=0)
    return TableRead(f"{about} {caption}", headings, rows)


def _cells(row: _Node) -> list[str]:
    """Texts of the cells, one for each column that the row spans."""
    cells = [child for child in row.children if isinstance(child, _Node)]
    return [text for cell in cells for text in [_text(cell)] * int(cell.attributes.get("colspan", 1))]


# Reading PDF.


def read_pdf(content: bytes) -> PageRead:
    """The document by its tags, as a screen reader takes it; what no tag holds (footers, ticks) counts as text."""
    reader = PdfReader(BytesIO(content))
    texts: dict[tuple[int, int | None], str] = {}
    for number, page in enumerate(reader.pages):
        for mark, text in _marked(page):
            texts[number, mark] = texts.get((number, mark), "") + text
    numbers = {page.indirect_reference.idnum: n for n, page in enumerate(reader.pages) if page.indirect_reference}
    told = _Told(texts, numbers)
    told.walk(cast(Any, reader.trailer["/Root"])["/StructTreeRoot"]["/K"])
    told.page.text += "\n".join(text for (_, mark), text in texts.items() if mark is None)
    return told.page


def _marked(page: Any) -> list[tuple[int | None, str]]:
    """Each piece of text of a page with its mark."""
    marks: list[int | None] = []
    found: list[tuple[int | None, str]] = []

    def before(operator: bytes, operands: Any, _cm: Any, _tm: Any) -> None:
        if operator in (b"BDC", b"BMC"):
            marks.append(operands[1].get("/MCID") if operator == b"BDC" and hasattr(operands[1], "get") else None)
        elif operator == b"EMC":
            marks.pop()

    def tell(text: str, *_: Any) -> None:
        found.append((next((mark for mark in reversed(marks) if mark is not None), None), text))

    page.extract_text(visitor_operand_before=before, visitor_text=tell)
    return found


class _Told:
    """Walks the tree of tags."""

    def __init__(self, texts: Mapping[tuple[int, int | None], str], pages: Mapping[int, int]) -> None:
        self.page, self._texts, self._pages, self._about = PageRead(), texts, pages, ""

    def walk(self, node: Any, page: int = 0) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                self.walk(child, page)
            return
        role = node.get("/S", "") if isinstance(node, dict) else ""
        if isinstance(node, dict) and "/Alt" in node:
            self.page.names.append(str(node["/Alt"]))
        if role == "/Table":
            self._table(node, page)
        elif role == "/Figure":
            self.page.drawings.append([Label(line) for line in self._text(node, page).split("\n") if line.strip()])
        elif re.fullmatch(r"/H\d", role):
            self._about = " ".join(self._text(node, page).split())
            self.page.text += f"\n{self._text(node, page)}"
        elif isinstance(node, dict) and node.get("/Type") != "/MCR" and role:
            for child in self._children(node):
                self.walk(child, self._page(node, page))
        else:
            text = _uncited(self._text(node, page))
            self._about += text
            self.page.text += text

    def _table(self, node: Any, page: int) -> None:
        rows = [
            [" ".join(_uncited(self._text(cell, at)).split()) for cell, at in self._find(row, where, {"/TH", "/TD"})]
            for row, where in self._find(node, page, {"/TR"})
        ]
        self.page.tables.append(TableRead(" ".join(self._about.split()), rows[0], rows[1:]))

    def _find(self, node: Any, page: int, roles: set[str]) -> Iterator[tuple[Any, int]]:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                yield from self._find(child, page, roles)
        elif isinstance(node, dict):
            here = self._page(node, page)
            for child in self._children(node):
                each = child.get_object()
                if isinstance(each, dict) and each.get("/S") in roles:
                    yield each, here
                else:
                    yield from self._find(each, here, roles)

    def _text(self, node: Any, page: int) -> str:
        node = node.get_object()
        if isinstance(node, list):
            return "".join(self._text(child, page) for child in node)
        if not isinstance(node, dict):
            return self._texts.get((page, int(node)), "")
        here = self._page(node, page)
        if node.get("/Type") == "/MCR":
            return self._texts.get((here, int(node["/MCID"])), "")
        return "".join(self._text(child, here) for child in self._children(node))

    def _page(self, node: Any, page: int) -> int:
        return self._pages[node.raw_get("/Pg").idnum] if "/Pg" in node else page

    @staticmethod
    def _children(node: Any) -> list[Any]:
        held = node.get("/K", [])
        return list(held) if isinstance(held, list) else [held]


def _uncited(text: str) -> str:
    """``text`` without the numbers of its rows of evidence, and without the marks that keep lines together."""
    return re.sub(r"\s*\u2060?\[\d+\]|\u200b|\u2060", "", text)
