"""Conversion of potential into performance: what the models say side by side, how sure, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog
from scipy.stats import spearmanr

from softpower.errors import BadRequest, NotEnoughData, UnknownNode
from softpower.index import Index, Model, build, build_years
from softpower.index.conversion import Conversion, ModelResult, conversion, positive
from softpower.index.conversion_models import Scores, by_dea, by_direction, by_likelihood, by_order_m
from softpower.index.decision_units import Names
from softpower.index.frontier import dea
from softpower.index.order_m import order_m
from softpower.index.stochastic_frontier import conditional_efficiency, stochastic_frontier

MODELS = ["dea", "order_m", "sfa_half_normal", "sfa_exponential", "directional"]
NODES = ("has", "gets", "more")


def model() -> Model:
    """Three nodes below one, an indicator each."""
    return Model.model_validate(
        {
            "id": "test",
            "title": "Test",
            "nodes": {"top": {"title": "Top"}} | {each: {"title": each, "parent": "top"} for each in NODES},
            "indicators": {f"i_{each}": {"title": each, "node": each} for each in NODES},
            "uncertainty": {"weights_cv": 0.0},
        }
    )


def table(units: int, years: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(units)
    keys = {
        "unit": [f"U{k:02d}" for k in range(units)] * years,
        "year": [2020 + t for t in range(years) for _ in range(units)],
    }
    return pl.DataFrame(keys | {f"i_{each}": rng.uniform(1, 9, units * years) for each in NODES})


def made(scores: dict[str, np.ndarray], noise: float = 0.0, draws: int = 100, seed: int = 1) -> Index:
    """An index with these scores, and replications that are off by normal noise."""
    rng = np.random.default_rng(seed)
    count = len(scores["has"])
    built = build(model(), table(count), draws=100)
    given = {node: scores.get(node, np.full(count, 50.0)) for node in NODES}
    return replace(
        built,
        draws=draws,
        central=dict(built.central) | given,
        sampled=dict(built.sampled)
        | {
            node: (each + noise * rng.standard_normal((draws, count))).astype(np.float32)
            for node, each in given.items()
        },
        _memo={},
    )


def plausible(units: int = 30, seed: int = 2) -> dict[str, np.ndarray]:
    """Performance that follows potential, short of it by various amounts."""
    rng = np.random.default_rng(seed)
    has = rng.uniform(20, 80, units)
    return {"has": has, "gets": 15 * has**0.4 * np.exp(-np.abs(rng.normal(0, 0.2, units)) + rng.normal(0, 0.03, units))}


def converted(index: Index, **asked: object) -> Conversion:
    return conversion(index, inputs=["has"], outputs=["gets"], **asked)  # type: ignore[arg-type]


def by_name(found: Conversion) -> dict[str, ModelResult]:
    return {each.model: each for each in found.results}


@pytest.fixture(scope="module")
def found(index: Index) -> Conversion:
    return conversion(index, draws=100)


@pytest.fixture(scope="module")
def noisy() -> Conversion:
    return converted(made(plausible(), noise=0.5))


# Side by side.


def test_five_models_stand_side_by_side_each_value_and_each_place_inside_its_interval(found: Conversion) -> None:
    assert [each.model for each in found.results] == MODELS
    assert [each.measure for each in found.results] == ["share"] * 4 + ["points"]
    for each in found.results:
        assert len(each.value) == len(found.units)
        assert np.all((each.low <= each.value) & (each.value <= each.high))
        assert np.all((each.scores_low <= each.value) & (each.value <= each.scores_high))
        assert np.all(each.sample_low <= each.sample_high)
        assert np.all((each.place.low <= each.place.central) & (each.place.central <= each.place.high))
        assert each.replications >= 100
        assert np.all(each.low < each.high)


def test_correction_for_bias_never_raises_an_efficiency(index: Index, found: Conversion) -> None:
    plain = dea(index.scores("potential").value, index.scores("performance").value).efficiency
    assert not found.moved
    assert found.uncorrected == pytest.approx(plain, abs=1e-12)
    assert (found.results[0].value < plain).all()


def test_peers_of_a_unit_have_an_efficiency_of_one_before_correction(found: Conversion) -> None:
    best = {unit for unit, each in zip(found.units, found.uncorrected, strict=True) if each > 1 - 1e-9}
    assert {peer.unit for peers in found.peers for peer in peers} <= best
    assert np.all((found.peer_share >= 0) & (found.peer_share <= 1))
    # Everybody has a peer in every replication, be it himself.
    assert np.all(found.peer_share.sum(axis=1) >= 1 - 1e-12)


def test_shares_of_replications_ahead_add_up_and_what_every_model_says_is_said_of_one_side(noisy: Conversion) -> None:
    for each in noisy.results:
        np.testing.assert_allclose(each.ahead + each.ahead.T, 1.0, atol=1e-12)
    assert noisy.better.any()
    assert not (noisy.better & noisy.better.T).any()
    low, high = noisy.places
    for each in noisy.results:
        assert np.all((low <= each.place.low) & (each.place.high <= high))


def test_a_unit_far_behind_all_others_is_told_apart_from_each_of_them() -> None:
    scores = plausible()
    scores["gets"][4] = 5.0
    found = converted(made(scores, noise=0.5))
    assert found.better[:, 4].sum() == 29
    assert all(each.place.low[4] == each.place.high[4] == 30 for each in found.results)


# How sure.


def test_the_less_certain_the_scores_the_wider_the_intervals() -> None:
    all_of_them = [by_name(converted(made(plausible(), noise=noise))) for noise in (0.0, 1.0, 4.0)]
    for name in MODELS:
        widths = [float(np.mean(each[name].high - each[name].low)) for each in all_of_them]
        spans = [float(np.mean(each[name].scores_high - each[name].scores_low)) for each in all_of_them]
        assert widths[0] < widths[1] < widths[2]
        assert spans[0] < 1e-5 < spans[1] < spans[2]  # replications are kept in single precision


def test_with_certain_scores_the_interval_of_both_is_that_of_the_frontier_alone() -> None:
    for each in converted(made(plausible(), draws=1000)).results:
        scale = float(np.mean(each.high - each.low))
        for both, sample in ((each.low, each.sample_low), (each.high, each.sample_high)):
            np.testing.assert_allclose(both, sample, atol=0.6 * scale)  # but for the luck of the draws
            assert abs(np.mean(both - sample)) < 0.1 * scale


def test_noise_of_the_scores_comes_through_as_it_went_in() -> None:
    """Far from the frontier that two certain units span, a point more or less of performance is a point short."""
    scores = {"has": np.linspace(20, 80, 40), "gets": np.full(40, 30.0)}
    scores["gets"][[0, 20]] = 60.0
    index = made(scores, draws=1000)
    drawn = index.sampled["gets"].copy()
    drawn[:, 30] = 30 + 3 * np.random.default_rng(1).standard_normal(1000)
    found = by_name(converted(replace(index, sampled=dict(index.sampled) | {"gets": drawn}, _memo={})))["directional"]
    assert found.scores_high[30] - found.scores_low[30] == pytest.approx(2 * 1.645 * 3, rel=0.1)
    assert found.scores_high[31] - found.scores_low[31] < 1e-4


def test_a_frontier_pushed_out_by_errors_of_the_scores_is_put_back_and_said() -> None:
    """Known truth: units below y = 10 √x, scores off by 2 points, replications by as much again."""
    rng = np.random.default_rng(6)
    held: dict[str, list[float]] = {"dea": [], "directional": []}
    plain: dict[str, list[float]] = {"dea": [], "directional": []}
    for seed in range(8):
        x, waste = rng.uniform(20, 80, (150, 1)), np.abs(rng.normal(0, 0.25, (150, 1)))
        y = 10 * np.sqrt(x) * np.exp(-waste)
        seen = [each + 2 * rng.standard_normal((150, 1)) for each in (x, y)]
        again = [each + 2 * rng.standard_normal((200, 150, 1)) for each in seen]
        data = Scores(seen[0], seen[1], again[0], again[1], Names().filled(150, 1, 1))
        for name, measure, fitted, truth in (
            ("dea", "share", by_dea(data, returns="variable", draws=200, level=0.9, seed=seed), np.exp(-waste)),
            ("directional", "points", by_direction(data, draws=200, level=0.9, seed=seed), 10 * np.sqrt(x) - y),
        ):
            assert fitted.push > 0
            for into, draws in ((held, fitted.without_push(fitted.both, measure=measure)), (plain, fitted.both)):
                low, high = np.quantile(draws, [0.05, 0.95], axis=0)
                low, high = np.minimum(low, fitted.value), np.maximum(high, fitted.value)
                into[name].append(float(((low <= truth[:, 0]) & (truth[:, 0] <= high)).mean()))
    for name, shares in held.items():
        assert np.mean(shares) > 0.8
        assert np.mean(shares) > np.mean(plain[name]) + 0.1
    certain, noisy = (converted(made(plausible(60), noise=noise)).cautions for noise in (0.0, 4.0))
    (said,) = [each for each in noisy if "errors of the scores push the frontier out" in each]
    assert said.startswith("dea, directional: ")
    assert not any("errors of the scores" in each for each in certain)


def scores_of(units: int, inputs: int, outputs: int, draws: int = 12, seed: int = 3) -> Scores:
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(20, 80, (units, inputs)), rng.uniform(20, 80, (units, outputs))
    return Scores(
        x,
        y,
        x + rng.normal(0, 2, (draws, units, inputs)),
        y + rng.normal(0, 2, (draws, units, outputs)),
        Names().filled(units, inputs, outputs),
    )


def shown_possible(x: np.ndarray, y: np.ndarray, k: int, step: np.ndarray) -> float:
    """Most steps that mixtures of the units with no more of the inputs are ahead of unit k, by HiGHS."""
    answer = linprog(
        np.append(-1.0, np.zeros(len(x))),
        A_ub=np.block([[np.zeros((x.shape[1], 1)), x.T], [step[:, None], -y.T]]),
        b_ub=np.concatenate([x[k], -y[k]]),
        A_eq=[[0.0] + [1.0] * len(x)],
        b_eq=[1.0],
        method="highs",
    )
    return -float(answer.fun)


@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (2, 2)])
def test_every_replication_has_a_frontier_of_its_own(inputs: int, outputs: int) -> None:
    data = scores_of(14, inputs, outputs)
    points = by_direction(data, draws=50, level=0.9, seed=1)
    shares = by_dea(data, returns="variable", draws=50, level=0.9, seed=1)
    plain = dea(data.x, data.y).efficiency
    short = np.array([shown_possible(data.x, data.y, k, np.ones(outputs)) for k in range(14)])
    for draw, (x, y) in enumerate(zip(data.x_draws, data.y_draws, strict=True)):
        for k in range(14):
            expected = shown_possible(x, y, k, np.ones(outputs))
            # The correction is that of the central frontier.
            assert points.scores[draw, k] == pytest.approx(expected + points.value[k] - short[k], abs=1e-7)
            expected = 1 + shown_possible(x, y, k, y[k])
            assert 1 / shares.scores[draw, k] == pytest.approx(expected + 1 / shares.value[k] - 1 / plain[k], rel=1e-8)
    # A sample of the units never reaches as far as all of them, which the interval makes good.
    assert np.all(points.both >= points.scores - (points.value - short) - 1e-9)


@pytest.mark.parametrize("outputs", [1, 2])
def test_order_m_is_fitted_to_every_replication(outputs: int) -> None:
    data = scores_of(15, 2, outputs)
    found = by_order_m(data, draws=20, level=0.9, seed=1)
    for draw, (x, y) in enumerate(zip(data.x_draws, data.y_draws, strict=True)):
        np.testing.assert_allclose(found.scores[draw], order_m(x, y, m=5).efficiency, rtol=1e-9)


@pytest.mark.parametrize("distribution", ["half-normal", "exponential"])
def test_stochastic_frontiers_are_fitted_to_every_replication(distribution: str) -> None:
    scores = plausible(80)
    index = made(scores, noise=1.0, draws=12)
    x, y = (index.sampled[node].astype(np.float64)[:, :, None] for node in ("has", "gets"))
    data = Scores(scores["has"][:, None], scores["gets"][:, None], x, y, Names().filled(80, 1, 1))
    found = by_likelihood(data, distribution=distribution, draws=20, level=0.9, seed=1)
    for draw in range(12):
        one = stochastic_frontier(x[draw], y[draw], distribution=distribution)
        np.testing.assert_allclose(found.scores[draw], one.efficiency, atol=1e-5)
    assert np.isfinite(found.both).all()
    assert np.all((found.both > 0) & (found.both <= 1))


def test_what_is_drawn_of_an_inefficiency_is_what_the_residual_leaves_open() -> None:
    from softpower.index.stochastic_frontier import efficiency_draws

    residual = np.array([-0.8, -0.1, 0.2])
    many = np.broadcast_to(residual, (40_000, 3))
    for distribution in ("half-normal", "exponential"):
        sigma_v, sigma_u = np.full(40_000, 0.15), np.full(40_000, 0.4)
        drawn = efficiency_draws(
            many, sigma_v=sigma_v, sigma_u=sigma_u, distribution=distribution, rng=np.random.default_rng(1)
        )
        given = conditional_efficiency(residual, sigma_v=0.15, sigma_u=0.4, distribution=distribution)
        np.testing.assert_allclose(drawn.mean(axis=0), given.expected, atol=0.004)
        np.testing.assert_allclose(np.quantile(drawn, 0.05, axis=0), given.low, atol=0.006)
        np.testing.assert_allclose(np.quantile(drawn, 0.95, axis=0), given.high, atol=0.006)


def test_the_same_seed_gives_the_same_intervals_and_another_others() -> None:
    index = made(plausible(), noise=1.0)
    first, again, other = (converted(index, seed=seed) for seed in (1, 1, 2))
    for one, two, three in zip(first.results, again.results, other.results, strict=True):
        np.testing.assert_array_equal(one.low, two.low)
        np.testing.assert_array_equal(one.place.high, two.place.high)
        assert not np.array_equal(one.low, three.low)


# The zero of the scores.


def test_only_points_short_do_not_depend_on_the_zero_of_the_scores() -> None:
    scores = plausible()
    index = made(scores, noise=1.0)
    up = replace(
        index,
        central={node: each + 64 for node, each in index.central.items()},
        sampled={node: each + np.float32(64) for node, each in index.sampled.items()},
        _memo={},
    )
    before, after = by_name(converted(index)), by_name(converted(up))
    for name in ("value", "low", "high", "sample_low", "sample_high"):
        one, two = (getattr(each["directional"], name) for each in (before, after))
        np.testing.assert_allclose(one, two, atol=1e-4)  # single precision
    for share in MODELS[:4]:
        assert np.abs(before[share].value - after[share].value).max() > 0.01
    assert any("zero of a score is a convention" in each for each in converted(index).cautions)


def test_constant_returns_are_a_ratio_and_need_a_natural_zero() -> None:
    scores = plausible()
    index = made(scores)
    found = converted(index, returns="constant")
    ratio = scores["gets"] / scores["has"]
    np.testing.assert_allclose(found.uncorrected, ratio / ratio.max(), rtol=1e-9)
    assert any("natural zero" in each for each in found.cautions)
    assert not any("natural zero" in each for each in converted(index).cautions)


def test_scores_below_one_are_moved_to_1_100_in_the_same_order_and_their_replications_with_them() -> None:
    scores, draws = np.array([-3.0, 0.0, 2.0, 0.5]), np.array([[-4.0, 0.0, 5.0, 1.0]])
    moved, also, was = positive(scores, draws)
    assert was
    assert (also.min(), also.max()) == (1.0, 100.0)
    assert np.argsort(moved).tolist() == np.argsort(scores).tolist()
    assert moved[1] == also[0, 1]
    assert positive(scores)[0].max() == 100.0


def test_negative_scores_are_moved_for_shares_and_taken_as_they_are_for_points() -> None:
    scores = {node: each - 60 for node, each in plausible().items()}
    found = converted(made(scores, noise=1.0))
    assert found.moved == ("has", "gets")
    each = by_name(found)["directional"]
    data = scores["has"][:, None], scores["gets"][:, None]
    plain = [shown_possible(*data, k, np.ones(1)) for k in range(30)]
    assert np.all(each.value >= np.array(plain) - 1e-9)
    assert np.corrcoef(each.value, plain)[0, 1] > 0.95


# Gaps, few units, equal scores.


def test_a_unit_without_a_score_in_some_node_or_replication_is_left_out_by_name_and_changes_nobody() -> None:
    scores = plausible(20)
    whole = made(scores, noise=1.0)
    kept = np.array([k for k in range(20) if k not in (3, 7)])
    central = {node: each.copy() for node, each in whole.central.items()}
    sampled = {node: each.copy() for node, each in whole.sampled.items()}
    central["has"][3] = np.nan
    sampled["has"][:, 3] = np.nan
    sampled["gets"][5, 7] = np.nan
    found = converted(replace(whole, central=central, sampled=sampled, _memo={}))
    assert found.units == tuple(f"U{k:02d}" for k in kept)
    assert "no score in some node, left out: U03, U07" in found.cautions
    without = replace(
        whole,
        units=tuple(np.array(whole.units)[kept]),
        central={node: each[kept] for node, each in whole.central.items()},
        sampled={node: each[:, kept] for node, each in whole.sampled.items()},
        _memo={},
    )
    for one, two in zip(found.results, converted(without).results, strict=True):
        np.testing.assert_array_equal(one.value, two.value)
        np.testing.assert_array_equal(one.low, two.low)


@pytest.mark.parametrize(("units", "message"), [(1, "1 unit has a score in all of has, gets"), (2, "2 units have")])
def test_one_unit_or_two_are_no_comparison(units: int, message: str) -> None:
    scores = plausible(5)
    scores["gets"][units:] = np.nan
    with pytest.raises(NotEnoughData, match=message):
        converted(made(scores))


def test_three_units_are_compared_with_a_caution_by_the_models_that_can_be_fitted() -> None:
    found = converted(made({"has": np.array([30.0, 40.0, 50.0]), "gets": np.array([40.0, 20.0, 50.0])}, noise=1.0))
    assert [each.model for each in found.results] == ["dea", "order_m", "directional"]
    assert any("3 units are few for 1 input and 1 output" in each for each in found.cautions)
    assert any("sfa_half_normal is left out: 3 units cannot tell 4 parameters" in each for each in found.cautions)


@pytest.mark.parametrize(("units", "is_told"), [(6, True), (39, True), (40, False)])
def test_ten_units_for_each_parameter_of_a_likelihood_are_few_below_that(units: int, is_told: bool) -> None:
    found = converted(made(plausible(units), noise=1.0), draws=100)
    assert "sfa_half_normal" in by_name(found)
    told = [each for each in found.cautions if "units are few for 4 parameters: with fewer than 40" in each]
    assert bool(told) is is_told
    assert all(each.startswith("sfa_half_normal, sfa_exponential: ") for each in told)


def test_intervals_beyond_all_measure_are_said_to_be_of_units_without_their_like() -> None:
    index = made({"has": np.array([10.0, 20, 30, 40, 50, 60]), "gets": np.array([2.0, 3, 4, 5, 6, 90])}, noise=0.1)
    found = converted(index, draws=100)
    assert max(by_name(found)["order_m"].high) > 5
    assert any(each.startswith("order_m: intervals that reach beyond 5 times") for each in found.cautions)
    assert not any("reach beyond" in each for each in converted(made(plausible(60), noise=1.0), draws=100).cautions)


def test_equal_scores_tell_nobody_apart() -> None:
    found = converted(made({"has": plausible()["has"], "gets": np.full(30, 50.0)}))
    assert "order_m" in by_name(found)
    assert any("dea is left out: all units lie on the frontier" in each for each in found.cautions)
    assert not found.better.any()
    for each in found.results:
        np.testing.assert_allclose(each.value, 1.0, rtol=1e-12)
        assert np.all(each.place.central == 1)
    both = converted(made({"has": np.full(30, 0.0), "gets": np.full(30, 0.0)}))
    assert not both.better.any()


def test_several_outputs_leave_out_stochastic_frontiers_and_keep_the_others() -> None:
    scores = plausible(30)
    scores["more"] = scores["gets"][::-1].copy()
    found = conversion(made(scores, noise=1.0), inputs=["has"], outputs=["gets", "more"])
    assert [each.model for each in found.results] == ["dea", "order_m", "directional"]
    assert any("sfa_exponential is left out" in each and "one output, not 2" in each for each in found.cautions)
    # A second output can only show units in a better light.
    single = converted(made(scores, noise=1.0))
    assert np.all(found.uncorrected >= single.uncorrected - 1e-9)


def test_models_that_order_the_units_differently_are_named() -> None:
    """Performance that has little to do with potential."""
    rng = np.random.default_rng(46)
    has = rng.uniform(20, 80, 30)
    found = converted(made({"has": has, "gets": rng.uniform(20, 80, 30) + 0.5 * has}))
    value = {each.model: -each.value if each.measure == "points" else each.value for each in found.results}
    pairs = [(one, other) for place, one in enumerate(value) for other in list(value)[place + 1 :]]
    alike = {pair: float(spearmanr(*(value[each] for each in pair)).statistic) for pair in pairs}
    expected = [
        f"{one} and {other} order the units differently (Spearman {r:.2f})"
        for (one, other), r in alike.items()
        if r < 0.7
    ]
    assert expected
    assert [each for each in found.cautions if "differently" in each] == expected
    assert not any("differently" in each for each in converted(made(plausible(60))).cautions)


def test_years_are_compared_each_with_its_own_scores() -> None:
    built = build_years(model(), table(12, years=2), draws=100)
    found = [converted(each, draws=50) for each in built]
    assert found[0].units == found[1].units
    assert not np.allclose(found[0].uncorrected, found[1].uncorrected)
    for each, index in zip(found, built, strict=True):
        x, y = (positive(index.central[node], index.sampled[node].astype(float))[0] for node in ("has", "gets"))
        np.testing.assert_allclose(each.uncorrected, dea(x, y).efficiency, rtol=1e-9)


# What is refused.


def test_nodes_that_share_scores_are_refused(index: Index) -> None:
    pillar = index.model.children("performance")[0]
    with pytest.raises(BadRequest, match="share scores"):
        conversion(index, inputs=[pillar])


def test_an_unknown_node_is_named(index: Index) -> None:
    with pytest.raises(UnknownNode, match="potentail"):
        conversion(index, inputs=["potentail"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda index: converted(index, returns="crs"), "returns must be one of variable, constant|constant, variable"),
        (lambda index: converted(index, draws=0), "draws must be 1 or more, not 0"),
        (lambda index: conversion(index), "has no node 'potential'"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(call: Callable[[Index], object], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        call(made(plausible(5)))


def test_progress_names_each_model() -> None:
    said: list[str] = []
    converted(made(plausible(10)), progress=said.append)
    assert [each.removeprefix("Comparing units by ") for each in said] == [*MODELS, "Looking for peers"]
