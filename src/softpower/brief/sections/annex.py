"""The annex: every indicator with its value, and how the figures were made."""

from __future__ import annotations

from softpower.brief import words
from softpower.brief.context import Context, value
from softpower.brief.section import Cell, Column, Paragraph, Quiet, Row, Section, Table, Text


def annex(context: Context) -> Section:
    """Indicators and method; the writers add the evidence table and the list of sources."""
    return Section(
        id="annex",
        rail="Indicators and method",
        headline="Annex: indicators and method",
        blocks=[
            *(_indicators(context, top) for top in context.built.tops),
            *(Paragraph(text) for text in _method(context)),
        ],
        place="annex",
        new_page=True,
    )


def _indicators(context: Context, top: str) -> Table:
    rows = []
    for name in context.built.leaves(top):
        each, cell = context.built.indicators[name], context.cell(name)
        known: Text = [Quiet("not measured")]
        if cell.value is not None:
            known = [value(cell, words.quantity(cell.value, cell.unit))]
        place = f"{words.ordinal(cell.observed_rank)} of {context.known_in(name)}" if cell.observed_rank else "—"
        rows.append(
            Row(
                cells=[
                    Cell(text=[each.title]),
                    Cell(text=[context.built.title_of(each.node)]),
                    Cell(text=known),
                    Cell(text=[str(cell.year) if cell.year else "—"]),
                    Cell(text=[place]),
                    Cell(text=[each.reason]),
                ]
            )
        )
    return Table(
        id=f"indicators-{top}",
        headline=f"{context.built.title_of(top)}: {len(rows)} indicators",
        sub="Value, year of the latest observation in it, and observed rank among the UN members that have a value",
        columns=[
            Column(heading="Indicator"),
            Column(heading="Pillar"),
            Column(heading="Value", align="right"),
            Column(heading="Year", align="right"),
            Column(heading="Observed\nrank", align="right"),
            Column(heading="Why it is here"),
        ],
        rows=rows,
    )


def _method(context: Context) -> list[Text]:
    index = context.index
    model, uncertainty = index.model, index.model.uncertainty
    normalisation = ", ".join(f"{name} {share:.0%}" for name, share in uncertainty.normalisation.items())
    aggregation = ", ".join(f"{name} {share:.0%}" for name, share in uncertainty.aggregation.items())
    first_normalisation, first_aggregation = next(iter(uncertainty.normalisation)), next(iter(uncertainty.aggregation))
    return [
        [
            (
                f"Model {model.id}, year {index.year}. Values are means of short windows of years; totals enter as "
                "log(x + c), c the 10th "
                "percentile of all positive values. Scores are put on a common scale with parameters taken from all "
                "observed countries."
            )
        ],
        [
            (
                f"Central values: equal weights, {first_normalisation} normalisation, {first_aggregation} mean, "
                "missing cells at their "
                f"conditional mean. Intervals: {index.draws:,} replications, seed {index.seed}. Each draws the weights "
                "of "
                "indicators "
                f"and pillars (Dirichlet, coefficient of variation {uncertainty.weights_cv:g}), the normalisation "
                f"({normalisation}), the mean over "
                f"pillars ({aggregation}), every missing cell from its posterior, and the error of cells that were "
                "published with one or "
                "are older than the year."
            )
        ],
        [
            (
                "Expectation: least squares of a score on the logarithms of GDP and of GDP per head, each country "
                "predicted from all others. "
                "Gap: performance minus its prediction from potential, likewise. Both intervals include the "
                "uncertainty of "
                "the line."
            )
        ],
        [
            (
                f"A country is ranked if at least {model.screening.share:.0%} of the indicators of each side are "
                f"known: {len(index.units)} of "
                f"{len(index.panel.units)} UN members. Names follow the United Nations; no position is taken on any "
                "border."
            )
        ],
    ]
