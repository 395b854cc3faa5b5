"""How often a series has been held, as of a day."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softpower.activities.bundled import bundled_activities
from softpower.activities.editions import UnknownSeries, editions, series_in
from tests.activities.made import made, numbered


def test_seven_congresses_had_been_held_by_june_2025_and_eight_by_the_end_of_the_year() -> None:
    june = editions(bundled_activities(), "KAZ-CONG", as_of=date(2025, 6, 30))
    assert (june.count, june.exact, june.text) == (7, True, "7")
    assert june.years == (2003, 2006, 2009, 2012, 2015, 2018, 2022)
    assert june.later == ("KAZ-CONG-8",)
    december = editions(bundled_activities(), "KAZ-CONG", as_of=date(2025, 12, 31))
    assert (december.count, december.text) == (8, "8")
    assert december.last == date(2025, 9, 17)


def test_an_edition_counts_from_the_day_on_which_it_begins() -> None:
    assert editions(bundled_activities(), "KAZ-CONG", as_of=date(2025, 9, 16)).count == 7
    assert editions(bundled_activities(), "KAZ-CONG", as_of=date(2025, 9, 17)).count == 8


def test_a_congress_is_held_about_every_three_years_and_none_was_late_by_half_as_much_again() -> None:
    found = editions(bundled_activities(), "KAZ-CONG", as_of=date(2025, 12, 31))
    assert found.usual_years == pytest.approx(3.0, abs=0.05)
    assert not any(each.long for each in found.intervals)
    assert max(found.intervals, key=lambda each: each.years).until == "KAZ-CONG-7"
    assert found.next_years == (2028, 2029)


def test_a_number_stands_for_those_before_it() -> None:
    found = editions(bundled_activities(), "ASTANA-PROCESS", as_of=date(2026, 1, 1))
    assert (found.count, found.exact, found.registered) == (22, False, 5)
    assert found.numbers == (1, 7, 17, 21, 22)
    assert len(found.missing) == 17
    assert found.text == "at least 22 (5 registered)"


def test_an_interval_over_editions_that_are_not_registered_is_shared_among_them() -> None:
    # CICA: 2002 in Almaty, 2006, 2010, 2014, 2019, 2022: every fourth year or so, three of them not in Kazakhstan.
    found = editions(bundled_activities(), "CICA-SUMMIT", as_of=date(2026, 1, 1))
    assert [each.years for each in found.intervals] == [pytest.approx(4, abs=0.15)] * 2
    assert found.missing == (3, 4, 5)


def test_a_cancelled_edition_is_said_apart_and_does_not_count() -> None:
    found = editions(bundled_activities(), "KAZ-AIF", as_of=date(2025, 12, 31))
    assert (found.count, found.exact, found.text) == (2, False, "at least 2")
    assert found.cancelled == ("KAZ-AIF-2024",)


def test_a_cancelled_number_is_not_counted_as_held_where_later_ones_are_numbered_on() -> None:
    entries = [
        *numbered((1, "2001"), (3, "2003")),
        made("C", series="S", edition=2, start="2002", status="cancelled"),
    ]
    found = editions(entries, "S", as_of=date(2010, 1, 1))
    assert (found.count, found.exact, found.missing) == (2, True, ())


def test_planned_and_postponed_editions_do_not_count() -> None:
    entries = [
        *numbered((1, "2001-01-01")),
        made("P", series="S", edition=2, start="2003-01-01", status="planned"),
        made("Q", series="S", edition=3, start="2004-01-01", status="postponed"),
    ]
    found = editions(entries, "S", as_of=date(2030, 1, 1))
    assert (found.count, found.planned, found.postponed) == (1, ("P",), ("Q",))


def test_an_edition_of_which_only_the_year_is_known_is_unsure_until_the_year_is_over() -> None:
    entries = numbered((1, "2010-05-05"), (2, "2015"))
    summer = editions(entries, "S", as_of=date(2015, 6, 30))
    assert (summer.count, summer.unsure, summer.exact, summer.text) == (1, ("E-1",), False, "at least 1")
    assert editions(entries, "S", as_of=date(2015, 12, 31)).text == "2"


def test_two_entries_of_one_number_are_one_edition() -> None:
    assert editions(numbered((1, "2001-01-01"), (1, "2001-01-02")), "S", as_of=date(2010, 1, 1)).text == "1"


def test_a_gap_is_longer_than_one_and_a_half_times_the_usual() -> None:
    found = editions(
        numbered((1, "2001-01-01"), (2, "2003-01-01"), (3, "2005-01-01"), (4, "2009-01-01")),
        "S",
        as_of=date(2010, 1, 1),
    )
    assert [each.long for each in found.intervals] == [False, False, True]


def test_before_the_first_nothing_was_held() -> None:
    found = editions(bundled_activities(), "KAZ-CONG", as_of=date(2000, 1, 1))
    assert (found.count, found.first, found.next_years, found.text) == (0, None, None, "none registered")


def test_an_unknown_series_names_the_nearest() -> None:
    with pytest.raises(UnknownSeries, match="KAZ-CONG"):
        editions(bundled_activities(), "KAZ-CONGRESS", as_of=date(2025, 1, 1))


def test_secretariat_sessions_and_informal_summits_are_no_editions_of_the_series_they_belong_to() -> None:
    assert series_in(bundled_activities())["KAZ-CONG"] == 8
    assert {each.id for each in bundled_activities() if each.series == "OTS-SUMMIT"} == {
        "KAZ-OTS-1", "KAZ-OTS-5", "KAZ-OTS-10"}  # fmt: skip


def test_a_document_holds_days_as_text() -> None:
    found = editions(bundled_activities(), "KAZ-CONG", as_of=date(2025, 6, 30)).document()
    assert found["as_of"] == "2025-06-30"
    assert found["held"][0]["start"] == "2003-09-23"


@given(st.lists(st.integers(1, 60), min_size=1, max_size=12, unique=True), st.integers(1990, 2060))
def test_registered_and_missing_numbers_make_up_the_count(numbers: list[int], year: int) -> None:
    entries = numbered(*((number, f"{1990 + number}-06-01") for number in numbers))
    found = editions(entries, "S", as_of=date(year, 12, 31))
    held = {number for number in numbers if 1990 + number <= year}
    assert set(found.numbers) == held
    assert found.count == max(held, default=0)
    assert set(found.missing) == set(range(1, found.count + 1)) - held
    assert found.exact == (bool(held) and held == set(range(1, len(held) + 1)))
