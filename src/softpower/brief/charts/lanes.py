"""What a country did over the years, in lanes: one mark for each activity, with its name."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from softpower.activities.plots.lanes import NARROW, WIDE, Lanes, lanes_plot
from softpower.brief.words import in_letters
from softpower.drawing.marks import Chart
from softpower.drawing.render import Drawing, Size, render
from softpower.storage import code_version

# As wide as all other figures.
LOOKS = {"wide": WIDE, "narrow": NARROW}


def lanes_chart(data: Lanes, *, title: str) -> Chart:
    """Draw ``data`` at the page's width and at a phone's.

    Parameters
    ----------
    title : the finding in one sentence, read in place of the drawing
    """
    # The layout lies with the plots of activities, so that its code is part of what the drawing depends on.
    shown = _worded(data)
    return render(partial(_draw, shown), data=(shown, code_version("activities/plots")), title=title)


def _draw(data: Lanes, size: Size) -> Drawing:
    plot = lanes_plot(data, LOOKS[size])
    return Drawing(width=plot.width, height=plot.height, plots=[(0.0, 0.0, plot)])


def _worded(data: Lanes) -> Lanes:
    """Names with their ordinals in letters: on these pages a numeral of that kind is a rank."""
    lanes = tuple(
        (title, tuple(replace(item, label=in_letters(item.label)) for item in items)) for title, items in data.lanes
    )
    return replace(data, lanes=lanes)
