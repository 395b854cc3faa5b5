"""How the ranks moved over the years, by one method."""

from __future__ import annotations

from softpower.brief import words
from softpower.brief.charts.trend import Line, Panel, trend_chart
from softpower.brief.charts.trend import Trend as TrendChart
from softpower.brief.context import Context, value
from softpower.brief.section import Cell, Column, Figure, Paragraph, Quiet, Row, Section, Span, Table, Text
from softpower.index import Trend
from softpower.world import country

# A table of every year would be long: these many rows show the path.
ROWS = 6


def trend(context: Context) -> Section | None:
    """The back-cast, where the country has enough data for it."""
    found = context.trend
    if found is None or not context.is_ranked or context.home.iso3 not in found.units:
        return None
    return Section(
        id="trend",
        rail="Over time",
        headline=_headline(context, found),
        blocks=[
            _figure(context, found),
            Paragraph(_drivers(context, found), role="body"),
            Paragraph(_list(found), role="note"),
        ],
    )


def _headline(context: Context, found: Trend) -> str:
    sides = {}
    for node in found.model.tops:
        record = context.trend_change(node, context.home.iso3)
        sides[node] = words.side(*record.bounds) if record else "neither"
    titles = {node: words.mid(found.model.title_of(node)) for node in sides}
    since = min(span[0] for span in found.years.values())
    if set(sides.values()) == {"neither"}:
        return words.sentence(f"no detectable change in {words.listing(list(titles.values()))} since {since}")
    verb = {"above": "rose", "below": "fell", "neither": "shows no detectable change"}
    return words.sentence(f"{', '.join(f'{titles[node]} {verb[side]}' for node, side in sides.items())} since {since}")


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
    headline = f"Rank of {context.home.name} over the years"
    return Figure(
        id="figure-trend",
        headline=headline,
        sub=f"Rank among {total} states with data in every year; line central rank, band 90% interval; grey: peers",
        chart=trend_chart(
            TrendChart(
                title=f"{headline}: {_headline(context, found)}",
                panels=panels,
                top=1,
                bottom=float(total),
                ticks=[(place, words.number(place)) for place in (1, 50, 100, 150)],
            )
        ),
        alt=_headline(context, found),
        note=["The intervals of two years move together: what changed between them is known better than either rank."],
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


def _drivers(context: Context, found: Trend) -> Text:
    spans: list[Span] = []
    for node in found.model.tops:
        record = context.trend_change(node, context.home.iso3)
        if record is None:
            continue
        first, last = found.years[node][0], found.years[node][-1]
        moved = found.drivers(node, context.home.iso3, first, last)
        up = [words.mid(found.model.title_of(name)) for name, points in moved if points > 0][:2]
        down = [words.mid(found.model.title_of(name)) for name, points in moved if points < 0][:2]
        spans += [
            f"{found.model.title_of(node)} {first}{words.DASH}{last}: ",
            value(record, f"{words.signed_range(*record.bounds)} places"),
            " (90% interval; plus is up)",
        ]
        if words.side(*record.bounds) == "neither":
            low, high = record.bounds
            spans.append(f", no detectable change; one of {(high - low) / 2:.0f} places or more would have been seen")
        if up:
            spans.append(f"; against the mean of all states it gained most in {words.listing(up)}")
        if down:
            spans.append(f"{' and' if up else '; it'} lost most in {words.listing(down)}")
        spans.append(". ")
    return spans


def _list(found: Trend) -> Text:
    parts = []
    for node in found.model.tops:
        series = [words.mid(found.model.title_of(name)) for name in found.model.leaves(node)]
        parts.append(f"{node}: {', '.join(series)}")
    return [
        (
            "Series that cover at least fifteen years, by one method in every year. "
            f"{'. '.join(words.sentence(part) for part in parts)}. "
            "Single-vintage series have no past here and stay out; a year without a value is bridged between "
            "observations "
            "or carried "
            "forward, never back."
        )
    ]
