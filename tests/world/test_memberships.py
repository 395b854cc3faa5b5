"""Blocs against the public record of the organisations themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softpower.errors import UnknownGroup
from softpower.world import bloc_members, blocs, countries, memberships

KNOWN = {each.iso3 for each in countries()}


@pytest.mark.parametrize(
    ("year", "members"),
    [
        (1945, 49), (1950, 58), (1955, 74), (1960, 97), (1965, 115), (1970, 124), (1975, 140), (1980, 150), (1990, 157),
        (1991, 164), (1992, 177), (1993, 183), (1994, 184), (1999, 187), (2000, 189), (2002, 191), (2006, 192),
        (2011, 193), (2025, 193),
    ],
)  # fmt: skip
def test_the_united_nations_grew_as_they_say(year: int, members: int) -> None:
    """United Nations, Growth in United Nations membership, less the members whose seats no present member continues.

    They say 51, 60, 76, 99, 117, 127, 144, 154, 159, 166, 179, 184, 185, 188, 189, 191, 192, 193, 193.
    Not in the table: Czechoslovakia (to 1992), Yugoslavia (to 2000), Democratic Yemen (1967-1990), the German
    Democratic Republic (1973-1990).
    """
    assert len(bloc_members("UN", year=year)) == members


def test_the_members_of_the_united_nations_are_those_of_the_country_table() -> None:
    assert set(bloc_members("UN", year=2025)) == {each.iso3 for each in countries() if each.un_member}
    assert bloc_members("UN", year=2025, role="observer") == ("PSE", "VAT")
    assert bloc_members("UN", year=2011, role="observer") == ("VAT",)


@pytest.mark.parametrize("iso3", ["CHN", "FRA", "RUS", "GBR", "USA"])
def test_permanent_members_never_left(iso3: str) -> None:
    assert all(iso3 in bloc_members("UN", year=year) for year in range(1945, 2026))


@pytest.mark.parametrize(
    ("bloc", "year", "members"),
    [
        # European Union, EU countries: Croatia 2013, withdrawal of the United Kingdom 31 January 2020
        ("EU", 1993, 12), ("EU", 1995, 15), ("EU", 2004, 25), ("EU", 2007, 27), ("EU", 2013, 28), ("EU", 2019, 28),
        ("EU", 2020, 27), ("EU", 2021, 27),
        # NATO, Member countries: Montenegro 2017, North Macedonia 2020, Finland 2023, Sweden 2024
        ("NATO", 1949, 12), ("NATO", 1999, 19), ("NATO", 2004, 26), ("NATO", 2016, 28), ("NATO", 2021, 30),
        ("NATO", 2023, 31), ("NATO", 2024, 32),
        # SCO secretariat: India and Pakistan 2017, Iran 4 July 2023, Belarus 4 July 2024
        ("SCO", 2001, 6), ("SCO", 2016, 6), ("SCO", 2018, 8), ("SCO", 2023, 9), ("SCO", 2024, 10),
        # BRICS: South Africa joined the four; Egypt, Ethiopia, Iran, UAE 1 January 2024; Indonesia January 2025
        ("BRICS", 2009, 4), ("BRICS", 2012, 5), ("BRICS", 2023, 5), ("BRICS", 2024, 9), ("BRICS", 2025, 10),
        # Treaty on the Eurasian Economic Union, in force 1 January 2015
        ("EAEU", 2014, 0), ("EAEU", 2015, 5), ("EAEC", 2014, 5), ("EAEC", 2015, 0),
        # Organisation of Islamic Cooperation: 57 since Côte d'Ivoire (2001)
        ("OIC", 2000, 56), ("OIC", 2001, 57), ("OIC", 2024, 57),
        # Turkic Council by the Nakhchivan Agreement of 2009; Uzbekistan 2019
        ("OTS", 2008, 0), ("OTS", 2009, 4), ("OTS", 2019, 5), ("OTS", 2024, 5),
        # African Union: South Sudan 2011, Morocco 2017
        ("AU", 2002, 53), ("AU", 2011, 54), ("AU", 2017, 55),
        # Council of Europe: the Russian Federation ceased to be a member on 16 March 2022
        ("COE", 2021, 47), ("COE", 2022, 46),
        ("OSCE", 2012, 57), ("GCC", 1981, 6), ("ASEAN", 1999, 10), ("ASEAN", 2025, 11), ("CSTO", 2010, 7),
        ("CSTO", 2012, 6), ("CICA", 2022, 28), ("G7", 2024, 7), ("G20", 2024, 19), ("LAS", 1993, 22), ("ECO", 1992, 10),
        ("CENTRAL_ASIA", 2024, 5), ("TURKIC_WORLD", 2024, 6), ("TURKSOY", 2024, 6),
    ],
)  # fmt: skip
def test_blocs_had_as_many_members_as_their_own_record_says(bloc: str, year: int, members: int) -> None:
    assert len(bloc_members(bloc, year=year)) == members


def test_who_they_were() -> None:
    assert bloc_members("EAEU", year=2024) == ("ARM", "BLR", "KAZ", "KGZ", "RUS")
    assert bloc_members("OTS", year=2024) == ("AZE", "KAZ", "KGZ", "TUR", "UZB")
    assert bloc_members("OTS", year=2024, role="observer") == ("HUN", "TKM")
    assert "KAZ" in bloc_members("BRICS", year=2025, role="partner")
    assert bloc_members("CIS", year=2025, role="associate") == ("TKM",)
    assert "RUS" not in bloc_members("COE", year=2022)
    assert "RUS" in bloc_members("COE", year=2021)
    assert "GBR" not in bloc_members("EU", year=2020)
    assert "GBR" in bloc_members("EU", year=2019)
    assert set(bloc_members("WEST", year=2020)) - set(bloc_members("EU", year=2020)) == {
        "USA", "CAN", "GBR", "AUS", "NZL", "NOR", "ISL", "CHE",
    }  # fmt: skip


def test_turkiye_is_in_the_turkic_and_in_the_islamic_world() -> None:
    assert "TUR" in bloc_members("TURKIC_WORLD", year=2024)
    assert "TUR" in bloc_members("OIC", year=2024)


def test_spells_follow_each_other_and_name_their_source() -> None:
    last: dict[tuple[str, str, str], int | None] = {}
    for each in memberships():
        assert each.iso3 in KNOWN
        assert each.bloc in blocs()
        assert each.bloc_name
        assert each.source
        assert each.role in {"member", "observer", "partner", "associate"}
        assert 1945 <= each.joined <= 2025
        assert each.left is None or each.left > each.joined
        place = (each.bloc, each.iso3, each.role)
        if place in last:
            earlier = last[place]
            assert earlier is not None, place
            assert earlier <= each.joined, place
        last[place] = each.left


@given(st.sampled_from(blocs()), st.integers(1900, 2100))
def test_members_of_a_year_are_sorted_and_counted_once(bloc: str, year: int) -> None:
    members = bloc_members(bloc, year=year)
    assert list(members) == sorted(set(members))


@pytest.mark.parametrize(("wrong", "nearest"), [("NATTO", "NATO"), ("oic", "OIC"), ("BRIC", "BRICS"), ("otc", "OTS")])
def test_an_unknown_bloc_is_an_error_with_the_nearest_ids(wrong: str, nearest: str) -> None:
    with pytest.raises(UnknownGroup) as caught:
        bloc_members(wrong, year=2024)
    assert nearest in caught.value.nearest


def test_hostile_bloc_names_end_in_a_short_clean_error() -> None:
    for text in ("", "x" * 10_000, "\x00\x1b[31m", "\u202eOIC"):
        with pytest.raises(UnknownGroup) as caught:
            bloc_members(text, year=2024)
        assert len(str(caught.value)) < 300
        assert all(c.isprintable() for c in str(caught.value))
