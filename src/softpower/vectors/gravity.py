"""World models: what gravity expects of the ties between all countries in one year, and so of each.

A model is fitted to all countries that have geography and at least one row of the measure, territories too: the
estimator weighs pairs by what flows, so that tiny ones hardly matter to the others. Their own excess ties rest on
little: where 0.02 persons are expected, one is an excess of 50. Read an excess beside what was observed.

What an absent pair means differs by measure (`softpower.vectors.tietable`). Of flights it is none. Of migrants and
refugees it is unlisted: what was observed, and so the excess, is unknown, and the fit fills it in
(`softpower.vectors.unlisted`). Students are pooled: beyond its largest hosts, what an origin sends is one number. For
all other measures the model holds only pairs that have a row, and compares ties with other ties.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower import storage
from softpower.errors import BadRequest, NotEnoughData
from softpower.evidence import geography, ties
from softpower.vectors.excess import DRAWS, SEED, Gravity, Progress, excess, gravity, pack, unpack
from softpower.vectors.layers import End
from softpower.vectors.tietable import ENDS, Missing, TieTable, student_pools, tabled
from softpower.vectors.unlisted import filled

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

COVARIATES: Final = (
    "ln_distance",
    "contiguous",
    "common_language",
    "common_ethnic_language",
    "colony",
    "common_colonizer",
)
STUDENTS: Final = "students_inbound"
# By measure, what it means that a pair has no row; where nothing is said, nobody knows.
WITHOUT_ROW: Final[Mapping[str, Missing]] = {
    "airline_routes": "zero",
    "airport_pairs": "zero",
    "asylum_seekers": "unlisted",
    "migrant_stock": "unlisted",
    "refugees": "unlisted",
    STUDENTS: "pooled",
}
# Measures that count: where none was seen, some could have been.
COUNTS: Final = frozenset(WITHOUT_ROW)
# The largest mean with which a Poisson variable is zero once in twenty times: the upper end of the exact 90% interval.
ZERO_AT_MOST: Final = -math.log(0.05)
# A group has an excess, and not only an interval, up to this much unlisted for each tie observed.
HIDDEN: Final = 0.05
# Rows and sums that a model remembers.
MEMORY: Final = 24


@dataclass(frozen=True, eq=False)
class GroupExcess:
    """The ties of a country with a group of others, beside what gravity expects of them together.

    What is not listed is unknown but bounded, and small groups are listed less often. So the prediction is that of
    all members, and the interval reaches from none to all that can be of what is not listed.

    Attributes
    ----------
    observed : what was observed with those members that are listed, with the part of pools that the model gives others;
        NaN where none is
    expected : sum over all members of which something is expected
    excess : observed over expected; NaN where more than `HIDDEN` as much can be unlisted, where all that is known is a
        pool, and where no member is listed
    low, high : 90% interval, from none to all of what is pooled or unlisted; NaN where no member is listed
    members : ISO3 codes of the members listed by themselves or in a pool, sorted
    pooled : those among them whose ties are known as part of a pool only
    unlisted : members whose tie is no more than the smallest that the host lists
    unknown : members of which nothing is observed or expected
    least, most : draws of the excess, shape (draw,), the same draw of any two groups of one model in the same world:
        with none of the pools and of what is unlisted, and with all that there can be of both
    named : what was observed with members by themselves, without what is pooled
    """

    observed: float
    expected: float
    excess: float
    low: float
    high: float
    members: tuple[str, ...]
    pooled: tuple[str, ...]
    unlisted: tuple[str, ...]
    unknown: tuple[str, ...]
    least: Array
    most: Array
    named: float


@dataclass(frozen=True)
class WorldModel:
    """A gravity model of one kind of ties between all countries.

    Attributes
    ----------
    measure, year : what was fitted; the year is None where a table of one's own names none
    countries : ISO3 codes by code of the model, sorted
    left_out : countries with rows but without geography, sorted
    most : the largest that each pair without a row can have, NaN for those with one, shape (pair,): what was observed
        is unknown, and the model holds what the fit took for it
    model : the fit and its draws
    """

    measure: str
    year: int | None
    countries: tuple[str, ...]
    left_out: tuple[str, ...]
    most: Array
    model: Gravity
    _memory: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def separated(self) -> tuple[tuple[str, str], ...]:
        """Pairs, origin first, for which the model has no finite mean, so that their excess is unknown."""
        return tuple((self.countries[o], self.countries[p]) for o, p in self.model.separated)

    def row(self, iso3: str, end: End = "origin") -> pl.DataFrame:
        """The ties of a country with each other one.

        Parameters
        ----------
        iso3 : the country
        end : where it stands

        Returns
        -------
        DataFrame
            Columns ``partner``, the country at the other end, sorted; ``observed``, ``expected``, ``excess``, ``low``,
            ``high`` (90% interval of the excess). Null is unknown. Where something is counted and none was seen, the
            interval ends at the excess with which that would happen once in twenty times.

        Raises
        ------
        NotEnoughData
            The model does not hold the country.
        """
        at, others, observed = self._at(iso3, end)
        expected, draws = self._remembered((iso3, end), lambda: self._expected(at))
        value, low, high = excess(observed, expected, draws)
        high = self._beyond_zero(observed, expected, high)
        columns = {"observed": observed, "expected": expected, "excess": value, "low": low, "high": high}
        frame = pl.DataFrame({"partner": others, **columns}, schema_overrides={"partner": pl.String})
        return frame.with_columns(pl.col(*columns).fill_nan(None)).sort("partner")

    def group(self, iso3: str, end: End, members: Collection[str]) -> GroupExcess:
        """The ties of a country with several others together; arguments and errors as for `row`."""
        at, others, observed = self._at(iso3, end)
        expected, draws = self._remembered((iso3, end), lambda: self._expected(at))
        chosen = np.isin(others, list(members)) & np.isfinite(expected)
        unlisted = chosen & np.isfinite(self.most[at])
        pooled = chosen & np.isnan(self.model.flow[at])
        listed = chosen & ~unlisted
        parts = float(self.model.shared_out[at][listed].sum())
        named = float(np.nansum(observed[listed]))
        hidden = float(self.most[at][unlisted].sum())
        most = named + hidden + float(self.model.pools[np.unique(self.model.origin[at][pooled])].sum())
        mean, drawn = float(expected[chosen].sum()), draws[:, chosen].sum(axis=1)
        if not chosen.any():
            mean, drawn = math.nan, np.full(len(draws), np.nan)
        ends = np.array([parts, named, most])
        value, low, high = excess(ends, np.full(3, mean), np.tile(drawn[:, None], 3))
        high = self._beyond_zero(ends, np.full(3, mean), high)
        known = bool(listed.any())
        told = hidden <= HIDDEN * parts and (named > 0 or not pooled.any())
        return GroupExcess(
            observed=parts if known else math.nan,
            expected=mean,
            excess=float(value[0]) if known and told else math.nan,
            low=float(low[1]) if known else math.nan,
            high=float(high[2]) if known else math.nan,
            members=tuple(sorted(others[listed].tolist())),
            pooled=tuple(sorted(others[pooled].tolist())),
            unlisted=tuple(sorted(others[unlisted].tolist())),
            unknown=tuple(sorted(set(members) - set(others[chosen].tolist()) - {iso3})),
            least=_over(named, drawn),
            most=_over(most, drawn),
            named=named,
        )

    def toward(self, members: Collection[str], end: End = "origin") -> tuple[tuple[str, ...], Array]:
        """The excess of every country's ties with a group of others, in draws.

        Parameters
        ----------
        members : ISO3 codes; of a single one its ties with each country, of several their sum
        end : where the countries stand that are compared

        Returns
        -------
        countries, draws
            ISO3 codes of the model, and an array of shape (draw, country), NaN where nothing is known. Ties that are
            known as part of a pool only, or not listed, are left out; of migrants this compares listed ties alone.
        """
        self._ends(end)
        who = tuple(sorted(members))
        return self.countries, self._remembered((who, end), lambda: self._toward(who, end))

    def _toward(self, members: Collection[str], end: End) -> Array:
        own, other = self._ends(end)
        codes = [self.countries.index(each) for each in members if each in self.countries]
        at = np.flatnonzero(np.isin(other, codes))
        expected, draws = self._expected(at)
        known = np.isfinite(expected) & np.isfinite(self._observed(at))
        at, draws, n = at[known], draws[:, known], len(self.countries)
        seen = np.bincount(own[at], self.model.flow[at], minlength=n)
        means = np.stack([np.bincount(own[at], each, minlength=n) for each in draws])
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Array = np.where(means > 0, seen / means, np.nan)
        return found

    def _beyond_zero(self, observed: Array, expected: Array, high: Array) -> Array:
        """The upper end of an excess; of a count that was zero, not zero."""
        if self.measure not in COUNTS:
            return high
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(observed == 0, np.fmax(high, ZERO_AT_MOST / expected), high)

    def _remembered(self, what: object, make: Callable[[], Any]) -> Any:
        """What was computed before, of the last few: a profile asks for the same row again and again."""
        if what not in self._memory:
            if len(self._memory) >= MEMORY:
                self._memory.clear()
            self._memory[what] = make()
        return self._memory[what]

    def _at(self, iso3: str, end: End) -> tuple[Ints, NDArray[np.str_], Array]:
        """Places of the pairs of a country, the others in them, and what was observed."""
        own, other = self._ends(end)
        code = self.countries.index(iso3) if iso3 in self.countries else -1
        at = np.flatnonzero(own == code)
        if not at.size:
            why = "there is no geography of it" if iso3 in self.left_out else "it has no rows"
            raise NotEnoughData(f"the gravity model of {self._name} does not hold {iso3}: {why}")
        return at, np.array(self.countries)[other[at]], self._observed(at)

    def _ends(self, end: End) -> tuple[Ints, Ints]:
        """Codes of the countries at an end of each pair, and of those at the other."""
        if end not in ENDS:
            raise BadRequest(f"end {end!r}: give origin or partner")
        both = self.model.origin, self.model.partner
        return both if end == "origin" else both[::-1]

    def _observed(self, at: Ints) -> Array:
        """What was observed of pairs; NaN where it is unknown or part of a pool."""
        observed = self.model.flow[at]
        return np.where(np.isnan(self.most[at]), observed, np.nan)

    def _expected(self, at: Ints) -> tuple[Array, Array]:
        origin, partner = self.model.origin[at], self.model.partner[at]
        names = np.array(self.countries)
        return self.model.expected(covariates(names[origin], names[partner]), origin, partner)

    @property
    def _name(self) -> str:
        return f"{self.measure} {self.year}" if self.year is not None else self.measure


def _over(observed: float, expected: Array) -> Array:
    """Excess in draws; NaN where nothing is expected."""
    found: Array = np.divide(observed, expected, out=np.full(len(expected), np.nan), where=expected > 0)
    return found


def covariates(origin: Collection[str] | NDArray[np.str_], partner: Collection[str] | NDArray[np.str_]) -> Array:
    """What lies between countries, for the gravity model.

    Parameters
    ----------
    origin, partner : ISO3 codes of each pair

    Returns
    -------
    array, shape (pair, regressor)
        `COVARIATES`: the logarithm of the distance in km, then 0 or 1; NaN where there is no geography of the pair.

    >>> covariates(["KAZ"], ["RUS"]).round(2).tolist()
    [[7.67, 1.0, 1.0, 1.0, 1.0, 0.0]]
    """
    pairs = pl.DataFrame({"origin": list(origin), "partner": list(partner)}, schema=dict.fromkeys(ENDS, pl.String))
    found = pairs.join(geography(), on=ENDS, how="left", maintain_order="left")
    table = found.select(pl.col("distance_km").log(), *(pl.col(name).cast(pl.Float64) for name in COVARIATES[1:]))
    return table.fill_null(np.nan).to_numpy()


def world_model(
    measure: str, year: int, *, draws: int = DRAWS, seed: int = SEED, tell: Progress = lambda _: None
) -> WorldModel:
    """The model of a bundled measure in one year, from the cache where it has been fitted before.

    Parameters
    ----------
    measure : name of `softpower.evidence.measures`
    year : of its rows
    draws, seed : of the intervals
    tell : called with a line of text before each long step

    Raises
    ------
    UnknownIndicator
        No such measure.
    NotEnoughData
        It has no rows of that year, or too few for a model.
    BadTable
        A value is negative: net positions have no gravity.
    """
    name = f"{measure} {year}"
    rows = ties(measure).filter(pl.col("year") == year)
    if rows.is_empty():
        years = sorted(ties(measure)["year"].unique())
        raise NotEnoughData(f"{measure} has no rows of {year}; it has {', '.join(map(str, years))}")
    pools = student_pools(year, rows) if measure == STUDENTS else None
    table = tabled(rows, WITHOUT_ROW.get(measure, "unknown"), pools, name)

    def make() -> bytes:
        return pack(_fit(table, draws, seed, tell))

    return _world(measure, year, table, unpack(storage.cached(_key(measure, year, draws, seed), make)))


@lru_cache(maxsize=8)
def shared_model(measure: str, year: int) -> WorldModel:
    """`world_model` with its defaults, held in memory: for those who look at many countries."""
    return world_model(measure, year)


def model_of(
    frame: pl.DataFrame,
    *,
    absent: Missing,
    pools: Mapping[str, float] | None = None,
    measure: str = "ties",
    year: int | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
    tell: Progress = lambda _: None,
) -> WorldModel:
    """The model of a table of ties of one's own.

    Parameters
    ----------
    frame : columns ``origin``, ``partner`` (ISO3) and ``value``, each pair once; of one year
    absent : what it means that a pair has no row: "zero", "unlisted" (unknown, and at most the smallest value that its
        partner lists), "unknown" (the model does without it), or "pooled"
    pools : with "pooled", by origin the sum of what it sends to those partners of the table with which it has no row;
        of an origin without a pool nobody knows it
    measure, year : what the values are, for messages
    draws, seed : of the intervals

    Raises
    ------
    BadTable
        A column is missing; a pair stands in two rows; a value is missing or negative.
    NotEnoughData
        Too few countries have geography.
    """
    name = measure if year is None else f"{measure} {year}"
    if (absent == "pooled") != (pools is not None):
        raise BadRequest(f"{name}: give pools where absent pairs are pooled, and nowhere else")
    table = tabled(frame, absent, pools, name)
    return _world(measure, year, table, _fit(table, draws, seed, tell))


def _world(measure: str, year: int | None, table: TieTable, model: Gravity) -> WorldModel:
    # A model of pooled ties does without some of the pairs; none of them is unlisted.
    unlisted = np.isfinite(table.most).any()
    most = table.most if unlisted else np.full(len(model.flow), np.nan)
    return WorldModel(measure, year, table.countries, table.left_out, most, model)


def _fit(table: TieTable, draws: int, seed: int, tell: Progress) -> Gravity:
    names = np.array(table.countries)
    x = covariates(names[table.origin], names[table.partner])
    flow = filled(table.flow, table.most, x, table.origin, table.partner)
    named = np.isfinite(flow)
    pools = None if named.all() else table.pools
    return gravity(flow, x, table.origin, table.partner, named=named, pools=pools, draws=draws, seed=seed, tell=tell)


def _key(measure: str, year: int, draws: int, seed: int) -> str:
    """Name under which a model is kept: everything that decides its bytes."""
    modules = (
        "vectors/gravity",
        "vectors/tietable",
        "vectors/unlisted",
        "vectors/excess",
        "vectors/pairtable",
        "vectors/ppml",
        "evidence",
    )
    parts = [
        json.dumps([measure, year, draws, seed]),
        storage.data_version(),
        storage.code_version(*modules),
        *(version(name) for name in ("numpy", "scipy", "polars")),
    ]
    return f"gravity-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"
