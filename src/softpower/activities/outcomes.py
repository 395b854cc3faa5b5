"""Outcomes that an activity might have moved: panels from series of the snapshot and from ties.

In a panel of a series the units are countries: the treated one is as a rule who acts, and all others whose series is
whole are donors. In a panel of a tie the units are its partners: the treated ones are those at whom the activity was
aimed. Periods are those around the start in which the treated have values, without a gap.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.activities.effects.panel import Panel
from softpower.errors import BadRequest, NotEnoughData
from softpower.evidence import indicator, observations
from softpower.evidence.tablefile import shown
from softpower.evidence.ties import measures, ties
from softpower.world import find

Array = NDArray[np.float64]
# As measured; as natural logarithms, so that effects are relative; as per cent of the mean before the start.
As = Literal["level", "log", "index"]
AS: Final = ("level", "log", "index")
TIE: Final = "ties:"
# What a publisher calls a series, after its name.
_CODE: Final = re.compile(r"\s*\([A-Z0-9_. ]+\)$")
# Faults of a table that a message lists.
_LISTED: Final = 5


@dataclass(frozen=True, eq=False)
class Outcome:
    """What may have changed, for whom, and where that is known from.

    Attributes
    ----------
    title, unit : for pages
    units : ISO3 codes or names
    times : periods, sorted
    value : shape (unit, time), NaN unknown, as measured
    treated : the units that had the activity, places in ``units``
    start : place in ``times`` of the first period after the start
    scale : as what the effect is estimated
    sources : ids of the registry; empty for a table of one's own
    left_out : units whose series is not whole, sorted
    labels : what pages call the periods
    """

    title: str
    unit: str
    units: tuple[str, ...]
    times: tuple[Any, ...]
    value: Array
    treated: tuple[int, ...]
    start: int
    scale: As = "level"
    sources: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def donors(self) -> tuple[str, ...]:
        """Units that did not have the activity."""
        return tuple(each for at, each in enumerate(self.units) if at not in self.treated)

    @property
    def scaled(self) -> Array:
        """The values as what the effect is estimated of."""
        if self.scale == "log":
            return np.log(self.value)
        if self.scale == "index":
            mean: Array = self.value[:, : self.start].mean(axis=1, keepdims=True)
            return 100 * self.value / mean
        return self.value

    def panel(self) -> Panel:
        """As the estimators take it.

        Raises
        ------
        NotEnoughData
            There is no donor, or nothing changes.
        """
        start = np.full(len(self.units), len(self.times))
        start[list(self.treated)] = self.start
        return Panel(self.scaled, start, self.units, self.times)


def of_series(
    id: str,
    treated: Sequence[str],
    start: int,
    *,
    end: int | None = None,
    without: Collection[str] = (),
    donors: Collection[str] = (),
    scale: As | None = None,
) -> Outcome:
    """A series of the snapshot, with countries as units.

    Parameters
    ----------
    id : of `softpower.evidence.indicators`
    treated : ISO3 codes
    start : first year after the activity began
    end : last year looked at, by default the last of the treated
    without : ISO3 codes that are no donors, for they had the like or felt it
    donors : the only donors, by default all that have whole series
    scale : by default logarithms where all values are above zero and the series is no share, index or rate

    Raises
    ------
    UnknownIndicator, NotEnoughData, BadRequest
    """
    series = indicator(id)
    rows = observations([id]).select(unit="iso3", time="year", value="value")
    found = around(rows, treated, start, end=end, without=without, donors=donors, what=f"{series.name} ({id})")
    title = _CODE.sub("", series.name)
    return taken_as(found, scale, title=title[:1].lower() + title[1:], unit=series.unit, sources=(series.source_id,))


def of_ties(
    measure: str,
    home: str,
    treated: Sequence[str],
    start: int,
    *,
    toward: Literal["home", "partners"] = "home",
    end: int | None = None,
    without: Collection[str] = (),
    donors: Collection[str] = (),
    scale: As | None = None,
) -> Outcome:
    """The ties of a country, with its partners as units.

    Parameters
    ----------
    measure : of `softpower.evidence.measures`
    home : whose ties
    toward : whether what flows to the country is looked at, or what flows from it; others as for `of_series`
    """
    if measure not in measures():
        raise BadRequest(f"no measure of ties is called {shown(measure)}; there are {', '.join(measures())}")
    own, other = ("partner", "origin") if toward == "home" else ("origin", "partner")
    all_rows = ties(measure).filter(pl.col(own) == home)
    rows = all_rows.select("year", unit=other, time="year", value="value")
    arrow = "to" if toward == "home" else "from"
    found = around(rows, treated, start, end=end, without=without, donors=donors, what=f"{measure} {arrow} {home}")
    named = all_rows.select("unit", "source_id").unique().rows()
    return taken_as(
        found,
        scale,
        title=f"{measure} {arrow} {home}",
        unit=named[0][0] if named else "",
        sources=tuple(sorted({each for _, each in named})),
    )


def around(
    rows: pl.DataFrame,
    treated: Sequence[str],
    start: float,
    *,
    what: str,
    end: float | None = None,
    without: Collection[str] = (),
    donors: Collection[str] = (),
) -> Outcome:
    """A whole table around a start: periods in which the treated have values, and units that have them in all.

    Parameters
    ----------
    rows : columns ``unit``, ``time`` (numbers) and ``value``, finite, each unit and period once
    what : the outcome, for messages; others as for `of_series`

    Raises
    ------
    BadRequest, NotEnoughData
        Nobody is treated, or the treated have no value right before or after the start.
    """
    treated = tuple(dict.fromkeys(treated))
    if not treated:
        raise BadRequest("nobody is treated; name at least one unit")
    known = set(rows["unit"].unique())
    if lacking := [each for each in treated if each not in known]:
        raise NotEnoughData(f"{what} has no value of {', '.join(map(shown, lacking[:_LISTED]))}")
    # A name that no unit has: none is empty.
    wide = rows.rename({"time": ""}).pivot(on="unit", index="", values="value").sort("")
    times = wide[""].to_numpy().astype(float)
    mine = np.isfinite(wide.select(treated).to_numpy().astype(float)).all(axis=1)
    if end is not None:
        mine &= times <= end
    kept = _unbroken(times, mine, start, what)
    names = [name for name in wide.columns if name]
    value = wide.select(names).to_numpy().astype(float)[kept].T
    whole = np.isfinite(value).all(axis=1)
    out = set(without) | ((set(names) - set(donors) - set(treated)) if donors else set())
    chosen = [at for at, name in enumerate(names) if name in treated or (whole[at] and name not in out)]
    when = times[kept]
    return Outcome(
        title=what,
        unit="",
        units=tuple(names[at] for at in chosen),
        times=tuple(int(each) if each == int(each) else float(each) for each in when),
        value=value[chosen],
        treated=tuple(at for at, place in enumerate(chosen) if names[place] in treated),
        start=int(np.searchsorted(when, start)),
        left_out=tuple(sorted(name for at, name in enumerate(names) if not whole[at] and name not in out)),
        labels=tuple(_written(each) for each in when),
    )


def _written(period: float) -> str:
    """A period as people write it: 2017, 0.25."""
    return np.format_float_positional(period, trim="-")


def _unbroken(times: Array, known: NDArray[np.bool_], start: float, what: str) -> NDArray[np.int64]:
    """Places of the longest run of periods without a gap of the treated that reaches over the start."""
    inside = known & (times >= start)
    if not inside.any():
        raise NotEnoughData(
            f"{what} has no value of the treated from {_written(start)} on; the last is of "
            f"{_written(times[known].max())}"
            if known.any()
            else f"{what} has no period in which all the treated have values"
        )
    after = int(np.flatnonzero(times >= start)[0])
    if not known[after] or after == 0 or not known[after - 1]:
        raise NotEnoughData(f"{what} has no values of the treated right before and after {_written(start)}")
    low = after - 1
    while low > 0 and known[low - 1]:
        low -= 1
    high = after
    while high + 1 < len(times) and known[high + 1]:
        high += 1
    return np.arange(low, high + 1)


# Units in which a relative change says nothing, by words in their names.
_NOT_RELATIVE: Final = ("%", "per cent", "percent", "share", "index", "score", "scale", "rank", "estimate", "0-")


def taken_as(found: Outcome, scale: As | None, *, title: str, unit: str, sources: tuple[str, ...]) -> Outcome:
    """The outcome on a scale, with its names; the default is logarithms where relative changes say something.

    Raises
    ------
    BadRequest
        There is no such scale, or a value has no place on it.
    """
    if scale is None:
        positive = bool((found.value > 0).all())
        scale = "log" if positive and unit and not any(each in unit.casefold() for each in _NOT_RELATIVE) else "level"
    if scale not in AS:
        raise BadRequest(f"an outcome is taken as {', '.join(AS)}, not {shown(str(scale))}")
    if scale == "log" and not (found.value > 0).all():
        at, when = np.argwhere(found.value <= 0)[0]
        raise BadRequest(
            f"{title}: {found.units[at]} has {found.value[at, when]:g} in {found.times[when]}, which has no logarithm; "
            "take it as level, or leave the unit out"
        )
    if scale == "index" and not (found.value[:, : found.start].mean(axis=1) > 0).all():
        raise BadRequest(f"{title}: a unit has a mean of zero or less before the start; take it as level")
    return replace(found, title=title, unit=unit, scale=scale, sources=sources)


def country_codes(names: Sequence[str]) -> tuple[str, ...]:
    """ISO3 codes of countries by name or code."""
    return tuple(find(each).iso3 for each in names)
