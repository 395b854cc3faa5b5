"""What China did towards a country, as far as AidData counted it: context for the vector China.

No other sender is counted in this way, so these are no shares of anything, and a country that is not among those
counted has no figures: that is not zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from softpower.evidence.ties import ties

SENDER = "CHN"
# Measure, what its sum is called, and how its unit is shown.
MEASURES = (
    ("china_confucius_institutes", "Confucius Institutes founded", ""),
    ("china_sister_cities_established", "sister-city pacts", ""),
    ("china_government_visits", "government visits", ""),
    ("china_military_visits", "military visits", ""),
    ("china_journalist_visits", "visits of journalists", ""),
    ("china_ambassador_op_eds", "newspaper articles by the ambassador", ""),
    ("china_media_partnerships", "media partnerships", ""),
    ("china_finance_usd2014_oda", "development assistance", "US$ of 2014"),
    ("china_finance_usd2014_oof", "other official finance", "US$ of 2014"),
)


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of what was counted over some years."""

    measure: str
    title: str
    unit: str
    value: float
    first: int
    last: int
    source_id: str


def towards(home: str, *, year: int | None = None) -> tuple[Total, ...]:
    """Sums over all years counted, up to ``year``; empty for a country that nobody counted.

    >>> towards("KAZ")[0].value
    5.0
    """
    found = []
    for measure, title, unit in MEASURES:
        rows = ties(measure).filter((pl.col("origin") == SENDER) & (pl.col("partner") == home))
        if year is not None:
            rows = rows.filter(pl.col("year") <= year)
        if rows.is_empty():
            continue
        years = rows["year"].to_list()
        found.append(
            Total(measure, title, unit, float(rows["value"].sum()), min(years), max(years), str(rows["source_id"][0]))
        )
    return tuple(found)
