"""How one country's ties are spread: shares by vector and concentration.

All functions take what passes between a country and its partners as one array, partner axis last: not negative, NaN
unknown. Zero says that there is no tie, NaN that nobody knows, so whoever could be a partner belongs on the axis.

Layers that name only the largest partners pool the others in a ``rest``. What is then known is a bound: each `Figure`
runs from ``least`` to ``most``, and the two are equal where everybody is named.

Intervals are those of the Bayesian bootstrap over partners; `softpower.vectors.figures` says what they mean, and what
they do not.

References
----------
Rubin (1981), The Bayesian bootstrap, Annals of Statistics 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.figures import LEVEL, Figure, check_draws, draw_weights, effective_number, figure, turned
from softpower.vectors.spread import effective_bounds, evenness_bounds, hhi_bounds

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Overlaps:
    """What is counted more than once, as shares of the whole.

    Attributes
    ----------
    both : shape (vector, vector); share of partners that belong to both; on the diagonal the share of the vector
    several, none : share of partners in two vectors or more, and in no vector; the rest, if any, is in neither
    """

    both: Array
    several: float
    none: float


@dataclass(frozen=True, slots=True)
class Without:
    """Every figure once more, each partner in turn left out.

    Attributes
    ----------
    shares : shape (vector, partner); NaN for partners that are unknown or the only one
    hhi : shape (partner,), likewise
    """

    shares: Array
    hhi: Array


@dataclass(frozen=True, slots=True)
class Balance:
    """How the ties of one layer are spread in one year.

    Attributes
    ----------
    total : sum of what is known, with the rest
    partners, unknown : how many have a tie, and of how many nobody knows
    members, unknown_members : the same within each vector, shape (vector,)
    shares : by vector, shape (vector,), 0 to 1; vectors overlap, so that they may add up to more than 1
    overlaps : what they count more than once
    hhi : Herfindahl-Hirschman index over partners, 0 to 1
    effective : 1 / hhi: as many partners of equal size would give this index
    effective_by_entropy : the same for entropy, which gives small partners more say
    evenness : entropy over vectors as a share of the largest possible, 0 (all in one) to 1 (spread evenly)
    concentration : 1 - evenness
    without : all of them with one partner left out
    rests_on : place on the partner axis of the one without whom the share would move most, shape (vector,), the only
        country of a vector apart; -1 if nobody moves it
    draws, level, seed : of the intervals
    """

    total: float
    partners: int
    unknown: int
    members: Ints
    unknown_members: Ints
    shares: Figure
    overlaps: Overlaps
    hhi: Figure
    effective: Figure
    effective_by_entropy: Figure
    evenness: Figure
    concentration: Figure
    without: Without
    rests_on: Ints
    draws: int
    level: float
    seed: int


def shares(value: Array, member: Flags, *, rest: float | Array = 0.0) -> Array:
    """Share of each vector in the whole; a lower bound where there is a rest.

    Parameters
    ----------
    value : array, shape (..., partner), not negative, NaN unknown
    member : array, shape (vector, partner) or (..., vector, partner): who belongs to what; vectors may overlap
    rest : what passes with partners that are not named, shape () or (...)

    Returns
    -------
    array, shape (..., vector), 0 to 1
        NaN where no member is known and there is no rest they could be in, and where the whole is zero.

    >>> shares(np.array([6.0, 3.0, 1.0]), np.array([[1, 0, 0], [1, 1, 0]], dtype=bool)).tolist()
    [0.6, 0.9]
    """
    known = np.nan_to_num(value)
    total = known.sum(axis=-1) + rest
    seen = (member & ~np.isnan(value)[..., None, :]).any(axis=-1) | np.expand_dims(np.asarray(rest) > 0, -1)
    inside = np.einsum("...p,...vp->...v", known, member.astype(np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(seen & (total > 0)[..., None], inside / total[..., None], np.nan)


def share_bounds(
    value: Array,
    member: Flags,
    *,
    rest: float | Array = 0.0,
    whole: Flags | None = None,
    largest: float | Array = np.inf,
) -> tuple[Array, Array]:
    """Least and most that each vector's share can be: without the rest, and with as much of it as it can hold.

    Parameters
    ----------
    value, member, rest : as for `shares`
    whole : array, shape (vector,): true where all members are on the partner axis, so that only those of unknown value
        can be in the rest; default nowhere
    largest : no unnamed partner has more, shape () or (...); in a list of the largest partners the smallest value named

    Returns
    -------
    two arrays, shape (..., vector)

    >>> value, member = np.array([6.0, 2.0, np.nan]), np.array([[1, 0, 0], [0, 1, 1]], dtype=bool)
    >>> low, high = share_bounds(value, member, rest=2.0, whole=np.array([True, True]), largest=1.0)
    >>> low.tolist(), high.round(3).tolist()
    ([0.6, 0.2], [0.6, 0.3])
    """
    return _bounds(value, member, rest, room(value, member, whole, largest))


def room(value: Array, member: Flags, whole: Flags | None, largest: float | Array = np.inf) -> Array:
    """How much of the rest each vector can hold, shape (..., vector): the largest size for each member not named.

    Arguments are those of `share_bounds`. A vector that is not whole can hold all.
    """
    unnamed = (member & np.isnan(value)[..., None, :]).sum(axis=-1)
    size = np.asarray(largest, dtype=float)[..., None]
    known = np.where(unnamed > 0, np.where(unnamed > 0, size, 0.0) * np.maximum(unnamed, 1), 0.0)
    return np.full_like(known, np.inf) if whole is None else np.where(whole, known, np.inf)


def _bounds(value: Array, member: Flags, rest: float | Array, holds: Array) -> tuple[Array, Array]:
    least = shares(value, member, rest=rest)
    total = np.asarray(np.nan_to_num(value).sum(axis=-1) + rest)
    with np.errstate(invalid="ignore", divide="ignore"):
        return least, least + np.minimum(np.asarray(rest)[..., None], holds) / total[..., None]


def fully_named(value: Array, member: Flags, whole: Flags | None) -> Flags:
    """Which vectors have nobody in the rest: those said to be ``whole``, less those with an unknown member.

    Shape (..., vector), as for `share_bounds`.
    """
    unknown = (member & np.isnan(value)[..., None, :]).any(axis=-1)
    return np.zeros_like(unknown) if whole is None else whole & ~unknown


def overlaps(value: Array, member: Flags, *, rest: float = 0.0) -> Overlaps:
    """Shares of the whole that two vectors have in common, that several have, that none has.

    The sum of `shares` less 1 is neither: a partner in three vectors is in it twice.

    Parameters
    ----------
    value : array, shape (partner,)
    member, rest : as for `shares`

    >>> found = overlaps(np.array([6.0, 3.0, 1.0]), np.array([[1, 0, 0], [1, 1, 0]], dtype=bool))
    >>> found.both.round(2).tolist(), found.several, found.none
    ([[0.6, 0.6], [0.6, 0.9]], 0.6, 0.1)
    """
    known = np.nan_to_num(value)
    total = known.sum() + rest
    part = known / total if total > 0 else np.full(len(known), np.nan)
    belongs = member.sum(axis=0)
    flags = member.astype(np.float64)
    return Overlaps(
        both=(flags * part) @ flags.T,
        several=float(part[belongs > 1].sum()),
        none=float(part[belongs == 0].sum()),
    )


def own_vectors(member: Flags) -> Flags:
    """Which partners are a vector of their own, shape (partner,): the only member it has on the whole axis."""
    return np.asarray(member[member.sum(axis=1) == 1].any(axis=0))


def draw_shares(
    value: Array,
    member: Flags,
    fixed: Flags,
    *,
    rest: float | Array = 0.0,
    whole: Flags | None = None,
    holds: Array | None = None,
    draws: int,
    seed: int,
) -> tuple[Array, Array, Array]:
    """Bounds of the vectors' shares in each draw of partners, and how many partners are behind them.

    A country that is a vector of its own, Russia or China, is in every draw, and only the others are drawn: it was
    named, it is not one of its kind that happened to be met. Years have the same weights.

    Parameters
    ----------
    value : array, shape (partner,) or (year, partner); every partner above zero in some year
    member : array, shape (vector, partner) or (year, vector, partner)
    fixed : array, shape (partner,): in every draw
    rest : shape () or (year,); the same in every draw
    whole : as for `share_bounds`
    holds : how much of the rest each vector can hold, shape (vector,), as `room` has it of partners of whom not all are
        given here; default by ``whole``

    Returns
    -------
    two arrays, shape (draw, vector) or (draw, year, vector): least and most
    array, shape (vector,): effective number of partners drawn, inside or outside, whichever is smaller. NaN where
        nobody is on one of the sides, or just one who is drawn: from one nobody can tell what others like it would be
    """
    weight = draw_weights(value.shape[-1], draws, seed, fixed=fixed)
    weighted = (weight[:, None, :] if value.ndim > 1 else weight) * value
    least, most = _bounds(weighted, member, rest, room(weighted, member, whole) if holds is None else holds)
    by_year, sizes = member.reshape((-1, *member.shape[-2:])), np.nan_to_num(value).reshape((-1, value.shape[-1]))
    size = (sizes / sizes.sum(axis=1, keepdims=True)).sum(axis=0)
    behind = np.full(member.shape[-2], np.inf)
    for side in (np.asarray(by_year.any(axis=0)), np.asarray((~by_year).any(axis=0))):
        drawn = side & ~fixed
        number = np.where(drawn.any(axis=1), effective_number(size * drawn), np.inf)
        behind = np.minimum(behind, np.where(side.any(axis=1) & (drawn.sum(axis=1) != 1), number, np.nan))
    return least, most, np.where(np.isfinite(behind), behind, np.nan)


def without_each(value: Array, member: Flags, *, rest: float = 0.0) -> Without:
    """Shares and Herfindahl index (of the named) with each partner in turn left out.

    >>> without_each(np.array([6.0, 3.0, 1.0]), np.array([[1, 1, 0]], dtype=bool)).shares.round(3).tolist()
    [[0.75, 0.857, 1.0]]
    """
    known = np.nan_to_num(value)
    others = 1.0 - np.eye(len(known))  # summed anew: a difference would lose what is small beside the largest
    left = others @ known + rest
    left = np.where(np.isnan(value) | (left <= 0), np.nan, left)
    return Without(shares=(member * known) @ others / left, hhi=others @ known**2 / left**2)


def balance(
    value: Array,
    member: Flags,
    *,
    rest: float = 0.0,
    whole: Flags | None = None,
    largest: float = np.inf,
    unnamed: int | None = None,
    draws: int = 500,
    seed: int,
    level: float = LEVEL,
) -> Balance:
    """How the ties of one layer are spread in one year, with intervals.

    Partners with zero change nothing. Unknown ones are left out of the whole, and counted.

    Parameters
    ----------
    value : array, shape (partner,), not negative, NaN unknown
    member : array, shape (vector, partner), one vector at least; a partner that is the only one of a vector on the
        axis is taken for named, and is in every draw of shares and evenness (of `hhi` and the like it is drawn too)
    rest, whole, largest, unnamed : as for `share_bounds` and `hhi_bounds`
    draws, seed, level : of the intervals

    Raises
    ------
    BadRequest
        Arrays do not fit each other, a value is negative or infinite, or the rest does not fit into ``unnamed``
        partners of at most ``largest``.
    NotEnoughData
        Nobody is known to have a tie.

    >>> found = balance(np.array([6.0, 3.0, 1.0]), np.array([[1, 0, 0], [1, 1, 0]], dtype=bool), seed=1)
    >>> found.shares.least.tolist(), found.hhi.least.round(2).item(), found.rests_on.tolist()
    ([0.6, 0.9], 0.46, [1, 0])
    """
    check_draws(draws, level)
    _check(value, member, rest=rest, whole=whole)
    tied = value > 0
    if not tied.any():
        raise NotEnoughData("no partner is known to have a tie: shares of nothing are unknown")
    some, whose = value[tied], member[:, tied]
    holds, whole = room(value, member, whole, largest), fully_named(value, member, whole)
    fixed = own_vectors(member)
    index = partial(hhi_bounds, rest=rest, largest=largest, unnamed=unnamed)
    number = partial(effective_bounds, rest=rest, largest=largest, unnamed=unnamed)
    weight = draw_weights(len(some), draws, seed)
    behind = _several(some**2)  # of sums of squares, which rest on fewer partners still

    bounds = _bounds(value, member, rest, holds)
    least, most, by_vector = draw_shares(some, whose, fixed[tied], rest=rest, holds=holds, draws=draws, seed=seed)
    weighted = draw_weights(len(some), draws, seed, fixed=fixed[tied]) * some
    evenness = figure(
        evenness_bounds(some, whose, rest=rest, whole=whole),
        evenness_bounds(weighted, whose, rest=rest, whole=whole),
        _several(value[tied & ~fixed]),
        level=level,
    )
    hhi = figure(index(some), index(some, weight=weight), behind, level=level)
    without = without_each(value, member, rest=rest)
    return Balance(
        total=float(some.sum() + rest),
        partners=len(some),
        unknown=int(np.isnan(value).sum()),
        members=whose.sum(axis=1),
        unknown_members=(member & np.isnan(value)).sum(axis=1),
        shares=figure(bounds, (least, most), by_vector, level=level),
        overlaps=overlaps(value, member, rest=rest),
        hhi=hhi,
        effective=turned(hhi, lambda found: 1 / found),
        effective_by_entropy=figure(number(some), number(some, weight=weight), behind, level=level),
        evenness=evenness,
        concentration=turned(evenness, lambda found: 1 - found),
        without=without,
        rests_on=_furthest(without.shares, bounds[0], member),
        draws=draws,
        level=level,
        seed=seed,
    )


def _several(drawn: Array) -> Array:
    """The effective number of partners drawn; NaN where fewer than two are."""
    return effective_number(drawn) if len(drawn) > 1 else np.asarray(np.nan)


def _furthest(without: Array, share: Array, member: Flags) -> Ints:
    """Which partner moves each share most by being left out, the only member apart; -1 where nobody moves it."""
    moved = np.nan_to_num(np.abs(without - share[:, None]))
    moved[member & (member.sum(axis=1, keepdims=True) == 1)] = 0.0
    return np.where(moved.max(axis=1) > 0, moved.argmax(axis=1), -1)


def _check(value: Array, member: Flags, *, rest: float, whole: Flags | None) -> None:
    faults = [
        (value.ndim != 1, f"values of shape {value.shape}: give one for each partner"),
        (
            member.ndim != 2 or member.shape[1:] != value.shape or not len(member),
            f"membership of shape {member.shape} for values of shape {value.shape}: give one row for each vector",
        ),
        (whole is not None and whole.shape != member.shape[:1], "whole: give one flag for each vector"),
        (
            bool((value < 0).any() or np.isinf(value).any()),
            "a value is negative or infinite: ties are sizes, zero or more; NaN where unknown",
        ),
        (not 0 <= rest < np.inf, f"the rest must be zero or more and finite, not {rest:g}"),
    ]
    for fault, what in faults:
        if fault:
            raise BadRequest(what)
