"""The lists that came before the register, and AidData's counts, import as they are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from softpower.activities.exchange import BadEntries, read_file
from softpower.activities.exchange.older import known, senders

HEAD = (
    "id,title,instrument,cull_component,direction,start_date,end_date,date_precision,status,city,host_country,"
    "lead_actor,partners,vectors,audience,scale_reported,aim,source_publisher,source_title,source_year,source_url,"
    "source_seen,confidence,note"
)
ROW = (
    "TUR-YEE-2009,Centres,cultural_institute,cultural diplomacy,by TUR abroad,2009-01-01,,year,ongoing,,TUR,Yunus Emre,"
    "Türkiye;GBR;UN,Balkans;Turkic world;diaspora homelands;global,learners of Turkish;students,"
    "42 centres,education hub,Sabah; AA,Title,2017,https://a.org/b,yes,high,seen"
)
AIDDATA = (
    "receiving_country,year,confucius_institutes,government_visits,military_visits,total_elite_visits,"
    "inbound_students_to_china\n"
)


def put(folder: Path, text: str) -> Path:
    path = folder / "a.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_older_row_says_the_same_in_the_words_of_the_register(tmp_path):
    (found,) = read_file(put(tmp_path, f"{HEAD}\n{ROW}\n"))
    assert (found.sender, found.host, found.component) == (("TUR",), ("TUR",), "cultural_diplomacy")
    assert found.audience == ("vector:turkic_world", "diaspora", "world")
    assert found.audience_groups == ("mass_public", "students")
    assert found.note == "seen; audience as given: Balkans"
    assert [(each.name, each.role, each.country) for each in found.actors] == [
        ("Yunus Emre", "initiator", None),
        ("Türkiye", "partner", "TUR"),
        ("United Kingdom of Great Britain and Northern Ireland", "partner", "GBR"),
        ("UN", "partner", None),
    ]
    assert (found.date_precision, found.status, found.end) == ("year", "ongoing", None)
    assert (found.reported, found.aims) == ("42 centres", ("education_hub",))
    assert [(each.publisher, each.seen) for each in found.sources] == [("Sabah; AA", True)]


@pytest.mark.parametrize(
    ("direction", "id", "told"),
    [
        ("by KAZ", "KAZ-EXPO", ["KAZ"]),
        ("by TUR abroad", "TUR-KAZ-1", ["TUR"]),
        ("in TUR by foreign mission", "TUR-GBR-1940", ["GBR"]),
        ("bilateral", "TUR-YASSAWI", ["TUR"]),
        ("bilateral", "TUR-RUS-2012", ["TUR", "RUS"]),
    ],
)
def test_who_acts_follows_from_the_direction_and_the_id(direction, id, told):
    assert senders(direction, id) == told


@pytest.mark.parametrize("direction", ["in TUR by foreign mission", "abroad"])
def test_a_direction_that_does_not_say_who_acts_is_refused_in_its_column(tmp_path, direction):
    row = ROW.replace("by TUR abroad", direction)
    with pytest.raises(
        BadEntries, match=r"row 2, column direction: '.*' does not say who acts; add a column sender"
    ) as e:
        read_file(put(tmp_path, f"{HEAD}\n{row}\n"))
    assert len(e.value.faults) == 1


def test_faults_are_told_in_the_columns_of_the_file(tmp_path):
    row = ROW.replace("cultural diplomacy", "kultur").replace("2009-01-01", "2009-13").replace("TUR,Yunus", "XXQ,Yunus")
    with pytest.raises(BadEntries) as caught:
        read_file(put(tmp_path, f"{HEAD}\n{row}\n"))
    assert {each.where for each in caught.value.faults} == {
        "column cull_component",
        "column start_date",
        "column host_country",
    }


def test_an_audience_without_vectors_beside_it_is_with_whom():
    assert known(["audience"]) == ["audience"]
    assert known(["vectors", "audience"]) == ["vectors", "audience_groups"]


def test_counts_become_one_entry_each_and_what_nobody_counted_or_did_becomes_none(tmp_path):
    found = read_file(put(tmp_path, AIDDATA + '"Kazakhstan",2012,2,0,3,3,"N/A"\nMongolia,2013,N/A,,1,1,7500\n'))
    assert [(each.id, each.sender, each.host) for each in found] == [
        ("AIDDATA-CHN-KAZ-2012-confucius_institutes", ("CHN",), ("KAZ",)),
        ("AIDDATA-CHN-KAZ-2012-military_visits", ("CHN",), ("KAZ",)),
        ("AIDDATA-CHN-MNG-2013-military_visits", ("CHN",), ("MNG",)),
        ("AIDDATA-CHN-MNG-2013-inbound_students_to_china", ("CHN",), ("CHN",)),
    ]
    assert [each.figures[0].realised for each in found] == [2, 3, 1, 7500]
    assert [each.instrument for each in found[:2]] == ["cultural_institute", "high_level_visit"]
    assert {(each.date_precision, each.start.year, each.end.year) for each in found if each.end} == {
        ("year", 2012, 2012),
        ("year", 2013, 2013),
    }
    assert Counter(each.nature for each in found) == {"activity": 3, "outcome": 1}


def test_counts_that_are_none_and_countries_that_are_unknown_are_told_together(tmp_path):
    rows = (
        "Kazakhstan,12,1,1,1,2,1\nAbsurdistan,2012,1,1,1,2,1\nMongolia,2012,1.5,1,-1,2,many\nMongolia,2012,1,1,1,2,1\n"
    )
    with pytest.raises(BadEntries) as caught:
        read_file(put(tmp_path, AIDDATA + rows))
    assert [(each.line, each.where) for each in caught.value.faults] == [
        (2, "column year"),
        (3, "column receiving_country"),
        (4, "column confucius_institutes"),
        (4, "column military_visits"),
        (4, "column inbound_students_to_china"),
        (5, "column year"),
    ]
