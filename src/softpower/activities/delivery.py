"""Planned beside realised: how much of what was announced came about.

A figure has a ratio where it is both planned and realised. Where either is a range so is the ratio, from the least
realised of the most planned to the most realised of the least planned. "More than 100" is registered as 100, so that a
ratio is as rough as the words were. A figure that the organiser counted itself stays labelled *claimed*.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final, Literal

from softpower.activities.activity import Activity, Figure
from softpower.activities.distinct import distinct
from softpower.activities.plain import plain

Why = Literal["", "not realised, or not known", "not planned, or not known", "planned is not above zero", "cancelled"]
Range = tuple[float, float]
# Ratios below which nothing is said of their spread.
LEAST: Final = 5


@dataclass(frozen=True, slots=True)
class Delivered:
    """One figure of one activity.

    Attributes
    ----------
    id, name, year : of the activity
    indicator, unit : what is counted
    planned, realised : least and most, equal where a single number is given; None unknown
    claimed : whether the figure realised is the organiser's own
    source : who says so
    ratio : realised of planned, least and most; None where there is none
    why : reason for that
    """

    id: str
    name: str
    year: int
    indicator: str
    unit: str
    planned: Range | None
    realised: Range | None
    claimed: bool
    source: str
    ratio: Range | None
    why: Why

    @property
    def text(self) -> str:
        """As a page says it: "2,500 of 4,000 to 5,000 planned (claimed)"."""
        realised = "not known" if self.realised is None else _range(self.realised)
        planned = "" if self.planned is None else f" of {_range(self.planned)} planned"
        return f"{realised}{planned}{' (claimed)' if self.claimed else ''}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Planned and realised figures of a register.

    Attributes
    ----------
    figures : all of them, by start of the activity
    ratios : how many have a ratio
    activities : of how many activities these are
    claimed : how many of the ratios rest on the organiser's own figure
    median : least and most it can be, over figures that have a ratio; None where none has
    quartiles : the lower quartile's least, the upper quartile's most; None for fewer than five ratios
    least, most : of all ratios; None where there is none
    planned_only, realised_only, not_positive, cancelled : figures without a ratio, by reason
    same : ids of entries left out, each with that of the entry which is counted
    """

    figures: tuple[Delivered, ...]
    ratios: int
    activities: int
    claimed: int
    median: Range | None
    quartiles: Range | None
    least: float | None
    most: float | None
    planned_only: int
    realised_only: int
    not_positive: int
    cancelled: int
    same: tuple[tuple[str, str], ...]

    def document(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        found: dict[str, Any] = plain(self) | {"same": dict(self.same)}
        return found


def delivery(entries: Sequence[Activity]) -> Delivery:
    """What was planned beside what was realised, over a register.

    >>> from softpower.activities.bundled import bundled_activities
    >>> games = [each for each in bundled_activities() if each.id == "KAZ-WNG-2024"]
    >>> [(each.text, each.ratio) for each in delivery(games).figures][0]
    ('2,500 of 4,000 to 5,000 planned (claimed)', (0.5, 0.625))
    """
    once = distinct(entries)
    ordered = sorted(once.entries, key=lambda each: (each.start, each.id))
    figures = tuple(_delivered(each, figure) for each in ordered for figure in each.figures)
    known = [(each, each.ratio) for each in figures if each.ratio is not None]
    lows, highs = sorted(low for _, (low, _) in known), sorted(high for _, (_, high) in known)
    whys = [each.why for each in figures]
    return Delivery(
        figures=figures,
        ratios=len(known),
        activities=len({each.id for each, _ in known}),
        claimed=sum(each.claimed for each, _ in known),
        # Each figure's own place in order does not matter: the median rises with each of the values.
        median=(median(lows), median(highs)) if known else None,
        quartiles=(_quantile(lows, 0.25), _quantile(highs, 0.75)) if len(known) >= LEAST else None,
        least=lows[0] if known else None,
        most=highs[-1] if known else None,
        planned_only=whys.count("not realised, or not known"),
        realised_only=whys.count("not planned, or not known"),
        not_positive=whys.count("planned is not above zero"),
        cancelled=whys.count("cancelled"),
        same=once.left_out,
    )


def ratio(figure: Figure) -> Range | None:
    """Realised of planned, least and most; None where either is missing or the plan is not above zero.

    >>> ratio(Figure(indicator="visits", planned=5_000_000, realised=4_000_000))
    (0.8, 0.8)
    """
    planned, realised = _pair(figure.planned, figure.planned_most), _pair(figure.realised, figure.realised_most)
    if planned is None or realised is None or planned[0] <= 0:
        return None
    quotients = [each / of for each in realised for of in planned]
    return min(quotients), max(quotients)


def _delivered(entry: Activity, figure: Figure) -> Delivered:
    planned, realised = _pair(figure.planned, figure.planned_most), _pair(figure.realised, figure.realised_most)
    why: Why = ""
    if realised is None:
        why = "cancelled" if entry.status == "cancelled" else "not realised, or not known"
    elif planned is None:
        why = "not planned, or not known"
    elif planned[0] <= 0:
        why = "planned is not above zero"
    return Delivered(
        entry.id,
        entry.name,
        entry.start.year,
        figure.indicator,
        figure.unit,
        planned,
        realised,
        figure.claimed,
        figure.source,
        ratio(figure),
        why,
    )


def _pair(least: float | None, most: float | None) -> Range | None:
    return None if least is None else (least, least if most is None else most)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Linear between neighbours, as `numpy.quantile` has it by default."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _range(values: Iterable[float]) -> str:
    least, most = (f"{each:,.10g}" for each in values)
    return least if least == most else f"{least} to {most}"
