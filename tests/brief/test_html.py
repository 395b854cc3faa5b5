"""The HTML page: hostile text stays text, every number leads to its evidence, nothing is fetched."""

import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from softpower.brief.annex import evidence_rows
from softpower.brief.checks import spans
from softpower.brief.html import css_string, write_html
from softpower.brief.section import (
    Block,
    Brief,
    Cell,
    Column,
    Figure,
    Ledger,
    Paragraph,
    Record,
    Row,
    Section,
    Table,
    Value,
)
from softpower.drawing.letters import visible
from softpower.drawing.marks import Axis, Chart, Interval
from softpower.drawing.theme import faces
from tests.brief.demo import demo, hostile, texts

VOID = {"meta", "br", "link", "img", "input"}
ALLOWED = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "a",
    "div",
    "nav",
    "ol",
    "li",
    "main",
    "header",
    "p",
    "span",
    "h1",
    "h2",
    "h3",
    "b",
    "i",
    "sup",
    "section",
    "dl",
    "dt",
    "dd",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "figure",
    "figcaption",
    "details",
    "summary",
    "br",
    "svg",
    "line",
    "circle",
    "path",
    "text",
}


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, and text outside of style."""

    def __init__(self, content: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.stack: list[tuple[str, dict[str, str | None]]] = []
        self.rows: dict[str, list[str]] = {}
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append((tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.stack and self.stack[-1][0] != "style":
            self.text.append(data)
            for _, attributes in self.stack:
                if re.match("[es]-", row := attributes.get("id") or ""):
                    self.rows.setdefault(row, []).append(data)


def bare(text: str) -> str:
    """Text without white space, so that layout does not matter."""
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="module")
def page():
    return Page(write_html(demo()))


@pytest.fixture(scope="module")
def hostile_page():
    return Page(write_html(hostile()))


def test_hostile_text_adds_no_element_and_no_attribute(page, hostile_page):
    assert {tag for tag, _ in hostile_page.elements} <= ALLOWED
    assert {name for _, attributes in hostile_page.elements for name in attributes} == {
        name for _, attributes in page.elements for name in attributes
    }
    assert not [name for _, attributes in hostile_page.elements for name in attributes if name.startswith("on")]
    assert write_html(hostile()).count(b"</style>") == 1


def test_text_printed_is_the_text_given(hostile_page):
    printed = bare("".join(hostile_page.text))
    attributes = bare("".join(v or "" for _, a in hostile_page.elements for v in a.values()))
    brief = hostile()
    for text in texts((brief.name, brief.title, brief.head, brief.finding, brief.sections, brief.sources)):
        wanted = bare(visible(text.replace("\n", " ")))
        assert wanted in printed or wanted in attributes or text in _unprinted(brief), text


def _unprinted(brief: Brief) -> set[str]:
    """Roles, record ids and the like: strings of a brief that are no text."""
    return (
        {"body", "note", "left", "right", "page", "annex", "full", "two-thirds", "focus", "peer", "above", "below"}
        | {record.id for record in brief.ledger}
        | {source.id for source in brief.sources}
        | {"scatter-data"}
    )


def test_every_link_leads_to_a_place_on_the_page(hostile_page):
    places = [attributes["id"] for _, attributes in hostile_page.elements if "id" in attributes]
    links = [attributes["href"] for tag, attributes in hostile_page.elements if tag == "a"]
    assert len(places) == len(set(places))
    assert links
    for link in links:
        assert link.startswith("#"), link
        assert link[1:] in places, link


def test_every_value_links_to_the_row_of_its_record(page):
    brief = demo()
    numbers = {record.id: number for number, record in enumerate(brief.ledger, start=1)}
    values = [span for span in spans(brief) if isinstance(span, Value)]
    linked = [a["href"] for tag, a in page.elements if tag == "a" and a.get("class") == "value"]
    assert values
    assert set(linked) == {f"#e-{numbers[value.record_id]}" for value in values}
    for record in brief.ledger:
        assert record.label in "".join(page.rows[f"e-{numbers[record.id]}"])


def test_every_evidence_row_names_its_interval_year_status_and_source(page):
    rows = {row.number: row for row in evidence_rows(demo())}
    first = "".join(page.rows["e-1"])
    assert "40.2\u201358.0; rank 30\u201360, central 49 of 185" in first
    assert "own calculation" in first
    area = next(row for row in rows.values() if row.interval.startswith("observed rank"))
    assert area.interval == "observed rank 9 of 193"
    assert "World Development Indicators" in "".join(page.rows[f"e-{area.number}"])
    assert "not measured" in "".join(page.rows[f"e-{len(rows)}"])


def test_page_fetches_nothing_and_runs_nothing():
    page = write_html(hostile()).decode()
    outside_fonts = re.sub(r"url\(data:font/woff2;base64,[A-Za-z0-9+/=]+\)", "", page)
    style = outside_fonts.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:" in page


def test_headings_leave_out_no_level(page):
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_tables_have_captions_and_heads_and_drawings_have_words(page):
    tables = sum(tag == "table" for tag, _ in page.elements)
    assert tables == sum(tag == "caption" for tag, _ in page.elements)
    assert all("scope" in attributes for tag, attributes in page.elements if tag == "th")
    assert all(a.get("aria-label") for _, a in page.elements if a.get("role") == "img")
    assert dict(page.elements)["html"] == {"lang": "en"}


def test_same_brief_gives_the_same_bytes():
    assert write_html(demo()) == write_html(demo())


def test_page_carries_only_the_letters_it_needs():
    plain = write_html(demo())
    kazakh = write_html(replace(demo(), name="Қазақстан"))
    assert len(plain) < 420_000
    assert len(plain) < len(kazakh) < 560_000
    for content in (plain, kazakh):
        ranges = re.findall(r"font-family:\"([^\"]+)\".*?unicode-range:([^;]+);", content.decode())
        embedded = {(family, span) for family, span in ranges}
        letters = set("".join(Page(content).text))
        for face in faces():
            for half in "ab":
                if letters & face.halves[half] and face.family != "Literata":
                    assert (face.family, face.ranges[half]) in embedded


def test_style_sheet_strings_hold_no_markup():
    assert css_string('"}</style><script>') == '"\\22 \\7d \\3c \\2f style\\3e \\3c script\\3e "'


# Briefs that must not be written.


def small(*blocks: Block, records: Sequence[Record] = ()) -> Brief:
    ledger = Ledger()
    for record in records:
        ledger.add(record)
    section = Section(id="one", rail="One", headline="One", blocks=blocks)
    return Brief(
        iso3="KAZ",
        name="Kazakhstan",
        title="Brief",
        head=(),
        finding=(),
        sections=(section,),
        ledger=ledger,
        sources=(),
        meta={},
    )


def table(mark: Interval | None = None, columns: int = 2) -> Table:
    axis = Axis(low=0, high=1, ticks=())
    cells = (Cell(text=("a",)), Cell(text=("b",), mark=mark))
    return Table(
        id="t",
        headline="T",
        sub="",
        columns=[Column(heading="A"), Column(heading="B", axis=axis)][:columns],
        rows=[Row(cells=cells)],
    )


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_is_refused(bad):
    record = Record(id="r", label="r", value=bad, unit="", source_id="")
    with pytest.raises(ValueError, match=r"record r: .* is not a finite number"):
        write_html(small(records=[record]))
    mark = Interval(low=0, q25=0, central=bad, q75=1, high=1)
    with pytest.raises(ValueError, match=r"table t: .* is not a finite number"):
        write_html(small(table(mark)))


def test_a_value_without_record_is_refused():
    with pytest.raises(ValueError, match="'12' names the record 'nowhere'"):
        write_html(small(Paragraph((Value("12", "nowhere"),))))


def test_two_blocks_of_one_id_are_refused():
    with pytest.raises(ValueError, match="share the id 't'"):
        write_html(small(table(), table()))


def test_a_row_with_too_many_cells_is_refused():
    with pytest.raises(ValueError, match="2 cells under 1 columns"):
        write_html(small(table(columns=1)))


def test_a_drawing_with_a_script_is_refused():
    bad = '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
    with pytest.raises(ValueError, match="may not hold <script>"):
        write_html(small(Figure(id="f", headline="F", sub="", chart=Chart(wide=bad, narrow=bad), alt="f")))
