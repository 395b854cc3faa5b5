"""Time and memory of pieces of work, each in a process of its own, so that peak memory is that of the work alone.

Times are processor times: on an idle machine the time that passes, on a busy one nearly the same as on an idle one. The
interpreter and the libraries it needs are part of the peak. A module that measures names its pieces in a mapping
and ends with ``serve(WORK)``; `measured` then runs ``python -m`` that module.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.memory import peak

Array = NDArray[np.float64]
# Sizes give a piece of work whose preparation is not timed; what it returns can be compared with another's.
Prepare = Callable[..., Callable[[], object]]

# Work that takes less is repeated until it takes as long, and its time divided.
SHORTEST = 0.05


@dataclass(frozen=True, slots=True)
class Measured:
    """Best processor time in seconds, peak memory in MB, and what the work returned, flat (empty if not an array)."""

    seconds: float
    peak: float
    result: Array


def measured(module: str, work: str, *sizes: int, repeats: int = 1) -> Measured:
    """Measure a piece of work of a module, run by one thread."""
    command = [sys.executable, "-m", module, work, str(repeats), *map(str, sizes)]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return Measured(answer["seconds"], answer["peak"], np.array(answer["result"], dtype=np.float64))


def whole(work: Callable[..., object]) -> Prepare:
    """Work all of which is timed, also what it makes of its sizes."""
    return lambda *sizes: lambda: work(*sizes)


def serve(works: Mapping[str, Prepare]) -> None:
    """Do the work that `measured` asks for, and print what it took."""
    # One worker thread: on two cores the other one belongs to somebody else.
    from threadpoolctl import threadpool_limits

    name, repeats, sizes = sys.argv[1], int(sys.argv[2]), map(int, sys.argv[3:])
    act = works[name](*sizes)
    with threadpool_limits(1):
        begin = time.process_time()
        result = act()
        times = [time.process_time() - begin]
        calls = max(1, round(SHORTEST / times[0]))
        for _ in range(repeats if calls > 1 else repeats - 1):
            begin = time.process_time()
            for _ in range(calls):
                act()
            times.append((time.process_time() - begin) / calls)
    flat = np.ravel(result).tolist() if isinstance(result, np.ndarray) else []
    print(json.dumps({"seconds": min(times), "peak": peak(), "result": flat}))


def import_seconds(statement: str, *, repeats: int = 5) -> float:
    """Processor time of a fresh interpreter from its start to the end of an import; the least of some."""
    code = f"{statement}\nimport time\nprint(time.process_time())"
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(repeats)]
    return min(float(run) for run in runs)
