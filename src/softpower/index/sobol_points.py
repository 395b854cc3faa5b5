"""The points of the unit cube at which an index is replicated, and what its choices are there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest
from softpower.index.weight import shares

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


def design(n: int, factors: int, *, seed: int) -> Array:
    """Points of the unit cube at which the index is to be replicated.

    Parameters
    ----------
    n : size of the base sample, a power of two: only these fill the cube evenly, and so do their halves
    factors : number of uncertain choices
    seed : the same seed gives the same points

    Returns
    -------
    array, shape (n * (factors + 2), factors), in [0, 1): A, B, then AB_1, AB_2, ...

    References
    ----------
    Sobol' (1967), on the distribution of points in a cube; Owen (1998), Scrambling Sobol' and Niederreiter-Xing
    points; Saltelli et al. (2010), Variance based sensitivity analysis of model output, Computer Physics
    Communications 181: the design with A, B and AB_i.

    >>> points = design(4, 2, seed=1)
    >>> points.shape, bool((points[8:12, 0] == points[4:8, 0]).all()), bool((points[8:12, 1] == points[:4, 1]).all())
    ((16, 2), True, True)
    """
    if factors < 1:
        raise BadRequest(f"there must be at least one factor, not {factors}")
    check_size(n)
    from scipy.stats import qmc

    both = qmc.Sobol(2 * factors, scramble=True, rng=np.random.default_rng(seed)).random(n)
    a, b = both[:, :factors], both[:, factors:]
    points = np.empty((factors + 2, n, factors))
    points[0], points[1], points[2:] = a, b, a
    for i in range(factors):
        points[2 + i, :, i] = b[:, i]
    return points.reshape(-1, factors)


def check_size(n: int, *, least: int = 2, most: int = 2**30, fits: int = 2**30) -> None:
    """Refuse a base sample that is no power of two, or is not between two such numbers.

    Parameters
    ----------
    fits : none larger is proposed

    >>> check_size(1000, most=1024)
    Traceback (most recent call last):
    softpower.errors.BadRequest: the base sample must be a power of two, not 1,000: give 512 or 1,024
    """
    largest = min(most, fits)
    if n > most:
        raise BadRequest(f"a base sample of {n:,} is larger than of use: give at most {largest:,}")
    if n < least or n & (n - 1):
        below = min(max(least, 1 << max(n, 1).bit_length() - 1), largest)
        sizes = " or ".join(f"{each:,}" for each in (below, 2 * below) if each <= largest)
        raise BadRequest(f"the base sample must be a power of two, not {n:,}: give {sizes}")


def discrete(u: Array, chances: Sequence[float] | Array) -> Ints:
    """Which of several alternatives each number in [0, 1) stands for.

    Parameters
    ----------
    u : array of any shape, in [0, 1); the alternatives share out this interval, whatever numbers are given
    chances : of each alternative, zero or more, in any unit; one of chance zero is never chosen

    Returns
    -------
    array, same shape: positions in ``chances``

    >>> discrete(np.array([0.0, 0.49, 0.5, 0.99]), [2, 0, 1, 1]).tolist()
    [0, 0, 2, 3]
    """
    numbers = np.asarray(u, dtype=np.float64)
    outside = ~((numbers >= 0) & (numbers < 1))
    if outside.any():
        raise BadRequest(f"numbers that stand for choices must lie in [0, 1), not {numbers[outside][0]}")
    share = shares(np.asarray(chances, dtype=np.float64))
    possible = np.flatnonzero(share > 0)
    ends = np.cumsum(share[possible])[:-1]
    return possible[np.searchsorted(ends, numbers, side="right")].astype(np.int64)
