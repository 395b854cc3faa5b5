"""Entries to store."""

from __future__ import annotations

from typing import Any

from softpower.activities.activity import Activity


def record(id: str = "KAZ-EXPO-2017", **fields: Any) -> dict[str, Any]:
    return {
        "id": id,
        "title": {"en": "Expo 2017", "kk": "ЭКСПО-2017"},
        "instrument": "mega_event_expo",
        "sender": ["KAZ"],
        "host": ["KAZ"],
        "start": "2017-06-10",
        "end": "2017-09-10",
        **fields,
    }


def activity(id: str = "KAZ-EXPO-2017", **fields: Any) -> Activity:
    return Activity.model_validate(record(id, **fields))
