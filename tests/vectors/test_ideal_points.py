"""Ideal points on simulated assemblies, whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.ideal_points import Votes, first_positions, ideal_points

STATES, SESSIONS = 60, 12


def _assembly(seed: int, *, questions: int = 30, again: float = 0.6) -> tuple[Votes, np.ndarray]:
    """Votes of states that walk at random, a share of the questions being put again in every session."""
    random = np.random.default_rng(seed)
    truth = np.zeros((SESSIONS, STATES))
    truth[0] = random.normal(0, 1, STATES)
    for t in range(1, SESSIONS):
        truth[t] = np.sqrt(0.95) * truth[t - 1] + random.normal(0, np.sqrt(0.05), STATES)
    truth[:, 0] = np.abs(truth[:, 0]) + 1  # the anchor
    truth = (truth - truth.mean()) / truth.std()
    lasting = round(again * questions)
    count = lasting + SESSIONS * (questions - lasting)
    slope = random.normal(0, 2, count)
    cuts = np.sort(random.normal(0, 1.5, (count, 2)), axis=1)
    rows = []
    for t in range(SESSIONS):
        first = lasting + t * (questions - lasting)
        for question in [*range(lasting), *range(first, first + questions - lasting)]:
            chance = 1 / (1 + np.exp(-(cuts[question][:, None] - slope[question] * truth[t])))
            answer = (random.random(STATES) > chance).sum(axis=0)
            voted = np.flatnonzero(random.random(STATES) < 0.9)
            rows.append(np.column_stack([voted, np.full(len(voted), t), np.full(len(voted), question), answer[voted]]))
    state, session, question, answer = np.concatenate(rows).astype(np.int64).T
    return Votes(state, session, question, answer, STATES, SESSIONS), truth


@pytest.mark.parametrize("seed", [1, 2])
def test_the_truth_is_found_again_on_one_scale(seed: int) -> None:
    votes, truth = _assembly(seed)
    found = ideal_points(votes, anchor=0, simulations=0)
    assert np.corrcoef(found.point.ravel(), truth.ravel())[0, 1] > 0.97
    assert found.point[:, 0].mean() > 0
    assert found.point.mean() == pytest.approx(0, abs=1e-9)
    assert found.point.std() == pytest.approx(1, abs=1e-9)


def test_intervals_hold_the_truth_in_about_nine_cases_of_ten() -> None:
    held = []
    for seed in range(4):
        votes, truth = _assembly(seed + 10)
        low, high = ideal_points(votes, anchor=0, seed=seed).interval()
        held.append(((low <= truth) & (truth <= high)).mean())
    assert 0.84 <= np.mean(held) <= 0.96


def test_the_order_of_ballots_and_the_codes_of_states_and_questions_do_not_matter() -> None:
    votes, _ = _assembly(3)
    random = np.random.default_rng(0)
    states, questions = random.permutation(STATES), random.permutation(votes.question.max() + 1)
    order = random.permutation(len(votes.answer))
    other = Votes(
        states[votes.state[order]],
        votes.session[order],
        questions[votes.question[order]],
        votes.answer[order],
        STATES,
        SESSIONS,
    )
    one = ideal_points(votes, anchor=0, simulations=0).point
    two = ideal_points(other, anchor=int(states[0]), simulations=0).point
    np.testing.assert_allclose(two[:, states], one, atol=1e-6)


def test_questions_on_which_all_agree_change_nothing() -> None:
    votes, _ = _assembly(4)
    number = votes.question.max() + 1
    more = Votes(
        np.concatenate([votes.state, np.arange(STATES)]),
        np.concatenate([votes.session, np.full(STATES, 3)]),
        np.concatenate([votes.question, np.full(STATES, number)]),
        np.concatenate([votes.answer, np.zeros(STATES, dtype=np.int64)]),
        STATES,
        SESSIONS,
    )
    one, two = (ideal_points(each, anchor=0, simulations=0).point for each in (votes, more))
    np.testing.assert_array_equal(one, two)


def test_a_state_has_no_point_in_a_session_in_which_it_did_not_vote() -> None:
    votes, _ = _assembly(5)
    kept = ~((votes.state == 7) & (votes.session == 4))
    fewer = Votes(votes.state[kept], votes.session[kept], votes.question[kept], votes.answer[kept], STATES, SESSIONS)
    found = ideal_points(fewer, anchor=0, simulations=0)
    assert np.isnan(found.point[4, 7])
    assert np.isnan(found.error[4, 7])
    assert np.isfinite(np.delete(found.point.ravel(), 4 * STATES + 7)).all()


def test_the_fast_positions_order_states_much_the_same_within_a_session() -> None:
    votes, truth = _assembly(6)
    fast = first_positions(votes, anchor=0)
    for session in range(SESSIONS):
        assert abs(np.corrcoef(fast[session], truth[session])[0, 1]) > 0.85
    assert fast[:, 0].mean() > 0


def test_an_anchor_that_never_voted_and_votes_without_dissent_are_refused() -> None:
    votes, _ = _assembly(7)
    absent = Votes(votes.state, votes.session, votes.question, votes.answer, STATES + 1, SESSIONS)
    with pytest.raises(BadRequest, match="never voted on a contested question"):
        ideal_points(absent, anchor=STATES)
    agreed = Votes(votes.state, votes.session, votes.question, 0 * votes.answer, STATES, SESSIONS)
    with pytest.raises(NotEnoughData, match="three states or more and a question on which they differ"):
        ideal_points(agreed, anchor=0)
