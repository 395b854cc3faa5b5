"""What was planned beside what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from softpower.activities.delivery import LEAST, Delivered
from softpower.activities.dossier import Dossier
from softpower.activities.plots.numbers import amount, percent
from softpower.brief import words
from softpower.brief.context import Context, value
from softpower.brief.section import Cell, Column, Quiet, Record, Row, Span, Table, Text
from softpower.brief.whatitdid import evidence


def delivery_table(context: Context, found: Dossier) -> Table | None:
    """Figures that were planned and reported, or else those only planned; None where nothing was planned."""
    both = [each for each in found.delivery.figures if each.ratio is not None]
    planned = [each for each in found.delivery.figures if each.planned is not None]
    shown = both or planned
    if not shown:
        return None
    rows = [_row(context, found, each) for each in shown]
    return Table(
        id="table-delivery",
        headline=_headline(found),
        sub="Figures announced before and reported after; a range where either is one, and so is the ratio",
        columns=[
            Column(heading="Activity and figure"),
            Column(heading="Planned", align="right"),
            Column(heading="Realised", align="right"),
            Column(heading="Of plan", align="right"),
        ],
        rows=rows,
        note=_note(found, both, [each for each in planned if each not in shown]),
    )


def _headline(found: Dossier) -> str:
    figures = found.delivery
    if not figures.ratios:
        return "No result is registered for what was planned"
    if figures.ratios < LEAST or figures.median is None:
        return f"{words.count(figures.ratios, 'planned figure')} with a result: too few to sum up"
    return f"Of {figures.ratios} figures planned and reported, half came to {percent(figures.median)} or more"


def _row(context: Context, found: Dossier, each: Delivered) -> Row:
    entry = next(one for one in found.entries if one.id == each.id)
    realised: list[Span] = _shown(evidence.realised(context, entry, each), amount(each.realised))
    if each.claimed and each.realised is not None:
        realised += [" ", Quiet("claimed")]
    ratio = _shown(evidence.ratio(context, entry, each), "" if each.ratio is None else percent(each.ratio))
    name = words.in_letters(each.name)
    dated = name if str(each.year) in name else f"{name}, {each.year}"
    return Row(
        cells=[
            Cell(text=[f"{dated}: {each.indicator}"]),
            Cell(text=_shown(evidence.planned(context, entry, each), amount(each.planned))),
            Cell(text=realised),
            Cell(text=ratio),
        ]
    )


def _shown(record: Record | None, text: str) -> list[Span]:
    return [Quiet("not known")] if record is None else [value(record, text)]


def _note(found: Dossier, both: Sequence[Delivered], unknown: Sequence[Delivered]) -> Text:
    said = []
    if found.delivery.claimed:
        said.append(
            f"Claimed: the organiser's own count ({found.delivery.claimed} of {len(both)} results). "
            "Those that plan and count may be the same."
        )
    if unknown:
        by_name = groupby(unknown, key=lambda each: words.in_letters(each.name))
        names = [f"{name} ({words.listing([each.indicator for each in figures])})" for name, figures in by_name]
        said.append(f"Planned, with no result registered: {'; '.join(names)}.")
    if found.delivery.realised_only:
        said.append(f"{words.count(found.delivery.realised_only, 'figure')} reported without a plan not shown.")
    return [" ".join(said)]
