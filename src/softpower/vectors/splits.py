"""With whom a state votes where two poles oppose each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.kept import kept
from softpower.vectors.sheets import sheet
from softpower.vectors.voting import pole_choices
from softpower.world import Vector

# Years of sessions that are looked at: opposition of two poles on a roll call is rare.
SPAN = 13


@dataclass(frozen=True, slots=True)
class Choice:
    """How often a state took one side, as a share of its ballots on such roll calls, with the 90% interval."""

    n: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Split:
    """The ballots of a state where one pole said yes and the other no.

    Attributes
    ----------
    one, other : the poles, single states
    first, last : years of sessions
    n_votes, n_questions : roll calls on which the state cast a ballot, and different questions among them: intervals
        count a question once, however often it is put again
    with_one, with_other, abstained : what it did
    median : share with the first pole of the median state
    """

    one: Vector
    other: Vector
    first: int
    last: int
    n_votes: int
    n_questions: int
    with_one: Choice
    with_other: Choice
    abstained: Choice
    median: float


def splits(home: str, vectors: Sequence[Vector], *, year: int | None = None) -> tuple[Split, ...]:
    """The splits between each two poles that are single states, where both opposed each other and the state voted; kept
    in the cache."""
    by_id = {vector.id: vector for vector in vectors}
    who = [(vector.id, vector.blocs, vector.countries, vector.without, vector.pole) for vector in vectors]
    return tuple(
        Split(
            **each
            | {end: by_id[each[end]] for end in ("one", "other")}
            | {side: Choice(**each[side]) for side in ("with_one", "with_other", "abstained")}
        )
        for each in kept(("splits", home, who, year, SPAN), lambda: list(_made(home, vectors, year)))
    )


def _made(home: str, vectors: Sequence[Vector], year: int | None) -> Iterator[dict[str, Any]]:
    poles = [each for each in vectors if each.pole and len(each.countries) == 1 and not each.blocs]
    covered = sheet()
    last = min(year or covered.last, covered.last)
    first = max(last - SPAN + 1, covered.first)
    for one, other in combinations(poles, 2):
        try:
            rows = pole_choices(one.countries[0], other.countries[0], first=first, last=last)
        except (BadRequest, NotEnoughData):  # no votes in these years, or none on which they were opposed
            continue
        mine = rows.filter(iso3=home)
        if mine.is_empty():
            continue
        by = {row["choice"]: row for row in mine.iter_rows(named=True)}
        sides = [by[each] for each in (one.countries[0], other.countries[0], "abstain")]
        choices = [Choice(row["n"], row["share"], row["low"], row["high"]) for row in sides]
        others = rows.filter((pl.col("choice") == one.countries[0]) & (pl.col("iso3") != home))["share"]
        yield {
            "one": one.id,
            "other": other.id,
            "first": first,
            "last": last,
            "n_votes": sides[0]["n_votes"],
            "n_questions": sides[0]["n_questions"],
            "with_one": asdict(choices[0]),
            "with_other": asdict(choices[1]),
            "abstained": asdict(choices[2]),
            "median": float(np.median(others.to_numpy())) if len(others) else float("nan"),
        }
