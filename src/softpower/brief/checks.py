"""What must hold of a brief before any writer touches it; a breach is a fault of softpower, not of its user."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from softpower.brief.section import (
    Beside,
    Block,
    Brief,
    Facts,
    Figure,
    Paragraph,
    Questions,
    Results,
    Span,
    Table,
    Value,
)
from softpower.drawing.marks import Interval


def check(brief: Brief) -> None:
    """Refuse a brief with a number that is not finite, a value without record, or one id for two blocks or sections.

    Raises
    ------
    ValueError
        The first breach found, with the place.
    """
    for record in brief.ledger:
        _finite(f"record {record.id}", [n for n in (record.value, record.low, record.high) if n is not None])
    known = {record.id for record in brief.ledger}
    for span in spans(brief):
        if isinstance(span, Value) and span.record_id not in known:
            raise ValueError(f"the value {span.text!r} names the record {span.record_id!r}, which the ledger lacks")
    ids = Counter([section.id for section in brief.sections] + [block.id for block in numbered(brief)])
    for one, times in ids.items():
        if times > 1:
            raise ValueError(f"{times} sections or blocks share the id {one!r}")
    for table in _tables(brief):
        _check_table(table)


def _check_table(table: Table) -> None:
    for column in table.columns:
        if column.axis:
            _finite(
                f"table {table.id}", [column.axis.low, column.axis.high, *(value for value, _ in column.axis.ticks)]
            )
    for row in table.rows:
        if len(row.cells) != len(table.columns):
            raise ValueError(f"table {table.id}: {len(row.cells)} cells under {len(table.columns)} columns")
        for cell in row.cells:
            if cell.mark is not None:
                _finite(f"table {table.id}", _numbers(cell.mark))


def captions(brief: Brief) -> Mapping[str, str]:
    """ "Figure 2" or "Table 1" for each figure and table by its id, counted in the order in which they are read."""
    counts = {"Figure": 0, "Table": 0}
    found: dict[str, str] = {}
    for block in numbered(brief):
        kind = type(block).__name__
        counts[kind] += 1
        found[block.id] = f"{kind} {counts[kind]}"
    return found


def numbered(brief: Brief) -> Iterator[Figure | Table]:
    """Figures and tables in reading order; the data tables of figures carry no number."""
    for section in brief.sections:
        for block in _flat(section.blocks):
            if isinstance(block, Figure | Table):
                yield block


def spans(brief: Brief) -> Iterator[Span]:
    """Every piece of running text of the brief."""
    yield from brief.finding
    for section in brief.sections:
        for block in _flat(section.blocks):
            yield from _spans(block)


def _spans(block: Block) -> Iterator[Span]:
    match block:
        case Paragraph(text=text):
            yield from text
        case Results(items=results):
            yield from chain.from_iterable([result.big, *result.sub] for result in results)
        case Questions(items=items) | Facts(items=items):
            yield from chain.from_iterable(text for _, text in items)
        case Figure():
            yield from block.note
            yield from _spans(block.data) if block.data else ()
        case Table():
            yield from block.note
            yield from chain.from_iterable(cell.text for row in block.rows for cell in row.cells)


def _flat(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Beside):
            yield block.left
            yield block.right
        else:
            yield block


def _tables(brief: Brief) -> Iterator[Table]:
    for block in numbered(brief):
        if isinstance(block, Table):
            yield block
        elif block.data is not None:
            yield block.data


def _numbers(mark: Interval) -> list[float]:
    return [mark.low, mark.q25, mark.central, mark.q75, mark.high]


def _finite(where: str, numbers: Iterable[float]) -> None:
    for number in numbers:
        if not math.isfinite(number):
            raise ValueError(f"{where}: {number} is not a finite number")
