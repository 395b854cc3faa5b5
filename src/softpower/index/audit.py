"""A statistical audit of an index: does its framework hold in the data, and do its ranks hold under other choices?

Gathers the figures that the audits of composite indicators by the European Commission's Joint Research Centre look at:
the tree and its weights, the data, what correlates with what, whether each node measures one thing, what each part
really counts, what repeats what, and how far the ranks can be told apart. Every figure is taken over the ranked units
of one year, from the central build. What cannot be found (too few units, a part that does not vary) is NaN, and the
reason stands beside it.

References
----------
OECD/JRC (2008), Handbook on Constructing Composite Indicators, steps 4, 6, 7 and 8.
Saisana, Saltelli (2014), JRC statistical audit of the WJP Rule of Law Index 2014: the parts such an audit has.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from softpower.errors import NotEnoughData, SoftPowerError
from softpower.index import correlation, multivariate, reliability
from softpower.index.audit_figures import Audit, Column, Dimension, Elsewhere, Link, Part, Robustness, Weighing
from softpower.index.estimate import standing
from softpower.index.experiment import Experiment
from softpower.index.influence import TOP, Influence, influence
from softpower.index.model import Model
from softpower.index.rank import rank
from softpower.index.statistics import describe

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

DRAWS = 300
# A pair of units is told apart where one is ahead in at least this share of the replications.
TOLD_APART = 0.95
# Where a transformation moves more than this share of the cells it is not Winsorising.
MOST_WINSORISED = 0.5


def audit(experiment: Experiment, *, year: int, draws: int = DRAWS, seed: int = 7) -> Audit:
    """The figures of an audit.

    Parameters
    ----------
    experiment : a model on its data, as `softpower.index.building.set_up` gives it
    year : one of the years of its panel
    draws : replications behind the robustness; more make it steadier, not different
    seed : start of their random streams

    Raises
    ------
    NotEnoughData
        No unit can be ranked in that year.
    """
    with threadpool_limits(1):
        return _audit(experiment, year, draws, seed)


def _audit(experiment: Experiment, year: int, draws: int, seed: int) -> Audit:
    built, panel = experiment.built, experiment.panel
    rows = experiment.ranked(year)
    if not rows.size:
        raise NotEnoughData(
            f"no unit has {built.screening.share:.0%} of the indicators of every top node of {built.id}"
            f"{f' in {year}' if year else ''}: there is nothing to audit; try another year, or lower [screening] share"
        )
    order, scores = _scores(experiment, rows)
    leaves = [id for id in order if id in built.indicators]
    x = np.column_stack([scores[id] for id in leaves])
    pillars = list(dict.fromkeys(built.indicators[id].node for id in leaves))
    belongs = [built.indicators[id].node for id in leaves]
    above = np.column_stack([scores[node] for node in pillars])
    repeated = correlation.redundant(x, parents=belongs)
    found = _influence(built, order, scores)
    return Audit(
        model=built.id,
        title=built.title,
        variant=experiment.variant,
        year=year,
        ranked=rows.size,
        candidates=int(panel.alive[panel.years.index(year)].sum()),
        titles={id: built.title_of(id) for id in order},
        parts=_tree(built, order, found),
        columns=_columns(experiment, leaves, rows, x),
        within=_within(built, order, scores),
        elsewhere=_elsewhere(leaves, belongs, pillars, correlation.across(x, above, pillars, own=belongs)),
        dimensions=tuple(
            _dimension(node, parts, np.column_stack([scores[part] for part in parts]))
            for node, parts in _families(built, order).items()
        ),
        weighings=_weighings(built, order, found),
        redundant=tuple(_link(pair, leaves) for pair in repeated.pairs),
        groups=tuple(tuple(leaves[place] for place in group) for group in repeated.groups),
        robustness=_robustness(experiment, year, draws, seed),
    )


def _above(built: Model, id: str) -> str:
    return built.indicators[id].node if id in built.indicators else built.nodes[id].parent


def _scores(experiment: Experiment, rows: Ints) -> tuple[list[str], dict[str, Array]]:
    """All parts that count, each below its node, and their central scores, shape (unit,)."""
    built, without = experiment.built, experiment.without
    order: list[str] = []

    def visit(id: str) -> None:
        order.append(id)
        for child in built.children(id) if id in built.nodes else ():
            if built.counts(child):
                visit(child)

    for top in built.tops:
        visit(top)
    central = experiment.central
    scores = {
        id: (central.node(id, without=without) if id in built.nodes else central.indicator(id))[0, rows] for id in order
    }
    return order, scores


def _families(built: Model, order: list[str]) -> dict[str, list[str]]:
    """The parts of each node."""
    below: dict[str, list[str]] = {id: [] for id in order if id in built.nodes}
    for id in order:
        if _above(built, id):
            below[_above(built, id)].append(id)
    return below


def _influence(built: Model, order: list[str], scores: Mapping[str, Array]) -> Influence:
    parents = [order.index(_above(built, id)) if _above(built, id) else TOP for id in order]
    weights = [built.weight(id) for id in order]
    return influence(np.column_stack([scores[id] for id in order]), parents, weights)


def _tree(built: Model, order: list[str], found: Influence) -> tuple[Part, ...]:
    depth: dict[str, int] = {}
    parts = []
    for place, id in enumerate(order):
        node = _above(built, id)
        depth[id] = depth[node] + 1 if node else 0
        one = built.nodes[id] if id in built.nodes else built.indicators[id]
        parts.append(
            Part(
                id=id,
                title=one.title,
                node=node,
                depth=depth[id],
                kind="node" if id in built.nodes else "indicator",
                weight=float(found.weight[place]) if node else 1.0,
                effective=float(found.effective[place]),
                reason=one.reason,
            )
        )
    return tuple(parts)


def _columns(experiment: Experiment, leaves: list[str], rows: Ints, x: Array) -> tuple[Column, ...]:
    panel = experiment.panel
    at = np.array([panel.indicators.index(id) for id in leaves])
    count = len(panel.indicators)
    known = panel.known.reshape(-1, count)[np.ix_(rows, at)]
    published = describe(np.where(known, panel.raw.reshape(-1, count)[np.ix_(rows, at)], np.nan))
    scored = describe(x)
    found = []
    for place, id in enumerate(leaves):
        treatment, moved = _treatment(experiment, id, rows)
        found.append(
            Column(
                id=id,
                known=int(published.available[place]),
                available=float(published.share_available[place]),
                few=bool(published.few_available[place]),
                skew=float(published.skew[place]),
                kurtosis=float(published.kurtosis[place]),
                outliers=bool(published.outliers[place]),
                treatment=treatment,
                moved=moved,
                skew_scored=float(scored.skew[place]),
                kurtosis_scored=float(scored.kurtosis[place]),
                outliers_scored=bool(scored.outliers[place]),
                constant=_constant(x[:, place]),
            )
        )
    return tuple(found)


def _treatment(experiment: Experiment, id: str, rows: Ints) -> tuple[str, int]:
    """What was done to the outliers of an indicator, and how many cells of the ranked units that changed."""
    indicator = experiment.built.indicators[id]
    step = indicator.treat or experiment.built.treat
    before = experiment.exact.central[0][rows, experiment.panel.indicators.index(id)]
    after = experiment.central.scaler(id, (0, 0, 0)).treated[rows]
    changed = np.isfinite(before) & (before != after)
    moved = int(changed.sum())
    done = ["log"] if indicator.transform == "log" else []
    if moved:
        winsorised = step.method == "winsorise" and moved <= MOST_WINSORISED * np.isfinite(before).sum()
        done.append("winsorised" if winsorised else step.then if step.method == "winsorise" else step.method)
    return ", ".join(done), moved


def _constant(x: Array) -> bool:
    known = x[np.isfinite(x)]
    return bool(known.size == 0 or known.min() == known.max())


def _within(built: Model, order: list[str], scores: Mapping[str, Array]) -> tuple[Link, ...]:
    links = []
    for node, parts in _families(built, order).items():
        if len(parts) > 1:
            table = np.column_stack([scores[part] for part in parts])
            links += [_link(pair, parts) for pair in correlation.within(table, [node] * len(parts))]
    return tuple(links)


def _link(pair: correlation.Pair, parts: list[str]) -> Link:
    return Link(parts[pair.first], parts[pair.second], pair.parent, pair.r, pair.p, pair.n, pair.flag)


def _elsewhere(
    leaves: list[str], belongs: list[str], pillars: list[str], pairs: list[correlation.Pair]
) -> tuple[Elsewhere, ...]:
    found = []
    for place, id in enumerate(leaves):
        own = pairs[place * len(pillars) : (place + 1) * len(pillars)]
        mine = own[pillars.index(belongs[place])]
        if mine.flag == "elsewhere":
            best = max((pair for pair in own if not math.isnan(pair.r)), key=lambda pair: pair.r)
            found.append(Elsewhere(id, belongs[place], mine.r, best.parent, best.r))
    return tuple(found)


def _dimension(node: str, parts: list[str], x: Array) -> Dimension:
    still = [part for place, part in enumerate(parts) if _constant(x[:, place])]
    varied = [part for part in parts if part not in still]
    x = x[:, [parts.index(part) for part in varied]]
    n = int(np.isfinite(x).all(axis=1).sum())
    common = (node, tuple(varied), tuple(still), n)
    if len(varied) < 2:
        alone = "one part" if len(parts) == 1 else "too few parts that vary"
        return Dimension(*common, note=f"{alone}: nothing to compare")
    try:
        r, _ = multivariate.correlations(x)
        components = multivariate.pca(x)
        alpha = reliability.cronbach(x)
    except SoftPowerError:
        return Dimension(*common, note=f"too few units: {n} with all {len(varied)} parts known")
    given: dict[str, Any] = {
        "eigenvalues": tuple(components.eigenvalues.tolist()),
        "explained": tuple(components.explained.tolist()),
        "kaiser": components.kaiser,
        "opposed": tuple(varied[place] for place in components.opposed),
        "alpha": alpha.standardised,
        "alpha_without": dict(zip(varied, alpha.standardised_without.tolist(), strict=True)),
    }
    if n <= len(varied):
        return Dimension(*common, note=f"too few units for KMO and Bartlett: {n} for {len(varied)} parts", **given)
    try:
        adequacy, sphericity = multivariate.kmo(r), multivariate.bartlett(r, n)
    except SoftPowerError:
        return Dimension(*common, note="some parts determine each other exactly: no KMO, no Bartlett", **given)
    return Dimension(
        *common,
        note="",
        kmo=adequacy.overall if len(varied) > 2 else math.nan,
        kmo_word=adequacy.word if len(varied) > 2 else "unknown",
        bartlett=sphericity.statistic,
        freedom=sphericity.freedom,
        p=sphericity.p,
        **given,
    )


def _weighings(built: Model, order: list[str], found: Influence) -> tuple[Weighing, ...]:
    return tuple(
        Weighing(
            id=id,
            node=_above(built, id),
            weight=float(found.weight[place]),
            r_node=float(found.pearson_parent[place]),
            r_top=float(found.pearson_top[place]),
            main_effect=float(found.main_effect[place]),
            importance=float(found.importance[place]),
        )
        for place, id in enumerate(order)
        if _above(built, id)
    )


def _robustness(experiment: Experiment, year: int, draws: int, seed: int) -> tuple[Robustness, ...]:
    sampled = experiment.sampled(draws, seed, keep=True)
    rows = experiment.ranked(year, sampled)
    found = []
    for top in experiment.built.tops if rows.size else ():
        central, drawn = (each.node(top, without=experiment.without)[:, rows] for each in (experiment.central, sampled))
        places = standing(rank(central[0]), rank(drawn))
        width = places.high - places.low
        found.append(
            Robustness(
                node=top,
                units=rows.size,
                draws=draws,
                width=float(np.median(width)),
                widest=int(width.max()),
                told_apart=told_apart(drawn),
            )
        )
    return tuple(found)


def told_apart(drawn: Array, *, share: float = TOLD_APART) -> float:
    """Share of all pairs of units of which one is ahead in at least this share of the draws, ties counting half.

    Parameters
    ----------
    drawn : scores, shape (draw, unit)

    Returns
    -------
    float, NaN for a single unit

    >>> told_apart(np.array([[3.0, 2.0, 1.0], [3.0, 1.0, 2.0]]))  # the first is ahead of both others
    0.6666666666666666
    """
    scores = np.ascontiguousarray(drawn.T)
    units, draws = scores.shape
    apart = 0
    for unit in range(units - 1):
        own, others = scores[unit], scores[unit + 1 :]
        ahead = (np.count_nonzero(own > others, axis=1) + np.count_nonzero(own >= others, axis=1)) / (2 * draws)
        apart += int(((ahead >= share) | (ahead <= 1 - share)).sum())
    return 2 * apart / (units * (units - 1)) if units > 1 else math.nan
