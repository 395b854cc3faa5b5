"""Principles of practice as checks that a register can answer: each a figure of its own, never one score.

Public diplomacy is said to work where it goes both ways, lasts, reaches different publics, is done with partners, is
evaluated, delivers what it announces, and can be checked. Each check gives its value, how many entries that rests on,
and how many it cannot tell about; with fewer than five there is no value. A share has a Wilson interval at 95 %, as if
the entries were drawn from all that a country does; they are not, so that it is a floor of what is unsure.

References
----------
Cull (2019), Public Diplomacy: Foundations for Global Engagement in the Digital Age: listening, credibility,
partnership, long time.
Zaharna (2010), Battles to Bridges: exchange of both sides, networks with partners.
Wilson (1927), Probable inference, the law of succession, and statistical inference, Journal of the American Statistical
Association 22, 209-212, its interval for a share.
Shannon (1948), A mathematical theory of communication, Bell System Technical Journal 27: entropy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from softpower.activities.activity import Activity
from softpower.activities.delivery import Delivery, delivery
from softpower.activities.distinct import distinct
from softpower.activities.editions import Editions, Interval, editions, series_in
from softpower.activities.plain import plain
from softpower.activities.reach import default_vectors
from softpower.activities.spans import done
from softpower.activities.towards import towards, vector_notation
from softpower.world import Vector, find

Name = Literal["two_way", "continuity", "spread", "partners", "evaluation", "delivery", "sources"]
# Entries below which there is no value.
LEAST: Final = 5
# Editions of a series below which nothing is said of its intervals: two intervals have no usual one.
LEAST_EDITIONS: Final = 4
_Z: Final = 1.959963984540054
_WITH: Final = frozenset({"partner", "funder", "host", "implementer"})


@dataclass(frozen=True, slots=True)
class Check:
    """One principle, measured.

    Attributes
    ----------
    name, title : of the principle
    value : a share, an evenness or a ratio, of a range its middle; None with fewer than five to rest on
    low, high : of the value, as ``interval`` says; None where there is no value or no interval
    interval : what low and high are; "" where there are none
    n : entries, series or figures it rests on
    unknown : those it cannot tell about
    of : what n counts: "activities", "series", "figures"
    too_few : whether n is below five
    sentence : in words
    """

    name: Name
    title: str
    value: float | None
    low: float | None
    high: float | None
    interval: str
    n: int
    unknown: int
    of: str
    too_few: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Practice:
    """All checks of a country's register.

    Attributes
    ----------
    sender : ISO3
    as_of : day up to which editions count
    activities : entries that took place or go on, each activity once, outcomes apart
    checks : in the order of `Name`
    late : intervals between editions longer than 1.5 times the usual, with the id of the series
    """

    sender: str
    as_of: date
    activities: int
    checks: tuple[Check, ...]
    late: tuple[tuple[str, Interval], ...]

    def __getitem__(self, name: Name) -> Check:
        return next(each for each in self.checks if each.name == name)

    def document(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        late = [{"series": series, **plain(interval)} for series, interval in self.late]
        found: dict[str, Any] = plain(self) | {"late": late}
        return found


def practice(
    entries: Sequence[Activity], sender: str, *, as_of: date, vectors: Sequence[Vector] | None = None
) -> Practice:
    """How a country's register stands to principles of practice.

    Parameters
    ----------
    entries : the register
    sender : a country, by code or name
    as_of : what begins after it is left out
    vectors : among which the spread is measured, two at least; default those of the country shown by default

    Raises
    ------
    UnknownCountry
        ``sender`` is none.

    >>> from softpower.activities.bundled import bundled_activities
    >>> found = practice(bundled_activities(), "KAZ", as_of=date(2025, 12, 31))
    >>> found["evaluation"].sentence
    'Whether an evaluation is planned is known of 0 of 71 activities: too few to say.'
    """
    iso3 = find(sender).iso3
    ours = [each for each in distinct(entries).entries if iso3 in each.sender and each.start <= as_of]
    activities = [each for each in done(ours) if each.nature != "outcome"]
    series = [editions(ours, each, as_of=as_of) for each in series_in(activities)]
    compared = [each for each in series if len(each.intervals) >= LEAST_EDITIONS - 1]
    checks = (
        _share(
            "two_way",
            "Both ways",
            activities,
            lambda each: each.two_way,
            "Whether both sides speak, teach or learn",
            "In {} both sides speak, teach or learn",
        ),
        _continuity(series, compared),
        _spread(activities, iso3, default_vectors(iso3) if vectors is None else vectors),
        _share(
            "partners",
            "Partners",
            activities,
            with_partner_from_abroad,
            "Whether there is a partner from abroad",
            "{} name a partner from abroad",
        ),
        _share(
            "evaluation",
            "Evaluation",
            activities,
            lambda each: each.evaluation,
            "Whether an evaluation is planned",
            "For {} an evaluation is planned or was done",
        ),
        _delivered(delivery(ours)),
        _share(
            "sources",
            "Sources",
            activities,
            lambda each: any(source.seen for source in each.sources),
            "Whether a source was read",
            "{} have a source that was read",
        ),
    )
    late = tuple((each.series, interval) for each in compared for interval in each.intervals if interval.long)
    return Practice(iso3, as_of, len(activities), checks, late)


def with_partner_from_abroad(entry: Activity) -> bool | None:
    """Whether somebody from abroad, or an international organisation, takes part in carrying it out.

    Joint senders are partners of each other. None where no actor is known, or where the country of a partner is not.
    """
    if len(entry.sender) > 1:
        return True
    partners = [each for each in entry.actors if each.role in _WITH]
    if any(
        each.type == "international_organisation" or (each.country is not None and each.country not in entry.sender)
        for each in partners
    ):
        return True
    if not entry.actors or any(each.country is None for each in partners):
        return None
    return False


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Wilson's interval at 95 % for a share, between 0 and 1; n at least 1.

    >>> [round(each, 4) for each in wilson(0, 10)], [round(each, 4) for each in wilson(5, 10)]
    ([0.0, 0.2775], [0.2366, 0.7634])
    """
    share, z2 = successes / n, _Z * _Z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(centre - half, 0.0), min(centre + half, 1.0)


def evenness(counts: Sequence[float]) -> float:
    """Shannon's entropy of counts as a share of the largest possible, 0 to 1; NaN where all are zero or one is alone.

    >>> evenness([2, 2]), evenness([4, 0])
    (1.0, 0.0)
    """
    total = sum(counts)
    if total <= 0 or len(counts) < 2:
        return math.nan
    shares = [each / total for each in counts]
    entropy = -sum(each * math.log(each) for each in shares if each > 0)
    return min(1.0, max(0.0, entropy / math.log(len(counts))))


def _share(
    name: Name,
    title: str,
    activities: Sequence[Activity],
    says: Callable[[Activity], bool | None],
    whether: str,
    phrase: str,
) -> Check:
    answers = [says(each) for each in activities]
    known = [each for each in answers if each is not None]
    yes, n, unknown = sum(known), len(known), len(answers) - len(known)
    if n < LEAST:
        sentence = f"{whether} is known of {n} of {len(answers)} activities: too few to say."
        return Check(name, title, None, None, None, "", n, unknown, "activities", True, sentence)
    low, high = wilson(yes, n)
    said = phrase.format(f"{yes} of {n} activities")
    sentence = f"{said} ({yes / n:.0%}, 95% interval {low:.0%} to {high:.0%})."
    if unknown:
        least, most = yes / len(answers), (yes + unknown) / len(answers)
        sentence += f" Of {unknown} it is not known: over all, the share lies between {least:.0%} and {most:.0%}."
    return Check(name, title, yes / n, low, high, "Wilson, 95 %", n, unknown, "activities", False, sentence)


def _continuity(series: Sequence[Editions], compared: Sequence[Editions]) -> Check:
    """Series none of whose intervals is long, among those with enough editions to tell."""
    regular = sum(not any(interval.long for interval in each.intervals) for each in compared)
    n, unknown = len(compared), len(series) - len(compared)
    if n < LEAST:
        found = f"; of these, {regular} kept to their usual interval" if n else ""
        enough = f"{n} of {len(series)} series have {LEAST_EDITIONS} editions to compare"
        sentence = f"{enough}: too few for a share{found}."
        return Check("continuity", "Continuity", None, None, None, "", n, unknown, "series", True, sentence)
    low, high = wilson(regular, n)
    sentence = (
        f"{regular} of {n} series kept to their usual interval: no edition came more than 1.5 times as late "
        f"({regular / n:.0%}, 95% interval {low:.0%} to {high:.0%}){_unknown(unknown, 'with too few editions')}."
    )
    return Check(
        "continuity", "Continuity", regular / n, low, high, "Wilson, 95 %", n, unknown, "series", False, sentence
    )


def _spread(activities: Sequence[Activity], iso3: str, vectors: Sequence[Vector]) -> Check:
    """Evenness over vectors; an activity towards several counts for each in equal parts, so that it counts once.

    It counts for those that it names; for those that what it names belongs to only if it names none.
    """
    notations = [vector_notation(each) for each in vectors]
    parts = [0.0] * len(notations)
    n = 0
    for each in activities:
        hows = [towards(each, of, sender=iso3) for of in notations]
        closest = "named" if "named" in hows else "member"
        hit = [at for at, how in enumerate(hows) if how == closest]
        n += bool(hit)
        for at in hit:
            parts[at] += 1 / len(hit)
    unknown = sum(not each.audience for each in activities)
    elsewhere = len(activities) - n - unknown
    if n < LEAST or len(vectors) < 2:
        sentence = f"{n} activities are towards one of {len(vectors)} vectors: too few to say."
        return Check("spread", "Spread", None, None, None, "", n, unknown, "activities", True, sentence)
    value = evenness(parts)
    most = max(range(len(parts)), key=parts.__getitem__)
    sentence = (
        f"{n} activities are spread over {len(vectors)} vectors with an evenness of {value:.2f}, 1 being all alike; "
        f"most, {parts[most] / n:.0%}, are towards {vectors[most].in_text}, if one towards several counts for each in "
        f"part; {elsewhere} are towards none of them{_unknown(unknown)}."
    )
    return Check("spread", "Spread", value, None, None, "", n, unknown, "activities", False, sentence)


def _delivered(found: Delivery) -> Check:
    n, unknown = found.ratios, found.planned_only
    if n < LEAST or found.median is None or found.quartiles is None:
        sentence = f"{n} figures were both planned and realised: too few to say."
        return Check("delivery", "Delivery", None, None, None, "", n, unknown, "figures", True, sentence)
    low, high = found.median
    median = f"{low:.2f}" if math.isclose(low, high) else f"{low:.2f} to {high:.2f}"
    sentence = (
        f"Of {n} figures of {found.activities} activities, half came to {median} of the plan or more, the middle half "
        f"to {found.quartiles[0]:.2f} to {found.quartiles[1]:.2f}; {found.claimed} rest on the organiser's own count"
        f"{_unknown(unknown, 'planned, with no result known')}."
    )
    value, what = (low + high) / 2, "median, as plans are ranges"
    return Check("delivery", "Delivery", value, low, high, what, n, unknown, "figures", False, sentence)


def _unknown(count: int, why: str = "not known") -> str:
    return f"; {count} {why}" if count else ""
