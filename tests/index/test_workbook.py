"""The workbook in the manner of the COIN Tool, read by another program: complete, harmless, the same each time."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl  # type: ignore[import-untyped]
import polars as pl
import pytest

from softpower.errors import CannotWrite
from softpower.index import Index, build, build_years, set_up
from softpower.index.table import open_table
from softpower.index.workbook import workbook, write_workbook
from softpower.index.workbook_sheets import SHEETS
from tests.index.test_export import ASEM, ASEM_DATA, HOSTILE, frame, model

GOLD = ASEM_DATA.parents[1] / "gold"


@cache
def asem() -> tuple[Index, Any]:
    sheet = open_table(ASEM_DATA)
    index = build(ASEM, sheet, draws=100)
    return index, read(workbook(index, set_up(ASEM, sheet)[0]))


@cache
def default() -> tuple[Index, Any]:
    index = build(draws=200)
    return index, read(workbook(index))


def read(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def rows(sheet: Any, first: int) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(min_row=first, values_only=True))


def test_every_sheet_that_the_cover_names_is_there_and_no_other() -> None:
    for _, book in (asem(), default()):
        assert book.sheetnames == list(SHEETS)
        named = [row[0] for row in rows(book["Cover"], 1)]
        assert set(SHEETS) - {"Cover"} <= set(named)
        for name in book.sheetnames[1:]:
            assert str(book[name]["A1"].value).startswith(f"{name}: ")
            assert book[name].freeze_panes, name


def test_the_cover_says_what_is_needed_to_cite_and_repeat() -> None:
    index, book = default()
    facts = {row[0]: row[1] for row in rows(book["Cover"], 1)}
    assert book["Cover"]["A1"].value == index.model.title
    assert (facts["model"], facts["seed"], facts["replications"]) == ("soft-power", "7", "200")
    assert index.data_version in facts["data"]
    assert "uis_mobility" in facts["share-alike"]


def test_data_at_every_stage_are_those_of_another_program() -> None:
    """COINr 1.1.14 on the ASEM data."""
    for name, gold in (
        ("Data", "03_denominated_default"),
        ("Treated", "07_treated_default"),
        ("Normalised", "08_norm_minmax_0_100"),
    ):
        published = pl.read_csv(GOLD / f"{gold}.csv", null_values=[""])
        sheet = asem()[1][name]
        ids = [cell.value for cell in sheet[3]][3:]
        assert ids == published.columns[1:]
        found = {row[0]: row[3:] for row in rows(sheet, 7)}
        mine = np.array([found[unit] for unit in published["uCode"]], dtype=float)
        np.testing.assert_allclose(mine, published[:, 1:].to_numpy(), rtol=1e-11)


def test_statistics_are_those_of_another_program() -> None:
    published = {row["iCode"]: row for row in pl.read_csv(GOLD / "02_stats_raw.csv").iter_rows(named=True)}
    head, *lines = rows(asem()[1]["Statistics"], 2)
    plain = [id for id, each in asem()[0].model.indicators.items() if not each.denominator]
    assert len(plain) > 20
    for line in lines:
        mine = dict(zip(head, line, strict=True))
        if mine["id"] not in plain:
            continue  # that file describes what was not yet divided
        theirs = published[mine["id"]]
        assert mine["known"] == theirs["N.Avail"]
        for here, there in (("mean", "Mean"), ("minimum", "Min"), ("maximum", "Max"), ("standard deviation", "Std")):
            assert mine[here] == pytest.approx(theirs[there], rel=1e-9), mine["id"]
        assert mine["skewness"] == pytest.approx(theirs["Skew"], rel=1e-9)


def test_scores_and_ranks_are_those_of_the_index_each_with_its_interval() -> None:
    index, book = asem()
    order = index.model.depth_first("Index")
    assert set(order) == set(index.nodes)
    for name in ("Scores", "Ranks"):
        sheet = book[name]
        titles = [cell.value for cell in sheet[2]][2::3]
        assert titles == [index.model.title_of(node) for node in order]
        for row in rows(sheet, 4):
            unit = index.unit(row[0])
            for place, node in enumerate(order):
                found: Any = index.scores(node) if name == "Scores" else index.ranks(node)
                central = found.value if name == "Scores" else found.central
                wanted = [each[unit].item() for each in (central, found.low, found.high)]
                assert list(row[2 + 3 * place : 5 + 3 * place]) == pytest.approx(wanted, rel=1e-14)
    assert [row[2] for row in rows(book["Ranks"], 4)] == sorted(index.ranks("Index").central.tolist())


def test_correlations_are_symmetric_and_bounded() -> None:
    cells = np.array([row[1:] for row in rows(asem()[1]["Correlations"], 3)], dtype=float)
    assert cells.shape == (60, 60)
    np.testing.assert_allclose(cells, cells.T)
    assert (np.abs(cells) <= 1 + 1e-12).all()


def test_leaving_out_a_pillar_moves_ranks_as_in_another_program() -> None:
    """COINr 1.1.14: mean absolute change of ranks when a pillar is left out."""
    published = dict(pl.read_csv(GOLD / "17_remove_L2_mean_abs_rank_change.csv").iter_rows())
    found = {row[1]: row for row in rows(asem()[1]["Sensitivity"], 3)}
    compared = [id for id in published if id in found]
    assert len(compared) == 8
    for id in compared:
        assert found[id][4] == pytest.approx(published[id], rel=1e-6)  # kept in single precision
        assert found[id][7] <= found[id][6] <= found[id][8]


def test_unranked_states_have_data_but_no_rank_and_imputed_cells_are_marked() -> None:
    index, book = default()
    data = rows(book["Data"], 7)
    assert len(data) == 193
    assert sum(row[2] == "yes" for row in data) == len(index.units) < 193
    assert {row[0] for row in rows(book["Ranks"], 4)} == set(index.units)
    for known, status, treated in zip(
        book["Data"].iter_rows(min_row=7, min_col=4),
        book["Status"].iter_rows(min_row=7, min_col=4),
        book["Treated"].iter_rows(min_row=7, min_col=4),
        strict=True,
    ):
        for value, word, filled in zip(known, status, treated, strict=True):
            assert (value.value is None) == (word.value == "imputed")
            assert filled.value is not None
            assert (filled.fill.fgColor.rgb == "FFFCE4B8") == (word.value == "imputed")


def test_hostile_text_stays_text_wherever_it_stands() -> None:
    titles = {f"{part}": f'=cmd|"{part}"!A1' for part in "abcd"}
    hostile = model(title="@evil", description="+1")
    hostile = hostile.model_copy(
        update={
            "indicators": {
                id: each.model_copy(update={"title": titles[id], "unit": "=2+5", "reason": "-x"})
                for id, each in hostile.indicators.items()
            }
        }
    )
    content = workbook(build(hostile, frame(), draws=100))
    seen = set()
    for sheet in read(content):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
                if isinstance(cell.value, str) and cell.value[:1] in tuple("=+-@"):
                    assert cell.quotePrefix, (sheet.title, cell.coordinate)
                    seen.add(cell.value)
    assert {*titles.values(), "@evil", "+1", "=2+5", "-x", *HOSTILE[:4]} <= seen
    parts = zipfile.ZipFile(io.BytesIO(content))
    xml = b"".join(parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets"))
    assert re.search(rb"<f>|<hyperlink", xml) is None
    assert not [name for name in parts.namelist() if "external" in name.lower()]


def test_gaps_are_empty_cells_and_never_errors_or_zeros() -> None:
    book = read(workbook(build(model(impute={"method": "none"}), frame(), draws=100)))
    for name in ("Data", "Treated", "Normalised"):
        gaps = [row for row in rows(book[name], 7) if row[0] == "U05"]
        assert [each is None for each in gaps[0][3:]] == [True, True, True, False]
    for sheet in book:
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "e"]


def test_the_same_index_gives_the_same_bytes() -> None:
    assert workbook(build(model(), frame(), draws=100)) == workbook(build(model(), frame(), draws=100))


def test_one_year_of_a_panel_is_shown_on_the_scale_of_all_years() -> None:
    table = frame(3)
    ready, _ = set_up(model(), table)
    built = build_years(model(), table, draws=100)
    book = read(workbook(built[1], ready))
    normalised = {row[0]: row[3] for row in rows(book["Normalised"], 7)}
    a = table["a"]
    low, high = float(a.min()), float(a.max())  # type: ignore[arg-type]
    first = table.filter(year=2021, unit="U00")["a"].item()
    assert normalised["U00"] == pytest.approx(100 * (first - low) / (high - low))


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(CannotWrite, match="cannot write"):
        write_workbook(build(model(), frame(), draws=100), tmp_path / "file" / "w.xlsx")
    write_workbook(build(model(), frame(), draws=100), tmp_path / "w.xlsx")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "w.xlsx"]
