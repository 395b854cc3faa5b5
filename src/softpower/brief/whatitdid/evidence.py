"""Records of what a country did: one number, one record, each with the publications that its entry cites."""

from __future__ import annotations

from softpower.activities.activity import Activity
from softpower.activities.cases import Case, Worked
from softpower.activities.delivery import Delivered, Range
from softpower.activities.dossier import Dossier
from softpower.activities.plots.numbers import amount, percent
from softpower.brief.context import Context
from softpower.brief.section import Record
from softpower.brief.words import in_letters as named
from softpower.evidence import Source

LICENCE = "facts as cited; compilation Apache-2.0"
CLAIMED = "claimed: the organiser's own count"


def count(context: Context, found: Dossier, number: int) -> Record:
    """How many activities are registered."""
    return context.ledger.add(
        Record(
            id=f"activities:{found.iso3}",
            label=f"Activities registered, {context.home.name}",
            iso3=found.iso3,
            value=float(number),
            unit="activities",
            year=found.as_of.year,
            source_id=context.cite(_source("register", "Register of activities that comes with softpower", "", "")),
            note="held or going on; the register is not complete",
        )
    )


def planned(context: Context, entry: Activity, each: Delivered) -> Record | None:
    """A figure as it was announced; None where none was."""
    return _figure(context, entry, each, "planned", each.planned, "")


def realised(context: Context, entry: Activity, each: Delivered) -> Record | None:
    """A figure as it was reported; None where none is known."""
    return _figure(context, entry, each, "realised", each.realised, CLAIMED if each.claimed else "")


def ratio(context: Context, entry: Activity, each: Delivered) -> Record | None:
    """What was realised in per cent of the plan; None where either is missing."""
    if each.ratio is None:
        return None
    return context.ledger.add(
        Record(
            id=_id("delivered", each),
            label=f"{named(each.name)}: {each.indicator}, realised of planned",
            iso3=context.home.iso3,
            value=float(f"{100 * each.ratio[0]:.4g}"),
            unit="%",
            text=percent(each.ratio),
            year=each.year,
            source_id=of_entry(context, entry),
            note="; ".join(filter(None, ("from ranges" if each.ratio[0] < each.ratio[1] else "", _claimed(each)))),
        )
    )


def effect(context: Context, found: Worked) -> Record:
    """The estimate of an effect with its 90% interval."""
    bounds = (found.low, found.high)
    known = found.effect is not None and found.low is not None and found.high is not None
    holds = known and found.low <= found.effect <= found.high  # type: ignore[operator]  # none of them is None
    return context.ledger.add(
        Record(
            id=f"effect:{found.case.id}",
            label=f"{named(found.case.entry.name)}: effect on {found.outcome}",
            iso3=found.case.country,
            value=found.effect,
            low=bounds[0] if holds else None,
            high=bounds[1] if holds else None,
            unit=found.effect_unit,
            year=int(found.last),
            source_id=found.sources[0],
            status="computed" if found.effect is not None else "missing",
            note=f"{found.design}, {found.donors} donors, {found.first} to {found.last}: "
            f"{found.verdict.replace('_', ' ')}; {found.case.why}",
        )
    )


def detectable(context: Context, found: Worked) -> Record:
    """The smallest effect that would have stood out."""
    return context.ledger.add(
        Record(
            id=f"detectable:{found.case.id}",
            label=f"{named(found.case.entry.name)}: smallest effect on {found.outcome} that would have stood out",
            iso3=found.case.country,
            value=found.detectable,
            unit=found.effect_unit,
            year=int(found.last),
            source_id=found.sources[0],
            status="computed" if found.detectable is not None else "missing",
            note="in four of five cases, by a test at 5%",
        )
    )


def concurrent(context: Context, case: Case) -> Record:
    """How many other activities of the same sender are registered around the same time."""
    return context.ledger.add(
        Record(
            id=f"concurrent:{case.activity}",
            label=f"{named(case.entry.name)}: other activities registered around the start",
            iso3=case.country,
            value=float(len(case.concurrent)),
            unit="activities",
            year=case.entry.start.year,
            source_id=context.cite(_source("register", "Register of activities that comes with softpower", "", "")),
        )
    )


def of_entry(context: Context, entry: Activity) -> str:
    """The id of the source that stands for all publications which an entry cites."""
    said = "; ".join(", ".join(filter(None, (each.publisher, each.year))) for each in entry.sources)
    addresses = " ".join(each.url for each in entry.sources if each.url)
    return context.cite(_source(f"activity:{entry.id}", named(entry.name), named(said), addresses))


def _figure(
    context: Context, entry: Activity, each: Delivered, kind: str, values: Range | None, note: str
) -> Record | None:
    if values is None:
        return None
    unit = each.unit if each.unit not in ("", each.indicator) else ""
    return context.ledger.add(
        Record(
            id=_id(kind, each),
            label=f"{named(each.name)}: {each.indicator}, {kind}",
            iso3=context.home.iso3,
            value=values[0],
            unit=unit,
            text=f"{amount(values)} {unit}".rstrip(),
            year=each.year,
            source_id=of_entry(context, entry),
            status="reference" if kind == "planned" else "observed",
            note=named("; ".join(filter(None, (note, each.source)))),
        )
    )


def _id(kind: str, each: Delivered) -> str:
    return f"{kind}:{each.id}:{each.indicator.lower().replace(' ', '_')}"


def _claimed(each: Delivered) -> str:
    return CLAIMED if each.claimed else ""


def _source(id: str, title: str, publisher: str, address: str) -> Source:
    """A source that is no table of the snapshot."""
    return Source(
        id=id,
        title=title,
        publisher=publisher or "softpower contributors",
        address=address or "softpower activities list",
        licence=LICENCE,
        attribution="",
        vintage="",
        retrieved_from="",
        commit="",
        files=(),
        sha256=(),
        rows=0,
        share_alike=False,
        pitfalls=(),
    )
