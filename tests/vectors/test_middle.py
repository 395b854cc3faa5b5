"""Middle powers: planted clusters are found, k-means is no worse than scipy's, and the great are great."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.vq import kmeans2

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors import middle
from softpower.vectors.middle import (
    EMBASSIES,
    Powers,
    Scale,
    capabilities,
    claim,
    cluster,
    indicator_sets,
    powers,
    sort_states,
)


def _squares(points: np.ndarray, label: np.ndarray) -> float:
    return sum(((points[label == each] - points[label == each].mean(axis=0)) ** 2).sum() for each in np.unique(label))


# Clusters.


@pytest.mark.parametrize("clusters", [3, 4])
def test_the_clusters_are_no_worse_than_the_best_of_many_random_starts_of_scipy(clusters: int) -> None:
    random = np.random.default_rng(1)
    for _ in range(5):
        points = np.exp(random.normal(0, 1, (80, 1)) + random.normal(0, 0.3, (80, 4)))
        ours = _squares(points, cluster(points, np.ones(80), clusters))
        theirs = min(
            _squares(points, kmeans2(points, clusters, minit="++", seed=seed, missing="warn")[1]) for seed in range(40)
        )
        assert ours <= theirs * 1.02


def test_a_weight_of_two_is_the_state_twice() -> None:
    random = np.random.default_rng(2)
    points = random.gamma(0.5, 1.0, (30, 3))
    weights = random.integers(1, 4, 30)
    once = cluster(points, weights.astype(float), 3)
    copied = np.repeat(np.arange(30), weights)
    again = cluster(points[copied], np.ones(len(copied)), 3)
    assert again.tolist() == once[copied].tolist()


def test_three_clusters_on_a_line_worked_by_hand() -> None:
    """Squares of {10, 9}, {5, 4}, {1, 0}: 0.5 each; every other cut has more."""
    points = np.array([[4.0], [10], [0], [9], [5], [1]])
    assert cluster(points, np.ones(6), 3).tolist() == [1, 0, 2, 0, 1, 2]


def test_what_is_unknown_does_not_count_for_nothing() -> None:
    """The third state is as high as the first on what is known of it; a zero in place of NaN would draw it down."""
    points = np.array([[9.0, 9], [9.1, 8.9], [9, np.nan], [5, 5], [5.1, 4.9], [0, 0], [0.1, 0], [np.nan, np.nan]])
    assert cluster(points, np.ones(8), 3).tolist() == [0, 0, 0, 1, 1, 2, 2, -1]


# Shares of runs.


@pytest.mark.parametrize("scale", ["root", "share", "log"])
def test_planted_clusters_are_recovered_on_every_scale(scale: Scale) -> None:
    """Sizes 4, 12, 40, a factor of five apart; noise of a tenth."""
    random = np.random.default_rng(3)
    truth = np.repeat([0, 1, 2], [4, 12, 40])
    values = np.array([100.0, 20, 4])[truth][:, None] * np.exp(random.normal(0, 0.1, (56, 6)))
    values[random.random(values.shape) < 0.1] = np.nan
    shuffled = random.permutation(56)
    sets = indicator_sets([f"x{each}" for each in range(6)])
    found = sort_states(values[shuffled], sets, runs=60, scale=scale)
    assert (found.argmax(axis=1) == truth[shuffled]).all()
    assert found.max(axis=1).min() >= 0.9


def test_without_clusters_states_at_the_borders_are_not_told_apart() -> None:
    random = np.random.default_rng(4)
    values = np.exp(random.normal(0, 1, (100, 1)) + random.normal(0, 0.3, (100, 6)))
    found = Powers(tuple(map(str, range(100))), sort_states(values, indicator_sets("abcdef"), runs=60), 60, 3, "root")
    unsure = [said for said in found.claims if said.startswith("between") or said == "not distinguishable"]
    assert len(unsure) > 20


def test_units_and_the_order_of_states_do_not_matter() -> None:
    random = np.random.default_rng(5)
    values = np.exp(random.normal(0, 1, (50, 4)))
    one = sort_states(values, [[0, 1, 2, 3]], runs=20)
    np.testing.assert_array_equal(sort_states(values * [1.0, 1e6, 1e-3, 7], [[0, 1, 2, 3]], runs=20), one)
    assert sort_states(values, [[0, 1, 2, 3]], runs=20, seed=8).tolist() != one.tolist()


def test_with_more_than_three_clusters_all_inner_ones_are_middle() -> None:
    values = np.array([1000.0, 990, 300, 310, 80, 82, 1, 2, 1.5])[:, None]
    found = sort_states(values, [[0]], clusters=4, runs=10)
    assert found[:, 1].tolist() == [0, 0, 1, 1, 1, 1, 0, 0, 0]


def test_shares_add_up_and_who_is_unknown_has_none() -> None:
    values = np.exp(np.random.default_rng(6).normal(0, 1, (30, 3)))
    values[4] = np.nan
    values[5, :2] = np.nan
    found = sort_states(values, [[0, 1], [0, 1, 2]], runs=40)
    assert np.isnan(found[4]).all()
    np.testing.assert_allclose(np.delete(found, 4, axis=0).sum(axis=1), 1)


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ((0.9, 0.1, 0.0), "great power"),
        ((0.05, 0.9, 0.05), "middle power"),
        ((0.0, 0.1, 0.9), "small power"),
        ((0.4, 0.55, 0.05), "between great and middle power"),
        ((0.06, 0.86, 0.08), "between middle and small power"),
        ((0.08, 0.86, 0.06), "between great and middle power"),
        ((0.11, 0.78, 0.11), "not distinguishable"),
        ((np.nan, np.nan, np.nan), "not distinguishable"),
    ],
)
def test_what_is_said_changes_at_nine_runs_of_ten(shares: tuple[float, float, float], said: str) -> None:
    assert claim(*shares) == said


@pytest.mark.parametrize(
    ("values", "clusters", "says"),
    [
        (np.ones((9, 2)), 2, "three clusters"),
        (np.ones((3, 2)), 3, "more states"),
        (-np.ones((9, 2)), 3, "not negative"),
    ],
)
def test_what_cannot_be_sorted_is_refused(values: np.ndarray, clusters: int, says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        sort_states(values, [[0]], clusters=clusters, runs=5)


def test_up_to_two_indicators_are_left_out_and_embassies_of_half_of_the_sets() -> None:
    """1 + 6 + 15 ways to leave out none, one or two of six."""
    sets = indicator_sets(["a", "b", EMBASSIES, "c", "d", "e", "f"])
    assert len(sets) == 2 * 22
    assert sum(2 in each for each in sets) == 22
    assert {len(each) for each in sets if 2 not in each} == {4, 5, 6}
    assert len(indicator_sets(["a", "b", "c", "d", "e", "f"])) == 22


# The world.


def test_capabilities_are_the_latest_up_to_the_year_and_unknown_is_not_zero() -> None:
    found = capabilities(2024)
    value = {name: found.values[:, at] for at, name in enumerate(found.indicators)}
    state = found.states.index
    assert len(found.states) == 193
    assert value["population"][state("IND")] > value["population"][state("CHN")] > 1.4e9
    assert value["area"].argmax() == state("RUS")
    assert np.nanargmax(value["military expenditure"]) == state("USA")
    assert value["military expenditure"][state("USA")] == pytest.approx(0.9e12, rel=0.2)
    assert np.isnan(value["military expenditure"][state("PRK")])
    assert np.isnan(value["armed forces"][[state("TUV"), state("LBY")]]).all()  # no row, and a zero that is none
    assert all(2014 <= first <= last <= 2024 for first, last in found.years)
    assert EMBASSIES not in capabilities(2021).indicators
    with pytest.raises(NotEnoughData, match="1970"):
        capabilities(1970)


def test_the_two_largest_are_great_the_smallest_small_and_known_middle_powers_in_the_middle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Korea, Indonesia and Türkiye are with Mexico and Australia the forum of middle powers that calls itself MIKTA."""
    found = powers(2024, runs=120)
    assert {"USA", "CHN"} <= set(found.called("great power"))
    assert found.of("TUV") == (0.0, 0.0, 1.0)
    for iso3 in ("KOR", "IDN", "TUR", "MEX", "AUS"):
        assert found.of(iso3)[1] > 0.75
    assert 10 < np.nansum(found.shares[:, 1] > 0.5) < 65
    monkeypatch.setattr(middle, "sort_states", lambda *_, **__: pytest.fail("sorted again"))
    assert powers(2024, runs=120).claims == found.claims
