"""What would change the result: each part left out in turn, and the variants of the model.

Every choice is computed in the same replications as the default, so that a shift is the effect of the choice alone
and has an interval of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest
from softpower.index.designs import stream
from softpower.index.estimate import Estimate, estimate, gap, standing
from softpower.index.expectation import predict
from softpower.index.model import Model, Variant
from softpower.index.normalise import ROUNDING
from softpower.index.rank import rank
from softpower.index.result import CHOICE_FIELDS, Choices
from softpower.index.uncertainty import Replications

Array = NDArray[np.float64]

# Id of the model without any variant, where another was built.
DEFAULT = "default"
# Id of a variant made on the spot.
AD_HOC = "without"


def variant_only(model: Model, variant: str = "") -> frozenset[str]:
    """Parts of the model that the variant leaves out; without a name, those that the default leaves out."""
    built = model.variant(variant)
    return frozenset({*model.nodes, *model.indicators} - {*built.nodes, *built.indicators})


def leaving_out(model: Model, variant: str, *parts: str) -> tuple[Model, str]:
    """The model with a variant that leaves out some more parts, and the name of this variant.

    Unlike `Model.without` it changes nothing else: the parts stay in the model, are drawn, and serve to fill the gaps
    of others, so that a build with them and one without are the same replications.

    Parameters
    ----------
    variant : the variant from which the parts are left out too; without a name, the default

    Raises
    ------
    UnknownNode
        The model has no part of that name.
    BadRequest
        Nothing would be left of a top node.
    """
    if not parts:
        return model, variant
    left = model.variant(variant).without(*(part for part in parts if part not in variant_only(model, variant)))
    if lost := set(model.variant(variant).tops) - set(left.tops):
        raise BadRequest(f"nothing of {', '.join(sorted(lost))} is left without {', '.join(parts)}")
    name = variant or AD_HOC
    while not variant and name in model.variants:
        name += "-too"
    base = model.variants[variant] if variant else Variant(title=f"Without {', '.join(parts)}", reason="Asked for")
    own = base.model_copy(update={"without": [*dict.fromkeys((*base.without, *parts))]})
    return model.model_copy(update={"variants": {**model.variants, name: own}}), name


def title_of(model: Model, id: str, kind: str) -> str:
    """What a choice is called; a variant may bear the name of a part."""
    if kind != "variant":
        return model.title_of(id)
    return model.variants[id].title if id in model.variants else "Default"


def alternatives(model: Model, variant: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Id, kind and left-out parts of each choice that the model offers beside the built variant.

    A choice that leaves nothing of a top node is none.
    """
    ways = (model, *model.weightings)
    for id, kind, without in _candidates(model, variant):
        if all(each.stands(without=without) for each in ways):
            yield id, kind, without


def _candidates(model: Model, variant: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    base = variant_only(model, variant)
    if variant and DEFAULT not in model.variants:
        yield DEFAULT, "variant", variant_only(model)
    for name in model.variants:
        if name != variant:
            yield name, "variant", variant_only(model, name)
    built = model.variant(variant)
    for node, each in built.nodes.items():
        if each.parent and len(_siblings(built, node)) > 1:
            yield node, "pillar", base | {node}
    for indicator in built.indicators:
        yield indicator, "indicator", base | {indicator}


def _siblings(model: Model, node: str) -> tuple[str, ...]:
    return model.children(model.nodes[node].parent)


def weigh_choices(
    model: Model,
    variant: str,
    central: Replications,
    sampled: Replications,
    ranked: NDArray[np.int64],
    *,
    seed: int,
) -> Choices:
    """Value, rank and shift of every ranked country under every choice.

    Parameters
    ----------
    central, sampled : replications of the model under the central design and under the drawn ones, with all variants
    ranked : rows of the ranked countries
    """
    base = variant_only(model, variant)
    tops = model.variant(variant).tops
    has_gap = {"potential", "performance"} <= set(tops)
    measures = (*tops, "gap") if has_gap else tops
    found = list(alternatives(model, variant))
    stats = {name: np.zeros((len(found), len(measures), ranked.size), dtype=np.float32) for name in CHOICE_FIELDS}

    usual_central, usual = ({top: _top(model, each, top, base, ranked) for top in tops} for each in (central, sampled))
    usual_places = {top: (rank(usual_central[top][0]), rank(usual[top])) for top in tops}
    if has_gap:
        usual_gap = _gaps(usual_central, usual, seed)
    for c, (_, _, without) in enumerate(found):
        touched = {
            top for top in tops if not (without ^ base).isdisjoint((*model.depth_first(top), *model.leaves(top)))
        }
        here_central, here = dict(usual_central), dict(usual)
        for top in touched:
            here_central[top] = _top(model, central, top, without, ranked)
            here[top] = _top(model, sampled, top, without, ranked)
        for m, top in enumerate(tops):
            value = estimate(here_central[top][0], here[top])
            ranks = (rank(here_central[top][0]), rank(here[top])) if top in touched else usual_places[top]
            place = standing(*ranks)
            moved = (usual_places[top][1] - ranks[1]).astype(np.float64)
            shift = estimate((usual_places[top][0] - ranks[0]).astype(np.float64), moved)
            _note(stats, c, m, value, shift)
            for name, values in (("rank", place.central), ("rank_low", place.low), ("rank_high", place.high)):
                stats[name][c, m] = values
        if has_gap:
            gap_central, gap_here = _gaps(here_central, here, seed)
            value = estimate(gap_central, gap_here)
            shift = estimate(gap_central - usual_gap[0], gap_here - usual_gap[1])
            _note(stats, c, len(tops), value, shift)
    ids, kinds = tuple(id for id, _, _ in found), tuple(kind for _, kind, _ in found)
    return Choices(ids=ids, kinds=kinds, measures=measures, **stats)


def _top(model: Model, source: Replications, top: str, without: frozenset[str], ranked: NDArray[np.int64]) -> Array:
    return shown(model, source.node(top, without=without)[:, ranked])


def _gaps(central: Mapping[str, Array], sampled: Mapping[str, Array], seed: int) -> tuple[Array, Array]:
    """Central gap, shape (unit,), and gaps across replications, shape (draw, unit)."""
    potential, performance = central["potential"], central["performance"]
    nominal = performance - predict(performance, potential[:, :, None]).expected
    return nominal[0], gap(sampled["potential"], sampled["performance"], stream(seed, "line", "gap"))


def _note(
    stats: Mapping[str, NDArray[np.float32]], choice: int, measure: int, value: Estimate, shift: Estimate
) -> None:
    for name in ("value", "low", "q25", "q75", "high", "up", "down"):
        stats[name][choice, measure] = getattr(value, name)
    stats["shift"][choice, measure] = shift.value
    for name in ("low", "q25", "q75", "high", "up", "down"):
        stats[f"shift_{name}"][choice, measure] = getattr(shift, name)


def shown(model: Model, scores: Array) -> Array:
    """Scores on the scale of the model: its mean and standard deviation over the ranked countries, draw by draw.

    Parameters
    ----------
    scores : array, shape (draw, ..., unit)
    """
    if model.scale is None:
        return scores
    axes = tuple(range(1, scores.ndim))
    centre, spread = scores.mean(axis=axes, keepdims=True), scores.std(axis=axes, keepdims=True)
    # Where all scores of a draw are equal, but for rounding, so they stay.
    told = spread > ROUNDING * np.abs(scores).max(axis=axes, keepdims=True)
    scaled: Array = model.scale.mean + model.scale.sd * (scores - centre) / np.where(told, spread, 1.0)
    return scaled
