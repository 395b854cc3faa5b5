"""Concentration and evenness: closed forms, scipy's entropy, and every way to break up what is not named."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import entropy

from softpower.errors import BadRequest
from softpower.vectors.spread import cells, effective_bounds, evenness_bounds, hhi_bounds

sizes = st.floats(0.01, 1000.0)
values = arrays(np.float64, st.integers(2, 12), elements=sizes)


@pytest.mark.parametrize("n", [1, 2, 7, 190])
def test_equal_partners_have_an_index_of_one_over_their_number_and_count_as_that_many(n):
    value = np.full(n, 3.0)
    assert hhi_bounds(value)[0] == pytest.approx(1 / n, rel=1e-12)
    assert effective_bounds(value)[0] == pytest.approx(n, rel=1e-12)


def test_shares_of_a_half_a_third_and_a_sixth_give_the_index_seven_eighteenths():
    assert hhi_bounds(np.array([3.0, 2.0, 1.0]))[0] == pytest.approx(7 / 18, rel=1e-12)


@given(values)
def test_effective_partners_are_those_of_scipys_entropy(value):
    assert effective_bounds(value)[0] == pytest.approx(np.exp(entropy(value)), rel=1e-9)


@given(values)
def test_effective_partners_by_entropy_lie_between_those_by_the_index_and_their_number(value):
    """Hill numbers fall with their order: 0 counts partners, 1 is entropy, 2 the index."""
    by_index, by_entropy = 1 / hhi_bounds(value)[0], effective_bounds(value)[0]
    assert by_index <= by_entropy * (1 + 1e-12)
    assert by_entropy <= len(value) * (1 + 1e-12)


@given(values, st.floats(1e-3, 1e3), st.randoms(use_true_random=False))
def test_unit_order_and_partners_without_a_tie_change_nothing(value, factor, random):
    other = np.append(value * factor, [0.0, np.nan])
    order = list(range(len(other)))
    random.shuffle(order)
    for measure in (hhi_bounds, effective_bounds):
        assert measure(other[order])[0] == pytest.approx(measure(value)[0], rel=1e-9)


def test_two_of_one_size_are_one_of_weight_two():
    value, weight = np.array([5.0, 2.0]), np.array([[1.0, 3.0], [2.0, 1.0]])
    written_out = [np.array([5.0, 2.0, 2.0, 2.0]), np.array([5.0, 5.0, 2.0])]
    for measure in (hhi_bounds, effective_bounds):
        expected = [float(measure(each)[0]) for each in written_out]
        assert measure(value, weight=weight)[0] == pytest.approx(expected, rel=1e-12)


def test_half_a_partner_that_has_nearly_everything_does_not_take_the_index_beyond_one():
    value, weight = np.array([1000.0, 1.0]), np.array([[0.5, 1.5]])
    assert hhi_bounds(value, weight=weight)[0].tolist() == [1.0]
    assert effective_bounds(value, weight=weight)[0].tolist() == [1.0]


def test_nothing_at_all_has_no_concentration():
    nothing = np.array([0.0, np.nan])
    member = np.array([[True, False]])
    found = (*hhi_bounds(nothing), *effective_bounds(nothing), *evenness_bounds(nothing, member))
    assert np.isnan(found).all()


def _broken_up(rest: int, largest: int, unnamed: int) -> list[list[int]]:
    """Every way to share out whole units among a number of partners."""
    return [list(parts) for parts in product(range(largest + 1), repeat=unnamed) if sum(parts) == rest]


@pytest.mark.parametrize(("rest", "largest", "unnamed"), [(6, 6, 3), (6, 2, 4), (5, 2, 5), (8, 3, 4), (4, 4, 1)])
def test_bounds_are_the_extremes_of_every_way_to_break_up_the_rest(rest, largest, unnamed):
    value = np.array([7.0, 4.0, 3.0])
    ways = [np.append(value, parts) for parts in _broken_up(rest, largest, unnamed)]
    squares = [((way / way.sum()) ** 2).sum() for way in ways]
    numbers = [np.exp(entropy(way)) for way in ways]
    low, high = hhi_bounds(value, rest=rest, largest=largest, unnamed=unnamed)
    fewest, many = effective_bounds(value, rest=rest, largest=largest, unnamed=unnamed)
    # Whole units reach the uneven end exactly; the even one only where they can be shared out evenly.
    assert high == pytest.approx(max(squares), rel=1e-12)
    assert fewest == pytest.approx(min(numbers), rel=1e-12)
    even = np.append(value, np.full(unnamed, rest / unnamed))
    assert low == pytest.approx(((even / even.sum()) ** 2).sum(), rel=1e-12)
    assert many == pytest.approx(np.exp(entropy(even)), rel=1e-12)
    assert low <= min(squares) + 1e-12
    assert many >= max(numbers) - 1e-12


def test_without_limits_the_rest_is_dust_or_one_partner():
    low, high = hhi_bounds(np.array([5.0, 3.0]), rest=2.0)
    assert low == pytest.approx(0.34)
    assert high == pytest.approx(0.38)
    fewest, many = effective_bounds(np.array([5.0, 3.0]), rest=2.0)
    assert fewest == pytest.approx(np.exp(entropy([5, 3, 2])))
    assert np.isposinf(many)


@given(values, st.floats(0.0, 500.0))
def test_the_index_of_any_completion_lies_within_the_bounds(value, rest):
    low, high = hhi_bounds(value, rest=rest)
    halves = np.append(value, [rest / 2, rest / 2])
    index = ((halves / halves.sum()) ** 2).sum()
    assert low * (1 - 1e-12) <= index <= high * (1 + 1e-12)
    if rest == 0:
        assert low == high


def test_a_rest_that_its_partners_cannot_hold_is_refused():
    with pytest.raises(BadRequest, match="a rest of 10 does not fit into 3 partners of at most 2"):
        hhi_bounds(np.array([5.0, 2.0]), rest=10.0, largest=2.0, unnamed=3)
    with pytest.raises(BadRequest, match="does not fit"):
        effective_bounds(np.array([5.0]), rest=10.0, largest=0.0)


def test_a_partner_of_three_vectors_is_split_into_thirds():
    member = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 0]], dtype=bool)
    assert cells(np.array([9.0, 2.0, 4.0, 5.0]), member).tolist() == [5.0, 7.0, 3.0, 5.0]


@given(values, st.data())
def test_cells_sum_to_the_whole_and_follow_the_order_of_the_vectors(value, data):
    member = data.draw(arrays(np.bool_, (3, len(value))))
    found = cells(value, member)
    assert found.sum() == pytest.approx(value.sum(), rel=1e-9)
    assert cells(value, member[[2, 0, 1]])[[1, 2, 0, 3]] == pytest.approx(found, rel=1e-9, abs=1e-12)
    order = evenness_bounds(value, member[[2, 0, 1]])[0]
    assert evenness_bounds(value, member)[0] == pytest.approx(order, rel=1e-9)


def test_evenness_is_one_where_cells_are_equal_and_zero_where_all_is_in_one():
    member = np.array([[1, 0, 0], [0, 1, 0]], dtype=bool)
    assert evenness_bounds(np.array([2.0, 2.0, 2.0]), member)[0] == pytest.approx(1.0, abs=1e-12)
    assert evenness_bounds(np.array([2.0, 0.0, 0.0]), member)[0] == 0.0
    assert evenness_bounds(np.array([0.0, 0.0, 2.0]), member)[0] == 0.0
    # Half and half of three cells: log 2 / log 3.
    assert evenness_bounds(np.array([2.0, 0.0, 2.0]), member)[0] == pytest.approx(np.log(2) / np.log(3))


@pytest.mark.parametrize("whole", [None, np.array([True, False, False]), np.array([True, True, True])])
@pytest.mark.parametrize("rest", [1, 4, 7])
def test_evenness_is_bounded_by_every_way_to_pour_the_rest_into_open_cells(whole, rest):
    value, member = np.array([8.0, 3.0, 1.0, 2.0]), np.eye(3, 4, dtype=bool)
    open_cells = np.append(np.ones(3, dtype=bool) if whole is None else ~whole, True)
    grid = [np.arange(0, rest + 0.5, 0.5) if each else [0.0] for each in open_cells]
    ways = [parts for parts in product(*grid) if sum(parts) == rest]
    found = [entropy(value + np.array(parts)) / np.log(4) for parts in ways]
    low, high = evenness_bounds(value, member, rest=float(rest), whole=whole)
    assert low == pytest.approx(min(found), rel=1e-12)
    assert max(found) - 1e-12 <= high <= max(found) + 1e-2  # the grid comes close to the level, not always onto it


def test_evenness_of_many_rows_is_that_of_each():
    random = np.random.default_rng(3)
    value, member = random.gamma(1.0, size=(6, 5)), random.random((3, 5)) < 0.5
    low, high = evenness_bounds(value, member, rest=2.0)
    one_by_one = [evenness_bounds(row, member, rest=2.0) for row in value]
    np.testing.assert_allclose(np.stack([low, high], axis=1), one_by_one, rtol=1e-12)
