"""Reading a sheet of an Excel workbook (.xlsx) row by row, in little memory, without running what it holds.

A workbook comes from anywhere. Its parts are read as they are unpacked, within a bound on all of them together; no part
may declare entities; and a cell that is a formula is known for one, for what it shows is not what was typed.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from softpower.activities.exchange import cells
from softpower.activities.exchange.faults import refuse
from softpower.activities.exchange.xmltree import DEEPEST, BadXml, Node, parsed, parser, records
from softpower.errors import BadTable

MOST_UNPACKED: Final = 512 * 2**20
MOST_PARTS: Final = 5_000
MOST_COLUMNS: Final = 16_384
LONGEST: Final = 2**20
SHEET: Final = "activities"

_AGAIN: Final = "save it again as .xlsx without a password, or as CSV (UTF-8)"
_HIDDEN_SIGN: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DATES: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_QUOTED: Final = re.compile(r'"[^"]*"|\\.|_.|\[[^\]]*\]')


def workbook_rows(file: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows of the sheet ``activities``, or of the first one, each with its number.

    Dates are year-month-day, numbers have all their digits. What a formula shows follows the sign `cells.FORMULA`.

    Raises
    ------
    BadEntries
        The file is no workbook, is damaged or too large, or declares entities.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MOST_UNPACKED or len(parts) > MOST_PARTS:
                raise refuse(file, f"unpacked larger than {MOST_UNPACKED // 2**20} MB; keep the rows that are needed")
            if "xl/workbook.xml" not in archive.namelist():
                raise refuse(file, f"not an Excel workbook of the form .xlsx; {_AGAIN}")
            yield from _Book(archive).rows()
    except BadTable:
        raise
    except (zipfile.BadZipFile, zlib.error, BadXml) as error:
        raise refuse(file, f"a damaged or encrypted Excel workbook ({error}); {_AGAIN}") from error
    except (EOFError, IndexError, KeyError, NotImplementedError, OSError, RuntimeError, ValueError) as error:
        raise refuse(file, f"not a readable Excel workbook ({error}); {_AGAIN}") from error


class _Book:
    """An open workbook."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        workbook = self._whole("xl/workbook.xml")
        settings = next(_all(workbook, "workbookPr"), None)
        self.from_1904 = settings is not None and settings.get("date1904") in ("1", "true")
        self.sheets = {each.get("name"): each.get("id") for each in _all(workbook, "sheet")}
        self.texts = self._texts()
        self.dates = self._date_styles()

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Number and cells of each row that has any, none shorter than those before: a sheet leaves out empty cells."""
        number = width = 0
        with self.archive.open(self._sheet()) as part:
            reader = _Sheet()
            for _ in parsed(part, reader.parser):
                for row in reader.taken():
                    number = int(row.number or number + 1)
                    found: list[str] = []
                    for cell in row.cells:
                        if text := self._text(cell):
                            found += [""] * (cell.place + 1 - len(found))
                            found[cell.place] = text
                    yield number, found + [""] * (width - len(found))
                    width = max(width, len(found))

    def _text(self, cell: _Cell) -> str:
        kind = cell.kind
        if kind == "s":
            text = self.texts[int(cell.value)]
        elif kind == "b":
            text = cells.said(cell.value == "1")
        elif kind != "n" or not cell.value:
            text = _shown(cell.value)
        else:
            text = self._number(float(cell.value), cell.style)
        # A cell that shows an error holds a formula, or the remains of one.
        return f"{cells.FORMULA}{text}" if cell.formula or kind == "e" else text

    def _number(self, value: float, style: str) -> str:
        if style not in self.dates or not 0 <= value < 2_958_466:
            return cells.number(value)
        days = int(value)
        # The calendar that begins in 1900 has a 29 February in that year, which there was not.
        first = date(1904, 1, 1) if self.from_1904 else date(1899, 12, 30 if days > 60 else 31)
        day = first + timedelta(days=days)
        if value == days:
            return day.isoformat()
        return (datetime.combine(day, datetime.min.time()) + timedelta(days=value - days)).isoformat(" ", "seconds")

    def _sheet(self) -> str:
        """Where the sheet lies that holds the entries."""
        if not self.sheets:
            raise KeyError("it has no sheets")
        wanted = self.sheets.get(SHEET, next(iter(self.sheets.values())))
        for link in self._whole("xl/_rels/workbook.xml.rels").children:
            if link.get("Id") == wanted:
                target = link.get("Target")
                return posixpath.normpath(target.lstrip("/") if target.startswith("/") else f"xl/{target}")
        raise KeyError("its sheets are not where it says")

    def _texts(self) -> list[str]:
        if "xl/sharedStrings.xml" not in self.archive.namelist():
            return []
        with self.archive.open("xl/sharedStrings.xml") as part:
            return [_string(node) for _, node in records(part, "si", bare=True)]

    def _date_styles(self) -> frozenset[str]:
        """Numbers of the styles that show a number as a date."""
        if "xl/styles.xml" not in self.archive.namelist():
            return frozenset()
        styles = self._whole("xl/styles.xml")
        own = {each.get("numFmtId"): each.get("formatCode") for each in _all(styles, "numFmt")}
        forms = next(_all(styles, "cellXfs"), Node(""))
        dates = (str(place) for place, form in enumerate(forms.children) if _is_date(form.get("numFmtId") or "0", own))
        return frozenset(dates)

    def _whole(self, name: str) -> Node:
        with self.archive.open(name) as part:
            return next(node for _, node in records(part, depth=0, bare=True))


@dataclass(slots=True)
class _Cell:
    place: int
    kind: str
    style: str
    value: str = ""
    formula: bool = False


@dataclass(slots=True)
class _Row:
    number: str
    cells: list[_Cell]


class _Sheet:
    """What a parser hears of a sheet: rows, cells, values, and whether they are formulas; all else is passed over."""

    def __init__(self) -> None:
        self.done: list[_Row] = []
        self.row = _Row("", [])
        self.cell = _Cell(0, "n", "0")
        self.depth = 0
        self.listening = False
        self.parser = parser()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.data

    def taken(self) -> list[_Row]:
        done, self.done = self.done, []
        return done

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadXml("elements without end", self.parser.CurrentLineNumber)
        match name[name.rfind(" ") + 1 :]:
            case "c":
                reference = attributes.get("r")
                place = _column(reference) if reference else len(self.row.cells)
                if place >= MOST_COLUMNS or len(self.row.cells) >= MOST_COLUMNS:
                    raise BadXml(f"a cell {reference or 'without end'}"[:40])
                self.cell = _Cell(place, attributes.get("t", "n"), attributes.get("s", "0"))
                self.row.cells.append(self.cell)
            case "v" | "t":
                self.listening = True
            case "f":
                self.cell.formula = True
            case "row":
                self.row = _Row(attributes.get("r", ""), [])

    def end(self, name: str) -> None:
        self.depth -= 1
        self.listening = False
        match name[name.rfind(" ") + 1 :]:
            case "c":
                self.cell = _Cell(0, "n", "0")  # rules about cells have formulas too
            case "row":
                self.done.append(self.row)

    def data(self, text: str) -> None:
        if self.listening:
            self.cell.value += text
            if len(self.cell.value) > LONGEST:
                raise BadXml("text without end", self.parser.CurrentLineNumber)


def _all(root: Node, name: str) -> Iterator[Node]:
    """The elements of a name at any depth."""
    for child in root.children:
        if child.name == name:
            yield child
        yield from _all(child, name)


def _string(node: Node) -> str:
    """The text of a string, without how it is read aloud."""
    pieces = [
        each for child in node.children for each in (child.children if child.name == "r" else (child,))
        if child.name in ("r", "t") and each.name == "t"
    ]  # fmt: skip
    return _shown("".join(each.text for each in pieces))


def _shown(text: str) -> str:
    """Text with the signs that XML cannot hold, which workbooks write as _x000D_."""
    return _HIDDEN_SIGN.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


@lru_cache(maxsize=65_536)
def _column(reference: str) -> int:
    number = 0
    for letter in reference.rstrip("0123456789").upper()[:4]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _is_date(number: str, own: Mapping[str, str]) -> bool:
    if number in own:
        code = _QUOTED.sub("", own[number]).casefold()
        return code != "general" and any(sign in code for sign in "ymdhs")
    return number.isdecimal() and int(number[:9]) in _DATES
