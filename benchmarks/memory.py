"""The most memory that a process has held, asked of the process itself.

What ``getrusage`` and ``wait4`` give on Linux begins at what the parent held when it started the process, so that a
small program started by a large one looks large. This module needs nothing but the standard library: measuring a
program with it adds nothing to what is measured. ``python -m benchmarks.memory FILE MODULE ARGUMENTS`` runs a
module as ``python -m`` would and writes its peak, in MB, into the file.
"""

from __future__ import annotations

import sys
from pathlib import Path


def peak() -> float:
    """Most memory that this process has held, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024**2 if sys.platform == "darwin" else 1024)


def main() -> None:
    """Run a module and write its peak."""
    import runpy

    file, module, *arguments = sys.argv[1:]
    sys.argv = [module, *arguments]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        Path(file).write_text(str(peak()), encoding="ascii")


if __name__ == "__main__":
    main()
