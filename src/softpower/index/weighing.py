"""Weights found in the data or asked of experts, as a model or its nodes want; see `softpower.index.weight`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest, SoftPowerError
from softpower.index import weight
from softpower.index.cells import Cells
from softpower.index.designs import central_design
from softpower.index.experts import shares_of
from softpower.index.model import Model
from softpower.index.panel import Panel
from softpower.index.uncertainty import Replications

Array = NDArray[np.float64]


def weighed(model: Model, panel: Panel, cells: Cells) -> Model:
    """The model with the weights of its parts filled in, and those under each of its alternative weightings.

    Parameters
    ----------
    cells : of the central build

    Raises
    ------
    BadRequest
        A method cannot weigh the parts of a node, such as one whose indicators pull in different directions.
    """
    others = [_alternative(model, number, panel, cells) for number in range(len(model.uncertainty.weigh))]
    try:
        usual = _filled(model, panel, cells)
    except BadRequest as error:
        raise BadRequest(f"{model.file}, {error}") from error
    found = [{part: other.weight(part) for part in (*other.nodes, *other.indicators)} for other in others]
    return usual.with_weightings(found, model.declared)


def _alternative(model: Model, number: int, panel: Panel, cells: Cells) -> Model:
    """The model weighed as one of its alternatives says; as declared where that has no chance."""
    choice = model.uncertainty.weigh[number]
    try:
        other = model.weighed_by(choice.method, model.declared | (choice.weights or {}))
        other = _filled(other, panel, cells) if choice.chance else other
    except BadRequest as error:
        raise BadRequest(f"{model.file}, {_name(number)}: {error}") from error
    for name in ("", *model.variants):
        if model.variant(name).stands() and not other.variant(name).stands():
            where = f"in the variant {name}" if name else "without a variant"
            raise BadRequest(
                f"{model.file}, {_name(number)}: of a top node nothing that has a weight is left {where}; give more of "
                "its parts a weight"
            )
    return other


def _name(number: int) -> str:
    return f"alternative {number + 1} of [[uncertainty.weigh]]"


def _filled(model: Model, panel: Panel, cells: Cells) -> Model:
    """The model with the weights of its parts filled in, node by node from the indicators up."""
    for node in reversed([each for top in model.tops for each in model.depth_first(top)]):
        method = model.nodes[node].weights or model.weights
        children = model.children(node)
        if method == "given" or len(children) == 1:
            continue
        try:
            if method == "budget_allocation":
                given = shares_of(model, children)
                found = weight.budget_allocation(given[np.isfinite(given[:, 0])]).weights
            else:
                names = [model.title_of(part) for part in children]
                mixed = model.nodes[node].mixed or model.mixed
                found = _weights(method, _scores(model, panel, cells, children), names, mixed)
        except SoftPowerError as error:
            raise BadRequest(f"the parts of {node} cannot be weighed by {method}: {error}") from error
        # On average 1, as declared weights mostly are.
        model = model.weighing(dict(zip(children, (found * len(children)).tolist(), strict=True)))
    return model


def _scores(model: Model, panel: Panel, cells: Cells, parts: tuple[str, ...]) -> Array:
    """Central scores of some parts in the rows that have any, shape (row, part)."""
    central = Replications(model, panel, cells, central_design(model), keep=True)
    scores = np.stack(
        [central.node(part)[0] if part in model.nodes else central.indicator(part)[0] for part in parts], axis=1
    )
    some: Array = scores[np.isfinite(scores).any(axis=1)]
    return some


def unweighed(given: Model, found: Model) -> Iterator[str]:
    """A line for each node of which some parts were left without weight by how weights are found.

    Parameters
    ----------
    given, found : the model before and after it was `weighed`
    """
    yield from _without_weight(given, found, tuple(found.nodes))
    for number, other in enumerate(found.weightings if found.uncertainty.weigh else ()):
        usual = [node for node, each in other.nodes.items() if each.weights is None and other.weights != "given"]
        yield from _without_weight(given, other, usual, f" in {_name(number)}")


def _without_weight(given: Model, found: Model, nodes: Sequence[str], where: str = "") -> Iterator[str]:
    for node in nodes:
        parts = [part for part in found.children(node) if found.weight(part) == 0 and given.weight(part) > 0]
        if parts:
            method = found.nodes[node].weights or found.weights
            why = "; influences cannot be equal here" if method == "equal_influence" else ""
            yield f"{node}, weighed by {method}{where}: no weight for {', '.join(parts)}{why}"


def _weights(method: str, scores: Array, names: list[str], mixed: weight.Mixed) -> Array:
    """Weights of parts, shape (part,), from their scores, shape (row, part)."""
    if method == "equal":
        return weight.equal(len(names))
    if method == "pca":
        return weight.pca(scores, mixed=mixed, names=names).weights
    if method == "factor":
        return weight.factor(scores, mixed=mixed, names=names).weights
    if method == "entropy":
        return weight.entropy(scores, names=names)
    if method == "critic":
        return weight.critic(scores, names=names)
    return weight.balanced(scores, names=names).weights
