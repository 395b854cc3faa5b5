"""Time of a register: what a list, an entry and an import take, in a file and on a server.

Times are those that pass, since a register waits for disks and servers; each is the least of some. The server is one of
the tests' own, which flushes what it acknowledges; without PostgreSQL it is not measured.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from benchmarks import timing
from benchmarks.figures import Figure
from softpower.activities.activity import Activity
from softpower.activities.register import Register, open_register
from tests.activities.register.server import DURABLE, programs, running

TITLE = "Register of activities"
REPEATS = 5
LISTED = 1_000
IMPORTED = 100_000
INSTRUMENTS = ("mega_event_expo", "scholarship_outbound", "cultural_institute", "high_level_visit")
HOSTS = ("TUR", "CHN", "USA", "UZB", "DEU", "JPN")


def entries(count: int) -> list[Activity]:
    """Made-up entries of the usual size: some 1,700 characters each."""
    return [
        Activity.model_validate(
            {
                "id": f"KAZ-{k * 7919 % 1_000_003}",
                "title": {"en": f"Days of culture {k}", "kk": f"Мәдениет күндері {k}"},
                "description": {"en": "Concerts, an exhibition, a round table of publishers. " * 8},
                "instrument": INSTRUMENTS[k % 4],
                "sender": ["KAZ"],
                "host": [HOSTS[k % 6]],
                "audience": [HOSTS[k % 6], "vector:turkic_world"],
                "actors": [{"name": "Ministry of Culture"}, {"name": "Embassy", "role": "implementer"}],
                "start": f"{1992 + k % 34}-{1 + k % 12:02}-10",
                "figures": [{"indicator": "visits", "planned": 5_000, "realised": 4_200 + k % 900, "claimed": True}],
                "sources": [{"publisher": "Ministry", "title": "Report", "url": "https://mfa.example/report"}],
            }
        )
        for k in range(count)
    ]


def least(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Shortest time that a piece of work takes."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def run() -> Iterator[Figure]:
    """Times on both engines."""
    seconds = timing.import_seconds("import softpower.activities.register")
    yield Figure("import of the register", seconds, "s", note="processor time, paid by commands that read a register")
    few, many = entries(LISTED), entries(IMPORTED)
    for engine in ("SQLite", "PostgreSQL"):
        with ExitStack() as stack:
            if engine == "SQLite":
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                addresses = [str(folder / "small.sqlite"), str(folder / "large.sqlite")]
            else:
                try:
                    programs()
                except RuntimeError as error:
                    yield Figure(f"{engine}: all of it", np.nan, note=str(error))
                    continue
                server = stack.enter_context(running(*DURABLE))
                addresses = [server.schema(), server.schema()]
            small, large = (stack.enter_context(open_register(address)) for address in addresses)
            yield from _small(engine, small, few)
            yield from _large(engine, large, many)


def _small(engine: str, register: Register, few: list[Activity]) -> Iterator[Figure]:
    register.add_all(few, who="bench")
    yield Figure(f"{engine}: list of {LISTED:,} entries", least(register.entries), "s", most=0.2)
    new = iter(each.model_copy(update={"id": f"NEW-{k}"}) for k, each in enumerate(few))
    seconds = least(lambda: register.add(next(new), who="bench"), 50)
    yield Figure(f"{engine}: one entry added", 1_000 * seconds, "ms", note="on disk when it returns")
    notes = iter(range(50))
    seconds = least(lambda: register.edit("NEW-0", {"note": str(next(notes))}, who="bench", why="a note"), 50)
    yield Figure(f"{engine}: one entry edited", 1_000 * seconds, "ms", note="on disk when it returns")


def _large(engine: str, register: Register, many: list[Activity]) -> Iterator[Figure]:
    busy = time.process_time()
    seconds = least(lambda: register.add_all(many, who="bench"), 1)
    note = f"one transaction; processor time of this process {time.process_time() - busy:.1f} s"
    yield Figure(f"{engine}: import of {len(many):,} entries", seconds, "s", most=20.0, note=note)
    found = register.entries(host="TUR", start="2020", end="2020")
    seconds = least(lambda: register.entries(host="TUR", start="2020", end="2020"))
    yield Figure(f"{engine}: {len(found)} of them found by host and year", seconds, "s")
    yield Figure(f"{engine}: one of them by its id", 1_000 * least(lambda: register.get(many[0].id)), "ms")
