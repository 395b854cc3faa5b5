"""What is asked of the tables."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, or_, select

from softpower.activities.register.selection import SEVERAL, WORDS, Selection
from softpower.activities.register.tables import ENTRY, HISTORY, joined

# Entries as they are now.
CURRENT: Final[Select[Any]] = select(
    ENTRY.c.id,
    ENTRY.c.version,
    ENTRY.c.retired,
    ENTRY.c.merged_into,
    HISTORY.c.who,
    HISTORY.c.moment,
    HISTORY.c.body,
).join(HISTORY, and_(HISTORY.c.id == ENTRY.c.id, HISTORY.c.version == ENTRY.c.version))


def conditions(wanted: Selection, *, retired: bool) -> list[ColumnElement[bool]]:
    """What rows of entries have to be; retired ones are wanted too, or not at all."""
    found: list[ColumnElement[bool]] = [] if retired else [ENTRY.c.retired.is_(False)]
    given = [(name, value) for name in (*WORDS, *SEVERAL) if (value := getattr(wanted, name)) is not None]
    for name, value in given:
        if name in SEVERAL:
            found.append(ENTRY.c[name].contains(joined([value]), autoescape=True))
        else:
            found.append(ENTRY.c[name] == value)
    if wanted.end is not None:
        found.append(ENTRY.c.first_day <= wanted.end.isoformat())
    if wanted.start is not None:
        found.append(or_(ENTRY.c.last_day.is_(None), ENTRY.c.last_day >= wanted.start.isoformat()))
    return found


def at(moment: str) -> Select[Any]:
    """Entries as they were at a moment, in the text of the tables."""
    then, later = HISTORY.alias("then"), HISTORY.alias("later")
    followed = select(later.c.id).where(
        later.c.id == then.c.id, later.c.version > then.c.version, later.c.moment <= moment
    )
    return select(then).where(then.c.moment <= moment, then.c.retired.is_(False), ~followed.exists())
