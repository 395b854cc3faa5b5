"""``softpower sources``: what is bundled, whether it is intact, and how to make it anew."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from softpower import storage
from softpower.cli.progress import progress
from softpower.errors import DamagedSnapshot


@click.group()
def sources() -> None:
    """List, check and rebuild the bundled data.

    \b
    Example:
      softpower sources verify
    """


@sources.command("list")
@click.option("--indicators", "which", flag_value="indicators", help="List the series and measures instead.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document.")
def list_sources(which: str | None, as_json: bool) -> None:
    """List the sources, or the series made from them.

    \b
    Example:
      softpower sources list --indicators
    """
    from softpower import evidence

    if which is None:
        found = [asdict(source) for source in evidence.sources()]
        document = {"data_version": storage.data_version(), "sources": found}
        lines = [
            f"{source.id:22} {source.vintage:.40}\n{'':22} {source.publisher}: {source.title}\n{'':22} {source.licence}"
            for source in evidence.sources()
        ]
    else:
        found = [asdict(indicator) for indicator in evidence.indicators()]
        document = {"data_version": storage.data_version(), "indicators": found, "measures": evidence.measures()}
        lines = [
            f"{indicator.id:32} {indicator.first}-{indicator.last} {indicator.countries:4} countries  "
            f"{indicator.name} [{indicator.unit}]"
            for indicator in evidence.indicators()
        ]
        lines += [f"{measure:32} between two countries" for measure in evidence.measures()]
    click.echo(json.dumps(document, ensure_ascii=False, indent=2) if as_json else "\n".join(lines))


@sources.command()
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document.")
def verify(as_json: bool) -> None:
    """Check every bundled file against its hash.

    Exits with 2 and names the file if one is not what was recorded.

    \b
    Example:
      softpower sources verify --json
    """
    damaged: dict[str, DamagedSnapshot] = {}
    for name in storage.bundled_files():
        try:
            storage.bundled_bytes(name)
        except DamagedSnapshot as error:
            damaged[name] = error
    states = [{"name": name, "intact": name not in damaged} for name in storage.bundled_files()]
    if as_json:
        document = {"data_version": storage.data_version(), "intact": not damaged, "files": states}
        click.echo(json.dumps(document, indent=2))
    else:
        for state in states:
            click.echo(f"{'intact ' if state['intact'] else 'DAMAGED'}  {state['name']}")
        click.echo(f"data version {storage.data_version()}")
    for first in damaged.values():
        raise first


@sources.command()
@click.option(
    "--raw",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder of raw files, with folders countries, extra and dyads and a sources.csv in each.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to; without it the data inside the package are replaced.",
)
@click.option("--allow-changed", is_flag=True, help="Build also from files that differ from their sources.csv.")
def build(raw: Path, out: Path | None, allow_changed: bool) -> None:
    """Build the snapshot from raw files.

    The same files give the same bytes. A file that is not the one its sources.csv describes stops the build, unless
    changes are allowed: then its own hash becomes its vintage.

    \b
    Example:
      softpower sources build --raw ~/downloads/softpower-raw --allow-changed
    """
    from softpower.evidence.build import build_snapshot

    with progress() as tell:
        written = build_snapshot(raw, out or storage.DATA, allow_changed=allow_changed, progress=tell)
    for file in written:
        click.echo(f"{file.rows:9,} rows  {file.bytes:9,} bytes  {file.name}")
    click.echo(f"{sum(file.bytes for file in written):,} bytes in {out or storage.DATA}")
