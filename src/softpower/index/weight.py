"""Weights of the parts of a node: given, asked of experts, taken from the data, or drawn.

Nobody can say what share a pillar of soft power deserves. The index therefore draws weights around the declared
ones (`dirichlet`, `noisy`), among those of experts (`of_experts`), or all that are possible (`unknown`), at every level
of the tree, and reports what survives. Weights taken from the data answer a question of their own each, none of them
that of importance:

- `pca` and `factor`: which weights keep most of what the parts have in common;
- `entropy` and `critic`: which parts tell units apart, and say what the others do not;
- `balanced`: with which weights every part has the same influence on the mean.

They take scores of shape (unit, part), directed, NaN where missing, and where correlations are needed use the units
that have all parts. All weights are shares that sum to 1, but for `noisy`. The functions live in `weight_given`,
`weight_found` and `weight_drawn`; this is the place to call them from.
"""

from softpower.index.weight_drawn import Experts, concentration, dirichlet, noisy, of_experts, unknown
from softpower.index.weight_found import (
    Balanced,
    ComponentWeights,
    Mixed,
    balanced,
    critic,
    entropy,
    factor,
    pca,
)
from softpower.index.weight_given import Budget, budget_allocation, equal, shares

__all__ = [
    "Balanced",
    "Budget",
    "ComponentWeights",
    "Experts",
    "Mixed",
    "balanced",
    "budget_allocation",
    "concentration",
    "critic",
    "dirichlet",
    "entropy",
    "equal",
    "factor",
    "noisy",
    "of_experts",
    "pca",
    "shares",
    "unknown",
]
