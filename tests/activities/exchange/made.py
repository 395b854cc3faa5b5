"""Entries of all kinds, as hypothesis makes them: each one valid, with every sign that files stumble over."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from softpower.activities.activity import Activity, checked
from softpower.activities.vocabulary import List, words
from softpower.world import countries

CODES = [each.iso3 for each in countries()]
AUDIENCES = [*CODES[:20], "vector:turkic_world", "vector:west", "region:Asia", "region:Central Asia", "world", "home"]
LANGUAGES = ["en", "kk", "tr", "ru", "zh-Hans", "kaz"]
# What parts, quotes, escapes or runs in one of the forms, and letters of several alphabets.
SIGNS = "aZ 09;|\\,'\"=+-@<>&]_x\n\r\t\u2028\uff1dәş中\U0001f3fa%{}[]#:/.!"


def text(most: int = 40) -> st.SearchStrategy[str]:
    odd = st.sampled_from(
        ["=1+1", "'=1", "''", "'", "_x000D_", "]]>", "</script>", "a\r\nb", "\\", ";", "|", "-", "=", "x_"]
    )
    return odd | st.text(SIGNS, max_size=most) | st.text(st.characters(exclude_categories=["C"]), max_size=most)


def filled(most: int = 40) -> st.SearchStrategy[str]:
    return text(most).filter(lambda found: bool(found.strip()))


def numbers() -> st.SearchStrategy[float]:
    return st.floats(allow_nan=False, allow_infinity=False) | st.integers(-10, 10**9).map(float)


def days() -> st.SearchStrategy[date]:
    return st.dates(date(1, 1, 1), date(9999, 12, 31))


def one_of(of: List) -> st.SearchStrategy[str]:
    return st.sampled_from(list(words(of)))


def addresses() -> st.SearchStrategy[str]:
    tail = st.text(SIGNS, max_size=20).map(lambda found: "".join(each for each in found if not each.isspace()))
    return st.just("") | tail.map(
        lambda found: "https://example.org/" + "".join(each for each in found if each not in '<>"')
    )


def _actors() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"name": filled(), "role": one_of("actor_role")},
        optional={
            "type": one_of("actor_type"), "country": st.sampled_from(CODES), "qid": st.sampled_from(["Q232", "Q43"]),
        },
    )  # fmt: skip


@st.composite
def _figures(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {"indicator": draw(filled()), "unit": draw(text()), "source": draw(text())}
    found["claimed"] = draw(st.booleans())
    which = draw(st.sampled_from([("planned",), ("realised",), ("planned", "realised")]))
    for name in which:
        found[name] = draw(numbers())
        if draw(st.booleans()):
            found[f"{name}_most"] = max(found[name], draw(numbers()))
    return found


def _money() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "amount": numbers().map(abs), "currency": st.sampled_from(["USD", "KZT", "EUR"]),
            "year": st.none() | st.integers(1900, 2200), "spent": st.booleans(), "claimed": st.booleans(),
        }
    )  # fmt: skip


def _sources() -> st.SearchStrategy[dict[str, Any]]:
    made: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {
            "publisher": text(), "title": text(), "year": text(20), "url": addresses(), "seen": st.booleans(),
            "quote": text(), "retrieved": st.none() | days(),
        }
    )  # fmt: skip
    return made.filter(lambda found: any(found[name].strip() for name in ("publisher", "title", "url")))


def _texts(content: st.SearchStrategy[str], least: int) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(LANGUAGES), content, min_size=least, max_size=3)


ID = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,20}", fullmatch=True).filter(lambda found: found != "EXAMPLE-1")


@st.composite
def activities(draw: st.DrawFn) -> Activity:
    """One valid entry."""
    start = draw(days())
    record: dict[str, Any] = {
        "id": draw(ID), "title": draw(_texts(filled(), 1)), "description": draw(_texts(text(), 0)),
        "instrument": draw(one_of("instrument")),
        "sender": draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=3)),
        "host": draw(st.lists(st.sampled_from(CODES), max_size=7)), "place": draw(text()),
        "actors": draw(st.lists(_actors(), max_size=3)), "start": start,
        "audience": draw(st.lists(st.sampled_from(AUDIENCES), max_size=4)),
        "audience_groups": draw(st.lists(one_of("audience"), max_size=3)),
        "date_precision": draw(one_of("date_precision")), "status": draw(one_of("status")),
        "aims": draw(st.lists(one_of("aim"), max_size=2)), "figures": draw(st.lists(_figures(), max_size=3)),
        "budget": draw(st.lists(_money(), max_size=3)), "sources": draw(st.lists(_sources(), max_size=3)),
        "two_way": draw(st.none() | st.booleans()), "evaluation": draw(st.none() | st.booleans()),
        "reported": draw(text()), "confidence": draw(st.none() | one_of("confidence")), "note": draw(text()),
        "extra": draw(st.dictionaries(text(12), text(), max_size=3)),
    }  # fmt: skip
    for name in ("component", "category", "kind", "nature"):
        if draw(st.booleans()):
            record[name] = draw(one_of(name))
    if draw(st.booleans()):
        record["end"] = draw(st.dates(start, date(9999, 12, 31)))
    if draw(st.booleans()):
        record["series"] = draw(ID.filter(lambda found: found != record["id"]))
        record["edition"] = draw(st.none() | st.integers(1, 10_000))
    if draw(st.booleans()):
        record["parent"] = draw(ID.filter(lambda found: found != record["id"]))
    if draw(st.integers(0, 9)) == 0:
        record["extra"] |= {
            "iati_reporting_org_ref": "KZ-GOV-1",
            "iati_reporting_org_type": "10",
            "iati_reporting_org": "MFA",
        }
    made = checked(record)
    assert isinstance(made, Activity), made
    return made


def registers(least: int = 1, most: int = 4) -> st.SearchStrategy[list[Activity]]:
    """Several entries, each with an id of its own."""
    return st.lists(activities(), min_size=least, max_size=most, unique_by=lambda each: each.id)


def activity(**fields: Any) -> Activity:
    """An entry with these fields, and others that make it whole."""
    given = {
        "id": "KAZ-1", "title": {"en": "Nauryz in Ankara"}, "instrument": "cultural_days", "sender": ["KAZ"],
        "start": "2024-03-21",
    }  # fmt: skip
    made = checked(given | fields)
    assert isinstance(made, Activity), made
    return made
