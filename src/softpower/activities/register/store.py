"""A register: entries, and who changed what in them, when and why.

>>> import tempfile
>>> from softpower.activities.activity import Activity
>>> record = {"id": "KAZ-EXPO", "title": {"en": "Expo 2017"}, "instrument": "mega_event_expo", "sender": ["KAZ"]}
>>> with tempfile.TemporaryDirectory() as folder, open_register(f"{folder}/register.sqlite") as register:
...     _ = register.add(Activity(**record, start="2017-06-10"), who="press office")
...     _ = register.edit("KAZ-EXPO", {"end": "2017-09-10"}, who="archive", why="the last day was missing")
...     [(change.what, change.who, list(change.differences)) for change in register.history("KAZ-EXPO")]
[('add', 'press office', []), ('edit', 'archive', ['end'])]
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final, Unpack

from sqlalchemy import Connection, Engine, Row, Select, select
from sqlalchemy.exc import IntegrityError

from softpower.activities.activity import Activity, checked
from softpower.activities.collecting import uncollected
from softpower.activities.register.address import Address, parsed
from softpower.activities.register.bulk import insert_all
from softpower.activities.register.edits import changed, signed
from softpower.activities.register.engine import engine_of, reading, writing
from softpower.activities.register.errors import BadEntry, Conflict, DuplicateId
from softpower.activities.register.locking import current, follow, locked, looked_up, now, refuse_retired
from softpower.activities.register.migrations import STEPS, Step, migrate
from softpower.activities.register.queries import CURRENT, at, conditions
from softpower.activities.register.records import Change, Stored, What, as_moment, as_text, body, record_of
from softpower.activities.register.rows import Version, new, read, stored
from softpower.activities.register.selection import Names, Selection, selection
from softpower.activities.register.tables import ENTRY, HISTORY
from softpower.activities.register.trouble import connecting, translated
from softpower.errors import BadRequest
from softpower.world.names import shown

_LISTED: Final = 5
# Of more ids than these, all that there are take less time to read.
_ASKED: Final = 500


class _Taken(Exception):
    """An id is taken: within a transaction, which has to end before anyone can say which."""


@contextlib.contextmanager
def open_register(address: str | Path, *, steps: Sequence[Step] = STEPS) -> Iterator[Register]:
    """A register, made if there is none yet and brought to the version of this softpower if it is older.

    Parameters
    ----------
    address : a file, or ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE``. To a server elsewhere the connection is
        encrypted and its certificate checked, by ``?sslrootcert=FILE`` against authorities of your own;
        ``?sslmode=require`` encrypts without checking, ``?sslmode=disable`` does neither
    steps : migrations

    Raises
    ------
    NotARegister, NewerRegister
        Something else lies there, or a register of a later softpower.
    NoServer, NoDriver
        The server does not answer or does not let one in; the package that talks to it is missing.
    CannotWrite
        The folder or disk refuses.
    """
    place = parsed(address)
    engine = engine_of(place)
    try:
        with connecting(place), engine.connect():
            pass
        with translated(place):
            migrate(engine, place, steps)
        yield Register(place, engine)
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True)
class Register:
    """Entries as they are stored; `open_register` makes one.

    Every method is one transaction: what it returned is on disk, and what raised has changed nothing. Whatever the
    database refuses is an error of softpower: `CannotWrite` (`Busy` while another process writes), `NoServer`,
    `DamagedRegister`.
    """

    address: Address
    engine: Engine

    # What changes it.

    def add(self, activity: Activity, *, who: str, why: str = "") -> Stored:
        """Store a new entry.

        Parameters
        ----------
        who : an office or a role rather than a person

        Raises
        ------
        DuplicateId
            The id is taken, perhaps by an entry that was retired.
        """
        return self._put([activity], "add", who, why)[0].stored()

    def add_all(self, activities: Iterable[Activity], *, who: str, why: str = "") -> int:
        """Store many new entries, all or none; how many there were.

        Raises
        ------
        DuplicateId
            An id is taken, or given twice.
        """
        given = list(activities)
        if twice := [id for id, count in Counter(each.id for each in given).items() if count > 1]:
            raise DuplicateId(
                twice, f"given more than once: {_listed(twice)}. Nothing was stored; give each its own id"
            )
        with uncollected():
            self._put(given, "import", who, why)
        return len(given)

    def edit(self, id: str, changes: Mapping[str, Any], *, who: str, why: str, version: int | None = None) -> Stored:
        """Change some fields of an entry; the result is checked like any entry.

        Where the instrument changes, what followed from it follows again, unless it is among the changes. Where nothing
        changes, nothing is stored.

        Parameters
        ----------
        changes : values by name of the field; None takes a value away
        version : that which was looked at; None whichever is stored

        Raises
        ------
        BadEntry
            What would be left is no entry.
        Conflict
            The stored version is another.
        RetiredEntry, UnknownActivity
        """
        by = signed(who, why, needed=True)
        with self._writing() as connection:
            old = current(connection, id)
            if version is not None and version != old.version:
                raise Conflict(
                    id,
                    expected=version,
                    stored=old.version,
                    what=f"{id} was changed in between: version {old.version} was stored at {old.moment} by {old.who}, "
                    f"and this change is meant for version {version}. Nothing was changed; look at it and try again",
                )
            record = changed(record_of(old.body), changes)
            if record.get("id") != id:
                raise BadRequest(f"the id of {id} cannot change: others refer to it. Retire it, and add a new entry")
            found = checked(record, where=id)
            if not isinstance(found, Activity):
                raise BadEntry(f"{id} was not changed, for it would be no entry any more:", found)
            text = body(found)
            if text == old.body:
                return stored(old)
            return follow(connection, old, Version(found, text, "edit", *by, now(connection)))

    def retire(self, id: str, *, who: str, why: str) -> Stored:
        """Take an entry out of listings; it stays in the history, and its id stays taken.

        Raises
        ------
        RetiredEntry, UnknownActivity
        """
        by = signed(who, why, needed=True)
        with self._writing() as connection:
            old = current(connection, id)
            same = read(old), old.body
            return follow(connection, old, Version(*same, "retire", *by, now(connection), retired=True))

    def restore(self, id: str, *, who: str, why: str) -> Stored:
        """Put an entry that was retired or merged back.

        Raises
        ------
        BadRequest
            It is not retired.
        UnknownActivity
        """
        by = signed(who, why, needed=True)
        with self._writing() as connection:
            (old,) = locked(connection, id)
            if not old.retired:
                raise BadRequest(f"{id} is not retired, so there is nothing to restore")
            same = read(old), old.body
            return follow(connection, old, Version(*same, "restore", *by, now(connection)))

    def merge(self, id: str, into: str, *, who: str, why: str) -> Stored:
        """Retire an entry because another one stands for the same; both keep their histories, which name each other.

        Fields are not moved: edit the entry that stays if it lacks something.

        Returns
        -------
        Stored
            The entry that was retired.

        Raises
        ------
        RetiredEntry, UnknownActivity
        BadRequest
            Both are the same.
        """
        if id == into:
            raise BadRequest(f"{shown(id)!r} cannot be merged into itself; give the id of another entry")
        by = signed(who, why, needed=True)
        with self._writing() as connection:
            old, stays = locked(connection, id, into)
            refuse_retired(old)
            refuse_retired(stays)
            moment = now(connection)
            follow(connection, stays, Version(read(stays), stays.body, "merge", *by, moment, other=id))
            gone = Version(read(old), old.body, "merge", *by, moment, retired=True, other=into)
            return follow(connection, old, gone)

    # What reads it.

    def get(self, id: str) -> Stored:
        """An entry as it is now, also one that was retired or merged.

        Raises
        ------
        UnknownActivity
            There is none; the nearest ids are listed.
        """
        with self._reading() as connection:
            (found,) = looked_up(connection, id)
            return stored(found)

    def entries(
        self, wanted: Selection | None = None, *, retired: bool = False, **names: Unpack[Names]
    ) -> list[Stored]:
        """Entries by their first day, then by id.

        Parameters
        ----------
        wanted : what they have to be
        retired : whether to list those that were retired too
        names : the same as ``wanted``, as `softpower.activities.register.selection` takes them

        Raises
        ------
        UnknownCountry, UnknownAudience, UnknownWord, BadRequest
            As `selection` does.
        """
        chosen = selection(**names) if wanted is None else wanted
        query = CURRENT.where(*conditions(chosen, retired=retired)).order_by(ENTRY.c.first_day, ENTRY.c.id)
        with translated(self.address):
            return [stored(row) for row in self._all(query)]

    def history(self, id: str) -> list[Change]:
        """All changes of an entry, oldest first.

        Raises
        ------
        UnknownActivity
            There is no such entry.
        """
        query = select(HISTORY).where(HISTORY.c.id == id).order_by(HISTORY.c.version)
        with self._reading() as connection:
            looked_up(connection, id)
            rows = connection.execute(query).all()
            records = [record_of(row.body) for row in rows]
            return [
                Change(
                    id=row.id,
                    version=row.version,
                    when=as_moment(row.moment),
                    who=row.who,
                    what=row.what,
                    why=row.why,
                    retired=row.retired,
                    other=row.other,
                    record=after,
                    before=before,
                )
                for row, after, before in zip(rows, records, [{}, *records[:-1]], strict=True)
            ]

    def as_of(self, moment: datetime | date) -> list[Activity]:
        """The entries as they were, without those that were retired by then, by their first day, then by id.

        Parameters
        ----------
        moment : with a time zone; a date stands for its last instant, in UTC

        Raises
        ------
        BadRequest
            It has no time zone.
        """
        if not isinstance(moment, datetime):
            moment = datetime.combine(moment, time.max, UTC)
        elif moment.tzinfo is None:
            raise BadRequest(f"{moment} has no time zone; give one, such as {moment.isoformat()}+00:00")
        with translated(self.address):
            found = [read(row) for row in self._all(at(as_text(moment)))]
        return sorted(found, key=lambda each: (each.start, each.id))

    # How.

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(self.address), reading(self.engine) as connection:
            yield connection

    def _all(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """Rows of a query, after which nobody has to wait for us: making entries of them takes longer."""
        with reading(self.engine) as connection:
            return connection.execute(query).all()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        with translated(self.address), writing(self.engine) as connection:
            yield connection

    def _put(self, activities: Sequence[Activity], what: What, who: str, why: str) -> list[Version]:
        """Store new entries, all or none."""
        by = signed(who, why)
        try:
            with self._writing() as connection:
                moment = now(connection)
                # In the order of the tables, which then grow at their ends.
                ordered = sorted(activities, key=lambda each: each.id)
                versions = [new(each, what, *by, moment) for each in ordered]
                try:
                    insert_all(connection, HISTORY, [each.change() for each in versions])
                except IntegrityError as error:
                    raise _Taken from error
                insert_all(connection, ENTRY, [each.entry() for each in versions])
        except _Taken:
            raise self._taken([each.id for each in activities]) from None
        return versions

    def _taken(self, ids: Sequence[str]) -> DuplicateId:
        query = select(ENTRY.c.id, ENTRY.c.retired)
        if len(ids) <= _ASKED:
            query = query.where(ENTRY.c.id.in_(ids))
        with self._reading() as connection:
            known = {row.id: row for row in connection.execute(query)}
        taken = [id for id in ids if id in known]
        gone = " (retired, but an id is never given again)" if any(known[id].retired for id in taken) else ""
        remedy = "Give another id, or edit the entry that has it" if len(taken) == 1 else "Give other ids"
        return DuplicateId(taken, f"the register holds {_listed(taken)} already{gone}. Nothing was stored. {remedy}")


def _listed(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _LISTED} more" if len(ids) > _LISTED else ""
    return f"{', '.join(ids[:_LISTED])}{more}"
