"""The brief as PDF: set by Typst, tagged for screen readers (PDF/UA-1), the same bytes on every machine.

The template receives one JSON document and inserts its texts as text, so that nothing in them is ever markup. Fonts
are those of the bundle; a letter none of them has is replaced, since PDF/UA refuses a letter it cannot draw.
"""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from string import ascii_lowercase
from typing import Any

from softpower import storage
from softpower.brief.annex import evidence_rows
from softpower.brief.checks import captions, check
from softpower.brief.section import (
    Beside,
    Block,
    Brief,
    Facts,
    Figure,
    Paragraph,
    Questions,
    Quiet,
    Result,
    Results,
    Section,
    Span,
    Strong,
    Table,
    Text,
    plain,
)
from softpower.drawing.letters import Letters
from softpower.drawing.marks import Axis, Interval
from softpower.drawing.svg import axis_svg, mark_svg, safe_svg
from softpower.drawing.theme import palette, paper_sizes, text_width

TEMPLATES = Path(str(resources.files("softpower.brief") / "templates"))

MARK_WIDTHS = (84.0, 76.0, 68.0, 60.0)  # px of an interval mark in a table: the widest that leaves room for names
NAME_WIDTH = 96.0  # points a name may ask for before it is broken
PAGE_WIDTH = 178 / 25.4 * 72  # points between the margins
PX = 0.75  # points
INSET = 4.5  # points left and right of what a cell holds, as in the template


class MissingLetters(UserWarning):
    """A text holds letters that the bundled fonts lack; the PDF prints a stand-in and says so."""


def write_pdf(brief: Brief) -> bytes:
    """The brief as tagged PDF. The same brief gives the same bytes.

    Letters outside Latin and Cyrillic are printed as their base letter or as "?"; the last line of the document says
    so and a ``MissingLetters`` warning names them.

    Raises
    ------
    ValueError
        The brief holds a number that is not finite, a value without record, or a drawing that does more than draw.
    """
    import typst

    check(brief)
    letters = Letters()
    told = letters.all(_document(brief))
    if letters.missing:
        warnings.warn(f"no glyph in the PDF for: {' '.join(sorted(letters.missing))}", MissingLetters, stacklevel=2)
    told["missing"] = len(letters.missing)
    made = typst.compile(
        str(TEMPLATES / "brief.typ"),
        root=str(TEMPLATES),
        font_paths=[str(storage.bundled_folder("fonts"))],
        ignore_system_fonts=True,
        sys_inputs={"brief": json.dumps(told, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        format="pdf",
    )
    assert isinstance(made, bytes)
    return made


def _document(brief: Brief) -> dict[str, Any]:
    """The brief as the template reads it."""
    numbers = {record.id: number for number, record in enumerate(brief.ledger, start=1)}
    names = captions(brief)
    teller = _Teller(numbers, names)
    rows = evidence_rows(brief)
    letters = _repeated(row.note for row in rows)
    return {
        "name": brief.name,
        "title": brief.title,
        "head": [f"{label} {value}".strip() for label, value in brief.head],
        "finding": teller.spans(brief.finding),
        "sections": [teller.section(section) for section in brief.sections],
        "evidence": [
            {
                "number": row.number,
                "label": row.label,
                "letter": letters.get(row.note, ""),
                "note": "" if row.note in letters else row.note,
                "value": row.value,
                "interval": row.interval,
                "year": row.year,
                "status": row.status,
                "source": row.source,
            }
            for row in rows
        ],
        "notes": [[letter, note] for note, letter in letters.items()],
        "sources": [
            {
                "title": source.title,
                "publisher": source.publisher,
                "vintage": source.vintage,
                "licence": source.licence,
                "attribution": source.attribution,
                "address": source.address,
            }
            for source in brief.sources
        ],
        "colours": dict(palette()),
        "sizes": dict(paper_sizes()),
    }


def _repeated(notes: Iterable[str]) -> dict[str, str]:
    """A letter for each note that several rows share; it stands in the row, and the note once above the table."""
    often = [note for note, times in Counter(notes).items() if note and times > 2]
    return dict(zip(often, ascii_lowercase, strict=False))


class _Teller:
    """Turns blocks into plain dictionaries."""

    def __init__(self, numbers: Mapping[str, int], captions: Mapping[str, str]) -> None:
        self.numbers, self.captions = numbers, captions

    def section(self, section: Section) -> dict[str, Any]:
        return {
            "headline": section.headline,
            "rail": section.rail,
            "place": section.place,
            "new_page": section.new_page,
            "blocks": [self.block(block) for block in section.blocks],
        }

    def spans(self, text: Text, *, cited: bool = True) -> list[dict[str, Any]]:
        return [self._span(span, cited) for span in text]

    def _span(self, span: Span, cited: bool) -> dict[str, Any]:
        match span:
            case str():
                return {"kind": "plain", "text": span}
            case Strong():
                return {"kind": "strong", "text": span.text}
            case Quiet():
                return {"kind": "quiet", "text": span.text}
        return {"kind": "value", "text": span.text, "number": self.numbers[span.record_id], "cited": cited}

    def block(self, block: Block) -> dict[str, Any]:
        match block:
            case Paragraph():
                return {"kind": "paragraph", "role": block.role, "text": self.spans(block.text)}
            case Table():
                return self._table(block)
            case Figure():
                return {
                    "kind": "figure",
                    "caption": self.captions[block.id],
                    "headline": block.headline,
                    "sub": block.sub,
                    "svg": safe_svg(block.chart.wide),
                    "alt": block.alt,
                    "note": self.spans(block.note),
                    "width": block.width,
                }
            case Results():
                return {"kind": "results", "items": [self._result(item) for item in block.items], "note": block.note}
            case Questions():
                items = [[question, self.spans(answer)] for question, answer in block.items]
                return {"kind": "questions", "title": block.title, "items": items}
            case Facts():
                return {"kind": "facts", "items": [[label, self.spans(value)] for label, value in block.items]}
            case Beside():
                return {"kind": "beside", "left": self.block(block.left), "right": self.block(block.right)}

    def _result(self, item: Result) -> dict[str, Any]:
        return {
            "label": item.label,
            "big": self.spans([item.big]),
            "sub": self.spans(item.sub),
            "alt": item.alt,
            "svg": safe_svg(item.chart.wide),
        }

    def _table(self, table: Table) -> dict[str, Any]:
        marks = _mark_width(table, paper_sizes()["table"])
        return {
            "kind": "table",
            "caption": self.captions[table.id],
            "headline": table.headline,
            "sub": table.sub,
            "columns": [self._column(table, place, marks) for place in range(len(table.columns))],
            "rows": [
                {
                    "focus": row.focus,
                    "cells": [
                        {
                            "text": self.spans(cell.text, cited=False),
                            "mark": _mark(cell.mark, column.axis, width=marks, focus=row.focus),
                        }
                        for cell, column in zip(row.cells, table.columns, strict=True)
                    ],
                }
                for row in table.rows
            ],
            "note": self.spans(table.note),
        }

    def _column(self, table: Table, place: int, marks: float) -> dict[str, Any]:
        column = table.columns[place]
        return {
            "heading": column.heading,
            "align": column.align,
            "axis": axis_svg(column.axis, width=marks) if column.axis else None,
            "mark-width": marks,
            "width": _width(table, place, paper_sizes()["table"], marks),
        }


def _width(table: Table, place: int, size: float, marks: float) -> dict[str, float]:
    """Width of a column: fixed points where it holds marks, a share of what is left for text, else its content's."""
    column = table.columns[place]
    if column.axis:
        said = [plain(row.cells[place].text) for row in table.rows if row.cells[place].mark]
        return {"points": _widest(said, size) + marks * PX + 4 * INSET}
    if column.align == "left":
        words = [plain(row.cells[place].text) for row in table.rows]
        return {"share": min(max(map(len, [column.heading, *words]), default=0), 48)}
    return {}


def _mark_width(table: Table, size: float) -> float:
    """The widest marks that leave the names in the first column their room, where no other text could give way."""
    texts = [
        [*column.heading.split("\n"), *(plain(row.cells[place].text) for row in table.rows)]
        for place, column in enumerate(table.columns)
    ]
    if any(column.align == "left" and not column.axis for column in table.columns[1:]):
        return MARK_WIDTHS[0]
    names = min(_widest(texts[0], size), NAME_WIDTH) + INSET
    for marks in MARK_WIDTHS:
        taken = sum(
            _width(table, place, size, marks).get("points", _widest(texts[place], size) + 2 * INSET)
            for place in range(1, len(table.columns))
        )
        if names + taken <= PAGE_WIDTH:
            return marks
    return MARK_WIDTHS[-1]


def _widest(texts: Sequence[str], size: float) -> float:
    return max((text_width(text, size, strong=True) for text in texts), default=0.0)


def _mark(mark: Interval | None, axis: Axis | None, *, width: float, focus: bool) -> str | None:
    if mark is None or axis is None:
        return None
    return mark_svg(mark, axis, width=width, halo="focus-3" if focus else "paper")
