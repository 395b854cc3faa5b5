"""Ties by layer and vector."""

from __future__ import annotations

import math
from collections.abc import Sequence

from softpower.brief import words
from softpower.brief.charts.matrix import Matrix, MatrixCell, MatrixRow, matrix_chart
from softpower.brief.context import Context, value
from softpower.brief.section import (
    Column,
    Figure,
    Quiet,
    Record,
    Table,
    Text,
)
from softpower.brief.withwhom import evidence
from softpower.brief.withwhom.common import percent_range, plain_value, row, shown_layers, shown_vectors
from softpower.vectors.facets import Facet
from softpower.vectors.likeness import Likeness
from softpower.vectors.profile import Profile
from softpower.vectors.wording import at_least, enough, incomplete, percent, ranged

LIKENESSES = ("visas_of_others", "votes")


def matrix_figure(context: Context, found: Profile) -> Figure:
    """Shares of all layers that have room, with likeness in votes and visas."""
    vectors = shown_vectors(found)
    rows, table = [], []
    for facet in shown_layers(found):
        records = [evidence.share(context, facet, at) for at in range(len(vectors))]
        predicted = _predicted(found, facet)
        rows.append(
            MatrixRow(
                title=_title(facet),
                below=str(facet.year),
                cells=[_cell(facet, at, record, predicted[at]) for at, record in enumerate(records)],
            )
        )
        table.append(row(f"{facet.title}, {facet.year}", [_share_text(facet, at, r) for at, r in enumerate(records)]))
    for each in (like for id in LIKENESSES for like in found.likenesses if like.id == id):
        alike = [evidence.likeness(context, found.vectors, each, at) for at in range(len(vectors))]
        rows.append(_alike(each, alike))
        table.append(row(f"{each.title}, {_years(each)}", [plain_value(record) for record in alike]))
    headline = _matrix_headline(found)
    return Figure(
        id="figure-ties",
        headline=headline,
        sub="Share of each kind of tie, %; brown tick: predicted by gravity; votes and visas: mean of all states",
        chart=matrix_chart(
            Matrix(
                title=f"{context.home.label}: {headline}",
                vectors=[vector.name for vector in vectors],
                rows=rows,
                words=(
                    ("predicted", "predicted by size, distance, borders, language and history"),
                    ("median", "mean of all states"),
                    ("bounds", "not all partners are named"),
                    ("interval", "90% interval"),
                ),
            )
        ),
        alt=headline,
        note=[_overlaps(found)],
        data=Table(
            id="ties-data",
            headline="The figure as a table",
            sub="Share of each kind of tie, per cent",
            columns=[Column(heading="Kind of tie"), *(Column(heading=v.name, align="right") for v in vectors)],
            rows=table,
        ),
    )


def _title(facet: Facet) -> str:
    return {"emigrants": "People born here", "exports_top": "Exports", "imports_top": "Imports"}.get(
        facet.id, facet.title
    )


def _cell(facet: Facet, at: int, record: Record | None, predicted: float | None) -> MatrixCell:
    if record is None or record.value is None:
        return MatrixCell(text="not measured")
    least, most = float(facet.bounds[0][at]), float(facet.bounds[1][at])
    return MatrixCell(
        text=percent_range(least, most), least=least, most=most if ranged(least, most) else None, tick=predicted
    )


def _share_text(facet: Facet, at: int, record: Record | None) -> Text:
    if record is None:
        return [Quiet("not measured")]
    least, most = float(facet.bounds[0][at]), float(facet.bounds[1][at])
    return [value(record, percent_range(least, most).removesuffix("%"))]


def _predicted(found: Profile, facet: Facet) -> list[float | None]:
    """The shares that gravity predicts, where the model is of the year shown."""
    model = found.excesses.get(facet.id)
    if model is None or model.year != facet.year:
        return [None] * len(facet.vectors)
    return [None if math.isnan(share) else share for share in model.predicted()]


def _alike(each: Likeness, records: Sequence[Record | None]) -> MatrixRow:
    return MatrixRow(
        title=each.title,
        below=_years(each),
        level=True,
        cells=[
            MatrixCell(text="not measured")
            if record is None
            else MatrixCell(
                text=f"{percent(each.value[at])}%",
                least=each.value[at],
                tick=each.all_states,
                low=each.low[at] if each.low[at] < each.high[at] else None,
                high=each.high[at] if each.low[at] < each.high[at] else None,
            )
            for at, record in enumerate(records)
        ],
    )


def _years(each: Likeness) -> str:
    return str(each.last) if each.first == each.last else f"{each.first}{words.DASH}{each.last}"


def _matrix_headline(found: Profile) -> str:
    """The largest share that is surely of one vector, in a layer that counts enough."""
    best = max(
        (
            (float(facet.bounds[0][at]), float(facet.bounds[1][at]), facet.title.lower(), vector.in_text)
            for facet in shown_layers(found)
            for at, vector in enumerate(shown_vectors(found))
            if facet.flows.layer.headline and enough(facet) and math.isfinite(facet.bounds[0][at])
        ),
        default=None,
    )
    if best is None:
        return "Ties by kind and vector, of few people" if shown_layers(found) else "No kind of tie is measured"
    least, most, layer, whom = best
    where = {
        "students abroad": "students abroad are in",
        "born here, living abroad": "those born here and living abroad are in",
    }
    return words.sentence(f"{at_least(least, most)} of {where.get(layer, f'{layer} are with')} {whom}")


def _overlaps(found: Profile) -> str:
    said = "Vectors overlap and do not add to 100. Counts carry no sampling interval."
    return " ".join(filter(None, (said, incomplete(facet.id for facet in shown_layers(found)))))
