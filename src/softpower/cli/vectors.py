"""`softpower vectors`: with whom a country's ties are."""

from __future__ import annotations

from pathlib import Path

import click

from softpower.cli.progress import progress
from softpower.cli.vectors_blocs import TOPIC, blocs, poles
from softpower.cli.vectors_of import of
from softpower.cli.vectors_plot import plot
from softpower.cli.vectors_tables import ending, write_table

RULES = ("exact", "half", "s", "kappa", "pi")


EXAMPLES = """\b
Examples:
  softpower vectors KAZ
  softpower vectors KAZ --json > kazakhstan.json
  softpower vectors plot map KAZ --layer emigrants --out map.svg
  softpower vectors votes --out ideal-points.parquet
"""


class CountryOrCommand(click.Group):
    """A group whose first argument may be a country in place of a command."""

    default = "of"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let ``KAZ --json`` mean ``of KAZ --json``."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [self.default, *args]
        return super().parse_args(ctx, args)


@click.group(cls=CountryOrCommand, subcommand_metavar="COUNTRY | COMMAND [ARGS]...", epilog=EXAMPLES)
def vectors() -> None:
    """With whom: ties by partner and vector, votes in the UN, influence capacity.

    Give a COUNTRY to see its ties; `softpower vectors of --help` lists the options.
    """


for each in (of, plot, blocs, poles):
    vectors.add_command(each)


VOTES_EXAMPLES = """\b
Examples:
  softpower vectors votes --out ideal-points.parquet
  softpower vectors votes --agreement exact --out agreement.csv
  softpower vectors votes --agreement half --all-votes --out agreement.parquet
  softpower vectors votes --agreement exact --topic hr --out human-rights.csv
  softpower vectors votes --data UNVotes.csv --out ideal-points.csv
"""


@vectors.command(short_help="Ideal points or agreement of states in UN votes.", epilog=VOTES_EXAMPLES)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write: .parquet or .csv.")
@click.option("--agreement", type=click.Choice(RULES), help="How often two vote alike, by this rule.")
@click.option("--fast", is_flag=True, help="A first look: each session on a scale of its own, no intervals.")
@TOPIC
@click.option("--all-votes", is_flag=True, help="Count votes on single paragraphs and amendments too.")
@click.option("--data", type=click.Path(path_type=Path), help="A newer file of votes.  [default: sessions 1 to 74]")
@click.option("--anchor", default="USA", show_default=True, help="The state that stands above zero.")
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0), help="Start of the random numbers.")
def votes(
    out: Path,
    agreement: str | None,
    fast: bool,
    topic: str | None,
    all_votes: bool,
    data: Path | None,
    anchor: str,
    seed: int,
) -> None:
    """Write where states stand in the votes of the UN General Assembly, session by session.

    Ideal points lie on one scale over all sessions and carry 90% intervals. With --agreement the file holds the share
    of roll calls on which each pair voted alike: exact counts the same ballot only, half gives an abstention half
    credit, s is Signorino and Ritter's S, kappa and pi correct for chance. Votes on single paragraphs and amendments
    are left out unless --all-votes is given. The year is that of the session, its number plus 1945.
    """
    from softpower.errors import BadRequest, NotEnoughData
    from softpower.vectors.sheets import on_topic
    from softpower.vectors.votefiles import read_votes
    from softpower.vectors.votes import agreement_table, bundled_assembly, fast_table, ideal_point_table
    from softpower.world import find

    ending(out)
    if agreement and fast:
        raise BadRequest("--fast is about positions, --agreement about pairs: give one of them")
    pole = find(anchor).iso3
    with progress() as tell:
        tell("Reading the votes")
        found = bundled_assembly() if data is None else read_votes(data)
        found = found if all_votes else found.whole()
        if not found.sessions:
            raise NotEnoughData("all roll calls at hand are on paragraphs or amendments: add --all-votes")
        found = found if topic is None else on_topic(found, topic)
        if not agreement and pole not in found.states:
            raise BadRequest(f"--anchor {anchor}: {pole} never voted; name another anchor of the scale")
        if agreement:
            table = agreement_table(found, agreement)  # type: ignore[arg-type]  # one of RULES
        elif fast:
            table = fast_table(found, anchor=pole)
        else:
            table = ideal_point_table(found, anchor=pole, seed=seed, tell=tell)
    write_table(table, out)


INFLUENCE_EXAMPLES = """\b
Examples:
  softpower vectors influence --data dyads.csv --out capacity.parquet
"""


@vectors.command(short_help="Formal bilateral influence capacity of pairs.", epilog=INFLUENCE_EXAMPLES)
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Pairs and what binds them.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write: .parquet or .csv.")
def influence(data: Path, out: Path) -> None:
    """Write the influence capacity of one state over another, for pairs whose ties a file gives.

    It needs the columns iso3a, iso3b, year and the twelve inputs of the published formula; the reference lists them.
    """
    from softpower.vectors.dyads import influence_table

    ending(out)
    write_table(influence_table(data), out)
