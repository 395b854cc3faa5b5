"""From raw files to snapshot: what is checked, what is mended, what is refused."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from softpower.cli.sources import sources as command
from softpower.errors import BadTable, CannotWrite
from softpower.evidence.build import build_snapshot, pairs, series, tables, votes
from softpower.evidence.build.checks import require_known, require_unique
from softpower.evidence.build.declared import DERIVED, RAW, TABLES
from softpower.evidence.build.raw import RawFile, RawFolder
from softpower.evidence.build.series import Derived, combine, derive
from softpower.storage import sha256

c = pl.col


def raw_file(**columns: Sequence[str | None]) -> RawFile:
    """A raw file of text columns."""
    return RawFile("test.csv", pl.DataFrame(columns), sha256(b""), changed=False)


def observed(*rows: tuple[str, str, str, str, str]) -> pl.DataFrame:
    """Observations read from rows of iso3, year, indicator, value, unit."""
    names = ("iso3", "year", "indicator", "value", "unit")
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return series.series(raw_file(**columns), source_id="test", vintage="v1")


def edit_gz(path: Path, old: str, new: str) -> None:
    """Replace text in a compressed raw file."""
    text = gzip.decompress(path.read_bytes()).decode()
    assert old in text
    path.write_bytes(gzip.compress(text.replace(old, new).encode(), mtime=0))


def edit_manifest(path: Path, key: str, **values: str) -> None:
    """Change cells of the manifest rows whose files or id hold ``key``."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, rows[0])
    writer.writeheader()
    writer.writerows({**row, **values} if key in (row.get("source_id") or row["file"]) else row for row in rows)
    path.write_text(buffer.getvalue(), encoding="utf-8")


def read(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / f"{name}.parquet")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The snapshot of the raw sample."""
    out = tmp_path_factory.mktemp("built")
    build_snapshot(Path(__file__).parent / "raw", out)
    return out


# The whole build.


def test_building_twice_gives_the_same_bytes(built: Path, raw: Path, tmp_path: Path) -> None:
    build_snapshot(raw, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in built.iterdir()}
    assert all((tmp_path / path.name).read_bytes() == path.read_bytes() for path in built.iterdir())


def test_building_on_one_thread_in_another_zone_gives_the_same_bytes(built: Path, raw: Path, tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from softpower.evidence.build import build_snapshot;"
    code += "build_snapshot(Path(sys.argv[1]), Path(sys.argv[2]))"
    settings = {"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "7", "TZ": "Asia/Almaty", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", code, str(raw), str(tmp_path)], env={**os.environ, **settings}, check=True)
    assert all((tmp_path / path.name).read_bytes() == path.read_bytes() for path in built.iterdir())


def test_the_registry_records_what_the_files_hash_to(built: Path) -> None:
    registry = tomllib.loads((built / "sources.toml").read_text(encoding="utf-8"))
    assert {file["name"] for file in registry["file"]} == {path.name for path in built.glob("*.parquet")}
    for file in registry["file"]:
        content = (built / file["name"]).read_bytes()
        table = read(built, file["name"].removesuffix(".parquet"))
        assert (file["sha256"], file["bytes"]) == (sha256(content), len(content))
        assert (file["rows"], file["columns"]) == (table.height, table.columns)


def test_every_declared_raw_file_goes_into_a_declared_table() -> None:
    assert {declared.into for declared in RAW} == {table.name for table in TABLES}


def test_nothing_under_cite_and_no_doubled_or_superseded_file_is_declared() -> None:
    names = {name for declared in RAW for name in declared.files}
    assert not [name for name in names if "cite" in Path(name).parts]
    assert not names & {
        "dyads/students_oecd.parquet",  # counts most students twice
        "dyads/migrants_undesa.parquet",  # the 2019 revision
        "dyads/fdi_imf_dip_5reporters.csv.gz",  # lost its mirror values
    }
    # Free with citation at most, or nobody says: no licence that would let them be passed on.
    assert not names & {
        "dyads/alliances_atop.parquet",
        "dyads/china_leader_visits.csv.gz",
        "dyads/igo_membership.parquet",
        "dyads/igo_names.csv",
        "dyads/lang_relig_similarity.parquet",
    }


def test_a_file_in_a_cite_folder_is_refused(raw: Path) -> None:
    with pytest.raises(BadTable, match="no open licence"):
        RawFolder(raw, allow_changed=True).read("countries/cite/cow_nmc.csv.gz")


def test_a_source_that_its_manifest_does_not_call_open_is_refused(raw_copy: Path, tmp_path: Path) -> None:
    edit_manifest(raw_copy / "countries" / "sources.csv", "wgi", licence_status="cite")
    with pytest.raises(BadTable, match=r"wgi\.csv\.gz.*'cite'"):
        build_snapshot(raw_copy, tmp_path / "out")


@pytest.mark.parametrize("missing", ["licence", "attribution"])
def test_a_source_without_licence_or_attribution_is_refused(raw_copy: Path, tmp_path: Path, missing: str) -> None:
    edit_manifest(raw_copy / "countries" / "sources.csv", "wgi", **{missing: ""})
    with pytest.raises(BadTable, match=r"wgi\.csv\.gz.*no licence or no attribution"):
        build_snapshot(raw_copy, tmp_path / "out")


def test_share_alike_sources_are_never_mixed_with_others(raw_copy: Path, tmp_path: Path) -> None:
    edit_manifest(raw_copy / "countries" / "sources.csv", "wgi", licence="CC BY-SA 4.0")
    with pytest.raises(BadTable, match=r"observations\.parquet mixes share-alike"):
        build_snapshot(raw_copy, tmp_path / "out")


def test_a_missing_raw_file_is_named(raw_copy: Path, tmp_path: Path) -> None:
    (raw_copy / "extra" / "students_uis.parquet").unlink()
    with pytest.raises(BadTable, match=r"students_uis\.parquet cannot be read"):
        build_snapshot(raw_copy, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_altered_raw_file_is_named_and_refused(raw_copy: Path, tmp_path: Path) -> None:
    edit_gz(raw_copy / "countries" / "wgi.csv.gz", "KAZ,2022", "KAZ,2021")
    with pytest.raises(BadTable, match=r"countries/wgi\.csv\.gz.*--allow-changed"):
        build_snapshot(raw_copy, tmp_path / "out")


def test_an_altered_raw_file_may_be_allowed_and_then_says_so_in_every_row(raw_copy: Path, tmp_path: Path) -> None:
    path = raw_copy / "countries" / "hipo_universities.csv.gz"
    edit_gz(path, "KAZ,2026", "KAZ,2027")
    build_snapshot(raw_copy, tmp_path / "out", allow_changed=True)
    rows = read(tmp_path / "out", "observations").filter(c("source_id") == "hipo_universities")
    registry = tomllib.loads((tmp_path / "out" / "sources.toml").read_text(encoding="utf-8"))
    (source,) = [source for source in registry["source"] if source["id"] == "hipo_universities"]
    digest = sha256(path.read_bytes())
    assert rows["vintage"].unique().to_list() == [f"file at hand, sha256 {digest[:12]}"]
    assert (source["sha256"], source["vintage"], source["commit"]) == ([digest], rows["vintage"][0], "")


def test_a_truncated_raw_file_is_named_even_when_changes_are_allowed(raw_copy: Path, tmp_path: Path) -> None:
    path = raw_copy / "extra" / "students_uis.parquet"
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(BadTable, match=r"students_uis\.parquet is not a readable table"):
        build_snapshot(raw_copy, tmp_path / "out", allow_changed=True)


def test_a_failing_build_leaves_the_snapshot_that_was_there(raw: Path, raw_copy: Path, tmp_path: Path) -> None:
    build_snapshot(raw, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    edit_gz(raw_copy / "countries" / "wgi.csv.gz", "KAZ,2022", "ZZZ,2022")
    with pytest.raises(BadTable, match="ZZZ"):
        build_snapshot(raw_copy, tmp_path / "out", allow_changed=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_build_into_a_file_is_refused(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CannotWrite, match="is a file"):
        build_snapshot(raw, tmp_path / "file")


# Codes.


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("ROM", "ROU"), ("ADO", "AND"), ("ZAR", "COD"), ("TMP", "TLS"), ("WBG", "PSE"), ("KSV", "XKX")],
)
def test_the_codes_of_the_governance_indicators_become_iso_codes(theirs: str, ours: str) -> None:
    assert observed((theirs, "2020", "wgi_va", "0.5", "standard normal"))["iso3"].to_list() == [ours]


def test_na_is_namibia_and_no_is_norway(built: Path) -> None:
    codes = read(built, "countries").filter(c("iso3").is_in(["NAM", "NOR"])).select("iso3", "iso2", "un_member").rows()
    assert codes == [("NAM", "NA", True), ("NOR", "NO", True)]
    assert {"NAM", "NOR"} <= set(read(built, "observations")["iso3"])


def test_namibia_has_its_wikidata_id(built: Path) -> None:
    assert read(built, "countries").filter(c("iso3") == "NAM")["wikidata"].to_list() == ["Q1030"]


def test_numeric_codes_are_text_of_three_digits_and_kosovo_has_none(built: Path) -> None:
    codes = dict(read(built, "countries").select("iso3", "iso_num").iter_rows())
    assert (codes["KAZ"], codes["AND"], codes["XKX"]) == ("398", "020", None)


def test_a_no_break_space_is_no_code() -> None:
    frame = raw_file(
        **{name: ["1"] for name in ("iso_num", "m49", "geoname_id", "ldc", "lldc", "sids", "landlocked", "un_member")},
        **{name: ["1.5"] for name in ("lat", "lon", "capital_lat", "capital_lon", "area_km2")},
        iso3=["GGY"],
        iso2=["GG"],
        name_en=["Guernsey"],
        borders=[None],
        wikidata=["Q3311985"],
        ioc=["\xa0"],
    )
    assert tables.countries(frame)["ioc"].to_list() == [None]


def test_gm_is_germany_to_one_publisher_and_the_gambia_to_iso(built: Path) -> None:
    codes = {row[0]: row[1:] for row in read(built, "countries").select("iso3", "iso2", "fips_gec").iter_rows()}
    assert codes["DEU"] == ("DE", "GM")
    assert codes["GMB"] == ("GM", "GA")


def test_only_kazakhstans_import_from_the_gambia_is_marked_doubtful(built: Path) -> None:
    partners = read(built, "trade_partners")
    doubtful = partners.filter("doubtful").select("iso3", "partner", "flow", "share_pct").rows()
    assert doubtful == [("KAZ", "GMB", "import", 4.0)]
    assert "Germany" in partners.filter("doubtful")["note"][0]
    assert ("GNB", "GMB") in set(partners.filter(~c("doubtful")).select("iso3", "partner").rows())


def test_an_unknown_code_is_refused_with_its_rows() -> None:
    frame = pl.DataFrame({"iso3": ["KAZ", "EUU"], "value": [1.0, 2.0]})
    with pytest.raises(BadTable, match=r"EUU.*\n.*\n  \('EUU', 2\.0\)"):
        require_known(frame, "iso3", ["KAZ"], where="test.parquet")


# Observations.


def test_two_values_for_one_country_and_year_are_refused_with_their_rows() -> None:
    twice = observed(("KAZ", "2020", "x", "1", "km"), ("KAZ", "2020", "x", "2", "km"))
    with pytest.raises(BadTable, match=r"same indicator, iso3, year \(2 rows\)\n.*\n.*'KAZ', 2020, 1\.0"):
        combine([twice], [], where="test")


@pytest.mark.parametrize("value", ["", "NaN", "inf", "-inf"])
def test_a_value_that_is_not_a_finite_number_is_refused(value: str) -> None:
    with pytest.raises(BadTable, match="missing or not a finite number"):
        observed(("KAZ", "2020", "x", value or None, "km"))  # type: ignore[arg-type]


@pytest.mark.parametrize(("column", "row"), [("value", ("2020", "many")), ("year", ("2020.5", "1"))])
def test_text_that_is_not_the_number_it_should_be_is_refused(column: str, row: tuple[str, str]) -> None:
    with pytest.raises(BadTable, match=f"{column} is not a"):
        observed(("KAZ", row[0], "x", row[1], "km"))


def test_one_indicator_in_two_units_is_refused() -> None:
    mixed = observed(("KAZ", "2020", "x", "1", "km"), ("UZB", "2020", "x", "2", "miles"))
    with pytest.raises(BadTable, match="several units"):
        combine([mixed], [], where="test")


def test_standard_errors_become_a_column_of_their_estimates(built: Path) -> None:
    rows = read(built, "observations").filter(c("source_id") == "wgi")
    assert sorted(rows["indicator"].unique()) == ["wgi_cc", "wgi_ge", "wgi_pv", "wgi_rl", "wgi_rq", "wgi_va"]
    assert rows["se"].null_count() == 0
    row = rows.filter((c("indicator") == "wgi_va") & (c("iso3") == "KAZ") & (c("year") == 2022))
    assert row.select("value", "se").row(0) == pytest.approx((-1.06674, 0.121408), abs=1e-5)


def test_estimates_of_unesco_are_marked_and_so_is_what_is_derived_from_them() -> None:
    frame = raw_file(
        iso3=["KAZ", "KAZ", "KAZ"],
        year=["2020"] * 3,
        indicator=["uis_inbound_students", "uis_net_flow_students", "uis_outbound_students_derived"],
        value=["40742", "-39159", "79901"],
        unit=["persons"] * 3,
    )
    marks = raw_file(geoUnit=["KAZ"], year=["2020"], indicatorId=["MENF.5T8"], qualifier=["UIS_EST"])
    rows = series.uis_mobility(frame, marks, source_id="uis_mobility", vintage="v1")
    assert dict(rows.select("indicator", "status").iter_rows()) == {
        "uis_inbound_students": "observed",
        "uis_net_flow_students": "estimated",
        "uis_outbound_students_derived": "estimated",
    }


def test_only_one_year_of_the_logistics_index_is_its_latest_edition(built: Path) -> None:
    rows = read(built, "observations").filter(c("indicator") == "wb_lpi_overall")
    editions = dict(rows.select("iso3", "vintage").iter_rows())
    assert editions["KAZ"] == "2023 edition"
    assert editions["TLS"] == "edition of 2007, older than 2023 edition"


def test_derived_values_follow_their_formula_and_cite_their_main_input() -> None:
    recipe = Derived("inflow", "Inflow", "US$", ("pct", "gdp"), "pct / 100 * gdp")
    given = observed(("KAZ", "2020", "pct", "2.5", "%"), ("KAZ", "2020", "gdp", "400", "US$"))
    given = given.with_columns(source_id=pl.when(c("indicator") == "pct").then(pl.lit("main")).otherwise("source_id"))
    row = derive(given, recipe).row(0, named=True)
    assert (row["value"], row["unit"], row["source_id"], row["status"]) == (10.0, "US$", "main", "observed")


def test_a_derived_value_is_estimated_if_any_input_is_and_absent_if_any_input_is() -> None:
    recipe = Derived("sum", "Sum", "km", ("a", "b"), "a + b")
    given = observed(
        ("KAZ", "2020", "a", "1", "km"),
        ("KAZ", "2020", "b", "2", "km"),
        ("KAZ", "2021", "a", "1", "km"),
        ("UZB", "2020", "a", "1", "km"),
        ("UZB", "2020", "b", "2", "km"),
    )
    doubtful = (c("iso3") == "UZB") & (c("indicator") == "b")
    given = given.with_columns(status=pl.when(doubtful).then(pl.lit("estimated")).otherwise("status"))
    found = derive(given, recipe).sort("iso3").select("iso3", "year", "status").rows()
    assert found == [("KAZ", 2020, "observed"), ("UZB", 2020, "estimated")]


def test_a_derived_series_without_its_inputs_is_refused() -> None:
    with pytest.raises(BadTable, match="no observations of gdp"):
        derive(observed(("KAZ", "2020", "pct", "1", "%")), Derived("x", "X", "%", ("pct", "gdp"), "pct * gdp"))


def test_every_formula_uses_all_of_its_declared_inputs() -> None:
    for recipe in DERIVED:
        assert all(name in recipe.formula for name in recipe.inputs)


def test_structural_zeros_are_declared_and_not_filled(built: Path) -> None:
    series_table = read(built, "indicators").filter(c("structural_zero") != "")
    assert {"cia_oil_reserves_bbl", "oecd_oda_given_2023usd", "un_peacekeepers"} <= set(series_table["id"])
    given = read(built, "observations").filter(c("indicator") == "cia_oil_reserves_bbl")
    assert "KAZ" in set(given["iso3"])
    assert "XKX" not in set(given["iso3"])


def test_flight_routes_count_each_route_abroad_once() -> None:
    frame = raw_file(
        origin=["KAZ", "TUR", "KAZ", "KAZ"],
        partner=["TUR", "KAZ", "UZB", "TUR"],
        year=["2014"] * 4,
        measure=["airline_routes"] * 3 + ["airport_pairs"],
        value=["7", "7", "4", "5"],
    )
    totals = dict(series.routes(frame, source_id="f", vintage="v").select("iso3", "value").iter_rows())
    assert totals == {"KAZ": 11.0, "TUR": 7.0}


# Tables and ties.


def test_a_border_in_several_stretches_is_one_row() -> None:
    frame = raw_file(iso3=["CHN", "CHN"], neighbour=["RUS", "RUS"], km=["4133", "46"])
    assert tables.borders(frame).rows() == [("CHN", "RUS", 4179.0)]


def test_years_of_membership_are_integers_and_open_ended_ones_null(built: Path) -> None:
    blocs = read(built, "blocs")
    assert blocs.select("joined", "left").dtypes == [pl.Int16, pl.Int16]
    assert blocs["joined"].null_count() == 0
    assert blocs.filter((c("bloc") == "EAEU") & (c("iso3") == "KAZ"))["left"].to_list()[-1] is None


def test_investment_is_as_reported_and_mirrored_only_where_nothing_is_reported(built: Path) -> None:
    found = read(built, "ties").filter(
        (c("measure") == "fdi_outward_stock_musd") & (c("partner") == "KAZ") & (c("year") == 2024)
    )
    # CHN reports 6,183.67 and KAZ counts 6,328.89; the USA reports nothing on KAZ.
    flags = {row[0]: row[1:] for row in found.select("origin", "flag", "value").iter_rows()}
    assert flags["CHN"] == ("O", pytest.approx(6183.670726))
    assert flags["USA"] == ("SCC", pytest.approx(39756.65436))


def test_former_states_keep_codes_that_no_present_state_has(built: Path) -> None:
    origins = set(read(built, "ties_students_uis")["origin"])
    assert {"_FORMER_SDN", "_OTHER"} <= origins
    assert not origins & {"ANT", "XDN"}


def test_a_measure_without_a_declared_unit_is_refused() -> None:
    frame = raw_file(origin=["KAZ"], partner=["UZB"], year=["2020"], measure=["phone_calls"], value=["1"])
    with pytest.raises(BadTable, match="phone_calls"):
        pairs.ties(frame, source_id="x", vintage="v")


def test_the_same_pair_twice_is_refused() -> None:
    with pytest.raises(BadTable, match="same origin, partner"):
        require_unique(
            pl.DataFrame({"origin": ["KAZ", "KAZ"], "partner": ["UZB", "UZB"]}), ["origin", "partner"], where="ties"
        )


# Command line.


def test_the_build_command_lists_what_it_wrote(raw: Path, tmp_path: Path, built: Path) -> None:
    run = CliRunner().invoke(command, ["build", "--raw", str(raw), "--out", str(tmp_path / "out")])
    assert run.exit_code == 0, run.output
    assert "observations_uis.parquet" in run.output
    assert (tmp_path / "out" / "ties.parquet").read_bytes() == (built / "ties.parquet").read_bytes()


def test_the_build_command_needs_an_existing_folder(tmp_path: Path) -> None:
    run = CliRunner().invoke(command, ["build", "--raw", str(tmp_path / "nowhere")])
    assert run.exit_code == 2
    assert "nowhere" in run.output


def test_the_list_command_writes_one_json_document() -> None:
    document = json.loads(CliRunner().invoke(command, ["list", "--indicators", "--json"]).output)
    assert "uis_inbound_students" in {indicator["id"] for indicator in document["indicators"]}
    assert "students_inbound" in document["measures"]
    document = json.loads(CliRunner().invoke(command, ["list", "--json"]).output)
    assert "wgi" in {source["id"] for source in document["sources"]}


def test_a_vote_on_a_paragraph_or_an_amendment_is_marked_and_one_of_which_nobody_says_is_not() -> None:
    texts = {name: ["a", "b", "c", "d"] for name in ("unres", "short", "descr")}
    frame = votes.roll_calls(
        raw_file(
            rcid=["1", "2", "3", "4"],
            session=["1", "1", "2", "2"],
            date=["1946-01-01"] * 4,
            amend=["1", "0", None, None],
            para=["0", None, "1", None],
            importantvote=["0", "1", None, "0"],
            issues=["me", "", None, "nu"],
            **texts,
        )
    )
    assert frame["is_part"].to_list() == [True, False, True, None]
    assert frame["issues"].to_list() == ["me", None, None, "nu"]


def test_a_ballot_of_another_kind_is_refused() -> None:
    with pytest.raises(BadTable, match="neither yes, abstention nor no"):
        votes.ballots(raw_file(rcid=["1", "1"], iso3=["KAZ", "USA"], vote=["1", "8"]))
