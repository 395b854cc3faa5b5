"""Entries within a transaction: found, kept from others, followed by their next version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Row, func, select, update

from softpower.activities.activity import Id
from softpower.activities.register.bulk import insert_all
from softpower.activities.register.errors import RetiredEntry, UnknownActivity
from softpower.activities.register.queries import CURRENT
from softpower.activities.register.records import Stored, as_text
from softpower.activities.register.rows import Version, next_to
from softpower.activities.register.tables import ENTRY, HISTORY
from softpower.world.names import shown

# More ids than these are not searched for one that looks like an unknown one.
_NEAREST_AMONG: Final = 20_000
_ID: Final = TypeAdapter[str](Id)


def current(connection: Connection, id: str) -> Row[Any]:
    """An entry that is not retired, and that nobody else changes until the transaction ends."""
    (found,) = locked(connection, id)
    refuse_retired(found)
    return found


def locked(connection: Connection, *ids: str) -> list[Row[Any]]:
    """Entries that nobody else changes until the transaction ends."""
    # Always in the same order, so that two transactions do not wait for each other. They are read by a statement of its
    # own: one that had to wait would see the versions from before.
    _known(connection, ids)
    connection.execute(select(ENTRY.c.id).where(ENTRY.c.id.in_(ids)).order_by(ENTRY.c.id).with_for_update())
    return looked_up(connection, *ids)


def looked_up(connection: Connection, *ids: str) -> list[Row[Any]]:
    """Entries by id.

    Raises
    ------
    UnknownActivity
        There is none of an id; the nearest are listed.
    """
    _known(connection, ids)
    found = {row.id: row for row in connection.execute(CURRENT.where(ENTRY.c.id.in_(ids)))}
    for id in ids:
        if id not in found:
            raise UnknownActivity(shown(id), nearest=_nearest(connection, id))
    return [found[id] for id in ids]


def _known(connection: Connection, ids: Sequence[str]) -> None:
    """Refuse what cannot be an id, with whatever characters, before a database sees it."""
    for id in ids:
        try:
            _ID.validate_python(id)
        except ValidationError:
            raise UnknownActivity(shown(str(id)), nearest=_nearest(connection, str(id))) from None


def _nearest(connection: Connection, id: str) -> list[str]:
    from rapidfuzz import process

    known = connection.scalars(select(ENTRY.c.id).order_by(ENTRY.c.id).limit(_NEAREST_AMONG)).all()
    return [found for found, *_ in process.extract(id, known, limit=3, score_cutoff=60)]


def refuse_retired(row: Row[Any]) -> None:
    """Stop at an entry that was retired.

    Raises
    ------
    RetiredEntry
        It was.
    """
    if row.retired:
        how = f"merged into {row.merged_into}; change that one" if row.merged_into else "retired; restore it first"
        raise RetiredEntry(f"{row.id} was {how}. It was done at {row.moment} by {row.who}; nothing was changed")


def follow(connection: Connection, old: Row[Any], version: Version) -> Stored:
    """Store a version of an entry that is there."""
    following = next_to(old, version)
    insert_all(connection, HISTORY, [following.change()])
    connection.execute(update(ENTRY).where(ENTRY.c.id == old.id).values(**following.entry()))
    return following.stored()


def now(connection: Connection) -> str:
    """The time: of the server where there is one, since clocks of its users differ."""
    if connection.dialect.name == "postgresql":
        return as_text(connection.execute(select(func.clock_timestamp())).scalar_one())
    return as_text(datetime.now(UTC))
