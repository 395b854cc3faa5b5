"""Roll calls of the General Assembly: who cast which ballot on what, from the bundled file or a newer one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.errors import BadTable
from softpower.vectors.agreement import Ballots
from softpower.vectors.ideal_points import Votes
from softpower.vectors.questions import same_question

Ints = NDArray[np.int64]

# Year in which the first session began, less one: the year of a session is its number plus this, as in Voeten's files,
# also where roll calls were held in the year after.
YEAR_ZERO = 1945


@dataclass(frozen=True, eq=False)
class Assembly:
    """Ballots and roll calls.

    Attributes
    ----------
    ballots : columns ``rcid`` (roll call), ``iso3``, ``vote`` (1 yes, 2 abstain, 3 no); an absence is no row
    calls : one row for each roll call: ``rcid``, ``session``, ``is_part`` (on a paragraph or an amendment; null where
        nobody says), ``short``, ``descr`` (texts), ``issues`` (topics, separated by "|", or null)
    """

    ballots: pl.DataFrame
    calls: pl.DataFrame

    def whole(self) -> Assembly:
        """Without roll calls on single paragraphs and on amendments, as published ideal points are."""
        return self.of(self.calls.filter(~pl.col("is_part").fill_null(False)))

    def of(self, calls: pl.DataFrame) -> Assembly:
        """Only these roll calls."""
        return Assembly(self.ballots.join(calls.select("rcid"), on="rcid", how="semi"), calls)

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Codes of all that ever voted, sorted."""
        return tuple(self.ballots["iso3"].unique().sort().to_list())

    @cached_property
    def sessions(self) -> tuple[int, ...]:
        """Numbers of the sessions with roll calls, ascending."""
        return tuple(self.calls["session"].unique().sort().to_list())

    def table(self, session: int) -> Ballots:
        """The ballots of one session, shape (roll call, state); 0 where absent."""
        calls = self.calls.filter(pl.col("session") == session)["rcid"].sort()
        rows = self.ballots.filter(pl.col("rcid").is_in(calls.implode()))
        table = np.zeros((len(calls), len(self.states)), dtype=np.int8)
        at = np.searchsorted(calls.to_numpy(), rows["rcid"].to_numpy())
        table[at, self._state(rows)] = rows["vote"].to_numpy()
        return table

    def votes(self) -> Votes:
        """The ballots as `softpower.vectors.ideal_points` takes them; sessions count from the first one held."""
        calls = self.calls.sort("rcid")
        question = same_question(
            calls["session"].to_numpy().astype(np.int64), list(calls.select("short", "descr").iter_rows())
        )
        rows = self.ballots.sort("rcid", "iso3")
        call = np.searchsorted(calls["rcid"].to_numpy(), rows["rcid"].to_numpy())
        session = calls["session"].to_numpy().astype(np.int64) - self.sessions[0]
        return Votes(
            state=self._state(rows),
            session=session[call],
            question=question[call],
            answer=rows["vote"].to_numpy().astype(np.int64) - 1,
            states=len(self.states),
            sessions=self.sessions[-1] - self.sessions[0] + 1,
        )

    def _state(self, rows: pl.DataFrame) -> Ints:
        return np.searchsorted(np.array(self.states), rows["iso3"].to_numpy().astype(str)).astype(np.int64)


def assembly(ballots: pl.DataFrame, calls: pl.DataFrame, *, where: str) -> Assembly:
    """Check what was read.

    Raises
    ------
    BadTable
        A ballot of another kind than the three, twice cast, or on a roll call that is not listed.
    """
    odd = ballots.filter(~pl.col("vote").is_in([1, 2, 3]))
    if odd.height:
        raise BadTable(f"{where}: {odd.height} ballots are neither 1 (yes), 2 (abstain) nor 3 (no): {_first(odd)}")
    twice = ballots.filter(pl.struct("rcid", "iso3").is_duplicated())
    if twice.height:
        raise BadTable(f"{where}: {twice.height} ballots share roll call and state: {_first(twice)}")
    lost = ballots.join(calls, on="rcid", how="anti")
    if lost.height:
        raise BadTable(f"{where}: {lost.height} ballots belong to roll calls that are not listed: {_first(lost)}")
    return Assembly(ballots, calls.sort("rcid"))


def _first(rows: pl.DataFrame) -> str:
    return ", ".join(f"{name} {value}" for name, value in rows.row(0, named=True).items())
