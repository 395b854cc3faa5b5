"""`softpower index`: build an index and look at it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from softpower.cli.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from softpower.index import Index

MODEL = click.argument("model", required=False)
DATA = click.option(
    "--data", type=click.Path(path_type=Path), help="A table of your own (CSV, Parquet).  [default: the bundled data]"
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


@index.command(epilog=BUILD_EXAMPLES)
@options(MODEL, DATA, YEAR, VARIANT, WEIGHT, WEIGHTS, DRAWS, SEED, NODE, TOP)
@click.option("--replay", type=int, default=None, help="Build this one replication again and show its choices.")
@JSON
def build(
    model: str | None,
    data: Path | None,
    year: int | None,
    variant: str,
    weights: dict[str, float],
    weights_file: dict[str, float],
    draws: int,
    seed: int,
    node: str,
    top: int | None,
    replay: int | None,
    as_json: bool,
) -> None:
    """Build MODEL, a model file or the name of a bundled one; without it, the default.

    --node prints one pillar in place of the top nodes. With --json all nodes and units are given.
    """
    given = {**weights_file, **weights}
    if replay is not None:
        _show_replay(model, data, year, variant, given, draws, seed, replay, as_json)
        return
    built = _built(model, data, year, variant, given, draws, seed)
    if as_json:
        click.echo(json.dumps(_document(built), ensure_ascii=False, allow_nan=False))
        return
    for number, each in enumerate(built):
        if each.dropped and not number:
            click.echo(f"Left out, with too little data: {', '.join(each.dropped)}\n")
        for name in (node,) if node else each.model.variant(variant).tops:
            click.echo(("\n" if number else "") + _table(each, name, top or len(each.units)) + "\n")


def _built(
    model: str | None,
    data: Path | None,
    year: int | None,
    variant: str,
    weights: Mapping[str, float],
    draws: int,
    seed: int,
) -> tuple[Index, ...]:
    from softpower.index import build as build_index
    from softpower.index import build_years

    with progress() as tell:
        if data is None:
            return (
                build_index(model, variant=variant, year=year, draws=draws, seed=seed, weights=weights, progress=tell),
            )
        years = None if year is None else [year]
        return build_years(
            model, data, years=years, variant=variant, draws=draws, seed=seed, weights=weights, progress=tell
        )


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
        "level": 0.9,
        "scores": rows,
    }


def _table(built: Index, node: str, top: int) -> str:
    score, place = built.scores(node), built.ranks(node)
    order = sorted(range(len(built.units)), key=lambda unit: (place.central[unit], built.units[unit]))[:top]
    title, count = built.model.title_of(node), len(built.units)
    when = f", {built.year}" if built.year else ""
    head = f"{title}{when}: {count} units, 90% intervals, {built.draws:,} draws"
    lines = [head, "", f"{'rank':>9}  {'central':>7}  {'score':>13}  unit"]
    for unit in order:
        ranks = f"{place.low[unit]}–{place.high[unit]}"
        scores = f"{score.low[unit]:.1f}–{score.high[unit]:.1f}"
        lines.append(f"{ranks:>9}  {place.central[unit]:>7}  {scores:>13}  {built.name_of(built.units[unit])}")
    return "\n".join(lines)


def _show_replay(
    model: str | None,
    data: Path | None,
    year: int | None,
    variant: str,
    weights: Mapping[str, float],
    draws: int,
    seed: int,
    number: int,
    as_json: bool,
) -> None:
    from softpower.index import replay, set_up

    with progress() as tell:
        tell("Building one replication again")
        ready, when = set_up(model, data, variant=variant, year=year, weights=weights)
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
        ]
        document = {
            "replication": found.number,
            "year": found.year,
            "methods": found.methods,
            "left_out": list(found.left_out),
            "weights": found.weights,
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
    click.echo(
        "Scores of all nodes: add --json. The place of a unit in one replication is one of many that it may take."
    )


NEW_EXAMPLES = """\b
Examples:
  softpower index new --data my-data.csv > my-model.toml
  softpower index new --data my-data.csv --title "Cities" --out cities.toml
"""


@index.command(epilog=NEW_EXAMPLES)
@click.option("--data", type=click.Path(path_type=Path), required=True, help="A table of your own (CSV, Parquet).")
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


SENSITIVITY_EXAMPLES = """\b
Examples:
  softpower index sensitivity --node performance
  softpower index sensitivity my-model.toml --data my-data.csv -n 4096 --unit KAZ
"""


@index.command(epilog=SENSITIVITY_EXAMPLES)
@options(MODEL, DATA, YEAR, VARIANT, NODE)
@click.option("-n", "size", default=1024, show_default=True, help="Base sample, a power of two.")
@click.option("--unit", default="", help="Show the indices of this unit's own rank too.")
@SEED
@JSON
def sensitivity(
    model: str | None,
    data: Path | None,
    year: int | None,
    variant: str,
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
    from softpower.index import sensitivity as apportion
    from softpower.index import set_up

    with progress() as tell:
        tell("Replicating the index")
        ready, when = set_up(model, data, variant=variant, year=year)
        found = apportion(ready, year=when, node=node, n=size, seed=seed)
    frame = found.to_polars()
    if as_json:
        document = {
            "node": found.node,
            "year": found.year,
            "n": size,
            "replications": found.runs,
            "indices": frame.to_dicts(),
        }
        click.echo(json.dumps(document, ensure_ascii=False).replace("NaN", "null"))
        return
    click.echo(
        f"{ready.model.title_of(found.node)}: what moves the ranks ({found.runs:,} replications, 90% intervals)\n"
    )
    click.echo(f"{'factor':18} {'first order':>22} {'total':>22} {'changes':>9}")
    for row in frame.iter_rows(named=True):
        if row["unit"] not in ("", unit):
            continue
        first, total = (
            f"{row[key]:.2f} ({row[f'{key}_low']:.2f} to {row[f'{key}_high']:.2f})" for key in ("first", "total")
        )
        label = f"{row['factor']}{f' ({unit})' if row['unit'] else ''}"
        click.echo(f"{label:18} {first:>22} {total:>22} {row['changed']:>9.0%}")
    halves = ", ".join(f"{step.n:,}: {step.widest:.3f}" for step in found.steps)
    click.echo(f"\nHalf-width of the widest interval by size of the base sample: {halves}")
    click.echo("Changes: share of the replications in which another choice gave other scores.")


COMPARE_EXAMPLES = """\b
Examples:
  softpower index compare --without governance
  softpower index compare --weight education=2 --node potential --top 10
  softpower index compare my-model.toml other-model.toml --data my-data.csv
"""


@index.command(epilog=COMPARE_EXAMPLES)
@MODEL
@click.argument("other", required=False)
@options(DATA, YEAR)
@click.option("--without", multiple=True, metavar="PART", help="Leave out a node or an indicator; may be repeated.")
@options(WEIGHT, VARIANT)
@click.option("--other-year", type=int, default=None, help="Compare with another year.")
@options(DRAWS, SEED, NODE, TOP, JSON)
def compare(
    model: str | None,
    other: str | None,
    data: Path | None,
    year: int | None,
    without: tuple[str, ...],
    weights: dict[str, float],
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
    whose contribution changed most.
    """
    from softpower.errors import BadRequest
    from softpower.index import build as build_index
    from softpower.index import compare as compare_builds
    from softpower.index import load_model
    from softpower.index.table import open_table

    sheet = open_table(data) if data else None
    columns = sheet.columns if sheet else None
    first = load_model(model, columns=columns)
    second = load_model(other or model, columns=columns).reweighted(weights)
    if without:
        second = second.without(*without)
        if lost := set(first.tops) - set(second.tops):
            raise BadRequest(f"nothing of {', '.join(sorted(lost))} is left without {', '.join(without)}")
    if not (other or weights or without or variant or other_year):
        raise BadRequest("say what to compare with: OTHER, --without, --weight, --variant or --other-year")
    with progress() as tell:
        builds = [
            build_index(each, sheet, variant=kind, year=when, draws=draws, seed=seed, progress=tell)
            for each, kind, when in ((first, "", year), (second, variant, other_year or year))
        ]
    found = compare_builds(*builds, node=node)
    frame = found.to_polars().head(top or len(found.units))
    if as_json:
        document = {"node": found.node, "differences": list(found.differences), "shifts": frame.to_dicts()}
        click.echo(json.dumps(document | {"only_first": found.only_first, "only_second": found.only_second}))
        return
    click.echo(f"{first.title_of(found.node)}: places gained in the second build, 90% intervals")
    for line in found.differences:
        click.echo(f"  {line}")
    click.echo(f"\n{'shift':>14}  unit")
    for row in frame.iter_rows(named=True):
        span = f"{row['shift']:+.0f} ({row['shift_low']:+.0f} to {row['shift_high']:+.0f})"
        click.echo(f"{span:>14}  {builds[0].name_of(row['unit'])}: {row['reason'] or 'others moved'}")


from softpower.cli.index_audit import audit  # noqa: E402

index.add_command(audit)

from softpower.cli.index_conversion import conversion  # noqa: E402

index.add_command(conversion)
