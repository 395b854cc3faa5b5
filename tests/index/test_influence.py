"""Effective weights and main effects, against closed forms and data of known make-up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from softpower.errors import BadRequest
from softpower.index import influence
from softpower.index.influence import effective_weights, main_effect, top_nodes

CURVES = ["local-linear", "spline"]


# Weights through the tree.


def test_a_weight_is_its_share_times_all_shares_above() -> None:
    #        top   a      b      a1     a2     a11
    parents = [-1, 0, 0, 1, 1, 3]
    found = effective_weights(parents, [9, 1, 3, 2, 3, 7])
    np.testing.assert_allclose(found, [1, 1 / 4, 3 / 4, 1 / 4 * 2 / 5, 1 / 4 * 3 / 5, 1 / 4 * 2 / 5])


@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_leaves_sum_to_one_whatever_the_order_of_parts_and_the_unit_of_weights(seed: int, unit: float) -> None:
    rng = np.random.default_rng(seed)
    parents = np.array([-1, *(rng.integers(0, part) for part in range(1, 15))])
    weights = rng.uniform(0.1, 2, 15)
    found = effective_weights(parents, weights)
    leaves = np.setdiff1d(np.arange(15), parents)
    assert found[leaves].sum() == pytest.approx(1)
    order = rng.permutation(15)
    moved = np.argsort(order)
    shuffled = np.array([-1 if parents[part] < 0 else moved[parents[part]] for part in order])
    np.testing.assert_allclose(effective_weights(shuffled, unit * weights[order]), found[order])


def test_several_tops_each_have_all_their_weight() -> None:
    np.testing.assert_allclose(effective_weights([-1, 0, 0, -1, 3], [0, 0, 2, 0, 5]), [1, 0, 1, 1, 1])
    assert top_nodes([-1, 0, 1, -1, 3]).tolist() == [0, 0, 0, 3, 3]


def test_a_weight_of_zero_takes_all_below_it_out() -> None:
    np.testing.assert_allclose(effective_weights([-1, 0, 0, 1], [1, 0, 1, 1]), [1, 0, 1, 0])


@pytest.mark.parametrize(
    ("parents", "weights", "message"),
    [
        ([1, 0], [1, 1], "a circle"),
        ([-1, 1], [1, 1], "a circle: following the parents of part 1"),
        ([-1, 2], [1, 1], "part 1 has the parent 2"),
        ([-1, -2], [1, 1], "part 1 has the parent -2"),
        ([-1, 0], [1, -1], "weight of part 1 must be zero or more, not -1"),
        ([-1, 0], [1, np.nan], "weight of part 1 must be zero or more, not nan"),
        ([-1, 0, 0], [1, 0, 0], "weights below part 0 sum to zero"),
        ([-1, 0], [1], "as many as parents, 2"),
    ],
)
def test_what_is_no_weighted_tree_is_refused_by_part(parents: list[int], weights: list[float], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        effective_weights(parents, weights)


# Main effects.


@pytest.mark.parametrize("method", CURVES)
def test_the_main_effect_of_a_normal_pair_is_the_squared_correlation(method: str) -> None:
    rng = np.random.default_rng(1)
    for r in (0.3, 0.6, 0.9):
        x = rng.standard_normal(400)
        y = r * x + np.sqrt(1 - r**2) * rng.standard_normal(400)
        assert main_effect(x, y, method=method)[0] == pytest.approx(r**2, abs=0.05)


def test_a_line_explains_the_squared_correlation_exactly() -> None:
    x, y = np.random.default_rng(2).standard_normal((2, 30))
    assert main_effect(x, y, method="linear")[0] == pytest.approx(stats.pearsonr(x, y).statistic ** 2)
    for method in (*CURVES, "linear"):
        assert main_effect(x, 3 - 2 * x, method=method)[0] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("method", CURVES)
def test_a_curve_finds_what_a_line_misses(method: str) -> None:
    """Ishigami's function, whose main effects are known: 0.3139, 0.4424 and 0."""
    rng = np.random.default_rng(3)
    curved, straight = [], []
    for _ in range(6):
        u = rng.uniform(-np.pi, np.pi, (300, 3))
        y = np.sin(u[:, 0]) + 7 * np.sin(u[:, 1]) ** 2 + 0.1 * u[:, 2] ** 4 * np.sin(u[:, 0])
        curved.append(main_effect(u, y, method=method))
        straight.append(main_effect(u, y, method="linear"))
    np.testing.assert_allclose(np.mean(curved, axis=0), [0.3139, 0.4424, 0], atol=0.05)
    assert np.mean(straight, axis=0)[1] < 0.02


@pytest.mark.parametrize("method", CURVES)
def test_the_main_effect_of_groups_is_that_of_their_means(method: str) -> None:
    rng = np.random.default_rng(4)
    group = np.repeat([0.0, 1.0, 5.0], [30, 20, 10])
    y = np.array([2.0, -1.0, 1.0])[np.repeat([0, 1, 2], [30, 20, 10])] + 0.5 * rng.standard_normal(60)
    between = sum((group == value).mean() * (y[group == value].mean() - y.mean()) ** 2 for value in (0, 1, 5))
    assert main_effect(group, y, method=method)[0] == pytest.approx(between / y.var(), abs=0.02)


def test_the_widest_bandwidth_fits_a_line_and_the_narrowest_the_group_means() -> None:
    rng = np.random.default_rng(5)
    x, y = np.repeat(np.arange(10.0), 3), rng.standard_normal(30)
    line = stats.linregress(x, y)
    np.testing.assert_allclose(influence._smoother(x, 1e4) @ y, line.intercept + line.slope * x, atol=1e-6)
    means = np.repeat(y.reshape(10, 3).mean(axis=1), 3)
    np.testing.assert_allclose(influence._smoother(x, 0.05) @ y, means, atol=1e-12)


def test_a_local_line_is_weighted_least_squares() -> None:
    rng = np.random.default_rng(6)
    x, y = rng.standard_normal((2, 25))
    for at in (0, 7, 24):
        kernel = np.sqrt(np.exp(-0.5 * ((x - x[at]) / 0.4) ** 2))
        line = np.column_stack([np.ones(25), x - x[at]])
        expected = np.linalg.lstsq(line * kernel[:, None], y * kernel, rcond=None)[0][0]
        assert (influence._smoother(x, 0.4) @ y)[at] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("method", [*CURVES, "linear"])
def test_noise_explains_little_and_gaps_and_constants_nothing_known(method: str) -> None:
    rng = np.random.default_rng(7)
    noise = rng.standard_normal((40, 60))
    y = rng.standard_normal(60)
    assert np.median([main_effect(each, y, method=method)[0] for each in noise]) < 0.1
    x = np.column_stack([noise[0], np.full(60, 0.1), noise[1]])
    x[9:, 2] = np.nan
    found = main_effect(x, y, method=method)
    assert np.isnan(found).tolist() == [False, True, True]
    x[:, 0] += 1000
    assert main_effect(x * 50, y, method=method)[0] == pytest.approx(found[0], rel=1e-6)
    assert np.isnan(main_effect(x, np.full(60, 3.0), method=method)).all()


def test_main_effects_refuse_what_does_not_fit() -> None:
    x = np.ones((12, 2))
    with pytest.raises(BadRequest, match=r"'kriging'.*spline, local-linear, linear"):
        main_effect(x, x[:, 0], method="kriging")
    with pytest.raises(BadRequest, match="one number for each of the 12 units"):
        main_effect(x, x)


# Both together.


def test_equal_weights_do_not_make_equal_importance() -> None:
    """Two pillars of independent parts with spreads 3 and 1: the shares of variance are 0.9 and 0.1."""
    rng = np.random.default_rng(8)
    parts = rng.standard_normal((1000, 2)) * [3.0, 1.0]
    scores = np.column_stack([parts, parts.mean(axis=1)])
    found = influence.influence(scores, [2, 2, -1], [1, 1, 1])
    np.testing.assert_allclose(found.weight, [0.5, 0.5, np.nan])
    np.testing.assert_allclose(found.main_effect[:2], [0.9, 0.1], atol=0.02)
    np.testing.assert_allclose(found.importance[:2], [0.9, 0.1], atol=0.02)
    np.testing.assert_allclose(found.gap[:2], [0.4, -0.4], atol=0.02)
    assert found.importance[:2].sum() == pytest.approx(1)


def test_every_part_is_set_against_its_parent_and_its_top() -> None:
    rng = np.random.default_rng(9)
    leaves = rng.standard_normal((60, 3)) + rng.standard_normal((60, 1))
    leaves[3, 1] = np.nan
    pillar = np.nanmean(leaves[:, :2], axis=1)
    top = (2 * pillar + leaves[:, 2]) / 3
    scores = np.column_stack([leaves, pillar, top])
    found = influence.influence(scores, [3, 3, 4, 4, -1], [1, 1, 1, 2, 1], method="linear")
    known = np.isfinite(leaves[:, 1])
    assert found.pearson_parent[1] == pytest.approx(stats.pearsonr(leaves[known, 1], pillar[known]).statistic)
    assert found.pearson_top[1] == pytest.approx(stats.pearsonr(leaves[known, 1], top[known]).statistic)
    assert found.spearman_parent[0] == pytest.approx(stats.spearmanr(leaves[:, 0], pillar).statistic)
    assert found.spearman_top[3] == pytest.approx(stats.spearmanr(pillar, top).statistic)
    np.testing.assert_allclose(found.effective, [1 / 3, 1 / 3, 1 / 3, 2 / 3, 1])
    np.testing.assert_allclose(found.weight, [1 / 2, 1 / 2, 1 / 3, 2 / 3, np.nan])
    np.testing.assert_allclose(found.main_effect[:4], found.pearson_parent[:4] ** 2)
    for values in (found.pearson_parent, found.pearson_top, found.main_effect, found.importance):
        assert np.isnan(values[4])
    with pytest.raises(BadRequest, match="5 columns for 4 parts"):
        influence.influence(scores, [3, 3, 3, -1], [1, 1, 1, 1])


def test_a_parent_of_no_weight_still_shares_out_its_own() -> None:
    scores = np.random.default_rng(10).standard_normal((20, 4))
    found = influence.influence(scores, [1, 3, 3, -1], [1, 0, 1, 1], method="linear")
    np.testing.assert_allclose(found.effective, [0, 0, 1, 1])
    np.testing.assert_allclose(found.weight, [1, 0, 1, np.nan])
