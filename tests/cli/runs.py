"""What every test of a command asks of a run that was refused."""

from __future__ import annotations

import subprocess

from click.testing import Result


def refused(done: Result | subprocess.CompletedProcess[str]) -> str:
    """The one message of a run that failed by no fault of ours."""
    code = done.exit_code if isinstance(done, Result) else done.returncode
    assert code == 2
    assert done.stdout == ""
    assert done.stderr.count("Error: ") == 1
    assert "Traceback" not in done.stderr
    assert "fault of softpower" not in done.stderr
    return str(done.stderr)
