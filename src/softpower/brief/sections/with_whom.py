"""With whom: ties by layer and vector, what changed, votes, what exceeds gravity, and the roles a text might claim."""

from __future__ import annotations

import math

from softpower.brief import words
from softpower.brief.context import Context, value
from softpower.brief.section import Block, Paragraph, Section, Span
from softpower.brief.withwhom import evidence
from softpower.brief.withwhom.common import shown_layers, shown_vectors
from softpower.brief.withwhom.excess import odds_figure
from softpower.brief.withwhom.layers import matrix_figure
from softpower.brief.withwhom.paths import shares_figure, votes_figure, with_past
from softpower.brief.withwhom.roles import roles_table
from softpower.brief.withwhom.split import split_figure
from softpower.vectors.profile import Profile


def with_whom(context: Context) -> Section | None:
    """None where the brief is of the index alone."""
    found = context.ties
    if found is None:
        return None
    blocks: list[Block] = [matrix_figure(context, found)]
    facet = with_past(found)
    if facet is not None:
        blocks.append(shares_figure(context, found, facet))
    votes = votes_figure(context, found)
    if votes is not None:
        blocks.append(votes)
    odds = odds_figure(context, found)
    if odds is not None:
        blocks.append(odds)
    blocks += _roles(context, found)
    return Section(
        id="with-whom",
        rail="With whom",
        headline=f"With whom: {_finding(found)}",
        blocks=blocks,
        new_page=True,
    )


def _finding(found: Profile) -> str:
    """The largest share in each of a few layers, in words."""
    said = []
    for facet, verb in ((f, v) for f in shown_layers(found) for v in [_VERBS.get(f.id)] if v):
        known = [
            (float(facet.bounds[0][at]), vector.in_text)
            for at, vector in enumerate(shown_vectors(found))
            if math.isfinite(facet.bounds[0][at])
        ]
        if known and max(known)[0] > 0:
            said.append((verb, max(known)[1]))
    if not said:
        return "little is measured"
    (verb, whom), *more = said
    other = next((each for each in more if each[1] != whom), None)
    return f"{verb} {whom}" + (f", {other[0]} {other[1]}" if other else "")


_VERBS = {
    "trade": "it trades most with",
    "exports_top": "it exports most to",
    "emigrants": "most of those born here and gone live in",
    "students_abroad": "its students go to",
}


def _roles(context: Context, found: Profile) -> list[Block]:
    blocks: list[Block] = []
    table = None if found.roles is None else roles_table(context, found.roles)
    split = split_figure(context, found.split[0]) if found.split else None
    blocks += [each for each in (split, table) if each is not None]
    hard = [(each, record) for each in found.hard_power if (record := evidence.strength(context, each)) is not None]
    if hard:
        spans: list[Span] = ["Hard power, for context and in no index: "]
        for number, (each, record) in enumerate(hard):
            spans += [
                "; " if number else "",
                f"{words.mid(each.name)} ",
                value(record, _amount(record.value or 0.0, each.unit)),
                f" ({each.year})",
            ]
        blocks.append(Paragraph([*spans, "."], role="note"))
    return blocks


def _amount(value: float, unit: str) -> str:
    """A figure with its unit as people say it.

    >>> _amount(71000, "persons"), _amount(0.9, "% of GDP"), _amount(2.6e9, "current US$")
    ('71,000 persons', '0.9% of GDP', '2.60 billion current US$')
    """
    number = words.amount(value) if value >= 1e6 else words.number(value, 0 if value >= 100 else 1)
    return f"{number}{'' if unit.startswith('%') else ' '}{unit}"
