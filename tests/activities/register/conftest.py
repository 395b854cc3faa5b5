"""Registers to test: the same tests on a file and on a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.activities.register.server import FAST, Server, running, skip_without_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server, shared by the tests of this process."""
    skip_without_server()
    with running(*FAST) as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """Either engine."""
    return str(request.param)


@pytest.fixture
def address(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> str:
    """Where a register can be made on it: nothing is there yet."""
    if engine == "sqlite":
        return str(tmp_path / "register.sqlite")
    server: Server = request.getfixturevalue("server")
    return server.schema()
