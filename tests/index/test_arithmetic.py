"""Normalisation, weights, means and ranks, each against another library or a closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from softpower.errors import BadRequest
from softpower.index import normalise, weight
from softpower.index.estimate import Estimate, beyond, estimate
from softpower.index.expectation import departures, predict
from softpower.index.rank import rank, rank_intervals, share_ahead

cells = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
columns = arrays(np.float64, st.integers(2, 30), elements=cells)


def test_percentile_gives_ties_one_score_and_spans_the_scale() -> None:
    x = np.array([3.0, 1.0, 2.0, 2.0, 5.0])
    by_rank = (stats.rankdata(x, method="average") - 1) / (len(x) - 1) * 100
    np.testing.assert_allclose(normalise.percentile(x), by_rank)


def test_nothing_to_normalise_is_refused() -> None:
    with pytest.raises(BadRequest, match="no finite cell"):
        normalise.minmax(np.array([np.nan]))


@pytest.mark.parametrize("parts", [2, 5, 8])
def test_drawn_weights_vary_as_much_as_declared(parts: int) -> None:
    drawn = weight.dirichlet(np.ones(parts), cv=0.4, draws=40_000, rng=np.random.default_rng(1))
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    np.testing.assert_allclose(drawn.mean(axis=0), 1 / parts, rtol=0.02)
    np.testing.assert_allclose(drawn.std(axis=0) / drawn.mean(axis=0), 0.4, rtol=0.03)


def test_a_weight_of_zero_stays_zero_and_weights_must_leave_something() -> None:
    drawn = weight.dirichlet(np.array([1.0, 0.0, 1.0]), cv=0.4, draws=50, rng=np.random.default_rng(1))
    assert np.all(drawn[:, 1] == 0)
    with pytest.raises(BadRequest, match="not all zero"):
        weight.shares(np.zeros(3))


@given(arrays(np.float64, (4, 12), elements=st.integers(0, 8).map(float)))
def test_ranks_are_scipys_with_ties_sharing_the_better(x: np.ndarray) -> None:
    np.testing.assert_array_equal(rank(x), stats.rankdata(-x, method="min", axis=1))


def test_ninety_per_cent_of_the_draws_lie_in_a_rank_interval() -> None:
    scores = np.random.default_rng(3).standard_normal((2000, 40)) + np.linspace(0, 4, 40)
    found = rank_intervals(scores)
    ranks = rank(scores)
    inside = ((ranks >= found.low) & (ranks <= found.high)).mean(axis=0)
    assert inside.min() >= 0.9
    assert np.all((found.low <= found.median) & (found.median <= found.high))


def test_share_ahead_of_each_other_sums_to_one() -> None:
    scores = np.random.default_rng(4).integers(0, 3, (500, 2)).astype(float)
    assert share_ahead(scores, 0, 1) + share_ahead(scores, 1, 0) == pytest.approx(1)


def test_each_country_is_predicted_from_all_others() -> None:
    rng = np.random.default_rng(5)
    x = rng.standard_normal((30, 2))
    y = x @ [2.0, -1.0] + rng.standard_normal(30)
    x[4, 0] = np.nan
    found = predict(y[None], x[None])
    assert np.isnan(found.expected[0, 4])
    known = np.flatnonzero(np.isfinite(x).all(axis=1))
    for left_out in known:
        others = known[known != left_out]
        design = np.column_stack([np.ones(others.size), x[others]])
        beta = np.linalg.lstsq(design, y[others], rcond=None)[0]
        line = np.clip(beta @ [1, *x[left_out]], y.min(), y.max())
        assert found.expected[0, left_out] == pytest.approx(line)


def test_a_prediction_never_lies_beyond_the_scores_that_there_are() -> None:
    """Scores level off where size goes on: the line points below the lowest and above the highest of them."""
    size = np.linspace(-4, 4, 60)
    scores = np.tanh(size)[None]
    found = predict(scores, size[None, :, None])
    assert found.expected.min() >= scores.min()
    assert found.expected.max() <= scores.max()
    many = np.repeat(scores, 400, axis=0)
    off = departures(many, predict(many, size[None, :, None]), np.random.default_rng(3))
    assert off[:, 0].max() <= 0  # the lowest of all cannot be higher than predicted


def test_a_difference_is_clear_only_beyond_the_luck_of_the_draw() -> None:
    """Of sets of replications whose true share above zero is 0.95, few pass the bound for `beyond`."""
    shares = np.random.default_rng(11).binomial(1000, 0.95, 20_000) / 1000
    assert 0.03 < (shares >= beyond(1000)).mean() < 0.06


def test_an_estimate_says_in_what_share_of_draws_it_is_above_and_below_zero() -> None:
    draws = np.array([[1.0, -1.0], [2.0, 0.0], [-1.0, 0.0], [3.0, 0.0]])
    found = estimate(np.zeros(2), draws)
    assert found.up.tolist() == [0.75, 0.0]
    assert found.down.tolist() == [0.25, 0.25]
    again = Estimate.unstacked(found.stacked())
    assert np.array_equal(again.stacked(), found.stacked())
