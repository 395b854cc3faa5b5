"""Intervals against closed forms, and how often they hold the effect in simulated panels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from softpower.activities.estimate import estimate
from softpower.activities.intervals import bootstrap, by_rank, by_spread, critical, intervals, jackknife
from softpower.activities.placebo import in_space
from softpower.errors import BadRequest, NotEnoughData
from tests.activities.worlds import EFFECT, factor_world, named, persistent_world

# azcausal 0.2.5 (Apache-2.0), JackKnife on `factor_world`: standard errors of SDID (its Frank-Wolfe solver run to a
# tolerance of 1e-12 without sparsification) and DID.
AZCAUSAL = {
    (12, 3, 16, 10, 2): (0.43620549632728295, 0.11450649757825987),
    (30, 6, 20, 14, 7): (0.3061928030300673, 0.5641505025953037),
}


def test_one_treated_unit_has_two_kinds_of_placebo_interval() -> None:
    panel = factor_world(24, 1, 12, 8, 1)
    found = intervals(panel, in_space(panel), level=0.95)
    assert [interval.kind for interval in found] == ["placebo", "placebo_rank"]
    assert all(interval.low < estimate(panel).att < interval.high for interval in found)


def test_several_treated_units_have_placebo_bootstrap_and_jackknife_intervals() -> None:
    panel = factor_world(14, 3, 12, 8, 1)
    kinds = [interval.kind for interval in intervals(panel, in_space(panel, draws=40), draws=40)]
    assert kinds == ["placebo", "bootstrap", "jackknife"]
    of_sc = intervals(panel, in_space(panel, "sc", draws=40), draws=40)
    assert [interval.kind for interval in of_sc] == ["placebo", "bootstrap"]
    start = panel.start.copy()
    start[0] = 7
    staggered = named(panel.outcome, start)
    alone = intervals(staggered, in_space(staggered, draws=40), draws=40)
    assert [interval.kind for interval in alone] == ["placebo", "bootstrap"]


def test_the_rank_interval_holds_what_the_rank_test_would_not_refuse() -> None:
    """At either end the estimate ranks as the last but so many among donors' estimates."""
    panel = factor_world(40, 1, 12, 8, 2)
    placebos = in_space(panel, "did")
    interval = by_rank(placebos, 0.9)
    for effect, refused in ((interval.high + 1e-6, True), (interval.high - 1e-6, False), (interval.low - 1e-6, True)):
        rest = abs(placebos.estimate.att - effect)
        assert ((1 + (abs(placebos.att) >= rest).sum()) / 40 <= 0.1) is np.bool_(refused)


@pytest.mark.parametrize(("donors", "level", "bounded"), [(19, 0.95, True), (18, 0.95, False), (9, 0.9, True)])
def test_a_rank_interval_needs_donors_enough_for_its_level(donors: int, level: float, bounded: bool) -> None:
    panel = factor_world(donors + 1, 1, 8, 5, 1)
    assert np.isfinite(by_rank(in_space(panel, "did"), level).high) == bounded


def test_the_critical_distance_is_the_one_at_which_a_rank_test_refuses() -> None:
    rng = np.random.default_rng(1)
    for count in (19, 25, 99):
        noise = rng.normal(size=count)
        needed = critical(noise, 0.05)
        for distance, refused in ((needed + 1e-9, True), (needed - 1e-9, False)):
            rank = (1 + (abs(noise) >= distance).sum()) / (1 + count)
            assert (rank <= 0.05) == refused


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


def test_intervals_hold_the_planted_effect_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    held = []
    for _ in range(200):
        panel = persistent_world(20, 1, 14, 10, 0.4, rng)
        outcome = panel.outcome.copy()
        outcome[0, 10:] += EFFECT
        placebos = in_space(named(outcome, panel.start), "did")
        found = (by_spread(placebos, 0.9), by_rank(placebos, 0.9))
        held.append([interval.low <= EFFECT <= interval.high for interval in found])
    np.testing.assert_allclose(np.mean(held, axis=0), 0.9, atol=3 * np.sqrt(0.09 / 200))


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
    with pytest.raises(BadRequest, match="no share between 0 and 1"):
        bootstrap(panel, level=level)
    with pytest.raises(BadRequest, match="no share between 0 and 1"):
        by_spread(in_space(panel, "did", draws=5), level)
