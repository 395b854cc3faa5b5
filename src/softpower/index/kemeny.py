"""The ranking that agrees with most comparisons of pairs: Condorcet's, found anew by Kemeny and Young.

With P the weight by which one unit is ahead of another (`softpower.index.outrank`), each ranking has the agreement
sum of P over all pairs, the unit ranked higher in the row. The best of all n! rankings is hard to find in general, but
rarely in practice:

1. Majorities without cycles settle most pairs. Units fall into groups that beat each other in cycles, ranked among each
   other without loss (Condorcet's criterion, extended by Truchon 1998); each group is a task of its own.
2. A group of up to 16 is solved by dynamic programming over its subsets: exact.
3. In a larger one, moving one unit at a time to a better place, from several starts, finds a good ranking; linear
   programs, to which violated triangles (a before b, b before c, c before a) are added round by round, bound what any
   ranking can reach. Where both meet, the ranking is proven best; else branch and bound (HiGHS) goes on from there in
   groups of up to 60. Without programmes (``proof="none"``, for replications by the thousand) the search is shorter,
   and triangles that share no pair bound what any ranking can reach.

Whether the ranking is proven best, and else how much better another could at most be, is part of the result.

References
----------
Kemeny (1959), Mathematics without numbers, Daedalus 88, 577-591.
Young (1988), Condorcet's theory of voting, American Political Science Review 82, 1231-1244.
Truchon (1998), An extension of the Condorcet criterion and Kemeny orders, Université Laval, cahier 98-15.
Grötschel, Jünger, Reinelt (1984), A cutting plane algorithm for the linear ordering problem, Operations Research 32,
1195-1220.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest
from softpower.index.outrank import NEAR, level, margins, outranking

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Proof = Literal["sought", "none"]

SUBSETS = 16  # largest group solved by dynamic programming: its table has this many times 2^16 numbers
BRANCHING = 60  # largest group handed to branch and bound
STARTS = 50  # of the search by moves
QUICK_STARTS = 5  # of the same where nothing is to be proven
ROUNDS = 40  # of added triangles
NODES = 2000  # of branch and bound: a limit on time would give other results on another machine
# In a group too large for branch and bound, rounds end when the programs grow to so many triangles, or when so many
# rounds in a row bring the bound nearer by less than this share of what is left.
TRIANGLES = 12_000
PATIENCE = 4
STALL = 0.01
PROVEN = 1e-8  # relative; the programs are solved to about that


@dataclass(frozen=True, slots=True)
class Consensus:
    """A ranking and how well it agrees with the comparisons.

    Attributes
    ----------
    order : units, the best first, shape (unit,). Where several rankings agree as well, it is one of them.
    rank : place of each unit, 1 is best, shape (unit,)
    agreement : sum over pairs of the weight for the unit ranked higher
    bound : no ranking agrees better than this
    """

    order: Ints
    rank: Ints
    agreement: float
    bound: float

    @property
    def is_proven(self) -> bool:
        """Whether no ranking agrees better, but for rounding."""
        return self.gap <= PROVEN

    @property
    def gap(self) -> float:
        """By what share of its agreement another ranking could at most be better."""
        return (self.bound - self.agreement) / self.agreement if self.agreement > 0 else 0.0


def kemeny(matrix: Array, *, seed: int = 0, proof: Proof = "sought") -> Consensus:
    """The ranking that agrees with most comparisons of pairs.

    Parameters
    ----------
    matrix : array, shape (unit, unit), of `outranking`, or numbers of votes for row ahead of column
    seed : of the starts of the search in large groups
    proof : whether it is ``sought`` that no ranking agrees better in groups of more than 16 that beat each other in
        cycles, which takes a tenth of a second to seconds for 50 units; smaller ones are exact at once

    >>> votes = np.array([[0, 33, 25], [27, 0, 42], [35, 18, 0]])  # Young 1988: 60 voters, three candidates
    >>> found = kemeny(votes)
    >>> found.order.tolist(), found.agreement, found.is_proven
    ([1, 2, 0], 104.0, True)
    """
    matrix = np.asarray(matrix, dtype=np.float64)
    margin = margins(matrix)
    # A ranking's agreement is half of all weights plus half of its margins, so that margins suffice to find the best.
    groups = _groups(margin)
    rng = np.random.default_rng(seed)
    order, spare = [], 0.0
    for group in groups:
        inside = margin[np.ix_(group, group)]
        place, bound = _rank_group(inside, rng, proof)
        order.append(group[place])
        spare += (bound - _worth(inside[np.ix_(place, place)])) / 2
    ranking = np.concatenate(order)
    rank = np.empty(len(ranking), dtype=np.int64)
    rank[ranking] = np.arange(1, len(ranking) + 1)
    agreement = _worth(matrix[np.ix_(ranking, ranking)])
    return Consensus(ranking, rank, agreement, agreement + max(spare, 0.0))


@dataclass(frozen=True, slots=True)
class Places:
    """Scores that come out of a ranking, shape (unit,): the share of the others that a unit is ranked before, on 0-100.

    ``gap`` is that of the `Consensus`.
    """

    score: Array
    gap: float


def places(x: Array, weights: Array | None = None, *, proof: Proof = "sought") -> Places:
    """Places of units in the ranking that agrees with most comparisons of their parts.

    Distances between scores mean nothing: they are all the same. Units with the same parts share their places. Where
    several rankings agree as well, that one is taken which goes by the sum of margins and then by the first part in
    which units differ, so that the order of the units does not matter.

    Parameters
    ----------
    x : array, shape (unit, part), directed, NaN where missing: two units are compared on the parts known of both
    weights : array, shape (part,); by default equal
    proof : as in `kemeny`

    Raises
    ------
    BadRequest
        A unit has no part; or as for `outranking`.

    >>> places(np.array([[3.0, 1.0, 5.0], [2.0, 2.0, 4.0], [1.0, 0.0, 3.0]])).score.tolist()
    [100.0, 50.0, 0.0]
    """
    x = level(np.asarray(x, dtype=np.float64))
    if np.isnan(x).all(axis=1).any():
        raise BadRequest(f"unit {int(np.isnan(x).all(axis=1).argmax())} has no known part: leave it out")
    if len(x) == 1:
        return Places(np.array([50.0]), 0.0)
    filled = np.where(np.isnan(x), -np.inf, x)
    # Sums over units in another order differ in the last digits, which decide between rankings that agree as well:
    # hence rounded, and the comparisons made anew in the order found.
    strength = margins(outranking(x, weights)).sum(axis=1).round(9)
    order = np.lexsort([*(-filled.T[::-1]), -strength])
    found = kemeny(outranking(x[order], weights), proof=proof)
    place = np.empty(len(x))
    place[order] = found.rank
    _, of = np.unique(filled, axis=0, return_inverse=True)
    same = of.reshape(-1)
    shared = (np.bincount(same, weights=place) / np.bincount(same))[same]
    return Places(100.0 * (len(x) - shared) / (len(x) - 1), found.gap)


def _worth(ordered: Array) -> float:
    """Sum above the diagonal."""
    return float(np.triu(ordered, 1).sum())


def _groups(margin: Array) -> list[Ints]:
    """Units that beat each other in cycles, in an order that goes against no majority between groups."""
    from scipy.sparse.csgraph import connected_components

    beats = margin > 0
    count, of = connected_components(beats, directed=True, connection="strong")
    between = np.zeros((count, count), dtype=bool)
    row, column = np.nonzero(beats)
    between[of[row], of[column]] = True
    np.fill_diagonal(between, False)
    # Among groups none of which must come before the other, the one that does better against all comes first.
    strength = np.bincount(of, weights=margin.sum(axis=1), minlength=count) / np.bincount(of, minlength=count)
    left, groups = np.ones(count, dtype=bool), []
    while left.any():
        free = np.flatnonzero(left & ~between[left].any(axis=0))
        best = free[np.argmax(strength[free])]
        groups.append(np.flatnonzero(of == best))
        left[best] = False
    return groups


def _rank_group(margin: Array, rng: np.random.Generator, proof: Proof) -> tuple[Ints, float]:
    """A good order of a group, and what the margins above the diagonal can sum to at most in any order."""
    if len(margin) <= SUBSETS:
        order = _by_subsets(margin)
        return order, _worth(margin[np.ix_(order, order)])
    start = np.argsort(-margin.sum(axis=1), kind="stable")
    if proof == "none":
        return _by_moves(margin, start, rng, QUICK_STARTS), _by_triangles(margin)
    order, bound = _by_programs(margin, _by_moves(margin, start, rng, STARTS))
    if bound > _worth(margin[np.ix_(order, order)]) + NEAR:
        order = _by_moves(margin, order, rng, STARTS)
    return order, bound


def _by_subsets(margin: Array) -> Ints:
    """The best order: for each subset of units, the best order that begins with it (Held and Karp)."""
    count = len(margin)
    if count == 1:
        return np.zeros(1, dtype=np.int64)
    size = 1 << count
    # What a unit gains by coming after all units of a subset, for each unit and subset.
    gain = np.zeros((count, size))
    for unit in range(count):
        half = 1 << unit
        gain[:, half : 2 * half] = gain[:, :half] + margin[unit][:, None]
    subsets = np.arange(size)
    members = np.bitwise_count(subsets)
    best, last = np.zeros(size), np.zeros(size, dtype=np.int64)
    for number in range(1, count + 1):
        layer = subsets[members == number]
        found, by = np.full(len(layer), -np.inf), np.zeros(len(layer), dtype=np.int64)
        for unit in range(count):
            before = layer & ~(1 << unit)
            worth = np.where(before == layer, -np.inf, best[before] + gain[unit, before])
            better = worth > found
            found[better], by[better] = worth[better], unit
        best[layer], last[layer] = found, by
    order, subset = [], size - 1
    while subset:
        order.append(int(last[subset]))
        subset &= ~(1 << order[-1])
    return np.array(order[::-1], dtype=np.int64)


def _by_moves(margin: Array, start: Ints, rng: np.random.Generator, starts: int) -> Ints:
    """A good order: units are moved to better places while there are any, again and again after some random moves."""
    best = _settled(margin, start)
    worth = _worth(margin[np.ix_(best, best)])
    for _ in range(starts):
        shaken = best.copy()
        for _ in range(rng.integers(2, 3 + len(best) // 10)):
            here, there = rng.integers(len(best), size=2)
            shaken = _moved(shaken, int(here), int(there))
        order = _settled(margin, shaken)
        found = _worth(margin[np.ix_(order, order)])
        if found > worth + NEAR:
            best, worth = order, found
    return best


def _settled(margin: Array, order: Ints) -> Ints:
    """The order after the best moves of one unit each, until no move is better."""
    while True:
        ordered = margin[np.ix_(order, order)]
        # Moving the unit at a to place b passes all between: their margins against it are lost on the way down and
        # won on the way up.
        total = np.cumsum(ordered, axis=1)
        down = np.diagonal(total)[:, None] - total
        up = np.diagonal(total)[:, None] - total + ordered
        gain = np.where(np.tri(len(order), k=-1, dtype=bool), up, down)
        here, there = np.unravel_index(np.argmax(gain), gain.shape)
        if gain[here, there] <= NEAR:
            return order
        order = _moved(order, int(here), int(there))


def _moved(order: Ints, here: int, there: int) -> Ints:
    """The order with the unit at one place put at another."""
    found = order.copy()
    if here < there:
        found[here:there] = order[here + 1 : there + 1]
    else:
        found[there + 1 : here + 1] = order[there:here]
    found[there] = order[here]
    return found


def _by_triangles(margin: Array) -> float:
    """What no order can exceed: of each triangle a before b before c before a one margin is lost, and counted once."""
    left = np.maximum(margin, 0.0)
    most = float(left.sum())
    row, column = np.nonzero(left)
    for place in np.argsort(left[row, column], kind="stable").tolist():
        a, b = row[place], column[place]
        while left[a, b] > NEAR:
            back = np.minimum(left[b], left[:, a])
            c = int(back.argmax())
            least = min(back[c], left[a, b])
            if least <= NEAR:
                break
            left[a, b] -= least
            left[b, c] -= least
            left[c, a] -= least
            most -= 2 * least
    return most


def _by_programs(margin: Array, order: Ints) -> tuple[Ints, float]:
    """The order, or a better one, and what no order can exceed."""
    small = len(margin) <= BRANCHING
    worth, bound = _worth(margin[np.ix_(order, order)]), float(np.abs(margin).sum()) / 2
    step = 2 * _step(margin)
    triangles, whole, stalled = np.empty((0, 4), dtype=np.int64), False, 0
    for _ in range(ROUNDS):
        before, limit = _program(margin, triangles, whole=whole)
        stalled = stalled + 1 if limit > bound - STALL * (bound - worth) else 0
        bound = min(bound, limit)
        candidate = _settled(margin, np.argsort(-before.sum(axis=1), kind="stable"))
        found = _worth(margin[np.ix_(candidate, candidate)])
        if found > worth + NEAR:
            order, worth = candidate, found
        new = _violated(before)
        if bound < worth + max(step - 1e-6, NEAR) or (whole and len(new) == 0):
            break
        if not small and (len(new) == 0 or stalled == PATIENCE or len(triangles) + len(new) > TRIANGLES):
            break
        whole = whole or len(new) == 0
        triangles = np.unique(np.vstack([triangles, new]), axis=0)
    if step > 0:  # the next better order is a whole step better
        bound = worth + step * np.floor((bound - worth) / step + 1e-6)
    return order, max(bound, worth)


def _step(margin: Array) -> float:
    """What all margins are whole multiples of, such as one vote, or the weight of one of equal parts; else zero."""
    for number in range(1, 201):
        if np.abs(margin * number - np.rint(margin * number)).max() < 1e-9:
            return 1 / number
    return 0.0


def _program(margin: Array, triangles: Ints, *, whole: bool) -> tuple[Array, float]:
    """How far each unit is put before each other (0 or 1 where ``whole``), and what the margins can sum to at most."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    pairs = np.triu_indices(len(margin), k=1)
    against = float(margin[pairs].sum())  # what the margins sum to with each unit before those of lower number
    rows, limits = _triangle_rows(triangles, len(margin))
    found = milp(
        -2 * margin[pairs],
        integrality=np.full(len(pairs[0]), int(whole)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(rows, -np.inf, limits) if len(triangles) else (),
        options={"node_limit": NODES, "mip_rel_gap": 0.0} if whole else {},
    )
    before = (margin > 0).astype(np.float64)
    if found.x is not None:
        before[pairs], before.T[pairs] = found.x, 1 - found.x
    least = found.mip_dual_bound if whole else found.fun
    return before, np.inf if least is None else -against - least


def _triangle_rows(triangles: Ints, count: int) -> tuple[csr_array, Array]:
    """Rows and limits that forbid a before b, b before c and c before a, for a < b < c, or (turned) the reverse."""
    from scipy.sparse import csr_array

    a, b, c, turned = triangles.T
    sign = np.where(turned == 1, -1.0, 1.0)
    number = np.zeros((count, count), dtype=np.int64)
    number[np.triu_indices(count, k=1)] = np.arange(count * (count - 1) // 2)
    row = np.tile(np.arange(len(triangles)), 3)
    column = np.concatenate([number[a, b], number[b, c], number[a, c]])
    value = np.concatenate([sign, sign, -sign])
    rows = csr_array((value, (row, column)), shape=(len(triangles), count * (count - 1) // 2))
    return rows, np.where(turned == 1, 0.0, 1.0)


def _violated(before: Array) -> Ints:
    """For each pair of units the triangle with it that goes most against the rules, if any; rows (a, b, c, turned)."""
    found = []
    for a in range(len(before) - 2):
        # All triangles a, b, c with a < b < c in both directions.
        later = np.arange(a + 1, len(before))
        forth = before[a, later][:, None] + before[np.ix_(later, later)] - before[a, later][None, :]
        forth = np.where(np.tri(len(later), dtype=bool), 0.5, forth)
        for turned, excess in ((0, forth - 1), (1, -forth)):
            worst = excess.argmax(axis=1)
            rows = np.flatnonzero(excess[np.arange(len(later)), worst] > 1e-6)
            found.append(
                np.stack([np.full(len(rows), a), later[rows], later[worst[rows]], np.full(len(rows), turned)], axis=1)
            )
    return np.concatenate(found)
