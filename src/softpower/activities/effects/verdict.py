"""What may be said of an estimate: a change that was seen, none that could be, or nothing at all.

A verdict is refused where it would rest on too little: a short time before the start, a comparison that did not follow
the treated then, or so few units that no estimate, however large, could pass the test. It is refused, too, where
something was under way before the start, and a change that would be seen is taken back where it would not be without
what came long before: where the treated are unsteadier than donors, or differ as much from how they were in the last
periods before the start only if these are averaged with earlier ones. The thresholds are conventions, stated here and
open to argument; most guard assumptions that no test after the fact can check.

What happens in the last period or two before the start cannot be told from an effect, whatever is done. Where nothing
was done, a change is seen in 0 to 4% of simulated panels of 25 units (`benchmarks.effects`); where the treated jump by
three standard deviations three periods before the start, in 2 to 5%; one period before, in 7 to 19%. The price is that
an effect of three standard deviations is seen in some 75% of panels with 8 periods before the start, and in 90% with
30, while by rank alone it would be in 90% and in nearly all.

References
----------
Abadie (2021), Using synthetic controls, Journal of Economic Literature 59(2), 391-425, sections 5 and 6: what the
design asks of the data.
Roth (2022), Pretest with caution, American Economic Review: Insights 4(3), 305-322: a test of what came before the
start misses much, and estimates that pass it are no longer unbiased.
Wasserstein, Lazar (2016), The ASA statement on p-values, The American Statistician 70(2): a p-value above the level is
no evidence of no effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, isfinite
from typing import Literal

import numpy as np

from softpower.activities.effects.checks import check_share
from softpower.activities.effects.detectable import smallest_detectable
from softpower.activities.effects.estimate import Method
from softpower.activities.effects.placebo import EARLIER, Placebos
from softpower.activities.effects.ranking import POWER, SIZE
from softpower.errors import NotEnoughData

# Periods before the start: fewer show neither how the treated moved nor how well a comparison followed.
LEAST_PRE = 5
# Periods before the start for each one after it: a comparison that held for a year is not carried on for ten.
LEAST_SHARE = 0.5
# Gap before the start over the median of placebos': where the treated are followed so much worse than donors are,
# placebos say nothing about them.
WORST_FIT = 2.0
# Largest p-values at which something was under way before the start: a step in the gap, or an estimate with an earlier
# start. Each takes the verdict from so many panels in which nothing was.
UNDER_WAY = 0.05
# A change that is seen must stand out with these p-values also when it is taken over the gap before the start, and when
# it is counted from the last one, two and three periods before the start alone.
STEADY = 0.1
SINCE = 0.2
LAST = (1, 2, 3)
# Random assignments leave a p-value in doubt by so many of its standard errors.
_ERRORS = 2.0
_MANY = 100.0  # times; what is beyond is not told apart

_ASSUMPTIONS: dict[Method, str] = {
    "did": "without the activity the treated would have changed as much as donors did on average",
    "sc": "donors weighted to match the treated before the start would have gone on matching them",
    "sdid": "donors weighted to move as the treated did before the start would have gone on moving as they did",
}


class Verdict(StrEnum):
    """What may be said.

    ``CANNOT_TELL`` is a possible and ordinary result, and not the same as ``NO_DETECTABLE_CHANGE``: there the design
    could have seen an effect of a stated size.
    """

    HIGHER = "higher"
    LOWER = "lower"
    NO_DETECTABLE_CHANGE = "no_detectable_change"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict and what it rests on.

    Attributes
    ----------
    verdict : what may be said
    reasons : why it cannot be told, a sentence each; empty if it can
    """

    verdict: Verdict
    reasons: tuple[str, ...]


def judge(placebos: Placebos, *, size: float = SIZE) -> Finding:
    """What may be said of an estimate, by its rank among placebos and by what came before the start.

    Parameters
    ----------
    placebos : of `softpower.activities.effects.placebo.in_space`, with the estimate they belong to
    size : largest share of changes seen where there is none, between 0 and 1

    >>> import numpy as np
    >>> from softpower.activities.effects.panel import Panel
    >>> from softpower.activities.effects.placebo import in_space
    >>> rng = np.random.default_rng(2)
    >>> outcome = rng.normal(size=(25, 12))
    >>> outcome[0, 8:] += 5.0
    >>> panel = Panel(outcome, np.array([8] + [12] * 24), tuple("ABCDEFGHIJKLMNOPQRSTUVWXY"), tuple(range(12)))
    >>> judge(in_space(panel)).verdict.value
    'higher'
    >>> judge(in_space(panel), size=0.01).reasons
    ('24 donors are too few: the smallest p-value they allow is 0.040, above the 0.01 asked for',)
    """
    check_share("size", size)
    reasons = refusals(placebos, size)
    if not reasons:
        reasons = doubts(placebos, size) if placebos.p_value <= size else blindness(placebos, size)
    if reasons:
        return Finding(Verdict.CANNOT_TELL, reasons)
    if placebos.p_value > size:
        return Finding(Verdict.NO_DETECTABLE_CHANGE, ())
    return Finding(Verdict.HIGHER if placebos.att > 0 else Verdict.LOWER, ())


def unknown(refusal: NotEnoughData) -> Finding:
    """The verdict where a design does not even give an estimate.

    >>> unknown(NotEnoughData("One period before the start.")).reasons
    ('one period before the start',)
    """
    said = str(refusal)
    return Finding(Verdict.CANNOT_TELL, (said[:1].lower() + said[1:].rstrip("."),))


def assumptions(method: Method) -> tuple[str, ...]:
    """What must hold for an estimate to be an effect, a clause each; no test after the fact can show that it does.

    >>> assumptions("did")[0]
    'without the activity the treated would have changed as much as donors did on average'
    """
    return (
        _ASSUMPTIONS[method],
        "nothing else that moves the outcome began for the treated, and not for donors, after the start",
        "the activity did not move the outcome of donors",
        "nothing changed before the start because the activity was expected",
        "whatever changed did so from the start on: a break in the last periods before it looks the same",
        "donors and treated are hit by shocks of the same kind, so that placebos show how far an estimate may be off",
    )


def refusals(placebos: Placebos, size: float = SIZE) -> tuple[str, ...]:
    """Why nothing can be told, a sentence each; empty if something can."""
    found = []
    for fit in placebos.estimate.fits:
        after = len(fit.effects)
        needed = max(LEAST_PRE, ceil(LEAST_SHARE * after))
        if fit.pre < needed:
            found.append(
                f"{counted(fit.pre, 'period')} before the start {'is' if fit.pre == 1 else 'are'} too few: with "
                f"{after} from it on a verdict takes {needed}"
            )
    if placebos.nothing_moves:
        found.append("donors all move alike, so that placebos do not show how far an estimate may be off")
    if placebos.fit_ratio > WORST_FIT:
        times = f"{placebos.fit_ratio:.2f}" if placebos.fit_ratio <= _MANY else f"more than {_MANY:g}"
        found.append(
            f"before the start the comparison followed the treated {times} times worse than it follows others: a "
            f"verdict takes {WORST_FIT:g} times at most"
        )
    if placebos.least_p > size:
        few = counted(placebos.donors, "donor") if placebos.whole else counted(len(placebos.null_share), "placebo")
        verb = "is" if few.startswith("1 ") else "are"
        beside = f" beside {counted(placebos.treated, 'treated unit')}" if placebos.treated > 1 else ""
        found.append(
            f"{few}{beside if placebos.whole else ''} {verb} too few: the smallest p-value they allow is "
            f"{placebos.least_p:.3f}, above the {size:g} asked for"
        )
        return tuple(found)  # ranks among so few say nothing of what was under way either
    if placebos.p_step <= UNDER_WAY:
        found.append(
            "the treated moved away from the comparison before the start already, as far as few others do "
            f"(p {placebos.p_step:.2f})"
        )
    if placebos.p_earlier <= UNDER_WAY:
        found.append(
            f"with the start put {EARLIER} periods earlier a change is seen, although nothing had been done then "
            f"(p {placebos.p_earlier:.2f})"
        )
    return tuple(found)


def doubts(placebos: Placebos, size: float = SIZE) -> tuple[str, ...]:
    """Why an estimate that stands out among placebos is no change seen, a sentence each; empty if it is one."""
    found = _by_chance(placebos, size)
    if placebos.p_steady > STEADY:
        found.append(
            "the treated are so unsteady before the start that, measured by that, the estimate does not stand out "
            f"(p {placebos.p_steady:.2f})"
        )
    late = [(placebos.p_since(periods), periods) for periods in LAST]
    worst, periods = max(late)
    if worst > SINCE:
        since = "period alone" if periods == 1 else f"{periods} periods alone"
        found.append(
            f"counted from the last {since} before the start the change does not stand out (p {worst:.2f}): it may "
            "have begun before"
        )
    return tuple(found)


def blindness(placebos: Placebos, size: float = SIZE) -> tuple[str, ...]:
    """Why an estimate that does not stand out is not even no detectable change, a sentence each; empty if it is."""
    found = _by_chance(placebos, size)
    if not isfinite(smallest_detectable(placebos, size=size, power=max(POWER, (1 + size) / 2)).by_rank):
        found.append("no change would have stood out, however large: others are compared with the treated too much")
    return tuple(found)


def _by_chance(placebos: Placebos, size: float) -> list[str]:
    """Doubt that more random assignments would end."""
    p, error = placebos.p_value, _ERRORS * placebos.p_error
    if error == 0 or not p - error <= size < p + error:
        return []
    drawn = counted(len(placebos.null_share), "random assignment")
    reason = f"with {drawn} the p-value is {p:.3f}, give or take {error:.3f}, and may lie on either side of {size:g}"
    return [f"{reason}: draw more of them"]


def counted(count: int, thing: str) -> str:
    """A number of things.

    >>> counted(1, "period"), counted(2, "period")
    ('1 period', '2 periods')
    """
    return f"{count} {thing}{'' if count == 1 else 's'}"


def number(value: float) -> str:
    """Three digits of a number, written out, with thousands set apart.

    >>> number(1234567.0), number(0.01234), number(-3.0), number(999.9)
    ('1,230,000', '0.0123', '-3', '1,000')
    """
    rounded = float(f"{value:.3g}")
    if abs(rounded) >= 1000:
        return f"{rounded:,.0f}"
    return np.format_float_positional(rounded, trim="-")


def sentence(
    finding: Finding,
    *,
    outcome: str,
    unit: str,
    att: float,
    detectable: float,
    compared: Literal["donors", "forecast"] = "donors",
) -> str:
    """A verdict in words: with a causal verb where there is a comparison group, and only there.

    Parameters
    ----------
    finding : of `judge`, or of a design for a single series
    outcome : what was measured: "visitor arrivals"
    unit : of the estimate: "thousand a year"
    att : the estimate
    detectable : the smallest effect that the design could have seen; infinite or NaN where none can be named
    compared : with "donors", or with a "forecast" from the series' own past

    >>> seen = Finding(Verdict.HIGHER, ())
    >>> sentence(seen, outcome="visits", unit="thousand", att=3.25, detectable=2.0)
    'The activity raised visits by 3.25 thousand, if nothing else set the treated apart from the donors.'
    >>> sentence(seen, outcome="visits", unit="thousand", att=3.25, detectable=2.0, compared="forecast")
    'Visits: 3.25 thousand higher from the start on than the past foretold; why is not known.'
    >>> sentence(Finding(Verdict.NO_DETECTABLE_CHANGE, ()), outcome="visits", unit="thousand", att=0.5, detectable=2.0)
    'No detectable change in visits; a change of 2 thousand or more would have stood out in four of five cases.'
    """
    amount = f"{number(abs(att))} {unit}".strip()
    if finding.verdict is Verdict.CANNOT_TELL:
        return f"Cannot tell whether {outcome} changed: {'; '.join(finding.reasons)}."
    if finding.verdict is Verdict.NO_DETECTABLE_CHANGE:
        if not isfinite(detectable):
            return f"No detectable change in {outcome}."
        limit = f"{number(detectable)} {unit}".rstrip() + " or more"
        return f"No detectable change in {outcome}; a change of {limit} would have stood out in four of five cases."
    if compared == "forecast":
        subject = outcome[:1].upper() + outcome[1:]
        return f"{subject}: {amount} {finding.verdict} from the start on than the past foretold; why is not known."
    verb = "raised" if finding.verdict is Verdict.HIGHER else "lowered"
    return f"The activity {verb} {outcome} by {amount}, if nothing else set the treated apart from the donors."
