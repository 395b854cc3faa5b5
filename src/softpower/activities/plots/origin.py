"""Who says what a plot shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from softpower.activities.activity import Activity


def of_entries(entries: Sequence[Activity], *, most: int = 6) -> str:
    """The publishers that entries cite most often."""
    named: dict[str, int] = {}
    for each in entries:
        for publisher in dict.fromkeys(part.publisher for part in each.sources if part.publisher):
            named[publisher] = named.get(publisher, 0) + 1
    ordered = sorted(named, key=lambda name: (-named[name], name))
    more = len(ordered) - most
    said = ", ".join(ordered[:most]) + (f" and {more} more" if more > 0 else "")
    return f"Source: register of activities, after {said}." if said else "Source: register of activities."


def of_series(ids: Iterable[str]) -> str:
    """The publishers of an outcome, and that the rest is ours."""
    from softpower.errors import UnknownSource
    from softpower.evidence.sources import source

    said = []
    for id in dict.fromkeys(ids):
        try:
            said.append(source(id).attribution.removeprefix("Source: ").rstrip(". "))
        except UnknownSource:
            said.append(id)
    return f"Source: {'; '.join(said) or 'a table of the user'}; own calculation."
