"""How much of what is possible with their potential units reach in performance, by several models side by side.

No single frontier is the true one. Models that disagree say that a unit's efficiency rests on the choice of the model,
so their rank correlations and cautions belong to the result. All compare scores with scores, and take them as known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.index.correlation import correlate
from softpower.index.decision_units import Names
from softpower.index.frontier import Peer, dea
from softpower.index.frontier_bootstrap import bootstrap
from softpower.index.order_m import order_m
from softpower.index.result import Index
from softpower.index.stochastic_frontier import stochastic_frontier

Array = NDArray[np.float64]

# Scores that fall below this are moved to 1-100: frontiers compare ratios.
LEAST_SCORE = 1.0
# Models whose rank correlation is lower order the units differently.
AGREEMENT = 0.7
CONVENTION = (
    "the zero of a score is a convention, and every ratio depends on it; intervals take the scores themselves as known"
)


@dataclass(frozen=True, slots=True)
class ModelResult:
    """Share of the possible output that each unit reaches, by one model; arrays of shape (unit,).

    Attributes
    ----------
    model : "dea", "order_m", "sfa_half_normal" or "sfa_exponential"
    efficiency : 1 is all that is possible; order-m may exceed it. Of "dea" it is the one corrected for bias
    low, high : 90 % interval, NaN where the model has none
    """

    model: str
    efficiency: Array
    low: Array
    high: Array


@dataclass(frozen=True, slots=True)
class Conversion:
    """Models of the conversion of inputs into outputs.

    Attributes
    ----------
    units : compared; a unit without a score in some node is named in the cautions
    moved : nodes whose scores were moved to 1-100
    results : one for each model that could be fitted
    uncorrected : efficiency by "dea" before its correction, shape (unit,)
    peers : of each unit, those it is measured by in "dea"
    correlation : Spearman's, between models in the order of ``results``; NaN where one of them is constant
    cautions : what to keep in mind when reading the result
    """

    units: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    moved: tuple[str, ...]
    results: tuple[ModelResult, ...]
    uncorrected: Array
    peers: tuple[tuple[Peer, ...], ...]
    correlation: Array
    cautions: tuple[str, ...]
    level: float = field(default=0.9)


def positive(scores: Array) -> tuple[Array, bool]:
    """Scores as a frontier can take them, and whether they had to be moved.

    Scores of 1 and more stay as they are; if any is lower, all move on a straight line to 1-100.

    Parameters
    ----------
    scores : array, shape (unit,), no NaN

    >>> positive(np.array([-1.0, 0.0, 1.0]))[0].tolist()
    [1.0, 50.5, 100.0]
    >>> positive(np.array([20.0, 80.0]))
    (array([20., 80.]), False)
    """
    low, high = float(scores.min()), float(scores.max())
    if low >= LEAST_SCORE or high == low:
        return scores, False
    return 1.0 + 99.0 * (scores - low) / (high - low), True


def conversion(
    index: Index, *, inputs: Sequence[str] = (), outputs: Sequence[str] = (), draws: int = 2000, seed: int = 7
) -> Conversion:
    """Efficiency of each ranked unit by four models: how much of the output possible with its inputs it reaches.

    Data envelopment analysis (variable returns, corrected for bias), order-m with m a third of the units, and, where
    there is one output, stochastic frontiers with half-normal and exponential inefficiency. A model that cannot be
    fitted is left out, and a caution says why.

    Parameters
    ----------
    inputs, outputs : nodes; by default "potential" and "performance"
    draws : resamples behind the intervals of the first two models
    seed : the same seed gives the same intervals

    Raises
    ------
    BadRequest
        The model has no potential or performance and no other nodes are named; or a node is both input and output.
    UnknownNode
        The model has no such node.
    """
    inputs, outputs = _nodes(index, inputs, "potential", "--inputs"), _nodes(index, outputs, "performance", "--outputs")
    _refuse_shared(index, inputs, outputs)
    scores = np.column_stack([index.scores(node).value for node in (*inputs, *outputs)])
    kept: NDArray[np.bool_] = np.asarray(np.isfinite(scores).all(axis=1))
    units = tuple(unit for unit, fits in zip(index.units, kept, strict=True) if fits)
    if len(units) < 3:
        raise NotEnoughData(
            f"{len(units)} units have a score in all of {', '.join((*inputs, *outputs))}: give 3 or more"
        )
    columns = [positive(column) for column in scores[kept].T]
    table = np.column_stack([column for column, _ in columns])
    x, y = table[:, : len(inputs)], table[:, len(inputs) :]
    names = Names(units, inputs, outputs)
    frontier = dea(x, y, names=names)
    results, cautions = _fitted(x, y, names, draws, seed)
    if lost := [unit for unit in index.units if unit not in units]:
        cautions.append(f"no score in some node, left out: {', '.join(lost)}")
    correlation = correlate(np.column_stack([each.efficiency for each in results]), method="spearman").r
    cautions += [*_disagreements(results, correlation), CONVENTION]
    return Conversion(
        units=units,
        inputs=inputs,
        outputs=outputs,
        moved=tuple(node for node, (_, moved) in zip((*inputs, *outputs), columns, strict=True) if moved),
        results=tuple(results),
        uncorrected=frontier.efficiency,
        peers=frontier.peers,
        correlation=correlation,
        cautions=tuple(dict.fromkeys((*frontier.cautions, *cautions))),
    )


def _nodes(index: Index, given: Sequence[str], default: str, option: str) -> tuple[str, ...]:
    if not given and default not in index.nodes:
        raise BadRequest(
            f"{index.model.id} has no node {default!r}: name nodes with {option}; it has {', '.join(index.nodes)}"
        )
    return tuple(dict.fromkeys(given)) or (default,)


def _refuse_shared(index: Index, inputs: Sequence[str], outputs: Sequence[str]) -> None:
    for node in (*inputs, *outputs):
        index.scores(node)  # an unknown node is named with the nearest ones
    for one in inputs:
        for other in outputs:
            if one in index.model.depth_first(other) or other in index.model.depth_first(one):
                raise BadRequest(
                    f"input {one} and output {other} share scores: give nodes that are not part of each other"
                )


def _fitted(x: Array, y: Array, names: Names, draws: int, seed: int) -> tuple[list[ModelResult], list[str]]:
    def by_dea() -> tuple[Array, Array, Array, tuple[str, ...]]:
        found = bootstrap(x, y, draws=draws, seed=seed, names=names)
        return found.corrected, found.low, found.high, found.cautions

    def by_order_m() -> tuple[Array, Array, Array, tuple[str, ...]]:
        found = order_m(x, y, m=max(2, round(len(x) / 3)), draws=draws, seed=seed, names=names)
        return found.efficiency, found.low, found.high, found.cautions

    def by_sfa(distribution: str) -> tuple[Array, Array, Array, tuple[str, ...]]:
        found = stochastic_frontier(x, y, distribution=distribution, names=names)
        return found.efficiency, found.low, found.high, found.cautions

    models: Mapping[str, Callable[[], tuple[Array, Array, Array, tuple[str, ...]]]] = {
        "dea": by_dea,
        "order_m": by_order_m,
        "sfa_half_normal": lambda: by_sfa("half-normal"),
        "sfa_exponential": lambda: by_sfa("exponential"),
    }
    results, cautions = [], []
    for model, fit in models.items():
        try:
            efficiency, low, high, said = fit()
        except (BadRequest, NotEnoughData) as error:
            cautions.append(f"{model} is left out: {error}")
            continue
        results.append(ModelResult(model, efficiency, low, high))
        cautions += [f"{model}: {each}" if model != "dea" else each for each in said]
    return results, cautions


def _disagreements(results: Sequence[ModelResult], correlation: Array) -> list[str]:
    return [
        f"{results[i].model} and {results[j].model} order the units differently (Spearman {correlation[i, j]:.2f})"
        for i in range(len(results))
        for j in range(i + 1, len(results))
        if correlation[i, j] < AGREEMENT
    ]
