"""What the snapshot is made of: raw files, tables and derived series.

A new raw file is one entry in `RAW`; a new table is one more in `TABLES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import polars as pl

from softpower.evidence.build import contacts, pairs, series, tables, trade, votes
from softpower.evidence.build.geography import geography
from softpower.evidence.build.series import Derived
from softpower.evidence.rollcalls import FORMER_STATES


@dataclass(frozen=True, slots=True)
class Raw:
    """One step from raw files to rows.

    Attributes
    ----------
    files : the file and, if any, its companions, below the raw folder
    source : registry id of the source that the rows cite
    into : table they go into
    read : makes the rows from the files
    stamped : whether ``read`` also takes ``source_id`` and ``vintage``, to write them into each row
    also : further sources with a share in the file
    open_because : why a source may be bundled although its manifest does not call it open
    """

    files: tuple[str, ...]
    source: str
    into: str
    read: Callable[..., pl.DataFrame]
    stamped: bool = True
    also: tuple[str, ...] = ()
    open_because: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One Parquet file: ``keys`` are unique and give the order; ``codes`` are columns of ISO3 codes.

    With ``pooled`` a code may also start with an underscore and stand for several countries; ``former`` are codes of
    states that are no more.
    """

    name: str
    keys: tuple[str, ...]
    codes: tuple[str, ...] = ("iso3",)
    derived: tuple[Derived, ...] = ()
    pooled: bool = False
    former: tuple[str, ...] = ()

    @property
    def is_series(self) -> bool:
        """Whether it holds observations."""
        return self.keys == series.KEYS


DERIVED = (
    Derived(
        id="fdi_inflow_usd_2015",
        name="Direct investment, net inflow",
        unit="constant 2015 US$",
        inputs=("wdi_fdi_in_pct_gdp", "wdi_gdp_const"),
        formula="wdi_fdi_in_pct_gdp / 100 * wdi_gdp_const",
        note="Deflated with GDP; volatile and at times negative: use means over several years.",
    ),
    Derived(
        id="exports_usd_2015",
        name="Exports of goods and services",
        unit="constant 2015 US$",
        inputs=("wdi_exports_pct_gdp", "wdi_gdp_const"),
        formula="wdi_exports_pct_gdp / 100 * wdi_gdp_const",
        note="Deflated with GDP, not with export prices.",
    ),
    Derived(
        id="wdi21_trademark_nonresident",
        name="Trademark applications, direct non-resident",
        unit="count",
        inputs=("wdi21_trademark_total", "wdi21_trademark_resident"),
        formula="wdi21_trademark_total - wdi21_trademark_resident",
    ),
)

TABLES = (
    Table("countries", ("iso3",)),
    Table("blocs", ("bloc", "iso3", "role", "joined")),
    Table("borders", ("iso3", "neighbour"), ("iso3", "neighbour")),
    Table("composition", ("iso3", "dimension", "place")),
    Table("igo_membership", ("iso3", "organisation")),
    Table("trade_partners", ("iso3", "flow", "partner"), ("iso3", "partner")),
    Table("observations", series.KEYS, derived=DERIVED),
    Table("observations_uis", series.KEYS),
    Table("observations_flights", series.KEYS),
    Table("geography", ("origin", "partner"), ("origin", "partner")),
    Table("ties", pairs.KEYS, ("origin", "partner")),
    Table("ties_refugees", pairs.KEYS, ("origin", "partner"), pooled=True),
    Table("ties_visas", pairs.KEYS, ("origin", "partner")),
    Table("ties_students_uis", pairs.KEYS, ("origin", "partner"), pooled=True),
    Table("ties_sister_cities", pairs.KEYS, ("origin", "partner")),
    Table("ties_flights", pairs.KEYS, ("origin", "partner")),
    Table("roll_calls", ("rcid",), ()),
    Table("ballots", ("rcid", "iso3"), former=tuple(FORMER_STATES)),
)


def _series(
    source: str, *companions: str, into: str = "observations", read: Callable[..., pl.DataFrame] = series.series
) -> Raw:
    files = tuple(f"countries/{name}.csv.gz" for name in (source, *companions))
    return Raw(files, source, into, read)


def _table(file: str, source: str, read: Callable[..., pl.DataFrame], *also: str) -> Raw:
    """Goes into the table that ``read`` is named after."""
    return Raw((f"countries/{file}",), source, read.__name__, read, stamped=False, also=also)


def _dyads(source: str, kind: str, read: Callable[..., pl.DataFrame], why: str, *, into: str = "ties") -> Raw:
    return Raw((f"dyads/{source}.{kind}",), source, into, read, open_because=why)


_FLIGHTS = "dyads/flights_openflights.csv.gz"
_ODBL = "ODbL 1.0 is an open licence; it binds databases made from it, so they stay in files of their own"
_CC0 = "CC0 1.0 by the terms of the archive that publishes it"
_FACTS = "who joined which organisation in which year is a fact that nobody holds a licence on"
_ETALAB = "the Etalab Open Licence 2.0, under which CEPII publishes it, is an open licence that asks for attribution"
_STATISTICS = "official statistics may be reused with attribution; the copy they come from is under CC BY 4.0"
_CC_BY = "CC BY 4.0 is an open licence"
_EUROSTAT = "Eurostat allows reuse with attribution, under CC BY 4.0"
_MIT = "the compiler of the data set publishes it under the MIT License; no terms of Arton Capital were read"
_MATRIX = "the package that publishes it is under the Apache License 2.0; terms of CEPII for these data were not read"
_AIDDATA = "ODC-By 1.0 is an open licence"
_AIDDATA_UNREAD = "ODC-By 1.0, AidData's standard licence, is open; whether it covers this file was not read again"
_OF_OTHERS = partial(trade.recorded, without=("KAZ",))  # whose own figures come from its own bureau, in US$
_WITH_PAGES = partial(pairs.ties, flag="pages")
_WITH_DATA_TYPE = partial(pairs.ties, flag="data_type")

RAW = (
    _table("countries.csv", "country_codes", tables.countries, "cia_factbook"),
    Raw(("dyads/blocs.csv",), "blocs", "blocs", tables.blocs, stamped=False, open_because=_FACTS),
    _table("borders.csv.gz", "cia_factbook", tables.borders),
    _table("cia_composition.csv.gz", "cia_factbook", tables.composition),
    _table("cia_igo_membership.csv.gz", "cia_factbook", tables.igo_membership),
    _table("cia_trade_partners.csv.gz", "cia_factbook", tables.trade_partners),
    _series("cia_factbook", read=series.factbook),
    _series("fao_gapminder"),
    _series("hief"),
    _series("hipo_universities"),
    _series("oecd_dac_gapminder"),
    _series("passport_index"),
    _series("undesa_migrant_gapminder"),
    _series("undp_hdr_gapminder"),
    _series("unga_votes"),
    _series("unhcr_gapminder"),
    _series("unpk_gapminder"),
    _series("unwpp_gapminder"),
    _series("wb_lpi", read=series.lpi),
    _series("wdi_2021_scitech"),
    _series("wdi_gapminder"),
    _series("wdi_tourism"),
    _series("wgi", read=series.with_errors),
    _series("wipo_gapminder"),
    _series("uis_education", into="observations_uis"),
    _series("uis_mobility", "uis_mobility_qualifiers", into="observations_uis", read=series.uis_mobility),
    Raw((_FLIGHTS,), "flights_openflights", "observations_flights", series.routes, open_because=_ODBL),
    Raw(("extra/embassies_pairs.parquet",), "embassies_pairs", "ties", pairs.ties),
    Raw(("extra/fdi_imf_dip.parquet",), "fdi_imf_dip", "ties", pairs.investment),
    Raw(("extra/migrants_undesa_2020.parquet",), "migrants_undesa_2020", "ties", _WITH_DATA_TYPE),
    _dyads("trade_kaz_bns", "csv.gz", trade.recorded, _STATISTICS),
    _dyads("trade_ca_imports_eur", "csv.gz", _OF_OTHERS, _STATISTICS),
    _dyads("trade_eu_to_kaz_monthly", "csv.gz", trade.by_month, _EUROSTAT),
    _dyads("gravity_2006", "parquet", trade.matrix, _MATRIX),
    _dyads("china_public_diplomacy", "csv.gz", contacts.public_diplomacy, _AIDDATA),
    _dyads("china_official_finance", "csv.gz", contacts.finance, _AIDDATA_UNREAD),
    _dyads("refugees_unhcr", "parquet", contacts.refugees, _CC_BY, into="ties_refugees"),
    _dyads("visa_passport_index", "parquet", contacts.visas, _MIT, into="ties_visas"),
    Raw(("dyads/geodist_cepii.parquet",), "geodist_cepii", "geography", geography, stamped=False, open_because=_ETALAB),
    Raw(("extra/students_uis.parquet",), "students_uis", "ties_students_uis", pairs.students),
    Raw(("extra/sister_city_pairs.parquet",), "sister_city_pairs", "ties_sister_cities", _WITH_PAGES),
    Raw((_FLIGHTS,), "flights_openflights", "ties_flights", pairs.ties, open_because=_ODBL),
    Raw(("dyads/un_rollcalls.csv.gz",), "un_votes", "roll_calls", votes.roll_calls, stamped=False, open_because=_CC0),
    Raw(("dyads/un_votes.parquet",), "un_votes", "ballots", votes.ballots, stamped=False, open_because=_CC0),
)

# Names, units and notes of the series read from files; those of derived ones stand in DERIVED.
INDICATORS_FILE = "countries/indicators.csv"
FURTHER_INDICATORS = {
    "flight_routes": (
        "International airline routes out of the country",
        "Airline and airport pair, each direction once; scheduled routes without frequencies or seats, June 2014.",
    )
}
