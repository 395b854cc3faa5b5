"""The server that tests are given needs PostgreSQL, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.activities.register import server


def test_without_postgresql_tests_fail_and_say_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(server, "DEBIAN", tmp_path)
    with pytest.raises(RuntimeError, match="apt-get install postgresql"), server.running():
        pass


def test_a_server_does_not_outlive_the_process_that_started_it() -> None:
    code = (
        "import time; from tests.activities.register.server import FAST, running\n"
        "with running(*FAST) as started:\n"
        "    main = (started.folder / 'data' / 'postmaster.pid').read_text().split()[0]\n"
        "    print(main, started.folder, flush=True)\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        main, folder = starter.stdout.readline().split()
        assert server.alive(int(main))
        os.kill(starter.pid, signal.SIGKILL)
    end = time.monotonic() + 30
    while (server.alive(int(main)) or Path(folder).exists()) and time.monotonic() < end:
        time.sleep(0.05)
    assert not server.alive(int(main))
    assert not Path(folder).exists()
