"""Tables that users bring, as text: read alike for ties, votes, memberships and pairs, and checked column by column."""

from __future__ import annotations

import io
from collections.abc import Collection
from pathlib import Path

import polars as pl

from softpower.drawing.letters import visible
from softpower.errors import AmbiguousName, BadTable, UnknownCountry
from softpower.evidence.rollcalls import FORMER_STATES
from softpower.world import find

# The row of a table that follows its header, as a spreadsheet counts.
FIRST_ROW = 2


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
        columns have one line and no control codes.

    Raises
    ------
    BadTable
        The file is missing, a folder, empty or no table.
    """
    try:
        content = path.read_bytes()
        if path.suffix.lower() == ".parquet":
            frame = pl.read_parquet(io.BytesIO(content)).with_columns(pl.all().cast(pl.String))
            frame = frame.with_columns(pl.when(pl.all() != "").then(pl.all()).name.keep())
        else:
            frame = pl.read_csv(io.BytesIO(content), infer_schema=False)
        return frame.rename(one_line)
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:  # ValueError: a NUL in the name
        why = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
        raise BadTable(f"{path}: cannot be read as a table of {what}: {why}") from error


def one_line(text: str) -> str:
    """``text`` in one line and without codes that a terminal obeys or that turn the direction of what follows.

    >>> one_line("a\\x1b[31m\\n b\\u202ec")
    'a[31m bc'
    """
    return " ".join(visible(text).split())


def printable(frame: pl.DataFrame, columns: Collection[str]) -> pl.DataFrame:
    """The table with `one_line` done to some columns, which are shown as they are; null where nothing is left."""
    return frame.with_columns(
        frame[column].replace_strict({each: one_line(each) or None for each in frame[column].unique().drop_nulls()})
        if frame[column].null_count() < frame.height
        else frame[column]
        for column in columns
    )


def numbers(text: pl.Series) -> pl.Series:
    """A column of text as numbers, null where it is none."""
    return text.cast(pl.Float64, strict=False)


def without_na(frame: pl.DataFrame, columns: Collection[str]) -> pl.DataFrame:
    """The table with null in place of the text NA in columns of numbers."""
    return frame.with_columns(pl.col(list(columns)).replace("NA", None))


def by_lower_case(frame: pl.DataFrame, wanted: Collection[str], *, where: str) -> pl.DataFrame:
    """The table with the wanted columns under these names, whatever the case of their letters in the file.

    Raises
    ------
    BadTable
        Two columns differ in the case of their letters only.
    """
    names: dict[str, str] = {}
    for name in frame.columns:
        plain = name.strip().lower()
        if plain not in wanted:
            continue
        if plain in names:
            raise BadTable(f"{where}: columns {names[plain]!r} and {name!r} are one; rename or delete either")
        names[plain] = name
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
    said = "is empty" if value is None else f"{value[:60]!r} {what}"
    return [f"row {rows['row'][0]}: {column} {said}{more}"]


def known_states(rows: pl.DataFrame, columns: Collection[str]) -> tuple[dict[str | None, str], list[str]]:
    """ISO3 codes of all states named in some columns, and a fault for each that is not known, with its first row."""
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
    return codes, faults


def all_well(faults: Collection[str], *, where: str) -> None:
    """Raise `BadTable` with all faults of a file, if there are any."""
    if faults:
        raise BadTable("\n  ".join([f"{where}: {len(faults)} kind{'s' * (len(faults) > 1)} of fault", *faults]))
