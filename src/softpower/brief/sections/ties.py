"""With whom: ties by layer and vector, what changed, votes, what exceeds gravity, and the roles a text might claim."""

from __future__ import annotations

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
from softpower.vectors.wording import Lead, lead


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
    """Who has the largest share in a layer or two, as far as that is known."""
    leads = [
        (facet.id, first)
        for facet in shown_layers(found)
        if facet.id in _SAID and (first := lead(facet, shown_vectors(found))) is not None
    ]
    clear = [each for each in leads if each[1].kind != "largest named"]
    if not clear:
        return _said(*leads[0]) if leads else "its ties by vector"
    (layer, first), *more = clear
    other = next((each for each in more if each[1].vector != first.vector), None)
    return _said(layer, first) + (f", {_said(*other)}" if other else "")


def _said(layer: str, first: Lead) -> str:
    """A clause on the vector with the largest share."""
    whom = first.vector.in_text
    if first.kind == "most of it":
        return f"most of {_SAID[layer][0]} {whom}"
    if first.kind == "most to it":
        return f"{_SAID[layer][1]} {whom} ({first.share})"
    return f"the largest named share of {_SAID[layer][2]} with {whom} ({first.share})"


# Of a layer: from half, where nobody can have more, and where only the named partners can be compared.
_SAID = {
    "trade": ("its trade is with", "it trades most with", "its trade is"),
    "exports_top": ("its exports go to", "it exports most to", "its exports is"),
    "emigrants": (
        "those born here and gone live in",
        "those born here and gone live most often in",
        "those born here and gone is",
    ),
    "students_abroad": (
        "its students abroad are in",
        "its students abroad are most often in",
        "its students abroad is",
    ),
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
