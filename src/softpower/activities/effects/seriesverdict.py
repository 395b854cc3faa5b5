"""What may be said of a single series, and of events of one kind: a change that was seen, none, or nothing at all.

For a single series no cause can be named: all that is said is whether the outcome left what its own past predicts. The
forecast gap decides. It is refused where the past cannot be carried on (`softpower.activities.effects.past`), and a
change is not called one where the short-window test, if it sees about as much, finds it ordinary. That test alone
never makes a change.

For events, units are compared with controls at the same time. What is asked of them is that they moved alike before: a
joint test of the periods before the last one. It misses much of what is wrong and sometimes sees what is not, so that
passing it is no proof.

**One series**, simulated without an effect, with 29, 48, 60 and 92 periods before and windows of 3, 12, 3 and 12 (150
each, with 92 periods 100): at a nominal 5% a change was seen in 1.0 to 4.7% of autoregressions (persistence 0, 0.4,
0.7), in at most 1.3% where the level had changed 6 or 15 periods before, 3.3% where the slope had, 6.0% with a curved
trend, 6.7% with growing noise or exponential growth, 5.3% of random walks and 7.0% with heavy tails; with a season of
12 given, in 1.7 to 4.7% (120 to 300), and with one not given, in 1% at most. Three standard deviations were seen in 93,
80 and 71% with 60 periods before (persistence 0, 0.4, 0.7) and in 89, 73 and 50% with 48 and a window of 12. An effect
as large as is called detectable was seen in 75 to 77% of the series judged, in 68 to 69% of all.

**Events**, in 20 units of which 8 have one (150 panels each): a change was seen in 4.0% where there was none, in 1.3%
with one date for all; nothing could be told of 11 to 13%; effects of 1 and 2 standard deviations were seen in 64 and
89%. What befalls just the units with events stays in: `softpower.activities.effects.eventstudy` says how often.

`python -m benchmarks.series_effects` makes these figures.

References
----------
Roth (2022), Pretest with caution, American Economic Review: Insights 4(3): what a test of the periods before misses.
"""

from __future__ import annotations

from math import isfinite
from typing import Final

from softpower.activities.effects.checks import check_share
from softpower.activities.effects.conformal import ConformalTest
from softpower.activities.effects.eventstudy import EventStudy
from softpower.activities.effects.forecast import ForecastGap
from softpower.activities.effects.past import Past
from softpower.activities.effects.ranking import SIZE
from softpower.activities.effects.verdict import Finding, Verdict

# A p above this of another test contradicts a change, if that test sees effects of up to so many times the size.
_ORDINARY: Final = 0.2
_ABLE: Final = 2.0
# Units moved otherwise than their controls before the event where the joint test says so at this size.
APART: Final = 0.1


def judge_series(found: ForecastGap, past: Past, test: ConformalTest | None = None, *, size: float = SIZE) -> Finding:
    """What may be said of one series.

    Parameters
    ----------
    found : of `softpower.activities.effects.forecast.gap`
    past : of `softpower.activities.effects.past.look`, at the periods before
    test : of `softpower.activities.effects.conformal.conformal_test` on the same window, where it could be made
    size : largest share of changes seen where there is none, between 0 and 1

    >>> import numpy as np
    >>> from softpower.activities.effects.forecast import gap
    >>> from softpower.activities.effects.past import look
    >>> y = np.random.default_rng(7).normal(size=63)
    >>> y[60:] += 6
    >>> found = gap(y, 60)
    >>> judge_series(found, look(y[:60], found)).verdict.value
    'higher'
    """
    check_share("size", size)
    reasons = list(past.doubts)
    least = 1 / (1 + len(found.placebo_ts))
    if least > size:
        reasons.append(
            f"{len(found.placebo_ts)} earlier windows are too few: the smallest p-value they allow is {least:.3f}, "
            f"above the {size:g} asked for"
        )
    able = test is not None and test.smallest_detectable <= _ABLE * found.smallest_detectable
    if test is not None and able and found.p <= size and test.p > _ORDINARY:
        reasons.append(
            f"two tests disagree: p is {found.p:.3f} by the forecast gap, {test.p:.2f} by the short-window test"
        )
    return _finding(reasons, found.p, found.estimate, size)


def judge_events(study: EventStudy, *, size: float = SIZE) -> Finding:
    """What may be said of events of one kind.

    Parameters
    ----------
    study : of `softpower.activities.effects.eventstudy.event_study`
    size : largest share of changes seen where there is none, between 0 and 1

    >>> import numpy as np
    >>> from softpower.activities.effects.eventstudy import event_study
    >>> panel = np.random.default_rng(7).normal(size=(20, 30))
    >>> dates = [(unit, 10 + unit) for unit in range(8)]
    >>> for unit, time in dates:
    ...     panel[unit, time : time + 3] += 4
    >>> judge_events(event_study(panel, dates, before=3, after=3)).verdict.value
    'higher'
    """
    check_share("size", size)
    reasons = []
    if study.n_pre == 1:
        reasons.append("one period before the event does not show whether units moved like their controls: take more")
    elif not isfinite(study.before_p):
        reasons.append("the periods before the event have no noise of their own to judge them by")
    elif study.before_p <= APART:
        reasons.append(
            f"units with events moved otherwise than their controls before them (joint p {study.before_p:.3f})"
        )
    if study.p <= size and study.placebo_p > _ORDINARY:
        reasons.append(f"earlier dates drawn at random show as much (placebo p {study.placebo_p:.2f})")
    return _finding(reasons, study.p, study.estimate, size)


def series_sentence(finding: Finding, *, outcome: str, unit: str, estimate: float, detectable: float) -> str:
    """A verdict on one series in words, without a cause.

    Parameters
    ----------
    finding : of `judge_series`
    outcome : what was measured: "visitor arrivals"
    unit : of the estimate: "thousand a month"
    estimate : mean over the window of what was observed less what was expected
    detectable : the smallest effect that would have been seen in four of five cases; infinite or NaN where unknown

    >>> series_sentence(Finding(Verdict.HIGHER, ()), outcome="visits", unit="thousand", estimate=3.25, detectable=2.0)
    'Visits rose beyond what their own past predicts, by 3.25 thousand on average; why is not known.'
    """
    if finding.verdict in (Verdict.HIGHER, Verdict.LOWER):
        verb = "rose" if finding.verdict is Verdict.HIGHER else "fell"
        return (
            f"{_begun(outcome)} {verb} beyond what their own past predicts, by {_amount(estimate, unit)} on average; "
            "why is not known."
        )
    return _nothing(finding, outcome, unit, detectable)


def events_sentence(
    finding: Finding, study: EventStudy, *, outcome: str, unit: str, event: str = "such an event"
) -> str:
    """A verdict on events in words, with what the study cannot tell apart.

    Parameters
    ----------
    finding : of `judge_events`
    study : that it is about
    outcome, unit : what was measured: "visitor arrivals", in "thousand a month"
    event : with its article: "a film festival"
    """
    cautions = "".join(f" {each}" for each in study.cautions)
    if finding.verdict in (Verdict.HIGHER, Verdict.LOWER):
        verb = "rose" if finding.verdict is Verdict.HIGHER else "fell"
        return (
            f"After {event}, {outcome} {verb} by {_amount(study.estimate, unit)} against units without one at the same "
            f"time, on average over {len(study.events)} events.{cautions}"
        )
    return _nothing(finding, outcome, unit, study.smallest_detectable) + cautions


def _finding(reasons: list[str], p: float, estimate: float, size: float) -> Finding:
    if reasons:
        return Finding(Verdict.CANNOT_TELL, tuple(reasons))
    if p > size:
        return Finding(Verdict.NO_DETECTABLE_CHANGE, ())
    return Finding(Verdict.HIGHER if estimate > 0 else Verdict.LOWER, ())


def _nothing(finding: Finding, outcome: str, unit: str, detectable: float) -> str:
    if finding.verdict is Verdict.CANNOT_TELL:
        return f"Cannot tell whether {outcome} changed: {'; '.join(finding.reasons)}."
    limit = f"; a change of {_amount(detectable, unit)} or more would have been seen in four of five cases"
    return f"No detectable change in {outcome}{limit if isfinite(detectable) else ''}."


def _amount(value: float, unit: str) -> str:
    return f"{abs(value):.3g} {unit}".strip()


def _begun(outcome: str) -> str:
    return outcome[:1].upper() + outcome[1:]
