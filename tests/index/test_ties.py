"""Units that are equal on paper are equal in rank, whatever the order in which a computer adds up."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softpower.errors import BadRequest
from softpower.index import Index, Model, build, build_years, replay, sensitivity, set_up
from softpower.index.choices import shown
from softpower.index.kemeny import places
from softpower.index.model import Scale
from softpower.index.outrank import copeland, outranking
from softpower.index.rank import NEAR, dominance, rank, settled, share_ahead
from softpower.index.smaa import smaa
from tests.index.toy import toy_model


def answers(units: int, items: int, seed: int) -> np.ndarray:
    """Answers from 1 to 5, each item answered by somebody with 1 and by somebody with 5; shape (unit, item)."""
    found = np.random.default_rng(seed).integers(1, 6, (units, items))
    found[0], found[1] = 1, 5
    return found


def survey(items: list[int], **steps: Any) -> Model:
    """One node of items of equal weight, brought to 0-100."""
    return Model.model_validate(
        {
            "id": "survey",
            "title": "Survey",
            "nodes": {"top": {"title": "Top"}},
            "indicators": {f"i{k}": {"title": f"Item {k}", "node": "top"} for k in items},
        }
        | steps
    )


def table(cells: np.ndarray) -> pl.DataFrame:
    units = [f"U{u:03d}" for u in range(len(cells))]
    return pl.DataFrame({"unit": units} | {f"i{k}": column for k, column in enumerate(cells.T.astype(float))})


def exact_ranks(cells: np.ndarray, weights: list[Fraction]) -> list[int]:
    """Ranks by the sum of min-max scores in whole fractions."""
    scores = [sum(w * Fraction(int(x) - 1, 4) for w, x in zip(weights, row, strict=True)) for row in cells]
    return [1 + sum(other > own for other in scores) for own in scores]


def central(found: Index) -> list[int]:
    ranks: list[int] = found.ranks("top").central.tolist()
    return ranks


# Builds


@pytest.mark.parametrize("items", [3, 6, 7, 12])
def test_central_ranks_of_survey_answers_are_those_of_exact_fractions(items: int) -> None:
    for seed in range(4):
        cells = answers(40, items, seed)
        equal = [Fraction(1, items)] * items
        usual = build(survey(list(range(items))), table(cells), draws=100)
        assert central(usual) == exact_ranks(cells, equal)
        rng = np.random.default_rng(seed)
        turned = build(survey(rng.permutation(items).tolist()), table(cells), draws=100)
        assert central(turned) == central(usual)
        order = rng.permutation(len(cells)).tolist()
        shuffled = build(survey(list(range(items))), table(cells)[order], draws=100)
        by_unit = dict(zip(shuffled.units, central(shuffled), strict=True))
        assert [by_unit[unit] for unit in usual.units] == central(usual)


def test_without_anything_uncertain_drawn_ranks_are_the_central_ones() -> None:
    cells = answers(40, 7, 1)
    found = build(survey(list(range(7)), uncertainty={"weights_cv": 0.0}), table(cells), draws=100)
    np.testing.assert_array_equal(found.rank_draws("top"), np.tile(central(found), (100, 1)))
    place = found.ranks("top")
    assert place.low.tolist() == place.high.tolist() == exact_ranks(cells, [Fraction(1, 7)] * 7)
    ahead = found.dominance("top")
    tied = np.equal.outer(place.central, place.central) & ~np.eye(40, dtype=bool)
    assert tied.any()
    assert (ahead[tied] == 0.5).all()
    assert found.ahead("top", *np.array(found.units)[np.argwhere(tied)[0]].tolist()) == 0.5


def twins(units: int, seed: int) -> tuple[Model, pl.DataFrame, np.ndarray]:
    """A model with everything uncertain that twins share, a table of random cells, and who is whose twin."""
    rng = np.random.default_rng(seed)
    cells = rng.uniform(0, 9, (units, 6))
    of = rng.permutation(units)
    cells[of[: units // 2]] = cells[of[units // 2 : 2 * (units // 2)]]
    steps = {
        "uncertainty": {
            "weights_cv": 0.4,
            "normalise": [{"method": "minmax"}, {"method": "zscore", "scale": [0, 100]}],
            "leave_out": {"indicator": 0.5},
        }
    }
    return (
        survey(list(range(6)), **steps),
        table(cells),
        np.stack([of[: units // 2], of[units // 2 : 2 * (units // 2)]]),
    )


@pytest.mark.parametrize("units", [6, 17, 51, 80])
def test_twins_share_every_rank_and_every_statement_on_it(units: int) -> None:
    model, data, (one, other) = twins(units, units)
    built = build(model, data, draws=200)
    ranks = built.ranks("top").central
    np.testing.assert_array_equal(ranks[one], ranks[other])
    np.testing.assert_array_equal(built.rank_draws("top")[:, one], built.rank_draws("top")[:, other])
    np.testing.assert_array_equal(built.dominance("top")[one, other], 0.5)
    ready, year = set_up(model, data)
    again = replay(ready, year=year, number=3, draws=200, seed=7).ranks[0]
    np.testing.assert_array_equal(again[one], again[other])
    told = sensitivity(ready, year=year, n=64, resamples=20)
    np.testing.assert_allclose(told.unit.total[:, one], told.unit.total[:, other], rtol=1e-12)
    accepted = smaa(ready, year=year, draws=2000)
    np.testing.assert_array_equal(accepted.acceptability[one], accepted.acceptability[other])
    np.testing.assert_allclose(accepted.weights[one], accepted.weights[other], rtol=1e-12)


@pytest.mark.parametrize("method", ["copeland", "kemeny"])
def test_twins_by_sums_in_another_order_share_places_where_pairs_are_compared(method: str) -> None:
    # Node p of units 0 and 1 has the same parts in another order: 0.1 + 0.2 + 0.3 and 0.3 + 0.2 + 0.1.
    tree = {"top": {"title": "Top", "aggregate": {"method": method}}}
    tree |= {each: {"title": each, "parent": "top"} for each in ("p", "q")}
    parts = {f"i{k}": {"title": f"Item {k}", "node": "p" if k < 3 else "q"} for k in range(4)}
    model = Model.model_validate(
        {
            "id": "pairs",
            "title": "Pairs",
            "nodes": tree,
            "indicators": parts,
            "normalise": {"method": "none"},
            "uncertainty": {"weights_cv": 0.0},
        }
    )
    cells = np.array([[0.1, 0.2, 0.3, 5.0], [0.3, 0.2, 0.1, 5.0], [0.9, 0.1, 0.1, 1.0], [0.0, 0.0, 0.1, 9.0]])
    assert cells[0, 0] + cells[0, 1] + cells[0, 2] != cells[1, 0] + cells[1, 1] + cells[1, 2]
    found = build(model, table(cells), draws=100)
    assert central(found)[0] == central(found)[1]
    assert found.central["top"][0] == found.central["top"][1]


def test_scores_that_are_all_equal_stay_so_on_the_scale_of_a_model() -> None:
    scaled = toy_model().model_copy(update={"scale": Scale(mean=50.0, sd=15.0)})
    same = np.array([[0.1 + 0.2, 0.3, 0.3, 0.3], [1.0, 2.0, 3.0, 4.0]])
    found = shown(scaled, same)
    np.testing.assert_allclose(found[0], 50.0)
    assert found[1].std() == pytest.approx(15.0)


# Plain functions


@given(
    st.lists(st.integers(-20, 20), min_size=1, max_size=30),
    st.sampled_from([1e-9, 1.0, 1e12]),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=50)
def test_rounding_errors_move_no_rank_and_make_no_tie(values: list[int], size: float, seed: int) -> None:
    exact = np.array(values, dtype=np.float64)
    # Errors of the size of those of long sums, up to 100 units of the last digit of the largest.
    noise = np.random.default_rng(seed).uniform(-1, 1, (5, exact.size)) * 100 * 2.0**-52 * np.abs(exact).max()
    expected = [1 + int((exact > own).sum()) for own in exact]
    np.testing.assert_array_equal(rank(size * (exact + noise)), np.tile(expected, (5, 1)))
    level = settled(size * (exact + noise))
    np.testing.assert_array_equal(
        np.sign(level[:, :, None] - level[:, None, :]), np.tile(np.sign(np.subtract.outer(exact, exact)), (5, 1, 1))
    )


def test_neighbours_nearer_than_the_tolerance_tie_and_so_does_who_a_chain_of_them_joins() -> None:
    step = 0.9 * NEAR
    assert rank(np.array([1.0, 1 - step, 1 - 2 * step, 1 - 4 * step])).tolist() == [1, 1, 1, 4]
    # Each draw has a tolerance of its own.
    assert rank(np.array([[1.0, 1e-14, 0.0], [1e-14, 0.0, 1e-15]])).tolist() == [[1, 2, 2], [1, 3, 2]]


@pytest.mark.parametrize(
    "cells",
    [
        [1e8, 99_999_999.0, 99_999_998.0, 99_999_997.0, 0.0],
        [1e10, 100.0, 50.0, 2.0, 1.0],
        [1e12, 3.0, 2.0, 1.0, 0.0],
    ],
)
def test_units_that_double_precision_tells_apart_are_told_apart_in_every_replication(cells: list[float]) -> None:
    found = build(survey([0], uncertainty={"weights_cv": 0.0}), table(np.array(cells)[:, None]), draws=100)
    assert central(found) == [1, 2, 3, 4, 5]
    place = found.ranks("top")
    assert place.low.tolist() == place.high.tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(found.dominance("top"), np.triu(np.ones((5, 5)), 1) + 0.5 * np.eye(5))


def test_twins_tie_where_a_scale_of_the_model_enlarges_the_errors_of_sums() -> None:
    rng = np.random.default_rng(8)
    cells = 1e9 + rng.integers(0, 5, (80, 7))
    twin = rng.permutation(80)
    cells[twin[:40]] = cells[twin[40:]]
    model = survey(list(range(7)), normalise={"method": "none"}, scale={}, uncertainty={"weights_cv": 0.4})
    found = build(model, table(cells), draws=200)
    ranks = found.rank_draws("top")
    np.testing.assert_array_equal(ranks[:, twin[:40]], ranks[:, twin[40:]])


def test_a_scale_too_far_out_to_tell_units_apart_is_told_of_with_the_remedy() -> None:
    cells = table(answers(12, 2, 3))
    far = {"method": "zscore", "mean": 1e15}
    told = [line for line in cautions(survey([0, 1], normalise=far), cells) if "last digits" in line]
    assert len(told) == 2
    assert told[0].startswith("i0, [normalise]: ")
    assert "give a smaller mean" in told[0]
    assert cautions(survey([0, 1], normalise=far | {"mean": 1e6}), cells) == []


def test_a_chain_of_a_thousand_distinct_scores_merges_none() -> None:
    scores = np.linspace(0, 1, 1000) * 100
    assert sorted(rank(scores).tolist()) == list(range(1, 1001))
    assert sorted(rank(scores.astype(np.float32)).tolist()) == list(range(1, 1001))


def test_infinite_scores_tie_with_each_other_alone_and_nothing_is_ranked_without_units() -> None:
    assert rank(np.array([np.inf, 1.0, -np.inf, 2.0, np.inf, -np.inf])).tolist() == [1, 4, 5, 3, 1, 5]
    assert rank(np.empty((3, 0))).shape == (3, 0)
    assert rank(np.zeros((2, 1))).tolist() == [[1], [1]]


@pytest.mark.parametrize("scores", [[np.nan], [1.0, np.nan], [[1.0, 2.0], [np.nan, np.inf]]])
def test_scores_with_gaps_are_refused(scores: list[Any]) -> None:
    with pytest.raises(BadRequest, match="cannot be ranked"):
        rank(np.array(scores))


def test_equal_scores_are_ahead_of_each_other_half_of_the_time() -> None:
    scores = np.array([[0.1 + 0.2, 0.3, 1.0], [0.3, 0.1 + 0.2, 1.0], [5.0, 4.0, -9.0]])
    assert scores[0, 0] != scores[0, 1]
    assert share_ahead(scores, 0, 1) == pytest.approx((0.5 + 0.5 + 1) / 3)
    ahead = dominance(scores)
    assert ahead[0, 1] == pytest.approx(2 / 3)
    assert ahead[2, 0] == pytest.approx(2 / 3)
    np.testing.assert_allclose(ahead + ahead.T, 1.0)


def test_pairs_are_compared_on_equal_scores_as_equal() -> None:
    x = np.array([[0.1 + 0.2, 4.0], [0.3, 4.0], [0.0, 9.0], [np.nan, 9.0]])
    assert outranking(x)[0, 1] == outranking(x)[1, 0] == 0.5
    assert copeland(outranking(x))[0] == copeland(outranking(x))[1]
    score = places(x).score
    assert score[0] == score[1]


# What a build says of it


def cautions(model: Model, data: pl.DataFrame) -> list[str]:
    return list(build(model, data, draws=100).cautions)


def test_an_indicator_that_is_the_same_everywhere_is_named_with_column_value_and_remedy() -> None:
    cells = answers(6, 3, 1)
    cells[:, 1] = 5
    (caution,) = cautions(survey([0, 1, 2]), table(cells))
    assert caution == (
        "i1 (column i1 of the dataframe) is 5 in all 6 rows that have a value: it tells no unit from another; leave it "
        "out of the model, or correct the column"
    )
    assert cautions(survey([0, 2]), table(cells)) == []


def test_of_cells_that_differ_in_their_last_digits_the_caution_says_by_how_much() -> None:
    cells = answers(4, 2, 1).astype(float)
    cells[:, 1] = [1e6 + step for step in (1e-7, 2e-7, 3e-7, 4e-7)]
    (caution,) = cautions(survey([0, 1]), table(cells))
    assert (
        "i1 (column i1 of the dataframe) is 1e+06 but for rounding (range 3e-07) in all 4 rows that have a" in caution
    )


def test_a_column_that_is_the_same_but_for_rounding_decides_nothing() -> None:
    cells = answers(6, 2, 3).astype(float)
    same = np.array([0.1 + 0.2, 0.3, 0.3, 0.1 + 0.2, 0.3, 0.3])
    usual = central(build(survey([0, 1]), table(cells), draws=100))
    more = table(np.column_stack([cells, same]))
    for steps in (
        {},
        {"normalise": {"method": "zscore", "scale": [0, 100]}},
        {"normalise": {"method": "percentile"}},
        {"treat": {"method": "log_coin", "skew": 0.01, "kurtosis": -9.0}},
        {"treat": {"method": "winsorise", "skew": 0.01, "kurtosis": -9.0}},
    ):
        found = build(survey([0, 1, 2], **steps), more, draws=100)
        assert any(caution.startswith("i2 (column i2") for caution in found.cautions)
        without = build(survey([0, 1], **steps), table(cells), draws=100)
        assert central(found) == central(without)
    assert central(build(survey([0, 1, 2], weights="critic"), more, draws=100)) == central(
        build(survey([0, 1], weights="critic"), table(cells), draws=100)
    )
    assert usual == exact_ranks(cells.astype(int), [Fraction(1, 2)] * 2)


@pytest.mark.parametrize("way", ["posterior", "row_mean"])
def test_rounding_errors_of_a_constant_column_fill_no_gap_of_another(way: str) -> None:
    cells = np.random.default_rng(2).uniform(1, 5, (15, 4))
    cells[3, 0] = cells[7, 1] = np.nan
    found = []
    for column in (np.full(15, 0.3), np.resize([0.1 + 0.2, 0.3, 0.3], 15)):
        cells[:, 3] = column
        found.append(build(survey([0, 1, 2, 3], impute={"method": way}), table(cells), draws=100))
    np.testing.assert_allclose(found[0].central["top"], found[1].central["top"], rtol=1e-12)
    np.testing.assert_allclose(found[0].sampled["top"], found[1].sampled["top"], rtol=1e-6)


def test_what_is_the_same_in_one_year_counts_where_each_year_is_scaled_alone() -> None:
    cells = answers(12, 2, 5)
    cells[6:, 0] = 3
    data = table(cells).with_columns(
        unit=pl.Series([f"U{u}" for u in range(6)] * 2), year=pl.Series([2020] * 6 + [2021] * 6)
    )
    assert build_years(survey([0, 1]), data, draws=100)[0].cautions == ()
    alone = build_years(survey([0, 1], normalise={"method": "minmax", "pool": "year"}), data, draws=100)[0].cautions
    assert len(alone) == 1
    assert "i0 (column i0 of the dataframe) is 3 in all 6 rows that have a value in 2021:" in alone[0]


def test_what_only_one_row_has_is_named_and_one_unit_alone_is_not_warned_of() -> None:
    cells = answers(5, 3, 2).astype(float)
    cells[1:, 2] = np.nan
    (caution,) = cautions(survey([0, 1, 2], screening={"share": 0.0}), table(cells))
    assert "i2 (column i2 of the dataframe) is 1 in the one row that has a value:" in caution
    assert cautions(survey([0, 1]), table(cells[:1])) == []


ON_SCALE = {"method": "zscore", "scale": [0, 100]}


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ({"normalise": [{"method": "minmax"}, {"method": "zscore"}]}, "from 0 to 100; mean 0 and sd 1"),
        ({"normalise": [{"method": "zscore", "mean": 10.0, "sd": 2.0}]}, "from 0 to 100; mean 10 and sd 2"),
        ({"normalise": [{"method": "minmax", "scale": [1, 100]}]}, "from 0 to 100; from 1 to 100"),
        ({"normalise": [{"method": "rank"}, {"method": "borda"}]}, "from 0 to 100; places; points of places"),
        ({"normalise": [{"method": "minmax"}, ON_SCALE]}, ""),
        ({"normalise": [{"method": "minmax"}, {"method": "zscore", "chance": 0.0}]}, ""),
        ({}, ""),
    ],
)
def test_replications_on_different_scales_are_told_of_with_the_remedy(steps: dict[str, Any], said: str) -> None:
    data = table(answers(12, 3, 1))
    found = cautions(survey([0, 1, 2], uncertainty=steps), data)
    assert [line.startswith(f"score intervals mix scales ({said}): read the ranks") for line in found] == [True] * bool(
        said
    )
    assert all("[scale]" in line for line in found)
    # On the mean and spread of the model all are on one, and so are indicators that have a scale of their own.
    assert cautions(survey([0, 1, 2], uncertainty=steps, scale={}), data) == []


def test_units_of_which_too_little_is_known_are_named_and_those_dropped_by_name_are_not() -> None:
    cells = answers(6, 3, 4).astype(float)
    cells[2, :2] = np.nan
    cells[4] = np.nan
    for removes in ("rank", "data"):
        model = survey([0, 1, 2], screening={"removes": removes, "drop": ["U005"]})
        found = build(model, table(cells), draws=100)
        assert found.units == ("U000", "U001", "U003")
        assert found.not_ranked == ("U002", "U004")
        assert found.known_share("U002")["top"] == pytest.approx(1 / 3)
        assert found.known_share("U004")["top"] == 0
