"""Reading a table from an Excel workbook (.xlsx) as text, cell by cell, so that each fault can be named with its row.

A workbook comes from anywhere. Before it is read its parts are unpacked within a bound and checked against their sums;
a sheet that claims cells far beyond what it holds, which would take all memory, is refused.
"""

from __future__ import annotations

import html
import io
import logging
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from softpower.errors import BadTable

MOST_UNPACKED = 512 * 2**20
# 10,000 units with 500 indicators; a sheet is laid out whole in memory.
MOST_CELLS = 5_000_000

# A sign ">" may stand inside quotes.
_OTHERS = rb"(?:\s+[\w:.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*?\s+r\s*=\s*[\"']"
_ROW = re.compile(rb"<(?:\w+:)?row" + _OTHERS + rb"(\d+)")
_CELL = re.compile(rb"<(?:\w+:)?c" + _OTHERS + rb"([A-Za-z]+)(\d+)")
_BROKEN = re.compile(rb"<(?:\w+:)?c\b([^>]*\st\s*=\s*[\"']e[\"'][^>]*)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>([^<]*)<")
# What Excel shows for "no value": missing, as in a CSV file. Any other error is a formula that failed.
_NO_VALUE = "#N/A"


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a sheet as text.

    Attributes
    ----------
    sheet : its name
    head : the first row that holds anything, less columns that hold nothing
    frame : the rows below it; its columns are named by their place in ``head``
    first_row : number of the first of these rows in the sheet
    others : names of the other sheets of the workbook
    """

    sheet: str
    head: tuple[str, ...]
    frame: pl.DataFrame
    first_row: int
    others: tuple[str, ...]


def read_excel(content: bytes, *, name: str, sheet: str = "") -> Cells:
    """A sheet of a workbook: numbers with all their digits, dates as year-month-day.

    Parameters
    ----------
    sheet : by default the first

    Raises
    ------
    BadTable
        The file is no workbook, is damaged or too large, or has no such sheet; or formulas in the sheet failed.
    """
    parts = _parts(content, name)
    import fastexcel

    for reader in ("calamine", "fastexcel"):  # what they log about damaged files is said by the error
        logging.getLogger(reader).addHandler(logging.NullHandler())
    try:
        book = fastexcel.read_excel(content)
        names = book.sheet_names
        wanted = _chosen(names, sheet, name)
        # Text is rounded to nine decimals on the way, numbers are not: both are read.
        text, numbers = (
            pl.DataFrame(book.load_sheet(wanted, header_row=None, skip_rows=0, dtypes=kind))
            for kind in ("string", "float")
        )
    except BadTable:
        raise
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError, ValueError) as error:
        why = str(error).partition("\n")[0]
        raise BadTable(f"{name}: not a readable Excel workbook: {why}; save it again, or as CSV (UTF-8)") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how a fault inside the reader arrives
            raise
        raise BadTable(f"{name}: a damaged Excel workbook; open it, and save it again or as CSV (UTF-8)") from error
    where = f"{name}, sheet {names[wanted]}"
    if failed := _failed(parts, wanted):
        raise BadTable(f"{where}: formulas that failed: {failed}; mend them, or leave the cells empty")
    rows = [
        [_written(a, b) for a, b in zip(*pair, strict=True)] for pair in zip(text.rows(), numbers.rows(), strict=True)
    ]
    filled = [number for number, row in enumerate(rows) if any(cell.strip() for cell in row)]
    others = tuple(each for place, each in enumerate(names) if place != wanted)
    if not filled:
        hint = f"; name another one as FILE.xlsx#SHEET: {', '.join(others[:12])}" if others else ""
        raise BadTable(f"{where}: the sheet is empty{hint}")
    top, below = rows[filled[0]], rows[filled[0] + 1 : filled[-1] + 1]
    kept = [k for k, title in enumerate(top) if title or any(row[k] for row in below)]
    columns = {str(place): [row[k] for row in below] for place, k in enumerate(kept)}
    return Cells(
        sheet=names[wanted],
        head=tuple(top[k].strip() for k in kept),
        frame=pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)),
        first_row=filled[0] + 2,
        others=others,
    )


def _chosen(names: Sequence[str], sheet: str, name: str) -> int:
    if not sheet:
        return 0
    if sheet not in names:
        raise BadTable(f"{name} has no sheet {sheet!r}; it has: {', '.join(names[:12])}")
    return list(names).index(sheet)


def _written(text: str | None, number: float | None) -> str:
    """A cell as it would stand in a CSV file."""
    if text is None:
        return ""
    if number is None:
        return re.sub(r"^(\d{4}-\d\d-\d\d) 00:00:00$", r"\1", text)
    try:
        same = float(text) == number
    except ValueError:
        return text  # true and false count as 1 and 0 to the reader, not to us
    return text if same else repr(number)


def _parts(content: bytes, name: str) -> dict[str, bytes]:
    """The parts of a workbook by path, unpacked; their sums are right and no sheet claims too many cells."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(each.file_size for each in archive.infolist())
            if size > MOST_UNPACKED:
                raise BadTable(
                    f"{name}: unpacked larger than {MOST_UNPACKED // 2**20} MB; keep the columns and rows that are "
                    "needed, or save the sheet as CSV (UTF-8)"
                )
            parts = {each.filename: archive.read(each) for each in archive.infolist()}
            if len(parts) < len(archive.infolist()):
                raise BadTable(f"{name}: a damaged Excel workbook: two parts of one name; save it again")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise BadTable(
            f"{name}: a damaged or encrypted Excel workbook ({error}); save it again, or save the sheet as CSV (UTF-8)"
        ) from error
    except Exception as error:
        if type(error).__module__ != "zlib":
            raise
        raise BadTable(f"{name}: a damaged Excel workbook ({error}); get it again") from error
    if "xl/workbook.xml" not in parts:
        raise BadTable(f"{name}: not an Excel workbook of the form .xlsx; save it as one, or as CSV (UTF-8)")
    for part, xml in parts.items():
        rows = max((int(found[1][:10]) for found in _ROW.finditer(xml)), default=0)
        columns = 0
        for found in _CELL.finditer(xml):
            rows, columns = max(rows, int(found[2][:10])), max(columns, _column(found[1]))
        if rows * max(columns, 1) > MOST_CELLS:
            raise BadTable(
                f"{name}: {PurePosixPath(part).stem} reaches to row {rows:,} and column {columns:,}, too far to hold "
                "in memory; delete what stands far off, or save the sheet as CSV (UTF-8)"
            )
    return parts


def _column(letters: bytes) -> int:
    """Number of a column; one of more than three letters is none, and counts as far off."""
    number = 0
    for letter in letters.upper()[:8]:
        number = number * 26 + letter - 64
    return number if len(letters) <= 3 else max(number, MOST_CELLS + 1)


def _failed(parts: dict[str, bytes], wanted: int) -> str:
    """The first cells of a sheet whose formulas gave an error, as "B3 #DIV/0!"."""
    xml = parts.get(_path(parts, wanted), b"")
    found = []
    for match in _BROKEN.finditer(xml):
        value, at = _VALUE.search(match[2]), re.search(rb"\sr\s*=\s*[\"'](\w+)", match[1])
        error = value[1].decode(errors="replace") if value else "?"
        if error != _NO_VALUE:
            found.append(f"{at[1].decode() if at else 'a cell'} {error}")
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return ", ".join(found[:5]) + more


def _path(parts: dict[str, bytes], wanted: int) -> str:
    """Where in the file a sheet lies; "" if its workbook does not say."""
    sheets = re.findall(rb"<(?:\w+:)?sheet\s[^>]*>", parts["xl/workbook.xml"])
    mark = re.search(rb"\sr:id\s*=\s*[\"']([^\"']+)", sheets[wanted]) if wanted < len(sheets) else None
    for link in re.findall(rb"<Relationship\s[^>]*>", parts.get("xl/_rels/workbook.xml.rels", b"")):
        given: dict[bytes, Any] = dict(re.findall(rb"(\w+)\s*=\s*[\"']([^\"']*)", link))
        if mark and given.get(b"Id") == mark[1]:
            target = html.unescape(given.get(b"Target", b"").decode(errors="replace"))
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return ""
