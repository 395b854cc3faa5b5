"""How often a verdict on one series sees a change where there is none, and one where there is; and so for events.

Series are made up, and their truth is known; each is judged as `series_report` does, at a nominal 5%. Shares are of all
series, also of those of which nothing can be told. ``python -m benchmarks.series_effects [RUNS]`` makes so many of each
kind.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.figures import Figure, text
from softpower.activities.effects.eventstudy import event_study
from softpower.activities.effects.seriesreport import ask
from softpower.activities.effects.seriesverdict import judge_events
from softpower.activities.effects.verdict import Verdict
from softpower.errors import NotEnoughData

Array = NDArray[np.float64]
Random = np.random.Generator
# A series of so many periods, of which so many come after the start.
Kind = Callable[[Random, int, int], Array]

TITLE = "Effects of activities: single series and events whose truth is known"
RUNS = 200
SEEN = (Verdict.HIGHER, Verdict.LOWER)
# Changes seen where there are none, at a nominal 5%.
MOST = 0.07
# Periods in all, and before the start.
SHAPES = ((32, 17), (32, 29), (63, 60), (60, 48), (104, 92))
SEASONAL = ((63, 60), (60, 48), (104, 92))
# Effects in standard deviations of the noise.
EFFECTS = (1.0, 2.0, 3.0)


def persistent(rng: Random, shape: int | tuple[int, int], rho: float) -> Array:
    """Stationary first-order autoregressions of variance 1 along the last axis."""
    found = rng.normal(size=shape)
    found[..., 1:] *= np.sqrt(1 - rho**2)
    for when in range(1, found.shape[-1]):
        found[..., when] += rho * found[..., when - 1]
    return found


def autoregressive(rho: float) -> Kind:
    """Noise of a persistence."""
    return lambda rng, n, _: persistent(rng, n, rho)


def unsteady(shape: Callable[[Array, int], Array]) -> Kind:
    """Noise of persistence 0.4 about a path of its own, given periods and the place of the start."""
    return lambda rng, n, after: np.asarray(persistent(rng, n, 0.4) + shape(np.arange(n, dtype=float), n - after))


def raised(early: int) -> Callable[[Array, int], Array]:
    """A level higher by 3 from so many periods before the start."""
    return lambda time, start: np.where(time >= start - early, 3.0, 0.0)


def grows(rng: Random, n: int, after: int) -> Array:
    """4% a period, with noise that multiplies."""
    del after
    return np.exp(0.04 * np.arange(n) + 0.2 * persistent(rng, n, 0.4))


def louder(rng: Random, n: int, after: int) -> Array:
    """Noise four times as large at the end as at the beginning."""
    del after
    return persistent(rng, n, 0.4) * (1 + 3 * np.arange(n) / n)


def seasonal(high: float, width: int) -> Kind:
    """A high season of some months in twelve, in which the window begins."""

    def made(rng: Random, n: int, after: int) -> Array:
        since = (np.arange(n) - (n - after)) % 12
        return persistent(rng, n, 0.4) + high * (since < width)

    return made


STEADY: dict[str, Kind] = {f"persistence {rho:g}": autoregressive(rho) for rho in (0.0, 0.4, 0.7)}
UNSTEADY: dict[str, Kind] = {
    "a level 3 higher from 6 periods before": unsteady(raised(6)),
    "a level 3 higher from 15 periods before": unsteady(raised(15)),
    "a slope of 0.3 from 15 periods before": unsteady(lambda time, start: 0.3 * np.maximum(time - start + 15, 0)),
    "a curved trend": unsteady(lambda time, _: 0.004 * time**2),
    "noise that grows": louder,
    "exponential growth": grows,
    "a random walk": lambda rng, n, _: rng.normal(size=n).cumsum(),
    "noise with heavy tails": lambda rng, n, _: rng.standard_t(2, n),
}
SEASONS: dict[str, Kind] = {
    "a wave of 1.5 over 12 months": unsteady(lambda time, _: 1.5 * np.sin(time * np.pi / 6)),
    "a high season of 3 months, 10 higher": seasonal(10.0, 3),
    "a peak of 4 in one month": seasonal(4.0, 1),
}


def judged(kind: Kind, shape: tuple[int, int], effect: float, season: int | None, runs: int) -> Counter[Verdict]:
    """Verdicts on so many series."""
    found: Counter[Verdict] = Counter()
    n, before = shape
    for seed in range(runs):
        y = kind(np.random.default_rng(seed), n, n - before)
        y[before:] += effect
        found[ask(y, before, n - before, season=season).finding.verdict] += 1
    return found


def detected(shape: tuple[int, int], runs: int) -> tuple[float, float]:
    """Shares of series with an effect as large as is called detectable in which it is seen: of those judged, of all."""
    n, before = shape
    seen = told = 0
    for seed in range(runs):
        y = persistent(np.random.default_rng(seed), n, 0.4)
        plain = ask(y, before, n - before)
        if plain.gap is None:
            continue
        y[before:] += plain.gap.smallest_detectable
        verdict = ask(y, before, n - before).finding.verdict
        seen, told = seen + (verdict in SEEN), told + (verdict is not Verdict.CANNOT_TELL)
    return seen / max(told, 1), seen / runs


def region(shared: float, same: bool) -> Callable[[Random], tuple[Array, list[tuple[int, int]]]]:
    """20 units, 8 of them with an event and a walk in common; its steps, and whether the date is the same."""

    def made(rng: Random) -> tuple[Array, list[tuple[int, int]]]:
        y = persistent(rng, (20, 30), 0.4)
        y[:8] += shared * rng.normal(size=30).cumsum()
        dates = np.full(8, 15) if same else rng.integers(8, 24, 8)
        return y, [(unit, int(time)) for unit, time in enumerate(dates)]

    return made


def events(made: Callable[[Random], tuple[Array, list[tuple[int, int]]]], effect: float, runs: int) -> Counter[Verdict]:
    """Verdicts on so many event studies."""
    found: Counter[Verdict] = Counter()
    for seed in range(runs):
        y, dates = made(np.random.default_rng(seed))
        for unit, time in dates:
            y[unit, time:] += effect
        try:
            study = event_study(y, dates, before=5, after=3, draws=99)
        except NotEnoughData:
            found[Verdict.CANNOT_TELL] += 1
            continue
        found[judge_events(study).verdict] += 1
    return found


def run(runs: int = RUNS) -> Iterator[Figure]:
    """False and true findings of series and events."""
    with threadpool_limits(1):
        for shape in SHAPES:
            for name, kind in STEADY.items():
                yield _false(f"{_words(shape)}, {name}", judged(kind, shape, 0.0, None, runs), runs)
            for name, kind in UNSTEADY.items():
                yield _false(f"{_words(shape)}, {name}", judged(kind, shape, 0.0, None, runs), runs, goal=True)
            if shape[1] >= 20:
                yield from _power(shape, None, runs)
        for shape in SEASONAL:
            for name, kind in SEASONS.items():
                yield _false(f"{_words(shape)}, {name}, given", judged(kind, shape, 0.0, 12, runs), runs)
                yield _false(f"{_words(shape)}, {name}, not given", judged(kind, shape, 0.0, None, runs), runs)
            yield from _power(shape, 12, runs)
        yield from _events(runs)


def _power(shape: tuple[int, int], season: int | None, runs: int) -> Iterator[Figure]:
    season_words = "" if season is None else ", season given"
    for rho in (0.0, 0.4, 0.7):
        for effect in EFFECTS:
            found = judged(autoregressive(rho), shape, effect, season, runs)
            words = f"{_words(shape)}, persistence {rho:g}{season_words}: an effect of {effect:g} seen"
            yield Figure(words, _seen(found, runs), "share", note=_told(found, runs))
    if season is None:
        judged_share, share = detected(shape, runs)
        words = f"{_words(shape)}: an effect called detectable seen, of series judged"
        yield Figure(words, judged_share, "share", least=0.7, goal=True, note=f"{100 * share:.0f}% of all series")


def _events(runs: int) -> Iterator[Figure]:
    for words, shared, same in (
        ("8 of 20 units at different dates", 0.0, False),
        ("8 of 20 units at one date", 0.0, True),
        ("8 of 20 units with a walk in common, different dates", 1.0, False),
        ("8 of 20 units with a walk in common, one date", 1.0, True),
    ):
        found = events(region(shared, same), 0.0, runs)
        yield _false(f"events, {words}", found, runs, goal=bool(shared))
    for effect in EFFECTS[:2]:
        found = events(region(0.0, False), effect, runs)
        words = f"events, 8 of 20 units at different dates: an effect of {effect:g} seen"
        yield Figure(words, _seen(found, runs), "share", note=_told(found, runs))


def _words(shape: tuple[int, int]) -> str:
    return f"{shape[1]} periods before, {shape[0] - shape[1]} after"


def _seen(found: Counter[Verdict], runs: int) -> float:
    return sum(found[each] for each in SEEN) / runs


def _told(found: Counter[Verdict], runs: int) -> str:
    return f"cannot tell {100 * found[Verdict.CANNOT_TELL] / runs:.0f}%"


def _false(words: str, found: Counter[Verdict], runs: int, *, goal: bool = False) -> Figure:
    return Figure(
        f"{words}: changes seen of none", _seen(found, runs), "share", most=MOST, goal=goal, note=_told(found, runs)
    )


if __name__ == "__main__":
    print(text(TITLE, list(run(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS))))
