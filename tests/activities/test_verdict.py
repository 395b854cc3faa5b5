"""Verdicts: when they are refused, and which words they use."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
import pytest

from softpower.activities.estimate import METHODS, Method
from softpower.activities.placebo import in_space
from softpower.activities.verdict import Finding, Verdict, assumptions, judge, sentence
from softpower.errors import BadRequest
from tests.activities.worlds import california, named, persistent_world

CAUSAL = r"\b(rais|lower(?:ed|s)|caus|led to|increas|reduc|effect|impact|because|thanks to|due to|boost|made)"


def _world(effect: float, *, units: int = 25, periods: int = 14, pre: int = 10) -> np.ndarray:
    panel = persistent_world(units, 1, periods, pre, 0.0, np.random.default_rng(1))
    outcome = panel.outcome.copy()
    outcome[0, pre:] += effect
    return outcome


def _judged(outcome: np.ndarray, pre: int, size: float = 0.05) -> Finding:
    start = np.full(len(outcome), outcome.shape[1])
    start[0] = pre
    return judge(in_space(named(outcome, start)), size=size)


def test_a_large_change_is_seen_in_either_direction_and_none_where_there_is_none() -> None:
    assert _judged(_world(8.0), 10) == Finding(Verdict.HIGHER, ())
    assert _judged(_world(-8.0), 10) == Finding(Verdict.LOWER, ())
    assert _judged(_world(0.0), 10) == Finding(Verdict.NO_DETECTABLE_CHANGE, ())


def test_however_large_the_change_few_periods_before_the_start_allow_no_verdict() -> None:
    found = _judged(_world(1e3, periods=8, pre=4), 4)
    assert found.verdict is Verdict.CANNOT_TELL
    assert found.reasons[0] == "4 periods before the start are too few: with 4 from it on a verdict takes 5"
    assert _judged(_world(1e3, periods=9, pre=5), 5).verdict is Verdict.HIGHER


def test_a_long_time_after_the_start_asks_for_a_longer_one_before() -> None:
    assert _judged(_world(1e3, periods=30, pre=12), 12).verdict is Verdict.HIGHER
    assert "12 periods" not in _judged(_world(1e3, periods=36, pre=12), 12).reasons
    assert "with 25 from it on a verdict takes 13" in _judged(_world(1e3, periods=37, pre=12), 12).reasons[0]


def test_too_few_donors_for_the_size_allow_no_verdict() -> None:
    few = _world(1e3, units=19)
    assert "18 donors are too few: the smallest p-value they allow is 0.053" in _judged(few, 10).reasons[0]
    assert _judged(few, 10, size=0.1).verdict is Verdict.HIGHER
    assert _judged(_world(1e3, units=20), 10).verdict is Verdict.HIGHER


def test_a_comparison_that_does_not_follow_the_treated_allows_no_verdict() -> None:
    outcome = _world(1e3)
    outcome[0, :10] += 10 * (-1.0) ** np.arange(10)
    found = _judged(outcome, 10)
    assert found.verdict is Verdict.CANNOT_TELL
    assert re.search(r"followed the treated \d+\.\d times worse", found.reasons[0])


def test_all_reasons_are_given_at_once() -> None:
    outcome = _world(1e3, units=10, periods=6, pre=3)
    outcome[0, :3] += [20, -20, 20]
    assert len(_judged(outcome, 3).reasons) == 3


def test_proposition_99_is_not_seen_at_5_percent_and_is_at_10() -> None:
    placebos = in_space(california())
    assert judge(placebos).verdict is Verdict.NO_DETECTABLE_CHANGE
    assert judge(placebos, size=0.1).verdict is Verdict.LOWER


def test_a_size_that_is_no_share_is_refused() -> None:
    with pytest.raises(BadRequest, match="size 5"):
        _judged(_world(0.0), 10, size=5)


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("compared", ["donors", "forecast"])
def test_without_a_comparison_group_no_word_is_causal(
    verdict: Verdict, compared: Literal["donors", "forecast"]
) -> None:
    reasons = ("3 periods before the start are too few",) if verdict is Verdict.CANNOT_TELL else ()
    said = sentence(
        Finding(verdict, reasons), outcome="visits", unit="thousand", att=-2.0, detectable=np.inf, compared=compared
    )
    causal = verdict in (Verdict.HIGHER, Verdict.LOWER) and compared == "donors"
    assert bool(re.search(CAUSAL, said)) == causal
    assert said.endswith(".")
    assert "inf" not in said
    assert said.count("  ") == 0


def test_what_cannot_be_told_comes_with_its_reasons_and_what_was_not_seen_with_a_size() -> None:
    given = {"outcome": "visits", "att": 1.0, "detectable": 4.126}
    reasons = ("one", "two")
    said = sentence(Finding(Verdict.CANNOT_TELL, reasons), unit="%", **given)  # type: ignore[arg-type]
    assert said == "Cannot tell whether visits changed: one; two."
    said = sentence(Finding(Verdict.NO_DETECTABLE_CHANGE, ()), unit="points", **given)  # type: ignore[arg-type]
    assert said == "No detectable change in visits; this design would have seen a change of 4.13 points or more."


@pytest.mark.parametrize("method", METHODS)
def test_every_method_says_what_it_assumes(method: Method) -> None:
    said = assumptions(method)
    assert len(said) == 5
    assert said[0] != assumptions(METHODS[METHODS.index(method) - 1])[0]
