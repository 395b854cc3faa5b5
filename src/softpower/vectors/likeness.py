"""Ties that are no flows: how alike a country votes, to whom it is open, and which organisations it shares.

Each is a mean over the members of a vector, every member counting once, beside the mean over all states: what a
country does with everybody says nothing of one direction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from softpower.errors import BadRequest, NotEnoughData
from softpower.evidence.ties import ties
from softpower.vectors.kept import kept
from softpower.vectors.memberships import LISTED_YEAR, shared_memberships
from softpower.vectors.sheets import sheet
from softpower.vectors.voting import vector_agreement
from softpower.world import Vector, members, vector_members

# Years of sessions that agreement is taken over: fewer have few roll calls.
SPAN = 10
# Resamples behind the interval of a single year.
YEARLY_DRAWS = 100
# From here on a passport opens the door without a visa in advance: on arrival, or none.
OPEN = 2
# Snapshots of these years are full of bans that a pandemic brought.
CLOSED_YEARS = (2021, 2022)


@dataclass(frozen=True, slots=True)
class Likeness:
    """One kind of likeness by vector.

    Attributes
    ----------
    id, title : in files and on pages
    first, last : years it is of
    value, low, high : mean over the members of each vector, 0-1, with its 90% interval where something was sampled;
        NaN where no member is known
    members : how many members that is
    all_states : the mean over all states
    what : what is counted, with the rule
    caution : what to keep in mind
    sources : ids of the registry
    """

    id: str
    title: str
    first: int
    last: int
    value: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    members: tuple[int, ...]
    all_states: float
    what: str
    caution: str
    sources: tuple[str, ...]


def likenesses(
    home: str,
    vectors: Sequence[Vector],
    *,
    year: int | None = None,
    seed: int = 7,
    memberships: pl.DataFrame | None = None,
) -> tuple[Likeness, ...]:
    """All kinds of likeness of which something is known.

    Parameters
    ----------
    year : the latest that may be used
    memberships : a user's own table of who belonged to what, as `softpower.vectors.membershipfiles.read_memberships`
        gives it, in place of the bundled lists
    """

    def make() -> list[dict[str, Any]]:
        found = (
            _votes(home, vectors, year, seed),
            _visas(home, vectors, year, end="origin"),
            _visas(home, vectors, year, end="partner"),
            _organisations(home, vectors, year) if memberships is None else None,
        )
        return [asdict(each) for each in found if each is not None]

    who = [(vector.id, vector.blocs, vector.countries, vector.without) for vector in vectors]
    stored = kept(("likeness", home, who, year, seed, memberships is None), make)
    found = [Likeness(**{key: _tupled(value) for key, value in each.items()}) for each in stored]
    own = None if memberships is None else _own_organisations(home, vectors, year, memberships)
    return tuple(found if own is None else [*found, own])


def yearly_agreement(home: str, vectors: Sequence[Vector], *, first: int) -> pl.DataFrame:
    """`softpower.vectors.voting.vector_agreement` year by year from ``first`` on, kept in the cache."""
    who = [(vector.id, vector.blocs, vector.countries, vector.without) for vector in vectors]
    stored = kept(
        ("agreement", home, who, first),
        lambda: vector_agreement(home, vectors, first=first, draws=YEARLY_DRAWS).to_dict(as_series=False),
    )
    return pl.DataFrame(stored)


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _votes(home: str, vectors: Sequence[Vector], year: int | None, seed: int) -> Likeness | None:
    covered = sheet()
    last = min(year or covered.last, covered.last)
    first = max(last - SPAN + 1, covered.first)
    try:
        rows = _span(home, vectors, first, last, seed)
    except BadRequest:  # no ballot in these years, or none before the first session
        return None
    known = [row for row in rows if row]
    if not known:
        return None
    return Likeness(
        id="votes",
        title="Votes in the UN",
        first=first,
        last=last,
        value=_each(rows, "agreement"),
        low=_each(rows, "low"),
        high=_each(rows, "high"),
        members=tuple(row["members"] if row else 0 for row in rows),
        all_states=known[0]["with_all"],
        what="share of roll calls with the same ballot (exact rule), without votes on paragraphs and amendments",
        caution="Where states say yes to nearly everything, agreement is high for that reason alone.",
        sources=("un_votes",),
    )


def _span(home: str, vectors: Sequence[Vector], first: int, last: int, seed: int) -> list[dict[str, Any] | None]:
    """A row for each vector; None for one of which nobody voted."""
    try:
        found = vector_agreement(home, vectors, first=first, last=last, by="span", seed=seed)
        return list(found.iter_rows(named=True))
    except NotEnoughData:
        if len(vectors) == 1:
            return [None]
        return [row for vector in vectors for row in _span(home, [vector], first, last, seed)]


def _each(rows: Iterable[dict[str, Any] | None], name: str) -> tuple[float, ...]:
    return tuple(row[name] if row else np.nan for row in rows)


def _visas(home: str, vectors: Sequence[Vector], year: int | None, *, end: str) -> Likeness | None:
    other = "partner" if end == "origin" else "origin"
    rows = ties("visa_openness").filter(pl.col(end) == home)
    years = [each for each in rows["year"].unique().sort().to_list() if year is None or each <= year]
    if year not in CLOSED_YEARS:
        years = [each for each in years if each not in CLOSED_YEARS]
    if not years:
        return None
    here = rows.filter((pl.col("year") == years[-1]) & pl.col(other).is_in([each.iso3 for each in members()]))
    opens = dict(zip(here[other].to_list(), (here["value"] >= OPEN).cast(pl.Float64).to_list(), strict=True))
    value, counts = _means(opens, vectors, years[-1])
    goes = end == "origin"
    whose = "that its citizens enter" if goes else "whose citizens enter"
    return Likeness(
        id="visas_of_others" if goes else "visas_of_own",
        title="Visa-free abroad" if goes else "Visa-free here",
        first=years[-1],
        last=years[-1],
        value=value,
        low=value,
        high=value,
        members=counts,
        all_states=float(np.mean(list(opens.values()))),
        what=f"share of states {whose} without a visa in advance",
        caution="As Passport Index has it on one day of the year; an electronic visa counts as a visa.",
        sources=("visa_passport_index",),
    )


def _organisations(home: str, vectors: Sequence[Vector], year: int | None) -> Likeness | None:
    if year is not None and year < LISTED_YEAR:
        return None
    caution = "As the Factbook lists them, with the dated blocs; an organisation counts alike whatever it does."
    return _shared(home, vectors, shared_memberships(), LISTED_YEAR, caution, ("blocs", "cia_factbook"))


def _own_organisations(
    home: str, vectors: Sequence[Vector], year: int | None, memberships: pl.DataFrame
) -> Likeness | None:
    years = [each for each in memberships["year"].unique().sort().to_list() if year is None or each <= year]
    if not years:
        return None
    table = shared_memberships(years[-1], table=memberships)
    return _shared(home, vectors, table, years[-1], "From a table of your own.", ())


def _shared(
    home: str, vectors: Sequence[Vector], table: pl.DataFrame, year: int, caution: str, sources: tuple[str, ...]
) -> Likeness | None:
    rows = table.filter((pl.col("origin") == home) & pl.col("partner").is_in([each.iso3 for each in members()]))
    if rows.is_empty() or not rows["of_origin"][0]:
        return None
    share = dict(zip(rows["partner"].to_list(), (rows["shared"] / rows["of_origin"]).to_list(), strict=True))
    value, counts = _means(share, vectors, year)
    return Likeness(
        id="organisations",
        title="Organisations shared",
        first=year,
        last=year,
        value=value,
        low=value,
        high=value,
        members=counts,
        all_states=float(np.mean(list(share.values()))),
        what=f"share of the {rows['of_origin'][0]} organisations of governments it is a full member of",
        caution=caution,
        sources=sources,
    )


def _means(of: dict[str, float], vectors: Sequence[Vector], year: int) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Mean over the members of each vector that are known, and how many they are."""
    groups = [[of[each] for each in vector_members(vector, year=year) if each in of] for vector in vectors]
    return tuple(float(np.mean(each)) if each else np.nan for each in groups), tuple(len(each) for each in groups)
