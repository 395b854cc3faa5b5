"""Folders, hashes and writes that survive a crash: the only module that knows where bytes lie.

Three kinds of bytes. *Bundled* files lie in the package and are read only if they hash to what the registry
(``sources.toml``) recorded. *Written* files appear whole or not at all. *Cached* files lie outside the package, carry
their own hash, and may be thrown away at any time.
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
import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl

from softpower.errors import BadRequest, CannotWrite, DamagedSnapshot, SoftPowerError

DATA = Path(str(resources.files("softpower") / "data"))
REGISTRY = "sources.toml"

CACHE_LIMIT_BYTES = 256 * 2**20
_REBUILD = "Reinstall softpower, or rebuild the snapshot: softpower sources build --raw DIR"
_DIGEST_BYTES = 32
_TEMPORARY = ".softpower-"
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
    """Names of all files of the snapshot, in the order of the registry."""
    return tuple(_recorded(DATA))


def bundled_bytes(name: str) -> bytes:
    """Content of ``data/<name>``, whose hash is the recorded one.

    Raises
    ------
    DamagedSnapshot
        The file is missing, not recorded, or its bytes are not those that were recorded.
    """
    return _content(DATA, name)


def bundled(name: str) -> pl.DataFrame:
    """Table ``data/<name>.parquet``, whose hash is the recorded one; read once per process.

    Raises
    ------
    DamagedSnapshot
        As for `bundled_bytes`.
    """
    return _table(DATA, name)


def data_version() -> str:
    """Twelve hex digits that change when any file of the snapshot does."""
    return _digest(f"{name} {digest}\n".encode() for name, digest in sorted(_recorded(DATA).items()))


def damaged_registry(why: str) -> DamagedSnapshot:
    """The error for a ``sources.toml`` that cannot be used."""
    return DamagedSnapshot(REGISTRY, expected="", found=why, remedy=_REBUILD)


@lru_cache
def _registry(folder: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads((folder / REGISTRY).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise damaged_registry(str(error)) from error


@lru_cache
def _recorded(folder: Path) -> Mapping[str, str]:
    """sha256 by file name."""
    try:
        return {file["name"]: file["sha256"] for file in _registry(folder)["file"]}
    except (KeyError, TypeError) as error:
        raise damaged_registry(f"its list of files is incomplete ({error})") from error


@lru_cache
def _content(folder: Path, name: str) -> bytes:
    expected = _recorded(folder).get(name)
    if expected is None:
        raise DamagedSnapshot(name, expected="", found=f"not recorded in {REGISTRY}", remedy=_REBUILD)
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise DamagedSnapshot(name, expected="", found=str(error), remedy=_REBUILD) from error
    found = sha256(content)
    if found != expected:
        raise DamagedSnapshot(name, expected=expected, found=found, remedy=_REBUILD)
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

    Raises
    ------
    CannotWrite
        As for `write_atomic`.
    """
    written: dict[Path, Path] = {}
    current = Path()
    try:
        for current, content in files.items():
            written[current] = _write_beside(current, content)
        for current, temporary in written.items():
            os.replace(temporary, current)
        for folder in {path.parent for path in files}:
            _flush_folder(folder)
    except OSError as error:
        raise CannotWrite(f"cannot write {current}: {_reason(error)}. Nothing half-written remains.") from error
    finally:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)


def _write_beside(path: Path, content: bytes) -> Path:
    """A temporary file in the folder of ``path`` that holds ``content``, flushed to disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        # A rename would otherwise fail only after other files were renamed, or replace a device.
        raise OSError(errno.EISDIR, "a folder or device of this name stands in the way")
    temporary = path.parent / f"{_TEMPORARY}{secrets.token_hex(8)}.tmp"
    try:
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


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
