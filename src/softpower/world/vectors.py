"""Vectors: the named, overlapping directions in which a country's ties are measured.

A vector is a set of blocs and countries with a name. The files in ``data/vectors`` define them: one for each country
that has its own, ``default.toml`` for all others; a user's file stands in for either. Vectors overlap on purpose
(Türkiye is Turkic world and Islamic world), so a sum over vectors must say so; `overlap` tells by whom.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import assert_never

from softpower.errors import BadRequest
from softpower.storage import bundled_text, has_bundled
from softpower.world.lookup import country, find
from softpower.world.membership import bloc_members
from softpower.world.names import shown
from softpower.world.table import Country, countries
from softpower.world.tomlfile import parse_toml
from softpower.world.vectorfile import Entry, Rule, read_vectors, vectors_in


@dataclass(frozen=True, slots=True)
class Vector:
    """One direction, drawn up for one country.

    Attributes
    ----------
    id, name : key in the file, and what a page calls it
    blocs : ids of blocs whose members of the year belong to it
    countries : ISO3 codes that always belong to it, sorted
    without : ISO3 codes that never do, sorted; the country it is drawn up for is among them
    note : what a page says beside it; may be empty
    said : the same within a sentence, "the West"; empty where the name will do
    default : shown without being asked for
    pole : one of those between which the country is said to balance
    """

    id: str
    name: str
    blocs: tuple[str, ...]
    countries: tuple[str, ...]
    without: tuple[str, ...]
    note: str = ""
    default: bool = True
    pole: bool = False
    said: str = ""

    @property
    def in_text(self) -> str:
        """What a sentence calls it."""
        return self.said or self.name

    @property
    def quoted(self) -> str:
        """What a message calls it: its key in the file, and its name."""
        return f"vector {shown(self.id)} ({shown(self.name)!r})"


def vectors_of(iso3: str, *, file: Path | str | None = None) -> tuple[Vector, ...]:
    """The vectors of one country, in the order of the file.

    Parameters
    ----------
    iso3 : whose vectors
    file : a TOML file to use instead of the ones at hand; docs/vectors.md says what it holds

    Returns
    -------
    tuple of Vector
        None of them contains the country itself. Of those at hand one that would contain nobody else is left out, as
        is one that repeats an earlier one under another name.

    Raises
    ------
    UnknownCountry
        No country has this code.
    BadModel
        The file has faults; all of them are listed, with their lines.
    BadRequest
        A vector of the file would contain nobody but the country itself.

    >>> [vector.id for vector in vectors_of("KAZ")][:6]
    ['russia', 'china', 'west', 'islamic_world', 'turkic_world', 'central_asia']
    """
    home = country(iso3)
    if file:
        return _of_file(Path(file), home)
    own = f"vectors/{iso3}.toml"
    entries = _at_hand(own if has_bundled(own) else "vectors/default.toml")
    found: dict[tuple[tuple[str, ...], ...], Vector] = {}
    for vector in (_one(id, entry, home) for id, entry in entries.items()):
        if vector.blocs or vector.countries:
            found.setdefault((vector.blocs, vector.countries, vector.without), vector)
    return tuple(found.values())


def vector_members(vector: Vector, *, year: int) -> tuple[str, ...]:
    """ISO3 codes of those who belong to the vector in ``year``, sorted.

    Raises
    ------
    UnknownGroup
        The vector names a bloc that does not exist.
    """
    members = set(vector.countries).union(*(bloc_members(bloc, year=year) for bloc in vector.blocs))
    return tuple(sorted(members - set(vector.without)))


def overlap(a: Vector, b: Vector, *, year: int) -> tuple[str, ...]:
    """ISO3 codes of those who belong to both vectors in ``year``, sorted.

    >>> russia, _, west, islamic, turkic, _ = vectors_of("KAZ")[:6]
    >>> overlap(islamic, turkic, year=2024)
    ('AZE', 'KGZ', 'TKM', 'TUR', 'UZB')
    """
    return tuple(sorted(set(vector_members(a, year=year)) & set(vector_members(b, year=year))))


@cache
def _at_hand(name: str) -> dict[str, Entry]:
    return vectors_in(parse_toml(bundled_text(name), name=name))


def _of_file(file: Path, home: Country) -> tuple[Vector, ...]:
    """The vectors of a user's file for one country; who wrote one that holds nobody is told so."""
    found = tuple(_one(id, entry, home) for id, entry in read_vectors(file).items())
    if empty := [each for each in found if not each.blocs and not each.countries]:
        raise BadRequest(
            f"{shown(file.name)}: no members of {', '.join(each.quoted for each in empty)} for {home.name}; a vector "
            "never contains the country itself.  Add blocs or countries, or take it out of the file"
        )
    return found


def _one(id: str, entry: Entry, home: Country) -> Vector:
    without = {find(name).iso3 for name in entry.without} | {home.iso3}
    always = {find(name).iso3 for name in entry.countries}
    always |= {each.iso3 for each in countries() if {each.region, *_localities(each)} & set(entry.regions)}
    for rule in entry.rules:
        always |= _following(rule, home)
    return Vector(
        id=id,
        name=entry.name.replace("{region}", home.region).replace("{locality}", _localities(home)[0]),
        blocs=tuple(entry.blocs),
        countries=tuple(sorted(always - without)),
        without=tuple(sorted(without)),
        note=entry.note,
        default=entry.default,
        pole=entry.pole,
        said=entry.said.replace("{region}", home.region).replace("{locality}", _localities(home)[0]),
    )


def _following(rule: Rule, home: Country) -> set[str]:
    """Those whom a rule names for one country."""
    match rule:
        case "neighbours":
            return set(home.borders)
        case "own region":
            return {each.iso3 for each in countries() if each.region and each.region == home.region}
        case "own locality":
            own = _localities(home)[0]
            return {each.iso3 for each in countries() if own and own in _localities(each)}
        case _:
            assert_never(rule)


def _localities(each: Country) -> tuple[str, ...]:
    """M49 regions below the continent that hold a country, smallest first; one empty name where there is none."""
    return tuple(name for name in (each.intermediate_region, each.subregion) if name) or ("",)
