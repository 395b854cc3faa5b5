"""Series in which nothing happened."""

import numpy as np


def ar1(rng, shape, persistence):
    """Stationary first-order autoregressions of variance 1 along the last axis."""
    errors = rng.normal(size=shape)
    errors[..., 1:] *= np.sqrt(1 - persistence**2)
    for time in range(1, errors.shape[-1]):
        errors[..., time] += persistence * errors[..., time - 1]
    return errors
