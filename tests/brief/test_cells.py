"""The printed value of an indicator against the published observations of the years that its note names."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl
import pytest

from softpower.brief import compose
from softpower.brief.context import Context
from softpower.brief.section import Brief, Record
from softpower.evidence import indicator, observations
from softpower.index import CellStatus, Index, Trend
from softpower.world import country

CODES = ("KAZ", "ISR", "MAR", "NRU", "FRA", "PRK")


@pytest.fixture(scope="module")
def briefs(index: Index, back_cast: Trend) -> dict[str, Brief]:
    """Briefs of states with many and with few observations, ranked and not ranked."""
    return {iso3: compose(index, country(iso3), trend=back_cast) for iso3 in CODES}


def _cells(brief: Brief, status: str) -> Iterator[tuple[str, Record]]:
    """The records of indicators with a status, each with the name of its indicator."""
    for record in brief.ledger:
        if record.id.startswith("indicator:") and record.status == status:
            yield record.id.split(":")[1], record


def _published(index: Index, name: str, iso3: str) -> dict[int, float]:
    rows = observations([index.model.indicators[name].series]).filter(pl.col("iso3") == iso3)
    return dict(zip(rows["year"].to_list(), rows["value"].to_list(), strict=True))


def _named(record: Record, published: dict[int, float]) -> list[int]:
    """The published years that a note names; without a mean that is the year of the record."""
    assert record.year is not None
    if not record.note.startswith("mean"):
        return [record.year]
    years = [int(year) for year in re.findall(r"\b(?:19|20)\d\d\b", record.note)]
    assert len(years) == 2, record.note
    found = [year for year in published if years[0] <= year <= years[1]]
    told = re.search(r"(\d+) years", record.note)
    assert len(found) == (int(told[1]) if told else 2), (record.id, record.note)
    return found


@pytest.mark.parametrize("iso3", CODES)
def test_a_printed_value_is_the_mean_of_the_published_values_of_the_years_it_names(
    briefs: dict[str, Brief], index: Index, iso3: str
) -> None:
    compared = 0
    for name, record in _cells(briefs[iso3], "observed"):
        published = _published(index, name, iso3)
        years = _named(record, published)
        assert record.value == pytest.approx(sum(published[year] for year in years) / len(years), rel=1e-8), record.id
        assert max(years) == record.year
        compared += 1
    assert compared >= 8


@pytest.mark.parametrize("iso3", CODES)
def test_no_newer_published_value_is_passed_over_and_an_old_one_is_said_to_be_carried_forward(
    briefs: dict[str, Brief], index: Index, iso3: str
) -> None:
    for name, record in _cells(briefs[iso3], "observed"):
        each = index.model.indicators[name]
        end = index.year + 1 if each.vintage else min(index.year, each.until)
        assert record.year == max(year for year in _published(index, name, iso3) if year <= end), record.id
        is_old = record.year <= index.year - each.window  # also where a series ends early or an edition is old
        assert record.note.endswith("carried forward") == is_old, record.id


def test_an_observed_rank_counts_only_states_for_which_the_source_has_a_value(index: Index) -> None:
    context = Context(home=country("KAZ"), index=index, built=index.model.variant(""), trend=None, peers=())
    k = index.panel.indicators.index("aid_given")
    listed = [
        unit
        for unit, status in zip(index.panel.units, index.panel.status[0, :, k], strict=True)
        if status not in (CellStatus.ZERO, CellStatus.MISSING)
    ]
    givers = {unit for unit in index.panel.units if _published(index, "aid_given", unit)}
    assert set(listed) <= givers
    assert context.known_in("aid_given") == len(listed) < 100
    rank = context.observed_rank("aid_given", "KAZ")
    assert rank is not None
    assert rank <= len(listed)
    zero = next(unit for unit in index.panel.units if unit not in givers and unit not in ("CHN", "IND", "BRA"))
    assert context.observed_rank("aid_given", zero) is None


def test_a_state_without_a_world_heritage_site_has_none_and_no_rank(briefs: dict[str, Brief]) -> None:
    # UNESCO World Heritage List: Nauru has no property on it, Kazakhstan has six.
    facts = {
        iso3: next(each for each in briefs[iso3].ledger if each.id == f"fact:cia_world_heritage_sites:{iso3}")
        for iso3 in ("NRU", "KAZ")
    }
    assert (facts["NRU"].value, facts["NRU"].status, facts["NRU"].observed_rank) == (0.0, "zero", None)
    assert facts["NRU"].note == indicator("cia_world_heritage_sites").structural_zero
    assert facts["KAZ"].value == 6
    assert facts["KAZ"].status == "observed"


def test_only_a_ranked_country_is_told_that_missing_values_are_drawn(briefs: dict[str, Brief]) -> None:
    for iso3, is_drawn in (("MAR", True), ("PRK", False)):
        notes = {record.note for _, record in _cells(briefs[iso3], "missing")}
        assert notes
        assert all(("draws" in note) == is_drawn for note in notes)
