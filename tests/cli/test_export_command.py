"""`softpower index export` and `softpower index workbook`: what they write, and what they refuse."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path

import numpy as np
import openpyxl  # type: ignore[import-untyped]
import polars as pl
import pytest
from click.testing import CliRunner, Result

from softpower.cli.index_export import TABLES
from softpower.cli.main import main
from softpower.index import build, export
from tests.cli.runs import refused

REFERENCE = Path(__file__).parents[1] / "reference"
INPUTS = REFERENCE / "coinr-asem" / "inputs"
ASEM = (str(REFERENCE / "asem.toml"), "--data", str(INPUTS / "asem_idata.csv"))
DRAWS = ("--draws", "100")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["index", *arguments, *DRAWS])


def wrote(done: Result) -> list[Path]:
    """The files that a run says it wrote."""
    assert done.exit_code == 0, done.stderr
    paths = [Path(line.removeprefix("Wrote ")) for line in done.stdout.splitlines()]
    assert all(path.is_file() for path in paths)
    return paths


def test_the_help_lists_the_tables_that_there_are() -> None:
    assert tuple(export.TABLES) == TABLES
    help = run("export", "--help").stdout
    assert all(f"\n    {name} " in help for name in TABLES)


# The default model


def test_scores_of_all_ranked_states_go_to_a_csv_file(tmp_path: Path) -> None:
    (path,) = wrote(run("export", "--out", str(tmp_path / "scores.csv")))
    table = pl.read_csv(path)
    index = build(draws=100)
    assert table.height == len(index.nodes) * len(index.units)
    row = table.filter(node="performance", unit="KAZ").row(0, named=True)
    assert row["score"] == pytest.approx(index.scores("performance").value[index.unit("KAZ")], rel=1e-15)
    assert row["rank_low"] <= row["rank"] <= row["rank_high"]
    assert b"\r" not in path.read_bytes()


def test_all_tables_go_to_the_sheets_of_one_workbook(tmp_path: Path) -> None:
    (path,) = wrote(run("export", "--out", str(tmp_path / "all.xlsx"), "--node", "science"))
    book = openpyxl.load_workbook(path, read_only=True)
    assert book.sheetnames == list(TABLES)
    assert {row[0] for row in book["dominance"].iter_rows(min_row=2, values_only=True)} == {"science"}


def test_a_folder_gets_a_file_for_each_table(tmp_path: Path) -> None:
    csv = wrote(run("export", "--out", str(tmp_path / "results")))
    assert [path.name for path in csv] == [f"{name}.csv" for name in TABLES]
    two = ("--what", "scores", "--what", "sources", "--format", "parquet")
    parquet = wrote(run("export", "--out", str(tmp_path / "results"), *two))
    assert [path.name for path in parquet] == ["scores.parquet", "sources.parquet"]
    assert pl.read_parquet(parquet[0]).height == pl.read_csv(csv[0]).height


def test_a_variant_and_a_weight_change_what_is_exported(tmp_path: Path) -> None:
    tables = [
        pl.read_csv(wrote(run("export", "--what", "framework", "--out", str(tmp_path / "t.csv"), *more))[0])
        for more in ((), ("--variant", "no-regime"), ("--weight", "education=3"))
    ]
    ids = [set(table["id"]) for table in tables]
    assert ids[0] - ids[1] == {"governance", "government_effectiveness", "rule_of_law"}
    assert tables[2].filter(id="education")["weight"].item() == pytest.approx(3 / 10)


def test_the_workbook_of_the_default_model_is_the_same_twice(tmp_path: Path) -> None:
    paths = [wrote(run("workbook", "--out", str(tmp_path / name)))[0] for name in ("a.xlsx", "b.xlsx")]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert openpyxl.load_workbook(paths[0], read_only=True).sheetnames[0] == "Cover"


# A table of one's own


def test_a_table_goes_out_raw_and_comes_back_in_with_the_same_scores(tmp_path: Path) -> None:
    for name in ("raw.csv", "raw.parquet", "all.xlsx"):
        what = () if name == "all.xlsx" else ("--what", "raw")
        (path,) = wrote(run("export", *ASEM, *what, "--out", str(tmp_path / name)))
        again = f"{path}#raw" if name == "all.xlsx" else str(path)
        scores = [
            pl.read_parquet(wrote(run("export", ASEM[0], "--data", data, "--out", str(tmp_path / "s.parquet")))[0])
            for data in (ASEM[2], again)
        ]
        assert scores[0].height == 11 * 51
        assert scores[0].drop(pl.selectors.float()).equals(scores[1].drop(pl.selectors.float()))
        for column in ("score", "score_low", "score_high"):
            np.testing.assert_allclose(scores[1][column], scores[0][column], rtol=1e-12)


def test_years_are_chosen_and_stand_in_a_column(tmp_path: Path) -> None:
    model = tmp_path / "m.toml"
    indicators = "".join(f'[indicators.{id}]\ntitle = "{id}"\nnode = "top"\n' for id in ("LPI", "CPI", "RTAs"))
    model.write_text(f'id = "m"\ntitle = "M"\n[impute]\nmethod = "none"\n[nodes.top]\ntitle = "T"\n{indicators}')
    data = ("--data", str(INPUTS / "asem_idata_panel.csv"))
    out = ("--out", str(tmp_path / "t.csv"))
    found = {
        given: sorted(pl.read_csv(wrote(run("export", str(model), *data, *out, *given))[0])["year"].unique())
        for given in ((), ("--years", "2019-2021"), ("--years", "2018,2022"), ("--year", "2020"))
    }
    assert list(found.values()) == [[2018, 2019, 2020, 2021, 2022], [2019, 2020, 2021], [2018, 2022], [2020]]
    workbook = wrote(run("workbook", str(model), *data, "--out", str(tmp_path / "w.xlsx")))[0]
    cover = openpyxl.load_workbook(workbook)["Cover"]
    assert ("years", "2022") in [(a.value, b.value) for a, b in cover.iter_rows(max_col=2)]


def test_names_like_formulas_are_guarded_in_csv_and_text_in_a_workbook(tmp_path: Path) -> None:
    rows = "".join(f"U{k},=HYPERLINK({k}),{k - 3},{k * k % 7}\n" for k in range(8))
    (tmp_path / "d.csv").write_text(f"unit,name,a,b\n{rows}", encoding="utf-8")
    model = tmp_path / "m.toml"
    parts = "".join(f'[indicators.{id}]\ntitle = "{id}"\nnode = "top"\n' for id in "ab")
    model.write_text(f'id = "m"\ntitle = "M"\n[nodes.top]\ntitle = "=T()"\n{parts}')
    given = ("export", str(model), "--data", str(tmp_path / "d.csv"))
    text = wrote(run(*given, "--what", "raw", "--out", str(tmp_path / "r.csv")))[0].read_text(encoding="utf-8")
    assert text.splitlines()[1:3] == ["U0,'=HYPERLINK(0),-3.0,0.0", "U1,'=HYPERLINK(1),-2.0,1.0"]
    book = openpyxl.load_workbook(wrote(run(*given, "--out", str(tmp_path / "r.xlsx")))[0])
    assert book["raw"]["B2"].value == "=HYPERLINK(0)"
    assert (book["raw"]["B2"].data_type, book["raw"]["C2"].value) == ("s", -3)


# What is refused


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["export", "--out", "t.docx"], "tables are written as .csv, .parquet or .xlsx, or to a folder; not as .docx"),
        (["export", "--out", "t.csv", "--what", "scores", "--what", "raw"], "holds one table, not scores, raw"),
        (["export", "--out", "t.csv", "--what", "score"], "'score' is not one of 'scores'"),
        (["export", "--out", "t.csv", "--node", "sciense"], "unknown node 'sciense' in --node"),
        (["export", "--out", "t.csv", "--years", "2019-2020"], "one year at a time"),
        (["export", "--out", "t.csv", "--years", "2020-2019"], "is not of the form 2019-2022"),
        (["export", "--out", "t.csv", "--years", "2019;2020"], "is not of the form 2019-2022"),
        (["export", "--out", "t.csv", "--year", "2020", "--years", "2020"], "give --year or --years, not both"),
        (["export", *ASEM, "--out", "t.csv", "--years", "2030"], "has no rows of 2030"),
        (["export", "--data", ASEM[2], "--out", "t.csv"], "a table of your own needs a model of its own"),
        (["workbook", "--out", "t.xls"], "a workbook is written as .xlsx"),
        (["workbook", "--out", "t.xlsx", "--variant", "nothing"], "has no variant 'nothing'"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_message(
    arguments: list[str], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert why in refused(run(*arguments))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("code", "why"), [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "read-only")])
def test_a_disk_that_refuses_leaves_the_old_file_and_says_so(
    code: int, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_file: int) -> None:
        raise OSError(code, os.strerror(code))

    paths = [tmp_path / "scores.csv", tmp_path / "w.xlsx"]
    for path in paths:
        path.write_text("old")
    build(draws=100)  # into the cache, whose writing must not be what is refused
    monkeypatch.setattr(os, "fsync", refuse)
    for command, path in zip(("export", "workbook"), paths, strict=True):
        assert why in refused(run(command, "--out", str(path)))
        assert path.read_text() == "old"
    assert sorted(tmp_path.iterdir()) == paths


def test_a_workbook_that_is_none_is_refused_with_its_name(tmp_path: Path) -> None:
    content = io.BytesIO()
    openpyxl.Workbook().save(content)
    for name, data in (("cut.xlsx", content.getvalue()[:700]), ("empty.xlsx", content.getvalue())):
        (tmp_path / name).write_bytes(data)
        given = ("export", ASEM[0], "--data", str(tmp_path / name), "--out", str(tmp_path / "t.csv"))
        assert refused(run(*given)).startswith(f"Error: {name}")
