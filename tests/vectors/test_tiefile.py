"""Tables of ties that a user brings: read, or refused with every fault named."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from softpower.errors import BadTable
from softpower.vectors.profile import profile
from softpower.vectors.tiefile import layers_in, read_ties

GOOD = "measure,origin,partner,year,value,unit\nvisits,Kazakhstan,RUS,2024,5,visits\nvisits,CHN,KAZ,2024,7,visits\n"


def written(folder: Path, text: str, name: str = "ties.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_names_and_codes_of_countries_are_read(tmp_path: Path) -> None:
    found = read_ties(written(tmp_path, GOOD))
    assert found.select("origin", "partner", "year", "value").rows() == [
        ("CHN", "KAZ", 2024, 7.0),
        ("KAZ", "RUS", 2024, 5.0),
    ]
    assert found["unit"].unique().to_list() == ["visits"]


def test_parquet_gives_the_same_as_csv(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    pl.read_csv(path).write_parquet(tmp_path / "ties.parquet")
    columns = ["measure", "origin", "partner", "year", "value", "unit"]
    assert read_ties(tmp_path / "ties.parquet").select(columns).equals(read_ties(path).select(columns))


def test_without_a_measure_the_name_of_the_file_is_one(tmp_path: Path) -> None:
    path = written(tmp_path, "origin,partner,year,value\nKAZ,RUS,2024,5\n", "film-festivals.csv")
    assert read_ties(path)["measure"].to_list() == ["film-festivals"]


def test_the_code_of_namibia_is_no_missing_value(tmp_path: Path) -> None:
    found = read_ties(written(tmp_path, "origin,partner,year,value\nKAZ,NA,2024,5\n"))
    assert found["partner"].to_list() == ["NAM"]


def test_empty_values_are_left_out(tmp_path: Path) -> None:
    found = read_ties(written(tmp_path, "origin,partner,year,value\nKAZ,RUS,2024,5\nKAZ,CHN,2024,\n"))
    assert found["partner"].to_list() == ["RUS"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("KAZ,Chin,2024,1", ["row 3", "unknown country 'Chin'", "China (CHN)"]),
        ("KAZ,KAZ,2024,1", ["row 3", "tied to itself"]),
        ("KAZ,CHN,2024,-1", ["row 3", "'-1'", "negative"]),
        ("KAZ,CHN,2024,1;5", ["row 3", "'1;5'", "no number"]),
        ("KAZ,CHN,2024,inf", ["row 3", "infinite"]),
        ("KAZ,CHN,20x4,1", ["row 3", "'20x4'", "no year"]),
        ("KAZ,RUS,2024,1", ["row 2", "stands twice"]),
    ],
)
def test_a_fault_is_named_with_row_and_value(tmp_path: Path, row: str, words: list[str]) -> None:
    path = written(tmp_path, f"origin,partner,year,value\nKAZ,RUS,2024,5\n{row}\n")
    with pytest.raises(BadTable) as told:
        read_ties(path)
    for each in ["ties.csv", *words]:
        assert each in str(told.value)


def test_all_kinds_of_fault_are_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, "origin,partner,year,value\nKAZ,Chin,2024,1\nKAZ,CHN,2024,-1\nKAZ,DEU,x,1\n")
    with pytest.raises(BadTable, match="3 kinds of fault"):
        read_ties(path)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match=r"lacks the columns partner, value.*It has: from, origin, year"):
        read_ties(written(tmp_path, "from,origin,year\na,KAZ,2024\n"))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"PAR1 cut short"])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    for name in ("ties.csv", "ties.parquet"):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(BadTable):
            read_ties(path)


def test_every_measure_is_looked_at_from_both_ends(tmp_path: Path) -> None:
    found = layers_in(read_ties(written(tmp_path, GOOD)))
    assert [(each.id, each.measures[0][1]) for each in found] == [("visits_out", "origin"), ("visits_in", "partner")]


def test_headers_in_capitals_are_read(tmp_path: Path) -> None:
    found = read_ties(written(tmp_path, GOOD.replace("measure,origin,partner", "Measure,ORIGIN,Partner")))
    assert found.drop("source_id").equals(read_ties(written(tmp_path, GOOD)).drop("source_id"))


@pytest.mark.parametrize(("value", "said"), [("1e308", "is above 1e+60"), ("1e-300", "is above 0 and below 1e-60")])
def test_a_value_whose_powers_cannot_be_written_is_named(tmp_path: Path, value: str, said: str) -> None:
    path = written(tmp_path, f"origin,partner,year,value\nKAZ,RUS,2024,5\nKAZ,CHN,2024,{value}\n")
    with pytest.raises(BadTable, match=re.escape(f"row 3: value '{value}' {said}")):
        read_ties(path)


@pytest.mark.parametrize("value", ["1e60", "1e-60"])
def test_the_largest_and_smallest_values_give_shares_without_a_warning(tmp_path: Path, value: str) -> None:
    rows = "".join(f"KAZ,{each},2024,{value}\n" for each in ("RUS", "CHN", "DEU", "USA"))
    own = read_ties(written(tmp_path, f"origin,partner,year,value\n{rows}"))
    trade = profile("KAZ", own=own, draws=20).facets[0]
    assert trade.bounds[0][:2].tolist() == [0.25, 0.25]
    assert trade.balance.hhi.least == pytest.approx(0.25)


def test_a_measure_without_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTable, match="row 3: measure is empty"):
        read_ties(written(tmp_path, GOOD.replace("visits,CHN", ",CHN")))


def test_names_of_measures_have_one_line_and_no_codes(tmp_path: Path) -> None:
    said = '"a\x1b[31mred\u202e\n\n b"'
    text = f"measure,origin,partner,year,value,unit\n{said},KAZ,RUS,2024,5,{said}\n,KAZ,CHN,2024,\n"
    found = read_ties(written(tmp_path, text))
    assert found.select("measure", "unit").row(0) == ("a[31mred b", "a[31mred b")
    with pytest.raises(BadTable, match="measure is empty"):
        read_ties(written(tmp_path, GOOD.replace("visits,CHN", "\x1b,CHN")))


def test_a_message_about_columns_has_no_codes(tmp_path: Path) -> None:
    with pytest.raises(BadTable) as told:
        read_ties(written(tmp_path, "or\x1b]0;igin,pa\u202ertner\nKAZ,RUS\n"))
    assert str(told.value).endswith("It has: or]0;igin, partner")
