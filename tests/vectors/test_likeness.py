"""Likeness by vector: votes, visas, organisations."""

from __future__ import annotations

import math

import polars as pl
import pytest

from softpower.evidence.ties import ties
from softpower.vectors.likeness import Likeness, likenesses
from softpower.world import Vector, bloc_members, vectors_of

SHOWN = [each for each in vectors_of("KAZ") if each.default]


@pytest.fixture(scope="module")
def found() -> dict[str, Likeness]:
    return {each.id: each for each in likenesses("KAZ", SHOWN)}


def test_votes_agree_with_china_as_published(found: dict[str, Likeness]) -> None:
    """Agreement of Kazakhstan in the country files of Bailey, Strezhnev and Voeten (June 2024), mean of the even years
    2010-2018: 0.82 with China and 0.68 with Russia."""
    votes = found["votes"]
    assert (votes.first, votes.last) == (2010, 2019)
    assert votes.value[1] == pytest.approx(0.82, abs=0.01)
    assert votes.value[0] == pytest.approx(0.68, abs=0.02)
    assert all(low < value < high for low, value, high in zip(votes.low, votes.value, votes.high, strict=True))


def test_visas_are_counted_over_the_members(found: dict[str, Likeness]) -> None:
    rows = ties("visa_openness").filter((pl.col("origin") == "KAZ") & (pl.col("year") == 2025))
    opens = dict(rows.select("partner", "value").iter_rows())
    central = [each for each in bloc_members("CENTRAL_ASIA", year=2025) if each != "KAZ"]
    assert found["visas_of_others"].value[5] == sum(opens[each] >= 2 for each in central) / len(central)
    assert found["visas_of_others"].members[5] == len(central)


def test_no_year_later_than_asked_for_is_used() -> None:
    found = {each.id: each for each in likenesses("KAZ", SHOWN, year=2015)}
    assert found["votes"].last == 2015
    assert set(found) == {"votes"}


def test_years_of_closed_borders_are_used_only_if_asked_for() -> None:
    rows = ties("visa_openness").filter(origin="KAZ")
    assert rows.filter(pl.col("flag") == "covid ban")["year"].unique().sort().to_list() == [2021, 2022]
    by_year = {
        year: next(each.last for each in likenesses("KAZ", SHOWN[:1], year=year) if each.id == "visas_of_others")
        for year in (2021, 2022, 2024)
    }
    assert by_year == {2021: 2021, 2022: 2022, 2024: 2024}


def test_a_vector_of_which_nothing_is_known_is_not_measured() -> None:
    nowhere = Vector("nowhere", "Nowhere", (), ("ATA",), ("KAZ",))
    for each in likenesses("KAZ", [SHOWN[0], nowhere]):
        assert math.isnan(each.value[1])
        assert each.members[1] == 0
