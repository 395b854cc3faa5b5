"""Whole builds against those of COINr 1.1.14 on the ASEM data, and every recorded replication built again.

Becker, Caperna, Del Sorbo, Norlén, Papadimitriou, Saisana (2022), COINr: An R package for developing composite
indicators, JOSS 7(78), 4567, doi 10.21105/joss.04567. Data: European Commission, Joint Research Centre, ASEM
Sustainable Connectivity.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from softpower.errors import BadRequest
from softpower.index import Index, Model, build, build_years, compare, load_model
from softpower.index.building import set_up
from softpower.index.designs import STEPS, Designs, draw_designs
from softpower.index.experiment import Experiment
from softpower.index.rank import rank
from softpower.index.sensitivities import sensitivity
from softpower.index.strengths import strengths
from softpower.index.table import Sheet, open_table
from softpower.index.uncertainty import Replications

HERE = Path(__file__).parent
MODEL = HERE / "asem.toml"
TOLERANCE = 1e-9


def gold(name: str) -> pl.DataFrame:
    """A file of the peer's results; all cells as published."""
    return pl.read_csv(HERE / "coinr-asem" / "gold" / f"{name}.csv", null_values=[""])


@cache
def data(name: str = "asem_idata") -> Sheet:
    return open_table(HERE / "coinr-asem" / "inputs" / f"{name}.csv")


def model(name: str = "asem_idata", **steps: Any) -> Model:
    """The model of the file with some of its tables written otherwise; without uncertainty unless given."""
    read = load_model(MODEL, columns=data(name).columns).model_dump()
    return Model.model_validate(read | {"uncertainty": {"weights_cv": 0.0}} | steps)


def check(index: Index, published: pl.DataFrame) -> None:
    """Every node of an index has the published scores, to a relative 1e-9, and their ranks."""
    nodes = [name for name in published.columns if name in index.nodes]
    assert len(nodes) == 11
    rows = [index.unit(unit) for unit in published["uCode"]]
    for node in nodes:
        np.testing.assert_allclose(index.central[node][rows], published[node].to_numpy(), rtol=TOLERANCE)
        np.testing.assert_array_equal(index.ranks(node).central[rows], rank(published[node].to_numpy()))


# The command


@pytest.fixture(scope="module")
def printed() -> list[dict[str, Any]]:
    path = HERE / "coinr-asem" / "inputs" / "asem_idata.csv"
    command = [sys.executable, "-m", "softpower", "index", "build", str(MODEL), "--data", str(path), "--json"]
    answer = subprocess.run(command, capture_output=True, check=True, text=True)
    found: list[dict[str, Any]] = json.loads(answer.stdout)["scores"]
    return found


def test_the_command_prints_the_default_build(printed: list[dict[str, Any]]) -> None:
    score = {(row["node"], row["unit"]): row["score"] for row in printed}
    place = {(row["node"], row["unit"]): row["rank"] for row in printed}
    scores, ranks = gold("12_agg_amean_default"), gold("14_results_ranks")
    assert len(printed) == 11 * 51
    for row in scores.iter_rows(named=True):
        for node in ranks.columns[1:]:
            assert score[node, row["uCode"]] == pytest.approx(row[node], rel=TOLERANCE)
    for row in ranks.iter_rows(named=True):
        assert all(place[node, row["uCode"]] == row[node] for node in ranks.columns[1:])


def test_the_command_prints_an_interval_with_every_rank(printed: list[dict[str, Any]]) -> None:
    for row in printed:
        assert 1 <= row["rank_low"] <= row["rank"] <= row["rank_high"] <= 51
    assert any(row["rank_low"] < row["rank_high"] for row in printed)


def test_the_command_prints_the_published_table_of_results(printed: list[dict[str, Any]]) -> None:
    score = {(row["node"], row["unit"]): row for row in printed}
    published = gold("14_results_scores")
    nodes = [name for name in published.columns if name not in ("uCode", "uName", "Rank")]
    assert (published.height, len(nodes)) == (51, 11)
    for row in published.iter_rows(named=True):
        assert score["Index", row["uCode"]]["rank"] == row["Rank"]
        for node in nodes:
            # The file has twelve decimals.
            assert score[node, row["uCode"]]["score"] == pytest.approx(row[node], rel=TOLERANCE, abs=1e-12)


def test_the_summary_of_a_unit() -> None:
    found = build(model(), data(), draws=100)
    at, published = found.unit("KAZ"), gold("14_unit_summary_KAZ")
    assert set(published["Code"]) == set(found.nodes)
    for row in published.iter_rows(named=True):
        assert found.central[row["Code"]][at] == pytest.approx(row["Score"], rel=TOLERANCE)
        assert found.ranks(row["Code"]).central[at] == row["Rank"]


def test_the_strengths_and_weaknesses_of_a_unit() -> None:
    # The published table is of the data as they came, before anything was divided by the size of the country.
    found = strengths(build(_undenominated("asem_idata"), data(), draws=100), "KAZ")
    published = gold("14_strengths_weaknesses_KAZ")
    for kind, places in (("strength", found.strengths), ("weakness", found.weaknesses)):
        rows = published.filter(pl.col("kind") == kind).to_dicts()
        assert {each.indicator for each in places} == {row["Code"] for row in rows}
        for row in rows:
            place = next(each for each in places if each.indicator == row["Code"])
            assert (place.rank, place.node, place.unit_of_measure) == (row["Rank"], row["Pillar"], row["Unit"])
            assert float(f"{place.value:.3g}") == row["Value"]  # which has three digits
    assert [each.rank for each in found.strengths] == [1, 2, 4, 5, 5]
    assert [each.rank for each in found.weaknesses] == [49, 49, 49, 49, 47]


# Other builds of the same model


def test_z_scores() -> None:
    scale = {"method": "zscore", "reference": "all"}
    check(build(model(normalise=scale), data(), draws=100), gold("12_agg_zscore_amean"))


def test_geometric_means_on_a_scale_from_one() -> None:
    scale = {"method": "minmax", "scale": [1, 100], "reference": "all"}
    means = {"method": "geometric"}
    check(build(model(normalise=scale, aggregate=means), data(), draws=100), gold("12_agg_gmean"))


def test_other_weights_at_three_levels() -> None:
    scale = {"method": "minmax", "scale": [1, 100], "reference": "all"}
    weights = {"Conn": 2.0, "Social": 0.5, "LPI": 3.0}
    found = build(model(normalise=scale), data(), draws=100, weights=weights)
    check(found, gold("12_agg_amean_custom_weights"))


def _undenominated(name: str, **steps: Any) -> Model:
    """The model with its indicators as they stand in the data."""
    read = model(name, **steps).model_dump()
    for indicator in read["indicators"].values():
        indicator["denominator"] = ""
    return Model.model_validate(read)


def test_missing_cells_are_skipped_where_nothing_is_imputed() -> None:
    steps = {"impute": {"method": "none"}, "treat": {"method": "none"}, "screening": {"share": 0.0}}
    found = build(_undenominated("asem_idata_na05", **steps), data("asem_idata_na05"), draws=100)
    check(found, gold("12_agg_na05_amean"))


def test_a_panel_treated_by_year_and_normalised_over_all_years() -> None:
    steps = {
        "impute": {"method": "none"},
        "screening": {"share": 0.9, "removes": "data"},
        "treat": {"method": "winsorise", "then": "log_coin", "pool": "year"},
        "normalise": {"method": "minmax", "pool": "panel"},
    }
    published = gold("19_purse_aggregated_global")
    built = build_years(_undenominated("asem_idata_panel", **steps), data("asem_idata_panel"), draws=100)
    assert [each.year for each in built] == [2018, 2019, 2020, 2021, 2022]
    assert sum(len(each.units) for each in built) == published.height == 230
    for each in built:
        check(each, published.filter(pl.col("Time") == each.year))


def test_a_screened_unit_sets_no_scale_for_the_others() -> None:
    screening = {"share": 0.95, "removes": "data", "counts": "known"}
    published = gold("06_screen_byNA95")
    found = build(model(screening=screening), data(), draws=100)
    assert set(found.units) == set(published.filter(pl.col("Included"))["uCode"])


# Leaving out, comparing


def test_leaving_out_each_pillar() -> None:
    published, moved = gold("17_remove_L2_ranks"), gold("17_remove_L2_mean_abs_rank_change")
    usual = model()
    first = build(usual, data(), draws=100)
    order = [first.unit(unit) for unit in published["uCode"]]
    np.testing.assert_array_equal(first.ranks("Index").central[order], published["Nominal"])
    for row in moved.iter_rows(named=True):
        if row["removed"] == "Nominal":
            continue
        found = compare(first, build(usual.without(row["removed"]), data(), draws=100), node="Index")
        place = dict(zip(found.units, found.second, strict=True))
        assert [place[unit] for unit in published["uCode"]] == published[row["removed"]].to_list()
        assert np.abs(found.shift.value).mean() == pytest.approx(row["mean_abs_rank_diff"], rel=TOLERANCE)


def test_comparing_two_builds() -> None:
    published = gold("18_compare_amean_vs_gmean")
    scale = {"method": "minmax", "scale": [1, 100], "reference": "all"}
    builds = [
        build(each, data(), draws=100) for each in (model(), model(normalise=scale, aggregate={"method": "geometric"}))
    ]
    found = compare(*builds, node="Index")
    shift = dict(zip(found.units, found.shift.value.tolist(), strict=True))
    assert [shift[unit] for unit in published["uCode"]] == published["Diff"].to_list()
    assert [abs(shift[unit]) for unit in published["uCode"]] == published["Abs.diff"].to_list()
    for column, places in (("coin.1", found.first), ("coin.2", found.second)):
        place = dict(zip(found.units, places, strict=True))
        assert [place[unit] for unit in published["uCode"]] == published[column].to_list()


# Replications


@cache
def _experiment() -> tuple[Experiment, int]:
    return set_up(MODEL, data())


def _replayed(name: str) -> np.ndarray:
    """Scores of the index in recorded replications, shape (replication, unit), units as in the file of scores."""
    ready, year = _experiment()
    parameters, weights = gold(f"{name}_parameters"), gold(f"{name}_weight_sets")
    count = parameters.height
    designs = draw_designs(ready.model, draws=count, seed=1)
    chosen = weights[[int(number) - 1 for number in parameters["Weight_set"]]]
    drawn = {part: chosen[part].to_numpy() if part in chosen.columns else np.ones(count) for part in designs.weights}
    methods = {
        "impute": np.zeros(count, dtype=np.int64),
        # The alternatives of the file stand in the order 1 to 5, min-max before z-score, arithmetic before geometric.
        "treat": parameters["Winmax"].to_numpy().astype(np.int64),
        "normalise": np.where(parameters["Normalisation"] == "n_minmax(1,100)", 1, 2),
        "aggregate": np.where(parameters["Aggregation"] == "a_amean", 1, 2),
    }
    recorded = Designs(weights=drawn, methods=methods, parts={}, gone={})  # type: ignore[arg-type]
    sampled = Replications(ready.model, ready.panel, ready.cells(recorded, 1), recorded, keep=False)
    rows = ready.ranked(year)
    units = ready.names(rows)
    return sampled.node("Index")[:, rows][:, [units.index(unit) for unit in gold(f"{name}_scores")["uCode"]]]


@pytest.mark.parametrize(("name", "count"), [("20_ua_n100", 100), ("21_sa_n50", 300)])
def test_every_recorded_replication_is_replayed(name: str, count: int) -> None:
    published = gold(f"{name}_scores").select(pl.col(r"^r_\d+$")).to_numpy().T
    assert published.shape == (count, 51)
    np.testing.assert_allclose(_replayed(name), published, rtol=TOLERANCE)


# Of the replications for Sobol indices, those of the two samples A and B, which are as good as drawn at random.
@pytest.mark.parametrize(("name", "count"), [("20_ua_n100", 100), ("21_sa_n50", 100)])
def test_ranks_of_the_recorded_replications(name: str, count: int) -> None:
    published = gold(f"{name}_rankstats")
    assert published["uCode"].to_list() == gold(f"{name}_scores")["uCode"].to_list()
    places = rank(_replayed(name))[:count]
    np.testing.assert_allclose(places.mean(axis=0), published["Mean"], rtol=TOLERANCE)
    for column, share in (("Q5", 0.05), ("Median", 0.5), ("Q95", 0.95)):
        np.testing.assert_allclose(np.quantile(places, share, axis=0), published[column], rtol=TOLERANCE)
    usual = build(model(), data(), draws=100)
    at = [usual.unit(unit) for unit in published["uCode"]]
    np.testing.assert_array_equal(usual.ranks("Index").central[at], published["Nominal"])


def test_the_mean_shift_of_ranks_in_the_recorded_replications() -> None:
    usual = rank(gold("21_sa_n50_scores")["Nominal"].to_numpy())
    shift = np.abs(rank(_replayed("21_sa_n50")) - usual).mean(axis=1)
    np.testing.assert_allclose(shift, gold("21_sa_n50_y")["mean_abs_rank_change"], rtol=TOLERANCE)


def test_sobol_indices_are_those_of_all_combinations_of_methods() -> None:
    read = load_model(MODEL, columns=data().columns).model_dump()
    certain = {**read["uncertainty"], "weights_noise": {}, "weights_cv": 0.0}
    ready, year = set_up(Model.model_validate({**read, "uncertainty": certain}), data())
    found = sensitivity(ready, year=year, node="Index", n=4096, resamples=50)
    assert found.factors == ("treatment", "normalisation", "aggregation")
    # No indicator needs more than four cells Winsorised: of the twenty switches from one limit to another, those
    # between four and five change nothing, and all other switches of all factors do.
    np.testing.assert_allclose(found.changed, [0.9, 1.0, 1.0], atol=0.01)

    grid = np.stack(np.meshgrid(range(1, 6), (1, 2), (1, 2), indexing="ij"), axis=-1).reshape(-1, 3)
    designs = draw_designs(ready.model, draws=len(grid), seed=1)
    methods = {"impute": np.zeros(len(grid), dtype=np.int64), **dict(zip(STEPS[1:], grid.T, strict=True))}
    every = replace(designs, methods=methods)
    rows = ready.ranked(year)
    scores = Replications(ready.model, ready.panel, ready.cells(every, 1), every, keep=False).node("Index")[:, rows]
    usual = rank(ready.central.node("Index")[0, rows])
    y = np.abs(rank(scores) - usual).mean(axis=1).reshape(5, 2, 2)
    for factor in range(3):
        others = tuple(axis for axis in range(3) if axis != factor)
        first = y.mean(axis=others).var() / y.var()
        total = y.var(axis=factor).mean() / y.var()
        assert found.shift.first[factor] == pytest.approx(first, abs=0.02)
        assert found.shift.total[factor] == pytest.approx(total, abs=0.02)


def test_a_factor_that_changes_nothing_is_an_error() -> None:
    read = load_model(MODEL, columns=data().columns).model_dump()
    same = [{"method": "minmax", "reference": "all"}, {"method": "minmax", "scale": [0, 100], "reference": "all"}]
    idle = {**read["uncertainty"], "normalise": same, "aggregate": []}
    ready, year = set_up(Model.model_validate({**read, "uncertainty": idle}), data())
    with pytest.raises(BadRequest, match="switching normalisation changed nothing"):
        sensitivity(ready, year=year, node="Index", n=64, resamples=50)
