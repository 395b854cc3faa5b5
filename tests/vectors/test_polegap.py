"""How much stronger one tie is than another: closed forms, turned round, and where a tie is but bounded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softpower.errors import BadRequest
from softpower.vectors.polegap import pole_gap


def test_a_pole_gap_is_the_logarithm_of_how_much_stronger_one_tie_is():
    draws_a, draws_b = np.array([2.0, 4.0, 8.0, 16.0]), np.array([1.0, 2.0, 4.0, 32.0])
    gap = pole_gap(np.array(4.0), np.array(2.0), draws_a, draws_b, level=0.5)
    assert gap.value == pytest.approx(np.log(2))
    assert gap.size == pytest.approx(np.log(2))
    assert gap.above == 0.75
    # Draws -ln 2, ln 2, ln 2, ln 2: the lower quartile lies halfway between the first two by linear interpolation.
    assert gap.low == pytest.approx(np.log(2) * 0.5)
    assert gap.high == pytest.approx(np.log(2))


@given(arrays(np.float64, (2, 40), elements=st.floats(0.05, 50.0)), arrays(np.float64, 2, elements=st.floats(0.05, 50)))
def test_a_gap_turned_round_is_its_negative_and_its_size_the_same(draws, ties):
    one, two = pole_gap(*ties, *draws), pole_gap(*ties[::-1], *draws[::-1])
    assert one.value == pytest.approx(-two.value)
    assert one.low == pytest.approx(-two.high)
    assert one.high == pytest.approx(-two.low)
    equal = np.mean(np.log(draws[0]) == np.log(draws[1]))
    assert one.above + two.above == pytest.approx(1 - equal)
    assert one.size_low == pytest.approx(two.size_low)
    assert one.size_high == pytest.approx(two.size_high)
    assert one.low <= one.value <= one.high
    assert one.size_low <= one.size <= one.size_high


def test_a_gap_whose_sign_is_open_may_be_no_gap_at_all():
    draws = np.exp(np.linspace(-1, 2, 101))
    gap = pole_gap(np.array(np.e**0.5), np.array(1.0), draws, np.ones(101))
    assert gap.low < 0 < gap.high
    assert gap.size_low == 0
    assert gap.size_high == pytest.approx(gap.high)


def test_gaps_of_draws_that_move_together_are_narrower():
    random = np.random.default_rng(1)
    common, own = random.normal(0, 1, 4000), random.normal(0, 0.1, (2, 4000))
    together = pole_gap(np.array(2.0), np.array(1.0), 2 * np.exp(common + own[0]), np.exp(common + own[1]))
    # The variance of what they do not share: 0.1 ** 2 twice; 1.645 deviations either side.
    assert together.high - together.low == pytest.approx(2 * 1.645 * np.sqrt(0.02), rel=0.05)
    assert together.above == 1.0


def test_ties_that_are_unknown_or_zero_have_no_gap_and_draws_without_them_are_left_out():
    a, b = np.array([4.0, np.nan, 0.0, 4.0]), np.array([2.0, 1.0, 1.0, 2.0])
    draws_a = np.tile([[4.0], [8.0]], (1, 4))
    draws_a[1, 3] = np.nan
    gap = pole_gap(a, b, draws_a, np.full((2, 4), 2.0))
    assert np.isnan(gap.value).tolist() == [False, True, True, False]
    assert np.isnan(gap.low).tolist() == [False, True, True, False]
    assert gap.draws.tolist() == [2, 0, 0, 1]
    assert gap.above[[0, 3]].tolist() == [1.0, 1.0]
    undrawn = pole_gap(np.array(4.0), np.array(2.0), np.full(3, np.nan), np.full(3, 2.0))
    assert undrawn.size == pytest.approx(np.log(2))
    assert np.isnan([undrawn.low, undrawn.high, undrawn.above, undrawn.size_low, undrawn.size_high]).all()
    with pytest.raises(BadRequest, match="give both the same shape"):
        pole_gap(a, b, draws_a, np.full((3, 4), 2.0))


@given(arrays(np.float64, (4, 40), elements=st.floats(0.05, 50.0)))
def test_bounds_of_a_tie_widen_its_gap_by_as_much(drawn):
    a, b, more, still_more = drawn
    exact = pole_gap(np.array(1.0), np.array(1.0), a, b)
    found = pole_gap(np.array(1.0), np.array(1.0), a, b, most_a=a * 2, most_b=b * 3)
    assert found.low == pytest.approx(min(np.quantile(np.log(a / b), 0.05) - np.log(3), 0))
    assert found.high == pytest.approx(max(np.quantile(np.log(a / b), 0.95) + np.log(2), 0))
    wide = pole_gap(np.array(1.0), np.array(1.0), a, b, most_a=a + more, most_b=b + still_more)
    assert wide.low <= exact.low
    assert wide.high >= exact.high
    turned = pole_gap(np.array(1.0), np.array(1.0), b, a, most_a=b + still_more, most_b=a + more)
    assert turned.above == pytest.approx(1 - wide.above)
