"""Votes by vector: how often a state votes with each of its vectors and poles, and with whom where poles are opposed.

All functions take the roll calls of `softpower.vectors.sheets.sheet`: the bundled ones without votes on paragraphs and
amendments, unless others are given; of a span of years; on one topic, if asked for. Every result names its rule.
Intervals are 90% and come from resampled questions (`softpower.vectors.resampling`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.agreement import ABSTAIN, NO, YES, Ballots
from softpower.vectors.assembly import Assembly
from softpower.vectors.resampling import (
    MeanRule,
    effective_size,
    interval,
    pair_agreement,
    question_weights,
    wilson,
)
from softpower.vectors.sheets import Sheet, sheet
from softpower.world import Vector, vector_members, vectors_of

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Members = Callable[[int], Collection[str]]
Spans = Literal["year", "span"]

DRAWS: Final = 200
SEED: Final = 7


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with the ends of its 90% interval; NaN where unknown."""

    value: float
    low: float
    high: float


def vector_agreement(
    iso3: str,
    vectors: Sequence[Vector] | None = None,
    *,
    found: Assembly | None = None,
    first: int | None = None,
    last: int | None = None,
    by: Spans = "year",
    rule: MeanRule = "exact",
    topic: str | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> pl.DataFrame:
    """How often a state votes with the members of each vector.

    Parameters
    ----------
    iso3 : the state
    vectors : by default its own, `softpower.world.vectors_of`
    by : "year" gives each year on its own, "span" all years as one
    draws : resamples behind the intervals

    Returns
    -------
    DataFrame
        Columns ``iso3``, ``vector`` (its id), ``first``, ``year`` (int16: the first and the last year of the row, equal
        by year), ``agreement`` (mean over the members that voted, each counting once), ``low``, ``high``, ``n_votes``
        (roll calls on which the state and any member cast a ballot), ``members`` (how many of them), ``with_all``
        (mean agreement with all other states), ``above_low``, ``above_high`` (interval of ``agreement`` less
        ``with_all``), ``rule``, ``topic``; sorted by vector, in their order, and year. A year in which the state or no
        member voted has no row.

    Raises
    ------
    BadRequest
        A year that the votes do not cover, an unknown topic or rule, a state that cast no ballot.
    NotEnoughData
        No member of a vector cast a ballot together with the state.
    """
    given = vectors_of(iso3) if vectors is None else vectors
    groups = {vector.id: members_of(vector) for vector in given}
    on = sheet(found, first=first, last=last, topic=topic)
    return _with_groups(on, iso3, groups, column="vector", by=by, rule=rule, draws=draws, seed=seed)


def state_agreement(
    iso3: str,
    partners: Sequence[str],
    *,
    found: Assembly | None = None,
    first: int | None = None,
    last: int | None = None,
    by: Spans = "year",
    rule: MeanRule = "exact",
    topic: str | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> pl.DataFrame:
    """How often a state votes with single others, such as the poles.

    Parameters
    ----------
    partners : ISO3 codes

    Returns
    -------
    DataFrame
        As of `vector_agreement`, with ``partner`` in place of ``vector`` and without ``members``.

    Raises
    ------
    BadRequest, NotEnoughData
        As for `vector_agreement`.

    >>> row = state_agreement("KAZ", ["CHN"], first=2007, last=2019, by="span").row(0, named=True)
    >>> round(row["agreement"], 2), row["rule"]
    (0.83, 'exact')
    """
    groups: dict[str, Members] = {each: always((each,)) for each in partners}
    on = sheet(found, first=first, last=last, topic=topic)
    if iso3 in groups:
        raise BadRequest(f"{iso3} among its own partners: name other states")
    table = _with_groups(on, iso3, groups, column="partner", by=by, rule=rule, draws=draws, seed=seed)
    return table.drop("members")


def pole_gap(
    iso3: str,
    one: str,
    other: str,
    *,
    found: Assembly | None = None,
    first: int | None = None,
    last: int | None = None,
    by: Spans = "year",
    rule: MeanRule = "exact",
    topic: str | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> pl.DataFrame:
    """By how much a state votes more with one pole than with the other, where all three cast a ballot.

    Returns
    -------
    DataFrame
        Columns ``iso3``, ``one``, ``other``, ``first``, ``year`` (as of `vector_agreement`), ``gap`` (agreement with
        ``one`` less that with ``other``), ``low``, ``high``, ``n_votes``, ``rule``, ``topic``. Both agreements rest on
        the same draws: where the interval is clear of 0, the state is nearer to one of them.

    Raises
    ------
    BadRequest, NotEnoughData
        As for `vector_agreement`, or the three are not three.
    """
    if len({iso3, one, other}) < 3:
        raise BadRequest(f"{iso3} between {one} and {other}: name three states")
    on = sheet(found, first=first, last=last, topic=topic)
    poles = [on.at(one), on.at(other)]
    voted = on.ballots[:, [on.at(iso3), *poles]].min(axis=1) > 0
    if not voted.any():
        raise NotEnoughData(f"{iso3}, {one} and {other} never voted on the same roll call in {on.span}")
    met = replace(on, ballots=np.where(voted[:, None], on.ballots, 0))
    rows = []
    for span in _spans(met, iso3, by, draws=draws, seed=seed):
        pairs = span.agreement(span.others[:, poles], rule)
        gap = estimate(pairs[:, 0] - pairs[:, 1])
        rows.append(
            {
                "iso3": iso3,
                "one": one,
                "other": other,
                "first": span.first,
                "year": span.last,
                "gap": gap.value,
                "low": gap.low,
                "high": gap.high,
                "n_votes": len(span.own),
                "rule": rule,
                "topic": on.topic,
            }
        )
    return pl.DataFrame(rows).cast({"first": pl.Int16, "year": pl.Int16, "n_votes": pl.Int32})


def pole_choices(
    one: str,
    other: str,
    *,
    found: Assembly | None = None,
    first: int | None = None,
    last: int | None = None,
    topic: str | None = None,
) -> pl.DataFrame:
    """With whom each state votes where one pole says yes and the other no.

    Returns
    -------
    DataFrame
        Columns ``iso3``, ``choice`` (the code of a pole, or "abstain"), ``n`` (roll calls), ``share`` (0-1), ``low``,
        ``high``, ``n_votes`` (ballots of the state on such roll calls), ``n_questions`` (different ones among them);
        three rows for each state, without the poles. Intervals are Wilson's for the effective number of roll calls: a
        state's ballots on one question, put again year after year, count as one.

    Raises
    ------
    BadRequest
        A pole cast no ballot, both are one state, or a year or topic is not at hand.
    NotEnoughData
        The poles opposed each other on no roll call.

    References
    ----------
    Yuneman (2023), Russia in Global Affairs 21(2), follows the vote between two poles in this way.
    """
    if one == other:
        raise BadRequest(f"{one} cannot oppose itself: name two states")
    on = sheet(found, first=first, last=last, topic=topic)
    mine, theirs = on.ballots[:, on.at(one)], on.ballots[:, on.at(other)]
    opposed = (np.minimum(mine, theirs) == YES) & (np.maximum(mine, theirs) == NO)
    if not opposed.any():
        raise NotEnoughData(f"{one} and {other} opposed each other on no roll call of {on.span}")
    rows = []
    for iso3, ballots in zip(on.states, on.ballots[opposed].T, strict=True):
        cast = ballots > 0
        if iso3 in (one, other) or not cast.any():
            continue
        question = on.question[opposed][cast]
        size, votes, questions = effective_size(question), int(cast.sum()), len(np.unique(question))
        for choice, as_cast in ((one, mine), (other, theirs), ("abstain", np.full_like(mine, ABSTAIN))):
            n = int((ballots == as_cast[opposed]).sum())
            rows.append((iso3, choice, n, n / votes, *wilson(n / votes, size), votes, questions))
    counts = {"n": pl.Int32, "n_votes": pl.Int32, "n_questions": pl.Int32}
    names = ("iso3", "choice", "n", "share", "low", "high", "n_votes", "n_questions")
    return pl.DataFrame(rows, schema=names, orient="row").cast(counts)  # type: ignore[arg-type]


def _with_groups(
    on: Sheet,
    iso3: str,
    groups: Mapping[str, Members],
    *,
    column: str,
    by: Spans,
    rule: MeanRule,
    draws: int,
    seed: int,
) -> pl.DataFrame:
    """Agreement of one state with each group, in each span of years."""
    if not groups:
        raise BadRequest(f"no {column} to compare {iso3} with: name at least one")
    belonging = {name: belonging_to(on, members) for name, members in groups.items()}
    order = {name: at for at, name in enumerate(groups)}
    rows = []
    for span in _spans(on, iso3, by, draws=draws, seed=seed):
        pairs = span.agreement(span.others, rule)
        known = np.isfinite(pairs[0])
        if not known.any():
            continue
        with_all = pairs[:, known].mean(axis=1)
        for name, belongs in belonging.items():
            theirs = np.where(belongs[span.calls], span.others, 0)
            at = theirs.any(axis=0)
            if not at.any():
                continue
            # Who joined or left between these years counts on the roll calls in between only.
            steady = (theirs[:, at] == span.others[:, at]).all()
            mean = (pairs[:, at] if steady else span.agreement(theirs[:, at], rule)).mean(axis=1)
            agreement, above = estimate(mean), estimate(mean - with_all)
            rows.append(
                {
                    "iso3": iso3,
                    column: name,
                    "first": span.first,
                    "year": span.last,
                    "agreement": agreement.value,
                    "low": agreement.low,
                    "high": agreement.high,
                    "n_votes": int(theirs.any(axis=1).sum()),
                    "members": int(at.sum()),
                    "with_all": float(with_all[0]),
                    "above_low": above.low,
                    "above_high": above.high,
                    "rule": rule,
                    "topic": on.topic,
                }
            )
    missing = [name for name in groups if name not in {row[column] for row in rows}]
    if missing:
        raise NotEnoughData(f"no member of the {column} {missing[0]} voted together with {iso3} in {on.span}")
    small = {"first": pl.Int16, "year": pl.Int16, "n_votes": pl.Int32, "members": pl.Int32}
    table = pl.DataFrame(rows).cast(small)  # type: ignore[arg-type]
    return table.sort(pl.col(column).replace_strict(order), "year", maintain_order=True)


@dataclass(frozen=True, eq=False)
class _Span:
    """Roll calls of some years on which a state cast a ballot, and the weights of their questions.

    ``own`` has its ballots, ``others`` those of all states but its own, ``calls`` the places of the roll calls.
    """

    first: int
    last: int
    calls: Flags
    own: Ballots
    others: Ballots
    question: Ints
    weights: Array

    def agreement(self, theirs: Ballots, rule: MeanRule) -> Array:
        """With each of some states, shape (draw, state)."""
        return pair_agreement(self.own, theirs, self.question, self.weights, rule)[:, 0]


def _spans(on: Sheet, iso3: str, by: Spans, *, draws: int, seed: int) -> Iterator[_Span]:
    if by not in ("year", "span"):
        raise BadRequest(f"by {by!r}: give 'year' or 'span'")
    at = on.at(iso3)
    voted = on.ballots[:, at] > 0
    ends = [(on.first, on.last)] if by == "span" else [(int(year),) * 2 for year in np.unique(on.year[voted])]
    for first, last in ends:
        calls = voted & (on.year >= first) & (on.year <= last)
        # Within a session no question is put twice.
        question = np.arange(calls.sum()) if first == last else np.unique(on.question[calls], return_inverse=True)[1]
        weights = question_weights(int(question.max()) + 1, draws=draws, seed=seed)
        others = on.ballots[calls]
        own = others[:, [at]]
        others[:, at] = 0
        yield _Span(first, last, calls, own, others, question, weights)


def members_of(vector: Vector) -> Members:
    """Who belongs to a vector, by year."""
    return lambda year: vector_members(vector, year=year)


def always(codes: Collection[str]) -> Members:
    """The same states in every year."""
    return lambda _: codes


def belonging_to(on: Sheet, members: Members) -> Flags:
    """Whether each state belonged in the year of each roll call, shape (roll call, state)."""
    years, at = np.unique(on.year, return_inverse=True)
    found: Flags = np.stack([np.isin(on.states, list(members(int(year)))) for year in years])[at]
    return found


def estimate(draws: Array) -> Estimate:
    """The first of the draws, with the interval of the others."""
    low, high = interval(draws[1:])
    return Estimate(float(draws[0]), low, high)
