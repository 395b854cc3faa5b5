"""Run the benchmarks and print their figures: ``python -m benchmarks [NAMES] [--json]``."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from benchmarks.figures import Figure, as_json, text

NAMES = (
    "brief",
    "calibration",
    "designs",
    "stability",
    "disguise",
    "pillars",
    "speed",
    "peers",
    "conversion",
    "vectors",
    "activities",
    "effects",
    "series_effects",
)


def main() -> int:
    """Exit code: 1 where a demanded bound is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure what the index promises.")
    parser.add_argument("names", nargs="*", help=f"which to run, by default all: {', '.join(NAMES)}")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    chosen = parser.parse_args()
    if unknown := sorted(set(chosen.names) - set(NAMES)):
        parser.error(f"no benchmark is called {', '.join(unknown)}; there are {', '.join(NAMES)}")
    tables: dict[str, list[Figure]] = {}
    for name in chosen.names or NAMES:
        module = import_module(f"benchmarks.{name}")
        tables[module.TITLE] = list(module.run())
        if not chosen.json:
            print(text(module.TITLE, tables[module.TITLE]), flush=True)
    if chosen.json:
        print(as_json(dict(tables)))
    return int(any(figure.fails for figures in tables.values() for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
