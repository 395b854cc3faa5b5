"""A process that starts others, each of which adds entries to a register until it is killed.

It reads ``start NAME`` and ``reap`` from its input, and forks, since a new interpreter would take longer to start than
it is left to live. All write lines to its output: ``started NAME PID``; ``stored ID`` once the register has said so;
``refused NAME MESSAGE`` if the register cannot be written to now; ``reaped`` when all are gone.
"""

from __future__ import annotations

import os
import sys
import time

from softpower.activities.register import Busy, NoServer, open_register
from tests.activities.register.entries import activity


def say(*words: object) -> None:
    """One line, in one write, so that a kill leaves it whole or out."""
    os.write(1, (" ".join(str(word).replace("\n", " ") for word in words) + "\n").encode())


def add(address: str, name: str) -> None:
    """Add entries for ever."""
    with open_register(address) as register:
        number = 0
        while True:
            number += 1
            # SQLite lets whoever asks first write next: without a pause the other one would hardly ever be first.
            time.sleep(0.001)
            entry = activity(f"{name}-{number}", title={"en": f"Entry {number} of {name}", "kk": "Астана " * 40})
            try:
                register.add(entry, who=name)
            except (Busy, NoServer) as error:
                say("refused", name, error)
                number -= 1
                continue
            say("stored", entry.id)
            if number % 5 == 0:
                register.edit(entry.id, {"note": "edited"}, who=name, why="as tests do")
                say("edited", entry.id)


def main(address: str) -> None:
    for line in sys.stdin:
        command, *rest = line.split()
        if command == "start":
            child = os.fork()
            if child == 0:
                try:
                    add(address, rest[0])
                except Exception as error:  # noqa: BLE001
                    say("failed", rest[0], type(error).__name__, error)
                finally:
                    os._exit(1)
            say("started", rest[0], child)
        else:
            while True:
                try:
                    os.wait()
                except ChildProcessError:
                    break
            say("reaped")


if __name__ == "__main__":
    main(sys.argv[1])
