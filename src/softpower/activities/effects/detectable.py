"""The smallest effect that a design could have seen: what "no detectable change" is worth.

Placebos say how large estimates are that mean nothing. From them follows how large an estimate must be for the test to
refuse "no effect" (size 5%), and from that how large an effect must be for an estimate of such noise to be that large
in most cases (power 80%). The estimate itself plays no part: what it left in placebos that have the treated among
their donors is taken off, and put back for each effect that is tried, as it would make the test less sharp.

It is the effect that stands out in four of five cases. The verdict asks for more than that, and names a change of this
size in about two of three; in the others it says that it cannot tell.

References
----------
Bloom (1995), Minimum detectable effects, Evaluation Review 19(5), 547-556.
Gelman, Carlin (2014), Beyond power calculations, Perspectives on Psychological Science 9(6), 641-651.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from softpower.activities.effects.placebo import TIE, Placebos
from softpower.activities.effects.ranking import POWER, SIZE, critical_value
from softpower.errors import BadRequest

Array = NDArray[np.float64]

_DOUBLINGS = 10  # of the first guess, before no estimate is taken to be large enough
_HALVINGS = 40  # of the range after that: to twelve digits of the first guess


@dataclass(frozen=True, slots=True)
class Detectable:
    """The smallest effect that would have been seen with a given power.

    Attributes
    ----------
    by_rank : for the rank test among placebos, in the outcome's unit; infinite where assignments are too few for the
        size asked, so that no effect, however large, would pass
    by_spread : for a test on the spread of placebos by Student's distribution: what a design of that noise could see
        with units enough for the rank test; infinite with one placebo
    size : largest share of refusals where there is no effect
    power : share of refusals at the smallest effect
    """

    by_rank: float
    by_spread: float
    size: float
    power: float


def smallest_detectable(placebos: Placebos, *, size: float = SIZE, power: float = POWER) -> Detectable:
    """The smallest effect that the design could have seen, in either direction.

    Parameters
    ----------
    placebos : of `softpower.activities.effects.placebo.in_space`
    size, power : between 0 and 1

    Raises
    ------
    BadRequest
        A size or power outside 0 to 1, or a power below the size.

    >>> from softpower.activities.effects.panel import Panel
    >>> from softpower.activities.effects.placebo import in_space
    >>> outcome = np.random.default_rng(1).normal(size=(12, 6))
    >>> panel = Panel(outcome, np.array([4] + [6] * 11), tuple("ABCDEFGHIJKL"), tuple(range(6)))
    >>> placebos = in_space(panel, "did")
    >>> smallest_detectable(placebos).by_rank, round(smallest_detectable(placebos, size=0.1).by_rank, 2)
    (inf, 1.92)
    """
    if not 0 < size < power < 1:
        raise BadRequest(
            f"size {size:g} and power {power:g}: give shares with 0 < size < power < 1, such as 0.05 and 0.8"
        )
    noise, share = placebos.noise, placebos.null_share  # as if nothing had been done
    return Detectable(
        by_rank=smallest_seen(noise, noise, share, size=size, power=power),
        by_spread=placebos.spread * multiple(placebos.freedom, size, power),
        size=size,
        power=power,
    )


def smallest_seen(noise: Array, null: Array, share: Array, *, size: float = SIZE, power: float = POWER) -> float:
    """The smallest effect that a rank test would see often enough, whether it is one up or one down.

    Parameters
    ----------
    noise : what estimates are off by, shape (draw,)
    null : estimates under other assignments if nothing was done, shape (assignment,)
    share : how much of an estimate finds its way into each of them, shape (assignment,)
    size, power : of the test

    Returns
    -------
    float
        Infinite where assignments are too few for the size, or so many of them share the effect that it never stands
        out.

    >>> round(smallest_seen(np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), np.full(19, 3.0), np.zeros(19)), 4)
    4.0
    """
    lagging = len(noise) - int(np.ceil(power * len(noise) - 1e-9))  # draws that may fail
    up = smallest_refused(null, share, size) - np.sort(noise)[lagging]
    down = smallest_refused(null, -share, size) - np.sort(-noise)[lagging]
    return float(max(up, down, 0.0))


def smallest_refused(null: Array, share: Array, size: float = SIZE) -> float:
    """The smallest estimate above zero at which the rank test refuses "no effect"; infinite if there is none.

    Parameters are those of `smallest_seen`.

    >>> round(smallest_refused(np.full(19, 1.0), np.full(19, 0.5)), 4)  # 2 is 1 and half of 2
    2.0
    """
    low, high = 0.0, float(np.max(abs(null), initial=0.0)) or 1.0
    for _ in range(_DOUBLINGS):
        if _stands_out(high, null, share, size):
            break
        low, high = high, 2.0 * high
    else:
        return inf
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if _stands_out(middle, null, share, size) else (middle, high)
    return high


def _stands_out(value: float, null: Array, share: Array, size: float) -> bool:
    """Whether the test refuses "no effect" at an estimate; ties do not count as farther from zero."""
    return value * (1 - TIE) > critical_value(null + share * value, 1 - size)


def multiple(freedom: int, size: float = SIZE, power: float = POWER) -> float:
    """Spreads of the noise that an effect must have, by Student's distribution: 2.8 with many units.

    >>> round(multiple(1000), 2), round(multiple(9), 2)
    (2.8, 3.15)
    """
    from scipy.stats import t

    return float(t.ppf(1 - size / 2, freedom) + t.ppf(power, freedom))
