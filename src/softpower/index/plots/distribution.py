"""How the values of an indicator, or the scores of a node, are distributed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from softpower.drawing import frame
from softpower.drawing.frame import Chart
from softpower.drawing.letters import visible
from softpower.drawing.look import LABEL, Mode
from softpower.drawing.theme import palette, text_width
from softpower.errors import NotEnoughData, UnknownNode
from softpower.index.plots import about
from softpower.index.result import Index
from softpower.index.statistics import kurtosis, skewness

Array = NDArray[np.float64]
HEIGHT, GAP, STRIP, LINE = 210.0, 4.0, 28.0, 14.0  # px
MOST_BINS = 40


def distribution(index: Index, part: str, *, units: Sequence[str] = (), theme: Mode = "light") -> Chart:
    """Histogram of the ranked units, each a dot below it, those named marked; its skewness and excess kurtosis.

    Parameters
    ----------
    part : an indicator, shown as published (per its denominator, where it has one), or a node, shown by its scores
    units : to mark

    Raises
    ------
    UnknownNode
        The model has no such node or indicator.
    NotEnoughData
        No ranked unit has a value.
    """
    values, unit = _values(index, part)
    known = np.flatnonzero(np.isfinite(values))
    if not known.size:
        raise NotEnoughData(f"no ranked unit has a value of {part}")
    skew, kurt = float(skewness(values)), float(kurtosis(values))
    domain = frame.padded(values[known])
    edges = _edges(values[known])
    counts, _ = np.histogram(values[known], bins=edges)
    bins = [
        {"start": low, "end": high, "units": int(count)}
        for low, high, count in zip(edges[:-1], edges[1:], counts.tolist(), strict=True)
    ]
    wanted = [index.unit(each) for each in units]
    names = about.called(index, known.tolist())
    dots = [
        {"unit": name, "value": values[at], "tone": "focus" if at in wanted else "peer"}
        for at, name in zip(known.tolist(), names, strict=True)
    ]
    body = _drawn(bins, dots, domain, f"{visible(index.model.title_of(part)).strip()}, {unit}", theme)
    missing = len(values) - known.size
    shape = (
        f"skewness {_signed(skew)}, excess kurtosis {_signed(kurt)}"
        if known.size > 2
        else frame.many(known.size, "unit")
    )
    return frame.sheet(
        body,
        title=f"{about.heading(index, part)}: {shape}",
        sub=_sub(index, part, skew, kurt, known.size, missing),
        source=about.source_line(index, part),
        theme=theme,
    )


def _values(index: Index, part: str) -> tuple[Array, str]:
    """Values of the ranked units, shape (unit,), and their unit in words."""
    if part in index.central:
        return index.scores(part).value, f"score in {about.points(index.model)}"
    if part not in index.panel.indicators:
        raise UnknownNode(part, nearest=(*index.nodes, *index.panel.indicators))
    rows = [index.panel.units.index(unit) for unit in index.units]
    return index.panel.raw[0, rows, index.panel.indicators.index(part)], about.unit_of(index, part)


def _edges(values: Array) -> Array:
    """Ends of the bins: Freedman and Diaconis's width, but at most forty bins and at least a few."""
    if values.min() == values.max():
        return np.array([values.min() - 0.5, values.max() + 0.5])
    edges = np.histogram_bin_edges(values, bins="fd")
    wanted = min(max(len(edges) - 1, min(5, len(values))), MOST_BINS)
    return np.linspace(values.min(), values.max(), wanted + 1)


def _signed(value: float) -> str:
    return "unknown" if not np.isfinite(value) else frame.number(value, 1)


def _sub(index: Index, part: str, skew: float, kurt: float, known: int, missing: int) -> str:
    told = [f"{frame.many(known, 'ranked unit')}, each a dot below" + (f"; {missing} not measured" if missing else "")]
    if part in index.model.indicators and np.isfinite(kurt):
        rule = index.model.indicators[part].treat or index.model.treat
        outlying = abs(skew) >= rule.skew and kurt >= rule.kurtosis
        verdict = "fails" if outlying else "passes"
        told.append(
            f"{verdict} the rule for outliers (skewness below {rule.skew:g} or excess kurtosis below {rule.kurtosis:g})"
        )
    if part in index.model.indicators and index.model.indicators[part].transform == "log":
        told.append("enters the index as a logarithm")
    return frame.sentences(*told)


def _drawn(
    bins: Sequence[dict[str, Any]],
    dots: Sequence[dict[str, Any]],
    domain: tuple[float, float],
    title: str,
    theme: Mode,
) -> Any:
    colours, named = palette(theme), [row for row in dots if row["tone"] == "focus"]
    longest = max((text_width(row["unit"], LABEL, strong=True) for row in named), default=0.0)
    width = frame.WIDTH - 46 - 0.5 * longest
    scale = alt.Scale(domain=list(domain), nice=False, zero=False)
    most = max(row["units"] for row in bins)

    def x(field: str, axis: alt.Axis | None = None) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    count = alt.Y(
        "units:Q",
        scale=alt.Scale(domain=[0, most], nice=True),
        axis=alt.Axis(
            title="Units", titleAngle=0, titleAlign="left", titleX=-30, titleY=-12, tickCount=min(5, most), format="d"
        ),
    )
    columns = alt.Chart(frame.rows_of(bins)).mark_bar(color=colours["peer-2"], stroke=colours["paper"], strokeWidth=0.8)
    above = [columns.encode(x("start"), count, x2="end", y2=alt.datum(0), tooltip=["start:Q", "end:Q", "units:Q"])]
    if named:
        stems = alt.Chart(frame.rows_of(_placed(named, domain, width)))
        top = alt.Y("from:Q", axis=None, scale=alt.Scale(domain=[0, HEIGHT], range=[0, HEIGHT], nice=False))
        above.append(stems.mark_rule(color=colours["focus"]).encode(x("value"), top, y2="to"))
        text = stems.mark_text(color=colours["focus"], fontWeight=700, align="left", dx=4, dy=2)
        above.append(text.encode(x("value"), top, text="unit:N"))
    order = sorted(dots, key=lambda row: row["tone"], reverse=True)  # the named ones last, on top
    dot = alt.Chart(frame.rows_of(order)).mark_point(
        filled=True, size=34, opacity=0.75, stroke=colours["paper"], strokeWidth=0.6
    )
    unit, word = _magnitude(domain)
    axis = alt.Axis(
        title=f"{title} ({word})" if word else title,
        grid=False,
        tickCount=7,
        labelExpr=f"format(datum.value / {unit:.0f}, ',.6~g')" if word else alt.Undefined,
    )
    fill = frame.toned(alt.Fill, 0, colours)
    below = dot.encode(x("value", axis), y=alt.value(STRIP / 2), fill=fill, tooltip=["unit:N", "value:Q"])
    upper = alt.layer(*above).properties(width=width, height=HEIGHT).resolve_scale(y="independent")
    return alt.vconcat(upper, below.properties(width=width, height=STRIP), spacing=GAP, bounds="flush")


def _magnitude(domain: tuple[float, float]) -> tuple[float, str]:
    """What the numbers of an axis are counted in, so that they stay short.

    >>> _magnitude((-1.0, 3.4e12)), _magnitude((0.0, 5.0))
    ((1000000000.0, 'billions'), (1.0, ''))
    """
    size = max(abs(end) for end in domain)
    named = ((1e9, "billions"), (1e6, "millions"))
    return next(((unit, word) for unit, word in named if size >= 3 * unit), (1.0, ""))


def _placed(rows: Sequence[dict[str, Any]], domain: tuple[float, float], width: float) -> list[dict[str, Any]]:
    """Each named unit with the ends of its stem, so that no label, right of the top of its stem, meets another stem.

    From the right to the left: a label stands above all stems that it crosses.
    """
    placed: list[tuple[float, float, int, dict[str, Any]]] = []
    for row in sorted(rows, key=lambda each: (-each["value"], each["unit"])):
        left = (row["value"] - domain[0]) / (domain[1] - domain[0]) * width
        right = left + text_width(row["unit"], LABEL, strong=True) + 10
        level = 1 + max((level for start, _, level, _ in placed if start <= right), default=-1)
        placed.append((left, right, level, row))
    return [{**row, "from": -10 - LINE * level, "to": HEIGHT + GAP + STRIP / 2} for _, _, level, row in placed]
