"""How evenly something is spread, over partners and over vectors, where part of it may not be named.

Each function gives the least and the most that a figure can be: layers that name only the largest partners pool the
others in a ``rest``, which may be dust or one partner, in one vector or in all. Without a rest the two are equal, and
the figure is exact.

References
----------
Hirschman (1964), The paternity of an index, American Economic Review 54(5).
Shannon (1948), A mathematical theory of communication, Bell System Technical Journal 27.
Marshall, Olkin & Arnold (2011), Inequalities: Theory of Majorization and Its Applications, 2nd edition: sums of squares
and entropy are most uneven where the rest is heaped up, most even where it is levelled.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


def hhi_bounds(
    value: Array,
    *,
    rest: float = 0.0,
    largest: float = np.inf,
    unnamed: int | None = None,
    weight: Array | None = None,
) -> tuple[Array, Array]:
    """Least and most that the Herfindahl-Hirschman index over partners can be; both the index itself without a rest.

    It is least if the rest is dust, or shared out evenly among ``unnamed`` partners; most if it is one partner, or as
    many of size ``largest`` as it holds.

    Parameters
    ----------
    value : array, shape (partner,)
    rest : what passes with partners that are not named
    largest : no unnamed partner has more; in a list of the largest partners the smallest value named
    unnamed : how many partners the rest can be spread over; default any number
    weight : array, shape (..., partner): how often each partner counts (one of weight 2 stands for two of its size);
        default once. Where a weight below 1 would take the index beyond 1 it is 1

    Returns
    -------
    two arrays, shape (...), above 0 to 1; NaN where the whole is zero

    Raises
    ------
    BadRequest
        The rest does not fit into ``unnamed`` partners of at most ``largest``.

    >>> [bound.round(3).item() for bound in hhi_bounds(np.array([5.0, 3.0]), rest=2.0)]
    [0.34, 0.38]
    >>> [bound.round(3).item() for bound in hhi_bounds(np.array([5.0, 3.0]), rest=2.0, largest=1.0, unnamed=4)]
    [0.35, 0.36]
    """
    known, total = _counted(value, rest, weight)
    squares = (known * np.nan_to_num(value)).sum(axis=-1)
    full, size, left = _pieces(rest, largest, unnamed)
    dust = rest**2 / unnamed if unnamed else 0.0
    heap = full * size**2 + left**2
    # Half a partner that has nearly everything would come out above 1.
    return np.minimum((squares + dust) / total**2, 1.0), np.minimum((squares + heap) / total**2, 1.0)


def effective_bounds(
    value: Array,
    *,
    rest: float = 0.0,
    largest: float = np.inf,
    unnamed: int | None = None,
    weight: Array | None = None,
) -> tuple[Array, Array]:
    """Least and most that the effective number of partners by entropy can be: exp of Shannon's entropy over partners.

    Parameters
    ----------
    value, rest, largest, unnamed, weight : as for `hhi_bounds`

    Returns
    -------
    two arrays, shape (...), 1 or more; the second is infinite where there is a rest without a limit to its partners

    >>> [bound.round(6).item() for bound in effective_bounds(np.array([2.0, 2.0]), rest=4.0, unnamed=4)]
    [2.828427, 5.656854]
    """
    _, total = _counted(value, rest, weight)
    terms = _entropy_terms(np.nan_to_num(value) / total[..., None])
    entropy = (terms if weight is None else weight * terms).sum(axis=-1)
    full, size, left = _pieces(rest, largest, unnamed)
    least = np.maximum(entropy + full * _entropy_terms(size / total) + _entropy_terms(left / total), 0.0)
    if rest > 0 and not unnamed:
        return np.exp(least), np.full_like(least, np.inf)
    spread = unnamed or 1
    return np.exp(least), np.exp(np.maximum(entropy + spread * _entropy_terms(rest / spread / total), 0.0))


def cells(value: Array, member: Flags) -> Array:
    """What passes with each vector if nobody is counted twice, and last with the rest of the world.

    A partner of several vectors is split equally among them: a rule by which one vector goes before another would make
    the figure depend on their order, and any other split would need to know which tie a partner is kept up for.

    Parameters
    ----------
    value : array, shape (..., partner)
    member : array, shape (vector, partner)

    Returns
    -------
    array, shape (..., vector + 1); sums to what is known

    >>> cells(np.array([6.0, 3.0, 1.0]), np.array([[1, 0, 0], [1, 1, 0]], dtype=bool)).tolist()
    [3.0, 6.0, 1.0]
    """
    belongs = member.sum(axis=0)
    split = np.vstack([member / np.maximum(belongs, 1), belongs == 0])
    found: Array = np.nan_to_num(value) @ split.T
    return found


def evenness_bounds(
    value: Array, member: Flags, *, rest: float = 0.0, whole: Flags | None = None
) -> tuple[Array, Array]:
    """Least and most that the evenness over vectors can be: entropy over `cells`, divided by log of their number.

    It is least if the rest all belongs to the largest cell, most if it fills up the smallest ones. ``whole`` vectors
    get none of it. Two vectors with the same members are two cells: name no direction twice.

    Parameters
    ----------
    value : array, shape (..., partner)
    member : array, shape (vector, partner), one vector at least
    rest, whole : as for `share_bounds`

    Returns
    -------
    two arrays, shape (...), 0 to 1; NaN where the whole is zero

    >>> one, two = evenness_bounds(np.array([1.0, 1.0]), np.array([[1, 0]], dtype=bool))
    >>> one.item(), two.item()
    (1.0, 1.0)
    """
    cell = cells(value, member)
    hidden = np.append(np.ones(len(member), dtype=bool) if whole is None else ~whole, True)
    # Water: poured over the open cells it stands at the lowest of the levels that the smallest 1, 2, ... would give.
    rising = np.sort(cell[..., hidden], axis=-1)
    depth = (rising.cumsum(axis=-1) + rest) / np.arange(1, hidden.sum() + 1)
    filled = np.where(hidden & (rest > 0), np.maximum(cell, depth.min(axis=-1, keepdims=True)), cell)
    heap = np.where(hidden, cell, -1.0).argmax(axis=-1)
    heaped = cell + rest * (np.arange(cell.shape[-1]) == heap[..., None])
    return _evenness(heaped), _evenness(filled)


def _counted(value: Array, rest: float, weight: Array | None) -> tuple[Array, Array]:
    """What each partner counts for, and the whole, NaN where it is zero."""
    known = np.nan_to_num(value) if weight is None else weight * np.nan_to_num(value)
    total = np.asarray(known.sum(axis=-1) + rest)
    return known, np.where(total > 0, total, np.nan)


def _pieces(rest: float, largest: float, unnamed: int | None) -> tuple[int, float, float]:
    """The most uneven way to break up the rest: how many of the largest size, that size, and what is left over."""
    if rest == 0:
        return 0, 0.0, 0.0
    if largest <= 0 or (unnamed is not None and unnamed * largest < rest * (1 - 1e-9)):
        raise BadRequest(
            f"a rest of {rest:g} does not fit into {unnamed or 'any number of'} partners of at most {largest:g}"
        )
    size = min(largest, rest)
    full = int(rest // size)
    return full, size, rest - full * size


def _entropy_terms(share: Array) -> Array:
    """-p ln p, 0 at 0, NaN where unknown."""
    found: Array = -share * np.log(np.where(share == 0, 1.0, share))
    return found


def _evenness(cell: Array) -> Array:
    """Entropy of what is in the cells, as a share of the largest possible."""
    total = cell.sum(axis=-1, keepdims=True)
    entropy = _entropy_terms(cell / np.where(total > 0, total, np.nan)).sum(axis=-1)
    # Rounding can take equal cells a hair beyond the largest entropy.
    found: Array = np.clip(entropy / np.log(cell.shape[-1]), 0.0, 1.0)
    return found
