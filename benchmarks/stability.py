"""Ranks hold still from year to year unless something happened, and move when something did."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import Figure
from softpower.index.building import gather, load_model
from softpower.index.cells import exact_cells
from softpower.index.designs import central_design
from softpower.index.model import Model
from softpower.index.panel import CellStatus, Panel
from softpower.index.rank import rank
from softpower.index.trend import Trend, build_trend
from softpower.index.uncertainty import Replications

TITLE = "Stability of the trend, and a shock"
FAR = 10
TOURISM = ("tourism_receipts", "tourist_arrivals")
SHOCK = 2020
MOST_DEPENDENT = 20


def run() -> Iterator[Figure]:
    """Adjacent-year correlations, far moves and what made them, and the trend with 2020 let in."""
    trend = build_trend("soft-power-trend")
    for node in trend.years:
        ranks = trend.central_ranks(node)
        alike = [_alike(ranks[at : at + 2]) for at in range(len(ranks) - 1)]
        span = f"{trend.years[node][0]}-{trend.years[node][-1]}, {len(trend.units)} countries"
        yield Figure(f"{node}: lowest rank correlation of two adjacent years", min(alike), least=0.995, note=span)
        moves = np.abs(np.diff(ranks, axis=0)) > FAR
        yield Figure(
            f"{node}: countries that move more than {FAR} ranks in a year",
            moves.mean(axis=1).max(),
            "share",
            most=0.03,
            note="in the worst year",
        )
        yield from _explained(trend, node, moves)
    yield from _shock()


def _explained(trend: Trend, node: str, moves: NDArray[np.bool_]) -> Iterator[Figure]:
    """What made each far move: how much of the push that way the leading series gave, and which follow."""
    ranks = trend.central_ranks(node)
    years = trend.years[node]
    explained = 0
    for at, unit in np.argwhere(moves):
        iso3, last = trend.units[unit], years[at + 1]
        gained = int(ranks[at, unit] - ranks[at + 1, unit])
        push = [(name, points) for name, points in trend.drivers(node, iso3, years[at], last) if points * gained > 0]
        if not push:
            continue
        explained += 1
        named = ", ".join(f"{trend.model.indicators[name].series} {points:+.1f}" for name, points in push[:2])
        share = push[0][1] / sum(points for _, points in push)
        yield Figure(f"{node}: {iso3} {gained:+d} in {last}, share of its first series", share, "share", note=named)
    yield Figure(
        f"{node}: far moves explained by a named series", explained / max(int(moves.sum()), 1), "share", least=1.0
    )


def with_pandemic_year(model: Model) -> Model:
    """The model with tourism of the year alone, 2020 let in."""
    changed = {
        name: each.model_copy(update={"window": 1, "until": SHOCK}) if name in TOURISM else each
        for name, each in model.indicators.items()
    }
    return model.model_copy(update={"indicators": changed})


def _shock() -> Iterator[Figure]:
    """Ranks in the image pillar of countries whose tourism of 2020 is known, with that year left out and let in."""
    usual = load_model("soft-power-trend").variant()
    shocked = with_pandemic_year(usual)
    panel = gather(shocked, [SHOCK - 2, SHOCK - 1, SHOCK])
    receipts = panel.indicators.index(TOURISM[0])
    share = panel.raw[1, :, receipts] / np.exp(panel.context[1, :, 0])
    known = np.flatnonzero((panel.status[:, :, receipts] == CellStatus.OBSERVED).all(axis=0) & np.isfinite(share))
    left_out, let_in = _places(usual, gather(usual, list(panel.years)), known), _places(shocked, panel, known)
    words = f"image pillar, {known.size} countries that reported"
    yield Figure("2020 left out: rank correlation of 2019 and 2020", _alike(left_out[1:]), least=0.995, note=words)
    yield Figure("2020 let in: rank correlation of 2018 and 2019", _alike(let_in[:2]), least=0.995)
    yield Figure(
        "2020 let in: rank correlation of 2019 and 2020", _alike(let_in[1:]), most=0.99, note="a shock moves ranks"
    )
    order = np.argsort(-share[known])
    gained = let_in[1] - let_in[2]
    first, rest = order[:MOST_DEPENDENT], order[MOST_DEPENDENT:]
    losers = first[np.argsort(gained[first])][:8]
    names = ", ".join(f"{panel.units[known[unit]]} {gained[unit]:+d}" for unit in losers)
    yield Figure(
        f"2020 let in: mean change of rank of the {MOST_DEPENDENT} states that live most on tourism",
        gained[first].mean(),
        "ranks",
        most=-2.0,
        note=names,
    )
    yield Figure("2020 let in: mean change of rank of the others", gained[rest].mean(), "ranks")


def _places(model: Model, panel: Panel, units: NDArray[np.int64]) -> NDArray[np.int64]:
    """Central ranks in the image pillar, shape (year, unit)."""
    central = Replications(model, panel, exact_cells(model, panel), central_design(model), keep=False)
    return rank(central.node("image")[0].reshape(len(panel.years), -1)[:, units])


def _alike(pair: NDArray[np.int64]) -> float:
    return float(np.corrcoef(pair[0], pair[1])[0, 1])
