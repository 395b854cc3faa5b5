"""Where each state stands in a network beside where it would stand by chance.

Raw counts of the pairs that a state joins grow with the number of its ties, so that every large state would be a
bridge. Each state is therefore compared with itself in random networks in which everybody has as many ties out, in and
mutual, and in which there are as many from each group to each (`softpower.vectors.rewiring`). That leaves what a bridge
is made of: to whom in a group the ties go, and whether those it joins are tied already. With ``keep="ties"`` groups are
not kept: most states then broker less than chance would have it, since most ties of the world lie within regions.

The random networks are steps of one chain. A rank among them is even whatever the chain does, but how far it hangs on
the seed depends on how many *independent* networks they are worth: `autocorrelation_time` tells that from the chain,
and a claim is made only if it would stand at the upper end of what the count of so many leaves open.

The claim rests on one number, `BETWEEN`: Gould and Fernandez's liaison, gatekeeper and representative together, which
are all ordered pairs of *different* groups that a state joins; a coordinator and a consultant join two of one group.
The sum does not depend on the group of the state itself, which is a matter of choice, as the three alone do.

References
----------
Gebelein (1941), Das statistische Problem der Korrelation als Variations- und Eigenwertproblem, ZAMM 21(6).
Geyer (1992), Practical Markov chain Monte Carlo, Statistical Science 7(4), section 3.3.
Gould & Fernandez (1989), Structures of mediation: a formal approach to brokerage in transaction networks, Sociological
Methodology 19.
Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6(2).
Phipson & Smyth (2010), Permutation p-values should never be zero, Statistical Applications in Genetics and Molecular
Biology 9(1).
Wilson (1927), Probable inference, the law of succession, and statistical inference, Journal of the American Statistical
Association 22(158).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from softpower.vectors.networks import ROLES, between_groups, betweenness, brokerage, constraint
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

SAMPLES: Final = 2500
# Of so many the roles, betweenness and constraint are looked at, which take longer; no claim rests on them.
WHOLE: Final = 100
# The autocorrelation time that counts is no shorter than that which this share of the states stay below.
USUAL: Final = 0.9
# Normal quantile of a one-sided 95 % interval.
Z: Final = 1.6448536269514722
# How often, at most, somebody is called a bridge in any of the layers looked at who is none.
RATE: Final = 0.05


@dataclass(frozen=True, eq=False)
class Comparison:
    """Every state's places in a network beside those it has in random ones.

    Attributes
    ----------
    observed, mean, sd : all arrays are of shape (state, statistic), in the order of `STATISTICS`; constraint is NaN
        without ties
    more, fewer : chance, by rank among the random networks, of as much or more (or less) as observed
    count : how many random networks were looked at: all for `BETWEEN`, about `WHOLE` of them, evenly spaced, for others
    effective : how many independent networks these are worth: their number over the autocorrelation time of the
        state's statistic, or over that which `USUAL` of the states stay below, whichever is longer
    """

    observed: Array
    mean: Array
    sd: Array
    more: Array
    fewer: Array
    count: Array
    effective: Array

    def surely(self, chance: Array) -> Array:
        """The most that a chance may be, seeing in how many independent random networks it was counted.

        It is the upper end of a one-sided 95% interval (Wilson) of the chance that endless random networks would give,
        so that another seed seldom takes a claim back. Two things are assumed.

        - The count is as sure as one of `effective` independent networks. That number is found for the mean of the
          statistic. Whether a network lies beyond the observed hangs less on its neighbours than the statistic does, if
          in that two networks are about jointly normal: no functions of two such variables are correlated more closely
          than they are (Gebelein 1941).
        - The chain is long against its autocorrelation time, which is estimated from it. One that has never left the
          surroundings of the real network cannot tell that there is more.

        Neither is needed for the rate of false claims: chances by rank are even for a state that is no bridge, however
        the chain moves, and what is returned is nowhere below them.

        Parameters
        ----------
        chance : of the shape of `more`

        Returns
        -------
        array of the same shape, nowhere below ``chance``
        """
        n, z2 = self.effective, Z**2
        # The observed itself is among those that the chance counts.
        share = np.clip((chance * (self.count + 1) - 1) / np.maximum(self.count, 1), 0.0, 1.0)
        most: Array = (n * share + z2 / 2 + Z * np.sqrt(n * share * (1 - share) + z2 / 4)) / (n + z2)
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
    samples, sweeps : how many random networks, 2 or more, and steps between two of them
    keep : what they have in common with the real one

    >>> ring = np.roll(np.eye(6, dtype=bool), 1, axis=1)
    >>> found = compare(ring, np.array([0, 0, 0, 1, 1, 1]), np.random.default_rng(1), samples=20)
    >>> found.observed[:, STATISTICS.index(BETWEEN)].tolist()
    [1.0, 0.0, 1.0, 1.0, 0.0, 1.0]
    """
    kept = group if keep == "ties and groups" else np.zeros_like(group)
    every = max(1, samples // WHOLE)
    joined: dict[int, Array] = {}
    whole: dict[int, Array] = {}
    for at, each in comparable(ties, kept, random, samples=samples, sweeps=sweeps):
        joined[at] = _claimed(each, group)
        # Spaced from the real network, so that it is as random a one among them as among all.
        if at % every == 0:
            whole[at] = _others(each, group)
    parts = [_compared(_claimed(ties, group), joined), _compared(_others(ties, group), whole)]
    return Comparison(*(np.concatenate(each, axis=1) for each in zip(*parts, strict=True)))


def _claimed(ties: Flags, group: Ints) -> Array:
    """`BETWEEN` alone, shape (state, 1)."""
    return between_groups(ties, group)[:, None].astype(np.float64)


def _others(ties: Flags, group: Ints) -> Array:
    """All statistics but the first, shape (state, statistic)."""
    # Rounded so that what is equal but for the order of a sum counts as equal.
    reached = np.round(betweenness(ties), 12)
    holes = np.round(constraint(ties.astype(np.float64)), 12)
    return np.column_stack([brokerage(ties, group), reached, holes])


def _compared(observed: Array, draws: dict[int, Array]) -> tuple[Array, ...]:
    """The attributes of a comparison, from draws by their place in the chain; each of shape (state, statistic)."""
    drawn = np.array([draws[at] for at in sorted(draws)])
    mean, sd = drawn.mean(axis=0), drawn.std(axis=0, ddof=1)
    # Where chance leaves no choice nothing is tested.
    known = ~np.isnan(observed) & (sd > 0)
    more, fewer = (
        np.where(known, (1 + beyond.sum(axis=0)) / (1 + len(drawn)), np.nan)
        for beyond in (drawn >= observed, drawn <= observed)
    )
    count = np.full(observed.shape, float(len(drawn)))
    return observed, mean, sd, more, fewer, count, count / _longest(autocorrelation_time(drawn), sd > 0)


def _longest(times: Array, varies: Flags) -> Array:
    """Of each state its own, or that which `USUAL` of those that vary stay below; shape (state, statistic)."""
    usual = [
        np.quantile(each[some], USUAL) if some.any() else 1.0 for each, some in zip(times.T, varies.T, strict=True)
    ]
    return np.maximum(times, usual)


def autocorrelation_time(series: Array) -> Array:
    """How many draws of a chain are worth one independent draw, for the mean of each series.

    It is one and twice the sum of all autocorrelations. From where estimates of two neighbouring ones together are no
    longer positive they are noise and left out, and before they are made to fall, as those of a chain that can go
    either way must (Geyer's initial monotone sequence).

    Parameters
    ----------
    series : array, shape (draw, ...), in the order of the chain; NaN in no draw or in all

    Returns
    -------
    array, shape (...), 1 or more; 1 where all draws are the same or NaN

    >>> random = np.random.default_rng(1)
    >>> fresh = random.normal(size=5000)
    >>> autocorrelation_time(fresh).round(1), autocorrelation_time(np.repeat(fresh, 4)).round(0)  # each four times
    (np.float64(1.0), np.float64(4.0))
    """
    n = len(series)
    if n < 2:
        return np.ones(series.shape[1:])
    apart = np.nan_to_num(series - series.mean(axis=0))
    waves = np.fft.rfft(apart, 2 * n, axis=0)
    covariance = np.fft.irfft(waves.real**2 + waves.imag**2, axis=0)[: n - n % 2]
    pairs = covariance[0::2] + covariance[1::2]
    pairs = np.minimum.accumulate(pairs, axis=0)
    total = np.where(pairs > 0, pairs, 0.0).sum(axis=0)
    varies = np.ptp(np.nan_to_num(series), axis=0) > 0
    time: Array = np.where(varies, 2 * total / np.where(varies, covariance[0], 1.0) - 1, 1.0)
    return np.maximum(time, 1.0)


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


def by_chance(tested: Flags, *, rate: float = RATE) -> Array:
    """How many states chance alone would on average call a bridge in each layer, at most, if none were one in any.

    What is corrected is that a state is looked at in several layers; that many states are looked at is not.

    Parameters
    ----------
    tested : array, shape (layer, state), true where chance leaves a state any choice
    rate : as for `claims`

    Returns
    -------
    array, shape (layer,)

    >>> by_chance(np.array([[True, True, True], [True, True, False]])).round(3).tolist()
    [0.1, 0.05]
    """
    layers = np.maximum(tested.sum(axis=0), 1)
    found: Array = (tested * (rate / layers)).sum(axis=1)
    return found
