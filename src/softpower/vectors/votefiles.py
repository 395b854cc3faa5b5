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
from softpower.vectors.assembly import Assembly, assembly
from softpower.vectors.tablefile import numbers, read_text_table, state_code

# Of the Correlates of War numbers those of states that are no more; the others stand in the table of countries.
_FORMER_COW = {"315": "CSK", "265": "DDR", "511": "EAZ", "680": "YMD", "345": "SRB"}
_LETTERS = {"Y": 1, "A": 2, "N": 3, "X": 8}
_ABSENT = (8, 9)
# Smallest and largest number of each column; a session is a year, and the first was in 1946.
_ENDS = {"rcid": (0, 2**31 - 1), "session": (1, 200), "vote": (0, 99)}
_CALL_TEXTS = {"short": "short", "descr": "descr", "title": "short", "unres": "resolution", "resolution": "resolution"}


def read_votes(path: Path) -> Assembly:
    """The roll calls and ballots of a file, CSV or Parquet.

    Raises
    ------
    BadTable
        The file is missing, of another layout or without a ballot, or a ballot, a session or a state in it cannot be
        read; the message names the column and the first value.
    """
    frame = read_text_table(path, what="votes")
    names = {name.lower(): name for name in frame.columns}
    if {"undl_id", "session", "ms_code", "ms_vote"} <= set(names):
        rows = frame.select(
            rcid=pl.col(names["undl_id"]),
            session=pl.col(names["session"]).str.extract(r"(\d+)"),
            state=pl.col(names["ms_code"]),
            vote=pl.col(names["ms_vote"]).str.to_uppercase().replace(_LETTERS).cast(pl.String),
            **_texts(names),
        )
    elif {"rcid", "session", "vote"} <= set(names) and (
        state := next((names[each] for each in ("iso3", "ccode", "countryname", "country") if each in names), "")
    ):
        rows = frame.select(
            rcid=pl.col(names["rcid"]),
            session=pl.col(names["session"]),
            state=pl.col(state),
            vote=pl.col(names["vote"]),
            **_texts(names),
        )
    else:
        raise BadTable(
            f"{path.name}: neither Voeten's layout (columns rcid, session, vote and one of iso3, ccode, Countryname) "
            "nor that of the UN Digital Library (undl_id, session, ms_code, ms_vote).  It has: "
            f"{', '.join(frame.columns[:12])}"
        )
    if rows.is_empty():
        raise BadTable(f"{path.name}: no ballot in it, only a header")
    for column, ends in _ENDS.items():
        rows = _whole(rows, column, ends, where=path.name)
    rows = rows.filter(~pl.col("vote").is_in(_ABSENT))
    if rows.is_empty():
        raise BadTable(f"{path.name}: no ballot in it: all of its states were absent or not members")
    codes = {state: _code(state, where=path.name) for state in rows["state"].unique().to_list()}
    twice = rows.unique(["rcid", "session"]).filter(pl.col("rcid").is_duplicated())["rcid"].sort()
    if len(twice):
        raise BadTable(f"{path.name}: roll call {twice[0]} stands in several sessions; give each a number of its own")
    calls = rows.unique("rcid", keep="first", maintain_order=True).drop("state", "vote")
    ballots = rows.select("rcid", iso3=pl.col("state").replace_strict(codes), vote=pl.col("vote").cast(pl.Int8))
    return assembly(ballots, calls, where=path.name)


def _texts(names: dict[str, str]) -> dict[str, pl.Expr]:
    """What is said of each roll call, where the file has it."""
    found: dict[str, pl.Expr] = {into: pl.lit(None, pl.String) for into in ("short", "descr", "resolution", "issues")}
    for column, into in _CALL_TEXTS.items():
        if column in names:
            found[into] = pl.col(names[column])
    marked = [each for each in ("me", "nu", "di", "hr", "co", "ec") if each in names]
    if marked:
        topics = [pl.when(pl.col(names[each]) == "1").then(pl.lit(each)) for each in marked]
        found["issues"] = pl.concat_str(topics, separator="|", ignore_nulls=True).replace("", None)
    parts = [names[each] for each in ("para", "amend") if each in names]
    found["is_part"] = pl.any_horizontal(pl.col(parts) == "1").fill_null(False) if parts else pl.lit(None, pl.Boolean)
    return found


def _whole(rows: pl.DataFrame, column: str, ends: tuple[int, int], *, where: str) -> pl.DataFrame:
    """The column as whole numbers within some ends."""
    number = numbers(rows[column])
    whole = number == number.round()
    for good, what in (
        (whole, "is no whole number"),
        (number.is_between(*ends), f"is not from {ends[0]} to {ends[1]}"),
    ):
        bad = rows.filter(~good.fill_null(False))
        if bad.height:
            raise BadTable(f"{where}, column {column}: {bad[column][0]!r} {what} ({bad.height} such rows)")
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
        raise BadTable(f"{where}: no state has the Correlates of War number {number}")
    try:
        return state_code(text)
    except (UnknownCountry, AmbiguousName) as error:
        raise BadTable(f"{where}: {error}") from error
