"""The flows of a country by partner and year, from the bundled ties or from a user's own table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower import storage
from softpower.evidence.sources import source
from softpower.evidence.ties import student_view, ties
from softpower.vectors.layers import LAYERS, Layer

Array = NDArray[np.float64]

_COLUMNS = ("partner", "year", "value", "unit", "source_id", "vintage")
_STUDENTS = "students_inbound"
_FACTBOOK = "factbook_"
_MISPRINT = "_MISPRINT"


@dataclass(frozen=True, eq=False)
class Flows:
    """What a layer holds for one country.

    Attributes
    ----------
    layer, home : the layer, and the ISO3 code of the country it is seen from
    years : ascending, shape (year,)
    partners : ISO3 codes, sorted, shape (partner,)
    value : shape (year, partner), not negative; NaN where an absent row says nothing, or a net position is below zero
    rest : what went to partners that the source does not name, shape (year,)
    most_unnamed : the most that went to one of them, shape (year,); infinite where nobody knows
    reporting : who could be among these in each year, in the order of the years; None where anybody could
    unit, sources, vintage : of the values
    """

    layer: Layer
    home: str
    years: tuple[int, ...]
    partners: tuple[str, ...]
    value: Array
    rest: Array
    most_unnamed: Array
    reporting: tuple[frozenset[str], ...] | None
    unit: str
    sources: tuple[str, ...]
    vintage: str

    def latest(self, year: int | None = None) -> int | None:
        """The last year with values, up to ``year`` and to the layer's own last year; None if there is none.

        Asking for nothing later than a year is no wish to see years in which too few reported.
        """
        limits = [each for each in (year, self.layer.last) if each is not None]
        found = [each for each in self.years if each <= min(limits, default=each)]
        return found[-1] if found else None

    def of(self, year: int) -> tuple[Array, float]:
        """Values by partner, shape (partner,), and the rest, of one of `years`."""
        at = self.years.index(year)
        return self.value[at], float(self.rest[at])


def flows_of(home: str, *, own: pl.DataFrame | None = None, layers: Iterable[Layer] = LAYERS) -> tuple[Flows, ...]:
    """The flows of a country in all layers of which there are rows.

    Parameters
    ----------
    home : ISO3 code
    own : a table as `softpower.vectors.tiefile.read_ties` gives it, in place of the bundled ties
    layers : which; those that stand in for another only appear where that one has no rows
    """
    found: dict[str, Flows] = {}
    for layer in layers:
        if not set(layer.instead_of) & found.keys() and (flows := _flows(layer, home, own)) is not None:
            found[layer.id] = flows
    return tuple(found.values())


def _flows(layer: Layer, home: str, own: pl.DataFrame | None) -> Flows | None:
    parts = [_rows(measure, end, home, own) for measure, end in layer.measures]
    if any(part.is_empty() for part in parts):
        return None
    years = sorted(set.intersection(*(set(part["year"].to_list()) for part in parts)))
    rows = pl.concat(parts).filter(pl.col("year").is_in(years))
    named = rows.filter(~pl.col("partner").str.starts_with("_"))
    if named.is_empty():
        return None
    partners = tuple(named["partner"].unique().sort().to_list())
    value = np.full((len(years), len(partners)), 0.0 if layer.absent == "zero" else np.nan)
    sums = named.group_by("year", "partner").agg(pl.col("value").sum())
    at = np.searchsorted(years, sums["year"].to_numpy()), np.searchsorted(partners, sums["partner"].to_numpy())
    # A net position below zero, more drawn out than put in, is no share of anything.
    value[at] = sums.select(pl.when(pl.col("value") >= 0).then("value"))["value"].fill_null(np.nan).to_numpy()
    rest = np.zeros(len(years))
    pooled = rows.filter(pl.col("partner").str.starts_with("_")).group_by("year").agg(pl.col("value").sum())
    rest[np.searchsorted(years, pooled["year"].to_numpy())] = pooled["value"].to_numpy()
    return Flows(
        layer=layer,
        home=home,
        years=tuple(years),
        partners=partners,
        value=value,
        rest=rest,
        most_unnamed=_most_unnamed(layer, rows, value, years),
        reporting=_reporting(layer, years) if own is None else None,
        unit=str(rows["unit"][0]),
        sources=tuple(rows["source_id"].unique().sort().to_list()),
        vintage="; ".join(rows["vintage"].unique().sort().to_list()),
    )


def _most_unnamed(layer: Layer, rows: pl.DataFrame, value: Array, years: Sequence[int]) -> Array:
    """In a list of the largest partners nobody who is not named has more than the smallest who is."""
    if layer.absent != "pooled":
        return np.full(len(years), np.inf)
    smallest = np.min(np.where(value > 0, value, np.inf), axis=1)
    single = rows.filter(pl.col("partner") == _MISPRINT).group_by("year").agg(pl.col("value").max())
    printed = np.zeros(len(years))
    printed[np.searchsorted(years, single["year"].to_numpy())] = single["value"].to_numpy()
    rounding = 0.5 if layer.measures[0][0].startswith(_FACTBOOK) else 0.0
    most: Array = np.maximum(smallest, printed) + rounding
    return most


def _reporting(layer: Layer, years: Sequence[int]) -> tuple[frozenset[str], ...] | None:
    """Hosts that reported students, year by year: a host that did not is neither named nor in the pool."""
    if layer.measures != ((_STUDENTS, "origin"),):
        return None
    hosts = student_view("hosts_of_origin").group_by("year").agg("partner")
    by_year = dict(hosts.iter_rows())
    return tuple(frozenset(each for each in by_year[year] if not each.startswith("_")) for year in years)


def _rows(measure: str, end: str, home: str, own: pl.DataFrame | None) -> pl.DataFrame:
    """Rows of a measure with the country at one end, its other end as ``partner``; names that begin with an underscore
    are pools."""
    other = "partner" if end == "origin" else "origin"
    if own is not None:
        table = own.filter(pl.col("measure") == measure)
    elif measure == _STUDENTS:
        table = student_view("hosts_of_origin" if end == "origin" else "origins_of_host")
    elif measure.startswith(_FACTBOOK):
        table = _factbook(measure.removeprefix(_FACTBOOK), end)
    else:
        table = ties(measure, pools="keep")
    mine = table.filter((pl.col(end) == home) & (pl.col(other) != home))
    return mine.select(pl.col(other).alias("partner"), *_COLUMNS[1:])


def _factbook(flow: str, end: str) -> pl.DataFrame:
    """The largest partners in trade of each country in per cent, and the rest of the hundred as a pool.

    A partner that was most likely misprinted is a pool of its own: nobody knows who it is.
    """
    shares = storage.bundled("trade_partners").filter(pl.col("flow") == flow)
    other = "partner" if end == "origin" else "origin"
    named = shares.select(
        pl.col("iso3").alias(end),
        pl.when("doubtful").then(pl.lit(_MISPRINT)).otherwise("partner").alias(other),
        "year",
        pl.col("share_pct").alias("value"),
    )
    rest = (100 - pl.col("value").sum()).clip(0).alias("value")
    pool = named.group_by(end, "year").agg(rest).with_columns(pl.lit("_REST").alias(other))
    return pl.concat([named, pool.select(named.columns)]).with_columns(
        unit=pl.lit("% of trade"), source_id=pl.lit("cia_factbook"), vintage=pl.lit(source("cia_factbook").vintage)
    )
