"""Likelihood of a stochastic frontier, and its maximum.

y = x'β + v - u with normal noise v (standard deviation sigma_v) and inefficiency u ≥ 0, half-normal or exponential
(scale sigma_u). With λ = sigma_u / sigma_v held fixed, and written in θ (one over a standard deviation) and g = θβ, the
log-likelihood is concave (after Olsen 1978): a walk along λ with a Newton climb at each step sees all maxima there are,
from any start. The last steps climb in all parameters at once.

With few units the likelihood often rises again towards λ = ∞, where no noise is left and the frontier is that of the
few units on it, above the maximum in between. Such an edge does not have the properties of a maximum likelihood
estimate (what can be observed depends on the parameters); the highest maximum inside is taken where there is one, and
the edge is reported.

References
----------
Aigner, Lovell, Schmidt (1977), Formulation and estimation of stochastic frontier production function models, Journal of
Econometrics 6 (half-normal).
Meeusen, van den Broeck (1977), Efficiency estimation from Cobb-Douglas production functions with composed error,
International Economic Review 18 (exponential).
Olsen (1978), Note on the uniqueness of the maximum likelihood estimator for the Tobit model, Econometrica 46.
Waldman (1982), A stationary point for the stochastic frontier likelihood, Journal of Econometrics 18.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# λ is sought between these; at the edges, one of the two errors cannot be told from zero.
LEAST_LAMBDA, MOST_LAMBDA = 1e-2, 1e3
STEPS = 48
# A likelihood no higher than this above that without inefficiency is no sign of any.
NO_GAIN = 1e-8
HALF_LOG_TWO_PI = 0.5 * np.log(2.0 * np.pi)


@dataclass(frozen=True, slots=True)
class Terms:
    """Log-likelihood of each observation and its derivatives by z = θ y - x'g and s = log λ, shape (observation,).

    ``log θ`` is left out of all.
    """

    value: Array
    by_z: Array
    by_s: Array
    by_zz: Array
    by_zs: Array
    by_ss: Array


def half_normal(z: Array, s: float | Array) -> Terms:
    """Terms where u is half-normal; θ is one over the standard deviation of v and u together.

    >>> half_normal(np.array([0.0]), 0.0).value.round(9).tolist()  # log of 2 φ(0) Φ(0)
    [-0.918938533]
    """
    steep = np.exp(s)
    a = steep * z
    scaled, hazard = _tail(a)
    slope = hazard * (a - hazard)
    return Terms(
        value=np.log(2.0) - HALF_LOG_TWO_PI - 0.5 * (z**2 + a**2) + scaled,
        by_z=-z - steep * hazard,
        by_s=-a * hazard,
        by_zz=-1.0 + steep**2 * slope,
        by_zs=steep * (a * slope - hazard),
        by_ss=a * (a * slope - hazard),
    )


def exponential(z: Array, s: float | Array) -> Terms:
    """Terms where u is exponential; θ is one over the standard deviation of v.

    >>> round(float(exponential(np.array([0.0]), 0.0).value[0]), 9)  # log of Φ(-1) exp(1/2)
    -1.341021645
    """
    r = np.exp(-s)
    a = z + r
    scaled, hazard = _tail(a)
    slope = a - hazard
    bend = 1.0 + hazard * slope
    return Terms(
        value=-s - 0.5 * z**2 + scaled,
        by_z=-z + slope,
        by_s=-1.0 - r * slope,
        by_zz=-1.0 + bend,
        by_zs=-r * bend,
        by_ss=r * slope + r**2 * bend,
    )


def _tail(a: Array) -> tuple[Array, Array]:
    """log Φ(-a) + a²/2, and φ(a) / Φ(-a), without differences of large numbers."""
    from scipy.special import erfcx, log_ndtr

    near = a > -5.0
    scaled = erfcx(np.where(near, a, 0.0) / np.sqrt(2.0))
    low = np.where(near, 0.0, a)
    far = log_ndtr(-low)
    return (
        np.where(near, np.log(0.5 * scaled), far + 0.5 * low**2),
        np.where(near, np.sqrt(2.0 / np.pi) / scaled, np.exp(-0.5 * low**2 - HALF_LOG_TWO_PI - far)),
    )


SHAPES: dict[str, Callable[[Array, float | Array], Terms]] = {"half-normal": half_normal, "exponential": exponential}


@dataclass(frozen=True, slots=True)
class Fit:
    """The maximum.

    Attributes
    ----------
    coefficients : β, shape (column,)
    sigma_v, sigma_u : scale of noise and of inefficiency, in units of the response (sigma_u is that of the normal that
        is folded, or the mean of the exponential)
    covariance : of β, log sigma_v and log sigma_u, from the Hessian, shape (column + 2, column + 2); NaN where one of
        the scales cannot be told from zero
    log_likelihood : at the maximum
    log_likelihood_without : of least squares, without inefficiency
    log_likelihood_edge : where next to no noise is left (λ = 1,000); may lie above the maximum
    gradient : largest derivative left at the maximum, in standardised units
    """

    coefficients: Array
    sigma_v: float
    sigma_u: float
    covariance: Array
    log_likelihood: float
    log_likelihood_without: float
    log_likelihood_edge: float
    gradient: float


def fit(design: Array, response: Array, *, shape: str = "half-normal") -> Fit:
    """Maximum likelihood estimates of a stochastic frontier.

    Parameters
    ----------
    design : array, shape (observation, column), of full rank, with a column of ones
    response : array, shape (observation,)
    shape : "half-normal" or "exponential" inefficiency

    >>> rng = np.random.default_rng(3)
    >>> x = rng.standard_normal(4000)
    >>> y = 1 + 0.5 * x + 0.1 * rng.standard_normal(4000) - np.abs(0.3 * rng.standard_normal(4000))
    >>> found = fit(np.column_stack([np.ones(4000), x]), y)
    >>> found.coefficients.round(1).tolist(), round(found.sigma_v, 1), round(found.sigma_u, 1)
    ([1.0, 0.5], 0.1, 0.3)
    """
    terms = SHAPES[shape]
    count, columns = design.shape
    # Orthonormal columns and standardised residuals: every problem has the same scale.
    basis, triangle = np.linalg.qr(design)
    basis, triangle = basis * np.sqrt(count), triangle / np.sqrt(count)
    projected = basis.T @ response / count
    residual = response - basis @ projected
    scale = float(np.sqrt(np.mean(residual**2)))
    y = residual / scale
    constant = -count * float(np.log(scale))
    without = constant - count * (HALF_LOG_TWO_PI + 0.5)
    found, edge = _walk(terms, basis, y, without - constant + NO_GAIN)
    if found is None:
        return _without(design, response, scale, without, edge + constant)
    at, s, value = found
    gradient, hessian = _derivatives(terms, basis, y, at, s)
    theta = at[-1]
    beta: Array = np.linalg.solve(triangle, projected + scale * at[:-1] / theta)
    total, steep = scale / theta, np.exp(s)
    sigma_v = total / np.sqrt(1.0 + steep**2) if shape == "half-normal" else total
    inside = LEAST_LAMBDA * 1.01 < steep < MOST_LAMBDA / 1.01
    covariance = np.full((columns + 2, columns + 2), np.nan)
    if inside:
        jacobian = _jacobian(shape, triangle, at, s, scale)
        covariance = jacobian @ np.linalg.inv(-hessian) @ jacobian.T
    return Fit(
        coefficients=beta,
        sigma_v=float(sigma_v),
        sigma_u=float(sigma_v * steep),
        covariance=covariance,
        log_likelihood=value + constant,
        log_likelihood_without=without,
        log_likelihood_edge=edge + constant,
        gradient=float(np.abs(gradient).max()),
    )


def _without(design: Array, response: Array, scale: float, value: float, edge: float) -> Fit:
    """Least squares: no inefficiency is to be seen."""
    count, columns = design.shape
    covariance = np.full((columns + 2, columns + 2), np.nan)
    covariance[:columns, :columns] = scale**2 * np.linalg.inv(design.T @ design)
    covariance[columns, columns] = 0.5 / count
    beta = np.asarray(np.linalg.lstsq(design, response, rcond=None)[0], dtype=np.float64)
    return Fit(beta, scale, 0.0, covariance, value, value, edge, 0.0)


def _walk(
    terms: Callable[[Array, float | Array], Terms], basis: Array, y: Array, least: float
) -> tuple[tuple[Array, float, float] | None, float]:
    """g and θ, log λ and log-likelihood at the maximum, None where none is above ``least``; and that at the edge."""
    grid = np.linspace(np.log(LEAST_LAMBDA), np.log(MOST_LAMBDA), STEPS)
    at = np.append(np.zeros(basis.shape[1]), 1.0)
    places, values = [], []
    for s in grid:
        at, value = _climb(terms, basis, y, at, float(s))
        places.append(at)
        values.append(value)
    tops = [
        _summit(terms, basis, y, places[k], (float(grid[k - 1]), float(grid[k + 1])))
        for k in range(1, STEPS - 1)
        if values[k - 1] < values[k] >= values[k + 1]
    ]
    tops = [top for top in tops if top[2] > least]
    if tops:
        return max(tops, key=lambda top: top[2]), values[-1]
    if values[-1] > least:
        return (places[-1], float(grid[-1]), values[-1]), values[-1]
    return None, values[-1]


def _summit(
    terms: Callable[[Array, float | Array], Terms], basis: Array, y: Array, at: Array, around: tuple[float, float]
) -> tuple[Array, float, float]:
    """g and θ, log λ and log-likelihood at the maximum between two values of log λ."""
    from scipy.optimize import minimize_scalar

    def below(s: float) -> float:
        return -_climb(terms, basis, y, at, s)[1]

    s = float(minimize_scalar(below, bounds=around, method="bounded", options={"xatol": 1e-5}).x)
    return _polish(terms, basis, y, *_climb(terms, basis, y, at, s), s)


def _value(terms: Callable[[Array, float | Array], Terms], basis: Array, y: Array, at: Array, s: float) -> float:
    if at[-1] <= 0:
        return -np.inf
    return float(y.size * np.log(at[-1]) + terms(at[-1] * y - basis @ at[:-1], s).value.sum())


def _derivatives(
    terms: Callable[[Array, float | Array], Terms], basis: Array, y: Array, at: Array, s: float
) -> tuple[Array, Array]:
    """Gradient and Hessian by g, θ and log λ."""
    theta = at[-1]
    term = terms(theta * y - basis @ at[:-1], s)
    turn = np.column_stack([-basis, y])
    size = at.size
    gradient = np.append(turn.T @ term.by_z, term.by_s.sum())
    gradient[size - 1] += y.size / theta
    hessian = np.empty((size + 1, size + 1))
    hessian[:size, :size] = (turn * term.by_zz[:, None]).T @ turn
    hessian[size - 1, size - 1] -= y.size / theta**2
    hessian[:size, size] = hessian[size, :size] = turn.T @ term.by_zs
    hessian[size, size] = term.by_ss.sum()
    return gradient, hessian


def _climb(
    terms: Callable[[Array, float | Array], Terms], basis: Array, y: Array, at: Array, s: float
) -> tuple[Array, float]:
    """Newton steps in g and θ, where the log-likelihood is concave, λ held."""
    value = _value(terms, basis, y, at, s)
    for _ in range(100):
        gradient, hessian = _derivatives(terms, basis, y, at, s)
        gradient, hessian = gradient[:-1], hessian[:-1, :-1]
        step = np.linalg.solve(hessian, -gradient)
        promised = float(gradient @ step)
        if promised < 1e-13 * y.size:
            break
        length = 1.0
        while (higher := _value(terms, basis, y, at + length * step, s)) < value + 1e-4 * length * promised:
            length /= 2.0
            if length < 1e-10:
                return at, value
        at, value = at + length * step, higher
    return at, value


def _polish(
    terms: Callable[[Array, float | Array], Terms], basis: Array, y: Array, at: Array, value: float, s: float
) -> tuple[Array, float, float]:
    """Newton steps in all parameters, as long as they lead up or, within rounding errors, stay level."""
    for _ in range(20):
        gradient, hessian = _derivatives(terms, basis, y, at, s)
        step = np.linalg.solve(hessian, -gradient)
        higher = _value(terms, basis, y, at + step[:-1], s + step[-1])
        if higher < value - 1e-12 * (1.0 + abs(value)):
            break
        at, s, value = at + step[:-1], s + float(step[-1]), higher
        if np.abs(step).max() < 1e-11:
            break
    return at, s, value


def _jacobian(shape: str, triangle: Array, at: Array, s: float, scale: float) -> Array:
    """Derivatives of β, log sigma_v and log sigma_u by g, θ and log λ."""
    columns, theta = at.size - 1, at[-1]
    back = np.linalg.inv(triangle)
    jacobian = np.zeros((columns + 2, columns + 2))
    jacobian[:columns, :columns] = scale * back / theta
    jacobian[:columns, columns] = -scale * back @ at[:-1] / theta**2
    jacobian[columns:, columns] = -1.0 / theta
    squared = np.exp(2.0 * s)
    share = squared / (1.0 + squared) if shape == "half-normal" else 0.0
    jacobian[columns, columns + 1] = -share
    jacobian[columns + 1, columns + 1] = 1.0 - share
    return jacobian
