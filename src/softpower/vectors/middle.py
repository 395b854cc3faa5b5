"""Middle powers: in what share of reasonable ways to sort states by capability does a state fall in the middle.

States are sorted into three clusters by what the literature on capabilities counts: people, output, land, soldiers,
military spending, exports, and in half of the ways embassies received. Each enters as a share of the world's total, as
in the index of national capability of Singer, Bremer & Stuckey. A way is one draw of weights of the states (Bayesian
bootstrap) and one set of indicators, up to two of which are left out.

**The scale decides.** Distances are taken between square roots of shares (Hellinger's distance), which lies between two
scales that do not answer the question. On shares as they are, squares of distances are about two states only, and where
the others part depends on one indicator, land. On logarithms there are no gaps to find: k-means cuts the list into
about even thirds, and dozens of states are "great", Iraq and Bangladesh among them. On roots the upper clusters are
small, as the literature has them: Holbraad (1984) counts 18 middle powers below two superpowers. This was chosen with
the outcome in sight, and `sensitivity` therefore shows all three scales, and four clusters in place of three.

References
----------
Singer, Bremer & Stuckey (1972), Capability distribution, uncertainty, and major power war, in Russett (ed.), Peace,
War, and Numbers.
Holbraad (1984), Middle Powers in International Politics, Macmillan.
Legendre & Gallagher (2001), Ecologically meaningful transformations for ordination of species data, Oecologia 129
(roots of shares under Euclidean distance).
Lloyd (1982), Least squares quantization in PCM, IEEE Transactions on Information Theory 28(2) (k-means).
Dixon (1979), Pattern recognition with partly missing data, IEEE Transactions on Systems, Man, and Cybernetics 9(10)
(distances over what is known).
Rubin (1981), The Bayesian bootstrap, Annals of Statistics 9(1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from itertools import combinations
from typing import Final, Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from softpower import storage
from softpower.errors import BadRequest, NotEnoughData
from softpower.evidence import observations, ties
from softpower.world import members

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

Scale = Literal["root", "share", "log"]
Claim = Literal[
    "great power",
    "between great and middle power",
    "middle power",
    "between middle and small power",
    "small power",
    "not distinguishable",
]

RUNS: Final = 400
SEED: Final = 7
CLUSTERS: Final = 3
# Share of the runs from which something is said.
CLEAR: Final = 0.9
# Of the indicators so many may be left out of a run.
MOST_LEFT_OUT: Final = 2
# An older value says nothing of the year asked for; an indicator known for fewer states is left out of all runs.
MAX_AGE: Final = 10
FEWEST_KNOWN: Final = 0.5

EMBASSIES: Final = "embassies received"
_EMBASSIES_YEAR: Final = 2022
_LLOYD_STEPS: Final = 50


@dataclass(frozen=True, eq=False)
class Capabilities:
    """What the sorting rests on.

    Attributes
    ----------
    states : ISO3 codes of the members of the UN, sorted
    indicators : names, shape (indicator,)
    values : shape (state, indicator), not negative; NaN unknown
    years : first and last year of the values of each indicator; 0 where it has none
    """

    states: tuple[str, ...]
    indicators: tuple[str, ...]
    values: Array
    years: tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Powers:
    """In what share of the runs each state falls into which cluster.

    Attributes
    ----------
    states : ISO3 codes
    shares : great, middle, small; shape (state, 3), rows add up to 1; NaN for a state of which nothing is known
    runs, clusters, scale : how they were made; with more than three clusters all but the first and the last are middle
    """

    states: tuple[str, ...]
    shares: Array
    runs: int
    clusters: int
    scale: Scale

    @cached_property
    def claims(self) -> tuple[Claim, ...]:
        """What may be said of each state."""
        return tuple(claim(*row) for row in self.shares.tolist())

    def of(self, iso3: str) -> tuple[float, float, float]:
        """Shares great, middle and small of one state."""
        great, middle, small = self.shares[self.states.index(iso3)].tolist()
        return great, middle, small

    def said_of(self, iso3: str) -> Claim:
        """What may be said of one state."""
        return self.claims[self.states.index(iso3)]

    def called(self, what: Claim) -> tuple[str, ...]:
        """ISO3 codes of all of whom this may be said."""
        return tuple(state for state, said in zip(self.states, self.claims, strict=True) if said == what)


def claim(great: float, middle: float, small: float) -> Claim:
    """What may be said when a state falls into the three in these shares of the runs.

    >>> claim(0.0, 0.95, 0.05), claim(0.0, 0.5, 0.5), claim(0.2, 0.5, 0.3)
    ('middle power', 'between middle and small power', 'not distinguishable')
    """
    if great >= CLEAR:
        return "great power"
    if middle >= CLEAR:
        return "middle power"
    if small >= CLEAR:
        return "small power"
    if max(great, small) + middle >= CLEAR:
        return "between great and middle power" if great > small else "between middle and small power"
    return "not distinguishable"


# Arithmetic.


def sort_states(
    values: Array,
    sets: Sequence[Sequence[int]],
    *,
    clusters: int = CLUSTERS,
    scale: Scale = "root",
    runs: int = RUNS,
    seed: int = SEED,
) -> Array:
    """Shares of the runs in which each state is great, middle, small.

    Parameters
    ----------
    values : capabilities, shape (state, indicator), not negative; NaN unknown
    sets : sets of columns, of which each run takes one by chance
    clusters : 3 or more
    scale : square ``"root"`` of the share in the world's total, the ``"share"`` itself, or its ``"log"``, where zero
        counts as half the smallest value above it
    runs, seed : how many, and the start of the random stream

    Returns
    -------
    array, shape (state, 3); NaN for a state of which no run knows anything, else over the runs that do

    Raises
    ------
    BadRequest
        Fewer than three clusters, no more states than clusters, a negative or infinite value, or no set or run.

    >>> values = np.array([[100.0, 90], [95, 99], [20, 22], [21, 19], [1, 1], [2, 1], [1, 2]])
    >>> sort_states(values, [[0, 1], [0]], runs=20)[:, 1].tolist()
    [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    """
    if clusters < 3 or len(values) <= clusters or not sets or runs < 1:
        raise BadRequest(
            f"{len(values)} states in {clusters} clusters, {len(sets)} sets of indicators, {runs} runs: "
            "take three clusters or more, more states than clusters, and a set and a run at least"
        )
    if ((values < 0) | np.isinf(values)).any():
        raise BadRequest("capabilities must be finite and not negative; NaN where unknown")
    scaled = _standardised(values, scale)
    random = np.random.default_rng(seed)
    counts = np.zeros((len(values), 3))
    for _ in range(runs):
        columns = list(sets[int(random.integers(len(sets)))])
        weights = random.standard_exponential(len(values))
        order = cluster(scaled[:, columns], weights, clusters)
        seen = order >= 0
        kind = np.where(order == 0, 0, np.where(order == clusters - 1, 2, 1))
        counts[np.flatnonzero(seen), kind[seen]] += 1
    with np.errstate(invalid="ignore"):
        shares: Array = counts / counts.sum(axis=1, keepdims=True)
    return shares


def _standardised(values: Array, scale: Scale) -> Array:
    """On the scale, less the mean and over the standard deviation of the known."""
    shares = values / np.nansum(values, axis=0)
    if scale == "root":
        scaled = np.sqrt(shares)
    elif scale == "share":
        scaled = shares
    else:
        least = np.nanmin(np.where(shares > 0, shares, np.nan), axis=0)
        scaled = np.log(np.where(shares == 0, least / 2, shares))
    found: Array = (scaled - np.nanmean(scaled, axis=0)) / np.nanstd(scaled, axis=0)
    return found


def cluster(points: Array, weights: Array, clusters: int) -> Ints:
    """Clusters of weighted k-means, 0 the one with the highest mean over the columns.

    The start is no matter of chance: states are put in the order of their means, and the list is cut in all ways after
    1, 2, 4, 8, ... states; of the clusters these lead to those with the least squares are taken. Where a value is
    unknown, distances rest on the others, in proportion.

    Parameters
    ----------
    points : shape (state, column), NaN unknown
    weights : above zero, shape (state,)
    clusters : how many

    Returns
    -------
    int array, shape (state,); -1 for a state of which nothing is known

    >>> cluster(np.array([[9.0], [10], [5], [1], [0], [np.nan]]), np.ones(6), 3).tolist()
    [0, 0, 1, 2, 2, -1]
    """
    known = ~np.isnan(points)
    seen = np.flatnonzero(known.any(axis=1))
    mask = known[seen].astype(np.float64)
    value = np.where(known[seen], points[seen], 0.0)
    # A state with half of the columns known counts as if the others were as far off.
    weight = weights[seen] * mask.shape[1] / mask.sum(axis=1)
    mean = value.sum(axis=1) / mask.sum(axis=1)
    centres = _starts(value, mask, np.argsort(-mean, kind="stable"), clusters)
    label = np.zeros((len(centres), len(seen)), dtype=np.int64)
    for _ in range(_LLOYD_STEPS):
        # Over known columns only: sum of (x - c)^2, less what is the same for all centres
        distance = -2 * centres @ value.T + centres**2 @ mask.T  # (start, cluster, state)
        new = distance.argmin(axis=1)
        if (new == label).all():
            break
        label = new
        member = (label[:, None, :] == np.arange(clusters)[:, None]) * weight  # (start, cluster, state)
        total = member @ mask
        centres = np.where(total > 0, member @ value / np.where(total > 0, total, 1.0), centres)
    squares = (np.take_along_axis(distance, label[:, None, :], axis=1)[:, 0] * weight).sum(axis=1)
    full = (label[:, None, :] == np.arange(clusters)[:, None]).any(axis=2).all(axis=1)
    best = int(np.argmin(np.where(full, squares, np.inf)))
    rank = np.argsort(np.argsort(-centres[best].mean(axis=1)))
    found = np.full(len(points), -1, dtype=np.int64)
    found[seen] = rank[label[best]]
    return found


def _starts(value: Array, mask: Array, order: Ints, clusters: int) -> Array:
    """Centres of all ways to cut the ordered list, shape (start, cluster, column)."""
    n = len(order)
    cuts = [2**power for power in range(n.bit_length()) if 2**power < n]
    cuts = cuts if len(cuts) >= clusters - 1 else list(range(1, n))
    starts = []
    for chosen in combinations(cuts, clusters - 1):
        parts = np.split(order, chosen)
        starts.append([value[part].sum(axis=0) / np.maximum(mask[part].sum(axis=0), 1) for part in parts])
    return np.array(starts)


# Data.


def capabilities(year: int) -> Capabilities:
    """Capabilities of all members of the UN: the latest value of each up to ``year``, at most ten years old.

    Embassies received, counted by Wikidata in November 2022 with uneven recall, are there for years from 2022.

    Raises
    ------
    NotEnoughData
        Fewer than four indicators are known for half of the states.
    """
    countries = sorted(members(), key=lambda each: each.iso3)
    states = [each.iso3 for each in countries]
    series = ("wpp_population", "wdi_gdp_usd", "cia_gdp_usd", "wdi_armed_forces", "cia_military_exp_pct_gdp")
    rows = observations([*series, "cia_exports_usd"]).filter(pl.col("year").is_between(year - MAX_AGE, year))
    latest = rows.sort("year").group_by("indicator", "iso3").last()
    found = {name: _column(latest.filter(pl.col("indicator") == name), states) for name in (*series, "cia_exports_usd")}
    gdp = _first_known(found["wdi_gdp_usd"], found["cia_gdp_usd"])
    military = found["cia_military_exp_pct_gdp"]
    # Zero in this series also stands for states that have forces, such as Libya and Congo: it says nothing.
    forces = np.where(found["wdi_armed_forces"][0] > 0, found["wdi_armed_forces"][0], np.nan)
    area = np.array([np.nan if each.area_km2 is None else each.area_km2 for each in countries])
    columns: dict[str, tuple[Array, Array]] = {
        "population": found["wpp_population"],
        "GDP": gdp,
        "area": (area, np.full(len(states), float(year))),
        "armed forces": (forces, found["wdi_armed_forces"][1]),
        "military expenditure": (military[0] / 100 * gdp[0], military[1]),
        "exports": found["cia_exports_usd"],
    }
    if year >= _EMBASSIES_YEAR:
        sent = ties("missions_embassy").filter(pl.col("year") == _EMBASSIES_YEAR).group_by("partner").len("value")
        received = sent.select(iso3="partner", value="value", year=pl.lit(_EMBASSIES_YEAR))
        columns[EMBASSIES] = _column(received, states)
    kept = {name: each for name, each in columns.items() if np.isfinite(each[0]).mean() >= FEWEST_KNOWN}
    if len(kept) < 4:
        raise NotEnoughData(f"of the capabilities in {year} only {', '.join(kept)} are known; try a later year")
    return Capabilities(
        states=tuple(states),
        indicators=tuple(kept),
        values=np.column_stack([value for value, _ in kept.values()]),
        years=tuple(_span(value, when) for value, when in kept.values()),
    )


def indicator_sets(indicators: Sequence[str]) -> list[list[int]]:
    """Columns of all sets that leave out up to two indicators, each set once with and once without embassies."""
    core = [at for at, name in enumerate(indicators) if name != EMBASSIES]
    extra = [at for at, name in enumerate(indicators) if name == EMBASSIES]
    fewest = max(len(core) - MOST_LEFT_OUT, 1)
    kept = [list(each) for size in range(fewest, len(core) + 1) for each in combinations(core, size)]
    return [*kept, *([*each, *extra] for each in kept)] if extra else kept


def powers(year: int, *, clusters: int = CLUSTERS, scale: Scale = "root", runs: int = RUNS, seed: int = SEED) -> Powers:
    """All members of the UN, sorted in ``runs`` ways; arguments and errors as for `sort_states` and `capabilities`."""
    found = capabilities(year)
    sets = indicator_sets(found.indicators)

    def make() -> bytes:
        with threadpool_limits(1):  # many small products; and the same sums on any machine
            return sort_states(found.values, sets, clusters=clusters, scale=scale, runs=runs, seed=seed).tobytes()

    parts = (found.indicators, clusters, scale, runs, seed, storage.code_version("vectors/middle"), version("numpy"))
    key = f"middle-{storage.sha256(found.values.tobytes())}-{parts}"
    shares = np.frombuffer(storage.cached(key, make), dtype=np.float64).reshape(len(found.states), 3)
    return Powers(found.states, shares, runs, clusters, scale)


def sensitivity(year: int, *, runs: int = RUNS, seed: int = SEED) -> Mapping[tuple[Scale, int], Powers]:
    """The same on each scale and with three and four clusters; on shares and logarithms for comparison only."""
    return {
        (scale, clusters): powers(year, clusters=clusters, scale=scale, runs=runs, seed=seed)
        for scale in get_args(Scale)
        for clusters in (3, 4)
    }


def _column(rows: pl.DataFrame, states: Sequence[str]) -> tuple[Array, Array]:
    """Values and their years by state, NaN where there is no row."""
    by_state = {iso3: (value, when) for iso3, value, when in rows.select("iso3", "value", "year").iter_rows()}
    pairs = np.array([by_state.get(iso3, (np.nan, np.nan)) for iso3 in states], dtype=np.float64)
    return pairs[:, 0], pairs[:, 1]


def _first_known(one: tuple[Array, Array], other: tuple[Array, Array]) -> tuple[Array, Array]:
    known = np.isfinite(one[0])
    return np.where(known, one[0], other[0]), np.where(known, one[1], other[1])


def _span(value: Array, when: Array) -> tuple[int, int]:
    years = when[np.isfinite(value)]
    return (int(years.min()), int(years.max())) if years.size else (0, 0)
