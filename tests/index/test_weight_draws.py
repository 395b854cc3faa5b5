"""Weights drawn from all that are possible, and from those of experts, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softpower.errors import BadRequest
from softpower.index import weight
from tests.index.polygons import area_and_centre, clipped


@pytest.mark.parametrize("parts", [2, 3, 6])
def test_unknown_weights_have_the_moments_of_the_uniform_distribution(parts: int) -> None:
    drawn = weight.unknown(parts, draws=40_000, rng=np.random.default_rng(1))
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    np.testing.assert_allclose(drawn.mean(axis=0), 1 / parts, rtol=0.02)
    np.testing.assert_allclose(drawn.var(axis=0), (parts - 1) / parts**2 / (parts + 1), rtol=0.04)
    # Any one weight is above t with probability (1 - t)^(parts - 1).
    np.testing.assert_allclose((drawn > 0.3).mean(axis=0), 0.7 ** (parts - 1), atol=0.01)


def test_bounded_weights_of_two_parts_are_uniform_between_their_bounds() -> None:
    drawn = weight.unknown(2, draws=20_000, rng=np.random.default_rng(2), low=[0.2, 0.1], high=[0.7, 1.0])[:, 0]
    assert 0.2 <= drawn.min() < 0.201
    assert 0.699 < drawn.max() <= 0.7
    np.testing.assert_allclose(np.quantile(drawn, [0.25, 0.5, 0.75]), [0.325, 0.45, 0.575], atol=0.006)


@given(st.lists(st.floats(0, 0.3), min_size=3, max_size=3), st.lists(st.floats(0.4, 0.9), min_size=3, max_size=3))
@settings(max_examples=25, deadline=None)
def test_bounded_weights_of_three_parts_have_the_centre_of_their_polygon(low: list[float], high: list[float]) -> None:
    drawn = weight.unknown(3, draws=4_000, rng=np.random.default_rng(3), low=low, high=high)
    polygon = np.eye(3)
    for part in range(3):
        polygon = clipped(polygon, np.eye(3)[part], low[part])
        polygon = clipped(polygon, -np.eye(3)[part], -high[part])
    _, centre = area_and_centre(polygon)
    assert (drawn >= np.array(low) - 1e-9).all()
    assert (drawn <= np.array(high) + 1e-9).all()
    np.testing.assert_allclose(drawn.mean(axis=0), centre, atol=0.02)


def test_bounds_that_leave_nothing_or_next_to_nothing_are_refused() -> None:
    rng = np.random.default_rng(1)
    for low, high in (([0.6, 0.6], [1.0, 1.0]), ([0.0, 0.0], [0.4, 0.4]), ([0.5, 0.0], [0.4, 1.0])):
        with pytest.raises(BadRequest, match="no weights of art, aid keep the bounds"):
            weight.unknown(2, draws=1, rng=rng, low=low, high=high, names=["art", "aid"])
    with pytest.raises(BadRequest, match="leave fewer than 1 in 10,000"):
        weight.unknown(8, draws=1, rng=rng, high=0.13)
    np.testing.assert_allclose(weight.unknown(2, draws=3, rng=rng, low=0.5, high=0.5), 0.5)


def test_drawing_experts_gives_the_spread_among_them_and_the_bootstrap_that_of_their_mean() -> None:
    rng = np.random.default_rng(4)
    shares = rng.dirichlet(np.ones(3), 12)
    drawn = weight.of_experts(shares, draws=40_000, rng=np.random.default_rng(1))
    mean = weight.of_experts(shares, draws=40_000, rng=np.random.default_rng(1), method="bootstrap")
    for found in (drawn, mean):
        np.testing.assert_allclose(found.sum(axis=1), 1)
        np.testing.assert_allclose(found.mean(axis=0), shares.mean(axis=0), atol=0.006)
    np.testing.assert_allclose(drawn.std(axis=0), shares.std(axis=0), rtol=0.03)
    # Rubin (1981): the variance of the mean under the Bayesian bootstrap is that among n values over n + 1.
    np.testing.assert_allclose(mean.std(axis=0), shares.std(axis=0) / np.sqrt(13), rtol=0.03)


def test_one_who_passed_over_a_node_is_stood_in_for_by_the_others_alike() -> None:
    shares = np.array([[1.0, 0.0], [np.nan, np.nan], [0.0, 1.0]])
    drawn = weight.of_experts(shares, draws=30_000, rng=np.random.default_rng(1))
    np.testing.assert_allclose(drawn.mean(axis=0), 0.5, atol=0.01)
    whole = weight.of_experts(np.eye(3), draws=30_000, rng=np.random.default_rng(1))
    # Those who did weigh are taken in the same draws as in any other node.
    assert (drawn[whole[:, 0] == 1] == shares[0]).all()
    assert (drawn[whole[:, 2] == 1] == shares[2]).all()
    with pytest.raises(BadRequest, match="no expert gave points"):
        weight.of_experts(np.full((2, 2), np.nan), draws=1, rng=np.random.default_rng(1))
