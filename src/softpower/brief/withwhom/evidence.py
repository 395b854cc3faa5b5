"""Records of a country's ties: one number, one record, wherever a section shows it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from softpower.brief.context import Context
from softpower.brief.section import Record
from softpower.vectors.brokers import Bridge
from softpower.vectors.excesses import Excesses
from softpower.vectors.facets import Facet
from softpower.vectors.hardpower import Strength
from softpower.vectors.likeness import Likeness
from softpower.vectors.middle import Powers
from softpower.vectors.roles import NETWORKS, Between
from softpower.vectors.splits import Choice, Split
from softpower.vectors.wording import YARDSTICKS, ranged
from softpower.world import Vector, country

PARTLY = "not all partners are named: at least"


def share(context: Context, facet: Facet, at: int) -> Record | None:
    """Share of a vector in a layer, in per cent; None where it is not measured."""
    least, most = float(facet.bounds[0][at]), float(facet.bounds[1][at])
    if not math.isfinite(least):
        return None
    vector = facet.vectors[at]
    return context.ledger.add(
        Record(
            id=f"share:{facet.id}:{vector.id}:{context.home.iso3}",
            label=f"{facet.title}: share of {vector.in_text}, {context.home.name}",
            iso3=context.home.iso3,
            value=percent(least),
            unit="%",
            year=facet.year,
            source_id=facet.flows.sources[0],
            note=f"{PARTLY} this, at most {percent(most):g}%" if ranged(least, most) else "",
        )
    )


def share_of_year(context: Context, facet: Facet, at: int, year: int) -> Record | None:
    """The same in another year."""
    found = float(facet.path[facet.years.index(year), at])
    if year == facet.year:
        return share(context, facet, at)
    if not math.isfinite(found):
        return None
    vector = facet.vectors[at]
    return context.ledger.add(
        Record(
            id=f"share:{facet.id}:{vector.id}:{year}:{context.home.iso3}",
            label=f"{facet.title}: share of {vector.in_text}, {context.home.name}",
            iso3=context.home.iso3,
            value=percent(found),
            unit="%",
            year=year,
            source_id=facet.flows.sources[0],
        )
    )


def likeness(context: Context, vectors: Sequence[Vector], found: Likeness, at: int) -> Record | None:
    """Mean likeness with the members of a vector, in per cent; None where it is not measured."""
    if not math.isfinite(found.value[at]):
        return None
    vector = vectors[at]
    sampled = found.low[at] < found.high[at]
    members = found.members[at]
    return context.ledger.add(
        Record(
            id=f"likeness:{found.id}:{vector.id}:{context.home.iso3}",
            label=f"{found.title}: {vector.in_text}, {context.home.name}",
            iso3=context.home.iso3,
            value=percent(found.value[at]),
            low=percent(found.low[at]) if sampled else None,
            high=percent(found.high[at]) if sampled else None,
            unit="%",
            year=found.last,
            source_id=found.sources[0],
            note=f"{found.what}; {'one member' if members == 1 else f'mean over {members} members'}",
        )
    )


def excess(context: Context, found: Excesses, partner: str) -> Record | None:
    """How many times what gravity predicts the tie with a partner is; None where that is unknown."""
    rows = found.partners.filter(partner=partner)
    if rows.is_empty() or rows["excess"][0] is None:
        return None
    row = rows.row(0, named=True)
    return context.ledger.add(
        Record(
            id=f"excess:{found.layer.id}:{partner}:{context.home.iso3}",
            label=f"{found.layer.title}: {country(partner).label}, over what gravity predicts, {context.home.name}",
            iso3=context.home.iso3,
            value=digits(row["excess"]),
            low=digits(row["low"]),
            high=digits(row["high"]),
            unit="times the prediction",
            year=found.year,
            source_id=context.source_of(found.measure),
            note=f"observed {row['observed']:,.0f}, predicted {row['expected']:,.0f}",
        )
    )


def percent(share: float) -> float:
    """Per cent to three figures, so that no digit changes with the machine."""
    return digits(100 * share)


def digits(value: float) -> float:
    """To three significant figures; what is nothing but rounding is zero."""
    return 0.0 if abs(value) < 1e-9 else float(f"{value:.3g}")


def agreement(context: Context, row: Mapping[str, Any], vector: Vector) -> Record:
    """How often the country votes with a vector in one year."""
    return context.ledger.add(
        Record(
            id=f"agreement:{vector.id}:{row['year']}:{context.home.iso3}",
            label=f"UN votes in common with {vector.in_text}, {context.home.name}",
            iso3=context.home.iso3,
            value=percent(row["agreement"]),
            low=percent(row["low"]),
            high=percent(row["high"]),
            unit="%",
            year=int(row["year"]),
            source_id="un_votes",
            note=f"{row['n_votes']} roll calls, same ballot (exact rule)",
        )
    )


def choice(context: Context, split: Split, which: Choice, side: str) -> Record:
    """How often the country took one side where two poles opposed each other."""
    return context.ledger.add(
        Record(
            id=f"split:{split.one.id}:{split.other.id}:{side.replace(' ', '_')}:{context.home.iso3}",
            label=f"UN votes where {split.one.name} and {split.other.name} are opposed: {side}, {context.home.name}",
            iso3=context.home.iso3,
            value=percent(which.share),
            low=percent(which.low),
            high=percent(which.high),
            unit="%",
            year=split.last,
            source_id="un_votes",
            note=f"{which.n} of {split.n_votes} roll calls, {split.n_questions} different questions",
        )
    )


def bridge(context: Context, found: Bridge) -> Record:
    """Untied pairs of states of different regions that the country joins."""
    place = found.places["between groups"]
    return context.ledger.add(
        Record(
            id=f"bridge:{found.measure}:{context.home.iso3}",
            label=f"Bridge between regions, {NETWORKS[found.measure]}, {context.home.name}",
            iso3=context.home.iso3,
            value=digits(place.z) if math.isfinite(place.z) else None,
            unit="standard deviations from chance",
            year=found.year,
            source_id=context.source_of(found.measure),
            status="computed" if math.isfinite(place.z) else "missing",
            note=(
                f"joins {place.observed:,.0f} untied pairs, random networks give {place.mean:,.0f}: {found.claim}"
                if math.isfinite(place.z)
                else "every random network gives it the same place"
            ),
        )
    )


def buffer(context: Context, found: Between) -> Record | None:
    """In what share of draws the country is a buffer; None where that is unknown."""
    if not math.isfinite(found.found.share):
        return None
    return context.ledger.add(
        Record(
            id=f"buffer:{found.layer.lower().replace(' ', '_')}:{found.one.id}:{found.other.id}:{context.home.iso3}",
            label=f"Buffer between {found.one.in_text} and {found.other.in_text}, {found.layer.lower()}, "
            f"{context.home.name}",
            iso3=context.home.iso3,
            value=percent(found.found.share),
            unit="% of draws",
            year=found.year,
            source_id=context.source_of(found.measure),
            note=f"{found.found.claim}; {found.found.alike} of {found.found.others} other states are called one",
        )
    )


def power(context: Context, found: Powers, year: int) -> Record:
    """In what share of ways to sort states the country is in the middle class."""
    _, middle, _ = found.of(context.home.iso3)
    return context.ledger.add(
        Record(
            id=f"middle:{found.scale}:{context.home.iso3}",
            label=f"Middle class of capabilities, by {YARDSTICKS[found.scale]}, {context.home.name}",
            iso3=context.home.iso3,
            value=percent(middle),
            unit="% of sortings",
            year=year,
            source_id="cia_factbook",
            note="people, output, area, armed forces, military spending, exports, embassies",
        )
    )


def strength(context: Context, found: Strength) -> Record | None:
    """A figure of hard power; None where it is not measured."""
    if found.value is None:
        return None
    return context.ledger.add(
        Record(
            id=f"hard:{found.id}:{context.home.iso3}",
            label=f"{found.name}, {context.home.name}",
            iso3=context.home.iso3,
            value=digits(found.value),
            unit=found.unit,
            year=found.year,
            source_id=found.source_ids[0],
            status="observed",
            note="context: in no index",
        )
    )
