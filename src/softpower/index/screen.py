"""Leave out units of which too little is known.

A unit with few observed indicators would get a score made of guesses. Who stays is decided by two shares and by name,
and each decision comes with its reason.

References
----------
OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3 (missing data).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from softpower.errors import BadRequest, UnknownName
from softpower.index.statistics import Availability, Bools, availability

By = Literal["missing", "zeros", "either"]


@dataclass(frozen=True, slots=True)
class Screened:
    """Who stays and why.

    Attributes
    ----------
    kept : bool array, shape (unit,)
    few_available, few_nonzero : bool arrays, shape (unit,): below the limit, whether or not that decides
    reason : one phrase per unit
    availability : the figures behind it
    """

    kept: Bools
    few_available: Bools
    few_nonzero: Bools
    reason: tuple[str, ...]
    availability: Availability


def screen(
    x: ArrayLike,
    *,
    by: By = "missing",
    least_available: float = 2 / 3,
    least_nonzero: float = 0.05,
    units: Sequence[str] | None = None,
    keep: Collection[str] = (),
    drop: Collection[str] = (),
) -> Screened:
    """Decide which units have enough data.

    A unit stays if a_i >= least_available (``by="missing"``), if b_i >= least_nonzero (``"zeros"``) or if both hold
    (``"either"``: either shortage drops it), where a_i is the share of indicators it has and b_i the share of these
    that are not zero. A unit without any data never stays, except by name. Being named overrides the data.

    Parameters
    ----------
    x : array, shape (unit, indicator), NaN where missing
    by : what drops a unit
    least_available, least_nonzero : limits, 0 to 1
    units : names of the units; by default "0", "1" and so on
    keep, drop : names of units that stay or go whatever their data

    Raises
    ------
    UnknownName
        A name in ``keep`` or ``drop`` that is none of ``units``.
    BadRequest
        A limit outside 0 to 1, or a unit named in both lists.

    >>> decided = screen([[1.0, 2.0], [np.nan, 2.0], [np.nan, 3.0]], units=["AUT", "KAZ", "NZL"], keep=["KAZ"])
    >>> decided.kept.tolist(), decided.reason[2]
    ([True, True, False], 'too few indicators: 1 of 2 (0.500), at least 0.667 wanted')
    """
    if by not in {"missing", "zeros", "either"}:
        raise BadRequest(f"units can be screened by 'missing', 'zeros' or 'either', not by {by!r}")
    for name, limit in (("least_available", least_available), ("least_nonzero", least_nonzero)):
        if not 0 <= limit <= 1:
            raise BadRequest(f"{name} must lie between 0 and 1, not {limit}")
    found = availability(x)
    names = [str(row) for row in range(len(found.missing))] if units is None else list(units)
    if len(names) != len(found.missing):
        raise BadRequest(f"{len(names)} names do not fit {len(found.missing)} units")
    _check_names(names, keep, drop)
    few_available = found.share_available < least_available
    few_nonzero = found.share_nonzero < least_nonzero
    none = np.isnan(found.share_nonzero)
    lacking = {"missing": few_available, "zeros": few_nonzero, "either": few_available | few_nonzero}[by] | none
    stays, goes = np.isin(names, list(keep)), np.isin(names, list(drop))
    kept = (~lacking | stays) & ~goes
    indicators = np.asarray(x).shape[1]

    def reason(row: int) -> str:
        if stays[row] or goes[row]:
            return "kept by name" if stays[row] else "dropped by name"
        if none[row]:
            return "no data"
        have = indicators - found.missing[row]
        parts = []
        if few_available[row] and by != "zeros":
            share = found.share_available[row]
            parts.append(
                f"too few indicators: {have} of {indicators} ({share:.3f}), at least {least_available:.3f} wanted"
            )
        if few_nonzero[row] and by != "missing":
            share = found.share_nonzero[row]
            parts.append(
                f"too many zeros: {found.zero[row]} of {have}, {share:.3f} are not, at least {least_nonzero:.3f} wanted"
            )
        return "; ".join(parts) or "enough data"

    return Screened(kept, few_available, few_nonzero, tuple(map(reason, range(len(names)))), found)


def _check_names(names: Sequence[str], keep: Collection[str], drop: Collection[str]) -> None:
    for where, listed in (("keep", keep), ("drop", drop)):
        if isinstance(listed, str):
            raise BadRequest(f"{where} is a list of names, not the text {listed!r}")
        for name in listed:
            if name not in names:
                from difflib import get_close_matches

                raise UnknownName(name, nearest=get_close_matches(name, names), where=f"the units to {where}")
    if both := sorted(set(keep) & set(drop)):
        raise BadRequest(f"{', '.join(both)} cannot both be kept and dropped: name each in one list")
