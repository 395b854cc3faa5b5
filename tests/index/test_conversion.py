"""Conversion of potential into performance: what the models say side by side, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from softpower.errors import BadRequest, UnknownNode
from softpower.index import Index
from softpower.index.conversion import Conversion, conversion, positive
from softpower.index.frontier import dea


@pytest.fixture(scope="module")
def found(index: Index) -> Conversion:
    return conversion(index, draws=100)


def test_four_models_stand_side_by_side_each_with_its_interval(found: Conversion) -> None:
    assert [each.model for each in found.results] == ["dea", "order_m", "sfa_half_normal", "sfa_exponential"]
    for each in found.results:
        assert len(each.efficiency) == len(found.units)
        assert (each.low <= each.high).all()
        assert (each.efficiency > 0).all()


def test_correction_for_bias_never_raises_an_efficiency(index: Index, found: Conversion) -> None:
    plain = dea(index.scores("potential").value, index.scores("performance").value).efficiency
    assert not found.moved
    assert found.uncorrected == pytest.approx(plain, abs=1e-12)
    assert (found.results[0].efficiency < plain).all()


def test_peers_of_a_unit_have_an_efficiency_of_one_before_correction(found: Conversion) -> None:
    best = {unit for unit, each in zip(found.units, found.uncorrected, strict=True) if each > 1 - 1e-9}
    assert {peer.unit for peers in found.peers for peer in peers} <= best


def test_scores_below_one_are_moved_to_1_100_in_the_same_order() -> None:
    scores = np.array([-3.0, 0.0, 2.0, 0.5])
    moved, was = positive(scores)
    assert was
    assert (moved.min(), moved.max()) == (1.0, 100.0)
    assert np.argsort(moved).tolist() == np.argsort(scores).tolist()


def test_nodes_that_share_scores_are_refused(index: Index) -> None:
    pillar = index.model.children("performance")[0]
    with pytest.raises(BadRequest, match="share scores"):
        conversion(index, inputs=[pillar])


def test_an_unknown_node_is_named(index: Index) -> None:
    with pytest.raises(UnknownNode, match="potentail"):
        conversion(index, inputs=["potentail"])
