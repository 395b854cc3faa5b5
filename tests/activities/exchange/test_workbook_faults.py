"""Workbooks that are torn, swollen or built to harm: refused in bounded time and memory."""

from __future__ import annotations

import io
import random
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from softpower.activities.exchange import BadEntries, read_file
from softpower.activities.exchange import rows as table_rows
from softpower.activities.exchange.sheets import xlsx_bytes
from softpower.errors import SoftPowerError
from tests.activities.exchange.made import activity

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
BOOK = f'<workbook {MAIN} xmlns:r="{LINKS}"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>'
RELS = (
    f'<Relationships><Relationship Id="rId1" Type="{LINKS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)
BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def made(folder: Path, sheet: str | bytes, **parts: str) -> Path:
    path = folder / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", parts.get("workbook", BOOK))
        archive.writestr("xl/_rels/workbook.xml.rels", RELS)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        if "strings" in parts:
            archive.writestr("xl/sharedStrings.xml", parts["strings"])
    return path


def refused(path: Path) -> str:
    with pytest.raises(BadEntries) as caught:
        read_file(path)
    return str(caught.value)


def worksheet(within: str) -> str:
    return f"<worksheet {MAIN}><sheetData>{within}</sheetData></worksheet>"


def test_a_workbook_torn_anywhere_is_refused_or_whole(tmp_path):
    content = xlsx_bytes([activity()])
    path = tmp_path / "a.xlsx"
    for length in [*range(4, 60), *range(60, len(content), 997)]:
        path.write_bytes(content[:length])
        assert "xlsx" in refused(path)


def test_a_workbook_with_bytes_changed_is_refused_or_read(tmp_path):
    content, draw = bytearray(xlsx_bytes([activity()])), random.Random(5)
    path = tmp_path / "a.xlsx"
    refusals = 0
    for _ in range(150):
        damaged = bytearray(content)
        for _ in range(3):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        path.write_bytes(damaged)
        try:
            read_file(path)
        except SoftPowerError:
            refusals += 1
    assert refusals > 30


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", BOOK)
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(520):
                part.write(b" " * 2**20)
    tracemalloc.start()
    started = time.process_time()
    told = refused(path)
    seconds, (_, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "unpacked larger than 512 MB" in told
    assert (seconds < 2, peak < 8 * 2**20) == (True, True)


def test_a_part_that_says_it_is_smaller_than_it_is_does_not_unpack_further(tmp_path):
    path = made(tmp_path, worksheet("<row/>") + " " * 10**6)
    content = bytearray(path.read_bytes())
    size = len(worksheet("<row/>") + " " * 10**6).to_bytes(4, "little")
    assert content.count(size) == 2
    path.write_bytes(bytes(content).replace(size, (20).to_bytes(4, "little")))
    assert "a damaged or encrypted Excel workbook" in refused(path)


@pytest.mark.parametrize("part", ["sheet", "strings", "workbook"])
def test_a_workbook_that_declares_entities_is_refused(tmp_path, part):
    parts = {"sheet": worksheet("<row/>"), "strings": f"<sst {MAIN}/>", "workbook": BOOK}
    parts[part] = BOMB + parts[part]
    told = refused(made(tmp_path, parts.pop("sheet"), **parts))
    assert "declares a document type" in told


@pytest.mark.parametrize(
    ("within", "told"),
    [
        ("<a>" * 100_000, "elements without end"),
        ("<row>" + "<c/>" * 16_385 + "</row>", "a cell without end"),
        ('<row><c r="ZZZZ1"><v>1</v></c></row>', "a cell ZZZZ1"),
        ('<row><c t="s"><v>9</v></c></row>', "not a readable Excel workbook"),
        ('<row r="2000000"><c><v>1</v></c></row>', "columns are missing"),
        ('<row r="1"></row><row r="1', "a damaged or encrypted Excel workbook"),
        ("", "the file is empty"),
    ],
    ids=["nested", "beside", "far", "no such text", "late", "torn", "empty"],
)
def test_sheets_that_no_program_writes_are_refused(tmp_path, within, told):
    assert told in refused(made(tmp_path, worksheet(within)))


def test_a_small_workbook_with_a_tag_without_end_is_refused_in_little_time(tmp_path):
    path = made(tmp_path, worksheet("<row a='" + "a" * 60_000_000))
    assert path.stat().st_size < 200_000
    started = time.process_time()
    assert "a tag or a comment without end" in refused(path)
    assert time.process_time() - started < 2


def test_empty_rows_without_end_are_refused_in_little_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(table_rows, "LAST_ROW", 50_000)
    path = made(tmp_path, worksheet("<row/>" * 100_000))
    tracemalloc.start()
    told = refused(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "row 50001: more than 150,000 rows" in told
    assert peak < 2 * 2**20


def test_text_in_pieces_and_text_read_aloud_are_told_apart(tmp_path):
    strings = (
        f"<sst {MAIN}><si><r><t>for</t></r><r><rPr/><t>um</t></r><rPh><t>aloud</t></rPh></si>"
        "<si><t>a_x000D_b_x005F_</t></si></sst>"
    )
    head = ("id", "title", "instrument", "sender", "start")
    cells = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in head)
    row = '<c t="inlineStr"><is><t>A</t></is></c><c t="s"><v>1</v></c><c t="s"><v>0</v></c>'
    row += '<c t="str"><v>KAZ</v></c><c><v>2024</v></c>'
    (found,) = read_file(made(tmp_path, worksheet(f"<row>{cells}</row><row>{row}</row>"), strings=strings))
    assert (found.instrument, found.title["en"], found.start.year) == ("forum", "a b_", 2024)  # a title has one line


def test_formulas_of_rules_about_cells_are_none_of_the_cells(tmp_path):
    rows = [("id", "title", "instrument", "sender", "start"), ("A", "x", "forum", "KAZ", "2024")]
    texts = [[f'<c t="str"><v>{text}</v></c>' for text in row] for row in rows]
    cells = "".join(f"<row>{''.join(row)}</row>" for row in texts)
    rule = "<extLst><ext><f xmlns='urn:a'>words!A1:A9</f></ext></extLst></worksheet>"
    assert [each.id for each in read_file(made(tmp_path, worksheet(cells).replace("</worksheet>", rule)))] == ["A"]


def test_an_encrypted_or_macro_free_archive_without_a_workbook_is_refused(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    path = tmp_path / "a.xlsx"
    path.write_bytes(buffer.getvalue())
    assert "not an Excel workbook of the form .xlsx" in refused(path)
