"""What a state has of hard power, as context for its ties: soldiers and military spending.

It stands beside the measures of soft power and is added to none of them: which mix of the two is smart is a judgement
(Nye 2004; Wilson 2008), and no number here makes it. Numbers of soldiers are the World Bank's from the Military Balance
and have paramilitary forces in them; a zero is the publisher's. Spending is an estimate in per cent of GDP.

References
----------
Nye (2004), Soft Power: The Means to Success in World Politics, PublicAffairs, chapter 1.
Wilson (2008), Hard power, soft power, smart power, Annals of the American Academy of Political and Social Science 616.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower import storage
from softpower.errors import BadRequest
from softpower.evidence import observations
from softpower.world import country, members

Array = NDArray[np.float64]

BESIDE: Final = "Hard power is shown beside soft power and combined with it in no number."
# Years back to which a state's latest value still stands for the year that is asked for.
REACH: Final = 5

_SOLDIERS, _PEOPLE = "wdi_armed_forces", "wpp_population"
_SPENDING, _GDP, _GDP_ELSE = "cia_military_exp_pct_gdp", "wdi_gdp_usd", "cia_gdp_usd"
# Each figure: name, unit, and how it is printed: divided by what, with how many decimals, followed by what.
_FIGURES: Final = {
    "armed_forces": ("Armed forces", "persons", 1.0, 0, "persons"),
    "armed_forces_per_1000": ("Armed forces, relative", "per 1,000 inhabitants", 1.0, 1, "per 1,000 inhabitants"),
    "military_pct_gdp": ("Military expenditure, relative", "% of GDP", 1.0, 1, "% of GDP"),
    "military_usd": ("Military expenditure", "current US$", 1e6, 0, "million US$"),
}


@dataclass(frozen=True, slots=True)
class Strength:
    """One figure of a state, with its place among the others.

    Attributes
    ----------
    id, name, unit : what it is
    value : None where it is not measured
    year : of the value; others' values may be of up to `REACH` years before the year that was asked for
    source_ids : ids in the registry of what it rests on
    share_lower : share of the other members of the United Nations, of those measured, that have less; 0-1
    others : how many other members are measured
    median_world : median of all members that are measured, the state itself among them
    median_peers : median of the peers that are measured; None without any
    """

    id: str
    name: str
    unit: str
    value: float | None
    year: int | None
    source_ids: tuple[str, ...]
    share_lower: float | None
    others: int
    median_world: float | None
    median_peers: float | None

    @property
    def text(self) -> str:
        """One line for a page.

        >>> hard_power("KAZ", 2020)[0].text.split(";")[0]
        'Armed forces: 71,000 persons (2020)'
        """
        if self.value is None or self.share_lower is None or self.median_world is None:
            return f"{self.name}: not measured"
        lower = round(self.share_lower * self.others)
        text = f"{self.name}: {self._printed(self.value)} {_FIGURES[self.id][4]} ({self.year}); {lower} of "
        text += f"{self.others} other states have less; median {self._printed(self.median_world)}"
        return text if self.median_peers is None else f"{text}, of the peers {self._printed(self.median_peers)}"

    def _printed(self, value: float) -> str:
        _, _, scale, decimals, _ = _FIGURES[self.id]
        return f"{value / scale:,.{decimals}f}"


def hard_power(iso3: str, year: int | None = None, *, peers: Sequence[str] = ()) -> tuple[Strength, ...]:
    """Armed forces and military expenditure of a state, each with its place in the world.

    Parameters
    ----------
    iso3 : whose
    year : the latest value of this year or up to `REACH` years before it; by default of the last year of each series
    peers : ISO3 codes of states to compare with

    Returns
    -------
    tuple of Strength
        Armed forces in persons and per 1,000 inhabitants, military expenditure in per cent of GDP and in current US$
        (per cent times GDP of the same year). A figure that is not measured has no value, and is not zero.

    Raises
    ------
    UnknownCountry
        No country has this code.
    BadRequest
        A year that is no year.

    >>> [figure.id for figure in hard_power("KAZ")][2:]
    ['military_pct_gdp', 'military_usd']
    """
    own = country(iso3).iso3
    compared = {country(each).iso3 for each in peers} - {own}
    if year is not None and not 1900 <= year <= 2200:
        raise BadRequest(f"year {year}: give a calendar year, such as 2020")
    world = {each.iso3 for each in members()}
    found = []
    for id, (name, unit, *_) in _FIGURES.items():
        table, sources = _series(storage.DATA, id)
        latest = _latest(table, int(table["year"].max()) if year is None else year)  # type: ignore[arg-type]
        value, of = latest.get(own, (None, None))
        values = {each: at for each, (at, _) in latest.items()}
        others = np.array([values[each] for each in sorted(values) if each in world and each != own])
        peer_values = np.array([values[each] for each in sorted(compared) if each in values])
        share, median_world, median_peers = place(value, others, peer_values)
        found.append(
            Strength(
                id=id,
                name=name,
                unit=unit,
                value=value,
                year=of,
                source_ids=sources,
                share_lower=share,
                others=len(others),
                median_world=median_world,
                median_peers=median_peers,
            )
        )
    return tuple(found)


def place(value: float | None, others: Array, peers: Array) -> tuple[float | None, float | None, float | None]:
    """Share of ``others`` below ``value``, median of them all with it, median of ``peers``; None where unknown.

    >>> place(2.0, np.array([1.0, 2.0, 5.0, 7.0]), np.array([]))
    (0.25, 2.0, None)
    """
    known = others if value is None else np.append(others, value)
    return (
        None if value is None or not len(others) else float((others < value).mean()),
        float(np.median(known)) if len(known) else None,
        float(np.median(peers)) if len(peers) else None,
    )


def _latest(table: pl.DataFrame, year: int) -> dict[str, tuple[float, int]]:
    """Value and year of each country's last observation in the `REACH` years up to ``year``."""
    rows = table.filter(pl.col("year").is_between(year - REACH, year)).sort("iso3", "year")
    last = rows.unique("iso3", keep="last", maintain_order=True)
    return {iso3: (value, of) for iso3, of, value in last.select("iso3", "year", "value").iter_rows()}


@lru_cache
def _series(_folder: object, id: str) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Columns ``iso3, year, value`` of a figure, and the sources of what it was made of."""
    match id:
        case "armed_forces":
            parts = {_SOLDIERS: _read(_SOLDIERS)}
            table = parts[_SOLDIERS]
        case "armed_forces_per_1000":
            parts = {_SOLDIERS: _read(_SOLDIERS), _PEOPLE: _read(_PEOPLE)}
            table = _both(parts[_SOLDIERS], parts[_PEOPLE], 1000 * pl.col("value") / pl.col("value_other"))
        case "military_pct_gdp":
            parts = {_SPENDING: _read(_SPENDING)}
            table = parts[_SPENDING]
        case _:
            parts = {each: _read(each) for each in (_SPENDING, _GDP, _GDP_ELSE)}
            gdp = pl.concat([parts[_GDP], parts[_GDP_ELSE]]).unique(["iso3", "year"], keep="first", maintain_order=True)
            table = _both(parts[_SPENDING], gdp, pl.col("value") / 100 * pl.col("value_other"))
    sources = {source for part in parts.values() for source in part["source_id"].unique()}
    return table.select("iso3", "year", "value"), tuple(sorted(sources))


def _read(id: str) -> pl.DataFrame:
    return observations([id]).select("iso3", "year", "value", "source_id")


def _both(one: pl.DataFrame, other: pl.DataFrame, made: pl.Expr) -> pl.DataFrame:
    """A figure of two series, in the years that have both."""
    return one.join(other, on=["iso3", "year"], suffix="_other").with_columns(value=made)
