"""Progress on stderr for work that takes long: one line that is overwritten, and only on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function that shows what is being done; the line is cleared at the end."""
    shows = sys.stderr.isatty()
    begun = time.monotonic()

    def tell(what: str) -> None:
        if shows:
            click.echo(f"\r\x1b[K{what} ... ({time.monotonic() - begun:.0f} s)", nl=False, err=True)

    try:
        yield tell
    finally:
        if shows:
            click.echo("\r\x1b[K", nl=False, err=True)
