"""Time, memory and reliability of frontiers, beside one HiGHS call for each programme, in the same run.

Each measurement of the engine runs in a process of its own, so that peak memory is that of the work alone.
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
from softpower.index.benefit_of_the_doubt import against_m, benefit_of_the_doubt
from softpower.index.frontier import dea
from softpower.index.frontier_bootstrap import bootstrap
from softpower.index.order_m import order_m
from softpower.index.stochastic_frontier import stochastic_frontier

Array = NDArray[np.float64]

TITLE = "Conversion of potential into performance"
REPEATS = 3
INPUTS, OUTPUTS = 2, 6
# One programme takes HiGHS about 2 ms: so many are timed and the time is scaled up.
TIMED = 150


def synthetic(units: int, inputs: int = INPUTS, outputs: int = OUTPUTS, seed: int = 1) -> tuple[Array, Array]:
    """Units of widely differing size, with inefficiency: shape (unit, input) and (unit, output)."""
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(0, 1.5, (units, 1)))
    x = size * np.exp(rng.normal(0, 0.5, (units, inputs)))
    y = size**0.8 * np.exp(rng.normal(0, 0.5, (units, outputs)) - np.abs(rng.normal(0, 0.5, (units, 1))))
    return x, y


def redraw(units: int, draws: int) -> None:
    """Bias and intervals of variable-returns efficiencies."""
    bootstrap(*synthetic(units), returns="variable", orientation="input", draws=draws)


def envelope(units: int) -> None:
    """Efficiencies and peers."""
    dea(*synthetic(units), returns="variable", orientation="input")


def partial(units: int, draws: int) -> None:
    """Efficiencies against the expected best of m, with intervals."""
    order_m(*synthetic(units), m=units // 3, draws=draws)


def doubt(units: int) -> None:
    """Scores with free weights."""
    benefit_of_the_doubt(synthetic(units)[1])


def panels(units: int, draws: int) -> None:
    """Scores with free weights against panels of 20."""
    against_m(synthetic(units)[1], m=20, draws=draws)


def stochastic(units: int) -> None:
    """A half-normal frontier of the first output."""
    x, y = synthetic(units)
    stochastic_frontier(x, y[:, 0])


WORK: dict[str, Callable[..., None]] = {
    "bootstrap": redraw,
    "dea": envelope,
    "order m": partial,
    "doubt": doubt,
    "panels": panels,
    "stochastic": stochastic,
}


def one_by_one(x: Array, y: Array, units: NDArray[np.int64]) -> Array:
    """Variable-returns input efficiencies of some units, the envelopment form by HiGHS, one call for each."""
    from scipy.optimize import linprog

    found = []
    count = len(x)
    for k in units:
        rows = np.concatenate(
            [
                np.column_stack([-np.ones(x.shape[1]), (x / x[k]).T]),
                np.column_stack([np.zeros(y.shape[1]), -(y / y[k]).T]),
            ]
        )
        side = np.concatenate([np.zeros(x.shape[1]), -np.ones(y.shape[1])])
        equal = np.concatenate([[0.0], np.ones(count)])[None]
        cost = np.concatenate([[1.0], np.zeros(count)])
        answer = linprog(cost, A_ub=rows, b_ub=side, A_eq=equal, b_eq=[1.0], method="highs")
        found.append(float(answer.fun))
    return np.array(found)


def measured(work: str, *sizes: int) -> tuple[float, float]:
    """Best time in seconds and peak memory in MB of a piece of work, run in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.conversion", work, *map(str, sizes)]
    seconds, peak = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return float(seconds), float(peak)


def _work(name: str, sizes: list[int]) -> None:
    import resource

    from threadpoolctl import threadpool_limits

    times = []
    with threadpool_limits(1):
        for _ in range(REPEATS):
            begin = time.perf_counter()
            WORK[name](*sizes)
            times.append(time.perf_counter() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([min(times), peak / (1024**2 if sys.platform == "darwin" else 1024)]))


def slope(work: str, sizes: list[tuple[int, ...]], axis: int) -> float:
    """Exponent of the growth of time along an axis: 1 is linear."""
    times = [measured(work, *each)[0] for each in sizes]
    return float(np.polyfit(np.log([each[axis] for each in sizes]), np.log(times), 1)[0])


def coverage(units: int, variance: str, trials: int = 100) -> tuple[float, float]:
    """How often a 90 % interval holds a known efficiency, and the share of the bias that is left.

    The frontier is y = √x; the unit looked at lies in the middle of it with a true input efficiency of 0.75.
    """
    rng = np.random.default_rng(units)
    held, before, after = [], [], []
    for seed in range(trials):
        y = rng.uniform(0.2, 1, units)
        x = y**2 * np.exp(np.abs(rng.normal(0, 0.35, units)))
        x[0], y[0] = 0.36 / 0.75, 0.6
        found = bootstrap(x, y, orientation="input", draws=100, seed=seed, variance=variance)
        held.append(found.low[0] <= 0.75 <= found.high[0])
        before.append(1 / found.efficiency[0] - 1 / 0.75)
        after.append(1 / found.corrected[0] - 1 / 0.75)
    return float(np.mean(held)), float(abs(np.mean(after) / np.mean(before)))


def run() -> Iterator[Figure]:
    """Times, peaks, slopes, deviations and coverage."""
    x, y = synthetic(44)
    some = np.arange(TIMED) % 44
    begin = time.perf_counter()
    expected = one_by_one(x, y, some)
    each = (time.perf_counter() - begin) / TIMED
    found = dea(x, y, returns="variable", orientation="input").efficiency[some]
    yield Figure("one programme of 44 units by HiGHS", 1000 * each, "ms", note="scipy.optimize.linprog")
    yield Figure("largest difference of an efficiency from HiGHS", float(np.abs(found - expected).max()), most=1e-9)
    draws = 500
    seconds, peak = measured("bootstrap", 44, draws)
    words = f"Simar-Wilson bootstrap, {draws} replications x 44 units, {INPUTS} inputs, {OUTPUTS} outputs"
    yield Figure(words, seconds, "s", most=3.0, note=f"{1e6 * seconds / draws / 44:.0f} µs for each programme")
    yield Figure(
        f"{words}: HiGHS one by one",
        each * draws * 44 / seconds,
        "times slower",
        least=10.0,
        note="from the time of one",
    )
    yield Figure(f"{words}: peak memory", peak, "MB", most=400.0)
    for words, work, sizes, most in (
        ("envelope and peers of 193 units", "dea", (193,), 0.5),
        ("order m of 193 units, 500 resamples", "order m", (193, draws), 5.0),
        ("benefit of the doubt of 193 units, 6 indicators", "doubt", (193,), 0.5),
        ("benefit of the doubt against 500 panels of 20, 193 units", "panels", (193, draws), 10.0),
        ("stochastic frontier of 193 units", "stochastic", (193,), 1.0),
    ):
        seconds, _ = measured(work, *sizes)
        yield Figure(words, seconds, "s", most=most)
    yield Figure(
        "growth of bootstrap time with replications",
        slope("bootstrap", [(44, n) for n in (200, 400, 800)], 1),
        "exponent",
        most=1.15,
    )
    yield Figure(
        "growth of envelope time with units",
        slope("dea", [(n,) for n in (100, 200, 400)], 0),
        "exponent",
        most=2.5,
        note="as many programmes as units, each with as many rows",
    )
    for units in (50, 100):
        for variance in ("widened", "kept"):
            held, left = coverage(units, variance)
            words = f"{units} units, known frontier, variance {variance}"
            yield Figure(f"{words}: 90 % intervals that hold the truth", held, "share")
            yield Figure(f"{words}: bias left", left, "share", most=0.5 if variance == "widened" else None)


if __name__ == "__main__":
    _work(sys.argv[1], [int(each) for each in sys.argv[2:]])
