"""What a ministry types, and what it gets wrong: each fault with its row, its column and what to do."""

from __future__ import annotations

import csv
import io
import time
import tracemalloc
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softpower.activities.exchange import BadEntries, read_file, template, write_file
from softpower.activities.exchange.columns import COLUMNS
from softpower.activities.exchange.files import MOST_BYTES
from softpower.errors import BadRequest, SoftPowerError
from tests.activities.exchange.made import activity

HEAD = "id,title,instrument,sender,start,end,budget,figures,actors,note"
GOOD = "KAZ-1,Nauryz,cultural_days,KAZ,2024-03-21,2024-03-22,,,,"


def put(folder: Path, content: str | bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(path: Path) -> BadEntries:
    with pytest.raises(BadEntries) as caught:
        read_file(path)
    assert str(caught.value).startswith((path.name, str(path)))
    return caught.value


def faults(folder: Path, *rows: str, head: str = HEAD) -> list[str]:
    error = refused(put(folder, "\n".join((head, *rows))))
    return [f"row {fault.line}, {fault.where}: {fault.what}" for fault in error.faults]


def book(folder: Path, rows: Sequence[Sequence[object]], name: str = "a.xlsx") -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(folder / name)
    return folder / name


def test_a_row_becomes_an_entry_with_all_its_parts(tmp_path):
    head = "ID,Title,title_kk,Instrument,Sender,Host,actors,audience,start,figures,budget,source_url,sources_more,x_Ref"
    row = (
        "A,Nauryz,Наурыз,Cultural days,Kazakhstan,Türkiye,"
        '"Embassy | embassy | lead | KAZ | Q1; TURKSOY | igo | partner",'
        'TUR; Turkic world,2024-03,"visitors | persons | 10 | 20 | 15 |  | yes | embassy",15000 USD 2024,'
        "https://a.org/b,Kazinform | Nauryz | 2024,77"
    )
    (found,) = read_file(put(tmp_path, f"{head}\n{row}\n"))
    assert found.title == {"en": "Nauryz", "kk": "Наурыз"}
    assert (found.sender, found.host, found.audience) == (("KAZ",), ("TUR",), ("TUR", "vector:turkic_world"))
    assert [(each.name, each.type, each.role, each.country) for each in found.actors] == [
        ("Embassy", "mission", "initiator", "KAZ"),
        ("TURKSOY", "international_organisation", "partner", None),
    ]
    assert (found.start, found.date_precision) == (date(2024, 3, 1), "month")
    (figure,) = found.figures
    assert (figure.planned, figure.planned_most, figure.realised, figure.claimed) == (10, 20, 15, True)
    assert [(each.amount, each.currency, each.year, each.spent) for each in found.budget] == [
        (15000, "USD", 2024, False)
    ]
    assert [each.publisher or each.url for each in found.sources] == ["https://a.org/b", "Kazinform"]
    assert found.extra == {"Ref": "77"}


def test_all_faults_of_all_rows_are_told_at_once_with_row_and_column(tmp_path):
    found = faults(
        tmp_path,
        "A,Nauryz,cultural_days,KAZ,2024-03-22,2024-03-21,,,,",
        "B,Nauryz,cultural_dayz,Absurdistan,2024-03-21,,,,,",
        'C,Nauryz,forum,KAZ,2024-03-21,,"1,5 mln",,,',
        "D,Nauryz,forum,KAZ,soon,,,visitors | persons | many,,",
        GOOD,
    )
    assert len(found) == 7
    assert found[0] == "row 2, : it ends on 2024-03-21, before it starts on 2024-03-22"
    assert found[1].startswith("row 3, column instrument: unknown word 'cultural_dayz'; nearest: cultural_days")
    assert found[2].startswith("row 3, column sender: unknown country 'Absurdistan'")
    assert found[3].startswith("row 4, column budget, item 1, amount: '1,5 mln' is no number; give digits with a point")
    assert found[4] == "row 4, column budget, item 1, currency: is missing"
    assert found[5].startswith("row 5, column start: 'soon' is no date")
    assert found[6].startswith("row 5, column figures, item 1, planned: 'many' is no number")


def test_a_file_with_a_fault_gives_no_entry_and_says_so(tmp_path):
    error = refused(put(tmp_path, f"{HEAD}\n{GOOD}\nB,,forum,KAZ,2024,,,,,\nC,,forum,KAZ,2024,,,,,\n"))
    assert "a.csv: 2 faults, and nothing was read" in str(error)


def test_twenty_faults_are_shown_and_the_rest_are_counted(tmp_path):
    error = refused(put(tmp_path, HEAD + "\n" + "\n".join(f"A{n},x,forum,KAZ,never,,,,," for n in range(50))))
    assert len(error.faults) == 50
    assert "and 30 more" in str(error)
    assert str(error).count("never") == 20


def test_an_id_that_stands_twice_names_both_rows(tmp_path):
    assert faults(tmp_path, GOOD, GOOD) == ["row 3, column id: 'KAZ-1' is the id of row 2 too; give each entry its own"]


def test_a_column_nobody_knows_is_named_with_the_nearest_and_a_way_to_keep_it(tmp_path):
    (found,) = faults(tmp_path, GOOD + ",1", head=f"{HEAD},instrumemt2")
    assert "column instrumemt2: is none of a register; nearest: instrument" in found
    assert "call it x_instrumemt2" in found


def test_columns_that_every_entry_needs_are_named_if_missing(tmp_path):
    (found,) = faults(tmp_path, "A,B", head="id,note")
    assert "columns are missing: instrument, start, title, sender" in found


def test_a_column_that_stands_twice_is_refused(tmp_path):
    (found,) = faults(tmp_path, GOOD + ",2024", head=f"{HEAD},start_date")
    assert found == "row 1, column start_date: says the same as another column; keep one of them"


def test_parts_beyond_the_last_are_refused_and_not_dropped(tmp_path):
    (found,) = faults(tmp_path, "A,x,forum,KAZ,2024,,,,Ministry | state | initiator | KAZ | Q1 | more,")
    assert "column actors: 'Ministry | state | initiator | KAZ | Q1 | more' has 6 parts, and there are 5" in found


def test_a_row_with_cells_beyond_or_too_few_is_refused(tmp_path):
    found = faults(tmp_path, GOOD + ",more", "B,x,forum")
    assert found[0].startswith("row 2, column 11: 'more' stands beyond the last column")
    assert found[1].startswith("row 3, column sender: the row has 3 cells and the header 10")


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path):
    found = faults(tmp_path, 'A,x,forum,KAZ,2024,,,,,"two\nlines"', "", "B,x,forum,KAZ,soon,,,,,")
    assert found[0].startswith("row 4, column start")


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + f"{HEAD}\n{GOOD}\n".encode(),
        f"{HEAD}\n{GOOD}\n".replace("\n", "\r\n").encode(),
        f"{HEAD}\n{GOOD}".replace("\n", "\r").encode(),
        f"{HEAD}\n{GOOD}\n".replace(",", ";").encode(),
        f"sep=;\r\n{HEAD}\n{GOOD}\n".replace(",", ";").encode(),
        f"{HEAD}\n{GOOD}\n".replace(",", "\t").encode("utf-16"),
        f"\n\n{HEAD}\n\n{GOOD}\n\n".encode(),
    ],
    ids=["BOM", "Windows", "old Mac", "semicolons", "sep=", "Unicode text of Excel", "empty lines"],
)
def test_a_table_reads_the_same_however_a_spreadsheet_saved_it(tmp_path, content):
    (found,) = read_file(put(tmp_path, content))
    assert (found.id, found.end) == ("KAZ-1", date(2024, 3, 22))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b",,\n,,\n", "the file is empty"),
        (HEAD.encode(), "no rows below the header"),
        (f"{HEAD}\n{GOOD}".encode().replace(b"Nauryz", b"Naur\0yz"), "row 2: holds a NUL"),
        (f"{HEAD}\nA,Наурыз,forum,KAZ,2024,,,,,".encode("cp1251"), "row 2: not text in UTF-8"),
        (f"{HEAD}\n{GOOD}".encode("utf-16-le"), "holds a NUL"),
        (f'{HEAD}\n{GOOD}"open'.encode(), "row 2: a quotation mark is not closed"),
        (f'{HEAD}\n"A,x,forum\n'.encode(), "row 2: a quotation mark is not closed"),
        (b"\xd0\xcf\x11\xe0 old", "an old (.xls) or encrypted Excel file"),
        (b"PK\x03\x04 torn", "a damaged or encrypted Excel workbook"),
        (b'{"id": "A"}', "columns are missing"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_remedy(tmp_path, content, told):
    assert told in str(refused(put(tmp_path, content)))


def test_formulas_are_guarded_when_written_and_come_back_when_read(tmp_path):
    made = [activity(title={"en": "=HYPERLINK(1)"}, note="-1", place="@home", extra={"=a": "+1"})]
    write_file(tmp_path / "a.csv", made)
    text = (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert {"'=HYPERLINK(1)", "'-1", "'@home", "'+1"} <= set(cells)
    assert not [cell for cell in cells if cell[:1] in set("=+-@")]
    assert read_file(tmp_path / "a.csv") == made


def test_guarded_text_of_a_workbook_stays_text_when_a_cell_is_edited(tmp_path):
    write_file(tmp_path / "a.xlsx", [activity(note="=1+1")])
    (row,) = openpyxl.load_workbook(tmp_path / "a.xlsx")["activities"].iter_rows(min_row=2)
    assert [(cell.value, cell.quotePrefix) for cell in row if str(cell.value).startswith("'")] == [("'=1+1", 1)]


def test_a_formula_in_a_sheet_is_refused_by_its_cell_and_what_it_shows(tmp_path):
    path = book(
        tmp_path,
        [["id", "title", "instrument", "sender", "start"], ["A", "=B1&1", "forum", "KAZ", "=TODAY()"]],
    )
    error = refused(path)
    assert [(fault.line, fault.where) for fault in error.faults] == [(2, "column title"), (2, "column start")]
    assert "put the value in its place" in str(error)


def test_dates_numbers_and_truths_of_a_sheet_are_what_they_show(tmp_path):
    head = ["id", "title", "instrument", "sender", "start", "end", "series", "edition", "two_way", "source_title"]
    head += ["source_year", "budget"]
    row = ["A", "x", "forum", "KAZ", date(2024, 3, 21), datetime(2024, 3, 22), "S", 3, True, "t", 2018, "0.1 | USD"]  # noqa: DTZ001
    (found,) = read_file(book(tmp_path, [[], head, [], row]))
    assert (found.start, found.end, found.edition, found.two_way) == (date(2024, 3, 21), date(2024, 3, 22), 3, True)
    assert found.sources[0].year == "2018"


@pytest.mark.parametrize("from_1904", [False, True])
@pytest.mark.parametrize("day", [date(1904, 1, 2), date(1999, 12, 31), date(2024, 2, 29), date(9999, 12, 31)])
def test_dates_of_a_sheet_agree_with_another_program_in_both_calendars(tmp_path, day, from_1904):
    made = openpyxl.Workbook()
    if from_1904:
        made.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    made.active.append(["id", "title", "instrument", "sender", "start"])
    made.active.append(["A", "x", "forum", "KAZ", day])
    made.save(tmp_path / "a.xlsx")
    assert read_file(tmp_path / "a.xlsx")[0].start == day


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1)])
def test_days_around_the_leap_day_that_1900_had_not_agree_with_another_program(tmp_path, day):
    head = ["id", "title", "instrument", "sender", "start"]
    assert read_file(book(tmp_path, [head, ["A", "x", "forum", "KAZ", day]]))[0].start == day


def test_rows_of_a_sheet_are_named_by_their_number(tmp_path):
    rows = [["id", "title", "instrument", "sender", "start"], [], [], ["A", "x", "forum", "Absurdistan", "2024"]]
    error = refused(book(tmp_path, rows))
    assert "row 4, column sender" in str(error)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_template_has_every_column_and_an_example_that_nobody_imports_by_mistake(tmp_path, ending):
    path = tmp_path / f"t.{ending}"
    template(path)
    assert "only the example row" in str(refused(path))


def test_the_example_of_a_template_is_a_valid_entry_in_every_column_it_fills(tmp_path):
    path = tmp_path / "t.csv"
    template(path)
    text = path.read_text(encoding="utf-8-sig")
    (found,) = read_file(put(tmp_path, text.replace("EXAMPLE-1", "KAZ-7")))
    assert (found.id, found.series, found.edition) == ("KAZ-7", "NAURYZ-ANKARA", 3)
    assert found.figures[0].planned_most == 3000
    assert found.budget[0].currency == "USD"
    assert len(found.actors) == 2
    assert text.splitlines()[0].split(",") == [column.name for column in COLUMNS]


def test_a_workbook_template_offers_the_words_of_the_register(tmp_path):
    template(tmp_path / "t.xlsx")
    made = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert made.sheetnames == ["activities", "words", "columns"]
    offered = {}
    for check in made["activities"].data_validations.dataValidation:
        column = made["activities"].cell(1, next(iter(check.sqref.ranges)).min_col).value
        if check.formula1.startswith("words!"):
            offered[column] = [
                cell.value for (cell,) in made["words"][check.formula1.partition("!")[2].replace("$", "")]
            ]
    assert offered["status"] == ["planned", "ongoing", "held", "postponed", "cancelled"]
    assert {"instrument", "component", "category", "kind", "nature", "date_precision", "confidence"} <= set(offered)
    assert "scholarship_inbound" in offered["instrument"]


def test_a_row_added_to_a_template_is_read_and_the_example_left_out(tmp_path):
    template(tmp_path / "t.xlsx")
    made = openpyxl.load_workbook(tmp_path / "t.xlsx")
    sheet = made["activities"]
    for name, value in {"id": "A", "title": "x", "instrument": "forum", "sender": "KAZ", "start": "2024"}.items():
        sheet.cell(3, next(cell.column for cell in sheet[1] if cell.value == name), value)
    made.save(tmp_path / "t.xlsx")
    assert [each.id for each in read_file(tmp_path / "t.xlsx")] == ["A"]


def test_a_text_longer_than_a_cell_of_excel_is_refused_and_not_cut(tmp_path):
    made = [activity(sources=[{"title": "t"}] + [{"title": "t", "quote": "q" * 19_000}] * 2)]
    with pytest.raises(BadRequest, match="KAZ-1: sources_more is too long for a cell of Excel"):
        write_file(tmp_path / "a.xlsx", made)
    assert not list(tmp_path.iterdir())
    write_file(tmp_path / "a.csv", made)
    assert read_file(tmp_path / "a.csv") == made


@pytest.mark.parametrize("name", ["a.json", "a", "a.xls"])
def test_other_endings_are_refused_with_those_that_work(tmp_path, name):
    put(tmp_path, "x", name)
    with pytest.raises(BadRequest, match=r"\.csv, \.xlsx, \.xml"):
        read_file(tmp_path / name)
    with pytest.raises(BadRequest, match=r"\.jsonld, \.ics"):
        write_file(tmp_path / name, [activity()])
    with pytest.raises(BadRequest, match=r"\.csv or \.xlsx"):
        template(tmp_path / name)


def test_a_file_that_is_not_there_or_is_none_is_refused_by_name(tmp_path):
    assert "No such file" in str(refused(tmp_path / "none.csv"))
    (tmp_path / "endless.csv").symlink_to("/dev/zero")
    assert "is a folder or a device" in str(refused(tmp_path / "endless.csv"))


def test_a_file_of_200_mb_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "a.csv"
    with open(path, "wb") as file:
        file.write(HEAD.encode())
        file.truncate(200 * 2**20)
    tracemalloc.start()
    started = time.process_time()
    error = refused(path)
    seconds, (_, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert f"larger than {MOST_BYTES // 2**20} MB" in str(error)
    assert (seconds < 1, peak < 2**20) == (True, True)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"," * 20_000_000, "a row of more than 4,194,304 signs"),
        (b'"\n",' * 4_000_000, "a row of more than 4,194,304 signs"),
        (b'"' + b"a" * 20_000_000, "a row of more than 4,194,304 signs"),
        (b"," * 100_000 + b"a", "100,001 columns; a table has 16,384 at most"),
        ((HEAD + "\n" + "A,x\n" * 300_000).encode(), "and nothing was read"),
        (b"receiving_country,year,confucius_institutes" + b",a" * 100_000, "100,003 columns"),
    ],
    ids=["commas", "quotes", "cell", "wide", "faults", "counts"],
)
def test_tables_that_go_on_without_end_are_refused_in_little_time_and_memory(tmp_path, content, told):
    path = put(tmp_path, content)
    tracemalloc.start()
    started = time.process_time()
    error = refused(path)
    seconds, (_, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert told in str(error)
    assert (seconds < 15, peak < len(content) * 4 + 32 * 2**20) == (True, True)


@given(st.binary(max_size=300) | st.text(',;"\n\r\tab|\\=1', max_size=200).map(lambda text: f"{HEAD}\n{text}".encode()))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused_as_a_user_can_mend_it(tmp_path_factory, content):
    path = put(tmp_path_factory.getbasetemp(), content, "any.csv")
    try:
        read_file(path)
    except SoftPowerError as error:
        assert str(error)  # noqa: PT017 - either is well
