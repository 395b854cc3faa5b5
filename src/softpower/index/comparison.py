"""Two builds side by side: who moved, how sure that is, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.errors import BadRequest
from softpower.index.contributions import contributions
from softpower.index.estimate import Estimate, estimate
from softpower.index.model import Model
from softpower.index.rank import rank
from softpower.index.result import Index

Array = NDArray[np.float64]

# Changes of a contribution below this, in standard deviations, are rounding.
LEAST_MOVED = 1e-9
# Those below this would print as zero.
LEAST_SHOWN = 0.005
# Shares may be as large as asked for but for this.
ROUNDING = 1e-9
# Reasons given for each unit.
SHOWN = 3
JOINING = "how parts are joined"
# Keys of a model that move nothing: what it is called, and variants, which are compared as built.
NO_DIFFERENCE = ("title", "description", "id", "variants")


@dataclass(frozen=True)
class Comparison:
    """How the ranks of a second build differ from those of a first.

    Attributes
    ----------
    node : what is ranked
    units : ranked in both, in the order of the first; only_first, only_second : ranked in one of them, alphabetical
    left : why the other build does not rank those that are ranked in one, by unit
    first, second : central ranks in each build among ``units``: who leaves moves nobody
    shift : places gained from the first to the second, plus is up. Its interval is over replications taken in pairs:
        where both builds share seed and draws, what they have in common cancels
    differences : what differs between the two models and data, in words
    reasons : for each unit the indicators whose contribution to the node changed, most first, in standard deviations of
        the scores of ``units``: what they give beyond the mean unit, see `softpower.index.contributions`
    joining : for each unit by how much more, or less, the way of joining makes of its parts than their mean; together
        with ``reasons`` the change of its standardised score
    is_additive : whether contributions can be added up in both builds; else some indicators have none to tell of, and
        what they do is part of ``joining``
    """

    node: str
    units: tuple[str, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    left: Mapping[str, str]
    first: tuple[int, ...]
    second: tuple[int, ...]
    shift: Estimate
    differences: tuple[str, ...]
    reasons: Mapping[str, tuple[tuple[str, float], ...]]
    joining: Mapping[str, float]
    is_additive: bool = True

    def reason(self, unit: str) -> str:
        """In words what moved a unit in its own scores, most first."""
        moved = [*self.reasons[unit], *([(JOINING, self.joining[unit])] if self.joining.get(unit) else [])]
        moved = sorted((each for each in moved if abs(each[1]) > LEAST_MOVED), key=lambda each: -abs(each[1]))
        if not moved:
            return ""
        shown = [f"{name} {by:+.2f}" for name, by in moved if abs(by) >= LEAST_SHOWN]
        return "; ".join(shown[:SHOWN]) or f"each part by less than {LEAST_SHOWN}"

    def to_polars(self) -> pl.DataFrame:
        """One row per unit, those that moved most first."""
        frame = pl.DataFrame(
            {
                "unit": self.units,
                "rank_first": self.first,
                "rank_second": self.second,
                "shift": self.shift.value,
                "shift_low": self.shift.low,
                "shift_high": self.shift.high,
                "reason": [self.reason(unit) for unit in self.units],
            }
        )
        return frame.sort(pl.col("shift").abs(), pl.col("unit"), descending=[True, False])


def compare(first: Index, second: Index, *, node: str = "", level: float = 0.9) -> Comparison:
    """Compare the ranks of two builds in a node that both have; by default in their first common top node.

    Raises
    ------
    BadRequest
        The builds have no node or no unit in common.
    """
    common = [each for each in first.nodes if each in second.nodes]
    node = node or next((top for top in first.model.tops if top in common), "")
    if node not in common:
        raise BadRequest(f"the two builds share no node {node!r}; they share: {', '.join(common) or 'none'}")
    with_score = [
        {unit for unit, has in zip(each.units, each.scored(node).tolist(), strict=True) if has}
        for each in (first, second)
    ]
    units = tuple(unit for unit in first.units if unit in with_score[0] & with_score[1])
    if not units:
        raise BadRequest("the two builds rank no unit in common")
    here, there = ([each.unit(unit) for unit in units] for each in (first, second))
    places = rank(first.central[node][here]), rank(second.central[node][there])
    draws = min(first.draws, second.draws)
    before, after = rank(first.sampled[node][:draws, here]), rank(second.sampled[node][:draws, there])
    only_first, only_second = (tuple(sorted(set(each.units) - set(units))) for each in (first, second))
    return Comparison(
        node=node,
        units=units,
        only_first=only_first,
        only_second=only_second,
        left={unit: _absence(second, unit, node) for unit in only_first}
        | {unit: _absence(first, unit, node) for unit in only_second},
        first=tuple(places[0].tolist()),
        second=tuple(places[1].tolist()),
        shift=estimate((places[0] - places[1]).astype(np.float64), (before - after).astype(np.float64), level=level),
        differences=tuple(_differences(first, second)),
        **_why(first, second, node, units),
    )


def _absence(index: Index, unit: str, node: str) -> str:
    """Why a build does not rank a unit in a node, in words."""
    rule = index.model.screening
    if unit not in index.panel.units:
        return "not in its data"
    if unit in rule.drop:
        return "dropped by name in [screening]"
    known, least = index.known_share(unit), rule.share - ROUNDING
    if unit not in rule.keep and rule.counts == "known" and any(share < least for share in known.values()):
        few = [f"{share:.0%} of {index.model.title_of(top)}" for top, share in known.items() if share < least]
        return f"known is {' and '.join(few)}, asked for {rule.share:.0%}"
    if unit in index.units:
        return f"no score in {node}"
    return f"{'too many zeros, or ' if rule.nonzero else ''}no score in some replication"


def _why(first: Index, second: Index, node: str, units: Sequence[str]) -> dict[str, Any]:
    """The reasons of a `Comparison`: for each unit what gives it more or less in the second build.

    Indicators that have no weight of their own give nothing that could be told apart: theirs is part of the joining.
    """
    silent = {*_not_additive(first, node), *_not_additive(second, node)}
    before, after = (contributions(each, node, units) for each in (first, second))
    given = [dict(zip(each.leaves, each.given.T, strict=True)) for each in (before, after)]
    joining = after.joining - before.joining
    for name in silent:
        joining += given[1].get(name, 0.0) - given[0].get(name, 0.0)
    names = tuple(name for name in dict.fromkeys((*given[0], *given[1])) if name not in silent)
    moved = np.zeros((len(units), len(names)))
    for k, name in enumerate(names):
        moved[:, k] = given[1].get(name, 0.0) - given[0].get(name, 0.0)
    reasons = {
        unit: tuple(
            (names[k], float(row[k]))
            for k in sorted(range(len(names)), key=lambda k: (-abs(row[k]), names[k]))
            if abs(row[k]) > LEAST_MOVED
        )
        for unit, row in zip(units, moved, strict=True)
    }
    return {
        "reasons": reasons,
        "joining": dict(zip(units, joining.tolist(), strict=True)),
        "is_additive": not silent,
    }


def _not_additive(index: Index, node: str) -> tuple[str, ...]:
    """Indicators below the node that have no weight of their own in it."""
    built = index.model.variant(index.variant)
    return tuple(leaf for leaf in built.leaves(node) if not built.adds_up(leaf, within=node))


def _differences(first: Index, second: Index) -> Iterator[str]:
    if first.data_version != second.data_version:
        yield f"data: {first.data_version} and {second.data_version}"
    if first.year != second.year:
        yield f"year: {first.year} and {second.year}"
    yield from model_differences(first.model.variant(first.variant), second.model.variant(second.variant))


def model_differences(first: Model, second: Model) -> Iterator[str]:
    """What differs between two models, one phrase each."""
    before, after = _flat(first.model_dump(mode="json")), _flat(second.model_dump(mode="json"))
    for kind, was, now in (("indicator", first.indicators, second.indicators), ("node", first.nodes, second.nodes)):
        if gone := [name for name in was if name not in now]:
            yield f"without {kind} {', '.join(gone)}"
        if new := [name for name in now if name not in was]:
            yield f"with {kind} {', '.join(new)}"
    for key in sorted(before.keys() & after.keys()):
        if before[key] != after[key] and not key.startswith(NO_DIFFERENCE):
            yield f"{key}: {before[key]} and {after[key]}"


def _flat(tree: object, path: str = "") -> dict[str, object]:
    if isinstance(tree, dict):
        found: dict[str, object] = {}
        for key, below in tree.items():
            found |= _flat(below, f"{path}.{key}" if path else str(key))
        return found
    return {path: tree}
