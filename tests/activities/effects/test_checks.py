"""Checks of input: what they let through, what they refuse, and the remedy they name."""

import numpy as np
import pytest

from softpower.activities.effects.checks import (
    check_noise,
    check_share,
    check_span,
    finite_series,
    finite_table,
    straight,
    whole,
)
from softpower.errors import BadRequest, NotEnoughData


@pytest.mark.parametrize("value", [0, 1, -0.1, 95, np.nan, np.inf, "0.95", None, 0.5j])
def test_only_what_lies_between_nought_and_one_is_a_share(value):
    with pytest.raises(BadRequest, match=r"level .*: give a share between 0 and 1, such as 0\.95"):
        check_share("level", value)


@pytest.mark.parametrize("value", [0.05, np.float32(0.95), np.float64(1e-9)])
def test_a_share_of_any_type_passes(value):
    check_share("size", value)


@pytest.mark.parametrize(
    ("value", "remedy"),
    [(60.0, "give 60"), (np.float64(3), "give 3"), (0.7, "give one"), ("3", "give one"), (None, "")],
)
def test_what_is_no_whole_number_is_refused_with_the_one_that_may_be_meant(value, remedy):
    with pytest.raises(BadRequest, match=f"start .* is no whole number: {remedy}"):
        whole("start", value)


def test_a_span_needs_a_period_on_either_side():
    check_span(1, 1)
    for before, after in ((0, 1), (1, 0)):
        with pytest.raises(BadRequest, match=f"{before} periods before and {after} from the event on"):
            check_span(before, after)
    with pytest.raises(BadRequest, match=r"periods before 1\.5 is no whole number"):
        check_span(1.5, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [["1,5", "2"], [[1, 2], [3]], [{}], [1 + 2j, 3]])
def test_what_cannot_be_read_as_numbers_is_refused_with_the_remedy(values):
    for read in (finite_series, finite_table):
        with pytest.raises(BadRequest, match="give numbers with a decimal point"):
            read(values)


def test_a_table_keeps_its_holes_and_a_series_may_have_none():
    assert np.array_equal(finite_table([[1, np.nan], [-np.inf, 2]]), [[1, np.nan], [np.nan, 2]], equal_nan=True)
    with pytest.raises(NotEnoughData, match="period 1 of 0 to 3 is missing, 2 in all"):
        finite_series([1, np.nan, np.inf, 2])
    with pytest.raises(BadRequest, match="one series"):
        finite_series([[1, 2]])
    with pytest.raises(BadRequest, match="one row for each unit"):
        finite_table([1, 2])


@pytest.mark.parametrize("size", [1e61, 1e300, 1e-61, 1e-300])
def test_a_unit_in_which_powers_are_no_numbers_is_refused_by_name(size):
    with pytest.raises(BadRequest, match="give the outcome in another unit"):
        finite_series([size, 0.0])
    assert finite_series([size / size, 0.0]).tolist() == [1.0, 0.0]


@pytest.mark.parametrize("line", [np.full(500, 1 / 3), 1e9 + np.arange(500) / 7, -1e-9 * np.arange(500) / 3])
def test_a_line_is_one_whatever_rounding_does_to_it(line):
    with pytest.raises(NotEnoughData, match="no noise"):
        check_noise(line)


@pytest.mark.parametrize("level", [0.0, 1e6, 1e10])
def test_noise_of_one_is_seen_on_any_level_that_holds_it(level):
    check_noise(level + np.random.default_rng(1).normal(size=40))


def test_the_straight_beginning_of_a_series_is_counted():
    assert straight(np.array([0.0, 0, 0, 0, 5, 1])) == 4
    assert straight(np.array([0.0, 1, 2, 3, 4])) == 5
    assert straight(np.array([0.0, 1, 0, 1])) == 2


@pytest.mark.parametrize("season", [None, 2, 4])
def test_the_straight_beginning_is_as_long_as_a_regression_leaves_nothing(season):
    rng = np.random.default_rng(3)
    for begins in (5, 8, 11):
        time = np.arange(14)
        y = 2.0 * time + rng.normal(size=4)[time % (season or 1)] + np.where(time >= begins, rng.normal(size=14), 0)
        x = np.column_stack([time, *(time % (season or 1) == place for place in range(season or 1))]).astype(float)
        left = [y[:n] - x[:n] @ np.linalg.lstsq(x[:n], y[:n], rcond=None)[0] for n in range(1, 15)]
        assert straight(y, season) == sum(bool(np.abs(each).max() < 1e-9) for each in left)
