"""Files of memberships in organisations: a user's own table, or the Correlates of War's as they publish it.

References
----------
Pevehouse, Nordstrom, McManus & Jamison (2020), Tracking organizations in the world: The Correlates of War IGO Version
3.0 datasets, Journal of Peace Research 57(3).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from softpower import storage
from softpower.errors import BadTable
from softpower.evidence.rollcalls import FORMER_STATES
from softpower.evidence.tablefile import numbers, one_line, only_text, printable, read_text_table
from softpower.vectors.memberships import ASSOCIATE, COLUMNS, FULL, OBSERVER, tidy
from softpower.world import countries

# Of the Correlates of War's state-year file: columns that are no organisation, and numbers that mean no membership
# (not a member, missing, no state at the time).
_KEYS = ("ccode", "year")
_NO_ORGANISATION = (*_KEYS, "state", "stateabb", "statename", "version")
_NONE = (0, -1, -9)
# States of the Correlates of War that have no code of today's; those of `softpower.evidence.rollcalls` keep theirs.
_FORMER = {"260": "DEU", "265": "DDR", "315": "CSK", "511": "EAZ", "678": "YEM", "680": "YMD", "817": "RVN"}
_ENDED = (89, 99, 240, 245, 267, 269, 271, 273, 275, 280, 300, 327, 329, 332, 335, 337, 563, 564, 730)
_YUGOSLAVIA, _LAST_OF_YUGOSLAVIA = "345", 1991


def read_memberships(path: Path) -> pl.DataFrame:
    """Memberships of a file, CSV or Parquet, in one of two layouts.

    Long: one row for each membership, with ``iso3``, ``year``, ``igo`` and ``status`` (1 full, 2 associate, 3
    observer). Wide, as the Correlates of War publish version 3 by state and year: ``ccode``, ``year`` and one column
    for each organisation (1 full, 2 associate, 3 observer; 0, -1 and -9 none). A membership that nobody recorded (-9)
    counts for nothing, so what is shared is then a lower bound.

    Returns
    -------
    DataFrame
        The columns of `softpower.vectors.memberships.bundled_memberships`.

    Raises
    ------
    BadTable
        The file cannot be read, has another layout, a number or state that is not known, or something twice; the
        message names the column and the first value.
    """
    where = one_line(path.name)
    frame = read_text_table(path, what="memberships")
    names = {name.lower(): name for name in frame.columns}
    if set(COLUMNS) <= set(names):
        only_text(frame, [names[each] for each in COLUMNS], where=where)
        rows = frame.select(pl.col(names[each]).alias(each) for each in COLUMNS)
        rows = _long(printable(rows, ("igo",)), where=where)
    elif set(_KEYS) <= set(names) and len(set(names) - set(_NO_ORGANISATION)) > 0 and "igo" not in names:
        rows = _wide(frame.rename({names[each]: each for each in _KEYS}), where=where)
    else:
        raise BadTable(
            f"{where}: neither one row for each membership (columns {', '.join(COLUMNS)}) nor the state-year file "
            "of the Correlates of War IGO data (ccode, year and one column for each organisation).  It has: "
            f"{', '.join(frame.columns[:12])}"
        )
    if rows.is_empty():
        raise BadTable(f"{where}: no membership in it")
    return rows


def _long(rows: pl.DataFrame, *, where: str) -> pl.DataFrame:
    for column in ("iso3", "igo"):
        if rows[column].null_count():
            raise BadTable(f"{where}, column {column}: {rows[column].null_count()} rows are empty")
    rows = _whole(_whole(rows, "year", pl.Int16, where=where), "status", pl.Int8, where=where)
    odd = rows.filter(~pl.col("status").is_in([FULL, ASSOCIATE, OBSERVER, *_NONE]))
    if odd.height:
        raise BadTable(
            f"{where}, column status: {odd['status'][0]} is not 1 (full), 2 (associate) or 3 (observer)"
            f" ({odd.height} such rows)"
        )
    _known(rows["iso3"], where=where)
    twice = rows.filter(pl.struct("iso3", "year", "igo").is_duplicated())
    if twice.height:
        iso3, year, igo, _ = twice.row(0)
        raise BadTable(f"{where}: {twice.height} rows share state, year and organisation, such as {iso3} {year} {igo}")
    return tidy(rows.filter(pl.col("status") > 0))


def _wide(frame: pl.DataFrame, *, where: str) -> pl.DataFrame:
    frame = _whole(_whole(frame, "year", pl.Int16, where=where), "ccode", pl.Int32, where=where)
    twice = frame.filter(pl.struct(_KEYS).is_duplicated())
    if twice.height:
        raise BadTable(
            f"{where}: {twice.height} rows share ccode and year, such as {twice['ccode'][0]} {twice['year'][0]}"
        )
    state = frame["ccode"].cast(pl.String)
    codes = {number: _code(number, where=where) for number in state.unique().to_list()}
    iso3 = (
        pl.when((pl.col("ccode") == int(_YUGOSLAVIA)) & (pl.col("year") <= _LAST_OF_YUGOSLAVIA))
        .then(pl.lit("YUG"))
        .otherwise(pl.col("ccode").cast(pl.String).replace_strict(codes))
    )
    parts = []
    for name in frame.columns:
        if name.lower() in _NO_ORGANISATION:
            continue
        rows = _whole(frame.select(*_KEYS, status=name), "status", pl.Int8, where=f"{where}, column {name}")
        odd = rows.filter(~pl.col("status").is_in([FULL, ASSOCIATE, OBSERVER, *_NONE]))
        if odd.height:
            raise BadTable(
                f"{where}, column {name}: {odd['status'][0]} is no kind of membership ({odd.height} such rows); the "
                "numbers are 1 full, 2 associate, 3 observer, and 0, -1 or -9 none"
            )
        belong = rows.filter(pl.col("status") > 0)
        parts.append(belong.select("year", "status", iso3=iso3, igo=pl.lit(name.upper())))
    return tidy(pl.concat(parts).filter(pl.col("iso3") != ""))


def _whole(rows: pl.DataFrame, column: str, kind: type[pl.DataType], *, where: str) -> pl.DataFrame:
    """The column as whole numbers."""
    number = numbers(rows[column])
    whole = number.cast(kind, strict=False)
    bad = rows.filter(whole.is_null() | (number != number.round()))
    if bad.height:
        raise BadTable(f"{where}, column {column}: {bad[column][0]!r} is no whole number ({bad.height} such rows)")
    return rows.with_columns(whole.alias(column))


def _known(codes: pl.Series, *, where: str) -> None:
    """Every code is that of a country or of a state that is no more."""
    known = {each.iso3 for each in countries()} | set(FORMER_STATES) | set(_FORMER.values())
    odd = sorted(set(codes.unique().to_list()) - known)
    if odd:
        raise BadTable(f"{where}, column iso3: no state has the code {', '.join(repr(each) for each in odd[:3])}")


def _code(number: str, *, where: str) -> str:
    """ISO3 code of a state by its Correlates of War number; empty for states that ended long ago."""
    if int(number) in _ENDED:
        return ""
    known = storage.bundled("countries").drop_nulls("cow_code").select("cow_code", "iso3").iter_rows()
    by_number = {str(cow): str(iso3) for cow, iso3 in known} | _FORMER
    if number not in by_number:
        raise BadTable(f"{where}, column ccode: no state has the Correlates of War number {number}")
    return by_number[number]
