"""The annex: every indicator with its value, and how the figures were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from softpower.brief import words
from softpower.brief.context import Context
from softpower.brief.section import Cell, Column, Paragraph, Row, Section, Strong, Table, Text
from softpower.brief.sections import terms
from softpower.brief.sections.terms import listed
from softpower.index.estimate import beyond
from softpower.index.model import Aggregate, AggregateChoice, Normalise, NormaliseChoice


def annex(context: Context) -> Section:
    """Indicators and method; the writers add the evidence table and the list of sources."""
    return Section(
        id="annex",
        rail="Indicators and method",
        headline="Annex: indicators and method",
        blocks=[
            *(_indicators(context, top) for top in context.built.tops),
            *(Paragraph(text, role="note") for text in [*_method(context), *_back_cast(context)]),
        ],
        place="annex",
        new_page=True,
    )


def _indicators(context: Context, top: str) -> Table:
    rows = []
    for name in context.built.leaves(top):
        each, cell = context.built.indicators[name], context.cell(name)
        rows.append(
            Row(
                cells=[
                    Cell(text=[f"{each.title} ({words.mid(context.built.title_of(each.node))})"]),
                    Cell(text=terms.published(context, name)),
                    Cell(text=terms.in_index(context, name)),
                    Cell(text=terms.observed_place(cell)),
                    Cell(text=[each.reason]),
                ]
            )
        )
    return Table(
        id=f"indicators-{top}",
        headline=f"{context.built.title_of(top)}: {len(rows)} indicators",
        sub=(
            "Latest published value and its year; what the index counts, often a mean of years; observed rank of that "
            "among the UN members that have a value, without zeros that a list only implies"
        ),
        columns=[
            Column(heading="Indicator (pillar)"),
            Column(heading="Latest published"),
            Column(heading="In the index"),
            Column(heading="Observed\nrank", align="right"),
            Column(heading="Why it is here"),
        ],
        rows=rows,
    )


_NAMES = {"zscore": "z-scores", "minmax": "min-max", "percentile": "percentile ranks"}


def _method(context: Context) -> list[Text]:
    index = context.index
    model, uncertainty = index.model, index.model.uncertainty
    scales, means = _chances(model.normalise, uncertainty.normalise), _chances(model.aggregate, uncertainty.aggregate)
    return [
        [
            Strong("Values. "),
            (
                f"Model {model.id}, year {index.year}. A value is the mean of a short window of years, or the last "
                f"one before it, with a wider error, unless that is too old ({_ages(context)}); totals enter as "
                "log(x + c), c the 10th percentile of all positive values. Scores are put on a common scale whose "
                "parameters come from all observed countries."
            ),
        ],
        [
            Strong("Central values and intervals. "),
            (
                f"Central values: equal weights, {_named(model.normalise.method)}, {model.aggregate.method} mean, "
                f"missing values at their conditional mean. Intervals: {index.draws:,} replications, seed "
                f"{index.seed}. Each draws the weights of indicators and pillars (Dirichlet, coefficient of variation "
                f"{uncertainty.weights_cv:g}), the normalisation ({_shares(scales)}), the mean over pillars "
                f"({_shares(means)}), every missing value from its posterior, and the error of "
                "values that were published with one or are older than the year."
            ),
        ],
        [
            Strong("Expectation and gap. "),
            (
                "The expectation is a least-squares line of a score on the logarithms of GDP and of GDP per head; each "
                "country is predicted from all others. The gap is performance minus its prediction from potential, "
                "made likewise. Both intervals include the uncertainty of the line; no prediction lies beyond the "
                "lowest and the highest score of any state. A difference is called clear where over "
                f"{beyond(index.draws):.0%} of replications agree, which another seed would bear out, and probable "
                f"where {words.PROBABLE:.0%} do."
            ),
        ],
        [
            Strong("Who is ranked. "),
            (
                f"A country is ranked if at least {model.screening.share:.0%} of the indicators of each side are "
                f"known: {len(index.units)} of {len(index.panel.units)} UN members. Names follow the United Nations; "
                "no position is taken on any border."
            ),
        ],
    ]


def _ages(context: Context) -> str:
    """How many years old the last value of an indicator may be."""
    ages = sorted({context.index.model.indicators[name].max_age for name in context.built.indicators})
    return f"over {ages[0]} years" if len(ages) == 1 else f"over {ages[0]} to {ages[-1]} years, by indicator"


def _chances(central: Normalise | Aggregate, choices: Sequence[NormaliseChoice | AggregateChoice]) -> dict[str, float]:
    """The methods of a step and how often each is drawn, as shares of 1."""
    total = sum(each.chance for each in choices)
    return {each.method: each.chance / total for each in choices if each.chance} or {central.method: 1.0}


def _back_cast(context: Context) -> list[Text]:
    """The series of the trend; what stays out of it, and why."""
    if context.trend is None:
        return []
    model = context.trend.model
    parts = [
        f"{model.title_of(top)}: {', '.join(listed(model.title_of(name)) for name in model.leaves(top))}."
        for top in model.tops
    ]
    return [
        [
            Strong("Trend. "),
            (
                f"The series that cover at least fifteen years. {' '.join(parts)} Series of one vintage have no past "
                "here and stay out; a missing year is bridged between observations or carried forward, never back."
            ),
        ]
    ]


def _named(method: str) -> str:
    return _NAMES.get(method, method)


def _shares(methods: Mapping[str, float]) -> str:
    """The methods with the probability of each."""
    return ", ".join(f"{_named(name)} {share:.0%}" for name, share in methods.items())
