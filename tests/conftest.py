"""What every test gets: no network, a cache of its own, a browser if it asks for one; in CI no way to be skipped."""

from __future__ import annotations

import errno
import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IN_CI = os.environ.get("CI") == "true"
WORKER = "PYTEST_XDIST_WORKER" in os.environ
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# Nothing but the page under test: no sandbox for root, no calls home.
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Machines differ in speed, so no deadline; in CI a failure must be repeatable, so the same examples each time.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if IN_CI else "here")

_connect = socket.socket.connect
_cache = pytest.StashKey[str]()


def _connect_locally(self: socket.socket, address: Any) -> None:
    """Connect within this machine; anything else is a test that would fail offline."""
    if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_local(address[0]):
        raise OSError(errno.ENETUNREACH, f"tests run offline; this one tried to reach {address[0]}")
    _connect(self, address)


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def pytest_configure(config: pytest.Config) -> None:
    """Cut the network, and keep the user's cache out of the tests and the tests out of the user's cache."""
    socket.socket.connect = _connect_locally  # type: ignore[method-assign, assignment]
    if not WORKER:  # processes that share the tests share the cache of the one that started them
        config.stash[_cache] = os.environ["SOFTPOWER_CACHE"] = tempfile.mkdtemp(prefix="softpower-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Undo both."""
    socket.socket.connect = _connect  # type: ignore[method-assign]
    if not WORKER:
        shutil.rmtree(config.stash[_cache], ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser, so that ``-m 'not browser'`` leaves it out."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a failed run: nobody would notice what is never tested."""
    if IN_CI and not WORKER and exitstatus == pytest.ExitCode.OK and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say why such a run failed."""
    if IN_CI and (reports := _skipped(config)):
        terminalreporter.section("skipped, which CI does not accept", red=True)
        for report in reports:
            terminalreporter.line(f"{report.nodeid}: {report.longrepr[2]}")


def _skipped(config: pytest.Config) -> list[Any]:
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    return list(reporter.stats.get("skipped", []))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, shared by the session; each test opens pages of its own."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        pytest.skip("no Chromium on PATH (on Debian: apt-get install chromium libatomic1)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        yield launched
        launched.close()
