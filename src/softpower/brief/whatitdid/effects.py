"""Whether it changed anything: what could be seen, and what cannot be told."""

from __future__ import annotations

from softpower.activities.cases import Way, Worked
from softpower.activities.dossier import Dossier
from softpower.brief import words
from softpower.brief.charts.effect import EffectPath, effect_chart
from softpower.brief.context import Context, value
from softpower.brief.section import Cell, Column, Figure, Quiet, Row, Span, Table, Text
from softpower.brief.sections import terms
from softpower.brief.whatitdid import evidence
from softpower.world import country

SEEN = ("higher", "lower")
# Others at the same time that are named.
NAMED = 3
CHOSEN = (
    "Cases, outcomes, years and donors were chosen before any result was looked at. A 90% interval may miss zero where "
    "a test at 5% sees nothing. "
)
FOLLOWED = (
    "A gap before the start shows how well the comparison followed; only one that leaves the grey after it, and not "
    "before, speaks for an effect."
)


def effects_table(context: Context, found: Dossier) -> Table | None:
    """One row for each case worked out; None where there is none."""
    if not found.worked:
        return None
    return Table(
        id="table-effects",
        headline=f"Did it change anything? {words.sentence(finding(found))}",
        sub=(
            "Mean effect from the start on, with 90% interval; the smallest that would have stood out in four of five "
            "cases; what can be said, by a test at 5%"
        ),
        columns=[
            Column(heading="Activity and outcome"),
            Column(heading="Effect", align="right"),
            Column(heading="Smallest\nvisible", align="right"),
            Column(heading="What can be said"),
            Column(heading="Compared with"),
        ],
        rows=[_row(context, each) for each in found.worked],
        note=_note(context, found),
    )


def effect_figure(context: Context, found: Dossier) -> Figure | None:
    """The first case with a comparison group, over the years; None where there is none."""
    each = next((each for each in found.worked if each.path is not None), None)
    if each is None or each.path is None:
        return None
    name, way = words.in_letters(each.case.entry.name), each.path
    headline = f"{name}: {each.told}" if each.verdict in SEEN else f"{name}: {each.told.split('; ')[0]}"
    treated = country(each.case.country).label if not each.case.treated else "the treated"
    return Figure(
        id="figure-effect",
        headline=headline,
        sub=(
            "What happened, and what weighted donors lead one to expect; then the gap between them, and in grey nine "
            f"in ten gaps where nothing was done; {each.first}{words.DASH}{each.last}"
        ),
        chart=effect_chart(
            EffectPath(
                title=f"{context.home.label}: {headline}",
                outcome=words.sentence(each.outcome) + ("" if each.unit in each.outcome else f", {each.unit}"),
                name=treated,
                donors="weighted donors",
                labels=way.labels,
                start=way.start,
                treated=way.treated,
                synthetic=way.synthetic,
                gap=way.gap,
                low=way.low,
                high=way.high,
                percent=each.effect_unit.startswith("%"),
            )
        ),
        alt=headline,
        note=[FOLLOWED],
        data=_years(each.case.country, each, way),
    )


def _years(iso3: str, each: Worked, way: Way) -> Table:
    """The figure as a table."""
    unit = each.effect_unit
    columns = [
        "Year",
        country(iso3).label if not each.case.treated else "The treated",
        "Weighted donors",
        "Gap",
        "Placebos",
    ]
    rows = [
        (
            label,
            words.amount(happened),
            words.amount(expected),
            _signed(gap, unit),
            f"{_signed(low, unit, bare=True)} to {_signed(high, unit)}",
        )
        for label, happened, expected, gap, low, high in zip(
            way.labels, way.treated, way.synthetic, way.gap, way.low, way.high, strict=True
        )
    ]
    return Table(
        id="effect-data",
        headline="The figure as a table",
        sub=f"{words.sentence(each.outcome)}, {each.unit}; nine in ten gaps of placebos",
        columns=[Column(heading=name, align="left" if name == "Year" else "right") for name in columns],
        rows=[Row(cells=[Cell(text=[text]) for text in row]) for row in rows],
    )


def finding(found: Dossier) -> str:
    """In how many outcomes a change can be shown."""
    number, seen = len(found.worked), sum(each.verdict in SEEN for each in found.worked)
    if seen:
        return f"a change can be shown in {seen} of {words.count(number, 'outcome')}"
    if number == 1:
        return "no change can be shown in the outcome looked at"
    return f"no change can be shown in any of {terms.spelt(number)} outcomes"


def _row(context: Context, each: Worked) -> Row:
    record, least = evidence.effect(context, each), evidence.detectable(context, each)
    effect: list[Span] = [Quiet("no estimate")]
    if record.value is not None:
        effect = [value(record, _signed(record.value, each.effect_unit))]
        if record.low is not None and record.high is not None:
            low, high = (_signed(end, each.effect_unit, bare=True) for end in record.bounds)
            effect = [value(record, f"{_signed(record.value, each.effect_unit)} ({low} to {high})")]
    years = f"{each.first}{words.DASH}{each.last}, from {each.case.start} on"
    against: list[Span] = [f"{words.sentence(each.design)}, {years}"]
    if each.causal:
        against = [value(record, words.count(each.donors, "donor")), f", {each.design}, {years}"]
    return Row(
        cells=[
            Cell(text=[f"{words.in_letters(each.case.entry.name)}: {each.outcome}"]),
            Cell(text=effect),
            Cell(text=[Quiet("none")] if least.value is None else [value(least, _size(least.value, each.effect_unit))]),
            Cell(text=[said(each)]),
            Cell(text=against),
        ]
    )


def said(each: Worked) -> str:
    """The verdict in short, with the first reason where it cannot be told."""
    if each.verdict == "cannot_tell":
        why = each.reasons[0].split(": ")[0] if each.reasons else ""
        return f"Cannot tell: {why}" if why else "Cannot tell"
    if each.verdict == "no_detectable_change":
        return "No detectable change"
    return words.sentence(each.told)


def _signed(amount: float, unit: str, *, bare: bool = False) -> str:
    """An effect with its sign and unit."""
    if not unit.startswith("%"):
        sign = "+" if amount > 0 else ""
        return f"{sign}{words.amount(amount)}" + ("" if bare or not unit else f" {unit}")
    return words.signed(amount, 0 if abs(amount) >= 1 else 1) + ("" if bare else unit)


def _size(amount: float, unit: str) -> str:
    return _signed(abs(amount), unit).removeprefix("+")


def _note(context: Context, found: Dossier) -> Text:
    spans: list[Span] = [CHOSEN]
    for activity in dict.fromkeys(each.case.activity for each in found.worked):
        case = next(each.case for each in found.worked if each.case.activity == activity)
        others = [words.in_letters(each.name) for each in case.concurrent]
        name = words.in_letters(case.entry.name)
        if not others:
            spans.append(f"Around the start of {name} nothing else is registered. ")
            continue
        number = words.count(len(others), "other activity", "other activities")
        spans += [f"Registered around the start of {name}, which this cannot tell apart: "]
        spans += [value(evidence.concurrent(context, case), number)]
        spans.append(
            f", such as {words.listing(others[:NAMED])}. " if len(others) > NAMED else f" ({'; '.join(others)}). "
        )
    return [*spans, "The register is not complete: nothing registered is not nothing done."]
