"""Panels whose truth is known, and published ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from softpower.activities.effects.panel import Panel, panel

REFERENCE = Path(__file__).parents[2] / "reference" / "effects"
BASQUE = "Basque Country (Pais Vasco)"
EFFECT = 3.0


def named(outcome: np.ndarray, start: np.ndarray) -> Panel:
    """A panel whose units and periods are numbered."""
    return Panel(outcome, start, tuple(f"U{unit}" for unit in range(len(outcome))), tuple(range(outcome.shape[1])))


def factor_world(units: int, treated: int, periods: int, pre: int, seed: int) -> Panel:
    """Units that share a walk and respond differently to another; the first ones gain `EFFECT` from the start on."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=periods).cumsum()
    factor = rng.normal(size=periods).cumsum()
    response = rng.uniform(0, 1, units)
    outcome = 10 + 2 * rng.normal(size=(units, 1)) + common + np.outer(response, factor)
    outcome += rng.normal(size=(units, periods))
    outcome[:treated, pre:] += EFFECT
    return named(outcome, np.array([pre] * treated + [periods] * (units - treated)))


def persistent_world(units: int, treated: int, periods: int, pre: int, rho: float, rng: np.random.Generator) -> Panel:
    """Units of different levels with a common shock, whose own AR(1) departures are all there is: no effect."""
    noise = rng.normal(size=(units, periods + 30))
    for time in range(1, periods + 30):
        noise[:, time] += rho * noise[:, time - 1]
    outcome = noise[:, 30:] + rng.normal(0, 2, (units, 1)) + rng.normal(size=periods)
    return named(outcome, np.array([pre] * treated + [periods] * (units - treated)))


def california() -> Panel:
    """Cigarette sales, packs per head."""
    rows = pl.read_csv(REFERENCE / "california_prop99.csv")
    columns = (rows[name].to_list() for name in ("State", "Year", "PacksPerCapita"))
    return panel(*columns, treated=["California"], start=1989)


def spain() -> pl.DataFrame:
    """Spanish regions by year."""
    rows = pl.read_csv(REFERENCE / "basque.csv", schema_overrides={"year": pl.Float64})
    return rows.filter(pl.col("regionname") != "Spain (Espana)").with_columns(pl.col("year").cast(pl.Int64))


def basque() -> Panel:
    """Product per head, thousands of 1986 US dollars."""
    rows = spain()
    columns = (rows[name].to_list() for name in ("regionname", "year", "gdpcap"))
    return panel(*columns, treated=[BASQUE], start=1975)
