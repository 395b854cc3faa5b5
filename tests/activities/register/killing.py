"""Processes that add entries and are killed, and what has to be there afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Queue
from threading import Thread

from softpower.activities.register import Register

ROUNDS = 20
SEED = 20170610
# Long enough for some entries to be stored, short enough for a kill to fall anywhere between two of them.
LONGEST = 0.3


class Nursery:
    """Processes that add, and what they have said."""

    def __init__(self, address: str) -> None:
        command = [sys.executable, "-m", "tests.activities.register.adding", address]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lines: Queue[str] = Queue()
        self.stored: set[str] = set()
        self.edited: set[str] = set()
        self.refused: list[str] = []
        self.failed: list[str] = []
        self.listener = Thread(target=self._listen)
        self.listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            word, _, rest = line.rstrip("\n").partition(" ")
            {"stored": self.stored.add, "edited": self.edited.add}.get(word, lambda _: None)(rest)
            {"refused": self.refused.append, "failed": self.failed.append}.get(word, lambda _: None)(rest)
            if word in {"started", "reaped"}:
                self.lines.put(rest)

    def say(self, command: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()
        try:
            return self.lines.get(timeout=60)
        except Empty:
            raise AssertionError(f"no answer to {command}") from None

    def start(self, name: str) -> int:
        return int(self.say(f"start {name}").split()[1])

    def count(self, name: str) -> int:
        return sum(id.startswith(f"{name}-") for id in self.stored.copy())

    def wait_for(self, name: str, *, past: int = 0) -> None:
        """Wait until a process has stored more than it had."""
        end = time.monotonic() + 60
        while self.count(name) <= past:
            assert time.monotonic() < end, f"{name} stores nothing: {self.failed} {self.refused[-3:]}"
            time.sleep(0.005)

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(60)
        self.listener.join(60)
        self.process.stdout.close()


@contextmanager
def nursery(address: str) -> Iterator[Nursery]:
    started = Nursery(address)
    pids: list[int] = []
    start = started.start

    def remembered(name: str) -> int:
        pids.append(start(name))
        return pids[-1]

    started.start = remembered  # type: ignore[method-assign]
    try:
        yield started
    finally:
        for pid in pids:
            kill(pid)
        started.close()


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def assert_whole(register: Register, stored: set[str], edited: set[str]) -> None:
    """Every entry that was acknowledged is there, and every one that is there is there as a whole."""
    found = {each.activity.id: each for each in register.entries()}
    assert stored <= found.keys(), f"lost: {sorted(stored - found.keys())[:5]}"
    for id, each in found.items():
        assert each.activity.title["en"] == f"Entry {id.split('-')[1]} of {id.split('-')[0]}"
        assert each.version in ({2} if id in edited else {1, 2})
        assert (each.activity.note == "edited") == (each.version == 2)
    with register.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT id, max(version), count(*) FROM activity_history GROUP BY id").all()
    # No history without its entry, no entry without its history, no version left out.
    assert {row[0]: row[1] for row in rows} == {id: each.version for id, each in found.items()}
    assert all(row[1] == row[2] for row in rows)
