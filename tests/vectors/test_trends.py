"""Change of shares: hand-worked cases, scipy's Theil-Sen slopes, and worlds in which the true change is known."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import theilslopes

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.shares import balance, shares
from softpower.vectors.trends import change, slope

# Ten partners in two years; the vector of the first four takes 30 of 100, then 54 of 120.
VALUE = np.array(
    [
        [7.0, 8.0, 7.0, 8.0, 20.0, 20.0, 10.0, 8.0, 6.0, 6.0],
        [13.0, 14.0, 13.0, 14.0, 18.0, 17.0, 10.0, 9.0, 7.0, 5.0],
    ]
)
FIRST_FOUR = np.arange(10)[None] < 4
YEARS = np.array([2018, 2023])

paths = arrays(np.float64, (6, 8), elements=st.floats(0.01, 1000.0))
members = arrays(np.bool_, (3, 8))


def test_a_change_of_thirty_to_forty_five_per_cent_is_fifteen_points_up_and_down_for_the_others():
    found = change(VALUE, np.vstack([FIRST_FOUR, ~FIRST_FOUR]), YEARS, seed=1)
    assert (found.first, found.last) == (2018, 2023)
    assert found.start == pytest.approx([0.30, 0.70])
    assert found.end == pytest.approx([0.45, 0.55])
    assert found.change.least == pytest.approx([0.15, -0.15])
    assert found.verdict == ("rose", "fell")
    assert found.change.low[0] == pytest.approx(-found.change.high[1])
    assert (found.partners, found.left_out) == (10, 0)
    assert found.by_members.tolist() == [0.0, 0.0]


def test_a_change_that_rests_on_one_partner_is_not_clear():
    """One of four members has three times as much, the others less: without that one the share would have fallen."""
    value = np.array([[10.0] * 4 + [20.0] * 6, [40.0, 6.0, 6.0, 6.0, *[20.0] * 6]])
    found = change(value, FIRST_FOUR, YEARS, seed=1)
    assert found.change.least[0] > 0.05
    assert found.change.low[0] < 0 < found.change.high[0]
    assert found.verdict == ("no clear change",)


def test_three_partners_that_all_moved_one_way_are_too_few_for_a_verdict_and_four_are_not():
    member = np.arange(10)[None] < np.array([[3], [4]])
    found = change(VALUE, member, YEARS, seed=1)
    assert (found.change.low > 0).all()
    assert found.verdict == ("too few partners", "rose")
    assert change(VALUE, ~member, YEARS, seed=1).verdict == ("too few partners", "fell")


def test_the_same_ties_in_both_years_have_no_change_and_no_width():
    found = change(VALUE[[0, 0]], FIRST_FOUR, YEARS, seed=1)
    for bound in (found.change.least, found.change.low, found.change.high):
        assert bound.tolist() == [0.0]
    assert found.verdict == ("no clear change",)


def test_the_interval_of_a_change_is_narrower_than_those_of_the_shares_suggest():
    found = change(VALUE, FIRST_FOUR, YEARS, seed=1, draws=4000).change
    ends = [balance(value, FIRST_FOUR, seed=seed, draws=4000).shares for seed, value in enumerate(VALUE)]
    unpaired = np.linalg.norm([(end.high - end.low).item() for end in ends])
    assert (found.high - found.low).item() < unpaired / 3


@given(paths, members)
def test_shares_at_the_ends_are_those_of_each_year_alone(value, member):
    found = change(value, member, np.arange(6), seed=2, draws=5)
    np.testing.assert_allclose(found.start, shares(value[0], member), rtol=1e-9)
    np.testing.assert_allclose(found.end, shares(value[-1], member), rtol=1e-9)


@given(paths, members, arrays(np.float64, 6, elements=st.floats(1e-3, 1e3)))
def test_the_unit_of_each_year_does_not_matter(value, member, unit):
    for measure, name in ((change, "change"), (slope, "slope")):
        one, two = (measure(each, member, np.arange(6), seed=2, draws=10) for each in (value, value * unit[:, None]))
        for field in fields(getattr(one, name)):
            a, b = (getattr(getattr(each, name), field.name) for each in (one, two))
            np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-9)


@given(paths, members)
def test_time_run_backwards_turns_every_change_round(value, member):
    for measure, name in ((change, "change"), (slope, "slope")):
        one = measure(value, member, np.arange(6), seed=2, draws=10)
        two = measure(value[::-1], member, np.arange(6), seed=2, draws=10)
        a, b = getattr(one, name), getattr(two, name)
        np.testing.assert_allclose(b.least, -a.least, atol=1e-12)
        np.testing.assert_allclose(b.low, -a.high, atol=1e-12)
        np.testing.assert_allclose(b.high, -a.low, atol=1e-12)


@given(paths, members, st.lists(st.integers(1, 4), min_size=6, max_size=6))
def test_slopes_are_those_of_scipy_also_with_gaps_between_years(value, member, steps):
    years = 2000 + np.cumsum(steps)
    found = slope(value, member, years, seed=3, draws=5)
    path = shares(value, member)
    expected = [theilslopes(path[:, vector], years)[0] for vector in range(3)]
    np.testing.assert_allclose(found.slope.least, expected, rtol=1e-9, atol=1e-12)


def test_one_odd_year_does_not_turn_a_slope():
    inside = np.array([0.10, 0.12, 0.14, 0.90, 0.18, 0.20])
    value = np.stack([inside / 2, inside / 2, (1 - inside) / 2, (1 - inside) / 2], axis=1)
    found = slope(value, np.array([[1, 1, 0, 0]], dtype=bool), np.arange(2018, 2024), seed=1)
    assert found.slope.least == pytest.approx([0.02])
    assert found.years.tolist() == [2018, 2019, 2020, 2021, 2022, 2023]


def test_years_in_which_nothing_is_known_are_passed_over_and_nothing_is_said_beyond_the_known():
    value = np.vstack([np.full(10, np.nan), VALUE[0], np.full(10, np.nan), VALUE[1], np.zeros(10)])
    found = change(value, FIRST_FOUR, np.array([2015, 2018, 2020, 2023, 2024]), seed=1)
    alone = change(VALUE, FIRST_FOUR, YEARS, seed=1)
    assert (found.first, found.last) == (2018, 2023)
    for field in fields(alone.change):
        np.testing.assert_array_equal(getattr(found.change, field.name), getattr(alone.change, field.name))
    with pytest.raises(NotEnoughData, match="known in 2 of 5 years; 5 or more are needed"):
        slope(value, FIRST_FOUR, np.array([2015, 2018, 2020, 2023, 2024]), seed=1)
    with pytest.raises(NotEnoughData, match="known in 1 of 1 years; 2 or more are needed"):
        change(VALUE[:1], FIRST_FOUR, YEARS[:1], seed=1)


def test_a_partner_unknown_in_one_year_is_left_out_of_both_and_its_reporting_is_no_change():
    """Else the share would have fallen from 30 to 18 per cent only because two members ceased to report."""
    value = np.vstack([VALUE[0], VALUE[0]])
    value[1, [0, 1]] = np.nan
    found = change(value, FIRST_FOUR, YEARS, seed=1)
    assert found.left_out == 2
    assert found.start == pytest.approx([15 / 85])
    assert found.change.least.tolist() == [0.0]


def test_with_a_rest_such_a_partner_is_part_of_it_and_the_change_is_bounded():
    value = np.vstack([VALUE[0], VALUE[0]])
    value[1, 0] = np.nan
    found = change(value, FIRST_FOUR, YEARS, rest=np.array([0.0, 7.0]), seed=1)
    assert found.left_out == 0
    assert found.start == pytest.approx([0.3])
    assert found.end == pytest.approx([0.23])
    # In truth nothing changed: the unknown one has the 7 of the rest.
    assert found.change.least == pytest.approx([-0.07])
    assert found.change.most == pytest.approx([0.0])
    assert found.verdict == ("no clear change",)


def test_vectors_whose_members_are_all_named_have_an_exact_change_under_a_rest():
    flags = np.vstack([FIRST_FOUR, ~FIRST_FOUR])
    found = change(VALUE, flags, YEARS, rest=np.array([50.0, 30.0]), whole=np.array([True, False]), seed=1)
    assert found.change.least[0] == found.change.most[0] == pytest.approx(54 / 150 - 30 / 150)
    # The others: 70 to 120 of 150, then 66 to 96 of 150.
    assert found.change.least[1] == pytest.approx((66 - 120) / 150)
    assert found.change.most[1] == pytest.approx((96 - 70) / 150)


@given(paths, members, arrays(np.float64, 6, elements=st.floats(0.0, 100.0)), st.data())
def test_whatever_the_rest_was_the_slope_lies_within_its_bounds(value, member, rest, data):
    found = slope(value, member, np.arange(6), rest=rest, seed=1, draws=2).slope
    part = data.draw(arrays(np.float64, 6, elements=st.floats(0.0, 1.0)))
    revealed = np.column_stack([value, rest * part, rest * (1 - part)])
    flags = np.column_stack([member, np.ones(3, dtype=bool), np.zeros(3, dtype=bool)])
    true = slope(revealed, flags, np.arange(6), seed=1, draws=2).slope.least
    known = ~np.isnan(found.least)
    assert (found.least[known] <= true[known] + 1e-12).all()
    assert (true[known] <= found.most[known] + 1e-12).all()


def test_members_who_come_to_belong_are_told_apart_from_ties_that_grow():
    joined = np.stack([np.arange(10)[None] < 3, FIRST_FOUR])
    found = change(VALUE[[0, 0]], joined, YEARS, seed=1)
    assert found.change.least == pytest.approx([0.08])
    assert found.by_members == pytest.approx([0.08])
    both = change(VALUE, joined, YEARS, seed=1)
    assert both.change.least == pytest.approx([0.45 - 0.22])
    assert both.by_members == pytest.approx([14 / 120])


def test_a_country_of_its_own_has_a_verdict_and_a_vector_with_one_tie_has_none():
    member = np.zeros((3, 11), dtype=bool)
    member[0, 0] = member[1, 3] = member[1, 10] = True
    value = np.column_stack([VALUE, [0.0, 0.0]])
    found = change(value, member, YEARS, seed=1)
    assert found.verdict == ("rose", "too few partners", "too few partners")
    assert np.isnan(found.change.low).tolist() == [False, True, True]
    assert np.isnan(found.change.least).tolist() == [False, False, True]


def test_the_same_seed_gives_the_same_bytes():
    one, two = (change(VALUE, FIRST_FOUR, YEARS, seed=9).change.low.tobytes() for _ in range(2))
    assert one == two


def _verdicts(worlds: int, *, partners: int, spread: float, growth: float) -> tuple[float, float, float]:
    """How often the interval holds the true change, and shares of "rose" and "fell".

    Partners differ by ``spread`` in logarithms and move by 0.3 from year to year, each for itself; besides, the ties to
    three tenths of them grow by the factor ``growth``.
    """
    random = np.random.default_rng(8)
    after = 0.3 * growth / (0.3 * growth + 0.7)
    held, rose, fell = 0, 0, 0
    for seed in range(worlds):
        value = random.lognormal(0, spread, partners)
        member = random.random((1, partners)) < 0.3
        later = value * random.lognormal(-0.045, 0.3, partners) * np.where(member[0], growth, 1.0)
        found = change(np.stack([value, later]), member, YEARS, seed=seed, draws=200)
        held += bool(found.change.low[0] <= after - 0.3 <= found.change.high[0])
        rose += found.verdict[0] == "rose"
        fell += found.verdict[0] == "fell"
    return held / worlds, rose / worlds, fell / worlds


@pytest.mark.parametrize(("partners", "spread"), [(150, 0.5), (150, 2.0), (40, 1.0)])
def test_where_nothing_changes_in_truth_about_nine_of_ten_verdicts_say_so(partners, spread):
    held, rose, fell = _verdicts(200, partners=partners, spread=spread, growth=1.0)
    assert 0.82 <= held <= 0.97
    assert rose < 0.12
    assert fell < 0.12


def test_a_doubling_of_the_ties_to_three_tenths_of_the_partners_is_nearly_always_seen():
    _, rose, fell = _verdicts(100, partners=100, spread=1.5, growth=2.0)
    assert rose > 0.9
    assert fell == 0


def test_faults_of_the_arrays_are_refused_by_name():
    for value, member, years, what in (
        (VALUE, FIRST_FOUR, YEARS[::-1], "years must rise"),
        (VALUE, FIRST_FOUR, np.array([2018, 2018]), "years must rise"),
        (VALUE, FIRST_FOUR, np.arange(3), "one row of values for each year"),
        (VALUE, FIRST_FOUR[:, :5], YEARS, "a column for each partner"),
        (VALUE, np.stack([FIRST_FOUR] * 3), YEARS, "a column for each partner"),
        (-VALUE, FIRST_FOUR, YEARS, "negative or infinite"),
    ):
        with pytest.raises(BadRequest, match=what):
            change(value, member, years, seed=1)
    with pytest.raises(BadRequest, match="one for each year"):
        change(VALUE, FIRST_FOUR, YEARS, rest=np.zeros(3), seed=1)
    with pytest.raises(BadRequest, match="rest must be zero or more"):
        change(VALUE, FIRST_FOUR, YEARS, rest=np.nan, seed=1)
    with pytest.raises(BadRequest, match="level must lie"):
        change(VALUE, FIRST_FOUR, YEARS, level=1.0, seed=1)
    apart = np.where(np.eye(2, 10, dtype=bool), 1.0, np.nan)
    with pytest.raises(NotEnoughData, match="known in all of the years"):
        change(apart, FIRST_FOUR, YEARS, seed=1)
