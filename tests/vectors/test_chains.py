"""Random walks against the dense matrix they stand for."""

from __future__ import annotations

import numpy as np
import pytest

from softpower.vectors.chains import draw, smooth


def _dense(data: np.ndarray, step: float, first: float) -> np.ndarray:
    """The precision of one walk."""
    n = len(data)
    whole = np.diag(data.astype(float))
    whole[0, 0] += 1 / first
    for k in range(1, n):
        whole[k - 1 : k + 1, k - 1 : k + 1] += np.array([[1, -1], [-1, 1]]) / step
    return whole


@pytest.mark.parametrize("sessions", [1, 2, 9])
def test_mean_and_variance_are_those_of_the_dense_matrix(sessions: int) -> None:
    random = np.random.default_rng(sessions)
    data = random.gamma(1.0, 5.0, (sessions, 4)) * (random.random((sessions, 4)) < 0.7)
    pulled = random.normal(0, 3, (sessions, 4))
    mean, variance = smooth(data, pulled, step=0.3, first=2.0)
    for state in range(4):
        inverse = np.linalg.inv(_dense(data[:, state], 0.3, 2.0))
        np.testing.assert_allclose(mean[:, state], inverse @ pulled[:, state], rtol=1e-10)
        np.testing.assert_allclose(variance[:, state], np.diag(inverse), rtol=1e-10)


def test_draws_have_that_mean_and_covariance() -> None:
    random = np.random.default_rng(7)
    one = random.gamma(1.0, 3.0, (5, 1))
    data, pulled = np.repeat(one, 60_000, axis=1), np.ones((5, 60_000))
    drawn = draw(data, pulled, random, step=0.5, first=1.0)
    inverse = np.linalg.inv(_dense(one[:, 0], 0.5, 1.0))
    np.testing.assert_allclose(drawn.mean(axis=1), inverse @ np.ones(5), atol=0.01)
    np.testing.assert_allclose(np.cov(drawn), inverse, atol=0.012)
