"""Entries are stored, changed, retired and merged, and nothing of it is forgotten; on a file and on a server alike."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from softpower.activities.activity import Activity
from softpower.activities.register import (
    BadEntry,
    Conflict,
    DuplicateId,
    Register,
    RetiredEntry,
    UnknownActivity,
    open_register,
)
from softpower.errors import BadRequest, UnknownName
from tests.activities.register.entries import activity

HOSTILE = {
    "quotes": """O'Reilly "x" `y`; DROP TABLE activity_entry; --""",
    "parameters": r"100 % of :who ?1 $1 %s {0} \ \u0000 \x00",
    "emoji": "🇰🇿 👩‍🔬 𒀀",
    "right to left": "مؤتمر القمة שלום",
    "combining": "Z̴̡̛a͜l̷go é ≠ é",
    "formula": "=1+1",
    "markup": "</script><script>alert(1)</script>",
}


def ids(register: Register, **names) -> list[str]:
    return [each.activity.id for each in register.entries(**names)]


# Adding.


def test_what_was_added_is_there_in_the_next_session(address: str) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    given = activity(figures=[{"indicator": "visits", "planned": 5e6, "realised": 3.977e6, "claimed": True}])
    with open_register(address) as register:
        assert register.entries() == []
        added = register.add(given, who="press office")
    with open_register(address) as register:
        assert register.get(given.id) == added
        assert register.entries() == [added]
    assert (added.activity, added.version, added.who) == (given, 1, "press office")
    assert (added.retired, added.merged_into) == (False, None)
    assert before < added.when < datetime.now(UTC) + timedelta(seconds=1)
    assert added.when.utcoffset() == timedelta(0)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_comes_back_as_it_went_in(address: str, text: str) -> None:
    given = activity(title={"en": text}, note=text, place=text, extra={text: text}, actors=[{"name": text}])
    with open_register(address) as register:
        register.add(given, who=text, why=text)
        register.add_all([given.model_copy(update={"id": "B"})], who=text, why=text)
        assert [each.activity.note for each in register.entries()] == [text, text]
        assert register.get(given.id).activity == given
        (change,) = register.history(given.id)
        assert (change.who, change.why) == (text, text)


def test_text_of_any_characters_comes_back_or_is_refused(address: str) -> None:
    with open_register(address) as register:
        number = 0

        @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(st.text(max_size=30), st.text(max_size=30))
        def stored(note: str, who: str) -> None:
            nonlocal number
            number += 1
            try:
                entry = activity(f"E{number}", note=note)
                register.add(entry, who=who)
            except ValueError as error:  # of pydantic for the entry, BadRequest for who
                if not re.search("control characters|valid string|who makes the change is not given", str(error)):
                    raise
                return
            found = register.get(entry.id)
            assert (found.activity, found.who) == (entry, who.strip())

        stored()


def test_an_id_can_be_given_once(address: str) -> None:
    with open_register(address) as register:
        first = register.add(activity(), who="a")
        with pytest.raises(DuplicateId, match="holds KAZ-EXPO-2017 already") as raised:
            register.add(activity(title={"en": "Another"}), who="b")
        assert raised.value.ids == ("KAZ-EXPO-2017",)
        assert register.get("KAZ-EXPO-2017") == first
        assert len(register.history("KAZ-EXPO-2017")) == 1


def test_an_import_with_one_taken_id_stores_nothing(address: str) -> None:
    with open_register(address) as register:
        register.add(activity("B"), who="a")
        with pytest.raises(DuplicateId) as raised:
            register.add_all([activity("A"), activity("B"), activity("C")], who="b")
        assert raised.value.ids == ("B",)
        assert ids(register) == ["B"]
        with pytest.raises(DuplicateId, match="given more than once: D"):
            register.add_all([activity("D"), activity("E"), activity("D")], who="b")
        assert ids(register) == ["B"]
        assert register.add_all((activity(id) for id in "FG"), who="b") == 2
        assert [change.what for change in register.history("F")] == ["import"]
        assert register.add_all([], who="b") == 0


def test_an_import_of_many_keeps_each_with_its_own_content(address: str) -> None:
    many = [activity(f"E-{k}", title={"en": f"Edition {k}"}, edition=k + 1, series="E") for k in range(4_500)]
    with open_register(address) as register:
        assert register.add_all(many, who="a") == 4_500
        assert sorted((each.activity for each in register.entries()), key=lambda each: each.edition or 0) == many


def test_an_import_of_long_entries_keeps_each_with_its_own_content(address: str) -> None:
    many = [activity(f"E{k}", note=str(k) * 6_000, reported="ы" * 15_000) for k in range(10, 310)]
    with open_register(address) as register:
        register.add_all(many, who="a")
        assert [each.activity for each in register.entries()] == sorted(many, key=lambda each: each.id)


@pytest.mark.parametrize(
    ("who", "why", "what"),
    [
        ("", "", "who makes the change is not given"),
        ("  ", "", "who makes the change is not given"),
        ("a\0b", "", "control characters"),
        ("a" * 501, "", "at most 500"),
        ("a", "\x1b[31m", "control characters"),
        ("\ud800", "", "valid string"),
    ],
)
def test_who_and_why_are_checked(address: str, who: str, why: str, what: str) -> None:
    with open_register(address) as register:
        with pytest.raises(BadRequest, match=what):
            register.add(activity(), who=who, why=why)
        assert register.entries() == []


# Changing.


def test_an_edit_changes_what_it_names_and_keeps_the_rest(address: str) -> None:
    with open_register(address) as register:
        register.add(activity(note="kept", place="Astana"), who="a")
        edited = register.edit("KAZ-EXPO-2017", {"end": "2017-09", "place": None}, who="b", why="checked")
        assert (edited.activity.end, edited.activity.place, edited.activity.note) == (
            date(2017, 9, 30),
            "",
            "kept",
        )
        assert (edited.version, edited.who) == (2, "b")
        assert register.get("KAZ-EXPO-2017") == edited


def test_filters_follow_an_edit(address: str) -> None:
    with open_register(address) as register:
        register.add(activity(), who="a")
        register.edit("KAZ-EXPO-2017", {"host": ["TUR"], "status": "planned", "start": "2017-07"}, who="b", why="c")
        assert ids(register, host="TUR") == ids(register, status="planned") == ["KAZ-EXPO-2017"]
        assert ids(register, host="KAZ") == ids(register, status="held") == ids(register, end="2017-06") == []


def test_an_edit_that_leaves_no_entry_changes_nothing_and_names_every_fault(address: str) -> None:
    with open_register(address) as register:
        added = register.add(activity(), who="a")
        with pytest.raises(BadEntry) as raised:
            register.edit(added.activity.id, {"end": "2016", "host": ["Atlantis"], "colour": "red"}, who="b", why="c")
        assert len(raised.value.faults) >= 2
        assert "Atlantis" in str(raised.value)
        assert "colour" in str(raised.value)
        with pytest.raises(BadEntry, match="before it starts"):
            register.edit(added.activity.id, {"end": "2016"}, who="b", why="c")
        assert register.get(added.activity.id) == added
        assert len(register.history(added.activity.id)) == 1


def test_an_edit_that_changes_nothing_is_not_stored(address: str) -> None:
    with open_register(address) as register:
        added = register.add(activity(), who="a")
        assert register.edit(added.activity.id, {"end": "2017-09-10"}, who="b", why="c") == added
        assert len(register.history(added.activity.id)) == 1


def test_an_id_never_changes(address: str) -> None:
    with open_register(address) as register:
        register.add(activity("A"), who="a")
        for other in ("B", None):
            with pytest.raises(BadRequest, match="id of A cannot change"):
                register.edit("A", {"id": other}, who="b", why="c")
        assert ids(register) == ["A"]


def test_what_followed_from_an_instrument_follows_from_the_next(address: str) -> None:
    with open_register(address) as register:
        register.add(activity("A"), who="a")
        register.add(activity("B", component="exchange"), who="a")
        for id in "AB":
            register.edit(id, {"instrument": "scholarship_outbound"}, who="b", why="c")
        fresh = activity("A", instrument="scholarship_outbound")
        assert register.get("A").activity == fresh
        assert (register.get("B").activity.component, register.get("B").activity.kind) == ("exchange", fresh.kind)


def test_a_new_start_says_how_well_it_is_known(address: str) -> None:
    with open_register(address) as register:
        register.add(activity("A", start="2017"), who="a")
        assert register.edit("A", {"note": "x"}, who="b", why="c").activity.date_precision == "year"
        assert register.edit("A", {"start": "2017-06"}, who="b", why="c").activity.date_precision == "month"
        assert register.edit("A", {"start": date(2017, 6, 1)}, who="b", why="c").activity.date_precision == "month"
        assert register.edit("A", {"start": "2017-06-10"}, who="b", why="c").activity.date_precision == "day"


def test_a_change_meant_for_another_version_is_refused(address: str) -> None:
    with open_register(address) as register, open_register(address) as other:
        seen = register.add(activity("A"), who="Ankara")
        other.edit("A", {"note": "first"}, who="Astana", why="c", version=seen.version)
        with pytest.raises(Conflict, match=r"version 2 was stored at .* by Astana") as raised:
            register.edit("A", {"note": "second"}, who="Ankara", why="c", version=seen.version)
        assert (raised.value.expected, raised.value.stored) == (1, 2)
        assert register.get("A").activity.note == "first"
        register.edit("A", {"note": "second"}, who="Ankara", why="c", version=2)
        assert other.get("A").activity.note == "second"


def test_changes_of_one_entry_at_the_same_time_all_happen_one_after_the_other(address: str) -> None:
    with open_register(address) as register:
        register.add(activity("A"), who="a")

    def edit(office: int) -> None:
        with open_register(address) as own:
            for turn in range(6):
                text = {f"{office}-{turn}": "seen"}
                while True:
                    stored = own.get("A")
                    changes = {"extra": {**stored.activity.extra, **text}}
                    try:
                        own.edit("A", changes, who=f"office {office}", why="c", version=stored.version)
                    except Conflict:
                        continue
                    break

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(edit, range(3)))
    with open_register(address) as register:
        assert len(register.get("A").activity.extra) == 18
        changes = register.history("A")
        assert [change.version for change in changes] == list(range(1, 20))
        assert [len(change.activity.extra) for change in changes] == list(range(19))
        assert [change.when for change in changes] == sorted(change.when for change in changes)


def test_entries_merged_crosswise_at_the_same_time_do_not_wait_for_each_other_for_ever(address: str) -> None:
    pairs = 25
    with open_register(address) as register:
        register.add_all([activity(f"{side}{k}") for side in "AB" for k in range(pairs)], who="a")
    together = Barrier(2)

    def merge(sides: str) -> int:
        refused = 0
        with open_register(address) as own:
            for k in range(pairs):
                together.wait(60)
                try:
                    own.merge(f"{sides[0]}{k}", f"{sides[1]}{k}", who="a", why="the same")
                except RetiredEntry:
                    refused += 1
        return refused

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(merge, ("AB", "BA"))) == pairs
    with open_register(address) as register:
        assert len(register.entries()) == pairs


# Retiring and merging.


def test_a_retired_entry_is_out_of_the_list_but_not_gone(address: str) -> None:
    with open_register(address) as register:
        register.add_all([activity("A"), activity("B")], who="a")
        retired = register.retire("A", who="b", why="it never took place")
        assert (retired.retired, retired.version, retired.activity) == (True, 2, activity("A"))
        assert ids(register) == ["B"]
        assert ids(register, retired=True) == ["A", "B"]
        assert register.get("A") == retired
        with pytest.raises(DuplicateId, match="retired, but an id is never given again"):
            register.add(activity("A"), who="c")
        with pytest.raises(DuplicateId):
            register.add_all([activity("A")], who="c")
        with pytest.raises(RetiredEntry, match="A was retired; restore it first"):
            register.edit("A", {"note": "x"}, who="c", why="d")
        with pytest.raises(RetiredEntry):
            register.retire("A", who="c", why="d")
        assert len(register.history("A")) == 2


def test_a_merge_keeps_both_histories_and_each_names_the_other(address: str) -> None:
    with open_register(address) as register:
        register.add_all([activity("A"), activity("B")], who="a")
        register.edit("A", {"note": "first"}, who="b", why="c")
        register.edit("B", {"note": "second"}, who="b", why="c")
        merged = register.merge("A", "B", who="d", why="the same expo")
        assert (merged.activity.id, merged.retired, merged.merged_into) == ("A", True, "B")
        assert register.get("A") == merged
        stays = register.get("B")
        assert (stays.retired, stays.merged_into, stays.activity.note) == (False, None, "second")
        assert ids(register) == ["B"]
        told = {id: [(each.what, each.other, each.retired) for each in register.history(id)] for id in "AB"}
        assert told == {
            "A": [("import", None, False), ("edit", None, False), ("merge", "B", True)],
            "B": [("import", None, False), ("edit", None, False), ("merge", "A", False)],
        }
        with pytest.raises(RetiredEntry, match="merged into B; change that one"):
            register.edit("A", {"note": "x"}, who="c", why="d")
        register.add(activity("C"), who="a")
        for pair in (("A", "C"), ("C", "A")):
            with pytest.raises(RetiredEntry):
                register.merge(*pair, who="c", why="d")
        with pytest.raises(BadRequest, match="into itself"):
            register.merge("C", "C", who="c", why="d")
        with pytest.raises(UnknownActivity):
            register.merge("C", "D", who="c", why="d")
        assert ids(register) == ["B", "C"]


def test_a_mistaken_retirement_or_merge_can_be_taken_back(address: str) -> None:
    with open_register(address) as register:
        register.add_all([activity("A"), activity("B")], who="a")
        register.merge("A", "B", who="b", why="the same")
        restored = register.restore("A", who="c", why="they are two")
        assert (restored.retired, restored.merged_into, restored.activity) == (False, None, activity("A"))
        assert ids(register) == ["A", "B"]
        with pytest.raises(BadRequest, match="A is not retired"):
            register.restore("A", who="c", why="d")
        assert [each.what for each in register.history("A")] == ["import", "merge", "restore"]


@pytest.mark.parametrize("method", ["edit", "retire", "restore", "merge"])
def test_a_change_needs_a_reason(address: str, method: str) -> None:
    arguments = {"edit": ("A", {"note": "x"}), "merge": ("A", "B")}.get(method, ("A",))
    with open_register(address) as register:
        register.add_all([activity("A"), activity("B")], who="a")
        with pytest.raises(BadRequest, match="why the change is made is not given"):
            getattr(register, method)(*arguments, who="a", why=" ")
        assert len(register.history("A")) == 1


@pytest.mark.parametrize(
    "id", ["KAZ-EXPO-2071", "", "a\0b", "\ud800", "x" * 1000, "'; DROP TABLE activity_entry; --", "%"]
)
def test_an_unknown_id_is_one_error_with_the_nearest(address: str, id: str) -> None:
    with open_register(address) as register:
        register.add(activity("KAZ-EXPO-2017"), who="a")
        for ask in (
            register.get,
            register.history,
            lambda id: register.edit(id, {}, who="a", why="b"),
            lambda id: register.retire(id, who="a", why="b"),
            lambda id: register.merge(id, "KAZ-EXPO-2017", who="a", why="b"),
            lambda id: register.merge("KAZ-EXPO-2017", id, who="a", why="b"),
        ):
            with pytest.raises(UnknownActivity, match="unknown activity") as raised:
                ask(id)
            assert isinstance(raised.value, UnknownName)
            if id == "KAZ-EXPO-2071":
                assert raised.value.nearest == ("KAZ-EXPO-2017",)
        assert len(register.history("KAZ-EXPO-2017")) == 1


# History.


def test_what_an_entry_was_before_each_change_can_be_had_again(address: str) -> None:
    with open_register(address) as register:
        register.add(activity("A", note="one"), who="a", why="new")
        register.edit("A", {"note": "two"}, who="b", why="better")
        register.edit("A", {"note": "three", "place": "Astana"}, who="c", why="best")
        register.retire("A", who="d", why="no more")
        changes = register.history("A")
    assert [(each.version, each.what, each.who, each.why) for each in changes] == [
        (1, "add", "a", "new"),
        (2, "edit", "b", "better"),
        (3, "edit", "c", "best"),
        (4, "retire", "d", "no more"),
    ]
    assert [each.activity for each in changes[:2]] == [activity("A", note="one"), activity("A", note="two")]
    assert Activity.model_validate(changes[2].before) == changes[1].activity
    assert [each.differences for each in changes] == [
        {},
        {"note": ("one", "two")},
        {"note": ("two", "three"), "place": ("", "Astana")},
        {},
    ]


def test_the_register_can_be_read_as_it_was_at_any_moment(address: str) -> None:
    with open_register(address) as register:
        register.add(activity("A", note="one"), who="a")
        moments = [register.get("A").when]
        for act in (
            lambda: register.edit("A", {"note": "two"}, who="a", why="b"),
            lambda: register.add(activity("B", start="2010"), who="a"),
            lambda: register.retire("A", who="a", why="b"),
            lambda: register.restore("A", who="a", why="b"),
        ):
            time.sleep(0.002)
            moments.append(act().when)
        states = [[(each.id, each.note) for each in register.as_of(moment)] for moment in moments]
        elsewhere = moments[1].astimezone(timezone(timedelta(hours=5)))
        assert states == [
            [("A", "one")],
            [("A", "two")],
            [("B", ""), ("A", "two")],
            [("B", "")],
            [("B", ""), ("A", "two")],
        ]
        assert register.as_of(moments[0] - timedelta(microseconds=1)) == []
        assert [each.note for each in register.as_of(elsewhere)] == ["two"]
        assert len(register.as_of(moments[-1].date())) == 2
        assert register.as_of(moments[0].date() - timedelta(days=1)) == []
        with pytest.raises(BadRequest, match="no time zone"):
            register.as_of(datetime(2020, 1, 1))  # noqa: DTZ001


def test_equal_entries_are_stored_as_equal_text(address: str) -> None:
    extra = {"b": "2", "a": "1"}
    with open_register(address) as register:
        register.add(activity("A", extra=extra), who="a")
        register.add(activity("A2", extra=dict(reversed(extra.items()))), who="a")
        with register.engine.connect() as connection:
            bodies = connection.exec_driver_sql("SELECT body FROM activity_history ORDER BY id").scalars().all()
    assert bodies[0].replace('"A"', '"A2"') == bodies[1]
    record = json.loads(bodies[0])
    assert list(record) == sorted(record)
    assert "ЭКСПО-2017" in bodies[0]


def test_a_clock_that_was_set_back_does_not_turn_the_history_round(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_register(address) as register:
        first = register.add(activity("A"), who="a")
        monkeypatch.setattr("softpower.activities.register.store.now", lambda _: "2001-01-01T00:00:00.000000Z")
        second = register.edit("A", {"note": "x"}, who="a", why="b")
        assert second.when == first.when
        assert [each.note for each in register.as_of(first.when)] == ["x"]
