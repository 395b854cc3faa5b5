"""Buffers: states bound strongly to two poles that are weakly tied to each other, or vote against each other.

A tie is strong if it exceeds what gravity predicts (excess above 1), weak if it falls short. Both are estimates, so the
claim is a share of draws: in how many do all parts hold at once. It rests on the draws of one model, in which the ties
compared move together.

The rule is a description of ties, not of anybody's intentions, and it is the same for all states: a page should say how
many others meet it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.agreement import crosstab
from softpower.vectors.resampling import effective_size, wilson
from softpower.vectors.sheets import Sheet

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

Claim = Literal["buffer", "probably a buffer", "not distinguishable", "no buffer", "unknown"]

# Excess ties above this are strong, below it weak: what size, distance and past predict.
EXPECTED: Final = 1.0
# Shares of draws from which something is said, and up to which the opposite is.
CLEAR: Final = 0.95
LIKELY: Final = 0.8
UNLIKELY: Final = 0.05
# Two states are opposed that vote against each other more often than this share of all pairs of states.
OPPOSED: Final = 0.9


@dataclass(frozen=True)
class Buffer:
    """Whether one state is a buffer between two poles.

    Attributes
    ----------
    claim : what may be said
    share : of the draws in which the rule holds; NaN where a tie is unknown
    strong : share of those in which both ties to the poles are strong
    apart : share of those in which the poles are weakly tied; 1 where they are opposed in votes
    weaker, weaker_low, weaker_high : the weaker of the two ties in excess over gravity: median and 90% interval
    lower : share of the other states for which the rule holds in fewer draws; NaN without others
    alike : how many other states are called buffers or probable ones by the same rule
    others : how many others could be looked at
    """

    claim: Claim
    share: float
    strong: float
    apart: float
    weaker: float
    weaker_low: float
    weaker_high: float
    lower: float
    alike: int
    others: int


@dataclass(frozen=True)
class Opposition:
    """How often two states vote yes and no on the same roll call.

    Attributes
    ----------
    share, low, high : of the roll calls on which both cast a ballot, with its 90% interval, in which a question that
        comes back counts once
    n_votes : these roll calls
    more_than : share of all other pairs of states that oppose each other less often
    opposed : whether that is more than `OPPOSED`
    """

    share: float
    low: float
    high: float
    n_votes: int
    more_than: float
    opposed: bool


def holds(one: Array, other: Array, between: Array, *, opposed: bool = False, threshold: float = EXPECTED) -> Array:
    """Share of draws in which a state is bound strongly to both poles and the poles weakly to each other.

    Parameters
    ----------
    one, other : excess of the ties to each pole, not negative, shape (draw,) or (draw, state); NaN unknown
    between : excess of the tie between the poles, shape (draw,); NaN unknown
    opposed : the poles vote against each other, which stands in for a weak tie between them
    threshold : above which a tie is strong, and below which it is weak

    Returns
    -------
    array, shape () or (state,), from 0 to 1; NaN where a tie that matters is unknown in any draw

    >>> holds(np.array([2.0, 3.0]), np.array([1.5, 0.5]), np.array([0.2, 0.3])).item()
    0.5
    """
    _check(one, other, between)
    strong = np.minimum(one, other) > threshold
    apart = np.ones(len(between), dtype=np.bool_) if opposed else between < threshold
    known = ~np.isnan(one + other).any(axis=0) & (opposed or not np.isnan(between).any())
    found: Array = np.where(known, (strong.T & apart).mean(axis=-1), np.nan)
    return found


def claim(share: float) -> Claim:
    """What may be said when the rule holds in this share of the draws.

    >>> [claim(share) for share in (0.97, 0.85, 0.5, 0.05)]
    ['buffer', 'probably a buffer', 'not distinguishable', 'no buffer']
    """
    if np.isnan(share):
        return "unknown"
    if share >= CLEAR:
        return "buffer"
    if share >= LIKELY:
        return "probably a buffer"
    return "no buffer" if share <= UNLIKELY else "not distinguishable"


def buffer(
    one: Array,
    other: Array,
    between: Array,
    *,
    opposed: bool = False,
    threshold: float = EXPECTED,
    peers: tuple[Array, Array] | None = None,
) -> Buffer:
    """Whether a state is a buffer, and how many other states are by the same rule.

    Parameters
    ----------
    one, other, between : excess ties of the state and of the poles, as for `holds`, shape (draw,)
    opposed, threshold : as for `holds`
    peers : excess ties of other states to the two poles, shape (draw, state), from the same draws

    Raises
    ------
    BadRequest
        Numbers of draws that differ, none at all, or a negative excess.
    """
    share = float(holds(one, other, between, opposed=opposed, threshold=threshold))
    weaker = np.minimum(one, other)
    unknown = bool(np.isnan(weaker).any())
    median, low, high = (float("nan"),) * 3 if unknown else map(float, np.quantile(weaker, [0.5, 0.05, 0.95]))
    theirs = np.zeros(0) if peers is None else holds(*peers, between, opposed=opposed, threshold=threshold)
    theirs = theirs[np.isfinite(theirs)]
    return Buffer(
        claim=claim(share),
        share=share,
        strong=float("nan") if unknown else float((weaker > threshold).mean()),
        apart=1.0 if opposed else float("nan") if np.isnan(between).any() else float((between < threshold).mean()),
        weaker=median,
        weaker_low=low,
        weaker_high=high,
        lower=float((theirs < share).mean()) if theirs.size and np.isfinite(share) else float("nan"),
        alike=int((theirs >= LIKELY).sum()),
        others=theirs.size,
    )


def _check(one: Array, other: Array, between: Array) -> None:
    if not len(one) == len(other) == len(between) or not len(between) or one.shape != other.shape:
        raise BadRequest(
            f"draws of the ties to the poles have shapes {one.shape} and {other.shape}, those of the tie between them "
            f"{between.shape}: give the same draws of each, one at least"
        )
    low = min(float(np.min(each, initial=np.inf, where=~np.isnan(each))) for each in (one, other, between))
    if low < 0:
        raise BadRequest(f"an excess tie of {low:g}: observed over expected cannot be negative")


def opposition(on: Sheet, one: str, other: str) -> Opposition:
    """How often two poles vote against each other in the General Assembly, beside all other pairs of states.

    Parameters
    ----------
    on : the roll calls of some years, from `softpower.vectors.sheets.sheet`
    one, other : codes of the poles

    Raises
    ------
    BadRequest
        A pole cast no ballot, or both are one state.
    NotEnoughData
        They cast no ballot on the same roll call.
    """
    if one == other:
        raise BadRequest(f"{one} cannot oppose itself: name two states")
    a, b = on.at(one), on.at(other)
    both = (on.ballots[:, a] > 0) & (on.ballots[:, b] > 0)
    if not both.any():
        raise NotEnoughData(f"{one} and {other} cast no ballot on the same roll call of {on.span}")
    joint = crosstab(on.ballots)
    with np.errstate(invalid="ignore"):
        against = (joint[0, 2] + joint[2, 0]) / joint.sum(axis=(0, 1))
    pairs = np.triu(np.ones_like(against, dtype=np.bool_), 1) & np.isfinite(against)
    pairs[min(a, b), max(a, b)] = False
    share = float(against[a, b])
    low, high = wilson(share, effective_size(on.question[both]))
    more_than = float((against[pairs] < share).mean()) if pairs.any() else float("nan")
    return Opposition(share, low, high, int(both.sum()), more_than, more_than > OPPOSED)
