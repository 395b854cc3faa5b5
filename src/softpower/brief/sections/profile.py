"""Strengths and weaknesses by pillar."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from softpower.brief import words
from softpower.brief.charts.profile import Profile, ProfileGroup, ProfileRow, profile_chart
from softpower.brief.context import Context, Tone, place_text, value
from softpower.brief.section import Cell, Column, Figure, Quiet, Row, Section, Table, Text
from softpower.brief.sections import terms
from softpower.drawing.marks import Axis, Interval

_TONES: dict[words.Side, Tone] = {"above": "above", "below": "below", "neither": "peer"}
_KEY: tuple[tuple[Tone, str], ...] = (
    ("above", "above what size and wealth predict"),
    ("below", "below"),
    ("peer", "not distinguishable"),
)
_SERVES = "Serves all aims"
# In how many of the replications a part must lead to be called strongest or weakest.
SURE = 0.9


def profile(context: Context) -> Section | None:
    """One figure: every pillar with its interval, the peers, and what size and wealth predict."""
    if not context.is_ranked:
        return None
    return Section(
        id="profile",
        rail="Pillars",
        headline=_headline(context),
        blocks=[_figure(context), *_aims(context)],
        new_page=True,
    )


def _pillars(context: Context, top: str) -> list[str]:
    return [child for child in context.built.children(top) if child in context.built.nodes]


def _apart(context: Context, node: str) -> words.Side:
    """On which side of its expectation the country's interval in a node lies."""
    return context.side(context.above_expected(node, context.home.iso3))


def _headline(context: Context) -> str:
    """How many pillars lie on either side of what size and wealth predict."""
    sides = [_apart(context, node) for top in context.built.tops for node in _pillars(context, top)]
    above, below = sides.count("above"), sides.count("below")
    if not above and not below:
        return "No pillar departs from what size and wealth predict"
    first, second = (above, "above"), (below, "below")
    if not above:
        first, second = second, first
    verb = "stands" if first[0] == 1 else "stand"
    said = f"{terms.spelt(first[0])} of {len(sides)} pillars {verb} {first[1]} what size and wealth predict"
    return words.sentence(f"{said}, {terms.spelt(second[0])} {second[1]}")


def _figure_headline(context: Context) -> str:
    """The pillars furthest from the expectation on either side, of those whose interval excludes it."""
    far: dict[words.Side, tuple[float, str]] = {}
    for node in (node for top in context.built.tops for node in _pillars(context, top)):
        side, record = _apart(context, node), context.above_expected(node, context.home.iso3)
        if side != "neither" and record.value is not None:
            far[side] = max(far.get(side, (0.0, "")), (abs(record.value), context.built.title_of(node)))
    parts = [f"{side} in {words.mid(far[side][1])}" for side in ("above", "below") if side in far]
    if not parts:
        return "Every interval reaches what size and wealth predict"
    return f"Furthest from what size and wealth predict: {', '.join(parts)}"


def _figure(context: Context) -> Figure:
    groups = [
        ProfileGroup(
            heading=context.built.title_of(top),
            rows=[_row(context, node) for node in _pillars(context, top)] + [_row(context, top, strong=True)],
        )
        for top in context.built.tops
    ]
    marks = [row.mark for group in groups for row in group.rows if row.mark]
    low = min(10.0, *(5 * np.floor(mark.low / 5) for mark in marks))
    high = max(90.0, *(5 * np.ceil(mark.high / 5) for mark in marks))
    headline = _figure_headline(context)
    name = words.the(context.home.label)
    return Figure(
        id="figure-profile",
        headline=headline,
        sub=(
            f"Scores, 50 is the mean of {context.total} states, and 90% intervals of the ranks; thin bar 90%, thick "
            "bar 50%, dot the model as declared; colour compares score and prediction, errors of both counted"
        ),
        chart=profile_chart(
            Profile(
                title=f"{headline}: {name}",
                groups=groups,
                axis=Axis(
                    low=float(low),
                    high=float(high),
                    ticks=[(at, f"{at:g}") for at in words.round_ticks(low, high, 4) if at < high - 2],
                ),
                axis_title="Score",
                marks=_KEY,
                peers_label="peers' median",
                expected_label="predicted",
                text_title="Rank",
            )
        ),
        alt=f"Each pillar's score for {name}, what size and wealth predict for it, and the median of its peers.",
        note=[
            (
                "Size and wealth are those of its economy; the peers are those of the scorecard. Observed: the place "
                "in a single published series, whose order was not sampled."
            )
        ],
        data=_table(context),
    )


def _row(context: Context, node: str, *, strong: bool = False) -> ProfileRow:
    index, place = context.index, context.index.unit(context.home.iso3)
    score = index.scores(node)
    record = context.rank(node, context.home.iso3)
    expected = float(index.central_expected(node).expected[0][place])
    peers = [float(score.value[index.unit(peer)]) for peer in context.peers if index.is_ranked(peer)]
    return ProfileRow(
        label=context.built.title_of(node),
        text=place_text(record),
        mark=Interval(
            low=float(score.low[place]),
            q25=float(score.q25[place]),
            central=float(score.value[place]),
            q75=float(score.q75[place]),
            high=float(score.high[place]),
            tone=_TONES[_apart(context, node)],
        ),
        peers=float(np.median(peers)) if peers else None,
        expected=expected if np.isfinite(expected) else None,
        strong=strong,
    )


def _table(context: Context) -> Table:
    rows = []
    for top in context.built.tops:
        for node in (*_pillars(context, top), top):
            record, above = context.rank(node, context.home.iso3), context.above_expected(node, context.home.iso3)
            rows.append(
                Row(
                    cells=[
                        Cell(text=[context.built.title_of(node)]),
                        Cell(
                            text=[
                                value(record, f"{words.number(record.bounds[0])} to {words.number(record.bounds[1])}")
                            ]
                        ),
                        Cell(text=[value(record, place_text(record))]),
                        Cell(text=_above_text(context, above.value is None, node)),
                    ],
                    focus=node == top,
                )
            )
    columns = [
        Column(heading="Pillar"),
        Column(heading="Score", align="right"),
        Column(heading="Rank", align="right"),
        Column(heading="Against size\nand wealth", align="right"),
    ]
    return Table(
        id="profile-data",
        headline="The figure as a table",
        sub=f"90% intervals among {context.total} states",
        columns=columns,
        rows=rows,
    )


def _above_text(context: Context, unknown: bool, node: str) -> Text:
    record = context.above_expected(node, context.home.iso3)
    return [Quiet("not measured")] if unknown else [value(record, words.signed_range(*record.bounds))]


def _aims(context: Context) -> list[Table]:
    """Performance by its parts: the aims of the founding brief and what serves all of them, each with its measures."""
    rows, nodes = [], _pillars(context, "performance")
    for node in nodes:
        record = context.rank(node, context.home.iso3)
        rows.append(
            Row(
                cells=[
                    Cell(text=[_part(context, node)]),
                    Cell(
                        text=[value(record, place_text(record))],
                        mark=context.rank_mark(node, context.home.iso3),
                    ),
                    Cell(text=[words.sentence(terms.listing(_indicators(context, node)))]),
                ]
            )
        )
    ranks = Axis(low=1, high=context.total, ticks=[(place, words.number(place)) for place in (1, 75, 150)])
    return [
        Table(
            id="aims",
            headline=_aims_headline(context, nodes),
            sub=f"90% intervals of the rank among {context.total} states; thick bar 50%, dot the model as declared",
            columns=[
                Column(heading="Aim, or what serves all"),
                Column(heading="Rank", axis=ranks),
                Column(heading="What it rests on"),
            ],
            rows=rows,
        )
    ]


def _part(context: Context, node: str) -> str:
    """An aim, or what the model's reason says to serve all of them."""
    title = context.built.title_of(node)
    return f"{title} (all aims)" if context.built.nodes[node].reason.startswith(_SERVES) else title


def _indicators(context: Context, node: str) -> list[str]:
    return [context.built.title_of(leaf) for leaf in context.built.leaves(node)]


def _aims_headline(context: Context, nodes: list[str]) -> str:
    """The best and the worst part where each leads in nearly every replication; else the parts that are apart."""
    place = context.index.unit(context.home.iso3)
    ranks = np.stack([context.index.rank_draws(node)[:, place] for node in nodes])
    titles = [context.built.title_of(node) for node in nodes]
    return apart(titles, ranks)


def apart(titles: Sequence[str], ranks: NDArray[np.int64], *, sure: float = SURE) -> str:
    """What can be said of the order of parts.

    Parameters
    ----------
    ranks : shape (part, draw), 1 is best; a tie is no lead
    sure : share of draws in which a statement has to be true

    >>> apart(["A", "B", "C"], np.array([[1, 1], [5, 6], [9, 9]]))
    'Strongest in a, weakest in c'
    >>> apart(["A", "B", "C"], np.array([[1, 2], [2, 1], [9, 9]]))
    'Weakest in c; no part is clearly strongest'
    >>> apart(["A", "B", "C", "D"], np.array([[1, 2], [2, 1], [8, 9], [9, 8]]))
    'Stronger in a and b than in the rest'
    >>> apart(["A", "B"], np.array([[1, 2], [2, 1]]))
    'No part stands clearly apart from the others'
    """
    if len(titles) < 2:
        return "It has one part only"
    # Share of draws in which the part of the row is ahead of that of the column.
    ahead = (ranks[:, None, :] < ranks[None, :, :]).mean(axis=2)
    best, worst = (_leader(ranks, sure), _leader(-ranks, sure))
    names = [terms.listed(title) for title in titles]
    if best is not None and worst is not None:
        return f"Strongest in {names[best]}, weakest in {names[worst]}"
    if best is not None:
        return f"Strongest in {names[best]}; no part is clearly weakest"
    if worst is not None:
        return f"Weakest in {names[worst]}; no part is clearly strongest"
    order = np.argsort(np.median(ranks, axis=1), kind="stable").tolist()
    tops = [order[:k] for k in range(1, len(order))] + [[part] for part in order]
    found = [
        (top, below)
        for top in tops
        if (below := [part for part in order if part not in top and bool((ahead[top, part] >= sure).all())])
    ]
    if not found:
        return "No part stands clearly apart from the others"
    top, below = max(found, key=lambda pair: (len(pair[0]) + len(pair[1]), -len(pair[0])))
    high, low = (words.listing([names[i] for i in side]) for side in (top, below))
    if len(top) + len(below) < len(names):
        return f"Stronger in {high} than in {low}"
    return f"Stronger in {high} than in the rest" if len(top) <= len(below) else f"Weaker in {low} than elsewhere"


def _leader(ranks: NDArray[np.int64], sure: float) -> int | None:
    """The part whose rank is below that of every other in the share ``sure`` of draws, if there is one."""
    smallest = ranks.min(axis=0)
    alone = (ranks == smallest).sum(axis=0) == 1
    shares = ((ranks == smallest) & alone).mean(axis=1)
    return int(shares.argmax()) if shares.max() >= sure else None
