"""Correlations with gaps, their flags and redundancy, against numpy, scipy and closed forms."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from softpower.errors import BadRequest
from softpower.index import correlation

SCIPY = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall": stats.kendalltau}
METHODS = sorted(SCIPY)
few_values = arrays(np.float64, st.tuples(st.integers(3, 14), st.just(3)), elements=st.integers(0, 6).map(float))


def with_gaps(units: int = 40, parts: int = 5, *, seed: int = 1, ties: bool = False) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((units, parts)) + rng.standard_normal((units, 1))
    x = np.round(x) if ties else x
    x[rng.random(x.shape) < 0.2] = np.nan
    return x


def test_without_gaps_pearson_is_numpys() -> None:
    x = np.random.default_rng(2).standard_normal((51, 8))
    np.testing.assert_allclose(correlation.correlate(x).r, np.corrcoef(x.T), rtol=0, atol=1e-14)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("units", [12, 60])
@pytest.mark.parametrize("method", METHODS)
def test_every_pair_is_scipys_over_the_units_both_have(method: str, units: int, ties: bool) -> None:
    x, y = with_gaps(units, ties=ties), with_gaps(units, 3, seed=5, ties=ties)
    found = correlation.correlate(x, y, method=method)
    for i, j in itertools.product(range(5), range(3)):
        known = np.isfinite(x[:, i]) & np.isfinite(y[:, j])
        expected = SCIPY[method](x[known, i], y[known, j])
        assert found.n[i, j] == known.sum()
        assert found.r[i, j] == pytest.approx(expected.statistic, abs=1e-13)
        assert found.p[i, j] == pytest.approx(expected.pvalue, rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_a_table_with_itself_is_that_table_twice(method: str) -> None:
    x = with_gaps(30, ties=True)
    once, twice = correlation.correlate(x, method=method), correlation.correlate(x, x, method=method)
    np.testing.assert_allclose(once.r, twice.r, atol=1e-14)
    np.testing.assert_allclose(once.p, twice.p, atol=1e-13)
    np.testing.assert_array_equal(once.r, once.r.T)
    np.testing.assert_array_equal(np.diag(once.r), 1.0)


def test_kendalls_exact_chance_is_found_by_trying_all_orders() -> None:
    x = np.arange(6.0)
    y = np.array([0.0, 2.0, 1.0, 3.0, 5.0, 4.0])
    found = correlation.correlate(x, y, method="kendall")
    taus = [
        sum(np.sign(b - a) for a, b in itertools.combinations(order, 2)) / 15 for order in itertools.permutations(y)
    ]
    assert found.r[0, 0] == pytest.approx(11 / 15)
    assert found.p[0, 0] == pytest.approx(np.mean(np.abs(taus) >= 11 / 15 - 1e-12))


@given(few_values, st.integers(0, 99).map(np.random.default_rng))
def test_neither_order_nor_unit_of_measure_matters(x: np.ndarray, order: np.random.Generator) -> None:
    rows, signs = order.permutation(len(x)), np.array([1.0, -1.0, 1.0])
    for method in METHODS:
        one = correlation.correlate(x, method=method).r
        other = correlation.correlate(1e3 * x[rows] - 7e5, method=method).r
        np.testing.assert_allclose(one, other, atol=1e-9)
        turned = correlation.correlate(x * signs, method=method).r
        np.testing.assert_allclose(turned, one * np.outer(signs, signs), atol=1e-12)


@given(few_values)
def test_a_unit_of_which_one_side_is_unknown_does_not_count(x: np.ndarray) -> None:
    more = np.vstack([x, [[5.0, np.nan, np.nan], [np.nan, 1e9, np.nan]]])
    for method in METHODS:
        one, other = correlation.correlate(x, method=method), correlation.correlate(more, method=method)
        off = ~np.eye(3, dtype=bool)
        np.testing.assert_array_equal(one.n[off], other.n[off])
        np.testing.assert_allclose(one.r[off], other.r[off], atol=1e-9)


def test_a_huge_cell_outside_the_common_units_costs_no_digit() -> None:
    rng = np.random.default_rng(3)
    x = rng.standard_normal((30, 2))
    expected = stats.pearsonr(x[:, 0], x[:, 1]).statistic
    x = np.vstack([x, [1e12, np.nan]])
    assert correlation.correlate(x).r[0, 1] == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("method", METHODS)
def test_what_cannot_be_judged_is_unknown_and_not_zero(method: str) -> None:
    x = np.array([[1.0, 0.1, np.nan, 1.0], [2.0, 0.1, np.nan, 2.0], [3.0, 0.1, np.nan, np.nan], [4.0, 0.1, 1.0, 9.0]])
    x[:, 3] = [1, 5, np.nan, np.nan]
    found = correlation.correlate(x, method=method)
    expected = np.full((4, 4), np.nan)
    expected[0, 0] = 1.0
    np.testing.assert_array_equal(found.r, expected)
    np.testing.assert_array_equal(np.isnan(found.p), np.isnan(expected))
    assert set(correlation.judge(found.r, found.p).ravel()) == {"high", "unknown"}


@pytest.mark.parametrize("shape", [(1, 3), (5, 1), (0, 2), (4, 0)])
def test_one_unit_one_part_or_none_at_all_break_nothing(shape: tuple[int, int]) -> None:
    for method in METHODS:
        found = correlation.correlate(np.arange(math.prod(shape), dtype=float).reshape(shape), method=method)
        assert found.r.shape == (shape[1], shape[1])


def test_what_is_no_table_of_numbers_is_refused_by_name() -> None:
    x = np.ones((4, 2))
    with pytest.raises(BadRequest, match=r"'pearsn'.*pearson, spearman, kendall"):
        correlation.correlate(x, method="pearsn")
    with pytest.raises(BadRequest, match="x has 4 units and y 3"):
        correlation.correlate(x, np.ones((3, 2)))
    x[2, 1] = np.inf
    with pytest.raises(BadRequest, match=r"x\[2, 1\] is inf"):
        correlation.correlate(x)


def test_flags_follow_their_thresholds() -> None:
    r = np.array([0.92, 0.919, 0.3, 0.299, -0.2, -0.2, -0.95, np.nan])
    p = np.array([0.0, 0.0, 0.2, 0.2, 0.2, 0.01, 0.0, np.nan])
    expected = ["high", "", "", "weak", "weak", "negative", "negative", "unknown"]
    assert correlation.judge(r, p).tolist() == expected
    assert correlation.judge(np.array(0.5), np.array(0.0), high=0.4).tolist() == "high"
    with pytest.raises(BadRequest, match=r"weak=0\.5 and high=0\.4"):
        correlation.judge(r, p, weak=0.5, high=0.4)


def test_pairs_within_nodes_come_once_and_only_from_one_node() -> None:
    x = with_gaps(50, 5)
    parents = ["a", "b", "a", "a", "b"]
    pairs = correlation.within(x, parents, method="spearman")
    assert [(pair.first, pair.second) for pair in pairs] == [(0, 2), (0, 3), (1, 4), (2, 3)]
    assert [pair.parent for pair in pairs] == ["a", "a", "b", "a"]
    everything = correlation.correlate(x, method="spearman")
    for pair in pairs:
        assert pair.r == everything.r[pair.first, pair.second]
        assert pair.p == everything.p[pair.first, pair.second]
    with pytest.raises(BadRequest, match="parents has 2 names for 5 columns"):
        correlation.within(x, ["a", "b"])


def test_a_part_closer_to_another_node_than_to_its_own_is_flagged() -> None:
    rng = np.random.default_rng(4)
    skill, reach = rng.standard_normal((2, 80))
    noise = 0.3 * rng.standard_normal((80, 3))
    x = np.column_stack([skill, reach, skill]) + noise
    nodes = np.column_stack([skill, reach])
    pairs = correlation.across(x, nodes, ["skill", "reach"], own=["skill", "reach", "reach"])
    assert {(pair.first, pair.parent) for pair in pairs if pair.flag == "elsewhere"} == {(2, "reach")}
    assert [pair.flag for pair in pairs if pair.first == 2 and pair.parent == "skill"] == [""]
    plain = correlation.across(x, nodes, ["skill", "reach"])
    assert [pair.r for pair in plain] == [pair.r for pair in pairs]
    with pytest.raises(BadRequest, match=r"own names 'roads'.*skill, reach"):
        correlation.across(x, nodes, ["skill", "reach"], own=["skill", "roads", "reach"])


def test_redundant_parts_are_grouped_over_chains_and_in_both_directions() -> None:
    rng = np.random.default_rng(6)
    first = rng.standard_normal(200)
    second = first + 0.3 * rng.standard_normal(200)
    third = second + 0.3 * rng.standard_normal(200)
    x = np.column_stack([first, rng.standard_normal(200), second, -third, np.full(200, 1.0)])
    r = np.abs(np.corrcoef(x[:, :4].T))
    threshold = (r[0, 3] + min(r[0, 2], r[2, 3])) / 2  # the ends of the chain are not linked to each other
    found = correlation.redundant(x, parents=["a", "a", "a", "b", "b"], threshold=threshold)
    assert found.groups == ((0, 2, 3),)
    assert {(pair.first, pair.second): (pair.parent, pair.flag) for pair in found.pairs} == {
        (0, 2): ("a", "high"),
        (2, 3): ("", "mirror"),
    }
    assert abs(found.pairs[0].r) >= abs(found.pairs[1].r)
    assert correlation.redundant(x[:, :2]).groups == ()
    with pytest.raises(BadRequest, match="threshold must lie above 0"):
        correlation.redundant(x, threshold=0.0)


def test_most_correlations_of_independent_noise_have_no_small_p() -> None:
    x = np.random.default_rng(8).standard_normal((40, 60))
    off = np.triu_indices(60, 1)
    for method in METHODS:
        p = correlation.correlate(x, method=method).p[off]
        assert np.mean(p < 0.05) == pytest.approx(0.05, abs=0.02)
        assert np.mean(p) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall"])
def test_correlations_of_huge_and_tiny_numbers_are_those_of_usual_ones(method: str) -> None:
    x = np.random.default_rng(3).normal(size=(20, 2))
    usual = correlation.correlate(x, method=method)
    found = correlation.correlate(np.ldexp(x, [1020, -1000]), method=method)
    np.testing.assert_array_equal(found.r, usual.r)
