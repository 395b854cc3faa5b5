"""`softpower activities import`, `export` and `template`: registers in files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from softpower.cli.activities_shared import (
    JSON,
    REGISTER,
    WHO,
    WHY,
    author,
    entries,
    own_entries,
    own_file,
    register_at,
)
from softpower.cli.progress import progress

FORCE = click.option("--force", is_flag=True, help="Write over a file that is there.")
IMPORT_EXAMPLES = """\b
Examples:
  softpower activities template my-activities.xlsx
  softpower activities import my-activities.xlsx --dry-run
  softpower activities import iati.xml --sender KAZ
"""


@click.command("import", epilog=IMPORT_EXAMPLES, short_help="Import FILES of activities: all or nothing.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--sender", default="", help="Country that acts, where an IATI file does not say.")
@click.option("--dry-run", is_flag=True, help="Read and check, store nothing.")
@WHO
@WHY
@REGISTER
@JSON
def import_(
    files: Sequence[Path], sender: str, dry_run: bool, who: str | None, why: str, address: str | None, as_json: bool
) -> None:
    """Store the entries of FILES: .csv or .xlsx as the template has them, IATI 2.03 .xml, or AidData's CSV.

    If one row has a fault, all faults are listed and nothing is stored.
    """
    from softpower.activities.exchange import read_file

    with progress() as tell:
        found = []
        counts = {}
        for file in files:
            tell(f"Reading {file.name}")
            rows = read_file(file, sender=sender)
            counts[str(file)] = len(rows)
            found += rows
        stored = 0
        if dry_run:
            _refuse_taken([each.id for each in found], address)
        else:
            tell(f"Storing {len(found):,} entries")
            with register_at(address) as register:
                stored = register.add_all(
                    found, who=author(who), why=why or f"import of {', '.join(f.name for f in files)}"
                )
    if as_json:
        click.echo(json.dumps({"read": counts, "stored": stored}, ensure_ascii=False))
        return
    for name, count in counts.items():
        click.echo(f"{name}: {count:,} entries")
    click.echo("All can be stored; nothing was, for --dry-run" if dry_run else f"{stored:,} entries stored")


def _refuse_taken(ids: Sequence[str], address: str | None) -> None:
    """Refuse what storing would refuse: ids that are taken, or given twice."""
    from softpower.activities.register import DuplicateId

    seen = Counter(ids)
    taken = {id for id, count in seen.items() if count > 1}
    if own_file(address):
        taken |= set(seen) & own_entries(address)[1]
    if taken:
        some = ", ".join(sorted(taken)[:5]) + (f" and {len(taken) - 5:,} more" if len(taken) > 5 else "")
        raise DuplicateId(sorted(taken), f"cannot be stored: taken already, or given twice: {some}. Give other ids")


def _refuse_existing(file: Path, force: bool) -> None:
    from softpower.errors import BadRequest

    if file.exists() and not force:
        raise BadRequest(f"{file} exists; give another name, or --force to write over it")


EXPORT_EXAMPLES = """\b
Examples:
  softpower activities export register.xlsx
  softpower activities export kazakhstan.ics --sender KAZ
"""


@click.command(epilog=EXPORT_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--sender", help="Only of this country.")
@click.option("--own", is_flag=True, help="Only your register.")
@click.option("--bundled", is_flag=True, help="Only what comes with softpower.")
@FORCE
@REGISTER
def export(file: Path, sender: str | None, own: bool, bundled: bool, force: bool, address: str | None) -> None:
    """Write entries to FILE: .csv, .xlsx, .xml (IATI 2.03), .jsonld (schema.org) or .ics (iCalendar)."""
    from softpower.activities.exchange import write_file
    from softpower.activities.filters import select, wanted

    _refuse_existing(file, force)
    found = select(entries(address, own=own, bundled=bundled), wanted(sender=sender))
    write_file(file, found)
    click.echo(f"{file}: {len(found):,} entries")


@click.command(epilog="\b\nExample:\n  softpower activities template my-activities.xlsx")
@click.argument("file", type=click.Path(path_type=Path))
@FORCE
def template(file: Path, force: bool) -> None:
    """Write a table to fill in, FILE.xlsx or FILE.csv, with an example and the words allowed."""
    from softpower.activities.exchange import template as write

    _refuse_existing(file, force)
    write(file)
    click.echo(str(file))
