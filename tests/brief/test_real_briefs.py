"""Briefs of real states, large, small and not ranked: they are drawn without fault, and their pages are well filled."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from io import BytesIO
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray
from pypdf import PdfReader

from softpower.brief import Brief, compose
from softpower.brief.charts.shifts import Shift, ShiftGroup, Shifts, shifts_chart
from softpower.brief.html import write_html
from softpower.brief.pdf import write_pdf
from softpower.drawing.marks import Axis, Interval
from softpower.index import Index, Trend
from softpower.vectors.profile import profile
from softpower.world import country
from tests.brief.test_charts import drawings, labels

RANKED, UNRANKED = ("KAZ", "USA", "DEU", "GBR", "TUV"), ("PRK", "FSM")
# Millimetres of the page: its height, the margin above, and where the footer begins.
PAGE, TOP, FOOT = 297.0, 15.0, 280.0
PER_MM = 2


@pytest.fixture(scope="module")
def briefs(index: Index, back_cast: Trend) -> Mapping[str, Brief]:
    """One of each state."""
    return {
        iso3: compose(index, country(iso3), trend=back_cast, ties=profile(iso3, draws=50)) for iso3 in RANKED + UNRANKED
    }


@pytest.fixture(scope="module")
def printed(briefs: Mapping[str, Brief]) -> Mapping[str, bytes]:
    """The same as PDF."""
    return {iso3: write_pdf(brief) for iso3, brief in briefs.items()}


@pytest.mark.parametrize("iso3", RANKED + UNRANKED)
def test_page_of_a_real_state_is_written_and_names_it(briefs: Mapping[str, Brief], iso3: str) -> None:
    page = write_html(briefs[iso3]).decode()
    assert f"<h1>{country(iso3).name.replace(chr(39), '&#39;')}" in page.replace("&#x27;", "&#39;")
    assert ("<figure" in page) or iso3 in UNRANKED


@pytest.mark.parametrize("iso3", RANKED + UNRANKED)
def test_no_label_of_a_real_state_touches_another(briefs: Mapping[str, Brief], iso3: str) -> None:
    for name, svg in drawings(briefs[iso3]):
        for (one, box), (two, other) in combinations(labels(svg), 2):
            assert not box.meets(other), f"{name}: {one!r} meets {two!r}"


@pytest.mark.parametrize("iso3", RANKED + UNRANKED)
def test_no_label_of_a_real_state_leaves_its_sheet(briefs: Mapping[str, Brief], iso3: str) -> None:
    names = []
    for name, svg in drawings(briefs[iso3]):
        names.append(name)
        width, height = map(float, ElementTree.fromstring(svg).get("viewBox", "").split()[2:])
        for text, box in labels(svg):
            assert box.left >= -1, f"{name}: {text!r}"
            assert box.right <= width + 1, f"{name}: {text!r}"
            assert box.top >= -1, f"{name}: {text!r}"
            assert box.bottom <= height + 1, f"{name}: {text!r}"
    assert any(name.endswith("narrow") for name in names)


@pytest.mark.parametrize("iso3", RANKED + UNRANKED)
def test_pages_of_a_real_state_are_few(printed: Mapping[str, bytes], iso3: str) -> None:
    pages = len(PdfReader(BytesIO(printed[iso3])).pages)
    low, high = (8, 14) if iso3 in RANKED else (4, 9)
    assert low <= pages <= high


@pytest.mark.parametrize("iso3", RANKED + UNRANKED)
def test_every_page_of_a_real_state_has_its_number(printed: Mapping[str, bytes], iso3: str) -> None:
    """Numbers go wrong first where the layout did not settle."""
    pages = PdfReader(BytesIO(printed[iso3])).pages
    for number, page in enumerate(pages, start=1):
        assert re.search(rf"\b{number}\s*/\s*{len(pages)}\b", page.extract_text())


def test_first_page_of_kazakhstan_is_filled_without_a_hole(printed: Mapping[str, bytes], tmp_path: Path) -> None:
    used = inked(printed["KAZ"], 1, tmp_path)
    assert (used.max() - TOP) / (FOOT - TOP) >= 0.8
    assert np.diff(used).max() <= 15


@pytest.mark.parametrize("iso3", RANKED + UNRANKED)
def test_last_page_of_a_real_state_is_worth_its_paper(printed: Mapping[str, bytes], tmp_path: Path, iso3: str) -> None:
    pages = len(PdfReader(BytesIO(printed[iso3])).pages)
    used = inked(printed[iso3], pages, tmp_path)
    assert (used.max() - TOP) / (FOOT - TOP) >= 0.25


def test_with_eight_peers_the_figure_of_the_first_page_stays_on_it(index: Index, back_cast: Trend) -> None:
    peers = ("UZB", "AZE", "TUR", "MNG", "KGZ", "GEO", "BLR", "UKR")
    page = PdfReader(BytesIO(write_pdf(compose(index, country("KAZ"), trend=back_cast, peers=peers)))).pages[0]
    text = " ".join(page.extract_text().split())
    assert "Ukraine" in text
    assert "Figure 1" in text
    assert "What would change it?" in text


def inked(pdf: bytes, page: int, folder: Path) -> NDArray[np.float64]:
    """Heights, in millimetres from the top, at which a page has ink above its footer."""
    if shutil.which("pdftoppm") is None:
        pytest.skip("no pdftoppm on PATH (on Debian: apt-get install poppler-utils)")
    (folder / "brief.pdf").write_bytes(pdf)
    resolution = f"{25.4 * PER_MM:.1f}"
    drawn = subprocess.run(
        ["pdftoppm", "-gray", "-r", resolution, "-f", str(page), "-l", str(page), str(folder / "brief.pdf")],
        capture_output=True,
        check=True,
    ).stdout
    _, size, _, pixels = drawn.split(b"\n", 3)
    width, height = map(int, size.split())
    ink = (np.frombuffer(pixels, dtype=np.uint8).reshape(height, width) < 250).any(axis=1)
    millimetres = np.flatnonzero(ink) * PAGE / height
    return millimetres[(millimetres >= TOP - 1) & (millimetres < FOOT)]


def test_a_value_too_old_to_count_is_not_called_unmeasured(briefs: Mapping[str, Brief]) -> None:
    page = " ".join(re.sub(r"<[^>]+>", " ", write_html(briefs["PRK"]).decode()).split())
    unmeasured = page.partition("Not measured: ")[2].partition(".")[0]
    assert "exports" in unmeasured
    assert "internet users" not in unmeasured
    assert "too long ago to count: internet users (2012)" in page


@pytest.mark.parametrize(("iso3", "name"), [("USA", "United States"), ("GBR", "United Kingdom")])
def test_a_name_that_takes_an_article_has_it_in_sentences(briefs: Mapping[str, Brief], iso3: str, name: str) -> None:
    page = write_html(briefs[iso3]).decode()
    assert f"the {name}" in page
    assert not re.findall(rf"\b(?:about|for|rank|than|which) {name}", page)


@pytest.mark.parametrize("rows", [[], None])
def test_a_group_without_choices_says_so_instead_of_failing(rows: list[Shift] | None) -> None:
    mark = Interval(low=1, q25=2, central=3, q75=4, high=5, tone="above")
    full = ShiftGroup(heading="Performance", rows=[Shift(label="Without exports", text="+1 to +5", mark=mark)])
    empty = ShiftGroup(heading="Potential", rows=[], none="no choice moves it")
    chart = shifts_chart(
        Shifts(
            title="one empty group" if rows is None else "two empty groups",
            groups=[empty, full] if rows is None else [empty, empty],
            axis=Axis(low=-5, high=5, ticks=[(0, "0")], reference=0.0),
            left="lower",
            right="higher",
            reference_label="no change",
        )
    )
    for svg in (chart.wide, chart.narrow):
        texts = [text for text, _ in labels(svg)]
        assert texts.count("no choice moves it") == (1 if rows is None else 2)
        assert ("+1 to +5" in texts) == (rows is None)


def test_a_choice_that_leaves_out_the_same_as_another_is_shown_once(briefs: Mapping[str, Brief]) -> None:
    from softpower.brief.section import Figure, plain

    for iso3 in RANKED:
        for section in briefs[iso3].sections:
            for block in section.blocks:
                if isinstance(block, Figure) and block.id == "figure-choices" and block.data:
                    shown = [tuple(plain(cell.text) for cell in row.cells[:2]) for row in block.data.rows]
                    assert shown
                    assert len(shown) == len(set(shown))
