"""Internal consistency: how far parts that are added up measure one thing.

Cronbach's alpha and what it would be without each part. Where indicators are given undirected, `cronbach` takes
directions and says which indicators run against the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest
from softpower.index.multivariate import ROUNDING, cells_for, correlations, ratio

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Consistency:
    """Cronbach's alpha of a set of parts.

    Attributes
    ----------
    raw : from the covariances of the parts as given: changes with their units
    standardised : from their correlations
    item_total : correlation of each part with the sum of the others, all standardised, shape (part,)
    raw_without, standardised_without : alpha if this part were left out, shape (part,); NaN for two parts
    opposed : parts that run against the others (negative ``item_total``)
    n : number of units, for "pairwise" the smallest of any pair
    """

    raw: float
    standardised: float
    item_total: Array
    raw_without: Array
    standardised_without: Array
    opposed: tuple[int, ...]
    n: int

    @property
    def caution(self) -> str:
        """Why alpha should not be quoted as it is, or ""."""
        if not self.opposed:
            return ""
        columns = ", ".join(map(str, self.opposed))
        return (
            f"column{'s' if len(self.opposed) > 1 else ''} {columns} run{'' if len(self.opposed) > 1 else 's'} against "
            "the sum of the others: if the data are not directed yet, give `directions` (`pca` says in ``opposed`` "
            "which to turn); if they are, the parts do not measure one thing"
        )


def cronbach(x: Array, *, directions: Array | None = None, missing: str = "complete") -> Consistency:
    """Cronbach's alpha: how far parts that are added up measure one thing.

    Parameters
    ----------
    x : array, shape (unit, part)
    directions : 1 where more is better, -1 where less is, shape (part,); by default ``x`` is directed already
    missing : "complete" or "pairwise", see `multivariate.correlations`

    Returns
    -------
    Consistency
        Quote ``standardised``: ``raw`` of parts in different units says what the units say. COINr gives ``raw``.
        Read ``caution`` before either.

    Raises
    ------
    NotEnoughData
        Too few units, or a part that does not vary.

    References
    ----------
    Cronbach (1951), Coefficient alpha and the internal structure of tests, Psychometrika 16.
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 4.

    >>> x = np.array([[1.0, 20.0], [2.0, 10.0], [3.0, 30.0]])  # r = 0.5: alpha = 2r / (1 + r)
    >>> found = cronbach(x)
    >>> round(found.standardised, 4), round(found.raw, 4), found.caution
    (0.6667, 0.1802, '')
    """
    table = cells_for(x, missing)
    parts = table.shape[1]
    if directions is not None:
        signs = np.asarray(directions, dtype=np.float64)
        if signs.shape != (parts,) or not np.isin(signs, (-1.0, 1.0)).all():
            raise BadRequest(f"directions must be 1 or -1 for each of the {parts} columns, not {signs.tolist()}")
        table = table * signs
    r, n = correlations(table, missing=missing)
    covariance = _covariances(table, r)
    raw, raw_without, _ = _alphas(covariance)
    standardised, standardised_without, item_total = _alphas(r)
    opposed = tuple(np.flatnonzero(item_total < -ROUNDING).tolist())
    return Consistency(raw, standardised, item_total, raw_without, standardised_without, opposed, n)


def _covariances(table: Array, r: Array) -> Array:
    """Covariances with each pair's own means and deviations, as `r` has been taken."""
    known = np.isfinite(table)
    common = known.astype(np.float64).T @ known
    spread = np.empty(r.shape)
    for i, column in enumerate(table.T[:, :, None]):
        cells = np.where(known & np.isfinite(column), column, np.nan)
        spread[i] = np.nanvar(cells, axis=0) * common[i] / (common[i] - 1)
    return r * np.sqrt(spread * spread.T)


def _alphas(c: Array) -> tuple[float, Array, Array]:
    """Alpha, alpha without each part, and the correlation of each part with the sum of the others."""
    parts, own, rows = len(c), np.diag(c), c.sum(axis=0)
    total, trace = c.sum(), own.sum()
    rest = total - 2 * rows + own
    alpha = _alpha(np.array(trace), np.array(total), parts)
    item_total = ratio(rows - own, np.sqrt(own * np.maximum(rest, 0.0)))
    return float(alpha), _alpha(trace - own, rest, parts - 1), item_total


def _alpha(trace: Array, total: Array, parts: int) -> Array:
    """The share of the variance of a sum that is covariance, stretched to 1; NaN if the sum does not vary."""
    if parts < 2:
        return np.full(trace.shape, np.nan)
    return parts / (parts - 1) * (1 - ratio(trace, total))
