"""Voting blocs: which states vote alike, found from the votes alone, and how firmly each stands in its bloc.

States are joined by average linkage on their disagreement; the number of blocs is the one whose silhouette is best.
Both are done anew on resampled questions, the number of blocs included: how often two states then fall into one bloc
tells how far the grouping is one of states and how far one of the agenda.

References
----------
Sokal & Michener (1958), A statistical method for evaluating systematic relationships, University of Kansas Science
Bulletin 38 (average linkage).
Rousseeuw (1987), Silhouettes: a graphical aid to the interpretation and validation of cluster analysis, Journal of
Computational and Applied Mathematics 20.
Kaufman & Rousseeuw (1990), Finding Groups in Data, Wiley, table 4 of chapter 2 (what a mean silhouette says).
Hennig (2007), Cluster-wise assessment of cluster stability, Computational Statistics & Data Analysis 52(1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.assembly import Assembly
from softpower.vectors.resampling import MeanRule, pair_agreement, question_weights
from softpower.vectors.sheets import sheet

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_BLOCS: Final = 8
DRAWS: Final = 100
SEED: Final = 7
# A state counts if it cast a ballot on more than this share of the roll calls: any two such have some in common.
FEWEST_BALLOTS: Final = 0.5
# Kaufman and Rousseeuw: up to here no substantial structure has been found.
NO_STRUCTURE: Final = 0.25


@dataclass(frozen=True, eq=False)
class VotingBlocs:
    """A grouping of states by their votes.

    Attributes
    ----------
    states : codes of those grouped, sorted
    bloc : number of each state's bloc, from 1, the largest first, shape (state,)
    together : share of the resamples in which two states are in one bloc, shape (state, state)
    silhouettes : mean silhouette by number of blocs, -1 to 1
    numbers : share of the resamples in which each number of blocs was the best
    left_out : states that voted too seldom to be grouped
    first, last, rule, topic, n_votes : what it rests on
    """

    states: tuple[str, ...]
    bloc: Ints
    together: Array
    silhouettes: Mapping[int, float]
    numbers: Mapping[int, float]
    left_out: tuple[str, ...]
    first: int
    last: int
    rule: MeanRule
    topic: str
    n_votes: int

    @property
    def silhouette(self) -> float:
        """Of the number of blocs that was chosen."""
        return self.silhouettes[int(self.bloc.max())]

    @property
    def is_structured(self) -> bool:
        """Whether the blocs are more than a cut through a cloud."""
        return self.silhouette > NO_STRUCTURE

    def members(self, bloc: int) -> tuple[str, ...]:
        """Codes of a bloc's states."""
        return tuple(np.array(self.states)[self.bloc == bloc].tolist())

    def bloc_of(self, iso3: str) -> int:
        """Number of a state's bloc.

        Raises
        ------
        BadRequest
            The state is not grouped.
        """
        return int(self.bloc[self._at(iso3)])

    def share_together(self, one: str, other: str) -> float:
        """Share of the resamples in which two states are in one bloc; errors as for `bloc_of`."""
        return float(self.together[self._at(one), self._at(other)])

    def to_polars(self) -> pl.DataFrame:
        """Columns ``iso3``, ``bloc``, ``stability`` (how often it is with a fellow of its bloc, on average; null for a
        state alone), ``size``, ``rule``; sorted by bloc and code."""
        same = (self.bloc[:, None] == self.bloc) & ~np.eye(len(self.bloc), dtype=bool)
        fellows = same.sum(axis=1)
        stability = np.where(fellows > 0, (self.together * same).sum(axis=1) / np.maximum(fellows, 1), np.nan)
        return (
            pl.DataFrame(
                {
                    "iso3": self.states,
                    "bloc": self.bloc.astype(np.int16),
                    "stability": stability,
                    "size": (fellows + 1).astype(np.int32),
                    "rule": [self.rule] * len(self.states),
                }
            )
            .with_columns(pl.col("stability").fill_nan(None))
            .sort("bloc", "iso3")
        )

    def _at(self, iso3: str) -> int:
        if iso3 not in self.states:
            why = "voted too seldom" if iso3 in self.left_out else "did not vote"
            raise BadRequest(f"{iso3} {why} in {self.first}-{self.last} to be grouped; ask for other years")
        return self.states.index(iso3)


def voting_blocs(
    found: Assembly | None = None,
    *,
    first: int | None = None,
    last: int | None = None,
    rule: MeanRule = "exact",
    topic: str | None = None,
    most: int = MOST_BLOCS,
    draws: int = DRAWS,
    seed: int = SEED,
) -> VotingBlocs:
    """States grouped by how they voted in a span of years.

    Parameters
    ----------
    found : by default the bundled roll calls without those on paragraphs and amendments
    most : numbers of blocs from 2 to this are tried

    Raises
    ------
    BadRequest
        A year that the votes do not cover, an unknown topic or rule, fewer than two blocs or no resample.
    NotEnoughData
        Fewer than three states voted on more than half of the roll calls.

    >>> blocs = voting_blocs(first=2015, last=2019, draws=20)
    >>> blocs.bloc_of("DEU") == blocs.bloc_of("FRA") != blocs.bloc_of("CHN")
    True
    """
    if most < 2 or draws < 1:
        raise BadRequest(f"at most {most} blocs from {draws} resamples: give numbers from 2 and from 1")
    on = sheet(found, first=first, last=last, topic=topic)
    cast = (on.ballots > 0).mean(axis=0)
    kept = cast > FEWEST_BALLOTS
    if kept.sum() < 3:
        raise NotEnoughData(f"{kept.sum()} states voted on more than half of the roll calls of {on.span}; blocs need 3")
    ballots = on.ballots[:, kept]
    weights = question_weights(int(on.question.max()) + 1, draws=draws, seed=seed)
    apart = 1 - pair_agreement(ballots, ballots, on.question, weights, rule)
    labels, silhouettes = best_blocs(apart[0], most)
    together = np.zeros(apart.shape[1:])
    times = dict.fromkeys(silhouettes, 0)
    for distance in apart[1:]:
        drawn, _ = best_blocs(distance, most)
        together += drawn[:, None] == drawn
        times[int(drawn.max())] = times.get(int(drawn.max()), 0) + 1
    states = np.array(on.states)
    return VotingBlocs(
        states=tuple(states[kept].tolist()),
        bloc=labels,
        together=together / draws,
        silhouettes=silhouettes,
        numbers={number: n / draws for number, n in times.items()},
        left_out=tuple(states[(cast > 0) & ~kept].tolist()),
        first=on.first,
        last=on.last,
        rule=rule,
        topic=on.topic,
        n_votes=len(ballots),
    )


def best_blocs(distance: Array, most: int = MOST_BLOCS) -> tuple[Ints, dict[int, float]]:
    """The grouping by average linkage whose mean silhouette is the best, the fewest blocs where several are.

    Parameters
    ----------
    distance : shape (state, state), symmetric, not negative, no NaN off the diagonal

    Returns
    -------
    labels, silhouettes
        Numbers of the blocs from 1, the largest first, shape (state,); mean silhouette by number of blocs.

    >>> best_blocs(np.array([[0, 1, 9, 9], [1, 0, 9, 9], [9, 9, 0, 2], [9, 9, 2, 0]], dtype=float))[0].tolist()
    [1, 1, 2, 2]
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    square = distance.copy()
    np.fill_diagonal(square, 0)
    tree = linkage(squareform(square, checks=False), "average")
    labels, quality = {}, {}
    for number in range(2, min(most, len(square) - 1) + 1):
        cut = fcluster(tree, number, "maxclust").astype(np.int64)
        if cut.max() == number:  # ties in the tree can leave fewer
            labels[number], quality[number] = cut, float(silhouette(square, cut).mean())
    if not labels:  # all alike
        return np.ones(len(square), dtype=np.int64), {1: 0.0}
    best = max(quality, key=lambda number: (quality[number], -number))
    return _largest_first(labels[best]), quality


def silhouette(distance: Array, labels: Ints) -> Array:
    """How much nearer each state is to its own bloc than to the next one, from -1 to 1; 0 for a state alone.

    >>> silhouette(np.array([[0, 1, 4], [1, 0, 4], [4, 4, 0]], dtype=float), np.array([1, 1, 2])).tolist()
    [0.75, 0.75, 0.0]
    """
    _, code = np.unique(labels, return_inverse=True)
    member = np.eye(int(code.max()) + 1)[code]
    size = member.sum(axis=0)
    total = distance @ member
    rows = np.arange(len(code))
    own = total[rows, code] / np.maximum(size[code] - 1, 1)
    mean = total / size
    mean[rows, code] = np.inf
    other = mean.min(axis=1)
    most = np.maximum(own, other)
    return np.where((size[code] > 1) & (most > 0), (other - own) / np.where(most > 0, most, 1), 0.0)


def _largest_first(labels: Ints) -> Ints:
    """Numbers from 1 by size, of equal ones by their first state."""
    codes, first, code, size = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    place = np.empty(len(codes), dtype=np.int64)
    place[np.lexsort((first, -size))] = np.arange(1, len(codes) + 1)
    return place[code]
