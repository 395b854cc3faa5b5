"""`softpower brief KAZ` from nothing to three files, twice on machines that differ in everything but the code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
)
MACHINES = {
    "one": {
        "TZ": "Asia/Almaty",
        "LC_ALL": "C",
        "LANG": "C",
        "PYTHONHASHSEED": "1",
        "PYTHONUTF8": "0",
        **dict.fromkeys(THREADS, "1"),
    },
    "other": {
        "TZ": "America/Lima",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "kk_KZ.UTF-8",
        "LANGUAGE": "kk:ru",
        "PYTHONHASHSEED": "2",
        "SOURCE_DATE_EPOCH": "1000000000",
        "COLUMNS": "40",
        **dict.fromkeys(THREADS, "3"),
    },
}
NAMES = ["KAZ.html", "KAZ.json", "KAZ.pdf"]


def start(machine: str, cache: Path, folder: Path) -> subprocess.Popen[str]:
    """Start the command on a machine, in a folder of its own."""
    folder.mkdir()
    return subprocess.Popen(
        [sys.executable, "-m", "softpower", "brief", "KAZ", "--draws", "100"],
        cwd=folder,
        env={**os.environ, **MACHINES[machine], "SOFTPOWER_CACHE": str(cache), "HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(run: subprocess.Popen[str], folder: Path) -> dict[str, bytes]:
    """The files it has written."""
    _, errors = run.communicate()
    assert (run.returncode, errors) == (0, "")
    return {path.name: path.read_bytes() for path in (folder / "briefs").iterdir()}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the machines keep caches and files."""
    return tmp_path_factory.mktemp("machines")


@pytest.fixture(scope="module")
def uncached(place: Path) -> dict[str, dict[str, bytes]]:
    """The files of each machine, made at the same time and each from an empty cache."""
    runs = {name: start(name, place / f"cache-{name}", place / name) for name in MACHINES}
    return {name: finish(run, place / name) for name, run in runs.items()}


def test_two_machines_with_empty_caches_write_the_same_bytes(uncached: dict[str, dict[str, bytes]]) -> None:
    one, other = uncached.values()
    assert sorted(one) == sorted(other) == NAMES
    for name in NAMES:
        assert one[name] == other[name], name


def test_a_run_that_finds_everything_in_the_cache_writes_the_same_bytes(
    uncached: dict[str, dict[str, bytes]], place: Path
) -> None:
    cache = place / "cache-one"
    before = {path.name: path.stat().st_mtime_ns for path in cache.iterdir()}
    assert len(before) > 5
    assert finish(start("other", cache, place / "again"), place / "again") == uncached["one"]
    # Nothing was made anew: also what a cache is kept under does not depend on the machine.
    assert {path.name: path.stat().st_mtime_ns for path in cache.iterdir()} == before
