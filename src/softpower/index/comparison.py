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
from softpower.index.model import Model, leaf_shares
from softpower.index.result import Index

Array = NDArray[np.float64]

# Changes of a contribution below this, in standard deviations, are rounding.
LEAST_MOVED = 1e-9
# Those below this would print as zero.
LEAST_SHOWN = 0.005
# Reasons given for each unit.
SHOWN = 3
JOINING = "how parts are joined"
# Steps on which contributions rest, and what they are called.
METHODS = {"impute": "imputation", "treat": "treatment", "normalise": "normalisation", "aggregate": "aggregation"}


@dataclass(frozen=True)
class Comparison:
    """How the ranks of a second build differ from those of a first.

    Attributes
    ----------
    node : what is ranked
    units : ranked in both, alphabetical; only_first, only_second : ranked in one of them
    first, second : central ranks among the units that each build ranks
    shift : places gained from the first to the second, plus is up. Its interval is over replications taken in pairs:
        where both builds share seed and draws, what they have in common cancels
    differences : what differs between the two models and data, in words
    reasons : for each unit the indicators whose contribution to the node changed, most first, in standard deviations of
        the scores of ``units``: what they give beyond the mean unit, see `softpower.index.contributions`
    joining : for each unit by how much more, or less, the way of joining makes of its parts than their mean; together
        with ``reasons`` the change of its standardised score
    is_additive : whether contributions can be added up in both builds; else some indicators have none to tell of, and
        what they do is part of ``joining``
    untold : why no reasons can be given, as in "the normalisation differs"; empty where they are
    """

    node: str
    units: tuple[str, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    first: tuple[int, ...]
    second: tuple[int, ...]
    shift: Estimate
    differences: tuple[str, ...]
    reasons: Mapping[str, tuple[tuple[str, float], ...]]
    joining: Mapping[str, float]
    is_additive: bool = True
    untold: str = ""

    def reason(self, unit: str) -> str:
        """In words what moved a unit in its own scores, most first."""
        moved = [*self.reasons[unit], *([(JOINING, self.joining[unit])] if self.joining.get(unit) else [])]
        moved = sorted((each for each in moved if abs(each[1]) > LEAST_MOVED), key=lambda each: -abs(each[1]))
        if not moved:
            return self.untold
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
    here, there = ([at[unit] for unit in units] for at in (_places(first.units), _places(second.units)))
    places = first.ranks(node).central[here], second.ranks(node).central[there]
    draws = min(first.draws, second.draws)
    moved = first.rank_draws(node)[:draws, here].astype(np.float64) - second.rank_draws(node)[:draws, there]
    return Comparison(
        node=node,
        units=units,
        only_first=tuple(sorted(set(first.units) - set(units))),
        only_second=tuple(sorted(set(second.units) - set(units))),
        first=tuple(places[0].tolist()),
        second=tuple(places[1].tolist()),
        shift=estimate((places[0] - places[1]).astype(np.float64), moved, level=level),
        differences=tuple(_differences(first, second)),
        **_why(first, second, node, units),
    )


def _places(units: Sequence[str]) -> dict[str, int]:
    return {unit: place for place, unit in enumerate(units)}


def _why(first: Index, second: Index, node: str, units: Sequence[str]) -> dict[str, Any]:
    """The reasons of a `Comparison`: for each unit what gives it more or less in the second build.

    Indicators that have no weight of their own give nothing that could be told apart: theirs is part of the joining.
    """
    silent = {*_not_additive(first, node), *_not_additive(second, node)}
    built = [contributions(each, node, units) for each in (first, second)]
    before, after = built
    joining = np.zeros(len(units))
    if before is not None and after is not None:
        given = [dict(zip(each.leaves, each.given.T, strict=True)) for each in (before, after)]
        joining = after.joining - before.joining
        for name in silent:
            joining += given[1].get(name, 0.0) - given[0].get(name, 0.0)
    elif methods := _other_methods(first, second):
        none: dict[str, tuple[tuple[str, float], ...]] = dict.fromkeys(units, ())
        return {"reasons": none, "joining": {}, "is_additive": not silent, "untold": f"{methods} differs"}
    else:
        given = [_given(each, node, units) for each in (first, second)]
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


def _other_methods(first: Index, second: Index) -> str:
    """Steps that are not the same in both, as in "the treatment or the normalisation"."""
    models = [each.model.variant(each.variant) for each in (first, second)]

    def steps(model: Model, step: str) -> list[object]:
        parts = [*model.nodes.values(), *model.indicators.values()]
        return [getattr(model, step), *(getattr(each, step, None) for each in parts)]

    found = [f"the {noun}" for step, noun in METHODS.items() if steps(models[0], step) != steps(models[1], step)]
    return " or ".join(found)


def _not_additive(index: Index, node: str) -> tuple[str, ...]:
    """Indicators below the node that have no weight of their own in it."""
    built = index.model.variant(index.variant)
    return tuple(leaf for leaf in built.leaves(node) if not built.adds_up(leaf, within=node))


def _given(index: Index, node: str, units: Sequence[str]) -> dict[str, Array]:
    """The like of `contributions` from values as published, for builds that cannot be done again from one year.

    Its share in the node under the declared weights, times how many standard deviations the unit lies from the median.
    """
    at = _places(index.panel.units)
    ranked, asked = ([at[unit] for unit in each] for each in (index.units, units))
    found = {}
    for leaf, share in leaf_shares(index.model.variant(index.variant), node).items():
        values = index.panel.value[0, :, index.panel.indicators.index(leaf)]
        values = values / (np.nanmax(np.abs(values), initial=0.0) or 1.0)  # squares of huge values overflow
        known = values[ranked][np.isfinite(values[ranked])]
        if known.size and (spread := float(known.std())) > 0:
            found[leaf] = np.nan_to_num(share * (values[asked] - np.median(known)) / spread)
    return found


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
        if before[key] != after[key] and not key.startswith(("title", "description", "id")):
            yield f"{key}: {before[key]} and {after[key]}"


def _flat(tree: object, path: str = "") -> dict[str, object]:
    if isinstance(tree, dict):
        found: dict[str, object] = {}
        for key, below in tree.items():
            found |= _flat(below, f"{path}.{key}" if path else str(key))
        return found
    return {path: tree}
