"""From raw files to ties and geography: which way they point, what is left out, what is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from softpower.errors import BadTable
from softpower.evidence.build import build_snapshot, contacts, pairs, trade
from softpower.evidence.build.geography import geography
from softpower.evidence.build.raw import RawFile
from softpower.storage import sha256

c = pl.col
CITED: dict[str, Any] = {"source_id": "test", "vintage": "v1"}


def raw(**columns: Sequence[object]) -> RawFile:
    return RawFile("dyads/test.csv", pl.DataFrame(columns), sha256(b""), changed=False)


def rows(names: str, *values: tuple[object, ...]) -> RawFile:
    """A raw file of rows; ``names`` of its columns, parted by spaces."""
    return raw(**{name: [row[place] for row in values] for place, name in enumerate(names.split())})


LONG = "origin partner year measure value"
MONTHLY = "origin partner year month measure value"


def months(origin: str, year: int, first: int = 1, last: int = 12, value: str = "1") -> list[tuple[object, ...]]:
    return [(origin, "KAZ", str(year), str(month), "export_eur_month", value) for month in range(first, last + 1)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The snapshot of the raw sample."""
    out = tmp_path_factory.mktemp("built")
    build_snapshot(Path(__file__).parent / "raw", out)
    return out


def read(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / f"{name}.parquet")


# Trade.


def test_exports_flow_from_who_records_them_and_imports_to_who_records_them() -> None:
    frame = trade.recorded(
        rows(LONG, ("KAZ", "RUS", "2018", "export_usd", "5"), ("KAZ", "CHN", "2018", "import_usd", "7")), **CITED
    )
    assert frame.select("measure", "origin", "partner", "value", "unit").rows() == [
        ("exports_usd", "KAZ", "RUS", 5.0, "US$"),
        ("imports_usd", "CHN", "KAZ", 7.0, "US$"),
    ]


def test_imports_in_euro_leave_out_kazakhstan_and_the_broken_year_of_armenia(built: Path) -> None:
    ties = read(built, "ties").filter(c("measure") == "imports_eur")
    assert ties["partner"].unique().to_list() == ["UZB"]
    assert "KAZ" in set(ties["origin"])
    assert ties["unit"].unique().to_list() == ["EUR"]
    given = rows(LONG, *((importer, "RUS", year, "import_eur", "1") for importer, year in (
        ("ARM", "2022"), ("ARM", "2023"), ("KGZ", "2023"), ("KAZ", "2022")
    )))  # fmt: skip
    found = trade.recorded(given, **CITED, without=("KAZ",))
    assert found.select("partner", "year").rows() == [("ARM", 2022), ("KGZ", 2023)]


def test_months_are_summed_over_complete_years_only() -> None:
    given = [*months("DEU", 2022), *months("DEU", 2023), *months("DEU", 2024, last=8)]
    found = trade.by_month(rows(MONTHLY, *given), **CITED)
    assert found.sort("year").select("measure", "origin", "partner", "year", "value").rows() == [
        ("exports_eur", "DEU", "KAZ", 2022, 12.0),
        ("exports_eur", "DEU", "KAZ", 2023, 12.0),
    ]


def test_a_state_that_stops_reporting_has_no_last_year_and_one_that_sends_nothing_for_months_does() -> None:
    given = [*months("DEU", 2019), *months("DEU", 2020), *months("GBR", 2019), *months("GBR", 2020, last=1)]
    given += [*months("MLT", 2019, 3, 4), *months("MLT", 2020, 11, 12)]
    found = trade.by_month(rows(MONTHLY, *given), **CITED)
    years = found.sort("year").group_by("origin", maintain_order=True).agg("year", "value").sort("origin")
    assert years.rows() == [
        ("DEU", [2019, 2020], [12.0, 12.0]),
        ("GBR", [2019], [12.0]),
        ("MLT", [2019, 2020], [2.0, 2.0]),
    ]


def test_a_file_that_starts_within_a_year_has_no_sum_of_it() -> None:
    found = trade.by_month(rows(MONTHLY, *months("DEU", 2022, first=2), *months("DEU", 2023)), **CITED)
    assert found["year"].to_list() == [2023]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (("DEU", "KAZ", "2023", "13", "export_eur_month", "1"), "no month from 1 to 12"),
        (("DEU", "KAZ", "2023", "3", "import_eur_month", "1"), "no monthly exports"),
        (("DEU", "KAZ", "2023", "3", "export_eur_month", "1"), "same origin, partner, year, month"),
        (("KAZ", "KAZ", "2023", "3", "export_eur_month", "1"), "a tie of a country with itself"),
        (("ITA", "KAZ", "2023", "3", "export_eur_month", "-1"), "value is negative"),
        (("ITA", "KAZ", "2023", "3", "export_eur_month", "many"), "value is not a number"),
    ],
)
def test_a_faulty_month_is_refused_with_its_row(row: tuple[str, ...], what: str) -> None:
    with pytest.raises(BadTable, match=what) as caught:
        trade.by_month(rows(MONTHLY, *months("DEU", 2023), row), **CITED)
    assert "dyads/test.csv" in str(caught.value)
    assert f"'{row[0]}'" in str(caught.value)


def test_the_matrix_keeps_zeros_and_flags_serbia_and_montenegro() -> None:
    given = rows(
        "origin partner flow", ("KAZ", "RUS", 2.5), ("KAZ", "TON", 0.0), ("YUG", "ROM", 1.0), ("ZAR", "YUG", 3.0)
    )
    found = trade.matrix(given, **CITED).select("origin", "partner", "year", "value", "unit", "flag").rows()
    assert found == [
        ("KAZ", "RUS", 2006, 2.5, "million US$", None),
        ("KAZ", "TON", 2006, 0.0, "million US$", None),
        ("SRB", "ROU", 2006, 1.0, "million US$", "Serbia and Montenegro"),
        ("COD", "SRB", 2006, 3.0, "million US$", "Serbia and Montenegro"),
    ]


# Refugees and visas.


def test_refugees_of_no_country_are_pooled_and_rows_without_any_country_left_out() -> None:
    given = rows(
        LONG,
        ("SYR", "DEU", 2020, "refugees", 605.0),
        (None, "DEU", 2020, "refugees", 34.0),
        ("XXA", "DEU", 2020, "refugees", 14.0),
        ("TIB", "IND", 2018, "refugees", 12.0),
        (None, None, 1999, "asylum_seekers", 99.0),
    )
    found = contacts.refugees(given, **CITED)
    assert found["origin"].to_list() == ["SYR", "_UNKNOWN", "_STATELESS", "_OTHER_TIB"]
    assert set(found["unit"]) == {"persons"}


def test_a_year_2020_in_place_of_2019_is_called_2019_and_one_beside_it_is_not() -> None:
    def years(*given: int) -> list[int]:
        frame = rows(LONG, *(("SYR", "DEU", year, "refugees", 5.0) for year in given))
        return contacts.refugees(frame, **CITED)["year"].to_list()

    assert years(2018, 2020) == [2018, 2019]
    assert years(2019, 2020) == [2019, 2020]


def test_a_refugee_in_no_country_of_asylum_is_refused(raw_copy: Path, tmp_path: Path) -> None:
    spoil(raw_copy / "dyads" / "refugees_unhcr.parquet", lambda frame: frame.with_columns(partner=None))
    with pytest.raises(BadTable, match=r"refugees_unhcr\.parquet: partner holds codes .*: None"):
        build_snapshot(raw_copy, tmp_path / "out", allow_changed=True)


def test_visas_are_read_by_the_words_and_bans_told_from_refusals() -> None:
    words = ["visa free", "90", "visa on arrival", "eta", "EVW", "e-visa", "visa required", "no admission", "covid ban"]
    given = raw(
        origin=["KAZ"] * 9,
        partner=["RUS", "UZB", "CHN", "USA", "GBR", "IND", "JPN", "PRK", "AUS"],
        year=[2021] * 9,
        measure=["visa_openness"] * 9,
        value=[99] * 9,  # what the copy made of the words is not used
        raw=words,
    )
    found = contacts.visas(given, **CITED)
    assert found["value"].to_list() == [3, 3, 2, 2, 2, 1, 0, -1, -1]
    assert found["flag"].to_list() == [None] * 7 + ["no admission", "covid ban"]


def test_the_year_whose_words_mean_something_else_is_left_out(built: Path, raw: Path) -> None:
    given = pl.read_parquet(raw / "dyads" / "visa_passport_index.parquet")
    assert 2020 in set(given["year"])
    assert set(read(built, "ties_visas")["year"]) == {2021, 2025}


def test_a_word_on_visas_that_nobody_judged_is_refused() -> None:
    given = rows(f"{LONG} raw", ("KAZ", "RUS", 2025, "visa_openness", 3, "freedom of movement"))
    with pytest.raises(BadTable, match=r"dyads/test\.csv: words on visas that nobody has judged.*\n.*\n.*freedom of"):
        contacts.visas(given, **CITED)


# China.


def test_students_in_china_come_from_the_partner_and_all_else_goes_to_it() -> None:
    given = rows(
        LONG,
        ("CHN", "KAZ", "2017", "inbound_students_to_china", "13996"),
        ("CHN", "KAZ", "2017", "government_visits", "14"),
    )
    found = contacts.public_diplomacy(given, **CITED).select("measure", "origin", "partner").rows()
    assert found == [("china_inbound_students_to_china", "KAZ", "CHN"), ("china_government_visits", "CHN", "KAZ")]


def test_the_sum_of_visits_is_left_out_and_must_be_one() -> None:
    parts = [
        ("CHN", "KAZ", "2017", "government_visits", "14"),
        ("CHN", "KAZ", "2017", "military_visits", "2"),
        ("CHN", "UZB", "2017", "government_visits", "3"),
    ]
    sums = [("CHN", "KAZ", "2017", "total_elite_visits", "16"), ("CHN", "UZB", "2017", "total_elite_visits", "3")]
    found = contacts.public_diplomacy(rows(LONG, *parts, *sums), **CITED)
    assert "china_total_elite_visits" not in set(found["measure"])
    wrong = ("CHN", "TKM", "2017", "total_elite_visits", "4")
    with pytest.raises(
        BadTable, match=r"is not the sum of government_visits and military_visits \(1 rows\)\n.*\n.*'TKM'"
    ):
        contacts.public_diplomacy(rows(LONG, *parts, *sums, wrong), **CITED)


def test_an_amount_of_zero_for_projects_that_were_counted_is_unknown() -> None:
    given = rows(
        LONG,
        ("CHN", "KAZ", "2009", "finance_usd2014_oof", "0.0"),
        ("CHN", "KAZ", "2009", "projects_oof", "1"),
        ("CHN", "KAZ", "2010", "finance_usd2014_oof", "2.9e8"),
    )
    found = contacts.finance(given, **CITED).select("measure", "year", "unit").rows()
    assert found == [
        ("china_projects_oof", 2009, "projects begun in a year"),
        ("china_finance_usd2014_oof", 2010, "constant 2014 US$"),
    ]


# Geography.


def pair(origin: str, partner: str, **values: float) -> list[tuple[object, ...]]:
    return [(origin, partner, measure, value) for measure, value in values.items()]


def laid_out(*given: list[tuple[object, ...]]) -> pl.DataFrame:
    return geography(rows("origin partner measure value", *(row for part in given for row in part))).sort(
        "origin", "partner"
    )


def test_distance_is_the_weighted_one_where_there_is_one_and_the_same_from_either_side() -> None:
    found = laid_out(
        pair("KAZ", "RUS", dist=3104.6, distw=2152.4998, distcap=2270.8),
        pair("RUS", "KAZ", dist=3104.6, distw=2152.5006, distcap=2270.8),
        pair("KAZ", "MAC", dist=3800.2),
        pair("KAZ", "KAZ", dist=900.0),
    )
    assert found.select("origin", "partner", "distance_km").rows() == [
        ("KAZ", "MAC", 3800.0),
        ("KAZ", "RUS", found["distance_km"][2]),
        ("RUS", "KAZ", pytest.approx(2152.5, abs=0.5)),
    ]
    assert all(distance == round(distance) for distance in found["distance_km"])


def test_a_relation_that_is_not_in_the_file_is_false_and_one_side_is_enough() -> None:
    found = laid_out(pair("KAZ", "RUS", dist=1.0, contig=1, smctry=1), pair("RUS", "KAZ", dist=1.0, contig=1))
    assert found.columns == [
        "origin", "partner", "distance_km", "contiguous", "common_language", "common_ethnic_language", "colony",
        "common_colonizer", "same_country",
    ]  # fmt: skip
    assert found.drop("origin", "partner", "distance_km").unique().rows() == [(True, False, False, False, False, True)]


def test_serbia_has_the_geography_of_serbia_and_montenegro_and_the_antilles_have_none() -> None:
    found = laid_out(pair("SCG", "HUN", dist=300.0, contig=1), pair("ANT", "HUN", dist=8000.0))
    assert found.select("origin", "partner", "contiguous").rows() == [("SRB", "HUN", True)]


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (pair("KAZ", "RUS", contig=1), "distance_km is missing"),
        (pair("KAZ", "RUS", dist=0.2), "no distance between them"),
        (pair("KAZ", "RUS", dist=-9.0), "no distance between them"),
        (pair("KAZ", "RUS", dist=9.0, contiguity=1), "a measure that nobody has judged"),
        (pair("KAZ", "RUS", dist=9.0) * 2, "same origin, partner, measure"),
    ],
)
def test_faulty_geography_is_refused_with_its_row(given: list[tuple[object, ...]], what: str) -> None:
    with pytest.raises(BadTable, match=what) as caught:
        laid_out(given)
    assert "dyads/test.csv" in str(caught.value)
    assert "'RUS'" in str(caught.value)


# What no file of ties may hold.

READERS: dict[str, tuple[Callable[..., pl.DataFrame], str]] = {
    "trade": (trade.recorded, "export_usd"),
    "others' trade": (partial(trade.recorded, without=("KAZ",)), "import_eur"),
    "refugees": (contacts.refugees, "refugees"),
    "public diplomacy": (contacts.public_diplomacy, "confucius_institutes"),
    "finance": (contacts.finance, "projects_oda"),
    "any": (pairs.ties, "missions_embassy"),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("row", "what"),
    [
        (("UZB", "UZB", "2020", "", "1"), "a tie of a country with itself"),
        (("UZB", "TJK", "2020", "", "-1"), "value is negative"),
        (("UZB", "TJK", "2020", "", "NaN"), "missing or not a finite number"),
        (("UZB", "TJK", "2020.5", "", "1"), "year is not a whole number"),
        (("UZB", "TJK", "2020", "phone_calls", "1"), "a measure without a declared unit"),
    ],
)
def test_a_faulty_tie_is_refused_with_file_and_row(reader: str, row: tuple[str, ...], what: str) -> None:
    read_ties, measure = READERS[reader]
    row = (*row[:3], row[3] or measure, row[4])
    with pytest.raises(BadTable, match=what) as caught:
        read_ties(rows(LONG, ("UZB", "RUS", "2020", measure, "1"), row), **CITED)
    assert "dyads/test.csv" in str(caught.value)
    assert "(1 rows)" in str(caught.value)
    assert f"'{row[0]}'" in str(caught.value)


def test_a_negative_position_of_investment_is_none_of_these() -> None:
    given = rows(LONG, ("CHN", "KAZ", "2020", "fdi_outward_stock_musd", "-1"))
    assert pairs.ties(given, **CITED)["value"].to_list() == [-1.0]


def spoil(path: Path, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Change a raw file in place."""
    if path.suffix == ".parquet":
        change(pl.read_parquet(path)).write_parquet(path)
    else:
        path.write_text(change(pl.read_csv(path, infer_schema=False)).write_csv(), encoding="utf-8")


DYADS = (
    "china_official_finance.csv.gz",
    "china_public_diplomacy.csv.gz",
    "geodist_cepii.parquet",
    "gravity_2006.parquet",
    "refugees_unhcr.parquet",
    "trade_ca_imports_eur.csv.gz",
    "trade_eu_to_kaz_monthly.csv.gz",
    "trade_kaz_bns.csv.gz",
    "visa_passport_index.parquet",
)


@pytest.mark.parametrize("name", DYADS)
def test_a_code_of_no_country_is_named_with_the_file_it_lies_in(raw_copy: Path, tmp_path: Path, name: str) -> None:
    end = "origin" if name == "trade_eu_to_kaz_monthly.csv.gz" else "partner"
    unknown = pl.col(end).cast(pl.String).replace({"UZB" if "china" in name else "DEU": "EUU"})
    spoil(raw_copy / "dyads" / name, lambda frame: frame.with_columns(unknown))
    with pytest.raises(
        BadTable, match=f"^dyads/{name}: (origin|partner) holds codes that are not in the country table: EUU"
    ) as caught:
        build_snapshot(raw_copy, tmp_path / "out", allow_changed=True)
    assert "'EUU'" in str(caught.value)


@pytest.mark.parametrize("name", DYADS)
def test_a_row_that_stands_twice_is_named_with_the_file_it_lies_in(raw_copy: Path, tmp_path: Path, name: str) -> None:
    spoil(raw_copy / "dyads" / name, lambda frame: pl.concat([frame, frame.tail(60)]))
    with pytest.raises(BadTable, match=f"^dyads/{name}: several rows with the same") as caught:
        build_snapshot(raw_copy, tmp_path / "out", allow_changed=True)
    assert "\n  (" in str(caught.value)
