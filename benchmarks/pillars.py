"""What leaving out one pillar does: to Kazakhstan, and to the median country."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.figures import Figure
from softpower.index.building import build

TITLE = "Leaving out one pillar"
COUNTRY = "KAZ"


def run() -> Iterator[Figure]:
    """Moved ranks of the top node that a pillar belongs to."""
    index = build()
    model, choices, unit = index.model.variant(), index.choices, index.unit(COUNTRY)
    for number, (id, kind) in enumerate(zip(choices.ids, choices.kinds, strict=True)):
        if kind == "indicator":
            continue
        top = model.top_of(id) if kind == "pillar" else "potential"
        measure = choices.measures.index(top)
        shift, low, high = (each[number, measure] for each in (choices.shift, choices.shift_low, choices.shift_high))
        words = f"{top}, variant {id}" if kind == "variant" else f"{top} without {id}"
        yield Figure(
            f"{words}: {COUNTRY} moves",
            float(shift[unit]),
            "ranks",
            note=f"90% interval {low[unit]:+.0f} to {high[unit]:+.0f}; plus is up",
        )
        yield Figure(
            f"{words}: the median country moves",
            float(np.median(np.abs(shift))),
            "ranks",
            note=f"one in ten moves {np.quantile(np.abs(shift), 0.9):.0f} or more, the most {np.abs(shift).max():.0f}",
        )
