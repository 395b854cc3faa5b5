"""The look of charts whose layout Vega-Lite chooses: its configuration, made of the tokens."""

from __future__ import annotations

from typing import Any, Literal

from softpower.drawing.theme import NARROW, SANS, palette

Mode = Literal["light", "dark"]

MODES: tuple[Mode, ...] = ("light", "dark")
TITLE, SUB, LABEL, NOTE = 16.0, 12.0, 11.5, 10.5  # px of the title, the line below it, labels and the source


def configuration(mode: Mode = "light") -> dict[str, Any]:
    """The ``config`` of a Vega-Lite chart: colours by role, letters, grid only behind what is read off.

    >>> configuration("light")["background"]
    '#FFFFFF'
    """
    colours = palette(mode)
    quiet = {"labelFont": NARROW, "titleFont": NARROW, "labelFontSize": LABEL, "titleFontSize": LABEL}
    return {
        "aria": False,
        "background": colours["paper"],
        "padding": 16,
        "font": NARROW,
        "view": {"stroke": None},
        "concat": {"spacing": 14},
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "font": SANS,
            "fontSize": TITLE,
            "fontWeight": 700,
            "color": colours["ink"],
            "offset": 14,
            "subtitleFont": NARROW,
            "subtitleFontSize": SUB,
            "subtitleColor": colours["ink-2"],
            "subtitlePadding": 5,
            "subtitleLineHeight": SUB * 1.3,
        },
        "axis": {
            **quiet,
            "domain": False,
            "ticks": False,
            "gridColor": colours["grid"],
            "labelColor": colours["ink-2"],
            "labelPadding": 5,
            "titleColor": colours["ink-2"],
            "titleFontWeight": "normal",
            "titleAnchor": "end",
            "titlePadding": 7,
        },
        "legend": {
            **quiet,
            "labelColor": colours["ink-2"],
            "titleColor": colours["ink-2"],
            "titleFontWeight": "normal",
            "labelLimit": 0,
            "titleLimit": 0,
        },
        "text": {"font": NARROW, "fontSize": LABEL, "color": colours["ink-2"]},
    }
