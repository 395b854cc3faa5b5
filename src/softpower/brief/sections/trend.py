"""How the ranks moved over the years, by one method."""

from __future__ import annotations

from collections.abc import Sequence

from softpower.brief import words
from softpower.brief.charts.trend import Line, Panel, trend_chart
from softpower.brief.charts.trend import Trend as TrendChart
from softpower.brief.context import Context, value
from softpower.brief.section import Cell, Column, Figure, Paragraph, Quiet, Row, Section, Span, Table, Text
from softpower.brief.sections import terms
from softpower.index import Trend
from softpower.world import country

# A table of every year would be long: these many rows show the path.
ROWS = 6


def trend(context: Context) -> Section | None:
    """The back-cast, or that the country has too little data for one."""
    found = context.trend
    if found is None or not context.is_ranked:
        return None
    if context.home.iso3 not in found.units:
        return _unknown(context, found)
    return Section(
        id="trend",
        rail="Over time",
        headline=_headline(context, found),
        blocks=[
            _figure(context, found),
            *(Paragraph(text) for node in found.model.tops if (text := _drivers(context, found, node))),
        ],
    )


def _unknown(context: Context, found: Trend) -> Section:
    """What is said of a ranked country without a past."""
    since = min(span[0] for span in found.years.values())
    text: Text = [
        "Its trend is ",
        Quiet("not measured"),
        (
            f": {len(found.units)} states have enough data in every year, and {words.the(context.home.label)} is not "
            "among them. The annex lists the series it would rest on."
        ),
    ]
    headline = f"How its ranks moved since {since} is not known"
    return Section(id="trend", rail="Over time", headline=headline, blocks=[Paragraph(text)])


def _headline(context: Context, found: Trend) -> str:
    sides = {}
    for node in found.model.tops:
        record = context.trend_change(node, context.home.iso3)
        sides[node] = context.side(record) if record else "neither"
    titles = {node: words.mid(found.model.title_of(node)) for node in sides}
    since = min(span[0] for span in found.years.values())
    if set(sides.values()) == {"neither"}:
        return words.sentence(f"no detectable change in {words.listing(list(titles.values()))} since {since}")
    verb = {"above": "rose", "below": "fell", "neither": "shows no detectable change"}
    return words.sentence(f"{', '.join(f'{titles[node]} {verb[side]}' for node, side in sides.items())} since {since}")


def _figure_headline(context: Context, found: Trend) -> str:
    """Where performance began and where it ended, each with its interval."""
    node = found.model.tops[-1]
    title = found.model.title_of(node)
    ends = [
        (year, record.place[1:])
        for year in (found.years[node][0], found.years[node][-1])
        if (record := context.trend_rank(node, context.home.iso3, year)) is not None
    ]
    return f"{title} ranked {ranks_said(ends, last=len(found.units))}"


def ranks_said(ends: Sequence[tuple[int, tuple[int, int]]], *, last: int) -> str:
    """The intervals of a rank in several years; one that all years share is said once.

    >>> ranks_said([(2005, (40, 54)), (2019, (34, 50))], last=176)
    '40th–54th in 2005 and 34th–50th in 2019'
    >>> ranks_said([(2005, (1, 2)), (2019, (1, 2))], last=176)
    '1st–2nd in 2005 and 2019'
    >>> ranks_said([(2005, (1, 1)), (2019, (1, 1))], last=176)
    'first in 2005 and 2019, in over 90% of replications'
    """
    low, high = ends[0][1]
    if len(ends) > 1 and all(place == (low, high) for _, place in ends):
        years = f"in {words.listing([str(year) for year, _ in ends])}"
        sure = "first" if high == 1 else "last" if low == last else ""
        return f"{sure} {years}, in over 90% of replications" if sure else f"{words.ordinal_range(low, high)} {years}"
    return words.listing([f"{words.ordinal_range(*place)} in {year}" for year, place in ends])


def _figure(context: Context, found: Trend) -> Figure:
    peers = [peer for peer in context.peers if peer in found.units]
    panels = []
    for node in found.model.tops:
        place = found.unit(context.home.iso3)
        standing = found.standings(node)
        years = found.years[node]
        own = [(year, float(standing.central[t, place])) for t, year in enumerate(years)]
        band = [(year, float(standing.low[t, place]), float(standing.high[t, place])) for t, year in enumerate(years)]
        others = [
            Line(
                name=country(peer).label,
                points=[(year, float(standing.central[t, found.unit(peer)])) for t, year in enumerate(years)],
            )
            for peer in peers
        ]
        panels.append(
            Panel(
                heading=found.model.title_of(node),
                focus=Line(name=context.home.name, points=own, band=band),
                others=others,
                end_text=words.rank_range(int(standing.low[-1, place]), int(standing.high[-1, place])),
            )
        )
    total = len(found.units)
    headline = _figure_headline(context, found)
    return Figure(
        id="figure-trend",
        headline=headline,
        sub=(
            f"Rank among {total} states with enough data; line: central rank; band: 90% interval, in figures for the "
            "last year; grey: peers"
        ),
        chart=trend_chart(
            TrendChart(
                title=f"{context.home.label}: {_headline(context, found)}",
                panels=panels,
                top=1,
                bottom=float(total),
                ticks=[(place, words.number(place)) for place in (1, 50, 100, 150)],
            )
        ),
        alt=_headline(context, found),
        note=[
            (
                "By one method in every year, on the series that reach back, which the annex lists. This is a model of "
                "fewer series, so these ranks cannot be compared with those of page 1. The intervals of two years move "
                "together: what changed between them is known better than either rank."
            )
        ],
        data=_table(context, found),
    )


def _table(context: Context, found: Trend) -> Table:
    spans = [found.years[node] for node in found.model.tops]
    first, last = min(span[0] for span in spans), max(span[-1] for span in spans)
    step = max(1, round((last - first) / (ROWS - 1)))
    years = sorted({*range(first, last + 1, step), *(span[-1] for span in spans)})
    rows = []
    for year in years:
        cells = [Cell(text=[str(year)])]
        for node in found.model.tops:
            record = context.trend_rank(node, context.home.iso3, year)
            cells.append(
                Cell(
                    text=[Quiet("not measured")]
                    if record is None
                    else [value(record, words.rank_range(*record.place[1:]))]
                )
            )
        rows.append(Row(cells=cells))
    return Table(
        id="trend-data",
        headline="The figure as a table",
        sub=f"90% intervals of the rank among {len(found.units)} states",
        columns=[
            Column(heading="Year"),
            *(Column(heading=found.model.title_of(node), align="right") for node in found.model.tops),
        ],
        rows=rows,
    )


def _drivers(context: Context, found: Trend, node: str) -> Text:
    """What changed in a node, and the series that moved it most."""
    record = context.trend_change(node, context.home.iso3)
    if record is None:
        return []
    first, last = found.years[node][0], found.years[node][-1]
    spans: list[Span] = [
        f"{found.model.title_of(node)}, {first}{words.DASH}{last}: ",
        value(record, f"{words.signed_range(*record.bounds)} places"),
        " (90% interval, plus is up)",
    ]
    if context.side(record) == "neither":
        most = round(max(map(abs, record.bounds)))
        unlikely = f"a change of more than {words.count(most, 'place')} is unlikely (under 5 in 100 either way)"
        said = unlikely if most else "it kept its place"
        spans.append(f", no detectable change; {said}")
    moved = found.drivers(node, context.home.iso3, first, last)
    up = [found.model.title_of(name) for name, points in moved if points > 0][:2]
    down = [found.model.title_of(name) for name, points in moved if points < 0][:2]
    parts = [f"gained most in {terms.listing(up)}"] if up else []
    parts += [f"lost most in {terms.listing(down)}"] if down else []
    spans.append(f". Against the mean of all states it {', and '.join(parts)}." if parts else ".")
    return spans
