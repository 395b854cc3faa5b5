"""Seasons: dummies against those written out, and what is taken for a season."""

import numpy as np
import pytest

from softpower.activities.effects.season import seen, terms
from tests.activities.effects.noise import ar1


@pytest.mark.parametrize("season", [2, 4, 12])
def test_terms_span_what_a_dummy_for_each_place_does(season):
    n = 3 * season + 1
    dummies = (np.arange(n)[:, None] % season == np.arange(season)).astype(float)
    ours = np.column_stack([np.ones(n), terms(n, season)])
    assert ours.shape == dummies.shape
    for one, two in ((ours, dummies), (dummies, ours)):
        np.testing.assert_allclose(one @ np.linalg.lstsq(one, two, rcond=None)[0], two, atol=1e-12)
    assert terms(n, None).shape == (n, 0)


@pytest.mark.parametrize("season", [4, 7, 12])
@pytest.mark.parametrize("trend", [0.0, 0.5])
def test_a_marked_season_is_seen_beside_trend_and_persistence(season, trend):
    time = np.arange(60)
    for seed in range(20):
        y = ar1(np.random.default_rng(seed), 60, 0.4) + trend * time + 5 * (time % season == 2)
        assert seen(y) == season


def noise(rng, n, persistence):
    return rng.normal(size=n).cumsum() if persistence is None else ar1(rng, n, persistence)


@pytest.mark.parametrize("persistence", [0.0, 0.7, None])
@pytest.mark.parametrize("n", [30, 60])
def test_noise_is_seldom_taken_for_a_season(n, persistence):
    """Three looks at 1% each; walks where no persistence is given."""
    rng, found = np.random.default_rng(1), 0
    for _ in range(400):
        found += seen(noise(rng, n, persistence)) is not None
    # 3% of 400, and three standard deviations.
    assert found <= 22


def test_a_short_series_is_not_looked_at():
    assert seen(np.tile([0.0, 1.0, 2.0, 3.0], 3)) is None
