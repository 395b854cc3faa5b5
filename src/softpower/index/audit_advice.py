"""What an audit advises: each rule in plain words, with the cases it applies to and their figures.

The limits are those common in audits of composite indicators; a case beyond one is a question to its author, not a
proof of a mistake.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from softpower.index.audit_figures import Audit, Dimension

WEAK = 0.3
# Below this a sum of parts is usually not called consistent: Nunnally (1978), Psychometric Theory, 2nd edition, p. 245.
LEAST_ALPHA = 0.7
# Kaiser, Rice (1974): below this the matrix of correlations is "unacceptable".
LEAST_KMO = 0.5
# Differences between correlations, or between alphas, below this are not worth acting on.
MARGIN = 0.05
# A part is out of step with its weight where its importance is more than twice or less than half of it.
OUT_OF_STEP = 2.0
# The OECD/JRC Handbook (2008), step 4, lists ratios of cases to variables; this is the most lenient of them.
UNITS_PER_PART = 3
LEAST_APART = 0.8
WIDE = 0.25


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to look into: ``what`` is a sentence, ``cases`` are what it applies to, each with its figure."""

    topic: str
    what: str
    cases: tuple[str, ...]


def advise(audit: Audit) -> tuple[Advice, ...]:
    """Recommendations that follow from the figures, in the order of the audit; empty where nothing stands out."""
    rules = (
        ("framework", "Write down why these indicators are in the index.", _unreasoned),
        ("data", "Look for a fuller source, or leave out: known for fewer than 65 % of the units.", _sparse),
        ("data", "Treat or transform: a few extreme units still press all others together.", _outliers),
        ("data", "Leave out: the same for all ranked units, so it counts for nothing.", _constant),
        ("correlation", "Check the direction, or say why a trade-off belongs here: parts that pull apart.", _negative),
        ("correlation", "Keep one, merge them or share one weight: they say nearly the same.", _repeated),
        ("correlation", "Consider moving: closer to another pillar than to its own.", _elsewhere),
        ("correlation", "Ask what it adds: it hardly goes with the node it is counted in, or runs against it.", _weak),
        ("dimensions", "Consider splitting: the parts measure more than one thing.", _several),
        ("dimensions", "Do not take weights from a component here: its parts have opposed signs.", _opposed),
        ("dimensions", "Do not rely on components here: pairs of parts, not all of them, go together.", _inadequate),
        ("dimensions", "Do not call the node consistent: Cronbach's alpha is below 0.7.", _inconsistent),
        ("dimensions", "Read these figures with care: too few units for so many parts.", _few_units),
        ("influence", "Adjust the weight or say why: the part counts otherwise than declared.", _out_of_step),
        ("robustness", "Publish ranks with their intervals, or groups of units instead of ranks.", _unsure),
    )
    found = ((topic, what, tuple(rule(audit))) for topic, what, rule in rules)
    return tuple(Advice(topic, what, cases) for topic, what, cases in found if cases)


def _unreasoned(audit: Audit) -> Iterator[str]:
    count = sum(part.kind == "indicator" for part in audit.parts)
    if len(audit.unreasoned) == count:
        yield f"None of the {count} indicators has a reason in the model; the framework below lists them"
    elif audit.unreasoned:
        names = ", ".join(audit.titles[id] for id in audit.unreasoned)
        yield f"{len(audit.unreasoned)} of {count} indicators have no reason in the model: {names}"


def _sparse(audit: Audit) -> Iterator[str]:
    for each in audit.columns:
        if each.few:
            yield f"{audit.titles[each.id]}: known for {each.known} of {audit.ranked} units ({each.available:.0%})"


def _outliers(audit: Audit) -> Iterator[str]:
    for each in audit.columns:
        if each.outliers_scored:
            figures = f"skewness {each.skew_scored:.1f}, kurtosis {each.kurtosis_scored:.1f}"
            yield f"{audit.titles[each.id]}: {figures} as it enters the index"


def _constant(audit: Audit) -> Iterator[str]:
    for each in audit.columns:
        if each.constant:
            yield f"{audit.titles[each.id]}: no two of {audit.ranked} units differ"


def _negative(audit: Audit) -> Iterator[str]:
    for each in audit.within:
        if each.flag == "negative":
            pair = f"{audit.titles[each.first]} and {audit.titles[each.second]}"
            yield f"{pair} in {audit.titles[each.node]}: r = {each.r:.2f}"


def _repeated(audit: Audit) -> Iterator[str]:
    for each in audit.redundant:
        yield f"{audit.titles[each.first]} and {audit.titles[each.second]}: r = {each.r:.2f}"
    nodes = {part.id for part in audit.parts if part.kind == "node"}
    for each in audit.within:
        if each.flag == "high" and each.first in nodes:
            yield f"{audit.titles[each.first]} and {audit.titles[each.second]}: r = {each.r:.2f}"


def _elsewhere(audit: Audit) -> Iterator[str]:
    for each in audit.elsewhere:
        if each.other_r - each.own_r >= MARGIN:
            other, own = audit.titles[each.other], audit.titles[each.own]
            yield f"{audit.titles[each.id]}: r = {each.other_r:.2f} with {other}, {each.own_r:.2f} with its own, {own}"


def _weak(audit: Audit) -> Iterator[str]:
    for each in audit.weighings:
        if each.r_node < WEAK:
            yield f"{audit.titles[each.id]} in {audit.titles[each.node]}: r = {each.r_node:.2f}"


def _several(audit: Audit) -> Iterator[str]:
    for each in audit.dimensions:
        if each.kaiser > 1 and not _is_small(each):
            first = f"the first explains {each.explained[0]:.0%} of the variance"
            yield f"{audit.titles[each.node]}: {each.kaiser} eigenvalues above 1, {first}"


def _opposed(audit: Audit) -> Iterator[str]:
    for each in audit.dimensions:
        if each.opposed:
            names = ", ".join(audit.titles[id] for id in each.opposed)
            count = f"{len(each.opposed)} of {len(each.parts)} parts run against the others"
            yield f"{audit.titles[each.node]}: {count}: {names}"


def _inadequate(audit: Audit) -> Iterator[str]:
    for each in audit.dimensions:
        if each.kmo < LEAST_KMO:
            yield f"{audit.titles[each.node]}: KMO {each.kmo:.2f}"


def _inconsistent(audit: Audit) -> Iterator[str]:
    for each in audit.dimensions:
        if each.alpha < LEAST_ALPHA:
            better = [(value, id) for id, value in each.alpha_without.items() if value > each.alpha + MARGIN]
            rise = f"; {max(better)[0]:.2f} without {audit.titles[max(better)[1]]}" if better else ""
            yield f"{audit.titles[each.node]}: alpha {each.alpha:.2f}{rise}"


def _is_small(each: Dimension) -> bool:
    return len(each.parts) > 1 and each.n < UNITS_PER_PART * len(each.parts)


def _few_units(audit: Audit) -> Iterator[str]:
    for each in audit.dimensions:
        if _is_small(each):
            yield f"{audit.titles[each.node]}: {each.n} units for {len(each.parts)} parts"


def _out_of_step(audit: Audit) -> Iterator[str]:
    for each in audit.weighings:
        more = each.importance > OUT_OF_STEP * each.weight
        less = each.importance * OUT_OF_STEP < each.weight
        if (more or less) and abs(each.importance - each.weight) >= MARGIN:
            figures = f"weight {each.weight:.0%}, importance {each.importance:.0%}"
            yield f"{audit.titles[each.id]} in {audit.titles[each.node]}: {figures}"


def _unsure(audit: Audit) -> Iterator[str]:
    for each in audit.robustness:
        if each.told_apart < LEAST_APART or each.width > WIDE * each.units:
            apart = f"{each.told_apart:.0%} of the pairs of units are told apart"
            yield f"{audit.titles[each.node]}: {apart}; half of the intervals are {each.width:.0f} places wide or wider"
