"""The weighted mean of given points that is nearest to another point: weights of 0 or more that sum to one.

With P the points less the target, weights w minimise w'(P'P + ridge)w over the simplex: the shortest vector in the
convex hull of P's columns. For a given set of weights above zero the best ones solve a linear system; what remains is
to find the set. Whole blocks are exchanged at once, which takes a few rounds. Should that go round in circles, it is
done for strongly ridged problems first and then for ever less ridged ones; and should that not help either, single
exchanges, each of which brings the mean nearer, go on from there, and end.

How near is near enough goes by how far points usually are. Should the points that get weight turn out to be far nearer
than that, as where most points are remote, it is done again by their distance.

References
----------
Wolfe (1976), Finding the nearest point in a polytope, Mathematical Programming 11, 128-149.
Hintermüller, Ito, Kunisch (2002), The primal-dual active set strategy as a semismooth Newton method, SIAM Journal on
Optimization 13(3), 865-888.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from softpower.errors import BadRequest

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Where points outnumber coordinates, many weights are as good; the least ridge, as a share of the points' usual square
# distance from the target, takes the most even of them, so that the order of points does not matter.
LEAST_RIDGE = 1e-9
# No other weights have a square distance shorter by more than twice this share of the same.
NEAR = 1e-9
_RIDGES = (1.0, 1e-2, 1e-4, 1e-6, 0.0)  # added on the way, as shares of the same
_ROUNDS = 20  # of exchanged blocks
# Diagonals are larger by this share: two remote points that are the same would else make a singular system.
_APART = 1e-11
# Points with weight whose mean square distance is below this share of the usual one count as near, and set the scale
# for another time; unless they lie on the target but for rounding.
_NEARER, _ON = 1e-2, 1e-20
_RESCALED = 3  # times at most
_SMALL = 50  # points up to which libraries start no threads of their own


def nearest(points: Array, target: Array, *, ridge: float = 0.0) -> Array:
    """Weights of the points whose mean is nearest to the target.

    Parameters
    ----------
    points : array, shape (coordinate, point), 1 point or more, finite
    target : array, shape (coordinate,)
    ridge : 0 or more; times the sum of squared weights, it is added to the squared distance

    Returns
    -------
    array, shape (point,), 0 or more, sum 1

    >>> nearest(np.array([[0.0, 4.0, 9.0], [0.0, 0.0, 9.0]]), np.array([1.0, -2.0])).round(6).tolist()
    [0.75, 0.25, 0.0]
    """
    if points.ndim != 2 or not points.shape[1] or target.shape != points.shape[:1]:
        raise BadRequest(
            f"points have the shape (coordinate, point), the target (coordinate,): not {points.shape}, {target.shape}"
        )
    away = points - target[:, None]
    if points.shape[1] <= _SMALL:
        return _toward_origin(away, ridge)
    with _pools().limit(limits=1):  # many systems, none of them large: threads would wait for one another
        return _toward_origin(away, ridge)


def _toward_origin(away: Array, ridge: float) -> Array:
    """Weights of the points whose mean is nearest to the origin."""
    gram = away.T @ away
    squares = np.diag(gram).copy()
    scale = float(np.median(squares) or squares.mean()) + ridge
    if scale == 0.0 or len(gram) == 1:
        return np.full(len(gram), 1 / len(gram))
    return _at_scale(gram, squares, scale, ridge)


def _at_scale(gram: Array, squares: Array, scale: float, ridge: float) -> Array:
    """The best weights, squares counting as shares of a scale, which is set anew where it is too large."""
    least = _ON * scale
    weights = _ridged(gram, scale, ridge)
    for _ in range(_RESCALED):
        near = float(weights @ squares) + ridge
        if not least < near < _NEARER * scale:
            break
        scale = near
        weights = _ridged(gram, scale, ridge)
    return weights


def _ridged(gram: Array, scale: float, ridge: float) -> Array:
    """The best weights for one scale."""
    scaled = gram / scale
    diagonal = slice(None, None, len(gram) + 1)
    scaled.flat[diagonal] = scaled.flat[diagonal] * (1 + _APART) + max(ridge / scale, LEAST_RIDGE)
    return _weights(scaled)


def is_nearest(gram: Array, weights: Array) -> bool:
    """Whether no weights on the simplex do better, but for rounding (the gap of Frank and Wolfe 1956).

    >>> is_nearest(np.diag([1.0, 3.0]), np.array([0.75, 0.25])), is_nearest(np.diag([1.0, 3.0]), np.array([0.5, 0.5]))
    (True, False)
    """
    slope = gram @ weights
    return bool(weights @ slope - slope.min() <= NEAR)


def _weights(gram: Array) -> Array:
    """The best weights: by the quickest way that gets there."""
    even = np.full(len(gram), 1 / len(gram))
    weights = _by_blocks(gram, even)
    if is_nearest(gram, weights):
        return weights
    weights = even
    for ridge in _RIDGES:
        weights = _by_blocks(gram + ridge * np.eye(len(gram)), weights)
    return weights if is_nearest(gram, weights) else _one_by_one(gram, weights)


def _solved(gram: Array, inside: Flags) -> Array:
    """The best weights of the points inside, of any sign; zero elsewhere."""
    weights = np.zeros(len(gram))
    raw = np.linalg.solve(gram[np.ix_(inside, inside)], np.ones(int(inside.sum())))
    weights[inside] = raw / raw.sum()
    return weights


def _by_blocks(gram: Array, start: Array) -> Array:
    """Weights after all below zero are put outside, and all that would help inside, until nothing changes."""
    inside, weights = start > 0, start
    for _ in range(_ROUNDS):
        found = _solved(gram, inside)
        slope = gram @ found
        level = found @ slope
        after = np.where(inside, found > 0, slope < level)
        weights = np.maximum(found, 0.0)
        if (after == inside).all():
            break
        inside = after
    return np.asarray(weights / weights.sum())


def _one_by_one(gram: Array, weights: Array) -> Array:
    """The best weights, from any on the simplex: as each round brings the point nearer, no set comes twice."""
    square = np.inf
    while True:
        weights = _lowered(gram, weights)
        slope = gram @ weights
        before, square = square, float(weights @ slope)
        if square - slope.min() <= NEAR or square >= before:
            return weights
        entering = int(slope.argmin())
        # As far toward the entering point as brings the mean nearer: it is then among those with weights above zero.
        toward = -weights
        toward[entering] += 1.0
        step = (square - slope[entering]) / float(toward @ gram @ toward)
        weights = weights + min(step, 1.0) * toward


def _lowered(gram: Array, weights: Array) -> Array:
    """The best weights of some of the points inside, where moving to the best of all would lead below zero."""
    inside = weights > 0
    while True:
        found = _solved(gram, inside)
        below = np.flatnonzero(inside & (found <= 0))
        if not len(below):
            return found
        share = weights[below] / (weights[below] - found[below])
        weights = np.maximum(weights + share.min() * (found - weights), 0.0)
        inside[below[share == share.min()]] = False
        weights = np.where(inside, weights, 0.0)


@lru_cache
def _pools() -> ThreadpoolController:
    """What is known of the libraries' threads: to look for it takes longer than the arithmetic."""
    return ThreadpoolController()
