"""Where each state stands in a network beside where it would stand by chance.

Raw counts of the pairs that a state joins grow with the number of its ties, so that every large state would be a
bridge. Each state is therefore compared with itself in random networks in which everybody has as many ties out, in and
mutual, and in which there are as many from each group to each (`softpower.vectors.rewiring`). That leaves what a bridge
is made of: to whom in a group the ties go, and whether those it joins are tied already. With ``keep="ties"`` groups are
not kept: most states then broker less than chance would have it, since most ties of the world lie within regions.

The claim rests on one number, `BETWEEN`: Gould and Fernandez's liaison, gatekeeper and representative together, which
are all ordered pairs of *different* groups that a state joins; a coordinator and a consultant join two of one group.
The sum does not depend on the group of the state itself, which is a matter of choice, as the three alone do.

References
----------
Gould & Fernandez (1989), Structures of mediation: a formal approach to brokerage in transaction networks, Sociological
Methodology 19.
Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6(2).
Phipson & Smyth (2010), Permutation p-values should never be zero, Statistical Applications in Genetics and Molecular
Biology 9(1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from softpower.vectors.networks import ROLES, betweenness, brokerage, constraint
from softpower.vectors.rewiring import SWEEPS, comparable

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

Claim = Literal["bridge", "fewer than its ties would give", "not distinguishable"]
# What random networks have in common with the real one: ties of each state alone, or also those from group to group.
Keep = Literal["ties", "ties and groups"]

BETWEEN: Final = "between groups"
# Little constraint means structural holes: there ``fewer`` is the chance that speaks for the state.
STATISTICS: Final = (BETWEEN, *ROLES, "betweenness", "constraint")

SAMPLES: Final = 400
THINNED: Final = 4
# Normal quantile of a one-sided 95 % interval.
Z: Final = 1.6448536269514722
# How often, at most, somebody is called a bridge in any of the layers looked at who is none.
RATE: Final = 0.05


@dataclass(frozen=True, eq=False)
class Comparison:
    """Every state's places in a network beside those it has in random ones.

    Attributes
    ----------
    observed, mean, sd : shape (state, statistic), in the order of `STATISTICS`; constraint is NaN without ties
    more, fewer : chance, by rank among the random networks, of as much or more (or less) as observed
    samples : how many random networks; betweenness and constraint, which take longest, rest on every `THINNED`th
    """

    observed: Array
    mean: Array
    sd: Array
    more: Array
    fewer: Array
    samples: int

    def surely(self, chance: Array) -> Array:
        """The most that a chance may be, seeing in how many random networks it was counted.

        It is the upper end of a one-sided 95% interval (Wilson), so that a claim turns less often with the seed. The
        networks count as independent here. They are not where few exchanges are possible, as among embassies: there
        the end is too low, and claims near the bound still come and go.
        """
        count = np.maximum(chance * (self.samples + 1) - 1, 0.0)
        n, z2 = self.samples, Z**2
        most: Array = (count + z2 / 2 + Z * np.sqrt(count * (1 - count / n) + z2 / 4)) / (n + z2)
        return np.maximum(most, chance)

    @cached_property
    def z(self) -> Array:
        """Observed less mean, in standard deviations; NaN where the random networks all have the same."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Array = np.where(self.sd > 0, (self.observed - self.mean) / self.sd, np.nan)
        return found


def compare(
    ties: Flags,
    group: Ints,
    random: np.random.Generator,
    *,
    samples: int = SAMPLES,
    sweeps: int = SWEEPS,
    keep: Keep = "ties and groups",
) -> Comparison:
    """Places of all states in a network, against those in random ones; see `comparable`.

    Parameters
    ----------
    ties : array, shape (state, state), true where there is a tie
    group : group of each state, codes from 0, shape (state,)
    samples, sweeps : how many random networks, and steps between two of them
    keep : what they have in common with the real one

    >>> ring = np.roll(np.eye(6, dtype=bool), 1, axis=1)
    >>> found = compare(ring, np.array([0, 0, 0, 1, 1, 1]), np.random.default_rng(1), samples=20)
    >>> found.observed[:, STATISTICS.index(BETWEEN)].tolist()
    [1.0, 0.0, 1.0, 1.0, 0.0, 1.0]
    """
    observed = _statistics(ties, group)
    kept = group if keep == "ties and groups" else np.zeros_like(group)
    others = comparable(ties, kept, random, samples=samples, sweeps=sweeps)
    drawn = np.array([_statistics(each, group, whole=at % THINNED == 0) for at, each in enumerate(others)])
    known = ~np.isnan(drawn)
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, drawn, 0.0).sum(axis=0) / count
        sd = np.sqrt((np.where(known, drawn - mean, 0.0) ** 2).sum(axis=0) / (count - 1))
    return Comparison(
        observed=observed,
        mean=mean,
        sd=sd,
        more=_by_rank(drawn >= observed, known, observed),
        fewer=_by_rank(drawn <= observed, known, observed),
        samples=samples,
    )


def _statistics(ties: Flags, group: Ints, *, whole: bool = True) -> Array:
    """Shape (state, statistic); without ``whole`` NaN for those that take long."""
    roles = brokerage(ties, group)
    joined = roles[:, [ROLES.index(role) for role in ("gatekeeper", "representative", "liaison")]].sum(axis=1)
    if whole:
        # Rounded so that what is equal but for the order of a sum counts as equal.
        reached = np.round(betweenness(ties), 12)
        holes = np.round(constraint(ties.astype(np.float64)), 12)
    else:
        reached = holes = np.full(len(ties), np.nan)
    return np.column_stack([joined, roles, reached, holes]).astype(np.float64)


def _by_rank(beyond: Flags, known: Flags, observed: Array) -> Array:
    """Chance by rank: the observed counts as one of the draws, so that no chance is ever nought."""
    chance: Array = np.where(np.isnan(observed), np.nan, (1 + beyond.sum(axis=0)) / (1 + known.sum(axis=0)))
    return chance


def holm(p: Array) -> Array:
    """Chances adjusted for having looked at several layers: at most a share ``a`` of all-true sets has one below a.

    Parameters
    ----------
    p : array, shape (layer, ...), from 0 to 1; NaN where nothing was tested

    Returns
    -------
    array of the same shape

    >>> holm(np.array([0.01, 0.04, 0.03, np.nan])).round(6).tolist()
    [0.03, 0.06, 0.06, nan]
    """
    order = np.argsort(p, axis=0)  # NaN last
    left = (~np.isnan(p)).sum(axis=0) - np.arange(len(p)).reshape(-1, *[1] * (p.ndim - 1))
    ordered = np.take_along_axis(p, order, axis=0) * np.maximum(left, 1)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(np.maximum.accumulate(ordered, axis=0), 1.0), axis=0)
    return np.where(np.isnan(p), np.nan, adjusted)


def claims(more: Sequence[float], fewer: Sequence[float], *, rate: float = RATE) -> tuple[Claim, ...]:
    """What may be said of one state in each layer, given its chances in all of them.

    Parameters
    ----------
    more, fewer : chance of as much brokerage between groups or more, and of as little or less; one for each layer
    rate : how often, at most, a state that is no bridge in any layer is called one in some; likewise for "fewer"

    >>> claims([0.005, 0.2, 1.0], [1.0, 0.8, 0.005])
    ('bridge', 'not distinguishable', 'fewer than its ties would give')
    """
    above, below = (holm(np.asarray(each, dtype=np.float64)) for each in (more, fewer))
    return tuple(
        "bridge" if up <= rate else "fewer than its ties would give" if down <= rate else "not distinguishable"
        for up, down in zip(above, below, strict=True)
    )
