"""The brief for machines: every number with what stands behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from softpower.brief.context import OWN
from softpower.brief.section import Brief, Record, plain

# Fields that say nothing where they are empty.
OPTIONAL = (
    "above_zero",
    "below_zero",
    "rank",
    "rank_low",
    "rank_high",
    "ranked",
    "observed_rank",
    "text",
    "iso3",
    "note",
)


def to_json(brief: Brief) -> dict[str, Any]:
    """The brief as plain data.

    ``records`` holds every number once, in the order of the evidence table; each carries ``value, unit, year, low,
    high, source_id``, with low and high null where nothing was sampled. A record with ``rank`` carries ``rank_low`` and
    ``rank_high``; a place in one published series is an ``observed_rank``.
    """
    return {
        "country": {"iso3": brief.iso3, "name": brief.name},
        **brief.meta,
        "finding": plain(brief.finding),
        "sections": [{"id": each.id, "headline": each.headline} for each in brief.sections],
        "records": [_record(number, each) for number, each in enumerate(brief.ledger, start=1)],
        "sources": list(_sources(brief)),
    }


def write_json(brief: Brief) -> bytes:
    """The bytes of the JSON file: UTF-8, sorted as above, a newline at the end; no NaN or infinity."""
    return (json.dumps(to_json(brief), ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def _record(number: int, record: Record) -> dict[str, Any]:
    found = {"number": number, **asdict(record)}
    return {name: value for name, value in found.items() if name not in OPTIONAL or value not in (None, "")}


def _sources(brief: Brief) -> Iterator[dict[str, Any]]:
    for id in dict.fromkeys(record.source_id for record in brief.ledger if record.source_id.startswith(OWN)):
        yield {"id": id, "title": f"Own calculation, model {id.removeprefix(OWN)}", "licence": "Apache-2.0"}
    for each in brief.sources:
        yield {
            "id": each.id,
            "title": each.title,
            "publisher": each.publisher,
            "address": each.address,
            "licence": each.licence,
            "attribution": each.attribution,
            "vintage": each.vintage,
        }
