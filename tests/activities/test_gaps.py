"""What a register has nothing of."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from softpower.activities.bundled import bundled_activities
from softpower.activities.gaps import Gaps, gaps
from softpower.activities.vocabulary import words
from softpower.errors import BadRequest
from softpower.world import vectors_of
from tests.activities.made import made

DAY = date(2020, 6, 30)


def _ids(found: Gaps, dimension: str) -> set[str]:
    return {each.id for each in found.gaps if each.dimension == dimension}


def test_an_empty_register_has_every_gap_and_says_nothing_was_done() -> None:
    found = gaps([], "KAZ", as_of=DAY)
    assert _ids(found, "vector") == {each.id for each in vectors_of("KAZ") if each.default}
    assert _ids(found, "component") == set(words("component"))
    assert _ids(found, "category") == set(words("category"))
    assert _ids(found, "public") == set(words("audience")) - {"home_public"}
    assert sum(found.asked.values()) == len(found.gaps)
    assert all(each.sentence.startswith("Nothing registered ") for each in found.gaps)
    assert not any("done" in each.sentence for each in found.gaps)


def test_an_activity_fills_the_gaps_of_its_vectors_component_category_and_publics() -> None:
    entry = made(audience=["Türkiye"], audience_groups=["media"], start="2019-01-01")
    found = gaps([entry], "KAZ", as_of=DAY)
    assert _ids(gaps([], "KAZ", as_of=DAY), "vector") - _ids(found, "vector") == {"turkic_world", "islamic_world"}
    assert "advocacy" not in _ids(found, "component")
    assert "elite_to_elite" not in _ids(found, "category")
    assert "media" not in _ids(found, "public")


def test_what_ended_before_the_years_leaves_a_gap_that_names_it() -> None:
    entry = made(audience=["Russia"], start="2005-01-01")
    found = gaps([entry], "KAZ", as_of=DAY)
    russia = next(each for each in found.gaps if each.id == "russia")
    assert (russia.last, russia.last_id) == (2005, "A-1")
    assert russia.sentence == (
        "Nothing registered towards Russia from 2010-07-01 to 2020-06-30; the latest is A-1 of 2005."
    )
    assert "russia" not in _ids(gaps([entry], "KAZ", as_of=DAY, years=16), "vector")


def test_what_goes_on_fills_a_gap_however_long_ago_it_began() -> None:
    entry = made(audience=["Russia"], start="1995", status="ongoing")
    assert "russia" not in _ids(gaps([entry], "KAZ", as_of=DAY), "vector")


def test_the_last_ten_years_are_whole_years_up_to_the_day() -> None:
    for start, is_gap in (("2010-06-30", True), ("2010-07-01", False), ("2020-06-30", False), ("2020-07-01", True)):
        found = gaps([made(audience=["Russia"], start=start)], "KAZ", as_of=DAY)
        assert ("russia" in _ids(found, "vector")) == is_gap
    assert gaps([], "KAZ", as_of=date(2024, 2, 29)).first == date(2014, 3, 1)


@pytest.mark.parametrize(
    "other", [{"nature": "outcome"}, {"status": "cancelled"}, {"sender": ["TUR"]}, {"audience": ["world"]}]
)
def test_outcomes_cancelled_others_and_the_whole_world_fill_no_gap(other: dict[str, Any]) -> None:
    entry = made(**({"audience": ["Russia"], "start": "2019-01-01"} | other))
    assert "russia" in _ids(gaps([entry], "KAZ", as_of=DAY), "vector")


def test_plans_and_wider_groups_are_said_beside_a_gap() -> None:
    entries = [
        made("P", audience=["China"], start="2021-01-01", status="planned"),
        made("W", audience=["Asia"], start="2019-01-01"),
    ]
    china = next(each for each in gaps(entries, "KAZ", as_of=DAY).gaps if each.id == "china")
    assert (china.planned, china.wider) == (("P",), 1)
    assert "1 is towards a wider group to which China belongs. Planned: P." in china.sentence


def test_the_bundled_register_of_kazakhstan_has_no_broadcasting_and_no_vector_missing() -> None:
    found = gaps(bundled_activities(), "Kazakhstan", as_of=date(2025, 12, 31))
    assert _ids(found, "vector") == set()
    assert _ids(found, "component") == {"international_broadcasting", "nation_branding", "partnership"}


def test_vectors_may_be_ones_own() -> None:
    own = [each for each in vectors_of("KAZ") if each.id == "east_asia"]
    found = gaps([made(audience=["Japan"], start="2019")], "KAZ", as_of=DAY, vectors=own)
    assert _ids(found, "vector") == set()
    assert found.asked["vector"] == 1


def test_years_that_are_none_are_refused() -> None:
    with pytest.raises(BadRequest, match="1 or more"):
        gaps([], "KAZ", as_of=DAY, years=0)


def test_a_document_holds_plain_values() -> None:
    assert gaps([], "KAZ", as_of=DAY).document()["first"] == "2010-07-01"
