"""Fill missing cells with what the other cells say, as many times as there are draws.

Cells are taken as jointly normal. Mean and covariance are found by the EM algorithm; their own uncertainty comes
from refits to resampled rows, and each draw fills the missing cells from the conditional distribution under
one of these fits. One best guess per cell would make an imputed country look as certain as an observed one.

References
----------
Dempster, Laird, Rubin (1977), Maximum likelihood from incomplete data via the EM algorithm, JRSS B 39.
Honaker, King (2010), What to do about missing values in time-series cross-section data, AJPS 54 (EM with bootstrap).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# The prior counts as this many rows of uncorrelated indicators. It keeps the covariance of indicators that are
# seldom observed together from running to the edge.
PRIOR_ROWS = 5.0


@dataclass(frozen=True, slots=True)
class Normal:
    """Mean, shape (column,), and covariance, shape (column, column)."""

    mean: Array
    covariance: Array


@dataclass(frozen=True, slots=True)
class Patterns:
    """Rows sorted by which of their cells are missing: most rows share their pattern with many others.

    ``seen`` has shape (pattern, column), ``of`` the pattern of each row, shape (row,).
    """

    seen: NDArray[np.bool_]
    of: NDArray[np.int64]

    @classmethod
    def in_rows(cls, x: Array) -> Patterns:
        """The patterns of ``x``, shape (row, column), NaN where missing."""
        seen, of = np.unique(np.isfinite(x), axis=0, return_inverse=True)
        return cls(seen, of.astype(np.int64).reshape(-1))

    def times(self, matrices: Array, x: Array) -> Array:
        """Each row of ``x`` multiplied by the matrix of its pattern, shape (pattern, column, column)."""
        order = np.argsort(self.of, kind="stable")
        edges = np.searchsorted(self.of[order], np.arange(len(self.seen) + 1))
        product = np.empty_like(x)
        for matrix, (begin, end) in zip(matrices, pairwise(edges), strict=True):
            rows = order[begin:end]
            product[rows] = x[rows] @ matrix.T
        return product


@dataclass(frozen=True, slots=True)
class Conditional:
    """What a fit says about missing cells: ``mean`` (row, column), observed cells as given; ``covariance``
    (pattern, column, column), zero wherever a cell is observed."""

    mean: Array
    covariance: Array


def conditional(x: Array, fit: Normal, patterns: Patterns) -> Conditional:
    """Distribution of the missing cells of each row given its observed ones.

    Parameters
    ----------
    x : array, shape (row, column), NaN where missing
    patterns : the patterns of ``x``
    """
    seen = patterns.seen
    # Σ_oo with ones on the diagonal of the missing columns: all patterns can be solved in one batch.
    observed = np.where(seen[:, :, None] & seen[:, None, :], fit.covariance, 0.0)
    diagonal = np.arange(x.shape[1])
    observed[:, diagonal, diagonal] = np.where(seen, np.diag(fit.covariance), 1.0)
    cross = np.where(seen[:, None, :] & ~seen[:, :, None], fit.covariance, 0.0)
    gain = np.swapaxes(np.linalg.solve(observed, np.swapaxes(cross, 1, 2)), 1, 2)
    known = seen[patterns.of]
    residual = np.where(known, x - fit.mean, 0.0)
    shift = patterns.times(gain, residual)
    unseen = ~seen[:, :, None] & ~seen[:, None, :]
    left = np.where(unseen, fit.covariance - gain @ np.swapaxes(cross, 1, 2), 0.0)
    return Conditional(mean=np.where(known, x, fit.mean + shift), covariance=(left + np.swapaxes(left, 1, 2)) / 2)


def fit_normal(
    x: Array, *, weights: Array | None = None, start: Normal | None = None, steps: int = 200, tolerance: float = 1e-6
) -> Normal:
    """Mean and covariance by EM, with a weak prior towards uncorrelated columns of unit variance.

    Parameters
    ----------
    x : array, shape (row, column), NaN where missing; columns of roughly unit variance
    weights : how often each row counts, shape (row,); by default once
    start : fit to begin with
    steps, tolerance : at most so many steps; done when no parameter moves by more than this
    """
    patterns = Patterns.in_rows(x)
    count = np.ones(len(x)) if weights is None else weights
    by_pattern = np.bincount(patterns.of, weights=count, minlength=len(patterns.seen))
    total = count.sum()
    columns = x.shape[1]
    fit = start or Normal(mean=np.nan_to_num(np.nanmean(x, axis=0)), covariance=np.eye(columns))
    for _ in range(steps):
        filled = conditional(x, fit, patterns)
        mean = count @ filled.mean / total
        centred = filled.mean - mean
        scatter = (centred * count[:, None]).T @ centred + np.einsum("p,pij->ij", by_pattern, filled.covariance)
        covariance = (scatter + PRIOR_ROWS * np.eye(columns)) / (total + PRIOR_ROWS)
        moved = max(np.abs(mean - fit.mean).max(), np.abs(covariance - fit.covariance).max())
        fit = Normal(mean=mean, covariance=covariance)
        if moved < tolerance:
            break
    return fit


def _fits(x: Array, groups: NDArray[np.int64], *, sets: int, rng: np.random.Generator) -> Iterator[Normal]:
    """Fits to resampled groups of rows, each begun at the fit to all rows."""
    whole = fit_normal(x)
    names = np.unique(groups)
    for _ in range(sets):
        times = rng.multinomial(names.size, np.full(names.size, 1 / names.size))
        weights = times[np.searchsorted(names, groups)].astype(np.float64)
        # The resampled fit is near the whole one; some steps carry it there.
        yield fit_normal(x, weights=weights, start=whole, steps=15)


def draw_missing(
    x: Array,
    *,
    draws: int,
    rng: np.random.Generator,
    groups: NDArray[np.int64] | None = None,
    sets: int = 20,
) -> Array:
    """Posterior draws of all missing cells.

    Parameters
    ----------
    x : array, shape (row, column), NaN where missing; any scale
    draws : number of draws
    groups : rows of one group (the years of a country) are resampled together and share their random deviation,
        so that a country never observed is not thrown about from year to year; shape (row,). By default each row
        is a group.
    sets : number of resampled fits among which the draws are shared out

    Returns
    -------
    array, shape (draw, missing), in the order of ``np.nonzero(np.isnan(x))``
    """
    rows, columns = np.nonzero(np.isnan(x))
    if rows.size == 0:
        return np.empty((draws, 0))
    groups = np.arange(len(x)) if groups is None else groups
    centre = np.nan_to_num(np.nanmean(x, axis=0))
    spread = np.nanstd(x, axis=0)
    spread = np.where((spread > 0) & np.isfinite(spread), spread, 1.0)
    z = (x - centre) / spread

    gaps = np.unique(rows)
    missing = np.isnan(z[gaps])
    patterns = Patterns.in_rows(z[gaps])
    names = np.unique(groups)
    noise = rng.standard_normal((draws, names.size, x.shape[1]))
    # Rows of a group with the same gaps share their deviation, which is found once for them all.
    member = np.searchsorted(names, groups[gaps])
    pairs, pair_of = np.unique(np.stack([patterns.of, member], axis=1), axis=0, return_inverse=True)
    seen = patterns.seen[pairs[:, 0]]
    at_row, at_column = np.nonzero(missing)
    cell = pair_of.reshape(-1)[at_row] * x.shape[1] + at_column
    sets = min(sets, draws)
    drawn = np.empty((draws, rows.size))
    for number, fit in enumerate(_fits(z, groups, sets=sets, rng=rng)):
        own = slice(number, draws, sets)
        filled = conditional(z[gaps], fit, patterns)
        jitter = np.where(patterns.seen, 1.0, 1e-9)
        root = np.linalg.cholesky(filled.covariance + jitter[:, :, None] * np.eye(x.shape[1]))
        free = np.where(seen, 0.0, noise[own, pairs[:, 1]])
        deviation = np.matmul(root[pairs[:, 0]], free[:, :, :, None])[:, :, :, 0]
        drawn[own] = filled.mean[missing] + deviation.reshape(len(deviation), -1)[:, cell]
    whole: Array = centre[columns] + spread[columns] * drawn
    return whole


def best_guess(x: Array) -> Array:
    """``x`` with each missing cell at its conditional mean under the fit to all rows; shape (row, column)."""
    if not np.isnan(x).any():
        return x
    centre = np.nan_to_num(np.nanmean(x, axis=0))
    spread = np.nanstd(x, axis=0)
    spread = np.where((spread > 0) & np.isfinite(spread), spread, 1.0)
    z = (x - centre) / spread
    guess = centre + spread * conditional(z, fit_normal(z), Patterns.in_rows(z)).mean
    return np.where(np.isnan(x), guess, x)
