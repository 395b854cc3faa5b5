"""How often estimators of effects see a change where there is none, and one where there is; and how long they take.

Panels are made up: 25 units, or as many as said, whose truth is known. ``python -m benchmarks.effects [RUNS]`` makes so
many of each kind.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.figures import Figure, text
from softpower.activities.effects.detectable import smallest_detectable
from softpower.activities.effects.estimate import METHODS, Method, estimate
from softpower.activities.effects.intervals import intervals
from softpower.activities.effects.panel import Panel
from softpower.activities.effects.placebo import in_space
from softpower.activities.effects.report import panel_report
from softpower.activities.effects.verdict import Verdict, judge

Array = NDArray[np.float64]
Random = np.random.Generator
Kind = Callable[[Random, int, int], Array]

TITLE = "Effects of activities: panels whose truth is known"
RUNS = 200
UNITS = 25
# Periods in all, and before the start.
SHAPES = ((12, 8), (40, 30))
SEEN = (Verdict.HIGHER, Verdict.LOWER)
# Changes seen where there are none, at a nominal 5%.
MOST = 0.07
# Fits and placebos of 270 units in 100 periods.
FIT_SECONDS, PLACEBO_SECONDS, REPORT_SECONDS = 0.5, 10.0, 15.0


def persistent(rng: Random, shape: tuple[int, int], rho: float) -> Array:
    """Stationary first-order autoregressions of variance 1 along the last axis."""
    found = rng.normal(size=shape)
    found[:, 1:] *= np.sqrt(1 - rho**2)
    for when in range(1, shape[1]):
        found[:, when] += rho * found[:, when - 1]
    return found


def autoregressive(rho: float) -> Kind:
    """Units of different levels and a shock common to all."""
    return lambda rng, periods, _: (
        persistent(rng, (UNITS, periods), rho) + 2 * rng.normal(size=(UNITS, 1)) + rng.normal(size=periods)
    )


def broken(early: int) -> Kind:
    """The first unit jumps by three standard deviations some periods before the start, and stays there."""

    def made(rng: Random, periods: int, pre: int) -> Array:
        found = persistent(rng, (UNITS, periods), 0.4)
        found[0, pre - early :] += 3
        return found

    return made


def unsteady(times: float) -> Kind:
    """The first unit has so many times the standard deviation of others."""

    def made(rng: Random, periods: int, _: int) -> Array:
        found = persistent(rng, (UNITS, periods), 0.4)
        found[0] *= times
        return found

    return made


def steeper(rng: Random, periods: int, _: int) -> Array:
    """Units have trends of their own, the first one of three standard deviations."""
    slope = np.append(0.15, rng.normal(0, 0.05, UNITS - 1))
    return persistent(rng, (UNITS, periods), 0.4) + slope[:, None] * np.arange(periods)


def trending(rng: Random, periods: int, _: int) -> Array:
    """Units have trends of their own, the first one like others."""
    return persistent(rng, (UNITS, periods), 0.4) + rng.normal(0, 0.15, (UNITS, 1)) * np.arange(periods)


def seasonal(rng: Random, periods: int, _: int) -> Array:
    """Units have seasons of their own, of four periods."""
    phase, height = rng.uniform(0, 2 * np.pi, (UNITS, 1)), rng.uniform(0.5, 2, (UNITS, 1))
    return persistent(rng, (UNITS, periods), 0.4) + height * np.sin(2 * np.pi * np.arange(periods) / 4 + phase)


def factors(rng: Random, periods: int, _: int) -> Array:
    """Units respond differently to two random walks."""
    walks = rng.normal(size=(2, periods)).cumsum(axis=1)
    return np.asarray(persistent(rng, (UNITS, periods), 0.4) + rng.normal(size=(UNITS, 2)) @ walks)


def walking(rng: Random, periods: int, _: int) -> Array:
    """Units are random walks."""
    return np.asarray(rng.normal(size=(UNITS, periods)).cumsum(axis=1))


NOTHING: dict[str, Kind] = {
    "independent noise": autoregressive(0.0),
    "persistence 0.4": autoregressive(0.4),
    "persistence 0.7": autoregressive(0.7),
    "random walks": walking,
    "two factors": factors,
    "trends": trending,
    "seasons": seasonal,
}
BEFORE: dict[str, Kind] = {
    "treated steeper": steeper,
    "treated 1.5 times as unsteady": unsteady(1.5),
    "treated twice as unsteady": unsteady(2.0),
    "jump 5 periods before": broken(5),
    "jump 3 periods before": broken(3),
    "jump 2 periods before": broken(2),
    "jump 1 period before": broken(1),
}


def made(outcome: Array, treated: int, pre: int) -> Panel:
    """A panel whose first units are treated."""
    units, periods = outcome.shape
    start = np.array([pre] * treated + [periods] * (units - treated))
    return Panel(outcome, start, tuple(f"U{unit}" for unit in range(units)), tuple(range(periods)))


def verdicts(kind: Kind, method: Method, shape: tuple[int, int], runs: int, effect: float = 0.0) -> Counter[Verdict]:
    """Verdicts on so many panels of a kind."""
    rng, found = np.random.default_rng(7), Counter[Verdict]()
    for _ in range(runs):
        outcome = kind(rng, *shape)
        outcome[0, shape[1] :] += effect
        found[judge(in_space(made(outcome, 1, shape[1]), method)).verdict] += 1
    return found


def run(runs: int = RUNS) -> Iterator[Figure]:
    """Rates of changes seen, of intervals that hold, and times."""
    with threadpool_limits(1):
        for words, kind in NOTHING.items():
            yield from _rates(f"no effect, {words}", kind, runs, most=MOST)
        for words, kind in BEFORE.items():
            yield from _rates(f"no effect, {words}", kind, runs, most=MOST, goal=True)
        for effect in (2.0, 3.0):
            words = f"effect of {effect:g} standard deviations, persistence 0.4"
            yield from _rates(words, autoregressive(0.4), runs, effect=effect)
        yield from _several(max(runs // 4, 10))
        yield from _detected(runs)
        for units, treated in ((25, 1), (12, 6), (22, 2)):
            yield from _held(units, treated, 3 * runs)
        yield from _times()


def _rates(
    words: str, kind: Kind, runs: int, *, most: float | None = None, goal: bool = False, effect: float = 0.0
) -> Iterator[Figure]:
    for shape in SHAPES:
        for method in METHODS:
            found = verdicts(kind, method, shape, runs, effect)
            cannot = found[Verdict.CANNOT_TELL] / runs
            yield Figure(
                f"changes seen by {method}, {shape[1]} periods before and {shape[0] - shape[1]} after: {words}",
                sum(found[each] for each in SEEN) / runs,
                "share",
                most=most,
                goal=goal,
                note=f"{runs} panels; cannot tell in {100 * cannot:.0f}%",
            )


def _several(runs: int) -> Iterator[Figure]:
    """Four treated of 28, ranked among random assignments."""
    for effect in (0.0, 2.0):
        rng, seen, cannot = np.random.default_rng(3), 0, 0
        for _ in range(runs):
            outcome = persistent(rng, (28, 14), 0.4)
            outcome[:4, 10:] += effect
            verdict = judge(in_space(made(outcome, 4, 10), "did")).verdict
            seen += verdict in SEEN
            cannot += verdict is Verdict.CANNOT_TELL
        yield Figure(
            f"changes seen by did, 4 treated of 28: effect of {effect:g} standard deviations",
            seen / runs,
            "share",
            most=None if effect else MOST,
            note=f"{runs} panels; cannot tell in {100 * cannot / runs:.0f}%",
        )


def _detected(runs: int) -> Iterator[Figure]:
    """Whether effects of the smallest detectable size stand out as often as is said."""
    for method in METHODS:
        rng, stood, seen = np.random.default_rng(5), 0, 0
        for _ in range(runs):
            outcome = persistent(rng, (UNITS, 14), 0.4)
            outcome[0, 10:] += smallest_detectable(in_space(made(outcome, 1, 10), method)).by_rank
            if not np.isfinite(outcome).all():
                continue
            found = in_space(made(outcome, 1, 10), method)
            stood += found.p_value <= 0.05
            seen += judge(found).verdict in SEEN
        note = f"{runs} panels; by the verdict in {100 * seen / runs:.0f}%"
        yield Figure(
            f"effects of the smallest detectable size that stand out by {method}", stood / runs, "share", note=note
        )


def _held(units: int, treated: int, runs: int) -> Iterator[Figure]:
    """How often intervals of difference in differences hold the effect."""
    rng, held = np.random.default_rng(1), Counter[str]()
    for _ in range(runs):
        panel = made(persistent(rng, (units, 14), 0.4), treated, 10)
        for interval in intervals(panel, in_space(panel, "did", draws=199, earlier=0)):
            held[interval.kind] += interval.low <= 0 <= interval.high
    for kind, count in held.items():
        words = f"90% intervals that hold the effect, {kind}, {treated} treated of {units}"
        yield Figure(words, count / runs, "share", note=f"{runs} panels")


def _times() -> Iterator[Figure]:
    rng = np.random.default_rng(1)
    large = rng.normal(size=(270, 100)).cumsum(axis=1)
    panel = made(large, 1, 70)
    for method in METHODS:
        spent = _seconds(partial(estimate, panel, method))
        yield Figure(f"one fit by {method}, 270 units and 100 periods", spent, "s", most=FIT_SECONDS)
        spent = _seconds(partial(in_space, panel, method, draws=100))
        yield Figure(f"100 placebos by {method}, 270 units and 100 periods", spent, "s", most=PLACEBO_SECONDS)
    usual = made(rng.normal(size=(39, 31)).cumsum(axis=1), 1, 19)
    yield Figure(
        "whole report, 39 units and 31 periods", _seconds(lambda: panel_report(usual)), "s", most=REPORT_SECONDS
    )
    several = made(rng.normal(size=(273, 10)), 6, 8)
    yield Figure("whole report, 6 treated of 273 units, 10 periods", _seconds(lambda: panel_report(several)), "s")


def _seconds(act: Callable[[], object]) -> float:
    begin = time.process_time()
    act()
    return time.process_time() - begin


if __name__ == "__main__":
    print(text(TITLE, list(run(*map(int, sys.argv[1:2])))))
