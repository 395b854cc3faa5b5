"""`softpower index export` and `softpower index workbook`: an index as files for other programs and for readers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from softpower.cli.index_inputs import read
from softpower.cli.index_options import DATA, DRAWS, MODEL, SEED, VARIANT, WEIGHT, WEIGHTS, Weights, options
from softpower.cli.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from softpower.index import Index
    from softpower.index.exported import Export

# As in `softpower.index.export.TABLES`, which help must not import; a test compares them.
TABLES = (
    "scores",
    "ranks",
    "raw",
    "treated",
    "normalised",
    "cells",
    "framework",
    "acceptability",
    "dominance",
    "sources",
    "about",
)

EXAMPLES = """\b
Tables:
  scores         a row per node and unit: score, rank, their 90% intervals, weight
  ranks          a row per ranked unit: its rank in every node, with the interval
  raw            a row per unit, a column per series: can be read again with --data
  treated        a row per ranked unit, a column per indicator: gaps filled, outliers treated
  normalised     the same on the common scale
  cells          a row per indicator and unit: raw, status, treated, normalised
  framework      a row per node and indicator: weight, effective weight, source, reason
  acceptability  the probability of each rank; rows that are not there are zero
  dominance      the probability that one unit is ahead of another
  sources        publishers, licences, and words to print with the data
  about          model, variant, seed, versions

\b
Examples:
  softpower index export --out scores.csv
  softpower index export --what cells --out cells.parquet
  softpower index export --out soft-power.xlsx
  softpower index export my-model.toml --data my-data.xlsx --years 2019-2022 --out results
"""


def parse_years(_context: click.Context, _option: click.Parameter, given: str | None) -> tuple[int, ...]:
    """Years from a text such as ``2019-2021`` or ``2019,2021``."""
    years: list[int] = []
    for part in (given or "").split(","):
        found = re.fullmatch(r"\s*(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?\s*", part)
        if found:
            years += range(int(found[1]), int(found[2] or found[1]) + 1)
        if given and not (found and years):
            raise click.BadParameter(f"{given!r} is not of the form 2019-2022 or 2019,2022")
    return tuple(dict.fromkeys(years))


@click.command(epilog=EXAMPLES, short_help="Write scores, ranks and cells as CSV, Parquet or Excel.")
@options(MODEL, DATA)
@click.option("--year", type=click.IntRange(1, 9999), default=None, help="Year to build.  [default: the model's]")
@click.option(
    "--years",
    callback=parse_years,
    metavar="FIRST-LAST",
    help="Years of your own table, such as 2019-2022 or 2019,2022.  [default: all]",
)
@options(VARIANT, WEIGHT, WEIGHTS, DRAWS, SEED)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="A .csv, .parquet or .xlsx file, or a folder."
)
@click.option(
    "--what",
    multiple=True,
    type=click.Choice(TABLES),
    metavar="TABLE",
    help="Which table, see below; may be repeated.  [default: scores; all for .xlsx and folders]",
)
@click.option("--node", "nodes", multiple=True, help="Node of acceptability and dominance.  [default: the top nodes]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "parquet"]),
    default="csv",
    show_default=True,
    help="Of the files in a folder.",
)
def export(
    model: str | None,
    data: Path | None,
    year: int | None,
    years: tuple[int, ...],
    variant: str,
    weights: Weights,
    weights_file: Weights,
    draws: int,
    seed: int,
    out: Path,
    what: tuple[str, ...],
    nodes: tuple[str, ...],
    form: str,
) -> None:
    """Write MODEL as tables: the ending of --out says how, --what which.

    A .csv or .parquet file holds one table, .xlsx a sheet for each, a folder a file for each. Unknown cells are empty.
    In .csv an apostrophe stands before text that begins with = + - or @, so that no spreadsheet runs it; numbers stay
    numbers.
    """
    from softpower.errors import BadRequest, UnknownNode
    from softpower.index.export import tables_of
    from softpower.index.writing import ending, write_tables

    kind = ending(out)
    if kind in ("csv", "parquet") and len(what) > 1:
        raise BadRequest(f"{out} holds one table, not {', '.join(what)}; write a folder or .xlsx")
    if year is not None and years:
        raise BadRequest("give --year or --years, not both")
    wanted = what or (("scores",) if kind in ("csv", "parquet") else TABLES)
    with progress() as tell:
        found = _exported(
            model, data, years or ((year,) if year else ()), variant, (weights_file, weights), draws, seed, tell
        )
        for node in nodes:
            if node not in found.years[0].nodes:
                raise UnknownNode(node, where="--node", nearest=found.years[0].nodes)
        tell("Writing tables")
        frames = tables_of(found, nodes=nodes, which=wanted)
        written = write_tables(
            frames, out, form="parquet" if form == "parquet" else "csv", title=found.years[0].model.title
        )
    for path in written:
        click.echo(f"Wrote {path}")


WORKBOOK_EXAMPLES = """\b
Examples:
  softpower index workbook --out soft-power.xlsx
  softpower index workbook my-model.toml --data my-data.xlsx#Cities --out cities.xlsx
"""


@click.command(epilog=WORKBOOK_EXAMPLES, short_help="Write MODEL as one Excel workbook to read and check.")
@options(MODEL, DATA)
@click.option(
    "--year",
    type=click.IntRange(1, 9999),
    default=None,
    help="Year to build.  [default: the model's, or the last of the table]",
)
@options(VARIANT, WEIGHT, WEIGHTS, DRAWS, SEED)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The .xlsx file to write.")
def workbook(
    model: str | None,
    data: Path | None,
    year: int | None,
    variant: str,
    weights: Weights,
    weights_file: Weights,
    draws: int,
    seed: int,
    out: Path,
) -> None:
    """Write MODEL as one Excel workbook to read and check, in the manner of the JRC's COIN Tool.

    Its sheets: framework, data at every stage, statistics, correlations, scores and ranks with 90% intervals, rank
    distribution, sensitivity, sources. It holds no formulas and no links.
    """
    from softpower.errors import BadRequest
    from softpower.index.workbook import write_workbook

    if out.suffix.lower() != ".xlsx":
        raise BadRequest(f"--out {out}: a workbook is written as .xlsx; give the file this ending")
    with progress() as tell:
        years = (year,) if year else ()
        found = _exported(model, data, years, variant, (weights_file, weights), draws, seed, tell)
        tell("Writing the workbook")
        write_workbook(found.years[-1], out, found.experiment)
    click.echo(f"Wrote {out}")


def _exported(
    model: str | None,
    data: Path | None,
    years: tuple[int, ...],
    variant: str,
    weights: tuple[Weights, ...],
    draws: int,
    seed: int,
    tell: Callable[[str], None],
) -> Export:
    """An index with what it was built from; a user's table is read once."""
    from threadpoolctl import threadpool_limits

    from softpower.errors import BadRequest
    from softpower.index import build, build_years, set_up
    from softpower.index.exported import Export
    from softpower.index.prepare import read_columns

    tell("Reading the data")
    loaded, sheet = read(model, data, *weights)
    if sheet is None:
        if len(years) > 1:
            raise BadRequest("the bundled data are built for one year at a time: give --year, or --data for your own")
        year = years[0] if years else None
        index: Index = build(loaded, variant=variant, year=year, draws=draws, seed=seed, progress=tell)
        with threadpool_limits(1):  # as in the build: sums in another order would differ in the last digit
            ready, _ = set_up(loaded, variant=variant, year=year)
            return Export.of(index, ready)
    built = build_years(loaded, sheet, years=years or None, variant=variant, draws=draws, seed=seed, progress=tell)
    with threadpool_limits(1):
        ready, _ = set_up(loaded, sheet, variant=variant, year=built[-1].year)
        return Export.of(built, ready, read_columns(sheet, loaded))
