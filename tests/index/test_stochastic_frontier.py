"""Stochastic frontier: a published fit, integrals of densities, derivatives by differences, and known truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import expon, halfnorm, norm

from softpower.errors import BadRequest, NotEnoughData
from softpower.index import frontier_likelihood as likelihood
from softpower.index import frontier_likelihoods
from softpower.index.decision_units import Names
from softpower.index.frontier_likelihoods import fit_many
from softpower.index.stochastic_frontier import conditional_efficiency, stochastic_frontier

SHAPES = list(likelihood.SHAPES)

# Output, capital and labour of 60 firms: Coelli (1996), A Guide to FRONTIER Version 4.1, CEPA working paper 96/07,
# file EG1.DAT.
FIRMS = """
12.778 9.416 35.134  24.285 4.643 77.297  20.855 5.095 89.799  13.213 4.935 35.698  12.018 8.717 27.878
15.284 1.066 92.174   6.707 0.258 97.907  21.656 6.334 82.084  14.574 2.350 38.876  13.743 1.076 81.761
 3.793 3.432  9.476  37.118 4.033 55.096  11.235 7.975 73.130   9.237 7.604 24.350  12.634 0.344 65.380
 9.677 2.440 63.839  18.315 7.891 59.241  17.094 2.906 72.574  21.566 2.668 68.916  18.872 4.220 57.424
17.102 2.661 87.843  14.550 2.455 30.789  24.031 2.827 93.734   6.787 0.439 35.961   6.388 0.312 94.264
32.996 3.265 95.773  26.040 6.752 80.275  16.619 4.425 49.886  10.065 1.583 22.072   6.554 0.907 38.727
 3.539 6.149  5.322   1.660 0.479  2.520  16.775 1.955 41.545  10.085 8.169 68.389   7.064 4.055 77.556
31.793 5.029 77.812  32.303 6.937 98.904  14.571 8.405 42.740  12.258 2.503 59.741  12.683 6.590 18.085
12.880 7.149 26.651  15.841 8.040 50.488  24.623 4.896 88.182  20.571 6.722 30.451  21.208 4.195 95.834
12.493 4.551 36.704  32.313 7.223 89.312  15.575 9.561 29.055  13.414 4.871 50.018  10.228 9.312 40.996
19.927 2.895 63.051  26.938 8.085 60.992  35.825 8.656 94.159  12.768 3.427 39.312  18.412 1.918 78.628
19.853 6.177 64.377   3.269 7.188  1.073  21.358 9.329 87.124  27.124 7.834 60.340  14.105 5.621 44.218
"""


def firms() -> tuple[np.ndarray, np.ndarray]:
    table = np.array(FIRMS.split(), dtype=float).reshape(60, 3)
    return table[:, 1:], table[:, 0]


def simulated(seed: int, units: int, shape: str, noise: float = 0.15, waste: float = 0.35):
    """Inputs, output and true efficiencies of a frontier 3 x_1^0.5 x_2^0.3."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(1, 20, (units, 2))
    u = np.abs(rng.normal(0, waste, units)) if shape == "half-normal" else rng.exponential(waste, units)
    y = 3 * x[:, 0] ** 0.5 * x[:, 1] ** 0.3 * np.exp(rng.normal(0, noise, units) - u)
    return x, y, np.exp(-u)


def density(residual: float, sigma_v: float, sigma_u: float, shape: str) -> float:
    """Of v - u, by integrating over u."""
    waste = halfnorm(scale=sigma_u) if shape == "half-normal" else expon(scale=sigma_u)
    top = max(0.0, -residual) + 40 * sigma_v
    near = np.clip([-residual - 6 * sigma_v, -residual, -residual + 6 * sigma_v], 1e-9, top * 0.999)
    return quad(lambda u: waste.pdf(u) * norm.pdf(residual + u, scale=sigma_v), 0, top, points=near, limit=400)[0]


# A published fit.


def test_the_fit_is_the_one_that_frontier_4_1_prints() -> None:
    """Coelli (1996), output EG1.OUT. The data are printed to three decimals, hence tolerances of 1e-5."""
    found = stochastic_frontier(*firms(), names=Names(inputs=("capital", "labour"), outputs=("output",)))
    np.testing.assert_allclose(found.coefficients, [0.56161963, 0.28110205, 0.53647981], atol=1e-5)
    assert found.sigma**2 == pytest.approx(0.21700046, abs=1e-5)
    assert found.sigma_u**2 / found.sigma**2 == pytest.approx(0.79720730, abs=1e-5)
    assert found.log_likelihood == pytest.approx(-17.027229, abs=2e-5)
    assert found.log_likelihood_without == pytest.approx(-18.446849, abs=2e-5)
    # Its standard errors come from the search, not from the Hessian, and are near.
    np.testing.assert_allclose(found.standard_errors, [0.20261668, 0.04764337, 0.04525155], rtol=0.01)
    first = [0.65068880, 0.82889151, 0.72642592, 0.74785113, 0.69133584]
    np.testing.assert_allclose(found.efficiency[:5], first, atol=2e-6)
    np.testing.assert_allclose(found.efficiency[-2:], [0.85670448, 0.70842786], atol=2e-6)
    assert found.efficiency.mean() == pytest.approx(0.74056772, abs=2e-6)
    # Twice the gain is 2.8392402; half the chi-squared tail beyond it.
    assert found.p_value == pytest.approx(norm.sf(2.8392402**0.5), rel=1e-4)
    assert found.cautions == ()


# Integrals and differences.


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ratio", [0.05, 0.7, 3.0, 20.0])
def test_the_likelihood_is_the_integral_over_inefficiency(shape: str, ratio: float) -> None:
    sigma_v = 0.2
    sigma_u = ratio * sigma_v
    theta = 1 / (sigma_v * (1 + ratio**2) ** 0.5) if shape == "half-normal" else 1 / sigma_v
    residual = np.array([-2.5, -0.6, -0.1, 0.0, 0.2, 0.7])
    found = likelihood.SHAPES[shape](theta * residual, np.log(ratio)).value + np.log(theta)
    expected = [np.log(density(each, sigma_v, sigma_u, shape)) for each in residual]
    likely = np.array(expected) > -60  # further out, the integral is no oracle
    np.testing.assert_allclose(found[likely], np.array(expected)[likely], rtol=1e-7, atol=1e-9)
    assert likely.sum() >= 4


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("s", [-4.0, -1.0, 0.3, 2.5, 6.0])
def test_derivatives_are_the_limits_of_differences(shape: str, s: float) -> None:
    z = np.array([-6.0, -1.2, 0.0, 0.4, 3.0])
    at = likelihood.SHAPES[shape]
    step = 1e-5
    term = at(z, s)
    by_z, by_s = (at(z + step, s), at(z - step, s)), (at(z, s + step), at(z, s - step))
    for exact, (above, below), name in (
        (term.by_z, by_z, "value"),
        (term.by_s, by_s, "value"),
        (term.by_zz, by_z, "by_z"),
        (term.by_zs, by_s, "by_z"),
        (term.by_ss, by_s, "by_s"),
    ):
        slope = (getattr(above, name) - getattr(below, name)) / (2 * step)
        size = max(1.0, np.abs(getattr(term, name)).max())
        np.testing.assert_allclose(exact, slope, rtol=1e-5, atol=1e-8 * size)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_maximum_is_one_and_its_covariance_the_curvature_there(shape: str) -> None:
    x, y, _ = simulated(3, 150, shape)
    design, response = np.column_stack([np.ones(150), np.log(x)]), np.log(y)
    found = likelihood.fit(design, response, shape=shape)

    def value(p: np.ndarray) -> float:
        sigma_v, sigma_u = np.exp(p[3:])
        theta = 1 / np.hypot(sigma_v, sigma_u) if shape == "half-normal" else 1 / sigma_v
        z = theta * (response - design @ p[:3])
        return float(likelihood.SHAPES[shape](z, float(np.log(sigma_u / sigma_v))).value.sum() + 150 * np.log(theta))

    best = np.concatenate([found.coefficients, np.log([found.sigma_v, found.sigma_u])])
    assert value(best) == pytest.approx(found.log_likelihood, abs=1e-9)
    assert found.gradient < 1e-6
    rng = np.random.default_rng(1)
    assert all(value(best + 0.02 * rng.normal(size=5)) < found.log_likelihood for _ in range(50))
    h = 1e-4
    unit = np.eye(5) * h
    curve = [
        [
            (value(best + a + b) - value(best + a - b) - value(best - a + b) + value(best - a - b)) / (4 * h * h)
            for b in unit
        ]
        for a in unit
    ]
    np.testing.assert_allclose(np.linalg.inv(-np.array(curve)), found.covariance, rtol=2e-3, atol=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("residual", [-1.5, -0.3, 0.0, 0.25])
def test_efficiencies_are_integrals_over_what_the_residual_leaves_open(shape: str, residual: float) -> None:
    sigma_v, sigma_u = 0.15, 0.4
    waste = halfnorm(scale=sigma_u) if shape == "half-normal" else expon(scale=sigma_u)
    total = density(residual, sigma_v, sigma_u, shape)
    top = max(0.0, -residual) + 12 * sigma_v

    def mean(of) -> float:
        return quad(
            lambda u: of(u) * waste.pdf(u) * norm.pdf(residual + u, scale=sigma_v) / total,
            0,
            top,
            points=[-residual],
            limit=400,
        )[0]

    def share_below(u: float) -> float:
        return quad(lambda t: waste.pdf(t) * norm.pdf(residual + t, scale=sigma_v) / total, 0, u, limit=400)[0]

    found = conditional_efficiency(
        np.array([residual]), sigma_v=sigma_v, sigma_u=sigma_u, distribution=shape, level=0.8
    )
    assert found.expected[0] == pytest.approx(mean(lambda u: np.exp(-u)), rel=1e-6)
    assert found.at_mean[0] == pytest.approx(np.exp(-mean(lambda u: u)), rel=1e-6)
    grid = np.linspace(0, top, 20_001)
    mode = grid[np.argmax(waste.logpdf(grid) + norm.logpdf(residual + grid, scale=sigma_v))]
    assert found.at_mode[0] == pytest.approx(np.exp(-mode), rel=1e-3)
    assert share_below(-np.log(found.high[0])) == pytest.approx(0.1, abs=1e-6)
    assert share_below(-np.log(found.low[0])) == pytest.approx(0.9, abs=1e-6)


def test_far_from_the_frontier_efficiencies_stay_numbers() -> None:
    residual = np.array([-30.0, -5.0, 5.0, 30.0])
    for shape in SHAPES:
        for sigma_u in (1e-3, 1.0, 50.0):
            found = conditional_efficiency(residual, sigma_v=0.1, sigma_u=sigma_u, distribution=shape)
            for each in (found.expected, found.at_mean, found.at_mode, found.low, found.high):
                assert np.all(np.isfinite(each))
                assert np.all((each >= 0) & (each <= 1 + 1e-12))
            assert np.all(found.low <= found.high)


# Known truth.


@pytest.mark.parametrize("shape", SHAPES)
def test_a_simulated_frontier_is_found_again(shape: str) -> None:
    x, y, true = simulated(5, 3000, shape)
    found = stochastic_frontier(x, y, distribution=shape)
    off = (found.coefficients - [np.log(3), 0.5, 0.3]) / found.standard_errors
    assert np.all(np.abs(off) < 3)
    scales = (np.log([found.sigma_v, found.sigma_u]) - np.log([0.15, 0.35])) / found.log_sigma_errors
    assert np.all(np.abs(scales) < 3)
    assert found.ratio == pytest.approx(found.sigma_u / found.sigma_v)
    assert np.corrcoef(found.efficiency, true)[0, 1] > 0.75
    assert found.efficiency.mean() == pytest.approx(true.mean(), abs=0.02)
    assert np.mean((found.low <= true) & (true <= found.high)) == pytest.approx(0.9, abs=0.03)
    assert found.p_value < 1e-6


def test_standard_errors_are_the_spread_over_many_samples() -> None:
    fits = [stochastic_frontier(*simulated(seed, 400, "half-normal")[:2]) for seed in range(60)]
    spread = np.std([each.coefficients for each in fits], axis=0, ddof=1)
    stated = np.median([each.standard_errors for each in fits], axis=0)
    np.testing.assert_allclose(spread, stated, rtol=0.35)


def test_without_inefficiency_all_are_efficient_and_the_result_says_so() -> None:
    """Residuals that lean the wrong way have their maximum at least squares (Waldman 1982)."""
    rng = np.random.default_rng(6)
    x = rng.uniform(1, 9, 80)
    y = x**0.5 * np.exp(np.abs(rng.normal(0, 0.3, 80)))
    for shape in SHAPES:
        found = stochastic_frontier(x, y, distribution=shape)
        slope, constant = np.polyfit(np.log(x), np.log(y), 1)
        np.testing.assert_allclose(found.coefficients, [constant, slope], rtol=1e-9)
        assert found.sigma_u == found.ratio == 0
        assert found.efficiency.tolist() == [1.0] * 80
        assert found.p_value == 1.0
        assert found.log_likelihood == pytest.approx(norm.logpdf(found.residual, scale=found.sigma_v).sum(), rel=1e-9)
        assert np.isfinite(found.standard_errors).all()
        assert np.isnan(found.log_sigma_errors[1])
        assert "no inefficiency is to be seen" in found.cautions[-1]


def test_without_noise_the_edge_is_reported() -> None:
    rng = np.random.default_rng(8)  # a sample on which neither likelihood has a maximum inside
    x = rng.uniform(1, 9, 60)
    y = x**0.5 * np.exp(-np.abs(rng.normal(0, 0.3, 60)))
    for shape in SHAPES:
        found = stochastic_frontier(x, y, distribution=shape)
        assert found.ratio > 100
        assert "no noise is to be seen" in found.cautions[-1]
        assert np.isnan(found.standard_errors).all()
        # The frontier touches the best: nobody lies above it by more than the noise that is left.
        assert found.residual.max() < 5 * found.sigma_v
        np.testing.assert_allclose(found.efficiency, np.exp(np.minimum(found.residual, 0)), atol=0.01)


def test_of_several_maxima_the_one_with_room_for_noise_is_taken() -> None:
    """On these 25 units the likelihood has a maximum inside, and is higher still without any noise."""
    x, y, _ = simulated(12, 25, "half-normal", noise=0.05)
    found = stochastic_frontier(x, y)
    assert 0.1 < found.ratio < 100
    assert "a frontier without noise fits better still" in found.cautions[-1]
    design, response = np.column_stack([np.ones(25), np.log(x)]), np.log(y)
    best = likelihood.fit(design, response)
    assert best.log_likelihood_edge > best.log_likelihood
    assert best.gradient < 1e-6


# Many draws together.


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ratio", [0.0, 2.3, 50.0])
def test_many_fits_climbed_together_are_those_fitted_one_by_one(shape: str, ratio: float) -> None:
    samples = [simulated(seed, 120, shape)[:2] for seed in range(25)]
    design = np.stack([np.column_stack([np.ones(120), np.log(x)]) for x, _ in samples])
    response = np.stack([np.log(y) for _, y in samples])
    found = fit_many(design, response, shape=shape, ratio=ratio)
    for draw in range(25):
        one = likelihood.fit(design[draw], response[draw], shape=shape)
        assert found.log_likelihood[draw] == pytest.approx(one.log_likelihood, abs=1e-6)
        np.testing.assert_allclose(found.coefficients[draw], one.coefficients, atol=1e-4)
        assert found.sigma_u[draw] == pytest.approx(one.sigma_u, abs=1e-4)
        assert found.sigma_v[draw] == pytest.approx(one.sigma_v, abs=1e-4)


def test_draws_without_inefficiency_without_noise_and_without_a_maximum_stand_beside_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(8)
    x = rng.uniform(1, 9, 60)
    noise = np.abs(rng.normal(0, 0.3, 60))
    design = np.stack([np.column_stack([np.ones(60), np.log(x)])] * 4)
    design[3, :, 1] = 1.0  # an input that is the same for all
    response = np.stack([0.5 * np.log(x) + each for each in (noise, -noise, np.zeros(60), noise)])
    for shape in SHAPES:
        found = fit_many(design, response, shape=shape)
        assert found.sigma_u[0] == 0
        assert found.log_likelihood[0] == pytest.approx(
            likelihood.fit(design[0], response[0], shape=shape).log_likelihood, abs=1e-6
        )
        assert found.sigma_u[1] / found.sigma_v[1] > 100
        assert np.isnan(found.sigma_u[2:]).all()
        assert np.isnan(found.coefficients[2:]).all()
        monkeypatch.setattr(frontier_likelihoods, "HELD", 60)
        np.testing.assert_allclose(fit_many(design, response, shape=shape).sigma_u, found.sigma_u, rtol=1e-9)
        monkeypatch.undo()


# What must not matter.


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6), st.floats(1e-6, 1e6), st.permutations(range(60)))
@settings(max_examples=12, deadline=None)
def test_units_of_measurement_and_order_move_the_constant_only(a: float, b: float, c: float, order: list[int]) -> None:
    x, y = firms()
    before = stochastic_frontier(x, y)
    after = stochastic_frontier(x[order] * [a, b], y[order] * c)
    np.testing.assert_allclose(after.efficiency, before.efficiency[order], rtol=1e-6)
    np.testing.assert_allclose(after.coefficients[1:], before.coefficients[1:], rtol=1e-6)
    np.testing.assert_allclose(after.standard_errors[1:], before.standard_errors[1:], rtol=1e-5)
    shift = np.log(c) - before.coefficients[1:] @ np.log([a, b])
    assert after.coefficients[0] == pytest.approx(before.coefficients[0] + shift, abs=1e-5)
    assert after.log_likelihood == pytest.approx(before.log_likelihood, abs=1e-8)


# Bad input.


def test_a_request_that_makes_no_sense_is_refused() -> None:
    x, y = firms()
    names = Names(units=[f"firm {k}" for k in range(1, 61)], inputs=("capital", "labour"), outputs=("value added",))
    with pytest.raises(BadRequest, match="distribution must be one of half-normal, exponential, not 'gamma'"):
        stochastic_frontier(x, y, distribution="gamma")
    with pytest.raises(BadRequest, match="level must lie between 0 and 1"):
        stochastic_frontier(x, y, level=1.5)
    with pytest.raises(BadRequest, match="has one output, not 2"):
        stochastic_frontier(y, x)
    with pytest.raises(BadRequest, match=r"not above zero: firm 3, labour \(0\)"):
        stochastic_frontier(np.where(np.arange(120).reshape(60, 2) == 5, 0.0, x), y, names=names)
    with pytest.raises(BadRequest, match="1 cell is missing: firm 1, value added"):
        stochastic_frontier(x, np.where(np.arange(60) == 0, np.nan, y), names=names)
    with pytest.raises(BadRequest, match=r"inputs determine each other \(capital, labour\)"):
        stochastic_frontier(np.column_stack([x[:, 0], x[:, 0] ** 2]), y, names=names)
    with pytest.raises(BadRequest, match="input labour is the same for all units"):
        stochastic_frontier(np.column_stack([x[:, 0], np.full(60, 7.0)]), y, names=names)
    with pytest.raises(BadRequest, match="without any error"):
        stochastic_frontier(x, x[:, 0] ** 0.4 * x[:, 1])
    with pytest.raises(NotEnoughData, match="5 units cannot tell 5 parameters"):
        stochastic_frontier(x[:5], y[:5])
    assert any("are few for" in each for each in stochastic_frontier(x[:8], y[:8]).cautions)
