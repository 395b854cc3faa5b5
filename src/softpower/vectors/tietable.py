"""Tables of ties as the arrays a gravity model is fitted to, with what it means that a pair has no row.

Where an absent pair is none, all pairs are filled in. Where it is *unlisted* it is unknown, but no more than the
smallest value that its partner lists: statistics of migrants and refugees list the largest origins and lump the others
together, or withhold numbers below five. Where it is *pooled*, the sum over those not named is known by origin. Where
it is unknown, the model does without the pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.errors import BadRequest, BadTable, NotEnoughData
from softpower.evidence import geography, student_view

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Missing = Literal["zero", "unlisted", "unknown", "pooled"]

ENDS: Final = ("origin", "partner")


@dataclass(frozen=True)
class TieTable:
    """Ties as arrays.

    Attributes
    ----------
    flow : shape (pair,); NaN where it is not named: unlisted, or part of a pool
    origin, partner : codes, places in ``countries``, shape (pair,)
    most : the largest that an unlisted flow can be, shape (pair,); NaN for all others
    pools : sum of the flows that are not named, by code of their origin; NaN where there is none
    countries : ISO3 codes, sorted
    left_out : countries with rows but without geography, sorted
    """

    flow: Array
    origin: Ints
    partner: Ints
    most: Array
    pools: Array
    countries: tuple[str, ...]
    left_out: tuple[str, ...]


def tabled(frame: pl.DataFrame, absent: Missing, pools: Mapping[str, float] | None, name: str) -> TieTable:
    """Rows as arrays.

    Parameters
    ----------
    frame : columns ``origin``, ``partner`` (ISO3) and ``value``, each pair once
    absent : what it means that a pair has no row
    pools : by origin, of those that are not named
    name : of the ties, for messages

    Raises
    ------
    BadRequest
        ``absent`` is something else.
    BadTable
        A column is missing; a pair stands in two rows; a value is missing or negative.
    NotEnoughData
        No pair has geography.
    """
    if absent not in get_args(Missing):
        raise BadRequest(f"absent {absent!r}: give zero, unlisted, unknown or pooled")
    _check(frame, name)
    rows = frame.select(*ENDS, pl.col("value").cast(pl.Float64)).filter(pl.col("origin") != pl.col("partner"))
    placed = geography().select(ENDS)
    known = set(placed["origin"])
    named = {*rows["origin"], *rows["partner"]}
    rows = rows.filter(pl.col("origin").is_in(list(known)), pl.col("partner").is_in(list(known)))
    countries = sorted({*rows["origin"], *rows["partner"]})
    if absent != "unknown":
        within = placed.filter(pl.col("origin").is_in(countries), pl.col("partner").is_in(countries))
        if absent != "zero":
            within = within.filter(
                pl.col("origin").is_in(rows["origin"].implode()), pl.col("partner").is_in(rows["partner"].implode())
            )
        rows = within.join(rows, on=ENDS, how="left")
        rows = rows.with_columns(pl.col("value").fill_null(0.0)) if absent == "zero" else rows
    rows = rows.sort(ENDS)
    if rows.is_empty():
        raise NotEnoughData(f"{name}: no pair of countries with geography has a row")
    code = {iso3: k for k, iso3 in enumerate(countries)}
    flow = rows["value"].fill_null(np.nan).to_numpy()
    origin, partner = (rows[end].replace_strict(code, return_dtype=pl.Int64).to_numpy() for end in ENDS)
    seen = np.isfinite(flow)
    most = np.full(len(flow), np.nan)
    if absent == "unlisted":
        least = np.full(len(countries), np.inf)
        np.minimum.at(least, partner[seen], flow[seen])
        most[~seen] = least[partner[~seen]]
    rest = np.array([(pools or {}).get(iso3, np.nan) for iso3 in countries], dtype=float)
    rest[np.bincount(origin[~seen], minlength=len(countries)) == 0] = np.nan
    return TieTable(
        flow=flow,
        origin=origin,
        partner=partner,
        most=most,
        pools=rest,
        countries=tuple(countries),
        left_out=tuple(sorted(named - known)),
    )


def _check(frame: pl.DataFrame, name: str) -> None:
    if missing := [each for each in (*ENDS, "value") if each not in frame.columns]:
        raise BadTable(f"{name}: the table of ties lacks the column {missing[0]}; it needs origin, partner and value")
    if not frame["value"].dtype.is_numeric():
        raise BadTable(f"{name}: the column value holds {frame['value'].dtype} and no numbers")
    faults = {
        "no value": frame["value"].is_null() | ~frame["value"].cast(pl.Float64).is_finite(),
        "a negative value, which gravity cannot have": frame["value"] < 0,
        "more than one row; give the rows of one year and measure": frame.select(ENDS).is_duplicated(),
    }
    for what, bad in faults.items():
        if bad.fill_null(False).any():
            first = frame.filter(bad.fill_null(False)).row(0, named=True)
            raise BadTable(f"{name}: {first['origin']} to {first['partner']} has {what} ({bad.sum()} such)")


def student_pools(year: int, rows: pl.DataFrame) -> dict[str, float]:
    """By origin, the students whom neither view names a host for.

    The view by origin pools what goes to hosts beyond the ten largest; the view by host names some of these.
    """
    view = student_view("hosts_of_origin").filter(pl.col("year") == year)
    beyond = rows.join(view, on=ENDS, how="anti").group_by("origin").agg(pl.col("value").sum().alias("named"))
    pooled = view.filter(pl.col("partner") == "_OTHER").select("origin", pool="value")
    origins = view.select("origin").unique().join(pooled, on="origin", how="left").join(beyond, on="origin", how="left")
    rest = origins.select("origin", rest=(pl.col("pool").fill_null(0) - pl.col("named").fill_null(0)).clip(0))
    return dict(rest.iter_rows())
