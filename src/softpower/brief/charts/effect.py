"""An outcome beside what the comparison leads one to expect, and the gap between them over that of placebos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from softpower.activities.plots.pane import Line, Periods, Side, compact, heading_lines, pane
from softpower.drawing.marks import Chart
from softpower.drawing.render import Drawing, Size, render
from softpower.drawing.rows import GUTTER, NARROW_WIDTH, WIDE_WIDTH
from softpower.storage import code_version


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectPath:
    """What the chart shows; ``low`` and ``high`` hold nine in ten gaps of placebos.

    ``name`` is that of the treated, ``donors`` that of the comparison; ``outcome`` heads the left plot; ``percent``
    says that gaps are in per cent.
    """

    title: str
    outcome: str
    name: str
    donors: str
    labels: Sequence[str]
    start: int
    treated: Sequence[float]
    synthetic: Sequence[float]
    gap: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    percent: bool = True


def effect_chart(data: EffectPath) -> Chart:
    """Draw ``data`` at the page's width and at a phone's."""
    # The layout lies with the plots of activities, so that its code is part of what the drawing depends on.
    return render(partial(_draw, data), data=(data, code_version("activities/plots")), title=data.title)


def _draw(data: EffectPath, size: Size) -> Drawing:
    wide = size == "wide"
    width = (WIDE_WIDTH - GUTTER) / 2 if wide else NARROW_WIDTH
    letters, height = (10.2, 214.0) if wide else (11.8, 236.0)
    periods = Periods(data.labels, data.start)
    sides = _sides(data)
    lines = heading_lines(sides, width, letters)
    left, right = (pane(side, periods, width=width, letters=letters, height=height, lines=lines) for side in sides)
    if wide:
        return Drawing(width=WIDE_WIDTH, height=height, plots=[(0.0, 0.0, left), (width + GUTTER, 0.0, right)])
    return Drawing(width=width, height=2 * height + 16, plots=[(0.0, 0.0, left), (0.0, height + 16, right)])


def _sides(data: EffectPath) -> tuple[Side, Side]:
    treated, synthetic, gap, low, high = (
        np.array(each, dtype=float) for each in (data.treated, data.synthetic, data.gap, data.low, data.high)
    )
    levels = Side(
        data.outcome,
        [Line(synthetic, data.donors, "expect-ink", 1.7, (5, 3)), Line(treated, data.name, "focus", 2.0)],
        compact,
        _ends(treated, synthetic),
    )
    say = _percent if data.percent else compact
    gaps = Side(
        "Gap", [Line(gap, data.name, "focus", 2.0)], say, _ends(gap, low, high, np.zeros(1)),
        band=(low, high), band_fill="peer-3", zero=True,
    )  # fmt: skip
    return levels, gaps


def _percent(value: float) -> str:
    return f"{compact(value)}%"


def _ends(*lines: np.typing.NDArray[np.float64]) -> tuple[float, float]:
    low, high = min(float(each.min()) for each in lines), max(float(each.max()) for each in lines)
    margin = 0.06 * (high - low) or abs(high) or 1.0
    return low - margin, high + margin
