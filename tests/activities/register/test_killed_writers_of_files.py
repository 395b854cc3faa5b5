"""Two processes add entries to a file and are killed: what was acknowledged is there, and all is whole."""

from __future__ import annotations

import random
import sqlite3
import time
from pathlib import Path
from threading import Timer

import pytest

from softpower.activities.register import Busy, open_register
from tests.activities.register.entries import activity
from tests.activities.register.killing import LONGEST, ROUNDS, SEED, assert_whole, kill, nursery


def test_writers_of_a_file_that_are_killed_lose_nothing_they_acknowledged(tmp_path: Path) -> None:
    address = str(tmp_path / "register.sqlite")
    draw = random.Random(SEED)
    with nursery(address) as writers:
        for turn in range(ROUNDS):
            one, other = writers.start(f"one{turn}"), writers.start(f"other{turn}")
            # Either has stored something, or neither has even made the file.
            if turn % 4:
                writers.wait_for(f"one{turn}")
            time.sleep(draw.uniform(0, LONGEST))
            kill(one)
            if turn % 2:
                # The survivor goes on, past what the dead one left.
                writers.wait_for(f"other{turn}", past=writers.count(f"other{turn}") + 1)
            kill(other)
            writers.say("reap")
            raw = sqlite3.connect(address)
            try:
                assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
            finally:
                raw.close()
            with open_register(address) as register:
                assert_whole(register, writers.stored, writers.edited)
        assert writers.failed == []
        assert len(writers.stored) > ROUNDS


def test_a_second_writer_of_a_file_waits_for_the_first(tmp_path: Path) -> None:
    address = tmp_path / "register.sqlite"
    with open_register(address) as register:
        register.add(activity("A"), who="a")
        blocking = sqlite3.connect(address, isolation_level=None, check_same_thread=False)
        blocking.execute("BEGIN IMMEDIATE")
        release = Timer(0.5, blocking.execute, ["COMMIT"])
        release.start()
        begin = time.monotonic()
        register.add(activity("B"), who="b")
        assert time.monotonic() - begin > 0.3
        release.join()
        blocking.close()
        assert len(register.entries()) == 2


def test_a_second_writer_that_waited_too_long_is_told_and_changes_nothing(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("softpower.activities.register.engine.WAIT_SECONDS", 1)
    with open_register(address) as first, open_register(address) as second:
        first.add(activity("A"), who="a")
        with first._writing() as connection:
            connection.exec_driver_sql("UPDATE activity_entry SET status = 'planned' WHERE id = 'A'")
            for act in (
                lambda: second.edit("A", {"note": "x"}, who="b", why="c"),
                lambda: second.retire("A", who="b", why="c"),
            ):
                with pytest.raises(Busy, match="Nothing was changed; try again"):
                    act()
        assert second.edit("A", {"note": "y"}, who="b", why="c").version == 2
