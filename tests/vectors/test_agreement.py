"""Agreement in votes, each rule against a plain loop over pairs and roll calls, and against hand-worked cases."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softpower.vectors.agreement import RULES, Rule, agreement, common, crosstab

ballots = arrays(np.int8, st.tuples(st.integers(1, 12), st.integers(2, 5)), elements=st.integers(0, 3))


def _plain(table: np.ndarray, i: int, j: int, rule: Rule) -> float:
    """By the definitions, one roll call after another."""
    pairs = [(int(a), int(b)) for a, b in table[:, [i, j]] if a and b]
    if not pairs or i == j:
        return np.nan
    if rule == "exact":
        return float(np.mean([a == b for a, b in pairs]))
    apart = float(np.mean([abs(a - b) / 2 for a, b in pairs]))
    if rule == "half":
        return 1 - apart
    if rule == "s":
        return 1 - 2 * apart
    mine, other = ([each[side] for each in pairs] for side in (0, 1))
    mix_i, mix_j = ([values.count(k) / len(pairs) for k in (1, 2, 3)] for values in (mine, other))
    if rule == "pi":
        mix_i = mix_j = [(a + b) / 2 for a, b in zip(mix_i, mix_j, strict=True)]
    chance = sum(mix_i[k] * mix_j[m] * abs(k - m) / 2 for k, m in product(range(3), repeat=2))
    return 1 - apart / chance if chance else np.nan


@settings(max_examples=60, deadline=None)
@given(ballots)
def test_every_rule_is_what_its_definition_says(table: np.ndarray) -> None:
    joint = crosstab(table)
    states = range(table.shape[1])
    for rule in RULES:
        found = agreement(joint, rule)
        expected = [[_plain(table, i, j, rule) for j in states] for i in states]
        np.testing.assert_allclose(found, expected, atol=1e-12)
    both = [[int(((table[:, i] > 0) & (table[:, j] > 0)).sum()) for j in states] for i in states]
    assert common(joint).tolist() == both


def test_two_states_that_mostly_say_yes_agree_by_chance_alone() -> None:
    """Häge (2011): S is high where both vote yes nearly always, and chance-corrected agreement is not."""
    rng = np.random.default_rng(3)
    table = np.where(rng.random((4000, 2)) < 0.9, 1, 3).astype(np.int8)
    joint = crosstab(table)
    assert agreement(joint, "s")[0, 1] == pytest.approx(2 * (0.81 + 0.01) - 1, abs=0.03)
    for rule in ("kappa", "pi"):
        assert agreement(joint, rule)[0, 1] == pytest.approx(0, abs=0.06)


def test_being_absent_is_no_ballot() -> None:
    table = np.array([[1, 1], [1, 0], [0, 3], [0, 0]], dtype=np.int8)
    joint = crosstab(table)
    assert common(joint)[0, 1] == 1
    assert agreement(joint, "exact")[0, 1] == 1.0
    assert np.isnan(agreement(crosstab(table[1:]), "exact")[0, 1])


@pytest.mark.parametrize("rule", RULES)
def test_both_directions_agree_to_the_last_digit(rule: Rule) -> None:
    ballots = np.random.default_rng(7).integers(0, 4, (101, 60)).astype(np.int8)
    found = agreement(crosstab(ballots), rule)
    assert np.array_equal(found, found.T, equal_nan=True)
