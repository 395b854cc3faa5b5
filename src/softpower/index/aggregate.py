"""Join the parts of a node into one score, draw by draw.

The means here are quasi-arithmetic, f^-1(sum of w f(x)): they differ in how far a surplus in one part makes up for a
deficit in another, and they can be summed up part by part without holding all parts at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest

Array = NDArray[np.float64]

# Geometric means are taken on a scale that ends here instead of at zero: a pillar at the bottom of the world then costs
# much, but does not wipe out all others. Real zeros (no heritage site, no aid given) are common in this field.
GEOMETRIC_FLOOR = 10.0


@dataclass(frozen=True, slots=True)
class Mean:
    """A quasi-arithmetic mean: ``forward`` is applied to each part, ``back`` to their weighted sum."""

    forward: Callable[[Array], Array]
    back: Callable[[Array], Array]

    def of(self, parts: Iterable[tuple[Array, Array]]) -> Array:
        """The mean of parts, each a pair of scores (draw, unit) and weights (draw,) that sum to 1 over the parts."""
        total: Array | float = 0.0
        for scores, weights in parts:
            total = total + weights[:, None] * self.forward(scores)
        return self.back(np.asarray(total))


def _lift(x: Array) -> Array:
    if x.min(initial=0.0) < 0:
        raise BadRequest(f"a geometric mean needs scores of zero or more, not {x.min():.3g}")
    return np.log(GEOMETRIC_FLOOR + (100.0 - GEOMETRIC_FLOOR) / 100.0 * x)


def _lower(x: Array) -> Array:
    return (np.exp(x) - GEOMETRIC_FLOOR) * 100.0 / (100.0 - GEOMETRIC_FLOOR)


METHODS: dict[str, Mean] = {
    "arithmetic": Mean(forward=lambda x: x, back=lambda x: x),
    "geometric": Mean(forward=_lift, back=_lower),
}


def _stacked(x: Array, weights: Array) -> Iterable[tuple[Array, Array]]:
    return ((x[:, :, part], weights[:, part]) for part in range(x.shape[2]))


def arithmetic(x: Array, weights: Array) -> Array:
    """Weighted mean: a surplus in one part makes up for a deficit in another.

    Parameters
    ----------
    x : array, shape (draw, unit, part), on 0-100
    weights : array, shape (draw, part), rows sum to 1

    Returns
    -------
    array, shape (draw, unit)

    >>> arithmetic(np.array([[[0.0, 100.0]]]), np.array([[0.5, 0.5]])).tolist()
    [[50.0]]
    """
    return METHODS["arithmetic"].of(_stacked(x, weights))


def geometric(x: Array, weights: Array) -> Array:
    """Weighted geometric mean: a surplus makes up for a deficit only in part.

    ``x`` on 0-100 is first moved to `GEOMETRIC_FLOOR`-100 and the result moved back, so that both means share one
    scale. Shapes as in `arithmetic`.

    >>> round(float(geometric(np.array([[[0.0, 100.0]]]), np.array([[0.5, 0.5]]))[0, 0]), 3)
    24.025
    """
    return METHODS["geometric"].of(_stacked(x, weights))
