"""One replication built again: which choices it made, and what they gave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest, NotEnoughData
from softpower.index.cells import Cells
from softpower.index.designs import LISTED, NOTHING, NOUNS, options
from softpower.index.experiment import Experiment
from softpower.index.model import Part
from softpower.index.rank import rank
from softpower.index.uncertainty import Replications

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DrawnCell:
    """A cell as a replication has it.

    Attributes
    ----------
    indicator, unit : whose
    kind : "imputed" where nothing is published, "error" where the published value is known with error
    value, published : as published, or its logarithm where the model takes it; NaN where nothing is published
    """

    indicator: str
    unit: str
    kind: str
    value: float
    published: float


@dataclass(frozen=True)
class Replay:
    """A replication.

    Attributes
    ----------
    number : its place among the draws, from 0
    methods : for each step that could have been otherwise the method taken, with those of its parameters that are not
        as by default
    weights : share of each part among its siblings
    left_out : parts that this replication does without
    cells : cells of the ranked units that are drawn anew in each replication, by indicator
    units, nodes : the axes of ``scores``, shape (node, unit), and ``ranks``
    """

    number: int
    year: int
    methods: dict[str, dict[str, object]]
    weights: dict[str, float]
    left_out: tuple[str, ...]
    cells: tuple[DrawnCell, ...]
    units: tuple[str, ...]
    nodes: tuple[str, ...]
    scores: Array
    ranks: NDArray[np.int64]


def _ranks(scores: Array) -> NDArray[np.int64]:
    """Ranks among the units with a score, zero for the others; shape (unit,)."""
    known = np.isfinite(scores)
    ranks = np.zeros(scores.shape, dtype=np.int64)
    ranks[known] = rank(scores[known])
    return ranks


def replay(experiment: Experiment, *, year: int, number: int, draws: int, seed: int) -> Replay:
    """Build one replication of a build again, alone.

    Parameters
    ----------
    experiment : the model on its data
    year : the year to show
    number : which replication, from 0
    draws, seed : those of the build

    Raises
    ------
    BadRequest
        There is no replication of that number.
    """
    if not 0 <= number < draws:
        raise BadRequest(f"replications are numbered from 0 to {draws - 1:,}; there is no {number:,}")
    designs = experiment.designs(draws, seed)
    cells = experiment.cells(designs, seed)
    sampled = Replications(experiment.model, experiment.panel, cells, designs, keep=False)
    rows = experiment.ranked(year, sampled)
    if not rows.size:
        raise NotEnoughData(
            f"no unit of {experiment.built.id} can be ranked{f' in {year}' if year else ''}; try another year, or "
            "lower [screening] share"
        )
    one = designs.take([number])
    alone = Replications(experiment.model, experiment.panel, cells.take([number]), one, keep=False)
    nodes = tuple(experiment.built.nodes)
    scores = np.stack([alone.node(node, without=experiment.without)[0, rows] for node in nodes])
    weights: dict[str, float] = {}
    for node in nodes:
        children = experiment.built.children(node)
        drawn = np.array([one.effective(child)[0] for child in children])
        total = drawn.sum()
        weights |= {child: float(each / total) if total else 0.0 for child, each in zip(children, drawn, strict=True)}
    return Replay(
        number=number,
        year=year,
        methods={
            NOUNS[step]: _given(options(experiment.model, step)[int(one.methods[step][0])])
            for step in LISTED
            if len(options(experiment.model, step)) > 1
        },
        weights=weights,
        left_out=tuple(
            parts[int(one.gone[kind][0])] for kind, parts in one.parts.items() if one.gone[kind][0] != NOTHING
        ),
        cells=tuple(_drawn(experiment, cells.take([number]), rows)),
        units=experiment.names(rows),
        nodes=nodes,
        scores=scores,
        ranks=np.stack([_ranks(each) for each in scores]),
    )


def _given(step: Part) -> dict[str, object]:
    """The method of a step, and of its parameters those that are not as by default."""
    said: dict[str, object] = step.model_dump(exclude={"chance"}, exclude_defaults=True, exclude_none=True)
    return {"method": step.model_dump()["method"]} | said


def _drawn(experiment: Experiment, cells: Cells, rows: NDArray[np.int64]) -> Iterator[DrawnCell]:
    """Cells of some rows that the one replication of ``cells`` has drawn."""
    ranked, panel = set(rows.tolist()), experiment.panel
    for name, indicator in experiment.built.indicators.items():
        k, sign = panel.indicators.index(name), indicator.direction
        known = panel.value[:, :, k].ravel()
        for place, row in enumerate(cells.rows[k].tolist()):
            if row in ranked:
                kind = "imputed" if place < cells.gaps[k] else "error"
                yield DrawnCell(
                    name,
                    panel.units[row % len(panel.units)],
                    kind,
                    sign * float(cells.drawn[k][0, place]),
                    sign * float(known[row]),
                )
