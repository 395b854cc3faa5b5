"""Means and other ways to join parts, against scipy and numpy, published indices, and what must hold of all of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from softpower.errors import BadRequest
from softpower.index import aggregate, normalise

Join = Callable[..., np.ndarray]


def _by_place(x: np.ndarray, weights: np.ndarray | None = None, **options: object) -> np.ndarray:
    """Weights of places that fall, as an ordered mean; those of parts play no role."""
    return aggregate.owa(x, np.arange(np.shape(x)[-1], 0.0, -1.0), **options)  # type: ignore[arg-type]


MEANS: dict[str, Join] = {
    "arithmetic": aggregate.arithmetic,
    "geometric": aggregate.geometric,
    "lifted geometric": partial(aggregate.geometric, floor=10.0),
    "harmonic": aggregate.harmonic,
    "power 3": partial(aggregate.power, p=3.0),
    "power -2": partial(aggregate.power, p=-2.0),
}
ALL: dict[str, Join] = {
    **MEANS,
    "mazziotta-pareto": aggregate.mazziotta_pareto,
    "mazziotta-pareto of samples": partial(aggregate.mazziotta_pareto, ddof=1, penalty="add"),
    "ordered": _by_place,
}
few = settings(max_examples=25)
of_means = pytest.mark.parametrize("join", MEANS.values(), ids=list(MEANS))
of_all = pytest.mark.parametrize("join", ALL.values(), ids=list(ALL))

tables = arrays(np.float64, (4, 5), elements=st.floats(1, 100))
weights_of_five = arrays(np.float64, 5, elements=st.floats(0.01, 10))
gaps = arrays(np.bool_, (4, 5))

# UNDP, Human Development Report 2015, table 1: life expectancy, expected and mean years of schooling, income per head;
# and the index, to three digits.
HUMAN_DEVELOPMENT = {
    "Norway": (81.6, 17.5, 12.6, 64_992, 0.944),
    "Australia": (82.4, 20.2, 13.0, 42_261, 0.935),
    "Switzerland": (83.0, 15.8, 12.8, 56_431, 0.930),
    "Denmark": (80.2, 18.7, 12.7, 44_025, 0.923),
    "Singapore": (83.0, 15.4, 10.6, 76_628, 0.912),
    "Liechtenstein": (80.0, 15.0, 11.8, 79_851, 0.908),
    "Israel": (82.4, 16.0, 12.5, 30_676, 0.894),
    "Japan": (83.5, 15.3, 11.5, 36_927, 0.891),
    "Finland": (80.8, 17.1, 10.3, 38_695, 0.883),
}


# Against others


@given(x=tables, weights=weights_of_five)
def test_means_are_numpys_and_scipys(x: np.ndarray, weights: np.ndarray) -> None:
    np.testing.assert_allclose(aggregate.arithmetic(x, weights), np.average(x, axis=1, weights=weights))
    np.testing.assert_allclose(aggregate.geometric(x, weights), stats.gmean(x, axis=1, weights=weights))
    np.testing.assert_allclose(aggregate.harmonic(x, weights), stats.hmean(x, axis=1, weights=weights))
    for p in (-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 7.0):
        np.testing.assert_allclose(aggregate.power(x, weights, p=p), stats.pmean(x, p, axis=1, weights=weights))


@given(x=tables, weights=weights_of_five, gaps=gaps)
def test_means_of_known_parts_are_scipys_of_these_alone(x: np.ndarray, weights: np.ndarray, gaps: np.ndarray) -> None:
    x = np.where(gaps, np.nan, x)
    for join, other in (
        (aggregate.arithmetic, np.average),
        (aggregate.geometric, stats.gmean),
        (aggregate.harmonic, stats.hmean),
        (partial(aggregate.power, p=2.5), partial(stats.pmean, p=2.5)),
    ):
        for unit, score in enumerate(join(x, weights)):
            known = ~gaps[unit]
            if known.any():
                assert score == pytest.approx(other(x[unit, known], weights=weights[known]))
            else:
                assert np.isnan(score)


@given(x=tables, weights=weights_of_five)
def test_a_lifted_geometric_mean_is_scipys_on_the_lifted_scale(x: np.ndarray, weights: np.ndarray) -> None:
    for floor in (1.0, 10.0):
        lifted = floor + (100 - floor) / 100 * x
        expected = (stats.gmean(lifted, axis=1, weights=weights) - floor) * 100 / (100 - floor)
        np.testing.assert_allclose(aggregate.geometric(x, weights, floor=floor), expected, rtol=1e-7)


def test_no_power_overflows() -> None:
    assert aggregate.power(np.array([[100.0, 50.0]]), p=400.0)[0] == pytest.approx(100 * 2 ** (-1 / 400))
    assert aggregate.power(np.array([[100.0, 50.0]]), p=-400.0)[0] == pytest.approx(50 * 2 ** (1 / 400))
    assert aggregate.power(np.array([[0.0, 0.0]]), p=2.0)[0] == 0.0
    assert aggregate.power(np.array([[1e200, 1e-200]]), p=-2.0)[0] == pytest.approx(np.sqrt(2) * 1e-200)
    # In units of the largest part that counts here: one without weight in this draw is not it.
    weights = np.array([[0.0, 0.5, 0.5], [0.2, 0.4, 0.4]])
    found = aggregate.power(np.array([[1e3, 1.0, 1.0]]), weights, p=400.0)
    assert found[0, 0] == pytest.approx(1.0)
    assert found[1, 0] == pytest.approx(1e3 * 0.2 ** (1 / 400))


@pytest.mark.parametrize("p", [1e-12, -1e-9, 1e-6])
def test_a_power_near_zero_gives_the_geometric_mean(p: float) -> None:
    x = np.array([[1.0, 7.0, 60.0], [0.01, 3.0, 5.0]])
    # To the second order in p: the mean of logarithms, and p/2 times their variance.
    expected = np.exp(np.log(x).mean(axis=1) + p / 2 * np.log(x).var(axis=1))
    np.testing.assert_allclose(aggregate.power(x, p=p), expected, rtol=1e-10)
    assert aggregate.power(np.array([[0.0, 9.0]]), p=abs(p))[0] == 0.0


def test_goalposts_and_means_give_the_published_human_development_index() -> None:
    rows = np.array(list(HUMAN_DEVELOPMENT.values()))
    post = partial(normalise.goalposts, scale=(0.0, 1.0))
    health = post(rows[:, 0], low=20.0, high=85.0)
    schooling = np.stack([post(rows[:, 1], low=0.0, high=18.0), post(rows[:, 2], low=0.0, high=15.0)], axis=1)
    income = post(np.log(rows[:, 3]), low=np.log(100.0), high=np.log(75_000.0))
    parts = np.stack([health, aggregate.arithmetic(schooling), income], axis=1)
    # Inputs are published with three digits or four, which moves the index by less than one in its last.
    np.testing.assert_allclose(aggregate.geometric(parts), rows[:, 4], atol=1e-3)


@given(x=tables, weights=weights_of_five)
def test_a_penalty_is_the_squared_spread_over_the_mean(x: np.ndarray, weights: np.ndarray) -> None:
    mean, spread = x.mean(axis=1), x.std(axis=1)
    np.testing.assert_allclose(aggregate.mazziotta_pareto(x), mean - spread * (spread / mean), atol=1e-9)
    np.testing.assert_allclose(aggregate.mazziotta_pareto(x, penalty="add"), mean + spread**2 / mean, atol=1e-9)
    sample = x.std(axis=1, ddof=1)
    np.testing.assert_allclose(aggregate.mazziotta_pareto(x, ddof=1), mean - sample**2 / mean, atol=1e-9)
    # Whole weights count parts several times.
    counted = np.repeat(x, [1, 2, 3, 1, 2], axis=1)
    np.testing.assert_allclose(
        aggregate.mazziotta_pareto(x, np.array([1.0, 2, 3, 1, 2])), aggregate.mazziotta_pareto(counted), atol=1e-9
    )


def test_an_index_of_standardised_parts_has_the_published_scale() -> None:
    rng = np.random.default_rng(3)
    x = rng.lognormal(size=(40, 6))
    z = np.stack([normalise.zscore(part, mean=100, sd=10, ddof=0) for part in x.T], axis=1)
    np.testing.assert_allclose(z.mean(axis=0), 100)
    np.testing.assert_allclose(z.std(axis=0), 10)
    mean, spread = z.mean(axis=1), z.std(axis=1)
    np.testing.assert_allclose(aggregate.mazziotta_pareto(z), mean - spread**2 / mean)
    # Balanced parts cost nothing.
    balanced = np.full((3, 4), 97.0)
    np.testing.assert_array_equal(aggregate.mazziotta_pareto(balanced), [97, 97, 97])
    assert aggregate.mazziotta_pareto(np.array([[97.0, np.nan]]), ddof=1).tolist() == [97.0]


@given(x=tables, places=weights_of_five)
def test_an_ordered_mean_weighs_places(x: np.ndarray, places: np.ndarray) -> None:
    expected = np.sort(x, axis=1)[:, ::-1] @ (places / places.sum())
    np.testing.assert_allclose(aggregate.owa(x, places), expected)


@given(x=tables, gaps=gaps)
def test_of_known_parts_the_best_is_best_the_weakest_weakest_and_the_mean_the_mean(
    x: np.ndarray, gaps: np.ndarray
) -> None:
    gaps[:, 0] = False
    x = np.where(gaps, np.nan, x)
    one, last = np.eye(5)[[0, 4]]
    np.testing.assert_allclose(aggregate.owa(x, one), np.nanmax(x, axis=1))
    np.testing.assert_allclose(aggregate.owa(x, last), np.nanmin(x, axis=1))
    np.testing.assert_allclose(aggregate.owa(x, np.ones(5)), np.nanmean(x, axis=1))


def test_places_of_missing_parts_fall_to_those_that_stand_for_them() -> None:
    # Of three places two parts are known: the better stands for the first and half of the second.
    found = aggregate.owa(np.array([[90.0, np.nan, 30.0]]), np.array([0.5, 0.3, 0.2]))
    assert found[0] == pytest.approx(0.65 * 90 + 0.35 * 30)


def test_orness_of_falling_weights_is_the_published_one() -> None:
    # Yager (1988): weights 0.4, 0.3, 0.2, 0.1 have an orness of (3 x 0.4 + 2 x 0.3 + 0.2) / 3 = 2/3.
    assert float(aggregate.orness(np.array([4.0, 3.0, 2.0, 1.0]))) == pytest.approx(2 / 3)
    with pytest.raises(BadRequest, match="two places or more"):
        aggregate.orness(np.ones(1))


# What holds of all


@of_all
@few
@given(x=tables, weights=weights_of_five, factor=st.floats(0.01, 100))
def test_only_the_ratios_of_weights_count(join: Join, x: np.ndarray, weights: np.ndarray, factor: float) -> None:
    np.testing.assert_allclose(join(x, factor * weights), join(x, weights), atol=1e-9)


@of_all
@few
@given(x=tables, weights=weights_of_five, seed=st.integers(0, 2**32 - 1))
def test_the_order_of_units_and_parts_changes_nothing(
    join: Join, x: np.ndarray, weights: np.ndarray, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    units, parts = rng.permutation(4), rng.permutation(5)
    np.testing.assert_allclose(
        join(x[np.ix_(units, parts)], weights[parts]), join(x, weights)[units], rtol=1e-9, atol=1e-9
    )


@of_means
@few
@given(x=tables, weights=weights_of_five, more=st.floats(0, 50), part=st.integers(0, 4))
def test_more_of_a_part_is_never_worse(join: Join, x: np.ndarray, weights: np.ndarray, more: float, part: int) -> None:
    better = x.copy()
    better[:, part] += more
    assert np.all(join(better, weights) >= join(x, weights) - 1e-9)


@of_means
@few
@given(x=tables, weights=weights_of_five)
def test_a_mean_lies_between_the_weakest_part_and_the_best(join: Join, x: np.ndarray, weights: np.ndarray) -> None:
    mean = join(x, weights)
    assert np.all((x.min(axis=1) - 1e-9 <= mean) & (mean <= x.max(axis=1) + 1e-9))


@given(x=tables, weights=weights_of_five)
def test_the_lower_the_power_the_more_the_weakest_counts(x: np.ndarray, weights: np.ndarray) -> None:
    means = [aggregate.power(x, weights, p=p) for p in (-4.0, -1.0, 0.0, 1.0, 2.0, 6.0)]
    for lower, higher in pairwise(means):
        assert np.all(lower <= higher + 1e-9)


@pytest.mark.parametrize("name", ["arithmetic", "geometric", "harmonic", "power 3", "power -2", "ordered"])
@few
@given(x=tables, weights=weights_of_five, factor=st.floats(0.01, 100))
def test_a_change_of_unit_of_all_parts_is_one_of_the_mean(
    name: str, x: np.ndarray, weights: np.ndarray, factor: float
) -> None:
    np.testing.assert_allclose(ALL[name](factor * x, weights), factor * ALL[name](x, weights))


@pytest.mark.parametrize("name", [name for name in ALL if name != "ordered"])
@few
@given(x=tables, weights=weights_of_five, part=st.integers(0, 4))
def test_a_missing_part_is_a_part_left_out(name: str, x: np.ndarray, weights: np.ndarray, part: int) -> None:
    holed = x.copy()
    holed[:, part] = np.nan
    fewer = ALL[name](np.delete(x, part, axis=1), np.delete(weights, part))
    np.testing.assert_allclose(ALL[name](holed, weights), fewer, atol=1e-9)


@pytest.mark.parametrize("name", ["arithmetic", "lifted geometric", "power 3", "ordered"])
@few
@given(x=tables, weights=weights_of_five, part=st.integers(0, 4))
def test_a_missing_part_is_better_than_a_zero(name: str, x: np.ndarray, weights: np.ndarray, part: int) -> None:
    holed, zero = x.copy(), x.copy()
    holed[:, part], zero[:, part] = np.nan, 0.0
    assert np.all(ALL[name](holed, weights) > ALL[name](zero, weights))


@of_all
def test_strictly_a_missing_part_leaves_no_score(join: Join) -> None:
    x = np.array([[10.0, 20.0], [10.0, np.nan], [np.nan, np.nan]])
    weights = np.ones(2)
    assert np.isnan(join(x, weights)).tolist() == [False, False, True]
    assert np.isnan(join(x, weights, missing="strict")).tolist() == [False, True, True]


@of_all
def test_too_few_known_parts_leave_no_score(join: Join) -> None:
    x = np.full((4, 3), 10.0) + np.arange(3)
    for unit in range(4):
        x[unit, :unit] = np.nan
    weights = np.ones(3)
    for least, scored in ((0.0, 3), (1 / 3, 3), (0.34, 2), (2 / 3, 2), (0.67, 1), (1.0, 1)):
        assert np.isfinite(join(x, weights, min_known=least)).sum() == scored
    three_of_ten = np.append(np.full(3, 10.0), np.full(7, np.nan))[None]
    assert np.isfinite(join(three_of_ten, np.ones(10), min_known=3 * 0.1)).all()  # 0.30000000000000004


@of_all
def test_what_is_done_about_missing_parts_is_one_of_two_words(join: Join) -> None:
    with pytest.raises(BadRequest, match=r"'skip' or 'strict', .* not 'zero'"):
        join(np.ones((1, 2)), np.ones(2), missing="zero")
    with pytest.raises(BadRequest, match="min_known from 0 to 1"):
        join(np.ones((1, 2)), np.ones(2), min_known=65)


@pytest.mark.parametrize("name", [name for name in ALL if name != "ordered"])
@few
@given(x=tables, weights=weights_of_five, waste=st.sampled_from([np.nan, np.inf, -5.0, 0.0, 1e9]))
def test_a_part_without_weight_plays_no_role_whatever_its_score(
    name: str, x: np.ndarray, weights: np.ndarray, waste: float
) -> None:
    wider, heavier = np.column_stack([x, np.full(4, waste)]), np.append(weights, 0.0)
    np.testing.assert_allclose(
        ALL[name](wider, heavier, missing="strict", min_known=1.0), ALL[name](x, weights), rtol=1e-9
    )


@pytest.mark.parametrize("name", [name for name in ALL if name != "ordered"])
def test_replications_are_as_many_single_calls(name: str) -> None:
    join, rng = ALL[name], np.random.default_rng(5)
    x, weights = rng.uniform(1, 100, (3, 4, 5)), rng.dirichlet(np.ones(5), size=3)
    x[rng.random(x.shape) < 0.2] = np.nan
    both, one_table, one_weight = join(x, weights), join(x[0], weights), join(x, weights[0])
    every_pair = join(x[:, None], weights)
    for draw in range(3):
        np.testing.assert_allclose(both[draw], join(x[draw], weights[draw]))
        np.testing.assert_allclose(one_table[draw], join(x[0], weights[draw]))
        np.testing.assert_allclose(one_weight[draw], join(x[draw], weights[0]))
        np.testing.assert_allclose(every_pair[draw, 2], join(x[draw], weights[2]))


def test_replicated_places_are_as_many_single_calls() -> None:
    rng = np.random.default_rng(6)
    x, places = rng.uniform(1, 100, (4, 5)), rng.dirichlet(np.ones(5), size=3)
    x[1, 2:4] = np.nan
    found = aggregate.owa(x, places)
    np.testing.assert_allclose(found, [aggregate.owa(x, row) for row in places])


# Refusals


@pytest.mark.parametrize("name", ["geometric", "harmonic", "power -2"])
@pytest.mark.parametrize("value", [0.0, -2.5])
def test_scores_of_zero_or_below_are_refused_with_their_place_and_a_remedy(name: str, value: float) -> None:
    x = np.full((3, 4), 5.0)
    x[1, 2] = x[2, 0] = value
    with pytest.raises(BadRequest, match=rf"unit 1, part 2 has {value:g} \(1 of 2 such.*scale=\(1, 100\)"):
        ALL[name](x)
    with pytest.raises(BadRequest, match="replication 1, unit 1, part 2"):
        ALL[name](np.stack([np.full((3, 4), 5.0), x]))


@pytest.mark.parametrize("name", ["lifted geometric", "power 3"])
def test_zeros_are_no_matter_where_a_mean_can_take_them_but_negative_scores_are(name: str) -> None:
    assert ALL[name](np.zeros((1, 2)))[0] == pytest.approx(0, abs=1e-12)
    with pytest.raises(BadRequest, match="scores of zero or more: unit 0, part 1 has -1"):
        ALL[name](np.array([[0.0, -1.0]]))


@of_all
def test_infinite_scores_are_refused_with_their_place(join: Join) -> None:
    with pytest.raises(BadRequest, match="must be finite: unit 1, part 0 has inf"):
        join(np.array([[1.0, 2.0], [np.inf, 3.0]]), np.ones(2))


@of_means
def test_weights_that_cannot_be_are_refused(join: Join) -> None:
    x = np.ones((2, 3))
    for wrong in ([1.0, -1.0, 1.0], [0.0, 0.0, 0.0], [np.nan, 1.0, 1.0], [np.inf, 1.0, 1.0]):
        with pytest.raises(BadRequest, match="zero or more and not all zero"):
            join(x, np.array(wrong))
    with pytest.raises(BadRequest, match="3 parts need 3 weights"):
        join(x, np.ones(2))
    with pytest.raises(BadRequest, match=r"the axes \(\.\.\., unit, part\)"):
        join(np.ones(3))


def test_what_a_mean_cannot_be_is_refused() -> None:
    x = np.array([[1.0, 2.0], [-3.0, 1.0]])
    with pytest.raises(BadRequest, match="exponent of a power mean must be finite"):
        aggregate.power(x, p=np.inf)
    with pytest.raises(BadRequest, match="floor of a geometric mean lies from 0 to below 100"):
        aggregate.geometric(x, floor=100.0)
    with pytest.raises(BadRequest, match="that of unit 1 is -1; standardise"):
        aggregate.mazziotta_pareto(x)
    with pytest.raises(BadRequest, match="penalty is 'subtract' or 'add'"):
        aggregate.mazziotta_pareto(x, penalty="NEG")  # type: ignore[arg-type]
