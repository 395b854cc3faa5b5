"""How much each part of an index really counts, against the weight it was given.

A weight says how much a score moves when one part moves and the others stand still. In data they do not stand still:
parts correlate and differ in spread, so a part of small weight may decide the ranking and a part of large weight
hardly matter. The main effect measures what a part explains of the index in the data at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest
from softpower.index.correlation import checked, correlate

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

TOP = -1
# With fewer units a curve through them says more about the method than about the part.
FEWEST_UNITS = 10
# Bandwidths tried, in standard deviations of the part: from one that follows single units to a straight line.
BANDWIDTHS = np.geomspace(0.05, 20.0, 25)
# Likewise for splines: pieces over the range of the part, and penalties on bends, from nearly none to a straight line.
PIECES = 20
PENALTIES = np.geomspace(1e-4, 1e6, 31)
# A unit that decides its own fit to this degree has no neighbours: nothing would predict it if it were left out.
LONELY = 1 - 1e-6


def effective_weights(parents: Sequence[int] | Ints, weights: Sequence[float] | Array) -> Array:
    """Weight of each part in its top node: its share among siblings times that of all nodes above it.

    Holds for arithmetic means; with other means it is the weight before the mean bends it.

    Parameters
    ----------
    parents : for each part the position of its parent, `TOP` (-1) for a top node; any order
    weights : for each part its weight among siblings, zero or more, in any unit; that of a top node is not used

    Returns
    -------
    array, shape (part,); top nodes have 1, and parts without parts below them sum to 1 under each

    Raises
    ------
    BadRequest
        A parent that does not exist, a circle, a negative weight, siblings whose weights sum to zero.

    >>> effective_weights([-1, 0, 0, 1, 1], [1, 3, 1, 1, 1]).tolist()
    [1.0, 0.75, 0.25, 0.375, 0.375]
    """
    above = _tree(parents)
    share = _shares(above, weights)
    effective, node = share.copy(), above.copy()
    while (node != TOP).any():
        effective = effective * np.where(node == TOP, 1.0, share[node])
        node = np.where(node == TOP, TOP, above[node])
    return effective


def _shares(above: Ints, weights: Sequence[float] | Array) -> Array:
    """Share of each part among its siblings; 1 for a top node."""
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != above.shape:
        raise BadRequest(f"weights must be as many as parents, {above.size}, not of shape {given.shape}")
    wrong = ~np.isfinite(given) | (given < 0)
    if wrong.any():
        part = np.flatnonzero(wrong)[0]
        raise BadRequest(f"the weight of part {part} must be zero or more, not {given[part]}")
    tops = above == TOP
    total = np.zeros(above.size)
    np.add.at(total, above[~tops], given[~tops])
    empty = np.setdiff1d(above[~tops], np.flatnonzero(total > 0))
    if empty.size:
        raise BadRequest(f"the weights below part {empty[0]} sum to zero: give at least one of them a weight")
    return np.where(tops, 1.0, given / np.where(tops, 1.0, total[above]))


def top_nodes(parents: Sequence[int] | Ints) -> Ints:
    """The top node each part lies below, itself for a top node; arguments and errors as in `effective_weights`.

    >>> top_nodes([-1, 0, 1, -1]).tolist()
    [0, 0, 0, 3]
    """
    above = _tree(parents)
    node = np.arange(above.size)
    while (above[node] != TOP).any():
        node = np.where(above[node] == TOP, node, above[node])
    return node


def _tree(parents: Sequence[int] | Ints) -> Ints:
    above = np.asarray(parents, dtype=np.int64)
    if above.ndim != 1:
        raise BadRequest(f"parents must be one position for each part, not of shape {above.shape}")
    unknown = np.flatnonzero((above < TOP) | (above >= above.size))
    if unknown.size:
        raise BadRequest(
            f"part {unknown[0]} has the parent {above[unknown[0]]}: give a position from 0 to {above.size - 1}, or -1"
        )
    node = np.arange(above.size)
    for _ in range(above.size):
        if (node == TOP).all():
            break
        node = np.where(node == TOP, TOP, above[node])
    if (node != TOP).any():
        raise BadRequest(f"a circle: following the parents of part {np.flatnonzero(node != TOP)[0]} never ends")
    return above


def main_effect(x: Array, y: Array, *, method: str = "spline") -> Array:
    """Share of the variance of ``y`` that each column of ``x`` explains on its own, by a curve: Var(E(y|x)) / Var(y).

    Parameters
    ----------
    x : array, shape (unit, part), NaN where unknown
    y : array, shape (unit,), NaN where unknown
    method : how E(y|x) is found.
        "spline": cubic spline with a penalty on bends;
        "local-linear": a line through the neighbours of each unit, by a Gaussian kernel; its time grows with the square
        of the number of units;
        "linear": a straight line, which gives the squared Pearson correlation.
        Penalty and bandwidth are those that best predict units left out one at a time.

    Returns
    -------
    array, shape (part,), between 0 and 1; NaN with fewer than ten common units or without variance
        For the curves it is one minus the variance left over, reckoned with the degrees of freedom that the curve
        leaves: the variance of the fitted values itself is too high for noise and too low for sharp bends.

    References
    ----------
    Paruolo, Saisana, Saltelli (2013), Ratings and rankings: voodoo or science?, Journal of the Royal Statistical
    Society A 176(3), 609-634: the main effect as a measure of importance.
    Eilers, Marx (1996), Flexible smoothing with B-splines and penalties, Statistical Science 11.
    Fan, Gijbels (1996), Local Polynomial Modelling and Its Applications.

    >>> x = np.linspace(-1, 1, 41)
    >>> y = x**2
    >>> [round(float(main_effect(x, y, method=method)[0]), 2) for method in ("linear", "local-linear", "spline")]
    [0.0, 1.0, 1.0]
    """
    if method not in METHODS:
        raise BadRequest(f"no way to find a main effect is called {method!r}: give one of {', '.join(METHODS)}")
    table = checked(x)
    target = checked(y, what="y")
    if target.shape != (len(table), 1):
        raise BadRequest(f"y must be one number for each of the {len(table)} units, not of shape {np.shape(y)}")
    return np.array([_explained(column, target[:, 0], METHODS[method]) for column in table.T])


Curve = Callable[[Array, Array], tuple[Array, float]]


def _explained(column: Array, target: Array, curve: Curve) -> float:
    known = np.isfinite(column) & np.isfinite(target)
    a, b = column[known], target[known]
    if len(a) < FEWEST_UNITS or np.ptp(a) == 0 or np.ptp(b) == 0:
        return np.nan
    standard = (b - b.mean()) / b.std()
    fitted, freedom = curve((a - a.mean()) / a.std(), standard)
    left_over = np.sum((standard - fitted) ** 2) / max(len(a) - freedom, 1.0)
    return float(np.clip(1 - left_over * (len(a) - 1) / len(a), 0.0, 1.0))


def _line(x: Array, y: Array) -> tuple[Array, float]:
    """A straight line, counted as the mean alone, so that what it explains is the plain squared correlation."""
    return x * (x @ y) / (x @ x), 1.0


def _best(fits: Iterator[tuple[Array, Array]], x: Array, y: Array) -> tuple[Array, float]:
    """Of fits and their leverages the one that best predicts units left out, and its degrees of freedom."""
    best, found = np.inf, _line(x, y)
    for fitted, leverage in fits:
        if leverage.max() < LONELY:
            error = float(np.mean(((y - fitted) / (1 - leverage)) ** 2))
            if error < best:
                best, found = error, (fitted, float(leverage.sum()))
    return found


def _local_linear(x: Array, y: Array) -> tuple[Array, float]:
    smoothers = (_smoother(x, float(bandwidth)) for bandwidth in BANDWIDTHS)
    return _best(((smoother @ y, np.diag(smoother)) for smoother in smoothers), x, y)


def _smoother(x: Array, bandwidth: float) -> Array:
    """Matrix that turns ``y`` into local-linear fits, rows sum to 1."""
    distance = x[None, :] - x[:, None]
    kernel = np.exp(-0.5 * (distance / bandwidth) ** 2)
    s0 = kernel.sum(axis=1, keepdims=True)
    centre = (kernel * distance).sum(axis=1, keepdims=True) / s0
    spread = (kernel * (distance - centre) ** 2).sum(axis=1, keepdims=True)
    # Where all neighbours within reach have the same x there is no slope, only their mean.
    sloped = spread > 1e-10 * bandwidth**2 * s0
    slope = -centre * kernel * (distance - centre) / np.where(sloped, spread, 1.0)
    weights: Array = kernel / s0 + np.where(sloped, slope, 0.0)
    return weights


def _spline(x: Array, y: Array) -> tuple[Array, float]:
    from scipy.interpolate import BSpline

    inside = np.linspace(x.min(), x.max(), PIECES + 1)
    beyond = (inside[1] - inside[0]) * np.arange(1, 4)
    knots = np.concatenate([inside[0] - beyond[::-1], inside, inside[-1] + beyond])
    basis = BSpline.design_matrix(x, knots, 3).toarray()
    bends = np.diff(np.eye(basis.shape[1]), 2, axis=0)
    inner, penalty = basis.T @ basis, bends.T @ bends

    def fits() -> Iterator[tuple[Array, Array]]:
        for weight in PENALTIES:
            back = np.linalg.solve(inner + weight * penalty, basis.T)
            yield basis @ (back @ y), np.einsum("uk,ku->u", basis, back)

    return _best(fits(), x, y)


METHODS: dict[str, Curve] = {"spline": _spline, "local-linear": _local_linear, "linear": _line}


@dataclass(frozen=True, slots=True)
class Influence:
    """What each part does to the node above it and to the top, shape (part,) throughout; NaN for top nodes.

    Attributes
    ----------
    weight : share among siblings
    effective : weight in the top node
    pearson_parent, pearson_top, spearman_parent, spearman_top : correlation with the parent and with the top node
    main_effect : share of the variance of the parent that the part explains on its own
    importance : main effect as a share of those of all siblings: what ``weight`` would be if it told importance
    """

    weight: Array
    effective: Array
    pearson_parent: Array
    pearson_top: Array
    spearman_parent: Array
    spearman_top: Array
    main_effect: Array
    importance: Array

    @property
    def gap(self) -> Array:
        """Importance minus weight: above zero the part decides more than declared."""
        return self.importance - self.weight


def influence(
    scores: Array, parents: Sequence[int] | Ints, weights: Sequence[float] | Array, *, method: str = "spline"
) -> Influence:
    """Importance of each part of a tree in the scores at hand, beside its declared weight.

    Parameters
    ----------
    scores : array, shape (unit, part): indicators as normalised, nodes as aggregated; NaN where unknown
    parents, weights : as in `effective_weights`, one for each column of ``scores``
    method : as in `main_effect`

    References
    ----------
    Paruolo, Saisana, Saltelli (2013), as in `main_effect`; Becker, Saisana, Paruolo, Vandecasteele (2017), Weights and
    importance in composite indicators: closing the gap, Ecological Indicators 80.

    >>> rng = np.random.default_rng(1)
    >>> parts = rng.standard_normal((400, 2)) * [3.0, 1.0]
    >>> found = influence(np.column_stack([parts, parts.mean(axis=1)]), [2, 2, -1], [1, 1, 1])
    >>> found.weight[:2].tolist(), found.importance[:2].round(1).tolist()
    ([0.5, 0.5], [0.9, 0.1])
    """
    table = checked(scores, what="scores")
    above = _tree(parents)
    if table.shape[1] != above.size:
        raise BadRequest(f"scores has {table.shape[1]} columns for {above.size} parts: give one for each")
    effective = effective_weights(above, weights)
    highest = top_nodes(above)
    below = above != TOP
    weight = np.where(below, _shares(above, weights), np.nan)
    pearson, spearman = (correlate(table, method=name).r for name in ("pearson", "spearman"))
    rows = np.arange(above.size)
    effect = np.full(above.size, np.nan)
    importance = np.full(above.size, np.nan)
    for node in np.unique(above[below]):
        parts = np.flatnonzero(above == node)
        effect[parts] = main_effect(table[:, parts], table[:, node], method=method)
        total = np.nansum(effect[parts])
        if total > 0:
            importance[parts] = effect[parts] / total

    def with_node(r: Array, node: Ints) -> Array:
        return np.where(below, r[rows, node], np.nan)

    return Influence(
        weight=weight,
        effective=effective,
        pearson_parent=with_node(pearson, above),
        pearson_top=with_node(pearson, highest),
        spearman_parent=with_node(spearman, above),
        spearman_top=with_node(spearman, highest),
        main_effect=effect,
        importance=importance,
    )
