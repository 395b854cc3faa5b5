"""What is wrong with a file of entries, all of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from softpower.errors import BadTable, Fault

Unit = Literal["row", "line"]

SHOWN: Final = 20
# A file with more faults than that is another kind of file; nobody mends them one by one.
MOST_FAULTS: Final = 10_000


class BadEntries(BadTable):
    """A file of which nothing was read, with all its faults.

    Parameters
    ----------
    file : name of the file
    faults : with the row or line of each, 0 where it has none; the first twenty are shown
    unit : whether places are rows of a table or lines of a text
    """

    def __init__(self, file: str, faults: Sequence[Fault], *, unit: Unit = "row") -> None:
        self.file = file
        self.unit = unit
        self.faults = sorted(faults, key=lambda fault: fault.line)
        shown = [_shown(fault, unit) for fault in self.faults[:SHOWN]]
        if len(self.faults) == 1:
            super().__init__(f"{file}: {shown[0]}")
            return
        more = len(self.faults) - SHOWN
        last = [f"and {more:,} more"] if more > 0 else []
        lines = "\n".join(f"  {each}" for each in (*shown, *last))
        super().__init__(f"{file}: {len(self.faults):,} faults, and nothing was read\n{lines}")


def refuse(file: str, what: str, *, line: int = 0, where: str = "", unit: Unit = "row") -> BadEntries:
    """The error for a file with one fault."""
    return BadEntries(file, [Fault(line, where, what)], unit=unit)


def _shown(fault: Fault, unit: Unit) -> str:
    place = ", ".join(each for each in (f"{unit} {fault.line}" if fault.line else "", fault.where) if each)
    return f"{place}: {fault.what}" if place else fault.what
