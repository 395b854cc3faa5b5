"""Rules that fill missing cells, against numpy, closed forms and scipy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from softpower.errors import BadRequest, NotEnoughData
from softpower.index import fill
from softpower.index.impute import fit_normal, log_likelihood

NAN = np.nan
GROUPS = ["a", "b", "a", None, "b", "a", "c", "b"]
BY_UNIT: dict[str, Callable[..., fill.Filled]] = {
    "mean": fill.mean,
    "median": fill.median,
    "group mean": partial(fill.group_mean, groups=GROUPS),
    "group median": partial(fill.group_median, groups=GROUPS),
    "row mean": partial(fill.row_mean, groups=["p", "p", "q", "q"], directions=[1, -1, 1, -1]),
}
BY_YEAR: dict[str, Callable[..., fill.Filled]] = {
    "latest": fill.latest,
    "constant": fill.constant,
    "linear": fill.linear,
    "ends": fill.linear_constant,
}


def _holed(seed: int, shape: tuple[int, ...] = (8, 4), share: float = 0.35) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.integers(-9, 10, size=shape).astype(float)
    x[rng.random(shape) < share] = NAN
    return x


def _correlated(rows: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mix = np.array([[1.0, 0.6, -0.3], [0.0, 0.8, 0.5], [0.0, 0.0, 0.7]])
    return rng.normal(size=(rows, 3)) @ mix * [1.0, 10.0, 0.1] + [5.0, -300.0, 0.2]


@pytest.mark.parametrize("name", list(BY_UNIT))
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.5, 1024.0]))
def test_known_cells_stay_and_every_cell_says_where_it_comes_from(name: str, seed: int, scale: float) -> None:
    x = _holed(seed)
    filled = BY_UNIT[name](x)
    known = np.isfinite(x)
    np.testing.assert_array_equal(filled.values[known], x[known])
    np.testing.assert_array_equal(filled.rule == "observed", known)
    np.testing.assert_array_equal(filled.rule == "missing", np.isnan(filled.values))
    assert filled.share == np.mean(~known & np.isfinite(filled.values))
    # In another unit of measurement the same cells are filled with the same values.
    np.testing.assert_allclose(BY_UNIT[name](scale * x + 7).values, scale * filled.values + 7, atol=1e-9)


@given(st.integers(0, 2**32 - 1), st.permutations(range(8)))
def test_order_of_units_does_not_matter(seed: int, order: list[int]) -> None:
    x = _holed(seed)
    groups = [GROUPS[row] for row in order]
    for method, moved in (
        (fill.mean, fill.mean),
        (fill.median, fill.median),
        (partial(fill.group_mean, groups=GROUPS), partial(fill.group_mean, groups=groups)),
        (partial(fill.group_median, groups=GROUPS), partial(fill.group_median, groups=groups)),
        (fill.row_mean, fill.row_mean),
    ):
        np.testing.assert_allclose(moved(x[order]).values, method(x).values[order], atol=1e-12)
        assert moved(x[order]).rule.tolist() == method(x).rule[order].tolist()


@pytest.mark.parametrize("seed", range(3))
def test_means_and_medians_are_those_of_numpy(seed: int) -> None:
    x = _holed(seed, (40, 3))
    gaps = np.isnan(x)
    for method, of in ((fill.mean, np.nanmean), (fill.median, np.nanmedian)):
        np.testing.assert_allclose(method(x).values[gaps], np.broadcast_to(of(x, axis=0), x.shape)[gaps])
        np.testing.assert_allclose(method(x[:, 0]).values, method(x).values[:, 0])


def test_group_without_data_and_unit_without_group_take_the_overall_figure_and_say_so() -> None:
    x = np.array([1.0, NAN, 4.0, NAN, NAN, 10.0])
    filled = fill.group_mean(x, ["a", "a", "b", "c", None, "b"])
    assert filled.values.tolist() == [1.0, 1.0, 4.0, 5.0, 5.0, 10.0]
    assert filled.rule.tolist() == ["observed", "group mean", "observed", "overall mean", "overall mean", "observed"]
    assert fill.group_median(x, [""] * 6).rule[1] == "overall median"


def test_indicator_nobody_has_stays_missing_under_every_rule() -> None:
    x = np.full((8, 4), NAN)
    for method in BY_UNIT.values():
        filled = method(x)
        assert np.isnan(filled.values).all()
        assert (filled.rule == "missing").all()
        assert filled.share == 0.0


def test_one_unit_has_only_itself_to_go_by() -> None:
    x = np.array([[1.0, NAN]])
    for method in (fill.mean, fill.median, fill.row_mean, partial(fill.group_mean, groups=["a"])):
        np.testing.assert_array_equal(method(x).values, x)


def test_row_mean_puts_a_unit_where_its_other_indicators_put_it() -> None:
    # The third unit is a quarter up on the first indicator and halfway on the second, on which less is better.
    x = np.array([[0.0, 10.0, 5.0, 100.0], [8.0, 20.0, 9.0, 300.0], [2.0, 15.0, NAN, NAN]])
    groups, directions = ["p", "p", "p", "p"], [1, -1, 1, -1]
    filled = fill.row_mean(x, groups, directions=directions)
    place = (0.25 + 0.5) / 2
    np.testing.assert_allclose(filled.values[2, 2:], [5 + 4 * place, 300 - 200 * place])
    apart = fill.row_mean(x, ["p", "q", "p", "q"], directions=directions)
    np.testing.assert_allclose(apart.values[2, 2:], [5 + 4 * 0.25, 200.0])


def test_row_mean_learns_nothing_from_constants_and_fills_them_with_their_value() -> None:
    x = np.array([[0.0, 7.0, 0.0], [1.0, 7.0, 4.0], [NAN, 7.0, NAN], [0.5, NAN, NAN]])
    filled = fill.row_mean(x)
    assert filled.rule[2].tolist() == ["missing", "observed", "missing"]
    assert (filled.values[3, 1], filled.rule[3, 1]) == (7.0, "constant indicator")
    assert filled.values[3, 2] == 2.0


@given(st.integers(0, 2**32 - 1))
def test_lines_between_observations_are_those_of_numpy(seed: int) -> None:
    years = np.array([2001, 2002, 2004, 2005, 2009, 2010])
    x = _holed(seed, (7, 6), 0.5)
    filled, between = fill.linear_constant(x, years), fill.linear(x, years)
    for row in range(7):
        known = np.isfinite(x[row])
        if known.any():
            wanted = np.interp(years, years[known], x[row, known])
            np.testing.assert_allclose(filled.values[row], wanted, rtol=1e-12, atol=1e-12)
            inside = (years >= years[known][0]) & (years <= years[known][-1])
            np.testing.assert_allclose(between.values[row], np.where(inside, wanted, NAN), atol=1e-12)
            assert set(filled.rule[row][~inside]) <= {"first", "latest"}
        else:
            assert (filled.rule[row] == "missing").all()


@given(st.integers(0, 2**32 - 1), st.sampled_from([None, 0, 1, 3, 100]))
def test_latest_is_the_last_known_cell_not_older_than_it_may_be(seed: int, max_age: int | None) -> None:
    years = np.array([2001, 2002, 2004, 2005, 2009, 2010])
    x = _holed(seed, (2, 4, 6), 0.5)
    filled = fill.latest(x, years, max_age=max_age)
    source = fill.source_years(x, years, max_age=max_age)
    steps = fill.constant(x, years)
    for place in np.ndindex(2, 4):
        known: list[int] = []
        for at, year in enumerate(years):
            known += [at] if np.isfinite(x[(*place, at)]) else []
            fresh = [seen for seen in known if max_age is None or year - years[seen] <= max_age]
            wanted = (x[(*place, fresh[-1])], years[fresh[-1]]) if fresh else (NAN, NAN)
            np.testing.assert_array_equal((filled.values[(*place, at)], source[(*place, at)]), wanted)
            if known:
                assert steps.values[(*place, at)] == x[(*place, known[-1])]
        if known:
            assert (steps.values[place][: known[0]] == x[(*place, known[0])]).all()


@pytest.mark.parametrize("name", list(BY_YEAR))
def test_panel_rules_leave_the_empty_empty_and_the_complete_as_it_is(name: str) -> None:
    years = [2019, 2020, 2021]
    x = np.array([[NAN, NAN, NAN], [1.0, 5.0, 2.0]])
    filled = BY_YEAR[name](x, years)
    np.testing.assert_array_equal(filled.values, x)
    assert filled.rule.tolist() == [["missing"] * 3, ["observed"] * 3]
    np.testing.assert_array_equal(BY_YEAR[name](x[:, :1], [2019]).values, x[:, :1])


WALK = [2015, 2016, 2017, 2018, 2020, 2022, 2023]
CARRIED = {
    # se of 2016 is 3, of 2020 is 1, drift 4 a year; cells 2016 and 2020 are known.
    "latest": [NAN, 3.0, 13**0.5, 17**0.5, 1.0, 9**0.5, 13**0.5],
    "constant": [13**0.5, 3.0, 13**0.5, 17**0.5, 1.0, 9**0.5, 13**0.5],
    "linear": [NAN, 3.0, (2.5**2 + 3) ** 0.5, (2.0**2 + 4) ** 0.5, 1.0, NAN, NAN],
    "ends": [13**0.5, 3.0, (2.5**2 + 3) ** 0.5, (2.0**2 + 4) ** 0.5, 1.0, 9**0.5, 13**0.5],
}


@pytest.mark.parametrize("name", list(BY_YEAR))
def test_each_rule_has_the_error_of_what_it_does(name: str) -> None:
    x = np.array([NAN, 7.0, NAN, NAN, 3.0, NAN, NAN])
    se = np.array([99.0, 3.0, 99.0, NAN, 1.0, 99.0, 99.0])
    found = fill.errors(BY_YEAR[name](x, WALK), WALK, se=se, drift=4.0)
    np.testing.assert_allclose(found, CARRIED[name])


@pytest.mark.parametrize("name", list(BY_YEAR))
@pytest.mark.parametrize("noise", [0.0, 1.5])
def test_nine_of_ten_intervals_of_filled_cells_hold_what_was_left_out(name: str, noise: float) -> None:
    rng = np.random.default_rng(8)
    units, years = 20_000, np.array([2010, 2011, 2012, 2013, 2016, 2018, 2019])
    steps = rng.standard_normal((units, years.size)) * np.sqrt(np.diff(years, prepend=2009)) * 2
    truth = steps.cumsum(axis=1)
    # The source's error of a unit lasts, and is larger in some years than in others.
    se = noise * rng.uniform(0.5, 1.5, (units, years.size))
    x = truth + se * rng.standard_normal((units, 1))
    x[:, [0, 2, 3, 4, 6]] = NAN
    filled = BY_YEAR[name](x, years)
    errors = fill.errors(filled, years, se=se, drift=4.0)
    gaps = [place for place in (0, 2, 3, 4, 6) if np.isfinite(filled.values[0, place])]
    assert {2, 3, 4} <= set(gaps)
    z = ((filled.values - truth) / np.where(errors > 0, errors, 1.0))[:, gaps]
    np.testing.assert_allclose(np.mean(np.abs(z) < stats.norm.ppf(0.95), axis=0), 0.9, atol=0.01)
    np.testing.assert_allclose(np.mean(z**2, axis=0), 1, atol=0.05)


def test_em_on_complete_data_is_the_sample_mean_and_covariance() -> None:
    x = _correlated(50, 1)
    found = fill.gaussian(x)
    np.testing.assert_allclose(found.mean, x.mean(axis=0), rtol=1e-10)
    np.testing.assert_allclose(found.covariance, np.cov(x.T, ddof=0), rtol=1e-10, atol=1e-14)
    wanted = stats.multivariate_normal(found.mean, found.covariance).logpdf(x).sum()
    assert found.log_likelihood == pytest.approx(wanted, rel=1e-10)
    np.testing.assert_array_equal(found.filled.values, x)


def test_em_meets_the_closed_form_where_one_column_is_missing_at_the_end() -> None:
    # Anderson (1957), Maximum likelihood estimates for a multivariate normal distribution when some observations are
    # missing, JASA 52: the regression of the column that has gaps on the others, at their means over all rows.
    x = _correlated(60, 2)
    x[40:, 2] = NAN
    found = fill.gaussian(x)
    first = x[:, :2]
    design = np.column_stack([np.ones(40), first[:40]])
    beta, (rest,), *_ = np.linalg.lstsq(design, x[:40, 2], rcond=None)
    slope, cov = beta[1:], np.cov(first.T, ddof=0)
    np.testing.assert_allclose(found.mean, [*first.mean(axis=0), beta[0] + slope @ first.mean(axis=0)], rtol=1e-9)
    np.testing.assert_allclose(found.covariance[:2, :2], cov, rtol=1e-9)
    np.testing.assert_allclose(found.covariance[2, :2], cov @ slope, rtol=1e-8)
    assert found.covariance[2, 2] == pytest.approx(rest / 40 + slope @ cov @ slope, rel=1e-8)
    np.testing.assert_allclose(found.filled.values[40:, 2], beta[0] + first[40:] @ slope, rtol=1e-9)


def test_log_likelihood_adds_up_the_marginal_densities_of_what_is_known() -> None:
    x = _correlated(30, 3)
    x[np.random.default_rng(3).random(x.shape) < 0.3] = NAN
    x[4] = NAN
    found = fill.gaussian(x)
    wanted = 0.0
    for row in x:
        seen = np.isfinite(row)
        if seen.any():
            normal = stats.multivariate_normal(found.mean[seen], found.covariance[np.ix_(seen, seen)])
            wanted += normal.logpdf(row[seen])
    assert found.log_likelihood == pytest.approx(wanted, rel=1e-10)
    np.testing.assert_allclose(found.filled.values[4], found.mean, rtol=1e-12)


def test_likelihood_falls_in_every_direction_from_the_fit() -> None:
    x = _correlated(40, 4) / [1.0, 10.0, 0.1]
    x[np.random.default_rng(4).random(x.shape) < 0.2] = NAN
    fit = fit_normal(x, prior_rows=0.0, steps=5000, tolerance=1e-12)
    best = log_likelihood(x, fit)
    rng = np.random.default_rng(5)
    for _ in range(20):
        bump = 0.01 * rng.normal(size=(3, 3))
        near = type(fit)(fit.mean + 0.01 * rng.normal(size=3), fit.covariance + bump @ bump.T + (bump + bump.T) / 10)
        assert log_likelihood(x, near) < best


@pytest.mark.parametrize("seed", range(3))
def test_em_follows_units_and_units_of_measurement(seed: int) -> None:
    x = _correlated(30, seed)
    rng = np.random.default_rng(seed)
    x[rng.random(x.shape) < 0.2] = NAN
    order, scale = rng.permutation(30), np.array([1e6, 1e-6, 3.0])
    found, moved = fill.gaussian(x), fill.gaussian((x * scale + 1)[order])
    np.testing.assert_allclose(moved.filled.values, (found.filled.values * scale + 1)[order], rtol=1e-8)
    np.testing.assert_allclose(moved.covariance, found.covariance * scale[:, None] * scale, rtol=1e-7)
    assert moved.log_likelihood == pytest.approx(found.log_likelihood - np.isfinite(x).sum(axis=0) @ np.log(scale))


def test_em_takes_constants_at_their_value_and_leaves_the_empty_empty() -> None:
    x = _correlated(30, 6)
    x[3, 1] = x[4, 2] = NAN
    alone = fill.gaussian(x)
    constant, empty = np.full((30, 1), 7.0), np.full((30, 1), NAN)
    constant[5] = NAN
    found = fill.gaussian(np.hstack([constant, x, empty]))
    np.testing.assert_allclose(found.filled.values[:, 1:4], alone.filled.values, rtol=1e-12)
    assert (found.filled.values[:, 0] == 7.0).all()
    assert (found.filled.rule[:, 4] == "missing").all()
    np.testing.assert_array_equal(found.mean[[0, 4]], [7.0, NAN])
    assert (found.covariance[0, :4] == 0).all()
    assert np.isnan(found.covariance[4]).all()
    assert found.log_likelihood == pytest.approx(alone.log_likelihood)


def test_nothing_but_constants_needs_no_em() -> None:
    found = fill.gaussian(np.array([[3.0, NAN], [NAN, NAN]]))
    np.testing.assert_array_equal(found.filled.values, [[3.0, NAN], [3.0, NAN]])
    assert found.log_likelihood == 0.0


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (_correlated(3, 1), "3 units with data do not tell 3 indicators apart"),
        (_correlated(20, 1)[:, [0, 1, 0]], "determine others"),
        (np.where(np.arange(60).reshape(20, 3) % 7 == 0, NAN, _correlated(20, 1)[:, [0, 0, 1]]), "determine others"),
    ],
)
def test_likelihood_without_a_maximum_is_refused_with_a_remedy(x: np.ndarray, says: str) -> None:
    with pytest.raises(NotEnoughData, match=f"{says}.*a pillar"):
        fill.gaussian(x)


def test_em_that_was_cut_short_says_so() -> None:
    x = _correlated(30, 2)
    x[:12, 0] = x[10:20, 1] = NAN
    with pytest.raises(NotEnoughData, match="within 3 steps"):
        fill.gaussian(x, steps=3)


def test_a_negative_drift_is_refused() -> None:
    with pytest.raises(BadRequest, match="zero or more, not -1"):
        fill.errors(fill.latest(np.array([1.0, NAN]), [2020, 2021]), [2020, 2021], drift=-1.0)


def test_arguments_that_do_not_fit_are_refused() -> None:
    x = np.ones((3, 2))
    for call in (
        lambda: fill.mean(np.ones((2, 2, 2))),
        lambda: fill.mean([1.0, np.inf]),
        lambda: fill.group_mean(x, ["a"]),
        lambda: fill.row_mean([1.0, NAN]),
        lambda: fill.row_mean(x, ["a"]),
        lambda: fill.row_mean(x, directions=[1, 0]),
        lambda: fill.latest(x, [2020]),
        lambda: fill.latest(x, [2021, 2020]),
        lambda: fill.linear(x, [2020, 2020]),
        lambda: fill.constant(x, [2020, NAN]),
        lambda: fill.latest(x, [2020, 2021], max_age=-1),
    ):
        with pytest.raises(BadRequest):
            call()
