"""Bridges: who joins states of different groups that have no tie of their own, more often than chance would have it.

Raw counts of such joined pairs grow with the number of ties, so that every large state would be a bridge. Each state is
therefore compared with itself in random networks in which everybody has as many ties out, in and mutual, and in which
there are as many from each group to each (`softpower.vectors.rewiring`). That leaves what a bridge is made of: to whom
in a group the ties go, and whether those it joins are tied already.

The claim rests on one number, `BETWEEN`: Gould and Fernandez's liaison, gatekeeper and representative together, which
are all ordered pairs of *different* groups that a state joins; a coordinator and a consultant join two of one group.
The sum does not depend on the group of the state itself, which is a matter of choice, as the three alone do.

References
----------
Gould & Fernandez (1989), Structures of mediation: a formal approach to brokerage in transaction networks, Sociological
Methodology 19.
Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6(2).
Phipson & Smyth (2010), Permutation p-values should never be zero, Statistical Applications in Genetics and Molecular
Biology 9(1).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from softpower import storage
from softpower.errors import BadRequest, NotEnoughData
from softpower.evidence import measures, ties
from softpower.vectors.backbone import DEFAULT_ALPHA, backbone
from softpower.vectors.networks import ROLES, betweenness, brokerage, constraint
from softpower.vectors.rewiring import SWEEPS, comparable
from softpower.world import country, members, vector_members, vectors_of

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

Claim = Literal["bridge", "fewer than its ties would give", "not distinguishable"]
By = Literal["regions", "vectors"]

BETWEEN: Final = "between groups"
# Little constraint means structural holes: there ``fewer`` is the chance that speaks for the state.
STATISTICS: Final = (BETWEEN, *ROLES, "betweenness", "constraint")

SAMPLES: Final = 200
SEED: Final = 7
# How often, at most, somebody is called a bridge in any of the layers looked at who is none.
RATE: Final = 0.05

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


@dataclass(frozen=True, eq=False)
class Comparison:
    """Every state's places in a network beside those it has in random ones.

    Attributes
    ----------
    observed, mean, sd : shape (state, statistic), in the order of `STATISTICS`; constraint is NaN without ties
    more, fewer : chance, by rank among the random networks, of as much or more (or less) as observed
    samples : how many random networks
    """

    observed: Array
    mean: Array
    sd: Array
    more: Array
    fewer: Array
    samples: int

    @cached_property
    def z(self) -> Array:
        """Observed less mean, in standard deviations; NaN where the random networks all have the same."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Array = np.where(self.sd > 0, (self.observed - self.mean) / self.sd, np.nan)
        return found


@dataclass(frozen=True)
class Place:
    """One statistic of one state.

    Attributes
    ----------
    observed, mean, sd, z : in the network, in the random ones, and how far apart in standard deviations
    more, fewer : chance of as much or more, or of as little or less
    lower : share of the other states whose z is lower; NaN where ``z`` is
    """

    observed: float
    mean: float
    sd: float
    z: float
    more: float
    fewer: float
    lower: float


@dataclass(frozen=True)
class Bridge:
    """Whether one state is a bridge in one layer.

    Attributes
    ----------
    measure, year, thinned : of the network
    claim : what may be said, all layers considered
    places : by name of the statistic
    alike : ISO3 codes of all states of which the same rule says "bridge" in this layer, sorted; by chance alone it
        would say so of `RATE` of them at most in any layer
    states : how many states the network has
    """

    measure: str
    year: int
    thinned: bool
    claim: Claim
    places: dict[str, Place]
    alike: tuple[str, ...]
    states: int


# Arithmetic.


def compare(
    ties: Flags, group: Ints, random: np.random.Generator, *, samples: int = SAMPLES, sweeps: int = SWEEPS
) -> Comparison:
    """Places of all states in a network, against random ones that keep ties and groups; see `comparable`.

    Parameters
    ----------
    ties : array, shape (state, state), true where there is a tie
    group : group of each state, codes from 0, shape (state,)

    >>> ring = np.roll(np.eye(6, dtype=bool), 1, axis=1)
    >>> found = compare(ring, np.array([0, 0, 0, 1, 1, 1]), np.random.default_rng(1), samples=20)
    >>> found.observed[:, STATISTICS.index(BETWEEN)].tolist()
    [1.0, 0.0, 1.0, 1.0, 0.0, 1.0]
    """
    observed = _statistics(ties, group)
    others = comparable(ties, group, random, samples=samples, sweeps=sweeps)
    drawn = np.array([_statistics(each, group) for each in others])
    return Comparison(
        observed=observed,
        mean=drawn.mean(axis=0),
        sd=drawn.std(axis=0, ddof=1),
        more=_by_rank(drawn >= observed, observed),
        fewer=_by_rank(drawn <= observed, observed),
        samples=samples,
    )


def _statistics(ties: Flags, group: Ints) -> Array:
    """Shape (state, statistic)."""
    roles = brokerage(ties, group)
    joined = roles[:, [ROLES.index(role) for role in ("gatekeeper", "representative", "liaison")]].sum(axis=1)
    # Rounded so that what is equal but for the order of a sum counts as equal.
    reached = np.round(betweenness(ties), 12)
    holes = np.round(constraint(ties.astype(np.float64)), 12)
    return np.column_stack([joined, roles, reached, holes]).astype(np.float64)


def _by_rank(beyond: Flags, observed: Array) -> Array:
    """Chance by rank: the observed counts as one of the draws, so that no chance is ever nought."""
    chance: Array = np.where(np.isnan(observed), np.nan, (1 + beyond.sum(axis=0)) / (1 + len(beyond)))
    return chance


def holm(p: Array) -> Array:
    """Chances adjusted for having looked at several layers: at most a share ``a`` of all-true sets has one below a.

    Parameters
    ----------
    p : array, shape (layer, ...), from 0 to 1; NaN where nothing was tested

    Returns
    -------
    array of the same shape

    >>> holm(np.array([0.01, 0.04, 0.03, np.nan])).round(6).tolist()
    [0.03, 0.06, 0.06, nan]
    """
    order = np.argsort(p, axis=0)  # NaN last
    left = (~np.isnan(p)).sum(axis=0) - np.arange(len(p)).reshape(-1, *[1] * (p.ndim - 1))
    ordered = np.take_along_axis(p, order, axis=0) * np.maximum(left, 1)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(np.maximum.accumulate(ordered, axis=0), 1.0), axis=0)
    return np.where(np.isnan(p), np.nan, adjusted)


def claims(more: Sequence[float], fewer: Sequence[float], *, rate: float = RATE) -> tuple[Claim, ...]:
    """What may be said of one state in each layer, given its chances in all of them.

    Parameters
    ----------
    more, fewer : chance of as much brokerage between groups or more, and of as little or less; one for each layer
    rate : how often, at most, a state that is no bridge in any layer is called one in some; likewise for "fewer"

    >>> claims([0.005, 0.2, 1.0], [1.0, 0.8, 0.005])
    ('bridge', 'not distinguishable', 'fewer than its ties would give')
    """
    above, below = (holm(np.asarray(each, dtype=np.float64)) for each in (more, fewer))
    return tuple(
        "bridge" if up <= rate else "fewer than its ties would give" if down <= rate else "not distinguishable"
        for up, down in zip(above, below, strict=True)
    )


# Data.


def partition(
    states: Sequence[str],
    *,
    by: By = "regions",
    home: str = "",
    year: int | None = None,
    file: Path | str | None = None,
) -> tuple[str, ...]:
    """The group of each state, each in one only, although vectors overlap.

    ``"regions"`` is the smallest region of UN M49. ``"vectors"`` takes the default vectors of ``home``, in this order:
    a vector that is one state (Russia, China) is a group of its own; then ``home`` and the states of its own smallest
    region are one; then each other vector in the order of the file, and M49 for whom none holds. A home group comes
    before the larger vectors because without one nobody could be gatekeeper or representative: in the order of the
    file all neighbours of Kazakhstan would belong to the Islamic world, and Kazakhstan would be alone.

    Parameters
    ----------
    states : ISO3 codes
    home, year, file : whose vectors, the year of memberships, and a file to use instead of those at hand; for
        ``"vectors"``

    Raises
    ------
    UnknownCountry
        A code is no country's.
    BadRequest
        ``"vectors"`` without home or year.

    >>> partition(["KAZ", "UZB", "RUS", "TUR", "DEU", "BRA"], by="vectors", home="KAZ", year=2022)
    ('Central Asia', 'Central Asia', 'Russia', 'Islamic world', 'West', 'South America')
    """
    regions = {iso3: _smallest_region(iso3) for iso3 in states}
    if by == "regions":
        return tuple(regions[iso3] for iso3 in states)
    if not home or year is None:
        raise BadRequest("groups by vectors need home, whose vectors they are, and the year of memberships")
    own = _smallest_region(home)
    vectors = [vector for vector in vectors_of(home, file=file) if vector.default]
    found: dict[str, str] = {}
    for vector in vectors:
        if len(vector.countries) == 1 and not vector.blocs:
            found.setdefault(vector.countries[0], vector.name)
    for iso3, region in regions.items():
        if region == own:
            found.setdefault(iso3, own)
    for vector in vectors:
        for iso3 in vector_members(vector, year=year):
            found.setdefault(iso3, vector.name)
    return tuple(found.get(iso3, regions[iso3]) for iso3 in states)


def _smallest_region(iso3: str) -> str:
    found = country(iso3)
    return found.intermediate_region or found.subregion or found.region or found.name


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
    found: Network, groups: Sequence[str], *, samples: int = SAMPLES, sweeps: int = SWEEPS, seed: int = SEED
) -> Comparison:
    """`compare` for a network of states, kept in the cache: one set of random networks serves all states.

    Parameters
    ----------
    groups : the group of each state, as `partition` gives it
    samples : random networks, at least 20

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
            new = compare(found.ties, group, np.random.default_rng(seed), samples=samples, sweeps=sweeps)
        out = io.BytesIO()
        np.save(out, np.stack([new.observed, new.mean, new.sd, new.more, new.fewer]))
        return out.getvalue()

    parts = [
        repr((found.states, group.tolist(), samples, sweeps, seed)),
        hashlib.sha256(np.packbits(found.ties).tobytes()).hexdigest(),
        storage.code_version(*(f"vectors/{name}" for name in ("brokers", "networks", "rewiring"))),
        version("numpy"),
    ]
    content = storage.cached(f"brokers-{storage.sha256(chr(0).join(parts).encode())}", make)
    observed, mean, sd, more, fewer = np.load(io.BytesIO(content), allow_pickle=False)
    return Comparison(observed, mean, sd, more, fewer, samples)


def bridges(
    home: str,
    *,
    by: By = "regions",
    file: Path | str | None = None,
    networks: Sequence[Network] | None = None,
    samples: int = SAMPLES,
    seed: int = SEED,
    rate: float = RATE,
) -> tuple[Bridge, ...]:
    """Whether a state is a bridge between groups, layer by layer.

    Parameters
    ----------
    home : ISO3 code of a member of the UN
    by, file : the groups, see `partition`; memberships in blocs are those of each network's year
    networks : by default those of `NETWORKS` that the data at hand have
    samples : random networks for each layer
    rate : of false claims over all layers, for one state

    Returns
    -------
    tuple of Bridge
        One for each network that has the state.

    Raises
    ------
    UnknownCountry
        No country has this code.
    BadRequest
        So few samples that nothing could ever be claimed in so many layers.
    """
    country(home)
    if networks is None:
        at_hand = set(measures())
        networks = [network(measure, year) for measure, year, _ in NETWORKS if measure in at_hand]
    if (samples + 1) * rate < len(networks):
        raise BadRequest(
            f"{samples} random networks cannot tell anything at a rate of {rate:g} over {len(networks)} layers: "
            f"take {int(np.ceil(len(networks) / rate)) - 1} or more"
        )
    compared = []
    for each in networks:
        groups = partition(each.states, by=by, home=home, year=each.year, file=file)
        compared.append(compare_states(each, groups, samples=samples, seed=seed))
    said = _all_claims(networks, compared, rate)
    return tuple(
        Bridge(
            measure=each.measure,
            year=each.year,
            thinned=each.thinned,
            claim=said[layer][home],
            places=_places(result, each.states.index(home)),
            alike=tuple(state for state, claim in said[layer].items() if claim == "bridge"),
            states=len(each.states),
        )
        for layer, (each, result) in enumerate(zip(networks, compared, strict=True))
        if home in each.states
    )


def _all_claims(
    networks: Sequence[Network], compared: Sequence[Comparison], rate: float
) -> tuple[dict[str, Claim], ...]:
    """For each layer, what may be said of each of its states."""
    everybody = sorted({state for each in networks for state in each.states})
    chances = np.full((2, len(networks), len(everybody)), np.nan)
    for layer, (each, result) in enumerate(zip(networks, compared, strict=True)):
        at = np.searchsorted(everybody, each.states)
        chances[0, layer, at] = result.more[:, STATISTICS.index(BETWEEN)]
        chances[1, layer, at] = result.fewer[:, STATISTICS.index(BETWEEN)]
    said = {state: claims(*chances[:, :, at].tolist(), rate=rate) for at, state in enumerate(everybody)}
    return tuple({state: said[state][layer] for state in each.states} for layer, each in enumerate(networks))


def _places(result: Comparison, at: int) -> dict[str, Place]:
    found = {}
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
            lower=lower,
        )
    return found
