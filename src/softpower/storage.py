"""Folders, hashes and writes that survive a crash: the only module that knows where bytes lie.

Three kinds of bytes. *Bundled* files lie in the package and are read only if they hash to what was recorded: tables in
the registry (``sources.toml``), all others in ``SHA256SUMS``. *Written* files appear whole or not at all. *Cached*
files lie outside the package, carry their own hash, and may be thrown away at any time.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import re
import secrets
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from softpower.errors import BadRequest, CannotWrite, DamagedSnapshot, SoftPowerError

DATA = Path(str(resources.files("softpower") / "data"))
REGISTRY = "sources.toml"
SUMS = "SHA256SUMS"

CACHE_LIMIT_BYTES = 256 * 2**20
_REBUILD = "Reinstall softpower, or rebuild the snapshot: softpower sources build --raw DIR"
_REINSTALL = "Reinstall softpower; vectors and models of your own belong in files of your own"
_SEAL = "# sha256 of all lines above: "
_DIGEST_BYTES = 32
_TEMPORARY = ".softpower-"
# Where a system has no locks, a temporary file that nobody has written to for an hour is nobody's.
_ABANDONED_SECONDS = 3600
_CACHE_FILE = re.compile(rf"[0-9a-f]{{40}}\.bin|{re.escape(_TEMPORARY)}\w+\.tmp")


def sha256(content: bytes) -> str:
    """SHA-256 of ``content`` as 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


# Bundled files.


def registry() -> Mapping[str, Any]:
    """The parsed ``sources.toml``: lists of tables ``source`` and ``file``.

    Raises
    ------
    DamagedSnapshot
        The file is missing or is not TOML.
    """
    return _registry(DATA)


def bundled_files() -> tuple[str, ...]:
    """Names of all bundled files, below ``data``: the tables in the order of the registry, the registry, the others."""
    return (*_recorded(DATA), REGISTRY, *_sums(DATA))


def has_bundled(name: str) -> bool:
    """Whether there is, or should be, a bundled file ``data/<name>``."""
    return name in _sums(DATA) or (DATA / name).is_file()


def bundled_bytes(name: str) -> bytes:
    """Content of ``data/<name>``, whose hash is the recorded one.

    Raises
    ------
    DamagedSnapshot
        The file is missing, not recorded, or its bytes are not those that were recorded.
    """
    return _content(DATA, name)


def bundled_text(name: str) -> str:
    """Text of ``data/<name>``; errors as for `bundled_bytes`."""
    return bundled_bytes(name).decode("utf-8")


def bundled_folder(name: str) -> Path:
    """Folder ``data/<name>``, all of whose recorded files are as they were: for libraries that read files themselves.

    Raises
    ------
    DamagedSnapshot
        As for `bundled_bytes`, for the first file that is not.
    """
    for file in _sums(DATA):
        if file.startswith(f"{name}/"):
            bundled_bytes(file)
    return DATA / name


def bundled(name: str) -> pl.DataFrame:
    """Table ``data/<name>.parquet``, whose hash is the recorded one; read once per process.

    Raises
    ------
    DamagedSnapshot
        As for `bundled_bytes`.
    """
    return _table(DATA, name)


def data_version() -> str:
    """Twelve hex digits that change when any table of the snapshot does."""
    return _digest(f"{name} {digest}\n".encode() for name, digest in sorted(_recorded(DATA).items()))


def damaged_registry(why: str) -> DamagedSnapshot:
    """The error for a ``sources.toml`` that cannot be used."""
    return DamagedSnapshot(REGISTRY, expected="", found=why, remedy=_REBUILD)


def sealed(text: str) -> bytes:
    """``text``, which ends in a line end, with a last line that is the hash of the others, as a comment."""
    return f"{text}{_SEAL}{sha256(text.encode())}\n".encode()


def _unsealed(path: Path, *, remedy: str) -> str:
    """The text of a `sealed` file."""
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedSnapshot(path.name, expected="", found=str(error), remedy=remedy) from error
    above, _, seal = text.rpartition(_SEAL)
    if sha256(above.encode()) != seal.rstrip("\n"):
        why = "its last line is not the sha256 of those above it"
        raise DamagedSnapshot(path.name, expected="", found=why, remedy=remedy)
    return above


@lru_cache
def _registry(folder: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(_unsealed(folder / REGISTRY, remedy=_REBUILD))
    except tomllib.TOMLDecodeError as error:
        raise damaged_registry(str(error)) from error


@lru_cache
def _sums(folder: Path) -> Mapping[str, str]:
    """sha256 by name of the bundled files that are no tables, in the form of the tool ``sha256sum``."""
    lines = _unsealed(folder / SUMS, remedy=_REINSTALL).splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


@lru_cache
def _recorded(folder: Path) -> Mapping[str, str]:
    """sha256 by file name."""
    try:
        return {file["name"]: file["sha256"] for file in _registry(folder)["file"]}
    except (KeyError, TypeError) as error:
        raise damaged_registry(f"its list of files is incomplete ({error})") from error


@lru_cache
def _content(folder: Path, name: str) -> bytes:
    if name == REGISTRY:
        return sealed(_unsealed(folder / name, remedy=_REBUILD))
    # Tables change with every build, which therefore records them; all else changes with the code.
    if name.endswith(".parquet"):
        expected, record, remedy = _recorded(folder).get(name), REGISTRY, _REBUILD
    else:
        expected, record, remedy = _sums(folder).get(name), SUMS, _REINSTALL
    if expected is None:
        raise DamagedSnapshot(name, expected="", found=f"not recorded in {record}", remedy=remedy)
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise DamagedSnapshot(name, expected="", found=str(error), remedy=remedy) from error
    found = sha256(content)
    if found != expected:
        raise DamagedSnapshot(name, expected=expected, found=found, remedy=remedy)
    return content


@lru_cache
def _table(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(_content(folder, f"{name}.parquet")))


def parquet_bytes(frame: pl.DataFrame) -> bytes:
    """``frame`` as zstd Parquet; equal frames give equal bytes, on any number of threads."""
    buffer = io.BytesIO()
    # Row groups follow the chunks of a frame, so that a concatenated one would be laid out differently.
    frame.rechunk().write_parquet(buffer, compression="zstd", compression_level=12, row_group_size=32_768)
    return buffer.getvalue()


# Writing.


def write_atomic(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path``, whole or not at all; missing folders are made.

    Raises
    ------
    CannotWrite
        The folder is read-only, the disk full, or ``path`` is not a file. What was there before is still there.
    """
    write_all_atomic({path: content})


def write_all_atomic(files: Mapping[Path, bytes]) -> None:
    """Write several files so that a full disk changes none of them: all are on disk before the first is renamed.

    What writers that were killed left in the same folders is removed first; those that live are left alone.

    Raises
    ------
    CannotWrite
        As for `write_atomic`.
    """
    folders = {path.parent for path in files}
    written: dict[Path, BinaryIO] = {}
    current = Path()
    try:
        for folder in folders:
            _sweep(folder)
        for current, content in files.items():
            written[current] = _write_beside(current, content)
        for current, temporary in written.items():
            if sys.platform == "win32":  # which renames no open file
                temporary.close()
            os.replace(temporary.name, current)
        for folder in folders:
            _flush_folder(folder)
    except OSError as error:
        new = [path.name for path, temporary in written.items() if not Path(temporary.name).exists()]
        kept = f"; {', '.join(new)} had been replaced before" if new else ""
        raise CannotWrite(f"cannot write {current}: {_reason(error)}. Nothing half-written remains{kept}.") from error
    finally:
        for temporary in written.values():
            _discard(temporary)


def _write_beside(path: Path, content: bytes) -> BinaryIO:
    """A temporary file in the folder of ``path`` that holds ``content``, flushed to disk, open and locked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        # A rename would otherwise fail only after other files were renamed, or replace a device.
        raise OSError(errno.EISDIR, "a folder or device of this name stands in the way")
    temporary = _open_locked(path.parent)
    try:
        temporary.write(content)
        temporary.flush()
        os.fsync(temporary.fileno())
    except BaseException:
        _discard(temporary)
        raise
    return temporary


def _open_locked(folder: Path) -> BinaryIO:
    """A new temporary file with a lock that lasts as long as this process has it open, however that ends."""
    while True:
        temporary = open(folder / f"{_TEMPORARY}{secrets.token_hex(8)}.tmp", "xb")  # noqa: SIM115
        with contextlib.suppress(OSError):  # a file system without locks: nobody can sweep there either
            _lock(temporary, wait=True)
        if Path(temporary.name).exists():
            return temporary
        temporary.close()  # swept in the instant between its making and its lock


def _discard(temporary: BinaryIO) -> None:
    """Close a temporary file and remove it, if it has not been renamed."""
    with contextlib.suppress(OSError):  # closing flushes: again to a disk that is full
        temporary.close()
    Path(temporary.name).unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove the temporary files in ``folder`` whose writers are dead."""
    with contextlib.suppress(OSError):
        for path in folder.glob(f"{_TEMPORARY}{'[0-9a-f]' * 16}.tmp"):
            with contextlib.suppress(OSError):
                if sys.platform == "win32":
                    if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                        path.unlink()
                elif path.is_file():
                    with open(path, "rb") as file:
                        _lock(file, wait=False)  # refused while its writer lives
                        path.unlink()


def _lock(file: BinaryIO, *, wait: bool) -> None:
    """Lock ``file`` for this process; OSError if another one has it and there is no waiting."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


def _flush_folder(folder: Path) -> None:
    """Make renames in ``folder`` survive a power cut; a system that cannot flush a folder is left alone."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _reason(error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return "the disk is full or a size limit is reached"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "the folder or the disk is read-only"
        case errno.ENOTDIR | errno.EEXIST:
            return "a part of its folder's path is a file"
        case _:
            return error.strerror or str(error)


# Cache.


def cache_folder() -> Path:
    """Folder of the cache: ``$SOFTPOWER_CACHE`` if set, else the one the platform provides for each user."""
    chosen = os.environ.get("SOFTPOWER_CACHE")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "softpower"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "softpower"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "softpower"


def cached(key: str, make: Callable[[], bytes]) -> bytes:
    """What ``make`` returns, remembered under ``key``.

    A damaged or unreadable entry is made again; a cache that cannot be written never fails the run. Two processes may
    make the same entry at once: each gets its own whole answer.
    """
    path = cache_folder() / f"{sha256(key.encode())[:40]}.bin"
    known = _read_entry(path)
    if known is not None:
        return known
    content = make()
    with contextlib.suppress(SoftPowerError, OSError):
        write_atomic(path, hashlib.sha256(content).digest() + content)
        _trim(path.parent)
    return content


def _read_entry(path: Path) -> bytes | None:
    try:
        stored = path.read_bytes()
    except OSError:
        return None
    digest, content = stored[:_DIGEST_BYTES], stored[_DIGEST_BYTES:]
    return content if hashlib.sha256(content).digest() == digest else None


def _trim(folder: Path) -> None:
    """Forget the oldest entries beyond `CACHE_LIMIT_BYTES`, and what killed writers left behind."""
    files = [file for file in folder.iterdir() if _CACHE_FILE.fullmatch(file.name)]
    total = 0
    for state, file in sorted(((file.stat(), file) for file in files), key=lambda entry: -entry[0].st_mtime):
        total += state.st_size
        if total > CACHE_LIMIT_BYTES:
            file.unlink(missing_ok=True)


def code_version(*packages: str) -> str:
    """Twelve hex digits that change when the source of any of ``packages`` does.

    Parameters
    ----------
    packages : names below ``softpower``: folders (``index``) or single modules (``storage``)

    Raises
    ------
    BadRequest
        No such package or module.
    """
    root = DATA.parent
    files: list[Path] = []
    for package in packages:
        module = root / f"{package}.py"
        found = [module] if module.is_file() else sorted((root / package).rglob("*.py"))
        if not found:
            raise BadRequest(f"softpower.{package} has no source files, so it has no version")
        files += found
    return _digest(part for file in files for part in (file.relative_to(root).as_posix().encode(), file.read_bytes()))


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:12]
