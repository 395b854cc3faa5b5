"""When it did what."""

from __future__ import annotations

from softpower.activities.activity import Activity
from softpower.activities.dossier import Dossier
from softpower.activities.plots.lanes import KEY, lanes_of
from softpower.activities.vocabulary import words as vocabulary
from softpower.brief import words
from softpower.brief.charts.lanes import lanes_chart
from softpower.brief.context import Context
from softpower.brief.section import Cell, Column, Figure, Row, Table
from softpower.world import country


def lanes_figure(context: Context, found: Dossier) -> Figure:
    """All that is registered, by component."""
    headline = words.sentence(_headline(found))
    return Figure(
        id="figure-activities",
        headline=headline,
        sub=f"Activities by component of public diplomacy, to {found.as_of.year}; {KEY}",
        chart=lanes_chart(lanes_of(found.timeline, as_of=found.as_of), title=f"{context.home.label}: {headline}"),
        alt=headline,
        note=["What was not registered may well have been done: this is no census."],
        data=Table(
            id="activities-data",
            headline="The figure as a table",
            sub="",
            columns=[Column(heading=each) for each in ("When", "Activity", "Instrument", "Where", "In the register")],
            rows=[_row(each) for each in found.entries],
        ),
    )


def _headline(found: Dossier) -> str:
    """What most of it is, if anything stands out."""
    bars = [each for each in found.timeline.bars if each.nature != "outcome" and each.status in ("held", "ongoing")]
    titles = dict(found.timeline.lanes)
    counts = sorted(((sum(each.lane == lane for each in bars), lane) for lane in titles), reverse=True)
    most, lane = counts[0]
    if len(counts) > 1 and most == counts[1][0]:
        return "no one component of public diplomacy prevails among what is registered"
    share = "Most" if 2 * most > len(bars) else "The largest part"
    return f"{share} of what is registered is {words.mid(titles[lane])}"


def _row(entry: Activity) -> Row:
    where = ", ".join(country(each).label for each in entry.host)
    told = entry.name if entry.status in ("held", "ongoing") else f"{entry.name} ({entry.status})"
    cells = (when(entry), words.in_letters(told), vocabulary("instrument")[entry.instrument].title, where, entry.id)
    return Row(cells=[Cell(text=[each or "not stated"]) for each in cells])


def when(entry: Activity) -> str:
    """When it ran, as precisely as is known."""
    length = {"year": 4, "month": 7}.get(entry.date_precision, 10)
    first = entry.start.isoformat()[:length]
    if entry.end is None:
        return f"from {first}" if entry.status == "ongoing" else first
    last = entry.end.isoformat()[:length]
    return first if first == last else f"{first} to {last}"
