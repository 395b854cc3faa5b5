"""Numbers and claims about ties in words, alike in the terminal, in plots and in briefs.

What may be said is settled here, so that no page says more than another: "most" only from half of a layer, "most to"
only where nobody else can have more, every role with the year of its ties, and nothing where nothing was measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from softpower.vectors.excesses import Excesses, Gap
from softpower.vectors.facets import Facet
from softpower.vectors.middle import Claim as PowerClaim
from softpower.vectors.middle import Scale
from softpower.vectors.roles import VOICE, Between
from softpower.world import Vector, country

# In a table, for what nobody knows.
NOT_MEASURED: Final = "-"
YARDSTICKS: Final[dict[Scale, str]] = {"root": "roots of world shares", "share": "world shares", "log": "logarithms"}

# A majority.
HALF: Final = 0.5
# Fewer persons, routes or pacts than these make no headline: one family can move their shares.
FEWEST: Final = 10_000
_COUNTED: Final = ("persons", "routes", "missions", "city pairs")
# Layers that count persons, in which that holds for excess ties too.
_PERSONS: Final = ("emigrants", "immigrants", "students_abroad", "students_hosted")
# A smaller change of a share, clear as it may be, makes no headline.
LEAST: Final = 0.005
# More times what is predicted than this is doubted.
IMPLAUSIBLE: Final = 100.0
DOUBT: Final = "Over 100 times the prediction: as published; implausible cells of the source are not corrected"
# What is incomplete in a layer beyond the partners that are pooled.
_INCOMPLETE: Final = {
    "emigrants": "people born here only where the host lists them",
    "immigrants": "people born abroad only of listed origins",
    "refugees_from": "refugees of listed pairs only",
    "refugees_hosted": "refugees of listed pairs only",
    "investment_received": "investment among five reporting economies only",
    "investment_abroad": "investment among five reporting economies only",
    "embassies_sent": "embassies as Wikidata knows them, unevenly",
    "embassies_hosted": "embassies as Wikidata knows them, unevenly",
    "sister_cities": "sister cities as listed in Wikipedia",
}
# Shares of a layer that differ by less are printed as one.
_SAME: Final = 5e-4

LeadKind = Literal["most of it", "most to it", "largest named"]


def percent(share: float) -> str:
    """Whole per cent without the sign, with a digit below one.

    >>> percent(0.194), percent(0.004), percent(0.0)
    ('19', '0.4', '0')
    """
    value = 100 * share
    return f"{value:.0f}" if value >= 0.95 or value == 0 else f"{value:.1g}"


def percent_range(low: float, high: float, *, dash: str = "-", sign: str = "") -> str:
    """Shares in per cent, as one number where both are the same.

    >>> percent_range(0.194, 0.194), percent_range(0.81, 0.85, sign="%"), percent_range(0.004, 0.004)
    ('19', '81-85%', '0.4')
    """
    if math.isnan(low):
        return NOT_MEASURED
    first, second = percent(low), percent(high)
    return f"{first}{sign}" if first == second else f"{first}{dash}{second}{sign}"


def number_range(low: float, high: float) -> str:
    """Two numbers to one decimal, as one where both are the same.

    >>> number_range(9.31, 9.31), number_range(1.5, 2.25)
    ('9.3', '1.5-2.2')
    """
    first, second = f"{low:.1f}", f"{high:.1f}"
    return first if first == second else f"{first}-{second}"


def times(value: float) -> str:
    """How many times, to two figures.

    >>> times(13.05), times(0.128), times(2.2), times(0.0), times(584.0), times(0.0000123)
    ('13', '0.13', '2.2', '0', '584', '0.000012')
    """
    if math.isnan(value):
        return NOT_MEASURED
    if value >= 9.95 or value == 0:
        return f"{value:,.0f}"
    if value >= 0.995:
        return f"{value:.1f}"
    return np.format_float_positional(value, precision=2, fractional=False, trim="-")


def balance(gap: Gap) -> str:
    """Which of two poles the ties lean to, by what factor, with its interval."""
    if gap.low <= 0 <= gap.high:
        return f"not distinguishable between {gap.one.in_text} and {gap.other.in_text}"
    stronger, weaker = (gap.one, gap.other) if gap.low > 0 else (gap.other, gap.one)
    low, high = sorted((math.exp(abs(gap.low)), math.exp(abs(gap.high))))
    if math.isnan(gap.log_ratio):
        return f"the excess with {stronger.in_text} is {times(low)} to {times(high)} times that with {weaker.in_text}"
    ratio = times(math.exp(abs(gap.log_ratio)))
    return (
        f"the excess with {stronger.in_text} is {ratio} ({times(low)}-{times(high)}) times that with {weaker.in_text}"
    )


def listed(words: Sequence[str], last: str = "and") -> str:
    """Words as a list in a sentence.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"], "or")
    ('a', 'a and b', 'a, b or c')
    """
    *most, end = words
    return f"{', '.join(most)} {last} {end}" if most else end


# Shares.


@dataclass(frozen=True, slots=True)
class Lead:
    """The vector with the largest share of a layer that is surely its own.

    Attributes
    ----------
    vector : which
    least, most : bounds of its share
    kind : "most of it" from half; "most to it" if no other vector, and what is in none, can have more; else "largest
        named"
    """

    vector: Vector
    least: float
    most: float
    kind: LeadKind

    @property
    def share(self) -> str:
        """Its share with the sign, as a range where not all partners are named."""
        return percent_range(self.least, self.most, sign="%")


def enough(facet: Facet) -> bool:
    """Whether a headline may be made of a layer: it counts `FEWEST`, or it is measured in money or per cent."""
    return facet.flows.unit not in _COUNTED or facet.total >= FEWEST


def speaks(found: Excesses, excess: float) -> bool:
    """Whether a headline may be made of an excess: it is plausible, and of a layer that counts `FEWEST` persons."""
    return excess <= IMPLAUSIBLE and (found.layer.id not in _PERSONS or found.total >= FEWEST)


def ranged(least: float, most: float) -> bool:
    """Whether a share has two bounds because not all partners are named."""
    return most - least > _SAME


def lead(facet: Facet, vectors: Sequence[Vector]) -> Lead | None:
    """Which vector has the largest share of a layer; None where that is not said.

    Nothing is said where too little is counted for a headline, and where the named partners in no vector have more than
    any vector.
    """
    at = [place for place, vector in enumerate(facet.vectors) if vector in vectors]
    least, most = facet.bounds[0][at], facet.bounds[1][at]
    if not enough(facet) or not np.nanmax(least, initial=0.0) > 0:
        return None
    outside = ~facet.members[-1][at].any(axis=0)
    none = float(np.nansum(facet.values[-1][outside])) / facet.total
    best = int(np.nanargmax(least))
    kind = lead_kind(least, most, none, float(facet.rest[-1]) / facet.total)
    return None if kind is None else Lead(facet.vectors[at[best]], float(least[best]), float(most[best]), kind)


def lead_kind(least: np.ndarray, most: np.ndarray, none: float, rest: float) -> LeadKind | None:
    """What may be said of the largest of some shares.

    Parameters
    ----------
    least, most : bounds of the share of each vector, shape (vector,), NaN unknown; one of them above zero
    none : share of the named partners that are in no vector
    rest : share of partners that are not named

    >>> share = np.array([0.19, 0.22, 0.35])
    >>> lead_kind(share, share, 0.12, 0.0), lead_kind(share, share + 0.3, 0.12, 0.3), lead_kind(share, share, 0.4, 0.0)
    ('most to it', 'largest named', None)
    """
    best = int(np.nanargmax(least))
    if least[best] >= HALF:
        return "most of it"
    others = np.delete(most, best)
    if least[best] > max(np.nanmax(others, initial=0.0), none + rest):
        return "most to it"
    return "largest named" if least[best] >= none else None


def at_least(least: float, most: float) -> str:
    """A share with the sign, said to be "at least" where not all partners are named.

    >>> at_least(0.55, 0.81), at_least(0.61, 0.61)
    ('at least 55%', '61%')
    """
    said = f"{percent(least)}%"
    return f"at least {said}" if ranged(least, most) and percent(least) != percent(most) else said


def incomplete(layers: Iterable[str]) -> str:
    """What is incomplete in layers, by their ids, as one sentence; "" where nothing is.

    >>> incomplete(["trade", "investment_received", "embassies_sent"])
    'Incomplete: investment among five reporting economies only; embassies as Wikidata knows them, unevenly.'
    """
    found = dict.fromkeys(_INCOMPLETE[each] for each in layers if each in _INCOMPLETE)
    return f"Incomplete: {'; '.join(found)}." if found else ""


# Roles.


def by_poles(buffers: Sequence[Between]) -> list[list[Between]]:
    """The layers in which a buffer was looked for, grouped by the two poles."""
    found: dict[tuple[str, str], list[Between]] = {}
    for each in buffers:
        found.setdefault((each.one.id, each.other.id), []).append(each)
    return list(found.values())


def poles(each: Between) -> str:
    """The two poles in words."""
    return f"{each.one.in_text} and {each.other.in_text}"


def layers_of(several: Sequence[Between], last: str = "and") -> str:
    """Layers with their years: "exports of 2006 and flight routes of 2014"."""
    return listed([f"{each.layer.lower()} of {each.year}" for each in several], last)


def buffer_layers(pair: Sequence[Between], claim: str = "buffer") -> str:
    """In which layers a claim holds between two poles, and in which it is not shown; "" where it holds in none.

    As in "in exports of 2006, not shown in imports of 2006 or flight routes of 2014".
    """
    held = [each for each in pair if each.found.claim == claim]
    other = [each for each in pair if each.found.claim not in ("buffer", "probably a buffer", "unknown")]
    if not held:
        return ""
    return f"in {layers_of(held)}" + (f", not shown in {layers_of(other, 'or')}" if other else "")


def opposed(pair: Sequence[Between], *, dash: str = "-") -> str:
    """Who voted against whom, how often and when, of the layers of two poles; "" where their votes do not count as
    opposed."""
    found = [each for each in pair if each.opposition is not None and each.opposition.opposed]
    if not found:
        return ""
    states = [pole.in_text if _single(pole) else _VOICE for pole in (found[0].one, found[0].other)]
    shares = {each.voted: f"{100 * each.opposition.share:.1f}%" for each in found if each.opposition is not None}
    first, *more = [(span(*years, dash=dash), share) for years, share in shares.items()]
    told = [f"{first[1]} of roll calls in {first[0]}", *(f"{share} in {years}" for years, share in more)]
    return f"{listed(states)} voted against each other in {listed(told)}"


def span(first: int, last: int, *, dash: str = "-") -> str:
    """Years from one to another, the last in two digits within a century.

    >>> span(2010, 2019), span(1997, 2006)
    ('2010-19', '1997-2006')
    """
    return f"{first}{dash}{last % 100:02}" if first // 100 == last // 100 else f"{first}{dash}{last}"


_VOICE: Final = f"the {country(VOICE).label}"


def _single(pole: Vector) -> bool:
    return len(pole.countries) == 1 and not pole.blocs


_CLASSES: Final[dict[PowerClaim, str]] = {
    "great power": "upper class",
    "between great and middle power": "between upper and middle class",
    "middle power": "middle class",
    "between middle and small power": "between middle and lower class",
    "small power": "lower class",
    "not distinguishable": "not distinguishable",
}


def power_class(claim: PowerClaim) -> str:
    """A claim by a yardstick other than the first: a class, and no kind of power.

    >>> power_class("between middle and small power")
    'between middle and lower class'
    """
    return _CLASSES[claim]


_NUMBERS: Final = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


def corrected(networks: int) -> str:
    """What stands behind "not distinguishable" where several networks were looked at.

    >>> corrected(4), corrected(1)
    ('not distinguishable after correction for four networks', 'not distinguishable')
    """
    if networks < 2:
        return "not distinguishable"
    return f"not distinguishable after correction for {_NUMBERS.get(networks, str(networks))} networks"
