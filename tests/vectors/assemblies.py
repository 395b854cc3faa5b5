"""Assemblies invented for tests."""

from __future__ import annotations

import polars as pl

from softpower.vectors.assembly import Assembly, assembly


def invented(
    rows: list[tuple[int, dict[str, int]]],
    *,
    titles: list[str | None] | None = None,
    issues: list[str | None] | None = None,
) -> Assembly:
    """Sessions with the ballots of each roll call; 0 is an absence."""
    calls = pl.DataFrame(
        {
            "rcid": range(1, len(rows) + 1),
            "session": [session for session, _ in rows],
            "is_part": [False] * len(rows),
            "short": titles or [None] * len(rows),
            "descr": [None] * len(rows),
            "issues": issues or [None] * len(rows),
        },
        schema_overrides={"session": pl.Int16, "short": pl.String, "descr": pl.String, "issues": pl.String},
    )
    cast = [(at + 1, iso3, vote) for at, (_, votes) in enumerate(rows) for iso3, vote in votes.items() if vote]
    ballots = pl.DataFrame(cast, schema={"rcid": pl.Int64, "iso3": pl.String, "vote": pl.Int8}, orient="row")
    return assembly(ballots, calls, where="invented votes")
