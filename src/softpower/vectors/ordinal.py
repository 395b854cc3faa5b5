"""Ballots on one dimension: where states stand, and what each question asks of them.

A ballot is one of three ordered answers, 0 (yes), 1 (abstain), 2 (no). With the state at ``x`` and the question's cuts
``c1 < c2`` and slope ``s``, an answer of at most ``k`` has the probability ``logistic(c_k - s x)``. The logarithm of
the likelihood is concave in the cuts and the slope together, and in ``x``: Newton's method is safe on either side.

References
----------
McCullagh (1980), Regression models for ordinal data, Journal of the Royal Statistical Society B 42(2).
Bailey, Strezhnev & Voeten (2017), Estimating dynamic state preferences from United Nations voting data, Journal of
Conflict Resolution 61(2) (the model, with a normal in place of the logistic curve).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

# Each question gets this many ballots of each kind from a state in the middle, which keeps the cuts of one-sided
# questions finite, and slopes come from a normal distribution with this standard deviation.
PSEUDO: Final = 0.1
SLOPE_SD: Final = 6.0
# Longest step of a cut or slope at a time, and the share of the room between the cuts that a step may take.
_LEAP: Final = 1.5
_ROOM: Final = 0.8
# No cut and no slope goes further from zero than this: beyond it nothing changes but the risk of overflow.
_FAR: Final = 30.0
_TINY: Final = 1e-12


@dataclass(frozen=True, eq=False)
class Ballots:
    """Ballots as columns, sorted by question.

    Attributes
    ----------
    answer : 0 yes, 1 abstain, 2 no, shape (ballot,)
    question : code from 0, no code unused, ascending, shape (ballot,)
    place : code from 0 of the state in the session, shape (ballot,)
    places : number of such codes
    """

    answer: Ints
    question: Ints
    place: Ints
    places: int

    @cached_property
    def starts(self) -> Ints:
        """Where each question begins."""
        return np.flatnonzero(np.diff(self.question, prepend=-1)).astype(np.int64)

    @cached_property
    def is_yes(self) -> NDArray[np.bool_]:
        """Ballots for."""
        return np.asarray(self.answer == 0, dtype=bool)

    @cached_property
    def is_abstention(self) -> NDArray[np.bool_]:
        """Ballots neither for nor against."""
        return np.asarray(self.answer == 1, dtype=bool)

    def by_question(self, values: Array) -> Array:
        """Sums over the ballots of each question."""
        return np.add.reduceat(values, self.starts)

    def by_place(self, values: Array) -> Array:
        """Sums over the ballots of each place."""
        return np.bincount(self.place, values, minlength=self.places).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Questions:
    """What decides the answers: ``cuts``, shape (question, 2), ascending, and ``slope``, shape (question,)."""

    cuts: Array
    slope: Array

    def beyond(self, before: Questions, share: float) -> Questions:
        """The questions a ``share`` of the way further that led here from ``before``; cuts stay in their order."""
        cuts = self.cuts + share * (self.cuts - before.cuts)
        gap = self.cuts[:, 1] - self.cuts[:, 0]
        change = self.slope - before.slope
        wild = (cuts[:, 1] - cuts[:, 0] < 0.3 * gap) | (np.abs(change) > 0.3 * _LEAP)
        return Questions(
            np.where(wild[:, None], self.cuts, cuts), np.where(wild, self.slope, self.slope + share * change)
        )

    def scaled(self, middle: float, sd: float) -> Questions:
        """The same questions where positions are counted from ``middle`` in units of ``sd``."""
        return Questions(self.cuts - (self.slope * middle)[:, None], self.slope * sd)


def first_questions(ballots: Ballots) -> Questions:
    """Questions that all answer alike, whatever their position: where the search begins."""
    counts = np.column_stack([ballots.by_question((ballots.answer == kind).astype(float)) for kind in range(3)]) + 0.5
    share = np.cumsum(counts, axis=1)[:, :2] / counts.sum(axis=1, keepdims=True)
    return Questions(np.log(share / (1 - share)), np.zeros(len(counts)))


def improved(ballots: Ballots, questions: Questions, x: Array) -> Questions:
    """Questions after one Newton step, positions ``x`` by place being as they are."""
    gradient, information = _slopes_and_cuts(ballots, questions, x[ballots.place])
    step = np.clip(np.linalg.solve(information, gradient[:, :, None])[:, :, 0], -_LEAP, _LEAP)
    gap, change = questions.cuts[:, 1] - questions.cuts[:, 0], step[:, 1] - step[:, 0]
    share = np.where(change < -_ROOM * gap, -_ROOM * gap / np.minimum(change, -_TINY), 1.0)
    cuts = questions.cuts + share[:, None] * step[:, :2]
    slope = np.clip(questions.slope + share * step[:, 2], -_FAR, _FAR)
    within = (np.abs(cuts) <= _FAR).all(axis=1)
    return Questions(np.where(within[:, None], cuts, questions.cuts), slope)


def pull(ballots: Ballots, questions: Questions, x: Array) -> tuple[Array, Array]:
    """First derivative of the log-likelihood in each position, and minus the second, both shape (place,)."""
    slope = questions.slope[ballots.question]
    below, above = _cumulative(ballots, questions, x[ballots.place])
    v1, v2 = below * (1 - below), above * (1 - above)
    first = np.where(ballots.is_yes, below - 1, np.where(ballots.is_abstention, below + above - 1, above))
    second = np.where(ballots.is_yes, v1, np.where(ballots.is_abstention, v1 + v2, v2))
    return ballots.by_place(first * slope), ballots.by_place(second * slope**2)


def answers(ballots: Ballots, questions: Questions, x: Array, random: np.random.Generator) -> Ballots:
    """The same ballots with answers drawn anew."""
    below, above = _cumulative(ballots, questions, x[ballots.place])
    draw = random.random(len(below))
    answer = (draw > below).astype(np.int64) + (draw > above)
    return Ballots(answer, ballots.question, ballots.place, ballots.places)


def log_likelihood(ballots: Ballots, questions: Questions, x: Array) -> Array:
    """Logarithm of the probability of each ballot, shape (ballot,)."""
    below, above = _cumulative(ballots, questions, x[ballots.place])
    share = np.where(ballots.is_yes, below, np.where(ballots.is_abstention, above - below, 1 - above))
    return np.log(np.maximum(share, _TINY))


def _cumulative(ballots: Ballots, questions: Questions, x: Array) -> tuple[Array, Array]:
    """Probability of at most 0, and of at most 1."""
    from scipy.special import expit

    eta = questions.slope[ballots.question] * x
    below: Array = expit(questions.cuts[ballots.question, 0] - eta)
    above: Array = expit(questions.cuts[ballots.question, 1] - eta)
    return below, above


def _slopes_and_cuts(ballots: Ballots, questions: Questions, x: Array) -> tuple[Array, Array]:
    """Gradient, shape (question, 3), and expected information, shape (question, 3, 3): two cuts, then the slope."""
    below, above = _cumulative(ballots, questions, x)
    s1, s2, i11, i12, i22 = _curve(below, above)
    yes, abstain = ballots.is_yes, ballots.is_abstention
    g1 = np.where(yes, 1 - below, np.where(abstain, -s1, 0.0))
    g2 = np.where(yes, 0.0, np.where(abstain, s2, -above))
    total = ballots.by_question
    slope = questions.slope
    gradient = np.column_stack([total(g1), total(g2), -total((g1 + g2) * x) - slope / SLOPE_SD**2])
    information = np.empty((len(slope), 3, 3))
    a, b = (i11 + i12) * x, (i22 + i12) * x
    information[:, 0, 0], information[:, 1, 1] = total(i11), total(i22)
    information[:, 0, 1] = information[:, 1, 0] = total(i12)
    information[:, 0, 2] = information[:, 2, 0] = -total(a)
    information[:, 1, 2] = information[:, 2, 1] = -total(b)
    information[:, 2, 2] = total((a + b) * x) + 1 / SLOPE_SD**2
    # the ballots from the middle
    from scipy.special import expit

    below, above = expit(questions.cuts[:, 0]), expit(questions.cuts[:, 1])
    s1, s2, i11, i12, i22 = _curve(below, above)
    gradient[:, 0] += PSEUDO * (1 - below - s1)
    gradient[:, 1] += PSEUDO * (s2 - above)
    information[:, 0, 0] += 3 * PSEUDO * i11 + _TINY
    information[:, 1, 1] += 3 * PSEUDO * i22 + _TINY
    information[:, 0, 1] += 3 * PSEUDO * i12
    information[:, 1, 0] += 3 * PSEUDO * i12
    return gradient, information


def _curve(below: Array, above: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Scores of an abstention in the two cuts, and the expected information in them."""
    v1, v2 = below * (1 - below), above * (1 - above)
    middle = np.maximum(above - below, _TINY)
    s1, s2 = v1 / middle, v2 / middle
    return s1, s2, v1 * (1 - below + s1), -v1 * s2, v2 * (s2 + above)
