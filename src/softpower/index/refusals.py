"""What is said where scores or cells lie out of reach of the step that a model asks for: who, which, by which table.

A step may stand in several places of a model file, and what stops a build is often an alternative of [uncertainty] that
nobody thinks of at that moment. Messages name the file, the table, the part, the unit and its value, and what to write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest, SoftPowerError
from softpower.index.model import Aggregate, Model, Normalise
from softpower.index.reachfaults import ABOVE, needed
from softpower.index.stepfaults import PARAMETERS
from softpower.index.transform import OutOfReach

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

# A score of zero may come out of sums this far below it.
ROUNDING = 1e-9
MEANS = {
    "geometric": "a geometric mean",
    "harmonic": "a harmonic mean",
    "power": "a power mean",
    "benefit_of_the_doubt": "benefit of the doubt",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the way in which a node is joined comes from.

    Attributes
    ----------
    model : file, or id of the model where that is not known
    node : which is joined; table : that says how
    scales : for each part that is an indicator the table that puts it on its scale, and what that says
    rows : names of the rows, with their years where there are several
    central : whether this is the build without draws
    """

    model: str = ""
    node: str = ""
    table: str = "[aggregate]"
    scales: Mapping[str, tuple[str, Normalise]] = field(default_factory=dict)
    rows: Sequence[str] = ()
    central: bool = True

    @property
    def head(self) -> str:
        """File, node and table."""
        return ", ".join(each for each in (self.model, self.node and f"node {self.node}", self.table) if each)


def table_of(model: Model, step: str, number: int, *, part: str = "") -> str:
    """The table of a step: the part's own if it has one, else that of option ``number`` of the model.

    >>> from softpower.index import Model
    >>> model = Model.model_validate({"id": "m", "title": "M", "nodes": {}, "indicators": {}})
    >>> table_of(model, "treat", 0), table_of(model, "treat", 2)
    ('[treat]', 'alternative 2 of [[uncertainty.treat]]')
    """
    for kind, parts in (("nodes", model.nodes), ("indicators", model.indicators)):
        if part in parts and getattr(parts[part], step, None) is not None:
            return f"[{kind}.{part}.{step}]"
    return f"alternative {number} of [[uncertainty.{step}]]" if number else f"[{step}]"


def refuse_scores(
    step: Aggregate, scores: Iterable[tuple[str, Array, Ints | slice]], origin: Origin, *, node_parts: bool = False
) -> None:
    """Refuse scores that a step cannot join, naming the lowest.

    Parameters
    ----------
    scores : name of a part, its scores, shape (draw, row) or (row,), NaN where missing, and which rows they are of
    node_parts : whether the parts are nodes

    Raises
    ------
    BadRequest
        The step needs scores above zero, or of zero or more, and some are not.
    """
    needs = needed(step.method, step.floor, step.power)
    if needs is None:
        return
    worst: tuple[float, str, int] | None = None
    count = 0
    for part, values, rows in scores:
        bad = (values <= 0 if needs == ABOVE else values < -ROUNDING).reshape(-1, values.shape[-1])
        if not bad.any():
            continue
        count += int(bad.any(axis=0).sum())
        lowest = float(np.nanmin(values))
        if worst is None or lowest < worst[0]:
            place = int(np.nanargmin(np.nanmin(np.where(bad, values.reshape(bad.shape), np.inf), axis=0)))
            worst = lowest, part, int(np.arange(max(len(origin.rows), place + 1))[rows][place])
    if worst is None:
        return
    lowest, part, row = worst
    unit = origin.rows[row] if row < len(origin.rows) else f"row {row}"
    mean = MEANS[step.method]
    if step.method == "power":
        mean += f" with power {step.power:g}"
    if step.floor:
        mean += f" with a floor of {step.floor:g}"
    raise BadRequest(
        f"{origin.head}: {mean} needs scores {needs}, and the lowest in {origin.node or 'the node'} is {lowest:.3g}: "
        f"{_remedy(step, part, lowest, needs, origin, node=node_parts)}; it is that of {part} of {unit}"
        f"{'' if origin.central else ' in a replication'} (1 of {count} such)"
    )


def _remedy(step: Aggregate, part: str, lowest: float, needs: str, origin: Origin, *, node: bool) -> str:
    """What to write in the model file."""
    start = 1 if needs == ABOVE else 0
    told = f"begins {'above' if start else 'at'} zero, scale = [{start}, 100]"
    floor = f", or give floor = 10 in {origin.table}" if step.method == "geometric" and not step.floor else ""
    # A floor lifts zeros only.
    floor = floor if lowest > -ROUNDING else ""
    if node or part not in origin.scales:
        return f"normalise to a scale that {told} in [normalise]{floor}, or join {part} by another mean"
    table, scale = origin.scales[part]
    if scale.method == "none":
        return f'normalise to a scale that {told} and method = "minmax" in {table}{floor}'
    if scale.method == "zscore" and scale.scale is None:
        return f"normalise to a scale that {told} in place of mean and sd in {table} (zscore){floor}"
    ends = ' and beyond = "clip"' if "beyond" in PARAMETERS[scale.method] and lowest < 0 else ""
    return f"normalise to a scale that {told}{ends} in {table} ({scale.method}){floor}"


def refuse_mean(step: Aggregate, origin: Origin, error: BadRequest) -> BadRequest:
    """What stops a Mazziotta-Pareto index, in words of the model file."""
    return BadRequest(
        f"{origin.head}: {origin.node or 'a node'} cannot be joined by {step.method}: {error}, which in the model file "
        'is method = "zscore", mean = 100, sd = 10 in [normalise] and in its alternatives'
    )


def refuse_cells(
    error: SoftPowerError,
    model: Model,
    indicator: str,
    cells: Array,
    rows: Sequence[str],
    *,
    treat: str,
    normalise: str,
    scale: Normalise,
) -> BadRequest:
    """An error of fitting an indicator's map, with the file, the table, the unit and what to write.

    Parameters
    ----------
    cells : directed cells, shape (row,), NaN where missing; ``rows`` are their names
    treat, normalise : the tables; scale : what the second of them says
    """
    published = model.indicators[indicator].direction * cells
    cause = error.__cause__
    head = f"{model.file}, indicator {indicator}"
    if isinstance(cause, OutOfReach):
        at = np.flatnonzero(published == cause.value)
        who = f"; it is that of {rows[at[0]]}{_more(len(at))}" if at.size else ""
        return BadRequest(
            f'{head}: {str(error).removesuffix(cause.remedy)}write method = "log_coin" in {treat}, which measures from '
            f"the smallest value{who}"
        )
    if "cannot be treated" in str(error):
        return BadRequest(f"{head}, {treat}: {error}")
    remedies = {
        "distance_to_target": f"write a target in {normalise} that it is short of",
        "distance_to_reference": f"name a unit in {normalise} that has a value in every year and is never the weakest",
        "fraction_of_maximum": f'write method = "distance_to_maximum" in {normalise}',
    }
    if scale.method not in remedies or not np.isfinite(cells).any():
        return BadRequest(f"{head}, {normalise}: {error}")
    weakest = int(np.nanargmin(cells))
    who = f"the weakest is {rows[weakest]} with {published[weakest]:g}"
    if scale.method == "distance_to_reference":
        mine = [at for at, row in enumerate(rows) if row == scale.unit or row.startswith(f"{scale.unit} in ")]
        if empty := [rows[at] for at in mine if np.isnan(cells[at])]:
            who = f"there is no value of {empty[0]}{_more(len(empty))}"
    return BadRequest(f"{head}, {normalise}: {error}; {who}; {remedies[scale.method]}")


def _more(count: int) -> str:
    return f" and {count - 1} more" if count > 1 else ""
