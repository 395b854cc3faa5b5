"""What plots made of rows share: the sheet with title and source, axes, names, numbers in words, interval marks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import altair as alt

from softpower.drawing.letters import visible
from softpower.drawing.look import LABEL, NOTE, SUB, TITLE, Mode, configuration
from softpower.drawing.rows import shortened, wrapped
from softpower.drawing.theme import NARROW, palette, text_width

WIDTH = 673.0  # px of a whole plot, labels included
ROW = 17.0  # px of a row
NAME_WIDTH = 190.0  # px a name may take
TALL = 40  # rows beyond which the axis stands at both ends
Chart = alt.VConcatChart


# Words.


def unique(titles: Iterable[str], *, width: float) -> list[str]:
    """Titles cut to a width; equal ones are told apart by a number."""
    found: list[str] = []
    for title in titles:
        label = short = shortened(visible(title), LABEL, width)
        number = 2
        while label in found:
            label, number = f"{short} ({number})", number + 1
        found.append(label)
    return found


def many(count: int, what: str) -> str:
    """A number of things.

    >>> many(1, "unit"), many(1200, "unit")
    ('1 unit', '1,200 units')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def sentences(*told: str) -> str:
    """Those that say anything, one after the other.

    >>> sentences("One", "", "two")
    'One. Two'
    """
    return ". ".join(each[0].upper() + each[1:] for each in told if each)


def number(value: float, places: int) -> str:
    """A number with a real minus.

    >>> number(-0.04, 1), number(-1.25, 1)
    ('0.0', '−1.2')
    """
    text = f"{value:,.{places}f}"
    return text.replace("-", "\u2212") if float(text.replace(",", "")) else text.removeprefix("-")


def span(low: float, high: float, places: int = 0) -> str:
    """An interval in words.

    >>> span(3, 7), span(3, 3), span(-2, 4)
    ('3–7', '3', '−2 to 4')
    """
    first, last = number(low, places), number(high, places)
    if first == last:
        return first
    return f"{first} to {last}" if low < 0 else f"{first}\u2013{last}"


def digits(values: Iterable[float]) -> int:
    """Decimal places that tell these values apart: about a thousandth of their range."""
    known = [value for value in values if math.isfinite(value)]
    reach = max(known, default=0.0) - min(known, default=0.0)
    return min(max(2 - math.floor(math.log10(reach)), 0), 3) if reach > 0 else 1


# The sheet.


def sheet(body: Any, *, title: str, sub: str, source: str, theme: Mode) -> Chart:
    """The body below its title and above its source."""
    lines = wrapped(visible(title), size=TITLE * 1.08, width=WIDTH, strong=True, most=3)
    below = wrapped(visible(sub), size=SUB, width=WIDTH, most=5)
    last = wrapped(visible(source), size=NOTE, width=WIDTH, most=12)
    quiet = palette(theme)["ink-2"]
    head = alt.TitleParams(text=lines, subtitle=below)
    foot = alt.TitleParams(
        text=last, orient="bottom", anchor="start", fontSize=NOTE, fontWeight="normal", color=quiet, offset=10,
        font=NARROW, lineHeight=NOTE * 1.3,
    )  # fmt: skip
    whole = alt.vconcat(body.properties(title=head)).properties(title=foot, description=visible(title))
    made: Chart = whole.configure(**configuration(theme))
    return made


def rows_of(table: Sequence[Mapping[str, Any]]) -> alt.InlineData:
    """Rows as inline data; what is not finite becomes null."""
    return alt.InlineData(values=[{key: _plain(value) for key, value in row.items()} for row in table])


def _plain(value: Any) -> Any:
    if isinstance(value, str | bool) or value is None:
        return value
    found = float(value)
    if not math.isfinite(found):
        return None
    # Larger whole numbers are no more exact than others, and the renderer knows none of 2^64 and more.
    return int(found) if found.is_integer() and abs(found) < 2**53 else float(f"{found:.10g}")


def names_axis(names: Sequence[str], *, field: str = "unit") -> alt.Y:
    """Names down the left side, in their order."""
    return alt.Y(
        f"{field}:N",
        scale=alt.Scale(domain=list(names), paddingInner=0.25, paddingOuter=0.15),
        axis=alt.Axis(title=None, grid=False, labelLimit=0, labelPadding=8),
    )


def inside(names: Iterable[str], *, right: float = 0.0) -> float:
    """Width that names at the left and texts at the right leave for the marks."""
    return WIDTH - 8 - max((text_width(name, LABEL) for name in names), default=0.0) - right


def value_axis(field: str, title: str, domain: tuple[float, float], *, rows: int, ticks: Sequence[float] = ()) -> alt.X:
    """A number along the bottom, and at the top where the rows are few enough to need no second look.

    A tall plot has its axis at the top, where reading starts, and the grid leads down.
    """
    return alt.X(
        f"{field}:Q",
        scale=alt.Scale(domain=list(domain), nice=False, zero=False),
        axis=alt.Axis(
            title=title,
            orient="top" if rows > TALL else "bottom",
            values=list(ticks) or alt.Undefined,
            tickCount=7,
            labelFlush=False,
        ),
    )


def padded(values: Iterable[float], share: float = 0.03) -> tuple[float, float]:
    """Ends of an axis: the known values with a margin."""
    known = [value for value in values if math.isfinite(value)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    margin = (high - low) * share or 1.0
    return low - margin, high + margin


# Interval marks in rows: thin bar 90 %, thick bar 50 %, dot central value.

TONES = {"focus": ("focus", "focus-2"), "peer": ("peer", "peer-2"), "low": ("low", "low-2")}


def interval_marks(table: Sequence[Mapping[str, Any]], x: Callable[[str], alt.X], y: alt.Y, theme: Mode) -> list[Any]:
    """Layers for rows with ``low, q25, central, q75, high, tone, text``; quartiles may be missing."""
    colours = palette(theme)
    base = alt.Chart(rows_of(table))

    tips = ["unit:N", "central:Q", "low:Q", "high:Q"]
    # Thin bars, thick bars and dots each have a channel of their own: layers that share one share its colours too.
    layers = [base.mark_rule(strokeWidth=2).encode(x("low"), y, alt.X2("high"), stroke=toned(alt.Stroke, 0, colours))]
    if all("q25" in row for row in table):
        thick = base.mark_rule(strokeWidth=6).encode(x("q25"), y, alt.X2("q75"), color=toned(alt.Color, 1, colours))
        layers.append(thick)
    dot = base.mark_point(filled=True, size=44, opacity=1, stroke=colours["paper"], strokeWidth=1.1)
    layers.append(dot.encode(x("central"), y, fill=toned(alt.Fill, 0, colours), tooltip=tips))
    return layers


def toned(channel: Any, which: int, colours: Mapping[str, str]) -> Any:
    """Colour of a mark by its tone: the strong (0) or the pale (1) one."""
    scale = alt.Scale(domain=list(TONES), range=[colours[pair[which]] for pair in TONES.values()])
    return channel("tone:N", scale=scale, legend=None)


def right_text(table: Sequence[Mapping[str, Any]], y: alt.Y, theme: Mode, *, width: float, head: str) -> list[Any]:
    """The interval of each row in figures, right of the marks, under a heading."""
    ink = palette(theme)
    texts = alt.Chart(rows_of(table)).mark_text(align="right", fontSize=LABEL, color=ink["ink"])
    title = alt.Chart(rows_of([{"head": head}])).mark_text(align="right", fontSize=LABEL, color=ink["ink-2"])
    return [
        texts.encode(y, x=alt.value(width), text=alt.Text("text:N")),
        title.encode(x=alt.value(width), y=alt.value(-9), text=alt.Text("head:N")),
    ]
