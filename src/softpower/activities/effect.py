"""Whether an activity changed an outcome: the design that the data allow, in words and as numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from softpower.activities.activity import Activity
from softpower.activities.distinct import distinct
from softpower.activities.effects.defaults import DRAWS, LEVEL
from softpower.activities.effects.report import PanelReport, panel_report
from softpower.activities.effects.seriesreport import SeriesReport, series_report
from softpower.activities.effects.verdict import number, sentence
from softpower.activities.outcomes import Outcome
from softpower.activities.spans import DONE, ran_within
from softpower.errors import BadRequest, NotEnoughData
from softpower.world import vector_members, vectors_of

SEED: Final = 7
# Years before the start of an activity from which on others count as concurrent.
BEFORE: Final = 1


@dataclass(frozen=True, eq=False)
class Effect:
    """What can be said of an activity and an outcome.

    Attributes
    ----------
    outcome : what was looked at
    report : of a panel where there are donors, of a series against its own past where there are none
    activity : the entry; None for a table without one
    concurrent : other activities of the same sender around the same time, by start
    """

    outcome: Outcome
    report: PanelReport | SeriesReport
    activity: Activity | None = None
    concurrent: tuple[Activity, ...] = ()

    @property
    def causal(self) -> bool:
        """Whether there is a comparison group."""
        return isinstance(self.report, PanelReport)

    @property
    def unit(self) -> str:
        """Of effects, as `amount` gives them."""
        return {"log": "%", "index": "% of the mean before"}.get(self.outcome.scale, self.outcome.unit)

    def amount(self, effect: float) -> float:
        """An effect as it is told: of logarithms in per cent."""
        if self.outcome.scale != "log":
            return effect
        return 100 * math.expm1(effect) if effect < 700 else math.inf

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        report, title = self.report, self.outcome.title
        if isinstance(report, PanelReport):
            chief = report.chief
            att = math.nan if chief.placebos is None else chief.placebos.att
            seen = math.nan if chief.detectable is None else chief.detectable.by_rank
            return sentence(
                report.finding, outcome=title, unit=self.unit, att=self.amount(att), detectable=self.amount(seen)
            )
        from softpower.activities.effects.seriesverdict import series_sentence

        return series_sentence(
            report.finding,
            estimate=self.amount(report.estimate),
            detectable=self.amount(report.smallest_detectable),
            outcome=title,
            unit=self.unit,
        )

    def said(self, effect: float) -> str:
        """An effect with its sign, for a table."""
        if not math.isfinite(effect):
            return "-" if math.isnan(effect) else "without limit"
        value = self.amount(effect)
        return f"{'+' if value > 0 else '-' if value < 0 else ''}{number(abs(value))}"

    def document(self) -> dict[str, Any]:
        """Everything, for JSON. Estimates are on the scale that ``outcome`` names."""
        what = self.outcome
        about = {
            "title": what.title,
            "unit": what.unit,
            "scale": what.scale,
            "sources": list(what.sources),
            "treated": [what.units[at] for at in what.treated],
            "start": what.labels[what.start],
            "first": what.labels[0],
            "last": what.labels[-1],
            "left_out": list(what.left_out),
        }
        concurrent = [
            {"id": each.id, "title": each.name, "start": each.start.isoformat(), "instrument": each.instrument}
            for each in self.concurrent
        ]
        report = _labelled(self.report.document(), dict(zip(what.times, what.labels, strict=True)))
        if not self.causal:
            # The same keys as of a panel, so that nobody has to ask which it is.
            report["estimates"] = [each | {"att": each["estimate"]} for each in report["estimates"]]
            report["pre_fit"] = None
            report |= {"agreement": "", "methods": [], "draws": None}
            report["estimates"] = [{"p_placebo": None} | each for each in report["estimates"]]
        return report | {
            "design": "panel" if self.causal else "series",
            "outcome": about,
            "activity": None if self.activity is None else self.activity.id,
            "concurrent": concurrent,
            "sentence": self.sentence,
        }


def _labelled(document: dict[str, Any], labels: Mapping[Any, str]) -> dict[str, Any]:
    """The document of a panel with periods as the file writes them, in place of numbers."""

    def named(value: Any) -> Any:
        return labels.get(value, value)

    found = document | {key: named(document[key]) for key in ("first", "last") if key in document}
    if "treated" in document:
        found["treated"] = [each | {"start": named(each["start"])} for each in document["treated"]]
    rows = [
        row | {"choices": {key: named(value) if key in _PERIODS else value for key, value in row["choices"].items()}}
        for row in document["specifications"]["rows"]
    ]
    return found | {"specifications": document["specifications"] | {"rows": rows}}


# Choices of a specification that are periods.
_PERIODS: Final = ("from", "to", "start")


def effect(
    outcome: Outcome,
    *,
    activity: Activity | None = None,
    register: Sequence[Activity] = (),
    season: int | None = None,
    seed: int = SEED,
    draws: int = DRAWS,
) -> Effect:
    """What can be said of an outcome.

    Parameters
    ----------
    activity, register : the entry, and all entries among which concurrent ones are looked for
    season : periods after which the same mean comes back; for a series without donors only
    seed, draws : of random assignments, where there are more than as many

    Raises
    ------
    NotEnoughData
        Nothing changes at all.
    BadRequest
        A season of a panel; several treated without donors.
    """
    around = () if activity is None else concurrent(activity, register)
    if outcome.donors:
        if season is not None:
            raise BadRequest("a season is for a series without donors: donors have the same seasons")
        return Effect(outcome, panel_report(outcome.panel(), seed=seed, draws=draws), activity, around)
    if len(outcome.treated) != 1:
        raise BadRequest("all units are treated: give units that never had the activity, or a single treated unit")
    values = outcome.scaled[outcome.treated[0]]
    return Effect(
        outcome, series_report(values, outcome.start, season=season, seed=seed, level=LEVEL), activity, around
    )


def concurrent(activity: Activity, register: Sequence[Activity]) -> tuple[Activity, ...]:
    """Other activities of the same sender that ran between a year before its start and its end, by start."""
    first = date(max(activity.start.year - BEFORE, 1), 1, 1)
    last = activity.end or date(activity.start.year, 12, 31)
    found = [
        each
        for each in distinct(register).entries
        if each.id != activity.id
        and each.status in DONE
        and set(each.sender) & set(activity.sender)
        and each.start >= first
        and ran_within(each, first, last)
    ]
    return tuple(sorted(found, key=lambda each: (each.start, each.id)))


def aimed_at(activity: Activity) -> tuple[str, ...]:
    """ISO3 codes of the countries at which an activity was aimed: those named, and members of the vectors named.

    Raises
    ------
    NotEnoughData
        It names none: the world, a region, or nobody.
    """
    found = [each for each in activity.audience if len(each) == 3]
    vectors = {each.id: each for sender in activity.sender for each in vectors_of(sender)}
    for each in activity.audience:
        if each.startswith("vector:") and (vector := vectors.get(each.removeprefix("vector:"))):
            found += vector_members(vector, year=activity.start.year)
    chosen = tuple(dict.fromkeys(each for each in found if each not in activity.sender))
    if not chosen:
        raise NotEnoughData(f"{activity.id} names no countries at which it was aimed; name them: --treated AZE,TUR")
    return chosen
