"""Roles that policy texts give a country, each as a measurement with its peers, or as what cannot be told.

- *Bridge*: it joins states of different regions that have no tie of their own, more often than chance would have it.
- *Buffer*: its ties to two poles exceed what gravity predicts, and the poles' tie to each other falls short, or they
  vote against each other.
- *Middle power*: it falls into the middle of three classes of capabilities.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from itertools import combinations

import numpy as np

from softpower import storage
from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.brokers import Bridge, bridges
from softpower.vectors.buffer import Buffer, Opposition, buffer, opposition
from softpower.vectors.gravity import WorldModel, world_model
from softpower.vectors.middle import Powers, Scale, powers
from softpower.vectors.sheets import sheet
from softpower.vectors.votes import bundled_assembly
from softpower.world import Vector, members, vector_members

Progress = Callable[[str], None]

# Layers in which a buffer is looked for: measure, year, and what they are called.
BUFFER_LAYERS = (("trade_musd", 2006, "Exports"), ("airline_routes", 2014, "Flight routes"))
# Years of sessions over which the opposition of two poles is taken.
SPAN = 10
# Random networks that a bridge is compared with.
SAMPLES = 100
# Year of the capabilities.
LATEST = 2024
# The state whose ballots stand for a pole of many: the largest economy of the West.
VOICE = "USA"


@dataclass(frozen=True, eq=False)
class Between:
    """Whether a country is a buffer between two poles in one layer."""

    layer: str
    year: int
    one: Vector
    other: Vector
    found: Buffer
    opposition: Opposition | None


@dataclass(frozen=True, eq=False)
class Roles:
    """All roles of a country.

    Attributes
    ----------
    bridges : one for each network that has it; groups are regions of UN M49
    buffers : one for each pair of poles and layer
    powers : capabilities of all states, by shares of the world; ``powers_log`` on logarithms
    """

    bridges: tuple[Bridge, ...]
    buffers: tuple[Between, ...]
    powers: Powers
    powers_log: Powers


def roles(
    home: str, vectors: Sequence[Vector], *, year: int | None = None, seed: int = 7, tell: Progress = lambda _: None
) -> Roles:
    """The roles of a member of the United Nations.

    Parameters
    ----------
    vectors : of which those that are poles count
    year : of the capabilities, by default the latest; networks and matrices are of their own years
    """
    tell("Comparing its place with random networks")
    joined = bridges(home, samples=SAMPLES, seed=seed)
    tell("Looking for buffers")
    between = tuple(_buffers(home, [vector for vector in vectors if vector.pole]))
    tell("Sorting states by capability")
    when = year or LATEST
    return Roles(joined, between, _sorted(when, "share", seed), _sorted(when, "log", seed))


def _buffers(home: str, poles: Sequence[Vector]) -> list[Between]:
    peers = [each.iso3 for each in members()]
    against = {(one.id, other.id): _opposition(one, other) for one, other in combinations(poles, 2)}
    found = []
    for measure, year, title in BUFFER_LAYERS:
        world = world_model(measure, year)
        if home not in world.countries:
            continue
        ties = {pole.id: world.toward(vector_members(pole, year=year)) for pole in poles}
        for one, other in combinations(poles, 2):
            opposed = against[one.id, other.id]
            between = _pole_tie(world, one, other, year)
            names, to_one = ties[one.id]
            _, to_other = ties[other.id]
            at = names.index(home)
            inside = {home, *vector_members(one, year=year), *vector_members(other, year=year)}
            rest = [place for place, iso3 in enumerate(names) if iso3 in peers and iso3 not in inside]
            try:
                role = buffer(
                    to_one[:, at],
                    to_other[:, at],
                    between,
                    opposed=opposed is not None and opposed.opposed,
                    peers=(to_one[:, rest], to_other[:, rest]),
                )
            except BadRequest:
                continue
            found.append(Between(title, year, one, other, role, opposed))
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


def _sorted(year: int, scale: Scale, seed: int) -> Powers:
    """The classes of all states, kept in the cache: they serve every country."""

    def make() -> bytes:
        found = powers(year, scale=scale, seed=seed)
        return json.dumps([found.states, found.shares.tolist(), found.runs, found.clusters]).encode()

    states, shares, runs, clusters = json.loads(storage.cached(_key("powers", year, scale, seed), make))
    return Powers(tuple(states), np.array(shares, dtype=np.float64), runs, clusters, scale)


def _opposition(one: Vector, other: Vector) -> Opposition | None:
    """How often the poles vote against each other, kept in the cache; None where one of them has no single voice."""
    voices = _voice(one), _voice(other)
    if not all(voices):
        return None

    def make() -> bytes:
        last = sheet().last
        try:
            found = opposition(bundled_assembly().whole(), *voices, first=last - SPAN + 1, last=last)
        except (BadRequest, NotEnoughData):
            return b"null"
        return json.dumps(asdict(found)).encode()

    stored = json.loads(storage.cached(_key("opposition", *voices), make))
    return None if stored is None else Opposition(**stored)


def _key(*parts: object) -> str:
    code = storage.code_version("vectors/middle", "vectors/buffer", "vectors/agreement", "vectors/sheets")
    return f"roles {parts!r} {SPAN} {storage.data_version()} {code} {version('numpy')}"


def _voice(pole: Vector) -> str:
    """The state whose ballots stand for a pole; "" where there is none."""
    if len(pole.countries) == 1 and not pole.blocs:
        return pole.countries[0]
    return VOICE if VOICE in vector_members(pole, year=LATEST) else ""
