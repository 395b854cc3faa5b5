"""Areas of weight space of three parts, exact."""

from __future__ import annotations

import numpy as np


def clipped(corners: np.ndarray, normal: np.ndarray, least: float) -> np.ndarray:
    """What is left of a convex polygon where normal · w ≥ least (Sutherland and Hodgman 1974)."""
    kept = []
    for here, there in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        a, b = here @ normal - least, there @ normal - least
        if a >= 0:
            kept.append(here)
        if (a < 0) != (b < 0):
            kept.append(here + (there - here) * a / (a - b))
    return np.array(kept).reshape(-1, corners.shape[1])


def area_and_centre(corners: np.ndarray) -> tuple[float, np.ndarray]:
    """Area as a share of the triangle of all weights of three parts, and the mean of the weights inside."""
    total, centre = 0.0, np.zeros(3)
    for k in range(1, len(corners) - 1):
        fan = np.stack([corners[0], corners[k], corners[k + 1]])
        size = abs(np.linalg.det(fan))  # the triangle of unit vectors has 1
        total, centre = total + size, centre + size * fan.mean(axis=0)
    return total, centre / total if total else centre
