"""The modules of the room are stacked: none leads back to itself, not even by an import inside a function."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import softpower.world

ROOM = Path(softpower.world.__file__).parent
PREFIX = "softpower.world."


def imported(module: Path) -> set[str]:
    """Modules of the room that a module imports, anywhere in its text."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PREFIX):
            found.add((node.module or "").removeprefix(PREFIX))
    return found


def test_no_module_of_the_room_imports_itself_by_way_of_others() -> None:
    modules = {path.stem: imported(path) for path in ROOM.glob("*.py") if path.stem != "__init__"}
    order = list(TopologicalSorter(modules).static_order())
    assert set(order) == set(modules)
    assert order.index("table") < order.index("names") < order.index("lookup") < order.index("vectors")
