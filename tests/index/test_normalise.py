"""Each normalisation against a closed form or another library, and what all of them have in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from softpower.errors import BadRequest
from softpower.index import normalise

Method = Callable[..., np.ndarray]

cells = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))
columns = arrays(np.float64, st.integers(2, 30), elements=cells)
varied = columns.filter(lambda x: np.ptp(x) > 0)

# What suits any cells, and takes its parameters from them.
FROM_CELLS: dict[str, Method] = {
    "minmax": normalise.minmax,
    "zscore": normalise.zscore,
    "rank": normalise.rank,
    "borda": normalise.borda,
    "percentile_rank": normalise.percentile_rank,
    "percentile": normalise.percentile,
    "distance_to_maximum": normalise.distance_to_maximum,
    "distance_to_reference": partial(normalise.distance_to_reference, value=1e7),
    "distance_to_target": partial(normalise.distance_to_target, target=1e7),
}
GIVEN_LIMITS: dict[str, Method] = {
    "goalposts": partial(normalise.goalposts, low=-1e6, high=1e6),
    "scaled": partial(normalise.scaled, low=-1e6, high=1e6),
    "distance_to_target": partial(normalise.distance_to_target, target=1e7, low=-1e6),
}
# Of these it is said that no score of the reference lies outside the scale.
ALL: dict[str, Method] = {
    **FROM_CELLS,
    **{f"{name}, given": method for name, method in GIVEN_LIMITS.items()},
    "fraction_of_maximum": lambda x, **options: normalise.fraction_of_maximum(
        x - np.fmin.reduce(x, axis=None), **options
    ),
}


# Each method is tried: a quarter of the usual examples will do.
few = settings(max_examples=25)
of_all = pytest.mark.parametrize("method", ALL.values(), ids=list(ALL))
of_those_from_cells = pytest.mark.parametrize("from_cells", FROM_CELLS.values(), ids=list(FROM_CELLS))


# In common


@of_all
@few
@given(x=columns, low=st.integers(-5, 5), span=st.integers(1, 100))
def test_every_method_keeps_to_a_common_scale(method: Method, x: np.ndarray, low: int, span: int) -> None:
    scores = method(x, scale=(float(low), float(low + span)))
    assert scores.min() >= low - 1e-9
    assert scores.max() <= low + span + 1e-9


@of_all
@few
@given(x=columns)
def test_no_method_turns_an_order_round(method: Method, x: np.ndarray) -> None:
    order = np.argsort(x, kind="stable")
    assert np.all(np.diff(method(x)[order]) >= -1e-9)


@of_all
@few
@given(x=columns, gaps=st.integers(1, 3))
def test_a_gap_stays_a_gap_and_changes_no_other_score(method: Method, x: np.ndarray, gaps: int) -> None:
    scores = method(np.concatenate([np.full(gaps, np.nan), x]))
    assert np.isnan(scores[:gaps]).all()
    np.testing.assert_allclose(scores[gaps:], method(x), rtol=1e-12)


@of_those_from_cells
@few
@given(x=varied)
def test_missing_is_not_the_same_as_zero(from_cells: Method, x: np.ndarray) -> None:
    assert np.isnan(from_cells(np.append(x, np.nan))[-1])
    assert np.isfinite(from_cells(np.append(x, 0.0))[-1])


@of_all
@few
@given(x=columns, seed=st.integers(0, 2**32 - 1))
def test_the_order_of_units_changes_no_score(method: Method, x: np.ndarray, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(x))
    np.testing.assert_allclose(method(x[order]), method(x)[order], rtol=1e-9, atol=1e-9)


@of_all
@few
@given(x=columns)
def test_shape_plays_no_role(method: Method, x: np.ndarray) -> None:
    twice = np.concatenate([x, x])
    np.testing.assert_array_equal(method(twice.reshape(2, -1)).ravel(), method(twice))


@pytest.mark.parametrize("name", ["minmax", "zscore", "rank", "borda", "percentile_rank", "percentile"])
@few
@given(x=varied, factor=st.floats(0.1, 100), shift=st.floats(-100, 100))
def test_a_change_of_unit_moves_no_score(name: str, x: np.ndarray, factor: float, shift: float) -> None:
    moved = factor * x + shift
    assume(len(np.unique(moved)) == len(np.unique(x)))
    np.testing.assert_allclose(FROM_CELLS[name](moved), FROM_CELLS[name](x), atol=1e-5)


@of_those_from_cells
@few
@given(x=varied, y=varied)
def test_parameters_come_from_the_reference_alone(from_cells: Method, x: np.ndarray, y: np.ndarray) -> None:
    both = from_cells(np.concatenate([x, y]), reference=y)
    np.testing.assert_allclose(both[: len(x)], from_cells(x, reference=y))
    np.testing.assert_allclose(both[len(x) :], from_cells(y))


@of_those_from_cells
@few
@given(value=cells, count=st.integers(1, 5))
def test_a_constant_indicator_gets_the_middle_of_the_scale(from_cells: Method, value: float, count: int) -> None:
    scores = from_cells(np.append(np.full(count, value), np.nan), scale=(1.0, 100.0))
    assert np.all(scores[:-1] == 50.5)
    assert np.isnan(scores[-1])


@pytest.mark.parametrize("method", [*FROM_CELLS.values(), normalise.fraction_of_maximum])
@pytest.mark.parametrize("value", [0.3, 1e-8, 123456.789])
def test_cells_that_differ_by_rounding_only_are_constant(method: Method, value: float) -> None:
    exact, steps = np.full(7, value), np.array([0, 1, -1, 3, 0, -2, 1])
    rounded = exact + steps * np.spacing(value)
    assert np.ptp(rounded) > 0
    options: dict[str, Any]
    for options in ({}, {"scale": (0.0, 100.0)}):
        expected = method(exact, **options)
        np.testing.assert_allclose(method(rounded, **options), expected, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(method(exact, reference=rounded, **options), expected, rtol=1e-12, atol=1e-12)
    # What differs by more is not.
    assert np.ptp(method(exact * (1 + 1e-9 * steps))) > 0


def test_columns_are_constant_one_by_one_and_one_without_cells_is() -> None:
    x = np.array([[0.1 + 0.2, 0.0, 1e308, np.nan, 5.0], [0.3, 0.0, -1e308, np.nan, np.nan]])
    assert normalise.is_constant(x).tolist() == [True, True, False, True, True]


def test_a_constant_indicator_between_given_limits_keeps_its_distance_from_them() -> None:
    same = np.full(3, 8.0)
    assert normalise.goalposts(same, low=0.0, high=10.0).tolist() == [80.0] * 3
    assert normalise.distance_to_target(same, low=0.0, target=10.0).tolist() == [80.0] * 3
    assert normalise.fraction_of_maximum(np.zeros(2)).tolist() == [50.0] * 2


def test_a_constant_indicator_without_a_scale_is_at_the_mean_or_in_the_first_place() -> None:
    same = np.full(3, 0.1)
    assert normalise.zscore(same, mean=100.0, sd=10.0).tolist() == [100.0] * 3
    assert normalise.rank(same).tolist() == [1.0] * 3
    assert normalise.borda(same).tolist() == [0.0] * 3


@of_all
def test_infinite_cells_are_refused_with_their_place(method: Method) -> None:
    with pytest.raises(BadRequest, match=r"cell \(0, 1\) is -?inf.*make them missing"):
        method(np.array([[1.0, np.inf, 2.0]]))


@of_those_from_cells
def test_an_infinite_reference_is_refused(from_cells: Method) -> None:
    with pytest.raises(BadRequest, match="infinite reference"):
        from_cells(np.array([1.0, 2.0]), reference=np.array([1.0, -np.inf]))


@of_all
def test_nothing_known_is_refused(method: Method) -> None:
    with pytest.raises(BadRequest, match="no finite cell"):
        method(np.array([np.nan, np.nan]), reference=np.array([np.nan]))


@of_all
def test_a_scale_that_does_not_rise_is_refused(method: Method) -> None:
    for scale in ((100.0, 0.0), (5.0, 5.0), (0.0, np.inf), (np.nan, 1.0)):
        with pytest.raises(BadRequest, match="of a scale must be finite and rise"):
            method(np.array([1.0, 2.0]), scale=scale)


# One by one


@given(columns)
def test_zscore_is_scipys(x: np.ndarray) -> None:
    assume(np.ptp(x) > 1e-3 * np.abs(x).max())
    np.testing.assert_allclose(normalise.zscore(x), stats.zscore(x, ddof=1), atol=1e-9)
    np.testing.assert_allclose(
        normalise.zscore(x, mean=100, sd=10, ddof=0), 100 + 10 * stats.zscore(x, ddof=0), atol=1e-9
    )


def test_zscore_on_a_scale_ends_where_it_is_clipped() -> None:
    x = np.append(np.zeros(99), 1000.0)
    assert normalise.zscore(x).max() == pytest.approx(9.9)
    assert normalise.zscore(x, clip=3.0).max() == 3.0
    assert normalise.zscore(x, scale=(1.0, 7.0)).max() == 7.0
    assert normalise.zscore(np.array([-1.0, 0.0, 1.0]), clip=2.0, scale=(0.0, 1.0)).tolist() == [0.25, 0.5, 0.75]


def test_zscore_refuses_what_contradicts_itself() -> None:
    x = np.array([1.0, 2.0])
    wrong: list[dict[str, Any]] = [{"sd": 0.0}, {"sd": -1.0}, {"mean": np.nan}, {"clip": 0.0}]
    for options in wrong:
        with pytest.raises(BadRequest, match="z-scores"):
            normalise.zscore(x, **options)
    with pytest.raises(BadRequest, match="leave out mean 100"):
        normalise.zscore(x, mean=100.0, scale=(0.0, 1.0))


def test_cells_that_differ_by_next_to_nothing_are_spread_by_nothing() -> None:
    assert normalise.zscore(np.array([0.0, 1e-200])).tolist() == [0.0, 0.0]


@given(columns)
def test_ranks_are_scipys_with_ties_in_the_lower_place(x: np.ndarray) -> None:
    place = stats.rankdata(x, method="min")
    np.testing.assert_array_equal(normalise.rank(x), place)
    np.testing.assert_array_equal(normalise.borda(x), place - 1)
    if np.ptp(x) > 0:
        share = (place - 1) / (len(x) - 1)
        np.testing.assert_allclose(normalise.percentile_rank(x, scale=(0.0, 1.0)), share)
        np.testing.assert_allclose(normalise.rank(x, scale=(1.0, 100.0)), 1 + 99 * share)


def test_a_place_in_a_reference_is_that_among_its_cells() -> None:
    reference = np.array([10.0, 20.0, 20.0, 30.0])
    assert normalise.rank(np.array([5.0, 20.0, 25.0, 99.0]), reference=reference).tolist() == [1, 2, 4, 5]
    assert normalise.percentile_rank(np.array([5.0, 99.0]), reference=reference).tolist() == [0.0, 100.0]


@given(x=varied, more=cells)
def test_beyond_the_reference_a_score_ends_or_goes_on(x: np.ndarray, more: float) -> None:
    share = (more - x.min()) / np.ptp(x)
    for method in (normalise.minmax, partial(normalise.goalposts, low=x.min(), high=x.max())):
        clipped, extended = (
            method(np.array([more]), reference=x, scale=(0.0, 1.0), beyond=beyond)[0] for beyond in ("clip", "extend")
        )
        assert extended == pytest.approx(share)
        assert clipped == pytest.approx(min(max(share, 0.0), 1.0))
    assert normalise.distance_to_maximum(np.array([more]), reference=x)[0] == pytest.approx(100 * share)


def test_what_happens_beyond_is_one_of_two_words() -> None:
    with pytest.raises(BadRequest, match=r"'clip'.*'extend'.*, not 'drop'"):
        normalise.minmax(np.array([1.0, 2.0]), beyond="drop")  # type: ignore[arg-type]


def test_distance_to_a_unit_is_that_to_its_value() -> None:
    x = np.array([[2.0, 4.0, 12.0], [2.0, 7.0, 12.0]])
    np.testing.assert_allclose(
        normalise.distance_to_reference(x, unit=1),
        [[0, 100, 500], [0, 100, 200]],  # from the smallest of all, 2
    )
    np.testing.assert_allclose(normalise.distance_to_reference(x, value=4.0), [[0, 100, 500], [0, 250, 500]])
    assert normalise.distance_to_reference(x, value=4.0, beyond="clip").max() == 100


def test_a_reference_that_cannot_be_one_is_refused() -> None:
    x = np.array([1.0, 5.0, np.nan])
    with pytest.raises(BadRequest, match="above the smallest cell, 1, not 1"):
        normalise.distance_to_reference(x, unit=0)
    with pytest.raises(BadRequest, match="must be known and above"):
        normalise.distance_to_reference(x, unit=2)
    with pytest.raises(BadRequest, match="from 0 to 2"):
        normalise.distance_to_reference(x, unit=3)
    wrong: list[dict[str, Any]] = [{}, {"unit": 1, "value": 5.0}]
    for options in wrong:
        with pytest.raises(BadRequest, match="either its value or the place of its unit"):
            normalise.distance_to_reference(x, **options)


def test_a_target_below_every_cell_is_refused_with_the_remedy() -> None:
    with pytest.raises(BadRequest, match=r"the target must be known and above the smallest cell, 3, not 2.*by -1"):
        normalise.distance_to_target(np.array([3.0, 5.0]), target=2.0)
    with pytest.raises(BadRequest, match=r"from low to target .* from 9 to 2"):
        normalise.distance_to_target(np.array([3.0, 5.0]), target=2.0, low=9.0)


def test_a_target_can_be_surpassed_or_merely_met() -> None:
    x = np.array([0.0, 5.0, 20.0])
    assert normalise.distance_to_target(x, target=10.0).tolist() == [0.0, 50.0, 200.0]
    assert normalise.distance_to_target(x, target=10.0, beyond="clip").tolist() == [0.0, 50.0, 100.0]


def test_a_target_for_less_is_met_from_above() -> None:
    # Poverty of 30, 10 and 0 per cent, the target being 10: directed cells and target are negative.
    scores = normalise.distance_to_target(-np.array([30.0, 10.0, 0.0]), target=-10.0)
    np.testing.assert_allclose(scores, [0, 100, 150])


def test_goalposts_that_do_not_rise_are_refused_with_values_and_remedy() -> None:
    for low, high in ((80.0, 20.0), (5.0, 5.0)):
        with pytest.raises(BadRequest, match=f"from the low to the high goalpost .* from {low:g} to {high:g}: swap"):
            normalise.goalposts(np.array([1.0]), low=low, high=high)


@given(arrays(np.float64, st.integers(2, 20), elements=st.floats(0, 1e6)))
def test_a_fraction_of_the_maximum_knows_zero(x: np.ndarray) -> None:
    assume(np.ptp(x) > 0)
    np.testing.assert_allclose(normalise.fraction_of_maximum(x, scale=(0.0, 1.0)), x / x.max())


def test_a_fraction_of_negative_cells_is_refused() -> None:
    with pytest.raises(BadRequest, match="zero or more, not -3: take distance_to_maximum"):
        normalise.fraction_of_maximum(np.array([-3.0, 5.0]))


def test_cells_left_as_they_are_keep_their_values_and_are_a_copy() -> None:
    x = np.array([3.0, np.nan])
    kept = normalise.none(x)
    np.testing.assert_array_equal(kept, x)
    kept[0] = 9.0
    assert x[0] == 3.0
    with pytest.raises(BadRequest, match=r"cell 1 is 120 \(1 of 1 such\); normalise them"):
        normalise.none(np.array([50.0, 120.0]), scale=(0.0, 100.0))
