"""Resampled roll calls: against the agreement of the whole, a plain loop, closed forms, and a simulated truth."""

from __future__ import annotations

import numpy as np
import pytest

from softpower.vectors.agreement import agreement, crosstab
from softpower.vectors.resampling import MeanRule, effective_size, interval, pair_agreement, question_weights, wilson

RULES: tuple[MeanRule, ...] = ("exact", "half", "s")


@pytest.mark.parametrize("rule", RULES)
def test_the_first_draw_is_the_agreement_of_the_whole(rule: MeanRule) -> None:
    random = np.random.default_rng(11)
    table = random.integers(0, 4, (150, 9)).astype(np.int8)
    question = random.integers(0, 70, 150)
    _, question = np.unique(question, return_inverse=True)
    weights = question_weights(int(question.max()) + 1, draws=3, seed=1)
    found = pair_agreement(table, table, question, weights, rule)
    expected = agreement(crosstab(table), rule)
    off = ~np.eye(9, dtype=bool)
    np.testing.assert_allclose(found[0][off], expected[off], atol=1e-12)


def test_a_draw_weighs_all_roll_calls_of_a_question_alike() -> None:
    random = np.random.default_rng(12)
    table = random.integers(0, 4, (90, 4)).astype(np.int8)
    question = np.repeat(np.arange(30), 3)[random.permutation(90)]
    weights = question_weights(30, draws=2, seed=3)
    found = pair_agreement(table[:, :2], table[:, 2:], question, weights)
    for draw in range(3):
        for i, j in ((0, 0), (1, 1)):
            cast = zip(question, table[:, i], table[:, 2 + j], strict=True)
            pairs = [(weights[draw, q], a == b) for q, a, b in cast if a and b]
            expected = sum(w * same for w, same in pairs) / sum(w for w, _ in pairs)
            assert found[draw, i, j] == pytest.approx(expected, rel=1e-5)


def test_pairs_that_never_met_are_unknown_and_absences_do_not_count() -> None:
    table = np.array([[1, 0], [0, 1]], dtype=np.int8)
    assert np.isnan(pair_agreement(table[:, :1], table[:, 1:], np.arange(2), np.ones((1, 2)))).all()


@pytest.mark.parametrize("repeats", [1, 8])
def test_intervals_hold_the_truth_in_nine_of_ten_cases_also_where_questions_come_back(repeats: int) -> None:
    """A state that always says yes and 400 that do so on 70% of the questions, the same way whenever one comes back."""
    random = np.random.default_rng(2)
    questions, truth = 80, 0.7
    votes = np.repeat(np.where(random.random((questions, 400)) < truth, 1, 3), repeats, axis=0).astype(np.int8)
    weights = question_weights(questions, draws=300, seed=4)
    code = np.repeat(np.arange(questions), repeats)
    found = pair_agreement(np.ones((len(votes), 1), dtype=np.int8), votes, code, weights)[1:, 0]
    ends = np.array([interval(found[:, state]) for state in range(400)])
    held = ((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean()
    assert 0.86 <= held <= 0.94


def test_wilson_solves_the_equation_that_defines_it() -> None:
    for share, size in ((0.3, 20.0), (0.9, 6.5), (0.5, 1.0)):
        for end in wilson(share, size):
            assert (share - end) ** 2 == pytest.approx(1.6448536269514722**2 * end * (1 - end) / size)
    assert wilson(0.0, 5)[0] == pytest.approx(0, abs=1e-12)
    assert wilson(0.0, 5)[1] > 0.2


def test_shares_over_repeated_questions_hold_the_truth_only_with_the_effective_number() -> None:
    """Eleven questions as often as China and Russia were opposed on them in 2007-2019; one ballot on each question."""
    random = np.random.default_rng(1)
    sizes = [12, 5, 6, 4, 7, 7, 1, 1, 1, 1, 1]
    question = np.repeat(np.arange(len(sizes)), sizes)
    truth, effective = 0.74, effective_size(question)
    shares = (random.random((2000, len(sizes))) < truth)[:, question].mean(axis=1)

    def held(size: float) -> float:
        ends = [wilson(float(share), size) for share in shares]
        return sum(low <= truth <= high for low, high in ends) / len(ends)

    assert held(effective) >= 0.88
    assert held(len(question)) < 0.5


def test_repeated_questions_are_worth_fewer_roll_calls() -> None:
    assert effective_size(np.arange(12)) == 12
    assert effective_size(np.repeat(np.arange(3), 4)) == 3
    assert effective_size(np.array([], dtype=np.int64)) == 0
