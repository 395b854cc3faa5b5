"""The backbone against the integral in its paper, against random breaks, and on ties that must stay or go."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from softpower.errors import BadRequest
from softpower.vectors.backbone import backbone, chances


@pytest.mark.parametrize(("share", "ties"), [(0.5, 2), (0.3, 5), (0.05, 40), (0.9, 11)])
def test_the_chance_of_a_share_is_the_integral_of_the_paper(share: float, ties: int) -> None:
    """Serrano, Boguna & Vespignani (2009), equation 2: one less (k - 1) times the integral of (1 - x)^(k - 2)."""
    weights = np.zeros((ties + 1, ties + 1))
    weights[0, 1] = share
    weights[0, 2:] = (1 - share) / (ties - 1)
    integral, _ = quad(lambda x: (1 - x) ** (ties - 2), 0, share)
    assert chances(weights)[0][0, 1] == pytest.approx(1 - (ties - 1) * integral, abs=1e-12)


def test_of_totals_broken_at_random_a_twentieth_of_the_parts_stands_out() -> None:
    random = np.random.default_rng(3)
    n = 41
    kept = []
    for _ in range(100):
        weights = np.zeros((n, n))
        weights[0, 1:] = np.diff(np.sort(random.random(n - 2)), prepend=0.0, append=1.0)
        sent, _ = chances(weights)
        kept.append((sent[0, 1:] < 0.05).mean())
    assert np.mean(kept) == pytest.approx(0.05, abs=0.01)


def test_a_tie_may_stand_out_for_its_partner_alone() -> None:
    """A giant sends the same to ten countries; for one of them that is nearly all it gets from eight."""
    n = 12
    weights = np.zeros((n, n))
    weights[0, 1:11] = 100.0
    weights[2:9, 1] = 1.0
    sent, received = chances(weights)
    assert sent[0, 1] == pytest.approx(0.9**9)
    assert received[0, 1] == pytest.approx((7 / 107) ** 7)
    assert np.argwhere(backbone(weights)).tolist() == [[0, 1]]
    assert np.argwhere(backbone(weights.T)).tolist() == [[1, 0]]


def test_equal_shares_and_an_only_tie_do_not_stand_out() -> None:
    assert not backbone(np.ones((20, 20))).any()
    only = np.zeros((3, 3))
    only[0, 1] = 5.0
    assert not backbone(only, alpha=0.99).any()


def test_the_unit_and_a_tie_to_oneself_do_not_matter() -> None:
    random = np.random.default_rng(4)
    weights = random.pareto(1.0, (30, 30))
    with_self = weights + 1e6 * np.eye(30)
    assert backbone(weights).any()
    assert (backbone(weights) == backbone(1000 * with_self)).all()


def test_an_unknown_tie_is_in_no_total() -> None:
    weights = np.array([[0.0, 3, 1, np.nan], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    known = np.nan_to_num(weights)
    for found, expected in zip(chances(weights), chances(known), strict=True):
        np.testing.assert_array_equal(found, expected)
    assert np.isnan(weights[0, 3])  # what was handed over is as it was


@pytest.mark.parametrize(
    ("weights", "alpha", "says"),
    [
        (np.ones((2, 3)), 0.05, r"square.*\(2, 3\)"),
        (np.array([[0.0, -1], [0, 0]]), 0.05, "-1 from place 0 to place 1"),
        (np.array([[0.0, 1], [np.inf, 0]]), 0.05, "inf from place 1 to place 0"),
        (np.ones((2, 2)), 1.0, "between 0 and 1"),
    ],
)
def test_what_cannot_be_a_network_is_refused(weights: np.ndarray, alpha: float, says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        backbone(weights, alpha=alpha)
