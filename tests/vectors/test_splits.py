"""Ballots where two poles oppose each other, counted again from the ballots themselves."""

from __future__ import annotations

import polars as pl
import pytest

from softpower.vectors.splits import SPAN, Split, splits
from softpower.vectors.votes import bundled_assembly
from softpower.world import Vector, vectors_of

YES, ABSTAIN, NO = 1, 2, 3


def pole(iso3: str, *, blocs: tuple[str, ...] = (), is_pole: bool = True) -> Vector:
    return Vector(iso3.lower(), iso3, blocs, (iso3,), ("KAZ",), pole=is_pole)


@pytest.fixture(scope="module")
def found() -> Split:
    (only,) = splits("KAZ", [each for each in vectors_of("KAZ") if each.default])
    return only


def counted(home: str, one: str, other: str, first: int, last: int) -> dict[str, int]:
    """With whom a state voted where one said yes and the other no, by hand."""
    whole = bundled_assembly().whole()
    calls = whole.calls.filter((pl.col("session") + 1945).is_between(first, last))["rcid"]
    ballots = whole.ballots.filter(pl.col("rcid").is_in(calls.to_list()))
    by_state = {iso3: dict(ballots.filter(iso3=iso3).select("rcid", "vote").iter_rows()) for iso3 in (home, one, other)}
    sides = {"one": 0, "other": 0, "abstain": 0}
    for call, vote in by_state[home].items():
        pair = by_state[one].get(call), by_state[other].get(call)
        if set(pair) == {YES, NO}:
            sides["abstain" if vote == ABSTAIN else "one" if vote == pair[0] else "other"] += 1
    return sides


def test_ballots_are_those_counted_by_hand(found: Split) -> None:
    assert (found.one.id, found.other.id) == ("russia", "china")
    sides = counted("KAZ", "RUS", "CHN", found.first, found.last)
    assert {"one": found.with_one.n, "other": found.with_other.n, "abstain": found.abstained.n} == sides
    assert found.n_votes == sum(sides.values())
    assert found.last - found.first + 1 == SPAN


def test_shares_add_up_and_lie_in_their_intervals(found: Split) -> None:
    sides = (found.with_one, found.with_other, found.abstained)
    assert sum(each.share for each in sides) == pytest.approx(1)
    for each in sides:
        assert each.share == pytest.approx(each.n / found.n_votes)
        assert 0 <= each.low <= each.share <= each.high <= 1
    assert 0 < found.n_questions <= found.n_votes


def test_the_median_state_is_that_of_all_others_counted_by_hand(found: Split) -> None:
    shares = []
    whole = bundled_assembly().whole()
    calls = whole.calls.filter((pl.col("session") + 1945).is_between(found.first, found.last))["rcid"].to_list()
    wide = whole.ballots.filter(pl.col("rcid").is_in(calls)).pivot("iso3", index="rcid", values="vote")
    opposed = wide.filter((pl.col("RUS") - pl.col("CHN")).abs() == 2)
    for iso3 in opposed.columns[1:]:
        cast = opposed.select("RUS", "CHN", pl.col(iso3).alias("own")).drop_nulls()
        if iso3 not in ("KAZ", "RUS", "CHN") and cast.height:
            shares.append((cast["own"] == cast["RUS"]).mean())
    assert found.median == pytest.approx(pl.Series(shares).median())


def test_the_second_answer_comes_from_the_cache_and_is_the_same(found: Split) -> None:
    assert splits("KAZ", [each for each in vectors_of("KAZ") if each.default]) == (found,)


def test_the_year_bounds_the_sessions() -> None:
    for year in (1995, 2010):
        for each in splits("KAZ", [pole("RUS"), pole("CHN")], year=year):
            assert each.last == year
            sides = counted("KAZ", "RUS", "CHN", each.first, each.last)
            assert (each.with_one.n, each.with_other.n, each.abstained.n) == tuple(sides.values())


def test_only_poles_that_are_single_states_are_looked_at() -> None:
    assert splits("KAZ", [pole("RUS"), pole("USA", blocs=("WEST",))]) == ()
    assert splits("KAZ", [pole("RUS"), pole("CHN", is_pole=False)]) == ()
    assert splits("KAZ", [pole("RUS")]) == ()


def test_three_poles_make_three_pairs_in_their_order() -> None:
    found = splits("KAZ", [pole("RUS"), pole("USA"), pole("CHN")])
    assert [(each.one.id, each.other.id) for each in found] == [("rus", "usa"), ("rus", "chn"), ("usa", "chn")]


@pytest.mark.parametrize(("home", "year"), [("VAT", None), ("KAZ", 1950), ("KAZ", 1800)])
def test_who_cast_no_ballot_has_no_splits(home: str, year: int | None) -> None:
    assert splits(home, [pole("RUS"), pole("CHN")], year=year) == ()
