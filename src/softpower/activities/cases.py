"""Activities whose effect is worked out for the briefs: which, and what was found, kept once it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import isfinite
from typing import Any, Final

import numpy as np

from softpower.activities.activity import Activity
from softpower.activities.bundled import FILES, bundled_activities
from softpower.activities.distinct import distinct
from softpower.activities.effect import SEED, Effect, concurrent, effect
from softpower.activities.outcomes import TIE, Outcome, of_series, of_ties
from softpower.evidence.kept import kept
from softpower.storage import bundled_text, sha256
from softpower.world.tomlfile import parse_toml

FILE: Final = "activities/cases.toml"
# What computes a result: a change of anything else need not cost it again.
CODE: Final = (
    *(f"activities/{name}" for name in ("activity", "cases", "effect", "effects", "outcomes", "saying", "spans")),
    "evidence",
    "world",
)
LIBRARIES: Final = ("numpy", "scipy", "polars")
DESIGNS: Final = {
    "sdid": "synthetic difference in differences",
    "sc": "synthetic control",
    "did": "difference in differences",
    "series": "forecast from its own past",
}
# Placebo gaps that a band holds.
SHARE: Final = 0.9
# Digits that do not change with the machine.
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Case:
    """A question worked out: see the file for the fields."""

    id: str
    country: str
    activity: str
    outcome: str
    start: int
    why: str
    name: str = ""
    end: int | None = None
    treated: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def entry(self) -> Activity:
        """The activity as registered."""
        return next(each for each in bundled_activities() if each.id == self.activity)

    @property
    def concurrent(self) -> tuple[Activity, ...]:
        """Others of the same sender around the same time, each once, the nearest to the start first."""
        entry = self.entry
        others = distinct(concurrent(entry, bundled_activities())).entries
        return tuple(sorted(others, key=lambda each: (abs((each.start - entry.start).days), each.id)))

    def measured(self) -> Outcome:
        """The outcome as a panel or series."""
        options: dict[str, Any] = {"end": self.end, "without": self.without}
        if self.outcome.startswith(TIE):
            found = of_ties(self.outcome.removeprefix(TIE), self.country, self.treated, self.start, **options)
        else:
            found = of_series(self.outcome, self.treated or (self.country,), self.start, **options)
        return replace(found, title=self.name or found.title)

    def effect(self) -> Effect:
        """What is found, computed anew."""
        return effect(self.measured(), activity=self.entry, register=bundled_activities(), seed=SEED)


@dataclass(frozen=True, slots=True)
class Way:
    """Of each year, the outcome in its own units and the gap as effects are told; nine in ten gaps of placebos lie
    between ``low`` and ``high``."""

    labels: tuple[str, ...]
    start: int
    treated: tuple[float, ...]
    synthetic: tuple[float, ...]
    gap: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Worked:
    """What was found of a case.

    Attributes
    ----------
    case : the question
    outcome, unit, sources : of the series
    effect_unit : of the figures that follow
    effect, low, high : the estimate with its 90% interval; None where there is none, or no end to it
    detectable : smallest effect that would have stood out in four of five cases; None where none can be named
    verdict : see `softpower.activities.effects.verdict.Verdict`
    told : the verdict in a clause
    reasons : why it cannot be told
    design : in words
    causal : whether there is a comparison group
    donors, before, after : units compared with, periods before the start and from it on
    first, last : years
    path : what happened, and what the comparison leads one to expect, where there is one
    """

    case: Case
    outcome: str
    unit: str
    sources: tuple[str, ...]
    effect_unit: str
    effect: float | None
    low: float | None
    high: float | None
    detectable: float | None
    verdict: str
    told: str
    reasons: tuple[str, ...]
    design: str
    causal: bool
    donors: int
    before: int
    after: int
    first: str
    last: str
    path: Way | None


@cache
def cases() -> tuple[Case, ...]:
    """All of them, in the order of the file.

    >>> {each.country for each in cases()} <= set(about())
    True
    """
    return tuple(_case(id, fields) for id, fields in parse_toml(bundled_text(FILE), name=FILE).content.items())


def about() -> tuple[str, ...]:
    """The countries that the bundled register is about. Entries of others are there only since they act in these.

    >>> about()
    ('KAZ', 'TUR')
    """
    return tuple(dict.fromkeys(each.country for each in cases()))


def worked(case: Case) -> Worked:
    """What was found of a case: computed once for the same data, register and code."""
    register = tuple(sha256(bundled_text(name).encode()) for name in FILES)
    found = kept("activities", (case, register), lambda: _result(case), code=CODE, libraries=LIBRARIES)
    way = found.pop("path")
    return Worked(case, **_tuples(found), path=None if way is None else Way(**_tuples(way)))


def _case(id: str, fields: Mapping[str, Any]) -> Case:
    return Case(id=id, **_tuples(fields))


def _tuples(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


def _result(case: Case) -> dict[str, Any]:
    from softpower.activities.effects.report import PanelReport
    from softpower.activities.saying import att, detectable, interval, told

    found = case.effect()
    what, report = found.outcome, found.report
    low, high = interval(found)
    return {
        "outcome": what.title,
        "unit": what.unit,
        "sources": list(what.sources),
        "effect_unit": found.unit,
        "effect": _amount(found, att(found)),
        "low": _amount(found, low),
        "high": _amount(found, high),
        "detectable": _amount(found, detectable(found)),
        "verdict": report.finding.verdict.value,
        "told": told(found),
        "reasons": list(report.finding.reasons),
        "design": DESIGNS[report.chief.method if isinstance(report, PanelReport) else "series"],
        "causal": found.causal,
        "donors": len(what.donors),
        "before": what.start,
        "after": len(what.times) - what.start,
        "first": what.labels[0],
        "last": what.labels[-1],
        "path": _path(found),
    }


def _path(found: Effect) -> dict[str, Any] | None:
    """The way of the treated and of the comparison; None of a series, which has none."""
    from softpower.activities.effects.report import PanelReport

    if not isinstance(found.report, PanelReport) or found.report.chief.placebos is None:
        return None
    (way, *_) = found.report.path(found.report.chief.method)
    log = found.outcome.scale == "log"
    levels = [np.exp(each) if log else each for each in (way.treated, way.synthetic)]
    ends = np.quantile(way.placebo_gaps, [(1 - SHARE) / 2, (1 + SHARE) / 2], axis=0)
    gaps = [100 * np.expm1(each) if log else each for each in (way.gap, *ends)]
    names = ("treated", "synthetic", "gap", "low", "high")
    lines = {name: [_rounded(x) for x in each.tolist()] for name, each in zip(names, [*levels, *gaps], strict=True)}
    return {"labels": list(found.outcome.labels), "start": found.outcome.start} | lines


def _amount(found: Effect, value: float) -> float | None:
    """An effect as it is told, to so many digits that all machines agree."""
    return _rounded(found.amount(value)) if isfinite(value) else None


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
