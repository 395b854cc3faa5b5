"""How shares by vector change over the years, and whether the change is clear.

A partner that nobody knows in one of the years compared is left out of all of them, and counted: otherwise a change of
who reports would pass for one of ties. In years with a rest such partners are part of it and stay. Years in which
nothing is known are passed over; none is filled, and nothing is said of years before the first or after the last.

Intervals are those of the Bayesian bootstrap over partners, as in `softpower.vectors.figures`, with the same weights in
all years: what years have in common cancels, and the interval of a change is narrower than those of the shares suggest.

References
----------
Rubin (1981), The Bayesian bootstrap, Annals of Statistics 9.
Theil (1950), A rank-invariant method of linear and polynomial regression analysis, Indagationes Mathematicae 12.
Sen (1968), Estimates of the regression coefficient based on Kendall's tau, JASA 63.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.figures import LEVEL, Figure, check_draws, figure
from softpower.vectors.shares import draw_shares, fully_named, own_vectors, share_bounds, shares

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

Verdict: TypeAlias = Literal["rose", "fell", "no clear change", "too few partners"]
MIN_YEARS: Final = 5  # for a slope
# Three partners that move each for itself all go one way in a quarter of cases, four in an eighth: no interval drawn
# from them can then hold zero.
MIN_DRAWN: Final = 4


@dataclass(frozen=True, slots=True)
class Change:
    """How the shares of the vectors changed between two years.

    Attributes
    ----------
    first, last : the years
    start, end : shares then, of partners known in both, shape (vector,); lower bounds where there is a rest
    change : end less start, shape (vector,)
    by_members : the part of it that is due to who belongs to the vector and not to ties: the share of the last year
        less what it would be with the members of the first; shape (vector,)
    verdict : for each vector "rose" or "fell" if its interval excludes zero, else "no clear change"; "too few
        partners" where there is no interval, or fewer than four partners are drawn inside or outside
    partners, left_out : how many have a tie in one of the years, and how many are left out as unknown in the other
    draws, level, seed : of the interval
    """

    first: int
    last: int
    start: Array
    end: Array
    change: Figure
    by_members: Array
    verdict: tuple[Verdict, ...]
    partners: int
    left_out: int
    draws: int
    level: float
    seed: int


@dataclass(frozen=True, slots=True)
class Slope:
    """How the shares of the vectors changed per year, over all years that are known.

    Attributes
    ----------
    years : those used, shape (year,)
    slope : median of the slopes between all pairs of years, share per year, shape (vector,)
    verdict, partners, left_out, draws, level, seed : as in `Change`, for all the years used
    """

    years: Ints
    slope: Figure
    verdict: tuple[Verdict, ...]
    partners: int
    left_out: int
    draws: int
    level: float
    seed: int


def change(
    value: Array,
    member: Flags,
    years: Ints,
    *,
    rest: float | Array = 0.0,
    whole: Flags | None = None,
    draws: int = 500,
    seed: int,
    level: float = LEVEL,
) -> Change:
    """Shares in the last year that is known less those in the first.

    Parameters
    ----------
    value : array, shape (year, partner), not negative, NaN unknown
    member : array, shape (vector, partner), or (year, vector, partner) where members come and go
    years : array, shape (year,), rising; there may be gaps
    rest : what passes with partners that are not named, shape () or (year,)
    whole : as for `softpower.vectors.shares.share_bounds`
    draws, seed, level : of the interval

    Raises
    ------
    BadRequest
        Arrays do not fit each other, years do not rise, or a value is negative or infinite.
    NotEnoughData
        Ties are known in fewer than two years.

    >>> value = np.array([[4.0] * 4 + [6.0] * 4, [6.0] * 8])
    >>> found = change(value, np.arange(8)[None] < 4, np.array([2018, 2023]), seed=1)
    >>> found.change.least.round(3).tolist(), found.verdict
    ([0.1], ('rose',))
    """
    check_draws(draws, level)
    known = _known(value, member, years, rest=rest, least=2)
    ends = known[[0, -1]]
    found = _paths(value, member, ends, rest=rest, whole=whole, draws=draws, seed=seed)
    least, most = found.bounds
    moved = figure(_slopes(least, most, _UNIT), _slopes(*found.draws, _UNIT), found.behind, level=level)
    return Change(
        first=int(years[ends[0]]),
        last=int(years[ends[1]]),
        start=least[0],
        end=least[1],
        change=moved,
        by_members=np.where(
            (found.member[0] == found.member[1]).all(axis=1),
            0.0,
            least[1] - shares(found.value[1], found.member[0], rest=found.rest[1]),
        ),
        verdict=_verdicts(moved, found.drawn),
        partners=found.partners,
        left_out=found.left_out,
        draws=draws,
        level=level,
        seed=seed,
    )


def slope(
    value: Array,
    member: Flags,
    years: Ints,
    *,
    rest: float | Array = 0.0,
    whole: Flags | None = None,
    draws: int = 500,
    seed: int,
    level: float = LEVEL,
) -> Slope:
    """Change per year by the median of all slopes between two years (Theil-Sen), which a single odd year cannot turn.

    Parameters
    ----------
    value, member, years, rest, whole, draws, seed, level : as for `change`

    Raises
    ------
    BadRequest
        As for `change`.
    NotEnoughData
        Ties are known in fewer than five years.

    >>> west = np.array([10.0, 12.0, 14.0, 60.0, 18.0])
    >>> value = np.stack([west, west, 100 - west, 100 - west], axis=1)
    >>> member = np.array([[1, 1, 0, 0]], dtype=bool)
    >>> slope(value, member, np.arange(2018, 2023), seed=1).slope.least.round(3).tolist()
    [0.02]
    """
    check_draws(draws, level)
    known = _known(value, member, years, rest=rest, least=MIN_YEARS)
    found = _paths(value, member, known, rest=rest, whole=whole, draws=draws, seed=seed)
    used = years[known]
    tilt = figure(_slopes(*found.bounds, used), _slopes(*found.draws, used), found.behind, level=level)
    return Slope(
        years=used,
        slope=tilt,
        verdict=_verdicts(tilt, found.drawn),
        partners=found.partners,
        left_out=found.left_out,
        draws=draws,
        level=level,
        seed=seed,
    )


_UNIT: Final = np.array([0, 1])  # two years taken as one step: their slope is the change


@dataclass(frozen=True, slots=True)
class _Paths:
    """Shares in the years used: bounds, shape (year, vector), and draws of them, shape (draw, year, vector)."""

    value: Array
    member: Flags
    rest: Array
    bounds: tuple[Array, Array]
    draws: tuple[Array, Array]
    behind: Array
    drawn: Ints
    partners: int
    left_out: int


def _paths(
    value: Array,
    member: Flags,
    used: Ints,
    *,
    rest: float | Array,
    whole: Flags | None,
    draws: int,
    seed: int,
) -> _Paths:
    """Shares of the partners known in all the years used."""
    some = value[used]
    pooled = np.broadcast_to(rest, len(value))[used]
    both = ~(np.isnan(some) & (pooled == 0)[:, None]).any(axis=0)
    kept = some[:, both]
    who = np.broadcast_to(member, (len(value), *member.shape[-2:]))[used]
    if not (kept > 0).any(axis=1).all():
        raise NotEnoughData("no partner is known in all of the years to be compared")
    fixed = own_vectors(np.asarray(who.any(axis=0)))[both]
    whose = who[:, :, both]
    whole = np.asarray(fully_named(some, who, whole).all(axis=0))
    tied = (kept > 0).any(axis=0)
    least, most, behind = draw_shares(
        kept[:, tied], whose[:, :, tied], fixed[tied], rest=pooled, whole=whole, draws=draws, seed=seed
    )
    return _Paths(
        value=kept,
        member=whose,
        rest=pooled,
        bounds=share_bounds(kept, whose, rest=pooled, whole=whole),
        draws=(least, most),
        behind=behind,
        drawn=_fewest(whose[:, :, tied & ~fixed]),
        partners=int(tied.sum()),
        left_out=int((~both & (some > 0).any(axis=0)).sum()),
    )


def _slopes(least: Array, most: Array, years: Ints) -> tuple[Array, Array]:
    """Least and most that the median slope over all pairs of years can be, shape (..., vector).

    Each slope is least if its first year has the most and its second the least, and so is their median.
    """
    early, late = np.array(list(combinations(range(len(years)), 2))).T
    step = (years[late] - years[early])[:, None]
    low = (least[..., late, :] - most[..., early, :]) / step
    high = (most[..., late, :] - least[..., early, :]) / step
    return np.median(low, axis=-2), np.median(high, axis=-2)


def _fewest(member: Flags) -> Ints:
    """How many partners are drawn inside or outside each vector, whichever are fewer; a side without any is passed by.

    Nobody is drawn inside a vector of one country.
    """
    sides = np.stack([member.any(axis=0).sum(axis=1), (~member).any(axis=0).sum(axis=1)])
    return np.asarray(np.where(sides > 0, sides, member.shape[-1]).min(axis=0))


def _verdicts(found: Figure, drawn: Ints) -> tuple[Verdict, ...]:
    rows = zip(found.low.tolist(), found.high.tolist(), drawn.tolist(), strict=True)
    return tuple(_verdict(*row) for row in rows)


def _verdict(low: float, high: float, drawn: int) -> Verdict:
    if np.isnan(low) or drawn < MIN_DRAWN:
        return "too few partners"
    return "rose" if low > 0 else "fell" if high < 0 else "no clear change"


def _known(value: Array, member: Flags, years: Ints, *, rest: float | Array, least: int) -> Ints:
    """Places of the years in which a tie is known."""
    _check(value, member, years, rest=rest)
    known = np.flatnonzero((value > 0).any(axis=1))
    if len(known) < least:
        raise NotEnoughData(f"ties are known in {len(known)} of {len(years)} years; {least} or more are needed")
    return known


def _check(value: Array, member: Flags, years: Ints, *, rest: float | Array) -> None:
    shapes = (member.shape[-1:] == value.shape[1:], member.ndim == 2 or member.shape[:1] == value.shape[:1])
    faults = [
        (value.ndim != 2 or years.shape != value.shape[:1], "give one row of values for each year"),
        (member.ndim not in (2, 3) or not all(shapes), "give membership a column for each partner of the values"),
        (bool((np.diff(years) <= 0).any()), f"years must rise, each once: {years.tolist()}"),
        (
            bool((value < 0).any() or np.isinf(value).any()),
            "a value is negative or infinite: ties are sizes, zero or more; NaN where unknown",
        ),
        (np.shape(rest) not in ((), years.shape), "give one rest, or one for each year"),
        (not bool(((np.asarray(rest) >= 0) & (np.asarray(rest) < np.inf)).all()), "the rest must be zero or more"),
    ]
    for fault, what in faults:
        if fault:
            raise BadRequest(what)
