"""The stacked event study against Welch's test, a regression written out, sums by hand and simulated truth."""

import numpy as np
import pytest

from softpower.activities.effects.eventchoice import choose, windows
from softpower.activities.effects.eventstudy import event_study
from softpower.activities.effects.pooling import contrasts, leads, pool
from softpower.errors import BadRequest, NotEnoughData
from tests.activities.effects.noise import ar1

EVENTS = [(unit, 8 + 2 * unit) for unit in range(6)]


def panel(seed, units=20, periods=30, persistence=0.4):
    """Persistent noise, with a level of each unit and a walk that all share."""
    rng = np.random.default_rng(seed)
    levels, walk = 3 * rng.normal(size=(units, 1)), np.cumsum(rng.normal(size=periods))
    return ar1(rng, (units, periods), persistence) + levels + walk


def welch(one, two, level=0.95):
    """Difference of means, its interval, p, standard error and degrees of freedom by the two-sample formula."""
    from scipy.special import stdtr, stdtrit

    parts = np.var(one, ddof=1) / len(one), np.var(two, ddof=1) / len(two)
    difference, se = np.mean(one) - np.mean(two), np.sqrt(sum(parts))
    df = sum(parts) ** 2 / (parts[0] ** 2 / (len(one) - 1) + parts[1] ** 2 / (len(two) - 1))
    reach = stdtrit(df, (1 + level) / 2) * se
    return difference, difference - reach, difference + reach, 2 * stdtr(df, -abs(difference / se)), se, df


@pytest.mark.parametrize("level", [0.95, 0.8])
def test_events_of_one_date_are_compared_as_welch_does(level):
    y = panel(1)
    found = event_study(y, [(unit, 15) for unit in range(6)], before=4, after=3, level=level)
    change = y[:, 15:18].mean(axis=1) - y[:, 11:15].mean(axis=1)
    expected = welch(change[:6], change[6:], level)
    assert (found.estimate, found.low, found.high, found.p) == pytest.approx(expected[:4])
    for at, period in enumerate(range(11, 18)):
        if period != 14:
            since = y[:, period] - y[:, 14]
            expected = welch(since[:6], since[6:], level)
            assert (found.path[at], found.path_low[at], found.path_high[at]) == pytest.approx(expected[:3])
    assert found.relative.tolist() == [-4, -3, -2, -1, 0, 1, 2]
    assert found.path[3] == found.path_low[3] == found.path_high[3] == 0


def test_the_path_is_that_of_a_stacked_regression():
    y = panel(2, units=15)
    dates = [(0, 10), (1, 10), (2, 11), (3, 11), (4, 12), (5, 12)]  # so close that no one is a control before its event
    rows, outcomes = [], []
    for event, (unit, time) in enumerate(dates):
        for who in [unit, *range(6, 15)]:
            for since in range(-3, 3):
                effects = np.zeros(6 * 15 + 6 * 6 + 5)
                effects[event * 15 + who] = 1
                effects[90 + event * 6 + since + 3] = 1
                if who == unit and since != -1:
                    effects[126 + [-3, -2, 0, 1, 2].index(since)] = 1
                rows.append(effects)
                outcomes.append(y[who, time + since])
    expected = np.linalg.lstsq(np.array(rows), np.array(outcomes), rcond=None)[0][126:]
    found = event_study(y, dates, before=3, after=3, draws=0)
    np.testing.assert_allclose(found.path[[0, 1, 3, 4, 5]], expected, atol=1e-9)
    assert found.controls.tolist() == [9] * 6


def test_estimate_and_standard_error_are_the_sums_over_units_written_out():
    """Units with several events, and units that are controls before their own event."""
    from scipy.special import stdtrit

    y = panel(3)
    dates = [*EVENTS, (0, 20), (1, 22)]
    found = event_study(y, dates, before=3, after=2, draws=0)
    first = dict(sorted(dates, reverse=True))
    change = {time: y[:, time : time + 2].mean(axis=1) - y[:, time - 3 : time].mean(axis=1) for _, time in dates}
    clean = {time: [each for each in range(20) if first.get(each, 99) >= time + 2] for _, time in dates}
    gaps = [change[time][unit] - change[time][clean[time]].mean() for unit, time in dates]
    own, others = np.zeros(20), np.zeros(20)
    for (unit, time), each in zip(dates, gaps, strict=True):
        own[unit] += (each - np.mean(gaps)) / 8
        n = len(clean[time])
        for control in clean[time]:
            others[control] += (change[time][control] - change[time][clean[time]].mean()) / (8 * np.sqrt(n * (n - 1)))
    own *= np.sqrt(6 / 5)
    se = np.sqrt(np.sum((own - others) ** 2))
    assert found.estimate == pytest.approx(np.mean(gaps))
    df = (own @ own + others @ others) ** 2 / (
        (own @ own) ** 2 / 5 + (others @ others) ** 2 / (np.sum(others != 0) - 1)
    )
    assert found.high - found.estimate == pytest.approx(se * stdtrit(df, 0.975))
    assert found.n_units == 6
    assert len(found.events) == 8


def test_what_units_have_in_common_and_how_they_differ_does_not_matter():
    y = panel(4)
    plain = event_study(y, EVENTS, before=3, after=3)
    rng = np.random.default_rng(1)
    moved = event_study(y + 50 * rng.normal(size=(20, 1)) + 50 * rng.normal(size=30), EVENTS, before=3, after=3)
    for name in ("estimate", "low", "high", "p", "placebo_p", "smallest_detectable"):
        assert getattr(moved, name) == pytest.approx(getattr(plain, name))


def test_an_effect_that_lingers_and_grows_never_gets_in_through_controls():
    """The fault of two-way regressions: units once treated serve as controls of later ones."""
    y, growing = panel(5), panel(5)
    for unit, time in EVENTS:
        growing[unit, time:] += 10 * np.arange(1, 30 - time + 1)
    plain, found = event_study(y, EVENTS, before=3, after=3), event_study(growing, EVENTS, before=3, after=3)
    assert found.estimate == pytest.approx(plain.estimate + 20)
    assert found.path == pytest.approx(plain.path + np.array([0, 0, 0, 10, 20, 30]))
    assert found.high - found.low == pytest.approx(plain.high - plain.low)


def test_units_are_controls_before_their_own_event_only():
    y = panel(6, units=8)
    found = event_study(y, EVENTS, before=3, after=3)
    # Two never had an event; of the others, those count whose event comes 3 periods later or more.
    assert dict(zip(found.events, found.controls.tolist(), strict=True)) == {
        (0, 8): 2 + 4, (1, 10): 2 + 3, (2, 12): 2 + 2, (3, 14): 2 + 1, (4, 16): 2, (5, 18): 2,
    }  # fmt: skip


def test_each_event_dropped_is_named_with_its_reason():
    y = panel(7)
    y[6, 15] = np.nan
    dates = [*EVENTS, (6, 14), (7, 2), (8, 28), (9, 10), (9, 12), (9, 20)]
    found = event_study(y, dates, before=3, after=3)
    assert [str(each) for each in found.dropped] == [
        "event of unit 6 in period 14: values are missing in its window",
        "event of unit 7 in period 2: its window reaches beyond the series",
        "event of unit 8 in period 28: its window reaches beyond the series",
        "event of unit 9 in period 10: its unit had another in period 12, inside the window",
        "event of unit 9 in period 12: its unit had another in period 10, inside the window",
    ]
    assert (9, 20) in found.events
    assert found.estimate == event_study(y, [*dates, (9, 20)], before=3, after=3).estimate


def test_an_event_without_two_clean_controls_is_dropped():
    found = event_study(panel(8, units=7), [*EVENTS[:5], (5, 22)], before=3, after=3)
    # Clean are those whose event comes 3 periods later or more, unit 5, and unit 6, which has none.
    assert found.controls.tolist() == [5, 4, 3, 2, 2]
    (dropped,) = found.dropped
    assert (dropped.unit, dropped.time) == (5, 22)
    assert dropped.why.startswith("fewer than 2 other units are free of events up to the end of its window")


def test_missing_values_of_a_control_leave_it_out_where_they_matter():
    y = panel(9)
    y[19, 9] = np.nan
    found = event_study(y, EVENTS, before=3, after=3)
    with_it, without = found.controls[3:], found.controls[:2]
    assert without.tolist() == [18 - 1, 17 - 1]
    assert with_it.tolist() == [15, 14, 14]


@pytest.mark.parametrize("persistence", [0.0, 0.7])
@pytest.mark.parametrize(("treated", "units"), [(5, 12), (10, 30)])
def test_no_effect_is_rejected_no_more_often_than_the_level_and_a_large_one_mostly_seen(treated, units, persistence):
    runs, false, seen = 250, 0, 0
    for seed in range(runs):
        y = panel(1000 + seed, units=units, persistence=persistence)
        dates = [(unit, int(time)) for unit, time in enumerate(np.random.default_rng(seed).integers(8, 24, treated))]
        found = event_study(y, dates, before=3, after=3, draws=0)
        false += found.p <= 0.05
        seen += abs(found.estimate + 3) > (found.high - found.low) / 2
    # 7% of 250, and two standard deviations.
    assert false <= 26
    assert seen >= 0.85 * runs


def test_placebo_dates_lie_before_the_first_event_so_that_an_effect_leaves_them_alone():
    y = panel(10)
    plain = event_study(y, EVENTS, before=3, after=3)
    for unit, time in EVENTS:
        y[unit, time:] += 100
    moved = event_study(y, EVENTS, before=3, after=3)
    assert moved.placebo_p == pytest.approx(1 / 200)
    assert moved.smallest_detectable == pytest.approx(plain.smallest_detectable)
    assert plain.placebo_p > 0.05


def test_the_effect_called_detectable_is_seen_four_times_in_five():
    seen = []
    for seed in range(100):
        y = panel(2000 + seed)
        found = event_study(y, EVENTS, before=3, after=3, draws=39)
        reach = (found.high - found.low) / 2
        seen += [abs(found.estimate + sign * found.smallest_detectable) > reach for sign in (1, -1)]
    assert 0.72 < np.mean(seen) < 0.95


def test_without_earlier_dates_the_standard_error_says_what_was_detectable():
    from scipy.special import stdtrit

    y = panel(11)
    found = event_study(y, [(unit, 3) for unit in range(6)], before=3, after=3)
    change = y[:, 3:6].mean(axis=1) - y[:, :3].mean(axis=1)
    *_, se, df = welch(change[:6], change[6:])
    assert np.isnan(found.placebo_p)
    assert found.smallest_detectable == pytest.approx(se * (stdtrit(df, 0.975) + stdtrit(df, 0.8)))


def test_the_same_seed_gives_the_same_figures():
    y = panel(12)
    one, two = (event_study(y, EVENTS, before=3, after=3, seed=5) for _ in range(2))
    assert one.smallest_detectable == two.smallest_detectable
    other = event_study(y, EVENTS, before=3, after=3, seed=6)
    assert other.smallest_detectable != one.smallest_detectable
    assert other.estimate == one.estimate


def test_events_in_fewer_than_five_units_give_no_verdict():
    with pytest.raises(NotEnoughData, match="usable events in 4 units of 5: an event study needs 5") as refusal:
        event_study(panel(13), [*EVENTS[:4], (5, 1)], before=3, after=3)
    assert "event of unit 5 in period 1: its window reaches beyond the series" in str(refusal.value)


@pytest.mark.parametrize(
    ("events", "options", "message"),
    [
        ([(20, 5)], {}, "event of unit 20 in period 5, 1 such in all: the table has units 0 to 19"),
        ([(0, -1)], {}, "event of unit 0 in period -1"),
        (EVENTS, {"before": 0}, "0 periods before"),
        (EVENTS, {"after": 0}, "0 from the event on"),
        (EVENTS, {"level": 95}, "level 95"),
        (EVENTS, {"draws": -1}, "-1 draws"),
    ],
)
def test_arguments_out_of_range_are_named(events, options, message):
    with pytest.raises(BadRequest, match=message):
        event_study(panel(14), events, **{"before": 3, "after": 3, **options})


def test_a_single_series_is_refused_where_a_table_is_meant():
    with pytest.raises(BadRequest, match="one row for each unit"):
        event_study(np.ones(30), EVENTS, before=3, after=3)


def waves():
    """Outcomes without chance, so that anybody can make them."""
    unit, time = np.arange(20)[:, None], np.arange(30)
    return np.sin(7.0 * unit + time**2) + 0.3 * np.cos(5.0 * unit * time)


def test_events_of_one_date_have_the_errors_of_statsmodels():
    """statsmodels 0.15.0: OLS of the change, means of 15-17 less 11-14, on a dummy of units 0-5, cov_type="HC2"."""
    y = waves()
    chosen = choose(y, [(unit, 15) for unit in range(6)], 4, 3)
    pooled = pool(windows(y, chosen.events, 4, 3) @ contrasts(4, 3).T, chosen.controls, chosen.units)
    assert pooled.mean[-1] == pytest.approx(0.22108172095663825, rel=1e-9)
    assert pooled.se[-1] == pytest.approx(0.3460574151661684, rel=1e-9)


def test_several_events_of_a_unit_have_the_errors_of_statsmodels():
    """statsmodels 0.15.0: OLS of the 12 changes on 1, cov_type="cluster" by unit, use_t=True; controls do not vary."""
    y = waves()
    y[8:] = 0
    dates = [*((unit, 10 + unit % 2) for unit in range(8)), *((unit, 20 + unit) for unit in range(4))]
    found = event_study(y, dates, before=3, after=2, draws=0)
    assert found.estimate == pytest.approx(0.16466294964299533, rel=1e-9)
    assert found.p == pytest.approx(0.3192537972147261, rel=1e-9)
    assert (found.low, found.high) == pytest.approx((-0.19852927, 0.52785517), rel=1e-7)


def test_the_joint_test_of_the_periods_before_is_that_of_hotelling_written_out():
    from scipy.special import fdtrc

    y = panel(20)
    found = event_study(y, [(unit, 15) for unit in range(6)], before=4, after=2, draws=0)
    since = y[:, 11:14] - y[:, [14]]
    one, two = since[:6], since[6:]
    parts = np.cov(one.T) / 6, np.cov(two.T) / 14
    difference = one.mean(axis=0) - two.mean(axis=0)
    squared = difference @ np.linalg.inv(sum(parts)) @ difference
    total = [np.trace(each) for each in parts]
    df = sum(total) ** 2 / (total[0] ** 2 / 5 + total[1] ** 2 / 13)
    assert found.before_p == pytest.approx(fdtrc(3, df - 2, squared * (df - 2) / (df * 3)))


@pytest.mark.parametrize("persistence", [0.0, 0.7])
def test_the_joint_test_rejects_no_more_often_than_its_level_and_sees_a_trend_of_the_treated(persistence):
    runs, false, seen = 150, 0, 0
    for seed in range(runs):
        y = panel(3000 + seed, persistence=persistence)
        dates = [(unit, int(time)) for unit, time in enumerate(np.random.default_rng(seed).integers(8, 24, 8))]
        false += event_study(y, dates, before=5, after=3, draws=0).before_p <= 0.1
        y[:8] += 1.5 * np.arange(30)
        seen += event_study(y, dates, before=5, after=3, draws=0).before_p <= 0.1
    # 12% of 150, and two standard deviations.
    assert false <= 26
    assert seen >= 0.8 * runs


def test_periods_before_are_joined_where_units_are_few():
    assert leads(9, 2, 3).shape == (3, 11)
    assert leads(9, 2, 3)[0].tolist() == pytest.approx([1 / 3] * 3 + [0] * 5 + [-1] + [0] * 2)
    y = panel(21, units=12)
    found = event_study(y, [(unit, 15) for unit in range(5)], before=9, after=2, draws=0)
    assert 0 < found.before_p <= 1
    assert np.isnan(event_study(y, [(unit, 15) for unit in range(5)], before=1, after=2, draws=0).before_p)


def test_events_of_one_date_come_with_a_caution():
    y = panel(22)
    assert event_study(y, EVENTS, before=3, after=3, draws=0).cautions == ()
    found = event_study(y, [(unit, 15) for unit in range(6)], before=3, after=3, draws=0)
    assert found.n_dates == 1
    assert "All events share one date" in found.cautions[0]


@pytest.mark.parametrize("effect", [0.0, 1.0])
def test_outcomes_that_do_not_vary_give_no_verdict(effect):
    y = np.ones((20, 30))
    for unit, time in EVENTS:
        y[unit, time:] += effect
    with pytest.raises(NotEnoughData, match="no noise"):
        event_study(y, EVENTS, before=3, after=3)
    with pytest.raises(NotEnoughData, match="no noise"):
        event_study(1e9 + y / 3, EVENTS, before=3, after=3)


def test_what_is_infinite_counts_as_missing():
    y, holes = panel(23), panel(23)
    for where in ((0, 9), (19, 9)):
        y[where], holes[where] = np.inf, np.nan
    found, expected = event_study(y, EVENTS, before=3, after=3), event_study(holes, EVENTS, before=3, after=3)
    assert (found.estimate, found.p, found.placebo_p) == (expected.estimate, expected.p, expected.placebo_p)
    assert str(found.dropped[0]) == "event of unit 0 in period 8: values are missing in its window"


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([(0.7, 8), (1, 9)], r"unit of an event 0\.7 is no whole number"),
        ([(0, 8.0), (1, 9)], r"period of an event 8\.0 is no whole number: give 8"),
        ([3, 4], "give each as a pair"),
    ],
)
def test_events_that_are_no_places_are_refused(events, message):
    with pytest.raises(BadRequest, match=message):
        event_study(panel(24), events, before=3, after=3)


def test_noise_of_one_is_seen_on_a_level_of_a_million_millions():
    y = panel(26)
    plain, high = event_study(y, EVENTS, before=3, after=3, draws=0), event_study(y + 1e12, EVENTS, before=3, after=3)
    assert high.estimate == pytest.approx(plain.estimate, abs=1e-3)


@pytest.mark.parametrize("scale", [1e12, 1e-9, -1e50])
def test_the_unit_of_the_outcome_leaves_the_test_alone(scale):
    y = panel(25)
    plain, moved = event_study(y, EVENTS, before=3, after=3), event_study(scale * y, EVENTS, before=3, after=3)
    for name in ("p", "placebo_p", "before_p"):
        assert getattr(moved, name) == pytest.approx(getattr(plain, name))
    assert moved.estimate == pytest.approx(scale * plain.estimate)
    with pytest.raises(BadRequest, match="another unit"):
        event_study(1e200 * y, EVENTS, before=3, after=3)
