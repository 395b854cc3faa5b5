"""Placebos: what is counted, and how often they see a change where there is none, and one where there is."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from softpower.activities.effects.estimate import METHODS, Method, estimate
from softpower.activities.effects.placebo import in_space, in_time, without_each
from softpower.activities.effects.verdict import Verdict, judge
from softpower.errors import BadRequest, NotEnoughData
from tests.activities.effects.worlds import factor_world, named, persistent_world


def test_each_other_unit_stands_in_once_for_a_single_treated_one_and_what_the_effect_left_in_it_is_taken_off() -> None:
    panel = factor_world(8, 1, 10, 6, 1)
    found = in_space(panel, "did")
    change = panel.outcome[:, 6:].mean(axis=1) - panel.outcome[:, :6].mean(axis=1)
    others = (change.sum() - change) / 7
    np.testing.assert_allclose(found.null_att, (change - others)[1:])
    assert found.att == pytest.approx(change[0] - others[0])
    np.testing.assert_allclose(found.null_share, -1 / 7)
    np.testing.assert_allclose(found.noise, (change - others)[1:] + found.att / 7)
    assert found.spread == pytest.approx(np.std(found.noise, ddof=1))
    assert found.whole


@pytest.mark.parametrize("method", METHODS)
def test_what_is_left_of_an_effect_in_other_assignments_is_what_it_adds_there_with_the_same_weights(
    method: Method,
) -> None:
    """Weights move with the outcome only where it comes before the start, but for those of periods."""
    panel = factor_world(9, 2, 12, 8, 4)
    moved = panel.outcome.copy()
    moved[:2, 8:] += 5.0
    before, after = (in_space(named(each, panel.start), method) for each in (panel.outcome, moved))
    if method != "sdid":
        np.testing.assert_allclose(after.null_att - before.null_att, 5.0 * before.null_share, atol=1e-8)
        np.testing.assert_allclose(after.noise, before.noise, atol=1e-7)
    assert np.mean(abs(after.null_att - before.null_att - 5.0 * after.null_share)) < 0.5


def test_the_p_value_is_the_share_of_units_whose_change_is_as_far_from_that_of_all_others() -> None:
    for seed in range(20):
        panel = factor_world(9, 1, 10, 6, seed)
        change = panel.outcome[:, 6:].mean(axis=1) - panel.outcome[:, :6].mean(axis=1)
        away = abs(change - change.mean())
        assert in_space(panel, "did").p_value == pytest.approx(np.mean(away >= away[0]))


def test_all_sets_of_units_stand_in_for_several_treated_ones_if_they_are_few() -> None:
    """Fisher's exact test on changes, worked out by hand."""
    for seed in range(5):
        panel = factor_world(9, 3, 10, 6, seed)
        change = panel.outcome[:, 6:].mean(axis=1) - panel.outcome[:, :6].mean(axis=1)
        every = [change[list(chosen)].mean() for chosen in combinations(range(9), 3)]
        away = abs(np.array(every) - change.mean())
        found = in_space(panel, "did")
        assert found.p_value == pytest.approx(np.mean(away >= away[0] - 1e-12))
        assert len(found.null_att) == 83
        assert found.least_p == pytest.approx(1 / 84)


def test_where_sets_are_many_as_many_are_drawn_as_asked_and_the_seed_decides_which() -> None:
    panel = factor_world(20, 4, 10, 6, 1)
    found, same, other = (in_space(panel, "did", draws=30, seed=seed) for seed in (1, 1, 2))
    assert len(found.null_att) == 30
    assert not found.whole
    np.testing.assert_array_equal(found.null_att, same.null_att)
    assert not np.array_equal(found.null_att, other.null_att)


def test_placebos_hand_out_the_starts_of_the_treated_in_every_way_there_is() -> None:
    start = np.array([4, 5, 6, 6, 6, 6, 6])
    outcome = np.random.default_rng(1).normal(size=(7, 6))
    found = in_space(named(outcome, start), "did")
    possible = []
    for early in range(7):
        for late in range(7):
            if early != late and (early, late) != (0, 1):
                starts = np.full(7, 6)
                starts[[early, late]] = 4, 5
                possible.append(estimate(named(outcome, starts), "did").att)
    assert found.whole
    np.testing.assert_allclose(np.sort(found.null_att), np.sort(possible))
    drawn = in_space(named(outcome, start), "did", draws=20, seed=3)
    assert not drawn.whole
    assert len(drawn.null_att) == 20
    assert {round(float(att), 9) for att in drawn.null_att} <= {round(att, 9) for att in possible}


def test_a_fit_worse_than_that_of_placebos_shows() -> None:
    rng = np.random.default_rng(1)
    outcome = rng.normal(size=(15, 12))
    outcome[0] *= 4
    start = np.array([8] + [12] * 14)
    assert in_space(named(outcome, start)).fit_ratio > 2.5
    assert in_space(named(outcome[1:], start[1:] - 4 * (np.arange(14) == 0))).fit_ratio < 2


def test_where_donors_outnumber_periods_and_all_are_followed_without_a_gap_no_fit_is_worse_than_another() -> None:
    """What is left of gaps is rounding, which differs from one to the next by far more than any threshold."""
    for seed in range(10):
        outcome = np.random.default_rng(seed).normal(size=(60, 5))
        outcome[0] /= 4
        found = in_space(named(outcome, np.array([3] + [5] * 59)), "sc")
        assert found.estimate.pre_rmspe < 1e-6
        assert found.fit_ratio < 1.5


def test_the_ratio_of_gaps_pays_heed_to_the_fit_before() -> None:
    """A unit four times as noisy as others stands out by its estimate, and not by the ratio."""
    rng = np.random.default_rng(4)
    by_estimate, by_ratio = [], []
    for _ in range(40):
        outcome = rng.normal(size=(20, 20))
        outcome[0] *= 4
        found = in_space(named(outcome, np.array([15] + [20] * 19)), "did")
        by_estimate.append(found.p_value <= 0.05)
        by_ratio.append(found.p_ratio <= 0.05)
    assert np.mean(by_estimate) > 0.4
    assert np.mean(by_ratio) < 0.2


@pytest.mark.parametrize(("treated", "donors", "others"), [(1, 1, 1), (2, 2, 5), (6, 6, 923), (3, 1, 3)])
def test_as_many_treated_units_as_donors_leave_assignments_enough_to_rank_among(
    treated: int, donors: int, others: int
) -> None:
    outcome = np.random.default_rng(1).normal(size=(treated + donors, 5))
    found = in_space(named(outcome, np.array([3] * treated + [5] * donors)), "did")
    assert len(found.null_att) == others
    assert found.least_p == pytest.approx(1 / (1 + others))


def test_a_twin_among_the_donors_ties_with_the_treated_and_rounding_does_not_break_the_tie() -> None:
    for seed in range(10):
        outcome = np.random.default_rng(seed).normal(size=(20, 14)).cumsum(axis=1)
        outcome[1] = outcome[0]
        outcome[0, 10:] += 50
        assert in_space(named(outcome, np.array([10] + [14] * 19)), "sc").p_value >= 0.1


@pytest.mark.parametrize("method", ["sdid", "sc"])
def test_a_donor_far_larger_than_all_others_does_not_make_every_estimate_tie(method: Method) -> None:
    outcome = np.random.default_rng(1).normal(size=(25, 14))
    outcome[0, 10:] += 4
    start = np.array([10] + [14] * 24)
    usual = in_space(named(outcome, start), method)
    outcome[5] *= 1e7
    found = in_space(named(outcome, start), method)
    assert found.nothing < 0.1
    if method == "sc":
        assert found.p_value == pytest.approx(usual.p_value + 1 / 25)
    assert len(set(np.round(found.null.pre_rmspe, 6))) > 20


@pytest.mark.parametrize("method", METHODS)
def test_where_all_units_are_alike_before_the_start_no_fit_is_worse_than_another(method: Method) -> None:
    outcome = np.tile(1e3 * np.random.default_rng(1).normal(size=14), (25, 1))
    outcome[0, 10:] += 3
    found = in_space(named(outcome, np.array([10] + [14] * 24)), method)
    assert found.fit_ratio == pytest.approx(1, abs=0.01)
    assert (found.p_step, found.p_earlier) == (1.0, 1.0)
    assert (found.p_value, found.p_steady) == (1 / 25, 1 / 25)
    # And so placebos show nothing: that is the one reason why there is no verdict.
    assert judge(found).verdict is Verdict.CANNOT_TELL
    (reason,) = judge(found).reasons
    assert reason.startswith("donors all move alike")


def test_no_placebo_at_all_is_no_request() -> None:
    with pytest.raises(BadRequest, match="0 placebos were asked for"):
        in_space(factor_world(8, 1, 10, 6, 1), draws=0)


def test_a_start_put_earlier_sees_nothing_of_what_came_after_the_true_one() -> None:
    panel = factor_world(10, 2, 14, 8, 3)
    blasted = panel.outcome.copy()
    blasted[:, 8:] += 1e3 * np.random.default_rng(1).normal(size=(10, 6))
    for method in METHODS:
        found = in_time(panel, method)
        assert list(found) == [1, 2, 3, 4, 5, 6]
        assert in_time(named(blasted, panel.start), method) == pytest.approx(found)
        earlier = named(panel.outcome[:, :8], np.array([5, 5] + [8] * 8))
        assert found[3] == pytest.approx(estimate(earlier, method).att)


def test_cohorts_too_short_for_an_earlier_start_are_left_out() -> None:
    outcome = np.random.default_rng(1).normal(size=(5, 8))
    both = named(outcome, np.array([3, 6, 8, 8, 8]))
    late = named(outcome[1:], np.array([6, 8, 8, 8]))
    found = in_time(both, "did")
    assert list(found) == [1, 2, 3, 4]
    assert found[2] == pytest.approx(in_time(late, "did")[2])
    assert found[1] != pytest.approx(in_time(late, "did")[1])


def test_without_a_donor_the_estimate_is_that_of_a_panel_that_never_had_it() -> None:
    panel = factor_world(7, 2, 12, 8, 2)
    for method in METHODS:
        found = without_each(panel, method)
        weights = dict(zip(panel.donors, estimate(panel, method).unit_weights, strict=True))
        assert set(found) == {panel.units[donor] for donor, weight in weights.items() if weight > 0}
        for name, att in found.items():
            rest = panel.subset(np.flatnonzero([unit != name for unit in panel.units]))
            assert att == pytest.approx(estimate(rest, method).att)


def test_without_the_only_donor_nothing_is_left() -> None:
    with pytest.raises(NotEnoughData, match="one donor"):
        without_each(named(np.array([[1.0, 2.0], [1.0, 3.0]]), np.array([1, 2])))


RUNS = 80


@pytest.mark.parametrize("rho", [0.0, 0.4, 0.7])
@pytest.mark.parametrize("method", ["sdid", "did"])
def test_where_nothing_was_done_a_change_is_seen_at_the_nominal_rate(method: Method, rho: float) -> None:
    """At most 7% at nominal 5%, and three standard errors of so few runs."""
    rng = np.random.default_rng(11)
    seen = [in_space(persistent_world(20, 1, 11, 8, rho, rng), method, earlier=0).p_value <= 0.05 for _ in range(RUNS)]
    assert 0 < np.mean(seen) <= 0.07 + 3 * np.sqrt(0.05 * 0.95 / RUNS)


def test_of_very_many_donors_as_many_stand_in_as_asked_each_at_most_once() -> None:
    panel = factor_world(40, 1, 10, 6, 1)
    every = {round(float(att), 9) for att in in_space(panel, "did").null_att}
    some = in_space(panel, "did", draws=25, seed=1)
    assert len({round(float(att), 9) for att in some.null_att} & every) == len(some.null_att) == 25


def test_p_values_from_random_assignments_are_within_their_errors_of_that_from_all() -> None:
    panel = persistent_world(12, 3, 14, 10, 0.4, np.random.default_rng(2))
    exact = in_space(panel, "did", draws=999, earlier=0)
    assert exact.whole
    assert exact.p_error == 0
    drawn = [in_space(panel, "did", draws=100, seed=seed, earlier=0) for seed in range(40)]
    away = [(each.p_value - exact.p_value) / max(each.p_error, 0.01) for each in drawn]
    assert abs(np.mean(away)) < 0.6
    assert 0.5 < np.std(away) < 1.5


def test_a_donor_may_be_left_out_even_if_no_other_ever_changes() -> None:
    outcome = np.ones((4, 6))
    outcome[3, 4] = 2
    found = without_each(named(outcome, np.array([4, 6, 6, 6])), "did")
    assert found == pytest.approx({"U1": -0.25, "U2": -0.25, "U3": 0.0})


@pytest.mark.parametrize("back", [2, 4])
def test_an_earlier_start_in_placebos_is_that_of_placebos_in_time(back: int) -> None:
    panel = factor_world(10, 1, 14, 8, 3)
    found = in_space(panel, "sdid", earlier=back)
    assert found.earlier == pytest.approx(in_time(panel, "sdid")[back])
    other = np.full(10, 14)
    other[4] = 8
    swapped = in_time(named(panel.outcome, other), "sdid")[back]
    assert np.isclose(found.null_earlier, swapped).sum() == 1


def test_a_jump_before_the_start_shows_in_the_step_of_the_gap_and_in_the_change_since() -> None:
    stepped, since = [], []
    for seed in range(20):
        outcome = np.random.default_rng(seed).normal(size=(25, 40))
        outcome[0, 24:] += 4
        found = in_space(named(outcome, np.array([30] + [40] * 24)), "did")
        assert found.p_value == pytest.approx(1 / 25)
        stepped.append(found.p_step)
        since.append(max(found.p_since(periods) for periods in (1, 2, 3)))
    np.testing.assert_allclose(stepped, 1 / 25)
    assert np.mean(np.array(since) > 0.2) > 0.8
