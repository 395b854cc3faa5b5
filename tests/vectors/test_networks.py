"""Places in a network against networkx, a plain count of triples, and what rewiring must keep."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from softpower.vectors.networks import ROLES, between_groups, betweenness, brokerage, constraint, rewired


def _ties(n: int, density: float, seed: int) -> np.ndarray:
    ties = np.random.default_rng(seed).random((n, n)) < density
    np.fill_diagonal(ties, False)
    return ties


@pytest.mark.parametrize(("n", "density"), [(3, 0.5), (12, 0.1), (30, 0.1), (40, 0.04), (60, 0.3), (25, 0.95)])
def test_betweenness_is_that_of_networkx(n: int, density: float) -> None:
    ties = _ties(n, density, n)
    graph = nx.from_numpy_array(ties.astype(int), create_using=nx.DiGraph)
    expected = list(nx.betweenness_centrality(graph).values())
    np.testing.assert_allclose(betweenness(ties), expected, atol=1e-12)


@pytest.mark.parametrize(("n", "density"), [(5, 0.5), (30, 0.1), (60, 0.3)])
def test_constraint_is_that_of_networkx(n: int, density: float) -> None:
    weights = _ties(n, density, n) * np.random.default_rng(n).gamma(1.0, 1.0, (n, n))
    graph = nx.from_numpy_array(weights, create_using=nx.DiGraph)
    expected = list(nx.constraint(graph, weight="weight").values())
    np.testing.assert_allclose(constraint(weights), expected, rtol=1e-12)


def test_a_country_without_ties_has_no_constraint_and_lies_between_nobody() -> None:
    weights = np.zeros((3, 3))
    weights[0, 1] = 1.0
    assert np.isnan(constraint(weights)[2])
    assert betweenness(weights > 0).tolist() == [0.0, 0.0, 0.0]
    assert betweenness(np.zeros((1, 1), dtype=bool)).tolist() == [0.0]


def test_brokerage_counts_what_a_look_at_every_triple_counts() -> None:
    for seed in range(4):
        ties = _ties(15, 0.25, seed)
        group = np.random.default_rng(seed).integers(0, 4, 15)
        expected = np.zeros((15, len(ROLES)), dtype=int)
        for a in range(15):
            for b in range(15):
                for c in range(15):
                    if len({a, b, c}) < 3 or not ties[a, b] or not ties[b, c] or ties[a, c]:
                        continue
                    first, own, last = group[a], group[b], group[c]
                    role = (
                        "coordinator"
                        if first == own == last
                        else "consultant"
                        if first == last
                        else "gatekeeper"
                        if own == last
                        else "representative"
                        if own == first
                        else "liaison"
                    )
                    expected[b, ROLES.index(role)] += 1
        assert brokerage(ties, group).tolist() == expected.tolist()


@pytest.mark.parametrize(("n", "density"), [(1, 0.0), (5, 0.5), (64, 0.3), (65, 0.9), (150, 0.1)])
def test_pairs_of_different_groups_that_are_joined_are_those_of_three_roles(n: int, density: float) -> None:
    """The roles are counted by products of matrices, and above by a look at every triple; these by bits."""
    group = np.random.default_rng(n).integers(0, 4, n)
    ties = _ties(n, density, n)
    roles = brokerage(ties, group)
    expected = roles[:, [ROLES.index(role) for role in ("gatekeeper", "representative", "liaison")]].sum(axis=1)
    assert between_groups(ties, group).tolist() == expected.tolist()
    assert between_groups(ties | np.eye(n, dtype=bool), group).tolist() == expected.tolist()  # ties to oneself


def test_rewiring_keeps_every_degree_and_forgets_the_rest() -> None:
    ties = _ties(40, 0.2, 1)
    random = np.random.default_rng(2)
    drawn = [rewired(ties, random) for _ in range(30)]
    for new in drawn:
        assert new.sum(axis=0).tolist() == ties.sum(axis=0).tolist()
        assert new.sum(axis=1).tolist() == ties.sum(axis=1).tolist()
        assert not new.diagonal().any()
    # What is kept beyond chance: as much as between two independent draws.
    kept = np.mean([(new & ties).sum() / ties.sum() for new in drawn])
    between = np.mean([(a & b).sum() / ties.sum() for a, b in pairwise(drawn)])
    assert kept == pytest.approx(between, abs=0.03)


def test_rewiring_reaches_every_network_of_the_same_degrees_equally_often() -> None:
    """Four countries, each with one tie out and one in: nine such networks without a tie to oneself."""
    ties = np.roll(np.eye(4, dtype=bool), 1, axis=1)
    random = np.random.default_rng(5)
    seen: dict[bytes, int] = {}
    draws = 9 * 150
    for _ in range(draws):
        key = rewired(ties, random, rounds=24).tobytes()
        seen[key] = seen.get(key, 0) + 1
    assert len(seen) == 9
    chi_squared = sum((count - 150) ** 2 / 150 for count in seen.values())
    assert chi_squared < 26.1  # 99.9% of chi-squared with 8 degrees of freedom
