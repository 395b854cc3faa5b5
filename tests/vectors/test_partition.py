"""Groups: each state in one."""

from __future__ import annotations

import pytest

from softpower.errors import BadRequest, UnknownCountry
from softpower.vectors.partition import partition
from softpower.world import members


def test_every_member_of_the_un_is_in_one_region() -> None:
    states = [each.iso3 for each in members()]
    groups = partition(states)
    assert all(groups)
    found = dict(zip(states, groups, strict=True))
    assert (found["KEN"], found["KAZ"], found["FRA"]) == ("Eastern Africa", "Central Asia", "Western Europe")


def test_a_pole_is_a_group_of_its_own_even_in_the_region_of_home() -> None:
    assert partition(["MNG", "CHN", "JPN", "RUS", "FRA"], by="vectors", home="MNG", year=2020) == (
        "Eastern Asia",
        "China",
        "Eastern Asia",
        "Russia",
        "West",
    )


def test_a_state_in_several_vectors_goes_with_the_first() -> None:
    """Türkiye is in the Islamic and the Turkic world; Uzbekistan too, but also in Kazakhstan's own region."""
    groups = dict(
        zip(
            states := ["KAZ", "TUR", "UZB", "AZE", "ARG"],
            partition(states, by="vectors", home="KAZ", year=2020),
            strict=True,
        )
    )
    assert groups == {
        "KAZ": "Central Asia",
        "UZB": "Central Asia",
        "TUR": "Islamic world",
        "AZE": "Islamic world",
        "ARG": "South America",
    }


def test_groups_by_vectors_need_to_know_whose() -> None:
    with pytest.raises(BadRequest, match="home"):
        partition(["KAZ"], by="vectors", year=2020)
    with pytest.raises(UnknownCountry):
        partition(["KAZ", "XYZ"])
