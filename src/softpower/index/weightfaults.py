"""What can be wrong with what a model file says of weights and bounds of shares: parts unknown, sums out of reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from softpower.index.stepfaults import alternatives, is_number

Raw = Mapping[str, Any]
Path = tuple[str, ...]
Found = Iterator[tuple[Path, str]]

# Sums of bounds may miss 1 by rounding.
SLACK = 1e-9


def children_of(raw: Raw) -> dict[str, list[str]]:
    """Parts of each node that the model has by default, in the order in which the model has them."""
    found: dict[str, list[str]] = {}
    for kind, above in (("nodes", "parent"), ("indicators", "node")):
        table = raw.get(kind)
        for id, part in table.items() if isinstance(table, dict) else ():
            parent = part.get(above) if isinstance(part, dict) else None
            if isinstance(parent, str) and parent and not part.get("variant"):
                found.setdefault(parent, []).append(id)
    return found


def wrong_weights(raw: Raw, children: Mapping[str, Sequence[str]]) -> Found:
    """Faults in how weights are drawn: keys that go together with others only, bounds that no shares keep."""
    table = raw.get("uncertainty")
    if not isinstance(table, dict):
        return
    at = ("uncertainty",)
    if table.get("weights") == "unknown":
        for key in ("weights_cv", "weights_noise", "experts", "weigh"):
            if key in table:
                yield (*at, key), f"weights are unknown here: {key} says how others are drawn; keep one of them"
    elif table.get("weight_bounds"):
        yield (*at, "weight_bounds"), 'only unknown weights take bounds: add weights = "unknown"'
    if isinstance(table.get("weights"), list):
        yield (*at, "weights"), "alternative weightings are tables [[uncertainty.weigh]]"
    yield from wrong_bounds((*at, "weight_bounds"), table.get("weight_bounds"), None, children)


def wrong_weightings(raw: Raw, children: Mapping[str, Sequence[str]]) -> Found:
    """Faults in the weights that alternative weightings give to parts."""
    for number, each in enumerate(alternatives(raw, "weigh")):
        given = each.get("weights") if isinstance(each, dict) else None
        if not isinstance(given, dict):
            continue
        path, method = ("uncertainty", "weigh", str(number), "weights"), each.get("method", "given")
        if method == "given":
            yield from ((path, what) for what in _wrong_weighting(raw, given, children))
        else:
            yield path, f'{method} finds the weights itself: leave them out, or write method = "given"'


def _wrong_weighting(raw: Raw, given: Raw, children: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Faults in the weights of one alternative, by part."""
    nodes = raw["nodes"] if isinstance(raw.get("nodes"), dict) else {}
    own = {id: node["weights"] for id, node in nodes.items() if isinstance(node, dict) and "weights" in node}
    placed = {id for _, table, joins in _aggregations(raw, children) if table.get("method") == "owa" for id in joins}
    declared = _declared(raw)
    for node, parts in children.items():
        named = [part for part in parts if part in given]
        if not named:
            continue
        if own.get(node, "given") != "given" and len(parts) > 1:
            yield (
                f"the parts of {node} are weighed by {own[node]} under every alternative, as the line weights of the "
                f"node says: leave out {', '.join(named)}, or move that line to the model"
            )
            continue
        weights = {part: given.get(part, declared.get(part)) for part in parts}
        if not any(weight != 0 for weight in weights.values()):
            yield f"the weights of the {len(parts)} parts of {node} sum to zero: give at least one a weight"
        turned = [part for part in named if (weights[part] == 0) != (declared.get(part) == 0)]
        if turned and node in placed:
            yield (
                f"{node} is joined by owa, which weighs places and not parts: a part counts under every weighting or "
                f"under none; leave out {', '.join(turned)}"
            )


def _declared(raw: Raw) -> dict[str, Any]:
    """Declared weight of each part."""
    tables = [each for key in ("nodes", "indicators") if isinstance(each := raw.get(key), dict)]
    return {id: part.get("weight", 1.0) for each in tables for id, part in each.items() if isinstance(part, dict)}


def wrong_bounds(path: Path, bounds: object, usual: object, children: Mapping[str, Sequence[str]]) -> Found:
    """Faults in bounds of shares.

    Parameters
    ----------
    path : of the table that holds them
    bounds : by part; usual : of parts not named, by default 0 to 1
    children : of the nodes that the bounds are for
    """
    named = bounds if isinstance(bounds, dict) else {}
    parts = {part for each in children.values() for part in each}
    for part, limits in named.items():
        if _is_pair(limits) and limits[0] > limits[1]:
            yield path, f"{part}: the least share {limits[0]:g} is above the most, {limits[1]:g}"
        if part not in parts:
            yield path, f"{part[:60]!r} is no part here; parts are: {', '.join(sorted(parts))[:200]}"
    if not all(map(_is_pair, named.values())) or (usual is not None and not _is_pair(usual)):
        return
    for node, below in children.items():
        limits = [named.get(part, usual or [0.0, 1.0]) for part in below]
        if len(below) < 2 or (usual is None and not any(part in named for part in below)):
            continue
        least, most = sum(each[0] for each in limits), sum(each[1] for each in limits)
        if least > 1 + SLACK or most < 1 - SLACK:
            reach = f"{least:g} at least and {most:g} at most"
            yield (
                path,
                f"the shares of the {len(below)} parts of {node} must sum to 1; these bounds let them sum to {reach}",
            )


def wrong_doubt(raw: Raw, children: Mapping[str, Sequence[str]]) -> Found:
    """Faults in the bounds and preferences of tables that join nodes by benefit of the doubt."""
    for path, table, nodes in _aggregations(raw, children):
        free = table.get("method") == "benefit_of_the_doubt"
        for key in ("share", "shares", "prefer"):
            if key in table and not free:
                yield (*path, key), f"only benefit_of_the_doubt takes {key}"
        if "proof" in table and table.get("method") != "kemeny":
            yield (*path, "proof"), "only kemeny takes proof"
        if free:
            yield from (((*path, *below), what) for below, what in _wrong_freedom(table, nodes))


def _wrong_freedom(table: Raw, nodes: Mapping[str, Sequence[str]]) -> Found:
    """Faults in one such table for these nodes."""
    share, shares, prefer = (table.get(key) for key in ("share", "shares", "prefer"))
    if isinstance(share, list) and _is_pair(share) and share[0] > share[1]:
        yield ("share",), f"the least share {share[0]:g} is above the most, {share[1]:g}"
    yield from wrong_bounds(("shares" if "shares" in table else "share",), shares, share, nodes)
    if not isinstance(prefer, dict):
        return
    if prefer and (share or shares):
        yield ("prefer",), "bounds of shares and a preferred direction are two ways to the same: keep one"
    parts = {part for each in nodes.values() for part in each}
    for part in sorted(prefer.keys() - parts):
        yield ("prefer",), f"{part[:60]!r} is no part here; parts are: {', '.join(sorted(parts))[:200]}"
    for node, below in nodes.items():
        if below and all(prefer.get(part, 1.0) == 0 for part in below):
            yield ("prefer",), f"no part of {node} is preferred: give one a number above zero"


def _aggregations(
    raw: Raw, children: Mapping[str, Sequence[str]]
) -> Iterator[tuple[Path, Raw, Mapping[str, Sequence[str]]]]:
    """Every table that says how nodes are joined, with its path and the parts of the nodes it is for."""
    tables = raw.get("nodes")
    nodes = {id: each for id, each in tables.items() if isinstance(each, dict)} if isinstance(tables, dict) else {}
    others = {id: children.get(id, ()) for id, node in nodes.items() if "aggregate" not in node}
    if isinstance(raw.get("aggregate"), dict):
        yield ("aggregate",), raw["aggregate"], others
    for id, node in nodes.items():
        if isinstance(node.get("aggregate"), dict):
            yield ("nodes", id, "aggregate"), node["aggregate"], {id: children.get(id, ())}
    unsure = raw.get("uncertainty")
    listed = unsure.get("aggregate") if isinstance(unsure, dict) else None
    for number, each in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(each, dict):
            joins = {id: parts for id, parts in others.items() if each.get("of") != "nodes" or set(parts) & set(nodes)}
            yield ("uncertainty", "aggregate", str(number)), each, joins


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(is_number, value))
