"""Weights that are found in the data; each method answers a question of its own, none of them that of importance.

They take scores of shape (unit, part), directed, NaN where missing, and where correlations are needed use the units
that have all parts. All give shares that sum to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.index import multivariate
from softpower.index.normalise import is_constant
from softpower.index.weight_given import equal, shares

Array = NDArray[np.float64]
Mixed = Literal["refuse", "flag"]


@dataclass(frozen=True, slots=True)
class ComponentWeights:
    """Weights from principal components or factors.

    Attributes
    ----------
    weights : array, shape (part,)
    loadings : array; `pca`: first eigenvector of the correlation matrix, shape (part,), its sum not below zero;
        `factor`: rotated loadings, shape (part, factor)
    eigenvalues : of the correlation matrix, largest first, shape (part,)
    opposed : parts that run against those they are weighted with and have no weight, shape (part,)
    """

    weights: Array
    loadings: Array
    eigenvalues: Array
    opposed: NDArray[np.bool_]


def _alone() -> ComponentWeights:
    """One part has all the weight."""
    return ComponentWeights(np.ones(1), np.ones(1), np.ones(1), np.zeros(1, dtype=bool))


def pca(x: Array, *, mixed: Mixed = "refuse", names: Sequence[str] | None = None) -> ComponentWeights:
    """Weights in proportion to the first principal component of the correlations.

    Parameters
    ----------
    x : array, shape (unit, part)
    mixed : what to do where parts load on the component with different signs, so that no mean of them keeps what it
        keeps: ``refuse``, or ``flag`` them as opposed and give them no weight
    names : of the parts, for messages

    Raises
    ------
    BadRequest
        Signs are mixed, or a part is the same in all units.
    NotEnoughData
        Fewer than three units have all parts.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, steps 4 and 6 (principal components analysis).
    """
    whole = _varied(x, names)
    if whole.shape[1] == 1:
        return _alone()
    found = multivariate.pca(whole)
    loadings = found.vectors[:, 0]
    opposed = np.isin(np.arange(len(loadings)), found.opposed)
    _refuse_mixed(opposed, loadings, mixed, names)
    return ComponentWeights(shares(np.where(opposed, 0.0, loadings.clip(0.0))), loadings, found.eigenvalues, opposed)


def factor(
    x: Array, *, factors: int | None = None, mixed: Mixed = "refuse", names: Sequence[str] | None = None
) -> ComponentWeights:
    """Weights from the squared loadings of rotated factors, as the OECD/JRC handbook has them after Nicoletti et al.

    The first principal components of the correlations, scaled by the roots of their eigenvalues, are rotated by
    `multivariate.varimax`. With l_pf the loading of part p on factor f and v_f the sum over p of l_pf², each part
    belongs to the factor on which l_pf² / v_f is largest, and its weight is in proportion to

        l_pf² / v_f · v_f / (sum of all v)

    that is, its share of what its factor explains, times the factor's share of what all explain.

    Parameters
    ----------
    x, names : as in `pca`
    factors : how many are kept; by default those with an eigenvalue above 1 that explain more than 10 % of the variance
        each, and as many more as explain 60 % together
    mixed : ``refuse`` or ``flag`` parts whose loading has another sign than the sum of loadings of those that belong to
        the same factor; squares would hide it

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 6, tables 16 and 17.
    Nicoletti, Scarpetta, Boylaud (2000), Summary indicators of product market regulation, OECD Economics Department
    Working Papers 226.
    """
    whole = _varied(x, names)
    parts = whole.shape[1]
    if factors is not None and not 1 <= factors <= parts:
        raise BadRequest(f"{parts} parts have 1 to {parts} factors, not {factors}")
    if parts == 1:
        return replace(_alone(), loadings=np.ones((1, 1)))
    found = multivariate.pca(whole)
    if factors is None:
        large = int(((found.eigenvalues > 1) & (found.explained > 0.1)).sum())
        factors = max(large, int(np.argmax(np.cumsum(found.explained) > 0.6)) + 1)
    loadings = multivariate.varimax(found.loadings[:, :factors]).loadings
    explained = (loadings**2).sum(axis=0)
    home = np.argmax(loadings**2 / np.where(explained > 0, explained, 1.0), axis=1)
    own = loadings[np.arange(len(home)), home]
    side = np.sign(np.bincount(home, weights=own, minlength=factors))
    opposed = own * side[home] < -1e-12
    _refuse_mixed(opposed, own * side[home], mixed, names)
    return ComponentWeights(shares(np.where(opposed, 0.0, own**2)), loadings, found.eigenvalues, opposed)


def entropy(x: Array, *, names: Sequence[str] | None = None) -> Array:
    """Weights in proportion to one minus the entropy of a part: most to parts that are spread most unevenly.

    With q_u the share of unit u in the sum of a part over its n known units, the entropy is the sum of -q log q over
    log n. A part that is the same everywhere gets no weight.

    Parameters
    ----------
    x : array, shape (unit, part), zero or more, on scales with a zero of their own: a shift changes the weights
    names : of the parts, for messages

    References
    ----------
    Shannon (1948), A mathematical theory of communication, Bell System Technical Journal 27.
    Hwang, Yoon (1981), Multiple Attribute Decision Making: Methods and Applications (entropy method).

    >>> entropy(np.array([[0.0, 5.0], [9.0, 5.0], [0.0, 5.0]])).tolist()
    [1.0, 0.0]
    """
    x = _table(x)
    if (x < 0).any():
        unit, part = (int(axis) for axis in np.argwhere(x < 0)[0])
        raise BadRequest(
            f"entropy weights need scores of zero or more: unit {unit} has {x[unit, part]:g} in {_name(part, names)}; "
            "normalise the parts to a scale above zero, such as scale=(0, 100)"
        )
    known = ~np.isnan(x)
    total = np.where(known, x, 0.0).sum(axis=0)
    share = np.where(known, x, 0.0) / np.where(total > 0, total, 1.0)
    count = known.sum(axis=0)
    evenness = -(share * np.log(np.where(share > 0, share, 1.0))).sum(axis=0) / np.log(np.maximum(count, 2))
    return _told(np.where(is_constant(x), 0.0, np.maximum(1 - evenness, 0.0)))


def critic(x: Array, *, names: Sequence[str] | None = None) -> Array:
    """Weights in proportion to the spread of a part times its conflict with the others, s_p · sum over k of (1 - r_pk).

    s is the standard deviation after `minmax`, r the correlation. A part that is the same everywhere gets no weight and
    plays no role for the others.

    Parameters
    ----------
    x : array, shape (unit, part)
    names : of the parts, for messages

    References
    ----------
    Diakoulaki, Mavrotas, Papayannakis (1995), Determining objective weights in multiple criteria problems: the CRITIC
    method, Computers & Operations Research 22, 763-770.

    >>> critic(np.array([[0.0, 4.0, 1.0], [1.0, 8.0, 1.0], [2.0, 6.0, 1.0]])).tolist()
    [0.5, 0.5, 0.0]
    """
    whole = _whole(_table(x), names)
    told = ~is_constant(whole)
    if told.sum() <= 1:
        return _told(told.astype(np.float64))
    varied = whole[:, told]
    correlation = _correlation(varied)
    spread = varied.std(axis=0, ddof=1) / np.ptp(varied, axis=0)
    conflict = np.where(correlation > 1 - 1e-12, 0.0, 1 - correlation).sum(axis=1)
    found = np.zeros(len(told))
    found[told] = spread * conflict
    return _told(found)


@dataclass(frozen=True, slots=True)
class Balanced:
    """Weights and what they give; arrays of shape (part,).

    Attributes
    ----------
    correlation : of each part with the weighted mean of all
    influence : the same as shares of their sum
    """

    weights: Array
    correlation: Array
    influence: Array


def balanced(x: Array, *, target: Array | None = None, names: Sequence[str] | None = None) -> Balanced:
    """Weights with which each part has the same influence on the weighted mean, or comes as near to it as can be.

    The influence of a part is its correlation with the weighted mean, r, as a share of the sum of all r. Weights, zero
    or more, minimise the squared distance between these shares and the target. With R the correlations of the parts
    and v their weights times their standard deviations, r is in proportion to R v, and the task is one of
    non-negative least squares: solved exactly, without starting values.

    Parameters
    ----------
    x : array, shape (unit, part)
    target : the wanted influences, as weights; by default equal
    names : of the parts, for messages

    Raises
    ------
    NotEnoughData
        No more units than parts have all parts: their correlations have no inverse, and some weights would always be
        zero. With few more units they mostly are, too, and influences are then not equal: look at them.

    References
    ----------
    Becker, Saisana, Paruolo, Vandecasteele (2017), Weights and importance in composite indicators: closing the gap,
    Ecological Indicators 80, 12-22.
    """
    from scipy.optimize import nnls

    whole = _varied(x, names)
    parts = whole.shape[1]
    if parts > 1 and len(whole) <= parts:
        raise NotEnoughData(
            f"{len(whole)} units have all {parts} parts, too few to tell their influences apart: weights found from "
            f"them would be zero for some. {parts + 1} units are the least: weigh fewer parts at a time, in nodes of "
            "their own, or take equal weights"
        )
    correlation, spread = _correlation(whole), whole.std(axis=0, ddof=1)
    wanted = equal(parts) if target is None else shares(target)
    if wanted.shape != (parts,):
        raise BadRequest(f"{parts} parts need {parts} wanted influences, not {wanted.size}")
    # For shares u = R v / 1'R v the distance |u - t|² is that of the system below at its best scale of v: with
    # 1'R v = s, s² |u - t|² + (s - 1)² is smallest where |u - t|² is.
    total = correlation.sum(axis=0)
    rows = np.vstack([correlation - np.outer(wanted, total), total])
    found, _ = nnls(rows, np.append(np.zeros(parts), 1.0), maxiter=100 * parts)
    if not total @ found > 1e-9 * found.sum():
        raise BadRequest("no weights give all parts influence: they cancel each other out; check their directions")
    weights = shares(found / spread)
    v = weights * spread
    with_mean = correlation @ v / np.sqrt(v @ correlation @ v)
    return Balanced(weights, with_mean, with_mean / with_mean.sum())


def _table(x: Array) -> Array:
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 2 or 0 in x.shape:
        raise BadRequest(f"scores need the axes (unit, part), not the shape {x.shape}")
    if np.isinf(x).any():
        unit, part = (int(axis) for axis in np.argwhere(np.isinf(x))[0])
        raise BadRequest(f"scores must be finite: unit {unit} has {x[unit, part]} in part {part}; make it missing")
    return x


def _name(part: int, names: Sequence[str] | None) -> str:
    return f"part {part}" if names is None else names[part]


def _told(information: Array) -> Array:
    if not information.sum() > 0:
        raise BadRequest("no part tells units apart, or all say the same: take equal weights")
    return shares(information)


def _whole(x: Array, names: Sequence[str] | None) -> Array:
    """The units that have all parts."""
    whole = x[~np.isnan(x).any(axis=1)]
    if len(whole) < 3:
        emptiest = _name(int(np.isnan(x).sum(axis=0).argmax()), names)
        raise NotEnoughData(
            f"{len(whole)} of {len(x)} units have all {x.shape[1]} parts, too few for correlations: impute, or leave "
            f"out the part with most gaps, {emptiest}"
        )
    return whole


def _varied(x: Array, names: Sequence[str] | None) -> Array:
    """The units that have all parts, if no part is the same in all of them."""
    whole = _whole(_table(x), names)
    same = is_constant(whole)
    if same.any():
        found = ", ".join(_name(int(part), names) for part in np.flatnonzero(same))
        raise BadRequest(f"what is the same in all units correlates with nothing: leave out {found}")
    return whole


def _correlation(x: Array) -> Array:
    return np.corrcoef(x, rowvar=False).reshape(x.shape[1], x.shape[1])


def _refuse_mixed(opposed: NDArray[np.bool_], loadings: Array, mixed: Mixed, names: Sequence[str] | None) -> None:
    if mixed not in ("refuse", "flag"):
        raise BadRequest(f"mixed signs are to 'refuse' or to 'flag', not {mixed!r}")
    if mixed == "flag" or not opposed.any():
        return
    found = ", ".join(f"{_name(int(part), names)} ({loadings[part]:.2f})" for part in np.flatnonzero(opposed))
    raise BadRequest(
        f"no weighted mean keeps what these parts have in common: {found} load against the others; check their "
        'directions, leave them out, or give them no weight with mixed = "flag"'
    )
