"""What the same design finds where nothing was done: placebos in space and in time, and estimates short of a donor.

In space, other units stand in for the treated, with the same starts: how large estimates are that mean nothing. In
time, the start is put earlier and all that came after the true one left out. Without one donor at a time, what is left
shows whether the estimate rests on a single comparison.

References
----------
Abadie, Diamond, Hainmueller (2010), Synthetic control methods for comparative case studies, JASA 105(490), section 3.4.
Abadie, Diamond, Hainmueller (2015), Comparative politics and the synthetic control method, AJPS 59(2): placebos in
time, and one donor left out at a time.
Arkhangelsky et al. (2021), Synthetic difference-in-differences, AER 111(12), algorithm 4.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, inf

import numpy as np
from numpy.typing import NDArray

from softpower.activities.effects.defaults import DRAWS, SEED
from softpower.activities.effects.estimate import Estimate, Method, averaged, estimate, fit_cohort
from softpower.activities.effects.fit import fitted
from softpower.activities.effects.gaps import NOTHING, Gaps, gaps
from softpower.activities.effects.panel import Cohort, Panel, cohorts
from softpower.errors import BadRequest, NotEnoughData

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST_PRE = 2  # periods before a placebo start: fewer tell no level from a change
EARLIER = 3  # periods by which the start is put earlier to see whether something was under way before it
EARLIER_DRAWS = 199  # assignments for which that is done, at most
# Values that fall short of the true assignment's by less than this share of it are equal: weights are not found exactly
# enough to break a tie. And by this share of the range of all outcomes: numbers have no more digits.
TIE = 1e-6
_DIGITS = 1e-12
# A gap of this share of the range of all outcomes is none.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Placebos:
    """Estimates under other assignments: other units take the place of the treated, who are among the donors then.

    Attributes
    ----------
    estimate : the one with the treated themselves
    own : gaps of the true assignment
    null : gaps of the others
    null_share : how much of an effect on the treated finds its way into the estimate of each of those, shape (draw,)
    earlier, null_earlier : estimate with an earlier start and what came after the true one left out, a number and shape
        (some draws,); NaN where too few periods come before
    donors, treated : how many units there are of either
    whole : whether all other assignments are there; else as many at random
    reach : largest less smallest outcome
    """

    estimate: Estimate
    own: Gaps
    null: Gaps
    null_share: Array
    earlier: float
    null_earlier: Array
    donors: int
    treated: int
    whole: bool
    reach: float

    @property
    def att(self) -> float:
        """The estimate with the treated themselves, in the outcome's unit."""
        return float(self.own.att[0])

    @property
    def null_att(self) -> Array:
        """Estimates under the other assignments, shape (draw,)."""
        return self.null.att

    @property
    def noise(self) -> Array:
        """The same less what the estimated effect has left in them: what estimates are off by, shape (draw,)."""
        return self.null.att - self.null_share * self.att

    @property
    def nothing_moves(self) -> bool:
        """Whether estimates under other assignments are all the same but for rounding."""
        return self.spread <= _ROUNDING * self.reach

    @property
    def spread(self) -> float:
        """Standard deviation of `noise`, in the outcome's unit (algorithm 4); infinite of one assignment."""
        return float(self.noise.std(ddof=1)) if len(self.null_share) > 1 else inf

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the spread: units less one each for treated and donors; at least 1."""
        return max(self.donors + self.treated - 2, 1)

    @property
    def slack(self) -> float:
        """Difference from the estimate that is none."""
        return TIE * abs(self.att) + _DIGITS * self.reach

    @property
    def p_value(self) -> float:
        """Share of assignments, the true one among them, with an estimate at least as far from zero."""
        return share_as_large(self.null.att, self.att, self.slack)

    @property
    def p_error(self) -> float:
        """Standard error of ``p_value`` as assignments were drawn at random; 0 if all are there."""
        return 0.0 if self.whole else float(np.sqrt(self.p_value * (1 - self.p_value) / len(self.null_share)))

    @property
    def p_ratio(self) -> float:
        """The same for the gap after the start over that before it, which is large only where there was a good fit."""
        return _rank(self.null.ratio, self.own.ratio)

    @property
    def p_steady(self) -> float:
        """The same for the estimate over the gap before the start: what an unsteady unit's estimate is worth."""
        return _rank(self.null.steadiness(self.nothing), self.own.steadiness(self.nothing))

    @property
    def p_step(self) -> float:
        """The same for the largest step of the gap before the start; 1 where there is no gap to speak of."""
        return 1.0 if float(self.own.step[0]) <= self.nothing else _rank(self.null.step, self.own.step)

    @property
    def p_earlier(self) -> float:
        """The same for the estimate with an earlier start; 1 where there is none or nothing to speak of."""
        unknown = not np.isfinite(self.null_earlier).all()
        if unknown or abs(self.earlier) <= self.nothing:
            return 1.0
        return _rank(self.null_earlier, np.array([self.earlier]))

    def p_since(self, periods: int) -> float:
        """The same for what changed since the last so many periods before the start; 1 if it did so the other way."""
        own = self.own.since(periods)
        return _rank(self.null.since(periods), own) if float(own[0]) * self.att > 0 else 1.0

    @property
    def least_p(self) -> float:
        """The smallest ``p_value`` that so many assignments allow."""
        return 1 / (1 + len(self.null_share))

    @property
    def nothing(self) -> float:
        """Gap before the start, far below the size of estimates or of outcomes, that is as good as none."""
        return max(NOTHING * float(np.median(abs(self.noise))), _ROUNDING * self.reach)

    @property
    def fit_ratio(self) -> float:
        """Gap of the treated before the start over the median of other assignments': above 1, a fit worse than theirs.

        Gaps of `nothing` are all as good as none.
        """
        usual, found = float(np.median(self.null.pre_rmspe)), float(self.own.pre_rmspe[0])
        return (found + self.nothing) / (usual + self.nothing)


def in_space(
    panel: Panel, method: Method = "sdid", *, draws: int = DRAWS, seed: int = SEED, earlier: int = EARLIER
) -> Placebos:
    """Estimates with any other units in place of the treated, the treated among the donors.

    One treated unit: each other unit once. Several: each other set of as many once, and with several starts each other
    way to hand them out. Where there are more than ``draws``, so many at random.

    Under no effect all assignments are alike, so that no more are refused than should be, however few the donors. Sets
    of donors alone are too alike each other for that, and with as many treated as donors there are none; and as donors
    the treated take little from placebos even if there is an effect.

    With the start ``earlier`` by so many periods all is done once more; not with 0.

    Raises
    ------
    BadRequest
        Fewer than one draw.
    NotEnoughData
        As for `estimate`.

    >>> rng = np.random.default_rng(1)
    >>> panel = Panel(rng.normal(size=(9, 6)), np.array([4] + [6] * 8), tuple("ABCDEFGHI"), tuple(range(6)))
    >>> found = in_space(panel, "did")
    >>> len(found.noise), round(found.p_value * 9)
    (8, 8)
    """
    if draws < 1:
        raise BadRequest(f"{draws} placebos were asked for: give 1 or more, 999 or more for a test at 5%")
    found = estimate(panel, method)
    rng = np.random.default_rng(seed)
    starts, whole = _starts(panel.start, len(panel.times), draws, rng)
    some = [starts[place] for place in rng.permutation(len(starts))[:EARLIER_DRAWS]]
    others = [averaged(cohorts(panel.outcome, start), method) for start in starts]
    effect = (np.arange(len(panel.times)) >= panel.start[:, None]).astype(np.float64)
    return Placebos(
        found,
        own=gaps([found]),
        null=gaps(others),
        null_share=np.array([_carried(effect, *each) for each in zip(starts, others, strict=True)]),
        earlier=_put_earlier(panel.cohorts(), method, earlier, LEAST_PRE),
        null_earlier=np.array(
            [_put_earlier(cohorts(panel.outcome, start), method, earlier, LEAST_PRE) for start in some]
        ),
        donors=len(panel.donors),
        treated=len(panel.treated),
        whole=whole,
        reach=panel.reach,
    )


def in_time(panel: Panel, method: Method = "sdid", *, least_pre: int = LEAST_PRE) -> dict[int, float]:
    """Estimates with the start so many periods earlier than it was, over the periods from there to the true one.

    Cohorts without so many periods are left out.

    Returns
    -------
    dict
        From periods to estimate; empty where there are no periods enough for any.

    >>> outcome = np.array([[1.0, 1.0, 3.0, 9.0], [1.0, 1.0, 1.0, 1.0]])
    >>> in_time(Panel(outcome, np.array([3, 4]), ("A", "B"), (1, 2, 3, 4)), "did")
    {1: 2.0}
    """
    found = {}
    for back in range(1, int(panel.start[panel.treated].max()) - least_pre + 1):
        found[back] = _put_earlier(panel.cohorts(), method, back, least_pre)
    return found


def without_each(panel: Panel, method: Method = "sdid") -> dict[str, float]:
    """Estimates without one donor that has a weight, for each of them in turn.

    Raises
    ------
    NotEnoughData
        Only one donor.

    >>> outcome = np.array([[1.0, 5.0], [1.0, 1.0], [1.0, 3.0]])
    >>> without_each(Panel(outcome, np.array([1, 2, 2]), ("A", "B", "C"), (1, 2)), "did")
    {'B': 2.0, 'C': 4.0}
    """
    if len(panel.donors) < 2:
        raise NotEnoughData("one donor: nothing is left to compare with without it.  Add donors.")
    weighing = panel.donors[estimate(panel, method).unit_weights > 0]
    return {
        panel.units[donor]: averaged(
            cohorts(np.delete(panel.outcome, donor, axis=0), np.delete(panel.start, donor)), method
        ).att
        for donor in weighing
    }


def share_as_large(others: Array, value: float, slack: float) -> float:
    """Share of values, this one among them, that are at least as far from zero, or short of it by less than ``slack``.

    >>> share_as_large(np.array([1.0, -2.0, 3.0]), 2.1, 0.2)
    0.75
    """
    return float((1 + (abs(others) >= abs(value) - slack).sum()) / (1 + len(others)))


def _rank(others: Array, own: Array) -> float:
    return share_as_large(others, float(own[0]), TIE * abs(float(own[0])))


def _starts(true: Ints, periods: int, draws: int, rng: np.random.Generator) -> tuple[list[Ints], bool]:
    """Starts of all units under other assignments than the true one, and whether these are all."""
    donors = true >= periods
    groups = [(int(start), int((true == start).sum())) for start in np.unique(true[~donors])]
    left, ways = len(true), 1
    for _, count in groups:
        ways *= comb(left, count)
        left -= count
    if ways - 1 <= draws:
        every = _handed_out(np.full(len(true), periods), groups, periods)
        return [start for start in every if (start != true).any()], True
    if len(groups) == groups[0][1] == 1:
        places = rng.choice(np.flatnonzero(donors), draws, replace=False)
        return [_moved(true, place, periods) for place in places], False
    found: list[Ints] = []
    while len(found) < draws:
        start = rng.permutation(true)
        if (start != true).any():
            found.append(start)
    return found, False


def _moved(true: Ints, place: int, periods: int) -> Ints:
    """Starts with the only treated unit's given to another."""
    start = np.full(len(true), periods)
    start[place] = true.min()
    return start


def _handed_out(start: Ints, groups: list[tuple[int, int]], periods: int) -> Iterator[Ints]:
    """All ways to give starts, each to so many units, to units that have none yet."""
    if not groups:
        yield start
        return
    (when, count), *later = groups
    for chosen in combinations(np.flatnonzero(start == periods).tolist(), count):
        given = start.copy()
        given[list(chosen)] = when
        yield from _handed_out(given, later, periods)


def _carried(effect: Array, start: Ints, found: Estimate) -> float:
    """What the weights of an assignment make of an effect of one on the treated."""
    att = [
        fitted(cohort.donors, cohort.treated.mean(axis=0), fit.pre, fit.unit_weights, fit.time_weights).att
        for cohort, fit in zip(cohorts(effect, start), found.fits, strict=True)
    ]
    return float(found.shares @ att)


def _put_earlier(treated: Sequence[Cohort], method: Method, back: int, least_pre: int) -> float:
    """The estimate with earlier starts, of the cohorts that have periods enough; NaN where none has."""
    able = [cohort for cohort in treated if cohort.pre - back >= least_pre]
    if not able or not back:
        return float("nan")
    att = [fit_cohort(_before(cohort, back), method).att for cohort in able]
    return float(np.average(att, weights=[cohort.cells for cohort in able]))


def _before(cohort: Cohort, back: int) -> Cohort:
    """The cohort as it was before its start, with one that much earlier."""
    return Cohort(cohort.donors[:, : cohort.pre], cohort.treated[:, : cohort.pre], cohort.pre - back)
