"""The tables of a register, as the newest migration leaves them.

History is the truth: each row is an entry as it was from then on, and none is ever altered. The table of entries
is derived from its latest rows, so that they can be found by what they say.

Text everywhere, in the same form on both engines: days as 2024-09-08, moments as 2024-09-08T10:00:00.000000Z, so that
their order is that of time; bodies as JSON. On PostgreSQL the order of text is that of code points (collation C), as it
is in SQLite.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Boolean, Column, Integer, MetaData, Table, Text

METADATA: Final = MetaData()
TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")

REGISTER: Final = Table("activity_register", METADATA, Column("version", Integer, nullable=False))

HISTORY: Final = Table(
    "activity_history",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("moment", TEXT, nullable=False),
    Column("who", TEXT, nullable=False),
    Column("what", TEXT, nullable=False),
    Column("why", TEXT, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("other", TEXT),
    Column("body", TEXT, nullable=False),
)

ENTRY: Final = Table(
    "activity_entry",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("merged_into", TEXT),
    Column("instrument", TEXT, nullable=False),
    Column("component", TEXT, nullable=False),
    Column("status", TEXT, nullable=False),
    Column("nature", TEXT, nullable=False),
    Column("first_day", TEXT, nullable=False),
    # NULL: it goes on.
    Column("last_day", TEXT),
    # Several in one text, see `joined`: a scan of this narrow table takes less time than an index of them would cost.
    Column("sender", TEXT, nullable=False),
    Column("host", TEXT, nullable=False),
    Column("audience", TEXT, nullable=False),
)


def joined(values: Iterable[str]) -> str:
    """Several values in one text, in which each can be found with the bars on both its sides.

    >>> joined(("KAZ", "region:Central Asia")), joined(())
    ('|KAZ|region:Central Asia|', '|')
    """
    return "".join(["|", *(f"{value}|" for value in values)])
