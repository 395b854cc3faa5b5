"""What is asked of a register and of entries at hand is answered alike."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from itertools import product

import pytest

from softpower.activities.activity import Activity
from softpower.activities.register import open_register, selection
from softpower.errors import AmbiguousName, BadRequest, UnknownName
from tests.activities.register.entries import activity

COUNTRIES = ("KAZ", "TUR", "CHN")
AUDIENCES = ("TUR", "vector:turkic_world", "region:Central Asia", "home", "world")
INSTRUMENTS = ("mega_event_expo", "scholarship_outbound", "cultural_institute")


def made_up(count: int) -> Iterator[Activity]:
    """Entries with every kind of time: days, months, years, with an end, without, and going on."""
    draw = random.Random(7)
    for k in range(count):
        start = draw.choice(["2016", "2017", "2017-06", "2017-12", "2017-06-30", "2018-01-01"])
        yield activity(
            f"E{k}",
            sender=draw.sample(COUNTRIES, draw.randint(1, 3)),
            host=draw.sample(COUNTRIES, draw.randint(0, 2)),
            audience=draw.sample(AUDIENCES, draw.randint(0, 3)),
            instrument=draw.choice(INSTRUMENTS),
            component=draw.choice([None, "exchange"]),
            nature=draw.choice([None, "outcome"]),
            status=draw.choice(["planned", "ongoing", "held"]),
            start=start,
            end=draw.choice([None, None, "2018-02", "2019"]),
        )


WINDOWS = [(None, None), ("2017-07", None), (None, "2017-06-29"), ("2017-06-15", "2017-06-15"), ("2018", "2018")]
QUESTIONS = [
    {},
    {"sender": "Kazakhstan"},
    {"host": "Türkiye"},
    {"host": "CN", "audience": "Turkic world"},
    {"audience": "TUR"},
    {"audience": "central asia"},
    {"audience": "global", "sender": "TUR"},
    {"instrument": "expo"},
    {"component": "exchange", "nature": "outcome"},
    {"status": "completed"},
    {"sender": "CHN", "host": "TUR", "instrument": "Scholarship outbound", "status": "ongoing"},
]


def test_a_register_and_entries_at_hand_answer_every_question_alike(address: str) -> None:
    everything = list(made_up(300))
    sizes = set()
    with open_register(address) as register:
        register.add_all(everything, who="a")
        for names, (start, end) in product(QUESTIONS, WINDOWS):
            wanted = selection(**names, start=start, end=end)
            found = [each.activity for each in register.entries(wanted)]
            held = sorted(filter(wanted.holds, everything), key=lambda each: (each.start, each.id))
            assert found == held, (names, start, end)
            sizes.add(len(found))
    assert len(sizes) > 20  # the questions tell entries apart


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"start": "2017-06-10", "end": "2017-09-10"}, {"2017-06", "2017-08", "2017"}),
        ({"start": "2017-08-03", "end": None}, {"2017-08", "2017"}),
        ({"start": "2017-06", "end": None}, {"2017-06", "2017"}),
        ({"start": "2017", "end": None}, {"2017-06", "2017-08", "2017-12", "2017"}),
        (
            {"start": "2017-08-03", "end": None, "status": "ongoing"},
            {"2017-08", "2017-12", "2017", "2030"},
        ),
        ({"start": "2016-01-01", "end": "2017-06-01"}, {"2017-06", "2017"}),
    ],
)
def test_a_window_holds_what_may_have_run_in_it(address: str, fields: dict[str, str], found: set[str]) -> None:
    windows = ("2015", "2017-06", "2017-08", "2017-12", "2017", "2030")
    with open_register(address) as register:
        register.add(activity(**fields), who="a")
        assert {window for window in windows if register.entries(start=window, end=window)} == found


def test_a_year_stands_for_its_first_day_as_a_start_and_its_last_as_an_end() -> None:
    assert (selection(start="2016").start, selection(end="2016").end) == (date(2016, 1, 1), date(2016, 12, 31))
    assert selection(end="2016-02").end == date(2016, 2, 29)
    assert selection(start="2016-02-03", end=date(2017, 1, 1)).start == date(2016, 2, 3)


@pytest.mark.parametrize(("start", "end"), [("soon", None), (None, "2017-13"), ("2018", "2017"), ("", None)])
def test_a_window_that_is_none_is_refused(start: str | None, end: str | None) -> None:
    with pytest.raises(BadRequest):
        selection(start=start, end=end)


HOSTILE = ("%", "_", "' OR 1=1 --", "|", "\0", "\ud800", "KAZ|TUR", "")
NAMES = ("sender", "host", "audience", "instrument", "component", "status", "nature")


def test_a_name_that_stands_for_nothing_is_refused_and_never_matches(address: str) -> None:
    with open_register(address) as register:
        register.add(activity(), who="a")
        for name, value in product(NAMES, HOSTILE):
            with pytest.raises((UnknownName, AmbiguousName)):
                register.entries(selection(**{name: value}))
