"""A first model for a table of one's own: every column of numbers an indicator, to be put in order by hand."""

from __future__ import annotations

import json
import re

from softpower.errors import BadTable
from softpower.index.table import Sheet

_NAME = re.compile(r"[^A-Za-z0-9_]+")


def starter(sheet: Sheet, *, title: str = "My index") -> str:
    """The text of a model file for a table.

    Parameters
    ----------
    sheet : the table; columns of numbers become indicators of one pillar, others are named in a comment
    title : of the index

    Raises
    ------
    BadTable
        No column holds numbers.

    >>> from softpower.index.table import sheet
    >>> print(starter(sheet(b"iso3,year,GDP per head,group\\nKAZ,2020,9.1,A\\n", name="x.csv")).splitlines()[-4])
    [indicators.GDP_per_head]
    """
    numbers, others = [], []
    for column in sheet.columns:
        try:
            sheet.read(numbers=[column])
        except BadTable:
            others.append(column)
        else:
            numbers.append(column)
    if not numbers:
        raise BadTable(f"{sheet.name}: no column holds numbers only; it has: {', '.join(sheet.columns[:12]) or 'none'}")
    lines = [
        f"# A first model for {sheet.name}. Sort the indicators into nodes, say which way each points",
        "# (direction = -1 where less is better), and delete what does not belong. Then:",
        f"#   softpower index build THIS_FILE --data {sheet.name}",
        f'id = "{_id(title)}"',
        f"title = {json.dumps(title, ensure_ascii=False)}",
        "",
    ]
    if others:
        lines += [f"# Not numbers, so no indicators; may serve as groups: {', '.join(others)}", ""]
    lines += ["[nodes.index]", f"title = {json.dumps(title, ensure_ascii=False)}", ""]
    taken: set[str] = {"index"}
    for column in numbers:
        name = _unused(_NAME.sub("_", column).strip("_") or "column", taken)
        lines += [f"[indicators.{name}]", f"title = {json.dumps(column, ensure_ascii=False)}", 'node = "index"']
        if name != column:
            lines.append(f"series = {json.dumps(column, ensure_ascii=False)}")
        lines.append("")
    return "\n".join(lines)


def _id(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "my-index"


def _unused(name: str, taken: set[str]) -> str:
    name = name if name[0].isalpha() else f"x_{name}"
    number, found = 2, name
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    taken.add(found)
    return found
