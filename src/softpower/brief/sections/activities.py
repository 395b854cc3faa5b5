"""What it did: activities over the years, what was planned and realised, and whether that changed anything."""

from __future__ import annotations

from softpower.activities.distinct import distinct
from softpower.activities.spans import done
from softpower.brief import words
from softpower.brief.context import Context, value
from softpower.brief.section import Block, Paragraph, Section, Span
from softpower.brief.whatitdid import evidence
from softpower.brief.whatitdid.delivered import delivery_table
from softpower.brief.whatitdid.effects import effect_figure, effects_table, finding
from softpower.brief.whatitdid.lanes import lanes_figure


def what_it_did(context: Context) -> Section | None:
    """None where the register that comes with softpower is not about the country."""
    found = context.done
    if found is None or not found.entries:
        return None
    acts = [each for each in done(distinct(found.entries).entries) if each.nature != "outcome"]
    outcomes = [each for each in done(distinct(found.entries).entries) if each.nature == "outcome"]
    counted = evidence.count(context, found, len(acts))
    number = words.count(len(acts), "activity", "activities")
    since = min(each.start for each in acts).year
    intro: list[Span] = [
        "The register that comes with softpower holds ",
        value(counted, number),
        f" of {words.the(context.home.label)}, from {since} to {found.as_of.year}, each with its source",
        f", and {words.count(len(outcomes), 'outcome')} that others decided." if outcomes else ".",
    ]
    blocks: list[Block] = [Paragraph(intro), lanes_figure(context, found)]
    further = (delivery_table(context, found), effects_table(context, found), effect_figure(context, found))
    blocks += [each for each in further if each is not None]
    shown = f"; {finding(found)}" if found.worked else ""
    return Section(
        id="what-it-did",
        rail="What it did",
        headline=f"What it did: {number} registered{shown}",
        blocks=blocks,
        new_page=True,
    )
