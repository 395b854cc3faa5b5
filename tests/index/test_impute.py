"""Missing cells: the EM fit against simulation with known truth, and draws that are as sure as they should be."""

from __future__ import annotations

import numpy as np

from softpower.index.impute import Joint, best_guess, draw_missing, fit_normal


def _world(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three correlated columns, complete, and with the third missing where the first is low."""
    rng = np.random.default_rng(seed)
    covariance = np.array([[1.0, 0.7, 0.6], [0.7, 1.0, 0.5], [0.6, 0.5, 1.0]])
    whole = rng.multivariate_normal([1.0, -1.0, 0.5], covariance, size=rows)
    holed = whole.copy()
    holed[(whole[:, 0] < 1.0) & (rng.random(rows) < 0.6), 2] = np.nan
    return whole, holed


def test_em_finds_the_mean_that_a_plain_mean_of_the_observed_misses() -> None:
    whole, holed = _world(4000, 1)
    fit = fit_normal(holed)
    assert abs(fit.mean[2] - 0.5) < 0.06
    assert np.nanmean(holed[:, 2]) - 0.5 > 0.1
    np.testing.assert_allclose(fit.covariance, np.cov(whole.T), atol=0.08)


def test_best_guess_is_the_regression_on_what_is_known() -> None:
    _, holed = _world(4000, 2)
    seen = np.isfinite(holed[:, 2])
    design = np.column_stack([np.ones(seen.sum()), holed[seen, :2]])
    beta = np.linalg.lstsq(design, holed[seen, 2], rcond=None)[0]
    expected = np.column_stack([np.ones((~seen).sum()), holed[~seen, :2]]) @ beta
    np.testing.assert_allclose(best_guess(Joint.of(holed))[~seen, 2], expected, atol=0.05)
    np.testing.assert_array_equal(best_guess(Joint.of(holed))[seen], holed[seen])


def test_ninety_per_cent_intervals_of_the_draws_hold_the_truth_about_nine_times_in_ten() -> None:
    held = []
    for seed in range(8):
        whole, holed = _world(200, 100 + seed)
        drawn = draw_missing(Joint.of(holed), draws=400, rng=np.random.default_rng(seed))
        truth = whole[np.isnan(holed)]
        low, high = np.quantile(drawn, (0.05, 0.95), axis=0)
        held.append(np.mean((truth >= low) & (truth <= high)))
    assert 0.86 <= np.mean(held) <= 0.94


def test_same_stream_same_draws_and_another_stream_others() -> None:
    _, holed = _world(100, 3)
    first, again, other = (
        draw_missing(Joint.of(holed), draws=60, rng=np.random.default_rng(seed)) for seed in (7, 7, 8)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1


def test_years_of_one_country_share_their_deviation() -> None:
    _, holed = _world(60, 4)
    twice = np.concatenate([holed, holed])
    drawn = draw_missing(Joint.of(twice), draws=50, rng=np.random.default_rng(1), groups=np.tile(np.arange(60), 2))
    half = drawn.shape[1] // 2
    np.testing.assert_allclose(drawn[:, :half], drawn[:, half:], atol=1e-9)


def test_a_complete_table_needs_no_draws() -> None:
    whole, _ = _world(30, 5)
    assert draw_missing(Joint.of(whole), draws=10, rng=np.random.default_rng(1)).shape == (10, 0)
    np.testing.assert_array_equal(best_guess(Joint.of(whole)), whole)


def _streams(*names: str) -> list[np.random.Generator]:
    return [np.random.default_rng([1, *name.encode()]) for name in names]


def test_leaving_out_a_column_changes_no_deviate_of_the_others() -> None:
    rng = np.random.default_rng(6)
    whole = rng.multivariate_normal(np.zeros(3), 0.3 + 0.7 * np.eye(3), size=200)
    whole[rng.random(whole.shape) < 0.15] = np.nan
    whole = whole[np.isfinite(whole).any(axis=1)]
    _, columns = np.nonzero(np.isnan(whole))
    for gone in range(3):
        kept = [k for k in range(3) if k != gone]
        three, two = (
            draw_missing(Joint.of(whole[:, at]), draws=300, rng=np.random.default_rng(2), columns=_streams(*names))
            for at, names in (([0, 1, 2], "abc"), (kept, ["abc"[k] for k in kept]))
        )
        three = three[:, columns != gone]
        same = [np.corrcoef(three[:, k], two[:, k])[0, 1] for k in range(two.shape[1])]
        # What the column left out says of the gap is all that differs.
        assert np.mean(same) > 0.9


def test_more_draws_begin_with_the_same_deviates() -> None:
    holed = np.array([[0.0, 1.0], [1.0, np.nan], [2.0, 0.5], [3.0, 2.0]])
    few, many = (
        draw_missing(Joint.of(holed), draws=draws, rng=np.random.default_rng(2), columns=_streams("a", "b"), sets=1)
        for draws in (10, 50)
    )
    np.testing.assert_array_equal(few, many[:10])
