"""Standings: that chance makes no bridges beyond the stated rate, and that a planted one is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import binomtest, norm

from softpower.vectors import standing
from softpower.vectors.networks import ROLES, brokerage, rewired
from softpower.vectors.standing import BETWEEN, RATE, STATISTICS, autocorrelation_time, by_chance, claims, compare, holm

BETWEEN_AT = STATISTICS.index(BETWEEN)


# The roles themselves.


@pytest.mark.parametrize(
    ("role", "groups"),
    [
        ("coordinator", (0, 0, 0)),
        ("consultant", (0, 1, 0)),
        ("gatekeeper", (0, 1, 1)),
        ("representative", (0, 0, 1)),
        ("liaison", (0, 1, 2)),
    ],
)
def test_each_of_gould_and_fernandezs_five_triads_is_one_role_once(role: str, groups: tuple[int, int, int]) -> None:
    """The five diagrams by which they define the roles: a -> broker -> c, by the groups of the three."""
    ties = np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=bool)
    counts = brokerage(ties, np.array(groups))
    assert dict(zip(ROLES, counts[1].tolist(), strict=True)) == {each: int(each == role) for each in ROLES}
    assert not counts[[0, 2]].any()
    assert brokerage(ties | (np.arange(9).reshape(3, 3) == 2), np.array(groups))[1].sum() == 0  # with the tie a -> c


def test_brokerage_in_a_graph_worked_by_hand() -> None:
    """A, B of one group, C, D of a second, E of a third; A<->B, B->C, C->D, C->E, E->B. Worked from the definition.

    B: pairs from {A, E} to {A, C}. A->C: A and B alike, C not: representative. E->A: gatekeeper. E->C: all three of
    different groups: liaison. A->A is no pair.
    C: pairs from {B} to {D, E}. B->D: gatekeeper. B->E: liaison.
    A: from {B} to {B}: none. E: C->B, no tie C->B: liaison. D sends nothing.
    """
    ties = np.zeros((5, 5), dtype=bool)
    for a, b in ("AB", "BA", "BC", "CD", "CE", "EB"):
        ties["ABCDE".index(a), "ABCDE".index(b)] = True
    counts = brokerage(ties, np.array([0, 0, 1, 1, 2]))
    found = {
        name: {role: count for role, count in zip(ROLES, row.tolist(), strict=True) if count}
        for name, row in zip("ABCDE", counts, strict=True)
    }
    assert found == {
        "A": {},
        "B": {"representative": 1, "gatekeeper": 1, "liaison": 1},
        "C": {"gatekeeper": 1, "liaison": 1},
        "D": {},
        "E": {"liaison": 1},
    }


def test_brokerage_between_groups_does_not_depend_on_the_group_of_the_broker() -> None:
    ties, group = _regional(20, 4, seed=1)
    for own in range(4):
        moved = group.copy()
        moved[5] = own
        found = compare(ties, moved, np.random.default_rng(1), samples=2)
        roles = dict(zip(STATISTICS, found.observed[5], strict=True))
        assert roles[BETWEEN] == roles["gatekeeper"] + roles["representative"] + roles["liaison"]
        expected = sum(
            ties[a, 5] and ties[5, c] and not ties[a, c] and group[a] != group[c]
            for a in range(20)
            for c in range(20)
            if len({a, 5, c}) == 3
        )
        assert roles[BETWEEN] == expected


# False roles.


def _regional(n: int, groups: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    group = np.arange(n) % groups
    reach = random.uniform(0.3, 1.0, n)  # degrees differ widely, as real ones do
    ties = random.random((n, n)) < reach[:, None] * reach * np.where(group[:, None] == group, 0.9, 0.3)
    ties |= ties.T & (random.random((n, n)) < 0.6)
    np.fill_diagonal(ties, False)
    return ties, group


def _one_way(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A regional network in which only the numbers of ties out and in are kept, by the curveball procedure."""
    ties, group = _regional(20, 3, seed=4)
    return rewired(ties, random), group


def _mutual(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A network of mutual ties in which only their numbers are kept, by networkx."""
    ties, group = _regional(20, 3, seed=5)
    graph = nx.from_numpy_array((ties | ties.T).astype(int))
    nx.double_edge_swap(graph, nswap=4 * graph.number_of_edges(), max_tries=10**6, seed=int(random.integers(2**31)))
    return nx.to_numpy_array(graph, nodelist=range(20)).astype(bool), group


@pytest.mark.parametrize("world", [_one_way, _mutual])
def test_in_random_networks_the_claim_is_made_at_its_stated_rate(
    world: Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]],
) -> None:
    """False roles: nobody is a bridge in a random network of the same degrees, so all claims are false ones."""
    random = np.random.default_rng(11)
    bridge, fewer = [], []
    for _ in range(250):
        found = compare(*world(random), random, samples=19, sweeps=4)
        said = [
            claims([up], [down])[0]
            for up, down in zip(found.more[:, BETWEEN_AT], found.fewer[:, BETWEEN_AT], strict=True)
        ]
        bridge.append(np.mean([each == "bridge" for each in said]))
        fewer.append(np.mean([each == "fewer than its ties would give" for each in said]))
    for rates in (bridge, fewer):
        error = np.std(rates) / np.sqrt(len(rates))
        assert 0.02 < np.mean(rates) < RATE + 3 * error


def test_over_several_layers_a_false_claim_is_as_rare() -> None:
    random = np.random.default_rng(12)
    chances = np.ceil(random.random((2, 4000, 4)) * 201) / 201  # by rank among 200
    said = [claims(more, fewer) for more, fewer in zip(*chances.tolist(), strict=True)]
    assert np.mean(["bridge" in each for each in said]) == pytest.approx(0.05, abs=0.012)


def test_a_planted_bridge_is_found_and_a_hub_at_home_is_none() -> None:
    """Three groups; country 0 has all ties between them but a few; country 1 has as many, all in its own group."""
    n = 36
    random = np.random.default_rng(13)
    group = np.repeat([0, 1, 2], 12)
    ties = (random.random((n, n)) < 0.4) & (group[:, None] == group)
    ties[0] = False
    ties[0, [1, 2, 3, 12, 13, 14, 15, 24, 25, 26, 27]] = True
    ties[1, :12] = True
    ties[[4, 5, 16], [17, 28, 29]] = True
    ties |= ties.T
    np.fill_diagonal(ties, False)
    found = compare(ties, group, random, samples=100)
    said = [
        claims([up], [down])[0] for up, down in zip(found.more[:, BETWEEN_AT], found.fewer[:, BETWEEN_AT], strict=True)
    ]
    assert said[0] == "bridge"
    assert found.z[0, BETWEEN_AT] > 3
    assert said[1] != "bridge"
    assert found.z[0, STATISTICS.index("betweenness")] > 3
    assert found.z[0, STATISTICS.index("constraint")] < -2  # it spans the holes


def test_where_groups_are_not_kept_most_states_of_a_regional_world_broker_less_than_chance() -> None:
    random = np.random.default_rng(8)
    group = np.arange(40) % 4
    ties = random.random((40, 40)) < np.where(group[:, None] == group, 0.7, 0.05)
    ties |= ties.T
    np.fill_diagonal(ties, False)
    kept, free = (compare(ties, group, random, samples=60, keep=keep) for keep in ("ties and groups", "ties"))
    np.testing.assert_array_equal(kept.observed, free.observed)
    assert (free.fewer[:, BETWEEN_AT] <= 0.05).mean() > 0.7
    assert (kept.fewer[:, BETWEEN_AT] <= 0.05).mean() < 0.3


def test_who_joins_nobody_is_not_distinguishable() -> None:
    ties, group = _regional(15, 3, seed=6)
    ties[:, 3] = ties[3] = False
    ties[3, 4] = True
    found = compare(ties, group, np.random.default_rng(1), samples=19)
    assert claims(found.more[[3], BETWEEN_AT].tolist(), found.fewer[[3], BETWEEN_AT].tolist()) == (
        "not distinguishable",
    )
    assert np.isnan(found.z[3, BETWEEN_AT])


# Chances.


def test_holms_adjustment_is_that_of_his_procedure_step_by_step() -> None:
    random = np.random.default_rng(14)
    for _ in range(50):
        p = random.random(6) ** 3
        adjusted = holm(p)
        for rate in (0.01, 0.05, 0.2):
            rejected = set()
            for step, at in enumerate(np.argsort(p)):
                if p[at] > rate / (6 - step):
                    break
                rejected.add(at)
            assert set(np.flatnonzero(adjusted <= rate)) == rejected


def test_a_layer_that_does_not_have_the_state_costs_nothing() -> None:
    assert claims([0.04, float("nan")], [0.97, float("nan")]) == ("bridge", "not distinguishable")
    assert claims([0.04, 0.5], [0.97, 0.6]) == ("not distinguishable", "not distinguishable")


def test_the_chance_is_the_rank_with_the_observed_among_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Observed 3; drawn 1, 3, 5, 7: as much or more in three of four and itself, so 4/5; as little or less 3/5."""
    values = iter([1.0, 3.0, 5.0, 7.0, 3.0])  # the real network is looked at last
    monkeypatch.setattr(standing, "between_groups", lambda *_: np.full(1, next(values)))
    found = compare(np.zeros((1, 1), dtype=bool), np.zeros(1, dtype=int), np.random.default_rng(1), samples=4)
    assert (found.more[0, 0], found.fewer[0, 0]) == (4 / 5, 3 / 5)
    assert found.z[0, 0] == pytest.approx((3 - 4) / np.std([1, 3, 5, 7], ddof=1))


def _told(chance: float, draws: float, worth: float) -> standing.Comparison:
    """One state and statistic, of which only the chance, the number of draws and what they are worth matter."""
    one = np.ones((1, 1))
    return standing.Comparison(one, one, one, chance * one, one, draws * one, worth * one)


def test_a_chance_is_surely_small_only_if_counted_in_enough_independent_networks() -> None:
    """Wilson's one-sided 95% end with none of n beyond: z2 / (n + z2), z2 = 2.7055 (normal table)."""
    for n in (100, 400):
        for draws in (n, 5 * n):
            found = _told(1 / (draws + 1), draws, n)
            assert found.surely(found.more)[0, 0] == pytest.approx(2.7055 / (n + 2.7055), rel=1e-4)
    assert _told(0.5, 100, 100).surely(np.array([[0.5]]))[0, 0] > 0.5


def test_the_upper_end_is_that_of_wilsons_interval_in_scipy() -> None:
    for count, n in ((3, 250), (40, 800), (199, 200)):
        found = _told((1 + count) / (1 + n), n, n)
        expected = binomtest(count, n).proportion_ci(0.9, method="wilson").high
        assert found.surely(found.more)[0, 0] == pytest.approx(expected, rel=1e-6)


# Chains.


def _autoregressive(again: float, draws: int, chains: int, random: np.random.Generator) -> np.ndarray:
    """Standard normal draws, correlated by ``again`` ** k at a distance of k; shape (draw, chain)."""
    fresh = random.normal(size=(draws, chains)) * np.sqrt(1 - again**2)
    fresh[0] /= np.sqrt(1 - again**2)
    return np.asarray(lfilter([1], [1, -again], fresh, axis=0))


@pytest.mark.parametrize("again", [0.0, 0.5, 0.8, 0.95])
def test_the_autocorrelation_time_of_an_autoregressive_chain_is_that_of_its_closed_form(again: float) -> None:
    series = _autoregressive(again, 20_000, 50, np.random.default_rng(15))
    found = autocorrelation_time(series)
    assert found.shape == (50,)
    assert found.mean() == pytest.approx((1 + again) / (1 - again), rel=0.06)
    assert np.quantile(found, 0.05) > 0.8 * (1 + again) / (1 - again)


def test_the_autocorrelation_time_is_how_much_more_the_mean_varies_than_that_of_independent_draws() -> None:
    """No closed form: a chain of two states that stays with 0.9 and 0.7, and means of many chains."""
    random = np.random.default_rng(16)
    chains, draws = 2000, 2000
    state = random.random(chains) < 0.25
    series = np.empty((draws, chains))
    for at in range(draws):
        series[at] = state
        state = random.random(chains) < np.where(state, 0.7, 0.1)
    seen = series.mean(axis=0).var() / (series.var() / draws)
    assert seen == pytest.approx(4, rel=0.1)  # correlations of (0.9 + 0.7 - 1) ** k
    assert autocorrelation_time(series).mean() == pytest.approx(seen, rel=0.1)


def test_a_series_that_never_changes_or_is_not_known_is_no_chain() -> None:
    for value in (3.0, 0.1, np.nan):
        assert autocorrelation_time(np.full((50, 2), value)).tolist() == [1, 1]


@pytest.mark.parametrize("again", [0.3, 0.9])
@pytest.mark.parametrize("chance", [0.01, 0.05])
def test_the_most_that_a_chance_may_be_holds_it_at_its_rate_though_draws_hang_on_one_another(
    again: float, chance: float
) -> None:
    """1,000 states with a chain of their own each, normal and autocorrelated, so that the chance beyond is known."""
    draws = _autoregressive(again, 2500, 1000, np.random.default_rng(17))
    bound = np.full((1000, 1), norm.isf(chance))
    found = standing.Comparison(*standing._compared(bound, dict(enumerate(draws[..., None]))))
    held = np.mean(found.surely(found.more) >= chance)
    assert 0.94 < held <= 1
    naive = replace(found, effective=found.count)
    missed = np.mean(naive.surely(found.more) < chance)
    assert missed > (0.2 if again == 0.9 else 0.04)  # counted as if independent, it is too low far too often


def test_of_a_network_that_moves_slowly_the_draws_are_worth_less() -> None:
    ties, group = _regional(30, 3, seed=7)
    quick, slow = (compare(ties, group, np.random.default_rng(3), samples=400, sweeps=sweeps) for sweeps in (40, 1))
    worth = [np.median(each.effective[:, BETWEEN_AT]) for each in (slow, quick)]
    assert worth[0] < 0.4 * worth[1]
    assert worth[1] <= 400
    assert (slow.surely(slow.more) >= slow.more).all()


def test_chances_of_many_seeds_lie_no_further_apart_than_those_of_as_many_independent_networks_would() -> None:
    ties, group = _regional(20, 3, seed=8)
    runs = [compare(ties, group, np.random.default_rng(seed), samples=300, sweeps=2) for seed in range(40)]
    chances = np.array([each.more[:, BETWEEN_AT] for each in runs])
    worth = np.median([each.effective[:, BETWEEN_AT] for each in runs], axis=0)
    center = chances.mean(axis=0)
    seen = (center > 0.02) & (center < 0.98)
    ratio = chances.var(axis=0)[seen] / (center * (1 - center) / worth)[seen]
    assert seen.sum() > 8
    assert 0.2 < ratio.mean() < 1.1


def test_what_takes_long_is_looked_at_in_networks_evenly_spaced_from_the_real_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(standing, "WHOLE", 10)
    ties, group = _regional(12, 2, seed=1)
    found = compare(ties, group, np.random.default_rng(1), samples=50)
    assert (found.count[:, BETWEEN_AT] == 50).all()
    assert set(np.unique(found.count[:, BETWEEN_AT + 1 :])) <= {9.0, 10.0}


def test_as_many_states_are_bridges_by_chance_as_simulated_even_chances_make() -> None:
    random = np.random.default_rng(18)
    called = np.zeros(4)
    worlds = 20
    for _ in range(worlds):
        said = [claims(row, [1.0] * 4) for row in random.random((193, 4)).tolist()]
        called += (np.array(said) == "bridge").sum(axis=0)
    assert called.mean() / worlds == pytest.approx(by_chance(np.ones((4, 193), dtype=bool))[0], rel=0.15)
    some = np.ones((2, 10), dtype=bool)
    some[1, :4] = False  # looked at in one layer only, and so held to no correction
    np.testing.assert_allclose(by_chance(some, rate=0.1), [4 * 0.1 + 6 * 0.05, 6 * 0.05])


def test_where_counts_are_large_chances_are_about_those_of_a_normal_z_score() -> None:
    ties, group = _regional(25, 3, seed=9)
    found = compare(ties, group, np.random.default_rng(2), samples=300)
    z, more = found.z[:, BETWEEN_AT], found.more[:, BETWEEN_AT]
    seen = np.isfinite(z) & (found.mean[:, BETWEEN_AT] > 20)
    assert seen.sum() > 10
    np.testing.assert_allclose(more[seen], norm.sf(z[seen]), atol=0.12)
