"""The section "What it did": for whom it is there, and that it says no more than the register and the effects."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from datetime import date
from itertools import combinations
from xml.etree import ElementTree

import pytest

from softpower.activities.bundled import bundled_activities
from softpower.activities.dossier import Dossier, dossier
from softpower.brief import compose
from softpower.brief.checks import check, spans
from softpower.brief.html import write_html
from softpower.brief.json import write_json
from softpower.brief.pdf import write_pdf
from softpower.brief.section import Brief, Figure, Section, Table, Value, plain
from softpower.brief.whatitdid.effects import finding, said
from softpower.index import Index, Trend
from softpower.world import country, members
from tests.brief.bare_ranks import in_html, in_json, in_pdf
from tests.brief.pages_read import read_html, read_pdf
from tests.brief.test_charts import drawings, labels

DAY = date(2025, 12, 31)
CAUSAL = re.compile(r"\b(raised|lowered|caused|led to|brought|thanks to|boosted)\b")


@pytest.fixture(scope="module")
def found() -> Mapping[str, Dossier]:
    """Of each country that the register is about."""
    return {iso3: each for iso3 in ("KAZ", "TUR") if (each := dossier(iso3, as_of=DAY)) is not None}


@pytest.fixture(scope="module")
def briefs(index: Index, back_cast: Trend, found: Mapping[str, Dossier]) -> Mapping[str, Brief]:
    return {iso3: compose(index, country(iso3), trend=back_cast, done=each) for iso3, each in found.items()}


def section(brief: Brief) -> Section:
    (one,) = [each for each in brief.sections if each.id == "what-it-did"]
    return one


def table(brief: Brief, id: str) -> Table:
    (one,) = [each for each in section(brief).blocks if isinstance(each, Table) and each.id == id]
    return one


def test_only_countries_that_the_register_is_about_have_the_section(index: Index, back_cast: Trend) -> None:
    """Germany, France and others are senders in the register too, but only in Türkiye."""
    with_one = [each.iso3 for each in members() if dossier(each.iso3, as_of=DAY) is not None]
    assert with_one == ["KAZ", "TUR"]
    bare = compose(index, country("DEU"), trend=back_cast)
    assert "what-it-did" not in [each.id for each in bare.sections]
    same = compose(index, country("DEU"), trend=back_cast, done=dossier("DEU", as_of=DAY))
    assert write_json(bare) == write_json(same)


def test_it_is_sound_and_every_number_opens_to_a_publication(briefs: Mapping[str, Brief]) -> None:
    for brief in briefs.values():
        check(brief)
        sources = {each.id: each for each in brief.sources}
        records = {each.id: each for each in brief.ledger}
        printed = {each.record_id for each in spans(brief) if isinstance(each, Value)}
        mine = [
            each for id, each in records.items() if id.split(":")[0] in ("planned", "realised", "delivered", "effect")
        ]
        assert mine
        for record in mine:
            assert record.id in printed
            assert record.source_id in sources
        for source in sources.values():
            if source.id.startswith("activity:"):
                entry = next(each for each in bundled_activities() if f"activity:{each.id}" == source.id)
                assert all(each.url in source.address for each in entry.sources)
                assert all(each.publisher in source.publisher for each in entry.sources if each.publisher)


def test_labels_keep_apart_and_inside_their_sheets(briefs: Mapping[str, Brief]) -> None:
    for brief in briefs.values():
        mine = dataclasses.replace(brief, sections=[section(brief)])
        drawn = list(drawings(mine))
        assert {name.split()[0] for name, _ in drawn} == {"figure-activities", "figure-effect"}
        for name, svg in drawn:
            width, height = map(float, ElementTree.fromstring(svg).get("viewBox", "").split()[2:])
            for text, box in labels(svg):
                inside = min(box.left, box.top) >= -1 and box.right <= width + 1 and box.bottom <= height + 1
                assert inside, f"{name}: {text!r}"
            for (one, box), (two, other) in combinations(labels(svg), 2):
                assert not box.meets(other), f"{name}: {one!r} meets {two!r}"


def test_no_number_of_it_can_be_taken_for_a_rank(briefs: Mapping[str, Brief], index: Index) -> None:
    for brief in briefs.values():
        ranked = len(index.units)
        html = read_html(write_html(brief))
        assert in_html(html, ranked) == []
        assert in_pdf(read_pdf(write_pdf(brief)), html, ranked) == []
        assert in_json(json.loads(write_json(brief)), ranked) == []


def test_planned_and_realised_figures_are_those_of_the_register_and_claims_are_labelled(
    briefs: Mapping[str, Brief], found: Mapping[str, Dossier]
) -> None:
    rows = {
        plain(row.cells[0].text): [plain(cell.text) for cell in row.cells[1:]]
        for row in table(briefs["KAZ"], "table-delivery").rows
    }
    assert rows['EXPO 2017 "Future Energy": visits'] == ["5,000,000", "3,997,545 claimed", "80%"]
    assert rows["Fifth World Nomad Games, 2024: athletes"] == ["4,000\u20135,000", "2,500 claimed", "50\u201363%"]
    figures = [each for each in found["KAZ"].delivery.figures if each.ratio is not None]
    assert len(rows) == len(figures)
    assert sum(cells[1].endswith("claimed") for cells in rows.values()) == sum(each.claimed for each in figures)
    (only,) = table(briefs["TUR"], "table-delivery").rows
    assert [plain(cell.text) for cell in only.cells[1:]] == ["100", "not known", "not known"]


def test_the_timeline_has_a_row_for_every_entry(briefs: Mapping[str, Brief], found: Mapping[str, Dossier]) -> None:
    for iso3, brief in briefs.items():
        (figure,) = [
            each for each in section(brief).blocks if isinstance(each, Figure) and each.id == "figure-activities"
        ]
        assert figure.data is not None
        assert [plain(row.cells[-1].text) for row in figure.data.rows] == [each.id for each in found[iso3].entries]


def test_what_can_be_said_is_the_verdict_and_no_more(briefs: Mapping[str, Brief], found: Mapping[str, Dossier]) -> None:
    for iso3, brief in briefs.items():
        rows = table(brief, "table-effects").rows
        assert len(rows) == len(found[iso3].worked)
        for row, each in zip(rows, found[iso3].worked, strict=True):
            words = plain(row.cells[3].text)
            assert words == said(each)
            assert bool(CAUSAL.search(words)) == (each.verdict in ("higher", "lower"))
        seen = any(each.verdict in ("higher", "lower") for each in found[iso3].worked)
        assert ("no change can be shown" in section(brief).headline) == (not seen)
        note = plain(table(brief, "table-effects").note)
        assert "nothing registered is not nothing done" in note
        assert "Registered around the start" in note


@pytest.mark.parametrize(
    ("verdict", "begins"),
    [
        ("cannot_tell", "Cannot tell: too few"),
        ("no_detectable_change", "No detectable change"),
        ("higher", "Raised visits"),
    ],
)
def test_each_verdict_has_its_words(found: Mapping[str, Dossier], verdict: str, begins: str) -> None:
    one = dataclasses.replace(
        found["KAZ"].worked[0],
        verdict=verdict,
        reasons=("too few donors: nine",),
        told="raised visits by 5%, if nothing else",
    )
    assert said(one).startswith(begins)
    told = finding(dataclasses.replace(found["KAZ"], worked=(one,)))
    assert told.startswith("a change can be shown in 1 of 1" if verdict == "higher" else "no change can be shown")


def test_effects_stand_with_their_intervals(briefs: Mapping[str, Brief]) -> None:
    rows = table(briefs["KAZ"], "table-effects").rows
    assert all(
        re.fullmatch(r"[+\u2212]?\d+% \([+\u2212]?\d+ to [+\u2212]?\d+\)", plain(row.cells[1].text)) for row in rows
    )
    assert all(re.fullmatch(r"\d+%", plain(row.cells[2].text)) for row in rows)
