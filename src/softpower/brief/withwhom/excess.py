"""What exceeds gravity, partner by partner."""

from __future__ import annotations

from collections.abc import Sequence

from softpower.brief import words
from softpower.brief.charts.odds import Odds, OddsGroup, OddsRow, odds_chart
from softpower.brief.context import Context, value
from softpower.brief.section import (
    Cell,
    Column,
    Figure,
    Row,
    Table,
    Text,
)
from softpower.brief.withwhom import evidence
from softpower.vectors.excesses import Excesses
from softpower.vectors.profile import Profile
from softpower.vectors.wording import DOUBT, IMPLAUSIBLE, speaks, times
from softpower.world import country

# Layers of excess ties: two that the model has, people first.
ODDS = ("emigrants", "students_abroad", "exports", "flights")
PARTNERS = 8
# Headlines where no tie is clearly off what is predicted, and where those that are are few or doubtful.
AS_PREDICTED = "Its large ties are about as size, distance and history predict"
OFF = "Its large ties beside what size, distance and history predict"


def odds_figure(context: Context, found: Profile) -> Figure | None:
    """Partners with their ties over what is predicted; None where the country is in no world-wide matrix."""
    chosen = [found.excesses[id] for id in ODDS if id in found.excesses][:2]
    if not chosen:
        return None
    groups, rows, clear, doubtful, off = [], [], [], False, False
    for model in chosen:
        lines = []
        for row in model.notable(PARTNERS).sort("excess", descending=True).iter_rows(named=True):
            record = evidence.excess(context, model, row["partner"])
            if record is None:
                continue
            name = country(row["partner"]).label
            ends = f"{times(row['low'])}{words.DASH}{times(row['high'])}"
            lines.append(
                OddsRow(
                    name=name, text=f"{times(row['excess'])}\u00d7", interval=ends, central=row["excess"],
                    low=row["low"], high=row["high"],
                )
            )  # fmt: skip
            cells: list[Text] = [[value(record, times(row["excess"]))], [ends]]
            rows.append(Row(cells=[Cell(text=[f"{model.layer.title}, {model.year}: {name}"]), *map(_as_cell, cells)]))
            doubtful |= row["excess"] > IMPLAUSIBLE
            sure = row["low"] > 1 or row["high"] < 1
            off |= sure
            if sure and row["excess"] > 0 and speaks(model, row["excess"]):
                clear.append((max(row["excess"], 1 / max(row["excess"], 1e-3)), name, row["excess"], model))
        groups.append(OddsGroup(heading=f"{model.layer.title}, {model.year}", rows=lines))
    headline = _odds_headline(clear) if clear else OFF if off else AS_PREDICTED
    return Figure(
        id="figure-excess",
        headline=headline,
        sub="Ties observed over ties predicted, log scale, 90% interval; the largest partners by either",
        chart=odds_chart(Odds(title=f"{context.home.label}: {headline}", groups=groups)),
        alt=headline,
        note=[
            (
                "Predicted by a gravity model from both totals, distance, borders, languages and colonial past. Blue: "
                "interval above 1; orange: below 1; grey: not distinguishable from the prediction."
                f"{f' {DOUBT}.' if doubtful else ''}"
            )
        ],
        data=Table(
            id="excess-data",
            headline="The figure as a table",
            sub="Times the prediction, with 90% interval",
            columns=[
                Column(heading="Tie"),
                Column(heading="Times", align="right"),
                Column(heading="90% interval", align="right"),
            ],
            rows=rows,
        ),
    )


def _as_cell(text: Text) -> Cell:
    return Cell(text=text)


def _odds_headline(clear: Sequence[tuple[float, str, float, Excesses]]) -> str:
    """The clearest excess of the first layer that has one."""
    layer = clear[0][3].layer.id
    _, name, ratio, model = max((each for each in clear if each[3].layer.id == layer), key=lambda each: each[0])
    what = _WHAT.get(model.layer.id, model.layer.title.lower())
    return f"{words.sentence(words.the(name))} has {times(ratio)} times the {what} predicted"


_WHAT = {
    "emigrants": "people born here",
    "students_abroad": "students",
    "exports": "exports",
    "flights": "flight routes",
}
