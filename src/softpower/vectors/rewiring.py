"""Random networks that a real one can be compared with: as many ties for everybody, in as regional a world.

`softpower.vectors.networks.rewired` keeps how many ties each country has out and in. That is too free a yardstick for a
role: ties are mutual (an embassy is answered by an embassy, a flight returns) and mostly lie within a region, so that
nearly every country would broker less than there. Here two more things are kept: how many ties of each country are
mutual, and how many there are from each group to each. A random network of the freer kind, and one of this, meet a test
against these at its stated rate alike, since among networks that share all that is kept both are evenly spread.

References
----------
Besag & Clifford (1989), Generalized Monte Carlo significance tests, Biometrika 76(4), section 2.
Roberts (2000), Simple methods for simulating sociomatrices with given marginal totals, Social Networks 22(3).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

SWEEPS: Final = 20
# Share of the pairs that may exchange in a sweep: if all did, small networks would go round in a part of what there is.
OFFERED: Final = 0.9


def comparable(
    ties: Flags, group: Ints, random: np.random.Generator, *, samples: int, sweeps: int = SWEEPS
) -> Iterator[Flags]:
    """Networks with the same ties out, in and mutual for each country, and as many from each group to each.

    Two ties a - b and c - d become a - d and c - b where a and c are of one group and neither new tie is there. Such
    steps can be taken back as likely as they were taken. The real network is put at a random place in one chain of
    them, and the others are reached from it in both directions: if it is itself a random one, its rank among all is
    evenly spread, however slowly the chain moves (Besag & Clifford 1989).

    Parameters
    ----------
    ties : array, shape (country, country), true where there is a tie; the diagonal is ignored
    group : group of each country, codes from 0, shape (country,); one code for all keeps the ties of countries only
    samples : how many
    sweeps : steps between two samples; in one each mutual tie, or each other, is paired once

    Raises
    ------
    BadRequest
        ``ties`` is not square, or ``group`` is of another length.

    >>> ring = np.roll(np.eye(6, dtype=bool), 1, axis=1)
    >>> one, two = comparable(ring, np.array([0, 0, 0, 1, 1, 1]), np.random.default_rng(1), samples=2)
    >>> one.sum(axis=0).tolist(), one.sum(axis=1).tolist(), int(one[:3, :3].sum()), bool((one & one.T).any())
    ([1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], 2, False)
    """
    if ties.ndim != 2 or ties.shape[0] != ties.shape[1] or group.shape != ties.shape[:1]:
        raise BadRequest(f"ties of shape {ties.shape} and groups of shape {group.shape}: give one group per country")
    before = int(random.integers(samples + 1))
    for length in (before, samples - before):
        chain = _Chain(ties, group)
        for _ in range(length):
            for _ in range(sweeps):
                chain.sweep(random)
            yield chain.ties()


class _Chain:
    """A network on its way: its mutual ties (once each) and its others, as rows of origin and partner."""

    def __init__(self, ties: Flags, group: Ints) -> None:
        self._group, self._n = group, len(ties)
        ties = ties.copy()
        np.fill_diagonal(ties, False)
        self._parts = [np.argwhere(np.triu(ties & ties.T)), np.argwhere(ties & ~ties.T)]
        sizes = [len(part) for part in self._parts]
        self._mutual = sizes[0] / max(sum(sizes), 1)
        # Whether two countries are tied in either direction, flat.
        self._tied = (ties | ties.T).ravel()

    def ties(self) -> Flags:
        found = np.zeros((self._n, self._n), dtype=np.bool_)
        mutual, other = self._parts
        found[mutual[:, 0], mutual[:, 1]] = found[mutual[:, 1], mutual[:, 0]] = True
        found[other[:, 0], other[:, 1]] = True
        return found

    def sweep(self, random: np.random.Generator) -> None:
        """Pair the ties of one kind at random, and let each pair whose new ties are not there exchange ends.

        The kind, the end that stays and the order are drawn anew each time, so that a sweep is undone as likely as
        done.
        """
        which = int(random.random() >= self._mutual)
        ends = self._parts[which]
        if which == 0:
            ends = np.where(random.random((len(ends), 1)) < 0.5, ends, ends[:, ::-1])
        turned = which == 1 and random.random() < 0.5
        if turned:
            ends = ends[:, ::-1]
        stays = self._group[ends[:, 0]]
        order = np.lexsort((random.random(len(ends)), stays))
        ends, stays = ends[order], stays[order]
        first = np.arange(0, len(ends) - 1, 2)
        first = first[stays[first] == stays[first + 1]]
        first = first[random.random(len(first)) < OFFERED]
        swap = self._exchange(ends, first)
        ends[swap, 1], ends[swap + 1, 1] = ends[swap + 1, 1], ends[swap, 1]
        self._parts[which] = ends[:, ::-1] if turned else ends

    def _exchange(self, ends: Ints, first: Ints) -> Ints:
        """Which of the pairs (a place and the next) exchange, all at once; what is tied is kept up to date.

        A pair stays as it is if a tie it would make is there, or if another pair would make it too, has it, or would
        make one that it has. That is the same seen from the networks before and after, so that a sweep is undone as
        likely as done.
        """
        a, b = ends[first].T
        c, d = ends[first + 1].T
        n = self._n
        new = np.stack([_flat(a, d, n), _flat(c, b, n)])
        old = np.stack([_flat(a, b, n), _flat(c, d, n)])
        distinct = (a != c) & (a != d) & (b != c) & (b != d)
        free = distinct & ~self._tied[new].any(axis=0)
        # Only pairs of distinct countries can make ties.
        wanted = np.bincount(new[:, distinct].ravel(), minlength=n * n)
        alone = (wanted[new] == 1).all(axis=0) & (wanted[old] == 0).all(axis=0)
        swap = free & alone
        for made, there in ((old[:, swap], False), (new[:, swap], True)):
            one, other = np.divmod(made.ravel(), n)
            self._tied[one * n + other] = self._tied[other * n + one] = there
        return np.asarray(first[swap], dtype=np.int64)


def _flat(one: Ints, other: Ints, n: int) -> Ints:
    """One number for a pair of countries, whichever comes first."""
    pair: Ints = np.minimum(one, other) * n + np.maximum(one, other)
    return pair
