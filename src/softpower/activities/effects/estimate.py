"""The estimate for a whole panel: one fit for each start, averaged.

With several starts each cohort is compared with units that were never treated, not with others that already are: a
two-way regression does the latter, and may give an average outside the range of the effects (Goodman-Bacon 2021).

References
----------
Clarke, Pailañir, Athey, Imbens (2023), Synthetic difference-in-differences estimation, arXiv 2301.11859, section 3.3.
Goodman-Bacon (2021), Difference-in-differences with variation in treatment timing, Journal of Econometrics 225(2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from softpower.activities.effects.did import did
from softpower.activities.effects.fit import Fit
from softpower.activities.effects.panel import Cohort, Panel
from softpower.activities.effects.sdid import sdid
from softpower.activities.effects.synthetic import synthetic
from softpower.errors import BadRequest

Array = NDArray[np.float64]
Method = Literal["sdid", "sc", "did"]
METHODS: tuple[Method, ...] = get_args(Method)


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """What one method finds in a panel.

    Attributes
    ----------
    method : "sdid", "sc" or "did"
    fits : one for each start, the earliest first
    shares : of each start in all treated cells, shape (start,), sum 1
    """

    method: Method
    fits: tuple[Fit, ...]
    shares: Array

    @property
    def att(self) -> float:
        """Average effect on the treated, each treated cell counting the same, in the outcome's unit."""
        return float(self.shares @ [fit.att for fit in self.fits])

    @property
    def pre_rmspe(self) -> float:
        """Root mean square gap before the start: how well the comparison follows the treated while nothing is done."""
        return float(np.sqrt(self.shares @ [fit.pre_rmspe**2 for fit in self.fits]))

    @property
    def post_rmspe(self) -> float:
        """Root mean square gap from the start on."""
        return float(np.sqrt(self.shares @ [fit.post_rmspe**2 for fit in self.fits]))

    @property
    def unit_weights(self) -> Array:
        """Weight of each donor, averaged over starts, shape (donor,), sum 1."""
        return np.asarray(self.shares @ np.array([fit.unit_weights for fit in self.fits]))


def estimate(panel: Panel, method: Method = "sdid") -> Estimate:
    """What a method finds: synthetic difference in differences, synthetic control, or difference in differences.

    Raises
    ------
    BadRequest
        An unknown method.
    NotEnoughData
        For "sdid", one period before a start.

    >>> outcome = np.array([[1.0, 2.0, 6.0], [1.0, 4.0, 8.0], [1.0, 2.0, 3.0]])
    >>> found = estimate(Panel(outcome, np.array([2, 1, 3]), ("A", "B", "C"), (1, 2, 3)), "did")
    >>> [fit.att for fit in found.fits], found.shares.round(3).tolist(), round(found.att, 3)
    ([3.5, 3.0], [0.667, 0.333], 3.333)
    """
    if method not in METHODS:
        raise BadRequest(f"method {method!r} is unknown: give one of {', '.join(METHODS)}")
    return averaged(panel.cohorts(), method)


def averaged(cohorts: Sequence[Cohort], method: Method) -> Estimate:
    """What a method finds in cohorts, each counting by its treated cells.

    >>> donors, treated = np.zeros((1, 4)), np.array([[0.0, 0.0, 0.0, 6.0]])
    >>> averaged([Cohort(donors, treated, 1), Cohort(donors, treated, 3)], "did").att
    3.0
    """
    cells = np.array([cohort.cells for cohort in cohorts], dtype=np.float64)
    return Estimate(method, tuple(fit_cohort(cohort, method) for cohort in cohorts), cells / cells.sum())


def fit_cohort(cohort: Cohort, method: Method) -> Fit:
    """The fit for the treated that start in the same period.

    >>> fit_cohort(Cohort(np.array([[1.0, 2.0]]), np.array([[1.0, 5.0]]), 1), "did").att
    3.0
    """
    path = cohort.treated.mean(axis=0)
    if method == "sdid":
        return sdid(cohort.donors, path, cohort.pre, treated=len(cohort.treated))
    return (synthetic if method == "sc" else did)(cohort.donors, path, cohort.pre)
