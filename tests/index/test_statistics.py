"""Availability, statistics and correlations of raw indicators, against scipy, numpy and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from softpower.errors import BadRequest
from softpower.index.statistics import (
    Limits,
    availability,
    availability_by_group,
    correlations,
    describe,
    finite_or_missing,
    kurtosis,
    moderate,
    skew_and_kurtosis,
    skewness,
    strong_pairs,
)

CELLS = st.lists(st.one_of(st.just(np.nan), st.integers(-50, 50).map(float)), min_size=1, max_size=25).map(np.array)


def _table(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(size=60), rng.lognormal(sigma=1.5, size=60), -rng.gamma(0.5, size=60) * 1e9])
    x[rng.random(x.shape) < 0.1] = np.nan
    return x


@pytest.mark.parametrize("seed", range(4))
def test_skewness_and_kurtosis_are_those_of_scipy(seed: int) -> None:
    x = _table(seed)
    skew, excess = skew_and_kurtosis(x)
    np.testing.assert_allclose(skew, stats.skew(x, bias=False, nan_policy="omit"), rtol=1e-11)
    np.testing.assert_allclose(excess, stats.kurtosis(x, bias=False, nan_policy="omit"), rtol=1e-11)


@pytest.mark.parametrize("n", [4, 5, 10, 200])
def test_first_natural_numbers_have_no_skewness_and_a_kurtosis_of_minus_six_fifths(n: int) -> None:
    assert skewness(np.arange(n)) == pytest.approx(0, abs=1e-12)
    assert kurtosis(np.arange(n)) == pytest.approx(-1.2)


@pytest.mark.parametrize("x", [[], [np.nan], [3.0], [1.0, 2.0], [0.1] * 30, [0.1, np.nan, 0.1, 0.1, 0.1]])
def test_skewness_of_too_few_or_equal_cells_cannot_be_told(x: list[float]) -> None:
    assert np.isnan(skewness(x))
    assert np.isnan(kurtosis(x))


def test_three_cells_have_a_skewness_but_no_kurtosis() -> None:
    assert skewness([0.0, 0.0, 1.0]) == pytest.approx(np.sqrt(3))
    assert np.isnan(kurtosis([0.0, 0.0, 1.0]))


@given(CELLS, st.randoms(use_true_random=False), st.sampled_from([1e-150, 0.25, 3.0, 1e150]), st.sampled_from([-1, 1]))
def test_order_of_units_and_unit_of_measurement_do_not_matter_for_the_shape(x, random, scale, sign) -> None:
    order = random.sample(range(len(x)), len(x))
    skew, excess = skew_and_kurtosis(x)
    moved, same = skew_and_kurtosis(sign * scale * x[order])
    np.testing.assert_allclose(moved, sign * skew, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(same, excess, rtol=1e-9, atol=1e-9)


def test_statistics_of_an_indicator_by_hand() -> None:
    told = describe(np.array([[0.0], [2.0], [2.0], [np.nan], [4.0], [0.0]]))
    assert (told.minimum[0], told.maximum[0], told.mean[0], told.median[0]) == (0.0, 4.0, 1.6, 2.0)
    assert told.std[0] == pytest.approx(np.sqrt(2.8))
    assert (told.available[0], told.nonzero[0], told.unique[0], told.same[0]) == (5, 3, 3, 2)
    assert told.most_frequent[0] == 0.0
    assert (told.share_available[0], told.share_nonzero[0]) == (pytest.approx(5 / 6), pytest.approx(0.6))
    assert (told.share_unique[0], told.share_same[0]) == (pytest.approx(0.6), pytest.approx(0.4))


def test_flags_of_shares_are_raised_below_the_limits_and_not_at_them() -> None:
    x = np.array([[1.0, 0.0, 5.0, 1.0], [2.0, 0.0, 5.0, 2.0], [np.nan, 0.0, 5.0, 3.0], [np.nan, 9.0, 5.0, 99.0]])
    told = describe(x, limits=Limits(available=0.5, nonzero=0.25, unique=0.5, skew=1.0, kurtosis=1.0))
    assert not told.few_available.any()
    assert not told.few_nonzero.any()
    assert told.few_unique.tolist() == [False, False, True, False]
    assert told.outliers.tolist() == [False, True, False, True]
    told = describe(x, limits=Limits(available=0.51, nonzero=0.26, skew=1.999))
    assert told.few_available.tolist() == [True, False, False, False]
    assert told.few_nonzero.tolist() == [False, True, False, False]
    assert told.outliers.tolist() == [False, True, False, False]  # of skewness 2 and 1.9983


def test_indicator_nobody_has_is_flagged_for_that_alone() -> None:
    told = describe(np.full((3, 1), np.nan))
    assert np.isnan([told.mean[0], told.std[0], told.skew[0], told.share_nonzero[0], told.most_frequent[0]]).all()
    assert (told.available[0], told.few_available[0]) == (0, True)
    assert not np.any([told.few_nonzero, told.few_unique, told.outliers])


def test_one_unit_has_a_mean_and_no_spread() -> None:
    told = describe(np.array([[7.0, np.nan]]))
    np.testing.assert_array_equal(told.mean, [7.0, np.nan])
    assert np.isnan(told.std).all()


def test_missing_is_not_zero() -> None:
    told = availability(np.array([[0.0, np.nan, 1.0], [np.nan, np.nan, np.nan]]))
    assert told.missing.tolist() == [1, 3]
    assert told.zero.tolist() == [1, 0]
    assert told.missing_or_zero.tolist() == [2, 3]
    np.testing.assert_allclose(told.share_available, [2 / 3, 0.0])
    np.testing.assert_allclose(told.share_nonzero, [0.5, np.nan])


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=8), st.integers(0, 2**32 - 1))
def test_groups_of_indicators_add_up_to_the_whole(groups: list[str], seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 3, size=(5, len(groups))).astype(float)
    x[rng.random(x.shape) < 0.3] = np.nan
    whole, parts = availability(x), availability_by_group(x, groups)
    np.testing.assert_array_equal(np.sum([part.missing for part in parts.values()], axis=0), whole.missing)
    np.testing.assert_array_equal(np.sum([part.zero for part in parts.values()], axis=0), whole.zero)


def test_correlations_are_those_of_numpy_over_the_units_that_have_both() -> None:
    x, others = _table(7), _table(8)
    found = correlations(x, others)
    for i in range(3):
        for j in range(3):
            both = np.isfinite(x[:, i]) & np.isfinite(others[:, j])
            assert found[i, j] == pytest.approx(np.corrcoef(x[both, i], others[both, j])[0, 1], rel=1e-10)


def test_correlation_with_a_constant_or_on_one_unit_cannot_be_told() -> None:
    found = correlations([[1.0, 1.0], [2.0, np.nan], [4.0, np.nan]], [[3.0], [3.0], [3.0]])
    assert np.isnan(found).all()
    assert strong_pairs(found, above=0.0) == []


def test_strong_pairs_run_both_ways_and_start_with_the_strongest() -> None:
    assert strong_pairs([[0.61, -0.9], [0.6, np.nan]], above=0.6) == [(0, 1, -0.9), (0, 0, 0.61)]


@pytest.mark.parametrize("call", [describe, availability, skew_and_kurtosis, finite_or_missing])
def test_infinite_cells_are_refused_with_their_place(call) -> None:
    with pytest.raises(BadRequest, match=r"-inf at position 1, 0 .* and 1 more"):
        call([[1.0, 2.0], [-np.inf, np.inf]])


def test_shapes_that_do_not_fit_are_refused() -> None:
    for call in (
        lambda: describe([1.0, 2.0]),
        lambda: availability(np.zeros((2, 0))),
        lambda: availability([1.0]),
        lambda: availability_by_group([[1.0, 2.0]], ["a"]),
        lambda: correlations([[1.0]], [[1.0], [2.0]]),
        lambda: skewness(np.zeros((2, 2, 2))),
    ):
        with pytest.raises(BadRequest):
            call()


@pytest.mark.parametrize("power", [-1000, 1, 1000])
def test_units_of_measurement_of_any_size_neither_overflow_nor_change_a_digit(power: int) -> None:
    x = _table(1)
    x[:, 2] /= 1e9
    usual, found = describe(x), describe(np.ldexp(x, power))
    for name in ("mean", "median", "std", "minimum", "maximum"):
        np.testing.assert_array_equal(getattr(found, name), np.ldexp(getattr(usual, name), power))
    np.testing.assert_array_equal(found.skew, usual.skew)
    np.testing.assert_array_equal(found.kurtosis, usual.kurtosis)
    np.testing.assert_array_equal(correlations(np.ldexp(x, power), x), correlations(x, x))


@given(CELLS)
def test_moderate_cells_are_at_most_one_and_give_the_cells_back(cells: np.ndarray) -> None:
    small, power = moderate(cells)
    assert np.nanmax(np.abs(small), initial=0.0) <= 1
    np.testing.assert_array_equal(np.ldexp(small, power), cells)
