"""What would change the rank: variants of the model, and its parts left out one at a time."""

from __future__ import annotations

import numpy as np

from softpower.brief import words
from softpower.brief.charts.shifts import Shift, ShiftGroup, Shifts, shifts_chart
from softpower.brief.context import Context, value
from softpower.brief.section import Axis, Cell, Column, Figure, Quiet, Record, Row, Section, Table, Value

# Parts shown for each measure; the JSON of a build holds all.
PARTS = 7


def what_if(context: Context) -> Section | None:
    """The figure of shifts, and the gap under each variant."""
    if not context.is_ranked:
        return None
    return Section(
        id="choices",
        rail="What would change it",
        headline=_headline(context),
        blocks=[_figure(context), _variants(context)],
    )


def _largest(context: Context, measure: str) -> list[tuple[str, Record]]:
    """Choices that move the measure most, by at least one place, the largest central shift first."""
    choices, place = context.index.choices, context.index.unit(context.home.iso3)
    shifts = choices.shift[:, choices.measures.index(measure), place]
    found = []
    for id, kind, shift in zip(choices.ids, choices.kinds, shifts.tolist(), strict=True):
        # Leaving out the only indicator of a pillar is leaving out the pillar.
        twice = kind == "indicator" and len(context.built.children(context.built.indicators[id].node)) == 1
        if abs(shift) >= 1 and not twice:
            found.append((-abs(shift), id))
    moved = [(id, context.moved_by(id, measure)) for _, id in sorted(found)[:PARTS]]
    return [(id, record) for id, record in moved if record is not None]


def _title(context: Context, id: str) -> str:
    model = context.index.model
    return model.variants[id].title if id in model.variants else f"Without {words.mid(model.title_of(id))}"


def _headline(context: Context) -> str:
    clear = [
        (abs(record.value or 0.0), id, top, words.side(*record.bounds))
        for top in context.built.tops
        for id, record in _largest(context, top)
        if words.side(*record.bounds) != "neither"
    ]
    if not clear:
        return "No single choice clearly moves its ranks"
    _, id, top, where = max(clear)
    verb = "raised" if where == "above" else "lowered"
    return f"{words.sentence(words.mid(context.built.title_of(top)))} is {verb} most {words.mid(_title(context, id))}"


def _figure(context: Context) -> Figure:
    groups, reach = [], 5.0
    for top in context.built.tops:
        rows = []
        for id, record in _largest(context, top):
            low, high = record.bounds
            reach = max(reach, abs(low), abs(high))
            rows.append(
                Shift(
                    label=_title(context, id),
                    text=words.signed_range(low, high),
                    mark=context.shift_mark(id, top),
                )
            )
        groups.append(ShiftGroup(heading=context.built.title_of(top), rows=rows))
    reach = float(5 * np.ceil(reach / 5))
    headline = "Choices that move the central rank most"
    return Figure(
        id="figure-choices",
        headline=headline,
        sub="Places by which each choice moves the rank, all else as in the default; 90% interval",
        chart=shifts_chart(
            Shifts(
                title=f"{headline}: {context.home.name}",
                groups=groups,
                axis=Axis(
                    low=-reach, high=reach, ticks=[(at, words.signed(at)) for at in (-reach, 0.0, reach)], reference=0.0
                ),
                left="lower",
                right="higher",
                reference_label="default",
            )
        ),
        alt=_headline(context),
        note=[
            (
                "Blue: wholly higher; orange: wholly lower; grey: not distinguishable. Weights left free go to the "
                "parts that remain."
            )
        ],
        data=_table(context),
    )


def _table(context: Context) -> Table:
    rows = [
        Row(
            cells=[
                Cell(text=[_title(context, id)]),
                Cell(text=[context.built.title_of(top)]),
                Cell(text=[_shift(record)]),
            ]
        )
        for top in context.built.tops
        for id, record in _largest(context, top)
    ]
    columns = [Column(heading="Choice"), Column(heading="Rank of"), Column(heading="Places", align="right")]
    return Table(
        id="choices-data", headline="The figure as a table", sub="90% intervals; plus is up", columns=columns, rows=rows
    )


def _shift(record: Record) -> Value:
    return value(record, f"{words.signed(record.value or 0.0)} ({words.signed_range(*record.bounds)})")


def _variants(context: Context) -> Table:
    model, home = context.index.model, context.home.iso3
    gap = context.gap(home)
    potential = context.rank("potential", home)
    rows = [
        Row(
            cells=[
                Cell(text=["Default"]),
                Cell(text=[value(potential, words.rank_range(*potential.place[1:]))]),
                Cell(text=[value(gap, words.signed_range(*gap.bounds, 1))], mark=context.gap_mark(home)),
                Cell(text=["all pillars of potential, none of the variants' own"]),
            ],
            focus=True,
        )
    ]
    reach = max(map(abs, gap.bounds))
    for name, variant in model.variants.items():
        rank, other = context.under(name, "potential"), context.under(name, "gap")
        if rank is None or other is None:
            cells = [Cell(text=[Quiet("no change")]), Cell(text=[Quiet("no change")])]
        else:
            low, high = other.bounds
            reach = max(reach, abs(low), abs(high))
            cells = [
                Cell(text=[value(rank, words.rank_range(*rank.place[1:]))]),
                Cell(text=[value(other, words.signed_range(low, high, 1))], mark=context.gap_mark_under(name)),
            ]
        rows.append(Row(cells=[Cell(text=[variant.title]), *cells, Cell(text=[variant.reason])]))
    reach = float(3 * np.ceil(reach / 3))
    axis = Axis(low=-reach, high=reach, ticks=[(at, words.signed(at)) for at in (-reach, 0.0, reach)], reference=0.0)
    return Table(
        id="variants",
        headline=_variants_headline(context),
        sub=f"Rank of potential among {context.total} states and gap to potential in points, 90% intervals",
        columns=[
            Column(heading="What counts as potential"),
            Column(heading="Potential,\nrank", align="right"),
            Column(heading="Gap to potential", axis=axis),
            Column(heading="Why one would"),
        ],
        rows=rows,
    )


def _variants_headline(context: Context) -> str:
    usual = words.side(*context.gap(context.home.iso3).bounds)
    others = [context.under(name, "gap") for name in context.index.model.variants]
    sides = {words.side(*record.bounds) for record in others if record is not None}
    same = sides <= {usual}
    return (
        "The verdict on the gap holds in every variant"
        if same
        else "The verdict on the gap depends on what counts as potential"
    )
