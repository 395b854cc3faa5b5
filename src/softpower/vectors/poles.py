"""With whom states vote where two poles oppose each other."""

from __future__ import annotations

import numpy as np
import polars as pl

from softpower.errors import BadRequest, NotEnoughData
from softpower.vectors.agreement import ABSTAIN
from softpower.vectors.assembly import YEAR_ZERO, Assembly


def between_poles(found: Assembly, one: str, other: str, *, first: int, last: int) -> pl.DataFrame:
    """How each state voted on the roll calls on which one pole said yes and the other no.

    Parameters
    ----------
    one, other : codes of the poles
    first, last : years of the sessions, each the number of a session plus 1945

    Returns
    -------
    DataFrame
        Columns ``iso3``, ``with_one``, ``with_other``, ``abstained`` (numbers of roll calls) and ``n_votes``, their
        sum; without the poles, and without states that cast no ballot.

    Raises
    ------
    BadRequest
        A pole never voted, or both are one state.
    NotEnoughData
        The poles opposed each other on no roll call of these years.

    References
    ----------
    Yuneman (2023), Russia in Global Affairs 21(2), follows the vote between two poles in this way.
    """
    absent = [pole for pole in (one, other) if pole not in found.states]
    if absent or one == other:
        raise BadRequest(f"{absent[0]} never voted" if absent else f"{one} cannot oppose itself: name two states")
    at = found.states.index(one), found.states.index(other)
    counts = np.zeros((3, len(found.states)), dtype=np.int64)
    for session in found.sessions:
        if not first <= session + YEAR_ZERO <= last:
            continue
        table = found.table(session)
        mine, theirs = table[:, at[0]], table[:, at[1]]
        opposed = (np.minimum(mine, theirs) == 1) & (np.maximum(mine, theirs) == 3)
        for kind, ballot in enumerate((mine, theirs, np.full_like(mine, ABSTAIN))):
            counts[kind] += (table[opposed] == ballot[opposed][:, None]).sum(axis=0)
    if not counts[0, at[0]]:
        raise NotEnoughData(f"{one} and {other} opposed each other on no roll call of {first}-{last}")
    return (
        pl.DataFrame(
            {
                "iso3": found.states,
                "with_one": counts[0],
                "with_other": counts[1],
                "abstained": counts[2],
                "n_votes": counts.sum(axis=0),
            }
        )
        .filter((pl.col("n_votes") > 0) & ~pl.col("iso3").is_in([one, other]))
        .sort("iso3")
    )
