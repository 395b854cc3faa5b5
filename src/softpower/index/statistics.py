"""What a table of raw indicators looks like before anything is done to it.

How much of it is there, how each indicator is spread, and whether it grows with the size of a country: the questions
to ask before cells are filled, outliers treated or units left out. Nothing here changes a cell. Missing cells are NaN
and never count as zeros.

References
----------
OECD/JRC (2008), Handbook on Constructing Composite Indicators, steps 3 (missing data) and 4 (multivariate analysis).
Joanes, Gill (1998), Comparing measures of sample skewness and kurtosis, The Statistician 47(1), 183-189.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.errors import BadRequest

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Where both are reached, an indicator is taken to have outliers. The JRC's audits and COINr use these limits, after
# Groeneveld and Meeden (1984), Measuring skewness and kurtosis, The Statistician 33, with the one on skewness relaxed
# for samples as small as the number of countries.
MOST_SKEW = 2.0
MOST_KURTOSIS = 3.5


def finite_or_missing(x: ArrayLike, *, what: str = "x") -> Array:
    """``x`` as numbers, NaN where missing.

    Raises
    ------
    BadRequest
        Some cell is infinite: neither a value nor missing.

    >>> finite_or_missing([1, float("nan")]).tolist()
    [1.0, nan]
    """
    cells = np.asarray(x, dtype=np.float64)
    wrong = np.argwhere(np.isinf(cells))
    if wrong.size:
        place = tuple(wrong[0].tolist())
        count = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise BadRequest(
            f"{what} has the value {cells[place]} at position {', '.join(map(str, place))} (counted from 0){count}: "
            "give a number, or leave the cell empty if it is missing"
        )
    return cells


def _table(x: ArrayLike) -> Array:
    cells = finite_or_missing(x)
    if cells.ndim not in {1, 2}:
        raise BadRequest(f"a table has the shape (unit,) or (unit, indicator), not {cells.shape}")
    return cells


def moderate(x: Array) -> tuple[Array, Ints]:
    """Columns divided by powers of two, so that no cell exceeds 1 and no sum or square overflows; and the powers.

    Exact: no digit of a cell changes, unless it is some 300 orders of magnitude smaller than the largest.

    Parameters
    ----------
    x : array, shape (unit,) or (unit, indicator), NaN where missing

    Returns
    -------
    array of the same shape, and ints, shape () or (indicator,): ``np.ldexp`` of the two gives ``x`` back

    >>> [each.tolist() for each in moderate(np.array([3.0, -8.0]))]
    [[0.1875, -0.5], 4]
    """
    size = np.nanmax(np.abs(x), axis=0, initial=0.0)
    power = np.frexp(size)[1].astype(np.int64)
    return np.ldexp(x, -power), power


# Availability


@dataclass(frozen=True, slots=True)
class Availability:
    """How many indicators each unit has, and how many of these are zero.

    Attributes
    ----------
    missing, zero : int arrays, shape (unit,)
    share_available : share of the indicators that are not missing, shape (unit,)
    share_nonzero : share of the available ones that are not zero; NaN where none is available
    """

    missing: Ints
    zero: Ints
    share_available: Array
    share_nonzero: Array

    @property
    def missing_or_zero(self) -> Ints:
        """Indicators that are missing or zero, shape (unit,)."""
        return self.missing + self.zero


def availability(x: ArrayLike) -> Availability:
    """Availability of each unit over all indicators.

    Parameters
    ----------
    x : array, shape (unit, indicator), NaN where missing

    >>> availability([[1.0, 0.0], [np.nan, 2.0]]).share_available.tolist()
    [1.0, 0.5]
    """
    cells = _table(x)
    if cells.ndim != 2:
        raise BadRequest(f"availability of units needs the shape (unit, indicator), not {cells.shape}")
    known = ~np.isnan(cells)
    count = known.sum(axis=1)
    zero = (cells == 0).sum(axis=1)
    if cells.shape[1] == 0:
        raise BadRequest("availability of units needs at least one indicator")
    return Availability(
        missing=cells.shape[1] - count,
        zero=zero,
        share_available=count / cells.shape[1],
        share_nonzero=np.where(count > 0, (count - zero) / np.maximum(count, 1), np.nan),
    )


def availability_by_group(x: ArrayLike, groups: Sequence[str]) -> dict[str, Availability]:
    """Availability of each unit within each group of indicators, a pillar for example.

    Parameters
    ----------
    x : array, shape (unit, indicator), NaN where missing
    groups : the group of each indicator, as many as indicators

    Returns
    -------
    dict
        In the order in which the groups first appear.

    >>> parts = availability_by_group([[1.0, np.nan, np.nan]], ["trade", "trade", "culture"])
    >>> {name: part.share_available.tolist() for name, part in parts.items()}
    {'trade': [0.5], 'culture': [0.0]}
    """
    cells = _table(x)
    if cells.ndim != 2 or len(groups) != cells.shape[1]:
        raise BadRequest(f"{len(groups)} groups do not fit a table of shape {cells.shape}: name one per indicator")
    names = np.asarray(groups)
    return {name: availability(cells[:, names == name]) for name in dict.fromkeys(groups)}


# Shape of a distribution


def skew_and_kurtosis(x: ArrayLike) -> tuple[Array, Array]:
    """Bias-adjusted skewness G1 and excess kurtosis G2 of each column.

    With n known cells and central moments m_r = sum (x - mean)^r / n,

        g1 = m3 / m2^(3/2)        G1 = g1 sqrt(n (n - 1)) / (n - 2)
        g2 = m4 / m2^2 - 3        G2 = ((n + 1) g2 + 6) (n - 1) / ((n - 2) (n - 3))

    Parameters
    ----------
    x : array, shape (unit,) or (unit, indicator), NaN where missing

    Returns
    -------
    G1, G2 : arrays, shape () or (indicator,)
        NaN where the column is constant or has fewer than 3 (G1) or 4 (G2) known cells.

    References
    ----------
    Joanes, Gill (1998), The Statistician 47(1), 183-189: the definitions of most statistics packages and spreadsheets.

    >>> skew, kurtosis = skew_and_kurtosis(np.array([0.0, 0.0, 0.0, 1.0, np.nan]))
    >>> round(float(skew), 9), round(float(kurtosis), 9)
    (2.0, 4.0)
    """
    # Sorted, so that rounding does not let the order of the units decide when a limit is met exactly.
    cells = moderate(np.sort(_table(x), axis=0))[0]
    known = ~np.isnan(cells)
    n = known.sum(axis=0)
    held = np.where(known, cells, 0.0)
    centred = np.where(known, cells - held.sum(axis=0) / np.maximum(n, 1), 0.0)
    # In shares of the largest deviation no power of a tiny or huge unit under- or overflows.
    reach = np.abs(centred).max(axis=0, initial=0.0)
    low = np.where(known, cells, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, cells, -np.inf).max(axis=0, initial=-np.inf)
    varied = (high > low) & (reach > 0)  # the mean of equal cells need not be exactly their value
    z = np.where(varied, centred, 0.0) / np.where(varied, reach, 1.0)
    n = np.where(varied, n, 0)
    some = np.maximum(n, 1)
    square = z * z
    m2, m3, m4 = (each.sum(axis=0) / some for each in (square, square * z, square * square))
    m2 = np.where(varied, m2, 1.0)
    enough = np.where(n > 2, n, 3)
    skew = np.where(n > 2, m3 / m2**1.5 * np.sqrt(enough * (enough - 1.0)) / (enough - 2), np.nan)
    enough = np.where(n > 3, n, 4)
    excess = m4 / m2**2 - 3
    kurtosis = ((enough + 1) * excess + 6) * (enough - 1) / ((enough - 2) * (enough - 3))
    return skew, np.where(n > 3, kurtosis, np.nan)


def skewness(x: ArrayLike) -> Array:
    """Bias-adjusted skewness G1 of each column; see `skew_and_kurtosis`.

    >>> float(skewness([1.0, 2.0, 3.0]))
    0.0
    """
    return skew_and_kurtosis(x)[0]


def kurtosis(x: ArrayLike) -> Array:
    """Bias-adjusted excess kurtosis G2 of each column; see `skew_and_kurtosis`.

    >>> round(float(kurtosis([1.0, 2.0, 3.0, 4.0])), 9)
    -1.2
    """
    return skew_and_kurtosis(x)[1]


# Statistics of indicators


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond these an indicator is flagged; shares are flagged when below.

    Attributes
    ----------
    skew, kurtosis : both must be reached for the flag: a long tail, not merely a lean
    available : share of units that have the indicator
    nonzero : share of the available cells that are not zero
    unique : number of different values, as a share of the available cells
    """

    skew: float = MOST_SKEW
    kurtosis: float = MOST_KURTOSIS
    available: float = 0.65
    nonzero: float = 0.5
    unique: float = 0.5


@dataclass(frozen=True, slots=True)
class Statistics:
    """Description of each indicator; all arrays have shape (indicator,).

    Attributes
    ----------
    minimum, maximum, mean, median : over the available cells, NaN where there are none
    std : with n - 1 in the denominator; NaN where fewer than two are available
    skew, kurtosis : G1 and G2, see `skew_and_kurtosis`
    available, nonzero, unique, same : numbers of available cells, of those that are not zero, of different values, and
        of cells that hold the most frequent value
    most_frequent : that value, the smallest of several
    share_available : of all units
    share_nonzero, share_unique, share_same : of the available cells, NaN where there are none
    few_available, few_nonzero, few_unique, outliers : flags, see `Limits`; a share that cannot be told is not flagged
    """

    minimum: Array
    maximum: Array
    mean: Array
    median: Array
    std: Array
    skew: Array
    kurtosis: Array
    available: Ints
    nonzero: Ints
    unique: Ints
    same: Ints
    most_frequent: Array
    share_available: Array
    share_nonzero: Array
    share_unique: Array
    share_same: Array
    few_available: Bools
    few_nonzero: Bools
    few_unique: Bools
    outliers: Bools


def describe(x: ArrayLike, *, limits: Limits | None = None) -> Statistics:
    """Statistics and flags of each indicator.

    Parameters
    ----------
    x : array, shape (unit, indicator), NaN where missing
    limits : by default those of the JRC's audits

    >>> told = describe([[1.0], [1.0], [0.0], [np.nan]])
    >>> told.available.tolist(), told.share_nonzero.round(3).tolist(), told.most_frequent.tolist()
    ([3], [0.667], [1.0])
    """
    limits = limits or Limits()
    cells = _table(x)
    if cells.ndim != 2:
        raise BadRequest(f"statistics need the shape (unit, indicator), not {cells.shape}")
    units, columns = cells.shape
    summary = np.full((6, columns), np.nan)
    available, nonzero, unique, same = counts = np.zeros((4, columns), dtype=np.int64)
    for column in range(columns):
        known = cells[~np.isnan(cells[:, column]), column]
        if known.size:
            values, times = np.unique(known, return_counts=True)
            small, power = moderate(known)
            std = small.std(ddof=1) if known.size > 1 else np.nan
            mean, median, std = np.ldexp((small.mean(), np.median(small), std), power)
            summary[:, column] = values[0], values[-1], mean, median, std, values[times.argmax()]
            counts[:, column] = known.size, np.count_nonzero(known), values.size, times.max()
    skew, kurtosis = skew_and_kurtosis(cells)
    share_available = available / max(units, 1)
    shares = np.where(available > 0, counts[1:] / np.maximum(available, 1), np.nan)
    return Statistics(
        minimum=summary[0],
        maximum=summary[1],
        mean=summary[2],
        median=summary[3],
        std=summary[4],
        skew=skew,
        kurtosis=kurtosis,
        available=available,
        nonzero=nonzero,
        unique=unique,
        same=same,
        most_frequent=summary[5],
        share_available=share_available,
        share_nonzero=shares[0],
        share_unique=shares[1],
        share_same=shares[2],
        few_available=share_available < limits.available,
        few_nonzero=shares[0] < limits.nonzero,
        few_unique=shares[1] < limits.unique,
        outliers=(np.abs(skew) >= limits.skew) & (kurtosis >= limits.kurtosis),
    )


# Size of countries


def correlations(x: ArrayLike, others: ArrayLike) -> Array:
    """Pearson correlation of each column of ``x`` with each of ``others``, over the units that have both.

    An indicator that goes with population, area or output says how large a country is; it may need a denominator
    (`softpower.index.denominate`).

    Parameters
    ----------
    x : array, shape (unit, indicator), NaN where missing
    others : array, shape (unit, other), the candidate denominators; NaN where missing

    Returns
    -------
    array, shape (indicator, other)
        NaN where fewer than two units have both, or where either is constant among them.

    >>> correlations([[1.0], [2.0], [3.0]], [[2.0, 7.0], [4.0, 7.0], [6.0, 7.0]]).round(9).tolist()
    [[1.0, nan]]
    """
    left, right = _table(x), finite_or_missing(others, what="others")
    if left.ndim != 2 or right.ndim != 2 or len(left) != len(right):
        raise BadRequest(f"tables of shapes {left.shape} and {right.shape} do not have their units in common")
    found = np.full((left.shape[1], right.shape[1]), np.nan)
    for i, j in np.ndindex(found.shape):
        both = ~(np.isnan(left[:, i]) | np.isnan(right[:, j]))
        a, b = moderate(left[both, i])[0], moderate(right[both, j])[0]
        if a.size > 1 and a.min() < a.max() and b.min() < b.max():
            a, b = a - a.mean(), b - b.mean()
            a, b = a / np.abs(a).max(), b / np.abs(b).max()
            found[i, j] = np.clip(a @ b / np.sqrt((a @ a) * (b @ b)), -1.0, 1.0)
    return found


def strong_pairs(correlation: ArrayLike, *, above: float = 0.6) -> list[tuple[int, int, float]]:
    """Row, column and value of each correlation beyond ``above`` in either direction, strongest first.

    >>> strong_pairs([[0.7, -0.8], [0.1, np.nan]])
    [(0, 1, -0.8), (0, 0, 0.7)]
    """
    values = np.asarray(correlation, dtype=np.float64)
    found = [(int(i), int(j), float(values[i, j])) for i, j in np.argwhere(np.abs(values) > above)]
    return sorted(found, key=lambda pair: -abs(pair[2]))
