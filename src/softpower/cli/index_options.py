"""Arguments and options that the commands below `softpower index` share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

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


def parse_weights(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, float]:
    """Weights from options such as ``--weight education=2``."""
    weights = {}
    for each in given:
        name, separator, number = each.partition("=")
        try:
            weights[name.strip()] = float(number)
        except ValueError:
            separator = ""
        if not separator:
            raise click.BadParameter(f"{each!r} is not of the form PART=NUMBER, such as education=2")
    return weights


def read_weights(context: click.Context, option: click.Parameter, path: Path | None) -> dict[str, float]:
    """Weights from a file of two columns, part and weight."""
    if path is None:
        return {}
    try:
        rows = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{path} cannot be read: {error}") from error
    pairs = [row.replace(";", ",").replace("\t", ",").replace(",", "=", 1) for row in rows if row.strip()]
    if pairs and not pairs[0].partition("=")[2].strip().replace(".", "").isdigit():
        pairs = pairs[1:]  # the header
    return parse_weights(context, option, tuple(pairs))


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


def options(*shared: Callable[..., Any]) -> Callable[..., Any]:
    """Several options as one decorator, shown in this order."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for each in reversed(shared):
            command = each(command)
        return command

    return decorate
