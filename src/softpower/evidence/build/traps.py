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
    "china_official_finance": (
        "oda is development aid, oof other official flows, vague not certainly either.",
        (
            "Where projects are counted and the file has an amount of zero, nobody knows the amount: these 447 "
            "amounts are left out. Other sums lack the projects of unknown amount too: lower bounds."
        ),
        "Ends in 2014; a year without a row had no project that the publisher recommends for research.",
    ),
    "china_public_diplomacy": (
        "total_elite_visits is left out: it is government_visits plus military_visits in all of its 634 rows.",
        (
            "Students in China stand from their country to China, all else from China to its partner. Students "
            "are those of a year; the rest is what happened in it. Who visited whom was not read at the "
            "publisher."
        ),
    ),
    "cia_factbook": (
        "Ethnic and religious composition is parsed from text: where no year is printed 2020 was assigned.",
        "Shares of languages may sum to over 100 %.",
        "Gambia among Kazakhstan's import partners (2023) is most likely Germany; kept as printed and marked doubtful.",
        "Has no Turkic organisation in its list of international organisations.",
    ),
    "fdi_imf_dip": ("Reuse with attribution under the terms of the IMF; not a named open licence.",),
    "geodist_cepii": (
        (
            "The world of about 2010: the Sudan includes the South, and Serbia stands with the figures of "
            "Serbia and Montenegro. Montenegro, South Sudan, Kosovo, Liechtenstein, Monaco, the Holy See and "
            "small territories have none; the Netherlands Antilles are left out."
        ),
        (
            "Five territories (CCK, CXR, MAC, MSR, PCN) have the distance between main cities, all others the "
            "one weighted by people."
        ),
        (
            "common_language is official language: Kazakhstan shares Russian with Kyrgyzstan and Russia, and "
            "none with its other neighbours."
        ),
        (
            "same_country is said from one side only for 33 pairs, some of them doubtful (Benin and Myanmar, "
            "Belarus and Saint Lucia): taken for both."
        ),
    ),
    "gravity_2006": (
        (
            "Of 27,390 ordered pairs of its 166 countries 22,588 have a row; the others are unknown. Its 5,500 zeros "
            "are observed."
        ),
        (
            "29 members of the United Nations are not among the 166, among them Bahrain, Cyprus, Iraq, Israel, Kuwait, "
            "Luxembourg, Oman, Qatar, Saudi Arabia and the United Arab Emirates."
        ),
        "Serbia stands with the trade of Serbia and Montenegro, one state until June 2006; its rows are flagged.",
    ),
    "hipo_universities": ("Crowd-sourced; the United States are over-represented.",),
    "migrants_undesa_2020": ("Birthplace, not ethnicity.",),
    "passport_index": ("Frozen editions of January 2023, 2024 and 2025.",),
    "refugees_unhcr": (
        (
            "Ends in 2019: what the copy calls 2020 is that year, as UNHCR's series of refugees hosted show, and is so "
            "called here."
        ),
        "No number is below five, and a fifth are five: smaller ones seem to be raised to it.",
        (
            "Origins that are no country are pooled: unknown, stateless, Tibetans. Unknown are most origins in "
            "Germany before 2002, and of asylum seekers in South Africa in 2015."
        ),
        "Asylum seekers of 1995-99, of whom neither end is known, are left out.",
    ),
    "students_uis": ("Codes ANT and XDN are the Netherlands Antilles and Sudan before 2011: kept as former states.",),
    "trade_ca_imports_eur": (
        "Turned round: the origin is where the goods came from, the partner the importer.",
        "Kazakhstan is left out, since trade_kaz_bns has its imports in US$.",
        "Armenia's 2023 is left out: 679 million EUR, against 8,346 in 2022, are a part of the year.",
        "Zeros, nearly all of them Uzbekistan's, stand as printed.",
    ),
    "trade_eu_to_kaz_monthly": (
        (
            "A mirror of imports_usd of trade_kaz_bns: the same goods, as their exporters count them. Never add "
            "the two. They differ: for 2023 the 27 members count 12.1 billion EUR, Kazakhstan 10.3 billion US$."
        ),
        (
            "Sums of complete calendar years: 2024 (to August) and the United Kingdom's January 2020 are left "
            "out. A month without a row is one without exports."
        ),
    ),
    "trade_kaz_bns": (
        "Imports are turned round: the origin is where the goods came from, the partner is Kazakhstan.",
        (
            "Sums over members equal the bureau's printed totals if they count as it does: its EU of 2020-22 "
            "still has the United Kingdom, its CIS of all years Turkmenistan and Ukraine."
        ),
    ),
    "uis_mobility": (
        "Not the values, only their qualifiers were dropped: nearly all net flows are estimates, here marked so.",
    ),
    "unga_votes": ("Mean agreement marks a voting bloc, not success.",),
    "unhcr_gapminder": (
        _FILLED,
        "Asylum seekers are zero for every state until 1999, displaced persons until 1992: not collected.",
    ),
    "visa_passport_index": (
        (
            "Of the pairs of 2021 and 2022, 31 % and 18 % are bans on entry during the pandemic: the flag of a "
            "value of -1 tells them from passports not admitted. Compare years from 2023."
        ),
        (
            "2020 is left out: its words do not part e-visas from visas on arrival, and the copy has -1 for "
            "visas required, free and on arrival alike."
        ),
        "Only from 2025 on are electronic travel authorities told from e-visas.",
    ),
    "wdi_2021_scitech": (_FILLED,),
    "wdi_gapminder": (
        _FILLED,
        "Foreign investment inflow is volatile and at times negative: use means over several years.",
        _OLD_STATES,
    ),
}
