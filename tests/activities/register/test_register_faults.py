"""Whatever is wrong with a file or a server is one clear error, and what was stored is still there."""

from __future__ import annotations

import builtins
import errno
import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pg8000.dbapi  # type: ignore[import-untyped]
import pytest

from softpower.activities.register import (
    Busy,
    DamagedRegister,
    NoDriver,
    NoServer,
    NotARegister,
    open_register,
)
from softpower.errors import BadRequest, CannotWrite, SoftPowerError
from tests.activities.register.entries import activity
from tests.activities.register.server import Server, free_port

BIG = "x" * 5_000
NOBODY = 65534


def opened(address: str | Path) -> None:
    """Open a register and read it."""
    with open_register(address) as register:
        register.entries()


# Files.


OTHERS = {
    "one letter": b"x",
    "text": b"id,title\nA,Expo\n" * 300,
    "zeros": bytes(4096),
    "header only": b"SQLite format 3\0" + b"x" * 4096,
    "spreadsheet": b"PK\x03\x04" + b"\xfe" * 3000,
}


@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS)
def test_a_file_of_another_kind_is_refused_and_left_as_it_was(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other.xlsx"
    file.write_bytes(content)
    with pytest.raises(NotARegister, match=r"other\.xlsx: it is no register but a file of another kind"):
        opened(file)
    assert file.read_bytes() == content
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("application", [0, 0x47504B47], ids=["none", "GeoPackage"])
def test_a_database_of_others_is_refused_and_left_as_it_was(tmp_path: Path, application: int) -> None:
    file = tmp_path / "staff.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(f"PRAGMA application_id = {application}; CREATE TABLE activity_entry (name TEXT);")
    content = file.read_bytes()
    with pytest.raises(NotARegister, match="something else than a register"):
        opened(file)
    assert file.read_bytes() == content


def test_an_empty_file_becomes_a_register(tmp_path: Path) -> None:
    (tmp_path / "new.sqlite").touch()
    opened(tmp_path / "new.sqlite")
    assert (tmp_path / "new.sqlite").stat().st_size > 0


def test_folders_on_the_way_are_made_and_a_name_of_sqlites_own_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(tmp_path / "a" / "b" / "register.sqlite")
    monkeypatch.chdir(tmp_path)
    with open_register(":memory:") as register:
        register.add(activity("A"), who="a")
    with open_register(":memory:") as register:
        assert len(register.entries()) == 1


def test_what_cannot_be_a_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for other in (tmp_path, tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(CannotWrite, match="a folder or a device, and no file"):
            opened(other)
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite, match="its folder cannot be made"):
        opened(tmp_path / "file" / "register.sqlite")
    for address in ("", "  ", "a\0b"):
        with pytest.raises(BadRequest, match="empty or no path"):
            opened(address)


def read_all(file: Path) -> None:
    with open_register(file) as register:
        for each in register.entries():
            register.history(each.activity.id)


@pytest.mark.parametrize("filling", [b"\xff", b"x"], ids=["no text", "text"])
@pytest.mark.parametrize("place", [0.05, 0.3, 0.6, 0.95])
def test_a_damaged_file_is_told_of(tmp_path: Path, place: float, filling: bytes) -> None:
    file = tmp_path / "register.sqlite"
    with open_register(file) as register:
        register.add_all([activity(f"E{k}", note=str(k % 10) * 5_000) for k in range(100)], who="a")
    content = bytearray(file.read_bytes())
    begin = int(place * len(content)) // 4096 * 4096
    content[begin : begin + 3 * 4096] = filling * 3 * 4096
    file.write_bytes(content)
    with pytest.raises(DamagedRegister, match="restore a copy"):
        read_all(file)


def test_a_file_that_was_cut_off_is_told_of(tmp_path: Path) -> None:
    file = tmp_path / "register.sqlite"
    with open_register(file) as register:
        register.add_all([activity(f"E{k}", note=BIG) for k in range(100)], who="a")
    os.truncate(file, file.stat().st_size // 2)
    with pytest.raises(DamagedRegister, match="the file is damaged"):
        opened(file)


@contextmanager
def limited(size: int) -> Iterator[None]:
    """No file may grow past a size."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_that_may_not_grow_keeps_what_it_has(tmp_path: Path) -> None:
    file = tmp_path / "register.sqlite"
    with open_register(file) as register:
        kept = register.add(activity("A"), who="a")
        with limited(file.stat().st_size + 9_000):
            with pytest.raises(CannotWrite, match=r"disk is full.*What was stored before is unchanged"):
                register.add_all([activity(f"E{k}", note=BIG) for k in range(100)], who="a")
            assert register.entries() == [kept]
            with pytest.raises(CannotWrite):
                register.add(activity("F", note="x" * 20_000), who="a")
        assert register.add(activity("B"), who="a").version == 1
    assert whole(file)


def test_a_full_disk_keeps_what_was_stored(tmp_path: Path) -> None:
    file = tmp_path / "register.sqlite"
    with open_register(file) as register:
        kept = register.add(activity("A"), who="a")
        with register.engine.connect() as connection:  # the one connection there is
            connection.exec_driver_sql("PRAGMA max_page_count = 30")
        with pytest.raises(CannotWrite, match=r"the disk is full\. What was stored before is unchanged; make room"):
            register.add_all([activity(f"E{k}", note=BIG) for k in range(100)], who="a")
        assert register.entries() == [kept]
    assert whole(file)


def test_a_disk_without_room_for_a_new_register_leaves_none(tmp_path: Path) -> None:
    file = tmp_path / "register.sqlite"
    with limited(5_000), pytest.raises(CannotWrite, match="disk is full"):
        opened(file)
    opened(file)
    assert whole(file)


def whole(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.fixture
def visible() -> Iterator[Path]:
    """A folder that others can look into."""
    folder = Path(tempfile.mkdtemp(prefix="softpower-register-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Rights count for nothing with root, so be somebody else."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_read_only_register_can_be_read_and_says_that_it_cannot_be_written(visible: Path) -> None:
    file = visible / "register.sqlite"
    with open_register(file) as register:
        register.add(activity("A"), who="a")
    file.chmod(0o444)
    visible.chmod(0o555)
    with as_nobody(), open_register(file) as register:
        assert len(register.entries()) == len(register.history("A")) == 1
        with pytest.raises(CannotWrite, match="is read-only"):
            register.add(activity("B"), who="a")
        with pytest.raises(CannotWrite, match="is read-only"):
            register.edit("A", {"note": "x"}, who="a", why="b")
    with as_nobody():
        for other in (visible / "new.sqlite", visible / "new" / "register.sqlite"):
            with pytest.raises(CannotWrite, match=r"cannot be opened|cannot be made"):
                opened(other)
    file.chmod(0o000)
    with as_nobody(), pytest.raises(CannotWrite, match="belongs to somebody else"):
        opened(file)


# Servers.


def test_a_server_that_is_not_there_is_one_error_without_the_password() -> None:
    with pytest.raises(NoServer, match="cannot be reached") as raised:
        opened(f"postgresql://embassy:s3cret@127.0.0.1:{free_port()}/register")
    assert "s3cret" not in str(raised.value)
    with pytest.raises(NoServer, match="cannot be reached"):
        opened("postgresql://embassy:s3cret@/register?unix_sock=/nowhere/.s.PGSQL.5432")


def test_a_server_that_lets_nobody_in_says_why(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    address = server.schema()
    for wrong, what in (
        (address.replace(":secret", ":s3cret"), "by this name and password"),
        (address.replace("embassy_", "consulate_"), "by this name and password"),
        (address.replace("/postgres", "/nowhere"), "no such database"),
        (address.replace(":secret", ""), "asks for a password"),
        (f"{address}?sslmode=require", "does not encrypt"),
    ):
        with pytest.raises(NoServer, match=what) as raised:
            opened(wrong)
        assert "s3cret" not in str(raised.value)
        assert "secret" not in str(raised.value)
    monkeypatch.setenv("PGPASSWORD", "secret")
    opened(address.replace(":secret", ""))


def test_a_server_that_is_none_is_one_error() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def answer() -> None:
            for _ in range(2):
                connection, _ = listening.accept()
                with connection:
                    connection.recv(1000)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        answering = Thread(target=answer)
        answering.start()
        address = f"postgresql://embassy:secret@127.0.0.1:{listening.getsockname()[1]}/register"
        with pytest.raises(NoServer, match="cannot be reached"):
            opened(address)
        with pytest.raises(NoServer, match="does not encrypt"):
            opened(f"{address}?sslmode=require")
        answering.join()


def test_a_user_who_may_not_make_tables_is_told(server: Server) -> None:
    server.execute("CREATE ROLE visitor LOGIN PASSWORD 'secret'")
    with pytest.raises(CannotWrite, match="does not let this user do that"):
        opened(server.address(user="visitor"))


def test_a_user_who_may_only_read_reads(server: Server) -> None:
    address = server.schema()
    with open_register(address) as register:
        register.add(activity("A"), who="a")
    owner = address.split("/")[2].split(":")[0]
    server.execute(
        f"CREATE ROLE reader LOGIN PASSWORD 'secret'; GRANT USAGE ON SCHEMA {owner} TO reader; "
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {owner} TO reader; ALTER ROLE reader SET search_path = {owner}"
    )
    with open_register(server.address(user="reader")) as register:
        assert len(register.entries()) == 1
        with pytest.raises(CannotWrite, match="does not let this user do that"):
            register.add(activity("B"), who="a")


def test_users_who_do_not_own_the_tables_write_and_cannot_take_the_guards_away(server: Server) -> None:
    address = server.schema()
    with open_register(address) as register:
        register.add(activity("A"), who="ministry")
    owner = address.split("/")[2].split(":")[0]
    server.execute(
        f"CREATE ROLE writer LOGIN PASSWORD 'secret'; GRANT USAGE ON SCHEMA {owner} TO writer; "
        f"ALTER ROLE writer SET search_path = {owner}; GRANT SELECT ON {owner}.activity_register TO writer; "
        f"GRANT SELECT, INSERT ON {owner}.activity_history TO writer; "
        f"GRANT SELECT, INSERT, UPDATE ON {owner}.activity_entry TO writer"
    )
    with open_register(server.address(user="writer")) as register:
        register.add_all([activity("B"), activity("C")], who="embassy")
        register.edit("A", {"note": "x"}, who="embassy", why="y")
        register.merge("B", "C", who="embassy", why="y")
        assert [each.activity.id for each in register.entries()] == ["A", "C"]
    for statement in (
        "ALTER TABLE activity_history DISABLE TRIGGER ALL",
        "DROP TRIGGER activity_history_kept ON activity_history",
        "DELETE FROM activity_history",
        "TRUNCATE activity_history CASCADE",
        "DROP TABLE activity_history CASCADE",
    ):
        with pytest.raises(pg8000.dbapi.DatabaseError, match="42501"):
            server.execute(statement, server.address(user="writer"))


def test_a_database_of_another_encoding_is_refused_before_it_holds_anything(server: Server) -> None:
    address = server.database("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(NotARegister, match="not UTF8"):
        opened(address)
    tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    assert [list(row) for row in server.execute(tables, address)] == [[0]]


@pytest.mark.parametrize(
    ("code", "kind", "what"),
    [
        ("53100", CannotWrite, "disk of the server is full"),
        ("53300", NoServer, "no connection or memory left"),
        ("25006", CannotWrite, "takes no changes"),
        ("40P01", Busy, "Nothing was changed; try again"),
        ("57014", Busy, "took too long"),
        ("57P01", NoServer, "starting or stopping"),
        ("XX000", CannotWrite, "the server says: it hurts"),
    ],
)
def test_what_a_server_refuses_is_told_and_nothing_is_stored(
    server: Server, code: str, kind: type[SoftPowerError], what: str
) -> None:
    address = server.schema()
    with open_register(address) as register:
        kept = register.add(activity("A"), who="a")
        with register.engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE FUNCTION hurt() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION 'it hurts' USING ERRCODE = '{code}'; END $$"
            )
            connection.exec_driver_sql(
                "CREATE TRIGGER hurts BEFORE INSERT OR UPDATE ON activity_entry FOR EACH ROW EXECUTE FUNCTION hurt()"
            )
        for act in (
            lambda: register.add(activity("B"), who="a"),
            lambda: register.add_all([activity("B")], who="a"),
            lambda: register.edit("A", {"note": "x"}, who="a", why="b"),
        ):
            with pytest.raises(kind, match=what):
                act()
        assert register.entries(retired=True) == [kept]
        assert len(register.history("A")) == 1


def test_a_connection_that_is_lost_is_made_again_for_what_comes_next(server: Server) -> None:
    address = server.schema()
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'softpower'"
    with open_register(address) as register:
        register.add(activity("A"), who="a")
        server.execute(end)
        assert len(register.entries()) == 1
        with pytest.raises(NoServer), register._writing() as connection:  # noqa: PT012
            connection.exec_driver_sql("UPDATE activity_entry SET status = 'planned'")
            server.execute(end)
            connection.exec_driver_sql("SELECT 1")
        assert [each.activity.status for each in register.entries(status="held")] == ["held"]


def test_a_connection_that_the_system_resets_is_lost_too(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_register(server.schema()) as register:
        register.add(activity("A"), who="a")

        def reset(*_: object) -> None:
            raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")

        with monkeypatch.context() as patched:
            patched.setattr("pg8000.core._read", reset)
            with pytest.raises(NoServer):
                register.entries()
        with pytest.raises(NoServer, match="the connection was lost"), register._writing() as connection:  # noqa: PT012
            monkeypatch.setattr("pg8000.core._read", reset)
            connection.exec_driver_sql("UPDATE activity_entry SET status = 'planned'")
        monkeypatch.undo()
        assert [each.activity.status for each in register.entries()] == ["held"]


def test_a_lost_connection_prints_no_traceback(server: Server) -> None:
    code = (
        "import sys; from softpower.activities.register import NoServer, open_register\n"
        "from tests.activities.register.server import Server\n"
        "with open_register(sys.argv[1]) as register:\n"
        "    try:\n"
        "        with register._writing() as connection:\n"
        "            connection.exec_driver_sql('SELECT pg_terminate_backend(pg_backend_pid())')\n"
        "    except NoServer as error: print('told:', error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, server.schema()], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("told: register postgresql://embassy")
    assert done.stderr == ""


def test_without_the_driver_a_server_is_one_error_that_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == "pg8000":
            raise ModuleNotFoundError("No module named 'pg8000'", name="pg8000")
        return real(name, *rest)

    for name in [name for name in sys.modules if name.partition(".")[0] == "pg8000"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(NoDriver, match=r'pg8000.*pip install "softpower\[postgresql\]"'):
        opened("postgresql://embassy:secret@127.0.0.1/register")
    opened(tmp_path / "register.sqlite")
