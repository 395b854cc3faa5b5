"""Synthetic difference in differences: the change of the treated less that of donors weighted to move as they did.

Donors are weighted so that their mean runs parallel to the treated before the start, at whatever distance; periods
before the start so that they foretell those after it among donors; then a difference in differences with both kinds of
weights. A ridge spreads the weights of donors over more of them than would fit best: the larger, the more outcomes
jump from one period to the next and the more treated cells there are.

Weights are exact: an independent solver of the same problem, by non-negative least squares, gives them to 1e-7.
Programs that take steps of Frank and Wolfe's, as azcausal 0.2.5 does, stop short of them by their default settings, and
where periods before the start outnumber donors even by tight ones.

References
----------
Arkhangelsky, Athey, Hirshberg, Imbens, Wager (2021), Synthetic difference-in-differences, American Economic Review
111(12), 4088-4118: equations 4 to 6, algorithm 1, and footnote 3 on the small ridge of time weights.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from softpower.activities.effects.fit import Fit, check_split, fitted
from softpower.activities.effects.simplex import nearest
from softpower.errors import NotEnoughData

Array = NDArray[np.float64]

# Ridge of time weights, as a share of the noise: it only decides between weights that are as good (footnote 3).
_TIME_RIDGE = 1e-6


def sdid(donors: Array, path: Array, pre: int, *, treated: int = 1) -> Fit:
    """Estimate by synthetic difference in differences.

    Parameters
    ----------
    donors : outcome, shape (donor, time), finite
    path : outcome of the treated, or their mean, shape (time,)
    pre : periods before the start, from 2 to all but one
    treated : units of which ``path`` is the mean: more of them ask for a stronger ridge

    Raises
    ------
    NotEnoughData
        One period before the start: changes from one to the next are not known.

    >>> donors = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 4.0, 5.0, 4.0]])
    >>> found = sdid(donors, donors[0] + [7.0, 7.0, 7.0, 9.0], 3)
    >>> found.unit_weights.round(2).tolist(), found.time_weights.round(2).tolist(), round(found.att, 2)
    ([0.65, 0.35], [0.0, 0.5, 0.5], 2.69)
    """
    check_split(donors, path, pre)
    noise = noise_level(donors[:, :pre])
    ridge = (treated * (donors.shape[1] - pre)) ** 0.5 * noise**2  # square of zeta in equation 5
    # What is constant over periods, or over donors, an intercept takes up: hence all is taken about its mean.
    before, after = donors[:, :pre], donors[:, pre:].mean(axis=1)
    parallel = before - before.mean(axis=1, keepdims=True)
    unit_weights = nearest(parallel.T, path[:pre] - path[:pre].mean(), ridge=pre * ridge)
    time_ridge = len(donors) * (_TIME_RIDGE * noise) ** 2
    time_weights = nearest(before - before.mean(axis=0), after - after.mean(), ridge=time_ridge)
    return fitted(donors, path, pre, unit_weights, time_weights)


def noise_level(before: Array) -> float:
    """Standard deviation of changes from one period to the next, over all donors (equation 5).

    Parameters
    ----------
    before : outcome of donors before the start, shape (donor, pre), 2 periods or more

    >>> noise_level(np.array([[1.0, 2.0, 5.0]]))  # changes of 1 and 3
    1.4142135623730951
    """
    if before.shape[1] < 2:
        raise NotEnoughData(
            "one period before the start: how much outcomes change from one to the next is not known.  Add earlier "
            "periods, or take differences in differences."
        )
    changes = np.diff(before, axis=1)
    return float(changes.std(ddof=1)) if changes.size > 1 else float(abs(changes[0, 0]))
