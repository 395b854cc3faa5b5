"""Fill missing cells with what the other cells say, as many times as there are draws.

Cells are taken as jointly normal. Mean and covariance are found by the EM algorithm; their own uncertainty comes
from refits to resampled rows, and each draw fills the missing cells from the conditional distribution under
one of these fits. One best guess per cell would make an imputed country look as certain as an observed one.

References
----------
Dempster, Laird, Rubin (1977), Maximum likelihood from incomplete data via the EM algorithm, JRSS B 39.
Honaker, King (2010), What to do about missing values in time-series cross-section data, AJPS 54 (EM and bootstrap).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

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
    """Which cells of each row are missing: most rows share their pattern with many others.

    Attributes
    ----------
    of : the pattern of each row, shape (row,)
    seen : columns observed, shape (pattern, column)
    places : columns missing, shape (pattern, place), as many places as the emptiest row needs; where a row needs fewer,
        observed columns stand in the others
    real : places that hold a missing column, same shape
    """

    of: Ints
    seen: NDArray[np.bool_]
    places: Ints
    real: NDArray[np.bool_]

    @classmethod
    def in_rows(cls, x: Array) -> Patterns:
        """The patterns of ``x``, shape (row, column), NaN where missing."""
        seen, of = np.unique(np.isfinite(x), axis=0, return_inverse=True)
        most = int((~seen).sum(axis=1).max())
        places = np.argsort(seen, axis=1, kind="stable")[:, :most]
        return cls(of.astype(np.int64).reshape(-1), seen, places, ~np.take_along_axis(seen, places, axis=1))


@dataclass(frozen=True, slots=True)
class Conditional:
    """What a fit says about missing cells given the observed ones.

    Attributes
    ----------
    mean : array, shape (row, column), observed cells as given
    covariance : array, shape (pattern, place, place), as in `Patterns`; zero at places without a missing column
    """

    mean: Array
    covariance: Array


def conditional(x: Array, fit: Normal, patterns: Patterns) -> Conditional:
    """Distribution of the missing cells of each row given its observed ones.

    With Λ the inverse of the covariance, the missing cells m given the observed ones o have covariance Λmm⁻¹ and
    mean μm - Λmm⁻¹ Λmo (xo - μo).

    Parameters
    ----------
    x : array, shape (row, column), NaN where missing
    patterns : the patterns of ``x``
    """
    known, places = patterns.seen[patterns.of], patterns.places
    precision = np.linalg.inv(fit.covariance)
    real = patterns.real[:, :, None] & patterns.real[:, None, :]
    # Ones on the diagonal of the other places: all patterns can be inverted in one batch.
    block = np.where(real, precision[places[:, :, None], places[:, None, :]], np.eye(places.shape[1]))
    covariance = np.where(real, np.linalg.inv(block), 0.0)
    residual = np.where(known, x - fit.mean, 0.0)
    pull = np.take_along_axis(residual @ precision, places[patterns.of], axis=1)
    shift = np.zeros_like(residual)
    np.put_along_axis(shift, places[patterns.of], np.matmul(covariance[patterns.of], pull[:, :, None])[:, :, 0], axis=1)
    return Conditional(mean=np.where(known, x, fit.mean - shift), covariance=covariance)


def fit_normal(
    x: Array,
    *,
    weights: Array | None = None,
    start: Normal | None = None,
    steps: int = 200,
    tolerance: float = 1e-5,
    prior_rows: float = PRIOR_ROWS,
) -> Normal:
    """Mean and covariance by EM, with a weak prior towards uncorrelated columns of unit variance.

    Parameters
    ----------
    x : array, shape (row, column), NaN where missing; columns of roughly unit variance
    weights : how often each row counts, shape (row,); by default once
    start : fit to begin with
    steps, tolerance : at most so many steps; done when no parameter moves by more than this
    prior_rows : how many rows the prior counts as; 0 for plain maximum likelihood, which needs more rows than columns
    """
    patterns = Patterns.in_rows(x)
    count = np.ones(len(x)) if weights is None else weights
    by_pattern = np.bincount(patterns.of, weights=count, minlength=len(patterns.seen))
    total = count.sum()
    columns = x.shape[1]
    at = patterns.places[:, :, None], patterns.places[:, None, :]
    fit = start or Normal(mean=_mean(x), covariance=np.eye(columns))
    for _ in range(steps):
        filled = conditional(x, fit, patterns)
        mean = count @ filled.mean / total
        centred = filled.mean - mean
        scatter = (centred * count[:, None]).T @ centred + prior_rows * np.eye(columns)
        np.add.at(scatter, at, by_pattern[:, None, None] * filled.covariance)
        covariance = (scatter + scatter.T) / 2 / (total + prior_rows)
        moved = max(np.abs(mean - fit.mean).max(), np.abs(covariance - fit.covariance).max())
        fit = Normal(mean=mean, covariance=covariance)
        if moved < tolerance:
            break
    return fit


def log_likelihood(x: Array, fit: Normal) -> float:
    """Log-density of the observed cells under a fit: the sum over rows of ln N(xo; μo, Σoo).

    Parameters
    ----------
    x : array, shape (row, column), NaN where missing; a row without observed cells adds nothing

    >>> round(log_likelihood(np.array([[0.0, np.nan]]), Normal(np.zeros(2), np.eye(2))), 6)
    -0.918939
    """
    patterns = Patterns.in_rows(x)
    total = 0.0
    for number, seen in enumerate(patterns.seen):
        if seen.any():
            root = np.linalg.cholesky(fit.covariance[np.ix_(seen, seen)])
            residual = np.linalg.solve(root, (x[patterns.of == number][:, seen] - fit.mean[seen]).T)
            constant = seen.sum() * np.log(2 * np.pi) + 2 * np.log(np.diag(root)).sum()
            total -= (residual.shape[1] * constant + (residual**2).sum()) / 2
    return float(total)


def _mean(x: Array) -> Array:
    """Mean of the observed cells of each column, zero where there are none."""
    known = np.isfinite(x)
    total: Array = np.where(known, x, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return total


@dataclass(frozen=True, slots=True)
class Joint:
    """Cells, the same in standard deviations from the mean of their column (``z``), and the fit to all rows.

    ``cells`` and ``z`` have shape (row, column), ``centre`` and ``spread`` shape (column,).
    """

    cells: Array
    z: Array
    centre: Array
    spread: Array
    fit: Normal

    @classmethod
    def of(cls, x: Array) -> Joint:
        """The cells of ``x``, shape (row, column), any scale, NaN where missing."""
        centre = _mean(x)
        spread = np.sqrt(_mean((x - centre) ** 2))
        spread = np.where(spread > 0, spread, 1.0)
        z = (x - centre) / spread
        return cls(x, z, centre, spread, fit_normal(z))


def best_guess(joint: Joint) -> Array:
    """All cells, each missing one at its conditional mean under the fit to all rows; shape (row, column)."""
    guess = conditional(joint.z, joint.fit, Patterns.in_rows(joint.z)).mean
    return np.where(np.isfinite(joint.cells), joint.cells, joint.centre + joint.spread * guess)


def _refits(joint: Joint, groups: Ints, *, sets: int, rng: np.random.Generator) -> Iterator[Normal]:
    """Fits to resampled groups of rows, each begun at the fit to all rows."""
    names = np.unique(groups)
    for _ in range(sets):
        times = rng.multinomial(names.size, np.full(names.size, 1 / names.size))
        weights = times[np.searchsorted(names, groups)].astype(np.float64)
        # The resampled fit is near the whole one; some steps carry it there.
        yield fit_normal(joint.z, weights=weights, start=joint.fit, steps=15)


def draw_missing(
    joint: Joint,
    *,
    draws: int,
    rng: np.random.Generator,
    columns: Sequence[np.random.Generator] | None = None,
    groups: Ints | None = None,
    sets: int = 20,
) -> Array:
    """Posterior draws of all missing cells.

    Parameters
    ----------
    draws : number of draws
    rng : stream for the rows that are resampled
    columns : a stream for each column: one column fewer, or without gaps, changes no deviate of the others. By default
        they are split off from ``rng``
    groups : rows of one group (the years of a country) are resampled together and share their random deviation,
        so that a country never observed is not thrown about from year to year; shape (row,). By default each row
        is a group.
    sets : number of resampled fits among which the draws are shared out

    Returns
    -------
    array, shape (draw, missing), in the order of ``np.nonzero`` of the missing cells
    """
    z = joint.z
    rows, column = np.nonzero(np.isnan(z))
    if rows.size == 0:
        return np.empty((draws, 0))
    groups = np.arange(len(z)) if groups is None else groups
    names = np.unique(groups)
    streams = rng.spawn(z.shape[1]) if columns is None else columns
    noise = np.zeros((draws, names.size, z.shape[1]))
    for k in np.unique(column).tolist():
        noise[:, :, k] = streams[k].standard_normal((draws, names.size))
    gaps, row_of = np.unique(rows, return_inverse=True)
    missing = np.isnan(z[gaps])
    patterns = Patterns.in_rows(z[gaps])
    # Rows of a group with the same gaps share their deviation, which is found once for them all.
    member = np.searchsorted(names, groups[gaps])
    pairs, pair_of = np.unique(np.stack([patterns.of, member], axis=1), axis=0, return_inverse=True)
    pattern, group = pairs.T
    places, count = patterns.places[pattern], patterns.places.shape[1]
    # The place of each missing cell among those of its pattern: both run through the columns in order.
    nth = np.cumsum(missing, axis=1)[row_of, column] - 1
    cell = pair_of.reshape(-1)[row_of] * count + nth
    sets = min(sets, draws)
    drawn = np.empty((draws, rows.size))
    for number, fit in enumerate(_refits(joint, groups, sets=sets, rng=rng)):
        own = slice(number, draws, sets)
        filled = conditional(z[gaps], fit, patterns)
        root = np.linalg.cholesky(filled.covariance + np.where(patterns.real, 0.0, 1.0)[:, :, None] * np.eye(count))
        free = noise[own, group[:, None], places]
        deviation = np.matmul(root[pattern], free[:, :, :, None])[:, :, :, 0]
        drawn[own] = filled.mean[missing] + deviation.reshape(len(deviation), -1)[:, cell]
    whole: Array = joint.centre[column] + joint.spread[column] * drawn
    return whole
