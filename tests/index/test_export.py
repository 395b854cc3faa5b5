"""Tables of an index: what they hold, that they can be read back, and that no text becomes a formula."""

from __future__ import annotations

import csv
import io
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl  # type: ignore[import-untyped]
import polars as pl
import pytest

from softpower import storage
from softpower.errors import BadRequest, CannotWrite, UnknownNode
from softpower.evidence import source
from softpower.index import Index, Model, build, build_years, leaf_shares, load_model, set_up
from softpower.index.export import TABLES, tables
from softpower.index.prepare import read_columns
from softpower.index.spreadsheet import FORMULA_SIGNS
from softpower.index.table import open_table, sheet
from softpower.index.writing import csv_bytes, guarded, unguarded, write_tables, xlsx_bytes

REFERENCE = Path(__file__).parents[1] / "reference"
ASEM, ASEM_DATA = REFERENCE / "asem.toml", REFERENCE / "coinr-asem" / "inputs" / "asem_idata.csv"
HOSTILE = ('=HYPERLINK("http://x","y")', "+1", "-2+3", "@SUM(A1)", "</script><b>", "🇰🇿 Қазақстан", "'=x", "a" * 40_000)


def model(**steps: Any) -> Model:
    """Two pillars of two indicators below one top node."""
    tree = {"top": {"title": "Top"}, "p": {"title": "P", "parent": "top"}, "q": {"title": "Q", "parent": "top"}}
    parts = {name: {"title": name, "node": "p" if name in "ab" else "q"} for name in "abcd"}
    parts["b"]["direction"] = -1  # type: ignore[assignment]
    return Model.model_validate({"id": "test", "title": "=Test", "nodes": tree, "indicators": parts} | steps)


def frame(years: int = 1) -> pl.DataFrame:
    """Hostile names, negative numbers, and a unit of which too little is known to rank it."""
    rng, units = np.random.default_rng(3), 12
    keys: dict[str, list[Any]] = {"unit": [f"U{k:02d}" for k in range(units)] * years}
    keys["name"] = [HOSTILE[k % len(HOSTILE)] for k in range(units)] * years
    if years > 1:
        keys["year"] = [2020 + t for t in range(years) for _ in range(units)]
    table = pl.DataFrame(keys | {name: rng.normal(0, 3, units * years) for name in "abcd"})
    unknown = pl.col("unit") == "U05"
    return table.with_columns(pl.when(unknown).then(None).otherwise(name).alias(name) for name in "abc").with_columns(
        pl.when(pl.col("unit") == "U07").then(None).otherwise("d").alias("d")
    )


@cache
def toy() -> dict[str, pl.DataFrame]:
    return tables(build(model(), frame(), draws=100))


@cache
def default() -> tuple[Index, dict[str, pl.DataFrame]]:
    index = build(draws=200)
    return index, tables(index)


@cache
def asem() -> dict[str, pl.DataFrame]:
    sheet = open_table(ASEM_DATA)
    return tables(build(ASEM, sheet, draws=100), set_up(ASEM, sheet)[0])


# What they hold


def test_scores_hold_every_node_and_ranked_unit_with_intervals_level_and_weight() -> None:
    index, found = default()
    scores = found["scores"]
    assert scores.height == len(index.nodes) * len(index.units)
    assert scores.filter(pl.col("score").is_between("score_low", "score_high")).height == scores.height
    assert scores.filter(pl.col("rank").is_between("rank_low", "rank_high")).height == scores.height
    kazakhstan = scores.filter(unit="KAZ", node="education").row(0, named=True)
    assert (kazakhstan["name"], kazakhstan["level"], kazakhstan["weight"]) == ("Kazakhstan", 2, 1 / 8)
    assert kazakhstan["score"] == index.scores("education").value[index.unit("KAZ")]
    assert kazakhstan["rank_high"] == index.ranks("education").high[index.unit("KAZ")]


def test_no_table_has_a_rank_without_its_interval_or_its_probability() -> None:
    for name, table in default()[1].items():
        ends = {"rank_low", "rank_high"} if name != "acceptability" else {"probability"}
        for column in table.columns:
            if column.endswith("rank"):
                wanted = {f"{column}_low", f"{column}_high"} if name == "ranks" else ends
                assert wanted <= set(table.columns), name


def test_unranked_states_have_cells_but_no_scores() -> None:
    index, found = default()
    cells = found["cells"]
    assert cells["unit"].n_unique() == 193
    assert set(cells.filter("ranked")["unit"]) == set(index.units) == set(found["scores"]["unit"])
    assert len(index.units) < 193
    assert cells.filter(~pl.col("ranked"), status="observed")["raw"].null_count() == 0


def test_an_unknown_cell_is_empty_and_says_so() -> None:
    cells = default()[1]["cells"]
    imputed = cells.filter(status="imputed")
    assert imputed["raw"].null_count() == imputed.height > 0
    assert imputed["normalised"].null_count() == 0
    assert cells.filter(pl.col("status") != "imputed")["raw"].null_count() == 0
    for table in default()[1].values():
        assert not any(column.is_nan().any() for column in table.select(pl.selectors.float()))


def test_gaps_that_are_left_are_missing_at_every_stage() -> None:
    cells = tables(build(model(impute={"method": "none"}), frame(), draws=100))["cells"]
    gaps = cells.filter(status="missing")
    assert gaps.height == 4
    assert gaps.select("raw", "treated", "normalised").null_count().row(0) == (4, 4, 4)


def test_a_unit_without_data_of_a_pillar_has_no_rank_there() -> None:
    table = frame().with_columns(c=pl.when(unit="U07").then(None).otherwise("c"))
    steps = {"impute": {"method": "none"}, "screening": {"share": 0.5}}
    index = build(model(**steps), table, draws=100)
    found = tables(index, nodes=["q"])
    assert found["scores"].filter(unit="U07")["node"].to_list() == ["top", "p"]
    assert found["ranks"].filter(unit="U07").select("q_rank", "q_rank_low").row(0) == (None, None)
    assert "U07" not in {*found["acceptability"]["unit"], *found["dominance"]["other"]}


def test_cells_of_an_indicator_turned_round_keep_their_published_sign() -> None:
    cells = toy()["cells"].filter(indicator="b", status="observed")
    np.testing.assert_allclose(cells["raw"], cells["treated"])
    assert np.corrcoef(cells["raw"], cells["normalised"])[0, 1] == pytest.approx(-1)


@pytest.mark.parametrize(
    ("stage", "gold"),
    [("raw", "03_denominated_default"), ("treated", "07_treated_default"), ("normalised", "08_norm_minmax_0_100")],
)
def test_cells_at_every_stage_are_those_of_another_program(stage: str, gold: str) -> None:
    """COINr 1.1.14 on the ASEM data, all 49 indicators."""
    published = pl.read_csv(REFERENCE / "coinr-asem" / "gold" / f"{gold}.csv", null_values=[""])
    cells = asem()["cells"].pivot("indicator", index="unit", values=stage)
    for name in published.columns[1:]:
        both = published.select(unit="uCode", theirs=name).join(cells.select("unit", mine=name), on="unit")
        assert both.filter(pl.col("theirs").is_null() != pl.col("mine").is_null()).is_empty(), name
        np.testing.assert_allclose(both["mine"].to_numpy(), both["theirs"].to_numpy(), rtol=1e-11, err_msg=name)


def test_effective_weights_are_those_of_another_program() -> None:
    published = pl.read_csv(REFERENCE / "coinr-asem" / "gold" / "09_effective_weights.csv")
    mine = dict(asem()["framework"].select("id", "effective_weight").iter_rows())
    assert len(mine) == published.height == 60
    for row in published.iter_rows(named=True):
        assert mine[row["iCode"]] == pytest.approx(row["EffWeight"], rel=1e-9)


def test_weights_in_the_framework_sum_to_one_below_every_node() -> None:
    index, found = default()
    framework = found["framework"]
    sums = framework.drop_nulls("node").group_by("node").agg(pl.col("weight").sum())
    assert sums["weight"].to_list() == pytest.approx([1.0] * sums.height)
    built = index.model.variant()
    shares = {id: share for top in built.tops for id, share in leaf_shares(built, top).items()}
    leaves = framework.filter(kind="indicator")
    assert dict(leaves.select("id", "effective_weight").iter_rows()) == pytest.approx(shares)
    assert leaves["source"].null_count() == 0


def test_probabilities_of_ranks_sum_to_one_and_agree_with_the_index() -> None:
    index, found = default()
    table = found["acceptability"]
    sums = table.group_by("node", "unit").agg(pl.col("probability").sum())
    assert sums.height == 2 * len(index.units)
    np.testing.assert_allclose(sums["probability"], 1.0)
    one = table.filter(node="performance", unit="KAZ")
    drawn = index.rank_draws("performance")[:, index.unit("KAZ")]
    places, counts = np.unique(drawn, return_counts=True)
    assert one["rank"].to_list() == places.tolist()
    np.testing.assert_allclose(one["probability"], counts / 200)


def test_dominance_of_one_over_another_and_back_sums_to_one() -> None:
    table = toy()["dominance"]
    back = table.rename({"unit": "other", "other": "unit", "share_ahead": "back"})
    both = table.join(back, on=["node", "unit", "other"])
    assert both.height == 11 * 10
    np.testing.assert_allclose(both["share_ahead"] + both["back"], 1.0)


def test_every_source_of_the_data_is_named_with_its_licence_and_attribution() -> None:
    found = default()[1]
    assert set(found["framework"]["source"].drop_nulls()) <= set(found["sources"]["id"])
    for row in found["sources"].iter_rows(named=True):
        assert (row["licence"], row["attribution"]) == (source(row["id"]).licence, source(row["id"]).attribution)
    facts = dict(found["about"].iter_rows())
    assert "uis_mobility" in facts["share-alike"]
    assert facts["seed"] == "7"


def test_a_table_of_ones_own_has_no_bundled_sources_and_no_year_if_it_names_none() -> None:
    assert toy()["sources"].is_empty()
    assert toy()["framework"]["source"].null_count() == toy()["framework"].height
    assert all("year" not in table.columns for table in toy().values())
    assert "own table" in dict(toy()["about"].iter_rows())["data"]


def test_years_are_stacked_and_each_is_that_of_its_own_build() -> None:
    table = frame(3)
    built = build_years(model(), table, years=[2020, 2022], draws=100)
    ready, _ = set_up(model(), table)
    found = tables(built, ready)
    for name in ("scores", "ranks", "cells", "raw", "normalised", "acceptability", "dominance"):
        assert sorted(found[name]["year"].unique()) == [2020, 2022], name
    alone = tables(built[1:], ready)
    for name in ("scores", "cells", "acceptability"):
        assert found[name].filter(year=2022).equals(alone[name])


def test_indicators_of_another_variant_are_exported_with_it_alone() -> None:
    leaves = [
        set(tables(build(variant=variant, draws=100), which=["cells"])["cells"]["indicator"])
        for variant in ("", "no-regime")
    ]
    assert leaves[0] - leaves[1] == {"government_effectiveness", "rule_of_law"}


# What does not belong together


def test_an_experiment_of_other_data_is_refused() -> None:
    other = frame().with_columns(a=pl.col("a") * pl.col("a"))
    with pytest.raises(BadRequest, match="set up anew"):
        tables(build(model(), frame(), draws=100), set_up(model(), other)[0])
    with pytest.raises(BadRequest, match="another model or variant"):
        tables(build(model(), frame(), draws=100), set_up(variant="no-regime")[0])


def test_one_year_of_a_panel_without_its_experiment_is_refused_and_not_wrong() -> None:
    built = build_years(model(), frame(3), draws=100)
    with pytest.raises(BadRequest, match="set up anew"):
        tables(built[0])


def test_unknown_tables_and_nodes_are_named() -> None:
    index = build(model(), frame(), draws=100)
    with pytest.raises(BadRequest, match="no table is called scoers: give one of scores"):
        tables(index, which=["scoers"])
    with pytest.raises(UnknownNode, match="tap"):
        tables(index, nodes=["tap"])
    with pytest.raises(BadRequest, match="at least one year"):
        tables(())


# Reading back


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_the_raw_table_read_back_gives_the_same_scores(form: str, tmp_path: Path) -> None:
    source_sheet = open_table(ASEM_DATA)
    ready, _ = set_up(ASEM, source_sheet)
    table = read_columns(source_sheet, load_model(ASEM, columns=source_sheet.columns))
    first = build(ASEM, source_sheet, draws=100)
    (path,) = write_tables(tables(first, ready, table=table, which=["raw"]), tmp_path / f"raw.{form}")
    second = build(ASEM, path, draws=100)
    assert second.units == first.units
    for node in first.nodes:
        np.testing.assert_allclose(second.central[node], first.central[node], rtol=1e-12)
    assert [second.name_of(unit) for unit in second.units] == [first.name_of(unit) for unit in first.units]


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_names_negative_numbers_and_gaps_survive_the_way_out_and_back(form: str, tmp_path: Path) -> None:
    (path,) = write_tables({"raw": toy()["raw"]}, tmp_path / f"raw.{form}")
    first, second = (build(model(), data, draws=100) for data in (frame(), path))
    np.testing.assert_allclose(second.central["top"], first.central["top"], rtol=1e-12)
    names = [first.name_of(unit) for unit in first.units]
    read = [second.name_of(unit) for unit in second.units]
    if form == "xlsx":  # a cell ends where Excel's ends
        assert [each[:10_000] for each in read] == [each[:10_000] for each in names]
    else:
        assert read == names


def test_bundled_data_read_back_with_a_copy_of_the_model_rank_nearly_the_same(tmp_path: Path) -> None:
    """Not exactly: offsets of logarithms then rest on one year, and not on all."""
    index, found = default()
    (path,) = write_tables({"raw": found["raw"]}, tmp_path / "raw.csv")
    again = build(storage.DATA / "models" / "soft-power.toml", path, draws=100)
    shared = [unit for unit in index.units if unit in again.units]
    assert len(shared) == len(index.units)
    for top in ("potential", "performance"):
        scores = [[each.central[top][each.unit(unit)] for unit in shared] for each in (index, again)]
        assert np.corrcoef(scores[0], scores[1])[0, 1] > 0.99


# Formulas


def test_csv_guards_text_and_headers_but_not_numbers() -> None:
    content = csv_bytes(pl.DataFrame({"name": [*HOSTILE[:7], None], "=b": [-1.5, None, 1e-20, 1 / 3, 1e300, 5, 6, 7]}))
    rows = list(csv.reader(io.StringIO(content.decode())))
    assert rows[0] == ["name", "'=b"]
    assert [row[0] for row in rows[1:5]] == [f"'{text}" for text in HOSTILE[:4]]
    assert rows[5][0] == "</script><b>"
    assert rows[7][0] == "''=x"
    assert [float(row[1]) if row[1] else None for row in rows[1:6]] == [-1.5, None, 1e-20, 1 / 3, 1e300]


@pytest.mark.parametrize("text", [*HOSTILE, "", "'", "''", "a=b", "\t=1", "\r=1", "\n@", "\uff1d1", "'a"])
def test_guarding_is_undone_exactly(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in set(FORMULA_SIGNS)


def test_a_workbook_holds_text_as_text_and_numbers_as_numbers() -> None:
    rows = {"name": list(HOSTILE[:4]), "value": [-1.5, 0.0, None, 1 / 3]}
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes({"t": pl.DataFrame(rows)}, title="=1")))
    (sheet_,) = book.worksheets
    for row, (name, value) in enumerate(zip(*rows.values(), strict=True), start=2):
        cell = sheet_.cell(row, 1)
        assert (cell.value, cell.data_type, cell.hyperlink, cell.quotePrefix) == (name, "s", None, True)
        assert sheet_.cell(row, 2).value == (value if value is None else pytest.approx(value, rel=1e-15))
        assert value is None or sheet_.cell(row, 2).data_type == "n"
    assert sheet_.freeze_panes == "B2"


def test_a_link_stays_text() -> None:
    table = {"t": pl.DataFrame({"address": ["https://example.org", "mailto:a@b.c", "internal:t!A1", "5"]})}
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(table)))
    assert [(cell.data_type, cell.hyperlink) for (cell,) in book["t"].iter_rows(min_row=2)] == [("s", None)] * 4


# Files


def test_all_tables_are_written_to_sheets_or_to_files_of_a_folder(tmp_path: Path) -> None:
    (book,) = write_tables(toy(), tmp_path / "all.xlsx")
    assert openpyxl.load_workbook(book).sheetnames == list(TABLES)
    for form in ("csv", "parquet"):
        written = write_tables(toy(), tmp_path / form, form=form)
        assert sorted(path.name for path in (tmp_path / form).iterdir()) == sorted(f"{name}.{form}" for name in TABLES)
        assert all(path.stat().st_size for path in written)
    for name, table in toy().items():
        assert pl.read_parquet(tmp_path / "parquet" / f"{name}.parquet").equals(table)


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.xlsx"])
def test_the_same_tables_give_the_same_bytes(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Almaty")
    paths = [tmp_path / day / name for day in ("one", "two")]
    for path in paths:
        path.parent.mkdir()
        write_tables({"scores": tables(build(model(), frame(), draws=100))["scores"]}, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    if name == "t.xlsx":
        properties = openpyxl.load_workbook(paths[0]).properties
        assert {properties.created.year, properties.modified.year} == {1980}


def test_what_does_not_fit_a_file_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"holds one table, not 11; write a folder or \.xlsx"):
        write_tables(toy(), tmp_path / "all.csv")
    with pytest.raises(BadRequest, match=r"not as \.doc"):
        write_tables(toy(), tmp_path / "all.doc")
    long = pl.DataFrame({"a": pl.zeros(1_048_576, eager=True)})
    with pytest.raises(BadRequest, match=r"a sheet of Excel holds 1,048,575"):
        write_tables({"long": long}, tmp_path / "long.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_way_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(CannotWrite, match="a part of its folder's path is a file"):
        write_tables(toy(), tmp_path / "file" / "results")


def test_a_guarded_csv_is_read_as_it_was_meant() -> None:
    table = sheet(b"unit,name,'-a\n'=x,'@y,-1\nz,'quoted',2\n", name="t").read(numbers=["-a"])
    assert table.units == ("=x", "z")
    assert table.names == ("@y", "'quoted'")
    np.testing.assert_array_equal(table.numbers["-a"], [[-1, 2]])


@pytest.mark.parametrize(
    "steps",
    [
        {},
        {"weights": "entropy"},
        {"treat": {"method": "winsorise", "most": 1}, "normalise": {"method": "rank"}},
        {"scale": {"mean": 100.0, "sd": 10.0}},
        {"screening": {"share": 1.0, "removes": "data", "counts": "known"}},
    ],
    ids=str,
)
def test_an_experiment_may_be_given_or_left_out_for_the_only_year(steps: dict[str, Any]) -> None:
    index, (ready, _) = build(model(**steps), frame(), draws=100), set_up(model(**steps), frame())
    with_it, without = tables(index, ready), tables(index)
    assert all(with_it[name].equals(without[name]) for name in TABLES)
