"""The arithmetic of composite indices in plain numpy and scipy, for all benchmarks that judge the engine.

Written from the definitions and independent of `softpower.index`: where both agree, two programs agree.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


def ranks(scores: Array) -> Ints:
    """Places from scores of shape (unit,); 1 is best, ties share the better place."""
    return np.asarray(stats.rankdata(-scores, method="min"), dtype=np.int64)


def zscore(x: Array) -> Array:
    """Columns of ``x`` (unit, column) in standard deviations clipped at 2.5, moved to 0-100."""
    z = np.clip(stats.zscore(x, axis=0, ddof=1), -2.5, 2.5)
    return np.asarray((z + 2.5) / 5 * 100, dtype=np.float64)


def minmax(x: Array) -> Array:
    """Columns from the smallest (0) to the largest cell (100)."""
    low, high = x.min(axis=0), x.max(axis=0)
    return np.asarray((x - low) / (high - low) * 100, dtype=np.float64)


def percentile(x: Array) -> Array:
    """Average ranks of the columns, the smallest 0 and the largest 100."""
    place = stats.rankdata(x, axis=0)
    low, high = place.min(axis=0), place.max(axis=0)
    return np.asarray((place - low) / (high - low) * 100, dtype=np.float64)


NORMALISATIONS: dict[str, Callable[[Array], Array]] = {"zscore": zscore, "percentile": percentile, "minmax": minmax}


def arithmetic(x: Array, weights: Array) -> Array:
    """Weighted mean of the columns."""
    return np.asarray(x @ weights / weights.sum(), dtype=np.float64)


def geometric(x: Array, weights: Array, *, floor: float = 10.0) -> Array:
    """Weighted geometric mean of columns on 0-100, which are first moved to ``floor``-100."""
    lifted = np.log(floor + (100 - floor) / 100 * x)
    return np.asarray(np.exp(lifted @ weights / weights.sum()), dtype=np.float64)


def copeland(x: Array, weights: Array) -> Array:
    """Pairwise majorities won minus those lost, each column voting with its weight."""
    support = np.zeros((len(x), len(x)))
    for column, weight in zip(x.T, weights, strict=True):
        support += weight * np.sign(column[:, None] - column[None, :])
    # Differences below rounding are ties.
    return np.asarray(np.sign(np.round(support, 9)).sum(axis=1), dtype=np.float64)


def first_component(x: Array) -> Array:
    """Squared loadings of the columns of ``x`` on their first principal component; they sum to 1."""
    _, vectors = np.linalg.eigh(np.corrcoef(x, rowvar=False))
    return np.asarray(vectors[:, -1] ** 2, dtype=np.float64)


def explained(y: Array, x: Array) -> float:
    """Share of the variance of ``y`` (unit,) that a least-squares plane in the columns of ``x`` explains."""
    design = np.column_stack([np.ones(len(y)), x])
    fitted = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return float(1 - ((y - fitted) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def partial_correlation(y: Array, x: Array, given: Array) -> float:
    """Correlation of what ``given`` (unit, column) leaves unexplained of ``y`` and of ``x``."""
    design = np.column_stack([np.ones(len(y)), given])
    left = [v - design @ np.linalg.lstsq(design, v, rcond=None)[0] for v in (y, x)]
    return float(np.corrcoef(*left)[0, 1])
