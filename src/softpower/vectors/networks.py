"""Places in a network of countries: who lies between others, who spans holes, who brokers between groups.

All functions take a square array over countries: row is the origin of a tie, column its partner; the diagonal is
ignored.

References
----------
Brandes (2001), A faster algorithm for betweenness centrality, Journal of Mathematical Sociology 25(2).
Burt (1992), Structural Holes, Harvard University Press (constraint).
Gould & Fernandez (1989), Structures of mediation: a formal approach to brokerage in transaction networks, Sociological
Methodology 19.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

# For a path a -> broker -> c without the tie a -> c, by the groups of the three.
ROLES: Final = ("coordinator", "consultant", "gatekeeper", "representative", "liaison")


def betweenness(ties: Flags) -> Array:
    """Share of the shortest paths between two others that run through a country, on average over all ordered pairs.

    Parameters
    ----------
    ties : array, shape (country, country), true where there is a tie

    Returns
    -------
    array, shape (country,), from 0 to 1; 0 throughout with fewer than three countries

    >>> betweenness(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=bool)).tolist()
    [0.0, 1.0, 0.0]
    """
    n = len(ties)
    if n < 3:
        return np.zeros(n)
    step = ties.astype(float)
    np.fill_diagonal(step, 0)
    # All sources at once: paths[s, v] counts shortest paths, layer by layer of distance.
    paths = np.eye(n)
    front = paths
    layers = [front]
    while True:
        front = np.where(paths == 0, front @ step, 0.0)
        if not front.any():
            break
        paths = paths + front
        layers.append(front)
    reach = np.where(paths > 0, paths, 1.0)
    through = np.zeros((n, n))  # dependency of source s on v
    for near, far in zip(layers[-2::-1], layers[:0:-1], strict=True):
        share = np.where(far > 0, (1 + through) / reach, 0.0)
        through += np.where(near > 0, near * (share @ step.T), 0.0)
    np.fill_diagonal(through, 0)
    total: Array = through.sum(axis=0) / ((n - 1) * (n - 2))
    return total


def constraint(weights: Array) -> Array:
    """Burt's constraint: how far a country's ties lead back to one another. Small values span structural holes.

    Parameters
    ----------
    weights : array, shape (country, country), not negative; a pair's ties in both directions are added

    Returns
    -------
    array, shape (country,); NaN for a country without ties; can exceed 1 where ties are few

    >>> constraint(np.array([[0.0, 1, 1], [0, 0, 0], [0, 0, 0]])).tolist()
    [0.5, 1.0, 1.0]
    """
    both = weights + weights.T
    np.fill_diagonal(both, 0)
    total = both.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        share = both / total
    known = np.nan_to_num(share)
    spent = np.where(both > 0, (known + known @ known) ** 2, 0.0).sum(axis=1)
    return np.where(total[:, 0] > 0, spent, np.nan)


def brokerage(ties: Flags, group: Ints) -> Ints:
    """How often each country brokers, by Gould and Fernandez's roles.

    Counted are ordered pairs (a, c) with ties a -> broker and broker -> c but none a -> c. The broker is

    - coordinator: all three of one group,
    - consultant: a and c of one group, the broker of another,
    - gatekeeper: c and the broker of one group, a of another,
    - representative: a and the broker of one group, c of another,
    - liaison: all three of different groups.

    Parameters
    ----------
    ties : array, shape (country, country), true where there is a tie
    group : group of each country, codes from 0, shape (country,)

    Returns
    -------
    array, shape (country, role), in the order of `ROLES`

    >>> path = np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=bool)
    >>> dict(zip(ROLES, brokerage(path, np.array([0, 1, 2]))[1].tolist(), strict=True))["liaison"]
    1
    """
    tie = ties.astype(float)
    np.fill_diagonal(tie, 0)
    open_pair = 1 - tie
    np.fill_diagonal(open_pair, 0)
    same = group[:, None] == group
    inside = tie * same

    def joined(into: Array, pairs: Array, out: Array) -> Array:
        """Open pairs that each country joins: sum over (a, c) of into[a, b] pairs[a, c] out[b, c]."""
        return np.asarray((into * (pairs @ out.T)).sum(axis=0))

    total = joined(tie, open_pair, tie)
    alike = joined(tie, open_pair * same, tie)
    into_own, out_of_own = joined(tie, open_pair, inside), joined(inside, open_pair, tie)
    coordinator = joined(inside, open_pair, inside)
    gatekeeper, representative = into_own - coordinator, out_of_own - coordinator
    consultant = alike - coordinator
    liaison = total - coordinator - gatekeeper - representative - consultant
    return np.rint([coordinator, consultant, gatekeeper, representative, liaison]).astype(np.int64).T


def between_groups(ties: Flags, group: Ints) -> Ints:
    """How many pairs of different groups each country joins that have no tie: a part of `brokerage`, many times faster.

    It is gatekeeper, representative and liaison together. For each tie a -> broker, those c are counted whom the broker
    has a tie to, a has none to, and who are of another group than a, 64 countries at a time.

    Parameters
    ----------
    ties : array, shape (country, country), true where there is a tie
    group : group of each country, codes from 0, shape (country,)

    Returns
    -------
    array, shape (country,)

    >>> path = np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=bool)
    >>> between_groups(path, np.array([0, 1, 2])).tolist(), between_groups(path, np.array([0, 1, 0])).tolist()
    ([0, 1, 0], [0, 0, 0])
    """
    n = len(ties)
    out = _packed(ties)
    free = _packed(group[:, None] != group) & ~out
    a, broker = np.divmod(np.flatnonzero(ties), n)
    joined = np.zeros(len(a), dtype=np.int64)
    for untied, reached in zip(free, out, strict=True):
        joined += np.bitwise_count(untied.take(a) & reached.take(broker))
    # The diagonal needs no care: a has a tie to the broker, and none to itself is of another group.
    return np.bincount(broker, weights=joined, minlength=n).astype(np.int64)


def _packed(flags: Flags) -> NDArray[np.uint64]:
    """Flags of each row as bits of whole numbers, shape (64 columns, row)."""
    filled = np.pad(flags, ((0, 0), (0, -flags.shape[1] % 64)))
    return np.ascontiguousarray(np.packbits(filled, axis=1).view(np.uint64).T)


def rewired(ties: Flags, random: np.random.Generator, *, rounds: int = 20) -> Flags:
    """A random network in which every country has as many ties out and in as before, all such equally likely.

    Two countries at a time exchange the partners that only one of them has ("curveball"); ``rounds`` is how often each
    takes part on average.

    References
    ----------
    Strona et al. (2014), A fast and unbiased procedure to randomize ecological binary matrices with fixed row and
    column totals, Nature Communications 5:4114.
    Carstens, Berger & Strona (2018), A unifying framework for fast randomization of ecological networks with fixed
    (node) degrees, MethodsX 5 (directed networks without self-ties).

    >>> one = np.array([[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]], dtype=bool)
    >>> two = rewired(one, np.random.default_rng(1))
    >>> two.sum(axis=0).tolist(), two.sum(axis=1).tolist(), bool(two.diagonal().any())
    ([1, 1, 1, 1], [1, 1, 1, 1], False)
    """
    n = len(ties)
    new = ties.copy()
    np.fill_diagonal(new, False)
    if n < 3:
        return new
    for _ in range(max(1, rounds * n // 2)):
        a, b = random.choice(n, size=2, replace=False)
        only = new[a] != new[b]
        only[[a, b]] = False  # neither may come to have a tie to itself
        places = np.flatnonzero(only)
        if len(places) < 2:
            continue
        mine = random.permutation(new[a, places])
        new[a, places], new[b, places] = mine, ~mine
    return new
