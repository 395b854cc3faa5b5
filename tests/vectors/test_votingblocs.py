"""Voting blocs: simulated ones whose truth is known, the definition of the silhouette, and known facts."""

from __future__ import annotations

import numpy as np
import pytest

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.assembly import Assembly
from softpower.vectors.votingblocs import MOST_BLOCS, best_blocs, silhouette, voting_blocs
from tests.vectors.assemblies import invented


def _simulated(sizes: list[int], *, noise: float, calls: int, seed: int) -> Assembly:
    """Blocs with a ballot of their own on each roll call, from which a state strays now and then."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(calls):
        lines = random.integers(1, 4, len(sizes))
        votes = {}
        for bloc, size in enumerate(sizes):
            for state in range(size):
                stray = random.random() < noise
                votes[f"{'ABCD'[bloc]}{state:02d}"] = int(random.integers(1, 4) if stray else lines[bloc])
        rows.append((70, votes))
    return invented(rows)


def test_blocs_of_a_simulated_assembly_are_found_with_their_number() -> None:
    found = voting_blocs(_simulated([12, 7, 4], noise=0.25, calls=120, seed=8), draws=30)
    assert found.bloc.max() == 3
    for number, (letter, size) in enumerate((("A", 12), ("B", 7), ("C", 4)), start=1):
        assert found.members(number) == tuple(f"{letter}{state:02d}" for state in range(size))
    assert found.numbers[3] > 0.9
    assert found.share_together("A00", "A05") > 0.9
    assert found.share_together("A00", "B00") < 0.1
    assert found.is_structured
    table = found.to_polars()
    assert (table["stability"] > 0.9).all()
    assert table.filter(iso3="B03").row(0, named=True)["size"] == 7


def test_an_assembly_without_blocs_is_said_to_have_none() -> None:
    found = voting_blocs(_simulated([25], noise=1.0, calls=100, seed=9), draws=10)
    assert not found.is_structured


def test_the_known_blocs_of_theinvented() -> None:
    found = voting_blocs(first=2010, last=2019)
    assert found.bloc_of("KAZ") == found.bloc_of("CHN") == found.bloc_of("IND") == 1
    assert found.bloc_of("DEU") == found.bloc_of("FRA") == found.bloc_of("JPN") == 2
    assert found.bloc_of("USA") == found.bloc_of("ISR") not in (1, 2)
    assert found.share_together("KAZ", "CHN") > 0.9
    assert found.share_together("KAZ", "USA") < 0.1
    assert sum(found.numbers.values()) == pytest.approx(1)
    assert set(found.silhouettes) == set(range(2, MOST_BLOCS + 1))
    assert found.is_structured
    again = voting_blocs(first=2010, last=2019)
    assert np.array_equal(found.together, again.together)


def test_states_that_voted_seldom_are_named_and_not_grouped() -> None:
    rows = [(70, {"KAZ": 1, "RUS": 1, "USA": 3, "ISR": 3, "SSD": 1 if at < 5 else 0}) for at in range(10)]
    found = voting_blocs(invented(rows), draws=5)
    assert found.left_out == ("SSD",)
    assert found.members(1) == ("ISR", "USA")
    with pytest.raises(BadRequest, match="SSD voted too seldom in 2015-2015 to be grouped"):
        found.bloc_of("SSD")
    with pytest.raises(BadRequest, match="FRA did not vote"):
        found.share_together("KAZ", "FRA")


def test_blocs_need_three_states_and_a_number_from_two() -> None:
    with pytest.raises(NotEnoughData, match="2 states voted on more than half"):
        voting_blocs(invented([(70, {"KAZ": 1, "RUS": 1})]))
    with pytest.raises(BadRequest, match="at most 1 blocs"):
        voting_blocs(most=1)


def test_the_order_of_states_does_not_matter_to_the_blocs() -> None:
    random = np.random.default_rng(3)
    points = np.concatenate([random.normal(at, 1, (size, 2)) for at, size in ((0, 9), (8, 6), (16, 4))])
    distance = np.linalg.norm(points[:, None] - points, axis=2)
    order = random.permutation(len(points))
    labels, quality = best_blocs(distance)
    turned, _ = best_blocs(distance[np.ix_(order, order)])
    assert np.array_equal(labels[order], turned)
    assert np.bincount(labels)[1:].tolist() == [9, 6, 4]
    assert max(quality, key=lambda number: quality[number]) == 3


def test_the_silhouette_is_what_its_definition_says() -> None:
    random = np.random.default_rng(4)
    half = random.random((10, 10))
    distance = half + half.T
    np.fill_diagonal(distance, 0)
    labels = np.array([1, 1, 1, 2, 2, 2, 2, 3, 3, 4])
    expected = []
    for i in range(10):
        by_bloc = {bloc: [distance[i, j] for j in range(10) if labels[j] == bloc and j != i] for bloc in range(1, 5)}
        if not by_bloc[labels[i]]:
            expected.append(0.0)
            continue
        own = float(np.mean(by_bloc.pop(labels[i])))
        other = min(float(np.mean(values)) for values in by_bloc.values())
        expected.append((other - own) / max(own, other))
    np.testing.assert_allclose(silhouette(distance, labels), expected, atol=1e-12)


def test_states_that_all_vote_alike_are_one_bloc() -> None:
    labels, quality = best_blocs(np.zeros((5, 5)))
    assert set(labels.tolist()) <= {1, 2}
    assert set(quality.values()) == {0.0}
