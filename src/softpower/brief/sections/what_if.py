"""What would change the rank: variants of the model, and its parts left out one at a time."""

from __future__ import annotations

import numpy as np

from softpower.brief import words
from softpower.brief.charts.shifts import Shift, ShiftGroup, Shifts, shifts_chart
from softpower.brief.context import Context, value
from softpower.brief.section import Cell, Column, Figure, Quiet, Record, Row, Section, Table, Value
from softpower.brief.sections import terms
from softpower.drawing.marks import Axis
from softpower.index.estimate import beyond

# Parts shown for each measure; the JSON of a build holds all.
PARTS = 9


def what_if(context: Context) -> Section | None:
    """The figure of shifts, and the gap under each variant."""
    if not context.is_ranked:
        return None
    return Section(
        id="choices",
        rail="What would change it",
        headline=_headline(context),
        blocks=[_figure(context), _variants(context)],
        new_page=True,
    )


def _distinct(context: Context) -> list[int]:
    """Places of the choices, each set of indicators left out or added once, under the widest name it has: a variant
    may leave out just one pillar, and a pillar may hold just one indicator."""
    choices = context.index.choices
    order = ("variant", "pillar", "indicator")
    found: dict[tuple[frozenset[str], frozenset[str]], int] = {}
    for c in sorted(range(len(choices.ids)), key=lambda c: (order.index(choices.kinds[c]), c)):
        found.setdefault(_exchanged(context, choices.ids[c], choices.kinds[c]), c)
    return sorted(found.values())


def _exchanged(context: Context, id: str, kind: str) -> tuple[frozenset[str], frozenset[str]]:
    """Indicators that a choice leaves out, and those it adds."""
    built = context.built
    if kind == "variant":
        other = context.index.model.variant(id if id in context.index.model.variants else "")
        now, then = frozenset(built.indicators), frozenset(other.indicators)
        return now - then, then - now
    return frozenset([id] if kind == "indicator" else built.leaves(id)), frozenset()


def _largest(context: Context, measure: str) -> list[tuple[str, Record]]:
    """Choices that may move the measure by a place or more, the largest central shift first, then the widest."""
    choices, place = context.index.choices, context.index.unit(context.home.iso3)
    m = choices.measures.index(measure)
    shift, low, high = (part[:, m, place].tolist() for part in (choices.shift, choices.shift_low, choices.shift_high))
    reach = [max(abs(a), abs(b)) for a, b in zip(low, high, strict=True)]
    found = [(-abs(shift[c]), -reach[c], choices.ids[c]) for c in _distinct(context) if reach[c] >= 1]
    moved = [(id, context.moved_by(id, measure)) for _, _, id in sorted(found)[:PARTS]]
    return [(id, record) for id, record in moved if record is not None]


def _title(context: Context, id: str) -> str:
    model, choices = context.index.model, context.index.choices
    is_variant = choices.kinds[choices.ids.index(id)] == "variant"  # a variant may bear the name of a part
    return context.variants[id][0] if is_variant else f"Without {words.mid(model.title_of(id))}"


def _clear(context: Context) -> list[tuple[float, str, str, words.Side]]:
    """Every choice whose interval excludes no change: size of the central shift, choice, measure, direction."""
    choices, place = context.index.choices, context.index.unit(context.home.iso3)
    clear = beyond(context.index.draws)
    found: list[tuple[float, str, str, words.Side]] = []
    for c in _distinct(context):
        for top in context.built.tops:
            m = choices.measures.index(top)
            shift, *judged = (
                float(part[c, m, place])
                for part in (
                    choices.shift,
                    choices.shift_low,
                    choices.shift_high,
                    choices.shift_up,
                    choices.shift_down,
                )
            )
            side = words.side(words.lean(*judged, clear=clear))
            if side != "neither":
                found.append((abs(shift), choices.ids[c], top, side))
    return found


def _headline(context: Context) -> str:
    clear = _clear(context)
    if not clear:
        return "No single choice clearly moves its ranks"
    _, id, top, where = max(clear)
    measure = words.mid(context.built.title_of(top))
    return f"{_counting(_title(context, id))}, its {measure} ranks {'higher' if where == 'above' else 'lower'}"


def _counting(title: str) -> str:
    """A choice at the start of a sentence: it is about what is counted, not about what a country should do.

    >>> _counting("With voice and accountability"), _counting("Without exports"), _counting("UN votes only")
    ('Counting voice and accountability', 'Not counting exports', 'Under “UN votes only”')
    """
    for start, instead in (("With ", "Counting "), ("Without ", "Not counting ")):
        if title.startswith(start):
            return f"{instead}{title.removeprefix(start)}"
    return f"Under \u201c{title}\u201d"


def _figure_headline(context: Context) -> str:
    """How many of all choices move a rank for certain."""
    clear = len({id for _, id, _, _ in _clear(context)})
    verb = "moves" if clear <= 1 else "move"
    return words.sentence(f"{terms.spelt(clear)} of {len(_distinct(context))} choices clearly {verb} a rank")


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
        groups.append(
            ShiftGroup(heading=context.built.title_of(top), rows=rows, none="no choice moves it by a place or more")
        )
    reach = float(5 * np.ceil(reach / 5))
    headline = _figure_headline(context)
    return Figure(
        id="figure-choices",
        headline=headline,
        sub="The choices that move a rank most, by how many places, all else unchanged; 90% intervals",
        chart=shifts_chart(
            Shifts(
                title=f"{context.home.label}: {_headline(context)}",
                groups=groups,
                axis=Axis(
                    low=-reach, high=reach, ticks=[(at, words.signed(at)) for at in (-reach, 0.0, reach)], reference=0.0
                ),
                left="lower",
                right="higher",
                reference_label="no change",
            )
        ),
        alt=_headline(context),
        note=[
            (
                "Blue: clearly higher; orange: clearly lower; grey: not distinguishable. A choice leaves out a part of "
                "the model, whose weight goes to the parts that remain, or is a variant."
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
    built = model.variants.get(context.index.variant)
    rows = [
        Row(
            cells=[
                Cell(text=[built.title if built else "Default"]),
                Cell(text=[value(potential, words.rank_range(*potential.place[1:]))]),
                Cell(text=[value(gap, words.signed_range(*gap.bounds, 1))], mark=context.gap_mark(home)),
                Cell(text=[f"This brief. {built.reason}" if built else "The model as it is declared."]),
            ],
            focus=True,
        )
    ]
    reach = max(map(abs, gap.bounds))
    for name, (title, reason) in context.variants.items():
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
        rows.append(Row(cells=[Cell(text=[title]), *cells, Cell(text=[reason])]))
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
            Column(heading="Why one might"),
        ],
        rows=rows,
    )


def _variants_headline(context: Context) -> str:
    usual = context.lean(context.gap(context.home.iso3))
    others = [context.under(name, "gap") for name in context.variants]
    sides = {context.lean(record) for record in others if record is not None}
    same = sides <= {usual}
    return (
        "The verdict on the gap holds in every variant"
        if same
        else "The verdict on the gap depends on what counts as potential"
    )
