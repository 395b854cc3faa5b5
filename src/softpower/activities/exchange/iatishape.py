"""How an activity of the IATI standard 2.03 is built: what must be there, how often, in which order.

Checked are the elements that a register reads or writes, and the presence and order of all others directly below an
activity; what lies within those, and attributes that may be left out, are not. Elements of another namespace may stand
at the end of any.

References
----------
IATI standard, version 2.03 (2018): the schema of activities, iatistandard.org.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from softpower.activities.exchange.xmltree import Node
from softpower.errors import Fault

# Name, least and most often; 0 for any number.
Sequence = tuple[tuple[str, int, int], ...]


def _sequence(text: str) -> Sequence:
    """From the notation of regular expressions: a, a?, a*, a+."""
    often = {"?": (0, 1), "*": (0, 0), "+": (1, 0)}
    return tuple((name.rstrip("?*+"), *often.get(name[-1], (1, 1))) for name in text.split())


CHILDREN: Final[Mapping[str, Sequence]] = {
    "iati-activity": _sequence(
        "iati-identifier reporting-org title description+ participating-org+ other-identifier* activity-status "
        "activity-date+ contact-info* activity-scope? recipient-country* recipient-region* location* sector* tag* "
        "country-budget-items? humanitarian-scope* policy-marker* collaboration-type? default-flow-type? "
        "default-finance-type? default-aid-type* default-tied-status? budget* planned-disbursement* capital-spend? "
        "transaction* document-link* related-activity* legacy-data* conditions? result* crs-add? fss?"
    ),
    "reporting-org": _sequence("narrative+"),
    "title": _sequence("narrative+"),
    "description": _sequence("narrative+"),
    "participating-org": _sequence("narrative*"),
    "activity-date": _sequence("narrative*"),
    "recipient-country": _sequence("narrative*"),
    "recipient-region": _sequence("narrative*"),
    "sector": _sequence("narrative*"),
    "tag": _sequence("narrative*"),
    "budget": _sequence("period-start period-end value"),
    "transaction": _sequence(
        "transaction-type transaction-date value description? provider-org? receiver-org? disbursement-channel? "
        "sector* recipient-country? recipient-region? flow-type? finance-type? aid-type* tied-status?"
    ),
    "document-link": _sequence("title description? category+ language* document-date?"),
    "result": _sequence("title description? document-link* reference* indicator+"),
    "indicator": _sequence("title description? document-link* reference* baseline* period*"),
    "period": _sequence("period-start period-end target* actual*"),
}
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "reporting-org": ("ref", "type"),
    "participating-org": ("role",),
    "other-identifier": ("ref", "type"),
    "activity-status": ("code",),
    "activity-date": ("type", "iso-date"),
    "recipient-country": ("code",),
    "recipient-region": ("code",),
    "sector": ("code",),
    "tag": ("code", "vocabulary"),
    "period-start": ("iso-date",),
    "period-end": ("iso-date",),
    "value": ("value-date",),
    "transaction-type": ("code",),
    "transaction-date": ("iso-date",),
    "document-link": ("url", "format"),
    "category": ("code",),
    "document-date": ("iso-date",),
    "related-activity": ("ref", "type"),
    "result": ("type",),
    "indicator": ("measure",),
}


def misshapen(node: Node, where: str = "") -> Iterator[Fault]:
    """What is not as the standard has it, in an element and all within it."""
    place = f"{where}/{node.name}" if where else node.name
    for name in REQUIRED.get(node.name, ()):
        if name not in node.attributes:
            yield Fault(node.line, place, f"the attribute {name} is missing")
    known = CHILDREN.get(node.name)
    if known is None:
        return
    yield from _out_of_order(node, place, known)
    for child in node.children:
        yield from misshapen(child, place)


def _out_of_order(node: Node, place: str, known: Sequence) -> Iterator[Fault]:
    order = {name: rank for rank, (name, *_) in enumerate(known)}
    counts = dict.fromkeys(order, 0)
    last = ""
    for child in node.children:
        if ":" in child.name or child.name.startswith("{"):
            continue
        if child.name not in order:
            yield Fault(child.line, f"{place}/{child.name}", "is no element of IATI 2.03 in this place")
            continue
        counts[child.name] += 1
        if last and order[child.name] < order[last]:
            yield Fault(child.line, f"{place}/{child.name}", f"stands after {last}; the standard has it before")
        else:
            last = child.name
    for name, least, most in known:
        if counts[name] < least:
            yield Fault(node.line, place, f"{name} is missing")
        if most and counts[name] > most:
            yield Fault(node.line, place, f"{name} stands {counts[name]} times; the standard allows {most}")
