"""The file in which people write vectors, and everything that can be wrong with it, found in one pass."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from softpower.errors import AmbiguousName, BadModel, UnknownCountry
from softpower.world.lookup import find
from softpower.world.membership import blocs, resembling
from softpower.world.names import shown
from softpower.world.table import countries
from softpower.world.tomlfile import Keys, TomlFile, read_toml

Rule = Literal["neighbours", "own region", "own locality"]
# Codes that a terminal obeys, and those that turn the direction of what follows.
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _one_line(given: Any) -> Any:
    """What is shown, in one line and without codes that have no picture."""
    return " ".join(_INVISIBLE.sub("", given).split()) if isinstance(given, str) else given


Shown = BeforeValidator(_one_line)
Words = Annotated[str, Field(min_length=1, max_length=200)]
Found = Iterator[tuple[Keys, str]]

_HOLDERS = ("blocs", "countries", "regions", "rules")


class Entry(BaseModel):
    """One vector as the file has it; ``docs/vectors.md`` explains the keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[Words, Shown]
    said: Annotated[str, Field(max_length=200), Shown] = ""
    blocs: list[Words] = []
    countries: list[Words] = []
    regions: list[Words] = []
    rules: list[Rule] = []
    without: list[Words] = []
    default: bool = True
    pole: bool = False
    note: Annotated[str, Field(max_length=1000), Shown] = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    vector: Annotated[
        dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Entry],
        Field(min_length=1),
    ]


def read_vectors(path: Path) -> dict[str, Entry]:
    """The vectors in a file, by id, in its order.

    Raises
    ------
    BadModel
        The file cannot be read or has faults; all of them are listed, with their lines.
    """
    return vectors_in(read_toml(path))


def vectors_in(file: TomlFile) -> dict[str, Entry]:
    """The vectors in a file that was read; errors as for `read_vectors`."""
    wrong = [*_wrong_values(file.content), *_wrong_references(file.content)]
    if wrong:
        raise BadModel(file.name, [file.fault(keys, what) for keys, what in wrong])
    return _File.model_validate(file.content).vector


def _wrong_values(content: Any) -> Found:
    try:
        _File.model_validate(content)
    except ValidationError as error:
        for each in error.errors():
            keys = tuple(str(part) for part in each["loc"] if part != "[key]")
            given = "" if isinstance(each["input"], dict | list) else f", not {shown(str(each['input']))!r}"
            if each["type"] in ("dict_type", "model_type"):
                yield keys, f"write each vector as a table of its own, [vector.name]{given}"
            else:
                yield keys, f"{each['msg'][0].lower()}{each['msg'][1:]}{given}"


def _wrong_references(content: Any) -> Found:
    """Names that lead nowhere; read from the raw tables, so that no fault of another kind hides them."""
    tables = content.get("vector")
    for id, table in tables.items() if isinstance(tables, dict) else ():
        if not isinstance(table, dict):
            continue
        at = ("vector", id)
        for bloc in _texts(table, "blocs"):
            yield from _unknown((*at, "blocs"), bloc, blocs(), "bloc")
        for region in _texts(table, "regions"):
            yield from _unknown((*at, "regions"), region, _regions(), "region")
        for key in ("countries", "without"):
            for name in _texts(table, key):
                try:
                    find(name)
                except (UnknownCountry, AmbiguousName) as error:
                    yield (*at, key), str(error).removesuffix(f".  {UnknownCountry.hint}")
        if not any(table.get(key) for key in _HOLDERS):
            yield at, f"names nobody: give at least one of {', '.join(_HOLDERS)}"


def _texts(table: dict[str, Any], key: str) -> list[str]:
    given = table.get(key)
    return [each for each in given if isinstance(each, str)] if isinstance(given, list) else []


def _unknown(keys: Keys, name: str, known: Collection[str], kind: str) -> Found:
    if name not in known:
        close = resembling(name, known)
        yield (
            keys,
            f"unknown {kind} {shown(name)!r}" + (f"; nearest: {', '.join(close)}" if close else ""),
        )


@cache
def _regions() -> frozenset[str]:
    """Names of all regions of UN M49, of every size."""
    names = {name for each in countries() for name in (each.region, each.subregion, each.intermediate_region)}
    return frozenset(names - {""})
