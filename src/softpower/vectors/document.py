"""A profile as plain lists and numbers, for JSON: what is unknown is null."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softpower.vectors.excesses import Excesses
from softpower.vectors.facets import Facet
from softpower.vectors.figures import Figure
from softpower.vectors.likeness import Likeness
from softpower.vectors.profile import Profile
from softpower.vectors.roles import Roles
from softpower.vectors.splits import Split
from softpower.world import Vector, overlap, vector_members

Array = NDArray[np.float64]
# Partners named in each layer.
PARTNERS = 15


def document(profile: Profile) -> dict[str, Any]:
    """The profile of a country; docs/with-whom.md says what each key holds."""
    found: dict[str, Any] = {
        "iso3": profile.iso3,
        "name": profile.name,
        "year": profile.year,
        "vectors": [_vector(each, profile) for each in profile.vectors],
        "layers": [_layer(each) for each in profile.facets],
        "likeness": [_likeness(each, profile) for each in profile.likenesses],
        "excess": [_excess(each) for each in profile.excesses.values()],
        "split_votes": [_split(each) for each in profile.split],
        "roles": None if profile.roles is None else _roles(profile.roles, profile.iso3),
        "hard_power": [asdict(each) for each in profile.hard_power],
        "china_towards_it": [asdict(each) for each in profile.china],
    }
    return {key: _plain(value) for key, value in found.items()}


def _vector(vector: Vector, profile: Profile) -> dict[str, Any]:
    latest = [each.year for each in profile.facets] or [each.last for each in profile.likenesses]
    year = profile.year or max(latest)
    return {
        "id": vector.id,
        "name": vector.name,
        "note": vector.note,
        "pole": vector.pole,
        "members_year": year,
        "members": vector_members(vector, year=year),
        "overlaps": {
            other.id: shared
            for other in profile.vectors
            if other is not vector and (shared := overlap(vector, other, year=year))
        },
    }


def _layer(facet: Facet) -> dict[str, Any]:
    balance, layer = facet.balance, facet.flows.layer
    shares = {
        vector.id: _known(_figure(balance.shares, at), facet.bounds[0][at]) | {"members_with_ties": balance.members[at]}
        for at, vector in enumerate(facet.vectors)
    }
    for at, vector in enumerate(facet.vectors):
        shares[vector.id]["path"] = dict(zip(map(str, facet.years), facet.path[:, at], strict=True))
        if facet.change is not None:
            shares[vector.id]["change"] = _figure(facet.change.change, at) | {
                "from": facet.change.first,
                "to": facet.change.last,
                "verdict": facet.change.verdict[at],
            }
    return {
        "id": layer.id,
        "title": layer.title,
        "year": facet.year,
        "unit": facet.flows.unit,
        "sources": facet.flows.sources,
        "vintage": facet.flows.vintage,
        "caution": layer.caution,
        "absent_pairs": layer.absent,
        "total": balance.total,
        "partners_with_ties": balance.partners,
        "shares": shares,
        "in_no_vector": balance.overlaps.none,
        "in_several_vectors": balance.overlaps.several,
        "concentration": {
            "herfindahl": _figure(balance.hhi),
            "effective_partners": _figure(balance.effective),
            "evenness_over_vectors": _figure(balance.evenness),
        }
        if layer.concentrates
        else None,
        "largest": [{"iso3": iso3, "share": share} for iso3, share in facet.largest(PARTNERS)],
    }


def _likeness(likeness: Likeness, profile: Profile) -> dict[str, Any]:
    return {
        "id": likeness.id,
        "title": likeness.title,
        "years": [likeness.first, likeness.last],
        "what": likeness.what,
        "caution": likeness.caution,
        "sources": likeness.sources,
        "all_states": likeness.all_states,
        "vectors": {
            vector.id: {
                "value": likeness.value[at],
                "low": likeness.low[at],
                "high": likeness.high[at],
                "members": likeness.members[at],
            }
            for at, vector in enumerate(profile.vectors)
        },
    }


def _excess(found: Excesses) -> dict[str, Any]:
    groups = zip(found.vectors, found.groups, strict=True)
    return {
        "layer": found.layer.id,
        "measure": found.measure,
        "year": found.year,
        "vectors": {
            vector.id: {
                "observed": each.observed,
                "expected": each.expected,
                "excess": each.excess,
                "low": each.low,
                "high": each.high,
                "members": each.members,
                "unlisted": each.unlisted,
                "unknown": each.unknown,
            }
            for vector, each in groups
        },
        "partners": found.partners.filter(found.partners["excess"].is_not_null()).to_dicts(),
        "pole_gaps": [
            {
                "one": each.one.id,
                "other": each.other.id,
                "log_ratio": each.log_ratio,
                "low": each.low,
                "high": each.high,
                "share_of_draws_above_zero": each.above,
            }
            for each in found.gaps
        ],
    }


def _split(split: Split) -> dict[str, Any]:
    return {
        "one": split.one.id,
        "other": split.other.id,
        "years": [split.first, split.last],
        "roll_calls": split.n_votes,
        "questions": split.n_questions,
        "with_one": asdict(split.with_one),
        "with_other": asdict(split.with_other),
        "abstained": asdict(split.abstained),
        "median_state_with_one": split.median,
    }


def _roles(roles: Roles, iso3: str) -> dict[str, Any]:
    return {
        "bridge": [
            {
                "network": each.measure,
                "year": each.year,
                "claim": each.claim,
                "statistics": {name: asdict(place) for name, place in each.places.items()},
                "states_called_bridge": each.alike,
                "states": each.states,
                "by_chance": each.by_chance,
            }
            for each in roles.bridges
        ],
        "buffer": [
            {
                "layer": each.layer,
                "year": each.year,
                "one": each.one.id,
                "other": each.other.id,
                **asdict(each.found),
                "votes_opposed": None if each.opposition is None else asdict(each.opposition),
            }
            for each in roles.buffers
        ],
        "middle_power": {
            scale: dict(zip(("upper", "middle", "lower"), found.of(iso3), strict=True)) | {"claim": found.said_of(iso3)}
            for scale, found in roles.powers.items()
        },
    }


def _known(figures: dict[str, Any], share: float) -> dict[str, Any]:
    """Nothing is known of a vector whose share is not."""
    return dict.fromkeys(figures) if math.isnan(share) else figures


def _figure(figure: Figure, at: int | None = None) -> dict[str, Any]:
    """Bounds and interval of a figure, or of one of its elements."""
    return {
        name: (values if at is None else values[at]).item()
        for name, values in (
            ("least", figure.least),
            ("most", figure.most),
            ("low", figure.low),
            ("high", figure.high),
        )
    }


def _plain(value: Any) -> Any:
    """Without arrays, and with null for what is not finite."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
