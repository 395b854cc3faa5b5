"""Time and memory of the arithmetic of ties, votes and networks, beside packages that do the same, in the same run.

Each piece of work runs in a process of its own, on one thread; what both are given is made outside of the time taken.
Trade is the bundled matrix of 2006: 22,588 pairs of 166 countries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks import timing
from benchmarks.figures import Figure
from softpower.evidence import ties
from softpower.vectors.agreement import Rule, agreement, crosstab
from softpower.vectors.brokers import NETWORKS
from softpower.vectors.brokers import network as of_states
from softpower.vectors.excess import excess, gravity
from softpower.vectors.gravity import covariates
from softpower.vectors.ideal_points import SIMULATIONS, ideal_points
from softpower.vectors.networks import between_groups, betweenness, constraint, rewired
from softpower.vectors.partition import partition
from softpower.vectors.ppml import ppml
from softpower.vectors.rewiring import comparable
from softpower.vectors.standing import BETWEEN, RATE, SAMPLES, STATISTICS, Comparison, compare
from softpower.vectors.votes import ANCHOR, bundled_assembly

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Pairs = tuple[Array, Array, Ints, Ints]
Work = Callable[[], object]

TITLE = "Ties, votes and networks"
REPEATS = 3
DRAWS = 200
AGREEMENTS: tuple[Rule, ...] = ("exact", "s", "kappa", "pi")
SAME = 1e-9
# Packages stop when the deviance has settled, each by a rule of its own.
SETTLED = 1e-4
TRUTH = (-1.0, 0.5, 0.7)
ERRORS = ("independent", "alike in both directions", "alike within blocs", "with a taste for distance")
WORLDS = 8
CLAIMED = STATISTICS.index(BETWEEN)
SEEDS = 3
REWIRED = 12

measured = partial(timing.measured, "benchmarks.vectors")


# What is given


def trade() -> Pairs:
    """Flow, covariates and codes of the pairs of 2006."""
    rows = ties("trade_musd").filter(pl.col("year") == 2006)
    origin, partner = rows["origin"].to_numpy(), rows["partner"].to_numpy()
    names, codes = np.unique(np.concatenate([origin, partner]), return_inverse=True)
    x = covariates(origin, partner)
    assert len(names) == 166
    return rows["value"].to_numpy(), x, codes[: len(rows)], codes[len(rows) :]


def world(n: int, seed: int, kind: str = "independent", spread: float = 1.25) -> tuple[Pairs, Array]:
    """Made-up flows between ``n`` countries in a plane, with errors of a kind, and the means that they are about."""
    rng = np.random.default_rng(seed)
    o, d = np.divmod(np.arange(n * n), n)
    o, d = o[o != d], d[o != d]
    place, language, bloc = rng.random((n, 2)), rng.integers(0, 8, n), rng.integers(0, 6, n)
    far = np.hypot(*(place[o] - place[d]).T)
    x = np.column_stack([np.log(far + 0.02), far < 0.1, language[o] == language[d]])
    size = rng.normal(0, 1.5, n)
    mean = np.exp(3 + x @ TRUTH + (size + rng.normal(0, 0.7, n))[o] + (size + rng.normal(0, 0.7, n))[d])
    alone, both, blocs = rng.normal(size=(n, n)), _mirrored(rng.normal(size=(n, n))), _mirrored(rng.normal(size=(6, 6)))
    taste = rng.normal(0, 0.25, (2, n))
    parts = {
        "independent": (0, 1, 0),
        "alike in both directions": (0.7, 0.3, 0),
        "alike within blocs": (0.45, 0.3, 0.25),
        "with a taste for distance": (0.6, 0.4, 0),
    }[kind]
    error = spread * sum(
        np.sqrt(part) * each
        for part, each in zip(parts, (both[o, d], alone[o, d], blocs[bloc[o], bloc[d]]), strict=True)
    )
    variance = np.full(len(o), spread**2)
    if kind == "with a taste for distance":
        away = x[:, 0] - x[:, 0].mean()
        error = error + (taste[0][o] + taste[1][d]) * away
        variance = variance + 2 * 0.25**2 * away**2
    flow = rng.poisson(mean * np.exp(error - variance / 2)).astype(float)
    return (flow, x, o, d), mean


def _mirrored(values: Array) -> Array:
    half = np.triu(values, 1)
    return np.asarray(half + half.T + np.diag(np.diag(values)))


def network() -> Array:
    """Trade between countries that trade more than the median pair, as a matrix."""
    flow, _, origin, partner = trade()
    matrix = np.zeros((166, 166))
    matrix[origin, partner] = flow
    return matrix


# Gravity


def gravity_ours() -> Work:
    """Coefficients by our estimator."""
    import scipy.linalg  # noqa: F401  # its library is limited to one thread only if it is there by then

    pairs = trade()
    return lambda: ppml(*pairs).coefficients


def gravity_pyfixest(warm: int) -> Work:
    """The same by `fepois`; warm, once it has been compiled."""
    pandas, pyfixest = import_module("pandas"), import_module("pyfixest")
    frame = _frame(pandas)
    regressors = " + ".join(name for name in frame.columns if name.startswith("x"))

    def act() -> Array:
        found = pyfixest.fepois(f"flow ~ {regressors} | origin + partner", frame, vcov="hetero")
        return np.asarray(found.coef(), dtype=np.float64)

    if warm:
        act()
    return act


def gravity_statsmodels() -> Work:
    """The same by a generalised linear model with a dummy for each country at either end."""
    pandas, api = import_module("pandas"), import_module("statsmodels.api")
    frame = _frame(pandas)
    x = frame.filter(like="x")
    dummies = [pandas.get_dummies(frame[end], prefix=end, drop_first=end == "partner") for end in ("origin", "partner")]
    design = np.column_stack([x, *dummies]).astype(float)

    def act() -> Array:
        found = api.GLM(frame["flow"].to_numpy(), design, family=api.families.Poisson()).fit(cov_type="HC1")
        return np.asarray(found.params[: x.shape[1]], dtype=np.float64)

    return act


def _frame(pandas: Any) -> Any:
    flow, x, origin, partner = trade()
    columns = {f"x{k}": x[:, k] for k in range(x.shape[1])}
    return pandas.DataFrame({"flow": flow, "origin": origin, "partner": partner, **columns})


def bootstrap(draws: int) -> Work:
    """The model of trade with draws."""
    pairs = trade()
    return lambda: gravity(*pairs, draws=draws).coefficients


def simulated(n: int, draws: int) -> Work:
    """A model of made-up flows with draws; of the estimator alone, without."""
    import scipy.linalg  # noqa: F401

    pairs, _ = world(n, 1)
    return lambda: gravity(*pairs, draws=draws).coefficients if draws else ppml(*pairs).coefficients


def coverage(kind: int) -> Work:
    """Shares of pairs in which 90% intervals of the excess hold the true one, and of worlds for that of distance."""

    def act() -> Array:
        held, slope = [], []
        for seed in range(WORLDS):
            (flow, x, o, d), mean = world(80, seed, ERRORS[kind])
            model = gravity(flow, x, o, d, draws=100)
            _, low, high = excess(flow, *model.expected(x, o, d))
            kept = model.fit.kept & (flow > 0)
            true = flow[kept] / _given_totals(mean, flow, o, d)[kept]
            held.append(np.mean((low[kept] <= true) & (true <= high[kept])))
            ends = np.quantile(model.coefficients[:, 0], [0.05, 0.95])
            slope.append(ends[0] <= TRUTH[0] <= ends[1])
        return np.array([np.mean(held), np.mean(slope)])

    return act


def _given_totals(mean: Array, flow: Array, o: Ints, d: Ints) -> Array:
    """Means made to add up to the totals of both countries."""
    n = int(o.max()) + 1
    table, seen = np.zeros((n, n)), np.zeros((n, n))
    table[o, d], seen[o, d] = mean, flow
    table[seen.sum(axis=1) == 0] = 0
    table[:, seen.sum(axis=0) == 0] = 0
    for _ in range(500):
        for axis in (1, 0):
            sums = table.sum(axis=axis, keepdims=True)
            table *= np.divide(seen.sum(axis=axis, keepdims=True), sums, out=np.zeros_like(sums), where=sums > 0)
    return np.asarray(table[o, d])


# Votes


def positions(sessions: int, simulations: int) -> Work:
    """Ideal points from the votes of the latest sessions."""
    found = bundled_assembly()
    votes = found.votes()
    late = votes.session >= votes.sessions - sessions
    part = type(votes)(
        votes.state[late],
        votes.session[late] - (votes.sessions - sessions),
        np.unique(votes.question[late], return_inverse=True)[1],
        votes.answer[late],
        votes.states,
        sessions,
    )
    anchor = found.states.index(ANCHOR)
    return lambda: ideal_points(part, anchor=anchor, simulations=simulations, seed=7).point


def votes_of(sessions: int) -> int:
    """How many votes the latest sessions hold."""
    votes = bundled_assembly().votes()
    return int((votes.session >= votes.sessions - sessions).sum())


def agreements() -> Work:
    """All pairs in all sessions by four rules, from tables of ballots."""
    found = bundled_assembly()
    tables = [found.table(session) for session in found.sessions]

    def act() -> float:
        total = 0.0
        for table in tables:
            joint = crosstab(table)
            total += sum(float(np.nansum(agreement(joint, rule))) for rule in AGREEMENTS)
        return total

    return act


# Networks


def constraint_ours() -> Work:
    """Constraint of every country in trade."""
    matrix = network()
    return lambda: constraint(matrix)


def constraint_networkx() -> Work:
    """The same by networkx."""
    networkx = import_module("networkx")
    graph = networkx.from_numpy_array(network(), create_using=networkx.DiGraph)
    return lambda: np.array(list(networkx.constraint(graph, weight="weight").values()))


def betweenness_ours() -> Work:
    """Betweenness of every country in trade, any trade being a tie."""
    linked = network() > 0
    return lambda: betweenness(linked)


def betweenness_networkx() -> Work:
    """The same by networkx."""
    networkx = import_module("networkx")
    graph = networkx.from_numpy_array(network(), create_using=networkx.DiGraph)
    return lambda: np.array(list(networkx.betweenness_centrality(graph).values()))


# Bridges


def layers() -> list[tuple[Flags, Ints]]:
    """The networks in which bridges are looked for, with the regions of their states."""
    found = [of_states(measure, year) for measure, year, _ in NETWORKS]
    return [(each.ties, np.unique(partition(each.states), return_inverse=True)[1]) for each in found]


def bridges() -> Work:
    """Comparison of all states in all networks with random ones; how many independent ones these are worth."""
    given = layers()

    def act() -> Array:
        random = np.random.default_rng(1)
        return np.array([np.median(compare(*each, random).effective[:, CLAIMED]) for each in given])

    return act


def steadiness(layer: int) -> Work:
    """How many states are a bridge in a network whatever the seed, and with some seeds only."""
    given = layers()[layer]

    def act() -> Array:
        found = [compare(*given, np.random.default_rng(seed)) for seed in range(SEEDS)]
        times = np.sum([_is_bridge(each, len(NETWORKS)) for each in found], axis=0)
        return np.array([np.sum(times == SEEDS), np.sum((times > 0) & (times < SEEDS))])

    return act


def false_bridges() -> Work:
    """Shares of states whose chance is at most 5%, and surely so, in flight routes rewired by another procedure."""
    ties, group = layers()[0]

    def act() -> Array:
        random = np.random.default_rng(2)
        found = [compare(rewired(ties, random), group, random) for _ in range(REWIRED)]
        chances = np.array([each.more[:, CLAIMED] for each in found])
        return np.array([np.mean(chances <= RATE), np.mean([_is_bridge(each, 1) for each in found])])

    return act


def planted_bridges() -> Work:
    """Shares of networks in which a state is called a bridge that joins more than in 1,000 random ones; and mean z."""
    ties, group = layers()[0]
    airports = np.flatnonzero(ties.sum(axis=1) > 20)

    def act() -> Array:
        random = np.random.default_rng(3)
        found = []
        for state in random.choice(airports, REWIRED):
            others = comparable(ties, group, random, samples=1000)
            most = max((each for _, each in others), key=lambda each: between_groups(each, group)[state])
            compared = compare(most, group, random)
            found.append((_is_bridge(compared, len(NETWORKS))[state], compared.z[state, CLAIMED]))
        return np.asarray(np.mean(found, axis=0))

    return act


def _is_bridge(found: Comparison, layers: int) -> Flags:
    """Of which states the claim is made if this is one of several networks and the others show nothing."""
    return np.asarray(layers * found.surely(found.more)[:, CLAIMED] <= RATE)


WORK: dict[str, timing.Prepare] = {
    "gravity/ours": gravity_ours,
    "gravity/pyfixest": gravity_pyfixest,
    "gravity/statsmodels": gravity_statsmodels,
    "bootstrap": bootstrap,
    "simulated": simulated,
    "coverage": coverage,
    "positions": positions,
    "agreements": agreements,
    "constraint/ours": constraint_ours,
    "constraint/networkx": constraint_networkx,
    "betweenness/ours": betweenness_ours,
    "betweenness/networkx": betweenness_networkx,
    "bridges": bridges,
    "bridges/steadiness": steadiness,
    "bridges/false": false_bridges,
    "bridges/planted": planted_bridges,
}


def run() -> Iterator[Figure]:
    """Times of all, how many times longer others take, and how far their numbers are apart."""
    yield from _gravity()
    yield from _votes()
    for name in ("constraint", "betweenness"):
        words = f"{name} of 166 countries in trade"
        own = measured(f"{name}/ours", repeats=REPEATS)
        yield Figure(words, own.seconds, "s", note=f"peak {own.peak:.0f} MB")
        yield from _beside(words, own, "networkx", f"{name}/networkx", most=SAME, repeats=REPEATS)
    yield from _bridges()
    yield from _growth()


def _gravity() -> Iterator[Figure]:
    words = "gravity, 22,588 pairs, effects of both countries"
    own = measured("gravity/ours", repeats=REPEATS)
    yield Figure(words, own.seconds, "s", most=1.0, note=f"peak {own.peak:.0f} MB")
    yield from _beside(f"{words}, just started", own, "pyfixest", "gravity/pyfixest", 0, most=SETTLED)
    yield from _beside(
        f"{words}, compiled", own, "pyfixest", "gravity/pyfixest", 1, most=SETTLED, least=0.5, repeats=REPEATS
    )
    yield from _beside(f"{words}, dummies", own, "statsmodels", "gravity/statsmodels", most=SETTLED)
    found = measured("bootstrap", DRAWS)
    note = f"peak {found.peak:.0f} MB; {1e3 * found.seconds / DRAWS:.0f} ms each"
    yield Figure(f"the same with {DRAWS} draws", found.seconds, "s", most=10.0, goal=True, note=note)
    for kind, name in enumerate(ERRORS):
        held, slope = measured("coverage", kind).result
        yield Figure(
            f"90% intervals of the excess hold the true one, errors {name}",
            float(held),
            "share",
            least=0.85,
            most=0.97,
            goal=True,
            note=f"{WORLDS} worlds of 80 countries, in which pairs miss together; of distance {100 * slope:.0f}%",
        )


def _votes() -> Iterator[Figure]:
    found = measured("positions", 74, SIMULATIONS)
    words = f"ideal points from {votes_of(74):,} votes of 74 sessions"
    note = f"peak {found.peak:.0f} MB; intervals from {SIMULATIONS} simulations"
    yield Figure(f"{words}, with intervals", found.seconds, "s", most=20.0, goal=True, note=note)
    found = measured("positions", 74, 0)
    yield Figure(f"{words}, without", found.seconds, "s", note=f"peak {found.peak:.0f} MB")
    found = measured("agreements", repeats=REPEATS)
    words = f"agreement of all pairs in 74 sessions by {len(AGREEMENTS)} rules"
    yield Figure(words, found.seconds, "s", most=1.0, goal=True, note=f"peak {found.peak:.0f} MB")


def _bridges() -> Iterator[Figure]:
    found = measured("bridges")
    words = f"places of all states in {len(NETWORKS)} networks against {SAMPLES:,} random ones each"
    worth = ", ".join(f"{each:,.0f}" for each in found.result)
    note = f"peak {found.peak:.0f} MB; once, then from the cache; worth {worth} independent ones"
    yield Figure(words, found.seconds, "s", most=15.0, goal=True, note=note)
    for layer, (measure, year, _) in enumerate(NETWORKS):
        always, sometimes = measured("bridges/steadiness", layer).result
        yield Figure(
            f"states that are a bridge in {measure} {year} with some of {SEEDS} seeds only",
            float(sometimes),
            "states",
            most=3.0,
            goal=True,
            note=f"{always:.0f} with all",
        )
    chance, claimed = measured("bridges/false").result
    yield Figure(
        f"states of {REWIRED} rewired networks whose chance is at most {RATE:.0%}",
        float(chance),
        "share",
        most=RATE,
        note=f"surely so, which a claim takes: {claimed:.3f}",
    )
    called, z = measured("bridges/planted").result
    words = (
        f"states that join more than in 1,000 random networks and are called a bridge among {len(NETWORKS)} networks"
    )
    yield Figure(words, float(called), "share", least=0.75, note=f"z {z:.1f} on average; {REWIRED} of flight routes")


def _growth() -> Iterator[Figure]:
    sessions = (10, 20, 40)
    yield Figure(
        "growth of the time of ideal points with votes",
        slope("positions", [(n, 0) for n in sessions], [votes_of(n) for n in sessions]),
        "exponent",
        most=1.3,
        goal=True,
        note="times to settle differ",
    )
    countries = (80, 160, 320)
    pairs = [n * (n - 1) for n in countries]
    yield Figure(
        "growth of the time of gravity with pairs",
        slope("simulated", [(n, 0) for n in countries], pairs),
        "exponent",
        most=1.5,
        note="effects take the third power of countries, pairs the second",
    )
    draws = (25, 100, 400)
    found = slope("simulated", [(80, n) for n in draws], draws)
    yield Figure("growth of the time of intervals with draws", found, "exponent", most=1.15)


def slope(work: str, sizes: Sequence[tuple[int, ...]], along: Sequence[float]) -> float:
    """Exponent of the growth of time: 1 is linear."""
    times = [measured(work, *each, repeats=REPEATS).seconds for each in sizes]
    return float(np.polyfit(np.log(along), np.log(times), 1)[0])


def _beside(
    words: str,
    own: timing.Measured,
    package: str,
    work: str,
    *sizes: int,
    most: float,
    least: float | None = None,
    repeats: int = 1,
) -> Iterator[Figure]:
    """How many times longer a package takes, and how far its numbers are from ours."""
    if find_spec(package) is None:
        yield Figure(words, np.nan, note=f"{package} is not installed: `python3 dev.py bench` installs it")
        return
    other = measured(work, *sizes, repeats=repeats)
    note = f"{own.seconds:.3g} s, {own.peak:.0f} MB; {package} {other.seconds:.3g} s, {other.peak:.0f} MB"
    yield Figure(f"{words}: {package} takes", other.seconds / own.seconds, "times ours", least=least, note=note)
    apart = float(np.abs(own.result - other.result).max()) if own.result.shape == other.result.shape else np.inf
    yield Figure(f"{words}: apart from {package} by", apart, most=most)


if __name__ == "__main__":
    timing.serve(WORK)
