"""Roles that policy texts give a country, each as a measurement with its peers, or as what cannot be told.

- *Bridge*: it joins states of different regions that have no tie of their own, more often than chance would have it.
- *Buffer*: its ties to two poles exceed what gravity predicts, and the poles' tie to each other falls short, or they
  vote against each other.
- *Middle power*: it falls into the middle of three classes of capabilities.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations

import numpy as np

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.brokers import Bridge, bridges
from softpower.vectors.buffer import Buffer, Opposition, buffer, opposition
from softpower.vectors.gravity import WorldModel, shared_model
from softpower.vectors.kept import kept
from softpower.vectors.layers import End
from softpower.vectors.middle import Powers, Scale, powers
from softpower.vectors.sheets import sheet
from softpower.world import Vector, members, vector_members

Progress = Callable[[str], None]

# Layers in which a buffer is looked for: measure, year, the end at which the country stands, and what they are called.
BUFFER_LAYERS: tuple[tuple[str, int, End, str], ...] = (
    ("trade_musd", 2006, "origin", "Exports"),
    ("trade_musd", 2006, "partner", "Imports"),
    ("airline_routes", 2014, "origin", "Flight routes"),
)
# What the networks in which bridges are looked for are called.
NETWORKS = {
    "airline_routes": "flight routes",
    "missions_embassy": "embassies",
    "migrant_stock": "migrants",
    "trade_musd": "trade",
}
# Years of sessions, up to that of the layer, over which the opposition of two poles is taken.
SPAN = 10
# Yardsticks of capability, the first of which the claim rests on.
SCALES: tuple[Scale, ...] = ("root", "share", "log")
# Year of the capabilities.
LATEST = 2024
# The state whose ballots stand for a pole of many: the largest economy of the West.
VOICE = "USA"


@dataclass(frozen=True, eq=False)
class Between:
    """Whether a country is a buffer between two poles in one layer."""

    layer: str
    measure: str
    year: int
    one: Vector
    other: Vector
    found: Buffer
    opposition: Opposition | None

    @property
    def voted(self) -> tuple[int, int]:
        """First and last year of the sessions that the opposition of the poles is taken over."""
        return self.year - SPAN + 1, self.year


@dataclass(frozen=True, eq=False)
class Roles:
    """All roles of a country.

    Attributes
    ----------
    bridges : one for each network that has it; groups are regions of UN M49
    buffers : one for each pair of poles and layer
    powers : capabilities of all states by yardstick, the first of which the claim rests on
    """

    bridges: tuple[Bridge, ...]
    buffers: tuple[Between, ...]
    powers: Mapping[Scale, Powers]

    @property
    def power(self) -> Powers:
        """The classes that the claim rests on."""
        return self.powers[SCALES[0]]


def roles(
    home: str, vectors: Sequence[Vector], *, year: int | None = None, seed: int = 7, tell: Progress = lambda _: None
) -> Roles:
    """The roles of a member of the United Nations.

    Parameters
    ----------
    vectors : of which those that are poles count
    year : of the capabilities, by default the latest; networks and matrices are of their own years, none of them later
    """
    tell("Comparing its place with random networks")
    joined = tuple(each for each in bridges(home, seed=seed) if year is None or each.year <= year)
    tell("Looking for buffers")
    poles = [vector for vector in vectors if vector.pole]
    between = tuple(each for each in _buffers(home, poles) if year is None or each.year <= year)
    tell("Sorting states by capability")
    when = year or LATEST
    return Roles(joined, between, {scale: powers(when, scale=scale, seed=seed) for scale in SCALES})


def _buffers(home: str, poles: Sequence[Vector]) -> list[Between]:
    """For each layer and pair of poles, kept in the cache."""
    by_id = {pole.id: pole for pole in poles}
    who = [(pole.id, pole.blocs, pole.countries, pole.without) for pole in poles]
    return [
        Between(
            layer=each["layer"],
            measure=each["measure"],
            year=each["year"],
            one=by_id[each["one"]],
            other=by_id[each["other"]],
            found=Buffer(**each["found"]),
            opposition=None if each["opposition"] is None else Opposition(**each["opposition"]),
        )
        for each in kept(("buffers", home, who, BUFFER_LAYERS, SPAN), lambda: _made(home, poles))
    ]


def _made(home: str, poles: Sequence[Vector]) -> list[dict[str, object]]:
    peers = [each.iso3 for each in members()]
    found: list[dict[str, object]] = []
    for measure, year, end, title in BUFFER_LAYERS:
        world = shared_model(measure, year)
        if home not in world.countries:
            continue
        ties = {pole.id: world.toward(vector_members(pole, year=year), end) for pole in poles}
        for one, other in combinations(poles, 2):
            opposed = _opposition(one, other, year)
            names, to_one = ties[one.id]
            _, to_other = ties[other.id]
            at = names.index(home)
            inside = {home, *vector_members(one, year=year), *vector_members(other, year=year)}
            rest = [place for place, iso3 in enumerate(names) if iso3 in peers and iso3 not in inside]
            try:
                role = buffer(
                    to_one[:, at],
                    to_other[:, at],
                    _pole_tie(world, one, other, year),
                    opposed=opposed is not None and opposed.opposed,
                    peers=(to_one[:, rest], to_other[:, rest]),
                )
            except BadRequest:
                continue
            found.append(
                {
                    "layer": title,
                    "measure": measure,
                    "year": year,
                    "one": one.id,
                    "other": other.id,
                    "found": asdict(role),
                    "opposition": None if opposed is None else asdict(opposed),
                }
            )
    return found


def _pole_tie(world: WorldModel, one: Vector, other: Vector, year: int) -> np.ndarray:
    """Excess of the ties of the first pole with the second, both as wholes, in draws."""
    names, draws = world.toward(vector_members(other, year=year))
    mine = [names.index(each) for each in vector_members(one, year=year) if each in names]
    if len(mine) == 1:
        return draws[:, mine[0]]
    # Of a pole of many, the tie of the other pole with it is that of one country: read it from there.
    names, draws = world.toward(vector_members(one, year=year), "partner")
    theirs = [names.index(each) for each in vector_members(other, year=year) if each in names]
    return draws[:, theirs[0]] if len(theirs) == 1 else np.full(len(draws), np.nan)


def _opposition(one: Vector, other: Vector, year: int) -> Opposition | None:
    """How often the poles voted against each other in the sessions up to a year, kept in the cache; None where one of
    them has no single voice."""
    voices = _voice(one), _voice(other)
    if not all(voices):
        return None

    def make() -> dict[str, object] | None:
        try:
            return asdict(opposition(sheet(first=year - SPAN + 1, last=year), *voices))
        except (BadRequest, NotEnoughData):
            return None

    stored = kept(("opposition", voices, year, SPAN), make)
    return None if stored is None else Opposition(**stored)


def _voice(pole: Vector) -> str:
    """The state whose ballots stand for a pole; "" where there is none."""
    if len(pole.countries) == 1 and not pole.blocs:
        return pole.countries[0]
    return VOICE if VOICE in vector_members(pole, year=LATEST) else ""
