"""A user's own table: one row per unit and year, one column per indicator, group or denominator.

Every cell is read as text first, so that what is not a number can be named with its row and column. Missing is an empty
cell, ``NA``, ``NaN``, ``n/a`` or ``..``; it never becomes zero, and the key columns know no missing marks: the code of
Namibia is ``NA``.
"""

from __future__ import annotations

import hashlib
import io
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.errors import BadTable
from softpower.index.writing import HARMFUL, unguarded

Array = NDArray[np.float64]

UNIT_COLUMNS = ("iso3", "uCode", "unit", "code")
# Says which unit a row is about where none of these does; beside one of them it is a column like others.
ELSE_UNIT = ("country",)
YEAR_COLUMNS = ("year", "Time")
NAME_COLUMNS = ("uName", "name")
MISSING = frozenset({"", "NA", "N/A", "NaN", "nan", "n/a", "..", "-"})
# More than any list of countries, regions or cities over decades, and little enough to hold in memory.
MOST_BYTES = 256 * 2**20
# As many faults of one kind are shown in full.
SHOWN = 5
# Squares and quotients of numbers beyond these would overflow, and no unit of measurement needs them.
LARGEST, SMALLEST = 1e100, 1e-100

# A workbook and the name of one of its sheets.
_SHEET = re.compile(r"(.+?\.xls[xm])#(.+)", re.IGNORECASE | re.DOTALL)
_COMMA = re.compile(r"^[+-]?\d+,\d+$")
_DATE = re.compile(r"^\d{4}-\d\d-\d\d( |$)")
_GROUPED = re.compile(r"^[+-]?\d{1,3}([ ,.'\u00a0\u202f]\d{3})+([.,]\d+)?$")
_MARKED = re.compile(r"^[^\d\s]{0,3}\s*[+-]?\d[\d.]*\s*[^\d\s]{0,3}$")


@dataclass(frozen=True, slots=True)
class Table:
    """The cells of a table, as the model that reads it needs them.

    Attributes
    ----------
    file : what messages call it
    units : codes, sorted, so that what is drawn for a unit does not hang on where its rows stand; names : as long
    years : sorted; (0,) where the table has no year
    present : whether the table has a row for a year and a unit, shape (year, unit)
    numbers : by column, shape (year, unit), NaN where missing
    labels : by column, shape (year, unit), "" where missing
    digest : SHA-256 of the file
    """

    file: str
    units: tuple[str, ...]
    names: tuple[str, ...]
    years: tuple[int, ...]
    present: NDArray[np.bool_]
    numbers: Mapping[str, Array]
    labels: Mapping[str, NDArray[np.str_]]
    digest: str


class Sheet:
    """A table as text, before anyone has said which columns hold numbers.

    ``first_row`` is the number that its first row has in the file, for messages.
    """

    def __init__(self, name: str, frame: pl.DataFrame, digest: str, *, first_row: int = 2) -> None:
        self.name, self.frame, self.digest, self.first_row = name, frame, digest, first_row
        self.unit = self._only(UNIT_COLUMNS) or self._only(ELSE_UNIT) or self._lacks_units()
        self.year = self._only(YEAR_COLUMNS)
        self.title = self._only(NAME_COLUMNS)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that a model may name: all but unit, year and name."""
        return tuple(name for name in self.frame.columns if name not in {self.unit, self.year, self.title})

    def _only(self, names: Sequence[str]) -> str:
        wanted = {name.lower() for name in names}
        found = [name for name in self.frame.columns if name.lower() in wanted]
        if len(found) > 1:
            raise BadTable(f"{self.name}: columns {', '.join(found)} say the same; keep one of them")
        return found[0] if found else ""

    def _lacks_units(self) -> str:
        raise BadTable(
            f"{self.name}: no column says which unit a row is about; name one of its columns "
            f"{' or '.join((*UNIT_COLUMNS, *ELSE_UNIT))}.  It has: {', '.join(self.frame.columns[:12])}"
        )

    def read(self, *, numbers: Collection[str], labels: Collection[str] = ()) -> Table:
        """The columns that a model names, as numbers or as labels.

        Raises
        ------
        BadTable
            A cell is no number, a key is missing or stands twice; the first cases are shown with their rows.
        """
        units, years = self._text(self.unit), self._years()
        self._check_keys(units, years)
        order = tuple(sorted(set(units)))
        calendar = tuple(sorted(set(years)))
        place = {unit: number for number, unit in enumerate(order)}
        at = np.searchsorted(calendar, years), np.array([place[unit] for unit in units])
        shape = (len(calendar), len(order))
        present = np.zeros(shape, dtype=bool)
        present[at] = True
        names = dict(zip(order, order, strict=True))
        if self.title:
            names |= {unit: name for unit, name in zip(units, self._text(self.title), strict=True) if name}
        columns = self._numbers(tuple(dict.fromkeys(numbers)))
        return Table(
            file=self.name,
            units=order,
            names=tuple(" ".join(names[unit].split()) for unit in order),  # on one line, whatever the table has
            years=calendar,
            present=present,
            numbers={name: _spread(np.full(shape, np.nan), at, each) for name, each in columns.items()},
            labels={
                name: _spread(np.full(shape, "", dtype=object), at, np.array(self._text(name), dtype=object)).astype(
                    str
                )
                for name in dict.fromkeys(labels)
            },
            digest=self.digest,
        )

    def _text(self, column: str) -> list[str]:
        return [(value or "").strip() for value in self.frame[column].to_list()]

    def _years(self) -> list[int]:
        if not self.year:
            return [0] * self.frame.height
        found, faults = [], []
        for row, text in enumerate(self._text(self.year), start=self.first_row):
            match = re.fullmatch(r"(\d{1,4})(\.0+)?", text)
            found.append(int(match[1]) if match else 0)
            if not match:
                faults.append(f"row {row}: {text[:40]!r}")
        if faults:
            raise BadTable(f"{self.name}, column {self.year}: a year is missing or is not one: {_some(faults)}")
        return found

    def _check_keys(self, units: Sequence[str], years: Sequence[int]) -> None:
        if bare := [f"row {row}" for row, unit in enumerate(units, start=self.first_row) if not unit]:
            raise BadTable(f"{self.name}, column {self.unit}: no unit in {_some(bare)}; give each row its code")
        first: dict[tuple[str, int], int] = {}
        twice = [
            f"{unit}{f' {year}' if self.year else ''} in rows {first[unit, year]} and {row}"
            for row, (unit, year) in enumerate(zip(units, years, strict=True), start=self.first_row)
            if first.setdefault((unit, year), row) != row
        ]
        if twice:
            remedy = "keep one row of each" if self.year else "keep one row of each, or add a column year"
            raise BadTable(f"{self.name}: the same unit stands twice: {_some(twice)}; {remedy}")

    def _numbers(self, columns: Sequence[str]) -> dict[str, Array]:
        """Columns as numbers; all that have cells that are none are named at once."""
        found, faults = {}, {}
        for column in columns:
            found[column], bad = self._parsed(column)
            if bad:
                units = self._text(self.unit)
                shown = _some([f"row {at + self.first_row} ({units[at]}): {text[:40]!r}" for at, text in bad])
                remedy = _remedy([text for _, text in bad])
                faults[column] = f"{self.name}, column {column}: not a number: {shown}; {remedy}"
        if faults:
            more = f"\nand cells of {', '.join([*faults][SHOWN:])}" if len(faults) > SHOWN else ""
            raise BadTable("\n".join([*faults.values()][:SHOWN]) + more)
        return found

    def _parsed(self, column: str) -> tuple[Array, list[tuple[int, str]]]:
        """A column as numbers, and the cells that are none with their places."""
        values, faults = np.full(self.frame.height, np.nan), []
        for place, text in enumerate(self._text(column)):
            if text in MISSING:
                continue
            try:
                values[place] = float(text)
            except ValueError:
                faults.append((place, text))
                continue
            size = abs(values[place])
            if "_" in text or not (size == 0 or SMALLEST <= size <= LARGEST):  # infinite and NaN too
                faults.append((place, text))
        return values, faults


def _spread(full: NDArray[Any], at: tuple[NDArray[np.intp], NDArray[np.intp]], values: NDArray[Any]) -> NDArray[Any]:
    full[at] = values
    return full


def _some(cases: Sequence[str]) -> str:
    more = f" and {len(cases) - SHOWN} more" if len(cases) > SHOWN else ""
    return ", ".join(cases[:SHOWN]) + more


def _remedy(texts: Sequence[str]) -> str:
    if any(_COMMA.match(text) for text in texts):
        if all(_GROUPED.match(text) for text in texts):
            return "write 1234 if the comma separates thousands, and 1.234 if it stands before decimals"
        return "write decimals with a point (3.14), not with a comma"
    if any(_GROUPED.match(text) for text in texts):
        return "write numbers without separators of thousands (1234567)"
    if any(text.lower().lstrip("+-") in {"inf", "infinity"} for text in texts):
        return "infinite values cannot be ranked: leave the cell empty, or mend what divides by zero"
    if any(_is_number(text) for text in texts):
        return f"numbers beyond {LARGEST:g} or below {SMALLEST:g} cannot be reckoned with: give them in another unit"
    if any(_DATE.match(text) for text in texts):
        return "a spreadsheet has made a date of it: format the cell as a number and write the number again"
    if any(_MARKED.match(text) for text in texts):
        return "write the bare number, without currency, per cent or other signs, and a minus as the hyphen -"
    return "leave a missing cell empty or write NA, and keep notes in a column of their own"


def _is_number(text: str) -> bool:
    try:
        return not math.isnan(float(text))
    except ValueError:
        return False


def open_table(path: Path) -> Sheet:
    """The table in a CSV (comma, semicolon or tab), Parquet or Excel file.

    Of a workbook the first sheet is read, or the one that is named as in ``data.xlsx#Sheet``.

    Raises
    ------
    BadTable
        The file cannot be read as a table.
    """
    part = ""
    if not path.exists() and (found := _SHEET.match(str(path))):
        path, part = Path(found[1]), found[2]
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadTable(f"{path}: larger than {MOST_BYTES // 2**20} MB; keep the columns and years that are needed")
        content = path.read_bytes()
    except OSError as error:
        raise BadTable(f"{path} cannot be read: {error.strerror}") from error
    return sheet(content, name=path.name, part=part)


def sheet(content: bytes, *, name: str, part: str = "") -> Sheet:
    """Like `open_table`, from the bytes of the file; ``part`` names a sheet of a workbook."""
    if content[:2] == b"PK":
        return _excel(content, name, part)
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise BadTable(f"{name}: an old (.xls) or encrypted Excel file; save it as .xlsx without a password, or as CSV")
    frame = _parquet(content, name) if content[:4] == b"PAR1" else _csv(content, name)
    if frame.height == 0:
        raise BadTable(f"{name}: no rows below the header")
    return Sheet(name, frame, hashlib.sha256(content).hexdigest())


def _excel(content: bytes, name: str, part: str) -> Sheet:
    from softpower.index.excel import read_excel

    cells = read_excel(content, name=name, sheet=part)
    name = f"{name}#{cells.sheet}" if cells.others else name
    telling = (*UNIT_COLUMNS, *ELSE_UNIT)
    if cells.others and not {each.lower() for each in telling} & {each.lower() for each in cells.head}:
        raise BadTable(
            f"{name}: this sheet has no column {' or '.join(telling)}; if the table is in another one, name it as "
            f"FILE.xlsx#SHEET: {', '.join(cells.others[:12])}"
        )
    _check_header(cells.head, name)
    if cells.frame.height == 0:
        raise BadTable(f"{name}: no rows below the header")
    frame = cells.frame.rename(dict(zip(cells.frame.columns, cells.head, strict=True)))
    return Sheet(name, frame, hashlib.sha256(content + part.encode()).hexdigest(), first_row=cells.first_row)


def _csv(content: bytes, name: str) -> pl.DataFrame:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise BadTable(f"{name}, row {row}: not UTF-8 text; save the file as CSV with encoding UTF-8") from error
    if not text.strip():
        raise BadTable(f"{name}: the file is empty")
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # old spreadsheets end lines with the first sign alone
    header = text.partition("\n")[0]
    separator = max(",;\t", key=header.count)
    names = next(_rows(header, separator), [])
    _check_header(names, name)
    _check_rows(text, separator, len(names), name)
    try:
        frame = pl.read_csv(io.StringIO(text), separator=separator, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise BadTable(f"{name}: a quotation mark stands inside a cell: double it, and quote the whole cell") from error
    # As exported tables have it, an apostrophe before text like a formula is no part of the text.
    plain = frame.with_columns(pl.all().str.replace(f"^'({HARMFUL})", "${1}"))
    return plain.rename({each: unguarded(each) for each in plain.columns})


def _check_rows(text: str, separator: str, width: int, name: str) -> None:
    """Refuse rows that have more or fewer cells than the header: what is missing would slip into another column."""
    import csv

    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    faults, start = [], 1
    try:
        for row in reader:
            if row and len(row) != width:
                faults.append(f"row {start} ({row[0][:40]}) has {len(row)}")
            start = reader.line_num + 1
    except csv.Error as error:
        raise BadTable(f"{name}, row {start}: a quotation mark is not closed, or text follows one: {error}") from error
    if faults:
        comma = "; decimals are written with a point, not with a comma" if separator == "," else ""
        raise BadTable(f"{name}: not as many cells as the header, which has {width}: {_some(faults)}{comma}")


def _check_header(names: Sequence[str], name: str) -> None:
    if faults := sorted({each or "(no name)" for each in names if names.count(each) > 1 or not each}):
        raise BadTable(f"{name}: columns without a name of their own: {_some(faults)}; rename or delete them")


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    import csv

    yield from csv.reader([text.rstrip("\r")], delimiter=separator)


def _parquet(content: bytes, name: str) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(io.BytesIO(content))
        return frame.with_columns(pl.all().cast(pl.String))
    except pl.exceptions.PolarsError as error:
        raise BadTable(f"{name}: not a readable Parquet file, or a column that holds no plain values") from error


def sheet_of(frame: Any, *, name: str = "the dataframe") -> Sheet:
    """The table in a dataframe: Polars, pandas, PyArrow, or any other that narwhals knows."""
    import narwhals as nw

    try:
        columns = nw.from_native(frame, eager_only=True).to_dict(as_series=False)
    except TypeError as error:
        raise BadTable(
            f"{name}: data is a file or a dataframe (Polars, pandas, Arrow), not {type(frame).__name__}"
        ) from error
    text = pl.DataFrame({key: [_written(value) for value in values] for key, values in columns.items()})
    if text.height == 0:
        raise BadTable(f"{name}: it has no rows")
    digest = hashlib.sha256(text.write_csv().encode()).hexdigest()
    return Sheet(name, text, digest)


def _written(value: object) -> str:
    return "" if value is None or value != value else str(value)  # NaN alone differs from itself
