"""Which of the uncertain choices of a model moves its ranks: Sobol indices of its own factors.

The factors are what `softpower.index.model.Uncertainty` declares: weights as one group, each step that has
alternatives, what is left out, the gaps that are drawn and the errors of cells. Where weights are drawn around
alternative weightings, which of these is taken is a factor of its own, beside how they are drawn around it. Two
independent sets of replications, A and B, are drawn; for each factor a third is A with that factor taken from B.
Methods are drawn from an even sequence of points. A declared factor that cannot act on the node is left out and named:
see `softpower.index.factors`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from softpower.errors import BadRequest, NotEnoughData, UnknownNode
from softpower.index import effects, sobol
from softpower.index.cells import Cells
from softpower.index.designs import LISTED, NOUNS, Designs
from softpower.index.experiment import Experiment
from softpower.index.factors import WEIGHTS, Reach, declared
from softpower.index.rank import rank
from softpower.index.uncertainty import Replications, Scalers

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCK = 4096
# Fewer cannot be divided by eight to see whether indices have converged.
FEWEST = 16
# By then intervals are narrower than anybody reads them.
LARGEST = 2**17
# All the choices that a model can declare: six steps, two kinds of part left out, gaps, errors.
MOST_FACTORS = 10
# Two gigabytes.
MOST_RESULTS = 2**29
# Sums in another order differ by less than this share.
ROUNDING = 1e-11


@dataclass(frozen=True)
class Sensitivity:
    """Sobol indices of the ranks in a node.

    Attributes
    ----------
    node, year, units : what the ranks are of
    factors : the uncertain choices, as in ``weights``, ``normalisation``, ``missing cells``
    idle : declared choices that cannot act on the node, and are left out, each with the reason
    shift : indices of the mean absolute difference between the ranks of a replication and the central ones
    unit : indices of each unit's own rank, arrays of shape (factor, unit)
    steps : indices of the mean shift from an eighth, a quarter, a half and all of the base sample
    changed : share with other scores of the replications in which the factor was switched to another choice, shape
        (factor,)
    runs : replications in all
    """

    node: str
    year: int
    units: tuple[str, ...]
    factors: tuple[str, ...]
    idle: Mapping[str, str]
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
        Nothing in the model is uncertain, nothing uncertain can act on the node, or a factor that can act changes
        nothing at all: a step that is skipped, alternatives that come to the same.
    NotEnoughData
        Fewer than two units are ranked in that year, or no two of them differ in anything below the node.

    References
    ----------
    Saisana, Saltelli, Tarantola (2005), Uncertainty and sensitivity analysis techniques as tools for the quality
    assessment of composite indicators, JRSS A 168(2): the mean shift of ranks. Saltelli et al. (2010), Computer
    Physics Communications 181.
    """
    node = node or experiment.built.tops[0]
    if node not in experiment.built.nodes:
        raise UnknownNode(node, nearest=tuple(experiment.built.nodes))
    rows = _ranked(experiment, year, node)
    sobol.check_size(n, least=FEWEST, most=LARGEST, fits=_largest(MOST_FACTORS, rows.size))
    designs, cells = _base(experiment, n, seed)
    reach = Reach(experiment, designs, cells, node, rows)
    idle = reach.idle()
    names = tuple(name for name in declared(experiment.model, cells) if name not in idle)
    if not names:
        raise BadRequest(_nothing(experiment, node, idle))
    _check_memory(n, len(names), rows.size)
    usual = rank(experiment.central.node(node, without=experiment.without)[0, rows])
    results, marks, scalers = [], [], Scalers()
    for number in range(len(names) + 2):
        for begin in range(0, n, BLOCK):
            at = np.arange(begin, min(begin + BLOCK, n))
            part = {name: at + n * (number == 1 or number - 2 == f) for f, name in enumerate(names)}
            scores = _scores(experiment, designs, cells, part, at + n * (number == 1), node, scalers)[:, rows]
            if not (found := np.isfinite(scores).all(axis=0)).all():
                without = ", ".join(experiment.names(rows[~found])[:5])
                raise BadRequest(
                    f"some replications leave {without} without a score in {node}: impute, or screen more strictly"
                )
            places = rank(scores)
            shift = np.abs(places - usual).mean(axis=1)
            results.append(np.concatenate([shift[:, None], places], axis=1).astype(np.float32))
            marks.append(scores @ np.sqrt(np.arange(1, scores.shape[1] + 1)))
    y = np.concatenate(results)
    changed = effects.changed(
        _rounded(np.concatenate(marks), n),
        len(names),
        choices=_choices(designs, names, n),
        names=names,
        moves=lambda f: reach.moves(names[f]),
    )
    steps = sobol.convergence(y[:, 0], len(names), resamples=resamples, seed=seed, names=names)
    unit = sobol.indices(y[:, 1:], len(names), resamples=resamples, seed=seed, names=names)
    return Sensitivity(
        node=node,
        year=year,
        units=experiment.names(rows),
        factors=names,
        idle=idle,
        shift=steps[-1],
        unit=unit,
        steps=tuple(steps),
        changed=changed,
        runs=len(y),
    )


def _ranked(experiment: Experiment, year: int, node: str) -> Ints:
    """Rows of the ranked units that have a score in the node; at least two, which differ in something."""
    ranked = experiment.ranked(year)
    scores = experiment.central.node(node, without=experiment.without)[0]
    rows: Ints = ranked[np.isfinite(scores[ranked])]
    when = f" in {year}" if year else ""
    if rows.size < 2:
        raise NotEnoughData(
            f"{rows.size or 'no'} unit{'' if rows.size == 1 else 's'} of {experiment.built.id} can be ranked in "
            f"{node}{when}: no choice can move a rank; it takes two units, with enough known for [screening] share"
        )
    cells = np.column_stack([experiment.central.indicator(leaf)[0, rows] for leaf in experiment.built.leaves(node)])
    if not any(np.ptp(each[np.isfinite(each)]) > 0 for each in cells.T if np.isfinite(each).any()):
        raise NotEnoughData(
            f"no two of the {rows.size} units ranked in {node}{when} differ in any indicator below it: no choice can "
            "move a rank; look at the columns of the table"
        )
    return rows


def _largest(factors: int, units: int) -> int:
    """Largest base sample whose results fit."""
    return 1 << max(1, MOST_RESULTS // ((factors + 2) * (units + 1))).bit_length() - 1


def _check_memory(n: int, factors: int, units: int) -> None:
    """Refuse more results than fit."""
    if n > (most := _largest(factors, units)):
        raise BadRequest(
            f"a base sample of {n:,} with {factors} factors and {units:,} units is too large to hold: give at most "
            f"{most:,}"
        )


def _nothing(experiment: Experiment, node: str, idle: Mapping[str, str]) -> str:
    """What to say where there is nothing to apportion."""
    model = experiment.model.id
    if not idle:
        return f"{model} declares nothing uncertain in [uncertainty]: there is nothing to apportion"
    reasons = "; ".join(f"{name} (left out: {why})" for name, why in idle.items())
    return (
        f"nothing that {model} declares as uncertain can act on {node}: {reasons}; give [uncertainty] alternatives of "
        "a step, such as two tables [[uncertainty.normalise]]"
    )


def _rounded(marks: Array, n: int) -> Array:
    """Marks of all replications; those that differ from their like in A by mere rounding are made equal."""
    runs = marks.reshape(-1, n).copy()
    same = np.abs(runs - runs[0]) <= ROUNDING * np.abs(runs[0])
    return np.where(same, runs[0], runs).ravel()


def _choices(designs: Designs, names: Sequence[str], n: int) -> Ints:
    """What each factor stood at, shape (n * (factors + 2), factor), in the order of `softpower.index.sobol.design`.

    Weights and cells that are drawn never stand at the same twice.
    """
    methods = {NOUNS[step]: drawn for step, drawn in designs.methods.items()}
    methods |= {f"left-out {kind}": drawn for kind, drawn in designs.gone.items()}
    own = np.stack([methods.get(name, np.arange(2 * n)) for name in names], axis=1)
    made = np.tile(own[:n], (len(names) + 2, 1, 1)).reshape(len(names) + 2, n, len(names))
    made[1] = own[n:]
    for f in range(len(names)):
        made[2 + f, :, f] = own[n:, f]
    return made.reshape(-1, len(names))


def _base(experiment: Experiment, n: int, seed: int) -> tuple[Designs, Cells]:
    """The choices and cells of A and B, one after the other."""
    designs = experiment.designs(2 * n, seed)
    methods = [step for step in LISTED if len(getattr(experiment.model.uncertainty, step)) > 1]
    if methods:
        points = sobol.design(n, len(methods), seed=seed)[: 2 * n]
        drawn = dict(designs.methods)
        for column, step in enumerate(methods):
            chances = [each.chance for each in getattr(experiment.model.uncertainty, step)]
            drawn[step] = 1 + sobol.discrete(points[:, column], chances)
        every = np.arange(2 * n)
        designs = replace(designs, methods=drawn)
        designs = replace(designs, weights=designs.weights_of(every, weighting=every))
    return designs, experiment.cells(designs, seed)


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
        weights=designs.weights_of(part.get(WEIGHTS, usual), weighting=part.get(NOUNS["weigh"], usual)),
        methods={step: drawn[part.get(NOUNS[step], usual)] for step, drawn in designs.methods.items()},
        parts=designs.parts,
        gone={kind: drawn[part.get(f"left-out {kind}", usual)] for kind, drawn in designs.gone.items()},
    )
    taken = cells.mix(part.get("missing cells", usual), part.get("errors", usual))
    sampled = Replications(experiment.model, experiment.panel, taken, mixed, keep=False, scalers=scalers)
    return sampled.node(node, without=experiment.without)
