"""Replications of a small index: what is drawn, what stays as it is, and how wide that makes the intervals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from softpower.index import aggregate, normalise
from softpower.index.cells import draw_cells, exact_cells
from softpower.index.choices import alternatives, weigh_choices
from softpower.index.designs import central_design, draw_designs
from softpower.index.estimate import standing
from softpower.index.model import Model
from softpower.index.panel import Panel
from softpower.index.rank import rank, rank_intervals
from softpower.index.uncertainty import Replications
from tests.index.toy import PILLARS, toy_model, toy_panel

SCALES = {"zscore": {"clip": 2.5, "scale": (0.0, 100.0)}, "percentile": {}, "minmax": {}}
METHODS = {
    "normalise": [
        {"method": "zscore", "clip": 2.5, "scale": [0, 100], "chance": 0.4},
        {"method": "percentile", "chance": 0.4},
        {"method": "minmax", "chance": 0.2},
    ],
    "aggregate": [
        {"method": "arithmetic", "chance": 0.8},
        {"method": "geometric", "floor": 10.0, "of": "nodes", "chance": 0.2},
    ],
}


def _sampled(model: Model, panel: Panel, *, draws: int = 400, seed: int = 7, keep: bool = True) -> Replications:
    designs = draw_designs(model, draws=draws, seed=seed)
    return Replications(model, panel, draw_cells(model, panel, designs, seed=seed), designs, keep=keep)


def _central(model: Model, panel: Panel) -> Replications:
    return Replications(model, panel, exact_cells(model, panel), central_design(model), keep=True)


def _width(scores: np.ndarray) -> float:
    found = rank_intervals(scores)
    return float(np.mean(found.high - found.low))


# Weights


def test_weights_among_siblings_are_dirichlet_with_the_declared_spread() -> None:
    model = toy_model(weights_cv=0.4)
    drawn = draw_designs(model, draws=40_000, seed=1).weights
    for node in ("top", "reach"):
        weights = np.stack([drawn[child] for child in model.children(node)], axis=1)
        shares = weights / weights.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(shares.mean(axis=0), 1 / 3, rtol=0.02)
        np.testing.assert_allclose(shares.std(axis=0) / shares.mean(axis=0), 0.4, rtol=0.03)
        # Shares of three equal parts with this spread are Dirichlet with a sum of (3 - 1) / 0.4^2 - 1 = 11.5.
        assert stats.kstest(shares[:5000, 0], stats.beta(11.5 / 3, 23 / 3).cdf).pvalue > 1e-4


def test_weights_are_still_dirichlet_when_a_sibling_is_left_out() -> None:
    drawn = draw_designs(toy_model(weights_cv=0.4), draws=5_000, seed=2).weights
    share = drawn["roads"] / (drawn["roads"] + drawn["rails"])
    assert stats.kstest(share, stats.beta(11.5 / 3, 11.5 / 3).cdf).pvalue > 1e-4


def test_unequal_weights_keep_their_means() -> None:
    model = toy_model(weights_cv=0.4)
    heavy = model.indicators["roads"].model_copy(update={"weight": 2.0})
    model = model.model_copy(update={"indicators": {**model.indicators, "roads": heavy}})
    drawn = draw_designs(model, draws=40_000, seed=3).weights
    share = drawn["roads"] / sum(drawn[leaf] for leaf in PILLARS["reach"])
    assert share.mean() == pytest.approx(0.5, rel=0.01)


def test_methods_are_drawn_as_often_as_declared() -> None:
    designs = draw_designs(toy_model(**METHODS), draws=20_000, seed=1)
    # The declared step stands first among the options and is drawn only where it is listed as an alternative.
    np.testing.assert_allclose(np.bincount(designs.methods["normalise"]) / 20_000, [0, 0.4, 0.4, 0.2], atol=0.015)
    np.testing.assert_allclose(np.bincount(designs.methods["aggregate"]) / 20_000, [0, 0.8, 0.2], atol=0.015)
    assert not designs.methods["treat"].any()


# Scores


def test_a_replication_is_the_index_of_its_own_weights_methods_and_cells() -> None:
    model, panel = toy_model(**METHODS), toy_panel(missing=0.1, error=0.2)
    designs = draw_designs(model, draws=30, seed=4)
    cells = draw_cells(model, panel, designs, seed=4)
    found = Replications(model, panel, cells, designs, keep=False).node("top")
    for draw in range(30):
        name, given = list(SCALES.items())[designs.methods["normalise"][draw] - 1]
        method = getattr(normalise, name)
        pillars, weights = [], []
        for pillar, leaves in PILLARS.items():
            columns = []
            for leaf in leaves:
                k = panel.indicators.index(leaf)
                values = cells.central[0][:, k].copy()
                values[cells.rows[k]] = cells.drawn[k][draw]
                columns.append(method(values, reference=panel.value[0, :, k], **given))
            inside = np.array([designs.weights[leaf][draw] for leaf in leaves])
            pillars.append(np.average(columns, axis=0, weights=inside))
            weights.append(designs.weights[pillar][draw])
        shares = np.array(weights) / np.sum(weights)
        joined = np.stack(pillars, axis=1)
        geometric = designs.methods["aggregate"][draw] == 2
        expected = (
            aggregate.geometric(joined, shares, floor=10.0) if geometric else aggregate.arithmetic(joined, shares)
        )
        np.testing.assert_allclose(found[draw], expected, atol=1e-9)


def test_keeping_scores_in_memory_changes_none() -> None:
    model, panel = toy_model(**METHODS), toy_panel(missing=0.1, error=0.2)
    kept, passing = (_sampled(model, panel, draws=50, keep=keep) for keep in (True, False))
    for node in model.nodes:
        np.testing.assert_array_equal(kept.node(node), passing.node(node))
        np.testing.assert_array_equal(kept.node(node), kept.node(node))


def test_a_left_out_part_gives_its_weight_to_its_siblings() -> None:
    model, panel = toy_model(), toy_panel()
    designs = draw_designs(model, draws=50, seed=7)
    whole, less = (
        Replications(each, cells, draw_cells(each, cells, designs, seed=7), designs, keep=True)
        for each, cells in ((model, panel), (model.without("trust"), panel.without("polls")))
    )
    for gone in ("trust", "polls"):
        np.testing.assert_allclose(whole.node("top", without=frozenset({gone})), less.node("top"))


def test_leaving_out_an_indicator_changes_no_other_draw() -> None:
    panel = toy_panel(error=0.3)
    model = toy_model()
    designs = draw_designs(model, draws=20, seed=7)
    whole = draw_cells(model, panel, designs, seed=7)
    less = draw_cells(model.without("roads"), panel.without("roads"), designs, seed=7)
    for k, leaf in enumerate(panel.without("roads").indicators):
        np.testing.assert_array_equal(less.drawn[k], whole.drawn[panel.indicators.index(leaf)])


def test_one_country_never_moves_the_score_of_another() -> None:
    model, panel = toy_model(), toy_panel()
    doubtful = replace(panel, se=np.where(np.arange(60)[None, :, None] == 3, 0.5, 0.0) * np.ones_like(panel.se))
    sure, unsure = (_sampled(model, each, draws=30).node("top") for each in (panel, doubtful))
    others = np.arange(60) != 3
    np.testing.assert_array_equal(sure[:, others], unsure[:, others])
    assert np.ptp(sure[:, 3] - unsure[:, 3]) > 0


# Intervals


def test_rank_interval_narrows_when_indicators_agree() -> None:
    model = toy_model(**METHODS)
    apart, close = (_sampled(model, toy_panel(agreement=share)).node("top") for share in (0.2, 0.9))
    assert _width(close) < 0.6 * _width(apart)


def test_rank_interval_narrows_when_weights_vary_less() -> None:
    panel = toy_panel()
    tight, usual, loose = (_width(_sampled(toy_model(weights_cv=cv), panel).node("top")) for cv in (0.1, 0.4, 0.8))
    assert tight < usual < loose


def test_rank_interval_widens_with_what_is_missing_and_with_published_error() -> None:
    model = toy_model(**METHODS)
    sure, holed, erring = (
        _width(_sampled(model, toy_panel(missing=missing, error=error)).node("top"))
        for missing, error in ((0, 0), (0.25, 0), (0, 0.4))
    )
    assert sure < holed
    assert sure < erring


def test_nothing_drawn_leaves_no_width() -> None:
    model, panel = toy_model(weights_cv=0.0), toy_panel()
    scores = _sampled(model, panel, draws=20).node("top")
    np.testing.assert_allclose(scores, np.broadcast_to(_central(model, panel).node("top"), scores.shape), rtol=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_an_interval_always_holds_the_central_rank(seed: int) -> None:
    rng = np.random.default_rng(seed)
    place = standing(rank(rng.standard_normal(12)), rank(rng.standard_normal((20, 12))))
    assert np.all((place.low <= place.central) & (place.central <= place.high))
    assert np.all((place.low <= place.q25) & (place.q25 <= place.q75) & (place.q75 <= place.high))


# Choices


def _choices(model: Model, panel: Panel) -> dict[str, np.ndarray]:
    rows = np.arange(len(panel.units))
    found = weigh_choices(model, "", _central(model, panel), _sampled(model, panel, draws=100), rows, seed=7)
    return dict(zip(found.ids, found.shift[:, 0], strict=True))


def test_the_shift_of_a_choice_is_the_difference_of_two_central_ranks() -> None:
    model, panel = toy_model(), toy_panel()
    usual = rank(_central(model, panel).node("top")[0])
    for gone, shift in _choices(model, panel).items():
        leaves = model.leaves(gone) if gone in model.nodes else (gone,)
        less = rank(_central(model.without(gone), panel.without(*leaves)).node("top")[0])
        np.testing.assert_array_equal(shift, usual - less)


def test_a_part_without_weight_changes_nothing_and_its_sibling_can_be_left_out() -> None:
    model, panel = toy_model(), toy_panel()
    weightless = model.indicators["writing"].model_copy(update={"weight": 0.0})
    model = model.model_copy(update={"indicators": {**model.indicators, "writing": weightless}})
    shifts = _choices(model, panel)
    assert not shifts["writing"].any()
    np.testing.assert_array_equal(shifts["reading"], shifts["skill"])


def test_no_choice_empties_a_top_node() -> None:
    model = toy_model().without("reach", "trust", "writing")
    assert list(alternatives(model, "")) == []
