"""A plot with fixed scales and direct labels: what every chart of a brief is made of.

Altair draws it; nothing is left to automatic layout, so that the same numbers give the same picture at every width and
a label's box is known before it is drawn. Positions are in the units of the data; sizes and distances in px of
the chart (1 px is 1/96 inch on paper).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from softpower.drawing.letters import visible
from softpower.drawing.look import Mode
from softpower.drawing.theme import NARROW, SANS, palette, text_width

if TYPE_CHECKING:
    import altair

Align = Literal["left", "center", "right"]
_ASCENT, _DESCENT = 0.74, 0.22  # of the type size, from the baseline: the box of capitals and descenders


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in px from the upper left corner of the plot."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box, *, gap: float = 0.0) -> bool:
        """Whether the two overlap or lie closer than ``gap``."""
        return (
            self.left < other.right + gap
            and other.left < self.right + gap
            and self.top < other.bottom + gap
            and other.top < self.bottom + gap
        )


class Plot:
    """Marks on linear scales; each kind and style of mark is one layer, drawn in the order of first use, text last.

    Parameters
    ----------
    width, height : of the plotting area, px
    x, y : values at the left and right, and at the bottom and top edge (the first may be the greater)
    theme : on which paper; pages have theirs changed by the style sheet and are always drawn light
    """

    def __init__(
        self, *, width: float, height: float, x: tuple[float, float], y: tuple[float, float], theme: Mode = "light"
    ) -> None:
        self.width, self.height, self.x, self.y = width, height, x, y
        self._colours = palette(theme)
        self._marks: dict[tuple[str, tuple[tuple[str, Any], ...]], list[dict[str, Any]]] = {}
        self._groups = 0

    # Between data and px.

    def px(self, x: float, y: float) -> tuple[float, float]:
        """Place of a point in px from the upper left corner."""
        return (
            (x - self.x[0]) / (self.x[1] - self.x[0]) * self.width,
            (self.y[1] - y) / (self.y[1] - self.y[0]) * self.height,
        )

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The data at a place in px from the upper left corner."""
        return self.x[0] + self.right(x), self.y[1] + self.down(y)

    def right(self, px: float) -> float:
        """The difference in x that moves a mark ``px`` to the right."""
        return px * (self.x[1] - self.x[0]) / self.width

    def down(self, px: float) -> float:
        """The difference in y that moves a mark ``px`` downwards."""
        return -px * (self.y[1] - self.y[0]) / self.height

    def box(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        align: Align = "left",
        strong: bool = False,
        italic: bool = False,
    ) -> Box:
        """The box that ``text`` takes with its middle line at ``y``."""
        left, middle = self.px(x, y)
        width = text_width(text, size, strong=strong, italic=italic)
        left -= {"left": 0.0, "center": width / 2, "right": width}[align]
        half = size * (_ASCENT + _DESCENT) / 2
        return Box(left, middle - half, left + width, middle + half)

    # Marks. Colours are names of tokens.

    def band(self, points: Sequence[tuple[float, float, float]], *, fill: str) -> None:
        """An area between low and high, given as (x, low, high)."""
        self._groups += 1
        rows = [{"x": x, "y": low, "y2": high, "group": self._groups} for x, low, high in points]
        self._add("band", rows, fill=self._colours[fill])

    def polygon(
        self, points: Sequence[tuple[float, float]], *, fill: str, stroke: str, opacity: float, width: float = 1.2
    ) -> None:
        """A closed outline whose inside is tinted."""
        self._line(
            "polygon",
            points,
            fill=self._colours[fill],
            fillOpacity=opacity,
            stroke=self._colours[stroke],
            strokeWidth=width,
        )

    def line(
        self, points: Sequence[tuple[float, float]], *, stroke: str, width: float, dash: tuple[float, ...] = ()
    ) -> None:
        """A line through the points in their order."""
        self._line(
            "line", points, stroke=self._colours[stroke], strokeWidth=width, **({"strokeDash": dash} if dash else {})
        )

    def segment(
        self,
        x: float,
        y: float,
        x2: float,
        y2: float,
        *,
        stroke: str,
        width: float = 1.0,
        dash: tuple[float, ...] = (),
    ) -> None:
        """A straight stroke from one point to another."""
        style = {"stroke": self._colours[stroke], "strokeWidth": width} | ({"strokeDash": dash} if dash else {})
        self._add("segment", [{"x": x, "y": y, "x2": x2, "y2": y2}], **style)

    def dot(
        self,
        x: float,
        y: float,
        *,
        radius: float,
        fill: str,
        stroke: str = "paper",
        width: float = 0.0,
        opacity: float = 1.0,
        shape: str = "circle",
    ) -> None:
        """A disc (or a square of side 2 ``radius``) with an outline of ``width``."""
        area = (3.14159265 if shape == "circle" else 4) * radius**2
        style: dict[str, Any] = {"shape": shape, "size": area, "fill": self._colours[fill]}
        if width:
            style |= {"stroke": self._colours[stroke], "strokeWidth": width}
        if opacity < 1:
            style["fillOpacity"] = opacity
        self._add("dot", [{"x": x, "y": y}], **style)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        fill: str = "ink-2",
        align: Align = "left",
        strong: bool = False,
        italic: bool = False,
        halo: bool = False,
    ) -> Box:
        """One line of text with its middle at ``y``; gives the box it takes. ``halo`` lifts it off the marks below."""
        text = visible(text)
        style: dict[str, Any] = {"font": SANS if italic else NARROW, "fontSize": size, "align": align}
        style |= {"fill": self._colours[fill]}
        if strong:
            style["fontWeight"] = 700  # Vega-Lite knows hundreds only; the page sets the next weight it has, 650
        if italic:
            style["fontStyle"] = "italic"
        if halo:
            style |= {"stroke": self._colours["paper"], "strokeWidth": 3}
        # Below the middle by what half of a capital letter measures.
        self._add("text", [{"x": x, "y": y + self.down(size * 0.36), "text": text}], **style)
        return self.box(x, y, text, size=size, align=align, strong=strong, italic=italic)

    # Drawing.

    def chart(self) -> altair.LayerChart:
        """The plot as an Altair chart."""
        import altair as alt

        x = alt.X("x", type="quantitative", axis=None, scale=alt.Scale(domain=list(self.x), nice=False, zero=False))
        y = alt.Y("y", type="quantitative", axis=None, scale=alt.Scale(domain=list(self.y), nice=False, zero=False))
        ordered = sorted(self._marks.items(), key=lambda item: item[0][0] == "text")
        layers = [_layer(alt, kind, dict(style), rows, x, y) for (kind, style), rows in ordered]
        return alt.LayerChart(layer=layers, width=self.width, height=self.height)

    def _line(self, kind: str, points: Iterable[tuple[float, float]], **style: Any) -> None:
        self._groups += 1
        self._add(
            kind, [{"x": x, "y": y, "order": i, "group": self._groups} for i, (x, y) in enumerate(points)], **style
        )

    def _add(self, kind: str, rows: Sequence[dict[str, Any]], **style: Any) -> None:
        for row in rows:
            if not all(math.isfinite(row[place]) for place in ("x", "y", "x2", "y2") if place in row):
                raise ValueError(f"a chart cannot place {row}")
        self._marks.setdefault((kind, tuple(sorted(style.items()))), []).extend(rows)


def _layer(alt: Any, kind: str, style: dict[str, Any], rows: list[dict[str, Any]], x: Any, y: Any) -> altair.Chart:
    """One layer: the rows of one kind and style."""
    chart = alt.Chart(alt.Data(values=rows))
    match kind:
        case "band":
            made = chart.mark_area(**style).encode(x, y, alt.Y2("y2"), detail="group:N")
        case "polygon":
            made = chart.mark_line(interpolate="linear-closed", **style).encode(x, y, order="order:Q", detail="group:N")
        case "line":
            made = chart.mark_line(strokeJoin="round", **style).encode(x, y, order="order:Q", detail="group:N")
        case "segment":
            made = chart.mark_rule(**style).encode(x, y, alt.X2("x2"), alt.Y2("y2"))
        case "dot":
            made = chart.mark_point(filled=True, opacity=1, **style).encode(x, y)
        case _:
            made = chart.mark_text(baseline="alphabetic", **style).encode(x, y, alt.Text("text", type="nominal"))
    return made  # type: ignore[no-any-return]  # altair is passed as Any so that this module does not import it
