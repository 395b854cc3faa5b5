"""What a change says: the fields it changes, and who makes it and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from softpower.activities.activity import Line, Text
from softpower.activities.vocabulary import words
from softpower.errors import BadRequest
from softpower.world.names import shown

# What an entry is by its instrument unless it says otherwise.
_USUAL: Final = ("component", "category", "kind", "nature")
_WHO: Final = TypeAdapter[str](Line)
_WHY: Final = TypeAdapter[str](Text)


def changed(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A record with changes, without what followed from values that are no longer there."""
    found = {**before, **changes}
    if "instrument" in changes:
        usual = words("instrument").get(before.get("instrument", ""))
        for name in _USUAL:
            followed = getattr(usual, name, "") or ("activity" if name == "nature" else "")
            if name not in changes and before.get(name) == followed:
                found[name] = None
    if str(found.get("start")) != before.get("start") and "date_precision" not in changes:
        found["date_precision"] = None
    return {name: value for name, value in found.items() if value is not None}


def signed(who: str, why: str, *, needed: bool = False) -> tuple[str, str]:
    """Who and why as they are stored."""
    found: list[str] = []
    for name, kind, given in (("who", _WHO, who), ("why", _WHY, why)):
        try:
            found.append(kind.validate_python(given).strip())
        except ValidationError as error:
            what = error.errors(include_url=False, include_context=False)[0]["msg"].removeprefix("Value error, ")
            raise BadRequest(f"{name} of the change, {shown(str(given))!r}: {what}") from None
    if not found[0]:
        raise BadRequest("who makes the change is not given; give an office or a role, such as 'press office'")
    if needed and not found[1]:
        raise BadRequest("why the change is made is not given; say it in a few words")
    return found[0], found[1]
