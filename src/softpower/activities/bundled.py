"""The activities that come with softpower: who did what, by whose account.

They lie in ``data/activities``, one TOML table for each entry; the README beside them says how they were coded.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from softpower.activities.activity import Activity, checked
from softpower.errors import BadModel, Fault
from softpower.storage import bundled_text
from softpower.world.tomlfile import TomlFile, parse_toml

FILES: Final = ("activities/kazakhstan.toml", "activities/turkiye.toml")


@cache
def bundled_activities() -> tuple[Activity, ...]:
    """All entries, in the order of the files; read and checked once per process.

    Raises
    ------
    DamagedSnapshot
        A file is missing, or its bytes are not those that were recorded.

    >>> sum(each.id.startswith("KAZ-CONG-SEC") for each in bundled_activities())
    1
    """
    return tuple(each for name in FILES for each in entries_in(parse_toml(bundled_text(name), name=name)))


def entries_in(file: TomlFile) -> tuple[Activity, ...]:
    """The entries of a file whose tables are named by their ids.

    Raises
    ------
    BadModel
        Entries have faults; all of them are listed, with their lines.

    >>> entries_in(parse_toml('[A-1]\\ntitle = "Expo"\\ninstrument = "expo"\\nsender = ["KAZ"]', name="own.toml"))
    Traceback (most recent call last):
    softpower.errors.BadModel: own.toml: 1 fault
      line 1, A-1, start: is missing
    """
    found: list[Activity] = []
    faults: list[Fault] = []
    for id, fields in file.content.items():
        line = file.lines.get((id,), 0)
        if not isinstance(fields, Mapping):
            faults.append(Fault(line, id, "is no table of an entry; write [ID] above its fields"))
            continue
        entry = checked(_record(id, fields), where=id, line=line)
        if isinstance(entry, Activity):
            found.append(entry)
        else:
            faults += entry
    if faults:
        raise BadModel(file.name, faults)
    return tuple(found)


def _record(id: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as the model has it: a text stands for one in English."""
    record = {"id": id} | dict(fields)
    for name in ("title", "description"):
        if isinstance(record.get(name), str):
            record[name] = {"en": record[name]}
    return record
