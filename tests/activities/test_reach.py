"""Who is active where: towards whom an entry is, filters, tables, and the views of host and sender."""

from __future__ import annotations

from collections import Counter
from datetime import date

import polars as pl
import pytest

from softpower.activities.bundled import bundled_activities
from softpower.activities.crosstable import cross, over_time
from softpower.activities.filters import Filter, select, wanted
from softpower.activities.reach import active_abroad, active_in
from softpower.activities.towards import members_of, towards
from softpower.activities.vocabulary import UnknownWord
from softpower.errors import BadRequest, UnknownCountry
from tests.activities.made import made

# Towards whom.


def test_an_activity_towards_turkiye_is_towards_the_turkic_and_the_islamic_world_but_not_the_west() -> None:
    entry = made(audience=["Türkiye"])
    assert towards(entry, "TUR") == "named"
    assert towards(entry, "vector:turkic_world") == "member"
    assert towards(entry, "vector:islamic_world") == "member"
    assert towards(entry, "region:Asia") == "member"
    assert towards(entry, "vector:west") is None
    assert towards(entry, "UZB") is None


def test_an_activity_towards_a_group_is_towards_each_member_in_a_wider_sense() -> None:
    entry = made(audience=["Turkic world"])
    assert towards(entry, "vector:turkic_world") == "named"
    assert towards(entry, "TUR") == "wider"
    assert towards(entry, "vector:west") is None
    # Uzbekistan, Kyrgyzstan and Turkmenistan are Turkic, Tajikistan is not: neither group holds the other.
    assert towards(entry, "vector:central_asia") is None


def test_the_world_is_everybody_but_names_nobody() -> None:
    entry = made(audience=["world"])
    assert towards(entry, "TUR") == "world"
    assert towards(entry, "world") == "named"
    assert towards(entry, "home") is None
    assert towards(made(audience=["diaspora"]), "TUR") is None


def test_membership_is_of_the_year_of_the_activity() -> None:
    # The United Kingdom left the European Union but not the West; Kazakhstan's Islamic world is the OIC, which
    # Uzbekistan joined in 1996.
    assert towards(made(audience=["UZB"], start="1994-01-01"), "vector:islamic_world") is None
    assert towards(made(audience=["UZB"], start="1998-01-01"), "vector:islamic_world") == "member"


def test_membership_of_what_goes_on_is_the_latest() -> None:
    centre = made(audience=["UZB"], start="1994-01-01", status="ongoing")
    assert towards(centre, "vector:islamic_world") == "member"


def test_neighbours_are_those_of_the_sender() -> None:
    assert "UZB" in members_of("vector:neighbours", "KAZ", 2020)
    assert "UZB" not in members_of("vector:neighbours", "FRA", 2020)
    assert towards(made(audience=["ESP"], sender=["FRA"]), "vector:neighbours") == "member"
    assert towards(made(audience=["ESP"]), "vector:neighbours") is None


def test_no_group_holds_the_sender() -> None:
    assert "KAZ" not in members_of("vector:central_asia", "KAZ", 2020)
    assert "KAZ" in members_of("vector:central_asia", "TUR", 2020)
    joint = made(sender=["KAZ", "TUR"], audience=["KAZ"])
    assert towards(joint, "vector:central_asia", sender="TUR") == "member"
    assert towards(joint, "vector:central_asia", sender="KAZ") is None


# Filters.


def test_names_of_a_filter_are_understood_as_people_write_them() -> None:
    which = wanted(sender="Kazakhstan", host="Turkey", instrument="Cultural days", public="mass public")
    assert which == Filter(sender=("KAZ",), host=("TUR",), instrument="cultural_days", public="mass_public")


def test_a_filter_keeps_what_ran_within_the_years() -> None:
    entries = [
        made("before", start="2010-01-01", end="2011-12-31"),
        made("over", start="2010-01-01", end="2013-01-01"),
        made("open", start="2001", status="ongoing"),
        made("within", start="2012-05-05"),
        made("vague", start="2012"),
        made("after", start="2014-01-01"),
    ]
    found = {each.id for each in select(entries, wanted(first=2012, last=2013))}
    assert found == {"over", "open", "within", "vague"}


def test_everybody_is_found_only_if_asked_for() -> None:
    entries = [made("world", audience=["world"]), made("named", audience=["Türkiye"])]
    assert [each.id for each in select(entries, wanted(audience="Türkiye"))] == ["named"]
    found = select(entries, wanted(audience="Türkiye", everybody="count"))
    assert {each.id for each in found} == {"world", "named"}
    assert [each.id for each in select(entries, wanted(audience="world"))] == ["world"]


@pytest.mark.parametrize(
    ("field", "value", "keeps"),
    [
        ("sender", "KAZ", ["A"]),
        ("host", ["FRA", "DEU"], ["B"]),
        ("instrument", "expo", ["B"]),
        ("component", "advocacy", ["A"]),
        ("category", "elite", ["A"]),
        ("public", "media", ["A"]),
        ("status", "done", ["B"]),
        ("nature", "outcome", ["A"]),
        ("series", "S", ["B"]),
    ],
)
def test_each_filter_keeps_its_own(field: str, value: object, keeps: list[str]) -> None:
    entries = [
        made("A", audience_groups=["media"], status="planned", nature="outcome"),
        made("B", sender=["TUR"], host=["FRA"], instrument="expo", series="S"),
    ]
    assert [each.id for each in select(entries, wanted(**{field: value}))] == keeps  # type: ignore[arg-type]


def test_wrong_names_and_years_are_refused() -> None:
    with pytest.raises(UnknownCountry):
        wanted(host="Atlantis")
    with pytest.raises(UnknownWord):
        wanted(instrument="circus")
    with pytest.raises(BadRequest, match="swap"):
        wanted(first=2020, last=2010)


# Tables.


def test_a_table_agrees_with_a_group_by_of_polars() -> None:
    entries = [each for each in bundled_activities() if "same_as" not in each.extra]
    table = cross(entries, "instrument", "public")
    frame = pl.DataFrame(
        [{"instrument": each.instrument, "public": group} for each in entries for group in each.audience_groups]
    )
    counted = {(a, b): n for a, b, n in frame.group_by("instrument", "public").len().iter_rows()}
    assert sum(map(sum, table.counts)) == len(frame)
    for row in table.rows:
        for column in table.columns:
            assert table.count(row, column) == counted.get((row, column), 0)


def test_a_total_counts_an_activity_once_however_many_cells_it_falls_into() -> None:
    entries = [
        made("A", sender=["KAZ", "TUR"], audience_groups=["media", "students"]),
        made("B", audience_groups=["media"]),
        made("C"),
    ]
    table = cross(entries, "sender", "public")
    assert (table.rows, table.row_totals) == (("KAZ", "TUR"), (2, 1))
    assert (table.columns, table.column_totals) == (("media", "students"), (2, 1))
    assert (table.total, table.without) == (3, 1)


def test_two_entries_of_one_activity_count_once() -> None:
    entries = [made("A"), made("B", extra={"same_as": "A"}), made("C", extra={"same_as": "nowhere"})]
    assert cross(entries, "sender", "host").count("KAZ", "TUR") == 2


def test_years_without_an_activity_are_columns_too() -> None:
    entries = [made("A", start="2010-02-02"), made("B", start="2013"), made("C", start="2020-01-01")]
    table = over_time(entries, first=2009, last=2014)
    assert table.columns == ("2009", "2010", "2011", "2012", "2013", "2014")
    assert table.counts == ((0, 1, 0, 0, 1, 0),)
    assert table.total == 2
    assert over_time(entries).columns[-1] == "2020"
    assert over_time([]).columns == ()


def test_a_table_by_what_nobody_knows_is_refused() -> None:
    with pytest.raises(BadRequest, match="instrument"):
        cross([made()], "colour", "host")  # type: ignore[arg-type]


# Views.


def test_who_is_active_in_turkiye_with_which_instruments_at_which_publics() -> None:
    view = active_in(bundled_activities(), "Türkiye")
    found = {each.iso3: each for each in view.presences}
    assert set(found) == {"KAZ", "GBR", "DEU", "RUS", "FRA", "KOR"}
    # Days of Kazakhstan 2015, 2016, 2017, Nauryz and Anadolu days 2019, the year of Abai 2020, and the memorandums.
    assert found["KAZ"].count == 7
    assert found["KAZ"].instruments == {"cultural_days": 6, "agreement": 1}
    assert found["GBR"].instruments["cultural_institute"] == 2
    assert found["KOR"].publics == {"mass_public": 1, "youth": 1}
    assert (found["GBR"].first, found["GBR"].last, found["GBR"].ongoing) == (1940, 2014, 2)
    assert view.own == ("TUR-YEE-2007",)
    assert dict(view.same)["TUR-KAZ-2016"] == "KAZ-ANK-2016"


def test_what_was_cancelled_or_decided_by_others_is_no_presence() -> None:
    entries = [
        made("A"),
        made("B", status="cancelled"),
        made("C", status="planned"),
        made("D", nature="outcome"),
        made("E", sender=["TUR"]),
    ]
    view = active_in(entries, "TUR")
    assert [(each.iso3, each.ids) for each in view.presences] == [("KAZ", ("A",))]
    assert (view.own, view.outcomes, view.not_done, view.total) == (("E",), ("D",), ("B", "C"), 1)


def test_a_host_can_be_seen_over_some_years_only() -> None:
    view = active_in(bundled_activities(), "TUR", first=1990, last=1999)
    # The council and the institute of the 1940s and 1950s go on.
    assert {each.iso3 for each in view.presences} == {"GBR", "DEU"}


def test_a_sender_is_seen_by_host_and_vector() -> None:
    entries = [
        made("A", audience=["Türkiye"]),
        made("B", audience=["Turkic world"], host=["UZB"]),
        made("C", audience=["world"], host=[]),
        made("D", audience=["Asia"]),
        made("E", audience=["France"], start="2001-01-01"),
    ]
    view = active_abroad(entries, "KAZ")
    vectors = {each.vector: each for each in view.vectors}
    turkic = vectors["vector:turkic_world"]
    assert (turkic.named, turkic.member, turkic.wider, turkic.last) == (1, 1, 1, 2015)
    assert (vectors["vector:west"].member, vectors["vector:west"].last) == (1, 2001)
    assert (vectors["RUS"].named, vectors["RUS"].last) == (0, None)
    assert {each.iso3: each.count for each in view.presences} == {"TUR": 3, "UZB": 1}
    assert (view.world, view.nowhere, view.total) == (1, 1, 5)


def test_kazakhstans_view_counts_each_activity_once_and_outcomes_apart() -> None:
    view = active_abroad(bundled_activities(), "KAZ")
    by_host = Counter(
        host
        for each in bundled_activities()
        if "KAZ" in each.sender and each.nature == "activity" and each.status != "cancelled" and not each.extra
        for host in each.host
    )
    assert {each.iso3: each.count for each in view.presences} == by_host
    assert len(view.outcomes) == 6
    assert view.not_done == ("KAZ-AIF-2024",)


def test_views_and_tables_are_documents_of_plain_values() -> None:
    assert active_in(bundled_activities(), "TUR").document()["presences"][0]["iso3"] == "KAZ"
    assert active_abroad(bundled_activities(), "KAZ").document()["vectors"][0]["vector"] == "RUS"
    assert cross([made()], "sender", "host").document()["counts"] == [[1]]
    assert wanted(first=2010).first == date(2010, 1, 1)
