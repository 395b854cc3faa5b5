"""How far the treated are from a weighted mean of donors: what all estimators for panels share.

Difference in differences, synthetic control and synthetic difference in differences differ only in the weights they
give donors and periods before the start: the treated path less the weighted mean of donors is the gap; less its own
weighted mean before the start, unless the method takes levels as they are; its mean after the start is the estimate.

References
----------
Arkhangelsky, Athey, Hirshberg, Imbens, Wager (2021), Synthetic difference-in-differences, American Economic Review
111(12), 4088-4118, section I.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """An estimate for treated units with one start.

    Attributes
    ----------
    att : mean gap after the start, in the outcome's unit: the average effect on the treated, if the comparison shows
        what would have been
    gap : treated less comparison in each period, before and after the start, shape (time,)
    pre : periods before the start
    unit_weights : shape (donor,), 0 or more, sum 1
    time_weights : weights of the periods before the start over which the gap is set to zero, shape (pre,), sum 1;
        none where levels are taken as they are
    pre_rmspe : root mean square of the gap before the start; about its mean, unless levels are taken as they are
    """

    att: float
    gap: Array
    pre: int
    unit_weights: Array
    time_weights: Array | None
    pre_rmspe: float

    @property
    def effects(self) -> Array:
        """Gap in each period from the start on."""
        return self.gap[self.pre :]

    @property
    def post_rmspe(self) -> float:
        """Root mean square of the gap from the start on."""
        return float(np.sqrt(np.mean(self.effects**2)))


def fitted(donors: Array, path: Array, pre: int, unit_weights: Array, time_weights: Array | None) -> Fit:
    """The estimate that given weights make.

    Parameters
    ----------
    donors : outcome, shape (donor, time)
    path : outcome of the treated, or their mean, shape (time,)
    pre : periods before the start, from 1 to all but one
    unit_weights, time_weights : as in `Fit`

    >>> found = fitted(np.array([[1.0, 2.0], [3.0, 6.0]]), np.array([4.0, 9.0]), 1, np.array([0.5, 0.5]), np.ones(1))
    >>> found.att, found.gap.tolist()
    (3.0, [0.0, 3.0])
    """
    check_split(donors, path, pre)
    gap = path - unit_weights @ donors
    before = gap[:pre]
    about = 0.0 if time_weights is None else before.mean()
    if time_weights is not None:
        gap = gap - time_weights @ before
    rmspe = float(np.sqrt(np.mean((before - about) ** 2)))
    return Fit(float(gap[pre:].mean()), gap, pre, unit_weights, time_weights, rmspe)


def check_split(donors: Array, path: Array, pre: int) -> None:
    """Refuse arrays that do not fit together, and a start that leaves no period on one of its sides.

    Raises
    ------
    BadRequest
    """
    if donors.ndim != 2 or not len(donors) or path.shape != donors.shape[1:]:
        raise BadRequest(
            f"donors have the shape (donor, time), 1 donor or more, and the treated path (time,); these have "
            f"{donors.shape} and {path.shape}"
        )
    if not 1 <= pre < len(path):
        raise BadRequest(f"{pre} of {len(path)} periods lie before the start: give 1 to {len(path) - 1}")
