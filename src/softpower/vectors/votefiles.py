"""Files of votes newer than the bundled one, as their publishers lay them out.

Two layouts are known by their columns:

- Voeten's: one row for each ballot with ``rcid``, ``session`` and ``vote`` (1 yes, 2 abstain, 3 no, 8 absent, 9 not a
  member), the state as ``iso3``, ``ccode`` (Correlates of War) or ``Countryname``;
- the United Nations Digital Library's: ``undl_id``, ``session``, ``ms_code`` (ISO3) and ``ms_vote`` (Y, A, N, X for
  absent).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from softpower import storage
from softpower.errors import AmbiguousName, BadTable, UnknownCountry
from softpower.evidence.tablefile import (
    FIRST_ROW,
    SHOWN,
    numbers,
    one_line,
    only_text,
    read_text_table,
    shown,
    state_code,
)
from softpower.vectors.assembly import Assembly, assembly

# Of the Correlates of War numbers those of states that are no more; the others stand in the table of countries.
_FORMER_COW = {"315": "CSK", "265": "DDR", "511": "EAZ", "680": "YMD", "345": "SRB"}
_LETTERS = {"Y": 1, "A": 2, "N": 3, "X": 8}
_ABSENT = (8, 9)
# Smallest and largest number of each column; a session is a year, and the first was in 1946.
_ENDS = {"rcid": (0, 2**31 - 1), "session": (1, 200), "vote": (0, 99)}
_TOPICS = ("me", "nu", "di", "hr", "co", "ec")
_PARTS = ("para", "amend")
_CALL_TEXTS = {"short": "short", "descr": "descr", "title": "short", "unres": "resolution", "resolution": "resolution"}


def read_votes(path: Path) -> Assembly:
    """The roll calls and ballots of a file, CSV or Parquet.

    Raises
    ------
    BadTable
        The file is missing, of another layout or without a ballot, or a ballot, a session or a state in it cannot be
        read; the message names the column, the first such row, counted as a spreadsheet does, and what stands there.
    """
    frame = read_text_table(path, what="votes")
    where = one_line(path.name)
    names = {name.lower(): name for name in frame.columns}
    if {"undl_id", "session", "ms_code", "ms_vote"} <= set(names):
        places = {"rcid": "undl_id", "session": "session", "state": "ms_code", "vote": "ms_vote"}
        number = pl.col(names["session"])
        changed = {
            "session": pl.coalesce(number.str.extract(r"(\d+)"), number),
            "vote": pl.col(names["ms_vote"]).str.to_uppercase().replace(_LETTERS).cast(pl.String),
        }
        known = "Y, A, N or X"
    elif {"rcid", "session", "vote"} <= set(names) and (
        state := next((each for each in ("iso3", "ccode", "countryname", "country") if each in names), "")
    ):
        places = {"rcid": "rcid", "session": "session", "state": state, "vote": "vote"}
        changed = {}
        known = "1, 2, 3, 8 or 9"
    else:
        raise BadTable(
            f"{where}: neither Voeten's layout (columns rcid, session, vote and one of iso3, ccode, Countryname) "
            "nor that of the UN Digital Library (undl_id, session, ms_code, ms_vote).  It has: "
            f"{', '.join(frame.columns[:12])}"
        )
    columns = {into: names[each] for into, each in places.items()}
    texts = [names[each] for each in (*_CALL_TEXTS, *_TOPICS, *_PARTS) if each in names]
    only_text(frame, [*columns.values(), *texts], where=where)
    rows = frame.select(**{into: pl.col(each) for into, each in columns.items()} | changed, **_texts(names))
    if rows.is_empty():
        raise BadTable(f"{where}: no ballot in it, only a header")
    rows = rows.with_row_index("row", offset=FIRST_ROW)
    for column, ends in _ENDS.items():
        meant = f"; a vote is {known}" if column == "vote" else ""
        rows = _whole(rows, column, ends, name=columns[column], meant=meant, where=where)
    rows = rows.filter(~pl.col("vote").is_in(_ABSENT))
    if rows.is_empty():
        raise BadTable(f"{where}: no ballot in it: all of its states were absent or not members")
    named = rows.unique("state", keep="first", maintain_order=True).select("state", "row").iter_rows()
    codes = {state: _code(state, where=f"{where}, row {row}") for state, row in named}
    twice = rows.unique(["rcid", "session"]).filter(pl.col("rcid").is_duplicated())["rcid"].sort()
    if len(twice):
        raise BadTable(f"{where}: roll call {twice[0]} stands in several sessions; give each a number of its own")
    calls = rows.unique("rcid", keep="first", maintain_order=True).drop("row", "state", "vote")
    ballots = rows.select("rcid", iso3=pl.col("state").replace_strict(codes), vote=pl.col("vote").cast(pl.Int8))
    return assembly(ballots, calls, where=where)


def _texts(names: dict[str, str]) -> dict[str, pl.Expr]:
    """What is said of each roll call, where the file has it."""
    found: dict[str, pl.Expr] = {into: pl.lit(None, pl.String) for into in ("short", "descr", "resolution", "issues")}
    for column, into in _CALL_TEXTS.items():
        if column in names:
            found[into] = pl.col(names[column])
    marked = [each for each in _TOPICS if each in names]
    if marked:
        topics = [pl.when(pl.col(names[each]) == "1").then(pl.lit(each)) for each in marked]
        found["issues"] = pl.concat_str(topics, separator="|", ignore_nulls=True).replace("", None)
    parts = [names[each] for each in _PARTS if each in names]
    found["is_part"] = pl.any_horizontal(pl.col(parts) == "1").fill_null(False) if parts else pl.lit(None, pl.Boolean)
    return found


def _whole(
    rows: pl.DataFrame, column: str, ends: tuple[int, int], *, name: str, meant: str, where: str
) -> pl.DataFrame:
    """The column, which the file calls ``name``, as whole numbers within some ends."""
    number = numbers(rows[column])
    whole = number == number.round()
    for good, what in (
        (rows[column].is_not_null(), "is empty; fill it in or leave the row out"),
        (whole, "is no whole number"),
        (number.is_between(*ends), f"is not from {ends[0]} to {ends[1]}"),
    ):
        bad = rows.filter(~good.fill_null(False))
        if bad.height:
            value = bad[column][0]
            cell = "the cell" if value is None else shown(value)
            more = f" ({bad.height} such row{'s' * (bad.height > 1)})"
            raise BadTable(f"{where}, row {bad['row'][0]}, column {name}: {cell} {what}{meant}{more}")
    return rows.with_columns(number.cast(pl.Int32).alias(column))


def _code(state: str | None, *, where: str) -> str:
    """ISO3 code of a state as a file of votes names it."""
    text = (state or "").strip()
    if not text:
        raise BadTable(f"{where}: a ballot without a state; fill in who cast it")
    number = text.removesuffix(".0")
    if number.isdigit():
        known = storage.bundled("countries").drop_nulls("cow_code").select("cow_code", "iso3").iter_rows()
        by_cow = {str(cow): iso3 for cow, iso3 in known} | _FORMER_COW
        if number in by_cow:
            return str(by_cow[number])
        raise BadTable(f"{where}: no state has the Correlates of War number {number[:SHOWN]}")
    try:
        return state_code(text)
    except (UnknownCountry, AmbiguousName) as error:
        raise BadTable(f"{where}: {error}") from error
