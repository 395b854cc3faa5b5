"""AidData's counts of China's public diplomacy: one row per receiving country and year, one column per instrument.

A count becomes one entry with a realised figure, since the single events are not in the table. "N/A" is a count that
nobody made, and makes no entry; a count of zero makes none either, for nothing was done. The column of all visits is
the sum of two others and is left out. Numbers of students are what students decided, and count as outcomes.

References
----------
AidData (2020), China's Public Diplomacy Dashboard Dataset, Version 2.0, AidData at William & Mary; ODC-By 1.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from softpower.activities.activity import Activity, checked
from softpower.activities.exchange.faults import BadEntries, refuse
from softpower.errors import Fault, SoftPowerError
from softpower.world import find
from softpower.world.names import shown

SENDER: Final = "CHN"
_KEYS: Final = ("receiving_country", "year")
MOST_COLUMNS: Final = 1_000
_MISSING: Final = frozenset({"", "N/A", "NA"})
_SUMS: Final = frozenset({"total_elite_visits"})
_SOURCE: Final = {
    "publisher": "AidData at William & Mary",
    "title": "China's Public Diplomacy Dashboard Dataset, Version 2.0",
    "year": "2020",
}


@dataclass(frozen=True, slots=True)
class _Measure:
    """What a column counts, and the words of the register for it."""

    title: str
    unit: str
    words: Mapping[str, str]
    at_home: bool = False


_MEASURES: Final = {
    "confucius_institutes": _Measure("Confucius Institutes", "institutes", {"instrument": "cultural_institute"}),
    "sister_cities_established": _Measure("Sister cities established", "pacts", {"instrument": "sister_city"}),
    "government_visits": _Measure("Government visits", "visits", {"instrument": "high_level_visit"}),
    "military_visits": _Measure("Military visits", "visits", {"instrument": "high_level_visit"}),
    "ambassador_op_eds": _Measure("Articles by the ambassador", "articles", {"instrument": "op_ed"}),
    "journalist_visits": _Measure(
        "Journalists' visits", "visits", {"instrument": "training", "category": "informational", "kind": "visit"}
    ),
    "media_partnerships": _Measure(
        "Media partnerships", "partnerships", {"instrument": "media_channel", "kind": "agreement"}
    ),
    "outbound_chinese_students": _Measure(
        "Students from China", "students", {"instrument": "scholarship_outbound", "nature": "outcome"}
    ),
    "inbound_students_to_china": _Measure(
        "Students in China", "students", {"instrument": "scholarship_inbound", "nature": "outcome"}, at_home=True
    ),
}


def is_aiddata(head: Sequence[str]) -> bool:
    """Whether these columns are those of AidData's table."""
    names = {name.strip() for name in head}
    return names.issuperset(_KEYS) and not names.isdisjoint(_MEASURES)


def entries(file: str, rows: Iterable[tuple[int, Sequence[str]]]) -> list[Activity]:
    """One entry for each country, year and instrument that was counted and is not zero.

    Raises
    ------
    BadEntries
        A column is none of AidData's; a country is unknown; a year or a count is no whole number; a row stands twice.
    """
    found: list[Activity] = []
    faults: list[Fault] = []
    names: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in rows:
        if not names:
            names = [name.strip() for name in row]
            if len(names) > MOST_COLUMNS:
                raise refuse(file, f"{len(names):,} columns, where AidData has twelve", line=number)
            unknown = [name for name in names if name not in _MEASURES and name not in _SUMS and name not in _KEYS]
            faults += [Fault(number, f"column {shown(each)}", "is none of AidData's; take it out") for each in unknown]
        elif any(cell.strip() for cell in row):
            made = _of_row(dict(zip(names, (cell.strip() for cell in row), strict=False)), number)
            key = (made.iso3, made.year)
            if made.iso3 and seen.setdefault(key, number) != number:
                made.faults.append(Fault(number, "column year", f"{' '.join(key)} is row {seen[key]} too; keep one"))
            found += made.entries
            faults += made.faults
    if faults:
        raise BadEntries(file, faults)
    if not found:
        raise refuse(file, "no count above zero")
    return found


@dataclass(slots=True)
class _Made:
    iso3: str
    year: str
    entries: list[Activity]
    faults: list[Fault]


def _of_row(cells: Mapping[str, str], number: int) -> _Made:
    made = _Made("", cells.get("year", ""), [], [])
    try:
        made.iso3 = find(cells.get("receiving_country", "")).iso3
    except SoftPowerError as error:
        made.faults.append(Fault(number, "column receiving_country", str(error)))
    if not re.fullmatch(r"\d{4}", made.year, re.ASCII):
        made.faults.append(Fault(number, "column year", f"{shown(made.year)!r} is no year; give it with four digits"))
    for name, text in cells.items():
        if name not in _MEASURES or text in _MISSING:
            continue
        if not re.fullmatch(r"\d{1,12}", text, re.ASCII):
            what = f"{shown(text)!r} is no count; give a whole number, or N/A where nobody counted"
            made.faults.append(Fault(number, f"column {name}", what))
        elif int(text) and not made.faults:
            entry = checked(_record(name, made, text), where=name, line=number)
            if isinstance(entry, Activity):
                made.entries.append(entry)
            else:
                made.faults += entry
    return made


def _record(name: str, made: _Made, count: str) -> dict[str, Any]:
    measure = _MEASURES[name]
    where = SENDER if measure.at_home else made.iso3
    return {
        **measure.words,
        "id": f"AIDDATA-{SENDER}-{made.iso3}-{made.year}-{name}",
        "title": {"en": f"{measure.title}: China and {find(made.iso3).label}, {made.year}"},
        "sender": [SENDER],
        "host": [where],
        "audience": [made.iso3],
        "start": made.year,
        "end": made.year,
        "figures": [{"indicator": measure.title, "unit": measure.unit, "realised": count, "source": "AidData"}],
        "sources": [_SOURCE],
        "note": "A count of a year, not one event.",
    }
