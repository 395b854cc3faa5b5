"""Entries made up for tests."""

from __future__ import annotations

from typing import Any

from softpower.activities.activity import Activity, checked


def made(id: str = "A-1", **fields: Any) -> Activity:
    """An entry with what is asked for, and a forum of Kazakhstan in Türkiye otherwise."""
    record = {
        "id": id,
        "title": {"en": f"Entry {id}"},
        "instrument": "forum",
        "sender": ["KAZ"],
        "host": ["TUR"],
        "start": "2015-05-01",
    } | fields
    entry = checked(record)
    assert isinstance(entry, Activity), entry
    return entry


def numbered(*days: tuple[int | None, str], series: str = "S", **fields: Any) -> list[Activity]:
    """Editions of a series, with a number or None and a day, month or year each."""
    return [
        made(f"E-{at}", series=series, edition=number, start=day, **fields) for at, (number, day) in enumerate(days)
    ]
