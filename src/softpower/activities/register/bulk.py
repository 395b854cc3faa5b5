"""Many rows at once, on either engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, Final

from sqlalchemy import JSON, Column, Connection, Insert, Table, bindparam, cast, func, insert, select

# Rows that go to a server in one statement: some megabytes.
BATCH: Final = 2_000


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, which all have the same columns.

    The driver of PostgreSQL would ask the server once for each row; instead one JSON text carries many.
    """
    if connection.dialect.name != "postgresql":
        if rows:
            connection.execute(insert(table), rows)
        return
    ahead = iter(rows)
    while batch := list(islice(ahead, BATCH)):
        connection.execute(_unpacked(table), {"rows": batch})


@cache
def _unpacked(table: Table) -> Insert:
    columns = [Column(each.name, each.type) for each in table.columns]
    given = cast(bindparam("rows", type_=JSON), JSON)
    rows = func.json_to_recordset(given).table_valued(*columns).render_derived(with_types=True)
    return insert(table).from_select([each.name for each in columns], select(*rows.columns))
