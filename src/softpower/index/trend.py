"""The same index for every year of the back-cast, and what moved it.

Each replication keeps its weights, methods and deviations over all years, so that a change between two years has an
interval of its own, much narrower than that of either rank. Scores share one scale over all years.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from softpower import storage
from softpower.errors import BadRequest, NotEnoughData, UnknownCountry
from softpower.index.building import (
    DEFAULT_DRAWS,
    DEFAULT_SEED,
    Progress,
    build_key,
    check_draws,
    enough,
    gather,
    load_model,
)
from softpower.index.cells import draw_cells, exact_cells
from softpower.index.choices import shown
from softpower.index.designs import central_design, draw_designs
from softpower.index.estimate import Estimate, Standing, estimate, standing
from softpower.index.keep import Stored, to_bytes
from softpower.index.model import Model, leaf_shares
from softpower.index.panel import Panel
from softpower.index.rank import rank
from softpower.index.uncertainty import Replications
from softpower.index.weighing import weighed

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Trend:
    """Ranks over the years.

    Attributes
    ----------
    units : ISO3 codes of the countries with enough data in every year, alphabetical
    years : years of each top node
    central : central score by top node, shape (year, unit)
    ranks : rank of each country in each replication by top node, shape (draw, year, unit)
    summaries : 90 % intervals of the ranks by top node; arrays of shape (year, unit)
    parts : central score of each indicator, shape (year, unit, indicator), on 0-100; all years of the panel
    panel_years : years of ``parts``
    """

    model: Model
    draws: int
    seed: int
    units: tuple[str, ...]
    years: Mapping[str, tuple[int, ...]]
    central: Mapping[str, Floats]
    ranks: Mapping[str, NDArray[np.uint16]]
    summaries: Mapping[str, Standing]
    parts: Floats
    panel_years: tuple[int, ...]

    def unit(self, iso3: str) -> int:
        """Place of a country in ``units``; `UnknownCountry` if it is not among them."""
        try:
            return self.units.index(iso3)
        except ValueError:
            raise UnknownCountry(iso3, where="the countries of this trend") from None

    def central_ranks(self, node: str) -> NDArray[np.int64]:
        """Central rank in each year; shape (year, unit)."""
        return rank(self.central[node])

    def standings(self, node: str, *, level: float = 0.9) -> Standing:
        """Central ranks with their intervals; arrays of shape (year, unit)."""
        if level == 0.9:
            return self.summaries[node]
        return standing(self.central_ranks(node), self.ranks[node].astype(np.int64), level=level)

    def change(self, node: str, first: int, last: int, *, level: float = 0.9) -> Estimate:
        """Places gained between two years, plus is up; arrays of shape (unit,)."""
        begin, end = (self._year(node, year) for year in (first, last))
        central = self.central_ranks(node)
        ranks = self.ranks[node]
        moved = ranks[:, begin].astype(np.float64) - ranks[:, end]
        return estimate((central[begin] - central[end]).astype(np.float64), moved, level=level)

    def drivers(self, node: str, iso3: str, first: int, last: int) -> tuple[tuple[str, float], ...]:
        """What moved a country's central score, largest first: indicators and the points each gave or took.

        A point is one of the node's score before it is put on the model's scale; each indicator counts with its share
        of the weights above it, and with its change relative to the mean change of all countries.
        """
        begin, end = (self.panel_years.index(year) for year in (first, last))
        change = self.parts[end] - self.parts[begin]
        relative = change[self.unit(iso3)] - change.mean(axis=0)
        names = list(self.model.indicators)
        moved = [
            (leaf, share * float(relative[names.index(leaf)])) for leaf, share in leaf_shares(self.model, node).items()
        ]
        return tuple(sorted(moved, key=lambda each: (-abs(each[1]), each[0])))

    def _year(self, node: str, year: int) -> int:
        if year not in self.years[node]:
            raise BadRequest(f"the trend of {node} covers {self.years[node][0]}-{self.years[node][-1]}, not {year}")
        return self.years[node].index(year)


def build_trend(
    model: Model | Path | str,
    *,
    draws: int = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
) -> Trend:
    """Ranks with intervals for every year of the model's trend.

    Parameters
    ----------
    model : a model with a [trend] table, its file, or the name of a bundled one

    Raises
    ------
    BadRequest
        The model has no [trend] table, or finds its weights in the data.
    NotEnoughData
        Fewer than ten countries can be ranked in every year.
    """
    loaded = load_model(model)
    check_draws(draws, seed)
    if loaded.trend is None:
        raise BadRequest(f"{loaded.id} has no [trend] table that says which years to build")
    built = loaded.variant()
    for node, each in built.nodes.items():
        method = each.weights or built.weights
        if method != "given" and len(built.children(node)) > 1:
            raise BadRequest(
                f"{loaded.id} weighs the parts of {node} by {method}; a trend needs weights that are given"
            )

    def make() -> bytes:
        (progress or (lambda _: None))("Building every year of the trend")
        with threadpool_limits(1):
            return _make(built, draws, seed)

    return _unpack(storage.cached(build_key("trend", built, draws, seed), make), built)


def _make(model: Model, draws: int, seed: int) -> bytes:
    assert model.trend is not None
    spans = {top: tuple(range(first, last + 1)) for top, (first, last) in model.trend.years.items()}
    years = sorted({year for span in spans.values() for year in span})
    panel = gather(model, years)
    ranked = enough_in_trend(model, panel, spans)
    if ranked.size < 10:
        raise NotEnoughData(
            f"only {ranked.size} countries have {model.screening.share:.0%} of the indicators of {model.id} in every "
            f"year from {years[0]} to {years[-1]}; shorten [trend] years, or lower [screening] share"
        )
    exact = exact_cells(model, panel)
    model = weighed(model, panel, exact)
    central = Replications(model, panel, exact, central_design(model), keep=True)
    designs = draw_designs(model, draws=draws, seed=seed)
    sampled = Replications(model, panel, draw_cells(model, panel, designs, seed=seed), designs, keep=False)
    arrays: dict[str, NDArray[Any]] = {}
    for top, span in spans.items():
        rows = [years.index(year) for year in span]
        for name, source in (("central", central), ("ranks", sampled)):
            scores = source.node(top).reshape(-1, len(years), len(panel.units))[:, rows][:, :, ranked]
            on_scale = shown(model, scores)
            arrays[f"{name}/{top}"] = (
                on_scale[0].astype(np.float32) if name == "central" else rank(on_scale).astype(np.uint16)
            )
        central_ranks, ranks = rank(arrays[f"central/{top}"]), arrays[f"ranks/{top}"].astype(np.int64)
        arrays[f"standing/{top}"] = standing(central_ranks, ranks).stacked()
    parts = np.stack([central.indicator(name)[0] for name in model.indicators], axis=-1)
    arrays["parts"] = parts.reshape(len(years), len(panel.units), -1)[:, ranked].astype(np.float32)
    header = {
        "draws": draws,
        "seed": seed,
        "units": [panel.units[row] for row in ranked],
        "years": spans,
        "panel_years": years,
    }
    return to_bytes(arrays, header)


def enough_in_trend(model: Model, panel: Panel, spans: Mapping[str, tuple[int, ...]]) -> NDArray[np.int64]:
    """Rows of the units known well enough in every year of every top node's span."""
    found = None
    for top, span in spans.items():
        other = [node for node in model.tops if node != top]
        alone = model.without(*other)
        rows = set(enough(alone, panel.during(span)).tolist())
        found = rows if found is None else found & rows
    return np.array(sorted(found or ()), dtype=np.int64)


def _unpack(content: bytes, model: Model) -> Trend:
    stored = Stored(content)
    header = stored.header
    return Trend(
        model=model,
        draws=header["draws"],
        seed=header["seed"],
        units=tuple(header["units"]),
        years={top: tuple(span) for top, span in header["years"].items()},
        central=dict(stored.under("central/")),
        ranks=stored.under("ranks/"),
        summaries={top: Standing.unstacked(rows) for top, rows in stored.under("standing/").items()},
        parts=stored["parts"],
        panel_years=tuple(header["panel_years"]),
    )
