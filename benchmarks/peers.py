"""The same work done by softpower and by packages that others use for it, in the same run: times, peaks, agreement.

Each piece of work runs in a process of its own, on one thread; what both are given is made outside of the time taken.
Peaks of all hold what it takes to make that, about 135 MB.
Where a package does not do all that softpower does in one call, the note says what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import timing
from benchmarks.figures import Figure
from benchmarks.speed import synthetic
from softpower.index import normalise, outrank, sobol, weight
from softpower.index.cells import exact_cells
from softpower.index.correlation import correlate
from softpower.index.designs import Designs, draw_designs
from softpower.index.model import Indicator, Model, Node, Normalise, Uncertainty
from softpower.index.panel import Panel
from softpower.index.rank import rank
from softpower.index.uncertainty import Replications

Array = NDArray[np.float64]
Work = Callable[[], object]

TITLE = "Other packages on the same work"
REPEATS = 3
RESAMPLES = 500
FACTORS = 4
# Where both have the same definition they must come to the same.
SAME = 1e-9
SIZES = ((51, 49), (193, 40))
PACKAGES = {"SALib": "SALib", "pymcdm": "pymcdm", "skcriteria": "scikit-criteria"}
IMPORTS = {
    "SALib": "from SALib.analyze import sobol",
    "pymcdm": "from pymcdm import weights, normalizations",
    "skcriteria": "import skcriteria",
}

measured = partial(timing.measured, "benchmarks.peers")


# What both are given


def results(n: int, targets: int) -> Array:
    """Made-up results of runs A, B, AB_1 ..., shape (n * (factors + 2), target): unequal effects and an interaction.

    Points are random: on even ones all means agree, and estimators that differ by a mean could not be told apart.
    """
    rng = np.random.default_rng(1)
    a, b = rng.random((2, n, FACTORS))
    mixed = [np.where(np.arange(FACTORS) == k, b, a) for k in range(FACTORS)]
    points = np.concatenate([a, b, *mixed])
    slopes = rng.uniform(0.2, 1.0, (FACTORS, targets))
    return np.asarray(5 + points @ slopes + 2 * (points[:, [0]] - 0.5) * (points[:, [1]] - 0.5))


def cells(units: int, indicators: int) -> Array:
    """Cells above zero that correlate, shape (unit, indicator)."""
    rng = np.random.default_rng(1)
    return np.asarray(np.exp(0.5 * rng.standard_normal((units, 1)) + 0.5 * rng.standard_normal((units, indicators))))


def places(units: int, indicators: int) -> Array:
    """Ranks of the units in each indicator, without ties."""
    return rank(cells(units, indicators).T).T.astype(np.float64)


def flat(units: int, indicators: int, draws: int) -> tuple[Model, Panel, Designs]:
    """A tree of one node, min-max scales, and weights that vary by a quarter either way."""
    _, panel = synthetic(units, indicators)
    model = Model(
        id="flat",
        title="Flat",
        year=2000,
        nodes={"top": Node(title="Top")},
        indicators={name: Indicator(title=name, node="top", reason="synthetic") for name in panel.indicators},
        normalise=Normalise(method="minmax", scale=[0, 1]),
        uncertainty=Uncertainty(weights_noise={"1": 0.25}),
    )
    return model, panel, draw_designs(model, draws=draws, seed=1)


# SALib


def sobol_ours(n: int, targets: int) -> Work:
    """Indices of all results, with intervals."""
    y = results(n, targets)

    def act() -> Array:
        found = sobol.indices(y, FACTORS, resamples=RESAMPLES)
        return np.stack([found.first[:, 0], found.total[:, 0]])

    return act


def sobol_salib(n: int, targets: int) -> Work:
    """The same by SALib, one result after another."""
    from SALib.analyze import sobol as analysis

    y = results(n, targets)
    # It wants the runs of one point side by side: A, then with each factor of B, then B.
    blocks = y.reshape(FACTORS + 2, n, targets)[[0, *range(2, FACTORS + 2), 1]]
    runs = np.ascontiguousarray(blocks.transpose(2, 1, 0)).reshape(targets, -1)
    names = [f"x{k}" for k in range(FACTORS)]
    problem = {"num_vars": FACTORS, "names": names, "bounds": [[0.0, 1.0]] * FACTORS}

    def act() -> Array:
        found = [
            analysis.analyze(problem, run, calc_second_order=False, num_resamples=RESAMPLES, conf_level=0.9, seed=1)
            for run in runs
        ]
        return np.stack([found[0]["S1"], found[0]["ST"]])

    return act


def centred_alike(n: int) -> Array:
    """First-order indices with the mean of all runs taken off, as SALib does, and not that of A and B."""
    y = results(n, 1)[:, 0]
    found = sobol.indices(y - y.mean(), FACTORS, estimator="coinr-uncentred", resamples=0)
    return found.first * (2 * n / (2 * n - 1))


# Weights and scales


def by_column(method: Callable[[Array], Array], x: Array) -> Array:
    """A normalisation applied to each indicator."""
    return np.stack([method(column) for column in x.T], axis=1)


def ours(name: str, units: int, indicators: int) -> Work:
    """What softpower does of `SHARED`."""
    x = cells(units, indicators)
    ordered, equal = places(units, indicators), weight.equal(indicators)
    unit = (0.0, 1.0)
    return {
        "entropy": lambda: weight.entropy(x),
        "critic": lambda: weight.critic(x),
        "minmax": lambda: by_column(partial(normalise.minmax, scale=unit), x),
        "maximum": lambda: by_column(partial(normalise.fraction_of_maximum, scale=unit), x),
        "zscore": lambda: by_column(partial(normalise.zscore, ddof=0), x),
        "spearman": lambda: correlate(ordered, method="spearman").r,
        "kendall": lambda: correlate(ordered, method="kendall").r,
        "net flow": lambda: outrank.margins(outrank.outranking(x, equal)).sum(axis=-1) / (units - 1),
    }[name]


def pymcdm(name: str, units: int, indicators: int) -> Work:
    """What pymcdm does of `SHARED`."""
    from pymcdm import correlations, helpers, normalizations, weights
    from pymcdm.methods import PROMETHEE_II

    x = cells(units, indicators)
    ordered, equal = places(units, indicators), weight.equal(indicators)
    better = np.ones(indicators)
    return {
        "entropy": lambda: weights.entropy_weights(x),
        "critic": lambda: weights.critic_weights(x),
        "minmax": lambda: helpers.normalize_matrix(x, normalizations.minmax_normalization, None),
        "maximum": lambda: helpers.normalize_matrix(x, normalizations.max_normalization, None),
        "spearman": lambda: helpers.correlation_matrix(ordered, correlations.spearman, columns=True),
        "kendall": lambda: helpers.correlation_matrix(ordered, correlations.kendall_tau, columns=True),
        "net flow": lambda: PROMETHEE_II("usual")(x, equal, better),
    }[name]


def skcriteria(name: str, units: int, indicators: int) -> Work:
    """What scikit-criteria does of `SHARED`."""
    from skcriteria import mkdm
    from skcriteria.preprocessing import scalers, weighters

    problem = mkdm(cells(units, indicators), [max] * indicators)
    step: Any = {
        "entropy": weighters.EntropyWeighter,
        "critic": weighters.CRITIC,
        "minmax": partial(scalers.MinMaxScaler, target="matrix"),
        "maximum": partial(scalers.MaxAbsScaler, target="matrix"),
        "zscore": partial(scalers.StandarScaler, target="matrix"),
    }[name]()

    def act() -> Array:
        found = step.transform(problem)
        values = found.weights if name in ("entropy", "critic") else found.matrix
        return np.asarray(values.to_numpy(), dtype=np.float64)

    return act


# What several packages do, in words, with the sizes at which it is done.
SHARED = {
    "entropy": ("entropy weights", SIZES),
    "critic": ("CRITIC weights", SIZES),
    "minmax": ("min-max of every indicator", SIZES),
    "maximum": ("fraction of the maximum of every indicator", SIZES),
    "zscore": ("z-scores of every indicator", SIZES),
    "spearman": ("Spearman between all indicators", SIZES),
    "kendall": ("Kendall between all indicators", SIZES[:1]),
    "net flow": ("pairwise majorities of all units (net flows of PROMETHEE II)", SIZES),
}
DOES = {
    "pymcdm": ("entropy", "critic", "minmax", "maximum", "spearman", "kendall", "net flow"),
    "skcriteria": ("entropy", "critic", "minmax", "maximum", "zscore"),
}
PLUS = {"spearman": "ours with p-values", "kendall": "ours with ties and p-values"}


# Replications


def replicated(units: int, indicators: int, draws: int) -> Work:
    """Scores and ranks under noisy weights."""
    model, panel, designs = flat(units, indicators, draws)

    def act() -> Array:
        scores = Replications(model, panel, exact_cells(model, panel), designs, keep=False).node("top")
        return np.stack([scores, rank(scores)])

    return act


def replicated_by_loop(units: int, indicators: int, draws: int) -> Work:
    """The same by scikit-criteria: scales once, one weighted sum for each set of weights."""
    from skcriteria import mkdm
    from skcriteria.agg.simple import WeightedSumModel
    from skcriteria.preprocessing.scalers import MinMaxScaler

    model, panel, designs = flat(units, indicators, draws)
    drawn = np.stack([designs.weights[name] for name in model.indicators], axis=1)
    shares = drawn / drawn.sum(axis=1, keepdims=True)
    problem = mkdm(panel.value[0], [max] * indicators)

    def act() -> Array:
        scaled, method = MinMaxScaler(target="matrix").transform(problem), WeightedSumModel()
        found = [method.evaluate(scaled.replace(weights=row)) for row in shares]
        return np.stack([[each.e_.score for each in found], [each.rank_ for each in found]])

    return act


WORK: dict[str, timing.Prepare] = {
    "sobol/ours": sobol_ours,
    "sobol/SALib": sobol_salib,
    "replications/ours": replicated,
    "replications/skcriteria": replicated_by_loop,
    **{f"{name}/ours": partial(ours, name) for name in SHARED},
    **{f"{name}/pymcdm": partial(pymcdm, name) for name in DOES["pymcdm"]},
    **{f"{name}/skcriteria": partial(skcriteria, name) for name in DOES["skcriteria"]},
}


def run() -> Iterator[Figure]:
    """Times of both, how many times longer the other takes, and how far their numbers are apart."""
    yield from _sobol()
    for name, (words, sizes) in SHARED.items():
        for units, indicators in sizes:
            own = measured(f"{name}/ours", units, indicators, repeats=REPEATS)
            for package in (each for each in DOES if name in DOES[each]):
                here = f"{words}, {units} x {indicators}"
                yield from _beside(here, own, package, f"{name}/{package}", (units, indicators), PLUS.get(name, ""))
    yield from _replications()
    for package, statement in IMPORTS.items():
        yield from _import(package, statement)


def _beside(
    words: str, own: timing.Measured, package: str, work: str, sizes: tuple[int, ...], more: str = ""
) -> Iterator[Figure]:
    """How many times longer a package takes for work that must come to the same."""
    if absent := _absent(words, package):
        yield absent
        return
    other = measured(work, *sizes, repeats=REPEATS)
    yield _times(words, own, package, other, more)
    yield Figure(f"{words}: apart from {PACKAGES[package]} by", _apart(own.result, other.result), "", most=SAME)


def _absent(words: str, package: str) -> Figure | None:
    """What is said where a package is not there."""
    if find_spec(package):
        return None
    return Figure(words, np.nan, note=f"{PACKAGES[package]} is not installed: `python3 dev.py bench` installs it")


def _times(words: str, own: timing.Measured, package: str, other: timing.Measured, more: str = "") -> Figure:
    sides = [f"{_time(each.seconds)}, {each.peak:.0f} MB" for each in (own, other)]
    note = f"{sides[0]}; {PACKAGES[package]} {sides[1]}" + (f"; {more}" if more else "")
    return Figure(f"{words}: {PACKAGES[package]} takes", other.seconds / own.seconds, "times ours", note=note)


def _time(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 1 else f"{1e3 * seconds:.3g} ms"


def _apart(a: Array, b: Array) -> float:
    """Largest difference; infinite if there are not as many numbers."""
    return float(np.abs(a - b).max()) if a.shape == b.shape and a.size else np.inf


def _sobol() -> Iterator[Figure]:
    n = 16_384
    words = f"Sobol indices from {n * (FACTORS + 2):,} runs, {RESAMPLES} resamples, one result"
    if absent := _absent(words, "SALib"):
        yield absent
        return
    own, other = measured("sobol/ours", n, 1, repeats=REPEATS), measured("sobol/SALib", n, 1)
    yield _times(words, own, "SALib", other)
    (first, total), (other_first, other_total) = own.result.reshape(2, -1), other.result.reshape(2, -1)
    yield Figure(f"{words}: total indices apart by", _apart(total, other_total), most=SAME, note="both Jansen's")
    yield Figure(
        f"{words}: first-order indices apart by",
        _apart(first, other_first),
        note="mean of (B - c) (AB_i - A) over the variance; c is the mean of A and B here, that of all runs in SALib",
    )
    apart = _apart(centred_alike(n), other_first)
    yield Figure(f"{words}: first-order indices with SALib's c apart by", apart, most=SAME)
    many = 52
    all_own = measured("sobol/ours", n, many)
    yield Figure(
        f"the same for {many} results, each: SALib takes",
        other.seconds / (all_own.seconds / many),
        "times ours",
        note=f"{_time(all_own.seconds)} for all, {all_own.peak:.0f} MB; SALib does one at a time",
    )


def _replications() -> Iterator[Figure]:
    for units, indicators in SIZES:
        words, sizes = f"{units} x {indicators}, 1,000 noisy weights, scores and ranks", (units, indicators, 1_000)
        if absent := _absent(words, "skcriteria"):
            yield absent
            continue
        own = measured("replications/ours", *sizes, repeats=REPEATS)
        other = measured("replications/skcriteria", *sizes)
        yield _times(words, own, "skcriteria", other)
        scores, ranks = (own.result - other.result).reshape(2, -1)
        yield Figure(f"{words}: scores apart by", float(np.abs(scores).max()), most=SAME)
        yield Figure(f"{words}: ranks that differ", float((ranks != 0).sum()), most=0, note=f"of {ranks.size:,}")


def _import(package: str, statement: str) -> Iterator[Figure]:
    words = f"`{statement}` in a fresh process"
    yield _absent(words, package) or Figure(words, timing.import_seconds(statement), "s", note="processor time")


if __name__ == "__main__":
    timing.serve(WORK)
