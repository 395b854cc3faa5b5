"""What a picture of a register draws, and when an activity ran."""

from __future__ import annotations

from datetime import date

import pytest

from softpower.activities.bundled import bundled_activities
from softpower.activities.spans import last_day, latest_start, ran_within, years_between
from softpower.activities.timeline import timeline
from softpower.errors import BadRequest
from tests.activities.made import made

DAY = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("fields", "day"),
    [
        ({"start": "2015-05-05"}, date(2015, 5, 5)),
        ({"start": "2016-02"}, date(2016, 2, 29)),
        ({"start": "2015"}, date(2015, 12, 31)),
        ({"start": "2015", "end": "2015-03-03"}, date(2015, 3, 3)),
        ({"start": "2015", "end": "2020"}, date(2015, 12, 31)),
    ],
)
def test_the_last_day_on_which_an_activity_may_have_begun(fields: dict[str, str], day: date) -> None:
    assert latest_start(made(**fields)) == day


def test_what_goes_on_has_no_last_day_and_what_was_held_has() -> None:
    assert last_day(made(status="ongoing")) is None
    assert last_day(made(status="ongoing", end="2030-12-31")) == date(2030, 12, 31)
    assert last_day(made()) == date(2015, 5, 1)
    assert last_day(made(start="2015")) == date(2015, 12, 31)


def test_an_activity_runs_within_days_that_it_touches() -> None:
    entry = made(start="2015-01-01", end="2015-03-03")
    assert ran_within(entry, date(2015, 3, 3), None)
    assert not ran_within(entry, date(2015, 3, 4), None)
    assert ran_within(entry, None, date(2015, 1, 1))
    assert not ran_within(entry, None, date(2014, 12, 31))


def test_years_out_of_order_or_out_of_the_calendar_are_refused() -> None:
    assert years_between(2010, 2011) == (date(2010, 1, 1), date(2011, 12, 31))
    with pytest.raises(BadRequest, match="swap"):
        years_between(2011, 2010)
    with pytest.raises(BadRequest, match="calendar"):
        years_between(0, None)


def test_each_activity_is_drawn_once_in_its_lane_with_its_status() -> None:
    found = timeline(bundled_activities(), as_of=DAY)
    assert len(found.bars) == 96 - 4
    assert {bar.id for bar in found.bars if bar.status == "cancelled"} == {"KAZ-AIF-2024"}
    assert {bar.lane for bar in found.bars} == {id for id, _ in found.lanes}
    assert (found.first, found.last) == (date(1940, 1, 1), date(2030, 12, 31))
    order = [id for id, _ in found.lanes]
    assert [order.index(bar.lane) for bar in found.bars] == sorted(order.index(bar.lane) for bar in found.bars)


def test_what_goes_on_is_drawn_to_the_day_asked_for() -> None:
    bars = {bar.id: bar for bar in timeline(bundled_activities(), as_of=DAY).bars}
    assert (bars["TUR-GBR-1940"].end, bars["TUR-GBR-1940"].open) == (DAY, True)
    assert not bars["KAZ-EXPO-2017"].open
    assert bars["KAZ-EXPO-2017"].end == date(2017, 9, 10)
    assert bars["KAZ-SCO-2017"].latest_start == date(2017, 12, 31)


def test_a_timeline_can_be_of_some_years_and_by_component() -> None:
    found = timeline(bundled_activities(), as_of=DAY, by="component", first=2015, last=2015)
    assert {"KAZ-CONG-5", "TUR-GBR-1940"} <= {bar.id for bar in found.bars}
    assert "KAZ-CONG-6" not in {bar.id for bar in found.bars}
    assert ("advocacy", "Advocacy") in found.lanes


def test_nothing_is_an_empty_timeline() -> None:
    found = timeline([], as_of=DAY)
    assert (found.bars, found.first, found.last) == ((), None, None)
    assert found.document()["bars"] == []
