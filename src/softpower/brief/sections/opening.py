"""The first page: facts, the headline results, and the country among its peers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from softpower.brief import words
from softpower.brief.charts.dots import Dots, dots_chart, twenty
from softpower.brief.context import Context, value
from softpower.brief.section import (
    Block,
    Cell,
    Column,
    Facts,
    Paragraph,
    Quiet,
    Record,
    Result,
    Results,
    Row,
    Section,
    Span,
    Strong,
    Table,
    Text,
)
from softpower.brief.sections.terms import head_name, spelt
from softpower.drawing.marks import Axis
from softpower.world import Country, country

TOPS = ("potential", "performance")
# Places shown to either side of an interval at the least, so that its width can be judged.
ROOM = 10
# Neighbours that the line of facts names; of more it gives the number.
NAMED = 6


def opening(context: Context) -> Section:
    """Facts for every country; results and scorecard for those that are ranked."""
    blocks: list[Block] = [_facts(context), *_contested(context)]
    if context.is_ranked:
        blocks += [_results(context), _scorecard(context)]
    return Section(id="score", rail="Score and peers", headline="", blocks=blocks)


# Facts


def _facts(context: Context) -> Facts:
    home = context.home
    items: list[tuple[str, Text]] = []
    capital = home.capital or f"none; government in {home.seat}"
    corrected = f"otherwise than the Factbook has it: {home.capital_note}" if home.capital_note else ""
    record = context.reference("capital", "Capital", capital, "cia_factbook", note=corrected)
    items.append(("Capital", [value(record, capital)]))
    for series_id, label, noun in (
        ("cia_area_total_km2", "Area", "km²"),
        ("wpp_population", "Population", ""),
        ("cia_world_heritage_sites", "World Heritage sites", ""),
    ):
        record, among = context.fact(series_id, label)
        items.append((label, _fact_text(record, noun, among)))
    neighbours = sorted((country(iso3) for iso3 in home.borders), key=lambda each: each.label)
    number = _states(neighbours)
    labels = [each.label for each in neighbours]
    text = f"{number}: {words.listing(labels)}" if labels else number
    record = context.reference("neighbours", "Land neighbours", text, "cia_factbook", float(len(labels)), "count")
    shown = words.listing(labels) if 0 < len(labels) <= NAMED else number
    items.append(("Neighbours", [value(record, shown)]))
    return Facts(items)


def _states(neighbours: Sequence[Country]) -> str:
    """How many there are, states apart from territories."""
    states = sum(each.un_member for each in neighbours)
    territories = len(neighbours) - states
    parts = [words.count(states, "state")] if states else []
    parts += [words.count(territories, "territory", "territories")] if territories else []
    return words.listing(parts) if parts else "none"


def _contested(context: Context) -> list[Paragraph]:
    """The sentences that a page owes to the country and to those of its neighbours that are kept apart."""
    near = [each for each in map(country, context.home.borders) if not each.un_member]
    noted = [each for each in (context.home, *sorted(near, key=lambda each: each.label)) if each.note]
    spans: list[Span] = []
    for each in noted:
        spans += [Strong(f"{each.label}. "), f"{each.note} "]
    return [Paragraph([*spans[:-1], noted[-1].note], role="note")] if noted else []


def _fact_text(record: Record, noun: str, among: int) -> Text:
    if record.status == "zero":
        return [value(record, "none")]
    if record.value is None or record.observed_rank is None:
        return [Quiet("not measured")]
    amount = f"{words.amount(record.value)} {noun}".strip()
    return [value(record, amount), f" ({record.year}; observed {words.ordinal(record.observed_rank)} of {among})"]


# Headline results


def _results(context: Context) -> Results:
    note = (
        "Each dot is one of 20 equally likely answers, given what is not known about weights, scaling, missing values "
        "and measurement."
    )
    return Results([*(_rank_result(context, node) for node in TOPS), _gap_result(context)], note)


def _rank_result(context: Context, node: str) -> Result:
    record = context.rank(node, context.home.iso3)
    central, low, high = record.place
    title = context.built.title_of(node)
    draws = context.index.rank_draws(node)[:, context.index.unit(context.home.iso3)]
    room = max(ROOM, round(0.7 * (high - low)))
    first, last = max(1, low - room), min(context.total, high + room)
    ticks = [(place, words.number(place)) for place in words.round_ticks(first, last)]
    chart = dots_chart(
        Dots(
            title=f"{title}: {words.rank_in_full(central, low, high, context.total)}",
            values=twenty(draws.astype(float).tolist()),
            low=first,
            high=last,
            ticks=ticks,
            left="stronger",
            right="weaker",
        )
    )
    count = words.count(len(context.built.leaves(node)), "measure")
    return Result(
        label=f"{title}, {count}",
        big=value(record, words.ordinal_range(low, high)),
        sub=[f"of {context.total} states (90% interval; central {words.ordinal(central)})"],
        chart=chart,
        alt=f"Twenty equally likely ranks of {title.lower()}.",
    )


def _gap_result(context: Context) -> Result:
    record = context.gap(context.home.iso3)
    draws = context.index.gap_draws()[:, context.index.unit(context.home.iso3)]
    values = twenty(draws.tolist())
    above = sum(each > 0 for each in values)
    reach = max(9.0, float(np.ceil(max(abs(each) for each in values) / 3) * 3))
    chart = dots_chart(
        Dots(
            title=f"Gap: {words.signed_range(*record.bounds, 1)} points; above zero in {above} of 20",
            values=values,
            low=-reach,
            high=reach,
            ticks=[(tick, words.signed(tick)) for tick in (-2 * reach / 3, -reach / 3, 0.0, reach / 3, 2 * reach / 3)],
            left="below prediction",
            right="above",
            reference=0.0,
            reference_label="as predicted",
        )
    )
    return Result(
        label="Gap to potential, points",
        big=value(record, words.signed_range(*record.bounds, 1)),
        sub=[
            f"90% interval; central {words.signed(record.value or 0.0, 1)}; above zero in ",
            value(record, words.chance(record.above_zero or 0.0)),
            " of replications",
        ],
        chart=chart,
        alt="Twenty equally likely gaps between performance and what potential predicts.",
    )


# Scorecard


def _scorecard(context: Context) -> Table:
    home = context.home.iso3
    codes = (home, *(peer for peer in context.peers if context.index.is_ranked(peer)))
    reach = _gap_reach(context, codes)
    ranks = Axis(low=1, high=context.total, ticks=[(place, words.number(place)) for place in (1, 75, 150)])
    gaps = Axis(low=-reach, high=reach, ticks=[(at, words.signed(at)) for at in (-reach, 0.0, reach)], reference=0.0)
    trend = context.trend.years["performance"] if context.trend else ()
    places_years = f"{trend[0]}{words.DASH}{str(trend[-1])[2:]}" if trend else ""
    columns = [
        Column(heading="Country"),
        Column(heading="Potential, rank", axis=ranks),
        Column(heading="Performance, rank", axis=ranks),
        Column(heading="Gap to potential", axis=gaps),
        *([Column(heading=f"Places\n{places_years}", align="right")] if trend else []),
        Column(heading=f"{head_name(context.home)}\nahead", align="right"),
        Column(heading=f"Known\nof {len(context.built.indicators)}", align="right"),
    ]
    unranked = [words.the(country(peer).label) for peer in context.peers if not context.index.is_ranked(peer)]
    note: list[str] = []
    if trend:
        note.append(
            f"Places {places_years}: change in the rank of performance, on the series that reach back; plus is up. "
        )
    note.append(
        f"{head_name(context.home)} ahead: share of replications in which it performs better than the peer. "
        "Known: indicators with a value; the others are drawn from what is known of the country."
    )
    if unranked:
        note.append(f" Too little is known to rank {words.listing(unranked)}.")
    return Table(
        id="scorecard",
        headline=_scorecard_headline(context, codes[1:]),
        sub=(
            f"90% intervals of the rank among {context.total} states and of the gap in points; thick bar 50%, dot "
            "the model as declared"
        ),
        columns=columns,
        rows=[_row(context, iso3, with_trend=bool(trend)) for iso3 in codes],
        note=["".join(note)],
    )


def _gap_reach(context: Context, codes: Sequence[str]) -> float:
    gap = context.index.gap()
    widest = max(max(abs(gap.low[place]), abs(gap.high[place])) for place in map(context.index.unit, codes))
    return float(max(9.0, np.ceil(widest / 3) * 3))


def _scorecard_headline(context: Context, peers: Sequence[str]) -> str:
    """Who is clearly ahead or behind in performance, in at most a dozen words."""
    peers = [peer for peer in peers if context.index.is_ranked(peer)]
    if not peers:
        return "None of the peers can be ranked"
    ahead = {peer: context.index.ahead("performance", context.home.iso3, peer) for peer in peers}
    stronger = [words.the(country(peer).label) for peer, share in ahead.items() if share < 0.05]
    weaker = [words.the(country(peer).label) for peer, share in ahead.items() if share > 0.95]
    if not stronger and not weaker:
        return "In performance no peer can be told apart from it"
    parts = [
        f"{how} than {_named(names, len(peers))}"
        for names, how in ((weaker, "better"), (stronger, "less well"))
        if names
    ]
    parts[0] = f"performs clearly {parts[0]}"
    return f"{words.sentence(words.the(context.home.label))} {', '.join(parts)}"


def _named(names: Sequence[str], among: int) -> str:
    """Up to three peers by name, more by their number."""
    if len(names) == among and among > 1:
        return f"all {spelt(among)} peers"
    return words.listing(names) if len(names) <= 3 else f"{spelt(len(names))} of {spelt(among)} peers"


def _row(context: Context, iso3: str, *, with_trend: bool) -> Row:
    home = context.home.iso3
    cells = [Cell(text=[country(iso3).label])]
    for node in TOPS:
        record = context.rank(node, iso3)
        cells.append(
            Cell(text=[value(record, words.rank_range(*record.place[1:]))], mark=context.rank_mark(node, iso3))
        )
    gap = context.gap(iso3)
    cells.append(Cell(text=[value(gap, words.signed_range(*gap.bounds, 1))], mark=context.gap_mark(iso3)))
    if with_trend:
        cells.append(Cell(text=_places(context, iso3)))
    cells.append(
        Cell(
            text=["—"]
            if iso3 == home
            else [value(_ahead(context, iso3), words.chance(_ahead(context, iso3).value or 0.0))]
        )
    )
    cells.append(Cell(text=[value(_known(context, iso3), f"{_known(context, iso3).value:.0f}")]))
    return Row(cells=cells, focus=iso3 == home)


def _places(context: Context, iso3: str) -> Text:
    record = context.trend_change("performance", iso3)
    return [Quiet("not measured")] if record is None else [value(record, words.signed_range(*record.bounds))]


def _ahead(context: Context, iso3: str) -> Record:
    return context.ledger.add(
        Record(
            id=f"ahead:performance:{context.home.iso3}:{iso3}",
            label=(
                f"Share of replications in which {words.the(context.home.name)} performs better than "
                f"{words.the(country(iso3).name)}"
            ),
            value=context.index.ahead("performance", context.home.iso3, iso3),
            unit=words.SHARE,
            year=context.index.year,
            source_id=context.source,
        )
    )


def _known(context: Context, iso3: str) -> Record:
    panel = context.index.panel
    columns = [panel.indicators.index(name) for name in context.built.indicators]
    known = int(panel.known[0, panel.units.index(iso3), columns].sum())
    return context.ledger.add(
        Record(
            id=f"known:{iso3}",
            label=f"Indicators with a value, {country(iso3).name}",
            iso3=iso3,
            value=float(known),
            unit=f"of {len(columns)} indicators",
            year=context.index.year,
            source_id=context.source,
        )
    )
