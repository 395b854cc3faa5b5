"""What is known about each series: name, unit, source, years, and whether absence means none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from softpower import storage
from softpower.errors import UnknownIndicator


@dataclass(frozen=True, slots=True)
class Indicator:
    """A series of observations.

    Attributes
    ----------
    id, name, unit : one unit throughout
    source_id : id in the registry
    file : the table it lies in; share-alike series lie apart from the others
    first, last : years with any observation
    countries : number of countries and territories with any observation
    structural_zero : why an absent country has none of it; empty where absence says nothing
    not_zero : countries to which ``structural_zero`` does not apply
    frozen : an edition, or discontinued: never carried to another year in a trend
    note : how it was made and what to beware of
    """

    id: str
    name: str
    unit: str
    source_id: str
    file: str
    first: int
    last: int
    countries: int
    structural_zero: str
    not_zero: tuple[str, ...]
    frozen: bool
    note: str


def indicators() -> tuple[Indicator, ...]:
    """All series of the snapshot, by id."""
    return tuple(_indicators(storage.DATA).values())


def indicator(id: str) -> Indicator:
    """The series of this id.

    Raises
    ------
    UnknownIndicator
        The snapshot has none; the nearest ids are named.
    """
    known = _indicators(storage.DATA)
    if id not in known:
        from difflib import get_close_matches

        raise UnknownIndicator(id, nearest=get_close_matches(id, known, n=3))
    return known[id]


@lru_cache
def _indicators(_folder: object) -> Mapping[str, Indicator]:
    table = storage.bundled("indicators")
    return {row["id"]: Indicator(**{**row, "not_zero": tuple(row["not_zero"])}) for row in table.iter_rows(named=True)}
