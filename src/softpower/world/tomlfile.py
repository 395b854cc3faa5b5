"""TOML files that people write: read with the line of every key, so that a fault can be pointed at."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from softpower.errors import BadModel, Fault

_HEADER = re.compile(r"^\s*\[+\s*([^\]]+?)\s*\]+")
_KEY = re.compile(r"""^\s*([A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*=""")
_AT_LINE = re.compile(r"\s*\(at line (\d+), column \d+\)")

Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TomlFile:
    """What a TOML file says, and where.

    Attributes
    ----------
    name : what messages call the file
    content : the parsed tables
    lines : line, counted from 1, on which each table and key stands, by its path
    """

    name: str
    content: Mapping[str, Any]
    lines: Mapping[Keys, int]

    def fault(self, path: Keys, what: str) -> Fault:
        """A fault at ``path``, on its line or that of the nearest table above it."""
        above = path
        while above and above not in self.lines:
            above = above[:-1]
        return Fault(self.lines.get(above, 0), ".".join(path) or "file", what)


def read_toml(path: Path) -> TomlFile:
    """The TOML file at ``path``.

    Raises
    ------
    BadModel
        It cannot be read, is not UTF-8 text, or is not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadModel(str(path), [Fault(0, "file", "is not UTF-8 text")]) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise BadModel(str(path), [Fault(0, "file", f"cannot be read: {why}")]) from error
    return parse_toml(text, name=str(path))


def parse_toml(text: str, *, name: str) -> TomlFile:
    """The TOML file whose text this is; errors as for `read_toml`."""
    try:
        return TomlFile(name, tomllib.loads(text), _lines(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        at = _AT_LINE.search(str(error))
        raise BadModel(
            name,
            [Fault(int(at[1]) if at else 0, "TOML", _AT_LINE.sub("", str(error)))],
        ) from error


def _lines(text: str) -> dict[Keys, int]:
    found: dict[Keys, int] = {}
    table: Keys = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = tuple(part.strip(" \"'") for part in header[1].split("."))
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, key[1].strip("\"'")), number)
    return found
