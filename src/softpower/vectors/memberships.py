"""Organisations that two states both belong to.

Two sources are laid over each other. The Factbook lists the organisations of each country as they were when it ceased;
the table of blocs knows from when to when, of few. An organisation that is in both counts once, as the dated table has
it. Organisations and standing forums of governments count; what is left out stands in `LEFT_OUT`.

A longer and older record, the Correlates of War's, may be used and not be passed on:
`softpower.vectors.membershipfiles` reads a copy of the user's own.

References
----------
Pevehouse, Nordstrom, McManus & Jamison (2020), Tracking organizations in the world: The Correlates of War IGO Version
3.0 datasets, Journal of Peace Research 57(3).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
import polars as pl

from softpower import storage
from softpower.errors import BadRequest
from softpower.world import memberships as spells

Kind = Literal["listed", "dated"]
Counted = Literal["full", "any"]

COLUMNS: Final = ("iso3", "year", "igo", "status")
FULL, ASSOCIATE, OBSERVER = 1, 2, 3
# The year of the Factbook's last lists: they carry no dates, and say nothing of other years.
LISTED_YEAR: Final = 2025

# Groupings of the table of blocs that are ours, not organisations.
_ANALYTIC = ("CENTRAL_ASIA", "TURKIC_WORLD", "WEST")
# What the Factbook calls an organisation that the table of blocs has too; the first ended as an organisation in 2014.
_AS_BLOC: Final[Mapping[str, str]] = MappingProxyType(
    {"EAEC": "EAEC", "CE": "COE", "EEU": "EAEU", "G-20": "G20", "G-7": "G7"}
    | {same: same for same in ("ASEAN", "AU", "BRICS", "CICA", "CIS", "CSTO", "EAEU", "ECO", "EU", "GCC", "LAS")}
    | {same: same for same in ("NATO", "OIC", "OSCE", "SCO", "UN")}
)
# One organisation under several names: the Factbook writes each country's list on its own.
_SAME = {"BCIE": "CABEI", "Commonwealth of Nations": "C", "Francophonie": "OIF", "ICCT": "ICCt"}
# Of Afghanistan's list the first name follows a sentence about who takes part.
_SENTENCE = r"^.*do not participate: "

# Names the Factbook has that are not counted, with the reason.
_NOT_GOVERNMENTS = "CBI EITI FIFA GCTU ICC ICRM IFRCS IOC IPU ISO ITUC WFTU"
_MISSIONS = (
    "ATMIS MINURCAT MINURSO MINUSCA MINUSMA MINUSTAH MNJTF MONUSCO UNAMA UNAMID UNDOF UNFICYP UNIFIL UNISFA UNMHA "
    "UNMIL UNMIS UNMISS UNMIT UNMOGIP UNOCI UNSMIL UNSOM UNSOS UNTSO UNVIM"
)
_ORGANS = "CD ESCAP ITC UNCDF UNCTAD UNDP UNECA UNEP UNFPA UNHCR UNHRC UNICEF UNITAR UNOOSA UNOPS UNRWA UNSC WBG WFP"
_TREATIES = "CARIBCAN CARIFORUM CSME EMU EPA FZ NAFTA PFP USMCA"
LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(_NOT_GOVERNMENTS.split(), "its members are not governments, or not only")
    | dict.fromkeys(_MISSIONS.split(), "a mission to which states send people")
    | dict.fromkeys([*_ORGANS.split(), "UN Security Council", "UN Women", "World Bank Group"], "an organ of another")
    | dict.fromkeys([*_TREATIES.split(), "Schengen Convention"], "a treaty, zone or programme without members")
    | dict.fromkeys(["CSN", "G- 9", "G-11", "G-3", "G-5", "G-8", "G-9", "Union Latina"], "ended or at rest")
    | {"none": "no organisation"}
)
_STATUS = {
    "member": FULL,
    "nonregional member": FULL,  # of a development bank: a shareholder like the others
    "suspended": FULL,  # a suspension is no departure
    "associate": ASSOCIATE,
    "associate member": ASSOCIATE,
    "associated member": ASSOCIATE,
    "observer": OBSERVER,
    "associate observer": OBSERVER,
}
_ROLE = {"member": FULL, "associate": ASSOCIATE, "observer": OBSERVER}


def bundled_memberships(year: int = LISTED_YEAR, *, kind: Kind = "listed") -> pl.DataFrame:
    """Who belonged to what.

    Parameters
    ----------
    kind : "listed" has the dated blocs and all that the Factbook lists, and only `LISTED_YEAR`; "dated" the blocs
        alone, in any year

    Returns
    -------
    DataFrame
        Columns ``iso3``, ``year`` (int16), ``igo``, ``status`` (int8: 1 full, 2 associate, 3 observer), sorted. It has
        territories too where the lists name them. Candidates, partners and correspondents are not in it.

    Raises
    ------
    BadRequest
        Lists of another year than the Factbook's.

    >>> blocs = bundled_memberships(2014, kind="dated")
    >>> blocs.filter(iso3="KAZ", status=1)["igo"].to_list()[:4]
    ['ARALSEA', 'CICA', 'CIS', 'CSTO']
    """
    if kind not in ("listed", "dated"):
        raise BadRequest(f"kind {kind!r} of memberships: give 'listed' or 'dated'")
    if kind == "listed" and year != LISTED_YEAR:
        raise BadRequest(
            f"the lists of the Factbook are of {LISTED_YEAR} and carry no dates, so {year} is not known.  Ask for "
            "kind='dated' (blocs only), or give a table that read_memberships made of the Correlates of War data"
        )
    found = [
        (each.iso3, each.bloc, _ROLE[each.role])
        for each in spells()
        if each.bloc not in _ANALYTIC and each.role in _ROLE and each.covers(year)
    ]
    blocs = pl.DataFrame(found, schema={"iso3": pl.String, "igo": pl.String, "status": pl.Int8}, orient="row")
    if kind == "listed":
        blocs = pl.concat([blocs, _factbook(storage.bundled("igo_membership"))])
    return tidy(blocs.with_columns(year=pl.lit(year, pl.Int16)))


def shared_memberships(
    year: int = LISTED_YEAR, *, table: pl.DataFrame | None = None, kind: Kind = "listed", counted: Counted = "full"
) -> pl.DataFrame:
    """Number of organisations that two states both belong to, for every pair.

    Parameters
    ----------
    table : memberships to use in place of the bundled ones, as
        `softpower.vectors.membershipfiles.read_memberships` gives them
    kind : which of the bundled ones; see `bundled_memberships`
    counted : "full" counts pairs of full members, "any" associates and observers too

    Returns
    -------
    DataFrame
        Columns ``origin``, ``partner``, ``year`` (int16), ``shared``, ``of_origin``, ``of_partner`` (int32: all that
        each belongs to), sorted; both directions of each pair of those who belonged to anything at all, with pairs that
        share nothing.

    Raises
    ------
    BadRequest
        The year is not in the table, or the bundled lists are not of it.

    >>> in_1995 = shared_memberships(1995, kind="dated")
    >>> in_1995.filter(origin="KAZ", partner="UZB").drop("year").rows()
    [('KAZ', 'UZB', 5, 6, 5)]
    """
    if counted not in ("full", "any"):
        raise BadRequest(f"counted {counted!r}: give 'full' or 'any'")
    rows = bundled_memberships(year, kind=kind) if table is None else _of_year(table, year)
    states, state = _codes(rows["iso3"])
    organisations, organisation = _codes(rows["igo"])
    belongs = np.zeros((len(states), len(organisations)), dtype=np.float32)
    belongs[state, organisation] = (rows["status"] == FULL).to_numpy() if counted == "full" else 1
    shared = np.rint(belongs @ belongs.T).astype(np.int32)
    origin, partner = np.nonzero(~np.eye(len(states), dtype=bool))
    own = shared.diagonal()
    return pl.DataFrame(
        {
            "origin": states[origin],
            "partner": states[partner],
            "year": np.full(len(origin), year, dtype=np.int16),
            "shared": shared[origin, partner],
            "of_origin": own[origin],
            "of_partner": own[partner],
        },
        schema_overrides={"origin": pl.String, "partner": pl.String},
    )


def _factbook(listed: pl.DataFrame) -> pl.DataFrame:
    """The Factbook's lists, names and kinds of membership in order, without what the table of blocs has."""
    igo = pl.col("organisation").str.replace(_SENTENCE, "").replace(_SAME)
    status = (
        pl.col("status").str.replace("^temporarily ", "").replace_strict(_STATUS, default=None, return_dtype=pl.Int8)
    )
    kept = ~pl.col("igo").is_in([*_AS_BLOC, *LEFT_OUT])
    return listed.select("iso3", igo=igo, status=status).drop_nulls().filter(kept)


def tidy(rows: pl.DataFrame) -> pl.DataFrame:
    """In order, each once; who stands twice under two names of one organisation keeps the closer membership."""
    return rows.select(COLUMNS).sort(COLUMNS).unique(["iso3", "year", "igo"], keep="first", maintain_order=True)


def _of_year(table: pl.DataFrame, year: int) -> pl.DataFrame:
    rows = table.filter(pl.col("year") == year)
    if rows.is_empty():
        years = table["year"].unique().sort().to_list()
        span = f"it has {years[0]}-{years[-1]}" if years else "it is empty"
        raise BadRequest(f"the table of memberships has no row of {year}; {span}")
    return rows


def _codes(names: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    found, code = np.unique(names.cast(pl.String).to_numpy().astype(str), return_inverse=True)
    return found, code
