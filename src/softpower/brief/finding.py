"""The brief in one sentence, and the numbers it rests on."""

from __future__ import annotations

from softpower.brief import words
from softpower.brief.context import Context, value
from softpower.brief.section import Record, Span, Strong, Text
from softpower.brief.words import Side

_VERDICT: dict[Side, str] = {
    "above": "achieves more than its potential predicts",
    "below": "achieves less than its potential predicts",
    "neither": "achieves about what its potential predicts",
}

_AGAINST: dict[Side, str] = {"above": "higher than", "below": "lower than", "neither": "about what"}


def inside(title: str) -> str:
    """The title of a choice inside a sentence: "With" and "Without" lose their capital even before a name.

    >>> inside("Without UN peacekeepers contributed"), inside("UN votes as weights")
    ('without UN peacekeepers contributed', 'UN votes as weights')
    """
    return title[0].lower() + title[1:] if title.startswith(("With ", "Without ")) else words.mid(title)


def headline_verdict(context: Context) -> str:
    """What the interval of the gap allows to say: subject, verb, fact."""
    gap = context.gap(context.home.iso3)
    return f"{context.home.name} {_VERDICT[words.side(*gap.bounds)]}"


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
    shares = context.index.known_share(context.home.iso3)
    counts = [
        f"{round(share * len(context.built.leaves(top)))} of {len(context.built.leaves(top))} indicators of {top}"
        for top, share in shares.items()
    ]
    needed = context.built.screening.share
    return [
        Strong(f"Too little is known about {context.home.name} to rank it."),
        (
            f" The data at hand hold {words.listing(counts)}; a rank needs {needed * 100:.0f}% of each. What is known "
            "stands below."
        ),
    ]


def _against_size(context: Context) -> Text:
    records = [context.above_expected(node, context.home.iso3) for node in ("potential", "performance")]
    if any(record.value is None for record in records):
        return ["What its size and wealth predict is not known. "]
    potential, performance = records
    sides = [words.side(*record.bounds) for record in records]
    spans = [_shown(potential), _shown(performance)]
    if sides[0] == sides[1]:
        both = f"Both are {_AGAINST[sides[0]]} its size and wealth predict ("
        return [both, spans[0], " and ", spans[1], " points). "]
    return [
        f"Its potential is {_AGAINST[sides[0]]} its size and wealth predict (",
        spans[0],
        f" points), its performance is {_AGAINST[sides[1]]} they predict (",
        spans[1],
        "). ",
    ]


def _shown(record: Record) -> Span:
    return value(record, words.signed_range(*record.bounds, 1))


def _turned_by(context: Context) -> Text:
    """Variants under which the verdict on the gap would be another."""
    usual = words.side(*context.gap(context.home.iso3).bounds)
    spans: list[Span] = []
    for name, variant in context.index.model.variants.items():
        record = context.under(name, "gap")
        if record is None or words.side(*record.bounds) == usual:
            continue
        was = "" if spans else " the gap is"
        spans += [
            f"{', ' if spans else ''}{inside(variant.title)}{was} ",
            value(record, words.signed_range(*record.bounds, 1)),
        ]
    if not spans:
        return []
    this = {"above": "The lead", "below": "The shortfall", "neither": "The verdict"}[usual]
    return [f"{this} depends on what counts as potential: ", *spans, " points."]
