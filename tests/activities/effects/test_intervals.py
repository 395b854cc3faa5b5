"""Intervals against closed forms, and how often they hold the effect in simulated panels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from softpower.activities.effects.estimate import Method, estimate
from softpower.activities.effects.intervals import (
    FEW_TREATED,
    bootstrap,
    by_rank,
    by_spread,
    intervals,
    jackknife,
    resampled,
)
from softpower.activities.effects.placebo import in_space
from softpower.errors import BadRequest, NotEnoughData
from tests.activities.effects.worlds import EFFECT, factor_world, named, persistent_world

# azcausal 0.2.5 (Apache-2.0), JackKnife on `factor_world`: standard errors of SDID (its Frank-Wolfe solver run to a
# tolerance of 1e-12 without sparsification) and DID.
AZCAUSAL = {
    (12, 3, 16, 10, 2): (0.43620549632728295, 0.11450649757825987),
    (30, 6, 20, 14, 7): (0.3061928030300673, 0.5641505025953037),
}


def test_one_treated_unit_has_two_kinds_of_placebo_interval() -> None:
    panel = factor_world(24, 1, 12, 8, 1)
    found = intervals(panel, in_space(panel), level=0.95)
    assert [interval.kind for interval in found] == ["placebo", "rank"]
    assert all(interval.low < estimate(panel).att < interval.high for interval in found)


def test_several_treated_units_have_placebo_bootstrap_and_jackknife_intervals() -> None:
    panel = factor_world(14, 3, 12, 8, 1)
    kinds = [interval.kind for interval in intervals(panel, in_space(panel, draws=40), draws=40)]
    assert kinds == ["placebo", "rank", "bootstrap", "jackknife"]
    of_sc = intervals(panel, in_space(panel, "sc", draws=40), draws=40)
    assert [interval.kind for interval in of_sc] == ["placebo", "rank", "bootstrap"]
    start = panel.start.copy()
    start[0] = 7
    staggered = named(panel.outcome, start)
    alone = intervals(staggered, in_space(staggered, draws=40), draws=40)
    assert [interval.kind for interval in alone] == ["placebo", "rank", "bootstrap"]


def test_resampling_few_treated_units_comes_with_a_caveat_and_many_with_none() -> None:
    for treated in (2, FEW_TREATED - 1, FEW_TREATED):
        panel = factor_world(20, treated, 12, 8, 1)
        found = resampled(panel, estimate(panel, "did"), draws=20)
        assert [interval.kind for interval in found] == ["bootstrap", "jackknife"]
        for interval in found:
            assert interval.caveat.startswith(f"{treated} treated units are few") == (treated < FEW_TREATED)


WORLDS = [(24, 1, 0.0), (24, 1, 2.0), (9, 3, 1.5), (8, 4, 1.0), (12, 6, 1.0), (2, 1, 1.0)]


@pytest.mark.parametrize(("units", "treated", "effect"), WORLDS)
@pytest.mark.parametrize("method", ["sdid", "sc", "did"])
def test_the_rank_interval_holds_zero_just_where_the_rank_test_does_not_refuse_it(
    units: int, treated: int, effect: float, method: Method
) -> None:
    rng = np.random.default_rng(3)
    refused = []
    for _ in range(8):
        outcome = persistent_world(units, treated, 14, 10, 0.4, rng).outcome.copy()
        outcome[:treated, 10:] += effect
        start = np.array([10] * treated + [14] * (units - treated))
        placebos = in_space(named(outcome, start), method, draws=199, earlier=0)
        for size in (0.01, 0.05, 0.1, 0.3, 0.5, 0.8):
            interval = by_rank(placebos, 1 - size)
            refused.append(placebos.p_value <= size)
            assert (not interval.low <= 0 <= interval.high) == refused[-1]
    assert 0 < np.mean(refused) < 1 or units == 2


@pytest.mark.parametrize(("units", "treated"), [(40, 1), (20, 1), (10, 2), (8, 4)])
def test_at_its_ends_the_effect_taken_off_the_outcome_itself_is_refused_by_the_rank_test(
    units: int, treated: int
) -> None:
    """For equal weights, which do not move with the outcome."""
    for seed in range(6):
        panel = factor_world(units, treated, 12, 8, seed)
        interval = by_rank(in_space(panel, "did"), 0.9)
        for effect, inside in (
            (interval.high + 1e-3, False),
            (interval.high - 1e-3, True),
            (interval.low + 1e-3, True),
            (interval.low - 1e-3, False),
        ):
            rest = panel.outcome.copy()
            rest[:treated, 8:] -= effect
            assert (in_space(named(rest, panel.start), "did").p_value > 0.1) == inside


@pytest.mark.parametrize(("donors", "level", "bounded"), [(19, 0.95, True), (18, 0.95, False), (9, 0.9, True)])
def test_a_rank_interval_needs_donors_enough_for_its_level(donors: int, level: float, bounded: bool) -> None:
    panel = factor_world(donors + 1, 1, 8, 5, 1)
    assert np.isfinite(by_rank(in_space(panel, "did"), level).high) == bounded


def test_the_jackknife_of_equal_weights_is_the_error_of_a_difference_of_means() -> None:
    """Of DID, but for small samples: sums of squares over n(n-1), in total over (N-1)/N times its parts."""
    panel = factor_world(60, 25, 12, 8, 3)
    change = panel.outcome[:, 8:].mean(axis=1) - panel.outcome[:, :8].mean(axis=1)
    error = 0.0
    for part in (change[:25], change[25:]):
        error += ((part - part.mean()) ** 2).sum() / (len(part) - 1) ** 2
    interval = jackknife(panel, estimate(panel, "did"), level=0.95)
    half = stats.norm.ppf(0.975) * np.sqrt(59 / 60 * error)
    assert interval.high - interval.low == pytest.approx(2 * half)


@pytest.mark.parametrize("world", AZCAUSAL)
def test_the_jackknife_is_that_of_azcausal(world: tuple[int, int, int, int, int]) -> None:
    panel = factor_world(*world)
    for found, error in zip((estimate(panel, "sdid"), estimate(panel, "did")), AZCAUSAL[world], strict=True):
        interval = jackknife(panel, found, level=0.95)
        assert (interval.high - interval.low) / 2 / stats.norm.ppf(0.975) == pytest.approx(error, rel=5e-4)


def test_the_bootstrap_of_equal_weights_is_near_the_error_of_a_difference_of_means() -> None:
    panel = factor_world(60, 25, 12, 8, 3)
    change = panel.outcome[:, 8:].mean(axis=1) - panel.outcome[:, :8].mean(axis=1)
    error = np.sqrt(change[:25].var() / 25 + change[25:].var() / 35)
    interval = bootstrap(panel, "did", level=0.95, draws=1000, seed=1)
    assert (interval.high - interval.low) / 2 / stats.norm.ppf(0.975) == pytest.approx(error, rel=0.1)


def test_the_same_seed_gives_the_same_bootstrap() -> None:
    panel = factor_world(14, 3, 12, 8, 1)
    assert bootstrap(panel, draws=10, seed=3) == bootstrap(panel, draws=10, seed=3)
    assert bootstrap(panel, draws=10, seed=3) != bootstrap(panel, draws=10, seed=4)


@pytest.mark.parametrize(("units", "treated"), [(20, 1), (12, 6), (16, 3)])
def test_intervals_hold_the_planted_effect_as_often_as_they_say(units: int, treated: int) -> None:
    rng = np.random.default_rng(5)
    held = []
    for _ in range(200):
        outcome = persistent_world(units, treated, 14, 10, 0.4, rng).outcome.copy()
        outcome[:treated, 10:] += EFFECT
        start = np.array([10] * treated + [14] * (units - treated))
        placebos = in_space(named(outcome, start), "did", draws=59, earlier=0)
        found = (by_spread(placebos, 0.9), by_rank(placebos, 0.9))
        held.append([interval.low <= EFFECT <= interval.high for interval in found])
    np.testing.assert_allclose(np.mean(held, axis=0), 0.9, atol=3 * np.sqrt(0.09 / 200))


def test_with_as_many_treated_as_donors_the_placebo_interval_is_about_as_wide_as_that_of_a_comparison_of_means() -> (
    None
):
    widths = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        outcome = rng.normal(size=(12, 14))
        change = outcome[:, 10:].mean(axis=1) - outcome[:, :10].mean(axis=1)
        interval = by_spread(in_space(named(outcome, np.array([10] * 6 + [14] * 6)), "did", earlier=0), 0.9)
        classic = stats.ttest_ind(change[:6], change[6:]).confidence_interval(0.9)
        widths.append((interval.high - interval.low) / (classic.high - classic.low))
    np.testing.assert_allclose(widths, 1, atol=0.1)


def test_with_one_treated_unit_there_is_nothing_to_resample() -> None:
    panel = factor_world(8, 1, 12, 8, 1)
    with pytest.raises(NotEnoughData, match="bootstrap needs several"):
        bootstrap(panel)
    with pytest.raises(NotEnoughData, match="two treated units for each start"):
        jackknife(panel, estimate(panel))


def test_of_a_single_placebo_there_is_no_spread() -> None:
    panel = factor_world(9, 3, 12, 8, 1)
    found = by_spread(in_space(panel, "did", draws=1))
    assert (found.low, found.high) == (-np.inf, np.inf)


@pytest.mark.parametrize("level", [0.0, 1.0, 90.0])
def test_a_level_that_is_no_share_is_refused(level: float) -> None:
    panel = factor_world(8, 3, 12, 8, 1)
    with pytest.raises(BadRequest, match="give a share between 0 and 1"):
        bootstrap(panel, level=level)
    with pytest.raises(BadRequest, match="give a share between 0 and 1"):
        by_spread(in_space(panel, "did", draws=5), level)
