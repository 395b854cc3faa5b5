"""The brief in one sentence, and the numbers it rests on."""

from __future__ import annotations

from softpower.brief import words
from softpower.brief.context import Context, value
from softpower.brief.section import Record, Span, Strong, Text
from softpower.brief.words import Lean

_VERDICT: dict[Lean, str] = {
    "above": "achieves more than its potential predicts",
    "probably above": "probably achieves more than its potential predicts",
    "neither": "achieves about what its potential predicts",
    "probably below": "probably achieves less than its potential predicts",
    "below": "achieves less than its potential predicts",
}

_AGAINST: dict[Lean, str] = {
    "above": "higher than",
    "probably above": "probably higher than",
    "neither": "about what",
    "probably below": "probably lower than",
    "below": "lower than",
}


def inside(title: str) -> str:
    """The title of a choice inside a sentence: "With" and "Without" lose their capital even before a name.

    >>> inside("Without UN peacekeepers contributed"), inside("UN votes as weights")
    ('without UN peacekeepers contributed', 'UN votes as weights')
    """
    return title[0].lower() + title[1:] if title.startswith(("With ", "Without ")) else words.mid(title)


def headline_verdict(context: Context) -> str:
    """What the replications of the gap allow to say: subject, verb, fact."""
    return f"{words.sentence(words.the(context.home.name))} {_VERDICT[context.lean(context.gap(context.home.iso3))]}"


def finding(context: Context) -> Text:
    """One bold sentence, then the ranks behind it, then what would turn it."""
    if not context.is_ranked:
        return _too_little(context)
    performance, potential = (context.rank(node, context.home.iso3) for node in ("performance", "potential"))
    central, low, high = potential.place
    return [
        Strong(f"{headline_verdict(context)}."),
        " Its performance ranks ",
        value(performance, words.rank_in_full(*performance.place, context.total)),
        ", its potential ",
        value(potential, f"{words.ordinal_range(low, high)} (central {words.ordinal(central)})"),
        ". ",
        *_against_size(context),
        *_turned_by(context),
    ]


def _too_little(context: Context) -> Text:
    spans: list[Span] = []
    for top, share in context.index.known_share(context.home.iso3).items():
        of = len(context.built.leaves(top))
        record = context.ledger.add(
            Record(
                id=f"known:{top}:{context.home.iso3}",
                label=f"Indicators of {top} with a value, {context.home.name}",
                iso3=context.home.iso3,
                value=float(round(share * of)),
                unit=f"of {of} indicators",
                year=context.index.year,
                source_id=context.source,
            )
        )
        spans += [" and " if spans else "", value(record, f"{record.value:.0f} of {of}"), f" indicators of {top}"]
    needed = context.built.screening.share
    return [
        Strong(f"Too little is known about {words.the(context.home.name)} to rank it."),
        " The data at hand hold ",
        *spans,
        f"; a rank needs {needed * 100:.0f}% of each. What is known stands below.",
    ]


def _against_size(context: Context) -> Text:
    records = [context.above_expected(node, context.home.iso3) for node in ("potential", "performance")]
    if any(record.value is None for record in records):
        return ["What its size and wealth predict is not known. "]
    potential, performance = records
    sides = [context.lean(record) for record in records]
    spans = [_shown(potential), _shown(performance)]
    if sides[0] == sides[1]:
        both = f"Both are {_AGAINST[sides[0]]} its size and wealth predict ("
        return [both, spans[0], " and ", spans[1], " points). "]
    return [
        f"Its potential is {_AGAINST[sides[0]]} its size and wealth predict (",
        spans[0],
        f" points), and its performance is {_AGAINST[sides[1]]} they predict (",
        spans[1],
        "). ",
    ]


def _shown(record: Record) -> Span:
    return value(record, words.signed_range(*record.bounds, 1))


def _turned_by(context: Context) -> Text:
    """Variants under which the verdict on the gap would be another."""
    usual = context.lean(context.gap(context.home.iso3))
    spans: list[Span] = []
    for name, (title, _) in context.variants.items():
        record = context.under(name, "gap")
        if record is None or context.lean(record) == usual:
            continue
        was = "" if spans else " the gap is"
        spans += [
            f"{', ' if spans else ''}{inside(title)}{was} ",
            value(record, words.signed_range(*record.bounds, 1)),
        ]
    if not spans:
        return []
    this = {"above": "The lead", "below": "The shortfall"}.get(usual, "The verdict")
    return [f"{this} depends on what counts as potential: ", *spans, " points."]
