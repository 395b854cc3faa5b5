"""Entries that may be of one activity, against a comparison of all with all."""

from __future__ import annotations

import random
from datetime import date, timedelta
from itertools import combinations

import pytest

from softpower.activities.activity import Activity
from softpower.activities.bundled import bundled_activities
from softpower.activities.distinct import distinct
from softpower.activities.duplicates import suggestions, suggestions_for
from softpower.errors import BadRequest
from tests.activities.made import made

WORDS = [
    "forum",
    "days",
    "culture",
    "opening",
    "summit",
    "youth",
    "science",
    "bridge",
    "steppe",
    "river",
    "city",
    "music",
]


def _titled(id: str, title: str, **fields: object) -> Activity:
    return made(id, title={"en": title}, **fields)


def _register(count: int, seed: int) -> list[Activity]:
    rng = random.Random(seed)
    return [
        _titled(
            f"A-{at}",
            " ".join(rng.choices(WORDS, k=5)),
            sender=rng.choice([["KAZ"], ["TUR"], ["KAZ", "TUR"]]),
            host=rng.choice([["TUR"], ["FRA"], []]),
            instrument=rng.choice(["forum", "expo"]),
            start=str(2010 + rng.randrange(2))
            if rng.random() < 0.2
            else (date(2010, 1, 1) + timedelta(rng.randrange(700))).isoformat(),
        )
        for at in range(count)
    ]


def test_the_four_events_seen_from_both_sides_are_found_and_nothing_else() -> None:
    found = suggestions(bundled_activities())
    assert {(each.one, each.other) for each in found} == {
        ("KAZ-YASSAWI", "TUR-YASSAWI"),
        ("KAZ-ANK-2016", "TUR-KAZ-2016"),
        ("KAZ-ANK-2019N", "TUR-KAZ-2019N"),
        ("KAZ-ANK-2019K", "TUR-KAZ-2019K"),
    }
    assert all(each.marked for each in found)
    assert all("same start" in each.reasons for each in found)


@pytest.mark.parametrize("seed", range(4))
def test_blocks_find_what_a_comparison_of_each_with_each_finds(seed: int) -> None:
    # More than a block of rows, so that pairs across blocks are among them.
    entries = _register(700, seed)
    blocked = {(each.one, each.other): each.score for each in suggestions(entries)}
    one_by_one = {}
    for one, other in combinations(entries, 2):
        for each in suggestions_for(one, [other]):
            one_by_one[each.one, each.other] = each.score
    assert len(blocked) > 50
    assert blocked == pytest.approx(one_by_one, abs=0.1)


def test_pairs_are_found_in_a_month_with_thousands_of_entries() -> None:
    rng = random.Random(5)
    days = [(date(2015, 5, 1) + timedelta(rng.randrange(30))).isoformat() for _ in range(3000)]
    titles = [" ".join("".join(rng.choices("abcdefghijklmnopqrst", k=9)) for _ in range(4)) for _ in days]
    entries = [_titled(f"A-{at}", title, start=day) for at, (title, day) in enumerate(zip(titles, days, strict=True))]
    twins = [(entry, entry.model_copy(update={"id": f"B-{entry.id}"})) for entry in entries[::100]]
    found = {(each.one, each.other) for each in suggestions([*entries, *(twin for _, twin in twins)])}
    assert found == {(entry.id, twin.id) for entry, twin in twins}


def test_the_order_of_the_entries_makes_no_difference() -> None:
    entries = _register(200, 1)
    assert suggestions(entries) == suggestions(entries[::-1])


def test_likeness_of_titles_is_a_share_of_letters_kept_in_order_whatever_the_order_of_words() -> None:
    # "city forum" and "city forums": ten of eleven letters and ten of ten, so 20 of 21.
    found = suggestions([_titled("A", "Forum: City"), _titled("B", "city forums")])
    assert found[0].title == pytest.approx(100 * 20 / 21, abs=0.1)
    assert suggestions([_titled("A", "Forum, City"), _titled("B", "city FORUM")])[0].title == 100


def test_a_score_falls_with_each_field_that_differs() -> None:
    first = _titled("A", "City forum")
    scores = [
        suggestions_for(first, [_titled("B", "City forum", **fields)])[0].score
        for fields in ({}, {"instrument": "expo"}, {"instrument": "expo", "host": ["FRA"]})
    ]
    assert scores == [100, 92, 84]


@pytest.mark.parametrize(
    "fields",
    [
        {"start": "2015-06-10"},
        {"sender": ["TUR"], "host": ["FRA"]},
        {"title": {"en": "Something else altogether"}},
    ],
)
def test_what_lies_far_apart_shares_no_country_or_has_another_title_is_no_pair(fields: dict[str, object]) -> None:
    entries = [_titled("A", "City forum"), made("B", **({"title": {"en": "City forum"}} | fields))]
    assert suggestions(entries) == ()
    assert suggestions_for(entries[0], entries) == ()


def test_a_window_can_be_widened() -> None:
    entries = [_titled("A", "City forum"), _titled("B", "City forum", start="2015-06-10")]
    assert len(suggestions(entries, window_days=40)) == 1


def test_editions_of_a_series_are_not_the_same_however_alike() -> None:
    numbered = [
        _titled("A", "Round of talks", series="S", edition=1),
        _titled("B", "Round of talks", series="S", edition=2),
    ]
    assert suggestions(numbered) == ()
    weekly = [
        _titled("A", "Language class", series="S"),
        _titled("B", "Language class", series="S", start="2015-05-08"),
        _titled("C", "Language class", series="S", start="2015-05-08"),
    ]
    assert [(each.one, each.other) for each in suggestions(weekly)] == [("B", "C")]


def test_titles_with_other_numbers_are_not_the_same() -> None:
    assert suggestions([_titled("A", "Talks, round 21"), _titled("B", "Talks, round 22")]) == ()


def test_a_year_without_a_day_may_be_any_day_of_it() -> None:
    entries = [_titled("A", "City forum", start="2015"), _titled("B", "City forum", start="2015-11-11")]
    found = suggestions(entries)
    assert "the days may be the same" in found[0].reasons
    assert found[0].score < 100
    assert suggestions([_titled("A", "City forum", start="2014"), entries[1]]) == ()


def test_an_entry_is_no_duplicate_of_itself() -> None:
    entry = made()
    assert suggestions_for(entry, [entry]) == ()


def test_a_score_below_what_titles_count_for_is_refused() -> None:
    with pytest.raises(BadRequest, match="60"):
        suggestions([], least=10)
    with pytest.raises(BadRequest, match="0 or more"):
        suggestions([], window_days=-1)
    assert suggestions([]) == ()


def test_an_entry_that_says_it_is_the_same_as_another_is_left_out_and_named() -> None:
    entries = [made("A"), made("B", extra={"same_as": "A"}), made("C", extra={"same_as": "B"})]
    found = distinct(entries)
    assert [each.id for each in found.entries] == ["A"]
    assert found.left_out == (("B", "A"), ("C", "A"))
    assert found.document() == {"entries": ["A"], "left_out": {"B": "A", "C": "A"}}


def test_an_entry_stays_where_the_one_it_names_is_not_among_them() -> None:
    assert [each.id for each in distinct([made("B", extra={"same_as": "A"})]).entries] == ["B"]


def test_entries_that_name_each_other_leave_one() -> None:
    ring = [made("B", extra={"same_as": "A"}), made("A", extra={"same_as": "B"})]
    found = distinct(ring)
    assert ([each.id for each in found.entries], found.left_out) == (["A"], (("B", "A"),))


def test_an_entry_that_names_itself_stays() -> None:
    assert [each.id for each in distinct([made("A", extra={"same_as": "A"})]).entries] == ["A"]
