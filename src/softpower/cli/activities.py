"""`softpower activities`: what was done, by whom, towards whom, and whether it changed anything."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from softpower.cli.activities_effect import effect
from softpower.cli.activities_files import export, import_, template
from softpower.cli.activities_plot import plot
from softpower.cli.activities_shared import (
    JSON,
    REGISTER,
    WIDTH,
    columns,
    entries,
    entry_of,
    own_file,
    period,
    record,
    register_at,
)
from softpower.cli.activities_views import editions, review, words
from softpower.cli.activities_write import add, duplicates, edit, merge, restore, retire

if TYPE_CHECKING:
    from softpower.activities.activity import Activity
    from softpower.activities.reach import HostView

EXAMPLES = """\b
Examples:
  softpower activities list --host TUR
  softpower activities add --title "Nauryz concert" --instrument cultural_days --sender KAZ --start 2026-03-21
  softpower activities import my-activities.xlsx
  softpower activities editions KAZ-CONG --as-of 2025-06-30
  softpower activities effect KAZ-EXPO-2017 --outcome wdi_tourist_arrivals
"""


@click.group(epilog=EXAMPLES)
def activities() -> None:
    """What a country did, towards whom, and whether that changed anything.

    A register of activities comes with softpower: 75 of Kazakhstan and 21 in or by Türkiye, each with its source. Your
    own lie in a register of yours, which add and import make.
    """


LIST_EXAMPLES = """\b
Examples:
  softpower activities list --host TUR
  softpower activities list --sender KAZ --instrument expo --from 2010
  softpower activities list --audience "Turkic world" --json
"""


@activities.command("list", short_help="List activities; with --host also who is active there.", epilog=LIST_EXAMPLES)
@click.option("--sender", help="Country that acts.")
@click.option("--host", help="Country where it takes place.")
@click.option("--audience", help="Country, vector (Turkic world) or region (Asia) at which it is aimed.")
@click.option("--instrument", help="Instrument; softpower activities words lists them.")
@click.option("--component", help="Component of public diplomacy: listening, advocacy, ...")
@click.option("--public", help="Kind of public: students, media, ...")
@click.option("--status", help="planned, ongoing, held, postponed or cancelled.")
@click.option("--series", help="Only editions of this series.")
@click.option("--from", "first", type=int, help="First year.")
@click.option("--to", "last", type=int, help="Last year.")
@click.option("--outcomes", is_flag=True, help="Only outcomes that others decided: elections won, listings granted.")
@click.option("--own", is_flag=True, help="Only your register.")
@click.option("--bundled", is_flag=True, help="Only what comes with softpower.")
@REGISTER
@JSON
def list_(
    sender: str | None,
    host: str | None,
    audience: str | None,
    instrument: str | None,
    component: str | None,
    public: str | None,
    status: str | None,
    series: str | None,
    first: int | None,
    last: int | None,
    outcomes: bool,
    own: bool,
    bundled: bool,
    address: str | None,
    as_json: bool,
) -> None:
    """List activities by their start.

    An activity towards Türkiye is also found under the Turkic world, and one towards the Turkic world under Türkiye.
    """
    from softpower.activities.filters import select, wanted
    from softpower.activities.reach import active_in
    from softpower.errors import BadRequest

    if own and bundled:
        raise BadRequest("--own and --bundled: give one of them")
    which = wanted(
        sender=sender, host=host, audience=audience, instrument=instrument, component=component, public=public,
        status=status, series=series, first=first, last=last, nature="outcome" if outcomes else None,
    )  # fmt: skip
    everything = entries(address, own=own, bundled=bundled)
    found = select(everything, which)
    view = None if host is None else active_in(found, host, first=first, last=last)
    if as_json:
        document = {
            "count": len(found),
            "entries": [record(each) for each in found],
            "host_view": None if view is None else view.document(),
        }
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    if view is not None:
        for line in _active(view):
            click.echo(line)
    for line in _lines(found):
        click.echo(line)
    total = f"{len(found)} of {len(everything)} entries"
    click.echo(total if found else "No entry is so; nothing registered is not nothing done.")


def _active(view: HostView) -> Iterator[str]:
    """Who is active in a country, with which instruments, at which publics."""
    from softpower.activities.vocabulary import words as of
    from softpower.world import country

    yield f"Active in {country(view.host).label}, as registered"
    instruments, publics = of("instrument"), of("audience")
    rows = [
        (
            country(each.iso3).label,
            str(each.count),
            str(each.first) if each.first == each.last else f"{each.first}-{each.last}",
            ", ".join(instruments[id].title.lower() for id in each.instruments),
            ", ".join(publics[id].title.lower() for id in each.publics),
        )
        for each in view.presences
    ]
    yield from columns([("Sender", "No.", "Years", "Instruments", "Publics"), *rows], (18, 3, 9, 40, 32))
    yield ""


def _lines(found: Sequence[Activity]) -> Iterator[str]:
    from softpower.activities.vocabulary import words as of

    titles = of("instrument")
    rows = [
        (
            each.id,
            period(each),
            f"{'+'.join(each.sender)} in {'+'.join(each.host) or '-'}",
            titles[each.instrument].title,
            each.name if each.status in ("held", "ongoing") else f"[{each.status}] {each.name}",
        )
        for each in found
    ]
    # Ids are typed again, and so never cut.
    longest = max((len(each.id) for each in found), default=0)
    yield from columns(rows, (longest, 24, 14, 21, 60))


@activities.command("show", epilog="\b\nExample:\n  softpower activities show KAZ-EXPO-2017")
@click.argument("id")
@click.option("--history", is_flag=True, help="Every change: when, by whom, what.")
@REGISTER
@JSON
def show(id: str, history: bool, address: str | None, as_json: bool) -> None:
    """Show the entry ID with all that is known of it."""
    from softpower.activities.plain import plain

    if history:
        from softpower.errors import BadRequest

        if not own_file(address):
            raise BadRequest("there is no register of yours yet, and what comes with softpower has no history")
        with register_at(address) as register:
            changes = register.history(id)
        if as_json:
            told = [plain(each) | {"when": each.when.isoformat()} for each in changes]
            click.echo(json.dumps(told, ensure_ascii=False))
            return
        for each in changes:
            why = f": {each.why}" if each.why else ""
            click.echo(f"{each.when:%Y-%m-%d %H:%M} UTC  version {each.version}  {each.what} by {each.who}{why}")
            for name, (old, new) in each.differences.items():
                click.echo(textwrap.fill(f"{name}: {_short(old)} -> {_short(new)}", WIDTH, initial_indent="    "))
        return
    found = entry_of(id, entries(address))
    if as_json:
        click.echo(json.dumps(record(found), ensure_ascii=False))
        return
    for line in _whole(found):
        click.echo(line)


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


def _whole(entry: Activity) -> Iterator[str]:
    """All that is known of an entry, a field to a line."""
    from softpower.activities.delivery import delivery
    from softpower.activities.vocabulary import words as of
    from softpower.world import country

    yield entry.name
    yield from (f"  ({language}) {title}" for language, title in entry.title.items() if title != entry.name)
    facts = {
        "id": entry.id,
        "when": period(entry),
        "status": entry.status,
        "instrument": of("instrument")[entry.instrument].title,
        "component": of("component")[entry.component or ""].title if entry.component else "",
        "by": ", ".join(country(each).label for each in entry.sender),
        "in": ", ".join(country(each).label for each in entry.host) + (f" ({entry.place})" if entry.place else ""),
        "towards": ", ".join(entry.audience),
        "publics": ", ".join(of("audience")[each].title.lower() for each in entry.audience_groups),
        "actors": "; ".join(f"{each.name} ({each.role})" for each in entry.actors),
        "series": "" if entry.series is None else f"{entry.series}, edition {entry.edition or 'unknown'}",
        "part of": entry.parent or "",
        "aims": ", ".join(of("aim")[each].title.lower() for each in entry.aims),
        "figures": "; ".join(f"{each.indicator}: {each.text}" for each in delivery([entry]).figures),
        "budget": "; ".join(
            f"{each.amount:,.0f} {each.currency}, {'spent' if each.spent else 'planned'}"
            f"{' (claimed)' if each.claimed else ''}"
            for each in entry.budget
        ),
        "reported": entry.reported,
        "nature": "" if entry.nature == "activity" else "outcome that others decided",
        "confidence": entry.confidence or "",
        "note": entry.note,
        "description": entry.description.get("en", next(iter(entry.description.values()), "")),
    }
    for name, text in facts.items():
        if text:
            yield textwrap.fill(text, WIDTH, initial_indent=f"  {name:<12}", subsequent_indent=" " * 14)
    for each in entry.sources:
        said = ", ".join(filter(None, (each.publisher, each.title, each.year)))
        yield textwrap.fill(said, WIDTH, initial_indent=f"  {'source':<12}", subsequent_indent=" " * 14)
        if each.url:
            yield f"{' ' * 14}{each.url}"


for each in (
    add, edit, retire, restore, merge, duplicates, import_, export, template, review, editions, words, effect, plot,
):  # fmt: skip
    activities.add_command(each)
