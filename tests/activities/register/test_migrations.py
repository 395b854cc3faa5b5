"""Registers made by earlier versions are brought to this one with all they hold, or are left as they were."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect

from softpower.activities.register import NewerRegister, NotARegister, open_register
from softpower.activities.register.migrations import APPLICATION, STEPS, run
from softpower.activities.register.tables import METADATA
from tests.activities.register.entries import activity
from tests.activities.register.server import Server

BODY = (
    '{"actors":[],"aims":[],"audience":["vector:turkic_world"],"audience_groups":[],"budget":[],"category":"cultural",'
    '"component":"cultural_diplomacy","confidence":null,"date_precision":"day","description":{},"edition":null,'
    '"end":"2017-09-10","evaluation":null,"extra":{},"figures":[],"host":["KAZ"],"id":"%s","instrument":'
    '"mega_event_expo","kind":"event","nature":"activity","note":"%s","parent":null,"place":"Астана","reported":"",'
    '"sender":["KAZ"],"series":null,"sources":[],"start":"2017-06-10","status":"held","title":{"en":"Expo 2017"},'
    '"two_way":null}'
)
OLD, NEW, GONE = BODY % ("A", "first"), BODY % ("A", "second"), BODY % ("B", "")
ROWS = f"""
INSERT INTO activity_history VALUES
('A', 1, '2025-03-01T12:00:00.000000Z', 'embassy', 'add', '', false, NULL, '{OLD}');
INSERT INTO activity_history VALUES
('A', 2, '2025-03-02T12:00:00.000000Z', 'archive', 'edit', 'a better note', false, NULL, '{NEW}');
INSERT INTO activity_history VALUES
('B', 1, '2025-03-01T12:00:00.000000Z', 'embassy', 'import', '', false, NULL, '{GONE}');
INSERT INTO activity_history VALUES
('B', 2, '2025-03-03T12:00:00.000000Z', 'embassy', 'merge', 'twice', true, 'A', '{GONE}');
INSERT INTO activity_entry VALUES
('A', 2, false, NULL, 'mega_event_expo', 'cultural_diplomacy', 'held', 'activity', '2017-06-10', '2017-09-10',
'|KAZ|', '|KAZ|', '|vector:turkic_world|');
INSERT INTO activity_entry VALUES
('B', 2, true, 'A', 'mega_event_expo', 'cultural_diplomacy', 'held', 'activity', '2017-06-10', '2017-09-10',
'|KAZ|', '|KAZ|', '|vector:turkic_world|');
"""
# As released versions made them: these texts never change.
VERSION_1 = {
    "sqlite": f"""
CREATE TABLE activity_register (version INTEGER NOT NULL);
CREATE TABLE activity_history (id TEXT NOT NULL, version INTEGER NOT NULL, moment TEXT NOT NULL, who TEXT NOT NULL,
what TEXT NOT NULL, why TEXT NOT NULL, retired BOOLEAN NOT NULL, other TEXT, body TEXT NOT NULL,
PRIMARY KEY (id, version));
CREATE TABLE activity_entry (id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, retired BOOLEAN NOT NULL,
merged_into TEXT, instrument TEXT NOT NULL, component TEXT NOT NULL, status TEXT NOT NULL, nature TEXT NOT NULL,
first_day TEXT NOT NULL, last_day TEXT, sender TEXT NOT NULL, host TEXT NOT NULL, audience TEXT NOT NULL,
FOREIGN KEY (id, version) REFERENCES activity_history (id, version)) WITHOUT ROWID;
INSERT INTO activity_register VALUES (1);
PRAGMA application_id = 1397768530;
{ROWS}""",
    "postgresql": f"""
CREATE TABLE activity_register (version INTEGER NOT NULL);
CREATE TABLE activity_history (id TEXT COLLATE "C" NOT NULL, version INTEGER NOT NULL, moment TEXT COLLATE "C" NOT NULL,
who TEXT COLLATE "C" NOT NULL, what TEXT COLLATE "C" NOT NULL, why TEXT COLLATE "C" NOT NULL, retired BOOLEAN NOT NULL,
other TEXT COLLATE "C", body TEXT COLLATE "C" NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE activity_entry (id TEXT COLLATE "C" NOT NULL PRIMARY KEY, version INTEGER NOT NULL,
retired BOOLEAN NOT NULL, merged_into TEXT COLLATE "C", instrument TEXT COLLATE "C" NOT NULL,
component TEXT COLLATE "C" NOT NULL, status TEXT COLLATE "C" NOT NULL, nature TEXT COLLATE "C" NOT NULL,
first_day TEXT COLLATE "C" NOT NULL, last_day TEXT COLLATE "C", sender TEXT COLLATE "C" NOT NULL,
host TEXT COLLATE "C" NOT NULL, audience TEXT COLLATE "C" NOT NULL,
FOREIGN KEY (id, version) REFERENCES activity_history (id, version));
INSERT INTO activity_register VALUES (1);
{ROWS}""",
}


@pytest.fixture
def old(address: str, engine: str, request: pytest.FixtureRequest) -> str:
    """The address of a register of version 1."""
    if engine == "sqlite":
        connection = sqlite3.connect(address)
        connection.executescript(VERSION_1["sqlite"])
        connection.close()
    else:
        server: Server = request.getfixturevalue("server")
        server.execute(VERSION_1["postgresql"], address)
    return address


def second(connection: Connection) -> None:
    """A step as a later version may have it: the table of entries says more, from what the history holds."""
    run(connection, "ALTER TABLE activity_entry ADD COLUMN place TEXT;\n")
    for id, body in connection.exec_driver_sql("SELECT id, body FROM activity_history WHERE version = 2").all():
        place = "Астана" if "Астана" in body else ""
        run(connection, f"UPDATE activity_entry SET place = '{place}' WHERE id = '{id}';\n")


def broken(connection: Connection) -> None:
    run(connection, "ALTER TABLE activity_entry ADD COLUMN place TEXT;\nDROP TABLE activity_register;\n")
    raise RuntimeError("the power went")


def test_a_register_of_the_first_version_is_read_and_written_on(old: str) -> None:
    with open_register(old) as register:
        (found,) = register.entries(audience="Turkic world")
        assert (found.activity.note, found.version, found.who) == ("second", 2, "archive")
        assert [each.activity.note for each in register.history("A")] == ["first", "second"]
        assert register.get("B").merged_into == "A"
        assert register.edit("A", {"note": "third"}, who="a", why="b").version == 3
        assert register.add(activity("C"), who="a").version == 1


def test_a_later_step_is_done_once_and_loses_no_row(old: str) -> None:
    steps = (*STEPS, second)
    for _ in range(2):
        with open_register(old, steps=steps) as register:
            assert [each.activity.note for each in register.history("A")] == ["first", "second"]
            assert [each.activity.id for each in register.entries(retired=True)] == ["A", "B"]
            with register.engine.connect() as connection:
                assert connection.exec_driver_sql("SELECT version FROM activity_register").scalars().all() == [2]
                places = connection.exec_driver_sql("SELECT place FROM activity_entry").scalars().all()
            assert places == ["Астана", "Астана"]


def test_all_steps_are_done_one_after_the_other_where_there_is_nothing_yet(address: str) -> None:
    with open_register(address, steps=(*STEPS, second)) as register, register.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version FROM activity_register").scalar() == 2
        assert "place" in {column["name"] for column in inspect(connection).get_columns("activity_entry")}


def test_a_register_that_many_open_at_once_is_made_once(address: str) -> None:
    def opened(number: int) -> int:
        with open_register(address, steps=(*STEPS, second)) as register:
            return register.add(activity(f"A{number}"), who="a").version

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(opened, range(6))) == [1] * 6
    with open_register(address, steps=(*STEPS, second)) as register, register.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version FROM activity_register").scalars().all() == [2]
        assert len(register.entries()) == 6


def test_a_step_that_fails_leaves_the_register_as_it_was(old: str) -> None:
    with pytest.raises(RuntimeError, match="the power went"), open_register(old, steps=(*STEPS, broken)):
        pass
    with open_register(old) as register:
        assert [each.activity.id for each in register.entries(retired=True)] == ["A", "B"]
        with register.engine.connect() as connection:
            assert "place" not in {column["name"] for column in inspect(connection).get_columns("activity_entry")}


def test_a_register_of_a_later_version_is_refused_and_left_alone(old: str) -> None:
    with open_register(old, steps=(*STEPS, second)):
        pass
    with pytest.raises(NewerRegister, match=r"of version 2.*up to 1.*install a newer softpower"), open_register(old):
        pass
    with open_register(old, steps=(*STEPS, second)) as register:
        assert len(register.entries(retired=True)) == 2


def test_the_steps_lead_to_the_tables_that_are_asked(address: str) -> None:
    with open_register(address) as register, register.engine.connect() as connection:
        found = inspect(connection)
        for table in METADATA.tables.values():
            columns = [(each["name"], each["nullable"]) for each in found.get_columns(table.name)]
            assert columns == [(each.name, each.nullable) for each in table.columns]
            assert found.get_pk_constraint(table.name)["constrained_columns"] == [
                each.name for each in table.primary_key
            ]


def test_a_new_register_has_the_tables_that_the_text_of_version_1_has(old: str, tmp_path: Path, engine: str) -> None:
    if engine == "sqlite":
        with open_register(tmp_path / "new.sqlite") as register, register.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA application_id").scalar() == APPLICATION == 1397768530
    with open_register(old) as register, register.engine.connect() as connection:
        found = inspect(connection)
        for table in METADATA.tables.values():
            assert [each["name"] for each in found.get_columns(table.name)] == [each.name for each in table.columns]


def test_a_database_with_tables_of_others_can_hold_a_register_beside_them(server: Server) -> None:
    address = server.schema()
    server.execute("CREATE TABLE staff (name TEXT)", address)
    with open_register(address) as register:
        register.add(activity("A"), who="a")
    assert [list(row) for row in server.execute("SELECT count(*) FROM staff", address)] == [[0]]


def test_a_database_in_which_others_use_our_names_is_refused(server: Server) -> None:
    address = server.schema()
    server.execute("CREATE TABLE activity_entry (name TEXT)", address)
    with pytest.raises(NotARegister, match="something else than a register"), open_register(address):
        pass
    for table in ("activity_register", "activity_history"):
        server.execute(f"CREATE TABLE {table} (name TEXT)", address)
    with pytest.raises(NotARegister, match="not those of a register"), open_register(address):
        pass
