"""Scores as bars, made up of what each part gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import numpy as np

from softpower.drawing import frame
from softpower.drawing.frame import Chart
from softpower.drawing.look import LABEL, Mode
from softpower.drawing.rows import wrapped
from softpower.drawing.theme import palette, text_width
from softpower.index.plots import about
from softpower.index.plots.about import Shown
from softpower.index.plots.components import Components, components
from softpower.index.result import Index

# Parts have no colours of their own: tints of one hue, dark beside pale, in the order of the model. More than these
# could not be told apart, and stand in columns of their own.
TINTS = ("seq-5", "seq-3", "seq-4", "seq-2", "peer-2")
MOST_COLUMNS = 12
KEY_LINE = 15.0  # px of a line of the key


def bars(
    index: Index,
    node: str,
    *,
    components: bool = True,
    units: Sequence[str] = (),
    top: int | None = None,
    theme: Mode = "light",
) -> Chart:
    """The score of each unit with its 90 % interval, made up of the contributions of its parts.

    Up to five parts are stacked in one bar, up to twelve stand side by side in columns. Where the score is no sum or
    has more parts, the bar is plain and the plot says why. On a scale with a mean of its own contributions are taken
    from this mean: to the right what lifts a unit, to the left what holds it back.

    Parameters
    ----------
    components : whether the bar is made up of its parts
    """
    who, score = about.shown(index, node, units, top), index.scores(node)
    found, why = _parts(index, node) if components else (None, "")
    base = found.base if found else index.model.scale.mean if index.model.scale else 0.0
    whole = found or Components((node,), np.nan_to_num(score.value - base)[None], base)
    segments, places = _segments(index, whole, who), frame.digits(score.value)
    totals = [
        {
            "unit": name, "score": score.value[at], "low": score.low[at], "high": score.high[at],
            "text": frame.span(score.low[at], score.high[at], places),
        }
        for at, name in zip(who.places, who.names, strict=True)
    ]  # fmt: skip
    draw = _columns if len(whole.parts) > len(TINTS) else _stacked
    told = ["Dot and line: the score and 90% of replications"]
    if base:
        told.insert(0, f"{'Contributions are' if found else 'Bars start'} {'taken ' if found else ''}"
                       f"{'from' if found else 'at'} the mean of all ranked units, {base:g}")  # fmt: skip
    if draw is _columns:
        told.append("Columns: points that each part adds")
    if len(who.names) < index.scored(node).sum():
        told.append(f"{len(who.names)} of {index.scored(node).sum()} units shown")
    return frame.sheet(
        draw(index, who, segments, totals, base, theme, keyed=found is not None),
        title=f"{about.heading(index, node)}: {_finding(index, found, node)}",
        sub=frame.sentences(*told, why),
        source=about.source_line(index, node),
        theme=theme,
    )


def _parts(index: Index, node: str) -> tuple[Components | None, str]:
    found = components(index, node)
    if found is None:
        return None, "The score is no sum of parts, so the bars are plain"
    if len(found.parts) > MOST_COLUMNS:
        return None, f"{len(found.parts)} parts are too many to show beside each other"
    return found, ""


def _finding(index: Index, found: Components | None, node: str) -> str:
    """Which part tells units apart most: the one whose contributions vary most, by a clear margin."""
    if found is None or len(found.parts) == 1:
        return "scores"
    spread = found.given[:, index.scored(node)].std(axis=1)
    first, second = np.argsort(-spread, kind="stable")[:2]
    if not spread[first] > 1.05 * spread[second]:
        return "scores and what they are made of"
    return f"\u201c{index.model.title_of(found.parts[first])}\u201d sets units apart most"


def _segments(index: Index, found: Components, who: Shown) -> list[dict[str, Any]]:
    """Each contribution from where it starts to where it ends: lifts to the right, the others to the left."""
    titles = frame.unique((index.model.title_of(part) for part in found.parts), width=frame.NAME_WIDTH)
    rows = []
    for at, name in zip(who.places, who.names, strict=True):
        up = down = found.base
        for title, given in zip(titles, found.given[:, at].tolist(), strict=True):
            start = up if given >= 0 else down
            rows.append({"unit": name, "part": title, "contribution": given, "start": start, "end": start + given})
            up, down = (up + given, down) if given >= 0 else (up, down + given)
    return rows


def _stacked(
    index: Index,
    who: Shown,
    segments: Sequence[dict[str, Any]],
    totals: Sequence[dict[str, Any]],
    base: float,
    theme: Mode,
    *,
    keyed: bool,
) -> Any:
    """One bar for each unit, its parts one after the other, named above."""
    colours = palette(theme)
    right = 16 + max(text_width(row["text"], LABEL) for row in totals)
    width, y = frame.inside(who.names, right=right), frame.names_axis(who.names)
    titles = list(dict.fromkeys(row["part"] for row in segments))
    ends = [row[key] for row in segments for key in ("start", "end")]
    domain = frame.padded([*ends, *(row[key] for row in totals for key in ("low", "high")), base])

    def x(field: str) -> alt.X:
        return frame.value_axis(field, f"Score, {about.points(index.model)}", domain, rows=len(totals))

    tints = [colours[tint] for tint in TINTS[: len(titles)]] if keyed else [colours["seq-3"]]
    fill = alt.Fill("part:N", scale=alt.Scale(domain=titles, range=tints), legend=None)
    bar = alt.Chart(frame.rows_of(segments)).mark_bar(stroke=colours["paper"], strokeWidth=0.8)
    layers: list[Any] = [
        bar.encode(x("start"), y, alt.X2("end"), fill, tooltip=["unit:N", "part:N", "contribution:Q"]),
        alt.Chart(frame.rows_of([{"base": base}])).mark_rule(color=colours["ink-2"]).encode(x("base")),
        *_totals(totals, x, y, theme),
        *frame.right_text(totals, y, theme, width=width + right, head="90%"),
    ]
    if keyed:
        layers += _key(titles, fill, theme, left=width + right - frame.WIDTH, tall=len(totals) > frame.TALL)
    return alt.layer(*layers).properties(width=width, height=frame.ROW * len(totals))


def _totals(totals: Sequence[dict[str, Any]], x: Any, y: alt.Y, theme: Mode) -> list[Any]:
    """Score and interval, on a halo so that a dark bar does not hide them."""
    colours, whole = palette(theme), alt.Chart(frame.rows_of(totals))
    dot = whole.mark_point(
        filled=True, opacity=1, size=40, color=colours["ink"], stroke=colours["paper"], strokeWidth=1
    )
    return [
        whole.mark_rule(strokeWidth=4.5, color=colours["paper"]).encode(x("low"), y, alt.X2("high")),
        whole.mark_rule(strokeWidth=1.8, color=colours["ink"]).encode(x("low"), y, alt.X2("high")),
        dot.encode(x("score"), y, tooltip=["unit:N", "score:Q", "low:Q", "high:Q"]),
    ]


def _key(titles: Sequence[str], fill: alt.Fill, theme: Mode, *, left: float, tall: bool) -> list[Any]:
    """Squares and names above the plot, in the order of the stack, from the left edge of the sheet."""
    rows: list[dict[str, Any]] = []
    x, line = left, 0
    for title in titles:
        long = 16 + text_width(title, LABEL) + 16
        if rows and x + long > left + frame.WIDTH - 40:
            x, line = left, line + 1
        rows.append({"part": title, "x": x, "line": line})
        x += long
    lift = 12 + (34 if tall else 0)  # clear of an axis at the top
    for row in rows:
        row["y"] = -lift - KEY_LINE * (line - row.pop("line"))
    layers: list[Any] = []
    for row in rows:
        one = alt.Chart(frame.rows_of([{"part": row["part"]}]))
        square = one.mark_square(size=100, opacity=1).encode(
            x=alt.value(row["x"] + 5), y=alt.value(row["y"]), fill=fill
        )
        text = one.mark_text(align="left", color=palette(theme)["ink"]).encode(
            x=alt.value(row["x"] + 15), y=alt.value(row["y"]), text="part:N"
        )
        layers += [square, text]
    return layers


def _columns(
    _: Index,
    who: Shown,
    segments: Sequence[dict[str, Any]],
    totals: Sequence[dict[str, Any]],
    base: float,
    theme: Mode,
    *,
    keyed: bool = True,  # noqa: ARG001  # columns have their names above, always
) -> Any:
    """The scores at the left, then a column for each part; all columns share one scale."""
    colours, y = palette(theme), frame.names_axis(who.names)
    titles = list(dict.fromkeys(row["part"] for row in segments))
    room = frame.inside(who.names) - 8
    first = max(110.0, room * 0.24)
    each = (room - first) / len(titles) - 6
    given = [row["contribution"] for row in segments]
    reach = frame.padded([*given, 0.0])
    spread = frame.padded([row[key] for row in totals for key in ("low", "high")])
    top: Literal["top", "bottom"] = "top" if len(totals) > frame.TALL else "bottom"

    def x(field: str) -> alt.X:
        scale = alt.Scale(domain=list(spread), nice=False, zero=False)
        return alt.X(f"{field}:Q", scale=scale, axis=alt.Axis(title="Points", tickCount=4, orient=top))

    lift = 12 + (34 if len(totals) > frame.TALL else 0)

    def head(text: str, width: float, *, upper: bool = False) -> list[Any]:
        """A name above its column, on the two lower lines or on the two above these."""
        lines = wrapped(text, size=LABEL, width=width, most=2)
        words = [alt.Chart(frame.rows_of([{"line": line}])) for line in lines]
        start = -lift - KEY_LINE * (len(lines) - 1 + (2 if upper else 0))
        return [
            word.mark_text(align="left", color=colours["ink"]).encode(
                x=alt.value(0), y=alt.value(start + KEY_LINE * at), text="line:N"
            )
            for at, word in enumerate(words)
        ]

    height = frame.ROW * len(totals)
    scores = alt.layer(*_totals(totals, x, y, theme), *head(f"Score, mean {base:g}" if base else "Score", first))
    scores = scores.properties(width=first, height=height)
    quiet = alt.Y("unit:N", scale=alt.Scale(domain=list(who.names), paddingInner=0.25, paddingOuter=0.15), axis=None)
    others = []
    for number, title in enumerate(titles):
        # Names stand in turn on the upper and the lower lines, each as wide as two columns.
        upper = number % 2 == 0 and len(titles) > 1
        wide = 2 * each if number < len(titles) - 1 else each + 24
        rows = [{**row, "zero": 0.0} for row in segments if row["part"] == title]
        scale = alt.Scale(domain=list(reach), nice=False, zero=False)
        axis = alt.Axis(title="points" if number == len(titles) - 1 else None, tickCount=2, orient=top)
        bar = alt.Chart(frame.rows_of(rows)).mark_bar(color=colours["focus-2"])
        drawn = bar.encode(
            alt.X("zero:Q", scale=scale, axis=axis), quiet, x2="contribution", tooltip=["unit:N", "contribution:Q"]
        )
        zero = alt.Chart(frame.rows_of([{"zero": 0.0}])).mark_rule(color=colours["ink-2"])
        both = alt.layer(drawn, zero.encode(alt.X("zero:Q", scale=scale, axis=axis)), *head(title, wide, upper=upper))
        others.append(both.properties(width=each, height=height))
    return alt.hconcat(scores, *others, spacing=6, bounds="flush")
