"""Excel workbooks as tables: all digits, named faults, and nothing that a hostile file can do but be refused."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import openpyxl  # type: ignore[import-untyped]
import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from softpower.errors import BadTable
from softpower.index import excel
from softpower.index.table import open_table, sheet


def book(*rows: Sequence[object], at: tuple[int, int] = (1, 1), name: str = "Data", **more: Sequence[object]) -> bytes:
    """A workbook with these rows; other sheets hold one row each."""
    made = openpyxl.Workbook()
    made.active.title = name
    for r, row in enumerate(rows, start=at[0]):
        for c, value in enumerate(row, start=at[1]):
            made.active.cell(r, c, value)
    for title, row in more.items():
        made.create_sheet(title).append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def changed(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one of its parts changed, its sums right."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.infolist():
            new.writestr(each.filename, change(old.read(each)) if each.filename == part else old.read(each))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
PLAIN = book(["unit", "name", "year", "a", "g"], ["A", "Á 🇰🇿", 2020, 1 / 3, "x"], [398, "-x", 2020, -5, None])


# What is read


def test_numbers_keep_all_their_digits_and_codes_are_text() -> None:
    values = [1 / 3, 0.1 + 0.2, 1e-20, 1e99, -123456789012.25, 0, 5]
    rows: list[list[object]] = [["unit", "a"], *[[f"U{k}", value] for k, value in enumerate(values)]]
    found = sheet(book(*rows), name="t.xlsx").read(numbers=["a"]).numbers["a"]
    np.testing.assert_allclose(found[0], values, rtol=1e-15)
    table = sheet(PLAIN, name="t.xlsx").read(numbers=["a"], labels=["g"])
    assert (table.units, table.names, table.years) == (("398", "A"), ("-x", "Á 🇰🇿"), (2020,))
    assert table.labels["g"].tolist() == [["", "x"]]


@pytest.mark.parametrize("gap", [None, "", "NA", "..", "#N/A"])
def test_a_missing_cell_is_missing_and_not_zero(gap: str | None) -> None:
    content = book(["unit", "a"], ["A", gap], ["B", 0])
    np.testing.assert_array_equal(sheet(content, name="t").read(numbers=["a"]).numbers["a"], [[np.nan, 0.0]])


def test_a_formula_counts_with_its_saved_value() -> None:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    page = made.add_worksheet()
    for row, (unit, value) in enumerate([("unit", "a"), ("A", 2)]):
        page.write_row(row, 0, [unit, value])
    page.write(2, 0, "B")
    page.write_formula(2, 1, "=1/8", value=0.125)
    made.close()
    np.testing.assert_array_equal(sheet(out.getvalue(), name="t").read(numbers=["a"]).numbers["a"], [[2, 0.125]])


def test_the_first_sheet_is_read_or_the_named_one(tmp_path: Path) -> None:
    path = tmp_path / "my # data.xlsx"
    path.write_bytes(book(["unit", "a"], ["A", 1], Other=["unit", "b"]))
    assert open_table(path).columns == ("a",)
    with pytest.raises(BadTable, match="#Other: no rows below the header"):
        open_table(Path(f"{path}#Other"))
    with pytest.raises(BadTable, match=r"has no sheet 'Othre'; it has: Data, Other$"):
        open_table(Path(f"{path}#Othre"))


def test_two_sheets_of_one_file_are_two_versions_of_data(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    made = openpyxl.Workbook()
    for title, value in (("One", 1), ("Two", 2)):
        page = made.create_sheet(title)
        page.append(["unit", "a"])
        page.append(["A", value])
    made.save(path)
    assert open_table(Path(f"{path}#One")).digest != open_table(Path(f"{path}#Two")).digest


def test_a_cover_sheet_in_front_is_no_table_and_the_others_are_named() -> None:
    content = book(["My index", "2025"], name="Cover", Data=["unit", "a"])
    with pytest.raises(BadTable, match=r"no column iso3 or .*name it as FILE\.xlsx#SHEET: Data$"):
        sheet(content, name="t.xlsx")
    with pytest.raises(BadTable, match=r"sheet Sheet: the sheet is empty; name another one as FILE\.xlsx#SHEET: Data"):
        sheet(book(name="Sheet", Data=["unit", "a"]), name="t.xlsx")


def test_a_table_may_stand_anywhere_and_rows_keep_their_numbers() -> None:
    content = book(["unit", "a"], ["A", 1], ["B", "x"], at=(4, 3))
    with pytest.raises(BadTable, match=r"row 6 \(B\): 'x'"):
        sheet(content, name="t").read(numbers=["a"])


def test_rows_without_anything_below_the_table_are_nothing() -> None:
    content = book(["unit", "a"], ["A", 1], [None, None], ["  ", " "])
    assert sheet(content, name="t").read(numbers=["a"]).units == ("A",)


def test_a_row_without_anything_inside_the_table_is_named() -> None:
    content = book(["unit", "a"], ["A", 1], [None, None], ["B", 2])
    with pytest.raises(BadTable, match="no unit in row 3; give each row its code"):
        sheet(content, name="t").read(numbers=["a"])


# What is refused


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([["iso3", "a"], ["KAZ", "x"]], r"column a: not a number: row 2 \(KAZ\): 'x'; leave a missing cell empty"),
        ([["iso3", "a"], ["KAZ", "1,5"]], r"'1,5'; write decimals with a point"),
        ([["iso3", "a"], ["KAZ", "1 234 567"]], "write numbers without separators of thousands"),
        ([["iso3", "a"], ["KAZ", True]], r"row 2 \(KAZ\): 'true'"),
        ([["iso3", "a"], ["KAZ", datetime.date(2020, 5, 1)]], r"'2020-05-01'; a spreadsheet has made a date of it"),
        ([["iso3", "year", "a"], ["KAZ", datetime.date(2020, 5, 1), 1]], "column year: .* row 2: '2020-05-01'"),
        ([["iso3", "a"], ["KAZ", 1], ["KAZ", 2]], "the same unit stands twice: KAZ in rows 2 and 3"),
        ([["iso3", "a"], [None, 1]], "no unit in row 2"),
        ([["land", "a"], ["KAZ", 1]], "no column says which unit a row is about"),
        ([["iso3", "a", "a"], ["KAZ", 1, 2]], "columns without a name of their own: a"),
        ([["iso3", "a", None], ["KAZ", 1, 2]], r"\(no name\)"),
        ([["iso3", "a"]], "no rows below the header"),
        ([], "the sheet is empty$"),
        (
            [["iso3", "a"], ["KAZ", "#DIV/0!"], ["UZB", "#REF!"]],
            "formulas that failed: B2 #DIV/0!, B3 #REF!; mend them",
        ),
    ],
)
def test_faults_are_those_of_a_csv_file_with_row_value_and_remedy(rows: list[list[object]], why: str) -> None:
    with pytest.raises(BadTable, match=why):
        sheet(book(*rows), name="mine.xlsx").read(numbers=["a"])


@pytest.mark.parametrize("length", [4, 100, 1000, -1, -30])
def test_a_truncated_workbook_is_one_clear_message(length: int) -> None:
    with pytest.raises(BadTable, match="a damaged or encrypted Excel workbook"):
        sheet(PLAIN[:length], name="t.xlsx")


def test_a_changed_byte_is_noticed() -> None:
    at = PLAIN.index(SHEET.encode()) + len(SHEET) + 20
    with pytest.raises(BadTable, match="damaged"):
        sheet(PLAIN[:at] + bytes([PLAIN[at] ^ 255]) + PLAIN[at + 1 :], name="t.xlsx")


def test_other_archives_and_old_excel_files_are_told_what_to_become() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("content.xml", "<office/>")
    with pytest.raises(BadTable, match=r"not an Excel workbook of the form \.xlsx; save it as one, or as CSV"):
        sheet(out.getvalue(), name="t.ods")
    with pytest.raises(BadTable, match=r"an old \(\.xls\) or encrypted Excel file; save it as \.xlsx"):
        sheet(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, name="t.xls")


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MOST_UNPACKED", 2**20)
    blown = changed(PLAIN, "xl/styles.xml", lambda xml: xml + b" " * 2**21)
    assert len(blown) < 20_000
    with pytest.raises(BadTable, match="unpacked larger than 1 MB"):
        sheet(blown, name="t.xlsx")


@pytest.mark.parametrize(
    "far",
    [
        '<c r="XFD1048576"><v>1</v></c>',
        "<c r='XFD1048576'/>",
        '<c s=">" r="XFD1048576"><v>1</v></c>',
        '<c r="ZZZZZZ1"/>',
    ],
)
def test_a_cell_at_the_end_of_the_world_takes_no_memory(far: str) -> None:
    row = f'<row r="1048576">{far}</row></sheetData>'.encode()
    content = changed(PLAIN, SHEET, lambda xml: xml.replace(b"</sheetData>", row))
    with pytest.raises(BadTable, match=r"sheet1 reaches to row 1,048,576 and column .*, too far to hold in memory"):
        sheet(content, name="t.xlsx")


def test_a_row_number_without_end_is_refused() -> None:
    content = changed(PLAIN, SHEET, lambda xml: xml.replace(b'<row r="2"', b'<row r="' + b"9" * 5000 + b'"'))
    with pytest.raises(BadTable, match="too far to hold in memory"):
        sheet(content, name="t.xlsx")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_part_that_stands_twice_is_refused() -> None:
    out = io.BytesIO(PLAIN)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(SHEET, "<worksheet/>")
    with pytest.raises(BadTable, match="two parts of one name"):
        sheet(out.getvalue(), name="t.xlsx")


def test_external_entities_are_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'.encode()
    content = changed(PLAIN, SHEET, lambda xml: entity + xml.replace(b"<v>2020</v>", b"<v>&e;</v>"))
    try:
        found = sheet(content, name="t.xlsx").frame.write_csv()
    except BadTable as error:
        found = str(error)
    assert "SECRET" not in found


JUNK = (b"", b"<", b">", b'"', b"9" * 12, b"-1", b"\xff\xfe", b"&#0;", b"</row>", b"XFE0", b"\0")


@given(st.data())
@settings(max_examples=150)
def test_damaged_parts_give_a_table_or_one_message(data: st.DataObject) -> None:
    parts = ["xl/workbook.xml", SHEET, "xl/sharedStrings.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"]
    part = data.draw(st.sampled_from(parts))

    def damage(xml: bytes) -> bytes:
        at = data.draw(st.integers(0, len(xml)))
        cut = data.draw(st.integers(0, 40))
        put = data.draw(st.sampled_from(JUNK))
        return xml[:at] + put + xml[at + cut :]

    try:
        said = sheet(changed(PLAIN, part, damage), name="t.xlsx").read(numbers=["a"]).file
    except BadTable as error:
        said = str(error)
    assert said.startswith("t.xlsx")
