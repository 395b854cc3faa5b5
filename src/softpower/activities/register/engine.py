"""Connections to where a register lies, and the two kinds of transactions on them."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import DisconnectionError

from softpower.activities.register.address import Address
from softpower.activities.register.errors import NoDriver, NotARegister
from softpower.activities.register.trouble import WAIT_SECONDS
from softpower.errors import CannotWrite

# A server that says nothing for longer is taken for one that is gone.
SILENCE_SECONDS: Final = 30

# A lost connection is told of by our errors; without a handler, Python would print a traceback from the log as well.
logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())

_HEADER: Final = b"SQLite format 3\0"
_WRITES: Final = "softpower_writes"
# EXTRA: a commit is on disk, and so is the end of its journal, before it is acknowledged. The schema of a file that
# somebody sent may not call functions.
_PRAGMAS: Final = ("foreign_keys=ON", "synchronous=EXTRA", "trusted_schema=OFF", "cell_size_check=ON")


def engine_of(address: Address) -> Engine:
    """An engine; no connection is made yet, but the folder of a file is.

    Raises
    ------
    CannotWrite
        The folder cannot be made.
    NoDriver
        The register lies on a server, and the package that talks to it is missing.
    """
    if address.file is not None:
        _make_folder(address.file)
        _refuse_others(address.file)
        engine = create_engine(address.url, connect_args={"timeout": WAIT_SECONDS}, hide_parameters=True)
        event.listen(engine, "connect", _prepare_file)
        # The driver would begin transactions by itself, and later than it should.
        event.listen(engine, "begin", _begin)
        return engine
    arguments = {"timeout": SILENCE_SECONDS, "application_name": "softpower", **address.arguments}
    try:
        engine = create_engine(address.url, connect_args=arguments, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise NoDriver(
            f"register {address.name}: the package {error.name}, which talks to PostgreSQL, is not installed. Install "
            'it: pip install "softpower[postgresql]"'
        ) from error
    event.listen(engine, "connect", _prepare_server)
    event.listen(engine, "checkout", _ping)
    event.listen(engine, "handle_error", _notice_loss)
    return engine


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the register and changes nothing."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is stored as a whole when its block ends, or not at all if that raises.

    On a file it waits for other writers when it begins, so that what it reads is still so when it writes.
    """
    with engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        yield connection


def _make_folder(file: Path) -> None:
    try:
        file.absolute().parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(
            f"register {file}: its folder cannot be made: {error.strerror or error}. Give another file with --register"
        ) from error


def _refuse_others(file: Path) -> None:
    """Stop at what is no file, and at one of another kind, before SQLite takes a very short one for an empty database.

    What may not be looked at is left to SQLite, which says why.
    """
    begin = b""
    with contextlib.suppress(PermissionError):
        if file.exists() and not file.is_file():
            raise CannotWrite(f"register {file}: it is a folder or a device, and no file. Give a file with --register")
        if file.exists():
            with open(file, "rb") as opened:
                begin = opened.read(len(_HEADER))
    if begin not in {b"", _HEADER}:
        raise NotARegister(
            f"register {file}: it is no register but a file of another kind, and was left as it is. Give another file "
            "with --register"
        )


def _prepare_file(connection: Any, _: object) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _prepare_server(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = '{WAIT_SECONDS}s'")
    cursor.close()
    connection.commit()


def _ping(connection: Any, *_: object) -> None:
    """Stop at a connection that no longer works, in whatever way, before anything is asked of it: another is made."""
    try:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        cursor.close()
        connection.autocommit = False
    except Exception as error:
        raise DisconnectionError("the connection was lost") from error


def _notice_loss(context: ExceptionContext) -> None:
    """A connection of which the system says that it broke is not used again; the driver knows only some ways."""
    if isinstance(context.original_exception, OSError):
        context.is_disconnect = True


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
