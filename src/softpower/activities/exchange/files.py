"""Files of entries, by their ending."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Final

from softpower.activities.activity import Activity
from softpower.activities.collecting import uncollected
from softpower.activities.exchange.faults import refuse
from softpower.errors import BadRequest
from softpower.storage import write_atomic

# A hundred thousand entries as CSV take about 70 MB; a file that is larger is refused before it is read.
MOST_BYTES: Final = 128 * 2**20
# IATI says the same in five times as many bytes, and is read in pieces.
MOST_BYTES_XML: Final = 512 * 2**20

READ: Final = (".csv", ".xlsx", ".xml")
WRITTEN: Final = (".csv", ".xlsx", ".xml", ".jsonld", ".ics")


def read_file(path: Path, *, sender: str = "") -> list[Activity]:
    """The entries of a file, in its order.

    Parameters
    ----------
    path : .csv or .xlsx with the columns of `softpower.activities.exchange.columns`, or those of AidData's count of
        China's public diplomacy; or .xml as the IATI standard 2.01 to 2.03 has it
    sender : country that acts, code or name, where an IATI file by others does not say

    Raises
    ------
    BadEntries
        With all faults of the file. Nothing is read by halves.
    BadRequest
        The ending is another one.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in READ:
        raise BadRequest(f"{path}: entries are read from {', '.join(READ)}, not from {kind or 'a file without ending'}")
    if kind == ".xml":
        from softpower.activities.exchange.iatifile import read_iati

        with _opened(path, MOST_BYTES_XML) as file:
            return read_iati(path.name, file, sender=sender)
    content = _content(path)
    from softpower.activities.exchange import aiddata
    from softpower.activities.exchange.csvfile import csv_rows
    from softpower.activities.exchange.rows import entries
    from softpower.activities.exchange.workbook import workbook_rows

    rows = workbook_rows(path.name, content) if content[:2] == b"PK" else csv_rows(path.name, content)
    first = next(rows, (1, []))
    read = aiddata.entries if aiddata.is_aiddata(first[1]) else entries
    with uncollected():
        return read(path.name, chain([first], rows))


def write_file(path: Path, activities: Sequence[Activity]) -> None:
    """Write entries to a file: whole or not at all, and equal entries as equal bytes.

    Parameters
    ----------
    path : .csv, .xlsx or .xml, which `read_file` reads again as they were; .jsonld (schema.org) or .ics (iCalendar),
        which hold less

    Raises
    ------
    BadRequest
        The ending is another one, or an entry has what the form cannot hold.
    CannotWrite
        The folder is read-only or the disk full; what stood there before still does.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in WRITTEN:
        raise BadRequest(
            f"{path}: entries are written as {', '.join(WRITTEN)}, not as {kind or 'a file without ending'}"
        )
    write_atomic(path, _writer(kind)(activities))


def template(path: Path) -> None:
    """Write a table to fill in, with one example, .csv or .xlsx; the latter has lists of the words allowed.

    Raises
    ------
    BadRequest
        The ending is another one.
    CannotWrite
        As for `write_file`.
    """
    path = Path(path)
    from softpower.activities.exchange.sheets import template_csv, template_xlsx

    match path.suffix.lower():
        case ".csv":
            write_atomic(path, template_csv())
        case ".xlsx":
            write_atomic(path, template_xlsx())
        case other:
            raise BadRequest(f"{path}: a template is .csv or .xlsx, not {other or 'a file without ending'}")


@contextmanager
def _opened(path: Path, most: int) -> Iterator[IO[bytes]]:
    """A file that is there, and not larger than this."""
    try:
        if path.stat().st_size > most:
            raise refuse(path.name, f"larger than {most // 2**20} MB; import it in parts")
        if not path.is_file():
            raise refuse(path.name, "is a folder or a device; give a file")
        with open(path, "rb") as file:
            yield file
    except OSError as error:
        raise refuse(str(path), f"cannot be read: {error.strerror}") from error


def _content(path: Path) -> bytes:
    with _opened(path, MOST_BYTES) as file:
        content = file.read()
    if not content.strip():
        raise refuse(path.name, "the file is empty; write a template with: softpower activities template FILE.xlsx")
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise refuse(path.name, "an old (.xls) or encrypted Excel file; save it as .xlsx without a password")
    return content


def _writer(kind: str) -> Callable[[Sequence[Activity]], bytes]:
    from softpower.activities.exchange.csvfile import csv_bytes
    from softpower.activities.exchange.iati import iati_bytes
    from softpower.activities.exchange.ics import ics_bytes
    from softpower.activities.exchange.jsonld import jsonld_bytes
    from softpower.activities.exchange.sheets import xlsx_bytes

    return {
        ".csv": csv_bytes, ".xlsx": xlsx_bytes, ".xml": iati_bytes, ".jsonld": jsonld_bytes, ".ics": ics_bytes,
    }[kind]  # fmt: skip
