"""What is found of an activity, in a clause: for titles and tables, where the whole sentence has no room."""

from __future__ import annotations

from math import isfinite, nan

from softpower.activities.effect import Effect
from softpower.activities.effects.report import PanelReport
from softpower.activities.effects.verdict import Verdict, number


def told(found: Effect, outcome: str = "") -> str:
    """The verdict without its reasons.

    Parameters
    ----------
    outcome : another name for what was looked at, such as "it" below a heading that names it
    """
    name, verdict = outcome or found.outcome.title, found.report.finding.verdict
    seen = detectable(found)
    if verdict is Verdict.CANNOT_TELL:
        return f"cannot tell whether {name} changed"
    if verdict is Verdict.NO_DETECTABLE_CHANGE:
        if not isfinite(seen):
            return f"no detectable change in {name}"
        return (
            f"no detectable change in {name}; {sized(found, seen)} or more would have stood out in four of five cases"
        )
    estimate = sized(found, found.report.estimate if not isinstance(found.report, PanelReport) else att(found))
    if isinstance(found.report, PanelReport):
        verb = "raised" if verdict is Verdict.HIGHER else "lowered"
        return f"{verb} {name} by {estimate}, if nothing else set the treated apart from the donors"
    verb = "rose" if verdict is Verdict.HIGHER else "fell"
    return f"{name} {verb} by {estimate} beyond what the past foretold; why is not known"


def att(found: Effect) -> float:
    """The estimate of the method that gives the verdict, on the scale it was estimated on; NaN where there is none."""
    if not isinstance(found.report, PanelReport):
        return found.report.estimate
    placebos = found.report.chief.placebos
    return nan if placebos is None else placebos.att


def detectable(found: Effect) -> float:
    """The smallest effect that would have stood out in four of five cases, on the same scale; NaN or infinite where
    none can be named."""
    if not isinstance(found.report, PanelReport):
        return found.report.smallest_detectable
    chief = found.report.chief
    return nan if chief.detectable is None else chief.detectable.by_rank


def interval(found: Effect) -> tuple[float, float]:
    """The 90% interval of the estimate, on the same scale: of a panel by placebos; NaN where there is none."""
    for each in found.report.chief.intervals if isinstance(found.report, PanelReport) else found.report.intervals:
        return each.low, each.high
    return nan, nan


def sized(found: Effect, effect: float) -> str:
    """The size of an effect with its unit, without a sign."""
    if not isfinite(effect):
        return "not known"
    unit = found.unit
    return f"{number(abs(found.amount(effect)))}{'' if unit.startswith('%') or not unit else ' '}{unit}"
