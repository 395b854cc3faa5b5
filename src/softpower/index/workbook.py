"""An index as one Excel workbook to read and to check, in the manner of the JRC's COIN Tool.

One sheet per question: what it is made of, the data at every stage, their statistics and correlations, scores and ranks
with their intervals, what the ranks depend on, and where the data come from.

References
----------
Becker, Benavente, Dominguez-Torreiro, Moura, Neves, Saisana, Vertesy (2019), COIN Tool User Guide, European Commission,
Joint Research Centre: the sheets such a workbook has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from threadpoolctl import threadpool_limits

from softpower.index.experiment import Experiment
from softpower.index.export import tables_of
from softpower.index.exported import Export, about
from softpower.index.result import Index
from softpower.index.spreadsheet import Book
from softpower.index.workbook_data import correlations, data, statistics
from softpower.index.workbook_results import distribution, results, sensitivity
from softpower.index.workbook_sheets import LEGEND, NOTE, SHEETS, TITLE, WRAP, Sheets
from softpower.storage import write_atomic


def write_workbook(index: Index, out: Path, experiment: Experiment | None = None) -> None:
    """Write the workbook of an index; see `workbook`.

    Raises
    ------
    CannotWrite
        The folder is read-only or the disk full; what stood there before still does.
    """
    write_atomic(out, workbook(index, experiment))


def workbook(index: Index, experiment: Experiment | None = None) -> bytes:
    """An index of one year as an Excel workbook; the same index gives the same bytes.

    Parameters
    ----------
    index : as `softpower.build` gives it
    experiment : what it was built from, as `softpower.index.set_up` gives it; may be left out where the data have no
        other years

    Raises
    ------
    BadRequest
        Index and experiment do not belong together.
    """
    with threadpool_limits(1):
        made = Sheets(Export.of(index, experiment), index, Book(index.model.title))
        cover(made)
        framework(made)
        data(made)
        statistics(made)
        correlations(made)
        results(made, "Scores")
        results(made, "Ranks")
        distribution(made)
        sensitivity(made)
        sources(made)
        return made.book.content()


def cover(made: Sheets) -> None:
    """What the workbook is, what to cite, and what each sheet holds."""
    sheet, put = made.book.sheet("Cover"), made.book.put
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90)
    sheet.hide_gridlines(2)
    facts = about(made.export)
    put(sheet, 0, 0, facts.pop("title"), **TITLE)
    put(sheet, 1, 0, made.index.model.description or None, **NOTE)
    row = 3
    for what, value in facts.items():
        put(sheet, row, 0, what, bold=True, valign="top")
        put(sheet, row, 1, value, **WRAP)
        row += 1
    row += 1
    made.head(sheet, row, ["sheet", "what it holds"])
    for row, (name, what) in enumerate(list(SHEETS.items())[1:], start=row + 1):  # noqa: B020
        put(sheet, row, 0, name, bold=True)
        put(sheet, row, 1, what, **WRAP)
    for row, note in enumerate(_notes(), start=row + 2):  # noqa: B020
        put(sheet, row, 0, "Note", bold=True, valign="top")
        put(sheet, row, 1, note, **WRAP)
    sheet.fit_to_pages(1, 0)


def _notes() -> Iterator[str]:
    yield "An empty cell is unknown; it is never zero."
    yield "A rank whose interval overlaps that of another unit does not tell the two apart by itmade."
    yield f"{LEGEND}; the sheet Status says it in words."
    yield (
        "Nothing here is a formula or a link. Text that begins with =, +, - or @ is text, and is marked "
        "so that it stays text when a cell is edited."
    )


def framework(made: Sheets) -> None:
    """The tree with its weights and reasons, each part below its node."""
    sheet = made.sheet("Framework", "Weight: share among the parts of the same node; effective: share of the top node")
    frame = tables_of(made.export, which=["framework"])["framework"]
    depth = dict.fromkeys(made.export.built.tops, 0)
    for id, node in frame.select("id", "node").iter_rows():
        depth[id] = depth[node] + 1 if node else 0
    label = ["    " * depth[id] + text for id, text in frame.select("id", "label").iter_rows()]
    direction = [{1: "more is stronger", -1: "less is stronger"}.get(each) for each in frame["direction"]]
    columns: dict[str, Sequence[object]] = {
        "part": label,
        "id": frame["id"].to_list(),
        "kind": frame["kind"].to_list(),
        "level": frame["level"].to_list(),
        "node": frame["node"].to_list(),
        "weight": frame["weight"].to_list(),
        "effective weight": frame["effective_weight"].to_list(),
        "direction": direction,
        "unit": frame["unit_of_measure"].to_list(),
        "denominator": frame["denominator"].to_list(),
        "scale": frame["transform"].to_list(),
        "source": frame["source"].to_list(),
        "reason": frame["reason"].to_list(),
    }
    made.table(sheet, 1, columns, [44, 22, 10, 7, 18, 9, 10, 17, 22, 16, 8, 22, 70])
    for row, (text, kind) in enumerate(zip(label, columns["kind"], strict=True), start=2):
        made.book.put(sheet, row, 0, text, bold=kind == "node", **WRAP)
    sheet.freeze_panes(2, 1)


def sources(made: Sheets) -> None:
    """Publishers, licences, and words to print with the data."""
    frame = tables_of(made.export, which=["sources"])["sources"]
    sheet = made.sheet("Sources")
    columns: dict[str, Sequence[object]] = {
        title: frame[name].to_list()
        for title, name in (
            ("source", "title"), ("publisher", "publisher"), ("licence", "licence"), ("share-alike", "share_alike"),
            ("attribution", "attribution"), ("vintage", "vintage"), ("address", "address"), ("id", "id"),
        )
    }  # fmt: skip
    made.table(sheet, 1, columns, [48, 30, 34, 11, 60, 30, 44, 24])
    if frame.is_empty():
        made.book.put(sheet, 2, 0, "A table of your own: name its publishers and licences here before passing it on.")
    sheet.freeze_panes(2, 1)
