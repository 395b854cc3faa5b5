"""The aggregation that a model's step asks for, from the plain functions of `softpower.index.aggregate`."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest
from softpower.index import aggregate, kemeny, outrank
from softpower.index.benefit_of_the_doubt import with_gaps
from softpower.index.decision_units import few_units
from softpower.index.model import Aggregate
from softpower.index.refusals import ROUNDING, Origin, refuse_mean, refuse_scores

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Solve = Callable[[Array, Array, Ints], Array]

# Cells whose powers are held at once: 32 MB.
BLOCK = 4_000_000
# Seconds between two lines of progress.
TELL_EVERY = 0.5


@dataclass(frozen=True, slots=True)
class Mean:
    """A quasi-arithmetic mean f^-1(sum of w f(x)): ``forward`` is f, applied to each part, ``back`` its inverse.

    It can be summed up part by part, without holding all parts of all replications at once. Scores that it cannot take
    are to be refused before, by `softpower.index.refusals.refuse_scores`.
    """

    forward: Callable[[Array], Array]
    back: Callable[[Array], Array]


def mean_of(step: Aggregate) -> Mean | None:
    """The quasi-arithmetic mean of a step, which can be summed up part by part; None where it is another function."""
    if step.method == "arithmetic" or (step.method == "power" and step.power == 1):
        return Mean(lambda x: x, lambda x: x)
    if step.method == "geometric" or (step.method == "power" and step.power == 0):
        return Mean(partial(_log, floor=step.floor), partial(_exp, floor=step.floor))
    return None  # sums of powers overflow but for those of the extreme part of each unit, which is known of all at once


@dataclass
class Watch:
    """What comes up while nodes are joined.

    Attributes
    ----------
    tell : called with a line of text from time to time where much is to be done
    gaps : for nodes joined by "kemeny" by what share of its agreement a ranking of any replication could at most be
        better
    few : for nodes joined by "benefit_of_the_doubt" what to keep in mind where units are few
    notes : what else there is to keep in mind
    """

    tell: Callable[[str], None] = lambda _: None
    gaps: dict[str, float] = field(default_factory=dict)
    few: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def cautions(self, where: str) -> Iterator[str]:
        """What to keep in mind, one line each; ``where`` says which of the builds this was about."""
        for node, gap in self.gaps.items():
            if gap > kemeny.PROVEN:
                most = f"{gap:.2%}" if gap >= 1e-4 else "0.01%"
                yield f"{node}, {where}: a ranking could agree better with comparisons of pairs, by {most} at most"
        for node, caution in self.few.items():
            yield f"{node}: {caution}"
        yield from self.notes


@dataclass(frozen=True)
class Joint:
    """A node to be joined by a function that needs all parts at once.

    Attributes
    ----------
    x : scores of its parts, shape (draw, row, part), NaN where missing; or (row, part) where all draws share them,
        which power means alone take
    shares : weights, shape (draw, part), not all zero in any draw; a part whose weight is zero plays no role
    years : number of years that the rows run through, unit by unit: units are compared within their year
    node, parts, rows : names, for bounds and messages
    origin : where the step comes from, for messages
    absent : parts of the node that this build does without
    central : whether this is the central build
    watch : told what comes up
    """

    x: Array
    shares: Array
    years: int
    node: str = ""
    parts: Sequence[str] = ()
    rows: Sequence[str] = ()
    absent: Sequence[str] = ()
    central: bool = False
    watch: Watch = field(default_factory=Watch)
    origin: Origin | None = None

    @property
    def named(self) -> Sequence[str]:
        """Names of the parts, or their numbers where they have none."""
        return self.parts or [str(part) for part in range(self.x.shape[-1])]

    @property
    def told(self) -> Origin:
        """Where the step comes from, as far as is known."""
        return self.origin or Origin(node=self.node, rows=self.rows, table="", central=self.central)


def join(step: Aggregate, joint: Joint) -> Array:
    """Scores of a node, shape (draw, row)."""
    x = joint.x
    if step.method == "mazziotta_pareto":
        return _mazziotta_pareto(step, joint)
    if step.method == "owa":
        if len(step.order) != x.shape[2]:
            raise BadRequest(
                f"{joint.told.head}: owa needs one weight for each of {x.shape[2]} places in order, not "
                f"{len(step.order)}: {', '.join(joint.parts) or 'its parts'}"
            )
        return aggregate.owa(x, np.array(step.order), min_known=step.known)
    if step.method in ("harmonic", "power"):
        return _power(step, joint)
    if step.method == "copeland":
        return _each_table(step, joint, _copeland)
    if step.method == "kemeny":
        return _each_table(step, joint, partial(_kemeny, step, joint))
    if step.method == "benefit_of_the_doubt":
        return _doubt(step, joint)
    raise BadRequest(f"no aggregation is called {step.method!r}")


def _mazziotta_pareto(step: Aggregate, joint: Joint) -> Array:
    """Means less a penalty; units that cannot be ranked stop nothing."""
    plain = partial(
        aggregate.mazziotta_pareto,
        penalty=step.penalty,
        ddof=step.ddof,
        min_known=step.known,
        names=joint.rows or None,
    )
    try:
        return plain(joint.x, joint.shares)
    except BadRequest as error:
        if joint.told.ranked is None:
            raise refuse_mean(step, joint.told, error) from error
    try:
        return plain(np.where(joint.told.ranked()[:, None], joint.x, np.nan), joint.shares)
    except BadRequest as error:
        raise refuse_mean(step, joint.told, error) from error


def _power(step: Aggregate, joint: Joint) -> Array:
    """Power means, so many draws at a time as powers of all parts fit into memory."""
    p = -1.0 if step.power is None else step.power
    x, shares = joint.x, joint.shares
    told = np.where((shares > 0).any(axis=0), x, np.nan)
    refuse_scores(step, ((part, told[..., k], slice(None)) for k, part in enumerate(joint.named)), joint.told)
    # A zero may have come out of sums as a little less; what is left out of reach is of units that are not ranked.
    x = np.where(x > -ROUNDING, np.maximum(x, 0.0), np.nan) if p > 0 else np.where(x > 0, x, np.nan)
    scores = np.empty((len(shares), x.shape[-2]))
    block = max(1, BLOCK // x[0].size) if x.ndim == 3 else len(shares)
    for begin in range(0, len(shares), block):
        draws = slice(begin, begin + block)
        scores[draws] = aggregate.power(x if x.ndim == 2 else x[draws], shares[draws], p=p, min_known=step.known)
    return scores


def _each_table(step: Aggregate, joint: Joint, solve: Solve) -> Array:
    """Scores of the units of each year and draw, from the parts that count in it, compared with each other.

    Tables that are the same in several draws are solved once.

    Parameters
    ----------
    solve : scores of units, shape (unit,), from their parts, shape (unit, part), the weights of these, and their
        numbers among all parts, both of shape (part,)
    """
    x, shares = joint.x, joint.shares
    draws, rows = x.shape[:2]
    scores = np.full((draws, rows), np.nan)
    units, told = rows // joint.years, time.monotonic()
    for year in range(joint.years):
        here = slice(year * units, (year + 1) * units)
        solved: dict[bytes, Array] = {}
        for draw in range(draws):
            table, weights = x[draw, here], shares[draw]
            key = hashlib.blake2b(table.tobytes() + weights.tobytes(), digest_size=16).digest()
            if key not in solved:
                columns = np.flatnonzero(weights > 0)
                share = np.isfinite(table[:, columns]).sum(axis=1) / max(columns.size, 1)
                has = np.flatnonzero((share > 0) & (share >= step.known - ROUNDING))
                solved[key] = np.full(units, np.nan)
                if has.size:
                    solved[key][has] = solve(table[np.ix_(has, columns)], weights[columns], columns)
                if time.monotonic() - told > TELL_EVERY:
                    told = time.monotonic()
                    done = year * draws + draw + 1
                    joint.watch.tell(f"Joining {joint.node} by {step.method}, {done:,} of {joint.years * draws:,}")
            scores[draw, here] = solved[key]
    return scores


def _copeland(table: Array, weights: Array, _columns: Ints) -> Array:
    """Share of the other units of the year that a unit beats by most of the weights, ties counting half, on 0-100."""
    if len(table) == 1:
        return np.array([50.0])
    return 50 * (1 + outrank.copeland(outrank.outranking(table, weights)) / (len(table) - 1))


def _kemeny(step: Aggregate, joint: Joint, table: Array, weights: Array, _columns: Ints) -> Array:
    """Share of the other units of the year that a unit is ranked before, on 0-100."""
    sought = step.proof == "all" or (step.proof == "central" and joint.central)
    found = kemeny.places(table, weights, proof="sought" if sought else "none")
    joint.watch.gaps[joint.node] = max(joint.watch.gaps.get(joint.node, 0.0), found.gap)
    return found.score


def _doubt(step: Aggregate, joint: Joint) -> Array:
    """Share of the best that a unit reaches with the weights that are kindest to it, on 0-100."""
    parts = joint.named
    counted = np.where(joint.shares[:, None] > 0, joint.x, np.nan)
    # Units are compared with all others, also with those that are not ranked.
    origin = replace(joint.told, ranked=None)
    refuse_scores(step, ((part, counted[:, :, k], slice(None)) for k, part in enumerate(parts)), origin)
    units = joint.x.shape[1] // joint.years
    if few_units(units, 1, len(parts)):
        joint.watch.few[joint.node] = (
            f"{'1 unit is' if units == 1 else f'{units} units are'} few for weights that suit each best over "
            f"{len(parts)} parts: most have no equal and come out at the top; bound the shares, or take fewer parts"
        )
    usual = step.share or [0.0, 1.0]
    every = [*parts, *joint.absent]
    low, high = np.array([step.shares.get(part, usual) for part in every]).T
    if low.sum() > 1 + ROUNDING or high.sum() < 1 - ROUNDING:
        raise BadRequest(
            f"{joint.told.head}: the shares of {', '.join(every)} must sum to 1; these bounds let them sum to "
            f"{low.sum():g} at least and {high.sum():g} at most: widen share, or give each part its own in shares"
        )
    prefer = np.array([step.prefer.get(part, 1.0) for part in every]) if step.prefer else None

    def solve(table: Array, _weights: Array, columns: Ints) -> Array:
        # Parts that are left out give their share to the others, as missing ones do.
        whole = np.full((len(table), len(every)), np.nan)
        whole[:, columns] = table
        return 100.0 * with_gaps(whole, low=low, high=high, prefer=prefer)

    # Weights play no role but for being zero.
    return _each_table(step, replace(joint, shares=(joint.shares > 0).astype(np.float64)), solve)


def _log(x: Array, *, floor: float) -> Array:
    return np.log(floor + (100.0 - floor) / 100.0 * np.maximum(x, 0.0) if floor else x)


def _exp(x: Array, *, floor: float) -> Array:
    back = np.exp(x)
    return (back - floor) * 100.0 / (100.0 - floor) if floor else back
