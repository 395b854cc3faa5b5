"""How many things a set of indicators measures, and whether they may be added up at all.

Principal components, their rotation, sampling adequacy and a test of sphericity: all start from the correlations of
indicators that have been directed (more is better) and are unchanged by units. Internal consistency is in
`softpower.index.reliability`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.index.correlation import FEWEST_UNITS, checked, correlate

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

# Eigenvalues below this share of the largest are zero but for rounding.
ROUNDING = 1e-10
MISSING = ("complete", "pairwise")


def correlations(x: Array, *, missing: str = "complete") -> tuple[Array, int]:
    """Pearson correlations of the columns, and the number of units behind them.

    Parameters
    ----------
    x : array, shape (unit, part), NaN where unknown
    missing : "complete" takes the units in which all parts are known; "pairwise" those in which both of a pair are,
        which wastes fewer cells but may give a matrix that no data could have

    Returns
    -------
    array, shape (part, part), and the number of units: for "pairwise" the smallest of any pair

    Raises
    ------
    NotEnoughData
        Fewer than three units are left, or a part does not vary over them.

    >>> r, n = correlations(np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 3.0], [np.nan, 9.0]]))
    >>> round(float(r[0, 1]), 3), n
    (0.5, 3)
    """
    table = cells_for(x, missing)
    found = correlate(table)
    if np.isnan(found.r).any():
        lone = np.isnan(np.diag(found.r))
        part = np.flatnonzero(lone if lone.any() else np.isnan(found.r).any(axis=0))[0]
        raise NotEnoughData(f"column {part} does not vary over the units it shares with some other: leave it out")
    return found.r, int(found.n.min())


def cells_for(x: Array, missing: str) -> Array:
    """Rows to be used, as `correlations` says; at least three of them, and at least two columns."""
    if missing not in MISSING:
        raise BadRequest(f"missing must be one of {', '.join(MISSING)}, not {missing!r}")
    table = checked(x)
    if table.shape[1] < 2:
        raise BadRequest(f"at least two columns are needed, here are {table.shape[1]}")
    if missing == "complete":
        table = table[np.isfinite(table).all(axis=1)]
    known = np.isfinite(table).astype(np.int64)
    fewest = int((known.T @ known).min())
    if fewest < FEWEST_UNITS:
        raise NotEnoughData(
            f"only {fewest} units have all the cells needed ({missing}): impute first"
            + (', or give missing="pairwise"' if missing == "complete" else ", or leave out the emptiest column")
        )
    return table


def _matrix(r: Array) -> Array:
    """A correlation matrix, or an error that says what else it is."""
    matrix = np.asarray(r, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        raise BadRequest(f"a correlation matrix has the shape (part, part) with two parts or more, not {matrix.shape}")
    if not np.isfinite(matrix).all():
        part = np.flatnonzero(~np.isfinite(matrix).all(axis=0))[0]
        raise BadRequest(f"column {part} of the correlation matrix holds a gap: leave this part out")
    if not np.allclose(matrix, matrix.T, atol=1e-8) or not np.allclose(np.diag(matrix), 1, atol=1e-8):
        raise BadRequest("not a correlation matrix: it must be symmetric with ones on its diagonal")
    return (matrix + matrix.T) / 2


@dataclass(frozen=True, slots=True)
class Components:
    """Principal components of a correlation matrix, the largest first.

    Attributes
    ----------
    eigenvalues : shape (component,); they sum to the number of parts
    explained : share of the variance each component carries, shape (component,)
    vectors : unit eigenvectors in columns, shape (part, component): what COINr calls loadings
    loadings : correlations of parts with components, shape (part, component): vectors times the root of the eigenvalue
    kaiser : how many eigenvalues exceed 1
    opposed : parts whose sign on the first component differs from most others: weights cannot be taken from it as
        long as there are any
    n : number of units behind the correlations
    """

    eigenvalues: Array
    explained: Array
    vectors: Array
    loadings: Array
    kaiser: int
    opposed: tuple[int, ...]
    n: int


def pca(x: Array, *, missing: str = "complete") -> Components:
    """Principal components of the correlations of the columns.

    An eigenvector is known only up to its sign: here its entries sum to more than zero, so that a component points
    where most parts point; if they sum to zero, the first of its largest entries is positive.

    Parameters
    ----------
    x : array, shape (unit, part), directed
    missing : "complete" or "pairwise", see `correlations`

    Returns
    -------
    Components

    Raises
    ------
    NotEnoughData
        Too few units, or a part that does not vary.
    BadRequest
        Pairwise correlations that contradict each other (an eigenvalue below zero).

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 4 (multivariate analysis).
    Kaiser (1960), The application of electronic computers to factor analysis: eigenvalues above 1.

    >>> found = pca(np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 3.0]]))
    >>> found.eigenvalues.round(3).tolist(), found.vectors[:, 0].round(3).tolist(), found.kaiser
    ([1.5, 0.5], [0.707, 0.707], 1)
    """
    r, n = correlations(x, missing=missing)
    rising, columns = np.linalg.eigh(r)
    values, vectors = rising[::-1], columns[:, ::-1]
    if values[-1] < -ROUNDING * values[0]:
        raise BadRequest(
            f"the pairwise correlations contradict each other (smallest eigenvalue {values[-1]:.3g}): "
            'impute first, or give missing="complete"'
        )
    values = np.where(values < ROUNDING * values[0], 0.0, values)
    vectors = vectors * _signs(vectors)
    first = vectors[:, 0]
    return Components(
        eigenvalues=values,
        explained=values / len(r),
        vectors=vectors,
        loadings=vectors * np.sqrt(values),
        kaiser=int((values > 1 + ROUNDING).sum()),
        opposed=tuple(np.flatnonzero(first < -ROUNDING).tolist()),
        n=n,
    )


def _signs(vectors: Array) -> Array:
    """The sign each column is to be multiplied with."""
    total = vectors.sum(axis=0)
    size = np.abs(vectors)
    leading = vectors[(size > size.max(axis=0) - ROUNDING).argmax(axis=0), np.arange(vectors.shape[1])]
    return np.where(np.where(np.abs(total) > ROUNDING, total, leading) < 0, -1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Rotation:
    """Loadings turned so that each part loads on few factors.

    Attributes
    ----------
    loadings : shape (part, factor), the factor that carries most variance first, each summing to zero or more
    matrix : orthogonal, shape (factor, factor): the loadings given, times this, are ``loadings``
    explained : share of the variance of all parts that each factor carries, shape (factor,)
    """

    loadings: Array
    matrix: Array
    explained: Array


def varimax(loadings: Array, *, kaiser: bool = True, tolerance: float = 1e-12, rounds: int = 1000) -> Rotation:
    """Turn the factors so that the squared loadings of each vary as much as possible.

    Parameters
    ----------
    loadings : array, shape (part, factor): the first columns of `Components.loadings`, for instance as many as
        its ``kaiser``
    kaiser : whether each part counts the same (rows scaled to length 1 while turning) or by its communality
    tolerance : two factors are left as they are if turning them by less than this angle, in radians
    rounds : passes over all pairs of factors after which to give up

    Raises
    ------
    NotEnoughData
        No rest within ``rounds`` passes.

    References
    ----------
    Kaiser (1958), The varimax criterion for analytic rotation in factor analysis, Psychometrika 23: equation for the
    angle of two factors.

    >>> turned = varimax(np.array([[0.7, 0.7], [0.7, -0.7]])).loadings
    >>> abs(turned.round(3)).tolist()
    [[0.99, 0.0], [0.0, 0.99]]
    """
    start = np.asarray(loadings, dtype=np.float64)
    if start.ndim != 2 or not np.isfinite(start).all():
        raise BadRequest(f"loadings must be finite numbers of shape (part, factor), not {start.shape}")
    length = np.sqrt((start**2).sum(axis=1, keepdims=True)) if kaiser else np.ones((len(start), 1))
    turned = start / np.where(length > 0, length, 1.0)
    count = turned.shape[1]
    matrix = np.eye(count)
    for _ in range(rounds):
        largest = 0.0
        for i in range(count):
            for j in range(i + 1, count):
                angle = _angle(turned[:, i], turned[:, j])
                largest = max(largest, abs(angle))
                turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
                turned[:, [i, j]] = turned[:, [i, j]] @ turn
                matrix[:, [i, j]] = matrix[:, [i, j]] @ turn
        if largest <= tolerance:
            break
    else:
        raise NotEnoughData(f"the rotation did not come to rest in {rounds} rounds: give more, or fewer factors")
    rotated = start @ matrix
    carried = (rotated**2).sum(axis=0)
    order = np.argsort(-carried, kind="stable")
    signs = _signs(rotated)[order]
    return Rotation(rotated[:, order] * signs, matrix[:, order] * signs, carried[order] / len(start))


def _angle(a: Array, b: Array) -> float:
    """By how much two factors are to be turned, between minus and plus a quarter of a half turn."""
    u, v = a * a - b * b, 2 * a * b
    parts = len(a)
    above = 2 * (u @ v - u.sum() * v.sum() / parts)
    below = u @ u - v @ v - (u.sum() ** 2 - v.sum() ** 2) / parts
    if np.hypot(above, below) <= ROUNDING * ROUNDING:  # any angle is as good
        return 0.0
    return float(np.arctan2(above, below)) / 4


@dataclass(frozen=True, slots=True)
class Adequacy:
    """Kaiser-Meyer-Olkin measure: of all parts, and of each, shape (part,); between 0 and 1, NaN if nothing correlates.

    ``partial`` holds the correlation of each two parts given all others, shape (part, part).
    """

    overall: float
    each: Array
    partial: Array

    @property
    def word(self) -> str:
        """Kaiser's name for the overall measure, from "unacceptable" below 0.5 to "marvellous" from 0.9."""
        if np.isnan(self.overall):
            return "unknown"
        return str(_WORDS[int(np.searchsorted(_STEPS, self.overall, side="right"))])


_STEPS = np.array([0.5, 0.6, 0.7, 0.8, 0.9])
_WORDS = ("unacceptable", "miserable", "mediocre", "middling", "meritorious", "marvellous")


def kmo(r: Array) -> Adequacy:
    """Whether correlations are due to what all parts share rather than to pairs of them.

    The sum of squared correlations over itself plus that of squared partial correlations, off the diagonal.

    Parameters
    ----------
    r : correlation matrix, shape (part, part), as `correlations` gives it

    Raises
    ------
    BadRequest
        A singular or contradictory matrix: partial correlations do not exist.

    References
    ----------
    Kaiser, Rice (1974), Little Jiffy, Mark IV, Educational and Psychological Measurement 34: measure and its names.

    >>> found = kmo(np.array([[1.0, 0.5, 0.5], [0.5, 1.0, 0.5], [0.5, 0.5, 1.0]]))  # (1 + r)^2 / ((1 + r)^2 + 1)
    >>> round(found.overall, 6), found.word
    (0.692308, 'mediocre')
    """
    matrix = _matrix(r)
    _regular(matrix)
    inverse = np.linalg.inv(matrix)
    scale = np.sqrt(np.diag(inverse))
    partial = -inverse / np.outer(scale, scale)
    np.fill_diagonal(partial, 1.0)
    off = ~np.eye(len(matrix), dtype=bool)
    shared, left = np.where(off, matrix**2, 0.0), np.where(off, partial**2, 0.0)
    each = ratio(shared.sum(axis=0), (shared + left).sum(axis=0))
    return Adequacy(float(ratio(shared.sum(), (shared + left).sum())), each, partial)


def ratio(above: Array, below: Array) -> Array:
    """``above`` over ``below``, NaN where ``below`` is not positive."""
    return np.where(below > 0, above / np.where(below > 0, below, 1.0), np.nan)


def _regular(matrix: Array) -> None:
    values, vectors = np.linalg.eigh(matrix)
    if values[0] > ROUNDING * values[-1]:
        return
    involved = np.flatnonzero(np.abs(vectors[:, 0]) > 0.1).tolist()
    raise BadRequest(
        f"the correlation matrix is singular (smallest eigenvalue {values[0]:.3g}): columns {involved} determine each "
        "other; leave out one of them, or give more units than columns"
    )


@dataclass(frozen=True, slots=True)
class Sphericity:
    """Bartlett's test that nothing correlates: statistic, degrees of freedom, chance of it if that were so."""

    statistic: float
    freedom: int
    p: float


def bartlett(r: Array, n: int) -> Sphericity:
    """Test whether a correlation matrix could be that of independent parts.

    The statistic is -(n - 1 - (2k + 5)/6) ln|R| with k(k - 1)/2 degrees of freedom, for normal data.

    Parameters
    ----------
    r : correlation matrix, shape (part, part)
    n : number of units behind it

    Raises
    ------
    BadRequest
        A singular matrix, or too few units for its size.

    References
    ----------
    Bartlett (1951), The effect of standardization on a chi-squared approximation in factor analysis, Biometrika 38.

    >>> found = bartlett(np.array([[1.0, 0.6], [0.6, 1.0]]), 20)  # -17.5 ln 0.64
    >>> round(found.statistic, 4), found.freedom, round(found.p, 4)
    (7.81, 1, 0.0052)
    """
    from scipy.special import chdtrc

    matrix = _matrix(r)
    _regular(matrix)
    parts = len(matrix)
    factor = n - 1 - (2 * parts + 5) / 6
    if factor <= 0:
        raise BadRequest(
            f"{n} units are too few to test the correlations of {parts} columns: more than "
            f"{1 + (2 * parts + 5) / 6:.3g} are needed"
        )
    statistic = max(0.0, -factor * float(np.linalg.slogdet(matrix)[1]))
    freedom = parts * (parts - 1) // 2
    return Sphericity(statistic, freedom, float(chdtrc(freedom, statistic)))
