"""What votes in the General Assembly say of states: where they stand, and how often two vote alike."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib.metadata import version

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from softpower import storage
from softpower.errors import BadRequest
from softpower.evidence.rollcalls import ballots, roll_calls
from softpower.vectors.agreement import Rule, agreement, common, crosstab
from softpower.vectors.assembly import YEAR_ZERO, Assembly, assembly
from softpower.vectors.ideal_points import SIMULATIONS, first_positions, ideal_points

Progress = Callable[[str], None]

# The state that stands above zero on the scale of ideal points, as in the published ones.
ANCHOR = "USA"


def bundled_assembly() -> Assembly:
    """Sessions 1 to 74 (1946 to January 2020), as bundled."""
    return assembly(ballots(), roll_calls(), where="bundled votes")


def ideal_point_table(
    found: Assembly,
    *,
    anchor: str = ANCHOR,
    simulations: int = SIMULATIONS,
    seed: int = 7,
    tell: Progress = lambda _: None,
) -> pl.DataFrame:
    """Ideal points of all states in all sessions, with 90% intervals.

    Parameters
    ----------
    anchor : the state that stands above zero
    simulations : sets of simulated votes that the intervals rest on

    Returns
    -------
    DataFrame
        Columns ``iso3, session, year, ideal_point, low, high``, by state and session. ``year`` is the session plus
        1945. Over all rows the mean is 0 and the standard deviation 1.

    Raises
    ------
    BadRequest
        The anchor never voted.
    """
    if anchor not in found.states:
        raise BadRequest(f"{anchor} never voted; name another anchor of the scale")
    at = found.states.index(anchor)
    with threadpool_limits(1):  # many small products: threads would wait for one another
        points = ideal_points(found.votes(), anchor=at, simulations=simulations, seed=seed, tell=tell)
    low, high = points.interval()
    return _by_session(found, {"ideal_point": points.point, "low": low, "high": high})


def bundled_ideal_points(*, seed: int = 7, tell: Progress = lambda _: None) -> pl.DataFrame:
    """`ideal_point_table` of the bundled votes without those on paragraphs and amendments, kept in the cache."""

    def make() -> bytes:
        return storage.parquet_bytes(ideal_point_table(bundled_assembly().whole(), seed=seed, tell=tell))

    key = f"ideal points {storage.data_version()} {storage.code_version('vectors')} {version('numpy')} {seed}"
    return pl.read_parquet(io.BytesIO(storage.cached(key, make)))


def fast_table(found: Assembly, *, anchor: str = ANCHOR) -> pl.DataFrame:
    """Positions by the first singular vector of each session: columns ``iso3, session, year, position``.

    On a scale of each session's own (root mean square 1) and without intervals: for a first look.
    """
    votes = found.votes().contested()
    with threadpool_limits(1):
        x = first_positions(votes, anchor=found.states.index(anchor))
    voted = np.zeros(x.shape, dtype=bool)
    voted[votes.session, votes.state] = True
    return _by_session(found, {"position": np.where(voted, x, np.nan)})


def agreement_table(found: Assembly, rule: Rule) -> pl.DataFrame:
    """Agreement of every pair of states in every session, by `softpower.vectors.agreement.RULES`.

    Returns
    -------
    DataFrame
        Columns ``origin, partner, year, agreement, n_votes``; both directions of each pair, without pairs that never
        voted on the same roll call. Where a rule that corrects for chance has nothing to correct (both always cast the
        same ballot) ``agreement`` is null.
    """
    parts = []
    states = np.array(found.states)
    for session in found.sessions:
        with threadpool_limits(1):
            joint = crosstab(found.table(session))
        counts = common(joint)
        np.fill_diagonal(counts, 0)
        origin, partner = np.nonzero(counts)
        parts.append(
            pl.DataFrame(
                {
                    "origin": states[origin],
                    "partner": states[partner],
                    "year": np.full(len(origin), session + YEAR_ZERO, dtype=np.int16),
                    "agreement": agreement(joint, rule)[origin, partner],
                    "n_votes": counts[origin, partner].astype(np.int32),
                }
            )
        )
    return pl.concat(parts).with_columns(pl.col("agreement").fill_nan(None)).sort("origin", "partner", "year")


def _by_session(found: Assembly, columns: dict[str, np.ndarray]) -> pl.DataFrame:
    """Arrays of shape (session, state) as rows, without those that hold nothing."""
    first = next(iter(columns.values()))
    session, state = np.nonzero(np.isfinite(first))
    number = session + found.sessions[0]
    return pl.DataFrame(
        {
            "iso3": np.array(found.states)[state],
            "session": number.astype(np.int16),
            "year": (number + YEAR_ZERO).astype(np.int16),
            **{name: values[session, state] for name, values in columns.items()},
        }
    ).sort("iso3", "session")
