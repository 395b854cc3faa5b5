"""The two tables every brief ends with, as words: the evidence behind each number, and the sources."""

from __future__ import annotations

import math
from dataclasses import dataclass

from softpower.brief.section import Brief, Record
from softpower.brief.words import PLACES, SHARE, chance

NO_INTERVAL = "\u2014"
OWN = "own calculation"
# Units that do not follow their number after a space as they stand.
_UNITS = {
    "": "",
    "count": "",
    "%": "%",
    "% of GDP": "% of GDP",
    "% of population": "% of population",
    "km2": " km²",
    "0-1": " (from 0 to 1)",
    "1-5": " (from 1 to 5)",
    "standard normal": " (standard normal)",
    "places, plus is up": " places (plus is up)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One record as printed. ``source`` is the place of its source in the source list, 0 for none."""

    number: int
    label: str
    note: str
    value: str
    interval: str
    year: str
    status: str
    source: int
    source_title: str


def evidence_rows(brief: Brief) -> list[EvidenceRow]:
    """The ledger in the order of its numbers."""
    place = {source.id: number for number, source in enumerate(brief.sources, start=1)}
    titles = {source.id: source.title for source in brief.sources}
    return [
        EvidenceRow(
            number=number,
            label=record.label,
            note=record.note,
            value=record.text or _value(record),
            interval=_interval(record),
            year=str(record.year) if record.year is not None else NO_INTERVAL,
            status=record.status,
            source=place.get(record.source_id, 0),
            source_title=titles.get(record.source_id, OWN),
        )
        for number, record in enumerate(brief.ledger, start=1)
    ]


def _value(record: Record) -> str:
    if record.value is None:
        return "not measured"
    if record.unit == SHARE:
        share = number(100 * record.value)
        return chance(record.value) if share in ("0", "100") else f"{share}%"  # no more than the draws allow
    return number(record.value, decimals=_decimals(record)) + _UNITS.get(record.unit, f" {record.unit}")


def _interval(record: Record) -> str:
    """The interval of the value and, where there is one, of the rank."""
    parts = []
    if record.low is not None and record.high is not None:
        parts.append(span(*_bounds(record, record.low, record.high), decimals=_decimals(record)))
    of = f" of {record.ranked}" if record.ranked is not None else ""
    if record.rank is not None and record.rank_low is not None and record.rank_high is not None:
        parts.append(f"rank {record.rank_low}\u2013{record.rank_high}, central {record.rank}{of}")
    if record.observed_rank is not None:
        parts.append(f"observed rank {record.observed_rank}{of}")
    return "; ".join(parts) or NO_INTERVAL


def _bounds(record: Record, low: float, high: float) -> tuple[float, float]:
    """The interval of the value: of places outwards to whole ones."""
    return (math.floor(low), math.ceil(high)) if record.unit == PLACES else (low, high)


def _decimals(record: Record) -> int | None:
    """Decimals that a sampled value shares with its bounds: three significant digits of the largest of them, none
    where all are whole."""
    if record.value is None or record.low is None or record.high is None:
        return None
    if record.unit == PLACES:
        return 0
    numbers = (record.value, record.low, record.high)
    if all(value == round(value) for value in numbers):
        return 0
    largest = max(map(abs, numbers))
    return max(2 - math.floor(math.log10(largest)), 0) if largest > 0 else 0


def span(low: float, high: float, *, decimals: int | None = None) -> str:
    """An interval in words: en dash between positives, "to" where a bound is negative.

    >>> span(30, 60), span(-5.25, 4), span(2.66, 11.62, decimals=1)
    ('30–60', '−5.25 to 4', '2.7–11.6')
    """
    joint = " to " if low < 0 or high < 0 else "\u2013"
    return number(low, decimals=decimals) + joint + number(high, decimals=decimals)


def number(value: float, *, decimals: int | None = None) -> str:
    """Thousands apart, a real minus; without ``decimals`` four significant digits, whole numbers from a thousand on.

    >>> number(2724900), number(0.012346), number(-4.5), number(12), number(-0.04, decimals=1)
    ('2,724,900', '0.01235', '−4.5', '12', '0.0')
    """
    if decimals is not None:
        text = f"{value:,.{decimals}f}"
    elif abs(value) >= 1000:
        text = f"{value:,.0f}"
    else:
        text = f"{float(f'{value:.4g}'):.12f}".rstrip("0").rstrip(".")
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text.replace("-", "\u2212")
