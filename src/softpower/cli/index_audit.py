"""`softpower index audit`: a printable statistical audit of an index."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from softpower.cli.index_inputs import read
from softpower.cli.index_options import WEIGHT, WEIGHTS, Weights, options
from softpower.cli.progress import progress

EXAMPLES = """\b
Examples:
  softpower index audit
  softpower index audit --variant no-regime --out audit.html
  softpower index audit my-model.toml --data my-data.csv --out audit.md
  softpower index audit my-model.toml --data my-data.csv --json > audit.json
"""


@click.command(epilog=EXAMPLES, short_help="Whether the framework of MODEL holds in the data.")
@click.argument("model", required=False)
@click.option(
    "--data", type=click.Path(path_type=Path), help="Your own table (CSV, Parquet, Excel).  [default: the bundled data]"
)
@click.option(
    "--year",
    type=click.IntRange(1, 9999),
    default=None,
    help="Year to audit.  [default: the model's, or the last of the table]",
)
@click.option("--variant", default="", help="A variant of the model, such as no-regime or endowment.")
@options(WEIGHT, WEIGHTS)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write a file: .html, .md or .txt.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def audit(
    model: str | None,
    data: Path | None,
    year: int | None,
    variant: str,
    weights: Weights,
    weights_file: Weights,
    out: Path | None,
    as_json: bool,
) -> None:
    """Audit MODEL: whether its framework holds in the data, what each part counts, how sure the ranks are.

    Recommendations come first, each with its figure; the tables behind them follow.
    """
    from softpower.errors import BadRequest
    from softpower.index import set_up
    from softpower.index.audit import audit as audit_index
    from softpower.index.audit_advice import advise
    from softpower.index.audit_text import markdown, text
    from softpower.storage import write_atomic

    if out is not None and out.suffix not in (".html", ".md", ".txt"):
        raise BadRequest(f"--out {out}: an audit is written as .html, .md or .txt; give the file one of these endings")
    with progress() as tell:
        tell("Auditing the index")
        loaded, sheet = read(model, data, weights_file, weights)
        ready, when = set_up(loaded, sheet, variant=variant, year=year)
        found = audit_index(ready, year=when)
    if out is not None:
        if out.suffix == ".html":
            from softpower.cli.audit_page import page

            content = page(found)
        else:
            content = "\n".join(markdown(found) if out.suffix == ".md" else text(found)) + "\n"
        write_atomic(out, content.encode())
    if as_json:
        document = found.to_dict() | {"advice": [asdict(each) for each in advise(found)]}
        click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
    elif out is None:
        click.echo("\n".join(text(found)))
    else:
        click.echo(f"Wrote {out}")
