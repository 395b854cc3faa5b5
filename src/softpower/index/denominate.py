"""Divide what grows with the size of a country by that size.

References
----------
OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 2 (data selection): scaling by an
appropriate size measure.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from softpower.errors import BadRequest
from softpower.index.statistics import Array, finite_or_missing

SHOWN = 5


def denominate(
    x: ArrayLike,
    denominator: ArrayLike,
    *,
    scale: ArrayLike = 1.0,
    units: Sequence[str] | None = None,
    name: str = "the denominator",
) -> Array:
    """``x`` per unit of the denominator: y = scale x / d.

    Parameters
    ----------
    x : array, shape (unit,) or (unit, indicator), NaN where missing
    denominator : array, shape (unit,), the same for all indicators, or of the shape of ``x``; above zero, NaN where
        missing
    scale : what the quotient is multiplied by, so that it reads well: 1000 for "per thousand inhabitants". One number,
        or one per indicator
    units : names of the units, for messages
    name : what the denominator is called, for messages

    Returns
    -------
    array, the shape of ``x``
        Missing where either ``x`` or the denominator is.

    Raises
    ------
    BadRequest
        A denominator of zero or less, with the units that have it; or a scale that is not above zero.

    >>> denominate([50.0, 8.0, 3.0], [1000.0, 400.0, np.nan], scale=1000).tolist()
    [50.0, 20.0, nan]
    """
    cells = finite_or_missing(x)
    size = finite_or_missing(denominator, what=name)
    factor = np.asarray(scale, dtype=np.float64)
    if cells.ndim == 2 and size.ndim == 1 and len(size) == len(cells):
        size = size[:, None]
    elif size.shape != cells.shape:
        raise BadRequest(f"{name} has the shape {size.shape}, which does not fit a table of shape {cells.shape}")
    if factor.shape not in {(), cells.shape[1:]}:
        raise BadRequest(
            f"{factor.size} scale factors do not fit a table of shape {cells.shape}: give one per indicator"
        )
    if not np.all(np.isfinite(factor) & (factor > 0)):
        raise BadRequest(f"a scale factor must be above zero, not {factor.tolist()}")
    if units is not None and len(units) != len(cells):
        raise BadRequest(f"{len(units)} names do not fit {len(cells)} units")
    wrong = np.argwhere(size <= 0)
    if wrong.size:
        shown = [f"{units[row[0]] if units else f'unit {row[0]}'} ({size[tuple(row)]:g})" for row in wrong[:SHOWN]]
        more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise BadRequest(
            f"{name} must be above zero, but is not for {', '.join(shown)}{more}: correct it, or leave it empty if it "
            "is not known"
        )
    per_unit: Array = cells / size * factor
    return per_unit


def unit_per(unit: str, size: str, per: float) -> str:
    """Unit of a quotient, from those of what is divided and of what it is divided by.

    >>> unit_per("persons", "persons", 100), unit_per("US$", "km2", 1)
    ('persons per 100 persons', 'US$ per km2')
    """
    return f"{unit} per {size}" if per == 1 else f"{unit} per {per:,g} {size}"
