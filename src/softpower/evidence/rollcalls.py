"""Roll calls of the General Assembly and the ballots cast on them, as bundled."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import polars as pl

from softpower import storage

# States that voted and are no more, by the codes under which they stand in the ballots (ISO 3166-3, alpha-3).
FORMER_STATES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "CSK": "Czechoslovakia",
        "DDR": "German Democratic Republic",
        "EAZ": "Zanzibar",
        "YMD": "Democratic Yemen",
        "YUG": "Yugoslavia",
    }
)


def roll_calls() -> pl.DataFrame:
    """One row for each roll call.

    Returns
    -------
    DataFrame
        Columns ``rcid``, ``session`` (int16), ``date``, ``resolution``, ``is_part`` (a vote on a paragraph or an
        amendment; null where the source does not say), ``important``, ``issues`` (codes joined by ``|``: co
        colonialism, di disarmament, ec development, hr human rights, me Palestine, nu nuclear matters), ``short``,
        ``descr``.
    """
    return storage.bundled("roll_calls")


def ballots() -> pl.DataFrame:
    """One row for each ballot: ``rcid``, ``iso3`` (or a code of `FORMER_STATES`), ``vote`` (1 yes, 2 abstain, 3 no).

    An absence is no row. Yugoslavia votes as YUG until session 46, Serbia as SRB from session 47.
    """
    return storage.bundled("ballots")
