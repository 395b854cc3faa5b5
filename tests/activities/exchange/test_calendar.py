"""iCalendar: what another library reads back, and what RFC 5545 asks of the bytes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from icalendar import Calendar

from softpower.activities.exchange import write_file
from softpower.activities.exchange.ics import folded, ics_bytes
from tests.activities.exchange.made import activity, registers, text


def events(content: bytes) -> list[Any]:
    return Calendar.from_ical(content).walk("VEVENT")


@given(registers(most=3))
@settings(max_examples=60, deadline=None)
def test_another_library_reads_back_what_each_entry_says(made):
    found = events(ics_bytes(made))
    assert [str(each["UID"]) for each in found] == [f"{each.id}@softpower" for each in made]
    for event, entry in zip(found, made, strict=True):
        assert str(event["SUMMARY"]) == entry.name.replace("\r\n", "\n").replace("\r", "\n")
        assert event["DTSTART"].dt == entry.start
        assert event["DTSTART"].params["VALUE"] == "DATE"
        if entry.end is not None and entry.end < date.max:
            assert event["DTEND"].dt == entry.end + timedelta(days=1)
        assert str(event["DTSTAMP"].to_ical(), "ascii") == f"{entry.start.isoformat().replace('-', '')}T000000Z"


@given(registers(most=2))
@settings(max_examples=40, deadline=None)
def test_no_line_is_longer_than_75_octets_and_each_ends_as_the_standard_has_it(made):
    content = ics_bytes(made)
    lines = content.split(b"\r\n")
    assert lines.pop() == b""
    assert max(map(len, lines)) <= 75
    assert not [line for line in lines if b"\n" in line or b"\r" in line]
    assert all(line.decode() for line in lines)  # no letter is torn apart


@given(text(300))
def test_a_folded_line_unfolds_to_what_it_was(line):
    assert folded(line).replace("\r\n ", "").removesuffix("\r\n") == line


@pytest.mark.parametrize(
    ("fields", "start", "end"),
    [
        ({"start": "2024-03-21"}, date(2024, 3, 21), date(2024, 3, 22)),
        ({"start": "2024-03-21", "end": "2024-03-22"}, date(2024, 3, 21), date(2024, 3, 23)),
        ({"start": "2024-02"}, date(2024, 2, 1), date(2024, 3, 1)),
        ({"start": "2024"}, date(2024, 1, 1), date(2025, 1, 1)),
        ({"start": "2024-12-31"}, date(2024, 12, 31), date(2025, 1, 1)),
    ],
)
def test_an_event_ends_on_the_day_after_its_last(fields, start, end):
    (event,) = events(ics_bytes([activity(**fields)]))
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (start, end)


def test_an_event_that_lasts_to_the_end_of_days_has_its_length_instead():
    (event,) = events(ics_bytes([activity(start="9999-12-30", end="9999-12-31")]))
    assert event["DURATION"].dt == timedelta(days=2)


def test_a_month_or_year_without_a_day_says_so():
    (event,) = events(ics_bytes([activity(start="2024-03")]))
    assert "The month is known, not the day." in str(event["DESCRIPTION"])


@pytest.mark.parametrize(
    ("status", "told"), [("planned", "TENTATIVE"), ("held", "CONFIRMED"), ("cancelled", "CANCELLED")]
)
def test_a_status_is_one_that_calendars_know(status, told):
    (event,) = events(ics_bytes([activity(status=status)]))
    assert event["STATUS"] == told


def test_text_of_an_entry_cannot_add_a_property_or_an_event():
    hostile = "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:other"
    found = events(ics_bytes([activity(title={"en": hostile}, place=hostile, note=hostile, reported=hostile)]))
    assert [str(each["UID"]) for each in found] == ["KAZ-1@softpower"]


def test_parent_place_and_source_are_told(tmp_path):
    made = activity(parent="P", place="Ankara", host=["TUR"], sources=[{"url": "https://example.org/a,b"}])
    write_file(tmp_path / "a.ics", [made])
    (event,) = events((tmp_path / "a.ics").read_bytes())
    assert str(event["LOCATION"]) == "Ankara, Türkiye"
    assert (str(event["RELATED-TO"]), event["RELATED-TO"].params["RELTYPE"]) == ("P@softpower", "PARENT")
    assert str(event["URL"]) == "https://example.org/a,b"
    assert [str(each) for each in event["CATEGORIES"].cats] == ["Cultural days", "Cultural diplomacy"]
