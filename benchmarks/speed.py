"""Time and memory of the engine, beside the least that plain numpy needs for the same ranks, in the same run.

Each measurement runs in a process of its own, so that peak memory is that of the work alone (the interpreter and
libraries included).
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Figure
from softpower.index import weight
from softpower.index.building import load_model
from softpower.index.cells import draw_cells, exact_cells
from softpower.index.designs import draw_designs
from softpower.index.experiment import Experiment
from softpower.index.model import Indicator, Model, Node, Normalise
from softpower.index.panel import Panel
from softpower.index.rank import intervals_of_ranks, rank
from softpower.index.sensitivities import sensitivity
from softpower.index.uncertainty import Replications

Array = NDArray[np.float64]
Result = tuple[float, float]

TITLE = "Speed and memory"
PILLARS = 7
BLOCK = 2_500
# One worker thread: on two cores the other one belongs to somebody else.
REPEATS = 3


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


def sobol(units: int, indicators: int, n: int) -> float:
    """Indices of four factors, for the mean shift and every unit; half the widest first-order interval."""
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
    return float((found.shift.first_high - found.shift.first_low).max() / 2)


WORK: dict[str, Callable[..., object]] = {
    "uncertainty": uncertainty,
    "floor": floor,
    "panel": panel_build,
    "sobol": sobol,
}


def measured(work: str, *sizes: int, repeats: int = 1) -> Result:
    """Best time in seconds and peak memory in MB of a piece of work, run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.speed", work, str(repeats), *map(str, sizes)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, peak = json.loads(answer)
    return float(seconds), float(peak)


def _work(name: str, repeats: int, sizes: list[int]) -> None:
    import resource

    from threadpoolctl import threadpool_limits

    times = []
    with threadpool_limits(1):
        for _ in range(repeats):
            begin = time.perf_counter()
            WORK[name](*sizes)
            times.append(time.perf_counter() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([min(times), peak / (1024**2 if sys.platform == "darwin" else 1024)]))


def slope(work: str, sizes: list[tuple[int, ...]], axis: int) -> float:
    """Exponent of the growth of time along an axis: 1 is linear."""
    times = [measured(work, *each)[0] for each in sizes]
    return float(np.polyfit(np.log([each[axis] for each in sizes]), np.log(times), 1)[0])


def run() -> Iterator[Figure]:
    """Times, peaks and slopes."""
    for draws, goal in ((1_000, 0.05), (100_000, 3.0)):
        seconds, peak = measured("uncertainty", 51, 49, draws, repeats=REPEATS)
        least, _ = measured("floor", 51, 49, draws, repeats=REPEATS)
        words = f"51 x 49, {draws:,} replications, rank histogram"
        yield Figure(
            words, seconds, "s", most=goal, goal=True, note=f"{1e6 * seconds / draws:.0f} µs each; COINr about 100,000"
        )
        yield Figure(
            f"{words}: against plain numpy",
            seconds / least,
            "times",
            note=f"floor {least:.3g} s: z-scores and arithmetic means only",
        )
        yield Figure(f"{words}: peak memory", peak, "MB", most=500.0)
    seconds, peak = measured("panel", 193, 40, 25, 1_000)
    words = "panel of 193 x 40 x 25 years, 1,000 draws, half of the cells missing or doubtful"
    yield Figure(words, seconds, "s", most=20.0)
    yield Figure(f"{words}: peak memory", peak, "MB")
    seconds, peak = measured("sobol", 51, 49, 16_384)
    words = "Sobol indices, 4 factors, N = 16,384, for 52 results with intervals"
    yield Figure(words, seconds, "s", most=5.0, goal=True, note="98,304 replications; COINr 0.1 s each")
    yield Figure(f"{words}: peak memory", peak, "MB")
    yield Figure(f"{words}: half-width of S_i", sobol(51, 49, 16_384), "", most=0.03)
    yield Figure(
        "growth of time with draws",
        slope("uncertainty", [(51, 49, n) for n in (2_500, 10_000, 40_000)], 2),
        "exponent",
        most=1.15,
    )
    yield Figure(
        "growth of time with units",
        slope("uncertainty", [(n, 49, 5_000) for n in (50, 100, 200)], 0),
        "exponent",
        most=1.3,
    )
    yield Figure(
        "growth of time with indicators",
        slope("uncertainty", [(51, n, 5_000) for n in (28, 56, 112)], 1),
        "exponent",
        most=1.15,
    )
    yield Figure(
        "growth of panel time with years",
        slope("panel", [(193, 21, n, 200) for n in (5, 10, 20)], 2),
        "exponent",
        most=1.15,
    )


if __name__ == "__main__":
    _work(sys.argv[1], int(sys.argv[2]), [int(each) for each in sys.argv[3:]])
