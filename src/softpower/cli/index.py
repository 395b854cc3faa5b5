"""`softpower index`: build an index and look at it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from softpower.cli.index_audit import audit
from softpower.cli.index_compare import compare, sensitivity
from softpower.cli.index_conversion import conversion
from softpower.cli.index_export import export, workbook
from softpower.cli.index_inputs import read
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
    called,
    counted,
    options,
)
from softpower.cli.index_plot import plot
from softpower.cli.index_smaa import smaa
from softpower.cli.progress import progress

if TYPE_CHECKING:
    from softpower.index import Experiment, Index, Model, Replay
    from softpower.index.table import Sheet

# Units that are not ranked and still named: with more a line becomes a list.
MOST_NAMED = 12


@click.group()
def index() -> None:
    """Build an index of countries, every rank with its interval."""


BUILD_EXAMPLES = """\b
Examples:
  softpower index build
  softpower index build --variant no-regime --top 20
  softpower index build my-model.toml --data my-data.csv --json > scores.json
  softpower index build --weight education=2 --replay 17
"""


@index.command(epilog=BUILD_EXAMPLES, short_help="Build MODEL; every rank with its interval.")
@options(MODEL, DATA, YEAR, VARIANT, WEIGHT, WEIGHTS, DRAWS, SEED, NODE, TOP)
@click.option("--replay", type=int, default=None, help="Build this one replication again and show its choices.")
@JSON
def build(
    model: str | None,
    data: Path | None,
    year: int | None,
    variant: str,
    weights: Weights,
    weights_file: Weights,
    draws: int,
    seed: int,
    node: str,
    top: int | None,
    replay: int | None,
    as_json: bool,
) -> None:
    """Build MODEL, a model file or the name of a bundled one; without it, the default.

    --node prints one pillar in place of the top nodes. With --json all nodes and units are given, and who is
    not ranked.
    """
    with progress() as tell:
        tell("Reading the data")
        loaded, sheet = read(model, data, weights_file, weights)
    if replay is not None:
        _show_replay(loaded, sheet, year, variant, draws, seed, replay, as_json)
        return
    built = _built(loaded, sheet, year, variant, draws, seed)
    if as_json:
        click.echo(json.dumps(_document(built), ensure_ascii=False, allow_nan=False))
        return
    for number, each in enumerate(built):
        if each.dropped and not number:
            click.echo(f"Left out, with too little data: {', '.join(each.dropped)}\n")
        for name in (node,) if node else each.model.variant(variant).tops:
            click.echo(("\n" if number else "") + _table(each, name, top or len(each.units)) + "\n")
        if each.not_ranked:
            click.echo(_not_ranked(each) + "\n")
    for caution in built[0].cautions:
        click.echo(caution)


def _built(
    model: Model, data: Sheet | None, year: int | None, variant: str, draws: int, seed: int
) -> tuple[Index, ...]:
    from softpower.index import build as build_index
    from softpower.index import build_years

    with progress() as tell:
        if data is None:
            return (build_index(model, variant=variant, year=year, draws=draws, seed=seed, progress=tell),)
        years = None if year is None else [year]
        return build_years(model, data, years=years, variant=variant, draws=draws, seed=seed, progress=tell)


def _document(built: tuple[Index, ...]) -> dict[str, object]:
    first = built[0]
    rows = [row for each in built for row in each.to_polars().to_dicts()]
    if len(built) == 1:
        rows = [{key: value for key, value in row.items() if key != "year"} for row in rows]
    return {
        "model": first.model.id,
        "variant": first.variant,
        "year": first.year if len(built) == 1 else [each.year for each in built],
        "draws": first.draws,
        "seed": first.seed,
        "data_version": first.data_version,
        "dropped": list(first.dropped),
        "not_ranked": [
            {"unit": unit} | ({"year": each.year} if len(built) > 1 else {}) | {"known_share": each.known_share(unit)}
            for each in built
            for unit in each.not_ranked
        ],
        "cautions": list(first.cautions),
        "level": 0.9,
        "scores": rows,
    }


def _not_ranked(built: Index) -> str:
    """Who is not ranked, by name, as far as one line can hold them."""
    names = sorted(built.name_of(unit) for unit in built.not_ranked)
    when = f" in {built.year}" if built.year else ""
    why = "too little data or too many zeros" if built.model.screening.nonzero else "too little data"
    more = f" and {len(names) - MOST_NAMED} more (--json names all)" if len(names) > MOST_NAMED else ""
    return f"Not ranked{when}, {why}: {', '.join(names[:MOST_NAMED])}{more}"


def _table(built: Index, node: str, top: int) -> str:
    score, place = built.scores(node), built.ranks(node)
    scored = built.scored(node).nonzero()[0].tolist()
    order = sorted(scored, key=lambda unit: (place.central[unit], built.units[unit]))[:top]
    title, count = built.model.title_of(node), len(scored)
    when = f", {built.year}" if built.year else ""
    head = f"{title}{when}: {counted(count, 'unit')}, 90% intervals, {built.draws:,} draws"
    lines = [head, "", f"{'rank':>9}  {'central':>7}  {'score':>13}  unit"]
    for unit in order:
        ranks = f"{place.low[unit]}–{place.high[unit]}"
        scores = f"{score.low[unit]:.1f}–{score.high[unit]:.1f}"
        lines.append(f"{ranks:>9}  {place.central[unit]:>7}  {scores:>13}  {built.name_of(built.units[unit])}")
    return "\n".join(lines)


def _show_replay(
    model: Model,
    data: Sheet | None,
    year: int | None,
    variant: str,
    draws: int,
    seed: int,
    number: int,
    as_json: bool,
) -> None:
    from softpower.index import replay, set_up

    with progress() as tell:
        tell("Building one replication again")
        ready, when = set_up(model, data, variant=variant, year=year)
        found = replay(ready, year=when, number=number, draws=draws, seed=seed)
    if as_json:
        scores = [
            {
                "node": node,
                "unit": unit,
                "score": float(found.scores[n, u]),
                "rank_in_replication": int(found.ranks[n, u]),
            }
            for n, node in enumerate(found.nodes)
            for u, unit in enumerate(found.units)
            if found.ranks[n, u]  # none without a score in the node
        ]
        document = {
            "replication": found.number,
            "year": found.year,
            "methods": found.methods,
            "left_out": list(found.left_out),
            "weights": found.weights,
            "cells": [
                asdict(each) | ({"published": None} if math.isnan(each.published) else {}) for each in found.cells
            ],
            "scores": scores,
        }
        click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
        return
    click.echo(f"Replication {found.number} of {draws:,}, seed {seed}")
    for step, chosen in found.methods.items():
        click.echo(f"  {step}: {', '.join(f'{key} {value}' for key, value in chosen.items())}")
    if found.left_out:
        click.echo(f"  left out: {', '.join(found.left_out)}")
    click.echo("  weights: " + ", ".join(f"{part} {share:.3f}" for part, share in found.weights.items()))
    if found.cells:
        click.echo(f"  {_drawn(ready, found)}")
    click.echo(
        "Scores of all nodes: add --json. The place of a unit in one replication is one of many that it may take."
    )


def _drawn(ready: Experiment, found: Replay) -> str:
    """The cells that a replication has drawn, as far as one line can hold them."""
    named = []
    for each in found.cells[:MOST_NAMED]:
        how = "imputed" if math.isnan(each.published) else f"published {each.published:.4g}"
        log = "log of " if ready.model.indicators[each.indicator].transform == "log" else ""
        named.append(f"{log}{each.indicator} of {called(ready.panel, each.unit)} {each.value:.4g} ({how})")
    more = f"; and {len(found.cells) - MOST_NAMED:,} more (--json names all)" if len(found.cells) > MOST_NAMED else ""
    return f"drawn cells: {'; '.join(named)}{more}"


NEW_EXAMPLES = """\b
Examples:
  softpower index new --data my-data.csv > my-model.toml
  softpower index new --data my-data.csv --title "Cities" --out cities.toml
"""


@index.command(epilog=NEW_EXAMPLES, short_help="Write a first model for a table of your own.")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Your own table (CSV, Parquet, Excel).")
@click.option("--title", default="My index", show_default=True, help="What the index is called.")
@click.option("--out", type=click.Path(path_type=Path), help="File to write; never over an existing one.")
def new(data: Path, title: str, out: Path | None) -> None:
    """Write a first model for a table: every column of numbers an indicator, for you to sort."""
    from softpower.errors import BadRequest
    from softpower.index.starter import starter
    from softpower.index.table import open_table
    from softpower.storage import write_atomic

    text = starter(open_table(data), title=title)
    if out is None:
        click.echo(text)
        return
    if out.exists():
        raise BadRequest(f"{out} exists already; give another name")
    write_atomic(out, text.encode())
    click.echo(out)


for command in (sensitivity, compare, audit, conversion):
    index.add_command(command)
index.add_command(export)
index.add_command(workbook)
index.add_command(smaa)
index.add_command(plot)
