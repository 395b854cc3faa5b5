"""What may be said of an estimate: a change that was seen, none that could be, or nothing at all.

A verdict is refused where it would rest on too little: a short time before the start, a comparison that did not follow
the treated then, or so few donors that no estimate, however large, could pass the test. The thresholds are conventions,
stated here and open to argument; the first two guard assumptions that no test after the fact can check.

References
----------
Abadie (2021), Using synthetic controls, Journal of Economic Literature 59(2), 391-425, sections 5 and 6: what the
design asks of the data.
Wasserstein, Lazar (2016), The ASA statement on p-values, The American Statistician 70(2): a p-value above the level is
no evidence of no effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, isfinite
from typing import Literal

from softpower.activities.detectable import SIZE
from softpower.activities.estimate import Method
from softpower.activities.placebo import Placebos
from softpower.errors import BadRequest

# Periods before the start: fewer show neither how the treated moved nor how well a comparison followed.
LEAST_PRE = 5
# Periods before the start for each one after it: a comparison that held for a year is not carried on for ten.
LEAST_SHARE = 0.5
# Gap before the start over the median of placebos': where the treated are followed so much worse than donors are,
# placebos say nothing about them.
WORST_FIT = 2.0

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
    """What may be said of an estimate, by its rank among placebos.

    Parameters
    ----------
    placebos : of `softpower.activities.placebo.in_space`, with the estimate they belong to
    size : largest share of changes seen where there is none, between 0 and 1

    >>> import numpy as np
    >>> from softpower.activities.panel import Panel
    >>> from softpower.activities.placebo import in_space
    >>> rng = np.random.default_rng(2)
    >>> outcome = rng.normal(size=(25, 12))
    >>> outcome[0, 8:] += 5.0
    >>> panel = Panel(outcome, np.array([8] + [12] * 24), tuple("ABCDEFGHIJKLMNOPQRSTUVWXY"), tuple(range(12)))
    >>> judge(in_space(panel)).verdict.value
    'higher'
    >>> judge(in_space(panel), size=0.01).reasons
    ('24 donors are too few: the smallest p-value they allow is 0.040, above the 0.01 asked for',)
    """
    if not 0 < size < 1:
        raise BadRequest(f"size {size:g} is no share between 0 and 1: give 0.05, for example")
    reasons = refusals(placebos, size)
    if reasons:
        return Finding(Verdict.CANNOT_TELL, reasons)
    if placebos.p_value > size:
        return Finding(Verdict.NO_DETECTABLE_CHANGE, ())
    return Finding(Verdict.HIGHER if placebos.estimate.att > 0 else Verdict.LOWER, ())


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
        "donors and treated are hit by shocks of the same kind, so that placebos show how far an estimate may be off",
    )


def refusals(placebos: Placebos, size: float = SIZE) -> tuple[str, ...]:
    """Why nothing can be told, a sentence each; empty if something can."""
    found = []
    for fit in placebos.estimate.fits:
        needed = max(LEAST_PRE, ceil(LEAST_SHARE * len(fit.effects)))
        if fit.pre < needed:
            found.append(
                f"{fit.pre} periods before the start are too few: with {len(fit.effects)} from it on a verdict takes "
                f"{needed}"
            )
    if placebos.fit_ratio > WORST_FIT:
        found.append(
            f"before the start the comparison followed the treated {placebos.fit_ratio:.1f} times worse than placebos "
            f"follow donors: a verdict takes {WORST_FIT:g} times at most"
        )
    if placebos.least_p > size:
        found.append(
            f"{placebos.donors} donors are too few: the smallest p-value they allow is {placebos.least_p:.3f}, above "
            f"the {size:g} asked for"
        )
    return tuple(found)


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
    'No detectable change in visits; this design would have seen a change of 2 thousand or more.'
    """
    amount = f"{abs(att):.3g} {unit}".strip()
    if finding.verdict is Verdict.CANNOT_TELL:
        return f"Cannot tell whether {outcome} changed: {'; '.join(finding.reasons)}."
    if finding.verdict is Verdict.NO_DETECTABLE_CHANGE:
        limit = f"; this design would have seen a change of {detectable:.3g} {unit}".rstrip() + " or more"
        return f"No detectable change in {outcome}{limit if isfinite(detectable) else ''}."
    if compared == "forecast":
        subject = outcome[:1].upper() + outcome[1:]
        return f"{subject}: {amount} {finding.verdict} from the start on than the past foretold; why is not known."
    verb = "raised" if finding.verdict is Verdict.HIGHER else "lowered"
    return f"The activity {verb} {outcome} by {amount}, if nothing else set the treated apart from the donors."
