"""From a row of a table to an entry, or to all that is wrong with it, by column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from softpower.activities.activity import Activity, checked
from softpower.activities.exchange import cells, older
from softpower.activities.exchange.columns import ACTOR, BY_NAME, FIGURE, LANGUAGES, MONEY, OWN, SOURCE
from softpower.activities.exchange.faults import MOST_FAULTS, BadEntries, refuse
from softpower.errors import Fault
from softpower.world.names import shown

EXAMPLE: Final = "EXAMPLE-1"
# More than any ministry has; 100,000 entries are read in a few seconds.
MOST_ROWS: Final = 150_000
LAST_ROW: Final = 1_048_576  # of a sheet of Excel
MOST_COLUMNS: Final = 16_384

_WHERE: Final = "entry"
_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    **dict.fromkeys(("sender", "host", "audience", "audience_groups", "aims"), cells.listed),
    **dict.fromkeys(("two_way", "evaluation"), cells.truth),
}
_SPENT: Final = {"spent": True, "planned": False}
_SHORT_MONEY: Final = re.compile(r"(\S+)\s+([A-Z]{3})(?:\s+(\d{4}))?")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def entries(file: str, rows: Iterable[tuple[int, Sequence[str]]]) -> list[Activity]:
    """The entries of a table.

    Parameters
    ----------
    file : what messages call it
    rows : number and cells of each row; the first one that is not empty names the columns

    Raises
    ------
    BadEntries
        With all faults of all rows.
    """
    filled = _filled(file, rows)
    number, head = next(filled, (0, ()))
    if not number:
        raise refuse(file, "the file is empty; write a template with: softpower activities template FILE.xlsx")
    columns = header(file, head, number)
    found, faults = [], []
    first: dict[str, int] = {}
    examples = 0
    for number, row in filled:
        entry = _entry(columns, row, number)
        if isinstance(entry, list):
            faults += entry
        elif entry.id == EXAMPLE:
            examples += 1
        elif first.setdefault(entry.id, number) != number:
            twice = f"{shown(entry.id)!r} is the id of row {first[entry.id]} too; give each entry its own"
            faults.append(Fault(number, "column id", twice))
        else:
            found.append(entry)
        if len(faults) > MOST_FAULTS:
            break
    if faults:
        raise BadEntries(file, faults)
    if not found:
        only = "only the example row of the template" if examples else "no rows below the header"
        raise refuse(file, f"it has {only}; write one row for each activity")
    return found


def _filled(file: str, rows: Iterable[tuple[int, Sequence[str]]]) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows that hold anything."""
    count = 0
    for number, row in rows:
        if any(cell.strip() for cell in row):
            count += 1
            yield number, row
        if count > MOST_ROWS or number > LAST_ROW:
            raise refuse(file, f"more than {MOST_ROWS:,} rows; import it in parts", line=number)


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a table.

    Attributes
    ----------
    names : in the register's own words, in the order of the table
    given : what the table calls each of them
    """

    names: tuple[str, ...]
    given: Mapping[str, str]

    def place(self, field: str) -> str:
        """The column that holds a field, as the table calls it."""
        older_one = next((name for name in self.names if older.COLUMNS.get(name) == field), field)
        return self.given.get(field if field in self.given else older_one, field)


def header(file: str, head: Sequence[str], number: int) -> Header:
    """The columns that the first row names.

    Raises
    ------
    BadEntries
        A column is none of a register's, stands twice, or has no name; or one that every entry needs is missing.
    """
    if formulas := [place for place, cell in enumerate(head, start=1) if cell.startswith(cells.FORMULA)]:
        raise BadEntries(file, [Fault(number, f"column {place}", _formula(head[place - 1])) for place in formulas])
    given = [cells.unguarded(cell.strip()) for cell in head]
    while given and not given[-1]:
        given.pop()
    if len(given) > MOST_COLUMNS:
        raise refuse(file, f"{len(given):,} columns; a table has {MOST_COLUMNS:,} at most", line=number)
    names = older.known(given)
    first = {name: place for place, name in reversed([*enumerate(names, start=1)])}
    faults = []
    for place, name in enumerate(names, start=1):
        called = f"column {shown(given[place - 1])}"
        if not name:
            faults.append(Fault(number, f"column {place}", "has no name; name it, or delete it"))
        elif first[name] != place:
            faults.append(Fault(number, called, "says the same as another column; keep one of them"))
        elif not _is_column(name):
            what = f"is none of a register{_nearest(name)}; for a field of your own call it {OWN}{shown(name)}"
            faults.append(Fault(number, called, what))
    if lacking := _lacking(names):
        what = f"columns are missing: {', '.join(lacking)}; see softpower activities template"
        faults.append(Fault(number, "header", what))
    if faults:
        raise BadEntries(file, faults)
    return Header(tuple(names), dict(zip(names, given, strict=True)))


def _lacking(names: Sequence[str]) -> list[str]:
    """Columns that every entry needs and that are not there."""
    found = [name for name in ("id", "instrument", "start") if name not in names]
    if not any(name.partition("_")[0] == "title" for name in names):
        found.append("title")
    if "sender" not in names and older.DIRECTION not in names:
        found.append("sender")
    return found


def _is_column(name: str) -> bool:
    if name in BY_NAME or name in older.COLUMNS or name.startswith(OWN):
        return True
    field, _, code = name.partition("_")
    return field in LANGUAGES and bool(_LANGUAGE.fullmatch(code))


def _nearest(name: str) -> str:
    from rapidfuzz import process

    found = process.extractOne(name.lower(), list(BY_NAME), score_cutoff=60)
    return f"; nearest: {found[0]}" if found else ""


def _entry(head: Header, row: Sequence[str], number: int) -> Activity | list[Fault]:
    width = len(head.names)
    if beyond := [cell for cell in row[width:] if cell.strip()]:
        what = f"{shown(beyond[0].strip())!r} stands beyond the last column; quote a cell that holds the separator"
        return [Fault(number, f"column {width + 1}", what)]
    if len(row) < width:
        what = f"the row has {len(row)} cells and the header {width}; is a separator missing?"
        return [Fault(number, f"column {head.given[head.names[len(row)]]}", what)]
    if formulas := [place for place, cell in enumerate(row) if cell.startswith(cells.FORMULA)]:
        return [Fault(number, f"column {head.given[head.names[place]]}", _formula(row[place])) for place in formulas]
    texts = {name: cells.unguarded(text) for name, cell in zip(head.names, row, strict=False) if (text := cell.strip())}
    faults = []
    try:
        texts = older.translated(texts)
    except ValueError as error:
        faults.append(Fault(number, f"column {head.given[older.DIRECTION]}", str(error)))
        # With some sender, so that the rest is checked too; the row is refused all the same.
        texts = {name: text for name, text in texts.items() if name not in older.COLUMNS} | {"sender": "CHE"}
    record, bad = _record(texts)
    faults += [Fault(number, f"column {head.place(column)}", what) for column, what in bad]
    entry = checked(record, where=_WHERE, line=number)
    if isinstance(entry, Activity):
        return faults or entry
    first = any(name.startswith("source_") for name in texts)
    for each in entry:
        faults.append(Fault(number, _column(each.where, head, first), each.what))
    return faults


def _formula(cell: str) -> str:
    value = cell.removeprefix(cells.FORMULA)
    return f"holds a formula, which shows {shown(value)!r}; put the value in its place (copy, paste values only)"


def _record(texts: Mapping[str, str]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Fields of an entry, and what no field can hold."""
    record: dict[str, Any] = {field: {} for field in (*LANGUAGES, "extra")}
    bad: list[tuple[str, str]] = []
    source: dict[str, Any] = {}
    for name, text in texts.items():
        prefix, _, rest = name.partition("_")
        if prefix in LANGUAGES:
            record[prefix][rest or "en"] = text
        elif name.startswith(OWN):
            record["extra"][name.removeprefix(OWN)] = text
        elif prefix == "source":
            source[rest] = cells.truth(text) if rest == "seen" else text
        elif name in _PARTED:
            record[name] = _items(name, text, bad)
        else:
            record[name] = _READ.get(name, str)(text)
    more = record.pop("sources_more", [])
    record["sources"] = [source, *more] if source and source != {"seen": False} else more
    if not record["title"]:
        del record["title"]
    return record, bad


def _items(column: str, text: str, bad: list[tuple[str, str]]) -> list[dict[str, Any]]:
    names, change = _PARTED[column]
    found = []
    for parts in cells.parted(text):
        if len(parts) > len(names):
            what = (
                f"{shown(' | '.join(parts))!r} has {len(parts)} parts, and there are {len(names)}: {' | '.join(names)}"
            )
            bad.append((column, f"{what}; write \\| for a sign | that belongs to the text"))
        found.append(change({name: part for name, part in zip(names, parts, strict=False) if part}))
    return found


def _money(given: dict[str, Any]) -> dict[str, Any]:
    if set(given) == {"amount"} and (short := _SHORT_MONEY.fullmatch(given["amount"])):
        given = {name: part for name, part in zip(MONEY, short.groups(), strict=False) if part}
    if (spent := given.get("spent")) is not None:
        given["spent"] = _SPENT.get(spent.casefold(), cells.truth(spent))
    return _truths(given)


def _truths(given: dict[str, Any]) -> dict[str, Any]:
    return given | {name: cells.truth(given[name]) for name in ("claimed", "seen") if name in given}


_Change = Callable[[dict[str, Any]], dict[str, Any]]
_PARTED: Final[Mapping[str, tuple[tuple[str, ...], _Change]]] = {
    "actors": (ACTOR, dict),
    "figures": (FIGURE, _truths),
    "budget": (MONEY, _money),
    "sources_more": (SOURCE, _truths),
}


def _column(path: str, head: Header, first: bool) -> str:
    """What a user calls the place of a fault.

    Parameters
    ----------
    path : such as "entry, sources.2.url"
    first : whether the first source has columns of its own
    """
    field, *rest = path.removeprefix(_WHERE).removeprefix(", ").split(".")
    if not field:
        return ""
    if field in LANGUAGES and rest:
        code = ".".join(rest)
        return f"column {head.place(field if code == 'en' else f'{field}_{code}')}"
    if field == "extra" and rest:
        return f"column {OWN}{'.'.join(rest)}"
    if field == "sources" and rest:
        if first and rest[0] == "1":
            return f"column {head.place(f'source_{rest[1]}')}" if len(rest) > 1 else "columns source_..."
        field, rest = "sources_more", [str(int(rest[0]) - first), *rest[1:]]
    return ", ".join([f"column {head.place(field)}", *(f"item {each}" if each.isdigit() else each for each in rest)])
