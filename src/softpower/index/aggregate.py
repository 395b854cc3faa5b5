"""Join the parts of a node into one score.

The functions take scores of shape (..., unit, part) and weights of shape (part,) or (..., part), whose leading axes are
replications, and give shape (..., unit). Weights count as shares of their sum. They differ in how far a surplus in one
part makes up for a deficit in another: wholly (`arithmetic`), less and less (`geometric`, `harmonic`, `power`), at the
price of a penalty for imbalance (`mazziotta_pareto`), or by what place a part has among the others (`owa`).

One rule for missing parts (NaN), which are never taken as zero:

- ``missing="skip"`` leaves them out and shares their weight among the others, part by part of each unit;
- ``missing="strict"`` gives no score (NaN) to a unit with a missing part;
- ``min_known`` is the smallest share of the parts, by number, that a unit must have known to get a score.

Parts without weight play no role in this, nor are their scores looked at. A unit with no known part has no score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest

Array = NDArray[np.float64]
Missing = Literal["skip", "strict"]
Penalty = Literal["subtract", "add"]

# Geometric means are taken on a scale that ends here instead of at zero: a pillar at the bottom of the world then costs
# much, but does not wipe out all others. Real zeros (no heritage site, no aid given) are common in this field.
GEOMETRIC_FLOOR = 10.0
# Below this size an exponent is nearer to that of the geometric mean than powers can be told from 1 to many digits.
NEAR_GEOMETRIC = 1e-3


def _lift(x: Array, floor: float = GEOMETRIC_FLOOR) -> Array:
    if x.min(initial=0.0) < 0:
        raise BadRequest(f"a geometric mean needs scores of zero or more, not {x.min():.3g}")
    return np.log(floor + (100.0 - floor) / 100.0 * x)


def _lower(x: Array, floor: float = GEOMETRIC_FLOOR) -> Array:
    return (np.exp(x) - floor) * 100.0 / (100.0 - floor)


def arithmetic(x: Array, weights: Array | None = None, *, missing: Missing = "skip", min_known: float = 0.0) -> Array:
    """Weighted mean: a surplus in one part makes up for a deficit in another.

    Parameters
    ----------
    x : array, shape (..., unit, part), NaN where missing
    weights : array, shape (part,) or (..., part), zero or more; by default equal
    missing, min_known : what is done about missing parts, see the head of this module

    Returns
    -------
    array, shape (..., unit)

    >>> arithmetic(np.array([[0.0, 100.0], [50.0, np.nan]]), np.array([3.0, 1.0])).tolist()
    [25.0, 50.0]
    """
    parts = _Parts.of(x, weights, missing, min_known)
    return parts.mean(parts.x)


def geometric(
    x: Array,
    weights: Array | None = None,
    *,
    floor: float = 0.0,
    missing: Missing = "skip",
    min_known: float = 0.0,
) -> Array:
    """Weighted geometric mean: a surplus makes up for a deficit only in part.

    Parameters
    ----------
    x : as in `arithmetic`, above zero; with a ``floor`` from 0 to 100
    floor : if above zero, scores on 0-100 are first moved to ``floor``-100 and the mean is moved back, so that a zero
        costs much, but does not wipe out all other parts; the mean is on 0-100 again

    Raises
    ------
    BadRequest
        Some score is zero or below, or below zero where there is a floor.

    >>> geometric(np.array([[4.0, 9.0]])).tolist()
    [6.0]
    >>> geometric(np.array([[0.0, 100.0]]), floor=GEOMETRIC_FLOOR).round(3).tolist()
    [24.025]
    """
    parts = _Parts.of(x, weights, missing, min_known)
    if not 0 <= floor < 100:
        raise BadRequest(f"the floor of a geometric mean lies from 0 to below 100, not at {floor:g}")
    if floor > 0:
        parts.refuse(parts.x < 0, f"a geometric mean with a floor of {floor:g} needs scores of zero or more")
        return _lower(parts.mean(_lift(np.maximum(parts.x, 0.0), floor)), floor)
    parts.refuse(parts.x <= 0, "a geometric mean needs scores above zero")
    return np.exp(parts.mean(np.log(np.where(parts.known, parts.x, 1.0))))


def harmonic(x: Array, weights: Array | None = None, *, missing: Missing = "skip", min_known: float = 0.0) -> Array:
    """Weighted harmonic mean: the weakest part counts most. Scores must be above zero; otherwise as `arithmetic`.

    >>> harmonic(np.array([[3.0, 6.0]])).tolist()
    [4.0]
    """
    parts = _Parts.of(x, weights, missing, min_known)
    parts.refuse(parts.x <= 0, "a harmonic mean needs scores above zero")
    return _power(parts, -1.0)


def power(
    x: Array, weights: Array | None = None, *, p: float, missing: Missing = "skip", min_known: float = 0.0
) -> Array:
    """Weighted power mean, (sum of w x^p)^(1/p).

    Parameters
    ----------
    x : as in `arithmetic`; zero or more where p is above zero, above zero where it is not
    p : 1 is the arithmetic mean, 0 the geometric, -1 the harmonic; the lower, the more the weakest part counts. Of any
        size: far above zero the mean comes near to the best part, far below it to the weakest

    >>> power(np.array([[1.0, 7.0]]), p=2.0).tolist()
    [5.0]
    """
    if not np.isfinite(p):
        raise BadRequest(f"the exponent of a power mean must be finite, not {p}")
    if p == 1:
        return arithmetic(x, weights, missing=missing, min_known=min_known)
    if p == 0:
        return geometric(x, weights, missing=missing, min_known=min_known)
    parts = _Parts.of(x, weights, missing, min_known)
    if p > 0:
        parts.refuse(parts.x < 0, f"a power mean with p = {p:g} needs scores of zero or more")
    else:
        parts.refuse(parts.x <= 0, f"a power mean with p = {p:g} needs scores above zero")
    return _power(parts, p)


def mazziotta_pareto(
    x: Array,
    weights: Array | None = None,
    *,
    penalty: Penalty = "subtract",
    ddof: int = 0,
    missing: Missing = "skip",
    min_known: float = 0.0,
    names: Sequence[str] | None = None,
) -> Array:
    """Mazziotta-Pareto index: the mean M of the parts of a unit, less a penalty for their spread S, M - S²/M.

    Parameters
    ----------
    x : as in `arithmetic`, with a mean above zero in every unit; published with parts standardised to mean 100 and sd
        10, which is ``normalise.zscore(..., mean=100, sd=10, ddof=0)``
    penalty : ``subtract`` where more is better, ``add`` where more is worse, as for poverty
    ddof : 0, as published, or 1: the divisor of the variance is n - ddof (with weights w, 1 - ddof times the sum of
        squared w)
    names : of the units, for messages

    References
    ----------
    De Muro, Mazziotta, Pareto (2011), Composite indices of development and poverty: an application to MDGs, Social
    Indicators Research 104, 1-18.
    Mazziotta, Pareto (2022), Weighting in composite indices construction: the case of the Mazziotta-Pareto index,
    Rivista Italiana di Economia, Demografia e Statistica 76 (weights).

    >>> mazziotta_pareto(np.array([[90.0, 110.0], [100.0, 100.0]])).tolist()
    [99.0, 100.0]
    """
    parts = _Parts.of(x, weights, missing, min_known)
    if penalty not in ("subtract", "add") or ddof not in (0, 1):
        raise BadRequest(f"penalty is 'subtract' or 'add' and ddof 0 or 1, not {penalty!r} and {ddof!r}")
    mean = parts.mean(parts.x)
    if (mean <= 0).any():
        place = tuple(int(axis) for axis in np.argwhere(mean <= 0)[0])
        unit = f"unit {place[-1]}" if names is None else names[place[-1]]
        raise BadRequest(
            f"a Mazziotta-Pareto index divides by the mean of a unit, which must be above zero: that of {unit} is "
            f"{mean[place]:g}; standardise the parts to mean 100 and sd 10"
        )
    variance = parts.mean((parts.x - mean[..., None]) ** 2)
    if ddof == 1:
        left = 1 - parts.sum_of_squares()
        variance = variance / np.where(left > 1e-12, left, 1.0)  # one part alone has no spread
    spread = variance / mean
    return mean - spread if penalty == "subtract" else mean + spread


def owa(x: Array, order_weights: Array, *, missing: Missing = "skip", min_known: float = 0.0) -> Array:
    """Ordered weighted average: weights belong to places, the first to the best part of each unit, not to parts.

    Parameters
    ----------
    x : array, shape (..., unit, part), NaN where missing
    order_weights : array, shape (place,) or (..., place), as many places as parts; (1, 0, ..., 0) gives the best part,
        (0, ..., 0, 1) the weakest, equal ones the mean. Where m of n parts are known, the k-th best stands for the
        places between n (k-1)/m and n k/m: the best stays the best, the weakest the weakest, the mean the mean.

    References
    ----------
    Yager (1988), On ordered weighted averaging aggregation operators in multicriteria decisionmaking, IEEE
    Transactions on Systems, Man and Cybernetics 18, 183-190.

    >>> owa(np.array([[20.0, 80.0, 50.0], [10.0, np.nan, 30.0]]), np.array([0.0, 0.0, 1.0])).tolist()
    [20.0, 10.0]
    """
    parts = _Parts.of(x, None, missing, min_known)
    count = parts.x.shape[-1]
    places = _weights(order_weights, count)
    places = places / places.sum(axis=-1, keepdims=True)
    best_first = np.sort(np.where(parts.known, -parts.x, np.inf), axis=-1)
    best_first = np.where(np.isfinite(best_first), -best_first, 0.0)
    known = parts.known.sum(axis=-1)
    scores = np.full(np.broadcast_shapes((*places.shape[:-1], 1), known.shape), np.nan)
    for found in np.unique(known[known > 0]):
        shared = places if found == count else places @ _spread_places(count, int(found))
        scores = np.where(known == found, _sum(best_first[..., : int(found)], shared), scores)
    return np.where(parts.enough, scores, np.nan)


def orness(order_weights: Array) -> Array:
    """How near the weights of places come to taking the best part: 1 for the best, 0 for the weakest, 1/2 for the mean.

    Parameters
    ----------
    order_weights : array, shape (..., place), two places or more

    References
    ----------
    Yager (1988), see `owa`.

    >>> orness(np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0, 1.0]])).tolist()
    [1.0, 0.5, 0.0]
    """
    places = _weights(order_weights, np.shape(order_weights)[-1])
    count = places.shape[-1]
    if count < 2:
        raise BadRequest("orness tells the best from the weakest: it needs weights of two places or more")
    share: Array = places @ np.linspace(1.0, 0.0, count) / places.sum(axis=-1)
    return share


@dataclass(frozen=True, slots=True)
class _Parts:
    """Scores and weights that fit each other.

    Attributes
    ----------
    x : array, shape (..., unit, part)
    weights : array, shape (..., part)
    known : cells that count, neither missing nor without weight; same shape as ``x``
    enough : units with enough known parts for a score, shape (..., unit)
    """

    x: Array
    weights: Array
    known: NDArray[np.bool_]
    enough: NDArray[np.bool_]

    @classmethod
    def of(cls, x: Array, weights: Array | None, missing: Missing, min_known: float) -> _Parts:
        x = np.asarray(x, dtype=np.float64)
        if x.ndim < 2 or x.shape[-1] == 0:
            raise BadRequest(f"scores need the axes (..., unit, part) and a part, not the shape {x.shape}")
        if missing not in ("skip", "strict") or not 0 <= min_known <= 1:
            raise BadRequest(
                f"missing parts: 'skip' or 'strict', with min_known from 0 to 1, not {missing!r} and {min_known!r}"
            )
        weights = np.ones(x.shape[-1]) if weights is None else _weights(weights, x.shape[-1])
        weighty = weights > 0
        parts = cls(x, weights, ~np.isnan(x) & weighty.reshape(-1, x.shape[-1]).any(axis=0), np.array(True))
        parts.refuse(np.isinf(x), "scores must be finite")
        least = 1.0 if missing == "strict" else min_known
        if parts.known.all():
            return parts
        count = _sum(parts.known.astype(np.float64), weighty.astype(np.float64))
        share = count / weighty.sum(axis=-1)[..., None]
        # A third of three parts is enough where a third is asked for, however that is rounded.
        return cls(x, weights, parts.known, (count > 0) & (share >= least - 1e-12))

    def mean(self, values: Array) -> Array:
        """Weighted mean of what was made of the scores; NaN where too few parts are known."""
        if self.known.all():
            mean: Array = _sum(values, self.weights) / self.weights.sum(axis=-1)[..., None]
            return mean
        weight = _sum(self.known.astype(np.float64), self.weights)
        total = _sum(np.where(self.known, values, 0.0), self.weights)
        return np.where(self.enough, total / np.where(weight > 0, weight, np.nan), np.nan)

    def sum_of_squares(self) -> Array:
        """Sum of the squared shares of the known parts."""
        known = self.known.astype(np.float64)
        weight = _sum(known, self.weights)
        squares: Array = _sum(known, self.weights**2) / np.where(weight > 0, weight, np.nan) ** 2
        return squares

    def refuse(self, at_fault: NDArray[np.bool_], rule: str) -> None:
        """Name the first known cell at fault."""
        at_fault = at_fault & self.known
        if not at_fault.any():
            return
        place = tuple(int(axis) for axis in np.argwhere(at_fault)[0])
        draw = f"replication {place[:-2] if len(place) > 3 else place[0]}, " if len(place) > 2 else ""
        raise BadRequest(
            f"{rule}: {draw}unit {place[-2]}, part {place[-1]} has {self.x[place]:g} (1 of {int(at_fault.sum())} such "
            "cells); normalise the parts to a scale above zero, such as scale=(1, 100), or join them by another mean"
        )


def _weights(weights: Array, count: int) -> Array:
    weights = np.asarray(weights, dtype=np.float64)
    if weights.shape[-1:] != (count,):
        raise BadRequest(f"{count} parts need {count} weights, along the last axis, not the shape {weights.shape}")
    rows = weights.reshape(-1, count)
    at_fault = ~(np.isfinite(rows).all(axis=1) & (rows >= 0).all(axis=1) & (rows.sum(axis=1) > 0))
    if at_fault.any():
        raise BadRequest(f"weights must be zero or more and not all zero, not {rows[at_fault][0].tolist()}")
    return weights


def _sum(values: Array, weights: Array) -> Array:
    """Sum of weighted parts: values (..., unit, part), weights (..., part), result (..., unit)."""
    if values.ndim == 2:  # one matrix product for all replications
        return np.asarray(weights @ values.T)
    return np.asarray(np.matmul(values, weights[..., None])[..., 0])


def _power(parts: _Parts, p: float) -> Array:
    # In units of the part that counts most among those with a weight: then no power overflows, nor do all vanish.
    known, x = parts.known, parts.x
    weighty = parts.weights > 0
    if not weighty.all():
        known = known & weighty[..., None, :]
        x = np.broadcast_to(x, known.shape)
    end = np.where(known, x, -np.inf if p > 0 else np.inf)
    most = end.max(axis=-1) if p > 0 else end.min(axis=-1)
    unit = np.where(np.isfinite(most) & (most > 0), most, 1.0)
    with np.errstate(over="ignore", divide="ignore"):  # of a part so far from the other end nothing is left
        ratio = np.where(known, x / unit[..., None], 1.0)
        if abs(p) >= NEAR_GEOMETRIC:
            mean: Array = unit * parts.mean(ratio**p) ** (1 / p)
        else:  # powers so near to 1 that nothing would be left of what they differ by
            mean = unit * np.exp(np.log1p(parts.mean(np.expm1(p * np.log(ratio)))) / p)
    return mean


def _spread_places(count: int, known: int) -> Array:
    """Which share of each of ``count`` places falls to each of ``known`` parts; shape (place, part), rows sum to 1."""
    place, part = np.arange(count)[:, None] / count, np.arange(known)[None, :] / known
    overlap = np.minimum(place + 1 / count, part + 1 / known) - np.maximum(place, part)
    share: Array = np.maximum(overlap, 0.0) * count
    return share
