"""What can be wrong with the steps of a model file: what no method takes, ends the wrong way round, no chance."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeGuard

Raw = Mapping[str, Any]
Path = tuple[str, ...]
Found = Iterator[tuple[Path, str]]

STEPS = ("impute", "treat", "normalise", "aggregate")
OPTIONAL = {"clip", "mean", "sd", "ddof", "low", "high", "target", "unit", "beyond"}
# What each normalisation takes besides ``scale``, ``pool`` and ``reference``.
PARAMETERS: dict[str, set[str]] = {
    "minmax": {"beyond"},
    "zscore": {"clip", "mean", "sd", "ddof"},
    "rank": set(),
    "percentile_rank": set(),
    "percentile": set(),
    "borda": set(),
    "distance_to_maximum": set(),
    "distance_to_reference": {"unit", "beyond"},
    "distance_to_target": {"target", "low", "beyond"},
    "fraction_of_maximum": set(),
    "goalposts": {"low", "high", "beyond"},
    "scaled": {"low", "high"},
    "none": set(),
}
# Ways to find weights that parts of mixed signs stop.
SIGNED = ("pca", "factor")


def wrong_steps(raw: Raw, columns: Collection[str]) -> Found:
    """Faults in the tables of steps, wherever they stand; ``columns`` are those of the data."""
    for path, step, table in _tables(raw):
        for below, what in CHECKS[step](table, columns):
            yield (*path, *below), what
    yield from _chances(raw)
    yield from _mixed(raw)
    screening = raw.get("screening")
    if isinstance(screening, dict) and "fit" in screening:
        wanted = {"counts": "filled", "removes": "data"}
        if any(screening.get(key) != value for key, value in wanted.items()):
            yield ("screening", "fit"), 'fit counts only with counts = "filled" and removes = "data"'


def _tables(raw: Raw) -> Iterator[tuple[Path, str, Raw]]:
    """Every table of a step, with its path and the step's name."""
    for step in STEPS:
        if isinstance(raw.get(step), dict):
            yield (step,), step, raw[step]
        for number, each in enumerate(alternatives(raw, step)):
            if isinstance(each, dict):
                yield ("uncertainty", step, str(number)), step, each
        for kind in ("nodes", "indicators"):
            parts = raw.get(kind)
            for id, part in parts.items() if isinstance(parts, dict) else ():
                if isinstance(part, dict) and isinstance(part.get(step), dict):
                    yield (kind, id, step), step, part[step]


def alternatives(raw: Raw, step: str) -> list[Any]:
    """What stands in the list of a step's alternatives."""
    table = raw.get("uncertainty")
    listed = table.get(step) if isinstance(table, dict) else None
    return listed if isinstance(listed, list) else []


def _chances(raw: Raw) -> Found:
    for step in (*STEPS, "weigh"):
        given = [each.get("chance", 1.0) for each in alternatives(raw, step) if isinstance(each, dict)]
        if given and all(map(is_number, given)) and sum(given) <= 0:
            yield ("uncertainty", step), "the chances sum to zero: give at least one alternative a chance"


def _mixed(raw: Raw) -> Found:
    """Faults in what is done about parts against the others, where no method asks."""
    nodes = raw.get("nodes")
    own = {id: node for id, node in nodes.items() if isinstance(node, dict)} if isinstance(nodes, dict) else {}
    others = [each.get("method", "given") for each in alternatives(raw, "weigh") if isinstance(each, dict)]
    usual = any(method in SIGNED for method in (raw.get("weights", "given"), *others))
    signed = {id: node["weights"] in SIGNED if "weights" in node else usual for id, node in own.items()}
    what = "only pca and factor come upon parts against the others: leave it out, or weigh by one of them"
    if "mixed" in raw and not any(signed.values()):
        yield ("mixed",), what
    for id, node in own.items():
        if "mixed" in node and not signed[id]:
            yield ("nodes", id, "mixed"), what


def _impute(table: Raw, columns: Collection[str]) -> Found:
    grouped = str(table.get("method")).startswith("group_")
    group = table.get("group")
    if grouped and not group:
        yield ("method",), f"{table['method']} needs a group: name a column of the data"
    elif isinstance(group, str) and group and group not in columns:
        yield ("group",), f"the data have no column {group[:60]!r}"


def _treat(table: Raw, _columns: Collection[str]) -> Found:
    if table.get("then", "none") != "none" and table.get("method", "none") != "winsorise":
        yield ("then",), "only after winsorise is a second treatment tried"
    if table.get("method") == "winsorise" and table.get("when") == "always":
        yield (
            ("when",),
            "winsorise moves a cell only while the rule fails: leave out when; lower skew and kurtosis move more",
        )
    if table.get("power") is not None and "box_cox" not in (table.get("method"), table.get("then")):
        yield ("power",), "only box_cox takes a power"


def _normalise(table: Raw, _columns: Collection[str]) -> Found:
    method = table.get("method", "minmax")
    takes = PARAMETERS.get(method) if isinstance(method, str) else None
    for name in sorted(OPTIONAL & set(table) - takes) if takes is not None else ():
        yield (name,), f"{method} takes no {name}; it takes {', '.join(sorted(takes or ())) or 'none of these'}"
    low, high = table.get("low"), table.get("high")
    if is_number(low) and is_number(high) and low >= high:
        yield (
            ("low",),
            f"low {low:g} is not below high {high:g}: the direction of the indicator says which end is better",
        )
    scale = table.get("scale")
    if (
        isinstance(scale, list)
        and len(scale) == 2
        and is_number(scale[0])
        and is_number(scale[1])
        and scale[0] >= scale[1]
    ):
        yield ("scale",), f"the scale goes from {scale[0]:g} to {scale[1]:g}: give the lower end first"


def _aggregate(table: Raw, _columns: Collection[str]) -> Found:
    if table.get("method") == "power" and not is_number(table.get("power")):
        yield ("method",), "power needs a power: 1 is the arithmetic mean, 0 the geometric, -1 the harmonic"
    if "ddof" in table and table.get("method") != "mazziotta_pareto":
        yield ("ddof",), "only mazziotta_pareto takes ddof here; that of z-scores belongs to [normalise]"
    if table.get("method") == "owa" and not table.get("order"):
        yield ("method",), "owa needs order, the weights of the places, best first"
    order = table.get("order")
    if isinstance(order, list) and order and all(map(is_number, order)) and sum(order) <= 0:
        yield ("order",), "the weights of the places sum to zero: give at least one a weight"


CHECKS = {"impute": _impute, "treat": _treat, "normalise": _normalise, "aggregate": _aggregate}


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value of a TOML file is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)
