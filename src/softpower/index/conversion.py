"""How much of what is possible with their potential units reach in performance, by several models side by side.

No single frontier is the true one. Models that disagree say that a unit's efficiency rests on the choice of the model,
so their rank correlations and cautions belong to the result. Each efficiency and each place has an interval that holds
the uncertainty of the scores, by the replications of the index, together with that of the frontier; the two are also
given each by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.index.conversion_models import (
    PROGRAMMES,
    Fitted,
    Scores,
    by_dea,
    by_direction,
    by_likelihood,
    by_order_m,
)
from softpower.index.correlation import correlate
from softpower.index.decision_units import Names, few_units, one_of
from softpower.index.envelope import RETURNS, envelop
from softpower.index.estimate import Standing, standing
from softpower.index.frontier import LEAST_PART, Peer, dea
from softpower.index.rank import dominance, rank
from softpower.index.result import Index

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Scores that fall below this are moved to 1-100: shares are ratios.
LEAST_SCORE = 1.0
# Models whose rank correlation is lower order the units differently.
AGREEMENT = 0.7
# Of two units, one converts better if it does so in more than this share of replications.
TELLING = 0.95
FEWEST_UNITS = 3
# A likelihood of fewer units for each parameter hardly tells inefficiency from chance.
UNITS_PER_PARAMETER = 10
# Shares beyond this say that a unit had nobody to be compared with.
FAR_BEYOND = 5.0
# A push of the frontier by errors that is a smaller part of the intervals is not worth a word.
LEAST_PUSH = 0.05
LEVEL = 0.9
CONVENTION = (
    "the zero of a score is a convention, and shares of what is possible depend on it; points short of it "
    '("directional") do not'
)
ERRORS = (
    "errors of the scores push the frontier out, so that units look further from it than they are; intervals make up "
    "for it, central figures do not"
)
NATURAL_ZERO = (
    "constant returns say that twice the input gives twice the output, which needs scores with a natural zero; "
    "the zero of these is a convention"
)


@dataclass(frozen=True, slots=True)
class ModelResult:
    """How far each unit gets, by one model; arrays of shape (unit,), intervals at the level of the `Conversion`.

    Attributes
    ----------
    model : "dea", "order_m", "sfa_half_normal", "sfa_exponential" or "directional"
    measure : "share" of the possible output that is reached (1 is all; order-m may exceed it), or "points" of output
        short of what is possible (0 is all), less for the better
    value : at the central scores; of "dea" and "directional" corrected for the bias of the frontier
    low, high : interval of scores and frontier together; of "dea" and "directional" less what errors of the scores push
        the frontier out, see `softpower.index.conversion_models.pushed_out`
    scores_low, scores_high : interval of the scores alone: the frontier is taken as it is in each replication; less the
        same
    sample_low, sample_high : interval of the frontier's sampling error alone: the scores are taken as known
    place : rank of the value, 1 for the best, with the interval of scores and frontier together
    ahead : share of replications in which the unit of the row gets further than that of the column, ties counting half,
        shape (unit, unit)
    replications : of the scores that were taken
    """

    model: str
    measure: str
    value: Array
    low: Array
    high: Array
    scores_low: Array
    scores_high: Array
    sample_low: Array
    sample_high: Array
    place: Standing
    ahead: Array
    replications: int

    @property
    def goodness(self) -> Array:
        """The value with its sign turned where less is better."""
        return self.value if self.measure == "share" else -self.value


@dataclass(frozen=True, slots=True)
class Conversion:
    """Models of the conversion of inputs into outputs.

    Attributes
    ----------
    units : compared; a unit without a score in some node is named in the cautions
    returns : to scale, of "dea"
    moved : nodes whose scores were moved to 1-100
    results : one for each model that could be fitted
    uncorrected : efficiency by "dea" before its correction, shape (unit,)
    peers : of each unit, those it is measured by in "dea" at the central scores
    peer_share : share of replications in which the unit of the column is among those by which that of the row is
        measured in "dea", shape (unit, unit)
    correlation : Spearman's, between models in the order of ``results``; NaN where one of them is constant
    cautions : what to keep in mind when reading the result
    level : of the intervals
    """

    units: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    returns: str
    moved: tuple[str, ...]
    results: tuple[ModelResult, ...]
    uncorrected: Array
    peers: tuple[tuple[Peer, ...], ...]
    peer_share: Array
    correlation: Array
    cautions: tuple[str, ...]
    level: float = LEVEL

    @property
    def better(self) -> Bools:
        """Whether every model has the unit of the row convert better than that of the column, shape (unit, unit).

        Two units neither of which converts better than the other cannot be told apart.
        """
        return np.asarray(np.all([each.ahead > TELLING for each in self.results], axis=0))

    @property
    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Best and worst place of each unit that any model leaves open, ends of its interval."""
        return (
            np.min([each.place.low for each in self.results], axis=0),
            np.max([each.place.high for each in self.results], axis=0),
        )

    @property
    def order(self) -> NDArray[np.int64]:
        """Units by the median of their central places over the models, for tables; no ranking of its own."""
        return np.lexsort(
            (np.arange(len(self.units)), np.median([each.place.central for each in self.results], axis=0))
        )


def positive(scores: Array, draws: Array | None = None) -> tuple[Array, Array, bool]:
    """Scores as ratios can take them, the same of their replications, and whether they had to be moved.

    Scores of 1 and more stay as they are; if any is lower, all move on one straight line to 1-100.

    Parameters
    ----------
    scores : array, shape (unit,), no NaN
    draws : array, shape (draw, unit), no NaN; by default none

    >>> positive(np.array([-1.0, 0.0, 1.0]))[0].tolist()
    [1.0, 50.5, 100.0]
    >>> positive(np.array([20.0, 80.0]), np.array([[0.0, 100.0]]))
    (array([20.8, 80.2]), array([[  1., 100.]]), True)
    """
    draws = np.empty((0, scores.size)) if draws is None else draws
    every = np.append(scores, draws)
    low, high = float(every.min()), float(every.max())
    if low >= LEAST_SCORE:
        return scores, draws, False
    span = high - low or 1.0
    return 1.0 + 99.0 * (scores - low) / span, 1.0 + 99.0 * (draws - low) / span, True


def conversion(
    index: Index,
    *,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    returns: str = "variable",
    draws: int = 1000,
    seed: int = 7,
    progress: Callable[[str], None] | None = None,
) -> Conversion:
    """How much of the output possible with its inputs each ranked unit reaches, by five models.

    Data envelopment analysis (corrected for bias), order-m with m a third of the units, where there is one output
    stochastic frontiers with half-normal and exponential inefficiency, and the directional distance, which alone does
    not depend on the zero of the scores. A model that cannot be fitted is left out, and a caution says why.

    Parameters
    ----------
    inputs, outputs : nodes; by default "potential" and "performance"
    returns : to scale in data envelopment analysis, "variable" or "constant"
    draws : samples behind the intervals of the frontier alone. The others come from the replications of the index, of
        which models that need a linear programme for each unit take 100, and stochastic frontiers 400
    seed : the same seed gives the same intervals
    progress : called with a line of text before each long step

    Raises
    ------
    BadRequest
        The model has no potential or performance and no other nodes are named; or a node is both input and output.
    NotEnoughData
        Fewer than three units have a score in all nodes.
    UnknownNode
        The model has no such node.
    """
    one_of(returns, RETURNS, "returns")
    if draws < 1:
        raise BadRequest(f"draws must be 1 or more, not {draws}")
    inputs, outputs = _nodes(index, inputs, "potential", "--inputs"), _nodes(index, outputs, "performance", "--outputs")
    nodes = (*inputs, *outputs)
    _refuse_shared(index, inputs, outputs)
    kept: Bools = np.asarray(np.all([index.scored(node) for node in nodes], axis=0))
    units = tuple(unit for unit, fits in zip(index.units, kept, strict=True) if fits)
    if len(units) < FEWEST_UNITS:
        have = "1 unit has" if len(units) == 1 else f"{len(units)} units have"
        raise NotEnoughData(f"{have} a score in all of {', '.join(nodes)}: give {FEWEST_UNITS} or more")
    names = Names(units, inputs, outputs)
    central = np.column_stack([index.central[node][kept] for node in nodes])
    sampled = np.stack([index.sampled[node][:, kept].astype(np.float64) for node in nodes], axis=2)
    columns = [positive(central[:, k], sampled[:, :, k]) for k in range(len(nodes))]
    plain = _split(central, sampled, names)
    above = _split(
        np.column_stack([each[0] for each in columns]), np.stack([each[1] for each in columns], axis=2), names
    )
    tell = progress or (lambda _: None)
    results, cautions = _fitted(plain, above, returns, draws, seed, tell)
    tell("Looking for peers")
    frontier = dea(above.x, above.y, returns=returns, names=names)
    if lost := [unit for unit in index.units if unit not in units]:
        cautions.append(f"no score in some node, left out: {', '.join(lost)}")
    correlation = correlate(np.column_stack([each.goodness for each in results]), method="spearman").r
    cautions += [*_disagreements(results, correlation), CONVENTION]
    if returns == "constant":
        cautions.append(NATURAL_ZERO)
    return Conversion(
        units=units,
        inputs=inputs,
        outputs=outputs,
        returns=returns,
        moved=tuple(node for node, (_, _, moved) in zip(nodes, columns, strict=True) if moved),
        results=tuple(results),
        uncorrected=frontier.efficiency,
        peers=frontier.peers,
        peer_share=_peer_share(above, returns),
        correlation=correlation,
        cautions=tuple(
            dict.fromkeys(
                (*few_units(len(units), len(inputs), len(outputs)), *_few(results, len(units), len(inputs)), *cautions)
            )
        ),
    )


def _few(results: Sequence[ModelResult], units: int, inputs: int) -> Iterator[str]:
    """What to keep in mind of single models where units are few."""
    fitted = [each.model for each in results if each.model.startswith("sfa_")]
    parameters = inputs + 3  # the constant and two variances
    if fitted and units < (least := UNITS_PER_PARAMETER * parameters):
        yield (
            f"{', '.join(fitted)}: {units} units are few for {parameters} parameters: with fewer than {least}, "
            "inefficiency is hardly told from chance"
        )
    far = [each.model for each in results if each.measure == "share" and (each.high > FAR_BEYOND).any()]
    if far:
        yield (
            f"{', '.join(far)}: intervals that reach beyond {FAR_BEYOND:.0f} times what is possible are of units that "
            "hardly any other can be compared with"
        )


def _split(central: Array, sampled: Array, names: Names) -> Scores:
    first = len(names.inputs)
    return Scores(central[:, :first], central[:, first:], sampled[:, :, :first], sampled[:, :, first:], names)


def _nodes(index: Index, given: Sequence[str], default: str, option: str) -> tuple[str, ...]:
    if not given and default not in index.nodes:
        raise BadRequest(
            f"{index.model.id} has no node {default!r}: name nodes with {option}; it has {', '.join(index.nodes)}"
        )
    return tuple(dict.fromkeys(given)) or (default,)


def _refuse_shared(index: Index, inputs: Sequence[str], outputs: Sequence[str]) -> None:
    for node in (*inputs, *outputs):
        index.scored(node)  # an unknown node is named with the nearest ones
    for one in inputs:
        for other in outputs:
            if one in index.model.depth_first(other) or other in index.model.depth_first(one):
                raise BadRequest(
                    f"input {one} and output {other} share scores: give nodes that are not part of each other"
                )


def _fitted(
    plain: Scores, above: Scores, returns: str, draws: int, seed: int, tell: Callable[[str], None]
) -> tuple[list[ModelResult], list[str]]:
    """Each model that can be fitted, and cautions; scores as they are, and ``above`` with none below 1."""
    models: Mapping[str, Callable[[], Fitted]] = {
        "dea": lambda: by_dea(above, returns=returns, draws=draws, level=LEVEL, seed=seed),
        "order_m": lambda: by_order_m(above, draws=draws, level=LEVEL, seed=seed),
        "sfa_half_normal": lambda: by_likelihood(
            above, distribution="half-normal", draws=draws, level=LEVEL, seed=seed
        ),
        "sfa_exponential": lambda: by_likelihood(
            above, distribution="exponential", draws=draws, level=LEVEL, seed=seed
        ),
        "directional": lambda: by_direction(plain, draws=draws, level=LEVEL, seed=seed),
    }
    results, cautions, pushed = [], [], []
    for model, fit in models.items():
        tell(f"Comparing units by {model}")
        try:
            found = fit()
        except (BadRequest, NotEnoughData) as error:
            cautions.append(f"{model} is left out: {error}")
            continue
        results.append(_result(model, found))
        cautions += [f"{model}: {each}" for each in found.cautions if "are few for" not in each]
        if found.push > LEAST_PUSH * float(np.mean(results[-1].high - results[-1].low)):
            pushed.append(model)
    if pushed:
        cautions.append(f"{', '.join(pushed)}: {ERRORS}")
    return results, cautions


def _result(model: str, found: Fitted) -> ModelResult:
    measure = "points" if model == "directional" else "share"
    sign = -1.0 if measure == "points" else 1.0
    whole = np.isfinite(found.both).all(axis=1) & np.isfinite(found.scores).all(axis=1)
    both = found.both[whole]
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    (low, high), (scores_low, scores_high) = (
        np.quantile(found.without_push(draws, measure=measure), tails, axis=0) for draws in (both, found.scores[whole])
    )
    return ModelResult(
        model=model,
        measure=measure,
        value=found.value,
        # As everywhere in an index, the central design is one of the defensible ones: intervals reach to it.
        low=np.minimum(low, found.value),
        high=np.maximum(high, found.value),
        scores_low=np.minimum(scores_low, found.value),
        scores_high=np.maximum(scores_high, found.value),
        sample_low=found.low,
        sample_high=found.high,
        place=standing(rank(_rounded(sign * found.value)), rank(_rounded(sign * both)), level=LEVEL),
        ahead=dominance(_rounded(sign * both)),
        replications=len(both),
    )


def _rounded(values: Array) -> Array:
    """Values whose rounding errors put nobody ahead of an equal."""
    return np.round(values, 9)


def _peer_share(data: Scores, returns: str) -> Array:
    data = data.at_most(PROGRAMMES)
    x, y = data.x_draws, data.y_draws
    intensity = envelop(x, y, x, y, returns=returns, orientation="output").intensity
    share: Array = (intensity > LEAST_PART * intensity.max(axis=2, keepdims=True)).mean(axis=0)
    return share


def _disagreements(results: Sequence[ModelResult], correlation: Array) -> list[str]:
    return [
        f"{results[i].model} and {results[j].model} order the units differently (Spearman {correlation[i, j]:.2f})"
        for i in range(len(results))
        for j in range(i + 1, len(results))
        if correlation[i, j] < AGREEMENT
    ]
