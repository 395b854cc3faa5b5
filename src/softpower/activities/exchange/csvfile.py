"""Tables of entries as CSV: as Excel writes it, in any country, and as it opens it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Final

from softpower.activities.activity import Activity
from softpower.activities.exchange import cells
from softpower.activities.exchange.columns import header, row
from softpower.activities.exchange.faults import refuse
from softpower.errors import BadRequest

SEPARATORS: Final = ",;\t"
LONGEST: Final = 131_072
LONGEST_ROW: Final = 4 * 2**20
_AGAIN: Final = "save the file as CSV with encoding UTF-8, or as .xlsx"
_SAID: Final = re.compile(r"sep=([,;\t])\r?\n")


def csv_bytes(activities: Sequence[Activity]) -> bytes:
    """Entries as CSV: UTF-8 with the mark by which Excel knows it, lines ended as RFC 4180 has it.

    Raises
    ------
    BadRequest
        A text is longer than readers of CSV take.
    """
    return table_bytes(header(activities), ((each.id, row(each)) for each in activities))


def table_bytes(names: Sequence[str], rows: Iterable[tuple[str, Mapping[str, str]]]) -> bytes:
    """Rows as CSV: each with what to call it and its cells by column."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([cells.guarded(name) for name in names])
    for id, found in rows:
        if long := [name for name, text in found.items() if len(text) >= LONGEST]:
            raise BadRequest(f"{id}: {long[0]} is too long for a cell ({len(found[long[0]]):,} signs); write .xml")
        writer.writerow([found.get(name, "") for name in names])
    return codecs.BOM_UTF8 + buffer.getvalue().encode()


def csv_rows(file: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file, each with its number as a spreadsheet counts them.

    Parted by comma, semicolon or tab, whichever the first row has most of; UTF-8, or UTF-16 with its mark.

    Raises
    ------
    BadEntries
        The bytes are no text, or a quotation mark is not closed.
    """
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not wide and (place := content.find(b"\0")) >= 0:
        raise refuse(file, f"holds a NUL, which no text does: {_AGAIN}", line=content.count(b"\n", 0, place) + 1)
    encoding = "utf-16" if wide else "utf-8-sig"
    text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
    start = content[: 2 * LONGEST].decode(encoding, errors="ignore")
    said = _SAID.match(start)
    separator = said[1] if said else max(SEPARATORS, key=_first_line(start).count)
    lines = _Lines(file, text)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    number = 0
    while True:
        number += 1
        lines.number, lines.size = number, 0
        try:
            cells_of = next(reader)
        except StopIteration:
            return
        except UnicodeDecodeError as error:
            raise refuse(file, f"not text in UTF-8: {_AGAIN}", line=_bad_line(content, encoding)) from error
        except csv.Error as error:
            what = f"a quotation mark is not closed or stands inside a cell, or a cell is too long ({error})"
            raise refuse(
                file, f"{what}; double each mark inside a cell, and quote the whole cell", line=number
            ) from error
        if not (said and number == 1):
            yield number, cells_of


class _Lines:
    """The lines of a text, as long as those of one row are not without end."""

    def __init__(self, file: str, text: IO[str]) -> None:
        self.file, self.text = file, text
        self.number = self.size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.text.readline(LONGEST_ROW + 1)
        self.size += len(line)
        if self.size > LONGEST_ROW:
            what = f"a row of more than {LONGEST_ROW:,} signs; is a quotation mark not closed, or a line end missing?"
            raise refuse(self.file, what, line=self.number)
        if not line:
            raise StopIteration
        return line


def _bad_line(content: bytes, encoding: str) -> int:
    """The line in which bytes are no text; 0 where lines cannot be counted."""
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        return content.count(b"\n", 0, error.start) + 1 if encoding != "utf-16" else 0
    return 0


def _first_line(start: str) -> str:
    """The first line outside its quotation marks."""
    return re.sub(r'"[^"]*"', "", start.lstrip("\r\n")).partition("\n")[0]
