"""What charts made of rows and of several panels have in common: interval marks, axes, wrapped labels, columns."""

from __future__ import annotations

from softpower.drawing.marks import Axis, Interval
from softpower.drawing.plot import Plot
from softpower.drawing.theme import TONES, text_width

WIDE_WIDTH, NARROW_WIDTH, GUTTER = 673.0, 358.0, 28.0


def draw_interval(plot: Plot, y: float, mark: Interval, *, thick: float = 6.0) -> None:
    """Thin bar 90 %, thick bar 50 %, dot central value, at the height ``y``; cut at the ends of the axis."""
    dark, pale = TONES[mark.tone]
    low, q25, central, q75, high = (
        min(max(value, min(plot.x)), max(plot.x)) for value in (mark.low, mark.q25, mark.central, mark.q75, mark.high)
    )
    plot.segment(low, y, high, y, stroke=dark, width=2)
    plot.segment(q25, y, q75, y, stroke=pale, width=thick)
    plot.dot(central, y, radius=3.6, fill=dark, width=1.2)


def draw_axis(plot: Plot, axis: Axis, *, letters: float, reference_label: str = "") -> None:
    """Grid lines with their numbers above the plot; the reference is a dark line, named above the numbers."""
    (top, bottom) = (plot.y[1], plot.y[0])
    for value, label in axis.ticks:
        plot.segment(value, bottom, value, top, stroke="grid")
        plot.text(value, top - plot.down(letters * 0.9), label, size=letters, align="center")
    if axis.reference is not None:
        plot.segment(axis.reference, bottom, axis.reference, top, stroke="ink-2")
        if reference_label:
            y = top - plot.down(letters * 2.2)
            plot.text(axis.reference, y, reference_label, size=letters, fill="expect-ink", align="center")


def wrapped(text: str, *, size: float, width: float, strong: bool = False, most: int = 2) -> list[str]:
    """``text`` in lines no wider than ``width``; a line break in it is kept, what exceeds ``most`` lines is cut with an
    ellipsis."""
    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for word in part.split():
            longer = f"{line} {word}".strip()
            if line and text_width(longer, size, strong=strong) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    kept = [shortened(line, size, width, strong) for line in lines[:most]]
    if len(lines) > most:
        kept[-1] = shortened(kept[-1] + "\u2026" * 2, size, width, strong)
    return kept


def shortened(line: str, size: float, width: float, strong: bool = False) -> str:
    """``line``, cut with an ellipsis where it is wider than ``width``."""
    if text_width(line, size, strong=strong) <= width and not line.endswith("\u2026\u2026"):
        return line
    line = line.rstrip("\u2026")
    while line and text_width(line + "\u2026", size, strong=strong) > width:
        line = line[:-1]
    return line.rstrip() + "\u2026"


def columns(count: int, *, wide: bool) -> list[tuple[float, float]]:
    """Left edge and width of ``count`` groups: side by side on paper, all at the left edge on a phone.

    >>> columns(2, wide=True)
    [(0.0, 322.5), (350.5, 322.5)]
    """
    if not wide:
        return [(0.0, NARROW_WIDTH)] * count
    width = (WIDE_WIDTH - GUTTER * (count - 1)) / count
    return [(i * (width + GUTTER), width) for i in range(count)]
