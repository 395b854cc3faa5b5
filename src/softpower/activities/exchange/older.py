"""Columns of the lists of activities that came before the register, so that these import as they are.

Most of them have another name and nothing else. Four say something in another way:

- ``direction`` says who acts: "by KAZ" and "by TUR abroad" that country; "in TUR by foreign mission" the country that
  is the second part of the id (TUR-GBR-1940: the United Kingdom); "bilateral" the country of the first part and, if it
  is one, that of the second. A column ``sender`` goes before it.
- ``vectors`` is with whom; what is none of the register's audiences ("Balkans") goes into the note. Beside it,
  ``audience`` is kinds of publics.
- ``lead_actor`` and ``partners`` are names parted by ``;``, of initiators and of partners.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from softpower.activities.audience import reach
from softpower.activities.exchange import cells
from softpower.errors import SoftPowerError
from softpower.world import country, find
from softpower.world.names import shown

DIRECTION: Final = "direction"
_RENAMED: Final = {
    "cull_component": "component", "start_date": "start", "end_date": "end", "city": "place", "host_country": "host",
    "scale_reported": "reported", "aim": "aims", "title_en": "title", "description_en": "description",
}  # fmt: skip
# Kept under their names until a row is read, and the field each of them speaks of.
COLUMNS: Final[Mapping[str, str]] = {
    DIRECTION: "sender", "vectors": "audience", "lead_actor": "actors", "partners": "actors",
}  # fmt: skip

_BY: Final = re.compile(r"by ([A-Z]{3})( abroad)?")
_FOREIGN: Final = re.compile(r"in [A-Z]{3} by foreign mission")
_DIASPORA: Final = frozenset({"diaspora homelands"})


def known(names: Sequence[str]) -> list[str]:
    """Names of columns as the register has them, in the order given.

    >>> known(["ID", "Start date", "vectors", "audience", "x_Our code"])
    ['id', 'start', 'vectors', 'audience_groups', 'x_Our code']
    """
    folded = [name if name.startswith("x_") else _folded(name) for name in names]
    renamed = [_RENAMED.get(name, name) for name in folded]
    if "vectors" in renamed:
        renamed = ["audience_groups" if name == "audience" else name for name in renamed]
    return renamed


def _folded(name: str) -> str:
    """A heading as columns are called; the language in title_zh-Hans stays as it is."""
    field, sign, code = name.partition("_")
    if sign and field.casefold() in ("title", "description"):
        return f"{field.casefold()}_{code}"
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())


def translated(texts: Mapping[str, str]) -> dict[str, str]:
    """A row whose columns are all the register's own.

    Parameters
    ----------
    texts : cells by column

    Raises
    ------
    ValueError
        The direction does not say who acts.
    """
    if not any(name in texts for name in COLUMNS):
        return dict(texts)
    found = {name: text for name, text in texts.items() if name not in COLUMNS}
    if "vectors" in texts:
        audience, unknown = _audience(cells.listed(texts["vectors"]))
        if audience:
            found["audience"] = cells.joined(audience)
        if unknown:
            note = f"audience as given: {', '.join(unknown)}"
            found["note"] = f"{found['note']}; {note}" if found.get("note") else note
    if actors := [*_actors(texts.get("lead_actor", ""), "initiator"), *_actors(texts.get("partners", ""), "partner")]:
        found["actors"] = "; ".join(filter(None, (found.get("actors"), cells.table(actors))))
    if DIRECTION in texts and "sender" not in found:
        found["sender"] = cells.joined(senders(texts[DIRECTION], texts.get("id", "")))
    return found


def senders(direction: str, id: str) -> list[str]:
    """ISO3 codes of those who act, as the module says.

    >>> senders("by KAZ", "KAZ-APK"), senders("in TUR by foreign mission", "TUR-GBR-1940")
    (['KAZ'], ['GBR'])
    >>> senders("bilateral", "TUR-YASSAWI")
    ['TUR']
    """
    parts = [part for part in id.split("-")[:2] if _is_country(part)]
    second = [part for part in id.split("-")[1:2] if _is_country(part)]
    if found := _BY.fullmatch(direction.strip()):
        return [found[1]]
    if _FOREIGN.fullmatch(direction.strip()) and second:
        return second
    if direction.strip() == "bilateral" and parts:
        return parts
    raise ValueError(f"{shown(direction)!r} does not say who acts; add a column sender with the country")


def _is_country(code: str) -> bool:
    try:
        return bool(country(code))
    except SoftPowerError:
        return False


def _audience(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Audiences, and names that are none."""
    found, unknown = [], []
    for name in names:
        try:
            found.append("diaspora" if name.casefold() in _DIASPORA else reach(name))
        except SoftPowerError:
            unknown.append(name)
    return found, unknown


def _actors(text: str, role: str) -> list[tuple[str, ...]]:
    """Names as actors; one that is a country's is of that country."""
    found: list[tuple[str, ...]] = []
    for name in cells.listed(text):
        try:
            iso3 = find(name).iso3
        except SoftPowerError:
            iso3 = ""
        found.append((country(iso3).name if name == iso3 else name, "", role, iso3))
    return found
