"""Benefit of the doubt: closed forms, another solver, and its ties to data envelopment analysis."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from softpower.errors import BadRequest
from softpower.index.benefit_of_the_doubt import (
    against_m,
    benefit_of_the_doubt,
    directional,
    preferred_direction,
    share_bounded,
)
from softpower.index.decision_units import Names
from softpower.index.frontier import dea


def drawn(seed: int, units: int = 20, indicators: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).uniform(1, 100, (units, indicators))


def bounded(y: np.ndarray, k: int, low: np.ndarray, high: np.ndarray) -> float:
    """Score of unit k by HiGHS: weights w with w'y_j ≤ 1 and shares w_r y_rk / w'y_k within bounds."""
    indicators = y.shape[1]
    own = np.diag(y[k])
    rows = [y, own - np.outer(high, y[k]), np.outer(low, y[k]) - own]
    side = np.concatenate([np.ones(len(y)), np.zeros(2 * indicators)])
    return -linprog(-y[k], A_ub=np.concatenate(rows), b_ub=side, method="highs").fun


def step(y: np.ndarray, k: int, direction: np.ndarray) -> float:
    """Largest β with y_k + β direction no better than a mixture of units, by HiGHS."""
    rows = np.column_stack([direction, -y.T])
    answer = linprog(
        [-1.0] + [0.0] * len(y), A_ub=rows, b_ub=-y[k], A_eq=[[0.0] + [1.0] * len(y)], b_eq=[1.0], method="highs"
    )
    return -float(answer.fun)


def test_one_indicator_leaves_nothing_to_doubt() -> None:
    np.testing.assert_allclose(benefit_of_the_doubt([2.0, 5.0, 4.0]).score, [0.4, 1, 0.8], rtol=1e-12)


def test_two_indicators_agree_with_a_drawing() -> None:
    """Between (1, 4) and (4, 1) the frontier is the line x + y = 5; beyond them it runs straight along the axes."""
    y = np.array([[1, 4], [4, 1], [2, 2], [0.5, 3.9], [2.5, 2.5]])
    found = benefit_of_the_doubt(y, names=Names(units="ABCDE"))
    np.testing.assert_allclose(found.score, [1, 1, 4 / 5, 3.9 / 4, 1], rtol=1e-12)
    np.testing.assert_allclose(found.share[2], [0.5, 0.5], rtol=1e-12)
    np.testing.assert_allclose(found.share[3], [0, 1], atol=1e-12)
    np.testing.assert_allclose(found.intensity[2], [0.5, 0.5, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(found.intensity[3], [1, 0, 0, 0, 0], atol=1e-12)
    assert found.names.units == tuple("ABCDE")
    assert found.names.outputs == ("indicator 1", "indicator 2")


@given(st.integers(0, 1000), st.integers(1, 5))
@settings(max_examples=25, deadline=None)
def test_free_weights_are_an_envelope_with_one_unit_of_input_for_all(seed: int, indicators: int) -> None:
    y = drawn(seed, indicators=indicators)
    found = benefit_of_the_doubt(y)
    for returns in ("constant", "variable"):
        np.testing.assert_allclose(found.score, dea(np.ones(20), y, returns=returns).efficiency, rtol=1e-9)
    np.testing.assert_allclose(found.share.sum(axis=1), 1, rtol=1e-12)
    assert found.share.min() >= 0
    # The weights behind the shares give the score, and nobody more than 1.
    weights = found.share * found.score[:, None] / y
    np.testing.assert_allclose((weights @ y.T).max(axis=1), 1, rtol=1e-9)
    # The peers' mixture is the unit, brought to the frontier.
    assert np.all(found.intensity @ y >= y / found.score[:, None] * (1 - 1e-9))


@pytest.mark.parametrize(
    ("low", "high"), [(0.1, 0.4), (0.0, 0.3), (0.2, 1.0), ([0.1, 0.0, 0.3, 0.2], [0.5, 0.2, 1, 0.9])]
)
def test_bounded_shares_give_the_scores_of_another_solver(low: float | list[float], high: float | list[float]) -> None:
    y = drawn(3)
    found = share_bounded(y, low=low, high=high)
    floor, ceiling = np.broadcast_to(low, 4), np.broadcast_to(high, 4)
    np.testing.assert_allclose(found.score, [bounded(y, k, floor, ceiling) for k in range(20)], rtol=1e-9)
    assert np.all(found.share >= floor - 1e-9)
    assert np.all(found.share <= ceiling + 1e-9)
    np.testing.assert_allclose(found.share.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(found.intensity.sum(axis=1), 1, rtol=1e-12)
    weights = found.share * found.score[:, None] / y
    np.testing.assert_allclose((weights @ y.T).max(axis=1), 1, rtol=1e-9)


def test_the_tighter_the_bounds_the_lower_the_scores_from_free_to_fixed_shares() -> None:
    y = drawn(4)
    last = benefit_of_the_doubt(y).score
    np.testing.assert_allclose(share_bounded(y, low=0, high=1).score, last, rtol=1e-9)
    for slack in (0.2, 0.1, 0.01, 0.0):
        found = share_bounded(y, low=0.25 - slack, high=0.25 + slack).score
        assert np.all(found <= last + 1e-9)
        last = found
    fixed = 1 / (0.25 * y / y[:, None]).sum(axis=2).max(axis=1)
    np.testing.assert_allclose(last, fixed, rtol=1e-12)
    assert np.all(last < benefit_of_the_doubt(y).score)


def test_moving_in_proportion_to_ones_own_values_is_the_plain_score() -> None:
    y = drawn(5)
    np.testing.assert_allclose(directional(y, direction=y).score, benefit_of_the_doubt(y).score, rtol=1e-9)
    alike = preferred_direction(y, [2, 2, 2, 2])
    np.testing.assert_allclose(alike, y, rtol=1e-12)


@pytest.mark.parametrize("direction", [[1.0, 0.0, 0.0, 0.0], [5.0, 1.0, 2.0, 0.5], [30.0, 30.0, 30.0, 30.0]])
def test_a_direction_gives_the_steps_of_another_solver(direction: list[float]) -> None:
    y = drawn(6)
    found = directional(y, direction=direction)
    steps = np.array([step(y, k, np.array(direction)) for k in range(20)])
    np.testing.assert_allclose(found.score, 1 / (1 + steps), rtol=1e-9)
    own = preferred_direction(y, [3, 1, 1, 0])
    steps = np.array([step(y, k, own[k]) for k in range(20)])
    np.testing.assert_allclose(directional(y, direction=own).score, 1 / (1 + steps), rtol=1e-9)


@given(st.integers(0, 1000), st.lists(st.floats(1e-6, 1e6), min_size=4, max_size=4))
@settings(max_examples=20, deadline=None)
def test_units_of_measurement_change_no_score(seed: int, factors: list[float]) -> None:
    y = drawn(seed, units=10)
    for score in (
        lambda z: benefit_of_the_doubt(z).score,
        lambda z: share_bounded(z, low=0.1, high=0.5).score,
        lambda z: directional(z, direction=preferred_direction(z, [1, 2, 3, 4])).score,
        lambda z: against_m(z, m=5, draws=5).score,
    ):
        np.testing.assert_allclose(score(y * factors), score(y), rtol=1e-9)


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_a_dominated_unit_more_changes_nobody_elses_score(seed: int) -> None:
    y = drawn(seed, units=10)
    more = np.concatenate([y, y[[3]] * 0.7])
    for score in (benefit_of_the_doubt, lambda z: share_bounded(z, low=0.1, high=0.5)):
        after = score(more).score
        np.testing.assert_allclose(after[:10], score(y).score, rtol=1e-9)
        assert after[10] == pytest.approx(0.7 * after[3], rel=1e-9)


def test_panels_of_m_are_scored_as_by_another_solver() -> None:
    y = drawn(7, units=12)
    found = against_m(y, m=4, draws=30, seed=9)
    panels = np.random.default_rng(9).integers(12, size=(30, 4))
    scores = np.array(
        [[-linprog(-y[k], A_ub=y[panel], b_ub=np.ones(4), method="highs").fun for k in range(12)] for panel in panels]
    )
    np.testing.assert_allclose(found.score, scores.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(found.low, np.quantile(scores, 0.05, axis=0), rtol=1e-9)
    np.testing.assert_allclose(found.high, np.quantile(scores, 0.95, axis=0), rtol=1e-9)
    np.testing.assert_allclose(found.simulation_error, scores.std(axis=0, ddof=1) / 30**0.5, rtol=1e-9)


def test_with_growing_panels_the_plain_score_comes_back_from_above() -> None:
    y = drawn(8, units=15)
    plain = benefit_of_the_doubt(y).score
    small, large = against_m(y, m=5, draws=50), against_m(y, m=400, draws=50)
    assert np.all(small.score >= plain - 1e-9)
    assert small.score.max() > 1.05
    np.testing.assert_allclose(large.score, plain, rtol=1e-9)


def test_one_odd_unit_sets_the_standard_for_all_only_when_its_weight_is_free() -> None:
    """An odd unit far ahead in everything divides plain scores by its lead, and scores against panels by less."""
    y = drawn(9, units=40)
    odd = np.concatenate([y, [[1000.0] * 4]])
    plain = benefit_of_the_doubt(odd).score[:40] / benefit_of_the_doubt(y).score
    panels = against_m(odd, m=10, draws=200).score[:40] / against_m(y, m=10, draws=200).score
    assert plain.max() < 0.2
    assert panels.min() > 0.6


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda y: share_bounded(y, low=0.6, high=0.8), "no shares keep the bounds: .* sum to 1.2 at least and 1.6"),
        (lambda y: share_bounded(y, low=0.0, high=0.4), "no shares keep the bounds: .* sum to 0 at least and 0.8"),
        (
            lambda y: share_bounded(y, low=0.5, high=0.2),
            "shares of indicator 1 must lie between 0 and 1, low at most high",
        ),
        (lambda y: share_bounded(y, low=[0.1, 0.1, 0.1], high=1), "one number or one for each of 2 indicators"),
        (lambda y: directional(y, direction=[1.0, 2.0, 3.0]), r"direction must have the shape \(2,\) or \(2, 2\)"),
        (lambda y: directional(y, direction=[0.0, 0.0]), "direction must be zero or more"),
        (lambda y: directional(y, direction=[-1.0, 2.0]), "direction must be zero or more"),
        (lambda y: preferred_direction(y, [1.0]), "preference must be 2 numbers"),
        (lambda y: against_m(y, m=0), "m and draws must be 1 or more"),
        (lambda y: against_m(y, m=2, level=2.0), "level must lie between 0 and 1"),
        (lambda y: benefit_of_the_doubt([[1.0, 2.0], [0.0, 1.0]]), r"not above zero: unit 2, .*1 \(0\)"),
        (lambda y: benefit_of_the_doubt([[1.0, np.nan]]), "1 cell is missing: unit 1"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(call, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        call(np.array([[1.0, 2.0], [2.0, 1.0]]))


def test_messages_call_units_and_indicators_by_their_names() -> None:
    names = Names(units=("KAZ", "UZB"), outputs=("art", "sport"))
    with pytest.raises(BadRequest, match=r"not above zero: UZB, art \(0\)"):
        benefit_of_the_doubt([[1.0, 2.0], [0.0, 1.0]], names=names)
    with pytest.raises(BadRequest, match="shares of sport must lie"):
        share_bounded([[1.0, 2.0], [2.0, 1.0]], low=[0, -1], high=1, names=names)


def test_too_few_units_for_the_indicators_are_cautioned_against() -> None:
    assert benefit_of_the_doubt(drawn(1, units=14)).cautions != ()
    assert benefit_of_the_doubt(drawn(1, units=15)).cautions == ()
    assert against_m(drawn(1, units=14), m=3, draws=2).cautions != ()
    assert share_bounded(drawn(1, units=14), low=0.25, high=0.25).cautions != ()
