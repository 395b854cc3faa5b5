"""What a country did, when: one mark for each activity, by instrument or by component."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from softpower.activities.activity import Activity
from softpower.activities.plots.lanes import KEY, WIDE, lanes_of, lanes_plot
from softpower.activities.plots.origin import of_entries
from softpower.activities.timeline import Lane, Timeline
from softpower.activities.timeline import timeline as laid_out
from softpower.drawing import frame
from softpower.drawing.frame import Chart
from softpower.drawing.look import Mode
from softpower.errors import NotEnoughData
from softpower.world import find


def timeline(
    entries: Sequence[Activity],
    country: str,
    *,
    as_of: date,
    by: Lane = "instrument",
    first: int | None = None,
    last: int | None = None,
    theme: Mode = "light",
) -> Chart:
    """The activities that a country sent, in lanes.

    Parameters
    ----------
    entries : the register
    country : ISO3 code or name of who acts
    as_of : day to which what goes on is drawn, and after which nothing begins but what is planned
    by : what the lanes are
    first, last : years

    Raises
    ------
    NotEnoughData
        Nothing is registered.
    """
    home = find(country)
    mine = [each for each in entries if home.iso3 in each.sender and (each.start <= as_of or each.status == "planned")]
    found = laid_out(mine, as_of=as_of, by=by, first=first, last=last)
    if not found.bars:
        raise NotEnoughData(
            f"nothing of {home.label} is registered for these years; nothing registered is not nothing done"
        )
    plot = lanes_plot(lanes_of(found, as_of=as_of), WIDE, theme=theme)
    return frame.sheet(
        plot.chart(),
        title=f"{home.label}: {finding(found)}",
        sub=frame.sentences(
            f"{frame.many(len(found.bars), 'entry').replace('entrys', 'entries')} by {by} up to {as_of.isoformat()}",
            KEY,
            "Nothing registered is not nothing done.",
        ),
        source=of_entries([each for each in mine if each.id in {bar.id for bar in found.bars}]),
        theme=theme,
    )


def finding(found: Timeline) -> str:
    """How many activities are registered, and of what most are; a tie is no most."""
    done = [each for each in found.bars if each.nature != "outcome" and each.status in ("held", "ongoing")]
    titles = dict(found.lanes)
    counts = sorted(((sum(each.lane == lane for each in done), lane) for lane in titles), reverse=True)
    said = f"{frame.many(len(done), 'activity').replace('activitys', 'activities')} registered"
    if done and found.first:
        said += f" since {min(each.start for each in done).year}"
    if len(counts) > 1 and counts[0][0] > max(counts[1][0], 1):
        said += f"; most common: {titles[counts[0][1]].lower()} ({counts[0][0]})"
    return said
