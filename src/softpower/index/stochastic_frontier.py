"""From potential to performance, with room for chance: the stochastic frontier.

Where data envelopment analysis reads every shortfall as inefficiency, here part of it may be luck or error of
measurement. The price is a form of the frontier (output is a product of powers of the inputs) and of both errors. Only
one output can be explained at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.index.decision_units import Names, checked, few_units, one_of
from softpower.index.frontier_likelihood import MOST_LAMBDA, SHAPES, Fit, fit

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StochasticFrontier:
    """A frontier that units may also miss by chance.

    Attributes
    ----------
    coefficients : of the constant and of the logarithm of each input, shape (1 + input,): by how many per cent output
        grows with one per cent more of an input
    standard_errors : of the coefficients, from the Hessian, shape (1 + input,)
    sigma_v, sigma_u : scale of noise and of inefficiency of log output
    log_sigma_errors : standard errors of the logarithms of sigma_v and sigma_u, shape (2,); NaN where one of them
        cannot be told from zero
    covariance : of coefficients, log sigma_v and log sigma_u, shape (3 + input, 3 + input)
    log_likelihood, log_likelihood_without : with and without inefficiency (least squares). With several maxima, the
        highest of those that leave room for noise; a caution says where there is a better fit without any
    p_value : how likely a likelihood gain as large would be if there were no inefficiency (a half-and-half mixture of
        zero and of chi-squared with one degree of freedom)
    residual : log output less the frontier's, shape (unit,)
    efficiency : expected share of the frontier's output that is reached, E[exp(-u) | residual], shape (unit,) (Battese
        and Coelli)
    efficiency_at_mean : exp(-E[u | residual]) (Jondrow and others), never above ``efficiency``
    efficiency_at_mode : exp(-u) at the likeliest u
    low, high : between these lies exp(-u) given the residual with probability ``level``, shape (unit,). They take the
        parameters as known, and are too narrow with few units
    level : of the interval
    distribution : "half-normal" or "exponential"
    names, cautions : as in `softpower.index.frontier.Frontier`
    """

    coefficients: Array
    standard_errors: Array
    sigma_v: float
    sigma_u: float
    log_sigma_errors: Array
    covariance: Array
    log_likelihood: float
    log_likelihood_without: float
    p_value: float
    residual: Array
    efficiency: Array
    efficiency_at_mean: Array
    efficiency_at_mode: Array
    low: Array
    high: Array
    level: float
    distribution: str
    names: Names
    cautions: tuple[str, ...]

    @property
    def sigma(self) -> float:
        """Scale of both errors together, the root of the sum of their squares."""
        return float(np.hypot(self.sigma_v, self.sigma_u))

    @property
    def ratio(self) -> float:
        """λ = sigma_u / sigma_v, zero where no inefficiency is to be seen."""
        return self.sigma_u / self.sigma_v


def stochastic_frontier(
    inputs: ArrayLike,
    output: ArrayLike,
    *,
    distribution: str = "half-normal",
    level: float = 0.9,
    names: Names | None = None,
) -> StochasticFrontier:
    """Fit log output = β_0 + ∑ β_i log input_i + v - u by maximum likelihood.

    Parameters
    ----------
    inputs : array, shape (unit, input) or (unit,), above zero
    output : array, shape (unit,), above zero
    distribution : of the inefficiency u, "half-normal" or "exponential"
    level : of the intervals, between 0 and 1
    names : what units and columns are called

    Raises
    ------
    BadRequest
        A cell is missing, infinite or not above zero; there is more than one output; or inputs determine each other.
    NotEnoughData
        There are no more units than parameters.

    References
    ----------
    Aigner, Lovell, Schmidt (1977); Meeusen, van den Broeck (1977); Jondrow, Lovell, Materov, Schmidt (1982), Journal of
    Econometrics 19 (u given the residual); Battese, Coelli (1988), Journal of Econometrics 38; Horrace, Schmidt (1996),
    Journal of Productivity Analysis 7 (intervals).

    >>> rng = np.random.default_rng(1)
    >>> x = rng.uniform(1, 9, 2000)
    >>> y = 2 * x**0.5 * np.exp(0.1 * rng.standard_normal(2000) - np.abs(0.4 * rng.standard_normal(2000)))
    >>> found = stochastic_frontier(x, y)
    >>> np.exp(found.coefficients[0]).round(1).item(), found.coefficients[1].round(1).item()
    (2.0, 0.5)
    >>> round(float(found.efficiency.mean()), 1)
    0.7
    """
    one_of(distribution, tuple(SHAPES), "distribution")
    if not 0 < level < 1:
        raise BadRequest(f"level must lie between 0 and 1, not {level}")
    x, y, names = checked(inputs, output, names)
    if y.shape[1] > 1:
        raise BadRequest(
            f"a stochastic frontier has one output, not {y.shape[1]}: fit one for each, or join them first"
        )
    design = np.column_stack([np.ones(len(x)), np.log(x)])
    response = np.log(y[:, 0])
    _sound(design, response, names)
    found = fit(design, response, shape=distribution)
    residual = response - design @ found.coefficients
    efficiency = conditional_efficiency(
        residual, sigma_v=found.sigma_v, sigma_u=found.sigma_u, distribution=distribution, level=level
    )
    columns = design.shape[1]
    with np.errstate(invalid="ignore"):
        errors = np.sqrt(np.diag(found.covariance))
    return StochasticFrontier(
        coefficients=found.coefficients,
        standard_errors=errors[:columns],
        sigma_v=found.sigma_v,
        sigma_u=found.sigma_u,
        log_sigma_errors=errors[columns:],
        covariance=found.covariance,
        log_likelihood=found.log_likelihood,
        log_likelihood_without=found.log_likelihood_without,
        p_value=_p_value(found),
        residual=residual,
        efficiency=efficiency.expected,
        efficiency_at_mean=efficiency.at_mean,
        efficiency_at_mode=efficiency.at_mode,
        low=efficiency.low,
        high=efficiency.high,
        level=level,
        distribution=distribution,
        names=names,
        cautions=few_units(len(x), x.shape[1], 1) + _cautions(found),
    )


def _sound(design: Array, response: Array, names: Names) -> None:
    """Refuse what has no maximum: too few units, inputs that determine each other, a perfect fit."""
    count, columns = design.shape
    if count <= columns + 2:
        raise NotEnoughData(f"{count} units cannot tell {columns + 2} parameters: add units or leave inputs out")
    spread = design[:, 1:] - design[:, 1:].mean(axis=0)
    size = np.sqrt((spread**2).sum(axis=0))
    for name, each in zip(names.inputs, size, strict=True):
        if each < 1e-10 * count:
            raise BadRequest(f"input {name} is the same for all units and explains nothing: leave it out")
    if np.linalg.matrix_rank(spread / size, tol=1e-8) < columns - 1:
        raise BadRequest(f"inputs determine each other ({', '.join(names.inputs)}): leave one of them out")
    residual = response - design @ np.linalg.lstsq(design, response, rcond=None)[0]
    if np.abs(residual).max() < 1e-10 * max(1.0, np.abs(response).max()):
        raise BadRequest("the inputs explain the output without any error: there is nothing to take apart")


def _p_value(found: Fit) -> float:
    from scipy.special import erfc

    gain = 2.0 * (found.log_likelihood - found.log_likelihood_without)
    return 0.5 * float(erfc(np.sqrt(gain / 2.0))) if gain > 0 else 1.0


def _cautions(found: Fit) -> tuple[str, ...]:
    if found.sigma_u == 0:
        return ("no inefficiency is to be seen: what units fall short looks like chance, and all count as efficient",)
    if found.sigma_u / found.sigma_v > MOST_LAMBDA / 1.01:
        return ("no noise is to be seen: the whole distance from the frontier is read as inefficiency",)
    gain = found.log_likelihood_edge - found.log_likelihood
    if gain > 0:
        return (f"a frontier without noise fits better still (log-likelihood {gain:.2g} higher): few units decide",)
    return ()


@dataclass(frozen=True, slots=True)
class ConditionalEfficiency:
    """What a residual says about exp(-u); arrays of shape (unit,), as in `StochasticFrontier`."""

    expected: Array
    at_mean: Array
    at_mode: Array
    low: Array
    high: Array


def conditional_efficiency(
    residual: Array, *, sigma_v: float, sigma_u: float, distribution: str = "half-normal", level: float = 0.9
) -> ConditionalEfficiency:
    """Efficiency given v - u: for both distributions, u is then normal, cut off at zero.

    Parameters
    ----------
    residual : array, shape (unit,)
    sigma_v : above zero
    sigma_u : zero or more; with zero, all are efficient

    >>> given = conditional_efficiency(np.array([-1.0, 0.0, 1.0]), sigma_v=0.1, sigma_u=0.3)
    >>> given.at_mode.round(3).tolist()
    [0.407, 1.0, 1.0]
    """
    from scipy.special import log_ndtr, ndtri_exp

    if sigma_u == 0:
        one = np.ones_like(residual)
        return ConditionalEfficiency(one, one, one, one, one)
    centre, spread = _left_open(residual, sigma_v, sigma_u, distribution)
    a = centre / spread
    inside = log_ndtr(a)
    mean = centre + spread * np.exp(-0.5 * a**2 - 0.5 * np.log(2.0 * np.pi) - inside)
    expected = np.exp(-centre + 0.5 * spread**2 + log_ndtr(a - spread) - inside)
    tail = (1.0 - level) / 2.0
    # P(u > q) = Φ((centre - q) / spread) / Φ(a); most inefficient is the low end of efficiency.
    most, least = (
        np.maximum(centre - spread * ndtri_exp(np.log(beyond) + inside), 0.0) for beyond in (tail, 1.0 - tail)
    )
    return ConditionalEfficiency(
        expected=expected,
        at_mean=np.exp(-mean),
        at_mode=np.exp(-np.maximum(centre, 0.0)),
        low=np.exp(-most),
        high=np.exp(-least),
    )


def _left_open(
    residual: Array, sigma_v: float | Array, sigma_u: float | Array, distribution: str
) -> tuple[Array, Array | float]:
    """Centre and spread of the normal that u given the residual is, before it is cut off at zero."""
    if distribution == "half-normal":
        total = sigma_u**2 + sigma_v**2
        return -residual * sigma_u**2 / total, sigma_u * sigma_v / np.sqrt(total)
    return -residual - sigma_v**2 / sigma_u, sigma_v


def efficiency_draws(
    residual: Array, *, sigma_v: Array, sigma_u: Array, distribution: str, rng: np.random.Generator | None = None
) -> Array:
    """Expected efficiency of each unit given its residual, or with ``rng`` one drawn efficiency, in each draw.

    Parameters
    ----------
    residual : array, shape (draw, unit)
    sigma_v, sigma_u : shape (draw,); where ``sigma_u`` is zero, all are efficient

    Returns
    -------
    array, shape (draw, unit), between 0 and 1; NaN where a scale is

    >>> given = efficiency_draws(
    ...     np.zeros((2, 1)), sigma_v=np.array([0.1, 0.1]), sigma_u=np.array([0.0, 0.3]), distribution="half-normal"
    ... )
    >>> given.round(3).tolist()
    [[1.0], [0.929]]
    """
    from scipy.special import log_ndtr, ndtri_exp

    none = sigma_u == 0
    scale = np.where(none, 1.0, sigma_u)[:, None]
    centre, spread = _left_open(residual, sigma_v[:, None], scale, distribution)
    a = centre / spread
    inside = log_ndtr(a)
    if rng is None:
        given = np.exp(-centre + 0.5 * np.square(spread) + log_ndtr(a - spread) - inside)
    else:
        given = np.exp(-np.maximum(centre - spread * ndtri_exp(np.log(rng.uniform(size=a.shape)) + inside), 0.0))
    return np.where(none[:, None], 1.0, given)
