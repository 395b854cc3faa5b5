"""Raw files in, snapshot out: the whole build, from hashes checked to files in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from softpower.errors import BadTable
from softpower.evidence.build import series
from softpower.evidence.build.catalogue import catalogue
from softpower.evidence.build.checks import require_known, require_unique
from softpower.evidence.build.declared import INDICATORS_FILE, RAW, TABLES, Raw, Table
from softpower.evidence.build.raw import RawFile, RawFolder
from softpower.evidence.build.register import (
    FileEntry,
    SourceEntry,
    merge,
    registry_text,
    share_alike_terms,
    source_entry,
)
from softpower.storage import REGISTRY, parquet_bytes, sealed, sha256, write_all_atomic

_OPEN = "open with attribution; each source's own licence stands in its entry"


def build_snapshot(
    raw: Path, out: Path, *, allow_changed: bool = False, progress: Callable[[str], None] = lambda _: None
) -> tuple[FileEntry, ...]:
    """Write the snapshot made from the files below ``raw`` into ``out``; the same files give the same bytes.

    Parameters
    ----------
    raw : folder with ``countries``, ``extra`` and ``dyads``, each with its manifest ``sources.csv``
    out : folder of the Parquet files and ``sources.toml``
    allow_changed : build also from files that differ from their manifest; their vintage then says so
    progress : called with the name of each table before it is made

    Returns
    -------
    tuple of FileEntry
        What was written, by name.

    Raises
    ------
    BadTable
        A raw file is missing, altered or unreadable, its source is not open, or its rows break a rule.
    CannotWrite
        ``out`` refused; it is then as it was before.
    """
    build = _Build(RawFolder(raw, allow_changed))
    frames: dict[str, pl.DataFrame] = {}
    for table in TABLES:
        progress(table.name)
        frames[table.name] = build.table(table, frames)
    frames["indicators"] = catalogue(
        {table.name: frames[table.name] for table in TABLES if table.is_series}, build.file(INDICATORS_FILE).frame
    )
    contents = {f"{name}.parquet": parquet_bytes(frame) for name, frame in sorted(frames.items())}
    entries = tuple(
        build.file_entry(name, frame, contents[f"{name}.parquet"]) for name, frame in sorted(frames.items())
    )
    contents[REGISTRY] = sealed(registry_text(build.sources.values(), entries))
    write_all_atomic({out / name: content for name, content in contents.items()})
    return entries


@dataclass(slots=True)
class _Build:
    """What one run has read so far."""

    folder: RawFolder
    files: dict[str, RawFile] = field(default_factory=dict)
    sources: dict[str, SourceEntry] = field(default_factory=dict)

    def file(self, name: str) -> RawFile:
        """The raw file ``name``, read once."""
        if name not in self.files:
            self.files[name] = self.folder.read(name)
        return self.files[name]

    def rows(self, raw: Raw) -> pl.DataFrame:
        """What one declaration contributes to its table."""
        files = [self.file(name) for name in raw.files]
        entries = {id: source_entry(self.folder, raw, id, files) for id in (raw.source, *raw.also)}
        for id, entry in entries.items():
            self.sources[id] = merge(self.sources[id], entry) if id in self.sources else entry
        if not raw.stamped:
            return raw.read(*files)
        # The vintage is that of these files, which need not be that of the source's other files.
        return raw.read(*files, source_id=raw.source, vintage=entries[raw.source].vintage)

    def table(self, table: Table, frames: dict[str, pl.DataFrame]) -> pl.DataFrame:
        """One table, checked and sorted."""
        where = f"{table.name}.parquet"
        parts = []
        for raw in (raw for raw in RAW if raw.into == table.name):
            part = self.rows(raw)
            # A fault is named with the file it lies in, rather than with the table that would hold it.
            _check(part, table, frames.get("countries", part)["iso3"], where=", ".join(raw.files))
            parts.append(part)
        frame = series.combine(parts, table.derived, where=where) if table.is_series else pl.concat(parts)
        require_unique(frame, table.keys, where=where)
        return frame.sort(table.keys)

    def file_entry(self, name: str, frame: pl.DataFrame, content: bytes) -> FileEntry:
        """The registry's entry for a table; share-alike sources never lie together with others."""
        ids = self.sources_of(name)
        sources = [self.sources[source_id] for source_id in ids]
        terms = {share_alike_terms(source.licence) for source in sources}
        if len(terms) > 1:
            raise BadTable(f"{name}.parquet mixes share-alike sources with others: {', '.join(ids)}")
        share_alike = any(terms)
        licences = dict.fromkeys(source.licence for source in sources)
        return FileEntry(
            name=f"{name}.parquet",
            sha256=sha256(content),
            bytes=len(content),
            rows=frame.height,
            columns=tuple(frame.columns),
            licence="; ".join(licences) if share_alike or len(sources) == 1 else _OPEN,
            share_alike=share_alike,
            sources=ids,
        )

    def sources_of(self, name: str) -> tuple[str, ...]:
        """Ids of the sources with a share in table ``name``."""
        ids = {source for raw in RAW if raw.into == name for source in (raw.source, *raw.also)}
        return tuple(sorted(ids))


def _check(part: pl.DataFrame, table: Table, codes: pl.Series, *, where: str) -> None:
    """Every code of ``part`` is in the country table, or one that ``table`` may hold besides; no key occurs twice."""
    for column in table.codes:
        further = pl.col(column).is_in(table.former)
        if table.pooled:
            further |= pl.col(column).str.starts_with("_")
        require_known(part.filter(~further.fill_null(False)), column, codes, where=where)
    require_unique(part, table.keys, where=where)
