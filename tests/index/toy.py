"""A small model and panel made of nothing but random numbers."""

from __future__ import annotations

import numpy as np

from softpower.index.model import Expectation, Indicator, Model, Node, Normalise, Uncertainty
from softpower.index.panel import Panel

PILLARS = {"skill": ("reading", "writing"), "reach": ("roads", "rails", "ports"), "trust": ("polls",)}


def toy_model(**uncertainty: object) -> Model:
    """One top node, three pillars, six indicators."""
    nodes = {"top": Node(title="Top")} | {name: Node(title=name, parent="top") for name in PILLARS}
    return Model(
        id="toy",
        title="Toy",
        description="A test",
        year=2020,
        nodes=nodes,
        indicators={
            leaf: Indicator(title=leaf, node=pillar, series=leaf, reason="a test")
            for pillar, leaves in PILLARS.items()
            for leaf in leaves
        },
        normalise=Normalise(method="zscore", clip=2.5, scale=[0, 100]),
        expectation=Expectation(size="size", wealth="wealth"),
        uncertainty=Uncertainty.model_validate(uncertainty),
    )


def toy_panel(
    *, units: int = 60, agreement: float = 0.6, missing: float = 0.0, error: float = 0.0, seed: int = 1
) -> Panel:
    """Cells of one year whose indicators correlate by ``agreement``; a share of them missing, the others in error."""
    rng = np.random.default_rng(seed)
    leaves = [leaf for each in PILLARS.values() for leaf in each]
    common, own = rng.standard_normal((1, units, 1)), rng.standard_normal((1, units, len(leaves)))
    value = np.sqrt(agreement) * common + np.sqrt(1 - agreement) * own
    gaps = rng.random(value.shape) < missing
    value[gaps] = np.nan
    return Panel.of(
        value,
        value,
        units=tuple(f"U{number:02d}" for number in range(units)),
        years=(2020,),
        indicators=tuple(leaves),
        se=error,
        context=rng.standard_normal((1, units, 2)),
    )
