"""Weights of every kind against closed forms, published weights, and searches for something better."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import optimize, stats

from softpower.errors import BadRequest, NotEnoughData
from softpower.index import weight

# OECD/JRC (2008), Handbook on Constructing Composite Indicators: the 23 technological leaders of the Technology
# Achievement Index, appendix; eigenvalues of their correlations, table 16; rotated loadings without their signs, and
# shares of four factors in what they explain, table 17.
TECHNOLOGY = ["patents", "royalties", "internet", "exports", "telephones", "electricity", "schooling", "university"]
LEADERS = np.array(
    [
        [187, 125.6, 200.2, 50.7, 3.08, 4.15, 10.0, 27.4],
        [289, 130.0, 179.1, 66.2, 3.00, 4.07, 12.0, 13.9],
        [271, 156.6, 125.8, 59.7, 3.10, 4.14, 11.4, 15.3],
        [994, 64.6, 49.0, 80.8, 3.00, 3.86, 9.5, 10.0],
        [779, 9.8, 4.8, 66.7, 2.97, 3.65, 10.8, 23.2],
        [189, 151.2, 136.0, 50.9, 3.02, 3.77, 9.4, 9.5],
        [82, 134.0, 57.4, 61.9, 3.02, 3.73, 9.4, 14.9],
        [31, 38.6, 108.0, 48.7, 2.94, 4.18, 11.6, 14.2],
        [75, 18.2, 125.9, 16.2, 2.94, 3.94, 10.9, 25.3],
        [8, 25.5, 72.3, 74.9, 2.95, 3.83, 7.1, 24.2],
        [235, 36.8, 41.2, 64.2, 2.94, 3.75, 10.2, 14.4],
        [103, 20.2, 193.6, 19.0, 3.12, 4.39, 11.9, 11.2],
        [106, 110.3, 48.6, 53.6, 2.97, 3.68, 9.4, 12.3],
        [72, 73.9, 58.9, 47.6, 2.91, 3.86, 9.3, 13.6],
        [103, 13.0, 146.7, 15.4, 2.86, 3.91, 11.7, 13.1],
        [165, 14.8, 84.2, 50.3, 2.99, 3.79, 8.4, 13.6],
        [205, 33.6, 36.4, 58.9, 2.97, 3.80, 7.9, 12.6],
        [74, 43.6, 43.2, 45.0, 2.96, 3.74, 9.6, 11.0],
        [42, 8.6, 21.0, 53.4, 2.86, 3.62, 7.3, 15.6],
        [13, 9.8, 30.4, 51.0, 3.00, 3.65, 7.2, 13.0],
        [28, 4.2, 25.0, 51.7, 2.75, 3.68, 9.5, 8.2],
        [26, 6.2, 21.6, 63.5, 2.73, 3.46, 9.1, 7.7],
        [105, 4.0, 20.3, 49.5, 2.84, 3.71, 7.1, 10.6],
    ]
)
EIGENVALUE_SHARES = [41.9, 21.8, 12.3, 11.1, 6.0, 3.7, 2.2, 0.9]
ROTATED = np.array(
    [
        [0.07, 0.97, 0.06, 0.06],
        [0.13, 0.07, 0.07, 0.93],
        [0.79, 0.21, 0.21, 0.42],
        [0.64, 0.56, 0.04, 0.36],
        [0.37, 0.17, 0.38, 0.68],
        [0.82, 0.04, 0.25, 0.35],
        [0.88, 0.23, 0.09, 0.09],
        [0.08, 0.04, 0.96, 0.04],
    ]
)
FACTOR_SHARES = [0.38, 0.20, 0.17, 0.25]

tables = arrays(np.float64, (12, 4), elements=st.floats(0, 100).map(lambda value: round(value, 2)))


def _correlated(units: int, parts: int, *, seed: int, common: float = 0.7) -> np.ndarray:
    rng = np.random.default_rng(seed)
    spread = rng.uniform(0.5, 20, parts)
    return 50 + spread * (common * rng.standard_normal((units, 1)) + rng.standard_normal((units, parts)))


def _is_varied(x: np.ndarray) -> bool:
    return bool(np.all(np.ptp(x, axis=0) > 0.1))


# Given


def test_equal_weights_are_equal_and_sum_to_one() -> None:
    np.testing.assert_array_equal(weight.equal(8), np.full(8, 0.125))
    with pytest.raises(BadRequest, match="not all zero"):
        weight.equal(0)


@given(arrays(np.float64, (6, 4), elements=st.floats(0.1, 100)), arrays(np.float64, 6, elements=st.floats(0.01, 100)))
def test_every_expert_counts_the_same_however_many_points_were_given(points: np.ndarray, scale: np.ndarray) -> None:
    found, scaled = weight.budget_allocation(points), weight.budget_allocation(points * scale[:, None])
    share = points / points.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.weights, share.mean(axis=0))
    np.testing.assert_allclose(found.spread, share.std(axis=0, ddof=1))
    np.testing.assert_allclose(scaled.weights, found.weights)
    np.testing.assert_allclose(scaled.spread, found.spread, atol=1e-12)
    assert found.weights.sum() == pytest.approx(1)


def test_one_expert_says_nothing_about_spread() -> None:
    found = weight.budget_allocation(np.array([[3.0, 1.0]]))
    assert found.weights.tolist() == [0.75, 0.25]
    assert np.isnan(found.spread).all()


def test_an_expert_who_gave_no_points_is_named() -> None:
    for wrong in ([0.0, 0.0], [np.nan, 1.0], [-1.0, 2.0]):
        with pytest.raises(BadRequest, match=r"expert 1 gave .* ask again"):
            weight.budget_allocation(np.array([[1.0, 1.0], wrong]))
    with pytest.raises(BadRequest, match=r"axes \(expert, part\)"):
        weight.budget_allocation(np.ones(3))


# From components and factors


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_component_weights_are_those_of_the_mean_with_most_variance(seed: int) -> None:
    x = _correlated(60, 5, seed=seed, common=2.0)
    found = weight.pca(x)
    z = stats.zscore(x, axis=0, ddof=1)
    direction = found.weights / np.linalg.norm(found.weights)
    most = float(np.var(z @ direction, ddof=1))
    assert most == pytest.approx(found.eigenvalues[0])
    others = np.random.default_rng(seed).standard_normal((200, 5))
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    assert np.var(z @ others.T, axis=0, ddof=1).max() <= most + 1e-9
    assert found.eigenvalues.sum() == pytest.approx(5)


@pytest.mark.parametrize("method", [weight.pca, weight.factor])
def test_parts_against_the_others_are_refused_by_name(method: object) -> None:
    assert callable(method)
    x = _correlated(80, 4, seed=1, common=2.0)
    x[:, 2] *= -1
    with pytest.raises(BadRequest, match=r"trade \(-0\.\d\d\) load against the others; .* mixed = .flag."):
        method(x, names=["art", "aid", "trade", "talk"])
    found = method(x, mixed="flag")
    assert found.opposed.tolist() == [False, False, True, False]
    assert found.weights[2] == 0
    assert found.weights.sum() == pytest.approx(1)
    assert (found.loadings[2] < 0).all()
    with pytest.raises(BadRequest, match="'refuse' or to 'flag', not 'ignore'"):
        method(x, mixed="ignore")


@pytest.mark.parametrize("method", [weight.pca, weight.factor])
def test_the_order_and_the_units_of_parts_change_no_weight(method: object) -> None:
    assert callable(method)
    x = _correlated(60, 5, seed=4, common=2.0)
    order = np.array([3, 0, 4, 1, 2])
    moved = 7 + x[:, order] * np.array([0.1, 3, 1, 20, 5])
    np.testing.assert_allclose(method(moved).weights, method(x).weights[order], rtol=1e-6)


def test_factor_weights_follow_the_handbooks_example() -> None:
    found = weight.factor(LEADERS, factors=4, names=TECHNOLOGY)
    np.testing.assert_allclose(100 * found.eigenvalues / 8, EIGENVALUE_SHARES, atol=0.15)
    explained = (found.loadings**2).sum(axis=0)
    order = [int(np.argmax(np.abs(found.loadings[part]))) for part in (6, 0, 7, 1)]  # schooling, patents, ...
    # Printed with two digits, from data printed with three.
    np.testing.assert_allclose(np.abs(found.loadings[:, order]), ROTATED, atol=0.02)
    np.testing.assert_allclose((explained / explained.sum())[order], FACTOR_SHARES, atol=0.011)
    # The handbook's composites: internet, electricity, schooling; patents, exports; university; royalties, telephones.
    scaled = ROTATED**2 / (ROTATED**2).sum(axis=0)
    home = [1, 3, 0, 1, 3, 0, 0, 2]
    raw = scaled[np.arange(8), home] * np.array(FACTOR_SHARES)[home]
    np.testing.assert_allclose(found.weights, raw / raw.sum(), atol=0.01)
    assert not found.opposed.any()


def test_so_many_factors_are_kept_as_explain_enough() -> None:
    # Table 16: two eigenvalues above 1, which explain 63.7 per cent.
    assert weight.factor(LEADERS, mixed="flag").loadings.shape == (8, 2)
    rng = np.random.default_rng(2)
    assert weight.factor(rng.standard_normal((500, 6)), mixed="flag").loadings.shape[1] >= 3
    with pytest.raises(BadRequest, match="8 parts have 1 to 8 factors, not 9"):
        weight.factor(LEADERS, factors=9)


def test_a_part_alone_has_all_the_weight() -> None:
    x = np.arange(5.0)[:, None]
    for found in (weight.pca(x).weights, weight.factor(x).weights, weight.balanced(x).weights):
        np.testing.assert_allclose(found, [1.0])
    np.testing.assert_array_equal(weight.entropy(x), [1.0])
    np.testing.assert_array_equal(weight.critic(x), [1.0])


@pytest.mark.parametrize("constant", [[0.1], [0.1 + 0.2, 0.3]])
def test_a_constant_part_is_named_where_it_cannot_correlate(constant: list[float]) -> None:
    x = _correlated(20, 3, seed=2)
    x[:, 1] = np.resize(constant, 20)
    for method in (weight.pca, weight.factor, weight.balanced):
        with pytest.raises(BadRequest, match="leave out aid"):
            method(x, names=["art", "aid", "talk"])


def test_too_few_whole_units_are_refused_with_the_emptiest_part() -> None:
    x = _correlated(10, 3, seed=3)
    x[:9, 1] = np.nan
    for method in (weight.pca, weight.factor, weight.balanced, weight.critic):
        with pytest.raises(NotEnoughData, match=r"1 of 10 units have all 3 parts.*most gaps, part 1"):
            method(x)


def test_units_with_gaps_are_left_out_of_correlations() -> None:
    x = _correlated(40, 4, seed=5, common=2.0)
    holed = np.vstack([x, np.array([[np.nan, 1e6, -1e6, 0.0]])])
    for method in (weight.pca, weight.factor, weight.balanced):
        np.testing.assert_array_equal(method(holed).weights, method(x).weights)
    np.testing.assert_array_equal(weight.critic(holed), weight.critic(x))


# From what tells units apart


@given(tables)
def test_entropy_weights_are_one_minus_scipys_entropy(x: np.ndarray) -> None:
    assume(_is_varied(x))
    expected = 1 - stats.entropy(x, axis=0) / np.log(len(x))
    np.testing.assert_allclose(weight.entropy(x), expected / expected.sum(), atol=1e-9)
    np.testing.assert_allclose(weight.entropy(x * np.array([0.5, 3, 10, 1])), weight.entropy(x), atol=1e-9)


def test_entropy_of_known_units_is_that_of_these_alone() -> None:
    x = np.array([[1.0, 3.0], [4.0, 1.0], [2.0, np.nan], [9.0, 5.0]])
    information = [
        1 - stats.entropy(x[:, 0]) / np.log(4),
        1 - stats.entropy(x[[0, 1, 3], 1]) / np.log(3),
    ]
    np.testing.assert_allclose(weight.entropy(x), np.array(information) / np.sum(information))
    zero = np.nan_to_num(x)
    assert weight.entropy(zero)[1] > weight.entropy(x)[1]  # a zero would be most uneven


def test_entropy_of_negative_scores_is_refused_with_the_place() -> None:
    with pytest.raises(BadRequest, match=r"unit 1 has -2 in aid; .*scale=\(0, 100\)"):
        weight.entropy(np.array([[1.0, 1.0], [1.0, -2.0]]), names=["art", "aid"])


@given(tables)
def test_critic_weights_are_spread_times_conflict(x: np.ndarray) -> None:
    assume(_is_varied(x))
    expected = np.zeros(4)
    for part in range(4):
        scaled = (x[:, part] - x[:, part].min()) / np.ptp(x[:, part])
        conflict = sum(1 - stats.pearsonr(x[:, part], x[:, other]).statistic for other in range(4) if other != part)
        expected[part] = scaled.std(ddof=1) * conflict
    assume(expected.sum() > 1e-6)
    np.testing.assert_allclose(weight.critic(x), expected / expected.sum(), atol=1e-9)


def test_of_two_copies_each_has_less_weight_than_the_part_that_says_something_else() -> None:
    x = _correlated(50, 2, seed=6, common=0.0)
    shares = weight.critic(x[:, [0, 0, 1]])
    assert shares[0] == pytest.approx(shares[1])
    assert shares[2] > shares[0]


@pytest.mark.parametrize("constant", [[0.1], [0.1 + 0.2, 0.3]])  # the two differ by rounding only
@pytest.mark.parametrize("method", [weight.entropy, weight.critic])
def test_a_constant_part_has_no_weight_and_nothing_but_constants_is_refused(
    method: object, constant: list[float]
) -> None:
    assert callable(method)
    x = np.abs(_correlated(20, 3, seed=7))
    with_constant = np.column_stack([x[:, 0], np.resize(constant, 20), x[:, 1:]])
    np.testing.assert_allclose(method(with_constant), np.insert(method(x), 1, 0.0))
    with pytest.raises(BadRequest, match="take equal weights"):
        method(np.full((5, 2), 3.0))


def test_copies_alone_conflict_with_nothing() -> None:
    with pytest.raises(BadRequest, match="all say the same"):
        weight.critic(_correlated(20, 1, seed=8)[:, [0, 0]])


# For influence


def _distance(weights: np.ndarray, x: np.ndarray, target: np.ndarray) -> float:
    mean = x @ weights
    r = np.array([np.corrcoef(part, mean)[0, 1] for part in x.T])
    return float(((target - r / r.sum()) ** 2).mean())


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_parts_that_move_together_can_have_the_same_influence(seed: int) -> None:
    x = _correlated(60, 4, seed=seed, common=2.0)
    found = weight.balanced(x)
    assume(found.weights.min() > 0)
    # Closed form: correlations R v all equal where v solves R v = 1; weights are v over the standard deviations.
    v = np.linalg.solve(np.corrcoef(x.T), np.ones(4))
    closed = v / x.std(axis=0)
    np.testing.assert_allclose(found.weights, closed / closed.sum(), rtol=1e-6)
    np.testing.assert_allclose(found.influence, 0.25, atol=1e-9)
    r = [np.corrcoef(part, x @ found.weights)[0, 1] for part in x.T]
    np.testing.assert_allclose(found.correlation, r)


@pytest.mark.parametrize("target", [None, np.array([1.0, 2.0, 3.0, 1.0])])
@pytest.mark.parametrize("seed", range(6))
def test_no_weights_of_zero_or_more_come_nearer_to_the_wanted_influence(seed: int, target: np.ndarray | None) -> None:
    x = _correlated(40, 4, seed=seed, common=0.1 * seed)
    x[:, 0] -= x[:, 1] / 2  # some parts against others: equal influence is out of reach for most
    wanted = np.full(4, 0.25) if target is None else target / target.sum()
    found = weight.balanced(x, target=target)
    assert np.all(found.weights >= 0)
    assert found.weights.sum() == pytest.approx(1)
    reached = _distance(found.weights, x, wanted)
    np.testing.assert_allclose(((wanted - found.influence) ** 2).mean(), reached, atol=1e-12)
    rng = np.random.default_rng(seed)
    starts = [found.weights, *rng.dirichlet(np.ones(4), size=5)]
    for start in starts:
        tried = optimize.minimize(
            lambda w: _distance(np.abs(w), x, wanted), start, method="Nelder-Mead", options={"maxiter": 2000}
        )
        mean = np.abs(tried.x)
        if sum(np.corrcoef(part, x @ mean)[0, 1] for part in x.T) > 0:
            assert tried.fun >= reached - 1e-9


@pytest.mark.parametrize("units", [3, 4, 5, 6])
def test_as_few_units_as_parts_say_nothing_of_equal_influence(units: int) -> None:
    x = _correlated(units, 6, seed=units, common=1.0)
    with pytest.raises(NotEnoughData, match=rf"{units} units have all 6 parts, too few .* 7 units are the least"):
        weight.balanced(x)
    holed = np.vstack([x, np.full((20, 6), 2.0)])
    holed[units:, 0] = np.nan  # units with a gap do not count
    with pytest.raises(NotEnoughData, match=f"{units} units have all 6 parts"):
        weight.balanced(holed)
    assert weight.balanced(_correlated(7, 6, seed=units, common=1.0)).weights.sum() == pytest.approx(1)


def test_parts_that_cancel_out_cannot_have_influence() -> None:
    x = np.arange(6.0)
    with pytest.raises(BadRequest, match="cancel each other out"):
        weight.balanced(np.column_stack([x, -x]))
    with pytest.raises(BadRequest, match="2 parts need 2 wanted influences, not 3"):
        weight.balanced(_correlated(10, 2, seed=1), target=np.ones(3))


# Drawn


def test_noisy_weights_are_uniform_around_the_given_ones() -> None:
    given_ones = np.array([1.0, 2.0, 0.0])
    drawn = weight.noisy(given_ones, factor=0.25, draws=5_000, rng=np.random.default_rng(1))
    assert drawn.shape == (5_000, 3)
    for part in range(2):
        own = stats.uniform(0.75 * given_ones[part], 0.5 * given_ones[part])
        assert stats.kstest(drawn[:, part], own.cdf).pvalue > 1e-4
    assert abs(np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1]) < 0.05
    assert np.all(drawn[:, 2] == 0)


def test_noise_of_nothing_changes_nothing_and_too_much_is_refused() -> None:
    rng = np.random.default_rng(1)
    np.testing.assert_array_equal(weight.noisy(np.array([1.0, 3.0]), factor=0.0, draws=2, rng=rng), [[1, 3], [1, 3]])
    for factor in (-0.1, 1.1, np.nan):
        with pytest.raises(BadRequest, match="factor from 0 to 1"):
            weight.noisy(np.ones(2), factor=factor, draws=1, rng=rng)
    with pytest.raises(BadRequest, match="zero or more"):
        weight.noisy(np.array([1.0, -1.0]), factor=0.1, draws=1, rng=rng)


def test_infinite_scores_are_refused_with_their_place() -> None:
    x = _correlated(10, 3, seed=1)
    x[2, 1] = np.inf
    for method in (weight.pca, weight.factor, weight.balanced, weight.critic, weight.entropy):
        with pytest.raises(BadRequest, match="unit 2 has inf in part 1"):
            method(x)
        with pytest.raises(BadRequest, match=r"axes \(unit, part\)"):
            method(x[0])
