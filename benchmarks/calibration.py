"""Do 90 % intervals hold the truth in nine cases of ten? Simulated worlds, where the truth is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks import plain
from benchmarks.figures import Figure
from benchmarks.worlds import choose, judge, simulate
from softpower.index.assemble import assemble
from softpower.index.building import enough, load_model
from softpower.index.cells import draw_cells, exact_cells
from softpower.index.designs import central_design, draw_designs
from softpower.index.estimate import standing
from softpower.index.model import Model
from softpower.index.rank import rank
from softpower.index.uncertainty import Replications

TITLE = "Calibration on simulated worlds"
WORLDS, UNITS, DRAWS, JUDGES = 40, 170, 600, 30
VARIATION = (0.4, 0.2, 0.6)
# Groups of countries by the share of their indicators that nobody published.
MISSING = ((0.0, 0.05), (0.05, 0.15), (0.15, 1.01))


@dataclass
class Tally:
    """Hits by world; one number per world, because the countries of a world share its luck."""

    hits: list[float] = field(default_factory=list)

    def add(self, covered: NDArray[np.bool_]) -> None:
        """Note the share of covered cases of a world."""
        if covered.size:
            self.hits.append(float(covered.mean()))

    @property
    def share(self) -> float:
        """Mean over worlds."""
        return float(np.mean(self.hits))

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return float(np.std(self.hits, ddof=1) / np.sqrt(len(self.hits)))


def run() -> Iterator[Figure]:
    """Simulate, build, and count how often the truth lies inside."""
    model = load_model().variant()
    tallies: dict[object, Tally] = {}
    widths = []
    with threadpool_limits(1):
        widths = [_one_world(model, number, tallies) for number in range(WORLDS)]
    declared = tallies[90, 0.4]
    yield Figure(
        "true rank inside its 90% interval",
        declared.share,
        "share",
        0.86,
        0.94,
        note=f"{WORLDS} worlds of {UNITS} countries, {JUDGES} judges each; standard error {100 * declared.error:.1f}",
    )
    yield Figure(
        "true rank inside its 50% interval", tallies[50, 0.4].share, "share", note="ends are ranks, rounded outwards"
    )
    yield Figure("median width of the 90% interval", float(np.mean(widths)), "share", note="of the number of countries")
    for low, high in MISSING:
        group = tallies["missing", low]
        words = f"{100 * low:.0f} to {min(100 * high, 100):.0f}% of indicators missing"
        yield Figure(f"the same, {words}", group.share, "share", note=f"standard error {100 * group.error:.1f} points")
    for cv in VARIATION[1:]:
        yield Figure(
            f"the same, judges' weights vary by {cv} instead of 0.4",
            tallies[90, cv].share,
            "share",
            note="off the design",
        )


def _one_world(model: Model, number: int, tallies: dict[object, Tally]) -> float:
    """Add a world's hits to ``tallies``; returns the median width of its intervals as a share of the countries."""
    world = simulate(model, units=UNITS, seed=number)
    panel = assemble(model, world.observations, units=world.units, years=[model.year], zeros={})
    ranked = enough(model, panel)
    designs = draw_designs(model, draws=DRAWS, seed=number)
    cells = draw_cells(model, panel, designs, seed=number)
    sampled = Replications(model, panel, cells, designs, keep=False)
    central = Replications(model, panel, exact_cells(model, panel), central_design(model), keep=False)
    rng = np.random.default_rng([number, 1])
    missing = 1 - panel.known[0, ranked].mean(axis=1)
    hits: dict[object, list[NDArray[np.bool_]]] = {}
    widths = []
    for top in model.tops:
        place = standing(rank(central.node(top)[0, ranked]), rank(sampled.node(top)[:, ranked]))
        widths.append(np.median(place.high - place.low) / ranked.size)
        for cv in VARIATION:
            judged = [judge(model, top, world.truth, choose(model, top, cv=cv, rng=rng)) for _ in range(JUDGES)]
            true = np.stack([plain.ranks(scores[ranked]) for scores in judged])
            inside = (true >= place.low) & (true <= place.high)
            hits.setdefault((90, cv), []).append(inside)
            hits.setdefault((50, cv), []).append((true >= place.q25) & (true <= place.q75))
            if cv == model.uncertainty.weights_cv:
                for low, high in MISSING:
                    hits.setdefault(("missing", low), []).append(inside[:, (missing >= low) & (missing < high)])
    for key, found in hits.items():
        tallies.setdefault(key, Tally()).add(np.concatenate([each.ravel() for each in found]))
    return float(np.mean(widths))
