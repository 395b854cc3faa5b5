"""What random networks must keep, that they are evenly spread over all there are, and that ranks among them are too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2

from softpower.errors import BadRequest
from softpower.vectors.networks import rewired
from softpower.vectors.rewiring import comparable


def _kept(ties: np.ndarray, group: np.ndarray) -> tuple[list[object], ...]:
    member = np.eye(int(group.max()) + 1)[group]
    mutual = ties & ties.T
    return (
        ties.sum(axis=0).tolist(),
        ties.sum(axis=1).tolist(),
        mutual.sum(axis=0).tolist(),
        (member.T @ ties @ member).tolist(),
    )


def _random(n: int, groups: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Ties within groups more often than between them, half of them mutual."""
    random = np.random.default_rng(seed)
    group = np.arange(n) % groups
    ties = random.random((n, n)) < np.where(group[:, None] == group, 0.4, 0.1)
    ties |= ties.T & (random.random((n, n)) < 0.5)
    np.fill_diagonal(ties, False)
    return ties, group


def test_ties_of_countries_and_between_groups_are_kept_and_the_rest_changes() -> None:
    ties, group = _random(40, 4, 1)
    places, found = zip(*comparable(ties, group, np.random.default_rng(2), samples=20), strict=True)
    assert sorted([*places, 0]) == list(range(min(places), min(places) + 21))  # one chain, the real one in it
    for new in found:
        assert _kept(new, group) == _kept(ties, group)
        assert not new.diagonal().any()
    assert (found[-1] != ties).mean() > 0.05


def test_a_symmetric_network_stays_symmetric() -> None:
    ties, group = _random(30, 3, 3)
    ties |= ties.T
    assert all((new == new.T).all() for _, new in comparable(ties, group, np.random.default_rng(4), samples=5))


def _all_symmetric() -> tuple[Iterator[np.ndarray], np.ndarray]:
    """All networks of mutual ties between five countries of two groups."""
    pairs = np.triu_indices(5, 1)

    def each() -> Iterator[np.ndarray]:
        for chosen in product([False, True], repeat=10):
            ties = np.zeros((5, 5), dtype=bool)
            ties[pairs] = chosen
            yield ties | ties.T

    return each(), np.array([0, 0, 1, 1, 1])


def _all_one_way() -> tuple[Iterator[np.ndarray], np.ndarray]:
    """All networks of ties from four countries of two groups to four of two others, each of which has two of them."""

    def each() -> Iterator[np.ndarray]:
        two = [row for row in product([False, True], repeat=4) if sum(row) == 2]
        for columns in product(two, repeat=4):
            ties = np.zeros((8, 8), dtype=bool)
            ties[:4, 4:] = np.array(columns).T
            yield ties

    return each(), np.array([0, 0, 1, 1, 2, 2, 3, 3])


@pytest.mark.parametrize("world", [_all_symmetric, _all_one_way])
def test_every_network_that_keeps_the_same_comes_about_equally_often(world: Callable[[], Any]) -> None:
    """All networks of a few countries are listed; those that share what is kept must be drawn evenly."""
    networks, group = world()
    classes: dict[str, list[np.ndarray]] = {}
    for ties in networks:
        classes.setdefault(str(_kept(ties, group)), []).append(ties)
    largest = max(classes.values(), key=len)
    draws = 100 * len(largest)
    seen = dict.fromkeys((ties.tobytes() for ties in largest), 0)
    for _, new in comparable(largest[0], group, np.random.default_rng(6), samples=draws, sweeps=16):
        seen[new.tobytes()] += 1
    assert len(largest) >= 4
    chi_squared = sum((count - 100) ** 2 / 100 for count in seen.values())
    assert chi_squared < chi2.ppf(0.999, len(largest) - 1)


def _one_exchange_on(codes: tuple[tuple[int, ...], ...], group: np.ndarray) -> Iterator[tuple[tuple[int, ...], ...]]:
    """All networks one exchange away: a has x with b and y with d, c of its group y with b and x with d."""
    for a, c, b, d in permutations(range(len(codes)), 4):
        x, y = codes[a][b], codes[a][d]
        if group[a] == group[c] and x != y and codes[c][b] == y and codes[c][d] == x:
            new = [list(row) for row in codes]
            for one, other, code in ((a, b, y), (a, d, x), (c, b, x), (c, d, y)):
                new[one][other], new[other][one] = code, (0, 2, 1, 3)[code]
            yield tuple(tuple(row) for row in new)


@pytest.mark.parametrize(("n", "groups", "seed"), [(6, 1, 39), (7, 2, 31)])
def test_every_network_that_exchanges_lead_to_comes_about_equally_often_where_some_ties_are_mutual(
    n: int, groups: int, seed: int
) -> None:
    """Those that single exchanges lead to, one after another, are listed; trades of many at once draw them evenly."""
    ties, group = _random(n, groups, seed)
    start = ties.astype(int) + 2 * ties.T.astype(int)
    reached, left = set(), [tuple(tuple(row) for row in start.tolist())]
    while left:
        network = left.pop()
        if network not in reached:
            reached.add(network)
            left += _one_exchange_on(network, group)
    assert 30 < len(reached) < 200
    assert 0 < (ties & ties.T).sum() < ties.sum()
    seen = {(np.array(network) & 1).astype(bool).tobytes(): 0 for network in reached}
    draws = 60 * len(seen)
    for _, new in comparable(ties, group, np.random.default_rng(6), samples=draws, sweeps=24):
        seen[new.tobytes()] += 1
    chi_squared = sum((count - 60) ** 2 / 60 for count in seen.values())
    assert chi_squared < chi2.ppf(0.999, len(seen) - 1)
    kinds = [_kept(np.frombuffer(each, dtype=bool).reshape(n, n), group) for each in seen]
    assert all(kind == kinds[0] for kind in kinds)


@pytest.mark.parametrize("sweeps", [1, 8])
def test_the_rank_of_a_random_network_is_even_however_slowly_the_chain_moves(sweeps: int) -> None:
    """Random networks come from another procedure, which keeps less; what is looked at is the number of triangles."""
    ties, group = _random(16, 2, 7)
    random = np.random.default_rng(8)
    ranks = []
    for _ in range(200):
        start = rewired(ties, random)
        count = [
            np.trace(np.linalg.matrix_power(each.astype(int), 3)) + random.random()
            for _, each in ((0, start), *comparable(start, group, random, samples=9, sweeps=sweeps))
        ]
        ranks.append(sum(each > count[0] for each in count[1:]))
    seen = np.bincount(ranks, minlength=10)
    assert ((seen - 20) ** 2 / 20).sum() < 27.9  # 99.9% of chi-squared with 9 degrees of freedom


def test_the_same_seed_draws_the_same_networks() -> None:
    ties, group = _random(20, 2, 9)
    one, two = (list(comparable(ties, group, np.random.default_rng(5), samples=3)) for _ in range(2))
    assert all(i == j and (a == b).all() for (i, a), (j, b) in zip(one, two, strict=True))


def test_a_network_without_ties_stays_without() -> None:
    ((_, new),) = comparable(np.zeros((4, 4), dtype=bool), np.zeros(4, dtype=int), np.random.default_rng(1), samples=1)
    assert not new.any()


def test_a_group_for_another_number_of_countries_is_refused() -> None:
    with pytest.raises(BadRequest, match="one group per country"):
        list(comparable(np.zeros((4, 4), dtype=bool), np.zeros(3, dtype=int), np.random.default_rng(1), samples=1))
