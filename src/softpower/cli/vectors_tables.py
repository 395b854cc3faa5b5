"""Tables as files whose ending says how they are written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import polars as pl


def ending(out: Path) -> None:
    """Refuse a name whose ending says nothing.

    Raises
    ------
    BadRequest
        It ends neither in .parquet nor in .csv.
    """
    from softpower.errors import BadRequest

    if out.suffix.lower() not in (".parquet", ".csv"):
        raise BadRequest(f"{out.name}: the ending says how to write; give a name that ends in .parquet or .csv")


def write_table(table: pl.DataFrame, out: Path) -> None:
    """Write the table whole or not at all, and print the name of the file."""
    from softpower.storage import parquet_bytes, write_atomic

    content = parquet_bytes(table) if out.suffix.lower() == ".parquet" else table.write_csv().encode()
    write_atomic(out, content)
    click.echo(out)
