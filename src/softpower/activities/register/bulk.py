"""Many rows at once, on either engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import JSON, Column, Connection, Insert, Table, bindparam, cast, func, insert, select

# What goes to a server in one statement, in characters: entries are long or short.
BATCH: Final = 4_000_000


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, which all have the same columns.

    The driver of PostgreSQL would ask the server once for each row; instead one JSON text carries many.
    """
    if connection.dialect.name != "postgresql":
        if rows:
            connection.execute(insert(table), rows)
        return
    for batch in _batches(rows):
        connection.execute(_unpacked(table), {"rows": batch})


def _batches(rows: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    batch: list[Mapping[str, Any]] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(value) for value in row.values() if isinstance(value, str))
        if size > BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@cache
def _unpacked(table: Table) -> Insert:
    columns = [Column(each.name, each.type) for each in table.columns]
    given = cast(bindparam("rows", type_=JSON), JSON)
    rows = func.json_to_recordset(given).table_valued(*columns).render_derived(with_types=True)
    return insert(table).from_select([each.name for each in columns], select(*rows.columns))
