"""Tame outliers before indicators are put on one scale.

A few extreme cells can press all others of their indicator together, so that it no longer tells countries apart. Each
treatment here is *fitted* to the observed cells of one indicator, and the fit is an elementwise map that never turns
the order of two cells around. It can then be applied to other arrays, such as draws of the missing cells, without
fitting again: what is drawn for one country does not move another.

`treat` is the usual sequence: leave alone what passes the rule, Winsorise a few cells, and where that is not enough
take the data as they were and transform the whole indicator.

References
----------
OECD/JRC (2008), Handbook on Constructing Composite Indicators, steps 3 and 5 (outliers, skewed indicators).
Becker, Caperna, Del Sorbo, Norlen, Papadimitriou, Saisana (2022), COINr, JOSS 7(78), 4567, doi 10.21105/joss.04567:
the sequence and its defaults, whose results the tests reproduce.
Box, Cox (1964), An analysis of transformations, JRSS B 26(2), 211-252.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from softpower.errors import BadRequest
from softpower.index.statistics import Array, Ints, finite_or_missing
from softpower.index.transform import (
    Both,
    Check,
    Clip,
    Map,
    Rule,
    Same,
    fit,
    fit_box_cox,
    fit_log,
    fit_log1p,
    fit_log_coin,
    fit_log_gii,
    fit_log_signed,
    fit_winsorise,
)


def _columns(method: Callable[[Array], Map], x: ArrayLike, reference: ArrayLike | None) -> Array:
    cells = finite_or_missing(x)
    told = cells if reference is None else finite_or_missing(reference, what="the reference")
    if cells.ndim not in {1, 2} or told.ndim != cells.ndim or told.shape[1:] != cells.shape[1:]:
        raise BadRequest(
            f"tables have the shape (unit,) or (unit, indicator), not {cells.shape} with a reference of {told.shape}"
        )
    treated = cells.copy()
    for column in np.ndindex(cells.shape[1:]):
        own = (slice(None), *column)
        if not np.isnan(cells[own]).all():  # what is all missing stays so
            treated[own] = method(told[own])(cells[own])
    return treated


def winsorise(
    x: ArrayLike,
    *,
    reference: ArrayLike | None = None,
    most: int | None = 5,
    rule: Rule | None = None,
    until: Literal["passes", "most"] = "passes",
    ties: Literal["over", "within"] = "over",
) -> Array:
    """Give the most extreme cells the value of the next one, one after another, until the indicator passes the rule.

    At each step the largest value takes the next smaller one if the skewness is zero or more, and the smallest the next
    larger one otherwise. It comes to min(max(x, low), high), with bounds that are values of the reference.

    Parameters
    ----------
    x : array, shape (unit,) or (unit, indicator), NaN where missing
    reference : cells the bounds are taken from, by default ``x``
    most : at most so many cells are moved; None for no limit
    rule : by default abs(skewness) below 2 or kurtosis below 3.5
    until : "passes" stops when the rule holds; "most" goes on until ``most`` cells have moved
    ties : cells of equal value move together. With "over", as in COINr, a step begun below ``most`` is made whole even
        if it moves more than that; "within" stops before

    Notes
    -----
    A step that would make all cells equal is not made. A constant indicator, or one with fewer than three known cells,
    stays as it is.

    >>> winsorise(np.array([1.0, 2.0, 3.0, 4.0, 90.0, np.nan])).tolist()
    [1.0, 2.0, 3.0, 4.0, 4.0, nan]
    """
    return _columns(partial(fit_winsorise, most=most, rule=rule, until=until, ties=ties), x, reference)


def log(x: ArrayLike, *, reference: ArrayLike | None = None, offset: float = 0.0) -> Array:
    """ln(x + offset); every cell of the reference plus ``offset`` must be above zero.

    Shapes as in `winsorise`. Cells below the smallest of the reference are held there, as in all logarithms here.

    >>> log(np.array([0.0, np.e - 1]), offset=1.0).round(9).tolist()
    [0.0, 1.0]
    """
    return _columns(partial(fit_log, offset=offset), x, reference)


def log1p(x: ArrayLike, *, reference: ArrayLike | None = None) -> Array:
    """ln(1 + x), exact for small x; every cell of the reference must be above -1. Shapes as in `winsorise`.

    >>> log1p(np.array([0.0, np.e - 1])).round(9).tolist()
    [0.0, 1.0]
    """
    return _columns(fit_log1p, x, reference)


def log_coin(x: ArrayLike, *, reference: ArrayLike | None = None) -> Array:
    """ln(x - min + a) with a = (max - min) / 100, min and max of the reference.

    The unit of x moves all cells by the same amount. It makes a long *upper* tail shorter and a long lower one longer:
    where both occur, take `log_signed`. Shapes as in `winsorise`; needs two different cells.

    References
    ----------
    Becker and others (2022), COINr: the transform ``log_CT``, after the JRC's COIN Tool.

    >>> log_coin(np.array([0.0, 99.0, 100.0])).round(6).tolist()
    [0.0, 4.60517, 4.615121]
    """
    return _columns(fit_log_coin, x, reference)


def log_signed(x: ArrayLike, *, reference: ArrayLike | None = None) -> Array:
    """`log_coin` where the skewness is above zero, otherwise -ln(max + a - x), which shortens a lower tail.

    Shapes as in `winsorise`; needs two different cells.

    References
    ----------
    Becker and others (2022), COINr: the transform ``log_CT_plus``.

    >>> log_signed(np.array([0.0, 99.0, 100.0])).round(6).tolist()
    [-4.615121, -0.693147, -0.0]
    """
    return _columns(fit_log_signed, x, reference)


def log_gii(
    x: ArrayLike, *, reference: ArrayLike | None = None, factor: float | None = None, direction: int = 1
) -> Array:
    """ln((max f - 1) (x - min) / (max - min) + 1): from 0 at the smallest cell to ln(max f) at the largest.

    Parameters
    ----------
    x, reference : shapes as in `winsorise`; two different cells
    factor : f; by default the smallest power of ten, 1 or more, that makes max f greater than 1, as the GII has it
    direction : -1 where more is worse; then -ln((max f - 1) (max - x) / (max - min) + 1), which keeps the order of x

    References
    ----------
    Cornell University, INSEAD, WIPO, The Global Innovation Index, technical notes: indicators with more outliers than
    are Winsorised. COINr has this formula as ``log_GII``, but returns its input unchanged.

    >>> log_gii(np.array([0.0, 50.0, 100.0])).round(6).tolist()
    [0.0, 3.921973, 4.60517]
    """
    return _columns(partial(fit_log_gii, factor=factor, direction=direction), x, reference)


def box_cox(
    x: ArrayLike,
    *,
    reference: ArrayLike | None = None,
    power: float | Literal["likeliest"] = "likeliest",
    shift: float | Literal["minimum"] = 0.0,
) -> Array:
    """(z^p - 1) / p with z = x - shift, and ln z where p = 0.

    Parameters
    ----------
    x, reference : shapes as in `winsorise`
    power : p, or "likeliest" for the one of `softpower.index.transform.likeliest_power`
    shift : "minimum" moves the smallest cell of the reference to 1, which makes the result depend on the unit of x

    References
    ----------
    Box, Cox (1964), JRSS B 26(2), 211-252, equation 1.

    >>> box_cox(np.array([1.0, 4.0, 9.0]), power=0.5).round(9).tolist()
    [0.0, 2.0, 4.0]
    """
    return _columns(partial(fit_box_cox, power=power, shift=shift), x, reference)


# The sequence


@dataclass(frozen=True, slots=True)
class Treatment:
    """What was done to one indicator and why.

    Attributes
    ----------
    map : applies the treatment to any array
    before : the check of the cells as they were
    steps : name and check of each treatment tried, in order; one that was undone again is listed too
    cells : positions of the cells that changed, shape (changed,)
    old, new : their values, same shape
    """

    map: Map
    before: Check
    steps: tuple[tuple[str, Check], ...]
    cells: Ints
    old: Array
    new: Array

    @property
    def after(self) -> Check:
        """The check of the cells as they are now; it may still fail."""
        return self.steps[-1][1] if self.steps else self.before

    @property
    def ends(self) -> tuple[str, ...]:
        """For each changed cell "high" or "low" where Winsorising brought it in, "all" where all were transformed."""
        if not isinstance(self.map, Clip):
            return ("all",) * len(self.cells)
        return tuple("high" if old > new else "low" for old, new in zip(self.old, self.new, strict=True))


def fit_treatment(
    x: ArrayLike,
    *,
    most: int | None = 5,
    second: str | Callable[[Array], Map] = "log_coin",
    rule: Rule | None = None,
    second_on: Literal["original", "winsorised"] = "original",
    ties: Literal["over", "within"] = "over",
) -> Treatment:
    """Winsorise at most ``most`` cells of an indicator that fails the rule; if it still fails, transform it.

    Parameters
    ----------
    x : array, shape (unit,), NaN where missing
    most : at most so many cells are Winsorised; 0 for none, None for no limit
    second : a treatment of `softpower.index.transform.FITS`, or a fit of one's own; "none" leaves the indicator
        Winsorised although it fails
    rule : by default abs(skewness) below 2 or kurtosis below 3.5
    second_on : what the second treatment starts from: the cells as they were, or as Winsorised
    ties : see `winsorise`

    Returns
    -------
    Treatment
        ``after.passes`` says whether the rule holds in the end; there is no third treatment. Where the rule cannot be
        told (constant, too few cells) nothing is done and it is None.

    >>> treatment = fit_treatment([1.0, 2.0, 3.0, 4.0, 90.0, 3.0])
    >>> treatment.map.name, treatment.cells.tolist(), treatment.old.tolist(), treatment.new.tolist()
    ('winsorise', [4], [90.0], [4.0])
    """
    cells = finite_or_missing(x)
    if cells.ndim != 1:
        raise BadRequest(f"a treatment is fitted to one indicator, shape (unit,), not {cells.shape}")
    if second_on not in {"original", "winsorised"}:
        raise BadRequest(f"the second treatment starts from 'original' or 'winsorised', not {second_on!r}")
    rule = rule or Rule()
    before = rule.check(cells)
    steps: list[tuple[str, Check]] = []
    chosen: Map = Same()
    if before.passes is False and most != 0:
        chosen = fit_winsorise(cells, most=most, rule=rule, ties=ties)
        steps.append((chosen.name, rule.check(chosen(cells))))
    if before.passes is False and second != "none" and not (steps and steps[-1][1].passes):
        method = partial(fit, second) if isinstance(second, str) else second
        start = chosen(cells) if second_on == "winsorised" else cells
        last = method(start)
        chosen = Both(chosen, last) if second_on == "winsorised" and steps else last
        steps.append((last.name, rule.check(chosen(cells))))
    treated = chosen(cells)
    changed = np.flatnonzero((treated != cells) & ~np.isnan(cells))
    return Treatment(chosen, before, tuple(steps), changed, cells[changed], treated[changed])


def fit_treatments(x: ArrayLike, **options: Any) -> tuple[Treatment, ...]:
    """One treatment per indicator of a table, shape (unit, indicator); options as in `fit_treatment`.

    >>> [told.map.name for told in fit_treatments([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [4.0, 90.0], [5.0, 4.0]])]
    ['none', 'winsorise']
    """
    cells = finite_or_missing(x)
    if cells.ndim != 2:
        raise BadRequest(f"treatments need the shape (unit, indicator), not {cells.shape}")
    return tuple(fit_treatment(column, **options) for column in cells.T)


def apply(treatments: Sequence[Treatment], x: ArrayLike) -> Array:
    """Fitted treatments of all indicators applied to a table or to draws.

    Parameters
    ----------
    treatments : one per indicator
    x : array, shape (..., indicator), for example (draw, unit, indicator); NaN where missing

    >>> fitted = fit_treatments([[1.0], [2.0], [3.0], [4.0], [90.0]])
    >>> apply(fitted, [[[60.0], [2.5]]]).tolist()
    [[[4.0], [2.5]]]
    """
    cells = finite_or_missing(x)
    if cells.ndim == 0 or cells.shape[-1] != len(treatments):
        raise BadRequest(
            f"{len(treatments)} treatments do not fit an array of shape {cells.shape}: its last axis is indicators"
        )
    treated = np.empty_like(cells)
    for column, treatment in enumerate(treatments):
        treated[..., column] = treatment.map(cells[..., column])
    return treated


def treat(x: ArrayLike, *, reference: ArrayLike | None = None, **options: Any) -> Array:
    """The whole sequence on a plain array; see `fit_treatment`, which also says what was done.

    Parameters
    ----------
    x : array, shape (unit,) or (unit, indicator), NaN where missing
    reference : cells the treatments are fitted to, by default ``x``
    options : as in `fit_treatment`

    >>> treat(np.array([1.0, 2.0, 3.0, 4.0, 90.0])).tolist()
    [1.0, 2.0, 3.0, 4.0, 4.0]
    """
    return _columns(lambda column: fit_treatment(column, **options).map, x, reference)
