"""The registry: who published each number, under which licence, and what to beware of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from softpower import storage
from softpower.errors import UnknownSource


@dataclass(frozen=True, slots=True)
class Source:
    """A publication that numbers in the snapshot come from.

    Attributes
    ----------
    id : short name; every observation and tie carries one
    title, publisher, address : what it is, whose, and where it is published
    licence, attribution : terms, and the words to print when a number is shown
    vintage : release or date of the copy
    retrieved_from, commit : where the copy was taken from
    sha256 : hashes of the raw files, in the order of ``files``
    files : raw files it contributed, below the raw folder
    rows : rows in those files
    share_alike : whether derived databases must stay under the same licence
    pitfalls : what a user of the numbers must know
    """

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


def sources() -> tuple[Source, ...]:
    """All sources of the snapshot, by id.

    Raises
    ------
    DamagedSnapshot
        The registry is missing or cannot be read.
    """
    return tuple(_sources(storage.DATA).values())


def source(id: str) -> Source:
    """The source of this id.

    Raises
    ------
    UnknownSource
        The registry has none; the nearest ids are named.
    """
    known = _sources(storage.DATA)
    if id not in known:
        from difflib import get_close_matches

        raise UnknownSource(id, nearest=get_close_matches(id, known, n=3))
    return known[id]


@lru_cache
def _sources(_folder: object) -> Mapping[str, Source]:
    try:
        return {table["id"]: _source(table) for table in storage.registry()["source"]}
    except (KeyError, TypeError) as error:
        raise storage.damaged_registry(f"an entry of a source is incomplete ({error})") from error


def _source(table: Mapping[str, Any]) -> Source:
    lists = {key: tuple(value) for key, value in table.items() if isinstance(value, list)}
    return Source(**{**table, **lists})
