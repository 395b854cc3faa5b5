"""A user's own table: what is read, and what is refused with its row, its value and what to do."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from softpower.errors import BadTable
from softpower.index.table import open_table, sheet, sheet_of


def _read(text: str, *columns: str) -> np.ndarray:
    return sheet(text.encode(), name="mine.csv").read(numbers=columns or ("a",)).numbers[(columns or ("a",))[0]]


def test_cells_stand_at_their_year_and_unit() -> None:
    table = sheet(b"iso3,year,a,g\nKAZ,2021,3,x\nUZB,2020,2,y\nKAZ,2020,1,x\n", name="t").read(
        numbers=["a"], labels=["g"]
    )
    assert (table.units, table.years) == (("KAZ", "UZB"), (2020, 2021))
    np.testing.assert_array_equal(table.numbers["a"], [[1, 2], [3, np.nan]])
    np.testing.assert_array_equal(table.present, [[True, True], [True, False]])
    assert table.labels["g"].tolist() == [["x", "y"], ["x", ""]]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_byte_order_marks_and_line_ends_of_all_kinds_are_read(separator: str, mark: str, end: str) -> None:
    text = mark + end.join(["iso3,a", "KAZ,1.5", "UZB,-2e3"]).replace(",", separator) + end
    np.testing.assert_array_equal(_read(text), [[1.5, -2000]])


@pytest.mark.parametrize("gap", ["", "NA", "NaN", "n/a", "..", " "])
def test_a_missing_cell_is_missing_and_not_zero(gap: str) -> None:
    np.testing.assert_array_equal(_read(f"iso3,a\nKAZ,{gap}\nUZB,0\n"), [[np.nan, 0.0]])


def test_the_code_of_namibia_is_a_code() -> None:
    table = sheet(b"uCode,a\nNA,1\nNO,2\n", name="t").read(numbers=["a"])
    assert table.units == ("NA", "NO")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("iso3,a\nKAZ,x\n", r"column a: not a number: row 2 \(KAZ\): 'x'; leave a missing cell empty"),
        ('iso3,a\nKAZ,"1,5"\n', r"row 2 \(KAZ\): '1,5'; write decimals with a point"),
        ("iso3;a\nKAZ;1 234 567\n", "write numbers without separators of thousands"),
        ("iso3,a\nKAZ,inf\n", "infinite values cannot be ranked"),
        ("iso3,a\nKAZ,1_000\n", "not a number"),
        ("iso3,a\nKAZ,1\nKAZ,2\n", "the same unit stands twice: KAZ in rows 2 and 3; .* or add a column year"),
        ("iso3,year,a\nKAZ,2020,1\nKAZ,2020,2\n", "KAZ 2020 in rows 2 and 3; keep one row of each$"),
        ("iso3,year,a\nKAZ,20x0,1\n", "column year: a year is missing or is not one: row 2: '20x0'"),
        ("iso3,a\n,1\n", "no unit in row 2"),
        ("land,a\nKAZ,1\n", "no column says which unit a row is about"),
        ("iso3,code,a\nKAZ,1,1\n", "columns iso3, code say the same"),
        ("iso3,a,a\nKAZ,1,2\n", "columns without a name of their own: a"),
        ("iso3,a,\nKAZ,1,2\n", r"\(no name\)"),
        ("iso3,a\nKAZ,1,2\n", "not as many cells as the header"),
        ("iso3,a\n", "no rows below the header"),
        ("", "the file is empty"),
    ],
)
def test_what_is_no_table_is_refused_with_row_value_and_remedy(text: str, why: str) -> None:
    with pytest.raises(BadTable, match=why):
        _read(text)


def test_many_faults_are_counted_and_the_first_shown() -> None:
    text = "iso3,a\n" + "".join(f"U{k},x\n" for k in range(40))
    with pytest.raises(BadTable, match=r"row 2 .*row 6 \(U4\): 'x' and 35 more"):
        _read(text)


def test_a_file_in_another_encoding_names_the_row() -> None:
    with pytest.raises(BadTable, match="row 2: not UTF-8"):
        sheet("iso3,a\nCôte,1\n".encode("latin-1"), name="t")


def test_a_missing_file_and_an_excel_file_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="cannot be read: No such file"):
        open_table(tmp_path / "none.csv")
    with pytest.raises(BadTable, match="save the sheet as CSV"):
        sheet(b"PK\x03\x04rest", name="t.xlsx")


def test_parquet_and_dataframes_say_the_same_as_csv() -> None:
    frame = pl.DataFrame({"iso3": ["KAZ", "UZB"], "year": [2020, 2020], "a": [1.25, None]})
    out = io.BytesIO()
    frame.write_parquet(out)
    for found in (sheet(out.getvalue(), name="t"), sheet_of(frame), sheet(frame.write_csv().encode(), name="t")):
        table = found.read(numbers=["a"])
        np.testing.assert_array_equal(table.numbers["a"], [[1.25, np.nan]])
        assert table.years == (2020,)
    with pytest.raises(BadTable, match="not a readable Parquet file"):
        sheet(out.getvalue()[:40], name="t")
    with pytest.raises(BadTable, match="a file or a dataframe"):
        sheet_of([1, 2])


def test_a_column_of_countries_says_which_unit_where_nothing_else_does() -> None:
    assert sheet(b"Country,a\nChad,1\nMali,2\n", name="t").read(numbers=["a"]).units == ("Chad", "Mali")
    both = sheet(b"iso3,country,a\nTCD,Chad,1\nMLI,Mali,2\n", name="t")
    assert (both.unit, both.columns) == ("iso3", ("country", "a"))


def test_bad_cells_of_all_columns_are_named_at_once() -> None:
    cells = sheet(b"unit,a,b,c\nA,1,inf,x\nB,2,3,4\nC,5,6,1e999\n", name="t.csv")
    with pytest.raises(BadTable) as caught:
        cells.read(numbers=["a", "b", "c"])
    first, second = str(caught.value).split("\n")
    assert first.startswith("t.csv, column b: not a number: row 2 (A): 'inf'; infinite")
    assert second.startswith("t.csv, column c: not a number: row 2 (A): 'x', row 4 (C): '1e999'; ")


def test_more_bad_columns_than_one_reads_are_listed() -> None:
    columns = [f"c{k}" for k in range(8)]
    text = f"unit,{','.join(columns)}\nA,{','.join('x' * 8)}\n"
    with pytest.raises(BadTable) as caught:
        sheet(text.encode(), name="t.csv").read(numbers=columns)
    assert str(caught.value).count("not a number") == 5
    assert str(caught.value).endswith("\nand cells of c5, c6, c7")


def test_a_name_is_on_one_line_whatever_the_cell_holds() -> None:
    read = sheet(b'unit,name,a\nA,"Upper\nAston\t ",1\nB,,2\n', name="t.csv").read(numbers=["a"])
    assert read.names == ("Upper Aston", "B")
