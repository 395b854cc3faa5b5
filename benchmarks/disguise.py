"""Is the index size and wealth in disguise? What two numbers explain, and what each pillar says beyond them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks import plain
from benchmarks.figures import Figure
from softpower.index.building import build

TITLE = "Size in disguise"


def run() -> Iterator[Figure]:
    """Explained share of the ranks of both top nodes; partial correlation of each pillar with the other top node."""
    index = build()
    model = index.model.variant()
    rows = [index.panel.units.index(unit) for unit in index.units]
    context = index.panel.context[0, rows]
    known = np.isfinite(context).all(axis=1)
    size_and_wealth = context[known]
    for top in model.tops:
        ranks = plain.ranks(index.central[top].astype(np.float64))[known].astype(np.float64)
        share = plain.explained(ranks, size_and_wealth)
        note = f"{known.sum()} countries; the engine says {100 * index.size_in_disguise(top):.1f}%"
        yield Figure(f"{top}: variance of ranks that log GDP and log GDP per head explain", share, "share", note=note)
        alone = [plain.explained(ranks, size_and_wealth[:, [column]]) for column in (0, 1)]
        yield Figure(f"{top}: log GDP alone", alone[0], "share")
        yield Figure(f"{top}: log GDP per head alone", alone[1], "share")
    for top, other in (model.tops, model.tops[::-1]):
        target = index.central[other].astype(np.float64)[known]
        for pillar in model.children(top):
            score = index.central[pillar].astype(np.float64)[known]
            signal = plain.partial_correlation(target, score, size_and_wealth)
            own = 1 - plain.explained(score, size_and_wealth)
            yield Figure(
                f"{top}, {pillar}: correlation with {other} beyond size and wealth",
                signal,
                note=f"{100 * own:.0f}% of the pillar is neither size nor wealth",
            )
