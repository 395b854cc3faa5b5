"""Potential against performance, and the five questions a sceptic asks."""

from __future__ import annotations

import numpy as np

from softpower.brief import words
from softpower.brief.charts.scatter import Point, Scatter, region, scatter_chart
from softpower.brief.context import Context, value
from softpower.brief.finding import headline_verdict, inside
from softpower.brief.section import Beside, Figure, Questions, Record, Section, Span, Text
from softpower.brief.sections.terms import listed
from softpower.world import country

# Large or often-named states that help a reader find his way among the dots.
LANDMARKS = ("USA", "CHN", "DEU", "IND", "NGA", "BRA", "RUS", "SGP", "NOR", "ARE")
# 80 % of countries lie within this many standard deviations of the line.
BAND = 1.2816
TOPS = ("potential", "performance")
# Places between two states that a reader may wish to tell apart.
APART = 10
# Variants named in the answer to "What would change it?".
VARIANTS = 2
_LIES: dict[words.Lean, str] = {
    "above": "lies above",
    "probably above": "probably lies above",
    "neither": "lies about on",
    "probably below": "probably lies below",
    "below": "lies below",
}
_BESIDE: dict[words.Lean, str] = {
    "above": "higher",
    "probably above": "probably higher",
    "neither": "not distinguishable",
    "probably below": "probably lower",
    "below": "lower",
}


def conversion(context: Context) -> Section | None:
    """The figure and the questions beside it."""
    if not context.is_ranked:
        return None
    return Section(
        id="conversion",
        rail="Potential and performance",
        headline="",
        blocks=[Beside(_figure(context), _questions(context))],
    )


def _figure(context: Context) -> Figure:
    index, home = context.index, context.home
    x, y = (index.scores(node).value for node in TOPS)
    slope, intercept = np.polyfit(x, y, 1)
    spread = float(np.std(y - (intercept + slope * x), ddof=2))
    ends = [float(x.min()), float(x.max())]
    line = [(at, float(intercept + slope * at)) for at in ends]
    place = index.unit(home.iso3)
    draws = [index.sampled[node][:, place].astype(float).tolist() for node in TOPS]
    gap = context.gap(home.iso3)
    leaning = context.lean(gap)
    headline = f"{words.sentence(words.the(home.label))} {_LIES[leaning]} the line of all states"
    chart = scatter_chart(
        Scatter(
            title=headline,
            points=[_point(context, iso3, float(x[i]), float(y[i])) for i, iso3 in enumerate(index.units)],
            line=line,
            band=[(at, level - BAND * spread, level + BAND * spread) for at, level in line],
            region=region(*draws),
            x_title="Potential score",
            y_title="Performance score",
            band_label="Sand: 80% of countries\nwith this potential",
            region_label=f"Ellipse: 90% of draws\nfor {words.the(home.label)}",
        )
    )
    scale = index.model.scale
    unit = f", mean {scale.mean:g}, standard deviation {scale.sd:g}" if scale else ""
    return Figure(
        id="figure-conversion",
        headline=headline,
        sub=f"Scores of {context.total} states{unit}; small grey dots: other states",
        chart=chart,
        alt=(
            f"Performance against potential. {headline_verdict(context)}: the gap is "
            f"{words.signed_range(*gap.bounds, 1)} points, 90% interval."
        ),
        note=[
            "Central scores; the dashed line is fitted to all states. Gap, 90% interval: ",
            value(gap, words.signed_range(*gap.bounds, 1)),
            " points.",
        ],
        width="two-thirds",
    )


def _point(context: Context, iso3: str, x: float, y: float) -> Point:
    if iso3 == context.home.iso3:
        return Point(name=country(iso3).label, x=x, y=y, role="focus")
    if iso3 in context.peers:
        return Point(name=country(iso3).label, x=x, y=y, role="peer")
    return Point(name=country(iso3).label, x=x, y=y, role="named" if iso3 in LANDMARKS else "other")


# Five questions


def _questions(context: Context) -> Questions:
    return Questions(
        "Five questions",
        [
            ("Why this rank?", _why(context)),
            ("How sure?", _how_sure(context)),
            ("Against what size and wealth predict?", _against(context)),
            ("From which source and date?", _sources(context)),
            ("What would change it?", _what_changes(context)),
        ],
    )


def _why(context: Context) -> Text:
    found = context.index.explain(context.home.iso3)
    up = [each.indicator for each in found[:3] if each.given > 0]
    down = [each.indicator for each in reversed(found[-3:]) if each.given < 0]
    spans: list[Span] = ["Observed ranks: "]
    for names, verb in ((up, "pull up"), (down, "pull down")):
        if not names:
            continue
        for number, name in enumerate(names):
            record = context.cell(name)
            spans.append(f"{', ' if number else ''}{listed(context.built.title_of(name))} ")
            spans.append(value(record, _place_or_zero(context, name)))
        spans.append(f" {verb}{'; ' if verb == 'pull up' and down else '.'}")
    return spans


def _place_or_zero(context: Context, name: str) -> str:
    record = context.cell(name)
    return words.ordinal(record.observed_rank) if record.observed_rank else "none reported"


def _how_sure(context: Context) -> Text:
    ranks = [context.rank(node, context.home.iso3) for node in TOPS]
    widths = [value(rank, words.number(rank.place[2] - rank.place[1])) for rank in ranks]
    cells = [context.cell(name) for name in context.built.indicators]
    missing = sum(cell.status == "missing" for cell in cells)
    years = [cell.year for cell in cells if cell.year]
    wide: list[Span] = ["The intervals of the two ranks are ", widths[0], " and ", widths[1], " places wide. "]
    text = f"{len(cells) - missing} of {len(cells)}" if missing else f"All {len(cells)}"
    text += " indicators are known"
    if years:
        text += f"; the oldest value is of {min(years)}"
    apart = _told_apart(context)
    if apart is None:
        return [*wide, f"{text}."]
    shown = f"{100 * (apart.value or 0.0):.0f}"
    return [*wide, f"{text}. Two states ten places apart can be told apart in ", value(apart, shown), " of 100 cases."]


def _told_apart(context: Context) -> Record | None:
    """Share of pairs ten central ranks of performance apart of which one is ahead in over 95 % of replications."""
    index = context.index
    central = index.ranks("performance").central
    order = [index.units[place] for place in np.argsort(central, kind="stable")]
    pairs = list(zip(order, order[APART:], strict=False))
    if not pairs:
        return None
    ahead = [index.ahead("performance", better, worse) for better, worse in pairs]
    return context.ledger.add(
        Record(
            id="apart:performance",
            label=f"Share of pairs of states {APART} places apart in performance that can be told apart",
            value=round(float(np.mean([max(share, 1 - share) > 0.95 for share in ahead])), 4),
            unit="share 0-1",
            year=index.year,
            source_id=context.source,
            note="one of the two is ahead in more than 95% of replications",
        )
    )


def _against(context: Context) -> Text:
    spans: list[Span] = []
    for node in TOPS:
        record = context.above_expected(node, context.home.iso3)
        if record.value is None:
            return ["Its size or wealth is not known."]
        spans += [
            f"{context.built.title_of(node)}: ",
            value(record, words.signed_range(*record.bounds, 1)),
            f" points, {_BESIDE[context.lean(record)]}. ",
        ]
    shares = [_disguise(context, node) for node in TOPS]
    shown = [value(record, f"{record.value or 0.0:.0%}") for record in shares]
    return [*spans, "Size and wealth alone explain ", shown[0], " and ", shown[1], " of the variance of ranks."]


def _disguise(context: Context, node: str) -> Record:
    return context.ledger.add(
        Record(
            id=f"explained:{node}",
            label=f"Share of the variance of ranks of {node} that size and wealth explain",
            value=round(context.index.size_in_disguise(node), 4),
            unit=words.SHARE,
            year=context.index.year,
            source_id=context.source,
        )
    )


def _sources(context: Context) -> Text:
    cells = [context.cell(name) for name in context.built.indicators]
    used = {cell.source_id for cell in cells}
    years = [cell.year for cell in cells if cell.year]
    span = f", values of {min(years)}{words.DASH}{max(years)}" if years else ""
    return [f"{len(used)} open sources{span}; each number leads to its row in the annex."]


def _what_changes(context: Context) -> Text:
    """The variants that move potential most; the table of variants has them all."""
    moved = [
        (abs(record.value or 0.0), title, record)
        for name, (title, _) in context.variants.items()
        if (record := context.moved_by(name, "potential")) is not None
    ]
    largest = [each for each in sorted(moved, key=lambda each: each[:2], reverse=True) if each[0] >= 1][:VARIANTS]
    if moved and not largest:
        return ["No variant of the model moves its potential by a place."]
    spans: list[Span] = []
    for _, title, record in largest:
        unit = "" if spans else " places"
        places = f"{words.signed(record.value or 0.0)}{unit} ({words.signed_range(*record.bounds)})"
        spans += [f"{' and ' if spans else 'Potential moves most '}{inside(title)}: ", value(record, places)]
    return [*spans, "."] if spans else ["No variant of the model touches it."]
