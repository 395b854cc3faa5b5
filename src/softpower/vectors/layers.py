"""Layers: the kinds of ties that are looked at, each with what its numbers leave out.

A layer is a flow or a stock that a country shares out among partners: goods, students, migrants, investment, embassies.
How much of it goes where is comparable within a layer, never between layers, and layers are never added up: exports
and imports are parts of trade, and an embassy is no student.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

End = Literal["origin", "partner"]
# What it means that a pair has no row: none, nobody knows, or part of a sum over those not named.
Absent = Literal["zero", "unknown", "pooled"]


@dataclass(frozen=True, slots=True)
class Layer:
    """One kind of ties, seen from a country.

    Attributes
    ----------
    id, title : in files and on pages
    measures : of `softpower.evidence.ties`, added up where there are several, as pairs of measure and the end at which
        the country stands
    absent : what it means that a pair has no row
    caution : what the numbers leave out, for the page
    last : latest year in which enough was reported; later ones are never shown
    instead_of : layers that this one stands in for where the country has no rows of any of them
    headline : whether a headline may be made of it; not of those that say little of a country's standing
    concentrates : whether concentration over partners says anything; not where each partner counts once
    model : measure and year of the world-wide matrix from which gravity's expectation comes, where there is one
    """

    id: str
    title: str
    measures: tuple[tuple[str, End], ...]
    absent: Absent
    caution: str
    last: int | None = None
    instead_of: tuple[str, ...] = ()
    headline: bool = True
    concentrates: bool = True
    model: tuple[str, int, End] | None = None


_TRADE = "Goods only, as the country itself records them; other countries record other sums."
_TOP = "Only the largest partners are named, in whole per cent of the country's trade."
_MIGRANTS = (
    "Birthplace, not ethnicity or passport; an estimate for every fifth year. Countries that list few origins, such as "
    "China, leave out the others."
)
_FDI = (
    "Positions with five economies only (China, Germany, Japan, Singapore, United States): what they report, or else "
    "what the country does. Net positions below zero are left out."
)
_FLIGHTS = "Scheduled routes of June 2014, without seats or frequencies."
_MISSIONS = "Embassies known to Wikidata in November 2022. Recall is uneven: no row is no proof of no embassy."
_REFUGEES = "Refugees under UNHCR's mandate; numbers below five are not listed, or stand as five."

LAYERS: tuple[Layer, ...] = (
    Layer("trade", "Trade", (("exports_usd", "origin"), ("imports_usd", "partner")), "zero", _TRADE),
    Layer("exports", "Exports", (("exports_usd", "origin"),), "zero", _TRADE, model=("trade_musd", 2006, "origin")),
    Layer("imports", "Imports", (("imports_usd", "partner"),), "zero", _TRADE, model=("trade_musd", 2006, "partner")),
    Layer("imports_eur", "Imports", (("imports_eur", "partner"),), "zero", _TRADE, instead_of=("imports",)),
    Layer("exports_top", "Exports", (("factbook_export", "origin"),), "pooled", _TOP, instead_of=("exports",)),
    Layer(
        "imports_top",
        "Imports",
        (("factbook_import", "partner"),),
        "pooled",
        _TOP,
        instead_of=("imports", "imports_eur"),
    ),
    Layer(
        "students_abroad",
        "Students abroad",
        (("students_inbound", "origin"),),
        "pooled",
        "The ten largest hosts are named, others pooled. China is no host in the data; the United States last reported "
        "for 2018, Russia for 2019.",
        last=2018,
        model=("students_inbound", 2018, "origin"),
    ),
    Layer(
        "students_hosted",
        "Students hosted",
        (("students_inbound", "partner"),),
        "pooled",
        "The ten largest origins are named, others pooled.",
    ),
    Layer(
        "emigrants",
        "Born here, living abroad",
        (("migrant_stock", "origin"),),
        "unknown",
        _MIGRANTS,
        model=("migrant_stock", 2020, "origin"),
    ),
    Layer(
        "immigrants",
        "Born abroad, living here",
        (("migrant_stock", "partner"),),
        "unknown",
        _MIGRANTS,
        model=("migrant_stock", 2020, "partner"),
    ),
    Layer(
        "investment_received",
        "Investment received",
        (("fdi_outward_stock_musd", "partner"),),
        "unknown",
        _FDI,
        headline=False,
    ),
    Layer(
        "investment_abroad",
        "Investment abroad",
        (("fdi_inward_stock_musd", "partner"),),
        "unknown",
        _FDI,
        headline=False,
    ),
    Layer(
        "flights",
        "Flight routes",
        (("airline_routes", "origin"),),
        "zero",
        _FLIGHTS,
        model=("airline_routes", 2014, "origin"),
    ),
    Layer(
        "embassies_sent",
        "Embassies abroad",
        (("missions_embassy", "origin"),),
        "unknown",
        _MISSIONS,
        headline=False,
        concentrates=False,
    ),
    Layer(
        "embassies_hosted",
        "Embassies hosted",
        (("missions_embassy", "partner"),),
        "unknown",
        _MISSIONS,
        headline=False,
        concentrates=False,
    ),
    Layer(
        "sister_cities",
        "Sister cities",
        (("sister_city_pairs", "origin"),),
        "unknown",
        "As listed in Wikipedia in 2026; only 75 countries have a list of their own, others appear in their partners'.",
        headline=False,
    ),
    Layer("refugees_from", "Refugees from here", (("refugees", "origin"),), "unknown", _REFUGEES, headline=False),
    Layer("refugees_hosted", "Refugees hosted", (("refugees", "partner"),), "unknown", _REFUGEES, headline=False),
)
