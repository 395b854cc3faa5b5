"""What can be said about ranks when nobody can say what the weights are.

Stochastic multicriteria acceptability analysis turns the question round: not who is ahead under given weights, but with
which weights each unit would be first, and how large a share of all possible weights these are. Weights are drawn
uniformly from all shares that sum to 1 within each node of the tree, or from those within bounds; whatever else is
uncertain in the model is drawn too.

References
----------
Lahdelma, Hokkanen, Salminen (1998), SMAA - Stochastic multiobjective acceptability analysis, EJOR 106, 137-143.
Lahdelma, Salminen (2001), SMAA-2: Stochastic multicriteria acceptability analysis for group decision making, Operations
Research 49, 444-454.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.errors import BadRequest, UnknownNode
from softpower.index.designs import NOTHING, Designs
from softpower.index.experiment import Experiment
from softpower.index.joining import Watch
from softpower.index.model import Model
from softpower.index.rank import acceptability, rank
from softpower.index.uncertainty import Replications

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

# The standard error of a share of 10,000 draws is at most half a percentage point.
DRAWS = 10_000
# Confidence is told by as many of them: each unit that can be first needs replications of its own.
CONFIDENCE_DRAWS = 1000
FEWEST_DRAWS, MOST_DRAWS = 100, 100_000
# Sums of shares may miss a level by so much.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Acceptability:
    """Which ranks each unit can have, and with which weights it would be first.

    Attributes
    ----------
    node, year, units : what the ranks are of
    parts : everything below the node
    acceptability : share of all weights (and of whatever else is drawn) that give a unit a rank, shape (unit, rank),
        rows sum to 1; tied units share the better rank
    weights : central weights: the mean of those with which a unit is first, each a share among its siblings, shape
        (unit, part); NaN for a unit that never is
    confidence : share of the replications in which the unit is first if its central weights are taken, shape (unit,);
        0 or 1 where only the weights are uncertain, else from up to 1,000 replications; NaN for one that never is first
    draws, seed : the replications can be drawn again
    """

    node: str
    year: int
    units: tuple[str, ...]
    parts: tuple[str, ...]
    acceptability: Array
    weights: Array
    confidence: Array
    draws: int
    seed: int

    @property
    def expected_rank(self) -> Array:
        """Mean rank of each unit, shape (unit,)."""
        mean: Array = self.acceptability @ np.arange(1, len(self.units) + 1)
        return mean

    def rank_interval(self, *, level: float = 0.9) -> tuple[Ints, Ints]:
        """Range of ranks that a unit takes with so large a share of all weights, shape (unit,): lowest and highest."""
        below = np.cumsum(self.acceptability, axis=1)
        low, high = ((below < share - ROUNDING).sum(axis=1) + 1 for share in ((1 - level) / 2, (1 + level) / 2))
        return low, high

    def best(self, places: int) -> Array:
        """Share of all weights that put a unit among so many first ones, shape (unit,)."""
        share: Array = self.acceptability[:, :places].sum(axis=1)
        return share

    def to_polars(self) -> pl.DataFrame:
        """One row per unit, the likeliest first one on top: shares, mean rank with its 90 % interval, confidence, a
        column for each central weight."""
        low, high = self.rank_interval()
        frame = pl.DataFrame(
            {
                "unit": self.units,
                "first": self.acceptability[:, 0],
                "best_3": self.best(3),
                "expected_rank": self.expected_rank,
                "rank_low": low,
                "rank_high": high,
                "confidence": self.confidence,
            }
            | {f"weight_{part}": self.weights[:, place] for place, part in enumerate(self.parts)}
        )
        return frame.sort(["first", "expected_rank", "unit"], descending=[True, False, False])


def central_weights(weights: Array, ranks: Ints) -> Array:
    """Mean of the weights with which each unit is first.

    Parameters
    ----------
    weights : array, shape (draw, part)
    ranks : array, shape (draw, unit); 1 is best

    Returns
    -------
    array, shape (unit, part)
        NaN for a unit that is first in no draw.

    >>> drawn = np.array([[0.2, 0.8], [0.4, 0.6], [0.9, 0.1]])
    >>> central_weights(drawn, np.array([[1, 2], [1, 2], [2, 1]])).round(3).tolist()
    [[0.3, 0.7], [0.9, 0.1]]
    """
    first = (ranks == 1).astype(np.float64).T
    count = first.sum(axis=1, keepdims=True)
    mean: Array = np.divide(
        first @ weights, count, out=np.full((len(first), weights.shape[1]), np.nan), where=count > 0
    )
    return mean


def smaa(
    experiment: Experiment,
    *,
    year: int,
    node: str = "",
    draws: int = DRAWS,
    seed: int = 7,
    progress: Callable[[str], None] | None = None,
) -> Acceptability:
    """Rank acceptability, central weights and confidence factors under unknown weights.

    Parameters
    ----------
    experiment : a model on its data. The bounds of its unknown weights hold; how it draws known ones does not matter.
        A part declared with a weight of zero stays without
    year : the year whose ranks are asked about
    node : by default the first top node
    draws : replications, 100 to 100,000
    seed : start of all random streams
    progress : called with a line of text before each long step

    Raises
    ------
    UnknownNode
        The model has no such node.
    BadRequest
        The number of draws is out of range, or some replications leave a unit without a score.
    """
    built = experiment.built
    node = node or built.tops[0]
    if node not in built.nodes:
        raise UnknownNode(node, nearest=tuple(built.nodes))
    if not FEWEST_DRAWS <= draws <= MOST_DRAWS:
        raise BadRequest(f"draws must lie between {FEWEST_DRAWS:,} and {MOST_DRAWS:,}, not {draws:,}")
    tell = progress or (lambda _: None)
    tell(f"Drawing {draws:,} weights")
    free = _of_unknown_weights(experiment)
    designs = free.designs(draws, seed)
    cells = free.cells(designs, seed)
    sampled = Replications(free.model, free.panel, cells, designs, keep=False, watch=Watch(tell))
    rows = free.ranked(year)
    scores = sampled.node(node, without=free.without)[:, rows]
    if not np.isfinite(scores).all():
        raise BadRequest(f"some replications leave a unit without a score in {node}: impute, or screen more strictly")
    ranks = rank(scores)
    parts, weights = _weights(built, designs, node)
    central = central_weights(weights, ranks)
    # With nothing else uncertain all replications under one set of weights are the same.
    certain = _is_certain(designs) and not any(len(each) for each in cells.rows)
    taken = slice(0, 1 if certain else CONFIDENCE_DRAWS)
    chosen, few = designs.take(taken), cells.take(taken)
    confidence = np.full(len(rows), np.nan)
    firsts = np.flatnonzero(np.isfinite(central[:, 0]))
    for done, unit in enumerate(firsts.tolist()):
        tell(f"Taking the weights of those that can be first, {done + 1} of {len(firsts)}")
        own = {part: np.full(len(chosen), central[unit, place]) for place, part in enumerate(parts)}
        fixed = replace(chosen, weights={**chosen.weights, **own})
        again = Replications(free.model, free.panel, few, fixed, keep=False).node(node, without=free.without)[:, rows]
        confidence[unit] = float((rank(again)[:, unit] == 1).mean())
    return Acceptability(
        node=node,
        year=year,
        units=experiment.names(rows),
        parts=parts,
        acceptability=acceptability(ranks),
        weights=central,
        confidence=confidence,
        draws=draws,
        seed=seed,
    )


def _of_unknown_weights(experiment: Experiment) -> Experiment:
    unsure = experiment.model.uncertainty.model_copy(update={"weights": "unknown", "weigh": []})
    return replace(experiment, model=experiment.model.model_copy(update={"uncertainty": unsure}))


def _weights(model: Model, designs: Designs, node: str) -> tuple[tuple[str, ...], Array]:
    """Parts below a node, and the share of each among its siblings in each draw, shape (draw, part)."""
    parts: list[str] = []
    shares = []
    for each in model.depth_first(node):
        children = model.children(each)
        drawn = np.stack([designs.effective(child) for child in children], axis=1)
        total = drawn.sum(axis=1, keepdims=True)
        parts += children
        shares.append(np.divide(drawn, total, out=np.zeros_like(drawn), where=total > 0))
    return tuple(parts), np.concatenate(shares, axis=1)


def _is_certain(designs: Designs) -> bool:
    """Whether the replications differ in their weights alone."""
    return all(np.ptp(taken) == 0 for taken in designs.methods.values()) and all(
        (gone == NOTHING).all() for gone in designs.gone.values()
    )
