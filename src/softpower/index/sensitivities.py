"""Which of the uncertain choices of a model moves its ranks: Sobol indices of its own factors.

The factors are what `softpower.index.model.Uncertainty` declares: weights as one group, each step that has
alternatives, what is left out, the gaps that are drawn and the errors of cells. Two independent sets of replications,
A and B, are drawn; for each factor a third is A with that factor taken from B. Methods are drawn from an even sequence
of points.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.errors import BadRequest
from softpower.index import effects, sobol
from softpower.index.cells import Cells
from softpower.index.designs import NOUNS, STEPS, Designs
from softpower.index.experiment import Experiment
from softpower.index.model import Model
from softpower.index.rank import rank
from softpower.index.uncertainty import Replications, Scalers

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCK = 4096
# Sums in another order differ by less than this share.
ROUNDING = 1e-11


@dataclass(frozen=True)
class Sensitivity:
    """Sobol indices of the ranks in a node.

    Attributes
    ----------
    node, year, units : what the ranks are of
    factors : the uncertain choices, as in ``weights``, ``normalisation``, ``missing cells``
    shift : indices of the mean absolute difference between the ranks of a replication and the central ones
    unit : indices of each unit's own rank, arrays of shape (factor, unit)
    steps : indices of the mean shift from an eighth, a quarter, a half and all of the base sample
    changed : share of the replications in which switching the factor changed some score, shape (factor,)
    runs : replications in all
    """

    node: str
    year: int
    units: tuple[str, ...]
    factors: tuple[str, ...]
    shift: sobol.Sobol
    unit: sobol.Sobol
    steps: tuple[sobol.Sobol, ...]
    changed: Array
    runs: int

    def to_polars(self) -> pl.DataFrame:
        """One row per factor and result, the first result being the mean shift (``unit`` empty)."""
        rows = []
        for f, factor in enumerate(self.factors):
            for place, name in enumerate(("", *self.units)):
                source, at = (self.shift, f) if not name else (self.unit, (f, place - 1))
                rows.append(
                    {"factor": factor, "unit": name, "changed": float(self.changed[f])}
                    | {
                        key: float(getattr(source, key)[at])
                        for key in ("first", "first_low", "first_high", "total", "total_low", "total_high")
                    }
                )
        return pl.DataFrame(rows)


def sensitivity(
    experiment: Experiment, *, year: int, node: str = "", n: int = 1024, resamples: int = 500, seed: int = 7
) -> Sensitivity:
    """First-order and total Sobol indices of the mean shift of ranks, and of the rank of every unit.

    Parameters
    ----------
    experiment : a model on its data
    year : the year whose ranks are asked about
    node : by default the first top node
    n : size of the base sample, a power of two; n times (factors + 2) replications are made
    resamples : of the bootstrap
    seed : start of all random streams

    Raises
    ------
    BadRequest
        Nothing in the model is uncertain, or a factor changes nothing at all: a step that is skipped, alternatives that
        come to the same.

    References
    ----------
    Saisana, Saltelli, Tarantola (2005), Uncertainty and sensitivity analysis techniques as tools for the quality
    assessment of composite indicators, JRSS A 168(2): the mean shift of ranks. Saltelli et al. (2010), Computer
    Physics Communications 181.
    """
    node = node or experiment.built.tops[0]
    names, designs, cells = _base(experiment, n, seed)
    if not names:
        raise BadRequest(
            f"{experiment.model.id} declares nothing uncertain in [uncertainty]: there is nothing to apportion"
        )
    rows = experiment.ranked(year)
    usual = rank(experiment.central.node(node, without=experiment.without)[0, rows])
    results, marks, scalers = [], [], Scalers()
    for number in range(len(names) + 2):
        for begin in range(0, n, BLOCK):
            at = np.arange(begin, min(begin + BLOCK, n))
            part = {name: at + n * (number == 1 or number - 2 == f) for f, name in enumerate(names)}
            scores = _scores(experiment, designs, cells, part, at + n * (number == 1), node, scalers)[:, rows]
            if not np.isfinite(scores).all():
                raise BadRequest(
                    f"some replications leave a unit without a score in {node}: impute, or screen more strictly"
                )
            places = rank(scores)
            shift = np.abs(places - usual).mean(axis=1)
            results.append(np.concatenate([shift[:, None], places], axis=1).astype(np.float32))
            marks.append(scores @ np.sqrt(np.arange(1, scores.shape[1] + 1)))
    y = np.concatenate(results)
    changed = effects.changed(_rounded(np.concatenate(marks), n), len(names), names=names)
    steps = sobol.convergence(y[:, 0], len(names), resamples=resamples, seed=seed, names=names)
    unit = sobol.indices(y[:, 1:], len(names), resamples=resamples, seed=seed, names=names)
    return Sensitivity(
        node=node,
        year=year,
        units=experiment.names(rows),
        factors=names,
        shift=steps[-1],
        unit=unit,
        steps=tuple(steps),
        changed=changed,
        runs=len(y),
    )


def _rounded(marks: Array, n: int) -> Array:
    """Marks of all replications; those that differ from their like in A by mere rounding are made equal."""
    runs = marks.reshape(-1, n).copy()
    same = np.abs(runs - runs[0]) <= ROUNDING * np.abs(runs[0])
    return np.where(same, runs[0], runs).ravel()


def factors(model: Model, cells: Cells) -> tuple[str, ...]:
    """Names of what is uncertain in a model, ``cells`` being draws of its panel."""
    unsure = model.uncertainty
    found = [NOUNS[step] for step in STEPS if len(getattr(unsure, step)) > 1]
    if any(model.weight(part) for part in model.indicators) and (unsure.weights_cv or unsure.weights_noise):
        found.insert(0, "weights")
    found += [f"left-out {kind}" for kind, chance in unsure.leave_out.items() if chance]
    if any(cells.gaps):
        found.append("missing cells")
    if any(len(rows) > gaps for rows, gaps in zip(cells.rows, cells.gaps, strict=True)):
        found.append("errors")
    return tuple(found)


def _base(experiment: Experiment, n: int, seed: int) -> tuple[tuple[str, ...], Designs, Cells]:
    """Names of the factors, and the choices and cells of A and B, one after the other."""
    designs = experiment.designs(2 * n, seed)
    methods = [step for step in STEPS if len(getattr(experiment.model.uncertainty, step)) > 1]
    if methods:
        points = sobol.design(n, len(methods), seed=seed)[: 2 * n]
        drawn = dict(designs.methods)
        for column, step in enumerate(methods):
            chances = [each.chance for each in getattr(experiment.model.uncertainty, step)]
            drawn[step] = 1 + sobol.discrete(points[:, column], chances)
        designs = replace(designs, methods=drawn)
    cells = experiment.cells(designs, seed)
    return factors(experiment.model, cells), designs, cells


def _scores(
    experiment: Experiment,
    designs: Designs,
    cells: Cells,
    part: dict[str, Ints],
    usual: Ints,
    node: str,
    scalers: Scalers,
) -> Array:
    """Scores of replications each of whose factors comes from a row of its own."""
    mixed = Designs(
        weights={name: drawn[part.get("weights", usual)] for name, drawn in designs.weights.items()},
        methods={step: drawn[part.get(NOUNS[step], usual)] for step, drawn in designs.methods.items()},
        parts=designs.parts,
        gone={kind: drawn[part.get(f"left-out {kind}", usual)] for kind, drawn in designs.gone.items()},
    )
    taken = cells.mix(part.get("missing cells", usual), part.get("errors", usual))
    sampled = Replications(experiment.model, experiment.panel, taken, mixed, keep=False, scalers=scalers)
    return sampled.node(node, without=experiment.without)
