"""Whole or not at all: atomic writes, the cache, and Parquet bytes that never vary."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pytest

from softpower import storage
from softpower.errors import BadRequest, CannotWrite


def frame() -> pl.DataFrame:
    return pl.DataFrame({"iso3": ["KAZ", "NAM"] * 40_000, "value": [float(i) for i in range(80_000)]})


def test_equal_frames_give_equal_parquet_bytes_whatever_their_chunks() -> None:
    whole = frame()
    pieces = pl.concat([whole[:7], whole[7:50_000], whole[50_000:]], rechunk=False)
    assert storage.parquet_bytes(pieces) == storage.parquet_bytes(whole)


def test_parquet_bytes_do_not_depend_on_the_number_of_threads() -> None:
    code = (
        "import polars as pl, sys; from softpower.storage import parquet_bytes, sha256;"
        "print(sha256(parquet_bytes(pl.DataFrame({'iso3': ['KAZ', 'NAM'] * 40_000,"
        "'value': [float(i) for i in range(80_000)]}))))"
    )
    alone = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "5", "TZ": "Asia/Almaty"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert alone.stdout.strip() == storage.sha256(storage.parquet_bytes(frame()))


def test_parquet_bytes_read_back_as_the_same_frame() -> None:
    assert pl.read_parquet(io.BytesIO(storage.parquet_bytes(frame()))).equals(frame())


# Atomic writes.


def test_write_makes_missing_folders_and_leaves_nothing_else_behind(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "file.bin"
    storage.write_atomic(target, b"content")
    assert target.read_bytes() == b"content"
    assert list(target.parent.iterdir()) == [target]


def test_written_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    storage.write_atomic(tmp_path / "atomic", b"")
    assert (tmp_path / "atomic").stat().st_mode == plain.stat().st_mode


def test_a_folder_in_the_way_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "other").write_bytes(b"old")
    with pytest.raises(CannotWrite, match="taken"):
        storage.write_all_atomic({tmp_path / "other": b"new", tmp_path / "taken": b"new"})
    assert (tmp_path / "other").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "taken"]


def test_a_device_is_never_replaced() -> None:
    if not Path(os.devnull).is_char_device():
        pytest.skip("no device files on this system")
    with pytest.raises(CannotWrite, match="device"):
        storage.write_atomic(Path(os.devnull), b"content")
    assert Path(os.devnull).is_char_device()


def test_a_file_in_the_place_of_the_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CannotWrite, match="is a file"):
        storage.write_atomic(tmp_path / "file" / "brief.html", b"content")


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_a_read_only_folder_is_one_clear_error_and_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    target = tmp_path / "KAZ.html"
    target.write_bytes(b"old")

    def refuse(*_: object) -> None:
        raise OSError(code, "refused")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(CannotWrite, match="read-only"):
        storage.write_atomic(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_disk_that_fills_at_the_second_file_changes_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "KAZ.html", tmp_path / "KAZ.pdf"
    first.write_bytes(b"old")
    flushed = []

    def fsync(handle: int) -> None:
        flushed.append(handle)
        if len(flushed) == 2:
            raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(CannotWrite, match=r"KAZ\.pdf: the disk is full"):
        storage.write_all_atomic({first: b"new", second: b"new"})
    assert first.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [first]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on file sizes to set")
def test_a_write_past_the_size_limit_of_the_system_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "import resource, sys; from pathlib import Path; from softpower.errors import CannotWrite;"
        "from softpower.storage import write_atomic;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000));\n"
        "try: write_atomic(Path(sys.argv[1]), bytes(1_000_000))\n"
        "except CannotWrite as error: print(error)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "big.bin")], capture_output=True, text=True, check=True
    )
    assert "the disk is full" in run.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_writer_killed_at_any_instant_leaves_one_whole_content_or_the_other(tmp_path: Path) -> None:
    target = tmp_path / "file.bin"
    contents = {bytes([letter]) * 300_000 for letter in b"ab"}
    storage.write_atomic(target, b"a" * 300_000)
    code = (
        "import sys; from pathlib import Path; from softpower.storage import write_atomic\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    for letter in b'ab': write_atomic(Path(sys.argv[1]), bytes([letter]) * 300_000)"
    )
    for delay in (0.003, 0.017, 0.041):
        with subprocess.Popen([sys.executable, "-c", code, str(target)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(delay)
            writer.send_signal(signal.SIGKILL)
        assert target.read_bytes() in contents


# What killed writers leave.

KILLED_BEFORE_RENAMING = (
    "import os, signal, sys; from pathlib import Path; from softpower.storage import write_all_atomic\n"
    "os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
    "write_all_atomic({Path(name): b'half' for name in sys.argv[1:]})"
)
needs_locks = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither SIGKILL nor locks of this kind")


def hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


@needs_locks
def test_the_next_write_removes_what_a_killed_writer_left(tmp_path: Path) -> None:
    names = [str(tmp_path / "KAZ.html"), str(tmp_path / "KAZ.pdf")]
    killed = subprocess.run([sys.executable, "-c", KILLED_BEFORE_RENAMING, *names], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(hidden(tmp_path)) == 2
    assert not (tmp_path / "KAZ.html").exists()
    storage.write_atomic(tmp_path / "KAZ.html", b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["KAZ.html"]


@needs_locks
def test_a_writer_leaves_the_temporary_file_of_a_living_one_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = os.replace
    seen: list[int] = []

    def write_others_first(source: str, target: Path) -> None:
        monkeypatch.setattr(os, "replace", rename)
        code = "import sys; from pathlib import Path; from softpower.storage import write_atomic\n"
        code += "write_atomic(Path(sys.argv[1]), b'other')"
        subprocess.run([sys.executable, "-c", code, str(tmp_path / "other")], check=True)
        storage.write_atomic(tmp_path / "same process", b"third")
        seen.append(len(hidden(tmp_path)))
        rename(source, target)

    monkeypatch.setattr(os, "replace", write_others_first)
    storage.write_atomic(tmp_path / "file", b"first")
    assert seen == [1]
    contents = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert contents == {"file": b"first", "other": b"other", "same process": b"third"}


@needs_locks
def test_a_writer_whose_file_is_swept_before_it_is_locked_takes_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = storage._lock
    swept: list[str] = []

    def sweep_first(file: BinaryIO, *, wait: bool) -> None:
        if not swept:
            swept.extend(hidden(tmp_path))
            (tmp_path / swept[0]).unlink()
        lock(file, wait=wait)

    monkeypatch.setattr(storage, "_lock", sweep_first)
    storage.write_atomic(tmp_path / "file", b"content")
    assert len(swept) == 1
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"content"}


@needs_locks
def test_many_writers_in_one_folder_neither_fail_nor_leave_anything(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from softpower.storage import write_all_atomic\n"
        "folder, mine = Path(sys.argv[1]), sys.argv[2]\n"
        "for _ in range(100): write_all_atomic({folder / 'shared': b'x' * 5000, folder / mine: mine.encode()})"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in "abcd"]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    contents = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert contents == {"shared": b"x" * 5000} | {name: name.encode() for name in "abcd"}


@pytest.mark.skipif(sys.platform == "win32", reason="elsewhere locks decide, on Windows age does")
def test_a_file_without_a_lock_is_swept_however_young_and_a_locked_one_is_not_however_old(tmp_path: Path) -> None:
    import fcntl

    dead, living = (tmp_path / f".softpower-{digit * 16}.tmp" for digit in "0f")
    dead.write_bytes(b"")
    with open(living, "xb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        os.utime(living, (0, 0))
        storage.write_atomic(tmp_path / "file", b"content")
    assert sorted(path.name for path in tmp_path.iterdir()) == [living.name, "file"]


def test_hidden_files_of_others_are_never_swept(tmp_path: Path) -> None:
    strangers = [".softpower-notes.tmp", ".softpower-0123456789abcdeg.tmp", ".softpower-0123456789abcdef.tmp.bak"]
    for name in strangers:
        (tmp_path / name).write_bytes(b"mine")
    storage.write_atomic(tmp_path / "file", b"content")
    assert hidden(tmp_path) == sorted(strangers)


# Cache.


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOFTPOWER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_was_cached_is_not_made_again(cache: Path) -> None:
    assert storage.cached("key", lambda: b"made") == b"made"
    assert storage.cached("key", lambda: pytest.fail("made twice")) == b"made"
    assert storage.cached("other", lambda: b"other") == b"other"


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: b"", lambda content: content + b"x"])
def test_a_damaged_entry_is_made_again(cache: Path, damage: object) -> None:
    storage.cached("key", lambda: b"made")
    (entry,) = cache.iterdir()
    entry.write_bytes(damage(entry.read_bytes()))  # type: ignore[operator]
    assert storage.cached("key", lambda: b"anew") == b"anew"
    assert storage.cached("key", lambda: pytest.fail("made twice")) == b"anew"


def test_an_empty_content_is_cached_like_any_other(cache: Path) -> None:
    storage.cached("key", lambda: b"")
    assert storage.cached("key", lambda: pytest.fail("made twice")) == b""


def test_a_cache_that_cannot_be_written_does_not_fail_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("SOFTPOWER_CACHE", str(tmp_path / "file" / "cache"))
    assert storage.cached("key", lambda: b"made") == b"made"


def test_the_cache_forgets_its_oldest_entries_and_no_file_of_anyone_else(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "CACHE_LIMIT_BYTES", 250)
    cache.mkdir()
    (cache / "strangers.bin").write_bytes(bytes(1_000))
    for age, key in ((30, "oldest"), (20, "older")):
        storage.cached(key, lambda: bytes(68))
        newest = max(cache.glob("?" * 40 + ".bin"), key=lambda path: path.stat().st_mtime)
        os.utime(newest, (time.time() - age, time.time() - age))
    storage.cached("new", lambda: bytes(68))
    made = {key: storage.cached(key, lambda: b"made again") == b"made again" for key in ("new", "older", "oldest")}
    assert made == {"new": False, "older": False, "oldest": True}
    assert (cache / "strangers.bin").exists()


def test_two_processes_that_make_one_entry_at_once_both_get_it_whole(cache: Path) -> None:
    code = (
        "import time; from softpower.storage import cached, sha256\n"
        "def make():\n    time.sleep(0.2)\n    return bytes(2_000_000)\n"
        "print(sha256(cached('key', make)))"
    )
    runs = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = {run.communicate()[0].strip() for run in runs}
    assert answers == {storage.sha256(bytes(2_000_000))}
    assert [path.suffix for path in cache.iterdir()] == [".bin"]


@pytest.mark.parametrize(
    ("platform", "variable", "end"),
    [
        ("linux", "XDG_CACHE_HOME", ("softpower",)),
        ("win32", "LOCALAPPDATA", ("softpower",)),
    ],
)
def test_the_cache_lies_where_the_platform_keeps_caches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, variable: str, end: tuple[str, ...]
) -> None:
    monkeypatch.delenv("SOFTPOWER_CACHE", raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setattr(sys, "platform", platform)
    assert storage.cache_folder() == tmp_path.joinpath(*end)


# Versions.


def test_code_version_changes_with_the_source_and_with_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "softpower"
    (package / "index").mkdir(parents=True)
    (package / "index" / "rank.py").write_text("a = 1\n")
    (package / "storage.py").write_text("b = 1\n")
    monkeypatch.setattr(storage, "DATA", package / "data")
    before = storage.code_version("index", "storage")
    (package / "index" / "notes.txt").write_text("not code")
    assert storage.code_version("index", "storage") == before
    assert len(before) == 12
    (package / "index" / "rank.py").write_text("a = 2\n")
    assert storage.code_version("index", "storage") != before


def test_the_version_of_a_package_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadRequest, match="indexx"):
        storage.code_version("indexx")
