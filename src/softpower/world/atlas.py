"""Outlines for a world map, and what may be said with them.

The shapes are Natural Earth's at 1:110 million, bundled unchanged. Their borders are not this library's opinion:
shapes whose status is disputed are marked, so that a map can hatch them. ``docs/borders.md`` states the policy.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from softpower.storage import bundled_text
from softpower.world.table import countries

# Non-Self-Governing Territories over whose sovereignty the United Nations records a dispute.
_UNSETTLED = frozenset({"ESH", "FLK"})
# Natural Earth makes Crimea one of the polygons of the Russian Federation; UN General Assembly resolution 68/262
# holds it to be Ukraine's. It is cut out as a shape of its own.
_HOLDER_OF_CRIMEA, _POLYGON_OF_CRIMEA = "643", 11


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of the map.

    Attributes
    ----------
    position : place in the geometry collection ``countries`` of the topology
    iso3 : whose value it shows; "" where no row of the country table fits
    name : what the map calls it
    disputed : its status is disputed: to be hatched
    """

    position: int
    iso3: str
    name: str
    disputed: bool


@cache
def topology() -> str:
    """TopoJSON of the world in degrees, with the object ``countries``; shapes without an ISO number have no ``id``."""
    return json.dumps(_world(), ensure_ascii=False, separators=(",", ":"))


@cache
def shapes() -> tuple[Shape, ...]:
    """The shapes of `topology`, in its order."""
    known = {each.numeric: each for each in countries() if each.numeric}
    by_name = {each.name: each.iso3 for each in countries()}
    found = []
    for position, geometry in enumerate(_world()["objects"]["countries"]["geometries"]):
        here = known.get(geometry.get("id", ""))
        name = geometry["properties"]["name"]
        iso3 = here.iso3 if here else by_name.get(name, "")
        found.append(
            Shape(
                position,
                iso3,
                here.label if here else name,
                not here or iso3 in _UNSETTLED,
            )
        )
    return tuple(found)


@cache
def _world() -> dict[str, Any]:
    world: dict[str, Any] = json.loads(bundled_text("shapes/countries-110m.json"))
    geometries = world["objects"]["countries"]["geometries"]
    holder = next(each for each in geometries if each.get("id") == _HOLDER_OF_CRIMEA)
    crimea = holder["arcs"].pop(_POLYGON_OF_CRIMEA)
    geometries.append({"type": "Polygon", "arcs": crimea, "properties": {"name": "Crimea"}})
    del world["objects"]["land"]
    return world
