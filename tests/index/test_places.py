"""Scores that come out of the ranking which agrees with most comparisons, and the short search for it."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softpower.errors import BadRequest
from softpower.index.kemeny import kemeny, places
from softpower.index.outrank import outranking

WEIGHTS = np.array([0.4, 0.25, 0.2, 0.15])


def best_of_all(matrix: np.ndarray) -> float:
    """The largest agreement, by looking at every ranking."""
    return max(float(np.triu(matrix[np.ix_(each, each)], 1).sum()) for each in permutations(range(len(matrix))))


def agreement(matrix: np.ndarray, score: np.ndarray) -> float:
    order = np.argsort(-score, kind="stable")
    return float(np.triu(matrix[np.ix_(order, order)], 1).sum())


@given(arrays(np.float64, (6, 4), elements=st.integers(0, 4).map(float)))
@settings(max_examples=40, deadline=None)
def test_no_ranking_agrees_better_than_the_one_scores_come_from(x: np.ndarray) -> None:
    for proof in ("sought", "none"):
        found = places(x, WEIGHTS, proof=proof)
        matrix = outranking(x, WEIGHTS)
        assert agreement(matrix, found.score) == pytest.approx(best_of_all(matrix))
        assert found.gap <= 1e-8  # so few units are exact however short the search


@given(arrays(np.float64, (7, 4), elements=st.integers(0, 3).map(float)), st.permutations(range(7)))
@settings(max_examples=60, deadline=None)
def test_the_order_of_units_does_not_matter_even_among_ties(x: np.ndarray, order: list[int]) -> None:
    np.testing.assert_array_equal(places(x[order], WEIGHTS).score, places(x, WEIGHTS).score[order])


def test_the_order_of_units_does_not_matter_to_the_search_in_large_groups() -> None:
    rng = np.random.default_rng(3)
    x, order = rng.standard_normal((40, 5)), rng.permutation(40)
    np.testing.assert_array_equal(places(x[order], proof="none").score, places(x, proof="none").score[order])


@given(arrays(np.float64, (6, 3), elements=st.floats(-10, 10)))
@settings(max_examples=30, deadline=None)
def test_only_the_order_within_a_part_counts(x: np.ndarray) -> None:
    x = x.round(6)
    stretched = np.stack([np.exp(x[:, 0] / 5), 100 * x[:, 1] - 3, np.arctan(x[:, 2])], axis=1)
    np.testing.assert_array_equal(places(stretched).score, places(x).score)


def test_units_with_the_same_parts_share_their_places() -> None:
    x = np.array([[3.0, 3.0], [2.0, 2.0], [2.0, 2.0], [1.0, 1.0]])
    np.testing.assert_allclose(places(x).score, [100, 50, 50, 0])
    assert places(x[:1]).score.tolist() == [50.0]


def test_a_missing_part_is_not_a_zero() -> None:
    x = np.array([[3.0, np.nan], [2.0, 5.0], [1.0, 4.0]])
    assert places(x).score.tolist() == [100.0, 50.0, 0.0]
    assert places(np.nan_to_num(x), np.array([0.4, 0.6])).score[0] == 0.0
    with pytest.raises(BadRequest, match="unit 1 has no known part"):
        places(np.array([[1.0, 2.0], [np.nan, np.nan]]))


@pytest.mark.parametrize("seed", range(4))
def test_the_bound_of_the_short_search_holds_what_is_proven(seed: int) -> None:
    """Programmes prove the best of 30 units that beat each other in cycles; triangles bound it from above."""
    rng = np.random.default_rng(seed)
    matrix = outranking(rng.standard_normal((30, 6)), rng.dirichlet(np.full(6, 5.0)))
    best, quick = kemeny(matrix), kemeny(matrix, proof="none")
    assert best.is_proven
    assert quick.agreement <= best.agreement + 1e-9 <= quick.bound + 2e-9
    assert 0 <= quick.gap < 0.03
    assert quick.agreement > 0.995 * best.agreement


def test_weights_whose_sum_rounds_above_one_are_compared_all_the_same() -> None:
    weights = np.random.default_rng(1).dirichlet(np.full(8, 6.0), 50)
    x = np.arange(24.0).reshape(3, 8)
    for each in weights:
        assert kemeny(outranking(x, each)).order.tolist() == [2, 1, 0]
