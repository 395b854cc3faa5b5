"""The bundled snapshot: complete, typed, sourced, and right where an independent figure exists."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import polars as pl
import pytest

from softpower import evidence, storage
from softpower.errors import BadRequest, UnknownIndicator, UnknownSource
from softpower.evidence import rollcalls
from softpower.evidence.build.declared import RAW

c = pl.col


def latest(indicator: str) -> dict[str, float]:
    """Last value of each country."""
    rows = evidence.observations([indicator]).group_by("iso3", maintain_order=True).last()
    return dict(rows.select("iso3", "value").iter_rows())


def members() -> list[str]:
    return storage.bundled("countries").filter("un_member")["iso3"].to_list()


# Shape.


def test_observations_are_typed_sorted_and_unique() -> None:
    rows = evidence.observations()
    assert rows.schema == {
        "indicator": pl.String,
        "iso3": pl.String,
        "year": pl.Int16,
        "value": pl.Float64,
        "unit": pl.String,
        "se": pl.Float64,
        "status": pl.String,
        "source_id": pl.String,
        "vintage": pl.String,
    }
    keys = ["indicator", "iso3", "year"]
    assert rows.select(keys).equals(rows.select(keys).sort(keys))
    assert not rows.select(keys).is_duplicated().any()
    assert rows["value"].is_finite().all()
    assert set(rows["status"].unique()) == {"observed", "estimated"}
    assert rows.drop("se").null_count().sum_horizontal().item() == 0


def test_each_series_has_one_unit_and_is_described_as_it_is() -> None:
    found = (
        evidence.observations()
        .group_by("indicator")
        .agg(c("unit").unique(), c("source_id").unique(), c("year").min().alias("first"), c("year").max().alias("last"))
    )
    assert found.height == len(evidence.indicators())
    for id, units, sources, first, last in found.iter_rows():
        indicator = evidence.indicator(id)
        assert ([indicator.unit], [indicator.source_id]) == (units, sources)
        assert (indicator.first, indicator.last) == (first, last)


def test_every_country_code_is_in_the_country_table() -> None:
    known = set(storage.bundled("countries")["iso3"])
    assert set(evidence.observations()["iso3"]) <= known
    ties = evidence.ties()
    assert set(ties["origin"]) | set(ties["partner"]) <= known
    for table in ("blocs", "borders", "composition", "igo_membership", "trade_partners"):
        assert set(storage.bundled(table)["iso3"]) <= known


def test_there_are_250_countries_and_territories_of_which_193_are_members() -> None:
    table = storage.bundled("countries")
    assert table.height == 250
    assert len(members()) == 193
    assert table["iso2"].null_count() == 0
    assert not any("\xa0" in (value or "") for value in [*table["ioc"], *table["fifa"], *table["fips_gec"]])


def test_ties_are_between_two_named_countries_and_each_pair_stands_once() -> None:
    ties = evidence.ties()
    keys = ["measure", "origin", "partner", "year"]
    assert not ties.select(keys).is_duplicated().any()
    assert not ties.filter(c("origin").str.starts_with("_") | c("partner").str.starts_with("_")).height
    assert ties.drop("flag").null_count().sum_horizontal().item() == 0
    assert ties["value"].is_finite().all()


def test_pools_are_given_only_where_asked_for_and_never_those_of_the_two_views_of_students() -> None:
    named, all_of_them = evidence.ties("refugees"), evidence.ties("refugees", pools="keep")
    pools = all_of_them.join(named, on=["origin", "partner", "year"], how="anti")
    assert set(pools["origin"]) == {"_UNKNOWN", "_STATELESS", "_OTHER_TIB"}
    assert len(pools) + len(named) == len(all_of_them)
    assert evidence.ties("students_inbound", pools="keep").equals(evidence.ties("students_inbound"))
    with pytest.raises(BadRequest, match="'leave out' or 'keep'"):
        evidence.ties("refugees", pools="drop")  # type: ignore[arg-type]


def test_coverage_counts_who_has_any_row() -> None:
    table = evidence.coverage()
    assert table["measure"].to_list() == list(evidence.measures())
    # Head, Mayer and Ries's table has 166 countries in 22,588 pairs, the Passport Index 199 passports and destinations.
    assert evidence.coverage("trade_musd").row(0) == ("trade_musd", 166, 166, 22_588, 2006, 2006, 1)
    assert evidence.coverage("visa_openness").row(0) == ("visa_openness", 199, 199, 199 * 198, 2021, 2025, 5)
    # What few report is seen to be reported by few.
    assert evidence.coverage("fdi_outward_stock_musd")["origins"].item() == 5
    assert evidence.coverage("exports_usd")["origins"].item() == 1
    with pytest.raises(UnknownIndicator, match="trade_musd"):
        evidence.coverage("trade_must")


def test_geography_has_each_ordered_pair_once_and_the_same_from_either_side() -> None:
    table = evidence.geography()
    keys = table.select("origin", "partner")
    assert keys.equals(keys.sort("origin", "partner"))
    assert not keys.is_duplicated().any()
    countries = table["origin"].unique()
    assert len(table) == len(countries) * (len(countries) - 1) == 223 * 222
    back = table.rename({"origin": "partner", "partner": "origin"}).select(table.columns).sort("origin", "partner")
    assert back.equals(table)
    assert table.null_count().sum_horizontal().item() == 0
    assert table.filter((c("distance_km") < 1) | (c("distance_km") != c("distance_km").round())).is_empty()
    assert set(members()) - set(countries) == {"LIE", "MCO", "MNE", "SSD"}


def test_asking_for_no_series_gives_no_rows_and_asking_twice_gives_them_once() -> None:
    assert evidence.observations([]).shape == (0, 9)
    once = evidence.observations(["wgi_va", "flight_routes"])
    assert once.equals(evidence.observations(["flight_routes", "wgi_va", "wgi_va"]))
    assert once.equals(evidence.observations().filter(c("indicator").is_in(["wgi_va", "flight_routes"])))


def test_unknown_names_are_errors_with_the_nearest_ones() -> None:
    with pytest.raises(UnknownIndicator, match="uis_inbound_students"):
        evidence.observations(["uis_inbound_studnets"])
    with pytest.raises(UnknownIndicator, match="students_inbound"):
        evidence.ties("student_inbound")
    with pytest.raises(UnknownSource, match="uis_mobility"):
        evidence.source("uis_mobilty")
    with pytest.raises(BadRequest, match="origins_of_host"):
        evidence.student_view("both")  # type: ignore[arg-type]


def test_importing_evidence_loads_nothing_heavier_than_polars() -> None:
    code = "import softpower.evidence, sys; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"scipy", "pandas", "pyarrow", "altair", "pydantic", "click", "softpower.evidence.build"} & set(loaded)


# Sources and licences.


def test_every_number_has_a_source_with_licence_and_attribution() -> None:
    used = set(evidence.observations()["source_id"]) | set(evidence.ties()["source_id"])
    for id in used:
        source = evidence.source(id)
        assert source.title
        assert source.publisher
        assert source.address.startswith("http")
        assert source.licence
        assert source.attribution
        assert source.vintage
        assert source.rows > 0
        assert len(source.sha256) == len(source.files)
        assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in source.sha256)
    assert {source.id for source in evidence.sources()} == used | {
        "blocs",
        "country_codes",
        "geodist_cepii",
        "un_votes",
    }


def test_share_alike_series_lie_in_files_of_their_own() -> None:
    share_alike = {source.id for source in evidence.sources() if source.share_alike}
    assert share_alike == {"flights_openflights", "sister_city_pairs", "students_uis", "uis_education", "uis_mobility"}
    for file in storage.registry()["file"]:
        assert file["share_alike"] == bool(share_alike & set(file["sources"]))
        if file["share_alike"]:
            assert set(file["sources"]) <= share_alike
            assert "SA" in file["licence"] or "ODbL" in file["licence"]
    for table in ("observations", "ties"):
        assert not set(storage.bundled(table)["source_id"]) & share_alike


def test_licences_stated_from_memory_are_flagged() -> None:
    for id in ("china_official_finance", "hief", "unga_votes", "unpk_gapminder"):
        assert any("check it before you redistribute" in pitfall for pitfall in evidence.source(id).pitfalls)


def test_nothing_that_may_only_be_cited_is_bundled() -> None:
    closed = re.compile("^(cow_|creg_|olympic_|vdem|pew)")
    assert not [indicator.id for indicator in evidence.indicators() if closed.match(indicator.id)]
    assert "students_oecd" not in {source for declared in RAW for source in declared.files}
    left_out = re.compile("^(alliances|atop|igo_|china_leader|lang_relig)")
    assert not [source.id for source in evidence.sources() if left_out.match(source.id)]


def test_a_source_that_no_manifest_calls_open_says_why_it_is_bundled() -> None:
    dyads = [source for source in evidence.sources() if source.files[0].startswith("dyads/")]
    assert len(dyads) == 12
    for source in dyads:
        assert any(pitfall.startswith("Bundled because ") for pitfall in source.pitfalls), source.id


def test_the_snapshot_stays_small() -> None:
    assert sum(file["bytes"] for file in storage.registry()["file"]) < 6_000_000


def test_the_bundled_tables_are_written_the_way_a_build_writes_them() -> None:
    table = storage.bundled("blocs")
    assert pl.read_parquet(io.BytesIO(storage.parquet_bytes(table))).equals(table)


# Traps.


def test_editions_and_discontinued_sources_are_frozen() -> None:
    frozen = {indicator.source_id for indicator in evidence.indicators() if indicator.frozen}
    assert frozen == {"cia_factbook", "flights_openflights", "hipo_universities", "passport_index", "wb_lpi"}
    assert not any(indicator.frozen for indicator in evidence.indicators() if indicator.source_id == "wdi_gapminder")


def test_structural_zeros_are_declared_with_a_reason_and_never_filled() -> None:
    declared = {indicator.id: indicator for indicator in evidence.indicators() if indicator.structural_zero}
    assert {
        "cia_coal_reserves_t",
        "cia_gas_production_m3",
        "cia_oil_reserves_bbl",
        "oecd_oda_given_2023usd",
        "un_peacekeepers",
    } <= set(declared)
    assert "cia_merchant_ships" not in declared
    assert not evidence.observations(["cia_oil_reserves_bbl"]).filter(c("value") == 0).height
    # The OECD has no figure for them, but they do give: absence is not zero.
    assert {"CHN", "IND", "BRA"} <= set(declared["oecd_oda_given_2023usd"].not_zero)


def test_dominicas_world_heritage_count_is_missing_and_not_zero() -> None:
    # Morne Trois Pitons National Park was inscribed in 1997 (whc.unesco.org/en/list/814); the copy does not have it.
    assert "DMA" not in latest("cia_world_heritage_sites")
    assert "Dominica" in evidence.indicator("cia_world_heritage_sites").note


def test_governance_estimates_carry_their_standard_error() -> None:
    ids = [f"wgi_{part}" for part in ("cc", "ge", "pv", "rl", "rq", "va")]
    rows = evidence.observations(ids)
    assert rows["se"].null_count() == 0
    assert rows["se"].min() > 0  # type: ignore[operator]
    assert not [indicator.id for indicator in evidence.indicators() if indicator.id.endswith("_se")]
    assert evidence.observations(["undp_hdi"])["se"].null_count() == evidence.observations(["undp_hdi"]).height


def test_the_two_views_of_student_mobility_are_not_added_up() -> None:
    host = evidence.student_view("origins_of_host").filter((c("partner") == "KAZ") & (c("year") == 2020))
    named = evidence.ties("students_inbound").filter((c("partner") == "KAZ") & (c("year") == 2020))
    # UIS, indicator 26637, Kazakhstan 2020: 40,742; the origins of that table sum to 40,738.
    assert host["value"].sum() == 40_738
    assert named["value"].sum() < 40_742
    assert named.filter(c("origin") == "UZB")["value"].item() == 26_130


# Figures published elsewhere.


def test_world_heritage_counts_are_those_of_unesco() -> None:
    # UNESCO World Heritage List after the 47th session, July 2025 (whc.unesco.org/en/list).
    sites = latest("cia_world_heritage_sites")
    assert (sites["KAZ"], sites["ITA"], sites["CHN"]) == (6, 61, 60)


@pytest.mark.parametrize("indicator", ["cia_area_total_km2", "wdi_surface_area"])
def test_kazakhstan_is_the_ninth_largest_member_by_area(indicator: str) -> None:
    # UN Statistics Division, Demographic Yearbook, table 3: 2,724,902 km2; some publishers round to hundreds.
    area = {iso3: value for iso3, value in latest(indicator).items() if iso3 in members()}
    assert area["KAZ"] == pytest.approx(2_724_900, abs=2)
    assert sum(value > area["KAZ"] for value in area.values()) == 8


def test_foreign_students_in_kazakhstan_in_2020_are_those_of_unesco() -> None:
    # UNESCO Institute for Statistics, indicator 26637, Kazakhstan, 2020.
    rows = evidence.observations(["uis_inbound_students"]).filter((c("iso3") == "KAZ") & (c("year") == 2020))
    assert rows.select("value", "status").rows() == [(40_742.0, "observed")]


@pytest.mark.parametrize("year", [2020, 2021, 2022])
def test_governance_estimates_have_mean_zero_and_deviation_one(year: int) -> None:
    # Kaufmann, Kraay & Mastruzzi (2010), Worldwide Governance Indicators: standardised in each year.
    for part in ("cc", "ge", "pv", "rl", "rq", "va"):
        values = evidence.observations([f"wgi_{part}"]).filter(c("year") == year)["value"]
        assert values.mean() == pytest.approx(0, abs=0.02)
        assert values.std() == pytest.approx(1, abs=0.02)


def test_world_population_is_that_of_the_united_nations() -> None:
    # World Population Prospects 2024, summary of results: 8.2 billion in 2024 (8.16); 197 of 237 areas are listed here.
    population = evidence.observations(["wpp_population"]).filter(c("year") == 2024)["value"]
    assert population.sum() == pytest.approx(8.15e9, rel=0.005)


def test_the_united_states_have_embassies_in_168_countries() -> None:
    # Lowy Institute, Global Diplomacy Index 2021 (from memory): 168 embassies; the data are of November 2022.
    embassies = evidence.ties("missions_embassy").filter(c("origin") == "USA")
    assert embassies["partner"].n_unique() == 168


def test_kazakhstan_born_migrants_sum_to_the_published_total() -> None:
    # UN DESA, International Migrant Stock 2020, origin Kazakhstan, all destinations: 4,203,899.
    migrants = evidence.ties("migrant_stock").filter((c("origin") == "KAZ") & (c("year") == 2020))
    assert migrants["value"].sum() == 4_203_899


def test_sister_cities_are_mutual() -> None:
    ties = evidence.ties("sister_city_pairs")
    back = ties.rename({"origin": "partner", "partner": "origin"}).select("origin", "partner", "value")
    assert ties.join(back, on=["origin", "partner", "value"]).height == ties.height


def test_derived_series_agree_with_the_series_they_come_from() -> None:
    # By hand, Kazakhstan 2024: 0.67894 % of 244,491 million US$; 31.5872 % of the same.
    rows = evidence.observations(["fdi_inflow_usd_2015", "exports_usd_2015"])
    rows = rows.filter((c("iso3") == "KAZ") & (c("year") == 2024))
    found = dict(rows.select("indicator", "value").iter_rows())
    assert found["fdi_inflow_usd_2015"] == pytest.approx(1.65995e9, rel=1e-4)
    assert found["exports_usd_2015"] == pytest.approx(77.2279e9, rel=1e-4)
    # Kazakhstan 2019: 11,109 applications in all, 4,068 of residents.
    trademarks = evidence.observations(["wdi21_trademark_nonresident"]).filter(c("iso3") == "KAZ")
    assert trademarks.filter(c("year") == 2019)["value"].item() == 7_041


def test_kazakhstans_land_neighbours_are_five() -> None:
    borders = storage.bundled("borders").filter(c("iso3") == "KAZ")
    listed = storage.bundled("countries").filter(c("iso3") == "KAZ")["borders"][0].to_list()
    assert borders["neighbour"].to_list() == listed == ["CHN", "KGZ", "RUS", "TKM", "UZB"]


def test_distances_are_those_between_capitals_but_for_where_people_live() -> None:
    table = storage.bundled("countries").select("iso3", lat=c("capital_lat").radians(), lon=c("capital_lon").radians())
    both = (
        evidence.geography()
        .join(table, left_on="origin", right_on="iso3")
        .join(table, left_on="partner", right_on="iso3", suffix="_to")
        .drop_nulls()
    )
    half_chord = ((c("lat_to") - c("lat")) / 2).sin() ** 2 + c("lat").cos() * c("lat_to").cos() * (
        (c("lon_to") - c("lon")) / 2
    ).sin() ** 2
    both = both.with_columns(great_circle=2 * 6371 * half_chord.sqrt().arcsin())
    assert len(both) > 40_000
    assert both.select(pl.corr(c("distance_km").log(), c("great_circle").log())).item() > 0.99
    assert both.select((c("distance_km") / c("great_circle")).median()).item() == pytest.approx(1, abs=0.01)


def test_contiguous_countries_are_those_with_a_land_border() -> None:
    flagged = evidence.geography().filter("contiguous").select("origin", "partner")
    borders = storage.bundled("borders").select(origin="iso3", partner="neighbour")
    known = set(evidence.geography()["origin"])
    borders = borders.filter(c("origin").is_in(list(known)) & c("partner").is_in(list(known)))
    without = borders.join(flagged, on=["origin", "partner"], how="anti").filter(c("origin") < c("partner")).rows()
    # Cabinda, Andorra's longer border, an island divided in 2022, Ceuta and Melilla, and Western Sahara, counted apart.
    assert set(without) == {("AGO", "COG"), ("AND", "ESP"), ("CAN", "DNK"), ("ESP", "MAR"), ("MAR", "MRT")}
    kazakhstan = flagged.filter(c("origin") == "KAZ")["partner"].to_list()
    assert kazakhstan == ["CHN", "KGZ", "RUS", "TKM", "UZB"]


def test_trade_of_2006_flows_from_exporter_to_importer() -> None:
    # US Census Bureau, trade in goods with China, 2006 (from memory): imports 287.8, exports 53.7 billion US$.
    trade = evidence.ties("trade_musd")
    flows = {row[:2]: row[2] / 1000 for row in trade.select("origin", "partner", "value").iter_rows()}
    assert flows["CHN", "USA"] == pytest.approx(287.8, rel=0.15)
    assert flows["USA", "CHN"] == pytest.approx(53.7, rel=0.15)
    assert trade.filter(c("value") == 0).height == 5_500
    flagged = trade.filter(c("flag").is_not_null())
    assert set(flagged["flag"]) == {"Serbia and Montenegro"}
    assert flagged.equals(trade.filter((c("origin") == "SRB") | (c("partner") == "SRB")))


@pytest.mark.parametrize(("series", "end"), [("passport_mobility", "origin"), ("visa_openness", "partner")])
def test_visas_counted_by_country_are_the_counts_of_the_index(series: str, end: str) -> None:
    # Counted by others from the same snapshots: destinations without a visa or with one on arrival.
    published = evidence.observations([series]).select("iso3", "year", "value")
    counted = (
        evidence.ties("visa_openness")
        .group_by(c(end).alias("iso3"), "year")
        .agg(counted=(c("value") >= 2).sum().cast(pl.Float64))
    )
    both = published.join(counted, on=["iso3", "year"])
    assert len(both) == len(published) == 199 * 3
    assert (both["value"] == both["counted"]).all()


def test_refused_entry_is_flagged_with_its_reason_and_nothing_else_is() -> None:
    visas = evidence.ties("visa_openness")
    assert set(visas.filter(c("value") == -1)["flag"]) == {"covid ban", "no admission"}
    assert visas.filter(c("value") != -1)["flag"].null_count() == visas.filter(c("value") != -1).height
    assert not visas.filter((c("flag") == "covid ban") & (c("year") > 2023)).height


def test_refugees_hosted_sum_to_unhcrs_series_in_every_year() -> None:
    hosted = (
        evidence.ties("refugees", pools="keep")
        .group_by(c("partner").alias("iso3"), "year")
        .agg(persons=c("value").sum())
        .join(evidence.observations(["unhcr_refugees_hosted"]), on=["iso3", "year"])
    )
    by_year = hosted.group_by("year").agg(same=(c("persons") == c("value")).mean(), hosts=pl.len()).sort("year")
    assert by_year["year"].to_list() == list(range(1995, 2020))
    assert by_year["same"].min() > 0.95  # type: ignore[operator]
    assert by_year["hosts"].min() > 130  # type: ignore[operator]
    # UNHCR, Global Trends 2018 and 2019 (from memory): 20.4 million refugees under its mandate in either year.
    persons = dict(evidence.ties("refugees", pools="keep").group_by("year").agg(c("value").sum()).iter_rows())
    assert (persons[2018], persons[2019]) == (pytest.approx(20.4e6, rel=0.005), pytest.approx(20.4e6, rel=0.005))


def test_students_in_china_are_those_of_its_ministry() -> None:
    # Ministry of Education of China, statistical report on international students 2016 (from memory).
    students = evidence.ties("china_inbound_students_to_china").filter((c("partner") == "CHN") & (c("year") == 2016))
    counted = dict(students.select("origin", "value").iter_rows())
    assert (counted["KOR"], counted["THA"], counted["KAZ"]) == (70_540, 23_044, 13_996)


def test_no_amount_of_chinese_finance_is_zero_and_each_has_its_projects() -> None:
    for kind in ("oda", "oof", "vague"):
        amounts, projects = (evidence.ties(f"china_{what}_{kind}") for what in ("finance_usd2014", "projects"))
        assert amounts["value"].min() > 0  # type: ignore[operator]
        assert projects["value"].min() >= 1  # type: ignore[operator]
        keys = ["origin", "partner", "year"]
        assert amounts.join(projects, on=keys, how="anti").is_empty()
        assert len(projects) > len(amounts)


def test_kosovo_has_data_under_its_common_code() -> None:
    assert "XKX" in set(evidence.observations(["wgi_va"])["iso3"])
    table = storage.bundled("countries").filter(c("iso3") == "XKX")
    assert table.select("iso_num", "un_member").row(0) == (None, False)


def test_the_votes_are_those_of_seventy_four_sessions() -> None:
    """Counts of the source: 870,109 ballots on 6,203 roll calls; from session 70 on exactly the 193 members vote."""
    calls, cast = rollcalls.roll_calls(), rollcalls.ballots()
    assert (len(calls), len(cast)) == (6203, 870_109)
    assert (calls["session"].min(), calls["session"].max()) == (1, 74)
    recent = cast.join(calls.filter(pl.col("session") >= 70), on="rcid")["iso3"].unique()
    assert len(recent) == 193
    known = set(storage.bundled("countries")["iso3"]) | set(rollcalls.FORMER_STATES)
    assert set(cast["iso3"].unique()) <= known
    assert len(cast.filter(pl.col("iso3") == "KAZ")) == 2394
