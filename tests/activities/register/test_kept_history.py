"""The database itself refuses to alter the history, whoever asks: these statements go past all code of ours."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

from softpower.activities.register import open_register
from tests.activities.register.entries import activity

ALTERATIONS = {
    "update": "UPDATE activity_history SET body = '{}'",
    "update of one": "UPDATE activity_history SET who = 'nobody' WHERE id = 'A' AND version = 1",
    "delete": "DELETE FROM activity_history",
    "delete of one": "DELETE FROM activity_history WHERE id = 'A' AND version = 2",
    "another first version": (
        "INSERT INTO activity_history (id, version, moment, who, what, why, retired, body) "
        "VALUES ('A', 1, 'x', 'nobody', 'add', '', false, '{}')"
    ),
}
OF_ONE = {
    "sqlite": {
        "replace": (
            "INSERT OR REPLACE INTO activity_history (id, version, moment, who, what, why, retired, body) "
            "VALUES ('A', 1, 'x', 'nobody', 'add', '', false, '{}')"
        ),
        "replace by number": (
            "INSERT OR REPLACE INTO activity_history (rowid, id, version, moment, who, what, why, retired, body) "
            "VALUES (1, 'Z', 1, 'x', 'nobody', 'add', '', false, '{}')"
        ),
        "update or replace": "UPDATE OR REPLACE activity_history SET id = 'B'",
        "upsert": (
            "INSERT INTO activity_history (id, version, moment, who, what, why, retired, body) "
            "VALUES ('A', 1, 'x', 'nobody', 'add', '', false, '{}') "
            "ON CONFLICT (id, version) DO UPDATE SET who = 'nobody'"
        ),
    },
    "postgresql": {
        "truncate": "TRUNCATE activity_history CASCADE",
        "upsert": (
            "INSERT INTO activity_history (id, version, moment, who, what, why, retired, body) "
            "VALUES ('A', 1, 'x', 'nobody', 'add', '', false, '{}') "
            "ON CONFLICT (id, version) DO UPDATE SET who = 'nobody'"
        ),
    },
}


def test_no_statement_alters_the_history(address: str, engine: str) -> None:
    with open_register(address) as register:
        register.add(activity("A", note="one"), who="a", why="b")
        register.edit("A", {"note": "two"}, who="a", why="b")
        register.add(activity("B"), who="a")
        kept = register.history("A"), register.history("B")
        for name, statement in {**ALTERATIONS, **OF_ONE[engine]}.items():
            with register.engine.connect() as connection:
                connection.begin()
                with pytest.raises(DBAPIError):
                    connection.exec_driver_sql(statement)
            assert (register.history("A"), register.history("B")) == kept, name
        assert register.add(activity("C"), who="a").version == 1


def test_an_entry_cannot_point_to_a_version_that_is_not_in_the_history(address: str) -> None:
    with open_register(address) as register:
        register.add(activity("A"), who="a")
        with register.engine.connect() as connection:
            connection.begin()
            with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
                connection.exec_driver_sql("UPDATE activity_entry SET version = 7")
