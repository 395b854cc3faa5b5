"""Time, memory and reliability of frontiers, beside one HiGHS call for each programme, in the same run.

Each measurement of the engine runs in a process of its own, so that peak memory is that of the work alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks import timing
from benchmarks.figures import Figure
from softpower.index.benefit_of_the_doubt import against_m, benefit_of_the_doubt
from softpower.index.conversion_models import Scores, by_dea, by_direction, by_likelihood, by_order_m
from softpower.index.decision_units import Names
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
# Samples of units with a known frontier; the second are of scores with errors.
TRIALS, NOISY_TRIALS = 150, 15


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


def side_by_side(units: int) -> None:
    """Five models of one input and one output, with 1,000 replications of the scores."""
    rng = np.random.default_rng(2)
    x = rng.uniform(20, 80, units)
    y = 10 * np.sqrt(x) * np.exp(-np.abs(rng.normal(0, 0.25, units)))
    again = [(each + 2 * rng.standard_normal((1000, units)))[:, :, None] for each in (x, y)]
    data = Scores(x[:, None], y[:, None], again[0], again[1], Names().filled(units, 1, 1))
    by_dea(data, returns="variable", draws=1000, level=0.9, seed=1)
    by_order_m(data, draws=1000, level=0.9, seed=1)
    by_likelihood(data, distribution="half-normal", draws=1000, level=0.9, seed=1)
    by_likelihood(data, distribution="exponential", draws=1000, level=0.9, seed=1)
    by_direction(data, draws=1000, level=0.9, seed=1)


WORK: dict[str, timing.Prepare] = {
    "bootstrap": timing.whole(redraw),
    "dea": timing.whole(envelope),
    "order m": timing.whole(partial),
    "doubt": timing.whole(doubt),
    "panels": timing.whole(panels),
    "stochastic": timing.whole(stochastic),
    "conversion": timing.whole(side_by_side),
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
    found = timing.measured("benchmarks.conversion", work, *sizes, repeats=REPEATS)
    return found.seconds, found.peak


def slope(work: str, sizes: list[tuple[int, ...]], axis: int) -> float:
    """Exponent of the growth of time along an axis: 1 is linear."""
    times = [measured(work, *each)[0] for each in sizes]
    return float(np.polyfit(np.log([each[axis] for each in sizes]), np.log(times), 1)[0])


def coverage(units: int, method: str, variance: str = "widened", bend: float = 2.0) -> tuple[float, float]:
    """How often a 90 % interval holds a known efficiency, and the share of the bias that is left.

    The frontier is x = y to the power of ``bend``; the unit looked at lies in the middle of it with a true input
    efficiency of 0.75.
    """
    rng = np.random.default_rng(units)
    held, before, after = [], [], []
    for seed in range(TRIALS):
        y = rng.uniform(0.2, 1, units)
        x = y**bend * np.exp(np.abs(rng.normal(0, 0.35, units)))
        x[0], y[0] = 0.6**bend / 0.75, 0.6
        found = bootstrap(x, y, orientation="input", draws=500, seed=seed, method=method, variance=variance)
        held.append(found.low[0] <= 0.75 <= found.high[0])
        before.append(1 / found.efficiency[0] - 1 / 0.75)
        after.append(1 / found.corrected[0] - 1 / 0.75)
    return float(np.mean(held)), float(abs(np.mean(after) / np.mean(before)))


def coverage_with_noise(units: int, noise: float, trials: int) -> dict[str, tuple[float, float]]:
    """How often 90 % intervals hold known efficiencies when the scores are off by so many points.

    The frontier is y = 10 √x for x between 20 and 80, inefficiency half-normal. Scores seen are off by normal errors,
    and their replications by as much again. Averages over all units, for each model: intervals of scores and frontier
    together, and of the frontier alone.
    """
    rng = np.random.default_rng(units)
    held: dict[str, list[tuple[float, float]]] = {}
    for seed in range(trials):
        inefficiency = np.abs(rng.normal(0, 0.25, units))
        x = rng.uniform(20, 80, units)
        possible = 10 * np.sqrt(x)
        y = possible * np.exp(-inefficiency)
        seen = [each + noise * rng.standard_normal(units) for each in (x, y)]
        again = [each + noise * rng.standard_normal((200, units)) for each in seen]
        names = Names().filled(units, 1, 1)
        data = Scores(seen[0][:, None], seen[1][:, None], again[0][:, :, None], again[1][:, :, None], names)
        for name, measure, fitted, truth in (
            ("dea", "share", by_dea(data, returns="variable", draws=200, level=0.9, seed=seed), np.exp(-inefficiency)),
            ("directional", "points", by_direction(data, draws=200, level=0.9, seed=seed), possible - y),
            (
                "sfa_half_normal",
                "share",
                by_likelihood(data, distribution="half-normal", draws=200, level=0.9, seed=seed),
                np.exp(-inefficiency),
            ),
        ):
            low, high = np.nanquantile(fitted.without_push(fitted.both, measure=measure), [0.05, 0.95], axis=0)
            inside = (np.minimum(low, fitted.value) <= truth) & (truth <= np.maximum(high, fitted.value))
            alone = (fitted.low <= truth) & (truth <= fitted.high)
            held.setdefault(name, []).append((float(inside.mean()), float(alone.mean())))
    return {name: (float(both), float(alone)) for name, (both, alone) in _means(held)}


def _means(held: dict[str, list[tuple[float, float]]]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    for name, shares in held.items():
        yield name, np.mean(shares, axis=0)


def run() -> Iterator[Figure]:
    """Times, peaks, slopes, deviations and coverage."""
    x, y = synthetic(44)
    some = np.arange(TIMED) % 44
    begin = time.process_time()
    expected = one_by_one(x, y, some)
    each = (time.process_time() - begin) / TIMED
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
    seconds, peak = measured("conversion", 193)
    yield Figure("five models, 193 units, 1,000 replications of the scores", seconds, "s", most=10.0)
    yield Figure("the same: peak memory", peak, "MB", most=700.0)
    for units in (50, 181):
        for words, method, variance, bend in (
            ("smoothed, variance widened", "smoothed", "widened", 2.0),
            ("smoothed, variance kept", "smoothed", "kept", 2.0),
            ("subsamples of the root of their number", "subsample", "widened", 2.0),
            ("straight, smoothed, variance widened", "smoothed", "widened", 1.0),
        ):
            held, left = coverage(units, method, variance, bend)
            what = f"{units} units, known frontier, {words}"
            yield Figure(f"{what}: 90 % intervals that hold the truth", held, "share")
            yield Figure(f"{what}: bias left", left, "share", most=0.5 if words.endswith("widened") else None)
    for units in (50, 181):
        for name, (both, alone) in coverage_with_noise(units, 2.0, NOISY_TRIALS).items():
            what = f"{units} units, known frontier, scores off by 2 points, {name}"
            yield Figure(
                f"{what}: 90 % intervals that hold the truth", both, "share", note=f"{alone:.0%} of the frontier's own"
            )


if __name__ == "__main__":
    timing.serve(WORK)
