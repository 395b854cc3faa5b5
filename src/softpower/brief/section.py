"""What a section of a brief is made of: text, figures, tables and the records behind every number.

A section is one function ``(Context) -> Section | None``, declared in ``softpower.brief.sections.SECTIONS``. It turns
measures into the blocks below and knows nothing of HTML, Typst, JSON or any other section; each writer knows
these blocks and nothing of their content. A new room adds its pages to the brief by adding one such function.

Numbers reach a page in one way only: a section adds a ``Record`` to the ``Ledger`` and shows it through a
``Value``, so that each can be followed to its row of evidence, and none is printed without its interval.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from softpower.drawing.marks import Axis, Chart, Interval

if TYPE_CHECKING:
    from softpower.evidence.sources import Source

Status = Literal["computed", "observed", "estimated", "imputed", "zero", "missing", "reference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One number of the brief with everything that stands behind it.

    ``id`` is unique within a brief and stable between briefs of the same model (``score:performance:KAZ``).
    ``low`` and ``high`` are None where nothing was sampled. ``rank`` never comes without ``rank_low`` and
    ``rank_high``; the place of one country in one published series is an ``observed_rank``. A difference carries the
    shares of replications in which it lies above and below zero.
    """

    id: str
    label: str
    value: float | None
    unit: str
    source_id: str
    year: int | None = None
    low: float | None = None
    high: float | None = None
    above_zero: float | None = None
    below_zero: float | None = None
    text: str = ""
    iso3: str = ""
    status: Status = "computed"
    note: str = ""
    rank: int | None = None
    rank_low: int | None = None
    rank_high: int | None = None
    ranked: int | None = None
    observed_rank: int | None = None

    def __post_init__(self) -> None:
        if self.rank is not None and (self.rank_low is None or self.rank_high is None):
            raise ValueError(f"record {self.id}: a rank needs rank_low and rank_high")
        if self.observed_rank is not None and self.ranked is None:
            raise ValueError(f"record {self.id}: an observed rank needs the number of those ranked")

    @property
    def place(self) -> tuple[int, int, int]:
        """Central rank and its interval; ValueError where there is none."""
        if self.rank is None or self.rank_low is None or self.rank_high is None:
            raise ValueError(f"record {self.id} has no rank")
        return self.rank, self.rank_low, self.rank_high

    @property
    def bounds(self) -> tuple[float, float]:
        """The interval of the value; ValueError where nothing was sampled."""
        if self.low is None or self.high is None:
            raise ValueError(f"record {self.id} has no interval")
        return self.low, self.high


@dataclass(slots=True)
class Ledger:
    """The records of one brief, numbered in the order in which they are first shown."""

    _records: dict[str, Record] = field(default_factory=dict)

    def add(self, record: Record) -> Record:
        """Keep ``record`` and return it; adding the same one twice is fine, a different one under its id is not."""
        known = self._records.setdefault(record.id, record)
        if known != record:
            raise ValueError(f"two different records share the id {record.id}")
        return known

    def number(self, record_id: str) -> int:
        """Place of the record in the evidence table, from 1."""
        return list(self._records).index(record_id) + 1

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records.values())

    def __len__(self) -> int:
        return len(self._records)


# Text: a run of spans.


@dataclass(frozen=True, slots=True)
class Strong:
    """Words set bold."""

    text: str


@dataclass(frozen=True, slots=True)
class Value:
    """A number as printed, linked to the row of evidence it comes from."""

    text: str
    record_id: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """Words in italics that stand in the place of a value: "not measured", "too few"."""

    text: str


Span = str | Strong | Value | Quiet
Text = Sequence[Span]


def plain(text: Text) -> str:
    """The words of a text without marks or links."""
    return "".join(span if isinstance(span, str) else span.text for span in text)


# Blocks.


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; ``role`` picks its size."""

    text: Text
    role: Literal["body", "note"] = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: its text and, where the column has an axis, the mark beside it."""

    text: Text
    mark: Interval | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """``heading`` may hold one line break. A column with an axis shows each cell's text first, its mark beside it."""

    heading: str
    align: Literal["left", "right"] = "left"
    axis: Axis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``focus`` marks the row of the brief's own country."""

    cells: Sequence[Cell]
    focus: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table with a finding as its headline. On a phone each row becomes a small stack, column name first."""

    id: str
    headline: str
    sub: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    note: Text = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart with a finding as its headline. ``alt`` is read in place of the drawing; ``data`` stands beneath it
    as a table that opens on request, so that no reader depends on the drawing."""

    id: str
    headline: str
    sub: str
    chart: Chart
    alt: str
    note: Text = ()
    data: Table | None = None
    width: Literal["full", "two-thirds"] = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One of the headline results: what it is, the interval in large type, a line of context, twenty dots."""

    label: str
    big: Value
    sub: Text
    chart: Chart
    alt: str


@dataclass(frozen=True, slots=True)
class Results:
    """The headline results side by side."""

    items: Sequence[Result]
    note: str


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions and their answers, set beside a two-thirds figure or alone."""

    title: str
    items: Sequence[tuple[str, Text]]


@dataclass(frozen=True, slots=True)
class Facts:
    """A line of plain facts about the country: label and value."""

    items: Sequence[tuple[str, Text]]


@dataclass(frozen=True, slots=True)
class Beside:
    """Two blocks side by side on paper and wide screens, one above the other on a phone."""

    left: Figure | Table
    right: Questions | Table


Block = Paragraph | Table | Figure | Results | Questions | Facts | Beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the brief.

    Attributes
    ----------
    id : anchor, lower case with hyphens
    rail : words in the navigation at the left of a wide screen
    headline : a finding, not a topic; empty for the opening section, which has the brief's own finding
    blocks : what it shows
    place : "page" for the printed pages, "annex" for what follows them
    new_page : whether it starts a page on paper
    """

    id: str
    rail: str
    headline: str
    blocks: Sequence[Block]
    place: Literal["page", "annex"] = "page"
    new_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """Everything the writers need; the same object becomes HTML, PDF and JSON.

    ``title`` says what kind of document it is ("Country brief: soft power"). ``head``
    holds (label, value) pairs for the line above the country's name: data, model, draws and seed. ``sources`` are
    those of the records, in the order of the source list that closes the annex.
    """

    iso3: str
    name: str
    title: str
    head: Sequence[tuple[str, str]]
    finding: Text
    sections: Sequence[Section]
    ledger: Ledger
    sources: Sequence[Source]
    meta: dict[str, object]
