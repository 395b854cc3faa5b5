"""`softpower vectors plot`: pictures of a country's ties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from softpower.cli.progress import progress

KINDS = ("ties", "shares", "balance", "excess", "map", "votes", "ideal-points", "roles", "all")
FORMATS = ("svg", "png", "pdf", "html", "json")
EXAMPLES = """\b
Examples:
  softpower vectors plot ties KAZ --out ties.svg
  softpower vectors plot shares KAZ --layer trade --out trade.svg
  softpower vectors plot map KAZ --layer emigrants --out map.png
  softpower vectors plot ideal-points KAZ --with RUS,CHN,USA --out ideal-points.pdf
  softpower vectors plot all KAZ --out plots
"""


@click.command(epilog=EXAMPLES, short_help="Draw ties, excess ties, a map, votes, roles.")
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@click.argument("name", metavar="COUNTRY")
@click.option("--layer", default="", help="shares, excess, map: the layer, such as trade or emigrants.")
@click.option("--with", "beside", default="", metavar="CODE,...", help="ideal-points: states to compare with.")
@click.option("--year", type=int, help="Use nothing later.")
@click.option("--vectors", "vector_file", type=click.Path(path_type=Path), help="Your own vectors.")
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0), help="Start of roles' random numbers.")
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True, help="Colours.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default=None, help="[default: the ending of --out; all: svg]"
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write; all: a folder.")
def plot(
    kind: str,
    name: str,
    layer: str,
    beside: str,
    year: int | None,
    vector_file: Path | None,
    seed: int,
    theme: str,
    form: str | None,
    out: Path,
) -> None:
    """Draw KIND for COUNTRY: ties (layers by vector), shares (over the years), balance (on how many partners each
    layer rests, over the years), excess (over what gravity predicts), map (the same on a map), votes (agreement in
    the UN), ideal-points, roles (against chance), or all of them.

    The file's ending says what is written: .svg, .png, .pdf, .html (one file, no outside request) or .json (Vega-Lite).
    """
    from softpower.drawing.save import picture
    from softpower.errors import BadRequest, SoftPowerError
    from softpower.storage import write_all_atomic
    from softpower.vectors.plots import kinds
    from softpower.vectors.profile import profile
    from softpower.world import find, vectors_of

    chosen = form or ("svg" if kind == "all" else out.suffix.removeprefix("."))
    if chosen not in FORMATS:
        raise BadRequest(f"--out {out}: a plot is written as {', '.join(FORMATS)}; give the file one of these endings")
    _refuse_idle(kind, {"layer": layer, "with": beside})
    home = find(name).iso3
    options: dict[str, Any] = {"layer": layer, "beside": tuple(find(each).iso3 for each in beside.split(",") if each)}
    files = {}
    with progress() as tell:
        found = profile(
            home, year=year, vectors=vectors_of(home, file=vector_file) if vector_file else None, seed=seed, tell=tell
        )
        for each in kinds.KINDS if kind == "all" else (kind,):
            tell(f"Drawing {each}")
            try:
                given = {key: value for key, value in options.items() if value and key in kinds.OPTIONS[each]}
                spec = kinds.plot(found, each, theme=theme, **given).to_dict()
            except SoftPowerError as error:
                if kind != "all":
                    raise
                click.echo(f"{each} is left out: {error}", err=True)
                continue
            files[out / f"{home}-{each}.{chosen}" if kind == "all" else out] = picture(
                spec, chosen, title=spec["description"]
            )
    write_all_atomic(files)
    for path in files:
        click.echo(path)


def _refuse_idle(kind: str, given: dict[str, str]) -> None:
    """Refuse options without effect on a kind of plot, and say which kinds take them."""
    from softpower.errors import BadRequest
    from softpower.vectors.plots.kinds import OPTIONS

    for option, value in given.items():
        takers = [each for each, takes in OPTIONS.items() if {"with": "beside"}.get(option, option) in takes]
        if value and kind not in (*takers, "all"):
            raise BadRequest(f"--{option} {value}: a plot of {kind} has no such choice; {', '.join(takers)} and all do")
