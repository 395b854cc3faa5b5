"""`softpower activities plot`: pictures of a register and of effects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from softpower.cli.activities_effect import answer, question
from softpower.cli.activities_shared import REGISTER, entries
from softpower.cli.activities_views import AS_OF, day
from softpower.cli.progress import progress

if TYPE_CHECKING:
    from softpower.drawing.frame import Chart

FORMATS = ("svg", "png", "pdf", "html", "json")
EXAMPLES = """\b
Examples:
  softpower activities plot timeline KAZ --out timeline.svg
  softpower activities plot delivery KAZ --out delivery.png
  softpower activities plot path KAZ-EXPO-2017 --outcome wdi_tourist_arrivals --end 2019 --out path.svg
  softpower activities plot specifications KAZ-EXPO-2017 --outcome wdi_tourist_arrivals --end 2019 --out curve.pdf
"""

Command = TypeVar("Command", bound=Callable[..., object])


def picture(command: Command) -> Command:
    """The options of every plot: colours, format and file."""
    for option in (
        click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write."),
        click.option("--format", "form", type=click.Choice(FORMATS), help="[default: the ending of --out]"),
        click.option(
            "--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True, help="Colours."
        ),
    ):
        command = option(command)
    return command


@click.group(epilog=EXAMPLES, short_help="Draw a timeline, delivery, an effect and its specifications.")
def plot() -> None:
    """Draw what was done, what came of plans, or what an activity changed.

    The file's ending says what is written: .svg, .png, .pdf, .html (one file, no outside request) or .json (Vega-Lite).
    """


@plot.command("timeline", epilog="\b\nExample:\n  softpower activities plot timeline KAZ --out timeline.svg")
@click.argument("country")
@click.option(
    "--by", type=click.Choice(["instrument", "component"]), default="instrument", show_default=True, help="The lanes."
)
@click.option("--from", "first", type=int, help="First year.")
@click.option("--to", "last", type=int, help="Last year.")
@AS_OF
@REGISTER
@picture
def timeline(
    country: str,
    by: str,
    first: int | None,
    last: int | None,
    as_of: datetime | None,
    address: str | None,
    theme: str,
    form: str | None,
    out: Path,
) -> None:
    """The activities of COUNTRY over the years, by instrument or component."""
    from softpower.activities.plots.timeline import timeline as drawn

    _write(
        lambda: drawn(entries(address), country, as_of=day(as_of), by=by, first=first, last=last, theme=theme),  # type: ignore[arg-type]  # click knows the choices
        form,
        out,
    )


@plot.command("delivery", epilog="\b\nExample:\n  softpower activities plot delivery KAZ --out delivery.svg")
@click.argument("country")
@REGISTER
@picture
def delivery(country: str, address: str | None, theme: str, form: str | None, out: Path) -> None:
    """What COUNTRY planned beside what it realised."""
    from softpower.activities.plots.delivered import delivery as drawn

    _write(lambda: drawn(entries(address), country, theme=theme), form, out)  # type: ignore[arg-type]  # as above


@plot.command(
    "path",
    epilog="\b\nExample:\n  softpower activities plot path KAZ-EXPO-2017 --outcome wdi_tourist_arrivals --out path.svg",
)
@click.argument("id", required=False)
@question
@click.option(
    "--method", type=click.Choice(["sdid", "sc", "did"]), help="Of a panel.  [default: the one that gives the verdict]"
)
@REGISTER
@picture
def path(
    id: str | None, method: str | None, address: str | None, theme: str, form: str | None, out: Path, **asked: Any
) -> None:
    """The outcome of the activity ID beside what the comparison leads one to expect, and the gap among placebo gaps."""
    from softpower.activities.plots.paths import path as drawn

    with progress() as tell:
        _chosen(form, out)
        found = answer(id, address, tell=tell, **asked)
        tell("Drawing path")
        _write(lambda: drawn(found, method=method, theme=theme), form, out)  # type: ignore[arg-type]  # as above


@plot.command(
    "specifications",
    epilog="\b\nExample:\n  softpower activities plot specifications KAZ-EXPO-2017 --outcome wdi_tourist_arrivals "
    "--out curve.svg",
)
@click.argument("id", required=False)
@question
@REGISTER
@picture
def specifications(id: str | None, address: str | None, theme: str, form: str | None, out: Path, **asked: Any) -> None:
    """The effect of the activity ID under every combination of method, periods and donors."""
    from softpower.activities.plots.choices import specifications as drawn

    with progress() as tell:
        _chosen(form, out)
        found = answer(id, address, tell=tell, **asked)
        tell("Drawing specifications")
        _write(lambda: drawn(found, theme=theme), form, out)  # type: ignore[arg-type]  # as above


def _chosen(form: str | None, out: Path) -> str:
    """The format asked for, before anything is computed."""
    from softpower.errors import BadRequest

    chosen = form or out.suffix.removeprefix(".")
    if chosen not in FORMATS:
        raise BadRequest(f"--out {out}: a plot is written as {', '.join(FORMATS)}; give the file one of these endings")
    return chosen


def _write(draw: Callable[[], Chart], form: str | None, out: Path) -> None:
    """The picture as a file, whose name is printed."""
    from softpower.drawing.save import picture as saved
    from softpower.storage import write_atomic

    chosen = _chosen(form, out)
    spec = draw().to_dict()
    write_atomic(out, saved(spec, chosen, title=spec["description"]))
    click.echo(out)
