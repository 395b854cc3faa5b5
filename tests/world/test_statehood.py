"""When states began, held against an independent list: their admissions to the United Nations."""

from __future__ import annotations

from softpower.world import countries, members, memberships
from softpower.world.statehood import beginnings

# Seats that were first another state's (Yugoslavia, the Soviet Union, Tanganyika, North Yemen) or held before
# independence.
OTHER_SEAT = {"BLR", "IND", "RUS", "SRB", "TZA", "UKR", "YEM"}


def admissions() -> dict[str, int]:
    """Year of each member's first admission."""
    found: dict[str, int] = {}
    for spell in memberships():
        if (spell.bloc, spell.role) == ("UN", "member"):
            found[spell.iso3] = min(spell.joined, found.get(spell.iso3, 9999))
    return found


def test_no_state_began_after_its_admission_but_those_whose_seat_is_older_than_they_are() -> None:
    admitted = admissions()
    assert {iso3 for iso3, year in beginnings().items() if year > admitted.get(iso3, year)} == OTHER_SEAT


def test_nearly_all_states_that_began_since_1956_were_admitted_within_two_years() -> None:
    # When the package deal of December 1955 had ended the stalemate over admissions.
    admitted = admissions()
    recent = {iso3: year for iso3, year in beginnings().items() if year >= 1956 and iso3 in admitted}
    later = {iso3 for iso3, year in recent.items() if admitted[iso3] > year + 2}
    assert later == {"BGD", "FSM", "KIR", "MHL", "NRU", "TON", "TUV", "WSM"}  # a veto, trusteeship, smallness
    assert len(recent) > 100


def test_every_member_admitted_from_1956_on_has_a_beginning_unless_it_is_older_than_the_organisation() -> None:
    older = {"AND", "BTN", "CHE", "DEU", "JPN", "LIE", "MCO", "MNG", "OMN", "SMR"}
    late = {iso3 for iso3, year in admissions().items() if year >= 1956}
    assert late - set(beginnings()) == older


def test_all_codes_are_known_and_territories_are_marked_as_reported_apart() -> None:
    known = {each.iso3 for each in countries()}
    assert set(beginnings()) <= known
    territories = set(beginnings()) - {each.iso3 for each in members()}
    assert territories == {"ABW", "CUW", "PSE", "SXM", "XKX"}
