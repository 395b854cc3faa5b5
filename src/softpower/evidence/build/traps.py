"""Known traps of the series and sources, which no file says of itself."""

from __future__ import annotations

# Editions rather than yearly series, or discontinued: never carried to another year in a trend.
FROZEN_SOURCES = frozenset({"cia_factbook", "flights_openflights", "hipo_universities", "passport_index", "wb_lpi"})

_RESOURCE = "the Factbook lists only countries that have some"
_NO_SITE = "the Factbook's list of World Heritage names every member of the United Nations that has a site"
_PEACEKEEPERS = "United Nations Peacekeeping lists every contributor, so a country not listed sent nobody"

# Series in which a country that is absent has none. Zeros are not filled in here: who uses one says so.
STRUCTURAL_ZERO = {
    "cia_coal_exports_t": _RESOURCE,
    "cia_coal_production_t": _RESOURCE,
    "cia_coal_reserves_t": _RESOURCE,
    "cia_gas_exports_m3": _RESOURCE,
    "cia_gas_production_m3": _RESOURCE,
    "cia_gas_reserves_m3": _RESOURCE,
    "cia_oil_production_bbl_day": _RESOURCE,
    "cia_oil_reserves_bbl": _RESOURCE,
    "cia_whs_cultural": _NO_SITE,
    "cia_whs_mixed": _NO_SITE,
    "cia_whs_natural": _NO_SITE,
    "cia_world_heritage_sites": _NO_SITE,
    "oecd_oda_given_2023usd": "no aid reported to the OECD; most states give none, those known to give unreported aid "
    "are excepted",
    "un_peacekeepers": _PEACEKEEPERS,
    "un_peacekeepers_per100k": _PEACEKEEPERS,
}

# Providers of development co-operation on which the OECD publishes estimates because they do not report to it
# (Development Co-operation Profiles, list from memory): their absence says nothing.
_HERITAGE = ("cia_whs_cultural", "cia_whs_mixed", "cia_whs_natural", "cia_world_heritage_sites")
NOT_ZERO = {"oecd_oda_given_2023usd": ("BRA", "CHL", "CHN", "COL", "CRI", "IDN", "IND", "MEX", "ZAF")} | dict.fromkeys(
    _HERITAGE, ("DMA",)
)

_WORLD_HERITAGE = (
    "Members of the United Nations that the Factbook does not list have none; Dominica is missing, not zero (it is "
    "believed to have a site). Sites across a border count once in each state."
)
NOTES = {
    "cia_area_total_km2": "Surface area. France without its overseas departments and Morocco without Western Sahara, "
    "as the United Nations count them (Demographic Yearbook).",
    "cia_merchant_ships": "Countries without an entry are missing, not zero.",
    "cia_railways_km": "Countries without an entry are missing, not zero.",
    "cia_whs_cultural": _WORLD_HERITAGE,
    "cia_whs_mixed": _WORLD_HERITAGE,
    "cia_whs_natural": _WORLD_HERITAGE,
    "cia_world_heritage_sites": _WORLD_HERITAGE,
    "uis_net_flow_students": "Most values are estimates of the UNESCO Institute for Statistics and marked so.",
    "uis_outbound_students_derived": "Estimated wherever the net flow is.",
} | {
    f"wb_lpi_{part}": "Only year 2022 is one edition; other years are older ones of countries it left out; see vintage."
    for part in ("customs", "infrastructure", "logistics", "overall", "timeliness", "tracking")
}

_FILLED = (
    "Has zeros for years before new states had figures (Serbia, Montenegro, South Sudan, successors of the Soviet "
    "Union); those followed by a sudden first report are left out here."
)

_OLD_STATES = (
    "Zeros of some older states are doubtful too and stand as published: inward investment of Afghanistan 2022-23, "
    "Bosnia and Herzegovina 1993-97, Libya 2011, 2014-20 and 2024, the Marshall Islands until 1999, the Federated "
    "States of Micronesia in all years but 2014, Nauru until 2017, the Sudan 2024, Syria 2012-22."
)

# What the manifests do not say, or no longer say rightly.
PITFALLS = {
    "cia_factbook": (
        "Ethnic and religious composition is parsed from text: where no year is printed 2020 was assigned.",
        "Shares of languages may sum to over 100 %.",
        "Gambia among Kazakhstan's import partners (2023) is most likely Germany; kept as printed and marked doubtful.",
        "Has no Turkic organisation in its list of international organisations.",
    ),
    "fdi_imf_dip": ("Reuse with attribution under the terms of the IMF; not a named open licence.",),
    "hipo_universities": ("Crowd-sourced; the United States are over-represented.",),
    "migrants_undesa_2020": ("Birthplace, not ethnicity.",),
    "passport_index": ("Frozen editions of January 2023, 2024 and 2025.",),
    "students_uis": ("Codes ANT and XDN are the Netherlands Antilles and Sudan before 2011: kept as former states.",),
    "uis_mobility": (
        "Not the values, only their qualifiers were dropped: nearly all net flows are estimates, here marked so.",
    ),
    "unga_votes": ("Mean agreement marks a voting bloc, not success.",),
    "unhcr_gapminder": (
        _FILLED,
        "Asylum seekers are zero for every state until 1999, displaced persons until 1992: not collected.",
    ),
    "wdi_2021_scitech": (_FILLED,),
    "wdi_gapminder": (
        _FILLED,
        "Foreign investment inflow is volatile and at times negative: use means over several years.",
        _OLD_STATES,
    ),
}
