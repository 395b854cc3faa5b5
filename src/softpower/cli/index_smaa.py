"""`softpower index smaa`: what can be said when nobody knows the weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from softpower.cli.index_inputs import read
from softpower.cli.index_options import DATA, JSON, MODEL, NODE, SEED, TOP, VARIANT, YEAR, called, counted, options
from softpower.cli.progress import progress

if TYPE_CHECKING:
    from softpower.index import Model
    from softpower.index.smaa import Acceptability

EXAMPLES = """\b
Examples:
  softpower index smaa --node performance --top 10
  softpower index smaa my-model.toml --data my-data.csv --json
"""

# As many parts are named whose weights a unit would need.
NAMED = 3


@click.command(epilog=EXAMPLES, short_help="Which ranks are possible if no weight is known.")
@options(MODEL, DATA, YEAR, VARIANT, NODE)
@click.option("--draws", default=10_000, show_default=True, help="Sets of weights that are drawn.")
@options(SEED, TOP, JSON)
def smaa(
    model: str | None,
    data: Path | None,
    year: int | None,
    variant: str,
    node: str,
    draws: int,
    seed: int,
    top: int | None,
    as_json: bool,
) -> None:
    """Say which ranks are possible if nothing is known of the weights, and which weights would put each unit first.

    All shares of the parts of a node are equally likely (stochastic multicriteria acceptability analysis), within
    weight_bounds of the model file where it has any.
    """
    from softpower.index import set_up
    from softpower.index.smaa import smaa as analyse

    with progress() as tell:
        tell("Reading the data")
        loaded, sheet = read(model, data)
        ready, when = set_up(loaded, sheet, variant=variant, year=year)
        found = analyse(ready, year=when, node=node, draws=draws, seed=seed, progress=tell)
    frame = found.to_polars().head(top or len(found.units))
    if as_json:
        low, high = found.rank_interval()
        units = {
            unit: {
                "acceptability": found.acceptability[place].tolist(),
                "expected_rank": float(found.expected_rank[place]),
                "rank_low": int(low[place]),
                "rank_high": int(high[place]),
                "confidence": float(found.confidence[place]),
                "central_weights": dict(zip(found.parts, found.weights[place].tolist(), strict=True)),
            }
            for place, unit in enumerate(found.units)
        }
        document = {"node": found.node, "year": found.year, "draws": draws, "seed": seed, "level": 0.9, "units": units}
        click.echo(json.dumps(document, ensure_ascii=False).replace("NaN", "null"))
        return
    when_said = f", {found.year}" if found.year else ""
    click.echo(
        f"{ready.model.title_of(found.node)}{when_said}: {counted(len(found.units), 'unit')}, {draws:,} sets of "
        "weights, all equally likely\n"
    )
    click.echo(f"{'first':>7} {'best 3':>7} {'mean rank (90%)':>19} {'confidence':>11}  unit: weights it would take")
    for row in frame.iter_rows(named=True):
        sure = f"{row['confidence']:.0%}" if row["first"] else "-"
        places = f"{row['expected_rank']:.1f} ({row['rank_low']}–{row['rank_high']})"
        needs = _needs(found, ready.built, row["unit"]) if row["first"] else ""
        shares = f"{row['first']:>7.1%} {row['best_3']:>7.1%} {places:>19} {sure:>11}"
        click.echo(f"{shares}  {called(ready.panel, row['unit'])}{f': {needs}' if needs else ''}")
    click.echo(
        "\nFirst: share of all weights with which the unit is first. What it would take is the mean of these; the"
    )
    click.echo("weights farthest above an equal share are shown, as shares among siblings.")
    click.echo("Confidence: how often it is first with just these weights, for what else is uncertain.")


def _needs(found: Acceptability, model: Model, unit: str) -> str:
    """The central weights of a unit that lie farthest above equal ones."""
    equal = {child: 1 / len(model.children(node)) for node in model.nodes for child in model.children(node)}
    own = dict(zip(found.parts, found.weights[found.units.index(unit)].tolist(), strict=True))
    order = sorted((part for part in own if own[part] > equal[part]), key=lambda part: equal[part] - own[part])
    return ", ".join(f"{part} {own[part]:.2f}" for part in order[:NAMED])
