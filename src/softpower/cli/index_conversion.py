"""`softpower index conversion`: how much of what is possible with their potential units reach."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from softpower.cli.index_inputs import read
from softpower.cli.index_options import DATA, DRAWS, JSON, MODEL, SEED, TOP, WEIGHT, WEIGHTS, Weights, counted, options
from softpower.cli.progress import progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from softpower.index import Index
    from softpower.index.conversion import Conversion, ModelResult

EXAMPLES = """\b
Examples:
  softpower index conversion
  softpower index conversion --unit KAZ
  softpower index conversion my-model.toml --data my-data.csv --inputs wealth,skills --outputs reach --json
"""

# Names listed before the rest are counted.
LISTED = 8
WIDTH = 17
# Of 100 possible: more than this says only that there is hardly anybody to be compared with.
MOST_SHOWN = 999


@click.command(epilog=EXAMPLES, short_help="How much of what their potential allows units reach.")
@options(MODEL, DATA)
@click.option("--inputs", default="", metavar="NODE,...", help="Nodes to start from.  [default: potential]")
@click.option("--outputs", default="", metavar="NODE,...", help="Nodes to be reached.  [default: performance]")
@click.option(
    "--returns",
    type=click.Choice(["variable", "constant"]),
    default="variable",
    show_default=True,
    help="Returns to scale in dea; constant ones need scores with a natural zero.",
)
@click.option(
    "--year",
    type=click.IntRange(1, 9999),
    default=None,
    help="Year to build.  [default: the model's, or the last of the table]",
)
@click.option("--unit", default="", help="Show only this unit, whom it is measured by and whom it is told apart from.")
@options(WEIGHT, WEIGHTS, DRAWS, SEED, TOP, JSON)
def conversion(
    model: str | None,
    data: Path | None,
    inputs: str,
    outputs: str,
    returns: str,
    year: int | None,
    unit: str,
    weights: Weights,
    weights_file: Weights,
    draws: int,
    seed: int,
    top: int | None,
    as_json: bool,
) -> None:
    """Compare what units reach with what is possible with their inputs, by several models side by side.

    Intervals hold the uncertainty of the scores and of the frontier. Where scores fall below 1, those of the node are
    first moved to 1-100, except for the model that counts points, and the output says so.
    """
    from softpower.errors import NotEnoughData
    from softpower.index import build
    from softpower.index.conversion import conversion as convert

    with progress() as tell:
        loaded, sheet = read(model, data, weights_file, weights)
        built = build(loaded, sheet, year=year, draws=draws, seed=seed, progress=tell)
        if unit:
            built.unit(unit)  # an unknown one is named before anyone waits
        found = convert(
            built, inputs=_split(inputs), outputs=_split(outputs), returns=returns, seed=seed, progress=tell
        )
    if unit and unit not in found.units:
        raise NotEnoughData(f"{unit} has no score in some of {', '.join((*found.inputs, *found.outputs))}")
    shown = [k for k in found.order.tolist() if unit in ("", found.units[k])][:top]
    if as_json:
        click.echo(json.dumps(_document(built, found, sorted(shown)), ensure_ascii=False, allow_nan=False))
        return
    click.echo(_card(built, found, shown[0]) if unit else _table(built, found, shown))


def _split(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(",") if name.strip())


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _document(built: Index, found: Conversion, shown: list[int]) -> dict[str, object]:
    shares = [each for each in found.results if each.measure == "share"]
    points = [each for each in found.results if each.measure == "points"]
    better = found.better

    def told(apart: NDArray[np.bool_]) -> list[str]:
        return [unit for unit, is_so in zip(found.units, apart.tolist(), strict=True) if is_so]

    return {
        "model": built.model.id,
        "year": built.year,
        "level": found.level,
        "draws": built.draws,
        "seed": built.seed,
        "inputs": found.inputs,
        "outputs": found.outputs,
        "returns": found.returns,
        "moved_to_1_100": found.moved,
        "models": [each.model for each in shares],
        "models_in_points": [each.model for each in points],
        "replications": {each.model: each.replications for each in found.results},
        "spearman": [[_number(r) for r in row] for row in found.correlation],
        "cautions": found.cautions,
        "efficiencies": [
            {
                "unit": found.units[k],
                "model": each.model,
                "efficiency": _number(each.value[k]),
                "low": _number(each.low[k]),
                "high": _number(each.high[k]),
            }
            for k in shown
            for each in shares
        ],
        "points_short": [
            {
                "unit": found.units[k],
                "model": each.model,
                "points": _number(each.value[k]),
                "low": _number(each.low[k]),
                "high": _number(each.high[k]),
            }
            for k in shown
            for each in points
        ],
        "ranks": [
            {
                "unit": found.units[k],
                "model": each.model,
                "rank": int(each.place.central[k]),
                "rank_low": int(each.place.low[k]),
                "rank_high": int(each.place.high[k]),
            }
            for k in shown
            for each in found.results
        ],
        "intervals_apart": [
            {
                "unit": found.units[k],
                "model": each.model,
                "scores_low": _number(each.scores_low[k]),
                "scores_high": _number(each.scores_high[k]),
                "frontier_low": _number(each.sample_low[k]),
                "frontier_high": _number(each.sample_high[k]),
            }
            for k in shown
            for each in found.results
        ],
        "better_than": {found.units[k]: told(better[k]) for k in shown},
        "less_well_than": {found.units[k]: told(better[:, k]) for k in shown},
        "uncorrected": {found.units[k]: _number(found.uncorrected[k]) for k in shown},
        "peers": {
            found.units[k]: [
                {
                    "unit": peer.unit,
                    "intensity": peer.intensity,
                    "share_of_replications": _number(found.peer_share[k, found.units.index(peer.unit)]),
                }
                for peer in found.peers[k]
            ]
            for k in shown
        },
    }


def _titles(built: Index, found: Conversion) -> tuple[str, str]:
    start, end = (", ".join(map(built.model.title_of, nodes)) for nodes in (found.inputs, found.outputs))
    return start, end


def _head(built: Index, found: Conversion) -> str:
    start, end = _titles(built, found)
    when = f", {built.year}" if built.year else ""
    return (
        f"{end} reached with {start}{when}: {counted(len(found.units), 'unit')}, 90% intervals, {built.draws:,} draws"
    )


def _table(built: Index, found: Conversion, shown: list[int]) -> str:
    first, last = found.places
    lines = [
        _head(built, found),
        "Of 100 possible, and points short of what is possible; places that any model leaves open",
        "",
        "  ".join(f"{_column(each):>{WIDTH}}" for each in found.results) + f"  {'places':>9}  unit",
    ]
    for k in shown:
        cells = [_cell(each, k) for each in found.results]
        row = "  ".join(f"{cell:>{WIDTH}}" for cell in cells) + f"  {f'{first[k]}–{last[k]}':>9}"
        peers = ", ".join(built.name_of(peer.unit) for peer in found.peers[k] if peer.unit != found.units[k])
        beside = f" (measured by {peers})" if peers else " (on the frontier of dea)"
        lines.append(f"{row}  {built.name_of(found.units[k])}{beside}")
    pairs = len(found.units) * (len(found.units) - 1) // 2
    lines += [
        "",
        "Units come in the order of the median of their places over the models, which is no ranking.",
        f"Of {pairs:,} pairs, {int(found.better.sum()):,} can be told apart, one ahead of the other by every model in",
        "more than 95% of replications; the others are not distinguishable.",
    ]
    lines += ["", "Rank correlation of the models (Spearman):"]
    for i, one in enumerate(found.results):
        for j, other in enumerate(found.results[:i]):
            r = found.correlation[i, j]
            lines.append(f"  {other.model}, {one.model}: " + (f"{r:.2f}" if math.isfinite(r) else "not defined"))
    return "\n".join([*lines, "", *_notes(built, found)])


def _card(built: Index, found: Conversion, k: int) -> str:
    """One unit: each model with its intervals apart, whom it is told apart from, and its peers."""
    start, end = _titles(built, found)
    name = built.name_of(found.units[k])
    lines = [
        _head(built, found),
        "",
        f"{name}: of 100 possible, and points short of what is possible",
        "",
        f"{'model':16}  {'':>{WIDTH}}  {'scores alone':>13}  {'frontier alone':>14}  {'place':>9}",
    ]
    for each in found.results:
        scores = _span(each, each.scores_low[k], each.scores_high[k])
        sample = _span(each, each.sample_low[k], each.sample_high[k])
        place = f"{each.place.low[k]}–{each.place.high[k]}"
        lines.append(f"{_column(each):16}  {_cell(each, k):>{WIDTH}}  {scores:>13}  {sample:>14}  {place:>9}")
    ahead, behind = (
        [built.name_of(found.units[j]) for j in places.nonzero()[0]] for places in (found.better[k], found.better[:, k])
    )
    alike = len(found.units) - 1 - len(ahead) - len(behind)
    lines += ["", f"By every model, in more than 95% of replications, {name} turns {start} into {end}"]
    lines.append(f"  better than {_listed(ahead)}")
    lines.append(f"  less well than {_listed(behind)}")
    lines.append(f"  and is not distinguishable from the other {alike}.")
    peers = [peer for peer in found.peers[k] if peer.unit != found.units[k]]
    if peers:
        lines += ["", "In dea it is measured by a mixture of"]
        for peer in peers:
            often = found.peer_share[k, found.units.index(peer.unit)]
            lines.append(
                f"  {built.name_of(peer.unit)}, {peer.intensity:.0%} of it; a peer in {often:.0%} of replications"
            )
    else:
        own = found.peer_share[k, k]
        lines += ["", f"In dea it is on the frontier, and in {own:.0%} of replications."]
    return "\n".join([*lines, "", *_notes(built, found)])


def _notes(built: Index, found: Conversion) -> list[str]:
    moved = [f"Scores moved to 1-100: {', '.join(map(built.model.title_of, found.moved))}", ""] if found.moved else []
    return [*moved, *(f"Caution: {each}" for each in found.cautions)]


def _listed(names: list[str]) -> str:
    if not names:
        return "no other unit"
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return f"{len(names)} unit{'s' if len(names) > 1 else ''}: {', '.join(names[:LISTED])}{more}"


def _column(each: ModelResult) -> str:
    return "points short" if each.measure == "points" else each.model


def _span(each: ModelResult, low: float, high: float) -> str:
    if not (math.isfinite(low) and math.isfinite(high)):
        return "none"
    if each.measure == "points":
        return f"{low:.1f}–{high:.1f}"
    return "–".join(f"{100 * end:.0f}" if 100 * end < MOST_SHOWN else f">{MOST_SHOWN}" for end in (low, high))


def _cell(each: ModelResult, k: int) -> str:
    value = f"{each.value[k]:.1f}" if each.measure == "points" else f"{100 * each.value[k]:.0f}"
    return f"{value} ({_span(each, each.low[k], each.high[k])})"
