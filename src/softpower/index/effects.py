"""Whether each uncertain choice changes anything at all.

A factor that moves no intermediate number is more often a mistake than a finding: it is an error here. The order of the
replications is that of `softpower.index.sobol.design`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]


def changed(
    y: NDArray[Any],
    factors: int,
    *,
    choices: NDArray[Any] | None = None,
    names: Sequence[str] = (),
    moves: Callable[[int], bool] | None = None,
) -> Array:
    """Share of replications in which switching a factor changed anything; an error for one that never did.

    A factor without any effect is more often a mistake (a step that is skipped, a parameter nobody reads) than a
    finding, and would show as an index of 0.

    Parameters
    ----------
    y : array, shape (n * (factors + 2), ...), in the order of `sobol.design`: results, or anything that differs
        whenever an intermediate matrix does, such as a hash of each. Two NaN are equal.
    choices : array, shape (n * (factors + 2), factors): what each number of the design stood for. If given, the
        share is taken among the replications in which the choice itself was switched to another.
    names : of the factors, for messages
    moves : asked of a factor that changed no result whether it changes something before the results. If so its share
        is 0 and no error: weights move nothing where all parts place the units alike

    Returns
    -------
    array, shape (factor,), between 0 and 1

    Raises
    ------
    BadRequest
        Some factors changed nothing, or (with ``choices``) were never switched: all of them are named. Or two
        replications with the same choices differ.

    >>> from softpower.index import sobol
    >>> points = sobol.design(64, 2, seed=1)
    >>> choices = sobol.discrete(points, [1, 1])
    >>> changed(choices.sum(axis=1), 2, choices=choices).tolist()
    [1.0, 1.0]
    >>> changed(choices[:, 0], 2, choices=choices, names=["mean", "scale"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    softpower.errors.BadRequest: switching scale changed nothing in 64 replications: ...
    """
    results = np.asarray(y)
    n, left_over = divmod(len(results), factors + 2)
    if left_over or n < 1:
        raise BadRequest(
            f"{len(results)} replications do not fit {factors} factors: see `sobol.design` for their order"
        )
    runs = results.reshape(factors + 2, n, -1)
    differs = np.stack([_differ(runs[2 + i], runs[0]) for i in range(factors)])
    switched = np.ones((factors, n), dtype=bool) if choices is None else _switched(choices, factors, n)
    if (differs & ~switched).any():
        i, row = np.argwhere(differs & ~switched)[0]
        raise BadRequest(
            f"replications {row} and {(2 + i) * n + row} have the same choices and yet differ: something is drawn in "
            "them that the design does not decide; give it a seed, or make it a factor"
        )
    called = [names[i] if i < len(names) else f"factor {i}" for i in range(factors)]
    stuck = [called[i] for i in range(factors) if not switched[i].any()]
    if stuck:
        raise BadRequest(
            f"{', '.join(stuck)} always stood at one choice in {n} replications: give it an alternative, "
            "take more replications, or leave the factor out"
        )
    idle = [called[i] for i in range(factors) if not differs[i].any() and not (moves and moves(i))]
    if idle:
        raise BadRequest(
            f"switching {', '.join(idle)} changed nothing in {n} replications: is the step that reads it skipped, or "
            "its alternatives the same? Mend it or leave the factor out"
        )
    return np.asarray(differs.sum(axis=1) / switched.sum(axis=1), dtype=np.float64)


def _switched(choices: NDArray[Any], factors: int, n: int) -> Bools:
    """In which replications each factor was switched to another choice, shape (factor, n)."""
    made = np.asarray(choices)
    if made.shape != ((factors + 2) * n, factors):
        raise BadRequest(f"choices must have the shape {((factors + 2) * n, factors)}, not {made.shape}")
    own = made.reshape(factors + 2, n, factors)
    return np.stack([own[2 + i, :, i] != own[0, :, i] for i in range(factors)])


def _differ(a: NDArray[Any], b: NDArray[Any]) -> Bools:
    """Whether anything differs in each row."""
    unequal = a != b
    if a.dtype.kind == "f":
        unequal &= ~(np.isnan(a) & np.isnan(b))
    return np.asarray(unequal.any(axis=1), dtype=np.bool_)
