"""Potential against performance: every country a dot, the expectation in sand, the uncertainty of one country."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from softpower.drawing.labels import LINE, RINGS, Placed, Wanted, place
from softpower.drawing.marks import Chart
from softpower.drawing.plot import Box, Plot
from softpower.drawing.render import Drawing, Size, render
from softpower.drawing.rows import shortened

Role = Literal["focus", "peer", "named", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One country. ``focus`` and ``peer`` are always labelled, ``named`` where there is room, ``other`` never."""

    name: str
    x: float
    y: float
    role: Role = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """What the scatter shows.

    Attributes
    ----------
    title : the finding in one sentence, read in place of the drawing
    points : one per country; at most one has the role "focus"
    line : (x, y) of the expectation, x ascending, two or more points
    band : (x, low, high) around it, x ascending; may be empty
    region : the corners of the focus country's region of draws, as ``region`` gives them; may be empty
    x_title, y_title : words at the ends of the axes
    band_label, region_label : words beside the sand and the ellipse; one line break each at most
    """

    title: str
    points: Sequence[Point]
    line: Sequence[tuple[float, float]]
    band: Sequence[tuple[float, float, float]]
    region: Sequence[tuple[float, float]]
    x_title: str
    y_title: str
    band_label: str
    region_label: str


def region(x: Sequence[float], y: Sequence[float], *, level: float = 0.9) -> tuple[tuple[float, float], ...]:
    """Corners of an ellipse of the draws' own shape that holds the share ``level`` of them.

    Centre and axes are those of the draws' covariance; its size is the ``level`` quantile of their Mahalanobis
    distances, so that the share is exact whatever their distribution. Draws that all lie on one line give ().
    """
    import numpy as np

    draws = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    centre = draws.mean(axis=0)
    covariance = np.cov(draws, rowvar=False)
    if np.linalg.det(covariance) <= 1e-12:
        return ()
    root = np.linalg.cholesky(covariance)
    distance = np.linalg.norm(np.linalg.solve(root, (draws - centre).T), axis=0)
    turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    corners = centre + np.quantile(distance, level) * (root @ np.array([np.cos(turn), np.sin(turn)])).T
    return tuple((float(round(a, 4)), float(round(b, 4))) for a, b in corners)


def scatter_chart(data: Scatter) -> Chart:
    """Draw ``data`` at two thirds of the page's width and at a phone's; labels move until none touches another."""
    return render(partial(_draw, data), data=data, title=data.title)


# Sheet width, plot height, type size.
_SIZES = {"wide": (432.0, 250.0, 10.2), "narrow": (358.0, 330.0, 12.0)}


def _draw(data: Scatter, size: Size) -> Drawing:
    sheet, height, letters = _SIZES[size]
    left, top = letters * 2.7, 4.0
    plot = Plot(
        width=sheet - left - 4,
        height=height,
        x=_bounds([*(p.x for p in data.points), *(x for x, _ in data.region)]),
        y=_bounds([*(p.y for p in data.points), *(y for _, y in data.region)]),
    )
    titles = _axes(plot, data, letters)
    _expectation(plot, data)
    if data.region:
        plot.polygon(data.region, fill="focus", stroke="focus", opacity=0.1)
    labels = _labels(plot, data, letters, titles)
    for label in labels:
        _leader(plot, label)
    for point in data.points:
        if point.role in ("other", "named"):
            plot.dot(point.x, point.y, radius=2.3, fill="peer-2", opacity=0.62)
    for point in data.points:
        if point.role in ("focus", "peer"):
            focus = point.role == "focus"
            plot.dot(point.x, point.y, radius=4.8 if focus else 3.8, fill="focus" if focus else "peer", width=1.3)
    for label in labels:
        _print(plot, label)
    return Drawing(width=sheet, height=top + height + letters * 1.8, plots=[(left, top, plot)])


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    """Ends of an axis: the values with a margin of 4 % of their span."""
    low, high = min(values), max(values)
    margin = (high - low or 1.0) * 0.04
    return low - margin, high + margin


def _ticks(low: float, high: float, *, step: float = 10.0) -> list[float]:
    first = int(-(-low // step))
    return [i * step for i in range(first, int(high // step) + 1)]


def _axes(plot: Plot, data: Scatter, letters: float) -> list[Box]:
    """Grid lines, their numbers, and the titles inside the plot at the ends of its axes; gives the titles' boxes."""
    (x0, x1), (y0, y1) = plot.x, plot.y
    for value in _ticks(x0, x1):
        plot.segment(value, y0, value, y1, stroke="grid")
        plot.text(value, y0 + plot.down(letters), f"{value:.0f}".replace("-", "\u2212"), size=letters, align="center")
    for value in _ticks(y0, y1):
        plot.segment(x0, value, x1, value, stroke="grid")
        label = f"{value:.0f}".replace("-", "\u2212")
        plot.text(x0 - plot.right(5), value, label, size=letters, align="right")
    return [
        plot.text(
            *plot.at(plot.width - 4, plot.height - letters * 0.8), data.x_title, size=letters, align="right", halo=True
        ),
        plot.text(*plot.at(4, letters * 0.7), data.y_title, size=letters, halo=True),
    ]


def _expectation(plot: Plot, data: Scatter) -> None:
    """The sand band and the dashed line, cut at the edges of the plot."""
    bottom, top = plot.y
    band = [(x, max(low, bottom), min(high, top)) for x, low, high in _dense(data.band, plot.x)]
    if band:
        plot.band([(x, min(low, top), max(high, bottom)) for x, low, high in band], fill="expect")
    line = [(x, y) for x, y in _dense(data.line, plot.x) if bottom <= y <= top]
    if len(line) > 1:
        plot.line(line, stroke="expect-ink", width=1.2, dash=(5, 3))


def _dense(points: Sequence[Sequence[float]], bounds: tuple[float, float]) -> list[tuple[float, ...]]:
    """A curve at 100 places between the bounds: straight lines through ``points``, nothing beyond their ends."""
    import numpy as np

    if not points:
        return []
    table = np.asarray(points, dtype=float)
    low, high = max(bounds[0], table[0, 0]), min(bounds[1], table[-1, 0])
    if not low < high:
        return []
    x = np.linspace(low, high, 100)
    columns = [np.interp(x, table[:, 0], table[:, i]) for i in range(1, table.shape[1])]
    return [tuple(float(v) for v in row) for row in np.column_stack([x, *columns])]


def _labels(plot: Plot, data: Scatter, letters: float, titles: list[Box]) -> list[Placed]:
    """Labels of the focus, the peers, the sand and the ellipse, and of the other named countries where room is left."""
    dots = [plot.px(point.x, point.y) for point in data.points]
    by_name = sorted(zip(data.points, dots, strict=True), key=lambda pair: pair[0].name)
    outside = _FAR if data.region else RINGS  # the name of the focus stands beside its ellipse, not in it
    wanted = [
        Wanted(
            [shortened(point.name, letters, plot.width * _ROOM)],
            [(x, y)],
            letters,
            fill=_FILLS[role],
            strong=role == "focus",
            required=role != "named",
            rings=outside if role == "focus" else RINGS,
            toward=(-0.8, -0.9) if role == "focus" else (1, 0),
        )
        for role in _FILLS
        for point, (x, y) in by_name
        if point.role == role
    ]
    required = sum(label.required for label in wanted)
    marks = [Box(x - 5, y - 5, x + 5, y + 5) for label in wanted[:required] for x, y in label.anchors]
    return place(
        [*wanted[:required], *_notes(plot, data, letters), *wanted[required:]],
        width=plot.width,
        height=plot.height,
        taken=[*titles, *marks],
        dots=dots,
    )


_ROOM = 0.42  # of the plot's width, for one name: enough for "United Arab Emirates" on a phone
_FILLS: dict[Role, str] = {"focus": "focus", "peer": "ink", "named": "ink-2"}
_FAR = (30.0, 42.0, 56.0, 72.0, 90.0)  # notes stand clear of the crowd they speak of


def _notes(plot: Plot, data: Scatter, letters: float) -> Iterable[Wanted]:
    """The names of the ellipse and of the sand, each pointing at a place on its mark."""
    if data.region:
        corners = [plot.px(*corner) for corner in data.region[::6]]
        yield Wanted(
            data.region_label.split("\n"), corners, letters, fill="focus", strong=True, rings=_FAR, toward=(0.8, 0.9)
        )
    inside = [(x, low + 0.9 * (high - low)) for x, low, high in _dense(data.band, plot.x)[10:60:5]]
    if inside:
        edge = [plot.px(x, min(y, plot.y[1])) for x, y in inside]
        yield Wanted(data.band_label.split("\n"), edge, letters, fill="expect-ink", rings=_FAR, toward=(-0.8, -0.9))


def _leader(plot: Plot, label: Placed) -> None:
    """A thin line from a mark to a label that lies far from it."""
    if label.leader:
        x, y, x2, y2 = label.leader
        stroke = "expect-ink" if label.wanted.fill == "expect-ink" else "ink-2"
        plot.segment(*plot.at(x, y), *plot.at(x2, y2), stroke=stroke, width=0.7)


def _print(plot: Plot, label: Placed) -> None:
    want = label.wanted
    for number, line in enumerate(want.lines):
        x, y = plot.at(label.x, label.y + number * want.size * LINE)
        plot.text(x, y, line, size=want.size, fill=want.fill, align=label.align, strong=want.strong, halo=True)
