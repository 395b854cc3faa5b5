"""All that is worked out for one panel, by each method, as one object: for the command, its JSON and its plots.

Synthetic difference in differences comes first and gives the verdict: it follows the treated before the start and yet
does not ask donors to be as high as they are. Where another method comes to another verdict, that is said; where one
sees a rise and another a fall, nothing can be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softpower.activities.effects.checks import check_share
from softpower.activities.effects.defaults import DRAWS, LEVEL, RESAMPLES, ROW_DRAWS, SEED
from softpower.activities.effects.detectable import Detectable, smallest_detectable
from softpower.activities.effects.estimate import METHODS, Estimate, Method
from softpower.activities.effects.intervals import Interval, by_rank, intervals
from softpower.activities.effects.panel import Panel
from softpower.activities.effects.panelcurve import panel_curve
from softpower.activities.effects.placebo import Placebos, in_space, in_time, without_each
from softpower.activities.effects.ranking import POWER, SIZE
from softpower.activities.effects.specifications import Specification, SpecificationCurve
from softpower.activities.effects.verdict import Finding, Verdict, assumptions, judge, sentence, unknown
from softpower.errors import BadRequest, NotEnoughData

Array = NDArray[np.float64]

_SEEN = (Verdict.HIGHER, Verdict.LOWER)


@dataclass(frozen=True, slots=True, eq=False)
class MethodReport:
    """What one method finds in a panel.

    Attributes
    ----------
    method : "sdid", "sc" or "did"
    finding : verdict by this method alone
    placebos : estimate, and estimates under other assignments; None where the method gives none, and ``finding`` says
        why, as do all that follow
    intervals : of the estimate
    test : interval by rank at 1 less the size of the test: it holds 0 just where the test does not refuse "no effect"
    detectable : smallest effect that would have stood out
    weights : donor and weight, the largest first, those of nothing left out
    without : estimate without each donor that has a weight
    in_time : estimate with the start so many periods earlier, over what came before the true one
    """

    method: Method
    finding: Finding
    placebos: Placebos | None = None
    intervals: tuple[Interval, ...] = ()
    test: Interval | None = None
    detectable: Detectable | None = None
    weights: tuple[tuple[str, float], ...] = ()
    without: tuple[tuple[str, float], ...] = ()
    in_time: tuple[tuple[int, float], ...] = ()

    @property
    def estimate(self) -> Estimate | None:
        """The fits."""
        return None if self.placebos is None else self.placebos.estimate

    @property
    def left_out(self) -> tuple[float, float] | None:
        """Smallest and largest estimate without a donor; None of a single donor."""
        found = [att for _, att in self.without]
        return (min(found), max(found)) if found else None


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """What to plot for the treated that start in the same period.

    Attributes
    ----------
    units : the treated
    times : labels of the periods, shape (time,)
    start : first period treated
    treated : their mean outcome, shape (time,)
    synthetic : what it is compared with, shape (time,): the weighted mean of donors, moved to the height of the treated
        before the start unless the method takes levels as they are
    gap : treated less synthetic, shape (time,)
    placebo_gaps : the same under other assignments, shape (draw, time)
    """

    units: tuple[str, ...]
    times: tuple[Any, ...]
    start: Any
    treated: Array
    synthetic: Array
    gap: Array
    placebo_gaps: Array


@dataclass(frozen=True, slots=True, eq=False)
class PanelReport:
    """What all methods find in a panel.

    Attributes
    ----------
    panel : what was looked at
    finding : the verdict
    agreement : whether methods agree, a sentence; empty if only one gives a verdict
    methods : by method, synthetic difference in differences first
    curve : estimates under all combinations of method, periods and donors
    seed, size, level, draws : as given
    """

    panel: Panel
    finding: Finding
    agreement: str
    methods: tuple[MethodReport, ...]
    curve: SpecificationCurve
    seed: int
    size: float
    level: float
    draws: int

    @property
    def chief(self) -> MethodReport:
        """The method that gives the verdict."""
        return self.methods[0]

    def sentence(self, *, outcome: str, unit: str) -> str:
        """The verdict in words: see `softpower.activities.effects.verdict.sentence`."""
        chief = self.chief
        return sentence(
            self.finding,
            outcome=outcome,
            unit=unit,
            att=nan if chief.placebos is None else chief.placebos.att,
            detectable=nan if chief.detectable is None else chief.detectable.by_rank,
        )

    def path(self, method: Method = "sdid") -> tuple[Path, ...]:
        """What to plot, for each start, the earliest first.

        Raises
        ------
        NotEnoughData
            The method gives no estimate here.
        """
        found = next(each for each in self.methods if each.method == method)
        if found.placebos is None:
            raise NotEnoughData(f"{method} gives no estimate here: {'; '.join(found.finding.reasons)}")
        return _paths(self.panel, found.placebos)

    def document(self) -> dict[str, Any]:
        """Everything but the paths, for JSON: numbers that are infinite or not known are null."""
        chief = self.chief
        answered = [each for each in self.methods if each.placebos is not None]
        document = {
            "verdict": self.finding.verdict.value,
            "reasons": list(self.finding.reasons),
            "agreement": self.agreement,
            "estimates": [_estimate(each) for each in answered],
            "pre_fit": _pre_fit(chief.placebos),
            "smallest_detectable": nan if chief.detectable is None else chief.detectable.by_rank,
            "smallest_detectable_by_spread": nan if chief.detectable is None else chief.detectable.by_spread,
            "test_interval": _interval(chief.test),
            "method": chief.method,
            "methods": [_method(each) for each in self.methods],
            "specifications": _curve(self.curve),
            "assumptions": list(assumptions(chief.method)),
            "treated": [
                {"unit": self.panel.units[unit], "start": self.panel.times[self.panel.start[unit]]}
                for unit in self.panel.treated
            ],
            "donors": [self.panel.units[unit] for unit in self.panel.donors],
            "first": self.panel.times[0],
            "last": self.panel.times[-1],
            "seed": self.seed,
            "size": self.size,
            "power": POWER,
            "level": self.level,
            "draws": self.draws,
        }
        plain: dict[str, Any] = _plain(document)
        return plain


def panel_report(
    panel: Panel,
    *,
    end: Any = None,
    seed: int = SEED,
    size: float = SIZE,
    level: float = LEVEL,
    draws: int = DRAWS,
    methods: Sequence[Method] = METHODS,
) -> PanelReport:
    """All that can be said of a panel.

    Parameters
    ----------
    panel : as given
    end : last period to take; by default all. Units treated later only are left out.
    seed : of random assignments and of the bootstrap
    size : of the test that the verdict rests on, between 0 and 1
    level : of the intervals, between 0 and 1
    draws : random assignments, where there are more than as many
    methods : some of `METHODS`; the first gives the verdict

    Raises
    ------
    BadRequest
        A size or level that is no share, no draw, a method unknown or none, an end that is no period of the panel or
        comes before every start.

    >>> outcome = np.random.default_rng(1).normal(size=(25, 12))
    >>> outcome[0, 8:] += 6.0
    >>> panel = Panel(outcome, np.array([8] + [12] * 24), tuple("ABCDEFGHIJKLMNOPQRSTUVWXY"), tuple(range(12)))
    >>> report = panel_report(panel, methods=["did"])
    >>> report.finding.verdict.value, report.document()["estimates"][0]["p_placebo"]
    ('higher', 0.04)
    """
    check_share("size", size)
    check_share("level", level)
    unfit = [method for method in methods if method not in METHODS]
    if unfit or not methods:
        raise BadRequest(f"methods {', '.join(unfit) or 'none'}: give some of {', '.join(METHODS)}")
    if end is not None:
        if end not in panel.times:
            raise BadRequest(f"end {end!r} is no period of the panel: these are {panel.times[0]} to {panel.times[-1]}")
        panel = panel.within(0, panel.times.index(end) + 1)
    found = tuple(_by(panel, method, seed, size, level, draws) for method in dict.fromkeys(methods))
    finding, agreement = agreed(found)
    return PanelReport(
        panel,
        finding,
        agreement,
        found,
        panel_curve(
            panel,
            methods=[each.method for each in found],
            size=size,
            level=level,
            draws=min(draws, ROW_DRAWS),
            seed=seed,
        ),
        seed,
        size,
        level,
        draws,
    )


def agreed(found: Sequence[MethodReport]) -> tuple[Finding, str]:
    """The verdict of the first method, and a sentence on whether the others come to the same.

    >>> rise, fall = (MethodReport("did", Finding(verdict, ())) for verdict in (Verdict.HIGHER, Verdict.LOWER))
    >>> agreed([rise, fall])[0].verdict.value
    'cannot_tell'
    >>> agreed([rise, MethodReport("sc", Finding(Verdict.NO_DETECTABLE_CHANGE, ()))])[1]
    'Methods disagree: did higher, sc no detectable change.'
    """
    finding = found[0].finding
    told = [each for each in found if each.finding.verdict is not Verdict.CANNOT_TELL]
    said = ", ".join(f"{each.method} {each.finding.verdict.value.replace('_', ' ')}" for each in found)
    verdicts = {each.finding.verdict for each in told}
    if verdicts >= set(_SEEN):
        reasons = (*finding.reasons, f"methods see changes in opposite directions: {said}")
        return replace(finding, verdict=Verdict.CANNOT_TELL, reasons=reasons), f"Methods disagree: {said}."
    if len(verdicts) > 1:
        return finding, f"Methods disagree: {said}."
    if len(told) < 2:
        return finding, ""
    return finding, f"Methods {'agree' if len(told) == len(found) else 'do not contradict each other'}: {said}."


def _by(panel: Panel, method: Method, seed: int, size: float, level: float, draws: int) -> MethodReport:
    """What one method finds."""
    try:
        placebos = in_space(panel, method, draws=draws, seed=seed)
    except NotEnoughData as refusal:
        return MethodReport(method, unknown(refusal))
    weights = placebos.estimate.unit_weights
    order = [place for place in np.argsort(-weights, kind="stable") if weights[place] > 0]
    without = without_each(panel, method) if len(panel.donors) > 1 else {}
    return MethodReport(
        method,
        judge(placebos, size=size),
        placebos,
        tuple(intervals(panel, placebos, level=level, draws=min(draws, RESAMPLES), seed=seed)),
        by_rank(placebos, 1 - size),
        smallest_detectable(placebos, size=size, power=max(POWER, (1 + size) / 2)),
        tuple((panel.units[panel.donors[place]], float(weights[place])) for place in order),
        tuple(without.items()),
        tuple(in_time(panel, method).items()),
    )


def _paths(panel: Panel, placebos: Placebos) -> tuple[Path, ...]:
    """For each start."""
    found = []
    for place, (cohort, fit) in enumerate(zip(panel.cohorts(), placebos.estimate.fits, strict=True)):
        treated = cohort.treated.mean(axis=0)
        units = tuple(panel.units[unit] for unit in np.flatnonzero(panel.start == cohort.pre))
        found.append(
            Path(
                units,
                panel.times,
                panel.times[cohort.pre],
                treated,
                treated - fit.gap,
                fit.gap,
                placebos.null.gap[:, place],
            )
        )
    return tuple(found)


def _estimate(found: MethodReport) -> dict[str, Any]:
    """The part of the document that names one estimate."""
    assert found.placebos is not None
    return {
        "method": found.method,
        "att": found.placebos.att,
        "intervals": [_interval(each) for each in found.intervals],
        "p_placebo": found.placebos.p_value,
    }


def _interval(interval: Interval | None) -> dict[str, Any] | None:
    if interval is None:
        return None
    plain = {"kind": interval.kind, "level": interval.level, "low": interval.low, "high": interval.high}
    return plain | ({"caveat": interval.caveat} if interval.caveat else {})


def _pre_fit(placebos: Placebos | None) -> dict[str, float] | None:
    """How the comparison followed the treated before the start."""
    if placebos is None:
        return None
    return {
        "rmspe": placebos.estimate.pre_rmspe,
        "times_usual": placebos.fit_ratio,
        "p_step": placebos.p_step,
        "p_earlier": placebos.p_earlier,
    }


def _method(found: MethodReport) -> dict[str, Any]:
    """All of one method."""
    base: dict[str, Any] = {
        "method": found.method,
        "verdict": found.finding.verdict.value,
        "reasons": list(found.finding.reasons),
    }
    if found.placebos is None or found.detectable is None:
        return base
    placebos = found.placebos
    return base | {
        "att": placebos.att,
        "p_placebo": placebos.p_value,
        "p_placebo_error": placebos.p_error,
        "p_ratio": placebos.p_ratio,
        "p_steady": placebos.p_steady,
        "assignments": len(placebos.null_share),
        "test_interval": _interval(found.test),
        "pre_fit": _pre_fit(placebos),
        "smallest_detectable": found.detectable.by_rank,
        "smallest_detectable_by_spread": found.detectable.by_spread,
        "weights": [{"unit": unit, "weight": weight} for unit, weight in found.weights],
        "without_range": found.left_out,
        "without": [{"unit": unit, "att": att} for unit, att in found.without],
        "in_time": [{"periods_earlier": back, "att": att} for back, att in found.in_time],
    }


def _curve(curve: SpecificationCurve) -> dict[str, Any]:
    return {
        "median": curve.median,
        "least": curve.least,
        "most": curve.most,
        "same_sign": curve.same_sign,
        "significant": curve.significant,
        "refused": curve.n_refused,
        "rows": [_row(row) for row in curve.rows],
    }


def _row(row: Specification) -> dict[str, Any]:
    return {
        "choices": dict(row.choices),
        "estimate": row.estimate,
        "low": row.low,
        "high": row.high,
        "level": row.level,
        "p": row.p,
        "n_pre": row.n_pre,
        "n_post": row.n_post,
        "smallest_detectable": row.smallest_detectable,
        "refused": row.refused,
    }


def _plain(value: Any) -> Any:
    """The same with numbers that JSON does not know as None, and labels that it does not know as text."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)
