"""Random networks that a real one can be compared with: as many ties for everybody, in as regional a world.

`softpower.vectors.networks.rewired` keeps how many ties each country has out and in. That is too free a yardstick for a
role: ties are mutual (an embassy is answered by an embassy, a flight returns) and mostly lie within a region, so that
nearly every country would broker less than there. Here two more things are kept: how many ties of each country are
mutual, and how many there are from each group to each. A random network of the freer kind, and one of this, meet a test
against these at its stated rate alike, since among networks that share all that is kept both are evenly spread.

References
----------
Besag & Clifford (1989), Generalized Monte Carlo significance tests, Biometrika 76(4), section 2.
Carstens, Berger & Strona (2018), A unifying framework for fast randomization of ecological networks with fixed (node)
degrees, MethodsX 5 (many exchanges of two countries at once).
Roberts (2000), Simple methods for simulating sociomatrices with given marginal totals, Social Networks 22(3).
Strona et al. (2014), A fast and unbiased procedure to randomize ecological binary matrices with fixed row and column
totals, Nature Communications 5:4114.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest

Codes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

SWEEPS: Final = 20
# Share of the pairs that trade in a sweep. The others are those that are traded with, so that half is most.
TRADING: Final = 0.5
# What the tie of a to b (0 none, 1 from a, 2 from b, 3 mutual) is, seen from b.
TURNED: Final[Codes] = np.array([0, 2, 1, 3], dtype=np.uint8)


def comparable(
    ties: Flags, group: Ints, random: np.random.Generator, *, samples: int, sweeps: int = SWEEPS
) -> Iterator[tuple[int, Flags]]:
    """Networks with the same ties out, in and mutual for each country, and as many from each group to each.

    Two countries of one group trade what they have with others: where a has x with b, and c has y with b, a may come to
    have y and c to have x, as often the one way as the other for each two x, y, so that neither gains nor loses ties of
    any kind. All ways to do so are equally likely, that which is there among them: such a step can be taken back as
    likely as it was taken, and correlations along the chain are never negative. The real network is put at a random
    place in one chain, and the others are reached from it in both directions: if it is itself a random one, its rank
    among all is evenly spread, however slowly the chain moves (Besag & Clifford 1989).

    What no trades lead to is never met: three one-way ties in a ring, say, that could run the other way round. The rank
    is then even among those that can be met.

    Parameters
    ----------
    ties : array, shape (country, country), true where there is a tie; the diagonal is ignored
    group : group of each country, codes from 0, shape (country,); one code for all keeps the ties of countries only
    samples : how many
    sweeps : steps between two samples; in one about half of the countries trade with another of their group what they
        have with the other half

    Yields
    ------
    How far a network is from the real one along the chain (-1, -2, ... before it, 1, 2, ... after it), and its ties.

    Raises
    ------
    BadRequest
        ``ties`` is not square, or ``group`` is of another length.

    >>> ring = np.roll(np.eye(6, dtype=bool), 1, axis=1)
    >>> (at, one), (_, two) = comparable(ring, np.array([0, 0, 0, 1, 1, 1]), np.random.default_rng(1), samples=2)
    >>> one.sum(axis=0).tolist(), one.sum(axis=1).tolist(), int(one[:3, :3].sum()), bool((one & one.T).any())
    ([1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], 2, False)
    """
    if ties.ndim != 2 or ties.shape[0] != ties.shape[1] or group.shape != ties.shape[:1]:
        raise BadRequest(f"ties of shape {ties.shape} and groups of shape {group.shape}: give one group per country")
    before = int(random.integers(samples + 1))
    for sign, length in ((-1, before), (1, samples - before)):
        chain = _Chain(ties, group)
        for step in range(1, length + 1):
            chain.sweep(random, sweeps)
            yield sign * step, chain.ties()


class _Chain:
    """A network on its way: what each country has with each, by the codes of `TURNED`."""

    def __init__(self, ties: Flags, group: Ints) -> None:
        self._group, self._n = group, len(ties)
        out = ties.astype(np.uint8)
        np.fill_diagonal(out, 0)
        self._codes: Codes = np.ascontiguousarray(out + 2 * out.T)
        # Of countries sorted by group: every second place of a group that has a next one in it.
        ordered = np.sort(group)
        place = np.arange(self._n) - np.searchsorted(ordered, ordered)
        self._first = np.flatnonzero((place[:-1] % 2 == 0) & (ordered[:-1] == ordered[1:]))
        # The least that holds a pair of countries and a pair of codes: numbers of 16 bits are sorted fastest.
        self._key = np.min_scalar_type(16 * max(self._n, 1))

    def ties(self) -> Flags:
        return (self._codes & 1).astype(np.bool_)

    def sweep(self, random: np.random.Generator, times: int = 1) -> None:
        """Pair countries within groups at random, draw which pairs trade, and let them; that many times."""
        orders = np.argsort(self._group + random.random((times, self._n)), axis=1)
        trading = random.random((times, len(self._first))) < TRADING
        for order, trades in zip(orders, trading, strict=True):
            first = self._first[trades]
            self._trade(order[first], order[first + 1], random)

    def _trade(self, one: Ints, other: Ints, random: np.random.Generator) -> None:
        """Let each country of ``one`` trade with that of ``other`` in the same place, all at once.

        What they have with countries that trade themselves stays as it is. So no tie is traded twice.
        """
        n = self._n
        alone = np.ones(n, dtype=np.bool_)
        alone[one] = alone[other] = False
        mine, theirs = self._codes.take(one, axis=0), self._codes.take(other, axis=0)
        at = np.flatnonzero((mine != theirs) & alone)
        x, y = mine.reshape(-1).take(at), theirs.reshape(-1).take(at)
        key = (16 * (at // n)).astype(self._key) + (4 * np.minimum(x, y) + np.maximum(x, y))
        # What is traded are places with the same key: those in order, and the same shuffled within each key.
        there = key.argsort(kind="stable")
        shuffled = (key + random.random(len(key))).argsort()
        first = x < y
        changed = there[first.take(there) != first.take(shuffled)]
        pair, third = np.divmod(at.take(changed), n)
        a, c, x, y = one.take(pair), other.take(pair), x.take(changed), y.take(changed)
        codes = self._codes.reshape(-1)  # a view
        codes[a * n + third], codes[c * n + third] = y, x
        codes[third * n + a], codes[third * n + c] = TURNED.take(y), TURNED.take(x)
