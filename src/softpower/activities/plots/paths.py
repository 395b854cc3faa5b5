"""What happened beside what the comparison leads one to expect, and the gap between them among placebo gaps."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
from numpy.typing import NDArray

from softpower.activities.effect import Effect
from softpower.activities.effects.estimate import Method
from softpower.activities.effects.report import PanelReport
from softpower.activities.effects.seriesreport import SeriesReport
from softpower.activities.plots.origin import of_series
from softpower.activities.plots.pane import Line, Periods, Side, compact, heading_lines, pane
from softpower.activities.saying import told
from softpower.drawing import frame
from softpower.drawing.frame import Chart
from softpower.drawing.letters import visible
from softpower.drawing.look import Mode
from softpower.world import country

Array = NDArray[np.float64]

METHODS = {"sdid": "synthetic difference in differences", "sc": "synthetic control", "did": "difference in differences"}
# Placebo gaps that are drawn: more are no more told apart.
FAN = 120
# The frame of gaps holds this share of them, and the whole gap of the treated.
SHARE = 0.9
BETWEEN = 22.0
# Letters of an activity's name in a title, which has to leave room for what is found.
LONGEST = 72


def path(found: Effect, *, method: Method | None = None, theme: Mode = "light") -> Chart:
    """The outcome of the treated with what it is compared with, and the gap with placebo gaps.

    Parameters
    ----------
    found : of `softpower.activities.effect.effect`
    method : by default the one that gives the verdict; a series has none

    Raises
    ------
    NotEnoughData
        The method gives no estimate here.
    """
    report = found.report
    if isinstance(report, PanelReport):
        chosen = method or report.chief.method
        sides, sub = _panel(found, report, chosen)
    else:
        sides, sub = _series(found, report)
    periods = Periods(found.outcome.labels, found.outcome.start)
    width = (frame.WIDTH - BETWEEN) / 2
    lines = heading_lines(sides, width)
    plots = [pane(each, periods, width=width, lines=lines, theme=theme) for each in sides]
    return frame.sheet(
        alt.hconcat(*(each.chart() for each in plots), spacing=BETWEEN),
        title=title(found),
        sub=frame.sentences(sub, _why(found)),
        source=of_series(found.outcome.sources),
        theme=theme,
    )


def title(found: Effect) -> str:
    """Of which activity, and what may be said."""
    said = told(found)
    if found.activity is None:
        said = f"the activity {said}" if said.startswith(("raised", "lowered")) else said
        return f"{said[:1].upper()}{said[1:]}"
    name = found.activity.name
    short = name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "\u2026"
    return f"{short}: {said}"


def _why(found: Effect) -> str:
    reasons = found.report.finding.reasons
    return f"cannot be told because {reasons[0]}" if reasons else ""


def _panel(found: Effect, report: PanelReport, method: Method) -> tuple[list[Side], str]:
    (way, *_) = report.path(method)
    treated, other = (_shown(found, each) for each in (way.treated, way.synthetic))
    gap, fan = _gaps(found, way.gap), _gaps(found, way.placebo_gaps)
    fan = fan[np.isfinite(fan).all(axis=1)]
    count = len(fan)
    if count > FAN:
        fan = fan[np.argsort(fan[:, found.outcome.start :].mean(axis=1))][np.linspace(0, count - 1, FAN).astype(int)]
    donors = "weighted donors" if method != "did" else "mean of donors"
    what = found.outcome
    mean = (
        f"{'geometric mean' if what.scale == 'log' else 'mean'} of {len(what.treated)}, " if len(way.units) > 1 else ""
    )
    low, high = _ends([gap], fan)
    sides = [
        Side(
            _measured(found, mean),
            [Line(other, donors, "expect-ink", 1.8, (5, 3)), Line(treated, _names(found, way.units), "focus")],
            compact,
            _ends([treated, other]),
        ),
        Side(
            f"Gap{_gap_unit(found)}",
            [Line(gap, _names(found, way.units), "focus")],
            compact,
            (low, high),
            fan=fan,
            zero=True,
        ),
    ]
    drawn = f"{len(fan)} of {count}" if count > len(fan) else f"{count}"
    return sides, (
        f"Left: what happened, and what {len(what.donors)} donors lead one to expect by {METHODS[method]}. Right: the "
        f"gap between them; grey: the same gap of {drawn} assignments to others, where nothing was done; lines that "
        "leave the frame are cut"
    )


def _series(found: Effect, report: SeriesReport) -> tuple[list[Side], str]:
    values, at, end = report.values, report.start, report.end
    around = [np.full(len(values), np.nan) for _ in range(3)]
    for each, given in zip(around, (report.expected, report.expected_low, report.expected_high), strict=True):
        each[at:end] = given
    expected, low, high = (_shown(found, each) for each in around)
    seen = _shown(found, values)
    gap, gap_low, gap_high = (_gaps(found, values - each) for each in (around[0], around[2], around[1]))
    what = found.outcome
    name = _names(found, [what.units[each] for each in what.treated])
    sides = [
        Side(
            _measured(found),
            [Line(expected, "expected", "expect-ink", 1.8, (5, 3)), Line(seen, name, "focus")],
            compact,
            _ends([seen, expected, low, high]),
            band=(low, high),
        ),
        Side(
            f"Gap{_gap_unit(found)}",
            [Line(gap, name, "focus")],
            compact,
            _ends([gap, gap_low, gap_high, np.zeros(1)]),
            band=(gap_low, gap_high),
            zero=True,
        ),
    ]
    return sides, (
        "Left: what happened, and what the series' own past leads one to expect, with 90% interval by the model. "
        "Right: the gap between them. There is no comparison group: nothing here says why"
    )


def _measured(found: Effect, mean: str = "") -> str:
    """The outcome with its unit, unless its name says that."""
    what = found.outcome
    unit = "per cent of the mean before" if what.scale == "index" else what.unit
    named = unit.casefold() in what.title.casefold()
    below = mean.rstrip(", ") if named else f"{mean}{unit}"
    return f"{what.title[:1].upper()}{what.title[1:]}" + (f": {below}" if below else "")


def _gap_unit(found: Effect) -> str:
    return f", {found.unit}" if found.unit else ""


def _shown(found: Effect, values: Array) -> Array:
    """In the outcome's own units."""
    return np.exp(values) if found.outcome.scale == "log" else values


def _gaps(found: Effect, values: Array) -> Array:
    """Differences as they are told: of logarithms in per cent."""
    return 100 * np.expm1(values) if found.outcome.scale == "log" else values


def _names(found: Effect, units: Sequence[str]) -> str:
    """Whom a line is of."""
    return "the treated" if len(units) > 1 else unit_name(found, units[0])


def unit_name(found: Effect, unit: str) -> str:
    """A unit as pages call it: of the snapshot a country, of a table of the user what stands there."""
    return country(unit).label if found.outcome.sources else visible(unit)


def _ends(lines: Sequence[Array], fan: Array | None = None) -> tuple[float, float]:
    known = np.concatenate([each[np.isfinite(each)] for each in lines])
    low, high = float(known.min()), float(known.max())
    if fan is not None and fan.size:
        low = min(low, float(np.quantile(fan, (1 - SHARE) / 2)), 0.0)
        high = max(high, float(np.quantile(fan, (1 + SHARE) / 2)), 0.0)
    margin = 0.06 * (high - low) or abs(high) or 1.0
    return low - margin, high + margin
