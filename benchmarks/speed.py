"""Time and memory of the engine, beside the least that plain numpy needs for the same ranks, in the same run.

What other packages need for the same work is in `benchmarks.peers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import plain, timing
from benchmarks.figures import Figure
from softpower.index import transform, weight
from softpower.index.building import load_model, set_up
from softpower.index.cells import draw_cells, exact_cells
from softpower.index.designs import central_design, draw_designs
from softpower.index.experiment import Experiment
from softpower.index.model import Indicator, Model, Node, Normalise
from softpower.index.panel import Panel
from softpower.index.rank import intervals_of_ranks, rank
from softpower.index.sensitivities import sensitivity
from softpower.index.uncertainty import Replications

Array = NDArray[np.float64]

TITLE = "Speed and memory"
PILLARS = 7
ASEM = Path(__file__).parents[1] / "tests" / "reference"
# COINr's own figure for one replication of its vignette, which builds the index anew.
COINR_SECONDS = 0.1
BLOCK = 2_500
REPEATS = 3
# What an import costs is paid by every command that needs it.
IMPORTS = (
    ("import softpower.index", 0.4),
    ("from softpower.index import normalise", None),
    ("from softpower.index import build", None),
)


def synthetic(
    units: int, indicators: int, years: int = 1, *, unsure: float = 0.0, seed: int = 1
) -> tuple[Model, Panel]:
    """A model of one top node with seven pillars, and a panel of random cells.

    Parameters
    ----------
    unsure : share of cells that are missing; as many again are known with an error
    """
    rng = np.random.default_rng(seed)
    nodes = {"top": Node(title="Top")} | {f"p{k}": Node(title=f"Pillar {k}", parent="top") for k in range(PILLARS)}
    parts = {
        f"i{k}": Indicator(title=f"Indicator {k}", node=f"p{k % PILLARS}", series=f"s{k}", reason="synthetic")
        for k in range(indicators)
    }
    declared = load_model().uncertainty
    model = Model(
        id="synthetic",
        title="Synthetic",
        description="Random cells.",
        year=2000,
        nodes=nodes,
        indicators=parts,
        normalise=Normalise(method="zscore", clip=2.5, scale=[0, 100]),
        uncertainty=declared,
    )
    shape = (years, units, indicators)
    level = rng.standard_normal((1, units, 1)) + rng.standard_normal((1, units, indicators))
    value = level + 0.1 * rng.standard_normal(shape).cumsum(axis=0)
    # Whole stretches are missing, as in published series: a unit has few patterns of gaps over the years.
    chance = np.repeat(rng.random((1, units, indicators)), years, axis=0)
    missing, erring = chance < unsure, (chance >= unsure) & (chance < 2 * unsure)
    value[missing] = np.nan
    panel = Panel.of(
        value,
        value,
        units=tuple(f"U{k}" for k in range(units)),
        years=tuple(range(years)),
        indicators=tuple(parts),
        se=np.where(erring, 0.2, 0.0),
        context=np.repeat(rng.standard_normal((1, units, 2)), years, axis=0),
    )
    return model, panel


def uncertainty(units: int, indicators: int, draws: int) -> Array:
    """Share of replications in which each unit takes each rank, by the engine's functions, block by block."""
    model, panel = synthetic(units, indicators)
    designs = draw_designs(model, draws=draws, seed=1)
    exact = exact_cells(model, panel)
    histogram = np.zeros((units, units + 1), dtype=np.int64)
    for begin in range(0, draws, BLOCK):
        part = designs.take(slice(begin, begin + BLOCK))
        histogram += _counted(rank(Replications(model, panel, exact, part, keep=False).node("top")))
    return histogram[:, 1:] / draws


def _counted(ranks: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often each unit takes each rank; shape (unit, rank + 1), the first column empty."""
    units = ranks.shape[1]
    cells = ranks + np.arange(units) * (units + 1)
    return np.bincount(cells.ravel(), minlength=units * (units + 1)).reshape(units, units + 1)


def vignette(draws: int) -> Callable[[], object]:
    """Ranks of the ASEM portal example under the four factors of COINr's vignette, treatment included.

    Reading and the central build come before and are not timed, as with COINr; all treatments and scales are fitted,
    and nothing is remembered from one run to the next.
    """
    ready, year = set_up(ASEM / "asem.toml", ASEM / "coinr-asem" / "inputs" / "asem_idata.csv")
    rows = ready.ranked(year)

    def replicated() -> Array:
        transform.forget()
        return np.asarray(rank(ready.sampled(draws, 1).node("Index")[:, rows]).mean(axis=0))

    return replicated


def floor(units: int, indicators: int, draws: int) -> Array:
    """The same histogram in as little numpy as it takes: z-scores, arithmetic means, one matrix product, no ties."""
    _, panel = synthetic(units, indicators)
    x = panel.value[0]
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    rng = np.random.default_rng(1)
    histogram = np.zeros(units * units, dtype=np.int64)
    for begin in range(0, draws, BLOCK):
        count = min(BLOCK, draws - begin)
        tops = weight.dirichlet(np.ones(PILLARS), cv=0.4, draws=count, rng=rng)
        weights = np.empty((count, indicators))
        for k in range(PILLARS):
            inside = len(range(k, indicators, PILLARS))
            weights[:, k::PILLARS] = tops[:, [k]] * weight.dirichlet(np.ones(inside), cv=0.4, draws=count, rng=rng)
        place = np.argsort(np.argsort(weights @ -z.T, axis=1), axis=1)
        histogram += np.bincount((place + np.arange(units) * units).ravel(), minlength=units * units)
    return histogram.reshape(units, units) / draws


def panel_build(units: int, indicators: int, years: int, draws: int) -> None:
    """Rank intervals of a whole panel: what is missing or doubtful drawn anew in each replication."""
    model, panel = synthetic(units, indicators, years, unsure=0.25)
    designs = draw_designs(model, draws=draws, seed=1)
    cells = draw_cells(model, panel, designs, seed=1)
    scores = Replications(model, panel, cells, designs, keep=False).node("top")
    intervals_of_ranks(rank(scores.reshape(draws, years, units)))


def sobol(units: int, indicators: int, n: int) -> Array:
    """Indices of four factors, for the mean shift and every unit; half the width of each first-order interval."""
    model, panel = synthetic(units, indicators)
    unsure = {
        "weights_cv": 0.25,
        # Random cells have no outliers to speak of: a rule that none passes makes the treatments differ.
        "treat": [{"method": "winsorise", "most": most, "skew": 1e-6, "kurtosis": -9.0} for most in range(1, 6)],
        "normalise": [{"method": "minmax", "scale": [1, 100]}, {"method": "percentile", "scale": [1, 100]}],
        "aggregate": [{"method": "arithmetic"}, {"method": "geometric"}],
    }
    steps = {"normalise": {"method": "minmax"}, "uncertainty": unsure, "expectation": None}
    ready = Experiment.of(Model.model_validate(model.model_dump() | steps), panel)
    found = sensitivity(ready, year=panel.years[0], n=n)
    return (found.shift.first_high - found.shift.first_low) / 2


def left_out(units: int, indicators: int) -> Array:
    """Ranks without each indicator in turn, shape (indicator, unit)."""
    model, panel = synthetic(units, indicators)
    central = Replications(model, panel, exact_cells(model, panel), central_design(model), keep=True)
    scores = [central.node("top", without=frozenset({name})) for name in model.indicators]
    return rank(np.concatenate(scores)).astype(np.float64)


def left_out_in_draws(units: int, indicators: int, draws: int) -> None:
    """The same in each replication, as builds that say what leaving out a part would do."""
    model, panel = synthetic(units, indicators)
    designs = draw_designs(model, draws=draws, seed=1)
    sampled = Replications(model, panel, exact_cells(model, panel), designs, keep=True)
    for name in model.indicators:
        rank(sampled.node("top", without=frozenset({name})))


def left_out_plainly(units: int, indicators: int) -> Array:
    """The same ranks in plain numpy."""
    _, panel = synthetic(units, indicators)
    x = plain.zscore(panel.value[0])
    pillar = np.arange(indicators) % PILLARS
    ranks = []
    for gone in range(indicators):
        kept = np.arange(indicators) != gone
        means = [x[:, kept & (pillar == k)].mean(axis=1) for k in range(PILLARS)]
        ranks.append(plain.ranks(np.mean(means, axis=0)))
    return np.array(ranks, dtype=np.float64)


WORK: dict[str, timing.Prepare] = {
    "uncertainty": timing.whole(uncertainty),
    "vignette": vignette,
    "floor": timing.whole(floor),
    "panel": timing.whole(panel_build),
    "sobol": timing.whole(sobol),
    "left_out": timing.whole(left_out),
    "left_out_in_draws": timing.whole(left_out_in_draws),
    "left_out_plainly": timing.whole(left_out_plainly),
}
measured = partial(timing.measured, "benchmarks.speed")


def slope(work: str, sizes: Sequence[tuple[int, ...]], axis: int) -> float:
    """Exponent of the growth of time along an axis: 1 is linear."""
    times = [measured(work, *each).seconds for each in sizes]
    return float(np.polyfit(np.log([each[axis] for each in sizes]), np.log(times), 1)[0])


def run() -> Iterator[Figure]:
    """Times, peaks and slopes."""
    yield from _replicated()
    yield from _left_out()
    yield from _growth()
    for statement, most in IMPORTS:
        words = f"`{statement}` in a fresh process"
        yield Figure(
            words, timing.import_seconds(statement), "s", most=most, note="processor time, interpreter included"
        )


def _replicated() -> Iterator[Figure]:
    for draws, goal in ((1_000, 0.05), (100_000, 3.0)):
        found = measured("uncertainty", 51, 49, draws, repeats=REPEATS)
        least = measured("floor", 51, 49, draws, repeats=REPEATS)
        words = f"51 x 49, {draws:,} replications, rank histogram"
        each = f"{1e6 * found.seconds / draws:.0f} µs each; weights and scales drawn, no treatment"
        yield Figure(words, found.seconds, "s", most=goal, goal=True, note=each)
        yield Figure(
            f"{words}: against plain numpy",
            found.seconds / least.seconds,
            "times",
            note=f"floor {least.seconds:.3g} s, {least.peak:.0f} MB: z-scores and arithmetic means only",
        )
        yield Figure(f"{words}: peak memory", found.peak, "MB", most=500.0)
    for draws in (1_000, 20_000):
        found = measured("vignette", draws, repeats=REPEATS)
        words = f"COINr's own case, treatment, scale, weights and aggregation drawn, {draws:,} replications"
        times = COINR_SECONDS * draws / found.seconds
        note = f"COINr about {COINR_SECONDS * draws:,.0f} s, {times:,.0f} times ours"
        yield Figure(words, found.seconds, "s", most=0.05 if draws == 1_000 else None, goal=True, note=note)
    found = measured("panel", 193, 40, 25, 1_000)
    words = "panel of 193 x 40 x 25 years, 1,000 draws, half of the cells missing or doubtful"
    yield Figure(words, found.seconds, "s", most=20.0)
    yield Figure(f"{words}: peak memory", found.peak, "MB")
    found = measured("sobol", 51, 49, 16_384)
    words = "Sobol indices, 4 factors, N = 16,384, for 52 results with intervals"
    yield Figure(words, found.seconds, "s", most=5.0, goal=True, note="98,304 replications; COINr 0.1 s each")
    yield Figure(f"{words}: peak memory", found.peak, "MB")
    yield Figure(f"{words}: half-width of S_i", float(found.result.max()), "", most=0.03)


def _left_out() -> Iterator[Figure]:
    words = "51 x 49, each indicator left out in turn"
    found = measured("left_out", 51, 49, repeats=REPEATS)
    least = measured("left_out_plainly", 51, 49, repeats=REPEATS)
    yield Figure(words, found.seconds, "s", most=0.02, goal=True, note=f"peak {found.peak:.0f} MB; COINr about 11")
    times = found.seconds / least.seconds
    yield Figure(f"{words}: against plain numpy", times, "times", note=f"floor {least.seconds:.3g} s")
    apart = int((found.result != least.result).sum())
    yield Figure(f"{words}: ranks that differ from plain numpy's", apart, most=0, note=f"of {found.result.size:,}")
    found = measured("left_out_in_draws", 51, 49, 1_000)
    yield Figure(f"{words}, in 1,000 replications each", found.seconds, "s", note=f"peak {found.peak:.0f} MB")


def _growth() -> Iterator[Figure]:
    for along, work, sizes, axis, most in (
        ("time with draws", "uncertainty", [(51, 49, n) for n in (2_500, 10_000, 40_000)], 2, 1.15),
        ("time with units", "uncertainty", [(n, 49, 5_000) for n in (50, 100, 200)], 0, 1.3),
        ("time with indicators", "uncertainty", [(51, n, 5_000) for n in (28, 56, 112)], 1, 1.15),
        ("panel time with years", "panel", [(193, 21, n, 200) for n in (5, 10, 20)], 2, 1.15),
    ):
        yield Figure(f"growth of {along}", slope(work, sizes, axis), "exponent", most=most)


if __name__ == "__main__":
    timing.serve(WORK)
