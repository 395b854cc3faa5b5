"""Estimators against regressions, other libraries, and truths planted in simulated panels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from softpower.activities.effects.did import did
from softpower.activities.effects.estimate import METHODS, Method, estimate
from softpower.activities.effects.fit import fitted
from softpower.activities.effects.panel import Panel
from softpower.activities.effects.sdid import noise_level, sdid
from softpower.activities.effects.simplex import nearest
from softpower.activities.effects.synthetic import synthetic, synthetic_on
from softpower.errors import BadRequest, NotEnoughData
from tests.activities.effects.worlds import EFFECT, factor_world, named, persistent_world

# azcausal 0.2.5 (Apache-2.0) on `factor_world`: SDID with its Frank-Wolfe solver run to a tolerance of 1e-12 without
# sparsification, and DID; both to more digits than that solver is good for.
AZCAUSAL = {
    (20, 1, 30, 20, 1): (2.8189135672850867, 3.1700417607313707),
    (12, 3, 16, 10, 2): (2.8195255263599357, 2.668001534930676),
    (40, 1, 12, 8, 3): (2.7462507370517093, 2.563305742176958),
}
# pysyncon 1.7.0 (MIT), Synth with the outcome before the start as predictors, custom_V all ones; it divides each
# predictor by its standard deviation among units. Its solver stops a little early, hence the tolerance: the weights of
# the second world miss the outcome by 0.642467909 there, and less is possible.
PYSYNCON = {
    (20, 1, 30, 20, 1): 2.8950621800374194,
    (40, 1, 12, 8, 3): 2.891714880882312,
    (12, 1, 40, 30, 4): 1.8903323130143952,
}


@pytest.mark.parametrize("world", AZCAUSAL)
def test_estimates_are_those_of_azcausal(world: tuple[int, int, int, int, int]) -> None:
    panel = factor_world(*world)
    in_sdid, in_did = AZCAUSAL[world]
    assert estimate(panel, "sdid").att == pytest.approx(in_sdid, abs=2e-4)
    assert estimate(panel, "did").att == pytest.approx(in_did, abs=1e-12)


@pytest.mark.parametrize("world", PYSYNCON)
def test_synthetic_controls_are_those_of_pysyncon(world: tuple[int, int, int, int, int]) -> None:
    panel = factor_world(*world)
    before = panel.outcome[:, : world[3]]
    scaled = (before / before.std(axis=0, ddof=1)).T
    weights = nearest(scaled[:, 1:], scaled[:, 0])
    found = fitted(panel.outcome[1:], panel.outcome[0], world[3], weights, None)
    assert found.att == pytest.approx(PYSYNCON[world], abs=2e-3)
    if world == (40, 1, 12, 8, 3):
        assert ((scaled[:, 1:] @ weights - scaled[:, 0]) ** 2).sum() < 0.642467909


def test_difference_in_differences_is_the_coefficient_of_a_two_way_regression() -> None:
    panel = factor_world(7, 2, 9, 5, 4)
    units, periods = panel.outcome.shape
    unit, time = np.divmod(np.arange(units * periods), periods)
    treated = (time >= panel.start[unit]).astype(float)
    design = np.column_stack([treated, np.eye(units)[unit], np.eye(periods)[time]])
    coefficients = np.linalg.lstsq(design, panel.outcome.ravel(), rcond=None)[0]
    assert estimate(panel, "did").att == pytest.approx(coefficients[0], abs=1e-10)


def test_synthetic_difference_in_differences_is_the_coefficient_of_a_weighted_two_way_regression() -> None:
    """Equation 1 of the paper, with the weights found."""
    panel = factor_world(9, 2, 12, 8, 5)
    found = estimate(panel, "sdid").fits[0]
    units, periods = panel.outcome.shape
    of_units = np.append(np.full(2, 1 / 2), found.unit_weights)
    assert found.time_weights is not None
    of_times = np.append(found.time_weights, np.full(4, 1 / 4))
    unit, time = np.divmod(np.arange(units * periods), periods)
    root = np.sqrt(of_units[unit] * of_times[time])[:, None]
    treated = (time >= panel.start[unit]).astype(float)
    design = np.column_stack([treated, np.eye(units)[unit], np.eye(periods)[time]])
    outcome = panel.outcome.ravel() * root[:, 0]
    assert found.att == pytest.approx(np.linalg.lstsq(design * root, outcome, rcond=None)[0][0], abs=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_the_planted_effect_is_found_on_average(method: Method) -> None:
    att = [
        estimate(persistent_world(21, 1, 16, 12, 0.4, np.random.default_rng(seed)), method).att for seed in range(60)
    ]
    assert np.mean(att) == pytest.approx(0, abs=3 * np.std(att) / np.sqrt(60))
    moved = []
    for seed in range(60):
        panel = persistent_world(21, 1, 16, 12, 0.4, np.random.default_rng(seed))
        outcome = panel.outcome.copy()
        outcome[0, 12:] += EFFECT
        moved.append(estimate(named(outcome, panel.start), method).att)
    np.testing.assert_allclose(np.array(moved) - att, EFFECT, atol=1e-9)


def test_where_units_respond_differently_to_a_common_factor_weighted_donors_are_nearer_the_truth() -> None:
    """What the methods are for: the treated load on the factor most, so that paths are not parallel."""
    errors: dict[str, list[float]] = {method: [] for method in METHODS}
    for seed in range(40):
        rng = np.random.default_rng(seed)
        response = np.append(1.0, rng.uniform(0, 1.2, 30))
        outcome = np.outer(response, np.arange(20.0)) + 0.5 * rng.normal(size=(31, 20))
        for method in METHODS:
            errors[method].append(estimate(named(outcome, np.array([15] + [20] * 30)), method).att)
    typical = {method: float(np.sqrt(np.mean(np.square(error)))) for method, error in errors.items()}
    assert typical["sdid"] < typical["did"] / 4
    assert typical["sc"] < typical["did"] / 4


@pytest.mark.parametrize("method", METHODS)
def test_unit_and_origin_of_the_outcome_do_not_matter(method: Method) -> None:
    panel = factor_world(12, 2, 14, 9, 6)
    other = named(1000 * panel.outcome - 7e4, panel.start)
    assert estimate(other, method).att == pytest.approx(1000 * estimate(panel, method).att, rel=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_units_does_not_matter(method: Method) -> None:
    panel = factor_world(12, 2, 14, 9, 6)
    order = np.random.default_rng(1).permutation(12)
    assert estimate(panel.subset(order), method).att == pytest.approx(estimate(panel, method).att, abs=1e-5)


@pytest.mark.parametrize("method", ["sdid", "did"])
def test_levels_of_units_and_shocks_common_to_all_do_not_matter(method: Method) -> None:
    """Shocks do to the noise that the ridge goes by, so that equal ones in each period are taken for the former."""
    panel = factor_world(12, 2, 14, 9, 6)
    rng = np.random.default_rng(2)
    found = estimate(panel, method)
    levels = named(panel.outcome + 9 * rng.normal(size=(12, 1)), panel.start)
    steady = named(panel.outcome + 9 * np.arange(14), panel.start)
    for moved in (levels, steady):
        other = estimate(moved, method)
        np.testing.assert_allclose(other.unit_weights, found.unit_weights, atol=1e-6)
        assert other.att == pytest.approx(found.att, abs=1e-4)
    shaken = estimate(named(panel.outcome + 9 * rng.normal(size=14), panel.start), method)
    if method == "did":
        assert shaken.att == pytest.approx(found.att, abs=1e-10)
    else:
        even = np.full(10, 0.1)
        assert abs(shaken.unit_weights - even).max() < abs(found.unit_weights - even).max()


def test_several_starts_are_averaged_by_treated_cells() -> None:
    panel = factor_world(10, 1, 12, 6, 7)
    start = panel.start.copy()
    start[1:3] = 9
    both = estimate(named(panel.outcome, start), "sdid")
    early = estimate(panel.subset(np.array([0, 3, 4, 5, 6, 7, 8, 9])), "sdid").att
    late = estimate(named(panel.outcome[1:], start[1:]), "sdid").att
    assert [fit.att for fit in both.fits] == pytest.approx([early, late])
    assert both.att == pytest.approx((6 * early + 2 * 3 * late) / 12)
    assert both.unit_weights.sum() == pytest.approx(1)


def test_where_effects_grow_and_starts_differ_the_average_stays_within_their_range() -> None:
    """A two-way regression on this panel gives less than any effect, as it takes the treated for comparisons."""
    periods = np.arange(12)
    start = np.array([3, 8, 12, 12])
    effect = np.where(periods >= start[:, None], periods - start[:, None] + 1.0, 0.0)
    found = estimate(named(effect + np.arange(4.0)[:, None] + periods % 3, start), "did")
    mean = effect[periods >= start[:, None]].mean()
    assert found.att == pytest.approx(mean)


def test_covariates_that_say_how_units_respond_lead_to_the_truth() -> None:
    rng = np.random.default_rng(3)
    response = np.append(0.6, rng.uniform(0, 1.2, 20))
    outcome = np.outer(response, np.arange(16.0)) + 0.3 * rng.normal(size=(21, 16))
    useless = rng.normal(size=21)
    given = np.vstack([response, useless])
    found = synthetic_on(outcome[1:], outcome[0], 12, donor_covariates=given[:, 1:], covariates=given[:, 0])
    assert found.fit.att == pytest.approx(0, abs=0.6)
    assert found.importance[0] > found.importance[1]
    assert found.spread[0] <= found.fit.att <= found.spread[1]
    assert found.fit.pre_rmspe == pytest.approx(min(error for _, error in found.attempts[:3]))
    assert len(found.attempts) == 4


@pytest.mark.parametrize("method", ["sdid", "sc"])
def test_two_donors_that_are_alike_and_far_from_all_others_are_no_trouble(method: Method) -> None:
    outcome = 1e6 + 100 * np.random.default_rng(0).normal(size=(25, 14))
    outcome[7] = outcome[8] = 0
    start = np.array([10] + [14] * 24)
    near = np.delete(outcome, [7, 8], axis=0)
    found = estimate(named(outcome, start), method)
    if method == "sc":
        rest = estimate(named(near, start[:23]), method)
        assert found.att == pytest.approx(rest.att, abs=1e-3)
        assert found.unit_weights[[6, 7]].max() < 1e-6
    assert abs(found.att) < 300


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"donor_covariates": np.ones((2, 3))}, r"\(covariate, 4\)"),
        ({"covariates": np.array([np.nan, 1.0])}, "covariate 0"),
        ({"donor_covariates": np.ones((2, 4)), "covariates": np.ones(2)}, "no covariate differs"),
        ({"matched": np.array([2, 3])}, "from 0 to 2"),
    ],
)
def test_covariates_that_cannot_be_matched_on_are_refused(changed: dict[str, Any], message: str) -> None:
    rng = np.random.default_rng(1)
    given: dict[str, Any] = {"donor_covariates": rng.normal(size=(2, 4)), "covariates": np.array([0.1, 0.2])} | changed
    with pytest.raises(BadRequest, match=message):
        synthetic_on(rng.normal(size=(4, 5)), rng.normal(size=5), 3, **given)


def test_one_period_before_the_start_is_too_few_for_a_ridge_but_not_for_the_others() -> None:
    panel = named(np.array([[1.0, 5.0], [1.0, 2.0], [2.0, 3.0]]), np.array([1, 2, 2]))
    with pytest.raises(NotEnoughData, match="one period before the start"):
        estimate(panel, "sdid")
    assert estimate(panel, "did").att == 3
    assert estimate(panel, "sc").att == pytest.approx(3)


def test_donors_that_never_change_before_the_start_share_evenly() -> None:
    found = sdid(np.array([[1.0, 1.0, 2.0], [4.0, 4.0, 6.0]]), np.array([3.0, 3.0, 9.0]), 2)
    assert found.unit_weights.tolist() == [0.5, 0.5]
    assert found.att == pytest.approx(4.5)


def test_a_single_donor_bears_all_weight() -> None:
    donors, path = np.array([[1.0, 2.0, 2.0, 5.0]]), np.array([2.0, 4.0, 4.0, 9.0])
    for found in (did(donors, path, 3), sdid(donors, path, 3), synthetic(donors, path, 3)):
        assert found.unit_weights.tolist() == [1.0]
    assert noise_level(donors[:, :2]) == 1.0


def test_requests_that_make_no_sense_are_refused() -> None:
    with pytest.raises(BadRequest, match="3 of 3 periods lie before the start: give 1 to 2"):
        did(np.ones((2, 3)), np.ones(3), 3)
    with pytest.raises(BadRequest, match=r"\(2, 3\) and \(4,\)"):
        sdid(np.ones((2, 3)), np.ones(4), 2)
    with pytest.raises(BadRequest, match="method 'ols' is unknown: give one of sdid, sc, did"):
        estimate(Panel(np.eye(2), np.array([1, 2]), ("A", "B"), (1, 2)), "ols")  # type: ignore[arg-type]
