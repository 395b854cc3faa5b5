"""Sobol indices against functions of known indices, full enumeration, scipy and the spread they claim."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from softpower.errors import BadRequest
from softpower.index import effects, sobol

A, B = 7.0, 0.1


def ishigami(u: np.ndarray) -> np.ndarray:
    x = 2 * np.pi * u - np.pi
    return np.asarray(np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0]))


def ishigami_indices() -> tuple[np.ndarray, np.ndarray]:
    """Closed form of Ishigami and Homma (1990)."""
    one, two = (1 + B * np.pi**4 / 5) ** 2 / 2, A**2 / 8
    both = B**2 * np.pi**8 * (1 / 18 - 1 / 50)
    total = one + two + both
    return np.array([one, two, 0]) / total, np.array([one + both, two, both]) / total


G = np.array([0.0, 1.0, 4.5, 9.0, 99.0])


def g_function(u: np.ndarray) -> np.ndarray:
    return np.asarray(np.prod((np.abs(4 * u - 2) + G) / (1 + G), axis=1))


def g_indices() -> tuple[np.ndarray, np.ndarray]:
    """Closed form of Saltelli and Sobol' (1995)."""
    own = 1 / (3 * (1 + G) ** 2)
    total = np.prod(1 + own) - 1
    with_others = own * np.prod(1 + own) / (1 + own)
    return own / total, with_others / total


def choices_of_an_index(u: np.ndarray) -> np.ndarray:
    """A function of discrete choices with unequal chances: shape (replication, target)."""
    return enumerated(*(sobol.discrete(u[:, i], chance) for i, chance in enumerate(CHANCES)))


CHANCES = ([1.0, 1.0, 1.0], [3.0, 1.0], [0.5, 0.0, 0.2, 0.3])
_SHIFT = np.random.default_rng(1).standard_normal((4, 5))


def enumerated(first: np.ndarray, second: np.ndarray, third: np.ndarray) -> np.ndarray:
    scale = np.array([0.0, 1.0, 2.0, 0.5, 1.0])
    return np.asarray(first[:, None] * scale + _SHIFT[third] * (1 + second[:, None]) + 50)


def enumerated_indices() -> tuple[np.ndarray, np.ndarray]:
    """Exact indices: all combinations, each with its chance."""
    sizes = [len(chance) for chance in CHANCES]
    grid = np.array(list(itertools.product(*map(range, sizes))))
    y = enumerated(*grid.T).reshape(*sizes, -1)
    weights = [np.array(chance) / sum(chance) for chance in CHANCES]

    def average(values: np.ndarray, over: list[int]) -> np.ndarray:
        for axis in sorted(over, reverse=True):
            values = np.tensordot(weights[axis], values, axes=(0, axis))
        return values

    everything = [0, 1, 2]
    variance = average(y**2, everything) - average(y, everything) ** 2
    first, total = [], []
    for factor in everything:
        others = [axis for axis in everything if axis != factor]
        mean = average(y, others)
        first.append(np.tensordot(weights[factor], mean**2, axes=(0, 0)))
        within = average(y**2, [factor]) - average(y, [factor]) ** 2
        remaining = [weights[axis] for axis in others]
        total.append(np.einsum("i,j,ijt->t", *remaining, within))
    centre = average(y, everything) ** 2
    return (np.array(first) - centre) / variance, np.array(total) / variance


# Known indices.


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("estimator", ["saltelli", "jansen"])
def test_ishigamis_indices_are_met_within_a_hundredth(estimator: str, seed: int) -> None:
    points = sobol.design(16_384, 3, seed=seed)
    found = sobol.indices(ishigami(points), 3, estimator=estimator, resamples=0)
    first, total = ishigami_indices()
    np.testing.assert_allclose(first, [0.3139, 0.4424, 0], atol=5e-5)
    np.testing.assert_allclose(found.first, first, atol=0.01)
    np.testing.assert_allclose(found.total, total, atol=0.01)


@pytest.mark.parametrize("estimator", ["saltelli", "jansen"])
def test_the_indices_of_the_g_function_are_met(estimator: str) -> None:
    points = sobol.design(16_384, 5, seed=4)
    found = sobol.indices(g_function(points), 5, estimator=estimator, resamples=0)
    first, total = g_indices()
    np.testing.assert_allclose(found.first, first, atol=0.005)
    np.testing.assert_allclose(found.total, total, atol=0.005)


def test_indices_of_discrete_choices_are_those_of_all_combinations() -> None:
    points = sobol.design(16_384, 3, seed=5)
    found = sobol.indices(choices_of_an_index(points), 3, resamples=0)
    first, total = enumerated_indices()
    np.testing.assert_allclose(first[:, 0].sum() + (total - first)[1, 0], 1, atol=1e-12)  # the oracle adds up
    np.testing.assert_allclose(found.first, first, atol=0.01)
    np.testing.assert_allclose(found.total, total, atol=0.01)


def test_on_the_same_runs_the_indices_are_scipys() -> None:
    n, factors = 256, 3
    y = np.column_stack([ishigami(sobol.design(n, factors, seed=6)), *np.random.default_rng(6).random((2, n * 5))])
    blocks = y.reshape(5, n, 3)
    given_runs = {
        "f_A": blocks[0].T,
        "f_B": blocks[1].T,
        "f_AB": blocks[2:].transpose(0, 2, 1),
    }
    expected = stats.sobol_indices(func=given_runs, n=n)
    found = sobol.indices(y, factors, resamples=0)
    np.testing.assert_allclose(found.first, expected.first_order.T, atol=1e-12)
    np.testing.assert_allclose(found.total, expected.total_order.T, atol=1e-12)


def test_shift_and_scale_of_results_change_nothing_but_the_uncentred_estimate() -> None:
    y = ishigami(sobol.design(512, 3, seed=7))
    both = np.column_stack([y, 1e6 + 1e-3 * y])
    for estimator in ("saltelli", "jansen"):
        found = sobol.indices(both, 3, estimator=estimator)
        for name in ("first", "total", "first_low", "first_high", "total_low", "total_high"):
            np.testing.assert_allclose(getattr(found, name)[:, 0], getattr(found, name)[:, 1], atol=1e-5)
        assert found.variance[1] == pytest.approx(found.variance[0] * 1e-6, rel=1e-5)
    shifted = sobol.indices(y + 1000, 3, estimator="coinr-uncentred").first
    assert np.abs(shifted - sobol.indices(y, 3, estimator="coinr-uncentred").first).max() > 0.1


def test_many_results_at_once_are_each_of_them_alone() -> None:
    y = choices_of_an_index(sobol.design(4096, 3, seed=8))
    for estimator in sobol.ESTIMATORS:
        together = sobol.indices(y, 3, estimator=estimator, resamples=40)
        assert together.first.shape == (3, 5)
        for target in range(5):
            alone = sobol.indices(y[:, target], 3, estimator=estimator, resamples=40)
            assert alone.first.shape == (3,)
            for name in ("first", "total", "first_low", "first_high", "total_low", "total_high"):
                np.testing.assert_allclose(getattr(alone, name), getattr(together, name)[:, target], atol=1e-12)


def test_whole_numbers_and_single_precision_are_taken_as_numbers() -> None:
    y = np.round(10 * ishigami(sobol.design(256, 3, seed=9)))
    expected = sobol.indices(y, 3)
    for kind in (np.int16, np.int64, np.float32):
        np.testing.assert_allclose(sobol.indices(y.astype(kind), 3).first, expected.first, atol=1e-12)


# The design.


def test_each_block_takes_one_column_from_b() -> None:
    n, factors = 128, 4
    blocks = sobol.design(n, factors, seed=1).reshape(factors + 2, n, factors)
    a, b = blocks[:2]
    assert np.abs(np.corrcoef(a.T, b.T) - np.eye(2 * factors)).max() < 0.1
    for i in range(factors):
        expected = a.copy()
        expected[:, i] = b[:, i]
        np.testing.assert_array_equal(blocks[2 + i], expected)


def test_the_design_fills_the_cube_evenly_and_follows_its_seed() -> None:
    points = sobol.design(256, 3, seed=2)
    for column in points[:256].T:  # one point in each of 256 equal steps
        np.testing.assert_array_equal(np.sort((column * 256).astype(int)), np.arange(256))
    assert points.min() >= 0
    assert points.max() < 1
    np.testing.assert_array_equal(points, sobol.design(256, 3, seed=2))
    assert not np.array_equal(points, sobol.design(256, 3, seed=3))
    half = sobol.design(128, 3, seed=2)
    np.testing.assert_array_equal(points[:128], half[:128])


@pytest.mark.parametrize(("n", "near"), [(100, "64 or 128"), (1, "2 or 4"), (0, "2 or 4"), (3, "2 or 4")])
def test_only_powers_of_two_are_taken(n: int, near: str) -> None:
    with pytest.raises(BadRequest, match=f"not {n}: give {near}"):
        sobol.design(n, 2, seed=1)


def test_a_design_needs_a_factor() -> None:
    with pytest.raises(BadRequest, match="at least one factor, not 0"):
        sobol.design(8, 0, seed=1)


# Discrete choices.


def test_alternatives_share_out_the_unit_interval_and_not_the_range_of_the_sample() -> None:
    narrow = np.linspace(0.55, 0.65, 11)
    assert set(sobol.discrete(narrow, [1, 1])) == {1}
    exact = sobol.discrete(np.array([0.0, 0.25 - 1e-12, 0.25, 0.75 - 1e-12, 0.75, 1 - 1e-16]), [1, 2, 1])
    assert exact.tolist() == [0, 0, 1, 1, 2, 2]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=8).filter(lambda chances: sum(chances) > 0.01))
def test_alternatives_come_as_often_as_their_chances_say_and_never_without_one(chances: list[float]) -> None:
    u = (np.arange(20_000) + 0.5) / 20_000
    chosen = sobol.discrete(u, chances)
    share = np.bincount(chosen, minlength=len(chances)) / len(u)
    np.testing.assert_allclose(share, np.array(chances) / sum(chances), atol=2e-4)
    ends = sobol.discrete(np.array([0.0, np.nextafter(1.0, 0.0)]), chances)
    assert all(chances[end] > 0 for end in ends)


@pytest.mark.parametrize("u", [1.0, -0.1, np.nan])
def test_numbers_outside_the_interval_stand_for_nothing(u: float) -> None:
    with pytest.raises(BadRequest, match=r"must lie in \[0, 1\), not"):
        sobol.discrete(np.array([0.5, u]), [1, 1])


def test_alternatives_need_a_chance() -> None:
    with pytest.raises(BadRequest, match="not all zero"):
        sobol.discrete(np.array([0.5]), [0, 0])


# Intervals and convergence.


@pytest.mark.parametrize("estimator", ["saltelli", "jansen"])
def test_intervals_hold_the_truth_as_often_as_they_say(estimator: str) -> None:
    """With base samples drawn at random, as the bootstrap assumes."""
    rng = np.random.default_rng(10)
    first, total = ishigami_indices()
    held = []
    for trial in range(250):
        a, b = rng.random((2, 300, 3))
        mixed = [np.where(np.arange(3) == i, b, a) for i in range(3)]
        y = ishigami(np.concatenate([a, b, *mixed]))
        found = sobol.indices(y, 3, estimator=estimator, resamples=150, level=0.8, seed=trial)
        held.append(
            [
                (found.first_low <= first) & (first <= found.first_high),
                (found.total_low <= total) & (total <= found.total_high),
            ]
        )
    np.testing.assert_allclose(np.mean(held, axis=0), 0.8, atol=0.1)


def test_intervals_are_percentiles_of_estimates_from_resampled_rows() -> None:
    n, factors, resamples = 64, 3, 25
    y = choices_of_an_index(sobol.design(n, factors, seed=11))
    found = sobol.indices(y, factors, resamples=resamples, level=0.5, seed=12)
    rng = np.random.default_rng(12)
    rows = [rng.integers(0, n, n) for _ in range(resamples)]
    blocks = y.reshape(factors + 2, n, -1)
    each = [sobol.indices(blocks[:, row].reshape(len(y), -1), factors, resamples=0) for row in rows]
    for name in ("first", "total"):
        low, high = np.quantile([getattr(one, name) for one in each], [0.25, 0.75], axis=0)
        np.testing.assert_allclose(getattr(found, f"{name}_low"), low, atol=1e-12)
        np.testing.assert_allclose(getattr(found, f"{name}_high"), high, atol=1e-12)


def test_the_same_seed_gives_the_same_intervals() -> None:
    y = ishigami(sobol.design(128, 3, seed=13))
    one, same, other = (sobol.indices(y, 3, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.first_low, same.first_low)
    assert not np.array_equal(one.first_low, other.first_low)
    np.testing.assert_array_equal(one.first, other.first)
    assert np.all(one.first_low <= one.first_high)
    assert np.isnan(sobol.indices(y, 3, resamples=0).widest)


def test_convergence_goes_from_an_eighth_to_all_and_narrows_with_the_root() -> None:
    y = np.column_stack([ishigami(sobol.design(4096, 3, seed=14))] * 2)
    found = sobol.convergence(y, 3)
    assert [each.n for each in found] == [512, 1024, 2048, 4096]
    np.testing.assert_array_equal(found[-1].first, sobol.indices(y, 3).first)
    eighth = sobol.indices(y.reshape(5, 4096, 2)[:, :512].reshape(-1, 2), 3)
    np.testing.assert_array_equal(found[0].total_low, eighth.total_low)
    assert found[0].widest / found[-1].widest == pytest.approx(np.sqrt(8), rel=0.25)
    assert sobol.convergence(y[:, 0], 3)[0].first.shape == (3,)
    with pytest.raises(BadRequest, match="8 is too small"):
        sobol.convergence(np.arange(40.0), 3)


# What must not pass.


def test_a_result_nobody_moves_is_flat_and_has_no_indices() -> None:
    points = sobol.design(64, 2, seed=15)
    y = np.column_stack([np.full(256, 0.1), points[:, 0], 1e9 + 1e-9 * points[:, 0]])
    found = sobol.indices(y, 2)
    assert found.flat.tolist() == [True, False, True]
    assert found.variance[0] == 0
    for name in ("first", "total", "first_low", "first_high", "total_low", "total_high"):
        assert np.isnan(getattr(found, name)).tolist() == [[True, False, True]] * 2
    assert np.isfinite(found.widest)


def test_a_result_that_rarely_moves_keeps_its_interval() -> None:
    """Some resamples then hold no replication in which it moved."""
    y = np.zeros((4 * 64, 1))
    y[5] = y[64 + 5] = 1.0
    found = sobol.indices(y, 2, resamples=300)
    assert np.isfinite(found.total_high).all()
    assert not found.flat[0]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_gap_names_its_replication(value: float) -> None:
    y = np.zeros((4 * 8, 3))
    y[2 * 8 + 8 + 5, 1] = value
    y[31, 2] = value
    message = rf"result 1 of replication 29 \(A with the weights of B, row 5\) is {value}; 2 of 32 replications"
    with pytest.raises(BadRequest, match=message):
        sobol.indices(y, 2, names=["mean", "weights"])
    y[3, 0] = value
    with pytest.raises(BadRequest, match=r"result 0 of replication 3 \(A, row 3\)"):
        sobol.convergence(y, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y": np.zeros(41), "factors": 2}, "41 replications do not fit 2 factors"),
        ({"y": np.zeros(4), "factors": 2}, "n at least 2"),
        ({"y": np.zeros(40), "factors": 0}, "at least one factor"),
        ({"y": np.zeros((2, 2, 2)), "factors": 2}, "numbers of shape"),
        ({"y": np.array(["a"] * 8), "factors": 2}, "numbers of shape"),
        ({"y": np.zeros(40), "factors": 2, "estimator": "sobol"}, "'sobol': give one of saltelli, jansen, coinr"),
        ({"y": np.zeros(40), "factors": 2, "resamples": 1}, "0 or at least 2, not 1"),
        ({"y": np.zeros(40), "factors": 2, "level": 1.0}, "between 0 and 1, not 1"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        sobol.indices(**arguments)  # type: ignore[arg-type]


# Factors that do nothing.


def test_the_share_of_replications_a_factor_changed_is_counted() -> None:
    points = sobol.design(1024, 2, seed=16)
    choices = np.column_stack([sobol.discrete(points[:, 0], [3, 1]), sobol.discrete(points[:, 1], [1, 1, 1])])
    # The second matters only where the first stands at its rarer alternative.
    y = np.column_stack([choices[:, 0] * (1 + choices[:, 1]), np.full(len(points), np.nan)])
    found = effects.changed(y, 2)
    np.testing.assert_allclose(found, [2 * 0.75 * 0.25, 0.25 * 2 / 3], atol=0.02)
    given_switch = effects.changed(y, 2, choices=choices)
    np.testing.assert_allclose(given_switch, [1, 0.25], atol=0.02)


def test_a_factor_that_changes_nothing_is_an_error_and_named() -> None:
    points = sobol.design(64, 3, seed=17)
    with pytest.raises(BadRequest, match="switching imputation, weights changed nothing in 64 replications"):
        effects.changed(points[:, 1], 3, names=["imputation", "mean", "weights"])
    with pytest.raises(BadRequest, match="switching factor 2 changed nothing"):
        effects.changed(points[:, :2], 3)


def test_a_factor_that_changes_something_before_the_results_and_not_these_is_no_error() -> None:
    points = sobol.design(64, 3, seed=17)
    found = effects.changed(points[:, 1], 3, moves=lambda factor: factor != 1)
    assert found.tolist() == [0.0, 1.0, 0.0]
    with pytest.raises(BadRequest, match="switching factor 0 changed nothing"):
        effects.changed(points[:, 1], 3, moves=lambda factor: factor == 2)


def test_a_factor_with_one_alternative_is_an_error_of_its_own() -> None:
    points = sobol.design(64, 2, seed=18)
    choices = np.column_stack([sobol.discrete(points[:, 0], [1, 1]), sobol.discrete(points[:, 1], [1, 0])])
    with pytest.raises(BadRequest, match="mean always stood at one choice in 64 replications"):
        effects.changed(choices[:, 0], 2, choices=choices, names=["weights", "mean"])


def test_replications_that_are_not_decided_by_their_choices_are_found_out() -> None:
    points = sobol.design(64, 2, seed=19)
    choices = sobol.discrete(points, [1, 1])
    y = choices.sum(axis=1).astype(float)
    row = int(np.flatnonzero(choices[:64, 1] == choices[3 * 64 :, 1])[0])
    y[3 * 64 + row] += 1e-9
    with pytest.raises(BadRequest, match=f"replications {row} and {3 * 64 + row} have the same choices and yet differ"):
        effects.changed(y, 2, choices=choices)


def test_hashes_of_matrices_will_do_for_matrices() -> None:
    points = sobol.design(32, 2, seed=20)
    hashes = np.array([f"{first > 0.5}{second > 0.5}" for first, second in points])
    assert np.all(effects.changed(hashes, 2) > 0.3)
    with pytest.raises(BadRequest, match="do not fit 3 factors"):
        effects.changed(hashes[:-1], 3)
    with pytest.raises(BadRequest, match=r"choices must have the shape \(128, 2\)"):
        effects.changed(hashes, 2, choices=points[:5])
