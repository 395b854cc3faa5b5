"""Maxima of the likelihood of many stochastic frontiers of one shape, climbed together.

One frontier is fitted by a walk along all λ (`softpower.index.frontier_likelihood`). Where the same units come in many
draws that differ little, a climb in all parameters from a λ near the maximum ends at the same place in a few steps, and
a step for all draws is one array operation. Draws that end at an edge start again from other λ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.index.frontier_likelihood import (
    HALF_LOG_TWO_PI,
    LEAST_LAMBDA,
    MOST_LAMBDA,
    NO_GAIN,
    SHAPES,
    Terms,
)

Array = NDArray[np.float64]
Shape = Callable[[Array, "float | Array"], Terms]

# Where a climb starts from: λ nearest to most maxima first.
STARTS = (2.0, 0.7, 6.0)
STEPS = 60
# Where noise is small beside inefficiency there may be another maximum with more of it.
STEEP = 8.0
# Longest step in log λ.
LONGEST = 1.5
# Cells of observations held at a time: 16 MB for each array of a step.
HELD = 2_000_000


@dataclass(frozen=True, slots=True)
class Fits:
    """The maxima; arrays whose first axis is the draw.

    Attributes
    ----------
    coefficients : shape (draw, column)
    sigma_v, sigma_u : scale of noise and of inefficiency, shape (draw,); sigma_u is zero where no inefficiency is to be
        seen
    log_likelihood : shape (draw,)

    All are NaN where there is no maximum: inputs that determine each other, or a fit without any error.
    """

    coefficients: Array
    sigma_v: Array
    sigma_u: Array
    log_likelihood: Array


def fit_many(design: Array, response: Array, *, shape: str = "half-normal", ratio: float = 0.0) -> Fits:
    """Maximum likelihood estimates of a stochastic frontier in each draw.

    Parameters
    ----------
    design : array, shape (draw, observation, column), with a column of ones
    response : array, shape (draw, observation)
    shape : "half-normal" or "exponential" inefficiency
    ratio : λ of a similar frontier to start from; 0 where none is known

    References
    ----------
    As `softpower.index.frontier_likelihood`. Of several maxima inside, the highest of those found is taken; where one
    is found at a λ that leaves much room for noise, others are not looked for.

    >>> rng = np.random.default_rng(3)
    >>> x = rng.standard_normal((2, 4000))
    >>> y = 1 + 0.5 * x + 0.1 * rng.standard_normal((2, 4000)) - np.abs(0.3 * rng.standard_normal((2, 4000)))
    >>> found = fit_many(np.stack([np.ones_like(x), x], axis=2), y)
    >>> found.coefficients.round(1).tolist(), found.sigma_u.round(1).tolist()
    ([[1.0, 0.5], [1.0, 0.5]], [0.3, 0.3])
    """
    draws, count, columns = design.shape
    held = max(1, HELD // count)
    parts = [
        _fitted(design[begin : begin + held], response[begin : begin + held], shape, ratio)
        for begin in range(0, draws, held)
    ]
    return Fits(
        np.concatenate([part.coefficients for part in parts]) if parts else np.empty((0, columns)),
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("sigma_v", "sigma_u", "log_likelihood")),
    )


def _fitted(design: Array, response: Array, shape: str, ratio: float) -> Fits:
    draws, count, columns = design.shape
    basis, triangle = np.linalg.qr(design)
    basis, triangle = basis * np.sqrt(count), triangle / np.sqrt(count)
    projected = np.einsum("doc,do->dc", basis, response) / count
    residual = response - np.einsum("doc,dc->do", basis, projected)
    scale = np.sqrt(np.mean(residual**2, axis=1))
    slope = np.abs(np.diagonal(triangle, axis1=1, axis2=2)).min(axis=1)
    sound = (scale > 1e-10 * np.maximum(1.0, np.abs(response).max(axis=1))) & (slope > 1e-10)
    coefficients = np.full((draws, columns), np.nan)
    sigma_v, sigma_u, value = np.full((3, draws), np.nan)
    if sound.any():
        y = residual[sound] / scale[sound, None]
        at, s, climbed = _climbed(SHAPES[shape], basis[sound], y, ratio)
        constant = -count * np.log(scale[sound])
        without = -count * (HALF_LOG_TWO_PI + 0.5)
        none = climbed <= without + NO_GAIN
        shift = np.where(none[:, None], 0.0, at[:, :-1] / at[:, -1:])
        turned = projected[sound] + scale[sound, None] * shift
        coefficients[sound] = np.linalg.solve(triangle[sound], turned[:, :, None])[:, :, 0]
        total, steep = scale[sound] / at[:, -1], np.exp(s)
        noise = total / np.sqrt(1.0 + steep**2) if shape == "half-normal" else total
        sigma_v[sound] = np.where(none, scale[sound], noise)
        sigma_u[sound] = np.where(none, 0.0, noise * steep)
        value[sound] = np.where(none, without, climbed) + constant
    return Fits(coefficients, sigma_v, sigma_u, value)


def _climbed(terms: Shape, basis: Array, y: Array, ratio: float) -> tuple[Array, Array, Array]:
    """g and θ, log λ and log-likelihood of each draw: of a maximum inside, or of the best edge where there is none."""
    draws, _, columns = basis.shape
    low, high = np.log(LEAST_LAMBDA), np.log(MOST_LAMBDA)
    at, s, value = np.zeros((draws, columns + 1)), np.zeros(draws), np.full(draws, -np.inf)
    without = -y.shape[1] * (HALF_LOG_TWO_PI + 0.5)
    found = np.zeros(draws, dtype=bool)
    left = np.arange(draws)
    for start in (ratio, *STARTS) if LEAST_LAMBDA < ratio < MOST_LAMBDA else STARTS:
        begin = np.concatenate([np.zeros((left.size, columns)), np.ones((left.size, 1))], axis=1)
        near, slope, reached, ended = _climb(terms, basis[left], y[left], begin, np.full(left.size, np.log(start)))
        inside = ended & (slope > low + 0.05) & (slope < high - 0.05) & (reached > without + NO_GAIN)
        taken = (inside & ~found[left]) | ((reached > value[left]) & (inside == found[left]))
        found[left] |= inside
        at[left[taken]], s[left[taken]], value[left[taken]] = near[taken], slope[taken], reached[taken]
        left = left[~(inside & (slope < np.log(STEEP)))]
        if not left.size:
            break
    return at, s, value


def _climb(terms: Shape, basis: Array, y: Array, at: Array, s: Array) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Newton steps in g, θ and log λ, each turned uphill, until nothing is to be gained, and whether that came."""
    at, s = at.copy(), s.copy()
    low, high = np.log(LEAST_LAMBDA), np.log(MOST_LAMBDA)
    value = _value(terms, basis, y, at, s)
    ended = np.zeros(len(y), dtype=bool)
    going = np.arange(len(y))
    for _ in range(STEPS):
        if not going.size:
            break
        gradient, hessian = _derivatives(terms, basis[going], y[going], at[going], s[going])
        # At an edge, λ stays unless it leads inside.
        stuck = ((s[going] <= low) & (gradient[:, -1] < 0)) | ((s[going] >= high) & (gradient[:, -1] > 0))
        gradient[stuck, -1] = 0.0
        hessian[stuck, -1, :] = hessian[stuck, :, -1] = 0.0
        hessian[stuck, -1, -1] = -1.0
        curve, turn = np.linalg.eigh(hessian)
        along = np.einsum("dji,dj->di", turn, gradient) / np.maximum(np.abs(curve), 1e-8)
        step = np.einsum("dij,dj->di", turn, along)
        longest = np.abs(step[:, -1])
        step *= np.where(longest > LONGEST, LONGEST / np.maximum(longest, LONGEST), 1.0)[:, None]
        promised = (gradient * step).sum(axis=1)
        on = promised > 1e-12 * y.shape[1]
        ended[going[~on]] = True
        going, step = going[on], step[on]
        going = going[_moved(terms, basis, y, at, s, value, going, step, promised[on])]
    return at, s, value, ended


def _moved(
    terms: Shape,
    basis: Array,
    y: Array,
    at: Array,
    s: Array,
    value: Array,
    going: NDArray[np.int64],
    step: Array,
    promised: Array,
) -> NDArray[np.bool_]:
    """Take each step, or as much of it as leads up, in place; which draws have moved."""
    low, high = np.log(LEAST_LAMBDA), np.log(MOST_LAMBDA)
    moved = np.zeros(going.size, dtype=bool)
    length = 1.0
    left = np.arange(going.size)
    while left.size and length > 1e-6:
        rows = going[left]
        to = at[rows] + length * step[left, :-1]
        slope = np.clip(s[rows] + length * step[left, -1], low, high)
        higher = _value(terms, basis[rows], y[rows], to, slope)
        up = higher >= value[rows] + 1e-4 * length * promised[left] * (slope != s[rows])
        up &= higher > value[rows]
        at[rows[up]], s[rows[up]], value[rows[up]] = to[up], slope[up], higher[up]
        moved[left[up]] = True
        left = left[~up]
        length /= 3.0
    return moved


def _value(terms: Shape, basis: Array, y: Array, at: Array, s: Array) -> Array:
    theta = np.where(at[:, -1:] > 0, at[:, -1:], 1.0)
    z = theta * y - np.einsum("doc,dc->do", basis, at[:, :-1])
    found = y.shape[1] * np.log(theta[:, 0]) + terms(z, s[:, None]).value.sum(axis=1)
    return np.where(at[:, -1] > 0, found, -np.inf)


def _derivatives(terms: Shape, basis: Array, y: Array, at: Array, s: Array) -> tuple[Array, Array]:
    """Gradient and Hessian by g, θ and log λ of each draw."""
    draws, count, columns = basis.shape
    theta = at[:, -1]
    term = terms(theta[:, None] * y - np.einsum("doc,dc->do", basis, at[:, :-1]), s[:, None])
    turn = np.concatenate([-basis, y[:, :, None]], axis=2)
    size = columns + 1
    gradient = np.empty((draws, size + 1))
    gradient[:, :size] = np.einsum("dok,do->dk", turn, term.by_z)
    gradient[:, columns] += count / theta
    gradient[:, size] = term.by_s.sum(axis=1)
    hessian = np.empty((draws, size + 1, size + 1))
    hessian[:, :size, :size] = np.matmul((turn * term.by_zz[:, :, None]).transpose(0, 2, 1), turn)
    hessian[:, columns, columns] -= count / theta**2
    hessian[:, :size, size] = hessian[:, size, :size] = np.einsum("dok,do->dk", turn, term.by_zs)
    hessian[:, size, size] = term.by_ss.sum(axis=1)
    return gradient, hessian
