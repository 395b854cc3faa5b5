"""The specification table against each row made by hand."""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest

from softpower.activities.effects.conformal import ConformalTest, conformal_test
from softpower.activities.effects.forecast import ForecastGap, gap
from softpower.activities.effects.specifications import series_curve, specification_curve
from softpower.errors import BadRequest, NotEnoughData
from tests.activities.effects.noise import ar1


@dataclass(frozen=True)
class Told:
    """What a toy design says."""

    estimate: float
    p: float = 0.5
    low: float = -1.0
    high: float = 1.0
    level: float = 0.9
    n_pre: int = 30
    n_post: int = 3
    smallest_detectable: float = 2.0


def toy(window, scale="level"):
    if window == 9:
        raise NotEnoughData("nine is too long")
    return Told(window * (1 if scale == "level" else -0.1), p=0.01 if window == 5 else 0.5, smallest_detectable=window)


def test_every_combination_is_tried_and_shown_by_estimate_with_the_refused_at_the_end():
    curve = specification_curve(toy, {"window": [5, 9, 1, 3], "scale": ["level", "log"]})
    assert [tuple(choice for _, choice in row.choices) for row in curve.rows] == [
        (5, "log"), (3, "log"), (1, "log"), (1, "level"), (3, "level"), (5, "level"), (9, "level"), (9, "log"),
    ]  # fmt: skip
    assert [row.refused for row in curve.rows] == [""] * 6 + ["nine is too long"] * 2
    assert curve.rows[0].choices == (("window", 5), ("scale", "log"))
    assert (curve.rows[5].low, curve.rows[5].high, curve.rows[5].level, curve.rows[5].n_pre) == (-1.0, 1.0, 0.9, 30)
    assert np.isnan(curve.rows[-1].estimate)


def test_the_summary_is_of_the_rows_that_were_not_refused():
    curve = specification_curve(toy, {"window": [5, 9, 1, 3], "scale": ["level", "log"]})
    assert curve.n_refused == 2
    assert (curve.least, curve.most) == (-0.5, 5.0)
    assert curve.median == pytest.approx((-0.1 + 1) / 2)
    assert curve.same_sign == 3 / 6
    assert curve.significant == 2 / 6
    assert curve.smallest_detectable == 3.0


def test_the_document_holds_the_summary_and_all_rows():
    curve = specification_curve(toy, {"window": [5, 9]})
    document = curve.document()
    assert document["refused"] == 1
    assert document["median"] == curve.median
    assert [row["choices"] for row in document["rows"]] == [{"window": 5}, {"window": 9}]
    assert document["rows"][1]["refused"] == "nine is too long"


def test_a_table_of_refusals_only_says_so_and_gives_no_figure():
    curve = specification_curve(toy, {"window": [9], "scale": ["level", "log"]})
    assert curve.n_refused == len(curve.rows) == 2
    for figure in (curve.median, curve.least, curve.most, curve.same_sign, curve.significant):
        assert np.isnan(figure)


def test_estimates_of_exactly_nothing_have_no_common_sign():
    assert np.isnan(specification_curve(lambda window: Told(0.0 * window), {"window": [1, 2]}).same_sign)


def test_an_error_of_the_design_is_not_taken_for_a_refusal():
    with pytest.raises(ZeroDivisionError):
        specification_curve(lambda window: Told(1 / window), {"window": [0]})


@pytest.mark.parametrize("grid", [{}, {"window": [1], "scale": []}])
def test_a_grid_without_choices_is_refused(grid):
    with pytest.raises(BadRequest, match="name one at least"):
        specification_curve(toy, grid)


@pytest.mark.parametrize("season", [None, 4])
def test_each_row_of_a_series_is_the_design_run_by_hand_as_a_share_of_what_was_expected(season):
    y = 100 + 5 * ar1(np.random.default_rng(1), 43, 0.4)
    y[40:] *= 1.3
    models = ["chosen", "level_drift", "damped_trend", "ar1_trend", "conformal_mean", "conformal_trend"]
    curve = series_curve(y, 40, windows=[2, 3], models=models, level=0.9, season=season)
    assert len(curve.rows) == 2 * 2 * 6
    assert {tuple(choice for _, choice in row.choices) for row in curve.rows} == set(
        product([2, 3], ["level", "log"], models)
    )
    for row in curve.rows:
        window, scale, model = (choice for _, choice in row.choices)
        values = y if scale == "level" else np.log(y)
        found: ConformalTest | ForecastGap
        if model.startswith("conformal"):
            found = conformal_test(values, 40, window=window, level=0.9, proxy=model[10:], season=season)
        else:
            found = gap(values, 40, window=window, level=0.9, model=None if model == "chosen" else model, season=season)
        expected = np.mean(y[40 : 40 + window]) - found.estimate
        for name in ("estimate", "low", "high", "smallest_detectable"):
            figure = getattr(found, name)
            share = figure / expected if scale == "level" else np.exp(figure) - 1
            assert getattr(row, name) == pytest.approx(share)
        assert (row.p, row.n_pre, row.n_post, row.level) == (found.p, 40, window, 0.9)
    assert curve.same_sign == 1.0
    assert 0.2 < curve.median < 0.4


def test_the_unit_of_the_outcome_leaves_all_shares_alone():
    y = 100 + 5 * ar1(np.random.default_rng(2), 43, 0.4)
    plain, moved = series_curve(y, 40, windows=[3]), series_curve(y * 1000, 40, windows=[3])
    for one, two in zip(plain.rows, moved.rows, strict=True):
        assert one.choices == two.choices
        assert (one.estimate, one.low, one.high, one.p) == pytest.approx((two.estimate, two.low, two.high, two.p))


def test_logarithms_of_what_is_not_above_nought_are_refused_row_by_row_and_shown():
    y = 100 + 5 * ar1(np.random.default_rng(3), 43, 0.4)
    y[5] = 0
    curve = series_curve(y, 40, windows=[2, 3], models=["chosen"])
    refused = {row.choices: row.refused for row in curve.rows if row.refused}
    assert len(refused) == curve.n_refused == 2
    assert all(dict(choices)["scale"] == "log" and "need values above 0" in why for choices, why in refused.items())


def test_a_share_of_an_expectation_below_nought_is_refused():
    y = ar1(np.random.default_rng(4), 43, 0.4) - 50
    curve = series_curve(y, 40, windows=[3], scales=["level"], models=["chosen"])
    assert "no share of what is not above 0" in curve.rows[0].refused


def test_windows_too_long_for_a_verdict_stand_in_the_table_as_refused():
    y = 100 + ar1(np.random.default_rng(5), 45, 0.4)
    curve = series_curve(y, 30, windows=[3, 15], scales=["level"], models=["chosen", "conformal_trend"])
    assert [dict(row.choices)["window"] for row in curve.rows if row.refused] == [15, 15]
    assert curve.n_refused == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"windows": [3], "models": ["arima"]}, "model 'arima': give some of chosen, level_drift"),
        ({"windows": [3], "scales": ["sqrt"]}, "scale 'sqrt': give some of level, log"),
        ({"windows": [30]}, "window of 30 periods"),
        ({"windows": []}, "name one at least"),
    ],
)
def test_arguments_out_of_range_are_named(options, message):
    with pytest.raises(BadRequest, match=message):
        series_curve(100 + ar1(np.random.default_rng(6), 43, 0.4), 40, **options)
