"""Where a register has nothing: vectors, components, categories and publics without an entry in recent years.

"Nothing registered" is not "nothing done": a register knows what was put into it. Outcomes, which others decide, fill
no gap; nor does what is towards the whole world, which is no direction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from softpower.activities.activity import Activity
from softpower.activities.distinct import distinct
from softpower.activities.plain import plain
from softpower.activities.reach import default_vectors
from softpower.activities.spans import done, ran_within
from softpower.activities.towards import towards, vector_notation
from softpower.activities.vocabulary import List, words
from softpower.errors import BadRequest
from softpower.world import Vector, find

Dimension = Literal["vector", "component", "category", "public"]
YEARS: Final = 10
_PHRASE: Final[dict[Dimension, str]] = {
    "vector": "towards {}",
    "component": "of the component {}",
    "category": "of the category {}",
    "public": "for the public {}",
}
# A public of a register that is not abroad.
_AT_HOME: Final = frozenset({"home_public"})


@dataclass(frozen=True, slots=True)
class Gap:
    """Something of which nothing is registered in the years asked for.

    Attributes
    ----------
    dimension, id, title : of what
    last : year in which the latest earlier activity began; None where there never was one
    last_id : its id; "" where there is none
    wider : activities in these years towards a group that the vector belongs to, such as Asia; 0 for the others
    planned : ids of what is planned or postponed
    sentence : in words
    """

    dimension: Dimension
    id: str
    title: str
    last: int | None
    last_id: str
    wider: int
    planned: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Gaps:
    """What a country's register has nothing of.

    Attributes
    ----------
    sender : ISO3
    first, last : days between which an activity would have had to run
    activities : that ran then
    world : of them, those that name no more than the whole world
    gaps : by dimension
    asked : how many ids of each dimension were looked for
    """

    sender: str
    first: date
    last: date
    activities: int
    world: int
    gaps: tuple[Gap, ...]
    asked: dict[str, int]

    def document(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        found: dict[str, Any] = plain(self)
        return found


def gaps(
    entries: Sequence[Activity],
    sender: str,
    *,
    as_of: date,
    years: int = YEARS,
    vectors: Sequence[Vector] | None = None,
) -> Gaps:
    """Of which vectors, components, categories and publics a country has nothing registered in recent years.

    Parameters
    ----------
    entries : the register
    sender : a country, by code or name
    as_of : last day of the years
    years : how many, 1 or more
    vectors : default those of the country that are shown by default

    Raises
    ------
    UnknownCountry
        ``sender`` is none.
    BadRequest
        ``years`` is below 1, or reaches back beyond the calendar.

    >>> from softpower.activities.bundled import bundled_activities
    >>> found = gaps(bundled_activities(), "KAZ", as_of=date(2025, 12, 31))
    >>> [each.id for each in found.gaps if each.dimension == "component"]
    ['international_broadcasting', 'nation_branding', 'partnership']
    """
    iso3, first = find(sender).iso3, _years_before(as_of, years)
    ours = [each for each in distinct(entries).entries if iso3 in each.sender and each.nature != "outcome"]
    all_done = done(ours)
    recent = [each for each in all_done if ran_within(each, first, as_of)]
    earlier = [each for each in all_done if each.start < first]
    plans = [each for each in ours if each.status in {"planned", "postponed"}]
    found: list[Gap] = []
    asked: dict[str, int] = {}
    for dimension, id, title, has, wider in _looked_for(iso3, default_vectors(iso3) if vectors is None else vectors):
        asked[dimension] = asked.get(dimension, 0) + 1
        if any(has(each) for each in recent):
            continue
        last = max((each for each in earlier if has(each)), key=lambda each: (each.start, each.id), default=None)
        planned = tuple(each.id for each in plans if has(each))
        around = sum(wider(each) for each in recent)
        words = _sentence(dimension, title, first, as_of, last, around, planned)
        found.append(
            Gap(
                dimension,
                id,
                title,
                None if last is None else last.start.year,
                "" if last is None else last.id,
                around,
                planned,
                words,
            )
        )
    return Gaps(
        iso3, first, as_of, len(recent), sum({*each.audience} == {"world"} for each in recent), tuple(found), asked
    )


Test = Callable[[Activity], bool]


def _looked_for(iso3: str, vectors: Sequence[Vector]) -> list[tuple[Dimension, str, str, Test, Test]]:
    """What is looked for: dimension, id, title, whether an entry has it, and whether it has something wider."""
    found: list[tuple[Dimension, str, str, Test, Test]] = []
    for vector in vectors:
        notation = vector_notation(vector)
        found.append(("vector", vector.id, vector.in_text, _near(notation, iso3), _wider(notation, iso3)))
    lists: tuple[tuple[Dimension, List, Callable[[Activity], tuple[str | None, ...]]], ...] = (
        ("component", "component", lambda each: (each.component,)),
        ("category", "category", lambda each: (each.category,)),
        ("public", "audience", lambda each: each.audience_groups),
    )
    for dimension, of, has in lists:
        for id, each in words(of).items():
            if id not in _AT_HOME:
                found.append((dimension, id, each.title, _holds(has, id), lambda _: False))
    return found


def _near(notation: str, iso3: str) -> Test:
    return lambda each: towards(each, notation, sender=iso3) in ("named", "member")


def _wider(notation: str, iso3: str) -> Test:
    return lambda each: towards(each, notation, sender=iso3) == "wider"


def _holds(has: Callable[[Activity], tuple[str | None, ...]], id: str) -> Test:
    return lambda each: id in has(each)


def _years_before(day: date, years: int) -> date:
    """The day after the same day of an earlier year, so that whole years lie between."""
    if not 1 <= years < day.year:
        raise BadRequest(f"the last {years} years before {day}; give 1 or more")
    try:
        start = day.replace(year=day.year - years)
    except ValueError:  # 29 February
        start = day.replace(year=day.year - years, day=28)
    return date.fromordinal(start.toordinal() + 1)


def _sentence(
    dimension: Dimension,
    title: str,
    first: date,
    last: date,
    latest: Activity | None,
    wider: int,
    planned: tuple[str, ...],
) -> str:
    before = f"the latest is {latest.id} of {latest.start.year}" if latest else "nor before"
    said = f"Nothing registered {_PHRASE[dimension].format(title)} from {first} to {last}; {before}."
    if wider:
        one = wider == 1
        said += f" {wider} {'is' if one else 'are'} towards a wider group to which {title} belongs."
    if planned:
        said += f" Planned: {', '.join(planned)}."
    return said
