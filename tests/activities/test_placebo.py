"""Placebos: what is counted, and how often they see a change where there is none, and one where there is."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from softpower.activities.estimate import METHODS, Method, estimate
from softpower.activities.placebo import in_space, in_time, without_each
from softpower.errors import BadRequest, NotEnoughData
from tests.activities.worlds import factor_world, named, persistent_world


def test_each_donor_stands_in_once_for_a_single_treated_unit() -> None:
    panel = factor_world(8, 1, 10, 6, 1)
    found = in_space(panel, "did")
    change = panel.outcome[1:, 6:].mean(axis=1) - panel.outcome[1:, :6].mean(axis=1)
    others = (change.sum() - change) / 6
    np.testing.assert_allclose(found.att, change - others)
    assert found.spread == pytest.approx(np.std(change - others, ddof=1))


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
        assert (len(found.att), len(found.null_att)) == (20, 83)
        assert found.least_p == pytest.approx(1 / 84)


def test_where_sets_are_many_as_many_are_drawn_as_asked_and_the_seed_decides_which() -> None:
    panel = factor_world(20, 4, 10, 6, 1)
    found, same, other = (in_space(panel, "did", draws=30, seed=seed) for seed in (1, 1, 2))
    assert len(found.att) == len(found.null_att) == 30
    np.testing.assert_array_equal(found.att, same.att)
    assert not np.array_equal(found.att, other.att)


def test_placebos_keep_the_starts_of_the_treated() -> None:
    """A shock to all donors in the last period but one has no part in placebos that start in the last."""
    start = np.array([4, 5, 6, 6, 6, 6, 6])
    outcome = np.random.default_rng(1).normal(size=(7, 6))
    panel = named(outcome, start)
    found = in_space(panel, "did", draws=500)
    possible = set()
    for early in range(2, 7):
        for late in range(2, 7):
            if early != late:
                starts = np.full(7, 6)
                starts[[early, late]] = 4, 5
                possible.add(round(estimate(named(outcome[2:], starts[2:]), "did").att, 9))
    assert len(found.att) == 10
    assert {round(float(att), 9) for att in found.att} <= possible


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


def test_as_many_donors_as_treated_units_are_too_few() -> None:
    with pytest.raises(NotEnoughData, match="2 donors for 2 treated units"):
        in_space(named(np.random.default_rng(1).normal(size=(4, 5)), np.array([3, 3, 5, 5])))


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
    seen = [in_space(persistent_world(20, 1, 11, 8, rho, rng), method).p_value <= 0.05 for _ in range(RUNS)]
    assert 0 < np.mean(seen) <= 0.07 + 3 * np.sqrt(0.05 * 0.95 / RUNS)


def test_of_very_many_donors_as_many_stand_in_as_asked_each_at_most_once() -> None:
    panel = factor_world(40, 1, 10, 6, 1)
    every = {round(float(att), 9) for att in in_space(panel, "did").att}
    some = in_space(panel, "did", draws=25, seed=1)
    assert len({round(float(att), 9) for att in some.att} & every) == len(some.att) == 25
    assert len(some.null_att) in (24, 25)  # the treated unit may be among those drawn
