"""What a register returns: an entry as it is stored, and a change of its history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from softpower.activities.activity import Activity, checked
from softpower.activities.register.errors import BadEntry
from softpower.world.names import shown

What = Literal["add", "import", "edit", "retire", "merge", "restore"]


class Unreadable(ValueError):
    """A stored text that is not what its column holds; it becomes a `DamagedRegister`, which knows where."""

    def __init__(self, text: str) -> None:
        super().__init__(f"it holds {shown(text)!r}, which no register does. Keep the file, and restore a copy")


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it is now.

    Attributes
    ----------
    activity : what it says
    version : 1 when it was added, one more with each change
    who, when : of the latest change; the time is UTC
    retired : whether it was retired, also by a merge
    merged_into : id of the entry that stands for it; None where it was not merged
    """

    activity: Activity
    version: int
    who: str
    when: datetime
    retired: bool = False
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an entry.

    Attributes
    ----------
    id, version : of the entry, and as the change left it
    when : UTC
    who, why : as given
    what : add, import, edit, retire, merge or restore
    retired : whether the entry was retired from then on
    other : id of the entry that it was merged into, or, where it is not retired by that, that was merged into it
    record : the fields of the entry from then on, as JSON has them
    before : those until then; empty where it was added
    """

    id: str
    version: int
    when: datetime
    who: str
    what: What
    why: str
    retired: bool
    other: str | None
    record: Mapping[str, Any] = field(repr=False)
    before: Mapping[str, Any] = field(repr=False)

    @property
    def activity(self) -> Activity:
        """The entry as it was from then on."""
        return entry(self.record, where=f"{self.id}, version {self.version}")

    @property
    def differences(self) -> dict[str, tuple[Any, Any]]:
        """What each field that changed was and became, by name; empty for an entry that was added."""
        if not self.before:
            return {}
        names = sorted(self.before.keys() | self.record.keys())
        pairs = {name: (self.before.get(name), self.record.get(name)) for name in names}
        return {name: (old, new) for name, (old, new) in pairs.items() if old != new}


def body(activity: Activity) -> str:
    """An entry as JSON: equal entries give equal text."""
    return json.dumps(activity.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def record_of(text: str) -> dict[str, Any]:
    """The fields in such a text.

    Raises
    ------
    Unreadable
        It is none: nobody but a failing disk or another program writes one.
    """
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Unreadable(text) from error
    if not isinstance(found, dict):
        raise Unreadable(text)
    return found


def entry(record: Mapping[str, Any], *, where: str) -> Activity:
    """The entry of a record.

    Raises
    ------
    BadEntry
        It is none, for example because it uses a word that this softpower does not know.
    """
    found = checked(record)
    if isinstance(found, Activity):
        return found
    raise BadEntry(
        f"the stored entry {where} cannot be read by this softpower; edit what is wrong, or install a newer one", found
    )


def as_text(moment: datetime) -> str:
    """A moment as the tables have it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def as_moment(text: str) -> datetime:
    """The moment of such a text.

    >>> as_moment("2025-03-01T12:00:00.000000Z").isoformat()
    '2025-03-01T12:00:00+00:00'
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Unreadable(text) from error
