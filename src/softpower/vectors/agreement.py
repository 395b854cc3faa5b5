"""How often two states vote alike, by several rules; each number is nothing without the name of its rule.

A ballot is yes, abstain or no; being absent is none of the three, and a pair is compared on roll calls in which both
cast a ballot. Two published numbers called "agreement" follow different rules: the country files of Bailey, Strezhnev
and Voeten the ``exact`` one, their dyadic file the ``half`` one.

References
----------
Lijphart (1963), The analysis of bloc voting in the General Assembly, APSR 57(4).
Signorino & Ritter (1999), Tau-b or not tau-b: measuring the similarity of foreign policy positions, ISQ 43(1).
Haege (2011), Choice or circumstance? Adjusting measures of foreign policy similarity for chance agreement, Political
Analysis 19(3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ballots = NDArray[np.int8]

YES, ABSTAIN, NO = 1, 2, 3
ABSENT = 0
# Between yes, abstain and no: an abstention is half way.
DISTANCE = ((0.0, 0.5, 1.0), (0.5, 0.0, 0.5), (1.0, 0.5, 0.0))

Rule = Literal["exact", "half", "s", "kappa", "pi"]
RULES: dict[Rule, str] = {
    "exact": "share of roll calls on which both cast the same ballot",
    "half": "the same, an abstention counting half against a yes or a no",
    "s": "Signorino and Ritter's S: twice the half-credit share less one",
    "kappa": "half-credit agreement beyond what either's own mix of ballots gives by chance (Cohen's kappa)",
    "pi": "half-credit agreement beyond what their common mix of ballots gives by chance (Scott's pi)",
}


def crosstab(ballots: Ballots) -> Array:
    """How often each pair of states cast each pair of ballots.

    Parameters
    ----------
    ballots : array, shape (roll call, state): 1 yes, 2 abstain, 3 no, 0 absent

    Returns
    -------
    array, shape (3, 3, state, state): at (k, l, i, j) the roll calls on which i cast ballot k + 1 and j ballot l + 1
    """
    cast = np.concatenate([ballots == kind for kind in (YES, ABSTAIN, NO)], axis=1).astype(np.float32)
    states = ballots.shape[1]
    both = (cast.T @ cast).reshape(3, states, 3, states)
    return np.ascontiguousarray(both.transpose(0, 2, 1, 3), dtype=np.float64)


def agreement(joint: Array, rule: Rule = "exact") -> Array:
    """Agreement of every pair of states.

    Parameters
    ----------
    joint : counts of pairs of ballots, as `crosstab` gives them
    rule : see `RULES`; ``exact`` and ``half`` lie in 0-1, the others in -1 to 1

    Returns
    -------
    array, shape (state, state)
        Symmetric; NaN for a state with itself, for pairs without a common roll call, and where chance alone would give
        full agreement (``kappa``, ``pi``).

    >>> joint = crosstab(np.array([[1, 1], [2, 1], [3, 1], [1, 0]], dtype=np.int8))
    >>> agreement(joint, "half")[0, 1].round(3).item(), common(joint)[0, 1].item()
    (0.5, 3)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        share: Array = joint / joint.sum(axis=(0, 1))
        if rule == "exact":
            found: Array = share[0, 0] + share[1, 1] + share[2, 2]
        else:
            apart = _mean_distance(lambda k, m: share[k, m])
            chance = _by_chance(share, rule) if rule in ("kappa", "pi") else 1.0
            found = 1 - (2 if rule == "s" else 1) * apart / chance
    found = (found + found.T) / 2  # sums in another order differ in the last digit
    found[~np.isfinite(found)] = np.nan
    np.fill_diagonal(found, np.nan)
    return found


def common(joint: Array) -> NDArray[np.int64]:
    """Roll calls on which both states of a pair cast a ballot, shape (state, state)."""
    counts: NDArray[np.int64] = joint.sum(axis=(0, 1)).astype(np.int64)
    return counts


def _by_chance(share: Array, rule: Rule) -> Array:
    """Mean distance of each pair if each drew its ballots from its own mix (``kappa``) or both from the joint (``pi``).

    The mixes are those on the pair's common roll calls.
    """
    mine, other = share.sum(axis=1), share.sum(axis=0)  # (ballot, i, j): the mix of i, of j, on common roll calls
    if rule == "pi":
        mine = other = (mine + other) / 2
    return _mean_distance(lambda k, m: mine[k] * other[m])


def _mean_distance(share: Callable[[int, int], Array]) -> Array:
    """Mean distance between two ballots, given how often each pair of ballots occurs."""
    return sum((DISTANCE[k][m] * share(k, m) for k in range(3) for m in range(3) if k != m), start=np.zeros(()))
