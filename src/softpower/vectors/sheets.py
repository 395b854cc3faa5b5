"""Roll calls of some years, and of a topic if asked for, as one table: what resampling draws from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.agreement import Ballots
from softpower.vectors.assembly import YEAR_ZERO, Assembly
from softpower.vectors.questions import same_question
from softpower.vectors.votes import bundled_assembly

Ints = NDArray[np.int64]

# Topics as Voeten's files mark them; a roll call may have several or none.
TOPICS: Final = MappingProxyType(
    {
        "co": "colonialism",
        "di": "arms control and disarmament",
        "ec": "economic development",
        "hr": "human rights",
        "me": "Middle East and Palestine",
        "nu": "nuclear weapons and nuclear energy",
    }
)
# Where a file marks the same roll calls of a session with all three of these, it has one list for three topics (session
# 74 of the bundled votes, by its titles arms control): the other two are then not known.
_KEPT, _ONE_LIST, _FEWEST_ALIKE = "di", ("co", "di", "ec"), 3


@dataclass(frozen=True, eq=False)
class Sheet:
    """Ballots, and what each roll call is.

    Attributes
    ----------
    ballots : shape (roll call, state): 1 yes, 2 abstain, 3 no, 0 absent
    year : of the session, its number plus 1945, shape (roll call,)
    titles : texts that may be the title of each roll call
    states : codes of the columns, sorted
    first, last : years that were asked for
    topic : code of the topic; empty for all roll calls
    """

    ballots: Ballots
    year: Ints
    titles: tuple[tuple[str | None, ...], ...]
    states: tuple[str, ...]
    first: int
    last: int
    topic: str

    @cached_property
    def question(self) -> Ints:
        """Codes from 0; roll calls of one code put the same question again, shape (roll call,)."""
        return same_question(self.year, self.titles)

    @property
    def span(self) -> str:
        """The years and the topic in words."""
        years = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return f"{years} on {TOPICS[self.topic]}" if self.topic else years

    def at(self, iso3: str) -> int:
        """The column of a state that voted.

        Raises
        ------
        BadRequest
            It cast no ballot on these roll calls.
        """
        if iso3 not in self.states or not self.ballots[:, self.states.index(iso3)].any():
            raise BadRequest(f"{iso3} cast no ballot in {self.span}; name a state that voted, by its ISO3 code")
        return self.states.index(iso3)


def sheet(
    found: Assembly | None = None, *, first: int | None = None, last: int | None = None, topic: str | None = None
) -> Sheet:
    """Roll calls of the sessions of ``first`` to ``last``.

    Parameters
    ----------
    found : by default the bundled roll calls without those on paragraphs and amendments
    first, last : years of sessions; by default all there are
    topic : a code of `TOPICS`

    Raises
    ------
    BadRequest
        A year that the votes do not cover, or in the wrong order, or an unknown topic.
    NotEnoughData
        No roll call of these years has the topic.

    >>> sheet(first=2019, last=2019, topic="nu").ballots.shape
    (17, 199)
    """
    if found is None:
        return _bundled_sheet(first, last, topic)
    return _sheet(found, first, last, topic)


@lru_cache(maxsize=8)
def _bundled_sheet(first: int | None, last: int | None, topic: str | None) -> Sheet:
    return _sheet(_bundled(), first, last, topic)


def _sheet(votes: Assembly, first: int | None, last: int | None, topic: str | None) -> Sheet:
    if not votes.sessions:
        raise NotEnoughData("the votes hold no roll call")
    years = [session + YEAR_ZERO for session in votes.sessions]
    first, last = years[0] if first is None else first, years[-1] if last is None else last
    outside = [year for year in (first, last) if not years[0] <= year <= years[-1]]
    if outside:
        raise BadRequest(
            f"no votes of {outside[0]}: those at hand are of sessions of {years[0]}-{years[-1]}.  Ask for years within "
            "or give a newer file of votes: --data FILE, in Python found=softpower.vectors.votefiles.read_votes(...)"
        )
    if first > last:
        raise BadRequest(f"years {first}-{last}: the first lies after the last")
    calls = votes.calls.filter((pl.col("session") + YEAR_ZERO).is_between(first, last)).sort("rcid")
    if topic is not None:
        calls = _on(calls, topic, span=f"{first}-{last}" if first < last else f"{first}")
    number = calls["session"].to_numpy().astype(np.int64)
    return Sheet(
        ballots=_table(votes, calls),
        year=number + YEAR_ZERO,
        titles=tuple(calls.select("short", "descr").iter_rows()),
        states=votes.states,
        first=first,
        last=last,
        topic=topic or "",
    )


@lru_cache
def _bundled() -> Assembly:
    return bundled_assembly().whole()


def _table(votes: Assembly, calls: pl.DataFrame) -> Ballots:
    """The ballots on some roll calls, which are sorted, shape (roll call, state)."""
    number = calls["rcid"].to_numpy()
    rows = votes.ballots.join(calls.select("rcid"), on="rcid", how="semi")
    table = np.zeros((len(number), len(votes.states)), dtype=np.int8)
    state = rows["iso3"].replace_strict({iso3: at for at, iso3 in enumerate(votes.states)}, return_dtype=pl.Int64)
    table[np.searchsorted(number, rows["rcid"].to_numpy()), state.to_numpy()] = rows["vote"].to_numpy()
    return table


def on_topic(found: Assembly, topic: str) -> Assembly:
    """Only the roll calls that are marked with a topic, a code of `TOPICS`; errors as for `sheet`."""
    years = [session + YEAR_ZERO for session in found.sessions]
    return found.of(_on(found.calls, topic, span=f"{years[0]}-{years[-1]}"))


def _on(calls: pl.DataFrame, topic: str, *, span: str) -> pl.DataFrame:
    """The roll calls that are marked with a topic, without sessions whose marks do not tell it from others."""
    if topic not in TOPICS:
        known = ", ".join(f"{code} ({name})" for code, name in TOPICS.items())
        raise BadRequest(f"unknown topic {topic[:40]!r}; give one of {known}")
    # Publishers separate by a bar, people by blanks.
    marks = pl.col("issues").fill_null("").str.replace_all(r"[^a-z]+", "|").str.split("|")
    blurred: list[int] = []
    if topic in _ONE_LIST and topic != _KEPT:
        marked = calls.select("session", *(marks.list.contains(each).alias(each) for each in _ONE_LIST))
        by_session = marked.group_by("session").agg(
            alike=pl.all_horizontal(pl.col(each) == pl.col(_KEPT) for each in _ONE_LIST).all(), n=pl.col(_KEPT).sum()
        )
        blurred = by_session.filter(pl.col("alike") & (pl.col("n") >= _FEWEST_ALIKE))["session"].to_list()
    kept = calls.filter(marks.list.contains(topic) & ~pl.col("session").is_in(blurred))
    if kept.is_empty():
        why = f"the marks of session {blurred[0]} do not tell it from {TOPICS[_KEPT]}" if blurred else "none is marked"
        raise NotEnoughData(f"no roll call of {span} on {TOPICS[topic]}: {why}.  Ask for more years or all topics")
    return kept
