"""What the benchmarks say of a program's memory is what the program held, not what the process that started it did."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HELD = 200 * 2**20


def peak_of(tmp_path: Path, module: str, *arguments: str, fails: bool = False) -> float:
    """Peak of a module in MB, run in a process of its own."""
    told = tmp_path / "peak"
    command = [sys.executable, "-m", "benchmarks.memory", str(told), module, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode != 0) == fails, done.stderr
    return float(told.read_text(encoding="ascii"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux has /proc")
def test_a_small_program_is_small_whoever_starts_it_and_a_large_one_is_large(tmp_path: Path) -> None:
    held = b"\1" * HELD
    assert peak_of(tmp_path, "json.tool", "--help") < 60
    large = f"b'1' * {HELD}"
    assert HELD / 2**20 < peak_of(tmp_path, "timeit", "-n", "1", "-r", "1", large) < HELD / 2**20 + 60
    assert len(held) == HELD


def test_a_program_that_fails_fails_and_is_measured_too(tmp_path: Path) -> None:
    assert peak_of(tmp_path, "json.tool", "no such file", fails=True) > 1
