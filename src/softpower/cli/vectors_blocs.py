"""`softpower vectors blocs` and `vectors poles`: who votes with whom in the General Assembly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from softpower.cli.progress import progress

if TYPE_CHECKING:
    import polars as pl

    from softpower.vectors.assembly import Assembly

# Years that are looked at unless others are asked for.
RECENT = 10
TOPICS = ("co", "di", "ec", "hr", "me", "nu")
TOPIC = click.option(
    "--topic",
    type=click.Choice(TOPICS),
    help="Only roll calls on: colonialism, disarmament, economic development, human rights, Middle East, nuclear.",
)
FIRST = click.option(
    "--first",
    type=int,
    help=f"First year; a session's year is its number plus 1945.  [default: the last {RECENT} years]",
)
LAST = click.option("--last", type=int, help="Last year.  [default: the latest there is]")
VOTES = click.option(
    "--data", type=click.Path(path_type=Path), help="A newer file of votes.  [default: sessions 1 to 74]"
)
OUT = click.option("--out", type=click.Path(path_type=Path), help="Write a table, .parquet or .csv, in place of text.")

# From here on a state is named without its share.
FIRM = 0.95
BLOCS_EXAMPLES = """\b
Examples:
  softpower vectors blocs
  softpower vectors blocs --first 2010 --topic hr
  softpower vectors blocs --first 1992 --last 2001 --out blocs.csv
"""


@click.command(short_help="Which states vote alike, and how firmly.", epilog=BLOCS_EXAMPLES)
@FIRST
@LAST
@TOPIC
@VOTES
@OUT
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0), help="Start of the random numbers.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
def blocs(
    first: int | None,
    last: int | None,
    topic: str | None,
    data: Path | None,
    out: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Group states by how they voted, without votes on paragraphs and amendments.

    The number of blocs is the one with the best silhouette. Behind each state stands how often it falls in with the
    others of its bloc when questions are resampled.
    """
    from softpower.vectors.votingblocs import voting_blocs

    _named_well(out)
    with progress() as tell:
        tell("Reading the votes")
        votes = _read(data)
        tell("Grouping states")
        found = voting_blocs(votes, first=_since(votes, first, last), last=last, topic=topic, seed=seed)
    if out is not None:
        _write(found.to_polars(), out)
        return
    rows = found.to_polars()
    if as_json:
        document = {
            "years": [found.first, found.last],
            "rule": found.rule,
            "topic": found.topic or None,
            "roll_calls": found.n_votes,
            "silhouette": found.silhouette,
            "structured": found.is_structured,
            "number_of_blocs": {str(number): share for number, share in found.numbers.items()},
            "states": rows.to_dicts(),
            "left_out": found.left_out,
        }
        click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
        return
    said = "" if found.is_structured else " (no substantial structure: a cut through a cloud)"
    click.echo(
        f"{found.first}-{found.last}, {found.n_votes} roll calls, rule {found.rule}: {int(found.bloc.max())} blocs, "
        f"silhouette {found.silhouette:.2f}{said}"
    )
    numbers = ", ".join(f"{number} in {share:.0%}" for number, share in sorted(found.numbers.items()) if share >= 0.005)
    click.echo(f"Best number of blocs when questions are resampled: {numbers}")
    click.echo("Behind a state: how often it falls in with its bloc, where that is below 95%.\n")
    for bloc in rows["bloc"].unique().sort().to_list():
        mine = rows.filter(bloc=bloc).sort("stability", descending=True, nulls_last=True)
        names = [
            row["iso3"]
            if row["stability"] is None or row["stability"] >= FIRM
            else f"{row['iso3']} {row['stability']:.0%}"
            for row in mine.iter_rows(named=True)
        ]
        click.echo(f"Bloc {bloc}, {len(names)} {'state' if len(names) == 1 else 'states'}")
        click.echo(_wrapped(", ".join(names)))
    if found.left_out:
        click.echo(f"Voted too seldom to be grouped\n{_wrapped(', '.join(found.left_out))}")


POLES_EXAMPLES = """\b
Examples:
  softpower vectors poles RUS CHN --first 2007 --units KAZ,UZB,MNG
  softpower vectors poles USA RUS --first 2010 --topic hr --out poles.csv
"""


@click.command(short_help="With whom states vote where two poles are opposed.", epilog=POLES_EXAMPLES)
@click.argument("one")
@click.argument("other")
@FIRST
@LAST
@TOPIC
@VOTES
@OUT
@click.option("--units", default="", metavar="CODE,...", help="Show these states.  [default: all]")
def poles(
    one: str,
    other: str,
    first: int | None,
    last: int | None,
    topic: str | None,
    data: Path | None,
    out: Path | None,
    units: str,
) -> None:
    """Count ballots on roll calls on which ONE said yes and OTHER no, or the other way round.

    Intervals count a question that is put again year after year once.
    """
    from softpower.vectors.assembly import YEAR_ZERO
    from softpower.vectors.voting import pole_choices
    from softpower.world import find

    _named_well(out)
    sides = [find(each).iso3 for each in (one, other)]
    votes = _read(data)
    since = _since(votes, first, last)
    rows = pole_choices(*sides, found=votes, first=since, last=last, topic=topic)
    wanted = [find(each.strip()).iso3 for each in units.split(",") if each.strip()]
    if wanted:
        _all_there(rows, wanted)
        rows = rows.filter(rows["iso3"].is_in(wanted))
    if out is not None:
        _write(rows, out)
        return
    click.echo(
        f"{'':<5}{'roll calls':>11}{'questions':>11}   " + "".join(f"{each:>20}" for each in (*sides, "abstained"))
    )
    for (state,), mine in rows.group_by("iso3", maintain_order=True):
        by = {row["choice"]: row for row in mine.iter_rows(named=True)}
        cells = [by[each] for each in (*sides, "abstain")]
        figures = "".join(f"{each['share']:.0%} ({each['low']:.0%}-{each['high']:.0%})".rjust(20) for each in cells)
        click.echo(f"{state:<5}{cells[0]['n_votes']:>11}{cells[0]['n_questions']:>11}   {figures}")
    until = votes.sessions[-1] + YEAR_ZERO if last is None else last
    click.echo(
        f"\nShare of ballots of {since}-{until} with its 90% interval; without votes on paragraphs and amendments."
    )


def _all_there(rows: pl.DataFrame, wanted: list[str]) -> None:
    from softpower.errors import BadRequest

    missing = [each for each in wanted if each not in rows["iso3"]]
    if missing:
        raise BadRequest(f"{', '.join(missing)} cast no ballot on these roll calls, or is one of the poles")


def _read(data: Path | None) -> Assembly:
    """The votes of a file, or those at hand."""
    from softpower.vectors.votefiles import read_votes
    from softpower.vectors.votes import bundled_assembly

    return (bundled_assembly() if data is None else read_votes(data)).whole()


def _since(votes: Assembly, first: int | None, last: int | None) -> int | None:
    """The first year: as asked for, or so that a few years are looked at.

    Raises
    ------
    BadRequest
        A year that was asked for has no votes, or the first lies after the last.
    """
    from softpower.errors import BadRequest
    from softpower.vectors.assembly import YEAR_ZERO

    if not votes.sessions:
        return first
    years = [session + YEAR_ZERO for session in votes.sessions]
    for option, year in (("--first", first), ("--last", last)):
        if year is not None and not years[0] <= year <= years[-1]:
            raise BadRequest(
                f"{option} {year}: no votes of {year}: those at hand are of sessions of {years[0]}-{years[-1]}.  "
                "Ask for years within or give a newer file of votes: --data FILE"
            )
    if first is not None and last is not None and first > last:
        raise BadRequest(f"--first {first} --last {last}: the first year lies after the last; swap them")
    if first is not None:
        return first
    return max(years[0], (years[-1] if last is None else last) - RECENT + 1)


def _named_well(out: Path | None) -> None:
    """Refuse a name whose ending says nothing, before any work."""
    from softpower.cli.vectors_tables import ending

    if out is not None:
        ending(out)


def _write(table: pl.DataFrame, out: Path) -> None:
    from softpower.cli.vectors_tables import write_table

    write_table(table, out)


def _wrapped(words: str) -> str:
    import textwrap

    return textwrap.fill(words, 100, initial_indent="  ", subsequent_indent="  ") + "\n"
