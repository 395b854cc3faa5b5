"""Entries of a register: what is taken, what is filled in, and what is refused with which words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from softpower.activities.activity import Activity, checked
from softpower.activities.audience import UnknownAudience, reach, regions, vectors
from softpower.activities.vocabulary import List, UnknownWord, nearest, word, words
from softpower.world import countries, vectors_of

EXPO: dict[str, Any] = {
    "id": "KAZ-EXPO-2017",
    "title": {"en": "Expo 2017", "kk": "ЭКСПО-2017"},
    "instrument": "expo",
    "sender": ["Kazakhstan"],
    "start": "2017-06-10",
}


def entry(**changes: Any) -> Activity:
    found = checked(EXPO | changes)
    assert isinstance(found, Activity), [str(fault) for fault in found]
    return found


def faults(**changes: Any) -> list[str]:
    found = checked({key: value for key, value in (EXPO | changes).items() if value is not ...}, line=7)
    assert isinstance(found, list)
    return [str(each) for each in found]


def test_an_entry_needs_a_title_an_instrument_a_sender_and_a_start() -> None:
    expo = entry()
    assert (expo.name, expo.sender, expo.start, expo.end) == ("Expo 2017", ("KAZ",), date(2017, 6, 10), None)
    for field in ("id", "title", "instrument", "sender", "start"):
        assert faults(**{field: ...}) == [f"line 7, entry, {field}: is missing"]
    assert faults(title={}) == ["line 7, entry: it has no title"]
    assert faults(title={"en": " "}) == ["line 7, entry: a title is empty"]
    assert "at least 1 item" in faults(sender=[])[0]


def test_an_instrument_says_what_an_entry_does_not() -> None:
    expo = entry()
    assert (expo.instrument, expo.component, expo.category, expo.kind, expo.nature) == (
        "mega_event_expo",
        "cultural_diplomacy",
        "cultural",
        "event",
        "activity",
    )
    assert entry(component="Nation branding").component == "nation_branding"
    assert entry(instrument="election").nature == "outcome"
    assert entry(instrument="institution").category == ""


def test_a_year_or_a_month_stands_for_its_first_and_its_last_day() -> None:
    both = entry(start="2016", end="2016")
    assert (both.start, both.end, both.date_precision) == (date(2016, 1, 1), date(2016, 12, 31), "year")
    month = entry(start="2016-02", end="2016-02")
    assert (month.start, month.end, month.date_precision) == (date(2016, 2, 1), date(2016, 2, 29), "month")
    assert entry().date_precision == "day"
    assert entry(date_precision="year").date_precision == "year"
    for wrong in ("2017-13", "June 2017", "10.06.2017", "2017-02-30", "0000", "1500000000", "2017-6-1", "٢٠١٧-06-10"):
        assert f"{wrong!r} is no date; give a day, a month or a year" in faults(start=wrong)[0]


def test_what_ends_before_it_starts_is_refused() -> None:
    assert faults(end="2017-06-09") == ["line 7, entry: it ends on 2017-06-09, before it starts on 2017-06-10"]
    assert entry(end="2017-06-10").end == date(2017, 6, 10)


def test_all_faults_of_an_entry_are_told_at_once() -> None:
    found = faults(
        id="KAZ 1", instrument="exppo", sender=["Kazakhstann"], status="finished?", audience=["Atlantis"], extras=1
    )
    assert len(found) == 6
    assert "nearest: mega_event_expo" in found[1]
    assert "unknown country 'Kazakhstann'; nearest: Kazakhstan (KAZ)" in found[2]
    assert "unknown audience 'Atlantis'" in " ".join(found)
    assert found[-1] == "line 7, entry, extras: is no field of an entry; put it into extra"


@pytest.mark.parametrize("amount", ["1,5 mln", "1.500.000", "1,500,000", "1e", "", "abc", "NaN", "inf", "٣"])
def test_an_amount_is_digits_with_a_point(amount: str) -> None:
    (found,) = faults(budget=[{"amount": amount, "currency": "KZT"}])
    assert found == (
        f"line 7, entry, budget.1.amount: {amount!r} is no number; give digits with a point, such as 1500000 or 1.5"
    )


def test_money_is_not_below_zero_and_has_a_currency() -> None:
    assert entry(budget=[{"amount": "1500000", "currency": "KZT"}]).budget[0].amount == 1.5e6
    assert "greater than or equal to 0" in faults(budget=[{"amount": -1, "currency": "KZT"}])[0]
    assert "currency" in faults(budget=[{"amount": 1, "currency": "tenge"}])[0]
    assert "inf is no number" in faults(budget=[{"amount": float("inf"), "currency": "KZT"}])[0]


def test_a_figure_is_planned_or_realised_and_ranges_run_upwards() -> None:
    games = entry(figures=[{"indicator": "athletes", "planned": 4000, "planned_most": 5000, "realised": 2500}])
    assert games.figures[0].planned_most == 5000
    assert "give the smaller one first" in faults(figures=[{"indicator": "a", "planned": 5, "planned_most": 4}])[0]
    assert "give the smaller one first" in faults(figures=[{"indicator": "a", "realised_most": 4, "planned": 1}])[0]
    assert "neither a planned nor a realised figure" in faults(figures=[{"indicator": "a"}])[0]


def test_an_edition_belongs_to_a_series_which_is_not_itself() -> None:
    assert entry(series="KAZ-EXPO", edition=1).edition == 1
    assert "edition 2 of no series" in faults(edition=2)[0]
    assert "its own series or parent" in faults(parent="KAZ-EXPO-2017")[0]
    assert faults(series="X", edition=0)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://a.b", "http://a b", 'https://a"b', "//a.b", "x"])
def test_an_address_is_one_of_the_web(address: str) -> None:
    assert "does not begin with http:// or https://" in faults(sources=[{"url": address}])[0]
    assert "needs a publisher, a title or an address" in faults(sources=[{"year": "2017"}])[0]


@pytest.mark.parametrize("text", ["a\x00b", "a\x1b[31mb", "a\u202eb", "a\x9bb"])
def test_text_with_control_characters_is_refused(text: str) -> None:
    for field in ("note", "reported", "place"):
        assert faults(**{field: text}) == [f"line 7, entry, {field}: holds control characters; take them out"]
    assert "control characters" in faults(title={"en": text})[0]
    assert "\x1b" not in " ".join(faults(sender=[text], id=text, **{"x\x1b": 1}))


def test_a_title_has_one_line_and_a_note_may_have_several() -> None:
    forged = entry(title={"en": "Gala\r\nKAZ-FAKE  2020\tEVIL"}, place="Astana\rAlmaty", note="one\r\ntwo")
    assert forged.name == "Gala KAZ-FAKE  2020 EVIL"
    assert forged.place == "Astana Almaty"
    assert forged.note == "one\ntwo"


def test_hostile_text_is_kept_as_text() -> None:
    nasty = "=cmd|' /C calc'!A0 <script>alert(1)</script> '; DROP TABLE entries; -- {{7*7}} ${x} 😀 עברית"
    assert entry(note=nasty, title={"en": nasty}).note == nasty


def test_an_entry_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        entry().note = "other"


@given(st.dates(date(1, 1, 1)), st.dates(date(1, 1, 1)))
def test_every_day_is_taken_and_order_alone_decides(start: date, end: date) -> None:
    found = checked(EXPO | {"start": start.isoformat(), "end": end.isoformat()})
    assert isinstance(found, Activity) == (start <= end)


def test_audiences_are_countries_vectors_regions_and_everybody() -> None:
    assert reach("Russia") == "RUS"
    assert reach("russia") == "RUS"
    assert reach("West") == reach("vector:west") == "vector:west"
    assert reach("Islamic world") == "vector:islamic_world"
    assert reach("Central Asia") in ("vector:central_asia", "region:Central Asia")
    assert reach("domestic") == "home"
    with pytest.raises(UnknownAudience, match="Give a country, a vector"):
        reach("vector:nobody")
    with pytest.raises(UnknownAudience):
        reach("region:Atlantis")


def test_every_audience_is_called_by_itself() -> None:
    for country in countries():
        assert reach(country.iso3) == country.iso3
    for name in set(vectors().values()):
        assert reach(f"vector:{name}") == f"vector:{name}"
    for name in set(regions().values()):
        assert reach(f"region:{name}") == f"region:{name}"
    shown = {each.id for iso3 in ("KAZ", "TUR", "FRA", "JPN") for each in vectors_of(iso3) if each.blocs}
    assert shown <= set(vectors().values())


LISTS: tuple[List, ...] = (
    "instrument", "component", "category", "kind", "nature", "actor_type", "actor_role", "audience", "aim", "status",
    "date_precision", "confidence",
)  # fmt: skip


@pytest.mark.parametrize("of", LISTS)
def test_a_word_is_known_by_its_id_its_title_and_every_other_spelling_which_no_other_word_has(of: List) -> None:
    seen: dict[str, str] = {}
    for id, each in words(of).items():
        for spelling in (id, each.title, *each.also, id.upper(), each.title.replace(" ", "_")):
            assert word(of, spelling).id == id, spelling
            assert seen.setdefault(spelling.casefold(), id) == id
    with pytest.raises(UnknownWord, match="softpower activities words"):
        word(of, "xyzzy")


def test_instruments_say_what_they_usually_are_in_words_that_exist() -> None:
    for each in words("instrument").values():
        assert each.component in words("component")
        assert each.category in {"", *words("category")}
        assert each.kind in words("kind")
        assert each.nature in {"", *words("nature")}
    assert (
        nearest("instrument", "scholarshipinbound") == ["scholarship_inbound"]
        or nearest("instrument", "scholarshipinbound")[0] == "scholarship_inbound"
    )
