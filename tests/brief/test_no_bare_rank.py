"""No rank stands anywhere without its interval: read from the finished HTML, PDF and JSON, whatever made them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from softpower.brief import compose
from softpower.brief.html import write_html
from softpower.brief.json import write_json
from softpower.brief.pdf import write_pdf
from softpower.brief.section import (
    Block,
    Brief,
    Cell,
    Column,
    Facts,
    Figure,
    Ledger,
    Paragraph,
    Questions,
    Record,
    Result,
    Results,
    Row,
    Section,
    Table,
    Value,
)
from softpower.drawing.marks import Chart
from softpower.index import CellStatus, Index, Trend
from softpower.vectors.profile import profile
from softpower.world import country, members
from tests.brief.bare_ranks import in_drawing, in_html, in_json, in_pdf, in_text
from tests.brief.pages_read import Label, PageRead, read_html, read_pdf


@dataclass(frozen=True)
class Written:
    """A brief in its three forms, as read back."""

    html: PageRead
    pdf: PageRead
    json: dict[str, Any]


KINDS = ("Kazakhstan", "a large state", "ranked with gaps", "not ranked")


def _written(brief: Brief) -> Written:
    return Written(read_html(write_html(brief)), read_pdf(write_pdf(brief)), json.loads(write_json(brief)))


def _with_most_gaps(index: Index) -> str:
    gaps = (index.panel.status[0] == CellStatus.MISSING).sum(axis=1)
    return max(index.units, key=lambda iso3: int(gaps[index.panel.units.index(iso3)]))


@pytest.fixture(scope="module")
def written(index: Index, back_cast: Trend) -> Mapping[str, Written]:
    """A brief of each kind, as read back."""
    unranked = next(each.iso3 for each in members() if not index.is_ranked(each.iso3))
    codes = ("KAZ", "USA", _with_most_gaps(index), unranked)
    return {
        kind: _written(compose(index, country(iso3), trend=back_cast, ties=profile(iso3, draws=50)))
        for kind, iso3 in zip(KINDS, codes, strict=True)
    }


@pytest.mark.parametrize("kind", KINDS)
def test_no_rank_in_the_html_lacks_its_interval(written: Mapping[str, Written], kind: str) -> None:
    brief = written[kind]
    assert in_html(brief.html, brief.json["ranked_states"]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_rank_in_the_pdf_lacks_its_interval(written: Mapping[str, Written], kind: str) -> None:
    brief = written[kind]
    assert in_pdf(brief.pdf, brief.html, brief.json["ranked_states"]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_rank_in_the_json_lacks_its_interval(written: Mapping[str, Written], kind: str) -> None:
    brief = written[kind]
    assert in_json(brief.json, brief.json["ranked_states"]) == []


def test_only_the_state_that_is_not_ranked_has_no_rank(written: Mapping[str, Written]) -> None:
    for kind, brief in written.items():
        has_rank = any("rank" in record for record in brief.json["records"])
        assert has_rank == (kind != "not ranked")
        for page in (brief.html, brief.pdf):
            assert bool(re.search(r"rank \d+\u2013", _cells(page))) == has_rank


@pytest.mark.parametrize("form", ["html", "pdf"])
def test_what_the_reader_finds_is_the_whole_page(written: Mapping[str, Written], form: str) -> None:
    brief = written["Kazakhstan"]
    page: PageRead = getattr(brief, form)
    spoken = " ".join(page.text.split()).replace("\u2013 ", "\u2013")  # a line may end after a dash
    assert brief.json["finding"] in spoken
    assert "observed 9th of 193" in spoken
    assert any("90% interval" in name for name in page.names)
    headings = [heading for table in page.tables for heading in table.headings]
    assert sum("rank" in heading.lower() for heading in headings) >= 3
    assert {"Observed rank", "Interval"} <= set(headings)
    for record in brief.json["records"]:
        assert record["label"] in _cells(page)
    assert len(page.drawings) >= 5
    assert any(re.search(r"\d+\u2013\d+", label.text) for drawing in page.drawings for label in drawing)


def _cells(page: PageRead) -> str:
    return " | ".join(cell for table in page.tables for row in table.rows for cell in row)


# The reader can fail.

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100" width="300" height="100">{}</svg>'
AXIS = "".join(f'<text x="{x}" y="90">{x}</text>' for x in (50, 100, 150))
# By number, where each bare rank stands. The last is an interval, but the central rank lies outside it.
PLANTED = {
    41: "finding",
    42: "head",
    43: "headline of a section",
    44: "cell under a heading that says rank",
    45: "cell of a table that speaks of ranks",
    46: "label in a drawing",
    47: "words in place of a drawing",
    48: "table beneath a figure",
    49: "headline result",
    51: "answer",
    52: "fact",
    53: "note",
    54: "label of a record",
    55: "central rank outside its interval",
}
SEEN_ON_SCREEN_ONLY = {48}  # paper has no tables beneath its figures


def planted() -> Brief:
    """A brief with a bare rank in every place that can hold one."""
    ledger = Ledger()
    ledger.add(
        Record(
            id="r",
            label="Rank 54 in performance",
            value=58.0,
            unit="points",
            source_id="model:toy",
            low=50.0,
            high=60.0,
        )
    )
    drawn = SVG.format(AXIS + '<text x="120" y="40">Kazakhstan 46</text>')
    blocks: list[Block] = [
        Facts([("Standing", [Value("52nd", "r"), " of 150"])]),
        Results(
            [
                Result(
                    label="Performance",
                    big=Value("49th", "r"),
                    sub=["of 150 states"],
                    chart=Chart(SVG.format(AXIS), SVG.format(AXIS)),
                    alt="Dots",
                )
            ],
            "Each dot is one of 20.",
        ),
        Table(
            id="scorecard",
            headline="Among its peers",
            sub="Of 150 states",
            columns=[Column(heading="Country"), Column(heading="Performance,\nrank")],
            rows=[Row(cells=[Cell(text=["Kazakhstan"]), Cell(text=[Value("44", "r")])])],
        ),
        Table(
            id="years",
            headline="Over the years",
            sub="Rank among 150 states",
            columns=[Column(heading="Year"), Column(heading="Performance")],
            rows=[Row(cells=[Cell(text=["2005"]), Cell(text=[Value("45", "r")])])],
        ),
        Figure(
            id="figure",
            headline="The path",
            sub="Rank among 150 states",
            chart=Chart(drawn, drawn),
            alt="Kazakhstan ranks 47 in performance.",
            data=Table(
                id="data",
                headline="The figure as a table",
                sub="",
                columns=[Column(heading="Year"), Column(heading="Performance")],
                rows=[Row(cells=[Cell(text=["2005"]), Cell(text=[Value("48", "r")])])],
            ),
        ),
        Questions("Questions", [("Why?", ["It is 51 of 150."])]),
        Paragraph(["Its place is central 53 today."], role="note"),
        Paragraph(["Its potential ranks 60th\u201370th of 150 (90% interval; central 55th)."]),
    ]
    return Brief(
        iso3="KAZ",
        name="Kazakhstan",
        title="Brief",
        head=[("Rank", "42")],
        finding=["Its performance ranks ", Value("41st", "r"), " of 150."],
        sections=[Section(id="one", rail="One", headline="Now it stands 43rd", blocks=blocks)],
        ledger=ledger,
        sources=(),
        meta={},
    )


@pytest.fixture(scope="module")
def spoilt() -> Written:
    """The planted brief, as read back."""
    return _written(planted())


@pytest.mark.parametrize("number", PLANTED, ids=PLANTED.values())
def test_a_bare_rank_in_the_html_is_found(spoilt: Written, number: int) -> None:
    assert _told(number, in_html(spoilt.html, 150))


@pytest.mark.parametrize("number", sorted(PLANTED.keys() - SEEN_ON_SCREEN_ONLY), ids=PLANTED.get)
def test_a_bare_rank_in_the_pdf_is_found(spoilt: Written, number: int) -> None:
    clean = read_html(write_html(planted()).replace(b"Kazakhstan 46", b"Kazakhstan"))
    assert _told(number, in_pdf(spoilt.pdf, clean, 150))


def _told(number: int, faults: list[str]) -> bool:
    return any(re.search(rf"\b{number}(?:st|nd|rd|th)?\b", fault) for fault in faults)


def test_a_bare_rank_in_the_texts_of_the_json_is_found(spoilt: Written) -> None:
    faults = in_json(spoilt.json, 150)
    assert all(_told(number, faults) for number in (41, 43, 54))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda record: record.pop("rank_low"),
        lambda record: record.pop("rank_high"),
        lambda record: record.update(rank_low=None),
        lambda record: record.update(rank=2),
        lambda record: record.update(observed_rank=9),
        lambda record: record.update(central_rank=9),
        lambda record: record.update(place=9),
        lambda record: record.update(unit="rank", low=None),
        lambda record: record.update(unit="places, plus is up", low=None, high=None),
        lambda record: record.update(note="the 9th of all"),
    ],
)
def test_a_record_with_a_bare_rank_is_found(spoil: Callable[[dict[str, Any]], object]) -> None:
    record: dict[str, Any] = {"id": "score:performance:KAZ", "unit": "points", "source_id": "model:soft-power"}
    record |= {"value": 58.0, "low": 50.0, "high": 60.0, "rank": 49, "rank_low": 43, "rank_high": 65}
    assert in_json({"records": [record]}) == []
    spoil(record)
    assert in_json({"records": [record]})


@pytest.mark.parametrize(
    "text",
    [
        "49th",
        "Kazakhstan is 49th of 181",
        "ranks 49",
        "ranked no. 49",
        "Rank: 49",
        "a rank of 49",
        "49 of 181",
        "49 out of 181",
        "#49",
        "central 49th",
        "of 181 states (90% interval; central 49th)",
        "49th of 181 (90% interval; central 49th)",
        "43rd\u201365th of 181 (90% interval; central 70th)",
        "65th\u201343rd",
        "rank 43\u201365, central 70 of 181",
        "observed 9th of 193, performance 49th of 181",
        "Observed ranks: area 9th. Performance 49th.",
    ],
)
def test_these_words_are_a_bare_rank(text: str) -> None:
    assert in_text(text, 181)


@pytest.mark.parametrize(
    "text",
    [
        "43rd\u201365th",
        "43rd\u201365th of 181 (90% interval; central 49th)",
        "43rd\u2013\n65th\nof 181 states (90% interval;\ncentral 49th)",
        "potential 54th\u201375th (central 66th)",
        "1st\u20131st of 181 (90% interval; central 1st)",
        "54.5\u201362.4; rank 43\u201365, central 49 of 181",
        "observed rank 9",
        "(2025; observed 9th of 193)",
        "Observed ranks: area 9th, population 64th pull up; rule of law 120th pulls down.",
        "the 10th percentile of all positive values",
        "90% intervals of the rank among 181 states; a rank needs 65% of each; 181 of 193 members are ranked",
        "central +5.1; above zero in 20 of 20",
    ],
)
def test_these_words_are_none(text: str) -> None:
    assert in_text(text, 181) == []


def _labels(*places: tuple[str, float, float]) -> list[Label]:
    return [Label(text, x, y) for text, x, y in places]


def test_numbers_on_a_scale_are_an_axis_and_others_are_not() -> None:
    axis = [("1", 23.0, 10.0), ("50", 72.0, 10.0), ("100", 122.0, 10.0)]
    upright = [(text, 0.0, x) for text, x, _ in axis]
    assert in_drawing(_labels(*axis, *upright)) == []
    assert len(in_drawing(_labels(*axis, *upright, ("49", 150.0, 40.0)))) == 1
    assert len(in_drawing(_labels(*axis, ("Kazakhstan 49", 150.0, 40.0), ("49th", 0.0, 70.0)))) == 2


def test_a_column_of_bare_ranks_is_no_axis() -> None:
    ranks = [("37", 200.0, 20.0), ("54", 200.0, 40.0), ("30", 200.0, 60.0), ("64", 200.0, 80.0), ("66", 200.0, 100.0)]
    assert len(in_drawing(_labels(*ranks))) == 5


def test_intervals_years_shares_and_differences_in_a_drawing_are_no_ranks() -> None:
    texts = ("43\u201365", "2005", "2014\u20132025", "Ellipse: 90% of draws", "\u221213 to 0", "+5", "2.5", "0")
    assert in_drawing([Label(text, 10.0, 7.0 * place) for place, text in enumerate(texts)]) == []
