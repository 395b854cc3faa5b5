"""Potential against performance, and the five questions a sceptic asks."""

from __future__ import annotations

import numpy as np

from softpower.brief import words
from softpower.brief.charts.scatter import Point, Scatter, region, scatter_chart
from softpower.brief.context import Context, value
from softpower.brief.finding import headline_verdict
from softpower.brief.section import Beside, Figure, Questions, Section, Span, Text
from softpower.world import country

# Large or often-named states that help a reader find his way among the dots.
LANDMARKS = ("USA", "CHN", "DEU", "IND", "NGA", "BRA", "RUS", "SGP", "NOR", "ARE")
# 80 % of countries lie within this many standard deviations of the line.
BAND = 1.2816


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
    x, y = (index.scores(node).value for node in ("potential", "performance"))
    slope, intercept = np.polyfit(x, y, 1)
    spread = float(np.std(y - (intercept + slope * x), ddof=2))
    ends = [float(x.min()), float(x.max())]
    line = [(at, float(intercept + slope * at)) for at in ends]
    place = index.unit(home.iso3)
    draws = [index.sampled[node][:, place].astype(float).tolist() for node in ("potential", "performance")]
    gap = context.gap(home.iso3)
    where = {"above": "above", "below": "below", "neither": "on"}[words.side(*gap.bounds)]
    headline = f"Performance follows potential; {home.name} lies {where} the line"
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
            region_label=f"Ellipse: 90% of draws\nfor {home.name}",
        )
    )
    scale = index.model.scale
    unit = f", mean {scale.mean:g}, standard deviation {scale.sd:g}" if scale else ""
    return Figure(
        id="figure-conversion",
        headline=headline,
        sub=f"Scores of {context.total} states{unit}; grey dots: other states",
        chart=chart,
        alt=(
            f"Performance against potential. {headline_verdict(context)}: the gap is "
            f"{words.signed_range(*gap.bounds, 1)} points, 90% interval."
        ),
        note=[
            "Central scores; the line is fitted to all states. Gap: ",
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
            title = context.built.title_of(name)
            spans.append(f"{', ' if number else ''}{words.mid(title)} ")
            spans.append(value(record, _place_or_zero(context, name)))
        spans.append(f" {verb}{'; ' if verb == 'pull up' and down else '.'}")
    return spans


def _place_or_zero(context: Context, name: str) -> str:
    record = context.cell(name)
    return words.ordinal(record.observed_rank) if record.observed_rank else "none reported"


def _how_sure(context: Context) -> Text:
    widths = [context.rank(node, context.home.iso3).place for node in ("potential", "performance")]
    spread = [high - low for _, low, high in widths]
    cells = [context.cell(name) for name in context.built.indicators]
    missing = [cell for cell in cells if cell.status == "missing"]
    years = [cell.year for cell in cells if cell.year]
    text = f"The intervals are {spread[0]} and {spread[1]} places wide. "
    text += f"{len(cells) - len(missing)} of {len(cells)} indicators are known"
    if years:
        text += f"; the oldest value is of {min(years)}"
    return [f"{text}."]


def _against(context: Context) -> Text:
    spans: list[Span] = []
    for node in ("potential", "performance"):
        record = context.above_expected(node, context.home.iso3)
        if record.value is None:
            return ["Its size or wealth is not known."]
        spans += [
            f"{context.built.title_of(node)} is ",
            value(record, words.signed_range(*record.bounds, 1)),
            f" points from what they predict ({_beside(words.side(*record.bounds))}). ",
        ]
    shares = [context.index.size_in_disguise(node) for node in ("potential", "performance")]
    return [*spans, f"The two alone explain {shares[0]:.0%} and {shares[1]:.0%} of the variance of ranks."]


def _beside(side: words.Side) -> str:
    return {"above": "higher", "below": "lower", "neither": "not distinguishable"}[side]


def _sources(context: Context) -> Text:
    cells = [context.cell(name) for name in context.built.indicators]
    used = {cell.source_id for cell in cells}
    years = [cell.year for cell in cells if cell.year]
    span = f", values of {min(years)}{words.DASH}{max(years)}" if years else ""
    return [f"{len(used)} open sources{span}; each number leads to its row of evidence in the annex."]


def _what_changes(context: Context) -> Text:
    spans: list[Span] = []
    for name, variant in context.index.model.variants.items():
        record = context.moved_by(name, "potential")
        if record is not None:
            spans += [
                f"{'; ' if spans else ''}{words.mid(variant.title)} ",
                value(record, f"{words.signed(record.value or 0.0)} places ({words.signed_range(*record.bounds)})"),
            ]
    return ["Potential, by variant: ", *spans, "."] if spans else ["No variant of the model touches it."]
