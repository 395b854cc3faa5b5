"""The sheets of a workbook that show results: scores and ranks with intervals, and what the ranks depend on."""

from __future__ import annotations

from typing import Any

import numpy as np

from softpower.index.choices import title_of, weigh_choices
from softpower.index.result import Choices
from softpower.index.workbook_sheets import Sheets


def results(made: Sheets, name: str) -> None:
    """Scores or ranks of all nodes side by side, each with its interval, the best of the first top node first."""
    sheet, index = made.sheet(name), made.index
    first = made.export.built.tops[0]
    order = np.lexsort((np.array(index.units), index.ranks(first).central)).tolist()
    made.head(sheet, 2, ["unit", "name"])
    made.head(sheet, 1, ["", ""])
    made.column(sheet, 3, 0, [index.units[u] for u in order])
    made.column(sheet, 3, 1, [made.export.names[index.units[u]] for u in order])
    what = "score" if name == "Scores" else "rank"
    for place, node in enumerate(made.export.nodes):
        found: Any = index.scores(node) if name == "Scores" else index.ranks(node)
        central = found.value if name == "Scores" else found.central
        scored, start = index.scored(node), 2 + 3 * place
        made.head(sheet, 1, [made.export.built.title_of(node), "", ""], start)
        made.head(sheet, 2, [what, "low", "high"], start)
        for column, values in enumerate((central, found.low, found.high), start=start):
            cells = [values[u].item() if scored[u] else None for u in order]
            style = {
                "num_format": "0.0" if name == "Scores" else "#,##0",
                **({"bold": True} if column == start else {}),
            }
            made.column(sheet, 3, column, cells, **style)
    sheet.set_column(0, 0, 9)
    sheet.set_column(1, 1, 30)
    sheet.set_column(2, 1 + 3 * len(made.export.nodes), 8)
    sheet.set_row(1, 45)
    sheet.freeze_panes(3, 2)
    sheet.autofilter(2, 0, 2 + len(order), 1 + 3 * len(made.export.nodes))


def distribution(made: Sheets) -> None:
    """The ranks each unit takes across the replications, for each top node."""
    index = made.index
    sheet = made.sheet("Rank distribution", f"{index.draws:,} replications")
    titles = (
        "top node", "unit", "name", "rank", "low", "high", "median", "mean", "standard deviation", "best", "worst",
        "probability of the first tenth",
    )  # fmt: skip
    columns: dict[str, list[object]] = {title: [] for title in titles}
    for top in made.export.built.tops:
        place, drawn = index.ranks(top), index.rank_draws(top)
        tenth = max(len(index.units) // 10, 1)
        figures = (
            place.central, place.low, place.high, np.median(drawn, axis=0), drawn.mean(axis=0), drawn.std(axis=0),
            drawn.min(axis=0), drawn.max(axis=0), (drawn <= tenth).mean(axis=0),
        )  # fmt: skip
        for u in np.lexsort((np.array(index.units), place.central)).tolist():
            keys = (made.export.built.title_of(top), index.units[u], made.export.names[index.units[u]])
            for title, value in zip(titles, (*keys, *(each[u].item() for each in figures)), strict=True):
                columns[title].append(value)
    made.table(sheet, 1, dict(columns), [22, 9, 30, 8, 8, 8, 10])
    sheet.freeze_panes(2, 3)


def sensitivity(made: Sheets) -> None:
    """Who moves, and how far, under each choice that the model offers."""
    sheet = made.sheet("Sensitivity", "Shift: places gained (plus is up) in paired replications, with its 90% interval")
    titles = (
        "left out or taken", "id", "kind", "top node", "mean shift in size", "moved most", "its shift", "low", "high",
    )  # fmt: skip
    columns: dict[str, list[object]] = {title: [] for title in titles}
    choices = _choices(made)
    for c, (id, kind) in enumerate(zip(choices.ids, choices.kinds, strict=True)):
        model = made.index.model
        title = title_of(model, id, kind)
        for m, top in enumerate(made.export.built.tops):
            shift = choices.shift[c, m]
            if not shift.any() and not choices.shift_low[c, m].any() and not choices.shift_high[c, m].any():
                continue  # a part of another top node
            most = int(np.abs(shift).argmax())
            row = (
                title, id, kind, model.title_of(top), float(np.abs(shift).mean()),
                made.export.names[made.index.units[most]], *(
                    each[c, m, most].item() for each in (choices.shift, choices.shift_low, choices.shift_high)
                ),
            )  # fmt: skip
            for name, value in zip(titles, row, strict=True):
                columns[name].append(value)
    made.table(sheet, 1, dict(columns), [44, 24, 11, 20, 12, 30, 9, 9, 9])
    sheet.freeze_panes(2, 1)


def _choices(made: Sheets) -> Choices:
    index, ready = made.index, made.export.experiment
    if index.choices.ids:
        return index.choices
    sampled = ready.sampled(index.draws, index.seed, keep=True)
    rows = made.export.rows(index)
    return weigh_choices(ready.model, index.variant, ready.central, sampled, rows, seed=index.seed)
