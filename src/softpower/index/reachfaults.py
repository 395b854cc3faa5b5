"""What is wrong between steps of a model file: scores that no data would put within reach of the way they are joined.

Each way to join nodes is looked at with what it can meet: the model's own with the model's normalisation in the central
build, and the alternatives of [uncertainty], where there are any, in replications.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from softpower.index.stepfaults import is_number

Raw = Mapping[str, Any]
Path = tuple[str, ...]
Found = Iterator[tuple[Path, str]]
Scales = list[tuple[str, Raw]]

# What a way to join needs of scores.
ABOVE, ZERO = "above zero", "of zero or more"
# Normalisations that put the weakest unit at the bottom of their scale, which is zero where none is given.
FROM_WEAKEST = ("minmax", "percentile", "percentile_rank", "distance_to_maximum", "distance_to_reference", "borda")


def needed(method: object, floor: object, power: object) -> str | None:
    """Whether a way to join needs scores `ABOVE` zero or of `ZERO` or more; None where it takes any.

    >>> needed("geometric", 0.0, None), needed("geometric", 10.0, None), needed("power", 0.0, 2.0)
    ('above zero', 'of zero or more', 'of zero or more')
    """
    if method == "geometric":
        return ZERO if is_number(floor) and floor > 0 else ABOVE
    if method in ("harmonic", "benefit_of_the_doubt"):
        return ABOVE
    if method == "power" and is_number(power):
        return ZERO if power > 0 else ABOVE
    return None


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to join: the path of its table, the table, the nodes it joins, and the normalisations it can meet."""

    path: Path
    table: Raw
    nodes: list[str]
    scales: Scales


def wrong_reach(raw: Raw) -> Found:
    """Ways to join that meet a normalisation sure to put somebody at zero or below, whatever the data."""
    inside = _indicators_of(raw)
    for way in _ways(raw):
        needs = needed(way.table.get("method"), way.table.get("floor", 0.0), way.table.get("power"))
        why = _too_low(needs, way, inside) if needs else None
        if why is not None:
            yield (*way.path, "method"), f"{way.table['method']} needs scores {needs}, and {why}"


def _too_low(needs: str, way: _Way, inside: Mapping[str, Mapping[str, Raw | None]]) -> str | None:
    """The first normalisation that goes down too far, and what to write."""
    for node in way.nodes:
        for id, own in inside.get(node, {}).items():
            for where, table in way.scales if own is None else [(f"[indicators.{id}.normalise]", own)]:
                method, start = table.get("method", "minmax"), _start(table)
                # Below the mean of z-scores there is always somebody.
                open_below = method == "zscore"
                if start is None or start > 0 or (start == 0 and needs == ZERO and not open_below):
                    continue
                low = 1 if needs == ABOVE else 0
                floor = way.table.get("method") == "geometric" and start == 0 and not open_below
                return (
                    f"the lowest is {start:g} or less where {where} ({method}) puts {id} of {node}: write "
                    f"scale = [{low}, 100] there{', or floor = 10 beside the method' if floor else ''}"
                )
    return None


def _start(table: Raw) -> float | None:
    """A score that the weakest unit does not surpass, whatever the data; None where that depends on them."""
    method, scale = table.get("method", "minmax"), table.get("scale")
    given = float(scale[0]) if isinstance(scale, list) and len(scale) == 2 and all(map(is_number, scale)) else None
    if method in FROM_WEAKEST or (method == "distance_to_target" and "low" not in table):
        return 0.0 if given is None else given
    if method == "rank":
        return given
    if method == "zscore" and given is None:
        # Where the mean is above zero the data decide how far below it the weakest is.
        mean = table.get("mean", 0.0)
        return float(mean) if is_number(mean) and mean <= 0 else None
    return None


def wrong_order(raw: Raw, children: Mapping[str, Collection[str]]) -> Found:
    """Weights of places (owa) that are more or fewer than the parts of a node they are for."""
    parts = dict(_named(raw, "nodes")) | dict(_named(raw, "indicators"))
    count = {id: sum(parts[each].get("weight", 1.0) != 0 for each in below) for id, below in children.items()}
    for way in _ways(raw):
        order = way.table.get("order")
        if way.table.get("method") != "owa" or not isinstance(order, list) or not order:
            continue
        for id in way.nodes:
            if count.get(id, 0) not in (0, len(order)):
                what = (
                    f"owa needs one weight for each of {count[id]} places in order to join {id[:60]}, not "
                    f"{len(order)}: give that node a table aggregate of its own"
                )
                yield (*way.path, "order"), what
                break


def _ways(raw: Raw) -> Iterator[_Way]:
    nodes = _named(raw, "nodes")
    usual = [("[normalise]", _table(raw, "normalise"))]
    unsure = [
        (f"alternative {number} of [[uncertainty.normalise]]", each) for number, each in _likely(raw, "normalise")
    ]
    both = usual + unsure
    for id, node in nodes:
        if isinstance(node.get("aggregate"), dict):
            yield _Way(("nodes", id, "aggregate"), node["aggregate"], [id], both)
    rest = [id for id, node in nodes if not isinstance(node.get("aggregate"), dict)]
    ways = _likely(raw, "aggregate")
    yield _Way(("aggregate",), _table(raw, "aggregate"), rest, usual if ways else both)
    above = {node["parent"] for _, node in nodes if isinstance(node.get("parent"), str)}
    for number, table in ways:
        here = [id for id in rest if id in above] if table.get("of") == "nodes" else rest
        yield _Way(("uncertainty", "aggregate", str(number - 1)), table, here, unsure or usual)


def _table(raw: Raw, key: str) -> Raw:
    found = raw.get(key)
    return found if isinstance(found, dict) else {}


def _named(raw: Raw, kind: str) -> list[tuple[str, Raw]]:
    return [(id, each) for id, each in _table(raw, kind).items() if isinstance(each, dict)]


def _likely(raw: Raw, step: str) -> list[tuple[int, Raw]]:
    """The alternatives of a step that have a chance, with their numbers, from 1."""
    listed = _table(raw, "uncertainty").get(step)
    numbered = enumerate(listed, start=1) if isinstance(listed, list) else ()
    return [(number, each) for number, each in numbered if isinstance(each, dict) and each.get("chance", 1.0) != 0]


def _indicators_of(raw: Raw) -> dict[str, dict[str, Raw | None]]:
    """For each node the indicators that the model has by default and weighs, with their own tables normalise."""
    found: dict[str, dict[str, Raw | None]] = {id: {} for id, _ in _named(raw, "nodes")}
    for id, each in _named(raw, "indicators"):
        node = each.get("node")
        if isinstance(node, str) and node in found and each.get("weight", 1.0) != 0 and not each.get("variant"):
            found[node][id] = each["normalise"] if isinstance(each.get("normalise"), dict) else None
    return found
