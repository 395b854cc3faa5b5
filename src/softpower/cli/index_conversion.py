"""`softpower index conversion`: how much of what is possible with their potential units reach."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from softpower.cli.progress import progress

if TYPE_CHECKING:
    from softpower.index import Index
    from softpower.index.conversion import Conversion

EXAMPLES = """\b
Examples:
  softpower index conversion
  softpower index conversion --unit KAZ
  softpower index conversion my-model.toml --data my-data.csv --inputs wealth,skills --outputs reach --json
"""


@click.command(epilog=EXAMPLES)
@click.argument("model", required=False)
@click.option(
    "--data", type=click.Path(path_type=Path), help="A table of your own (CSV, Parquet).  [default: the bundled data]"
)
@click.option("--inputs", default="", metavar="NODE,...", help="Nodes to start from.  [default: potential]")
@click.option("--outputs", default="", metavar="NODE,...", help="Nodes to be reached.  [default: performance]")
@click.option(
    "--year",
    type=click.IntRange(1, 9999),
    default=None,
    help="Year to build.  [default: the model's, or the last of the table]",
)
@click.option("--unit", default="", help="Show only this unit, and whom it is measured by.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def conversion(
    model: str | None, data: Path | None, inputs: str, outputs: str, year: int | None, unit: str, as_json: bool
) -> None:
    """Compare what units reach with what is possible with their inputs, by several models side by side.

    Scores below 1 are first moved to 1-100, and the output says of which nodes.
    """
    from softpower.index import build
    from softpower.index.conversion import conversion as convert

    with progress() as tell:
        built = build(model, data, year=year, progress=tell)
        if unit:
            built.unit(unit)  # an unknown one is named before anyone waits
        tell("Comparing units")
        found = convert(built, inputs=_split(inputs), outputs=_split(outputs))
    shown = [k for k, each in enumerate(found.units) if unit in ("", each)]
    if as_json:
        click.echo(json.dumps(_document(built, found, shown), ensure_ascii=False, allow_nan=False))
        return
    click.echo(_table(built, found, shown))


def _split(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(",") if name.strip())


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _document(built: Index, found: Conversion, shown: list[int]) -> dict[str, object]:
    return {
        "model": built.model.id,
        "year": built.year,
        "level": found.level,
        "inputs": found.inputs,
        "outputs": found.outputs,
        "moved_to_1_100": found.moved,
        "models": [each.model for each in found.results],
        "spearman": [[_number(r) for r in row] for row in found.correlation],
        "cautions": found.cautions,
        "efficiencies": [
            {
                "unit": found.units[k],
                "model": each.model,
                "efficiency": _number(each.efficiency[k]),
                "low": _number(each.low[k]),
                "high": _number(each.high[k]),
            }
            for k in shown
            for each in found.results
        ],
        "uncorrected": {found.units[k]: _number(found.uncorrected[k]) for k in shown},
        "peers": {
            found.units[k]: [{"unit": peer.unit, "intensity": peer.intensity} for peer in found.peers[k]] for k in shown
        },
    }


def _table(built: Index, found: Conversion, shown: list[int]) -> str:
    start, end = (", ".join(map(built.model.title_of, nodes)) for nodes in (found.inputs, found.outputs))
    lines = [f"{end} reached with {start}, of 100 possible: {len(found.units)} units, 90% intervals", ""]
    lines.append("  ".join(f"{each.model:>16}" for each in found.results) + "  unit")
    for k in sorted(shown, key=lambda k: -found.results[0].efficiency[k] if found.results else 0.0):
        cells = [_cell(each.efficiency[k], each.low[k], each.high[k]) for each in found.results]
        peers = ", ".join(built.name_of(peer.unit) for peer in found.peers[k] if peer.unit != found.units[k])
        beside = f" (measured by {peers})" if peers else " (on the frontier of dea)"
        lines.append("  ".join(f"{cell:>16}" for cell in cells) + f"  {built.name_of(found.units[k])}{beside}")
    lines += ["", "Rank correlation of the models (Spearman):"]
    for i, first in enumerate(found.results):
        for j, second in enumerate(found.results[:i]):
            r = found.correlation[i, j]
            lines.append(f"  {second.model}, {first.model}: " + (f"{r:.2f}" if math.isfinite(r) else "not defined"))
    if found.moved:
        lines.append(f"\nScores moved to 1-100: {', '.join(map(built.model.title_of, found.moved))}")
    return "\n".join([*lines, "", *(f"Caution: {each}" for each in found.cautions)])


def _cell(value: float, low: float, high: float) -> str:
    span = f" ({100 * low:.0f}–{100 * high:.0f})" if math.isfinite(low) and math.isfinite(high) else ""
    return f"{100 * value:.0f}{span}"
