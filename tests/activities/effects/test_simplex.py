"""Nearest weighted means against another algorithm, the conditions of optimality, and cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import nnls

from softpower.activities.effects import simplex
from softpower.activities.effects.simplex import LEAST_RIDGE, nearest
from softpower.errors import BadRequest

SIZES = [(5, 3), (5, 20), (8, 60), (19, 38), (40, 16), (30, 80)]


def _points(coordinates: int, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(coordinates, count + 1))
    if seed % 2:
        points = points.cumsum(axis=0) + rng.normal(0, 5, count + 1)
    return points[:, 1:], points[:, 0]


def _by_lawson_and_hanson(points: np.ndarray, target: np.ndarray, ridge: float) -> np.ndarray:
    """The same problem without a bound on the sum, which a heavy row stands for."""
    heavy = 1e4 * np.sqrt((points**2).mean())
    count = points.shape[1]
    matrix = np.vstack([points - target[:, None], np.sqrt(ridge) * np.eye(count), heavy * np.ones(count)])
    weights = nnls(matrix, np.append(np.zeros(len(target) + count), heavy), maxiter=100_000)[0]
    return weights / weights.sum()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", [1, 2])
def test_with_a_ridge_weights_are_those_of_another_algorithm(size: tuple[int, int], seed: int) -> None:
    points, target = _points(*size, seed)
    ridge = float(size[0])
    np.testing.assert_allclose(
        nearest(points, target, ridge=ridge), _by_lawson_and_hanson(points, target, ridge), atol=1e-8
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_without_a_ridge_no_weights_found_by_another_algorithm_are_nearer(size: tuple[int, int], seed: int) -> None:
    points, target = _points(*size, seed)
    found, other = nearest(points, target), _by_lawson_and_hanson(points, target, 0.0)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1)
    square = ((points - target[:, None]) ** 2).sum(axis=0)
    assert ((points @ found - target) ** 2).sum() <= ((points @ other - target) ** 2).sum() + 2e-9 * np.median(square)


@pytest.mark.parametrize("size", SIZES)
def test_single_exchanges_end_where_exchanged_blocks_do(size: tuple[int, int]) -> None:
    """The way that blocks fall back on, from the corner that is worst."""
    points, target = _points(*size, 3)
    away = points - target[:, None]
    gram = away.T @ away + np.eye(size[1])
    corner = np.eye(size[1])[np.diag(gram).argmax()]
    np.testing.assert_allclose(simplex._one_by_one(gram, corner), nearest(points, target, ridge=1.0), atol=1e-6)


def test_blocks_that_go_round_in_circles_are_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    points, target = _points(8, 60, 4)
    found = nearest(points, target)
    monkeypatch.setattr(simplex, "_by_blocks", lambda gram, start: np.eye(len(gram))[0])
    away = (points - target[:, None]).T @ (points - target[:, None])
    objective = away + LEAST_RIDGE * np.median(np.diag(away)) * np.eye(60)
    other = nearest(points, target)
    assert other @ objective @ other == pytest.approx(found @ objective @ found, abs=4e-9 * np.median(np.diag(away)))


def test_the_order_of_points_does_not_matter_even_where_many_weights_are_as_good() -> None:
    points, target = _points(4, 30, 2)
    order = np.random.default_rng(5).permutation(30)
    np.testing.assert_allclose(nearest(points[:, order], target), nearest(points, target)[order], atol=1e-4)


def test_points_that_are_alike_share_their_weight() -> None:
    points, target = _points(6, 5, 1)
    weights = nearest(np.column_stack([points, points[:, 2]]), target)
    assert weights[2] == pytest.approx(weights[5], abs=1e-6)


def test_a_target_among_the_points_gets_all_the_weight_and_shift_and_scale_change_nothing() -> None:
    points, _ = _points(6, 5, 1)
    assert nearest(points, points[:, 3]).round(6).tolist() == [0, 0, 0, 1, 0]
    _, target = _points(6, 5, 3)
    np.testing.assert_allclose(nearest(1e6 * points + 5e6, 1e6 * target + 5e6), nearest(points, target), atol=1e-6)


@pytest.mark.parametrize("share", [0.1, 0.6, 0.9])
@pytest.mark.parametrize("alike", [False, True])
def test_remote_points_however_many_do_not_spoil_the_choice_among_near_ones(share: float, alike: bool) -> None:
    """With points so far away that none gets weight, the best mean is that of the near ones alone."""
    for seed in range(12):
        points, target = _points(6, 30, 2 * seed)
        far = int(share * 30)
        rest = points[:, far:]
        points[:, :far] = 10.0 ** (2 + seed % 5) * (points[:, :1] if alike else points[:, :far])
        found = nearest(points, target)
        other = _by_lawson_and_hanson(rest, target, 0.0)
        near = np.median(((rest - target[:, None]) ** 2).sum(axis=0))
        squares = [((points @ found - target) ** 2).sum(), ((rest @ other - target) ** 2).sum()]
        assert squares[0] <= squares[1] + 1e-6 * near
        mean = points @ found - target
        slope = (rest - target[:, None]).T @ mean  # conditions of Karush, Kuhn and Tucker
        assert mean @ mean - slope.min() <= 1e-4 * near


def test_points_that_all_lie_on_the_target_share_evenly() -> None:
    assert nearest(np.ones((3, 4)), np.ones(3)).tolist() == [0.25] * 4


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BadRequest, match=r"\(2, 3\), \(3,\)"):
        nearest(np.ones((2, 3)), np.ones(3))
