"""Simulated worlds whose truth is known, observed the way the real one is.

A world has the tree, transforms and windows of a real model. Countries differ in size and wealth, these and a factor
of each top node lift the pillars, and pillars lift their indicators, which then drift for twenty years. What gets
published has gaps: poor and small countries report less and later, weak values are reported a little less often than
size and wealth explain, publishers lag, and one-off tables are years old. Where the real series has a standard error,
the published value is the mean of what is known and the truth lies around it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks import plain
from softpower.index.model import Indicator, Model

Array = NDArray[np.float64]

YEARS = 20
WITH_ERROR = ("wgi_",)


@dataclass(frozen=True, slots=True)
class World:
    """What is published (``observations``, as the engine reads it) and what is true.

    ``truth`` has shape (unit, indicator): the windowed, transformed and directed values of the reference year.
    """

    units: tuple[str, ...]
    observations: pl.DataFrame
    truth: Array


def simulate(model: Model, *, units: int, seed: int) -> World:
    """A world of so many countries; the same seed gives the same world."""
    rng = np.random.default_rng(seed)
    names = tuple(f"U{number:03d}" for number in range(units))
    size, wealth = rng.standard_normal((2, units))
    pillars = _pillars(model, size, wealth, rng)
    tables, truth = [], []
    for indicator in model.indicators.values():
        published, error = _paths(pillars[indicator.node], rng)
        raw = np.exp(3 + 2 * published) if indicator.transform == "log" else published
        seen = _reported(indicator, published[:, -1], size, wealth, rng)
        se = None
        if indicator.series.startswith(WITH_ERROR):
            se = error
            raw_truth = raw + (error * rng.standard_normal(units))[:, None]
        else:
            raw_truth = raw
        tables.append(_rows(indicator.series, names, model.year, np.where(seen, raw, np.nan), se))
        truth.append(_state(raw_truth, np.where(seen, raw, np.nan), indicator))
    assert model.expectation is not None
    for series, level in ((model.expectation.size, size), (model.expectation.wealth, wealth)):
        known = np.where(rng.random(units) < 0.97, np.exp(level), np.nan)
        tables.append(_rows(series, names, model.year, np.repeat(known[:, None], 3, axis=1), None))
    return World(names, pl.concat(tables).sort("indicator", "iso3", "year"), np.stack(truth, axis=1))


def _pillars(model: Model, size: Array, wealth: Array, rng: np.random.Generator) -> dict[str, Array]:
    found = {}
    for top in model.tops:
        common = rng.standard_normal(size.size)
        for pillar in model.children(top):
            own = rng.standard_normal(size.size)
            found[pillar] = 0.6 * size + 0.6 * wealth + 0.3 * common + np.sqrt(0.19) * own
    return found


def _paths(factor: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Yearly values that start in the pillar's factor and drift, shape (unit, year), and standard errors (unit,)."""
    loading = rng.uniform(0.75, 0.97)
    start = loading * factor + np.sqrt(1 - loading**2) * rng.standard_normal(factor.size)
    steps = rng.standard_normal((factor.size, YEARS)) * np.sqrt(rng.uniform(0.002, 0.015))
    return start[:, None] + np.cumsum(steps, axis=1), rng.uniform(0.12, 0.35, factor.size)


def _reported(
    indicator: Indicator, value: Array, size: Array, wealth: Array, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Cells that get published; shape (unit, year)."""
    units = value.size
    years = np.arange(-YEARS + 1, 1)  # 0 is the reference year
    silence = rng.uniform(-6, -0.5) - 0.8 * size - 0.6 * wealth - 0.3 * value
    ever: NDArray[np.bool_] = rng.random(units) > 1 / (1 + np.exp(-silence))
    lag = int(rng.integers(0, 7))
    if indicator.vintage:
        edition: NDArray[np.bool_] = ever[:, None] & (years == -lag)[None]
        return edition
    lag = max(lag, -(indicator.until - 2025)) if indicator.until < 2100 else lag
    late = rng.geometric(1 / (1 + np.exp(-1 - 0.8 * wealth)), units) - 1
    seen: NDArray[np.bool_] = (years[None] <= -(lag + late)[:, None]) & (rng.random((units, YEARS)) < 0.8)
    return seen & ever[:, None]


def _rows(series: str, units: tuple[str, ...], last: int, value: Array, se: Array | None) -> pl.DataFrame:
    at, year = np.nonzero(np.isfinite(value))
    return pl.DataFrame(
        {
            "indicator": [series] * at.size,
            "iso3": np.array(units)[at],
            "year": (year + last - value.shape[1] + 1).astype(np.int16),
            "value": value[at, year],
            "se": np.full(at.size, np.nan) if se is None else se[at],
            "status": ["observed"] * at.size,
        }
    ).with_columns(pl.col("se").fill_nan(None))


def _state(truth: Array, published: Array, indicator: Indicator) -> Array:
    """What the model asks of an indicator, computed from the whole truth: window, transform, direction."""
    window = 1 if indicator.vintage else indicator.window
    value = truth[:, -window:].mean(axis=1)
    if indicator.transform == "log":
        positive = published[np.isfinite(published) & (published > 0)]
        value = np.log(np.maximum(value, 0) + np.quantile(positive, 0.1))
    directed: Array = indicator.direction * value
    return directed


@dataclass(frozen=True, slots=True)
class Choice:
    """How one judge would build the index: a normalisation, an aggregation of pillars, and weights by node."""

    normalisation: str
    aggregation: str
    weights: Mapping[str, Array]


def choose(model: Model, top: str, *, cv: float, rng: np.random.Generator) -> Choice:
    """A judge's choice, drawn from what the model declares, with weights that vary by ``cv``."""
    drawn = {}
    for node in (top, *model.children(top)):
        parts = len(model.children(node))
        drawn[node] = np.ones(1) if parts == 1 else rng.dirichlet(np.full(parts, ((parts - 1) / cv**2 - 1) / parts))
    picked = []
    for options in (model.uncertainty.normalise, model.uncertainty.aggregate):
        chances = np.array([each.chance for each in options])
        picked.append(options[int(rng.choice(len(options), p=chances / chances.sum()))].method)
    return Choice(picked[0], picked[1], drawn)


def judge(model: Model, top: str, truth: Array, choice: Choice) -> Array:
    """True scores of all units under a choice; ``truth`` as in `World`."""
    on_scale = plain.NORMALISATIONS[choice.normalisation](truth)
    order = list(model.indicators)
    pillars = [
        plain.arithmetic(on_scale[:, [order.index(leaf) for leaf in model.leaves(pillar)]], choice.weights[pillar])
        for pillar in model.children(top)
    ]
    join = plain.geometric if choice.aggregation == "geometric" else plain.arithmetic
    return join(np.stack(pillars, axis=1), choice.weights[top])
