"""Forecasts against the textbook formula and statsmodels, the gap against simulated truth."""

from dataclasses import replace

import numpy as np
import pytest

from softpower.activities.effects import projection
from softpower.activities.effects.forecast import forecast, gap
from softpower.activities.effects.projection import MODELS, Grid, grid, run
from softpower.activities.effects.ranking import critical_value, least_seen, rank_p
from softpower.activities.effects.season import seen as seen_season
from softpower.errors import BadRequest, NotEnoughData
from tests.activities.effects.noise import ar1

# Annual flow of the Nile at Aswan, 1871-1900, 10^8 m3 (Cobb 1978, Biometrika 65(2), as in R's `datasets`).
EARLY = [1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020]
LATE = [960, 1180, 799, 958, 1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840]
NILE = np.array([*EARLY, *LATE], dtype=float)


def at_point(model, point):
    whole = grid(model)
    one = slice(point, point + 1)
    return replace(whole, step=whole.step[one], reads=whole.reads[one], gain=whole.gain[one], first=whole.first[one])


def textbook(y, horizon, points: Grid, season=1):
    """Best linear unbiased prediction from covariances in full, averaged by restricted likelihood.

    The series is X b + L e with independent errors: L has the weights with which errors live on. Goldberger (1962).
    """
    n, means, variances, logs = len(y), [], [], []
    for step, reads, gain, first in zip(points.step, points.reads, points.gain, points.first, strict=True):
        powers = [np.linalg.matrix_power(step, each) for each in range(n + horizon)]
        echo = np.array([1.0] + [reads @ each @ gain for each in powers])[: n + horizon]
        lives = np.array(
            [[echo[row - col] if row >= col else 0.0 for col in range(n + horizon)] for row in range(n + horizon)]
        )
        lives[:, 0] /= first
        x = np.array([reads @ each @ points.free for each in powers])
        x = np.column_stack([x, *(np.arange(n + horizon) % season == place for place in range(1, season))])
        covariance = lives @ lives.T
        average = np.vstack([np.eye(horizon), np.full(horizon, 1 / horizon)])
        inverse = np.linalg.inv(covariance[:n, :n])
        of_beta = np.linalg.inv(x[:n].T @ inverse @ x[:n])
        beta = of_beta @ x[:n].T @ inverse @ y
        left = y - x[:n] @ beta
        weights = average @ covariance[n:, :n] @ inverse
        rest = average @ x[n:] - weights @ x[:n]
        squares, free = left @ inverse @ left, n - x.shape[1]
        spread = (
            average @ covariance[n:, n:] @ average.T
            - weights @ covariance[:n, n:] @ average.T
            + rest @ of_beta @ rest.T
        )
        means.append(average @ x[n:] @ beta + weights @ left)
        variances.append(np.diag(spread) * squares / free)
        logs.append(
            -np.linalg.slogdet(covariance[:n, :n])[1] / 2
            + np.linalg.slogdet(of_beta)[1] / 2
            - free / 2 * np.log(squares)
        )
    likely = np.exp(np.array(logs) - max(logs))
    likely /= likely.sum()
    mean = likely @ np.array(means)
    return mean, np.sqrt(likely @ (np.array(variances) + (np.array(means) - mean) ** 2))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("n", [8, 13, 30])
def test_forecasts_and_their_errors_are_those_of_the_textbook_at_every_origin(model, n):
    mean, se = run(NILE / 100, 4, grid(model))
    expected, error = textbook(NILE[:n] / 100, 4, grid(model))
    np.testing.assert_allclose(mean[n - 8], expected, rtol=1e-7)
    np.testing.assert_allclose(se[n - 8], error, rtol=1e-6)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("n", [10, 17, 30])
def test_with_a_season_forecasts_are_those_of_the_textbook_with_a_dummy_for_each_place(model, n):
    mean, se = run(NILE / 100, 3, grid(model), 4)
    expected, error = textbook(NILE[:n] / 100, 3, grid(model), season=4)
    np.testing.assert_allclose(mean[n - 10], expected, rtol=1e-6)
    np.testing.assert_allclose(se[n - 10], error, rtol=1e-5)


def test_long_seasons_are_fitted_in_parts_that_fit_into_memory(monkeypatch):
    y = ar1(np.random.default_rng(1), 60, 0.4)
    whole = run(y, 3, grid("damped_trend"), 12)
    monkeypatch.setattr(projection, "_HELD", 1)
    np.testing.assert_allclose(run(y, 3, grid("damped_trend"), 12), whole, rtol=1e-9)


def test_forecasts_are_those_of_statsmodels_where_persistence_is_given():
    """statsmodels 0.15.0, SARIMAX(1,0,0) at 0.5 with regressors 1 and time, exact diffuse, scale concentrated out."""
    mean, se = run(NILE, 4, at_point("ar1_trend", int(np.argmin(np.abs(np.linspace(-0.6, 0.95, 32) - 0.5)))))
    np.testing.assert_allclose(mean[-1, :4], [924.0006534, 964.0549970, 982.1361857, 989.2307969], rtol=1e-9)
    np.testing.assert_allclose(se[-1, :4], [162.6865360, 191.2725733, 203.4695979, 210.4164059], rtol=1e-9)


def test_forecasts_are_those_of_statsmodels_where_the_level_adapts_by_three_tenths():
    """statsmodels 0.15.0, SARIMAX(0,1,1) at -0.7 with regressor time, exact diffuse, scale concentrated out."""
    mean, se = run(NILE, 4, at_point("level_drift", 6))
    np.testing.assert_allclose(mean[-1, :4], [949.7674081, 943.8776398, 937.9878715, 932.0981033], rtol=1e-9)
    np.testing.assert_allclose(se[-1, :4], [163.5926008, 172.6412341, 181.7624986, 190.9459861], rtol=1e-9)


def test_damped_trend_is_that_of_statsmodels_where_its_parameters_are_given():
    """statsmodels 0.15.0, ETS(A,Ad,N) at 0.4, 0.08, 0.9; the first state by its optimiser, hence the tolerance."""
    whole = grid("damped_trend")
    at = np.flatnonzero(np.isclose(whole.gain, [0.4, 0.08]).all(axis=1) & np.isclose(whole.reads[:, 1], 0.9))
    mean, _ = run(NILE, 4, at_point("damped_trend", int(at[0])))
    np.testing.assert_allclose(mean[-1, :4], [875.61008, 842.85721, 813.37963, 786.84981], rtol=1e-6)
    noise = projection._ahead(4, at_point("damped_trend", int(at[0])))[1][0, :4]
    np.testing.assert_allclose(noise, [1.0, 1.222784, 1.51093824, 1.8651060543994], rtol=1e-12)


def test_a_forecast_carries_on_a_line_with_little_noise():
    time = np.arange(40.0)
    found = forecast(3 * time + 0.01 * np.sin(time**2), 5)
    np.testing.assert_allclose(found.mean, 3 * np.arange(40, 45), atol=0.05)
    assert np.all(found.high - found.low < 0.2)
    assert found.average == pytest.approx(found.mean.mean())


@pytest.mark.parametrize("model", [None, *MODELS])
def test_a_gap_moves_with_the_unit_and_the_origin_of_the_outcome(model):
    y = ar1(np.random.default_rng(3), 40, 0.4)
    plain, moved = gap(y, 37, model=model), gap(-5 * y + 1000, 37, model=model)
    assert moved.estimate == pytest.approx(-5 * plain.estimate)
    assert (moved.low, moved.high) == pytest.approx((-5 * plain.high, -5 * plain.low))
    assert moved.p == pytest.approx(plain.p)
    assert moved.smallest_detectable == pytest.approx(5 * plain.smallest_detectable)


@pytest.mark.parametrize("model", ["level_drift", "ar1_trend"])
def test_a_straight_line_added_to_a_series_leaves_its_gap_alone(model):
    y = ar1(np.random.default_rng(4), 40, 0.4)
    plain, tilted = gap(y, 37, model=model), gap(y + 7 * np.arange(40), 37, model=model)
    assert tilted.estimate == pytest.approx(plain.estimate)
    assert tilted.placebo_ts == pytest.approx(plain.placebo_ts)


def test_an_effect_added_to_the_window_is_added_to_the_estimate_and_nothing_else():
    y = ar1(np.random.default_rng(5), 50, 0.4)
    plain = gap(y, 47)
    y[47:] += [4, 5, 6]
    moved = gap(y, 47)
    assert moved.estimate == pytest.approx(plain.estimate + 5)
    assert moved.gaps == pytest.approx(plain.gaps + np.array([4, 5, 6]))
    assert moved.high - moved.low == pytest.approx(plain.high - plain.low)
    assert moved.placebo_ts.tolist() == plain.placebo_ts.tolist()
    assert moved.smallest_detectable == plain.smallest_detectable


def test_each_placebo_is_the_forecast_that_would_have_been_made_then():
    y = ar1(np.random.default_rng(6), 43, 0.4)
    found = gap(y, 40)
    assert found.placebo_starts.tolist() == list(range(8, 38))
    for at in (0, 7, 29):
        start = found.placebo_starts[at]
        then = forecast(y[:start], 3)
        assert found.placebo_gaps[at] == pytest.approx(y[start : start + 3].mean() - then.average)


def test_the_model_with_the_least_earlier_errors_is_taken():
    y = np.cumsum(np.random.default_rng(8).normal(size=60))
    found = forecast(y, 2)
    assert found.model == MODELS[int(np.argmin(found.errors))]
    by_hand = [
        np.sqrt(
            np.mean([(y[at : at + 2].mean() - forecast(y[:at], 2, model=each).average) ** 2 for at in range(8, 59)])
        )
        for each in MODELS
    ]
    np.testing.assert_allclose(found.errors, by_hand)


def test_the_interval_holds_no_effect_exactly_where_it_is_not_rejected():
    rng = np.random.default_rng(9)
    decided = []
    for shift in np.linspace(0, 4, 30):
        y = ar1(rng, 43, 0.4)
        y[40:] += shift
        found = gap(y, 40)
        assert (found.low <= 0 <= found.high) == (found.p > 0.05)
        decided.append(found.p <= 0.05)
    assert 5 < sum(decided) < 25


def test_p_is_the_larger_of_the_answers_of_the_model_and_of_the_earlier_dates():
    from scipy.special import stdtrit

    def in_standard_errors(y, start):
        then = forecast(y[:start], 3)
        se = (then.average_high - then.average_low) / 2 / stdtrit(start - 2, 0.975)
        return abs(y[start : start + 3].mean() - then.average) / se

    larger = set()
    for seed in range(4):
        y = ar1(np.random.default_rng(seed), 43, 0.0)
        y[40:] += 1.2
        found = gap(y, 40)
        sizes = [in_standard_errors(y, start) for start in [*range(8, 38), 40]]
        assert found.placebo_p == pytest.approx(np.mean(np.array(sizes) >= sizes[-1] - 1e-9))
        # The interval of this level ends at what was observed.
        touching = forecast(y[:40], 3, level=1 - found.model_p)
        bound = touching.average_high if found.estimate > 0 else touching.average_low
        assert bound == pytest.approx(y[40:].mean())
        assert found.p == max(found.model_p, found.placebo_p)
        larger.add(found.model_p > found.placebo_p)
    assert larger == {True, False}


def test_the_effect_called_detectable_is_seen_in_four_fifths_of_the_placebos():
    found = gap(ar1(np.random.default_rng(10), 63, 0.4), 60)
    se = found.estimate / found.t
    critical = (found.high - found.low) / 2 / se
    shift = found.smallest_detectable / se
    for sign in (1, -1):
        assert np.mean(sign * (found.placebo_ts + sign * shift * 1.000001) > critical) >= 0.8
    assert min(np.mean(sign * (found.placebo_ts + sign * shift * 0.99) > critical) for sign in (1, -1)) < 0.8


def test_the_rank_of_a_gap_counts_itself_and_both_signs():
    placebos = np.array([-4.0, 1.0, 2.0, -3.0])
    assert rank_p(3.0, placebos) == 3 / 5
    assert rank_p(5.0, placebos) == 1 / 5
    assert critical_value(placebos, 0.8) == 4.0
    assert critical_value(placebos, 0.6) == 3.0
    assert critical_value(placebos, 0.9) == np.inf


def test_placebos_that_differ_by_rounding_only_are_ties():
    placebos = np.array([1.0, -2.0, 3.0 - 1e-8])
    assert rank_p(3.0, placebos) == 2 / 4
    assert rank_p(3.0 + 1e-5, placebos) == 1 / 4


def test_the_detectable_effect_is_that_of_the_less_favourable_sign():
    placebos = np.array([-5.0, -1.0, 0.0, 1.0, 1.5])
    # To be above 2 in four of five, 3 must be added to the second lowest; below -2 in four of five needs 3 off 1.
    assert least_seen(placebos, 2.0) == pytest.approx(3.0)


@pytest.mark.parametrize("persistence", [0.0, 0.7])
def test_no_effect_is_rejected_no_more_often_than_the_level_and_a_large_one_mostly_seen(persistence):
    rng, runs, false, seen, held = np.random.default_rng(12), 100, 0, 0, 0
    done = 0
    while done < runs:
        y = ar1(rng, 33, persistence)
        if seen_season(y[:30]):
            continue
        done += 1
        found = gap(y, 30)
        false += found.p <= 0.05
        held += found.forecast.average_low <= y[30:].mean() <= found.forecast.average_high
        seen += abs(found.estimate + 4) > (found.high - found.low) / 2
    # 5% of 100 is 5, with a standard deviation of 2.2; 7% and two of these are 11.
    assert false <= 11
    assert held >= 0.88 * runs
    assert seen >= 0.8 * runs


@pytest.mark.parametrize("n_pre", [8, 15, 28])
def test_no_verdict_is_given_on_too_few_periods(n_pre):
    y = ar1(np.random.default_rng(1), n_pre + 3, 0.4)
    with pytest.raises(NotEnoughData, match=r"a test at 0\.05 needs 19, so 29 periods before"):
        gap(y, n_pre)
    assert forecast(y[:n_pre], 3).n_pre == n_pre


def test_the_least_number_of_periods_that_the_message_names_is_enough():
    y = ar1(np.random.default_rng(1), 32, 0.4)
    assert len(gap(y, 29).placebo_starts) == 19
    with pytest.raises(NotEnoughData, match=r"a test at 0\.01 needs 99, so 109 periods before"):
        gap(y, 29, level=0.99)


def test_a_forecast_is_refused_below_eight_periods():
    with pytest.raises(NotEnoughData, match="7 periods before the activity: this design needs 8"):
        forecast(NILE[:7], 1)


@pytest.mark.parametrize("values", [np.full(40, 3.0), 1e6 + 0.1 * np.arange(40)])
def test_a_series_without_noise_is_refused(values):
    with pytest.raises(NotEnoughData, match="no noise"):
        gap(values, 37)


def test_a_missing_period_is_refused_by_name_unless_it_lies_behind_the_window():
    y = ar1(np.random.default_rng(2), 40, 0.4)
    late = y.copy()
    late[39] = np.nan
    assert gap(late, 36, window=3).estimate == gap(y, 36, window=3).estimate
    y[7] = np.nan
    with pytest.raises(NotEnoughData, match="period 7 of 0 to 39 is missing"):
        gap(y, 36)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start": 0}, "start 0"),
        ({"start": 40}, "start 40"),
        ({"start": 37, "window": 4}, "window of 4 periods from 37: the series has 3"),
        ({"start": 37, "window": 0}, "window of 0"),
        ({"start": 37, "level": 1.0}, r"level 1\.0"),
        ({"start": 37, "model": "arima"}, "model 'arima': give one of level_drift"),
    ],
)
def test_arguments_out_of_range_are_named(options, message):
    with pytest.raises(BadRequest, match=message):
        gap(ar1(np.random.default_rng(2), 40, 0.4), **options)


def test_a_table_is_refused_where_a_series_is_meant():
    with pytest.raises(BadRequest, match="one series"):
        gap(np.ones((3, 40)), 30)
    with pytest.raises(BadRequest, match="one series"):
        forecast(np.ones((3, 40)), 3)


def test_a_thousand_periods_are_taken_in_their_stride():
    y = ar1(np.random.default_rng(2), 1003, 0.4)
    found = gap(y, 1000)
    assert len(found.placebo_starts) == 990
    assert found.placebo_p >= 1 / 991


def test_periods_that_lie_on_a_line_at_the_beginning_are_no_placebos():
    """Visits counted from the eleventh month on: before that, no forecast could be wrong."""
    rng = np.random.default_rng(3)
    y = rng.poisson(20, 63).astype(float)
    y[:10] = 0
    y[60:] += 40
    found = gap(y, 60)
    assert found.placebo_starts[0] == 11
    assert np.abs(found.placebo_ts).max() < 1e3
    assert found.low < 40 < found.high
    assert found.high - found.low < 100
    y[:40] = 0
    with pytest.raises(NotEnoughData, match="19"):
        gap(y, 60)


def test_a_season_without_noise_is_refused_and_periods_that_it_fits_are_no_placebos():
    y = np.tile(np.arange(12.0), 6)[:63]
    for season in (12, 24):
        with pytest.raises(NotEnoughData, match="straight line, but for its season: there is no noise"):
            gap(y, 60, season=season)
    rng = np.random.default_rng(2)
    y[28:] += rng.normal(size=35)
    found = gap(y, 60, season=12)
    # The first that differs from its season is period 28, so that 29 periods before a window make a placebo.
    assert found.placebo_starts[0] == 29
    assert np.abs(found.placebo_ts).max() < 1e3


@pytest.mark.parametrize("model", [None, *MODELS])
def test_a_season_of_any_size_is_taken_out_whole(model):
    y, pattern = ar1(np.random.default_rng(4), 63, 0.4), 100 * np.random.default_rng(5).normal(size=12)
    plain = gap(y, 60, model=model, season=12)
    moved = gap(y + pattern[np.arange(63) % 12], 60, model=model, season=12)
    for name in ("estimate", "low", "high", "p", "model_p", "placebo_p", "smallest_detectable"):
        assert getattr(moved, name) == pytest.approx(getattr(plain, name), rel=1e-5)
    np.testing.assert_allclose(moved.placebo_gaps, plain.placebo_gaps, atol=1e-6)


def test_a_season_that_is_not_given_is_named_instead_of_taken_for_a_change():
    months = np.arange(63)
    y = ar1(np.random.default_rng(6), 63, 0.4) + 4 * (months % 12 >= 10)
    with pytest.raises(NotEnoughData, match=r"season of 12 periods, and none was given.*Give season=12"):
        gap(y, 60)
    assert forecast(y[:60], 3).season is None
    assert gap(y, 60, season=12).forecast.season == 12


def test_with_a_season_given_no_effect_is_rejected_no_more_often_than_the_level():
    """A high season of three months in which the window begins, ten standard deviations high."""
    rng, runs, false, seen = np.random.default_rng(7), 40, 0, 0
    high = 10.0 * (np.arange(63) % 12 < 3)
    for _ in range(runs):
        found = gap(ar1(rng, 63, 0.4) + high, 60, season=12)
        false += found.p <= 0.05
        seen += abs(found.estimate + 4) > (found.high - found.low) / 2
    # 7% of 40, and two standard deviations.
    assert false <= 6
    assert seen >= 0.7 * runs


def test_four_years_of_months_are_enough_for_a_window_of_one():
    y = ar1(np.random.default_rng(8), 60, 0.4)
    assert len(gap(y, 48, season=12).placebo_starts) == 19
    with pytest.raises(NotEnoughData, match="so 48 periods before"):
        gap(y, 47, window=12, season=12)


@pytest.mark.parametrize("level", [1e6, 1e10])
def test_noise_on_a_high_level_is_judged_like_noise_on_none(level):
    y = ar1(np.random.default_rng(9), 43, 0.4)
    plain, high = gap(y, 40), gap(y + level, 40)
    assert (high.estimate, high.low, high.high) == pytest.approx((plain.estimate, plain.low, plain.high), abs=1e-4)


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (["1,5"] * 40, {}, "cannot be read as numbers .*'1,5'.*decimal point"),
        (None, {"start": 36.0}, r"start 36\.0 is no whole number: give 36"),
        (None, {"window": 2.5}, r"window 2\.5 is no whole number"),
        (None, {"season": 12.0}, r"season 12\.0 is no whole number: give 12"),
        (None, {"season": 1}, "season 1: give the number of periods"),
        (None, {"season": 60}, "season 60: give"),
        (None, {"level": "95%"}, "level '95%': give a share"),
        (np.arange(40.0) ** 2 * 1e160, {}, "give the outcome in another unit"),
        (np.arange(40.0) ** 2 * 1e-170, {}, "give the outcome in another unit"),
    ],
)
def test_what_is_no_number_is_refused_by_name(values, options, message):
    y = ar1(np.random.default_rng(2), 40, 0.4) if values is None else values
    with pytest.raises(BadRequest, match=message):
        gap(y, **{"start": 36, **options})
