"""`softpower vectors COUNTRY`: with whom a country's ties are."""

from __future__ import annotations

import json
from pathlib import Path

import click

from softpower.cli.progress import progress

EXAMPLES = """\b
Examples:
  softpower vectors KAZ
  softpower vectors Kazakhstan --year 2015
  softpower vectors KAZ --json > kazakhstan.json
  softpower vectors of KAZ --vectors my-vectors.toml
  softpower vectors KAZ --data my-ties.csv
"""


@click.command(short_help="With whom a country's ties are: the same as `vectors COUNTRY`.", epilog=EXAMPLES)
@click.argument("name", metavar="COUNTRY")
@click.option("--year", type=int, help="Use nothing later.  [default: the latest of each layer]")
@click.option(
    "--vectors", "vector_file", type=click.Path(path_type=Path), help="Your own vectors; docs/vectors.md says how."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Your own ties: origin, partner, year, value and, if need be, measure.",
)
@click.option(
    "--memberships",
    type=click.Path(path_type=Path),
    help="Your own list of who belongs to what: iso3, year, igo, status, or the Correlates of War's state-year file.",
)
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0), help="Start of roles' random numbers.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def of(
    name: str,
    year: int | None,
    vector_file: Path | None,
    data: Path | None,
    memberships: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Show with whom COUNTRY's ties are: shares of trade, students, migrants, investment, flights, embassies and sister
    cities by vector, how concentrated they are, what exceeds what gravity predicts, with whom it votes, and whether it
    is a bridge, a buffer or a middle power, or whether that cannot be told.

    COUNTRY is an ISO code or a name.
    """
    from softpower.vectors.membershipfiles import read_memberships
    from softpower.vectors.profile import profile
    from softpower.vectors.tiefile import read_ties
    from softpower.world import find, vectors_of

    home = find(name).iso3
    own = read_ties(data) if data else None
    listed = read_memberships(memberships) if memberships else None
    chosen = vectors_of(home, file=vector_file) if vector_file else None
    with progress() as tell:
        found = profile(home, year=year, vectors=chosen, own=own, memberships=listed, seed=seed, tell=tell)
    if as_json:
        from softpower.vectors.document import document

        click.echo(json.dumps(document(found), ensure_ascii=False, allow_nan=False))
        return
    from softpower.cli.vectors_text import text

    click.echo(text(found))
