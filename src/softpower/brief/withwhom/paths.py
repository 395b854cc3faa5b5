"""Shares of ties and votes in common over the years."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from softpower.brief import words
from softpower.brief.charts.paths import Path, Paths, paths_chart
from softpower.brief.context import Context
from softpower.brief.section import (
    Column,
    Figure,
    Quiet,
    Table,
)
from softpower.brief.withwhom import evidence
from softpower.brief.withwhom.common import plain_value, row, shown_vectors
from softpower.vectors.facets import Facet
from softpower.vectors.likeness import yearly_agreement
from softpower.vectors.profile import Profile
from softpower.vectors.wording import LEAST, enough, percent, ranged
from softpower.world import Vector

# Layers whose way over the years is worth a figure, and how many years that takes.
PATHS, YEARS = ("trade", "students_hosted", "emigrants", "immigrants"), 4
# What a share of a layer is a share of, where its title does not say so.
_OF = {"emigrants": "those born here and living abroad", "immigrants": "those born abroad and living here"}
# Votes are shown from the first session after the Cold War.
SINCE = 1993


def with_past(found: Profile) -> Facet | None:
    """The layer whose way over the years is shown, one that counts enough if there is any; None where none reaches
    back."""
    by_id = {facet.id: facet for facet in found.facets}
    back = [by_id[id] for id in PATHS if id in by_id and len(by_id[id].years) >= YEARS]
    return next(filter(enough, back), back[0] if back else None)


def shares_figure(context: Context, found: Profile, facet: Facet) -> Figure:
    """The share of each vector in one layer, year by year."""
    vectors = shown_vectors(found)
    first, last = facet.years[0], facet.years[-1]
    paths, rows, most = [], [], 0.0
    for at, vector in enumerate(vectors):
        points = [
            (year, float(facet.path[k, at])) for k, year in enumerate(facet.years) if math.isfinite(facet.path[k, at])
        ]
        most = max([most, *(share for _, share in points)])
        ends = [evidence.share_of_year(context, facet, at, year) for year in (first, last)]
        paths.append(
            Path(
                heading=vector.name,
                points=points,
                first=_bound(points[0][1], unsure=_unsure(facet, 0, at)) if points else "",
                last=_bound(points[-1][1], unsure=_unsure(facet, -1, at)) if points else "",
            )
        )
        rows.append(row(vector.name, [plain_value(each) for each in ends]))
    step = next(each for each in (0.05, 0.1, 0.25, 0.5) if most <= 2.2 * each or each == 0.5)
    ticks = (0.0, step, 2 * step)
    headline = _moved(facet, vectors)
    named = (
        ", at least (≥) where not all partners are named"
        if any("≥" in each.first + each.last for each in paths)
        else ""
    )
    grid = words.listing([f"{100 * tick:g}" for tick in ticks])
    return Figure(
        id="figure-shares",
        headline=headline,
        sub=(
            f"{facet.title}: share by vector, %{named}, {first}{words.DASH}{last}; grey: the other vectors; grid at "
            f"{grid}%"
        ),
        chart=paths_chart(
            Paths(
                title=f"{context.home.label}: {headline}",
                paths=paths,
                bottom=0.0,
                top=max(most, ticks[-1]),
                ticks=ticks,
            )
        ),
        alt=headline,
        data=Table(
            id="shares-data",
            headline="The first and the last year as a table",
            sub=f"Share, per cent{named}",
            columns=[
                Column(heading="Vector"),
                Column(heading=str(first), align="right"),
                Column(heading=str(last), align="right"),
            ],
            rows=rows,
        ),
    )


def _unsure(facet: Facet, k: int, at: int) -> bool:
    """Whether members of a vector that are not named in a year may have so much of the rest that its share is a lower
    bound."""
    rest = float(facet.rest[k])
    return bool(
        np.isnan(facet.values[k][facet.members[k][at]]).any()
        and rest > 0
        and ranged(0.0, rest / (float(np.nansum(facet.values[k])) + rest))
    )


def _bound(share: float, *, unsure: bool) -> str:
    """A share, marked where it is a lower bound.

    >>> _bound(0.78, unsure=True), _bound(0.19, unsure=False)
    ('≥78%', '19%')
    """
    return f"{'≥' if unsure else ''}{percent(share)}%"


def _moved(facet: Facet, vectors: Sequence[Vector]) -> str:
    """The clearest gain and the clearest loss; of lower bounds no more than holds wherever the others belong."""
    layer = _OF.get(facet.id, facet.title.lower())
    if len(facet.years) < 2 or not enough(facet):
        return words.sentence(f"{facet.title.lower()} by vector over the years")
    moves = [
        (by, at)
        for at, (vector, (by, said)) in enumerate(zip(facet.vectors, facet.moves, strict=False))
        if vector in vectors and said in ("rose", "fell") and abs(by) >= LEAST
    ]
    up, down = max(moves, default=None), min(moves, default=None)
    told = []
    if up and up[0] > 0:
        least = "at least " if _unsure(facet, 0, up[1]) or _unsure(facet, -1, up[1]) else ""
        told.append(f"{facet.vectors[up[1]].in_text} gained {least}{_points(up[0])} of {layer}")
    if down and down[0] < 0:
        # Between two lower bounds a loss is no more than clear: its least size is not known here.
        unsure = _unsure(facet, 0, down[1]) or _unsure(facet, -1, down[1])
        lost = "lost a share" if unsure else f"lost {_points(down[0])}"
        told.append(f"{facet.vectors[down[1]].in_text} {lost}" + ("" if told else f" of {layer}"))
    if not told:
        return words.sentence(f"no vector clearly gained or lost a share of {layer}")
    return words.sentence(f"{', '.join(told)}, {facet.years[0]}{words.DASH}{facet.years[-1]}")


def _points(by: float) -> str:
    return words.count(round(abs(100 * by)), "point")


def votes_figure(context: Context, found: Profile) -> Figure | None:
    """How often the country votes with each vector, year by year; None where it cast no ballot."""
    if not any(each.id == "votes" for each in found.likenesses):
        return None
    rows = yearly_agreement(found.iso3, _with_ballots(found), first=SINCE)
    paths, table, ends = [], [], []
    for vector in shown_vectors(found):
        mine = rows.filter(vector=vector.id).sort("year")
        if mine.is_empty():
            paths.append(Path(heading=vector.name, points=[], first="", last=""))
            table.append(row(vector.name, [[Quiet("not measured")]] * 2))
            continue
        records = [evidence.agreement(context, mine.row(at, named=True), vector) for at in (0, -1)]
        paths.append(
            Path(
                heading=vector.name,
                points=[(int(year), share) for year, share in mine.select("year", "agreement").iter_rows()],
                band=[(int(year), low, high) for year, low, high in mine.select("year", "low", "high").iter_rows()],
                first=f"{percent(mine['agreement'][0])}%",
                last=f"{percent(mine['agreement'][-1])}%",
            )
        )
        table.append(row(vector.name, [plain_value(record) for record in records]))
        ends.append((float(mine["agreement"][-1]), vector.in_text))
    first, last = int(rows["year"].min()), int(rows["year"].max())  # type: ignore[arg-type]
    headline = f"In the UN it voted most with {max(ends)[1]}, least with {min(ends)[1]} ({last})"
    if len(ends) == 1:
        headline = f"In the UN it voted with {ends[0][1]} in {percent(ends[0][0])}% of roll calls ({last})"
    return Figure(
        id="figure-votes",
        headline=headline,
        sub=f"Share of roll calls with the same vote, %, {first}{words.DASH}{last}, 90% interval; grid at 50 and 100%",
        chart=paths_chart(
            Paths(
                title=f"{context.home.label}: {headline}",
                paths=paths,
                bottom=0.0,
                top=1.0,
                ticks=(0.5, 1.0),
                behind=False,
            )
        ),
        alt=headline,
        note=["Rule: identical vote; without votes on paragraphs and amendments. Mean over the members of a vector."],
        data=Table(
            id="votes-data",
            headline="The first and the last year as a table",
            sub="Share of roll calls with the same vote, per cent",
            columns=[
                Column(heading="Vector"),
                Column(heading=str(first), align="right"),
                Column(heading=str(last), align="right"),
            ],
            rows=table,
        ),
    )


def _with_ballots(found: Profile) -> list[Vector]:
    """Vectors of which some member voted together with the country."""
    votes = next(each for each in found.likenesses if each.id == "votes")
    return [vector for at, vector in enumerate(shown_vectors(found)) if votes.members[at]]
