"""Agreement of pairs under resampled roll calls: how far it rests on what happened to be put to the vote.

What is drawn is the question, with all roll calls that put it again in other years: a state's ballots on it repeat each
other, and to draw them one by one would make intervals too narrow. Draws are Bayesian bootstrap weights, so that no
pair loses its last common roll call in any of them.

References
----------
Rubin (1981), The Bayesian bootstrap, Annals of Statistics 9(1).
Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22(158).
Kish (1965), Survey Sampling, chapter 8 (effective size of a sample of clusters).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from softpower.errors import BadRequest
from softpower.vectors.agreement import DISTANCE, Ballots
from softpower.vectors.ideal_points import Z90

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

# Rules that are means over roll calls; those that correct for chance are not, see `softpower.vectors.votes`.
MeanRule = Literal["exact", "half", "s"]
LEVEL: Final = 0.9
# Questions whose pairs are held in memory at once.
_CHUNK: Final = 64


def question_weights(questions: int, *, draws: int, seed: int) -> Array:
    """Weights of the questions: ones first, then exponential draws.

    Returns
    -------
    array, shape (1 + draws, question)

    >>> question_weights(3, draws=2, seed=1).shape
    (3, 3)
    """
    random = np.random.default_rng(seed)
    return np.concatenate([np.ones((1, questions)), random.standard_exponential((draws, questions))])


def pair_agreement(one: Ballots, other: Ballots, question: Ints, weights: Array, rule: MeanRule = "exact") -> Array:
    """Agreement of each state of ``one`` with each of ``other``, by draw.

    Parameters
    ----------
    one, other : ballots of two sets of states on the same roll calls, shape (roll call, state)
    question : code of each roll call's question, from 0
    weights : shape (draw, question), above zero
    rule : "exact", "half" or "s" of `softpower.vectors.agreement.RULES`

    Returns
    -------
    array, shape (draw, state of one, state of other)
        NaN where the two never cast a ballot on the same roll call.

    Raises
    ------
    BadRequest
        A rule that is no mean over roll calls.

    >>> ballots = np.array([[1, 1], [1, 3], [2, 1]], dtype=np.int8)
    >>> pair_agreement(ballots[:, :1], ballots[:, 1:], np.arange(3), np.ones((1, 3)), "half").round(3).tolist()
    [[[0.5]]]
    """
    if rule not in ("exact", "half", "s"):
        raise BadRequest(f"rule {rule!r} is no mean over roll calls: give exact, half or s")
    credit = np.eye(3) if rule == "exact" else 1 - np.array(DISTANCE)
    kinds = np.arange(1, 4)
    mine = (one[:, :, None] == kinds).astype(np.float32)  # (roll call, state, kind)
    theirs = (other[:, :, None] == kinds).astype(np.float32)
    credited = theirs @ credit.astype(np.float32)
    cast, met = mine.sum(axis=2), theirs.sum(axis=2)
    shape = (one.shape[1], other.shape[1])
    alike = np.zeros((len(weights), shape[0] * shape[1]), dtype=np.float32)
    common = np.zeros_like(alike)
    order = np.argsort(question, kind="stable")
    ends = np.searchsorted(question[order], np.arange(weights.shape[1] + 1))
    with _pools().limit(limits=1):  # many small products: threads would wait for one another
        for start in range(0, weights.shape[1], _CHUNK):
            chunk = range(start, min(start + _CHUNK, weights.shape[1]))
            same = np.empty((len(chunk), *shape), dtype=np.float32)
            both = np.empty_like(same)
            for k, code in enumerate(chunk):
                calls = order[ends[code] : ends[code + 1]]
                same[k] = np.tensordot(mine[calls], credited[calls], axes=((0, 2), (0, 2)))
                both[k] = cast[calls].T @ met[calls]
            drawn = weights[:, chunk.start : chunk.stop].astype(np.float32)
            alike += drawn @ same.reshape(len(chunk), -1)
            common += drawn @ both.reshape(len(chunk), -1)
    with np.errstate(invalid="ignore"):
        found = (alike.astype(np.float64) / common).reshape(len(weights), *shape)
    return 2 * found - 1 if rule == "s" else found


def interval(draws: Array) -> tuple[float, float]:
    """Ends of the 90% interval of a number's draws; NaN where none is known.

    >>> [round(end, 12) for end in interval(np.linspace(0, 1, 101))]
    [0.05, 0.95]
    """
    known = draws[np.isfinite(draws)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def effective_size(question: Ints) -> float:
    """How many independent roll calls these are worth if ballots on one question are always alike (Kish).

    >>> effective_size(np.array([0, 0, 0, 1]))
    1.6
    """
    sizes = np.unique(question, return_counts=True)[1]
    return float(sizes.sum() ** 2 / (sizes**2).sum()) if len(sizes) else 0.0


def wilson(share: float, size: float) -> tuple[float, float]:
    """90% interval of a share of ``size`` independent cases; within 0-1, and wider than nothing at either end.

    >>> [round(end, 4) for end in wilson(0.5, 10)]
    [0.2693, 0.7307]
    """
    z = Z90**2 / size
    middle = (share + z / 2) / (1 + z)
    half = Z90 / (1 + z) * np.sqrt(share * (1 - share) / size + z / (4 * size))
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))


@lru_cache
def _pools() -> ThreadpoolController:
    """What is known of the libraries' threads: to look for it takes longer than the arithmetic."""
    return ThreadpoolController()
