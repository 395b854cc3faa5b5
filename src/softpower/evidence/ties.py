"""Ties: directed values between two countries."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import polars as pl

from softpower import storage
from softpower.errors import BadRequest, UnknownIndicator

KEYS = ("measure", "origin", "partner", "year")
COLUMNS = (*KEYS, "value", "unit", "flag", "source_id", "vintage")
_STUDENTS = "ties_students_uis"
FILES = ("ties", "ties_flights", "ties_refugees", "ties_sister_cities", _STUDENTS, "ties_visas")

View = Literal["origins_of_host", "hosts_of_origin"]
_VIEWS = {"origins_of_host": "top_origins_of_host", "hosts_of_origin": "top_hosts_of_origin"}


def measures() -> tuple[str, ...]:
    """Names of all measures, sorted."""
    return tuple(sorted(measure for file in FILES for measure in storage.bundled(file)["measure"].unique()))


def ties(measure: str | None = None, *, pools: Literal["leave out", "keep"] = "leave out") -> pl.DataFrame:
    """Ties of ``measure``, or all: only between two named countries, each pair and year once.

    A sum of student ties is a lower bound, since only the largest hosts and origins are named; `student_view` has the
    rest in pools. Missions, sister cities and investment are incomplete too: no tie is not proof of none. How many
    countries have any tie, `coverage` says.

    Parameters
    ----------
    measure : one of `measures`
    pools : "keep" also gives refugees and asylum seekers whose origin is no country: ``_UNKNOWN``, ``_STATELESS``,
        ``_OTHER_TIB`` (Tibetans); those of students are left out, since its two views may not be mixed

    Returns
    -------
    DataFrame
        Columns ``measure``, ``origin``, ``partner`` (ISO3), ``year`` (int16), ``value`` (float64), ``unit``, ``flag``
        (the publisher's remark or null), ``source_id``, ``vintage``; sorted by the first four, which are unique.

    Raises
    ------
    UnknownIndicator
        No such measure.
    BadRequest
        ``pools`` is something else.
    """
    if pools not in ("leave out", "keep"):
        raise BadRequest(f"pools {pools!r}: give 'leave out' or 'keep'")
    return _ties(storage.DATA, measure, pools)


@lru_cache(maxsize=64)
def _ties(_folder: object, measure: str | None, pools: str) -> pl.DataFrame:
    """One table for all who ask; frames of Polars are never changed in place."""
    pooled = pl.col("origin").str.starts_with("_") | pl.col("partner").str.starts_with("_")
    parts = []
    for file in FILES:
        table = storage.bundled(file)
        if measure is not None:
            table = table.filter(pl.col("measure") == measure)
        if pools == "leave out" or file == _STUDENTS:
            table = table.filter(~pooled)
        parts.append(table.select(COLUMNS))
    found = pl.concat(parts).sort(KEYS)
    if measure is not None and found.is_empty():
        from difflib import get_close_matches

        raise UnknownIndicator(measure, nearest=get_close_matches(measure, measures(), n=3))
    return found


def coverage(measure: str | None = None) -> pl.DataFrame:
    """How far ``measure``, or each one, reaches: what has no row among few origins or partners is unknown, not none.

    Returns
    -------
    DataFrame
        Columns ``measure``, ``origins``, ``partners``, ``pairs`` (how many have a row in any year, zeros included),
        ``first``, ``last`` (years), ``years`` (how many there are); sorted by the first. Only named countries count.

    Raises
    ------
    UnknownIndicator
        No such measure.

    >>> coverage("trade_musd").row(0)
    ('trade_musd', 166, 166, 22588, 2006, 2006, 1)
    """
    return (
        ties(measure)
        .group_by("measure")
        .agg(
            origins=pl.col("origin").n_unique(),
            partners=pl.col("partner").n_unique(),
            pairs=pl.struct("origin", "partner").n_unique(),
            first=pl.col("year").min(),
            last=pl.col("year").max(),
            years=pl.col("year").n_unique(),
        )
        .sort("measure")
    )


def student_view(view: View) -> pl.DataFrame:
    """One of the two published views of student mobility, whose rows sum to totals.

    ``origins_of_host`` names the ten largest origins of each host, ``hosts_of_origin`` the ten largest hosts of each
    origin. The rest is pooled in ``_OTHER`` and ``_UNKNOWN_<continent>``; ``_FORMER_<code>`` is a state that is no
    more. The views count the same students twice over: never add them.

    Returns
    -------
    DataFrame
        The columns of `ties`.

    Raises
    ------
    BadRequest
        There is no such view.
    """
    if view not in _VIEWS:
        raise BadRequest(f"view {view!r}: give one of {', '.join(_VIEWS)}")
    return storage.bundled(_STUDENTS).filter(pl.col("view").is_in(["both", _VIEWS[view]])).select(COLUMNS)
