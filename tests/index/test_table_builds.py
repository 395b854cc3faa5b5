"""Builds of users' own tables: what must not matter, what must, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from softpower.errors import BadModel, BadRequest, BadTable, NotEnoughData, SoftPowerError, UnknownName
from softpower.index import Index, Model, build, build_years, compare, replay, sensitivity, set_up
from softpower.index.faults import parse_model

COLUMNS = ("a", "b", "c", "d")


def frame(units: int = 12, *, years: int = 1, seed: int = 1) -> pl.DataFrame:
    """A table of random numbers, columns a to d, all above zero."""
    rng = np.random.default_rng(seed)
    keys: dict[str, list[Any]] = {"unit": [f"U{k:02d}" for k in range(units)] * years}
    keys["year"] = [2020 + t for t in range(years) for _ in range(units)]
    return pl.DataFrame(keys | {name: rng.uniform(1, 9, units * years) for name in COLUMNS})


def model(**steps: Any) -> Model:
    """Two pillars of two indicators below one top node; nothing uncertain unless given."""
    tree = {"top": {"title": "Top"}, "p": {"title": "P", "parent": "top"}, "q": {"title": "Q", "parent": "top"}}
    parts = {name: {"title": name, "node": "p" if name in "ab" else "q"} for name in COLUMNS}
    given_parts, given_nodes = steps.pop("parts", {}), steps.pop("nodes", {})
    return Model.model_validate(
        {
            "id": "test",
            "title": "Test",
            "nodes": {id: each | given_nodes.get(id, {}) for id, each in tree.items()},
            "indicators": {id: each | given_parts.get(id, {}) for id, each in parts.items()},
            "uncertainty": {"weights_cv": 0.0},
        }
        | steps
    )


def central(index: Index) -> dict[str, float]:
    return dict(zip(index.units, index.central["top"].tolist(), strict=True))


# What must not matter


@given(st.permutations(range(12)))
@settings(max_examples=15)
def test_the_order_of_rows_changes_nothing(order: list[int]) -> None:
    table = frame()
    usual, shuffled = (central(build(model(), each, draws=100)) for each in (table, table[order]))
    assert usual == pytest.approx(shuffled)


@given(st.floats(0.01, 1000), st.sampled_from(["minmax", "zscore", "percentile", "rank"]))
@settings(max_examples=20)
def test_the_unit_of_an_indicator_changes_nothing(factor: float, method: str) -> None:
    table = frame()
    other = table.with_columns(pl.col("a") * factor + 3)
    usual, scaled = (central(build(model(normalise={"method": method}), each, draws=100)) for each in (table, other))
    assert usual == pytest.approx(scaled)


@given(st.floats(0.01, 100))
@settings(max_examples=10)
def test_weights_count_only_as_shares(factor: float) -> None:
    weights = {"p": 2.0, "q": 1.0, "a": 1.0, "b": 3.0}
    usual = build(model(), frame(), draws=100, weights=weights)
    scaled = build(model(), frame(), draws=100, weights={name: factor * each for name, each in weights.items()})
    assert central(usual) == pytest.approx(central(scaled))


def test_a_constant_indicator_moves_no_rank() -> None:
    table = frame().with_columns(b=pl.lit(5.0))
    usual = build(model(), table, draws=100)
    less = build(model().without("b"), table, draws=100)
    assert usual.ranks("p").central.tolist() == less.ranks("p").central.tolist()


# What must


@given(st.integers(0, 11), st.sampled_from(COLUMNS), st.floats(0.1, 5))
@settings(max_examples=20)
def test_more_of_what_is_better_never_lowers_a_score(unit: int, column: str, more: float) -> None:
    posts = {name: {"normalise": {"method": "goalposts", "low": 0, "high": 20}} for name in COLUMNS}
    table = frame()
    raised = table.with_columns(
        pl.when(pl.arange(12) == unit).then(pl.col(column) + more).otherwise(column).alias(column)
    )
    before, after = (central(build(model(parts=posts), each, draws=100)) for each in (table, raised))
    name = f"U{unit:02d}"
    assert after[name] > before[name]
    assert {each: score for each, score in after.items() if each != name} == pytest.approx(
        {each: score for each, score in before.items() if each != name}
    )


def test_direction_turns_an_indicator_round() -> None:
    table = frame()
    turned = model(parts={name: {"direction": -1} for name in COLUMNS})
    usual, other = (central(build(each, table, draws=100)) for each in (model(), turned))
    assert {unit: 100 - score for unit, score in usual.items()} == pytest.approx(other)


@pytest.mark.parametrize("method", ["posterior", "mean", "median", "row_mean", "none"])
def test_a_missing_cell_is_not_a_zero(method: str) -> None:
    table = frame()
    gap, zero = (
        table.with_columns(pl.when(pl.arange(12) == 3).then(value).otherwise("a").alias("a")) for value in (None, 0.0)
    )
    steps = {"impute": {"method": method}, "screening": {"share": 0.5}}
    missing, nothing = (central(build(model(**steps), each, draws=100))["U03"] for each in (gap, zero))
    assert missing > nothing


def test_imputing_draws_widen_the_interval_of_the_unit_with_the_gap_alone() -> None:
    table = frame(40).with_columns(pl.when(pl.arange(40) == 3).then(None).otherwise("a").alias("a"))
    found = build(model(), table, draws=400).scores("top")
    width = found.high - found.low
    assert width[3] > 1
    assert width[np.arange(40) != 3].max() < 1e-4  # kept in single precision


def test_published_errors_widen_intervals() -> None:
    table = frame(30).with_columns(a_se=pl.lit(1.0))
    certain = build(model(), table, draws=400).scores("top")
    erring = build(model(parts={"a": {"error": "a_se"}}), table, draws=400).scores("top")
    assert (certain.high - certain.low).max() < 1e-4  # kept in single precision
    assert (erring.high - erring.low).min() > 1
    # On 0-100 a deviation of 1 in a range r of a fourth of the weight moves the score by 25 / r; 90% is 3.29 of them.
    reach = np.ptp(table["a"].to_numpy())
    inside = np.abs(table["a"].to_numpy() - table["a"].to_numpy().mean()) < reach / 2 - 2
    expected = 2 * 1.645 * 25 / reach
    np.testing.assert_allclose((erring.high - erring.low)[inside], expected, rtol=0.2)


def test_nodes_may_be_joined_in_different_ways() -> None:
    scale = {"method": "minmax", "scale": [1, 100]}
    mixed = build(model(normalise=scale, nodes={"q": {"aggregate": {"method": "geometric"}}}), frame(), draws=100)
    plain = build(model(normalise=scale), frame(), draws=100)
    geometric = build(model(normalise=scale, aggregate={"method": "geometric"}), frame(), draws=100)
    np.testing.assert_allclose(mixed.central["p"], plain.central["p"])
    np.testing.assert_allclose(mixed.central["q"], geometric.central["q"])
    np.testing.assert_allclose(mixed.central["top"], (plain.central["p"] + geometric.central["q"]) / 2)


@pytest.mark.parametrize("method", ["equal", "entropy", "critic", "equal_influence"])
def test_weights_found_in_the_data_are_shares_and_change_the_index(method: str) -> None:
    ready, _ = set_up(model(weights=method), frame(30))
    weights = np.array([ready.model.weight(part) for part in ("a", "b")])
    assert weights.sum() == pytest.approx(2)
    assert (weights >= 0).all()
    if method != "equal":
        assert central(build(model(weights=method), frame(30), draws=100)) != central(
            build(model(), frame(30), draws=100)
        )


def test_leaving_out_indicators_at_random_widens_every_rank() -> None:
    unsure = {"weights_cv": 0.0, "leave_out": {"indicator": 0.5}}
    found = build(model(uncertainty=unsure), frame(30), draws=400).ranks("top")
    assert (found.high > found.low).mean() > 0.8


def test_noisy_weights_stay_within_their_noise() -> None:
    ready, _ = set_up(model(uncertainty={"weights_noise": {"1": 0.25, "2": 0.1}}), frame())
    drawn = ready.designs(500, 7).weights
    assert 0.75 <= drawn["a"].min() < 0.8
    assert 1.2 < drawn["a"].max() <= 1.25
    assert 0.9 <= drawn["p"].min() < 0.92
    assert set(drawn["top"]) == {1.0}


# Years


def test_years_are_built_in_the_same_replications_and_changes_have_intervals_of_their_own() -> None:
    table = frame(20, years=3)
    first, _, last = build_years(model(uncertainty={"weights_cv": 0.4}), table, draws=200)
    found = last.change_since(first, "top")
    np.testing.assert_allclose(found.points.value, last.central["top"] - first.central["top"])
    same = last.change_since(last, "top")
    assert np.ptp(same.points.high - same.points.low) == 0
    with pytest.raises(BadRequest, match="one build"):
        last.change_since(build(model(uncertainty={"weights_cv": 0.4}), table, draws=100, year=2020), "top")


def test_a_carried_value_errs_by_the_drift_of_its_series() -> None:
    walk = np.random.default_rng(2).standard_normal((6, 40)).cumsum(axis=0)
    table = frame(40, years=6).with_columns(a=(np.arange(40) % 20 + 0.3 * walk).ravel())
    holes = (pl.col("unit") == "U05") & (pl.col("year") > 2021)
    table = table.with_columns(pl.when(holes).then(None).otherwise("a").alias("a"))
    steps = {"impute": {"method": "none", "over_time": "latest"}}
    built = build_years(model(**steps), table, draws=300)
    widths = [each.scores("top").high[5] - each.scores("top").low[5] for each in built]
    assert max(widths[:2]) < 1e-4  # kept in single precision
    assert 0.01 < widths[2] < widths[3] < widths[5]


def _without(table: pl.DataFrame, *years: int) -> pl.DataFrame:
    """The table with no cell known in some years."""
    return table.with_columns(
        pl.when(pl.col("year").is_in(years)).then(None).otherwise(pl.col(name)).alias(name) for name in COLUMNS
    )


def test_a_year_in_which_nobody_can_be_ranked_is_left_out_and_named() -> None:
    table = frame(20, years=4)
    holed = _without(table, 2021, 2023)
    found = build_years(model(), holed, draws=100)
    assert [each.year for each in found] == [2020, 2022]
    alone = build_years(model(), table.filter(pl.col("year").is_in([2020, 2022])), draws=100)
    for one, other in zip(found, alone, strict=True):
        assert one.cautions == (
            "left out: 2021, 2023, in which nobody has a score and 67% of the indicators of every top node",
        )
        assert other.cautions == ()
        assert central(one) == pytest.approx(central(other))
    assert build(model(), holed, draws=100).year == 2022
    assert set_up(model(), holed)[1] == 2022


def test_years_are_refused_only_where_nobody_can_be_ranked_in_any() -> None:
    holed = _without(frame(20, years=3), 2021, 2022)
    for years in ([2021], [2021, 2022]):
        with pytest.raises(NotEnoughData, match="only 0 units have 67% of the indicators of test in 2021"):
            build_years(model(), holed, years=years, draws=100)
    with pytest.raises(NotEnoughData, match="in 2022; try another year"):
        build(model(), holed, year=2022, draws=100)


# Logarithms of what has none


def test_values_below_zero_are_refused_by_name_where_a_logarithm_is_asked_for() -> None:
    table = frame(8, years=2).with_columns(
        pl.when(pl.arange(16) == 9).then(-2.5).when(pl.arange(16) == 3).then(0.0).otherwise("a").alias("a")
    )
    logged = {"a": {"transform": "log"}}
    why = (
        r"column a: there is no logarithm .*: U01 2021 \(-2.5\); .*log_coin or log_signed.*asinh.*below_zero = \"zero\""
    )
    with pytest.raises(BadTable, match=why):
        build(model(parts=logged), table, draws=100)
    build(model(), table, draws=100)
    zeroed = table.with_columns(pl.col("a").clip(lower_bound=0.0))
    declared = {"a": {"transform": "log", "below_zero": "zero"}}
    found, same = (build(model(parts=p), each, draws=100) for p, each in ((declared, table), (logged, zeroed)))
    assert central(found) == pytest.approx(central(same))


def test_of_many_values_below_zero_the_first_are_shown_and_the_rest_counted() -> None:
    table = frame(9).with_columns(a=-pl.col("a"))
    with pytest.raises(BadTable, match=r"U04 2020 \(-[\d.]+\) and 4 more; take"):
        build(model(parts={"a": {"transform": "log"}}), table, draws=100)


@pytest.mark.parametrize("method", ["log_coin", "log_signed"])
def test_the_treatments_named_as_remedies_take_values_below_zero(method: str) -> None:
    table = frame(9).with_columns(a=pl.col("a") - 5)
    assert len(build(model(treat={"method": method, "when": "always"}), table, draws=100).units) == 9


# The Mazziotta-Pareto index of a model file


@pytest.mark.parametrize(("ddof", "of_parts"), [(0, 0), (0, 1), (1, 0), (None, 0)])
def test_a_model_file_has_the_mazziotta_pareto_index_as_published_and_otherwise(
    ddof: int | None, of_parts: int
) -> None:
    table = frame(15)
    flat = model(
        parts={name: {"node": "top"} for name in COLUMNS},
        normalise={"method": "zscore", "mean": 100.0, "sd": 10.0} | ({} if ddof is None else {"ddof": ddof}),
        aggregate={"method": "mazziotta_pareto", "ddof": of_parts},
    ).without("p", "q")
    found = build(flat, table, draws=100).central["top"]
    z = 100 + 10 * stats.zscore(table.select(COLUMNS).to_numpy(), ddof=1 if ddof is None else ddof)
    expected = z.mean(axis=1) - stats.tvar(z, axis=1, ddof=of_parts) / z.mean(axis=1)
    np.testing.assert_allclose(found, expected)


# Parts against the others


def _against() -> pl.DataFrame:
    """A table in which c runs against a and b."""
    table = frame(30, seed=3)
    return table.with_columns(b=pl.col("a") + pl.col("b") / 9, c=12 - pl.col("a") - pl.col("d") / 9)


@pytest.mark.parametrize("method", ["pca", "factor"])
def test_a_model_file_may_flag_parts_against_the_others(method: str) -> None:
    parts = {name: {"node": "p" if name != "d" else "q"} for name in COLUMNS}
    with pytest.raises(BadRequest, match=r"c .* load against the others; .* mixed = .flag."):
        build(model(parts=parts, weights=method), _against(), draws=100)
    over_all = model(parts=parts, weights=method, mixed="flag", nodes={"top": {"weights": "given"}})
    of_one = model(parts=parts, nodes={"p": {"weights": method, "mixed": "flag"}})
    for each in (over_all, of_one):
        found = build(each, _against(), draws=100)
        assert found.model.weight("c") == 0
        assert min(found.model.weight("a"), found.model.weight("b")) > 0.9
        assert found.cautions == (f"p, weighed by {method}: no weight for c",)


def test_what_equal_influence_gives_no_weight_is_said() -> None:
    parts = {name: {"node": "p" if name != "d" else "q"} for name in COLUMNS}
    found = build(model(parts=parts, nodes={"p": {"weights": "equal_influence"}}), _against(), draws=100)
    assert any("weighed by equal_influence: no weight for" in each for each in found.cautions)
    with pytest.raises(BadRequest, match="p cannot be weighed by equal_influence: 3 units have all 3 parts"):
        build(model(parts=parts, nodes={"p": {"weights": "equal_influence"}}), frame(3), draws=100)


# Looking at replications


def test_rank_probabilities_and_pairs() -> None:
    found = build(model(uncertainty={"weights_cv": 0.5}), frame(), draws=300)
    shares = found.acceptability("top")
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    ahead = found.dominance("top")
    np.testing.assert_allclose(ahead + ahead.T, 1)
    assert ahead[0, 1] == found.ahead("top", "U00", "U01")


def test_a_replication_can_be_built_again() -> None:
    unsure = {
        "weights_cv": 0.4,
        "normalise": [{"method": "minmax"}, {"method": "percentile"}],
        "leave_out": {"indicator": 0.3},
    }
    table = frame(20).with_columns(pl.when(pl.arange(20) == 3).then(None).otherwise("a").alias("a"))
    built = build(model(uncertainty=unsure), table, draws=120)
    ready, year = set_up(model(uncertainty=unsure), table)
    for number in (0, 17, 119):
        again = replay(ready, year=year, number=number, draws=120, seed=7)
        row = again.nodes.index("top")
        np.testing.assert_allclose(
            again.scores[row], built.sampled["top"][number], rtol=1e-6
        )  # kept in single precision
        assert again.units == built.units
        assert sum(again.weights[part] for part in ("p", "q")) == pytest.approx(1)
    with pytest.raises(BadRequest, match="numbered from 0 to 119"):
        replay(ready, year=year, number=120, draws=120, seed=7)


def test_two_builds_are_compared_with_their_reasons() -> None:
    first, second = build(model(), frame(), draws=100), build(model().reweighted({"a": 5.0}), frame(), draws=100)
    found = compare(first, second)
    assert found.differences == ("indicators.a.weight: 1.0 and 5.0",)
    for place, unit in enumerate(found.units):
        assert found.shift.value[place] == found.first[place] - found.second[place]
        assert found.reasons[unit][0][0] in ("a", "b")


def test_a_base_sample_that_is_no_power_of_two_is_refused() -> None:
    ready, year = set_up(model(uncertainty={"normalise": [{"method": "minmax"}, {"method": "rank"}]}), frame())
    with pytest.raises(BadRequest, match="power of two, not 100: give 64 or 128"):
        sensitivity(ready, year=year, n=100)
    ready, year = set_up(model(), frame())
    with pytest.raises(BadRequest, match="nothing uncertain"):
        sensitivity(ready, year=year, n=64)


# Few and bad cells


def test_one_unit_and_one_indicator_make_an_index() -> None:
    alone = model().without("b", "q")
    found = build(alone, frame(1), draws=100)
    place = found.ranks("top")
    assert (place.low[0], place.central[0], place.high[0]) == (1, 1, 1)


def test_a_unit_without_a_pillar_is_ranked_in_the_others_and_moves_nobody_in_that_one() -> None:
    table = frame().with_columns(*[pl.when(pl.arange(12) == 3).then(None).otherwise(c).alias(c) for c in "ab"])
    steps = {"impute": {"method": "none"}, "screening": {"share": 0.4}, "uncertainty": {"weights_cv": 0.3}}
    found = build(model(**steps), table, draws=100)
    less = build(model(**steps), table.filter(pl.col("unit") != "U03"), draws=100)
    rows = found.to_polars()
    assert set(rows.filter(pl.col("unit") == "U03")["node"]) == {"top", "q"}
    here = rows.filter(pl.col("node") == "p").sort("unit")
    there = less.to_polars().filter(pl.col("node") == "p").sort("unit")
    for column in ("unit", "rank", "rank_low", "rank_high"):
        assert here[column].to_list() == there[column].to_list()
    assert np.isnan(found.acceptability("p")[3]).all()
    np.testing.assert_allclose(np.delete(found.acceptability("p"), 3, axis=0).sum(axis=1), 1)
    assert "U03" not in compare(found, found, node="p").units


def test_a_share_of_the_denominator_is_the_same_for_all_however_it_is_rounded() -> None:
    table = frame().with_columns(pop=pl.Series(np.arange(1.0, 13.0)))
    shares = table.with_columns(a=0.1 * pl.col("pop"))
    quotients = (shares["a"] / shares["pop"]).n_unique()
    assert quotients > 1  # as computers divide
    found = build(model(parts={"a": {"denominator": "pop", "per": 1000.0}}), shares, draws=100)
    assert central(found) == central(build(model(), table.with_columns(a=pl.lit(7.0)), draws=100))


# Standard errors

ERRORS = {"parts": {"a": {"error": "se"}}}


def _with_errors(*, missing: int = 3) -> pl.DataFrame:
    table = frame(4, years=2).with_columns(se=pl.Series([0.1, 0.2, 0.3, 0.9, 0.5, 0.6, 0.7, 0.8]))
    return table.with_columns(se=pl.when(pl.arange(8) == missing).then(None).otherwise(pl.col("se")))


def test_a_value_without_an_error_among_others_with_one_is_refused_by_name() -> None:
    why = r"column se: no standard error is given for values of a: U03 2020 \(\d.*missing_error = \"largest\""
    with pytest.raises(BadTable, match=why):
        build(model(**ERRORS), _with_errors(), draws=100)


def test_a_gap_needs_no_error() -> None:
    table = _with_errors().with_columns(a=pl.when(pl.arange(8) == 3).then(None).otherwise(pl.col("a")))
    assert build(model(**ERRORS), table, draws=100).units


@pytest.mark.parametrize(("rule", "error"), [("largest", 0.8), ("median", 0.5), ("exact", 0.0)])
def test_a_value_without_an_error_gets_the_declared_one(rule: str, error: float) -> None:
    wanted = _with_errors(missing=-1).with_columns(
        se=pl.when(pl.arange(8) == 3).then(pl.lit(error)).otherwise(pl.col("se"))
    )
    found = build(model(parts={"a": {"error": "se", "missing_error": rule}}), _with_errors(), draws=100)
    np.testing.assert_array_equal(found.sampled["top"], build(model(**ERRORS), wanted, draws=100).sampled["top"])


def test_the_largest_error_is_that_of_the_quotients() -> None:
    table = _with_errors().with_columns(pop=pl.Series([1.0, 100.0, 100.0, 10.0, 100.0, 100.0, 100.0, 100.0]))
    wanted = table.with_columns(se=pl.when(pl.arange(8) == 3).then(pl.lit(1.0)).otherwise(pl.col("se")))
    step = {"error": "se", "denominator": "pop"}
    found = build(model(parts={"a": {**step, "missing_error": "largest"}}), table, draws=100)  # 0.1 / 1 = 1 / 10
    np.testing.assert_allclose(
        found.sampled["top"], build(model(parts={"a": step}), wanted, draws=100).sampled["top"], rtol=1e-6
    )


def test_a_column_without_any_error_has_no_largest() -> None:
    table = _with_errors().with_columns(se=pl.lit(None, pl.Float64))
    with pytest.raises(BadTable, match="no standard error is given"):
        build(model(parts={"a": {"error": "se", "missing_error": "largest"}}), table, draws=100)


def test_nothing_known_is_said() -> None:
    table = frame().with_columns(**{name: pl.lit(None, pl.Float64) for name in COLUMNS})
    with pytest.raises(NotEnoughData, match="no indicator of top has a value"):
        build(model(), table, draws=100)


@pytest.mark.parametrize(
    ("steps", "change", "error", "why"),
    [
        (
            {"parts": {"a": {"denominator": "b"}}},
            {"b": 0.0},
            BadTable,
            r"column b: a denominator must be above zero; .*U00 2020 \(0\)",
        ),
        (
            {"aggregate": {"method": "geometric"}},
            {},
            BadRequest,
            (
                r"^test, node p, \[aggregate\]: .* above zero, and the lowest in p is 0: .*scale = \[1, 100\] in "
                r"\[normalise\] .*floor = 10 in \[aggregate\]; it is that of a of U\d\d \(1 of 2 such\)"
            ),
        ),
        (
            {
                "normalise": {"scale": [1, 100]},
                "nodes": {"p": {"aggregate": {"method": "benefit_of_the_doubt"}}},
                "uncertainty": {"normalise": [{"scale": [1, 100]}, {"method": "zscore"}]},
            },
            {},
            BadRequest,
            (
                r"^test, node p, \[nodes.p.aggregate\]: benefit of the doubt .*"
                r"in place of mean and sd in alternative 2 of \[\[uncertainty.normalise\]\] \(zscore\); it is that of "
                r"[ab] of U\d\d in a replication"
            ),
        ),
        (
            {"aggregate": {"method": "mazziotta_pareto"}, "normalise": {"method": "zscore"}},
            {},
            BadRequest,
            r"^test, node p, \[aggregate\]: p cannot be joined by mazziotta_pareto: .* U\d\d is -.*sd = 10 in \[norm",
        ),
        (
            {"parts": {"a": {"treat": {"method": "box_cox", "when": "always", "power": 0.5}}}},
            {"a": -1.0},
            BadRequest,
            (
                r"^test, indicator a: a cannot be treated by box_cox: a Box-Cox transform needs cells above zero, "
                r'and -1 is not: write method = "log_coin" in \[indicators.a.treat\], .*it is that of U00 and 11 more$'
            ),
        ),
        (
            {"uncertainty": {"treat": [{}, {"method": "log1p", "when": "always"}]}},
            {"a": -1.0},
            BadRequest,
            r"ln\(1 \+ x\) does not exist for -1: .* in alternative 2 of \[\[uncertainty.treat\]\]",
        ),
        (
            {"normalise": {"method": "distance_to_target", "target": -5.0}},
            {},
            BadRequest,
            r"^test, indicator a, \[normalise\]: a cannot .*not -5: .*weakest is U\d\d with [0-9.]+; write a target",
        ),
        (
            {"parts": {"c": {"normalise": {"method": "fraction_of_maximum"}, "direction": -1}}},
            {},
            BadRequest,
            (
                r"^test, indicator c, \[indicators.c.normalise\]: c cannot .*the weakest is U\d\d with [1-9.]+; "
                r'write method = "distance_to_maximum" in \[indicators.c.normalise\]$'
            ),
        ),
        ({"screening": {"drop": ["KAZ"]}}, {}, UnknownName, "KAZ"),
        ({"normalise": {"method": "goalposts"}}, {}, BadRequest, "goalposts needs"),
        ({"treat": {"method": "log", "when": "always"}}, {"a": -1.0}, BadRequest, "a cannot be treated by log"),
        ({"weights": "pca"}, {}, BadRequest, "cannot be weighed by pca"),
        ({"parts": {"a": {"error": "b"}}}, {"b": -1.0}, BadTable, "standard errors are not negative"),
    ],
)
def test_what_cannot_be_built_says_what_to_do(
    steps: dict[str, Any], change: dict[str, float], error: type[SoftPowerError], why: str
) -> None:
    table = frame(seed=5).with_columns(**{name: pl.lit(value) for name, value in change.items()})
    if steps.get("weights"):  # two indicators that pull against each other in one pillar
        table = table.with_columns(b=10 - pl.col("a"))
    with pytest.raises(error, match=why):
        build(model(**steps), table, draws=100)


FILE = """\
id = "mine"
title = "Mine"
[nodes.top]
title = "Top"
[indicators.a]
title = "A"
node = "top"
[normalise]
method = "zscroe"
clip = 2
[treat]
method = "log"
then = "box_cox"
[impute]
method = "group_mean"
[indicators.b]
title = "B"
node = "top"
normalise = { method = "goalposts", low = 9, high = 1, ddof = 0 }
treat = { method = "winsorise", when = "always" }
[nodes.top.aggregate]
ddof = 1
[[uncertainty.aggregate]]
method = "power"
chance = 0
[[uncertainty.normalise]]
method = "rank"
clip = 3
"""


def test_every_fault_in_the_steps_is_found_at_once_with_its_line() -> None:
    with pytest.raises(BadModel) as caught:
        parse_model(FILE, name="mine.toml", series=["a", "b"])
    found = {fault.line: str(fault) for fault in caught.value.faults}
    for line, words in {
        9: "nearest: zscore",
        13: "only after winsorise",
        15: "group_mean needs a group",
        19: "low 9 is not below high 1",
        20: "winsorise moves a cell only while the rule fails: leave out when",
        22: "only mazziotta_pareto takes ddof",
        24: "power needs a power",
        28: "rank takes no clip",
    }.items():
        assert words in found[line], found
    assert any("chances sum to zero" in each for each in found.values())
    assert any("goalposts takes no ddof" in str(fault) for fault in caught.value.faults)


def test_what_is_done_about_mixed_signs_is_asked_only_where_they_can_come_up() -> None:
    text = """\
id = "mine"
title = "Mine"
weights = "critic"
mixed = "flag"
[nodes.top]
title = "Top"
mixed = "refuse"
[indicators.a]
title = "A"
node = "top"
"""
    with pytest.raises(BadModel) as caught:
        parse_model(text, name="mine.toml", series=["a"])
    assert [(fault.line, "only pca and factor" in fault.what) for fault in caught.value.faults] == [
        (4, True),
        (7, True),
    ]
    sound = text.replace("critic", "pca")
    assert parse_model(sound, name="mine.toml", series=["a"]).nodes["top"].mixed == "refuse"


REACH = """\
id = "mine"
title = "Mine"
[nodes.top]
title = "Top"
[nodes.p]
title = "P"
parent = "top"
[nodes.q]
title = "Q"
parent = "top"
[nodes.q.aggregate]
method = "harmonic"
[indicators.a]
title = "A"
node = "p"
[indicators.b]
title = "B"
node = "q"
"""


def _reach(steps: str) -> dict[int, str]:
    try:
        parse_model(REACH + steps, name="mine.toml", series=["a", "b"])
    except BadModel as error:
        return {fault.line: fault.what for fault in error.faults}
    return {}


def test_scores_that_no_data_put_within_reach_are_faults_of_the_file_with_their_lines() -> None:
    lines = """\
[aggregate]
method = "geometric"
[[uncertainty.normalise]]
method = "zscore"
[[uncertainty.aggregate]]
method = "geometric"
floor = 10
[[uncertainty.aggregate]]
method = "owa"
order = [1, 2, 3]
"""
    found = _reach(lines)
    assert set(found) == {12, 20, 24, 28}, found
    assert (
        "harmonic needs scores above zero, and the lowest is 0 or less where [normalise] (minmax) puts b of q"
        in found[12]
    )
    assert "or floor = 10" not in found[12]
    assert found[20].endswith("puts a of p: write scale = [1, 100] there, or floor = 10 beside the method")
    # Alternatives meet alternatives: half of all z-scores lie below zero, where no floor helps.
    assert "of zero or more" in found[24]
    assert "alternative 1 of [[uncertainty.normalise]] (zscore) puts a of p: write scale = [0, 100] there" in found[24]
    assert "one weight for each of 2 places in order to join top, not 3" in found[28]


@pytest.mark.parametrize(
    "steps",
    [
        '[normalise]\nscale = [1, 100]\n[aggregate]\nmethod = "geometric"\n',
        '[normalise]\nmethod = "zscore"\nmean = 10\nsd = 1\n[aggregate]\nmethod = "geometric"\n',
        '[normalise]\nmethod = "goalposts"\nlow = 0\nhigh = 9\n[aggregate]\nmethod = "geometric"\n',
        """\
[normalise]
scale = [1, 100]
[[uncertainty.aggregate]]
method = "harmonic"
[[uncertainty.normalise]]
scale = [0, 100]
chance = 0
[[uncertainty.normalise]]
method = "rank"
""",
    ],
)
def test_what_depends_on_the_data_is_left_to_the_build(steps: str) -> None:
    assert _reach(steps) == {}


def test_an_indicators_own_scale_goes_before_that_of_the_model() -> None:
    own = REACH.replace('node = "q"', 'node = "q"\nnormalise = { method = "minmax", scale = [1, 100] }')
    assert parse_model(own, name="mine.toml", series=["a", "b"]).file == "mine.toml"
    assert "[indicators.b.normalise] (minmax) puts b of q" in str(
        _reach("[indicators.b.normalise]\nscale = [0, 1]\n[normalise]\nscale = [1, 100]\n")
    )


def test_a_unit_that_others_are_measured_by_must_have_a_value() -> None:
    table = frame(years=2).with_columns(a=pl.when(pl.arange(24) == 15).then(None).otherwise(pl.col("a")))
    steps = {"impute": {"method": "none"}, "normalise": {"method": "distance_to_reference", "unit": "U03"}}
    why = r"^test, indicator a, \[normalise\]: .*; there is no value of U03 in 2021; name a unit in \[normalise\]"
    with pytest.raises(BadRequest, match=why):
        build(model(**steps), table, draws=100)


def test_the_file_of_a_model_is_named_in_what_stops_its_build() -> None:
    text = REACH + '[normalise]\nmethod = "scaled"\nlow = 5\nhigh = 9\n'
    with pytest.raises(BadRequest, match=r"^mine.toml, node q, \[nodes.q.aggregate\]: a harmonic mean .*of b of U"):
        build(parse_model(text, name="folder/mine.toml", series=["a", "b"]), frame(), draws=100)


def test_winsorising_whatever_the_rule_says_is_refused_from_python_too() -> None:
    with pytest.raises(BadRequest, match='winsorise asks the rule before each cell; leave out when = "always"'):
        build(model(treat={"method": "winsorise", "when": "always"}), frame(), draws=100)
