"""Builds whose nodes are joined by rankings or by weights that suit each unit, and screening after filling."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softpower.errors import BadModel, BadRequest, NotEnoughData
from softpower.index import Index, aggregate, build, build_years, compare, replay, sensitivity, set_up
from softpower.index.benefit_of_the_doubt import benefit_of_the_doubt
from softpower.index.faults import parse_model
from softpower.index.kemeny import places
from softpower.index.model import Aggregate
from tests.index.test_table_builds import COLUMNS, frame, model

SCALE = {"method": "minmax", "scale": [1, 100]}
STEPS: list[dict[str, Any]] = [
    {"aggregate": {"method": "kemeny"}},
    {"nodes": {"top": {"aggregate": {"method": "kemeny", "proof": "all"}}}},
    {"aggregate": {"method": "benefit_of_the_doubt"}, "normalise": SCALE},
    {"nodes": {"q": {"aggregate": {"method": "benefit_of_the_doubt", "share": [0.2, 0.7]}}}, "normalise": SCALE},
    {"nodes": {"q": {"aggregate": {"method": "benefit_of_the_doubt", "prefer": {"c": 2}}}}, "normalise": SCALE},
]


def central(index: Index, node: str = "top") -> dict[str, float]:
    return dict(zip(index.units, index.central[node].tolist(), strict=True))


def holed(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(pl.when(pl.arange(len(table)) % 7 == 3).then(None).otherwise("a").alias("a"))


@pytest.mark.parametrize("steps", STEPS)
@given(order=st.permutations(range(12)), factor=st.floats(0.01, 1000))
@settings(max_examples=5, deadline=None)
def test_neither_the_order_of_rows_nor_the_unit_of_an_indicator_matters(
    steps: dict[str, Any], order: list[int], factor: float
) -> None:
    table = holed(frame())
    other = table[order].with_columns(pl.col("c") * factor + 3)
    given_steps = steps | {"impute": {"method": "median"}}
    usual, changed = (central(build(model(**given_steps), each, draws=100)) for each in (table, other))
    assert usual == pytest.approx(changed)


@pytest.mark.parametrize("steps", STEPS)
def test_a_replication_is_built_again_exactly(steps: dict[str, Any]) -> None:
    unsure = {"uncertainty": {"weights_cv": 0.4, "leave_out": {"indicator": 0.3}}}
    table = holed(frame(20))
    built = build(model(**steps, **unsure), table, draws=100)
    ready, year = set_up(model(**steps, **unsure), table)
    for number in (0, 41, 99):
        again = replay(ready, year=year, number=number, draws=100, seed=7)
        for row, node in enumerate(again.nodes):
            np.testing.assert_allclose(again.scores[row], built.sampled[node][number], rtol=1e-6)


@pytest.mark.parametrize("steps", STEPS)
def test_a_missing_cell_is_not_a_zero(steps: dict[str, Any]) -> None:
    # U11 is in the middle by b, and would be last by a.
    table = frame().with_columns(a=pl.lit(5.0) + pl.arange(12) / 10, b=(5 * pl.arange(12)) % 12 + 1.0)
    gap, zero = (
        table.with_columns(pl.when(pl.arange(12) == 11).then(value).otherwise("a").alias("a")) for value in (None, 0.0)
    )
    steps = steps | {"impute": {"method": "none"}, "screening": {"share": 0.5}}
    missing, nothing = (central(build(model(**steps), each, draws=100), "p")["U11"] for each in (gap, zero))
    if steps.get("aggregate", {}).get("method") == "benefit_of_the_doubt":
        # The weights that suit a unit best leave out its zero, as they would a gap: it costs nothing, but no more.
        assert missing == pytest.approx(nothing)
    else:
        assert missing > nothing


def test_nodes_hold_what_the_plain_functions_give() -> None:
    table = frame()
    x = {name: np.array(table[name]) for name in COLUMNS}
    on_scale = {name: 1 + 99 * (v - v.min()) / np.ptp(v) for name, v in x.items()}
    nodes = {
        "p": {"aggregate": {"method": "kemeny"}},
        "q": {"aggregate": {"method": "benefit_of_the_doubt"}},
    }
    built = build(model(nodes=nodes, normalise=SCALE, parts={"a": {"weight": 3.0}}), table, draws=100)
    ranking = places(np.stack([x["a"], x["b"]], axis=1), np.array([3.0, 1.0])).score
    free = 100 * benefit_of_the_doubt(np.stack([on_scale["c"], on_scale["d"]], axis=1)).score
    np.testing.assert_allclose(built.central["p"], ranking)
    np.testing.assert_allclose(built.central["q"], free)
    np.testing.assert_allclose(built.central["top"], (ranking + free) / 2)


def test_units_are_compared_within_their_year() -> None:
    table = frame(8, years=2)
    both = build_years(model(aggregate={"method": "kemeny"}, normalise={"method": "rank"}), table, draws=100)
    for year, index in zip((2020, 2021), both, strict=True):
        alone = build(
            model(aggregate={"method": "kemeny"}, normalise={"method": "rank"}),
            table.filter(pl.col("year") == year),
            draws=100,
        )
        assert central(index) == pytest.approx(central(alone))


def test_a_ranking_that_is_not_proven_best_is_said_with_how_much_better_one_could_be() -> None:
    rng = np.random.default_rng(2)
    table = pl.DataFrame(
        {"unit": [f"U{k:02d}" for k in range(30)]} | {name: rng.standard_normal(30) for name in COLUMNS}
    )
    flat = {"nodes": {}, "uncertainty": {"weights_cv": 0.4}}
    each = model(**flat, parts={name: {"node": "top"} for name in COLUMNS}).without("p", "q")
    searched = build(each.model_copy(update={"aggregate": _kemeny("central")}), table, draws=100)
    assert len(searched.cautions) == 1
    assert "top, replications: a ranking could agree better with comparisons of pairs, by" in searched.cautions[0]
    told: list[str] = []
    proven = build(each.model_copy(update={"aggregate": _kemeny("all")}), table, draws=100, progress=told.append)
    assert proven.cautions == ()
    assert proven.central["top"].tolist() == searched.central["top"].tolist()
    assert any(line.startswith("Joining top by kemeny, ") for line in told)
    # Even among units that differ by nothing but noise a short search finds rankings close to the best.
    assert np.abs(proven.sampled["top"] - searched.sampled["top"]).mean() < 4


def _kemeny(proof: str) -> Aggregate:
    return Aggregate.model_validate({"method": "kemeny", "proof": proof})


def test_what_a_part_gives_is_not_told_where_it_cannot_be_added_up() -> None:
    found = build(model(nodes={"q": {"aggregate": {"method": "kemeny"}}}), frame(), draws=100)
    own = {each.indicator: each for each in found.explain("U03")}
    assert own["a"].is_additive
    assert np.isfinite(own["a"].given)
    assert not own["c"].is_additive
    assert np.isnan(own["c"].given)
    assert [each.indicator for each in found.explain("U03")][2:] == ["c", "d"]
    over_all = build(model(nodes={"top": {"aggregate": {"method": "copeland"}}}), frame(), draws=100)
    assert not any(each.is_additive for each in over_all.explain("U03"))
    moves = compare(found, over_all)
    assert moves.reasons["U03"] == ()
    assert not moves.is_additive
    assert all(each.startswith("how parts are joined") for each in moves.to_polars()["reason"])
    assert compare(found, found, node="p").is_additive


def test_ways_to_join_are_alternatives_and_factors_like_others() -> None:
    unsure = {"weights_cv": 0.3, "aggregate": [{"method": "arithmetic"}, {"method": "kemeny", "of": "nodes"}]}
    ready, year = set_up(model(uncertainty=unsure), frame(20))
    found = sensitivity(ready, year=year, n=64)
    assert found.factors == ("weights", "aggregation")
    assert (found.changed > 0.3).all()


# Faults

FILE = """\
id = "mine"
title = "Mine"
[nodes.top]
title = "Top"
[nodes.p]
title = "P"
parent = "top"
aggregate = { method = "benefit_of_the_doubt", share = [0.6, 0.5] }
[nodes.q]
title = "Q"
parent = "top"
[nodes.q.aggregate]
method = "benefit_of_the_doubt"
shares = { c = [0, 0.3], d = [0.1, 0.5], a = [0, 1] }
prefer = { c = 2 }
[aggregate]
method = "copeland"
proof = "all"
share = [0.1, 0.2]
[indicators.a]
title = "A"
node = "p"
[indicators.b]
title = "B"
node = "p"
[indicators.c]
title = "C"
node = "q"
[indicators.d]
title = "D"
node = "q"
[uncertainty]
weights = "unknown"
weights_cv = 0.4
weight_bounds = { a = [0.9, 0.95], b = [0.2, 1.0], e = [0.5, 0.4] }
[screening]
fit = "all"
[[uncertainty.aggregate]]
method = "kemeney"
[[uncertainty.aggregate]]
method = "benefit_of_the_doubt"
prefer = { p = 0, q = 0 }
of = "nodes"
"""


def test_every_fault_is_found_at_once_with_its_line() -> None:
    with pytest.raises(BadModel) as caught:
        parse_model(FILE, name="mine.toml", series=COLUMNS)
    found = [(fault.line, str(fault)) for fault in caught.value.faults]
    for line, words in (
        (8, "the least share 0.6 is above the most, 0.5"),
        (14, "the shares of the 2 parts of q must sum to 1; these bounds let them sum to 0.1 at least and 0.8 at most"),
        (14, "'a' is no part here; parts are: c, d"),
        (15, "keep one"),
        (18, "only kemeny takes proof"),
        (19, "only benefit_of_the_doubt takes share"),
        (34, "weights are unknown here: weights_cv says how others are drawn"),
        (35, "e: the least share 0.5 is above the most, 0.4"),
        (35, "'e' is no part here"),
        (35, "the shares of the 2 parts of p must sum to 1; these bounds let them sum to 1.1 at least"),
        (37, "fit counts only with"),
        (39, "nearest: kemeny"),
        (42, "no part of top is preferred"),
    ):
        assert any(at == line and words in text for at, text in found), (line, words, found)
    with pytest.raises(BadModel, match="only unknown weights take bounds"):
        parse_model(FILE.replace('weights = "unknown"\n', ""), name="mine.toml", series=COLUMNS)


# Screening after filling


def test_units_whose_data_are_removed_after_filling_take_no_part_in_filling_either() -> None:
    """COINr fills gaps first and lets them be when it removes units afterwards; that is fit = "all"."""
    values = np.array([90.0, np.nan, *range(1, 11)])
    table = frame(12).with_columns(a=pl.Series(values).fill_nan(None))
    steps = {"impute": {"method": "mean"}, "uncertainty": {"weights_cv": 0.3}}
    screening = {"counts": "filled", "removes": "data", "drop": ["U00"]}
    for more, mean in (({}, 5.5), ({"fit": "all"}, (90 + 55) / 11)):
        ready, year = set_up(model(**steps, screening=screening | more), table)
        row, k = 1, ready.panel.indicators.index("a")
        assert ready.exact.central[0][row, k] == pytest.approx(mean)
        assert np.isnan(ready.exact.central[0][0]).all()
        # Replications are filled by the same rule as the central build.
        cells = ready.cells(ready.designs(5, 7), 7)
        np.testing.assert_array_equal(cells.central[0], ready.exact.central[0])
        assert len(ready.ranked(year)) == 11


def test_draws_of_gaps_belong_to_the_units_that_are_kept() -> None:
    table = holed(frame(30))  # gaps of a in U03, U10, U17, U24
    steps = {"impute": {"method": "posterior"}, "uncertainty": {"weights_cv": 0.0}}
    screening = {"counts": "filled", "removes": "data", "fit": "all", "drop": ["U10"]}
    ready, _ = set_up(model(**steps, screening=screening), table)
    cells = ready.cells(ready.designs(50, 7), 7)
    k = ready.panel.indicators.index("a")
    assert cells.rows[k].tolist() == [3, 17, 24]
    assert cells.gaps[k] == 3
    assert cells.drawn[k].shape == (50, 3)
    everybody, _ = set_up(model(**steps), table)
    whole = everybody.cells(everybody.designs(50, 7), 7)
    np.testing.assert_array_equal(cells.drawn[k], whole.drawn[k][:, [0, 2, 3]])


def test_an_indicator_that_only_a_removed_unit_has_fills_nobody() -> None:
    table = frame(12).with_columns(pl.when(pl.arange(12) == 0).then("d").otherwise(None).alias("d"))
    screening = {"counts": "filled", "removes": "data", "drop": ["U00"]}
    steps = {"impute": {"method": "mean"}, "screening": screening}
    kept, _ = set_up(model(**steps), table)
    assert np.isnan(kept.exact.central[0][:, kept.panel.indicators.index("d")]).all()
    assert len(build(model(**steps), table, draws=100).units) == 11  # three of four are enough for 2/3
    with pytest.raises(NotEnoughData, match="90% of the indicators"):
        build(model(**steps | {"screening": {**screening, "share": 0.9}}), table, draws=100)


# Power means of any power

POWERS = [-400.0, -155.0, 155.0, 400.0]


@pytest.mark.parametrize("power", POWERS)
@pytest.mark.parametrize("where", ["central", "alternative"])
def test_a_build_joins_by_power_means_as_the_plain_function_does(power: float, where: str) -> None:
    table = holed(frame())
    way = {"method": "power", "power": power}
    unsure = {"weights_cv": 0.4} | ({} if where == "central" else {"aggregate": [way]})
    steps = {"normalise": SCALE, "impute": {"method": "none"}, "uncertainty": unsure, "screening": {"share": 0.5}}
    found = build(model(**steps, **({"aggregate": way} if where == "central" else {})), table, draws=100)
    assert found.not_ranked == ()
    x = np.array(table.select(COLUMNS).to_numpy(), dtype=float)
    on_scale = 1 + 99 * (x - np.nanmin(x, axis=0)) / (np.nanmax(x, axis=0) - np.nanmin(x, axis=0))
    p, q = (aggregate.power(on_scale[:, here], p=power) for here in ([0, 1], [2, 3]))
    top = aggregate.power(np.stack([p, q], axis=1), p=power)
    if where == "central":
        np.testing.assert_allclose(found.central["top"], top)
    else:
        # Whatever the weights, a power mean lies between the ends, and near to one of them here.
        end = np.nanmin(on_scale, axis=1) if power < 0 else np.nanmax(on_scale, axis=1)
        assert np.abs(np.log(found.sampled["top"] / end)).max() < 0.3
    assert sorted(found.units) == sorted(table["unit"])


def test_scales_and_cells_of_any_size_are_reckoned_with_or_refused_by_name() -> None:
    table = frame()
    usual = build(model(), table, draws=100)
    large = build(model(scale={"mean": 0.0, "sd": 1e300}), table, draws=100)
    assert large.not_ranked == ()
    np.testing.assert_array_equal(large.ranks("top").central, usual.ranks("top").central)
    far = model(normalise={"method": "minmax", "scale": [1, 1e90]}, aggregate={"method": "power", "power": 5.0})
    assert build(far, table, draws=100).not_ranked == ()
    own = table.with_columns(pl.col(name) * 1e98 for name in COLUMNS)
    found = build(model(normalise={"method": "none"}), own, draws=100)
    assert found.not_ranked == ()
    np.testing.assert_allclose(found.sampled["top"][0], found.central["top"])
    tiny = build(model(normalise={"method": "none"}), own.with_columns(pl.col(COLUMNS) * 1e-190), draws=100)
    assert tiny.ranks("top").high.tolist() == found.ranks("top").central.tolist()
    with pytest.raises(BadRequest, match=r"\[scale\]: mean 0 and sd 1e\+308 put U\d\d in .* give smaller ones"):
        build(model(scale={"mean": 0.0, "sd": 1e308}), table, draws=100)
    with pytest.raises(BadRequest, match=r"indicator a, \[normalise\]: the normalised value of U\d\d .* write a"):
        build(model(normalise={"method": "minmax", "scale": [0, 1e308]}), table, draws=100)
    with pytest.raises(BadRequest, match=r"indicator a, \[normalise\]: the normalised value of U\d\d has the size inf"):
        build(model(normalise={"method": "minmax", "scale": [-1e308, 1e308]}), table, draws=100)
