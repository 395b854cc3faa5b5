"""Arguments and options that the commands below `softpower index` share."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from softpower.index.panel import Panel

# What a row of titles has in its two cells; one of them is enough.
TITLES = ("part", "node", "indicator", "id", "icode", "code"), ("weight", "weights", "w", "value")
# Faults of a file listed before the rest is counted.
SHOWN = 5

MODEL = click.argument("model", required=False)
DATA = click.option(
    "--data", type=click.Path(path_type=Path), help="Your own table (CSV, Parquet, Excel).  [default: the bundled data]"
)
YEAR = click.option(
    "--year",
    type=click.IntRange(1, 9999),
    default=None,
    help="Year to build.  [default: the model's, or all of the table]",
)
VARIANT = click.option("--variant", default="", help="A variant of the model, such as no-regime or endowment.")
DRAWS = click.option("--draws", default=1000, show_default=True, help="Replications behind every interval.")
SEED = click.option(
    "--seed", type=click.IntRange(min=0), default=7, show_default=True, help="Start of the random numbers."
)
NODE = click.option("--node", default="", help="A node of the model.  [default: its top nodes]")
TOP = click.option("--top", type=click.IntRange(min=1), default=None, help="Print only so many.  [default: all]")
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


class Weights(dict[str, float]):
    """Weights by part; ``where`` says for each where it was given, such as "w.csv, row 2"."""

    def __init__(self) -> None:
        super().__init__()
        self.where: dict[str, str] = {}

    def add(self, part: str, weight: float, where: str) -> None:
        """Note a weight; a later one replaces an earlier."""
        self[part], self.where[part] = weight, where


def parse_weights(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> Weights:
    """Weights from options such as ``--weight education=2``."""
    weights = Weights()
    for each in given:
        name, separator, number = each.partition("=")
        try:
            weights.add(name.strip(), float(number), f"--weight {each}")
        except ValueError:
            separator = ""
        if not separator:
            raise click.BadParameter(f"{each!r} is not of the form PART=NUMBER, such as education=2")
    return weights


def _weight(number: str) -> float | None:
    """A weight as it is written; None where it is none."""
    try:
        weight = float(number)
    except ValueError:
        return None
    return weight if 0 <= weight < math.inf else None


def read_weights(_context: click.Context, _option: click.Parameter, path: Path | None) -> Weights:
    """Weights from a file of two columns, part and weight, with or without a row of titles.

    All rows that are no weights are named at once.
    """
    weights = Weights()
    if path is None:
        return weights
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{path} cannot be read: {error}") from error
    rows: dict[str, int] = {}
    faults: list[str] = []
    for row, cells in _rows(lines):
        part, number = cells[0], cells[1] if len(cells) > 1 else ""
        weight = _weight(number)
        titled = part.lower() in TITLES[0] or number.lower() in TITLES[1]
        first = not rows and not faults
        if first and part.lower() in TITLES[1] and number.lower() in TITLES[0]:
            faults.append(f"row {row}: the titles are {part} and {number}; write the part first, then its weight")
            break
        if titled and weight is None and first:
            continue
        if fault := _fault(part, number, len(cells), rows.get(part)):
            faults.append(f"row {row}: {fault}")
        elif weight is not None:
            rows[part] = row
            weights.add(part, weight, f"{path}, row {row}")
    if faults:
        more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        raise click.BadParameter(f"{path}, {'; '.join(faults[:SHOWN])}{more}")
    if not weights:
        raise click.BadParameter(f"{path} has no weights; write a row for each part, such as education,2")
    return weights


def _rows(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Cells of each row that is not empty, with its number in the file."""
    for row, line in enumerate(lines, 1):
        if line.strip():
            separator = next((each for each in ("\t", ";") if each in line), ",")
            yield row, [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]


def _fault(part: str, number: str, cells: int, before: int | None) -> str:
    """What is wrong with a row of a file of weights, and what to do; empty where nothing is."""
    if cells != 2:
        count = "1 column" if cells == 1 else f"{cells} columns"
        return f"{count} in place of two; write the part and its weight, as in education,2"
    if not part:
        return f"the weight {number} belongs to no part; write its id in the first column"
    if before is not None:
        return f"{part} stands in row {before} already; keep one of them"
    if _weight(number) is None:
        if re.fullmatch(r"\d+,\d+", number):
            return f"the weight of {part} is '{number}'; write {number.replace(',', '.')}, with a decimal point"
        return f"the weight of {part} is '{number}'; write a number of zero or more, or delete the row"
    return ""


WEIGHT = click.option(
    "--weight",
    "weights",
    multiple=True,
    callback=parse_weights,
    metavar="PART=W",
    help="Another weight; may be repeated.",
)
WEIGHTS = click.option(
    "--weights",
    "weights_file",
    type=click.Path(path_type=Path),
    callback=read_weights,
    help="Other weights from a CSV file of two columns: part, weight.",
)


def counted(number: int, noun: str) -> str:
    """So many of something.

    >>> counted(1, "unit"), counted(1200, "unit")
    ('1 unit', '1,200 units')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def called(panel: Panel, unit: str) -> str:
    """What a unit is called: as in the table, or the name of the country."""
    if panel.names:
        return panel.names[panel.units.index(unit)]
    from softpower.world import country

    return country(unit).name


def options(*shared: Callable[..., Any]) -> Callable[..., Any]:
    """Several options as one decorator, shown in this order."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for each in reversed(shared):
            command = each(command)
        return command

    return decorate
