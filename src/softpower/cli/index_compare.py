"""`softpower index sensitivity` and `softpower index compare`: which choice matters, and who moves with it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from softpower.cli.index_inputs import read, reweighted
from softpower.cli.index_options import (
    DATA,
    DRAWS,
    JSON,
    MODEL,
    NODE,
    SEED,
    TOP,
    VARIANT,
    WEIGHT,
    WEIGHTS,
    YEAR,
    Weights,
    options,
)
from softpower.cli.progress import progress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from softpower.index import Sensitivity

UNKNOWN = "–"
# Units that are ranked in one build alone and still named.
MOST_NAMED = 12

SENSITIVITY_EXAMPLES = """\b
Examples:
  softpower index sensitivity --node performance
  softpower index sensitivity my-model.toml --data my-data.csv -n 4096 --unit KAZ
"""


@click.command(epilog=SENSITIVITY_EXAMPLES, short_help="Which uncertain choice moves the ranks most.")
@options(MODEL, DATA, YEAR, VARIANT, WEIGHT, WEIGHTS, NODE)
@click.option("-n", "size", default=1024, show_default=True, help="Base sample, a power of two.")
@click.option("--unit", default="", help="Show the indices of this unit's own rank too.")
@SEED
@JSON
def sensitivity(
    model: str | None,
    data: Path | None,
    year: int | None,
    variant: str,
    weights: Weights,
    weights_file: Weights,
    node: str,
    size: int,
    unit: str,
    seed: int,
    as_json: bool,
) -> None:
    """Say which uncertain choice moves the ranks most: Sobol indices with their intervals.

    First-order: the share of the variance that would go if the choice were settled. Total: the share that would stay
    if all others were. Of the mean shift of all ranks, and with --unit of one unit's rank.
    """
    from difflib import get_close_matches

    from softpower.errors import UnknownName
    from softpower.index import sensitivity as apportion
    from softpower.index import set_up

    with progress() as tell:
        tell("Replicating the index")
        loaded, sheet = read(model, data, weights_file, weights)
        ready, when = set_up(loaded, sheet, variant=variant, year=year)
        found = apportion(ready, year=when, node=node, n=size, seed=seed)
    if unit and unit not in found.units:
        near = get_close_matches(unit, found.units)
        raise UnknownName(unit, nearest=near, where=f"the units ranked in {found.node}")
    if as_json:
        document = {
            "node": found.node,
            "year": found.year,
            "n": size,
            "replications": found.runs,
            "left_out": dict(found.idle),
            "indices": [_known(row) for row in found.to_polars().to_dicts()],
        }
        click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
        return
    click.echo(_sensitivity(found, ready.model.title_of(found.node), unit))


def _known(row: dict[str, object]) -> dict[str, object]:
    """A row for JSON, which has no NaN."""
    return {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}


def _sensitivity(found: Sensitivity, title: str, unit: str) -> str:
    lines = [f"{title}: what moves the ranks ({found.runs:,} replications, 90% intervals)", ""]
    lines.append(f"{'factor':18} {'first order':>22} {'total':>22} {'changes':>9}")
    unknown = False
    for row in found.to_polars().iter_rows(named=True):
        if row["unit"] not in ("", unit):
            continue
        first, total = (_share(row, key) for key in ("first", "total"))
        unknown |= UNKNOWN in (first, total)
        label = f"{row['factor']}{f' ({unit})' if row['unit'] else ''}"
        lines.append(f"{label:18} {first:>22} {total:>22} {row['changed']:>9.0%}")
    lines.append("")
    if unknown:
        lines.append(f"{UNKNOWN}: whatever is chosen, the ranks stay, so there is nothing to apportion.")
    if not math.isnan(found.steps[-1].widest):
        halves = ", ".join(f"{step.n:,}: {step.widest:.3f}" for step in found.steps if not math.isnan(step.widest))
        lines.append(f"Half-width of the widest interval by size of the base sample: {halves}")
    lines.append("Changes: of the replications in which another choice was drawn, the share with other scores.")
    lines += [f"Left out, as it cannot act here: {name} ({why})." for name, why in found.idle.items()]
    return "\n".join(lines)


def _share(row: Mapping[str, float], key: str) -> str:
    if math.isnan(row[key]):
        return UNKNOWN
    interval = f" ({row[f'{key}_low']:.2f} to {row[f'{key}_high']:.2f})"
    return f"{row[key]:.2f}" + ("" if math.isnan(row[f"{key}_low"]) else interval)


LEGEND = """\
Beside a unit: how much more (+) or less (-) an indicator gives it in the second build, against the mean unit, in
standard deviations of the score. "How parts are joined": what the aggregation makes of them beyond a weighted mean."""

COMPARE_EXAMPLES = """\b
Examples:
  softpower index compare --without governance
  softpower index compare --weight education=2 --node potential --top 10
  softpower index compare my-model.toml other-model.toml --data my-data.csv
"""


@click.command(epilog=COMPARE_EXAMPLES, short_help="Who moves between two models, and why.")
@MODEL
@click.argument("other", required=False)
@options(DATA, YEAR)
@click.option("--without", multiple=True, metavar="PART", help="Leave out a node or an indicator; may be repeated.")
@options(WEIGHT, WEIGHTS, VARIANT)
@click.option("--other-year", type=int, default=None, help="Compare with another year.")
@options(DRAWS, SEED, NODE, TOP, JSON)
def compare(
    model: str | None,
    other: str | None,
    data: Path | None,
    year: int | None,
    without: tuple[str, ...],
    weights: Weights,
    weights_file: Weights,
    variant: str,
    other_year: int | None,
    draws: int,
    seed: int,
    node: str,
    top: int | None,
    as_json: bool,
) -> None:
    """Compare MODEL with OTHER, or with itself less some parts, reweighted, in a variant or in another year.

    Shifts are places gained in the second, with their 90% interval over replications taken in pairs, and the indicators
    whose contribution changed most, in standard deviations of the score.
    """
    from softpower.errors import BadRequest
    from softpower.index import build as build_index
    from softpower.index import compare as compare_builds
    from softpower.index import load_model
    from softpower.index.choices import leaving_out

    if not (other or weights_file or weights or without or variant or other_year):
        raise BadRequest("say what to compare with: OTHER, --without, --weight, --weights, --variant or --other-year")
    first, sheet = read(model, data)
    columns, name = (sheet.columns, sheet.name) if sheet else (None, "")
    second = load_model(other, columns=columns, table=name) if other else first
    second = reweighted(second, weights_file, weights, without=without)
    second, variant = leaving_out(second, variant, *without)
    with progress() as tell:
        builds = [
            build_index(each, sheet, variant=kind, year=when, draws=draws, seed=seed, progress=tell)
            for each, kind, when in ((first, "", year), (second, variant, other_year or year))
        ]
    found = compare_builds(*builds, node=node)
    frame = found.to_polars().head(top or len(found.units))
    if as_json:
        document = {
            "node": found.node,
            "differences": list(found.differences),
            "shifts": frame.to_dicts(),
            "reasons_in": "standard deviations of the score",
            "only_first": found.only_first,
            "only_second": found.only_second,
            "left": dict(found.left),
        }
        click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
        return
    click.echo(f"{first.title_of(found.node)}: places gained in the second build, 90% intervals")
    for line in found.differences:
        click.echo(f"  {line}")
    for which, build, alone in (("first", builds[0], found.only_first), ("second", builds[1], found.only_second)):
        if alone:
            named = ", ".join(f"{build.name_of(unit)} ({found.left[unit]})" for unit in alone[:MOST_NAMED])
            more = f" and {len(alone) - MOST_NAMED} more (--json names all)" if len(alone) > MOST_NAMED else ""
            click.echo(f"  ranked in the {which} build alone: {named}{more}")
    click.echo(f"\n{'shift':>14}  unit")
    for row in frame.iter_rows(named=True):
        span = f"{row['shift']:+.0f} ({row['shift_low']:+.0f} to {row['shift_high']:+.0f})"
        reason = row["reason"] or ("others moved" if row["shift"] else "as before")
        click.echo(f"{span:>14}  {builds[0].name_of(row['unit'])}: {reason}")
    if any(row["reason"] for row in frame.iter_rows(named=True)):
        click.echo(f"\n{LEGEND}")
