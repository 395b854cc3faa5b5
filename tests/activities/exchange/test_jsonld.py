"""JSON-LD in the words of schema.org, safe inside a page."""

from __future__ import annotations

import html.parser
import json
from typing import Any

import pytest
from hypothesis import given, settings

from softpower.activities.exchange import write_file
from softpower.activities.exchange.jsonld import jsonld_bytes
from tests.activities.exchange.made import activity, registers


def nodes(*made) -> list[dict[str, Any]]:
    return json.loads(jsonld_bytes(made))["@graph"]


@given(registers(most=3))
@settings(max_examples=60, deadline=None)
def test_a_page_that_holds_it_holds_the_same_and_no_other_element(made):
    content = jsonld_bytes(made).decode()
    page = f'<script type="application/ld+json">{content}</script><p>after</p>'

    class Page(html.parser.HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.tags: list[str] = []
            self.texts: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.tags.append(tag)

        def handle_data(self, data: str) -> None:
            self.texts.append(data)

    read = Page()
    read.feed(page)
    read.close()
    assert read.tags == ["script", "p"]
    assert json.loads("".join(read.texts[:-1])) == json.loads(content)
    found = [each for each in json.loads(content)["@graph"] if each["@type"] != "EventSeries"]
    for node, entry in zip(found, made, strict=True):
        assert {each["@language"]: each["@value"] for each in node["name"]} == entry.title


def test_signs_that_end_a_script_are_escaped():
    content = jsonld_bytes([activity(title={"en": "</script><!--\u2028&"})])
    assert not set("<>&\u2028".encode()) & set(content) - set("\u2028".encode()[:2])
    assert "\u2028" not in content.decode()


def test_an_event_has_its_dates_status_place_and_organisers():
    (node,) = nodes(
        activity(
            end="2024-03-22", host=["TUR"], place="Ankara", status="postponed", audience_groups=["diaspora"],
            actors=[
                {"name": "Embassy", "country": "KAZ", "qid": "Q1"}, {"name": "Fund", "role": "funder"},
                {"name": "UN", "role": "partner"},
            ],
            sources=[{"title": "Report", "url": "https://example.org"}],
        )
    )  # fmt: skip
    assert (node["@type"], node["startDate"], node["endDate"]) == ("Event", "2024-03-21", "2024-03-22")
    assert node["eventStatus"] == "https://schema.org/EventPostponed"
    assert node["location"][0]["name"] == "Ankara"
    assert node["location"][0]["containedInPlace"][0]["identifier"] == "TUR"
    assert node["organizer"][0]["sameAs"] == "http://www.wikidata.org/entity/Q1"
    assert node["organizer"][0]["address"]["addressCountry"] == "KZ"
    assert (node["funder"][0]["name"], node["contributor"][0]["name"]) == ("Fund", "UN")
    assert node["audience"] == [{"@type": "Audience", "audienceType": "Diaspora"}]
    assert node["subjectOf"][0]["url"] == "https://example.org"


@pytest.mark.parametrize(
    ("fields", "start", "end"),
    [
        ({"start": "2017"}, "2017", None),
        ({"start": "2017-06"}, "2017-06", None),
        ({"start": "2017", "end": "2018"}, "2017", "2018"),
        ({"start": "2017", "end": "2018-05-04"}, "2017", "2018-05-04"),
        ({"start": "2017-06", "end": "2017-07"}, "2017-06", "2017-07"),
    ],
)
def test_no_day_is_told_that_is_not_known(fields, start, end):
    (node,) = nodes(activity(**fields))
    assert (node["startDate"], node.get("endDate")) == (start, end)


def test_editions_belong_to_a_series_and_programmes_are_projects():
    made = [activity(id=f"C-{n}", series="C", edition=n, instrument="interfaith_forum") for n in (1, 2)]
    series, first, second = nodes(*made)
    assert (series["@type"], series["identifier"]) == ("EventSeries", "C")
    assert [each["@id"] for each in series["subEvent"]] == [first["@id"], second["@id"]]
    assert first["superEvent"] == [{"@id": series["@id"]}]
    (project,) = nodes(activity(instrument="scholarship_inbound", parent="P"))
    assert (project["@type"], project["foundingDate"]) == ("Project", "2024-03-21")
    assert project["parentOrganization"] == [{"@id": "urn:softpower:activity:P"}]


def test_equal_entries_give_equal_bytes_in_forms_that_only_go_out(tmp_path):
    for ending in ("jsonld", "ics"):
        for name in ("a", "b"):
            write_file(tmp_path / f"{name}.{ending}", [activity(), activity(id="KAZ-2")])
        assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()
