"""Bridges: who joins states of different groups that have no tie of their own, more often than chance would have it.

What counts as such, and beside what, is in `softpower.vectors.standing`; here are the networks of states it is asked
of, and what may be said.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from softpower import storage
from softpower.errors import BadRequest, NotEnoughData
from softpower.evidence import measures, ties
from softpower.vectors.backbone import DEFAULT_ALPHA, backbone
from softpower.vectors.partition import By, partition
from softpower.vectors.rewiring import SWEEPS
from softpower.vectors.standing import (
    BETWEEN,
    RATE,
    SAMPLES,
    STATISTICS,
    Claim,
    Comparison,
    Keep,
    Z,
    by_chance,
    claims,
    compare,
)
from softpower.world import country, members

Flags = NDArray[np.bool_]

SEED: Final = 7

# Layers with a world-wide network: measure, year, and whether a tie is simply there or must stand out by its size.
NETWORKS: Final[tuple[tuple[str, int, bool], ...]] = (
    ("airline_routes", 2014, False),
    ("missions_embassy", 2022, False),
    ("migrant_stock", 2020, True),
    ("trade_musd", 2006, True),
)
_WEIGHTED: Final = {measure: weighted for measure, _, weighted in NETWORKS}


@dataclass(frozen=True, eq=False)
class Network:
    """Who is tied with whom.

    Attributes
    ----------
    measure, year : of `softpower.evidence.ties`
    states : ISO3 codes of the members of the UN with any tie of this measure in this year, sorted
    ties : true where there is a tie, shape (state, state), origin by partner
    thinned : whether only the backbone is kept
    """

    measure: str
    year: int
    states: tuple[str, ...]
    ties: Flags
    thinned: bool


@dataclass(frozen=True)
class Place:
    """One statistic of one state.

    Attributes
    ----------
    observed, mean, sd, z : in the network, in the random ones, and how far apart in standard deviations
    more, fewer : chance of as much or more, or of as little or less; NaN where chance leaves no choice
    more_at_most, fewer_at_most : upper ends of their intervals, on which claims rest
    networks, worth : how many random networks these were counted in, and independent ones they are worth
    lower : share of the other states whose z is lower; NaN where ``z`` is
    """

    observed: float
    mean: float
    sd: float
    z: float
    more: float
    fewer: float
    more_at_most: float
    fewer_at_most: float
    networks: int
    worth: float
    lower: float


@dataclass(frozen=True)
class Bridge:
    """Whether one state is a bridge in one layer.

    Attributes
    ----------
    measure, year, thinned : of the network
    claim : what may be said, all layers considered
    places : by name of the statistic
    alike : ISO3 codes of all states of which the same rule says "bridge" in this layer, sorted; chance alone would
        make some of them
    states : how many states the network has
    by_chance : of how many chance alone would on average say so, at most, if none were one
    """

    measure: str
    year: int
    thinned: bool
    claim: Claim
    places: dict[str, Place]
    alike: tuple[str, ...]
    states: int
    by_chance: float


def network(measure: str, year: int | None = None, *, alpha: float = DEFAULT_ALPHA) -> Network:
    """The network of one measure in one year, between members of the UN.

    Territories are left out: that Guam is tied with nobody but its own state would make a broker of that state.

    Parameters
    ----------
    measure : of `softpower.evidence.ties`; flight routes and embassies pass as they are, all others are weighed and
        thinned to their backbone
    year : by default the last one
    alpha : as for `backbone`

    Raises
    ------
    UnknownIndicator
        No such measure.
    NotEnoughData
        It has no ties in this year.
    """
    rows = ties(measure)
    when = int(rows["year"].max()) if year is None else year  # type: ignore[arg-type]
    known = [each.iso3 for each in members()]
    here = rows.filter(
        (pl.col("year") == when)
        & (pl.col("value") > 0)
        & pl.col("origin").is_in(known)
        & pl.col("partner").is_in(known)
        & (pl.col("origin") != pl.col("partner"))
    )
    if here.is_empty():
        years = sorted(rows["year"].unique().to_list())
        raise NotEnoughData(f"{measure} has no ties in {when}; it has {', '.join(map(str, years))}")
    states = tuple(sorted({*here["origin"], *here["partner"]}))
    places = [np.searchsorted(states, here[end].to_numpy().astype(str)) for end in ("origin", "partner")]
    weights = np.zeros((len(states), len(states)))
    np.add.at(weights, tuple(places), here["value"].to_numpy())
    thinned = _WEIGHTED.get(measure, True)
    return Network(measure, when, states, backbone(weights, alpha=alpha) if thinned else weights > 0, thinned)


def compare_states(
    found: Network,
    groups: Sequence[str],
    *,
    samples: int = SAMPLES,
    sweeps: int = SWEEPS,
    seed: int = SEED,
    keep: Keep = "ties and groups",
) -> Comparison:
    """`compare` for a network of states, kept in the cache: one set of random networks serves all states.

    Parameters
    ----------
    groups : the group of each state, as `partition` gives it
    samples : random networks, at least 20
    sweeps, keep : as for `compare`
    seed : start of the random stream

    Raises
    ------
    BadRequest
        Too few samples, or a negative seed.
    """
    if samples < 20 or seed < 0:
        raise BadRequest(f"{samples} random networks from seed {seed}: give 20 or more, and a seed of 0 or more")
    group = np.unique(np.array(groups), return_inverse=True)[1].astype(np.int64)

    def make() -> bytes:
        with threadpool_limits(1):  # many small products: threads would wait for one another
            random = np.random.default_rng(seed)
            new = compare(found.ties, group, random, samples=samples, sweeps=sweeps, keep=keep)
        out = io.BytesIO()
        np.save(out, np.stack([getattr(new, each.name) for each in fields(Comparison)]))
        return out.getvalue()

    parts = [
        repr((found.states, group.tolist(), samples, sweeps, seed, keep)),
        hashlib.sha256(np.packbits(found.ties).tobytes()).hexdigest(),
        storage.code_version(*(f"vectors/{name}" for name in ("networks", "rewiring", "standing"))),
        version("numpy"),
    ]
    content = storage.cached(f"brokers-{storage.sha256(chr(0).join(parts).encode())}", make)
    return Comparison(*np.load(io.BytesIO(content), allow_pickle=False))


def bridges(
    home: str,
    *,
    by: By = "regions",
    file: Path | str | None = None,
    networks: Sequence[Network] | None = None,
    samples: int = SAMPLES,
    seed: int = SEED,
    rate: float = RATE,
    keep: Keep = "ties and groups",
) -> tuple[Bridge, ...]:
    """Whether a state is a bridge between groups, layer by layer.

    Parameters
    ----------
    home : ISO3 code of a member of the UN
    by, file : the groups, see `partition`; memberships in blocs are those of each network's year
    networks : by default those of `NETWORKS` that the data at hand have
    samples : random networks for each layer
    rate : of false claims over all layers, for one state
    keep : as for `compare`

    Returns
    -------
    tuple of Bridge
        One for each network that has the state.

    Raises
    ------
    UnknownCountry
        No country has this code.
    BadRequest
        So few samples that nothing could ever be claimed in so many layers, were they independent.
    """
    country(home)
    if networks is None:
        at_hand = set(measures())
        networks = [network(measure, year) for measure, year, _ in NETWORKS if measure in at_hand]
    if Z**2 / (samples + Z**2) * len(networks) > rate:
        raise BadRequest(
            f"{samples} random networks cannot tell anything at a rate of {rate:g} over {len(networks)} layers: "
            f"take {int(np.ceil(Z**2 * (len(networks) / rate - 1)))} or more"
        )
    compared = []
    for each in networks:
        groups = partition(each.states, by=by, home=home, year=each.year, file=file)
        compared.append(compare_states(each, groups, samples=samples, seed=seed, keep=keep))
    said, chance = _all_claims(networks, compared, rate)
    return tuple(
        Bridge(
            measure=each.measure,
            year=each.year,
            thinned=each.thinned,
            claim=said[layer][home],
            places=_places(result, each.states.index(home)),
            alike=tuple(state for state, claim in said[layer].items() if claim == "bridge"),
            states=len(each.states),
            by_chance=chance[layer],
        )
        for layer, (each, result) in enumerate(zip(networks, compared, strict=True))
        if home in each.states
    )


def _all_claims(
    networks: Sequence[Network], compared: Sequence[Comparison], rate: float
) -> tuple[tuple[dict[str, Claim], ...], list[float]]:
    """For each layer, what may be said of each of its states, and of how many chance would make bridges."""
    everybody = sorted({state for each in networks for state in each.states})
    chances = np.full((2, len(networks), len(everybody)), np.nan)
    for layer, (each, result) in enumerate(zip(networks, compared, strict=True)):
        at = np.searchsorted(everybody, each.states)
        chances[0, layer, at] = result.surely(result.more)[:, STATISTICS.index(BETWEEN)]
        chances[1, layer, at] = result.surely(result.fewer)[:, STATISTICS.index(BETWEEN)]
    said = {state: claims(*chances[:, :, at].tolist(), rate=rate) for at, state in enumerate(everybody)}
    claimed = tuple({state: said[state][layer] for state in each.states} for layer, each in enumerate(networks))
    return claimed, by_chance(np.isfinite(chances[0]), rate=rate).tolist()


def _places(result: Comparison, at: int) -> dict[str, Place]:
    found = {}
    most, least = result.surely(result.more), result.surely(result.fewer)
    for column, name in enumerate(STATISTICS):
        z = result.z[:, column]
        others = np.delete(z, at)
        others = others[np.isfinite(others)]
        lower = float((others < z[at]).mean()) if np.isfinite(z[at]) and others.size else float("nan")
        found[name] = Place(
            observed=float(result.observed[at, column]),
            mean=float(result.mean[at, column]),
            sd=float(result.sd[at, column]),
            z=float(z[at]),
            more=float(result.more[at, column]),
            fewer=float(result.fewer[at, column]),
            more_at_most=float(most[at, column]),
            fewer_at_most=float(least[at, column]),
            networks=int(result.count[at, column]),
            worth=float(result.effective[at, column]),
            lower=lower,
        )
    return found
