"""A PostgreSQL server of the tests' own, in a temporary folder, which ends with the process that started it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pg8000.dbapi  # type: ignore[import-untyped]
import pytest

# Where Debian puts what is not on PATH; the newest first.
DEBIAN = Path("/usr/lib/postgresql")
MISSING = "these tests need a PostgreSQL server, and initdb was not found; on Debian: apt-get install postgresql"
# Commits are not flushed: the machine does not lose power in a test. `durable` says otherwise.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
ATTEMPTS = 5
SECONDS = 60

# The shell reads its standard input until the process that started it ends, in whatever way. Unless that has said that
# the folder is still needed, nothing is left then.
KEEPER = """
"$1" -D "$2" >"$3" 2>&1 &
server=$!
order=$(cat)
for turn in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    kill -QUIT "$server" 2>/dev/null || break
    sleep 0.1
done
kill -KILL "$server" 2>/dev/null
wait "$server"
[ "$order" = keep ] || rm -rf "$4"
"""


@dataclass
class Server:
    """A running server."""

    programs: Path
    folder: Path
    owner: dict[str, Any]
    settings: tuple[str, ...]
    port: int = 0
    keeper: subprocess.Popen[bytes] | None = None
    made: int = field(default=0)

    def address(self, database: str = "postgres", *, user: str = "softpower", password: str = "secret") -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def database(self, options: str) -> str:
        """The address of a new, empty database."""
        self.made += 1
        name = f"register_{self.made}"
        self.execute(f"CREATE DATABASE {name} {options}")
        return self.address(name)

    def schema(self) -> str:
        """The address of a new user, in whose own schema there is nothing yet: much quicker than a database."""
        self.made += 1
        name = f"embassy_{self.made}"
        self.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'secret'; CREATE SCHEMA AUTHORIZATION {name}")
        return self.address(user=name)

    def execute(self, statements: str, address: str = "") -> list[Any]:
        """What the last of some statements returns, each run by itself, where an address leads."""
        parts = urlsplit(address or self.address())
        with contextlib.closing(
            pg8000.dbapi.connect(
                parts.username, "127.0.0.1", parts.path[1:], self.port, parts.password, ssl_context=False
            )
        ) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            for statement in re.split(r";\s", statements):
                if statement.strip():
                    cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    def start(self) -> None:
        """Start it at a free port and wait until it answers."""
        for _ in range(ATTEMPTS):
            self.port = free_port()
            lines = [f"port={self.port}", "listen_addresses='127.0.0.1'", "unix_socket_directories=''", *self.settings]
            (self.folder / "data" / "postgresql.auto.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
            log = self.folder / "log"
            log.write_bytes(b"")
            if self.owner:
                shutil.chown(log, self.owner["user"], self.owner["group"])
            command = [
                "sh",
                "-c",
                KEEPER,
                "sh",
                f"{self.programs}/postgres",
                f"{self.folder}/data",
                str(log),
                str(self.folder),
            ]
            self.keeper = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=self.folder, **self.owner)
            if self._answers():
                return
            self.stop()
        raise RuntimeError(f"the server did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")

    def _answers(self) -> bool:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and (self.keeper is not None and self.keeper.poll() is None):
            try:
                self.execute("SELECT 1")
            except (pg8000.dbapi.Error, OSError):
                if not self._lives():
                    return False
                time.sleep(0.02)
            else:
                return True
        return False

    def _lives(self) -> bool:
        """Whether the server has not ended by itself, for example because somebody took its port."""
        text = (self.folder / "log").read_text(encoding="utf-8", errors="replace")
        return "database system is shut down" not in text and "could not create any TCP/IP sockets" not in text

    def kill(self) -> None:
        """End it as a power cut would: no part of it gets to do anything more."""
        pids = [int(row[0]) for row in self.execute("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")]
        main = int((self.folder / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        for process in (main, *pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        end = time.monotonic() + SECONDS
        while any(alive(process) for process in (main, *pids)) and time.monotonic() < end:
            time.sleep(0.01)
        self.stop()
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        if self.keeper is not None:
            assert self.keeper.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                self.keeper.stdin.write(b"keep")
                self.keeper.stdin.close()
            self.keeper.wait(SECONDS)
            self.keeper = None


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def alive(process: int) -> bool:
    """Whether a process still does something; one that ended may be listed until its parent has asked how."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def programs() -> Path:
    """The folder of PostgreSQL's programs."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0]))
    if not versions:
        raise RuntimeError(MISSING)
    return versions[-1].parent


def skip_without_server() -> None:
    """Skip the test on a machine without PostgreSQL; in CI nothing may be skipped."""
    try:
        programs()
    except RuntimeError as missing:
        pytest.skip(str(missing))


@contextlib.contextmanager
def running(*settings: str) -> Iterator[Server]:
    """A new server, gone at the end with all it held."""
    found = programs()
    owner = unprivileged()
    # Short, and open to everybody on the way: the server may be run by another user.
    folder = Path(tempfile.mkdtemp(prefix="softpower-postgresql-", dir="/tmp"))
    server = Server(found, folder, owner, settings)
    try:
        if owner:
            shutil.chown(folder, owner["user"], owner["group"])
        initialise(server)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def initialise(server: Server) -> None:
    password = server.folder / "password"
    password.write_text("secret", encoding="utf-8")
    if server.owner:
        shutil.chown(password, server.owner["user"], server.owner["group"])
    options = ["--username=softpower", f"--pwfile={password}", "--auth=scram-sha-256", "--encoding=UTF8"]
    command = [f"{server.programs}/initdb", "-D", f"{server.folder}/data", *options, "--locale=C", "--no-sync"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=server.folder, **server.owner)
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr}")


def unprivileged() -> dict[str, Any]:
    """How a program is run that refuses to run as root; nothing where we are not root."""
    if os.geteuid() != 0:
        return {}
    import grp
    import pwd

    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            group = grp.getgrgid(user.pw_gid).gr_name
            return {"user": name, "group": group, "extra_groups": []}
    raise RuntimeError("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")
