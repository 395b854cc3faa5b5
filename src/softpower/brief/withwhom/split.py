"""Votes where two poles oppose each other, one dot for each."""

from __future__ import annotations

from softpower.brief import words
from softpower.brief.charts.cases import CaseGroup, Cases, cases_chart
from softpower.brief.context import Context, value
from softpower.brief.section import (
    Figure,
)
from softpower.brief.withwhom import evidence
from softpower.brief.withwhom.common import percent_range
from softpower.vectors.splits import Split
from softpower.vectors.wording import percent


def split_figure(context: Context, split: Split) -> Figure:
    """One dot for each roll call on which the poles were opposed."""
    sides = (
        (split.with_one, f"with {split.one.in_text}"),
        (split.with_other, f"with {split.other.in_text}"),
        (split.abstained, "abstained"),
    )
    ordered = sorted(sides[:2], key=lambda each: -each[0].n)
    first, second = ordered
    records = {said: evidence.choice(context, split, which, said) for which, said in sides}
    clear = first[0].low > 0.5
    headline = (
        f"Split votes: {first[0].n} of {split.n_votes} {first[1]}"
        if clear
        else f"Split votes: more often {first[1]}, but few different questions"
    )
    return Figure(
        id="figure-split",
        headline=headline,
        sub=(
            f"Each dot one of {split.n_votes} roll calls, {split.first}{words.DASH}{split.last}, on which "
            f"{split.one.in_text} and {split.other.in_text} were opposed"
        ),
        chart=cases_chart(
            Cases(
                title=f"{context.home.label}: {headline}",
                groups=[
                    CaseGroup(count=first[0].n, words=first[1], tone="focus"),
                    CaseGroup(count=split.abstained.n, words="abstained", tone="hollow"),
                    CaseGroup(count=second[0].n, words=second[1], tone="peer"),
                ],
            )
        ),
        alt=headline,
        note=[
            f"{words.sentence(first[1])}: ",
            value(
                records[first[1]],
                f"{percent(first[0].share)}% (90% interval {percent_range(first[0].low, first[0].high)})",
            ),
            f"; the {split.n_votes} roll calls put {words.count(split.n_questions, 'question')}.",
        ],
        width="two-thirds",
    )
