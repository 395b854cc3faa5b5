"""Hard power as context: known figures, the place among others, and that a gap is no zero."""

from __future__ import annotations

import numpy as np
import pytest

from softpower.errors import BadRequest, UnknownCountry
from softpower.evidence import observations, source
from softpower.vectors.hardpower import REACH, Strength, hard_power, place
from softpower.world import members


def _by_id(iso3: str, year: int | None = None, peers: tuple[str, ...] = ()) -> dict[str, Strength]:
    return {figure.id: figure for figure in hard_power(iso3, year, peers=peers)}


def test_kazakhstan_has_the_published_figures() -> None:
    """71,000 (World Bank) for 19.482 million people (UN); 0.9% (Factbook) of a GDP of US$ 288.41 bn in 2024."""
    found = _by_id("KAZ")
    assert (found["armed_forces"].value, found["armed_forces"].year) == (71_000, 2020)
    assert found["armed_forces_per_1000"].value == pytest.approx(71_000 / 19_482, rel=1e-4)
    assert (found["military_pct_gdp"].value, found["military_pct_gdp"].year) == (0.9, 2024)
    assert found["military_usd"].value == pytest.approx(0.009 * 288.41e9, rel=1e-3)
    assert found["military_usd"].text.startswith("Military expenditure: 2,596 million US$ (2024); ")


def test_what_is_not_measured_is_said_and_is_no_zero() -> None:
    """Iceland has no armed forces, which is a zero; Liechtenstein is not in the table, which is none."""
    iceland, liechtenstein = _by_id("ISL")["armed_forces"], _by_id("LIE")["armed_forces"]
    assert (iceland.value, iceland.share_lower) == (0.0, 0.0)
    assert (liechtenstein.value, liechtenstein.year, liechtenstein.share_lower) == (None, None, None)
    assert liechtenstein.text == "Armed forces: not measured"
    assert liechtenstein.median_world is not None


def test_a_year_takes_the_last_value_within_reach_and_no_later_one() -> None:
    last = 2020  # of the series of soldiers
    assert _by_id("KAZ", last + REACH)["armed_forces"].year == last
    assert _by_id("KAZ", last + REACH + 1)["armed_forces"].value is None
    assert _by_id("KAZ", 2012)["armed_forces"].year == 2012
    assert _by_id("KAZ", 2012)["military_pct_gdp"].text == "Military expenditure, relative: not measured"


def test_the_place_in_the_world_is_counted_over_the_other_members_of_the_un() -> None:
    table = observations(["wdi_armed_forces"])
    of_2010 = dict(table.filter(year=2010).select("iso3", "value").iter_rows())
    world = {each.iso3 for each in members()}
    early = {iso3: of_2010[iso3] for iso3 in sorted(of_2010) if iso3 in world}
    for year in range(2010 - REACH, 2010):  # no member of the table dropped out before 2010, or this test counts anew
        gone = set(table.filter(year=year)["iso3"]) & world - set(early)
        for iso3 in gone:
            early[iso3] = table.filter(year=year, iso3=iso3)["value"][0]
    found = _by_id("KAZ", 2010)["armed_forces"]
    others = [value for iso3, value in early.items() if iso3 != "KAZ"]
    assert found.others == len(others)
    assert found.value is not None
    assert found.share_lower == pytest.approx(sum(value < found.value for value in others) / len(others))
    assert found.median_world == pytest.approx(float(np.median([*others, found.value])))


def test_peers_are_those_named_and_never_the_state_itself() -> None:
    table = dict(observations(["wdi_armed_forces"]).filter(year=2020).select("iso3", "value").iter_rows())
    found = _by_id("KAZ", 2020, peers=("UZB", "KAZ", "AZE", "TUR", "LIE"))["armed_forces"]
    assert found.median_peers == np.median([table[each] for each in ("UZB", "AZE", "TUR")])
    assert found.text.endswith(f"of the peers {found.median_peers:,.0f}")
    assert _by_id("KAZ", 2020, peers=("LIE",))["armed_forces"].median_peers is None
    assert "peers" not in _by_id("KAZ", 2020)["armed_forces"].text


def test_a_tie_is_no_lower_value() -> None:
    assert place(3.0, np.array([1.0, 3.0, 3.0, 9.0]), np.array([4.0])) == (0.25, 3.0, 4.0)
    assert place(None, np.array([1.0, 3.0]), np.array([])) == (None, 2.0, None)
    assert place(3.0, np.array([]), np.array([])) == (None, 3.0, None)


def test_every_figure_names_sources_of_the_registry() -> None:
    for figure in hard_power("KAZ"):
        assert figure.source_ids
        assert [source(id).id for id in figure.source_ids] == list(figure.source_ids)


def test_what_cannot_be_asked_is_said() -> None:
    with pytest.raises(UnknownCountry, match="QQQ"):
        hard_power("QQQ")
    with pytest.raises(UnknownCountry, match="ZZZ"):
        hard_power("KAZ", peers=("ZZZ",))
    with pytest.raises(BadRequest, match="year 20: give a calendar year"):
        hard_power("KAZ", 20)
