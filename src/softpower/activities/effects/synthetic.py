"""Synthetic control: the treated less the weighted mean of donors that was most like it before the start.

By default donors are matched on the outcome in each period before the start, levels included. With covariates they are
matched on those instead, each of an importance chosen so that the outcome before the start is met best: a search with
several optima and no guarantee, in which estimates have differed by a factor of two between programs on the same data.
Hence estimates from several starts of the search are part of the result.

References
----------
Abadie, Gardeazabal (2003), The economic costs of conflict, American Economic Review 93(1), 113-132, appendix B.
Abadie, Diamond, Hainmueller (2010), Synthetic control methods for comparative case studies, JASA 105(490), 493-505.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.activities.effects.fit import Fit, check_split, fitted
from softpower.activities.effects.simplex import nearest
from softpower.errors import BadRequest

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

# Of the search from one start: evaluations of the fit, each well under a millisecond.
EVALUATIONS = 200
_ALMOST_NONE = float(np.log(1e-3))  # of importance: enough to be found again


@dataclass(frozen=True, slots=True, eq=False)
class CovariateFit:
    """A synthetic control matched on covariates.

    Attributes
    ----------
    fit : the one that met the outcome before the start best of those from the two customary starts of the search
    better : the one from a third start, if that met it better still: published figures are no such optima always
    importance : of each covariate in ``fit``, shape (covariate,), 0 or more, sum 1
    attempts : estimate and root mean square error over the matched periods, one pair for each start of the search
    """

    fit: Fit
    better: Fit | None
    importance: Array
    attempts: tuple[tuple[float, float], ...]

    @property
    def spread(self) -> tuple[float, float]:
        """Smallest and largest estimate among the starts: how far it depends on where the search began."""
        found = [att for att, _ in self.attempts]
        return min(found), max(found)


def synthetic(donors: Array, path: Array, pre: int) -> Fit:
    """Estimate by synthetic control on the outcome before the start.

    Parameters
    ----------
    donors : outcome, shape (donor, time), finite
    path : outcome of the treated, or their mean, shape (time,)
    pre : periods before the start, from 1 to all but one

    Returns
    -------
    Fit
        Without time weights: levels are compared as they are. Where several weights meet the outcome before the start
        equally well, the most even of them.

    >>> found = synthetic(np.array([[0.0, 2.0, 4.0], [4.0, 2.0, 0.0], [9.0, 9.0, 9.0]]), np.array([1.0, 2.0, 7.0]), 2)
    >>> found.unit_weights.round(6).tolist(), round(found.att, 6), round(found.pre_rmspe, 6)
    ([0.75, 0.25, 0.0], 4.0, 0.0)
    """
    check_split(donors, path, pre)
    return fitted(donors, path, pre, nearest(donors[:, :pre].T, path[:pre]), None)


def synthetic_on(
    donors: Array,
    path: Array,
    pre: int,
    *,
    donor_covariates: Array,
    covariates: Array,
    matched: Ints | None = None,
    evaluations: int = EVALUATIONS,
) -> CovariateFit:
    """Estimate by synthetic control on covariates, of the importance that meets the outcome before the start best.

    Parameters
    ----------
    donors, path, pre : as for `synthetic`
    donor_covariates : shape (covariate, donor), known before the start, finite
    covariates : of the treated, shape (covariate,)
    matched : periods before the start over which the outcome is to be met; by default all
    evaluations : of each of the four searches: from equal importance, from that of a regression of the outcome on
        covariates, and from the better of the two once more, as is customary; and from the one covariate that does best
        almost alone

    Raises
    ------
    BadRequest
        Covariates of another shape or with missing cells; a matched period that is not before the start.

    >>> donors = np.array([[1.0, 1.0, 1.0], [3.0, 3.0, 3.0]])
    >>> given = {"donor_covariates": np.array([[10.0, 30.0], [5.0, 5.1]]), "covariates": np.array([20.0, 9.0])}
    >>> found = synthetic_on(donors, np.array([2.0, 2.0, 5.0]), 2, **given)
    >>> round(found.fit.att, 4), found.fit.unit_weights.round(4).tolist()
    (3.0, [0.5, 0.5])
    """
    check_split(donors, path, pre)
    periods = np.arange(pre) if matched is None else np.asarray(matched)
    _check_covariates(donor_covariates, covariates, len(donors), periods, pre)
    both = np.column_stack([covariates, donor_covariates])
    kept = np.ptp(both, axis=1) > 0  # one that is the same for all matches whatever the weights
    scaled = both[kept] / both[kept].std(axis=1, ddof=1, keepdims=True)

    def weights(logs: Array) -> Array:
        root = np.exp((logs - logs.max()) / 2)[:, None]
        return nearest(root * scaled[:, 1:], root[:, 0] * scaled[:, 0])

    def error(logs: Array) -> float:
        return float(np.mean((path[periods] - weights(logs) @ donors[:, periods]) ** 2))

    outcomes = np.vstack([path[periods], donors[:, periods]])
    tried = [_searched(error, start, evaluations) for start in (np.zeros(len(scaled)), _regressed(scaled, outcomes))]
    tried.append(_searched(error, min(tried, key=error), evaluations))
    tried.append(_searched(error, _alone(error, len(scaled)), evaluations))
    fits = [fitted(donors, path, pre, weights(logs), None) for logs in tried]
    errors = [error(logs) ** 0.5 for logs in tried]
    best = int(np.argmin(errors[:-1]))
    better = fits[-1] if errors[-1] < errors[best] else None
    importance = np.zeros(len(both))
    importance[kept] = np.exp(tried[best] - tried[best].max())
    attempts = tuple((fit.att, found) for fit, found in zip(fits, errors, strict=True))
    return CovariateFit(fits[best], better, importance / importance.sum(), attempts)


def _searched(error: Callable[[Array], float], start: Array, evaluations: int) -> Array:
    """Logarithms of importances with a small error, by Nelder and Mead's search."""
    from scipy.optimize import minimize

    corners = np.vstack([start, start + 2.0 * np.eye(len(start))])
    options = {"maxfev": evaluations, "adaptive": True, "initial_simplex": corners, "xatol": 1e-3, "fatol": 1e-10}
    found = minimize(error, start, method="Nelder-Mead", options=options)
    return np.asarray(found.x if found.fun <= error(start) else start)


def _alone(error: Callable[[Array], float], count: int) -> Array:
    """Logarithms of importances with one covariate far above others: the one that leaves the smallest error."""
    each = np.where(np.eye(count) > 0, 0.0, _ALMOST_NONE)
    return np.asarray(min(each, key=error))


def _regressed(scaled: Array, outcomes: Array) -> Array:
    """Logarithms of importances that a regression of outcomes on covariates gives: sums of squared coefficients."""
    design = np.column_stack([np.ones(scaled.shape[1]), scaled.T])
    coefficients = np.linalg.lstsq(design, outcomes, rcond=None)[0][1:]
    importance = (coefficients**2).sum(axis=1)
    return np.log(np.maximum(importance / importance.max(), 1e-8)) if importance.any() else np.zeros(len(scaled))


def _check_covariates(of_donors: Array, of_treated: Array, donors: int, periods: Ints, pre: int) -> None:
    """Refuse what cannot be matched on."""
    if of_donors.ndim != 2 or of_donors.shape[1] != donors or of_treated.shape != of_donors.shape[:1]:
        raise BadRequest(
            f"covariates of {donors} donors have the shape (covariate, {donors}), those of the treated (covariate,); "
            f"these have {of_donors.shape} and {of_treated.shape}"
        )
    lacking = np.flatnonzero(~(np.isfinite(of_donors).all(axis=1) & np.isfinite(of_treated)))
    if len(lacking):
        raise BadRequest(f"covariate {lacking[0]} (counted from 0) is missing for some unit: leave it out, or fill it")
    if not len(of_treated) or (np.ptp(np.column_stack([of_treated, of_donors]), axis=1) == 0).all():
        raise BadRequest("no covariate differs between units: give one that does, or match on the outcome alone")
    if not len(periods) or periods.min() < 0 or periods.max() >= pre:
        raise BadRequest(f"matched periods lie before the start, from 0 to {pre - 1}: not {periods.tolist()}")
