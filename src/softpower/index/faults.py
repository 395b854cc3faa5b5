"""Everything that is wrong with a model file, found in one pass, with line numbers and nearest names.

Two kinds of fault are looked for side by side: values of the wrong type or range (pydantic knows those) and
references that lead nowhere or weights that leave nothing. The second kind is read from the raw tables, so that
a fault of the first kind hides none of the second.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from softpower.errors import BadModel, Fault
from softpower.index.experts import with_points, wrong_points
from softpower.index.model import Model
from softpower.index.names import LONGEST_NAME, listed, nearest
from softpower.index.reachfaults import wrong_order, wrong_reach
from softpower.index.stepfaults import alternatives, wrong_steps
from softpower.index.weightfaults import children_of, wrong_doubt, wrong_weightings, wrong_weights
from softpower.storage import DATA

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Raw = Mapping[str, Any]

# Far beyond what people write; a parser can be kept busy for hours with less than a megabyte of dots on one line.
LARGEST_FILE, LONGEST_LINE = 2**18, 2_000
DEEPEST_TREE = 10

_HEADER = re.compile(r"^\s*\[{1,2}([^\[\]]+)\]")
_KEY = re.compile(r"""^\s*([A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*=""")
_NAME = re.compile(rf"[\w-]{{1,{LONGEST_NAME}}}")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def read_model(path: Path, *, series: Collection[str], table: str = "") -> Model:
    """The model in ``path``, checked.

    Parameters
    ----------
    series : ids of all series that a model may use
    table : what messages call the user's table that the series are columns of; by default they are the bundled ones

    Raises
    ------
    BadModel
        The file is missing, is not TOML, or has faults; all of them are listed.
    """
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST_FILE + 1).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadModel(str(path), [Fault(0, "file", f"cannot be read: {why}")]) from error
    return parse_model(text, name=str(path), series=series, folder=path.parent, table=table)


def parse_model(text: str, *, name: str, series: Collection[str], folder: Path | None = None, table: str = "") -> Model:
    """Like `read_model`, from the text of the file.

    Parameters
    ----------
    name : what messages call it
    folder : where a file of experts' points may lie; by default nowhere
    table : what messages call the user's table that the series are columns of; by default they are the bundled ones
    """
    raw, unread = with_points(_parsed(text, name), folder)
    lines = _lines(text)
    faults = [
        Fault(_line(lines, path), ".".join(map(_plain, path)) or "file", what)
        for path, what in [*_wrong_values(raw), *unread, *_wrong_references(raw, series, table)]
    ]
    if faults:
        raise BadModel(name, faults)
    return Model.model_validate(raw).read_from(Path(name).name)


def _parsed(text: str, name: str) -> Raw:
    if len(text) > LARGEST_FILE:
        raise BadModel(name, [Fault(0, "file", f"is larger than {LARGEST_FILE:,} bytes, which no model needs")])
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_LINE:
            raise BadModel(name, [Fault(number, "file", f"the line is longer than {LONGEST_LINE:,} characters")])
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise BadModel(name, [Fault(0, "TOML", "brackets are nested too deep")]) from error
    except ValueError as error:  # TOMLDecodeError, or a number of thousands of digits
        at = _AT_LINE.search(str(error))
        raise BadModel(name, [Fault(int(at[1]) if at else 0, "TOML", _AT_LINE.sub("", str(error)).strip())]) from error


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """Line on which each table and key of a TOML text stands."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            table = tuple(part.strip(" \"'") for part in header[1].split("."))
            found.setdefault(table, number)
            if line.lstrip().startswith("[["):
                # Tables of an array are told apart by their place in it.
                table = (*table, str(sum(1 for path in found if path[:-1] == table and path[-1].isdecimal())))
                found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, key[1].strip("\"'")), number)
    return found


def _line(lines: Mapping[tuple[str, ...], int], path: tuple[str, ...]) -> int:
    """Line of the path, or of the nearest thing above it that has one."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 0


Found = Iterator[tuple[tuple[str, ...], str]]


def _wrong_values(raw: Raw) -> Found:
    try:
        Model.model_validate(raw)
    except ValidationError as error:
        for each in error.errors():
            path = tuple(str(part) for part in each["loc"] if part != "[key]")
            yield path, _in_words(each, path)


def _in_words(error: ErrorDetails, path: tuple[str, ...]) -> str:
    """What pydantic found, as one would say it."""
    kind, given = error["type"], error["input"]
    if kind == "extra_forbidden":
        return f"unknown key{_nearest(path[-1], _keys(path[:-1]))}"
    if kind == "missing":
        return "is missing"
    if kind == "string_pattern_mismatch":
        return "names are letters, digits and underscores (variants and ids: hyphens), and begin with a letter"
    if kind == "literal_error":
        expected = error["ctx"]["expected"]
        return f"must be {expected}, not {_cut(given)}{_nearest(str(given), _quoted(expected))}"
    shown = "" if isinstance(given, dict | list) else f", not {_cut(given)}"
    return f"{error['msg'][0].lower()}{error['msg'][1:]}{shown}"


def _quoted(expected: str) -> list[str]:
    return re.findall(r"'([^']*)'", expected)


def _keys(path: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that the table at this path may have."""
    model: Any = Model
    for part in path:
        fields = getattr(model, "model_fields", {})
        found = _parts_of(fields[part].annotation) if part in fields else ()
        model = found[-1] if found else model
    return tuple(getattr(model, "model_fields", ()))


def _parts_of(annotation: Any) -> list[Any]:
    """The model classes within an annotation such as ``dict[str, Node]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _parts_of(inner)]


def _tables(raw: Raw, key: str) -> dict[str, Raw]:
    """The named tables under ``key``, whatever else a faulty file may hold there."""
    found = raw.get(key)
    return {id: each for id, each in found.items() if isinstance(each, dict)} if isinstance(found, dict) else {}


def _table(raw: Raw, key: str) -> Raw:
    """The table under ``key``, whatever else a faulty file may hold there."""
    found = raw.get(key)
    return found if isinstance(found, dict) else {}


def _cut(value: object) -> str:
    """A value as it would be written, cut where it is long."""
    shown = repr(value)
    return shown if len(shown) <= LONGEST_NAME else f"{shown[:LONGEST_NAME]}..."


def _plain(name: str) -> str:
    """A name as it is, or quoted and cut where it is unlike any name."""
    return name if _NAME.fullmatch(name) else _cut(name)


def _nearest(name: str, known: Collection[str]) -> str:
    close = nearest(name, known)
    return f"; nearest: {', '.join(close)}" if close else ""


def _wrong_references(raw: Raw, series: Collection[str], table: str) -> Found:
    nodes, indicators, variants = (_tables(raw, key) for key in ("nodes", "indicators", "variants"))
    yield from _tree(nodes, indicators)
    yield from _weights(nodes, indicators)
    yield from _bare_tops(nodes, indicators, variants)
    yield from _columns(raw, indicators, series, table)
    for id, indicator in indicators.items():
        yield from _known(("indicators", id, "variant"), indicator.get("variant", ""), {"", *variants}, "variant")
    for id, node in nodes.items():
        yield from _known(("nodes", id, "variant"), node.get("variant", ""), {"", *variants}, "variant")
    expectation = raw.get("expectation")
    if isinstance(expectation, dict) and "size" in expectation and expectation["size"] == expectation.get("wealth"):
        yield ("expectation", "wealth"), "size and wealth are one series: two are needed to tell them apart"
    for id, variant in variants.items():
        left_out = variant.get("without", [])
        for part in left_out if isinstance(left_out, list) else ():
            yield from _known(("variants", id, "without"), part, {*nodes, *indicators}, "node or indicator")
    children = children_of(raw)
    yield from wrong_steps(raw, series)
    yield from wrong_reach(raw)
    yield from wrong_order(raw, children)
    yield from wrong_doubt(raw, children)
    yield from wrong_weights(raw, children)
    yield from wrong_weightings(raw, children)
    yield from _weighed(raw, nodes, indicators)
    yield from wrong_points(raw, nodes, children)
    back = raw.get("trend_model")
    if isinstance(back, str) and back and not Path(back).is_file():
        yield from _known(
            ("trend_model",), back, [path.stem for path in (DATA / "models").glob("*.toml")], "bundled model or file"
        )
    yield from _trend(raw, nodes)


def _columns(raw: Raw, indicators: Mapping[str, Raw], series: Collection[str], table: str) -> Found:
    """Columns of the user's table, or series of the bundled data, that there are not."""
    named: list[tuple[tuple[str, ...], object]] = [
        (("indicators", id, "series"), each.get("series", id)) for id, each in indicators.items()
    ]
    for key in ("denominator", "error"):
        named += [(("indicators", id, key), each[key]) for id, each in indicators.items() if each.get(key)]
    expectation = raw.get("expectation")
    named += (
        [(("expectation", key), name) for key, name in expectation.items()] if isinstance(expectation, dict) else []
    )
    unknown = [(path, name) for path, name in named if isinstance(name, str) and name not in series]
    for number, (path, name) in enumerate(unknown):
        what = f"{table} has no column {_cut(name)}" if table else f"unknown series {_cut(name)}"
        hint = ""
        if not number and table:
            hint = f"; its columns are: {listed(series)}"
        elif not number and (len(unknown) == len(named) or not _nearest(name, series)):
            hint = "; a column of a table of your own? Then give the table too, with --data (in Python data=)"
        yield path, f"{what}{_nearest(name, series)}{hint}"


def _known(path: tuple[str, ...], name: object, known: Collection[str], kind: str) -> Found:
    if isinstance(name, str) and name not in known:
        yield path, f"unknown {kind} {_cut(name)}{_nearest(name, known)}"


def _tree(nodes: Mapping[str, Raw], indicators: Mapping[str, Raw]) -> Found:
    parents = {id: node.get("parent", "") for id, node in nodes.items()}
    for id, parent in parents.items():
        yield from _known(("nodes", id, "parent"), parent, {"", *nodes}, "node")
        chain = list(_chain(id, nodes))
        if chain[-1] == id and len(chain) > 1:
            yield ("nodes", id, "parent"), f"a circle: {_plain(id)} lies below itself"
        elif len(chain) > DEEPEST_TREE:
            yield ("nodes", id, "parent"), f"the tree is deeper than {DEEPEST_TREE} levels here"
    used = {name for name in [*parents.values(), *(each.get("node") for each in indicators.values())] if _is_name(name)}
    for id in nodes:
        if id not in used:
            yield ("nodes", id), "nothing belongs to this node: give it indicators or delete it"
        if id in indicators:
            yield ("indicators", id), f"a node is called {_plain(id)} too: names must differ"
    for id, indicator in indicators.items():
        yield from _known(("indicators", id, "node"), indicator.get("node"), nodes, "node")
    if nodes and all(parents.values()):
        yield ("nodes",), "every node has a parent: leave it out of the top ones"
    elif not nodes:
        yield ("nodes",), "there are none: an index needs a top node and something below it"


def _is_name(value: object) -> bool:
    return isinstance(value, str)


def _chain(id: str, nodes: Mapping[str, Raw]) -> Iterator[str]:
    """A node and those above it, up to a top node, an unknown one, the first met twice, or too many to be meant."""
    seen: set[str] = set()
    above: object = id
    while isinstance(above, str) and above in nodes and len(seen) <= DEEPEST_TREE:
        yield above
        if above in seen:
            return
        seen.add(above)
        above = nodes[above].get("parent", "")


def _bare_tops(nodes: Mapping[str, Raw], indicators: Mapping[str, Raw], variants: Mapping[str, Raw]) -> Found:
    """Top nodes of which the default or a variant leaves nothing."""
    ways = [
        {id: indicator} | {above: nodes[above] for above in _chain(indicator["node"], nodes)}
        for id, indicator in indicators.items()
        if _is_name(indicator.get("node"))
    ]
    for top in (id for id, node in nodes.items() if not node.get("parent")):
        below = [way for way in ways if top in way and all(way[id].get("weight", 1.0) != 0 for id in way if id != top)]
        if below and not any(_takes_part(way, "", ()) for way in below):
            yield ("nodes", top), "all that belongs to it belongs to variants: nothing is left without one"
            continue
        for name, variant in variants.items():
            gone = variant.get("without", [])
            if below and not any(_takes_part(way, name, gone if isinstance(gone, list) else ()) for way in below):
                yield ("variants", name, "without"), f"this variant leaves nothing of the top node {_plain(top)}"


def _takes_part(way: Mapping[str, Raw], variant: str, gone: Collection[object]) -> bool:
    """Whether a variant has all parts on the way from an indicator to its top node."""
    return all(part.get("variant", "") in ("", variant) and id not in gone for id, part in way.items())


def _weights(nodes: Mapping[str, Raw], indicators: Mapping[str, Raw]) -> Found:
    siblings: dict[str, list[float]] = {}
    for above, table in (("parent", nodes), ("node", indicators)):
        for part in table.values():
            weight = part.get("weight", 1.0)
            if part.get(above) and isinstance(part[above], str) and isinstance(weight, int | float):
                siblings.setdefault(part[above], []).append(weight)
    for id, weights in siblings.items():
        if id in nodes and sum(weights) == 0:
            yield ("nodes", id), f"the weights of its {len(weights)} parts sum to zero: give at least one a weight"


def _weighed(raw: Raw, nodes: Mapping[str, Raw], indicators: Mapping[str, Raw]) -> Found:
    """Parts that an alternative weighting names: those of a node, for a top node is weighed among none."""
    parts = {*indicators, *(id for id, node in nodes.items() if node.get("parent"))}
    for number, each in enumerate(alternatives(raw, "weigh")):
        weights = each.get("weights") if isinstance(each, dict) else None
        for part in weights if isinstance(weights, dict) else ():
            yield from _known(("uncertainty", "weigh", str(number), "weights"), part, parts, "part of a node")


def _trend(raw: Raw, nodes: Mapping[str, Raw]) -> Found:
    years = _tables(raw, "trend").get("years", {})
    for node, span in years.items():
        tops = {id for id, each in nodes.items() if not each.get("parent")}
        yield from _known(("trend", "years", node), node, tops, "top node")
        if (
            isinstance(span, list)
            and len(span) == 2
            and all(isinstance(year, int) for year in span)
            and span[0] >= span[1]
        ):
            yield ("trend", "years", node), f"the first year {span[0]} is not before the last {span[1]}"
