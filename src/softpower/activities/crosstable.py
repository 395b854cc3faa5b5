"""A register counted by two of its fields, such as sender and instrument, or instrument and year.

An activity of two senders, hosts or publics counts for each, so that rows and columns do not add up to the whole; the
whole is given beside them. Two entries of one activity (``extra.same_as``) count once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from softpower.activities.activity import Activity
from softpower.activities.distinct import distinct
from softpower.activities.plain import plain
from softpower.activities.spans import years_between
from softpower.errors import BadRequest

Key = Literal["sender", "host", "instrument", "component", "category", "kind", "audience", "public", "status", "year"]

_KEYS: Final[dict[Key, Callable[[Activity], tuple[str, ...]]]] = {
    "sender": lambda each: each.sender,
    "host": lambda each: each.host,
    "instrument": lambda each: (each.instrument,),
    "component": lambda each: (each.component or "",),
    "category": lambda each: (each.category or "",),
    "kind": lambda each: (each.kind or "",),
    "audience": lambda each: each.audience,
    "public": lambda each: each.audience_groups,
    "status": lambda each: (each.status,),
    "year": lambda each: (str(each.start.year),),
}


@dataclass(frozen=True, slots=True)
class CrossTable:
    """How many activities fall into each cell.

    Attributes
    ----------
    row, column : what they are
    rows, columns : their names; rows with most activities first, years in order
    counts : shape (row, column)
    row_totals, column_totals : activities, each once, however many cells it falls into
    total : activities counted
    without : activities that have no row or no column, such as no host
    """

    row: Key
    column: Key
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    row_totals: tuple[int, ...]
    column_totals: tuple[int, ...]
    total: int
    without: int

    def count(self, row: str, column: str) -> int:
        """Of one cell; 0 where there is none of the name."""
        known = row in self.rows and column in self.columns
        return self.counts[self.rows.index(row)][self.columns.index(column)] if known else 0

    def document(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        found: dict[str, Any] = plain(self)
        return found


def cross(entries: Sequence[Activity], row: Key, column: Key) -> CrossTable:
    """Activities counted by two of their fields.

    >>> from softpower.activities.bundled import bundled_activities
    >>> cross(bundled_activities(), "sender", "instrument").count("GBR", "cultural_institute")
    2

    Raises
    ------
    BadRequest
        Nothing is counted by such a field.
    """
    for key in (row, column):
        if key not in _KEYS:
            raise BadRequest(f"nothing is counted by {key!r}; give one of {', '.join(_KEYS)}")
    once = distinct(entries).entries
    cells: Counter[tuple[str, str]] = Counter()
    row_totals: Counter[str] = Counter()
    column_totals: Counter[str] = Counter()
    without = 0
    for each in once:
        ours, theirs = (tuple(name for name in _KEYS[key](each) if name) for key in (row, column))
        if not ours or not theirs:
            without += 1
            continue
        row_totals.update(ours)
        column_totals.update(theirs)
        cells.update((a, b) for a in ours for b in theirs)
    rows, columns = _ordered(row, row_totals), _ordered(column, column_totals)
    return CrossTable(
        row,
        column,
        rows,
        columns,
        tuple(tuple(cells[a, b] for b in columns) for a in rows),
        tuple(row_totals[each] for each in rows),
        tuple(column_totals[each] for each in columns),
        len(once),
        without,
    )


def over_time(
    entries: Sequence[Activity], key: Key = "instrument", *, first: int | None = None, last: int | None = None
) -> CrossTable:
    """Activities by the year in which they began; years between in which none did are columns too.

    Raises
    ------
    BadRequest
        The years are out of order.
    """
    since, until = years_between(first, last)
    began = [
        each for each in entries if (since is None or each.start >= since) and (until is None or each.start <= until)
    ]
    table = cross(began, key, "year")
    known = [int(each) for each in table.columns]
    if not known and (first is None or last is None):
        return table
    low, high = (first if first is not None else min(known)), (last if last is not None else max(known))
    years = tuple(str(each) for each in range(low, high + 1))
    at = {year: index for index, year in enumerate(table.columns)}
    counts = tuple(tuple(row[at[year]] if year in at else 0 for year in years) for row in table.counts)
    totals = tuple(table.column_totals[at[year]] if year in at else 0 for year in years)
    return CrossTable(key, "year", table.rows, years, counts, table.row_totals, totals, table.total, table.without)


def _ordered(key: Key, totals: Counter[str]) -> tuple[str, ...]:
    if key == "year":
        return tuple(sorted(totals, key=int))
    return tuple(sorted(totals, key=lambda name: (-totals[name], name)))
