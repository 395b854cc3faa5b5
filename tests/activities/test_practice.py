"""Principles of practice, against scipy's interval and entropy, and registers whose answer is known."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from softpower.activities.activity import Activity
from softpower.activities.bundled import bundled_activities
from softpower.activities.practice import evenness, practice, wilson, with_partner_from_abroad
from tests.activities.made import made, numbered

DAY = date(2020, 12, 31)


def _many(count: int, prefix: str = "A", **fields: Any) -> list[Activity]:
    return [made(f"{prefix}-{at}", **fields) for at in range(count)]


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_of_a_share_is_scipys(case: tuple[int, int]) -> None:
    yes, n = case
    theirs = stats.binomtest(yes, n).proportion_ci(0.95, method="wilson")
    assert wilson(yes, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@given(st.lists(st.floats(0, 1e3), min_size=2, max_size=9).filter(lambda counts: sum(counts) > 1e-3))
def test_an_evenness_is_scipys_entropy_over_the_largest(counts: list[float]) -> None:
    assert evenness(counts) == pytest.approx(stats.entropy(counts) / math.log(len(counts)), abs=1e-9)


def test_nothing_has_no_evenness() -> None:
    assert math.isnan(evenness([0, 0]))
    assert math.isnan(evenness([3]))


def test_a_share_rests_on_what_is_known_and_says_what_is_not() -> None:
    entries = [*_many(6, "Y", two_way=True), *_many(2, "N", two_way=False), *_many(4, "U")]
    check = practice(entries, "KAZ", as_of=DAY)["two_way"]
    assert (check.value, check.n, check.unknown, check.too_few) == (0.75, 8, 4, False)
    assert check.low is not None
    assert check.high is not None
    assert check.low < 0.75 < check.high
    # Six of twelve, if none of the four is; ten, if all are.
    assert "between 50% and 83%" in check.sentence


def test_fewer_than_five_have_no_value() -> None:
    four = practice(_many(4, evaluation=True), "KAZ", as_of=DAY)["evaluation"]
    assert (four.value, four.low, four.n, four.too_few) == (None, None, 4, True)
    assert "too few" in four.sentence
    five = practice(_many(5, evaluation=True), "KAZ", as_of=DAY)["evaluation"]
    assert (five.value, five.too_few) == (1.0, False)


def test_an_empty_register_has_no_value_and_no_fault() -> None:
    found = practice([], "KAZ", as_of=DAY)
    assert all(check.too_few and check.value is None for check in found.checks)
    assert [check.name for check in found.checks] == [
        "two_way", "continuity", "spread", "partners", "evaluation", "delivery", "sources"]  # fmt: skip


def test_cancelled_entries_outcomes_and_later_ones_do_not_count() -> None:
    entries = [
        *_many(5, evaluation=True),
        *_many(3, "C", status="cancelled"),
        *_many(3, "O", nature="outcome"),
        *_many(3, "L", start="2021-01-01"),
        *_many(3, "T", sender=["TUR"]),
        *_many(1, "D", extra={"same_as": "A-0"}),
    ]
    assert practice(entries, "KAZ", as_of=DAY).activities == 5


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({}, None),
        ({"actors": [{"name": "Ministry", "country": "KAZ"}]}, False),
        (
            {"actors": [{"name": "Ministry", "country": "KAZ"}, {"name": "City", "country": "TUR", "role": "partner"}]},
            True,
        ),
        ({"actors": [{"name": "UNESCO", "type": "igo", "role": "partner"}]}, True),
        ({"actors": [{"name": "University", "role": "partner"}]}, None),
        ({"actors": [{"name": "Guests", "country": "TUR", "role": "participant"}]}, False),
        ({"actors": [{"name": "Region", "country": "KAZ", "role": "partner"}]}, False),
        ({"sender": ["KAZ", "TUR"]}, True),
    ],
)
def test_a_partner_from_abroad_carries_an_activity_out_with_its_sender(
    fields: dict[str, Any], answer: bool | None
) -> None:
    assert with_partner_from_abroad(made(**fields)) is answer


def test_activities_towards_all_vectors_alike_are_even_and_those_towards_one_are_not() -> None:
    alike = [
        made(f"{at}-{name.replace(' ', '-')}", audience=[name])
        for at in range(2)
        for name in ("RUS", "CHN", "West", "Islamic world", "Turkic world", "Central Asia")
    ]
    assert practice(alike, "KAZ", as_of=DAY)["spread"].value == pytest.approx(1)
    one = practice(_many(6, audience=["China"]), "KAZ", as_of=DAY)["spread"]
    assert one.value == 0
    assert "most, 100%, are towards China" in one.sentence


def test_an_activity_towards_two_vectors_counts_half_for_each() -> None:
    # Five towards China, five towards China and Russia: 7.5 and 2.5 of ten, over six vectors.
    entries = [*_many(5, audience=["China"]), *_many(5, "B", audience=["China", "Russia"])]
    found = practice(entries, "KAZ", as_of=DAY)["spread"].value
    assert found == pytest.approx(stats.entropy([0.75, 0.25]) / math.log(6))


def test_a_country_counts_for_the_vectors_it_belongs_to_where_none_is_named() -> None:
    # Türkiye: half Islamic, half Turkic world. The Turkic world, named, is not also Islamic.
    turkish = practice(_many(6, audience=["Türkiye"]), "KAZ", as_of=DAY)["spread"].value
    assert turkish == pytest.approx(math.log(2) / math.log(6))
    assert practice(_many(6, audience=["Turkic world"]), "KAZ", as_of=DAY)["spread"].value == 0


def test_what_is_towards_the_world_or_nobody_known_is_counted_apart() -> None:
    entries = [*_many(5, audience=["China"]), *_many(3, "W", audience=["world"]), *_many(2, "U")]
    check = practice(entries, "KAZ", as_of=DAY)["spread"]
    assert (check.n, check.unknown) == (5, 2)
    assert "3 are towards none of them; 2 not known" in check.sentence


def test_continuity_is_the_share_of_series_that_kept_to_their_interval() -> None:
    even = [(at, f"{2000 + 2 * at}-01-01") for at in range(1, 5)]
    late = [(1, "2002-01-01"), (2, "2004-01-01"), (3, "2006-01-01"), (4, "2012-01-01")]
    entries = []
    for at, days in enumerate([even, even, even, late, late]):
        entries += [each.model_copy(update={"id": f"{at}-{each.id}"}) for each in numbered(*days, series=f"S-{at}")]
    found = practice(entries, "KAZ", as_of=DAY)
    assert (found["continuity"].value, found["continuity"].n) == (0.6, 5)
    assert [(series, interval.until) for series, interval in found.late] == [("S-3", "3-E-3"), ("S-4", "4-E-3")]


def test_delivery_is_the_median_of_the_ratios() -> None:
    entries = [
        made(f"A-{at}", figures=[{"indicator": "visits", "planned": 10, "realised": realised}])
        for at, realised in enumerate([2, 4, 6, 8, 30])
    ]
    check = practice(entries, "KAZ", as_of=DAY)["delivery"]
    assert (check.value, check.low, check.high, check.n) == (0.6, 0.6, 0.6, 5)


def test_the_bundled_register_can_say_nothing_of_evaluation_and_all_of_its_sources() -> None:
    found = practice(bundled_activities(), "KAZ", as_of=date(2025, 12, 31))
    assert (found["evaluation"].n, found["evaluation"].value) == (0, None)
    assert (found["sources"].value, found["sources"].n) == (1.0, found.activities)
    assert found["continuity"].too_few


def test_there_is_no_total_score() -> None:
    found = practice(bundled_activities(), "KAZ", as_of=DAY).document()
    assert set(found) == {"sender", "as_of", "activities", "checks", "late"}
