"""Verdicts on one series and on events, and the report of all that is known of a series."""

import json
from dataclasses import replace
from math import erfc, sqrt

import numpy as np
import pytest

from softpower.activities.effects.conformal import conformal_test
from softpower.activities.effects.eventstudy import event_study
from softpower.activities.effects.forecast import forecast, gap
from softpower.activities.effects.past import bend_p, left_p, look, missed_share, noise_p
from softpower.activities.effects.seriesreport import ask, series_report
from softpower.activities.effects.seriesverdict import (
    events_sentence,
    judge_events,
    judge_series,
    series_sentence,
)
from softpower.activities.effects.specifications import series_curve
from softpower.activities.effects.verdict import Finding, Verdict
from softpower.errors import BadRequest
from tests.activities.effects.noise import ar1


def steady(seed=1, effect=0.0, n=63, start=60):
    y = 100 + ar1(np.random.default_rng(seed), n, 0.4)
    y[start:] += effect
    return y


def judged(y, start=60):
    found = gap(y, start)
    return judge_series(found, look(y[:start], found), conformal_test(y, start))


@pytest.mark.parametrize(
    ("effect", "verdict"), [(6.0, Verdict.HIGHER), (-6.0, Verdict.LOWER), (0.0, Verdict.NO_DETECTABLE_CHANGE)]
)
def test_a_steady_series_has_the_verdict_of_what_was_added(effect, verdict):
    assert judged(steady(effect=effect)) == Finding(verdict, ())


def test_the_short_window_test_alone_makes_no_change_and_takes_one_back():
    y = steady(effect=6.0)
    found, test = gap(y, 60), conformal_test(y, 60)
    past = look(y[:60], found)
    assert test.p <= 0.05
    assert judge_series(replace(found, p=0.3), past, test).verdict is Verdict.NO_DETECTABLE_CHANGE
    taken_back = judge_series(found, past, replace(test, p=0.5))
    assert taken_back.verdict is Verdict.CANNOT_TELL
    assert "two tests disagree" in taken_back.reasons[0]
    # A test that would not have seen as much contradicts nothing.
    weak = replace(test, p=0.5, smallest_detectable=2.1 * found.smallest_detectable)
    assert judge_series(found, past, weak).verdict is Verdict.HIGHER
    assert judge_series(found, past).verdict is Verdict.HIGHER


def test_a_size_that_no_rank_can_reach_gives_no_verdict():
    y = steady(effect=6.0)
    found = gap(y, 60)
    (reason,) = judge_series(found, look(y[:60], found), size=0.01).reasons
    assert reason.startswith("50 earlier windows are too few: the smallest p-value they allow is 0.020")


@pytest.mark.parametrize("early", [3, 6, 12])
def test_what_changed_shortly_before_the_activity_gives_no_verdict(early):
    told = 0
    for seed in range(10):
        y = steady(seed)
        y[60 - early :] += 6
        told += ask(y, 60, 3).finding.verdict is not Verdict.CANNOT_TELL
    assert told <= 1


def test_the_looks_at_the_past_are_those_made_by_hand():
    from scipy.special import stdtr, stdtrit

    y = steady(3)
    found = gap(y, 60)
    past = look(y[:60], found)
    ps = []
    for stretch in (3, 6, 12):
        expected = forecast(y[: 60 - stretch], stretch, model=found.forecast.model)
        df = 60 - stretch - 2
        se = (expected.average_high - expected.average) / stdtrit(df, 0.975)
        ps.append(2 * stdtr(df, -abs(y[60 - stretch : 60].mean() - expected.average) / se))
    assert past.left_p == pytest.approx(min(1.0, 3 * min(ps)))
    outside = []
    for start, each in zip(found.placebo_starts, found.placebo_ts, strict=True):
        outside.append(abs(each) > stdtrit(start - 2, 0.975))
    assert past.missed == missed_share(found) == np.mean(outside)
    assert np.isnan(past.bend_p)


def test_a_bend_is_found_by_the_square_of_time_as_in_a_regression_written_out():
    from scipy.special import stdtr

    y, time = steady(4), np.arange(61.0)
    x = np.column_stack([np.ones(61), time, y[1:-1], y[:-2], time**2])
    beta, squares, *_ = np.linalg.lstsq(x, y[2:], rcond=None)
    se = np.sqrt(np.linalg.inv(x.T @ x)[-1, -1] * squares[0] / 56)
    assert bend_p(y) == pytest.approx(2 * stdtr(56, -abs(beta[-1] / se)), rel=1e-5)
    assert bend_p(y + 0.01 * np.arange(63) ** 2) < 0.001


def test_noise_that_grows_is_found_by_the_rank_correlation_of_scipy():
    from scipy.stats import spearmanr

    y = steady(4)
    x = np.column_stack([np.ones(61), np.arange(61.0), y[1:-1], y[:-2]])
    left = y[2:] - x @ np.linalg.lstsq(x, y[2:], rcond=None)[0]
    correlation = spearmanr(np.abs(left), np.arange(61)).statistic
    # By the normal distribution, which for 61 periods is as good as the exact one.
    assert noise_p(y) == pytest.approx(0.5 * erfc(correlation * sqrt(60 / 2)), rel=1e-6)
    assert noise_p(100 + (y - 100) * np.linspace(1, 6, 63)) < 0.01


def test_too_few_periods_before_leave_nothing_to_look_at():
    assert np.isnan(left_p(steady()[:14], "level_drift"))


def test_sentences_on_one_series_name_no_cause():
    def said(verdict, *reasons):
        finding = Finding(verdict, reasons)
        return series_sentence(finding, outcome="visitor arrivals", unit="thousand", estimate=-3.25, detectable=2.0)

    rose, fell = said(Verdict.HIGHER), said(Verdict.LOWER)
    assert rose.startswith("Visitor arrivals rose beyond what their own past predicts, by 3.25 thousand on average")
    assert fell.startswith("Visitor arrivals fell beyond what their own past predicts")
    for each in (rose, fell):
        assert each.endswith("why is not known.")
    assert said(Verdict.NO_DETECTABLE_CHANGE) == (
        "No detectable change in visitor arrivals; a change of 2 thousand or more would have been seen in four of five "
        "cases."
    )
    unknown = said(Verdict.CANNOT_TELL, "too short", "too noisy")
    assert unknown == "Cannot tell whether visitor arrivals changed: too short; too noisy."


def events(seed=1, effect=0.0, slope=0.0, date=None, before=4):
    y = ar1(np.random.default_rng(seed), (20, 30), 0.4)
    dates = [(unit, date or 8 + 2 * unit) for unit in range(8)]
    for unit, time in dates:
        y[unit, time:] += effect
        y[unit] += slope * np.arange(30)
    return event_study(y, dates, before=before, after=3)


def test_events_have_the_verdict_of_what_was_added_and_none_where_units_moved_apart_before():
    assert judge_events(events(effect=4.0)) == Finding(Verdict.HIGHER, ())
    assert judge_events(events(effect=-4.0)) == Finding(Verdict.LOWER, ())
    assert judge_events(events()) == Finding(Verdict.NO_DETECTABLE_CHANGE, ())
    apart = judge_events(events(slope=3.0))
    assert apart.verdict is Verdict.CANNOT_TELL
    assert "moved otherwise than their controls before" in apart.reasons[0]
    assert "take more" in judge_events(events(effect=4.0, before=1)).reasons[0]


def test_events_that_earlier_dates_match_give_no_verdict():
    finding = judge_events(replace(events(effect=4.0), placebo_p=0.5))
    assert finding.reasons == ("earlier dates drawn at random show as much (placebo p 0.50)",)


def test_the_sentence_on_events_says_against_whom_and_what_one_date_leaves_open():
    study = events(effect=4.0, date=15)
    said = events_sentence(judge_events(study), study, outcome="visits", unit="thousand", event="a festival")
    assert said.startswith("After a festival, visits rose by ")
    assert "against units without one at the same time, on average over 8 events." in said
    assert said.endswith("All events share one date: " + study.cautions[0].removeprefix("All events share one date: "))


def test_the_report_holds_what_each_design_gives_by_itself():
    y = steady(effect=6.0)
    report, found, test = series_report(y, 60), gap(y, 60), conformal_test(y, 60)
    assert (report.estimate, report.p, report.placebo_p) == (found.estimate, found.p, found.placebo_p)
    assert [(each.kind, each.low, each.high) for each in report.intervals] == [
        ("forecast_gap", found.low, found.high), ("conformal", test.low, test.high),
    ]  # fmt: skip
    assert report.smallest_detectable == found.smallest_detectable
    np.testing.assert_array_equal(report.expected, found.forecast.mean)
    assert report.share == pytest.approx(found.estimate / found.forecast.average)
    models = ("chosen", "level_drift", "damped_trend", "ar1_trend", "conformal_mean", "conformal_trend")
    assert report.curve.rows == series_curve(y, 60, windows=[2, 3], models=models, scales=("level",), shares=False).rows
    assert report.verdict is Verdict.HIGHER
    assert report.sentence(outcome="visits", unit="").startswith("Visits rose beyond")


def test_an_end_leaves_out_what_follows():
    y = steady(effect=6.0)
    y[61:] = np.nan
    assert series_report(y, 60, end=61).estimate == gap(y, 60, window=1).estimate


@pytest.mark.parametrize(
    ("n", "start", "season"), [(63, 60, None), (63, 60, 12), (32, 17, None), (12, 5, None), (63, 60, "hole")]
)
def test_every_report_is_a_document_that_json_can_hold(n, start, season):
    y = steady(n=n, start=start)
    if season == "hole":
        y[10], season = np.nan, None
    document = series_report(y, start, season=season).document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["verdict"] in {each.value for each in Verdict}
    assert document["forecast"]["period"] == list(range(start, n))
    assert len(document["forecast"]["low"]) == n - start
    assert (document["n_pre"], document["n_post"]) == (start, n - start)
    assert {row["choices"]["model"] for row in document["specifications"]["rows"]} >= {"chosen", "conformal_mean"}


def test_where_a_test_is_refused_the_forecast_is_shown_and_the_reason_said():
    y = steady(n=32, start=17, effect=5.0)
    report, expected = series_report(y, 17), forecast(y[:17], 15)
    assert report.verdict is Verdict.CANNOT_TELL
    assert report.finding.reasons[0].startswith("17 periods before the activity leave 0 earlier windows of 15")
    assert report.estimate == y[17:].mean() - expected.average
    (interval,) = report.intervals
    assert (interval.kind, interval.low) == ("forecast", y[17:].mean() - expected.average_high)
    assert np.isnan(report.p)
    assert "conformal" in report.refused


def test_a_season_that_was_not_given_is_the_reason_and_given_it_is_none():
    months = np.arange(63)
    y = steady(6) + 6 * (months % 12 == 6)
    without, given = series_report(y, 60), series_report(y, 60, season=12)
    assert without.verdict is Verdict.CANNOT_TELL
    assert "Give season=12" in without.finding.reasons[0]
    assert given.verdict is Verdict.NO_DETECTABLE_CHANGE
    assert all(row.refused == "" for row in given.curve.rows)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start": 0}, "start 0 and end None: the series has periods 0 to 62"),
        ({"end": 60}, "give a start from 1 on, and an end after it, 63 at most"),
        ({"end": 64}, "end 64"),
        ({"start": 60.0}, r"start 60\.0 is no whole number: give 60"),
        ({"size": 5}, "size 5: give a share"),
        ({"level": 95}, "level 95: give a share"),
        ({"season": 100}, "season 100: give"),
    ],
)
def test_arguments_out_of_range_are_named(options, message):
    with pytest.raises(BadRequest, match=message):
        series_report(steady(), **{"start": 60, **options})
    with pytest.raises(BadRequest, match="one series"):
        series_report([steady()], 1)
