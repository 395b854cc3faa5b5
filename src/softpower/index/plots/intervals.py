"""Ranks and scores of units with their intervals, and the chance of each rank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import numpy as np

from softpower.drawing import frame
from softpower.drawing.frame import Chart
from softpower.drawing.look import LABEL, Mode
from softpower.drawing.theme import palette, text_width
from softpower.index.plots import about
from softpower.index.plots.about import Shown
from softpower.index.result import Index


def ranks(
    index: Index, node: str, *, units: Sequence[str] = (), top: int | None = None, theme: Mode = "light"
) -> Chart:
    """The rank of each unit with its 50 % and 90 % interval, the highest score first.

    Parameters
    ----------
    units : shown alone, or in blue beside the ``top`` ones
    top : show so many; by default all
    """
    who, place = about.shown(index, node, units, top), index.ranks(node)
    table = [
        {
            "unit": name, "low": place.low[at], "q25": place.q25[at], "central": place.central[at],
            "q75": place.q75[at], "high": place.high[at], "tone": tone,
            "text": frame.span(place.low[at], place.high[at]),
        }
        for at, name, tone in zip(who.places, who.names, who.tones, strict=True)
    ]  # fmt: skip
    count = int(index.scored(node).sum())
    scored = index.scored(node)
    wide = float(np.median((place.high - place.low)[scored]))
    title = f"{about.heading(index, node)}: {_leaders(index, node)}"
    half = f"half of all ranks are uncertain by {frame.many(round(wide), 'place')} or more" if count > 1 else ""
    last = max(row["high"] for row in table)
    domain = (1.0, float(count if last > 0.6 * count else max(last, 2)))
    axis = f"Rank among {frame.many(count, 'unit')}, 1 is best"
    return _rows(
        who, table, axis, domain, title=title, sub=_sub(who, count, half), head="90%", ticks=_whole(*domain),
        source=about.source_line(index, node), theme=theme,
    )  # fmt: skip


def dots(index: Index, node: str, *, units: Sequence[str] = (), top: int | None = None, theme: Mode = "light") -> Chart:
    """The score of each unit with its 50 % and 90 % interval, and what its size and wealth alone predict."""
    who, score = about.shown(index, node, units, top), index.scores(node)
    predicted = index.central_expected(node).expected[0] if index.has_expectation else np.full(len(index.units), np.nan)
    places = frame.digits(score.value)
    table = [
        {
            "unit": name, "low": score.low[at], "q25": score.q25[at], "central": score.value[at],
            "q75": score.q75[at], "high": score.high[at], "tone": tone, "predicted": predicted[at],
            "text": frame.span(score.low[at], score.high[at], places),
        }
        for at, name, tone in zip(who.places, who.names, who.tones, strict=True)
    ]  # fmt: skip
    domain = frame.padded([row[key] for row in table for key in ("low", "high", "predicted")])
    sand = "sand tick: what size and wealth alone predict" if np.isfinite(predicted).any() else ""
    return _rows(
        who, table, f"Score, {about.points(index.model)}", domain,
        title=f"{about.heading(index, node)}: {_against(index, node)}",
        sub=_sub(who, int(index.scored(node).sum()), sand), head="90%",
        source=about.source_line(index, node), theme=theme,
    )  # fmt: skip


def acceptability(
    index: Index, node: str, *, units: Sequence[str] = (), top: int | None = None, theme: Mode = "light"
) -> Chart:
    """The chance of each rank of each unit: the share of replications in which it takes it."""
    who, shares, place = about.shown(index, node, units, top), index.acceptability(node), index.ranks(node)
    count, colours = int(index.scored(node).sum()), palette(theme)
    table = [
        {"unit": name, "rank": rank + 1, "share": shares[at, rank]}
        for at, name in zip(who.places, who.names, strict=True)
        for rank in range(count)
        if shares[at, rank] >= 0.0005
    ]
    last = int(max(row["rank"] for row in table))
    width = frame.inside(who.names, right=50)
    step = width / last
    scale = alt.Scale(domain=[0.5, last + 0.5], nice=False, zero=False)
    orient: Literal["top", "bottom"] = "top" if len(who.names) > frame.TALL else "bottom"
    axis = alt.Axis(
        title=f"Rank among {frame.many(count, 'unit')}, 1 is best", values=_whole(1, last), grid=False, orient=orient
    )
    x = alt.X("start:Q", scale=scale, axis=axis)
    most = max(row["share"] for row in table)
    shade = alt.Color(
        "share:Q",
        scale=alt.Scale(domain=[0, most / 4, most], range=[colours["seq-1"], colours["seq-3"], colours["seq-5"]]),
        legend=None,
    )
    boxes = [{**row, "start": row["rank"] - 0.5, "end": row["rank"] + 0.5} for row in table]
    y = frame.names_axis(who.names)
    layers: list[Any] = [alt.Chart(frame.rows_of(boxes)).mark_rect().encode(x, y, alt.X2("end"), shade, tooltip=_TIPS)]
    if step >= 26:
        dark = [{**row, "text": f"{row['share']:.0%}"} for row in table]
        flips = alt.condition(
            f"datum.share > {most * 0.45:.6g}", alt.value(colours["paper"]), alt.value(colours["ink"])
        )
        layers.append(
            alt.Chart(frame.rows_of(dark))
            .mark_text()
            .encode(alt.X("rank:Q", scale=scale, axis=axis), y, text="text:N", color=flips)
        )
    intervals = [
        {"unit": name, "text": frame.span(place.low[at], place.high[at])}
        for at, name in zip(who.places, who.names, strict=True)
    ]
    layers += frame.right_text(intervals, y, theme, width=width + 50, head="90%")
    body = alt.layer(*layers).properties(width=width, height=frame.ROW * len(who.names))
    return frame.sheet(
        body,
        title=f"{about.heading(index, node)}: how often each unit takes each rank",
        sub=frame.sentences(
            f"Share of {index.draws:,} replications, from faint (rare) to strong ({most:.0%})", _few(who, count)
        ),
        source=about.source_line(index, node),
        theme=theme,
    )


_TIPS = [alt.Tooltip("unit:N"), alt.Tooltip("rank:Q"), alt.Tooltip("share:Q", format=".1%")]


def _sub(who: Shown, count: int, more: str = "") -> str:
    return frame.sentences(about.MARKS, _few(who, count), more)


def _leaders(index: Index, node: str) -> str:
    """Whose 90 % interval reaches the first rank."""
    able = np.flatnonzero(index.scored(node) & (index.ranks(node).low == 1))
    if len(able) > 2:
        return f"any of {len(able)} units may be first"
    names = " or ".join(index.name_of(index.units[at]) for at in able)
    return f"{'only ' if len(able) == 1 and len(index.units) > 1 else ''}{names} may be first"


def _against(index: Index, node: str) -> str:
    """How many units lie off what is predicted of them."""
    if not index.has_expectation:
        return "scores and how sure they are"
    gap = index.above_expected(node)
    above, below, known = int((gap.low > 0).sum()), int((gap.high < 0).sum()), int(np.isfinite(gap.value).sum())
    return f"{above} of {known} units score above what size and wealth predict, {below} below"


def _few(who: Shown, count: int) -> str:
    return "" if len(who.names) == count else f"{len(who.names)} of {count} units shown"


def _whole(low: float, high: float) -> list[float]:
    """Round ranks along an axis, 1 among them.

    >>> _whole(1, 60)
    [1, 10, 20, 30, 40, 50, 60]
    """
    step = next((step for step in (1, 2, 5, 10, 20, 25, 50) if (high - low) / step <= 9), 100)
    return [1, *range(step if step > 1 else 2, int(high) + 1, step)]


def _rows(
    who: Shown,
    table: Sequence[dict[str, Any]],
    axis: str,
    domain: tuple[float, float],
    *,
    title: str,
    sub: str,
    head: str,
    source: str,
    theme: Mode,
    ticks: Sequence[float] = (),
) -> Chart:
    """One row for each unit."""
    colours = palette(theme)
    right = 16 + max(text_width(row["text"], LABEL) for row in table)
    width = frame.inside(who.names, right=right)
    y = frame.names_axis(who.names)

    def x(field: str) -> alt.X:
        return frame.value_axis(field, axis, domain, rows=len(table), ticks=ticks)

    layers: list[Any] = []
    expected = [row for row in table if np.isfinite(row.get("predicted", np.nan))]
    layers += frame.interval_marks(table, x, y, theme)
    if expected:
        tick = alt.Chart(frame.rows_of(expected)).mark_tick(thickness=2, size=12, color=colours["expect-ink"])
        layers.append(tick.encode(x("predicted"), y))
    layers += frame.right_text(table, y, theme, width=width + right, head=head)
    body = alt.layer(*layers).properties(width=width, height=frame.ROW * len(table))
    return frame.sheet(body, title=title, sub=sub, source=source, theme=theme)
