"""Indicators per head, per area, per unit of output."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softpower.errors import BadRequest
from softpower.index.denominate import denominate


def test_each_indicator_is_divided_by_the_same_denominator_and_scaled_by_its_own_factor() -> None:
    found = denominate([[10.0, 3.0], [8.0, np.nan]], [5.0, 2.0], scale=[1.0, 1000.0])
    np.testing.assert_allclose(found, [[2.0, 600.0], [4.0, np.nan]])


def test_missing_denominators_give_missing_cells_not_zeros() -> None:
    np.testing.assert_array_equal(denominate([1.0, 0.0], [np.nan, 4.0]), [np.nan, 0.0])


@pytest.mark.parametrize("wrong", [0.0, -3.0])
def test_a_denominator_of_zero_or_less_is_refused_with_the_unit_that_has_it(wrong: float) -> None:
    with pytest.raises(BadRequest, match=rf"population must be above zero, but is not for KAZ \({wrong:g}\)"):
        denominate([1.0, np.nan], [2.0, wrong], units=["AUT", "KAZ"], name="population")


def test_only_the_first_of_many_wrong_denominators_are_named() -> None:
    with pytest.raises(BadRequest, match=r"unit 4 \(0\) and 15 more"):
        denominate(np.ones(20), np.zeros(20))


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=20), st.floats(1e-6, 1e6))
def test_unit_of_the_denominator_is_taken_up_by_the_scale(sizes: list[int], unit: float) -> None:
    x, size = np.arange(len(sizes), dtype=float), np.array(sizes, dtype=float)
    np.testing.assert_allclose(denominate(x, size * unit, scale=unit), denominate(x, size), rtol=1e-12)


def test_arguments_that_do_not_fit_are_refused() -> None:
    x = np.ones((3, 2))
    for call in (
        lambda: denominate(x, [1.0, 2.0]),
        lambda: denominate(x, [1.0, 2.0, 3.0], scale=[1.0, 2.0, 3.0]),
        lambda: denominate(x, [1.0, 2.0, 3.0], scale=0.0),
        lambda: denominate(x, [1.0, 2.0, 3.0], scale=np.nan),
        lambda: denominate(x, [1.0, 2.0, np.inf]),
        lambda: denominate(x, [1.0, 2.0, 3.0], units=["AUT"]),
    ):
        with pytest.raises(BadRequest):
            call()
