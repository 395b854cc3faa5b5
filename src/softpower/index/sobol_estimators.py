"""Estimators of Sobol indices: what is averaged over the base sample, and how indices follow from the averages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Replications whose products are held at once: keeps memory at some ten megabytes for 50 results.
BLOCK = 2048


@dataclass(frozen=True, slots=True)
class Moments:
    """Means over the base sample from which estimators follow; the results have been centred and scaled before.

    Attributes
    ----------
    mean, square : of A and B together, shape (resample, target)
    of : mean of each of `PRODUCTS` that is needed, shape (resample, factor, target)
    centre : what has been subtracted from the results, in their scaled unit, shape (target,)
    n : size of the base sample
    """

    mean: Array
    square: Array
    of: dict[str, Array]
    centre: Array
    n: int

    @property
    def variance(self) -> Array:
        """Of A and B together, shape (resample, 1, target)."""
        return (self.square - self.mean**2)[:, None]


# What is averaged over the base sample for each factor, from the results of A, B and AB_i.
PRODUCTS: dict[str, Callable[[Array, Array, Array], Array]] = {
    "moved": lambda a, _, ab: (a - ab) ** 2,
    "apart": lambda _, b, ab: (b - ab) ** 2,
    "shift": lambda a, _, ab: ab - a,
    "product": lambda a, b, ab: b * (ab - a),
}


@dataclass(frozen=True, slots=True)
class Estimator:
    """A way to a first-order index: covariance due to the factor over a variance, which total indices share.

    ``needs`` are names of `PRODUCTS`; ``covariance`` gives shape (resample, factor, target), ``variance`` the same
    with one factor.
    """

    needs: tuple[str, ...]
    covariance: Callable[[Moments], Array]
    variance: Callable[[Moments], Array] = lambda m: m.variance


ESTIMATORS: dict[str, Estimator] = {
    "saltelli": Estimator(("shift", "product"), lambda m: m.of["product"] - m.mean[:, None] * m.of["shift"]),
    "jansen": Estimator(("apart",), lambda m: m.variance - m.of["apart"] / 2),
    "coinr-uncentred": Estimator(
        ("shift", "product"),
        lambda m: m.of["product"] + m.centre * m.of["shift"],
        lambda m: m.variance * (2 * m.n / (2 * m.n - 1)),
    ),
}


def moments(runs: NDArray[Any], weights: Array, centre: Array, scale: Array, needs: tuple[str, ...]) -> Moments:
    """Weighted means, block by block of the base sample; ``weights`` of shape (resample, n), rows sum to 1."""
    blocks, n, targets = runs.shape
    factors = blocks - 2
    columns = 2 + len(needs) * factors
    sums = np.zeros((len(weights), columns * targets))
    held = np.empty((min(BLOCK, n), columns, targets))
    for start in range(0, n, BLOCK):
        a, b, *others = (runs[:, start : start + BLOCK] - centre) / scale
        rows = held[: len(a)]
        rows[:, 0] = (a + b) / 2
        rows[:, 1] = (a * a + b * b) / 2
        for k, need in enumerate(needs):
            for i, ab in enumerate(others):
                rows[:, 2 + k * factors + i] = PRODUCTS[need](a, b, ab)
        sums += weights[:, start : start + BLOCK] @ rows.reshape(len(a), -1)
    means = sums.reshape(len(weights), columns, targets)
    of = {need: means[:, 2 + k * factors : 2 + (k + 1) * factors] for k, need in enumerate(needs)}
    return Moments(means[:, 0], means[:, 1], of, centre / scale, n)
