"""The two tables every brief ends with, as words: the evidence behind each number, and the sources."""

from __future__ import annotations

from dataclasses import dataclass

from softpower.brief.section import Brief, Record

NO_INTERVAL = "\u2014"
OWN = "own calculation"


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
    unit = f" {record.unit}" if record.unit else ""
    return number(record.value) + unit


def _interval(record: Record) -> str:
    """The interval of the value and, where there is one, of the rank."""
    parts = []
    if record.low is not None and record.high is not None:
        parts.append(span(record.low, record.high))
    if record.rank is not None and record.rank_low is not None and record.rank_high is not None:
        of = f" of {record.ranked}" if record.ranked is not None else ""
        parts.append(f"rank {record.rank_low}\u2013{record.rank_high}, central {record.rank}{of}")
    if record.observed_rank is not None:
        of = f" of {record.ranked}" if record.ranked is not None else ""
        parts.append(f"observed rank {record.observed_rank}{of}")
    return "; ".join(parts) or NO_INTERVAL


def span(low: float, high: float) -> str:
    """An interval in words: en dash between positives, "to" where a bound is negative.

    >>> span(30, 60), span(-5.25, 4)
    ('30\u201360', '\u22125.25 to 4')
    """
    joint = " to " if low < 0 or high < 0 else "\u2013"
    return number(low) + joint + number(high)


def number(value: float) -> str:
    """Four significant digits, thousands apart, a real minus; whole numbers from a thousand on.

    >>> number(2724900), number(0.012346), number(-4.5), number(12)
    ('2,724,900', '0.01235', '\u22124.5', '12')
    """
    text = f"{value:,.0f}" if abs(value) >= 1000 else _plain(float(f"{value:.4g}"))
    return "0" if text == "-0" else text.replace("-", "\u2212")


def _plain(value: float) -> str:
    return f"{value:.12f}".rstrip("0").rstrip(".")
