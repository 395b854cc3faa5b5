"""What the main job takes: a country brief, cold and warm, as a user starts it.

Every run is a process of its own, with a cache and an output folder of its own that are thrown away, so that nobody's
cache helps and nobody's is touched. Times run from the start of the interpreter to its end; memory is the peak of the
process. Warm times are the best of several runs: the rest is what else the machine was doing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure

TITLE = "The country brief"
COUNTRY = "KAZ"
REPEATS = 5
ALL = "html,pdf,json"
# Seconds: what the first brief and the later ones may take, and what a reader of the help waits for.
COLD, WARM, PAGE, HELP = 60.0, 5.0, 2.0, 0.2


def measured(arguments: Sequence[str], cache: Path) -> tuple[float, float]:
    """Seconds and peak memory in MB of ``softpower`` with these arguments, in a process of its own."""
    with TemporaryDirectory(prefix="softpower-bench-") as folder:
        told = Path(folder) / "peak"
        begin = time.perf_counter()
        process = subprocess.run(
            [sys.executable, "-m", "benchmarks.memory", str(told), "softpower", *arguments],
            env=os.environ | {"SOFTPOWER_CACHE": str(cache)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        seconds = time.perf_counter() - begin
        if process.returncode:
            raise RuntimeError(f"softpower {' '.join(arguments)} failed: {process.stderr.decode()}")
        return seconds, float(told.read_text(encoding="ascii"))


def best(arguments: Sequence[str], cache: Path) -> tuple[float, float]:
    """The shortest of several runs, and the largest peak."""
    runs = [measured(arguments, cache) for _ in range(REPEATS)]
    return min(seconds for seconds, _ in runs), max(peak for _, peak in runs)


def run() -> Iterator[Figure]:
    """The first brief with an empty cache, the next ones, one page alone, the help."""
    with TemporaryDirectory(prefix="softpower-bench-") as folder:
        out, cache = Path(folder) / "briefs", Path(folder) / "cache"

        def brief(formats: str) -> list[str]:
            return ["brief", COUNTRY, "--out", str(out), "--format", formats]

        seconds, peak = measured(brief(ALL), cache)
        yield Figure(
            "first brief, empty cache: HTML, PDF, JSON", seconds, "s", most=COLD, note="index, trend and drawings made"
        )
        yield Figure("first brief: peak memory", peak, "MB")
        seconds, peak = best(brief(ALL), cache)
        yield Figure("later brief: HTML, PDF, JSON", seconds, "s", most=WARM, note=f"best of {REPEATS}")
        yield Figure("later brief: peak memory", peak, "MB")
        seconds, _ = best(brief("html"), cache)
        yield Figure("later brief: HTML alone", seconds, "s", most=PAGE, goal=True, note=f"best of {REPEATS}")
        seconds, peak = best(["--help"], cache)
        yield Figure("softpower --help", seconds, "s", most=HELP, note=f"best of {REPEATS}")
        yield Figure("softpower --help: peak memory", peak, "MB")
        for each in ALL.split(","):
            size = (out / f"{COUNTRY}.{each}").stat().st_size / 1024
            yield Figure(f"size of {COUNTRY}.{each}", size, "kB")
