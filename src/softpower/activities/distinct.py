"""Each activity once, where two entries are of one: seen from either side, or noted by two offices.

An entry says so itself, in ``extra.same_as``. Nothing is merged: both stay in the register, and views name what they
left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from softpower.activities.activity import Activity
from softpower.activities.plain import plain


@dataclass(frozen=True, slots=True)
class Distinct:
    """Entries, each activity once.

    Attributes
    ----------
    entries : in their order, without those that stand for the same as another
    left_out : ids of those, each with that of the entry that is counted
    """

    entries: tuple[Activity, ...]
    left_out: tuple[tuple[str, str], ...]

    def document(self) -> dict[str, Any]:
        """As plain values, for JSON: ids only."""
        return {"entries": [each.id for each in self.entries], "left_out": plain(dict(self.left_out))}


def distinct(entries: Sequence[Activity]) -> Distinct:
    """Each activity once: an entry whose ``extra.same_as`` names another of the entries is left out.

    >>> from softpower.activities.bundled import bundled_activities
    >>> distinct(bundled_activities()).left_out[0]
    ('TUR-YASSAWI', 'KAZ-YASSAWI')
    """
    same = {each.id: each.extra["same_as"] for each in entries if "same_as" in each.extra}
    ids = {each.id for each in entries}
    kept: list[Activity] = []
    left_out: list[tuple[str, str]] = []
    for each in entries:
        stands = _stands_for(each.id, same, ids)
        if stands == each.id:
            kept.append(each)
        else:
            left_out.append((each.id, stands))
    return Distinct(tuple(kept), tuple(left_out))


def _stands_for(id: str, same: dict[str, str], ids: set[str]) -> str:
    """The entry that counts for it: the last of a chain of those at hand; of a ring the first by its id."""
    way = [id]
    while (further := same.get(way[-1])) in ids and further is not None:
        if further in way:
            return min(way[way.index(further) :])
        way.append(further)
    return way[-1]
