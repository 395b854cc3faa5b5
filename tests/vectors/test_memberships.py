"""Shared memberships: invented tables worked by hand, the layouts of files, and what the bundled lists leave out."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from softpower import storage
from softpower.errors import BadRequest, BadTable
from softpower.vectors.membershipfiles import read_memberships
from softpower.vectors.memberships import LEFT_OUT, LISTED_YEAR, bundled_memberships, shared_memberships
from softpower.world import bloc_members, blocs

LONG = """iso3,year,igo,status
KAZ,2001,POST,1
KAZ,2001,BANK,1
KAZ,2001,FISH,3
UZB,2001,POST,1
UZB,2001,FISH,1
MNG,2001,BANK,2
MNG,2001,POST,0
KAZ,2002,POST,1
UZB,2002,BANK,1
"""
# The same memberships as the Correlates of War lay them out; 705 Kazakhstan, 704 Uzbekistan, 712 Mongolia.
WIDE = """ccode,year,state,bank,fish,post
705,2001,kazakhstan,1,3,1
704,2001,uzbekistan,0,1,1
712,2001,mongolia,2,-9,0
705,2002,kazakhstan,0,-9,1
704,2002,uzbekistan,1,0,-1
300,1910,austriahungary,-1,-1,1
345,1991,yugoslavia,1,0,0
345,1992,yugoslavia,1,0,0
"""


def _file(folder: Path, text: str, name: str = "igo.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _row(table: pl.DataFrame, origin: str, partner: str) -> tuple[int, int, int]:
    shared, mine, theirs = table.row(
        by_predicate=(pl.col("origin") == origin) & (pl.col("partner") == partner), named=False
    )[3:]
    return shared, mine, theirs


def test_an_organisation_counts_for_a_pair_if_both_are_full_members_in_that_year(tmp_path: Path) -> None:
    table = read_memberships(_file(tmp_path, LONG))
    found = shared_memberships(2001, table=table)
    assert _row(found, "KAZ", "UZB") == (1, 2, 2)
    assert _row(found, "UZB", "KAZ") == (1, 2, 2)
    assert _row(found, "KAZ", "MNG") == (0, 2, 0)
    assert len(found) == 6
    assert _row(shared_memberships(2002, table=table), "KAZ", "UZB") == (0, 1, 1)


def test_associates_and_observers_count_if_asked_for(tmp_path: Path) -> None:
    found = shared_memberships(2001, table=read_memberships(_file(tmp_path, LONG)), counted="any")
    assert _row(found, "KAZ", "UZB") == (2, 3, 2)
    assert _row(found, "MNG", "KAZ") == (1, 1, 3)


def test_both_layouts_say_the_same(tmp_path: Path) -> None:
    wide = read_memberships(_file(tmp_path, WIDE, "wide.csv"))
    assert wide.filter(pl.col("year") > 2000).equals(read_memberships(_file(tmp_path, LONG)))
    assert wide.filter(pl.col("year") < 2000).select("iso3", "year", "igo").rows() == [
        ("SRB", 1992, "BANK"),
        ("YUG", 1991, "BANK"),
    ]


def test_a_parquet_file_with_categories_is_read(tmp_path: Path) -> None:
    path = tmp_path / "igo.parquet"
    text = pl.read_csv(_file(tmp_path, LONG))
    text.with_columns(pl.col("iso3", "igo").cast(pl.Categorical), pl.col("status").cast(pl.Int8)).write_parquet(path)
    assert read_memberships(path).equals(read_memberships(_file(tmp_path, LONG)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "neither one row for each membership .* It has: a, b"),
        ("ioname,orgname,year,kazakhstan\nPOST,Post,2001,1\n", "neither one row for each membership"),
        ("ccode,year,state\n705,2001,kazakhstan\n", "neither one row for each membership"),
        (LONG.replace("UZB,2001,FISH,1", "UZB,2001,FISH,full"), "column status: 'full' is no whole number"),
        (LONG.replace("UZB,2001,FISH,1", "UZB,2001,FISH,7"), "column status: 7 is not 1 .full."),
        (LONG.replace("UZB,2001,FISH,1", "UZB,2001,POST,1"), "2 rows share state, year and organisation, such as UZB"),
        (LONG.replace("UZB,2001,FISH", "QQQ,2001,FISH"), "no state has the code 'QQQ'"),
        (LONG.replace("UZB,2001,FISH", ",2001,FISH"), "column iso3: 1 rows are empty"),
        (LONG.replace("UZB,2001,FISH", "UZB,,FISH"), "column year: None is no whole number"),
        (LONG.splitlines()[0] + "\n", "no membership in it"),
        (WIDE.replace("712,2001", "9999,2001"), "column ccode: no state has the Correlates of War number 9999"),
        (WIDE.replace("712,2001", "705,2001"), "2 rows share ccode and year, such as 705 2001"),
        (WIDE.replace("705,2001,kazakhstan,1,3,1", "705,2001,kazakhstan,1,3,8"), "column post: 8 is no kind of memb"),
        (WIDE.replace("705,2001,kazakhstan,1,3,1", "705,2001,kazakhstan,1,yes,1"), "column fish, column status: 'yes'"),
        ("", "cannot be read as a table of memberships"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadTable, match=said):
        read_memberships(_file(tmp_path, text))


def test_a_missing_file_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="cannot be read as a table of memberships"):
        read_memberships(tmp_path / "none.parquet")


def test_a_year_out_of_reach_names_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="no row of 1999; it has 2001-2002"):
        shared_memberships(1999, table=read_memberships(_file(tmp_path, LONG)))
    with pytest.raises(BadRequest, match=r"of 2025 and carry no dates, so 2014 is not known.*kind='dated'"):
        shared_memberships(2014)


@pytest.mark.parametrize("word", ["counted", "kind"])
def test_an_unknown_choice_names_the_known_ones(word: str) -> None:
    with pytest.raises(BadRequest, match=f"{word} 'all'"):
        shared_memberships(**{word: "all"})  # type: ignore[arg-type]


def test_an_organisation_in_both_sources_counts_once_and_as_the_dated_one_has_it() -> None:
    """The Factbook still has the United Kingdom in the European Union and lacks Indonesia in BRICS."""
    now = bundled_memberships()
    assert not now.select("iso3", "igo").is_duplicated().any()
    for bloc in ("EU", "BRICS", "OIC", "COE", "G20"):
        assert tuple(now.filter(igo=bloc, status=1)["iso3"]) == bloc_members(bloc, year=LISTED_YEAR)
    assert not set(now["igo"]) & {"CE", "EEU", "G-20", "G-7", "EAEC"}


def test_groupings_of_our_own_and_missions_are_no_organisations() -> None:
    counted = set(bundled_memberships()["igo"])
    assert not counted & ({"WEST", "TURKIC_WORLD", "CENTRAL_ASIA"} | set(LEFT_OUT))
    assert set(bundled_memberships(2020, kind="dated")["igo"]) <= set(blocs())


def test_every_name_that_is_left_out_or_mended_stands_in_the_factbook() -> None:
    listed = set(storage.bundled("igo_membership")["organisation"])
    assert set(LEFT_OUT) <= listed
    # Afghanistan's first organisation is not lost in the sentence before it.
    assert bundled_memberships().filter(iso3="AFG", igo="ADB")["status"].to_list() == [1]
    assert not [name for name in bundled_memberships()["igo"].unique() if len(name) > 25]


def test_dated_memberships_follow_accession_and_departure() -> None:
    def shared(year: int, partner: str) -> tuple[int, int, int]:
        return _row(shared_memberships(year, kind="dated"), "KAZ", partner)

    # Armenia came into the Eurasian Economic Union in 2015; the United Kingdom left the European Union in 2020.
    assert "EAEU" in set(bundled_memberships(2015, kind="dated").filter(iso3="ARM")["igo"])
    assert "EAEU" not in set(bundled_memberships(2014, kind="dated").filter(iso3="ARM")["igo"])
    ireland = [_row(shared_memberships(year, kind="dated"), "GBR", "IRL")[0] for year in (2019, 2020)]
    assert ireland[0] - ireland[1] == 1
    # Before 1991 there was no Kazakhstan to belong to anything.
    assert "KAZ" not in set(bundled_memberships(1985, kind="dated")["iso3"])
    assert shared(2018, "RUS")[0] > shared(2018, "USA")[0]


def test_both_directions_share_alike_and_none_shares_more_than_it_has() -> None:
    found = shared_memberships()
    turned = found.select(
        "year", "shared", origin="partner", partner="origin", of_origin="of_partner", of_partner="of_origin"
    ).select(found.columns)
    assert found.equals(turned.sort("origin", "partner"))
    assert (found["shared"] <= found["of_origin"]).all()
    assert found.schema["shared"] == pl.Int32
