"""Planned beside realised: a ring at the plan, a dot at what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from softpower.activities.activity import Activity
from softpower.activities.delivery import LEAST, Delivered, Delivery
from softpower.activities.delivery import delivery as counted
from softpower.activities.plots.numbers import amount, percent
from softpower.activities.plots.origin import of_entries
from softpower.drawing import frame
from softpower.drawing.frame import Chart
from softpower.drawing.letters import visible
from softpower.drawing.look import Mode
from softpower.drawing.plot import Plot
from softpower.drawing.rows import shortened
from softpower.drawing.theme import text_width
from softpower.errors import NotEnoughData
from softpower.world import find

LETTERS, ROW = 10.6, 17.0
# A result is drawn no further off than so many times its plan; its figure stands beside it.
FARTHEST = 2.5
_NAME = 168.0


def delivery(entries: Sequence[Activity], country: str, *, theme: Mode = "light") -> Chart:
    """All figures that were planned, with what was realised.

    Parameters
    ----------
    entries : the register
    country : ISO3 code or name of who acts

    Raises
    ------
    NotEnoughData
        No figure was planned, as far as is registered.
    """
    home = find(country)
    mine = [each for each in entries if home.iso3 in each.sender]
    found = counted(mine)
    shown = [each for each in found.figures if each.planned is not None]
    if not shown:
        raise NotEnoughData(f"no planned figure of {home.label} is registered")
    return frame.sheet(
        _drawn(shown, theme).chart(),
        title=f"{home.label}: {finding(found)}",
        sub=(
            "Realised in per cent of what was planned. Sand ring: the plan; dot: the result, a bar where either is a "
            "range; hollow and marked claimed: the organiser's own count. Blue at or above the plan, orange below it, "
            f"grey where the range holds it. {frame.many(found.realised_only, 'figure')} without a plan not shown."
        ),
        source=of_entries([each for each in mine if each.id in {figure.id for figure in shown}]),
        theme=theme,
    )


def finding(found: Delivery) -> str:
    """How much of what was announced came about, as far as that is known."""
    if not found.ratios:
        return f"of {frame.many(found.planned_only, 'figure')} planned, no result is registered"
    of = f"{frame.many(found.ratios, 'figure')} planned and reported"
    if found.ratios < LEAST or found.median is None:
        return f"{of}, too few to say how plans come out; {found.claimed} by the organiser's own count"
    return (
        f"of {of}, half came to {percent(found.median)} of the plan or more; {found.claimed} rest on the organiser's "
        "own count"
    )


def _drawn(shown: Sequence[Delivered], theme: Mode) -> Plot:
    groups = [(name, list(each)) for name, each in groupby(shown, key=_dated)]
    realised = [amount(each.realised) + (" claimed" if each.claimed else "") for each in shown]
    ratios = ["" if each.ratio is None else percent(each.ratio) for each in shown]
    planned = [amount(each.planned) for each in shown]
    wide = [
        max(text_width(text, LETTERS) for text in (*column, head)) + 14
        for column, head in ((planned, "planned"), (realised, "realised"), (ratios, "of plan"))
    ]
    ends = [frame.WIDTH - sum(wide[at + 1 :]) for at in range(3)]
    low, high = _NAME + 12, ends[0] - wide[0] - 10
    top, height = 22.0, 26.0 + ROW * (len(shown) + len(groups)) + 5 * len(groups)
    plot = Plot(width=frame.WIDTH, height=height, x=(0, frame.WIDTH), y=(height, 0), theme=theme)
    most = min(max([each.ratio[1] for each in shown if each.ratio] + [1.2]), FARTHEST)

    def x(ratio: float) -> float:
        return low + min(ratio, most) / most * (high - low)

    for tick in range(0, int(100 * most) + 1, 50):
        plot.segment(x(tick / 100), top, x(tick / 100), height, stroke="expect-ink" if tick == 100 else "grid")
        plot.text(x(tick / 100), 9, f"{tick}%", size=LETTERS, align="center")
    for end, head in zip(ends, ("planned", "realised", "of plan"), strict=True):
        plot.text(end, 9, head, size=LETTERS, align="right")
    y, at = top, 0
    for name, figures in groups:
        plot.segment(0, y + 1, frame.WIDTH, y + 1, stroke="hair")
        y += ROW / 2 + 3
        said = shortened(visible(name), LETTERS, frame.WIDTH, strong=True)
        behind = text_width(said, LETTERS, strong=True) + 4
        plot.band([(0, y - 6, y + 7), (behind, y - 6, y + 7)], fill="paper")
        plot.text(0, y, said, size=LETTERS, fill="ink", strong=True)
        for each in figures:
            y += ROW
            plot.text(8, y, shortened(visible(each.indicator), LETTERS, _NAME - 8), size=LETTERS, fill="ink")
            _mark(plot, each, x, y)
            plot.text(ends[0], y, planned[at], size=LETTERS, align="right", fill="ink")
            plot.text(
                ends[1], y, realised[at], size=LETTERS, align="right", fill="ink-2" if each.realised is None else "ink"
            )
            plot.text(ends[2], y, ratios[at], size=LETTERS, align="right", fill="ink", strong=True)
            at += 1
        y += ROW / 2 + 2
    return plot


def _dated(each: Delivered) -> str:
    """The activity with its year, unless its name says that."""
    return each.name if str(each.year) in each.name else f"{each.name}, {each.year}"


def _mark(plot: Plot, each: Delivered, x: Callable[[float], float], y: float) -> None:
    plan = x(1.0)
    if each.ratio is not None:
        least, most = each.ratio
        tone = "low" if most < 1 else "focus" if least >= 1 else "peer"
        near = min(max(plan, x(least)), x(most))
        plot.segment(plan, y, near, y, stroke="peer-2", width=1.4)
        if x(most) - x(least) > 1:
            plot.segment(x(least), y, x(most), y, stroke=tone, width=4)
    plot.dot(plan, y, radius=4.6, fill="paper", stroke="expect-ink", width=1.5)
    if each.ratio is not None:
        for end in dict.fromkeys((x(least), x(most))):
            if each.claimed:
                plot.dot(end, y, radius=2.9, fill="paper", stroke=tone, width=1.5)
            else:
                plot.dot(end, y, radius=3.5, fill=tone)
