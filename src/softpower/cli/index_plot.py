"""`softpower index plot`: pictures of an index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from softpower.cli.index_inputs import read
from softpower.cli.index_options import DATA, DRAWS, MODEL, NODE, SEED, VARIANT, WEIGHT, WEIGHTS, YEAR, Weights, options
from softpower.cli.progress import progress

if TYPE_CHECKING:
    from softpower.index import Comparison, Index, Model, Sensitivity
    from softpower.index.table import Sheet

EXAMPLES = """\b
Examples:
  softpower index plot ranks --top 30 --out ranks.svg
  softpower index plot dots --node performance --units KAZ,UZB,AZE --out dots.png --theme dark
  softpower index plot distribution --node tourist_arrivals --units KAZ --out arrivals.pdf
  softpower index plot bars my-model.toml --data my-data.csv --out bars.html
  softpower index plot compare --without governance --out moves.svg
  softpower index plot all --top 40 --out plots
"""

OF_A_NODE = ("bars", "dots", "ranks", "acceptability", "distribution")
KINDS = (*OF_A_NODE, "correlation", "framework", "sensitivity", "compare", "conversion", "all")
FORMATS = ("svg", "png", "pdf", "html", "json")


@dataclass(frozen=True)
class Request:
    """What was asked for; each result is computed once, when a plot first needs it."""

    model: str | None
    data: Path | None
    year: int | None
    variant: str
    weights: Weights
    weights_file: Weights
    without: tuple[str, ...]
    draws: int
    seed: int
    node: str
    units: str
    top: int | None
    size: int
    theme: Literal["light", "dark"]
    tell: Callable[[str], None]

    @cached_property
    def inputs(self) -> tuple[Model, Sheet | None]:
        """The model and the table, read once."""
        return read(self.model, self.data, self.weights_file, self.weights, without=self.without)

    @property
    def loaded(self) -> Model:
        """The model."""
        return self.inputs[0]

    @property
    def sheet(self) -> Sheet | None:
        """The table."""
        return self.inputs[1]

    @cached_property
    def index(self) -> Index:
        """The build."""
        return self.build(self.variant)

    def build(self, variant: str, without: tuple[str, ...] = ()) -> Index:
        """A build of the model in a variant, less some parts."""
        from softpower.index import build
        from softpower.index.choices import leaving_out

        model, variant = leaving_out(self.loaded, variant, *without)
        return build(
            model, self.sheet, variant=variant, year=self.year, draws=self.draws, seed=self.seed, progress=self.tell
        )

    def comparison(self, variant: str = "") -> tuple[Comparison, Index]:
        """The default model beside a variant or what is left without some parts, and the first of them.

        ``variant`` is by default the one asked for.
        """
        from softpower.errors import BadRequest
        from softpower.index import compare

        variant = variant or self.variant
        if not variant and not self.without:
            raise BadRequest("say what to compare with: --variant or --without")
        first = self.build("") if self.variant else self.index
        return compare(first, self.build(variant, self.without), node=self.node), first

    def sensitivity(self, node: str) -> Sensitivity:
        """Sobol indices of a node."""
        from softpower.index import sensitivity, set_up

        self.tell("Replicating the index")
        ready, when = set_up(self.loaded, self.sheet, variant=self.variant, year=self.year)
        return sensitivity(ready, year=when, node=node, n=self.size, seed=self.seed)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The units named: codes of the table, or any name of a country."""
        given = [each.strip() for each in self.units.split(",") if each.strip()]
        if self.data is not None:
            return tuple(given)
        from softpower.world import find

        return tuple(find(each).iso3 for each in given)


@click.command(epilog=EXAMPLES, short_help="Draw ranks, scores, correlations, framework and more.")
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@options(MODEL, DATA, YEAR, VARIANT, WEIGHT, WEIGHTS)
@click.option("--without", multiple=True, metavar="PART", help="compare: leave out this part; may be repeated.")
@options(NODE)
@click.option("--units", default="", metavar="CODE,...", help="Units to show, or to mark beside the --top ones.")
@click.option("--top", type=click.IntRange(min=1), default=None, help="Show only so many.  [default: all]")
@options(DRAWS, SEED)
@click.option("-n", "size", default=1024, show_default=True, help="sensitivity: base sample, a power of two.")
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True, help="Colours.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default=None, help="[default: the ending of --out; all: svg]"
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File to write; all: a folder.")
def plot(kind: str, out: Path, form: str | None, **given: Any) -> None:
    """Draw KIND of MODEL: bars, dots, ranks, acceptability, distribution, correlation, framework, sensitivity, compare,
    conversion, or all of them.

    The file's ending says what is written: .svg, .png, .pdf, .html (one file, no outside request) or .json (Vega-Lite).
    """
    from softpower.drawing.save import picture
    from softpower.errors import BadRequest
    from softpower.storage import write_all_atomic

    chosen = form or ("svg" if kind == "all" else out.suffix.removeprefix("."))
    if chosen not in FORMATS:
        raise BadRequest(f"--out {out}: a plot is written as {', '.join(FORMATS)}; give the file one of these endings")
    with progress() as tell:
        request = Request(tell=tell, **given)
        charts = _all(request) if kind == "all" else [(kind, _one(request, kind))]
        files = {}
        for name, chart in charts:
            tell(f"Drawing {name}")
            spec = chart.to_dict()
            content = picture(spec, chosen, title=spec["description"])
            files[out / f"{name}.{chosen}" if kind == "all" else out] = content
    write_all_atomic(files)
    for path in files:
        click.echo(path)


def _one(request: Request, kind: str, node: str = "", variant: str = "") -> Any:
    """One plot as an Altair chart; ``variant`` is what to compare with where none was asked for."""
    from softpower.index.plots import kinds, sensitivity

    node, look = node or request.node, {"theme": request.theme}
    if kind == "sensitivity":
        found = request.sensitivity(node)
        unit = request.codes[0] if request.codes else ""
        return sensitivity.sensitivity(found, request.loaded, unit=unit, theme=request.theme)
    if kind == "compare":
        both, first = request.comparison(variant)
        return sensitivity.compare(both, first, units=request.codes, top=request.top, theme=request.theme)
    if kind in ("correlation", "framework"):
        return kinds.plot(request.index, kind, node if kind == "correlation" else "", **look)
    if kind in ("distribution", "conversion"):
        return kinds.plot(request.index, kind, node, units=request.codes, **look)
    return kinds.plot(request.index, kind, node, units=request.codes, top=request.top, **look)


def _all(request: Request) -> Iterator[tuple[str, Any]]:
    """Every plot that the model has, with the name of its file; one that cannot be drawn is named, with the reason."""
    from softpower.errors import SoftPowerError

    tops = (request.node,) if request.node else request.index.model.variant(request.variant).tops
    wanted = [(f"{kind}-{top}", kind, top, "") for top in tops for kind in (*OF_A_NODE, "sensitivity")]
    wanted += [("correlation", "correlation", request.node, ""), ("framework", "framework", "", "")]
    if {"potential", "performance"} <= set(request.index.nodes):
        wanted.append(("conversion", "conversion", "", ""))
    if request.variant or request.without:
        wanted.append(("compare", "compare", request.node, ""))
    else:
        wanted += [(f"compare-{each}", "compare", request.node, each) for each in request.index.model.variants]
    for name, kind, node, variant in wanted:
        try:
            yield name, _one(request, kind, node, variant)
        except SoftPowerError as error:
            click.echo(f"{name} is left out: {error}", err=True)
