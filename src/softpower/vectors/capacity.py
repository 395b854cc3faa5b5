"""Formal bilateral influence capacity: how much one state could lean on another, from what binds them.

*Bandwidth* is how much passes between the two, *dependence* how much the second relies on the first; their product is
the capacity, as of A over B. The formula was recovered from published rows, which it reproduces to seven digits; the
publisher prints weights, not code.

References
----------
Moyer, Sweijs, Burrows & Van Manen (2018), Power and influence in a globalized world, Atlantic Council.
Moyer, Meisel, Matthews, Bohl & Burrows (2021), China-US competition: measuring global influence, Atlantic Council and
Pardee Center.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from softpower.errors import BadRequest

Array = NDArray[np.float64]

# Columns of the published file with their weights. Those of bandwidth are moving averages on a scale where 1 is the
# largest of a reference year; those of dependence are moving averages in per cent of what B has.
BANDWIDTH: Final[Mapping[str, float]] = MappingProxyType(
    {
        "norm_lor_avg_ma": 0.11,  # level of diplomatic representation
        "norm_igos_ma": 0.19,  # shared memberships in organisations, weighted
        "norm_tradeagreement_ma": 0.14,
        "norm_lntotaltrade_ma": 0.35,
        "norm_allianceindex_ma": 0.13,
        "norm_armstotalstock_ma": 0.08,
    }
)
DEPENDENCE: Final[Mapping[str, float]] = MappingProxyType(
    {
        "aidabgdpb_ma": 0.21,  # aid of A to B, per cent of B's GDP
        "aidaballaidb_ma": 0.12,  # and of all aid to B
        "totaltradeabgdpb_ma": 0.28,
        "totaltradeaballtradeb_ma": 0.16,
        "armimportstockabmilstockb_ma": 0.10,
        "armsimportsstockaballimstockb_ma": 0.13,
    }
)
# Largest value of each in the published series (1960-2023): the scales end there.
MOST_BANDWIDTH: Final = 3.1831572
MOST_DEPENDENCE: Final = 4.1227694
MOST_CAPACITY: Final = 0.58199161


@dataclass(frozen=True)
class Capacity:
    """``bandwidth``, ``dependence`` and their product on its scale, ``capacity``; shape (row,); about 0 to 1."""

    bandwidth: Array
    dependence: Array
    capacity: Array


def capacity(columns: Mapping[str, Array]) -> Capacity:
    """Bandwidth, dependence and capacity of A over B.

    Parameters
    ----------
    columns : those named in `BANDWIDTH` and `DEPENDENCE`, shape (row,), not negative; NaN where unknown, and then so is
        what rests on it

    Raises
    ------
    BadRequest
        A column is missing, or holds a negative or infinite value.

    >>> zero = dict.fromkeys([*BANDWIDTH, *DEPENDENCE], np.zeros(1))
    >>> found = capacity({**zero, "norm_lntotaltrade_ma": np.ones(1), "totaltradeabgdpb_ma": np.array([10.0])})
    >>> found.bandwidth.round(4).tolist(), found.dependence.round(4).tolist(), found.capacity.round(4).tolist()
    ([0.11], [0.1629], [0.0308])
    """
    missing = [name for name in (*BANDWIDTH, *DEPENDENCE) if name not in columns]
    if missing:
        raise BadRequest(f"influence capacity needs the column{'s' * (len(missing) > 1)} {', '.join(missing)}")
    for name in (*BANDWIDTH, *DEPENDENCE):
        bad = np.isinf(columns[name]) | (columns[name] < 0)
        if bad.any():
            at = int(np.argmax(bad))
            raise BadRequest(
                f"column {name}, row {at + 1}: {columns[name][at]:g} ({int(bad.sum())} such); give shares and stocks "
                "that are not negative"
            )
    width = sum((w * columns[name] for name, w in BANDWIDTH.items()), start=np.zeros(())) / MOST_BANDWIDTH
    reliance = (
        sum((w * np.log1p(columns[name]) for name, w in DEPENDENCE.items()), start=np.zeros(())) / MOST_DEPENDENCE
    )
    return Capacity(width, reliance, width * reliance / MOST_CAPACITY)
