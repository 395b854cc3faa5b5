"""From a code or a name, however it is written, to the ISO3 codes of those who bear it.

Codes are tried first and only as whole words, so that ``NO`` is Norway, ``NA`` Namibia, and ``N/A`` nobody. Names are
compared folded: without case, accents, spaces, punctuation, "the" and "of". They come from the country table, from
CLDR (``data/world/cldr.json``) and from a list of others in use (``data/world/aliases.toml``).
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from softpower.storage import bundled_text
from softpower.world.table import by_iso3, countries

# No name of a country has more characters; longer text is not looked at, so that hostile text costs nothing.
LONGEST = 120
_LONGEST_SHOWN = 60

_WORDS = {"&": "and", "st": "saint", "ste": "sainte", "rep": "republic", "dem": "democratic", "fed": "federated"}
_WORDS |= {"sts": "states", "is": "islands", "the": "", "of": ""}
_INVERTED = re.compile(r"^([^,(\[]+)[,(\[](.+?)[)\]]?\s*$", re.DOTALL)


def bearers(text: str) -> tuple[str, ...]:
    """ISO3 codes of those whom ``text`` may name: none, one, or several where the name is ambiguous.

    >>> bearers("398"), bearers("Congo"), bearers("N/A")
    (('KAZ',), ('COD', 'COG'), ())
    """
    code = _codes().get(_as_code(text))
    if code:
        return (code,)
    return next((found for key in _readings(text) if (found := _index().get(key))), ())


def nearest(text: str, *, limit: int = 3) -> tuple[str, ...]:
    """Countries whose names or codes resemble ``text``, best first, as "Kazakhstan (KAZ)"; none if none does."""
    from rapidfuzz import fuzz, process
    from rapidfuzz.distance import JaroWinkler

    key = fold(text[:LONGEST])
    if len(key) < 2:
        return ()
    known = {name: found[0] for name, found in _index().items() if len(found) == 1}
    if len(key) <= 3:
        known |= {code.casefold(): iso3 for code, iso3 in _codes().items() if len(code) == len(key)}
    close = process.extract(key, known.keys(), scorer=fuzz.ratio, score_cutoff=60, limit=20)
    # Of two equally close ones, the one that begins alike.
    ordered = sorted(close, key=lambda found: (-found[1], -JaroWinkler.similarity(key, found[0]), found[0]))
    best = dict.fromkeys(known[name] for name, _, _ in ordered)
    return tuple(f"{by_iso3()[iso3].label} ({iso3})" for iso3 in list(best)[:limit])


def shown(text: str) -> str:
    """``text`` as an error message can carry it: cut where it is too long."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."


def fold(text: str) -> str:
    """The letters and digits by which two spellings of a name are recognised as one.

    >>> fold("the Côte d’Ivoire"), fold("St. Kitts & Nevis"), fold("TÜRKİYE")
    ('cotedivoire', 'saintkittsandnevis', 'turkiye')
    """
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()).translate(_letters())
    words = "".join(map(_kept, letters)).split()
    return "".join(_WORDS.get(word, word) for word in words)


def _kept(character: str) -> str:
    """A letter or digit as it is, nothing for marks that hang on one, a space for all else."""
    kind = unicodedata.category(character)
    if kind in {"Mn", "Me", "Cf", "Lm"}:
        return ""
    if character == "&":
        return " & "
    return character if kind[0] in "LN" or kind == "Mc" else " "


def _as_code(text: str) -> str:
    """``text`` as a code would be written; numeric codes with their leading zeros."""
    code = unicodedata.normalize("NFKC", text).strip().upper()
    return code.zfill(3) if code.isascii() and code.isdecimal() else code


def _readings(text: str) -> Iterator[str]:
    """Folded ``text``, then with its parts exchanged: "Korea, Republic of", "Bolivia (Plurinational State of)"."""
    yield fold(text)
    if inverted := _INVERTED.match(text):
        yield fold(f"{inverted[2]} {inverted[1]}")


@cache
def _codes() -> Mapping[str, str]:
    """ISO3 code by any code."""
    codes: dict[str, str] = dict(_aliases()["codes"])
    for each in countries():
        codes |= {code: each.iso3 for code in (each.iso2, each.iso3, each.numeric) if code}
    return codes


@cache
def _index() -> Mapping[str, tuple[str, ...]]:
    """ISO3 codes by folded name; more than one where the name is ambiguous."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for iso3, name in _all_names():
        found[fold(name)].add(iso3)
    index = {key: tuple(sorted(iso3)) for key, iso3 in found.items()}
    return index | {fold(name): tuple(candidates) for name, candidates in _aliases()["ambiguous"].items()}


def _all_names() -> Iterator[tuple[str, str]]:
    """Every name of every country, with its ISO3 code."""
    for each in countries():
        for name in (*each.names.values(), each.official_name, each.label):
            yield each.iso3, name
            if each.un_member:  # "Bolivia (Plurinational State of)" is also called "Bolivia"
                yield each.iso3, name.partition("(")[0]
    for iso3, names in json.loads(bundled_text("world/cldr.json"))["names"].items():
        for name in names:
            yield iso3, name
    for iso3, aliases in _aliases()["aliases"].items():
        for alias in aliases:
            yield iso3, alias


@cache
def _letters() -> Mapping[int, str | int | None]:
    """Letters that count as others, and apostrophes, which count as nothing."""
    likeness = _aliases()["letters"]
    return str.maketrans(likeness["alike"]) | dict.fromkeys(map(ord, likeness["apostrophes"]))


@cache
def _aliases() -> Mapping[str, Any]:
    return tomllib.loads(bundled_text("world/aliases.toml"))
