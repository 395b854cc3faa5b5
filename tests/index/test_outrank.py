"""Comparisons pair by pair and the ranking that agrees with most of them, against counting and published examples."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softpower.errors import BadRequest
from softpower.index import kemeny as search
from softpower.index.kemeny import kemeny
from softpower.index.outrank import copeland, dominance, margins, outranking

# Few different values, so that many are tied.
tables = arrays(np.float64, (6, 4), elements=st.integers(0, 4).map(float) | st.just(np.nan))
weights_of_four = arrays(np.float64, 4, elements=st.integers(1, 5).map(float))

# OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 6 (non-compensatory multi-criteria approach),
# after Munda and Nardo: GDP, unemployment, solid waste, income disparity and crime of three countries; of all but the
# first less is better.
COUNTRIES = np.array(
    [
        [25_000, -0.15, -0.40, -9.2, -40],
        [45_000, -0.10, -0.70, -13.2, -52],
        [20_000, -0.08, -0.35, -5.3, -80],
    ]
)


def _by_counting(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    units, parts = x.shape
    matrix = np.zeros((units, units))
    for a in range(units):
        for b in range(units):
            both = [part for part in range(parts) if np.isfinite(x[a, part]) and np.isfinite(x[b, part])]
            if a != b:
                won = sum(weights[part] * ((x[a, part] > x[b, part]) + (x[a, part] == x[b, part]) / 2) for part in both)
                matrix[a, b] = won / sum(weights[part] for part in both) if both else 0.5
    return matrix


def _agreement(matrix: np.ndarray, order: np.ndarray | tuple[int, ...]) -> float:
    return float(sum(matrix[a, b] for place, a in enumerate(order) for b in order[place + 1 :]))


def _cyclic(units: int, parts: int, seed: int) -> np.ndarray:
    return outranking(np.random.default_rng(seed).standard_normal((units, parts)))


# Pairs


@given(x=tables, weights=weights_of_four)
def test_a_pair_is_compared_on_the_parts_known_of_both(x: np.ndarray, weights: np.ndarray) -> None:
    np.testing.assert_allclose(outranking(x, weights), _by_counting(x, weights), atol=1e-12)


@given(x=tables, weights=weights_of_four, seed=st.integers(0, 2**32 - 1))
def test_neither_order_nor_scale_nor_the_sum_of_weights_changes_a_comparison(
    x: np.ndarray, weights: np.ndarray, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    units, parts = rng.permutation(6), rng.permutation(4)
    matrix = outranking(x, weights)
    moved = np.exp(3 * x[np.ix_(units, parts)] - 5)
    np.testing.assert_allclose(outranking(moved, 7 * weights[parts]), matrix[np.ix_(units, units)], atol=1e-12)
    np.testing.assert_array_equal(copeland(matrix[np.ix_(units, units)]), copeland(matrix)[units])


def test_a_gap_is_neither_a_tie_nor_a_defeat() -> None:
    x = np.array([[1.0, np.nan], [2.0, 5.0], [3.0, 0.0]])
    assert outranking(x)[0].tolist() == [0.0, 0.0, 0.0]  # behind in the one part known of it
    assert outranking(np.nan_to_num(x))[0].tolist() == [0.0, 0.0, 0.25]
    assert outranking(np.array([[1.0, np.nan], [np.nan, 2.0]]))[0, 1] == 0.5


@given(x=tables, weights=weights_of_four, part=st.integers(0, 3))
def test_more_of_a_part_never_lowers_copelands_score(x: np.ndarray, weights: np.ndarray, part: int) -> None:
    better = x.copy()
    better[2, part] += 1.0
    assert copeland(outranking(better, weights))[2] >= copeland(outranking(x, weights))[2]


@given(x=tables, weights=weights_of_four)
def test_copelands_score_is_victories_less_defeats(x: np.ndarray, weights: np.ndarray) -> None:
    matrix = _by_counting(x, weights)
    expected = [sum(np.sign(round(matrix[a, b] - matrix[b, a], 9)) for b in range(6) if b != a) for a in range(6)]
    np.testing.assert_array_equal(copeland(outranking(x, weights)), expected)


@given(x=arrays(np.float64, (6, 3), elements=st.integers(0, 3).map(float)))
def test_a_unit_dominates_those_it_is_ahead_of_in_every_part(x: np.ndarray) -> None:
    found = dominance(outranking(x))
    expected = (x[:, None] > x[None]).all(axis=2)
    np.testing.assert_array_equal(found.pairs, expected)
    assert found.count == expected.sum()
    assert found.share == pytest.approx(expected.sum() / 15)


def test_replications_are_as_many_single_comparisons() -> None:
    rng = np.random.default_rng(1)
    x, weights = rng.integers(0, 4, (3, 6, 4)).astype(float), rng.dirichlet(np.ones(4), size=3)
    x[rng.random(x.shape) < 0.2] = np.nan
    for draw in range(3):
        np.testing.assert_allclose(outranking(x, weights)[draw], outranking(x[draw], weights[draw]))
        np.testing.assert_allclose(outranking(x[0], weights)[draw], outranking(x[0], weights[draw]))
        np.testing.assert_allclose(outranking(x, weights[0])[draw], outranking(x[draw], weights[0]))
        np.testing.assert_allclose(outranking(x)[draw], outranking(x[draw]))
    matrices = outranking(x, weights)
    np.testing.assert_array_equal(copeland(matrices), [copeland(each) for each in matrices])
    np.testing.assert_array_equal(dominance(matrices).count, [dominance(each).count for each in matrices])


def test_one_unit_is_compared_with_nobody() -> None:
    matrix = outranking(np.array([[1.0, 2.0]]))
    assert matrix.tolist() == [[0.0]]
    assert copeland(matrix).tolist() == [0.0]
    assert dominance(matrix).share == 0.0
    assert kemeny(matrix).rank.tolist() == [1]


@pytest.mark.parametrize("seed", range(20))
def test_sums_of_fractions_that_should_be_equal_are(seed: int) -> None:
    rng = np.random.default_rng(seed)
    fractions = rng.dirichlet(np.ones(7))
    # As much weight for the one unit as for the other, added up in another order.
    x = np.repeat([[1.0, 0.0], [0.0, 1.0]], 7, axis=1)
    weights = np.concatenate([fractions, rng.permutation(fractions)])
    assert copeland(outranking(x, weights)).tolist() == [0.0, 0.0]
    # All weight for the one, as a sum of shares that need not add up to one exactly.
    ahead = outranking(np.repeat([[1.0], [0.0]], 7, axis=1), fractions)
    for slip in (-1e-15, 0.0):
        assert dominance(ahead + slip).count == 1


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(BadRequest, match=r"axes \(\.\.\., unit, part\)"):
        outranking(np.ones(3))
    with pytest.raises(BadRequest, match="unit 0 has inf in part 1"):
        outranking(np.array([[1.0, np.inf], [1.0, np.inf]]))
    with pytest.raises(BadRequest, match="2 parts need 2 weights"):
        outranking(np.ones((2, 2)), np.ones(3))
    with pytest.raises(BadRequest, match="a row and a column for each unit"):
        margins(np.ones((2, 3)))
    for wrong in (np.nan, np.inf, -1.0):
        with pytest.raises(BadRequest, match="known, finite and zero or more"):
            kemeny(np.array([[0.0, wrong], [1.0, 0.0]]))


# The best ranking


def test_the_handbooks_three_countries_are_ranked_as_published() -> None:
    # Weights of the three dimensions: a third each, shared by the two economic and the two social indicators.
    weights = np.array([0.165, 0.165, 0.333, 0.165, 0.165]) / 0.993
    matrix = outranking(COUNTRIES, weights)
    np.testing.assert_allclose(matrix, [[0, 0.666, 0.333], [0.333, 0, 0.333], [0.666, 0.666, 0]], atol=2e-3)
    published = {"ABC": 1.333, "BCA": 1.333, "CAB": 2.0, "ACB": 1.666, "BAC": 1.0, "CBA": 1.666}
    for ranking, agreement in published.items():
        order = tuple("ABC".index(country) for country in ranking)
        assert _agreement(matrix, order) == pytest.approx(agreement, abs=4e-3)
    found = kemeny(matrix)
    assert "".join("ABC"[unit] for unit in found.order) == "CAB"
    assert found.is_proven


def test_youngs_cycle_of_sixty_voters_is_broken_where_it_is_weakest() -> None:
    # Young (1988), Condorcet's theory of voting, APSR 82, 1231-1244: 23 voters abc, 17 bca, 2 bac, 10 cab, 8 cba.
    votes = np.zeros((3, 3))
    for count, ballot in ((23, "abc"), (17, "bca"), (2, "bac"), (10, "cab"), (8, "cba")):
        for place, a in enumerate(ballot):
            for b in ballot[place + 1 :]:
                votes["abc".index(a), "abc".index(b)] += count
    assert votes.tolist() == [[0, 33, 25], [27, 0, 42], [35, 18, 0]]
    found = kemeny(votes)
    assert found.order.tolist() == [1, 2, 0]
    assert found.rank.tolist() == [3, 1, 2]
    assert found.agreement == 104
    assert found.is_proven


@given(
    x=st.integers(1, 7).flatmap(
        lambda units: arrays(np.float64, (units, 3), elements=st.integers(0, 3).map(float) | st.just(np.nan))
    )
)
@settings(max_examples=60)
def test_no_permutation_agrees_better(x: np.ndarray) -> None:
    matrix = outranking(x, np.array([1.0, 2.0, 2.5]))
    found = kemeny(matrix)
    best = max(_agreement(matrix, order) for order in permutations(range(len(x))))
    assert found.agreement == pytest.approx(best)
    assert found.agreement == pytest.approx(_agreement(matrix, tuple(found.order)))
    assert found.is_proven
    assert sorted(found.order) == list(range(len(x)))
    np.testing.assert_array_equal(found.order[found.rank - 1], np.arange(len(x)))


@pytest.mark.parametrize("seed", range(8))
def test_all_ways_to_search_find_the_same_best(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = _cyclic(13, 7, seed)
    by_subsets = kemeny(matrix)
    monkeypatch.setattr(search, "SUBSETS", 1)
    by_programs = kemeny(matrix)
    assert by_programs.is_proven
    assert by_programs.agreement == pytest.approx(by_subsets.agreement)
    assert by_programs.bound == pytest.approx(by_subsets.agreement)
    # Without branching the bound still holds.
    monkeypatch.setattr(search, "BRANCHING", 1)
    monkeypatch.setattr(search, "ROUNDS", 3)
    cut_short = kemeny(matrix)
    assert cut_short.agreement <= by_subsets.agreement + 1e-9 <= cut_short.bound + 2e-9


@pytest.mark.parametrize("seed", range(7, 12))
def test_a_proof_does_not_rest_on_the_search_by_moves(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = _cyclic(13, 7, seed)
    best = kemeny(matrix)
    monkeypatch.setattr(search, "SUBSETS", 1)
    monkeypatch.setattr(search, "_by_moves", lambda margin, start, rng, starts: start)
    monkeypatch.setattr(search, "_settled", lambda margin, order: order)
    found = kemeny(matrix)
    assert found.is_proven
    assert found.agreement == pytest.approx(best.agreement)


@pytest.mark.parametrize("seed", range(3))
def test_weights_without_a_common_step_are_searched_as_well(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(seed)
    matrix = outranking(rng.standard_normal((12, 5)), rng.dirichlet(np.ones(5)))
    by_subsets = kemeny(matrix)
    monkeypatch.setattr(search, "SUBSETS", 1)
    by_programs = kemeny(matrix)
    assert by_programs.is_proven
    assert by_programs.agreement == pytest.approx(by_subsets.agreement)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_a_majority_without_cycles_is_followed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    order = rng.permutation(60)
    place = np.empty(60, dtype=int)
    place[order] = np.arange(60)
    matrix = np.where(place[:, None] < place[None], 0.5 + 0.5 * rng.random((60, 60)), 0.0)
    matrix = np.where(place[:, None] > place[None], 1 - matrix.T, matrix)
    found = kemeny(matrix)
    np.testing.assert_array_equal(found.order, order)
    assert found.gap == 0


def test_a_group_ahead_of_another_stays_ahead_whatever_cycles_are_within() -> None:
    cycle = np.array([[0.0, 0.6, 0.3], [0.4, 0.0, 0.8], [0.7, 0.2, 0.0]])
    matrix = np.full((6, 6), 0.0)
    matrix[:3, :3], matrix[3:, 3:] = cycle, cycle
    matrix[3:, :3], matrix[:3, 3:] = 0.55, 0.45
    assert sorted(kemeny(matrix).order[:3]) == [3, 4, 5]


def test_units_tied_with_all_others_do_no_harm() -> None:
    found = kemeny(np.full((40, 40), 0.5) - 0.5 * np.eye(40))
    assert found.agreement == pytest.approx(40 * 39 / 4)
    assert found.is_proven
    assert sorted(found.rank) == list(range(1, 41))


def test_an_index_of_fifty_countries_is_ranked_with_proof() -> None:
    rng = np.random.default_rng(11)
    x = 0.5 * rng.standard_normal((51, 1)) + rng.standard_normal((51, 12))
    found = kemeny(outranking(x))
    assert found.is_proven
    order = np.argsort(-x.mean(axis=1))
    assert found.agreement >= _agreement(outranking(x), tuple(order))


def test_where_nothing_is_proven_the_gap_says_how_much_better_a_ranking_could_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    matrix = _cyclic(40, 9, 3)
    best = kemeny(matrix)
    assert best.is_proven
    for name in ("BRANCHING", "ROUNDS", "STARTS"):
        monkeypatch.setattr(search, name, 1)
    rough = kemeny(matrix)
    assert not rough.is_proven
    assert rough.agreement <= best.agreement <= rough.bound
    assert rough.gap == pytest.approx((rough.bound - rough.agreement) / rough.agreement)


def test_the_same_seed_gives_the_same_ranking() -> None:
    matrix = _cyclic(30, 6, 5)
    np.testing.assert_array_equal(kemeny(matrix, seed=3).order, kemeny(matrix, seed=3).order)
