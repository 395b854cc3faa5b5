"""An entry as it becomes rows of the tables, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row

from softpower.activities.activity import Activity
from softpower.activities.register.records import Stored, What, as_moment, body, entry, record_of
from softpower.activities.register.selection import SEVERAL, WORDS
from softpower.activities.register.tables import joined
from softpower.activities.spans import last_day

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """An entry as a change leaves it.

    Attributes
    ----------
    activity, text : what it says, and that as JSON
    what, who, why, moment, number : of the change
    retired : whether it is retired from then on
    other : of a merge, the other entry
    """

    activity: Activity
    text: str
    what: What
    who: str
    why: str
    moment: str
    number: int = 1
    retired: bool = False
    other: str | None = None

    @property
    def merged_into(self) -> str | None:
        """The entry that stands for it."""
        return self.other if self.retired else None

    def change(self) -> Values:
        """The row of the history."""
        return {
            "id": self.activity.id,
            "version": self.number,
            "moment": self.moment,
            "who": self.who,
            "what": self.what,
            "why": self.why,
            "retired": self.retired,
            "other": self.other,
            "body": self.text,
        }

    def entry(self) -> Values:
        """The row by which it is found."""
        last = last_day(self.activity)
        return {
            "id": self.activity.id,
            "version": self.number,
            "retired": self.retired,
            "merged_into": self.merged_into,
            **{name: getattr(self.activity, name) for name in WORDS},
            "first_day": self.activity.start.isoformat(),
            "last_day": None if last is None else last.isoformat(),
            **{name: joined(getattr(self.activity, name)) for name in SEVERAL},
        }

    def stored(self) -> Stored:
        """As a caller gets it."""
        return Stored(self.activity, self.number, self.who, as_moment(self.moment), self.retired, self.merged_into)


def new(activity: Activity, what: What, who: str, why: str, moment: str) -> Version:
    """The first version of an entry."""
    return Version(activity, body(activity), what, who, why, moment)


def next_to(old: Row[Any], version: Version) -> Version:
    """A version with the number that follows the stored one, and no earlier: clocks may be set back."""
    return replace(version, number=old.version + 1, moment=max(version.moment, old.moment))


def read(row: Row[Any]) -> Activity:
    """The entry of a row with its body."""
    return entry(record_of(row.body), where=f"{row.id}, version {row.version}")


def stored(row: Row[Any]) -> Stored:
    """The same as a caller gets it."""
    return Stored(read(row), row.version, row.who, as_moment(row.moment), row.retired, row.merged_into)
