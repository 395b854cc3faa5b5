"""The words a register may use: instruments, components of public diplomacy, actors, audiences, aims.

They stand in ``data/activities/vocabulary.toml``, each with its title and other spellings. An instrument says which
component, category and kind it usually is; an entry may say otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final, Literal

from softpower.errors import UnknownName
from softpower.storage import bundled_text
from softpower.world.tomlfile import parse_toml

List = Literal[
    "instrument", "component", "category", "kind", "nature", "actor_type", "actor_role", "audience", "aim", "status",
    "date_precision", "confidence",
]  # fmt: skip

_FILE: Final = "activities/vocabulary.toml"


class UnknownWord(UnknownName):
    """No value of a vocabulary is so called."""

    kind = "word"
    hint = "List all: softpower activities words"


@dataclass(frozen=True, slots=True)
class Word:
    """One value of a vocabulary.

    Attributes
    ----------
    id, title : in files and on pages
    also : other spellings, lower case
    component, category, kind, nature : of an instrument what it usually is, by id; "" where nothing is usual
    """

    id: str
    title: str
    also: tuple[str, ...] = ()
    component: str = ""
    category: str = ""
    kind: str = ""
    nature: str = ""


@cache
def words(of: List) -> dict[str, Word]:
    """A vocabulary by id, in the order of the file."""
    return {id: Word(id, **(each | {"also": tuple(each.get("also", ()))})) for id, each in _all()[of].items()}


def word(of: List, name: str, *, where: str = "") -> Word:
    """The value that is called ``name``: its id, title or another spelling, in any case.

    Raises
    ------
    UnknownWord
        There is none; the nearest are listed.

    >>> word("component", "Cultural diplomacy").id, word("status", "completed").id
    ('cultural_diplomacy', 'held')
    """
    found = _spellings(of).get(_folded(name))
    if found is None:
        raise UnknownWord(name, nearest=nearest(of, name), where=where)
    return found


def nearest(of: List, name: str) -> list[str]:
    """Ids whose spelling looks like a name, best first, three at most."""
    from rapidfuzz import process

    spellings = _spellings(of)
    close = process.extract(_folded(name), list(spellings), limit=6, score_cutoff=60)
    return list(dict.fromkeys(spellings[spelling].id for spelling, *_ in close))[:3]


@cache
def _all() -> Mapping[str, Mapping[str, dict[str, Any]]]:
    return parse_toml(bundled_text(_FILE), name=_FILE).content


@cache
def _spellings(of: List) -> dict[str, Word]:
    return {_folded(spelling): each for each in words(of).values() for spelling in (*each.also, each.title, each.id)}


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    """As spellings are compared: case, underscores, hyphens and spaces do not tell them apart."""
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())
