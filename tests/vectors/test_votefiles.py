"""Newer files of votes, in the layouts of their publishers, and what is wrong with those that cannot be read."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from softpower.errors import BadTable
from softpower.vectors.votefiles import read_votes

VOETEN = """rcid,ccode,session,vote,Countryname,short,descr,para,amend,me,hr
9001,2,75,1,United States of America,TITLE ONE,Some text,0,0,1,0
9001,705,75,3,Kazakhstan,TITLE ONE,Some text,0,0,1,0
9001,345,75,8,Serbia,TITLE ONE,Some text,0,0,1,0
9002,2,75,2,United States of America,TITLE TWO,Other text,1,0,0,1
9002,705,75,1,Kazakhstan,TITLE TWO,Other text,1,0,0,1
"""
LIBRARY = """undl_id,ms_code,ms_name,ms_vote,date,session,resolution,title
4001,KAZ,KAZAKHSTAN,Y,2023-12-01,78,A/RES/78/1,Nuclear disarmament : resolution
4001,TUR,TÜRKİYE,A,2023-12-01,78,A/RES/78/1,Nuclear disarmament : resolution
4001,NRU,NAURU,X,2023-12-01,78,A/RES/78/1,Nuclear disarmament : resolution
"""


def _file(folder: Path, text: str, name: str = "votes.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_layout_of_voeten_is_read_by_number_and_by_name(tmp_path: Path) -> None:
    by_number = read_votes(_file(tmp_path, VOETEN))
    assert by_number.ballots.sort("rcid", "iso3").rows() == [
        (9001, "KAZ", 3),
        (9001, "USA", 1),
        (9002, "KAZ", 1),
        (9002, "USA", 2),
    ]
    assert by_number.calls.select("rcid", "session", "is_part", "issues").rows() == [
        (9001, 75, False, "me"),
        (9002, 75, True, "hr"),
    ]
    assert by_number.whole().ballots["rcid"].unique().to_list() == [9001]
    without = "\n".join(",".join(line.split(",")[:1] + line.split(",")[2:]) for line in VOETEN.splitlines())
    by_name = read_votes(_file(tmp_path, without, "named.csv"))
    assert by_name.ballots.equals(by_number.ballots)


def test_the_layout_of_the_digital_library_is_read(tmp_path: Path) -> None:
    found = read_votes(_file(tmp_path, LIBRARY))
    assert found.ballots.rows() == [(4001, "KAZ", 1), (4001, "TUR", 2)]
    assert found.sessions == (78,)
    assert found.calls["is_part"].to_list() == [None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "neither Voeten's layout"),
        (VOETEN.replace("9002,705,75,1", "9002,705,75,yes"), "row 6, column vote: 'yes' is no whole number"),
        (VOETEN.replace("9002,705,75,1", "9002,705,75,"), "row 6, column vote: the cell is empty; .* 1, 2, 3, 8 or 9"),
        (VOETEN.replace("9002,705,75,1", '9002,705,75,""'), "row 6, column vote: the cell is empty"),
        (VOETEN.replace("9002,705,75,1", "9002,705,75,None"), "row 6, column vote: 'None' is no whole number"),
        (LIBRARY.replace(",A,", ",,"), "row 3, column ms_vote: the cell is empty; .*; a vote is Y, A, N or X"),
        (LIBRARY.replace(",A,", ",Q,"), "row 3, column ms_vote: 'Q' is no whole number; a vote is Y, A, N or X"),
        (LIBRARY.replace(",78,A", ",special,A"), "row 2, column session: 'special' is no whole number .3 such rows"),
        (LIBRARY.replace("4001,TUR", ",TUR"), "row 3, column undl_id: the cell is empty"),
        (VOETEN.replace("9002,705,75,1", "9002,705,75,5"), "1 ballots are neither 1 .yes., 2"),
        (VOETEN.replace("9002,705", "9002,2"), "2 ballots share roll call and state"),
        (VOETEN.replace("9002,705", "9002,9999"), "no state has the Correlates of War number 9999"),
        (
            VOETEN.replace("9002,705,75", "9002,705,"),
            "row 6, column session: the cell is empty; fill it in or leave the row out",
        ),
        (LIBRARY.replace("TUR", "QQQ"), "row 3: unknown country 'QQQ'"),
        (VOETEN.replace(",75,", ",40000,"), "column session: '40000' is not from 1 to 200"),
        (VOETEN.replace(",75,", ",-70,"), "column session: '-70' is not from 1 to 200"),
        (VOETEN.replace("9002,705,75,1", "9002,705,75,nan"), "column vote: 'nan' is not from 0 to 99"),
        (VOETEN.replace("9002,705,75", "9002,705,76"), "roll call 9002 stands in several sessions"),
        (LIBRARY.replace("TUR", "Korea"), "'Korea' fits several countries"),
        (LIBRARY.replace("TUR", ""), "row 3: a ballot without a state"),
        (VOETEN.splitlines()[0] + "\n", "no ballot in it, only a header"),
        ("rcid,session,iso3,vote\n1,70,KAZ,8\n1,70,USA,9\n", "all of its states were absent or not members"),
        ("", "cannot be read as a table of votes"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadTable, match=said):
        read_votes(_file(tmp_path, text))


def test_a_parquet_column_of_lists_refuses_a_file_of_votes_only_where_it_is_needed(tmp_path: Path) -> None:
    rows = pl.DataFrame({"rcid": [1, 1], "session": [70, 70], "iso3": ["KAZ", "USA"], "vote": [1, 3]})
    lists = pl.Series([[1, 2], None], dtype=pl.List(pl.Int64))
    path = tmp_path / "votes.parquet"
    rows.with_columns(notes=lists).write_parquet(path)
    assert read_votes(path).ballots.rows() == [(1, "KAZ", 1), (1, "USA", 3)]
    for column in ("vote", "session", "iso3", "descr"):
        rows.with_columns(lists.alias(column)).write_parquet(path)
        with pytest.raises(BadTable, match=rf"^votes.parquet, column '{column}': it holds List\(Int64\) and neither"):
            read_votes(path)


def test_a_missing_file_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="cannot be read as a table of votes"):
        read_votes(tmp_path / "none.csv")
