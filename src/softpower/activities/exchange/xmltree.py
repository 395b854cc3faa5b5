"""XML as plain nodes: read safely and in pieces, with the line of each, and written the same each time.

A text that declares a document type is refused before it can define an entity, so that none grows in memory and none
fetches a file or an address. What stands in one record, in one piece of it, or within each other, is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import IO, Any, Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

OWN: Final = "urn:softpower:activity:1"
_PREFIXES: Final = {OWN: "sp", "http://www.w3.org/XML/1998/namespace": "xml"}
_CHUNK: Final = 2**16
DEEPEST: Final = 64
# Of one record: a row of a sheet has at most 16,384 cells.
MOST_NODES: Final = 200_000
MOST_TEXT: Final = 4 * 2**20
# Bytes of a tag or a comment. The parser looks at one that is not finished again with every piece that comes.
LONGEST_TAG: Final = 2 * 2**20
_BREAKS: Final = {"\r": "&#13;"}


class BadXml(ValueError):
    """Text that is not well formed, declares a document type, or goes on without end.

    Attributes
    ----------
    line : where, counted from 1; 0 unknown
    """

    def __init__(self, what: str, line: int = 0) -> None:
        self.line = line
        super().__init__(what)


@dataclass(slots=True)
class Node:
    """An element.

    Attributes
    ----------
    name : of the standard's own elements the bare name, of ours with the prefix ``sp:``, of others in braces
    attributes : by name, in the same notation
    children : elements within
    text : the text before the first of them; all of it where there are none
    line : where it begins, counted from 1; 0 for one that was not read
    """

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    text: str = ""
    line: int = 0

    def all(self, name: str) -> Iterator[Node]:
        """The elements of this name directly within."""
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> Node | None:
        """The first of them, or None."""
        return next(self.all(name), None)

    def get(self, name: str) -> str:
        """An attribute, "" if it is not there."""
        return self.attributes.get(name, "").strip()


def records(source: IO[bytes], name: str = "", *, depth: int = 1, bare: bool = False) -> Iterator[tuple[Node, Node]]:
    """The root of a text, less what it holds, and each element of a name, one at a time.

    Parameters
    ----------
    source : the bytes; never more of them in memory than one record
    name : of the elements wanted; "" any
    depth : how many elements they stand in; 0 for the root itself
    bare : leave out of names in which namespace they are

    Raises
    ------
    BadXml
        The text is not well formed, declares a document type, or goes on without end.
    """
    reader = _Reader(name, depth, bare=bare)
    for _ in parsed(source, reader.parser):
        for node in reader.taken():
            yield reader.root, node


def parser() -> Any:
    """A parser that stops at a document type; names of elements come after their namespace and a space."""
    made: Any = expat.ParserCreate(namespace_separator=" ")
    made.buffer_text = True
    made.buffer_size = _CHUNK

    def doctype(*_: object) -> None:
        what = "declares a document type, which may define entities; take <!DOCTYPE ...> out"
        raise BadXml(what, made.CurrentLineNumber)

    made.StartDoctypeDeclHandler = doctype
    return made


def parsed(source: IO[bytes], parser: Any) -> Iterator[None]:
    """Give a text to a parser, and pause after each piece.

    Raises
    ------
    BadXml
        The text is not well formed, or has a tag or a comment without end.
    """
    fed = 0
    try:
        while piece := source.read(_CHUNK):
            parser.Parse(piece, False)
            fed += len(piece)
            if fed - parser.CurrentByteIndex > LONGEST_TAG:
                raise BadXml("a tag or a comment without end", parser.CurrentLineNumber)
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError as error:
        what = f"not well-formed XML: {expat.errors.messages.get(error.code, str(error))}"
        raise BadXml(what, error.lineno) from error
    except (LookupError, UnicodeError) as error:
        raise BadXml(f"not readable XML ({error}); save it in UTF-8") from error


class _Reader:
    def __init__(self, name: str, depth: int, *, bare: bool) -> None:
        self.name, self.depth = name, depth
        self.named = _bare if bare else _named
        self.path: list[Node] = []
        self.done: list[Node] = []
        self.root = Node("")
        self.count = self.size = 0
        self.parser = parser()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.data

    def taken(self) -> list[Node]:
        done, self.done = self.done, []
        return done

    def start(self, name: str, attributes: dict[str, str]) -> None:
        named = self.named
        given = {named(key): value for key, value in attributes.items()} if attributes else attributes
        node = Node(named(name), given, [], "", self.parser.CurrentLineNumber)
        within = len(self.path)
        if within <= self.depth:
            self.count = self.size = 0
            if not within:
                self.root = node
        else:
            self.path[-1].children.append(node)
        self.count += 1
        if within > DEEPEST or self.count > MOST_NODES:
            raise BadXml("elements without end", node.line)
        self.path.append(node)

    def end(self, _: str) -> None:
        node = self.path.pop()
        if len(self.path) == self.depth and (node.name == self.name or not self.name):
            self.done.append(node)

    def data(self, text: str) -> None:
        if len(self.path) <= self.depth or self.path[-1].children:
            return
        self.size += len(text)
        if self.size > MOST_TEXT:
            raise BadXml("text without end", self.parser.CurrentLineNumber)
        self.path[-1].text += text


@lru_cache(maxsize=1024)
def _named(name: str) -> str:
    space, sign, local = name.rpartition(" ")
    if not sign:
        return name
    return f"{_PREFIXES[space]}:{local}" if space in _PREFIXES else f"{{{space}}}{local}"


def _bare(name: str) -> str:
    return name.rpartition(" ")[2]


def written(root: Node, within: Iterator[Node]) -> bytes:
    """A text in UTF-8, indented where there is no text.

    Parameters
    ----------
    root : the outermost element
    within : the elements in it, made one at a time
    """
    pieces = ['<?xml version="1.0" encoding="UTF-8"?>\n', _start(root), ">\n"]
    for node in within:
        pieces += _lines(node, 1)
    return "".join([*pieces, f"</{root.name}>\n"]).encode()


def _start(node: Node) -> str:
    return f"<{node.name}" + "".join(f" {name}={quoteattr(value)}" for name, value in node.attributes.items())


def _lines(node: Node, depth: int) -> Iterator[str]:
    start = "  " * depth + _start(node)
    if node.children:
        yield f"{start}>\n"
        for child in node.children:
            yield from _lines(child, depth + 1)
        yield f"{'  ' * depth}</{node.name}>\n"
    elif node.text:
        yield f"{start}>{escape(node.text, _BREAKS)}</{node.name}>\n"
    else:
        yield f"{start}/>\n"
