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
from softpower.index.expectation import predict
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
        assert found.expected[0, left_out] == pytest.approx(beta @ [1, *x[left_out]])
