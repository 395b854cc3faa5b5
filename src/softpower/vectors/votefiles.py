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
from softpower.errors import BadTable, UnknownCountry
from softpower.evidence.rollcalls import FORMER_STATES
from softpower.vectors.assembly import Assembly, assembly
from softpower.world import find

# Of the Correlates of War numbers those of states that are no more; the others stand in the table of countries.
_FORMER_COW = {"315": "CSK", "265": "DDR", "511": "EAZ", "680": "YMD", "345": "SRB"}
_LETTERS = {"Y": 1, "A": 2, "N": 3, "X": 8}
_ABSENT = (8, 9)
_CALL_TEXTS = {"short": "short", "descr": "descr", "title": "short", "unres": "resolution", "resolution": "resolution"}


def read_votes(path: Path) -> Assembly:
    """The roll calls and ballots of a file, CSV or Parquet.

    Raises
    ------
    BadTable
        The file is missing or of another layout, or a ballot, a session or a state in it cannot be read; the message
        names the column and the first value.
    """
    frame = _text(path)
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
    for column in ("rcid", "session", "vote"):
        rows = _whole(rows, column, where=path.name)
    rows = rows.filter(~pl.col("vote").is_in(_ABSENT))
    codes = {state: _code(state, where=path.name) for state in rows["state"].unique().to_list()}
    calls = rows.unique("rcid", keep="first", maintain_order=True).drop("state", "vote")
    ballots = rows.select("rcid", iso3=pl.col("state").replace_strict(codes), vote=pl.col("vote").cast(pl.Int8))
    return assembly(ballots, calls, where=path.name)


def _text(path: Path) -> pl.DataFrame:
    """The file with every column as text."""
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path).with_columns(pl.all().cast(pl.String))
        return pl.read_csv(path, infer_schema=False, null_values=["", "NA"])
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BadTable(f"{path}: cannot be read as a table of votes: {str(error).splitlines()[0]}") from error


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


def _whole(rows: pl.DataFrame, column: str, *, where: str) -> pl.DataFrame:
    """The column as whole numbers."""
    number = rows[column].cast(pl.Float64, strict=False)
    bad = rows.filter(number.is_null() | (number != number.round()))
    if bad.height:
        raise BadTable(f"{where}, column {column}: {bad[column][0]!r} is no whole number ({bad.height} such rows)")
    return rows.with_columns(number.cast(pl.Int32).alias(column))


def _code(state: str | None, *, where: str) -> str:
    """ISO3 code of a state as a file of votes names it."""
    text = (state or "").strip()
    if text in FORMER_STATES:
        return text
    number = text.removesuffix(".0")
    if number.isdigit():
        known = storage.bundled("countries").drop_nulls("cow_code").select("cow_code", "iso3").iter_rows()
        by_cow = {str(cow): iso3 for cow, iso3 in known} | _FORMER_COW
        if number in by_cow:
            return str(by_cow[number])
        raise BadTable(f"{where}: no state has the Correlates of War number {number}")
    former = next((code for code, name in FORMER_STATES.items() if name.casefold() == text.casefold()), "")
    if former:
        return former
    try:
        return find(text).iso3
    except UnknownCountry as error:
        raise BadTable(f"{where}: {error}") from error
