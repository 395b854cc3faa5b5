"""`softpower activities review`, `editions` and `words`: what a register says as a whole."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, get_args

import click

from softpower.cli.activities_shared import JSON, REGISTER, WIDTH, entries

if TYPE_CHECKING:
    from softpower.activities.delivery import Delivery
    from softpower.activities.gaps import Gaps
    from softpower.activities.practice import Practice

AS_OF = click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="A day; what begins later is left out.  [default: today]"
)


def day(given: datetime | None) -> date:
    """The day asked for, by default today in UTC."""
    return datetime.now(UTC).date() if given is None else given.date()


@click.command(epilog="\b\nExample:\n  softpower activities review KAZ --as-of 2025-12-31")
@click.argument("country")
@AS_OF
@click.option("--years", default=10, show_default=True, type=click.IntRange(1, 200), help="Years looked back for gaps.")
@REGISTER
@JSON
def review(country: str, as_of: datetime | None, years: int, address: str | None, as_json: bool) -> None:
    """Gaps of the register of COUNTRY, its practice against principles, and planned against realised figures."""
    from softpower.activities.delivery import delivery
    from softpower.activities.gaps import gaps
    from softpower.activities.practice import practice
    from softpower.world import find

    iso3, when = find(country).iso3, day(as_of)
    everything = entries(address)
    mine = [each for each in everything if iso3 in each.sender and each.start <= when]
    missing = gaps(everything, iso3, as_of=when, years=years)
    principles, delivered = practice(everything, iso3, as_of=when), delivery(mine)
    if as_json:
        document = {
            "country": iso3,
            "as_of": when.isoformat(),
            "entries": len(mine),
            "practice": principles.document(),
            "delivery": delivered.document(),
            "gaps": missing.document(),
        }
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    click.echo(f"{find(country).label}: {len(mine)} entries up to {when}\n")
    for line in (*_practice(principles), *_delivery(delivered), *_gaps(missing)):
        click.echo(line)


def _practice(found: Practice) -> Iterator[str]:
    yield "Practice, as registered"
    for each in found.checks:
        yield textwrap.fill(each.sentence, WIDTH, initial_indent="  ", subsequent_indent="    ")
    for series, interval in found.late:
        yield f"  {series}: {interval.years:.1f} years from {interval.since} to {interval.until}, longer than usual"
    yield ""


def _delivery(found: Delivery) -> Iterator[str]:
    yield "Planned and realised"
    for each in found.figures:
        if each.planned is not None:
            ratio = "" if each.ratio is None else f" = {_ratio(each.ratio)}"
            yield textwrap.fill(
                f"{each.name}, {each.year}: {each.indicator} {each.text}{ratio}", WIDTH,
                initial_indent="  ", subsequent_indent="    ",
            )  # fmt: skip
    yield f"  {found.ratios} figures have both, {found.planned_only} a plan only, {found.realised_only} a result only"
    yield ""


def _ratio(ratio: tuple[float, float]) -> str:
    low, high = (f"{100 * each:.0f}" for each in ratio)
    return f"{low}%" if low == high else f"{low}-{high}%"


def _gaps(found: Gaps) -> Iterator[str]:
    yield f"Nothing registered from {found.first} to {found.last}; that is not nothing done"
    for each in found.gaps:
        yield textwrap.fill(each.sentence, WIDTH, initial_indent="  ", subsequent_indent="    ")


@click.command(epilog="\b\nExample:\n  softpower activities editions KAZ-CONG --as-of 2025-06-30")
@click.argument("series", required=False)
@AS_OF
@REGISTER
@JSON
def editions(series: str | None, as_of: datetime | None, address: str | None, as_json: bool) -> None:
    """How often SERIES was held as of a day, and when; without SERIES, which there are."""
    from softpower.activities.editions import editions as counted
    from softpower.activities.editions import series_in

    everything = entries(address)
    if series is None:
        found = series_in(everything)
        if as_json:
            click.echo(json.dumps(found))
            return
        for name, count in found.items():
            click.echo(f"{name}  {count} entries")
        return
    held = counted(everything, series, as_of=day(as_of))
    if as_json:
        click.echo(json.dumps(held.document(), ensure_ascii=False))
        return
    click.echo(f"{series} as of {held.as_of}: held {held.text} time{'' if held.count == 1 else 's'}")
    for each in held.held:
        number = "" if each.number is None else f"{each.number}. "
        click.echo(f"  {number}{each.start.isoformat()}  {each.name}  ({each.id})")
    for name in ("planned", "postponed", "cancelled", "unsure", "later"):
        if ids := getattr(held, name):
            click.echo(f"  {name}: {', '.join(ids)}")
    if held.usual_years is not None:
        said = "usually every" if held.exact else "those registered are apart by the usual"
        click.echo(f"  {said} {held.usual_years:.1f} years")


@click.command(epilog="\b\nExamples:\n  softpower activities words\n  softpower activities words instrument")
@click.argument("vocabulary", required=False)
@JSON
def words(vocabulary: str | None, as_json: bool) -> None:
    """The words an entry may use: instruments, components, publics, aims and others."""
    from softpower.activities.vocabulary import List
    from softpower.activities.vocabulary import words as of
    from softpower.errors import BadRequest

    names = get_args(List)
    if vocabulary is not None and vocabulary not in names:
        raise BadRequest(f"no vocabulary is called {vocabulary!r}; there are {', '.join(names)}")
    chosen = names if vocabulary is None else (vocabulary,)
    if as_json:
        click.echo(json.dumps({name: {id: each.title for id, each in of(name).items()} for name in chosen}))
        return
    for name in chosen:
        click.echo(name)
        for id, each in of(name).items():
            click.echo(f"  {id:<30}{each.title}")
