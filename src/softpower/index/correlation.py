"""Which indicators move together, and which of them should not.

Parts of one node are meant to show different sides of one thing: they should correlate, but not so much that one of
them repeats another, and not against each other. Every pair is taken over the units in which both are known; a pair
that cannot be judged (fewer than three units, or a constant) is NaN and is flagged so, never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest
from softpower.index.statistics import moderate

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Words = NDArray[np.str_]

HIGH = 0.92
WEAK = 0.3
LEVEL = 0.05
FEWEST_UNITS = 3
# Beyond this many units Kendall's S without ties is so close to normal that counting orderings is not worth its time.
EXACT_KENDALL = 33


@dataclass(frozen=True, slots=True)
class Correlation:
    """Correlations of columns, shape (part, other).

    Attributes
    ----------
    r : between -1 and 1, NaN where there are fewer than three common units or one side is constant
    p : chance of an ``r`` at least as far from zero if the two were independent, two-sided; NaN with ``r``
    n : number of units in which both are known
    """

    r: Array
    p: Array
    n: Ints


class Pair(NamedTuple):
    """Two parts and how they correlate; positions count from 0 in the order of the columns.

    ``parent`` is the node both belong to, or that the second one is; ``flag`` is a word of `judge` or "elsewhere".
    """

    first: int
    second: int
    parent: str
    r: float
    p: float
    n: int
    flag: str


@dataclass(frozen=True, slots=True)
class Redundancy:
    """Parts that repeat others: the pairs, strongest first, and the groups in which each is linked to some other."""

    pairs: tuple[Pair, ...]
    groups: tuple[tuple[int, ...], ...]


def checked(x: Array, *, what: str = "x") -> Array:
    """The same cells as a table of finite numbers or NaN, shape (unit, part); a single column may come as a vector."""
    table = np.asarray(x, dtype=np.float64)
    table = table[:, None] if table.ndim == 1 else table
    if table.ndim != 2:
        raise BadRequest(f"{what} must have the shape (unit, part), not {table.shape}")
    if np.isinf(table).any():
        unit, part = np.argwhere(np.isinf(table))[0]
        raise BadRequest(
            f"{what}[{unit}, {part}] is {table[unit, part]}: numbers must be finite; put NaN where one is unknown"
        )
    return table


def correlate(x: Array, y: Array | None = None, *, method: str = "pearson") -> Correlation:
    """Correlation of each column of ``x`` with each column of ``y``, over the units in which both are known.

    Parameters
    ----------
    x : array, shape (unit, part), NaN where unknown
    y : array, shape (unit, other), NaN where unknown; by default ``x`` itself
    method : "pearson", "spearman" (ranks taken within the common units, ties share their mean) or "kendall" (tau-b)

    Returns
    -------
    Correlation
        ``p`` is that of Student's t for Pearson and Spearman; for Kendall exact up to 33 units without ties, normal
        with the variance corrected for ties otherwise.

    Raises
    ------
    BadRequest
        Unknown method, tables of different length, infinite cells.

    References
    ----------
    Kendall (1970), Rank Correlation Methods, 4th edition (ties, exact distribution).

    >>> found = correlate(np.array([[1.0, 2.0], [2.0, 4.0], [3.0, np.nan], [4.0, 1.0]]))
    >>> found.r.round(4).tolist(), found.n.tolist()
    ([[1.0, -0.5], [-0.5, 1.0]], [[4, 3], [3, 3]])
    """
    if method not in METHODS:
        raise BadRequest(f"no correlation is called {method!r}: give one of {', '.join(METHODS)}")
    left = checked(x)
    right = left if y is None else checked(y, what="y")
    if len(left) != len(right):
        raise BadRequest(f"x has {len(left)} units and y {len(right)}: give both for the same units")
    n = np.isfinite(left).astype(np.int64).T @ np.isfinite(right).astype(np.int64)
    r, p = METHODS[method](left, right, n)
    if y is None:  # known exactly; sums in another order would leave a last digit
        known = np.isfinite(np.diag(r))
        r[np.diag(known)] = 1.0
        r, p = (r + r.T) / 2, (p + p.T) / 2
    return Correlation(r, p, n)


def _product_moment(left: Array, right: Array, known: Bools) -> Array:
    """Pearson's r column by column over ``known``, all of shape (unit, pair); two passes, so that nothing cancels."""
    count = known.sum(axis=0)
    good = count >= FEWEST_UNITS
    deviations = []
    for side in (left, right):
        cells = np.where(known, side, 0.0)
        centred = np.where(known, cells - cells.sum(axis=0) / np.maximum(count, 1), 0.0)
        low = np.where(known, side, np.inf).min(axis=0, initial=np.inf)
        high = np.where(known, side, -np.inf).max(axis=0, initial=-np.inf)
        good &= high > low  # the deviations of equal cells need not be exactly zero
        largest = np.abs(centred).max(axis=0, initial=0.0)
        deviations.append(centred / np.where(largest > 0, largest, 1.0))
    a, b = deviations
    size = np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))
    r = np.where(good, (a * b).sum(axis=0) / np.where(size > 0, size, 1.0), np.nan)
    return np.clip(r, -1.0, 1.0)


def _pearson(left: Array, right: Array, n: Ints) -> tuple[Array, Array]:
    left, right = moderate(left)[0], moderate(right)[0]
    common = np.isfinite(right)
    r = np.empty(n.shape)
    for i, column in enumerate(left.T[:, :, None]):
        r[i] = _product_moment(column, right, common & np.isfinite(column))
    return r, _student(r, n)


def _spearman(left: Array, right: Array, n: Ints) -> tuple[Array, Array]:
    from scipy.stats import rankdata

    if np.isfinite(left).all() and np.isfinite(right).all():
        return _pearson(rankdata(left, axis=0), rankdata(right, axis=0), n)
    common = np.isfinite(right)
    r = np.empty(n.shape)
    for i, column in enumerate(left.T[:, :, None]):
        known = common & np.isfinite(column)
        # Unknown cells come last, so that they move no rank of a known one.
        mine, others = (rankdata(np.where(known, side, np.inf), axis=0) for side in (column, right))
        r[i] = _product_moment(mine, others, known)
    return r, _student(r, n)


def _student(r: Array, n: Ints) -> Array:
    """Two-sided p of a correlation of ``n`` independent pairs: r^2 follows a beta distribution."""
    from scipy.special import betainc

    spare = np.maximum(n - 2, 1) / 2
    return np.where(np.isnan(r), np.nan, betainc(spare, 0.5, (1 - r) * (1 + r)))


def _kendall(left: Array, right: Array, n: Ints) -> tuple[Array, Array]:
    score, first, second = np.zeros(n.shape), np.zeros(n.shape), np.zeros(n.shape)
    for unit in range(len(left) - 1):  # all pairs of this unit with later ones
        a, b = np.sign(left[unit] - left[unit + 1 :]), np.sign(right[unit] - right[unit + 1 :])
        known_a, known_b = np.isfinite(a), np.isfinite(b)
        a, b = np.where(known_a, a, 0.0), np.where(known_b, b, 0.0)
        score += a.T @ b
        first += np.abs(a).T @ known_b.astype(np.float64)
        second += known_a.T.astype(np.float64) @ np.abs(b)
    good = (n >= FEWEST_UNITS) & (first > 0) & (second > 0)
    r = np.where(good, score / np.where(good, np.sqrt(first * second), 1.0), np.nan)
    p = np.full(n.shape, np.nan)
    for i, j in np.argwhere(good):
        known = np.isfinite(left[:, i]) & np.isfinite(right[:, j])
        p[i, j] = _kendall_p(float(score[i, j]), left[known, i], right[known, j])
    return np.clip(r, -1.0, 1.0), p


def _kendall_p(score: float, a: Array, b: Array) -> float:
    from scipy.special import ndtr

    n = len(a)
    ties = [np.unique(side, return_counts=True)[1].astype(np.float64) for side in (a, b)]
    if n <= EXACT_KENDALL and all(count.max() == 1 for count in ties):
        chance = _orderings(n)
        inversions = round((n * (n - 1) / 2 - abs(score)) / 2)
        return min(1.0, 2.0 * float(chance[: inversions + 1].sum()))
    pairs, triples, spread = ([float(f(count).sum()) for count in ties] for f in (_pairs_tied, _triples_tied, _spread))
    variance = (n * (n - 1) * (2 * n + 5) - sum(spread)) / 18
    variance += pairs[0] * pairs[1] / (2 * n * (n - 1)) + triples[0] * triples[1] / (9 * n * (n - 1) * (n - 2))
    return float(2 * ndtr(-abs(score) / np.sqrt(variance)))


def _pairs_tied(count: Array) -> Array:
    return count * (count - 1)


def _triples_tied(count: Array) -> Array:
    return count * (count - 1) * (count - 2)


def _spread(count: Array) -> Array:
    return count * (count - 1) * (2 * count + 5)


@cache
def _orderings(n: int) -> Array:
    """Chance of each number of inversions among all orderings of ``n`` things."""
    chance = np.ones(1)
    for size in range(2, n + 1):
        chance = np.convolve(chance, np.full(size, 1 / size))
    return chance


METHODS: dict[str, Callable[[Array, Array, Ints], tuple[Array, Array]]] = {
    "pearson": _pearson,
    "spearman": _spearman,
    "kendall": _kendall,
}


def judge(r: Array, p: Array, *, high: float = HIGH, weak: float = WEAK, level: float = LEVEL) -> Words:
    """One word for each correlation of parts that belong together.

    Parameters
    ----------
    r, p : arrays of one shape, as `correlate` gives them
    high : from here on two parts say nearly the same; audits by the JRC take 0.92, COINr 0.9
    weak : below this one part tells little about the other
    level : a negative correlation counts as such if its ``p`` lies below this

    Returns
    -------
    array of words, same shape
        "high", "negative" (surely below zero: a wrong direction, or a trade-off that the mean will hide), "weak",
        "" for as it should be, and "unknown" where ``r`` is NaN.

    >>> judge(np.array([0.95, 0.6, 0.1, -0.5, np.nan]), np.array([0.0, 0.0, 0.4, 0.0, np.nan])).tolist()
    ['high', '', 'weak', 'negative', 'unknown']
    """
    if not -1 <= weak <= high <= 1:
        raise BadRequest(f"thresholds must be ordered, -1 <= weak <= high <= 1, not weak={weak} and high={high}")
    if not 0 <= level <= 1:
        raise BadRequest(f"level must lie between 0 and 1, not {level}")
    r, p = np.asarray(r, dtype=np.float64), np.asarray(p, dtype=np.float64)
    tests = [np.isnan(r), r >= high, (r < 0) & (p < level), r < weak]
    return np.select(tests, ["unknown", "high", "negative", "weak"], default="")


def within(
    x: Array,
    parents: Sequence[str],
    *,
    method: str = "pearson",
    high: float = HIGH,
    weak: float = WEAK,
    level: float = LEVEL,
) -> list[Pair]:
    """Each pair of parts of one node, once, in the order of the columns.

    Parameters
    ----------
    x : array, shape (unit, part), directed: more is better in every column
    parents : name of the node each part belongs to
    method, high, weak, level : as in `correlate` and `judge`

    >>> x = np.array([[1.0, 2.0, 9.0], [2.0, 4.1, 1.0], [3.0, 5.9, 5.0], [4.0, 8.0, 4.0]])
    >>> [(pair.first, pair.second, pair.flag) for pair in within(x, ["skill", "skill", "reach"])]
    [(0, 1, 'high')]
    """
    table = checked(x)
    _as_many(parents, table.shape[1], "parents")
    found = correlate(table, method=method)
    flags = judge(found.r, found.p, high=high, weak=weak, level=level)
    pairs = (_pair(found, i, j, parents[i], str(flags[i, j])) for i, j in _upper(table.shape[1]))
    return [pair for pair in pairs if parents[pair.first] == parents[pair.second]]


def across(
    x: Array,
    above: Array,
    names: Sequence[str],
    *,
    own: Sequence[str] | None = None,
    method: str = "pearson",
    high: float = HIGH,
    weak: float = WEAK,
    level: float = LEVEL,
) -> list[Pair]:
    """Each part against each node of a level above it.

    Parameters
    ----------
    x : array, shape (unit, part)
    above : array, shape (unit, node): scores of the nodes, all of one level
    names : the name of each node, the ``parent`` of the pairs
    own : for each part the node it belongs to; only pairs with this one are then judged, and the flag is
        "elsewhere" where another node correlates more strongly with the part than its own
    method, high, weak, level : as in `correlate` and `judge`

    >>> x = np.array([[1.0], [2.0], [3.0], [4.0]])
    >>> nodes = np.array([[2.0, 1.0], [1.0, 2.0], [4.0, 3.1], [3.0, 4.0]])
    >>> [(pair.parent, round(pair.r, 2), pair.flag) for pair in across(x, nodes, ["skill", "reach"], own=["skill"])]
    [('skill', 0.6, 'elsewhere'), ('reach', 1.0, '')]
    """
    parts, nodes = checked(x), checked(above, what="above")
    _as_many(names, nodes.shape[1], "names")
    found = correlate(parts, nodes, method=method)
    flags = judge(found.r, found.p, high=high, weak=weak, level=level).astype(object)
    if own is not None:
        _as_many(own, parts.shape[1], "own")
        for name in own:
            if name not in names:
                raise BadRequest(f"own names {name!r}, which is no node here: there are {', '.join(names)}")
        mine = np.array([[name == node for node in names] for name in own])
        best = np.where(np.isnan(found.r), -np.inf, found.r).max(axis=1, keepdims=True)
        flags = np.where(mine, np.where((found.r < best) & (flags != "negative"), "elsewhere", flags), "")
    every = ((i, j) for i in range(parts.shape[1]) for j in range(nodes.shape[1]))
    return [_pair(found, i, j, names[j], str(flags[i, j])) for i, j in every]


def redundant(
    x: Array, *, parents: Sequence[str] | None = None, threshold: float = HIGH, method: str = "pearson"
) -> Redundancy:
    """Parts that say nearly the same as another, in one direction or the other, wherever in the tree they are.

    Parameters
    ----------
    x : array, shape (unit, part)
    parents : name of the node each part belongs to, to say which pairs share one; by default none do
    threshold : smallest absolute correlation that counts, above 0

    Returns
    -------
    Redundancy
        ``parent`` of a pair is "" if the two belong to different nodes. From each group all but one could be left
        out, or their weights be shared: together they otherwise count as often as there are of them.

    >>> x = np.array([[1.0, 9.0, 2.0], [2.0, 7.9, 9.0], [3.0, 7.0, 1.0], [4.0, 6.0, 5.0]])
    >>> found = redundant(x)
    >>> [(pair.first, pair.second, pair.flag) for pair in found.pairs], found.groups
    ([(0, 1, 'mirror')], ((0, 1),))
    """
    if not 0 < threshold <= 1:
        raise BadRequest(f"threshold must lie above 0 and be at most 1, not {threshold}")
    table = checked(x)
    belongs = [""] * table.shape[1] if parents is None else parents
    _as_many(belongs, table.shape[1], "parents")
    found = correlate(table, method=method)
    strong = np.abs(found.r) >= threshold
    pairs = [
        _pair(found, i, j, belongs[i] if belongs[i] == belongs[j] else "", "high" if found.r[i, j] > 0 else "mirror")
        for i, j in _upper(table.shape[1])
        if strong[i, j]
    ]
    pairs.sort(key=lambda pair: (-abs(pair.r), pair.first, pair.second))
    return Redundancy(tuple(pairs), _linked(strong))


def _linked(strong: Bools) -> tuple[tuple[int, ...], ...]:
    """Groups of two or more that are joined by chains of links."""
    from scipy.sparse.csgraph import connected_components

    _, label = connected_components(strong, directed=False)
    groups = (tuple(np.flatnonzero(label == number).tolist()) for number in np.unique(label))
    return tuple(group for group in groups if len(group) > 1)


def _upper(count: int) -> Iterator[tuple[int, int]]:
    return ((i, j) for i in range(count) for j in range(i + 1, count))


def _pair(found: Correlation, i: int, j: int, parent: str, flag: str) -> Pair:
    return Pair(i, j, parent, float(found.r[i, j]), float(found.p[i, j]), int(found.n[i, j]), flag)


def _as_many(names: Sequence[str], count: int, what: str) -> None:
    if len(names) != count:
        raise BadRequest(f"{what} has {len(names)} names for {count} columns: give one for each")
