"""Buffers on draws of which the answer is known, and poles that do or do not oppose each other in votes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.buffer import buffer, claim, holds, opposition
from softpower.vectors.sheets import sheet
from tests.vectors.assemblies import invented


def test_the_share_of_draws_is_that_of_the_distributions_they_come_from() -> None:
    """Three independent log-normal ties: the shares multiply."""
    random = np.random.default_rng(1)
    one, other, between = (np.exp(random.normal(mean, 0.5, 20_000)) for mean in (0.7, 0.4, -0.3))
    expected = norm.cdf(0.7 / 0.5) * norm.cdf(0.4 / 0.5) * norm.cdf(0.3 / 0.5)
    assert holds(one, other, between) == pytest.approx(expected, abs=0.015)
    assert holds(one, other, between, opposed=True) == pytest.approx(norm.cdf(1.4) * norm.cdf(0.8), abs=0.015)


def test_ties_that_move_together_are_looked_at_draw_by_draw() -> None:
    """Each tie is strong in half of the draws: of the same ones, or never at once."""
    up, down = np.array([2.0, 2.0, 0.5, 0.5]), np.array([0.5, 0.5, 2.0, 2.0])
    weak = np.full(4, 0.1)
    assert holds(up, up, weak) == 0.5
    assert holds(up, down, weak) == 0.0


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (1.0, "buffer"),
        (0.95, "buffer"),
        (0.949, "probably a buffer"),
        (0.8, "probably a buffer"),
        (0.799, "not distinguishable"),
        (0.051, "not distinguishable"),
        (0.05, "no buffer"),
        (float("nan"), "unknown"),
    ],
)
def test_what_is_said_changes_at_the_stated_shares(share: float, said: str) -> None:
    assert claim(share) == said


def test_poles_that_are_strongly_tied_leave_no_buffer_unless_they_oppose_each_other() -> None:
    strong, tied = np.full(10, 3.0), np.full(10, 2.0)
    assert buffer(strong, strong, tied).claim == "no buffer"
    found = buffer(strong, strong, tied, opposed=True)
    assert (found.claim, found.apart) == ("buffer", 1.0)
    assert buffer(strong, np.full(10, 0.9), np.full(10, 0.1)).claim == "no buffer"


def test_a_tie_as_predicted_is_neither_strong_nor_weak() -> None:
    ones = np.ones(5)
    assert holds(ones, 2 * ones, 0.5 * ones) == 0.0
    assert holds(2 * ones, 2 * ones, ones) == 0.0
    assert holds(2 * ones, 2 * ones, ones, threshold=1.5) == 1.0


def test_peers_are_looked_at_by_the_same_rule() -> None:
    weak = np.full(20, 0.2)
    mine = np.where(np.arange(20) < 17, 2.0, 0.5)  # in 17 of 20 draws
    others = np.full((20, 4), 3.0)
    others[:, 1] = 0.5
    others[:10, 2] = 0.5
    others[0, 3] = np.nan
    found = buffer(mine, np.full(20, 2.0), weak, peers=(others, np.full((20, 4), 3.0)))
    assert (found.claim, found.share) == ("probably a buffer", 0.85)
    assert (found.alike, found.others) == (1, 3)  # the first; the last is unknown
    assert found.lower == pytest.approx(2 / 3)
    assert (found.weaker, found.weaker_low) == (2.0, 0.5)


def test_an_unknown_tie_is_no_weak_one() -> None:
    ones, unknown = np.full(5, 2.0), np.full(5, np.nan)
    assert buffer(ones, unknown, 0.1 * ones).claim == "unknown"
    assert buffer(ones, ones, unknown).claim == "unknown"
    assert buffer(ones, ones, unknown, opposed=True).claim == "buffer"


@pytest.mark.parametrize(
    ("one", "between", "says"),
    [(np.ones(3), np.ones(4), "same draws"), (np.ones(0), np.ones(0), "one at least"), (-np.ones(3), np.ones(3), "-1")],
)
def test_draws_that_do_not_fit_are_refused(one: np.ndarray, between: np.ndarray, says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        buffer(one, one, between)


def test_opposition_is_counted_where_both_vote_and_compared_with_all_pairs() -> None:
    """Worked by hand: A and B oppose each other on two of three common roll calls, A and C on none, B and C on one."""
    found = invented(
        [
            (70, {"AAA": 1, "BBB": 3, "CCC": 2}),
            (70, {"AAA": 3, "BBB": 1, "CCC": 3}),
            (71, {"AAA": 1, "BBB": 2}),
            (71, {"AAA": 1}),
            (72, {"DDD": 1}),
            (73, {"AAA": 1, "BBB": 1, "CCC": 1}),
        ]
    )
    poles = opposition(sheet(found, first=2015, last=2016), "AAA", "BBB")
    assert (poles.n_votes, poles.more_than, poles.opposed) == (3, 1.0, True)
    assert poles.share == pytest.approx(2 / 3)
    assert poles.low < 2 / 3 < poles.high
    assert opposition(sheet(found), "CCC", "AAA").share == 0.0
    with pytest.raises(NotEnoughData, match="2016"):
        opposition(sheet(found, first=2016), "BBB", "DDD")
    with pytest.raises(BadRequest, match="XXX"):
        opposition(sheet(found), "AAA", "XXX")
    with pytest.raises(BadRequest, match="itself"):
        opposition(sheet(found), "AAA", "AAA")


def test_a_question_that_comes_back_makes_the_interval_no_narrower() -> None:
    ballots = [(70 + at, {"AAA": 1, "BBB": 3 if at < 2 else 1}) for at in range(4)]
    goods = ["tin ore", "raw silk", "grain", "ships"]
    other, same = (
        opposition(sheet(invented(ballots, titles=[f"Trade in {each}" for each in titles])), "AAA", "BBB")
        for titles in (goods, goods[:1] * 4)
    )
    assert same.share == other.share == 0.5
    assert same.low < other.low
    assert same.high > other.high


def test_the_united_states_and_russia_are_opposed_and_russia_and_china_are_not() -> None:
    on = sheet(first=2010, last=2019)
    assert opposition(on, "USA", "RUS").opposed
    together = opposition(on, "RUS", "CHN")
    assert not together.opposed
    assert together.share < 0.1
