"""What experts would give to each part of a model: read from a CSV beside it, checked, and as shares of a node.

Each expert shares out the same number of points among the parts of a node. What is not given is not zero: an expert may
pass over a node, but not over one of its parts.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest
from softpower.index.model import Model
from softpower.index.stepfaults import alternatives, is_number

Array = NDArray[np.float64]
Raw = Mapping[str, Any]
Found = Iterator[tuple[tuple[str, ...], str]]
Points = dict[str, dict[str, float]]

METHOD = "budget_allocation"
COLUMNS = ("expert", "part", "points")
# More than any panel of experts fills.
MOST_BYTES = 2**20
# Sums of points may miss their total by rounding to whole ones, as thirds of 100 do.
SLACK = 1e-6


def with_points(raw: Raw, folder: Path | None) -> tuple[Raw, list[tuple[tuple[str, ...], str]]]:
    """The tables of a model file with the experts' points read in, and what is wrong with their file.

    Parameters
    ----------
    folder : that of the model file; None where it lies in none
    """
    budget = raw.get("budget")
    name = budget.get("file") if isinstance(budget, dict) else None
    if not isinstance(budget, dict) or not isinstance(name, str) or not name:
        return raw, []
    at = ("budget", "file")
    if budget.get("experts"):
        return raw, [(at, "the points stand in the model already: keep the file or [budget.experts]")]
    if folder is None or Path(name).name != name:
        return raw, [(at, f"{name[:60]!r} must be the name of a file in the folder of the model")]
    try:
        with (folder / name).open("rb") as file:
            text = file.read(MOST_BYTES + 1).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        return raw, [(at, f"{name} cannot be read: {why}")]
    if len(text) > MOST_BYTES:
        return raw, [(at, f"{name} is larger than {MOST_BYTES:,} bytes, which no panel of experts fills")]
    points, faults = read_points(text)
    return {**raw, "budget": {**budget, "experts": points}}, [(at, f"{name}, {each}") for each in faults]


def read_points(text: str) -> tuple[Points, list[str]]:
    """Points by expert and part from the text of a CSV, and what is wrong with it, with rows.

    >>> read_points("expert,part,points\\nana,a,60\\nana,b,x\\n")
    ({'ana': {'a': 60.0}}, ["row 3: points of ana for b must be a number of zero or more, not 'x'"])
    """
    lines = text.splitlines()
    separator = max(",;\t", key=(lines[0] if lines else "").count)
    rows = list(csv.reader(lines, delimiter=separator))
    header = [each.strip().lower() for each in rows[0]] if rows else []
    if lacking := [name for name in COLUMNS if name not in header]:
        return {}, [
            f"row 1: a header with the columns {', '.join(COLUMNS)} is needed; {', '.join(lacking)} is not there"
        ]
    points: Points = {}
    faults: list[str] = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(header):
            faults.append(f"row {number}: {len(row)} cells where the header has {len(header)}")
            continue
        expert, part, given = (row[header.index(name)].strip() for name in COLUMNS)
        value = _number(given)
        if not expert or not part:
            faults.append(f"row {number}: {'the expert' if not expert else 'the part'} is not named")
        elif value is None:
            faults.append(
                f"row {number}: points of {expert} for {part} must be a number of zero or more, not {given!r}"
            )
        elif part in points.setdefault(expert, {}):
            faults.append(f"row {number}: {expert} gives points to {part} a second time; keep one row")
        else:
            points[expert][part] = value
    return points, faults


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _asking(raw: Raw) -> list[tuple[str, ...]]:
    """Keys of a model file by which nodes that say nothing themselves are weighed by experts."""
    found: list[tuple[str, ...]] = [("weights",)] if raw.get("weights", "given") == METHOD else []
    for number, each in enumerate(alternatives(raw, "weigh")):
        if isinstance(each, dict) and each.get("method") == METHOD:
            found.append(("uncertainty", "weigh", str(number), "method"))
    return found


def wrong_points(raw: Raw, nodes: Mapping[str, Raw], children: Mapping[str, list[str]]) -> Found:
    """Faults in what experts gave, found in the tables of a model file.

    Parameters
    ----------
    children : parts of each node
    """
    asking = _asking(raw)
    weighed = {
        id: children[id]
        for id, node in nodes.items()
        if (node["weights"] == METHOD if "weights" in node else asking) and len(children.get(id, ())) > 1
    }
    budget = raw.get("budget")
    if budget is None and weighed:
        id = next(iter(weighed))
        where = ("nodes", id, "weights") if "weights" in nodes[id] else asking[0]
        yield where, "budget_allocation needs a table [budget]: the points of experts, or the file that holds them"
    experts = budget.get("experts", {}) if isinstance(budget, dict) else None
    if not isinstance(budget, dict) or not isinstance(experts, dict) or (budget.get("file") and not experts):
        return  # there is none, or what is wrong with it is said already
    if not weighed:
        what = 'no node is weighed by it: set weights = "budget_allocation", of the model or of a node'
        yield ("budget",), f"{what}, or method in [[uncertainty.weigh]]"
        return
    for name, given in experts.items():
        # Faults of points from a file are shown where the file is named.
        at: tuple[str, ...] = ("budget", "file") if budget.get("file") else ("budget", "experts", name)
        if isinstance(given, dict):
            yield from ((at, what) for what in _wrong_expert(name, given, weighed, budget.get("points", 100.0)))
    for id, parts in weighed.items():
        if not any(part in given for given in experts.values() if isinstance(given, dict) for part in parts):
            yield ("nodes", id), f"no expert gives points to its parts: {', '.join(parts)}"


def _wrong_expert(name: str, given: Raw, weighed: Mapping[str, list[str]], total: object) -> Iterator[str]:
    for id, parts in weighed.items():
        yield from _wrong_share(name, given, id, parts, total)
    if elsewhere := [part for part in given if not any(part in parts for parts in weighed.values())]:
        yield f"{name} gives points to {', '.join(elsewhere)[:80]}, which no node weighed by them has as a part"


def _wrong_share(name: str, given: Raw, node: str, parts: list[str], total: object) -> Iterator[str]:
    named = [part for part in parts if part in given]
    if not named:
        return
    if lacking := [part for part in parts if part not in given]:
        yield f"{name} gives no points to {', '.join(lacking)} of {node}: write 0 where none are meant"
        return
    values = [given[part] for part in named]
    if not is_number(total) or not all(map(is_number, values)):
        return
    if abs(sum(values) - total) > SLACK * total:
        yield f"the points of {name} for {node} ({', '.join(named)}) sum to {sum(values):g}, not {total:g}"


def shares_of(model: Model, parts: tuple[str, ...]) -> Array:
    """What each expert gives to some parts of a node, as shares; NaN where an expert passes over all; (expert, part).

    Raises
    ------
    BadRequest
        No expert gives any of these parts points.
    """
    experts = model.budget.experts if model.budget else {}
    points = np.array([[given.get(part, 0.0) for part in parts] for given in experts.values()]).reshape(-1, len(parts))
    total = points.sum(axis=1, keepdims=True)
    if not (total > 0).any():
        raise BadRequest(f"no expert gives points to {', '.join(parts)}: add them to [budget], or weigh otherwise")
    shares: Array = np.divide(points, total, out=np.full_like(points, np.nan), where=total > 0)
    return shares
