"""Record what the bundled files that are no tables hash to, after one of them was changed on purpose.

    python -m softpower.evidence.build.digests

The tables are recorded by the build that makes them.
"""

from __future__ import annotations

from pathlib import Path

from softpower import storage
from softpower.storage import REGISTRY, SUMS, sealed, sha256, write_atomic


def digests(folder: Path) -> bytes:
    """The file ``SHA256SUMS`` of a data folder: every file in and below it, less tables, registry and hidden files."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    kept = sorted(name for name, path in files.items() if name not in {REGISTRY, SUMS} and _is_recorded(path))
    return sealed("".join(f"{sha256(files[name].read_bytes())}  {name}\n" for name in kept))


def record(folder: Path) -> None:
    """Write ``SHA256SUMS`` anew."""
    write_atomic(folder / SUMS, digests(folder))


def _is_recorded(path: Path) -> bool:
    return path.suffix != ".parquet" and not path.name.startswith(".")


if __name__ == "__main__":
    record(storage.DATA)
