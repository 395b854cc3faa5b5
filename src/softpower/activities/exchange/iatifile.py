"""Entries from a file of the IATI standard 2.01 to 2.03: our own come back as they were, others as far as they go.

Of a file by others: who acts is the country in front of the reporting organisation's identifier (GB-GOV-1), or the one
that the caller names; an activity that is humanitarian, or scholarships by its type of aid, is that instrument, any
other an aid programme; sectors and the reporting organisation are kept in fields of one's own. Targets and actuals are
taken as they stand, one figure for each period. Contacts, conditions and what only donors' statistics need is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import IO, Any, Final

from softpower.activities.activity import Activity, checked
from softpower.activities.audience import reach
from softpower.activities.exchange import cells
from softpower.activities.exchange import iaticodes as codes
from softpower.activities.exchange.faults import MOST_FAULTS, BadEntries, refuse
from softpower.activities.exchange.iatishape import misshapen
from softpower.activities.exchange.xmltree import BadXml, Node, records
from softpower.activities.vocabulary import words
from softpower.errors import Fault, SoftPowerError
from softpower.world import find
from softpower.world.names import shown

MOST_ACTIVITIES: Final = 150_000
_COUNTRY: Final = re.compile(r"([A-Z]{2})-")
_SLACK: Final = Decimal("0.05")  # of shares that add up to one hundred, each of them rounded


def read_iati(file: str, source: IO[bytes], *, sender: str = "") -> list[Activity]:
    """The entries of an IATI file.

    Parameters
    ----------
    file : what messages call it
    source : its bytes, which are read in pieces
    sender : country that acts, where the file does not say

    Raises
    ------
    BadEntries
        With all faults, each with its line: what is no XML or declares entities, an element that the standard wants and
        that is missing or misplaced, shares that do not add up, and whatever an entry of the register refuses.
    """
    found: list[Activity] = []
    faults: list[Fault] = []
    first: dict[str, int] = {}
    try:
        for root, node in records(source, "iati-activity"):
            if not found and not faults:
                _check_root(file, root)
            entry = _entry(node, sender)
            if isinstance(entry, list):
                faults += entry
            elif first.setdefault(entry.id, node.line) != node.line:
                what = f"{shown(entry.id)!r} is the id of line {first[entry.id]} too; give each activity its own"
                faults.append(Fault(node.line, "iati-identifier", what))
            else:
                found.append(entry)
            if len(faults) > MOST_FAULTS:
                break
            if len(found) > MOST_ACTIVITIES:
                raise refuse(file, f"more than {MOST_ACTIVITIES:,} activities; import it in parts")
    except BadXml as error:
        raise refuse(file, str(error), line=error.line, unit="line") from error
    if faults:
        raise BadEntries(file, faults, unit="line")
    if not found:
        raise refuse(file, "no iati-activity in it; a register reads files of IATI activities, version 2.01 to 2.03")
    return found


def _check_root(file: str, root: Node) -> None:
    version = root.get("version")
    if root.name != "iati-activities" or version not in codes.VERSIONS:
        what = (
            f"{shown(root.name)} of version {version or 'none'}; {', '.join(codes.VERSIONS)} of iati-activities is read"
        )
        raise refuse(file, what, line=root.line, unit="line")


class _Reading:
    """One activity on its way to a record."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.language = node.get("xml:lang") or "en"
        self.currency = node.get("default-currency")
        self.faults: list[Fault] = []

    def fault(self, node: Node, what: str) -> None:
        """Note what is wrong with an element."""
        self.faults.append(Fault(node.line, node.name, what))

    def texts(self, node: Node | None) -> dict[str, str]:
        """The narratives of an element by language; the first of each."""
        found: dict[str, str] = {}
        for each in node.all("narrative") if node else ():
            code, sign, rest = (each.get("xml:lang") or self.language).partition("-")
            found.setdefault(f"{code.lower()}{sign}{rest}", each.text)
        return found

    def text(self, node: Node | None) -> str:
        """The first narrative of an element."""
        return next(iter(self.texts(node).values()), "")

    def day(self, node: Node, name: str = "iso-date") -> date | None:
        """A date, which the standard writes as a whole day."""
        try:
            return date.fromisoformat(node.get(name))
        except ValueError:
            self.fault(node, f"{shown(node.get(name))!r} is no date; give year-month-day")
            return None

    def amount(self, node: Node, text: str) -> str | None:
        """A number as the standard has it, not larger than can be computed with."""
        plain = re.fullmatch(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*", text)
        if not plain:
            self.fault(node, f"{shown(text.strip())!r} is no number; give digits with a point, such as 1500000 or 1.5")
            return None
        return cells.number(float(text)) if abs(float(text)) < float("inf") else text.strip()


def _entry(node: Node, sender: str) -> Activity | list[Fault]:
    faults = list(misshapen(node))
    if faults:
        return faults
    reading = _Reading(node)
    record = dict(_fields(reading, sender))
    if reading.faults:
        return reading.faults
    id = shown(str(record["id"]))
    return checked(record, where=f"activity {id}", line=node.line)


def _fields(reading: _Reading, sender: str) -> Iterator[tuple[str, Any]]:
    node = reading.node
    identifier = node.first("iati-identifier") or Node("")
    yield "id", identifier.get("sp:id") or identifier.text.strip()
    yield "title", reading.texts(node.first("title"))
    yield "description", _description(reading)
    extra = {each.get("name"): each.text for each in node.all("sp:extra")} | _reporting(reading)
    tags = _tags(node)
    yield from _instrument(reading, extra)
    yield from tags.items()
    if "sender" not in tags:
        yield "sender", [sender or _acting(node)]
    yield "actors", [_actor(reading, each) for each in node.all("participating-org") if not each.get("sp:from")]
    yield "status", _status(reading)
    yield from _dates(reading)
    yield from _places(reading, tags, extra)
    yield "budget", _money(reading)
    yield "sources", _sources(reading)
    yield "figures", [figure for result in node.all("result") for figure in _figures(reading, result)]
    parents = [each.get("ref") for each in node.all("related-activity") if each.get("type") == codes.PARENT]
    yield "parent", parents[0] if parents else None
    yield from _own(node)
    yield "extra", extra


def _own(node: Node) -> Iterator[tuple[str, Any]]:
    if series := node.first("sp:series"):
        yield "series", series.text
        yield "edition", series.get("edition") or None
    for name in ("two_way", "evaluation"):
        if found := node.first(f"sp:{name}"):
            yield name, cells.truth(found.text)
    for name in ("reported", "note"):
        if found := node.first(f"sp:{name}"):
            yield name, found.text


def _description(reading: _Reading) -> dict[str, str]:
    """The general description; the first of several."""
    found = [each for each in reading.node.all("description") if not each.get("sp:from")]
    general = [each for each in found if each.get("type") in ("", "1")] or found
    return reading.texts(general[0]) if general else {}


def _reporting(reading: _Reading) -> dict[str, str]:
    node = reading.node.first("reporting-org") or Node("")
    if node.get("sp:from"):
        return {}
    return dict(zip(codes.REPORTING, (node.get("ref"), node.get("type"), reading.text(node)), strict=True))


def _acting(node: Node) -> str:
    """The country in front of the reporting organisation's identifier."""
    reporting = node.first("reporting-org") or Node("")
    found = _COUNTRY.match(reporting.get("ref"))
    return _iso3(found[1]) if found else ""


def _iso3(code: str) -> str:
    try:
        return find(code).iso3
    except SoftPowerError:
        return ""


def _tags(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for tag in node.all("tag"):
        name = tag.get("vocabulary-uri").removeprefix(codes.LISTS)
        if tag.get("vocabulary") != codes.OWN_LIST or name == tag.get("vocabulary-uri"):
            continue
        if codes.TAGS.get(name):
            found.setdefault(name, []).append(tag.get("code"))
        elif name in codes.TAGS:
            found[name] = tag.get("code")
    return found


def _instrument(reading: _Reading, extra: dict[str, str]) -> Iterator[tuple[str, str]]:
    foreign = []
    instrument = ""
    for sector in reading.node.all("sector"):
        vocabulary, code, list_ = sector.get("vocabulary"), sector.get("code"), sector.get("vocabulary-uri")
        if vocabulary == codes.OWN_LIST and (list_ == f"{codes.LISTS}instrument" or code in words("instrument")):
            instrument = code
            yield "instrument", code
        elif vocabulary == codes.OWN_LIST_2 and list_ == f"{codes.LISTS}component":
            yield "component", code
        else:
            foreign.append((vocabulary, code))
    if foreign:
        extra["iati_sector"] = "; ".join(f"{vocabulary or '1'}:{code}" for vocabulary, code in foreign)
    if not instrument:
        yield "instrument", _usual(reading.node, foreign)


def _usual(node: Node, sectors: Sequence[tuple[str, str]]) -> str:
    """The instrument of an activity that names none."""
    relief = [code for vocabulary, code in sectors if vocabulary in codes.DAC and code[:2] in codes.HUMANITARIAN]
    if node.get("humanitarian") in ("1", "true") or (relief and len(relief) == len(sectors)):
        return "humanitarian_aid"
    if any(each.get("code") in codes.SCHOLARSHIPS for each in node.all("default-aid-type")):
        return "scholarship_inbound"
    return "aid_programme"


def _actor(reading: _Reading, node: Node) -> dict[str, Any]:
    role, type = node.get("role"), node.get("type")
    if role not in codes.ROLE_READ:
        reading.fault(node, f"the role {shown(role)!r} is none of {', '.join(codes.ROLE_READ)}")
    country = _COUNTRY.match(node.get("ref"))
    own_role, own_type = node.get("sp:role"), node.get("sp:type")
    return {
        "name": reading.text(node) or node.get("ref"),
        "role": own_role if codes.ROLE.get(own_role) == role else codes.ROLE_READ.get(role),
        "type": own_type if codes.TYPE.get(own_type) == type else codes.TYPE_READ.get(type),
        "country": node.get("sp:country") or (country and _iso3(country[1])) or None,
        "qid": node.get("sp:qid"),
    }


def _status(reading: _Reading) -> str:
    node = reading.node.first("activity-status") or Node("")
    if node.get("code") not in codes.STATUS_READ:
        reading.fault(node, f"the code {shown(node.get('code'))!r} is none of {', '.join(sorted(codes.STATUS_READ))}")
    return codes.STATUS_READ.get(node.get("code"), "held")


def _dates(reading: _Reading) -> Iterator[tuple[str, Any]]:
    """What happened goes before what was planned; a planned end that passed before the start says nothing."""
    nodes = {each.get("type"): each for each in reading.node.all("activity-date")}
    start = nodes.get(codes.ACTUAL_START) or nodes.get(codes.PLANNED_START)
    if start is None:
        reading.fault(reading.node, "no activity-date of type 1 or 2 says when it starts")
        return
    day = reading.day(start)
    yield "start", day
    if precision := start.get("sp:precision"):
        yield "date_precision", precision
    if end := nodes.get(codes.ACTUAL_END):
        yield "end", reading.day(end)
    elif end := nodes.get(codes.PLANNED_END):
        last = reading.day(end)
        delayed = start.get("type") == codes.ACTUAL_START and codes.PLANNED_START in nodes
        yield "end", None if delayed and day and last and last < day else last


def _places(reading: _Reading, tags: dict[str, Any], extra: dict[str, str]) -> Iterator[tuple[str, Any]]:
    node = reading.node
    countries, regions = [*node.all("recipient-country")], [*node.all("recipient-region")]
    _check_shares(reading, [*countries, *regions])
    hosts = []
    for each in countries:
        hosts.append(_iso3(each.get("code")))
        if not hosts[-1]:
            reading.fault(each, f"{shown(each.get('code'))!r} is no code of a country; give ISO 3166 alpha-2")
    yield "host", hosts
    names = (reading.text(each.first("name")) for each in node.all("location"))
    yield "place", "; ".join(dict.fromkeys(filter(None, names)))
    audience, unknown = [], []
    for each in regions:
        try:
            audience.append(reach(f"region:{reading.text(each)}"))
        except SoftPowerError:
            unknown.append(f"{each.get('vocabulary') or '1'}:{each.get('code')}")
    if unknown:
        extra["iati_recipient_region"] = "; ".join(unknown)
    if audience and "audience" not in tags:
        yield "audience", audience


def _check_shares(reading: _Reading, nodes: Sequence[Node]) -> None:
    if len(nodes) < 2 and not any(node.get("percentage") for node in nodes):
        return
    try:
        total = sum((Decimal(node.get("percentage")) for node in nodes), Decimal(0))
    except InvalidOperation:
        reading.fault(nodes[0], "not every country and region has a percentage; give each its share of 100")
        return
    if not abs(total - 100) <= _SLACK * len(nodes):
        reading.fault(nodes[0], f"the percentages of countries and regions add up to {total}, not to 100")


def _money(reading: _Reading) -> list[dict[str, Any]]:
    found: list[tuple[int, dict[str, Any]]] = []
    for node in reading.node.children:
        kind = node.first("transaction-type")
        spent = node.name == "transaction"
        if node.name == "budget" or (kind is not None and kind.get("code") in codes.SPENT):
            value = node.first("value") or Node("")
            found.append((_place(value, len(found)), _sum(reading, value, spent)))
    return [money for _, money in sorted(found, key=lambda each: each[0])]


def _place(node: Node, other: int) -> int:
    """Where in its list an entry has what the standard keeps in two."""
    text = node.get("sp:place")
    return int(text) if re.fullmatch(r"\d{1,6}", text, re.ASCII) else other


def _sum(reading: _Reading, node: Node, spent: bool) -> dict[str, Any]:
    currency = node.get("currency") or reading.currency
    if not currency:
        reading.fault(node, "no currency, and the activity has no default-currency; give one of ISO 4217, such as USD")
    day = reading.day(node, "value-date")
    year = node.get("sp:year") or None if "sp:year" in node.attributes else day and day.year
    money = {"amount": reading.amount(node, node.text), "currency": currency, "year": year, "spent": spent}
    return money | ({"claimed": cells.truth(node.get("sp:claimed"))} if node.get("sp:claimed") else {})


def _sources(reading: _Reading) -> list[dict[str, Any]]:
    found: list[tuple[int, dict[str, Any]]] = []
    for node in reading.node.children:
        if node.name not in ("document-link", "sp:source"):
            continue
        source = {
            name: part.text for name in ("publisher", "title", "url", "quote") if (part := node.first(f"sp:{name}"))
        }
        if node.name == "document-link":
            title = node.first("title") or Node("")
            when = node.first("document-date")
            source |= {"url": node.get("sp:url") or node.get("url")}
            source |= {} if title.get("sp:from") else {"title": reading.text(title)}
            source |= {"year": when.get("iso-date")[:4]} if when else {}
        for name in ("year", "retrieved"):
            if text := node.get(f"sp:{name}"):
                source[name] = text
        seen = cells.truth(node.get("sp:seen")) if node.get("sp:seen") else False
        found.append((_place(node, len(found)), source | {"seen": seen}))
    return [source for _, source in sorted(found, key=lambda each: each[0])]


def _figures(reading: _Reading, result: Node) -> Iterator[dict[str, Any]]:
    for indicator in result.all("indicator"):
        periods = [] if indicator.get("measure") == codes.QUALITATIVE else [*indicator.all("period")]
        name = reading.text(indicator.first("title"))
        own = {
            key: indicator.get(f"sp:{key}") for key in ("planned_most", "realised_most", "source", "unit", "claimed")
        }
        own = {key: text for key, text in own.items() if text}
        if "claimed" in own:
            own["claimed"] = cells.truth(own["claimed"])
        if indicator.get("measure") == "2":
            own.setdefault("unit", "percent")
        for period in periods:
            for label, values in _numbers(reading, period):
                parts = [name, *([_years(period)] if len(periods) > 1 else []), label]
                yield {"indicator": "; ".join(filter(None, parts)), **values, **own}


def _numbers(reading: _Reading, period: Node) -> Iterator[tuple[str, dict[str, Any]]]:
    """Planned and realised values of a period, by the part of the whole that they speak of."""
    found: dict[str, dict[str, Any]] = {}
    for name, field in (("target", "planned"), ("actual", "realised")):
        for node in period.all(name):
            label = ", ".join(f"{each.get('name')}: {each.get('value')}" for each in node.all("dimension"))
            if node.get("value"):
                found.setdefault(label, {})[field] = reading.amount(node, node.get("value"))
    yield from found.items()


def _years(period: Node) -> str:
    days = [part.get("iso-date") for name in ("period-start", "period-end") if (part := period.first(name))]
    return " to ".join(days)
