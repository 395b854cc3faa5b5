"""Countries, their names and codes, and the dated blocs and vectors they belong to.

Who counts as a state here is not this library's opinion: the list is the United Nations', everything else is a
territory and kept apart. ``docs/borders.md`` states the policy, ``docs/vectors.md`` how to change a vector.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from softpower.world.atlas import Shape, shapes, topology
    from softpower.world.lookup import country, find
    from softpower.world.membership import Membership, bloc_members, blocs, memberships
    from softpower.world.table import Country, countries, members
    from softpower.world.vectors import Vector, overlap, vector_members, vectors_of

_HOME = {
    "Country": "table",
    "countries": "table",
    "country": "lookup",
    "members": "table",
    "find": "lookup",
    "Membership": "membership",
    "bloc_members": "membership",
    "blocs": "membership",
    "memberships": "membership",
    "Vector": "vectors",
    "overlap": "vectors",
    "vector_members": "vectors",
    "vectors_of": "vectors",
    "Shape": "atlas",
    "shapes": "atlas",
    "topology": "atlas",
}

__all__ = [
    "Country",
    "Membership",
    "Shape",
    "Vector",
    "bloc_members",
    "blocs",
    "countries",
    "country",
    "find",
    "members",
    "memberships",
    "overlap",
    "shapes",
    "topology",
    "vector_members",
    "vectors_of",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
