"""World models: what gravity expects of the ties between all countries in one year, and so of each.

A model is fitted to all countries that have geography and at least one row of the measure, territories too: the
estimator weighs pairs by what flows, so that tiny ones hardly matter to the others. Their own excess ties rest on
little: where 0.02 persons are expected, one is an excess of 50. Read an excess beside what was observed.

What an absent pair means differs by measure. Where it is none, all pairs are filled in. But a host that lists few
origins lumps the others together: the fit then takes those not listed as zero, for they are small, while what was
observed of them, and so their excess, is unknown. Students are pooled: beyond its largest hosts, what an origin sends
is one number. For all other measures the model holds only pairs that have a row, and compares ties with other ties.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower import storage
from softpower.errors import BadRequest, BadTable, NotEnoughData
from softpower.evidence import geography, student_view, ties
from softpower.vectors.excess import DRAWS, SEED, Gravity, Progress, excess, gravity, pack, unpack
from softpower.vectors.layers import Absent, End

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
# Measures of which a pair without a row has none. Those that state their zeros need no filling.
NONE_WITHOUT_ROW: Final = frozenset({"airline_routes", "airport_pairs", "asylum_seekers", "migrant_stock", "refugees"})
# By measure, hosts that list fewer origins than this lump the others together.
FEWEST_LISTED: Final[Mapping[str, int]] = {"migrant_stock": 50}
# Rows and sums that a model remembers.
MEMORY: Final = 24
STUDENTS: Final = "students_inbound"
_ENDS: Final = ("origin", "partner")


@dataclass(frozen=True, eq=False)
class GroupExcess:
    """The ties of a country with a group of others, beside what gravity expects of them together.

    Attributes
    ----------
    observed, expected : sums over the members counted
    excess, low, high : observed over expected, with its 90% interval; NaN where no member could be counted
    members : ISO3 codes of the members counted, sorted
    pooled : those among them whose ties are known as part of a pool only: ``observed`` has the part the model gives
        them, and the interval reaches from none to the whole pool
    unknown : members not counted, since what was observed or expected is unknown
    draws : of the excess, shape (draw,), the same draw of any two groups of one model in the same world
    """

    observed: float
    expected: float
    excess: float
    low: float
    high: float
    members: tuple[str, ...]
    pooled: tuple[str, ...]
    unknown: tuple[str, ...]
    draws: Array


@dataclass(frozen=True)
class WorldModel:
    """A gravity model of one kind of ties between all countries.

    Attributes
    ----------
    measure, year : what was fitted; the year is None where a table of one's own names none
    countries : ISO3 codes by code of the model, sorted
    left_out : countries with rows but without geography, sorted
    incomplete : partners that do not list all origins, sorted: a pair with them that has no row is unknown
    model : the fit and its draws
    """

    measure: str
    year: int | None
    countries: tuple[str, ...]
    left_out: tuple[str, ...]
    incomplete: tuple[str, ...]
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
            ``high`` (90% interval of the excess). Null is unknown.

        Raises
        ------
        NotEnoughData
            The model does not hold the country.
        """
        at, others, observed = self._at(iso3, end)
        expected, draws = self._remembered((iso3, end), lambda: self._expected(at))
        value, low, high = excess(observed, expected, draws)
        columns = {"observed": observed, "expected": expected, "excess": value, "low": low, "high": high}
        frame = pl.DataFrame({"partner": others, **columns}, schema_overrides={"partner": pl.String})
        return frame.with_columns(pl.col(*columns).fill_nan(None)).sort("partner")

    def group(self, iso3: str, end: End, members: Collection[str]) -> GroupExcess:
        """The ties of a country with several others together; arguments and errors as for `row`."""
        at, others, observed = self._at(iso3, end)
        expected, draws = self._remembered((iso3, end), lambda: self._expected(at))
        chosen = np.isin(others, list(members)) & np.isfinite(expected)
        pooled = chosen & np.isnan(self.model.flow[at])
        counted = pooled | (chosen & np.isfinite(observed))
        parts = np.where(pooled, self.model.shared_out[at], np.nan_to_num(observed))[counted].sum()
        named = float(np.nan_to_num(observed)[counted].sum())
        pools = float(self.model.pools[np.unique(self.model.origin[at][pooled])].sum())
        mean, drawn = expected[counted].sum(), draws[:, counted].sum(axis=1)
        if counted.any():
            value, low, high = excess(
                np.array([parts, named, named + pools]), np.full(3, mean), np.tile(drawn[:, None], 3)
            )
        else:
            value = low = high = np.full(3, np.nan)
        return GroupExcess(
            observed=float(parts),
            expected=float(mean),
            excess=float(value[0]),
            low=float(low[1]),
            high=float(high[2]),
            members=tuple(sorted(others[counted].tolist())),
            pooled=tuple(sorted(others[pooled].tolist())),
            unknown=tuple(sorted(set(members) - set(others[counted].tolist()) - {iso3})),
            draws=parts / drawn if counted.any() else np.full(len(drawn), np.nan),
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
            known as part of a pool only are left out.
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
        if end not in _ENDS:
            raise BadRequest(f"end {end!r}: give origin or partner")
        both = self.model.origin, self.model.partner
        return both if end == "origin" else both[::-1]

    def _observed(self, at: Ints) -> Array:
        """What was observed of pairs; NaN where it is unknown or part of a pool."""
        observed = self.model.flow[at]
        unlisted = np.isin(self.model.partner[at], [self.countries.index(each) for each in self.incomplete])
        return np.where(unlisted & (observed == 0), np.nan, observed)

    def _expected(self, at: Ints) -> tuple[Array, Array]:
        origin, partner = self.model.origin[at], self.model.partner[at]
        names = np.array(self.countries)
        return self.model.expected(covariates(names[origin], names[partner]), origin, partner)

    @property
    def _name(self) -> str:
        return f"{self.measure} {self.year}" if self.year is not None else self.measure


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
    pairs = pl.DataFrame({"origin": list(origin), "partner": list(partner)}, schema=dict.fromkeys(_ENDS, pl.String))
    found = pairs.join(geography(), on=_ENDS, how="left", maintain_order="left")
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
    pools = _student_pools(year, rows) if measure == STUDENTS else None
    absent: Absent = "pooled" if pools is not None else "zero" if measure in NONE_WITHOUT_ROW else "unknown"
    table = _tabled(rows, absent, pools, name, fewest=FEWEST_LISTED.get(measure, 0))

    def make() -> bytes:
        return pack(table.fit(draws, seed, tell))

    return table.world(measure, year, unpack(storage.cached(_key(measure, year, draws, seed), make)))


@lru_cache(maxsize=8)
def shared_model(measure: str, year: int) -> WorldModel:
    """`world_model` with its defaults, held in memory: for those who look at many countries."""
    return world_model(measure, year)


def model_of(
    frame: pl.DataFrame,
    *,
    absent: Absent,
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
    absent : what it means that a pair has no row: "zero", "unknown" (the model does without it), or "pooled"
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
    table = _tabled(frame, absent, pools, name)
    return table.world(measure, year, table.fit(draws, seed, tell))


@dataclass(frozen=True)
class _Table:
    """Ties as arrays, with what a model says of them besides."""

    flow: Array
    origin: Ints
    partner: Ints
    named: Flags
    pools: Array
    countries: tuple[str, ...]
    left_out: tuple[str, ...]
    incomplete: tuple[str, ...]

    def fit(self, draws: int, seed: int, tell: Progress) -> Gravity:
        names = np.array(self.countries)
        x = covariates(names[self.origin], names[self.partner])
        pools = None if self.named.all() else self.pools
        return gravity(
            self.flow, x, self.origin, self.partner, named=self.named, pools=pools, draws=draws, seed=seed, tell=tell
        )

    def world(self, measure: str, year: int | None, model: Gravity) -> WorldModel:
        return WorldModel(measure, year, self.countries, self.left_out, self.incomplete, model)


def _tabled(
    frame: pl.DataFrame, absent: Absent, pools: Mapping[str, float] | None, name: str, *, fewest: int = 0
) -> _Table:
    """Rows as arrays; ``fewest`` is the number of origins below which a partner does not list all."""
    if absent not in ("zero", "unknown", "pooled"):
        raise BadRequest(f"absent {absent!r}: give zero, unknown or pooled")
    _check(frame, name)
    rows = frame.select(*_ENDS, pl.col("value").cast(pl.Float64)).filter(pl.col("origin") != pl.col("partner"))
    listed = rows.group_by("partner").len().filter(pl.col("len") < fewest)["partner"]
    placed = geography().select(_ENDS)
    known = set(placed["origin"])
    named = {*rows["origin"], *rows["partner"]}
    rows = rows.filter(pl.col("origin").is_in(list(known)), pl.col("partner").is_in(list(known)))
    countries = sorted({*rows["origin"], *rows["partner"]})
    if absent != "unknown":
        within = placed.filter(pl.col("origin").is_in(countries), pl.col("partner").is_in(countries))
        if absent == "pooled":
            within = within.filter(
                pl.col("origin").is_in(rows["origin"].implode()), pl.col("partner").is_in(rows["partner"].implode())
            )
        rows = within.join(rows, on=_ENDS, how="left")
        rows = rows.with_columns(pl.col("value").fill_null(0.0)) if absent == "zero" else rows
    rows = rows.sort(_ENDS)
    if rows.is_empty():
        raise NotEnoughData(f"{name}: no pair of countries with geography has a row")
    code = {iso3: k for k, iso3 in enumerate(countries)}
    flow = rows["value"].fill_null(np.nan).to_numpy()
    origin, partner = (rows[end].replace_strict(code, return_dtype=pl.Int64).to_numpy() for end in _ENDS)
    seen = np.isfinite(flow)
    rest = np.array([(pools or {}).get(iso3, np.nan) for iso3 in countries], dtype=float)
    rest[np.bincount(origin[~seen], minlength=len(countries)) == 0] = np.nan
    return _Table(
        flow=flow,
        origin=origin,
        partner=partner,
        named=seen,
        pools=rest,
        countries=tuple(countries),
        left_out=tuple(sorted(named - known)),
        incomplete=tuple(sorted(set(listed) & set(countries))),
    )


def _check(frame: pl.DataFrame, name: str) -> None:
    if missing := [each for each in (*_ENDS, "value") if each not in frame.columns]:
        raise BadTable(f"{name}: the table of ties lacks the column {missing[0]}; it needs origin, partner and value")
    if not frame["value"].dtype.is_numeric():
        raise BadTable(f"{name}: the column value holds {frame['value'].dtype} and no numbers")
    faults = {
        "no value": frame["value"].is_null() | ~frame["value"].cast(pl.Float64).is_finite(),
        "a negative value, which gravity cannot have": frame["value"] < 0,
        "more than one row; give the rows of one year and measure": frame.select(_ENDS).is_duplicated(),
    }
    for what, bad in faults.items():
        if bad.fill_null(False).any():
            first = frame.filter(bad.fill_null(False)).row(0, named=True)
            raise BadTable(f"{name}: {first['origin']} to {first['partner']} has {what} ({bad.sum()} such)")


def _student_pools(year: int, rows: pl.DataFrame) -> dict[str, float]:
    """By origin, the students whom neither view names a host for.

    The view by origin pools what goes to hosts beyond the ten largest; the view by host names some of these.
    """
    view = student_view("hosts_of_origin").filter(pl.col("year") == year)
    beyond = rows.join(view, on=_ENDS, how="anti").group_by("origin").agg(pl.col("value").sum().alias("named"))
    pooled = view.filter(pl.col("partner") == "_OTHER").select("origin", pool="value")
    origins = view.select("origin").unique().join(pooled, on="origin", how="left").join(beyond, on="origin", how="left")
    rest = origins.select("origin", rest=(pl.col("pool").fill_null(0) - pl.col("named").fill_null(0)).clip(0))
    return dict(rest.iter_rows())


def _key(measure: str, year: int, draws: int, seed: int) -> str:
    """Name under which a model is kept: everything that decides its bytes."""
    modules = ("vectors/gravity", "vectors/excess", "vectors/pairtable", "vectors/ppml", "evidence")
    parts = [
        json.dumps([measure, year, draws, seed]),
        storage.data_version(),
        storage.code_version(*modules),
        *(version(name) for name in ("numpy", "scipy", "polars")),
    ]
    return f"gravity-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"
