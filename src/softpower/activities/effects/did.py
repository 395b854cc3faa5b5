"""Difference in differences: the change of the treated less the mean change of all donors.

In a balanced panel with one start this is the coefficient of treatment in a regression with effects of units and of
periods. It rests on parallel trends: without the activity the treated would have changed by as much as donors did on
average. Paths before the start that are not parallel speak against it, and nothing in the estimate corrects for them.

References
----------
Card, Krueger (1994), Minimum wages and employment, American Economic Review 84(4), 772-793.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softpower.activities.effects.fit import Fit, check_split, fitted

Array = NDArray[np.float64]


def did(donors: Array, path: Array, pre: int) -> Fit:
    """Estimate by two-way difference in differences.

    Parameters
    ----------
    donors : outcome, shape (donor, time), finite
    path : outcome of the treated, or their mean, shape (time,)
    pre : periods before the start, from 1 to all but one

    Returns
    -------
    Fit
        With equal weights of donors, and of periods before the start.

    >>> did(np.array([[1.0, 2.0, 3.0], [3.0, 4.0, 5.0]]), np.array([4.0, 5.0, 9.0]), 2).att
    3.0
    """
    check_split(donors, path, pre)
    return fitted(donors, path, pre, np.full(len(donors), 1 / len(donors)), np.full(pre, 1 / pre))
