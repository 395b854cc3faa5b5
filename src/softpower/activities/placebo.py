"""What the same design finds where nothing was done: placebos in space and in time, and estimates short of a donor.

In space, donors stand in for the treated, with the same starts: how large estimates are that mean nothing. In time,
the start is put earlier and all that came after the true one left out. Without one donor at a time, what is left
shows whether the estimate rests on a single comparison.

References
----------
Abadie, Diamond, Hainmueller (2010), Synthetic control methods for comparative case studies, JASA 105(490), section 3.4.
Abadie, Diamond, Hainmueller (2015), Comparative politics and the synthetic control method, AJPS 59(2): placebos in
time, and one donor left out at a time.
Arkhangelsky et al. (2021), Synthetic difference-in-differences, AER 111(12), algorithm 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb, inf

import numpy as np
from numpy.typing import NDArray

from softpower.activities.estimate import Estimate, Method, averaged, estimate, fit_cohort
from softpower.activities.fit import fitted
from softpower.activities.panel import Cohort, Panel, cohorts
from softpower.errors import BadRequest, NotEnoughData

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

DRAWS = 200
_NOTHING = 1e-3  # a gap before the start of this share of what comes after is none: weights are not found more exactly
LEAST_PRE = 2  # periods before a placebo start: fewer tell no level from a change


@dataclass(frozen=True, slots=True)
class Placebos:
    """Estimates with donors in place of the treated.

    Attributes
    ----------
    estimate : the one with the treated themselves
    att, pre_rmspe : of each set of donors, shape (draw,)
    donors : how many there are
    treated : how many units each set has
    null_att, null_ratio : what p-values go by, shape (draw,): estimate, and root mean square gap after the start over
        that before it, of sets of any units but the treated as they were, the treated among the donors
    null_share : how much of an effect on the treated finds its way into each of ``null_att``, shape (draw,)
    """

    estimate: Estimate
    att: Array
    pre_rmspe: Array
    donors: int
    treated: int
    null_att: Array
    null_ratio: Array
    null_share: Array

    @property
    def p_value(self) -> float:
        """Share of assignments, the true one among them, with an estimate at least as far from zero."""
        return _rank_p(abs(self.null_att), abs(self.estimate.att))

    @property
    def p_ratio(self) -> float:
        """The same for the gap after the start over that before it, which is large only where there was a good fit."""
        return _rank_p(self.null_ratio, _ratio(self.estimate))

    @property
    def least_p(self) -> float:
        """The smallest ``p_value`` that so many assignments allow."""
        return 1 / (1 + len(self.null_att))

    @property
    def spread(self) -> float:
        """Standard deviation of estimates that mean nothing, in the outcome's unit (algorithm 4); infinite of one."""
        return float(self.att.std(ddof=1)) if len(self.att) > 1 else inf

    @property
    def fit_ratio(self) -> float:
        """Gap of the treated before the start over the median of placebos': above 1, a fit worse than theirs.

        Gaps far below the size of estimates are all as good as none.
        """
        usual, found = float(np.median(self.pre_rmspe)), self.estimate.pre_rmspe
        nothing = _NOTHING * float(np.sqrt(np.mean(self.att**2)))
        if usual + nothing > 0:
            return (found + nothing) / (usual + nothing)
        return inf if found > 0 else 1.0


def in_space(panel: Panel, method: Method = "sdid", *, draws: int = DRAWS, seed: int = 0) -> Placebos:
    """Estimates with donors in place of the treated.

    One treated unit: each donor once. Several: each set of as many donors once. Where there are more than ``draws``, so
    many at random. How far these vary is how far the estimate may be off.

    P-values go by as many sets of any units, the treated among them: under no effect all such assignments are alike, so
    that no more are refused than should be, however few the donors. Sets of donors alone are too alike each other for
    that; and as donors the treated take little from placebos even if there is an effect.

    Raises
    ------
    NotEnoughData
        No more donors than treated units.
    BadRequest
        Fewer than one draw.

    >>> rng = np.random.default_rng(1)
    >>> panel = Panel(rng.normal(size=(9, 6)), np.array([4] + [6] * 8), tuple("ABCDEFGHI"), tuple(range(6)))
    >>> found = in_space(panel, "did")
    >>> len(found.att), round(found.p_value * 9)
    (8, 8)
    """
    treated, donors = panel.treated, panel.donors
    if draws < 1:
        raise BadRequest(f"{draws} placebos were asked for: give 1 or more, 19 or more for a test at 5%")
    if len(donors) <= len(treated):
        raise NotEnoughData(
            f"{len(donors)} donors for {len(treated)} treated units: placebos need more donors than treated units.  "
            "Add donors, or look at fewer treated units at a time."
        )
    rng = np.random.default_rng(seed)
    starts = panel.start[treated]
    sets = [_assigned(panel, donors, chosen, starts, method) for chosen in _sets(donors, len(treated), draws, rng)]
    everyone = np.sort(np.concatenate([treated, donors]))
    drawn = (rng.permutation(chosen) for chosen in _sets(everyone, len(treated), draws, rng))
    reassigned = [
        _with_share(panel, everyone, chosen, starts, method) for chosen in drawn if set(chosen) != set(treated)
    ]
    null = [placebo for placebo, _ in reassigned]
    return Placebos(
        estimate(panel, method),
        att=np.array([placebo.att for placebo in sets]),
        pre_rmspe=np.array([placebo.pre_rmspe for placebo in sets]),
        donors=len(donors),
        treated=len(treated),
        null_att=np.array([placebo.att for placebo in null]),
        null_ratio=np.array([_ratio(placebo) for placebo in null]),
        null_share=np.array([share for _, share in reassigned]),
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
        able = [cohort for cohort in panel.cohorts() if cohort.pre - back >= least_pre]
        att = [fit_cohort(_before(cohort, back), method).att for cohort in able]
        found[back] = float(np.average(att, weights=[cohort.cells for cohort in able]))
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
        panel.units[donor]: estimate(panel.subset(np.delete(np.arange(len(panel.units)), donor)), method).att
        for donor in weighing
    }


def _ratio(found: Estimate) -> float:
    """Gap after the start over that before it, below which there is nothing but rounding."""
    after = found.post_rmspe
    return after / max(found.pre_rmspe, _NOTHING * after) if after > 0 else 0.0


def _rank_p(placebos: Array, value: float) -> float:
    """Share of values, this one among them, at least as large; equal but for rounding counts."""
    near = 1e-9 * max(float(placebos.max(initial=0.0)), value)
    return float((1 + (placebos >= value - near).sum()) / (1 + len(placebos)))


def _sets(units: Ints, size: int, draws: int, rng: np.random.Generator) -> Iterator[Ints]:
    """Each unit, or each set of so many; random ones if there are more than ``draws``."""
    if comb(len(units), size) <= draws:
        yield from (np.array(chosen) for chosen in combinations(units, size))
    elif size == 1:
        yield from rng.choice(units, draws, replace=False)[:, None]
    else:
        yield from (rng.choice(units, size, replace=False) for _ in range(draws))


def _assigned(panel: Panel, units: Ints, chosen: Ints, starts: Ints, method: Method) -> Estimate:
    """The estimate among some units, with the starts given to those chosen."""
    start = np.full(len(panel.units), len(panel.times))
    start[chosen] = starts
    return averaged(cohorts(panel.outcome[units], start[units]), method)


def _with_share(panel: Panel, units: Ints, chosen: Ints, starts: Ints, method: Method) -> tuple[Estimate, float]:
    """The same, and what the weights found there would make of an effect of one on the treated."""
    found = _assigned(panel, units, chosen, starts, method)
    start = np.full(len(panel.units), len(panel.times))
    start[chosen] = starts
    effect = (np.arange(len(panel.times)) >= panel.start[units, None]).astype(np.float64)
    att = [
        fitted(cohort.donors, cohort.treated.mean(axis=0), fit.pre, fit.unit_weights, fit.time_weights).att
        for cohort, fit in zip(cohorts(effect, start[units]), found.fits, strict=True)
    ]
    return found, float(found.shares @ att)


def _before(cohort: Cohort, back: int) -> Cohort:
    """The cohort as it was before its start, with one that much earlier."""
    return Cohort(cohort.donors[:, : cohort.pre], cohort.treated[:, : cohort.pre], cohort.pre - back)
