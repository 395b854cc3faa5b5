"""The registry, ``sources.toml``: who published what under which licence, and what each bundled file hashes to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from softpower.errors import BadTable
from softpower.evidence.build.declared import Raw
from softpower.evidence.build.raw import Entry, RawFile, RawFolder
from softpower.evidence.build.traps import PITFALLS

_HEADER = """\
# What is bundled, where it comes from and what it hashes to.  Written by `softpower sources build`; do not edit:
# a file whose bytes are not those recorded here is not read.
"""

_SHARE_ALIKE = re.compile(r"\b(?:BY-SA|ODbL)\b", re.IGNORECASE)
_UNVERIFIED = re.compile(
    r"from memory|not verified|not re-read|no explicit open licence|no licence file", re.IGNORECASE
)
_UNVERIFIED_PITFALL = "The licence was not read at the publisher: check it before you redistribute."


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One ``[[source]]`` table; ``sha256`` and ``rows`` are those of its raw files."""

    id: str
    title: str
    publisher: str
    address: str
    licence: str
    attribution: str
    vintage: str
    retrieved_from: str
    commit: str
    files: tuple[str, ...]
    sha256: tuple[str, ...]
    rows: int
    share_alike: bool
    pitfalls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One ``[[file]]`` table."""

    name: str
    sha256: str
    bytes: int
    rows: int
    columns: tuple[str, ...]
    licence: str
    share_alike: bool
    sources: tuple[str, ...]


def source_entry(folder: RawFolder, raw: Raw, source_id: str, files: Sequence[RawFile]) -> SourceEntry:
    """What the manifest and the declarations say about a source, as far as ``files`` are concerned.

    Raises
    ------
    BadTable
        The source is in no manifest, lacks licence or attribution, or nothing says that it may be bundled.
    """
    entry = folder.entry(raw.files[0], source_id)
    if entry is None:
        raise BadTable(f"{raw.files[0]} is in no manifest, so it has neither source nor licence")
    if not entry.licence_status.startswith("open") and not raw.open_because:
        raise BadTable(f"{raw.files[0]}: its licence status is {entry.licence_status!r}, only open sources are bundled")
    if not entry.licence or not entry.attribution:
        raise BadTable(f"{raw.files[0]}: its manifest gives no licence or no attribution")
    changed = [file for file in files if file.changed]
    return SourceEntry(
        id=source_id,
        title=entry.title,
        publisher=entry.publisher,
        address=entry.address,
        licence=entry.licence,
        attribution=entry.attribution,
        vintage=_changed_vintage(changed) if changed else entry.vintage,
        retrieved_from="" if changed else entry.retrieved_from,
        commit="" if changed else entry.commit,
        files=tuple(file.name for file in files),
        sha256=tuple(file.sha256 for file in files),
        rows=sum(file.frame.height for file in files),
        share_alike=bool(share_alike_terms(entry.licence)),
        pitfalls=_pitfalls(entry, raw, source_id),
    )


def share_alike_terms(licence: str) -> str:
    """Which share-alike licence the text of a licence names, in capitals; empty if none."""
    found = _SHARE_ALIKE.search(licence)
    return found.group().upper() if found else ""


def merge(known: SourceEntry, further: SourceEntry) -> SourceEntry:
    """One entry for a source that has files in several declarations."""
    new = [index for index, name in enumerate(further.files) if name not in known.files]
    if not new:
        return known
    same = further.vintage == known.vintage
    return replace(
        known,
        vintage=known.vintage if same else f"{known.vintage}; {further.vintage}",
        commit=known.commit if same else "",
        files=known.files + tuple(further.files[index] for index in new),
        sha256=known.sha256 + tuple(further.sha256[index] for index in new),
        rows=known.rows + further.rows,
    )


def _changed_vintage(changed: Iterable[RawFile]) -> str:
    """The vintage of files nobody described: what they hash to, so that equal files give equal snapshots."""
    return "file at hand, sha256 " + ", ".join(file.sha256[:12] for file in changed)


def _pitfalls(entry: Entry, raw: Raw, source_id: str) -> tuple[str, ...]:
    pitfalls = [entry.pitfalls] if entry.pitfalls else []
    if _UNVERIFIED.search(f"{entry.licence} {entry.pitfalls}"):
        pitfalls.append(_UNVERIFIED_PITFALL)
    if raw.open_because:
        pitfalls.append(f"Bundled because {raw.open_because}.")
    return (*pitfalls, *PITFALLS.get(source_id, ()))


def registry_text(sources: Iterable[SourceEntry], files: Iterable[FileEntry]) -> str:
    """The text of ``sources.toml``: sources by id, files by name."""
    tables = [("source", asdict(entry)) for entry in sorted(sources, key=lambda entry: entry.id)]
    tables += [("file", asdict(entry)) for entry in sorted(files, key=lambda entry: entry.name)]
    return _HEADER + "".join(_table(kind, fields) for kind, fields in tables) + "\n"


def _table(kind: str, fields: Mapping[str, object]) -> str:
    # Strings, whole numbers, booleans and lists of strings are written alike in JSON and in TOML.
    lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items())
    return f"\n[[{kind}]]\n" + "\n".join(lines) + "\n"
