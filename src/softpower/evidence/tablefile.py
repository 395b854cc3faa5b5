"""Tables that users bring, as text: read alike for ties, votes, memberships and pairs, and checked column by column."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from softpower.drawing.letters import visible
from softpower.errors import AmbiguousName, BadTable, UnknownCountry
from softpower.evidence.rollcalls import FORMER_STATES
from softpower.world import find

# The row of a table that follows its header, as a spreadsheet counts.
FIRST_ROW = 2
# Letters of a name or a cell that a message shows.
SHOWN: Final = 60
# No state has a longer name.
_LONGEST_NAME: Final = 200
# Faults that a message lists, and names that are looked for in vain: each takes milliseconds.
_LISTED: Final = 20
# Bytes in a line of names: thousands of columns have fewer.
_LONGEST_HEADER: Final = 200_000
_PARQUET: Final = b"PAR1"


def read_text_table(path: Path, *, what: str) -> pl.DataFrame:
    """The table in a CSV or Parquet file, every column as text.

    Parameters
    ----------
    path : the file, whose name is taken as it stands: no character in it is a pattern
    what : what the table is of, for messages

    Returns
    -------
    DataFrame
        Null where a cell is empty and nowhere else: NA is Namibia, unless the column is one of numbers. Names of
        columns have one line, no control codes and no byte order mark; very long ones are cut, and columns without a
        name, as spreadsheets add them, are left out. A Parquet column of lists, records or bytes is no text: its cells
        hold the name of their type, as an Enum, which `only_text` refuses where the column is needed.

    Raises
    ------
    BadTable
        The file is missing, a folder, empty or no table, or two of its columns have one name.
    """
    try:
        content = path.read_bytes()
        is_parquet = path.suffix.lower() == ".parquet"
        if why := _no_table(content, is_parquet=is_parquet):
            raise _NoTableError(why)
        frame, names = _parquet(content) if is_parquet else _csv(content)
    # A NUL in the name is a ValueError, and some damage to a Parquet file makes its reader panic.
    except (OSError, ValueError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise BadTable(f"{one_line(str(path))}: cannot be read as a table of {what}: {_why(error)}") from error
    return _named(frame, names, where=one_line(path.name))


class _NoTableError(ValueError):
    """What is wrong with the bytes of a file, in words."""


def _no_table(content: bytes, *, is_parquet: bool) -> str:
    """Why the bytes cannot be a table, as far as that is seen before they are read; empty if they may be one."""
    if not content or content.isspace():
        return "the file is empty"
    if is_parquet:
        if not content.startswith(_PARQUET):
            return "it is no Parquet file, although its name ends so; let the name of a CSV file end in .csv"
        if not content.endswith(_PARQUET):
            return "the end of the Parquet file is missing; copy or download it anew"
    elif content.startswith(_PARQUET):
        return "it is a Parquet file; let its name end in .parquet"
    elif b"\0" in content:
        return "it has NUL bytes, as files in UTF-16 and spreadsheets do; save it as CSV in UTF-8"
    elif len(content) > _LONGEST_HEADER and content.find(b"\n", 0, _LONGEST_HEADER) < 0:
        return f"its first line, which names the columns, has more than {_LONGEST_HEADER:,} bytes; give each row a line"
    return ""


def _why(error: BaseException) -> str:
    """What a reader says of a file, in one short line."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    said = one_line(str(error).strip().partition("\n")[0]) or type(error).__name__
    if isinstance(error, ValueError):
        return said
    if isinstance(error, pl.exceptions.NoDataError):
        return "the file is empty"
    if isinstance(error, pl.exceptions.DuplicateError):
        named = re.search("'(.*)'", said)
        return f"two columns are named {shown(named[1] if named else said)}; rename or delete either"
    if "invalid utf-8" in said:
        return "it is not in UTF-8; save it as CSV in UTF-8"
    if "more fields" in said:
        return "a row has more cells than there are columns; put texts with a comma in quotation marks"
    return f"{said[: 2 * SHOWN]}; check its quotation marks, or copy or download it anew"


def _csv(content: bytes) -> tuple[pl.DataFrame, list[str | None]]:
    """The cells below the header, and the names in it as they stand."""
    # The header is read as a row: as names, doubled ones would be changed in silence.
    rows = pl.read_csv(io.BytesIO(content.lstrip(b"\r\n")), infer_schema=False, has_header=False)
    return _without_blank(rows.slice(1)), list(rows.row(0))


def _parquet(content: bytes) -> tuple[pl.DataFrame, list[str | None]]:
    frame = pl.read_parquet(io.BytesIO(content))
    texts = [_as_text(column) for column in frame.iter_columns()]
    return _without_blank(frame.with_columns(texts)), list(frame.columns)


def _as_text(column: pl.Series) -> pl.Series:
    """The column as text, or as the name of its type where its cells cannot be text."""
    if not column.dtype.is_nested():
        try:
            return column.cast(pl.String)
        except pl.exceptions.PolarsError:  # bytes that are no text, spans of time
            pass
    kind = one_line(str(column.dtype))[:SHOWN]
    cells = pl.when(column.is_not_null()).then(pl.lit(kind)).cast(pl.Enum([kind]))
    return pl.select(cells.alias(column.name)).to_series()


def _without_blank(frame: pl.DataFrame) -> pl.DataFrame:
    """The table with null in place of texts of no letter."""
    return frame.with_columns(pl.when(pl.col(pl.String) != "").then(pl.col(pl.String)).name.keep())


def _named(frame: pl.DataFrame, names: Sequence[str | None], *, where: str) -> pl.DataFrame:
    """The table under the names its file gives the columns, fit to be shown.

    Raises
    ------
    BadTable
        Two names are one, whatever their case, blanks and control codes.
    """
    found: dict[str, str] = {}
    kept: list[pl.Series] = []
    for place, (column, name) in enumerate(zip(frame.iter_columns(), names, strict=True), start=1):
        given = (name or "").replace("\ufeff", "")
        plain = one_line(given)
        if not plain:
            continue
        other = found.setdefault(plain.casefold(), name or "")
        if len(found) == len(kept):
            said = f"two columns are named {shown(given)}" if other == name else _one(other, name or "")
            raise BadTable(f"{where}: {said}; rename or delete either")
        # Longer than any name that is not cut, so that it is none of these.
        kept.append(column.alias(plain if len(plain) <= SHOWN else f"{plain[:SHOWN]}... (column {place})"))
    return pl.DataFrame(kept)


def _one(name: str, other: str) -> str:
    return f"columns {shown(name)} and {shown(other)} are one"


def shown(text: str) -> str:
    """``text`` in quotation marks, cut and with its control codes spelt out.

    >>> print(shown("a\\x1b[31m"))
    'a\\x1b[31m'
    """
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")


def only_text(frame: pl.DataFrame, columns: Collection[str], *, where: str) -> None:
    """Raise `BadTable` if one of the columns holds lists, records or bytes in place of text and numbers."""
    for name in columns:
        kind = frame.schema[name]
        if isinstance(kind, pl.Enum):
            raise BadTable(
                f"{where}, column {shown(name)}: it holds {kind.categories[0]} and neither text nor numbers; give it "
                "one text or number in each row"
            )


def one_line(text: str) -> str:
    """``text`` in one line and without codes that a terminal obeys or that turn the direction of what follows.

    >>> one_line("a\\x1b[31m\\n b\\u202ec")
    'a[31m bc'
    """
    return " ".join(visible(text).split())


def printable(frame: pl.DataFrame, columns: Collection[str]) -> pl.DataFrame:
    """The table with `one_line` done to some columns, which are shown as they are; null where nothing is left."""
    only_text(frame, columns, where="the table")
    return frame.with_columns(
        frame[column].replace_strict({each: one_line(each) or None for each in frame[column].unique().drop_nulls()})
        if frame[column].null_count() < frame.height
        else frame[column]
        for column in columns
    )


def numbers(text: pl.Series) -> pl.Series:
    """A column of text as numbers, null where it is none."""
    return text.cast(pl.String).cast(pl.Float64, strict=False)


def without_na(frame: pl.DataFrame, columns: Collection[str]) -> pl.DataFrame:
    """The table with null in place of the text NA in columns of numbers."""
    return frame.with_columns(pl.col(list(columns)).replace("NA", None))


def by_lower_case(frame: pl.DataFrame, wanted: Collection[str], *, where: str) -> pl.DataFrame:
    """The table with the wanted columns under these names, whatever the case of their letters in the file.

    Raises
    ------
    BadTable
        Two columns differ in the case of their letters only, or a wanted one holds lists, records or bytes.
    """
    where = one_line(where)
    names: dict[str, str] = {}
    for name in frame.columns:
        plain = name.strip().lower()
        if plain not in wanted:
            continue
        if plain in names:
            raise BadTable(f"{where}: {_one(names[plain], name)}; rename or delete either")
        names[plain] = name
    only_text(frame, names.values(), where=where)
    return frame.rename({name: plain for plain, name in names.items() if name != plain})


def state_code(text: str | None) -> str:
    """ISO3 code of a state of today, or of one that is no more, by name or code.

    Raises
    ------
    UnknownCountry, AmbiguousName
        None is called so, or several are.

    >>> state_code("Kazakhstan"), state_code("CSK"), state_code("czechoslovakia")
    ('KAZ', 'CSK', 'CSK')
    """
    given = (text or "").strip()
    if len(given) > _LONGEST_NAME:  # nobody is called so, and looking for the nearest takes long
        raise UnknownCountry(f"{given[:SHOWN]}...")
    for code, name in FORMER_STATES.items():
        if given.casefold() in (code.casefold(), name.casefold()):
            return code
    return find(given).iso3


def whole_numbers(rows: pl.DataFrame, column: str, *, least: int, most: int, kind: str) -> tuple[pl.Series, list[str]]:
    """A column of text as whole numbers from ``least`` to ``most``, and what is wrong with it.

    Parameters
    ----------
    rows : with a column ``row``, the place of each row in its file
    kind : what a number of this column is, for messages

    Returns
    -------
    numbers, faults
        Int64, null where it is none; at most one fault, with the first row and how many there are.
    """
    number = numbers(rows[column])
    good = (number == number.round()) & number.is_between(least, most)
    faults = first_fault(rows.filter(~good.fill_null(False)), column, f"is no {kind} from {least} to {most}")
    return pl.select(pl.when(good).then(number)).to_series().cast(pl.Int64), faults


def first_fault(rows: pl.DataFrame, column: str, what: str) -> list[str]:
    """The fault with its first row and value, or nothing if there are no such rows."""
    if rows.is_empty():
        return []
    more = f" ({rows.height} such rows)" if rows.height > 1 else ""
    value = rows[column][0]
    said = "is empty" if value is None else f"{shown(value)} {what}"
    return [f"row {rows['row'][0]}: {column} {said}{more}"]


def known_states(rows: pl.DataFrame, columns: Collection[str]) -> tuple[dict[str | None, str], list[str]]:
    """ISO3 codes of all states named in some columns, and a fault for each that is not known, with its first row.

    After many that are not known it looks no further.
    """
    codes: dict[str | None, str] = {}
    faults = []
    for name in sorted({each for column in columns for each in rows[column].unique().to_list()}, key=str):
        try:
            codes[name] = state_code(name)
        except (UnknownCountry, AmbiguousName) as error:
            for column in columns:
                here = rows.filter(pl.col(column).eq_missing(pl.lit(name, pl.String)))
                if here.height:
                    said = f"{column} is empty; name a state" if not (name or "").strip() else str(error)
                    faults.append(f"row {here['row'][0]}: {said}")
                    break
            if len(faults) == _LISTED:
                faults[-1] = "more names of states are not known"
                break
    return codes, faults


def all_well(faults: Collection[str], *, where: str) -> None:
    """Raise `BadTable` with all faults of a file, if there are any."""
    if faults:
        more = [f"and {len(faults) - _LISTED} more"] if len(faults) > _LISTED else []
        head = f"{one_line(where)}: {len(faults)} kind{'s' * (len(faults) > 1)} of fault"
        raise BadTable("\n  ".join([head, *list(faults)[:_LISTED], *more]))
