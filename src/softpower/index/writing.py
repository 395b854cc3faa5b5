"""Tables to files: CSV, Parquet and Excel, one table or a folder of them, whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import polars as pl

from softpower.errors import BadRequest
from softpower.index.spreadsheet import FORMULA_SIGNS, Book
from softpower.storage import parquet_bytes, write_all_atomic

Form = Literal["csv", "parquet"]

# How text begins that a spreadsheet would run as a formula, or that was guarded already; read by polars too.
HARMFUL = "'*[" + FORMULA_SIGNS.replace("-", r"\-") + "]"
_HARMFUL = re.compile(HARMFUL)


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe stands before what begins like one.

    >>> [guarded(each) for each in ("=1+1", "-", "a-b", "'=1", "")]
    ["'=1+1", "'-", 'a-b', "''=1", '']
    """
    return f"'{text}" if _HARMFUL.match(text) else text


def unguarded(text: str) -> str:
    """What `guarded` was given.

    >>> [unguarded(guarded(each)) for each in ("=1+1", "-", "a-b", "'=1", "'a")]
    ['=1+1', '-', 'a-b', "'=1", "'a"]
    """
    return text[1:] if text[:1] == "'" and _HARMFUL.match(text) else text


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """A frame as CSV in UTF-8: numbers with all their digits, unknown cells empty, text guarded against formulas."""
    text = [
        pl.col(name).map_elements(guarded, return_dtype=pl.String)
        for name, kind in frame.schema.items()
        if kind == pl.String
    ]
    safe = frame.with_columns(text).rename({name: guarded(name) for name in frame.columns})
    return safe.write_csv(line_terminator="\n").encode()


def xlsx_bytes(frames: Mapping[str, pl.DataFrame], *, title: str = "") -> bytes:
    """Frames as sheets of one Excel workbook; equal frames give equal bytes."""
    book = Book(title)
    for name, frame in frames.items():
        keys = [column for column in ("node", "indicator", "level", "unit", "name", "id", "label") if column in frame]
        book.table(name, frame, frozen=len(keys) if frame.columns[: len(keys)] == keys else 1)
    return book.content()


def write_tables(
    frames: Mapping[str, pl.DataFrame], out: Path, *, form: Form = "csv", title: str = ""
) -> tuple[Path, ...]:
    """Write tables where the ending of ``out`` says: one to .csv or .parquet, all to sheets of .xlsx, or to a folder.

    Parameters
    ----------
    frames : by name; for .csv and .parquet exactly one
    out : a file with one of these endings, or a folder, which is made
    form : of the files in a folder

    Returns
    -------
    tuple of Path
        What was written.

    Raises
    ------
    BadRequest
        Another ending, or several tables for a file that holds one.
    CannotWrite
        The folder is read-only or the disk full; no file was changed.
    """
    kind = ending(out)
    if kind in ("csv", "parquet") and len(frames) != 1:
        raise BadRequest(f"{out} holds one table, not {len(frames)}; write a folder or .xlsx")
    if kind == "xlsx":
        files = {out: xlsx_bytes(frames, title=title)}
    elif kind:
        (frame,) = frames.values()
        files = {out: _as(kind, frame)}
    else:
        files = {out / f"{name}.{form}": _as(form, frame) for name, frame in frames.items()}
    write_all_atomic(files)
    return tuple(files)


def ending(out: Path) -> str:
    """What kind of file a path asks for: "csv", "parquet" or "xlsx", or "" for a folder."""
    kind = out.suffix.lower().removeprefix(".")
    if out.is_dir() or not kind:
        return ""
    if kind not in ("csv", "parquet", "xlsx"):
        raise BadRequest(f"--out {out}: tables are written as .csv, .parquet or .xlsx, or to a folder; not as .{kind}")
    return kind


def _as(form: str, frame: pl.DataFrame) -> bytes:
    return csv_bytes(frame) if form == "csv" else parquet_bytes(frame)
