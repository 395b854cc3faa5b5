"""Specification curve: the estimate under every combination of choices, and below it which they were."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from softpower.activities.effect import Effect
from softpower.activities.effects.report import PanelReport
from softpower.activities.effects.specifications import Specification
from softpower.activities.plots.origin import of_series
from softpower.activities.plots.pane import compact, ticks
from softpower.activities.plots.paths import title, unit_name
from softpower.drawing import frame
from softpower.drawing.frame import Chart
from softpower.drawing.letters import visible
from softpower.drawing.look import Mode
from softpower.drawing.plot import Plot
from softpower.drawing.rows import shortened
from softpower.errors import NotEnoughData

LETTERS, ROW, LEFT, HEIGHT = 10.6, 14.0, 168.0, 190.0
TOP, BOTTOM = 18.0, HEIGHT - 6
# The frame holds this share of the ends of intervals, and all estimates.
SHARE = 0.9


def specifications(found: Effect, *, theme: Mode = "light") -> Chart:
    """Estimates in order, with their intervals; below each its choices.

    Parameters
    ----------
    found : of `softpower.activities.effect.effect`

    Raises
    ------
    NotEnoughData
        No combination gives an estimate.
    """
    curve = found.report.curve
    shown = [each for each in curve.rows if not each.refused and math.isfinite(each.estimate)]
    if not shown:
        why = next((each.refused for each in curve.rows if each.refused), "")
        raise NotEnoughData(f"no combination of choices gives an estimate here{f': {why}' if why else ''}")
    sub = frame.sentences(
        f"Effect in {found.unit or 'units of the outcome'} by {frame.many(len(shown), 'combination')} of choices, with "
        f"{100 * shown[0].level:.0f}% intervals: median {found.said(curve.median)}, from {found.said(curve.least)} to "
        f"{found.said(curve.most)}".replace("-", "\u2212"),
        "blue: the interval lies above no effect; orange: below; cut at the frame",
        "they share their data, so that many alike are no confirmation",
        f"{frame.many(curve.n_refused, 'combination')} gave none" if curve.n_refused else "",
    )
    return frame.sheet(
        _drawn(found, shown, theme).chart(),
        title=title(found),
        sub=sub,
        source=of_series(found.outcome.sources),
        theme=theme,
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """Columns of the combinations, and the frame of the estimates above, px."""

    step: float
    low: float
    high: float

    @property
    def radius(self) -> float:
        return min(3.0, max(self.step * 0.32, 1.2))

    def x(self, at: int) -> float:
        return LEFT + self.step * (at + 0.5)

    def y(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return BOTTOM - (inside - self.low) / (self.high - self.low) * (BOTTOM - TOP)


def _drawn(found: Effect, shown: list[Specification], theme: Mode) -> Plot:
    groups = _choices(shown)
    height = HEIGHT + 12 + sum(ROW * len(values) + 8 for _, values in groups)
    plot = Plot(width=frame.WIDTH, height=height, x=(0, frame.WIDTH), y=(height, 0), theme=theme)
    room = _Frame((frame.WIDTH - LEFT - 4) / len(shown), *_limits(found, shown))
    chief = _chief(found, shown)
    if chief is not None:
        x = room.x(chief)
        plot.segment(x, TOP - 4, x, height - 4, stroke="expect", width=max(min(room.step, 12.0), 3.0))
        plot.text(min(max(x, LEFT + 40), frame.WIDTH - 40), 6, "the one reported", size=LETTERS, align="center")
    _estimates(plot, found, shown, room)
    above = HEIGHT
    for name, values in groups:
        _grid(plot, found, shown, name, values, room, above)
        above += ROW * len(values) + 8
    return plot


def _estimates(plot: Plot, found: Effect, shown: list[Specification], room: _Frame) -> None:
    """In order, each with its interval."""
    for tick in ticks(room.low, room.high):
        plot.segment(LEFT, room.y(tick), frame.WIDTH, room.y(tick), stroke="ink-2" if tick == 0 else "grid")
        plot.text(LEFT - 6, room.y(tick), compact(tick), size=LETTERS, align="right")
    plot.text(0, room.y(0), "no effect", size=LETTERS, fill="expect-ink")
    for at, each in enumerate(shown):
        least, most = found.amount(each.low), found.amount(each.high)
        tone = "focus" if least > 0 else "low" if most < 0 else "peer"
        if not math.isnan(least + most):
            x = room.x(at)
            plot.segment(x, room.y(least), x, room.y(most), stroke=f"{tone}-2", width=min(2.0, room.step * 0.4))
        plot.dot(room.x(at), room.y(found.amount(each.estimate)), radius=room.radius, fill=tone)


def _grid(
    plot: Plot, found: Effect, shown: list[Specification], name: str, values: list[Any], room: _Frame, above: float
) -> None:
    """A row for each value of a choice, a dot where it was taken."""
    plot.segment(0, above, frame.WIDTH, above, stroke="hair")
    plot.text(0, above + 4 + ROW / 2, _heading(name), size=LETTERS, fill="ink", strong=True)
    for place, value in enumerate(values):
        middle = above + 4 + ROW * (place + 0.5)
        said = shortened(visible(_value(found, name, value)), LETTERS, LEFT - 62)
        plot.text(LEFT - 6, middle, said, size=LETTERS, align="right", fill="ink")
        for at, each in enumerate(shown):
            if dict(each.choices).get(name) == value:
                plot.dot(room.x(at), middle, radius=room.radius, fill="peer")


def _choices(shown: list[Specification]) -> list[tuple[str, list[Any]]]:
    """Choices between several values, and the values in the order of their first use in the grid."""
    names = list(dict.fromkeys(name for each in shown for name, _ in each.choices))
    found = []
    for name in names:
        values = list(dict.fromkeys(dict(each.choices).get(name) for each in shown))
        ordered = sorted(values, key=lambda value: (value is not None, str(value)))
        if len(values) > 1:
            found.append((name, ordered))
    return found


def _chief(found: Effect, shown: list[Specification]) -> int | None:
    """Place of the combination that the verdict is of."""
    if not isinstance(found.report, PanelReport):
        return None
    what, method = found.outcome, found.report.chief.method
    wanted = {"method": method, "from": what.times[0], "to": what.times[-1], "without": None}
    return next((at for at, each in enumerate(shown) if dict(each.choices) == wanted), None)


def _limits(found: Effect, shown: list[Specification]) -> tuple[float, float]:
    estimates = [found.amount(each.estimate) for each in shown]
    ends = np.array([[found.amount(each.low), found.amount(each.high)] for each in shown])
    known = ends[np.isfinite(ends).all(axis=1)]
    low, high = min(*estimates, 0.0), max(*estimates, 0.0)
    if len(known):
        low = min(low, float(np.quantile(known[:, 0], 1 - SHARE)))
        high = max(high, float(np.quantile(known[:, 1], SHARE)))
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def _heading(name: str) -> str:
    return name.replace("_", " ")[:1].upper() + name.replace("_", " ")[1:]


def _value(found: Effect, name: str, value: Any) -> str:
    if value is None:
        return "none left out" if name == "without" else "none"
    text = str(value)
    if name == "method":
        return {"sdid": "synthetic DiD", "sc": "synthetic control", "did": "plain DiD"}.get(text, text)
    if name == "without":
        return unit_name(found, text)
    return text.replace("_", " ")
