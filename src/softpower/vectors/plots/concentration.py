"""On how many partners each kind of tie rests, over the years."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from softpower.drawing.frame import Chart
from softpower.drawing.look import Mode
from softpower.errors import NotEnoughData
from softpower.vectors.facets import Facet
from softpower.vectors.plots.origin import source_line
from softpower.vectors.plots.panels import Panel, Path, panels
from softpower.vectors.profile import Profile
from softpower.vectors.shares import balance as measured

Array = NDArray[np.float64]

# Every partner reports for itself here, and who does not in one year is missing from the whole of that year, so that
# years cannot be compared: Russia, with most students from Kazakhstan, reported in 2009 and 2011, but not in 2010.
UNEVEN = ("students_abroad",)
# Resamples of partners for each year.
DRAWS = 100
# The axis ends at so many times the largest figure; intervals of few partners would take all of it.
REACH = 1.5


def balance(profile: Profile, *, theme: Mode = "light") -> Chart:
    """Effective number of partners of each layer, year by year, with its interval.

    Raises
    ------
    NotEnoughData
        No layer whose concentration says anything has two years.
    """
    facets = [each for each in profile.facets if each.flows.layer.concentrates and each.id not in UNEVEN]
    facets = [each for each in facets if len(each.years) > 1]
    facets = [each for each in facets if each.flows.layer.headline] or facets
    if not facets:
        raise NotEnoughData(f"no ties of {profile.name} are known in two years")
    paths = [_path(each) for each in facets]
    top = REACH * max(value for path in paths for value in path.value)
    return panels(
        [Panel(each.title, _cut(path, top)) for each, path in zip(facets, paths, strict=True)],
        title=f"{profile.name}: {_finding(facets, paths)}",
        sub=(
            "Effective partners: as many of equal size would be as concentrated (1 / Herfindahl index), with 90% "
            "interval of such partners, cut off at the top; where some are not named, the fewest there can be"
        ),
        source=source_line(profile, facets),
        say=lambda value: f"{value:.1f}",
        domain=(0.0, top),
        columns=4,
        theme=theme,
    )


def _path(facet: Facet) -> Path:
    found = []
    for value, member, rest in zip(facet.values, facet.members, facet.rest.tolist(), strict=True):
        known = value[value > 0]
        largest = float(known.min()) if rest > 0 and known.size else math.inf
        found.append(measured(value, member, rest=rest, largest=largest, draws=DRAWS, seed=facet.seed).effective)
    low, high = [_finite(each.low) for each in found], [_finite(each.high) for each in found]
    return Path(facet.years, [float(each.least) for each in found], low, high)


def _cut(path: Path, top: float) -> Path:
    """With the interval no higher than the axis."""
    return replace(path, high=[min(each, top) for each in path.high])


def _finite(value: Array) -> float:
    return float(value) if np.isfinite(value) else math.nan


def _finding(facets: Sequence[Facet], paths: Sequence[Path]) -> str:
    """The largest change whose two ends have intervals apart."""
    moves = []
    for facet, path in zip(facets, paths, strict=True):
        apart = path.low[-1] > path.high[0] or path.high[-1] < path.low[0]
        if apart and facet.flows.layer.headline:
            moves.append((abs(math.log(path.value[-1] / path.value[0])), facet, path))
    if not moves:
        return "in no kind of tie did the number of partners clearly change"
    _, facet, path = max(moves, key=lambda each: each[0])
    fewer = "fewer" if path.value[-1] < path.value[0] else "more"
    return (
        f"{facet.title.lower()} rest on {fewer} partners than in {path.years[0]} ({path.value[-1]:.1f} of equal size, "
        f"then {path.value[0]:.1f})"
    )
