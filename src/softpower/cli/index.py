"""`softpower index`: build an index and look at it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from softpower.cli.progress import progress

if TYPE_CHECKING:
    from softpower.index import Index

EXAMPLES = """\b
Examples:
  softpower index build
  softpower index build --variant no-regime --top 20
  softpower index build my-model.toml --json > scores.json
"""


@click.group()
def index() -> None:
    """Build an index of countries, every rank with its interval."""


@index.command(epilog=EXAMPLES)
@click.argument("model", required=False)
@click.option("--year", type=int, default=None, help="Reference year.  [default: the model's]")
@click.option("--variant", default="", help="A variant of the model, such as no-regime or endowment.")
@click.option("--draws", default=1000, show_default=True, help="Replications behind every interval.")
@click.option("--seed", default=7, show_default=True, help="Start of the random numbers.")
@click.option("--node", default="", help="Print this pillar instead of the top nodes.")
@click.option("--top", default=0, help="Print only so many countries.  [default: all]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document: every node, every ranked country.")
def build(
    model: str | None, year: int | None, variant: str, draws: int, seed: int, node: str, top: int, as_json: bool
) -> None:
    """Build MODEL, a model file or the name of a bundled one; without it, the default.

    A pillar whose rank would mean little alone can be printed with --node.
    """
    from softpower.index import build as build_index
    from softpower.index import load_model

    with progress() as tell:
        built = build_index(model, variant=variant, year=year, draws=draws, seed=seed, progress=tell)
    if as_json:
        click.echo(json.dumps(_document(built), ensure_ascii=False, allow_nan=False))
        return
    if built.dropped:
        whole = load_model(model)
        click.echo(
            f"Left out, with too little data near {built.year}: {'; '.join(map(whole.title_of, built.dropped))}\n"
        )
    nodes = (node,) if node else built.model.variant(variant).tops
    for number, each in enumerate(nodes):
        click.echo(("\n" if number else "") + _table(built, each, top or len(built.units)))


def _document(built: Index) -> dict[str, object]:
    frame = built.to_polars()
    return {
        "model": built.model.id,
        "variant": built.variant,
        "year": built.year,
        "draws": built.draws,
        "seed": built.seed,
        "data_version": built.data_version,
        "level": 0.9,
        "scores": frame.to_dicts(),
    }


def _table(built: Index, node: str, top: int) -> str:
    from softpower.world import country

    score, place = built.scores(node), built.ranks(node)
    order = sorted(range(len(built.units)), key=lambda unit: (place.central[unit], built.units[unit]))[:top]
    title, count = built.model.title_of(node), len(built.units)
    head = f"{title}, {built.year}: {count} countries, 90% intervals, {built.draws:,} draws"
    lines = [head, "", f"{'rank':>9}  {'central':>7}  {'score':>13}  country"]
    for unit in order:
        ranks = f"{place.low[unit]}–{place.high[unit]}"
        scores = f"{score.low[unit]:.1f}–{score.high[unit]:.1f}"
        lines.append(f"{ranks:>9}  {place.central[unit]:>7}  {scores:>13}  {country(built.units[unit]).name}")
    return "\n".join(lines)
