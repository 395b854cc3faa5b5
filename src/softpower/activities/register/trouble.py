"""What a database says when it cannot, in words of ours: what happened to the register, and what to do now.

Errors are told apart by their codes: of SQLite (https://sqlite.org/rescode.html) and of SQL as PostgreSQL has them
(its documentation, appendix A); texts differ between versions and languages.
"""

from __future__ import annotations

import contextlib
import sqlite3
import ssl
from collections.abc import Iterator
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from softpower.activities.register.address import Address
from softpower.activities.register.errors import Busy, DamagedRegister, NoServer, NotARegister
from softpower.activities.register.records import Unreadable
from softpower.errors import BadRequest, CannotWrite, SoftPowerError

WAIT_SECONDS: Final = 10
_FILE: Final[dict[int, tuple[type[SoftPowerError], str]]] = {
    sqlite3.SQLITE_BUSY: (
        Busy,
        f"another process has been writing for more than {WAIT_SECONDS} seconds. Nothing was changed; try again",
    ),
    sqlite3.SQLITE_READONLY: (
        CannotWrite,
        "the file or its folder is read-only. Give another file with --register, or ask for the right to write",
    ),
    sqlite3.SQLITE_FULL: (CannotWrite, "the disk is full. What was stored before is unchanged; make room"),
    sqlite3.SQLITE_IOERR: (
        CannotWrite,
        "the disk is full, a size limit is reached, or the disk fails. What was stored before is unchanged",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        CannotWrite,
        "it cannot be opened: its folder cannot be written to, or it belongs to somebody else",
    ),
    sqlite3.SQLITE_PERM: (CannotWrite, "the file may not be opened"),
    sqlite3.SQLITE_NOTADB: (
        NotARegister,
        "it is no register but a file of another kind, and was left as it is. Give another file with --register",
    ),
    sqlite3.SQLITE_CORRUPT: (
        DamagedRegister,
        "the file is damaged. Keep it, and restore a copy, or rescue what can be read: sqlite3 FILE .recover",
    ),
}
_SERVER: Final[dict[str, tuple[type[SoftPowerError], str]]] = {
    "28": (NoServer, "the server lets nobody in by this name and password. Check both in the address"),
    "3D000": (NoServer, "the server has no such database. Make it: createdb --encoding=UTF8 NAME"),
    "42501": (
        CannotWrite,
        "the server does not let this user do that. Ask who runs it for the right to write, and to make the tables",
    ),
    "25006": (CannotWrite, "the server takes no changes: it is read-only, or a copy of another one"),
    "53100": (CannotWrite, "the disk of the server is full. What was stored before is unchanged"),
    "53": (NoServer, "the server has no connection or memory left. Nothing was changed; try again"),
    "55P03": (
        Busy,
        f"somebody else has been changing this for more than {WAIT_SECONDS} seconds. Nothing was changed; try again",
    ),
    "40": (Busy, "somebody else changed the same at the same time. Nothing was changed; try again"),
    "57014": (Busy, "the server stopped the work, which took too long. Nothing was changed; try again"),
    "57P": (NoServer, "the server is starting or stopping. Try again"),
    "42P01": (NotARegister, "its tables are not those of a register"),
    "42703": (NotARegister, "its tables are not those of a register"),
    "22P05": (NotARegister, "its encoding is not UTF8. Make another database: createdb --encoding=UTF8 NAME"),
}
_LOST: Final = (
    "the connection was lost. If something was being stored, it is there as a whole or not at all: look with "
    "`softpower activities list` before doing it again"
)


@contextlib.contextmanager
def translated(address: Address) -> Iterator[None]:
    """Errors of the database become errors of softpower.

    Raises
    ------
    SoftPowerError
        In the place of whatever the driver raised.
    """
    try:
        yield
    except DBAPIError as error:
        raise _told(address, error.orig) from error
    except OSError as error:  # of the network, which the driver lets through here and there
        if address.file is not None or isinstance(error, SoftPowerError):
            raise
        raise NoServer(f"register {address.name}: {_LOST}.") from error
    except Unreadable as error:
        raise DamagedRegister(f"register {address.name}: {error}") from error
    except SQLAlchemyError as error:
        raise BadRequest(f"register {address.name}: {_first_line(error)}") from error


@contextlib.contextmanager
def connecting(address: Address) -> Iterator[None]:
    """The same while a server is first spoken to: whatever answers there may be anything."""
    try:
        yield
    except Exception as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if address.file is not None and not isinstance(error, DBAPIError):
            raise
        if address.file is not None or code_of(cause):
            raise _told(address, cause) from error
        raise _unreachable(address, cause) from error


def code_of(error: BaseException | None) -> str:
    """SQL's code of an error of PostgreSQL; "" where it has none.

    >>> code_of(ValueError("no"))
    ''
    """
    given = error.args[0] if error is not None and error.args else None
    return str(given.get("C", "")) if isinstance(given, dict) else ""


def _told(address: Address, error: BaseException | None) -> SoftPowerError:
    if address.file is not None:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if "Could not decode to UTF-8" in str(error):  # of Python's module, which has no code for it
            code = sqlite3.SQLITE_CORRUPT
        kind, what = _FILE.get(code, (CannotWrite, f"SQLite says: {_first_line(error)}"))
        return kind(f"register {address.name}: {what}.")
    code = code_of(error)
    for known in (code, code[:3], code[:2]):
        if known in _SERVER:
            kind, what = _SERVER[known]
            return kind(f"register {address.name}: {what}.")
    if code:
        return CannotWrite(f"register {address.name}: the server says: {_first_line(error)}")
    if "network error" in str(error) or "connection is closed" in str(error):
        return NoServer(f"register {address.name}: {_LOST}.")
    return _unreachable(address, error)


def _unreachable(address: Address, error: BaseException | None) -> NoServer:
    if address.url.password is None and isinstance(error, AttributeError):  # the driver, when it is asked for one
        what = "the server asks for a password. Write USER:PASSWORD@ in the address, or set PGPASSWORD"
    elif "refuses SSL" in str(error):
        what = "the server does not encrypt. If the network is to be trusted, write ?sslmode=disable after the address"
    elif isinstance(error, ssl.SSLCertVerificationError):
        what = (
            f"the server does not prove who it is ({error.verify_message.rstrip('.')}). Write ?sslrootcert=FILE after "
            "the address, with the certificate of whom you trust"
        )
    else:
        reason = (error.__cause__ if error is not None else None) or error
        what = (
            f"the server cannot be reached ({_first_line(reason)}). Check host, port and network, and whether it runs"
        )
    return NoServer(f"register {address.name}: {what}")


def _first_line(error: BaseException | None) -> str:
    given = error.args[0] if error is not None and error.args else error
    if isinstance(given, dict):
        given = given.get("M", "no reason given")
    text = getattr(error, "strerror", None) or str(given) or type(error).__name__
    return text.splitlines()[0].rstrip(".")
