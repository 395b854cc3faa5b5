"""Verdicts: when they are refused, and which words they use."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
import pytest

from softpower.activities.effects.detectable import smallest_detectable
from softpower.activities.effects.estimate import METHODS, Method
from softpower.activities.effects.placebo import in_space
from softpower.activities.effects.verdict import Finding, Verdict, assumptions, doubts, judge, sentence
from softpower.errors import BadRequest
from tests.activities.effects.noise import ar1
from tests.activities.effects.worlds import california, named, persistent_world

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
    for periods in (30, 36):
        assert not any("too few" in reason for reason in _judged(_world(1e3, periods=periods, pre=12), 12).reasons)
    assert "with 25 from it on a verdict takes 13" in _judged(_world(1e3, periods=37, pre=12), 12).reasons[0]


def test_too_few_donors_for_the_size_allow_no_verdict() -> None:
    few = _world(1e3, units=19)
    assert "18 donors are too few: the smallest p-value they allow is 0.053" in _judged(few, 10).reasons[0]
    assert _judged(few, 10, size=0.1).verdict is Verdict.HIGHER
    assert not any("too few" in reason for reason in _judged(_world(1e3, units=20), 10).reasons)


def test_where_draws_and_not_donors_are_too_few_the_draws_are_named() -> None:
    outcome = np.random.default_rng(3).normal(size=(41, 14))
    placebos = in_space(named(outcome, np.array([10] + [14] * 40)), "did", draws=10)
    assert judge(placebos).reasons[0].startswith("10 placebos are too few: the smallest p-value they allow is 0.091")
    few = in_space(named(outcome[:4], np.array([10, 10, 14, 14])), "did")
    assert judge(few).reasons[-1].startswith("2 donors beside 2 treated units are too few")
    alone = in_space(named(outcome[:2], np.array([10, 14])), "did")
    assert judge(alone).reasons[-1].startswith("1 donor is too few: the smallest p-value they allow is 0.500")
    early = judge(in_space(named(outcome, np.array([1] + [14] * 40)), "did"))
    assert early.reasons[0].startswith("1 period before the start is too few")


def test_a_comparison_that_does_not_follow_the_treated_allows_no_verdict() -> None:
    outcome = _world(1e3)
    outcome[0, :10] += 10 * (-1.0) ** np.arange(10)
    found = _judged(outcome, 10)
    assert found.verdict is Verdict.CANNOT_TELL
    assert re.search(r"followed the treated \d+\.\d\d times worse", found.reasons[0])


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


def test_a_comparison_that_follows_far_worse_is_not_told_by_how_many_times() -> None:
    outcome = np.random.default_rng(1).normal(size=(25, 14))
    outcome[0, :10] += 1e4 * (-1.0) ** np.arange(10)
    found = judge(in_space(named(outcome, np.array([10] + [14] * 24)), "sc"))
    assert "more than 100 times worse" in found.reasons[0]


def test_where_no_change_however_large_would_have_stood_out_none_seen_says_nothing() -> None:
    """A donor that rests on the treated alone takes on any effect with the opposite sign, and ties with it."""
    outcome = _world(0.0, units=20)
    outcome[1, :10] = outcome[0, :10]
    placebos = in_space(named(outcome, np.array([10] + [14] * 19)), "sc")
    assert np.isinf(smallest_detectable(placebos).by_rank)
    assert placebos.p_value > 0.05
    found = judge(placebos)
    assert found.verdict is Verdict.CANNOT_TELL
    assert found.reasons[-1].startswith("no change would have stood out, however large")
    assert np.isfinite(smallest_detectable(placebos, size=0.1).by_rank)
    assert judge(placebos, size=0.1).verdict is not Verdict.CANNOT_TELL


def test_random_assignments_that_leave_the_p_value_in_doubt_allow_no_verdict() -> None:
    """The exact p-value of this panel is on one side of 5% by less than 30 draws can tell."""
    rng = np.random.default_rng(0)
    doubtful = 0
    for _ in range(60):
        panel = persistent_world(30, 4, 14, 10, 0.4, rng)
        outcome = panel.outcome.copy()
        outcome[:4, 10:] += 1.2
        placebos = in_space(named(outcome, panel.start), "did", draws=60, earlier=0)
        near = abs(placebos.p_value - 0.05) <= 2 * placebos.p_error
        said = any("random assignments" in reason for reason in judge(placebos).reasons)
        assert said <= near
        if near and placebos.p_value <= 0.05:
            assert "60 random assignments the p-value is" in doubts(placebos)[0]
        doubtful += said
    assert doubtful > 5


@pytest.mark.parametrize("method", METHODS)
def test_one_verdict_for_all_seeds_but_for_doubt(method: Method) -> None:
    rng = np.random.default_rng(4)
    for _ in range(2):
        outcome = ar1(rng, (16, 14), 0.4)
        outcome[:4, 10:] += 1.0
        start = np.array([10] * 4 + [14] * 12)
        verdicts = {
            judge(in_space(named(outcome, start), method, draws=199, seed=seed)).verdict for seed in range(6)
        } - {Verdict.CANNOT_TELL}
        assert len(verdicts) <= 1


# How often a change is seen in panels without an effect. What came before the start has to be looked at for that: by
# the rank of the estimate alone a jump of three standard deviations three periods before it is seen in nine of ten.


def _rate(kind: str, method: Method, periods: int, pre: int, runs: int, effect: float = 0.0) -> float:
    rng = np.random.default_rng(17)
    seen = 0
    for _ in range(runs):
        outcome = _made(kind, rng, periods, pre)
        outcome[0, pre:] += effect
        panel = named(outcome, np.array([pre] + [periods] * 24))
        seen += judge(in_space(panel, method)).verdict in (Verdict.HIGHER, Verdict.LOWER)
    return seen / runs


def _made(kind: str, rng: np.random.Generator, periods: int, pre: int) -> np.ndarray:
    name, _, figure = kind.partition(" ")
    persistence = float(figure) if name == "noise" else 0.4
    outcome = ar1(rng, (25, periods), persistence) + rng.normal(0, 2, (25, 1)) + rng.normal(size=periods)
    time = np.arange(periods)
    if name == "break":
        outcome[0, pre - int(figure) :] += 3
    elif name == "trend":
        outcome += rng.normal(0, 0.05, (25, 1)) * time
        outcome[0] += 0.15 * time
    elif name == "season":
        outcome += rng.uniform(0.5, 2, (25, 1)) * np.sin(np.pi / 2 * time + rng.uniform(0, 6, (25, 1)))
    elif name == "unsteady":
        outcome[0] += float(figure) * rng.normal(size=periods)
    return outcome


SHAPES = [(12, 8), (40, 30)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["noise 0", "noise 0.4", "noise 0.7", "season"])
def test_where_nothing_was_done_a_change_is_seen_in_at_most_7_percent(kind: str, shape: tuple[int, int]) -> None:
    assert _rate(kind, "did", *shape, runs=200) <= 0.07


@pytest.mark.parametrize("method", ["sdid", "sc"])
@pytest.mark.parametrize("kind", ["noise 0.4", "noise 0.7"])
def test_the_same_holds_for_weighted_donors(kind: str, method: Method) -> None:
    assert _rate(kind, method, 12, 8, runs=60) <= 0.07


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["break 5", "break 3", "trend", "unsteady 1"])
def test_what_came_before_the_start_is_seldom_taken_for_an_effect(kind: str, shape: tuple[int, int]) -> None:
    assert _rate(kind, "did", *shape, runs=150) <= 0.1


@pytest.mark.parametrize("method", ["sdid", "sc"])
def test_nor_is_it_with_weighted_donors(method: Method) -> None:
    assert _rate("break 3", method, 40, 30, runs=40) <= 0.15


def test_what_jumps_in_the_last_period_before_the_start_is_not_told_from_an_effect_in_every_case() -> None:
    """Which is why it stands among the assumptions."""
    assert 0 < _rate("break 1", "did", 40, 30, runs=100) <= 0.25


@pytest.mark.parametrize(("shape", "least"), [((12, 8), 0.6), ((40, 30), 0.75)])
def test_an_effect_of_three_standard_deviations_is_mostly_seen(shape: tuple[int, int], least: float) -> None:
    assert _rate("noise 0.4", "did", *shape, runs=80, effect=3.0) >= least


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
    assert said == (
        "No detectable change in visits; a change of 4.13 points or more would have stood out in four of five cases."
    )


def test_large_numbers_are_written_out() -> None:
    said = sentence(Finding(Verdict.LOWER, ()), outcome="visits", unit="persons", att=-1234567.0, detectable=1.0)
    assert "by 1,230,000 persons," in said
    finding = Finding(Verdict.NO_DETECTABLE_CHANGE, ())
    assert "a change of 0.0000123 or more" in sentence(finding, outcome="visits", unit="", att=0.0, detectable=1.234e-5)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_says_what_it_assumes(method: Method) -> None:
    said = assumptions(method)
    assert len(said) == 6
    assert any("break in the last periods before" in each for each in said)
    assert said[0] != assumptions(METHODS[METHODS.index(method) - 1])[0]
