"""What the commands on activities share: which register, which entries, and how one is printed."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from softpower.activities.activity import Activity
    from softpower.activities.register import Register

REGISTER = click.option(
    "--register",
    "address",
    metavar="FILE|ADDRESS",
    help="The register: a file, or postgresql://USER:PASSWORD@HOST/DATABASE.  [default: $SOFTPOWER_REGISTER, or a file "
    "of yours]",
)
WHO = click.option("--who", help="Office or role that makes the change.  [default: $SOFTPOWER_WHO, or your login name]")
WHY = click.option("--why", default="", help="Reason of the change, kept in the history.")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
WIDTH = 110


@contextmanager
def register_at(address: str | None) -> Iterator[Register]:
    """The register to write to, made if there is none."""
    from softpower.activities.register import default_address, open_register

    with open_register(address or default_address()) as register:
        yield register


def own_entries(address: str | None) -> tuple[list[Activity], set[str]]:
    """Entries of the user's register, and all ids it ever gave; none where no register was made and none was named.

    Raises
    ------
    BadRequest
        The file that was named is not there: reading makes no register.
    """
    from softpower.activities.register import default_address, open_register
    from softpower.errors import BadRequest

    chosen = address or default_address()
    if "://" not in chosen and not Path(chosen).expanduser().exists():
        if address is None and not os.environ.get("SOFTPOWER_REGISTER"):
            return [], set()
        raise BadRequest(f"there is no register at {chosen}; softpower activities add or import makes one")
    with open_register(chosen) as register:
        stored = register.entries(retired=True)
    return [each.activity for each in stored if not each.retired], {each.activity.id for each in stored}


def own_file(address: str | None) -> bool:
    """Whether there is a register already, so that looking makes none."""
    from softpower.activities.register import default_address

    chosen = address or default_address()
    return "://" in chosen or Path(chosen).expanduser().exists()


def entries(address: str | None, *, own: bool = False, bundled: bool = False) -> list[Activity]:
    """Entries to look at, by start: the bundled ones and one's own, which stand in for those with the same id.

    A bundled one that was retired in the user's register stays away, too.
    """
    from softpower.activities.bundled import bundled_activities

    mine, ids = ([], set[str]()) if bundled else own_entries(address)
    others = [] if own else [each for each in bundled_activities() if each.id not in ids]
    return sorted([*mine, *others], key=lambda each: (each.start, each.id))


def entry_of(id: str, among: Sequence[Activity]) -> Activity:
    """The entry with an id.

    Raises
    ------
    UnknownActivity
        There is none; the nearest ids are listed.
    """
    from softpower.activities.register import UnknownActivity
    from softpower.world.names import shown

    by_id = {each.id: each for each in among}
    if id not in by_id:
        from rapidfuzz import process

        near = [name for name, *_ in process.extract(id, list(by_id), limit=3, score_cutoff=60)]
        raise UnknownActivity(shown(id), nearest=near)
    return by_id[id]


def author(who: str | None) -> str:
    """Who makes a change: as told, by the variable of an office, or the login name.

    Raises
    ------
    BadRequest
        The machine knows no name of the user.
    """
    from softpower.errors import BadRequest

    if name := who or os.environ.get("SOFTPOWER_WHO"):
        return name
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise BadRequest("nobody is logged in by name; say who makes the change: --who press-office") from None


def adopt(register: Register, id: str, who: str) -> None:
    """Copy an entry that comes with softpower into the register, where it is about to be changed."""
    from softpower.activities.bundled import bundled_activities
    from softpower.activities.register import UnknownActivity

    try:
        register.get(id)
    except UnknownActivity:
        for each in bundled_activities():
            if each.id == id:
                register.add(each, who=who, why="copied from what comes with softpower")


def period(entry: Activity) -> str:
    """When it ran, as precisely as that is known."""
    length = {"year": 4, "month": 7}.get(entry.date_precision, 10)
    first = entry.start.isoformat()[:length]
    if entry.end is None:
        return f"{first} on" if entry.status == "ongoing" else first
    last = entry.end.isoformat()[:length]
    return first if first == last else f"{first} to {last}"


def record(entry: Activity) -> dict[str, Any]:
    """The entry as JSON has it."""
    return entry.model_dump(mode="json")


def columns(rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    """Rows as lines, each cell cut to its width; the last has what is left."""
    for row in rows:
        cells = [_cut(cell, width).ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."
