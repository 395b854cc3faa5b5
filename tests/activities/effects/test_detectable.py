"""The smallest detectable effect: closed forms, and whether it is then detected as often as it says."""

from __future__ import annotations

import numpy as np
import pytest

from softpower.activities.effects.detectable import multiple, smallest_detectable, smallest_seen
from softpower.activities.effects.panel import Panel
from softpower.activities.effects.placebo import in_space
from softpower.errors import BadRequest
from tests.activities.effects.worlds import factor_world, named, persistent_world


def test_with_much_normal_noise_it_is_2_8_standard_deviations() -> None:
    """1.960 + 0.842, for a test of size 5% and a power of 80%."""
    noise = np.random.default_rng(1).normal(size=200_000)
    assert smallest_seen(noise, noise, np.zeros(200_000)) == pytest.approx(1.95996 + 0.84162, abs=0.02)
    assert multiple(10**6) == pytest.approx(1.95996 + 0.84162, abs=1e-4)


def test_of_noise_that_is_not_symmetric_the_worse_side_counts() -> None:
    noise = np.append(-10.0, np.zeros(9))
    null, share = np.ones(40), np.zeros(40)
    for sided in (noise, -noise):
        assert smallest_seen(sided, null, share, power=0.95) == pytest.approx(11.0, rel=1e-5)
        assert smallest_seen(sided, null, share, power=0.85) == pytest.approx(1.0, rel=1e-5)


def test_an_effect_that_finds_its_way_into_other_assignments_must_be_larger_to_stand_out() -> None:
    noise, null = np.zeros(10), np.ones(40)
    assert smallest_seen(noise, null, np.full(40, 0.5)) == pytest.approx(2.0, rel=1e-5)  # x = 1 + x / 2
    assert smallest_seen(noise, null, np.full(40, 1.0)) == np.inf


@pytest.mark.parametrize(("units", "treated"), [(25, 1), (15, 3)])
def test_an_effect_of_that_size_is_seen_in_four_of_five_cases(units: int, treated: int) -> None:
    rng = np.random.default_rng(8)
    seen = []
    for _ in range(60):
        panel = persistent_world(units, treated, 14, 10, 0.4, rng)
        effect = smallest_detectable(in_space(panel, "did", draws=59)).by_rank
        for sign in (1, -1):
            outcome = panel.outcome.copy()
            outcome[:treated, 10:] += sign * effect
            seen.append(in_space(named(outcome, panel.start), "did", draws=59).p_value <= 0.05)
    assert np.mean(seen) == pytest.approx(0.8, abs=3 * np.sqrt(0.16 / 60))


def test_it_moves_with_the_unit_of_the_outcome_and_not_with_the_effect() -> None:
    panel = factor_world(25, 1, 14, 10, 1)
    found = smallest_detectable(in_space(panel, "did"))
    outcome = 10 * panel.outcome
    outcome[0, 10:] += 500
    other = smallest_detectable(in_space(named(outcome, panel.start), "did"))
    assert other.by_rank == pytest.approx(10 * found.by_rank)
    assert other.by_spread == pytest.approx(10 * found.by_spread)


def test_where_nothing_but_the_treated_ever_changes_the_smallest_change_stands_out() -> None:
    outcome = np.ones((25, 14))
    outcome[0, 10:] = 2
    found = smallest_detectable(in_space(named(outcome, np.array([10] + [14] * 24)), "did"))
    assert found.by_rank == pytest.approx(0, abs=1e-9)


def test_with_too_few_donors_for_the_size_no_effect_would_be_seen() -> None:
    found = smallest_detectable(in_space(factor_world(15, 1, 12, 8, 1), "did"))
    assert found.by_rank == np.inf
    assert np.isfinite(found.by_spread)
    assert np.isfinite(smallest_detectable(in_space(factor_world(15, 1, 12, 8, 1), "did"), size=0.1).by_rank)
    few = smallest_detectable(in_space(factor_world(6, 2, 12, 8, 1), "did"))  # 15 sets of two
    assert few.by_rank == np.inf


def test_with_as_many_treated_as_donors_effects_are_as_visible_as_among_more_donors_but_for_their_number() -> None:
    """Of 6 and 6 the variance of a difference of means is 2/6, of 6 and 30 it is 1/6 + 1/30."""
    even, many = (
        np.median([smallest_detectable(in_space(_noise(units, seed), "did", draws=99)).by_rank for seed in range(30)])
        for units in (12, 36)
    )
    assert even / many == pytest.approx(np.sqrt((2 / 6) / (1 / 6 + 1 / 30)), rel=0.2)


def _noise(units: int, seed: int) -> Panel:
    outcome = np.random.default_rng(seed).normal(size=(units, 12))
    return named(outcome, np.array([8] * 6 + [12] * (units - 6)))


def test_several_treated_units_make_smaller_effects_visible() -> None:
    one, five = (smallest_detectable(in_space(factor_world(45, count, 12, 8, 1), "did")) for count in (1, 5))
    assert five.by_rank < 0.7 * one.by_rank


@pytest.mark.parametrize(("size", "power"), [(0.0, 0.8), (0.05, 1.0), (0.5, 0.4)])
def test_sizes_and_powers_that_make_no_sense_are_refused(size: float, power: float) -> None:
    with pytest.raises(BadRequest, match="0 < size < power < 1"):
        smallest_detectable(in_space(factor_world(8, 1, 8, 5, 1), "did"), size=size, power=power)
