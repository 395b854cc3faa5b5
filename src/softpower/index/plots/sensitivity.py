"""Which uncertain choice moves the ranks, and which units move between two builds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np

from softpower.drawing import frame
from softpower.drawing.frame import Chart
from softpower.drawing.letters import visible
from softpower.drawing.look import LABEL, Mode
from softpower.drawing.theme import palette, text_width
from softpower.errors import UnknownName
from softpower.index.comparison import Comparison
from softpower.index.model import Model
from softpower.index.names import nearest
from softpower.index.plots import about
from softpower.index.result import Index
from softpower.index.sensitivities import Sensitivity

BAND = 44.0  # px of a factor
UNKNOWN = "nothing moves"  # whatever is chosen, the rank stays: there is no variance to apportion


def sensitivity(found: Sensitivity, model: Model, *, unit: str = "", theme: Mode = "light") -> Chart:
    """First-order and total Sobol indices of each uncertain choice, with their 90 % bootstrap intervals.

    Parameters
    ----------
    model : whose ranks they are
    unit : by default the indices of the mean shift of all ranks; else those of this unit's own rank

    Raises
    ------
    UnknownName
        The unit is not ranked.
    """
    if unit and unit not in found.units:
        raise UnknownName(unit, nearest=nearest(unit, found.units), where=f"the {len(found.units)} ranked units")
    kinds = {"first": "first order", "total": "total"}
    table = []
    for row in found.to_polars().filter(unit=unit).sort("total", descending=True, maintain_order=True).to_dicts():
        for key, kind in kinds.items():
            value, low, high = row[key], row[f"{key}_low"], row[f"{key}_high"]
            known = np.isfinite([value, low, high])
            text = frame.number(value, 2) if known[0] else UNKNOWN
            text += f" ({frame.span(low, high, 2)})" if known.all() else ""
            table.append(
                {"factor": row["factor"], "kind": kind, "value": value, "low": low, "high": high, "text": text}
            )
    of = f"the rank of {unit}" if unit else "the mean shift of all ranks"
    when = f" {found.year}" if found.year else ""
    return frame.sheet(
        _factors(table, list(kinds.values()), theme, f"Share of the variance of {of}"),
        title=f"{visible(model.title_of(found.node))}{when}: {_mover(table)}",
        sub=(
            "First order: the share that would go if the choice were settled. Total: the share that would stay if all "
            f"others were. Line: 90% of bootstrap samples; {found.runs:,} replications"
            + (f". Cannot act here: {', '.join(found.idle)}" if found.idle else "")
        ),
        source=f"Source: own calculation (softpower model {model.id}; Sobol indices, Saltelli et al. 2010).",
        theme=theme,
    )


def _mover(table: Sequence[dict[str, Any]]) -> str:
    """What moves the ranks most; all whose intervals overlap that of the first."""
    totals = [row for row in table if row["kind"] == "total" and np.isfinite(row["value"])]
    if not totals:
        return "nothing moves"
    if len(totals) == 1:
        return f"only {_moving(totals[0]['factor'])} the ranks"
    lead = max(totals, key=lambda row: row["value"])
    tied = [row["factor"] for row in totals if row is lead or not row["high"] < lead["low"]]
    if len(tied) == 1:
        return f"{_moving(tied[0])} the ranks most"
    return f"{', '.join(tied[:-1])} and {tied[-1]} move the ranks most"


def _moving(factor: str) -> str:
    return f"{factor} {'move' if factor.endswith('s') else 'moves'}"


def _factors(table: Sequence[dict[str, Any]], kinds: Sequence[str], theme: Mode, title: str) -> Any:
    colours = palette(theme)
    names = frame.unique(dict.fromkeys(row["factor"] for row in table), width=frame.NAME_WIDTH)
    right = 16 + max(text_width(row["text"], LABEL) for row in table)
    beside = 70.0
    width = frame.inside(names, right=right + beside)
    y = alt.Y(
        "factor:N",
        scale=alt.Scale(domain=names, paddingInner=0.28, paddingOuter=0.1),
        axis=alt.Axis(title=None, grid=False, labelLimit=0, labelPadding=beside + 8),
    )
    lane = alt.YOffset("kind:N", scale=alt.Scale(domain=list(kinds), paddingInner=0.12))
    bounds = [row[key] for row in table for key in ("low", "high", "value") if np.isfinite(row[key])]
    domain = (min([0.0, *bounds]) * 1.03, max([1.0, *bounds]))

    def x(field: str) -> alt.X:
        return frame.value_axis(field, title, domain, rows=len(names))

    base = alt.Chart(frame.rows_of([{**row, "zero": 0.0} for row in table]))
    fill = alt.Fill(
        "kind:N", scale=alt.Scale(domain=list(kinds), range=[colours["focus-2"], colours["peer-2"]]), legend=None
    )
    dot = base.mark_point(filled=True, size=36, opacity=1, color=colours["ink"], stroke=colours["paper"], strokeWidth=1)
    words = base.mark_text(fontSize=LABEL, align="right", color=colours["ink-2"])
    layers = [
        base.mark_bar().encode(x("zero"), y, lane, fill, x2="value"),
        base.mark_rule(strokeWidth=4, color=colours["paper"]).encode(x("low"), y, lane, x2="high"),
        base.mark_rule(strokeWidth=1.8, color=colours["ink"]).encode(x("low"), y, lane, x2="high"),
        dot.encode(x("value"), y, lane, tooltip=["factor:N", "kind:N", "value:Q", "low:Q", "high:Q"]),
        words.encode(y, lane, x=alt.value(-8), text="kind:N"),
        words.encode(y, lane, x=alt.value(width + right), text="text:N"),
    ]
    return alt.layer(*layers).properties(width=width, height=BAND * len(names))


def compare(
    found: Comparison, first: Index, *, units: Sequence[str] = (), top: int | None = None, theme: Mode = "light"
) -> Chart:
    """Places that each unit gains from one build to another, with the 90 % interval, those that move most first.

    Parameters
    ----------
    found : the comparison; ``first`` is the build it starts from
    units, top : to show; by default the thirty that move most
    """
    for each in units:
        if each not in found.units:
            raise UnknownName(each, nearest=nearest(each, found.units), where="the units ranked in both builds")
    shift = found.shift
    order = sorted(range(len(found.units)), key=lambda at: (-abs(shift.value[at]), found.units[at]))
    most = 30 if top is None and not units else top or 0
    kept = [at for place, at in enumerate(order) if place < most or found.units[at] in units]
    kept.sort(key=lambda at: (-shift.value[at], found.units[at]))
    names = about.called(first, [first.unit(found.units[at]) for at in kept])
    table = [
        {
            "unit": name, "low": shift.low[at], "q25": shift.q25[at], "central": shift.value[at],
            "q75": shift.q75[at], "high": shift.high[at],
            "tone": "focus" if shift.low[at] > 0 else "low" if shift.high[at] < 0 else "peer",
            "text": frame.span(shift.low[at], shift.high[at]),
        }
        for at, name in zip(kept, names, strict=True)
    ]  # fmt: skip
    up, down = int((shift.low > 0).sum()), int((shift.high < 0).sum())
    what = "; ".join(found.differences) or "nothing differs"
    shown = f"{len(kept)} of {len(found.units)} units shown" if len(kept) < len(found.units) else ""
    gone = len(found.only_first) + len(found.only_second)
    told = [
        f"Second build: {what}",
        f"{about.MARKS}. Blue: surely up; orange: surely down; grey: not distinguishable from no change",
        *([shown] if shown else []),
        *([f"{gone} units ranked in one build only are left out"] if gone else []),
    ]
    return frame.sheet(
        _shifts(table, names, theme),
        title=f"{about.heading(first, found.node)}: {up} of {len(found.units)} units surely gain places, {down} lose",
        sub=frame.sentences(*told),
        source=about.source_line(first, found.node),
        theme=theme,
    )


def _shifts(table: Sequence[dict[str, Any]], names: Sequence[str], theme: Mode) -> Any:
    colours = palette(theme)
    right = 16 + max(text_width(row["text"], LABEL) for row in table)
    width, y = frame.inside(names, right=right), frame.names_axis(names)
    domain = frame.padded([*(row[key] for row in table for key in ("low", "high")), 0.0])

    def x(field: str) -> alt.X:
        return frame.value_axis(field, "Places gained, plus is up", domain, rows=len(table))

    zero = alt.Chart(frame.rows_of([{"zero": 0.0, "label": "no change"}]))
    layers = [
        zero.mark_rule(color=colours["ink-2"]).encode(x("zero")),
        zero.mark_text(color=colours["expect-ink"]).encode(x("zero"), y=alt.value(-9), text="label:N")
        if len(table) <= frame.TALL
        else zero.mark_rule(color=colours["ink-2"]).encode(x("zero")),
        *frame.interval_marks(table, x, y, theme),
        *frame.right_text(table, y, theme, width=width + right, head="90%"),
    ]
    return alt.layer(*layers).properties(width=width, height=frame.ROW * len(table))
