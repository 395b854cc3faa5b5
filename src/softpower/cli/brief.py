"""`softpower brief`: the country brief."""

from __future__ import annotations

import warnings

import click

from softpower.cli.progress import progress

EXAMPLES = """\b
Examples:
  softpower brief KAZ
  softpower brief Kazakhstan --peers UZB,AZE,TUR --format pdf
  softpower brief KAZ --variant endowment --out /tmp/briefs
"""


def split(_context: click.Context, _option: click.Parameter, value: str | None) -> tuple[str, ...]:
    """The parts of a comma-separated option; none where the option is left out."""
    return tuple(part.strip() for part in (value or "").split(",") if part.strip())


def countries(context: click.Context, option: click.Parameter, value: str | None) -> tuple[str, ...]:
    """The countries of a comma-separated option; one that names none is a slip, not the default."""
    named = split(context, option, value)
    if value is not None and not named:
        raise click.BadParameter("it names no country; give a list such as UZB,AZE, or leave the option out")
    return named


@click.command(epilog=EXAMPLES)
@click.argument("country")
@click.option("--out", default="briefs", show_default=True, type=click.Path(), help="Folder to write to.")
@click.option(
    "--peers", default=None, callback=countries, help="Countries to compare with.  [default: the five most like it]"
)
@click.option("--format", "formats", default="html,pdf,json", show_default=True, callback=split, help="What to write.")
@click.option("--model", default=None, help="A model file, or the name of a bundled model.  [default: soft-power]")
@click.option("--variant", default="", help="A variant of the model, such as no-regime or endowment.")
@click.option("--draws", default=1000, show_default=True, help="Replications behind every interval.")
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0), help="Start of the random numbers.")
def brief(
    country: str,
    out: str,  # not yet a path: an empty one would be the current folder
    peers: tuple[str, ...],
    formats: tuple[str, ...],
    model: str | None,
    variant: str,
    draws: int,
    seed: int,
) -> None:
    """Write the brief of COUNTRY, a UN member: HTML, PDF and JSON.

    COUNTRY is a code (KAZ, KZ, 398) or a name in one of six languages. The first brief takes up to a minute; later ones
    reuse its index.
    """
    from softpower.brief import write_brief

    with progress() as tell, warnings.catch_warnings():
        warnings.filterwarnings("always", category=UserWarning, module="softpower")  # whatever PYTHONWARNINGS says
        warnings.showwarning = _show
        written = write_brief(
            country,
            out=out,
            peers=peers,
            formats=formats,
            model=model,
            variant=variant,
            draws=draws,
            seed=seed,
            progress=tell,
        )
    for path in written:
        click.echo(path)


def _show(message: Warning | str, *_: object, **__: object) -> None:
    """A warning as one line, without the place in the code."""
    click.echo(f"Note: {message}", err=True)
