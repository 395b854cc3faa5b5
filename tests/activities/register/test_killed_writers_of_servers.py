"""Two processes add to a server, and they or it are killed: what was acknowledged is there, and all is whole."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from softpower.activities.register import open_register
from tests.activities.register.killing import LONGEST, ROUNDS, SEED, assert_whole, kill, nursery
from tests.activities.register.server import DURABLE, Server, running, skip_without_server


@pytest.fixture
def durable() -> Iterator[Server]:
    """A server of one's own that flushes what it acknowledges."""
    skip_without_server()
    with running(*DURABLE) as started:
        yield started


def test_writers_and_servers_that_are_killed_lose_nothing_they_acknowledged(durable: Server) -> None:
    draw = random.Random(SEED)
    address = durable.schema()
    with open_register(address):
        pass
    stored: set[str] = set()
    edited: set[str] = set()
    for turn in range(ROUNDS // 5):
        # The port is another after each kill of the server, so the writers are others.
        address = address.replace(address.split(":")[-1].split("/")[0], str(durable.port))
        with nursery(address) as writers:
            for k in range(5):
                one, other = writers.start(f"one{turn}x{k}"), writers.start(f"other{turn}x{k}")
                if k:
                    writers.wait_for(f"one{turn}x{k}")
                time.sleep(draw.uniform(0, LONGEST))
                if k < 4:
                    kill(one)
                    if k % 2:
                        writers.wait_for(f"other{turn}x{k}", past=writers.count(f"other{turn}x{k}") + 1)
                else:
                    durable.kill()
                kill(one)
                kill(other)
                writers.say("reap")
                if k < 4:
                    with open_register(address) as register:
                        assert_whole(register, stored | writers.stored, edited | writers.edited)
            # A server that dies may be told of as lost, and nothing else may go wrong.
            assert [line for line in writers.failed if " NoServer " not in line] == []
            stored |= writers.stored
            edited |= writers.edited
        durable.start()
        address = address.replace(address.split(":")[-1].split("/")[0], str(durable.port))
        with open_register(address) as register:
            assert_whole(register, stored, edited)
    assert len(stored) > ROUNDS
