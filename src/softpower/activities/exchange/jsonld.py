"""Entries as JSON-LD in the words of schema.org, to stand in a page.

Events and visits are of type Event, all others of type Project; what several entries are editions of is an EventSeries.
Signs that could end a script element are escaped, so that the text can be put into HTML as it is.
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from softpower.activities.activity import Activity, Actor, Reference
from softpower.activities.vocabulary import words
from softpower.world import country

CONTEXT: Final = "https://schema.org"
_EVENTS: Final = frozenset({"event", "visit"})
_STATUS: Final = {"cancelled": "EventCancelled", "postponed": "EventPostponed"}
_ROLES: Final = {"initiator": "organizer", "host": "organizer", "funder": "funder", "participant": "attendee"}
# What ends a script element or begins a comment in HTML, and two line ends that old scripts trip over.
_HARMFUL: Final = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})


def jsonld_bytes(activities: Sequence[Activity]) -> bytes:
    """Entries as a JSON-LD document in UTF-8, with the series they belong to."""
    text = json.dumps({"@context": CONTEXT, "@graph": [*_graph(activities)]}, ensure_ascii=False, indent=1)
    return text.translate(_HARMFUL).encode() + b"\n"


def _graph(activities: Sequence[Activity]) -> Iterator[dict[str, Any]]:
    for series in dict.fromkeys(each.series for each in activities if each.series):
        editions = [_id(each.id) for each in activities if each.series == series and each.kind in _EVENTS]
        yield {"@type": "EventSeries", "@id": _id(series, "series"), "identifier": series, "subEvent": _links(editions)}
    for activity in activities:
        yield {key: value for key, value in _node(activity) if value}


def _node(activity: Activity) -> Iterator[tuple[str, Any]]:
    event = activity.kind in _EVENTS
    start, end = _dates(activity)
    yield "@type", "Event" if event else "Project"
    yield "@id", _id(activity.id)
    yield "identifier", activity.id
    yield "name", _texts(activity.title)
    yield "description", _texts(activity.description)
    yield "startDate" if event else "foundingDate", start
    yield "endDate" if event else "dissolutionDate", end
    if event:
        yield "eventStatus", f"{CONTEXT}/{_STATUS.get(activity.status, 'EventScheduled')}"
        yield "audience", [_group(each) for each in activity.audience_groups]
    yield "location", [*_places(activity)]
    yield from _actors(activity.actors, event=event)
    parent = [_id(activity.parent)] if activity.parent else []
    if event:
        series = [_id(activity.series, "series")] if activity.series else []
        yield "superEvent", _links([*series, *parent])
    else:
        yield "parentOrganization", _links(parent)
    keywords = [words("instrument")[activity.instrument].title]
    keywords += [words("component")[each].title for each in (activity.component,) if each]
    yield "keywords", [*dict.fromkeys(keywords)]
    yield "subjectOf", [_source(each) for each in activity.sources]


def _id(id: str, kind: str = "activity") -> str:
    return f"urn:softpower:{kind}:{quote(id, safe=':')}"


def _links(ids: Sequence[str]) -> list[dict[str, str]]:
    return [{"@id": id} for id in ids]


def _texts(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@language": code, "@value": text} for code, text in texts.items() if text]


def _dates(activity: Activity) -> tuple[str, str]:
    """First and last day as far as they are known: 2017, 2017-06 or 2017-06-10."""
    length = {"year": 4, "month": 7, "day": 10}[activity.date_precision]
    start = activity.start.isoformat()[:length]
    if activity.end is None:
        return start, ""
    end = activity.end
    whole = {
        "year": (end.month, end.day) == (12, 31), "month": end.day == monthrange(end.year, end.month)[1], "day": True,
    }  # fmt: skip
    return start, end.isoformat()[: length if whole[activity.date_precision] else 10]


def _places(activity: Activity) -> Iterator[dict[str, Any]]:
    countries = [{"@type": "Country", "identifier": iso3, "name": country(iso3).name} for iso3 in activity.host]
    if activity.place:
        inside = {"containedInPlace": countries} if countries else {}
        yield {"@type": "Place", "name": activity.place, **inside}
    else:
        yield from countries


def _group(group: str) -> dict[str, str]:
    return {"@type": "Audience", "audienceType": words("audience")[group].title}


def _actors(actors: Sequence[Actor], *, event: bool) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for actor in actors:
        role = _ROLES.get(actor.role, "contributor") if event else "funder" if actor.role == "funder" else "member"
        found.setdefault(role, []).append(_actor(actor))
    yield from found.items()


def _actor(actor: Actor) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": "Organization", "name": actor.name}
    if actor.qid:
        found["sameAs"] = f"http://www.wikidata.org/entity/{actor.qid}"
    if actor.country:
        found["address"] = {"@type": "PostalAddress", "addressCountry": country(actor.country).iso2}
    return found


def _source(source: Reference) -> dict[str, Any]:
    parts = {
        "@type": "CreativeWork", "name": source.title, "url": source.url, "datePublished": source.year,
        "publisher": {"@type": "Organization", "name": source.publisher} if source.publisher else "",
    }  # fmt: skip
    return {key: value for key, value in parts.items() if value}
