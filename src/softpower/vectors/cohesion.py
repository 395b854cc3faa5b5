"""How much a set of states votes as one.

It is measured in two ways: by the agreement of two members, beside that of a member with a state that is none, and by
how one-sided each roll call is among them.

References
----------
Hix, Noury & Roland (2005), Power to the parties: cohesion and competition in the European Parliament, 1979-2001,
British Journal of Political Science 35(2) (the agreement index, Rice's for three answers).
Rice (1925), The behavior of legislative groups: a method of measurement, Political Science Quarterly 40(1).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.errors import NotEnoughData
from softpower.vectors.agreement import ABSTAIN, NO, YES, Ballots
from softpower.vectors.assembly import Assembly
from softpower.vectors.resampling import MeanRule, pair_agreement, question_weights
from softpower.vectors.sheets import sheet
from softpower.vectors.voting import DRAWS, SEED, Estimate, always, belonging_to, estimate, members_of
from softpower.world import Vector

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cohesion:
    """How much a set of states votes as one.

    Attributes
    ----------
    first, last : years
    rule : of the agreement; see `softpower.vectors.agreement.RULES`
    topic : code of the topic; empty for all roll calls
    members : codes of those that voted while they belonged to it
    within : mean agreement of two members
    outside : mean agreement of a member with a state that is none
    gap : ``within`` less ``outside``
    agreement_index : mean over roll calls; 1 where all members cast the same ballot, 0 where they are split evenly
        between yes, abstain and no
    n_votes : roll calls on which two members or more cast a ballot
    """

    first: int
    last: int
    rule: MeanRule
    topic: str
    members: tuple[str, ...]
    within: Estimate
    outside: Estimate
    gap: Estimate
    agreement_index: Estimate
    n_votes: int


def cohesion(
    group: Vector | Collection[str],
    *,
    found: Assembly | None = None,
    first: int | None = None,
    last: int | None = None,
    rule: MeanRule = "exact",
    topic: str | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Cohesion:
    """How much a set of states votes as one, and how much more than with the others.

    Parameters
    ----------
    group : a vector, whose members are those of each year, or ISO3 codes. The vector of a country never has that
        country in it

    Raises
    ------
    BadRequest
        A year that the votes do not cover, an unknown topic or rule.
    NotEnoughData
        No two members cast a ballot on the same roll call.

    >>> west, east = cohesion(["DEU", "FRA", "NLD"], last=2019, first=2015), cohesion(["DEU", "PRK"], first=2015)
    >>> west.within.value > 0.9, east.gap.high < 0
    (True, True)
    """
    on = sheet(found, first=first, last=last, topic=topic)
    belongs = belonging_to(on, members_of(group) if isinstance(group, Vector) else always(group))
    inside, others = np.where(belongs, on.ballots, 0), np.where(belongs, 0, on.ballots)
    kept, rest = inside.any(axis=0), others.any(axis=0)
    weights = question_weights(int(on.question.max()) + 1, draws=draws, seed=seed)
    pairs = pair_agreement(inside[:, kept], inside[:, kept], on.question, weights, rule)
    upper = np.triu(np.isfinite(pairs[0]), 1)
    if not upper.any():
        raise NotEnoughData(f"no two members of the set voted on the same roll call in {on.span}")
    within = pairs[:, upper].mean(axis=1)
    across = pair_agreement(inside[:, kept], others[:, rest], on.question, weights, rule)
    # A state that joined or left is on either side in turn, and no outsider to itself.
    apart = np.isfinite(across[0]) & (np.flatnonzero(kept)[:, None] != np.flatnonzero(rest))
    outside = across[:, apart].mean(axis=1) if apart.any() else np.full(len(weights), np.nan)
    index, known = agreement_index(inside)
    by_question = np.stack([np.bincount(on.question[known], each, weights.shape[1]) for each in (index[known], None)])
    total, number = weights @ by_question.T[:, 0], weights @ by_question.T[:, 1]
    return Cohesion(
        first=on.first,
        last=on.last,
        rule=rule,
        topic=on.topic,
        members=tuple(np.array(on.states)[kept].tolist()),
        within=estimate(within),
        outside=estimate(outside),
        gap=estimate(within - outside),
        agreement_index=estimate(total / number),
        n_votes=int(known.sum()),
    )


def agreement_index(ballots: Ballots) -> tuple[Array, Flags]:
    """How one-sided each roll call is among some states, and whether two or more of them cast a ballot.

    Returns
    -------
    arrays, shape (roll call,)
        The largest of yes, abstain and no less half of the two others, over their sum: 1 to 0; NaN without two ballots.

    >>> agreement_index(np.array([[1, 1, 3], [1, 2, 3], [2, 2, 0], [1, 0, 0]], dtype=np.int8))[0].tolist()
    [0.5, 0.0, 1.0, nan]
    """
    counts = np.stack([(ballots == kind).sum(axis=1) for kind in (YES, ABSTAIN, NO)]).astype(np.float64)
    total = counts.sum(axis=0)
    known = total >= 2
    most = counts.max(axis=0)
    return np.where(known, (most - (total - most) / 2) / np.maximum(total, 1), np.nan), known
