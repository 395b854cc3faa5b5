"""Which uncertain choices a model declares, and which of them can act on a node at all.

A choice may be declared and yet have nothing to act on: weights where every node has one part, a treatment where every
indicator has its own, gaps where no ranked unit has any. Such a factor is left out of a sensitivity analysis, and
named with the reason: it would take replications, and its index of zero would look like a finding. One that has
something to act on and moves nothing is another matter: see `softpower.index.effects`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from softpower.index.cells import Cells
from softpower.index.designs import LISTED, NOTHING, NOUNS, STEPS, Designs, Step, options
from softpower.index.experiment import Experiment
from softpower.index.model import Aggregate, AggregateChoice, Model
from softpower.index.uncertainty import Replications

Ints = NDArray[np.int64]

WEIGHTS, GAPS, ERRORS = "weights", "missing cells", "errors"
# Weights found in two ways that differ by less are the same.
SAME = 1e-11
# These give the parts of a node an order or weights of their own.
WEIGHTLESS = ("owa", "benefit_of_the_doubt")
# These place a unit among all others of its year, ranked or not.
RELATIVE = ("copeland", "kemeny", "benefit_of_the_doubt")


def declared(model: Model, cells: Cells) -> tuple[str, ...]:
    """Names of what is uncertain in a model, ``cells`` being draws of its panel."""
    unsure = model.uncertainty
    found = [NOUNS[step] for step in LISTED if len(getattr(unsure, step)) > 1]
    if _draws_weights(model):
        found.insert(0, WEIGHTS)
    found += [f"left-out {kind}" for kind, chance in unsure.leave_out.items() if chance]
    if any(cells.gaps):
        found.append(GAPS)
    if any(len(rows) > gaps for rows, gaps in zip(cells.rows, cells.gaps, strict=True)):
        found.append(ERRORS)
    return tuple(found)


def _draws_weights(model: Model) -> bool:
    unsure = model.uncertainty
    by_experts = unsure.experts != "none" and "budget_allocation" in {
        model.weights, *(node.weights for node in model.nodes.values()), *(each.method for each in unsure.weigh)
    }  # fmt: skip
    return bool(unsure.weights == "unknown" or unsure.weights_cv or unsure.weights_noise or by_experts)


def _shares(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of parts among each other, zero where all weigh nothing; weights and shares of shape (part, draw)."""
    total = weights.sum(axis=0)
    shares: NDArray[np.float64] = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    return shares


@dataclass(frozen=True)
class Reach:
    """What lies below a node, and what is drawn of it in a set of replications.

    Parameters
    ----------
    experiment : the model on its data
    designs, cells : choices and cells of the replications
    node : whose ranks are asked about
    rows : of the ranked units
    """

    experiment: Experiment
    designs: Designs
    cells: Cells
    node: str
    rows: Ints

    def idle(self) -> dict[str, str]:
        """The declared factors that cannot act on the node, each with the reason."""
        names = declared(self.experiment.model, self.cells)
        return {name: why for name in names if (why := self._obstacle(name))}

    def moves(self, factor: str) -> bool:
        """Whether a factor changes some array between the cells and the scores of the node."""
        if factor in (GAPS, ERRORS):
            return any(np.ptp(drawn, axis=0).any() for drawn in self._drawn(factor) if drawn.size)
        for step in STEPS[:-1]:
            if factor == NOUNS[step]:
                return any(self._differs(step, name) for name in self._leaves())
        if factor == NOUNS["weigh"]:
            return self._reweighs()
        # Weights and what is left out are such arrays themselves; those of an aggregation are the scores.
        return factor != NOUNS["aggregate"]

    # What lies below

    def _parts(self, node: str) -> tuple[str, ...]:
        model, without = self.experiment.model, self.experiment.without
        return tuple(part for part in model.children(node) if model.can_count(part, without=without))

    def _tree(self, node: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each node from this one down, with the parts that it joins."""
        node = node or self.node
        parts = self._parts(node)
        yield node, parts
        for part in parts:
            if part in self.experiment.model.nodes:
                yield from self._tree(part)

    def _leaves(self) -> list[str]:
        return [part for _, parts in self._tree() for part in parts if part in self.experiment.model.indicators]

    def _ways(self, node: str) -> list[Aggregate]:
        """How the replications join the parts of a node."""
        model = self.experiment.model
        if (own := model.nodes[node].aggregate) is not None:
            return [own]
        joins_nodes = any(part in model.nodes for part in self._parts(node))
        found: list[Aggregate] = []
        for number in np.unique(self.designs.methods["aggregate"]).tolist():
            step = options(model, "aggregate")[number]
            assert isinstance(step, Aggregate)
            for_nodes = isinstance(step, AggregateChoice) and step.of == "nodes"
            found.append(model.aggregate if for_nodes and not joins_nodes else step)
        return found

    def _matters(self) -> Ints:
        """Rows of the panel whose cells may move the score of a ranked unit."""
        model = self.experiment.model
        relative = any(way.method in RELATIVE for node, _ in self._tree() for way in self._ways(node))
        steps = [*options(model, "treat"), *options(model, "normalise")]
        for leaf in self._leaves():
            steps += [each for each in (model.indicators[leaf].treat, model.indicators[leaf].normalise) if each]
        if relative or any(getattr(step, "reference", "") == "all" for step in steps):
            return np.arange(self.experiment.panel.alive.size)
        return self.rows

    # What cannot act

    def _obstacle(self, factor: str) -> str:
        """Why a declared factor cannot act, "" if it can."""
        if factor == WEIGHTS:
            return "" if self._weighs() else "no node that counts joins two parts whose weights are drawn"
        if factor == NOUNS["weigh"]:
            return "" if any(self._open()) else "no node that counts joins two parts by weights not its own"
        if factor == GAPS:
            return "" if self._drawn(GAPS) else "no cell behind the ranked units is missing"
        if factor == ERRORS:
            return "" if self._drawn(ERRORS) else "no cell behind the ranked units has an error"
        if factor == NOUNS["impute"]:
            return "" if self._holes() else "no cell behind the ranked units is missing"
        if factor == NOUNS["aggregate"]:
            return "" if self._joins() else "no node that counts joins two parts in one way or another"
        for step in ("treat", "normalise"):
            if factor == NOUNS[step]:
                own = all(getattr(self.experiment.model.indicators[leaf], step) for leaf in self._leaves())
                return "each indicator has its own" if own else ""
        return "" if self._leaves_out(factor) else "no part that could be spared lies below the node"

    def _weighed(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each node that joins two parts or more by their weights, with these."""
        for node, parts in self._tree():
            if len(parts) > 1 and any(way.method not in WEIGHTLESS for way in self._ways(node)):
                yield node, parts

    def _weighs(self) -> bool:
        taken = [self.designs.around[number - 1] for number in self._taken() if number] or [self.designs.weights]
        drawn = [np.stack([each[part] for part in parts]) for _, parts in self._weighed() for each in taken]
        return any(np.ptp(_shares(each), axis=1).max() > 0 for each in drawn)

    def _taken(self) -> list[int]:
        """Numbers of the weightings that some replication has."""
        return [int(number) for number in np.unique(self.designs.methods["weigh"])]

    def _open(self) -> Iterator[tuple[str, ...]]:
        """Parts of each node whose weights may be others under an alternative weighting."""
        model = self.experiment.model
        named = {part for each in model.uncertainty.weigh for part in each.weights or ()}
        for node, parts in self._weighed():
            if model.nodes[node].weights is None or not named.isdisjoint(parts):
                yield parts

    def _reweighs(self) -> bool:
        """Whether alternative weightings differ by more than rounding."""
        ways = [self.experiment.model.weightings[number - 1] for number in self._taken()]
        for parts in self._open():
            shares = _shares(np.array([[way.weight(part) for way in ways] for part in parts]))
            if np.ptp(shares, axis=1).max() > SAME:
                return True
        return False

    def _joins(self) -> bool:
        model = self.experiment.model
        for node, parts in self._tree():
            ways = self._ways(node)
            if model.nodes[node].aggregate is not None or not self._any_way_matters(ways, parts):
                continue
            # Ways for nodes of nodes alone leave others as they are, so that nothing is left to choose from.
            kinds = {each.model_dump_json(exclude={"chance", "of"}) for each in ways}
            if len(kinds) > 1 or model.aggregate not in ways:
                return True
        return False

    @staticmethod
    def _any_way_matters(ways: list[Aggregate], parts: tuple[str, ...]) -> bool:
        return len(parts) > 1 or any(way.method in RELATIVE for way in ways)

    def _leaves_out(self, factor: str) -> bool:
        kind = factor.removeprefix("left-out ")
        below = {part for _, parts in self._tree() for part in parts}
        parts, gone = self.designs.parts[kind], self.designs.gone[kind]
        return any(parts[place] in below for place in np.unique(gone[gone != NOTHING]).tolist())

    def _columns(self) -> Ints:
        return np.array([self.experiment.panel.indicators.index(leaf) for leaf in self._leaves()], dtype=np.int64)

    def _drawn(self, factor: str) -> list[NDArray[np.float64]]:
        """Draws of the cells below the node that are missing, or known with error; only indicators that have some."""
        rows, found = self._matters(), []
        for column in self._columns().tolist():
            gaps = self.cells.gaps[column]
            part = slice(None, gaps) if factor == GAPS else slice(gaps, None)
            at = np.flatnonzero(np.isin(self.cells.rows[column][part], rows))
            if at.size:
                found.append(self.cells.drawn[column][:, part][:, at])
        return found

    def _holes(self) -> bool:
        panel = self.experiment.panel
        value = panel.value.reshape(-1, len(panel.indicators))
        return bool(np.isnan(value[np.ix_(self._matters(), self._columns())]).any())

    def _differs(self, step: Step, name: str) -> bool:
        """Whether the choices of a step give an indicator different central scores."""
        model, panel = self.experiment.model, self.experiment.panel
        usual = {each: int(self.designs.methods[each][0]) for each in STEPS}
        source = Replications(model, panel, self.cells, self.designs, keep=False)
        scores = []
        for number in np.unique(self.designs.methods[step]).tolist():
            way = usual | {step: number}
            scores.append(source.scaler(name, (way["impute"], way["treat"], way["normalise"])).central[self.rows])
        return any(not np.array_equal(a, b, equal_nan=True) for a, b in pairwise(scores))
