"""Entries as activities of the IATI standard 2.03.

An instrument is a sector of vocabulary 99 and a component one of 98, both the reporting organisation's own; with whom,
what for and who acts are tags; figures are indicators with target and actual; money planned is a budget, money spent a
transaction. What the standard has no place for follows in elements and attributes of our own namespace, as it allows,
so that an entry comes back as it was.

The reporting organisation is the first sender's government, unless the fields of one's own ``iati_reporting_org_ref``,
``iati_reporting_org_type`` and ``iati_reporting_org`` say who it is: an organisation that publishes gives its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final
from urllib.parse import quote

from softpower.activities.activity import Activity, Actor, Figure, Money, Reference
from softpower.activities.exchange import cells
from softpower.activities.exchange import iaticodes as codes
from softpower.activities.exchange.xmltree import OWN, Node, written
from softpower.activities.vocabulary import List, words
from softpower.errors import BadRequest
from softpower.world import country

_BARRED: Final = re.compile(r"[/&|?]")  # in identifiers, by the standard's rules
_ADDRESS: Final = re.compile(
    r"https?://[A-Za-z0-9.-]+(:\d{1,5})?(?:[/?](?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?"
    r"(?:#(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?"
)
_WORDS: Final[dict[str, List]] = {
    "audience_groups": "audience", "aims": "aim", "category": "category", "kind": "kind", "nature": "nature",
    "confidence": "confidence",
}  # fmt: skip


def iati_bytes(activities: Sequence[Activity]) -> bytes:
    """Entries as an IATI file.

    Raises
    ------
    BadRequest
        There are no entries: the standard knows no file without an activity.
    """
    if not activities:
        raise BadRequest("no entries: an IATI file holds one activity at least")
    root = Node("iati-activities", {"version": "2.03", "xmlns:sp": OWN})
    return written(root, map(_activity, activities))


def _activity(activity: Activity) -> Node:
    language = "en" if "en" in activity.title else next(iter(activity.title))
    return Node("iati-activity", {"xml:lang": language}, [*_parts(activity)])


def _parts(activity: Activity) -> Iterator[Node]:
    """In the order of the standard."""
    yield _identifier(activity.id)
    yield _reporting(activity)
    yield Node("title", {}, _narratives(activity.title))
    if activity.description:
        yield Node("description", {"type": "1"}, _narratives(activity.description))
    else:
        yield Node("description", {"type": "1", "sp:from": "title"}, _narratives(activity.title))
    yield from _actors(activity)
    yield Node("activity-status", {"code": codes.STATUS[activity.status]})
    yield from _dates(activity)
    yield from _hosts(activity.host)
    if activity.place:
        yield Node("location", {}, [Node("name", {}, [_narrative(activity.place)])])
    yield _sector("instrument", activity.instrument, codes.OWN_LIST)
    if activity.component:
        yield _sector("component", activity.component, codes.OWN_LIST_2)
    yield from _tags(activity)
    money = list(enumerate(activity.budget, start=1))
    yield from (_budget(activity, each, place) for place, each in money if not each.spent)
    yield from (_transaction(activity, each, place) for place, each in money if each.spent)
    sources = [(each, _address(each.url), place) for place, each in enumerate(activity.sources, start=1)]
    yield from (_document(each, address, place) for each, address, place in sources if address)
    if activity.parent:
        yield Node("related-activity", {"ref": activity.parent, "type": codes.PARENT})
    yield from (_result(activity, each) for each in activity.figures)
    yield from (_source(each, place) for each, address, place in sources if not address)
    yield from _own(activity)


def _own(activity: Activity) -> Iterator[Node]:
    """What the standard has no place for."""
    if activity.series:
        edition = {"edition": str(activity.edition)} if activity.edition else {}
        yield Node("sp:series", edition, text=activity.series)
    for name in ("two_way", "evaluation"):
        if (value := getattr(activity, name)) is not None:
            yield Node(f"sp:{name}", text=cells.said(value))
    for name in ("reported", "note"):
        if value := getattr(activity, name):
            yield Node(f"sp:{name}", text=value)
    reporting = codes.REPORTING if _reports(activity) else ()
    for name, value in activity.extra.items():
        if name not in reporting:
            yield Node("sp:extra", {"name": name}, text=value)


def _narrative(text: str, language: str = "") -> Node:
    return Node("narrative", {"xml:lang": language} if language else {}, text=text)


def _narratives(texts: dict[str, str]) -> list[Node]:
    return [_narrative(text, language) for language, text in texts.items()]


def _identifier(id: str) -> Node:
    plain = _BARRED.sub("-", id)
    return Node("iati-identifier", {} if plain == id else {"sp:id": id}, text=plain)


def _reports(activity: Activity) -> bool:
    """Whether the entry says itself which organisation reports it."""
    return all(activity.extra.get(name) for name in codes.REPORTING)


def _reporting(activity: Activity) -> Node:
    if _reports(activity):
        ref, type, name = (activity.extra[key] for key in codes.REPORTING)
        return Node("reporting-org", {"ref": ref, "type": type}, [_narrative(name)])
    sender = country(activity.sender[0])
    attributes = {"ref": f"{sender.iso2}-GOV", "type": codes.GOVERNMENT, "sp:from": "sender"}
    return Node("reporting-org", attributes, [_narrative(sender.name)])


def _actors(activity: Activity) -> Iterator[Node]:
    if not activity.actors:
        name = country(activity.sender[0]).name
        attributes = {"role": codes.ROLE["initiator"], "type": codes.GOVERNMENT, "sp:from": "sender"}
        yield Node("participating-org", attributes, [_narrative(name)])
    yield from map(_actor, activity.actors)


def _actor(actor: Actor) -> Node:
    attributes = {"role": codes.ROLE[actor.role]}
    if actor.type:
        attributes["type"] = codes.TYPE[actor.type]
        if codes.TYPE_READ[codes.TYPE[actor.type]] != actor.type:
            attributes["sp:type"] = actor.type
    if codes.ROLE_READ[codes.ROLE[actor.role]] != actor.role:
        attributes["sp:role"] = actor.role
    own = {"sp:country": actor.country or "", "sp:qid": actor.qid}
    return Node(
        "participating-org", attributes | {name: value for name, value in own.items() if value},
        [_narrative(actor.name)],
    )  # fmt: skip


def _dates(activity: Activity) -> Iterator[Node]:
    happened = activity.status in ("ongoing", "held")
    start = codes.ACTUAL_START if happened else codes.PLANNED_START
    precision = {} if activity.date_precision == "day" else {"sp:precision": activity.date_precision}
    yield Node("activity-date", {"type": start, "iso-date": activity.start.isoformat()} | precision)
    if activity.end:
        end = codes.ACTUAL_END if activity.status == "held" else codes.PLANNED_END
        yield Node("activity-date", {"type": end, "iso-date": activity.end.isoformat()})


def _hosts(hosts: Sequence[str]) -> Iterator[Node]:
    """Countries in equal parts, which add up to one hundred."""
    part = round(Decimal(100) / max(len(hosts), 1), 2)
    for place, iso3 in enumerate(hosts, start=1):
        share = part if place < len(hosts) else 100 - part * (len(hosts) - 1)
        attributes = {"code": country(iso3).iso2, "percentage": f"{share:f}"}
        yield Node("recipient-country", attributes, [_narrative(country(iso3).name, "en")])


def _sector(of: List, word: str, vocabulary: str) -> Node:
    attributes = {"vocabulary": vocabulary, "vocabulary-uri": f"{codes.LISTS}{of}", "code": word}
    return Node("sector", attributes, [_narrative(words(of)[word].title, "en")])


def _tags(activity: Activity) -> Iterator[Node]:
    for name, several in codes.TAGS.items():
        value = getattr(activity, name)
        for code in value if several else filter(None, (value,)):
            attributes = {"vocabulary": codes.OWN_LIST, "vocabulary-uri": f"{codes.LISTS}{name}", "code": code}
            yield Node("tag", attributes, [_narrative(_title(name, code), "en")])


def _title(name: str, code: str) -> str:
    if name in _WORDS:
        return words(_WORDS[name])[code].title
    return country(code).name if len(code) == 3 and code.isupper() else code.rpartition(":")[2].replace("_", " ")


def _decimal(value: float) -> str:
    """A number without an exponent, which XML Schema has none of."""
    return f"{Decimal(repr(float(value))):f}".removesuffix(".0")


def _span(activity: Activity, year: int | None) -> tuple[date, date]:
    if year is not None:
        return date(year, 1, 1), date(year, 12, 31)
    return activity.start, activity.end or activity.start


def _value(money: Money, day: date, place: int) -> Node:
    own = {"sp:place": str(place), "sp:claimed": cells.said(money.claimed), "sp:year": cells.number(money.year)}
    attributes = {"currency": money.currency, "value-date": day.isoformat()} | own
    return Node("value", attributes, text=_decimal(money.amount))


def _budget(activity: Activity, money: Money, place: int) -> Node:
    start, end = _span(activity, money.year)
    return Node(
        "budget", {"type": "1", "status": "1"},
        [
            Node("period-start", {"iso-date": start.isoformat()}), Node("period-end", {"iso-date": end.isoformat()}),
            _value(money, start, place),
        ],
    )  # fmt: skip


def _transaction(activity: Activity, money: Money, place: int) -> Node:
    day, _ = _span(activity, money.year)
    return Node(
        "transaction", {},
        [
            Node("transaction-type", {"code": codes.EXPENDITURE}),
            Node("transaction-date", {"iso-date": day.isoformat()}), _value(money, day, place),
        ],
    )  # fmt: skip


def _address(url: str) -> str:
    """An address as XML Schema takes it; "" if it cannot be made one."""
    plain = quote(url, safe=":/?#@!$&'()*+,;=%-._~")
    return plain if _ADDRESS.fullmatch(plain) else ""


def _details(source: Reference, place: int) -> dict[str, str]:
    found = {"year": source.year, "seen": cells.said(source.seen), "retrieved": cells.day(source.retrieved)}
    return {"sp:place": str(place)} | {f"sp:{name}": value for name, value in found.items() if value}


def _document(source: Reference, address: str, place: int) -> Node:
    attributes = {"url": address, "format": "text/html"} | _details(source, place)
    if address != source.url:
        attributes["sp:url"] = source.url
    title = Node("title", {} if source.title else {"sp:from": "url"}, [_narrative(source.title or address)])
    own = [Node(f"sp:{name}", text=text) for name in ("publisher", "quote") if (text := getattr(source, name))]
    return Node("document-link", attributes, [title, Node("category", {"code": codes.WEB_PAGE}), *own])


def _source(source: Reference, place: int) -> Node:
    """A source that is not on the web, or whose address is none to the standard."""
    children = [
        Node(f"sp:{name}", text=text)
        for name in ("publisher", "title", "url", "quote")
        if (text := getattr(source, name))
    ]
    return Node("sp:source", _details(source, place), children)


def _result(activity: Activity, figure: Figure) -> Node:
    start, end = _span(activity, None)
    period = [Node("period-start", {"iso-date": start.isoformat()}), Node("period-end", {"iso-date": end.isoformat()})]
    for name, value in (("target", figure.planned), ("actual", figure.realised)):
        if value is not None:
            period.append(Node(name, {"value": _decimal(value)}))
    own = {
        "unit": figure.unit, "source": figure.source, "claimed": "yes" if figure.claimed else "",
        "planned_most": cells.number(figure.planned_most), "realised_most": cells.number(figure.realised_most),
    }  # fmt: skip
    attributes = {"measure": "2" if figure.unit.casefold() in codes.PERCENT else "1"}
    attributes |= {f"sp:{name}": value for name, value in own.items() if value}
    title = [Node("title", {}, [_narrative(figure.indicator)])]
    indicator = Node("indicator", attributes, [*title, Node("period", {}, period)])
    return Node("result", {"type": "2" if activity.nature == "outcome" else "1"}, [*title, indicator])
