"""The evidence: sources, series, observations and ties of the bundled snapshot."""

from softpower.evidence.geography import geography
from softpower.evidence.indicators import Indicator, indicator, indicators
from softpower.evidence.observations import observations
from softpower.evidence.sources import Source, source, sources
from softpower.evidence.ties import coverage, measures, student_view, ties

__all__ = [
    "Indicator",
    "Source",
    "coverage",
    "geography",
    "indicator",
    "indicators",
    "measures",
    "observations",
    "source",
    "sources",
    "student_view",
    "ties",
]
