"""Weights found in the data or asked of experts, as a model or its nodes want; see `softpower.index.weight`."""

from __future__ import annotations

from collections.abc import Iterator

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
    """The model with the weights of its parts filled in, node by node from the indicators up.

    Parameters
    ----------
    cells : of the central build

    Raises
    ------
    BadRequest
        A method cannot weigh the parts of a node, such as one whose indicators pull in different directions.
    """
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
    for node in found.nodes:
        parts = [part for part in found.children(node) if found.weight(part) == 0 and given.weight(part) > 0]
        if parts:
            method = found.nodes[node].weights or found.weights
            why = "; influences cannot be equal here" if method == "equal_influence" else ""
            yield f"{node}, weighed by {method}: no weight for {', '.join(parts)}{why}"


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
