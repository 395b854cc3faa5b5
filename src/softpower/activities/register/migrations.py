"""How a register comes to the version of this softpower: numbered steps, each done whole or not at all.

A step, once released, never changes: registers exist that it made. Step k leads from version k - 1 to version k; an
empty file or database is version 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import Connection, Engine, func, select, text, update

from softpower.activities.register.address import Address
from softpower.activities.register.engine import reading, writing
from softpower.activities.register.errors import NewerRegister, NotARegister
from softpower.activities.register.tables import METADATA, REGISTER

Step = Callable[[Connection], None]

# "SPAR": softpower's register of activities. SQLite keeps it in the file for `file` and for us to know our own by.
APPLICATION: Final = 0x53504152
# Any number that other software of the same database is unlikely to lock.
_LOCK: Final = 0x53504152_01

_VISIBLE: Final = text("SELECT relname FROM pg_class WHERE relname = ANY(:names) AND pg_table_is_visible(oid)")

_TABLES: Final = """
CREATE TABLE activity_register (version INTEGER NOT NULL);
CREATE TABLE activity_history (
    id {text} NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    moment {text} NOT NULL,
    who {text} NOT NULL,
    what {text} NOT NULL CHECK (what IN ('add', 'import', 'edit', 'retire', 'merge', 'restore')),
    why {text} NOT NULL,
    retired BOOLEAN NOT NULL,
    other {text},
    body {text} NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE TABLE activity_entry (
    id {text} NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    retired BOOLEAN NOT NULL,
    merged_into {text},
    instrument {text} NOT NULL,
    component {text} NOT NULL,
    status {text} NOT NULL,
    nature {text} NOT NULL,
    first_day {text} NOT NULL,
    last_day {text},
    sender {text} NOT NULL,
    host {text} NOT NULL,
    audience {text} NOT NULL,
    FOREIGN KEY (id, version) REFERENCES activity_history (id, version)
){clustered};
CREATE INDEX activity_entry_first_day ON activity_entry (first_day);
CREATE INDEX activity_entry_instrument ON activity_entry (instrument);
"""

# A row that is there stays as it is. INSERT OR REPLACE of SQLite would remove one without a DELETE.
_GUARDS: Final = {
    "sqlite": """
CREATE TRIGGER activity_history_no_update BEFORE UPDATE ON activity_history
BEGIN SELECT RAISE(ABORT, 'the history of a register cannot be altered'); END;
CREATE TRIGGER activity_history_no_delete BEFORE DELETE ON activity_history
BEGIN SELECT RAISE(ABORT, 'the history of a register cannot be altered'); END;
CREATE TRIGGER activity_history_no_replace BEFORE INSERT ON activity_history
WHEN EXISTS (SELECT 1 FROM activity_history WHERE id = NEW.id AND version = NEW.version)
OR EXISTS (SELECT 1 FROM activity_history WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'UNIQUE: the history of a register cannot be altered'); END;
""",
    "postgresql": """
CREATE FUNCTION activity_history_is_kept() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the history of a register cannot be altered'; END $$;
CREATE TRIGGER activity_history_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON activity_history
FOR EACH STATEMENT EXECUTE FUNCTION activity_history_is_kept();
""",
}


def run(connection: Connection, statements: str) -> None:
    """Statements of SQL, each of which ends a line with a semicolon."""
    for statement in statements.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)


def _first(connection: Connection) -> None:
    engine = connection.dialect.name
    own = {"sqlite": ("TEXT", " WITHOUT ROWID"), "postgresql": ('TEXT COLLATE "C"', "")}
    kind, clustered = own[engine]
    run(connection, _TABLES.format(text=kind, clustered=clustered))
    run(connection, _GUARDS[engine])
    run(connection, "INSERT INTO activity_register (version) VALUES (0);\n")
    if engine == "sqlite":
        run(connection, f"PRAGMA application_id = {APPLICATION};\n")


STEPS: Final[tuple[Step, ...]] = (_first,)


def migrate(engine: Engine, address: Address, steps: Sequence[Step] = STEPS) -> None:
    """Bring a register to the version that follows the last step; one that is there already is only read.

    Processes that open it at the same time wait for each other, and each step is done once.

    Raises
    ------
    NewerRegister
        It is past the last step.
    NotARegister
        The file or database holds something else.
    """
    with reading(engine) as connection:
        version = _version(connection, address)
    while version < len(steps):
        with writing(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            version = _version(connection, address)
            if version < len(steps):
                steps[version](connection)
                version += 1
                connection.execute(update(REGISTER).values(version=version))
    if version > len(steps):
        raise NewerRegister(
            f"register {address.name} is of version {version}, and this softpower knows versions up to {len(steps)}. "
            "Nothing was changed; install a newer softpower"
        )


def _version(connection: Connection, address: Address) -> int:
    """The version of a register; 0 where there is nothing yet."""
    if connection.dialect.name == "sqlite":
        own = connection.exec_driver_sql("PRAGMA application_id").scalar()
        empty = not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
        if own == 0 and empty:
            return 0
        ours = own == APPLICATION
    else:
        # In one statement, which sees all tables of another process's migration or none.
        present = set(connection.scalars(_VISIBLE, {"names": list(METADATA.tables)}))
        if not present:
            if connection.scalar(select(func.current_setting("server_encoding"))) != "UTF8":
                raise NotARegister(
                    f"register {address.name}: the encoding of the database is not UTF8. Make another: createdb "
                    "--encoding=UTF8 NAME"
                )
            return 0
        ours = present == set(METADATA.tables)
    version: int | None = connection.scalar(select(REGISTER.c.version)) if ours else None
    if version is None:
        raise NotARegister(
            f"register {address.name}: {'the file' if address.file else 'the database'} holds something else than a "
            "register of activities, and was left as it is. Give another with --register"
        )
    return version
