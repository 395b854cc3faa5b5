"""Fill missing cells with one value each, by a rule anyone can follow.

Each rule gives one guess per cell and says which cells it filled and how; what it cannot fill stays missing. One guess
makes a filled country look as certain as an observed one: for draws that do not, see `softpower.index.impute`.

References
----------
OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 3 (imputation of missing data).
Little, Rubin (2002), Statistical Analysis with Missing Data, 2nd ed., chapters 4 (single imputation) and 11 (EM).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.index.impute import Normal, Patterns, conditional, fit_normal, log_likelihood
from softpower.index.statistics import Array, Bools, finite_or_missing

OBSERVED, MISSING = "observed", "missing"


@dataclass(frozen=True, slots=True)
class Filled:
    """Cells after filling and where each comes from; both arrays have the shape of what was filled.

    Attributes
    ----------
    values : observed cells as given, filled cells, NaN where the rule had nothing to go by
    rule : "observed", "missing" or the rule that filled the cell
    """

    values: Array
    rule: NDArray[np.str_]

    @property
    def share(self) -> float:
        """Share of the cells that were filled, 0 to 1."""
        return float(np.mean((self.rule != OBSERVED) & (self.rule != MISSING))) if self.rule.size else 0.0


def _filled(x: Array, *guesses: tuple[str, Array]) -> Filled:
    """The cells of ``x``, and where there is none the first guess there is."""
    values = np.array(x)
    rule = np.where(np.isnan(values), MISSING, OBSERVED).astype("<U32")
    for name, guess in guesses:
        now = np.isnan(values) & ~np.isnan(guess)
        values[now] = np.broadcast_to(guess, values.shape)[now]
        rule[now] = name
    return Filled(values, rule)


def _table(x: ArrayLike, *, dimensions: tuple[int, ...] = (1, 2)) -> Array:
    cells = finite_or_missing(x)
    if cells.ndim not in dimensions:
        wanted = " or ".join({1: "(unit,)", 2: "(unit, indicator)"}[number] for number in dimensions)
        raise BadRequest(f"cells to fill have the shape {wanted}, not {cells.shape}")
    return cells


# By the other units


def _middle(cells: Array, of: Callable[[Array], float]) -> Array:
    """One figure for the known cells of each column, NaN where there are none; shape () or (indicator,)."""
    columns = cells.reshape(len(cells), -1).T
    found = [of(known) if (known := column[~np.isnan(column)]).size else np.nan for column in columns]
    return np.reshape(np.asarray(found, dtype=np.float64), cells.shape[1:])


def _mean(known: Array) -> float:
    return float(known.mean())


def _median(known: Array) -> float:
    return float(np.median(known))


def mean(x: ArrayLike) -> Filled:
    """Fill with the mean of the units that are known.

    Parameters
    ----------
    x : array, shape (unit,) or (unit, indicator), NaN where missing

    >>> mean(np.array([1.0, np.nan, 3.0])).values.tolist()
    [1.0, 2.0, 3.0]
    """
    cells = _table(x)
    return _filled(cells, ("mean", _middle(cells, _mean)))


def median(x: ArrayLike) -> Filled:
    """Fill with the median of the units that are known; shapes as in `mean`.

    >>> median(np.array([1.0, np.nan, 3.0, 11.0])).values.tolist()
    [1.0, 3.0, 3.0, 11.0]
    """
    cells = _table(x)
    return _filled(cells, ("median", _middle(cells, _median)))


def _by_group(x: ArrayLike, groups: Sequence[str | None], of: Callable[[Array], float], name: str) -> Filled:
    cells = _table(x)
    if len(groups) != len(cells):
        raise BadRequest(f"{len(groups)} groups do not fit {len(cells)} units: name one per unit, None for none")
    labels = np.asarray(["" if group is None else str(group) for group in groups], dtype=np.str_)
    own = np.full(cells.shape, np.nan)
    for label in np.unique(labels[labels != ""]):
        own[labels == label] = _middle(cells[labels == label], of)
    return _filled(cells, (f"group {name}", own), (f"overall {name}", _middle(cells, of)))


def group_mean(x: ArrayLike, groups: Sequence[str | None]) -> Filled:
    """Fill with the mean of the known units of the same group.

    Where a unit has no group, or none of its group is known, the mean of all known units stands in, and the rule of the
    cell is "overall mean" instead of "group mean".

    Parameters
    ----------
    x : array, shape (unit,) or (unit, indicator), NaN where missing
    groups : the group of each unit; None or "" for none

    >>> filled = group_mean(np.array([1.0, np.nan, 5.0, np.nan]), ["a", "a", "b", "c"])
    >>> filled.values.tolist(), filled.rule.tolist()
    ([1.0, 1.0, 5.0, 3.0], ['observed', 'group mean', 'observed', 'overall mean'])
    """
    return _by_group(x, groups, _mean, "mean")


def group_median(x: ArrayLike, groups: Sequence[str | None]) -> Filled:
    """Fill with the median of the known units of the same group; as `group_mean`.

    >>> group_median(np.array([1.0, np.nan, 2.0, 9.0]), ["a", "a", "a", "a"]).values.tolist()
    [1.0, 2.0, 2.0, 9.0]
    """
    return _by_group(x, groups, _median, "median")


# By the unit's other indicators


def row_mean(x: ArrayLike, groups: Sequence[str] | None = None, *, directions: Sequence[int] | None = None) -> Filled:
    """Fill with what the unit's other indicators of the same group, a pillar for example, say on average.

    With u_ij = (x_ij - min_j) / (max_j - min_j), or 1 - u_ij where more is worse, a missing cell takes the mean of the
    unit's known u of the group, carried back to the scale of the indicator.

    Parameters
    ----------
    x : array, shape (unit, indicator), NaN where missing
    groups : the group of each indicator; by default all are one group
    directions : 1 or -1 per indicator, by default 1

    Returns
    -------
    Filled
        Missing stays missing where the unit has no known cell in the group, or nobody has the indicator. A constant
        indicator says nothing about a unit: it is left out of the means, and filled with its one value.

    >>> row_mean(np.array([[0.0, 10.0], [1.0, 30.0], [0.5, np.nan]])).values[2].tolist()
    [0.5, 20.0]
    """
    cells = _table(x, dimensions=(2,))
    columns = cells.shape[1]
    names = np.asarray([""] * columns if groups is None else list(groups))
    signs = np.ones(columns) if directions is None else np.asarray(directions, dtype=np.float64)
    if len(names) != columns or signs.shape != (columns,) or not np.isin(signs, (-1.0, 1.0)).all():
        raise BadRequest(f"give one group and one direction (1 or -1) for each of the {columns} indicators")
    known = ~np.isnan(cells)
    low = np.where(known, cells, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, cells, -np.inf).max(axis=0, initial=-np.inf)
    varied = high > low
    low, reach = np.where(varied, low, 0.0), np.where(varied, high - low, 1.0)
    unit = (cells - low) / reach
    unit = np.where(signs > 0, unit, 1 - unit)
    guess = np.full(cells.shape, np.nan)
    for name in dict.fromkeys(names.tolist()):
        own = (names == name) & varied
        told = np.where(known[:, own], unit[:, own], 0.0)
        count = known[:, own].sum(axis=1)
        guess[:, own] = np.where(count > 0, told.sum(axis=1) / np.maximum(count, 1), np.nan)[:, None]
    back = np.where(signs > 0, guess, 1 - guess) * reach + low
    same = np.where(known.any(axis=0) & ~varied, np.where(known, cells, -np.inf).max(axis=0, initial=-np.inf), np.nan)
    return _filled(cells, ("row mean", back), ("constant indicator", same))


# By the unit's other years


def _panel(x: ArrayLike, years: ArrayLike) -> tuple[Array, Array]:
    cells, when = finite_or_missing(x), np.asarray(years, dtype=np.float64)
    if when.ndim != 1 or cells.ndim == 0 or cells.shape[-1] != when.size:
        raise BadRequest(f"{when.size} years do not fit an array of shape {cells.shape}: its last axis is years")
    if not np.all(np.isfinite(when)) or np.any(np.diff(when) <= 0):
        raise BadRequest(f"years must rise, each named once, not {when.tolist()}")
    return cells, when


def _neighbours(known: Bools) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the last known cell up to each one lies (-1 for none), and the first from it on (the length for none)."""
    length = known.shape[-1]
    at = np.arange(length)
    before = np.maximum.accumulate(np.where(known, at, -1), axis=-1)
    after = np.flip(np.minimum.accumulate(np.flip(np.where(known, at, length), axis=-1), axis=-1), axis=-1)
    return before, after


def _pick(cells: Array, at: NDArray[np.int64]) -> Array:
    """The cells at these positions of the last axis, NaN where the position lies outside."""
    length = cells.shape[-1]
    picked = np.take_along_axis(cells, np.clip(at, 0, max(length - 1, 0)), axis=-1)
    return np.where((at >= 0) & (at < length), picked, np.nan)


def source_years(x: ArrayLike, years: ArrayLike, *, max_age: float | None = None) -> Array:
    """The year from which `latest` takes each cell, NaN where it has none; shape of ``x``.

    >>> source_years(np.array([np.nan, 2.0, np.nan]), [2020, 2021, 2022]).tolist()
    [nan, 2021.0, 2021.0]
    """
    cells, when = _panel(x, years)
    if max_age is not None and not max_age >= 0:
        raise BadRequest(f"max_age is a number of years, zero or more, not {max_age}")
    source = _pick(np.broadcast_to(when, cells.shape), _neighbours(~np.isnan(cells))[0])
    return source if max_age is None else np.where(when - source <= max_age, source, np.nan)


def latest(x: ArrayLike, years: ArrayLike, *, max_age: float | None = None) -> Filled:
    """Fill with the unit's latest earlier observation; see `source_years` for its year.

    Parameters
    ----------
    x : array, shape (..., year), for example (unit, year), NaN where missing
    years : array, shape (year,), rising
    max_age : years after which an observation is no longer carried on; None for never

    Returns
    -------
    Filled
        Years before the first observation stay missing: the later value is not carried back.

    >>> latest(np.array([np.nan, 2.0, np.nan, np.nan]), [2018, 2019, 2020, 2022], max_age=2).values.tolist()
    [nan, 2.0, 2.0, nan]
    """
    cells, when = _panel(x, years)
    source = source_years(cells, when, max_age=max_age)
    carried = _pick(cells, _neighbours(~np.isnan(cells))[0])
    return _filled(cells, ("latest", np.where(np.isnan(source), np.nan, carried)))


def constant(x: ArrayLike, years: ArrayLike) -> Filled:
    """Fill with the latest earlier observation, before the first with the first; shapes as in `latest`.

    >>> constant(np.array([np.nan, 2.0, np.nan]), [2018, 2019, 2020]).values.tolist()
    [2.0, 2.0, 2.0]
    """
    cells, _ = _panel(x, years)
    before, after = _neighbours(~np.isnan(cells))
    return _filled(cells, ("latest", _pick(cells, before)), ("first", _pick(cells, after)))


def _between(cells: Array, when: Array) -> Array:
    """On the line between the two neighbouring observations, NaN outside them."""
    before, after = _neighbours(~np.isnan(cells))
    start, end = (_pick(np.broadcast_to(when, cells.shape), at) for at in (before, after))
    span = end - start
    share = np.where(span > 0, (when - start) / np.where(span > 0, span, 1.0), 0.0)
    first, last = _pick(cells, before), _pick(cells, after)
    line: Array = first * (1 - share) + last * share
    return line


def linear(x: ArrayLike, years: ArrayLike) -> Filled:
    """Fill on the line between the neighbouring observations; outside them nothing. Shapes as in `latest`.

    >>> linear(np.array([2.0, np.nan, 5.0, np.nan]), [2018, 2019, 2021, 2022]).values.tolist()
    [2.0, 3.0, 5.0, nan]
    """
    cells, when = _panel(x, years)
    return _filled(cells, ("linear", _between(cells, when)))


def linear_constant(x: ArrayLike, years: ArrayLike) -> Filled:
    """Fill on the line between neighbouring observations and with the nearest one outside; shapes as in `latest`.

    >>> linear_constant(np.array([np.nan, 2.0, np.nan, 5.0]), [2018, 2019, 2020, 2022]).values.tolist()
    [2.0, 2.0, 3.0, 5.0]
    """
    cells, when = _panel(x, years)
    before, after = _neighbours(~np.isnan(cells))
    line = _between(cells, when)
    return _filled(cells, ("linear", line), ("latest", _pick(cells, before)), ("first", _pick(cells, after)))


def errors(filled: Filled, years: ArrayLike, *, se: ArrayLike = 0.0, drift: float = 0.0) -> Array:
    """Standard errors of cells that were filled from other years, where a unit drifts as a random walk does.

    What was filled was so in another year; in its own year it errs by what the unit has drifted since. A value carried
    over d years has the variance se² + drift d, whatever is known later. One on the line between
    observations d1 years before and d2 after has that of a walk tied down at both ends, drift d1 d2 / (d1 + d2); the
    errors of the two are of one source and last, so that they are weighted as the values are.

    Parameters
    ----------
    filled : by `latest`, `constant`, `linear` or `linear_constant`, shape (..., year)
    years : array, shape (year,), rising
    se : standard errors of the observed cells, shape (..., year) or (); those of other cells are not looked at
    drift : variance that one year adds, see `softpower.index.series.yearly_variance`

    Returns
    -------
    array, shape (..., year)
        ``se`` where a cell is observed, NaN where it is missing.

    >>> told = latest(np.array([2.0, np.nan, np.nan, 5.0]), [2018, 2019, 2020, 2021])
    >>> errors(told, [2018, 2019, 2020, 2021], se=3.0, drift=4.0).round(3).tolist()
    [3.0, 3.606, 4.123, 3.0]
    """
    cells, when = _panel(filled.values, years)
    if not drift >= 0:
        raise BadRequest(f"a drift is a variance per year, zero or more, not {drift}")
    own = np.broadcast_to(np.asarray(se, dtype=np.float64), cells.shape)
    before, after = _neighbours(filled.rule == OBSERVED)
    calendar = np.broadcast_to(when, cells.shape)
    past, future = calendar - _pick(calendar, before), _pick(calendar, after) - calendar
    span = np.where(past + future > 0, past + future, 1.0)
    lasting = (_pick(own, before) * future + _pick(own, after) * past) / span
    variance = {
        OBSERVED: own**2,
        "latest": _pick(own, before) ** 2 + drift * past,
        "first": _pick(own, after) ** 2 + drift * future,
        "linear": lasting**2 + drift * past * future / span,
    }
    found: Array = np.select([filled.rule == rule for rule in variance], list(variance.values()), default=np.nan)
    return np.sqrt(found)


# By all indicators together


@dataclass(frozen=True, slots=True)
class Gaussian:
    """Cells filled with their conditional means, and the normal distribution these come from.

    Attributes
    ----------
    filled : cells, shape (unit, indicator)
    mean : shape (indicator,); NaN where nobody has the indicator
    covariance : shape (indicator, indicator), divisor n; zero where an indicator is constant, NaN where nobody has it
    log_likelihood : of the observed cells of the indicators that vary
    """

    filled: Filled
    mean: Array
    covariance: Array
    log_likelihood: float


def gaussian(x: ArrayLike, *, steps: int = 10_000, tolerance: float = 1e-12) -> Gaussian:
    """Fill with E[missing | observed] under the normal distribution that makes the observed cells likeliest.

    Mean and covariance are those of maximum likelihood without a prior, found by the EM algorithm: fill the missing
    cells with their conditional means and add their conditional covariances, take mean and covariance (divisor n) of
    the result, and repeat. Each missing cell then takes μm + Σmo Σoo⁻¹ (xo - μo).

    Parameters
    ----------
    x : array, shape (unit, indicator), NaN where missing
    steps, tolerance : at most so many steps; done when no mean or covariance moves by more than this, in standard
        deviations of the indicators

    Raises
    ------
    NotEnoughData
        The likelihood has no maximum (no more units than indicators, indicators that determine each other), or it was
        not reached in ``steps``. `softpower.index.impute` has a prior for such tables.

    References
    ----------
    Dempster, Laird, Rubin (1977), Maximum likelihood from incomplete data via the EM algorithm, JRSS B 39(1), 1-38.

    >>> told = gaussian(np.array([[0.0, 0.1], [1.0, 1.9], [2.0, 4.2], [3.0, 5.8], [4.0, np.nan]]))
    >>> round(float(told.filled.values[4, 1]), 6)  # the regression of the second on the first
    7.85
    """
    cells = _table(x, dimensions=(2,))
    known = ~np.isnan(cells)
    low = np.where(known, cells, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, cells, -np.inf).max(axis=0, initial=-np.inf)
    varied = high > low
    centre = np.where(np.isfinite(low), low, np.nan)  # of constant indicators the value
    covariance = np.where(np.isnan(centre[:, None] + centre), np.nan, 0.0)
    guess = np.tile(centre, (len(cells), 1))
    likelihood = 0.0
    if varied.any():
        own = cells[:, varied]
        middle = _middle(own, _mean)
        spread = _middle(own, lambda column: float(column.std()))
        z = (own - middle) / spread
        fit = _fit(z, steps=steps, tolerance=tolerance)
        guess[:, varied] = middle + spread * conditional(z, fit, Patterns.in_rows(z)).mean
        centre[varied] = middle + spread * fit.mean
        covariance[np.ix_(varied, varied)] = fit.covariance * spread[:, None] * spread
        likelihood = log_likelihood(z, fit) - float((known[:, varied] * np.log(spread)).sum())
    return Gaussian(_filled(cells, ("conditional mean", guess)), centre, covariance, likelihood)


def _fit(z: Array, *, steps: int, tolerance: float) -> Normal:
    """The maximum, or the reason why there is none."""
    rows = int((~np.isnan(z)).any(axis=1).sum())
    why = ""
    if rows <= z.shape[1]:
        why = f"{rows} units with data do not tell {z.shape[1]} indicators apart"
    else:
        try:
            with np.errstate(all="ignore"):  # on the way to a singular covariance
                fit = fit_normal(z, steps=steps, tolerance=tolerance, prior_rows=0.0)
                least = np.linalg.eigvalsh(fit.covariance)[0]
                again = fit_normal(z, start=fit, steps=1, prior_rows=0.0)
        except np.linalg.LinAlgError:
            least = np.nan
        if not least > 1e-9:
            why = "some indicators determine others, so that the covariance is singular"
        elif max(np.abs(again.mean - fit.mean).max(), np.abs(again.covariance - fit.covariance).max()) > tolerance:
            why = f"EM did not settle within {steps} steps"
    if why:
        raise NotEnoughData(
            f"{why}: fill fewer indicators together (a pillar, say), allow more steps, or take the fit with a prior"
        )
    return fit
