"""Where a register lies: a file of the user's, or a database of a server."""

from __future__ import annotations

import ipaddress
import os
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from softpower.errors import BadRequest

VARIABLE: Final = "SOFTPOWER_REGISTER"
# As PostgreSQL's own programs read it: an address on a command line can be seen by everybody on the machine.
PASSWORD: Final = "PGPASSWORD"
SECURITY: Final = ("disable", "require", "verify-full")
_SERVERS: Final = {"postgresql", "postgres", "postgresql+pg8000"}
_OPTIONS: Final = ("sslmode", "sslrootcert", "unix_sock")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a register lies.

    Attributes
    ----------
    name : as messages show it: the file, or the server without password
    file : the file; None on a server
    url : as the driver needs it, with the password of a server
    arguments : for the driver
    """

    name: str
    file: Path | None
    url: URL = field(repr=False)
    arguments: Mapping[str, Any] = field(default_factory=dict, repr=False)


def default_address(environment: Mapping[str, str] = os.environ) -> str:
    """``$SOFTPOWER_REGISTER`` if set, else a file in the folder that the platform provides for a user's data.

    >>> default_address({"XDG_DATA_HOME": "/srv/data", "SOFTPOWER_REGISTER": "postgresql://embassy@db/register"})
    'postgresql://embassy@db/register'
    """
    if chosen := environment.get(VARIABLE):
        return chosen
    if sys.platform == "win32":
        folder = Path(environment.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    else:
        folder = Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return str(folder / "softpower" / "register.sqlite")


def parsed(address: str | Path) -> Address:
    """An address as `softpower.activities.register.open_register` takes it; a password may stand in ``$PGPASSWORD``.

    Raises
    ------
    BadRequest
        It is empty, of a kind that is not known, or has an option that is not.

    >>> parsed("postgresql://embassy:secret@db.mfa.example/register").name
    'postgresql://embassy@db.mfa.example/register'
    """
    text = str(address)
    if isinstance(address, Path) or "://" not in text:
        return _of_file(text)
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite":
        return _of_file(rest.removeprefix("/"))
    if scheme not in _SERVERS:
        raise BadRequest(
            f"a register cannot lie at {scheme}://...; give a file, or postgresql://USER:PASSWORD@HOST/DATABASE"
        )
    return _of_server(rest)


def _of_file(text: str) -> Address:
    if not text.strip() or "\0" in text:
        raise BadRequest("the address of the register is empty or no path; give a file, or postgresql://...")
    file = Path(text).expanduser()
    # An absolute path is a file, whatever it is called: ":memory:" would be lost at the end.
    return Address(str(file), file, URL.create("sqlite", database=str(file.absolute())))


def _of_server(rest: str) -> Address:
    form = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
    place, _, query = rest.partition("?")
    try:
        url = make_url(f"postgresql+pg8000://{place}")
    except (ArgumentError, ValueError):  # neither may say what it could not read: it holds a password
        raise BadRequest(f"the address of the server cannot be read; it has the form {form}") from None
    if url.password is None and (password := os.environ.get(PASSWORD)):
        url = url.set(password=password)
    options = dict(parse_qsl(query, keep_blank_values=True))
    shown = URL.create("postgresql", username=url.username, host=url.host, port=url.port, database=url.database)
    name = shown.render_as_string()
    if unknown := sorted(set(options) - set(_OPTIONS)):
        raise BadRequest(f"{name}: unknown option {unknown[0]!r} in the address; there are {', '.join(_OPTIONS)}")
    if not url.database or not url.username:
        raise BadRequest(f"{name}: the address lacks the user or the database; it has the form {form}")
    arguments: dict[str, Any] = {"ssl_context": _secured(name, url.host, options)}
    if socket := options.get("unix_sock"):
        arguments["unix_sock"] = socket
    return Address(name, None, url, arguments)


def _secured(name: str, host: str | None, options: Mapping[str, str]) -> ssl.SSLContext | bool:
    """How the connection is encrypted; unless told otherwise, one that leaves the machine is, to a host that proves
    who it is.
    """
    here = "sslrootcert" not in options and ("unix_sock" in options or _is_here(host))
    mode = options.get("sslmode") or ("disable" if here else "verify-full")
    if mode not in SECURITY:
        raise BadRequest(f"{name}: sslmode {mode!r} is none of {', '.join(SECURITY)}")
    if mode == "disable":
        return False
    try:
        context = ssl.create_default_context(cafile=options.get("sslrootcert"))
    except OSError as error:
        raise BadRequest(
            f"{name}: the certificates in {options['sslrootcert']} cannot be read: {error.strerror or error}"
        ) from error
    if mode == "require":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _is_here(host: str | None) -> bool:
    try:
        return host is None or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
