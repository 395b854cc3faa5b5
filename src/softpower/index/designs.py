"""The choices of each replication: weights, methods, and what is left out.

Each kind of draw has a random stream of its own, named after what it decides, so that leaving out an indicator changes
no other draw: two builds with one seed can be compared draw by draw, and any one draw can be built again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from softpower.index import weight
from softpower.index.experts import shares_of
from softpower.index.model import Aggregate, Impute, Model, Normalise, Treat, Weigh

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

Step = Literal["impute", "treat", "normalise", "aggregate", "weigh"]
# Steps whose combinations give one matrix of cells or scores each; and all that may have alternatives.
STEPS: tuple[Step, ...] = ("impute", "treat", "normalise", "aggregate")
LISTED: tuple[Step, ...] = ("impute", "treat", "normalise", "weigh", "aggregate")
NOUNS = {
    "impute": "imputation",
    "treat": "treatment",
    "normalise": "normalisation",
    "weigh": "weighting",
    "aggregate": "aggregation",
}
NOTHING = -1


def stream(seed: int, *names: str) -> np.random.Generator:
    """The random stream of this name; the same seed and name give the same draws whatever else is drawn."""
    return np.random.default_rng([seed, *(crc32(name.encode()) for name in names)])


@dataclass(frozen=True, slots=True)
class Designs:
    """The choices of each replication.

    Attributes
    ----------
    weights : for each part of the tree its weight before it is shared out among siblings, shape (draw,)
    methods : for each step the place of a draw's method among `options`, shape (draw,)
    parts : parts that may be left out, by kind ("pillar", "indicator")
    gone : for each kind the place of the part left out among them, `NOTHING` where none is, shape (draw,)
    central : whether this is the design without draws
    around : for each alternative weighting what all draws would have for ``weights`` if they had taken it
    """

    weights: Mapping[str, Array]
    methods: Mapping[Step, Ints]
    parts: Mapping[str, tuple[str, ...]]
    gone: Mapping[str, Ints]
    central: bool = False
    around: tuple[Mapping[str, Array], ...] = ()

    def __len__(self) -> int:
        return len(self.methods["impute"])

    def take(self, draws: slice | Sequence[int]) -> Designs:
        """Some of the replications."""
        rows = draws if isinstance(draws, slice) else np.asarray(draws)
        return replace(
            self,
            weights={part: drawn[rows] for part, drawn in self.weights.items()},
            methods={step: drawn[rows] for step, drawn in self.methods.items()},
            gone={kind: drawn[rows] for kind, drawn in self.gone.items()},
            around=tuple({part: drawn[rows] for part, drawn in each.items()} for each in self.around),
        )

    def weights_of(self, draws: Ints, *, weighting: Ints) -> dict[str, Array]:
        """Weights drawn as in some replications, around the weightings taken in others; both of shape (draw,)."""
        if not self.around:
            return {part: drawn[draws] for part, drawn in self.weights.items()}
        found = {part: np.empty(len(draws)) for part in self.weights}
        taken = self.methods["weigh"][weighting]
        for number, around in enumerate(self.around, start=1):
            at = np.flatnonzero(taken == number)
            for part, drawn in around.items():
                found[part][at] = drawn[draws[at]]
        return found

    def effective(self, part: str) -> Array:
        """Weight of a part in each draw, zero where it is left out; shape (draw,)."""
        drawn = self.weights[part]
        for kind, parts in self.parts.items():
            if part in parts:
                drawn = np.where(self.gone[kind] == parts.index(part), 0.0, drawn)
        return drawn


def options(model: Model, step: Step) -> tuple[Impute | Treat | Normalise | Aggregate | Weigh, ...]:
    """The methods of a step: the central one first, then the alternatives in the order of the file."""
    central = Weigh(method=model.weights) if step == "weigh" else getattr(model, step)
    return central, *getattr(model.uncertainty, step)


def central_design(model: Model) -> Designs:
    """The one design without draws: declared weights, first methods, nothing left out."""
    parts = [*model.nodes, *model.indicators]
    zero = np.zeros(1, dtype=np.int64)
    return Designs(
        weights={part: np.array([model.weight(part)]) for part in parts},
        methods=dict.fromkeys(LISTED, zero),
        parts={},
        gone={},
        central=True,
    )


def draw_designs(model: Model, *, draws: int, seed: int) -> Designs:
    """The choices of each replication, as `softpower.index.model.Uncertainty` declares them.

    Parameters
    ----------
    model : with its alternative weightings, if it has any, filled in; see `softpower.index.weighing.weighed`
    """
    around = tuple(_weights(each, draws, seed) for each in model.weightings)
    leave_out: dict[str, float] = {kind: chance for kind, chance in model.uncertainty.leave_out.items() if chance}
    parts = {kind: _dispensable(model, kind) for kind in leave_out}
    designs = Designs(
        weights=around[0],
        methods={step: _choices(model, step, draws, seed) for step in LISTED},
        parts=parts,
        gone={kind: _left_out(kind, leave_out[kind], len(each), draws, seed) for kind, each in parts.items()},
        around=around if model.uncertainty.weigh else (),
    )
    every = np.arange(draws)
    return replace(designs, weights=designs.weights_of(every, weighting=every))


def _weights(model: Model, draws: int, seed: int) -> dict[str, Array]:
    """Weights of all parts in each draw, shape (draw,)."""
    if model.uncertainty.weights == "unknown":
        return _unknown(model, draws, seed)
    drawn = _noisy(model, draws, seed) if model.uncertainty.weights_noise else _dirichlet(model, draws, seed)
    return drawn | _of_experts(model, draws, seed)


def _unknown(model: Model, draws: int, seed: int) -> dict[str, Array]:
    """All shares of the parts of a node equally likely, within their bounds; a part without weight stays without."""
    weights: dict[str, Array] = {part: np.ones(draws) for part in model.tops}
    bounds, default = model.uncertainty.weight_bounds, model.variant()
    for node in model.nodes:
        children = model.children(node)
        # Exponential variates: shared out among siblings they are uniform, also when one is left out or let in.
        for child in children:
            alive = model.weight(child) > 0
            weights[child] = stream(seed, "weight", child).standard_exponential(draws) if alive else np.zeros(draws)
        usual = [c for c in children if model.weight(c) > 0 and (c in default.nodes or c in default.indicators)]
        if not any(child in bounds for child in usual):
            continue
        low, high = np.array([bounds.get(child, [0.0, 1.0]) for child in usual]).T
        rng = stream(seed, "weights", node)
        shares = weight.unknown(len(usual), draws=draws, rng=rng, low=low, high=high, names=usual)
        # On average 1, as the variates of parts that only a variant has.
        weights |= dict(zip(usual, shares.T * len(usual), strict=True))
    return weights


def _of_experts(model: Model, draws: int, seed: int) -> dict[str, Array]:
    """Weights of the parts that experts gave points to; a draw takes the same experts in all nodes."""
    weights: dict[str, Array] = {}
    method = model.uncertainty.experts
    for node in model.nodes:
        children = model.children(node)
        if (model.nodes[node].weights or model.weights) != "budget_allocation" or len(children) == 1:
            continue
        if method == "none":
            weights |= {child: np.full(draws, model.weight(child)) for child in children}
            continue
        drawn = weight.of_experts(shares_of(model, children), draws=draws, rng=stream(seed, "expert"), method=method)
        weights |= dict(zip(children, drawn.T * len(children), strict=True))
    return weights


def _dirichlet(model: Model, draws: int, seed: int) -> dict[str, Array]:
    """Gamma variates: shared out among siblings they are Dirichlet, also when a sibling is left out or let in."""
    weights: dict[str, Array] = {part: np.ones(draws) for part in model.tops}
    default = model.variant()
    for node in model.nodes:
        # The spread is set by the siblings of the default; parts of a variant are drawn like one more of them.
        usual = [child for child in model.children(node) if child in default.nodes or child in default.indicators]
        declared = np.array([model.weight(child) for child in usual or model.children(node)])
        alive = weight.shares(declared[declared > 0])
        vary = model.uncertainty.weights_cv > 0 and alive.size > 1
        total = weight.concentration(alive, cv=model.uncertainty.weights_cv) / declared.sum() if vary else np.inf
        for child in model.children(node):
            own = model.weight(child)
            weights[child] = (
                stream(seed, "weight", child).gamma(total * own, size=draws)
                if vary and own > 0
                else np.full(draws, own)
            )
    return weights


def _noisy(model: Model, draws: int, seed: int) -> dict[str, Array]:
    weights = {}
    for part in (*model.nodes, *model.indicators):
        noise = 0.0 if part in model.tops else model.uncertainty.weights_noise.get(str(model.level(part)), 0.0)
        factor = stream(seed, "weight", part).uniform(1 - noise, 1 + noise, size=draws) if noise else np.ones(draws)
        weights[part] = model.weight(part) * factor
    return weights


def _choices(model: Model, step: Step, draws: int, seed: int) -> Ints:
    alternatives = getattr(model.uncertainty, step)
    if not alternatives:
        return np.zeros(draws, dtype=np.int64)
    chance = weight.shares(np.array([each.chance for each in alternatives]))
    return 1 + stream(seed, NOUNS[step]).choice(len(alternatives), size=draws, p=chance).astype(np.int64)


def _dispensable(model: Model, kind: str) -> tuple[str, ...]:
    """Parts of the default without which every top node still has something below it, however parts are weighed."""
    default = model.variant()
    parts = default.indicators if kind == "indicator" else [id for id in default.nodes if default.nodes[id].parent]
    ways = [each.variant() for each in model.weightings]
    return tuple(part for part in parts if all(each.stands(without={part}) for each in ways))


def _left_out(kind: str, chance: float, count: int, draws: int, seed: int) -> Ints:
    rng = stream(seed, "leave_out", kind)
    happens = rng.random(draws) < chance
    return np.where(happens & (count > 0), rng.integers(max(count, 1), size=draws), NOTHING)
