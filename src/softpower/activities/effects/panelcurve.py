"""The specifications of a panel: every method, with and without the earlier and the later periods and single donors.

References
----------
Simonsohn, Simmons, Nelson (2020), Specification curve analysis, Nature Human Behaviour 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from softpower.activities.effects.defaults import LEVEL, ROW_DRAWS, SEED
from softpower.activities.effects.detectable import smallest_detectable
from softpower.activities.effects.estimate import METHODS, Method, estimate
from softpower.activities.effects.intervals import by_rank
from softpower.activities.effects.panel import Panel
from softpower.activities.effects.placebo import LEAST_PRE, in_space
from softpower.activities.effects.ranking import SIZE
from softpower.activities.effects.specifications import SpecificationCurve, specification_curve
from softpower.errors import NotEnoughData

LEFT_OUT = 3  # donors left out in turn: those of the largest weights


@dataclass(frozen=True, slots=True)
class _Row:
    estimate: float
    low: float
    high: float
    level: float
    p: float
    n_pre: int
    n_post: int
    smallest_detectable: float


def panel_curve(
    panel: Panel,
    *,
    methods: Sequence[Method] = METHODS,
    size: float = SIZE,
    level: float = LEVEL,
    draws: int = ROW_DRAWS,
    seed: int = SEED,
    left_out: int = LEFT_OUT,
) -> SpecificationCurve:
    """Estimates of a panel under all combinations of method, periods and donors.

    Parameters
    ----------
    panel : as given
    methods : some of `METHODS`
    size : of the test that the smallest detectable effect belongs to
    level : of the intervals, which are those by rank
    draws, seed : of the assignments that each row is ranked among
    left_out : how many donors are left out, one at a time

    Returns
    -------
    SpecificationCurve
        Choices are "method", "from" and "to" (first and last period: all of them, or about half of those before the
        earliest start and after the last), and "without" (a donor, or None).

    >>> outcome = np.random.default_rng(1).normal(size=(8, 12))
    >>> panel = Panel(outcome, np.array([8] + [12] * 7), tuple("ABCDEFGH"), tuple(range(12)))
    >>> curve = panel_curve(panel, methods=["did"], left_out=1)
    >>> len(curve.rows), curve.rows[0].choices[:3]
    (8, (('method', 'did'), ('from', 4), ('to', 9)))
    """
    places = {label: place for place, label in enumerate(panel.times)}

    def design(**chosen: Any) -> _Row:
        rest = panel.subset(np.flatnonzero([unit != chosen["without"] for unit in panel.units]))
        narrowed = rest.within(places[chosen["from"]], places[chosen["to"]] + 1)
        found = in_space(narrowed, chosen["method"], draws=draws, seed=seed, earlier=0)
        interval = by_rank(found, level)
        starts = narrowed.start[narrowed.treated]
        return _Row(
            estimate=found.att,
            low=interval.low,
            high=interval.high,
            level=level,
            p=found.p_value,
            n_pre=int(starts.min()),
            n_post=len(narrowed.times) - int(starts.max()),
            smallest_detectable=smallest_detectable(found, size=size).by_rank,
        )

    first, last = _periods(panel)
    return specification_curve(
        design,
        {
            "method": list(methods),
            "from": [panel.times[place] for place in first],
            "to": [panel.times[place] for place in last],
            "without": [None, *_heaviest(panel, methods, left_out)],
        },
    )


def _periods(panel: Panel) -> tuple[list[int], list[int]]:
    """Places of first periods and of last ones to try."""
    starts = panel.start[panel.treated]
    before, end = int(starts.min()), len(panel.times)
    half_before = before - max((before + 1) // 2, LEAST_PRE)
    half_after = int(starts.max()) + (end - int(starts.max()) + 1) // 2
    return sorted({0, max(half_before, 0)}), sorted({half_after - 1, end - 1})


def _heaviest(panel: Panel, methods: Sequence[Method], count: int) -> list[str]:
    """Donors of the largest weights, whichever method gives them; none if there is but one donor."""
    if len(panel.donors) < 2:
        return []
    weights = np.zeros(len(panel.donors))
    for method in methods:
        with suppress(NotEnoughData):
            weights = np.maximum(weights, estimate(panel, method).unit_weights)
    order = np.argsort(-weights, kind="stable")[:count]
    return [panel.units[panel.donors[place]] for place in order]
