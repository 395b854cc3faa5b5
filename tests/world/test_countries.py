"""The table of countries against the public record and against Natural Earth, which had no part in making it."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace

import pytest

from softpower.errors import UnknownCountry
from softpower.world import countries, country, members

ALL = {each.iso3: each for each in countries()}


def test_the_united_nations_have_193_members_and_57_territories_are_kept_apart() -> None:
    assert len(members()) == 193
    assert len(countries()) == 250
    assert not any(
        ALL[iso3].un_member for iso3 in ("VAT", "PSE", "TWN", "XKX", "ESH", "HKG", "MAC", "GRL", "PRI", "COK")
    )


def test_rows_are_ordered_by_code_and_codes_are_unique() -> None:
    assert [each.iso3 for each in countries()] == sorted(ALL)
    for code in ("iso2", "iso3", "name", "official_name", "label"):
        values = [getattr(each, code) for each in countries()]
        assert len(set(values)) == 250, code
    numeric = [each.numeric for each in countries() if each.numeric]
    assert len(set(numeric)) == 249
    assert all(len(code) == 3 and code.isdecimal() for code in numeric)
    assert ALL["XKX"].numeric == ALL["XKX"].m49 == ""


def test_the_five_permanent_members_of_the_security_council_are_there() -> None:
    """Charter of the United Nations, Article 23."""
    assert all(ALL[iso3].un_member for iso3 in ("CHN", "FRA", "RUS", "GBR", "USA"))


def test_kazakhstan_is_right_at_first_glance() -> None:
    kaz = country("KAZ")
    assert (kaz.name, kaz.official_name, kaz.capital) == ("Kazakhstan", "Republic of Kazakhstan", "Astana")
    assert (kaz.iso2, kaz.numeric, kaz.m49) == ("KZ", "398", "398")
    assert kaz.borders == ("CHN", "KGZ", "RUS", "TKM", "UZB")
    assert kaz.landlocked
    assert kaz.lldc
    assert kaz.un_member
    assert not kaz.ldc
    assert not kaz.sids
    assert (kaz.region, kaz.subregion) == ("Asia", "Central Asia")
    assert kaz.names["ru"] == "Казахстан"
    assert kaz.names["es"] == "Kazajstán"
    larger = [each.iso3 for each in members() if (each.area_km2 or 0) > (kaz.area_km2 or 0)]
    assert sorted(larger) == ["ARG", "AUS", "BRA", "CAN", "CHN", "IND", "RUS", "USA"]


@pytest.mark.parametrize(
    ("iso3", "name"),
    [
        ("TUR", "Türkiye"),
        ("CIV", "Côte d’Ivoire"),
        ("CZE", "Czechia"),
        ("SWZ", "Eswatini"),
        ("MKD", "North Macedonia"),
        ("CPV", "Cabo Verde"),
        ("TLS", "Timor-Leste"),
        ("VNM", "Viet Nam"),
        ("KOR", "Republic of Korea"),
        ("PRK", "Democratic People's Republic of Korea"),
        ("RUS", "Russian Federation"),
        ("USA", "United States of America"),
        ("GBR", "United Kingdom of Great Britain and Northern Ireland"),
        ("PSE", "State of Palestine"),
        ("VAT", "Holy See"),
        ("TWN", "Taiwan"),
        ("XKX", "Kosovo"),
    ],
)
def test_names_are_the_short_names_of_the_united_nations_where_it_lists_one(iso3: str, name: str) -> None:
    """UN Statistics Division, Standard country or area codes for statistical use (M49)."""
    assert country(iso3).name == name


def test_every_label_fits_a_figure_and_every_country_has_its_six_names() -> None:
    assert max(len(each.label) for each in countries()) <= 26
    for each in countries():
        assert list(each.names) == ["en", "fr", "es", "ru", "zh", "ar"]
        assert all(each.names.values()), each.iso3
        assert each.names["en"] == each.name


def test_every_member_has_a_capital_where_the_member_is() -> None:
    for each in members():
        assert bool(each.capital) != bool(each.seat), each.iso3
        assert "capital" not in each.capital.casefold()
        assert each.capital_latitude is not None
        assert abs(each.capital_latitude) <= 90
        assert each.capital_longitude is not None
        assert abs(each.capital_longitude) <= 180
        assert each.latitude is not None
        assert each.longitude is not None
        assert each.area_km2 is not None
        assert each.area_km2 > 0


def test_nauru_has_a_seat_of_government_and_no_capital() -> None:
    """CIA World Factbook: no official capital; government offices in the Yaren District."""
    assert [each.iso3 for each in members() if each.seat] == ["NRU"]
    assert (country("NRU").capital, country("NRU").seat) == ("", "Yaren")


def test_every_capital_that_differs_from_the_table_says_why() -> None:
    noted = {each.iso3 for each in countries() if each.capital_note}
    assert noted == {"BOL", "IOT", "LKA", "MDA", "MMR", "NRU", "PSE"}
    assert country("KAZ").capital_note == ""


def test_borders_are_mutual_and_nobody_borders_himself() -> None:
    for each in countries():
        assert each.borders == tuple(sorted(set(each.borders)))
        assert each.iso3 not in each.borders
        for other in each.borders:
            assert each.iso3 in ALL[other].borders, (each.iso3, other)


@pytest.mark.parametrize(
    ("iso3", "number"),
    [
        ("CHN", 16),
        ("RUS", 14),
        ("BRA", 10),
        ("DEU", 9),
        ("FRA", 8),
        ("TUR", 8),
        ("GBR", 1),
        ("PRT", 1),
        ("JPN", 0),
        ("CUB", 0),
    ],
)
def test_numbers_of_land_neighbours_are_the_well_known_ones(iso3: str, number: int) -> None:
    """CIA World Factbook, Land boundaries; China: 14, and two regions kept apart."""
    assert len(country(iso3).borders) == number


def test_what_is_kept_apart_is_not_counted_in_somebody_else() -> None:
    assert "ESH" in country("MAR").borders
    assert "MRT" not in country("MAR").borders
    assert "GRL" in country("CAN").borders
    assert "DNK" not in country("CAN").borders
    assert "SUR" not in country("FRA").borders
    assert "SUR" in country("GUF").borders
    assert country("PSE").borders == ("EGY", "ISR", "JOR")
    assert country("MAR").area_km2 == 446_550.0
    assert country("FRA").area_km2 == 551_500.0


def test_classes_have_the_sizes_the_united_nations_publish() -> None:
    """UN-OHRLLS: 44 least developed countries since December 2024, 32 landlocked developing ones; 43 are landlocked."""
    assert sum(each.ldc for each in members()) == 44
    assert sum(each.lldc for each in members()) == 32
    assert sum(each.landlocked for each in members()) == 43
    assert all(each.landlocked for each in members() if each.lldc)


def test_doubly_landlocked_countries_are_liechtenstein_and_uzbekistan() -> None:
    found = [
        each.iso3 for each in members() if each.landlocked and all(ALL[other].landlocked for other in each.borders)
    ]
    assert found == ["LIE", "UZB"]


def test_members_spread_over_the_continents_as_in_m49() -> None:
    """UN Statistics Division M49: members by region."""
    regions = [each.region for each in members()]
    assert {region: regions.count(region) for region in set(regions)} == {
        "Africa": 54,
        "Americas": 35,
        "Asia": 47,
        "Europe": 43,
        "Oceania": 14,
    }


def test_contested_places_carry_a_sentence_and_others_do_not() -> None:
    noted = {each.iso3 for each in countries() if each.note}
    assert noted == {"CYP", "ESH", "FLK", "ISR", "PSE", "RUS", "SOM", "TWN", "UKR", "VAT", "XKX"}
    assert all(ALL[iso3].note.endswith(".") for iso3 in noted)


def test_an_unknown_code_is_an_error_with_the_nearest_names() -> None:
    with pytest.raises(UnknownCountry, match=r"unknown country 'KAX'; nearest: Kazakhstan \(KAZ\)"):
        country("KAX")
    for not_exact in ("kaz", "KZ", "", "Kazakhstan", "KAZ\n"):
        with pytest.raises(UnknownCountry):
            country(not_exact)


def test_a_country_can_be_hashed_copied_and_pickled() -> None:
    kaz = country("KAZ")
    assert copy.deepcopy(kaz) == pickle.loads(pickle.dumps(kaz)) == kaz
    assert len({kaz, country("KAZ"), replace(kaz, label="K")}) == 2
