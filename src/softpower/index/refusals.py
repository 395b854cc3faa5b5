"""What is said where scores or cells lie out of reach of the step that a model asks for: who, which, by which table.

A step may stand in several places of a model file, and what stops a build is often an alternative of [uncertainty] that
nobody thinks of at that moment. Messages name the file, the table, the part, the unit and its value, and what to write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest, SoftPowerError, UnknownName
from softpower.index.model import Aggregate, Indicator, Model, Normalise
from softpower.index.reachfaults import ABOVE, needed
from softpower.index.scaling import OffScale
from softpower.index.stepfaults import PARAMETERS
from softpower.index.transform import OutOfReach

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

# A score of zero may come out of sums this far below it.
ROUNDING = 1e-9
# Squares of scores beyond this, and sums of them, would overflow.
LARGEST_SCORE = 1e150
MEANS = {
    "geometric": "a geometric mean",
    "harmonic": "a harmonic mean",
    "power": "a power mean",
    "benefit_of_the_doubt": "benefit of the doubt",
}
# Normalisations that go on beyond the ends of their scale, and what does not.
EXTENDING = {
    "distance_to_maximum": '"minmax"',
    "fraction_of_maximum": '"goalposts" and low = 0 and high = the largest value',
    "scaled": '"goalposts" and the same low and high',
}
# Those that stop there unless told otherwise.
CLIPPING = ("minmax", "goalposts")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the way in which a node is joined comes from.

    Attributes
    ----------
    model : file, or id of the model where that is not known
    node : which is joined; table : that says how
    scales : for each indicator at or below the node the table that puts it on its scale, and what that says
    leaves : for each part that is a node the indicators below it
    ranked : says which rows, shape (row,), belong to units that can be ranked: others stop nothing. By default all
    rows : names of the rows, with their years where there are several
    central : whether this is the build without draws
    """

    model: str = ""
    node: str = ""
    table: str = "[aggregate]"
    scales: Mapping[str, tuple[str, Normalise]] = field(default_factory=dict)
    leaves: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ranked: Callable[[], NDArray[np.bool_]] | None = None
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


def refuse_scores(step: Aggregate, scores: Iterable[tuple[str, Array, Ints | slice]], origin: Origin) -> None:
    """Refuse scores that a step cannot join, naming the lowest.

    Parameters
    ----------
    scores : name of a part, its scores, shape (draw, row) or (row,), NaN where missing, and which rows they are of

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
        if bad.any() and origin.ranked is not None:
            bad &= origin.ranked()[rows]
        if not bad.any():
            continue
        count += int(bad.any(axis=0).sum())
        each = np.where(bad, values.reshape(bad.shape), np.inf).min(axis=0)
        place = int(each.argmin())
        lowest = float(each[place])
        if worst is None or lowest < worst[0]:
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
        f"{_remedy(step, part, lowest, needs, origin)}; it is that of {part} of {unit}"
        f"{'' if origin.central else ' in a replication'} (1 of {count} such)"
    )


def _remedy(step: Aggregate, part: str, lowest: float, needs: str, origin: Origin) -> str:
    """What to write in the model file: never what it says already."""
    start = 1 if needs == ABOVE else 0
    # A floor lifts zeros only.
    floor = f", or give floor = 10 in {origin.table}" if step.method == "geometric" and not step.floor else ""
    floor = floor if lowest > -ROUNDING else ""
    if part in origin.scales:
        return (_lifted(*origin.scales[part], start, needs, below=lowest < 0) or f"join {part} by another mean") + floor
    for leaf in origin.leaves.get(part, ()):
        table, scale = origin.scales[leaf]
        if lifted := _lifted(table, scale, start, needs, below=lowest < 0):
            return f"{lifted}, which {leaf} of {part} needs{floor}, or join {part} by another mean"
    if part not in origin.leaves:  # nothing is known of where it comes from
        return f"normalise to a scale that begins {'above' if start else 'at'} zero, scale = [{start}, 100]{floor}"
    return f"join {part} by another mean{floor}"


def _lifted(table: str, scale: Normalise, start: int, needs: str, *, below: bool) -> str:
    """How a normalisation would keep to scores within reach, "" if it does; ``below`` if some were below zero."""
    low = None if scale.scale is None else scale.scale[0]
    reaches = low is not None and (low > 0 or (low == 0 and needs != ABOVE))
    told = (
        "" if reaches else f"normalise to a scale that begins {'above' if start else 'at'} zero, scale = [{start}, 100]"
    )
    if scale.method == "none":
        return told and f'{told} and method = "minmax" in {table}'
    if scale.method == "zscore" and low is None:
        return f"{told} in place of mean and sd in {table} (zscore)"
    if scale.method in EXTENDING and (below or reaches):
        # The same within the reference, but nothing goes on beyond its ends.
        inside = (
            f"method = {EXTENDING[scale.method]} in {table} in place of {scale.method}, which goes on beyond its ends"
        )
        return f"{told}, and write {inside}" if told else f"write {inside}"
    if "beyond" in PARAMETERS[scale.method] and (below or reaches):
        clipped = scale.beyond == "clip" or (scale.beyond is None and scale.method in CLIPPING)
        if not clipped:
            return f'{told or "write"}{" and" if told else ""} beyond = "clip" in {table} ({scale.method})'
    return told and f"{told} in {table} ({scale.method})"


def too_large(scores: Array, rows: Sequence[str], file: str, indicator: str, table: str) -> BadRequest:
    """What is said of cells that no step after the normalisation could reckon with.

    Parameters
    ----------
    scores : normalised cells, shape (..., cell); some are larger than `LARGEST_SCORE`, or infinite
    rows : names of their rows, shape (cell,)
    """
    most = np.abs(scores).reshape(-1, scores.shape[-1]).max(axis=0, where=~np.isnan(scores), initial=0.0)
    place = int(most.argmax())
    return BadRequest(
        f"{file}, indicator {indicator}, {table}: the normalised value of {rows[place]} has the size "
        f"{most[place]:.3g}, and none beyond {LARGEST_SCORE:g} can be reckoned with "
        f"(1 of {int((most > LARGEST_SCORE).sum())} such): write a smaller scale, such as scale = [0, 100]"
    )


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
    raw: Array,
    treat: str,
    normalise: str,
    scale: Normalise,
) -> BadRequest:
    """An error of fitting an indicator's map, with the file, the table, the unit and what to write.

    Parameters
    ----------
    cells : directed cells, shape (row,), NaN where missing; ``rows`` are their names
    raw : the same cells as published, in units of the denominator where there is one
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
    if isinstance(error, OffScale):
        return BadRequest(
            f"{head}, {normalise}: {_off_scale(error, indicator, model.indicators[indicator], cells, raw, rows)}"
        )
    if "cannot be treated" in str(error):
        return BadRequest(f"{head}, {treat}: {error}")
    remedies = {
        "distance_to_target": f"write a target in {normalise} that it is short of",
        "distance_to_reference": f"name a unit in {normalise} that has a value in every year and is never the weakest",
        "fraction_of_maximum": f'write method = "distance_to_maximum" in {normalise}',
    }
    wanting = {"distance_to_target": scale.target, "distance_to_reference": scale.unit}.get(scale.method, True) is None
    if scale.method not in remedies or wanting or isinstance(error, UnknownName) or not np.isfinite(cells).any():
        return BadRequest(f"{head}, {normalise}: {error}")
    weakest = int(np.nanargmin(cells))
    who = f"the weakest is {rows[weakest]} with {published[weakest]:g}"
    if scale.method == "distance_to_reference":
        mine = [at for at, row in enumerate(rows) if row == scale.unit or row.startswith(f"{scale.unit} in ")]
        if empty := [rows[at] for at in mine if np.isnan(cells[at])]:
            who = f"there is no value of {empty[0]}{_more(len(empty))}"
    return BadRequest(f"{head}, {normalise}: {error}; {who}; {remedies[scale.method]}")


def _off_scale(error: OffScale, id: str, indicator: Indicator, cells: Array, raw: Array, rows: Sequence[str]) -> str:
    """Who lies outside a scale that cells are said to be on, and what to write."""
    row, (low, high) = int(error.rows[0]), error.scale
    more = _more(len(error.rows))
    who = f"{error}: {rows[row]} has {raw[row]:g} in column {indicator.series}"
    if indicator.direction < 0:
        ends = (low, high) if low <= np.nanmin(raw) and np.nanmax(raw) <= high else (np.nanmin(raw), np.nanmax(raw))
        remedy = f'method = "scaled", low = {ends[0]:g}, high = {ends[1]:g}, scale = [{low:g}, {high:g}]'
        return (
            f"{who}, of which less is better, so that it counts as {cells[row]:g}{more}: write "
            f"normalise = {{ {remedy} }} in [indicators.{id}]"
        )
    after = "" if np.isclose(raw[row], cells[row]) else f", {cells[row]:g} after its transform or treatment"
    return f'{who}{after}{more}: correct the column, write the scale that it is on, or method = "minmax"'


def _more(count: int) -> str:
    return f" and {count - 1} more" if count > 1 else ""
