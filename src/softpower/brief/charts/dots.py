"""Twenty dots: one headline result as twenty equally likely values, so that "7 of 20" can be counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

from softpower.drawing.marks import Chart
from softpower.drawing.plot import Plot
from softpower.drawing.render import Drawing, Size, render
from softpower.drawing.theme import text_width

DOTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """What a quantile dot plot shows.

    Attributes
    ----------
    title : the finding in one sentence, read in place of the drawing
    values : 20 equally likely values, as ``twenty`` gives them
    low, high : ends of the axis; ``low`` stands at the left (for ranks 1 is the left, "stronger", end)
    ticks : (value, label) inside the axis
    left, right : words under the two ends
    reference : drawn as a line with ``reference_label``; dots below it are hollow
    """

    title: str
    values: Sequence[float]
    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    left: str
    right: str
    reference: float | None = None
    reference_label: str = ""


def twenty(draws: Sequence[float]) -> tuple[float, ...]:
    """The quantiles at 2.5 %, 7.5 %, ... 97.5 % of ``draws``: twenty values, each standing for one in twenty.

    >>> twenty(range(20))[0], twenty(range(20))[-1]
    (0.475, 18.525)
    """
    import numpy as np

    shares = (np.arange(DOTS) + 0.5) / DOTS
    return tuple(float(round(value, 6)) for value in np.quantile(np.asarray(draws, dtype=float), shares))


def dots_chart(data: Dots) -> Chart:
    """Draw ``data`` at a third of the page's width and at a phone's."""
    return render(partial(_draw, data), data=data, title=data.title)


# Sheet width, height of the plot, dot radius, type size.
_SIZES = {"wide": (208.0, 52.0, 4.4, 9.8), "narrow": (326.0, 76.0, 6.4, 12.0)}
_GAP = 1.1  # px between two dots
_SHRINK = (1.0, 0.9, 0.8, 0.7, 0.6)  # sizes of the dots that are tried, largest first
_ABREAST = (1, 2, 3)  # and dots side by side in one column


def _draw(data: Dots, size: Size) -> Drawing:
    sheet, height, radius, letters = _SIZES[size]
    side, top = 8.0, 4.0
    width = sheet - 2 * side
    # The words of the reference stand above the dots.
    room = height - 2 - (letters * 1.1 if data.reference is not None else 0)
    radius, dots = _stacked(data, width=width, room=room, radius=radius)
    height = max(height, max(y for _, y, _ in dots) + radius + 2)
    plot = Plot(width=width, height=height, x=(data.low, data.high), y=(0.0, height))

    if data.reference is not None:
        plot.segment(data.reference, -3, data.reference, height, stroke="ink-2")
        width = text_width(data.reference_label, letters)
        room = plot.width - plot.px(data.reference, 0)[0]
        plot.text(
            data.reference + plot.right(5 if width + 5 < room else -5),
            height - letters * 0.5,
            data.reference_label,
            size=letters,
            fill="expect-ink",
            align="left" if width + 5 < room else "right",
        )
    for x, y, value in dots:
        if data.reference is not None and value < data.reference:
            plot.dot(x, y, radius=radius - 0.7, fill="paper", stroke="focus", width=1.4)
        else:
            plot.dot(x, y, radius=radius, fill="focus")
    plot.segment(data.low, 0, data.high, 0, stroke="ink-2")
    for value, label in data.ticks:
        plot.segment(value, 0, value, -3, stroke="ink-2")
        # A number at an end of the axis moves in as far as the sheet asks for.
        middle, half = plot.px(value, 0)[0], text_width(label, letters) / 2
        inside = min(max(middle, half - side), plot.width + side - half)
        plot.text(plot.at(inside, 0)[0], -letters - 0.5, label, size=letters, align="center")
    words = -letters * 2.35
    plot.text(data.low, words, data.left, size=letters)
    plot.text(data.high, words, data.right, size=letters, align="right")
    return Drawing(width=sheet, height=top + height + letters * 3.1, plots=[(side, top, plot)])


def _stacked(data: Dots, *, width: float, room: float, radius: float) -> tuple[float, list[tuple[float, float, float]]]:
    """Radius of the dots, and (x, y, value) of each, y in px above the axis.

    All drawings are equally high, so that those side by side share their axis: where the values lie close together
    the dots are smaller, and if that is not enough two or three stand abreast.
    """
    for abreast, share in product(_ABREAST, _SHRINK):
        small = radius * share
        step = 2 * small + _GAP
        columns = _columns(data, width=width, step=step * abreast)
        tallest = max(-(-len(column) // abreast) for column in columns.values())
        if tallest * step <= room:
            break
    return small, _placed(data, columns, width=width, radius=small, abreast=abreast)


def _placed(
    data: Dots, columns: dict[float, list[float]], *, width: float, radius: float, abreast: int
) -> list[tuple[float, float, float]]:
    """Dots in rows of ``abreast``, each row around the middle of its column."""
    step = 2 * radius + _GAP
    right = step * (data.high - data.low) / width
    found = []
    for middle, column in columns.items():
        for place, value in enumerate(column):
            row, along = divmod(place, abreast)
            in_row = min(abreast, len(column) - row * abreast)
            found.append((middle + (along - (in_row - 1) / 2) * right, row * step + radius + 1.5, value))
    return found


def _columns(data: Dots, *, width: float, step: float) -> dict[float, list[float]]:
    """Values by column. Columns are ``step`` px wide and start at the reference, so that none straddles it."""
    unit = (data.high - data.low) / (width / step)
    anchor = data.reference if data.reference is not None else data.low
    found: dict[float, list[float]] = {}
    for value in sorted(data.values):
        inside = min(max(value, data.low), data.high)
        place = (inside - anchor) // unit
        middle = anchor + (place + 0.5) * unit
        found.setdefault(round(middle, 9), []).append(value)
    return found
