"""Figures with the bounds they have to keep, and tables of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isnan


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes
    ----------
    what : what was measured, in words
    value : the number, in ``unit``; NaN where it could not be measured, and ``note`` says why
    least, most : bounds that it has to keep; None where there is none
    goal : the bounds are aimed at and not yet demanded: missing them does not fail the run
    note : what it rests on, or what to compare it with
    """

    what: str
    value: float
    unit: str = ""
    least: float | None = None
    most: float | None = None
    goal: bool = False
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the value keeps its bounds; a figure that is not a number keeps none."""
        above = self.least is None or self.value >= self.least
        below = self.most is None or self.value <= self.most
        return above and below

    @property
    def fails(self) -> bool:
        """Whether a bound that is demanded is missed."""
        return not self.holds and not self.goal

    @property
    def verdict(self) -> str:
        """A word for the table: "holds", "MISSED", "not yet", or nothing where there is no bound."""
        if self.least is None and self.most is None:
            return ""
        return "holds" if self.holds else "not yet" if self.goal else "MISSED"

    @property
    def demand(self) -> str:
        """The bounds in words."""
        match self.least, self.most:
            case None, None:
                return ""
            case None, most:
                return f"at most {_number(most, self.unit)}"
            case least, None:
                return f"at least {_number(least, self.unit)}"
            case least, most:
                return f"{_number(least, self.unit)} to {_number(most, self.unit)}"

    @property
    def shown(self) -> str:
        """The value with its unit."""
        return _number(self.value, self.unit)


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if isnan(value):
        return "not measured"
    if unit == "share":
        return f"{100 * value:.1f}%"
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{text} {unit}".rstrip()


HEADINGS = ("figure", "measured", "has to be", "", "note")


def _rows(figures: Sequence[Figure]) -> list[tuple[str, ...]]:
    return [(each.what, each.shown, each.demand, each.verdict, each.note) for each in figures]


def text(title: str, figures: Sequence[Figure]) -> str:
    """A table for the terminal."""
    rows = [HEADINGS, *_rows(figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([title, *lines, ""])


def markdown(title: str, figures: Sequence[Figure]) -> str:
    """The same table for the documentation."""
    rows = [HEADINGS, tuple("---" for _ in HEADINGS), *_rows(figures)]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([f"### {title}", "", *lines, ""])


def as_json(tables: dict[str, Sequence[Figure]]) -> str:
    """All tables as one JSON document."""
    records = {name: [_record(each) for each in figures] for name, figures in tables.items()}
    return json.dumps(records, indent=2)


def _record(figure: Figure) -> dict[str, object]:
    record = {**asdict(figure), "holds": figure.holds, "verdict": figure.verdict}
    return record | {"value": None} if isnan(figure.value) else record
