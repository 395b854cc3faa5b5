"""A folder of raw files and what its manifests say about them.

Each folder below the raw one has a ``sources.csv``: a row per file (or per source, with its files) with publisher,
licence, attribution, origin and sha256. Nothing is read that does not hash to what its manifest says.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from softpower.errors import BadTable
from softpower.storage import sha256

MANIFEST = "sources.csv"
_SAME = "as above"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a manifest. ``source_id`` may be empty; ``sha256`` is by file, as ``countries/wgi.csv.gz``."""

    source_id: str
    title: str
    publisher: str
    address: str
    licence: str
    licence_status: str
    attribution: str
    vintage: str
    retrieved_from: str
    commit: str
    pitfalls: str
    sha256: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RawFile:
    """A raw file as text columns, exactly as stored. ``changed`` says that it is not the one of the manifest."""

    name: str
    frame: pl.DataFrame
    sha256: str
    changed: bool


@dataclass(slots=True)
class RawFolder:
    """Raw files below ``path``; ``allow_changed`` lets files through that differ from their manifest."""

    path: Path
    allow_changed: bool = False
    _manifests: dict[str, tuple[Entry, ...]] = field(default_factory=dict)

    def entry(self, name: str, source_id: str = "") -> Entry | None:
        """What the manifest beside ``name`` says about it; of several rows the one of ``source_id`` counts."""
        folder = name.rpartition("/")[0]
        if folder not in self._manifests:
            self._manifests[folder] = _read_manifest(self.path / folder / MANIFEST, folder)
        entries = [entry for entry in self._manifests[folder] if name in entry.sha256]
        entries.sort(key=lambda entry: entry.source_id != source_id)
        return entries[0] if entries else None

    def read(self, name: str) -> RawFile:
        """The table in file ``name``.

        Raises
        ------
        BadTable
            The file is missing, unreadable or lies in a folder of sources that may only be cited, or its hash is not
            the one in its manifest.
        """
        if "cite" in Path(name).parts:
            raise BadTable(f"{name}: files in a folder 'cite' carry no open licence and are never read")
        try:
            content = (self.path / name).read_bytes()
        except OSError as error:
            raise BadTable(f"raw file {self.path / name} cannot be read: {error.strerror or error}") from error
        digest = sha256(content)
        entry = self.entry(name)
        changed = entry is not None and entry.sha256[name] != digest
        if changed and not self.allow_changed:
            raise BadTable(
                f"{name}: its sha256 is {digest[:12]}..., {name.rpartition('/')[0]}/{MANIFEST} says otherwise. "
                "Fetch it again, or pass --allow-changed to build from the file at hand."
            )
        return RawFile(name, _table(name, content), digest, changed)


def _table(name: str, content: bytes) -> pl.DataFrame:
    try:
        if name.endswith(".parquet"):
            return pl.read_parquet(io.BytesIO(content))
        # No schema and no null values are guessed: NA is Namibia, NO is Norway.
        return pl.read_csv(io.BytesIO(content), infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadTable(f"{name} is not a readable table: {str(error).splitlines()[0]}") from error


def _read_manifest(path: Path, folder: str) -> tuple[Entry, ...]:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise BadTable(f"manifest {path} cannot be read: {error}") from error
    above: dict[str, str] = {}
    entries = []
    for row in rows:
        row = {key: above.get(key, "") if value == _SAME else value or "" for key, value in row.items()}
        above = row
        try:
            entries.append(_entry(row, folder))
        except KeyError as error:
            raise BadTable(f"manifest {path} has no column {error}") from error
    return tuple(entries)


def _entry(row: Mapping[str, str], folder: str) -> Entry:
    """A row of either form of manifest: ``files`` of a source, or a ``file``."""
    files = [name.strip() for name in (row.get("files") or row["file"]).split(";")]
    digests = [digest.strip() for digest in row["sha256"].split(";")]
    if len(files) != len(digests):
        raise BadTable(f"{folder}/{MANIFEST}: {len(files)} files but {len(digests)} sha256 for {row['title']!r}")
    repository = row.get("retrieved_from") or row.get("repo") or ""
    if repository and not repository.startswith("github.com/"):
        repository = f"github.com/{repository}"
    return Entry(
        source_id=row.get("source_id", ""),
        title=row["title"],
        publisher=row["publisher"],
        address=row["publisher_url"],
        licence=row["licence"],
        licence_status=row.get("licence_status", ""),
        attribution=row["attribution"],
        vintage=row["vintage"],
        retrieved_from=repository,
        commit=row["commit"],
        pitfalls=(row.get("pitfalls") or row.get("note") or "").strip(),
        sha256={f"{folder}/{name}": digest for name, digest in zip(files, digests, strict=True)},
    )
