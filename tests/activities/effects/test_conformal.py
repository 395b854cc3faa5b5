"""The short-window test against counting by hand, closed forms and simulated truth."""

from math import sqrt

import numpy as np
import pytest

from softpower.activities.effects import conformal
from softpower.activities.effects.conformal import block_p, conformal_test, persistence
from softpower.errors import BadRequest, NotEnoughData
from tests.activities.effects.noise import ar1


def counted(residuals, k):
    """Share of cyclic shifts, each written out, whose last k residuals are as large on average."""
    last = np.mean(np.abs(residuals[-k:]))
    shifted = [np.roll(residuals, each)[-k:] for each in range(len(residuals))]
    return np.mean([np.mean(np.abs(each)) >= last - 1e-12 for each in shifted])


def by_regression(y, k, proxy, season=1):
    """p from residuals of a regression written out, each by its standard deviation in persistent noise."""
    time = np.arange(len(y))
    x = np.column_stack([time**power for power in range(2 if proxy == "trend" else 1)]).astype(float)
    x = np.column_stack([x, *(time % season == place for place in range(1, season))])
    left = np.eye(len(y)) - x @ np.linalg.inv(x.T @ x) @ x.T
    noise = 0.7 ** np.abs(np.subtract.outer(time, time))
    return counted(left @ y / np.sqrt(np.diag(left @ noise @ left)), k)


def refused(y, start, **options):
    """Whether the test is refused: a few series without a season or a change look as if they had one."""
    try:
        conformal_test(y, start, **options)
    except NotEnoughData:
        return True
    return False


@pytest.mark.parametrize("k", [1, 2, 5])
def test_p_counts_the_moving_blocks_one_by_one(k):
    rng = np.random.default_rng(3)
    for _ in range(20):
        residuals = rng.normal(size=23)
        assert block_p(residuals, k) == pytest.approx(counted(residuals, k))


def test_p_of_a_case_worked_by_hand():
    # Runs of two, as sums of sizes: 3, 3, 1, 3, and 4 for the last joined to the first.
    assert block_p(np.array([1.0, -2.0, 1.0, 0.0, 3.0]), 2) == pytest.approx(4 / 5)
    assert block_p(np.zeros(4), 1) == 1.0


@pytest.mark.parametrize("proxy", ["mean", "trend"])
def test_the_test_is_that_of_a_regression_written_out(proxy):
    rng = np.random.default_rng(4)
    for shift in (0.0, 1.0, 3.0):
        y = ar1(rng, 43, 0.4)
        y[40:] += shift
        assert conformal_test(y, 40, proxy=proxy).p == pytest.approx(by_regression(y, 3, proxy))


@pytest.mark.parametrize("proxy", ["mean", "trend"])
def test_the_estimate_is_the_coefficient_of_the_window_in_a_regression(proxy):
    y, time = ar1(np.random.default_rng(5), 33, 0.4), np.arange(33.0)
    columns = [(time >= 30).astype(float), np.ones(33), *([time] if proxy == "trend" else [])]
    expected = np.linalg.lstsq(np.column_stack(columns), y, rcond=None)[0][0]
    assert conformal_test(y, 30, proxy=proxy).estimate == pytest.approx(expected)


def test_the_estimate_against_the_mean_is_the_difference_of_means():
    y = ar1(np.random.default_rng(6), 33, 0.4)
    assert conformal_test(y, 30, proxy="mean").estimate == pytest.approx(y[30:].mean() - y[:30].mean())


@pytest.mark.parametrize("proxy", ["mean", "trend"])
@pytest.mark.parametrize("seed", range(4))
def test_the_interval_ends_where_a_constant_effect_begins_to_be_rejected(proxy, seed):
    y = ar1(np.random.default_rng(seed), 43, 0.4)
    found = conformal_test(y, 40, proxy=proxy)
    width = found.high - found.low

    def p(effect):
        taken_off = y.copy()
        taken_off[40:] -= effect
        return by_regression(taken_off, 3, proxy)

    # Ties are counted as such within a millionth of the mean size.
    assert p(found.low + 1e-5 * width) > 0.05
    assert p(found.high - 1e-5 * width) > 0.05
    outside = [*(found.low - width * np.linspace(0.01, 3, 25)), *(found.high + width * np.linspace(0.01, 3, 25))]
    assert max(p(each) for each in outside) <= 0.05


def test_an_effect_shifts_the_interval_and_the_estimate_by_itself():
    y = ar1(np.random.default_rng(7), 43, 0.4)
    plain = conformal_test(y, 40)
    y[40:] += 12.5
    moved = conformal_test(y, 40)
    assert moved.estimate == pytest.approx(plain.estimate + 12.5)
    assert (moved.low, moved.high) == pytest.approx((plain.low + 12.5, plain.high + 12.5), abs=0.02)
    assert moved.p == pytest.approx(1 / 43)
    assert moved.smallest_detectable == plain.smallest_detectable


@pytest.mark.parametrize("proxy", ["mean", "trend"])
def test_the_test_moves_with_the_unit_and_the_origin_of_the_outcome(proxy):
    y = ar1(np.random.default_rng(8), 43, 0.4)
    plain, moved = conformal_test(y, 40, proxy=proxy), conformal_test(-5 * y + 1000, 40, proxy=proxy)
    assert moved.p == plain.p
    assert (moved.estimate, moved.low, moved.high) == pytest.approx(
        (-5 * plain.estimate, -5 * plain.high, -5 * plain.low)
    )
    assert moved.smallest_detectable == pytest.approx(5 * plain.smallest_detectable, rel=1e-4)


def test_a_window_that_varies_as_no_constant_effect_could_has_no_interval():
    y = ar1(np.random.default_rng(9), 42, 0.0)
    y[40:] += [50, -50]
    found = conformal_test(y, 40)
    assert found.p == pytest.approx(1 / 42)
    assert np.isnan(found.low)
    assert np.isnan(found.high)


def test_each_placebo_is_the_test_that_would_have_been_made_then():
    y = ar1(np.random.default_rng(10), 43, 0.4)
    found = conformal_test(y, 40)
    assert found.placebo_starts.tolist() == list(range(20, 38))
    for at in (0, 9, 17):
        start = found.placebo_starts[at]
        assert found.placebo_ps[at] == conformal_test(y, start, window=3).p


@pytest.mark.parametrize("proxy", ["mean", "trend"])
def test_the_detectable_effect_is_the_least_that_stands_out_in_four_fifths_of_the_windows_before(proxy):
    y, time = ar1(np.random.default_rng(15), 43, 0.4), np.arange(40.0)
    found = conformal_test(y, 40, proxy=proxy)
    left = y[:40] - np.polynomial.Polynomial.fit(time, y[:40], 1 if proxy == "trend" else 0)(time)

    def power(effect):
        seen = []
        for start in range(40):
            moved = np.array([left[(start + each) % 40] for each in range(43)])
            moved[40:] += effect
            seen.append(by_regression(moved, 3, proxy) <= 0.05)
        return np.mean(seen)

    enough, less = found.smallest_detectable * 1.0001, found.smallest_detectable * 0.99
    assert min(power(enough), power(-enough)) >= 0.8
    assert min(power(less), power(-less)) < 0.8


def test_the_effect_called_detectable_is_seen_four_times_in_five():
    rng = np.random.default_rng(11)
    seen: list[bool] = []
    while len(seen) < 120:
        y = ar1(rng, 63, 0.4)
        if refused(y, 60):
            continue
        found = conformal_test(y, 60)
        for sign in (1, -1):
            moved = y.copy()
            moved[60:] += sign * found.smallest_detectable
            seen.append(by_regression(moved, 3, "trend") <= 0.05)
    # 120 tests in 60 series: the share has a standard deviation of at most 0.05.
    assert 0.7 < np.mean(seen) < 0.95


@pytest.mark.parametrize("n_pre", [20, 30, 60])
@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("proxy", ["mean", "trend"])
def test_no_effect_is_rejected_no_more_often_than_the_level_at_any_persistence(n_pre, k, proxy):
    runs = 3000
    for lasting in (0.0, 0.4, 0.7):
        y = ar1(np.random.default_rng(12), (runs, n_pre + k), lasting)
        false = np.mean(conformal._ps(conformal._residuals(y, proxy), k) <= 0.05)
        # 7%, and two standard deviations of a share of 3000.
        assert false <= 0.07 + 2 * sqrt(0.07 * 0.93 / runs)
        pulse = y + 4 * conformal._mark(n_pre + k, k)
        seen = np.mean(conformal._ps(conformal._residuals(pulse, proxy), k) <= 0.05)
        assert seen > (0.35 if n_pre == 20 else 0.7)


@pytest.mark.parametrize("proxy", ["mean", "trend"])
@pytest.mark.parametrize("n_pre", [20, 60])
def test_false_findings_are_rare_in_random_walks_too_since_most_are_refused(n_pre, proxy):
    rng, findings, runs = np.random.default_rng(13), 0, 200
    for _ in range(runs):
        y = np.cumsum(rng.normal(size=n_pre + 3))
        if persistence(y[:n_pre], proxy) < 0.8:
            findings += by_regression(y, 3, proxy) <= 0.05
        else:
            with pytest.raises(NotEnoughData, match=r"Take the forecast gap|Give season="):
                conformal_test(y, n_pre, proxy=proxy)
    # 7% of 200, and two standard deviations.
    assert findings <= 21


@pytest.mark.parametrize("season", [None, 12])
@pytest.mark.parametrize("proxy", ["mean", "trend"])
@pytest.mark.parametrize("known", [0.0, 0.4, 0.7])
def test_persistence_is_found_without_much_bias(proxy, known, season):
    y = ar1(np.random.default_rng(14), (1000, 40), known)
    assert np.mean([persistence(each, proxy, season) for each in y]) == pytest.approx(known, abs=0.04)


@pytest.mark.parametrize("proxy", ["mean", "trend"])
def test_a_season_is_fitted_like_dummies_in_a_regression(proxy):
    months = np.arange(63)
    y = ar1(np.random.default_rng(16), 63, 0.4) + 5 * (months % 12 == 3)
    y[60:] += 2
    found = conformal_test(y, 60, proxy=proxy, season=12)
    assert found.p == pytest.approx(by_regression(y, 3, proxy, season=12))
    columns = [months >= 60, *(months % 12 == place for place in range(12)), *([months] if proxy == "trend" else [])]
    expected = np.linalg.lstsq(np.column_stack(columns).astype(float), y, rcond=None)[0][0]
    assert found.estimate == pytest.approx(expected)


def test_whatever_season_is_given_its_size_leaves_the_test_alone():
    y, pattern = ar1(np.random.default_rng(17), 63, 0.4), 100 * np.random.default_rng(1).normal(size=12)
    plain = conformal_test(y, 60, season=12)
    moved = conformal_test(y + pattern[np.arange(63) % 12], 60, season=12)
    for name in ("estimate", "low", "high", "p", "smallest_detectable", "persistence"):
        assert getattr(moved, name) == pytest.approx(getattr(plain, name), rel=1e-6)


def test_a_season_that_is_not_given_is_named_instead_of_taken_for_a_change():
    months = np.arange(63)
    y = ar1(np.random.default_rng(18), 63, 0.4) + 4 * (months % 12 >= 10)
    with pytest.raises(NotEnoughData, match=r"season of 12 periods, and none was given.*Give season=12"):
        conformal_test(y, 60)


def test_a_series_of_which_many_earlier_windows_stand_out_is_refused():
    """A slope that begins 15 periods before: windows since then lie far from the line fitted up to them."""
    y = ar1(np.random.default_rng(19), 63, 0.0) + 0.3 * np.maximum(np.arange(63) - 45, 0)
    standing = [by_regression(y[: start + 3], 3, "trend") <= 0.05 for start in range(20, 58)]
    assert np.mean(standing) > 0.15
    with pytest.raises(NotEnoughData, match=f"of 38 windows before the activity, {sum(standing)} stand out"):
        conformal_test(y, 60)


def test_noise_on_a_high_level_is_judged_like_noise_on_none():
    y = ar1(np.random.default_rng(20), 43, 0.4)
    plain, high = conformal_test(y, 40), conformal_test(y + 1e10, 40)
    assert high.p == plain.p
    assert high.estimate == pytest.approx(plain.estimate, abs=1e-4)


@pytest.mark.parametrize("n_pre", [8, 15, 19])
def test_no_verdict_is_given_on_fewer_than_twenty_periods(n_pre):
    with pytest.raises(NotEnoughData, match=f"{n_pre} periods before the activity: this design needs 20"):
        conformal_test(ar1(np.random.default_rng(1), n_pre + 3, 0.4), n_pre)


def test_a_window_so_long_that_a_trend_explains_any_effect_is_refused():
    y = ar1(np.random.default_rng(1), 40, 0.4)
    with pytest.raises(NotEnoughData, match="a trend would explain it"):
        conformal_test(y, 25)
    # And rightly: a thousand standard deviations would not be significant.
    y[25:] += 1000
    assert by_regression(y, 15, "trend") > 0.05


def test_a_stricter_level_needs_more_periods():
    y = ar1(np.random.default_rng(1), 63, 0.4)
    with pytest.raises(NotEnoughData, match=r"at 0\.01"):
        conformal_test(y, 60, level=0.99)


@pytest.mark.parametrize("values", [np.full(40, 3.0), 1e6 + 0.1 * np.arange(40)])
def test_a_series_without_noise_is_refused(values):
    with pytest.raises(NotEnoughData, match="no noise"):
        conformal_test(values, 38)


def test_an_unknown_proxy_is_refused_with_those_there_are():
    with pytest.raises(BadRequest, match="proxy 'median': give one of mean, trend"):
        conformal_test(np.ones(40), 38, proxy="median")  # type: ignore[arg-type]
