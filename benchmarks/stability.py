"""Ranks hold still from year to year unless something happened, and move when something did."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Figure
from softpower.index.build import load_model
from softpower.index.model import Model
from softpower.index.trend import Trend, build_trend

TITLE = "Stability of the trend, and a shock"
FAR = 10
TOURISM = ("tourism_receipts", "tourist_arrivals")
SHOCK = 2020
# Travel and tourism take part of a fifth or more in the economy of these states: Maldives, Seychelles, Bahamas, Barbados,
# Antigua and Barbuda, Saint Lucia, Fiji, Mauritius, Cabo Verde, Belize (World Travel & Tourism Council, 2019 shares).
DEPENDENT = ("MDV", "SYC", "BHS", "BRB", "ATG", "LCA", "FJI", "MUS", "CPV", "BLZ")


def run() -> Iterator[Figure]:
    """Adjacent-year correlations, far moves and what made them, and the trend with 2020 let in."""
    trend = build_trend("soft-power-trend")
    for node in trend.years:
        ranks = trend.central_ranks(node)
        alike = [float(np.corrcoef(*pair)[0, 1]) for pair in zip(ranks[:-1], ranks[1:], strict=True)]
        span = f"{trend.years[node][0]}-{trend.years[node][-1]}, {len(trend.units)} countries"
        yield Figure(f"{node}: lowest rank correlation of two adjacent years", min(alike), least=0.995, note=span)
        moves = np.abs(np.diff(ranks, axis=0)) > FAR
        yield Figure(
            f"{node}: countries that move more than {FAR} ranks in a year", moves.mean(axis=1).max(), "share", most=0.03,
            note="in the worst year"
        )
        yield from _explained(trend, node, moves)
    yield from _shock()


def _explained(trend: Trend, node: str, moves: NDArray[np.bool_]) -> Iterator[Figure]:
    """How far one named series explains each far move: its share of all points that pushed the same way."""
    ranks = trend.central_ranks(node)
    years = trend.years[node]
    for at, unit in np.argwhere(moves):
        iso3, last = trend.units[unit], years[at + 1]
        gained = int(ranks[at, unit] - ranks[at + 1, unit])
        drivers = trend.drivers(node, iso3, years[at], last)
        same_way = [(name, points) for name, points in drivers if points * gained > 0]
        name, points = same_way[0] if same_way else ("nothing", 0.0)
        share = abs(points) / sum(abs(each) for _, each in same_way) if same_way else 0.0
        series = trend.model.indicators[name].series if same_way else ""
        yield Figure(
            f"{node}: {iso3} {gained:+d} in {last}", share, "share", note=f"of the push is {series}, {points:+.1f} points"
        )


def with_pandemic_year(model: Model) -> Model:
    """The trend model with tourism of the year alone and performance up to 2020."""
    changed = {
        name: each.model_copy(update={"window": 1, "until": SHOCK}) if name in TOURISM else each
        for name, each in model.indicators.items()
    }
    assert model.trend is not None
    years = {**model.trend.years, "performance": [model.trend.years["performance"][0], SHOCK]}
    return model.model_copy(update={"indicators": changed, "trend": model.trend.model_copy(update={"years": years})})


def _shock() -> Iterator[Figure]:
    trend = build_trend(with_pandemic_year(load_model("soft-power-trend")), draws=100)
    fall = trend.change("performance", SHOCK - 1, SHOCK).value
    dependent = [unit for unit, iso3 in enumerate(trend.units) if iso3 in DEPENDENT]
    others = [unit for unit in range(len(trend.units)) if unit not in dependent]
    names = ", ".join(f"{trend.units[unit]} {fall[unit]:+.0f}" for unit in dependent)
    yield Figure("test build with 2020: mean change of rank of tourism states", fall[dependent].mean(), "ranks", most=-2.0, note=names)
    yield Figure("test build with 2020: mean change of rank of all others", fall[others].mean(), "ranks")
    ranks = trend.central_ranks("performance")
    alike = [float(np.corrcoef(*pair)[0, 1]) for pair in zip(ranks[:-1], ranks[1:], strict=True)]
    yield Figure("test build with 2020: rank correlation of 2019 and 2020", alike[-1], most=min(alike[:-1]), note="lower than in any year before")
