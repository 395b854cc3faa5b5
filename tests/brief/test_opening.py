"""The line of facts, the notes below it, and what a model must have for a brief."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from softpower.brief import compose, write_brief
from softpower.brief.annex import evidence_rows
from softpower.brief.section import Brief, Facts, Paragraph, Record, plain
from softpower.cli import main
from softpower.errors import BadRequest
from softpower.index import Index, Trend
from softpower.index.building import load_model
from softpower.world import country


@pytest.fixture(scope="module")
def written(index: Index, back_cast: Trend) -> dict[str, Brief]:
    """Briefs of states whose facts need a word more than others."""
    codes = ("KAZ", "ISR", "SRB", "MAR", "FRA", "CHN", "NRU", "MMR", "PRK")
    return {iso3: compose(index, country(iso3), trend=back_cast) for iso3 in codes}


def _facts(brief: Brief) -> dict[str, str]:
    facts = next(block for block in brief.sections[0].blocks if isinstance(block, Facts))
    return {label: plain(text) for label, text in facts.items}


def _notes(brief: Brief) -> str:
    return " ".join(plain(block.text) for block in brief.sections[0].blocks if isinstance(block, Paragraph))


def _record(brief: Brief, id: str) -> Record:
    return next(record for record in brief.ledger if record.id == id)


def test_neighbours_are_in_the_order_of_their_names_and_territories_are_counted_apart(
    written: dict[str, Brief],
) -> None:
    assert _facts(written["MAR"])["Neighbours"] == "Algeria, Spain and Western Sahara"
    assert _facts(written["CHN"])["Neighbours"] == "14 states and 2 territories"
    assert _facts(written["NRU"])["Neighbours"] == "none"
    told = _record(written["CHN"], "fact:neighbours:CHN").text.removeprefix("14 states and 2 territories: ")
    *most, last = told.split(", ")
    names = [*most, *last.split(" and ")]
    assert len(names) == 16
    assert names == sorted(names)
    assert "Hong Kong (China)" in names


def test_areas_leave_out_what_is_kept_apart(written: dict[str, Brief]) -> None:
    assert _facts(written["MAR"])["Area"].startswith("446,550 km²")
    assert _facts(written["FRA"])["Area"].startswith("551,500 km²")


def test_notes_on_the_country_and_on_neighbours_that_are_kept_apart_stand_below_the_facts(
    written: dict[str, Brief],
) -> None:
    for iso3, noted in (("ISR", ("ISR", "PSE")), ("SRB", ("XKX",)), ("MAR", ("ESH",))):
        assert all(country(each).note in _notes(written[iso3]) for each in noted)
    for iso3 in ("KAZ", "FRA", "NRU"):
        assert _notes(written[iso3]) == ""


def test_a_capital_that_differs_from_the_factbook_says_why(written: dict[str, Brief]) -> None:
    assert _facts(written["NRU"])["Capital"] == "none; government in Yaren"
    assert "no official capital" in _record(written["NRU"], "fact:capital:NRU").note
    assert "capital since 2006" in _record(written["MMR"], "fact:capital:MMR").note
    assert _record(written["KAZ"], "fact:capital:KAZ").note == ""


def test_places_and_shares_are_whole_places_and_percentages_in_the_evidence(written: dict[str, Brief]) -> None:
    rows = evidence_rows(written["KAZ"])
    records = list(written["KAZ"].ledger)
    seen = set()
    for row, record in zip(rows, records, strict=True):
        if record.unit == "places, plus is up":
            assert "." not in row.value + row.interval
            seen.add("places")
        if record.unit == "share 0-1":
            assert row.value.endswith("%")
            seen.add("share")
        if record.id.startswith("shift:") and record.unit != "points":
            assert float(record.low or 0).is_integer()
            assert float(record.high or 0).is_integer()
    assert seen == {"places", "share"}


@pytest.mark.parametrize("out", ["", " "])
def test_a_folder_without_a_name_is_refused(out: str) -> None:
    with pytest.raises(BadRequest, match="no name"):
        write_brief("KAZ", out=out)
    answer = CliRunner().invoke(main, ["brief", "KAZ", "--out", out])
    assert answer.exit_code == 2
    assert "no name" in answer.stderr


def test_a_model_that_no_brief_can_be_made_from_is_refused_in_one_sentence(tmp_path: Path) -> None:
    model = load_model()
    with pytest.raises(BadRequest, match=r"a brief needs an \[expectation\]"):
        write_brief("KAZ", out=tmp_path, model=model.model_copy(update={"expectation": None}))
    nodes = {("might" if id == "potential" else id): node for id, node in model.nodes.items()}
    with pytest.raises(BadRequest, match="a brief needs the top nodes potential and performance"):
        write_brief("KAZ", out=tmp_path, model=model.model_copy(update={"nodes": nodes}))
    assert not list(tmp_path.iterdir())
