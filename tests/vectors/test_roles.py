"""Roles: what may be said of a state, beside how many others, and of which years."""

from __future__ import annotations

import pytest

from softpower.vectors.brokers import NETWORKS
from softpower.vectors.roles import BUFFER_LAYERS, SCALES, VOICE, Roles, roles
from softpower.vectors.roles import NETWORKS as NAMES
from softpower.world import members, vectors_of


def of(iso3: str, year: int | None = None) -> Roles:
    return roles(iso3, [each for each in vectors_of(iso3) if each.default], year=year)


@pytest.fixture(scope="module")
def kazakhstan() -> Roles:
    return of("KAZ")


def test_every_network_has_a_name() -> None:
    assert {measure for measure, _, _ in NETWORKS} == set(NAMES)


def test_a_bridge_is_claimed_of_exactly_the_states_that_are_listed_as_such(kazakhstan: Roles) -> None:
    bridges = {each.measure: each for each in kazakhstan.bridges}
    assert set(bridges) == set(NAMES)
    for each in kazakhstan.bridges:
        assert ("KAZ" in each.alike) == (each.claim == "bridge")
        # At a rate of 5% over four networks few states are called one by chance alone.
        assert len(each.alike) <= 0.1 * each.states
    for state in next(each.alike for each in kazakhstan.bridges if each.measure == "trade_musd"):
        assert next(each for each in of(state).bridges if each.measure == "trade_musd").claim == "bridge"


def test_a_tie_less_than_by_chance_is_no_bridge(kazakhstan: Roles) -> None:
    for each in kazakhstan.bridges:
        place = each.places["between groups"]
        if place.observed < place.mean:
            assert each.claim != "bridge"


def test_buffers_are_looked_for_between_each_two_poles_in_each_layer(kazakhstan: Roles) -> None:
    pairs = {("russia", "china"), ("russia", "west"), ("china", "west")}
    assert {(each.measure, each.one.id, each.other.id) for each in kazakhstan.buffers} == {
        (measure, *pair) for measure, *_ in BUFFER_LAYERS for pair in pairs
    }
    for each in kazakhstan.buffers:
        assert 0 <= each.found.share <= 1
        assert 0 <= each.found.alike <= each.found.others < 193
        if each.found.claim == "buffer":
            assert each.found.share >= 0.95


def test_poles_are_opposed_by_the_ballots_of_their_voices(kazakhstan: Roles) -> None:
    """The United States and Russia vote against each other far more often than Russia and China do."""
    share = {(each.one.id, each.other.id): each.opposition for each in kazakhstan.buffers}
    with_west, with_china = share["russia", "west"], share["russia", "china"]
    assert with_west is not None
    assert with_china is not None
    assert with_west.share > 0.5 > with_china.share
    assert with_west.opposed
    assert not with_china.opposed


@pytest.mark.parametrize(("iso3", "own"), [("RUS", "russia"), ("CHN", "china")])
def test_a_pole_is_no_buffer_beside_itself(iso3: str, own: str) -> None:
    found = of(iso3)
    assert found.buffers
    assert all(own not in (each.one.id, each.other.id) for each in found.buffers)


def test_the_voice_of_the_west_does_not_stand_between_itself() -> None:
    """The West drawn up for the United States is without it, so nobody's ballots stand for it."""
    for each in of(VOICE).buffers:
        assert (each.opposition is None) == ("west" in (each.one.id, each.other.id))
        assert each.found.claim != "buffer"


def test_classes_of_power_are_shares_that_add_up(kazakhstan: Roles) -> None:
    assert tuple(kazakhstan.powers) == SCALES
    for found in kazakhstan.powers.values():
        assert sum(found.of("KAZ")) == pytest.approx(1)
        assert set(found.states) <= {each.iso3 for each in members()}
    assert kazakhstan.power is kazakhstan.powers[SCALES[0]]
    assert kazakhstan.power.said_of("USA") == "great power"
    assert kazakhstan.power.said_of("TUV") == "small power"


def test_a_tiny_state_has_networks_and_matrices_that_hold_it() -> None:
    found = of("TUV")
    assert {each.measure for each in found.buffers} == {"airline_routes"}
    assert all(each.claim == "not distinguishable" for each in found.bridges)


def test_nothing_later_than_the_year_is_used() -> None:
    found = of("KAZ", 2015)
    assert {each.year for each in found.bridges} == {2014, 2006}
    assert {each.year for each in found.buffers} == {2014, 2006}


def test_the_same_question_has_the_same_answer(kazakhstan: Roles) -> None:
    again = of("KAZ")
    # Compared as text, in which what is unknown equals itself.
    assert repr(again.bridges) == repr(kazakhstan.bridges)
    assert [repr(each.found) for each in again.buffers] == [repr(each.found) for each in kazakhstan.buffers]
