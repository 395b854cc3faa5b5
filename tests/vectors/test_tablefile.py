"""Tables that users bring are read from the file that was named, and from no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from softpower.errors import BadTable
from softpower.vectors.capacity import BANDWIDTH, DEPENDENCE
from softpower.vectors.dyads import influence_table
from softpower.vectors.membershipfiles import read_memberships
from softpower.vectors.tablefile import by_lower_case, read_text_table, state_code
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
