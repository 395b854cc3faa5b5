"""Tables that users bring are read from the file that was named, and from no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from softpower.errors import BadTable, UnknownCountry
from softpower.evidence.tablefile import SHOWN, by_lower_case, known_states, read_text_table, state_code
from softpower.vectors.capacity import BANDWIDTH, DEPENDENCE
from softpower.vectors.dyads import influence_table
from softpower.vectors.membershipfiles import read_memberships
from softpower.vectors.tiefile import read_ties
from softpower.vectors.votefiles import read_votes

READERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "ties": (read_ties, "origin,partner,year,value\nKAZ,RUS,2024,5\n"),
    "votes": (read_votes, "rcid,session,iso3,vote\n1,70,KAZ,1\n1,70,USA,3\n"),
    "memberships": (read_memberships, "iso3,year,igo,status\nKAZ,2001,POST,1\n"),
    "pairs": (influence_table, ",".join(["iso3a,iso3b,year", *BANDWIDTH, *DEPENDENCE]) + "\nKAZ,RUS,2020" + ",1" * 12),
}


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("name", ["ties[1].csv", "a*b.csv", "what?.csv", "*.csv"])
def test_a_name_with_signs_of_a_pattern_is_the_name_of_one_file(tmp_path: Path, kind: str, name: str) -> None:
    read, text = READERS[kind]
    (tmp_path / "aXb.csv").write_text("other,table\n1,2\n", encoding="utf-8")
    (tmp_path / name).write_text(text, encoding="utf-8")
    read(tmp_path / name)


@pytest.mark.parametrize("kind", READERS)
def test_a_pattern_reads_no_files(tmp_path: Path, kind: str) -> None:
    read, text = READERS[kind]
    (tmp_path / "one.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadTable, match=rf"cannot be read as a table of {kind}: No such file or directory$"):
        read(tmp_path / "*.csv")


@pytest.mark.parametrize("kind", READERS)
def test_a_folder_is_one_line_and_names_no_other_file(tmp_path: Path, kind: str) -> None:
    read, text = READERS[kind]
    folder = tmp_path / "folder.parquet"
    folder.mkdir()
    (folder / "secret.csv").write_text(text, encoding="utf-8")
    for path in (tmp_path, folder):
        with pytest.raises(BadTable) as told:
            read(path)
        assert str(told.value) == f"{path}: cannot be read as a table of {kind}: Is a directory"


@pytest.mark.parametrize("kind", READERS)
def test_a_parquet_column_that_nobody_needs_may_hold_anything(tmp_path: Path, kind: str) -> None:
    read, text = READERS[kind]
    path = tmp_path / "table.parquet"
    frame = pl.read_csv(text.encode(), infer_schema=False)
    n = frame.height
    frame.with_columns(
        pl.Series("Lists", [["a"]] * n),
        pl.Series("records", [{"a": 1}] * n),
        pl.Series("bytes", [b"\xff"] * n),
        pl.Series("spans", [1] * n, dtype=pl.Duration),
        pl.Series("pairs", [[1, 2]] * n, dtype=pl.Array(pl.Int64, 2)),
    ).write_parquet(path)
    read(path)


NEEDED = {"ties": "value", "votes": "vote", "memberships": "status", "pairs": "year"}


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("cell", [["1"], {"a": 1}, b"\xff"])
def test_a_needed_parquet_column_of_another_type_is_refused_by_name_and_type(
    tmp_path: Path, kind: str, cell: object
) -> None:
    read, text = READERS[kind]
    path = tmp_path / "table.parquet"
    frame = pl.read_csv(text.encode(), infer_schema=False)
    column = pl.Series(NEEDED[kind], [cell] * frame.height)
    frame.with_columns(column).write_parquet(path)
    with pytest.raises(BadTable) as told:
        read(path)
    said = str(told.value)
    assert said.startswith("table.parquet")
    assert NEEDED[kind] in said
    assert str(column.dtype.base_type()) in said
    assert "\n" not in said


def test_all_columns_of_memberships_of_another_type_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    for column in ("iso3", "year", "igo", "status"):
        frame = pl.DataFrame({"iso3": ["KAZ"], "year": [2001], "igo": ["POST"], "status": [1]})
        frame.with_columns(pl.Series(column, [["x"]])).write_parquet(path)
        with pytest.raises(BadTable, match=r"List\(String\)"):
            read_memberships(path)


def test_a_parquet_column_of_bytes_that_are_text_is_text(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pl.DataFrame({"origin": ["Türkiye".encode(), None]}).write_parquet(path)
    assert read_text_table(path, what="tests")["origin"].to_list() == ["Türkiye", None]


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("other", ["{}", "{} ", '" {}"', "\ufeff{}", "\x07{}"])
def test_a_column_that_stands_twice_is_refused_by_name(tmp_path: Path, kind: str, other: str) -> None:
    read, text = READERS[kind]
    header, *rows = text.splitlines()
    last = header.rpartition(",")[2]
    for name in (last, last.upper()):
        path = tmp_path / "twice.csv"
        lines = [f"{header},{other.format(name)}", *(f"{row},1" for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        with pytest.raises(BadTable) as told:
            read(path)
        said = str(told.value)
        assert said.startswith("twice.csv: ")
        assert last in said
        assert said.endswith("; rename or delete either")
        assert said.isprintable()


def test_a_parquet_column_that_stands_twice_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "twice.parquet"
    pl.DataFrame({"valuX": ["1"], "value": ["2"]}).write_parquet(path)
    path.write_bytes(path.read_bytes().replace(b"valuX", b"value"))
    with pytest.raises(BadTable, match=r"two columns are named 'value'; rename or delete either$"):
        read_text_table(path, what="tests")
    pl.DataFrame({"VALUE": ["1"], "value\n": ["2"]}).write_parquet(path)
    with pytest.raises(BadTable, match=r"^twice.parquet: columns 'VALUE' and 'value\\n' are one; rename or delete"):
        read_text_table(path, what="tests")


def test_names_of_columns_have_one_line_no_codes_and_an_end(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    long = "x" * 50_000
    path.write_text(f'\ufeff\ufeffvalue,"a\x1b[31m\nb",{long},{long}y,,\n1,2,3,4,,\n', encoding="utf-8")
    frame = read_text_table(path, what="tests")
    cut = "x" * SHOWN + "..."
    assert frame.columns == ["value", "a[31m b", f"{cut} (column 3)", f"{cut} (column 4)"]
    assert frame.rows() == [("1", "2", "3", "4")]


def test_empty_lines_above_the_header_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"\r\n\r\na,b\r\n1,\r\n")
    assert read_text_table(path, what="tests").rows(named=True) == [{"a": "1", "b": None}]


def test_a_name_too_long_for_a_state_is_cut_and_not_looked_for() -> None:
    with pytest.raises(UnknownCountry) as told:
        state_code("x" * 1_000_000)
    assert len(str(told.value)) < 200


def test_of_very_many_unknown_states_the_first_are_listed() -> None:
    rows = pl.DataFrame({"row": range(10_000), "origin": [f"Nowhere {k}" for k in range(10_000)]})
    _, faults = known_states(rows, ["origin"])
    assert faults[0].startswith("row 0: unknown country 'Nowhere 0'")
    assert faults[-1] == "more names of states are not known"
    assert len(faults) < 30


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_only_an_empty_cell_is_missing(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"table.{ending}"
    frame = pl.DataFrame({"code": ["NA", "KZ", None], "n": ["1", None, "3"]})
    path.write_bytes(frame.write_csv().encode()) if ending == "csv" else frame.write_parquet(path)
    assert read_text_table(path, what="tests").equals(frame)


def test_headers_are_known_whatever_their_case_and_once_only() -> None:
    frame = pl.DataFrame({"Origin ": ["KAZ"], "YEAR": ["2024"], "Other": ["x"]})
    assert by_lower_case(frame, ("origin", "year"), where="t").columns == ["origin", "year", "Other"]
    with pytest.raises(BadTable, match="columns 'Year' and 'YEAR' are one"):
        by_lower_case(pl.DataFrame({"Year": ["1"], "YEAR": ["2"]}), ("year",), where="t")


def test_states_that_are_no_more_keep_their_codes() -> None:
    assert [state_code(each) for each in ("YUG", " yugoslavia", "Türkiye", "csk")] == ["YUG", "YUG", "TUR", "CSK"]
