"""The PDF: tagged, the same bytes everywhere, the text that was given."""

import os
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from softpower.brief.pdf import MissingLetters, write_pdf
from softpower.brief.section import Brief
from softpower.drawing.letters import Letters, visible
from softpower.drawing.theme import printable
from tests.brief.demo import NASTY, demo, hostile


@cache
def made(kind: Callable[[], Brief]) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MissingLetters)
        return write_pdf(kind())


def reader(kind: Callable[[], Brief]) -> PdfReader:
    return PdfReader(BytesIO(made(kind)))


def bare(text: str) -> str:
    """Text without white space and soft breaks, so that layout does not matter."""
    return re.sub(r"[\s\u200b\u2060]+", "", text)


def root(kind: Callable[[], Brief]) -> Any:
    return reader(kind).trailer["/Root"]


def printed(kind: Callable[[], Brief]) -> str:
    return bare("".join(page.extract_text() for page in reader(kind).pages))


def test_pdf_is_tagged_and_names_its_language_and_title():
    catalogue = root(demo)
    assert bool(catalogue["/MarkInfo"]["/Marked"])
    assert "/StructTreeRoot" in catalogue
    assert catalogue["/Lang"] == "en"
    metadata = reader(demo).metadata
    assert metadata is not None
    assert metadata.title == "Kazakhstan: Country brief: soft power"
    assert metadata.creation_date is None


def test_drawings_carry_words_and_tables_have_heads():
    roles: list[str] = []
    words: list[str] = []

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            roles.append(node.get("/S", ""))
            if "/Alt" in node:
                words.append(node["/Alt"])
            if "/K" in node:
                walk(node["/K"])

    walk(root(demo)["/StructTreeRoot"]["/K"])
    assert roles.count("/H1") == 1
    assert {"/H2", "/H3", "/Table", "/TH", "/Figure", "/Link"} <= set(roles)
    assert "Scatter of performance against potential" in words
    assert len(words) >= 8


@pytest.mark.parametrize("kind", [demo, hostile])
def test_pages_are_a4_and_numbered(kind: Callable[[], Brief]) -> None:
    pages = reader(kind).pages
    for number, page in enumerate(pages, start=1):
        assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
        assert re.search(rf"\b{number}\s*/\s*{len(pages)}\b", page.extract_text())
        assert kind is hostile or "Kazakhstan · softpower brief" in page.extract_text()


def test_text_printed_is_the_text_given():
    letters = Letters()
    page = printed(hostile)
    for nasty in NASTY:
        assert bare(letters.text(visible(nasty))) in page, nasty
    for sentence in (
        "Among five peers only Türkiye is clearly ahead",
        "31st\u201355th",
        "\u22125.5 to +4.5",
        "not measured",
    ):
        assert bare(sentence) in printed(demo)


def test_typst_markup_in_a_text_is_printed_not_run():
    assert bare('#read("/etc/passwd") *bold* $x$ `raw` @ref <label> \\') in printed(hostile)
    assert "root:" not in printed(hostile)


def test_every_record_has_a_row_and_every_value_a_link():
    text = printed(demo)
    for record in demo().ledger:
        assert bare(record.label) in text
    links = sum(len(page.get("/Annots", [])) for page in reader(demo).pages)
    assert links >= 40


def test_only_bundled_fonts_are_used():
    resources: list[Any] = [page["/Resources"] for page in reader(demo).pages]
    fonts = [font.get_object() for resource in resources for font in resource["/Font"].values()]
    names = {str(font["/BaseFont"]).split("+")[-1] for font in fonts}
    assert names
    assert all(name.startswith(("Literata", "NotoSans")) for name in names), names


def test_letters_outside_the_fonts_are_replaced_and_named():
    with pytest.warns(MissingLetters, match="中"):
        content = write_pdf(replace(demo(), name="中国 العربية Việt Nam"))
    first = PdfReader(BytesIO(content)).pages[0].extract_text()
    assert "?? ??????? Viet Nam" in first


def test_letters_the_fonts_have_are_left_alone():
    text = "Қазақстан, Türkiye, O\u02bbzbekiston, Côte d\u2019Ivoire \u2212 5\u20137"
    letters = Letters()
    assert letters.text(text) == text
    assert not letters.missing
    assert set(text) <= printable()


def test_marks_without_a_picture_go_without_a_warning():
    letters = Letters()
    assert letters.text("a\u202eb\u200dc\x00d\u200fe") == "abcde"
    assert not letters.missing


RUN = """
import hashlib
from softpower.brief.pdf import write_pdf
from softpower.brief.html import write_html
from tests.brief.demo import demo
for write in (write_pdf, write_html):
    print(hashlib.sha256(write(demo())).hexdigest())
"""


def test_bytes_are_the_same_in_any_time_zone_locale_and_number_of_threads():
    settings = (
        {"TZ": "Asia/Almaty", "LC_ALL": "C", "RAYON_NUM_THREADS": "1", "PYTHONHASHSEED": "1"},
        {"TZ": "America/Lima", "LC_ALL": "tr_TR.UTF-8", "RAYON_NUM_THREADS": "4", "PYTHONHASHSEED": "2"},
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", RUN], env=os.environ | more, capture_output=True, text=True, check=True
        ).stdout
        for more in settings
    }
    assert len(outputs) == 1
    assert len(outputs.pop().split()) == 2
