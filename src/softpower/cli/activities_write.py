"""`softpower activities add`, `edit`, `retire`, `restore`, `merge` and `duplicates`: what changes a register."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from softpower.cli.activities_ids import made_id
from softpower.cli.activities_shared import (
    JSON,
    REGISTER,
    WHO,
    WHY,
    adopt,
    author,
    entries,
    own_entries,
    own_file,
    register_at,
)

if TYPE_CHECKING:
    from softpower.activities.activity import Activity

ADD_EXAMPLES = """\b
Examples:
  softpower activities add
  softpower activities add --title "Nauryz concert" --instrument cultural_days --sender KAZ --start 2026-03-21
  softpower activities add --title "Media days" --instrument forum --sender KAZ --start 2026-05 --planned "guests=40"
"""
# How often another id is made where another process was faster.
_TRIES = 20
# Fields of which an entry has several, split at semicolons.
_LISTS = ("sender", "host", "audience", "audience_groups", "aims")


@click.command(epilog=ADD_EXAMPLES, short_help="Add an activity; without options it asks.")
@click.option("--id", help="Stable name.  [default: made from sender, year and title]")
@click.option("--title", help="In English, or in the language of --language.")
@click.option("--language", default="en", show_default=True, help="ISO 639 code.")
@click.option("--instrument", help="softpower activities words instrument lists them.")
@click.option("--sender", multiple=True, help="Country that acts; may be repeated.")
@click.option("--host", multiple=True, help="Country where it takes place; may be repeated.")
@click.option("--place", default="", help="City or venue.")
@click.option("--start", help="Day, month or year: 2026-03-21, 2026-03, 2026.")
@click.option("--end", help="The same of its end.")
@click.option(
    "--status",
    help="planned, ongoing, held, postponed, cancelled.  [default: held, or planned if it is to come]",
)
@click.option("--audience", multiple=True, help="Country, vector or region at which it is aimed; may be repeated.")
@click.option("--public", multiple=True, help="Kind of public: students, media, ...; may be repeated.")
@click.option("--actor", multiple=True, help="Office or organisation that leads; may be repeated.")
@click.option("--partner", multiple=True, help="Office or organisation that takes part; may be repeated.")
@click.option("--aim", multiple=True, help="May be repeated.")
@click.option("--series", help="What it is an edition of.")
@click.option("--edition", type=int, help="Its number in the series.")
@click.option("--planned", multiple=True, metavar="WHAT=NUMBER", help="A planned figure; may be repeated.")
@click.option("--realised", multiple=True, metavar="WHAT=NUMBER", help="A realised figure, claimed; may be repeated.")
@click.option("--budget", multiple=True, metavar="'AMOUNT CURRENCY'", help="Planned: '1500000 KZT'; may be repeated.")
@click.option("--spent", multiple=True, metavar="'AMOUNT CURRENCY'", help="The same, spent.")
@click.option("--two-way/--one-way", default=None, help="Whether both sides speak, teach or learn.")
@click.option("--evaluation/--no-evaluation", default=None, help="Whether an evaluation is planned or was done.")
@click.option("--component", help="Component of public diplomacy.  [default: that of the instrument]")
@click.option("--parent", help="Id of the programme it belongs to.")
@click.option("--source", help="Publisher or title of what it rests on.")
@click.option("--url", default="", help="Address of the source.")
@click.option("--note", default="", help="Remarks.")
@WHO
@WHY
@REGISTER
def add(
    id: str | None,
    title: str | None,
    language: str,
    instrument: str | None,
    start: str | None,
    planned: Sequence[str],
    realised: Sequence[str],
    who: str | None,
    why: str,
    address: str | None,
    **given: Any,
) -> None:
    """Add one activity to your register.

    On a terminal and without options, it asks for what it needs. An entry much like one that is there already is named;
    it is stored all the same.
    """
    from softpower.activities.bundled import bundled_activities
    from softpower.activities.duplicates import suggestions_for
    from softpower.activities.register import DuplicateId
    from softpower.errors import BadRequest

    if title is None and instrument is None and not given["sender"] and start is None and sys.stdin.isatty():
        title, instrument, start = _asked(given)
    needed = {"--title": title, "--instrument": instrument, "--sender": given["sender"], "--start": start}
    if lacking := [name for name, value in needed.items() if not value]:
        raise BadRequest(f"an activity needs {', '.join(lacking)}; softpower activities add --help has an example")
    record = _record(title or "", language, instrument or "", start or "", planned, realised, given)
    mine, taken = own_entries(address) if own_file(address) else ([], set())
    bundled = {each.id for each in bundled_activities()}
    record["id"] = id or made_id(record, taken | bundled)
    if "status" not in record and _is_to_come(record["start"]):
        record["status"] = "planned"
    entry = _checked(record)
    alike = suggestions_for(entry, [*mine, *(each for each in bundled_activities() if each.id not in taken)])
    with register_at(address) as register:
        for left in reversed(range(_TRIES)):
            try:
                stored = register.add(entry, who=author(who), why=why)
                break
            except DuplicateId:  # another process took the id that was made
                if id or not left:
                    raise
                taken.add(entry.id)
                entry = _checked(record | {"id": made_id(record, taken | bundled)})
    click.echo(stored.activity.id)
    if stored.activity.id in bundled:
        click.echo("It stands in for the entry of this id that comes with softpower", err=True)
    for each in alike[:3]:
        other = each.other if each.one == entry.id else each.one
        click.echo(
            f"Much like {other} ({each.score:.0f} of 100): softpower activities merge {entry.id} {other}", err=True
        )


def _is_to_come(start: str) -> bool:
    """Whether a date lies after today; one that is none is told later."""
    from softpower.activities.activity import day_of

    try:
        return day_of(start) > datetime.now(UTC).date()
    except ValueError:
        return False


def _asked(given: dict[str, Any]) -> tuple[str, str, str]:
    """What an entry needs, from questions; each answer is checked at once, and those that may stay empty can be."""
    title = click.prompt("Title")
    instrument = _prompt("Instrument (such as cultural_days, forum, scholarship_inbound)", _instrument)
    given["sender"] = (_prompt("Country that acts", _country),)
    host = _prompt("Country where it takes place (Enter for none)", _country, optional=True)
    given["host"] = (host,) if host else ()
    start = _prompt("Start (2026-03-21, 2026-03 or 2026)", _date)
    given["end"] = _prompt("End (Enter if it is one day)", partial(_end, start), optional=True) or None
    given["audience"] = _several(
        "Towards whom, with ; between (TUR; Turkic world), Enter for where it takes place", _audience
    )
    given["audience"] = given["audience"] or given["host"]
    given["public"] = _several("Publics, with ; between (students; media), Enter for none", _public)
    given["source"] = click.prompt("Source: publisher or title (Enter for none)", default="", show_default=False)
    return title, instrument, start


def _prompt(question: str, check: Callable[[str], str], *, optional: bool = False) -> str:
    """An answer that passes a check; what does not is asked again, with what is wrong."""
    from softpower.errors import SoftPowerError

    def checked(text: str) -> str:
        if optional and not text.strip():
            return ""
        try:
            return check(text.strip())
        except SoftPowerError as error:
            raise click.BadParameter(str(error)) from error

    options: dict[str, Any] = {"default": "", "show_default": False} if optional else {}
    answer: str = click.prompt(question, value_proc=checked, **options)
    return answer


def _instrument(text: str) -> str:
    from softpower.activities.vocabulary import word

    return word("instrument", text).id


def _country(text: str) -> str:
    from softpower.world import find

    return find(text).iso3


def _date(text: str) -> str:
    from softpower.activities.activity import day_of
    from softpower.errors import BadRequest

    try:
        day_of(text)
    except ValueError as error:
        raise BadRequest(str(error)) from error
    return text


def _end(start: str, text: str) -> str:
    from softpower.activities.activity import day_of
    from softpower.errors import BadRequest

    if day_of(_date(text), last=True) < day_of(start):
        raise BadRequest(f"{text} is before the start, {start}")
    return text


def _several(question: str, check: Callable[[str], str]) -> tuple[str, ...]:
    """Several answers in one line."""

    def each_checked(text: str) -> str:
        return ";".join(check(each.strip()) for each in text.split(";") if each.strip())

    return tuple(each for each in _prompt(question, each_checked, optional=True).split(";") if each)


def _audience(text: str) -> str:
    from softpower.activities.audience import reach

    return reach(text)


def _public(text: str) -> str:
    from softpower.activities.vocabulary import word

    return word("audience", text).id


def _record(
    title: str,
    language: str,
    instrument: str,
    start: str,
    planned: Sequence[str],
    realised: Sequence[str],
    given: dict[str, Any],
) -> dict[str, Any]:
    """The fields of an entry from options; what was not given is not among them."""
    record: dict[str, Any] = {
        "title": {language: title},
        "instrument": instrument,
        "start": start,
        "sender": list(given["sender"]),
        "host": list(given["host"]),
        "audience": list(given["audience"]),
        "audience_groups": [each for text in given["public"] for each in text.split(";") if each.strip()],
        "aims": list(given["aim"]),
        "actors": [
            *({"name": each} for each in given["actor"]),
            *({"name": each, "role": "partner"} for each in given["partner"]),
        ],
        "budget": [*map(_money, given["budget"]), *(_money(each) | {"spent": True} for each in given["spent"])],
        "figures": _figures(planned, realised),
        "sources": [{"publisher": given["source"] or "", "url": given["url"]}]
        if given["source"] or given["url"]
        else [],
    }
    single = (
        "place", "end", "status", "series", "edition", "note", "two_way", "evaluation", "component", "parent",
    )  # fmt: skip
    return record | {name: given[name] for name in single if given[name] not in (None, "")}


def _money(text: str) -> dict[str, Any]:
    from softpower.errors import BadRequest

    amount, _, currency = text.strip().rpartition(" ")
    if not amount:
        raise BadRequest(f"{text!r} is no sum of money; give an amount and a currency, such as '1500000 KZT'")
    return {"amount": amount.strip(), "currency": currency.upper()}


def _figures(planned: Sequence[str], realised: Sequence[str]) -> list[dict[str, Any]]:
    """Figures from WHAT=NUMBER, planned and realised of one thing in one."""
    from softpower.errors import BadRequest

    found: dict[str, dict[str, Any]] = {}
    for name, texts in (("planned", planned), ("realised", realised)):
        for text in texts:
            what, equals, number = text.rpartition("=")
            if not equals or not what.strip():
                raise BadRequest(f"--{name} {text}: give what is counted and how many, such as visitors=3000")
            figure = found.setdefault(what.strip(), {"indicator": what.strip()})
            figure[name] = number.strip()
            if name == "realised":
                figure["claimed"] = True
    return list(found.values())


def _checked(record: dict[str, Any]) -> Activity:
    from softpower.activities.activity import checked
    from softpower.errors import BadRequest

    found = checked(record)
    if isinstance(found, list):
        said = "; ".join(f"{each.where.removeprefix('entry, ')}: {each.what}" for each in found)
        raise BadRequest(f"nothing was stored: {said}")
    return found


@click.command(epilog='\b\nExample:\n  softpower activities edit KAZ-2026-NAURYZ --set status=held --why "took place"')
@click.argument("id")
@click.option(
    "--set", "changes", multiple=True, required=True, metavar="FIELD=VALUE", help="May be repeated; JSON or text."
)
@click.option("--version", type=int, help="Only if the stored version is still this one.")
@WHO
@click.option("--why", required=True, help="Reason, kept in the history.")
@REGISTER
def edit(id: str, changes: Sequence[str], version: int | None, who: str | None, why: str, address: str | None) -> None:
    """Change fields of the entry ID. Lists are written with ; between, nested fields as JSON.

    An entry that comes with softpower is copied into your register first, and your copy changed.
    """
    from softpower.errors import BadRequest

    wanted: dict[str, Any] = {}
    for text in changes:
        name, equals, value = text.partition("=")
        if not equals:
            raise BadRequest(f"--set {text}: give a field and its value, such as status=held")
        wanted[name.strip()] = _value(name.strip(), value)
    with register_at(address) as register:
        adopt(register, id, author(who))
        stored = register.edit(id, wanted, who=author(who), why=why, version=version)
    click.echo(f"{stored.activity.id}, version {stored.version}")


def _value(name: str, text: str) -> Any:
    """A value as people type it: a list, JSON, nothing, or text."""
    if name in _LISTS and not text.lstrip().startswith("["):
        return [each.strip() for each in text.split(";") if each.strip()]
    if name in ("title", "description") and not text.lstrip().startswith("{"):
        return {"en": text}
    if text.lstrip()[:1] in ("[", "{"):
        from softpower.errors import BadRequest

        try:
            return json.loads(text)
        except ValueError as error:
            raise BadRequest(f"--set {name}: not JSON: {error}") from error
    return text or None


@click.command(epilog='\b\nExample:\n  softpower activities retire KAZ-2026-NAURYZ --why "entered by mistake"')
@click.argument("id")
@WHO
@click.option("--why", required=True, help="Reason, kept in the history.")
@REGISTER
def retire(id: str, who: str | None, why: str, address: str | None) -> None:
    """Take the entry ID out of lists and counts; it stays in the history."""
    with register_at(address) as register:
        adopt(register, id, author(who))
        stored = register.retire(id, who=author(who), why=why)
    click.echo(f"{stored.activity.id} is retired")


@click.command(epilog='\b\nExample:\n  softpower activities restore KAZ-2026-NAURYZ --why "it did take place"')
@click.argument("id")
@WHO
@click.option("--why", required=True, help="Reason, kept in the history.")
@REGISTER
def restore(id: str, who: str | None, why: str, address: str | None) -> None:
    """Put the retired entry ID back into lists and counts."""
    with register_at(address) as register:
        stored = register.restore(id, who=author(who), why=why)
    click.echo(f"{stored.activity.id} is back")


@click.command(epilog="\b\nExample:\n  softpower activities merge KAZ-2026-NAURYZ-2 KAZ-2026-NAURYZ --why twice")
@click.argument("id")
@click.argument("into")
@WHO
@click.option("--why", default="the same activity", show_default=True, help="Reason, kept in the history.")
@REGISTER
def merge(id: str, into: str, who: str | None, why: str, address: str | None) -> None:
    """Let the entry INTO stand for ID, which is retired. Fields are not mixed: edit INTO for what ID alone knew."""
    with register_at(address) as register:
        adopt(register, id, author(who))
        adopt(register, into, author(who))
        register.merge(id, into, who=author(who), why=why)
    click.echo(f"{id} is retired; {into} stands for it")


@click.command(epilog="\b\nExample:\n  softpower activities duplicates --own")
@click.option("--own", is_flag=True, help="Only your register.")
@click.option("--least", default=80.0, show_default=True, type=click.FloatRange(60, 100), help="Score from which.")
@REGISTER
@JSON
def duplicates(own: bool, least: float, address: str | None, as_json: bool) -> None:
    """Suggest entries that may be of the same activity. Nothing is merged without you."""
    from softpower.activities.duplicates import suggestions

    found = [each for each in suggestions(entries(address, own=own), least=least) if not each.marked]
    if as_json:
        click.echo(json.dumps([each.document() for each in found], ensure_ascii=False))
        return
    for each in found:
        click.echo(f"{each.score:3.0f}  {each.one}  {each.other}: {'; '.join(each.reasons)}")
    click.echo(
        f"{len(found)} pairs; softpower activities merge ONE OTHER lets one stand for both"
        if found
        else "No two entries look alike."
    )
